//! Names: what a text defines, and what it uses.
//!
//! In: a text. Out: [`Names`]. Scopes are those of the language; the order of
//! statements within one is not looked at, and neither is what `del` takes away.
//! Annotations in quotes are text.

use std::collections::HashSet;
use std::ops::Range;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked};
use ruff_text_size::TextRange;

use super::session;
use crate::code::derived::{Derived, dedented};
use crate::code::engine::contained;
use crate::code::names::{Family, Names};

/// The names of a text. Of broken code, what can be made out of it.
pub(in crate::code) fn names(text: &str) -> Names {
    let mut found = Names::new(Family::Python);
    let mut derived = Derived::wrapped("", text, "");
    let mut meant = Vec::new();
    let mut parsed = parse(text, Mode::Module);
    if !parsed.has_valid_syntax() {
        let flush = dedented(text).filter(|flush| parse(&flush.text, Mode::Module).has_valid_syntax());
        if session::has_prompt(text) {
            (derived, meant) = session::program(text);
            parsed = parse(&derived.text, Mode::Module);
        } else if let Some(flush) = flush {
            derived = flush;
            parsed = parse(&derived.text, Mode::Module);
        } else {
            let cell = contained(|| parse(text, Mode::Ipython));
            if let Some(cell) = cell.filter(|cell| cell.has_valid_syntax()) {
                parsed = cell;
            }
        }
    }
    let ast::Mod::Module(module) = parsed.syntax() else { return found };
    let mut walk = Walk { scopes: Vec::new(), is_guarded: false, used: Vec::new(), is_open: false };
    let bound = Bound::of(&module.body);
    let mut globals = Globals::default();
    globals.visit_body(&module.body);
    walk.is_open = bound.is_open;
    found.defined.extend(bound.names.iter().chain(&globals.names).map(|name| (*name).to_owned()));
    let names = bound.names.into_iter().chain(globals.names).collect();
    walk.scopes.push(Scope { kind: Kind::Function, names });
    walk.visit_body(&module.body);
    found.is_open = walk.is_open;
    for (name, range) in walk.used {
        let place = derived.source_range(&(range.start().to_usize()..range.end().to_usize()));
        if !meant.iter().any(|meant: &Range<usize>| meant.contains(&place.start)) {
            found.used.push((name.to_owned(), place));
        }
    }
    found
}

fn parse(text: &str, mode: Mode) -> Parsed<ast::Mod> {
    parse_unchecked(text, ParseOptions::from(mode).with_target_version(ast::PythonVersion::latest()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Functions, comprehensions, the module.
    Function,
    /// Seen by what stands directly in it.
    Class,
    /// Parameters of types: a class around them is still seen.
    Types,
}

struct Scope<'a> {
    kind: Kind,
    names: HashSet<&'a str>,
}

struct Walk<'a> {
    scopes: Vec<Scope<'a>>,
    /// Somebody looks after names that are missing.
    is_guarded: bool,
    used: Vec<(&'a str, TextRange)>,
    is_open: bool,
}

impl<'a> Walk<'a> {
    fn knows(&self, name: &str) -> bool {
        let mut is_direct = true;
        for scope in self.scopes.iter().rev() {
            if (scope.kind != Kind::Class || is_direct) && scope.names.contains(name) {
                return true;
            }
            is_direct &= scope.kind == Kind::Types;
        }
        Family::Python.brings(name)
    }

    fn within(&mut self, kind: Kind, names: HashSet<&'a str>, visit: impl FnOnce(&mut Self)) {
        self.scopes.push(Scope { kind, names });
        visit(self);
        self.scopes.pop();
    }

    fn types(&mut self, types: Option<&'a ast::TypeParams>, visit: impl FnOnce(&mut Self)) {
        let Some(types) = types else { return visit(self) };
        let names = types.iter().map(|of| of.name().as_str()).collect();
        self.within(Kind::Types, names, |walk| {
            walk.visit_type_params(types);
            visit(walk);
        });
    }

    fn defaults(&mut self, parameters: &'a ast::Parameters) {
        for default in parameters.iter().filter_map(|parameter| parameter.default()) {
            self.visit_expr(default);
        }
    }

    /// A target that has to be there before.
    fn asked(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) if !self.is_guarded && !self.knows(&name.id) && !name.id.is_empty() => {
                self.used.push((name.id.as_str(), name.range));
            }
            _ => self.visit_expr(target),
        }
    }

    fn comprehension(&mut self, generators: &'a [ast::Comprehension], parts: &[&'a Expr]) {
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let mut bound = Bound::default();
        for generator in generators {
            bound.visit_expr(&generator.target);
        }
        self.within(Kind::Function, bound.names, |walk| {
            for (i, generator) in generators.iter().enumerate() {
                if i > 0 {
                    walk.visit_expr(&generator.iter);
                }
                walk.visit_expr(&generator.target);
                for condition in &generator.ifs {
                    walk.visit_expr(condition);
                }
            }
            for part in parts {
                walk.visit_expr(part);
            }
        });
    }
}

