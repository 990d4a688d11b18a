//! Python: ruff's parser.
//!
//! In: a text. Out: its tokens with the kinds that the syntax tree knows, and a
//! verdict. The only file that calls ruff, whose crates promise nothing and are
//! pinned to one version. Must not know fences.
//!
//! One parse gives tokens, tree and errors, also where the text is broken; one
//! walk over the tree gives the kinds and the errors that CPython reports after
//! parsing (`return` outside a function, names both local and `global`).
//!
//! The ladder, for what is no module as it stands:
//!
//! 1. `await`, `return` or `yield` outside functions
//! 2. a session: each input after `>>> `
//! 3. the whole text indented
//! 4. a definition without body, or with a remark for body
//! 5. a notebook's cell: `%magic`, `!command`
//! 6. `…` for what is left out, and `...` where it is no expression

use std::cell::RefCell;
use std::ops::Range;

use ruff_python_ast::token::{Token as Lexeme, TokenKind};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_python_parser::semantic_errors::{
    LazyImportContext, SemanticSyntaxChecker, SemanticSyntaxContext, SemanticSyntaxError,
    SemanticSyntaxErrorKind,
};
use ruff_python_parser::{Mode, ParseErrorType, ParseOptions, Parsed, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use super::derived::{Derived, dedented};
use super::engine::{Outcome, Token, Want};
use super::hints;
use super::kind::Kind;
use super::paint::{Marks, Painter, is_constant};
use super::verdict::{Finding, Judgement, Level, PythonVersion, Reading, Reason, Verdict};

/// Reads a text. `session` when the fence says that it is one.
pub(super) fn read(text: &str, session: bool, want: &Want) -> Outcome {
    if want.python.major < 3 {
        let tokens = attempt(text, Mode::Module, want).tokens;
        return Outcome { tokens, judgement: Judgement::unchecked(Reason::Version) };
    }
    if session && has_prompt(text) {
        return self::session(text, Verdict::Ok, want);
    }
    let first = attempt(text, Mode::Module, want);
    if let Some(verdict) = first.verdict(want.level) {
        return Outcome { tokens: first.tokens, judgement: verdict.into() };
    }
    if want.level != Level::Strict
        && let Some(found) = ladder(text, want)
    {
        return found;
    }
    let judgement = hints::other_language(text, hints::Own::Python)
        .unwrap_or_else(|| Judgement::broken(first.finding(text, want.python)));
    Outcome { tokens: first.tokens, judgement }
}

/// The text is Python without any doubt: it parses, and is more than a word.
pub(super) fn is_python(text: &str) -> bool {
    let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
    let ast::Mod::Module(module) = parsed.syntax() else { return false };
    parsed.has_valid_syntax()
        && module.body.iter().any(|stmt| {
            matches!(
                stmt,
                Stmt::FunctionDef(_)
                    | Stmt::ClassDef(_)
                    | Stmt::Import(_)
                    | Stmt::ImportFrom(_)
                    | Stmt::With(_)
                    | Stmt::For(_)
                    | Stmt::Try(_)
            )
        })
}

fn ladder(text: &str, want: &Want) -> Option<Outcome> {
    if has_prompt(text) {
        return Some(session(text, Verdict::OkAs(Reading::Repl), want));
    }
    let outcome = |derived: &Derived, mode, reading| {
        let read = attempt(&derived.text, mode, want);
        read.verdict(want.level)?;
        let mut tokens = Vec::with_capacity(read.tokens.len());
        derived.source_tokens(&read.tokens, &mut tokens);
        Some(Outcome { tokens, judgement: Verdict::OkAs(reading).into() })
    };
    let flush = dedented(text);
    let found = flush.as_ref().and_then(|flush| outcome(flush, Mode::Module, Reading::Indented));
    if found.is_some() {
        return found;
    }
    let flush = flush.unwrap_or_else(|| Derived::wrapped("", text, ""));
    with_bodies(&flush)
        .and_then(|derived| outcome(&derived, Mode::Module, Reading::Header))
        .or_else(|| outcome(&flush, Mode::Ipython, Reading::Notebook))
        .or_else(|| {
            let text = flush.text.replace('…', "...");
            let derived = flush.with_insertions(text, &[]);
            outcome(&derived, Mode::Module, Reading::Placeholder)
        })
        .or_else(|| {
            let hidden = |line: &str| match line.trim() {
                "..." | "…" => line.replace("...", "#..").replace('…', "#.."),
                _ => line.to_owned(),
            };
            let text = flush.text.split_inclusive('\n').map(hidden).collect();
            let derived = flush.with_insertions(text, &[]);
            outcome(&derived, Mode::Module, Reading::Placeholder)
        })
}

/// The text with `pass` under every head that has nothing under it, or only a
/// remark.
fn with_bodies(flush: &Derived) -> Option<Derived> {
    let indent_of = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = flush.text.split_inclusive('\n').collect();
    let mut missing = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let code = line.split(" #").next().unwrap_or(line).trim_end();
        if !code.ends_with(':') || code.trim_start().starts_with('#') {
            continue;
        }
        let rest = &lines[i + 1..];
        let is_body = |line: &&&str| {
            let line = line.trim();
            line.is_empty() || line.starts_with('#')
        };
        let remarks = rest.iter().take_while(is_body).count();
        let next = rest.get(remarks).map(|line| indent_of(line));
        if next.is_none_or(|next| next <= indent_of(line)) {
            missing.push((i + remarks, indent_of(line)));
        }
    }
    if missing.is_empty() {
        return None;
    }
    let mut derived = String::with_capacity(flush.text.len() + 16 * missing.len());
    let mut added = missing.into_iter().peekable();
    let mut at = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        derived.push_str(line);
        while let Some((_, indent)) = added.next_if(|(after, _)| *after == i) {
            let start = derived.len();
            if !derived.ends_with('\n') {
                derived.push('\n');
            }
            derived.extend(std::iter::repeat_n(' ', indent + 4));
            derived.push_str("pass\n");
            at.push(start..derived.len());
        }
    }
    Some(flush.with_insertions(derived, &at))
}

