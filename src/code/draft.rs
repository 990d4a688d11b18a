//! Drafts: a text from which parts are taken, with the way back.
//!
//! In: the text of a fence, and parts that are not to be seen (comments that
//! mark lines, the column of signs of a diff). Out: the text that is shown, its
//! lines with what is said of each, and the place in the original of each of
//! its bytes. Must not know why a part is taken out.

use std::borrow::Cow;
use std::ops::Range;

use super::fence::Mark;

/// What is said of a line: any number of [`Mark`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Marks(u8);

impl Marks {
    pub(super) fn put(&mut self, mark: Mark) {
        self.0 |= 1 << mark as u8;
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(super) fn has(self, mark: Mark) -> bool {
        self.0 & 1 << mark as u8 != 0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// One line.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    /// Its bytes, line end included.
    pub(super) range: Range<usize>,
    pub(super) marks: Marks,
    /// Words shown beside a mark that starts here.
    pub(super) label: Option<String>,
    /// Numbers of the notes that belong to it.
    pub(super) notes: Vec<u32>,
    /// It has partners on the other sides: lines of that number.
    pub(super) pair: Option<u32>,
}

/// A text made from another one by leaving parts out.
#[derive(Debug, Clone)]
pub struct Cut<'a> {
    text: Cow<'a, str>,
    /// Where pieces begin: byte of the text, byte of the original. Empty when
    /// nothing has been left out.
    pieces: Vec<(usize, usize)>,
}

impl<'a> Cut<'a> {
    /// The whole text.
    pub fn new(text: &'a str) -> Self {
        Self { text: Cow::Borrowed(text), pieces: Vec::new() }
    }

    /// What is left.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Leaves out parts: in order, not overlapping, on character borders.
    pub fn leave_out(&mut self, parts: &[Range<usize>]) {
        if parts.iter().all(Range::is_empty) {
            return;
        }
        let old = std::mem::take(&mut self.text);
        let mut text = String::with_capacity(old.len());
        let mut pieces = Vec::with_capacity(parts.len() + self.pieces.len() + 1);
        let mut from = 0;
        for part in parts.iter().cloned().chain(std::iter::once(old.len()..old.len())) {
            let Some(kept) = old.get(from..part.start) else { continue };
            if !kept.is_empty() {
                pieces.push((text.len(), self.origin_of(from)));
                let first = self.pieces.partition_point(|(at, _)| *at <= from);
                let inner = self.pieces[first..].iter().take_while(|(at, _)| *at < part.start);
                pieces.extend(inner.map(|(at, origin)| (text.len() + at - from, *origin)));
            }
            text.push_str(kept);
            from = part.end;
        }
        self.text = Cow::Owned(text);
        self.pieces = pieces;
    }

    /// The place in the original of a byte.
    fn origin_of(&self, at: usize) -> usize {
        let next = self.pieces.partition_point(|(start, _)| *start <= at);
        match next.checked_sub(1).and_then(|i| self.pieces.get(i)) {
            Some((start, origin)) => origin + (at - start),
            None => at,
        }
    }

    /// The place in the original of a range.
    pub fn origin(&self, range: Range<usize>) -> Range<usize> {
        let start = self.origin_of(range.start);
        let end = if range.end > range.start { self.origin_of(range.end - 1) + 1 } else { start };
        start..end.max(start)
    }
}

/// The text of a fence in the making.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) cut: Cut<'a>,
    /// In order; one for each line of the text, an unfinished last line
    /// included.
    pub(super) lines: Vec<Line>,
    /// Words that are marked: the word, and the lines in which.
    pub(super) words: Vec<(String, Range<usize>)>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut start = 0;
        let lines = text.split_inclusive('\n').map(|line| {
            let range = start..start + line.len();
            start = range.end;
            Line { range, ..Line::default() }
        });
        Self { lines: lines.collect(), cut: Cut::new(text), words: Vec::new() }
    }

    pub(super) fn text(&self) -> &str {
        self.cut.text()
    }

    /// The text of a line, without its line end.
    pub(super) fn line(&self, index: usize) -> &str {
        let range = self.lines.get(index).map_or(0..0, |line| line.range.clone());
        self.text().get(range).unwrap_or("").trim_end_matches(['\n', '\r'])
    }

    /// Leaves out parts: in order, not overlapping, on character borders. A
    /// line of which nothing is left is gone.
    pub(super) fn leave_out(&mut self, parts: &[Range<usize>]) {
        self.cut.leave_out(parts);
        let mut parts = parts.iter().peekable();
        let mut gone = 0;
        let mut moved = |at: usize| {
            while let Some(part) = parts.next_if(|part| part.end <= at) {
                gone += part.len();
            }
            let inside = parts.peek().filter(|part| part.start < at).map_or(0, |part| at - part.start);
            at - gone - inside
        };
        let mut start = 0;
        self.lines.retain_mut(|line| {
            line.range = start..moved(line.range.end);
            start = line.range.end;
            !line.range.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_again_after_several_cuts() {
        let origin = "one // x\n// gone\n+ three\n";
        let mut draft = Draft::new(origin);
        draft.leave_out(&[3..8, 9..17]);
        assert_eq!(draft.text(), "one\n+ three\n");
        draft.leave_out(std::slice::from_ref(&(4..6)));
        assert_eq!(draft.text(), "one\nthree\n");
        assert_eq!(draft.lines.iter().map(|line| line.range.clone()).collect::<Vec<_>>(), [0..4, 4..10]);
        assert_eq!(&origin[draft.cut.origin(4..9)], "three");
        assert_eq!(&origin[draft.cut.origin(0..3)], "one");
        assert_eq!(draft.cut.origin(10..10), 25..25);
    }
}
