//! Values: an answer of the type its criterion asks for.
//!
//! In: a value as written and the criterion. Out: a typed [`Value`], or what is
//! wrong with it; its words, and its place among others. Must not know sources
//! or dates of facts.

use std::cmp::Ordering;

use super::criterion::{Criterion, Kind, NumberFormat, number};
use super::unit;
use super::words::Words;
use crate::base::date::{DateTime, shortened};
use crate::base::diagnostic::Diagnostic;
use crate::base::table;
use crate::base::text::nearest;

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Of a `bool`.
    Bool(bool),
    /// Of a `support`.
    Support(Support),
    /// Of a `number`, in the criterion's unit; of `money`, in its own.
    Number {
        /// How much.
        amount: f64,
        /// Of what.
        unit: Option<String>,
    },
    /// Of a `rating`.
    Rating {
        /// The mark.
        mark: f64,
        /// Top of the scale.
        of: f64,
    },
    /// Of a `version` or a `range`, as written.
    Version(String),
    /// Of a `date`.
    Date(DateTime),
    /// Of an `enum` (one) or a `set`: indices of values, in their order.
    Choices(Vec<usize>),
    /// Of a `text`: a line of Markdown.
    Text(String),
    /// Of a `url`.
    Url(String),
    /// Of a `snippet`: the id of a task.
    Task(String),
}

/// How far something is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Support {
    /// Not at all.
    No,
    /// Not any more.
    Removed,
    /// Not yet.
    Planned,
    /// By something one adds.
    Plugin,
    /// In part.
    Partial,
    /// Wholly.
    Yes,
}

impl Support {
    const NAMES: [(&'static str, Self); 6] = [
        ("yes", Self::Yes),
        ("no", Self::No),
        ("partial", Self::Partial),
        ("planned", Self::Planned),
        ("removed", Self::Removed),
        ("plugin", Self::Plugin),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, support)| *support == self).map_or("", |(name, _)| name)
    }
}

/// What is wrong with a value; its place is not known here.
pub type Wrong = Box<Diagnostic>;

/// A problem without a place.
pub(super) fn wrong(problem: Diagnostic, hint: Option<String>) -> Wrong {
    Box::new(hint.into_iter().fold(problem, Diagnostic::hint))
}

/// Longest `text`.
const LONGEST: usize = 160;