impl<'a> Visitor<'a> for Walk<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => {
                for decorator in &function.decorator_list {
                    self.visit_decorator(decorator);
                }
                self.defaults(&function.parameters);
                self.types(function.type_params.as_deref(), |walk| {
                    for parameter in &function.parameters {
                        if let Some(annotation) = &parameter.as_parameter().annotation {
                            walk.visit_annotation(annotation);
                        }
                    }
                    if let Some(returns) = &function.returns {
                        walk.visit_annotation(returns);
                    }
                    let bound = Bound::of(&function.body);
                    walk.is_open |= bound.is_open;
                    let mut names = bound.names;
                    names.extend(function.parameters.iter().map(|parameter| parameter.name().as_str()));
                    walk.within(Kind::Function, names, |walk| walk.visit_body(&function.body));
                });
            }
            Stmt::ClassDef(class) => {
                for decorator in &class.decorator_list {
                    self.visit_decorator(decorator);
                }
                self.types(class.type_params.as_deref(), |walk| {
                    if let Some(arguments) = &class.arguments {
                        walk.visit_arguments(arguments);
                    }
                    let names = Bound::of(&class.body).names;
                    walk.within(Kind::Class, names, |walk| walk.visit_body(&class.body));
                });
            }
            // Both ask for what is there already.
            Stmt::AugAssign(assign) => {
                self.asked(&assign.target);
                self.visit_expr(&assign.value);
            }
            Stmt::Delete(delete) => delete.targets.iter().for_each(|target| self.asked(target)),
            Stmt::TypeAlias(alias) => {
                self.types(alias.type_params.as_deref(), |walk| walk.visit_expr(&alias.value));
            }
            Stmt::Try(found) => {
                let looks_after = found.handlers.iter().any(|handler| {
                    let ast::ExceptHandler::ExceptHandler(handler) = handler;
                    handler.type_.as_deref().is_some_and(names_a_missing_name)
                });
                let was_guarded = self.is_guarded;
                self.is_guarded |= looks_after;
                self.visit_body(&found.body);
                self.is_guarded = was_guarded;
                for handler in &found.handlers {
                    self.visit_except_handler(handler);
                }
                self.visit_body(&found.orelse);
                self.visit_body(&found.finalbody);
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => {
                let id = name.id.as_str();
                // The parser puts an empty name where one is missing.
                if name.ctx.is_load() && !id.is_empty() && !self.is_guarded && !self.knows(id) {
                    self.used.push((id, name.range));
                }
            }
            Expr::Call(call) => {
                if let Expr::Name(name) = &*call.func {
                    self.is_open |= matches!(name.id.as_str(), "eval" | "exec" | "globals");
                }
                visitor::walk_expr(self, expr);
            }
            Expr::Lambda(lambda) => {
                let mut names = HashSet::new();
                if let Some(parameters) = &lambda.parameters {
                    self.defaults(parameters);
                    names.extend(parameters.iter().map(|parameter| parameter.name().as_str()));
                }
                let mut bound = Bound::default();
                bound.visit_expr(&lambda.body);
                names.extend(bound.names);
                self.within(Kind::Function, names, |walk| walk.visit_expr(&lambda.body));
            }
            Expr::ListComp(found) => self.comprehension(&found.generators, &[&found.elt]),
            Expr::SetComp(found) => self.comprehension(&found.generators, &[&found.elt]),
            Expr::Generator(found) => self.comprehension(&found.generators, &[&found.elt]),
            Expr::DictComp(found) => {
                let parts: Vec<&Expr> = found.key.as_deref().into_iter().chain([&*found.value]).collect();
                self.comprehension(&found.generators, &parts);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }
}

