//! Export: the facts of a field as data.
//!
//! In: a field. Out: JSON and CSV.

use super::*;
use crate::compare::value::json_number;

impl Shared {
    /// A field's facts as JSON.
    pub fn export_json(&self, id: FieldId) -> String {
        use serde_json::{Map, Value as Json, json};
        let field = self.site.fields.field(id);
        self.note_field(field);
        let all = &field.criteria.criteria;
        let criteria: Vec<Json> = all
            .iter()
            .map(|criterion| {
                let group = &field.criteria.groups[criterion.group];
                json!({
                    "id": criterion.id, "title": criterion.title, "type": criterion.kind.name(),
                    "group": group.id, "unit": criterion.unit, "help": criterion.help,
                })
            })
            .collect();
        let subjects: Vec<Json> = field
            .subjects
            .iter()
            .map(|subject| {
                let facts: Map<String, Json> = all
                    .iter()
                    .zip(&subject.facts)
                    .filter_map(|(criterion, fact)| {
                        Some((criterion.id.clone(), fact_json(criterion, fact.as_ref()?)))
                    })
                    .collect();
                json!({
                    "id": subject.id, "title": subject.title, "version": subject.profile.version,
                    "website": subject.profile.website, "license": subject.profile.license, "facts": facts,
                })
            })
            .collect();
        let whole =
            json!({ "field": field.id, "title": field.name, "criteria": criteria, "subjects": subjects });
        serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
    }

    /// A field's facts as CSV: a row for each subject, a column for each
    /// criterion, and one for its `unit` or `of` where subjects differ in that;
    /// `[[data]]` can read it.
    pub fn export_csv(&self, id: FieldId) -> String {
        let field = self.site.fields.field(id);
        self.note_field(field);
        let criteria = || field.criteria.criteria.iter().enumerate();
        let facts = |i: usize| field.subjects.iter().filter_map(move |subject| subject.facts[i].as_ref());
        let measures: Vec<Option<&str>> = criteria()
            .map(|(i, criterion)| facts(i).find_map(|fact| Some(own_measure(criterion, fact)?.0)))
            .collect();
        let mut heads: Vec<String> = ["id", "title", "version"].map(str::to_owned).to_vec();
        for (i, criterion) in criteria() {
            heads.push(criterion.id.clone());
            heads.extend(measures[i].map(|measure| format!("{}_{measure}", criterion.id)));
        }
        let rows = field.subjects.iter().map(|subject| {
            let version = subject.profile.version.clone().unwrap_or_default();
            let mut row = vec![subject.id.clone(), subject.title.clone(), version];
            for (i, criterion) in criteria() {
                let fact = subject.facts[i].as_ref();
                row.push(fact.map_or_else(String::new, |fact| fact_text(criterion, fact)));
                if measures[i].is_some() {
                    let own = fact.and_then(|fact| own_measure(criterion, fact));
                    row.push(own.map_or_else(String::new, |(_, own)| match own {
                        serde_json::Value::String(text) => text,
                        other => other.to_string(),
                    }));
                }
            }
            row
        });
        records::write(std::iter::once(heads).chain(rows))
    }
}

/// A fact as one cell of CSV.
fn fact_text(criterion: &Criterion, fact: &Fact) -> String {
    match fact_json(criterion, fact).get("value") {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Array(items)) => {
            items.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join("; ")
        }
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// What a number is counted in, where that is not what the criterion says: the
/// name of the key of a fact and its value.
fn own_measure(criterion: &Criterion, fact: &Fact) -> Option<(&'static str, serde_json::Value)> {
    match fact.value()? {
        FactValue::Number { unit: Some(unit), .. } if criterion.unit.as_ref() != Some(unit) => {
            Some(("unit", unit.as_str().into()))
        }
        FactValue::Rating { of, .. } if (of - criterion.of).abs() > f64::EPSILON => {
            Some(("of", json_number(*of)))
        }
        _ => None,
    }
}

fn fact_json(criterion: &Criterion, fact: &Fact) -> serde_json::Value {
    use serde_json::Value as Json;
    let value = match &fact.answer {
        Answer::Value(value) => value.to_json(criterion),
        Answer::Unknown => Json::from("unknown"),
        Answer::NotApplicable => Json::from("na"),
    };
    let date = fact.verified.as_ref().map(|date| &date.text);
    let mut out = serde_json::Map::new();
    out.insert("value".to_owned(), value);
    if let Some((name, own)) = own_measure(criterion, fact) {
        out.insert(name.to_owned(), own);
    }
    for (name, value) in [
        ("since", &fact.since),
        ("until", &fact.until),
        ("version", &fact.version),
        ("note", &fact.note),
        ("by", &fact.by),
        ("method", &fact.method),
        ("because", &fact.because),
        ("verified", &date.cloned()),
    ] {
        if let Some(value) = value {
            out.insert(name.to_owned(), Json::from(value.as_str()));
        }
    }
    if !fact.sources.is_empty() {
        out.insert("source".to_owned(), Json::from(fact.sources.clone()));
    }
    Json::Object(out)
}
