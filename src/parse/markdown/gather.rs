//! Gather: text put together from pieces of the source.
//!
//! In: slices as pulldown-cmark's events bring them. Out: one text, borrowed
//! as long as the slices lie side by side, and the place in the source of each
//! of its bytes. Must not know what the text is.

use std::borrow::Cow;

/// Text from the source, with the way back.
#[derive(Debug, Default)]
pub(super) struct Gather<'a> {
    text: Cow<'a, str>,
    /// Where pieces begin: byte of the text, byte of the source. Both ascend
    /// by the first; a borrowed text has exactly one.
    pieces: Pieces,
    /// End of the last piece in the source.
    end: usize,
}

/// The first piece is kept apart because most texts have no other, and then
/// nothing is allocated.
#[derive(Debug, Default)]
struct Pieces {
    first: usize,
    more: Vec<(usize, usize)>,
}

impl<'a> Gather<'a> {
    /// Adds `piece`, which is the source's slice at `at`, or stands for
    /// something there when it is `replaced`.
    pub(super) fn push(&mut self, source: &'a str, at: usize, piece: &str, replaced: bool) {
        if piece.is_empty() {
            return;
        }
        if self.text.is_empty() {
            self.pieces = Pieces { first: at, more: Vec::new() };
            self.end = at + piece.len();
            self.text = match source.get(at..at + piece.len()) {
                Some(slice) if !replaced => Cow::Borrowed(slice),
                _ => Cow::Owned(piece.to_owned()),
            };
            return;
        }
        let adjacent = at == self.end && !replaced;
        match &mut self.text {
            Cow::Borrowed(text) if adjacent => {
                let start = self.pieces.first;
                match source.get(start..at + piece.len()) {
                    Some(longer) => *text = longer,
                    None => self.text.to_mut().push_str(piece),
                }
            }
            _ => {
                if !adjacent {
                    self.pieces.more.push((self.text.len(), at));
                }
                self.text.to_mut().push_str(piece);
            }
        }
        self.end = at + piece.len();
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Nothing was gathered.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The place in the source of a byte of the text.
    pub(super) fn source_of(&self, at: usize) -> usize {
        let next = self.pieces.more.partition_point(|(start, _)| *start <= at);
        match next.checked_sub(1).and_then(|i| self.pieces.more.get(i)) {
            Some((start, source)) => source + (at - start),
            None => self.pieces.first + at,
        }
    }

    /// The place in the source of a range of the text: from the place of its
    /// first byte to behind that of its last.
    pub(super) fn span_of(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.source_of(start);
        let last = if end > start { self.source_of(end - 1) + 1 } else { first };
        (first, last.max(first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_stay_borrowed_and_gaps_are_remembered() {
        let source = "> ab\n> cd\n";
        let mut gather = Gather::default();
        gather.push(source, 2, "a", false);
        gather.push(source, 3, "b\n", false);
        assert!(matches!(gather.text, Cow::Borrowed("ab\n")));
        gather.push(source, 7, "cd\n", false);
        assert_eq!(gather.text(), "ab\ncd\n");
        assert_eq!(gather.source_of(1), 3);
        assert_eq!(gather.source_of(3), 7);
        assert_eq!(gather.span_of(1, 4), (3, 8));
    }
}
