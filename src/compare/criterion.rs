//! Criteria: the questions asked of every subject of a field.
//!
//! In: the text of a `criteria.toml`. Out: [`Criteria`] and problems. Never
//! fails: a criterion that cannot be used is left out. Must not know subjects.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Place, data, is_id, keys};
use crate::base::diagnostic::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::keys as schema;
use crate::base::source::{Source, Span};
use crate::base::table::{self, Bounds, Format, Node, Table, Value};

/// What a `criteria.toml` says.
#[derive(Debug, Clone)]
pub struct Criteria {
    /// `[field]`.
    pub settings: Settings,
    /// In their order; those without a group of their own are in one without
    /// a title.
    pub groups: Vec<Group>,
    /// In the order of the groups, then of the file.
    pub criteria: Vec<Criterion>,
    /// Ids of criteria that cannot be used, which is told where they stand.
    pub unusable: Vec<String>,
    /// Files with facts.
    pub data: Vec<data::Mapping>,
    /// The text.
    pub source: Arc<Source>,
    /// Of the text.
    pub fingerprint: Fingerprint,
    by_id: HashMap<String, usize>,
}

/// `[field]`.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Instead of the folder's name.
    pub id: Option<String>,
    /// Instead of the section's title.
    pub name: Option<String>,
    /// Ids of subjects, each with its place.
    pub order: Vec<(String, Place)>,
    /// What pair pages below the floor become.
    pub below: Below,
    /// There is a page with its matrix.
    pub matrix: bool,
    /// Facts that both subjects of a pair page need.
    pub min_facts: usize,
    /// Tasks that both need.
    pub min_tasks: usize,
}

/// What becomes of a pair below the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Below {
    /// No page.
    #[default]
    Skip,
    /// A page that search engines are asked to leave out.
    NoIndex,
    /// A page like any other.
    Publish,
    /// No generated pair page at all.
    None,
}

/// Criteria that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its name for criteria; empty for the group of those that name none.
    pub id: String,
    /// Heading; empty for none.
    pub title: String,
    /// One line about it.
    pub help: Option<String>,
}

/// One question.
#[derive(Debug, Clone)]
pub struct Criterion {
    /// Its name for facts.
    pub id: String,
    /// Index of its group.
    pub group: usize,
    /// Head of its row.
    pub title: String,
    /// What its facts are.
    pub kind: Kind,
    /// The question in words.
    pub help: Option<String>,
    /// Unit of its numbers.
    pub unit: Option<String>,
    /// Which fact wins.
    pub better: Option<Better>,
    /// What an `enum` or a `set` can be: id, title.
    pub values: Vec<(String, String)>,
    /// Top of a rating's scale.
    pub of: f64,
    /// Smallest number.
    pub min: Option<f64>,
    /// Largest number.
    pub max: Option<f64>,
    /// How much it counts.
    pub weight: f64,
    /// How its numbers were measured.
    pub method: Option<String>,
    /// How its numbers are written.
    pub format: NumberFormat,
    /// Every fact needs a source.
    pub source_required: bool,
    /// Days after which a fact has to be checked again.
    pub stale_after: Option<i64>,
    /// Where its id stands.
    pub place: Place,
}

/// What the facts of a criterion are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// `yes`, `no`, `partial`, `planned`, `removed`, `plugin`.
    Support,
    /// A number with a unit.
    Number,
    /// A mark on a scale, with a reason.
    Rating,
    /// A version.
    Version,
    /// A range of versions.
    Range,
    /// A day.
    Date,
    /// One of the values.
    Enum,
    /// Some of the values.
    Set,
    /// An amount of money.
    Money,
    /// A line of Markdown.
    Text,
    /// An address.
    Url,
    /// The id of a task.
    Snippet,
}

/// Which fact wins a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// The larger, later, or more affirmative one; of an enum the last.
    More,
    /// The smaller, earlier, or less affirmative one; of an enum the first.
    Less,
}

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NumberFormat {
    /// `12,300`.
    #[default]
    Grouped,
    /// `12300`.
    Plain,
    /// `12.3 k`.
    Si,
}

impl Kind {
    /// The type of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "bool" => Self::Bool,
            "support" => Self::Support,
            "number" => Self::Number,
            "rating" => Self::Rating,
            "version" => Self::Version,
            "range" => Self::Range,
            "date" => Self::Date,
            "enum" => Self::Enum,
            "set" => Self::Set,
            "money" => Self::Money,
            "text" => Self::Text,
            "url" => Self::Url,
            "snippet" => Self::Snippet,
            _ => return None,
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Support => "support",
            Self::Number => "number",
            Self::Rating => "rating",
            Self::Version => "version",
            Self::Range => "range",
            Self::Date => "date",
            Self::Enum => "enum",
            Self::Set => "set",
            Self::Money => "money",
            Self::Text => "text",
            Self::Url => "url",
            Self::Snippet => "snippet",
        }
    }

    /// The words of `better` that have a meaning for it.
    fn better(self) -> &'static [&'static str] {
        match self {
            Self::Bool | Self::Support => &["yes", "no"],
            Self::Number | Self::Rating | Self::Money => &["higher", "lower"],
            Self::Version => &["higher", "lower", "later", "earlier"],
            Self::Date => &["later", "earlier"],
            Self::Enum => &["first", "last"],
            Self::Range | Self::Set | Self::Text | Self::Url | Self::Snippet => &[],
        }
    }
}

