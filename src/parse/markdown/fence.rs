//! Fences: code blocks handed to the code engine.
//!
//! In: the text and the info string of one block, with their places. Out: its
//! HTML, its snippet, and the engine's problems at their places in the file.
//! The only file of this module that calls `code`.

use std::sync::Arc;

use super::gather::Gather;
use super::{Snippet, html};
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::source::{Source, Span};
use crate::code::{CodeOptions, Place, fence_html};

/// One fenced block.
pub(super) struct Fence<'a> {
    /// The info string, escapes undone.
    pub(super) info: &'a str,
    /// Where the info string starts in the file, when it stands there as it is.
    pub(super) info_at: Option<usize>,
    /// The code.
    pub(super) text: &'a Gather<'a>,
    /// Where the body starts in the file.
    pub(super) base: usize,
    /// Where the block stands in the file.
    pub(super) span: Span,
}

/// What became of it.
pub(super) struct Outcome {
    pub(super) snippet: Snippet,
    pub(super) ids: Vec<String>,
    pub(super) problems: Vec<Diagnostic>,
}

/// Appends the HTML of a fenced block.
pub(super) fn code_block(
    out: &mut String,
    fence: &Fence<'_>,
    source: &Arc<Source>,
    options: &CodeOptions,
) -> Outcome {
    let outcome = fence_html(out, fence.text.text(), fence.info, options);
    html::fresh_line(out);
    let place = |range: std::ops::Range<usize>| {
        let (start, end) = fence.text.span_of(range.start, range.end);
        Span::new(fence.base + start, fence.base + end)
    };
    let problems = outcome.problems.into_iter().map(|problem| {
        let span = match &problem.place {
            Place::Info(range) => fence
                .info_at
                .map_or(first_line(source, fence.span), |at| Span::new(at + range.start, at + range.end)),
            Place::Text(range) => place(range.clone()),
        };
        let span = source.clamp(span).into();
        let mut diagnostic = match problem.severity {
            Severity::Error => Diagnostic::error(problem.code, problem.message),
            Severity::Warning => Diagnostic::warning(problem.code, problem.message),
            Severity::Note => Diagnostic::note(problem.code, problem.message),
        };
        diagnostic.hints = problem.hints;
        let labels = problem.labels.into_iter();
        labels.fold(diagnostic.at(source, span), |diagnostic, (range, label)| {
            diagnostic.label(source, source.clamp(place(range)).into(), label)
        })
    });
    let problems = problems.collect();
    let (start, end) = fence.text.span_of(0, fence.text.text().len());
    let span = if fence.text.is_empty() {
        Span::at(first_line(source, fence.span).end as usize)
    } else {
        source.clamp(Span::new(fence.base + start, fence.base + end)).into()
    };
    Outcome { snippet: Snippet { language: outcome.language, span }, ids: outcome.ids, problems }
}

/// Appends the HTML of an indented block, which has no language.
pub(super) fn indented(out: &mut String, text: &str) {
    out.push_str("<pre><code>");
    html::text(out, text);
    out.push_str("</code></pre>\n");
}

/// The first line of a span.
fn first_line(source: &Source, span: Span) -> Span {
    let line = source.slice(span).lines().next().map_or(0, str::len);
    Span::new(span.start as usize, span.start as usize + line)
}
