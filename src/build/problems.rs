//! Problems: from all that was found to what is told.
//!
//! In: problems of all stages. Out: the same without consequences of others and
//! repetitions, in order.

use crate::base::diagnostic::Diagnostic;

/// A mistake in a shared template is met by every output drawn with it: the
/// first says so, the others are counted.
pub(super) fn merge_repeated(problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut merged: Vec<(Diagnostic, usize)> = Vec::with_capacity(problems.len());
    for problem in problems {
        match merged.last_mut() {
            Some((first, repeated)) if !problem.labels.is_empty() && is_same(first, &problem) => {
                *repeated += 1;
            }
            _ => merged.push((problem, 0)),
        }
    }
    let told = |(problem, repeated): (Diagnostic, usize)| match repeated {
        0 => problem,
        1 => problem.hint("the same happens in 1 other output"),
        n => problem.hint(format!("the same happens in {n} other outputs")),
    };
    merged.into_iter().map(told).collect()
}

/// Whether two problems differ in their advice at most.
pub(super) fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    a.code == b.code && a.severity == b.severity && a.message == b.message && a.labels == b.labels
}

/// A theme that is not there leaves templates and directives missing: only the
/// theme is told. Of a value that the theme cannot use, only the value.
pub(super) fn without_consequences(problems: &mut Vec<Diagnostic>) {
    let is_theme =
        |problem: &Diagnostic| matches!(problem.code, "unknown-theme" | "bad-theme-name" | "theme-cycle");
    if problems.iter().any(is_theme) {
        problems.retain(|problem| {
            !matches!(problem.code, "missing-template" | "template-error" | "unknown-directive")
        });
    }
    if problems.iter().any(|problem| problem.code == "bad-theme-value") {
        let is_of_theme = |problem: &Diagnostic| {
            let source = problem.labels.first().map(|label| label.source.path.as_str());
            source.is_some_and(|path| path.starts_with('<') || path.starts_with("themes/"))
        };
        problems.retain(|problem| problem.code != "template-error" || !is_of_theme(problem));
    }
}

pub(super) fn panicked(doing: &str) -> Diagnostic {
    Diagnostic::error("internal-error", format!("Juxta itself failed while {doing}"))
        .hint("this is a bug in Juxta, not in your site: please report it with the file")
}
