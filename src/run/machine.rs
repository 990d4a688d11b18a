//! Machine: units are run with what is installed here.
//!
//! In: [`Unit`]s. Out: what became of each of their programs. Must not know
//! pages: what is wrong is told in words and lines of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use rayon::prelude::*;

use super::Options;
use super::interpreter::{Installed, Interpreter};
use super::packages::{self, Packages};
use super::sandbox::{Ended, Environment, Folder, Limits, Sandbox, Status};
use super::store::{self, Store};
use super::trace;
use super::unit::{Program, Unit};

/// Bytes a program may print to each of its two outputs.
const MAX_OUTPUT: usize = 1 << 20;

/// What happened to a program.
#[derive(Debug)]
pub(super) enum Ran {
    /// It ended well and printed this, now or the last time.
    Printed { text: String, kept: bool },
    /// It did not.
    Failed(Failure),
    /// It was not run.
    Unchecked(Unchecked),
}

/// How a program failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `snippet-failed`, `snippet-timeout`, `snippet-too-much-output` or
    /// `snippet-not-started`.
    pub code: &'static str,
    /// One phrase.
    pub message: String,
    /// A file of the folder, and a line of it from 1.
    pub place: Option<(String, usize)>,
    /// What the program said of it, in one line; may be empty.
    pub reason: String,
    /// The last lines it wrote to standard error.
    pub last_lines: Vec<String>,
    /// Advice.
    pub hint: Option<&'static str>,
}

/// Why a program was not run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unchecked {
    /// What runs it is not there: its name.
    Interpreter(&'static str),
    /// What runs it has another version than it asks for: its name, what is
    /// asked for, what is there.
    Version(&'static str, String, String),
    /// What runs it does not find a package: its name, and the package's.
    Package(&'static str, String),
    /// Something that it needs was not run, or failed.
    Needed,
}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interpreter(program) => write!(f, "there is no `{program}` here"),
            Self::Version(program, asked, version) => {
                write!(f, "`{program}` {asked} is needed, here it is {version}")
            }
            Self::Package(program @ ("sh" | "bash"), name) => write!(f, "`{program}` finds no `{name}` here"),
            Self::Package(program, name) => write!(f, "`{program}` finds no package `{name}` here"),
            Self::Needed => f.write_str("what it needs was not run, or failed"),
        }
    }
}

/// What programs are run with.
pub(super) struct Machine<'a> {
    options: &'a Options,
    sandbox: Sandbox,
    pub(super) installed: BTreeMap<Interpreter, Installed>,
    pub(super) packages: Packages,
    store: Store,
}

impl<'a> Machine<'a> {
    /// Looks for all that the units need.
    pub(super) fn for_units(units: &[&Unit], options: &'a Options) -> Self {
        let mut wanted: BTreeMap<Interpreter, BTreeSet<&str>> = BTreeMap::new();
        for program in units.iter().flat_map(|unit| unit.programs()) {
            let names = wanted.entry(program.interpreter).or_default();
            names.extend(program.requires.iter().map(String::as_str));
        }
        let sandbox = Sandbox::find(&options.search, &options.temporary);
        let mut installed = BTreeMap::new();
        let mut packages = Packages::new();
        for (interpreter, names) in wanted {
            let Some(found) = interpreter.find(&options.search, &options.root, &sandbox) else { continue };
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            if !names.is_empty() {
                packages.extend(packages::find(interpreter, &found, &names, &sandbox, &options.root));
            }
            installed.insert(interpreter, found);
        }
        Self { options, sandbox, installed, packages, store: Store::new(&options.store) }
    }

    /// What runs programs, as readers know it: `Node.js 24.1.0`.
    pub(super) fn with(&self, interpreter: Interpreter) -> String {
        let version = self.installed.get(&interpreter).map(|installed| installed.version.to_string());
        match (interpreter, version.unwrap_or_default()) {
            (Interpreter::Node, version) => format!("Node.js {version}"),
            (Interpreter::Python, version) => format!("Python {version}"),
            (Interpreter::Sh | Interpreter::Bash, _) => interpreter.program().to_owned(),
        }
    }

    /// Whether programs are without a network.
    pub(super) fn cuts_network(&self) -> bool {
        self.sandbox.cuts_network()
    }

    /// Forgets results of programs that are not there any more.
    pub(super) fn forget_others(&self) {
        self.store.forget_others();
    }

    /// What became of the programs of each unit, in order; units are run beside
    /// one another. What a program printed the last time is taken when nothing
    /// has changed, and when it `fits`, which is told the unit's number too.
    pub(super) fn run(
        &self,
        units: &[&Unit],
        fits: impl Fn(usize, &Program, &str) -> bool + Sync,
    ) -> Vec<Vec<Ran>> {
        let ran = |(at, unit): (usize, &&Unit)| self.unit(unit, |program, text| fits(at, program, text));
        units.par_iter().enumerate().map(ran).collect()
    }

