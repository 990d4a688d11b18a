//! Data: facts from files, so that hundreds of subjects need no pages.
//!
//! In: `[[data]]` and the text of the file it names. Out: one [`Row`] for each
//! subject, with its facts as far as they can be read, and problems at their
//! places in the file. Must not know which subjects have pages.

use std::sync::Arc;

use super::criterion::Criteria;
use super::fact::{Defaults, Fact, Given};
use super::subject::{Profile, date};
use super::{Place, keys, subject};
use crate::base::diagnostic::Diagnostic;
use crate::base::keys as schema;
use crate::base::records;
use crate::base::source::{Source, Span};
use crate::base::table::{self, Bounds, Entry, Format, MAX_PROBLEMS, Node, Table, Value};
use crate::base::text::native_slug;

/// `[[data]]`.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The file, as written.
    pub file: String,
    /// Where that stands.
    pub place: Place,
    /// Path to the list of rows.
    rows: Vec<String>,
    /// Column of the ids.
    subject: String,
    /// Key of [`COLUMNS`], column, its place.
    columns: Vec<(&'static str, String, Place)>,
    /// Rows without a page become subjects.
    pub create: bool,
    defaults: Defaults,
    facts: Vec<Column>,
}

/// The column of a criterion's facts.
#[derive(Debug, Clone)]
struct Column {
    criterion: String,
    place: Place,
    column: String,
    column_place: Place,
    /// What else is said of them.
    given: Table,
}

/// Keys of `[[data]]` that name a column of the subject's own.
const COLUMNS: [&str; 9] = [
    "title",
    "description",
    "version",
    "released",
    "website",
    "repository",
    "license",
    "languages",
    "family",
];

/// Columns that a hint lists.
const MOST_NAMED: usize = 12;

/// One row of a file.
#[derive(Debug, Clone)]
pub struct Row {
    /// The subject's id.
    pub id: String,
    /// Its title.
    pub title: Option<String>,
    /// One sentence about it.
    pub description: Option<String>,
    /// What else is known about it.
    pub profile: Profile,
    /// Index of the criterion, fact.
    pub facts: Vec<(usize, Fact)>,
    /// Where it stands.
    pub place: Place,
}

impl Mapping {
    /// Reads `[[data]]`.
    pub(super) fn read(source: &Arc<Source>, table: &Table, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let start = table.entries.first().map_or(Span::at(0), |entry| entry.key_span);
        let Some(file) = table.entry("file").filter(|entry| entry.node.value.as_text().is_some()) else {
            problems.push(Diagnostic::error("missing-key", "`[[data]]` needs `file`").at(source, start));
            return None;
        };
        let columns = COLUMNS.iter().filter_map(|key| {
            let place = Place::new(source, table.entry(key)?.node.span);
            Some((*key, table.text(key)?, place))
        });
        let facts = table.table("facts").into_iter().flat_map(|facts| &facts.entries).filter_map(|entry| {
            let place = Place::new(source, entry.key_span);
            match &entry.node.value {
                Value::Text(column) => Some(Column {
                    criterion: entry.key.clone(),
                    place,
                    column: column.clone(),
                    column_place: Place::new(source, entry.node.span),
                    given: Table::default(),
                }),
                Value::Table(given) => match given.entry("column").zip(given.text("column")) {
                    Some((of_column, column)) => {
                        let rest =
                            given.entries.iter().filter(|entry| entry.key != "column").cloned().collect();
                        let rest = Table { entries: rest };
                        problems.extend(schema::check(source, &rest, &keys::FACT));
                        Some(Column {
                            criterion: entry.key.clone(),
                            place,
                            column,
                            column_place: Place::new(source, of_column.node.span),
                            given: rest,
                        })
                    }
                    None => {
                        problems.push(
                            place.mark(Diagnostic::error("missing-key", "a fact from a file needs `column`")),
                        );
                        None
                    }
                },
                _ => {
                    let problem = Diagnostic::error(
                        "wrong-type",
                        "a fact from a file is a column's name, or a table with `column`",
                    );
                    problems.push(problem.at(source, entry.node.span));
                    None
                }
            }
        });
        Some(Self {
            file: file.node.value.as_text().unwrap_or_default().to_owned(),
            place: Place::new(source, file.node.span),
            rows: dotted(&table.text("rows").unwrap_or_default()),
            subject: table.text("subject").unwrap_or_else(|| "id".to_owned()),
            columns: columns.collect(),
            create: table.bool("create").unwrap_or(true),
            defaults: Defaults { verified: date(table.get("verified")), source: table.text("source") },
            facts: facts.collect(),
        })
    }

