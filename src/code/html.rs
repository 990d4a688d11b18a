//! HTML: the block that readers see.
//!
//! In: a [`Block`] and what its info string said. Out: HTML. The only file of
//! this module that writes tags; everything an author wrote goes through
//! [`text_into`] or [`Tag::attribute`]. Must not know grammars or colours.
//!
//! A text is cut three times: into lines, where the block needs lines; each
//! line into marked and unmarked words; each of these into painted runs. Tags
//! are closed before a cut and opened again behind it.

use std::ops::Range;

use super::block::{Block, Class, Frame, Paint};
use super::fence::{Fence, Mark};
use super::words::Words;
use super::{CodeOptions, Given, highlight};
use crate::base::text::escape;

/// Deepest indentation, in characters, that wrapped lines keep.
const DEEPEST_INDENT: usize = 24;

/// Characters between stops of the tab key.
const TAB: usize = 4;

/// Writes a block, ended by a line end. Returns the anchors in it.
pub(super) fn write(
    out: &mut String,
    block: &Block<'_>,
    given: &Given<'_>,
    fence: &Fence,
    options: &CodeOptions,
) -> Vec<String> {
    let text = block.cut.text();
    let has_lines = block.has_lines(fence);
    let has_caption = block.title.is_some() || label(given, fence).is_some() || given.link.is_some();
    if !options.highlight && !has_caption && !has_lines && block.words.is_empty() && block.paints.is_empty() {
        let language = given.language.filter(|_| fence.language.is_empty());
        plain(out, text, language.or_else(|| given.info.split_whitespace().next()));
        return Vec::new();
    }
    if has_caption {
        caption(out, block, given, fence);
    }
    // A name the author has not given is good for lines alone.
    let id = block.name.as_deref().filter(|name| *name != given.name);
    Tag::new(out, "pre")
        .attribute("class", &block_class(block, fence))
        .attribute_unless_empty("id", id.unwrap_or(""))
        .attribute("tabindex", "0")
        .attribute_unless_empty("data-lang", &block.language)
        .attribute_unless_empty("data-collapse", &block.collapse)
        .flag("data-copy", !fence.no_copy)
        .end();
    Tag::new(out, "code").end();
    out.reserve(text.len() * 3);
    let mut ids: Vec<String> = id.map(str::to_owned).into_iter().collect();
    let mut body = Body { out, text, paints: &block.paints, next: 0 };
    if has_lines {
        body.lines(block, given, fence, &mut ids);
    } else {
        body.words(0..text.len(), &block.words);
    }
    out.push_str("</code></pre>\n");
    if has_caption {
        out.push_str("</figure>\n");
    }
    ids
}

/// Writes a piece of code that stands in a line of text.
pub(super) fn inline(out: &mut String, text: &str, language: &str, options: &CodeOptions) {
    let tokens = highlight(text, language, options).tokens;
    if tokens.is_empty() {
        Tag::new(out, "code").end();
    } else {
        Tag::new(out, "code").attribute("class", "code").end();
    }
    let paints: Vec<Paint> = tokens
        .into_iter()
        .map(|token| Paint { range: token.range, class: Class::Token(token.kind.class()) })
        .collect();
    Body { out, text, paints: &paints, next: 0 }.paints(0..text.len());
    out.push_str("</code>");
}

fn block_class(block: &Block<'_>, fence: &Fence) -> String {
    let mut class = "code".to_owned();
    let has_signs =
        [Mark::Insert, Mark::Delete, Mark::Error, Mark::Warning].iter().any(|mark| block.marks.has(*mark));
    for (on, name) in [
        (block.numbers, " numbers"),
        (block.numbers && block.name.is_some(), " links"),
        (has_signs, " diff"),
        (block.marks.has(Mark::Focus), " focused"),
        (fence.wrap, " wrap"),
        (block.frame == Frame::Terminal, " terminal"),
        (block.frame == Frame::None, " bare"),
    ] {
        if on {
            class.push_str(name);
        }
    }
    class
}

/// CommonMark's own markup: the language is the first word of the info string.
fn plain(out: &mut String, text: &str, language: Option<&str>) {
    Tag::new(out, "pre").end();
    let tag = Tag::new(out, "code");
    match language {
        Some(word) => tag.attribute("class", &format!("language-{word}")).end(),
        None => tag.end(),
    }
    text_into(out, text);
    out.push_str("</code></pre>\n");
}

