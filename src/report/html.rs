//! An HTML fragment, for the overlay of the development server.
//!
//! In: problems. Out: elements with classes, no style and no script; every text
//! from the author's files is escaped, so that a problem with a page is never
//! part of one. Must not know the page it is put into.

use std::fmt::Write as _;

use crate::base::diagnostic::{Diagnostic, Label};
use crate::base::text::escape;

use super::{Place, sorted};

/// Characters shown on each side of the mark in a long line.
const AROUND: usize = 80;

/// A list of problems, by file and place, each once:
/// `<ol class="juxta-problems"><li class="juxta-problem error">…</ol>`.
pub fn render(diagnostics: &[Diagnostic]) -> String {
    let mut out = String::from("<ol class=\"juxta-problems\">\n");
    for diagnostic in sorted(diagnostics) {
        item(&mut out, diagnostic);
    }
    out.push_str("</ol>\n");
    out
}

fn item(out: &mut String, diagnostic: &Diagnostic) {
    let Diagnostic { code, severity, message, labels, path, hints } = diagnostic;
    let word = severity.word();
    let _ = write!(
        out,
        "<li class=\"juxta-problem {word}\">\n<p class=\"message\"><strong>{word}</strong> <code>{code}</code> "
    );
    escape(out, message);
    out.push_str("</p>\n");
    for label in labels {
        excerpt(out, label);
    }
    if let (true, Some(path)) = (labels.is_empty(), path) {
        out.push_str("<p class=\"place\">");
        escape(out, path);
        out.push_str("</p>\n");
    }
    for hint in hints {
        out.push_str("<p class=\"hint\">");
        escape(out, hint);
        out.push_str("</p>\n");
    }
    out.push_str("</li>\n");
}

/// The first line of the marked text, with the mark; the whole mark if it is
/// on one line.
fn excerpt(out: &mut String, label: &Label) {
    let place = Place::of(label);
    out.push_str("<p class=\"place\">");
    escape(out, &label.source.path);
    let _ = write!(out, ":{}:{}</p>\n<pre><code>", place.line, place.column);
    let line = label.source.line_span(place.line).range();
    let start = place.bytes.start.min(line.end);
    let end = place.bytes.end.clamp(start, line.end);
    let (before, marked, after) = (
        &label.source.text[line.start..start],
        &label.source.text[start..end],
        &label.source.text[end..line.end],
    );
    let cut = before.char_indices().rev().nth(AROUND).map_or(0, |(i, _)| i);
    out.push_str(if cut > 0 { "…" } else { "" });
    escape(out, &before[cut..]);
    out.push_str("<mark>");
    shortened(out, marked);
    out.push_str("</mark>");
    shortened(out, after);
    out.push_str("</code></pre>\n");
    if !label.text.is_empty() {
        out.push_str("<p class=\"label\">");
        escape(out, &label.text);
        out.push_str("</p>\n");
    }
}

fn shortened(out: &mut String, text: &str) {
    match text.char_indices().nth(AROUND) {
        Some((cut, _)) => {
            escape(out, &text[..cut]);
            out.push('…');
        }
        None => escape(out, text),
    }
}