    /// Reads the rows of the file.
    pub fn apply(&self, file: &Arc<Source>, criteria: &Criteria, problems: &mut Vec<Diagnostic>) -> Vec<Row> {
        let mut facts = Vec::new();
        for Column { criterion, place, column, given, .. } in &self.facts {
            match criteria.index(criterion) {
                Some(index) => facts.push((index, dotted(column), given)),
                None if criteria.unusable.contains(criterion) => {}
                None => problems.push(place.mark(criteria.unknown(criterion))),
            }
        }
        let before = problems.len();
        let Some(items) = self.items(file, problems) else { return Vec::new() };
        self.unknown_columns(file, &items, problems);
        let mut rows: Vec<Row> = Vec::with_capacity(items.len());
        let mut seen = std::collections::HashMap::new();
        for item in &items {
            let found = self.row(file, item, criteria, &facts, problems);
            let Some(row) = found else { continue };
            if let Some(first) = seen.insert(row.id.clone(), row.place.span) {
                let problem =
                    Diagnostic::error("duplicate-subject", format!("there are two rows for `{}`", row.id))
                        .label(file, row.place.span, "the second")
                        .label(file, first, "the first");
                problems.push(problem);
                continue;
            }
            rows.push(row);
            if problems.len() - before > MAX_PROBLEMS {
                break;
            }
        }
        rows
    }

    /// Columns that no row has.
    fn unknown_columns(&self, file: &Arc<Source>, items: &[Node], problems: &mut Vec<Diagnostic>) {
        let rows: Vec<&Table> = items.iter().filter_map(|item| item.value.as_table()).collect();
        if rows.is_empty() {
            return;
        }
        let of_facts = self.facts.iter().map(|fact| (&fact.column, &fact.column_place));
        let asked = self.columns.iter().map(|(_, column, place)| (column, place)).chain(of_facts);
        for (column, place) in asked {
            let path = dotted(column);
            if rows.iter().any(|row| at(row, &path).is_some()) {
                continue;
            }
            let mut known: Vec<&str> =
                rows.iter().flat_map(|row| &row.entries).map(|entry| entry.key.as_str()).collect();
            known.sort_unstable();
            known.dedup();
            let message = format!("no row of `{}` has a column `{column}`", file.path);
            let problem = place.mark(Diagnostic::error("unknown-column", message));
            let problem = problem.nearest(column, known.iter().copied());
            problems.push(if problem.hints.is_empty() {
                let more = if known.len() > MOST_NAMED { " and more" } else { "" };
                problem.hint(format!("there are {}{more}", known[..known.len().min(MOST_NAMED)].join(", ")))
            } else {
                problem
            });
        }
    }

    /// The rows as tables with places.
    fn items(&self, file: &Arc<Source>, problems: &mut Vec<Diagnostic>) -> Option<Vec<Node>> {
        let format = match file.path.rsplit_once('.').map(|(_, extension)| extension) {
            Some("csv") => return csv_rows(file, problems),
            Some("toml") => Format::Toml,
            // JSON is YAML, too.
            Some("json" | "yaml" | "yml") => Format::Yaml,
            _ => {
                let problem = Diagnostic::error("bad-data", format!("`{}` is no file of data", file.path));
                problems.push(
                    self.place.mark(problem).hint("it can be CSV, JSON, TOML or YAML, by its extension"),
                );
                return None;
            }
        };
        let (node, found) = table::read_value(file, 0..file.text.len(), format, Bounds::DATA);
        problems.extend(found);
        let mut node = node?;
        for part in &self.rows {
            let below = match node.value {
                Value::Table(table) => table.entries.into_iter().find(|entry| entry.key == *part),
                _ => None,
            };
            let Some(below) = below else {
                let message = format!("`{}` has no list `{}`", file.path, self.rows.join("."));
                problems.push(self.place.mark(Diagnostic::error("bad-data", message)));
                return None;
            };
            node = below.node;
        }
        match node.value {
            Value::List(items) => Some(items),
            // A table of tables: the keys are the ids.
            Value::Table(table) => Some(table.entries.into_iter().map(|entry| self.with_id(entry)).collect()),
            other => {
                let message = format!("expected a list of rows, found {}", other.kind());
                let problem = Diagnostic::error("bad-data", message).at(file, node.span);
                problems.push(problem.hint("say where it is with `rows`"));
                None
            }
        }
    }

    fn with_id(&self, entry: Entry) -> Node {
        let mut node = entry.node;
        if let Value::Table(table) = &mut node.value
            && table.entry(&self.subject).is_none()
        {
            let id = Node { value: Value::Text(entry.key), span: entry.key_span };
            table.entries.push(Entry { key: self.subject.clone(), key_span: entry.key_span, node: id });
        }
        node
    }

