//! Reads: what an output was made from.
//!
//! In: keys noted while an output is rendered. Out: the set of them, so that a
//! later build can tell whether the output would come out the same. Noted, not
//! guessed: a reader that is not exact notes the coarser key. Must not know how
//! a key is read.

use std::collections::BTreeSet;

use super::paths::{FilePath, OutputPath, UrlPath};

/// Something an output can depend on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A page or section with its body and who links to it: the content file.
    Page(FilePath),
    /// What lists show of it: front matter, address, title, summary, reading
    /// time; not the body.
    Summary(FilePath),
    /// Which pages and sections are in a section, and their summaries.
    Listing(FilePath),
    /// Which terms a taxonomy has, and their pages' summaries: language, taxonomy.
    Taxonomy(String, String),
    /// Which terms a taxonomy has, with their addresses: language, taxonomy.
    Terms(String, String),
    /// The set of all pages and sections, with summaries.
    Site,
    /// A template and everything it includes or extends.
    Template(String),
    /// A file that is published or hashed as it is.
    Asset(FilePath),
    /// A data file.
    Data(FilePath),
    /// Everything in a field: the path of its section. With its criteria, all
    /// subjects' facts, tasks and pairs. Of the root: which fields there are.
    Field(FilePath),
    /// The criteria of a field.
    Criteria(FilePath),
    /// A subject of a field, by its id, with its facts.
    Subject(FilePath, String),
    /// A task with the code of all its sides: its page.
    Task(FilePath),
    /// The configuration.
    Config,
    /// Whether something is published at an address, and if it is a file, which.
    Address(UrlPath),
    /// All addresses that are published.
    Plan,
    /// The bodies of any page.
    Bodies,
    /// The day of the build.
    Day,
    /// An output that is shown and in no plan: a processed image, a file under a
    /// name with its digest. Its name says what it is made of: it never changes,
    /// but somebody has to see to it.
    Asked(OutputPath),
}

/// The keys one output has read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads(BTreeSet<Key>);

impl Reads {
    /// Notes a key.
    pub fn note(&mut self, key: Key) {
        self.0.insert(key);
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.0.iter()
    }
}

impl IntoIterator for Reads {
    type Item = Key;
    type IntoIter = std::collections::btree_set::IntoIter<Key>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
