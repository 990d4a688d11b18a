//! Commands of GitHub Actions, which shows them beside the lines of a change.
//!
//! In: sorted problems. Out: one line each: `::error file=…,line=…::message`.
//! Lines and columns are 1-based, columns count characters, ends are included.

use crate::base::diagnostic::{Diagnostic, Severity};

use super::Place;

pub(super) fn render(diagnostics: &[&Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| command(diagnostic)).collect()
}

fn command(diagnostic: &Diagnostic) -> String {
    let Diagnostic { code, severity, message, labels, path, hints } = diagnostic;
    let word = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = match (labels.first(), path) {
        (Some(label), _) => {
            let Place { line, column, end_line, end_column, .. } = Place::of(label);
            let file = property(&label.source.path);
            // Columns of a place over several lines are refused.
            if line == end_line {
                let end = end_column.saturating_sub(1).max(column);
                format!("file={file},line={line},endLine={end_line},col={column},endColumn={end},")
            } else {
                format!("file={file},line={line},endLine={end_line},")
            }
        }
        (None, Some(path)) => format!("file={},", property(path)),
        (None, None) => String::new(),
    };
    let mut text = message.clone();
    let said = labels.first().map(|label| label.text.as_str()).filter(|said| !said.is_empty());
    for line in said.into_iter().map(str::to_owned).chain(hints.iter().map(|hint| format!("help: {hint}"))) {
        text.push('\n');
        text.push_str(&line);
    }
    format!("::{word} {place}title={}::{}\n", property(code), data(&text))
}

/// Text of a message, on one line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text of a property, which ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