/// The label, unless the group around the block shows it.
fn label<'f>(given: &Given<'_>, fence: &'f Fence) -> Option<&'f str> {
    fence.label.as_deref().filter(|_| !given.in_group)
}

fn caption(out: &mut String, block: &Block<'_>, given: &Given<'_>, fence: &Fence) {
    let class = if block.frame == Frame::Terminal { "code terminal" } else { "code" };
    Tag::new(out, "figure")
        .attribute("class", class)
        .attribute_unless_empty("data-label", label(given, fence).unwrap_or(""))
        .end();
    out.push('\n');
    Tag::new(out, "figcaption").end();
    let mut is_first = true;
    let parts = [("label", label(given, fence)), ("file", block.title.as_deref())];
    for (class, part) in parts.into_iter().filter_map(|(class, part)| Some((class, part?))) {
        if !std::mem::take(&mut is_first) {
            out.push(' ');
        }
        Tag::new(out, "span").attribute("class", class).end();
        text_into(out, part);
        out.push_str("</span>");
    }
    if let Some((address, words)) = &given.link {
        if !is_first {
            out.push(' ');
        }
        Tag::new(out, "a").attribute("class", "source").attribute("href", address).end();
        text_into(out, words);
        out.push_str("</a>");
    }
    out.push_str("</figcaption>\n");
}

/// A start tag being written. Attributes are written here and nowhere else.
struct Tag<'a>(&'a mut String);

impl<'a> Tag<'a> {
    fn new(out: &'a mut String, name: &'static str) -> Self {
        out.push('<');
        out.push_str(name);
        Self(out)
    }

    fn attribute(self, name: &'static str, value: &str) -> Self {
        self.0.push(' ');
        self.0.push_str(name);
        self.0.push_str("=\"");
        escape(self.0, value);
        self.0.push('"');
        self
    }

    fn attribute_unless_empty(self, name: &'static str, value: &str) -> Self {
        if value.is_empty() { self } else { self.attribute(name, value) }
    }

    fn flag(self, name: &'static str, on: bool) -> Self {
        if on {
            self.0.push(' ');
            self.0.push_str(name);
        }
        self
    }

    fn end(self) {
        self.0.push('>');
    }
}

/// Appends text between tags. Quotes stay as they are, unlike in `escape`:
/// here they mean nothing, and code is full of them.
fn text_into(out: &mut String, text: &str) {
    let mut last = 0;
    for (i, byte) in text.bytes().enumerate() {
        let replacement = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            0..=8 | 11 | 12 | 14..=31 => "",
            _ => continue,
        };
        out.push_str(&text[last..i]);
        out.push_str(replacement);
        last = i + 1;
    }
    out.push_str(&text[last..]);
}

/// What stands in `code`. Ranges have to come in order.
struct Body<'a> {
    out: &'a mut String,
    text: &'a str,
    paints: &'a [Paint],
    /// The first run that may still have something to be written.
    next: usize,
}

