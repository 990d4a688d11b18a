//! Functions of templates, with Zola's names and arguments.
//!
//! In: arguments and the shared values. Out: values; every read is noted in
//! the scope. Must not reach the network, the clock or a file outside the
//! project.

use std::sync::Arc;

use base64::Engine as _;
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::assets::{self, Sha};
use super::scope::{self, note};
use super::shared::Shared;
use super::{budget, images, languages};
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::{FilePath, UrlPath};
use crate::base::reads::Key;
use crate::base::text::nearest;
use crate::model::field::{Field, FieldId};
use crate::model::{ItemId, link_address};
use crate::read::data;
use crate::read::files::FileError;

/// Name, arguments, and what each function gives; the documentation is made
/// from this table.
pub const NAMES: &[(&str, &str, &str)] = &[
    ("get_page", "path, lang?, allow_missing=false", "the page of a file under `content/`"),
    ("get_section", "path, lang?, allow_missing=false", "the section of an `_index.md`"),
    (
        "get_url",
        "path, lang?, trailing_slash=false, cachebust=false",
        "an address for `href` and `src`: of a content file (`@/…`) or of anything published",
    ),
    ("get_hash", "path | literal, sha_type=384, base64=true", "a digest, for `integrity` attributes"),
    ("get_taxonomy", "kind, lang?, required=true", "a taxonomy with its terms"),
    ("get_taxonomy_term", "kind, term, lang?, required=true", "a term with its pages"),
    ("get_taxonomy_url", "kind, term, lang?, required=true", "the address of a term"),
    (
        "load_data",
        "path | literal, format?, required=true",
        "a TOML, JSON, YAML, CSV or plain file of the project",
    ),
    ("field", "id?", "a field: subjects, criteria, tasks, pairs; the page's own, or the one of that id"),
    ("fact", "subject, criterion, field?", "one answer, with its words, sources and date"),
    ("compare", "subjects, criteria?, field?", "what a comparison of these subjects shows"),
    ("matrix", "subjects?, criteria?, field?", "subjects by criteria as a table"),
    (
        "get_image_metadata",
        "path, allow_missing=false",
        "`width`, `height`, `format` and `mime` of an image, from its header",
    ),
    (
        "resize_image",
        "path, width?, height?, op=\"fill\", format=\"auto\", quality?",
        "an image at another size or in another format: `url`, `static_path`, `width`, `height`, `orig_width`, `orig_height`",
    ),
    (
        "embed_image",
        "path",
        "for `href` of an `<image>` in `social-card.svg`: an image of the site; nothing for one of another host",
    ),
    (
        "fit_text",
        "text, width, size, least?, lines=1, bold=false",
        "a text in so many lines of at most that width: `lines` and the font's `size`, not below `least`; nothing if the font of social cards lacks a letter",
    ),
    ("trans", "key, lang?, default?", "a string from `[translations]`"),
    ("text_direction", "lang?", "`ltr` or `rtl`"),
    ("language_name", "lang?", "what a language calls itself, as `Français`; an unknown code in capitals"),
    (
        "now",
        "timestamp=false",
        "the day of the build: `--today`, `SOURCE_DATE_EPOCH`, else the newest date in the content",
    ),
    ("get_random", "start=0, end, seed=0", "a number that is the same in every build"),
    ("range", "end, start=0, step_by=1", "numbers"),
    ("throw", "message", "stops the build with that message"),
];

/// Numbers that one `range` gives, as in Tera.
const LONGEST_RANGE: u64 = 100_000;

type Arguments = Kwargs;

