//! Reference tables of the documentation, made from the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use clap::CommandFactory as _;
use juxta::base::diagnostic::Diagnostic;
use juxta::base::keys::{Key, Kind, Schema, Status};
use juxta::base::paths::{FilePath, UrlPath};
use juxta::base::source::Source;
use juxta::build::{Built, Options, Sink, build};
use juxta::compare::keys as compare_keys;
use juxta::compare::words::WORDS;
use juxta::config::{CONFIG, Dialect, THEME};
use juxta::model::{ItemId, PageId};
use juxta::parse::front_matter::{CASCADE, PAGE, SECTION};
use juxta::read::files::MemoryFiles;
use juxta::render::shared::SharedFiles;
use juxta::render::{Rendered, filters, functions, values};
use serde_json::Value;

/// Every region but those of the configuration.
pub(crate) const NAMES: &[&str] = &[
    "front-matter page",
    "front-matter section",
    "front-matter cascade",
    "criteria field",
    "criteria group",
    "criteria criterion",
    "criteria data",
    "comparing subject",
    "comparing fact",
    "comparing verdict",
    "comparing side",
    "comparing task",
    "words",
    "theme-toml",
    "theme-extra",
    "functions",
    "filters",
    "filters-tera",
    "tests",
    "fence-attributes",
    "code-themes",
    "directives",
    "command-line",
    "codes",
    "template-variables",
    "variables page",
    "variables section",
    "variables heading",
    "variables link",
    "variables paginator",
    "variables taxonomy",
    "variables taxonomy-kind",
    "variables term",
    "variables config",
];

/// The text of a region.
pub(crate) fn region(name: &str) -> String {
    match name.split_once(' ').unwrap_or((name, "")) {
        ("config", table) => keys(&CONFIG, table),
        ("front-matter", "page") => keys(&PAGE, ""),
        ("front-matter", "section") => keys(&SECTION, ""),
        ("front-matter", "cascade") => keys(&CASCADE, ""),
        ("criteria", table) => keys(&compare_keys::FILE, &format!("{table}[]").replace("field[]", "field")),
        ("comparing", "subject") => keys(&compare_keys::SUBJECT, ""),
        ("comparing", "fact") => keys(&compare_keys::FACT, ""),
        ("comparing", "verdict") => keys(&compare_keys::VERDICT, ""),
        ("comparing", "side") => keys(&compare_keys::SIDE, ""),
        ("comparing", "task") => keys(&compare_keys::TASK, ""),
        ("words", "") => words(),
        ("theme-toml", "") => keys(&THEME, ""),
        ("theme-extra", "") => theme_extra(),
        ("functions", "") => triples("Function", "gives", functions::NAMES),
        ("filters", "") => triples("Filter", "gives", filters::NAMES),
        ("filters-tera", "") => triples("Filter", "gives", filters::OF_TERA),
        ("tests", "") => triples("Test", "passes for", filters::TESTS),
        ("fence-attributes", "") => fence_attributes(),
        ("code-themes", "") => names_list(&juxta::code::theme_names()),
        ("directives", "") => directives(),
        ("command-line", "") => command_line(),
        ("codes", "") => codes(),
        ("template-variables", "") => template_variables(),
        ("variables", object) => variables(object),
        _ => panic!("there is no region `{name}`"),
    }
}

/// Words of tables.
fn words() -> String {
    let rows: Vec<Vec<String>> =
        WORDS.iter().map(|(name, text)| vec![code(name), (*text).to_owned()]).collect();
    table(&["Key", "English"], &rows)
}

/// A cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = format!("| {} |\n|{}\n", heads.join(" | "), " --- |".repeat(heads.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
        writeln!(out, "| {} |", cells.join(" | ")).unwrap();
    }
    out
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

