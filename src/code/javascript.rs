//! JavaScript, TypeScript, JSX and TSX: oxc's parser.
//!
//! In: a text and its dialect. Out: its tokens with the kinds that the syntax
//! tree knows, and a verdict. The only file that calls oxc. Must not know
//! fences.
//!
//! One parse gives tokens, tree and errors; a text that the parser gives up on
//! is coloured by `loose`. Errors that a parser cannot know (a name declared
//! twice) come from oxc's semantic pass, for JavaScript alone: TypeScript finds
//! them when it checks types, and lets other things pass.
//!
//! The ladder, for what is no module as it stands:
//!
//! 1. elements in a file that is not called JSX
//! 2. not strict, or with `return` outside functions
//! 3. one name declared twice
//! 4. TypeScript, which is another language than the fence says
//! 5. an object or another expression
//! 6. members of a class or an object
//! 7. several of these, one after the other, each under a remark
//! 8. `...` for what is left out, in any of these

use std::cell::RefCell;
use std::ops::Range;

use oxc_allocator::Allocator;
use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, walk};
use oxc_diagnostics::{Diagnostics, OxcDiagnostic};
use oxc_parser::config::TokensParserConfig;
use oxc_parser::{Kind as Lexical, ParseOptions, Parser, Token as Lexeme};
use oxc_semantic::SemanticBuilder;
use oxc_span::{GetSpan, SourceType, Span};

use super::derived::Derived;
use super::engine::{Outcome, Token, Want};
use super::hints;
use super::kind::Kind;
use super::loose::{self, Trouble};
use super::paint::{Marks, Painter, is_constant};
use super::verdict::{Finding, Judgement, Level, Reading, Verdict};

/// What a fence says about a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) typescript: bool,
    pub(super) jsx: bool,
}

/// How a text is parsed.
#[derive(Debug, Clone, Copy)]
struct Source {
    dialect: Dialect,
    commonjs: bool,
}

impl Source {
    fn source_type(self) -> SourceType {
        let source = if self.commonjs { SourceType::cjs() } else { SourceType::mjs() };
        source.with_typescript(self.dialect.typescript).with_jsx(self.dialect.jsx)
    }
}

thread_local! {
    /// Trees are built in memory that is used again for the next text.
    static ARENA: RefCell<Allocator> = RefCell::new(Allocator::with_capacity(64 << 10));
}

/// Reads a text.
pub(super) fn read(text: &str, dialect: Dialect, want: &Want) -> Outcome {
    let is_strict = want.level == Level::Strict;
    // Elements cannot be mistaken for JavaScript, but for TypeScript they can.
    let first_dialect = Dialect { jsx: dialect.jsx || !dialect.typescript && !is_strict, ..dialect };
    let first = attempt(text, Source { dialect: first_dialect, commonjs: false }, want);
    if first.errors.is_empty() {
        let judgement = if first.has_elements && !dialect.jsx {
            Verdict::OkAs(Reading::Jsx).into()
        } else {
            Verdict::Ok.into()
        };
        return Outcome { tokens: first.tokens, judgement };
    }
    let mut climb = Climb { text, dialect, want, first_dialect };
    if let Some(found) = climb.goals() {
        return found;
    }
    if !is_strict {
        if first.errors.iter().all(|error| error.is_redeclaration) {
            return Outcome { tokens: first.tokens, judgement: Verdict::OkAs(Reading::Redeclared).into() };
        }
        if let Some(found) = climb.ladder() {
            return found;
        }
    }
    let tokens = match first.tokens {
        tokens if tokens.is_empty() && want.colours => loose::tokens(text, dialect.typescript),
        tokens => tokens,
    };
    let judgement = climb
        .other_dialect()
        .or_else(|| hints::other_language(text, hints::Own::JavaScript))
        .unwrap_or_else(|| Judgement::broken(finding(text, &first.errors[0])));
    Outcome { tokens, judgement }
}