/// Registers all of them. What they read is that of the render that calls them.
pub fn register(tera: &mut Tera) {
    macro_rules! register {
        ($($name:literal => $function:path),* $(,)?) => {$(
            tera.register_function($name, |arguments: Arguments, state: &State<'_>| -> TeraResult<Value> {
                let shared = scope::shared().ok_or_else(|| Error::message("called outside a render"))?;
                $function(&shared, &arguments, state)
            });
        )*};
    }
    register! {
        "get_page" => get_page,
        "get_section" => get_section,
        "get_url" => get_url,
        "get_hash" => get_hash,
        "get_taxonomy" => get_taxonomy,
        "get_taxonomy_term" => get_taxonomy_term,
        "get_taxonomy_url" => get_taxonomy_url,
        "load_data" => load_data,
        "field" => field,
        "fact" => fact,
        "compare" => compare,
        "matrix" => matrix,
        "get_image_metadata" => images::get_image_metadata,
        "resize_image" => images::resize_image,
        "embed_image" => images::embed_image,
        "fit_text" => images::fit_text,
        "trans" => trans,
        "text_direction" => text_direction,
        "language_name" => language_name,
        "now" => now,
        "get_random" => get_random,
        "range" => range,
    }
}

fn language(shared: &Shared, arguments: &Arguments, state: &State<'_>) -> TeraResult<String> {
    if let Some(language) = arguments.get::<String>("lang")? {
        return Ok(language);
    }
    Ok(state.get::<String>("lang")?.unwrap_or_else(|| shared.site.config.default_language.clone()))
}

/// The content file of that path, in the language that was asked for.
fn find(shared: &Shared, arguments: &Arguments) -> TeraResult<Result<ItemId, String>> {
    let path: &str = arguments.must_get("path")?;
    let path = path.trim_start_matches("@/").trim_start_matches('/');
    let mut path = path.to_owned();
    if let Some(language) = arguments.get::<&str>("lang")?
        && language != shared.site.config.default_language
        && let Some(stem) = path.strip_suffix(".md")
        && !stem.ends_with(&format!(".{language}"))
    {
        path = format!("{stem}.{language}.md");
    }
    let Ok(clean) = FilePath::root().resolve(&path) else {
        return Ok(Err(format!("`{path}` is not a path below `content/`")));
    };
    if let Some(left_out) = shared.site.left_out.get(&clean) {
        return Ok(Err(left_out.problem("", &clean).message));
    }
    match shared.site.by_path.get(&clean) {
        Some(id) => Ok(Ok(*id)),
        None => {
            let mut known: Vec<&str> = shared.site.by_path.keys().map(FilePath::as_str).collect();
            known.sort_unstable();
            Ok(Err(match nearest(&path, known) {
                Some(near) => format!("there is no file `content/{path}`; did you mean `{near}`?"),
                None => format!("there is no file `content/{path}`"),
            }))
        }
    }
}

fn get_item(shared: &Shared, arguments: &Arguments, want_page: bool) -> TeraResult<Value> {
    let allow_missing = arguments.get::<bool>("allow_missing")?.unwrap_or(false);
    match find(shared, arguments)? {
        Ok(id) if matches!(id, ItemId::Page(_)) == want_page => Ok(shared.item(id)),
        Ok(id) => {
            let path = &shared.site.item(id).content_path;
            let (is, use_) = if want_page { ("a section", "get_section") } else { ("a page", "get_page") };
            Err(Error::message(format!("`{path}` is {is}: use `{use_}`")))
        }
        Err(_) if allow_missing => {
            note(Key::Site);
            Ok(Value::none())
        }
        Err(words) => Err(Error::message(words)),
    }
}

fn get_page(shared: &Shared, arguments: &Arguments, _: &State<'_>) -> TeraResult<Value> {
    get_item(shared, arguments, true)
}

fn get_section(shared: &Shared, arguments: &Arguments, _: &State<'_>) -> TeraResult<Value> {
    get_item(shared, arguments, false)
}

