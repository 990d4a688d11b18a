//! A SARIF 2.1.0 document, for code hosts that show problems beside the code.
//!
//! In: sorted problems. Out: one document with one run. Columns count
//! characters (`columnKind`), ends are exclusive, as the format says.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::base::diagnostic::{Diagnostic, Label, Severity};
use crate::base::paths::percent_encode;

use super::Place;
use super::codes::meaning;

pub(super) fn render(diagnostics: &[&Diagnostic]) -> String {
    let codes: BTreeSet<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let results: Vec<Value> = diagnostics.iter().map(|diagnostic| result(diagnostic, &codes)).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Juxta",
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn rule(code: &str) -> Value {
    match meaning(code) {
        Some(text) => json!({ "id": code, "shortDescription": { "text": text } }),
        None => json!({ "id": code }),
    }
}

fn result(diagnostic: &Diagnostic, codes: &[&str]) -> Value {
    let Diagnostic { code, severity, message, labels, path, hints } = diagnostic;
    let mut text = message.clone();
    for hint in hints {
        text.push_str("\nhelp: ");
        text.push_str(hint);
    }
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), json!(code));
    if let Ok(index) = codes.binary_search(code) {
        result.insert("ruleIndex".to_owned(), json!(index));
    }
    let level = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    result.insert("level".to_owned(), json!(level));
    result.insert("message".to_owned(), json!({ "text": text }));
    let locations = match (labels.first(), path) {
        (Some(label), _) => vec![location(label, None)],
        (None, Some(path)) => vec![json!({ "physicalLocation": { "artifactLocation": artifact(path) } })],
        (None, None) => Vec::new(),
    };
    result.insert("locations".to_owned(), Value::Array(locations));
    if labels.len() > 1 {
        let related =
            labels.iter().enumerate().skip(1).map(|(id, label)| location(label, Some(id))).collect();
        result.insert("relatedLocations".to_owned(), Value::Array(related));
    }
    Value::Object(result)
}

fn location(label: &Label, id: Option<usize>) -> Value {
    let place = Place::of(label);
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact(&label.source.path),
            "region": {
                "startLine": place.line,
                "startColumn": place.column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
                "byteOffset": place.bytes.start,
                "byteLength": place.bytes.len(),
            },
        },
    });
    if let Some(id) = id {
        location["id"] = json!(id);
    }
    if !label.text.is_empty() {
        location["message"] = json!({ "text": label.text });
    }
    location
}

fn artifact(path: &str) -> Value {
    json!({ "uri": percent_encode(path), "uriBaseId": "%SRCROOT%" })
}
