//! Build: the pipeline as one readable function.
//!
//! In: files, configuration, options, the previous build. Out: [`Built`];
//! every output goes to a [`Sink`] as soon as it is rendered, so that a build
//! never holds all of them. The only build path: `build` publishes what the
//! sink gets, `serve` keeps it, `check` drops it. Parallelism lives here (and in its parts), at
//! three places: parsing files, drawing bodies, rendering outputs.

mod bodies;
mod fields;
mod included;
mod parsing;
mod tasks;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use self::bodies::{broken_links, collect_bodies, draw_bodies};
use self::fields::{KeptFields, read_fields};
use self::included::Included;
use self::parsing::parse_all;
use self::tasks::{KeptCodes, draw_tasks};
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::FilePath;
use crate::base::source::{Source, Span};
use crate::config::Config;
use crate::model::Site;
use crate::model::assemble::{Selection, assemble};
use crate::model::links::Body;
use crate::parse::markdown::{Document, Snippet};
use crate::parse::{self, Parsed};
use crate::plan::{Plan, plan};
use crate::read::discover::discover;
use crate::read::theme;
use crate::render::Rendered;
use crate::render::environment::{Environment, compile};
use crate::render::outputs::{Renderer, code_styles};
use crate::render::shared::{Shared, SharedFiles};

/// What a build is asked for, besides the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Which pages are published.
    pub selection: Selection,
    /// Day of the build (`YYYY-MM-DD`); the clock is not read.
    pub today: Option<String>,
    /// `build`, `serve` or `check`, for templates.
    pub mode: String,
    /// Keep parsed pages for the next build.
    pub keep: bool,
    /// Collect the snippets that can be run.
    pub snippets: bool,
}

/// The snippets of a page of which one at least can be run.
#[derive(Debug, Clone)]
pub struct PageSnippets {
    /// The text that spans are in: the page, or what became of it when its
    /// expressions were expanded.
    pub source: Arc<Source>,
    /// The author's own text, when `source` is not.
    pub origin: Option<Arc<Source>>,
    /// All of them, in order.
    pub snippets: Vec<Snippet>,
    /// Steps whose sides are to print the same: where they open, which
    /// snippets are in them.
    pub same: Vec<(Span, std::ops::Range<usize>)>,
}

impl PageSnippets {
    /// The author's file.
    pub fn file(&self) -> &Arc<Source> {
        self.origin.as_ref().unwrap_or(&self.source)
    }

    /// The place in the author's file of a span.
    pub fn place(&self, span: Span) -> Span {
        match &self.origin {
            Some(origin) => parse::markdown::template::place_in_origin(&self.source, origin, span),
            None => span,
        }
    }
}

/// Takes what is rendered, from several threads.
pub trait Sink: Sync {
    /// Takes one output; an error stops the build.
    fn accept(&self, rendered: &Rendered) -> Result<(), Diagnostic>;
}

/// Drops everything.
pub struct Discard;

impl Sink for Discard {
    fn accept(&self, _: &Rendered) -> Result<(), Diagnostic> {
        Ok(())
    }
}

/// How much there was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pages of the site.
    pub pages: usize,
    /// Sections that have a file or pages.
    pub sections: usize,
    /// Code fences.
    pub snippets: usize,
    /// Outputs.
    pub outputs: usize,
    /// Bytes of all outputs.
    pub bytes: u64,
}

