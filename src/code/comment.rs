//! Comments that speak to Juxta: marks, notes and a file's name.
//!
//! In: a draft. Out: the draft without these comments, with what they said.
//! They are found by their signs, in every language alike: an engine that knew
//! the language would have to see the code first. Must not know HTML.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::draft::Draft;
use super::fence::Mark;
use super::language::Language;
use super::{CodeProblem, Place, language};
use crate::base::diagnostic::Severity;
use crate::base::text::nearest;

/// Signs that open a comment, and those that close one.
const OPEN: &str = r"//+|\{/\*|/\*+|<!--|--|\(\*|\{#|#|;+|%+|'|REM\b";
const CLOSE: &str = r"\*/\}?|-->|\*\)|#\}";

fn regex(pattern: &str) -> Regex {
    let pattern = pattern.replace("OPEN", OPEN).replace("CLOSE", CLOSE);
    #[expect(clippy::unwrap_used, reason = "a constant, compiled by every test")]
    Regex::new(&pattern).unwrap()
}

fn is_markdown(language: &str) -> bool {
    matches!(language, "md" | "markdown" | "mdx")
}

/// Names of marks, as authors write them.
const MARKS: &[(&str, Mark)] = &[
    ("highlight", Mark::Highlight),
    ("hl", Mark::Highlight),
    ("++", Mark::Insert),
    ("ins", Mark::Insert),
    ("--", Mark::Delete),
    ("del", Mark::Delete),
    ("error", Mark::Error),
    ("warning", Mark::Warning),
    ("focus", Mark::Focus),
    ("hide", Mark::Hide),
];

/// A comment that marks lines: from which line, whether that line has nothing
/// else, and what is said.
struct Said {
    line: usize,
    alone: bool,
    what: What,
    count: Option<usize>,
}

enum What {
    Mark(Mark),
    Word(String),
    Pair(u32),
}

/// `// [!code highlight:3]` and its like. `[!!code` stands for `[!code`.
pub(super) fn marks(draft: &mut Draft<'_>, language: &str, problems: &mut Vec<CodeProblem>) {
    static GROUP: LazyLock<Regex> =
        LazyLock::new(|| regex(r"(OPEN)?[ \t]*((?:\[!code[ \t]+[^\]\n]*\][ \t]*)+)(CLOSE)?"));
    static OPENED: LazyLock<Regex> = LazyLock::new(|| regex(r"OPEN"));
    if !draft.text().contains("[!code") && !draft.text().contains("[!!code") {
        return;
    }
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut said = Vec::new();
    let mut alone_lines = vec![false; draft.lines.len()];
    for (index, is_alone) in alone_lines.iter_mut().enumerate() {
        let base = draft.lines[index].range.start;
        let line = draft.line(index);
        parts.extend(line.match_indices("[!!code").map(|(at, _)| base + at + 1..base + at + 2));
        if !line.contains("[!code") {
            continue;
        }
        for found in GROUP.captures_iter(line) {
            let (Some(whole), Some(group)) = (found.get(0), found.get(2)) else { continue };
            let open = found.get(1).map(|open| open.as_str());
            let before = &line[..whole.start()];
            let after = &line[whole.end()..];
            let is_comment = match open {
                Some(open) => !is_markdown(language) || open == "<!--",
                None => OPENED.is_match(before) && !is_markdown(language),
            };
            if !is_comment {
                continue;
            }
            // The comment goes when it says nothing else.
            let closed = found.get(3).is_some();
            let part = if open.is_some() && (closed || after.trim().is_empty()) {
                whole.range()
            } else {
                group.start()..group.end()
            };
            let mut part = base + part.start..base + part.end;
            if after.trim().is_empty() {
                let kept = draft.text()[base..part.start].trim_end();
                part = base + kept.len()..base + line.len();
            }
            let alone = part.start == base && part.end == base + line.len();
            if alone {
                *is_alone = true;
                part.end = draft.lines[index].range.end;
            }
            for item in group.as_str().split("[!code").skip(1) {
                let item = item.trim().trim_end_matches(']').trim();
                let at = base + group.start();
                match read(item) {
                    Ok((what, count)) => said.push(Said { line: index, alone, what, count }),
                    Err(name) => {
                        let place =
                            draft.cut.origin(at..base + group.start() + group.as_str().trim_end().len());
                        problems.push(unknown_mark(&name, place));
                    }
                }
            }
            parts.push(part);
        }
    }
    parts.sort_by_key(|part| part.start);
    let mut end = 0;
    parts.retain(|part| {
        let is_free = part.start >= end;
        end = end.max(part.end);
        is_free
    });

    let after = |line: usize, alone: bool| {
        let first = if alone { line + 1 } else { line };
        (first..alone_lines.len()).filter(|index| !alone_lines[*index])
    };
    let kept = |line: usize| line - alone_lines[..line].iter().filter(|alone| **alone).count();
    let mut words = Vec::new();
    for Said { line, alone, what, count } in said {
        match what {
            What::Mark(mark) => {
                for index in after(line, alone).take(count.unwrap_or(1)) {
                    draft.lines[index].marks.put(mark);
                }
            }
            What::Pair(number) => {
                for index in after(line, alone).take(count.unwrap_or(1)) {
                    draft.lines[index].pair = Some(number);
                }
            }
            What::Word(word) => {
                let count = count.unwrap_or(if alone { usize::MAX } else { 1 });
                let lines: Vec<usize> = after(line, alone).take(count).map(kept).collect();
                if let (Some(first), Some(last)) = (lines.first(), lines.last()) {
                    words.push((word, *first..last + 1));
                }
            }
        }
    }
    draft.words.extend(words);
    draft.leave_out(&parts);
}

