//! Engine: text and language to tokens.
//!
//! In: a text and the language it is in. Out: [`Token`]s and a verdict,
//! whichever back-end found them. Each back-end is one file with one function
//! of the same shape; this one chooses among them, keeps the limits and tidies
//! what they return. Must not know HTML, themes or fences.
//!
//! Parsers call themselves for what is nested, so nesting has a limit, and a
//! long text gets a stack that is large enough for the worst it could hold. A
//! parser that fails all the same costs its snippet the verdict, not the site.

use std::cell::Cell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::kind::Kind;
use super::language::Language;
use super::verdict::{Judgement, Level, PythonVersion, Reason};
use super::{data, javascript, python, shell, syntect};

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

/// What is asked of a back-end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Want {
    /// Tokens; without, there are none.
    pub(super) colours: bool,
    pub(super) level: Level,
    pub(super) python: PythonVersion,
}

/// What a parser found.
#[derive(Debug)]
pub(super) struct Outcome {
    /// In order and not overlapping, but untidied.
    pub(super) tokens: Vec<Token>,
    pub(super) judgement: Judgement,
}

/// Deepest nesting that parsers are given. Levels of brackets.
const MAX_DEPTH: usize = 200;

/// Stack for each level of brackets, and for each word or sign: these can be
/// nested without brackets (`!!!a`, `a => b => c`). Bytes, generous.
const STACK_PER_LEVEL: usize = 24 << 10;
const STACK_PER_WORD: usize = 2 << 10;

/// Texts that could need more are not parsed. Bytes.
const MAX_STACK: usize = 512 << 20;

/// Reads a text: its tokens (in order, not overlapping, never touching a
/// neighbour of the same kind; what no token covers is plain), or why there are
/// none; and the verdict on it.
pub(super) fn read(text: &str, language: Language, want: &Want) -> (Result<Vec<Token>, Refusal>, Judgement) {
    let too_long = if text.len() > MAX_TEXT { Some(Refusal::TextTooLong) } else { long_line(text) };
    if let Some(refusal) = too_long {
        let tokens = if want.colours { Err(refusal) } else { Ok(Vec::new()) };
        return (tokens, Judgement::unchecked(Reason::TooLong));
    }
    let grammar = |grammar| {
        if want.colours { syntect::tokens(text, grammar).map_err(Refusal::Grammar) } else { Ok(Vec::new()) }
    };
    let (found, judgement) = match language {
        Language::Plain => (Ok(Vec::new()), Judgement::unchecked(Reason::NoParser)),
        Language::Grammar(found) => (grammar(found), Judgement::unchecked(Reason::NoParser)),
        Language::Data(format, found) => {
            let judgement = match want.level {
                Level::Off => None,
                level => Some(guarded(text, || data::judge(text, format, level))),
            };
            (grammar(found), judgement.map_or(Judgement::unchecked(Reason::Off), unwrapped))
        }
        Language::Shell(found) => {
            let judgement = match want.level {
                Level::Off => None,
                level => Some(guarded(text, || shell::judge(text, level))),
            };
            (grammar(found), judgement.map_or(Judgement::unchecked(Reason::Off), unwrapped))
        }
        Language::JavaScript(dialect) => match guarded(text, || javascript::read(text, dialect, want)) {
            Ok(outcome) => (Ok(outcome.tokens), outcome.judgement),
            Err(reason) => {
                let tokens = if want.colours { javascript::loose_tokens(text, dialect) } else { Vec::new() };
                (Ok(tokens), Judgement::unchecked(reason))
            }
        },
        Language::Python { session } => match guarded(text, || python::read(text, session, want)) {
            Ok(outcome) => (Ok(outcome.tokens), outcome.judgement),
            Err(reason) => (Ok(Vec::new()), Judgement::unchecked(reason)),
        },
    };
    let judgement = if want.level == Level::Off { Judgement::unchecked(Reason::Off) } else { judgement };
    (found.map(|found| tidy(text, found)), judgement)
}

fn unwrapped(judgement: Result<Judgement, Reason>) -> Judgement {
    judgement.unwrap_or_else(Judgement::unchecked)
}

/// Runs a parser where it can do no harm.
pub(super) fn guarded<T>(text: &str, parse: impl FnOnce() -> T) -> Result<T, Reason> {
    let (depth, words) = shape(text);
    let stack = (128 << 10) + depth * STACK_PER_LEVEL + words * STACK_PER_WORD;
    if depth > MAX_DEPTH || stack > MAX_STACK {
        return Err(Reason::TooDeep);
    }
    contained(|| stacker::maybe_grow(stack, stack, parse)).ok_or(Reason::ParserFailed)
}

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a parser of others that may panic: none then.
pub(super) fn contained<T>(parse: impl FnOnce() -> T) -> Option<T> {
    let outer = CONTAINED.replace(true);
    let parsed = catch_unwind(AssertUnwindSafe(parse));
    CONTAINED.set(outer);
    parsed.ok()
}

/// Whether a panic of this thread is one that is caught and told as a verdict:
/// a program's panic hook has nothing to say of it.
#[must_use]
pub fn contains_panics() -> bool {
    CONTAINED.get()
}

/// How deep brackets are nested, and how many words and signs there are. A
/// bracket in a string counts, as nothing of the language is known here.
fn shape(text: &str) -> (usize, usize) {
    let (mut depth, mut deepest, mut words) = (0_usize, 0, 0);
    let mut in_word = false;
    for byte in text.bytes() {
        let is_word = byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        if is_word {
            words += usize::from(!in_word);
        } else if !byte.is_ascii_whitespace() {
            words += 1;
            match byte {
                b'(' | b'[' | b'{' => {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        in_word = is_word;
    }
    (deepest, words)
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
        let want = Want { colours: true, level: Level::Off, python: PythonVersion::default() };
        let long = "x\n".repeat(MAX_TEXT / 2 + 1);
        assert_eq!(read(&long, Language::Plain, &want).0, Err(Refusal::TextTooLong));
    }
}
