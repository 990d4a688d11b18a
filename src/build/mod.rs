//! Build: the pipeline as one readable function.
//!
//! In: files, configuration, options, the previous build and what may have
//! changed since. Out: [`Built`]; every output goes to a [`Sink`] as soon as it
//! is rendered, so that a build never holds all of them. The only build path:
//! `build` publishes what the sink gets, `serve` keeps it and builds again with
//! the last result, `check` drops it. Each stage takes what it left the last
//! time, and says what is not the same any more. Parallelism lives here (and in
//! its parts), at three places: parsing files, drawing bodies, rendering
//! outputs.

mod asked;
mod bodies;
mod changed;
mod fields;
mod included;
mod outputs;
mod parsing;
mod preview;
mod problems;
mod search;
mod snippets;
mod sources;
mod tasks;
mod twins;

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use self::asked::KeptAsked;
use self::bodies::{Bodies, Drawing, KeptBody, broken_links};
use self::changed::Changed;
pub use self::changed::DirtyReason;
use self::fields::{KeptField, KeptFields, read_fields};
use self::outputs::KeptOutputs;
use self::parsing::{Depth, ParsedFiles, Parser, Reparsed};
pub use self::preview::Preview;
use self::problems::{merge_repeated, without_consequences};
pub use self::snippets::PageSnippets;
use self::snippets::snippets_of;
use self::sources::Sources;
use self::tasks::{KeptCode, KeptCodes, draw_tasks};
use crate::base::changes::Changes;
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::paths::{FilePath, OutputPath};
use crate::base::table::is_same_to_templates;
use crate::config::Config;
use crate::model::assemble::{LastChanges, Selection, assemble};
use crate::model::{ItemId, PerItem, Site};
use crate::parse::Parsed;
use crate::plan::{Plan, plan};
use crate::read::discover::{ContentFile, Kind, content_root};
use crate::render::Rendered;
use crate::render::environment::{Environment, compile};
use crate::render::outputs::{Renderer, code_styles};
use crate::render::parts::Parts;
use crate::render::renew::{self, Difference, Redrawn};
use crate::render::shared::{Drawn, Rest, Shared, SharedFiles, Values};
use crate::store::Store;

/// What a build is asked for, besides the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Which pages are published.
    pub selection: Selection,
    /// When content files were last changed, for pages that do not say so.
    pub last_changes: Arc<LastChanges>,
    /// Day of the build (`YYYY-MM-DD`); the clock is not read.
    pub today: Option<String>,
    /// `build`, `serve` or `check`, for templates.
    pub mode: String,
    /// Keep parsed pages for the next build.
    pub keep: bool,
    /// Collect the snippets that can be run.
    pub snippets: bool,
    /// Folder for processed images, which a later build finds there.
    pub images: Option<PathBuf>,
}

/// Takes what is rendered, from several threads.
pub trait Sink: Sync {
    /// Takes one output; an error stops the build.
    fn accept(&self, rendered: &Rendered) -> Result<(), Diagnostic>;

    /// Outputs that somebody waits for by now and has not been told of before:
    /// they are rendered first. None where nobody ever waits.
    fn asked(&self) -> Option<BTreeSet<String>> {
        None
    }
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
    /// What was rendered and why, in order of the paths; only with
    /// [`Options::keep`].
    pub rendered: Vec<(OutputPath, DirtyReason)>,
    /// What the last build had and this one has not, in order.
    pub removed: Vec<OutputPath>,
    kept: Option<Box<Kept>>,
}

impl Built {
    fn count(&mut self, site: &Site) {
        self.counts.pages = site.pages.len();
        let is_real =
            |section: &&crate::model::Section| section.item.parsed.is_some() || !section.pages.is_empty();
        self.counts.sections = site.sections.iter().filter(is_real).count();
    }

