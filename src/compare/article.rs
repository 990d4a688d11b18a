//! Articles: what the front matter of a comparison says.
//!
//! In: `compare`, `criteria`, `verified`, `[[verdict]]` and `[sides]`. Out:
//! [`Article`], names not looked up yet. Must not know which subjects there are.

use std::sync::Arc;

use super::Place;
use super::subject::date;
use crate::base::date::DateTime;
use crate::base::source::{Source, Span};
use crate::base::table::{Table, Value};

/// A comparison's front matter.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// Names of its subjects, in its order.
    pub subjects: Vec<(String, Place)>,
    /// Names of criteria and groups; empty for all.
    pub criteria: Vec<(String, Place)>,
    /// When it was last checked.
    pub verified: Option<DateTime>,
    /// In its order.
    pub verdicts: Vec<Verdict>,
    /// What it says about its subjects, by their names.
    pub sides: Vec<Side>,
    /// Where `compare` stands.
    pub place: Place,
}

/// When to pick which, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The case: a line of Markdown.
    pub when: String,
    /// Names of subjects; empty for any.
    pub pick: Vec<(String, Place)>,
    /// Nothing is said about who to pick.
    pub lacks_pick: bool,
    /// Why: a line of Markdown.
    pub because: String,
    /// Where it stands.
    pub place: Place,
}

/// A table of `[sides]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// Name of the subject.
    pub subject: (String, Place),
    /// Version the article was written for.
    pub version: Option<String>,
    /// What speaks for it; lines of Markdown.
    pub pros: Option<Vec<String>>,
    /// What speaks against it.
    pub cons: Option<Vec<String>>,
}

/// Reads the front matter of a comparison; `compare` stands at `span`.
pub fn read(source: &Arc<Source>, table: &Table, span: Span) -> Article {
    let verdicts = match table.get("verdict") {
        Some(Value::List(items)) => items
            .iter()
            .filter_map(|node| Some((node.value.as_table()?, node.span)))
            .map(|(verdict, span)| Verdict {
                when: verdict.text("when").unwrap_or_default(),
                pick: names(source, verdict, "pick")
                    .into_iter()
                    .filter(|(name, _)| name != "either")
                    .collect(),
                lacks_pick: names(source, verdict, "pick").iter().all(|(name, _)| name.trim().is_empty()),
                because: verdict.text("because").unwrap_or_default(),
                place: Place::new(source, span),
            })
            .collect(),
        _ => Vec::new(),
    };
    let sides = table.table("sides").into_iter().flat_map(|sides| &sides.entries).filter_map(|entry| {
        let side = entry.node.value.as_table()?;
        Some(Side {
            subject: (entry.key.clone(), Place::new(source, entry.key_span)),
            version: side.text("version"),
            pros: side.texts("pros"),
            cons: side.texts("cons"),
        })
    });
    Article {
        subjects: names(source, table, "compare"),
        criteria: names(source, table, "criteria"),
        verified: date(table.get("verified")),
        verdicts,
        sides: sides.collect(),
        place: Place::new(source, span),
    }
}

/// The texts of a key, a single one included, each with its place.
fn names(source: &Arc<Source>, table: &Table, key: &str) -> Vec<(String, Place)> {
    let Some(entry) = table.entry(key) else { return Vec::new() };
    match &entry.node.value {
        Value::Text(text) => vec![(text.clone(), Place::new(source, entry.node.span))],
        Value::List(items) => items
            .iter()
            .filter_map(|node| Some((node.value.as_text()?.to_owned(), Place::new(source, node.span))))
            .collect(),
        _ => Vec::new(),
    }
}
