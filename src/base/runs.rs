//! Runs: the record of code that ran: what with, and when.
//!
//! In: the text of the record, a committed file. Out: what is known about code
//! of a fingerprint. `check --run --record` writes it, and builds read it like
//! any other file, so that what they say of runs needs neither a clock nor an
//! interpreter. Must not know what the fingerprints are of.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::fingerprint::Fingerprint;

/// The record's path in a project.
pub const FILE: &str = "code-runs.toml";

const HEAD: &str = "\
# Code that ran: with what, and when. Written by `juxta check --run --record`,
# read by builds for the badges below code. The names are fingerprints: an entry
# counts for exactly the code it was made for.
[runs]
";

/// One run that went well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What ran it: `Node.js 24.1.0`.
    pub with: String,
    /// The day, as `YYYY-MM-DD`.
    pub on: String,
}

/// The record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runs(BTreeMap<Fingerprint, Run>);

impl Runs {
    /// Reads a record. Lines that it would not write itself are left out.
    pub fn from_text(text: &str) -> Self {
        let run = |line: &str| {
            let (key, rest) = line.split_once(" = { with = \"")?;
            let (with, on) = rest.strip_suffix("\" }")?.split_once("\", on = \"")?;
            Some((Fingerprint::from_hex(key)?, Run { with: with.to_owned(), on: on.to_owned() }))
        };
        Self(text.lines().filter_map(run).collect())
    }

    /// The text of the record: TOML, a line for each entry, in order.
    pub fn to_text(&self) -> String {
        self.0.iter().fold(HEAD.to_owned(), |mut text, (key, run)| {
            let _ = writeln!(text, "{} = {{ with = \"{}\", on = \"{}\" }}", key.hex(), run.with, run.on);
            text
        })
    }

    /// The run of that code.
    pub fn get(&self, key: Fingerprint) -> Option<&Run> {
        self.0.get(&key)
    }

    /// Notes a run.
    pub fn insert(&mut self, key: Fingerprint, run: Run) {
        self.0.insert(key, run);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut runs = Runs::default();
        runs.insert(
            Fingerprint::of(b"a"),
            Run { with: "Node.js 24.1.0".to_owned(), on: "2026-08-01".to_owned() },
        );
        runs.insert(Fingerprint::of(b"b"), Run { with: "sh".to_owned(), on: "2026-08-02".to_owned() });
        let text = runs.to_text();
        assert_eq!(Runs::from_text(&text), runs);
        assert_eq!(Runs::from_text("<<<<<<< HEAD\nx = { with = \"\", on = \"\" }\n"), Runs::default());
    }
}
