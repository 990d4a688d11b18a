//! Preview: one page before the first build of a large site is done.
//!
//! In: files, the configuration, options; an output that somebody waits for.
//! Out: that output, of the front matters of all pages and the text of its own.
//! What it shows of the texts of others (reading times, summaries, who links to
//! it) is missing, so whoever is shown a preview has to be shown the output of
//! the build too. It tells of no problem: where there is one there is no
//! preview. Works on the thread it is called from, for all others are building.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use super::bodies::body_of;
use super::parsing::{Depth, ParsedFiles, Parser};
use super::sources::Sources;
use super::{Model, Options};
use crate::base::changes::Changes;
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::paths::OutputPath;
use crate::config::Config;
use crate::model::links::{Body, Targets};
use crate::model::{ItemId, PerItem};
use crate::parse::markdown::Document;
use crate::plan::{Job, Plan, Work};
use crate::render::content;
use crate::render::environment::{Environment, compile};
use crate::render::outputs::Renderer;
use crate::render::shared::{Drawn, Shared, SharedFiles, Values};
use crate::render::{Rendered, assets, values};

/// A site of which only the front matters are known.
pub struct Preview {
    files: SharedFiles,
    sources: Sources,
    environment: Arc<Environment>,
    outlines: ParsedFiles,
    plan: Arc<Plan>,
    /// Without values, for what is drawn before they are there.
    shared: Arc<Shared>,
    /// Of pages without bodies.
    values: Values,
    /// Those that were needed; none where something is wrong.
    bodies: PerItem<OnceLock<Option<Body>>>,
}

fn is_wrong(problem: &Diagnostic) -> bool {
    problem.severity == Severity::Error
}

impl Preview {
    /// None for a site of fewer pages than `least`, which is built as soon, and
    /// for one with a mistake.
    pub fn new(files: &SharedFiles, config: &Config, options: &Options, least: usize) -> Option<Self> {
        let (sources, _) = Sources::read(files, config, None, &Changes::Unknown);
        if sources.found.content.len() < least || sources.problems().any(is_wrong) {
            return None;
        }
        let environment = Arc::new(compile(&sources.layers, sources.merged.limits.include_depth).ok()?);
        let (outlines, _) = parser(files, &sources, Depth::Outline).run(
            &sources.found.content,
            ParsedFiles::default(),
            false,
        );
        let of_files = outlines.files.values().flat_map(|file| &file.parsed.problems);
        if outlines.problems.iter().chain(of_files).any(is_wrong) {
            return None;
        }
        let mut model = Model::new(files, &sources, &outlines, options, None);
        if model.problems.iter().any(is_wrong) {
            return None;
        }
        let shared = Arc::new(model.shared.take()?);
        let site = &model.site;
        let values = values::all(site, PerItem::of(site, |_| None), HashMap::new());
        let bodies = PerItem::of(site, |_| OnceLock::new());
        let (files, plan) = (Arc::clone(files), model.plan);
        Some(Self { files, sources, environment, outlines, plan, shared, values, bodies })
    }

    /// Draws an output that is something to look at, or part of it; none where
    /// only the build can tell.
    pub fn draw(&self, output: &str) -> Option<Rendered> {
        let output = OutputPath::new(output).ok()?;
        if let Some(job) = self.plan.job(&output) {
            return self.draw_job(job);
        }
        // A file under a name with its digest.
        let url = output.url();
        let plain = url.without_digest().filter(|_| self.shared.site.config.hashed_names)?;
        let rendered = self.draw_job(self.plan.job(&OutputPath::of_url(&plain))?)?;
        assets::is_copy(&url, &plain, &rendered.bytes).then_some(Rendered { output, ..rendered })
    }

    fn draw_job(&self, job: &Job) -> Option<Rendered> {
        let item = match &job.work {
            Work::Page(id) => Some(ItemId::Page(*id)),
            Work::Section(id, _) => Some(ItemId::Section(*id)),
            // The page of a subject may have a text of its own.
            Work::Subject(..)
            | Work::Pair(..)
            | Work::Matrix(_)
            | Work::TaxonomyList(_)
            | Work::Term(..)
            | Work::NotFound
            | Work::Redirect(_)
            | Work::File(_)
            | Work::CodeStyle(_)
            | Work::RedirectScript
            | Work::Search(_)
            | Work::Templated(_) => None,
            Work::Export(..)
            | Work::Feed(_)
            | Work::Sitemap
            | Work::SitemapPart(_)
            | Work::Robots
            | Work::Llms(_) => return None,
        };
        let values = match item {
            Some(id) if self.shared.site.item(id).parsed.is_some() => self.values_with(id)?,
            _ => self.values.clone(),
        };
        let shared = Arc::new(self.shared.with_values(values, &self.environment));
        let renderer = Renderer { environment: &self.environment, shared: &shared, plan: &self.plan };
        let rendered = catch_unwind(AssertUnwindSafe(|| renderer.render(job))).ok()?;
        if rendered.problems.iter().any(is_wrong) { None } else { Some(rendered) }
    }

    /// The values, with the body of one page or section.
    fn values_with(&self, id: ItemId) -> Option<Values> {
        let site = &self.shared.site;
        let drawn = self.drawn(id)?;
        let mut values = self.values.clone();
        let value = match id {
            ItemId::Page(page) => values::page(site, page, Some(&drawn)),
            ItemId::Section(section) => values::section(site, section, Some(&drawn), &values.listed.pages),
        };
        *values.listed.get_mut(id)? = value;
        *values.drawn.get_mut(id)? = Some(drawn);
        Some(values)
    }

    fn drawn(&self, id: ItemId) -> Option<Drawn> {
        let document = |id: ItemId| -> Option<&Document> { self.body(id).map(|body| &*body.document) };
        let body = self.body(id)?;
        let targets = Targets::new(&self.shared.site, &document, &self.plan.addresses);
        let draw = || {
            let (links, found) = targets.resolve(id, body);
            let (drawn, others, _) = content::fill(&self.environment, &self.shared, id, body, &links);
            (!found.iter().chain(&others).any(is_wrong)).then_some(drawn)
        };
        catch_unwind(AssertUnwindSafe(draw)).ok()?
    }

    /// The whole of one file, and of those that it links to with an anchor.
    fn body(&self, id: ItemId) -> Option<&Body> {
        self.bodies.get(id)?.get_or_init(|| self.parsed(id)).as_ref()
    }

    fn parsed(&self, id: ItemId) -> Option<Body> {
        let path = &self.shared.site.item(id).file.path;
        let content = &self.sources.found.content;
        let at = content.binary_search_by(|file| file.path.cmp(path)).ok()?;
        let outline = self.outlines.files.get(path)?;
        let file = parser(&self.files, &self.sources, Depth::Whole).whole(&content[at], outline).ok()?;
        let expand = || body_of(&self.environment, &self.shared, id, &file);
        let (body, found, _) = catch_unwind(AssertUnwindSafe(expand)).ok()?;
        (!file.parsed.problems.iter().chain(&found).any(is_wrong)).then_some(body)
    }
}

fn parser<'a>(files: &'a SharedFiles, sources: &'a Sources, depth: Depth) -> Parser<'a> {
    Parser { files, config: &sources.merged, skip: &sources.skip, changes: &Changes::Unknown, depth }
}
