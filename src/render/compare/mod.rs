//! Compare: fields, subjects, tables and comparisons as templates see them.
//!
//! In: the site's fields, the code of its tasks, words. Out: template values.
//! What belongs to one subject or one fact is built once and shared by every
//! table it stands in; tables are put together when they are asked for. Every
//! reader notes the field or the subjects it has read.
//!
//! `values` builds what is shared, `tables` puts tables, tasks and comparisons
//! together, `pages` what stands for a whole page, `export` data files.

mod export;
mod pages;
mod tables;
mod values;

pub use self::values::field_values;

use std::collections::HashMap;

use tera::Value;

use super::renew::Difference;
use super::scope::note;
use super::shared::Shared;
use super::values::{map, table, text, texts};
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

/// The code of tasks, by path below `content/`.
pub type Codes = HashMap<FilePath, String>;

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

impl Shared {
    /// The address of a field's section file, which its reads are noted by.
    pub(super) fn field_key(&self, field: &Field) -> FilePath {
        self.site.section(field.section).item.content_path.clone()
    }

    pub(super) fn note_field(&self, field: &Field) {
        note(Key::Field(self.field_key(field)));
    }

    pub(super) fn note_subjects(&self, field: &Field, subjects: &[usize]) {
        let key = self.field_key(field);
        note(Key::Criteria(key.clone()));
        for subject in subjects {
            note(Key::Subject(key.clone(), field.subjects[*subject].id.clone()));
        }
    }
}
