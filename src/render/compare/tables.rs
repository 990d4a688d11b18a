//! Tables: facts, tasks and comparisons, put together when they are asked for.
//!
//! In: subjects and criteria. Out: the values of blocks and functions.

use super::values::Lines;
use super::*;
use crate::compare::value::plain;

impl Shared {
    /// A table of some subjects by some criteria: `facts`, `matrix` and the
    /// table of a comparison.
    pub fn fact_table(&self, id: FieldId, criteria: &[usize], subjects: &[usize]) -> Value {
        let field = self.site.fields.field(id);
        self.note_subjects(field, subjects);
        let Some(values) = self.field_values(id) else { return Value::none() };
        let names: Vec<&str> = subjects.iter().map(|i| field.subjects[*i].short.as_str()).collect();
        let mut groups: Vec<(usize, Vec<Value>)> = Vec::new();
        let mut same = 0;
        let (mut decided, mut won) = (0.0, vec![0.0; subjects.len()]);
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
            decided += if outcome.winners.is_empty() { 0.0 } else { criterion.weight };
            outcome.winners.iter().for_each(|column| won[*column] += criterion.weight);
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
            ("decided", if decided > 0.0 { Value::from(plain(decided)) } else { Value::none() }),
            ("won", Value::from(won.into_iter().map(|won| Value::from(plain(won))).collect::<Vec<_>>())),
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
    pub(super) fn task_brief(&self, field: &Field, task: &Task) -> Value {
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

    /// Tasks that a subject solves, with its code.
    pub fn tasks_of(&self, id: FieldId, subject: usize) -> Value {
        let field = self.site.fields.field(id);
        let solves =
            |task: &Task| task.sides.iter().any(|side| side.subject == subject && !side.files.is_empty());
        let tasks = field.tasks.iter().enumerate().filter(|(_, task)| solves(task));
        Value::from(tasks.map(|(i, _)| self.task(id, i, &[subject], 0)).collect::<Vec<_>>())
    }
}
