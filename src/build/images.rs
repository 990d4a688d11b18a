//! Images: those that are shown at another size or in another format.
//!
//! In: what all renders have asked for, what is there from the last build and
//! from the store. Out: each to the sink, once; what is gone; problems. Work is
//! done when everything is rendered, so that an image that many pages show is
//! made once. The store only saves time: without it the bytes are the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use super::Sink;
use crate::base::diagnostic::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::OutputPath;
use crate::base::reads::Reads;
use crate::images;
use crate::plan::Plan;
use crate::read::theme::StaticOrigin;
use crate::render::Rendered;
use crate::render::images::Asked;
use crate::render::shared::Shared;
use crate::store::Store;

/// An image that was made.
pub(super) struct KeptImage {
    asked: Asked,
    pub(super) bytes: u64,
    /// Why it could not be made: it is tried again.
    problem: Option<Diagnostic>,
}

/// All images of a build.
pub(super) type KeptImages = BTreeMap<OutputPath, KeptImage>;

/// What was made.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) rendered: Vec<OutputPath>,
    pub(super) removed: Vec<OutputPath>,
    pub(super) problems: Vec<Diagnostic>,
}

/// What making them needs.
pub(super) struct Making<'a> {
    pub(super) shared: &'a Shared,
    pub(super) plan: &'a Plan,
    pub(super) store: Option<&'a PathBuf>,
    pub(super) sink: &'a dyn Sink,
}

impl Making<'_> {
    /// Makes what is not there. `shown` is all that anything shows; without it
    /// that is what was asked for and what is there.
    pub(super) fn all(
        &self,
        mut kept: KeptImages,
        shown: Option<BTreeSet<OutputPath>>,
    ) -> (KeptImages, Outcome) {
        let mut outcome = Outcome::default();
        let mut due: BTreeMap<OutputPath, Asked> = self.shared.images.asked();
        due.retain(|output, _| kept.get(output).is_none_or(|kept| kept.problem.is_some()));
        let failed = kept.iter().filter(|(_, kept)| kept.problem.is_some());
        due.extend(failed.map(|(output, kept)| (output.clone(), kept.asked.clone())).collect::<Vec<_>>());
        if let Some(shown) = shown {
            due.retain(|output, _| shown.contains(output));
            let gone = |output: &OutputPath| !shown.contains(output);
            outcome.removed = kept.keys().filter(|output| gone(output)).cloned().collect();
            kept.retain(|output, _| !gone(output));
        }
        if due.is_empty() {
            return (kept, outcome);
        }
        let store = Store::new(self.store.cloned());
        let due: Vec<(OutputPath, Asked)> = due.into_iter().collect();
        let made: Vec<(OutputPath, KeptImage)> = due
            .into_par_iter()
            .map(|(output, asked)| {
                let (bytes, problem) = match self.one(&store, &output, &asked) {
                    Ok(bytes) => (bytes, None),
                    Err(problem) => (0, Some(*problem)),
                };
                (output, KeptImage { asked, bytes, problem })
            })
            .collect();
        for (output, image) in made {
            match &image.problem {
                Some(problem) => outcome.problems.push(problem.clone()),
                None => outcome.rendered.push(output.clone()),
            }
            kept.insert(output, image);
        }
        (kept, outcome)
    }

    /// Makes one, or takes it from the store, and hands it on.
    fn one(&self, store: &Store, output: &OutputPath, asked: &Asked) -> Result<u64, Box<Diagnostic>> {
        let of = match &asked.source {
            StaticOrigin::File(path) | StaticOrigin::Sass { path, folder: _ } => path.as_str().to_owned(),
            StaticOrigin::Builtin(_) => "the built-in theme".to_owned(),
        };
        let problem = |code, words: &str| {
            let message = format!("cannot make `{output}` of `{of}`: {words}");
            Box::new(Diagnostic::error(code, message).in_file(of.clone()))
        };
        if self.plan.addresses.contains(&output.url()) {
            return Err(problem("duplicate-output", "another file is published there"));
        }
        let bytes = match store.load(asked.key) {
            Some(bytes) => bytes,
            None => {
                let limits = &self.shared.site.config.limits;
                let source: Arc<[u8]> = match &asked.source {
                    StaticOrigin::Builtin(bytes) => Arc::from(*bytes),
                    StaticOrigin::File(path) | StaticOrigin::Sass { path, folder: _ } => {
                        let read = self.shared.files.read(path, limits.data);
                        read.map_err(|error| problem("bad-image", &error.to_string()))?
                    }
                };
                if Fingerprint::of(&source) != asked.of {
                    return Err(problem("bad-image", "it has changed while the site was built"));
                }
                let made = images::make(&source, &asked.operation, limits.image_pixels);
                let made = made.map_err(|words| problem("bad-image", &words))?;
                store.save(asked.key, &made);
                made
            }
        };
        let length = bytes.len() as u64;
        let rendered = Rendered {
            output: output.clone(),
            bytes: Arc::from(bytes),
            reads: Reads::default(),
            problems: Vec::new(),
        };
        self.sink.accept(&rendered).map_err(Box::new)?;
        Ok(length)
    }
}
