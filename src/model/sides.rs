//! Sides: which pane of a group belongs to which subject.
//!
//! In: a parsed body and the page it is on. Out: for each group (`compare`,
//! `tabs`, `code-group`) its panes with their sides and anchors, in the order
//! they are shown, and problems. Pure. Links lead to these anchors, and what is
//! drawn has them. Must not know HTML but for labels.

use std::collections::{BTreeMap, BTreeSet};

use super::field::{Field, FieldId};
use super::{ItemId, PageId, Site, links};
use crate::base::diagnostic::Diagnostic;
use crate::base::source::Span;
use crate::base::text::{native_slug, nearest};
use crate::parse::markdown::{Directive, Document, HoleKind, STEP_HEADING};

/// A group of panes.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// What its panes' anchors start with.
    pub id: String,
    /// The heading of the step, by index.
    pub heading: Option<usize>,
    /// Name of the choice its panes follow; empty for none.
    pub sync: String,
    /// In the order they are shown.
    pub panes: Vec<Pane>,
}

/// One pane.
#[derive(Debug, Clone)]
pub struct Pane {
    /// The directives it is made of: several code blocks of one side follow
    /// one another.
    pub parts: Vec<usize>,
    /// Subject's id, or a slug.
    pub side: String,
    /// Index of the subject in the field of the page.
    pub subject: Option<usize>,
    /// HTML.
    pub title: String,
    /// Its anchor.
    pub id: String,
    /// Why there is nothing in it.
    pub omit: Option<String>,
}

/// The groups of a body, by index of their directives.
pub type Groups = BTreeMap<usize, Group>;

/// Whether a directive makes panes.
pub fn is_group(name: &str) -> bool {
    matches!(name, "compare" | "tabs" | "code-group")
}

/// Whether a directive is a pane of a group.
pub fn is_pane(name: &str) -> bool {
    matches!(name, "side" | "tab")
}

/// Where names of sides are looked up.
pub struct Looking<'a> {
    site: &'a Site,
    /// The field and, on a comparison, the subjects of the page.
    pub field: Option<(FieldId, Vec<usize>)>,
}

impl<'a> Looking<'a> {
    /// From a page or section.
    pub fn new(site: &'a Site, from: ItemId) -> Self {
        let fields = &site.fields;
        let field = match from {
            ItemId::Page(page) => of_page(site, page),
            ItemId::Section(id) => {
                let above = std::iter::once(id).chain(site.section(id).item.ancestors.iter().rev().copied());
                above.into_iter().find_map(|id| fields.of_section(id)).map(|field| (field, Vec::new()))
            }
        };
        Self { site, field }
    }

    /// The field.
    pub fn field(&self) -> Option<&'a Field> {
        self.field.as_ref().map(|(id, _)| self.site.fields.field(*id))
    }

    /// Subjects of the page, in its order; empty where it compares none.
    pub fn subjects(&self) -> &[usize] {
        self.field.as_ref().map_or(&[], |(_, subjects)| subjects)
    }

    /// The one subject that code in a language belongs to.
    fn of_language(&self, language: &str) -> Option<usize> {
        let field = self.field()?;
        let language = canonical(language);
        let mut with = self.subjects().iter().copied().filter(|i| {
            field.subjects[*i].profile.languages.iter().any(|other| canonical(other) == language)
        });
        let only = with.next()?;
        with.next().is_none().then_some(only)
    }
}

fn of_page(site: &Site, page: PageId) -> Option<(FieldId, Vec<usize>)> {
    let fields = &site.fields;
    if let Some(comparison) = fields.comparisons.get(&page) {
        return Some((comparison.field, comparison.subjects.clone()));
    }
    if let Some((field, subject)) = fields.subjects.get(&page) {
        return Some((*field, vec![*subject]));
    }
    Some((fields.around(site.page(page))?, Vec::new()))
}

/// One name for the spellings of a language.
fn canonical(language: &str) -> String {
    let language = language.to_ascii_lowercase();
    match language.as_str() {
        "javascript" | "mjs" | "cjs" | "node" => "js".to_owned(),
        "typescript" | "mts" | "cts" => "ts".to_owned(),
        "py" | "python3" => "python".to_owned(),
        _ => language,
    }
}

fn argument<'d>(directive: &'d Directive, name: &str) -> Option<&'d str> {
    directive.arguments.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.as_str())
}

/// The text of a label, which is HTML without tags mostly.
fn label_text(html: &str) -> String {
    let mut out = String::new();
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ if !in_tag => out.push(c),
            _ => {}
        }
    }
    out.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
}

