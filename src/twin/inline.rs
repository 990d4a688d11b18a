//! Inline: what stands in a line of text, as Markdown.
//!
//! In: nodes. Out: one line (line breaks of the author's are kept as hard ones).
//! Texts are escaped where Markdown would see something in them, and nowhere
//! else: `node_modules` stays as it is.

use super::tree::{Element, Node};
use super::{Page, is_left_out};
use crate::base::html::push_text;

/// Nodes as one line, without spaces at its ends.
pub(super) fn line(nodes: &[Node<'_>], page: &Page<'_>) -> String {
    let mut writer = Writer { out: String::new(), space: false, page };
    writer.nodes(nodes);
    writer.out
}

/// Characters of nodes, without markup.
pub(super) fn plain(nodes: &[Node<'_>], out: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => push_text(out, text),
            Node::Element(element) if element.name == "br" => out.push('\n'),
            Node::Element(element) if is_left_out(element) => {}
            Node::Element(element) => plain(&element.children, out),
        }
    }
}

/// A text as code.
pub(super) fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text, '`') + 1);
    let is_padded =
        text.starts_with('`') || text.ends_with('`') || text.starts_with(' ') && text.ends_with(' ');
    let pad = if is_padded && !text.trim().is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// How often a character follows itself at most.
pub(super) fn longest_run(text: &str, of: char) -> usize {
    let (mut longest, mut now) = (0, 0);
    for c in text.chars() {
        now = if c == of { now + 1 } else { 0 };
        longest = longest.max(now);
    }
    longest
}

/// Makes text at the start of a block text, where it would be a heading, a
/// list, a quote or a rule.
pub(super) fn at_line_start(line: &str) -> String {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = line.len() - rest.len();
    let is_blank_after = |text: &str| text.is_empty() || text.starts_with([' ', '\n']);
    if (1..=9).contains(&digits) && rest.starts_with(['.', ')']) && is_blank_after(&rest[1..]) {
        return format!("{}\\{rest}", &line[..digits]);
    }
    let hashes = line.len() - line.trim_start_matches('#').len();
    let is_rule = |c: char| {
        let first = line.lines().next().unwrap_or_default();
        !first.is_empty() && first.chars().all(|x| x == c || x == ' ')
    };
    let is_block = (1..=6).contains(&hashes) && is_blank_after(&line[hashes..])
        || line.starts_with(['-', '+', '*']) && is_blank_after(&line[1..])
        || line.starts_with('>')
        || line.starts_with("~~~")
        || is_rule('-')
        || is_rule('=');
    if is_block { format!("\\{line}") } else { line.to_owned() }
}

struct Writer<'a> {
    out: String,
    /// A space comes before what follows.
    space: bool,
    page: &'a Page<'a>,
}

