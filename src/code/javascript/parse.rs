//! Parse: one text to tokens and errors.
//!
//! In: a text, its dialect and goal. Out: an [`Attempt`]: tokens, and what is
//! wrong, the first first.

use std::cell::RefCell;
use std::ops::Range;

use oxc_allocator::Allocator;
use oxc_ast::ast::Comment;
use oxc_ast_visit::Visit as _;
use oxc_diagnostics::{Diagnostics, OxcDiagnostic};
use oxc_parser::config::TokensParserConfig;
use oxc_parser::{Kind as Lexical, ParseOptions, Parser, Token as Lexeme};
use oxc_semantic::SemanticBuilder;
use oxc_span::{SourceType, Span};

use super::Dialect;
use super::walk::Walk;
use crate::code::engine::{Token, Want};
use crate::code::hints;
use crate::code::kind::Kind;
use crate::code::loose::{self, Trouble};
use crate::code::paint::{Marks, Painter};
use crate::code::verdict::{Finding, Level};

/// How a text is parsed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    pub(super) dialect: Dialect,
    pub(super) commonjs: bool,
}

impl Source {
    pub(super) fn source_type(self) -> SourceType {
        let source = if self.commonjs { SourceType::cjs() } else { SourceType::mjs() };
        source.with_typescript(self.dialect.typescript).with_jsx(self.dialect.jsx)
    }
}

thread_local! {
    /// Trees are built in memory that is used again for the next text.
    static ARENA: RefCell<Allocator> = RefCell::new(Allocator::with_capacity(64 << 10));
}

pub(super) fn with_arena<T>(work: impl FnOnce(&Allocator) -> T) -> T {
    ARENA.with(|arena| match arena.try_borrow_mut() {
        Ok(mut arena) => {
            arena.reset();
            work(&arena)
        }
        Err(_) => work(&Allocator::default()),
    })
}

/// One parse of one text.
pub(super) struct Attempt {
    /// None when the parser gave up.
    pub(super) tokens: Vec<Token>,
    /// What is wrong, the first first.
    pub(super) errors: Vec<Problem>,
    pub(super) has_elements: bool,
}

pub(super) struct Problem {
    message: String,
    place: Range<usize>,
    labels: Vec<(Range<usize>, String)>,
    help: Option<String>,
    pub(super) is_redeclaration: bool,
}

impl Attempt {
    /// Nothing is wrong but a name that is declared twice.
    pub(super) fn is_tolerable(&self) -> bool {
        self.errors.iter().all(|error| error.is_redeclaration)
    }
}

pub(super) fn attempt(text: &str, source: Source, want: &Want) -> Attempt {
    with_arena(|arena| {
        let options = ParseOptions {
            parse_regular_expression: true,
            allow_return_outside_function: source.commonjs,
            ..ParseOptions::default()
        };
        let parser = Parser::new(arena, text, source.source_type()).with_options(options);
        let parsed = parser.with_config(TokensParserConfig).parse();
        let mut errors = problems(text, &parsed.diagnostics);
        let mut walk = Walk::new(text);
        let mut tokens = Vec::new();
        if !parsed.panicked {
            walk.visit_program(&parsed.program);
            let comments = &parsed.program.comments;
            let is_whole = errors.is_empty() || covers(text, &parsed.tokens, comments);
            if want.colours && is_whole {
                tokens = paint(text, &parsed.tokens, comments, walk.marks);
            }
            let typed = walk.typed.filter(|_| !source.dialect.typescript && errors.is_empty());
            errors.extend(typed.map(|span| {
                let place = hints::visible(text, span.start as usize..span.end as usize);
                let message = "only TypeScript has such members of classes".to_owned();
                Problem { message, place, labels: Vec::new(), help: None, is_redeclaration: false }
            }));
            let is_strict = want.level == Level::Strict && !source.dialect.typescript;
            errors.extend(walk.foreign.filter(|_| is_strict && errors.is_empty()).map(|(span, message)| {
                let place = hints::visible(text, span.start as usize..span.end as usize);
                let message = message.to_owned();
                Problem { message, place, labels: Vec::new(), help: None, is_redeclaration: false }
            }));
            let checks = want.level != Level::Off && !source.dialect.typescript;
            if errors.is_empty() && checks {
                let program = arena.alloc(parsed.program);
                let checked = SemanticBuilder::new().with_check_syntax_error(true).build(program);
                errors = problems(text, &checked.diagnostics);
                errors.sort_by_key(|error| (error.is_redeclaration, error.place.start));
            }
        }
        if parsed.panicked && errors.is_empty() {
            let place = hints::visible(text, 0..text.len());
            let message = "this does not parse".to_owned();
            errors.push(Problem { message, place, labels: Vec::new(), help: None, is_redeclaration: false });
        }
        Attempt { tokens, errors, has_elements: walk.has_elements }
    })
}

