//! Switches: what a theme says the values under `[extra]` may be.
//!
//! In: the `[values]` of a `theme.toml`, the values of a site. Out: problems at
//! their places in the site's configuration: a value of another kind, one that
//! the theme does not know, a name that is almost one of the theme's. Sites may
//! have values of their own for templates of their own. Must not know any
//! theme.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::Config;
use crate::base::date::shortened;
use crate::base::diagnostic::Diagnostic;
use crate::base::source::Source;
use crate::base::table::{Node, Table, Value};
use crate::base::text::nearest;

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub enum Switch {
    /// `text`.
    Text,
    /// `boolean`.
    Bool,
    /// `number`.
    Number,
    /// `colour`: `#rgb` or `#rrggbb`.
    Colour,
    /// `list`.
    List,
    /// `table`, with anything in it.
    Table,
    /// `text or number`.
    TextOrNumber,
    /// `text or table`.
    TextOrTable,
    /// `table of texts`: names as in one of the theme's own tables beside it.
    Texts,
    /// One of these.
    Choice(Vec<Json>),
}

/// Names of the kinds, for themes.
const KINDS: &[(&str, Switch)] = &[
    ("text", Switch::Text),
    ("boolean", Switch::Bool),
    ("number", Switch::Number),
    ("colour", Switch::Colour),
    ("list", Switch::List),
    ("table", Switch::Table),
    ("text or number", Switch::TextOrNumber),
    ("text or table", Switch::TextOrTable),
    ("table of texts", Switch::Texts),
];

/// By path below `[extra]`: `look.accent`; `nav[].url` for each of a list,
/// `words.*` for each name.
pub type Switches = BTreeMap<String, Switch>;

/// Reads `[values]`.
pub(super) fn read(source: &Arc<Source>, table: &Table, problems: &mut Vec<Diagnostic>) -> Switches {
    let mut switches = Switches::new();
    for entry in &table.entries {
        match switch(&entry.node) {
            Ok(switch) => {
                switches.insert(entry.key.clone(), switch);
            }
            Err(word) => {
                let names = KINDS.iter().map(|(name, _)| *name);
                let message = format!("`{}` is no kind of value", shortened(&word));
                let problem = Diagnostic::error("bad-value", message).at(source, entry.node.span);
                let all: Vec<String> = names.clone().map(|name| format!("`{name}`")).collect();
                problems.push(match nearest(&word, names) {
                    Some(near) => problem.hint(format!("did you mean `{near}`?")),
                    None => problem.hint(format!("it is a list of choices, or one of {}", all.join(", "))),
                });
            }
        }
    }
    switches
}

fn switch(node: &Node) -> Result<Switch, String> {
    match &node.value {
        Value::Text(word) => {
            let kind = KINDS.iter().find(|(name, _)| name == word);
            kind.map(|(_, switch)| switch.clone()).ok_or_else(|| word.clone())
        }
        Value::List(items) => {
            let choice = |item: &Node| match &item.value {
                Value::Text(text) => Ok(Json::from(text.as_str())),
                Value::Integer(number) => Ok(Json::from(*number)),
                other => Err(other.kind().to_owned()),
            };
            items.iter().map(choice).collect::<Result<_, _>>().map(Switch::Choice)
        }
        other => Err(other.kind().to_owned()),
    }
}

impl Switch {
    /// What is expected, when a value is something else.
    fn words(&self) -> String {
        match self {
            Self::Text => "a string".to_owned(),
            Self::Bool => "`true` or `false`".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Colour => "a colour such as `#00666f`".to_owned(),
            Self::List => "a list".to_owned(),
            Self::Table => "a table".to_owned(),
            Self::TextOrNumber => "a string or a number".to_owned(),
            Self::TextOrTable => "a string or a table".to_owned(),
            Self::Texts => "a table of strings".to_owned(),
            Self::Choice(all) => {
                let all: Vec<String> = all.iter().map(|one| format!("`{one}`")).collect();
                match all.split_last() {
                    Some((last, others)) if !others.is_empty() => {
                        format!("{} or {last}", others.join(", "))
                    }
                    _ => all.concat(),
                }
            }
        }
    }

    fn fits(&self, value: &Json) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Bool => value.is_boolean(),
            Self::Number => value.is_number(),
            Self::Colour => value.as_str().is_some_and(is_colour),
            Self::List => value.is_array(),
            Self::Table => value.is_object(),
            Self::TextOrNumber => value.is_string() || value.is_number(),
            Self::TextOrTable => value.is_string() || value.is_object(),
            Self::Texts => value.as_object().is_some_and(|table| table.values().all(Json::is_string)),
            Self::Choice(all) => all.contains(value),
        }
    }
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        matches!(digits.len(), 3 | 6) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