impl Criteria {
    /// The index of the criterion of that id.
    pub fn index(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Ids of all criteria, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.criteria.iter().map(|criterion| criterion.id.as_str())
    }

    /// The criteria that a name means: one, or all of a group.
    pub fn named(&self, name: &str) -> Option<Vec<usize>> {
        if let Some(index) = self.index(name) {
            return Some(vec![index]);
        }
        let group = self.groups.iter().position(|group| group.id == name && !name.is_empty())?;
        let of_group = self.criteria.iter().enumerate().filter(|(_, criterion)| criterion.group == group);
        Some(of_group.map(|(index, _)| index).collect())
    }

    /// A problem with a name that is neither a criterion nor a group.
    pub fn unknown(&self, name: &str) -> Diagnostic {
        let known = self.ids().chain(self.groups.iter().map(|group| group.id.as_str()));
        let problem = Diagnostic::error(
            "unknown-criterion",
            format!("there is no criterion or group `{name}` in `{}`", self.source.path),
        );
        problem.nearest(name, known.filter(|id| !id.is_empty()))
    }
}

/// Reads a `criteria.toml`.
pub fn read(source: &Arc<Source>) -> (Criteria, Vec<Diagnostic>) {
    let (table, mut problems) = table::read(source, 0..source.text.len(), Format::Toml, Bounds::DATA);
    problems.extend(schema::check(source, &table, &keys::FILE));
    let mut reader = Reader { source, problems, unusable: Vec::new() };
    let field = table.table("field");
    let settings = reader.settings(field);
    let defaults = Defaults {
        source_required: field.and_then(|field| field.bool("source_required")).unwrap_or(false),
        stale_after: field.and_then(|field| reader.days(field, "stale_after")),
    };
    let mut groups = reader.groups(&table);
    let mut criteria = reader.criteria(&table, &mut groups, &defaults);
    criteria.sort_by_key(|criterion| criterion.group);
    let by_id = criteria.iter().enumerate().map(|(i, criterion)| (criterion.id.clone(), i)).collect();
    let data = table
        .tables("data")
        .unwrap_or_default()
        .into_iter()
        .filter_map(|table| data::Mapping::read(source, table, &mut reader.problems))
        .collect();
    let fingerprint = Fingerprint::of(source.text.as_bytes());
    let Reader { problems, unusable, .. } = reader;
    let criteria = Criteria {
        settings,
        groups,
        criteria,
        unusable,
        data,
        source: Arc::clone(source),
        fingerprint,
        by_id,
    };
    (criteria, problems)
}

struct Defaults {
    source_required: bool,
    stale_after: Option<i64>,
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    problems: Vec<Diagnostic>,
    unusable: Vec<String>,
}