/// Reads the answer of a criterion. From a data file (`lenient`), numbers,
/// dates and yes and no may be texts.
pub fn read(
    criterion: &Criterion,
    value: &table::Value,
    given_unit: Option<&str>,
    of: Option<f64>,
    lenient: bool,
) -> Result<Value, Wrong> {
    let wrong = |expected: &str| wrong_type(criterion, value, expected);
    let as_text = || value.as_text().map(str::trim);
    let amount = || match (number(value), as_text()) {
        (Some(amount), _) => Some(amount),
        (None, Some(text)) if lenient => text.replace('_', "").parse().ok().filter(|n: &f64| n.is_finite()),
        _ => None,
    };
    Ok(match criterion.kind {
        Kind::Bool => Value::Bool(match (value, as_text()) {
            (table::Value::Bool(value), _) => *value,
            (_, Some("true" | "yes" | "1" | "True")) if lenient => true,
            (_, Some("false" | "no" | "0" | "False")) if lenient => false,
            _ => return Err(wrong("`true` or `false`")),
        }),
        Kind::Support => Value::Support(support(criterion, value).ok_or_else(|| {
            let names: Vec<&str> = Support::NAMES.iter().map(|(name, _)| *name).collect();
            let problem = *wrong(&list(&names));
            Box::new(match as_text() {
                Some(text) => problem.nearest(text, names.iter().copied()),
                None => problem,
            })
        })?),
        Kind::Number => {
            let amount = amount().ok_or_else(|| wrong("a number"))?;
            Value::Number {
                amount: in_range(criterion, finite(converted(criterion, amount, given_unit)?)?)?,
                unit: criterion.unit.clone(),
            }
        }
        Kind::Money => {
            let amount = amount().ok_or_else(|| wrong("a number"))?;
            let unit = given_unit.map(str::to_owned).or_else(|| criterion.unit.clone());
            Value::Number { amount: in_range(criterion, amount)?, unit }
        }
        Kind::Rating => {
            let of = of.unwrap_or(criterion.of);
            let mark = amount().ok_or_else(|| wrong("a number"))?;
            if !(0.0..=of).contains(&mark) {
                let message = format!("{} is not on the scale of 0 to {}", plain(mark), plain(of));
                return Err(self::wrong(
                    Diagnostic::error("bad-value", message),
                    Some("the top of the scale is `of`".to_owned()),
                ));
            }
            Value::Rating { mark, of }
        }
        Kind::Version | Kind::Range => match as_text() {
            Some(text) if text.bytes().any(|b| b.is_ascii_digit()) => Value::Version(text.to_owned()),
            Some(_) => return Err(wrong("a version, which has a digit")),
            None => return Err(wrong("a version as text")),
        },
        Kind::Date => {
            let (table::Value::Date(text) | table::Value::Text(text)) = value else {
                return Err(wrong("a date"));
            };
            Value::Date(DateTime::parse(text.trim()).map_err(|reason| {
                let message = format!("`{}` is no date: {reason}", shortened(text));
                self::wrong(
                    Diagnostic::error("bad-date", message),
                    Some("write it as `2026-08-01`".to_owned()),
                )
            })?)
        }
        Kind::Enum => {
            let text = as_text().ok_or_else(|| wrong("one of its values as text"))?;
            Value::Choices(vec![choice(criterion, text)?])
        }
        Kind::Set => {
            let names: Vec<String> = match (value, as_text()) {
                (table::Value::List(_), _) => value.texts().unwrap_or_default(),
                (_, Some(text)) if lenient => text
                    .split([',', ';', '|'])
                    .map(|name| name.trim().to_owned())
                    .filter(|name| !name.is_empty())
                    .collect(),
                (_, Some(text)) => vec![text.to_owned()],
                _ => return Err(wrong("a list of its values")),
            };
            let mut choices =
                names.iter().map(|name| choice(criterion, name)).collect::<Result<Vec<_>, _>>()?;
            choices.sort_unstable();
            choices.dedup();
            Value::Choices(choices)
        }
        Kind::Text => {
            let text = as_text().ok_or_else(|| wrong("text"))?;
            let length = text.chars().count();
            if length > LONGEST || text.contains('\n') {
                let message =
                    format!("this has {length} signs; a text in a table has one line of at most {LONGEST}");
                let hint = "put the rest into `note`, or into the page".to_owned();
                return Err(self::wrong(Diagnostic::error("bad-value", message), Some(hint)));
            }
            Value::Text(text.to_owned())
        }
        Kind::Url => match as_text() {
            Some(text) if text.starts_with("https://") || text.starts_with("http://") => {
                Value::Url(text.to_owned())
            }
            _ => return Err(wrong("an address with `https://`")),
        },
        Kind::Snippet => Value::Task(as_text().ok_or_else(|| wrong("the id of a task"))?.to_owned()),
    })
}

fn wrong_type(criterion: &Criterion, value: &table::Value, expected: &str) -> Wrong {
    let found = match value.as_text() {
        Some(text) => format!("`{}`", shortened(text)),
        None => value.kind().to_owned(),
    };
    let message = format!("`{}` is {expected}, found {found}", criterion.id);
    let hint = match (criterion.kind, value) {
        (Kind::Version | Kind::Range, table::Value::Float(_) | table::Value::Integer(_)) => {
            Some("put it into quotes: as a number, 5.10 would be 5.1".to_owned())
        }
        (Kind::Number | Kind::Rating | Kind::Money, table::Value::Text(text))
            if text.parse::<f64>().is_ok() =>
        {
            Some(format!("write it without quotes: `{text}`"))
        }
        (Kind::Number, table::Value::Text(_)) => {
            Some("a unit stands apart: `{ value = 4200, unit = \"req/s\" }`".to_owned())
        }
        (Kind::Bool, table::Value::Text(_)) => {
            Some("where it is more than yes or no, the criterion's type is `support`".to_owned())
        }
        _ => None,
    };
    self::wrong(Diagnostic::error("wrong-type", message), hint)
}

