//! Events to HTML: one walk over what pulldown-cmark finds in a body.
//!
//! In: a body with its markers masked, and options. Out: a draft of the HTML,
//! tables of links, directives, headings and the like, and problems. The walk
//! keeps its own stack of containers, so the depth of a page costs memory and
//! never the program's stack. What an address, an id or a number will be is
//! left to marks; see `draft`.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{
    Alignment, CodeBlockKind, CowStr, Event, LinkType, Options as Flags, Parser, Tag, TagEnd,
};
use serde_json::Value;

use super::directive::{self, Fold, Marker, MarkerKind};
use super::draft::{self, Draft, Footnote, MarkKind};
use super::gather::Gather;
use super::links::{Target, classify};
use super::raw::{self, Use};
use super::{Directive, Document, Heading, HoleKind, Link, LinkKind, Options, Title};
use super::{anchors::Anchors, autolink, emoji, fence, html, math, script, words};
use crate::base::diagnostic::Diagnostic;
use crate::base::source::{Source, Span};
use crate::config::AnchorLinks;

/// Deepest nesting that is not a problem. Readers of the HTML recurse where we
/// do not: browsers stop at 512.
const DEEPEST: usize = 256;

/// Longest name of a footnote looked for when a reference leads nowhere.
const LONGEST_NOTE_NAME: usize = 64;

/// Something open that a directive cannot reach out of, or a directive.
#[derive(Debug, Clone, Copy)]
enum Frame {
    /// A quote, an item, a definition or a footnote.
    Container,
    /// A quote that is an alert.
    Alert { index: u32 },
    /// A directive; 0 colons stand for a comment. Those too deep have no index.
    Directive { index: Option<u32>, colons: usize, marker: usize },
}

/// A heading that is being written.
#[derive(Debug)]
struct OpenHeading {
    level: u8,
    span: Span,
    id: Option<(String, Span)>,
    text: String,
    /// It becomes the page's title and leaves the body.
    taken: bool,
    /// What had been written before it: bytes, marks, links.
    before: (usize, usize, usize),
}

/// An image whose alternative text is being read.
#[derive(Debug)]
struct OpenImage<'a> {
    depth: usize,
    text: String,
    target: CowStr<'a>,
    title: CowStr<'a>,
    span: Span,
}

/// A block whose text is being read.
#[derive(Debug)]
enum Block<'a> {
    Fence {
        info: CowStr<'a>,
        span: Span,
    },
    Indented,
    Html,
    /// A directive's line: its text stands for nothing.
    Marker,
}

/// Something found in plain text.
enum Found {
    Link(autolink::Kind),
    Emoji(&'static str),
    Script,
}

/// How the walk is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// A body.
    Page,
    /// A directive's label: one line of text, behind [`LABEL_START`].
    Label,
}

/// What keeps a label from being taken for a heading or a list.
const LABEL_START: &str = "x ";

/// The walk over one body.
pub(super) struct Renderer<'a> {
    mode: Mode,
    source: &'a Arc<Source>,
    /// Where the body starts in the file.
    base: usize,
    /// The body as written.
    body: &'a str,
    /// The body as parsed.
    masked: &'a str,
    markers: &'a [Marker],
    options: &'a Options,

    draft: Draft,
    document: Document,
    problems: Vec<Diagnostic>,

    /// Text events not written yet.
    text: Gather<'a>,
    block: Option<Block<'a>>,
    block_text: Gather<'a>,
    image: Option<OpenImage<'a>>,
    heading: Option<OpenHeading>,
    frames: Vec<Frame>,
    depth: usize,
    too_deep: bool,
    /// Directives that are open.
    directives_open: usize,
    /// For each open link, whether it has been written.
    links_open: Vec<bool>,
    /// In a wikilink whose text is the title of its page.
    in_bare_wikilink: bool,
    /// Attributes of links to other hosts.
    host_attributes: String,

    alignments: Vec<Alignment>,
    column: usize,
    in_table_head: bool,
    in_table_body: bool,

    explicit_ids: Vec<(String, Span)>,
    /// Explicit ids of headings, by index of the heading.
    heading_ids: Vec<(u32, String, Span)>,
    footnotes: Vec<Footnote>,
    footnotes_by_name: HashMap<String, u32>,
    /// Footnotes being defined: index, bytes and marks before it.
    definitions: Vec<(Option<u32>, usize, usize)>,

    /// Something other than comments has been seen.
    begun: bool,
    /// A comment inside a paragraph ends the summary behind the paragraph.
    summary_pending: bool,
    raw_html_told: bool,
    /// Between the tags of a link written as HTML.
    in_raw_link: bool,
    /// The text so far ends within a word.
    in_word: bool,
}

