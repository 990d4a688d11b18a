//! Template expressions in Markdown text, and what is code.
//!
//! In: a body. Out: whether it holds `{{ … }}` or `{% … %}` outside code, and
//! a copy in which code cannot be taken for an expression. Code is shown as
//! written: a template engine never sees a fence or inline code. Must not know
//! the template engine.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Whether the text holds an expression outside fences and inline code.
pub fn has_expressions(body: &str) -> bool {
    if !body.contains("{{") && !body.contains("{%") {
        return false;
    }
    let code = code_ranges(body);
    let outside = |i: usize| {
        let at = code.partition_point(|range| range.end <= i);
        code.get(at).is_none_or(|range| i < range.start)
    };
    ["{{", "{%"].iter().any(|start| body.match_indices(start).any(|(i, _)| outside(i)))
}

/// Bytes of fences and inline code, in order.
fn code_ranges(body: &str) -> Vec<Range<usize>> {
    Parser::new_ext(body, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES)
        .into_offset_iter()
        .filter_map(|(event, range)| match event {
            Event::Code(_) | Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => Some(range),
            _ => None,
        })
        .collect()
}

/// A body with every brace that starts no expression hidden, byte for byte as
/// long as the original, so that positions stay true.
pub struct Masked {
    /// The text to expand.
    pub text: String,
    /// The control character that stands for `{`.
    stand_in: char,
}

/// Hides the braces of code, and `{#` everywhere (heading attributes, not
/// comments). `None` when the text uses up every control character.
pub fn mask(body: &str) -> Option<Masked> {
    let stand_in = ('\u{1}'..='\u{8}').chain('\u{e}'..='\u{1f}').find(|c| !body.contains(*c))?;
    let code = code_ranges(body);
    let mut ranges = code.iter().peekable();
    let mut text = String::with_capacity(body.len());
    for (i, c) in body.char_indices() {
        while ranges.peek().is_some_and(|range| range.end <= i) {
            ranges.next();
        }
        let in_code = ranges.peek().is_some_and(|range| range.contains(&i));
        let hidden = c == '{' && (in_code || body[i + 1..].starts_with('#'));
        text.push(if hidden { stand_in } else { c });
    }
    Some(Masked { text, stand_in })
}

impl Masked {
    /// Puts the hidden braces back into an expanded text.
    pub fn unmask(&self, expanded: &str) -> String {
        expanded.replace(self.stand_in, "{")
    }
}

/// Plain text of the first heading of level one.
pub fn first_title(body: &str) -> Option<String> {
    let mut title = None;
    for event in Parser::new_ext(body, Options::ENABLE_HEADING_ATTRIBUTES) {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => title = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(title) = &mut title {
                    title.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => return title,
            _ => {}
        }
    }
    None
}

/// The place in the author's text of a span in the expanded text: the same
/// line, when a line of the author's reads the same; else the same words;
/// otherwise the first expression.
pub fn place_in_origin(
    expanded: &crate::base::source::Source,
    origin: &crate::base::source::Source,
    span: crate::base::source::Span,
) -> crate::base::source::Span {
    use crate::base::source::Span;
    let range = expanded.clamp(span);
    let line_start = expanded.text[..range.start].rfind('\n').map_or(0, |i| i + 1);
    let line_end = expanded.text[range.start..].find('\n').map_or(expanded.text.len(), |i| range.start + i);
    let line = &expanded.text[line_start..line_end];
    // Of several equal lines, the one with as many equal lines before it.
    let nth = expanded.text[..line_start].lines().filter(|other| *other == line).count();
    let mut at = 0;
    let mut candidates = Vec::new();
    for text in origin.text.split_inclusive('\n') {
        if text.trim_end_matches(['\r', '\n']) == line.trim_end_matches('\r') {
            candidates.push(at);
        }
        at += text.len();
    }
    if let Some(start) = candidates.get(nth).or(candidates.last()) {
        return Span::new(start + range.start - line_start, start + range.end.min(line_end) - line_start);
    }
    let marked = &expanded.text[range.clone()];
    if !marked.trim().is_empty() && !marked.contains('\n') {
        let nth = expanded.text[..range.start].matches(marked).count();
        let places: Vec<usize> = origin.text.match_indices(marked).map(|(at, _)| at).collect();
        if let Some(start) = places.get(nth).or(places.last()) {
            return Span::new(*start, start + marked.len());
        }
    }
    let first = ["{{", "{%"].iter().filter_map(|open| origin.text.find(open)).min().unwrap_or(0);
    Span::new(first, (first + 2).min(origin.text.len()))
}
