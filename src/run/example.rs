//! Examples: programs that are no snippets of a page.
//!
//! In: files, which of them is run, what it needs. Out: what it printed, how it
//! failed, or why it was not run. The same machine, limits and store as for
//! pages; what is to be said of it, and where, is up to the caller.

use std::time::Duration;

use super::Options;
use super::interpreter::{Interpreter, NAMES};
use super::machine::{Failure, Machine, Ran, Unchecked};
use super::page::name_package;
use super::unit::{Program, Step, TIME, Unit};
use crate::base::paths::FilePath;

/// Files in a folder of their own, one of which is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Paths in the folder, and texts; the one that is run among them.
    pub files: Vec<(FilePath, String)>,
    /// Path of the one that is run.
    pub main: FilePath,
    /// What runs it: a name that `run=` takes. Without, its extension says.
    pub with: Option<String>,
    /// Packages that have to be there: names that Python imports, packages of
    /// Node.js, programs that a shell finds.
    pub requires: Vec<String>,
    /// Time it may take; 10 seconds unless it says otherwise.
    pub timeout: Option<Duration>,
}

/// What became of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// It ended well and printed this.
    Printed(String),
    /// It did not.
    Failed(Failure),
    /// It was not run.
    Unchecked(Unchecked),
}

/// Runs examples, each in a folder of its own, and answers in their order.
/// `None` for one that nothing can run: no interpreter of that name, or none
/// for its extension.
pub fn run_examples(examples: &[Example], options: &Options) -> Vec<Option<Exit>> {
    let units: Vec<Option<Unit>> = examples.iter().map(unit).collect();
    let there: Vec<&Unit> = units.iter().flatten().collect();
    let mut ran = Machine::for_units(&there, options).run(&there, |_, _, _| true).into_iter();
    let mut exit = |_: &Unit| {
        Some(match ran.next()?.pop()? {
            Ran::Printed { text, .. } => Exit::Printed(text),
            Ran::Failed(failure) => Exit::Failed(failure),
            Ran::Unchecked(reason) => Exit::Unchecked(reason),
        })
    };
    units.iter().map(|unit| unit.as_ref().and_then(&mut exit)).collect()
}

/// Whether an interpreter has this name, for those who check `run=` themselves.
pub fn is_interpreter(name: &str) -> bool {
    NAMES.iter().any(|(known, _)| *known == name)
}

pub(super) fn unit(example: &Example) -> Option<Unit> {
    let extension = example.main.as_str().rsplit('.').next().unwrap_or("");
    let interpreter = match &example.with {
        Some(name) => Interpreter::of_name(name)?,
        None => Interpreter::of_language(extension)?,
    };
    let (main, others): (Vec<_>, Vec<_>) = example.files.iter().partition(|(path, _)| *path == example.main);
    let step = |(path, text): &(FilePath, String)| Step {
        file: Some((path.as_str().to_owned(), text.clone())),
        ..Step::default()
    };
    let mut steps: Vec<Step> = others.into_iter().map(step).collect();
    let mut last = step(main.first()?);
    let mut requires = example.requires.clone();
    requires.sort();
    requires.dedup();
    last.program = Some(Program {
        interpreter,
        arguments: Vec::new(),
        file: example.main.as_str().to_owned(),
        parts: Vec::new(),
        lines: Vec::new(),
        timeout: example.timeout.unwrap_or(TIME),
        versions: interpreter.needed_for(example.main.as_str()),
        requires,
        expected: Vec::new(),
    });
    steps.push(last);
    let mut unit = Unit { steps };
    name_package(&mut unit);
    Some(unit)
}