fn support(criterion: &Criterion, value: &table::Value) -> Option<Support> {
    debug_assert_eq!(criterion.kind, Kind::Support);
    match value {
        table::Value::Bool(true) => Some(Support::Yes),
        table::Value::Bool(false) => Some(Support::No),
        _ => {
            let text = value.as_text()?.trim();
            Support::NAMES.iter().find(|(name, _)| *name == text).map(|(_, support)| *support)
        }
    }
}

fn choice(criterion: &Criterion, name: &str) -> Result<usize, Wrong> {
    criterion.values.iter().position(|(id, _)| id == name).ok_or_else(|| {
        let ids: Vec<&str> = criterion.values.iter().map(|(id, _)| id.as_str()).collect();
        let message = format!("`{}` is none of the values of `{}`", shortened(name), criterion.id);
        let hint = match nearest(name, ids.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it can be {}", list(&ids)),
        };
        self::wrong(Diagnostic::error("bad-value", message), Some(hint))
    })
}

/// A number in the criterion's unit.
fn converted(criterion: &Criterion, amount: f64, given: Option<&str>) -> Result<f64, Wrong> {
    let (Some(from), Some(to)) = (given, criterion.unit.as_deref()) else {
        return match given {
            Some(unit) => {
                let message = format!("`{}` has no unit, so its facts cannot be in `{unit}`", criterion.id);
                Err(self::wrong(
                    Diagnostic::error("unknown-unit", message),
                    Some("give the criterion a `unit`".to_owned()),
                ))
            }
            None => Ok(amount),
        };
    };
    unit::factor(from, to).map(|factor| amount * factor).ok_or_else(|| {
        let like = unit::like(to);
        let message = format!("`{from}` cannot be turned into `{to}`, the unit of `{}`", criterion.id);
        let hint = match nearest(from, like.iter().copied()) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None if like.is_empty() => Some(format!("write it in `{to}`")),
            None => Some(format!("it can be {}", list(&like))),
        };
        self::wrong(Diagnostic::error("unknown-unit", message), hint)
    })
}

fn finite(amount: f64) -> Result<f64, Wrong> {
    if amount.is_finite() {
        return Ok(amount);
    }
    let message = "in the criterion's unit this number is too large";
    Err(wrong(Diagnostic::error("bad-value", message), None))
}

fn in_range(criterion: &Criterion, amount: f64) -> Result<f64, Wrong> {
    let bad = |which: &str, bound: f64| {
        let message =
            format!("{} is {which} than {}, the bound of `{}`", plain(amount), plain(bound), criterion.id);
        Err(self::wrong(
            Diagnostic::error("bad-value", message),
            Some("the bounds are `min` and `max` of the criterion".to_owned()),
        ))
    };
    match (criterion.min, criterion.max) {
        (Some(min), _) if amount < min => bad("less", min),
        (_, Some(max)) if amount > max => bad("more", max),
        _ => Ok(amount),
    }
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "none".to_owned(),
    }
}

impl Value {
    /// The answer in words, without unit conversions: `Yes`, `4,200 req/s`.
    pub fn words(&self, criterion: &Criterion, words: &Words) -> String {
        match self {
            Self::Bool(value) => words.get(if *value { "yes" } else { "no" }).into_owned(),
            Self::Support(support) => words.get(support.name()).into_owned(),
            Self::Number { amount, unit } => {
                let number = formatted(*amount, criterion.format);
                match unit {
                    Some(unit) if unit == "%" => format!("{number} %"),
                    Some(unit) => format!("{number} {unit}"),
                    None => number,
                }
            }
            Self::Rating { mark, of } => words.with("rating", &[&plain(*mark), &plain(*of)]),
            Self::Date(date) => date.text.clone(),
            Self::Choices(choices) => {
                let titles: Vec<&str> = choices
                    .iter()
                    .filter_map(|i| criterion.values.get(*i).map(|(_, title)| title.as_str()))
                    .collect();
                titles.join(", ")
            }
            Self::Version(text) | Self::Text(text) | Self::Url(text) | Self::Task(text) => text.clone(),
        }
    }

