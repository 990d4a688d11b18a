//! Directives and alerts: the lines that open and close them.
//!
//! In: a body. Out: the lines that may be `::: name …`, `:::`,
//! `<!-- name … -->`, `<!-- /name -->` or `> [!NOTE]`, a copy of the body in
//! which pulldown-cmark takes them for blocks of their own, and, for a line
//! that turned out to be one, its name, label and arguments.
//!
//! How it works: each such line is overwritten, from its first sign to its
//! end, by a processing instruction (`<?   ?>`) of exactly the same length. For
//! CommonMark that is an HTML block of one line: it ends paragraphs, stands in
//! lists and quotes, and stays text in code. So pulldown-cmark alone decides
//! what is code and what belongs to which list, byte offsets stay those of the
//! file, and what was not taken for a block is shown from the untouched text.
//! `:::` is three bytes long, and so is the shortest instruction, `<?>`.
//!
//! Must not know what a name means.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use memchr::memmem;
use serde_json::{Number, Value};

/// A line that may open or close something. Offsets count from the body's start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker {
    /// From the first sign of the line that is no indentation and no mark of a
    /// quote or list, to the end of the line.
    pub(super) range: Range<usize>,
    /// What it may be.
    pub(super) kind: MarkerKind,
}

/// What a marked line may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MarkerKind {
    /// `::: name rest`, with the number of colons.
    Open { colons: usize, name: Range<usize>, rest: Range<usize> },
    /// `:::`, with the number of colons.
    Close { colons: usize },
    /// `<!-- name rest -->`.
    OpenComment { name: Range<usize>, rest: Range<usize> },
    /// `<!-- /name -->`.
    CloseComment { name: Range<usize> },
    /// `== label`, between the lines of a `tabs` directive.
    Tab { label: Range<usize> },
    /// `[!NOTE]- title` as the first line of a quote.
    Alert { name: Range<usize>, fold: Option<Fold>, title: Range<usize> },
}

/// The sign behind an alert's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    /// `+`
    Open,
    /// `-`
    Closed,
}

/// Names of alerts: those of GitHub.
const ALERTS: [&str; 5] = ["note", "tip", "important", "warning", "caution"];

/// The marked lines of a body, in order.
pub(super) fn scan(body: &str, alerts: bool) -> Vec<Marker> {
    let mut markers = Vec::new();
    each_line_with(body, ":::", &mut |line, sign| markers.extend(colons(body, line, sign)));
    let with_colons = markers.len();
    if alerts {
        each_line_with(body, "[!", &mut |line, sign| markers.extend(alert(body, line, sign)));
    }
    // A comment opens a directive only when a later one closes it, so without
    // a closing one there is nothing to do.
    if memmem::find(body.as_bytes(), b"<!--").is_some() {
        markers.extend(comments(body));
    }
    if with_colons != markers.len() {
        markers.sort_by_key(|marker| marker.range.start);
    }
    let has_tabs = markers.iter().any(|marker| opened(body, marker).is_some_and(|name| name == "tabs"));
    if has_tabs && memmem::find(body.as_bytes(), b"== ").is_some() {
        let tabs = tab_lines(body, &markers);
        markers.extend(tabs);
        markers.sort_by_key(|marker| marker.range.start);
    }
    markers
}

/// The name of the directive that a line may open.
fn opened<'b>(body: &'b str, marker: &Marker) -> Option<&'b str> {
    match &marker.kind {
        MarkerKind::Open { name, .. } | MarkerKind::OpenComment { name, .. } => Some(&body[name.clone()]),
        _ => None,
    }
}

/// Where the body of a directive that a line opens may end: at the next line
/// that closes as many colons, or that name.
fn end_of(body: &str, markers: &[Marker], opener: usize) -> usize {
    let after = markers[opener + 1..].iter().find(|marker| match (&markers[opener].kind, &marker.kind) {
        (MarkerKind::Open { colons, .. }, MarkerKind::Close { colons: closing }) => colons == closing,
        (MarkerKind::OpenComment { name, .. }, MarkerKind::CloseComment { name: closing }) => {
            body[name.clone()] == body[closing.clone()]
        }
        _ => false,
    });
    after.map_or(body.len(), |marker| marker.range.start)
}

