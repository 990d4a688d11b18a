//! Compare: fields, subjects, tables and comparisons as templates see them.
//!
//! In: the site's fields, the code of its tasks, words. Out: template values.
//! What belongs to one subject or one fact is built once and shared by every
//! table it stands in; tables are put together when they are asked for. Every
//! reader notes the field or the subjects it has read.

use std::collections::HashMap;

use tera::Value;

use super::renew::Difference;
use super::scope::note;
use super::shared::Shared;
use super::values::{json, map, table, text, texts};
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::{FilePath, UrlPath};
use crate::base::reads::Key;
use crate::base::records;
use crate::base::text::escaped;
use crate::compare::criterion::{Criterion, Kind};
use crate::compare::fact::{Answer, Fact};
use crate::compare::table::outcome;
use crate::compare::value::Value as FactValue;
use crate::compare::words::Words;
use crate::model::field::{Comparison, Fate, Field, FieldId, Subject, Task};
use crate::model::sides::task_anchor;
use crate::model::{ItemId, PageId, link_address, permalink};
use crate::parse::markdown::{self, Options};

/// Most generated pairs that a field lists by itself.
const MOST_PAIRS: usize = 500;

/// Values of one field that are shared by everything that shows a part of it.
#[derive(PartialEq)]
pub struct FieldValues {
    words: Words,
    criteria: Vec<Value>,
    subjects: Vec<Value>,
    /// By subject, then criterion: plain, and as the winner of its row.
    cells: Vec<Vec<(Value, Value)>>,
    /// `{ id, name, title, permalink, url, sync }`.
    brief: Value,
}

/// Lines of Markdown outside of pages.
struct Lines<'a> {
    options: &'a Options,
    problems: Vec<Diagnostic>,
}

impl Lines<'_> {
    fn html(&mut self, line: &str, place: &crate::compare::Place) -> String {
        let (html, problems) = markdown::inline(line, self.options);
        for mut problem in problems {
            problem.labels.clear();
            self.problems.push(place.mark(problem));
        }
        html
    }

    fn value(&mut self, line: Option<&str>, place: &crate::compare::Place) -> Value {
        line.map_or_else(Value::none, |line| Value::safe_string(&self.html(line, place)))
    }

    fn values(&mut self, lines: &[String], place: &crate::compare::Place) -> Value {
        Value::from(lines.iter().map(|line| self.value(Some(line), place)).collect::<Vec<_>>())
    }
}

/// The words of a language: `[extra.words.LANG]`.
fn words(shared: &Shared, language: &str) -> Words {
    let own = shared.site.config.extra.get("words").and_then(|words| words.get(language));
    Words::new(own.and_then(serde_json::Value::as_object).cloned().unwrap_or_default())
}

/// Builds the shared values of a field; problems are those of its lines of
/// Markdown.
pub fn field_values(shared: &Shared, id: FieldId) -> (FieldValues, Vec<Diagnostic>) {
    let field = shared.site.fields.field(id);
    let section = shared.site.section(field.section);
    let options = crate::parse::parse_options(&shared.site.config, None, None);
    let mut lines = Lines { options: &options, problems: Vec::new() };
    let words = words(shared, &section.item.file.language);
    let brief = table(vec![
        ("id", Value::from(field.id.as_str())),
        ("name", Value::from(field.name.as_str())),
        ("title", Value::from(section.item.title.as_str())),
        ("sync", Value::from(field.id.as_str())),
        ("permalink", Value::from(section.item.permalink.as_str())),
        ("url", Value::from(link_address(&field.url))),
        ("path", Value::from(field.url.as_str())),
    ]);
    let criteria = field
        .criteria
        .criteria
        .iter()
        .map(|criterion| {
            table(vec![
                ("id", Value::from(criterion.id.as_str())),
                ("title", Value::from(criterion.title.as_str())),
                ("help", text(criterion.help.as_deref())),
                ("type", Value::from(criterion.kind.name())),
                ("unit", text(criterion.unit.as_deref())),
                ("is_ranked", Value::from(criterion.better.is_some())),
                ("method", lines.value(criterion.method.as_deref(), &criterion.place)),
                ("weight", Value::from(criterion.weight)),
                ("group", Value::from(field.criteria.groups[criterion.group].id.as_str())),
            ])
        })
        .collect();
    let subjects = field.subjects.iter().map(|subject| subject_value(shared, subject, &mut lines)).collect();
    let cells = field
        .subjects
        .iter()
        .map(|subject| {
            let facts = field.criteria.criteria.iter().zip(&subject.facts);
            facts
                .map(|(criterion, fact)| {
                    cell(shared, field, subject, criterion, fact.as_ref(), &words, &mut lines)
                })
                .collect()
        })
        .collect();
    (FieldValues { words, criteria, subjects, cells, brief }, lines.problems)
}