fn kind_words(kind: Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Bool => "boolean".to_owned(),
        Kind::Integer(i64::MIN, _) | Kind::Integer(_, i64::MAX) => "integer".to_owned(),
        Kind::Integer(min, max) => format!("integer, {min} to {max}"),
        Kind::Number => "number".to_owned(),
        Kind::Texts => "list of texts".to_owned(),
        Kind::TextOrTexts => "text or list of texts".to_owned(),
        Kind::List => "list".to_owned(),
        Kind::Any => "anything".to_owned(),
        Kind::Date => "date".to_owned(),
        Kind::Choice(names) => names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", "),
        Kind::Table(_) => "table".to_owned(),
        Kind::Tables(_) => "list of tables".to_owned(),
        Kind::Map(kind) => format!("table: name → {}", kind_words(*kind)),
        Kind::Free => "free table".to_owned(),
    }
}

/// Keys of one table of a schema; `path` as in `Schema::rows`.
fn keys(schema: &'static Schema, path: &str) -> String {
    let of_table =
        |row: &&(String, &'static Key)| row.0.rsplit_once('.').map_or("", |(table, _)| table) == path;
    let rows = schema.rows();
    let rows: Vec<Vec<String>> = rows.iter().filter(of_table).map(|(_, key)| key_row(key)).collect();
    assert!(!rows.is_empty(), "there is no table `{path}`");
    table(&["Key", "Value", "Default", "Meaning"], &rows)
}

fn key_row(key: &Key) -> Vec<String> {
    let meaning = match key.status {
        Status::Read => key.description.to_owned(),
        Status::Synonym(name) => format!("Older name of `{name}`."),
        Status::NoEffect(why) => format!("{} No effect: {why}.", key.description),
        Status::Later(why) => format!("{} Not yet: {why}.", key.description),
        Status::Refused(why) => format!("Refused: {why}."),
    };
    assert!(meaning.len() > 3, "the key `{}` has no description", key.name);
    vec![code(key.name), kind_words(key.kind), code(key.default), meaning]
}

fn triples(what: &str, gives: &str, rows: &[(&str, &str, &str)]) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|(name, arguments, meaning)| {
            assert!(!meaning.is_empty(), "`{name}` has no description");
            vec![code(name), code(arguments), (*meaning).to_owned()]
        })
        .collect();
    table(&[what, "Arguments", gives], &rows)
}

fn names_list(names: &[&str]) -> String {
    names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ")
}

fn fence_attributes() -> String {
    let rows: Vec<Vec<String>> = juxta::code::fence::ATTRIBUTES
        .iter()
        .map(|(name, others, meaning)| {
            assert!(!meaning.is_empty(), "`{name}` has no description");
            vec![code(name), names_list(others), (*meaning).to_owned()]
        })
        .collect();
    table(&["Attribute", "Also written", "Meaning"], &rows)
}

const THEME_TOML: &str = include_str!("../../themes/juxta/theme.toml");

/// Switches of the built-in theme, each with the comment before it.
fn theme_extra() -> String {
    let body = THEME_TOML.split("[extra]\n").nth(1).unwrap();
    let body = body.split("\n[").next().unwrap();
    let mut rows = Vec::new();
    let mut comment = String::new();
    for line in body.lines() {
        if let Some(text) = line.strip_prefix("# ") {
            if !comment.is_empty() {
                comment.push(' ');
            }
            comment.push_str(text);
        } else if let Some((key, value)) = line.split_once(" = ") {
            assert!(!comment.is_empty(), "the switch `{key}` has no comment");
            rows.push(vec![code(key), code(value), std::mem::take(&mut comment)]);
        } else {
            comment.clear();
        }
    }
    assert!(rows.len() > 5, "the switches of the theme are not where they were");
    table(&["Switch", "Default", "Meaning"], &rows)
}

