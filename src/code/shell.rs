//! Shells: whether a script for `sh` or `bash` parses. Its colours come from
//! the grammar.
//!
//! In: a text. Out: a verdict. Must not know fences.
//!
//! The ladder: what was typed at prompts, without what came back; `<name>` for
//! what readers have to fill in, `[a | b]` for what they may choose. All of it
//! is blanked in place, so that every byte stays where it was.

use std::ops::Range;
use std::sync::LazyLock;

use brush_parser::{ParseError, Parser, ParserOptions, SourcePosition, Token, TokenizerError};
use regex::Regex;

use super::draft::Line;
use super::hints;
use super::session::{self, Part, Terminal};
use super::verdict::{Finding, Judgement, Level, Reading, Reason, Verdict};

/// Deepest nesting the parser is given: of round brackets where two may mean
/// arithmetic or two shells, and of `case`. It tries both ways at each level,
/// so that each costs twice the time of the one before.
const MAX_BRACKETS: usize = 10;
const MAX_CASES: usize = 8;

/// Judges a text.
pub(super) fn judge(text: &str, level: Level) -> Judgement {
    if is_too_deep(text) {
        return Judgement::unchecked(Reason::TooDeep);
    }
    let Err(error) = parse(text) else {
        let is_session = level != Level::Strict && typed(text).is_some();
        return if is_session { Verdict::OkAs(Reading::Repl).into() } else { Verdict::Ok.into() };
    };
    if level != Level::Strict {
        if let Some(typed) = typed(text) {
            let is_sound = parse(&typed).is_ok() || parse(&filled_in(&typed)).is_ok();
            // What came back may look as if it had been typed.
            let verdict =
                if is_sound { Verdict::OkAs(Reading::Repl) } else { Verdict::Unchecked(Reason::NoParser) };
            return verdict.into();
        }
        if parse(&filled_in(text)).is_ok() {
            return Verdict::OkAs(Reading::Placeholder).into();
        }
    }
    if ["{{", "{%", "<%"].iter().any(|sign| text.contains(sign)) {
        return Judgement::unchecked(Reason::Template);
    }
    hints::other_language(text, hints::Own::Shell).unwrap_or_else(|| {
        let mut finding = finding(text, &error);
        finding.hints.extend(hints::pasted(text, &finding.place));
        Judgement::broken(finding)
    })
}

fn is_too_deep(text: &str) -> bool {
    let deepest = |steps: &mut dyn Iterator<Item = isize>| {
        let depths = steps.scan(0_isize, |depth, step| {
            *depth = (*depth + step).max(0);
            Some(*depth)
        });
        depths.max().unwrap_or(0).unsigned_abs()
    };
    let brackets = &mut text.bytes().map(|byte| isize::from(byte == b'(') - isize::from(byte == b')'));
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let cases = &mut words.map(|word| isize::from(word == "case") - isize::from(word == "esac"));
    text.contains("((") && deepest(brackets) > MAX_BRACKETS || deepest(cases) > MAX_CASES
}

fn parse(text: &str) -> Result<(), ParseError> {
    Parser::new(text.as_bytes(), &ParserOptions::default()).parse_program().map(|_| ())
}

/// The commands of a session; `None` when no line has a prompt.
fn typed(text: &str) -> Option<String> {
    let mut start = 0;
    let line = |line: &str| {
        start += line.len();
        Line { range: start - line.len()..start, ..Line::default() }
    };
    let lines: Vec<Line> = text.split_inclusive('\n').map(line).collect();
    let parts = session::parts(text, &lines, Terminal::Session);
    let others = parts.iter().filter(|(_, part)| *part != Part::Command).map(|(range, _)| range.clone());
    (!parts.is_empty()).then(|| blanked(text, others, ' '))
}

/// What readers have to fill in, or to choose.
static OPEN: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::unwrap_used, reason = "a constant, compiled by every test")]
    Regex::new(r"<[A-Za-z@][^<>\n]*>|\[[^\[\]\n]*\|[^\[\]\n]*\]").unwrap()
});

/// The text with a word for all that is to be filled in.
fn filled_in(text: &str) -> String {
    let once = |text: &str| blanked(text, OPEN.find_iter(text).map(|found| found.range()), 'x');
    // Brackets may hold what was filled in first.
    once(&once(text))
}