    /// What it is, for colours and filters: `yes`, `no`, `partial` …, `value`.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Bool(true) => "yes",
            Self::Bool(false) => "no",
            Self::Support(support) => support.name(),
            _ => "value",
        }
    }

    /// The order of two answers to one question; `None` when they have none.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Support(a), Self::Support(b)) => Some(a.cmp(b)),
            (Self::Number { amount: a, unit: of_a }, Self::Number { amount: b, unit: of_b }) => {
                if of_a == of_b { a.partial_cmp(b) } else { None }
            }
            (Self::Rating { mark: a, of: of_a }, Self::Rating { mark: b, of: of_b }) => {
                (a / of_a).partial_cmp(&(b / of_b))
            }
            (Self::Version(a), Self::Version(b)) => Some(version(a).cmp(&version(b))),
            (Self::Date(a), Self::Date(b)) => Some(a.timestamp.cmp(&b.timestamp)),
            (Self::Choices(a), Self::Choices(b)) => match (a.as_slice(), b.as_slice()) {
                ([a], [b]) => Some(a.cmp(b)),
                _ => None,
            },
            _ => None,
        }
    }

    /// A value to sort a table's rows or columns by.
    pub fn sort_key(&self) -> String {
        match self {
            Self::Bool(value) => u8::from(*value).to_string(),
            Self::Support(support) => (*support as u8).to_string(),
            Self::Number { amount, .. } => plain(*amount),
            Self::Rating { mark, of } => plain(mark / of),
            Self::Version(text) => version(text)
                .iter()
                .map(|part| match part {
                    Part::Before(word) => format!("a{word}"),
                    Part::End => "b".to_owned(),
                    Part::Number(number) => format!("d{number:06}"),
                    Part::After(word) => format!("c{word}"),
                })
                .collect::<Vec<_>>()
                .join("."),
            Self::Date(date) => date.text.clone(),
            Self::Choices(choices) => choices.iter().map(|i| format!("{i:03}")).collect::<Vec<_>>().join(" "),
            Self::Text(text) | Self::Url(text) | Self::Task(text) => text.to_lowercase(),
        }
    }

    /// As JSON, in the criterion's unit.
    pub fn to_json(&self, criterion: &Criterion) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Bool(value) => Json::from(*value),
            Self::Support(support) => Json::from(support.name()),
            Self::Number { amount, .. } => json_number(*amount),
            Self::Rating { mark, .. } => json_number(*mark),
            Self::Date(date) => Json::from(date.text.as_str()),
            Self::Choices(choices) => {
                let mut ids = choices
                    .iter()
                    .filter_map(|i| criterion.values.get(*i).map(|(id, _)| Json::from(id.as_str())));
                if criterion.kind == Kind::Set { ids.collect() } else { ids.next().unwrap_or(Json::Null) }
            }
            Self::Version(text) | Self::Text(text) | Self::Url(text) | Self::Task(text) => {
                Json::from(text.as_str())
            }
        }
    }
}

/// A number of JSON, a whole one without a point.
#[expect(clippy::cast_possible_truncation, reason = "it is a whole number in range")]
pub fn json_number(number: f64) -> serde_json::Value {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        serde_json::Value::from(number as i64)
    } else {
        serde_json::Value::from(number)
    }
}

/// A part of a version: `rc` and `beta` come before the version itself, and
/// what is added to it (`post1`, `.1`) after it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Before(String),
    End,
    After(String),
    Number(u64),
}

