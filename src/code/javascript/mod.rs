//! JavaScript, TypeScript, JSX and TSX: oxc's parser.
//!
//! In: a text and its dialect. Out: its tokens with the kinds that the syntax
//! tree knows, and a verdict. The only folder that calls oxc. Must not know
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
//! 8. expressions, each on its line with a remark that says what it gives
//! 9. brackets left open at the end, where a remark `// ...` says so
//! 10. `...` for what is left out, in any of these

mod ladder;
mod names;
mod parse;
mod walk;

use oxc_ast::ast::{Expression, Statement};
use oxc_parser::Parser;
use oxc_span::SourceType;

use self::ladder::Climb;
pub(super) use self::names::names;
use self::parse::{Source, attempt, finding, with_arena};
use super::derived::Derived;
use super::engine::{Outcome, Token, Want};
use super::verdict::{Judgement, Level, Reading, Verdict};
use super::{hints, loose};

/// What a fence says about a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) typescript: bool,
    pub(super) jsx: bool,
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
