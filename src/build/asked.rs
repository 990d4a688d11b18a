//! Asked: outputs that are in no plan, since it is renders that ask for them:
//! images at another size or in another format, social cards, files under names
//! with their digests.
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
use crate::base::paths::{OutputPath, UrlPath};
use crate::base::reads::Reads;
use crate::images::{self, card};
use crate::plan::Plan;
use crate::read::theme::StaticOrigin;
use crate::render::Rendered;
use crate::render::asked::{Asked, Picture, Recipe};
use crate::render::outputs::CARD;
use crate::render::shared::Shared;
use crate::render::{assets, scope};
use crate::store::Store;

/// An output that was made.
pub(super) struct KeptOne {
    asked: Asked,
    pub(super) bytes: u64,
    /// Why it could not be made: it is tried again.
    problem: Option<Diagnostic>,
}

/// All that was asked for in a build.
pub(super) type KeptAsked = BTreeMap<OutputPath, KeptOne>;

/// What was made.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) rendered: Vec<OutputPath>,
    pub(super) removed: Vec<OutputPath>,
    pub(super) problems: Vec<Diagnostic>,
}

/// What making them needs.
pub(super) struct Making<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) plan: &'a Plan,
    pub(super) store: &'a Store,
    pub(super) sink: &'a dyn Sink,
}

