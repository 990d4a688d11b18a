//! Back-end: syntect's grammars with the Oniguruma engine.
//!
//! In: a text and a grammar. Out: tokens, untidied. The only file that runs a
//! grammar. The set of grammars is loaded once, when first needed, and never
//! changed, so the result depends on the arguments alone.
//!
//! Oniguruma, because the other engine syntect offers never returns from some
//! ordinary JavaScript (trishume/syntect#460).

use std::sync::LazyLock;

use syntect::parsing::{ClearAmount, ParseState, Scope, ScopeStackOp, SyntaxReference, SyntaxSet};

use super::engine::{Token, contained};
use super::kind::KindStack;

/// Lines are handed over with their line end: the grammars are written for it.
static GRAMMARS: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// Grammars that never come back from a line `  /*` that follows an expression
/// without `;`, not even with Oniguruma (trishume/syntect#460), and what reads
/// the language instead. They must never run. Found by handing such lines, in
/// every way of embedding JavaScript, to every grammar of the set; to be done
/// again when the set changes.
const LOOPING: &[(&str, &str)] = &[("JavaScript", "JavaScript (Babel)"), ("Svelte", "HTML")];

/// One grammar of the set.
pub(super) type Grammar = &'static SyntaxReference;

/// All grammars.
pub(super) fn grammars() -> &'static [SyntaxReference] {
    GRAMMARS.syntaxes()
}

/// The grammar of that exact name.
pub(super) fn by_name(name: &str) -> Option<Grammar> {
    let name = LOOPING.iter().find(|(looping, _)| *looping == name).map_or(name, |(_, instead)| instead);
    GRAMMARS.find_syntax_by_name(name)
}

/// The grammar for files of that extension, or of that name in any case.
pub(super) fn by_token(token: &str) -> Option<Grammar> {
    GRAMMARS.find_syntax_by_token(token).and_then(|grammar| by_name(&grammar.name))
}

/// The tokens of `text`, in order and not overlapping; an error when the
/// grammar is broken, in syntect's words.
pub(super) fn tokens(text: &str, grammar: Grammar) -> Result<Vec<Token>, String> {
    // syntect indexes without looking in a few places, and its grammars come
    // from many hands: a fence without colours is better than no site.
    contained(|| parse(text, grammar)).unwrap_or_else(|| Err("the grammar made its engine fail".to_owned()))
}

fn parse(text: &str, grammar: Grammar) -> Result<Vec<Token>, String> {
    let mut state = ParseState::new(grammar);
    let mut scopes = Scopes::default();
    let mut tokens = Vec::new();
    let mut line_start = 0;
    let mut last_line = String::new();
    for line in text.split_inclusive('\n') {
        let whole = if line.ends_with('\n') {
            line
        } else {
            last_line.push_str(line);
            last_line.push('\n');
            &last_line
        };
        let mut from = 0;
        for (at, op) in state.parse_line(whole, &GRAMMARS).map_err(|error| error.to_string())? {
            let at = at.min(line.len());
            if at > from {
                push_token(&mut tokens, &scopes, line_start + from..line_start + at);
                from = at;
            }
            scopes.apply(&op);
        }
        if from < line.len() {
            push_token(&mut tokens, &scopes, line_start + from..line_start + line.len());
        }
        line_start += line.len();
    }
    Ok(tokens)
}

fn push_token(tokens: &mut Vec<Token>, scopes: &Scopes, range: std::ops::Range<usize>) {
    if let Some(kind) = scopes.kinds.top() {
        match tokens.last_mut() {
            Some(last) if last.kind == kind && last.range.end == range.start => last.range.end = range.end,
            _ => tokens.push(Token { range, kind }),
        }
    }
}

/// The scope stack, with the kind of each of its levels.
#[derive(Default)]
struct Scopes {
    scopes: Vec<Scope>,
    kinds: KindStack,
    /// Scopes a grammar has set aside for a while, oldest first.
    cleared: Vec<Vec<Scope>>,
}

impl Scopes {
    fn apply(&mut self, op: &ScopeStackOp) {
        match op {
            ScopeStackOp::Push(scope) => self.push(*scope),
            ScopeStackOp::Pop(count) => self.pop(*count),
            ScopeStackOp::Clear(amount) => {
                let count = match amount {
                    ClearAmount::TopN(n) => (*n).min(self.scopes.len()),
                    ClearAmount::All => self.scopes.len(),
                };
                self.cleared.push(self.scopes[self.scopes.len() - count..].to_vec());
                self.pop(count);
            }
            ScopeStackOp::Restore => {
                for scope in self.cleared.pop().unwrap_or_default() {
                    self.push(scope);
                }
            }
            ScopeStackOp::Noop => {}
        }
    }

    fn push(&mut self, scope: Scope) {
        self.scopes.push(scope);
        self.kinds.push(scope);
    }

    fn pop(&mut self, count: usize) {
        for _ in 0..count {
            self.scopes.pop();
            self.kinds.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_to_a_grammar_that_loops() {
        let is_safe = |found: Option<Grammar>| {
            found.is_some_and(|found| LOOPING.iter().all(|(looping, _)| found.name != *looping))
        };
        for grammar in grammars() {
            assert!(is_safe(by_name(&grammar.name)), "{}", grammar.name);
            for extension in &grammar.file_extensions {
                assert!(is_safe(by_token(extension)), "{extension}");
            }
        }
    }
}