    /// Whether there is any error: then nothing may be published.
    pub fn failed(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// With [`Options::keep`]: brings the index of the search up to this build,
    /// and texts of all pages, to the same sink. It needs all pages, so it is not part of the build:
    /// what was edited is to be seen first. Gives what is gone and problems.
    pub fn finish_search(&mut self, sink: &dyn Sink) -> (Vec<OutputPath>, Vec<Diagnostic>) {
        let done = self.kept.as_mut().and_then(|kept| kept.done.as_mut());
        let (Some(site), Some(done)) = (&self.site, done) else { return Default::default() };
        let mut outcome = done.made.search.finish(site, sink);
        outcome.problems.extend(done.made.twins.finish(&site.config, sink));
        (outcome.removed, outcome.problems)
    }

    /// Whether an output is a file of the search's index or a text of all pages,
    /// which no page shows.
    pub fn is_of_search(&self, output: &OutputPath) -> bool {
        self.kept
            .as_ref()
            .and_then(|kept| kept.done.as_ref())
            .is_some_and(|done| done.made.search.has(output) || done.made.twins.has(output))
    }

    /// Whether an output is in no plan because a page has asked for it: a
    /// processed image, a file under a name with its digest.
    pub fn is_asked_for(&self, output: &OutputPath) -> bool {
        let done = self.kept.as_ref().and_then(|kept| kept.done.as_ref());
        done.is_some_and(|done| done.made.asked.contains_key(output))
    }

    /// Every file besides content, static files and templates that this build
    /// has read or looked for, in order; only with [`Options::keep`].
    pub fn other_files(&self) -> BTreeSet<FilePath> {
        let Some(kept) = &self.kept else { return BTreeSet::new() };
        let mut files: BTreeSet<FilePath> =
            kept.parsed.included().chain(kept.model.files()).cloned().collect();
        if let Some(done) = &kept.done {
            files.extend(done.made.outputs.keys.data.iter().chain(&done.made.files).cloned());
        }
        files
    }
}

/// The last build, and what may have changed since its files were read.
pub struct Previous {
    /// With [`Options::keep`]; else it is of no use.
    pub built: Built,
    /// What may have changed.
    pub changes: Changes,
}

/// What a build leaves for the next.
struct Kept {
    options: Options,
    sources: Sources,
    /// None when a template could not be compiled.
    environment: Option<Arc<Environment>>,
    parsed: ParsedFiles,
    model: Model,
    /// The last build that came to its outputs.
    done: Option<Done>,
    /// What has changed since.
    owed: Changes,
}

/// The site and what is published of it.
struct Model {
    site: Arc<Site>,
    plan: Arc<Plan>,
    fields: KeptFields,
    codes: KeptCodes,
    problems: Vec<Diagnostic>,
    /// What templates will see, of a model that has been made anew.
    shared: Option<Shared>,
}

impl Model {
    /// Every file that fields and tasks were read from, or that they lack.
    fn files(&self) -> impl Iterator<Item = &FilePath> {
        let of_fields = self.fields.values().flat_map(KeptField::files);
        of_fields.chain(self.codes.values().flat_map(KeptCode::files))
    }
}

/// A build that came to its outputs.
struct Done {
    shared: Arc<Shared>,
    made: Made,
}

/// What it made, and from what.
struct Made {
    config: Arc<Config>,
    parts: Arc<Parts>,
    bodies: Bodies,
    outputs: KeptOutputs,
    snippets: usize,
    /// Files that bodies were made from, besides their own, now or before.
    files: BTreeSet<FilePath>,
    asked: KeptAsked,
    search: search::State,
    twins: twins::State,
}

/// What templates have seen in the last build.
enum LastShared {
    /// There was none.
    Nothing,
    /// Of the same site but for bodies and labels, and the same plan.
    Same(Box<Rest>),
    /// Of another.
    Other(Arc<Shared>),
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

/// Builds the site. With a previous build only that is done again of which
/// something has changed; what comes out is the same.
pub fn build(
    files: &SharedFiles,
    config: &Config,
    options: &Options,
    previous: Option<Previous>,
    sink: &dyn Sink,
) -> Built {
    let mut clock = Clock { last: Instant::now(), timings: Vec::new() };
    let mut built = Built::default();
    let (last, changes) = match previous {
        Some(Previous { built, changes }) => (built.kept, changes),
        None => (None, Changes::Unknown),
    };
    // With other options nothing of a build is of use.
    let (last_sources, last_environment, last_parsed, last_model, last_done, mut owed, changes) =
        match last.filter(|kept| kept.options == *options) {
            Some(kept) => {
                let Kept { options: _, sources, environment, parsed, model, done, owed } = *kept;
                (Some(sources), environment, parsed, Some(model), done, owed, changes)
            }
            None => (None, None, ParsedFiles::default(), None, None, Changes::default(), Changes::Unknown),
        };
    owed.add(changes.clone());

    // read
    let (sources, same) = Sources::read(files, config, last_sources, &changes);
    built.problems.extend(sources.problems().cloned());
    let config = Arc::clone(&sources.merged);
    clock.stage("read");
    let environment = match last_environment.filter(|_| same.templates) {
        Some(environment) => Some(environment),
        None => compile(&sources.layers, config.limits.include_depth)
            .map_err(|problems| built.problems.extend(problems))
            .ok()
            .map(Arc::new),
    };
    clock.stage("templates");

    // parse
    let (skip, depth) = (&sources.skip, Depth::Whole);
    let parser = Parser { files, config: &config, skip, changes: &changes, depth };
    let (parsed, reparsed) = parser.run(&sources.found.content, last_parsed, same.files && same.config);
    built.problems.extend(parsed.problems.iter().cloned());
    clock.stage("parse");

    // model and plan
    let is_same_model = same.files && same.config && same.statics && reparsed.same_places;
    let mut done = last_done;
    let mut last_shared = LastShared::Nothing;
    let mut labels = Vec::new();
    // Nobody else may hold the site while it is renewed: it would be copied.
    // Without templates there is nothing to take its place.
    let is_of_last = |done: &Done, model: &Model| {
        Arc::strong_count(&done.shared) == 1 && Arc::ptr_eq(&done.shared.site, &model.site)
    };
    let model = match last_model {
        Some(mut model)
            if is_same_model
                && (model.problems.is_empty() || reparsed.changed.is_empty())
                && model.shared.is_none()
                && can_relabel(&model.site, &reparsed.relabelled, &parsed)
                && !model.files().any(|path| changes.covers(path))
                && (environment.is_none() || done.as_ref().is_some_and(|done| is_of_last(done, &model))) =>
        {
            let mut made = None;
            if environment.is_some()
                && let Some(of_last) = done.take()
            {
                made = Some(of_last.made);
                if let Some(shared) = Arc::into_inner(of_last.shared) {
                    last_shared = LastShared::Same(Box::new(shared.into_rest()));
                }
            }
            labels = renew(&mut model.site, &reparsed, &parsed);
            (model, made)
        }
        last => (Model::new(files, &sources, &parsed, options, last), None),
    };
    let (model, mut made) = model;
    built.problems.extend(told(&model.site, &parsed));
    built.problems.extend(model.problems.iter().cloned());
    built.count(&model.site);
    built.site = Some(Arc::clone(&model.site));
    built.plan = Some(Arc::clone(&model.plan));
    clock.stage("model");

    // render: bodies, then outputs
    let mut kept = Kept { options: options.clone(), sources, environment, parsed, model, done, owed };
    if kept.environment.is_none() {
        // Nothing can be drawn, but links can still be checked.
        let Kept { model: Model { site, plan, .. }, parsed, .. } = &kept;
        let file = |id: ItemId| parsed.files.get(&site.item(id).file.path);
        built.problems.extend(broken_links(site, plan, &file));
    } else {
        if let Some(Done { shared, made: of_last }) = kept.done.take() {
            last_shared = LastShared::Other(shared);
            made = Some(of_last);
        }
        on_deep_stacks(|| {
            render(&mut built, &mut clock, &mut kept, (last_shared, made, labels), files, sink);
        });
        kept.owed = Changes::default();
    }
    built.kept = options.keep.then(|| Box::new(kept));
    finish(built, clock)
}

/// The path below `content/` of a content file, and what is in it.
fn of_site<'a>(path: &FilePath, parsed: &'a ParsedFiles) -> Option<(FilePath, &'a Arc<Parsed>)> {
    let below = FilePath::new(path.below(&content_root())?);
    Some((below, &parsed.files.get(path)?.parsed))
}

/// Whether the site stays what it is when these files have other labels.
fn can_relabel(site: &Site, files: &[FilePath], parsed: &ParsedFiles) -> bool {
    let of_files = files.iter().map(|path| of_site(path, parsed));
    of_files.into_iter().all(|file| file.is_some_and(|(path, parsed)| site.can_relabel(&path, parsed)))
}

/// What shows the labels of some pages before bodies are drawn: they and their
/// translations.
fn shown_with(site: &Site, labels: &[ItemId]) -> HashSet<FilePath> {
    let shown = labels.iter().flat_map(|id| site.item(*id).translations.iter().chain([id]));
    shown.map(|id| site.item(*id).content_path.clone()).collect()
}

/// Gives pages and sections their new files: those with other labels, in order.
fn renew(site: &mut Arc<Site>, reparsed: &Reparsed, parsed: &ParsedFiles) -> Vec<ItemId> {
    if reparsed.changed.is_empty() {
        return Vec::new();
    }
    let site = Arc::make_mut(site);
    let relabelled = reparsed.relabelled.iter().filter_map(|path| of_site(path, parsed));
    let mut labels: Vec<ItemId> =
        relabelled.filter_map(|(path, parsed)| site.relabel(&path, parsed)).collect();
    labels.sort_unstable();
    for (below, parsed) in reparsed.changed.iter().filter_map(|path| of_site(path, parsed)) {
        let item = match site.by_path.get(&below) {
            Some(ItemId::Page(id)) => &mut site.pages[id.0 as usize].item,
            Some(ItemId::Section(id)) => &mut site.sections[id.0 as usize].item,
            // A draft.
            None => continue,
        };
        item.parsed = Some(Arc::clone(parsed));
    }
    labels
}

impl Model {
    /// Made anew; of `last` only what was read for fields and tasks is of use.
    fn new(
        files: &SharedFiles,
        sources: &Sources,
        parsed: &ParsedFiles,
        options: &Options,
        last: Option<Self>,
    ) -> Self {
        let config = &sources.merged;
        let (last_fields, last_codes) = last.map(|last| (last.fields, last.codes)).unwrap_or_default();
        let mut problems = Vec::new();
        let mut assets = sources.found.assets.clone();
        let fields = read_fields(files, config, &mut assets, &last_fields, &mut problems);
        // Sections first, each in order.
        let (sections, pages): (Vec<_>, Vec<_>) =
            sources.found.content.iter().partition(|file| file.kind == Kind::Section);
        let with_parsed = |file: &ContentFile| {
            let parsed = Arc::clone(&parsed.files.get(&file.path)?.parsed);
            Some((file.clone(), parsed))
        };
        let of_site = sections.into_iter().chain(pages).filter_map(with_parsed).collect();
        let fields_of = fields::sources(&fields);
        let (selection, changes) = (&options.selection, &options.last_changes);
        let (site, found) = assemble(config, of_site, &assets, &fields_of, selection, changes);
        problems.extend(found);
        let codes = draw_tasks(&site, files, &last_codes, &mut problems);
        let (plan, found) = plan(&site, &sources.layers, &sources.found.statics);
        problems.extend(found);
        let styles = Arc::new(code_styles(config, &mut problems));
        let (site, plan) = (Arc::new(site), Arc::new(plan));
        let mode = if options.mode.is_empty() { "build" } else { &options.mode };
        let shared = Shared::new(
            Arc::clone(&site),
            Arc::clone(files),
            options.today.clone(),
            Arc::clone(&plan),
            styles,
            mode,
        );
        shared.set_codes(codes.iter().map(|(path, code)| (path.clone(), code.html())));
        problems.extend(shared.draw_fields());
        Self { site, plan, fields, codes, problems, shared: Some(shared) }
    }
}

/// Problems of the files themselves.
fn told(site: &Site, parsed: &ParsedFiles) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for path in &parsed.telling {
        let Some(file) = parsed.files.get(path) else { continue };
        let parsed = &file.parsed;
        // The text of a draft may be in any state.
        let is_text = |problem: &&Diagnostic| {
            problem.labels.first().is_some_and(|label| {
                // What is included belongs to the text.
                label.span.start as usize >= parsed.body_start || label.source.path != parsed.source.path
            })
        };
        let below = path.below(&content_root()).map(FilePath::new);
        let left_out = below.is_some_and(|below| site.left_out.contains_key(&below));
        problems.extend(parsed.problems.iter().filter(|problem| !(left_out && is_text(problem))).cloned());
    }
    problems
}

