//! Images: what templates and Markdown show of the site's images.
//!
//! In: an image of the project or of a theme, an operation; the drawing of a
//! card. Out: its size, and the address at which the result will be published,
//! both known from the file's header. The name of a result says what it is made
//! of. Must not decode or draw a pixel: that is done once, after all renders.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use tera::{Error, Kwargs, State, TeraResult, Value};

use super::asked::{Picture, Recipe};
use super::functions::read_project_file;
use super::scope::note;
use super::shared::Shared;
use super::values::table;
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::{FilePath, PLACELESS, PROCESSED_IMAGES, UrlPath, percent_decode};
use crate::base::reads::Key;
use crate::base::text::nearest;
use crate::images::lines::{self, Space};
use crate::images::{self, Fit, Format, Header, Operation};
use crate::model::link_address;
use crate::read::theme::StaticOrigin;

/// What is known of an image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) header: Header,
    of: Fingerprint,
}

/// Images of one build.
#[derive(Default)]
pub struct Images {
    known: Mutex<HashMap<FilePath, Result<Known, String>>>,
    /// Images that cards show, by the names that cards have for them.
    pictures: Mutex<BTreeMap<String, Picture>>,
}

fn known_of(bytes: &[u8]) -> Result<Known, String> {
    Ok(Known { header: images::header(bytes)?, of: Fingerprint::of(bytes) })
}

/// Reads what an image is; noted as read by whoever names the file.
pub(super) fn known(shared: &Shared, source: &StaticOrigin) -> Result<Known, String> {
    let path = match source {
        StaticOrigin::Builtin(bytes) => return known_of(bytes),
        StaticOrigin::File(path) | StaticOrigin::Sass { path, folder: _ } => path,
    };
    let cached = shared.images.known.lock().ok().and_then(|known| known.get(path).cloned());
    cached.unwrap_or_else(|| {
        let limit = shared.site.config.limits.data;
        let read = shared.files.read(path, limit).map_err(|error| error.to_string());
        let found = read.and_then(|bytes| known_of(&bytes));
        if let Ok(mut known) = shared.images.known.lock() {
            known.insert(path.clone(), found.clone());
        }
        found
    })
}

/// The name of a file as part of a name that every host and every `srcset` can
/// hold.
fn plain(stem: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let plain: String = stem.chars().map(|c| if is_plain(c) { c } else { '-' }).take(60).collect();
    if plain.is_empty() { "image".to_owned() } else { plain }
}

/// Where the result of an operation will be.
pub(super) fn process(
    shared: &Shared,
    source: &StaticOrigin,
    name: &str,
    known: Known,
    operation: Operation,
) -> UrlPath {
    let key = operation.key(known.of);
    let stem = plain(name.rsplit_once('.').map_or(name, |(stem, _)| stem));
    let url =
        UrlPath::new(&format!("{PROCESSED_IMAGES}{stem}.{}.{}", &key.hex()[..20], operation.format.name()));
    shared
        .asked
        .ask(&url, key, || Recipe::Resized(Picture { source: source.clone(), of: known.of }, operation));
    url
}

/// Where the picture of a card's drawing will be.
pub(super) fn card(shared: &Shared, svg: &str) -> UrlPath {
    let key = images::card::key(svg);
    let url = UrlPath::new(&format!("{PROCESSED_IMAGES}card.{}.png", &key.hex()[..20]));
    shared.asked.ask(&url, key, || {
        let pictures = shared.images.pictures.lock();
        let shown = |(name, _): &(&String, &Picture)| svg.contains(name.as_str());
        let owned = |(name, picture): (&String, &Picture)| (name.clone(), picture.clone());
        let shown = pictures.map(|pictures| pictures.iter().filter(shown).map(owned).collect());
        Recipe::Card(Arc::from(svg), shown.unwrap_or_default())
    });
    url
}

/// The function of templates: what a card calls an image of the site.
pub(super) fn embed_image(shared: &Shared, arguments: &Kwargs, _: &State<'_>) -> TeraResult<Value> {
    let path: &str = arguments.must_get("path")?;
    let decoded = path.strip_prefix(PLACELESS).and_then(percent_decode);
    let path = decoded.as_deref().unwrap_or(path);
    if path.is_empty() || path.contains("://") {
        return Ok(Value::none());
    }
    let source = find(shared, path)?;
    let Known { header, of } = known(shared, &source).map_err(|words| unreadable(path, &words))?;
    let most = shared.site.config.limits.image_pixels;
    if header.format != Format::Svg && u64::from(header.width) * u64::from(header.height) > most {
        let words = format!("it has {} × {} pixels, over the limit of {most}", header.width, header.height);
        return Err(unreadable(path, &words));
    }
    let name = format!("image:{}", of.hex());
    if let Ok(mut pictures) = shared.images.pictures.lock() {
        pictures.entry(name.clone()).or_insert(Picture { source, of });
    }
    Ok(Value::from(name))
}

/// The function of templates: a text in lines that are no wider than they may be.
pub(super) fn fit_text(_: &Shared, arguments: &Kwargs, _: &State<'_>) -> TeraResult<Value> {
    let text: &str = arguments.must_get("text")?;
    let needed = |name| number(arguments, name, 10_000);
    let width = needed("width")?.ok_or_else(|| Error::message("`fit_text` needs a `width`"))?;
    let most = needed("size")?.ok_or_else(|| Error::message("`fit_text` needs a `size`"))?;
    let least = needed("least")?.unwrap_or(most).min(most);
    let lines = needed("lines")?.unwrap_or(1) as usize;
    let is_bold = arguments.get::<bool>("bold")?.unwrap_or(false);
    let space = Space { width: width as f32, lines, most, least, is_bold };
    Ok(lines::fit(text, &space).map_or_else(Value::none, |fitted| {
        let lines: Vec<Value> = fitted.lines.iter().map(|line| Value::from(line.as_str())).collect();
        table(vec![("lines", Value::from(lines)), ("size", Value::from(fitted.size))])
    }))
}