/// The field that is asked for, else the one the page lies in, else the only one.
fn field_of(shared: &Shared, arguments: &Arguments, state: &State<'_>, key: &str) -> TeraResult<FieldId> {
    note(Key::Field(FilePath::root()));
    let fields = &shared.site.fields;
    let ids = || fields.fields.iter().map(|field| field.id.as_str());
    let language = language(shared, arguments, state)?;
    if let Some(name) = arguments.get::<String>(key)? {
        return fields.named(&shared.site, &name, &language).ok_or_else(|| {
            Error::message(match nearest(&name, ids()) {
                Some(near) => format!("there is no field `{name}`; did you mean `{near}`?"),
                None => format!("there is no field `{name}`"),
            })
        });
    }
    let path = state.get::<String>("current_path")?.unwrap_or_default();
    let around = fields.ids().filter(|id| path.starts_with(fields.field(*id).url.as_str()));
    let nearest = around.max_by_key(|id| fields.field(*id).url.as_str().len());
    nearest.or_else(|| fields.only(&shared.site, &language)).ok_or_else(|| {
        Error::message(if fields.fields.is_empty() {
            "this site has no field: a field is a section with a file `criteria.toml`".to_owned()
        } else {
            format!("say which field: {}", ids().collect::<Vec<_>>().join(", "))
        })
    })
}

fn subjects_of(field: &Field, names: &[String]) -> TeraResult<Vec<usize>> {
    let find = |name: &String| field.subject(name).ok_or_else(|| told(&field.unknown_subject(name)));
    names.iter().map(find).collect()
}

/// The criteria that names of criteria and groups mean; all without names.
fn criteria_of(field: &Field, arguments: &Arguments) -> TeraResult<Vec<usize>> {
    let Some(names) = arguments.get::<Vec<String>>("criteria")? else {
        return Ok((0..field.criteria.criteria.len()).collect());
    };
    let mut criteria = Vec::new();
    for name in &names {
        criteria.extend(field.criteria.named(name).ok_or_else(|| told(&field.criteria.unknown(name)))?);
    }
    Ok(criteria)
}

/// A problem as an error of a template.
fn told(problem: &Diagnostic) -> Error {
    let hints: String = problem.hints.iter().map(|hint| format!("; {hint}")).collect();
    Error::message(format!("{}{hints}", problem.message))
}

fn field(shared: &Shared, arguments: &Arguments, state: &State<'_>) -> TeraResult<Value> {
    Ok(shared.field(field_of(shared, arguments, state, "id")?))
}

fn fact(shared: &Shared, arguments: &Arguments, state: &State<'_>) -> TeraResult<Value> {
    let id = field_of(shared, arguments, state, "field")?;
    let field = shared.site.fields.field(id);
    let subject: &str = arguments.must_get("subject")?;
    let criterion: &str = arguments.must_get("criterion")?;
    let subject = field.subject(subject).ok_or_else(|| told(&field.unknown_subject(subject)))?;
    let criterion =
        field.criteria.index(criterion).ok_or_else(|| told(&field.criteria.unknown(criterion)))?;
    Ok(shared.fact_cell(id, subject, criterion))
}

fn compare(shared: &Shared, arguments: &Arguments, state: &State<'_>) -> TeraResult<Value> {
    let id = field_of(shared, arguments, state, "field")?;
    let field = shared.site.fields.field(id);
    let subjects = subjects_of(field, &arguments.must_get::<Vec<String>>("subjects")?)?;
    Ok(shared.comparison(id, &subjects, &criteria_of(field, arguments)?, None))
}

fn matrix(shared: &Shared, arguments: &Arguments, state: &State<'_>) -> TeraResult<Value> {
    let id = field_of(shared, arguments, state, "field")?;
    let field = shared.site.fields.field(id);
    let subjects = match arguments.get::<Vec<String>>("subjects")? {
        Some(names) => subjects_of(field, &names)?,
        None => {
            // A subject more would be a column more.
            note(Key::Field(shared.site.section(field.section).item.content_path.clone()));
            (0..field.subjects.len()).collect()
        }
    };
    Ok(shared.fact_table(id, &criteria_of(field, arguments)?, &subjects))
}

