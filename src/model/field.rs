//! Fields: the subjects, tasks, comparisons and pairs of each section that has
//! criteria.
//!
//! In: the pages and sections, and what was read from `criteria.toml` and data
//! files. Out: [`Fields`], every name looked up and every fact checked against
//! its criterion, and problems. Pure. Must not know how anything is drawn.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Page, PageId, Section, SectionId};
use crate::base::date::DateTime;
use crate::base::diagnostic::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::{FilePath, UrlPath};
use crate::base::text::native_slug;
use crate::compare::article::Article;
use crate::compare::criterion::{Below, Criteria};
use crate::compare::data::Row;
use crate::compare::fact::{self, Answer, Fact};
use crate::compare::subject::Profile;
use crate::compare::task::{TaskFront, side_of};
use crate::compare::value::Value;
use crate::compare::{Place, is_id};

/// Index into [`Fields::fields`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u32);

/// Everything that is compared.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    /// In order of their sections.
    pub fields: Vec<Field>,
    /// Hand-written comparisons, by page.
    pub comparisons: BTreeMap<PageId, Comparison>,
    /// The subject that a page is about: field, index.
    pub subjects: HashMap<PageId, (FieldId, usize)>,
    /// The task that a page is: field, index.
    pub tasks: HashMap<PageId, (FieldId, usize)>,
}

/// A section with criteria.
#[derive(Debug, Clone)]
pub struct Field {
    /// Short name, for the reader's choice of a side.
    pub id: String,
    /// What is compared, in the plural.
    pub name: String,
    /// Its section.
    pub section: SectionId,
    /// The questions.
    pub criteria: Arc<Criteria>,
    /// In their order.
    pub subjects: Vec<Subject>,
    /// In order of their pages.
    pub tasks: Vec<Task>,
    /// All pairs, in order of the subjects' ids.
    pub pairs: Vec<Pair>,
    /// Address of its section.
    pub url: UrlPath,
    /// Ids, other names and families, in small letters.
    names: HashMap<String, usize>,
    /// Of the criteria.
    pub fingerprint: Fingerprint,
}

/// A contender.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Unique in its field.
    pub id: String,
    /// Whole title.
    pub title: String,
    /// For tabs and table heads.
    pub short: String,
    /// One sentence.
    pub description: Option<String>,
    /// What is known about it.
    pub profile: Profile,
    /// Answers, in the order of the criteria.
    pub facts: Vec<Option<Fact>>,
    /// Its page; without one a page is generated.
    pub page: Option<PageId>,
    /// Its address.
    pub url: UrlPath,
    /// Where it is declared.
    pub place: Place,
}

/// One problem, solved in each subject.
#[derive(Debug, Clone)]
pub struct Task {
    /// Name of its folder.
    pub id: String,
    /// Its page.
    pub page: PageId,
    /// Its front matter.
    pub front: Arc<TaskFront>,
    /// Its sides, in the order of the subjects.
    pub sides: Vec<TaskSide>,
}

/// A subject's side of a task.
#[derive(Debug, Clone)]
pub struct TaskSide {
    /// Index of the subject.
    pub subject: usize,
    /// Path below `content/`, name within the side.
    pub files: Vec<(FilePath, String)>,
    /// Why there is none.
    pub omit: Option<String>,
}

/// Two subjects of a field, the smaller id first.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    /// Index of the first subject.
    pub a: u32,
    /// Index of the second.
    pub b: u32,
    /// The hand-written comparison of the two.
    pub page: Option<PageId>,
    /// Facts that both have.
    pub facts: u32,
    /// Tasks that both have.
    pub tasks: u32,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Somebody has written it.
    Written,
    /// A page is generated.
    Published,
    /// A page is generated that search engines are asked to leave out.
    NoIndex,
    /// There is no page.
    Skipped,
}

/// A hand-written comparison, names looked up.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Its field.
    pub field: FieldId,
    /// Its subjects, in its order.
    pub subjects: Vec<usize>,
    /// Criteria it is about, in their order.
    pub criteria: Vec<usize>,
    /// When to pick which.
    pub verdicts: Vec<Verdict>,
    /// As written.
    pub article: Arc<Article>,
}

/// When to pick which, and why.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The case: a line of Markdown.
    pub when: String,
    /// Subjects; empty for any.
    pub pick: Vec<usize>,
    /// Why: a line of Markdown.
    pub because: String,
}

