//! A strict reader of HTML: what a browser would make of it, or why it is not
//! well-formed. Stricter than the standard where mistakes hide injections.

use std::collections::BTreeSet;

/// Elements without an end tag.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// One start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    /// In order; values decoded.
    pub(crate) attributes: Vec<(String, String)>,
}

impl Element {
    /// Name and names of attributes: what markup can do, whatever the text is.
    pub(crate) fn signature(&self) -> String {
        let names: BTreeSet<&str> = self.attributes.iter().map(|(name, _)| name.as_str()).collect();
        format!("{}[{}]", self.name, names.into_iter().collect::<Vec<_>>().join(","))
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// All elements of a document or a part of one, in order.
pub(crate) fn elements(html: &str) -> Result<Vec<Element>, String> {
    let mut found: Vec<Element> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    let near = |rest: &str| rest.chars().take(60).collect::<String>();
    if let Some(c) = html.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
        let at = html.find(c).unwrap_or(0);
        let start = html[..at].char_indices().rev().nth(30).map_or(0, |(i, _)| i);
        return Err(format!("the control character {c:?} after {:?}", &html[start..at]));
    }
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let end = comment.find("-->").ok_or_else(|| format!("a comment without end: {}", near(rest)))?;
            rest = &comment[end + 3..];
        } else if let Some(doctype) = rest.strip_prefix("<!") {
            if !doctype.to_ascii_lowercase().starts_with("doctype html>") {
                return Err(format!("a declaration: {}", near(rest)));
            }
            rest = &doctype[doctype.find('>').unwrap_or(0) + 1..];
        } else if let Some(end) = rest.strip_prefix("</") {
            let length = end.find('>').ok_or_else(|| format!("an end tag without end: {}", near(rest)))?;
            let name = end[..length].to_ascii_lowercase();
            match open.pop() {
                Some(expected) if expected == name => {}
                other => return Err(format!("`</{name}>` closes {other:?}: {}", near(rest))),
            }
            rest = &end[length + 1..];
        } else {
            let (element, length, closed) =
                start_tag(rest).map_err(|why| format!("{why}: {}", near(rest)))?;
            rest = &rest[length..];
            if ["script", "style", "textarea", "title"].contains(&element.name.as_str()) && !closed {
                let end = format!("</{}>", element.name);
                let at = rest.find(&end).ok_or_else(|| format!("no `{end}`: {}", near(rest)))?;
                rest = &rest[at + end.len()..];
            } else if !VOID.contains(&element.name.as_str()) && !closed {
                open.push(element.name.clone());
            }
            found.push(element);
        }
    }
    if open.is_empty() { Ok(found) } else { Err(format!("not closed: {open:?}")) }
}

/// A start tag, its length and whether it closes itself.
fn start_tag(text: &str) -> Result<(Element, usize, bool), String> {
    let bytes = text.as_bytes();
    let mut at = 1;
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b':' | b'_');
    while at < bytes.len() && is_name(bytes[at]) {
        at += 1;
    }
    let name = text[1..at].to_ascii_lowercase();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err("`<` in text".to_owned());
    }
    let mut attributes: Vec<(String, String)> = Vec::new();
    loop {
        let before = at;
        while at < bytes.len() && bytes[at].is_ascii_whitespace() {
            at += 1;
        }
        match bytes.get(at) {
            None => return Err("a tag without end".to_owned()),
            Some(b'>') => return Ok((Element { name, attributes }, at + 1, false)),
            Some(b'/') if bytes.get(at + 1) == Some(&b'>') => {
                // In HTML the slash means nothing; it does inside `svg` and `math`.
                return Ok((Element { name, attributes }, at + 2, true));
            }
            Some(_) if before == at => return Err("no space before an attribute".to_owned()),
            Some(_) => {}
        }
        let start = at;
        while at < bytes.len() && is_name(bytes[at]) {
            at += 1;
        }
        let key = text[start..at].to_ascii_lowercase();
        if key.is_empty() {
            return Err("not an attribute".to_owned());
        }
        let mut value = String::new();
        if bytes.get(at) == Some(&b'=') {
            let Some(b'"') = bytes.get(at + 1) else { return Err("a value without quotes".to_owned()) };
            let end = text[at + 2..].find('"').ok_or("a value without end")?;
            value = decode(&text[at + 2..at + 2 + end]);
            at += end + 3;
        }
        if attributes.iter().any(|(other, _)| *other == key) {
            return Err(format!("`{key}` twice"));
        }
        attributes.push((key, value));
    }
}

/// Text without character references.
pub(crate) fn decode(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest[1..].find(';').filter(|end| *end < 10).map(|end| &rest[1..=end]);
        let character = reference.and_then(|name| match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            _ => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)
            }
        });
        match (character, reference) {
            (Some(character), Some(name)) => {
                out.push(character);
                rest = &rest[name.len() + 2..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Whether an address would run something. White space and control characters
/// inside it are ignored, as browsers do.
pub(crate) fn runs(address: &str) -> bool {
    let bare: String = address.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let bare = bare.to_ascii_lowercase();
    ["javascript:", "vbscript:", "data:text", "data:image/svg", "data:application"]
        .iter()
        .any(|scheme| bare.starts_with(scheme))
}
