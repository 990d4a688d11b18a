//! Fields: the subjects, tasks, comparisons and pairs of each section that has
//! criteria.
//!
//! In: the pages and sections, and what was read from `criteria.toml` and data
//! files. Out: [`Fields`], every name looked up and every fact checked against
//! its criterion, and problems. Pure. Must not know how anything is drawn.
//!
//! This file has the types and what can be asked of them; `assemble` makes
//! fields, subjects and tasks, `comparing` comparisons and pairs.

mod assemble;
mod comparing;

pub(in crate::model) use self::assemble::assemble;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Page, PageId, Section, SectionId, Site};
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

    /// The field of that id: in this language, if there is one.
    pub fn named(&self, site: &Site, name: &str, language: &str) -> Option<FieldId> {
        let of_name = || self.ids().filter(|id| self.field(*id).id == name);
        let is_here = |id: &FieldId| site.section(self.field(*id).section).item.file.language == language;
        of_name().find(is_here).or_else(|| of_name().next())
    }

    /// The only field, in this language if it is there in several.
    pub fn only(&self, site: &Site, language: &str) -> Option<FieldId> {
        let first = self.fields.first()?;
        let is_only = self.fields.iter().all(|field| field.id == first.id);
        self.named(site, &first.id, language).filter(|_| is_only)
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
            // Another subject's own name stays its own.
            let is_own = self.subject(&slug).is_none_or(|other| other == subject);
            if !slug.is_empty() && is_own && !names.contains(&slug) {
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
