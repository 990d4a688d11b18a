//! Files: the one door to the author's files.
//!
//! In: paths below the project root. Out: bytes and listings. Containment is
//! here and nowhere else: a link is followed only while its real path stays
//! below the root; only regular files are read; sizes are bounded. Must not
//! know what a file means.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::base::fingerprint::Fingerprint;
use crate::base::paths::FilePath;

/// Why a file or folder cannot be had. Each is told with the path it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileError {
    /// Nothing is there.
    Missing,
    /// A symbolic link that leads out of the project, to that real path.
    LeadsOut(String),
    /// A symbolic link to that path, where nothing is.
    LeadsNowhere(String),
    /// Symbolic links in a circle, or a folder inside itself.
    Loop,
    /// A pipe, socket or device.
    Special(&'static str),
    /// Larger than the limit: size and limit in bytes.
    TooLarge(u64, u64),
    /// The name is not UTF-8, or holds a control character or a backslash.
    BadName,
    /// The machine refused: the system's words.
    Refused(String),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such file"),
            Self::LeadsOut(to) => write!(f, "a symbolic link that leads out of the project, to `{to}`"),
            Self::LeadsNowhere(to) => write!(f, "a symbolic link to `{to}`, where nothing is"),
            Self::Loop => f.write_str("symbolic links that lead in a circle"),
            Self::Special(what) => write!(f, "a {what}, not a regular file"),
            Self::TooLarge(size, limit) => write!(f, "{size} bytes, over the limit of {limit}"),
            Self::BadName => f.write_str("a name that is not plain UTF-8 text"),
            Self::Refused(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for FileError {}

/// Tells a file from what it was without reading it: size, times and identity.
/// Equal stamps mean the same bytes; other stamps do not mean other bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub [u64; 4]);

/// A file found by [`Files::walk`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Below the project root.
    pub path: FilePath,
    /// Bytes.
    pub size: u64,
    /// What it is now.
    pub stamp: Stamp,
}

/// A file system below one root.
pub trait Files: Sync {
    /// The bytes of a regular file of at most `limit` bytes.
    fn read(&self, path: &FilePath, limit: u64) -> Result<Arc<[u8]>, FileError>;

    /// All files below `folder`, at any depth, in order of their paths, and
    /// what could not be listed (path as text, reason). A missing folder has no
    /// files. Nothing is filtered, hidden files included.
    fn walk(&self, folder: &FilePath) -> (Vec<Entry>, Vec<(String, FileError)>);

    /// Whether a regular file is there.
    fn exists(&self, path: &FilePath) -> bool;

    /// What a regular file is now; none where there is none, or in a folder
    /// that is left out of walks.
    fn stamp(&self, path: &FilePath) -> Option<Stamp>;
}

/// Files in memory, for tests and for what is built into the program.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles(BTreeMap<FilePath, Arc<[u8]>>);

impl MemoryFiles {
    /// From pairs of path and contents.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        Self(files.into_iter().map(|(path, bytes)| (FilePath::new(path), Arc::from(bytes))).collect())
    }

    /// Adds or replaces a file.
    pub fn write(&mut self, path: &str, bytes: &[u8]) {
        self.0.insert(FilePath::new(path), Arc::from(bytes));
    }

    /// Takes a file away.
    pub fn remove(&mut self, path: &str) {
        self.0.remove(&FilePath::new(path));
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &FilePath, limit: u64) -> Result<Arc<[u8]>, FileError> {
        let bytes = self.0.get(path).ok_or(FileError::Missing)?;
        let size = bytes.len() as u64;
        if size > limit { Err(FileError::TooLarge(size, limit)) } else { Ok(Arc::clone(bytes)) }
    }

    fn walk(&self, folder: &FilePath) -> (Vec<Entry>, Vec<(String, FileError)>) {
        let entries = self.0.iter().filter(|(path, _)| path.below(folder).is_some());
        let entry = |(path, bytes): (&FilePath, &Arc<[u8]>)| Entry {
            path: path.clone(),
            size: bytes.len() as u64,
            stamp: stamp_of(bytes),
        };
        (entries.map(entry).collect(), Vec::new())
    }

    fn exists(&self, path: &FilePath) -> bool {
        self.0.contains_key(path)
    }

    fn stamp(&self, path: &FilePath) -> Option<Stamp> {
        self.0.get(path).map(|bytes| stamp_of(bytes))
    }
}

fn stamp_of(bytes: &[u8]) -> Stamp {
    let hash = Fingerprint::of(bytes).to_words();
    Stamp([bytes.len() as u64, hash[0], hash[1], 0])
}
