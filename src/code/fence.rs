//! Fences: the info string of a code block, in every spelling readers know.
//!
//! In: an info string, escapes and entities undone. Out: a [`Fence`] and
//! problems whose places are bytes of that string. Never fails: what cannot be
//! understood is told and left out. Must not know languages, kinds or HTML.
//!
//! The grammar, loosely: a language, then attributes in any order, between them
//! white space or commas.
//!
//! | form | meaning |
//! |---|---|
//! | `[…]` | label |
//! | `{1,3-5}` | marked lines; `{"label":3-5}` with a label |
//! | `{.js key=value}` | the language and attributes once more, in braces |
//! | `"…"`, `'…'`, `/…/` | marked words |
//! | `name`, `name=value`, `:name=value` | an attribute; see [`ATTRIBUTES`] |
//!
//! A value is a quoted text, a list of lines in braces, an expression between
//! slashes, or everything up to white space or a comma. Two exceptions, both
//! for Zola's spelling: a value that is a list of lines goes on over spaces
//! (`hl_lines=1 3-5`), and where the language is followed by a comma, every
//! value does up to the next comma.

use std::ops::Range;

use super::verdict::{Level, PythonVersion};
use super::{CodeProblem, Place};
use crate::base::diagnostic::Severity;
use crate::base::text::nearest;

/// Every attribute a fence may have: its name, other spellings of it, and what
/// it does. Attributes marked "reserved" are stored and have no effect yet.
pub const ATTRIBUTES: &[(&str, &[&str], &str)] = &[
    ("label", &["tab"], "label of the block's tab or column; also `[Label]`"),
    (
        "title",
        &["file", "name", "filename"],
        "title above the code, mostly a file name; also a comment with nothing else in the first four lines",
    ),
    ("hl", &["hl_lines", "highlight", "mark"], "marked lines or words; also `{1,3-5}`, `\"word\"`, `/re/`"),
    ("ins", &["inserted", "add"], "added lines or words"),
    ("del", &["deleted", "rem"], "removed lines or words"),
    ("error", &["err"], "lines or words that are wrong"),
    ("warning", &["warn"], "lines or words to be careful with"),
    ("focus", &[], "lines that stay bright while the others fade"),
    ("hide_lines", &["hide-lines"], "lines not shown but copied; numbers go on counting"),
    ("lines", &["linenos", "line-numbers", "showLineNumbers", "linenums", "numbers"], "line numbers"),
    ("nolines", &["no-line-numbers", "nonumbers"], "no line numbers"),
    ("start", &["linenostart", "startLineNumber", "startFrom"], "number of the first line"),
    ("collapse", &["fold"], "lines that may be folded"),
    ("wrap", &[], "long lines wrap"),
    ("copy", &["can-copy"], "a button to copy the code (the default)"),
    ("nocopy", &["no-copy"], "no button to copy the code"),
    ("lang", &["language"], "the language inside a `diff`"),
    (
        "include",
        &["src"],
        "the code comes from a file: `app.py`, `app.py#region`, `app.py#def:name`, `app.py:10-20`",
    ),
    ("frame", &[], "`terminal`, `code` or `none`: the frame around the block"),
    (
        "check",
        &[],
        "how far the code is checked: `off`, `syntax`, `strict`, `run`; `error` or `error:\"never closed\"` for code that is wrong on purpose",
    ),
    ("skip", &["notest", "ignore", "no_check", "nocheck"], "the code is not checked; the value says why"),
    ("badge", &[], "readers are told below the code how it was checked; `badge=no` for no such words"),
    ("version", &[], "versions that the code is for and that run it: `3.12`, `\">=22\"`"),
    ("run", &[], "`check --run` runs the code; `run=node` says with what"),
    (
        "requires",
        &[],
        "packages that a run needs: `\"django\"`; where one is not installed, the code is not run, and that is no failure",
    ),
    ("timeout", &[], "seconds a run may take; 10 unless it says otherwise"),
    ("expect", &[], "the output expected from a run; `…` is anything"),
    ("output", &[], "this is the output of the code before; also the language `output`"),
    ("id", &[], "a name for other blocks to refer to, and to link to: `#name-3` is its third line"),
    ("continues", &["continuation"], "one program with the block before, or with that of an `id`"),
    ("after", &[], "runs after the blocks with these ids, in the same folder"),
    ("hide", &["hidden"], "set-up code: run, but not shown"),
    ("side", &["subject"], "the subject whose code this is, in a comparison"),
    ("task", &[], "reserved: the task this code solves"),
    ("pair", &[], "the highlighted lines are partners of those with the same number on the other sides"),
];

