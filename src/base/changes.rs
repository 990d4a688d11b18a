//! Changes: which files may be other than they were.
//!
//! In: paths of files and folders that were written, made or taken away. Out:
//! whether a file is among them. Must not know how changes are noticed.

use std::collections::BTreeSet;

use super::paths::FilePath;

/// What may have changed since some moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    /// Anything.
    Unknown,
    /// These files, and everything below these folders; nothing else.
    Paths(BTreeSet<FilePath>),
}

impl Default for Changes {
    fn default() -> Self {
        Self::Paths(BTreeSet::new())
    }
}

impl Changes {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Paths(paths) if paths.is_empty())
    }

    /// Whether a file may have changed.
    pub fn covers(&self, path: &FilePath) -> bool {
        let Self::Paths(paths) = self else { return true };
        if paths.is_empty() {
            return false;
        }
        let mut at = path.clone();
        loop {
            if paths.contains(&at) {
                return true;
            }
            if at.as_str().is_empty() {
                return false;
            }
            at = at.parent();
        }
    }

    /// Whether anything in a folder may have changed, or the folder itself.
    pub fn reach_into(&self, folder: &FilePath) -> bool {
        match self {
            Self::Unknown => true,
            Self::Paths(paths) => {
                self.covers(folder) || paths.iter().any(|path| path.below(folder).is_some())
            }
        }
    }

    /// Takes others in.
    pub fn add(&mut self, others: Self) {
        match (&mut *self, others) {
            (Self::Paths(paths), Self::Paths(mut more)) => paths.append(&mut more),
            _ => *self = Self::Unknown,
        }
    }
}

impl FromIterator<FilePath> for Changes {
    fn from_iter<I: IntoIterator<Item = FilePath>>(paths: I) -> Self {
        Self::Paths(paths.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_stands_for_all_that_is_in_it() {
        let changes: Changes =
            [FilePath::new("content/a"), FilePath::new("static/x.css")].into_iter().collect();
        let covers = |path: &str| changes.covers(&FilePath::new(path));
        assert!(covers("content/a") && covers("content/a/b/c.md") && covers("static/x.css"));
        assert!(!covers("content/a.md") && !covers("content") && !covers("static/x"));
        let reach = |path: &str| changes.reach_into(&FilePath::new(path));
        assert!(reach("content") && reach("content/a/b") && reach("static") && !reach("templates"));
        assert!(Changes::from_iter([FilePath::root()]).covers(&FilePath::new("any/thing")));
        let mut all = changes.clone();
        all.add(Changes::Unknown);
        assert!(all.covers(&FilePath::new("x")) && !all.is_empty() && Changes::default().is_empty());
    }
}
