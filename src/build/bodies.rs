//! Bodies: from parsed documents to what templates see of them.
//!
//! In: documents, the site, the compiled templates. Out: every body drawn, its
//! expressions expanded and its links resolved, and problems. Must not know the
//! outputs.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;

use super::included::IncludedFiles;
use super::panicked;
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::FilePath;
use crate::base::source::Source;
use crate::model::links::{Body, Resolved, Targets, backlinks};
use crate::model::{ItemId, Site};
use crate::parse;
use crate::parse::markdown::Document;
use crate::plan::Plan;
use crate::render::content;
use crate::render::environment::Environment;
use crate::render::outputs::expand;
use crate::render::shared::{Drawn, Shared};

/// The body of a page or section, unless it could not be expanded, and what was
/// wrong with it.
type BodyOfItem = (Option<(ItemId, Body)>, Vec<Diagnostic>);

/// A drawn body, and what was wrong with it.
type DrawnItem = (ItemId, Drawn, Vec<Diagnostic>);

/// The document of every page and section; those with template expressions are
/// expanded and parsed now.
pub(super) fn collect_bodies(
    environment: &Environment,
    shared: &Arc<Shared>,
    documents: &mut HashMap<FilePath, Option<Arc<Document>>>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<(ItemId, Body)> {
    let site = &shared.site;
    let ids: Vec<(ItemId, Option<Arc<Document>>)> = site
        .items()
        .filter(|id| site.item(*id).parsed.is_some())
        .map(|id| (id, documents.remove(&site.item(id).file.path).flatten()))
        .collect();
    let results: Vec<BodyOfItem> = ids
        .into_par_iter()
        .map(|(id, document)| {
            let of_item = || body_of(environment, shared, id, document);
            catch_unwind(AssertUnwindSafe(of_item)).unwrap_or_else(|_| {
                let path = site.item(id).file.path.as_str();
                (None, vec![panicked(&format!("expanding `{path}`")).in_file(path)])
            })
        })
        .collect();
    let mut bodies = Vec::with_capacity(results.len());
    for (body, found) in results {
        problems.extend(found);
        bodies.extend(body);
    }
    bodies
}

/// The document of one item, and what is wrong with it.
fn body_of(
    environment: &Environment,
    shared: &Arc<Shared>,
    id: ItemId,
    document: Option<Arc<Document>>,
) -> BodyOfItem {
    let site = &shared.site;
    let item = site.item(id);
    let Some(parsed) = &item.parsed else { return (None, Vec::new()) };
    if let Some(document) = document {
        let body = Body { document, source: Arc::clone(&parsed.source), origin: None };
        return (Some((id, body)), Vec::new());
    }
    let included = IncludedFiles::new(&shared.files, site.config.limits.source);
    match expand(environment, shared, id, &parsed.source, parsed.body_start) {
        Ok(text) => {
            let expanded = Source::new(parsed.source.path.clone(), text);
            let mut options =
                parse::parse_options(&site.config, Some(site.anchor_links(id)), site.check_level(id));
            options.take_title = item.front.common.title.is_none();
            if let Some(check) = item.front.common.check {
                options.code.check = check.into();
            }
            let (document, found) = parse::markdown::parse(&expanded, 0, &options, &included);
            let body = Body {
                document: Arc::new(document),
                source: expanded,
                origin: Some(Arc::clone(&parsed.source)),
            };
            let found = found.into_iter().map(|problem| moved(problem, &body)).collect();
            (Some((id, body)), found)
        }
        // Nothing is published now, but its links can still be checked.
        Err(mut found) => {
            let mut options = parse::parse_options(&site.config, None, site.check_level(id));
            options.take_title = item.front.common.title.is_none();
            if let Some(check) = item.front.common.check {
                options.code.check = check.into();
            }
            let (document, others) =
                parse::markdown::parse(&parsed.source, parsed.body_start, &options, &included);
            found.extend(others);
            let source = Arc::clone(&parsed.source);
            (Some((id, Body { document: Arc::new(document), source, origin: None })), found)
        }
    }
}

/// Problems of the links of every body that holds no template expressions.
pub(super) fn broken_links(
    site: &Arc<Site>,
    plan: &Plan,
    documents: &HashMap<FilePath, Option<Arc<Document>>>,
) -> Vec<Diagnostic> {
    let body = |id: ItemId| {
        let item = site.item(id);
        let document = Arc::clone(documents.get(&item.file.path)?.as_ref()?);
        let source = Arc::clone(&item.parsed.as_ref()?.source);
        Some((id, Body { document, source, origin: None }))
    };
    let bodies: Vec<(ItemId, Body)> = site.items().filter_map(body).collect();
    let is_whole = bodies.len() == site.items().filter(|id| site.item(*id).parsed.is_some()).count();
    let targets = Targets::new(site, &bodies, &plan.addresses);
    let problems = bodies.iter().flat_map(|(id, body)| targets.resolve(*id, body).1);
    // The anchors of a body that could not be expanded are not known.
    problems.filter(|problem| is_whole || problem.code != "missing-anchor").collect()
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

/// Resolves the links of every body and draws it. Bodies are given up one by
/// one: they are the only big thing, and there is to be one copy.
pub(super) fn draw_bodies(
    environment: &Environment,
    shared: &Arc<Shared>,
    plan: &Plan,
    bodies: Vec<(ItemId, Body)>,
    problems: &mut Vec<Diagnostic>,
) -> HashMap<ItemId, Drawn> {
    let site = &shared.site;
    let targets = Targets::new(site, &bodies, &plan.addresses);
    let resolved: Vec<(Vec<Resolved>, Vec<Diagnostic>)> =
        bodies.par_iter().map(|(id, body)| targets.resolve(*id, body)).collect();
    drop(targets);
    let mut links = HashMap::with_capacity(bodies.len());
    for ((id, _), (resolved, found)) in bodies.iter().zip(resolved) {
        problems.extend(found);
        links.insert(*id, resolved);
    }
    let _ = shared.backlinks.set(backlinks(&links, site));
    let results: Vec<Result<DrawnItem, Diagnostic>> = bodies
        .into_par_iter()
        .map(|(id, body)| {
            let resolved = links.get(&id).map_or(&[][..], Vec::as_slice);
            let fill = || content::fill(environment, shared, id, &body, resolved);
            match catch_unwind(AssertUnwindSafe(fill)) {
                Ok((drawn, found)) => Ok((id, drawn, found)),
                Err(_) => {
                    let path = site.item(id).file.path.as_str();
                    Err(panicked(&format!("drawing `{path}`")).in_file(path))
                }
            }
        })
        .collect();
    let mut drawn = HashMap::with_capacity(results.len());
    for result in results {
        match result {
            Ok((id, of_item, found)) => {
                problems.extend(found);
                drawn.insert(id, of_item);
            }
            Err(problem) => problems.push(problem),
        }
    }
    drawn
}