fn get_url(shared: &Shared, arguments: &Arguments, state: &State<'_>) -> TeraResult<Value> {
    let path: &str = arguments.must_get("path")?;
    if path.contains("://") || path.starts_with("mailto:") {
        return Ok(Value::from(path));
    }
    if let Some(content) = path.strip_prefix("@/") {
        let (file, fragment) = content.split_once('#').map_or((content, None), |(file, f)| (file, Some(f)));
        let mut map = tera::Map::new();
        map.insert("path".into(), Value::from(file));
        if let Some(language) = arguments.get::<String>("lang")? {
            map.insert("lang".into(), Value::from(language));
        }
        let id = find(shared, &Kwargs::new(Arc::new(map)))?.map_err(Error::message)?;
        let item = shared.site.item(id);
        note(Key::Summary(item.content_path.clone()));
        let address = link_address(&item.url);
        return Ok(Value::from(match fragment {
            Some(fragment) => format!("{address}#{fragment}"),
            None => address,
        }));
    }
    let trailing_slash = arguments.get::<bool>("trailing_slash")?.unwrap_or(false);
    let cachebust = arguments.get::<bool>("cachebust")?.unwrap_or(false);
    let mut written = path.trim_start_matches("./").trim_start_matches('/').to_owned();
    let language = arguments.get::<String>("lang")?;
    if let Some(language) = language.filter(|language| *language != shared.site.config.default_language) {
        written = format!("{language}/{written}");
    }
    let _ = state;
    if trailing_slash && !written.is_empty() && !written.ends_with('/') {
        written.push('/');
    }
    let (file, rest) = match written.find(['#', '?']) {
        Some(i) => written.split_at(i),
        None => (written.as_str(), ""),
    };
    let url = UrlPath::new(file);
    let mut address = link_address(&url);
    address.push_str(rest);
    // Zola does not look, and its themes ask for files that are there only with
    // some options on.
    let there = |url: &UrlPath| {
        let addresses = &shared.plan.addresses;
        addresses.contains(url)
            || addresses.contains(&UrlPath::new(&format!("{}/", url.as_str().trim_end_matches('/'))))
    };
    note(Key::Address(url.clone()));
    if !cachebust && !shared.site.config.is_zola() && !there(&url) {
        let hint = match nearest(url.as_str(), shared.plan.addresses.iter().map(UrlPath::as_str)) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => String::new(),
        };
        return Err(Error::message(format!("nothing is published at `{path}`{hint}")));
    }
    if cachebust {
        let published = UrlPath::new(file.strip_prefix("static/").unwrap_or(file));
        let Some((of_file, digest)) = assets::busted(shared, &published)? else {
            let known = shared.published.keys().chain(shared.generated.keys()).map(UrlPath::as_str);
            let hint = match nearest(url.as_str(), known) {
                Some(near) => format!("; did you mean `{}`?", near.trim_start_matches('/')),
                None => String::new(),
            };
            return Err(Error::message(format!("no file is published at `{path}`{hint}")));
        };
        let (query, fragment) = rest.find('#').map_or((rest, ""), |at| rest.split_at(at));
        let sign = match (query.is_empty(), digest.is_empty()) {
            (_, true) => "",
            (true, false) => "?",
            (false, false) => "&",
        };
        address = format!("{of_file}{query}{sign}{digest}{fragment}");
    }
    Ok(Value::from(address))
}