impl Making<'_> {
    /// Makes what is not there. `shown` is all that anything shows; without it
    /// that is what was asked for and what is there.
    pub(super) fn all(
        &self,
        mut kept: KeptAsked,
        shown: Option<BTreeSet<OutputPath>>,
    ) -> (KeptAsked, Outcome) {
        let mut outcome = Outcome::default();
        let mut due: BTreeMap<OutputPath, Asked> = self.shared.asked.all();
        // What was well may be in the way of an author's file by now.
        for (output, kept) in kept.iter_mut().filter(|(output, _)| self.plan.is_published(output)) {
            kept.problem = Some(self.collision(output, &kept.asked.recipe));
        }
        due.retain(|output, _| kept.get(output).is_none_or(|kept| kept.problem.is_some()));
        let failed = kept.iter().filter(|(_, kept)| kept.problem.is_some());
        due.extend(failed.map(|(output, kept)| (output.clone(), kept.asked.clone())).collect::<Vec<_>>());
        if let Some(shown) = shown {
            due.retain(|output, _| shown.contains(output));
            let gone: KeptAsked = kept.extract_if(.., |output, _| !shown.contains(output)).collect();
            let is_gone = |output: &&OutputPath| !self.plan.is_published(output);
            outcome.removed = gone.keys().filter(is_gone).cloned().collect();
            // The same image under two names is one in the store.
            let shown: BTreeSet<Fingerprint> =
                kept.values().map(|kept| &kept.asked).chain(due.values()).map(|asked| asked.key).collect();
            let keys = gone.into_values().map(|gone| gone.asked.key);
            keys.filter(|key| !shown.contains(key)).for_each(|key| self.store.forget(key));
        }
        if due.is_empty() {
            return (kept, outcome);
        }
        let due: Vec<(OutputPath, Asked)> = due.into_iter().collect();
        let made: Vec<(OutputPath, KeptOne)> = due
            .into_par_iter()
            .map(|(output, asked)| {
                let (bytes, problem) = match self.one(&output, &asked) {
                    Ok(bytes) => (bytes, None),
                    Err(problem) => (0, Some(*problem)),
                };
                (output, KeptOne { asked, bytes, problem })
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

    /// Makes one and hands it on.
    fn one(&self, output: &OutputPath, asked: &Asked) -> Result<u64, Box<Diagnostic>> {
        if self.plan.is_published(output) {
            return Err(Box::new(self.collision(output, &asked.recipe)));
        }
        let bytes = self.bytes(asked).map_err(|why| failed(output, &asked.recipe, &why))?;
        let length = bytes.len() as u64;
        let (reads, problems) = (Reads::default(), Vec::new());
        self.sink.accept(&Rendered { output: output.clone(), bytes, reads, problems }).map_err(Box::new)?;
        Ok(length)
    }

    fn bytes(&self, Asked { recipe, key }: &Asked) -> Result<Arc<[u8]>, String> {
        match recipe {
            Recipe::Resized(picture, operation) => self.stored(*key, || {
                let most = self.shared.site.config.limits.image_pixels;
                images::make(&self.read(picture)?, operation, most)
            }),
            Recipe::Card(svg, pictures) => self.stored(*key, || {
                let read: BTreeMap<&str, Arc<[u8]>> = pictures
                    .iter()
                    .map(|(name, picture)| Ok((name.as_str(), self.read(picture)?)))
                    .collect::<Result<_, String>>()?;
                card::draw(svg, &|name| read.get(name).map(|bytes| bytes.to_vec()))
            }),
            Recipe::Copy(url) => self.copy(url, *key),
        }
    }

    /// From the store, or made and kept there.
    fn stored(
        &self,
        key: Fingerprint,
        make: impl FnOnce() -> Result<Vec<u8>, String>,
    ) -> Result<Arc<[u8]>, String> {
        if let Some(bytes) = self.store.load(key) {
            return Ok(Arc::from(bytes));
        }
        let made = make()?;
        self.store.save(key, &made);
        Ok(Arc::from(made))
    }

    /// What is published at an address, as it was when it was asked for.
    fn copy(&self, url: &UrlPath, key: Fingerprint) -> Result<Arc<[u8]>, String> {
        let (found, _) = scope::record(self.shared, false, || assets::bytes(self.shared, url));
        match found {
            Ok(Some(bytes)) if assets::is_as_asked(&bytes, key) => Ok(bytes),
            Ok(_) => Err(CHANGED.to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Two things cannot be at one address.
    fn collision(&self, output: &OutputPath, recipe: &Recipe) -> Diagnostic {
        let what = match recipe {
            Recipe::Resized(picture, _) => format!("an image made of `{}`", name_of(&picture.source)),
            Recipe::Card(..) => "a social card".to_owned(),
            Recipe::Copy(url) => match self.plan.job(&OutputPath::of_url(url)) {
                Some(job) => format!("{} under a name with its digest", job.origin.what),
                None => format!("a copy of `{url}`"),
            },
        };
        let other = self.plan.job(output).map_or("a page as Markdown", |job| job.origin.what.as_str());
        let message = format!("two things would be published as `{output}`: {what} and {other}");
        Diagnostic::error("duplicate-output", message)
            .in_file(other.split('`').nth(1).unwrap_or(output.as_str()))
            .hint("rename it: the other name is made of the content")
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
        if Fingerprint::of(&bytes) == *of { Ok(bytes) } else { Err(CHANGED.to_owned()) }
    }
}

const CHANGED: &str = "it has changed while the site was built";

fn name_of(source: &StaticOrigin) -> &str {
    match source {
        StaticOrigin::File(path) | StaticOrigin::Sass { path, folder: _ } => path.as_str(),
        StaticOrigin::Builtin(_) => "the built-in theme",
    }
}

/// Why an output could not be made.
fn failed(output: &OutputPath, recipe: &Recipe, why: &str) -> Box<Diagnostic> {
    let (code, of, words) = match recipe {
        Recipe::Resized(picture, _) => {
            let of = name_of(&picture.source);
            ("bad-image", of.to_owned(), format!("cannot make `{output}` of `{of}`"))
        }
        Recipe::Card(..) => {
            ("bad-image", format!("templates/{CARD}"), "cannot make a social card".to_owned())
        }
        Recipe::Copy(url) => {
            let of = OutputPath::of_url(url);
            ("unreadable-file", of.to_string(), format!("cannot publish `{of}` as `{output}`"))
        }
    };
    Box::new(Diagnostic::error(code, format!("{words}: {why}")).in_file(of))
}
