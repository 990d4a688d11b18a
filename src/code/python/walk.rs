//! Walk: what the tree knows of names, and what CPython checks after parsing.
//!
//! In: a tree. Out: marks with the kinds of names, and errors, each with whether
//! it stands outside of every function and class.

use std::cell::RefCell;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_python_parser::Mode;
use ruff_python_parser::semantic_errors::{
    LazyImportContext, SemanticSyntaxChecker, SemanticSyntaxContext, SemanticSyntaxError,
};
use ruff_text_size::{Ranged, TextRange};

use crate::code::engine::Want;
use crate::code::kind::Kind;
use crate::code::paint::{Marks, is_constant};
use crate::code::verdict::Level;

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
pub(super) struct Walk<'a> {
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
    pub(super) fn new(source: &'a str, version: ast::PythonVersion, mode: Mode, want: &Want) -> Self {
        let holds = |word: &str| memchr::memmem::find(source.as_bytes(), word.as_bytes()).is_some();
        Self {
            source,
            version,
            is_notebook: mode == Mode::Ipython,
            checks: want.level != Level::Off,
            colours: want.colours,
            has_declarations: holds("global") || holds("nonlocal"),
            checker: SemanticSyntaxChecker::new(),
            errors: RefCell::default(),
            scopes: vec![Scope::new(ScopeKind::Module)],
            in_loop: false,
            in_try: false,
            in_annotation: false,
            has_future_annotations: false,
            marks: Marks::default(),
        }
    }

    pub(super) fn module(&mut self, body: &'a [Stmt]) {
        self.declare(body);
        self.body(body);
    }

    /// The marks, and the errors with whether each is outside of every function
    /// and class.
    pub(super) fn finish(self) -> (Marks, Vec<(SemanticSyntaxError, bool)>) {
        (self.marks, self.errors.into_inner())
    }

    fn mark(&mut self, range: TextRange, kind: impl Into<Option<Kind>>) {
        if self.colours {
            self.marks.put(range.start().to_u32(), range.end().to_u32(), kind);
        }
    }

    /// The body of a module, a class or a function.
    fn body(&mut self, body: &'a [Stmt]) {
        if let Some(Stmt::Expr(first)) = body.first()
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
                    walk.body(&function.body);
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
                        let base = base.as_subscript_expr().map_or(base, |generic| &generic.value);
                        self.mark_dotted(base, Kind::Type);
                    }
                    self.visit_arguments(arguments);
                }
                self.within(Scope::new(ScopeKind::Class), |walk| {
                    walk.declare(&class.body);
                    walk.body(&class.body);
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
                    // Handed over: `map(int, words)`.
                    id if name.ctx.is_load() && is_builtin_type(id) => Some(Kind::Builtin),
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
                        let kind = match id {
                            id if is_builtin(id) => Kind::Builtin,
                            id if is_error(id) => Kind::Type,
                            _ => Kind::Function,
                        };
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
            Expr::Attribute(attribute) if self.colours && is_constant(attribute.attr.as_str()) => {
                self.mark(attribute.attr.range, Kind::Constant);
                visitor::walk_expr(self, expr);
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

/// A type that comes with the language and whose name is seldom given to
/// anything else.
fn is_builtin_type(name: &str) -> bool {
    matches!(
        name,
        "bool"
            | "bytearray"
            | "bytes"
            | "complex"
            | "dict"
            | "float"
            | "frozenset"
            | "int"
            | "list"
            | "object"
            | "set"
            | "str"
            | "tuple"
    )
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
