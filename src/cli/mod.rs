//! Command line: arguments to a build, a server or a text.
//!
//! In: arguments, environment, terminal. Out: an exit code. Settles arguments,
//! environment and defaults once (`project`); nothing below reads them. The
//! only place, with `serve`, that prints.
//!
//! Exit codes: 0 fine, 1 problems in the content, 2 wrong use, 3 the machine
//! refused, 101 a bug of ours.
#![expect(clippy::print_stderr, reason = "the edge where results are printed")]

mod args;
mod check;
mod explain;
mod history;
mod init;
mod progress;
mod project;
mod unchanged;
mod watching;

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use clap::{CommandFactory as _, Parser as _};

pub use self::args::Arguments;
use self::args::{BuildArguments, Command, ServeArguments};
use self::progress::Progress;
use self::project::Project;
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::build::{Built, Options, Sink, build};
use crate::publish::{Publication, PublishError, begin};
use crate::read::recording::Recording;
use crate::render::Rendered;
use crate::render::shared::SharedFiles;
use crate::report::{self, Format};

/// Exit code for problems in the content.
const PROBLEMS: u8 = 1;
/// Exit code for wrong use.
const WRONG_USE: u8 = 2;
/// Exit code for a bug of ours, as of a panic.
const OUR_BUG: u8 = 101;
/// Exit code for a refusal of the machine.
const MACHINE: u8 = 3;

/// Runs the program; the exit code.
pub fn run(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { WRONG_USE } else { 0 };
        }
    };
    let terminal = project::Terminal::new(&arguments);
    match &arguments.command {
        Command::Build(of_build) => run_build(&arguments, of_build, &terminal),
        Command::Check(of_check) => check::run(&arguments, of_check, &terminal),
        Command::Serve(of_serve) => run_serve(&arguments, of_serve, &terminal),
        Command::Init(of_init) => init::run(of_init, &terminal),
        Command::Explain(of_explain) => explain::run(&arguments, of_explain, &terminal),
        Command::Schema { of } => print_schema(of.as_deref(), &terminal),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "juxta", &mut script);
            say(&String::from_utf8_lossy(&script), &terminal)
        }
    }
}

/// Says what went wrong outside the content.
fn fail(terminal: &project::Terminal, message: &str, hint: Option<&str>, code: u8) -> u8 {
    let (red, plain) = if terminal.colour { ("\u{1b}[1;31m", "\u{1b}[0m") } else { ("", "") };
    eprintln!("{red}error{plain}: {message}");
    if let Some(hint) = hint {
        eprintln!("  = help: {hint}");
    }
    code
}

fn print_schema(of: Option<&str>, terminal: &project::Terminal) -> u8 {
    let schema = match of {
        Some("front-matter") => crate::parse::front_matter::schema(),
        _ => crate::config::schema(),
    };
    say(&format!("{}\n", serde_json::to_string_pretty(&schema).unwrap_or_default()), terminal)
}

/// Writes to standard output; the exit code. A reader that has gone away, such
/// as `head`, has what it wanted.
fn say(text: &str, terminal: &project::Terminal) -> u8 {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => 0,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => 0,
        Err(error) => fail(terminal, &format!("cannot write to standard output: {error}"), None, MACHINE),
    }
}

/// Gives what is rendered to a publication; remembers why it stopped taking.
struct Publisher {
    publication: Publication,
    failed: Mutex<Option<PublishError>>,
}

impl Sink for Publisher {
    fn accept(&self, rendered: &Rendered) -> Result<(), Diagnostic> {
        let Ok(failed) = self.failed.lock() else { return Ok(()) };
        if failed.is_some() {
            return Ok(());
        }
        drop(failed);
        if let Err(error) = self.publication.add(&rendered.output, &rendered.bytes)
            && let Ok(mut failed) = self.failed.lock()
        {
            failed.get_or_insert(error);
        }
        Ok(())
    }
}

