//! `check`: everything but publishing; with `--run`, snippets too.
//!
//! In: arguments. Out: problems, less those of a baseline, and a summary.
#![expect(clippy::disallowed_methods, reason = "the edge where baselines are read and written")]

use std::path::Path;
use std::time::Instant;

use super::args::{Arguments, CheckArguments};
use super::progress::{self, Progress};
use super::project::{Project, Terminal};
use super::{MACHINE, WRONG_USE, blank_line, exit_code, fail, tell};
use crate::base::diagnostic::Diagnostic;
use crate::build::{Discard, Options, build};
use crate::report::baseline::Baseline;
use crate::run;

pub(super) fn run(arguments: &Arguments, of_check: &CheckArguments, terminal: &Terminal) -> u8 {
    let started = Instant::now();
    let of_build = &of_check.build;
    let known = match &of_check.baseline {
        Some(path) if !of_check.write_baseline => match read(path) {
            Ok(baseline) => Some(baseline),
            Err((message, code)) => {
                let hint = "`juxta check --baseline FILE --write-baseline` writes one";
                return fail(terminal, &message, Some(hint), code);
            }
        },
        _ => None,
    };
    let progress = Progress::start(terminal, "Checking");
    let project = match Project::open(arguments, of_build) {
        Ok(project) => project,
        Err(failure) => return failure.tell(terminal, of_build.format()),
    };
    let options = Options { snippets: of_check.run, ..project.options("check") };
    let built = build(&project.all_files(), &project.config, &options, None, &Discard);
    let mut problems = project.all_problems(&built);
    let ran = of_check.run.then(|| run::run(&built.snippets, &project.run_options(of_check.update)));
    let ran = ran.map(|outcome| {
        problems.extend(outcome.problems);
        outcome.counts
    });
    progress.clear();

    if let (Some(path), true) = (&of_check.baseline, of_check.write_baseline) {
        return write(path, &problems, terminal);
    }
    let mut left_out = 0;
    if let Some(known) = known {
        (problems, left_out) = known.new_ones(&problems);
    }
    let failed = tell(&problems, of_build, terminal);
    if !terminal.quiet {
        blank_line(&problems, of_build);
    }
    if let Some(counts) = &ran {
        progress::ran(terminal, counts);
    }
    progress::checked(terminal, &built, started.elapsed(), of_build.timings, &problems, left_out);
    if failed { exit_code(&problems) } else { 0 }
}

/// A baseline, or why there is none and the exit code.
fn read(path: &Path) -> Result<Baseline, (String, u8)> {
    let cannot = |error: &str| format!("cannot read the baseline `{}`: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| {
        let code = if error.kind() == std::io::ErrorKind::NotFound { WRONG_USE } else { MACHINE };
        (cannot(&error.to_string()), code)
    })?;
    Baseline::from_text(&text).map_err(|error| (cannot(&error), WRONG_USE))
}

fn write(path: &Path, problems: &[Diagnostic], terminal: &Terminal) -> u8 {
    let baseline = Baseline::of(problems);
    if let Err(error) = std::fs::write(path, baseline.to_text()) {
        return fail(terminal, &format!("cannot write `{}`: {error}", path.display()), None, MACHINE);
    }
    progress::recorded(terminal, baseline.len(), path);
    0
}