/// The file that a template names: of the project, looked for as Zola does, or
/// published at that address.
fn find(shared: &Shared, path: &str) -> TeraResult<StaticOrigin> {
    match read_project_file(shared, path) {
        Ok((file, _)) => Ok(StaticOrigin::File(file)),
        Err(error) => {
            let url = UrlPath::new(path.trim_start_matches("@/").trim_start_matches('/'));
            published(shared, &url).ok_or(error)
        }
    }
}

/// The file that is published at an address.
pub(super) fn published(shared: &Shared, url: &UrlPath) -> Option<StaticOrigin> {
    note(Key::Address(url.clone()));
    let source = shared.published.get(url)?.clone();
    if let StaticOrigin::File(path) = &source {
        note(Key::Asset(path.clone()));
    }
    Some(source)
}

/// The function of templates.
pub(super) fn get_image_metadata(shared: &Shared, arguments: &Kwargs, _: &State<'_>) -> TeraResult<Value> {
    let path: &str = arguments.must_get("path")?;
    let source = match find(shared, path) {
        Ok(source) => source,
        Err(_) if arguments.get::<bool>("allow_missing")?.unwrap_or(false) => return Ok(Value::none()),
        Err(error) => return Err(error),
    };
    let Known { header, of: _ } = known(shared, &source).map_err(|words| unreadable(path, &words))?;
    Ok(table(vec![
        ("width", Value::from(header.width)),
        ("height", Value::from(header.height)),
        ("format", Value::from(header.format.name())),
        ("mime", Value::from(header.format.mime())),
    ]))
}

fn unreadable(path: &str, words: &str) -> Error {
    Error::message(format!("cannot read the image `{path}`: {words}"))
}

/// A whole number of an argument.
fn number(arguments: &Kwargs, name: &str, most: u32) -> TeraResult<Option<u32>> {
    let Some(given) = arguments.get::<i64>(name)? else { return Ok(None) };
    match u32::try_from(given) {
        Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
        _ => Err(Error::message(format!("`{name}` is from 1 to {most}, not {given}"))),
    }
}

/// The most pixels on a side.
const LONGEST: u32 = 65_535;

/// The function of templates.
pub(super) fn resize_image(shared: &Shared, arguments: &Kwargs, _: &State<'_>) -> TeraResult<Value> {
    let path: &str = arguments.must_get("path")?;
    let source = find(shared, path)?;
    let known = known(shared, &source).map_err(|words| unreadable(path, &words))?;
    let header = known.header;
    if header.format == Format::Svg {
        let words = "an SVG image has no pixels to resize; it is sharp at every size";
        return Err(unreadable(path, words));
    }
    let op = arguments.get::<&str>("op")?.unwrap_or("fill");
    let fit = Fit::named(op).ok_or_else(|| unknown("op", op, &Fit::NAMES))?;
    let (width, height) = (number(arguments, "width", LONGEST)?, number(arguments, "height", LONGEST)?);
    let (part, width, height) = images::fitted(&header, fit, width, height)
        .map_err(|words| Error::message(format!("`resize_image` with op=\"{op}\": {words}")))?;
    let pixels = u64::from(width) * u64::from(height);
    let most = shared.site.config.limits.image_pixels;
    if pixels > most || width.max(height) > LONGEST {
        return Err(Error::message(format!(
            "{width} × {height} pixels are over the limit of {most}; `limits.image_pixels` raises it"
        )));
    }
    let quality = number(arguments, "quality", 100)?.and_then(|quality| u8::try_from(quality).ok());
    let wanted = arguments.get::<&str>("format")?.unwrap_or("auto");
    let format = match wanted {
        "auto" => own_format(&header),
        "jpg" | "jpeg" => Format::Jpeg,
        "png" => Format::Png,
        "webp" => Format::Webp,
        "avif" if header.has_profile => {
            let words = "it has a colour profile, which an AVIF image made of it would lack";
            return Err(unreadable(path, words));
        }
        "avif" => Format::Avif,
        other => return Err(unknown("format", other, &["auto", "jpg", "png", "webp", "avif"])),
    };
    let quality = if format == Format::Png { None } else { quality };
    // A photograph stays one.
    let quality = quality.or((wanted == "auto" && header.is_lossy && format == Format::Webp).then_some(75));
    let operation = Operation { part, width, height, format, quality };
    let name = path.rsplit('/').next().unwrap_or(path);
    let url = process(shared, &source, name, known, operation);
    Ok(table(vec![
        ("url", Value::from(link_address(&url))),
        ("static_path", Value::from(url.as_str().trim_start_matches('/'))),
        ("width", Value::from(width)),
        ("height", Value::from(height)),
        ("orig_width", Value::from(header.width)),
        ("orig_height", Value::from(header.height)),
    ]))
}

/// What an image is encoded as when nothing is said.
pub(super) fn own_format(header: &Header) -> Format {
    match header.format {
        Format::Gif | Format::Avif | Format::Svg => Format::Png,
        format @ (Format::Jpeg | Format::Png | Format::Webp) => format,
    }
}

fn unknown(argument: &str, given: &str, known: &[&str]) -> Error {
    let hint = match nearest(given, known.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => String::new(),
    };
    Error::message(format!("`{given}` is no `{argument}`: known are {}{hint}", known.join(", ")))
}
