//! Paint: a parser's tokens, with what the syntax tree knows of them.
//!
//! In: lexical tokens from left to right, and marks: ranges for which the tree
//! knows better. Out: [`Token`]s. Marks are one sorted list that is walked
//! beside the tokens; nothing is looked up. Must not know languages.

use std::ops::Range;

use super::engine::Token;
use super::kind::Kind;

/// What the tree knows of a range: its kind, or that it is plain.
#[derive(Debug, Clone, Copy)]
struct Mark {
    start: u32,
    end: u32,
    kind: Option<Kind>,
}

/// Marks in the making. Of two that overlap, the one that starts first counts;
/// of two that start together, the one that was made first.
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<Mark>);

impl Marks {
    pub(super) fn put(&mut self, start: u32, end: u32, kind: impl Into<Option<Kind>>) {
        self.0.push(Mark { start, end, kind: kind.into() });
    }
}

/// Makes tokens.
pub(super) struct Painter<'a> {
    text: &'a str,
    marks: Vec<Mark>,
    /// The first mark that may still matter.
    next: usize,
    tokens: Vec<Token>,
}

impl<'a> Painter<'a> {
    pub(super) fn new(text: &'a str, marks: Marks, tokens: usize) -> Self {
        let mut marks = marks.0;
        // Trees are walked nearly from left to right: the runs are long.
        marks.sort_by_key(|mark| mark.start);
        Self { text, marks, next: 0, tokens: Vec::with_capacity(tokens) }
    }

    /// What a mark says about the place, which is never before the last one.
    pub(super) fn marked(&mut self, at: u32) -> Option<Option<Kind>> {
        while let Some(mark) = self.marks.get(self.next).filter(|mark| mark.start <= at) {
            if at < mark.end {
                return Some(mark.kind);
            }
            self.next += 1;
        }
        None
    }

    /// A token of one kind.
    pub(super) fn put(&mut self, range: Range<u32>, kind: Kind) {
        let range = range.start as usize..range.end as usize;
        match self.tokens.last_mut() {
            Some(last) if last.kind == kind && last.range.end == range.start => last.range.end = range.end,
            _ => self.tokens.push(Token { range, kind }),
        }
    }

    /// A token that holds escapes, which have a kind of their own.
    pub(super) fn put_escaped(&mut self, range: Range<u32>, kind: Kind) {
        let bytes = self.text.as_bytes();
        let (mut from, end) = (range.start as usize, range.end as usize);
        let mut at = from;
        while let Some(found) = memchr::memchr(b'\\', &bytes[at..end]) {
            let start = at + found;
            let stop = escape_end(self.text, start, end);
            if start > from {
                self.put(offset(from)..offset(start), kind);
            }
            self.put(offset(start)..offset(stop), Kind::Escape);
            (from, at) = (stop, stop);
        }
        if from < end {
            self.put(offset(from)..range.end, kind);
        }
    }

    pub(super) fn finish(self) -> Vec<Token> {
        self.tokens
    }
}

/// Texts are far shorter than 4 GiB: the engine has a limit.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Where the escape ends whose backslash is at `start`: `\n`, `\x41`, `\101`,
/// `\u0041`, `\u{1F600}`, `\U0001F600`, `\N{DASH}`.
fn escape_end(text: &str, start: usize, end: usize) -> usize {
    let after = start + 1;
    let Some(c) = text[after..end].chars().next() else { return end };
    let rest = &text.as_bytes()[after + c.len_utf8()..end];
    let hex = |most: usize| rest.iter().take(most).take_while(|b| b.is_ascii_hexdigit()).count();
    let more = match c {
        'u' | 'N' if rest.first() == Some(&b'{') => memchr::memchr(b'}', rest).map_or(0, |close| close + 1),
        'x' => hex(2),
        'u' => hex(4),
        'U' => hex(8),
        '0'..='7' => rest.iter().take(2).take_while(|b| (b'0'..=b'7').contains(b)).count(),
        _ => 0,
    };
    after + c.len_utf8() + more
}

/// `MAX_SIZE`: a name that says of itself that it never changes.
pub(super) fn is_constant(name: &str) -> bool {
    name.len() > 1
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && name.bytes().any(|b| b.is_ascii_uppercase())
        && !name.starts_with('_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_cut_out() {
        let text = r#""a\n\u{41}é\é\x4g""#;
        let mut painter = Painter::new(text, Marks::default(), 0);
        painter.put_escaped(0..offset(text.len()), Kind::String);
        let found: Vec<_> =
            painter.finish().into_iter().map(|token| (&text[token.range], token.kind)).collect();
        assert_eq!(
            found,
            [
                ("\"a", Kind::String),
                ("\\n\\u{41}", Kind::Escape),
                ("é", Kind::String),
                ("\\é\\x4", Kind::Escape),
                ("g\"", Kind::String),
            ]
        );
    }

    #[test]
    fn the_outer_mark_counts() {
        let mut marks = Marks::default();
        marks.put(4, 7, Kind::Function);
        marks.put(0, 3, Kind::Type);
        marks.put(0, 1, None);
        marks.put(2, 3, None);
        let mut painter = Painter::new("", marks, 0);
        let found: Vec<_> = [0, 1, 2, 3, 4, 8].map(|at| painter.marked(at)).into();
        let is = |kind| Some(Some(kind));
        assert_eq!(found, [is(Kind::Type), is(Kind::Type), is(Kind::Type), None, is(Kind::Function), None]);
    }
}