/// The tokens of a text by the looks of it, for texts no parser may see.
pub(super) fn loose_tokens(text: &str, dialect: Dialect) -> Vec<Token> {
    loose::tokens(text, dialect.typescript)
}

/// The text is JavaScript or TypeScript without any doubt.
pub(super) fn is_javascript(text: &str) -> bool {
    with_arena(|arena| {
        let source = SourceType::ts();
        let parsed = Parser::new(arena, text, source).parse();
        !parsed.panicked
            && parsed.diagnostics.is_empty()
            && parsed.program.body.iter().any(|statement| match statement {
                Statement::ExpressionStatement(statement) => matches!(
                    statement.expression,
                    Expression::CallExpression(_) | Expression::AssignmentExpression(_)
                ),
                Statement::EmptyStatement(_)
                | Statement::LabeledStatement(_)
                | Statement::BlockStatement(_) => false,
                _ => true,
            })
    })
}

/// `(text)` is an expression: JSON5, an object in JavaScript.
pub(super) fn is_expression(text: &str) -> bool {
    let derived = Derived::wrapped("(", text, "\n)");
    with_arena(|arena| {
        let parsed = Parser::new(arena, &derived.text, SourceType::cjs()).parse();
        !parsed.panicked && parsed.diagnostics.is_empty() && parsed.program.body.len() == 1
    })
}

fn with_arena<T>(work: impl FnOnce(&Allocator) -> T) -> T {
    ARENA.with(|arena| match arena.try_borrow_mut() {
        Ok(mut arena) => {
            arena.reset();
            work(&arena)
        }
        Err(_) => work(&Allocator::default()),
    })
}

/// The ways to read a text that is no module.
struct Climb<'a> {
    text: &'a str,
    dialect: Dialect,
    want: &'a Want,
    first_dialect: Dialect,
}

