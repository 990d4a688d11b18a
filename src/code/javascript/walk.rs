//! Walk: what the tree knows of names.
//!
//! In: a tree. Out: marks with the kinds of names, whether there are elements,
//! and the first thing in it that no engine runs.

use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan, Span};

use crate::code::kind::Kind;
use crate::code::loose;
use crate::code::paint::{Marks, is_constant};

/// The walk over the tree: kinds of names.
pub(super) struct Walk<'t> {
    text: &'t str,
    pub(super) marks: Marks,
    /// Names that are bound here are parameters.
    in_parameter: bool,
    pub(super) has_elements: bool,
    /// The first thing that oxc takes and that no engine runs: proposals, and
    /// one that was withdrawn.
    pub(super) foreign: Option<(Span, &'static str)>,
    /// The first member of a class that only TypeScript has, and that oxc takes
    /// in JavaScript too.
    pub(super) typed: Option<Span>,
}

impl<'t> Walk<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            marks: Marks::default(),
            in_parameter: false,
            has_elements: false,
            foreign: None,
            typed: None,
        }
    }
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

    /// `{` and `}` around code between elements.
    fn braces(&mut self, span: Span) {
        self.marks.put(span.start, span.start + 1, Kind::Punctuation);
        self.marks.put(span.end.saturating_sub(1), span.end, Kind::Punctuation);
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
        self.mark(name.span, is_constant(&name.name).then_some(Kind::Constant));
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

    fn visit_assignment_expression(&mut self, assignment: &AssignmentExpression<'a>) {
        if let AssignmentTarget::StaticMemberExpression(member) = &assignment.left
            && is_function(&assignment.right)
        {
            self.mark(member.property.span, Kind::FunctionDefinition);
        }
        walk::walk_assignment_expression(self, assignment);
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
        if method.r#override || method.optional || method.accessibility.is_some() {
            self.typed.get_or_insert(method.span);
        }
        walk::walk_method_definition(self, method);
    }

    fn visit_property_definition(&mut self, property: &PropertyDefinition<'a>) {
        let kind = match &property.value {
            Some(value) if is_function(value) => Kind::FunctionDefinition,
            _ => Kind::Property,
        };
        self.key(&property.key, kind);
        let is_typed = property.declare || property.r#override || property.optional || property.readonly;
        if is_typed || property.definite || property.accessibility.is_some() {
            self.typed.get_or_insert(property.span);
        }
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

    fn visit_jsx_expression_container(&mut self, container: &JSXExpressionContainer<'a>) {
        self.braces(container.span);
        walk::walk_jsx_expression_container(self, container);
    }

    fn visit_jsx_spread_attribute(&mut self, attribute: &JSXSpreadAttribute<'a>) {
        self.braces(attribute.span);
        walk::walk_jsx_spread_attribute(self, attribute);
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