impl Writer<'_> {
    fn nodes(&mut self, nodes: &[Node<'_>]) {
        for node in nodes {
            match node {
                Node::Text(text) => self.text(text),
                Node::Element(element) => self.element(element),
            }
        }
    }

    fn element(&mut self, element: &Element<'_>) {
        if is_left_out(element) {
            return;
        }
        match element.name {
            "br" => {
                self.out.push_str("\\\n");
                self.space = false;
            }
            "code" | "kbd" | "samp" | "tt" => {
                let mut text = String::new();
                plain(&element.children, &mut text);
                let text = text.replace('\n', " ");
                if !text.is_empty() {
                    self.put(&code(&text));
                }
            }
            "strong" | "b" => self.wrapped("**", "**", element),
            "em" | "i" | "dfn" | "cite" | "var" => self.wrapped("*", "*", element),
            "del" | "s" => self.wrapped("~~", "~~", element),
            "sub" => self.wrapped("<sub>", "</sub>", element),
            "sup" if element.has_class("footnote-reference") => self.footnote(element),
            "sup" => self.wrapped("<sup>", "</sup>", element),
            "q" => self.wrapped("\"", "\"", element),
            "a" => self.link(element),
            "img" => {
                let source = element.attribute("src").unwrap_or_default();
                let alt = escaped(&element.attribute("alt").unwrap_or_default());
                self.put(&format!("![{}]({})", alt.trim(), self.page.address(&source)));
            }
            "input" if element.attribute("type").as_deref() == Some("checkbox") => {
                self.put(if element.attribute("checked").is_some() { "[x] " } else { "[ ] " });
            }
            "math" => self.math(element),
            // Words in blocks of their own are not one word.
            name if !is_inline(name) => {
                self.space |= !self.out.is_empty();
                self.nodes(&element.children);
                self.space |= !self.out.is_empty();
            }
            _ => self.nodes(&element.children),
        }
    }

    fn inner(&self, element: &Element<'_>) -> (bool, String, bool) {
        let mut writer = Writer { out: String::new(), space: false, page: self.page };
        writer.nodes(&element.children);
        let mut text = String::new();
        plain(&element.children, &mut text);
        (text.starts_with(char::is_whitespace), writer.out, writer.space)
    }

    /// Spaces inside go outside: Markdown knows no bold that ends with one.
    fn wrapped(&mut self, open: &str, close: &str, element: &Element<'_>) {
        let (before, inner, after) = self.inner(element);
        self.space |= before && !self.out.is_empty();
        if !inner.is_empty() {
            self.put(&format!("{open}{inner}{close}"));
        }
        self.space |= after;
    }

    fn link(&mut self, element: &Element<'_>) {
        let (before, inner, after) = self.inner(element);
        self.space |= before && !self.out.is_empty();
        match element.attribute("href") {
            _ if inner.is_empty() => {}
            // The way back from a footnote.
            Some(href) if href.starts_with("#fr-") => {}
            Some(href) => self.put(&format!("[{inner}]({})", self.page.address(&href))),
            None => self.put(&inner),
        }
        self.space |= after;
    }

    fn footnote(&mut self, element: &Element<'_>) {
        let href = element.find("a").and_then(|link| link.attribute("href")).unwrap_or_default();
        match href.strip_prefix("#fn-") {
            Some(name) => self.put(&format!("[^{name}]")),
            None => self.wrapped("<sup>", "</sup>", element),
        }
    }

    /// The LaTeX that a formula was made from; of others the characters.
    fn math(&mut self, element: &Element<'_>) {
        let mut text = String::new();
        match element.find("annotation") {
            Some(annotation) => plain(&annotation.children, &mut text),
            None => plain(&element.children, &mut text),
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let sign = if element.attribute("display").as_deref() == Some("block") { "$$" } else { "$" };
        if !text.is_empty() {
            self.put(&format!("{sign}{text}{sign}"));
        }
    }

    fn put(&mut self, markdown: &str) {
        if self.space && !self.out.is_empty() && !self.out.ends_with(['\n', ' ']) {
            self.out.push(' ');
        }
        self.space = false;
        self.out.push_str(markdown);
    }

    fn text(&mut self, text: &str) {
        let mut decoded = String::with_capacity(text.len());
        push_text(&mut decoded, text);
        let starts_with_space = decoded.starts_with(is_space);
        let ends_with_space = decoded.ends_with(is_space);
        let escaped = escaped(&decoded);
        let mut words = escaped.split(is_space).filter(|word| !word.is_empty());
        self.space |= starts_with_space && !self.out.is_empty();
        if let Some(first) = words.next() {
            self.put(first);
            for word in words {
                self.out.push(' ');
                self.out.push_str(word);
            }
            self.space = ends_with_space;
        }
    }
}

/// White space that HTML collapses: not the kind that does not break.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

/// A text in which Markdown sees nothing but text.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for (i, c) in text.char_indices() {
        let rest = &text[i + c.len_utf8()..];
        let after = rest.chars().next().unwrap_or(' ');
        let is_special = match c {
            '\\' => after.is_ascii_punctuation() || rest.is_empty(),
            '`' | '[' | ']' => true,
            '*' => !(before == ' ' && after == ' '),
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            '<' => after.is_ascii_alphabetic() || matches!(after, '/' | '!' | '?'),
            '&' => {
                let name = rest.trim_start_matches('#');
                let end = name.bytes().position(|b| !b.is_ascii_alphanumeric());
                end.is_some_and(|end| end > 0 && name[end..].starts_with(';'))
            }
            // One at the start of a word (`~/.config`) can only open, and none closes.
            '~' => after == '~' || !before.is_whitespace(),
            '$' => after == '$' || after.is_ascii_alphabetic() || after == '\\',
            _ => false,
        };
        if is_special {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

/// Whether an element stands in a line.
pub(super) fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "annotation"
            | "b"
            | "bdi"
            | "bdo"
            | "br"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "img"
            | "input"
            | "ins"
            | "kbd"
            | "mark"
            | "math"
            | "q"
            | "s"
            | "samp"
            | "semantics"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
    )
}

/// A text as one line that starts a block.
pub(super) fn line_of_text(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    escaped(&text)
}
