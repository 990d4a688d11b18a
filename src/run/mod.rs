//! Run: snippets marked `run`, run by interpreters that are installed.
//!
//! In: the snippets of all pages, where programs are looked for, where results
//! are kept. Out: problems at their places in the pages, counts, and with
//! `--update` pages whose output fences hold what was printed. An IO edge, like
//! `publish`; only `check --run` leads here, never a build.
//!
//! 1. `page` connects the snippets of a page by `continues` and `after` into
//!    units: programs and files that share one folder and run in order.
//! 2. `interpreter` finds `node`, `python3` and the shells, and asks for their
//!    versions.
//! 3. `store` knows what ran before with the same code, version and inputs.
//! 4. `sandbox` runs one program: fresh folder, bare environment, limits, no
//!    network where the system can cut it, and ends everything it started.
//! 5. `compare` holds what was printed against what the page shows; `trace`
//!    finds the line a program failed at.
//! 6. `update` rewrites output fences.
//!
//! None of this makes hostile code harmless: it can read what the user can.

mod compare;
mod interpreter;
mod page;
mod sandbox;
mod store;
mod trace;
mod update;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use rayon::prelude::*;

use self::compare::Difference;
use self::interpreter::{Installed, Interpreter};
use self::page::{Expected, Program, Unit};
use self::sandbox::{Ended, Environment, Limits, Sandbox, Status};
use self::store::Store;
use self::update::Update;
use crate::base::diagnostic::Diagnostic;
use crate::base::source::Span;
use crate::build::PageSnippets;

/// Bytes a program may print to each of its two outputs.
const MAX_OUTPUT: usize = 1 << 20;

/// What running depends on besides the pages.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folders in which programs are looked for, in order.
    pub search: Vec<PathBuf>,
    /// Folder in which programs get theirs.
    pub temporary: PathBuf,
    /// The project's folder, in which pages are rewritten.
    pub root: PathBuf,
    /// Folder in which results are kept.
    pub store: PathBuf,
    /// Rewrite output fences that do not hold what was printed.
    pub update: bool,
}

/// What became of the snippets. Those connected by `continues` count as one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Were run, now or the last time.
    pub run: usize,
    /// Of these, were not run again, since nothing had changed.
    pub kept: usize,
    /// Of these, failed, or printed something else.
    pub failed: usize,
    /// Could not be run here.
    pub unchecked: usize,
    /// Output fences that were rewritten.
    pub updated: usize,
}

/// The result of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Problems, in no particular order.
    pub problems: Vec<Diagnostic>,
    /// What became of the snippets.
    pub counts: Counts,
}

