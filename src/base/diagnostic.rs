//! Problems as data.
//!
//! In: what a stage found. Out: plain values that `report` turns into terminal
//! text, one-line text, JSON, SARIF or HTML. Must not print anything and must
//! not know how a problem is laid out.
//!
//! Wording: the message starts lower-case and has no full stop; user text goes
//! into backticks; advice goes into a hint; codes are kebab-case and stable.

use std::sync::Arc;

use super::source::{Source, Span};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; never stops anything.
    Note,
    /// The site is published, but something is probably not as meant.
    Warning,
    /// The build publishes nothing.
    Error,
}

impl Severity {
    /// `note`, `warning` or `error`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The text the span is in.
    pub source: Arc<Source>,
    /// Bytes of that text.
    pub span: Span,
    /// Shown beside the mark; may be empty for the first label.
    pub text: String,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable, kebab-case: `broken-internal-link`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One phrase.
    pub message: String,
    /// The first label is where the author has to go; the others explain.
    pub labels: Vec<Label>,
    /// The file the problem is about when there is no span in any text (an
    /// unreadable or binary file): project-relative, `/` between parts.
    pub path: Option<String>,
    /// Advice: each one phrase.
    pub hints: Vec<String>,
}

impl Diagnostic {
    fn new(code: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self { code, severity, message: message.into(), labels: Vec::new(), path: None, hints: Vec::new() }
    }

    /// A problem that stops publishing.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A problem that does not.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// Something worth knowing.
    pub fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    /// The place of the problem, without words beside the mark.
    pub fn at(self, source: &Arc<Source>, span: Span) -> Self {
        self.label(source, span, "")
    }

    /// A place with words beside the mark; the first one given is the primary.
    pub fn label(mut self, source: &Arc<Source>, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { source: Arc::clone(source), span, text: text.into() });
        self
    }

    /// The file, for a problem that has no span.
    pub fn in_file(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// One piece of advice.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// "did you mean `x`?", when there is a near name.
    pub fn nearest<'a>(self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match super::text::nearest(name, known) {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// Sort key for a stable report: file, byte, code, message.
    pub fn order(&self) -> (String, u32, &'static str, String) {
        let (path, start) = match (self.labels.first(), &self.path) {
            (Some(label), _) => (label.source.path.clone(), label.span.start),
            (None, Some(path)) => (path.clone(), 0),
            (None, None) => (String::new(), 0),
        };
        (path, start, self.code, self.message.clone())
    }
}