impl Climb<'_> {
    fn outcome(&self, read: Attempt, verdict: Verdict) -> Outcome {
        let tokens = if read.tokens.is_empty() && self.want.colours {
            loose::tokens(self.text, self.dialect.typescript)
        } else {
            read.tokens
        };
        Outcome { tokens, judgement: verdict.into() }
    }

    /// The goals a file can have, besides a module.
    fn goals(&mut self) -> Option<Outcome> {
        let commonjs = attempt(self.text, Source { dialect: self.first_dialect, commonjs: true }, self.want);
        if commonjs.errors.is_empty() {
            return Some(self.outcome(commonjs, Verdict::OkAs(Reading::CommonJs)));
        }
        // `<!--` is a remark in scripts without elements.
        if self.first_dialect.jsx && !self.dialect.jsx && self.text.contains("<!--") {
            let source = Source { dialect: Dialect { jsx: false, ..self.dialect }, commonjs: true };
            let script = attempt(self.text, source, self.want);
            if script.errors.is_empty() {
                return Some(self.outcome(script, Verdict::OkAs(Reading::CommonJs)));
            }
        }
        None
    }

    fn ladder(&mut self) -> Option<Outcome> {
        if self.dialect.typescript && !self.dialect.jsx {
            let source = Source { dialect: Dialect { jsx: true, ..self.dialect }, commonjs: false };
            let read = attempt(self.text, source, self.want);
            if read.errors.is_empty() {
                return Some(self.outcome(read, Verdict::OkAs(Reading::Jsx)));
            }
        }
        if let Some(judgement) = self.other_dialect() {
            let dialect =
                Dialect { typescript: true, jsx: judgement.verdict == Verdict::WrongLanguage("tsx") };
            let read = attempt(self.text, Source { dialect, commonjs: false }, self.want);
            return Some(Outcome { tokens: read.tokens, judgement });
        }
        if let Some(judgement) = hints::other_looks(self.text) {
            let tokens = if self.want.colours { loose_tokens(self.text, self.dialect) } else { Vec::new() };
            return Some(Outcome { tokens, judgement });
        }
        if let Some(found) = self.fragments(self.text, None) {
            return Some(found);
        }
        if let Some(found) = self.several() {
            return Some(found);
        }
        for blank_lines in [false, true] {
            let Some(masked) = without_placeholders(self.text, blank_lines) else { break };
            for typescript in [false, true] {
                let dialect = Dialect {
                    typescript: typescript || self.dialect.typescript,
                    jsx: self.first_dialect.jsx || !typescript,
                };
                let read = attempt(&masked, Source { dialect, commonjs: true }, self.want);
                let read = if read.is_tolerable() {
                    read
                } else {
                    attempt(&masked, Source { dialect, commonjs: false }, self.want)
                };
                if read.is_tolerable() {
                    return Some(self.outcome(read, Verdict::OkAs(Reading::Placeholder)));
                }
            }
            if let Some(found) = self.fragments(&masked, Some(Reading::Placeholder)) {
                return Some(found);
            }
        }
        None
    }

    /// Parts of something larger.
    fn fragments(&mut self, text: &str, reading: Option<Reading>) -> Option<Outcome> {
        let body = text.trim_end().trim_end_matches([';', ',']);
        for (before, after, found) in [
            ("(", "\n)", Reading::Expression),
            ("({", "\n})", Reading::Members),
            ("class _ extends _ {", "\n}", Reading::Members),
            ("interface _ {", "\n}", Reading::Members),
            ("async function* _() {", "\n}", Reading::FunctionBody),
            ("switch (_) {", "\n}", Reading::Members),
        ] {
            let source = if before.starts_with('(') { body } else { text };
            let derived = Derived::wrapped(before, source, after);
            // Members of types have types.
            if before.starts_with("interface") && !text.contains(':') {
                continue;
            }
            let typescript = self.dialect.typescript || before.starts_with("interface");
            let dialect = Dialect { jsx: self.first_dialect.jsx, typescript };
            // `import.meta` and `await` are for modules.
            let goals = [true, false].map(|commonjs| Source { dialect, commonjs });
            let read = goals
                .into_iter()
                .map(|source| attempt(&derived.text, source, self.want))
                .find(Attempt::is_tolerable);
            if let Some(read) = read {
                let mut tokens = Vec::with_capacity(read.tokens.len());
                derived.source_tokens(&read.tokens, &mut tokens);
                // What stands behind the body (`;`) is plain.
                let verdict = Verdict::OkAs(reading.unwrap_or(found));
                return Some(Outcome { tokens, judgement: verdict.into() });
            }
        }
        None
    }

    /// "Bad" and "good" in one fence: each part, from one remark at the start of
    /// a line behind an empty line to the next, is read by itself.
    fn several(&mut self) -> Option<Outcome> {
        let mut starts = vec![0];
        let mut is_after_empty = false;
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            if is_after_empty && line.starts_with("//") {
                starts.push(at);
            }
            is_after_empty = line.trim().is_empty();
            at += line.len();
        }
        if starts.len() < 2 {
            return None;
        }
        starts.push(self.text.len());
        let mut tokens = Vec::new();
        for part in starts.windows(2) {
            let mut derived = Derived::new(self.text);
            derived.take(self.text, part[0]..part[1]);
            let mut climb = Climb { text: &derived.text, ..*self };
            let source = Source { dialect: self.first_dialect, commonjs: false };
            let read = attempt(&derived.text, source, self.want);
            let found = if read.is_tolerable() {
                read.tokens
            } else {
                climb.goals().or_else(|| climb.fragments(&derived.text, None))?.tokens
            };
            derived.source_tokens(&found, &mut tokens);
        }
        Some(Outcome { tokens, judgement: Verdict::OkAs(Reading::Several).into() })
    }

    /// TypeScript in a fence for JavaScript.
    fn other_dialect(&self) -> Option<Judgement> {
        if self.dialect.typescript {
            return None;
        }
        let plain = Want { colours: false, ..*self.want };
        for (jsx, language, named) in [(false, "ts", "TypeScript"), (true, "tsx", "TypeScript with elements")]
        {
            let dialect = Dialect { typescript: true, jsx };
            if attempt(self.text, Source { dialect, commonjs: false }, &plain).errors.is_empty() {
                let place = hints::visible(self.text, 0..self.text.len());
                return Some(Judgement::wrong_language(language, named, place));
            }
        }
        if !self.dialect.jsx && self.want.level == Level::Strict {
            let source = Source { dialect: Dialect { jsx: true, ..self.dialect }, commonjs: true };
            let module = Source { commonjs: false, ..source };
            if [source, module].iter().any(|source| attempt(self.text, *source, &plain).errors.is_empty()) {
                let place = hints::visible(self.text, 0..self.text.len());
                return Some(Judgement::wrong_language("jsx", "JSX", place));
            }
        }
        None
    }
}

