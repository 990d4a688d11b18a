//! HTML: published pages as a row of tags and texts.
//!
//! In: HTML that this program has written, raw HTML of authors in it. Out:
//! events that borrow from it. Never fails: what is no tag is text.

/// A piece of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'h> {
    /// Characters with references (`&amp;`).
    Text(&'h str),
    /// A start tag: name as written, attributes as written.
    Open(&'h str, &'h str),
    /// An end tag.
    Close(&'h str),
}

/// The part that readers come for: `main`, else `article`, else `body`, else all.
pub fn main_part(html: &str) -> &str {
    for name in ["main", "article", "body"] {
        let open = format!("<{name}");
        let close = format!("</{name}>");
        let Some(start) = html.find(&open) else { continue };
        let end = html.rfind(&close).filter(|end| *end > start).unwrap_or(html.len());
        return &html[start..end];
    }
    html
}

/// All pieces, in order. Comments, scripts and styles are passed over.
pub struct Events<'h> {
    rest: &'h str,
}

impl<'h> Events<'h> {
    /// Of a page or a part of one.
    pub fn of(html: &'h str) -> Self {
        Self { rest: html }
    }

    fn skip_to(&mut self, needle: &str) {
        self.rest = self.rest.find(needle).map_or("", |at| &self.rest[at + needle.len()..]);
    }
}

impl<'h> Iterator for Events<'h> {
    type Item = Event<'h>;

    fn next(&mut self) -> Option<Event<'h>> {
        loop {
            let rest = self.rest;
            let bytes = rest.as_bytes();
            match bytes {
                [] => return None,
                [b'<', b'!', b'-', b'-', ..] => self.skip_to("-->"),
                [b'<', b'!' | b'?', ..] => self.skip_to(">"),
                [b'<', b'/', first, ..] if first.is_ascii_alphabetic() => {
                    let end = memchr::memchr(b'>', bytes).unwrap_or(bytes.len());
                    let name = &rest[2..end];
                    self.rest = rest.get(end + 1..).unwrap_or("");
                    return Some(Event::Close(name.trim_end()));
                }
                [b'<', first, ..] if first.is_ascii_alphabetic() => {
                    let end = tag_end(bytes);
                    let tag = rest[1..end].trim_end_matches('/');
                    self.rest = rest.get(end + 1..).unwrap_or("");
                    let split = tag.find(|c: char| c.is_ascii_whitespace()).unwrap_or(tag.len());
                    let (name, attributes) = tag.split_at(split);
                    if matches!(name, "script" | "style" | "textarea" | "title") {
                        self.skip_to(&format!("</{name}>"));
                        continue;
                    }
                    return Some(Event::Open(name, attributes));
                }
                _ => {
                    let end = memchr::memchr(b'<', &bytes[1..]).map_or(bytes.len(), |i| i + 1);
                    self.rest = &rest[end..];
                    return Some(Event::Text(&rest[..end]));
                }
            }
        }
    }
}

/// The `>` that ends a tag: one in quotes does not.
fn tag_end(bytes: &[u8]) -> usize {
    let mut quote = 0;
    for (i, b) in bytes.iter().enumerate() {
        match b {
            b'"' | b'\'' if quote == 0 => quote = *b,
            _ if *b == quote => quote = 0,
            b'>' if quote == 0 => return i,
            _ => {}
        }
    }
    bytes.len()
}

/// The value of an attribute; empty for one without.
pub fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_ascii_whitespace()).unwrap_or(rest.len());
        let found = &rest[..end];
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            match after.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let close = after[1..].find(quote).map_or(after.len(), |i| i + 1);
                    value = &after[1..close];
                    rest = after.get(close + 1..).unwrap_or("");
                }
                _ => {
                    let close = after.find(|c: char| c.is_ascii_whitespace()).unwrap_or(after.len());
                    value = &after[..close];
                    rest = &after[close..];
                }
            }
        } else if found.is_empty() {
            break;
        }
        if found == name {
            let mut out = String::with_capacity(value.len());
            push_text(&mut out, value);
            return Some(out);
        }
        rest = rest.trim_start();
    }
    None
}

/// Appends a text with its references resolved.
pub fn push_text(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|b| b == b';');
        let decoded = end.and_then(|end| Some((character(&rest[1..end])?, end)));
        match decoded {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        // No control character gets into the index.
        return char::from_u32(code).map(|c| if c.is_control() { ' ' } else { c });
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "rarr" => '→',
        "times" => '×',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_texts_and_what_only_looks_like_them() {
        let html = "<p class=\"a>b\" hidden>1 < 2<br/><!-- <b> --></p><script>if (a<b) {}</script>x<";
        let found: Vec<Event<'_>> = Events::of(html).collect();
        assert_eq!(
            found,
            [
                Event::Open("p", " class=\"a>b\" hidden"),
                Event::Text("1 "),
                Event::Text("< 2"),
                Event::Open("br", ""),
                Event::Close("p"),
                Event::Text("x"),
                Event::Text("<"),
            ]
        );
    }

    #[test]
    fn attributes_and_references() {
        let attributes = " class='a b' data-side=\"x&amp;y\" hidden id=z";
        assert_eq!(attribute(attributes, "data-side").as_deref(), Some("x&y"));
        assert_eq!(attribute(attributes, "hidden").as_deref(), Some(""));
        assert_eq!(attribute(attributes, "id").as_deref(), Some("z"));
        assert_eq!(attribute(attributes, "side"), None);
        let mut out = String::new();
        push_text(&mut out, "a &lt; b &#x3E; &unknown; & c&#x7f;&#0;d");
        assert_eq!(out, "a < b > &unknown; & c  d");
    }
}