fn get_hash(shared: &Shared, arguments: &Arguments, _: &State<'_>) -> TeraResult<Value> {
    let path: Option<&str> = arguments.get("path")?;
    let literal: Option<&str> = arguments.get("literal")?;
    let sha = match arguments.get::<u64>("sha_type")?.unwrap_or(384) {
        256 => Sha::Sha256,
        384 => Sha::Sha384,
        512 => Sha::Sha512,
        other => return Err(Error::message(format!("`sha_type` is 256, 384 or 512, not {other}"))),
    };
    let digest = match (path, literal) {
        (Some(path), None) => {
            // Of what is published, where it is another than what was written.
            let published = path.trim_start_matches('/');
            let url = UrlPath::new(published.strip_prefix("static/").unwrap_or(published));
            match assets::digest(shared, &url, sha)? {
                Some(digest) => digest,
                None => sha.of(&read_project_file(shared, path)?.1),
            }
        }
        (None, Some(literal)) => sha.of(literal.as_bytes()),
        _ => return Err(Error::message("give either `path` or `literal`")),
    };
    Ok(Value::from(if arguments.get::<bool>("base64")?.unwrap_or(true) {
        base64::engine::general_purpose::STANDARD.encode(digest)
    } else {
        assets::hex(&digest)
    }))
}

/// A file of the project, looked for as Zola does: below `content/` for `@/`,
/// else below the root, `static/`, `content/` and the theme's static files.
pub(super) fn read_project_file(shared: &Shared, path: &str) -> TeraResult<(FilePath, Arc<[u8]>)> {
    let limit = shared.site.config.limits.data;
    let folders: Vec<FilePath> = if path.starts_with("@/") {
        vec![FilePath::new("content")]
    } else {
        let mut folders = vec![FilePath::root(), FilePath::new("static"), FilePath::new("content")];
        if let Some(theme) = &shared.site.config.theme {
            folders.extend(FilePath::new("themes").resolve(&format!("{theme}/static")).ok());
        }
        folders
    };
    let written = path.trim_start_matches("@/").trim_start_matches('/');
    for folder in folders {
        let file = FilePath::root()
            .resolve(written)
            .map(|_| ())
            .and_then(|()| folder.resolve(written))
            .map_err(|error| Error::message(format!("cannot read `{path}`: it {error}")))?;
        note(Key::Data(file.clone()));
        match shared.files.read(&file, limit) {
            Ok(bytes) => return Ok((file, bytes)),
            Err(FileError::Missing) => {}
            Err(error) => return Err(Error::message(format!("cannot read `{file}`: {error}"))),
        }
    }
    Err(Error::message(format!("there is no file `{path}` in the project")))
}

fn load_data(shared: &Shared, arguments: &Arguments, _: &State<'_>) -> TeraResult<Value> {
    if arguments.get::<&Value>("url")?.is_some() {
        return Err(Error::message(
            "`load_data(url=…)`: nothing is fetched during a build; download the file into the project and give its `path`",
        ));
    }
    let required = arguments.get::<bool>("required")?.unwrap_or(true);
    let format: Option<&str> = arguments.get("format")?;
    if let Some(literal) = arguments.get::<&str>("literal")? {
        let format = data_format(format.unwrap_or("plain"))?;
        let value = data::parse_data(literal.as_bytes(), format, "<literal>");
        return value
            .map(|value| super::values::json(&value))
            .map_err(|problem| Error::message(problem.message));
    }
    let path: &str = arguments
        .get("path")?
        .ok_or_else(|| Error::message("give `path` (a file of the project) or `literal`"))?;
    let (file, bytes) = match read_project_file(shared, path) {
        Ok(found) => found,
        Err(_) if !required => return Ok(Value::none()),
        Err(error) => return Err(error),
    };
    let format_name =
        format.map_or_else(|| file.extension().unwrap_or("plain").to_lowercase(), str::to_owned);
    let key = (file.clone(), format_name.clone());
    let cached = shared.data.lock().ok().and_then(|data| data.get(&key).cloned());
    let result = match cached {
        Some(result) => result,
        None => {
            let format = if format.is_some() {
                data_format(&format_name)?
            } else {
                data_format(&format_name).unwrap_or(data::DataFormat::Plain)
            };
            let parsed = data::parse_data(&bytes, format, file.as_str()).map_err(|problem| {
                let place = problem.labels.first().map(|label| {
                    let (line, column) = label.source.line_column(label.span.start as usize);
                    format!(" (line {line}, column {column})")
                });
                format!("`{file}`{}: {}", place.unwrap_or_default(), problem.message)
            });
            let result = parsed.map(|value| super::values::json(&value));
            if let Ok(mut data) = shared.data.lock() {
                data.insert(key, result.clone());
            }
            result
        }
    };
    result.map_err(Error::message)
}

