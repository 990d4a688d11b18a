//! Names: what a text defines at its top, and what it uses.
//!
//! In: a text and its dialect. Out: [`Names`]. What is only a type is not looked
//! at. A name that is assigned to, or asked for with `typeof`, counts as
//! defined, and so do a function in a block and what the other parts of an enum
//! or a namespace hold.

use std::collections::{HashMap, HashSet};

use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, walk};
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::{ScopeFlags, Scoping, SemanticBuilder};

use super::Dialect;
use super::parse::{Source, with_arena};
use crate::code::names::{Family, Names};

/// The names of a text, in the first goal and dialect that take it.
pub(in crate::code) fn names(text: &str, dialect: Dialect) -> Names {
    let Dialect { typescript, jsx } = dialect;
    let with_elements = jsx || !typescript;
    for (typescript, jsx, commonjs) in [
        (typescript, with_elements, false),
        (typescript, with_elements, true),
        (true, true, false),
        (true, false, false),
    ] {
        let source = Source { dialect: Dialect { typescript, jsx }, commonjs };
        if let Some(found) = parsed(text, source) {
            return found;
        }
    }
    let mut found = Names::new(Family::JavaScript);
    declared(text, &mut found);
    found
}

fn parsed(text: &str, source: Source) -> Option<Names> {
    with_arena(|arena| {
        let options =
            ParseOptions { allow_return_outside_function: source.commonjs, ..ParseOptions::default() };
        let parsed = Parser::new(arena, text, source.source_type()).with_options(options).parse();
        if parsed.panicked || !parsed.diagnostics.is_empty() {
            return None;
        }
        let program = arena.alloc(parsed.program);
        let semantic = SemanticBuilder::new().build(program).semantic;
        let scoping = semantic.scoping();
        let mut found = Names::new(Family::JavaScript);
        let root = scoping.root_scope_id();
        let at_top = scoping.symbol_ids().filter(|symbol| scoping.symbol_scope_id(*symbol) == root);
        found.defined.extend(at_top.map(|symbol| scoping.symbol_name(symbol).to_owned()));
        for comment in &program.comments {
            let remark = comment.content_span().source_text(text).trim_start();
            if let Some(names) = remark.strip_prefix("globals ").or(remark.strip_prefix("global ")) {
                found.defined.extend(words(names).map(|(_, word)| word.to_owned()));
            }
        }
        let mut uses = Uses { scoping, found, asked_for: HashSet::new(), parts: HashMap::new() };
        uses.visit_program(program);
        let Uses { mut found, mut asked_for, parts, .. } = uses;
        asked_for.extend(parts.into_values().filter(|part| part.count > 1).flat_map(|part| part.names));
        found.used.retain(|(name, _)| !asked_for.contains(name));
        Some(found)
    })
}

struct Uses<'s> {
    scoping: &'s Scoping,
    found: Names,
    /// Names behind `typeof`, and others that may be there.
    asked_for: HashSet<String>,
    /// Enums and namespaces, by their names.
    parts: HashMap<String, Part>,
}

/// What may have several parts.
#[derive(Default)]
struct Part {
    count: usize,
    names: HashSet<String>,
}

impl<'a> Visit<'a> for Uses<'_> {
    fn visit_identifier_reference(&mut self, name: &IdentifierReference<'a>) {
        let Some(reference) = name.reference_id.get() else { return };
        let reference = self.scoping.get_reference(reference);
        let flags = reference.flags();
        if reference.symbol_id().is_some() || !flags.is_value() || flags.is_value_as_type() {
            return;
        }
        if flags.is_write_only() {
            self.found.defined.insert(name.name.to_string());
        } else if !Family::JavaScript.brings(&name.name) {
            let place = name.span.start as usize..name.span.end as usize;
            self.found.used.push((name.name.to_string(), place));
        }
    }

    fn visit_unary_expression(&mut self, unary: &UnaryExpression<'a>) {
        match &unary.argument {
            Expression::Identifier(name) if unary.operator.is_typeof() => {
                self.asked_for.insert(name.name.to_string());
            }
            _ => walk::walk_unary_expression(self, unary),
        }
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if let Expression::Identifier(name) = &call.callee
            && name.name == "eval"
        {
            self.found.is_open = true;
        }
        walk::walk_call_expression(self, call);
    }

    fn visit_with_statement(&mut self, with: &WithStatement<'a>) {
        self.found.is_open = true;
        walk::walk_with_statement(self, with);
    }

    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        // In a script a function in a block is known behind it as well.
        if let Some(id) = function.id.as_ref().filter(|_| function.is_declaration()) {
            self.asked_for.insert(id.name.to_string());
        }
        walk::walk_function(self, function, flags);
    }

    fn visit_ts_enum_declaration(&mut self, of: &TSEnumDeclaration<'a>) {
        let part = self.parts.entry(of.id.name.to_string()).or_default();
        part.count += 1;
        part.names.extend(of.body.members.iter().map(|member| member.id.static_name().to_string()));
        walk::walk_ts_enum_declaration(self, of);
    }

    fn visit_ts_namespace_declaration(&mut self, of: &TSNamespaceDeclaration<'a>) {
        if let Some(scope) = of.scope_id.get() {
            let names = self.scoping.get_bindings(scope).keys().map(ToString::to_string);
            let part = self.parts.entry(of.id.name.to_string()).or_default();
            part.count += 1;
            part.names.extend(names);
        }
        walk::walk_ts_namespace_declaration(self, of);
    }

    fn visit_ts_global_declaration(&mut self, _: &TSGlobalDeclaration<'a>) {
        self.found.is_open = true;
    }

    fn visit_assignment_expression(&mut self, assignment: &AssignmentExpression<'a>) {
        if let AssignmentTarget::StaticMemberExpression(member) = &assignment.left
            && let Expression::Identifier(object) = &member.object
            && matches!(object.name.as_str(), "window" | "globalThis" | "self" | "global")
        {
            self.found.defined.insert(member.property.name.to_string());
        }
        walk::walk_assignment_expression(self, assignment);
    }
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.split(move |c: char| !is_part(c))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// Names that a text which does not parse declares, by its looks: words between
/// a word that declares and what ends a declaration's head.
fn declared(text: &str, found: &mut Names) {
    for (at, word) in words(text) {
        if !matches!(
            word,
            "const" | "let" | "var" | "function" | "class" | "import" | "enum" | "namespace" | "interface"
        ) {
            continue;
        }
        let rest = &text[at + word.len()..];
        let mut depth = 0_usize;
        let end = rest.find(|c| match c {
            '{' | '[' if word != "class" => {
                depth += 1;
                false
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                false
            }
            '=' | '\n' => depth == 0,
            '(' | ';' | '\'' | '"' | '{' => true,
            _ => false,
        });
        let head = words(&rest[..end.unwrap_or(rest.len())]).map(|(_, word)| word);
        found.defined.extend(head.filter(|word| !matches!(*word, "from" | "as")).map(str::to_owned));
    }
}
