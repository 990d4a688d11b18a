//! Run: snippets marked `run`, run by interpreters that are installed.
//!
//! In: the snippets of all pages, where programs are looked for, where results
//! are kept. Out: problems at their places in the pages, counts, and with
//! `--update` pages whose output fences hold what was printed. An IO edge, like
//! `publish`; only `check --run` leads here, never a build.
//!
//! 1. `page` connects the snippets of a page by `continues` and `after` into
//!    units: programs and files that share one folder and run in order.
//!    `example` makes units of programs that stand in no page.
//! 2. `machine` runs units. For it, `interpreter` finds `node`, `python3` and
//!    the shells and asks for their versions, and `packages` for what code
//!    needs besides; `store` knows what ran before with the same code, version
//!    and inputs; `sandbox` runs one program: fresh folder, bare environment,
//!    limits, no network where the system can cut it, and ends everything it
//!    started; `trace` finds the line a program failed at.
//!    `task` makes units of the sides of tasks.
//! 3. `compare` holds what was printed against what the page shows.
//! 4. `update` rewrites output fences.
//!
//! None of this makes hostile code harmless: it can read what the user can.

mod compare;
mod example;
mod interpreter;
mod machine;
mod packages;
mod page;
mod sandbox;
mod store;
mod task;
mod trace;
mod unit;
mod update;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

pub use self::example::{Example, Exit, is_interpreter, run_examples};
pub use self::machine::{Failure, Unchecked};

use self::compare::Difference;
use self::machine::{Machine, Ran};
use self::unit::{Expected, Program, Unit};
use self::update::Update;
use crate::base::diagnostic::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::runs::{Run, Runs};
use crate::base::source::{Source, Span};
use crate::build::PageSnippets;
use crate::model::Site;
use crate::read::files::Files;

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
    /// Note what ran: in which record, and on which day.
    pub record: Option<(Runs, String)>,
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
    /// The record, when one was asked for.
    pub record: Option<Runs>,
}

