//! Facts: an answer with what makes it one: source, date, version.
//!
//! In: the value of a key in `[facts]`, or a cell of a data file. Out: a
//! [`Fact`] and problems. Must not know which subject it is about.

use std::sync::Arc;

use super::criterion::{Criterion, Kind, number};
use super::value::{self, Support, Value};
use super::words::Words;
use super::{Place, keys};
use crate::base::date::DateTime;
use crate::base::diagnostic::Diagnostic;
use crate::base::keys as schema;
use crate::base::source::Source;
use crate::base::table::{self, Entry, Table};

/// One fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// What is known.
    pub answer: Answer,
    /// First version it holds for.
    pub since: Option<String>,
    /// Last version it holds for.
    pub until: Option<String>,
    /// Version it was found out with.
    pub version: Option<String>,
    /// Where it is written.
    pub sources: Vec<String>,
    /// When it was checked.
    pub verified: Option<DateTime>,
    /// What has to be added: a line of Markdown.
    pub note: Option<String>,
    /// Who says so.
    pub by: Option<String>,
    /// How it was measured.
    pub method: Option<String>,
    /// Why.
    pub because: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// What is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// That.
    Value(Value),
    /// Nobody has found out.
    Unknown,
    /// The question makes no sense here.
    NotApplicable,
}

/// What holds for a fact that does not say otherwise.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// When it was checked.
    pub verified: Option<DateTime>,
    /// Where it is written.
    pub source: Option<String>,
}

impl Fact {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&Value> {
        if let Answer::Value(value) = &self.answer { Some(value) } else { None }
    }

    /// What it is, for colours and filters; see [`Value::state`].
    pub fn state(&self) -> &'static str {
        match &self.answer {
            Answer::Value(value) => value.state(),
            Answer::Unknown => "unknown",
            Answer::NotApplicable => "na",
        }
    }

    /// The whole answer in words: `Yes, since 3.1`.
    pub fn words(&self, criterion: &Criterion, words: &Words) -> String {
        let mut out = match &self.answer {
            Answer::Value(value) => value.words(criterion, words),
            Answer::Unknown => words.get("unknown").into_owned(),
            Answer::NotApplicable => words.get("na").into_owned(),
        };
        for (name, version) in [("since", &self.since), ("until", &self.until)] {
            if let Some(version) = version {
                out.push_str(", ");
                out.push_str(&words.with(name, &[version]));
            }
        }
        out
    }
}

/// Reads one entry of `[facts]`.
pub fn read(
    source: &Arc<Source>,
    entry: &Entry,
    criterion: &Criterion,
    defaults: &Defaults,
    problems: &mut Vec<Diagnostic>,
) -> Option<Fact> {
    let empty = Table::default();
    let table = match &entry.node.value {
        table::Value::Table(table) => table,
        _ => &empty,
    };
    problems.extend(schema::check(source, table, &keys::FACT));
    let node = match &entry.node.value {
        table::Value::Table(table) => match table.entry("value") {
            Some(value) => &value.node,
            None => {
                let problem =
                    Diagnostic::error("missing-key", format!("the fact `{}` has no `value`", entry.key));
                let problem = problem.at(source, entry.node.span);
                problems.push(problem.hint("for what nobody has found out write `value = \"unknown\"`"));
                return None;
            }
        },
        _ => &entry.node,
    };
    let place = Place::new(source, entry.key_span);
    let given = Given { table, defaults, lenient: false };
    let (fact, wrong) = given.fact(criterion, &node.value, place);
    problems.extend(wrong.into_iter().map(|problem| problem.at(source, node.span)));
    fact
}

/// What is said about a fact beside its value.
pub(super) struct Given<'a> {
    pub(super) table: &'a Table,
    pub(super) defaults: &'a Defaults,
    pub(super) lenient: bool,
}

impl Given<'_> {
    /// The fact, if its value can be read, and what is wrong with it.
    pub(super) fn fact(
        &self,
        criterion: &Criterion,
        value: &table::Value,
        place: Place,
    ) -> (Option<Fact>, Vec<value::Wrong>) {
        let table = self.table;
        let unit = table.text("unit");
        let of = table.get("of").and_then(number);
        let answer = match value.as_text().map(str::trim) {
            Some("unknown") => Answer::Unknown,
            Some("na") => Answer::NotApplicable,
            _ => match value::read(criterion, value, unit.as_deref(), of, self.lenient) {
                Ok(value) => Answer::Value(value),
                Err(wrong) => return (None, vec![wrong]),
            },
        };
        let date = |key: &str| match table.get(key)? {
            table::Value::Date(text) | table::Value::Text(text) => DateTime::parse(text).ok(),
            _ => None,
        };
        let mut sources = match table.get("source") {
            Some(table::Value::Text(text)) => vec![text.clone()],
            Some(value) => value.texts().unwrap_or_default(),
            None => Vec::new(),
        };
        if sources.is_empty() {
            sources.extend(self.defaults.source.clone());
        }
        let fact = Fact {
            answer,
            since: table.text("since"),
            until: table.text("until"),
            version: table.text("version"),
            sources,
            verified: date("verified").or_else(|| self.defaults.verified.clone()),
            note: table.text("note"),
            by: table.text("by"),
            method: table.text("method"),
            because: table.text("because"),
            place,
        };
        let wrong = lacking(criterion, &fact);
        (Some(fact), wrong)
    }
}

/// Whether a fact has to say where it is written: an address is its own source,
/// code its own proof, and an opinion has an owner.
pub fn needs_source(criterion: &Criterion, fact: &Fact) -> bool {
    !matches!(criterion.kind, Kind::Url | Kind::Snippet) && fact.by.is_none()
}

/// What a fact needs and does not have.
fn lacking(criterion: &Criterion, fact: &Fact) -> Vec<value::Wrong> {
    let mut wrong = Vec::new();
    let Answer::Value(value) = &fact.answer else { return wrong };
    if criterion.source_required && needs_source(criterion, fact) && fact.sources.is_empty() {
        let message = format!("the fact `{}` has no source", criterion.id);
        wrong.push(value::wrong(
            Diagnostic::error("missing-source", message),
            Some("say where it is written: `source = \"https://…\"`".to_owned()),
        ));
    }
    for source in &fact.sources {
        if !source.starts_with("https://") && !source.starts_with("http://") {
            let message = format!("the source `{source}` is no address");
            wrong.push(value::wrong(
                Diagnostic::error("bad-value", message),
                Some("a source starts with `https://`".to_owned()),
            ));
        }
    }
    if *value == Value::Support(Support::Partial) && fact.note.is_none() {
        let message = format!("`{}` is there in part, but not said in which", criterion.id);
        wrong.push(value::wrong(
            Diagnostic::error("missing-key", message),
            Some("say what is there and what is not in `note`".to_owned()),
        ));
    }
    if criterion.kind == Kind::Rating && fact.because.is_none() {
        let message = format!("the rating `{}` has no reason", criterion.id);
        wrong.push(value::wrong(
            Diagnostic::error("missing-key", message),
            Some("say why in `because`".to_owned()),
        ));
    }
    let ends_before = match (&fact.since, &fact.until) {
        (Some(since), Some(until)) => {
            Value::Version(since.clone()).order(&Value::Version(until.clone()))
                == Some(std::cmp::Ordering::Greater)
        }
        _ => false,
    };
    if ends_before {
        let message = format!("`{}` holds until a version before the one it holds since", criterion.id);
        wrong.push(value::wrong(Diagnostic::error("bad-value", message), None));
    }
    wrong
}
