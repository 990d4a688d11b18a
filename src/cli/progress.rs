//! Progress and summary: what a build tells while it runs and at its end.
//!
//! In: a terminal, counts, times. Out: one line that lives on a terminal, plain
//! lines otherwise. All of it on standard error.

use std::io::Write as _;
use std::time::Duration;

use super::project::Terminal;
use crate::base::diagnostic::Diagnostic;
use crate::build::{Built, Counts};
use crate::model::Site;
use crate::model::field::Fate;
use crate::publish::Published;
use crate::report;

/// A line that is there while something runs.
pub(super) struct Progress {
    live: bool,
}

impl Progress {
    pub(super) fn start(terminal: &Terminal, what: &str) -> Self {
        if terminal.live {
            let _ = write!(std::io::stderr(), "{what} …");
            let _ = std::io::stderr().flush();
        }
        Self { live: terminal.live }
    }

    /// Takes the line away.
    pub(super) fn clear(self) {
        drop(self);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.live {
            let _ = write!(std::io::stderr(), "\r\u{1b}[2K");
        }
    }
}

/// `1 page`, `2 pages`, with digits in groups.
pub(super) fn count(number: usize, word: &str) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {word}{}", if number == 1 { "" } else { "s" })
}

pub(super) fn size(bytes: u64) -> String {
    let (mut value, mut unit) = (bytes, "B");
    let mut rest = 0;
    for next in ["kB", "MB", "GB"] {
        if value < 1000 {
            break;
        }
        rest = value % 1000 / 100;
        value /= 1000;
        unit = next;
    }
    if unit == "B" || value >= 100 { format!("{value} {unit}") } else { format!("{value}.{rest} {unit}") }
}

pub(super) fn time(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis < 10 {
        format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
    } else if millis < 1000 {
        format!("{millis} ms")
    } else {
        format!("{:.2} s", duration.as_secs_f64())
    }
}

fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn stages(timings: &[(&'static str, Duration)]) {
    let width = timings.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, duration) in timings {
        say(&format!("  {name:width$}  {}", time(*duration)));
    }
}

/// What is said of a site that was published.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Said {
    pages: usize,
    sections: usize,
    snippets: usize,
    bytes: u64,
    warnings: usize,
    pairs: Option<String>,
}

impl Said {
    pub(super) fn of(built: &Built, published: &Published, problems: &[Diagnostic]) -> Self {
        let warnings = report::Counts::of(problems).warnings;
        let Counts { pages, sections, snippets, .. } = built.counts;
        let pairs = built.site.as_deref().and_then(pairs);
        Self { pages, sections, snippets, bytes: published.bytes_total, warnings, pairs }
    }

    fn line(&self, took: Duration, changed: &str) -> String {
        let mut line = format!(
            "Published {}, {}, {} in {}: {}{changed}",
            count(self.pages, "page"),
            count(self.sections, "section"),
            count(self.snippets, "snippet"),
            time(took),
            size(self.bytes),
        );
        if self.warnings > 0 {
            line.push_str(&format!("; {}", count(self.warnings, "warning")));
        }
        line
    }
}

const NOTHING_CHANGED: &str = ", nothing changed";

/// A build that had nothing to do.
pub(super) fn unchanged(terminal: &Terminal, said: &Said, took: Duration) {
    if terminal.quiet {
        return;
    }
    say(&said.line(took, NOTHING_CHANGED));
    if let Some(words) = &said.pairs {
        say(&format!("  {words}"));
    }
}

/// What was published.
pub(super) fn summary(
    terminal: &Terminal,
    said: &Said,
    published: &Published,
    took: Duration,
    timings: &[(&'static str, Duration)],
    show_timings: bool,
) {
    if terminal.quiet {
        return;
    }
    let changed = match (published.written, published.removed) {
        (0, 0) => NOTHING_CHANGED.to_owned(),
        (written, 0) => format!(", {} written ({})", count(written, "file"), size(published.bytes_written)),
        (written, removed) => format!(
            ", {} written ({}), {removed} removed",
            count(written, "file"),
            size(published.bytes_written)
        ),
    };
    say(&said.line(took, &changed));
    if let Some(words) = &said.pairs {
        say(&format!("  {words}"));
    }
    if show_timings || terminal.verbose {
        stages(timings);
    } else if let Some((name, slowest)) = timings.iter().max_by_key(|(_, duration)| *duration)
        && took > Duration::from_secs(1)
    {
        say(&format!("  slowest: {name}, {}", time(*slowest)));
    }
}

/// What became of the pairs of all fields: `153 pairs: 61 published, 92 below
/// the floor`.
fn pairs(site: &Site) -> Option<String> {
    let pairs = || site.fields.fields.iter().flat_map(|field| &field.pairs);
    let of = |fate: Fate| pairs().filter(|pair| pair.fate == fate).count();
    let parts = [
        (of(Fate::Written), "written by hand"),
        (of(Fate::Published), "published"),
        (of(Fate::NoIndex), "not for search engines"),
        (of(Fate::Skipped), "below the floor"),
    ];
    let said: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{n} {words}")).collect();
    (!said.is_empty()).then(|| format!("{}: {}", count(pairs().count(), "pair"), said.join(", ")))
}

/// What was checked.
pub(super) fn checked(
    terminal: &Terminal,
    built: &Built,
    took: Duration,
    show_timings: bool,
    problems: &[Diagnostic],
    left_out: usize,
) {
    if terminal.quiet {
        return;
    }
    let counts = report::Counts::of(problems);
    let mut found = if problems.is_empty() { "no problems".to_owned() } else { counts.to_string() };
    if left_out > 0 {
        found.push_str(&format!("; {} left out", count(left_out, "known problem")));
    }
    say(&format!(
        "Checked {}, {} in {}: {found}",
        count(built.counts.pages, "page"),
        count(built.counts.snippets, "snippet"),
        time(took)
    ));
    if show_timings || terminal.verbose {
        stages(&built.timings);
    }
}

/// What was run.
pub(super) fn ran(terminal: &Terminal, counts: &crate::run::Counts) {
    if terminal.quiet {
        return;
    }
    let mut line = format!("Ran {}", count(counts.run, "snippet"));
    if counts.kept > 0 {
        line.push_str(&format!(" ({} from the last run)", counts.kept));
    }
    for (number, word) in [(counts.failed, "failed"), (counts.unchecked, "unchecked")] {
        if number > 0 {
            line.push_str(&format!(", {number} {word}"));
        }
    }
    if counts.updated > 0 {
        line.push_str(&format!(", {} rewritten", count(counts.updated, "output")));
    }
    say(&line);
}

/// What is in a new baseline.
pub(super) fn recorded(terminal: &Terminal, problems: usize, path: &std::path::Path) {
    if !terminal.quiet {
        say(&format!("Recorded {} in `{}`", count(problems, "problem"), path.display()));
    }
}
