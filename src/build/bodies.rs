//! Bodies: from parsed documents to what templates see of them.
//!
//! In: parsed files, the site, the compiled templates, the bodies of the last
//! build. Out: every body drawn, its expressions expanded and its links
//! resolved, with its problems. What a body was made from is kept with it: it
//! is made again only if any of that has changed. Must not know the outputs.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;

use super::changed::Changed;
use super::included::IncludedFiles;
use super::parsing::{ParsedFile, ParsedFiles};
use super::problems::panicked;
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::{FilePath, OutputPath};
use crate::base::reads::{Key, Reads};
use crate::base::source::Source;
use crate::model::links::{Body, Resolved, Targets, anchors, backlinks};
use crate::model::{ItemId, PerItem, Site, sides};
use crate::parse::markdown::{Document, LinkKind};
use crate::parse::{self, Parsed};
use crate::plan::Plan;
use crate::read::discover::content_root;
use crate::render::content;
use crate::render::environment::Environment;
use crate::render::expand::expand;
use crate::render::renew::Redrawn;
use crate::render::shared::{Drawn, Shared};

/// A body, and what it was made from.
pub(super) struct KeptBody {
    /// The file.
    parsed: Arc<Parsed>,
    /// Its text and what was parsed; given up once it is drawn when there is
    /// no next build.
    pub(super) body: Option<Body>,
    /// What its expressions have read.
    expansion: Reads,
    /// Where its links lead.
    pub(super) links: Vec<Resolved>,
    /// What was read while it was drawn.
    drawing: Reads,
    /// What is wrong with its text, with its links, and with how it is drawn.
    problems: [Vec<Diagnostic>; 3],
}

const OF_TEXT: usize = 0;
const OF_LINKS: usize = 1;
const OF_DRAWING: usize = 2;

/// Bodies that may have to be drawn again, of a site in which nothing but
/// bodies and labels has changed.
pub(super) fn candidates(
    bodies: &Bodies,
    changed: &Changed,
    site: &Site,
    parsed: &ParsedFiles,
) -> Vec<ItemId> {
    let is_due = |kept: &KeptBody| {
        kept.problems().next().is_some()
            || !changed.labels.is_empty() && kept.has_named_links()
            || !changed.nothing_early() && (changed.early(&kept.expansion) || changed.early(&kept.drawing))
    };
    let mut found: BTreeSet<ItemId> =
        site.items().filter(|id| bodies.get(*id).and_then(Option::as_ref).is_some_and(is_due)).collect();
    found.extend(parsed.fresh.iter().filter_map(|path| {
        let below = FilePath::new(path.below(&content_root())?);
        site.by_path.get(&below).copied()
    }));
    found.into_iter().collect()
}

/// Who links to whom.
pub(super) fn links_back(site: &Site, bodies: &Bodies) -> HashMap<ItemId, Vec<ItemId>> {
    backlinks(site, |id| bodies.get(id).and_then(Option::as_ref).map_or(&[], |kept| &kept.links))
}

/// Snippets of some bodies.
pub(super) fn count_snippets(items: &[ItemId], bodies: &Bodies) -> usize {
    let of = |id: &ItemId| bodies.get(*id)?.as_ref()?.body.as_ref();
    items.iter().filter_map(of).map(|body| body.document.snippets.len()).sum()
}

impl KeptBody {
    /// Files it was made from, besides its own.
    pub(super) fn files(&self) -> impl Iterator<Item = &FilePath> {
        self.expansion.iter().chain(self.drawing.iter()).filter_map(|key| match key {
            Key::Data(path) => Some(path),
            _ => None,
        })
    }

    /// Whether it links to pages by their titles.
    fn has_named_links(&self) -> bool {
        let links = self.body.as_ref().map_or(&[][..], |body| &body.document.links);
        links.iter().any(|link| link.kind == LinkKind::Wiki)
    }

    /// Outputs in no plan that it shows.
    pub(super) fn asked(&self) -> impl Iterator<Item = OutputPath> {
        self.expansion.iter().chain(self.drawing.iter()).filter_map(|key| match key {
            Key::Asked(output) => Some(output.clone()),
            _ => None,
        })
    }

    /// What is wrong with it.
    pub(super) fn problems(&self) -> impl Iterator<Item = &Diagnostic> {
        self.problems.iter().flatten()
    }
}

/// All bodies.
pub(super) type Bodies = PerItem<Option<KeptBody>>;

