//! Events to HTML: one walk over what pulldown-cmark finds in a body.
//!
//! In: a body with its markers masked, and options. Out: a draft of the HTML,
//! tables of links, directives, headings and the like, and problems. The walk
//! keeps its own stack of containers, so the depth of a page costs memory and
//! never the program's stack. What an address, an id or a number will be is
//! left to marks; see `draft`. The files beside this one each write one sort
//! of thing.

mod container;
mod footnote;
pub(super) mod group;
mod heading;
mod raw_html;
mod target;
mod text;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, Options as Flags, Parser, Tag, TagEnd};

use crate::base::diagnostic::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::source::{Source, Span};
use crate::code::Level;
use crate::parse::inputs::Inputs;
use crate::parse::markdown::directive::Marker;
use crate::parse::markdown::draft::{self, Draft, Footnote, MarkKind};
use crate::parse::markdown::gather::Gather;
use crate::parse::markdown::names::{self, BlockNames};
use crate::parse::markdown::{Document, HoleKind, Options};
use crate::parse::markdown::{anchors::Anchors, html};

/// Deepest nesting that is not a problem. Readers of the HTML recurse where we
/// do not: browsers stop at 512.
const DEEPEST: usize = 256;

/// Something open that a directive cannot reach out of, or a directive.
#[derive(Debug, Clone, Copy)]
enum Frame {
    /// A quote, an item, a definition or a footnote.
    Container,
    /// A quote that is an alert.
    Alert { index: u32 },
    /// A directive; 0 colons stand for a comment. Those too deep have no index.
    Directive { index: Option<u32>, colons: usize, marker: usize, group: Group },
}

/// What a directive makes of the code blocks right in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    /// Nothing.
    None,
    /// Panes, each a directive of that name; the one that is open, and whether a
    /// line has begun it.
    Panes { of: &'static str, open: Option<u32>, marked: bool },
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

/// The notes of a block of code: the ordered list right behind it.
#[derive(Debug)]
struct Notes {
    /// What the ids of its items start with.
    name: String,
    /// The numbers that lines ask for.
    wanted: Vec<u32>,
    /// Where the block stands.
    span: Span,
    /// Depth of the list, once it is open.
    depth: Option<usize>,
    /// Number of the next item.
    next: u64,
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
    inputs: &'a dyn Inputs,

    draft: Draft,
    document: Document,
    problems: Vec<Diagnostic>,

    /// Text events not written yet.
    text: Gather<'a>,
    block: Option<Block<'a>>,
    block_text: Gather<'a>,
    image: Option<OpenImage<'a>>,
    /// There was an image before.
    has_image: bool,
    heading: Option<OpenHeading>,
    /// Level of the last heading that the author has written.
    level: u8,
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
    /// A list that explains the lines of the code before it.
    notes: Option<Notes>,
    /// The key of the last snippet that has to do with running.
    last_marked: Option<Fingerprint>,
    /// A group that neighbouring code blocks have made, and languages in it.
    auto_group: Option<(u32, Vec<String>)>,
    /// Some code may be checked strictly: names of all code are kept.
    wants_names: bool,
    names: Vec<BlockNames>,
    /// Text that has been read already: its place in the body.
    consumed: Range<usize>,
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
        inputs: &'a dyn Inputs,
    ) -> Self {
        Self {
            mode: Mode::Page,
            source,
            base,
            body,
            masked,
            markers,
            options,
            inputs,
            draft: Draft { html: String::with_capacity(body.len() + body.len() / 4), marks: Vec::new() },
            document: Document::default(),
            problems: Vec::new(),
            text: Gather::default(),
            block: None,
            block_text: Gather::default(),
            image: None,
            has_image: false,
            heading: None,
            level: 1,
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
            notes: None,
            last_marked: None,
            auto_group: None,
            wants_names: options.code.check == Level::Strict || body.contains("strict"),
            names: Vec::new(),
            consumed: 0..0,
        }
    }

    /// What was wrong so far.
    pub(super) fn into_problems(self) -> Vec<Diagnostic> {
        self.problems
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
        let mut told = None;
        for (id, span) in explicit {
            if let Err(first) = anchors.reserve(id, span) {
                // A block of code has an anchor for each line.
                if told.replace((span, first)) == Some((span, first)) {
                    continue;
                }
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
        self.problems.extend(names::undefined(&self.names));
        (self.document, self.problems)
    }

    // Places.

    /// A range of the body as a span of the file. Text that stands for other
    /// text (an entity, a tab's blanks, an escaped quote in a label) has places
    /// that are near and not exact, so the span is fitted to the file.
    fn span(&self, range: &Range<usize>) -> Span {
        self.source.clamp(Span::new(self.base + range.start, self.base + range.end)).into()
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
            let mut text: &str = text;
            let mut range = range.clone();
            if !self.consumed.is_empty() && range.start == self.consumed.start {
                let length = self.consumed.len().min(text.len());
                text = text.get(length..).unwrap_or("");
                range.start += length;
                self.consumed.start += length;
            }
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
            Event::Code(text) => self.inline_code(&text, range),
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
            // A name that screen readers say in the reader's own language.
            Event::TaskListMarker(checked) => self.draft.html.push_str(if checked {
                "<input disabled=\"\" type=\"checkbox\" checked=\"\" aria-label=\"\u{2611}\"/> "
            } else {
                "<input disabled=\"\" type=\"checkbox\" aria-label=\"\u{2610}\"/> "
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
            Tag::List(Some(number)) => {
                self.open("<ol");
                self.start_notes(number);
                if number != 1 {
                    html::attribute(&mut self.draft.html, "start", &number.to_string());
                }
                self.draft.html.push_str(">\n");
            }
            Tag::Item => match self.note_id() {
                Some(id) => {
                    self.open("<li");
                    html::attribute(&mut self.draft.html, "id", &id);
                    self.draft.html.push('>');
                    self.frames.push(Frame::Container);
                    self.explicit_ids.push((id, self.span(range)));
                }
                None => self.open_container("<li>"),
            },
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
                self.start_link(link_type, &dest_url, &title, range);
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
            TagEnd::CodeBlock => self.end_code(range),
            TagEnd::HtmlBlock => self.end_html(range),
            TagEnd::List(ordered) => {
                self.close(if ordered { "</ol>\n" } else { "</ul>\n" });
                self.end_notes();
            }
            TagEnd::Item => self.close_container("</li>\n"),
            TagEnd::FootnoteDefinition => self.end_footnote(),
            TagEnd::DefinitionList => self.close("</dl>\n"),
            TagEnd::DefinitionListTitle => self.close("</dt>\n"),
            TagEnd::DefinitionListDefinition => self.close_container("</dd>\n"),
            TagEnd::Table => {
                self.close(if self.in_table_body { "</tbody>\n</table>\n" } else { "</table>\n" });
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