/// The result of a build.
#[derive(Default)]
pub struct Built {
    /// Problems, in order of file and place.
    pub problems: Vec<Diagnostic>,
    /// How much there was.
    pub counts: Counts,
    /// Time of each stage, in order.
    pub timings: Vec<(&'static str, Duration)>,
    /// The site, unless it could not be assembled.
    pub site: Option<Arc<Site>>,
    /// What would be written, unless it could not be planned.
    pub plan: Option<Arc<Plan>>,
    /// Values templates see, for `explain`.
    pub shared: Option<Arc<Shared>>,
    /// Snippets that can be run, by page, when they were asked for.
    pub snippets: Vec<PageSnippets>,
    kept: Kept,
    kept_fields: KeptFields,
    kept_codes: KeptCodes,
}

impl Built {
    /// Whether there is any error: then nothing may be published.
    pub fn failed(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }
}

/// Parsed files by path, with what they were parsed from.
type Kept = HashMap<FilePath, KeptEntry>;

struct KeptEntry {
    fingerprint: Fingerprint,
    included: Included,
    parsed: Arc<Parsed>,
    document: Option<Arc<Document>>,
}

struct Clock {
    last: Instant,
    timings: Vec<(&'static str, Duration)>,
}

impl Clock {
    fn stage(&mut self, name: &'static str) {
        let now = Instant::now();
        self.timings.push((name, now - self.last));
        self.last = now;
    }
}

/// Builds the site.
pub fn build(
    files: &SharedFiles,
    config: &Config,
    options: &Options,
    previous: Option<&Built>,
    sink: &dyn Sink,
) -> Built {
    let mut clock = Clock { last: Instant::now(), timings: Vec::new() };
    let mut built = Built::default();

    // read
    let mut found = discover(&**files, config);
    built.problems.append(&mut found.problems);
    let fields = read_fields(files, config, &mut found.assets, previous, &mut built.problems);
    let mut layers = theme::load(&**files, config);
    built.problems.append(&mut layers.problems);
    let mut config = config.clone();
    config.merge_theme_extra(&layers.extra);
    let config = Arc::new(config);
    clock.stage("read");

    // parse
    let parsed = parse_all(files, &config, found.content, previous, &mut built.problems);
    let mut of_files: Vec<(FilePath, Arc<Parsed>)> = Vec::new();
    for entry in &parsed {
        if !entry.parsed.problems.is_empty() {
            of_files.push((entry.file.content_path(), Arc::clone(&entry.parsed)));
        }
        built.counts.snippets += entry.document.as_ref().map_or(0, |document| document.snippets.len());
    }
    if options.keep {
        let kept = parsed.iter().map(|entry| {
            let kept = KeptEntry {
                fingerprint: entry.fingerprint,
                included: entry.included.clone(),
                parsed: Arc::clone(&entry.parsed),
                document: entry.document.clone(),
            };
            (entry.file.path.clone(), kept)
        });
        built.kept = kept.collect();
    }
    clock.stage("parse");

    // model
    let mut documents: HashMap<FilePath, Option<Arc<Document>>> = HashMap::with_capacity(parsed.len());
    let files_of_site = parsed
        .into_iter()
        .map(|entry| {
            documents.insert(entry.file.path.clone(), entry.document);
            (entry.file, entry.parsed)
        })
        .collect();
    let (site, problems) =
        assemble(&config, files_of_site, &found.assets, &fields::sources(&fields), &options.selection);
    if options.keep {
        built.kept_fields = fields;
    }
    for (path, parsed) in of_files {
        // The text of a draft may be in any state.
        let is_text = |problem: &&Diagnostic| {
            problem.labels.first().is_some_and(|label| {
                // What is included belongs to the text.
                label.span.start as usize >= parsed.body_start || label.source.path != parsed.source.path
            })
        };
        let left_out = site.left_out.contains_key(&path);
        let told = parsed.problems.iter().filter(|problem| !(left_out && is_text(problem)));
        built.problems.extend(told.cloned());
    }
    built.problems.extend(problems);
    built.counts.pages = site.pages.len();
    built.counts.sections = site
        .sections
        .iter()
        .filter(|section| section.item.parsed.is_some() || !section.pages.is_empty())
        .count();
    let site = Arc::new(site);
    built.site = Some(Arc::clone(&site));
    let codes = draw_tasks(&site, files, previous, &mut built.problems);
    clock.stage("model");

    // plan
    let (plan, problems) = plan(&site, &layers.statics, &found.statics);
    built.problems.extend(problems);
    let plan = Arc::new(plan);
    built.plan = Some(Arc::clone(&plan));
    let generated = code_styles(&config, &mut built.problems);
    clock.stage("plan");

    // render: templates, then bodies, then outputs
    let mode = if options.mode.is_empty() { "build" } else { &options.mode };
    let shared = Arc::new(Shared::new(
        Arc::clone(&site),
        Arc::clone(files),
        options.today.clone(),
        Arc::clone(&plan),
        generated,
        mode,
    ));
    built.shared = Some(Arc::clone(&shared));
    shared.set_codes(codes.iter().map(|(path, code)| (path.clone(), code.html())));
    built.problems.extend(shared.draw_fields());
    let code_count: usize = codes.values().map(tasks::KeptCode::snippets).sum();
    if options.keep {
        built.kept_codes = codes;
    }
    let environment = match compile(&layers, config.limits.include_depth, &shared) {
        Ok(environment) => environment,
        Err(problems) => {
            built.problems.extend(problems);
            // Nothing can be drawn, but links can still be checked.
            built.problems.extend(broken_links(&site, &plan, &documents));
            return finish(built, clock);
        }
    };
    clock.stage("templates");
    on_deep_stacks(|| {
        render(&mut built, &mut clock, &environment, documents, options.snippets, sink);
    });
    built.counts.snippets += code_count;
    finish(built, clock)
}

/// Stack for rendering. Templates may lie 64 deep inside one another and
/// components 20 deep, each of which may start such a chain of its own; the
/// engine uses up to 60 kB for each. What is not used costs nothing.
const DEEP_STACK: usize = 128 << 20;

/// Runs on as many threads as there are, with deep stacks.
fn on_deep_stacks(run: impl FnOnce() + Send) {
    let threads = rayon::current_num_threads();
    match rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(DEEP_STACK).build() {
        Ok(pool) => pool.install(run),
        // Not allowed that much: most sites need less.
        Err(_) => run(),
    }
}

/// Bodies, then outputs.
fn render(
    built: &mut Built,
    clock: &mut Clock,
    environment: &Environment,
    mut documents: HashMap<FilePath, Option<Arc<Document>>>,
    collect_snippets: bool,
    sink: &dyn Sink,
) {
    let (Some(shared), Some(plan)) = (built.shared.clone(), built.plan.clone()) else { return };
    let bodies = collect_bodies(environment, &shared, &mut documents, &mut built.problems);
    drop(documents);
    built.counts.snippets = bodies.iter().map(|(_, body)| body.document.snippets.len()).sum();
    if collect_snippets {
        built.snippets = bodies.iter().filter_map(|(_, body)| snippets_of(body)).collect();
    }
    let drawn = draw_bodies(environment, &shared, &plan, bodies, &mut built.problems);
    clock.stage("bodies");
    shared.fill(&drawn);
    drop(drawn);
    clock.stage("values");
    let renderer = Renderer { environment, shared: &shared, plan: &plan };
    let results: Vec<(u64, Vec<Diagnostic>)> = plan
        .jobs
        .par_iter()
        .map(|job| {
            let rendered = catch_unwind(AssertUnwindSafe(|| renderer.render(job)));
            match rendered {
                Ok(mut rendered) => {
                    let mut problems = std::mem::take(&mut rendered.problems);
                    if problems.iter().all(|problem| problem.severity != Severity::Error)
                        && let Err(problem) = sink.accept(&rendered)
                    {
                        problems.push(problem);
                    }
                    (rendered.bytes.len() as u64, problems)
                }
                Err(_) => (0, vec![panicked(&format!("rendering `{}`", job.output))]),
            }
        })
        .collect();
    built.counts.outputs = results.len();
    for (bytes, problems) in results {
        built.counts.bytes += bytes;
        built.problems.extend(problems);
    }
    clock.stage("render");
}

/// Steps marked `same-output`.
fn steps_with_one_output(document: &Document) -> Vec<(Span, std::ops::Range<usize>)> {
    let steps = document.directives.iter().filter(|directive| {
        directive.name == "compare"
            && directive.arguments.iter().any(|(name, value)| name == "same-output" && *value == true)
    });
    let range = |range: &std::ops::Range<u32>| range.start as usize..range.end as usize;
    steps.map(|directive| (directive.span, range(&directive.snippets))).collect()
}

/// The snippets of a page, if any is marked.
fn snippets_of(body: &Body) -> Option<PageSnippets> {
    let snippets = &body.document.snippets;
    snippets.iter().any(|snippet| snippet.marked.is_some()).then(|| PageSnippets {
        source: Arc::clone(&body.source),
        origin: body.origin.clone(),
        snippets: snippets.clone(),
        same: steps_with_one_output(&body.document),
    })
}

fn finish(mut built: Built, clock: Clock) -> Built {
    built.timings = clock.timings;
    without_consequences(&mut built.problems);
    built.problems.sort_by_cached_key(Diagnostic::order);
    built.problems.dedup();
    built.problems = merge_repeated(std::mem::take(&mut built.problems));
    built
}

/// A mistake in a shared template is met by every output drawn with it: the
/// first says so, the others are counted.
fn merge_repeated(problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut merged: Vec<(Diagnostic, usize)> = Vec::with_capacity(problems.len());
    for problem in problems {
        match merged.last_mut() {
            Some((first, repeated)) if !problem.labels.is_empty() && is_same(first, &problem) => {
                *repeated += 1;
            }
            _ => merged.push((problem, 0)),
        }
    }
    let told = |(problem, repeated): (Diagnostic, usize)| match repeated {
        0 => problem,
        1 => problem.hint("the same happens in 1 other output"),
        n => problem.hint(format!("the same happens in {n} other outputs")),
    };
    merged.into_iter().map(told).collect()
}

/// Whether two problems differ in their advice at most.
fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    a.code == b.code && a.severity == b.severity && a.message == b.message && a.labels == b.labels
}

/// A theme that is not there leaves templates and directives missing: only the
/// theme is told.
fn without_consequences(problems: &mut Vec<Diagnostic>) {
    let is_theme =
        |problem: &Diagnostic| matches!(problem.code, "unknown-theme" | "bad-theme-name" | "theme-cycle");
    if problems.iter().any(is_theme) {
        problems.retain(|problem| {
            !matches!(problem.code, "missing-template" | "template-error" | "unknown-directive")
        });
    }
}

fn panicked(doing: &str) -> Diagnostic {
    Diagnostic::error("internal-error", format!("Juxta itself failed while {doing}"))
        .hint("this is a bug in Juxta, not in your site: please report it with the file")
}