/// The tokens go as far as the text: of some broken texts they do not.
fn covers(text: &str, lexemes: &[Lexeme], comments: &[Comment]) -> bool {
    let last = lexemes.last().map_or(0, Lexeme::end).max(comments.last().map_or(0, |last| last.span.end));
    text.get(last as usize..).is_none_or(|rest| rest.trim().is_empty())
}

fn problems(text: &str, diagnostics: &Diagnostics) -> Vec<Problem> {
    diagnostics.errors().map(|error| problem(text, error)).collect()
}

fn problem(text: &str, error: &OxcDiagnostic) -> Problem {
    let is_redeclaration = error.message.ends_with("has already been declared");
    let place = |label: &oxc_diagnostics::LabeledSpan| {
        let start = label.offset() as usize;
        start..start + label.len() as usize
    };
    let main = if is_redeclaration {
        error.labels.len().saturating_sub(1)
    } else {
        error.labels.iter().position(|label| label.primary()).unwrap_or(0)
    };
    let labels = error.labels.iter().enumerate().filter(|(i, _)| *i != main).map(|(_, label)| {
        (hints::visible(text, place(label)), hints::phrase(label.label().unwrap_or("see here")))
    });
    Problem {
        message: hints::phrase(&error.message),
        labels: labels.collect(),
        place: error.labels.get(main).map_or(0..text.len(), place),
        help: error.help.as_ref().map(|help| hints::phrase(help)),
        is_redeclaration,
    }
}

pub(super) fn finding(text: &str, error: &Problem) -> Finding {
    let mut finding = Finding {
        message: error.message.clone(),
        place: hints::visible(text, error.place.clone()),
        labels: error.labels.clone(),
        hints: error.help.iter().cloned().collect(),
    };
    if finding.message == "unexpected token" && !finding.place.is_empty() {
        finding.message = format!("unexpected `{}`", &text[finding.place.clone()]);
    }
    let is_at_end = error.place.start >= text.trim_end().len();
    match loose::trouble(text) {
        Some(Trouble::Unclosed(open)) if is_at_end => {
            finding.message = format!("`{}` is never closed", &text[open.clone()]);
            finding.labels = vec![(finding.place, "noticed here".to_owned())];
            finding.place = open;
        }
        Some(Trouble::Forgotten(open, close)) if close.start == error.place.start => {
            finding.message = format!("`{}` is never closed", &text[open.clone()]);
            finding.labels = vec![(close, "noticed here".to_owned())];
            finding.place = open;
        }
        Some(Trouble::Mismatch(open, close)) if close.start == error.place.start => {
            finding.message = format!("`{}` does not close `{}`", &text[close], &text[open.clone()]);
            finding.labels = vec![(open, "opened here".to_owned())];
        }
        Some(Trouble::Unopened(close)) if close.start == error.place.start => {
            finding.message = format!("`{}` closes nothing", &text[close]);
        }
        _ => {}
    }
    finding.hints.extend(hints::pasted(text, &finding.place));
    finding
}

