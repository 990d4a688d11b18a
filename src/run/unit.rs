//! Unit: files and programs that share a folder.
//!
//! In: nothing; plain values that pages and examples become, and that the
//! machine runs. Must not know either of them.

use std::time::Duration;

use super::interpreter::{Asked, Interpreter};
use crate::base::source::Span;

/// Time a program has when nobody says otherwise.
pub(super) const TIME: Duration = Duration::from_secs(10);

/// What shares a folder.
#[derive(Debug, Default)]
pub(super) struct Unit {
    /// In the order they are done.
    pub(super) steps: Vec<Step>,
}

/// A file that is written, and the program that runs it.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// Snippets of the page whose text it is.
    pub(super) parts: Vec<usize>,
    /// Path in the folder, and text.
    pub(super) file: Option<(String, String)>,
    pub(super) program: Option<Program>,
    /// Steps before that must have ended well.
    pub(super) needs: Vec<usize>,
}

/// A program.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) interpreter: Interpreter,
    /// Of the interpreter, as the author gave them.
    pub(super) arguments: Vec<String>,
    /// Its path in the folder.
    pub(super) file: String,
    /// Snippets of the page, in order.
    pub(super) parts: Vec<usize>,
    /// Snippet and line in it of each line; `None` for a line of ours.
    pub(super) lines: Vec<Option<(usize, usize)>>,
    pub(super) timeout: Duration,
    pub(super) versions: Vec<Asked>,
    /// Packages it needs, in order.
    pub(super) requires: Vec<String>,
    /// What is to be printed, by segment.
    pub(super) expected: Vec<(usize, Expected)>,
}

/// What a program is to print.
#[derive(Debug)]
pub(super) enum Expected {
    /// The text of that snippet of the page.
    Fence(usize),
    /// The value of `expect=`, and where it stands.
    Attribute(String, Span),
}

impl Unit {
    /// In order.
    pub(super) fn programs(&self) -> impl Iterator<Item = &Program> {
        self.steps.iter().filter_map(|step| step.program.as_ref())
    }

    /// Names of all files.
    pub(super) fn names(&self) -> Vec<&str> {
        self.steps.iter().filter_map(|step| Some(step.file.as_ref()?.0.as_str())).collect()
    }

    /// Whether this is a line of one of the files.
    pub(super) fn holds(&self, line: &str) -> bool {
        let files = self.steps.iter().filter_map(|step| step.file.as_ref());
        files.flat_map(|(_, text)| text.lines()).any(|other| other.trim() == line.trim())
    }

    /// Snippet and line in it, both from 0, of a line (from 1) of a file;
    /// where two programs have one name, `program` is meant.
    pub(super) fn line_of_file(&self, program: &Program, file: &str, line: usize) -> Option<(usize, usize)> {
        let named = self.programs().filter(|other| other.file == file);
        if let Some(program) = named.max_by_key(|other| std::ptr::eq(*other, program)) {
            return program.lines.get(line.checked_sub(1)?).copied().flatten();
        }
        let is_it = |step: &&Step| step.file.as_ref().is_some_and(|(name, _)| name == file);
        let step = self.steps.iter().find(is_it)?;
        Some((*step.parts.first()?, line.checked_sub(1)?))
    }
}