/// The groups of a body. Spans of problems are those of the body.
pub fn groups(looking: &Looking<'_>, document: &Document) -> (Groups, Vec<(Diagnostic, Span)>) {
    let mut problems = Vec::new();
    let mut groups = Groups::new();
    if !document.directives.iter().any(|directive| is_group(&directive.name)) {
        return (groups, problems);
    }
    let mut open: Vec<usize> = Vec::new();
    for hole in &document.holes {
        match hole.kind {
            HoleKind::Open(i) => {
                let i = i as usize;
                let directive = &document.directives[i];
                let parent =
                    open.last().copied().filter(|parent| is_group(&document.directives[*parent].name));
                if let Some(parent) = parent {
                    if directive.name == STEP_HEADING {
                        let heading = directive.arguments.iter().find(|(name, _)| name == "heading");
                        let heading = heading.and_then(|(_, value)| usize::try_from(value.as_u64()?).ok());
                        groups.entry(parent).or_default().heading = heading;
                    } else if is_pane(&directive.name) {
                        let in_compare = document.directives[parent].name == "compare";
                        let pane = pane(looking, directive, i, in_compare, &mut problems);
                        add(groups.entry(parent).or_default(), pane, in_compare);
                    }
                }
                if is_group(&directive.name) {
                    groups.entry(i).or_default();
                }
                open.push(i);
            }
            HoleKind::Close(_) => {
                open.pop();
            }
            _ => {}
        }
    }
    let mut unnamed = 0;
    for (i, group) in &mut groups {
        let directive = &document.directives[*i];
        let heading = group.heading.and_then(|heading| document.headings.get(heading));
        group.id = match (heading, argument(directive, "id")) {
            (Some(heading), _) => heading.id.clone(),
            (None, Some(id)) => id.to_owned(),
            (None, None) => {
                unnamed += 1;
                format!("_g{unnamed}")
            }
        };
        let is_compare = directive.name == "compare";
        group.sync = sync(looking, directive, group, is_compare);
        if is_compare {
            let subjects = looking.subjects();
            let place = |pane: &Pane| {
                pane.subject
                    .and_then(|subject| subjects.iter().position(|i| *i == subject))
                    .unwrap_or(usize::MAX)
            };
            group.panes.sort_by_key(place);
            missing(looking, directive, group, &mut problems);
        }
        let mut seen: Vec<String> = Vec::new();
        for pane in &mut group.panes {
            let mut side = pane.side.clone();
            let mut n = 1;
            while seen.contains(&side) {
                n += 1;
                side = format!("{}-{n}", pane.side);
            }
            pane.id = format!("{}--{side}", group.id);
            pane.side.clone_from(&side);
            seen.push(side);
        }
    }
    (groups, problems)
}

/// Adds a pane; in a comparison, what is of one side stands together.
fn add(group: &mut Group, pane: Pane, merge: bool) {
    let same = group.panes.iter_mut().find(|other| merge && other.side == pane.side);
    match same {
        Some(other) => other.parts.extend(pane.parts),
        None => group.panes.push(pane),
    }
}

fn sync(looking: &Looking<'_>, directive: &Directive, group: &Group, is_compare: bool) -> String {
    if let Some(sync) = argument(directive, "sync") {
        return native_slug(sync);
    }
    match looking.field() {
        _ if !is_compare => String::new(),
        Some(field) if group.panes.iter().any(|pane| pane.subject.is_some()) => field.id.clone(),
        _ => {
            let mut sides: Vec<&str> = group.panes.iter().map(|pane| pane.side.as_str()).collect();
            sides.sort_unstable();
            sides.join("-")
        }
    }
}