/// Runs everything that is marked `run`.
pub fn run(pages: &[PageSnippets], options: &Options) -> Outcome {
    let mut outcome = Outcome::default();
    let mut units: Vec<(&PageSnippets, Unit)> = Vec::new();
    for page in pages {
        let (found, problems) = page::units(page);
        outcome.problems.extend(problems);
        units.extend(found.into_iter().map(|unit| (page, unit)));
    }
    if units.is_empty() {
        return outcome;
    }
    let sandbox = Sandbox::find(&options.search, &options.temporary);
    let wanted: BTreeSet<Interpreter> =
        units.iter().flat_map(|(_, unit)| unit.programs().map(|program| program.interpreter)).collect();
    let installed: BTreeMap<Interpreter, Installed> = wanted
        .into_iter()
        .filter_map(|interpreter| {
            Some((interpreter, interpreter.find(&options.search, &options.root, &sandbox)?))
        })
        .collect();
    let machine = Machine { sandbox, installed, store: Store::new(&options.store) };

    let results: Vec<Vec<Ran>> = units.par_iter().map(|(page, unit)| machine.unit(page, unit)).collect();

    let mut updates = Vec::new();
    let mut reasons: BTreeMap<Unchecked, Vec<Diagnostic>> = BTreeMap::new();
    let mut executed = false;
    for ((page, unit), ran) in units.iter().zip(&results) {
        for (program, ran) in unit.programs().zip(ran) {
            let found = match ran {
                Ran::Unchecked(reason) => {
                    outcome.counts.unchecked += 1;
                    reasons.entry(reason.clone()).or_default().push(unchecked_note(page, program, reason));
                    continue;
                }
                Ran::Failed(problem) => {
                    executed = true;
                    vec![problem.clone()]
                }
                Ran::Printed { text, kept } => {
                    outcome.counts.kept += usize::from(*kept);
                    executed |= !kept;
                    judge(page, program, text, options.update.then_some(&mut updates))
                }
            };
            outcome.counts.run += 1;
            outcome.counts.failed += usize::from(!found.is_empty());
            outcome.problems.extend(found);
        }
    }
    for (reason, notes) in reasons {
        outcome.problems.extend(together(&reason, notes));
    }
    if executed && !machine.sandbox.cuts_network() {
        outcome.problems.push(
            Diagnostic::note("network-not-cut", "snippets were run with access to the network")
                .hint("on Linux it is cut where `unshare --net` is allowed"),
        );
    }
    let (updated, problems) = update::apply(&options.root, updates);
    outcome.counts.updated = updated;
    outcome.problems.extend(problems);
    if outcome.counts.unchecked == 0 {
        machine.store.forget_others();
    }
    outcome
}

/// What happened to a program.
enum Ran {
    /// It ended well and printed this.
    Printed { text: String, kept: bool },
    /// It did not.
    Failed(Diagnostic),
    /// It was not run.
    Unchecked(Unchecked),
}

/// Why a program was not run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Unchecked {
    /// Its interpreter is not there.
    Missing(Interpreter),
    /// Its interpreter has another version than it asks for: what, which.
    Version(Interpreter, String, String),
    /// Something that it needs was not run, or failed.
    Needed,
}

/// What programs are run with.
struct Machine {
    sandbox: Sandbox,
    installed: BTreeMap<Interpreter, Installed>,
    store: Store,
}

impl Machine {
    /// The programs of a unit, in order.
    fn unit(&self, page: &PageSnippets, unit: &Unit) -> Vec<Ran> {
        let key = store::key(unit, &self.installed);
        if let Some(outputs) = self.store.load(key)
            && outputs.len() == unit.programs().count()
            && unit
                .programs()
                .zip(&outputs)
                .all(|(program, text)| judge(page, program, text, None).is_empty())
        {
            return outputs.into_iter().map(|text| Ran::Printed { text, kept: true }).collect();
        }
        let ran = match self.sandbox.folder() {
            Ok(folder) => self.steps(page, unit, &folder),
            Err(error) => unit
                .programs()
                .map(|program| Ran::Failed(cannot_start(page, program, &error.to_string())))
                .collect(),
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

    fn steps(&self, page: &PageSnippets, unit: &Unit, folder: &sandbox::Folder) -> Vec<Ran> {
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
                (Err(error), _) => Ran::Failed(cannot_start(page, program, &error.to_string())),
                (Ok(()), false) => self.program(page, unit, program, folder),
            };
            ran.insert(at, result);
        }
        ran.into_values().collect()
    }

    fn program(&self, page: &PageSnippets, unit: &Unit, program: &Program, folder: &sandbox::Folder) -> Ran {
        let Some(installed) = self.installed.get(&program.interpreter) else {
            return Ran::Unchecked(Unchecked::Missing(program.interpreter));
        };
        if let Some(asked) = program.versions.iter().find(|asked| !asked.fits(&installed.version)) {
            let version = installed.version.to_string();
            return Ran::Unchecked(Unchecked::Version(program.interpreter, asked.to_string(), version));
        }
        let mut arguments = program.interpreter.arguments(&installed.version);
        arguments.extend(program.arguments.iter().cloned());
        arguments.push(program.file.clone());
        let limits = Limits {
            time: program.timeout,
            output: MAX_OUTPUT,
            memory: program.interpreter.limits_address_space(),
            environment: Environment::Bare,
        };
        match self.sandbox.run(&installed.path, &arguments, folder.path(), &limits) {
            Err(error) => Ran::Failed(cannot_start(page, program, &error.to_string())),
            Ok(Ended { status: Status::Code(0), stdout, .. }) => {
                Ran::Printed { text: String::from_utf8_lossy(&stdout).into_owned(), kept: false }
            }
            Ok(ended) => Ran::Failed(failed(page, unit, program, &ended, folder)),
        }
    }
}