/// The type of an `except` that takes missing names.
fn names_a_missing_name(expr: &Expr) -> bool {
    match expr {
        Expr::Name(name) => matches!(name.id.as_str(), "NameError" | "UnboundLocalError"),
        Expr::Tuple(tuple) => tuple.elts.iter().any(names_a_missing_name),
        _ => false,
    }
}

/// The names that a body binds in its own scope.
#[derive(Default)]
struct Bound<'a> {
    names: HashSet<&'a str>,
    /// `from x import *`
    is_open: bool,
    /// Targets are the comprehension's own; `:=` is not.
    in_comprehension: bool,
}

impl<'a> Bound<'a> {
    fn of(body: &'a [Stmt]) -> Self {
        let mut bound = Self::default();
        bound.visit_body(body);
        bound
    }

    fn put(&mut self, name: Option<&'a ast::Identifier>) {
        self.names.extend(name.map(|name| name.as_str()));
    }
}

impl<'a> Visitor<'a> for Bound<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => {
                self.put(Some(&function.name));
                for default in function.parameters.iter().filter_map(|parameter| parameter.default()) {
                    self.visit_expr(default);
                }
            }
            Stmt::ClassDef(class) => self.put(Some(&class.name)),
            Stmt::Import(import) => {
                for alias in &import.names {
                    let whole = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.names.insert(whole.split('.').next().unwrap_or(whole));
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.is_open |= alias.name.as_str() == "*";
                    self.put(Some(alias.asname.as_ref().unwrap_or(&alias.name)));
                }
            }
            Stmt::TypeAlias(alias) => self.visit_expr(&alias.name),
            Stmt::AugAssign(assign) => self.visit_expr(&assign.value),
            Stmt::Delete(_) => {}
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => {
                if !name.ctx.is_load() && !self.in_comprehension {
                    self.names.insert(name.id.as_str());
                }
            }
            Expr::Named(named) => {
                if let Expr::Name(name) = &*named.target {
                    self.names.insert(name.id.as_str());
                }
                self.visit_expr(&named.value);
            }
            Expr::Lambda(_) => {}
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                let was_in_comprehension = std::mem::replace(&mut self.in_comprehension, true);
                visitor::walk_expr(self, expr);
                self.in_comprehension = was_in_comprehension;
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(inner) = handler;
        self.put(inner.name.as_ref());
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a ast::Pattern) {
        match pattern {
            ast::Pattern::MatchAs(found) => self.put(found.name.as_ref()),
            ast::Pattern::MatchStar(found) => self.put(found.name.as_ref()),
            ast::Pattern::MatchMapping(found) => self.put(found.rest.as_ref()),
            _ => {}
        }
        visitor::walk_pattern(self, pattern);
    }
}

/// Names that functions say are the module's.
#[derive(Default)]
struct Globals<'a> {
    names: HashSet<&'a str>,
}

impl<'a> Visitor<'a> for Globals<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::Global(global) = stmt {
            self.names.extend(global.names.iter().map(|name| name.as_str()));
        }
        visitor::walk_stmt(self, stmt);
    }
}
