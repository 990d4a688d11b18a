//! Markdown: one file's body to HTML with holes.
//!
//! In: a source text, where its body starts, and options. Out: a [`Document`]
//! and problems. Depends on nothing else but the files that code fences include:
//! not on other pages, not on templates. What other pages decide (addresses of links) and what
//! templates draw (directives, heading anchors) are holes in the HTML, filled
//! when the page is rendered.
//!
//! The steps, each a file:
//!
//! 1. `directive` finds the lines that open and close directives and alerts,
//!    and masks them so that pulldown-cmark takes them for blocks.
//! 2. `render` walks over pulldown-cmark's events and writes a draft: HTML with
//!    marks. `links`, `autolink`, `emoji`, `script`, `words`, `math`, `raw` and `fence` each know
//!    one kind of thing in it; `gather` keeps the places of its text.
//! 3. `names` says which names the page's code uses and nobody defines.
//! 4. `anchors` gives ids, and `draft` puts them, the footnotes and the holes
//!    in their places.

pub mod template;

mod directive;
mod render;

mod autolink;
mod emoji;
mod fence;
mod links;
mod math;
mod names;
mod raw;
mod script;
mod words;

mod anchors;
mod draft;

mod gather;
mod html;

use std::sync::Arc;

use crate::base::diagnostic::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::FilePath;
use crate::base::source::{Source, Span};
use crate::base::text::SlugMode;
use crate::code::CodeOptions;
use crate::code::include::{self, Part};
use crate::config::MarkdownConfig;
use crate::parse::inputs::{Inputs, NoInputs};

/// Parses the body of a file, which starts at byte `body_start` of its text.
///
/// Never fails: what is wrong with the body is in the list of problems, and the
/// document holds everything that could be made of it. In its holes, `Open` and
/// `Close` are always balanced, also where the author's directives are not.
pub fn parse(
    source: &Arc<Source>,
    body_start: usize,
    options: &Options,
    inputs: &dyn Inputs,
) -> (Document, Vec<Diagnostic>) {
    let base = source.clamp(Span::at(body_start)).start;
    let body = &source.text[base..];
    let markers = directive::scan(body, options.markdown.github_alerts);
    let masked = directive::mask(body, &markers);
    let (mut document, problems) =
        render::Renderer::new(source, base, body, &masked, &markers, options, inputs).run();
    // Kept until the page is drawn, so room to grow would be held for nothing.
    document.html.shrink_to_fit();
    document.holes.shrink_to_fit();
    document.links.shrink_to_fit();
    (document, problems)
}

/// Name of the part of a group's body that is the heading of its step: no
/// directive of an author has it.
pub const STEP_HEADING: &str = "step heading";

/// One line of Markdown as HTML, for texts that stand in front matter and data.
/// Spans of the problems count from the line's start.
pub fn inline(line: &str, options: &Options) -> (String, Vec<Diagnostic>) {
    let source = Source::new("", line);
    let mut renderer = render::Renderer::new(&source, 0, line, line, &[], options, &NoInputs);
    let html = renderer.label(line, 0);
    (html, renderer.into_problems())
}

/// The text of one line of Markdown, without its marks.
pub fn plain(line: &str) -> String {
    render::group::plain_text(line)
}

/// A file of code, as a fence that includes it shows it: its region of that
/// name where it has one, else all of it. Problems stand in the file.
pub fn code_file(
    path: &FilePath,
    region: &str,
    title: Option<&str>,
    options: &Options,
    inputs: &dyn Inputs,
) -> (Document, Vec<Diagnostic>) {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let shown = inputs.text(path).is_ok_and(|source| {
        include::select(&source.text, &Part::Region(region.to_owned()), path.as_str()).is_ok()
    });
    let part = if shown { format!("{path}#{region}") } else { path.to_string() };
    let mut text = format!("``` include={}", quoted(&part));
    if let Some(title) = title {
        text.push_str(&format!(" title={}", quoted(title)));
    }
    text.push_str("\n```\n");
    parse(&Source::new(path.as_str(), text), 0, options, inputs)
}

/// What parsing a body depends on besides its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Options {
    /// `[markdown]`, with the section's `insert_anchor_links` worked in.
    pub markdown: MarkdownConfig,
    /// How headings become ids.
    pub anchors: SlugMode,
    /// What the code engine is asked for.
    pub code: CodeOptions,
    /// The first heading of level one becomes the page's title and leaves the
    /// body (for files whose front matter has no title).
    pub take_title: bool,
    /// A first heading that says the title of the front matter once more leaves
    /// the body, too.
    pub drop_title: bool,
    /// Images of the site are drawn with their sizes.
    pub pictures: bool,
}

/// A parsed body.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// HTML, complete but for the holes.
    pub html: String,
    /// Where something is to be put in or around, in order of `at`.
    pub holes: Vec<Hole>,
    /// Targets of links and images, in order of appearance.
    pub links: Vec<Link>,
    /// Directives, in order of appearance.
    pub directives: Vec<Directive>,
    /// Headings in order of appearance (the one taken as title not included).
    pub headings: Vec<Heading>,
    /// Every other `id` in the body (raw HTML, directives, footnotes, fences):
    /// anchors that links may point at.
    pub ids: Vec<String>,
    /// The heading taken as title.
    pub title: Option<Title>,
    /// The text holds `<!-- more -->`.
    pub has_summary: bool,
    /// Words of text, code left out.
    pub word_count: usize,
    /// Snippets, for checks and for listing what a page shows.
    pub snippets: Vec<Snippet>,
}