fn data_format(name: &str) -> TeraResult<data::DataFormat> {
    data::DataFormat::named(name).ok_or_else(|| {
        Error::message(format!(
            "`{name}` is not a data format: known are {}",
            data::DataFormat::NAMES.join(", ")
        ))
    })
}

/// Index of a taxonomy in a language.
fn taxonomy_index(
    shared: &Shared,
    arguments: &Arguments,
    state: &State<'_>,
) -> TeraResult<Result<usize, String>> {
    let kind: &str = arguments.must_get("kind")?;
    let language = language(shared, arguments, state)?;
    note(Key::Terms(language.clone(), kind.to_owned()));
    let of_language = |(_, taxonomy): &(usize, &crate::model::Taxonomy)| taxonomy.language == language;
    let taxonomies = || shared.site.taxonomies.iter().enumerate().filter(of_language);
    Ok(match taxonomies().find(|(_, taxonomy)| taxonomy.config.name == kind) {
        Some((i, _)) => Ok(i),
        None => Err(match nearest(kind, taxonomies().map(|(_, taxonomy)| taxonomy.config.name.as_str())) {
            Some(near) => format!("there is no taxonomy `{kind}`; did you mean `{near}`?"),
            None => format!("there is no taxonomy `{kind}` in the language `{language}`"),
        }),
    })
}

fn missing(arguments: &Arguments, words: String) -> TeraResult<Value> {
    if arguments.get::<bool>("required")?.unwrap_or(true) {
        Err(Error::message(words))
    } else {
        Ok(Value::none())
    }
}

fn get_taxonomy(shared: &Shared, arguments: &Arguments, state: &State<'_>) -> TeraResult<Value> {
    match taxonomy_index(shared, arguments, state)? {
        Ok(i) => shared.taxonomy(i).ok_or_else(not_yet),
        Err(words) => missing(arguments, words),
    }
}

fn not_yet() -> Error {
    Error::message("terms have no pages yet while the text of a page is drawn: use it in a template")
}

fn term_index(
    shared: &Shared,
    arguments: &Arguments,
    state: &State<'_>,
) -> TeraResult<Result<(usize, usize), String>> {
    let name: &str = match arguments.get("term")? {
        Some(name) => name,
        None => arguments.must_get("name")?,
    };
    let index = match taxonomy_index(shared, arguments, state)? {
        Ok(index) => index,
        Err(words) => return Ok(Err(words)),
    };
    let terms = &shared.site.taxonomies[index].terms;
    Ok(match terms.iter().position(|term| term.name == name || term.slug == name) {
        Some(term) => Ok((index, term)),
        None => Err(match nearest(name, terms.iter().map(|term| term.name.as_str())) {
            Some(near) => format!("there is no term `{name}`; did you mean `{near}`?"),
            None => format!("there is no term `{name}`"),
        }),
    })
}

fn get_taxonomy_term(shared: &Shared, arguments: &Arguments, state: &State<'_>) -> TeraResult<Value> {
    match term_index(shared, arguments, state)? {
        Ok((taxonomy, term)) => {
            let value = shared.taxonomy(taxonomy).ok_or_else(not_yet)?;
            let items =
                value.get_from_path("items").and_then(Value::as_array).and_then(|items| items.get(term));
            Ok(items.cloned().unwrap_or_else(Value::none))
        }
        Err(words) => missing(arguments, words),
    }
}

fn get_taxonomy_url(shared: &Shared, arguments: &Arguments, state: &State<'_>) -> TeraResult<Value> {
    match term_index(shared, arguments, state)? {
        Ok((taxonomy, term)) => {
            Ok(Value::from(link_address(&shared.site.taxonomies[taxonomy].terms[term].url)))
        }
        Err(words) => missing(arguments, words),
    }
}

