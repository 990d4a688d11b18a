//! Containers, directives and alerts: what opens must close.
//!
//! In: borders of quotes and items, and lines that may be a directive's. Out:
//! holes that are balanced and never cross a container's tags, whatever the
//! author has closed.

use std::ops::Range;

use serde_json::Value;

use super::group::GROUPS;
use super::{Block, DEEPEST, Frame, Group, LABEL_START, Mode, Renderer};
use crate::base::diagnostic::Diagnostic;
use crate::parse::markdown::directive::{self, Fold, Marker, MarkerKind};
use crate::parse::markdown::{Directive, HoleKind, html};

/// How many open directives are looked at for the one a line closes: more than
/// can be open without a problem, few enough that closing takes no time.
const FARTHEST: usize = 2 * DEEPEST;

impl<'a> Renderer<'a> {
    pub(super) fn open_container(&mut self, tag: &str) {
        self.open(tag);
        self.frames.push(Frame::Container);
    }

    pub(super) fn close_container(&mut self, tag: &str) {
        self.leave_container();
        self.close(tag);
    }

    /// Leaves the innermost container, with the directives still open in it;
    /// returns the alert it is, if it is one.
    pub(super) fn leave_container(&mut self) -> Option<u32> {
        while let Some(frame) = self.frames.pop() {
            match frame {
                Frame::Container => return None,
                Frame::Alert { index } => return Some(index),
                Frame::Directive { .. } => self.abandon(frame),
            }
        }
        None
    }

    /// Closes a directive that its author has not closed.
    pub(super) fn abandon(&mut self, frame: Frame) {
        let Frame::Directive { index, marker, group, .. } = frame else { return };
        self.close_pane(group);
        self.close_directive(index);
        let marker = &self.markers[marker];
        let name = match &marker.kind {
            MarkerKind::Open { name, .. } | MarkerKind::OpenComment { name, .. } => &self.body[name.clone()],
            MarkerKind::Tab { .. }
            | MarkerKind::Close { .. }
            | MarkerKind::CloseComment { .. }
            | MarkerKind::Alert { .. } => "",
        };
        let span = self.span(&marker.range);
        let problem =
            Diagnostic::error("unclosed-directive", format!("the directive `{name}` is never closed"));
        let hint = match &marker.kind {
            MarkerKind::Open { colons, .. } => {
                format!("close it with `{}` in the same list item or quote", ":".repeat((*colons).min(20)))
            }
            _ => format!("close it with `<!-- /{name} -->` in the same list item or quote"),
        };
        self.problem(problem.hint(hint), span);
    }

    pub(super) fn close_directive(&mut self, index: Option<u32>) {
        self.directives_open -= 1;
        if let Some(index) = index {
            html::fresh_line(&mut self.draft.html);
            self.draft.hole(HoleKind::Close(index));
            self.close("\n");
            let end = self.snippet_count();
            if let Some(directive) = self.document.directives.get_mut(index as usize) {
                directive.snippets.end = end;
            }
        }
    }