/// What drawing bodies needs.
pub(super) struct Drawing<'a> {
    pub(super) environment: &'a Environment,
    pub(super) shared: &'a Arc<Shared>,
    pub(super) plan: &'a Plan,
    /// What has changed since the bodies were drawn.
    pub(super) changed: &'a Changed,
    /// The site they were drawn for, when it was another.
    pub(super) old_site: Option<&'a Site>,
    /// All bodies are at work.
    pub(super) is_whole: bool,
    /// There will be a next build.
    pub(super) keep: bool,
}

/// One body on its way.
pub(super) struct Work {
    id: ItemId,
    kept: KeptBody,
    /// Its drawn form of the last build.
    old: Option<Drawn>,
    /// Its text is another.
    is_new: bool,
    /// Ids that can be linked to have changed.
    other_anchors: bool,
    /// Its links lead elsewhere.
    other_links: bool,
    /// Addresses of its links are others.
    other_addresses: bool,
}

/// What became of one body.
pub(super) struct Outcome {
    pub(super) redrawn: Redrawn,
    /// Its links lead elsewhere now.
    pub(super) other_links: bool,
}

impl Drawing<'_> {
    fn site(&self) -> &Site {
        &self.shared.site
    }

    /// Takes bodies out of their places and sees to their texts.
    pub(super) fn texts(
        &self,
        items: &[ItemId],
        bodies: &mut Bodies,
        parsed: &ParsedFiles,
        drawn: &mut dyn FnMut(ItemId) -> Option<Drawn>,
    ) -> Vec<Work> {
        let file = |id: ItemId| parsed.files.get(&self.site().item(id).file.path);
        let with_file = items.iter().filter_map(|id| Some((*id, file(*id)?)));
        let taken: Vec<_> = with_file
            .map(|(id, file)| (id, file, bodies.get_mut(id).and_then(Option::take), drawn(id)))
            .collect();
        taken.into_par_iter().map(|(id, file, kept, drawn)| self.text(id, file, kept, drawn)).collect()
    }

    /// Resolves links and draws what has to be drawn; bodies go back to their
    /// places, unless there is no next build.
    pub(super) fn draw_all(
        &self,
        mut work: Vec<Work>,
        bodies: &mut Bodies,
        drawn: &mut dyn FnMut(ItemId) -> Option<Drawn>,
    ) -> Vec<Outcome> {
        // A page whose anchors are others concerns those that link to it.
        let others: BTreeSet<ItemId> =
            work.iter().filter(|work| work.other_anchors).map(|work| work.id).collect();
        if !self.is_whole && !others.is_empty() {
            let is_linking = |id: &ItemId| {
                let kept = bodies.get(*id).and_then(Option::as_ref);
                kept.is_some_and(|kept| {
                    kept.links.iter().any(|link| link.item.is_some_and(|to| others.contains(&to)))
                })
            };
            let linking: Vec<ItemId> = self.site().items().filter(is_linking).collect();
            for id in linking {
                if let Some(kept) = bodies.get_mut(id).and_then(Option::take) {
                    work.push(Work { other_links: true, ..Work::unchanged(id, kept, drawn(id)) });
                }
            }
        }
        self.links(&mut work, bodies);
        let drawn: Vec<(KeptBody, Outcome)> = work.into_par_iter().map(|work| self.draw(work)).collect();
        let mut outcomes = Vec::with_capacity(drawn.len());
        for (kept, outcome) in drawn {
            if let Some(place) = bodies.get_mut(outcome.redrawn.id) {
                *place = Some(kept);
            }
            outcomes.push(outcome);
        }
        outcomes
    }

    /// The text of a body, expanded if it holds expressions.
    fn text(&self, id: ItemId, file: &ParsedFile, kept: Option<KeptBody>, drawn: Option<Drawn>) -> Work {
        let is_fresh = kept.as_ref().is_some_and(|kept| {
            let is_same = Arc::ptr_eq(&kept.parsed, &file.parsed) && kept.body.is_some();
            let is_expanded = file.document.is_none();
            is_same
                && (!is_expanded
                    || !self.changed.site
                        && !self.changed.config
                        && kept.problems[OF_TEXT].is_empty()
                        && !self.changed.early(&kept.expansion))
        });
        let old = match kept {
            Some(kept) if is_fresh => return Work::unchanged(id, kept, drawn),
            old => old,
        };
        let made = || body_of(self.environment, self.shared, id, file);
        let (body, found, expansion) = match catch_unwind(AssertUnwindSafe(made)) {
            Ok(made) => made,
            Err(_) => {
                let path = self.site().item(id).file.path.as_str();
                let problem = panicked(&format!("expanding `{path}`")).in_file(path);
                let document = Arc::new(Document::default());
                let body = Body { document, source: Arc::clone(&file.source), origin: None };
                (body, vec![problem], Reads::default())
            }
        };
        let old_document = old.as_ref().and_then(|old| old.body.as_ref()).map(|body| &body.document);
        let panes = |document: &Document| sides::anchors(self.site(), id, document);
        let other_anchors = old_document.is_none_or(|old| {
            !anchors(old).eq(anchors(&body.document)) || panes(old) != panes(&body.document)
        });
        let links = old.map(|old| old.links).unwrap_or_default();
        let kept = KeptBody {
            parsed: Arc::clone(&file.parsed),
            body: Some(body),
            expansion,
            links,
            drawing: Reads::default(),
            problems: [found, Vec::new(), Vec::new()],
        };
        let work = Work::unchanged(id, kept, drawn);
        Work { is_new: true, other_anchors, ..work }
    }

    /// Resolves the links of those that need it.
    fn links(&self, work: &mut [Work], bodies: &Bodies) {
        let at_work: HashMap<ItemId, Arc<Document>> = work
            .iter()
            .filter_map(|work| Some((work.id, Arc::clone(&work.kept.body.as_ref()?.document))))
            .collect();
        let document = |id: ItemId| -> Option<&Document> {
            let elsewhere = || bodies.get(id)?.as_ref()?.body.as_ref().map(|body| &*body.document);
            at_work.get(&id).map(|document| &**document).or_else(elsewhere)
        };
        let targets = Targets::new(self.site(), &document, &self.plan.addresses);
        let Changed { site, plan, config, labels, .. } = self.changed;
        let has_changed = *site || *plan || *config || !labels.is_empty();
        work.par_iter_mut().for_each(|work| {
            let is_due =
                work.is_new || work.other_links || has_changed || !work.kept.problems[OF_LINKS].is_empty();
            let Some(body) = work.kept.body.as_ref().filter(|_| is_due) else { return };
            let (links, found) = targets.resolve(work.id, body);
            work.other_links = links != work.kept.links;
            let addresses = |links: &[Resolved]| -> Vec<String> {
                links.iter().map(|link| link.address.clone()).collect()
            };
            work.other_addresses = work.other_links && addresses(&links) != addresses(&work.kept.links);
            work.kept.problems[OF_LINKS] = found;
            work.kept.links = links;
        });
    }

    /// Draws one body, unless all it was drawn from is the same.
    fn draw(&self, work: Work) -> (KeptBody, Outcome) {
        let Work { id, mut kept, old, is_new, other_anchors: _, other_links, other_addresses } = work;
        let is_due = is_new
            || other_addresses
            || old.is_none()
            || !kept.problems[OF_DRAWING].is_empty()
            || self.is_another(id)
            || self.changed.early(&kept.drawing);
        let body = if is_due { kept.body.take() } else { None };
        let Some(body) = body else {
            return (kept, Outcome { redrawn: Redrawn { id, drawn: old, is_other: false }, other_links });
        };
        let fill = || content::fill(self.environment, self.shared, id, &body, &kept.links);
        let drawn = match catch_unwind(AssertUnwindSafe(fill)) {
            Ok((drawn, found, reads)) => {
                kept.problems[OF_DRAWING] = found;
                kept.drawing = reads;
                Some(drawn)
            }
            Err(_) => {
                let path = self.site().item(id).file.path.as_str();
                kept.problems[OF_DRAWING] = vec![panicked(&format!("drawing `{path}`")).in_file(path)];
                None
            }
        };
        kept.body = self.keep.then_some(body);
        let is_other = drawn != old;
        let redrawn = Redrawn { id, drawn: if is_other { drawn } else { old }, is_other };
        (kept, Outcome { redrawn, other_links })
    }

    /// Whether what a body shows of its own page has changed.
    fn is_another(&self, id: ItemId) -> bool {
        let Some(old_site) = self.old_site else { return false };
        let new = self.site().item(id);
        let Some(old_id) = old_site.by_path.get(&new.content_path) else { return true };
        let old = old_site.item(*old_id);
        old.title != new.title
            || old.url != new.url
            || old.file.language != new.file.language
            || old_site.anchor_links(*old_id) != self.site().anchor_links(id)
    }
}