/// Lines `== label` between the lines of a `tabs` directive.
fn tab_lines(body: &str, markers: &[Marker]) -> Vec<Marker> {
    let mut found = Vec::new();
    let mut from = 0;
    for (i, marker) in markers.iter().enumerate() {
        if marker.range.start < from || opened(body, marker).is_none_or(|name| name != "tabs") {
            continue;
        }
        let start = (marker.range.end + 1).min(body.len());
        from = end_of(body, markers, i).max(start);
        let inside = &body[start..from];
        each_line_with(inside, "== ", &mut |line, sign| {
            let at = line.start + content_start(&inside.as_bytes()[line.clone()]).0;
            let label = inside[sign + 3..line.end].trim();
            if at == sign && !label.is_empty() {
                let label_at = line.end - inside[sign + 3..line.end].trim_start().len();
                let kind = MarkerKind::Tab { label: start + label_at..start + label_at + label.len() };
                found.push(Marker { range: start + at..start + line.end, kind });
            }
        });
    }
    found
}

/// The body with the marked lines overwritten.
pub(super) fn mask<'b>(body: &'b str, markers: &[Marker]) -> Cow<'b, str> {
    let in_comment = |marker: &Marker| {
        matches!(marker.kind, MarkerKind::OpenComment { .. } | MarkerKind::CloseComment { .. })
    };
    if markers.iter().all(in_comment) {
        return Cow::Borrowed(body);
    }
    let mut out = String::with_capacity(body.len());
    let mut last = 0;
    for marker in markers.iter().filter(|marker| !in_comment(marker)) {
        out.push_str(&body[last..marker.range.start]);
        let length = marker.range.len();
        if length < 4 {
            out.push_str("<?>");
        } else {
            out.push_str("<?");
            out.extend(std::iter::repeat_n(' ', length - 4));
            out.push_str("?>");
        }
        last = marker.range.end;
    }
    out.push_str(&body[last..]);
    debug_assert_eq!(out.len(), body.len());
    Cow::Owned(out)
}

/// Calls `found` for each line that holds `sign`: the line without its end,
/// and the place of the sign.
fn each_line_with(body: &str, sign: &str, found: &mut dyn FnMut(Range<usize>, usize)) {
    let finder = memmem::Finder::new(sign);
    let mut from = 0;
    while let Some(at) = finder.find(&body.as_bytes()[from..]).map(|at| from + at) {
        let start = memchr::memrchr(b'\n', &body.as_bytes()[from..at]).map_or(from, |i| from + i + 1);
        let end = memchr::memchr(b'\n', &body.as_bytes()[at..]).map_or(body.len(), |i| at + i);
        let trimmed = end - usize::from(end > at && body.as_bytes()[end - 1] == b'\r');
        found(start..trimmed, at);
        from = (end + 1).min(body.len());
    }
}

/// Where a line's own text starts behind indentation and marks of quotes,
/// lists, definitions and footnotes, and how many quote marks are before it.
/// Generous: pulldown-cmark has the last word.
fn content_start(line: &[u8]) -> (usize, usize) {
    let mut at = 0;
    let mut quotes = 0;
    let blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    while let Some(&byte) = line.get(at) {
        match byte {
            b' ' | b'\t' => at += 1,
            b'>' => {
                quotes += 1;
                at += 1;
            }
            b'-' | b'*' | b'+' | b':' if blank(line.get(at + 1)) => at += 2,
            b'0'..=b'9' => {
                let digits = line[at..].iter().take(10).take_while(|b| b.is_ascii_digit()).count();
                if matches!(line.get(at + digits), Some(b'.' | b')')) && blank(line.get(at + digits + 1)) {
                    at += digits + 2;
                } else {
                    break;
                }
            }
            b'[' if line.get(at + 1) == Some(&b'^') => match memmem::find(&line[at..], b"]:") {
                Some(end) => at += end + 2,
                None => break,
            },
            _ => break,
        }
    }
    (at, quotes)
}

fn name_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(u8::is_ascii_alphabetic) {
        return 0;
    }
    bytes.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count()
}

fn colons(body: &str, line: Range<usize>, sign: usize) -> Option<Marker> {
    let start = line.start + content_start(&body.as_bytes()[line.clone()]).0;
    if start != sign {
        return None;
    }
    let colons = body.as_bytes()[start..line.end].iter().take_while(|b| **b == b':').count();
    let after = &body[start + colons..line.end];
    let words = after.trim_start();
    let name = line.end - words.len();
    let range = start..line.end;
    if words.is_empty() {
        return Some(Marker { range, kind: MarkerKind::Close { colons } });
    }
    let length = name_length(words);
    let named = length > 0 && words[length..].starts_with([' ', '\t', '[', '{', '"'])
        || length == words.len()
        || words.starts_with('{');
    named.then(|| Marker {
        range,
        kind: MarkerKind::Open { colons, name: name..name + length, rest: name + length..line.end },
    })
}

