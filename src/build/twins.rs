//! Twins: pages as Markdown, beside them and all in one file.
//!
//! In: the pages of a build as they are rendered; what the last build knew.
//! Out: to the same sink, each page's Markdown as soon as there is its HTML,
//! and the texts that hold all of them when asked for. A twin is made of its
//! page's bytes and the place it stands at alone: who renders the page again
//! writes it again.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::Sink;
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::paths::{OutputPath, PLACELESS};
use crate::base::reads::{Key, Reads};
use crate::plan::Plan;
use crate::render::Rendered;
use crate::render::outputs::{Renderer, text_form};
use crate::render::place;
use crate::twin;

/// What is kept for texts of all pages. Empty without such a text.
#[derive(Default)]
pub(super) struct State {
    /// Markdown of each page, addresses without a place.
    texts: BTreeMap<OutputPath, String>,
    /// Each text of all pages, with the pages in it.
    wholes: BTreeMap<OutputPath, Vec<OutputPath>>,
    is_due: bool,
}

/// A sink that writes twins beside the pages on their way to another.
pub(super) struct Twins<'a> {
    sink: &'a dyn Sink,
    renderer: &'a Renderer<'a>,
    state: State,
    fresh: Mutex<BTreeMap<OutputPath, String>>,
}

impl<'a> Twins<'a> {
    /// With what the last build left.
    pub(super) fn new(renderer: &'a Renderer<'a>, state: State, sink: &'a dyn Sink) -> Self {
        Self { sink, renderer, state, fresh: Mutex::default() }
    }

    /// What is known of all pages. `is_same_site`: nothing but bodies has
    /// changed, and so no order.
    pub(super) fn end(self, is_same_site: bool) -> State {
        let Self { mut state, fresh, renderer, .. } = self;
        let plan: &Plan = renderer.plan;
        if plan.full.is_empty() {
            return State::default();
        }
        if !is_same_site || state.wholes.is_empty() {
            let languages = plan.full.iter();
            state.wholes = languages
                .map(|(language, output)| (output.clone(), renderer.pages_in_order(language)))
                .collect();
            let wanted: HashSet<&OutputPath> = state.wholes.values().flatten().collect();
            state.texts.retain(|output, _| wanted.contains(output));
            state.is_due = true;
        }
        let mut fresh = fresh.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Pages of the last build, if there was no such text then.
        let is_missing =
            |output: &&OutputPath| !state.texts.contains_key(*output) && !fresh.contains_key(*output);
        let missing: Vec<&OutputPath> = state.wholes.values().flatten().filter(is_missing).collect();
        for job in missing.into_iter().filter_map(|output| plan.job(output)) {
            let rendered = renderer.render(job);
            if rendered.problems.iter().all(|problem| problem.severity != Severity::Error) {
                fresh.insert(rendered.output.clone(), markdown(&rendered));
            }
        }
        for (output, text) in fresh {
            state.is_due |= state.texts.get(&output) != Some(&text);
            state.texts.insert(output, text);
        }
        state
    }
}

fn markdown(rendered: &Rendered) -> String {
    twin::markdown(&String::from_utf8_lossy(&rendered.bytes), &rendered.output.url().encoded())
}

impl Sink for Twins<'_> {
    fn accept(&self, rendered: &Rendered) -> Result<(), Diagnostic> {
        self.sink.accept(rendered)?;
        let plan = self.renderer.plan;
        let twin = plan.twins.get(&rendered.output);
        let is_kept = !plan.full.is_empty() && plan.is_read(&rendered.output);
        if twin.is_none() && !is_kept {
            return Ok(());
        }
        let text = markdown(rendered);
        if let Some(twin) = twin {
            // It stands where the page does, and has its anchors.
            let form = text_form(&self.renderer.shared.site.config, &rendered.output);
            let bytes = Arc::from(place::put(text.clone().into_bytes(), &form));
            let reads = rendered.reads.clone();
            self.sink.accept(&Rendered { output: twin.clone(), bytes, reads, problems: Vec::new() })?;
        }
        if is_kept {
            let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
            fresh.insert(rendered.output.clone(), text);
        }
        Ok(())
    }

    fn asked(&self) -> Option<BTreeSet<String>> {
        self.sink.asked()
    }
}

impl State {
    /// Whether an output is one of the texts of all pages.
    pub(super) fn has(&self, output: &OutputPath) -> bool {
        self.wholes.contains_key(output)
    }

    /// Writes the texts of all pages, if there is anything new.
    pub(super) fn finish(&mut self, config: &crate::config::Config, sink: &dyn Sink) -> Vec<Diagnostic> {
        if !std::mem::take(&mut self.is_due) {
            return Vec::new();
        }
        // Coarse: one text of everything.
        let mut reads = Reads::default();
        for key in [Key::Site, Key::Bodies, Key::Config] {
            reads.note(key);
        }
        let mut problems = Vec::new();
        for (output, pages) in &self.wholes {
            let bytes = self.whole(pages, config.llms.full_limit);
            let bytes = Arc::from(place::put(bytes.into_bytes(), &text_form(config, output)));
            let reads = reads.clone();
            let rendered = Rendered { output: output.clone(), bytes, reads, problems: Vec::new() };
            problems.extend(sink.accept(&rendered).err());
        }
        problems
    }

    /// One page after the other, each with its address, as many as fit.
    fn whole(&self, pages: &[OutputPath], limit: usize) -> String {
        let mut out = String::new();
        let mut left_out = Vec::new();
        for page in pages {
            let Some(text) = self.texts.get(page) else { continue };
            let address = format!("{PLACELESS}{}", page.url().encoded());
            // What comes after a page that does not fit is left out too: the
            // text ends somewhere, it has no holes.
            if out.len() + text.len() > limit || !left_out.is_empty() {
                left_out.push(address);
                continue;
            }
            if !out.is_empty() {
                out.push_str("\n---\n\n");
            }
            out.push_str(&format!("Source: <{address}>\n\n{text}"));
        }
        if !left_out.is_empty() {
            out.push_str(&format!(
                "\n---\n\nThis text is full. {} more pages are not in it:\n\n",
                left_out.len()
            ));
            for address in left_out {
                out.push_str(&format!("- <{address}>\n"));
            }
        }
        out
    }
}