/// The text with names, or with nothing, for the `...` and `…` in it that
/// spread nothing. As long as the text. `None` when there are none.
fn without_placeholders(text: &str, blank_lines: bool) -> Option<String> {
    let mut masked = String::with_capacity(text.len());
    let mut last = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'.', 0xe2, &text.as_bytes()[at..]) {
        let start = at + found;
        at = start + 1;
        let rest = &text[start..];
        if !rest.starts_with("...") && !rest.starts_with('…') {
            continue;
        }
        let after = &rest[3..];
        at = start + 3;
        let spreads = after.starts_with(|c: char| c.is_alphanumeric() || "_$[({'\"`.<".contains(c));
        if spreads && rest.starts_with('.') {
            continue;
        }
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let is_alone = text[line_start..start].trim().is_empty()
            && after
                .split('\n')
                .next()
                .unwrap_or_default()
                .trim_matches([',', ';', ' ', '\t', '\r'])
                .is_empty();
        masked.push_str(&text[last..start]);
        masked.push_str(if blank_lines && is_alone { "   " } else { "___" });
        last = start + 3;
    }
    (last > 0).then(|| masked + &text[last..])
}

/// One parse of one text.
struct Attempt {
    /// None when the parser gave up.
    tokens: Vec<Token>,
    /// What is wrong, the first first.
    errors: Vec<Problem>,
    has_elements: bool,
}

struct Problem {
    message: String,
    place: Range<usize>,
    labels: Vec<(Range<usize>, String)>,
    help: Option<String>,
    is_redeclaration: bool,
}

impl Attempt {
    /// Nothing is wrong but a name that is declared twice.
    fn is_tolerable(&self) -> bool {
        self.errors.iter().all(|error| error.is_redeclaration)
    }
}