impl Reader<'_> {
    fn problem(&mut self, problem: Diagnostic, span: Span) {
        self.problems.push(problem.at(self.source, span));
    }

    fn settings(&mut self, table: Option<&Table>) -> Settings {
        let mut settings = Settings { matrix: true, min_facts: 6, min_tasks: 1, ..Settings::default() };
        let Some(table) = table else { return settings };
        settings.id = self.id(table, "id");
        settings.name = table.text("name");
        if let Some(Value::List(items)) = table.get("order") {
            let order = items.iter().filter_map(|node| {
                Some((node.value.as_text()?.to_owned(), Place::new(self.source, node.span)))
            });
            settings.order = order.collect();
        }
        settings.below = match table.text("pairs").as_deref() {
            Some("noindex") => Below::NoIndex,
            Some("publish") => Below::Publish,
            Some("none") => Below::None,
            _ => Below::Skip,
        };
        settings.matrix = table.bool("matrix").unwrap_or(true);
        let count = |key: &str| table.integer(key).and_then(|n| usize::try_from(n).ok());
        settings.min_facts = count("min_shared_facts").unwrap_or(settings.min_facts);
        settings.min_tasks = count("min_shared_tasks").unwrap_or(settings.min_tasks);
        settings
    }

    /// The value of a key that has to be an id.
    fn id(&mut self, table: &Table, key: &str) -> Option<String> {
        let entry = table.entry(key)?;
        let id = entry.node.value.as_text()?;
        if is_id(id) {
            return Some(id.to_owned());
        }
        let problem = Diagnostic::error("bad-value", format!("`{id}` is no id"));
        self.problem(problem.hint("an id is made of small letters, digits, `-` and `_`"), entry.node.span);
        None
    }

    /// An age: `400d`, `8w`, `18m`, `2y`.
    fn days(&mut self, table: &Table, key: &str) -> Option<i64> {
        let entry = table.entry(key)?;
        let text = entry.node.value.as_text()?;
        let days = text.len().checked_sub(1).and_then(|at| {
            let (number, unit) = (text.get(..at)?, text.get(at..)?);
            let days = match unit {
                "d" => 1,
                "w" => 7,
                "m" => 30,
                "y" => 365,
                _ => return None,
            };
            number.parse::<i64>().ok().filter(|n| (1..=100_000).contains(n)).map(|n| n * days)
        });
        if days.is_none() {
            let problem = Diagnostic::error("bad-value", format!("`{text}` is no age"));
            self.problem(
                problem.hint("write days, weeks, months or years: `400d`, `8w`, `18m`, `2y`"),
                entry.node.span,
            );
        }
        days
    }

    fn groups(&mut self, table: &Table) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for table in table.tables("group").unwrap_or_default() {
            let Some(id) = self.id(table, "id") else {
                self.missing(table, "id", "a group");
                continue;
            };
            if groups.iter().any(|group| group.id == id) {
                let span = table.entry("id").map_or(Span::at(0), |entry| entry.node.span);
                self.problem(Diagnostic::error("duplicate-id", format!("there are two groups `{id}`")), span);
                continue;
            }
            let title = table.text("title").unwrap_or_else(|| id.clone());
            groups.push(Group { id, title, help: table.text("help") });
        }
        groups
    }

    fn missing(&mut self, table: &Table, key: &str, what: &str) {
        if table.entry(key).is_some() {
            return;
        }
        let span = table.entries.first().map_or(Span::at(0), |entry| entry.key_span);
        self.problem(Diagnostic::error("missing-key", format!("{what} needs `{key}`")), span);
    }

    fn criteria(&mut self, table: &Table, groups: &mut Vec<Group>, defaults: &Defaults) -> Vec<Criterion> {
        let mut criteria: Vec<Criterion> = Vec::new();
        for table in table.tables("criterion").unwrap_or_default() {
            let Some(id) = self.id(table, "id") else {
                self.missing(table, "id", "a criterion");
                continue;
            };
            let span = table.entry("id").map_or(Span::at(0), |entry| entry.node.span);
            if let Some(first) = criteria.iter().find(|criterion| criterion.id == id) {
                let problem = Diagnostic::error("duplicate-id", format!("there are two criteria `{id}`"))
                    .label(self.source, span, "given again here")
                    .label(self.source, first.place.span, "first given here");
                self.problems.push(problem);
                continue;
            }
            if groups.iter().any(|group| group.id == id) {
                let message = format!("`{id}` is the id of a group already");
                let problem = Diagnostic::error("duplicate-id", message).at(self.source, span);
                self.problems
                    .push(problem.hint("a list of criteria can name both, so it could not tell them apart"));
            }
            let kind = table.text("type").and_then(|name| Kind::named(&name));
            let Some(kind) = kind else {
                self.missing(table, "type", &format!("the criterion `{id}`"));
                self.unusable.push(id);
                continue;
            };
            criteria.push(self.criterion(table, id, span, kind, groups, defaults));
        }
        criteria
    }

    fn criterion(
        &mut self,
        table: &Table,
        id: String,
        span: Span,
        kind: Kind,
        groups: &mut Vec<Group>,
        defaults: &Defaults,
    ) -> Criterion {
        let group = self.group(table, groups);
        let better = self.better(table, kind);
        let values = self.values(table);
        if matches!(kind, Kind::Enum | Kind::Set) && values.is_empty() && table.entry("values").is_none() {
            let problem = Diagnostic::error("missing-key", format!("the criterion `{id}` needs `values`"));
            self.problem(problem.hint("list what its facts can be: `values = [\"sync\", \"async\"]`"), span);
        }
        self.bounds(table, kind);
        let number = |key: &str| number(table.get(key)?);
        let stale_after = self.days(table, "stale_after").or(defaults.stale_after);
        Criterion {
            title: table.text("title").unwrap_or_else(|| id.replace(['_', '-'], " ")),
            group,
            kind,
            help: table.text("help"),
            unit: table.text("unit"),
            better,
            values,
            of: number("of").unwrap_or(5.0),
            min: number("min"),
            max: number("max"),
            weight: number("weight").unwrap_or(1.0),
            method: table.text("method"),
            format: match table.text("format").as_deref() {
                Some("plain") => NumberFormat::Plain,
                Some("si") => NumberFormat::Si,
                _ => NumberFormat::Grouped,
            },
            source_required: table.bool("source_required").unwrap_or(defaults.source_required),
            stale_after,
            place: Place::new(self.source, span),
            id,
        }
    }

    /// Numbers that make no sense.
    fn bounds(&mut self, table: &Table, kind: Kind) {
        for key in ["min", "max", "of", "weight"] {
            let Some(entry) = table.entry(key) else { continue };
            let Some(value) = number(&entry.node.value) else {
                if matches!(entry.node.value, Value::Float(_)) {
                    let message = format!("`{key}` is no number that can be compared");
                    self.problem(Diagnostic::error("bad-value", message), entry.node.span);
                }
                continue;
            };
            let wrong = match key {
                "of" if value <= 0.0 => "the top of a scale is more than 0",
                "weight" if value < 0.0 => "a criterion cannot count less than nothing",
                "min" if number(table.get("max").unwrap_or(&Value::Null)).is_some_and(|max| max < value) => {
                    "`min` is more than `max`"
                }
                _ => continue,
            };
            self.problem(Diagnostic::error("bad-value", wrong), entry.node.span);
        }
        let empty = table.entry("values").filter(|entry| {
            matches!(kind, Kind::Enum | Kind::Set)
                && matches!(&entry.node.value, Value::List(items) if items.is_empty())
        });
        if let Some(entry) = empty {
            let problem = Diagnostic::error("bad-value", "a list of values needs one at least");
            self.problem(problem, entry.node.span);
        }
    }

    fn group(&mut self, table: &Table, groups: &mut Vec<Group>) -> usize {
        let named =
            table.entry("group").and_then(|entry| Some((entry.node.value.as_text()?, entry.node.span)));
        if let Some((name, span)) = named {
            if let Some(index) = groups.iter().position(|group| group.id == name) {
                return index;
            }
            let problem = Diagnostic::error("unknown-group", format!("there is no group `{name}`"))
                .nearest(name, groups.iter().map(|group| group.id.as_str()));
            let problem = if problem.hints.is_empty() {
                problem.hint("add it: `[[group]]` with `id` and `title`")
            } else {
                problem
            };
            self.problem(problem, span);
        }
        groups.iter().position(|group| group.id.is_empty()).unwrap_or_else(|| {
            groups.push(Group { id: String::new(), title: String::new(), help: None });
            groups.len() - 1
        })
    }

    fn better(&mut self, table: &Table, kind: Kind) -> Option<Better> {
        let entry = table.entry("better")?;
        let word = entry.node.value.as_text()?;
        if !keys::CRITERION
            .key("better")
            .is_some_and(|key| matches!(key.kind, schema::Kind::Choice(words) if words.contains(&word)))
        {
            return None;
        }
        if !kind.better().contains(&word) {
            let message = format!("`better = \"{word}\"` means nothing for the type `{}`", kind.name());
            let words: Vec<String> = kind.better().iter().map(|word| format!("`{word}`")).collect();
            let problem = Diagnostic::error("bad-value", message);
            let problem = if words.is_empty() {
                problem.hint("facts of this type are not compared")
            } else {
                problem.hint(format!("it can be {}", words.join(" or ")))
            };
            self.problem(problem, entry.node.span);
            return None;
        }
        Some(if matches!(word, "higher" | "later" | "yes" | "last") { Better::More } else { Better::Less })
    }

    fn values(&mut self, table: &Table) -> Vec<(String, String)> {
        let Some(Value::List(items)) = table.get("values") else { return Vec::new() };
        let mut values: Vec<(String, String)> = Vec::new();
        for Node { value, span } in items {
            let value = match value {
                Value::Text(id) => Some((id.clone(), id.clone())),
                Value::Table(table) => table.text("id").map(|id| {
                    let title = table.text("title").unwrap_or_else(|| id.clone());
                    (id, title)
                }),
                _ => None,
            };
            match value {
                Some((id, _)) if values.iter().any(|(other, _)| *other == id) => {
                    self.problem(
                        Diagnostic::error("duplicate-id", format!("the value `{id}` is given twice")),
                        *span,
                    );
                }
                Some(value) => values.push(value),
                None => {
                    let problem = Diagnostic::error(
                        "wrong-type",
                        "a value is a text or `{ id = \"…\", title = \"…\" }`",
                    );
                    self.problem(problem, *span);
                }
            }
        }
        values
    }
}

/// The number that a value is.
#[expect(clippy::cast_precision_loss, reason = "numbers of tables are small")]
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(n) => Some(*n as f64),
        Value::Float(n) if n.is_finite() => Some(*n),
        _ => None,
    }
}
