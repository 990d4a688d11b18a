//! Raw HTML: targets and ids in what an author wrote as HTML.
//!
//! In: a piece of HTML that will be passed through. Out: the values of the
//! attributes that matter to the site: where they stand and what they say. A
//! scanner over tags, not a parser: what it does not understand it skips, and
//! nothing is changed by it. Must not know where the HTML goes.

use std::ops::Range;

use super::html::unescape;

/// What an attribute is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// `href` of `a` and `area`.
    Link,
    /// `src` of `img`, `source`, `video`, `audio`, `track`.
    Image,
    /// `id` of anything, `name` of `a`.
    Id,
}

/// One attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    /// What it is for.
    pub(super) usage: Use,
    /// The value, character references undone.
    pub(super) value: String,
    /// Where the value stands in the piece, quotes included.
    pub(super) range: Range<usize>,
}

/// Elements whose content is not HTML.
const RAW_TEXT: [&str; 4] = ["script", "style", "textarea", "title"];

/// The attributes of a piece of HTML that matter, in order.
pub(super) fn attributes(html: &str) -> Vec<Attribute> {
    let mut found = Vec::new();
    let bytes = html.as_bytes();
    let mut at = 0;
    // Once an end was searched for in vain it is not searched for again: that
    // keeps the scan linear.
    let mut no_more_comment_ends = false;
    while let Some(open) = memchr::memchr(b'<', &bytes[at..]).map(|i| at + i) {
        at = open + 1;
        if bytes[at..].starts_with(b"!--") {
            if no_more_comment_ends {
                continue;
            }
            match memchr::memmem::find(&bytes[at..], b"-->") {
                Some(end) => at += end + 3,
                None => no_more_comment_ends = true,
            }
            continue;
        }
        let length = bytes[at..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
        if length == 0 || !bytes[at].is_ascii_alphabetic() {
            continue;
        }
        let element = html[at..at + length].to_ascii_lowercase();
        at = tag(html, at + length, &element, &mut found);
        if RAW_TEXT.contains(&element.as_str()) {
            at = raw_text_end(html, at, &element);
        }
    }
    found
}

/// Reads the attributes of a tag from behind its name; returns where it ends.
fn tag(html: &str, mut at: usize, element: &str, found: &mut Vec<Attribute>) -> usize {
    let bytes = html.as_bytes();
    loop {
        while bytes.get(at).is_some_and(|b| b.is_ascii_whitespace() || *b == b'/') {
            at += 1;
        }
        match bytes.get(at) {
            None => return at,
            Some(b'>') => return at + 1,
            // A new tag before this one has ended: the first was none.
            Some(b'<') => return at,
            Some(_) => {}
        }
        let start = at;
        while bytes
            .get(at)
            .is_some_and(|b| !b.is_ascii_whitespace() && !matches!(b, b'/' | b'>' | b'=' | b'<'))
        {
            at += 1;
        }
        let name = &html[start..at];
        if name.is_empty() {
            at += 1;
            continue;
        }
        let mut value_at = at;
        while bytes.get(value_at).is_some_and(u8::is_ascii_whitespace) {
            value_at += 1;
        }
        if bytes.get(value_at) != Some(&b'=') {
            continue;
        }
        value_at += 1;
        while bytes.get(value_at).is_some_and(u8::is_ascii_whitespace) {
            value_at += 1;
        }
        let (inner, end) = match bytes.get(value_at) {
            Some(quote @ (b'"' | b'\'')) => {
                let Some(length) = memchr::memchr(*quote, &bytes[value_at + 1..]) else { return html.len() };
                (value_at + 1..value_at + 1 + length, value_at + 2 + length)
            }
            _ => {
                let length =
                    bytes[value_at..].iter().take_while(|b| !b.is_ascii_whitespace() && **b != b'>').count();
                (value_at..value_at + length, value_at + length)
            }
        };
        at = end;
        if let Some(usage) = usage(element, name) {
            found.push(Attribute { usage, value: unescape(&html[inner]), range: value_at..end });
        }
    }
}

fn usage(element: &str, attribute: &str) -> Option<Use> {
    let is = |name: &str| attribute.eq_ignore_ascii_case(name);
    match element {
        _ if is("id") => Some(Use::Id),
        "a" if is("name") => Some(Use::Id),
        "a" | "area" if is("href") => Some(Use::Link),
        "img" | "source" | "video" | "audio" | "track" if is("src") => Some(Use::Image),
        _ => None,
    }
}

fn raw_text_end(html: &str, from: usize, element: &str) -> usize {
    let bytes = html.as_bytes();
    let mut at = from;
    while let Some(open) = memchr::memmem::find(&bytes[at..], b"</").map(|i| at + i) {
        at = open + 2;
        if bytes[at..].get(..element.len()).is_some_and(|name| name.eq_ignore_ascii_case(element.as_bytes()))
        {
            return open;
        }
    }
    html.len()
}

/// The text of a comment that makes up the whole of `html`, if it is one.
pub(super) fn comment(html: &str) -> Option<&str> {
    let inner = html.trim().strip_prefix("<!--")?.strip_suffix("-->")?;
    (!inner.contains("-->")).then(|| inner.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> Vec<String> {
        attributes(html)
            .into_iter()
            .map(|a| format!("{:?} {} {}", a.usage, a.value, &html[a.range]))
            .collect()
    }

    #[test]
    fn targets_and_ids_are_found_where_they_stand() {
        assert_eq!(
            read(
                "<A class=x HREF='a.md?x&amp;y' id=top><img\n src = \"b.png\" alt='src=\"no\"'/></a><a name=n>"
            ),
            ["Link a.md?x&y 'a.md?x&amp;y'", "Id top top", "Image b.png \"b.png\"", "Id n n"]
        );
    }

    #[test]
    fn comments_and_scripts_are_left_alone() {
        let html = "<!-- <a href=x> --><script>'<a href=y>'</script><p>a < b <a data-href=z href=w>";
        assert_eq!(read(html), ["Link w w"]);
        assert_eq!(read("<a href=\"open"), [""; 0]);
    }
}
