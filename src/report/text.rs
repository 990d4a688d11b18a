//! The text with a mark under it, for people.
//!
//! In: sorted problems. Out: what `rustc` would print. The only file that knows
//! annotate-snippets. The crate panics on a range that is not in the text or
//! cuts a character, and it walks the whole text for each problem: it is given
//! the lines around the marks alone, and ranges that were clamped to them.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::base::diagnostic::{Diagnostic, Label, Severity};
use crate::base::source::Source;

use super::one_line;

/// A longer line, in characters, is cut to what is around its first mark.
const LONG_LINE: usize = 400;

/// Characters kept on each side of a mark in a long line.
const AROUND: usize = 100;

/// Lines of a mark that are shown; more say nothing about where it is.
const MARKED_LINES: usize = 5;

/// Labels of one text further apart than this many lines get a snippet each.
const APART: usize = 200;

pub(super) fn render(diagnostics: &[&Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        let (group, places) = group(diagnostic);
        out.push_str(&corrected(renderer.render(&[group]), &places));
        out.push('\n');
    }
    out
}

/// A place as the crate shows it for a part of a line, and as it is.
struct CutPlace {
    shown: String,
    real: String,
}

/// The crate counts columns in the part of a long line that it is given, and
/// takes no other. The title is one line and comes first; then the places come
/// in this order.
fn corrected(mut text: String, places: &[CutPlace]) -> String {
    let mut from = text.find('\n').unwrap_or(text.len());
    for CutPlace { shown, real } in places {
        if let Some(at) = text[from..].find(shown) {
            text.replace_range(from + at..from + at + shown.len(), real);
            from += at + real.len();
        }
    }
    text
}

fn group(diagnostic: &Diagnostic) -> (Group<'_>, Vec<CutPlace>) {
    let Diagnostic { code, severity, message, labels, path, hints } = diagnostic;
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(one_line(message)).id(*code));
    let mut places = Vec::new();
    for excerpt in excerpts(labels) {
        for snippet in excerpt.snippets(&mut places) {
            group = group.element(snippet);
        }
    }
    if let (true, Some(path)) = (labels.is_empty(), path) {
        group = group.element(Origin::path(one_line(path)));
    }
    for hint in hints {
        group = group.element(Level::HELP.message(one_line(hint)));
    }
    (group, places)
}

/// Some lines of one text, with marks.
struct Excerpt<'a> {
    source: &'a Arc<Source>,
    /// Bytes of the source, from a line's start to a line's end.
    lines: Range<usize>,
    /// 1-based number of the first of them.
    first_line: usize,
    labels: Vec<(AnnotationKind, Range<usize>, &'a str)>,
}

/// Labels gathered by text, the primary one's first.
fn excerpts(labels: &[Label]) -> Vec<Excerpt<'_>> {
    let mut excerpts: Vec<Excerpt<'_>> = Vec::new();
    for (i, label) in labels.iter().enumerate() {
        let kind = if i == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let mark = mark(&label.source, label.source.clamp(label.span));
        let lines = whole_lines(&label.source.text, &mark);
        let (first_line, _) = label.source.line_column(lines.start);
        let near = excerpts.iter_mut().find(|excerpt| {
            Arc::ptr_eq(excerpt.source, &label.source) && excerpt.first_line.abs_diff(first_line) <= APART
        });
        match near {
            Some(excerpt) => {
                excerpt.lines.start = excerpt.lines.start.min(lines.start);
                excerpt.lines.end = excerpt.lines.end.max(lines.end);
                excerpt.first_line = excerpt.first_line.min(first_line);
                excerpt.labels.push((kind, mark, &label.text));
            }
            None => excerpts.push(Excerpt {
                source: &label.source,
                lines,
                first_line,
                labels: vec![(kind, mark, &label.text)],
            }),
        }
    }
    excerpts
}

/// The marked bytes: without the line end at their end, and of a long run of
/// lines the first one.
fn mark(source: &Source, range: Range<usize>) -> Range<usize> {
    let marked = source.text[range.clone()].trim_end_matches(['\n', '\r']);
    let lines = marked.split('\n').count();
    let length = match marked.split('\n').next() {
        Some(first) if lines > MARKED_LINES => first.trim_end_matches('\r').len(),
        _ => marked.len(),
    };
    range.start..range.start + length
}

fn whole_lines(text: &str, range: &Range<usize>) -> Range<usize> {
    let start = text[..range.start].rfind('\n').map_or(0, |i| i + 1);
    let end = text[range.end..].find('\n').map_or(text.len(), |i| range.end + i);
    let without_return = text[start..end].strip_suffix('\r').map_or(end, |line| start + line.len());
    start..without_return.max(range.end)
}

impl<'a> Excerpt<'a> {
    fn snippets(self, places: &mut Vec<CutPlace>) -> Vec<Snippet<'a, Annotation<'a>>> {
        let Self { source, lines, first_line, labels } = self;
        let text = &source.text[lines.clone()];
        let path = one_line(&source.path);
        if text.split('\n').any(|line| line.len() > LONG_LINE) {
            return labels.into_iter().map(|label| cut(source, &path, label, places)).collect();
        }
        let annotations = labels.into_iter().map(|(kind, range, label)| {
            annotation(kind, range.start - lines.start..range.end - lines.start, label)
        });
        vec![Snippet::source(text).line_start(first_line).path(path).annotations(annotations)]
    }
}

fn annotation(kind: AnnotationKind, range: Range<usize>, label: &str) -> Annotation<'_> {
    let annotation = kind.span(range);
    if label.is_empty() { annotation } else { annotation.label(one_line(label)) }
}

/// A label with a part of its first line.
fn cut<'a>(
    source: &Source,
    path: &str,
    (kind, range, label): (AnnotationKind, Range<usize>, &'a str),
    places: &mut Vec<CutPlace>,
) -> Snippet<'a, Annotation<'a>> {
    let (line, column) = source.line_column(range.start);
    let whole = source.line_span(line).range();
    let start = range.start.min(whole.end);
    let end = range.end.clamp(start, whole.end);
    let (before, marked, after) =
        (&source.text[whole.start..start], &source.text[start..end], &source.text[end..whole.end]);
    let from = before.char_indices().rev().nth(AROUND).map_or(0, |(i, _)| i);
    let mut text = String::from(if from > 0 { "..." } else { "" });
    text.push_str(&before[from..]);
    let mark_start = text.len();
    push_first(&mut text, marked);
    let mark_end = text.len();
    if mark_end - mark_start == marked.len() {
        push_first(&mut text, after);
    }
    let shown = text[..mark_start].chars().count() + 1;
    places
        .push(CutPlace { shown: format!("{path}:{line}:{shown}"), real: format!("{path}:{line}:{column}") });
    let annotation = annotation(kind, mark_start..mark_end, label);
    Snippet::source(text).line_start(line).path(path.to_owned()).annotation(annotation)
}

/// As much of `text` as is kept beside a mark.
fn push_first(out: &mut String, text: &str) {
    match text.char_indices().nth(AROUND) {
        Some((cut, _)) => {
            out.push_str(&text[..cut]);
            out.push_str("...");
        }
        None => out.push_str(text),
    }
}
