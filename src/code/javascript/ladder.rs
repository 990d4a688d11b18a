//! Ladder: the ways to read a text that is no module.
//!
//! In: a text that does not parse as it stands. Out: its tokens and a verdict in
//! the first reading that succeeds.

use super::parse::{Attempt, Source, attempt};
use super::{Dialect, loose_tokens};
use crate::code::derived::Derived;
use crate::code::engine::{Outcome, Want};
use crate::code::verdict::{Judgement, Level, Reading, Verdict};
use crate::code::{hints, loose};

/// The ways to read a text that is no module.
pub(super) struct Climb<'a> {
    pub(super) text: &'a str,
    pub(super) dialect: Dialect,
    pub(super) want: &'a Want,
    pub(super) first_dialect: Dialect,
}

impl Climb<'_> {
    fn outcome(&self, read: Attempt, verdict: Verdict) -> Outcome {
        let tokens = if read.tokens.is_empty() && self.want.colours {
            loose::tokens(self.text, self.dialect.typescript)
        } else {
            read.tokens
        };
        Outcome { tokens, judgement: verdict.into() }
    }

    /// The goals a file can have, besides a module.
    pub(super) fn goals(&mut self) -> Option<Outcome> {
        let commonjs = attempt(self.text, Source { dialect: self.first_dialect, commonjs: true }, self.want);
        if commonjs.errors.is_empty() {
            return Some(self.outcome(commonjs, Verdict::OkAs(Reading::CommonJs)));
        }
        // `<!--` is a remark in scripts without elements.
        if self.first_dialect.jsx && !self.dialect.jsx && self.text.contains("<!--") {
            let source = Source { dialect: Dialect { jsx: false, ..self.dialect }, commonjs: true };
            let script = attempt(self.text, source, self.want);
            if script.errors.is_empty() {
                return Some(self.outcome(script, Verdict::OkAs(Reading::CommonJs)));
            }
        }
        None
    }

    pub(super) fn ladder(&mut self) -> Option<Outcome> {
        if self.dialect.typescript && !self.dialect.jsx {
            let source = Source { dialect: Dialect { jsx: true, ..self.dialect }, commonjs: false };
            let read = attempt(self.text, source, self.want);
            if read.errors.is_empty() {
                return Some(self.outcome(read, Verdict::OkAs(Reading::Jsx)));
            }
        }
        if let Some(judgement) = self.other_dialect() {
            let dialect =
                Dialect { typescript: true, jsx: judgement.verdict == Verdict::WrongLanguage("tsx") };
            let read = attempt(self.text, Source { dialect, commonjs: false }, self.want);
            return Some(Outcome { tokens: read.tokens, judgement });
        }
        if let Some(judgement) = hints::other_looks(self.text) {
            let tokens = if self.want.colours { loose_tokens(self.text, self.dialect) } else { Vec::new() };
            return Some(Outcome { tokens, judgement });
        }
        if let Some(found) = self.fragments(self.text, None) {
            return Some(found);
        }
        if let Some(found) = self.several().or_else(|| self.results()).or_else(|| self.cut_off()) {
            return Some(found);
        }
        for blank_lines in [false, true] {
            let Some(masked) = without_placeholders(self.text, blank_lines) else { break };
            for typescript in [false, true] {
                let dialect = Dialect {
                    typescript: typescript || self.dialect.typescript,
                    jsx: self.first_dialect.jsx || !typescript,
                };
                let read = attempt(&masked, Source { dialect, commonjs: true }, self.want);
                let read = if read.is_tolerable() {
                    read
                } else {
                    attempt(&masked, Source { dialect, commonjs: false }, self.want)
                };
                if read.is_tolerable() {
                    return Some(self.outcome(read, Verdict::OkAs(Reading::Placeholder)));
                }
            }
            if let Some(found) = self.fragments(&masked, Some(Reading::Placeholder)) {
                return Some(found);
            }
        }
        None
    }

    /// Parts of something larger.
    fn fragments(&mut self, text: &str, reading: Option<Reading>) -> Option<Outcome> {
        let body = text.trim_end().trim_end_matches([';', ',']);
        // `let ?;` would be a member `let` that may be left out.
        let is_statement =
            ["let ", "const ", "var ", "return "].iter().any(|word| text.trim_start().starts_with(word));
        for (before, after, found) in [
            ("(", "\n)", Reading::Expression),
            ("({", "\n})", Reading::Members),
            ("class _ extends _ {", "\n}", Reading::Members),
            ("interface _ {", "\n}", Reading::Members),
            ("async function* _() {", "\n}", Reading::FunctionBody),
            ("switch (_) {", "\n}", Reading::Members),
        ] {
            let source = if before.starts_with('(') { body } else { text };
            let derived = Derived::wrapped(before, source, after);
            // Members of types have types.
            let is_class = before.starts_with("class") || before.starts_with("interface");
            if is_class && is_statement || before.starts_with("interface") && !text.contains(':') {
                continue;
            }
            let typescript = self.dialect.typescript || before.starts_with("interface");
            let dialect = Dialect { jsx: self.first_dialect.jsx, typescript };
            // `import.meta` and `await` are for modules.
            let goals = [true, false].map(|commonjs| Source { dialect, commonjs });
            let read = goals
                .into_iter()
                .map(|source| attempt(&derived.text, source, self.want))
                .find(Attempt::is_tolerable);
            if let Some(read) = read {
                let mut tokens = Vec::with_capacity(read.tokens.len());
                derived.source_tokens(&read.tokens, &mut tokens);
                // What stands behind the body (`;`) is plain.
                let verdict = Verdict::OkAs(reading.unwrap_or(found));
                return Some(Outcome { tokens, judgement: verdict.into() });
            }
        }
        None
    }

    /// "Bad" and "good" in one fence: each part, from one remark at the start of
    /// a line behind an empty line to the next, is read by itself.
    fn several(&mut self) -> Option<Outcome> {
        let mut starts = vec![0];
        let mut is_after_empty = false;
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            if is_after_empty && line.starts_with("//") {
                starts.push(at);
            }
            is_after_empty = line.trim().is_empty();
            at += line.len();
        }
        if starts.len() < 2 {
            return None;
        }
        starts.push(self.text.len());
        let mut tokens = Vec::new();
        for part in starts.windows(2) {
            let mut derived = Derived::new(self.text);
            derived.take(self.text, part[0]..part[1]);
            let mut climb = Climb { text: &derived.text, ..*self };
            let source = Source { dialect: self.first_dialect, commonjs: false };
            let read = attempt(&derived.text, source, self.want);
            let found = if read.is_tolerable() {
                read.tokens
            } else {
                climb.goals().or_else(|| climb.fragments(&derived.text, None))?.tokens
            };
            derived.source_tokens(&found, &mut tokens);
        }
        Some(Outcome { tokens, judgement: Verdict::OkAs(Reading::Several).into() })
    }

    /// Expressions, each on its line, most with a remark that says what becomes
    /// of them. A line whose remark says that it is wrong is not read.
    fn results(&self) -> Option<Outcome> {
        let (mut lines, mut remarks) = (0, 0);
        let mut tokens = Vec::new();
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            let range = at..at + line.len();
            at = range.end;
            let is_code = !line.trim().is_empty() && !line.trim_start().starts_with("//");
            let remark = line.find(" //").map(|start| &line[start..]);
            lines += usize::from(is_code);
            remarks += usize::from(is_code && remark.is_some());
            let wrapped = |before: &str, after: &str| {
                let mut derived = Derived::new(self.text);
                derived.text.push_str(before);
                derived.take(self.text, range.clone());
                derived.text.push_str(after);
                derived
            };
            if remark.is_some_and(|remark| remark.contains("SyntaxError")) {
                if self.want.colours {
                    let derived = wrapped("", "");
                    derived
                        .source_tokens(&loose::tokens(&derived.text, self.dialect.typescript), &mut tokens);
                }
                continue;
            }
            let source = Source { dialect: self.first_dialect, commonjs: false };
            let (derived, read) = [("", ""), ("(", "\n)")].into_iter().find_map(|(before, after)| {
                let derived = wrapped(before, after);
                let read = attempt(&derived.text, source, self.want);
                read.is_tolerable().then_some((derived, read))
            })?;
            derived.source_tokens(&read.tokens, &mut tokens);
        }
        (remarks >= 2 && remarks * 2 >= lines)
            .then(|| Outcome { tokens, judgement: Verdict::OkAs(Reading::Several).into() })
    }

    /// A text that ends within brackets, with a remark that says that it goes on:
    /// `// ...`.
    fn cut_off(&self) -> Option<Outcome> {
        let last = self.text.trim_end().rsplit('\n').next()?.trim().strip_prefix("//")?;
        if !matches!(last.trim(), "..." | "…") {
            return None;
        }
        let derived = Derived::wrapped("", self.text, &format!("\n{}", loose::ends(self.text)?));
        let read = attempt(&derived.text, Source { dialect: self.first_dialect, commonjs: false }, self.want);
        if !read.is_tolerable() {
            return None;
        }
        let mut tokens = Vec::with_capacity(read.tokens.len());
        derived.source_tokens(&read.tokens, &mut tokens);
        Some(Outcome { tokens, judgement: Verdict::OkAs(Reading::Placeholder).into() })
    }

    /// TypeScript in a fence for JavaScript.
    pub(super) fn other_dialect(&self) -> Option<Judgement> {
        if self.dialect.typescript {
            return None;
        }
        let plain = Want { colours: false, ..*self.want };
        for (jsx, language, named) in [(false, "ts", "TypeScript"), (true, "tsx", "TypeScript with elements")]
        {
            let dialect = Dialect { typescript: true, jsx };
            if attempt(self.text, Source { dialect, commonjs: false }, &plain).errors.is_empty() {
                let place = hints::visible(self.text, 0..self.text.len());
                return Some(Judgement::wrong_language(language, named, place));
            }
        }
        if !self.dialect.jsx && self.want.level == Level::Strict {
            let source = Source { dialect: Dialect { jsx: true, ..self.dialect }, commonjs: true };
            let module = Source { commonjs: false, ..source };
            if [source, module].iter().any(|source| attempt(self.text, *source, &plain).errors.is_empty()) {
                let place = hints::visible(self.text, 0..self.text.len());
                return Some(Judgement::wrong_language("jsx", "JSX", place));
            }
        }
        None
    }
}

