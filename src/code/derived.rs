//! Derived texts: a snippet made into what a parser takes, and the way back.
//!
//! In: pieces of a text and pieces of our own between them. Out: the derived
//! text, and for each of its places the place in the text it came from. Must
//! not know languages.

use std::ops::Range;

use super::engine::Token;

/// A text made of parts of another.
#[derive(Debug, Default)]
pub(super) struct Derived {
    pub(super) text: String,
    /// In the order of both texts.
    pieces: Vec<Piece>,
    /// Length of the text it was made from.
    source_len: usize,
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Where it starts in the derived text.
    at: usize,
    /// Where it starts in the source.
    from: usize,
    len: usize,
}

impl Derived {
    pub(super) fn new(source: &str) -> Self {
        Self { source_len: source.len(), ..Self::default() }
    }

    /// A text between two others.
    pub(super) fn wrapped(before: &str, source: &str, after: &str) -> Self {
        let mut derived = Self::new(source);
        derived.text.push_str(before);
        derived.take(source, 0..source.len());
        derived.text.push_str(after);
        derived
    }

    /// Goes on with a part of the source.
    pub(super) fn take(&mut self, source: &str, range: Range<usize>) {
        self.pieces.push(Piece { at: self.text.len(), from: range.start, len: range.len() });
        self.text.push_str(&source[range]);
    }

    /// The same text with more of our own: `inserted` says where in `text`, the
    /// whole of it, from left to right.
    pub(super) fn with_insertions(&self, text: String, inserted: &[Range<usize>]) -> Self {
        // Where the text was cut, counted in the old text, and how much was put
        // in there.
        let mut cuts = Vec::with_capacity(inserted.len());
        let mut before = 0;
        for range in inserted {
            cuts.push((range.start - before, range.len()));
            before += range.len();
        }
        let mut cuts = cuts.into_iter().peekable();
        let mut shift = 0;
        let mut derived = Self { text, pieces: Vec::new(), source_len: self.source_len };
        for piece in &self.pieces {
            let (mut at, end) = (piece.at, piece.at + piece.len);
            loop {
                while let Some((_, len)) = cuts.next_if(|(cut, _)| *cut <= at) {
                    shift += len;
                }
                let next = cuts.peek().map_or(end, |(cut, _)| end.min(*cut));
                derived.pieces.push(Piece {
                    at: at + shift,
                    from: piece.from + at - piece.at,
                    len: next - at,
                });
                at = next;
                if at >= end {
                    break;
                }
            }
        }
        derived
    }

    /// Where a place of the derived text is in the source; the nearest place
    /// before it, when it is in neither.
    pub(super) fn source_place(&self, at: usize) -> usize {
        let next = self.pieces.partition_point(|piece| piece.at <= at);
        match next.checked_sub(1).map(|i| self.pieces[i]) {
            Some(piece) => (piece.from + (at - piece.at).min(piece.len)).min(self.source_len),
            None => self.pieces.first().map_or(0, |piece| piece.from),
        }
    }

    pub(super) fn source_range(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.source_place(range.start);
        start..self.source_place(range.end).max(start)
    }

    /// Tokens of the derived text, appended as tokens of the source: cut where
    /// the pieces are, and those of our own left out.
    pub(super) fn source_tokens(&self, tokens: &[Token], out: &mut Vec<Token>) {
        let mut first = 0;
        for token in tokens {
            while self.pieces.get(first).is_some_and(|piece| piece.at + piece.len <= token.range.start) {
                first += 1;
            }
            for piece in &self.pieces[first.min(self.pieces.len())..] {
                if piece.at >= token.range.end {
                    break;
                }
                let start = token.range.start.max(piece.at);
                let end = token.range.end.min(piece.at + piece.len);
                if start < end {
                    let range = piece.from + start - piece.at..piece.from + end - piece.at;
                    out.push(Token { range, kind: token.kind });
                }
            }
        }
    }
}

/// The text with the white space that all its lines begin with taken off;
/// `None` when there is none. Empty lines do not count.
pub(super) fn dedented(text: &str) -> Option<Derived> {
    let mut margin: Option<&str> = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        margin = Some(match margin {
            None => indent,
            Some(margin) => {
                let same = margin.bytes().zip(indent.bytes()).take_while(|(a, b)| a == b).count();
                &margin[..same]
            }
        });
    }
    let margin = margin.filter(|margin| !margin.is_empty())?.len();
    let mut derived = Derived::new(text);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        derived.take(text, at + margin.min(indent)..at + line.len());
        at += line.len();
    }
    Some(derived)
}

#[cfg(test)]
mod tests {
    use super::super::kind::Kind;
    use super::*;

    #[test]
    fn places_lead_back() {
        let derived = dedented("    a\n\n      b\n").unwrap();
        assert_eq!(derived.text, "a\n\n  b\n");
        assert_eq!(derived.source_place(0), 4);
        assert_eq!(derived.source_range(&(5..6)), 13..14);
        let tokens = [Token { range: 0..6, kind: Kind::String }];
        let mut out = Vec::new();
        derived.source_tokens(&tokens, &mut out);
        let ranges: Vec<_> = out.into_iter().map(|token| token.range).collect();
        assert_eq!(ranges, [4..6, 6..7, 11..14]);

        let wrapped = Derived::wrapped("(", "ab", "\n)");
        assert_eq!((wrapped.source_place(0), wrapped.source_place(1), wrapped.source_place(9)), (0, 0, 2));
    }
}