/// Runs everything that is marked `run`, and the sides of the tasks of a site.
pub fn run(pages: &[PageSnippets], tasks: Option<(&Site, &dyn Files)>, options: &Options) -> Outcome {
    let mut outcome = Outcome::default();
    let (sides, problems) = tasks.map_or_else(Default::default, |(site, files)| task::sides(site, files));
    outcome.problems.extend(problems);
    let mut units: Vec<(&PageSnippets, Unit)> = Vec::new();
    for page in pages {
        let (found, problems) = page::units(page);
        outcome.problems.extend(problems);
        units.extend(found.into_iter().map(|unit| (page, unit)));
    }
    if units.is_empty() && sides.is_empty() {
        outcome.record = options.record.as_ref().map(|_| Runs::default());
        return outcome;
    }
    let programs: Vec<&Unit> =
        units.iter().map(|(_, unit)| unit).chain(sides.iter().map(|side| &side.unit)).collect();
    let machine = Machine::for_units(&programs, options);
    let fits = |at: usize, program: &Program, text: &str| {
        let Some((page, unit)) = units.get(at) else { return true };
        // What is to be recorded has a day: that of a run which is on record, or today.
        let is_known = options.record.as_ref().is_none_or(|(runs, _)| {
            let with = machine.with(program.interpreter);
            recorded(page, unit, program).iter().all(|key| runs.get(*key).is_some_and(|run| run.with == with))
        });
        is_known && judge(page, program, text, None).is_empty()
    };
    let results = machine.run(&programs, fits);
    let (results, of_sides) = results.split_at(units.len());

    let mut updates = Vec::new();
    let mut reasons: BTreeMap<Unchecked, Vec<Diagnostic>> = BTreeMap::new();
    let mut executed = false;
    let of_sides: Vec<&Ran> = of_sides.iter().filter_map(|ran| ran.last()).collect();
    for ((side, ran), found) in sides.iter().zip(&of_sides).zip(task::judge(&sides, &of_sides)) {
        match ran {
            Ran::Unchecked(reason) => {
                outcome.counts.unchecked += 1;
                reasons.entry(reason.clone()).or_default().push(side.unchecked(reason));
                continue;
            }
            Ran::Failed(_) => executed = true,
            Ran::Printed { kept, .. } => {
                outcome.counts.kept += usize::from(*kept);
                executed |= !kept;
            }
        }
        outcome.counts.run += 1;
        outcome.counts.failed += usize::from(!found.is_empty());
        outcome.problems.extend(found);
    }
    let mut printed: HashMap<(usize, usize), &str> = HashMap::new();
    let mut record = options.record.as_ref().map(|_| Runs::default());
    for (i, ((page, unit), ran)) in units.iter().zip(results).enumerate() {
        for (program, ran) in unit.programs().zip(ran) {
            let found = match ran {
                Ran::Unchecked(reason) => {
                    outcome.counts.unchecked += 1;
                    if let (Some(record), Some((runs, _))) = (&mut record, &options.record) {
                        let known = recorded(page, unit, program).into_iter();
                        known.filter_map(|key| Some((key, runs.get(key)?.clone()))).for_each(|(key, run)| {
                            record.insert(key, run);
                        });
                    }
                    reasons.entry(reason.clone()).or_default().push(unchecked_note(page, program, reason));
                    continue;
                }
                Ran::Failed(failure) => {
                    executed = true;
                    vec![failed(page, unit, program, failure)]
                }
                Ran::Printed { text, kept } => {
                    outcome.counts.kept += usize::from(*kept);
                    executed |= !kept;
                    printed.extend(program.parts.last().map(|snippet| ((i, *snippet), text.as_str())));
                    judge(page, program, text, options.update.then_some(&mut updates))
                }
            };
            if let (Some(record), Some((runs, today)), true) =
                (&mut record, &options.record, found.is_empty())
            {
                let with = machine.with(program.interpreter);
                let is_kept = matches!(ran, Ran::Printed { kept: true, .. });
                for key in recorded(page, unit, program) {
                    let known = runs.get(key).filter(|_| is_kept).cloned();
                    record.insert(key, known.unwrap_or(Run { with: with.clone(), on: today.clone() }));
                }
            }
            outcome.counts.run += 1;
            outcome.counts.failed += usize::from(!found.is_empty());
            outcome.problems.extend(found);
        }
    }
    outcome.problems.extend(steps_apart(&units, &printed));
    for (reason, notes) in reasons {
        outcome.problems.extend(together(&reason, notes));
    }
    if executed && !machine.cuts_network() {
        outcome.problems.push(
            Diagnostic::note("network-not-cut", "snippets were run with access to the network")
                .hint("on Linux it is cut where `unshare --net` is allowed"),
        );
    }
    let (updated, problems) = update::apply(&options.root, updates);
    outcome.counts.updated = updated;
    outcome.record = record;
    outcome.problems.extend(problems);
    if outcome.counts.unchecked == 0 {
        machine.forget_others();
    }
    outcome
}

/// Steps whose sides are to print the same and do not.
fn steps_apart(units: &[(&PageSnippets, Unit)], printed: &HashMap<(usize, usize), &str>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut seen: Vec<*const PageSnippets> = Vec::new();
    for (page, _) in units {
        if seen.contains(&std::ptr::from_ref(*page)) {
            continue;
        }
        seen.push(std::ptr::from_ref(*page));
        for (span, snippets) in &page.same {
            let of_step = units.iter().enumerate().filter(|(_, (other, _))| std::ptr::eq(*other, *page));
            let outputs: Vec<&str> = of_step
                .flat_map(|(i, _)| {
                    snippets.clone().filter_map(move |snippet| printed.get(&(i, snippet)).copied())
                })
                .collect();
            let apart = outputs.windows(2).find_map(|pair| compare::first_line_apart(pair[0], pair[1]));
            if let Some(difference) = apart {
                let said = |line: &Option<String>| {
                    line.as_deref().map_or("nothing more".to_owned(), |line| format!("`{}`", short(line)))
                };
                let message = "the sides of this step print different things";
                let problem = Diagnostic::error("snippet-output", message).at(page.file(), page.place(*span));
                problems.push(problem.hint(format!(
                    "in line {} one printed {}, the other {}",
                    difference.line + 1,
                    said(&difference.expected),
                    said(&difference.printed)
                )));
            }
        }
    }
    problems
}

