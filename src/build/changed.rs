//! Changed: which keys mean something else than in the last build.
//!
//! In: what the stages found to be different. Out: for each [`Key`] whether it
//! has changed, and so which outputs have to be rendered again, with the
//! reason. Coarse and right: what is not known to be the same has changed.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::base::changes::Changes;
use crate::base::paths::{FilePath, OutputPath};
use crate::base::reads::{Key, Reads};
use crate::render::parts::Parts;
use crate::render::renew::Difference;

/// Why an output was rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirtyReason {
    /// There was no such output.
    New,
    /// It could not be rendered the last time.
    Failed,
    /// It is made of something else now.
    Recipe,
    /// What it had read has changed: all keys, in order.
    Changed(Vec<Key>),
}

/// What is different from the last build whose outputs were rendered.
pub(super) struct Changed {
    /// Files.
    pub(super) files: Changes,
    /// The configuration, themes' part of it included.
    pub(super) config: bool,
    /// Templates before and now; none when they are the same.
    pub(super) templates: Option<(Arc<Parts>, Arc<Parts>)>,
    /// Pages and sections, their addresses and orders: while bodies are drawn
    /// anything about them.
    pub(super) site: bool,
    /// What is published where.
    pub(super) plan: bool,
    /// Pages of the same site that are shown with other titles, descriptions or
    /// free values.
    pub(super) labels: HashSet<FilePath>,
    /// What is known when all bodies are drawn.
    pub(super) late: Difference,
}

impl Changed {
    fn template(&self, name: &str) -> bool {
        let fingerprints = self.templates.as_ref();
        fingerprints.is_some_and(|(before, now)| before.fingerprint(name) != now.fingerprint(name))
    }

    /// Whether what a body has read while it was drawn has changed. Of other
    /// pages little is known then.
    pub(super) fn early(&self, reads: &Reads) -> bool {
        reads.iter().any(|key| match key {
            Key::Page(path) | Key::Summary(path) => self.site || self.labels.contains(path),
            Key::Listing(_) | Key::Taxonomy(..) | Key::Terms(..) | Key::Site | Key::Bodies => {
                self.site || !self.labels.is_empty()
            }
            Key::Field(_) | Key::Criteria(_) | Key::Subject(..) | Key::Task(_) | Key::Day => self.site,
            Key::Address(_) | Key::Plan => self.site || self.plan,
            Key::Template(name) => self.template(name),
            Key::Asset(path) | Key::Data(path) => self.files.covers(path),
            Key::Config => self.config,
            Key::Asked(_) => false,
        })
    }

    /// Whether nothing a drawn body can have read has changed.
    pub(super) fn nothing_early(&self) -> bool {
        let Self { files, config, templates, site, plan, labels, late: _ } = self;
        files.is_empty() && !config && templates.is_none() && !site && !plan && labels.is_empty()
    }

    /// Whether what an output has read has changed.
    pub(super) fn has(&self, key: &Key) -> bool {
        let Difference {
            bodies,
            summaries,
            listings,
            taxonomies,
            terms,
            addresses,
            fields,
            subjects,
            tasks,
            day,
        } = &self.late;
        match key {
            Key::Page(path) => bodies.contains(path) || summaries.contains(path),
            Key::Summary(path) => summaries.contains(path),
            Key::Listing(path) => listings.contains(path),
            Key::Taxonomy(language, name) => taxonomies.contains(&(language.clone(), name.clone())),
            Key::Terms(language, name) => terms.contains(&(language.clone(), name.clone())),
            Key::Site => !summaries.is_empty(),
            Key::Bodies => !bodies.is_empty(),
            Key::Template(name) => self.template(name),
            Key::Asset(path) | Key::Data(path) => self.files.covers(path),
            Key::Field(path) => fields.contains(path) || subjects.iter().any(|(field, _)| field == path),
            Key::Criteria(path) => fields.contains(path),
            Key::Subject(path, subject) => {
                fields.contains(path) || subjects.contains(&(path.clone(), subject.clone()))
            }
            Key::Task(path) => summaries.contains(path) || tasks.contains(path),
            Key::Config => self.config,
            Key::Address(url) => addresses.contains(url),
            Key::Plan => self.plan,
            Key::Day => *day,
            Key::Asked(_) => false,
        }
    }

