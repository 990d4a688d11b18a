//! Session: a build after every change, for as long as the server runs.
//!
//! In: a project, what changes in it. Out: each good build takes its place in
//! what is served, in one step; a build with an error changes nothing but the
//! problems that are shown. A panic of ours is a problem like any other: the
//! next build starts from nothing. Must not know HTTP or the terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::live::{Live, Problems};
use super::table::Table;
use super::watch::{Happening, Signal, Watch};
use crate::base::changes::Changes;
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::paths::{FilePath, OutputPath};
use crate::build::{Built, Options, Preview, Previous, Sink, build};
use crate::config::Config;
use crate::read::discover::content_root;
use crate::render::Rendered;
use crate::render::shared::SharedFiles;
use crate::report;

/// A project that can be opened again and again: its configuration changes too.
pub trait Project {
    /// Its folder, absolute and without links.
    fn root(&self) -> &Path;
    /// Its files, whatever its configuration says.
    fn files(&self) -> SharedFiles;
    /// Files its configuration may be in.
    fn config_files(&self) -> BTreeSet<FilePath>;
    /// Reads the configuration; what is wrong if there is none.
    fn open(&self) -> Result<Opened, Vec<Diagnostic>>;
}

/// What a build needs.
pub struct Opened {
    /// All files but those of the output and the cache.
    pub files: SharedFiles,
    /// The configuration.
    pub config: Config,
    /// Of the build; parsed pages are kept whatever they say.
    pub options: Options,
    /// What is wrong with the configuration.
    pub problems: Vec<Diagnostic>,
    /// Path of the base address, without a trailing `/`.
    pub base_path: String,
    /// Warnings are errors.
    pub is_strict: bool,
}

/// Hears what happens, to tell a person.
pub trait Listener {
    /// The site is served there from now on.
    fn serving(&mut self, url: &str, control: Control);
    /// Something the person should know once.
    fn notice(&mut self, words: &str);
    /// There was a build.
    fn built(&mut self, told: &Told<'_>);
}

/// One build, for a person.
pub struct Told<'a> {
    /// What it gave; none when the configuration could not be read or we failed.
    pub built: Option<&'a Built>,
    /// All problems, the configuration's included.
    pub problems: &'a [Diagnostic],
    /// The last good build is served still.
    pub is_held: bool,
    /// How long it took.
    pub took: Duration,
    /// Files that had changed, in order; none for the first build and for one
    /// that was asked for.
    pub causes: &'a BTreeSet<FilePath>,
    /// Addresses below the base of which the bytes have changed.
    pub changed: &'a BTreeSet<String>,
}

/// What a person can do while the server runs.
#[derive(Debug, Clone)]
pub struct Control {
    pub(super) signals: std::sync::mpsc::Sender<Signal>,
    pub(super) url: String,
}

impl Control {
    /// Builds everything anew.
    pub fn rebuild(&self) {
        // A session that has ended needs none.
        let _ = self.signals.send(Signal::Rebuild);
    }

    /// Opens the site in a browser.
    pub fn open(&self) {
        super::open(&self.url);
    }

    /// Ends the server.
    pub fn stop(&self) {
        let _ = self.signals.send(Signal::Stop);
    }
}

/// Outputs that wait for a good build.
#[derive(Default)]
struct Staged(Mutex<BTreeMap<OutputPath, Arc<[u8]>>>);

impl Sink for Staged {
    fn accept(&self, rendered: &Rendered) -> Result<(), Diagnostic> {
        let mut staged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        staged.insert(rendered.output.clone(), Arc::clone(&rendered.bytes));
        Ok(())
    }
}

/// Outputs of the first build: whoever waits for one gets it at once.
struct First<'a> {
    staged: &'a Staged,
    live: &'a Live,
}

impl Sink for First<'_> {
    fn accept(&self, rendered: &Rendered) -> Result<(), Diagnostic> {
        self.live.put_early(&rendered.output, Arc::clone(&rendered.bytes));
        self.staged.accept(rendered)
    }

    fn asked(&self) -> Option<BTreeSet<String>> {
        Some(self.live.newly_asked())
    }
}

/// Pages of which the first build takes a while: whoever waits for one gets a
/// preview.
const MANY_PAGES: usize = 1000;

/// Stack for drawing previews, as deep as that of the build.
const PREVIEW_STACK: usize = 128 << 20;

/// Draws what is waited for, until the first build is done.
fn draw_previews(preview: &Preview, live: &Live) {
    while let Some(asked) = live.next_asked() {
        for name in asked {
            match preview.draw(&name) {
                Some(rendered) => live.put_preview(&rendered.output, rendered.bytes),
                None => live.no_preview(name),
            }
        }
    }
}

/// When it is dropped nobody waits for what is asked for any more.
struct EndOfAsking<'a>(&'a Live);