/// A place in [`Document::html`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    /// Byte offset.
    pub at: u32,
    /// What belongs there.
    pub kind: HoleKind,
}

/// What belongs in a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoleKind {
    /// The resolved address of [`Document::links`]`[i]`, escaped, inside a
    /// quoted attribute.
    Link(u32),
    /// The image that shows [`Document::links`]`[i]` starts here: before its tag.
    Picture(u32),
    /// Inside the tag of that image, after its `src`.
    PictureSize,
    /// It ends here.
    PictureEnd,
    /// The text of a wikilink without a label: the title of the page that
    /// [`Document::links`]`[i]` leads to, escaped.
    LinkTitle(u32),
    /// The body of [`Document::directives`]`[i]` starts here; everything up to
    /// its `Close` is handed to the component as `body`.
    Open(u32),
    /// The body of that directive ends here.
    Close(u32),
    /// The link of [`Document::headings`]`[i]`, drawn by `anchor-link.html`.
    /// With [`AnchorLinks::Heading`](crate::config::AnchorLinks::Heading) only
    /// the opening tag belongs here: the `</a>` stands in the HTML, before the
    /// heading's own closing tag.
    Anchor(u32),
    /// The summary ends here; the body goes on with an empty element that has
    /// the id `continue-reading`. Between two blocks, but tags of lists, quotes
    /// and directives may be open.
    Summary,
}

/// The target of a link or an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is.
    pub kind: LinkKind,
    /// As written, escapes and entities undone: `@/a.md#b`, `../x.md`, `img/a.png`,
    /// `#top`, `/atom.xml`. Has no scheme and is not empty, but may hold any
    /// character: who fills the hole percent-encodes it.
    pub target: String,
    /// Span of the target in the file (of the whole link when the target's own
    /// place is not known).
    pub span: Span,
}

/// How a target is used. Targets with a scheme are not here: those that are
/// allowed stand in the HTML already, the others are problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// `[text](target)`, also from raw HTML `href`.
    Link,
    /// `![alt](target)`, also from raw HTML `src`.
    Image,
    /// `[[Page]]`: a title, a file name without extension or a path.
    Wiki,
}

/// One directive: `::: name "Label" key=value {#id .class}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Directive {
    /// `note`, `card-grid`. Empty when the author has left it out, which has
    /// been told then.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// The label, unquoted, inline Markdown rendered to HTML. Has no holes:
    /// links within the site are not for labels.
    pub label: Option<String>,
    /// Arguments in the order written; a bare word is `true`. A label is not
    /// among them; `id` and `class` are, when given in braces.
    pub arguments: Vec<(String, serde_json::Value)>,
    /// Where the opening line stands.
    pub span: Span,
    /// Snippets inside it: range of [`Document::snippets`].
    pub snippets: std::ops::Range<u32>,
}

/// One heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Unique in the page.
    pub id: String,
    /// Plain text.
    pub title: String,
    /// Where it stands.
    pub span: Span,
}

/// The heading taken as title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// Plain text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// One fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The language as written, lower-case; empty when there is none.
    pub language: String,
    /// Span of the code in the file, fences left out.
    pub span: Span,
    /// What it says about running; most snippets say nothing.
    pub marked: Option<Box<Marked>>,
}

/// A fence that `check --run` has to do with: it is to be run, is set-up or
/// input of another, or shows the output of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// Its title, mostly a file name.
    pub title: Option<String>,
    /// Attributes that have to do with running, in the order written.
    pub attributes: Vec<Attribute>,
    /// It is not to be checked in any way.
    pub is_skipped: bool,
    /// The code as written, lines that readers do not see included.
    pub text: String,
    /// The file that the code comes from, and the place there of each of its
    /// lines, without indentation; `None` when it stands in the page.
    pub included: Option<(Arc<Source>, Vec<Span>)>,
    /// Stands for this code and all marked code before it on the page: what a
    /// run of it depends on.
    pub key: Fingerprint,
    /// The whole block in the file, both fences included; starts at the opening
    /// fence's first sign.
    pub block: Span,
}

/// An attribute of a fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name in [`ATTRIBUTES`](crate::code::fence::ATTRIBUTES).
    pub name: &'static str,
    /// Its value; `None` for a bare word.
    pub value: Option<String>,
    /// Where it stands in the file.
    pub span: Span,
}

impl Document {
    /// The HTML with nothing resolved: targets as written, directives left out.
    /// For tests and for showing a body by itself.
    pub fn to_plain_html(&self) -> String {
        let mut out = String::with_capacity(self.html.len());
        let mut last = 0;
        for hole in &self.holes {
            out.push_str(&self.html[last..hole.at as usize]);
            last = hole.at as usize;
            match hole.kind {
                HoleKind::Link(index) => html::address(&mut out, &self.links[index as usize].target),
                HoleKind::LinkTitle(index) => html::text(&mut out, &self.links[index as usize].target),
                HoleKind::Open(_)
                | HoleKind::Close(_)
                | HoleKind::Anchor(_)
                | HoleKind::Summary
                | HoleKind::Picture(_)
                | HoleKind::PictureSize
                | HoleKind::PictureEnd => {}
            }
        }
        out.push_str(&self.html[last..]);
        out
    }
}