/// The document of one item, what is wrong with it, and what its
/// expressions have read.
pub(super) fn body_of(
    environment: &Environment,
    shared: &Arc<Shared>,
    id: ItemId,
    file: &ParsedFile,
) -> (Body, Vec<Diagnostic>, Reads) {
    let parsed = &file.parsed;
    if let Some(document) = &file.document {
        let body = Body { document: Arc::clone(document), source: Arc::clone(&file.source), origin: None };
        return (body, Vec::new(), Reads::default());
    }
    let site = &shared.site;
    let item = site.item(id);
    let included = IncludedFiles::new(&shared.files, site.config.limits.source);
    let parse_text = |source: &Arc<Source>, start: usize, anchor_links| {
        let mut options = parse::parse_options(&site.config, anchor_links, site.check_level(id));
        options.take_title = item.front.common.title.is_none();
        if let Some(check) = item.front.common.check {
            options.code.check = check.into();
        }
        parse::markdown::parse(source, start, &options, &included)
    };
    let (expanded, mut reads) = expand(environment, shared, id, &file.source, parsed.body_start);
    let (body, found) = match expanded {
        Ok(text) => {
            let expanded = Source::new(file.source.path.clone(), text);
            let (document, found) = parse_text(&expanded, 0, Some(site.anchor_links(id)));
            let body = Body {
                document: Arc::new(document),
                source: expanded,
                origin: Some(Arc::clone(&file.source)),
            };
            let found = found.into_iter().map(|problem| moved(problem, &body)).collect();
            (body, found)
        }
        // Nothing is published now, but its links can still be checked.
        Err(mut found) => {
            let (document, others) = parse_text(&file.source, parsed.body_start, None);
            found.extend(others);
            let source = Arc::clone(&file.source);
            (Body { document: Arc::new(document), source, origin: None }, found)
        }
    };
    for path in included.into_read().into_keys() {
        reads.note(Key::Data(path));
    }
    (body, found, reads)
}