fn trans(shared: &Shared, arguments: &Arguments, state: &State<'_>) -> TeraResult<Value> {
    note(Key::Config);
    let key: &str = arguments.must_get("key")?;
    let language = language(shared, arguments, state)?;
    let translations = shared.site.config.language_or_default(&language).translations;
    if let Some(text) = translations.get(key) {
        return Ok(Value::from(text.as_str()));
    }
    if let Some(default) = arguments.get::<&Value>("default")? {
        return Ok(default.clone());
    }
    let hint = match nearest(key, translations.keys().map(String::as_str)) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => String::new(),
    };
    Err(Error::message(format!("there is no translation of `{key}` in `{language}`{hint}")))
}

fn text_direction(shared: &Shared, arguments: &Arguments, state: &State<'_>) -> TeraResult<Value> {
    let language = language(shared, arguments, state)?;
    let base = language.split('-').next().unwrap_or("");
    let rtl = ["ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ku", "ps", "sd", "syr", "ug", "ur", "yi"];
    let by_script = language.contains("-Arab") || language.contains("-Hebr");
    Ok(Value::from(if rtl.contains(&base) || by_script { "rtl" } else { "ltr" }))
}

fn language_name(shared: &Shared, arguments: &Arguments, state: &State<'_>) -> TeraResult<Value> {
    Ok(Value::from(languages::own_name(&language(shared, arguments, state)?)))
}

fn now(shared: &Shared, arguments: &Arguments, _: &State<'_>) -> TeraResult<Value> {
    note(Key::Day);
    if arguments.get::<bool>("timestamp")?.unwrap_or(false) {
        let day: jiff::civil::Date =
            shared.today.parse().map_err(|error| Error::message(format!("`{}`: {error}", shared.today)))?;
        let days = day.duration_since(jiff::civil::date(1970, 1, 1)).as_secs();
        return Ok(Value::from(days));
    }
    Ok(Value::from(format!("{}T00:00:00Z", shared.today)))
}

fn get_random(_: &Shared, arguments: &Arguments, _: &State<'_>) -> TeraResult<Value> {
    let start = arguments.get::<i64>("start")?.unwrap_or(0);
    let end: i64 = arguments.must_get("end")?;
    let seed = arguments.get::<i64>("seed")?.unwrap_or(0);
    if end <= start {
        return Err(Error::message(format!("`end` ({end}) must be greater than `start` ({start})")));
    }
    // SplitMix64, so that a seed gives the same number in every build.
    let mut x = seed.cast_unsigned().wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^= x >> 31;
    let width = end.abs_diff(start);
    Ok(Value::from(start.wrapping_add((x % width).cast_signed())))
}

/// As in Tera, but counted: loops inside loops have no limit there.
fn range(_: &Shared, arguments: &Arguments, _: &State<'_>) -> TeraResult<Value> {
    let start = arguments.get::<i64>("start")?.unwrap_or(0);
    let end: i64 = arguments.must_get("end")?;
    let step_by = arguments.get::<i64>("step_by")?.unwrap_or(1);
    if step_by == 0 {
        return Err(Error::message("`step_by` is 0"));
    }
    if start > end && step_by > 0 {
        return Err(Error::message(format!("`start` ({start}) is greater than `end` ({end})")));
    }
    let is_empty = step_by < 0 && start <= end;
    let count = if is_empty { 0 } else { start.abs_diff(end).div_ceil(step_by.unsigned_abs()) };
    if count > LONGEST_RANGE {
        return Err(Error::message(format!("{count} numbers, over the limit of {LONGEST_RANGE}")));
    }
    budget::step(count).map_err(|error| Error::message(error.to_string()))?;
    let numbers = (0..count.cast_signed()).map(|i| Value::from(start + i * step_by));
    Ok(Value::from(numbers.collect::<Vec<Value>>()))
}