/// The text with some of its parts made of one sign; line ends stay.
fn blanked(text: &str, parts: impl Iterator<Item = Range<usize>>, with: char) -> String {
    let mut out = String::with_capacity(text.len());
    for part in parts {
        out.push_str(&text[out.len()..part.start]);
        for c in text[part].chars() {
            if c == '\n' {
                out.push(c);
            } else {
                out.extend(std::iter::repeat_n(with, c.len_utf8()));
            }
        }
    }
    out.push_str(&text[out.len()..]);
    out
}

/// What is wrong, and where.
fn finding(text: &str, error: &ParseError) -> Finding {
    let end = text.len();
    let at = match error {
        ParseError::Tokenizing { inner, position } => {
            let at = position.as_ref().map_or(end, |position| byte_of(text, position));
            return unfinished(text, inner, at);
        }
        ParseError::ParsingNear(position) => refused(text, byte_of(text, position)),
        ParseError::ParsingAtEndOfInput => end,
    };
    let is_open = |found: &Range<usize>| found.contains(&at) || found.end == at;
    let gap = OPEN.find_iter(text).map(|found| found.range()).find(is_open);
    let place = gap.clone().unwrap_or_else(|| hints::visible(text, at..word_end(text, at)));
    let word = &text[place.clone()];
    let is_closer = CLOSERS.iter().any(|(_, closer)| *closer == word);
    let open = if at >= end || is_closer { open_at(text, at) } else { None };
    match open {
        Some((opener, closer)) => Finding {
            message: format!("`{}` is never closed", &text[opener.clone()]),
            place: opener,
            labels: vec![(place, format!("`{closer}` is missing before the end of this"))],
            ..Finding::default()
        },
        None if at >= end => {
            Finding { message: "the text ends too early".to_owned(), place, ..Finding::default() }
        }
        None => {
            let mut finding =
                Finding { message: format!("`{word}` is not expected here"), place, ..Finding::default() };
            if gap.is_some() {
                finding.hints.push("a shell takes `<` and `>` for files; write `NAME` for a name".to_owned());
            } else {
                finding.hints.push("what is no script has the language `console` or `text`".to_owned());
            }
            finding
        }
    }
}

/// Where what the parser could not take starts. It gives up at that word, or,
/// where the word means something in another place, right behind it.
fn refused(text: &str, at: usize) -> usize {
    let before = text[..at].trim_end_matches([' ', '\t']);
    let word = before.rfind(|c: char| c.is_whitespace() || ";&|()".contains(c)).map_or(0, |end| end + 1);
    let is_reserved = ["then", "else", "elif", "do", "in"].contains(&&before[word..])
        || CLOSERS.iter().any(|(_, closer)| *closer == &before[word..]);
    if is_reserved { word } else { at }
}

/// Something that starts and does not end.
fn unfinished(text: &str, error: &TokenizerError, at: usize) -> Finding {
    let open = |position: &SourcePosition, sign: &str| {
        let at = byte_of(text, position);
        // The sign stands there, or right before.
        let start = text[..(at + sign.len()).min(text.len())].rfind(sign).unwrap_or(at);
        (start..start + sign.len(), format!("`{sign}` is never closed"))
    };
    let (place, message) = match error {
        TokenizerError::UnterminatedSingleQuote(at) | TokenizerError::UnterminatedAnsiCQuote(at) => {
            open(at, "'")
        }
        TokenizerError::UnterminatedDoubleQuote(at) => open(at, "\""),
        TokenizerError::UnterminatedBackquote(at) => open(at, "`"),
        TokenizerError::UnterminatedExtendedGlob(at) => open(at, "("),
        TokenizerError::UnterminatedHereDocuments(tag, _) | TokenizerError::MissingHereTag(tag) => {
            let tag = tag.trim();
            let start = text.find("<<").unwrap_or(at);
            (start..word_end(text, start), format!("the line `{tag}` that ends this is missing"))
        }
        TokenizerError::UnterminatedVariable
        | TokenizerError::UnterminatedExpansion
        | TokenizerError::UnterminatedCommandSubstitution => {
            let before = &text[..at];
            let start = before.rfind("$(").max(before.rfind("${")).unwrap_or(0);
            let sign = text.get(start..start + 2).unwrap_or("$");
            (start..start + sign.len(), format!("`{sign}` is never closed"))
        }
        other => (at..at, hints::phrase(&other.to_string())),
    };
    Finding { message, place: hints::visible(text, place), ..Finding::default() }
}

/// Words that start a command of several lines, and that end it.
const CLOSERS: &[(&str, &str)] = &[
    ("if", "fi"),
    ("for", "done"),
    ("while", "done"),
    ("until", "done"),
    ("select", "done"),
    ("case", "esac"),
    ("{", "}"),
    ("(", ")"),
];

