//! Compare: what is compared, by what, and what is known about it.
//!
//! In: the tables of `criteria.toml`, of front matter and of data files. Out:
//! typed criteria, subjects' facts, comparisons and tasks, tables of them with
//! a winner in each row, and problems at their places. Pure. Must not know
//! pages, addresses or how anything is drawn.
//!
//! The files, in the order they build on one another: `unit` and `words`;
//! `criterion` (the questions), `value` (an answer of the right type), `fact`
//! (an answer with its source); `subject`, `article` and `task` (what front
//! matter says); `data` (facts from files); `table` (rows, winners, ties).

pub mod article;
pub mod criterion;
pub mod data;
pub mod fact;
pub mod keys;
pub mod subject;
pub mod table;
pub mod task;
pub mod unit;
pub mod value;
pub mod words;

use std::sync::Arc;

use crate::base::diagnostic::Diagnostic;
use crate::base::source::{Source, Span};

/// Where something stands. Two places are equal when they are the same bytes of
/// the same file, whatever stands in the rest of it.
#[derive(Debug, Clone)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// Bytes of it.
    pub span: Span,
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.source.path == other.source.path && self.span == other.span
    }
}

impl Place {
    /// A place in a text.
    pub fn new(source: &Arc<Source>, span: Span) -> Self {
        Self { source: Arc::clone(source), span }
    }

    /// The problem, at this place.
    pub fn mark(&self, problem: Diagnostic) -> Diagnostic {
        problem.at(&self.source, self.span)
    }
}

/// Whether a text can be an id: `a`–`z`, digits, `-` and `_`, and it starts
/// with a letter or digit.
pub fn is_id(text: &str) -> bool {
    text.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
}
