//! Asked: outputs that are in no plan, because it is renders that ask for them.
//!
//! In: what an output is made from. Out: its address, noted as read by whoever
//! shows it; a list of all that was asked for. An address holds what the output
//! is made of, so what is there never changes. Must not make any of them: that
//! is done once, after all renders.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::scope::note;
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::{OutputPath, UrlPath};
use crate::base::reads::Key;
use crate::images::Operation;
use crate::read::theme::StaticOrigin;

/// An output that somebody shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What it is made from.
    pub recipe: Recipe,
    /// All of that.
    pub key: Fingerprint,
}

/// What an output is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipe {
    /// An image at another size or in another format.
    Resized(Picture, Operation),
    /// A drawing, and the images that it shows, by the names it has for them.
    Card(Arc<str>, Vec<(String, Picture)>),
    /// The same as what is published at an address.
    Copy(UrlPath),
}

/// An image as it was when it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Where it is.
    pub source: StaticOrigin,
    /// Its bytes.
    pub of: Fingerprint,
}

/// All that was asked for in one build.
#[derive(Default)]
pub struct AskedFor(Mutex<BTreeMap<OutputPath, Asked>>);

impl AskedFor {
    /// Asks for an output.
    pub(super) fn ask(&self, url: &UrlPath, key: Fingerprint, recipe: impl FnOnce() -> Recipe) {
        let output = OutputPath::of_url(url);
        note(Key::Asked(output.clone()));
        if let Ok(mut asked) = self.0.lock() {
            asked.entry(output).or_insert_with(|| Asked { recipe: recipe(), key });
        }
    }

    /// All of them.
    pub fn all(&self) -> BTreeMap<OutputPath, Asked> {
        self.0.lock().map(|asked| asked.clone()).unwrap_or_default()
    }
}