/// Checks the values of a site. `defaults` are the theme's own; `is_read` says
/// whether a template of the site itself names a key.
pub fn check(
    config: &Config,
    switches: &Switches,
    defaults: &Map<String, Json>,
    is_read: &dyn Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let mut checker = Checker { config, switches, defaults, is_read, problems: Vec::new() };
    if !switches.is_empty() {
        checker.table(&config.extra, "", "");
    }
    checker.problems
}

struct Checker<'a> {
    config: &'a Config,
    switches: &'a Switches,
    defaults: &'a Map<String, Json>,
    is_read: &'a dyn Fn(&str) -> bool,
    problems: Vec<Diagnostic>,
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

impl Checker<'_> {
    /// Names that the theme knows in a table.
    fn names(&self, pattern: &str) -> BTreeSet<&str> {
        let below = self.switches.keys().filter_map(|path| {
            let rest = if pattern.is_empty() {
                path.as_str()
            } else {
                path.strip_prefix(pattern)?.strip_prefix('.')?
            };
            rest.split(['.', '[']).next()
        });
        below.collect()
    }

    fn table(&mut self, table: &Map<String, Json>, pattern: &str, path: &str) {
        let names: BTreeSet<String> = self.names(pattern).into_iter().map(str::to_owned).collect();
        for (key, value) in table {
            let name = if names.contains(key) { key.as_str() } else { "*" };
            let path = join(path, key);
            if names.contains(name) {
                self.value(value, &join(pattern, name), &path);
            } else if !(self.is_read)(key) {
                self.unknown(key, &path, names.iter().map(String::as_str), !pattern.is_empty());
            }
        }
    }

    fn value(&mut self, value: &Json, pattern: &str, path: &str) {
        let switch = self.switches.get(pattern).cloned();
        if let Some(switch) = &switch
            && !switch.fits(value)
        {
            self.wrong(switch, value, path);
            return;
        }
        match value {
            Json::Object(texts) if switch == Some(Switch::Texts) => self.texts(texts, pattern, path),
            Json::Object(table) if !self.names(pattern).is_empty() => self.table(table, pattern, path),
            Json::Array(items) => {
                let pattern = format!("{pattern}[]");
                for (i, item) in items.iter().enumerate() {
                    let path = format!("{path}[{i}]");
                    match item {
                        Json::Object(table) if !self.names(&pattern).is_empty() => {
                            self.table(table, &pattern, &path);
                        }
                        item => self.value(item, &pattern, &path),
                    }
                }
            }
            _ => {}
        }
    }

    /// Names of texts are those of the theme's own tables beside this one.
    fn texts(&mut self, texts: &Map<String, Json>, pattern: &str, path: &str) {
        let Some((above, _)) = pattern.rsplit_once('.') else { return };
        let beside = above.split('.').try_fold(self.defaults, |table, key| table.get(key)?.as_object());
        let tables = beside.into_iter().flat_map(Map::values).filter_map(Json::as_object);
        let known: BTreeSet<&str> = tables.flat_map(|table| table.keys().map(String::as_str)).collect();
        for key in texts.keys() {
            if !known.contains(key.as_str()) && !(self.is_read)(key) {
                self.unknown(key, &join(path, key), known.iter().copied(), false);
            }
        }
    }

    /// A value nothing reads: a mistake where the theme knows all names there
    /// can be, else only if it is almost one of them.
    fn unknown<'n>(
        &mut self,
        key: &str,
        path: &str,
        names: impl Iterator<Item = &'n str> + Clone,
        is_closed: bool,
    ) {
        let near = nearest(key, names.clone());
        if !is_closed && near.is_none() {
            return;
        }
        let message = format!("nothing reads `{path}` under `[extra]`");
        let problem = if is_closed {
            Diagnostic::error("unknown-key", message)
        } else {
            Diagnostic::warning("unknown-key", message)
        };
        let problem = self.config.problem_at(problem, &[&format!("extra.{path}")]);
        self.problems.push(match near {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => {
                let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
                problem.hint(format!("the theme knows {}", names.join(", ")))
            }
        });
    }

    fn wrong(&mut self, switch: &Switch, value: &Json, path: &str) {
        let message = format!("`{path}` under `[extra]` cannot be `{}`", shortened(&value.to_string()));
        let problem = Diagnostic::error("bad-theme-value", message);
        let problem = self.config.problem_at(problem, &[&format!("extra.{path}")]);
        let problem = problem.hint(format!("the theme expects {}", switch.words()));
        let near = match (switch, value) {
            (Switch::Choice(all), Json::String(text)) => nearest(text, all.iter().filter_map(Json::as_str))
                .map(|near| format!("did you mean `{near}`?")),
            (Switch::Bool, Json::String(text)) if text == "true" || text == "false" => {
                Some(format!("write it without quotes: `{text}`"))
            }
            (Switch::Text, Json::Number(_) | Json::Bool(_)) => {
                Some(format!("put it into quotes: `\"{value}\"`"))
            }
            _ => None,
        };
        self.problems.push(near.into_iter().fold(problem, Diagnostic::hint));
    }
}