fn run_build(arguments: &Arguments, of_build: &BuildArguments, terminal: &project::Terminal) -> u8 {
    let started = Instant::now();
    let progress = Progress::start(terminal, "Building");
    let project = match Project::open(arguments, of_build) {
        Ok(project) => project,
        Err(failure) => return failure.tell(terminal, of_build.format()),
    };
    let target = match project.judge_output(of_build) {
        Ok(target) => target,
        Err(refusal) => return fail(terminal, &refusal.message, Some(&refusal.hint), refusal.exit_code),
    };
    let recording = Arc::new(Recording::new(project.files(&target)));
    let settled = unchanged::settled();
    if !terminal.verbose
        && !of_build.timings
        && of_build.format() == Format::Text
        && let Some(last) = unchanged::last(&project, &target, &*project.files(&target))
        && !(of_build.strict && last.has_warnings)
    {
        progress.clear();
        let problems = &last.problems[usize::from(terminal.colour)];
        if !problems.is_empty() {
            eprint!("{problems}");
            if !terminal.quiet {
                eprintln!();
            }
        }
        progress::unchanged(terminal, &last.said, started.elapsed());
        return 0;
    }
    let publication = match begin(&target, &project.site_id(&target)) {
        Ok(publication) => publication,
        Err(error) => return fail(terminal, &error.message, error.hint.as_deref(), error.exit_code),
    };
    let publisher = Publisher { publication, failed: Mutex::new(None) };
    let options = project.options("build");
    let built = build(&(Arc::clone(&recording) as SharedFiles), &project.config, &options, None, &publisher);
    progress.clear();

    let problems = project.all_problems(&built);
    let (failed, code) = tell(&problems, of_build, terminal);
    let Publisher { publication, failed: refused } = publisher;
    if failed {
        drop(publication);
        let counts = report::Counts::of(&problems);
        let kept = if target.folder().exists() { "; the published site is as it was" } else { "" };
        let strict = if counts.errors == 0 { " and `--strict`" } else { "" };
        blank_line(&problems, of_build);
        return fail(
            terminal,
            &format!("nothing was published: {counts}{strict}{kept}"),
            None,
            exit_code(&problems),
        );
    }
    if let Some(error) = refused.into_inner().ok().flatten() {
        drop(publication);
        return fail(terminal, &error.message, error.hint.as_deref(), error.exit_code);
    }
    let committing = Instant::now();
    match publication.commit() {
        Ok(published) => {
            if !terminal.quiet {
                blank_line(&problems, of_build);
            }
            let mut timings = built.timings.clone();
            timings.push(("publish", committing.elapsed()));
            let said = progress::Said::of(&built, &published, &problems);
            unchanged::remember(&project, &target, &recording, settled, &problems, said.clone());
            progress::summary(terminal, &said, &published, started.elapsed(), &timings, of_build.timings);
            code
        }
        Err(error) => fail(terminal, &error.message, error.hint.as_deref(), error.exit_code),
    }
}

/// The exit code for problems that stop publishing: our own are told apart.
fn exit_code(problems: &[Diagnostic]) -> u8 {
    if problems.iter().any(|problem| problem.code == "internal-error") { OUR_BUG } else { PROBLEMS }
}

/// Prints all problems; whether any of them stops publishing, and the exit code
/// of the printing.
fn tell(problems: &[Diagnostic], of_build: &BuildArguments, terminal: &project::Terminal) -> (bool, u8) {
    let format = of_build.format();
    let text = report::render(problems, format, terminal.colour);
    let code = match format {
        Format::Text | Format::Short => {
            eprint!("{text}");
            0
        }
        Format::Json | Format::Sarif | Format::Github => say(&text, terminal),
    };
    let stops = problems.iter().any(|problem| {
        problem.severity == Severity::Error || of_build.strict && problem.severity == Severity::Warning
    });
    (stops, code)
}

/// Sets what comes after problems apart from them.
fn blank_line(problems: &[Diagnostic], of_build: &BuildArguments) {
    if !problems.is_empty() && of_build.format() == Format::Text {
        eprintln!();
    }
}

fn run_serve(arguments: &Arguments, of_serve: &ServeArguments, terminal: &project::Terminal) -> u8 {
    if of_serve.watch {
        return watching::run(arguments, of_serve, terminal);
    }
    let progress = Progress::start(terminal, "Building");
    let project = match Project::open(arguments, &of_serve.build) {
        Ok(project) => project,
        Err(failure) => return failure.tell(terminal, of_serve.build.format()),
    };
    let outputs = crate::serve::Outputs::default();
    let options = Options { keep: false, ..project.options("serve") };
    let built: Built = build(&project.all_files(), &project.config, &options, None, &outputs);
    progress.clear();
    let problems = project.all_problems(&built);
    if tell(&problems, &of_serve.build, terminal).0 {
        let counts = report::Counts::of(&problems);
        blank_line(&problems, &of_serve.build);
        return fail(terminal, &format!("there is nothing to serve: {counts}"), None, PROBLEMS);
    }
    let options = crate::serve::Options {
        host: of_serve.host.clone(),
        port: of_serve.port,
        allowed_hosts: of_serve.allow_host.clone(),
        base_path: project.base_path(),
        open: of_serve.open,
        editor: None,
        follow: false,
    };
    match crate::serve::run(outputs, &options) {
        Ok(()) => 0,
        Err(error) => fail(terminal, &error.message, error.hint.as_deref(), error.exit_code),
    }
}