fn alert(body: &str, line: Range<usize>, sign: usize) -> Option<Marker> {
    let (offset, quotes) = content_start(&body.as_bytes()[line.clone()]);
    let start = line.start + offset;
    if start != sign || quotes == 0 {
        return None;
    }
    // The first line of a quote only: the line before is not as deep in quotes.
    if let Some(before) = body[..line.start].strip_suffix('\n') {
        let previous = &before[before.rfind('\n').map_or(0, |i| i + 1)..];
        if content_start(previous.as_bytes()).1 >= quotes {
            return None;
        }
    }
    let name = start + 2;
    let text = &body[name..line.end];
    let length = name_length(text);
    if !ALERTS.iter().any(|known| text[..length].eq_ignore_ascii_case(known)) {
        return None;
    }
    let after = text[length..].strip_prefix(']')?;
    let (fold, after) = match after.as_bytes().first() {
        Some(b'+') => (Some(Fold::Open), &after[1..]),
        Some(b'-') => (Some(Fold::Closed), &after[1..]),
        _ => (None, after),
    };
    if !after.is_empty() && !after.starts_with([' ', '\t']) {
        return None;
    }
    let title = line.end - after.trim_start().len();
    let title = title..title + body[title..line.end].trim_end().len();
    Some(Marker {
        range: start..line.end,
        kind: MarkerKind::Alert { name: name..name + length, fold, title },
    })
}

/// Comments that open or close directives: openers only when a closer of that
/// name follows.
fn comments(body: &str) -> Vec<Marker> {
    let mut found = Vec::new();
    let mut last_close: BTreeMap<&str, usize> = BTreeMap::new();
    each_line_with(body, "<!--", &mut |line, sign| {
        let start = line.start + content_start(&body.as_bytes()[line.clone()]).0;
        let text = body[start..line.end].trim_end();
        let Some(inner) = text.strip_prefix("<!--").and_then(|text| text.strip_suffix("-->")) else { return };
        if start != sign || inner.contains("-->") {
            return;
        }
        let words = inner.trim_start();
        let at = start + 4 + (inner.len() - words.len());
        let range = start..line.end;
        if let Some(closed) = words.strip_prefix('/') {
            let length = name_length(closed);
            if length > 0 && closed[length..].trim().is_empty() {
                last_close.insert(&body[at + 1..at + 1 + length], start);
                found
                    .push(Marker { range, kind: MarkerKind::CloseComment { name: at + 1..at + 1 + length } });
            }
        } else {
            let length = name_length(words);
            if length > 0 && (length == words.len() || words[length..].starts_with([' ', '\t', '['])) {
                let rest = at + length..start + 4 + inner.len();
                found.push(Marker { range, kind: MarkerKind::OpenComment { name: at..at + length, rest } });
            }
        }
    });
    found.retain(|marker| match &marker.kind {
        MarkerKind::OpenComment { name, .. } => {
            last_close.get(&body[name.clone()]).is_some_and(|close| *close > marker.range.start)
        }
        _ => true,
    });
    found
}

/// Most arguments of one directive: each is compared with all before it.
const MOST_ARGUMENTS: usize = 64;

/// What stands behind a directive's name.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Arguments {
    /// The label, quotes and brackets off, and where it stands.
    pub(super) label: Option<(String, Range<usize>)>,
    /// Keys and values in order.
    pub(super) values: Vec<(String, Value)>,
    /// What could not be read: where, and what was expected.
    pub(super) problems: Vec<(Range<usize>, String)>,
}

/// Reads what stands behind a directive's name, at `range` of `body`.
///
/// A label is a text in quotes or brackets; without one, all words before the
/// first `key=` or `{` are the label (`::: tip Mind the gap`). Other bare words
/// are flags. Values in quotes are strings; bare ones may be numbers, `true`
/// and `false`.
pub(super) fn arguments(body: &str, range: Range<usize>) -> Arguments {
    let mut scanner = Scanner { body, at: range.start, end: range.end, out: Arguments::default() };
    scanner.run();
    scanner.out
}

