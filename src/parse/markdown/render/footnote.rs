//! Footnotes.
//!
//! In: definitions. Out: their text, in place or set aside for the end.

use std::ops::Range;

use super::{Frame, Renderer};
use crate::base::diagnostic::Diagnostic;
use crate::parse::markdown::draft::{Footnote, MarkKind};

impl<'a> Renderer<'a> {
    /// The index of a footnote. Names are compared as pulldown-cmark does:
    /// without case.
    pub(super) fn footnote(&mut self, name: &str) -> u32 {
        let key = name.to_lowercase();
        if let Some(index) = self.footnotes_by_name.get(&key) {
            return *index;
        }
        let index = u32::try_from(self.footnotes.len()).unwrap_or(u32::MAX);
        self.footnotes.push(Footnote { name: name.to_owned(), ..Footnote::default() });
        self.footnotes_by_name.insert(key, index);
        index
    }

    pub(super) fn start_footnote(&mut self, name: &str, range: &Range<usize>) {
        self.frames.push(Frame::Container);
        self.begin_block();
        let index = self.footnote(name);
        let before = (self.draft.html.len(), self.draft.marks.len());
        let line = self.body.get(range.clone()).and_then(|text| text.lines().next()).unwrap_or("");
        let span = self.span(&(range.start..range.start + line.len()));
        let note = &mut self.footnotes[index as usize];
        if let Some(first) = note.defined {
            let problem =
                Diagnostic::error("duplicate-footnote", format!("the footnote `{name}` is defined twice"));
            self.problems.push(problem.label(self.source, span, "defined again here").label(
                self.source,
                first,
                "first defined here",
            ));
            self.definitions.push((None, before.0, before.1));
            return;
        }
        note.defined = Some(span);
        self.definitions.push((Some(index), before.0, before.1));
        if !self.options.markdown.bottom_footnotes {
            let out = &mut self.draft.html;
            out.push_str("<div class=\"footnote-definition\"");
            self.draft.mark(MarkKind::FootnoteId(index));
            self.draft.html.push_str("><sup class=\"footnote-definition-label\">");
            self.draft.mark(MarkKind::Number(index));
            self.draft.html.push_str("</sup>");
        }
    }

    pub(super) fn end_footnote(&mut self) {
        self.leave_container();
        let Some((index, html, marks)) = self.definitions.pop() else { return };
        match index {
            Some(index) if self.options.markdown.bottom_footnotes => {
                self.footnotes[index as usize].text = Some(self.draft.split_off(html, marks));
            }
            Some(_) => self.close("</div>\n"),
            None => self.draft.truncate(html, marks),
        }
    }
}