fn paint(text: &str, lexemes: &[Lexeme], comments: &[Comment], marks: Marks) -> Vec<Token> {
    let mut painter = Painter::new(text, marks, lexemes.len());
    let mut comments = comments.iter().peekable();
    let remark = |painter: &mut Painter<'_>, comment: &Comment| {
        let Span { start, end, .. } = comment.span;
        let is_doc = text[start as usize..end as usize].starts_with("/**") && end - start > 4;
        painter.put(start..end, if is_doc { Kind::DocComment } else { Kind::Comment });
    };
    for lexeme in lexemes {
        let (start, end) = (lexeme.start(), lexeme.end());
        while let Some(comment) = comments.next_if(|comment| comment.span.start <= start) {
            remark(&mut painter, comment);
        }
        let lexical = lexeme.kind();
        let Some(kind) = painter.marked(start).unwrap_or_else(|| base(lexical)) else { continue };
        match lexical {
            // `name?: type` is no operator.
            Lexical::Question if text[end as usize..].starts_with([':', ')', ',', ';', '(']) => {}
            Lexical::Str => painter.put_escaped(start..end, kind),
            Lexical::NoSubstitutionTemplate
            | Lexical::TemplateHead
            | Lexical::TemplateMiddle
            | Lexical::TemplateTail => {
                let mut inner = start..end;
                if matches!(lexical, Lexical::TemplateMiddle | Lexical::TemplateTail) {
                    painter.put(start..start + 1, Kind::Punctuation);
                    inner.start += 1;
                }
                let opens = matches!(lexical, Lexical::TemplateHead | Lexical::TemplateMiddle);
                if opens {
                    inner.end -= 2;
                }
                let close = inner.end;
                painter.put_escaped(inner, kind);
                if opens {
                    painter.put(close..end, Kind::Punctuation);
                }
            }
            _ => painter.put(start..end, kind),
        }
    }
    for comment in comments {
        remark(&mut painter, comment);
    }
    painter.finish()
}

/// Kinds of the tokens that no mark says anything about. Names are always
/// marked: a word that may be a name is a keyword here.
fn base(lexical: Lexical) -> Option<Kind> {
    use Lexical as L;
    Some(match lexical {
        L::Await
        | L::Break
        | L::Case
        | L::Catch
        | L::Continue
        | L::Debugger
        | L::Default
        | L::Do
        | L::Else
        | L::Export
        | L::Finally
        | L::For
        | L::From
        | L::If
        | L::Import
        | L::Return
        | L::Switch
        | L::Throw
        | L::Try
        | L::While
        | L::With
        | L::Yield => Kind::Control,
        L::Abstract
        | L::Accessor
        | L::Async
        | L::Class
        | L::Const
        | L::Constructor
        | L::Declare
        | L::Enum
        | L::Extends
        | L::Function
        | L::Get
        | L::Global
        | L::Implements
        | L::Interface
        | L::Let
        | L::Module
        | L::Namespace
        | L::Override
        | L::Package
        | L::Private
        | L::Protected
        | L::Public
        | L::Readonly
        | L::Set
        | L::Static
        | L::Type
        | L::Using
        | L::Var
        | L::Arrow => Kind::Storage,
        L::As
        | L::Asserts
        | L::Assert
        | L::Defer
        | L::Delete
        | L::In
        | L::Infer
        | L::Instanceof
        | L::Is
        | L::KeyOf
        | L::Meta
        | L::New
        | L::Of
        | L::Out
        | L::Satisfies
        | L::Source
        | L::Target
        | L::Typeof
        | L::Unique
        | L::Void => Kind::Keyword,
        L::Any
        | L::BigInt
        | L::Boolean
        | L::Intrinsic
        | L::Never
        | L::Number
        | L::Object
        | L::String
        | L::Symbol
        | L::Unknown => Kind::Type,
        L::Super | L::This => Kind::Language,
        L::True | L::False | L::Null | L::Undefined => Kind::Constant,
        L::Require => Kind::Builtin,
        L::HashbangComment => Kind::Comment,
        L::Str | L::NoSubstitutionTemplate | L::TemplateHead | L::TemplateMiddle | L::TemplateTail => {
            Kind::String
        }
        L::RegExp => Kind::Regexp,
        L::At => Kind::Decorator,
        L::Amp
        | L::Amp2
        | L::Bang
        | L::Caret
        | L::Eq2
        | L::Eq3
        | L::GtEq
        | L::LtEq
        | L::LAngle
        | L::RAngle
        | L::Minus
        | L::Minus2
        | L::Neq
        | L::Neq2
        | L::Percent
        | L::Pipe
        | L::Pipe2
        | L::Plus
        | L::Plus2
        | L::Question
        | L::Question2
        | L::ShiftLeft
        | L::ShiftRight
        | L::ShiftRight3
        | L::Slash
        | L::Star
        | L::Star2
        | L::Tilde
        | L::Dot3 => Kind::Operator,
        number if number.is_number() => Kind::Number,
        _ => return None,
    })
}