/// Meaning of each directive of the built-in theme.
const DIRECTIVES: &[(&str, &str)] = &[
    ("note", "Something to know."),
    ("tip", "Advice."),
    ("important", "Something not to miss."),
    ("warning", "Something that needs care."),
    ("caution", "Something with consequences."),
    ("danger", "Something that does harm."),
    ("info", "Background."),
    ("details", "Text to unfold; the label is what is clicked."),
    ("figure", "Anything with a caption, the label; `wide` lets it be as wide as the column."),
    ("card-grid", "Cards in rows; holds `card` directives."),
    (
        "compare",
        "One step, solved on each side; the label becomes its heading. `same-output`: all sides print the same.",
    ),
    ("tabs", "Tabs; holds `tab` directives, or lines `== Label`."),
    ("code-group", "Code blocks with labels as tabs."),
    ("side", "Text for readers who look at one side."),
    ("task", "A task with the sides of the page's subjects, or of those in `subjects`."),
    ("facts", "A table of the page's subjects; also takes `criteria`, `subjects`, `field`."),
    ("matrix", "A table of all subjects of a field; also takes `criteria`, `subjects`, `field`."),
    ("verdict", "When to pick which, from the front matter."),
    ("pros-cons", "What speaks for and against each subject."),
    ("card", "One card; with `link`, an address or an `@/` path, the whole card leads there."),
];

fn directives() -> String {
    let text = concat!(
        include_str!("../../themes/juxta/templates/components.html"),
        include_str!("../../themes/juxta/templates/compare.html")
    );
    let mut rows = Vec::new();
    for (at, start) in text.match_indices("{% component directive.") {
        let rest = &text[at + start.len()..];
        let (name, rest) = rest.split_once('(').unwrap();
        let arguments = &rest[..rest.find(") -%}").or(rest.find(") %}")).unwrap()];
        let name = name.replace('_', "-");
        let meaning = DIRECTIVES.iter().find(|(known, _)| *known == name);
        let meaning = meaning.unwrap_or_else(|| panic!("the directive `{name}` has no description")).1;
        let arguments: Vec<String> = arguments
            .split(", ")
            // What the program hands in is not for authors.
            .filter(|argument| {
                let given = ["panes", "heading", "table", "verdicts", "sides", "subject"];
                !argument.starts_with('@') && !given.contains(&argument.split(" = ").next().unwrap())
            })
            .map(|argument| code(argument.split(" = ").next().unwrap()))
            .collect();
        rows.push(vec![code(&name), arguments.join(", "), meaning.to_owned()]);
    }
    for (name, _) in DIRECTIVES {
        assert!(rows.iter().any(|row| row[0] == code(name)), "there is no directive `{name}`");
    }
    table(&["Directive", "Takes", "Meaning"], &rows)
}

/// Options of one command; global ones only when asked for.
fn options(command: &clap::Command, global: bool) -> String {
    let rows: Vec<Vec<String>> = command
        .get_arguments()
        .filter(|argument| {
            argument.is_global_set() == global && !["help", "version"].contains(&argument.get_id().as_str())
        })
        .map(|argument| {
            let value = argument.get_value_names().filter(|_| argument.get_action().takes_values());
            let value =
                value.and_then(|names| names.first()).map(|name| format!("<{name}>")).unwrap_or_default();
            let mut names = Vec::new();
            names.extend(argument.get_short().map(|short| format!("`-{short}`")));
            names.extend(argument.get_long().map(|long| {
                if value.is_empty() { format!("`--{long}`") } else { format!("`--{long} {value}`") }
            }));
            if names.is_empty() {
                names.push(code(&value));
            }
            let mut help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!help.is_empty(), "the option `{}` has no help", argument.get_id());
            let choices: Vec<String> = argument
                .get_possible_values()
                .iter()
                .filter(|_| argument.get_action().takes_values())
                .map(|choice| code(choice.get_name()))
                .collect();
            if !choices.is_empty() && argument.get_id() != "of" {
                write!(help, ": {}", choices.join(", ")).unwrap();
            }
            let defaults: Vec<String> = argument
                .get_default_values()
                .iter()
                .map(|value| value.to_string_lossy().into_owned())
                .collect();
            if argument.get_action().takes_values() && !defaults.is_empty() && argument.get_id() != "color" {
                write!(help, " (default: `{}`)", defaults.join(" ")).unwrap();
            }
            vec![names.join(", "), help]
        })
        .collect();
    if rows.is_empty() { String::new() } else { table(&["Option", "Meaning"], &rows) }
}