/// What an info string says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fence {
    /// As written, lower-case; empty when there is none.
    pub language: String,
    /// Where the language stands; empty when there is none.
    pub language_place: Range<usize>,
    /// Label of a tab or column.
    pub label: Option<String>,
    /// Title, mostly a file name.
    pub title: Option<String>,
    /// Marked lines, in the order written; may overlap.
    pub lines: Vec<LineMark>,
    /// Marked words, in the order written.
    pub words: Vec<WordMark>,
    /// Show line numbers; `None` when the fence does not say.
    pub numbers: Option<bool>,
    /// Number of the first line; `None` for 1.
    pub start: Option<u32>,
    /// Long lines wrap.
    pub wrap: bool,
    /// No button to copy the code.
    pub no_copy: bool,
    /// How far the code is checked; `None` when the fence does not say.
    pub check: Option<Check>,
    /// Version of the language to check against.
    pub version: Option<PythonVersion>,
    /// Attributes that a later stage will use, in the order written.
    pub reserved: Vec<Reserved>,
}

/// What a fence says about checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// So far.
    Level(Level),
    /// The code is wrong on purpose; the message has these words in it.
    Mistake(Option<String>),
    /// Not at all, for this reason.
    Skip(Option<String>),
}

/// What a mark says about lines or words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Look here.
    Highlight,
    /// This was added.
    Insert,
    /// This was removed.
    Delete,
    /// This is wrong.
    Error,
    /// Be careful with this.
    Warning,
    /// The others fade. Lines only.
    Focus,
    /// This is not shown. Lines only.
    Hide,
    /// This may be folded. Lines only.
    Collapse,
}

/// Marked lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineMark {
    /// What is said.
    pub mark: Mark,
    /// First line, from 1.
    pub first: u32,
    /// Last line, included; [`u32::MAX`] for the end of the text.
    pub last: u32,
    /// Words shown beside the mark.
    pub label: Option<String>,
    /// Where it is written.
    pub place: Range<usize>,
}

/// Marked words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordMark {
    /// What is said.
    pub mark: Mark,
    /// Which words.
    pub pattern: Pattern,
    /// Where it is written.
    pub place: Range<usize>,
}

/// Which words are marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// Every place of this text, as written.
    Text(String),
    /// Every match of this expression, or of its groups when it has some.
    Regex(String),
}

/// An attribute for a later stage, or without effect as yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved {
    /// Its name in [`ATTRIBUTES`].
    pub name: &'static str,
    /// Its value; `None` for a bare word.
    pub value: Option<String>,
    /// Where it is written.
    pub place: Range<usize>,
}

impl Fence {
    /// The value of a stored attribute, and where the attribute stands; the
    /// last one counts. A bare word has the empty value.
    pub fn value(&self, name: &str) -> Option<(&str, Range<usize>)> {
        let reserved = self.reserved.iter().rev().find(|reserved| reserved.name == name)?;
        Some((reserved.value.as_deref().unwrap_or(""), reserved.place.clone()))
    }
}

/// Before the words of a message that is expected.
const MISTAKE: &str = "error:";

/// Reads an info string.
pub fn parse(info: &str) -> (Fence, Vec<CodeProblem>) {
    let mut parser = Parser {
        info,
        at: 0,
        comma_style: false,
        in_braces: false,
        seen_word: false,
        fence: Fence::default(),
        problems: Vec::new(),
    };
    parser.items(info.len());
    (parser.fence, parser.problems)
}