/// The text with names, or with nothing, for the `...` and `…` in it that
/// spread nothing. As long as the text. `None` when there are none.
fn without_placeholders(text: &str, blank_lines: bool) -> Option<String> {
    let mut masked = String::with_capacity(text.len());
    let mut last = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'.', 0xe2, &text.as_bytes()[at..]) {
        let start = at + found;
        at = start + 1;
        let rest = &text[start..];
        if !rest.starts_with("...") && !rest.starts_with('…') {
            continue;
        }
        let after = &rest[3..];
        at = start + 3;
        let spreads = after.starts_with(|c: char| c.is_alphanumeric() || "_$[({'\"`.<".contains(c));
        if spreads && rest.starts_with('.') {
            continue;
        }
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let is_alone = text[line_start..start].trim().is_empty()
            && after
                .split('\n')
                .next()
                .unwrap_or_default()
                .trim_matches([',', ';', ' ', '\t', '\r'])
                .is_empty();
        masked.push_str(&text[last..start]);
        masked.push_str(if blank_lines && is_alone { "   " } else { "___" });
        last = start + 3;
    }
    (last > 0).then(|| masked + &text[last..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_not_spreads() {
        for (text, masked) in [
            ("f(...)", "f(___)"),
            ("f(...a, ...[1])", "f(...a, ...[1])"),
            ("{\n  ...\n}", "{\n  ___\n}"),
            ("[1, …]", "[1, ___]"),
        ] {
            assert_eq!(without_placeholders(text, false).as_deref().unwrap_or(text), masked);
        }
        assert_eq!(without_placeholders("{ a,\n ...\n b }", true).as_deref(), Some("{ a,\n    \n b }"));
    }
}