impl Body<'_> {
    fn lines(&mut self, block: &Block<'_>, given: &Given<'_>, fence: &Fence, ids: &mut Vec<String>) {
        const CLASSES: &[(Mark, &str)] = &[
            (Mark::Highlight, " hl"),
            (Mark::Insert, " ins"),
            (Mark::Delete, " del"),
            (Mark::Error, " err"),
            (Mark::Warning, " warn"),
            (Mark::Focus, " focus"),
            (Mark::Hide, " hide"),
        ];
        for (index, line) in block.lines.iter().enumerate() {
            let written = &self.text[line.range.clone()];
            let end = line.range.start + written.trim_end_matches(['\n', '\r']).len();
            let mut class = "ln".to_owned();
            for (_, name) in CLASSES.iter().filter(|(mark, _)| line.marks.has(*mark)) {
                class.push_str(name);
            }
            if fence.wrap {
                let indent = indent(&self.text[line.range.start..end]);
                if indent > 0 {
                    class.push_str(" i");
                    class.push_str(&indent.to_string());
                    // Stops of the tab key have to fit the indentation.
                    class.push_str(if written.starts_with('\t') { " tab" } else { "" });
                }
            }
            let number = block.number(index).to_string();
            let id = block.name.as_ref().map(|name| format!("{name}-{number}"));
            Tag::new(self.out, "span")
                .attribute("class", &class)
                .attribute_unless_empty("id", id.as_deref().unwrap_or(""))
                .attribute_unless_empty("data-n", if block.numbers && id.is_none() { &number } else { "" })
                .attribute_unless_empty("data-label", line.label.as_deref().unwrap_or(""))
                .attribute_unless_empty(
                    "data-pair",
                    &line.pair.map_or(String::new(), |pair| pair.to_string()),
                )
                .flag("hidden", line.marks.has(Mark::Hide))
                .end();
            if let Some(id) = id {
                if block.numbers {
                    Tag::new(self.out, "a")
                        .attribute("href", &format!("#{id}"))
                        .attribute("data-n", &number)
                        .attribute("aria-label", &number)
                        .end();
                    self.out.push_str("</a>");
                }
                ids.push(id);
            }
            self.words(line.range.start..end, &block.words);
            for note in &line.notes {
                let note = note.to_string();
                self.out.push(' ');
                Tag::new(self.out, "a")
                    .attribute("class", "note")
                    .attribute("href", &format!("#{}-note-{note}", given.name))
                    .end();
                self.out.push_str(&note);
                self.out.push_str("</a>");
            }
            self.words(end..line.range.end, &block.words);
            self.out.push_str("</span>");
        }
    }

    fn words(&mut self, range: Range<usize>, words: &Words) {
        let mut from = range.start;
        for (word, mark) in words.within(range.clone()) {
            self.paints(from..word.start);
            let (open, class, close) = match mark {
                Mark::Insert => ("ins", "", "</ins>"),
                Mark::Delete => ("del", "", "</del>"),
                Mark::Error => ("mark", "err", "</mark>"),
                Mark::Warning => ("mark", "warn", "</mark>"),
                _ => ("mark", "", "</mark>"),
            };
            Tag::new(self.out, open).attribute_unless_empty("class", class).end();
            self.paints(word.clone());
            self.out.push_str(close);
            from = word.end;
        }
        self.paints(from..range.end);
    }

    fn paints(&mut self, range: Range<usize>) {
        let mut from = range.start;
        while let Some(paint) = self.paints.get(self.next).filter(|paint| paint.range.start < range.end) {
            let start = paint.range.start.max(from);
            let end = paint.range.end.min(range.end);
            if start < end {
                text_into(self.out, &self.text[from..start]);
                match &paint.class {
                    Class::Token(class) => self.token(start..end, class),
                    Class::Exact(class) => self.exact(start..end, class),
                    Class::Look(classes) => self.exact(start..end, classes),
                }
                from = end;
            }
            if paint.range.end > range.end {
                break;
            }
            self.next += 1;
        }
        text_into(self.out, &self.text[from..range.end]);
    }

    fn exact(&mut self, range: Range<usize>, class: &str) {
        Tag::new(self.out, "span").attribute("class", class).end();
        text_into(self.out, &self.text[range]);
        self.out.push_str("</span>");
    }

    /// White space around a piece of a token needs no tag: a cut may leave
    /// nothing else.
    fn token(&mut self, range: Range<usize>, class: &str) {
        let piece = &self.text[range];
        let inner = piece.trim();
        let (before, after) = match piece.find(inner) {
            Some(at) if !inner.is_empty() => (&piece[..at], &piece[at + inner.len()..]),
            _ => (piece, ""),
        };
        text_into(self.out, before);
        if !inner.is_empty() {
            Tag::new(self.out, "span").attribute("class", class).end();
            text_into(self.out, inner);
            self.out.push_str("</span>");
            text_into(self.out, after);
        }
    }
}

/// The characters a line is indented by.
fn indent(line: &str) -> usize {
    let mut indent = 0;
    for byte in line.bytes() {
        match byte {
            b' ' => indent += 1,
            b'\t' => indent = (indent / TAB + 1) * TAB,
            _ => break,
        }
    }
    indent.min(DEEPEST_INDENT)
}
