//! Property lists: as much of Apple's XML format as `.tmTheme` files use.
//!
//! In: a text. Out: a [`Value`], or what is wrong with it. Must not know what
//! the values mean. Kept here because a theme needs dictionaries, lists and
//! strings only, and a general XML reader brings a dozen crates.

/// Dictionaries and lists inside one another; themes need five.
const MAX_DEPTH: usize = 32;

/// A value of a property list.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// In the order written.
    Dict(Vec<(String, Self)>),
    /// In the order written.
    Array(Vec<Self>),
    /// A string, also a number, a date or data as written; `true` and `false`.
    Text(String),
}

impl Value {
    /// The entry of a dictionary.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Dict(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            Self::Array(_) | Self::Text(_) => None,
        }
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Dict(_) | Self::Array(_) => None,
        }
    }

    /// The items, if it is a list; none otherwise.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::Array(items) => items,
            Self::Dict(_) | Self::Text(_) => &[],
        }
    }
}

/// Reads the value of a whole property list.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let mut reader = Reader { rest: text.strip_prefix('\u{feff}').unwrap_or(text) };
    match reader.tag()? {
        Some(Tag::Open("plist")) => {}
        _ => return Err("expected `<plist>`".to_owned()),
    }
    match reader.tag()? {
        Some(tag) => reader.value(tag, 0),
        None => Err("the property list is empty".to_owned()),
    }
}

struct Reader<'a> {
    rest: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Tag<'a> {
    Open(&'a str),
    Close(&'a str),
    /// `<true/>`
    Empty(&'a str),
}

impl<'a> Reader<'a> {
    /// The next tag; text, comments and declarations before it are skipped.
    fn tag(&mut self) -> Result<Option<Tag<'a>>, String> {
        loop {
            let Some(at) = self.rest.find('<') else {
                self.rest = "";
                return Ok(None);
            };
            self.rest = &self.rest[at..];
            let end = if self.rest.starts_with("<!--") {
                "-->"
            } else if self.rest.starts_with("<?") {
                "?>"
            } else {
                ">"
            };
            let Some(at) = self.rest.find(end) else {
                return Err("a tag is not closed".to_owned());
            };
            let tag = &self.rest[1..at];
            self.rest = &self.rest[at + end.len()..];
            if tag.starts_with(['!', '?']) {
                continue;
            }
            let name = |tag: &'a str| tag.split_whitespace().next().unwrap_or("");
            return Ok(Some(match (tag.strip_prefix('/'), tag.strip_suffix('/')) {
                (Some(tag), _) => Tag::Close(name(tag)),
                (None, Some(tag)) => Tag::Empty(name(tag)),
                (None, None) => Tag::Open(name(tag)),
            }));
        }
    }

    /// Text up to the closing tag of `name`.
    fn text(&mut self, name: &str) -> Result<String, String> {
        let mut text = String::new();
        loop {
            let Some(at) = self.rest.find('<') else {
                return Err(format!("`<{name}>` is not closed"));
            };
            text.push_str(&unescape(&self.rest[..at]));
            self.rest = &self.rest[at..];
            if let Some(data) = self.rest.strip_prefix("<![CDATA[") {
                let Some(end) = data.find("]]>") else {
                    return Err("`<![CDATA[` is not closed".to_owned());
                };
                text.push_str(&data[..end]);
                self.rest = &data[end + 3..];
            } else if self.rest.starts_with("<!--") {
                let Some(end) = self.rest.find("-->") else {
                    return Err("a comment is not closed".to_owned());
                };
                self.rest = &self.rest[end + 3..];
            } else {
                return match self.tag()? {
                    Some(Tag::Close(close)) if close == name => Ok(text),
                    _ => Err(format!("`<{name}>` holds another element")),
                };
            }
        }
    }

    fn value(&mut self, tag: Tag<'a>, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(format!("values are nested more than {MAX_DEPTH} deep"));
        }
        match tag {
            Tag::Open("dict") => {
                let mut entries = Vec::new();
                loop {
                    let key = match self.tag()? {
                        Some(Tag::Open("key")) => self.text("key")?,
                        Some(Tag::Close("dict")) => return Ok(Value::Dict(entries)),
                        _ => return Err("expected `<key>` in `<dict>`".to_owned()),
                    };
                    let tag = self.tag()?.ok_or("`<dict>` is not closed")?;
                    entries.push((key, self.value(tag, depth + 1)?));
                }
            }
            Tag::Open("array") => {
                let mut items = Vec::new();
                loop {
                    match self.tag()? {
                        Some(Tag::Close("array")) => return Ok(Value::Array(items)),
                        Some(tag) => items.push(self.value(tag, depth + 1)?),
                        None => return Err("`<array>` is not closed".to_owned()),
                    }
                }
            }
            Tag::Empty("dict") => Ok(Value::Dict(Vec::new())),
            Tag::Empty("array") => Ok(Value::Array(Vec::new())),
            Tag::Empty("string") => Ok(Value::Text(String::new())),
            Tag::Empty(name) => Ok(Value::Text(name.to_owned())),
            Tag::Open(name) => Ok(Value::Text(self.text(name)?)),
            Tag::Close(name) => Err(format!("`</{name}>` closes nothing")),
        }
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.find(';').map(|end| (&rest[1..end], end + 1));
        let character = entity.and_then(|(name, length)| {
            let character = match name {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                "apos" => '\'',
                name => {
                    let digits = name.strip_prefix('#')?;
                    let code = match digits.strip_prefix('x') {
                        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                        None => digits.parse().ok()?,
                    };
                    char::from_u32(code)?
                }
            };
            Some((character, length))
        });
        let (character, length) = character.unwrap_or(('&', 1));
        out.push(character);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_is_read() {
        let text = r#"<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "x">
            <plist version="1.0"><dict>
              <!-- <key>no</key> -->
              <key>name</key><string>A &amp; B &#x41;</string>
              <key>settings</key><array><dict/><true/></array>
            </dict></plist>"#;
        let value = parse(text).unwrap();
        assert_eq!(value.get("name").and_then(Value::text), Some("A & B A"));
        assert_eq!(
            value.get("settings").unwrap().items(),
            [Value::Dict(Vec::new()), Value::Text("true".to_owned())]
        );
    }

    #[test]
    fn what_is_no_property_list_is_refused() {
        for text in
            ["", "{}", "<plist>", "<plist><dict>", "<plist><dict><string>", "<plist></dict>", "<", "<!--"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&format!("<plist>{}", "<array>".repeat(10_000))).is_err());
    }
}