/// A value, and where it stands.
enum Value {
    /// Quoted or bare.
    Text(String, Range<usize>, Quoted),
    /// Between braces: the bytes inside them.
    Braces(Range<usize>),
    /// Between slashes.
    Regex(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoted {
    Yes,
    No,
}

struct Parser<'a> {
    info: &'a str,
    /// Byte that is read next; always on a character border.
    at: usize,
    /// Zola's spelling: values reach to the next comma.
    comma_style: bool,
    /// Inside `{…}`, where names may have a dot before them.
    in_braces: bool,
    /// A word that is no attribute cannot be the language any more.
    seen_word: bool,
    fence: Fence,
    problems: Vec<CodeProblem>,
}

impl Parser<'_> {
    /// Everything up to byte `end`.
    fn items(&mut self, end: usize) {
        loop {
            self.skip_while(end, |c| c.is_whitespace() || c == ',');
            let start = self.at;
            let Some(c) = self.peek(end) else { return };
            match c {
                '[' => self.label(end),
                '{' => {
                    let inner = self.delimited(end, '}');
                    self.braces(inner, start);
                }
                '"' | '\'' => {
                    let (text, _) = self.quoted(end, c);
                    self.words(Mark::Highlight, Pattern::Text(text), start);
                }
                '/' if self.closing_slash(end).is_some() => {
                    let pattern = self.regex(end);
                    self.words(Mark::Highlight, Pattern::Regex(pattern), start);
                }
                _ => self.word(end),
            }
            if self.at == start {
                self.at += c.len_utf8();
            }
        }
    }

    fn peek(&self, end: usize) -> Option<char> {
        self.info.get(self.at..end)?.chars().next()
    }

    fn skip_while(&mut self, end: usize, test: impl Fn(char) -> bool) {
        while let Some(c) = self.peek(end).filter(|c| test(*c)) {
            self.at += c.len_utf8();
        }
    }

    /// Steps over an opening sign, what it encloses and the closing one.
    /// Returns the bytes between. Quoted texts inside may hold the sign.
    fn delimited(&mut self, end: usize, close: char) -> Range<usize> {
        let open = self.at;
        self.at += 1;
        let start = self.at;
        while let Some(c) = self.peek(end) {
            if c == close {
                let inner = start..self.at;
                self.at += c.len_utf8();
                return inner;
            }
            if c == '"' && close == '}' {
                self.quoted(end, c);
            } else {
                self.at += c.len_utf8();
            }
        }
        self.unclosed(open..end, close);
        start..end
    }

    fn unclosed(&mut self, place: Range<usize>, close: char) {
        // One message is enough for quotes within braces.
        if self.problems.iter().all(|problem| problem.code != "bad-fence-attribute") {
            self.problem(
                "bad-fence-attribute",
                Severity::Warning,
                format!("`{close}` is missing"),
                place,
                None,
            );
        }
    }

    /// Steps over a quoted text. A backslash takes the meaning from a quote
    /// and from a backslash.
    fn quoted(&mut self, end: usize, quote: char) -> (String, Range<usize>) {
        let open = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek(end) {
            self.at += c.len_utf8();
            if c == quote {
                return (text, open + 1..self.at - 1);
            }
            match self.peek(end) {
                Some(next) if c == '\\' && (next == quote || next == '\\') => {
                    self.at += 1;
                    text.push(next);
                }
                _ => text.push(c),
            }
        }
        self.unclosed(open..end, quote);
        (text, open + 1..end)
    }

    /// The slash that ends the expression whose first slash is next: one
    /// without a backslash, at the end of a word.
    fn closing_slash(&self, end: usize) -> Option<usize> {
        let bytes = self.info.as_bytes();
        let mut at = self.at + 1;
        while at < end {
            match bytes[at] {
                b'\\' => at += 1,
                b'/' if at + 1 >= end || matches!(bytes[at + 1], b' ' | b'\t' | b',' | b'}') => {
                    return (at > self.at + 1).then_some(at);
                }
                _ => {}
            }
            at += 1;
        }
        None
    }

    fn regex(&mut self, end: usize) -> String {
        let start = self.at + 1;
        let close = self.closing_slash(end).unwrap_or(end);
        self.at = (close + 1).min(end);
        self.info.get(start..close).unwrap_or("").replace("\\/", "/")
    }

    fn label(&mut self, end: usize) {
        let inner = self.delimited(end, ']');
        self.fence.label = Some(self.info[inner].trim().to_owned());
    }

