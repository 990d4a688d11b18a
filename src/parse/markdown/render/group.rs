//! Groups: panes made of code blocks, of lines, of neighbours.
//!
//! In: code blocks and lines that stand right in `compare`, `tabs` and
//! `code-group`, or beside one another. Out: holes of synthetic directives,
//! `side` or `tab`, around them, and the heading of a step. Must not know whose
//! side a pane is.

use std::ops::Range;

use serde_json::Value;

use super::{Frame, Group, Mode, Renderer};
use crate::base::source::Span;
use crate::parse::markdown::{Directive, HoleKind, STEP_HEADING, directive, fence, html};

/// Directives that make panes of the code blocks right in them, and of what.
pub(super) const GROUPS: [(&str, &str); 3] = [("compare", "side"), ("tabs", "tab"), ("code-group", "tab")];

/// The text of one line of Markdown.
pub(in crate::parse::markdown) fn plain_text(markdown: &str) -> String {
    let parser = pulldown_cmark::Parser::new(markdown);
    parser.fold(String::new(), |mut out, event| {
        if let pulldown_cmark::Event::Text(text) | pulldown_cmark::Event::Code(text) = event {
            out.push_str(&text);
        }
        out
    })
}

impl Renderer<'_> {
    /// The label of a step becomes its heading, which has an anchor and stands
    /// in the contents. It is a part of the group's body, apart from the panes.
    pub(super) fn open_step(&mut self, index: Option<u32>, rest: &Range<usize>) {
        let Some(directive) = index.and_then(|i| self.document.directives.get_mut(i as usize)) else {
            return;
        };
        let span = directive.span;
        let Some(label) = directive.label.take() else { return };
        let id = directive.arguments.iter().position(|(name, _)| name == "id");
        let id = id.map(|at| directive.arguments.remove(at).1);
        let id = id.and_then(|id| Some((id.as_str()?.to_owned(), self.span(rest))));
        if let Some((id, _)) = &id
            && let Some(at) = self.explicit_ids.iter().rposition(|(explicit, _)| explicit == id)
        {
            // It is the heading's now.
            self.explicit_ids.remove(at);
        }
        let text =
            directive::arguments(self.body, rest.clone()).label.map_or(String::new(), |(text, _)| text);
        let heading = Directive {
            name: STEP_HEADING.to_owned(),
            name_span: span,
            label: None,
            arguments: vec![("heading".to_owned(), Value::from(self.heading_index()))],
            span,
            snippets: 0..0,
        };
        let part = self.open_directive(heading);
        self.step_heading(&label, plain_text(&text), id, span);
        self.draft.hole(HoleKind::Close(part));
    }

    /// The group whose panes code blocks are right now, and what they are.
    pub(super) fn group(&self) -> Option<&'static str> {
        match self.frames.last() {
            Some(Frame::Directive { group: Group::Panes { of, .. }, index: Some(_), .. }) => Some(of),
            _ => None,
        }
    }

    /// Closes the pane that a code block has made in the innermost group.
    pub(super) fn end_pane(&mut self) {
        if let Some(Frame::Directive { group: Group::Panes { open, .. }, .. }) = self.frames.last_mut()
            && let Some(pane) = open.take()
        {
            html::fresh_line(&mut self.draft.html);
            self.draft.hole(HoleKind::Close(pane));
        }
    }

    pub(super) fn close_pane(&mut self, group: Group) {
        if let Group::Panes { open: Some(pane), .. } = group {
            html::fresh_line(&mut self.draft.html);
            self.draft.hole(HoleKind::Close(pane));
        }
    }

    /// A code block that begins is a pane of a group made of neighbours, when
    /// there is one or the next block makes it one; `range_end` is where the block
    /// ends. Returns its pane and whether the group goes on.
    pub(super) fn start_neighbour(
        &mut self,
        info: &str,
        span: Span,
        range_end: usize,
    ) -> Option<(u32, bool)> {
        if !self.options.markdown.auto_group || self.mode != Mode::Page || self.group().is_some() {
            return None;
        }
        let language = fence::language_of(info);
        let pane = fence::pane_of(info).filter(|_| !language.is_empty())?;
        let next = self.language_behind(range_end);
        let mut seen = self.auto_group.as_ref().map_or(Vec::new(), |(_, seen)| seen.clone());
        seen.push(language);
        let goes_on = next.is_some_and(|next| !seen.contains(&next));
        if self.auto_group.is_none() {
            if !goes_on {
                return None;
            }
            let group = Directive {
                name: "compare".to_owned(),
                name_span: span,
                label: None,
                arguments: Vec::new(),
                span,
                snippets: 0..0,
            };
            let group = self.open_directive(group);
            self.auto_group = Some((group, Vec::new()));
        }
        if let Some((_, languages)) = &mut self.auto_group {
            *languages = seen;
        }
        let label = pane.label.map(|label| {
            let mut out = String::new();
            html::text(&mut out, &label);
            out
        });
        let side = Directive {
            name: "side".to_owned(),
            name_span: span,
            label,
            arguments: pane.arguments,
            span,
            snippets: 0..0,
        };
        Some((self.open_directive(side), goes_on))
    }

    /// Ends the pane of a neighbour, and the group behind the last one.
    pub(super) fn end_neighbour(&mut self, neighbour: Option<(u32, bool)>) {
        let Some((pane, goes_on)) = neighbour else { return };
        html::fresh_line(&mut self.draft.html);
        self.draft.hole(HoleKind::Close(pane));
        if goes_on {
            return;
        }
        if let Some((group, _)) = self.auto_group.take() {
            html::fresh_line(&mut self.draft.html);
            self.draft.hole(HoleKind::Close(group));
            self.close("\n");
            let end = self.snippet_count();
            if let Some(directive) = self.document.directives.get_mut(group as usize) {
                directive.snippets.end = end;
            }
        }
    }

    /// The language of the code block right behind byte `at` of the body, with
    /// nothing but blank lines between, at the same depth.
    pub(super) fn language_behind(&self, at: usize) -> Option<String> {
        let rest = self.masked.get(at..)?;
        let line = rest.lines().find(|line| !line.trim_matches([' ', '\t', '>']).is_empty())?;
        let before = self.masked.get(..at).unwrap_or("");
        let closing = before.trim_end().rsplit('\n').next().unwrap_or("");
        let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t', '>']).len();
        let fence = line[indent(line)..].trim_end();
        let sign = fence.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let length = fence.chars().take_while(|c| *c == sign).count();
        if length < 3 || indent(line) != indent(closing) {
            return None;
        }
        let info = fence[length..].trim();
        fence::pane_of(info)?;
        Some(fence::language_of(info)).filter(|language| !language.is_empty())
    }

    /// `== label`: right in tabs it begins one.
    pub(super) fn start_tab(&mut self, label: &Range<usize>) -> bool {
        let Some(of @ "tab") = self.group() else { return false };
        self.end_pane();
        let text = self.body[label.clone()].to_owned();
        let directive = Directive {
            name: of.to_owned(),
            name_span: self.span(label),
            label: Some(self.label(&text, label.start)),
            arguments: Vec::new(),
            span: self.span(label),
            snippets: 0..0,
        };
        let index = self.open_directive(directive);
        if let Some(Frame::Directive { group: Group::Panes { open, marked, .. }, .. }) =
            self.frames.last_mut()
        {
            *open = Some(index);
            *marked = true;
        }
        true
    }

    /// A code block begins: right in a group it makes a pane. Returns whether
    /// it is in one.
    pub(super) fn start_pane(&mut self, info: &str, span: Span) -> bool {
        let Some(of) = self.group() else { return false };
        // In a tab that a line has begun, code is a part of it.
        if let Some(Frame::Directive { group: Group::Panes { open: Some(_), marked: true, .. }, .. }) =
            self.frames.last()
        {
            return true;
        }
        let Some(pane) = fence::pane_of(info) else { return true };
        self.end_pane();
        let label = pane.label.map(|label| {
            let mut out = String::new();
            html::text(&mut out, &label);
            out
        });
        let directive = Directive {
            name: of.to_owned(),
            name_span: span,
            label,
            arguments: pane.arguments,
            span,
            snippets: 0..0,
        };
        let index = self.open_directive(directive);
        if let Some(Frame::Directive { group: Group::Panes { open, .. }, .. }) = self.frames.last_mut() {
            *open = Some(index);
        }
        true
    }
}
