//! Images: those that are shown at another size or in another format, and social
//! cards.
//!
//! In: what all renders have asked for, what is there from the last build and
//! from the store. Out: each to the sink, once; what is gone; problems. Work is
//! done when everything is rendered, so that an image that many pages show is
//! made once. The store only saves time: without it the bytes are the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::Sink;
use crate::base::diagnostic::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::OutputPath;
use crate::base::reads::Reads;
use crate::images::{self, card};
use crate::plan::Plan;
use crate::read::theme::StaticOrigin;
use crate::render::Rendered;
use crate::render::images::{Asked, Picture, Recipe};
use crate::render::outputs::CARD;
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
    pub(super) store: &'a Store,
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
        let due: Vec<(OutputPath, Asked)> = due.into_iter().collect();
        let made: Vec<(OutputPath, KeptImage)> = due
            .into_par_iter()
            .map(|(output, asked)| {
                let (bytes, problem) = match self.one(&output, &asked) {
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
    fn one(&self, output: &OutputPath, asked: &Asked) -> Result<u64, Box<Diagnostic>> {
        let (of, words) = match &asked.recipe {
            Recipe::Resized(picture, _) => {
                let of = match &picture.source {
                    StaticOrigin::File(path) | StaticOrigin::Sass { path, folder: _ } => path.as_str(),
                    StaticOrigin::Builtin(_) => "the built-in theme",
                };
                (of.to_owned(), format!("cannot make `{output}` of `{of}`"))
            }
            Recipe::Card(..) => (format!("templates/{CARD}"), "cannot make a social card".to_owned()),
        };
        let problem = |code, why: &str| {
            Box::new(Diagnostic::error(code, format!("{words}: {why}")).in_file(of.clone()))
        };
        if self.plan.addresses.contains(&output.url()) {
            return Err(problem("duplicate-output", "another file is published there"));
        }
        let bytes = match self.store.load(asked.key) {
            Some(bytes) => bytes,
            None => {
                let made = self.made(&asked.recipe).map_err(|why| problem("bad-image", &why))?;
                self.store.save(asked.key, &made);
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

    fn made(&self, recipe: &Recipe) -> Result<Vec<u8>, String> {
        match recipe {
            Recipe::Resized(picture, operation) => {
                images::make(&self.read(picture)?, operation, self.shared.site.config.limits.image_pixels)
            }
            Recipe::Card(svg, pictures) => {
                let read: BTreeMap<&str, Arc<[u8]>> = pictures
                    .iter()
                    .map(|(name, picture)| Ok((name.as_str(), self.read(picture)?)))
                    .collect::<Result<_, String>>()?;
                card::draw(svg, &|name| read.get(name).map(|bytes| bytes.to_vec()))
            }
        }
    }

    /// An image, as it was when it was asked for.
    fn read(&self, Picture { source, of }: &Picture) -> Result<Arc<[u8]>, String> {
        let bytes: Arc<[u8]> = match source {
            StaticOrigin::Builtin(bytes) => Arc::from(*bytes),
            StaticOrigin::File(path) | StaticOrigin::Sass { path, folder: _ } => {
                let limit = self.shared.site.config.limits.data;
                self.shared.files.read(path, limit).map_err(|error| error.to_string())?
            }
        };
        if Fingerprint::of(&bytes) == *of {
            Ok(bytes)
        } else {
            Err("it has changed while the site was built".to_owned())
        }
    }
}