impl<'a> Renderer<'a> {
    /// A walk over `body`, which starts at byte `base` of the source.
    pub(super) fn new(
        source: &'a Arc<Source>,
        base: usize,
        body: &'a str,
        masked: &'a str,
        markers: &'a [Marker],
        options: &'a Options,
    ) -> Self {
        Self {
            mode: Mode::Page,
            source,
            base,
            body,
            masked,
            markers,
            options,
            draft: Draft { html: String::with_capacity(body.len() + body.len() / 4), marks: Vec::new() },
            document: Document::default(),
            problems: Vec::new(),
            text: Gather::default(),
            block: None,
            block_text: Gather::default(),
            image: None,
            heading: None,
            frames: Vec::new(),
            depth: 0,
            too_deep: false,
            directives_open: 0,
            links_open: Vec::new(),
            in_bare_wikilink: false,
            host_attributes: host_attributes(options),
            alignments: Vec::new(),
            column: 0,
            in_table_head: false,
            in_table_body: false,
            explicit_ids: Vec::new(),
            heading_ids: Vec::new(),
            footnotes: Vec::new(),
            footnotes_by_name: HashMap::new(),
            definitions: Vec::new(),
            begun: false,
            summary_pending: false,
            raw_html_told: false,
            in_raw_link: false,
            in_word: false,
        }
    }

    /// Walks to the end.
    pub(super) fn run(mut self) -> (Document, Vec<Diagnostic>) {
        self.walk();
        self.finish()
    }

    fn walk(&mut self) {
        let masked = self.masked;
        for (event, range) in Parser::new_ext(masked, flags(self.options)).into_offset_iter() {
            self.event(event, &range);
        }
        self.flush_text();
        while let Some(frame) = self.frames.pop() {
            self.abandon(frame);
        }
        self.end_summary();
    }

    fn finish(mut self) -> (Document, Vec<Diagnostic>) {
        let mut anchors = Anchors::default();
        let explicit = self.explicit_ids.iter().map(|(id, span)| (id, *span));
        let mut explicit: Vec<_> =
            explicit.chain(self.heading_ids.iter().map(|(_, id, span)| (id, *span))).collect();
        explicit.sort_by_key(|(_, span)| *span);
        for (id, span) in explicit {
            if let Err(first) = anchors.reserve(id, span) {
                let problem =
                    Diagnostic::error("duplicate-anchor", format!("two places have the anchor `{id}`"));
                self.problems.push(problem.label(self.source, span, "given again here").label(
                    self.source,
                    first,
                    "first given here",
                ));
            }
        }
        for note in &mut self.footnotes {
            let name: String = note.name.split_whitespace().collect::<Vec<_>>().join("-");
            if self.options.markdown.bottom_footnotes {
                let id = anchors.unique(&format!("fn-{name}"));
                note.id = id["fn-".len()..].to_owned();
            } else {
                note.id = anchors.unique(&name);
            }
        }
        for (index, id, _) in std::mem::take(&mut self.heading_ids) {
            self.document.headings[index as usize].id = id;
        }
        for heading in self.document.headings.iter_mut().filter(|heading| heading.id.is_empty()) {
            heading.id = anchors.of_heading(&heading.title, self.options.anchors);
        }
        let bottom = self.options.markdown.bottom_footnotes;
        let assembled = draft::assemble(&self.draft, &mut self.footnotes, &self.document.headings, bottom);
        self.document.html = assembled.html;
        self.document.holes = assembled.holes;
        self.document.ids.extend(self.explicit_ids.into_iter().map(|(id, _)| id));
        self.document.ids.extend(assembled.ids);
        for (name, span) in assembled.unused {
            let message = format!("nothing refers to the footnote `{name}`");
            self.problems.push(Diagnostic::warning("unused-footnote", message).at(self.source, span));
        }
        (self.document, self.problems)
    }

    // Places.

    fn span(&self, range: &Range<usize>) -> Span {
        Span::new(self.base + range.start, self.base + range.end)
    }

