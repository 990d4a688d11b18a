//! Report: problems as text for people and machines.
//!
//! In: diagnostics from all stages, in any order. Out: text in one of several
//! formats, in an order that depends on the problems alone. Must not print, and
//! must not know where the problems come from.

pub mod baseline;
pub mod codes;
mod github;
pub mod html;
mod json;
mod sarif;
mod short;
mod text;

use std::fmt;

use crate::base::diagnostic::{Diagnostic, Label, Severity};

/// How problems are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// With the text and a mark under it, for people.
    #[default]
    Text,
    /// One line a problem: `path:line:column: error[code]: message`.
    Short,
    /// One JSON object a line.
    Json,
    /// One SARIF 2.1.0 document.
    Sarif,
    /// One command of GitHub Actions a line, which shows it beside the change.
    Github,
}

impl Format {
    /// From its name on the command line.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "short" => Some(Self::Short),
            "json" => Some(Self::Json),
            "sarif" => Some(Self::Sarif),
            "github" => Some(Self::Github),
            _ => None,
        }
    }
}

/// All problems, by file and place, each once, with a line end after the last.
/// Empty without problems, except that a SARIF document is always whole.
/// `colour` is for terminals and concerns `Text` and `Short`.
pub fn render(diagnostics: &[Diagnostic], format: Format, colour: bool) -> String {
    let diagnostics = sorted(diagnostics);
    match format {
        Format::Text => text::render(&diagnostics, colour),
        Format::Short => short::render(&diagnostics, colour),
        Format::Json => json::render(&diagnostics),
        Format::Sarif => sarif::render(&diagnostics),
        Format::Github => github::render(&diagnostics),
    }
}

/// In the order of [`Diagnostic::order`], exact duplicates removed.
fn sorted(diagnostics: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut keyed: Vec<_> = diagnostics.iter().map(|diagnostic| (diagnostic.order(), diagnostic)).collect();
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut out: Vec<&Diagnostic> = Vec::with_capacity(keyed.len());
    for group in keyed.chunk_by(|(a, _), (b, _)| a == b) {
        let start = out.len();
        for (_, diagnostic) in group {
            if !out[start..].contains(diagnostic) {
                out.push(diagnostic);
            }
        }
    }
    out
}

/// How many problems of each severity; shown as `2 errors, 1 warning`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Problems that keep the site from being published.
    pub errors: usize,
    /// Problems that do not.
    pub warnings: usize,
    /// Remarks.
    pub notes: usize,
}

impl Counts {
    /// Of the problems that [`render`] shows: duplicates count once.
    pub fn of(diagnostics: &[Diagnostic]) -> Self {
        let mut counts = Self::default();
        for diagnostic in sorted(diagnostics) {
            match diagnostic.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Note => counts.notes += 1,
            }
        }
        counts
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let mut first = true;
        for (count, word) in counts.into_iter().filter(|(count, _)| *count > 0) {
            let (comma, plural) = (if first { "" } else { ", " }, if count == 1 { "" } else { "s" });
            write!(f, "{comma}{count} {word}{plural}")?;
            first = false;
        }
        if first { f.write_str("no problems") } else { Ok(()) }
    }
}

/// Where a label begins and ends: 1-based lines and columns, columns in
/// characters, the end exclusive; bytes 0-based.
struct Place {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    bytes: std::ops::Range<usize>,
}

impl Place {
    fn of(label: &Label) -> Self {
        let bytes = label.source.clamp(label.span);
        let (line, column) = label.source.line_column(bytes.start);
        let (end_line, end_column) = label.source.line_column(bytes.end);
        Self { line, column, end_line, end_column, bytes }
    }
}

/// Text for one line of a terminal: control characters, which could move the
/// cursor, start a line or turn the direction of writing, are shown as escapes.
fn one_line(text: &str) -> String {
    let odd = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.contains(odd) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if odd(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out
}

#[cfg(test)]
mod tests;