    /// `{…}` without a name before it.
    fn braces(&mut self, inner: Range<usize>, start: usize) {
        let text = self.info[inner.clone()].trim_start();
        let is_list = text.is_empty() || text.starts_with(|c: char| c.is_ascii_digit() || "\"-".contains(c));
        if is_list {
            self.ranges(Mark::Highlight, inner);
            return;
        }
        if text.starts_with('{') {
            // `{{ … }}`: nothing that is known.
            self.unknown(&self.info[start..self.at], start..self.at);
            return;
        }
        let after = self.at;
        self.at = inner.start;
        if !self.in_braces {
            self.in_braces = true;
            self.items(inner.end);
            self.in_braces = false;
        }
        self.at = after;
    }

    /// A word and, if it has one, its value.
    fn word(&mut self, end: usize) {
        let start = self.at;
        if self.in_braces {
            self.skip_while(end, |c| c == '.');
        }
        if self.peek(end) == Some(':') && self.seen_word {
            self.at += 1;
        }
        let name_start = self.at;
        self.skip_while(end, |c| !c.is_whitespace() && !",={[".contains(c));
        let mut name_end = self.at;
        // `ts:line-numbers=10`, but not `diff:js`.
        if !self.seen_word
            && let Some(colon) = self.info[name_start..name_end].find(':')
            && colon > 0
            && known(&self.info[name_start + colon + 1..name_end]).is_some()
        {
            name_end = name_start + colon;
            self.at = name_end;
        }
        let name = self.info[name_start..name_end].to_owned();
        let has_value = self.peek(end) == Some('=');
        let place = name_start..name_end;
        let may_be_language = !self.seen_word && !has_value && !name.is_empty();
        if may_be_language && (start == 0 || known(&name).is_none()) {
            self.seen_word = true;
            self.comma_style = self.peek(end) == Some(',');
            self.fence.language = name.to_lowercase();
            self.fence.language_place = place;
            return;
        }
        // After `title=x` no bare word is a language, unless Zola's commas say so.
        self.seen_word |= !has_value;
        let value = has_value.then(|| {
            self.at += 1;
            self.value(&name, end)
        });
        // `showLineNumbers{5}` and `ins{2}` mean the same as with `=`.
        let value = match value {
            None if self.peek(end) == Some('{') && known(&name).is_some() => {
                Some(Value::Braces(self.delimited(end, '}')))
            }
            value => value,
        };
        self.attribute(&name, value, place.start..self.at);
    }

    fn value(&mut self, name: &str, end: usize) -> Value {
        match self.peek(end) {
            Some(quote @ ('"' | '\'')) => {
                let (text, place) = self.quoted(end, quote);
                Value::Text(text, place, Quoted::Yes)
            }
            Some('{') => Value::Braces(self.delimited(end, '}')),
            Some('/') if is_mark(name) && self.closing_slash(end).is_some() => Value::Regex(self.regex(end)),
            Some('e') if known(name) == Some("check") && self.is_quoted_mistake(end) => {
                let start = self.at;
                self.at += MISTAKE.len();
                let quote = self.peek(end).unwrap_or('"');
                let (text, _) = self.quoted(end, quote);
                Value::Text(format!("{MISTAKE}{text}"), start..self.at, Quoted::Yes)
            }
            _ => {
                let start = self.at;
                if self.comma_style {
                    self.skip_while(end, |c| !",={[\"".contains(c));
                    // What stands before `=`, `{` or `[` belongs to those.
                    if matches!(self.peek(end), Some('=')) {
                        let text = &self.info[start..self.at];
                        self.at = start + text.rfind(char::is_whitespace).unwrap_or(text.len());
                    }
                } else {
                    self.skip_while(end, |c| !c.is_whitespace() && c != ',');
                    if is_mark(name) {
                        self.more_ranges(end);
                    }
                }
                let text = self.info[start..self.at].trim_end();
                Value::Text(text.to_owned(), start..start + text.len(), Quoted::No)
            }
        }
    }

    /// `error:"…"`.
    fn is_quoted_mistake(&self, end: usize) -> bool {
        let rest = self.info.get(self.at..end).and_then(|rest| rest.strip_prefix(MISTAKE));
        rest.is_some_and(|rest| rest.starts_with(['"', '\'']))
    }

