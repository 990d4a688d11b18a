//! Assemble: the subjects and tasks of each field.
//!
//! In: pages, sections, and what was read for each field. Out: fields, and
//! problems with names and facts. Must not know what is compared with what;
//! that is `comparing`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::comparing::{comparison, pairs, written};
use super::*;
use crate::compare::subject::bad_address;

/// Assembles all fields.
pub(in crate::model) fn assemble(
    pages: &[Page],
    sections: &[Section],
    sources: &[FieldSource],
    problems: &mut Vec<Diagnostic>,
) -> Fields {
    let mut fields = Fields::default();
    for (i, section) in sections.iter().enumerate() {
        let Some(source) = sources.iter().find(|source| source.folder == section.item.file.folder) else {
            continue;
        };
        let of_field = Assembly {
            section: SectionId(index(i)),
            pages,
            sections,
            source,
            all: sources,
            problems: &mut *problems,
        };
        if let Some(field) = of_field.run(section) {
            let id = FieldId(index(fields.fields.len()));
            for (i, subject) in field.subjects.iter().enumerate() {
                if let Some(page) = subject.page {
                    fields.subjects.insert(page, (id, i));
                }
            }
            for (i, task) in field.tasks.iter().enumerate() {
                fields.tasks.insert(task.page, (id, i));
            }
            fields.fields.push(field);
        }
    }
    one_of_each(sections, &fields, problems);
    outside(pages, &fields, problems);
    for (i, page) in pages.iter().enumerate() {
        if let Some(article) = &page.item.front.page.article
            && let Some(comparison) = comparison(page, sections, article, &fields, problems)
        {
            fields.comparisons.insert(PageId(index(i)), comparison);
        }
    }
    let written = written(pages, sections, &fields, problems);
    for (id, field) in fields.fields.iter_mut().enumerate() {
        field.pairs = pairs(field, FieldId(index(id)), &written);
    }
    fields
}

/// Fields of one id, which a name could not tell apart.
fn one_of_each(sections: &[Section], fields: &Fields, problems: &mut Vec<Diagnostic>) {
    let language = |field: &Field| sections[field.section.0 as usize].item.file.language.as_str();
    let mut seen: HashMap<(&str, &str), &Field> = HashMap::new();
    for field in &fields.fields {
        let Some(first) = seen.insert((&field.id, language(field)), field) else { continue };
        let message = format!("there are two fields `{}`", field.id);
        let problem = Diagnostic::error("duplicate-id", message);
        let problem = problem.in_file(field.criteria.source.path.clone());
        problems.push(problem.hint(format!(
            "the other one is that of `{}`: give one another `id` in its `[field]`",
            first.criteria.source.path
        )));
    }
}

/// Subjects and tasks that lie in no field.
fn outside(pages: &[Page], fields: &Fields, problems: &mut Vec<Diagnostic>) {
    for page in pages {
        let front = &page.item.front.page;
        let place = front.subject.as_ref().map(|subject| (&subject.place, "subject"));
        let place = place.or(front.task.as_ref().map(|task| (&task.place, "task")));
        if let Some((place, what)) = place
            && fields.around(page).is_none()
        {
            let problem = Diagnostic::error("not-in-a-field", format!("this {what} belongs to no field"));
            problems.push(place.mark(problem).hint(
                "a field is a section with a file `criteria.toml` in its folder: put one above this page",
            ));
        }
    }
}

struct Assembly<'a> {
    section: SectionId,
    pages: &'a [Page],
    sections: &'a [Section],
    source: &'a FieldSource,
    all: &'a [FieldSource],
    problems: &'a mut Vec<Diagnostic>,
}

