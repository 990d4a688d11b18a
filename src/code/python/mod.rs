//! Python: ruff's parser.
//!
//! In: a text. Out: its tokens with the kinds that the syntax tree knows, and a
//! verdict. The only folder that calls ruff, whose crates promise nothing and are
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

mod names;
mod parse;
mod session;
mod walk;

use ruff_python_ast::{self as ast, Stmt};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

pub(super) use self::names::names;
use self::parse::attempt;
use self::session::{has_prompt, session};
use super::derived::{Derived, dedented};
use super::engine::{Outcome, Want, contained};
use super::hints;
use super::verdict::{Judgement, Level, Reading, Reason, Verdict};

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
        // The parser panics at some notebook commands.
        .or_else(|| contained(|| outcome(&flush, Mode::Ipython, Reading::Notebook)).flatten())
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
