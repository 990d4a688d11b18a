//! HTML: the one place of this module that escapes text and writes attributes.
//!
//! In: names chosen by the program and text chosen by an author. Out: markup
//! that no such text can leave. Must not know where the text came from.

use crate::base::text::escape;

/// Appends text between tags. Quotes stay as they are: they mean nothing there,
/// and written bytes are what a large build spends its time on. Characters
/// that XML forbids are left out, as [`escape`] does.
pub(super) fn text(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| TEXT[usize::from(byte)]) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// Bytes that cannot stand in text. A table, for most bytes can, and this is
/// asked of every byte of every page.
const TEXT: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 32 {
        table[byte] = !matches!(byte, 9 | 10 | 13);
        byte += 1;
    }
    table[b'&' as usize] = true;
    table[b'<' as usize] = true;
    table[b'>' as usize] = true;
    table
};

/// Appends ` name="value"`.
pub(super) fn attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape(out, value);
    out.push('"');
}

/// Appends a blank-separated list as ` name="a b"`; nothing when it is empty.
pub(super) fn list_attribute<'v>(out: &mut String, name: &str, values: impl Iterator<Item = &'v str>) {
    let mut any = false;
    for value in values {
        if any {
            out.push(' ');
        } else {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            any = true;
        }
        escape(out, value);
    }
    if any {
        out.push('"');
    }
}

/// Bytes an address may hold in a quoted attribute without being encoded (the
/// set of CommonMark's reference implementation).
fn is_plain_in_address(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%()*+,-./:;=?@_~".contains(&byte)
}

/// Appends an address for a quoted attribute: what addresses cannot hold is
/// percent-encoded, what is encoded already stays, `&` and `'` become entities.
pub(super) fn address(out: &mut String, target: &str) {
    let mut last = 0;
    for (i, byte) in target.bytes().enumerate() {
        if is_plain_in_address(byte) {
            continue;
        }
        // An encoded byte may be the first or the last of a character, so both
        // ends are looked at before slicing.
        if last < i {
            out.push_str(&target[last..i]);
        }
        match byte {
            b'&' => out.push_str("&amp;"),
            b'\'' => out.push_str("&#39;"),
            _ => {
                out.push('%');
                for nibble in [byte >> 4, byte & 15] {
                    out.push(char::from(b"0123456789ABCDEF"[usize::from(nibble)]));
                }
            }
        }
        last = i + 1;
    }
    if last < target.len() {
        out.push_str(&target[last..]);
    }
}

/// Starts a new line unless the text is at the start of one.
pub(super) fn fresh_line(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

/// Undoes the character references an author may have used in an attribute of
/// raw HTML, as far as addresses and ids use them.
pub(super) fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| reference(&rest[1..end]).map(|c| (c, end))) {
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
    out
}

fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_what_is_encoded_and_encode_the_rest() {
        let mut out = String::new();
        address(&mut out, "/ü b%20'\"<&\u{1}?q=[1]");
        assert_eq!(out, "/%C3%BC%20b%20&#39;%22%3C&amp;%01?q=%5B1%5D");
    }

    #[test]
    fn references_are_undone_and_other_ampersands_stay() {
        assert_eq!(unescape("a&amp;b&#38;c&#x26;d&e&;&nope;&"), "a&b&c&d&e&;&nope;&");
    }
}
