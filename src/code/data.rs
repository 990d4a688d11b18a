//! Data: whether JSON, TOML and YAML parse. Their colours come from grammars.
//!
//! In: a text and its format. Out: a verdict. Must not know fences.
//!
//! The ladder, for JSON: remarks, trailing commas and free keys; members
//! without their braces; several texts. For TOML: `...` on a line of its own.
//! For TOML and YAML: front matter, with what stands behind it. Data that is a
//! template for data is not looked at.

use serde::de::IgnoredAny;

use super::hints;
use super::javascript;
use super::verdict::{Finding, Judgement, Level, Reading, Reason, Verdict};

/// A format of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// `relaxed` for JSONC and JSON5.
    Json {
        relaxed: bool,
    },
    Toml,
    Yaml,
}

/// Judges a text.
pub(super) fn judge(text: &str, format: Format, level: Level) -> Judgement {
    let found = match format {
        Format::Json { relaxed } => json(text, relaxed, level),
        Format::Toml => toml(text, level).or_else(|error| front_matter(text, "+++", level, error)),
        Format::Yaml => yaml(text).or_else(|error| front_matter(text, "---", level, error)),
    };
    let Err(mut finding) = found else { return found.map_or_else(Judgement::broken, Judgement::from) };
    if ["{{", "{%", "<%", "${{"].iter().any(|sign| text.contains(sign)) {
        return Judgement::unchecked(Reason::Template);
    }
    hints::other_language(text, hints::Own::Data).unwrap_or_else(|| {
        finding.hints.extend(hints::pasted(text, &finding.place));
        Judgement::broken(finding)
    })
}

/// What stands between two lines with a mark at the start of a text.
fn front_matter(text: &str, mark: &str, level: Level, error: Finding) -> Result<Verdict, Finding> {
    let inner = text
        .strip_prefix(mark)
        .and_then(|rest| rest.strip_prefix('\n'))
        .and_then(|rest| rest.split_once(&format!("\n{mark}\n")));
    let Some((inner, _)) = inner.filter(|_| level != Level::Strict) else { return Err(error) };
    let found = if mark == "+++" { toml(inner, level) } else { yaml(inner) };
    let start = mark.len() + 1;
    found.map(|_| Verdict::OkAs(Reading::FrontMatter)).map_err(|finding| Finding {
        place: finding.place.start + start..finding.place.end + start,
        ..finding
    })
}

fn json(text: &str, relaxed: bool, level: Level) -> Result<Verdict, Finding> {
    let Err(error) = serde_json::from_str::<IgnoredAny>(text) else { return Ok(Verdict::Ok) };
    if error.to_string().starts_with("recursion limit") {
        return Ok(Verdict::Unchecked(Reason::TooDeep));
    }
    if relaxed && javascript::is_expression(text) {
        return Ok(Verdict::Ok);
    }
    if level != Level::Strict {
        let body = text.trim().trim_end_matches(',');
        if javascript::is_expression(body) {
            return Ok(Verdict::OkAs(Reading::Relaxed));
        }
        if javascript::is_expression(&format!("{{{body}\n}}"))
            || javascript::is_expression(&format!("[{body}\n]"))
        {
            return Ok(Verdict::OkAs(Reading::Members));
        }
        let masked = text.replace("...", " ").replace('…', " ");
        if masked.len() < text.len()
            && [masked.clone(), comma_free(&masked), format!("{{{masked}\n}}")]
                .iter()
                .any(|masked| javascript::is_expression(masked))
        {
            return Ok(Verdict::OkAs(Reading::Placeholder));
        }
        let mut several = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>().peekable();
        if several.peek().is_some() && several.all(|text| text.is_ok()) {
            return Ok(Verdict::OkAs(Reading::Several));
        }
    }
    let line_start = line_start(text, error.line());
    let at = line_start + error.column().saturating_sub(1);
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    Err(finding(text, message, at..at + 1))
}

/// The text without commas that nothing stands between: what is left where
/// `...` was.
fn comma_free(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == ',' && out.trim_end().ends_with([',', '{', '[']) {
            continue;
        }
        out.push(c);
    }
    out
}

fn toml(text: &str, level: Level) -> Result<Verdict, Finding> {
    let Err(error) = toml::de::DeTable::parse(text) else { return Ok(Verdict::Ok) };
    let without = |signs: [&str; 2]| {
        let masked: String = text
            .split_inclusive('\n')
            .map(|line| if signs.contains(&line.trim()) { "\n" } else { line })
            .collect();
        masked != text && toml::de::DeTable::parse(&masked).is_ok()
    };
    if level != Level::Strict && without(["...", "…"]) {
        return Ok(Verdict::OkAs(Reading::Placeholder));
    }
    Err(finding(text, error.message(), error.span().unwrap_or(0..text.len())))
}

fn yaml(text: &str) -> Result<Verdict, Finding> {
    for event in granit_parser::Parser::new_from_str(text) {
        if let Err(error) = event {
            let at = error.marker().byte_offset().unwrap_or(0);
            return Err(finding(text, &error.info(), at..at + 1));
        }
    }
    Ok(Verdict::Ok)
}

fn finding(text: &str, message: &str, place: std::ops::Range<usize>) -> Finding {
    Finding { message: hints::phrase(message), place: hints::visible(text, place), ..Finding::default() }
}

/// Where a line starts, counted from 1.
fn line_start(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum()
}
