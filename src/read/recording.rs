//! Recording: what was asked of the files, to know later whether the answers
//! are still the same.
//!
//! In: files, and everything that is asked of them on the way. Out: the
//! questions, and one fingerprint of all answers. An answer is known by stamps,
//! so asking again reads no file. Must not know what asks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::files::{Entry, FileError, Files, Stamp};
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::FilePath;

/// Something asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Question {
    /// All files below a folder.
    Walk(String),
    /// What a file is.
    File(String),
}

/// What was asked, and all answers as one fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    questions: Vec<Question>,
    answers: String,
}

/// An answer, and the latest time in it.
type Answer = (Fingerprint, u64);

/// Files that remember what was asked.
pub struct Recording {
    files: Arc<dyn Files + Send + Sync>,
    /// None for an answer that was another one the second time.
    heard: Mutex<BTreeMap<Question, Option<Answer>>>,
}

fn latest(stamp: Stamp) -> u64 {
    stamp.0[1].max(stamp.0[2])
}

fn of_file(stamp: Option<Stamp>) -> Answer {
    let words = stamp.map(|stamp| stamp.0.map(u64::to_le_bytes).concat()).unwrap_or_default();
    (Fingerprint::of(&words), stamp.map_or(0, latest))
}

fn of_walk((entries, problems): &(Vec<Entry>, Vec<(String, FileError)>)) -> Answer {
    let mut parts: Vec<Vec<u8>> = Vec::with_capacity(entries.len() * 2 + problems.len());
    for entry in entries {
        parts.push(entry.path.as_str().as_bytes().to_vec());
        parts.push(entry.stamp.0.map(u64::to_le_bytes).concat());
    }
    parts.extend(problems.iter().map(|(path, error)| format!("{path} {error}").into_bytes()));
    let latest = entries.iter().map(|entry| latest(entry.stamp)).max().unwrap_or(0);
    (Fingerprint::of_parts(parts.iter().map(Vec::as_slice)), latest)
}

fn ask(files: &dyn Files, question: &Question) -> Answer {
    match question {
        Question::Walk(folder) => of_walk(&files.walk(&FilePath::new(folder))),
        Question::File(path) => of_file(files.stamp(&FilePath::new(path))),
    }
}

fn all<'a>(answers: impl Iterator<Item = &'a Fingerprint>) -> String {
    let words: Vec<u8> =
        answers.flat_map(|answer| answer.to_words().map(u64::to_le_bytes).concat()).collect();
    Fingerprint::of(&words).hex()
}

impl Recording {
    /// Of these files.
    pub fn new(files: Arc<dyn Files + Send + Sync>) -> Self {
        Self { files, heard: Mutex::default() }
    }

    fn note(&self, question: Question, answer: Answer) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let first = heard.entry(question).or_insert(Some(answer));
        if *first != Some(answer) {
            *first = None;
        }
    }

    /// What was asked until now. None when an answer has changed meanwhile, or
    /// is not older than `settled` (nanoseconds since 1970): files written then
    /// might be written again and look the same.
    pub fn record(&self, settled: u64) -> Option<Record> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let folders: Vec<FilePath> = heard
            .keys()
            .filter_map(|question| match question {
                Question::Walk(folder) => Some(FilePath::new(folder)),
                Question::File(_) => None,
            })
            .collect();
        // A listing tells of every file in it.
        let is_told = |question: &Question| match question {
            Question::Walk(_) => false,
            Question::File(path) => {
                let path = FilePath::new(path);
                folders.iter().any(|folder| path.below(folder).is_some())
            }
        };
        let (mut questions, mut answers) = (Vec::new(), Vec::new());
        for (question, answer) in heard.iter() {
            let (answer, latest) = (*answer)?;
            if latest >= settled {
                return None;
            }
            if !is_told(question) {
                questions.push(question.clone());
                answers.push(answer);
            }
        }
        Some(Record { questions, answers: all(answers.iter()) })
    }
}

impl Files for Recording {
    fn read(&self, path: &FilePath, limit: u64) -> Result<Arc<[u8]>, FileError> {
        // First what it is: what is written after that is another answer.
        self.note(Question::File(path.to_string()), of_file(self.files.stamp(path)));
        self.files.read(path, limit)
    }

    fn walk(&self, folder: &FilePath) -> (Vec<Entry>, Vec<(String, FileError)>) {
        let found = self.files.walk(folder);
        self.note(Question::Walk(folder.to_string()), of_walk(&found));
        found
    }

    fn exists(&self, path: &FilePath) -> bool {
        self.note(Question::File(path.to_string()), of_file(self.files.stamp(path)));
        self.files.exists(path)
    }

    fn stamp(&self, path: &FilePath) -> Option<Stamp> {
        let stamp = self.files.stamp(path);
        self.note(Question::File(path.to_string()), of_file(stamp));
        stamp
    }
}

impl Record {
    /// Whether all answers are what they were.
    pub fn holds(&self, files: &dyn Files) -> bool {
        let answers: Vec<Fingerprint> =
            self.questions.iter().map(|question| ask(files, question).0).collect();
        all(answers.iter()) == self.answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::files::MemoryFiles;

    #[test]
    fn a_record_holds_while_every_answer_is_the_same() {
        let mut memory =
            MemoryFiles::new([("content/a.md", b"a" as &[u8]), ("data/x.toml", b"x"), ("other.txt", b"o")]);
        let recording = Recording::new(Arc::new(memory.clone()));
        assert_eq!(recording.walk(&FilePath::new("content")).0.len(), 1);
        assert!(recording.read(&FilePath::new("content/a.md"), 10).is_ok());
        assert!(recording.read(&FilePath::new("data/x.toml"), 10).is_ok());
        assert!(!recording.exists(&FilePath::new("data/y.toml")));
        let record = recording.record(u64::MAX).unwrap();
        assert_eq!(record.questions.len(), 3, "the listing tells of content/a.md: {record:?}");
        assert!(record.holds(&memory));
        memory.write("other.txt", b"nobody asked");
        assert!(record.holds(&memory));
        for (path, text) in
            [("content/a.md", "b"), ("content/new.md", "n"), ("data/x.toml", "z"), ("data/y.toml", "y")]
        {
            let mut changed = memory.clone();
            changed.write(path, text.as_bytes());
            assert!(!record.holds(&changed), "{path}");
        }
        memory.remove("content/a.md");
        assert!(!record.holds(&memory));
    }
}