impl Work {
    /// The body.
    pub(super) fn body(&self) -> Option<&Body> {
        self.kept.body.as_ref()
    }

    /// How many snippets it has.
    pub(super) fn snippets(&self) -> usize {
        self.body().map_or(0, |body| body.document.snippets.len())
    }

    fn unchanged(id: ItemId, kept: KeptBody, old: Option<Drawn>) -> Self {
        let (is_new, other_anchors, other_links, other_addresses) = (false, false, false, false);
        Self { id, kept, old, is_new, other_anchors, other_links, other_addresses }
    }
}

/// Problems of the links of every body that holds no template expressions.
pub(super) fn broken_links<'a>(
    site: &'a Site,
    plan: &Plan,
    file: &(dyn Fn(ItemId) -> Option<&'a ParsedFile> + Sync),
) -> Vec<Diagnostic> {
    let document = |id: ItemId| file(id).and_then(|file| file.document.as_deref());
    let with_text: Vec<ItemId> = site.items().filter(|id| site.item(*id).parsed.is_some()).collect();
    let is_whole = with_text.iter().all(|id| document(*id).is_some());
    let targets = Targets::new(site, &document, &plan.addresses);
    let body = |id: ItemId| {
        let file = file(id)?;
        let document = Arc::clone(file.document.as_ref()?);
        Some((id, Body { document, source: Arc::clone(&file.source), origin: None }))
    };
    let bodies = with_text.into_iter().filter_map(body);
    let problems = bodies.flat_map(|(id, body)| targets.resolve(id, &body).1);
    // The anchors of a body that could not be expanded are not known.
    problems.filter(|problem| is_whole || problem.code != "missing-anchor").collect()
}

/// Bodies of the last build at their places in another site.
pub(super) fn moved_over(
    mut bodies: Bodies,
    old_site: &Site,
    site: &Site,
) -> (Bodies, PerItem<Option<ItemId>>) {
    let old_id = |path: &FilePath| old_site.by_path.get(path).copied();
    let ids = PerItem::of(site, |id| old_id(&site.item(id).content_path));
    let bodies = PerItem::of(site, |id| {
        let item = site.item(id);
        let old = old_id(&item.content_path).filter(|_| item.parsed.is_some())?;
        bodies.get_mut(old).and_then(Option::take)
    });
    (bodies, ids)
}

/// A problem in an expanded text, at its place in the author's.
fn moved(mut problem: Diagnostic, body: &Body) -> Diagnostic {
    for label in &mut problem.labels {
        if Arc::ptr_eq(&label.source, &body.source) {
            (label.source, label.span) = body.place(label.span);
        }
    }
    problem
}