    fn check(&mut self, value: Option<Value>, place: Range<usize>) {
        let text = value.map(|value| value_text(&value, self.info)).unwrap_or_default();
        if text.trim() == "run" {
            self.fence.reserved.push(Reserved { name: "run", value: None, place: place.clone() });
        }
        self.fence.check = Some(match text.trim() {
            "off" | "skip" | "false" | "no" | "none" => Check::Level(Level::Off),
            "" | "on" | "true" | "yes" | "syntax" | "run" => Check::Level(Level::Syntax),
            "strict" => Check::Level(Level::Strict),
            "error" => Check::Mistake(None),
            text => match text.strip_prefix(MISTAKE) {
                Some(words) => Check::Mistake(Some(words.trim().to_owned())),
                None => {
                    let message =
                        format!("expected `off`, `syntax`, `strict`, `run` or `error`, found `{text}`");
                    self.problem("bad-fence-attribute", Severity::Warning, message, place, None);
                    return;
                }
            },
        });
    }

    fn version(&mut self, value: Option<Value>, name: &str, place: Range<usize>) {
        let Some(text) = self.text(value, name, place) else { return };
        // What is no version of Python (`es2022`) is for readers and later
        // stages.
        self.fence.version = PythonVersion::parse(&text);
    }

    /// Steps over words that can only be lines: digits and `-`.
    fn more_ranges(&mut self, end: usize) {
        loop {
            let before = self.at;
            self.skip_while(end, |c| c == ' ');
            let word = self.at;
            self.skip_while(end, |c| c.is_ascii_digit() || c == '-');
            let whole = self.peek(end).is_none_or(|c| c.is_whitespace() || c == ',');
            if self.at == word || !whole {
                self.at = before;
                return;
            }
        }
    }

    fn attribute(&mut self, name: &str, value: Option<Value>, place: Range<usize>) {
        let Some(known) = known(name) else {
            self.unknown(name, place);
            return;
        };
        match known {
            "label" => self.fence.label = self.text(value, name, place),
            "title" => self.fence.title = self.text(value, name, place),
            "hl" => self.mark(Mark::Highlight, value, place),
            "ins" => self.mark(Mark::Insert, value, place),
            "del" => self.mark(Mark::Delete, value, place),
            "error" => self.mark(Mark::Error, value, place),
            "warning" => self.mark(Mark::Warning, value, place),
            "focus" => self.mark(Mark::Focus, value, place),
            "hide_lines" => self.mark(Mark::Hide, value, place),
            "collapse" => self.mark(Mark::Collapse, value, place),
            "lines" => self.line_numbers(value, place),
            "nolines" => self.fence.numbers = Some(false),
            "start" => self.start(value, place),
            "wrap" => self.fence.wrap = is_on(value.as_ref(), self.info),
            "copy" => self.fence.no_copy = !is_on(value.as_ref(), self.info),
            "nocopy" => self.fence.no_copy = is_on(value.as_ref(), self.info),
            "check" => self.check(value, place),
            "skip" if is_on(value.as_ref(), self.info) => {
                let reason =
                    value.map(|value| value_text(&value, self.info)).filter(|reason| reason != "true");
                self.fence.check = Some(Check::Skip(reason));
            }
            "skip" => {}
            "version" => {
                // What runs the code has versions of its own.
                let text = value.as_ref().map(|value| value_text(value, self.info));
                let reserved = Reserved { name: known, value: text, place: place.clone() };
                self.fence.reserved.push(reserved);
                self.version(value, name, place);
            }
            known => {
                let value = value.map(|value| value_text(&value, self.info));
                self.fence.reserved.push(Reserved { name: known, value, place });
            }
        }
    }

    /// The text of a value; none when the attribute has no value, which is told.
    fn text(&mut self, value: Option<Value>, name: &str, place: Range<usize>) -> Option<String> {
        match value {
            Some(value) => Some(value_text(&value, self.info)),
            None => {
                let message = format!("`{name}` has no value");
                let hint = format!("write `{name}=\"…\"`");
                self.problem("bad-fence-attribute", Severity::Warning, message, place, Some(hint));
                None
            }
        }
    }