/// Words after which a command starts.
const BEFORE_COMMANDS: &[&str] = &["if", "then", "else", "elif", "while", "until", "do", "{", "!", "time"];

/// What is open at a byte: its opening word, and the word that would close it.
fn open_at(text: &str, end: usize) -> Option<(Range<usize>, &'static str)> {
    let tokens = brush_parser::tokenize_str(text).ok()?;
    let mut open: Vec<(Range<usize>, &'static str)> = Vec::new();
    let mut starts_command = true;
    // Positions count characters.
    let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    for token in &tokens {
        let (Token::Word(word, span) | Token::Operator(word, span)) = token;
        let start = bytes.get(span.start.index).copied().unwrap_or(text.len());
        if start >= end {
            break;
        }
        let is_operator = matches!(token, Token::Operator(..));
        if starts_command || is_operator {
            if open.last().is_some_and(|(_, closer)| closer == word) {
                open.pop();
            } else if let Some((_, closer)) = CLOSERS.iter().find(|(opener, _)| opener == word) {
                open.push((start..start + word.len(), closer));
            }
        }
        starts_command = is_operator && !word.contains(['<', '>'])
            || starts_command && BEFORE_COMMANDS.contains(&word.as_str());
    }
    open.pop()
}

/// The byte of a position, which counts characters.
fn byte_of(text: &str, position: &SourcePosition) -> usize {
    text.char_indices().nth(position.index).map_or(text.len(), |(at, _)| at)
}

fn word_end(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    start
        + rest
            .find(|c: char| c.is_whitespace() || c == ';')
            .filter(|end| *end > 0)
            .unwrap_or(rest.len().min(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, level: Level) -> String {
        let judgement = judge(text, level);
        let word = judgement.verdict.word();
        match judgement.finding {
            None => word,
            Some(finding) => format!("{word} {:?} {}", &text[finding.place], finding.message),
        }
    }

    #[test]
    fn scripts_and_pieces_of_them_are_sound() {
        for (text, expected) in [
            ("npm install\ncd app && npm start # now\n", "ok"),
            ("for f in *.md; do echo \"$f\"; done\n", "ok"),
            ("[[ $a =~ ^x(.*)$ ]] && a+=(\"${b[@]:1}\") <<<$c\n", "ok"),
            ("cat <<'EOF'\nif (\nEOF\n", "ok"),
            ("", "ok"),
            ("$ npm install (x)\nadded 3 packages (2s)\n", "unchecked(unknown)"),
            ("$ npm install\nadded 3 packages (2s)\n$ ls\n", "ok-as(repl)"),
            ("$ ls\n", "ok-as(repl)"),
            ("npm install <package> [<more> | none]\n", "ok-as(placeholder)"),
            ("git checkout <commit hash>\n", "ok-as(placeholder)"),
            ("echo {% if a %}(\n", "unchecked(template)"),
            (
                "x = {\n  'a': [1, 2],\n}\nfor i in x:\n    print(i)\n",
                "wrong-language(python) \"x = {\" this is Python, not what the fence says",
            ),
        ] {
            assert_eq!(told(text, Level::Syntax), expected, "{text}");
        }
        assert_eq!(
            told("npm install <package>\n", Level::Strict),
            "broken \"<package>\" `<package>` is not expected here"
        );
    }

    #[test]
    fn what_is_left_open_is_told_where_it_starts() {
        for (text, place, message) in [
            ("if true; then\n  echo a\n", "if", "`if` is never closed"),
            ("if true; then\n  for a in b; do\n    echo a\nfi\n", "for", "`for` is never closed"),
            ("é() {\n  echo \"if\" if\n", "{", "`{` is never closed"),
            ("case $a in\n  b) echo ;;\n", "case", "`case` is never closed"),
            ("echo é 'don\n", "'", "`'` is never closed"),
            ("echo é \"a\necho\n", "\"", "`\"` is never closed"),
            ("echo $(date\n", "$(", "`$(` is never closed"),
            ("echo ${a\n", "${", "`${` is never closed"),
            ("cat <<EOF\na\n", "<<EOF", "the line `EOF` that ends this is missing"),
            ("echo a\nfi\n", "fi", "`fi` is not expected here"),
            ("echo a |\n", "|", "the text ends too early"),
        ] {
            let finding = judge(text, Level::Syntax).finding.unwrap_or_default();
            assert_eq!((&text[finding.place], finding.message.as_str()), (place, message), "{text}");
        }
    }
}