/// Holds what was printed against what the page shows.
fn judge(
    page: &PageSnippets,
    program: &Program,
    printed: &str,
    mut updates: Option<&mut Vec<Update>>,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let segments = page::segments(printed);
    for (segment, expected) in &program.expected {
        let printed = segments.get(*segment).copied().unwrap_or("");
        match expected {
            Expected::Attribute(text, span) => {
                if !compare::matches_all(text, printed) {
                    let said = format!("printed: `{}`", short(printed.trim()));
                    problems.push(
                        Diagnostic::error(
                            "snippet-output",
                            "the code printed something else than `expect` says",
                        )
                        .label(page.file(), page.place(*span), said),
                    );
                }
            }
            Expected::Fence(index) => {
                let Some(marked) = page.snippets.get(*index).and_then(|snippet| snippet.marked.as_ref())
                else {
                    continue;
                };
                let Some(difference) = compare::first_difference(&marked.text, printed) else { continue };
                if let Some(updates) = updates.as_deref_mut() {
                    let update = Update::new(page, marked, compare::merge(&marked.text, printed));
                    let same = |other: &&Update| other.is_at(&update);
                    match updates.iter().find(same) {
                        Some(other) if *other == update => continue,
                        Some(_) => {}
                        None => {
                            updates.push(update);
                            continue;
                        }
                    }
                }
                problems.push(different(page, program, marked, &difference));
            }
        }
    }
    problems
}

fn different(
    page: &PageSnippets,
    program: &Program,
    marked: &crate::parse::markdown::Marked,
    difference: &Difference,
) -> Diagnostic {
    let first = page.source.line_column(marked.block.start as usize).0;
    let line = page.source.line_span(first + 1 + difference.line);
    let shown = difference.expected.as_deref().unwrap_or_else(|| {
        // The closing fence, which is the block's last line.
        page.source.slice(marked.block).lines().last().unwrap_or("")
    });
    let said = match (&difference.expected, &difference.printed) {
        (_, None) => "this was not printed".to_owned(),
        (None, Some(printed)) => format!("printed here: `{}`", short(printed)),
        (Some(_), Some(printed)) => format!("printed: `{}`", short(printed)),
    };
    Diagnostic::error("snippet-output", "the code printed something else than the page shows")
        .label(page.file(), page.place(in_line(page, line, shown)), said)
        .label(page.file(), page.place(opening(page, program)), "the code")
        .hint("`juxta check --run --update` writes what was printed into the page")
}