    pub(super) fn snippet_count(&self) -> u32 {
        u32::try_from(self.document.snippets.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn marker_at(&self, at: usize) -> Option<usize> {
        if self.markers.is_empty() {
            return None;
        }
        self.markers.binary_search_by_key(&at, |marker| marker.range.start).ok()
    }

    pub(super) fn start_quote(&mut self, range: &Range<usize>) {
        // An alert's line is the first of its quote.
        let inside = self.body.get(range.clone()).unwrap_or("").trim_start();
        let inside = inside.strip_prefix('>').unwrap_or(inside);
        let inside = inside.trim_start_matches([' ', '\t']);
        let first = range.end - inside.len();
        let markers = self.markers;
        let marker = self.marker_at(first).map(|index| &markers[index]);
        if let Some(Marker { kind: MarkerKind::Alert { name, fold, title }, range }) = marker
            && self.depth + self.directives_open <= DEEPEST
        {
            let mut arguments = Vec::new();
            if let Some(fold) = fold {
                let state = if *fold == Fold::Open { "open" } else { "closed" };
                arguments.push(("fold".to_owned(), Value::from(state)));
            }
            let label = self.body[title.clone()].to_owned();
            let label = (!label.is_empty()).then(|| self.label(&label, title.start));
            let directive = Directive {
                name: self.body[name.clone()].to_ascii_lowercase(),
                name_span: self.span(name),
                label,
                arguments,
                span: self.span(range),
                snippets: 0..0,
            };
            let index = self.open_directive(directive);
            self.frames.push(Frame::Alert { index });
        } else {
            self.open("<blockquote>\n");
            self.frames.push(Frame::Container);
        }
    }

    pub(super) fn open_directive(&mut self, mut directive: Directive) -> u32 {
        self.begin_block();
        directive.snippets = self.snippet_count()..self.snippet_count();
        let index = u32::try_from(self.document.directives.len()).unwrap_or(u32::MAX);
        self.document.directives.push(directive);
        self.draft.hole(HoleKind::Open(index));
        index
    }

    /// An HTML block begins: maybe it stands for a marked line.
    pub(super) fn start_html(&mut self, range: &Range<usize>) {
        self.block = Some(Block::Html);
        let Some(marker) = self.marker_at(range.start) else { return };
        let markers = self.markers;
        let taken = match &markers[marker].kind {
            MarkerKind::Open { colons, name, rest } => {
                self.start_directive(marker, *colons, name, rest);
                true
            }
            MarkerKind::OpenComment { name, rest } => {
                self.start_directive(marker, 0, name, rest);
                true
            }
            MarkerKind::Close { colons } => {
                if !self.end_directive(*colons) {
                    let span = self.span(&markers[marker].range);
                    self.problem(
                        Diagnostic::error(
                            "unopened-directive",
                            "this closes a directive, but none is open here",
                        ),
                        span,
                    );
                }
                true
            }
            MarkerKind::CloseComment { name } => self.end_comment_directive(&self.body[name.clone()]),
            MarkerKind::Tab { label } => self.start_tab(label),
            // The first line of an alert, else text.
            MarkerKind::Alert { .. } => self.alert_line(range),
        };
        if taken {
            self.block = Some(Block::Marker);
        }
    }

    pub(super) fn alert_line(&mut self, range: &Range<usize>) -> bool {
        let Some(Frame::Alert { index }) = self.frames.last() else { return false };
        self.document.directives[*index as usize].span.start as usize == self.base + range.start
    }

    pub(super) fn start_directive(
        &mut self,
        marker: usize,
        colons: usize,
        name: &Range<usize>,
        rest: &Range<usize>,
    ) {
        self.directives_open += 1;
        let mut index = None;
        let mut group = Group::None;
        if self.depth + self.directives_open > DEEPEST {
            self.tell_depth(name);
        } else {
            let directive = self.directive(marker, name, rest);
            let of = GROUPS.iter().find(|(group, _)| *group == directive.name).map(|(_, of)| *of);
            if let Some(of) = of {
                group = Group::Panes { of, open: None, marked: false };
            }
            // A pane of its own ends the one that a code block has made.
            if matches!(directive.name.as_str(), "side" | "tab") {
                self.end_pane();
            }
            let is_step = directive.name == "compare" && directive.label.is_some();
            index = Some(self.open_directive(directive));
            if is_step {
                self.open_step(index, rest);
            }
        }
        self.frames.push(Frame::Directive { index, colons, marker, group });
    }

    pub(super) fn directive(&mut self, marker: usize, name: &Range<usize>, rest: &Range<usize>) -> Directive {
        let name_text = self.body[name.clone()].to_owned();
        if name_text.is_empty() {
            let span = self.span(&self.markers[marker].range);
            self.problem(Diagnostic::error("bad-directive-argument", "expected a name before `{`"), span);
        }
        let arguments = directive::arguments(self.body, rest.clone());
        for (range, message) in arguments.problems {
            let span = self.span(&range);
            self.problem(Diagnostic::error("bad-directive-argument", message), span);
        }
        for (key, value) in &arguments.values {
            if let ("id", Value::String(id)) = (key.as_str(), value) {
                let span = self.span(rest);
                self.explicit_ids.push((id.clone(), span));
            }
        }
        let label = arguments.label.map(|(text, range)| self.label(&text, range.start));
        Directive {
            name: name_text,
            name_span: self.span(name),
            label,
            arguments: arguments.values,
            span: self.span(&self.markers[marker].range),
            snippets: 0..0,
        }
    }

    /// Closes the directive a line of that many colons is for: the innermost
    /// with as many, else the innermost with fewer; those inside it are unclosed.
    pub(super) fn end_directive(&mut self, closing: usize) -> bool {
        let mut fewer = None;
        let mut equal = None;
        for (i, frame) in self.frames.iter().enumerate().rev().take(FARTHEST) {
            let Frame::Directive { colons, .. } = frame else { break };
            if *colons == closing {
                equal = Some(i);
                break;
            }
            if *colons > 0 && *colons < closing && fewer.is_none() {
                fewer = Some(i);
            }
        }
        self.close_frame(equal.or(fewer))
    }

    /// Closes the innermost directive of that name that a comment has opened.
    pub(super) fn end_comment_directive(&mut self, name: &str) -> bool {
        let mut found = None;
        for (i, frame) in self.frames.iter().enumerate().rev().take(FARTHEST) {
            let Frame::Directive { colons, marker, .. } = frame else { break };
            if *colons == 0
                && let MarkerKind::OpenComment { name: open, .. } = &self.markers[*marker].kind
                && &self.body[open.clone()] == name
            {
                found = Some(i);
                break;
            }
        }
        self.close_frame(found)
    }

    pub(super) fn close_frame(&mut self, frame: Option<usize>) -> bool {
        let Some(frame) = frame else { return false };
        while self.frames.len() > frame + 1 {
            if let Some(inner) = self.frames.pop() {
                self.abandon(inner);
            }
        }
        if let Some(Frame::Directive { index, group, .. }) = self.frames.pop() {
            self.close_pane(group);
            self.close_directive(index);
        }
        true
    }

    /// Renders a label: one line of inline Markdown at byte `at` of the body.
    pub(in crate::parse::markdown) fn label(&mut self, text: &str, at: usize) -> String {
        let plain = !text.bytes().any(|b| b"\\`*_{}[]<>&~^$|:@!.'\"-".contains(&b));
        if plain {
            let mut out = String::with_capacity(text.len());
            html::text(&mut out, text);
            self.in_word = false;
            self.count_words(text);
            self.in_word = false;
            return out;
        }
        let line = format!("{LABEL_START}{text}");
        let base = (self.base + at).saturating_sub(LABEL_START.len());
        let mut renderer = Renderer::new(self.source, base, &line, &line, &[], self.options, self.inputs);
        renderer.mode = Mode::Label;
        renderer.walk();
        self.document.word_count += renderer.document.word_count.saturating_sub(1);
        self.explicit_ids.append(&mut renderer.explicit_ids);
        self.problems.append(&mut renderer.problems);
        let html = renderer.draft.html.trim_end();
        let inner = html.strip_prefix("<p>x ").and_then(|html| html.strip_suffix("</p>"));
        inner.map_or_else(
            || {
                let mut out = String::new();
                html::text(&mut out, text);
                out
            },
            str::to_owned,
        )
    }
}
