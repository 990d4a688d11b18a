//! Engine: text and language to tokens.
//!
//! In: a text and the language it is in. Out: [`Token`]s, whichever back-end
//! found them. Each back-end is one file with one function of the same shape;
//! this one chooses among them, keeps the limits and tidies what they return.
//! Must not know HTML, themes or fences.

use std::ops::Range;

use super::kind::Kind;
use super::language::Language;
use super::syntect;

/// Longer texts are not coloured. Bytes.
pub const MAX_TEXT: usize = 256 << 10;

/// Texts with a longer line are not coloured. Characters.
pub const MAX_LINE: usize = 5_000;

/// A run of text of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Bytes of the text; never empty, on character borders.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// Why a text has no colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It has more than [`MAX_TEXT`] bytes.
    TextTooLong,
    /// A line has more than [`MAX_LINE`] characters: the line, from 1, and its bytes.
    LineTooLong(usize, Range<usize>),
    /// The grammar failed.
    Grammar(String),
}

/// The tokens of a text: in order, not overlapping, never touching a neighbour
/// of the same kind. What no token covers is plain.
pub(super) fn tokens(text: &str, language: Language) -> Result<Vec<Token>, Refusal> {
    if text.len() > MAX_TEXT {
        return Err(Refusal::TextTooLong);
    }
    if let Some(refusal) = long_line(text) {
        return Err(refusal);
    }
    let found = match language {
        Language::Plain => Vec::new(),
        Language::Grammar(grammar) => syntect::tokens(text, grammar).map_err(Refusal::Grammar)?,
    };
    Ok(tidy(text, found))
}

fn long_line(text: &str) -> Option<Refusal> {
    let mut start = 0;
    for (i, line) in text.split_inclusive('\n').enumerate() {
        // Bytes first: counting characters is needed only where they could be
        // too many.
        if line.len() > MAX_LINE && line.chars().count() > MAX_LINE {
            return Some(Refusal::LineTooLong(i + 1, start..start + line.trim_end().len()));
        }
        start += line.len();
    }
    None
}

/// Joins neighbours of one kind, also across white space, and takes white
/// space off the ends of a token. Drops what is not in order.
fn tidy(text: &str, found: Vec<Token>) -> Vec<Token> {
    let mut tidied: Vec<Token> = Vec::with_capacity(found.len());
    for mut token in found {
        let covered = tidied.last().map_or(0, |last| last.range.end);
        token.range.start = token.range.start.max(covered);
        let Some(piece) = text.get(token.range.clone()) else { continue };
        token.range.start += piece.len() - piece.trim_start().len();
        token.range.end = token.range.start + piece.trim().len();
        if token.range.is_empty() {
            continue;
        }
        match tidied.last_mut() {
            Some(last)
                if last.kind == token.kind
                    && text[last.range.end..token.range.start].chars().all(char::is_whitespace) =>
            {
                last.range.end = token.range.end;
            }
            _ => tidied.push(token),
        }
    }
    tidied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_kind_become_one_token() {
        let token = |range, kind| Token { range, kind };
        let text = "// a\n  // b\nx";
        let found = vec![
            token(0..2, Kind::Comment),
            token(2..5, Kind::Comment),
            token(7..12, Kind::Comment),
            token(12..13, Kind::Function),
        ];
        assert_eq!(tidy(text, found), [token(0..11, Kind::Comment), token(12..13, Kind::Function)]);
    }

    #[test]
    fn limits_are_inclusive() {
        assert_eq!(long_line(&"ä".repeat(MAX_LINE)), None);
        assert_eq!(
            long_line(&format!("x\n{}", "ä".repeat(MAX_LINE + 1))),
            Some(Refusal::LineTooLong(2, 2..2 + 2 * (MAX_LINE + 1)))
        );
        assert_eq!(tokens(&"x\n".repeat(MAX_TEXT / 2 + 1), Language::Plain), Err(Refusal::TextTooLong));
    }
}