struct Scanner<'b> {
    body: &'b str,
    at: usize,
    end: usize,
    out: Arguments,
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        &self.body[self.at..self.end]
    }

    fn peek(&self) -> Option<u8> {
        self.rest().bytes().next()
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn problem(&mut self, range: Range<usize>, expected: impl Into<String>) {
        self.out.problems.push((range, expected.into()));
    }

    fn run(&mut self) {
        self.skip_blanks();
        self.bare_label();
        loop {
            self.skip_blanks();
            match self.peek() {
                None => break,
                Some(b'"') => self.quoted_label(),
                Some(b'[') => self.bracketed_label(),
                Some(b'{') => self.braces(),
                Some(_) => self.pair(self.end),
            }
        }
    }

    /// Words before the first key, when the text starts with a word.
    fn bare_label(&mut self) {
        let rest = self.rest();
        if rest.starts_with(['"', '[', '{']) {
            return;
        }
        let mut end = 0;
        let mut from = 0;
        while let Some(word) = rest[from..].split_whitespace().next() {
            let start = from + (rest[from..].len() - rest[from..].trim_start().len());
            let key = name_length(word);
            if word.starts_with('{') || (key > 0 && word[key..].starts_with('=')) {
                break;
            }
            end = start + word.len();
            from = end;
        }
        if end > 0 {
            let label = rest[..end].to_owned();
            let range = self.at..self.at + end;
            self.out.label = Some((label, range));
            self.at += end;
        }
    }

    fn set_label(&mut self, label: String, range: Range<usize>) {
        if self.out.label.is_some() {
            self.problem(range, "a directive has one label, this is the second");
        } else {
            self.out.label = Some((label, range));
        }
    }

    fn quoted_label(&mut self) {
        let start = self.at;
        if let Some(label) = self.quoted(self.end) {
            self.set_label(label, start + 1..self.at - 1);
        }
    }

    fn bracketed_label(&mut self) {
        let start = self.at;
        let mut depth = 0_usize;
        let end = self.rest().bytes().position(|byte| {
            match byte {
                b'[' => depth += 1,
                b']' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        match end {
            Some(end) => {
                let label = self.body[start + 1..start + end].to_owned();
                self.at = start + end + 1;
                self.set_label(label, start + 1..start + end);
            }
            None => {
                self.problem(start..self.end, "expected `]` before the end of the line");
                self.at = self.end;
            }
        }
    }

    /// A text in the quotes at `at`, which moves behind them.
    fn quoted(&mut self, end: usize) -> Option<String> {
        let start = self.at;
        let quote = self.body[start..].chars().next()?;
        let mut out = String::new();
        let mut chars = self.body[start..end].char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some((_, escaped)) if escaped == quote || escaped == '\\' => out.push(escaped),
                    Some((_, other)) => {
                        out.push('\\');
                        out.push(other);
                    }
                    None => out.push('\\'),
                },
                c if c == quote => {
                    self.at = start + i + 1;
                    return Some(out);
                }
                c => out.push(c),
            }
        }
        self.problem(start..end, format!("expected a closing `{quote}` before the end of the line"));
        self.at = end;
        None
    }

    fn braces(&mut self) {
        let start = self.at;
        let mut quote = None;
        let mut escaped = false;
        let close = self.rest().bytes().position(|byte| {
            match (quote, byte) {
                _ if escaped => escaped = false,
                (Some(_), b'\\') => escaped = true,
                (Some(open), _) if byte == open => quote = None,
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'}') => return true,
                _ => {}
            }
            false
        });
        let Some(close) = close.map(|i| start + i) else {
            self.problem(start..self.end, "expected `}` before the end of the line");
            self.at = self.end;
            return;
        };
        self.at = start + 1;
        let mut classes = String::new();
        while self.at < close {
            let rest = &self.body[self.at..close];
            self.at += rest.len() - rest.trim_start().len();
            if self.at >= close {
                break;
            }
            let sign = self.body.as_bytes()[self.at];
            if sign == b'#' || sign == b'.' {
                let rest = &self.body[self.at..close];
                let word = rest.split_whitespace().next().unwrap_or(rest);
                let range = self.at..self.at + word.len();
                let value = word[1..].to_owned();
                self.at = range.end;
                if value.is_empty() || value.contains(['"', '\'', '<', '>', '=', '`']) {
                    self.problem(range, format!("expected a name, found `{value}`"));
                } else if sign == b'#' {
                    self.set("id".to_owned(), Value::String(value), range);
                } else {
                    if !classes.is_empty() {
                        classes.push(' ');
                    }
                    classes.push_str(&value);
                }
            } else {
                self.pair(close);
            }
        }
        self.at = self.at.max(close + 1);
        if !classes.is_empty() {
            self.set("class".to_owned(), Value::String(classes), start..close + 1);
        }
    }

    /// `key=value` or a flag; nothing at or behind `end` belongs to it.
    fn pair(&mut self, end: usize) {
        let start = self.at;
        let rest = &self.body[start..end];
        let word = rest.split_whitespace().next().unwrap_or(rest);
        let length = name_length(word);
        let behind = &word[length..];
        if length == 0 || !(behind.is_empty() || behind.starts_with('=')) {
            let found = word.to_owned();
            self.at = start + word.len().max(1);
            self.problem(start..self.at, format!("expected a name or `key=value`, found `{found}`"));
            return;
        }
        let key = word[..length].to_owned();
        self.at = start + length;
        if behind.is_empty() {
            self.set(key, Value::Bool(true), start..start + length);
            return;
        }
        self.at += 1;
        let value = match self.body.as_bytes().get(self.at) {
            Some(b'"' | b'\'') if self.at < end => match self.quoted(end) {
                Some(text) => Value::String(text),
                None => return,
            },
            _ => {
                let text = &behind[1..];
                let range = self.at..self.at + text.len();
                self.at = range.end;
                if text.is_empty() {
                    self.problem(start..range.end, format!("expected a value behind `{key}=`"));
                    return;
                }
                bare_value(text)
            }
        };
        let range = start..self.at;
        self.set(key, value, range);
    }

    fn set(&mut self, key: String, value: Value, range: Range<usize>) {
        if self.out.values.len() == MOST_ARGUMENTS {
            self.problem(range, format!("a directive takes at most {MOST_ARGUMENTS} arguments"));
            self.at = self.end;
        } else if self.out.values.iter().any(|(known, _)| *known == key) {
            self.problem(range, format!("`{key}` is given twice"));
        } else {
            self.out.values.push((key, value));
        }
    }
}