fn attempt(text: &str, source: Source, want: &Want) -> Attempt {
    with_arena(|arena| {
        let options = ParseOptions {
            parse_regular_expression: true,
            allow_return_outside_function: source.commonjs,
            ..ParseOptions::default()
        };
        let parser = Parser::new(arena, text, source.source_type()).with_options(options);
        let parsed = parser.with_config(TokensParserConfig).parse();
        let mut errors = problems(text, &parsed.diagnostics);
        let mut walk =
            Walk { text, marks: Marks::default(), in_parameter: false, has_elements: false, foreign: None };
        let mut tokens = Vec::new();
        if !parsed.panicked {
            walk.visit_program(&parsed.program);
            let comments = &parsed.program.comments;
            let is_whole = errors.is_empty() || covers(text, &parsed.tokens, comments);
            if want.colours && is_whole {
                tokens = paint(text, &parsed.tokens, comments, walk.marks);
            }
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

fn finding(text: &str, error: &Problem) -> Finding {
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

/// The walk over the tree: kinds of names.
struct Walk<'t> {
    text: &'t str,
    marks: Marks,
    /// Names that are bound here are parameters.
    in_parameter: bool,
    has_elements: bool,
    /// The first thing that oxc takes and that no engine runs: proposals, and
    /// one that was withdrawn.
    foreign: Option<(Span, &'static str)>,
}

impl Walk<'_> {
    fn mark(&mut self, span: Span, kind: impl Into<Option<Kind>>) {
        self.marks.put(span.start, span.end, kind);
    }

    /// `<` and `>` around types are punctuation.
    fn brackets(&mut self, span: Span) {
        self.marks.put(span.start, span.start + 1, None);
        self.marks.put(span.end.saturating_sub(1), span.end, None);
    }

    /// The name in a call.
    fn callee(&mut self, callee: &Expression<'_>) {
        match callee {
            Expression::Identifier(name) => {
                let kind = if loose::is_global(&name.name) { Kind::Builtin } else { Kind::Function };
                self.mark(name.span, kind);
            }
            Expression::StaticMemberExpression(member) => self.mark(member.property.span, Kind::Function),
            Expression::PrivateFieldExpression(member) => self.mark(member.field.span, Kind::Function),
            _ => {}
        }
    }

    /// The name of a class where it is used.
    fn class_name(&mut self, expression: &Expression<'_>) {
        match expression {
            Expression::Identifier(name) => self.mark(name.span, Kind::Type),
            Expression::StaticMemberExpression(member) => self.mark(member.property.span, Kind::Type),
            _ => {}
        }
    }

    fn key(&mut self, key: &PropertyKey<'_>, kind: Kind) {
        match key {
            PropertyKey::StaticIdentifier(name) => self.mark(name.span, kind),
            PropertyKey::PrivateIdentifier(name) => self.mark(name.span, kind),
            PropertyKey::StringLiteral(name) => self.mark(name.span, kind),
            _ => {}
        }
    }
}

fn is_function(expression: &Expression<'_>) -> bool {
    matches!(expression, Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_))
}

impl<'a> Visit<'a> for Walk<'_> {
    fn visit_identifier_name(&mut self, name: &IdentifierName<'a>) {
        self.mark(name.span, None);
    }

    fn visit_identifier_reference(&mut self, name: &IdentifierReference<'a>) {
        let kind = match name.name.as_str() {
            "undefined" | "NaN" | "Infinity" => Some(Kind::Constant),
            name if loose::is_global(name) => Some(Kind::Builtin),
            name if is_constant(name) => Some(Kind::Constant),
            _ => None,
        };
        self.mark(name.span, kind);
    }

    fn visit_binding_identifier(&mut self, name: &BindingIdentifier<'a>) {
        let kind = if self.in_parameter {
            Some(Kind::Parameter)
        } else if is_constant(&name.name) {
            Some(Kind::Constant)
        } else {
            None
        };
        self.mark(name.span, kind);
    }

    fn visit_label_identifier(&mut self, name: &LabelIdentifier<'a>) {
        self.mark(name.span, None);
    }

    fn visit_private_identifier(&mut self, name: &PrivateIdentifier<'a>) {
        self.mark(name.span, None);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        self.callee(&call.callee);
        walk::walk_call_expression(self, call);
    }

    fn visit_new_expression(&mut self, call: &NewExpression<'a>) {
        self.class_name(&call.callee);
        walk::walk_new_expression(self, call);
    }

    fn visit_tagged_template_expression(&mut self, template: &TaggedTemplateExpression<'a>) {
        self.callee(&template.tag);
        walk::walk_tagged_template_expression(self, template);
    }

    fn visit_function(&mut self, function: &Function<'a>, flags: oxc_semantic::ScopeFlags) {
        if let Some(name) = &function.id {
            self.mark(name.span, Kind::FunctionDefinition);
        }
        walk::walk_function(self, function, flags);
    }

    fn visit_formal_parameters(&mut self, parameters: &FormalParameters<'a>) {
        let was_in_parameter = std::mem::replace(&mut self.in_parameter, true);
        walk::walk_formal_parameters(self, parameters);
        self.in_parameter = was_in_parameter;
    }

    fn visit_function_body(&mut self, body: &FunctionBody<'a>) {
        let was_in_parameter = std::mem::replace(&mut self.in_parameter, false);
        walk::walk_function_body(self, body);
        self.in_parameter = was_in_parameter;
    }

    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        if let BindingPattern::BindingIdentifier(name) = &declarator.id {
            match &declarator.init {
                Some(value) if is_function(value) => self.mark(name.span, Kind::FunctionDefinition),
                Some(Expression::ClassExpression(_)) => self.mark(name.span, Kind::TypeDefinition),
                _ => {}
            }
        }
        walk::walk_variable_declarator(self, declarator);
    }

    fn visit_class(&mut self, class: &Class<'a>) {
        if let Some(name) = &class.id {
            self.mark(name.span, Kind::TypeDefinition);
        }
        walk::walk_class(self, class);
    }

    fn visit_class_heritage(&mut self, heritage: &ClassHeritage<'a>) {
        self.class_name(&heritage.expression);
        walk::walk_class_heritage(self, heritage);
    }

    fn visit_method_definition(&mut self, method: &MethodDefinition<'a>) {
        self.key(&method.key, Kind::FunctionDefinition);
        walk::walk_method_definition(self, method);
    }

    fn visit_property_definition(&mut self, property: &PropertyDefinition<'a>) {
        let kind = match &property.value {
            Some(value) if is_function(value) => Kind::FunctionDefinition,
            _ => Kind::Property,
        };
        self.key(&property.key, kind);
        walk::walk_property_definition(self, property);
    }

    fn visit_object_property(&mut self, property: &ObjectProperty<'a>) {
        if property.shorthand {
            self.visit_expression(&property.value);
            return;
        }
        if !property.computed {
            let is_function = property.method || is_function(&property.value);
            self.key(&property.key, if is_function { Kind::FunctionDefinition } else { Kind::Property });
        }
        walk::walk_object_property(self, property);
    }

    fn visit_binding_property(&mut self, property: &BindingProperty<'a>) {
        if property.shorthand {
            self.visit_binding_pattern(&property.value);
            return;
        }
        if !property.computed {
            self.key(&property.key, Kind::Property);
        }
        walk::walk_binding_property(self, property);
    }

    fn visit_accessor_property(&mut self, property: &AccessorProperty<'a>) {
        self.foreign.get_or_insert((property.span, "`accessor` is not yet part of JavaScript"));
        self.key(&property.key, Kind::Property);
        walk::walk_accessor_property(self, property);
    }

    fn visit_import_declaration(&mut self, import: &ImportDeclaration<'a>) {
        if import.phase.is_some() {
            self.foreign.get_or_insert((import.span, "imports with a phase are not yet part of JavaScript"));
        }
        walk::walk_import_declaration(self, import);
    }

    fn visit_with_clause(&mut self, clause: &WithClause<'a>) {
        if clause.keyword == WithClauseKeyword::Assert {
            self.foreign.get_or_insert((clause.span, "`assert` was withdrawn; imports are written `with`"));
        }
        walk::walk_with_clause(self, clause);
    }

    fn visit_import_namespace_specifier(&mut self, specifier: &ImportNamespaceSpecifier<'a>) {
        self.mark(specifier.local.span, Kind::Module);
    }

    fn visit_decorator(&mut self, decorator: &Decorator<'a>) {
        self.foreign.get_or_insert((decorator.span, "decorators are not yet part of JavaScript"));
        let name = match &decorator.expression {
            Expression::CallExpression(call) => call.callee.span(),
            other => other.span(),
        };
        self.mark(Span::new(decorator.span.start, name.end), Kind::Decorator);
        walk::walk_decorator(self, decorator);
    }

    fn visit_jsx_element(&mut self, element: &JSXElement<'a>) {
        self.has_elements = true;
        walk::walk_jsx_element(self, element);
    }

    fn visit_jsx_fragment(&mut self, fragment: &JSXFragment<'a>) {
        self.has_elements = true;
        walk::walk_jsx_fragment(self, fragment);
    }

    fn visit_jsx_opening_element(&mut self, element: &JSXOpeningElement<'a>) {
        let Span { start, end, .. } = element.span;
        self.marks.put(start, element.name.span().end, Kind::Tag);
        let is_empty = self.text[..end as usize].ends_with("/>");
        walk::walk_jsx_opening_element(self, element);
        // `/ >` is two tokens.
        self.marks.put(end.saturating_sub(if is_empty { 2 } else { 1 }), end, Kind::Tag);
    }

    fn visit_jsx_closing_element(&mut self, element: &JSXClosingElement<'a>) {
        self.mark(element.span, Kind::Tag);
    }

    fn visit_jsx_opening_fragment(&mut self, fragment: &JSXOpeningFragment) {
        self.mark(fragment.span, Kind::Tag);
    }

    fn visit_jsx_closing_fragment(&mut self, fragment: &JSXClosingFragment) {
        self.mark(fragment.span, Kind::Tag);
    }

    fn visit_jsx_attribute(&mut self, attribute: &JSXAttribute<'a>) {
        self.mark(attribute.name.span(), Kind::Attribute);
        walk::walk_jsx_attribute(self, attribute);
    }

    fn visit_ts_type_name(&mut self, name: &TSTypeName<'a>) {
        self.mark(name.span(), Kind::Type);
    }

    fn visit_ts_type_parameter_instantiation(&mut self, arguments: &TSTypeParameterInstantiation<'a>) {
        self.brackets(arguments.span);
        walk::walk_ts_type_parameter_instantiation(self, arguments);
    }

    fn visit_ts_type_parameter_declaration(&mut self, parameters: &TSTypeParameterDeclaration<'a>) {
        self.brackets(parameters.span);
        walk::walk_ts_type_parameter_declaration(self, parameters);
    }

    fn visit_ts_type_parameter(&mut self, parameter: &TSTypeParameter<'a>) {
        self.mark(parameter.name.span, Kind::Type);
        walk::walk_ts_type_parameter(self, parameter);
    }

    fn visit_ts_type_alias_declaration(&mut self, alias: &TSTypeAliasDeclaration<'a>) {
        self.mark(alias.id.span, Kind::TypeDefinition);
        walk::walk_ts_type_alias_declaration(self, alias);
    }

    fn visit_ts_interface_declaration(&mut self, interface: &TSInterfaceDeclaration<'a>) {
        self.mark(interface.id.span, Kind::TypeDefinition);
        walk::walk_ts_interface_declaration(self, interface);
    }

    fn visit_ts_enum_declaration(&mut self, declaration: &TSEnumDeclaration<'a>) {
        self.mark(declaration.id.span, Kind::TypeDefinition);
        walk::walk_ts_enum_declaration(self, declaration);
    }

    fn visit_ts_enum_member(&mut self, member: &TSEnumMember<'a>) {
        self.mark(member.id.span(), Kind::Property);
        walk::walk_ts_enum_member(self, member);
    }

    fn visit_ts_property_signature(&mut self, property: &TSPropertySignature<'a>) {
        self.key(&property.key, Kind::Property);
        walk::walk_ts_property_signature(self, property);
    }

    fn visit_ts_method_signature(&mut self, method: &TSMethodSignature<'a>) {
        self.key(&method.key, Kind::FunctionDefinition);
        walk::walk_ts_method_signature(self, method);
    }

    fn visit_ts_namespace_declaration(&mut self, module: &TSNamespaceDeclaration<'a>) {
        self.mark(module.id.span(), Kind::Module);
        walk::walk_ts_namespace_declaration(self, module);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_not_spreads() {
        for (text, masked) in [
            ("f(...)", "f(___)"),
            ("f(...a, ...[1])", "f(...a, ...[1])"),
            ("{\n  ...\n}", "{\n  ___\n}"),
            ("[1, …]", "[1, ___]"),
        ] {
            assert_eq!(without_placeholders(text, false).as_deref().unwrap_or(text), masked);
        }
        assert_eq!(without_placeholders("{ a,\n ...\n b }", true).as_deref(), Some("{ a,\n    \n b }"));
    }
}