/// What was read for one field.
#[derive(Debug, Clone)]
pub struct FieldSource {
    /// Folder of its `criteria.toml`, below `content/`.
    pub folder: FilePath,
    /// The file.
    pub criteria: Arc<Criteria>,
    /// Rows of its data files, and whether they may become subjects.
    pub rows: Vec<(bool, Arc<Vec<Row>>)>,
}

impl Fields {
    /// The field of that id.
    pub fn field(&self, id: FieldId) -> &Field {
        &self.fields[id.0 as usize]
    }

    /// All ids.
    pub fn ids(&self) -> impl Iterator<Item = FieldId> {
        (0..self.fields.len()).map(|i| FieldId(index(i)))
    }

    /// The field whose section that is.
    pub fn of_section(&self, section: SectionId) -> Option<FieldId> {
        self.fields.iter().position(|field| field.section == section).map(|i| FieldId(index(i)))
    }

    /// The nearest field that a page lies in.
    pub fn around(&self, page: &Page) -> Option<FieldId> {
        page.item.ancestors.iter().rev().find_map(|section| self.of_section(*section))
    }
}

impl Field {
    /// The subject that a name means: its id, another name, its title, or its
    /// family.
    pub fn subject(&self, name: &str) -> Option<usize> {
        self.names.get(&name.trim().to_lowercase()).copied()
    }

    /// A problem with a name that no subject has.
    pub fn unknown_subject(&self, name: &str) -> Diagnostic {
        const MOST: usize = 8;
        let problem =
            Diagnostic::error("unknown-subject", format!("there is no subject `{name}` among {}", self.name));
        let known: Vec<&str> = self.subjects.iter().map(|subject| subject.id.as_str()).collect();
        let problem = problem.nearest(name, known.iter().copied());
        if !problem.hints.is_empty() || known.is_empty() {
            return problem;
        }
        let more = if known.len() > MOST { " and more" } else { "" };
        problem.hint(format!("there are {}{more}", known[..known.len().min(MOST)].join(", ")))
    }

    /// All names that mean a subject, in order, with its index.
    pub fn known_names(&self) -> BTreeMap<&str, usize> {
        self.names.iter().map(|(name, subject)| (name.as_str(), *subject)).collect()
    }

    /// The pair of two subjects, in any order.
    pub fn pair(&self, one: usize, other: usize) -> Option<&Pair> {
        let ids = |pair: &Pair| (&self.subjects[pair.a as usize].id, &self.subjects[pair.b as usize].id);
        let (one, other) = (&self.subjects.get(one)?.id, &self.subjects.get(other)?.id);
        let wanted = (one.min(other), one.max(other));
        let at = self.pairs.binary_search_by(|pair| ids(pair).cmp(&wanted)).ok()?;
        self.pairs.get(at)
    }

    /// Last part of a pair's address.
    pub fn pair_slug(&self, pair: &Pair) -> String {
        let [a, b] = [pair.a, pair.b].map(|i| self.subjects[i as usize].id.as_str());
        format!("{a}-vs-{b}")
    }

    /// Address of a generated pair page.
    pub fn pair_url(&self, pair: &Pair) -> UrlPath {
        UrlPath::new(&format!("{}{}/", self.url, self.pair_slug(pair)))
    }

    /// Whether there is a page of its matrix.
    pub fn has_matrix(&self) -> bool {
        self.criteria.settings.matrix && !self.subjects.is_empty() && !self.criteria.criteria.is_empty()
    }

    /// Address of the page of its matrix.
    pub fn matrix_url(&self) -> UrlPath {
        UrlPath::new(&format!("{}matrix/", self.url))
    }

    /// Address of its facts as data, by extension.
    pub fn export_url(&self, extension: &str) -> UrlPath {
        UrlPath::new(&format!("{}matrix/matrix.{extension}", self.url))
    }

    /// Every name of a subject that can stand in an address, its id first.
    pub fn addresses(&self, subject: usize) -> Vec<String> {
        let Subject { id, profile, .. } = &self.subjects[subject];
        let mut names = vec![id.clone()];
        let family = profile.family.iter().filter(|family| self.subject(family) == Some(subject));
        for name in profile.also.iter().chain(family) {
            let slug = native_slug(name);
            if !slug.is_empty() && !names.contains(&slug) {
                names.push(slug);
            }
        }
        names
    }