/// `true`, `false`, a decimal number, or the text.
fn bare_value(text: &str) -> Value {
    match text {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    // A number that would be written differently (`007`, `1.10`) is a text: a
    // version or a code.
    let digits = text.strip_prefix('-').unwrap_or(text);
    let numeric = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if numeric
        && let Ok(number) = text.parse::<Number>()
        && number.to_string() == text
    {
        return Value::Number(number);
    }
    Value::String(text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> (Option<String>, Value, Vec<String>) {
        let arguments = arguments(text, 0..text.len());
        let values = arguments.values.into_iter().collect();
        let problems = arguments.problems.into_iter().map(|(range, text)| format!("{range:?} {text}"));
        (arguments.label.map(|(label, _)| label), Value::Object(values), problems.collect())
    }

    #[test]
    fn labels_and_arguments() {
        assert_eq!(
            read(r#" "Hello \"World\"" sync=backend cols=3 wide v="1 2" {#a .b .c x=1.5}"#),
            (
                Some("Hello \"World\"".to_owned()),
                json!({"sync": "backend", "cols": 3, "wide": true, "v": "1 2", "id": "a", "x": 1.5, "class": "b c"}),
                vec![]
            )
        );
        assert_eq!(
            read(" Don't mind, it works! {open}"),
            (Some("Don't mind, it works!".to_owned()), json!({"open": true}), vec![])
        );
        assert_eq!(read("[A [b] c] x=1"), (Some("A [b] c".to_owned()), json!({"x": 1}), vec![]));
        assert_eq!(
            read(" version=1.10 code=007 n=-4 f='a b'"),
            (None, json!({"version": "1.10", "code": "007", "n": -4, "f": "a b"}), vec![])
        );
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        assert_eq!(read(r#" "open"#).2, ["1..6 expected a closing `\"` before the end of the line"]);
        assert_eq!(read(" a= b").2, ["1..3 expected a value behind `a=`"]);
        assert_eq!(read(" a=1 a=2").2, ["5..8 `a` is given twice"]);
        assert_eq!(read(" {a").2, ["1..3 expected `}` before the end of the line"]);
        assert_eq!(read(" x=1 =2").2, ["5..7 expected a name or `key=value`, found `=2`"]);
        assert_eq!(read(" \"a\" \"b\"").2, ["6..7 a directive has one label, this is the second"]);
    }

    #[test]
    fn the_mask_has_the_length_of_the_body() {
        let body = ":::\n> ::: note Ä\n> - :::\n> [!NOTE]\n\n> [!tip]- x\r\n> y\n`:::`\n";
        let markers = scan(body, true);
        let masked = mask(body, &markers);
        assert_eq!(masked, "<?>\n> <?       ?>\n> - <?>\n> [!NOTE]\n\n> <?     ?>\r\n> y\n`:::`\n");
    }
}