fn command_line() -> String {
    let mut command = juxta::cli::Arguments::command();
    command.build();
    let mut out = format!("### Options of every command\n\n{}", options(&command, true));
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        assert!(!about.is_empty(), "the command `{}` has no help", sub.get_name());
        write!(out, "\n### `juxta {}`\n\n{about}.\n\n{}", sub.get_name(), options(sub, false)).unwrap();
    }
    out
}

fn codes() -> String {
    let rows: Vec<Vec<String>> = juxta::report::codes::CODES
        .iter()
        .map(|(name, severity, meaning)| vec![code(name), (*severity).to_owned(), (*meaning).to_owned()])
        .collect();
    table(&["Code", "Severity", "Meaning"], &rows)
}

/// Every code in the source with the severities it is given there in so many
/// words.
pub(crate) fn codes_in_source(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let name = r#""([a-z0-9]+(?:-[a-z0-9]+)+)""#;
    let direct = regex(&format!(r"Diagnostic::(error|warning|note)\(\s*{name}"));
    let fields = regex(&format!(r"(?:\bcode(?::| =)|self\.problem\(|=>\s*(?:Some)?\(?)\s*{name}"));
    let any = regex(name);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in rust_files(folder) {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let text: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        for captures in direct.captures_iter(&text) {
            found.entry(captures[2].to_owned()).or_default().insert(captures[1].to_owned());
        }
        for captures in fields.captures_iter(&text) {
            found.entry(captures[1].to_owned()).or_default();
        }
        // Here codes are handed on as arguments.
        if ["render/errors.rs", "code/mod.rs", "code/fence.rs", "read/discover.rs"]
            .iter()
            .any(|file| path.ends_with(file))
        {
            let known = juxta::report::codes::CODES;
            for captures in any.captures_iter(&text) {
                if known.iter().any(|(known, ..)| *known == &captures[1]) {
                    found.entry(captures[1].to_owned()).or_default();
                }
            }
        }
    }
    found
}

