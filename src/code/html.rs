//! HTML: the block that readers see.
//!
//! In: a text, what its info string said and its tokens. Out: HTML. The only
//! file of this module that writes tags; everything an author wrote goes
//! through [`text_into`] or [`Tag::attribute`]. Must not know grammars or
//! colours.
//!
//! A text is cut three times: into lines, where the fence needs lines; each
//! line into marked and unmarked words; each of these into tokens. Tags are
//! closed before a cut and opened again behind it.

use std::ops::Range;

use regex::Regex;

use super::engine::Token;
use super::fence::{Fence, Mark, Pattern};
use super::{CodeOptions, CodeProblem, Place};
use crate::base::diagnostic::Severity;
use crate::base::text::escape;

/// Most bytes the program compiled from a `/…/` mark may have.
const MAX_REGEX: usize = 1 << 20;

/// Writes the block of a fence, ended by a line end. Reports marks that mark
/// nothing.
pub(super) fn write(
    out: &mut String,
    text: &str,
    info: &str,
    fence: &Fence,
    tokens: &[Token],
    options: &CodeOptions,
    problems: &mut Vec<CodeProblem>,
) {
    let lines = Lines::of(text, fence, options.line_numbers, problems);
    let words = Words::of(text, fence, problems);
    let has_features = fence.title.is_some()
        || fence.label.is_some()
        || fence.wrap
        || lines.are_wrapped()
        || !lines.collapse.is_empty()
        || !words.0.is_empty();
    if !options.highlight && !has_features {
        plain(out, text, info);
        return;
    }

    let has_caption = fence.title.is_some() || fence.label.is_some();
    if has_caption {
        caption(out, fence);
    }
    Tag::new(out, "pre")
        .attribute("class", &lines.block_class(fence))
        .attribute("tabindex", "0")
        .attribute_unless_empty("data-lang", &fence.language)
        .attribute_unless_empty("data-collapse", &lines.collapse)
        .flag("data-copy", !fence.no_copy)
        .end();
    Tag::new(out, "code").end();
    out.reserve(text.len() * 3);
    let mut body = Body { out, text, tokens, next: 0 };
    if lines.are_wrapped() {
        body.lines(&lines, &words);
    } else {
        body.words(0..text.len(), &words);
    }
    out.push_str("</code></pre>\n");
    if has_caption {
        out.push_str("</figure>\n");
    }
}

/// CommonMark's own markup: the language is the first word of the info string.
fn plain(out: &mut String, text: &str, info: &str) {
    Tag::new(out, "pre").end();
    let tag = Tag::new(out, "code");
    match info.split_whitespace().next() {
        Some(word) => tag.attribute("class", &format!("language-{word}")).end(),
        None => tag.end(),
    }
    text_into(out, text);
    out.push_str("</code></pre>\n");
}

fn caption(out: &mut String, fence: &Fence) {
    Tag::new(out, "figure")
        .attribute("class", "code")
        .attribute_unless_empty("data-label", fence.label.as_deref().unwrap_or(""))
        .end();
    out.push('\n');
    Tag::new(out, "figcaption").end();
    let parts = [("label", &fence.label), ("file", &fence.title)];
    for (i, (class, part)) in
        parts.iter().filter_map(|(class, part)| Some((class, part.as_ref()?))).enumerate()
    {
        if i > 0 {
            out.push(' ');
        }
        Tag::new(out, "span").attribute("class", class).end();
        text_into(out, part);
        out.push_str("</span>");
    }
    out.push_str("</figcaption>\n");
}

/// A start tag being written. Attributes are written here and nowhere else.
struct Tag<'a>(&'a mut String);

impl<'a> Tag<'a> {
    fn new(out: &'a mut String, name: &'static str) -> Self {
        out.push('<');
        out.push_str(name);
        Self(out)
    }

    fn attribute(self, name: &'static str, value: &str) -> Self {
        self.0.push(' ');
        self.0.push_str(name);
        self.0.push_str("=\"");
        escape(self.0, value);
        self.0.push('"');
        self
    }

    fn attribute_unless_empty(self, name: &'static str, value: &str) -> Self {
        if value.is_empty() { self } else { self.attribute(name, value) }
    }

    fn flag(self, name: &'static str, on: bool) -> Self {
        if on {
            self.0.push(' ');
            self.0.push_str(name);
        }
        self
    }

    fn end(self) {
        self.0.push('>');
    }
}

/// Appends text between tags. Quotes stay as they are, unlike in `escape`:
/// here they mean nothing, and code is full of them.
fn text_into(out: &mut String, text: &str) {
    let mut last = 0;
    for (i, byte) in text.bytes().enumerate() {
        let replacement = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            0..=8 | 11 | 12 | 14..=31 => "",
            _ => continue,
        };
        out.push_str(&text[last..i]);
        out.push_str(replacement);
        last = i + 1;
    }
    out.push_str(&text[last..]);
}