/// `focus:3`, `word:name:2`, `pair=1:2`, `++`; or the name that is not known.
fn read(item: &str) -> Result<(What, Option<usize>), String> {
    if let Some(word) = item.strip_prefix("word:") {
        let (word, count) = match word.rsplit_once(':') {
            Some((word, count)) if !word.ends_with('\\') && count.parse::<usize>().is_ok() => {
                (word, count.parse().ok())
            }
            _ => (word, None),
        };
        let word = word.replace("\\:", ":");
        return if word.is_empty() { Err(item.to_owned()) } else { Ok((What::Word(word), count)) };
    }
    let (name, count) = match item.split_once(':') {
        Some((name, count)) => (name, Some(count.trim().parse().map_err(|_| item.to_owned())?)),
        None => (item, None),
    };
    if let Some(number) = name.trim().strip_prefix("pair=") {
        return number.parse().map(|number| (What::Pair(number), count)).map_err(|_| item.to_owned());
    }
    let mark = MARKS.iter().find(|(known, _)| *known == name.trim()).map(|(_, mark)| *mark);
    mark.map(|mark| (What::Mark(mark), count)).ok_or_else(|| item.to_owned())
}

fn unknown_mark(name: &str, place: Range<usize>) -> CodeProblem {
    let near = nearest(name, MARKS.iter().map(|(name, _)| *name));
    CodeProblem {
        code: "unknown-fence-attribute",
        severity: Severity::Warning,
        message: format!("unknown mark `[!code {name}]` in a code block"),
        place: Place::Text(place),
        labels: Vec::new(),
        hints: vec![match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write `[!!code …]` to show `[!code …]`".to_owned(),
        }],
    }
}

/// `code # (1)!`, `code // <1>`: numbers of the list behind the block.
pub(super) fn notes(draft: &mut Draft<'_>) {
    static NOTES: LazyLock<Regex> = LazyLock::new(|| {
        regex(r"[ \t]*(?:OPEN)[ \t]*((?:(?:\(\d{1,4}\)!?|<\d{1,4}>)[ \t]*)+)(?:CLOSE)?[ \t]*$")
    });
    let mut parts = Vec::new();
    for index in 0..draft.lines.len() {
        let line = draft.line(index);
        let Some(found) = NOTES.captures(line) else { continue };
        let (Some(whole), Some(group)) = (found.get(0), found.get(1)) else { continue };
        let numbers = group.as_str().split(|c: char| !c.is_ascii_digit());
        let numbers: Vec<u32> = numbers.filter_map(|number| number.parse().ok()).collect();
        let base = draft.lines[index].range.start;
        parts.push(base + whole.start()..base + whole.end());
        draft.lines[index].notes = numbers;
    }
    draft.leave_out(&parts);
}

/// Lines in which a file's name is looked for.
const TITLE_LINES: usize = 4;

/// Languages with more than one extension, besides what grammars know.
const FAMILIES: &[&[&str]] = &[
    &["js", "javascript", "node", "nodejs", "mjs", "cjs", "jsx"],
    &["ts", "typescript", "mts", "cts", "tsx"],
    &["py", "python", "python3", "pyi", "pyw"],
    &["html", "htm", "jinja", "jinja2", "django"],
    &["json", "jsonc", "json5", "webmanifest"],
];

/// Takes away a comment that holds nothing but the name of a file of this
/// language, with a blank line behind it; returns the name.
pub(super) fn title(draft: &mut Draft<'_>, language: &str) -> Option<String> {
    static TITLE: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"^[ \t]*(OPEN)[ \t]*(?:(?i:file(?:name)?):[ \t]*)?([\w@.$()\[\]+~/\\-]*[\w\])])[ \t]*(?:CLOSE)?[ \t]*$",
        )
    });
    if language.is_empty() {
        return None;
    }
    let found = (0..draft.lines.len().min(TITLE_LINES)).find_map(|index| {
        let line = draft.line(index);
        let found = TITLE.captures(line)?;
        let name = found.get(2)?.as_str();
        let is_comment = match language::find(language) {
            Some(Language::Python { .. }) => found[1].starts_with('#'),
            Some(Language::JavaScript(_)) => found[1].starts_with(['/', '{', '<']),
            _ => !is_markdown(language) || &found[1] == "<!--",
        };
        (is_comment && fits(name, language)).then(|| (index, name.to_owned()))
    });
    let (index, name) = found?;
    let mut part = draft.lines[index].range.clone();
    if draft.lines.get(index + 1).is_some() && draft.line(index + 1).trim().is_empty() {
        part.end = draft.lines[index + 1].range.end;
    }
    draft.leave_out(std::slice::from_ref(&part));
    Some(name)
}