    /// The newest date of what a subject says.
    pub fn newest(&self, subject: usize) -> Option<&DateTime> {
        let subject = &self.subjects[subject];
        let facts = subject.facts.iter().flatten().filter_map(|fact| fact.verified.as_ref());
        facts.chain(subject.profile.verified.as_ref()).max_by_key(|date| date.timestamp)
    }
}

fn index(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

/// Assembles all fields.
pub(super) fn assemble(
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
    outside(pages, &fields, problems);
    for (i, page) in pages.iter().enumerate() {
        if let Some(article) = &page.item.front.page.article
            && let Some(comparison) = comparison(page, article, &fields, problems)
        {
            fields.comparisons.insert(PageId(index(i)), comparison);
        }
    }
    let written = written(pages, &fields, problems);
    for (id, field) in fields.fields.iter_mut().enumerate() {
        field.pairs = pairs(field, FieldId(index(id)), &written);
    }
    fields
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
            let defaults = fact::Defaults { verified: profile.verified.clone(), source: None };
            let mut facts: Vec<Option<Fact>> = vec![None; criteria.criteria.len()];
            for entry in &front.facts.entries {
                let source = &front.place.source;
                match criteria.index(&entry.key) {
                    Some(i) => {
                        facts[i] = fact::read(source, entry, &criteria.criteria[i], &defaults, &mut problems);
                    }
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

/// Looks up the names of a comparison.
fn comparison(
    page: &Page,
    article: &Arc<Article>,
    fields: &Fields,
    problems: &mut Vec<Diagnostic>,
) -> Option<Comparison> {
    if !(2..=4).contains(&article.subjects.len()) {
        let message = format!("a comparison has two to four subjects, this one {}", article.subjects.len());
        problems.push(article.place.mark(Diagnostic::error("bad-value", message)));
        return None;
    }
    let knows_all =
        |id: FieldId| article.subjects.iter().all(|(name, _)| fields.field(id).subject(name).is_some());
    let language = |id: FieldId| fields.field(id).url.as_str().to_owned();
    let field = fields.around(page).or_else(|| {
        let mut knowing: Vec<FieldId> = fields.ids().filter(|id| knows_all(*id)).collect();
        knowing.sort_by_key(|id| language(*id));
        knowing.first().copied()
    });
    let Some(id) = field else {
        let problem = Diagnostic::error("not-in-a-field", "this comparison belongs to no field");
        let known =
            fields.fields.iter().flat_map(|field| field.subjects.iter().map(|subject| subject.id.as_str()));
        let unknown = article
            .subjects
            .iter()
            .find(|(name, _)| fields.fields.iter().all(|field| field.subject(name).is_none()));
        problems.push(match unknown {
            Some((name, place)) if !fields.fields.is_empty() => {
                place.mark(Diagnostic::error("unknown-subject", format!("there is no subject `{name}`"))).nearest(name, known)
            }
            _ => article.place.mark(problem).hint(
                "a field is a section with a file `criteria.toml` in its folder; its subjects are pages with `[subject]`",
            ),
        });
        return None;
    };
    let field = fields.field(id);
    let mut subjects = Vec::new();
    for (name, place) in &article.subjects {
        match field.subject(name) {
            Some(subject) if subjects.contains(&subject) => {
                let message = format!("`{name}` is compared with itself");
                problems.push(place.mark(Diagnostic::error("bad-value", message)));
            }
            Some(subject) => subjects.push(subject),
            None => problems.push(place.mark(field.unknown_subject(name))),
        }
    }
    let mut criteria = Vec::new();
    for (name, place) in &article.criteria {
        match field.criteria.named(name) {
            Some(named) => criteria.extend(named),
            None => problems.push(place.mark(field.criteria.unknown(name))),
        }
    }
    if article.criteria.is_empty() {
        criteria.extend(0..field.criteria.criteria.len());
    }
    let mut seen = std::collections::HashSet::new();
    criteria.retain(|i| seen.insert(*i));
    let mut here = |name: &str, place: &Place| match field.subject(name) {
        Some(subject) if subjects.contains(&subject) => Some(subject),
        Some(_) => {
            let message = format!("`{name}` is not compared on this page");
            let problem = place.mark(Diagnostic::error("unknown-subject", message));
            let known: Vec<&str> = subjects.iter().map(|i| field.subjects[*i].id.as_str()).collect();
            problems.push(problem.hint(format!("it is about {}", known.join(" and "))));
            None
        }
        None => {
            problems.push(place.mark(field.unknown_subject(name)));
            None
        }
    };
    let verdicts = article
        .verdicts
        .iter()
        .map(|verdict| Verdict {
            when: verdict.when.clone(),
            pick: verdict.pick.iter().filter_map(|(name, place)| here(name, place)).collect(),
            because: verdict.because.clone(),
        })
        .collect();
    for side in &article.sides {
        here(&side.subject.0, &side.subject.1);
    }
    for verdict in &article.verdicts {
        for (key, is_missing) in [("when", verdict.when.is_empty()), ("because", verdict.because.is_empty())]
        {
            if is_missing {
                let problem = Diagnostic::error("missing-key", format!("a verdict needs `{key}`"));
                problems.push(verdict.place.mark(problem));
            }
        }
    }
    (subjects.len() == article.subjects.len()).then(|| Comparison {
        field: id,
        subjects,
        criteria,
        verdicts,
        article: Arc::clone(article),
    })
}

/// Hand-written pages of pairs: field, smaller and larger index of the subjects.
fn written(
    pages: &[Page],
    fields: &Fields,
    problems: &mut Vec<Diagnostic>,
) -> HashMap<(FieldId, usize, usize), PageId> {
    let mut written: HashMap<(FieldId, usize, usize), PageId> = HashMap::new();
    for (page, comparison) in &fields.comparisons {
        let [one, other] = comparison.subjects.as_slice() else { continue };
        let key = (comparison.field, *one.min(other), *one.max(other));
        if let Some(first) = written.get(&key) {
            let message = "these two subjects are compared on two pages";
            let problem = comparison.article.place.mark(Diagnostic::error("duplicate-pair", message));
            let problem = match &pages[first.0 as usize].item.front.page.article {
                Some(article) => problem.label(&article.place.source, article.place.span, "the other one"),
                None => problem,
            };
            problems.push(problem.hint("make them one page, or compare more subjects on one of them"));
            continue;
        }
        written.insert(key, *page);
    }
    written
}

/// All pairs of a field and what becomes of them.
fn pairs(field: &Field, id: FieldId, written: &HashMap<(FieldId, usize, usize), PageId>) -> Vec<Pair> {
    let settings = &field.criteria.settings;
    let mut by_id: Vec<usize> = (0..field.subjects.len()).collect();
    by_id.sort_by(|a, b| field.subjects[*a].id.cmp(&field.subjects[*b].id));
    let has: Vec<Vec<bool>> = field
        .subjects
        .iter()
        .map(|subject| {
            let known = |fact: &Option<Fact>| {
                fact.as_ref().is_some_and(|fact| matches!(fact.answer, Answer::Value(_)))
            };
            subject.facts.iter().map(known).collect()
        })
        .collect();
    let mut solves = vec![vec![false; field.tasks.len()]; field.subjects.len()];
    for (i, task) in field.tasks.iter().enumerate() {
        for side in task.sides.iter().filter(|side| !side.files.is_empty()) {
            solves[side.subject][i] = true;
        }
    }
    let both = |of: &[Vec<bool>], a: usize, b: usize| {
        index(of[a].iter().zip(&of[b]).filter(|(a, b)| **a && **b).count())
    };
    let mut pairs = Vec::with_capacity(by_id.len() * by_id.len().saturating_sub(1) / 2);
    for (i, &a) in by_id.iter().enumerate() {
        for &b in &by_id[i + 1..] {
            let (facts, tasks) = (both(&has, a, b), both(&solves, a, b));
            let page = written.get(&(id, a.min(b), a.max(b))).copied();
            let is_enough = facts as usize >= settings.min_facts && tasks as usize >= settings.min_tasks;
            let fate = match (page, settings.below) {
                (Some(_), _) => Fate::Written,
                (None, Below::None) => Fate::Skipped,
                (None, _) if is_enough => Fate::Published,
                (None, Below::Publish) => Fate::Published,
                (None, Below::NoIndex) => Fate::NoIndex,
                (None, Below::Skip) => Fate::Skipped,
            };
            pairs.push(Pair { a: index(a), b: index(b), page, facts, tasks, fate });
        }
    }
    pairs
}