/// What the fence says about each line.
struct Lines {
    /// In order; one for each line of the text, an unfinished last line
    /// included.
    lines: Vec<Line>,
    /// Some line is marked, numbered or left out.
    wrapped: bool,
    numbers: bool,
    diff: bool,
    first_number: u32,
    /// Ranges that may be folded, as they go into the attribute.
    collapse: String,
}

#[derive(Clone, Default)]
struct Line {
    range: Range<usize>,
    highlight: bool,
    insert: bool,
    delete: bool,
    hidden: bool,
    label: Option<String>,
}

impl Lines {
    fn of(text: &str, fence: &Fence, numbers: bool, problems: &mut Vec<CodeProblem>) -> Self {
        let mut start = 0;
        let mut lines: Vec<Line> = text
            .split_inclusive('\n')
            .map(|line| {
                let range = start..start + line.len();
                start = range.end;
                Line { range, ..Line::default() }
            })
            .collect();
        let mut collapse = Vec::new();
        let mut wrapped = false;
        let mut diff = false;
        for mark in &fence.lines {
            let first = mark.first as usize - 1;
            let last = (mark.last as usize).min(lines.len());
            let is_open = mark.last == u32::MAX;
            if first >= last || (mark.last as usize > lines.len() && !is_open) {
                problems.push(outside(mark.place.clone(), lines.len()));
            }
            let Some(marked) = lines.get_mut(first..last).filter(|marked| !marked.is_empty()) else {
                continue;
            };
            if mark.label.is_some() {
                marked[0].label.clone_from(&mark.label);
            }
            for line in marked {
                match mark.mark {
                    Mark::Highlight => line.highlight = true,
                    Mark::Insert => line.insert = true,
                    Mark::Delete => line.delete = true,
                    Mark::Hide => line.hidden = true,
                    Mark::Collapse => {}
                }
            }
            match mark.mark {
                Mark::Collapse if first + 1 == last => collapse.push(last.to_string()),
                Mark::Collapse => collapse.push(format!("{}-{last}", first + 1)),
                Mark::Insert | Mark::Delete => (wrapped, diff) = (true, true),
                Mark::Highlight | Mark::Hide => wrapped = true,
            }
        }
        let numbers = fence.numbers.unwrap_or(numbers || fence.start.is_some());
        Self {
            lines,
            wrapped: wrapped || numbers,
            numbers,
            diff,
            first_number: fence.start.unwrap_or(1),
            collapse: collapse.join(","),
        }
    }

    fn are_wrapped(&self) -> bool {
        self.wrapped
    }

    fn block_class(&self, fence: &Fence) -> String {
        let mut class = "code".to_owned();
        for (on, name) in [(self.numbers, " numbers"), (self.diff, " diff"), (fence.wrap, " wrap")] {
            if on {
                class.push_str(name);
            }
        }
        class
    }
}

fn outside(place: Range<usize>, count: usize) -> CodeProblem {
    let lines = if count == 1 { "line" } else { "lines" };
    CodeProblem {
        code: "bad-fence-range",
        severity: Severity::Warning,
        message: format!("a mark leads past the end of the code, which has {count} {lines}"),
        place: Place::Info(place),
        labels: Vec::new(),
        hints: Vec::new(),
    }
}

/// Marked words: in order, not overlapping, none empty.
struct Words(Vec<(Range<usize>, Mark)>);

impl Words {
    /// Where marks overlap, the one that starts first counts; of two that start
    /// together, the longer one.
    fn of(text: &str, fence: &Fence, problems: &mut Vec<CodeProblem>) -> Self {
        let mut found = Vec::new();
        for word in &fence.words {
            let before = found.len();
            match &word.pattern {
                Pattern::Text(pattern) => found.extend(
                    text.match_indices(pattern.as_str()).map(|(at, _)| (at..at + pattern.len(), word.mark)),
                ),
                Pattern::Regex(pattern) => {
                    match regex::RegexBuilder::new(pattern).multi_line(true).size_limit(MAX_REGEX).build() {
                        Ok(regex) => found.extend(matches(&regex, text).map(|range| (range, word.mark))),
                        Err(error) => {
                            problems.push(bad_regex(pattern, &error, word.place.clone()));
                            continue;
                        }
                    }
                }
            }
            if found.len() == before {
                problems.push(CodeProblem {
                    code: "bad-fence-range",
                    severity: Severity::Warning,
                    message: "a mark for words finds none in the code".to_owned(),
                    place: Place::Info(word.place.clone()),
                    labels: Vec::new(),
                    hints: Vec::new(),
                });
            }
        }
        found.retain(|(range, _)| !range.is_empty());
        found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut end = 0;
        found.retain(|(range, _)| {
            let is_free = range.start >= end;
            if is_free {
                end = range.end;
            }
            is_free
        });
        Self(found)
    }

