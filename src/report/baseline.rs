//! Baseline: problems that are known, so that only new ones are told.
//!
//! In: problems, or the text of a baseline. Out: the text, or the problems that
//! it does not know. A problem is known by its code, file, message and the text
//! of the line it is at, not by the number of that line: what is written above
//! it does not make it new. Notes are not recorded, and our own failures never
//! are.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::fingerprint::Fingerprint;

/// Problems that are known, and how often each is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    known: BTreeMap<Key, usize>,
}

/// What a problem is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    path: String,
    code: String,
    message: String,
    excerpt: String,
}

impl Key {
    /// None for what is never recorded.
    fn of(problem: &Diagnostic) -> Option<Self> {
        if problem.severity == Severity::Note || problem.code == "internal-error" {
            return None;
        }
        let (path, excerpt) = match problem.labels.first() {
            Some(label) => {
                let line = label.source.line_column(label.span.start as usize).0;
                let text = label.source.slice(label.source.line_span(line)).trim();
                (label.source.path.clone(), Fingerprint::of(text.as_bytes()).hex())
            }
            None => (problem.path.clone().unwrap_or_default(), String::new()),
        };
        Some(Self { path, code: problem.code.to_owned(), message: problem.message.clone(), excerpt })
    }
}

impl Baseline {
    /// Of all that is wrong now.
    pub fn of(problems: &[Diagnostic]) -> Self {
        let mut known = BTreeMap::new();
        for key in super::sorted(problems).into_iter().filter_map(Key::of) {
            *known.entry(key).or_default() += 1;
        }
        Self { known }
    }

    /// How many problems there are.
    pub fn len(&self) -> usize {
        self.known.values().sum()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// As text: JSON in an order that makes changes easy to read.
    pub fn to_text(&self) -> String {
        let problems: Vec<Value> = self
            .known
            .iter()
            .map(|(key, count)| {
                let Key { path, code, message, excerpt } = key;
                json!({ "path": path, "code": code, "message": message, "excerpt": excerpt, "count": count })
            })
            .collect();
        format!("{:#}\n", json!({ "version": 1, "problems": problems }))
    }

    /// From text; an error says what is wrong with it.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if value["version"] != 1 {
            return Err("it is not a baseline of version 1".to_owned());
        }
        let problems = value["problems"].as_array().ok_or("it has no list of problems")?;
        let mut known = BTreeMap::new();
        for problem in problems {
            let field = |name: &str| {
                problem[name].as_str().map(str::to_owned).ok_or_else(|| format!("a problem has no `{name}`"))
            };
            let key = Key {
                path: field("path")?,
                code: field("code")?,
                message: field("message")?,
                excerpt: field("excerpt")?,
            };
            let count = problem["count"].as_u64().and_then(|count| usize::try_from(count).ok());
            *known.entry(key).or_default() += count.ok_or("a problem has no `count`")?;
        }
        Ok(Self { known })
    }

    /// The problems that are not known, and how many were.
    pub fn new_ones(&self, problems: &[Diagnostic]) -> (Vec<Diagnostic>, usize) {
        let mut left = self.known.clone();
        let before = super::Counts::of(problems);
        let all = super::sorted(problems).into_iter().cloned();
        let new: Vec<Diagnostic> = all
            .filter(|problem| match Key::of(problem).and_then(|key| left.get_mut(&key)) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    false
                }
                _ => true,
            })
            .collect();
        let after = super::Counts::of(&new);
        (new, before.errors + before.warnings - after.errors - after.warnings)
    }
}
