//! Headings.
//!
//! In: headings with attributes. Out: tags with a mark for the id, and the
//! page's title.

use std::ops::Range;

use pulldown_cmark::CowStr;

use super::{OpenHeading, Renderer};
use crate::base::diagnostic::Diagnostic;
use crate::base::source::Span;
use crate::config::AnchorLinks;
use crate::parse::markdown::draft::MarkKind;
use crate::parse::markdown::{Heading, HoleKind, Title, html};

impl<'a> Renderer<'a> {
    pub(super) fn start_heading(
        &mut self,
        level: u8,
        id: Option<CowStr<'a>>,
        classes: &[CowStr<'a>],
        attributes: &[(CowStr<'a>, Option<CowStr<'a>>)],
        range: &Range<usize>,
    ) {
        for (name, _) in attributes {
            let message = format!("headings take an id and classes, not `{name}`");
            let span = self.span_of(name, range);
            let problem = Diagnostic::error("heading-attribute-forbidden", message);
            self.problem(problem.hint("write `{#id .class}`"), span);
        }
        let taken = level == 1 && self.options.take_title && self.document.title.is_none() && !self.begun;
        self.begin_block();
        let before = (self.draft.html.len(), self.draft.marks.len(), self.document.links.len());
        let text = self.body.get(range.clone()).unwrap_or("").trim_end();
        let span = self.span(&(range.start..range.start + text.len()));
        let id = id.map(|id| (id.to_string(), self.span_of(&id, range)));
        self.heading = Some(OpenHeading { level, span, id, text: String::new(), taken, before });
        let index = self.heading_index();
        self.draft.html.push_str("<h");
        self.draft.html.push(char::from(b'0' + level));
        self.draft.mark(MarkKind::HeadingId(index));
        html::list_attribute(&mut self.draft.html, "class", classes.iter().map(AsRef::as_ref));
        self.draft.html.push('>');
        if matches!(self.options.markdown.insert_anchor_links, AnchorLinks::Left | AnchorLinks::Heading) {
            self.draft.hole(HoleKind::Anchor(index));
        }
    }

    /// The heading of a step: one level below the author's last one.
    pub(super) fn step_heading(&mut self, html: &str, title: String, id: Option<(String, Span)>, span: Span) {
        let level = self.level.clamp(1, 5) + 1;
        let index = self.heading_index();
        let tag = char::from(b'0' + level);
        self.draft.html.push_str("<h");
        self.draft.html.push(tag);
        self.draft.mark(MarkKind::HeadingId(index));
        self.draft.html.push('>');
        let links = self.options.markdown.insert_anchor_links;
        if matches!(links, AnchorLinks::Left | AnchorLinks::Heading) {
            self.draft.hole(HoleKind::Anchor(index));
        }
        self.draft.html.push_str(html);
        match links {
            AnchorLinks::Right => self.draft.hole(HoleKind::Anchor(index)),
            AnchorLinks::Heading => self.draft.html.push_str("</a>"),
            AnchorLinks::None | AnchorLinks::Left => {}
        }
        self.draft.html.push_str("</h");
        self.draft.html.push(tag);
        self.draft.html.push_str(">\n");
        if let Some((id, span)) = id {
            self.heading_ids.push((index, id, span));
        }
        self.document.headings.push(Heading { level, id: String::new(), title, span });
    }

    pub(super) fn heading_index(&self) -> u32 {
        u32::try_from(self.document.headings.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn end_heading(&mut self) {
        let Some(heading) = self.heading.take() else { return };
        self.in_word = false;
        self.level = heading.level;
        let text = heading.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if heading.level == 1 && self.options.take_title && self.document.title.is_none() {
            self.document.title = Some(Title { text: text.clone(), span: heading.span });
        }
        if heading.taken {
            let (html, marks, links) = heading.before;
            self.draft.truncate(html, marks);
            self.document.links.truncate(links);
            return;
        }
        let index = self.heading_index();
        match self.options.markdown.insert_anchor_links {
            AnchorLinks::Right => self.draft.hole(HoleKind::Anchor(index)),
            AnchorLinks::Heading => self.draft.html.push_str("</a>"),
            AnchorLinks::None | AnchorLinks::Left => {}
        }
        if let Some((id, span)) = heading.id {
            self.heading_ids.push((index, id, span));
        }
        let out = &mut self.draft.html;
        out.push_str("</h");
        out.push(char::from(b'0' + heading.level));
        out.push_str(">\n");
        let heading = Heading { level: heading.level, id: String::new(), title: text, span: heading.span };
        self.document.headings.push(heading);
    }
}
