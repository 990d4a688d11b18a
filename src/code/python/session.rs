//! Sessions: Python at a prompt.
//!
//! In: a text with `>>> ` in it. Out: the tokens of its inputs, and a verdict on
//! each. What is not behind a prompt is output, and plain.

use std::ops::Range;

use ruff_python_parser::Mode;

use super::parse::attempt;
use crate::code::derived::Derived;
use crate::code::engine::{Outcome, Token, Want};
use crate::code::kind::Kind;
use crate::code::verdict::{Judgement, Level, Verdict};

/// A line that starts with `>>> `.
pub(super) fn has_prompt(text: &str) -> bool {
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
pub(super) fn session(text: &str, sound: Verdict, want: &Want) -> Outcome {
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

/// All inputs of a session as one program, and where those stand that are shown
/// to fail.
pub(super) fn program(text: &str) -> (Derived, Vec<Range<usize>>) {
    let mut program = Derived::new(text);
    let mut failing: Vec<Range<usize>> = Vec::new();
    let mut input = 0..0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let prompt = prompt(line);
        if prompt.is_some() {
            let sign = at + line.len() - line.trim_start().len();
            let start = (sign + 4).min(at + line.trim_end_matches(['\r', '\n']).len()).max(sign + 3);
            program.take(text, start..at + line.len());
            input = if prompt == Some(Prompt::First) {
                at..at + line.len()
            } else {
                input.start..at + line.len()
            };
        } else if line.starts_with("Traceback") || line.contains("Error") {
            failing.push(input.clone());
        }
        at += line.len();
    }
    (program, failing)
}