    /// The changed keys, where they can be listed: only files, bodies and labels
    /// have changed, as with most edits.
    fn listed(&self) -> Option<Vec<Key>> {
        let Self { files, config, templates, site, plan, labels: _, late } = self;
        let Changes::Paths(paths) = files else { return None };
        if *config || templates.is_some() || *site || *plan {
            return None;
        }
        // The others change only with the site.
        let Difference { bodies, summaries, listings, taxonomies, .. } = late;
        let mut keys = Vec::new();
        for path in paths {
            keys.extend([Key::Asset(path.clone()), Key::Data(path.clone())]);
        }
        keys.extend(bodies.union(summaries).map(|path| Key::Page(path.clone())));
        keys.extend(summaries.iter().map(|path| Key::Summary(path.clone())));
        keys.extend(listings.iter().map(|path| Key::Listing(path.clone())));
        keys.extend(taxonomies.iter().map(|(language, name)| Key::Taxonomy(language.clone(), name.clone())));
        keys.extend((!summaries.is_empty()).then_some(Key::Site));
        keys.extend((!bodies.is_empty()).then_some(Key::Bodies));
        Some(keys)
    }
}

/// All keys that outputs have read, each with a number: an output notes many,
/// and most are noted by many outputs.
#[derive(Default)]
pub(super) struct Keys {
    numbers: HashMap<Key, u32>,
    list: Vec<Key>,
    has_asked: bool,
    /// Files that have been read as they are.
    known: BTreeSet<FilePath>,
    /// Of these, files that nobody publishes: data, there or not.
    pub(super) data: BTreeSet<FilePath>,
}

impl Keys {
    /// Numbers of some keys, in order.
    pub(super) fn numbers(&mut self, reads: Reads) -> Box<[u32]> {
        let mut numbers: Vec<u32> = reads.into_iter().map(|key| self.number(key)).collect();
        numbers.sort_unstable();
        numbers.into()
    }

    fn number(&mut self, key: Key) -> u32 {
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        if let Key::Asset(path) | Key::Data(path) = &key {
            self.known.insert(path.clone());
        }
        if let Key::Data(path) = &key {
            self.data.insert(path.clone());
        }
        self.has_asked |= matches!(key, Key::Asked(_));
        self.numbers.insert(key.clone(), number);
        self.list.push(key);
        number
    }

    /// Which keys have changed, by number.
    pub(super) fn changed(&self, changed: &Changed) -> Vec<bool> {
        let is_plain = |paths: &BTreeSet<FilePath>| {
            paths.iter().all(|path| {
                let mut after = self.known.range(path.clone()..).filter(|other| *other != path);
                after.next().is_none_or(|other| other.below(path).is_none())
            })
        };
        let listed = match &changed.files {
            Changes::Paths(paths) if is_plain(paths) => changed.listed(),
            _ => None,
        };
        match listed {
            Some(keys) => {
                let mut marks = vec![false; self.list.len()];
                for number in keys.iter().filter_map(|key| self.numbers.get(key)) {
                    marks[*number as usize] = true;
                }
                marks
            }
            None => self.list.iter().map(|key| changed.has(key)).collect(),
        }
    }

    /// Whether there was ever an output in no plan.
    pub(super) fn has_asked(&self) -> bool {
        self.has_asked
    }

    /// Outputs in no plan among some keys.
    pub(super) fn asked<'k>(
        &'k self,
        numbers: impl Iterator<Item = &'k u32>,
    ) -> impl Iterator<Item = &'k OutputPath> {
        numbers.filter_map(|number| match self.list.get(*number as usize)? {
            Key::Asked(output) => Some(output),
            _ => None,
        })
    }

    /// The keys of some numbers, those that are marked, in order.
    pub(super) fn marked(&self, numbers: &[u32], marks: &[bool]) -> Vec<Key> {
        let marked = numbers.iter().filter(|number| marks.get(**number as usize).copied().unwrap_or(true));
        let mut keys: Vec<Key> =
            marked.filter_map(|number| self.list.get(*number as usize)).cloned().collect();
        keys.sort();
        keys
    }
}
