//! Outputs: the plan's jobs, those rendered again that have to be.
//!
//! In: the plan, the shared values, what has changed, what the outputs of the
//! last build have read. Out: every new output to the sink, with the reason it
//! was rendered for, and problems. Must not know what a key stands for.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

use super::Sink;
use super::changed::{Changed, DirtyReason, Keys};
use super::problems::panicked;
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::OutputPath;
use crate::base::reads::Reads;
use crate::plan::Plan;
use crate::render::outputs::Renderer;

/// What an output was made from.
pub(super) struct KeptOutput {
    recipe: Fingerprint,
    /// Numbers of the keys it has read; none when it could not be rendered.
    pub(super) reads: Option<Box<[u32]>>,
    /// There is something wrong with it, to be told again.
    has_problems: bool,
    bytes: u64,
}

/// All outputs of a build.
#[derive(Default)]
pub(super) struct KeptOutputs {
    /// In the order of the plan's jobs.
    pub(super) list: Vec<KeptOutput>,
    pub(super) keys: Keys,
}

impl KeptOutputs {
    /// Outputs in no plan that are shown; none when that is not known of all.
    pub(super) fn asked(&self) -> Option<BTreeSet<OutputPath>> {
        let mut shown = BTreeSet::new();
        if self.keys.has_asked() {
            for output in &self.list {
                shown.extend(self.keys.asked(output.reads.as_ref()?.iter()).cloned());
            }
        }
        Some(shown)
    }
}

/// What was rendered.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) rendered: Vec<(OutputPath, DirtyReason)>,
    pub(super) problems: Vec<Diagnostic>,
    pub(super) bytes: u64,
}

/// Outputs of the last build at the places of another plan.
pub(super) fn moved_over(
    list: Vec<KeptOutput>,
    before: &Plan,
    now: &Plan,
) -> HashMap<OutputPath, KeptOutput> {
    let paths = before.jobs.iter().map(|job| job.output.clone());
    let mut all: HashMap<OutputPath, KeptOutput> = paths.zip(list).collect();
    now.jobs.iter().filter_map(|job| all.remove_entry(&job.output)).collect()
}

/// One rendered job.
struct Done {
    index: usize,
    reads: Reads,
    bytes: u64,
    problems: Vec<Diagnostic>,
}

fn render_one(renderer: &Renderer<'_>, index: usize, sink: &dyn Sink) -> Done {
    let job = &renderer.plan.jobs[index];
    match catch_unwind(AssertUnwindSafe(|| renderer.render(job))) {
        Ok(mut rendered) => {
            let mut problems = std::mem::take(&mut rendered.problems);
            if problems.iter().all(|problem| problem.severity != Severity::Error)
                && let Err(problem) = sink.accept(&rendered)
            {
                problems.push(problem);
            }
            Done { index, reads: rendered.reads, bytes: rendered.bytes.len() as u64, problems }
        }
        Err(_) => {
            let problem = panicked(&format!("rendering `{}`", job.output));
            Done { index, reads: Reads::default(), bytes: 0, problems: vec![problem] }
        }
    }
}

/// Jobs rendered at a time while somebody may be waiting for another.
const AT_A_TIME: usize = 128;

/// Renders some jobs, those first that are waited for; in the order given.
fn render_these(renderer: &Renderer<'_>, places: &[usize], sink: &dyn Sink) -> Vec<Done> {
    let Some(mut asked) = sink.asked() else {
        return places.par_iter().map(|index| render_one(renderer, *index, sink)).collect();
    };
    let mut done: Vec<Done> = Vec::with_capacity(places.len());
    let mut left: Vec<usize> = places.to_vec();
    while !left.is_empty() {
        let is_asked = |index: &usize| asked.contains(renderer.plan.jobs[*index].output.as_str());
        let (mut now, mut later): (Vec<usize>, Vec<usize>) = left.iter().partition(|index| is_asked(index));
        if now.is_empty() {
            now = later.drain(..later.len().min(AT_A_TIME)).collect();
        }
        done.par_extend(now.par_iter().map(|index| render_one(renderer, *index, sink)));
        left = later;
        asked = sink.asked().unwrap_or_default();
    }
    done.sort_unstable_by_key(|done| done.index);
    done
}