fn subject_value(shared: &Shared, subject: &Subject, lines: &mut Lines<'_>) -> Value {
    let profile = &subject.profile;
    let logo = profile.logo.as_ref().map(|logo| logo_address(shared, subject, logo, lines));
    table(vec![
        ("id", Value::from(subject.id.as_str())),
        ("title", Value::from(subject.title.as_str())),
        ("short", Value::from(subject.short.as_str())),
        ("kind", Value::from(if profile.is_language { "language" } else { "software" })),
        ("description", text(subject.description.as_deref())),
        ("version", text(profile.version.as_deref())),
        ("released", text(profile.released.as_ref().map(|date| date.text.as_str()))),
        ("languages", texts(profile.languages.iter().map(String::as_str))),
        ("website", text(profile.website.as_deref())),
        ("repository", text(profile.repository.as_deref())),
        ("license", text(profile.license.as_deref())),
        ("logo", text(logo.as_deref())),
        ("verified", text(profile.verified.as_ref().map(|date| date.text.as_str()))),
        ("family", text(profile.family.as_deref())),
        ("permalink", Value::from(permalink(&shared.site.config, &subject.url))),
        ("url", Value::from(link_address(&subject.url))),
        ("path", Value::from(subject.url.as_str())),
        ("pros", lines.values(&profile.pros, &subject.place)),
        ("cons", lines.values(&profile.cons, &subject.place)),
    ])
}

/// The address of a subject's logo, which lies beside its page.
fn logo_address(shared: &Shared, subject: &Subject, logo: &str, lines: &mut Lines<'_>) -> String {
    if logo.contains("://") {
        return logo.to_owned();
    }
    let folder = subject.page.map(|page| &shared.site.page(page).item.file.folder);
    let path = folder.and_then(|folder| folder.resolve(logo).ok());
    match path.and_then(|path| shared.site.assets.get(&path)) {
        Some(url) => link_address(url),
        None => {
            let problem =
                Diagnostic::error("missing-file", format!("there is no picture `{logo}` beside this page"));
            lines.problems.push(subject.place.mark(problem));
            String::new()
        }
    }
}

/// One cell: plain, and as the winner of its row.
fn cell(
    shared: &Shared,
    field: &Field,
    subject: &Subject,
    criterion: &Criterion,
    fact: Option<&Fact>,
    words: &Words,
    lines: &mut Lines<'_>,
) -> (Value, Value) {
    let absent = words.get("absent");
    let mut answer = fact.map_or_else(|| absent.to_string(), |fact| fact.words(criterion, words));
    let html = match fact {
        Some(fact) => answer_html(shared, field, criterion, fact, &answer, words, lines),
        None => escaped(&answer),
    };
    if criterion.kind == Kind::Text {
        answer = markdown::plain(&answer);
    }
    let of = |get: fn(&Fact) -> Option<&String>| text(fact.and_then(get).map(String::as_str));
    let is_stale = fact.is_some_and(|fact| is_stale(fact, criterion, &shared.today));
    let line = |lines: &mut Lines<'_>, get: fn(&Fact) -> Option<&String>| match fact {
        Some(fact) => lines.value(get(fact).map(String::as_str), &fact.place),
        None => Value::none(),
    };
    let mut fields = map(vec![
        ("subject", Value::from(subject.id.as_str())),
        ("criterion", Value::from(criterion.id.as_str())),
        ("state", Value::from(fact.map_or("absent", Fact::state))),
        ("text", Value::from(answer.as_str())),
        ("html", Value::safe_string(&html)),
        ("sort", fact.and_then(Fact::value).map_or_else(Value::none, |value| Value::from(value.sort_key()))),
        ("since", of(|fact| fact.since.as_ref())),
        ("until", of(|fact| fact.until.as_ref())),
        ("version", of(|fact| fact.version.as_ref())),
        ("by", of(|fact| fact.by.as_ref())),
        ("sources", texts(fact.into_iter().flat_map(|fact| &fact.sources).map(String::as_str))),
        ("verified", text(fact.and_then(|fact| fact.verified.as_ref()).map(|date| date.text.as_str()))),
        ("is_stale", Value::from(is_stale)),
        ("is_best", Value::from(false)),
    ]);
    fields.insert("note".into(), line(lines, |fact| fact.note.as_ref()));
    fields.insert("because".into(), line(lines, |fact| fact.because.as_ref()));
    fields.insert("method".into(), line(lines, |fact| fact.method.as_ref()));
    let plain = Value::from(fields.clone());
    let best = if criterion.better.is_some() {
        fields.insert("is_best".into(), Value::from(true));
        Value::from(fields)
    } else {
        plain.clone()
    };
    (plain, best)
}

