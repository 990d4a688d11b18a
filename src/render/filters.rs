//! Filters and tests of templates, with Zola's names.
//!
//! In: a value and arguments. Out: a value or an answer. Those of Tera itself
//! and of `tera-contrib` are registered under the names Zola gives them; the
//! others are here. Must not read anything but their arguments.
#![expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over by value")]

use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::scope;
use super::shared::Shared;
use crate::base::reads::Key;
use crate::base::source::Source;
use crate::base::text::escaped;
use crate::parse::inputs::NoInputs;
use crate::parse::markdown::{self, HoleKind};

/// Name, arguments, and what each filter gives, but for those of Tera itself.
pub const NAMES: &[(&str, &str, &str)] = &[
    ("markdown", "inline=false", "Markdown to HTML, with the site's options; links are left as written"),
    ("num_format", "locale?", "a number with its digits in groups: `1234567` → `1,234,567`"),
    ("base64_encode", "url_safe=false, padded=true", "text to base64"),
    ("base64_decode", "url_safe=false, padded=true", "base64 to text"),
    ("regex_replace", "pattern, rep", "every match replaced"),
    ("striptags", "", "HTML without its tags"),
    ("spaceless", "", "HTML without white space between tags"),
    ("urlencode", "", "percent-encoded, `/` kept"),
    ("urlencode_strict", "", "percent-encoded, `/` too"),
    ("json_encode", "pretty=false", "JSON that is safe inside a `<script>`; put `safe` behind it"),
    ("filesizeformat", "binary=true", "a number of bytes in words"),
    ("format", "spec", "as Rust's `format!`"),
    ("slugify", "", "a path segment"),
    (
        "date",
        "format?, timezone?, locale?",
        "a date in another form: `%d.%m.%Y`, or with a locale letters of Unicode's UTS 35, `d MMMM y`",
    ),
    ("readable", "on", "a colour `#rrggbb`, made darker or lighter until text in it can be read on another"),
    ("css_value", "", "a text that can stand as a value in CSS; an error if it could end it"),
    ("shuffle", "seed=0", "a list in another order, the same in every build"),
];

/// Filters that Tera brings: name, arguments, and what each gives.
pub const OF_TERA: &[(&str, &str, &str)] = &[
    ("safe", "", "HTML that is not escaped"),
    (
        "default",
        "value, boolean=false",
        "another value for a name that is not there; with `boolean`, also for none, false and empty values",
    ),
    ("upper", "", "upper case"),
    ("lower", "", "lower case"),
    ("wordcount", "", "number of words"),
    ("escape", "", "escaped for the kind of output"),
    ("escape_html", "", "escaped for HTML"),
    ("escape_xml", "", "escaped for XML"),
    ("newlines_to_br", "", "line ends as `<br>`"),
    ("pluralize", "singular=\"\", plural=\"s\"", "an ending for a number"),
    ("trim", "pat?", "without white space, or `pat`, at both ends"),
    ("trim_start", "pat?", "the same at the start"),
    ("trim_end", "pat?", "the same at the end"),
    ("replace", "from, to", "every occurrence replaced"),
    ("capitalize", "", "first letter upper case, the others lower case"),
    ("title", "", "first letter of each word upper case"),
    ("truncate", "length, end=\"…\"", "at most that many characters"),
    ("indent", "width=4, indentation?, first=false, blank=false", "every line indented"),
    ("str", "", "as text"),
    ("int", "base=10", "as a whole number"),
    ("float", "", "as a number"),
    ("length", "", "number of characters, entries or keys"),
    ("reverse", "", "backwards"),
    ("split", "pat", "a list of parts"),
    ("abs", "", "without its sign"),
    ("round", "method?, precision=0", "rounded; `method` may be `ceil` or `floor`"),
    ("first", "", "the first entry"),
    ("last", "", "the last entry"),
    ("nth", "n", "one entry, counted from 0"),
    ("join", "sep=\"\"", "one text from a list"),
    ("sort", "attribute?", "a list in order"),
    ("unique", "", "a list without repetitions"),
    ("get", "key, default?", "one value of a map"),
    ("values", "", "the values of a map"),
    ("keys", "", "the keys of a map"),
    ("pairs", "", "a list of `[key, value]`"),
    ("group_by", "attribute", "a map from each value of an attribute to its entries"),
];

/// All tests: name, arguments, and what passes.
pub const TESTS: &[(&str, &str, &str)] = &[
    ("string", "", "a text"),
    ("number", "", "a number"),
    ("map", "", "a map"),
    ("bool", "", "`true` or `false`"),
    ("array", "", "a list"),
    ("integer", "", "a whole number"),
    ("float", "", "a number with a fraction"),
    ("none", "", "there, but without a value"),
    ("iterable", "", "something `for` can go through"),
    ("defined", "", "there"),
    ("undefined", "", "not there"),
    ("odd", "", "an odd number"),
    ("even", "", "an even number"),
    ("divisible_by", "divisor", "a multiple of a number"),
    ("starting_with", "pat", "a text that starts so"),
    ("ending_with", "pat", "a text that ends so"),
    ("containing", "pat", "a text, list or map that holds it"),
    ("matching", "pat", "a text that a regular expression matches"),
    ("before", "other, inclusive=false", "an earlier date"),
    ("after", "other, inclusive=false", "a later date"),
];

/// Names of all filters.
pub fn names() -> Vec<String> {
    OF_TERA.iter().chain(NAMES).map(|(name, ..)| (*name).to_owned()).collect()
}

/// Registers filters and tests.
pub fn register(tera: &mut Tera) {
    tera.register_filter("markdown", |text: &str, arguments: Kwargs, _: &State<'_>| {
        let shared = scope::shared().ok_or_else(|| Error::message("called outside a render"))?;
        markdown(&shared, text, &arguments)
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
    tera.register_filter("readable", readable);
    tera.register_filter("css_value", css_value);
    tera.register_filter("shuffle", shuffle);
    tera.register_test("matching", tera_contrib::regex::Matching::default());
    tera.register_test("before", tera_contrib::dates::is_before);
    tera.register_test("after", tera_contrib::dates::is_after);
}

fn markdown(shared: &Shared, text: &str, arguments: &Kwargs) -> TeraResult<Value> {
    scope::note(Key::Config);
    let inline = arguments.get::<bool>("inline")?.unwrap_or(false);
    let options = crate::parse::parse_options(&shared.site.config, None, None);
    let source = Source::new("<markdown filter>", text);
    let (document, problems) = markdown::parse(&source, 0, &options, &NoInputs);
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

fn readable(color: &str, arguments: Kwargs, _: &State<'_>) -> TeraResult<String> {
    let ground: String = arguments.must_get("on")?;
    let found = crate::code::readable(color, &ground);
    found.ok_or_else(|| Error::message(format!("`{color}` or `{ground}` is no colour like `#00666f`")))
}

/// Fonts, lengths, functions; nothing that starts something else.
fn css_value(text: &str, _: Kwargs, _: &State<'_>) -> TeraResult<String> {
    let is_open = |open: char, close: char| text.matches(open).count() != text.matches(close).count();
    let ends = text.contains([';', '{', '}', '<', '>', '\\', '\n', '\r', '@']) || text.contains("/*");
    if ends || is_open('(', ')') || text.matches('"').count() % 2 == 1 || text.matches('\'').count() % 2 == 1
    {
        return Err(Error::message(format!("`{text}` is no value of CSS")));
    }
    Ok(text.to_owned())
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
