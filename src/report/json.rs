//! One JSON object a line, for tools.
//!
//! In: sorted problems. Out: objects with `code`, `severity`, `message`, `file`,
//! `line`, `column`, `end_line`, `end_column`, `bytes` (start and end), `labels`
//! (each with a place and its words; the first is the place above) and `hints`.
//! Lines and columns are 1-based, columns count characters, ends are exclusive,
//! bytes are 0-based. What a problem does not have is `null`.

use serde_json::{Value, json};

use crate::base::diagnostic::{Diagnostic, Label};

use super::Place;

pub(super) fn render(diagnostics: &[&Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| format!("{}\n", object(diagnostic))).collect()
}

fn object(diagnostic: &Diagnostic) -> Value {
    let Diagnostic { code, severity, message, labels, path, hints } = diagnostic;
    let first = labels.first();
    let place = first.map(Place::of);
    let place = place.as_ref();
    json!({
        "code": code,
        "severity": severity.word(),
        "message": message,
        "file": first.map(|label| &label.source.path).or(path.as_ref()),
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
        "end_line": place.map(|place| place.end_line),
        "end_column": place.map(|place| place.end_column),
        "bytes": place.map(|place| [place.bytes.start, place.bytes.end]),
        "labels": labels.iter().map(label_object).collect::<Vec<_>>(),
        "hints": hints,
    })
}

fn label_object(label: &Label) -> Value {
    let place = Place::of(label);
    json!({
        "file": label.source.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "bytes": [place.bytes.start, place.bytes.end],
        "text": label.text,
    })
}
