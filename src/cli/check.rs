//! `check`: everything but publishing; with `--run`, snippets too.
//!
//! In: arguments. Out: problems, less those of a baseline, and a summary.
#![expect(clippy::disallowed_methods, reason = "the edge where baselines are read and written")]

use std::path::Path;
use std::time::Instant;

use super::args::{Arguments, CheckArguments};
use super::progress::{self, Progress};
use super::project::{Project, Terminal};
use super::{MACHINE, WRONG_USE, blank_line, exit_code, fail, say, tell};
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::runs;
use crate::build::{Discard, Options, build};
use crate::model::coverage;
use crate::read::files::Files;
use crate::report::Format;
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
    if let (Some(site), Some(shared)) = (&built.site, &built.shared) {
        problems.extend(coverage::problems(site, &shared.today, &project.real_day()));
        problems.sort_by_cached_key(Diagnostic::order);
        if of_check.report.is_some() && !problems.iter().any(|problem| problem.severity == Severity::Error) {
            progress.clear();
            let report = match of_build.format() {
                Format::Json | Format::Sarif => format!("{:#}\n", coverage::to_json(site, &shared.today)),
                _ => coverage::to_text(site, &shared.today),
            };
            return say(&report, terminal);
        }
    }
    let files = project.all_files();
    let tasks = built.site.as_deref().map(|site| (site, &*files as &dyn Files));
    let ran = of_check
        .run
        .then(|| run::run(&built.snippets, tasks, &project.run_options(of_check.update, of_check.record)));
    if let Some(record) = ran.as_ref().and_then(|outcome| outcome.record.as_ref())
        && let Err(error) = std::fs::write(project.root.join(runs::FILE), record.to_text())
    {
        return fail(terminal, &format!("cannot write `{}`: {error}", runs::FILE), None, MACHINE);
    }
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
    let (failed, code) = tell(&problems, of_build, terminal);
    if !terminal.quiet {
        blank_line(&problems, of_build);
    }
    if let Some(counts) = &ran {
        progress::ran(terminal, counts);
    }
    progress::checked(terminal, &built, started.elapsed(), of_build.timings, &problems, left_out);
    if failed { exit_code(&problems) } else { code }
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