    fn mark(&mut self, mark: Mark, value: Option<Value>, place: Range<usize>) {
        match value {
            Some(Value::Braces(inner)) => self.ranges(mark, inner),
            Some(Value::Regex(pattern)) => self.words(mark, Pattern::Regex(pattern), place.start),
            Some(Value::Text(text, inner, quoted)) => {
                let are_lines = text.chars().all(|c| c.is_ascii_digit() || " ,-;".contains(c));
                if are_lines || quoted == Quoted::No {
                    self.ranges(mark, inner);
                } else {
                    self.words(mark, Pattern::Text(text), place.start);
                }
            }
            None => {
                let message = "a list of lines is missing".to_owned();
                self.problem("bad-fence-range", Severity::Error, message, place, None);
            }
        }
    }

    /// `10` starts there, `false` means none, everything else is yes.
    fn line_numbers(&mut self, value: Option<Value>, place: Range<usize>) {
        self.fence.numbers = Some(is_on(value.as_ref(), self.info));
        let text = value.as_ref().map(|value| value_text(value, self.info)).unwrap_or_default();
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            self.start(value, place);
        }
    }

    fn start(&mut self, value: Option<Value>, place: Range<usize>) {
        let text = value.map(|value| value_text(&value, self.info)).unwrap_or_default();
        match text.trim().parse() {
            Ok(start) => self.fence.start = Some(start),
            Err(_) => {
                let message = format!("expected the number of the first line, found `{text}`");
                self.problem("bad-fence-range", Severity::Error, message, place, None);
            }
        }
    }

    fn words(&mut self, mark: Mark, pattern: Pattern, start: usize) {
        let (Pattern::Text(text) | Pattern::Regex(text)) = &pattern;
        if !text.is_empty() {
            self.fence.words.push(WordMark { mark, pattern, place: start..self.at });
        }
    }

    /// `1,3-5`, `1 3-5`, `"label":3-5`: the bytes between the braces or quotes.
    fn ranges(&mut self, mark: Mark, inner: Range<usize>) {
        let after = self.at;
        let end = inner.end;
        self.at = inner.start;
        let mut found = 0;
        loop {
            self.skip_while(end, |c| c.is_whitespace() || ",;".contains(c));
            let start = self.at;
            let Some(c) = self.peek(end) else { break };
            let mut label = None;
            if c == '"' || c == '\'' {
                label = Some(self.quoted(end, c).0);
                self.skip_while(end, |c| c == ':' || c.is_whitespace());
            }
            let item = self.at;
            self.skip_while(end, |c| !c.is_whitespace() && !",;".contains(c));
            found += 1;
            match range(&self.info[item..self.at]) {
                Ok((first, last)) => {
                    self.fence.lines.push(LineMark { mark, first, last, label, place: start..self.at });
                }
                Err(reason) => {
                    let message = format!("`{}` is no range of lines: {reason}", &self.info[start..self.at]);
                    let hint = Some("write lines as `3` or `3-5`, counted from 1".to_owned());
                    self.problem("bad-fence-range", Severity::Error, message, start..self.at, hint);
                }
            }
        }
        if found == 0 {
            let message = "a list of lines is empty".to_owned();
            self.problem("bad-fence-range", Severity::Error, message, inner, None);
        }
        self.at = after;
    }

    fn unknown(&mut self, name: &str, place: Range<usize>) {
        let names = ATTRIBUTES.iter().flat_map(|(name, also, _)| std::iter::once(name).chain(*also)).copied();
        let hint = nearest(name, names).map(|near| format!("did you mean `{near}`?"));
        let message = format!("unknown attribute `{name}` of a code block");
        self.problem("unknown-fence-attribute", Severity::Warning, message, place, hint);
    }

    fn problem(
        &mut self,
        code: &'static str,
        severity: Severity,
        message: String,
        place: Range<usize>,
        hint: Option<String>,
    ) {
        self.problems.push(CodeProblem {
            code,
            severity,
            message,
            place: Place::Info(place),
            labels: Vec::new(),
            hints: hint.into_iter().collect(),
        });
    }
}

/// The name in [`ATTRIBUTES`] of an attribute in any spelling; letters in any
/// case, `-` and `_` as one.
fn known(name: &str) -> Option<&'static str> {
    let same = |other: &&str| {
        other.len() == name.len()
            && other.bytes().zip(name.bytes()).all(|(a, b)| {
                let fold = |c: u8| if c == b'_' { b'-' } else { c.to_ascii_lowercase() };
                fold(a) == fold(b)
            })
    };
    ATTRIBUTES.iter().find(|(main, also, _)| same(main) || also.iter().any(same)).map(|(main, ..)| *main)
}