    /// Those that touch `range`, cut to it.
    fn within(&self, range: Range<usize>) -> impl Iterator<Item = (Range<usize>, Mark)> {
        let first = self.0.partition_point(|(word, _)| word.end <= range.start);
        self.0[first..]
            .iter()
            .take_while(move |(word, _)| word.start < range.end)
            .map(move |(word, mark)| (word.start.max(range.start)..word.end.min(range.end), *mark))
    }
}

/// The matches of an expression; of one with groups, what its groups matched.
fn matches<'a>(regex: &'a Regex, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let first = usize::from(regex.captures_len() > 1);
    regex.captures_iter(text).flat_map(move |captures| {
        captures
            .iter()
            .skip(first)
            .take(if first == 0 { 1 } else { usize::MAX })
            .flatten()
            .map(|group| group.range())
            .collect::<Vec<_>>()
    })
}

fn bad_regex(pattern: &str, error: &regex::Error, place: Range<usize>) -> CodeProblem {
    // The last line of the crate's message says what is wrong; those before
    // draw the expression.
    let reason = error.to_string();
    let reason =
        reason.lines().last().unwrap_or("").trim_start_matches("error: ").trim_end_matches('.').to_owned();
    CodeProblem {
        code: "bad-fence-attribute",
        severity: Severity::Warning,
        message: format!("`/{pattern}/` is no regular expression: {reason}"),
        place: Place::Info(place),
        labels: Vec::new(),
        hints: Vec::new(),
    }
}

/// What stands in `code`. Ranges have to come in order.
struct Body<'a> {
    out: &'a mut String,
    text: &'a str,
    tokens: &'a [Token],
    /// The first token that may still have something to be written.
    next: usize,
}

impl Body<'_> {
    fn lines(&mut self, lines: &Lines, words: &Words) {
        let mut number = lines.first_number;
        for line in &lines.lines {
            if !line.hidden {
                let mut class = "ln".to_owned();
                for (on, name) in [(line.highlight, " hl"), (line.insert, " ins"), (line.delete, " del")] {
                    if on {
                        class.push_str(name);
                    }
                }
                let number = if lines.numbers { number.to_string() } else { String::new() };
                Tag::new(self.out, "span")
                    .attribute("class", &class)
                    .attribute_unless_empty("data-n", &number)
                    .attribute_unless_empty("data-label", line.label.as_deref().unwrap_or(""))
                    .end();
                self.words(line.range.clone(), words);
                self.out.push_str("</span>");
            }
            number = number.saturating_add(1);
        }
    }

    fn words(&mut self, range: Range<usize>, words: &Words) {
        let mut from = range.start;
        for (word, mark) in words.within(range.clone()) {
            self.tokens(from..word.start);
            let (open, close) = match mark {
                Mark::Insert => ("ins", "</ins>"),
                Mark::Delete => ("del", "</del>"),
                Mark::Highlight | Mark::Hide | Mark::Collapse => ("mark", "</mark>"),
            };
            Tag::new(self.out, open).end();
            self.tokens(word.clone());
            self.out.push_str(close);
            from = word.end;
        }
        self.tokens(from..range.end);
    }

    fn tokens(&mut self, range: Range<usize>) {
        let mut from = range.start;
        while let Some(token) = self.tokens.get(self.next).filter(|token| token.range.start < range.end) {
            let start = token.range.start.max(from);
            let end = token.range.end.min(range.end);
            if start < end {
                text_into(self.out, &self.text[from..start]);
                self.token(start..end, token.kind.class());
                from = end;
            }
            if token.range.end > range.end {
                break;
            }
            self.next += 1;
        }
        text_into(self.out, &self.text[from..range.end]);
    }

    /// White space around a piece of a token needs no tag: a cut may leave
    /// nothing else.
    fn token(&mut self, range: Range<usize>, class: &str) {
        let piece = &self.text[range];
        let inner = piece.trim();
        let (before, after) = match piece.find(inner) {
            Some(at) if !inner.is_empty() => (&piece[..at], &piece[at + inner.len()..]),
            _ => (piece, ""),
        };
        text_into(self.out, before);
        if !inner.is_empty() {
            Tag::new(self.out, "span").attribute("class", class).end();
            text_into(self.out, inner);
            self.out.push_str("</span>");
            text_into(self.out, after);
        }
    }
}