    fn unit(&self, unit: &Unit, fits: impl Fn(&Program, &str) -> bool) -> Vec<Ran> {
        let key = store::key(unit, self);
        if let Some(outputs) = self.store.load(key)
            && outputs.len() == unit.programs().count()
            && unit.programs().zip(&outputs).all(|(program, text)| fits(program, text))
        {
            return outputs.into_iter().map(|text| Ran::Printed { text, kept: true }).collect();
        }
        let ran = match self.sandbox.folder() {
            Ok(folder) => self.steps(unit, &folder),
            Err(error) => unit.programs().map(|_| Ran::Failed(cannot_start(&error.to_string()))).collect(),
        };
        let printed = ran.iter().map(|ran| match ran {
            Ran::Printed { text, .. } => Some(text.as_str()),
            Ran::Failed(_) | Ran::Unchecked(_) => None,
        });
        if let Some(outputs) = printed.collect::<Option<Vec<&str>>>() {
            self.store.save(key, &outputs);
        }
        ran
    }

    fn steps(&self, unit: &Unit, folder: &Folder) -> Vec<Ran> {
        let mut ran: BTreeMap<usize, Ran> = BTreeMap::new();
        for (at, step) in unit.steps.iter().enumerate() {
            let written = step.file.as_ref().map_or(Ok(()), |(path, text)| folder.write(path, text));
            let Some(program) = &step.program else { continue };
            let missing = step
                .needs
                .iter()
                .any(|needed| ran.get(needed).is_some_and(|ran| !matches!(ran, Ran::Printed { .. })));
            let result = match (written, missing) {
                (_, true) => Ran::Unchecked(Unchecked::Needed),
                (Err(error), _) => Ran::Failed(cannot_start(&error.to_string())),
                (Ok(()), false) => self.program(unit, program, folder),
            };
            ran.insert(at, result);
        }
        ran.into_values().collect()
    }

    fn program(&self, unit: &Unit, program: &Program, folder: &Folder) -> Ran {
        let interpreter = program.interpreter;
        let Some(installed) = self.installed.get(&interpreter) else {
            return Ran::Unchecked(Unchecked::Interpreter(interpreter.program()));
        };
        if let Some(asked) = program.versions.iter().find(|asked| !asked.fits(&installed.version)) {
            let version = installed.version.to_string();
            return Ran::Unchecked(Unchecked::Version(interpreter.program(), asked.to_string(), version));
        }
        let is_missing = |name: &&String| !self.packages.contains_key(&(interpreter, (*name).clone()));
        if let Some(name) = program.requires.iter().find(is_missing) {
            return Ran::Unchecked(Unchecked::Package(interpreter.program(), name.clone()));
        }
        let mut arguments = interpreter.arguments(&installed.version);
        arguments.extend(program.arguments.iter().cloned());
        arguments.push(program.file.clone());
        let limits = Limits {
            time: program.timeout,
            output: MAX_OUTPUT,
            memory: interpreter.limits_address_space(),
            environment: Environment::Bare,
        };
        let linked =
            if program.requires.is_empty() { Ok(()) } else { folder.link(interpreter, &self.options.root) };
        let ended =
            linked.and_then(|()| self.sandbox.run(&installed.path, &arguments, folder.path(), &limits));
        match ended {
            Err(error) => Ran::Failed(cannot_start(&error.to_string())),
            Ok(Ended { status: Status::Code(0), stdout, .. }) => {
                Ran::Printed { text: String::from_utf8_lossy(&stdout).into_owned(), kept: false }
            }
            Ok(ended) => Ran::Failed(failed(unit, program, &ended, folder)),
        }
    }
}

/// Why a program failed.
fn failed(unit: &Unit, program: &Program, ended: &Ended, folder: &Folder) -> Failure {
    let errors = String::from_utf8_lossy(&ended.stderr);
    let (code, message, hint) = match ended.status {
        Status::Timeout => (
            "snippet-timeout",
            format!("the code was ended after {}", seconds(program.timeout)),
            Some("`timeout=30` gives it more seconds; code that never ends cannot be run here"),
        ),
        Status::TooMuchOutput => (
            "snippet-too-much-output",
            format!("the code printed more than {} KiB and was ended", MAX_OUTPUT >> 10),
            None,
        ),
        Status::Code(number) if number > 128 && number < 160 => {
            ("snippet-failed", format!("the code was ended by signal {}", number - 128), None)
        }
        Status::Code(number) => ("snippet-failed", format!("the code ended with exit code {number}"), None),
    };
    // What a program still says while it is ended for its output says nothing of
    // the code, and whether it comes to say it is chance.
    if ended.status == Status::TooMuchOutput {
        return Failure { code, message, place: None, reason: String::new(), last_lines: Vec::new(), hint };
    }
    let told = trace::read(&errors, program.interpreter, folder.path(), &unit.names());
    Failure { code, message, place: told.place, reason: told.reason, last_lines: told.last_lines, hint }
}

fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if (seconds - 1.0).abs() < f64::EPSILON { "1 second".to_owned() } else { format!("{seconds} seconds") }
}

fn cannot_start(error: &str) -> Failure {
    Failure {
        code: "snippet-not-started",
        message: format!("the code could not be started: {error}"),
        place: None,
        reason: String::new(),
        last_lines: Vec::new(),
        hint: None,
    }
}