    /// Where a text stands in the body, if it is a slice of it.
    fn place_of(&self, text: &str) -> Option<usize> {
        let start = (text.as_ptr() as usize).checked_sub(self.masked.as_ptr() as usize)?;
        (start + text.len() <= self.masked.len()).then_some(start)
    }

    /// The span of a text that is a slice of the body, else of `range`.
    fn span_of(&self, text: &str, range: &Range<usize>) -> Span {
        match self.place_of(text) {
            Some(start) if !text.is_empty() => self.span(&(start..start + text.len())),
            _ => self.span(range),
        }
    }

    /// The text as written where the mask may have hidden it.
    fn unmasked<'t>(&self, text: &'t str) -> &'t str
    where
        'a: 't,
    {
        if self.markers.is_empty() {
            return text;
        }
        self.place_of(text).and_then(|start| self.body.get(start..start + text.len())).unwrap_or(text)
    }

    fn problem(&mut self, problem: Diagnostic, span: Span) {
        let problem = problem.at(self.source, span);
        self.problems.push(problem);
    }

    // Events.

    fn event(&mut self, event: Event<'a>, range: &Range<usize>) {
        if let Event::Text(text) = &event {
            let place = self.place_of(text);
            let gather = if self.block.is_some() { &mut self.block_text } else { &mut self.text };
            match place.and_then(|at| self.body.get(at..at + text.len()).map(|text| (at, text))) {
                Some((at, text)) => gather.push(self.body, at, text, false),
                None => gather.push(self.body, range.start, text, true),
            }
            return;
        }
        self.flush_text();
        if self.in_bare_wikilink && !matches!(event, Event::End(TagEnd::Link)) {
            return;
        }
        if self.image.is_some() {
            return self.image_event(&event);
        }
        match event {
            Event::Start(tag) => {
                self.enter(range);
                self.start(tag, range);
            }
            Event::End(tag) => {
                self.depth -= 1;
                self.end(tag, range);
            }
            Event::Html(text) => self.html_line(&text, range),
            Event::InlineHtml(text) => self.inline_html(&text, range),
            Event::Text(_) => {}
            Event::Code(text) => self.inline_code(&text),
            Event::InlineMath(text) => self.math(&text, false, range),
            Event::DisplayMath(text) => self.math(&text, true, range),
            Event::FootnoteReference(name) => {
                let index = self.footnote(&name);
                self.draft.mark(MarkKind::Reference(index));
            }
            Event::SoftBreak | Event::HardBreak => {
                self.in_word = false;
                if let Some(heading) = &mut self.heading {
                    heading.text.push(' ');
                }
                self.draft.html.push_str(if event == Event::SoftBreak { "\n" } else { "<br />\n" });
            }
            Event::Rule => {
                self.begin_block();
                self.draft.html.push_str("<hr />\n");
            }
            Event::TaskListMarker(checked) => self.draft.html.push_str(if checked {
                "<input disabled=\"\" type=\"checkbox\" checked=\"\"/> "
            } else {
                "<input disabled=\"\" type=\"checkbox\"/> "
            }),
        }
    }

    fn enter(&mut self, range: &Range<usize>) {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.tell_depth(range);
        }
    }

    /// Tells of too deep nesting, once.
    fn tell_depth(&mut self, range: &Range<usize>) {
        if !std::mem::replace(&mut self.too_deep, true) {
            let message = format!("this is nested more than {DEEPEST} deep");
            let start = self.base + range.start;
            self.problem(Diagnostic::error("nesting-too-deep", message), Span::at(start));
        }
    }

    /// Before the first tag of a block.
    fn begin_block(&mut self) {
        self.begun = true;
        self.in_word = false;
        self.in_raw_link = false;
        html::fresh_line(&mut self.draft.html);
    }

    fn open(&mut self, tag: &str) {
        self.begin_block();
        self.draft.html.push_str(tag);
    }

    fn close(&mut self, tag: &str) {
        self.in_word = false;
        self.draft.html.push_str(tag);
    }

    fn start(&mut self, tag: Tag<'a>, range: &Range<usize>) {
        match tag {
            Tag::Paragraph => self.open("<p>"),
            Tag::Heading { level, id, classes, attrs } => {
                self.start_heading(level as u8, id, &classes, &attrs, range);
            }
            Tag::BlockQuote(_) => self.start_quote(range),
            Tag::CodeBlock(kind) => {
                self.begin_block();
                self.block = Some(match kind {
                    CodeBlockKind::Fenced(info) => Block::Fence { info, span: self.span(range) },
                    CodeBlockKind::Indented => Block::Indented,
                });
            }
            Tag::HtmlBlock => self.start_html(range),
            Tag::List(None) => self.open("<ul>\n"),
            Tag::List(Some(1)) => self.open("<ol>\n"),
            Tag::List(Some(number)) => {
                self.open("<ol");
                html::attribute(&mut self.draft.html, "start", &number.to_string());
                self.draft.html.push_str(">\n");
            }
            Tag::Item => self.open_container("<li>"),
            Tag::FootnoteDefinition(name) => self.start_footnote(&name, range),
            Tag::DefinitionList => self.open("<dl>\n"),
            Tag::DefinitionListTitle => self.open("<dt>"),
            Tag::DefinitionListDefinition => self.open_container("<dd>"),
            Tag::Table(alignments) => {
                self.alignments = alignments;
                self.in_table_body = false;
                self.open("<table>\n");
            }
            Tag::TableHead => {
                self.column = 0;
                self.in_table_head = true;
                self.open("<thead>\n<tr>");
            }
            Tag::TableRow => {
                self.column = 0;
                if !std::mem::replace(&mut self.in_table_body, true) {
                    self.open("<tbody>\n");
                }
                self.open("<tr>");
            }
            Tag::TableCell => self.start_cell(),
            Tag::Emphasis => self.draft.html.push_str("<em>"),
            Tag::Strong => self.draft.html.push_str("<strong>"),
            Tag::Strikethrough => self.draft.html.push_str("<del>"),
            Tag::Superscript => self.draft.html.push_str("<sup>"),
            Tag::Subscript => self.draft.html.push_str("<sub>"),
            Tag::Link { link_type, dest_url, title, .. } => {
                self.start_link(link_type, &dest_url, &title, range)
            }
            Tag::Image { dest_url, title, .. } => {
                let span = self.span_of(&dest_url, range);
                self.image = Some(OpenImage { depth: 0, text: String::new(), target: dest_url, title, span });
            }
            Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::Paragraph => {
                self.close("</p>\n");
                self.end_summary();
            }
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::BlockQuote(_) => match self.leave_container() {
                Some(index) => {
                    self.draft.hole(HoleKind::Close(index));
                    self.close("\n");
                }
                None => self.close("</blockquote>\n"),
            },
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::HtmlBlock => self.end_html(range),
            TagEnd::List(ordered) => self.close(if ordered { "</ol>\n" } else { "</ul>\n" }),
            TagEnd::Item => self.close_container("</li>\n"),
            TagEnd::FootnoteDefinition => self.end_footnote(),
            TagEnd::DefinitionList => self.close("</dl>\n"),
            TagEnd::DefinitionListTitle => self.close("</dt>\n"),
            TagEnd::DefinitionListDefinition => self.close_container("</dd>\n"),
            TagEnd::Table => {
                self.close(if self.in_table_body { "</tbody>\n</table>\n" } else { "</table>\n" })
            }
            TagEnd::TableHead => {
                self.in_table_head = false;
                self.close("</tr>\n</thead>\n");
            }
            TagEnd::TableRow => self.close("</tr>\n"),
            TagEnd::TableCell => {
                self.column += 1;
                self.close(if self.in_table_head { "</th>" } else { "</td>" });
            }
            TagEnd::Emphasis => self.draft.html.push_str("</em>"),
            TagEnd::Strong => self.draft.html.push_str("</strong>"),
            TagEnd::Strikethrough => self.draft.html.push_str("</del>"),
            TagEnd::Superscript => self.draft.html.push_str("</sup>"),
            TagEnd::Subscript => self.draft.html.push_str("</sub>"),
            TagEnd::Link => {
                self.in_bare_wikilink = false;
                if self.links_open.pop() == Some(true) {
                    self.draft.html.push_str("</a>");
                }
            }
            TagEnd::Image | TagEnd::MetadataBlock(_) => {}
        }
    }

    fn start_cell(&mut self) {
        let out = &mut self.draft.html;
        self.in_word = false;
        out.push_str(if self.in_table_head { "<th" } else { "<td" });
        match self.alignments.get(self.column) {
            Some(Alignment::Left) => html::attribute(out, "align", "left"),
            Some(Alignment::Center) => html::attribute(out, "align", "center"),
            Some(Alignment::Right) => html::attribute(out, "align", "right"),
            Some(Alignment::None) | None => {}
        }
        out.push('>');
    }

    // Text.

    /// Writes the text gathered so far.
    fn flush_text(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let run = std::mem::take(&mut self.text);
        if self.in_bare_wikilink {
            return;
        }
        if let Some(image) = &mut self.image {
            image.text.push_str(run.text());
            return;
        }
        self.count_words(run.text());
        self.write_text(&run);
    }

    fn count_words(&mut self, text: &str) {
        self.document.word_count += words::count(text, &mut self.in_word);
    }

    /// Writes text, and what the options find in it.
    fn write_text(&mut self, run: &Gather<'a>) {
        let text = run.text();
        let markdown = &self.options.markdown;
        let autolinks = markdown.autolinks && self.links_open.is_empty() && !self.in_raw_link;
        let body = self.body.as_bytes();
        let before = |at: usize| run.source_of(at).checked_sub(1).and_then(|i| body.get(i).copied());
        let mut last = 0;
        let mut at = 0;
        // Most bytes are not worth a look: only these start or betray something.
        let sign = |b: u8| matches!(b, b':' | b'.' | b'@' | b'^' | b'~' | b'[');
        while let Some(next) = text.as_bytes()[at..].iter().position(|b| sign(*b)) {
            at += next;
            let byte = text.as_bytes()[at];
            let found = match byte {
                b':' => (autolinks.then(|| autolink::scheme(text, at, last, before)).flatten())
                    .map(|range| (range, Found::Link(autolink::Kind::Scheme)))
                    .or_else(|| {
                        let (emoji, end) = markdown.render_emoji.then(|| emoji::short_code(text, at))??;
                        Some((at..end, Found::Emoji(emoji)))
                    }),
                b'.' if autolinks => autolink::www(text, at, last, before)
                    .map(|range| (range, Found::Link(autolink::Kind::Www))),
                b'@' if autolinks => {
                    autolink::mail(text, at, last).map(|range| (range, Found::Link(autolink::Kind::Mail)))
                }
                b'^' | b'~' if markdown.super_sub && before(at) != Some(b'\\') => {
                    script::inside_word(text, at).map(|range| (range, Found::Script))
                }
                b'[' if before(at) != Some(b'\\') => {
                    self.undefined_footnote(run, at);
                    None
                }
                _ => None,
            };
            let Some((range, found)) = found else {
                at += 1;
                continue;
            };
            self.plain(&text[last..range.start]);
            last = range.end;
            at = range.end;
            match found {
                Found::Link(kind) => self.bare_link(&text[range], kind),
                Found::Emoji(emoji) => self.plain(emoji),
                Found::Script => {
                    let tag = if byte == b'^' { ["<sup>", "</sup>"] } else { ["<sub>", "</sub>"] };
                    self.draft.html.push_str(tag[0]);
                    self.plain(&text[range.start + 1..range.end - 1]);
                    self.draft.html.push_str(tag[1]);
                }
            }
        }
        self.plain(&text[last..]);
    }

    /// Writes text as it is.
    fn plain(&mut self, text: &str) {
        html::text(&mut self.draft.html, text);
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        }
    }

    fn bare_link(&mut self, address: &str, kind: autolink::Kind) {
        let out = &mut self.draft.html;
        out.push_str("<a href=\"");
        out.push_str(match kind {
            autolink::Kind::Www => "http://",
            autolink::Kind::Scheme => "",
            autolink::Kind::Mail => "mailto:",
        });
        html::address(out, address);
        out.push('"');
        if kind != autolink::Kind::Mail {
            out.push_str(&self.host_attributes);
        }
        out.push('>');
        self.plain(address);
        self.draft.html.push_str("</a>");
    }

    /// Warns of `[^name]` in text: a reference that leads somewhere is not text.
    fn undefined_footnote(&mut self, run: &Gather<'a>, at: usize) {
        let Some(rest) = run.text()[at..].strip_prefix("[^") else { return };
        let length = rest
            .bytes()
            .take(LONGEST_NOTE_NAME)
            .take_while(|b| !b.is_ascii_whitespace() && !matches!(b, b'[' | b']' | b'^'))
            .count();
        if length == 0 || rest.as_bytes().get(length) != Some(&b']') {
            return;
        }
        let name = &rest[..length];
        let (start, end) = run.span_of(at, at + length + 3);
        let span = self.span(&(start..end));
        let message = match self.mode {
            Mode::Page => format!("no footnote is named `{name}`"),
            Mode::Label => format!("a label cannot refer to the footnote `{name}`"),
        };
        let problem = Diagnostic::warning("undefined-footnote", message);
        self.problem(problem.hint(format!("write `\\[^{name}]` if it is meant as text")), span);
    }

    fn inline_code(&mut self, text: &str) {
        let text = self.unmasked(text).to_owned();
        self.in_word = false;
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(&text);
        }
        let out = &mut self.draft.html;
        out.push_str("<code>");
        html::text(out, &text);
        out.push_str("</code>");
    }

    fn math(&mut self, latex: &str, display: bool, range: &Range<usize>) {
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(latex);
        }
        if let Err(message) = math::convert(&mut self.draft.html, latex, display) {
            let span = self.span(range);
            self.problem(Diagnostic::error("bad-math", message), span);
            let out = &mut self.draft.html;
            out.push_str("<code>");
            html::text(out, latex);
            out.push_str("</code>");
        }
    }

    // Links and images.

    /// Opens a link unless its target forbids it; says whether.
    fn start_link(&mut self, kind: LinkType, target: &str, title: &str, range: &Range<usize>) {
        let mail = kind == LinkType::Email;
        let class = if mail { Target::Scheme } else { classify(target, false) };
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
    fn target(&mut self, class: Target<'_>, target: &str, span: Span, kind: LinkKind) -> Option<u32> {
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

    fn forbidden(&mut self, scheme: &str, span: Span) {
        let message = format!("links with the scheme `{}:` are not allowed", scheme.to_ascii_lowercase());
        let problem = Diagnostic::error("forbidden-link-scheme", message);
        self.problem(problem.hint("allowed are http, https, mailto, tel, and paths within the site"), span);
    }

    fn empty(&mut self, range: &Range<usize>) {
        let span = self.span(range);
        self.problem(Diagnostic::error("empty-link", "expected a target, found none"), span);
    }

    /// Inside an image everything is alternative text.
    fn image_event(&mut self, event: &Event<'a>) {
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
                image.text.push_str(text)
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

    fn end_image(&mut self, image: &OpenImage<'a>) {
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
        self.draft.html.push_str("<img src=\"");
        self.target(class, &image.target, image.span, LinkKind::Image);
        let out = &mut self.draft.html;
        out.push('"');
        html::attribute(out, "alt", &image.text);
        if !image.title.is_empty() {
            html::attribute(out, "title", &image.title);
        }
        if self.options.markdown.lazy_async_image {
            out.push_str(" loading=\"lazy\" decoding=\"async\"");
        }
        out.push_str(" />");
    }

    // Headings.

    fn start_heading(
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

    fn heading_index(&self) -> u32 {
        u32::try_from(self.document.headings.len()).unwrap_or(u32::MAX)
    }

    fn end_heading(&mut self) {
        let Some(heading) = self.heading.take() else { return };
        self.in_word = false;
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

    // Code.

    fn end_code(&mut self) {
        let text = std::mem::take(&mut self.block_text);
        match self.block.take() {
            Some(Block::Fence { info, span }) => {
                let fence = fence::Fence {
                    info: self.unmasked(&info),
                    info_at: self.place_of(&info).map(|at| self.base + at),
                    text: &text,
                    base: self.base,
                    span,
                };
                let outcome =
                    fence::code_block(&mut self.draft.html, &fence, self.source, &self.options.code);
                self.document.snippets.push(outcome.snippet);
                self.explicit_ids.extend(outcome.ids.into_iter().map(|id| (id, span)));
                self.problems.extend(outcome.problems);
            }
            Some(Block::Indented | Block::Html | Block::Marker) | None => {
                fence::indented(&mut self.draft.html, text.text());
            }
        }
    }

    // Footnotes.

    /// The index of a footnote. Names are compared as pulldown-cmark does:
    /// without case.
    fn footnote(&mut self, name: &str) -> u32 {
        let key = name.to_lowercase();
        if let Some(index) = self.footnotes_by_name.get(&key) {
            return *index;
        }
        let index = u32::try_from(self.footnotes.len()).unwrap_or(u32::MAX);
        self.footnotes.push(Footnote { name: name.to_owned(), ..Footnote::default() });
        self.footnotes_by_name.insert(key, index);
        index
    }

    fn start_footnote(&mut self, name: &str, range: &Range<usize>) {
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

    fn end_footnote(&mut self) {
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

    // Containers and directives.

    fn open_container(&mut self, tag: &str) {
        self.open(tag);
        self.frames.push(Frame::Container);
    }

    fn close_container(&mut self, tag: &str) {
        self.leave_container();
        self.close(tag);
    }

    /// Leaves the innermost container, with the directives still open in it;
    /// returns the alert it is, if it is one.
    fn leave_container(&mut self) -> Option<u32> {
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
    fn abandon(&mut self, frame: Frame) {
        let Frame::Directive { index, marker, .. } = frame else { return };
        self.close_directive(index);
        let marker = &self.markers[marker];
        let name = match &marker.kind {
            MarkerKind::Open { name, .. } | MarkerKind::OpenComment { name, .. } => &self.body[name.clone()],
            MarkerKind::Close { .. } | MarkerKind::CloseComment { .. } | MarkerKind::Alert { .. } => "",
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

    fn close_directive(&mut self, index: Option<u32>) {
        self.directives_open -= 1;
        if let Some(index) = index {
            html::fresh_line(&mut self.draft.html);
            self.draft.hole(HoleKind::Close(index));
            self.close("\n");
        }
    }

    fn marker_at(&self, at: usize) -> Option<usize> {
        if self.markers.is_empty() {
            return None;
        }
        self.markers.binary_search_by_key(&at, |marker| marker.range.start).ok()
    }

    fn start_quote(&mut self, range: &Range<usize>) {
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
            };
            let index = self.open_directive(directive);
            self.frames.push(Frame::Alert { index });
        } else {
            self.open("<blockquote>\n");
            self.frames.push(Frame::Container);
        }
    }

    fn open_directive(&mut self, directive: Directive) -> u32 {
        self.begin_block();
        let index = u32::try_from(self.document.directives.len()).unwrap_or(u32::MAX);
        self.document.directives.push(directive);
        self.draft.hole(HoleKind::Open(index));
        index
    }

    /// An HTML block begins: maybe it stands for a marked line.
    fn start_html(&mut self, range: &Range<usize>) {
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
            // The first line of an alert, else text.
            MarkerKind::Alert { .. } => self.alert_line(range),
        };
        if taken {
            self.block = Some(Block::Marker);
        }
    }

    fn alert_line(&mut self, range: &Range<usize>) -> bool {
        let Some(Frame::Alert { index }) = self.frames.last() else { return false };
        self.document.directives[*index as usize].span.start as usize == self.base + range.start
    }

    fn start_directive(&mut self, marker: usize, colons: usize, name: &Range<usize>, rest: &Range<usize>) {
        self.directives_open += 1;
        let mut index = None;
        if self.depth + self.directives_open > DEEPEST {
            self.tell_depth(name);
        } else {
            let directive = self.directive(marker, name, rest);
            index = Some(self.open_directive(directive));
        }
        self.frames.push(Frame::Directive { index, colons, marker });
    }

    fn directive(&mut self, marker: usize, name: &Range<usize>, rest: &Range<usize>) -> Directive {
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
        }
    }

    /// Closes the directive a line of that many colons is for: the innermost
    /// with as many, else the innermost with fewer; those inside it are unclosed.
    fn end_directive(&mut self, closing: usize) -> bool {
        let mut fewer = None;
        let mut equal = None;
        for (i, frame) in self.frames.iter().enumerate().rev() {
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
    fn end_comment_directive(&mut self, name: &str) -> bool {
        let mut found = None;
        for (i, frame) in self.frames.iter().enumerate().rev() {
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

    fn close_frame(&mut self, frame: Option<usize>) -> bool {
        let Some(frame) = frame else { return false };
        while self.frames.len() > frame + 1 {
            if let Some(inner) = self.frames.pop() {
                self.abandon(inner);
            }
        }
        if let Some(Frame::Directive { index, .. }) = self.frames.pop() {
            self.close_directive(index);
        }
        true
    }

    /// Renders a label: one line of inline Markdown at byte `at` of the body.
    fn label(&mut self, text: &str, at: usize) -> String {
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
        let mut renderer = Renderer::new(self.source, base, &line, &line, &[], self.options);
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

    // Raw HTML.

    fn html_line(&mut self, text: &str, range: &Range<usize>) {
        let slice =
            self.place_of(text).and_then(|at| self.body.get(at..at + text.len()).map(|text| (at, text)));
        match slice {
            Some((at, text)) => self.block_text.push(self.body, at, text, false),
            None => self.block_text.push(self.body, range.start, text, true),
        }
    }

    fn end_html(&mut self, range: &Range<usize>) {
        let text = std::mem::take(&mut self.block_text);
        if let Some(Block::Marker) = self.block.take() {
            return;
        }
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

    fn inline_html(&mut self, text: &str, range: &Range<usize>) {
        if self.block.is_some() {
            return self.html_line(text, range);
        }
        let text = self.unmasked(text).to_owned();
        let comment = raw::comment(&text);
        if comment.is_some_and(|comment| comment.eq_ignore_ascii_case("more")) {
            self.summary_pending = true;
        } else if !text.starts_with('<') {
            html::text(&mut self.draft.html, &text);
        } else if self.options.markdown.raw_html {
            match text.get(..3).map(str::to_ascii_lowercase).as_deref() {
                Some("<a " | "<a\n" | "<a\t") => self.in_raw_link = true,
                Some("</a") => self.in_raw_link = false,
                _ => {}
            }
            let mut gather = Gather::default();
            match self.body.get(range.clone()) {
                Some(slice) if slice == text => gather.push(self.body, range.start, slice, false),
                _ => gather.push(self.body, range.start, &text, true),
            }
            self.pass_through(&gather);
        } else if comment.is_none() {
            self.refuse_html(range);
            html::text(&mut self.draft.html, &text);
        }
    }

    fn refuse_html(&mut self, range: &Range<usize>) {
        if !std::mem::replace(&mut self.raw_html_told, true) {
            let text = self.body.get(range.clone()).unwrap_or("");
            let line = text.lines().next().map_or(0, str::len);
            let span = self.span(&(range.start..range.start + line));
            let problem = Diagnostic::warning("raw-html-off", "raw HTML is shown as text");
            self.problem(problem.hint("`markdown.raw_html` is off"), span);
        }
    }

    /// Passes raw HTML through; targets within the site become holes.
    fn pass_through(&mut self, raw: &Gather<'a>) {
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
    fn end_summary(&mut self) {
        if !std::mem::take(&mut self.summary_pending) || self.document.has_summary {
            return;
        }
        self.document.has_summary = true;
        html::fresh_line(&mut self.draft.html);
        self.draft.hole(HoleKind::Summary);
        self.draft.html.push_str("<span id=\"continue-reading\"></span>\n");
    }
}

/// What pulldown-cmark is to look for.
fn flags(options: &Options) -> Flags {
    let markdown = &options.markdown;
    let mut flags = Flags::ENABLE_TABLES
        | Flags::ENABLE_FOOTNOTES
        | Flags::ENABLE_STRIKETHROUGH
        | Flags::ENABLE_TASKLISTS
        | Flags::ENABLE_HEADING_ATTRIBUTES;
    flags.set(Flags::ENABLE_SMART_PUNCTUATION, markdown.smart_punctuation);
    flags.set(Flags::ENABLE_DEFINITION_LIST, markdown.definition_list);
    flags.set(Flags::ENABLE_MATH, markdown.math);
    flags.set(Flags::ENABLE_SUPERSCRIPT | Flags::ENABLE_SUBSCRIPT, markdown.super_sub);
    flags.set(Flags::ENABLE_WIKILINKS, markdown.wikilinks);
    flags
}

/// Attributes of links to other hosts, with a blank before each.
fn host_attributes(options: &Options) -> String {
    let markdown = &options.markdown;
    let mut out = String::new();
    let rel = [
        (markdown.external_links_target_blank, "noopener"),
        (markdown.external_links_no_referrer, "noreferrer"),
        (markdown.external_links_no_follow, "nofollow"),
        (markdown.external_links_external, "external"),
    ];
    html::list_attribute(&mut out, "rel", rel.iter().filter(|(on, _)| *on).map(|(_, name)| *name));
    if let Some(class) = &markdown.external_links_class {
        html::attribute(&mut out, "class", class);
    }
    if markdown.external_links_target_blank {
        html::attribute(&mut out, "target", "_blank");
    }
    out
}