/// Whether this is the name of a file of this language.
fn fits(name: &str, language: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or("");
    let Some((stem, extension)) = file.rsplit_once('.') else {
        return matches!(file, "Dockerfile" | "Makefile" | "Gemfile" | "Rakefile")
            && language::are_same(&file.to_lowercase(), language);
    };
    let extension = extension.to_lowercase();
    let family = FAMILIES.iter().find(|family| family.contains(&language));
    match family {
        Some(family) => family.contains(&&*extension),
        None => {
            extension == language && (!stem.is_empty() || language == "env")
                || language::are_same(&extension, language)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, language: &str) -> String {
        let mut draft = Draft::new(text);
        let mut problems = Vec::new();
        marks(&mut draft, language, &mut problems);
        let mut out = String::new();
        for (index, line) in draft.lines.iter().enumerate() {
            for (name, mark) in MARKS.iter().filter(|(name, _)| !matches!(*name, "hl" | "ins" | "del")) {
                if line.marks.has(*mark) {
                    out.push_str(name);
                    out.push(' ');
                }
            }
            out.push_str("| ");
            out.push_str(draft.line(index));
            out.push('\n');
        }
        for (word, lines) in &draft.words {
            out.push_str(&format!("word {word} {lines:?}\n"));
        }
        for problem in problems {
            let Place::Text(place) = problem.place else { panic!("a place in the info string") };
            out.push_str(&format!("{} {}\n", problem.message, &text[place]));
        }
        out
    }

    #[test]
    fn marks_are_read_in_every_style_of_comment() {
        for (text, expected) in [
            ("a // [!code highlight]\nb\n", "highlight | a\n| b\n"),
            ("// [!code focus:2]\na\nb\nc\n", "focus | a\nfocus | b\n| c\n"),
            ("a # [!code ++]\nb # [!code --]\n", "++ | a\n-- | b\n"),
            ("a /* [!code error] */\n  <b/> <!-- [!code warning] -->", "error | a\nwarning |   <b/>\n"),
            ("a -- [!code hl] [!code focus]\n", "highlight focus | a\n"),
            ("{/* [!code hl] */}\n<a/>\n", "highlight | <a/>\n"),
            ("a // say [!code hl]\nb // [!code hl] say\n", "highlight | a // say\nhighlight | b // say\n"),
            ("// [!code word:x:1]\nx\nx\n", "| x\n| x\nword x 0..1\n"),
            ("y\n// [!code word:a\\:b]\nx\nx\n", "| y\n| x\n| x\nword a:b 1..3\n"),
            ("a // [!!code ++]\n", "| a // [!code ++]\n"),
            ("let a = \"[!code ++]\"\n", "| let a = \"[!code ++]\"\n"),
            (
                "a // [!code hihglight]\n",
                "| a\nunknown mark `[!code hihglight]` in a code block [!code hihglight]\n",
            ),
            ("a // [!code hide]\n", "hide | a\n"),
        ] {
            assert_eq!(marked(text, "js"), expected, "{text}");
        }
        assert_eq!(marked("# [!code ++]\n", "md"), "| # [!code ++]\n");
    }

    #[test]
    fn notes_are_numbers_in_comments() {
        let mut draft = Draft::new("a # (1)!\nb // <2> <3>\nc (4)\nd /* (5) */\n");
        notes(&mut draft);
        assert_eq!(draft.text(), "a\nb\nc (4)\nd\n");
        let numbers: Vec<_> = draft.lines.iter().map(|line| line.notes.clone()).collect();
        assert_eq!(numbers, [vec![1], vec![2, 3], vec![], vec![5]]);
    }

    #[test]
    fn a_title_is_the_name_of_a_file_of_the_language() {
        for (text, language, title_found, left) in [
            ("// server.js\nx\n", "js", Some("server.js"), "x\n"),
            (
                "#!/usr/bin/env node\n// src/app.mjs\n\nx\n",
                "js",
                Some("src/app.mjs"),
                "#!/usr/bin/env node\nx\n",
            ),
            ("# app/views.py\nx\n", "python", Some("app/views.py"), "x\n"),
            ("<!-- File: a.html -->\n<p>\n", "html", Some("a.html"), "<p>\n"),
            ("/* a.css */\n", "css", Some("a.css"), ""),
            ("# main.rs\n", "rust", Some("main.rs"), ""),
            ("// see server.js\n", "js", None, "// see server.js\n"),
            ("// app.py\n", "js", None, "// app.py\n"),
            ("// Node.js\n", "ts", None, "// Node.js\n"),
            ("# a.md\n", "md", None, "# a.md\n"),
            ("1\n2\n3\n4\n// a.js\n", "js", None, "1\n2\n3\n4\n// a.js\n"),
        ] {
            let mut draft = Draft::new(text);
            assert_eq!(title(&mut draft, language).as_deref(), title_found, "{text}");
            assert_eq!(draft.text(), left, "{text}");
        }
    }
}