fn is_mark(name: &str) -> bool {
    matches!(
        known(name),
        Some("hl" | "ins" | "del" | "error" | "warning" | "focus" | "hide_lines" | "collapse")
    )
}

fn value_text(value: &Value, info: &str) -> String {
    match value {
        Value::Text(text, ..) | Value::Regex(text) => text.clone(),
        Value::Braces(inner) => info[inner.clone()].trim().to_owned(),
    }
}

/// A bare word is on; so is every value but the words for off.
fn is_on(value: Option<&Value>, info: &str) -> bool {
    value.is_none_or(|value| !matches!(value_text(value, info).as_str(), "false" | "no" | "off"))
}

/// `3`, `3-5`, `5-3`, `3-`.
fn range(text: &str) -> Result<(u32, u32), &'static str> {
    let (first, last) = match text.split_once('-') {
        Some((first, "")) => (first, None),
        Some((first, last)) => (first, Some(last)),
        None => (text, Some(text)),
    };
    let number = |text: &str| -> Result<u32, &'static str> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err("expected a number");
        }
        match text.parse() {
            Ok(0) => Err("the first line is 1"),
            Ok(number) => Ok(number),
            Err(_) => Err("the number is too large"),
        }
    };
    let first = number(first)?;
    let last = last.map_or(Ok(u32::MAX), number)?;
    Ok((first.min(last), first.max(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fence as one line, problems last.
    fn read(info: &str) -> String {
        let (fence, problems) = parse(info);
        let mut parts = vec![fence.language.clone()];
        parts.extend(fence.label.map(|label| format!("[{label}]")));
        parts.extend(fence.title.map(|title| format!("title={title}")));
        for line in &fence.lines {
            let label = line.label.as_ref().map(|label| format!("{label}:")).unwrap_or_default();
            let last = if line.last == u32::MAX { "end".to_owned() } else { line.last.to_string() };
            parts.push(format!("{:?}({label}{}-{last})", line.mark, line.first));
        }
        for word in &fence.words {
            parts.push(format!("{:?}({:?})", word.mark, word.pattern));
        }
        parts.extend(fence.numbers.map(|numbers| format!("numbers={numbers}")));
        parts.extend(fence.start.map(|start| format!("start={start}")));
        parts.extend(fence.wrap.then(|| "wrap".to_owned()));
        parts.extend(fence.no_copy.then(|| "nocopy".to_owned()));
        parts.extend(fence.check.map(|check| match check {
            Check::Level(level) => format!("check={level:?}"),
            Check::Mistake(words) => format!("mistake={}", words.unwrap_or_default()),
            Check::Skip(reason) => format!("skip={}", reason.unwrap_or_default()),
        }));
        parts.extend(fence.version.map(|version| format!("version={}.{}", version.major, version.minor)));
        for reserved in &fence.reserved {
            parts.push(match &reserved.value {
                Some(value) => format!("{}:{value}", reserved.name),
                None => reserved.name.to_owned(),
            });
        }
        for problem in &problems {
            let Place::Info(place) = &problem.place else { panic!("a place in the text") };
            parts.push(format!("{}@{}", problem.code, &info[place.clone()]));
        }
        parts.join(" ").trim().to_owned()
    }

    #[test]
    fn every_spelling_is_read() {
        for (info, expected) in [
            ("", ""),
            ("js", "js"),
            ("JS", "js"),
            ("c++", "c++"),
            ("js{1,3-5}", "js Highlight(1-1) Highlight(3-5)"),
            ("js {1,3-5}", "js Highlight(1-1) Highlight(3-5)"),
            ("{1}", "Highlight(1-1)"),
            ("js {5-3} {7-}", "js Highlight(3-5) Highlight(7-end)"),
            ("js {\"Step A\":6-10, 12}", "js Highlight(Step A:6-10) Highlight(12-12)"),
            ("js [Node.js] title=\"server.js\" {3-5}", "js [Node.js] title=server.js Highlight(3-5)"),
            ("js[Label]", "js [Label]"),
            ("js label='A b' file=x.js", "js [A b] title=x.js"),
            ("js filename=\"a \\\"b\\\".js\"", "js title=a \"b\".js"),
            ("js hl_lines=\"1 3-5\" linenums=\"7\"", "js Highlight(1-1) Highlight(3-5) numbers=true start=7"),
            ("js hl_lines=1 3-5 wrap", "js Highlight(1-1) Highlight(3-5) wrap"),
            ("js hl={2} ins={2} del={3,4}", "js Highlight(2-2) Insert(2-2) Delete(3-3) Delete(4-4)"),
            ("js ins=\"new()\" del=/o.d/", "js Insert(Text(\"new()\")) Delete(Regex(\"o.d\"))"),
            ("js \"word\" /re[a-z]+\\/x/", "js Highlight(Text(\"word\")) Highlight(Regex(\"re[a-z]+/x\"))"),
            ("js showLineNumbers startLineNumber=5", "js numbers=true start=5"),
            ("js showLineNumbers=false", "js numbers=false"),
            ("ts:line-numbers=10 {1}", "ts Highlight(1-1) numbers=true start=10"),
            ("ts:line-numbers", "ts numbers=true"),
            ("ts:no-line-numbers", "ts numbers=false"),
            ("ts :line-numbers=3", "ts numbers=true start=3"),
            ("js collapse={1-5, 12-14} nocopy", "js Collapse(1-5) Collapse(12-14) nocopy"),
            ("{.python .no-copy hl_lines=\"2\"}", "python Highlight(2-2) nocopy"),
            ("py { .copy title=\"a.py\" }", "py title=a.py"),
            ("{python}", "python"),
            ("title=x js", "js title=x"),
            (
                "js,linenos,hl_lines=1 3-5,linenostart=10,hide_lines=2 4-6,name=mod.rs",
                "js title=mod.rs Highlight(1-1) Highlight(3-5) Hide(2-2) Hide(4-6) numbers=true start=10",
            ),
            ("js, linenos, name=my file.rs", "js title=my file.rs numbers=true"),
            ("rust,ignore", "rust skip="),
            ("js skip=\"needs a key\"", "js skip=needs a key"),
            ("js check=strict", "js check=Strict"),
            ("js check=error", "js mistake="),
            ("js check=error:\"never closed\" lines", "js numbers=true mistake=never closed"),
            ("js check=\"error: x\"", "js mistake=x"),
            ("js version=es2022", "js version:es2022"),
            (
                "python check=syntax run=\"python -I\" id=x after=y version=\">=3.12\" side=django pair=2",
                "python check=Syntax version=3.12 run:python -I id:x after:y version:>=3.12 side:django pair:2",
            ),
            ("diff lang=js", "diff lang:js"),
        ] {
            assert_eq!(read(info), expected, "{info}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (info, expected) in [
            ("js titel=\"a b\"", "js unknown-fence-attribute@titel=\"a b\""),
            ("js warp", "js unknown-fence-attribute@warp"),
            ("js {0}", "js bad-fence-range@0"),
            ("js {1,x-3}", "js Highlight(1-1) bad-fence-range@x-3"),
            ("js {99999999999}", "js bad-fence-range@99999999999"),
            ("js {}", "js bad-fence-range@"),
            ("js hl_lines=abc", "js bad-fence-range@abc"),
            ("js check=maybe", "js bad-fence-attribute@check=maybe"),
            ("js start=ten", "js bad-fence-range@start=ten"),
            ("js title", "js bad-fence-attribute@title"),
            ("js title=\"a", "js title=a bad-fence-attribute@\"a"),
            ("js {1", "js Highlight(1-1) bad-fence-attribute@{1"),
        ] {
            assert_eq!(read(info), expected, "{info}");
        }
    }

    #[test]
    fn an_unknown_attribute_has_a_near_one() {
        let (_, problems) = parse("js hl_line=\"1\"");
        assert_eq!(problems[0].message, "unknown attribute `hl_line` of a code block");
        assert_eq!(problems[0].hints, ["did you mean `hl_lines`?"]);
    }

    #[test]
    fn every_spelling_in_the_table_is_understood() {
        for (name, also, description) in ATTRIBUTES {
            assert!(!description.is_empty());
            for spelling in std::iter::once(name).chain(*also) {
                assert_eq!(known(spelling), Some(*name), "{spelling}");
            }
        }
    }
}
