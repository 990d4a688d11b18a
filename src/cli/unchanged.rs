//! Unchanged: a build that would do nothing is not done.
//!
//! In: what a build is asked for, the files, the output folder. Out: what the
//! last build published, when everything it was made from and everything it
//! wrote is still as it was. What was told of it then is told again. What cannot be read or written counts as
//! not there.
#![expect(clippy::disallowed_methods, reason = "the edge where the last build is remembered")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::project::{self, Project};
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::fingerprint::Fingerprint;
use crate::publish::{self, Target};
use crate::read::files::Files;
use crate::read::recording::{Record, Recording};
use crate::report;

/// A file that was written this short before may be written again in the same
/// moment of the file system's clock.
const MOMENT: Duration = Duration::from_millis(50);

/// The last build.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Last {
    asked_for: String,
    inputs: Record,
    output: String,
    /// Its problems, without colours and with them.
    pub(super) problems: [String; 2],
    /// Whether there were any warnings.
    pub(super) has_warnings: bool,
    /// What was said of it, but for the time it took.
    pub(super) said: super::progress::Said,
}

/// What is asked for: the program, its configuration and options, and the
/// output folder.
fn asked_for(project: &Project, target: &Target) -> Option<String> {
    let program = fs::metadata(std::env::current_exe().ok()?).ok()?;
    let changed = program.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let parts = [
        format!("{} {} {}", env!("CARGO_PKG_VERSION"), program.len(), changed.as_nanos()),
        format!("{:?}", project.config),
        format!("{:?}", project.options("build")),
        format!("{:?}", project.problems),
        target.folder().display().to_string(),
    ];
    Some(Fingerprint::of_parts(parts.iter().map(String::as_bytes)).hex())
}

fn path(project: &Project) -> PathBuf {
    project.cache().join("last-build.json")
}

/// Nanoseconds since 1970 at which whatever is older is settled.
pub(super) fn settled() -> u64 {
    let now = project::nanoseconds();
    u64::try_from(now.saturating_sub(MOMENT.as_nanos())).unwrap_or(0)
}

/// The last build, if this one would publish just that.
pub(super) fn last(project: &Project, target: &Target, files: &dyn Files) -> Option<Last> {
    let text = fs::read(path(project)).ok()?;
    let last: Last = serde_json::from_slice(&text).ok()?;
    let is_same = asked_for(project, target)? == last.asked_for
        && last.inputs.holds(files)
        && publish::state(target.folder())?.hex() == last.output;
    is_same.then_some(last)
}

/// Remembers a build that was published.
pub(super) fn remember(
    project: &Project,
    target: &Target,
    recording: &Recording,
    settled: u64,
    problems: &[Diagnostic],
    said: super::progress::Said,
) {
    let file = path(project);
    let write = || -> Option<()> {
        let last = Last {
            asked_for: asked_for(project, target)?,
            inputs: recording.record(settled)?,
            output: publish::state(target.folder())?.hex(),
            problems: [false, true].map(|colour| report::render(problems, report::Format::Text, colour)),
            has_warnings: problems.iter().any(|problem| problem.severity == Severity::Warning),
            said,
        };
        let text = serde_json::to_vec(&last).ok()?;
        fs::create_dir_all(file.parent()?).ok()?;
        let beside = file.with_extension(format!("{}.new", std::process::id()));
        fs::write(&beside, text).ok()?;
        fs::rename(&beside, &file).ok()
    };
    if write().is_none() {
        forget(&file);
    }
}

fn forget(file: &Path) {
    // Then there is none, which is as good.
    let _ = fs::remove_file(file);
}