/// The keys of a program's snippets. A key stands for what comes before on the
/// page, so there are none for a program that needs something from further down.
fn recorded(page: &PageSnippets, unit: &Unit, program: &Program) -> Vec<Fingerprint> {
    let before = unit
        .steps
        .iter()
        .take_while(|step| step.program.as_ref().is_none_or(|other| !std::ptr::eq(other, program)));
    let first = program.parts.first().copied();
    if before.flat_map(|step| &step.parts).any(|part| Some(*part) > first) {
        return Vec::new();
    }
    let marked = |part: &usize| page.snippets.get(*part)?.marked.as_ref();
    program.parts.iter().filter_map(marked).map(|marked| marked.key).collect()
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
fn failed(page: &PageSnippets, unit: &Unit, program: &Program, failure: &Failure) -> Diagnostic {
    let mut problem = Diagnostic::error(failure.code, failure.message.clone());
    let place = failure.place.as_ref().and_then(|(file, line)| unit.line_of_file(program, file, *line));
    let place = place.and_then(|(snippet, line)| line_of(page, snippet, line));
    problem = match &place {
        Some((file, span)) => problem.label(file, *span, short(&failure.reason)),
        None => problem.at(page.file(), page.place(opening(page, program))),
    };
    if place.as_ref().is_some_and(|(file, _)| !Arc::ptr_eq(file, page.file())) {
        problem = problem.label(page.file(), page.place(opening(page, program)), "the code");
    }
    for line in failure.last_lines.iter().filter(|line| place.is_none() || !unit.holds(line)) {
        problem = problem.hint(format!("it said: {}", short(line)));
    }
    failure.hint.into_iter().fold(problem, Diagnostic::hint)
}

/// A note about one program; the notes with one reason are told together.
fn unchecked_note(page: &PageSnippets, program: &Program, reason: &Unchecked) -> Diagnostic {
    unchecked_code(reason).at(page.file(), page.place(opening(page, program)))
}

fn unchecked_code(reason: &Unchecked) -> Diagnostic {
    let code = match reason {
        Unchecked::Interpreter(_) => "missing-interpreter",
        Unchecked::Package(..) => "missing-package",
        Unchecked::Version(..) | Unchecked::Needed => "unfit-interpreter",
    };
    Diagnostic::note(code, "")
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
    if *reason == Unchecked::Needed {
        // What it needs has told.
        return None;
    }
    note.message = format!("{were}: {reason}");
    if let Unchecked::Package("node", _) = reason {
        note = note.hint("packages of Node.js are looked for in the project's `node_modules`");
    }
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

/// The file and the place in it of a line (from 0) of a snippet, if it is there.
fn line_of(page: &PageSnippets, snippet: usize, line: usize) -> Option<(Arc<Source>, Span)> {
    let marked = page.snippets.get(snippet)?.marked.as_ref()?;
    if let Some((file, lines)) = &marked.included {
        return Some((Arc::clone(file), *lines.get(line)?));
    }
    let first = page.source.line_column(marked.block.start as usize).0;
    let span = page.source.line_span(first + 1 + line);
    let wanted = marked.text.lines().nth(line)?;
    // Code that an expression made has no line in the page.
    let is_there = page.source.slice(span).trim_end().ends_with(wanted.trim());
    is_there.then(|| (Arc::clone(page.file()), page.place(in_line(page, span, wanted))))
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