    fn row(
        &self,
        file: &Arc<Source>,
        item: &Node,
        criteria: &Criteria,
        facts: &[(usize, Vec<String>, &Table)],
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Row> {
        let Value::Table(table) = &item.value else {
            let message = format!("a row is a table, found {}", item.value.kind());
            problems.push(Diagnostic::error("bad-data", message).at(file, item.span));
            return None;
        };
        let words = |column: &str| match at(table, &dotted(column))?.value {
            Value::Text(ref text) | Value::Date(ref text) => {
                Some(text.trim().to_owned()).filter(|text| !text.is_empty())
            }
            Value::Integer(number) => Some(number.to_string()),
            Value::Float(number) => Some(number.to_string()),
            _ => None,
        };
        let Some(name) = words(&self.subject) else {
            let problem = Diagnostic::error("bad-data", format!("this row has no `{}`", self.subject));
            problems.push(problem.at(file, item.span).hint("the column of the ids is `subject`"));
            return None;
        };
        let place = Place::new(file, at(table, &dotted(&self.subject)).map_or(item.span, |node| node.span));
        let of = |key: &str| {
            let (_, column, _) = self.columns.iter().find(|(known, ..)| *known == key)?;
            words(column)
        };
        let released = of("released");
        let languages = self.columns.iter().find(|(key, ..)| *key == "languages");
        let languages =
            languages.and_then(|(_, column, _)| at(table, &dotted(column))).map(|node| match &node.value {
                Value::List(_) => node.value.texts().unwrap_or_default(),
                Value::Text(text) => vec![text.clone()],
                _ => Vec::new(),
            });
        let profile = Profile {
            version: of("version"),
            released: released.and_then(|text| subject::date(Some(&Value::Text(text)))),
            website: of("website"),
            repository: of("repository"),
            license: of("license"),
            family: of("family"),
            languages: languages.unwrap_or_default(),
            verified: self.defaults.verified.clone(),
            ..Profile::default()
        };
        for (key, address) in profile.bad_addresses() {
            problems.push(subject::bad_address(key, address).at(file, item.span));
        }
        let mut found = Vec::with_capacity(facts.len());
        for (index, column, given) in facts {
            let Some(node) = at(table, column) else { continue };
            if matches!(&node.value, Value::Null)
                || node.value.as_text().is_some_and(|text| text.trim().is_empty())
            {
                continue;
            }
            let given = Given { table: given, defaults: &self.defaults, lenient: true };
            let (fact, wrong) = match &node.value {
                // A cell that says more than its value.
                Value::Table(own) if own.entry("value").is_some() => {
                    let mut merged = own.clone();
                    let more = given.table.entries.iter().filter(|entry| own.entry(&entry.key).is_none());
                    merged.entries.extend(more.cloned());
                    let value = own.get("value").cloned().unwrap_or(Value::Null);
                    Given { table: &merged, ..given }.fact(
                        &criteria.criteria[*index],
                        &value,
                        Place::new(file, node.span),
                    )
                }
                value => given.fact(&criteria.criteria[*index], value, Place::new(file, node.span)),
            };
            problems.extend(wrong.into_iter().map(|problem| problem.at(file, node.span)));
            found.extend(fact.map(|fact| (*index, fact)));
        }
        let id = native_slug(&name);
        Some(Row {
            title: of("title").or(Some(name)),
            description: of("description"),
            id,
            profile,
            facts: found,
            place,
        })
    }
}

fn dotted(path: &str) -> Vec<String> {
    path.split('.').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The value at a dotted path: as one key, else step by step.
fn at<'t>(table: &'t Table, path: &[String]) -> Option<&'t Node> {
    if let Some(entry) = table.entry(&path.join(".")) {
        return Some(&entry.node);
    }
    let (last, above) = path.split_last()?;
    let table = above.iter().try_fold(table, |table, part| table.table(part))?;
    Some(&table.entry(last)?.node)
}

/// A CSV file's records as tables; the first record is the head.
fn csv_rows(file: &Arc<Source>, problems: &mut Vec<Diagnostic>) -> Option<Vec<Node>> {
    let start = file.text.len() - file.text.trim_start_matches('\u{feff}').len();
    let records = match records::read(file, start) {
        Ok(records) => records,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    let heads = records.head;
    let row = |(record, span): (Vec<String>, Span)| {
        let cells = heads.iter().zip(record);
        let entries = cells.map(|(head, cell)| Entry {
            key: head.trim().to_owned(),
            key_span: span,
            node: Node { value: Value::Text(cell.trim().to_owned()), span },
        });
        Node { value: Value::Table(Table { entries: entries.collect() }), span }
    };
    Some(records.records.into_iter().map(row).collect())
}