fn pane(
    looking: &Looking<'_>,
    directive: &Directive,
    index: usize,
    in_compare: bool,
    problems: &mut Vec<(Diagnostic, Span)>,
) -> Pane {
    let label = directive.label.as_deref().map(label_text);
    let language = argument(directive, "language").unwrap_or("");
    let named = argument(directive, "side").map(str::to_owned).or_else(|| label.clone());
    let field = looking.field();
    let mut subject = named.as_deref().and_then(|name| field?.subject(name));
    let said = argument(directive, "side").is_some();
    if subject.is_none() && in_compare && !said {
        subject = looking.of_language(language);
    }
    let is_compared = !looking.subjects().is_empty() && in_compare;
    if is_compared {
        match (subject, field, &named) {
            (Some(i), Some(field), _) if !looking.subjects().contains(&i) => {
                let message = format!("`{}` is not compared on this page", field.subjects[i].id);
                let problem = Diagnostic::error("unknown-side", message);
                let known: Vec<&str> =
                    looking.subjects().iter().map(|i| field.subjects[*i].id.as_str()).collect();
                problems.push((problem.hint(format!("it is about {}", known.join(" and "))), directive.span));
            }
            (None, Some(field), named) => {
                let known: Vec<&str> =
                    looking.subjects().iter().map(|i| field.subjects[*i].id.as_str()).collect();
                let problem = match named {
                    Some(name) => {
                        let problem = Diagnostic::error(
                            "unknown-side",
                            format!("`{name}` is no side of this comparison"),
                        );
                        match nearest(name, known.iter().copied()) {
                            Some(near) => problem.hint(format!("did you mean `{near}`?")),
                            None => problem.hint(format!("its sides are {}", known.join(", "))),
                        }
                    }
                    None => Diagnostic::error("unknown-side", "it is not clear whose side this code is")
                        .hint(format!("say it: `side={}`", known.first().copied().unwrap_or("…"))),
                };
                problems.push((problem, directive.span));
            }
            _ => {}
        }
    }
    let of_field = subject.and_then(|i| Some(&field?.subjects[i]));
    let title = match (of_field, &directive.label) {
        (Some(subject), _) if in_compare => crate::base::text::escaped(&subject.short),
        (_, Some(label)) => label.clone(),
        (Some(subject), None) => crate::base::text::escaped(&subject.short),
        (None, None) => {
            let title = argument(directive, "side").or(argument(directive, "title")).unwrap_or(language);
            crate::base::text::escaped(title)
        }
    };
    let side = match (of_field, named) {
        (Some(subject), _) => subject.id.clone(),
        (None, Some(name)) => native_slug(&name),
        (None, None) => native_slug(argument(directive, "title").unwrap_or(language)),
    };
    let side = if side.is_empty() { "side".to_owned() } else { side };
    let omit = argument(directive, "omit").map(str::to_owned);
    if omit.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
        let problem = Diagnostic::error("bad-directive-argument", "a side is left out without a reason");
        problems.push((problem.hint("say why: `omit=\"…\"`"), directive.span));
    }
    Pane { parts: vec![index], side, subject, title, id: String::new(), omit }
}

/// Every subject of the page has its side, or a reason why not.
fn missing(
    looking: &Looking<'_>,
    directive: &Directive,
    group: &Group,
    problems: &mut Vec<(Diagnostic, Span)>,
) {
    let Some(field) = looking.field() else { return };
    if looking.subjects().len() < 2 {
        return;
    }
    for i in looking.subjects() {
        if group.panes.iter().any(|pane| pane.subject == Some(*i)) {
            continue;
        }
        let id = &field.subjects[*i].id;
        let problem = Diagnostic::warning("missing-side", format!("this step has no side for `{id}`"));
        let hint = format!("add it, or say why there is none: `::: side {id} omit=\"…\"`, then `:::`");
        problems.push((problem.hint(hint), directive.name_span));
    }
}

/// The anchor of a task that a page has shown that often before.
pub fn task_anchor(task: &str, shown: usize) -> String {
    if shown == 0 { format!("task-{task}") } else { format!("task-{task}-{}", shown + 1) }
}

/// The id of the task that a directive shows.
pub fn task_of(directive: &Directive) -> &str {
    directive.label.as_deref().or_else(|| argument(directive, "task")).unwrap_or("").trim()
}

/// Anchors of panes that other places of the body have as well.
pub fn clashes(site: &Site, from: ItemId, document: &Document) -> Vec<(Diagnostic, Span)> {
    let ours = anchors(site, from, document);
    if ours.is_empty() {
        return Vec::new();
    }
    let of_text: BTreeSet<&str> = links::anchors(document).collect();
    let mut seen = BTreeSet::new();
    let mut told = Vec::new();
    for anchor in &ours {
        if !seen.insert(anchor.as_str()) || of_text.contains(anchor.as_str()) {
            let is_task = anchor.starts_with("task-");
            let of = |directive: &&Directive| {
                if is_task { directive.name == "task" } else { is_group(&directive.name) }
            };
            let span =
                document.directives.iter().find(of).map_or(Span::at(0), |directive| directive.name_span);
            let message = format!("two places have the anchor `{anchor}`");
            let problem = Diagnostic::error("duplicate-anchor", message);
            told.push((problem.hint("one is that of a side here: give the other another id"), span));
        }
    }
    told
}

/// Anchors of all panes of a body.
pub fn anchors(site: &Site, from: ItemId, document: &Document) -> Vec<String> {
    if !document.directives.iter().any(|directive| is_group(&directive.name) || directive.name == "task") {
        return Vec::new();
    }
    let looking = Looking::new(site, from);
    let (groups, _) = groups(&looking, document);
    let panes = groups.into_values().flat_map(|group| group.panes.into_iter().map(|pane| pane.id));
    let mut anchors: Vec<String> = panes.collect();
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for directive in document.directives.iter().filter(|directive| directive.name == "task") {
        let task = task_of(directive);
        let times = shown.entry(task).or_default();
        let anchor = task_anchor(task, *times);
        *times += 1;
        let subjects = looking.field().into_iter().flat_map(|field| &field.subjects);
        anchors.extend(subjects.map(|subject| format!("{anchor}--{}", subject.id)));
        anchors.push(anchor);
    }
    anchors
}
