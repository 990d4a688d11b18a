//! Filters and tests of templates, with Zola's names.
//!
//! In: a value and arguments. Out: a value or an answer. Those of Tera itself
//! and of `tera-contrib` are registered under the names Zola gives them; the
//! others are here. Must not read anything but their arguments.

use std::sync::Arc;

use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::shared::Shared;
use crate::base::source::Source;
use crate::base::text::escaped;
use crate::parse::markdown::{self, HoleKind};

/// Name, arguments, and what each filter gives, but for those of Tera itself.
pub const NAMES: &[(&str, &str, &str)] = &[
    ("markdown", "inline=false", "Markdown to HTML, with the site's options; links are left as written"),
    ("num_format", "locale?", "a number with its digits in groups: `1234567` → `1,234,567`"),
    ("base64_encode", "", "text to base64"),
    ("base64_decode", "", "base64 to text"),
    ("regex_replace", "pattern, rep", "every match replaced"),
    ("striptags", "", "HTML without its tags"),
    ("spaceless", "", "HTML without white space between tags"),
    ("urlencode", "", "percent-encoded, `/` kept"),
    ("urlencode_strict", "", "percent-encoded, `/` too"),
    ("json_encode", "pretty=false", "JSON that is safe inside a `<script>`"),
    ("filesizeformat", "binary=true", "a number of bytes in words"),
    ("format", "spec", "as Rust's `format!`"),
    ("slugify", "", "a path segment"),
    ("date", "format?, timezone?, locale?", "a date in another form"),
    ("shuffle", "seed=0", "a list in another order, the same in every build"),
];

/// Filters that Tera brings.
const OF_TERA: &[&str] = &[
    "safe",
    "default",
    "upper",
    "lower",
    "wordcount",
    "escape",
    "escape_html",
    "escape_xml",
    "newlines_to_br",
    "pluralize",
    "trim",
    "trim_start",
    "trim_end",
    "replace",
    "capitalize",
    "title",
    "truncate",
    "indent",
    "str",
    "int",
    "float",
    "length",
    "reverse",
    "split",
    "abs",
    "round",
    "first",
    "last",
    "nth",
    "join",
    "sort",
    "unique",
    "get",
    "values",
    "keys",
    "pairs",
    "group_by",
];

/// All tests.
pub const TESTS: &[&str] = &[
    "string",
    "number",
    "map",
    "bool",
    "array",
    "integer",
    "float",
    "none",
    "iterable",
    "defined",
    "undefined",
    "odd",
    "even",
    "divisible_by",
    "starting_with",
    "ending_with",
    "containing",
    "matching",
    "before",
    "after",
];

/// Names of all filters.
pub fn names() -> Vec<String> {
    OF_TERA.iter().copied().chain(NAMES.iter().map(|(name, ..)| *name)).map(str::to_owned).collect()
}

/// Registers filters and tests.
pub fn register(tera: &mut Tera, shared: &Arc<Shared>) {
    let of_markdown = Arc::clone(shared);
    tera.register_filter("markdown", move |text: &str, arguments: Kwargs, _: &State<'_>| {
        markdown(&of_markdown, text, &arguments)
    });
    tera.register_filter("num_format", num_format);
    tera.register_filter("base64_encode", tera_contrib::base64::b64_encode);
    tera.register_filter("base64_decode", tera_contrib::base64::b64_decode);
    tera.register_filter("regex_replace", tera_contrib::regex::RegexReplace::default());
    tera.register_filter("striptags", tera_contrib::regex::striptags);
    tera.register_filter("spaceless", tera_contrib::regex::spaceless);
    tera.register_filter("urlencode", tera_contrib::urlencode::urlencode);
    tera.register_filter("urlencode_strict", tera_contrib::urlencode::urlencode_strict);
    tera.register_filter("json_encode", json_encode);
    tera.register_filter("filesizeformat", tera_contrib::filesize_format::filesize_format);
    tera.register_filter("format", tera_contrib::format::format);
    tera.register_filter("slugify", |text: &str, _: Kwargs, _: &State<'_>| {
        crate::base::text::slug(text, crate::base::text::SlugMode::On)
    });
    tera.register_filter("date", tera_contrib::dates::date);
    tera.register_filter("shuffle", shuffle);
    tera.register_test("matching", tera_contrib::regex::Matching::default());
    tera.register_test("before", tera_contrib::dates::is_before);
    tera.register_test("after", tera_contrib::dates::is_after);
}

fn markdown(shared: &Shared, text: &str, arguments: &Kwargs) -> TeraResult<Value> {
    let inline = arguments.get::<bool>("inline")?.unwrap_or(false);
    let options = crate::parse::parse_options(&shared.site.config, None);
    let source = Source::new("<markdown filter>", text);
    let (document, problems) = markdown::parse(&source, 0, &options);
    if let Some(problem) = problems.iter().find(|p| p.severity == crate::base::diagnostic::Severity::Error) {
        return Err(Error::message(problem.message.clone()));
    }
    let mut html = String::with_capacity(document.html.len());
    let mut last = 0;
    for hole in &document.holes {
        let at = hole.at as usize;
        html.push_str(&document.html[last..at]);
        last = at;
        if let HoleKind::Link(i) | HoleKind::LinkTitle(i) = hole.kind {
            html.push_str(
                &document.links.get(i as usize).map(|link| escaped(&link.target)).unwrap_or_default(),
            );
        }
    }
    html.push_str(&document.html[last..]);
    let html = html.trim();
    let html = match html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>")) {
        Some(inner) if inline && !inner.contains("<p>") => inner,
        _ => html,
    };
    Ok(Value::safe_string(html))
}

/// Group and decimal signs of a locale.
fn signs(locale: &str) -> (&'static str, &'static str) {
    match locale.split(['-', '_']).next().unwrap_or("") {
        "de" | "es" | "it" | "nl" | "pt" | "da" | "id" | "tr" | "el" | "ro" | "hr" | "sl" => (".", ","),
        "fr" | "cs" | "pl" | "ru" | "uk" | "sv" | "nb" | "nn" | "no" | "fi" | "hu" | "bg" | "sk" => {
            ("\u{202f}", ",")
        }
        _ => (",", "."),
    }
}

fn num_format(number: tera::Number, arguments: Kwargs, state: &State<'_>) -> TeraResult<String> {
    let locale = match arguments.get::<String>("locale")? {
        Some(locale) => locale,
        None => state.get::<String>("lang")?.unwrap_or_else(|| "en".to_owned()),
    };
    let (group, decimal) = signs(&locale);
    let text = number.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::from(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push_str(group);
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push_str(decimal);
        out.push_str(fraction);
    }
    Ok(out)
}

/// JSON in which no character can end a script element or a string literal.
fn json_encode(value: &Value, arguments: Kwargs, _: &State<'_>) -> TeraResult<String> {
    let pretty = arguments.get::<bool>("pretty")?.unwrap_or(false);
    let json = if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    let json = json.map_err(|error| Error::message(format!("not a JSON value: {error}")))?;
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    Ok(out)
}

fn shuffle(mut list: Vec<Value>, arguments: Kwargs, _: &State<'_>) -> TeraResult<Vec<Value>> {
    let mut x = arguments.get::<i64>("seed")?.unwrap_or(0).cast_unsigned() ^ 0x9E37_79B9_7F4A_7C15;
    for i in (1..list.len()).rev() {
        // Xorshift64.
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        let j = usize::try_from(x % (i as u64 + 1)).unwrap_or(0);
        list.swap(i, j);
    }
    Ok(list)
}