/// A line that starts with `>>> `.
fn has_prompt(text: &str) -> bool {
    text.contains(">>>") && text.lines().any(|line| prompt(line) == Some(Prompt::First))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prompt {
    First,
    Next,
}

fn prompt(line: &str) -> Option<Prompt> {
    let line = line.trim_start();
    let is = |sign| {
        line.strip_prefix(sign).is_some_and(|rest: &str| rest.trim_end().is_empty() || rest.starts_with(' '))
    };
    if is(">>>") {
        Some(Prompt::First)
    } else if is("...") {
        Some(Prompt::Next)
    } else {
        None
    }
}

/// Each input of a session by itself; what is not after a prompt is output.
fn session(text: &str, sound: Verdict, want: &Want) -> Outcome {
    let mut tokens = Vec::new();
    let mut finding = None;
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        lines.push((at, line, prompt(line)));
        at += line.len();
    }
    let mut i = 0;
    while i < lines.len() {
        if lines[i].2 != Some(Prompt::First) {
            i += 1;
            continue;
        }
        let mut input = Derived::new(text);
        let first_prompt = tokens.len();
        let mut code = Vec::new();
        loop {
            let (at, line, _) = lines[i];
            let sign = at + line.len() - line.trim_start().len();
            tokens.push(Token { range: sign..sign + 3, kind: Kind::Comment });
            let start = (sign + 4).min(at + line.trim_end_matches(['\r', '\n']).len()).max(sign + 3);
            input.take(text, start..at + line.len());
            i += 1;
            if lines.get(i).is_none_or(|line| line.2 != Some(Prompt::Next)) {
                break;
            }
        }
        let read = attempt(&input.text, Mode::Module, want);
        let mut output = lines[i..].iter().take_while(|line| line.2.is_none());
        // A mistake that is shown on purpose.
        let is_meant =
            output.any(|(_, line, _)| line.contains("SyntaxError") || line.contains("IndentationError"));
        if finding.is_none() && !is_meant && read.verdict(Level::Syntax).is_none() {
            finding = Some(read.finding(&input.text, want.python).led_back(&input));
        }
        input.source_tokens(&read.tokens, &mut code);
        tokens.extend(code);
        tokens[first_prompt..].sort_by_key(|token| token.range.start);
    }
    let judgement = finding.map_or_else(|| sound.into(), Judgement::broken);
    Outcome { tokens, judgement }
}