/// Renders everything, for a build without a next one.
pub(super) fn render_all(renderer: &Renderer<'_>, sink: &dyn Sink) -> Outcome {
    let jobs = 0..renderer.plan.jobs.len();
    let done: Vec<(u64, Vec<Diagnostic>)> = jobs
        .into_par_iter()
        .map(|index| {
            let Done { index: _, reads: _, bytes, problems } = render_one(renderer, index, sink);
            (bytes, problems)
        })
        .collect();
    let mut outcome = Outcome::default();
    for (bytes, problems) in done {
        outcome.bytes += bytes;
        outcome.problems.extend(problems);
    }
    outcome
}

/// Renders what has to be rendered. `before` holds the outputs of the last
/// build, in the order of its plan, which is `old_plan` when it was another.
pub(super) fn render_changed(
    renderer: &Renderer<'_>,
    changed: &Changed,
    before: KeptOutputs,
    old_plan: Option<&Plan>,
    sink: &dyn Sink,
) -> (KeptOutputs, Outcome) {
    let jobs = &renderer.plan.jobs;
    let KeptOutputs { list, mut keys } = before;
    let marks = keys.changed(changed);
    let is_same_plan = old_plan.is_none() && list.len() == jobs.len();
    let mut old: Vec<Option<KeptOutput>> = if is_same_plan {
        list.into_iter().map(Some).collect()
    } else {
        let mut moved = old_plan.map(|before| moved_over(list, before, renderer.plan)).unwrap_or_default();
        jobs.iter().map(|job| moved.remove(&job.output)).collect()
    };
    let dirty = |(index, old): (usize, &Option<KeptOutput>)| -> Option<(usize, Fingerprint, DirtyReason)> {
        // What an unchanged plan makes of an unchanged site has no other recipe.
        let is_same_site = is_same_plan && !changed.site && !changed.config && changed.templates.is_none();
        let known = old.as_ref().filter(|_| is_same_site).map(|old| old.recipe);
        let recipe = || known.unwrap_or_else(|| renderer.recipe(&jobs[index]));
        let Some(old) = old else { return Some((index, recipe(), DirtyReason::New)) };
        let reads = old.reads.as_ref().filter(|_| !old.has_problems);
        let Some(reads) = reads else { return Some((index, recipe(), DirtyReason::Failed)) };
        let recipe = recipe();
        if recipe != old.recipe {
            return Some((index, recipe, DirtyReason::Recipe));
        }
        let is_marked = |number: &u32| marks.get(*number as usize).copied().unwrap_or(true);
        let keys_of = || keys.marked(reads, &marks);
        reads.iter().any(is_marked).then(|| (index, recipe, DirtyReason::Changed(keys_of())))
    };
    let due: Vec<(usize, Fingerprint, DirtyReason)> =
        old.par_iter().enumerate().with_min_len(512).filter_map(dirty).collect();
    let places: Vec<usize> = due.iter().map(|(index, ..)| *index).collect();
    let done = render_these(renderer, &places, sink);
    let mut outcome = Outcome::default();
    for ((index, recipe, reason), done) in due.into_iter().zip(done) {
        debug_assert_eq!(index, done.index);
        outcome.rendered.push((jobs[index].output.clone(), reason));
        let is_rendered = done.problems.iter().all(|problem| problem.severity != Severity::Error);
        let reads = is_rendered.then(|| keys.numbers(done.reads));
        let has_problems = !done.problems.is_empty();
        outcome.problems.extend(done.problems);
        old[index] = Some(KeptOutput { recipe, reads, has_problems, bytes: done.bytes });
    }
    let list: Vec<KeptOutput> = old.into_iter().flatten().collect();
    outcome.bytes = list.iter().map(|output| output.bytes).sum();
    (KeptOutputs { list, keys }, outcome)
}