/// The parts of a version, for ordering; what stands behind `+` says nothing.
fn version(text: &str) -> Vec<Part> {
    let text = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let text = text.split('+').next().unwrap_or(text).to_ascii_lowercase();
    let mut parts = Vec::new();
    for run in text.split(['.', '-', '_', ' ']) {
        let mut rest = run;
        while let Some(first) = rest.chars().next() {
            let is_number = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(rest.len());
            let part = &rest[..end];
            rest = &rest[end..];
            parts.push(match part.parse() {
                Ok(number) => Part::Number(number),
                Err(_) if is_number => Part::Number(u64::MAX),
                Err(_) if matches!(part, "post" | "p" | "patch" | "sp" | "lts" | "final") => {
                    Part::After(part.to_owned())
                }
                Err(_) => Part::Before(part.to_owned()),
            });
        }
    }
    // `5.0rc1` is `5rc1`, and `5.0` is `5`.
    let mut trimmed: Vec<Part> = Vec::with_capacity(parts.len() + 1);
    let mut parts = parts.into_iter().peekable();
    while let Some(part) = parts.next() {
        let is_last_number = !matches!(parts.peek(), Some(Part::Number(_)));
        trimmed.push(part);
        while is_last_number && trimmed.len() > 1 && trimmed.last() == Some(&Part::Number(0)) {
            trimmed.pop();
        }
    }
    trimmed.push(Part::End);
    trimmed
}

/// A number, with at most three decimals.
pub fn plain(number: f64) -> String {
    let rounded = (number * 1000.0).round() / 1000.0;
    // No minus before a zero.
    if rounded == 0.0 && number != 0.0 { format!("{number:.3e}") } else { format!("{}", rounded + 0.0) }
}

fn formatted(number: f64, format: NumberFormat) -> String {
    match format {
        NumberFormat::Plain => plain(number),
        NumberFormat::Grouped => grouped(&plain(number)),
        NumberFormat::Si => {
            let steps = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
            match steps.iter().find(|(step, _)| number.abs() >= *step) {
                Some((step, sign)) => format!("{}\u{a0}{sign}", plain((number / step * 10.0).round() / 10.0)),
                None => plain(number),
            }
        }
    }
}

/// `12345.6` as `12,345.6`.
fn grouped(number: &str) -> String {
    if number.contains('e') {
        return number.to_owned();
    }
    let (whole, rest) = number.find('.').map_or((number, ""), |at| number.split_at(at));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut out = String::from(sign);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_readers() {
        assert_eq!(formatted(1_234_567.891, NumberFormat::Grouped), "1,234,567.891");
        assert_eq!(formatted(-1234.0, NumberFormat::Grouped), "-1,234");
        assert_eq!(formatted(12_300.0, NumberFormat::Si), "12.3\u{a0}k");
        assert_eq!(formatted(0.1 + 0.2, NumberFormat::Plain), "0.3");
        assert_eq!(formatted(0.0, NumberFormat::Grouped), "0");
    }

    #[test]
    fn versions_have_an_order() {
        let before = |a: &str, b: &str| version(a) < version(b);
        assert!(before("5.9", "5.10"));
        assert!(before("5.0rc1", "5.0.1"));
        assert!(before("1.0-beta", "1.0.1"));
        assert_eq!(version("5.0"), version("5"));
        assert!(before("5.0rc1", "5.0") && before("5.0rc1", "5"));
        assert!(before("5.0.0-rc.1", "5.0.0-rc.2") && before("5.0a2", "5.0b1"));
        assert!(before("1.2-beta", "1.2") && before("1.1", "1.2-beta"));
        assert!(before("1.2", "1.2.post1") && before("1.2.post1", "1.2.1"));
        assert!(before("0.9", "1.0") && before("2026-01", "2026-10"));
        assert_eq!(version("1.2.3+build7"), version("1.2.3"));
        assert_eq!(version("v1.2"), version("1.2.0"));
        assert!(before("v18", "v20.1"));
    }
}
