//! Raw HTML.
//!
//! In: HTML an author wrote. Out: the same with holes for targets within the
//! site, or text where raw HTML is off. The comment `more` ends the summary.

use std::ops::Range;

use super::{Block, Mode, Renderer};
use crate::base::diagnostic::Diagnostic;
use crate::parse::markdown::directive::{Marker, MarkerKind};
use crate::parse::markdown::gather::Gather;
use crate::parse::markdown::links::{Target, classify};
use crate::parse::markdown::raw::{self, Use};
use crate::parse::markdown::{HoleKind, LinkKind, html};

/// What raw HTML begins with when its lines are not meant as Markdown.
const VERBATIM: [&str; 5] = ["pre", "script", "style", "textarea", "!--"];

impl<'a> Renderer<'a> {
    pub(super) fn html_line(&mut self, text: &str, range: &Range<usize>) {
        let slice =
            self.place_of(text).and_then(|at| self.body.get(at..at + text.len()).map(|text| (at, text)));
        match slice {
            Some((at, text)) => self.block_text.push(self.body, at, text, false),
            None => self.block_text.push(self.body, range.start, text, true),
        }
    }

    pub(super) fn end_html(&mut self, range: &Range<usize>) {
        let text = std::mem::take(&mut self.block_text);
        if let Some(Block::Marker) = self.block.take() {
            return;
        }
        self.tell_of_markers(text.text(), range);
        let comment = raw::comment(text.text());
        if comment.is_some_and(|comment| comment.eq_ignore_ascii_case("more")) {
            self.summary_pending = true;
            self.end_summary();
        } else if !text.text().trim_start().starts_with('<') {
            // A marked line that is none after all.
            self.open("<p>");
            html::text(&mut self.draft.html, text.text().trim());
            self.draft.html.push_str("</p>\n");
        } else if self.options.markdown.raw_html {
            if comment.is_none() {
                self.begun = true;
            }
            html::fresh_line(&mut self.draft.html);
            self.pass_through(&text);
        } else if comment.is_none() {
            self.refuse_html(range);
            self.open("<p>");
            html::text(&mut self.draft.html, text.text().trim_end());
            self.draft.html.push_str("</p>\n");
        }
    }

    /// A directive's line right below a tag is a part of the HTML for CommonMark,
    /// which is seldom what was meant.
    fn tell_of_markers(&mut self, html: &str, range: &Range<usize>) {
        let from = self.markers.partition_point(|marker| marker.range.start <= range.start);
        let mut inside = self.markers[from..].iter().take_while(|marker| marker.range.start < range.end);
        let colons =
            |marker: &&Marker| matches!(marker.kind, MarkerKind::Open { .. } | MarkerKind::Close { .. });
        let Some(first) = inside.find(colons) else { return };
        let name = html.trim_start().trim_start_matches('<').to_ascii_lowercase();
        if VERBATIM.iter().any(|verbatim| name.starts_with(verbatim)) {
            return;
        }
        let span = self.span(&first.range);
        let problem =
            Diagnostic::warning("directive-in-html", "this directive is inside raw HTML and stays text");
        self.problem(problem.hint("put an empty line before it"), span);
    }

    pub(super) fn inline_html(&mut self, text: &str, range: &Range<usize>) {
        if self.block.is_some() {
            return self.html_line(text, range);
        }
        let text = self.unmasked(text);
        let comment = raw::comment(text);
        if comment.is_some_and(|comment| comment.eq_ignore_ascii_case("more")) {
            self.summary_pending = true;
        } else if !text.starts_with('<') {
            html::text(&mut self.draft.html, text);
        } else if self.options.markdown.raw_html {
            match text.get(..3).map(str::to_ascii_lowercase).as_deref() {
                Some("<a " | "<a\n" | "<a\t") => self.in_raw_link = true,
                Some("</a") => self.in_raw_link = false,
                _ => {}
            }
            let mut gather = Gather::default();
            match self.body.get(range.clone()) {
                Some(slice) if slice == text => gather.push(self.body, range.start, slice, false),
                _ => gather.push(self.body, range.start, text, true),
            }
            self.pass_through(&gather);
        } else if comment.is_none() {
            self.refuse_html(range);
            html::text(&mut self.draft.html, text);
        }
    }

    pub(super) fn refuse_html(&mut self, range: &Range<usize>) {
        if !std::mem::replace(&mut self.raw_html_told, true) {
            let text = self.body.get(range.clone()).unwrap_or("");
            let line = text.lines().next().map_or(0, str::len);
            let span = self.span(&(range.start..range.start + line));
            let problem = Diagnostic::warning("raw-html-off", "raw HTML is shown as text");
            self.problem(problem.hint("`markdown.raw_html` is off"), span);
        }
    }

    /// Passes raw HTML through; targets within the site become holes.
    pub(super) fn pass_through(&mut self, raw: &Gather<'a>) {
        let text = raw.text();
        let mut last = 0;
        // Every attribute has its `=`: most tags have none.
        if memchr::memchr(b'=', text.as_bytes()).is_some() {
            for attribute in raw::attributes(text) {
                let (start, end) = raw.span_of(attribute.range.start, attribute.range.end);
                let span = self.span(&(start..end));
                let kind = match attribute.usage {
                    Use::Id => {
                        self.explicit_ids.push((attribute.value, span));
                        continue;
                    }
                    Use::Link => LinkKind::Link,
                    Use::Image => LinkKind::Image,
                };
                // What no file of a site can be named is the author's business.
                let odd = attribute.value.contains(['\\', '`', '"', '<', '>', '\n', '\r']);
                let local = classify(attribute.value.trim(), false) == Target::Local;
                if !local || odd || self.mode == Mode::Label {
                    continue;
                }
                self.draft.html.push_str(&text[last..attribute.range.start]);
                self.draft.html.push('"');
                self.target(Target::Local, attribute.value.trim(), span, kind);
                self.draft.html.push('"');
                last = attribute.range.end;
            }
        }
        self.draft.html.push_str(&text[last..]);
    }

    /// Ends the summary here if it was to end at the next border of blocks.
    pub(super) fn end_summary(&mut self) {
        if !std::mem::take(&mut self.summary_pending) || self.document.has_summary {
            return;
        }
        self.document.has_summary = true;
        html::fresh_line(&mut self.draft.html);
        self.draft.hole(HoleKind::Summary);
        self.draft.html.push_str("<span id=\"continue-reading\"></span>\n");
    }
}
