//! Keys: which keys a table may have, and what their values are.
//!
//! In: a [`Table`] and the [`Schema`] it should follow. Out: every key that is
//! unknown, refused or holds a value of another kind, as problems. One schema
//! says what is read; the check, the JSON Schema and the documentation's tables
//! all come from it. Must not know what a key does: whoever reads a table
//! checks it first, then takes what it needs and ignores what has the wrong kind.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::date::{DateTime, EXAMPLES, shortened};
use super::diagnostic::Diagnostic;
use super::source::Source;
use super::table::{Entry, MAX_PROBLEMS, Node, Table, Value};

/// The keys of one table.
#[derive(Debug)]
pub struct Schema {
    /// What it is, for messages: `page front matter`, `[markdown]`.
    pub title: &'static str,
    /// Its keys, in the order of the documentation.
    pub keys: &'static [Key],
    /// Keys known from elsewhere, and what to do instead.
    pub foreign: &'static [(&'static str, &'static str)],
    /// Advice for a key nothing is known about.
    pub unknown: Option<&'static str>,
}

/// One key.
#[derive(Debug)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// The value it has when it is absent, as JSON; empty when there is none.
    pub default: &'static str,
    /// One sentence.
    pub description: &'static str,
    /// Whether it does something.
    pub status: Status,
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number between two others, both included.
    Integer(i64, i64),
    /// Any number.
    Number,
    /// A list of texts.
    Texts,
    /// A text or a list of texts.
    TextOrTexts,
    /// A list of anything.
    List,
    /// Anything.
    Any,
    /// A TOML date or ISO 8601 text.
    Date,
    /// One of some texts.
    Choice(&'static [&'static str]),
    /// A table.
    Table(&'static Schema),
    /// A list of tables.
    Tables(&'static Schema),
    /// A table with names of the author's choice.
    Map(&'static Kind),
    /// A table with anything in it.
    Free,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is read.
    Read,
    /// It is read; the newer name is the better one.
    Synonym(&'static str),
    /// It is accepted and does nothing, because of that.
    NoEffect(&'static str),
    /// It is accepted; switched on it gives `not-yet-supported`, with that reason.
    Later(&'static str),
    /// It is refused as `unsupported-key`, with that reason.
    Refused(&'static str),
}

impl Key {
    /// A key that is read.
    pub const fn new(
        name: &'static str,
        kind: Kind,
        default: &'static str,
        description: &'static str,
    ) -> Self {
        Self { name, kind, default, description, status: Status::Read }
    }

    /// The same key with another status.
    pub const fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }
}

impl Schema {
    /// The key of that name.
    pub fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Names that can be suggested.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        let usable = |key: &&Key| !matches!(key.status, Status::Refused(_) | Status::Synonym(_));
        self.keys.iter().filter(usable).map(|key| key.name)
    }

    /// Dotted paths of the tables below that have a key of that name.
    fn homes(&self, name: &str, prefix: &str, out: &mut Vec<String>) {
        for key in self.keys {
            if let Kind::Table(schema) = key.kind {
                let path =
                    if prefix.is_empty() { key.name.to_owned() } else { format!("{prefix}.{}", key.name) };
                if schema.key(name).is_some_and(|key| !matches!(key.status, Status::Refused(_))) {
                    out.push(path.clone());
                }
                schema.homes(name, &path, out);
            }
        }
    }

    /// The same as JSON Schema (draft 2020-12), for one object.
    pub fn to_json_schema(&self) -> Json {
        let usable = |key: &&Key| !matches!(key.status, Status::Refused(_));
        let properties: serde_json::Map<String, Json> = self
            .keys
            .iter()
            .filter(usable)
            .map(|key| {
                let mut value = key.kind.to_json_schema();
                value["description"] = Json::from(key.description);
                if let Ok(default) = serde_json::from_str::<Json>(key.default) {
                    value["default"] = default;
                }
                if matches!(key.status, Status::Synonym(_) | Status::NoEffect(_)) {
                    value["deprecated"] = Json::from(true);
                }
                (key.name.to_owned(), value)
            })
            .collect();
        json!({ "type": "object", "properties": properties, "additionalProperties": false })
    }

    /// All keys below, each with its dotted path, parents before children.
    pub fn rows(&self) -> Vec<(String, &'static Key)> {
        let mut rows = Vec::new();
        self.add_rows("", &mut rows);
        rows
    }

    fn add_rows(&self, prefix: &str, rows: &mut Vec<(String, &'static Key)>) {
        for key in self.keys {
            let path = format!("{prefix}{}", key.name);
            rows.push((path.clone(), key));
            match key.kind {
                Kind::Table(schema) => schema.add_rows(&format!("{path}."), rows),
                Kind::Tables(schema) => schema.add_rows(&format!("{path}[]."), rows),
                Kind::Map(Kind::Table(schema)) => schema.add_rows(&format!("{path}.*."), rows),
                Kind::Map(_)
                | Kind::Text
                | Kind::Bool
                | Kind::Integer(..)
                | Kind::Number
                | Kind::Texts
                | Kind::TextOrTexts
                | Kind::List
                | Kind::Any
                | Kind::Date
                | Kind::Choice(_)
                | Kind::Free => {}
            }
        }
    }
}

impl Kind {
    /// With its article: `a string`, `a list of strings`.
    pub fn words(&self) -> String {
        match self {
            Self::Text => "a string".to_owned(),
            Self::Bool => "a boolean".to_owned(),
            Self::Integer(..) => "an integer".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::TextOrTexts => "a string or a list of strings".to_owned(),
            Self::List => "a list".to_owned(),
            Self::Any => "any value".to_owned(),
            Self::Texts => "a list of strings".to_owned(),
            Self::Date => "a date".to_owned(),
            Self::Choice(names) => format!("one of {}", quoted(names)),
            Self::Table(_) | Self::Map(_) | Self::Free => "a table".to_owned(),
            Self::Tables(_) => "a list of tables".to_owned(),
        }
    }

    fn to_json_schema(self) -> Json {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Bool => json!({ "type": "boolean" }),
            Self::Integer(min, i64::MAX) => json!({ "type": "integer", "minimum": min }),
            Self::Integer(i64::MIN, max) => json!({ "type": "integer", "maximum": max }),
            Self::Integer(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
            Self::Number => json!({ "type": "number" }),
            Self::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Self::TextOrTexts => json!({
                "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
            }),
            Self::List => json!({ "type": "array" }),
            Self::Any => json!({}),
            Self::Date => json!({
                "type": "string",
                "pattern": r"^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})?)?$",
            }),
            Self::Choice(names) => json!({ "type": "string", "enum": names }),
            Self::Table(schema) => schema.to_json_schema(),
            Self::Tables(schema) => json!({ "type": "array", "items": schema.to_json_schema() }),
            Self::Map(kind) => json!({ "type": "object", "additionalProperties": kind.to_json_schema() }),
            Self::Free => json!({ "type": "object" }),
        }
    }
}

/// Checks a table against its schema. Problems: `unknown-key`,
/// `unsupported-key`, `not-yet-supported`, `wrong-type`, `bad-value`, `bad-date`.
/// YAML's null stands for a key that is not given.
pub fn check(source: &Arc<Source>, table: &Table, schema: &'static Schema) -> Vec<Diagnostic> {
    let mut checker = Checker { source, root: schema, problems: Vec::new() };
    checker.table(table, schema);
    checker.problems
}

struct Checker<'a> {
    source: &'a Arc<Source>,
    root: &'static Schema,
    problems: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn report(&mut self, problem: Diagnostic) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    fn table(&mut self, table: &Table, schema: &'static Schema) {
        for entry in &table.entries {
            let Some(key) = schema.key(&entry.key) else {
                self.unknown(entry, schema);
                continue;
            };
            match key.status {
                Status::Refused(reason) if !is_off(&entry.node.value) => {
                    let message = format!("`{}` is not supported", key.name);
                    let problem = Diagnostic::error("unsupported-key", message);
                    self.report(problem.label(self.source, entry.key_span, reason));
                    continue;
                }
                Status::Later(reason) if !is_off(&entry.node.value) => {
                    let message = format!("`{}` has no effect yet", key.name);
                    let problem = Diagnostic::warning("not-yet-supported", message);
                    self.report(problem.label(self.source, entry.node.span, reason));
                }
                Status::Later(_)
                | Status::Refused(_)
                | Status::Read
                | Status::Synonym(_)
                | Status::NoEffect(_) => {}
            }
            self.node(&entry.key, &entry.node, &key.kind);
        }
    }

    fn unknown(&mut self, entry: &Entry, schema: &Schema) {
        let name = entry.key.as_str();
        let message = format!("unknown key `{}` in {}", shortened(name), schema.title);
        let mut problem = Diagnostic::error("unknown-key", message).at(self.source, entry.key_span);
        let mut homes = Vec::new();
        self.root.homes(name, "", &mut homes);
        if let Some((_, hint)) = schema.foreign.iter().find(|(foreign, _)| *foreign == name) {
            problem = problem.hint(*hint);
        } else if let Some(home) = homes.first() {
            problem = problem.hint(format!("`{name}` belongs under `[{home}]`"));
        } else if !std::ptr::eq(schema, self.root) && self.root.key(name).is_some() {
            problem = problem.hint(format!("`{name}` belongs at the top, before every table"));
        } else {
            problem = problem.nearest(name, schema.names());
            if problem.hints.is_empty() {
                problem.hints.extend(schema.unknown.map(str::to_owned));
            }
        }
        self.report(problem);
    }

    fn node(&mut self, name: &str, node: &Node, kind: &Kind) {
        match (kind, &node.value) {
            (_, Value::Null)
            | (Kind::Any, _)
            | (Kind::Text | Kind::TextOrTexts, Value::Text(_))
            | (Kind::Bool, Value::Bool(_))
            | (Kind::Number, Value::Integer(_) | Value::Float(_))
            | (Kind::List, Value::List(_))
            | (Kind::Free, Value::Table(_)) => {}
            (Kind::Integer(min, max), Value::Integer(value)) => {
                if !(min..=max).contains(&value) {
                    let bounds = match (*min, *max) {
                        (min, i64::MAX) => format!("at least {min}"),
                        (min, max) => format!("between {min} and {max}"),
                    };
                    let message = format!("`{name}` cannot be {value}");
                    let problem = Diagnostic::error("bad-value", message);
                    self.report(problem.label(self.source, node.span, format!("expected {bounds}")));
                }
            }
            (Kind::Date, Value::Date(text) | Value::Text(text)) => {
                if let Err(reason) = DateTime::parse(text) {
                    let message = format!("`{}` is no date: {reason}", shortened(text));
                    let problem = Diagnostic::error("bad-date", message).at(self.source, node.span);
                    self.report(problem.hint(EXAMPLES));
                }
            }
            (Kind::Choice(names), Value::Text(text)) => {
                if !names.contains(&text.as_str()) {
                    let message = format!("`{name}` cannot be `{}`", shortened(text));
                    let problem = Diagnostic::error("bad-value", message)
                        .label(self.source, node.span, format!("expected {}", kind.words()))
                        .nearest(text, names.iter().copied());
                    self.report(problem);
                }
            }
            (Kind::Texts | Kind::TextOrTexts, Value::List(items)) => {
                for item in items {
                    if item.value.as_text().is_none() {
                        self.wrong(name, item, "a string", "a list of strings");
                    }
                }
            }
            (Kind::Table(schema), Value::Table(table)) => self.table(table, schema),
            (Kind::Tables(schema), Value::List(items)) => {
                for item in items {
                    match &item.value {
                        Value::Table(table) => self.table(table, schema),
                        _ => self.wrong(name, item, "a table", "a list of tables"),
                    }
                }
            }
            (Kind::Map(kind), Value::Table(table)) => {
                for entry in &table.entries {
                    self.node(&entry.key, &entry.node, kind);
                }
            }
            (kind, _) => {
                let words = kind.words();
                self.wrong(name, node, &words, &words);
            }
        }
    }

    fn wrong(&mut self, name: &str, node: &Node, expected: &str, whole: &str) {
        let name = &shortened(name);
        let message = format!("`{name}`: expected {expected}, found {}", node.value.kind());
        let label = format!("`{name}` is {whole}");
        let mut problem = Diagnostic::error("wrong-type", message).label(self.source, node.span, label);
        let text = shortened(self.source.slice(node.span));
        match (expected, &node.value) {
            ("a string", Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::Date(_)) => {
                problem = problem.hint(format!("put it into quotes: `\"{text}\"`"));
            }
            ("a boolean", Value::Text(word)) if word == "true" || word == "false" => {
                problem = problem.hint(format!("write it without quotes: `{word}`"));
            }
            ("an integer", Value::Text(word)) if word.parse::<i64>().is_ok() => {
                problem = problem.hint(format!("write it without quotes: `{word}`"));
            }
            ("a list of strings", Value::Text(_)) => {
                problem = problem.hint(format!("put it into brackets: `[{text}]`"));
            }
            ("a list of strings", _) if self.root.key(name).is_some() => {
                problem = problem.hint(format!("`{name}` belongs at the top, before every table"));
            }
            _ => {}
        }
        self.report(problem);
    }
}

/// Whether a value asks for nothing.
fn is_off(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Text(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Bool(true) | Value::Integer(_) | Value::Float(_) | Value::Date(_) | Value::Table(_) => false,
    }
}

/// `a`, `b` or `c`, each in backticks.
fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