impl Assembly<'_> {
    fn run(mut self, section: &Section) -> Option<Field> {
        let criteria = &self.source.criteria;
        let mut subjects = self.subjects(section);
        // In a language that says nothing about the field there is none.
        if subjects.is_empty() && section.item.parsed.is_none() {
            return None;
        }
        self.rows(&mut subjects, section);
        self.order(&mut subjects);
        let subjects: Vec<Subject> = subjects.into_iter().map(|(_, subject)| subject).collect();
        let settings = &criteria.settings;
        let names = self.names(&subjects);
        let mut field = Field {
            id: settings.id.clone().unwrap_or_else(|| native_slug(section.item.file.folder.name())),
            name: settings.name.clone().unwrap_or_else(|| section.item.title.clone()),
            section: self.section,
            criteria: Arc::clone(criteria),
            subjects,
            tasks: Vec::new(),
            pairs: Vec::new(),
            url: section.item.url.clone(),
            names,
            fingerprint: criteria.fingerprint,
        };
        if field.id.is_empty() {
            "field".clone_into(&mut field.id);
        }
        field.tasks = self.tasks(&field);
        self.snippets(&field);
        Some(field)
    }

    /// Pages in this field and in no nearer one, with their ids.
    fn pages(&self) -> impl Iterator<Item = (PageId, &'_ Page)> {
        let is_field = |id: &&SectionId| {
            let folder = &self.sections[id.0 as usize].item.file.folder;
            self.all.iter().any(|source| source.folder == *folder)
        };
        self.pages
            .iter()
            .enumerate()
            .filter(move |(_, page)| page.item.ancestors.iter().rev().find(is_field) == Some(&self.section))
            .map(|(i, page)| (PageId(index(i)), page))
    }

    fn subjects(&mut self, _: &Section) -> Vec<(i64, Subject)> {
        let criteria = Arc::clone(&self.source.criteria);
        let mut found: Vec<(i64, Subject)> = Vec::new();
        let mut problems = Vec::new();
        for (id, page) in self.pages() {
            let Some(front) = &page.item.front.page.subject else { continue };
            let profile = front.profile.clone();
            let name = profile.id.clone().unwrap_or_else(|| page.slug.clone());
            let slug = native_slug(&name);
            if slug != name || !is_id(&slug) {
                let problem =
                    Diagnostic::error("bad-value", format!("`{name}` cannot be the id of a subject"));
                problems.push(front.place.mark(problem).hint(format!("give it one: `id = \"{slug}\"`")));
                continue;
            }
            if let Some((_, other)) = found.iter().find(|(_, other)| other.id == slug) {
                let problem =
                    Diagnostic::error("duplicate-subject", format!("there are two subjects `{slug}`"));
                let problem =
                    front.place.mark(problem).label(&other.place.source, other.place.span, "the other one");
                problems.push(problem.hint("give one of them another `id`"));
                continue;
            }
            if page.item.front.common.render == Some(false) {
                let message = format!("the subject `{slug}` has no page, and tables link to it");
                let problem = front.place.mark(Diagnostic::error("bad-value", message));
                problems.push(problem.hint("take `render = false` away"));
            }
            for (key, address) in profile.bad_addresses() {
                problems.push(front.place.mark(bad_address(key, address)));
            }
            let defaults = fact::Defaults { verified: profile.verified.clone(), source: None };
            let mut facts: Vec<Option<Fact>> = vec![None; criteria.criteria.len()];
            for entry in &front.facts.entries {
                let source = &front.place.source;
                match criteria.index(&entry.key) {
                    Some(i) => {
                        facts[i] = fact::read(source, entry, &criteria.criteria[i], &defaults, &mut problems);
                    }
                    None if criteria.unusable.contains(&entry.key) => {}
                    None => {
                        let problem = Diagnostic::error(
                            "unknown-criterion",
                            format!("there is no criterion `{}` in `{}`", entry.key, criteria.source.path),
                        );
                        problems.push(problem.at(source, entry.key_span).nearest(&entry.key, criteria.ids()));
                    }
                }
            }
            let title = page.item.title.clone();
            let subject = Subject {
                id: slug,
                short: profile.short.clone().unwrap_or_else(|| title.clone()),
                title,
                description: page.item.front.common.description.clone(),
                profile,
                facts,
                page: Some(id),
                url: page.item.url.clone(),
                place: front.place.clone(),
            };
            found.push((page.item.front.page.weight.unwrap_or(i64::MAX), subject));
        }
        self.problems.append(&mut problems);
        found
    }

    /// Works in what data files say. What a page says goes before.
    fn rows(&mut self, subjects: &mut Vec<(i64, Subject)>, section: &Section) {
        let mut by_id: HashMap<String, usize> =
            subjects.iter().enumerate().map(|(i, (_, subject))| (subject.id.clone(), i)).collect();
        for (create, rows) in &self.source.rows {
            for row in rows.iter() {
                let at = match by_id.get(&row.id) {
                    Some(at) => *at,
                    None if *create => {
                        let title = row.title.clone().unwrap_or_else(|| row.id.clone());
                        by_id.insert(row.id.clone(), subjects.len());
                        let subject = Subject {
                            id: row.id.clone(),
                            short: title.clone(),
                            title,
                            description: row.description.clone(),
                            profile: row.profile.clone(),
                            facts: vec![None; self.source.criteria.criteria.len()],
                            page: None,
                            url: UrlPath::new(&format!("{}{}/", section.item.url, row.id)),
                            place: row.place.clone(),
                        };
                        subjects.push((i64::MAX, subject));
                        subjects.len() - 1
                    }
                    None => {
                        let problem =
                            Diagnostic::error("unknown-subject", format!("there is no subject `{}`", row.id));
                        let known = subjects.iter().map(|(_, subject)| subject.id.as_str());
                        self.problems.push(row.place.mark(problem).nearest(&row.id, known));
                        continue;
                    }
                };
                for (criterion, fact) in &row.facts {
                    let cell = &mut subjects[at].1.facts[*criterion];
                    if cell.is_none() {
                        *cell = Some(fact.clone());
                    }
                }
            }
        }
    }

    /// The order of the field, then weight, then id.
    fn order(&mut self, subjects: &mut [(i64, Subject)]) {
        let order = &self.source.criteria.settings.order;
        for (name, place) in order {
            if !subjects.iter().any(|(_, subject)| subject.id == *name) {
                let problem = Diagnostic::error("unknown-subject", format!("there is no subject `{name}`"));
                let known = subjects.iter().map(|(_, subject)| subject.id.as_str());
                self.problems.push(place.mark(problem).nearest(name, known));
            }
        }
        let place =
            |subject: &Subject| order.iter().position(|(name, _)| *name == subject.id).unwrap_or(usize::MAX);
        subjects.sort_by(|(weight_a, a), (weight_b, b)| {
            (place(a), *weight_a, &a.id).cmp(&(place(b), *weight_b, &b.id))
        });
    }

    /// Every name of every subject. Ids go before other names, those before
    /// titles; a family's name means its current member.
    fn names(&mut self, subjects: &[Subject]) -> HashMap<String, usize> {
        let mut names: HashMap<String, usize> = HashMap::new();
        for (i, subject) in subjects.iter().enumerate() {
            names.insert(subject.id.clone(), i);
        }
        for (i, subject) in subjects.iter().enumerate() {
            for name in &subject.profile.also {
                let taken = names.get(&name.to_lowercase()).filter(|other| **other != i);
                if let Some(other) = taken {
                    let other = &subjects[*other];
                    let message = format!("`{name}` is a name of `{}` already", other.id);
                    let problem = Diagnostic::error("duplicate-subject", message);
                    self.problems.push(subject.place.mark(problem));
                    continue;
                }
                names.insert(name.to_lowercase(), i);
            }
        }
        let mut families: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (i, subject) in subjects.iter().enumerate() {
            if let Some(family) = &subject.profile.family {
                families.entry(family).or_default().push(i);
            }
        }
        for (family, members) in families {
            let current = members.iter().copied().max_by_key(|i| {
                let profile = &subjects[*i].profile;
                let released = profile.released.as_ref().map(|date| date.timestamp);
                (profile.current.unwrap_or(false), released, Reverse(*i))
            });
            if let Some(current) = current {
                names.entry(family.to_lowercase()).or_insert(current);
            }
        }
        for (i, subject) in subjects.iter().enumerate() {
            for name in [&subject.short, &subject.title] {
                names.entry(name.to_lowercase()).or_insert(i);
            }
        }
        names
    }

    fn tasks(&mut self, field: &Field) -> Vec<Task> {
        let mut tasks = Vec::new();
        let mut problems = Vec::new();
        for (id, page) in self.pages() {
            let Some(front) = &page.item.front.page.task else { continue };
            let mut sides: BTreeMap<usize, TaskSide> = BTreeMap::new();
            for (path, name) in &page.item.assets {
                let (side, file) = side_of(name);
                match field.subject(side) {
                    Some(subject) => {
                        let side = sides.entry(subject).or_insert(TaskSide {
                            subject,
                            files: Vec::new(),
                            omit: None,
                        });
                        side.files.push((path.clone(), file.to_owned()));
                    }
                    None if is_code(name) => {
                        let message = format!("the file `{name}` belongs to no subject of this task");
                        let problem =
                            Diagnostic::warning("unknown-side", message).in_file(format!("content/{path}"));
                        let known = field.subjects.iter().map(|subject| subject.id.as_str());
                        let problem = problem.nearest(side, known);
                        problems.push(if problem.hints.is_empty() {
                            problem.hint("a side's file or folder is named by the subject's id")
                        } else {
                            problem
                        });
                    }
                    None => {}
                }
            }
            for (name, reason, place) in &front.omit {
                if reason.trim().is_empty() {
                    let message = format!("`{name}` is left out without a reason");
                    problems.push(place.mark(Diagnostic::error("bad-value", message)));
                }
                match field.subject(name) {
                    Some(subject) if sides.contains_key(&subject) => {
                        let message = format!("`{name}` is left out, but there is a side of it");
                        problems.push(place.mark(Diagnostic::warning("unknown-side", message)));
                    }
                    Some(subject) => {
                        sides.insert(
                            subject,
                            TaskSide { subject, files: Vec::new(), omit: Some(reason.clone()) },
                        );
                    }
                    None => problems.push(place.mark(field.unknown_subject(name))),
                }
            }
            for (name, file, place) in &front.main {
                let Some(subject) = field.subject(name) else {
                    problems.push(place.mark(field.unknown_subject(name)));
                    continue;
                };
                let side = sides.get(&subject);
                if !side.is_some_and(|side| side.files.iter().any(|(_, name)| name == file)) {
                    let message = format!("the side `{name}` has no file `{file}`");
                    problems.push(place.mark(Diagnostic::error("unknown-side", message)));
                }
            }
            let other: Option<&Task> = tasks.iter().find(|other: &&Task| other.id == page.slug);
            if let Some(other) = other {
                let message = format!("there are two tasks `{}`", page.slug);
                let problem = front.place.mark(Diagnostic::error("duplicate-id", message));
                let first = &other.front.place;
                let problem = problem.label(&first.source, first.span, "the other one");
                problems.push(problem.hint("the id of a task is its page's slug: give one another `slug`"));
            }
            tasks.push(Task {
                id: page.slug.clone(),
                page: id,
                front: Arc::clone(front),
                sides: sides.into_values().collect(),
            });
        }
        self.problems.append(&mut problems);
        tasks
    }

    /// Facts that name a task need one.
    fn snippets(&mut self, field: &Field) {
        for fact in field.subjects.iter().flat_map(|subject| subject.facts.iter().flatten()) {
            if let Some(Value::Task(name)) = fact.value()
                && !field.tasks.iter().any(|task| task.id == *name)
            {
                let problem =
                    Diagnostic::error("unknown-task", format!("there is no task `{name}` in this field"));
                let known = field.tasks.iter().map(|task| task.id.as_str());
                self.problems.push(fact.place.mark(problem).nearest(name, known));
            }
        }
    }
}

/// Whether a file is likely to be somebody's side: not a picture, a text or a
/// hidden thing.
fn is_code(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    !matches!(
        extension.to_ascii_lowercase().as_str(),
        "" | "png" | "jpg" | "jpeg" | "gif" | "svg" | "webp" | "avif" | "pdf" | "txt" | "csv" | "lock"
    ) && !name.starts_with('_')
}
