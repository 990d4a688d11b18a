//! Snapshot: what the project's files were when they were last looked at.
//!
//! In: folders and single files to look at. Out: the paths of those that are
//! not what they were, nothing else. Whether somebody says that a file has
//! changed or all are looked at in turn, it is the file that decides. Must not
//! know who watches.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::discover::is_litter;
use super::files::{Files, Stamp};
use crate::base::paths::FilePath;

/// Files and what they were.
pub struct Snapshot {
    files: Arc<dyn Files + Send + Sync>,
    /// Folders that are looked at whole.
    folders: Vec<FilePath>,
    /// Files elsewhere, there or not.
    singles: BTreeSet<FilePath>,
    known: BTreeMap<FilePath, Stamp>,
}

impl Snapshot {
    /// Before the first look: nothing is known.
    pub fn new(
        files: Arc<dyn Files + Send + Sync>,
        folders: Vec<FilePath>,
        singles: BTreeSet<FilePath>,
    ) -> Self {
        Self { files, folders, singles, known: BTreeMap::new() }
    }

    /// The files, with other folders left out.
    pub fn set_files(&mut self, files: Arc<dyn Files + Send + Sync>) {
        self.files = files;
    }

    /// Looks at these single files from now on.
    pub fn set_singles(&mut self, singles: BTreeSet<FilePath>) {
        for path in &singles {
            if !self.singles.contains(path)
                && !self.is_in_a_folder(path)
                && let Some(stamp) = self.files.stamp(path)
            {
                self.known.insert(path.clone(), stamp);
            }
        }
        self.singles = singles;
    }

    fn is_in_a_folder(&self, path: &FilePath) -> bool {
        self.folders.iter().any(|folder| path == folder || path.below(folder).is_some())
    }

    /// Whether a file is there, or was when it was last looked at.
    pub fn knows(&self, path: &FilePath) -> bool {
        self.known.contains_key(path)
    }

    /// Looks at everything; what has changed.
    pub fn look_at_all(&mut self) -> BTreeSet<FilePath> {
        let mut changed = BTreeSet::new();
        for folder in self.folders.clone() {
            changed.append(&mut self.look(&folder));
        }
        for path in self.singles.clone() {
            changed.append(&mut self.look(&path));
        }
        changed
    }

    /// Looks at a file, or at everything in a folder; what has changed.
    pub fn look(&mut self, path: &FilePath) -> BTreeSet<FilePath> {
        let mut changed = BTreeSet::new();
        if !self.is_in_a_folder(path) && !self.singles.contains(path) {
            // A folder above ours: the rest of it does not matter.
            let below: Vec<FilePath> = self
                .folders
                .iter()
                .chain(&self.singles)
                .filter(|ours| ours.below(path).is_some())
                .cloned()
                .collect();
            for ours in below {
                changed.append(&mut self.look(&ours));
            }
            return changed;
        }
        let mut now: BTreeMap<FilePath, Stamp> = BTreeMap::new();
        if let Some(stamp) = self.files.stamp(path) {
            now.insert(path.clone(), stamp);
        } else {
            let (entries, _) = self.files.walk(path);
            now.extend(entries.into_iter().map(|entry| (entry.path, entry.stamp)));
        }
        let before: Vec<FilePath> = self
            .known
            .range(path.clone()..)
            .map(|(known, _)| known)
            .take_while(|known| known.as_str().starts_with(path.as_str()))
            .filter(|known| *known == path || known.below(path).is_some())
            .cloned()
            .collect();
        for gone in before.into_iter().filter(|known| !now.contains_key(known)) {
            self.known.remove(&gone);
            changed.insert(gone);
        }
        for (path, stamp) in now {
            if self.known.insert(path.clone(), stamp) != Some(stamp) {
                changed.insert(path);
            }
        }
        // What editors leave behind is nothing to anybody, but for what is
        // published with a dot.
        changed.retain(|path| !is_litter(path) || path.as_str().starts_with("static/"));
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::files::MemoryFiles;

    #[test]
    fn only_what_is_not_as_it_was_is_told() {
        let mut files = MemoryFiles::new([
            ("content/a.md", b"a" as &[u8]),
            ("content/x/b.md", b"b"),
            ("content/xy.md", b"c"),
            ("notes.txt", b"n"),
        ]);
        let singles = BTreeSet::from([FilePath::new("data.toml")]);
        let mut snapshot = Snapshot::new(Arc::new(files.clone()), vec![FilePath::new("content")], singles);
        snapshot.look_at_all();
        let mut look = |files: &MemoryFiles, path: &str| -> Vec<String> {
            snapshot.set_files(Arc::new(files.clone()));
            snapshot.look(&FilePath::new(path)).iter().map(ToString::to_string).collect()
        };
        let none: [&str; 0] = [];
        assert_eq!(look(&files, "content/a.md"), none);
        files.write("content/a.md", b"other");
        files.write("content/.a.md.swp", b"x");
        files.write("notes.txt", b"other");
        assert_eq!(look(&files, "content/.a.md.swp"), none);
        assert_eq!(look(&files, "notes.txt"), none);
        assert_eq!(look(&files, "content"), ["content/a.md"]);
        assert_eq!(look(&files, "content"), none);
        files.remove("content/x/b.md");
        files.write("content/x/y/c.md", b"c");
        assert_eq!(look(&files, "content/x"), ["content/x/b.md", "content/x/y/c.md"]);
        files.write("data.toml", b"a = 1");
        assert_eq!(look(&files, "data.toml"), ["data.toml"]);
        files.remove("content/a.md");
        files.remove("content/xy.md");
        files.remove("content/x/y/c.md");
        assert_eq!(look(&files, ""), ["content/a.md", "content/x/y/c.md", "content/xy.md"]);
    }
}
