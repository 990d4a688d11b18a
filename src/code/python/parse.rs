//! Parse: one text to tokens and errors.
//!
//! In: a text, and the mode that ruff reads it in. Out: an [`Attempt`]: tokens,
//! errors in CPython's order, and the bracket that may be the reason for them.

use std::ops::Range;

use ruff_python_ast as ast;
use ruff_python_ast::token::{Token as Lexeme, TokenKind};
use ruff_python_parser::semantic_errors::{SemanticSyntaxError, SemanticSyntaxErrorKind};
use ruff_python_parser::{Mode, ParseErrorType, ParseOptions, Parsed, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use super::walk::Walk;
use crate::code::engine::{Token, Want};
use crate::code::hints;
use crate::code::kind::Kind;
use crate::code::paint::{Marks, Painter};
use crate::code::verdict::{Finding, Level, PythonVersion, Reading, Verdict};

/// One parse of one text.
pub(super) struct Attempt {
    pub(super) tokens: Vec<Token>,
    /// CPython's order: what the parser says comes before the rest.
    errors: Vec<Problem>,
    brackets: Option<Trouble>,
}

struct Problem {
    message: String,
    range: Range<usize>,
    /// How the text is to be read for this to be no error.
    tolerated: Option<Reading>,
    /// It comes from the grammar, so a bracket may be the reason.
    is_grammar: bool,
}

/// The first bracket that has no partner.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Trouble {
    Unclosed(Range<usize>),
    Unopened(Range<usize>),
    Mismatch { open: Range<usize>, close: Range<usize> },
}

impl Attempt {
    pub(super) fn verdict(&self, level: Level) -> Option<Verdict> {
        let mut reading = None;
        for error in &self.errors {
            let tolerated = error.tolerated.filter(|_| level != Level::Strict)?;
            reading = reading.max(Some(std::cmp::Reverse(tolerated)));
        }
        Some(reading.map_or(Verdict::Ok, |reading| Verdict::OkAs(reading.0)))
    }

    pub(super) fn finding(&self, text: &str, version: PythonVersion) -> Finding {
        let Some(first) = self.errors.iter().find(|error| error.tolerated.is_none()).or(self.errors.first())
        else {
            return Finding::default();
        };
        let mut finding =
            Finding { message: first.message.clone(), place: first.range.clone(), ..Finding::default() };
        let sign = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default().to_owned();
        // What stands behind a bracket that is never closed is read as if it
        // stood in it: the first line where that fails is not to blame.
        let at = first.range.start;
        let is_at_end = at >= text.trim_end().len();
        let is_behind = |open: &Range<usize>| {
            is_at_end || text.get(open.end..at).is_some_and(|between| between.contains('\n'))
        };
        match self.brackets.as_ref().filter(|_| first.is_grammar) {
            Some(Trouble::Unclosed(open)) if is_behind(open) => {
                let noticed = hints::visible(text, first.range.clone());
                finding.message = format!("`{}` is never closed", sign(open));
                finding.labels.push((noticed, "noticed here".to_owned()));
                finding.place = open.clone();
            }
            Some(Trouble::Mismatch { open, close }) => {
                finding.message = format!("`{}` does not close `{}`", sign(close), sign(open));
                finding.labels.push((open.clone(), "opened here".to_owned()));
                finding.place = close.clone();
            }
            Some(Trouble::Unopened(close)) if at >= close.start => {
                finding.message = format!("`{}` closes nothing", sign(close));
                finding.place = close.clone();
            }
            _ => {}
        }
        finding.place = hints::visible(text, finding.place);
        finding.hints = hints::python(text, &finding.place, version);
        finding
    }
}

pub(super) fn attempt(text: &str, mode: Mode, want: &Want) -> Attempt {
    let version = ast::PythonVersion { major: 3, minor: want.python.minor.max(7) };
    let parsed = parse_unchecked(text, ParseOptions::from(mode).with_target_version(version));
    let mut walk = Walk::new(text, version, mode, want);
    if let ast::Mod::Module(module) = parsed.syntax() {
        walk.module(&module.body);
    }
    let (marks, semantic) = walk.finish();
    let tokens = if want.colours { paint(text, &parsed, marks) } else { Vec::new() };
    let errors = errors(text, &parsed, semantic);
    let brackets = if errors.is_empty() { None } else { trouble(parsed.tokens()) };
    Attempt { tokens, errors, brackets }
}