/// Whether a fact is older than its criterion allows, on that day.
pub fn is_stale(fact: &Fact, criterion: &Criterion, today: &str) -> bool {
    let Some(days) = criterion.stale_after else { return false };
    let Ok(today) = crate::base::date::DateTime::parse(today) else { return false };
    fact.value().is_some()
        && fact.verified.as_ref().is_some_and(|date| (today.timestamp - date.timestamp) / 86_400 > days)
}

fn answer_html(
    shared: &Shared,
    field: &Field,
    criterion: &Criterion,
    fact: &Fact,
    answer: &str,
    words: &Words,
    lines: &mut Lines<'_>,
) -> String {
    let Answer::Value(value) = &fact.answer else { return escaped(answer) };
    match (criterion.kind, value) {
        (Kind::Text, FactValue::Text(line)) => {
            // Versions follow the text: what is behind its own words.
            let rest = answer.strip_prefix(line.as_str()).unwrap_or("");
            lines.html(line, &fact.place) + &escaped(rest)
        }
        (Kind::Url, FactValue::Url(address)) => {
            let shown =
                address.split_once("://").map_or(address.as_str(), |(_, rest)| rest).trim_end_matches('/');
            format!("<a href=\"{}\">{}</a>", escaped(address), escaped(shown))
        }
        (Kind::Snippet, FactValue::Task(id)) => match field.tasks.iter().find(|task| task.id == *id) {
            Some(task) => {
                let item = &shared.site.page(task.page).item;
                format!("<a href=\"{}\">{}</a>", escaped(&link_address(&item.url)), escaped(&item.title))
            }
            None => escaped(&words.get("code")),
        },
        _ => escaped(answer),
    }
}

/// What is different about the fields of two builds. Whatever is not a fact of
/// one subject concerns all that shows a part of its field.
pub fn compare(old: &Shared, new: &Shared, difference: &mut Difference) {
    let key = |shared: &Shared, id: FieldId| {
        let section = shared.site.fields.field(id).section;
        shared.site.section(section).item.content_path.clone()
    };
    let old_keys: Vec<(FilePath, FieldId)> = old.site.fields.ids().map(|id| (key(old, id), id)).collect();
    for (path, _) in &old_keys {
        if !new.site.fields.ids().any(|id| key(new, id) == *path) {
            difference.fields.insert(path.clone());
        }
    }
    for id in new.site.fields.ids() {
        let path = key(new, id);
        let old_id = old_keys.iter().find(|(old, _)| *old == path).map(|(_, id)| *id);
        let frames = old_id.map(|old_id| (frame(old, old_id, difference), frame(new, id, difference)));
        let Some(old_id) = old_id.filter(|_| frames.is_some_and(|(old, new)| old == new && old.is_some()))
        else {
            difference.fields.insert(path);
            continue;
        };
        let facts = |shared: &Shared, id: FieldId, i: usize| {
            let subject = shared.site.fields.field(id).subjects.get(i)?;
            let values: Vec<_> = subject.facts.iter().map(|fact| fact.as_ref().map(Fact::value)).collect();
            Some(format!("{values:?} {:?} {:?}", subject.url, subject.description))
        };
        let (Some(old_values), Some(values)) = (old.field_values(old_id), new.field_values(id)) else {
            continue;
        };
        for (i, subject) in new.site.fields.field(id).subjects.iter().enumerate() {
            let is_same = old_values.subjects.get(i) == values.subjects.get(i)
                && old_values.cells.get(i) == values.cells.get(i)
                && facts(old, old_id, i) == facts(new, id, i);
            if !is_same {
                difference.subjects.insert((path.clone(), subject.id.clone()));
            }
        }
    }
    let all = |shared: &Shared| -> Vec<_> {
        let fields = &shared.site.fields;
        fields
            .ids()
            .map(|id| (key(shared, id), fields.field(id).id.clone(), fields.field(id).url.clone()))
            .collect()
    };
    if all(old) != all(new) {
        difference.fields.insert(FilePath::root());
    }
    for shared in [old, new] {
        for id in shared.site.fields.ids() {
            let path = key(shared, id);
            if difference.fields.contains(&path)
                || difference.subjects.iter().any(|(field, _)| *field == path)
            {
                let tasks = shared.site.fields.field(id).tasks.iter();
                difference
                    .tasks
                    .extend(tasks.map(|task| shared.site.page(task.page).item.content_path.clone()));
            }
        }
    }
}

