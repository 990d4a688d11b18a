//! Hints: what a broken snippet was probably meant to be.
//!
//! In: a text that its parser has refused, and the place. Out: advice beside
//! the parser's message, or another language that the text is in. Parsers know
//! what they expected; what people paste into fences (prompts, entities, quotes
//! from a word processor, another language) they do not.

use std::ops::Range;

use super::javascript;
use super::python;
use super::verdict::{Judgement, PythonVersion, Verdict};

/// The language a fence names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    JavaScript,
    Python,
    Data,
    Shell,
}

/// A parser's sentence as one of our messages.
pub(super) fn phrase(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    let message = message.strip_prefix("SyntaxError: ").unwrap_or(message);
    let mut chars = message.chars();
    let Some(first) = chars.next() else { return "this does not parse".to_owned() };
    // `HTML comments …` stays as it is.
    if chars.clone().next().is_some_and(char::is_uppercase) {
        return message.to_owned();
    }
    first.to_lowercase().chain(chars).collect()
}

/// A place that can be pointed at: on character borders, not empty where there
/// is something, not a line end where something stands before it.
pub(super) fn visible(text: &str, place: Range<usize>) -> Range<usize> {
    let mut start = place.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = place.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    if !text[start..end].trim().is_empty() {
        // One line is enough.
        let first = text[start..end].split('\n').next().unwrap_or_default().trim_end();
        if !first.is_empty() {
            end = start + first.len();
        }
        return start..end;
    }
    match text[..start].trim_end().char_indices().next_back() {
        Some((at, c)) => at..at + c.len_utf8(),
        None => start..end,
    }
}

/// Advice for a Python text.
pub(super) fn python(text: &str, place: &Range<usize>, version: PythonVersion) -> Vec<String> {
    let mut found = pasted(text, place);
    let line = line_at(text, place.start).trim_start();
    let word = first_word(line);
    let rest = line[word.len()..].trim_start();
    let is_python2 = (matches!(word, "print" | "exec")
        && rest.starts_with(|c: char| c == '"' || c == '\'' || c.is_alphanumeric() || c == '%'))
        || (word == "except" && rest.contains(',') && !rest.starts_with('('))
        || (word == "raise" && rest.contains(", "))
        || (line.contains("<>") && !line.contains('"'));
    if is_python2 {
        found.push(format!(
            "this is Python 2; write it for Python {}.{}, or put `version=2.7` on the fence",
            version.major, version.minor
        ));
    }
    found
}

/// Advice for a text in any language.
pub(super) fn pasted(text: &str, place: &Range<usize>) -> Vec<String> {
    let mut found = Vec::new();
    let line = line_at(text, place.start);
    let at_place = text.get(place.clone()).unwrap_or_default();
    if let Some(quote) = line.chars().find(|c| "“”„‘’‚«»".contains(*c)) {
        found.push(format!("`{quote}` is a typographic quote; write `\"` or `'`"));
    }
    if let Some(entity) =
        ["&lt;", "&gt;", "&amp;", "&quot;", "&#39;", "&nbsp;"].iter().find(|entity| line.contains(**entity))
    {
        found.push(format!("`{entity}` is an HTML entity; code in a fence is written as it is"));
    }
    if let Some(c) = at_place
        .chars()
        .chain(line.chars())
        .find(|c| "\u{a0}\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}".contains(*c))
    {
        found.push(format!("there is an invisible character U+{:04X} in this line", u32::from(c)));
    }
    if at_place.contains('…') {
        found.push("`…` is one character; write `...`, or a remark".to_owned());
    }
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if are_numbered(&lines) {
        found.push(
            "the lines begin with their numbers; leave them out, or write `lines` on the fence".to_owned(),
        );
    }
    if lines.iter().any(|line| line.starts_with("$ ") || line.starts_with("% ")) {
        found.push("there is a prompt in the text; write `console` on the fence of a session".to_owned());
    } else if lines.len() > 1 && lines.iter().all(|line| line.starts_with("> ") || *line == ">") {
        found.push("the lines begin with `> `; leave that out".to_owned());
    }
    found
}

/// At least two lines, and each begins with a number one higher than the last.
fn are_numbered(lines: &[&str]) -> bool {
    let number = |line: &&str| {
        let line = line.trim_start();
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let is_apart = line[digits..].starts_with([' ', '\t', ':', '|', '.', ')']) || line.len() == digits;
        line[..digits].parse::<u32>().ok().filter(|_| is_apart)
    };
    let numbers: Vec<u32> = lines.iter().map_while(number).collect();
    numbers.len() == lines.len() && numbers.len() > 1 && numbers.windows(2).all(|pair| pair[1] > pair[0])
}