fn regex(pattern: &str) -> regex::Regex {
    regex::Regex::new(pattern).unwrap()
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Keeps every output.
#[derive(Default)]
struct Keep(Mutex<BTreeMap<String, String>>);

impl Sink for Keep {
    fn accept(&self, rendered: &Rendered) -> Result<(), Diagnostic> {
        let text = String::from_utf8_lossy(&rendered.bytes).into_owned();
        self.0.lock().unwrap().insert(rendered.output.to_string(), text);
        Ok(())
    }
}

fn build_site(config: &str, files: &[(&str, &str)]) -> (Built, BTreeMap<String, String>) {
    let (config, problems) = juxta::config::read(&Source::new("juxta.toml", config), Dialect::Juxta);
    assert!(problems.is_empty(), "{problems:?}");
    let files: SharedFiles =
        Arc::new(MemoryFiles::new(files.iter().map(|(path, text)| (*path, text.as_bytes()))));
    let keep = Keep::default();
    let built = build(&files, &config, &Options::default(), None, &keep);
    assert!(
        !built.failed(),
        "{}",
        juxta::report::render(&built.problems, juxta::report::Format::Text, false)
    );
    (built, keep.0.into_inner().unwrap())
}

const SITE: &str = r#"
base_url = "https://example.org"
title = "Example"
generate_feeds = true
feed_filenames = ["atom.xml"]
taxonomies = [{ name = "tags", feed = true, paginate_by = 1 }]
[languages.de]
"#;

const CONTENT: &[(&str, &str)] = &[
    ("content/_index.md", "Home: [first](docs/first.md).\n"),
    (
        "content/docs/_index.md",
        "+++\nsort_by = \"weight\"\npaginate_by = 1\ngenerate_feeds = true\n+++\n# Docs\n",
    ),
    (
        "content/docs/first.md",
        "+++\nweight = 1\ndate = 2026-01-02\n[taxonomies]\ntags = [\"a\"]\n+++\n# First\n\nText.\n\n<!-- more -->\n\n## A\n\n### B\n",
    ),
    ("content/docs/first.de.md", "+++\nweight = 1\n+++\n# Erste\n"),
    ("content/docs/second.md", "+++\nweight = 2\n+++\n# Second\n\n[Back](first.md)\n"),
];

/// Variables that a template may get.
const TOP: &[&str] = &[
    "config",
    "lang",
    "juxta_version",
    "zola_version",
    "current_url",
    "current_path",
    "page",
    "section",
    "paginator",
    "taxonomy",
    "terms",
    "term",
    "feed_url",
    "last_updated",
    "pages",
    "entries",
    "sitemaps",
];

/// Templates, what each draws, and an output of the example that shows it.
const TEMPLATES: &[(&str, &str, &str)] = &[
    ("index.html", "the home page", "index.html"),
    ("section.html", "any other section", "docs/index.html"),
    ("page.html", "a page", "docs/first/index.html"),
    ("taxonomy_list.html", "the list of a taxonomy's terms", "tags/index.html"),
    ("taxonomy_single.html", "the pages of one term", "tags/a/index.html"),
    ("atom.xml", "a feed: of the site", "atom.xml"),
    ("atom.xml", "… of a section", "docs/atom.xml"),
    ("atom.xml", "… of a term", "tags/a/atom.xml"),
    ("sitemap.xml", "the sitemap", "sitemap.xml"),
    ("robots.txt", "`robots.txt`", "robots.txt"),
    ("404.html", "the error page", "404.html"),
];

fn template_variables() -> String {
    let probe: String =
        TOP.iter().map(|name| format!("{{% if {name} is defined %}}{name} {{% endif %}}")).collect();
    let mut files = CONTENT.to_vec();
    let names: BTreeSet<&str> = TEMPLATES.iter().map(|(name, ..)| *name).collect();
    let paths: Vec<String> = names.iter().map(|name| format!("templates/{name}")).collect();
    files.extend(paths.iter().map(|path| (path.as_str(), probe.as_str())));
    let (_, outputs) = build_site(SITE, &files);
    let everywhere = ["config", "lang", "juxta_version", "zola_version"];
    let rows: Vec<Vec<String>> = TEMPLATES
        .iter()
        .map(|(name, draws, output)| {
            let found: Vec<&str> = outputs[*output].split_whitespace().collect();
            assert!(everywhere.iter().all(|name| found.contains(name)), "{name}: {found:?}");
            let own: Vec<String> =
                found.iter().filter(|name| !everywhere.contains(name)).map(|name| code(name)).collect();
            vec![code(name), (*draws).to_owned(), own.join(", ")]
        })
        .collect();
    table(&["Template", "Draws", "Its own variables"], &rows)
}

/// Meaning of each field of what templates see.
const FIELDS: &[(&str, &[(&str, &str)])] = &[
    (
        "page",
        &[
            ("relative_path", "the file below `content/`"),
            ("file", "the file below the project"),
            ("colocated_path", "its folder below `content/`, if it has assets"),
            ("content", "the text as HTML"),
            ("summary", "the text before `<!-- more -->`, if there is one"),
            ("permalink", "the address with scheme and host, for feeds and `<link rel=canonical>`"),
            ("url", "the address for `href`; relative in what is published"),
            ("path", "the address below the base, `/docs/first/`"),
            ("slug", "the last part of the address"),
            ("components", "the parts of the address"),
            (
                "ancestors",
                "the `_index.md` files of the sections above, the home page first; for `get_section`",
            ),
            ("title", "from the front matter, else from the first heading, else from the file's name"),
            ("description", "from the front matter"),
            ("date", "from the front matter or the file's name"),
            ("updated", "from the front matter"),
            ("year", "of `date`"),
            ("month", "of `date`"),
            ("day", "of `date`"),
            ("weight", "from the front matter"),
            ("authors", "from the front matter"),
            ("taxonomies", "taxonomy → terms"),
            ("extra", "from the front matter"),
            ("toc", "its headings, nested"),
            ("word_count", "words of text, code left out"),
            ("reading_time", "minutes at 200 words a minute"),
            ("assets", "addresses of the files beside it"),
            ("draft", "from the front matter"),
            ("lang", "its language"),
            ("lower", "the page before it in its section; only for the page that is drawn"),
            ("higher", "the page after it; only for the page that is drawn"),
            ("translations", "its versions in all languages, itself included; empty if there is only one"),
            ("backlinks", "pages and sections that link to it"),
        ],
    ),
    (
        "section",
        &[
            ("relative_path", "the file below `content/`, also if there is none"),
            ("file", "the file below the project"),
            ("colocated_path", "its folder below `content/`, if it has assets"),
            ("content", "the text as HTML"),
            ("permalink", "as of a page"),
            ("url", "as of a page"),
            ("path", "as of a page"),
            ("components", "as of a page"),
            ("ancestors", "as of a page"),
            ("title", "as of a page"),
            ("description", "as of a page"),
            ("extra", "as of a page"),
            ("toc", "as of a page"),
            ("word_count", "as of a page"),
            ("reading_time", "as of a page"),
            ("assets", "as of a page"),
            ("draft", "as of a page"),
            ("lang", "as of a page"),
            ("translations", "as of a page"),
            ("backlinks", "as of a page"),
            ("pages", "its pages in its order, all of them"),
            ("subsections", "`_index.md` files of its sections, by weight; for `get_section`"),
            ("weight", "from the front matter"),
            ("generate_feeds", "from the front matter"),
            ("transparent", "from the front matter"),
            ("paginate_by", "from the front matter"),
            ("paginate_reversed", "from the front matter"),
        ],
    ),
    (
        "heading",
        &[
            ("level", "1 to 6"),
            ("id", "its anchor"),
            ("title", "its plain text"),
            ("permalink", "address with anchor"),
            ("children", "headings below it"),
        ],
    ),
    (
        "link",
        &[
            ("lang", "language"),
            ("permalink", "address with scheme and host"),
            ("url", "address for `href`"),
            ("title", "title"),
            ("path", "address below the base"),
        ],
    ),
    (
        "paginator",
        &[
            ("paginate_by", "pages in one pager"),
            ("base_url", "address before the number of a pager"),
            ("number_pagers", "number of pagers"),
            ("first", "address of the first pager"),
            ("last", "address of the last pager"),
            ("previous", "address of the pager before this one, or none"),
            ("next", "address of the pager after this one, or none"),
            ("pages", "pages of this pager"),
            ("current_index", "number of this pager, from 1"),
            ("total_pages", "pages of all pagers"),
        ],
    ),
    (
        "taxonomy",
        &[
            ("kind", "its configuration"),
            ("lang", "its language"),
            ("permalink", "address of its list, with scheme and host"),
            ("url", "address of its list, for `href`"),
            ("path", "address of its list below the base"),
            ("items", "its terms"),
        ],
    ),
    (
        "taxonomy-kind",
        &[
            ("name", "its name"),
            ("slug", "its name as it stands in addresses"),
            ("feed", "from the configuration"),
            ("paginate_by", "from the configuration"),
            ("paginate_path", "from the configuration"),
            ("render", "from the configuration"),
        ],
    ),
    (
        "term",
        &[
            ("name", "as first written"),
            ("slug", "as it stands in addresses"),
            ("path", "address below the base"),
            ("url", "address for `href`"),
            ("permalink", "address with scheme and host"),
            ("page_count", "number of its pages"),
            ("pages", "its pages, newest first"),
        ],
    ),
    (
        "config",
        &[
            ("base_url", "from the configuration; empty without one"),
            ("mode", "`build`, `check` or `serve`"),
            ("title", "in the language of the page"),
            ("description", "in the language of the page"),
            ("author", "from the configuration"),
            (
                "languages",
                "code → `title`, `description`, `generate_feeds`, `feed_filenames`, the default one included",
            ),
            ("default_language", "from the configuration"),
            ("generate_feed", "older name of `generate_feeds`"),
            ("generate_feeds", "in the language of the page"),
            ("feed_filenames", "in the language of the page"),
            ("taxonomies", "in the language of the page"),
            ("build_search_index", "from the configuration"),
            ("search", "from the configuration"),
            ("generate_sitemap", "whether there is a sitemap"),
            ("generate_robots_txt", "from the configuration"),
            ("exclude_paginated_pages_in_sitemap", "from the configuration"),
            (
                "markdown",
                "`highlight`, `light_theme`, `dark_theme`, `math`, `smart_punctuation`, `lazy_async_image`",
            ),
            ("extra", "from the configuration, with those of the themes below it"),
        ],
    ),
];

fn json(value: &tera::Value) -> Value {
    serde_json::to_value(value).unwrap()
}

/// An example of each object, from a real build.
fn example(object: &str) -> Value {
    let (built, _) = build_site(SITE, CONTENT);
    let shared = built.shared.as_ref().unwrap();
    let id = |path: &str| shared.site.by_path[&FilePath::new(path)];
    let page = || match id("docs/first.md") {
        ItemId::Page(id) => json(&values::page_with_neighbours(shared, id)),
        ItemId::Section(_) => unreachable!(),
    };
    let taxonomy = || json(&shared.taxonomy(0).unwrap());
    match object {
        "page" => page(),
        "section" => json(&shared.own(id("docs/_index.md"))),
        "heading" => page()["toc"][0].clone(),
        "link" => {
            let page = page();
            assert_eq!(kinds(&page["backlinks"][0]), kinds(&page["translations"][0]));
            page["translations"][0].clone()
        }
        "paginator" => {
            let of = shared.item(ItemId::Page(PageId(0)));
            json(&values::paginator(&UrlPath::new("/docs/"), "page", (1, 2, 3), vec![of]))
        }
        "taxonomy" => taxonomy(),
        "taxonomy-kind" => taxonomy()["kind"].clone(),
        "term" => taxonomy()["items"][0].clone(),
        "config" => json(&shared.config("en")),
        _ => panic!("there is no object `{object}`"),
    }
}

fn kinds(value: &Value) -> Vec<&String> {
    value.as_object().unwrap().keys().collect()
}

fn variables(object: &str) -> String {
    let example = example(object);
    let found: BTreeSet<&str> = kinds(&example).into_iter().map(String::as_str).collect();
    let (_, fields) = FIELDS.iter().find(|(name, _)| *name == object).unwrap();
    for field in &found {
        assert!(fields.iter().any(|(name, _)| name == field), "`{object}.{field}` has no description");
    }
    for (name, _) in *fields {
        assert!(found.contains(name), "there is no `{object}.{name}`");
    }
    let rows: Vec<Vec<String>> =
        fields.iter().map(|(name, meaning)| vec![code(name), (*meaning).to_owned()]).collect();
    table(&["Field", "Holds"], &rows)
}

/// Every filter and test of the tables, in one template: the engine refuses
/// names it does not know.
pub(crate) fn check_filters() {
    let mut template = String::new();
    for (name, ..) in filters::OF_TERA.iter().chain(filters::NAMES) {
        writeln!(template, "{{% if false %}}{{{{ lang | {name} }}}}{{% endif %}}").unwrap();
    }
    for (name, ..) in filters::TESTS {
        writeln!(template, "{{% if false and lang is {name} %}}{{% endif %}}").unwrap();
    }
    build_site("", &[("content/_index.md", "Text.\n"), ("templates/index.html", &template)]);
}
