//! History: on which day the pages were last changed, by the project's git.
//!
//! In: the project's folder. Out: the day of the last commit that touched each
//! content file, in one pass over the newest commits; or why that is not known.
//! Only what is recorded counts: a shallow clone knows nothing of the time
//! before it was cut, and says so. Must not know the site.
#![expect(clippy::disallowed_methods, reason = "the edge where git is asked")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::base::date::DateTime;
use crate::base::paths::FilePath;
use crate::model::assemble::LastChanges;

/// Why days are not known.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// There is no git, or no repository: its words.
    NoRepository(String),
    /// The clone has been cut before the last change of some files.
    Shallow(usize),
}

/// Starts a line of the log that is about a commit.
const COMMIT: u8 = 1;

/// The day of the last commit of each file below `content/`, and what is not
/// known of the others.
pub(super) fn last_changes(root: &Path) -> (LastChanges, Option<Unknown>) {
    let mut left = match tracked(root) {
        Ok(tracked) => tracked,
        Err(words) => return (BTreeMap::new(), Some(Unknown::NoRepository(words))),
    };
    let mut days = BTreeMap::new();
    let mut cut = 0;
    let is_shallow =
        said(root, &["rev-parse", "--is-shallow-repository"]).is_ok_and(|said| said == b"true\n");
    let log =
        ["log", "--relative", "--name-only", "--no-renames", "-z", "--format=%x01%cs %p", "--", "content"];
    let Ok(mut child) = git(root, &log).stdout(Stdio::piped()).spawn() else { return (days, None) };
    let Some(stdout) = child.stdout.take() else { return (days, None) };
    let mut commit: Option<(DateTime, bool)> = None;
    for part in BufReader::new(stdout).split(0).map_while(Result::ok) {
        if left.is_empty() {
            break;
        }
        let part = String::from_utf8_lossy(&part);
        let part = part.trim_start_matches('\n');
        if let Some(of_commit) = part.strip_prefix(char::from(COMMIT)) {
            let (day, parents) = of_commit.split_once(' ').unwrap_or((of_commit, ""));
            let is_cut = is_shallow && parents.trim().is_empty();
            commit = DateTime::parse(day.trim()).ok().map(|day| (day, is_cut));
        } else if let Some((day, is_cut)) = &commit
            && !part.is_empty()
            && left.remove(part)
        {
            if *is_cut {
                cut += 1;
            } else {
                days.insert(FilePath::new(part), day.clone());
            }
        }
    }
    // It may have more to say than anybody wants to know.
    let _ = child.kill();
    let _ = child.wait();
    (days, (cut > 0).then_some(Unknown::Shallow(cut)))
}

/// Content files that git knows.
fn tracked(root: &Path) -> Result<BTreeSet<String>, String> {
    let said = said(root, &["ls-files", "-z", "--", "content"])?;
    let paths = said.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    Ok(paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
}

/// Asks about the project, whatever the author's settings are.
fn git(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(["-c", "core.quotePath=false", "-c", "log.showSignature=false"]);
    command.args(["-c", "log.follow=false", "-c", "log.mailmap=false", "--no-pager"]);
    command.args(arguments).env("LC_ALL", "C").stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// What git says, or why it says nothing.
fn said(root: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = git(root, arguments).stderr(Stdio::piped()).output();
    let output = output.map_err(|error| format!("`git` cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let line = words.lines().find(|line| !line.trim().is_empty()).unwrap_or("git gives no reason");
    Err(line.trim().trim_start_matches("fatal: ").to_owned())
}