/// Why a program failed, at the line it names.
fn failed(
    page: &PageSnippets,
    unit: &Unit,
    program: &Program,
    ended: &Ended,
    folder: &sandbox::Folder,
) -> Diagnostic {
    let seconds = |time: Duration| {
        let seconds = time.as_secs_f64();
        if (seconds - 1.0).abs() < f64::EPSILON {
            "1 second".to_owned()
        } else {
            format!("{seconds} seconds")
        }
    };
    let errors = String::from_utf8_lossy(&ended.stderr);
    let (code, message, advice) = match ended.status {
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
    let mut problem = Diagnostic::error(code, message);
    let told = trace::read(&errors, program.interpreter, folder.path(), &unit.names());
    let place = told.place.and_then(|(file, line)| {
        let program = unit
            .programs()
            .filter(|other| other.file == file)
            .max_by_key(|other| std::ptr::eq(*other, program));
        match program {
            Some(program) => program.line(line),
            None => unit.line_of_file(&file, line),
        }
    });
    let place = place.and_then(|(snippet, line)| line_of(page, snippet, line));
    problem = match place {
        Some(span) => problem.label(page.file(), page.place(span), short(&told.reason)),
        None => problem.at(page.file(), page.place(opening(page, program))),
    };
    for line in told.last_lines.iter().filter(|line| place.is_none() || !unit.holds(line)) {
        problem = problem.hint(format!("it said: {}", short(line)));
    }
    advice.into_iter().fold(problem, Diagnostic::hint)
}

fn cannot_start(page: &PageSnippets, program: &Program, error: &str) -> Diagnostic {
    Diagnostic::error("snippet-not-started", format!("the code could not be started: {error}"))
        .at(page.file(), page.place(opening(page, program)))
}

/// A note about one program; the notes with one reason are told together.
fn unchecked_note(page: &PageSnippets, program: &Program, reason: &Unchecked) -> Diagnostic {
    let code = match reason {
        Unchecked::Missing(_) => "missing-interpreter",
        Unchecked::Version(..) | Unchecked::Needed => "unfit-interpreter",
    };
    Diagnostic::note(code, "").at(page.file(), page.place(opening(page, program)))
}

/// One note for all programs that were not run for one reason, at the first.
fn together(reason: &Unchecked, notes: Vec<Diagnostic>) -> Option<Diagnostic> {
    let count = notes.len();
    let mut note = notes.into_iter().next()?;
    let were = if count == 1 {
        "1 snippet was not run".to_owned()
    } else {
        format!("{count} snippets were not run")
    };
    note.message = match reason {
        Unchecked::Missing(interpreter) => format!("{were}: there is no `{}` here", interpreter.program()),
        Unchecked::Version(interpreter, asked, version) => {
            let (needs, program) = (if count == 1 { "it needs" } else { "they need" }, interpreter.program());
            format!("{were}: {needs} `{program}` {asked}, here it is {version}")
        }
        Unchecked::Needed => return None,
    };
    if count > 1 {
        note.labels[0].text = "the first of them".to_owned();
    }
    Some(note)
}

/// The opening line of a program's first snippet.
fn opening(page: &PageSnippets, program: &Program) -> Span {
    let first = program.parts.first().and_then(|index| page.snippets.get(*index));
    let Some(marked) = first.and_then(|snippet| snippet.marked.as_ref()) else { return Span::default() };
    let line = page.source.slice(marked.block).lines().next().map_or(0, str::len);
    Span::new(marked.block.start as usize, marked.block.start as usize + line)
}

/// The line of the page that holds a line (from 0) of a snippet, if it does.
fn line_of(page: &PageSnippets, snippet: usize, line: usize) -> Option<Span> {
    let marked = page.snippets.get(snippet)?.marked.as_ref()?;
    let first = page.source.line_column(marked.block.start as usize).0;
    let span = page.source.line_span(first + 1 + line);
    let wanted = marked.text.lines().nth(line)?;
    // Code from elsewhere has no line in the page.
    page.source.slice(span).trim_end().ends_with(wanted.trim()).then(|| in_line(page, span, wanted))
}

/// A text in a line of the page: without what stands before it in quotes and
/// lists; the whole line when the text is not in it.
fn in_line(page: &PageSnippets, line: Span, text: &str) -> Span {
    match page.source.slice(line).rfind(text.trim()) {
        Some(at) if !text.trim().is_empty() => {
            let start = line.start as usize + at;
            Span::new(start, start + text.trim().len())
        }
        _ => line,
    }
}

/// One line of at most 160 characters.
fn short(text: &str) -> String {
    let line = text.replace('\n', "⏎");
    match line.char_indices().nth(160) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