impl Drop for EndOfAsking<'_> {
    fn drop(&mut self) {
        self.0.end_of_asking();
    }
}

/// One project being watched.
pub(super) struct Session<'a> {
    live: &'a Live,
    project: &'a dyn Project,
    listener: &'a mut dyn Listener,
    opened: Option<Opened>,
    built: Option<Built>,
    staged: Staged,
    removed: BTreeSet<OutputPath>,
    /// The next good build starts from nothing: what it does not make is gone.
    is_whole: bool,
    /// What changed while there was no configuration.
    owed: Changes,
}

/// The address of the page whose file was edited, if it was one page's.
fn edited_page(built: &Built, causes: &BTreeSet<FilePath>) -> Option<String> {
    let site = built.site.as_ref()?;
    let mut pages = causes.iter().filter_map(|path| {
        let id = site.by_path.get(&FilePath::new(path.below(&content_root())?))?;
        Some(site.item(*id).url.as_str().to_owned())
    });
    let page = pages.next()?;
    pages.next().is_none().then_some(page)
}

/// How often a build is tried while files come and go under it.
const ATTEMPTS: usize = 4;

impl<'a> Session<'a> {
    pub(super) fn new(live: &'a Live, project: &'a dyn Project, listener: &'a mut dyn Listener) -> Self {
        let (staged, removed) = (Staged::default(), BTreeSet::new());
        Self {
            live,
            project,
            listener,
            opened: None,
            built: None,
            staged,
            removed,
            is_whole: true,
            owed: Changes::default(),
        }
    }

    /// Builds after every change, until it is stopped.
    pub(super) fn run(&mut self, watch: &mut Watch) {
        self.first_build(watch);
        loop {
            match watch.next() {
                Happening::Changed(paths) => {
                    if paths.iter().any(|path| self.project.config_files().contains(path)) {
                        self.reopen(watch);
                    }
                    self.build(paths.iter().cloned().collect(), &paths, watch);
                }
                Happening::Rebuild => {
                    self.built = None;
                    self.reopen(watch);
                    self.build(Changes::Unknown, &BTreeSet::new(), watch);
                }
                Happening::Stop => return,
            }
        }
    }

    /// The first build. Previews come before everything else, the first look at
    /// all files too: they are of use for a moment only.
    fn first_build(&mut self, watch: &mut Watch) {
        let preview = || {
            let opened = self.project.open().ok()?;
            Preview::new(&opened.files, &opened.config, &opened.options, MANY_PAGES)
        };
        let preview = catch_unwind(AssertUnwindSafe(preview)).ok().flatten();
        let live = self.live;
        std::thread::scope(|scope| {
            if let Some(preview) = preview {
                let thread = std::thread::Builder::new().stack_size(PREVIEW_STACK);
                if thread.spawn_scoped(scope, move || draw_previews(&preview, live)).is_ok() {
                    live.start_previews();
                }
            }
            let _end = EndOfAsking(live);
            if let Some(notice) = watch.start() {
                self.listener.notice(&notice);
            }
            self.reopen(watch);
            self.build(Changes::Unknown, &BTreeSet::new(), watch);
        });
    }

    /// Reads the configuration; without one there is nothing to build with.
    fn reopen(&mut self, watch: &mut Watch) {
        match self.project.open() {
            Ok(opened) => {
                watch.set_files(&opened.files);
                self.opened = Some(opened);
            }
            Err(problems) => {
                self.opened = None;
                let none = BTreeSet::new();
                self.show(None, &problems, true, (Duration::ZERO, &none));
            }
        }
    }

    fn build(&mut self, changes: Changes, causes: &BTreeSet<FilePath>, watch: &mut Watch) {
        self.owed.add(changes);
        for attempt in 1..=ATTEMPTS {
            let gone = self.build_once(causes, watch, attempt == ATTEMPTS);
            if gone.is_empty() {
                return;
            }
            self.owed.add(gone.into_iter().collect());
        }
    }

