//! Fences: code blocks handed to the code engine.
//!
//! In: the text and the info string of one block, with their places. Out: its
//! HTML, its snippet, and the engine's problems at their places in the file.
//! The only file of this module that calls `code`.

use std::sync::Arc;

use super::gather::Gather;
use super::{Attribute, Marked, Snippet, html};
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::source::{Source, Span};
use crate::code::fence::Check;
use crate::code::{CodeOptions, Place, fence_html, read_info};

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
    let marked = marked(fence, source);
    let start = out.len();
    let outcome = fence_html(out, fence.text.text(), fence.info, options);
    if marked.as_ref().is_some_and(|marked| marked.is("hide")) {
        out.truncate(start);
    }
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
    Outcome { snippet: Snippet { language: outcome.language, span, marked }, ids: outcome.ids, problems }
}

/// Attributes that make a snippet one that `check --run` has to do with.
const OF_RUNNING: &[&str] = &["run", "id", "continues", "after", "hide", "expect", "output"];

/// What the info string says about running, if anything.
fn marked(fence: &Fence<'_>, source: &Source) -> Option<Box<Marked>> {
    if !fence.info.contains("output") && !fence.info.contains([' ', '\t', ',', '{', '[', ':']) {
        return None;
    }
    let read = read_info(fence.info);
    let is_skipped = matches!(read.check, Some(Check::Skip(_)));
    let is_output = read.language == "output";
    if !is_output && read.reserved.iter().all(|reserved| !OF_RUNNING.contains(&reserved.name)) {
        return None;
    }
    let attributes = read.reserved.into_iter().map(|reserved| {
        let span = fence.info_at.map_or(first_line(source, fence.span), |at| {
            source.clamp(Span::new(at + reserved.place.start, at + reserved.place.end)).into()
        });
        Attribute { name: reserved.name, value: reserved.value, span }
    });
    Some(Box::new(Marked {
        title: read.title,
        attributes: attributes.collect(),
        is_skipped,
        text: fence.text.text().to_owned(),
        block: fence.span,
    }))
}

impl Marked {
    /// The attribute of that name; the last counts.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().rfind(|attribute| attribute.name == name)
    }

    /// Whether the attribute of that name is there and not switched off.
    pub fn is(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(Attribute::is_on)
    }
}

impl Attribute {
    /// A bare word is on, and every value but the words for off.
    pub fn is_on(&self) -> bool {
        !matches!(self.value.as_deref(), Some("false" | "no" | "off"))
    }
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