fn errors(text: &str, parsed: &Parsed<ast::Mod>, semantic: Vec<(SemanticSyntaxError, bool)>) -> Vec<Problem> {
    let place = |range: TextRange| range.start().to_usize()..range.end().to_usize();
    let mut errors: Vec<Problem> = parsed
        .errors()
        .iter()
        .map(|error| {
            let range = place(error.location);
            // `f(a=1, ...)`
            let is_placeholder = error.error == ParseErrorType::PositionalAfterKeywordArgument
                && text.get(range.clone()).is_some_and(|piece| piece == "...");
            Problem {
                message: hints::phrase(&error.error.to_string()),
                range,
                tolerated: is_placeholder.then_some(Reading::Placeholder),
                is_grammar: true,
            }
        })
        .collect();
    errors.sort_by_key(|error| error.range.start);
    let grammar = errors.len();
    errors.extend(parsed.unsupported_syntax_errors().iter().map(|error| Problem {
        message: hints::phrase(&error.to_string()),
        range: place(error.range),
        tolerated: None,
        is_grammar: false,
    }));
    errors.extend(semantic.into_iter().map(|(error, is_outside)| {
        use SemanticSyntaxErrorKind as E;
        let tolerated = match &error.kind {
            E::AwaitOutsideAsyncFunction(_) | E::AsyncComprehensionInSyncComprehension(_) => {
                Some(Reading::Await)
            }
            E::YieldOutsideFunction(kind) if kind.is_await() => Some(Reading::Await),
            E::YieldOutsideFunction(_) | E::ReturnOutsideFunction => Some(Reading::FunctionBody),
            _ => None,
        };
        Problem {
            message: hints::phrase(&error.to_string()),
            range: place(error.range),
            tolerated: tolerated.filter(|_| is_outside),
            is_grammar: false,
        }
    }));
    errors[grammar..].sort_by_key(|error| error.range.start);
    errors
}

fn trouble(tokens: &[Lexeme]) -> Option<Trouble> {
    let mut open: Vec<(TokenKind, Range<usize>)> = Vec::new();
    for token in tokens {
        let range = token.start().to_usize()..token.end().to_usize();
        let partner = match token.kind() {
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                open.push((token.kind(), range));
                continue;
            }
            TokenKind::Rpar => TokenKind::Lpar,
            TokenKind::Rsqb => TokenKind::Lsqb,
            TokenKind::Rbrace => TokenKind::Lbrace,
            _ => continue,
        };
        match open.pop() {
            None => return Some(Trouble::Unopened(range)),
            Some((kind, open)) if kind != partner => return Some(Trouble::Mismatch { open, close: range }),
            Some(_) => {}
        }
    }
    open.pop().map(|(_, range)| Trouble::Unclosed(range))
}

/// Kinds of the tokens that no mark says anything about.
fn base(kind: TokenKind) -> Option<Kind> {
    use TokenKind as T;
    Some(match kind {
        T::Int | T::Float | T::Complex => Kind::Number,
        T::String
        | T::FStringStart
        | T::FStringMiddle
        | T::FStringEnd
        | T::TStringStart
        | T::TStringMiddle
        | T::TStringEnd => Kind::String,
        T::IpyEscapeCommand => Kind::Builtin,
        T::Comment => Kind::Comment,
        T::Plus
        | T::Minus
        | T::Star
        | T::Slash
        | T::Vbar
        | T::Amper
        | T::Less
        | T::Greater
        | T::Percent
        | T::EqEqual
        | T::NotEqual
        | T::LessEqual
        | T::GreaterEqual
        | T::Tilde
        | T::CircumFlex
        | T::LeftShift
        | T::RightShift
        | T::DoubleStar
        | T::DoubleSlash
        | T::At
        | T::ColonEqual => Kind::Operator,
        T::And | T::Or | T::Not | T::In | T::Is | T::Del | T::Global | T::Nonlocal => Kind::Keyword,
        T::Def | T::Class | T::Lambda | T::Async | T::Type => Kind::Storage,
        T::True | T::False | T::None | T::Ellipsis => Kind::Constant,
        T::As
        | T::Assert
        | T::Await
        | T::Break
        | T::Continue
        | T::Elif
        | T::Else
        | T::Except
        | T::Finally
        | T::For
        | T::From
        | T::If
        | T::Import
        | T::Pass
        | T::Raise
        | T::Return
        | T::Try
        | T::While
        | T::With
        | T::Yield
        | T::Case
        | T::Lazy
        | T::Match => Kind::Control,
        _ => return None,
    })
}

fn paint(text: &str, parsed: &Parsed<ast::Mod>, marks: Marks) -> Vec<Token> {
    let mut painter = Painter::new(text, marks, parsed.tokens().len());
    for token in parsed.tokens() {
        let (start, end) = (token.start().to_u32(), token.end().to_u32());
        if start == end {
            continue;
        }
        let Some(kind) = painter.marked(start).unwrap_or_else(|| base(token.kind())) else { continue };
        let is_text =
            matches!(token.kind(), TokenKind::String | TokenKind::FStringMiddle | TokenKind::TStringMiddle);
        if is_text && !token.string_flags().is_some_and(|flags| ast::StringFlags::prefix(flags).is_raw()) {
            painter.put_escaped(start..end, kind);
        } else {
            painter.put(start..end, kind);
        }
    }
    painter.finish()
}