/// One parse of one text.
struct Attempt {
    tokens: Vec<Token>,
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
    fn verdict(&self, level: Level) -> Option<Verdict> {
        let mut reading = None;
        for error in &self.errors {
            let tolerated = error.tolerated.filter(|_| level != Level::Strict)?;
            reading = reading.max(Some(std::cmp::Reverse(tolerated)));
        }
        Some(reading.map_or(Verdict::Ok, |reading| Verdict::OkAs(reading.0)))
    }

    fn finding(&self, text: &str, version: PythonVersion) -> Finding {
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

fn attempt(text: &str, mode: Mode, want: &Want) -> Attempt {
    let version = ast::PythonVersion { major: 3, minor: want.python.minor.max(7) };
    let parsed = parse_unchecked(text, ParseOptions::from(mode).with_target_version(version));
    let mut walk = Walk {
        source: text,
        version,
        is_notebook: mode == Mode::Ipython,
        checks: want.level != Level::Off,
        colours: want.colours,
        has_declarations: memchr::memmem::find(text.as_bytes(), b"global").is_some()
            || memchr::memmem::find(text.as_bytes(), b"nonlocal").is_some(),
        checker: SemanticSyntaxChecker::new(),
        errors: RefCell::default(),
        scopes: vec![Scope::new(ScopeKind::Module)],
        in_loop: false,
        in_try: false,
        in_annotation: false,
        has_future_annotations: false,
        marks: Marks::default(),
    };
    if let ast::Mod::Module(module) = parsed.syntax() {
        walk.declare(&module.body);
        walk.body(&module.body, true);
    }
    let tokens = if want.colours { paint(text, &parsed, walk.marks) } else { Vec::new() };
    let errors = errors(text, &parsed, walk.errors.into_inner());
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScopeKind {
    Module,
    Class,
    Function { is_async: bool },
    Lambda,
    Comprehension { is_generator: bool, is_async: bool },
}

struct Scope<'a> {
    kind: ScopeKind,
    parameters: Option<&'a ast::Parameters>,
    globals: Vec<(&'a str, TextRange)>,
    /// Names a `nonlocal` further in may mean. Functions only.
    bound: Vec<&'a str>,
}

impl Scope<'_> {
    fn new(kind: ScopeKind) -> Self {
        Self { kind, parameters: None, globals: Vec::new(), bound: Vec::new() }
    }
}

/// The walk over the tree: kinds of names, and what CPython checks after
/// parsing.
struct Walk<'a> {
    source: &'a str,
    version: ast::PythonVersion,
    is_notebook: bool,
    checks: bool,
    colours: bool,
    /// `global` or `nonlocal` is somewhere in the text: names are collected.
    has_declarations: bool,
    checker: SemanticSyntaxChecker,
    /// With whether it is outside of every function and class.
    errors: RefCell<Vec<(SemanticSyntaxError, bool)>>,
    scopes: Vec<Scope<'a>>,
    in_loop: bool,
    in_try: bool,
    in_annotation: bool,
    has_future_annotations: bool,
    marks: Marks,
}

impl<'a> Walk<'a> {
    fn mark(&mut self, range: TextRange, kind: impl Into<Option<Kind>>) {
        if self.colours {
            self.marks.put(range.start().to_u32(), range.end().to_u32(), kind);
        }
    }

    /// The body of a module, a class or a function.
    fn body(&mut self, body: &'a [Stmt], may_have_docstring: bool) {
        if may_have_docstring
            && let Some(Stmt::Expr(first)) = body.first()
            && let Expr::StringLiteral(docstring) = &*first.value
        {
            self.mark(docstring.range, Kind::DocComment);
        }
        self.visit_body(body);
    }

    fn within(&mut self, scope: Scope<'a>, visit: impl FnOnce(&mut Self)) {
        self.scopes.push(scope);
        let was_in_loop = std::mem::take(&mut self.in_loop);
        visit(self);
        self.in_loop = was_in_loop;
        self.scopes.pop();
    }