    /// Builds, and shows what came of it; but not, unless it has to be, when
    /// files have gone between being listed and being read: returns those.
    fn build_once(
        &mut self,
        causes: &BTreeSet<FilePath>,
        watch: &mut Watch,
        is_last: bool,
    ) -> BTreeSet<FilePath> {
        let Some(opened) = &self.opened else { return BTreeSet::new() };
        let changes = std::mem::take(&mut self.owed);
        let start = Instant::now();
        let options = Options { keep: true, ..opened.options.clone() };
        self.is_whole |= self.built.is_none();
        let previous = self.built.take().map(|built| Previous { built, changes });
        let first = First { staged: &self.staged, live: self.live };
        let sink: &dyn Sink = if self.live.version() == 0 { &first } else { &self.staged };
        let work = || build(&opened.files, &opened.config, &options, previous, sink);
        let built = catch_unwind(AssertUnwindSafe(work));
        let took = start.elapsed();
        let mut problems = opened.problems.clone();
        let is_strict = opened.is_strict;
        let built = match built {
            Ok(built) => {
                problems.extend(built.problems.iter().cloned());
                if built.counts.pages == 0 && opened.files.walk(&content_root()).0.is_empty() {
                    let problem =
                        Diagnostic::error("missing-file", "there is no folder `content` with pages in it");
                    problems.push(problem.in_file("content").hint("put it back, and the site is here again"));
                }
                self.removed.extend(built.removed.iter().cloned());
                Some(built)
            }
            Err(_) => {
                let problem = Diagnostic::error("internal-error", "Juxta itself failed while building");
                problems.push(problem.hint("this is a bug in Juxta, not in your site: please report it with what you changed; the next change starts from nothing"));
                None
            }
        };
        let gone: BTreeSet<FilePath> = problems
            .iter()
            .filter(|problem| problem.code == "missing-file")
            .filter_map(|problem| Some(FilePath::new(problem.path.as_deref()?)))
            .filter(|path| path.as_str() != "content" && !opened.files.exists(path))
            .collect();
        if !gone.is_empty() && !is_last {
            self.built = built;
            return gone;
        }
        let is_held = built.is_none()
            || problems.iter().any(|problem| {
                problem.severity == Severity::Error || is_strict && problem.severity == Severity::Warning
            });
        if let Some(built) = &built {
            let mut others = self.project.config_files();
            others.extend(built.other_files());
            if let Some(notice) = watch.set_others(others) {
                self.listener.notice(&notice);
            }
        }
        self.show(built.as_ref(), &problems, is_held, (took, causes));
        self.built = built;
        if !is_held {
            self.index();
        }
        BTreeSet::new()
    }

    /// The index of the search follows when the pages are there already.
    fn index(&mut self) {
        let Some(built) = &mut self.built else { return };
        let (staged, built) = (&self.staged, AssertUnwindSafe(built));
        let work = || {
            let AssertUnwindSafe(built) = built;
            built.finish_search(staged)
        };
        // Without an index there are still the pages.
        let Ok((mut removed, _)) = catch_unwind(AssertUnwindSafe(work)) else { return };
        if std::mem::take(&mut self.is_whole)
            && let Some(plan) = self.built.as_ref().and_then(|built| built.plan.as_ref())
        {
            let is_made = |output: &OutputPath| {
                let is_besides = |built: &Built| built.is_of_search(output) || built.is_asked_for(output);
                plan.is_published(output) || self.built.as_ref().is_some_and(is_besides)
            };
            let served = self.live.with_table(Table::outputs);
            removed.extend(served.into_iter().filter(|output| !is_made(output)));
        }
        let staged = std::mem::take(&mut *self.staged.0.lock().unwrap_or_else(PoisonError::into_inner));
        self.live.put_unseen(staged, &removed);
    }

    /// Lets a build take its place, if it is good, and tells of it.
    fn show(
        &mut self,
        built: Option<&Built>,
        problems: &[Diagnostic],
        is_held: bool,
        (took, causes): (Duration, &BTreeSet<FilePath>),
    ) {
        let html = if problems.is_empty() { String::new() } else { report::html::render(problems) };
        let told = Problems { html, is_held };
        let base_path = self.opened.as_ref().map(|opened| opened.base_path.clone());
        let base_path =
            base_path.unwrap_or_else(|| self.live.with_table(|table| table.base_path().to_owned()));
        let changed = if is_held {
            let base_path = self.live.with_table(|table| table.base_path().to_owned());
            self.live.take(BTreeMap::new(), &BTreeSet::new(), &base_path, told)
        } else {
            let staged = std::mem::take(&mut *self.staged.0.lock().unwrap_or_else(PoisonError::into_inner));
            let mut removed = std::mem::take(&mut self.removed);
            // What has gone and come back is not gone.
            if let Some(plan) = built.and_then(|built| built.plan.as_ref()) {
                removed.retain(|output| !plan.is_published(output));
                removed.retain(|output| !built.is_some_and(|built| built.is_asked_for(output)));
            }
            if let Some(page) = built.and_then(|built| edited_page(built, causes)) {
                self.live.edited(&page);
            }
            let is_unseen = |output: &OutputPath| built.is_some_and(|built| built.is_of_search(output));
            let (unseen, staged) = staged.into_iter().partition(|(output, _)| is_unseen(output));
            self.live.put_unseen(unseen, &[]);
            self.live.take(staged, &removed, &base_path, told)
        };
        self.listener.built(&Told { built, problems, is_held, took, causes, changed: &changed });
    }
}