/// The language a refused text is in, if there is no doubt about it.
pub(super) fn other_language(text: &str, own: Own) -> Option<Judgement> {
    let trimmed = text.trim();
    let found = |language, named| Some(Judgement::wrong_language(language, named, whole(text)));
    if let Some(judgement) = other_looks(text).filter(|found| own != Own::Shell || !is_shell(found)) {
        return Some(judgement);
    }
    if own != Own::Data
        && trimmed.starts_with(['{', '['])
        && serde_json::from_str::<serde::de::IgnoredAny>(trimmed).is_ok()
    {
        return found("json", "JSON");
    }
    if own != Own::Python && python::is_python(text) {
        return found("python", "Python");
    }
    if own != Own::JavaScript && javascript::is_javascript(text) {
        return found("js", "JavaScript");
    }
    None
}

fn is_shell(judgement: &Judgement) -> bool {
    judgement.verdict == Verdict::WrongLanguage("sh")
}

/// The first line of a text.
fn whole(text: &str) -> Range<usize> {
    visible(text, text.len() - text.trim_start().len()..text.len())
}

/// The language a refused text is in, if it shows that at a glance.
pub(super) fn other_looks(text: &str) -> Option<Judgement> {
    let trimmed = text.trim();
    let found = |language, named| Some(Judgement::wrong_language(language, named, whole(text)));
    if trimmed.starts_with("<!DOCTYPE") || trimmed.starts_with("<!doctype") || trimmed.starts_with("<html") {
        return found("html", "HTML");
    }
    if trimmed.starts_with("<script") || trimmed.starts_with("<template") || trimmed.starts_with("<style") {
        return found("html", "HTML");
    }
    if trimmed.starts_with("diff --git ") || trimmed.starts_with("@@ -") || trimmed.starts_with("--- a/") {
        return found("diff", "a diff");
    }
    if is_console(trimmed) {
        return found("sh", "a shell's input");
    }
    None
}

/// Every line is a remark or calls a program that everybody knows.
fn is_console(text: &str) -> bool {
    const PROGRAMS: &[&str] = &[
        "apt", "apt-get", "brew", "bun", "bunx", "cargo", "cd", "conda", "curl", "deno", "docker", "echo",
        "export", "git", "make", "mkdir", "node", "npm", "npx", "pip", "pip3", "pipenv", "pnpm", "poetry",
        "python", "python3", "source", "sudo", "touch", "uv", "uvx", "wget", "yarn",
    ];
    let mut commands = 0;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let line = line.strip_prefix("$ ").unwrap_or(line);
        let word = line.split_whitespace().next().unwrap_or_default();
        let rest = line[word.len()..].trim_start();
        // `source = 1`, `make(…)` and `export default` are no commands.
        let is_command = PROGRAMS.contains(&word)
            && !rest.starts_with(['=', '(', '.', ':'])
            && (word != "export" || rest.contains('='))
            && !line.ends_with([';', '{']);
        if !is_command {
            return false;
        }
        commands += 1;
    }
    commands > 0
}

fn line_at(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    text[start..].lines().next().unwrap_or_default()
}

fn first_word(line: &str) -> &str {
    let end = line.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(line.len());
    &line[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_something_to_see() {
        let text = "ab\n\n  é\n";
        assert_eq!(visible(text, 0..9), 0..2);
        assert_eq!(visible(text, 2..2), 1..2);
        assert_eq!(visible(text, 9..9), 6..8);
        assert_eq!(visible(text, 7..7), 6..8);
        assert_eq!(visible(text, 50..60), 6..8);
        assert_eq!(visible("", 0..0), 0..0);
    }

    #[test]
    fn what_is_pasted_is_told() {
        for (text, expected) in [
            ("x = “a”\n", "`“` is a typographic quote; write `\"` or `'`"),
            ("if (a &lt; b) {}\n", "`&lt;` is an HTML entity; code in a fence is written as it is"),
            ("x\u{a0}= 1\n", "there is an invisible character U+00A0 in this line"),
            (
                "1 | a\n2 | b\n",
                "the lines begin with their numbers; leave them out, or write `lines` on the fence",
            ),
            ("$ ls\n", "there is a prompt in the text; write `console` on the fence of a session"),
            ("> a\n> b\n", "the lines begin with `> `; leave that out"),
        ] {
            assert_eq!(pasted(text, &(0..1)), [expected], "{text}");
        }
        assert_eq!(pasted("a = 1\nb = 2\n", &(0..1)), [""; 0]);
    }

    #[test]
    fn commands_are_told_from_code() {
        for (text, expected) in [
            ("npm install x", true),
            ("# first\n$ pip install x\nexport A=1", true),
            ("source = 1", false),
            ("node.run()", false),
            ("export default x", false),
            ("echo\nx = 1", false),
            ("", false),
        ] {
            assert_eq!(is_console(text), expected, "{text}");
        }
    }
}