/// Stack for rendering. Templates may lie 64 deep inside one another and
/// components 20 deep, each of which may start such a chain of its own; the
/// engine uses up to 60 kB for each. What is not used costs nothing.
const DEEP_STACK: usize = 128 << 20;

/// Runs on as many threads as there are, with deep stacks.
fn on_deep_stacks(run: impl FnOnce() + Send) {
    static POOL: OnceLock<Option<rayon::ThreadPool>> = OnceLock::new();
    let pool = POOL.get_or_init(|| {
        let threads = rayon::current_num_threads();
        rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(DEEP_STACK).build().ok()
    });
    match pool {
        Some(pool) => pool.install(run),
        // Not allowed that much: most sites need less.
        None => run(),
    }
}

/// Bodies, then outputs. `last` is what the last build came to, and the pages
/// of the same site with other labels.
fn render(
    built: &mut Built,
    clock: &mut Clock,
    kept: &mut Kept,
    last: (LastShared, Option<Made>, Vec<ItemId>),
    files: &SharedFiles,
    sink: &dyn Sink,
) {
    let Kept { options, sources, environment, parsed, model, done, owed } = kept;
    let Some(environment) = environment else { return };
    let site = &model.site;
    let (last_shared, made, labels) = last;
    let is_first = made.is_none();
    let made = made.unwrap_or_else(|| Made {
        config: Arc::clone(&sources.merged),
        parts: Arc::clone(&environment.parts),
        bodies: Bodies::default(),
        outputs: KeptOutputs::default(),
        snippets: 0,
        files: BTreeSet::new(),
        asked: KeptAsked::default(),
        search: search::State::default(),
        twins: twins::State::default(),
    });
    let Made { config, parts, mut bodies, outputs, snippets, files: mut of_bodies, asked, search, twins } =
        made;
    let is_same_parts = Arc::ptr_eq(&parts, &environment.parts);
    let mut changed = Changed {
        files: std::mem::take(owed),
        config: config != sources.merged || !is_same_to_templates(&config.extra, &sources.merged.extra),
        templates: (!is_same_parts).then(|| (parts, Arc::clone(&environment.parts))),
        site: !matches!(last_shared, LastShared::Same(_)),
        plan: !matches!(last_shared, LastShared::Same(_)),
        labels: shown_with(site, &labels),
        late: Difference::default(),
    };

    // bodies
    let (shared, mut old_values, old_shared) = match (last_shared, model.shared.take()) {
        (LastShared::Same(rest), _) => {
            let (shared, values) = rest.with(Arc::clone(site), Arc::clone(files), labels.is_empty());
            (shared, values, None)
        }
        (LastShared::Other(old), Some(new)) => (new, Values::default(), Some(old)),
        (LastShared::Nothing, Some(new)) => (new, Values::default(), None),
        // A model without one is that of the last build.
        (_, None) => return,
    };
    let shared = Arc::new(shared);
    let is_same_site = !changed.site;
    let old_site = old_shared.as_ref().map(|old| Arc::clone(&old.site));
    let mut old_ids = PerItem::default();
    if let Some(old_site) = &old_site {
        (bodies, old_ids) = bodies::moved_over(bodies, old_site, site);
    } else if is_first {
        bodies = PerItem::of(site, |_| None);
    }
    let items: Vec<ItemId> = if is_same_site {
        bodies::candidates(&bodies, &changed, site, parsed)
    } else {
        site.items().collect()
    };
    let drawing = Drawing {
        environment,
        shared: &shared,
        plan: &model.plan,
        changed: &changed,
        old_site: old_site.as_deref(),
        is_whole: !is_same_site,
        keep: options.keep,
    };
    let mut drawn = |id: ItemId| -> Option<Drawn> {
        match &old_shared {
            None => old_values.drawn.get_mut(id)?.take(),
            Some(old) => old.values()?.drawn.get(old_ids.get(id).copied().flatten()?)?.clone(),
        }
    };
    let before = bodies::count_snippets(&items, &bodies);
    let work = drawing.texts(&items, &mut bodies, parsed, &mut drawn);
    if !options.keep {
        // Bodies are the only big thing, and there is to be one copy.
        *parsed = ParsedFiles::default();
    }
    if options.snippets {
        built.snippets = work.iter().filter_map(|work| snippets_of(work.body()?)).collect();
    }
    let now: usize = work.iter().map(bodies::Work::snippets).sum();
    let snippets = if is_same_site { (snippets + now).saturating_sub(before) } else { now };
    let of_tasks: usize = model.codes.values().map(KeptCode::snippets).sum();
    built.counts.snippets = snippets + of_tasks;
    let outcomes = drawing.draw_all(work, &mut bodies, &mut drawn);
    parsed.fresh.clear();
    let drawn_now = outcomes.iter().filter_map(|outcome| bodies.get(outcome.redrawn.id)?.as_ref());
    of_bodies.extend(drawn_now.flat_map(KeptBody::files).cloned());
    let all = bodies.pages.iter().chain(&bodies.sections).flatten();
    built.problems.extend(all.flat_map(KeptBody::problems).cloned());
    clock.stage("bodies");

    // values
    let other_links = outcomes.iter().any(|outcome| outcome.other_links);
    let redrawn: Vec<Redrawn> = outcomes.into_iter().map(|outcome| outcome.redrawn).collect();
    if is_same_site {
        let backlinks = other_links.then(|| bodies::links_back(site, &bodies));
        let values = renew::update(site, old_values, redrawn, &labels, backlinks, &mut changed.late);
        shared.fill(values, environment);
    } else {
        let is_other = |redrawn: &&Redrawn| redrawn.is_other;
        let others: Vec<ItemId> = redrawn.iter().filter(is_other).map(|redrawn| redrawn.id).collect();
        let mut of_items: PerItem<Option<Drawn>> = PerItem::of(site, |_| None);
        for Redrawn { id, drawn, is_other: _ } in redrawn {
            if let Some(place) = of_items.get_mut(id) {
                *place = drawn;
            }
        }
        let new = crate::render::values::all(site, of_items, bodies::links_back(site, &bodies));
        if let Some(old) = &old_shared
            && let Some(old_values) = old.values()
        {
            let difference = &mut changed.late;
            renew::compare((&old.site, old_values), (site, &new), &others, difference);
            renew::compare_plans(&old.plan, &model.plan, difference);
            crate::render::compare::compare(old, &shared, difference);
            difference.day = old.today != shared.today;
            let (was, is) = (&old.plan, &model.plan);
            changed.plan =
                was.addresses != is.addresses || was.sitemap != is.sitemap || was.twins != is.twins;
        }
        shared.fill(new, environment);
    }
    clock.stage("values");

    // outputs
    let renderer = Renderer { environment, shared: &shared, plan: &model.plan };
    // A check publishes nothing that could be found.
    let indexer = (options.mode != "check").then(|| search::Indexer::new(site, &model.plan, search, sink));
    let real_sink = sink;
    let sink = indexer.as_ref().map_or(sink, |indexer| indexer as &dyn Sink);
    let has_twins = !model.plan.twins.is_empty() || !model.plan.full.is_empty();
    let twins = has_twins.then(|| twins::Twins::new(&renderer, twins, sink));
    let sink = twins.as_ref().map_or(sink, |twins| twins as &dyn Sink);
    let (outputs, outcome) = if options.keep {
        let old_plan = old_shared.as_ref().map(|old| &*old.plan);
        if let Some(old_plan) = old_plan {
            built.removed = removed(old_plan, &model.plan);
        }
        outputs::render_changed(&renderer, &changed, outputs, old_plan, sink)
    } else {
        (outputs, outputs::render_all(&renderer, sink))
    };
    built.counts.outputs = model.plan.jobs.len() + model.plan.twins.len() + model.plan.full.len();
    built.counts.bytes = outcome.bytes;
    built.rendered = outcome.rendered;
    built.problems.extend(outcome.problems);
    clock.stage("render");
    let shown = options.keep.then(|| outputs.asked()).flatten().map(|mut shown| {
        shown.extend(bodies.pages.iter().chain(&bodies.sections).flatten().flat_map(KeptBody::asked));
        shown
    });
    let store = Store::new(options.images.clone());
    let made = asked::Making { shared: &shared, plan: &model.plan, store: &store, sink };
    let (asked, made) = made.all(asked, shown);
    built.counts.outputs += asked.len();
    built.counts.bytes += asked.values().map(|one| one.bytes).sum::<u64>();
    built.problems.extend(made.problems);
    // A whole build has asked for everything that is shown.
    if is_first && options.mode != "check" && !built.failed() {
        store.forget_others();
    }
    built.removed.retain(|output| !asked.contains_key(output));
    built.removed.extend(made.removed);
    built.removed.sort();
    built.rendered.extend(made.rendered.into_iter().map(|output| (output, DirtyReason::New)));
    built.rendered.sort_by(|a, b| a.0.cmp(&b.0));
    clock.stage("images");
    built.shared = Some(Arc::clone(&shared));
    let is_same_listing = is_same_site && !changed.plan && !changed.config;
    let mut twins = twins.map(|twins| twins.end(is_same_listing)).unwrap_or_default();
    let mut search = indexer.map(|indexer| indexer.end(&renderer)).unwrap_or_default();
    if options.keep {
        let (config, parts) = (Arc::clone(&sources.merged), Arc::clone(&environment.parts));
        let made = Made { config, parts, bodies, outputs, snippets, files: of_bodies, asked, search, twins };
        *done = Some(Done { shared, made });
    } else {
        built.problems.extend(search.finish(site, real_sink).problems);
        built.problems.extend(twins.finish(&site.config, real_sink));
    }
    clock.stage("search");
}

/// Outputs that are not published any more.
fn removed(before: &Plan, now: &Plan) -> Vec<OutputPath> {
    let is_there = |output: &OutputPath| now.addresses.contains(&output.url());
    let twins = before.twins.values().chain(before.full.values());
    let outputs = before.jobs.iter().map(|job| &job.output).chain(twins);
    outputs.filter(|output| !is_there(output)).cloned().collect()
}

fn finish(mut built: Built, clock: Clock) -> Built {
    built.timings = clock.timings;
    without_consequences(&mut built.problems);
    built.problems.sort_by_cached_key(Diagnostic::order);
    built.problems.dedup();
    built.problems = merge_repeated(std::mem::take(&mut built.problems));
    built
}