/// All of a field but the facts about its subjects, to compare. None when a
/// page in it has changed.
fn frame(shared: &Shared, id: FieldId, difference: &Difference) -> Option<String> {
    let site = &shared.site;
    let field = site.fields.field(id);
    let values = shared.field_values(id)?;
    let page = |id: PageId| {
        let path = &site.page(id).item.content_path;
        (!difference.summaries.contains(path)).then(|| path.clone())
    };
    let subjects: Vec<_> = field.subjects.iter().map(|subject| (&subject.id, &subject.short)).collect();
    let mut tasks = Vec::new();
    for task in &field.tasks {
        let sides = task.sides.iter().map(|side| {
            let code: Vec<_> =
                side.files.iter().map(|(path, name)| (path, name, shared.code(path))).collect();
            (side.subject, code, &side.omit)
        });
        tasks.push((&task.id, page(task.page)?, &task.front, sides.collect::<Vec<_>>()));
    }
    let mut pairs = Vec::new();
    for pair in &field.pairs {
        let written = match pair.page {
            Some(id) => Some(page(id)?),
            None => None,
        };
        pairs.push((pair.a, pair.b, written, pair.facts, pair.tasks, pair.fate));
    }
    let mut articles = Vec::new();
    for (id_of_page, comparison) in &site.fields.comparisons {
        if comparison.field == id {
            let Comparison { field: _, subjects, criteria, verdicts, article } = comparison;
            articles.push((page(*id_of_page)?, subjects, criteria, verdicts, article));
        }
    }
    let of_subjects: Option<Vec<_>> =
        field.subjects.iter().filter_map(|subject| subject.page).map(page).collect();
    let brief = (&field.id, &field.name, &field.url, &values.brief, &values.criteria, &values.words);
    let names = field.known_names();
    let criteria = (field.fingerprint, &shared.today);
    Some(format!(
        "{brief:?} {criteria:?} {names:?} {subjects:?} {tasks:?} {pairs:?} {articles:?} {:?}",
        of_subjects?
    ))
}

impl Shared {
    /// The address of a field's section file, which its reads are noted by.
    fn field_key(&self, field: &Field) -> FilePath {
        self.site.section(field.section).item.content_path.clone()
    }

    fn note_field(&self, field: &Field) {
        note(Key::Field(self.field_key(field)));
    }

    fn note_subjects(&self, field: &Field, subjects: &[usize]) {
        let key = self.field_key(field);
        note(Key::Criteria(key.clone()));
        for subject in subjects {
            note(Key::Subject(key.clone(), field.subjects[*subject].id.clone()));
        }
    }

