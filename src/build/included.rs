//! Included: files that code fences take text from, as inputs of a parse.
//!
//! In: the project's files. Out: their texts, and a note of every one that was
//! asked for, also of those that are not there, so that a parsed page is kept
//! only while all of them are the same.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::changes::Changes;
use crate::base::decode::decode;
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::FilePath;
use crate::base::source::Source;
use crate::base::text::nearest;
use crate::parse::inputs::{InputError, Inputs};
use crate::render::shared::SharedFiles;

/// What was read.
pub(super) type Included = BTreeMap<FilePath, Was>;

/// What a file was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Was {
    /// Of these bytes.
    Bytes(Fingerprint),
    /// Not there; the file that was named as near, which depends on all others.
    Missing { near: Option<String> },
}

/// Whether a parse that has read these files may come to something else.
pub(super) fn may_differ(included: &Included, changes: &Changes) -> bool {
    included.iter().any(|(path, was)| matches!(was, Was::Missing { .. }) || changes.covers(path))
}

/// Texts for one parse.
pub(super) struct IncludedFiles<'f> {
    files: &'f SharedFiles,
    /// Most bytes of a file.
    limit: u64,
    read: Mutex<Included>,
}

impl<'f> IncludedFiles<'f> {
    pub(super) fn new(files: &'f SharedFiles, limit: u64) -> Self {
        Self { files, limit, read: Mutex::default() }
    }

    /// What was asked for.
    pub(super) fn into_read(self) -> Included {
        self.read.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether files are still what they were.
    pub(super) fn are_the_same(&self, included: &Included) -> bool {
        included.iter().all(|(path, was)| match self.files.read(path, self.limit) {
            Ok(bytes) => *was == Was::Bytes(Fingerprint::of(&bytes)),
            Err(_) => *was == Was::Missing { near: self.near(path) },
        })
    }

    /// A file that may be meant: one of a near path in a near folder, or of
    /// the same name anywhere in the same tree.
    fn near(&self, path: &FilePath) -> Option<String> {
        let top = path.as_str().split('/').next().filter(|top| *top != path.as_str());
        let folder = top.map_or_else(FilePath::root, FilePath::new);
        let mut paths: Vec<String> = Vec::new();
        if top.is_some() {
            paths.extend(self.files.walk(&folder).0.into_iter().map(|entry| entry.path.as_str().to_owned()));
        }
        if paths.is_empty() {
            let examples = FilePath::new("examples");
            paths
                .extend(self.files.walk(&examples).0.into_iter().map(|entry| entry.path.as_str().to_owned()));
        }
        let same_name = paths.iter().find(|other| other.rsplit('/').next() == Some(path.name()));
        let near = nearest(path.as_str(), paths.iter().map(String::as_str)).map(str::to_owned);
        near.or_else(|| same_name.cloned())
    }
}

impl Inputs for IncludedFiles<'_> {
    fn text(&self, path: &FilePath) -> Result<Arc<Source>, InputError> {
        let bytes = self.files.read(path, self.limit);
        let was = match &bytes {
            Ok(bytes) => Was::Bytes(Fingerprint::of(bytes)),
            Err(_) => Was::Missing { near: self.near(path) },
        };
        let near = if let Was::Missing { near } = &was { near.clone() } else { None };
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), was);
        match bytes {
            Ok(bytes) => match decode(&bytes, path.as_str()) {
                Ok(text) => Ok(Source::new(path.as_str(), text)),
                Err(problem) => Err(InputError { message: problem.message, near: None }),
            },
            Err(error) => Err(InputError { message: error.to_string(), near }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::read::files::MemoryFiles;

    #[test]
    fn a_page_is_kept_while_its_files_are_the_same() {
        let mut memory = MemoryFiles::new([("examples/a.py", b"x" as &[u8]), ("examples/b.py", b"y")]);
        let shared = |memory: &MemoryFiles| -> SharedFiles { Arc::new(memory.clone()) };
        let files = shared(&memory);
        let included = IncludedFiles::new(&files, 100);
        assert_eq!(included.text(&FilePath::new("examples/a.py")).unwrap().text, "x");
        let missing = included.text(&FilePath::new("examples/c.py")).unwrap_err();
        assert_eq!(missing.message, "there is no such file");
        assert_eq!(missing.near.as_deref(), Some("examples/a.py"));
        let read = included.into_read();

        let is_the_same = |memory: &MemoryFiles| IncludedFiles::new(&shared(memory), 100).are_the_same(&read);
        memory.write("examples/b.py", b"other");
        assert!(is_the_same(&memory), "nobody has read this file");
        memory.write("examples/a.py", b"z");
        assert!(!is_the_same(&memory), "a file has changed");
        memory.write("examples/a.py", b"x");
        assert!(is_the_same(&memory));
        memory.write("examples/C.py", b"nearer");
        assert!(!is_the_same(&memory), "another file is named as near");
        memory.remove("examples/C.py");
        assert!(is_the_same(&memory));
        memory.write("examples/c.py", b"now there");
        assert!(!is_the_same(&memory), "a missing file has come");
    }
}
