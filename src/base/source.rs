//! Source texts and places in them.
//!
//! In: the path and text of a file the author edits. Out: byte spans and
//! line/column positions. Must not know how a text is parsed or shown.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A half-open range of bytes in one source text. Offsets count from the start
/// of the *file*, front matter included, so that a span is always a place in
/// what the author's editor shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte; never less than `start`.
    pub end: u32,
}

impl Span {
    /// A span from two byte offsets; swapped ends are put in order.
    pub fn new(start: usize, end: usize) -> Self {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        Self { start, end: end.max(start) }
    }

    /// The empty span at one offset.
    pub fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// The same span, moved by `offset` bytes to the right.
    pub fn shifted(self, offset: usize) -> Self {
        Self::new(self.start as usize + offset, self.end as usize + offset)
    }

    /// As a range of `usize`.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// One text the author edits, with the path it is known by.
#[derive(PartialEq, Eq)]
pub struct Source {
    /// Path relative to the project root, `/` between parts; or a name in
    /// angle brackets for a text that is in no file (`<theme>/page.html`).
    pub path: String,
    /// The whole text, front matter included.
    pub text: String,
}

impl Source {
    /// A shared source.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.into(), text: text.into() })
    }

    /// The text of a span, clamped to the text and to character borders.
    pub fn slice(&self, span: Span) -> &str {
        let Range { start, end } = self.clamp(span);
        &self.text[start..end]
    }

    /// The span as a range that can index the text without panicking: inside
    /// the text, on character borders.
    pub fn clamp(&self, span: Span) -> Range<usize> {
        let mut start = (span.start as usize).min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = (span.end as usize).clamp(start, self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }

    /// 1-based line and 1-based column, in characters, of a byte offset.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let offset = self.clamp(Span::at(offset)).start;
        let before = &self.text[..offset];
        let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        (line, before[line_start..].chars().count() + 1)
    }

    /// The span of the 1-based line, without its line end; empty at the end
    /// of the text when there is no such line.
    pub fn line_span(&self, line: usize) -> Span {
        let mut start = 0;
        for _ in 1..line {
            match self.text[start..].find('\n') {
                Some(i) => start += i + 1,
                None => return Span::at(self.text.len()),
            }
        }
        let end = self.text[start..].find('\n').map_or(self.text.len(), |i| start + i);
        Span::new(start, start + self.text[start..end].trim_end_matches('\r').len())
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({}, {} bytes)", self.path, self.text.len())
    }
}
