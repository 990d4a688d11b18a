//! Links and images.
//!
//! In: targets. Out: tags; a hole for each target within the site, a problem
//! for each that is refused.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType};

use super::{Mode, OpenImage, Renderer};
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::without_place;
use crate::base::source::Span;
use crate::parse::markdown::links::{Target, classify};
use crate::parse::markdown::{HoleKind, Link, LinkKind, html};

impl<'a> Renderer<'a> {
    /// Opens a link unless its target forbids it; says whether.
    pub(super) fn start_link(&mut self, kind: LinkType, target: &str, title: &str, range: &Range<usize>) {
        let mail = kind == LinkType::Email;
        let class = match classify(target, false) {
            _ if mail => Target::Scheme,
            // Labels have no holes; this address needs none.
            Target::Local if self.mode == Mode::Label && without_place(target).is_some() => Target::Scheme,
            class => class,
        };
        let span = self.span_of(target, range);
        let bare = matches!(kind, LinkType::WikiLink { has_pothole: false });
        let written = match class {
            Target::Forbidden(scheme) => {
                self.forbidden(scheme, span);
                false
            }
            Target::Local if self.mode == Mode::Label => {
                let problem = Diagnostic::warning("link-in-label", "a label cannot link within the site");
                self.problem(problem.hint("move the link into the body of the directive"), span);
                false
            }
            Target::Empty => {
                self.empty(range);
                true
            }
            Target::Local | Target::Host | Target::Scheme => true,
        };
        self.links_open.push(written);
        if !written {
            return;
        }
        let out = &mut self.draft.html;
        out.push_str(if mail { "<a href=\"mailto:" } else { "<a href=\"" });
        let index = self.target(
            class,
            target,
            span,
            match kind {
                LinkType::WikiLink { .. } => LinkKind::Wiki,
                _ => LinkKind::Link,
            },
        );
        let out = &mut self.draft.html;
        out.push('"');
        if !title.is_empty() {
            html::attribute(out, "title", title);
        }
        if class == Target::Host {
            out.push_str(&self.host_attributes);
        }
        out.push('>');
        if let (true, Some(index)) = (bare, index) {
            self.draft.hole(HoleKind::LinkTitle(index));
            self.in_bare_wikilink = true;
            if let Some(heading) = &mut self.heading {
                heading.text.push_str(target);
            }
        }
    }

    /// Writes a target inside a quoted attribute, or a hole for it.
    pub(super) fn target(
        &mut self,
        class: Target<'_>,
        target: &str,
        span: Span,
        kind: LinkKind,
    ) -> Option<u32> {
        if class == Target::Local {
            let index = u32::try_from(self.document.links.len()).unwrap_or(u32::MAX);
            self.document.links.push(Link { kind, target: target.to_owned(), span });
            self.draft.hole(HoleKind::Link(index));
            Some(index)
        } else {
            html::address(&mut self.draft.html, target);
            None
        }
    }

    pub(super) fn forbidden(&mut self, scheme: &str, span: Span) {
        let message = format!("links with the scheme `{}:` are not allowed", scheme.to_ascii_lowercase());
        let problem = Diagnostic::error("forbidden-link-scheme", message);
        self.problem(problem.hint("allowed are http, https, mailto, tel, and paths within the site"), span);
    }

    pub(super) fn empty(&mut self, range: &Range<usize>) {
        let span = self.span(range);
        self.problem(Diagnostic::error("empty-link", "expected a target, found none"), span);
    }

    /// Inside an image everything is alternative text.
    pub(super) fn image_event(&mut self, event: &Event<'a>) {
        let Some(image) = &mut self.image else { return };
        match event {
            Event::Start(_) => image.depth += 1,
            Event::End(_) if image.depth > 0 => image.depth -= 1,
            Event::End(_) => {
                self.depth -= 1;
                if let Some(image) = self.image.take() {
                    self.end_image(&image);
                }
            }
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                image.text.push_str(text);
            }
            Event::SoftBreak | Event::HardBreak => image.text.push(' '),
            Event::Text(_)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::Rule
            | Event::TaskListMarker(_) => {}
        }
    }

    pub(super) fn end_image(&mut self, image: &OpenImage<'a>) {
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(&image.text);
        }
        let class = classify(&image.target, true);
        match class {
            Target::Forbidden(scheme) => {
                self.forbidden(scheme, image.span);
                html::text(&mut self.draft.html, &image.text);
                return;
            }
            Target::Local if self.mode == Mode::Label => {
                let problem =
                    Diagnostic::warning("link-in-label", "a label cannot show an image of the site");
                self.problem(problem, image.span);
                html::text(&mut self.draft.html, &image.text);
                return;
            }
            Target::Empty => {
                self.problem(Diagnostic::error("empty-link", "expected a target, found none"), image.span);
            }
            Target::Local | Target::Host | Target::Scheme => {}
        }
        let is_picture = self.options.pictures && class == Target::Local;
        if is_picture {
            let index = u32::try_from(self.document.links.len()).unwrap_or(u32::MAX);
            self.draft.hole(HoleKind::Picture(index));
        }
        self.draft.html.push_str("<img src=\"");
        self.target(class, &image.target, image.span, LinkKind::Image);
        self.draft.html.push('"');
        if is_picture {
            self.draft.hole(HoleKind::PictureSize);
        }
        let out = &mut self.draft.html;
        html::attribute(out, "alt", &image.text);
        if !image.title.is_empty() {
            html::attribute(out, "title", &image.title);
        }
        if self.options.markdown.lazy_async_image {
            // The first is seen at once, most often.
            if std::mem::replace(&mut self.has_image, true) {
                out.push_str(" loading=\"lazy\"");
            }
            out.push_str(" decoding=\"async\"");
        }
        out.push_str(" />");
        if is_picture {
            self.draft.hole(HoleKind::PictureEnd);
        }
    }
}
