//! The marker: the file that says a folder is ours, and which files in it are.
//!
//! In: the site's id and each file's path, size and fingerprint. Out: the text
//! of `.juxta-site`, which depends on nothing else, so that two builds of one
//! site have the same marker. Must not touch the disk.
//!
//! The first line is JSON: `{"juxta":1,"site":"…","state":"complete"}`. Each
//! further line is fingerprint, size and path, in order of paths. An empty
//! marker, made by hand, says: use this folder, all that is in it is mine.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::base::fingerprint::Fingerprint;

/// Name of the marker inside the output folder.
pub const MARKER: &str = ".juxta-site";

/// Name under which a marker is written before it is renamed.
pub(super) const NEW_MARKER: &str = ".juxta-site-new";

/// Layout of the marker; a folder with a higher one is refused.
const FORMAT: u32 = 1;

/// Where a folder with this marker stands.
///
/// ```text
/// Staging ─▶ Complete ─▶ Updating ─▶ Complete
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// Everything in the folder was written by us; it was never published.
    Staging,
    /// A whole site; the listed files are ours.
    Complete,
    /// Being updated in place: the list names the files of the old and of the
    /// new site, and says nothing about their contents.
    Updating,
}

#[derive(Serialize, Deserialize)]
struct Header {
    juxta: u32,
    site: String,
    state: State,
}

/// One file we wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Bytes.
    pub(super) size: u64,
    /// Of the bytes.
    pub(super) fingerprint: Fingerprint,
}

/// A read or to be written marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker {
    /// Whose site; `None` in an empty marker.
    pub(super) site: Option<String>,
    pub(super) state: State,
    pub(super) files: BTreeMap<String, Stamp>,
}

impl Marker {
    pub(super) fn new(site: &str, state: State) -> Self {
        Self { site: Some(site.to_owned()), state, files: BTreeMap::new() }
    }

    /// The text of the marker file.
    pub(super) fn text(&self) -> String {
        let header = Header { juxta: FORMAT, site: self.site.clone().unwrap_or_default(), state: self.state };
        let mut out = String::with_capacity(100 + self.files.len() * 80);
        out.push_str(&serde_json::to_string(&header).expect("a header of plain strings"));
        out.push('\n');
        for (path, stamp) in &self.files {
            let _ = writeln!(out, "{} {} {path}", stamp.fingerprint.hex(), stamp.size);
        }
        out
    }

    /// Reads [`Marker::text`]; on failure what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let (site, state) = Self::parse_header(first)?;
        let mut files = BTreeMap::new();
        for (line, number) in rest.lines().zip(2..) {
            let (path, stamp) = parse_line(line).ok_or_else(|| format!("line {number} is damaged"))?;
            files.insert(path.to_owned(), stamp);
        }
        Ok(Self { site, state, files })
    }

    /// Reads the first line alone: whose site, and its state.
    pub(super) fn parse_header(line: &str) -> Result<(Option<String>, State), String> {
        if line.trim().is_empty() {
            return Ok((None, State::Complete));
        }
        let header: Header =
            serde_json::from_str(line).map_err(|_| "its first line is not one of ours".to_owned())?;
        if header.juxta != FORMAT {
            return Err(format!("format {}, where this version knows {FORMAT}", header.juxta));
        }
        Ok((Some(header.site), header.state))
    }

    /// The folders of the files, the root left out; parents before children.
    pub(super) fn folders(&self) -> BTreeSet<&str> {
        let mut folders = BTreeSet::new();
        for path in self.files.keys() {
            for folder in ancestors(path) {
                if !folders.insert(folder) {
                    break;
                }
            }
        }
        folders
    }
}

/// The folders a file is in, deepest first, the root left out.
pub(super) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(parent(path), |folder| parent(folder))
}

fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(parent, _)| parent)
}

/// A path that leads out of the folder is damage too: a listed file may be
/// removed.
fn parse_line(line: &str) -> Option<(&str, Stamp)> {
    let (fingerprint, rest) = line.split_once(' ')?;
    let (size, path) = rest.split_once(' ')?;
    let clean = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let stamp = Stamp { size: size.parse().ok()?, fingerprint: Fingerprint::from_hex(fingerprint)? };
    clean.then_some((path, stamp))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(state: State, paths: &[&str]) -> Marker {
        let mut marker = Marker::new("s", state);
        for path in paths {
            let stamp = Stamp { size: 3, fingerprint: Fingerprint::of(path.as_bytes()) };
            marker.files.insert((*path).to_owned(), stamp);
        }
        marker
    }

    #[test]
    fn a_marker_is_read_as_written() {
        let marker = marker(State::Updating, &["a b/c.html", "index.html"]);
        assert_eq!(Marker::parse(&marker.text()).unwrap(), marker);
    }

    #[test]
    fn an_empty_marker_lists_nothing() {
        let empty = Marker::parse("").unwrap();
        assert_eq!((empty.site, empty.files.len()), (None, 0));
    }

    #[test]
    fn damaged_markers_are_refused() {
        let hex = "0".repeat(32);
        let header = "{\"juxta\":1,\"site\":\"s\",\"state\":\"complete\"}";
        for text in [
            "x".to_owned(),
            "{\"juxta\":2,\"site\":\"s\",\"state\":\"complete\"}".to_owned(),
            format!("{header}\n{hex} 3"),
            format!("{header}\n{hex} three a"),
            format!("{header}\n{hex} 3 ../a"),
            format!("{header}\n{hex} 3 /a"),
            format!("{header}\n{hex} 3 a//b"),
        ] {
            assert!(Marker::parse(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn folders_are_listed_once() {
        let marker = marker(State::Complete, &["a/b/c", "a/b/d", "a/e", "f"]);
        assert_eq!(marker.folders().into_iter().collect::<Vec<_>>(), ["a", "a/b"]);
    }
}