    /// A table of some subjects by some criteria: `facts`, `matrix` and the
    /// table of a comparison.
    pub fn fact_table(&self, id: FieldId, criteria: &[usize], subjects: &[usize]) -> Value {
        let field = self.site.fields.field(id);
        self.note_subjects(field, subjects);
        let Some(values) = self.field_values(id) else { return Value::none() };
        let names: Vec<&str> = subjects.iter().map(|i| field.subjects[*i].short.as_str()).collect();
        let mut groups: Vec<(usize, Vec<Value>)> = Vec::new();
        let mut same = 0;
        for &i in criteria {
            let criterion = &field.criteria.criteria[i];
            let facts: Vec<Option<&Fact>> =
                subjects.iter().map(|subject| field.subjects[*subject].facts[i].as_ref()).collect();
            let outcome = outcome(criterion, &facts, &names, &values.words);
            let cells = subjects.iter().enumerate().map(|(column, subject)| {
                let (plain, best) = &values.cells[*subject][i];
                if outcome.winners.contains(&column) { best.clone() } else { plain.clone() }
            });
            let is_same = outcome.is_same && subjects.len() > 1;
            same += usize::from(is_same);
            let row = table(vec![
                ("criterion", values.criteria[i].clone()),
                ("cells", Value::from(cells.collect::<Vec<_>>())),
                ("is_same", Value::from(is_same)),
                (
                    "winners",
                    texts(outcome.winners.iter().map(|column| field.subjects[subjects[*column]].id.as_str())),
                ),
                ("outcome", Value::from(outcome.words)),
            ]);
            match groups.iter_mut().find(|(group, _)| *group == criterion.group) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((criterion.group, vec![row])),
            }
        }
        let groups: Vec<Value> = groups
            .into_iter()
            .map(|(group, rows)| {
                let group = &field.criteria.groups[group];
                table(vec![
                    ("id", Value::from(group.id.as_str())),
                    ("title", Value::from(group.title.as_str())),
                    ("help", text(group.help.as_deref())),
                    ("rows", Value::from(rows)),
                ])
            })
            .collect();
        let has_export = field.has_matrix() && (subjects.len() > 4 || subjects.len() == field.subjects.len());
        let export = |extension: &str| {
            if has_export { Value::from(link_address(&field.export_url(extension))) } else { Value::none() }
        };
        let caption = match names.as_slice() {
            [only] => (*only).to_owned(),
            [a, b] => values.words.with("versus", &[a, b]),
            _ if subjects.len() == field.subjects.len() => {
                self.site.section(field.section).item.title.clone()
            }
            several => several.join(", "),
        };
        table(vec![
            ("caption", Value::from(caption)),
            ("field", values.brief.clone()),
            (
                "subjects",
                Value::from(subjects.iter().map(|i| values.subjects[*i].clone()).collect::<Vec<_>>()),
            ),
            ("groups", Value::from(groups)),
            ("count", Value::from(criteria.len())),
            ("same", Value::from(same)),
            ("json", export("json")),
            ("csv", export("csv")),
        ])
    }

    /// A subject, as panes show it.
    pub fn subject_brief(&self, id: FieldId, subject: usize) -> Value {
        self.note_subjects(self.site.fields.field(id), &[subject]);
        self.field_values(id).map_or_else(Value::none, |values| values.subjects[subject].clone())
    }

    /// One cell.
    pub fn fact_cell(&self, id: FieldId, subject: usize, criterion: usize) -> Value {
        let field = self.site.fields.field(id);
        self.note_subjects(field, &[subject]);
        self.field_values(id).map_or_else(Value::none, |values| values.cells[subject][criterion].0.clone())
    }

    /// A task with the sides of some subjects, in their order; `shown` says how
    /// often the page has shown it before.
    pub fn task(&self, id: FieldId, task: usize, subjects: &[usize], shown: usize) -> Value {
        let field = self.site.fields.field(id);
        let task = &field.tasks[task];
        let anchor = task_anchor(&task.id, shown);
        let item = &self.site.page(task.page).item;
        note(Key::Task(item.content_path.clone()));
        let Some(values) = self.field_values(id) else { return Value::none() };
        let panes = subjects.iter().filter_map(|subject| {
            let side = task.sides.iter().find(|side| side.subject == *subject)?;
            let html: String = side.files.iter().filter_map(|(path, _)| self.code(path)).collect();
            let of = &field.subjects[*subject];
            Some(table(vec![
                ("side", Value::from(of.id.as_str())),
                ("title", Value::from(of.short.as_str())),
                ("subject", values.subjects[*subject].clone()),
                ("body", Value::safe_string(&html)),
                ("id", Value::from(format!("{anchor}--{}", of.id))),
                ("omit", text(side.omit.as_deref())),
                ("files", texts(side.files.iter().map(|(_, name)| name.as_str()))),
            ]))
        });
        table(vec![
            ("id", Value::from(task.id.as_str())),
            ("anchor", Value::from(anchor.as_str())),
            ("title", Value::from(item.title.as_str())),
            ("description", text(item.front.common.description.as_deref())),
            ("permalink", Value::from(item.permalink.as_str())),
            ("url", Value::from(link_address(&item.url))),
            ("expect", text(task.front.expect.as_deref())),
            ("sync", Value::from(field.id.as_str())),
            ("panes", Value::from(panes.collect::<Vec<_>>())),
        ])
    }

    /// A task without its code.
    fn task_brief(&self, field: &Field, task: &Task) -> Value {
        let item = &self.site.page(task.page).item;
        note(Key::Summary(item.content_path.clone()));
        let sides = task.sides.iter().filter(|side| side.omit.is_none());
        table(vec![
            ("id", Value::from(task.id.as_str())),
            ("title", Value::from(item.title.as_str())),
            ("description", text(item.front.common.description.as_deref())),
            ("permalink", Value::from(item.permalink.as_str())),
            ("url", Value::from(link_address(&item.url))),
            ("sides", texts(sides.map(|side| field.subjects[side.subject].id.as_str()))),
        ])
    }

    /// `comparison`: of a hand-written page, or of subjects nobody has compared.
    pub fn comparison(
        &self,
        id: FieldId,
        subjects: &[usize],
        criteria: &[usize],
        written: Option<&Comparison>,
    ) -> Value {
        let field = self.site.fields.field(id);
        let Some(values) = self.field_values(id) else { return Value::none() };
        let options = crate::parse::parse_options(&self.site.config, None, None);
        // What is wrong with them was told when the page was checked.
        let mut lines = Lines { options: &options, problems: Vec::new() };
        let names: Vec<&str> = subjects.iter().map(|i| field.subjects[*i].short.as_str()).collect();
        let title = names
            .iter()
            .skip(1)
            .fold(names.first().map_or(String::new(), |name| (*name).to_owned()), |title, name| {
                values.words.with("versus", &[&title, name])
            });
        let verdicts: Vec<Value> = written
            .into_iter()
            .flat_map(|written| written.verdicts.iter().map(move |verdict| (verdict, &written.article.place)))
            .map(|(verdict, place)| {
                let pick = verdict.pick.iter().map(|i| values.subjects[*i].clone()).collect::<Vec<_>>();
                table(vec![
                    ("when", lines.value(Some(&verdict.when), place)),
                    ("pick", Value::from(pick)),
                    ("because", lines.value(Some(&verdict.because), place)),
                ])
            })
            .collect();
        let sides: Vec<Value> = subjects
            .iter()
            .map(|i| {
                let subject = &field.subjects[*i];
                let own = written.and_then(|written| {
                    written.article.sides.iter().find(|side| field.subject(&side.subject.0) == Some(*i))
                });
                let profile = &subject.profile;
                let pros = own.and_then(|side| side.pros.as_ref()).unwrap_or(&profile.pros);
                let cons = own.and_then(|side| side.cons.as_ref()).unwrap_or(&profile.cons);
                table(vec![
                    ("subject", values.subjects[*i].clone()),
                    ("pros", lines.values(pros, &subject.place)),
                    ("cons", lines.values(cons, &subject.place)),
                    ("version", text(own.and_then(|side| side.version.as_deref()))),
                ])
            })
            .collect();
        // A hand-written page shows the tasks it asks for.
        let tasks: Vec<Value> = (0..field.tasks.len())
            .filter(|_| written.is_none())
            .filter(|i| {
                let has = |subject: &usize| {
                    field.tasks[*i]
                        .sides
                        .iter()
                        .any(|side| side.subject == *subject && !side.files.is_empty())
                };
                subjects.iter().all(has)
            })
            .map(|i| self.task(id, i, subjects, 0))
            .collect();
        let newest = subjects.iter().filter_map(|i| field.newest(*i)).max_by_key(|date| date.timestamp);
        let verified = written.and_then(|written| written.article.verified.as_ref()).or(newest);
        let fate = match subjects {
            [a, b] => field.pair(*a, *b).map(|pair| pair.fate),
            _ => None,
        };
        let inverse = names.iter().rev().copied().collect::<Vec<_>>();
        table(vec![
            ("title", Value::from(title)),
            ("inverse", Value::from(inverse.join(" vs "))),
            (
                "subjects",
                Value::from(subjects.iter().map(|i| values.subjects[*i].clone()).collect::<Vec<_>>()),
            ),
            ("table", self.fact_table(id, criteria, subjects)),
            ("verdicts", Value::from(verdicts)),
            ("sides", Value::from(sides)),
            ("tasks", Value::from(tasks)),
            ("verified", text(verified.map(|date| date.text.as_str()))),
            ("is_generated", Value::from(written.is_none())),
            ("noindex", Value::from(fate == Some(Fate::NoIndex))),
            ("sync", Value::from(field.id.as_str())),
        ])
    }

    /// A subject with the pages that compare it.
    pub fn subject(&self, id: FieldId, subject: usize) -> Value {
        let field = self.site.fields.field(id);
        self.note_field(field);
        let Some(values) = self.field_values(id) else { return Value::none() };
        let others = field.pairs.iter().filter(|pair| pair.fate != Fate::Skipped).filter_map(|pair| {
            let (a, b) = (pair.a as usize, pair.b as usize);
            let other = if a == subject {
                b
            } else if b == subject {
                a
            } else {
                return None;
            };
            let url =
                pair.page.map_or_else(|| field.pair_url(pair), |page| self.site.page(page).item.url.clone());
            let other = &field.subjects[other];
            Some(table(vec![
                ("id", Value::from(other.id.as_str())),
                ("title", Value::from(other.title.as_str())),
                ("short", Value::from(other.short.as_str())),
                ("permalink", Value::from(permalink(&self.site.config, &url))),
                ("url", Value::from(link_address(&url))),
                ("is_written", Value::from(pair.page.is_some())),
            ]))
        });
        let others: Vec<Value> = others.collect();
        let mut fields = values.subjects[subject].clone().into_map().unwrap_or_default();
        fields.insert("others".into(), Value::from(others));
        Value::from(fields)
    }

    /// Tasks that a subject solves, with its code.
    pub fn tasks_of(&self, id: FieldId, subject: usize) -> Value {
        let field = self.site.fields.field(id);
        let solves =
            |task: &Task| task.sides.iter().any(|side| side.subject == subject && !side.files.is_empty());
        let tasks = field.tasks.iter().enumerate().filter(|(_, task)| solves(task));
        Value::from(tasks.map(|(i, _)| self.task(id, i, &[subject], 0)).collect::<Vec<_>>())
    }

    /// `field`: all of it.
    pub fn field(&self, id: FieldId) -> Value {
        let field = self.site.fields.field(id);
        self.note_field(field);
        let Some(values) = self.field_values(id) else { return Value::none() };
        let section = &self.site.section(field.section).item;
        let mut fields = values.brief.clone().into_map().unwrap_or_default();
        let groups = field.criteria.groups.iter().enumerate().map(|(i, group)| {
            let of_group = field.criteria.criteria.iter().zip(&values.criteria);
            let of_group =
                of_group.filter(|(criterion, _)| criterion.group == i).map(|(_, value)| value.clone());
            table(vec![
                ("id", Value::from(group.id.as_str())),
                ("title", Value::from(group.title.as_str())),
                ("help", text(group.help.as_deref())),
                ("criteria", Value::from(of_group.collect::<Vec<_>>())),
            ])
        });
        let shown: Vec<_> = field.pairs.iter().filter(|pair| pair.fate != Fate::Skipped).collect();
        let pairs =
            shown.iter().filter(|pair| pair.page.is_some() || shown.len() <= MOST_PAIRS).map(|pair| {
                let [a, b] = [pair.a, pair.b].map(|i| &values.subjects[i as usize]);
                let names = [pair.a, pair.b].map(|i| field.subjects[i as usize].short.as_str());
                let (url, title) = match pair.page {
                    Some(page) => {
                        let item = &self.site.page(page).item;
                        note(Key::Summary(item.content_path.clone()));
                        (item.url.clone(), item.title.clone())
                    }
                    None => (field.pair_url(pair), values.words.with("versus", &names)),
                };
                table(vec![
                    ("permalink", Value::from(permalink(&self.site.config, &url))),
                    ("url", Value::from(link_address(&url))),
                    ("title", Value::from(title)),
                    ("a", a.clone()),
                    ("b", b.clone()),
                    ("is_written", Value::from(pair.page.is_some())),
                    ("noindex", Value::from(pair.fate == Fate::NoIndex)),
                ])
            });
        let articles = self.site.fields.comparisons.iter().filter(|(_, comparison)| comparison.field == id);
        let articles = articles.map(|(page, comparison)| {
            let item = &self.site.page(*page).item;
            note(Key::Summary(item.content_path.clone()));
            table(vec![
                ("title", Value::from(item.title.as_str())),
                ("description", text(item.front.common.description.as_deref())),
                ("permalink", Value::from(item.permalink.as_str())),
                ("url", Value::from(link_address(&item.url))),
                ("subjects", texts(comparison.subjects.iter().map(|i| field.subjects[*i].id.as_str()))),
            ])
        });
        for (name, value) in [
            ("description", text(section.front.common.description.as_deref())),
            ("subjects", Value::from(values.subjects.clone())),
            ("groups", Value::from(groups.collect::<Vec<_>>())),
            (
                "tasks",
                Value::from(field.tasks.iter().map(|task| self.task_brief(field, task)).collect::<Vec<_>>()),
            ),
            ("pairs", Value::from(pairs.collect::<Vec<_>>())),
            ("pair_count", Value::from(shown.len())),
            ("articles", Value::from(articles.collect::<Vec<_>>())),
            ("matrix", self.matrix_addresses(field)),
        ] {
            fields.insert(name.into(), value);
        }
        Value::from(fields)
    }

    /// Where the matrix of a field is, if there is one.
    fn matrix_addresses(&self, field: &Field) -> Value {
        if !field.has_matrix() {
            return Value::none();
        }
        table(vec![
            ("permalink", Value::from(permalink(&self.site.config, &field.matrix_url()))),
            ("url", Value::from(link_address(&field.matrix_url()))),
            ("json", Value::from(link_address(&field.export_url("json")))),
            ("csv", Value::from(link_address(&field.export_url("csv")))),
        ])
    }

    /// What every page of a field can show without reading all of it.
    pub fn field_brief(&self, id: FieldId) -> Value {
        let field = self.site.fields.field(id);
        note(Key::Summary(self.field_key(field)));
        let Some(values) = self.field_values(id) else { return Value::none() };
        let mut fields = values.brief.clone().into_map().unwrap_or_default();
        fields.insert("matrix".into(), self.matrix_addresses(field));
        Value::from(fields)
    }

    /// `page` of a page that no file stands for.
    pub fn generated_page(
        &self,
        id: FieldId,
        url: &UrlPath,
        title: &str,
        description: &str,
        updated: Option<&str>,
    ) -> Value {
        let field = self.site.fields.field(id);
        let section = &self.site.section(field.section).item;
        let ancestors = section.ancestors.iter().map(|id| self.site.section(*id).item.content_path.as_str());
        let ancestors = ancestors.chain(std::iter::once(section.content_path.as_str()));
        let none = || Value::from(Vec::<Value>::new());
        table(vec![
            ("title", Value::from(title)),
            ("description", Value::from(description)),
            ("permalink", Value::from(permalink(&self.site.config, url))),
            ("url", Value::from(link_address(url))),
            ("path", Value::from(url.as_str())),
            ("components", texts(url.as_str().split('/').filter(|part| !part.is_empty()))),
            ("ancestors", texts(ancestors)),
            ("lang", Value::from(section.file.language.as_str())),
            ("content", Value::safe_string("")),
            ("summary", Value::none()),
            ("toc", none()),
            ("extra", Value::from(tera::Map::new())),
            ("taxonomies", Value::from(tera::Map::new())),
            ("date", Value::none()),
            ("updated", text(updated)),
            ("authors", none()),
            ("assets", none()),
            ("translations", none()),
            ("backlinks", none()),
            ("lower", Value::none()),
            ("higher", Value::none()),
            ("relative_path", Value::from("")),
            ("file", Value::from("")),
            ("slug", Value::from(url.as_str().trim_end_matches('/').rsplit('/').next().unwrap_or(""))),
            ("word_count", Value::from(0)),
            ("reading_time", Value::from(0)),
            ("draft", Value::from(false)),
            ("is_generated", Value::from(true)),
        ])
    }

    /// The names of a generated pair's page: title and description.
    pub fn pair_words(&self, id: FieldId, pair: usize) -> (String, String) {
        let field = self.site.fields.field(id);
        let pair = &field.pairs[pair];
        let names = [pair.a, pair.b].map(|i| field.subjects[i as usize].short.as_str());
        let Some(values) = self.field_values(id) else { return Default::default() };
        let title = values.words.with("versus", &names);
        let (facts, tasks) = (pair.facts.to_string(), pair.tasks.to_string());
        let description = if pair.tasks == 0 {
            values.words.with("pair_description", &[names[0], names[1], &facts])
        } else {
            values.words.with("pair_description_tasks", &[names[0], names[1], &facts, &tasks])
        };
        (title, description)
    }

    /// Words of a field's language.
    pub fn words_of(&self, id: FieldId, name: &'static str, values: &[&str]) -> String {
        self.field_values(id).map_or_else(String::new, |of| of.words.with(name, values))
    }

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
    /// criterion; `[[data]]` can read it.
    pub fn export_csv(&self, id: FieldId) -> String {
        let field = self.site.fields.field(id);
        self.note_field(field);
        let heads = ["id", "title", "version"].into_iter().chain(field.criteria.ids());
        let rows = field.subjects.iter().map(|subject| {
            let cells = field.criteria.criteria.iter().zip(&subject.facts);
            let version = subject.profile.version.clone().unwrap_or_default();
            let cells = cells.map(|(criterion, fact)| {
                fact.as_ref().map_or_else(String::new, |fact| fact_text(criterion, fact))
            });
            [subject.id.clone(), subject.title.clone(), version].into_iter().chain(cells).collect()
        });
        records::write(std::iter::once(heads.map(str::to_owned).collect()).chain(rows))
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

/// The code of tasks, by path below `content/`.
pub type Codes = HashMap<FilePath, String>;

/// Whether a value of a block's argument names something: words of a list.
pub fn list_of(value: &serde_json::Value) -> Vec<String> {
    let words =
        |text: &str| text.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    match value {
        serde_json::Value::String(text) => words(text),
        serde_json::Value::Array(items) => {
            items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

/// The value of a hand-written comparison, for `page.comparison`.
pub fn of_page(shared: &Shared, id: ItemId) -> Option<Value> {
    let ItemId::Page(page) = id else { return None };
    let comparison = shared.site.fields.comparisons.get(&page)?;
    Some(shared.comparison(comparison.field, &comparison.subjects, &comparison.criteria, Some(comparison)))
}

/// Any JSON value, for arguments.
pub fn argument(value: &serde_json::Value) -> Value {
    json(value)
}