    /// Notes the names that the newest scope's own statements declare.
    fn declare(&mut self, body: &'a [Stmt]) {
        if !self.has_declarations {
            return;
        }
        let mut names = Names::default();
        names.visit_body(body);
        if let Some(scope) = self.scopes.last_mut() {
            scope.globals = names.globals;
            scope.bound = names.bound;
            if let Some(parameters) = scope.parameters {
                scope.bound.extend(parameters.iter().map(|parameter| parameter.name().as_str()));
            }
        }
    }

    /// `a.b.c` as one thing.
    fn mark_dotted(&mut self, expr: &Expr, kind: Kind) {
        let mut part = expr;
        while let Expr::Attribute(attribute) = part {
            part = &attribute.value;
        }
        if part.is_name_expr() {
            self.mark(expr.range(), kind);
        }
    }

    fn parameters(&mut self, parameters: &'a ast::Parameters) {
        for parameter in parameters {
            self.visit_parameter(parameter.as_parameter());
            if let Some(default) = parameter.default() {
                self.visit_expr(default);
            }
        }
    }

    fn comprehension(
        &mut self,
        generators: &'a [ast::Comprehension],
        is_generator: bool,
        parts: &[&'a Expr],
    ) {
        // The first source is looked at before the comprehension begins.
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let is_async = generators.iter().any(|generator| generator.is_async);
        self.scopes.push(Scope::new(ScopeKind::Comprehension { is_generator, is_async }));
        for (i, generator) in generators.iter().enumerate() {
            if i > 0 {
                self.visit_expr(&generator.iter);
            }
            self.visit_expr(&generator.target);
            for condition in &generator.ifs {
                self.visit_expr(condition);
            }
        }
        for part in parts {
            self.visit_expr(part);
        }
        self.scopes.pop();
    }
}

impl<'a> Visitor<'a> for Walk<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if self.checks {
            let mut checker = std::mem::take(&mut self.checker);
            checker.visit_stmt(stmt, self);
            self.checker = checker;
        }
        match stmt {
            Stmt::FunctionDef(function) => {
                for decorator in &function.decorator_list {
                    self.visit_decorator(decorator);
                }
                self.mark(function.name.range, Kind::FunctionDefinition);
                if let Some(type_params) = &function.type_params {
                    self.visit_type_params(type_params);
                }
                self.parameters(&function.parameters);
                if let Some(returns) = &function.returns {
                    self.visit_annotation(returns);
                }
                let mut scope = Scope::new(ScopeKind::Function { is_async: function.is_async });
                scope.parameters = Some(&function.parameters);
                self.within(scope, |walk| {
                    walk.declare(&function.body);
                    walk.body(&function.body, true);
                });
            }
            Stmt::ClassDef(class) => {
                for decorator in &class.decorator_list {
                    self.visit_decorator(decorator);
                }
                self.mark(class.name.range, Kind::TypeDefinition);
                if let Some(type_params) = &class.type_params {
                    self.visit_type_params(type_params);
                }
                if let Some(arguments) = &class.arguments {
                    for base in &arguments.args {
                        self.mark_dotted(base, Kind::Type);
                    }
                    self.visit_arguments(arguments);
                }
                self.within(Scope::new(ScopeKind::Class), |walk| {
                    walk.declare(&class.body);
                    walk.body(&class.body, true);
                });
            }
            Stmt::For(ast::StmtFor { target, iter, body, orelse, .. }) => {
                self.visit_expr(iter);
                self.visit_expr(target);
                let was_in_loop = std::mem::replace(&mut self.in_loop, true);
                self.visit_body(body);
                self.in_loop = was_in_loop;
                self.visit_body(orelse);
            }
            Stmt::While(ast::StmtWhile { test, body, orelse, .. }) => {
                self.visit_expr(test);
                let was_in_loop = std::mem::replace(&mut self.in_loop, true);
                self.visit_body(body);
                self.in_loop = was_in_loop;
                self.visit_body(orelse);
            }
            Stmt::Try(_) => {
                let was_in_try = std::mem::replace(&mut self.in_try, true);
                visitor::walk_stmt(self, stmt);
                self.in_try = was_in_try;
            }
            Stmt::Import(import) => {
                for name in &import.names {
                    self.mark(name.name.range, Kind::Module);
                }
            }
            Stmt::ImportFrom(import) => {
                if let Some(module) = &import.module {
                    self.mark(module.range, Kind::Module);
                    if module.as_str() == "__future__" {
                        self.has_future_annotations |=
                            import.names.iter().any(|name| name.name.as_str() == "annotations");
                    }
                }
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if self.checks {
            let mut checker = std::mem::take(&mut self.checker);
            checker.visit_expr(expr, self);
            self.checker = checker;
        }
        match expr {
            Expr::Name(name) if self.colours => {
                let kind = match name.id.as_str() {
                    "self" | "cls" => Some(Kind::Language),
                    _ if self.in_annotation => Some(Kind::Type),
                    id if is_constant(id) => Some(Kind::Constant),
                    id if is_error(id) => Some(Kind::Type),
                    "NotImplemented" | "__debug__" => Some(Kind::Constant),
                    _ => None,
                };
                if kind.is_some() {
                    self.mark(name.range, kind);
                }
            }
            Expr::Call(call) => {
                match &*call.func {
                    Expr::Name(name) => {
                        let id = name.id.as_str();
                        let kind = if is_builtin(id) { Kind::Builtin } else { Kind::Function };
                        self.mark(name.range, kind);
                    }
                    Expr::Attribute(attribute) => self.mark(attribute.attr.range, Kind::Function),
                    _ => {}
                }
                self.visit_expr(&call.func);
                self.visit_arguments(&call.arguments);
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.parameters(parameters);
                }
                let mut scope = Scope::new(ScopeKind::Lambda);
                scope.parameters = lambda.parameters.as_deref();
                self.within(scope, |walk| walk.visit_expr(&lambda.body));
            }
            Expr::ListComp(found) => self.comprehension(&found.generators, false, &[&found.elt]),
            Expr::SetComp(found) => self.comprehension(&found.generators, false, &[&found.elt]),
            Expr::Generator(found) => self.comprehension(&found.generators, true, &[&found.elt]),
            Expr::DictComp(found) => {
                let parts: Vec<&Expr> = found.key.as_deref().into_iter().chain([&*found.value]).collect();
                self.comprehension(&found.generators, false, &parts);
            }
            Expr::Dict(dict) => {
                for item in &dict.items {
                    if let Some(Expr::StringLiteral(key)) = &item.key {
                        self.mark(key.range, Kind::Property);
                    }
                }
                visitor::walk_expr(self, expr);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_annotation(&mut self, expr: &'a Expr) {
        let was_in_annotation = std::mem::replace(&mut self.in_annotation, true);
        if let Expr::Attribute(_) = expr {
            self.mark_dotted(expr, Kind::Type);
        }
        visitor::walk_annotation(self, expr);
        self.in_annotation = was_in_annotation;
    }

    fn visit_decorator(&mut self, decorator: &'a ast::Decorator) {
        let name = match &decorator.expression {
            Expr::Call(call) => &call.func,
            other => other,
        };
        self.mark(TextRange::new(decorator.range.start(), name.range().end()), Kind::Decorator);
        visitor::walk_decorator(self, decorator);
    }

    fn visit_parameter(&mut self, parameter: &'a ast::Parameter) {
        let kind = match parameter.name.as_str() {
            "self" | "cls" => Kind::Language,
            _ => Kind::Parameter,
        };
        self.mark(parameter.name.range, kind);
        visitor::walk_parameter(self, parameter);
    }

    fn visit_keyword(&mut self, keyword: &'a ast::Keyword) {
        if let Some(name) = &keyword.arg {
            self.mark(name.range, Kind::Parameter);
        }
        visitor::walk_keyword(self, keyword);
    }

    fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(error) = &inner.type_ {
            self.mark_dotted(error, Kind::Type);
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_type_param(&mut self, type_param: &'a ast::TypeParam) {
        self.mark(type_param.name().range, Kind::Type);
        let was_in_annotation = std::mem::replace(&mut self.in_annotation, true);
        visitor::walk_type_param(self, type_param);
        self.in_annotation = was_in_annotation;
    }

    fn visit_pattern(&mut self, pattern: &'a ast::Pattern) {
        if let ast::Pattern::MatchClass(class) = pattern {
            self.mark_dotted(&class.cls, Kind::Type);
        }
        visitor::walk_pattern(self, pattern);
    }

    fn visit_interpolated_string_element(&mut self, element: &'a ast::InterpolatedStringElement) {
        if let ast::InterpolatedStringElement::Interpolation(code) = element {
            let (start, end) = (code.range.start().to_u32(), code.range.end().to_u32());
            if self.colours && end > start {
                self.marks.put(start, start + 1, Kind::Punctuation);
                self.marks.put(end - 1, end, Kind::Punctuation);
            }
        }
        visitor::walk_interpolated_string_element(self, element);
    }
}

impl SemanticSyntaxContext for Walk<'_> {
    fn future_annotations_or_stub(&self) -> bool {
        self.has_future_annotations
    }

    fn lazy_import_context(&self) -> Option<LazyImportContext> {
        match self.kind() {
            ScopeKind::Function { .. } | ScopeKind::Lambda => Some(LazyImportContext::Function),
            ScopeKind::Class => Some(LazyImportContext::Class),
            ScopeKind::Module | ScopeKind::Comprehension { .. } => {
                self.in_try.then_some(LazyImportContext::TryExceptBlocks)
            }
        }
    }

    fn python_version(&self) -> ast::PythonVersion {
        self.version
    }

    fn source(&self) -> &str {
        self.source
    }

    fn global(&self, name: &str) -> Option<TextRange> {
        let globals = &self.scopes.last()?.globals;
        globals.iter().find(|(global, _)| *global == name).map(|(_, range)| *range)
    }

    fn has_nonlocal_binding(&self, name: &str) -> bool {
        let outer = &self.scopes[..self.scopes.len().saturating_sub(1)];
        outer.iter().any(|scope| {
            matches!(scope.kind, ScopeKind::Function { .. } | ScopeKind::Lambda)
                && scope.bound.contains(&name)
        })
    }

    fn in_async_context(&self) -> bool {
        for scope in self.scopes.iter().rev() {
            match scope.kind {
                ScopeKind::Class | ScopeKind::Lambda => return false,
                ScopeKind::Function { is_async } => return is_async,
                ScopeKind::Comprehension { .. } | ScopeKind::Module => {}
            }
        }
        false
    }

    fn in_await_allowed_context(&self) -> bool {
        for scope in self.scopes.iter().rev() {
            match scope.kind {
                ScopeKind::Class => return false,
                ScopeKind::Function { .. }
                | ScopeKind::Lambda
                | ScopeKind::Comprehension { is_generator: true, .. } => return true,
                ScopeKind::Comprehension { .. } | ScopeKind::Module => {}
            }
        }
        false
    }

    fn in_yield_allowed_context(&self) -> bool {
        matches!(self.kind(), ScopeKind::Function { .. } | ScopeKind::Lambda)
    }

    fn in_sync_comprehension(&self) -> bool {
        self.scopes
            .iter()
            .any(|scope| scope.kind == ScopeKind::Comprehension { is_generator: false, is_async: false })
    }

    fn in_class_body_comprehension(&self) -> bool {
        for scope in self.scopes.iter().rev() {
            match scope.kind {
                ScopeKind::Comprehension { .. } => {}
                ScopeKind::Class => return true,
                ScopeKind::Module | ScopeKind::Function { .. } | ScopeKind::Lambda => return false,
            }
        }
        false
    }

    fn in_module_scope(&self) -> bool {
        self.kind() == ScopeKind::Module
    }

    fn in_function_scope(&self) -> bool {
        matches!(self.kind(), ScopeKind::Function { .. })
    }

    fn in_generator_context(&self) -> bool {
        self.scopes
            .iter()
            .any(|scope| matches!(scope.kind, ScopeKind::Comprehension { is_generator: true, .. }))
    }

    fn in_notebook(&self) -> bool {
        self.is_notebook
    }

    fn report_semantic_error(&self, error: SemanticSyntaxError) {
        let is_outside = self
            .scopes
            .iter()
            .all(|scope| matches!(scope.kind, ScopeKind::Module | ScopeKind::Comprehension { .. }));
        self.errors.borrow_mut().push((error, is_outside));
    }

    fn in_loop_context(&self) -> bool {
        self.in_loop
    }

    fn is_bound_parameter(&self, name: &str) -> bool {
        self.scopes
            .last()
            .and_then(|scope| scope.parameters)
            .is_some_and(|parameters| parameters.iter().any(|parameter| parameter.name().as_str() == name))
    }
}

impl Walk<'_> {
    fn kind(&self) -> ScopeKind {
        self.scopes.last().map_or(ScopeKind::Module, |scope| scope.kind)
    }
}

/// The names that a body binds or declares, those of functions and classes in
/// it left out.
#[derive(Default)]
struct Names<'a> {
    globals: Vec<(&'a str, TextRange)>,
    bound: Vec<&'a str>,
}

impl<'a> Visitor<'a> for Names<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Global(global) => {
                self.globals.extend(global.names.iter().map(|name| (name.as_str(), global.range)));
            }
            Stmt::FunctionDef(function) => self.bound.push(function.name.as_str()),
            Stmt::ClassDef(class) => self.bound.push(class.name.as_str()),
            Stmt::Import(ast::StmtImport { names, .. })
            | Stmt::ImportFrom(ast::StmtImportFrom { names, .. }) => {
                for name in names {
                    let whole = name.asname.as_ref().unwrap_or(&name.name).as_str();
                    self.bound.push(whole.split('.').next().unwrap_or(whole));
                }
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if !name.ctx.is_load() => self.bound.push(name.id.as_str()),
            Expr::Lambda(_) => {}
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(inner) = handler;
        self.bound.extend(inner.name.as_ref().map(|name| name.as_str()));
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a ast::Pattern) {
        match pattern {
            ast::Pattern::MatchAs(found) => self.bound.extend(found.name.as_ref().map(|name| name.as_str())),
            ast::Pattern::MatchStar(found) => {
                self.bound.extend(found.name.as_ref().map(|name| name.as_str()));
            }
            ast::Pattern::MatchMapping(found) => {
                self.bound.extend(found.rest.as_ref().map(|name| name.as_str()));
            }
            _ => {}
        }
        visitor::walk_pattern(self, pattern);
    }
}

/// An exception that comes with the language, by its looks.
fn is_error(name: &str) -> bool {
    (name.ends_with("Error") || name.ends_with("Exception") || name.ends_with("Warning"))
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        || matches!(name, "StopIteration" | "StopAsyncIteration" | "KeyboardInterrupt" | "SystemExit")
}

fn is_builtin(name: &str) -> bool {
    matches!(
        name,
        "abs"
            | "aiter"
            | "all"
            | "anext"
            | "any"
            | "ascii"
            | "bin"
            | "bool"
            | "breakpoint"
            | "bytearray"
            | "bytes"
            | "callable"
            | "chr"
            | "classmethod"
            | "compile"
            | "complex"
            | "delattr"
            | "dict"
            | "dir"
            | "divmod"
            | "enumerate"
            | "eval"
            | "exec"
            | "filter"
            | "float"
            | "format"
            | "frozenset"
            | "getattr"
            | "globals"
            | "hasattr"
            | "hash"
            | "help"
            | "hex"
            | "id"
            | "input"
            | "int"
            | "isinstance"
            | "issubclass"
            | "iter"
            | "len"
            | "list"
            | "locals"
            | "map"
            | "max"
            | "memoryview"
            | "min"
            | "next"
            | "object"
            | "oct"
            | "open"
            | "ord"
            | "pow"
            | "print"
            | "property"
            | "range"
            | "repr"
            | "reversed"
            | "round"
            | "set"
            | "setattr"
            | "slice"
            | "sorted"
            | "staticmethod"
            | "str"
            | "sum"
            | "super"
            | "tuple"
            | "type"
            | "vars"
            | "zip"
            | "__import__"
    )
}
