//! Place: addresses that hold wherever the site is put.
//!
//! In: rendered bytes in which every address of the site starts with
//! [`PLACELESS`]. Out: the same bytes with relative addresses (HTML), with
//! addresses from the root of the host (the error page, which is shown at any
//! depth), or with absolute ones (everything else). One pass, no parsing.

use crate::base::paths::UrlPath;
use crate::model::PLACELESS;

/// How addresses are written in one output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// Relative to the page at this address.
    Relative(UrlPath),
    /// From the root of the host, below this base path (`/manual` or empty).
    Rooted(String),
    /// After this base (`https://example.org/manual`).
    Absolute(String),
}

/// Rewrites all addresses.
pub fn put(bytes: Vec<u8>, form: &Form) -> Vec<u8> {
    let needle = PLACELESS.as_bytes();
    let mut found = find(&bytes, needle, 0);
    if found.is_none() {
        return bytes;
    }
    let (prefix, here) = match form {
        Form::Relative(url) => ("../".repeat(url.depth()), url.encoded()),
        Form::Rooted(base) => (format!("{base}/"), String::new()),
        Form::Absolute(base) => (format!("{base}/"), String::new()),
    };
    let relative = matches!(form, Form::Relative(_));
    let mut out = Vec::with_capacity(bytes.len());
    let mut last = 0;
    while let Some(at) = found {
        out.extend_from_slice(&bytes[last..at]);
        let path = at + needle.len();
        // The address goes on to the next character that cannot be in one.
        let end = bytes[path..]
            .iter()
            .position(|b| b"\"'<> \t\r\n)\\".contains(b))
            .map_or(bytes.len(), |i| path + i);
        let address = &bytes[path..end];
        let same_page =
            relative && address.starts_with(here.as_bytes()) && address.get(here.len()) == Some(&b'#');
        let rest =
            if same_page { &address[here.len()..] } else { address.strip_prefix(b"/").unwrap_or(address) };
        if !same_page {
            out.extend_from_slice(prefix.as_bytes());
            let is_bare = prefix.is_empty() && (rest.is_empty() || b"#?".contains(&rest[0]));
            if is_bare {
                out.extend_from_slice(b"./");
            }
        }
        out.extend_from_slice(rest);
        last = end;
        found = find(&bytes, needle, end);
    }
    out.extend_from_slice(&bytes[last..]);
    out
}

/// The same text without the characters that XML forbids and HTML calls an
/// error: control characters but tab and line ends, and the two noncharacters
/// U+FFFE and U+FFFF. Authors paste them unseen.
pub fn without_controls(bytes: Vec<u8>) -> Vec<u8> {
    let is_forbidden = |i: usize| match bytes[i] {
        b'\t' | b'\n' | b'\r' => false,
        0..=0x1f | 0x7f => true,
        0xc2 => bytes.get(i + 1).is_some_and(|next| *next < 0xa0),
        0xef => bytes.get(i + 1) == Some(&0xbf) && bytes.get(i + 2).is_some_and(|last| *last >= 0xbe),
        _ => false,
    };
    // Most pages hold none: chunks without any byte that could start one are
    // passed over without a branch for each byte.
    let suspicious = |b: u8| {
        (b < 0x20) & (b != b'\n') & (b != b'\t') & (b != b'\r') | (b == 0x7f) | (b == 0xc2) | (b == 0xef)
    };
    let first = bytes
        .chunks(64)
        .enumerate()
        .filter(|(_, chunk)| chunk.iter().fold(false, |found, b| found | suspicious(*b)))
        .find_map(|(n, chunk)| (n * 64..n * 64 + chunk.len()).find(|i| is_forbidden(*i)));
    let Some(first) = first else { return bytes };
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(&bytes[..first]);
    let mut i = first;
    while i < bytes.len() {
        let width = match bytes[i] {
            0..=0x7f => 1,
            0x80..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xff => 4,
        };
        let end = (i + width).min(bytes.len());
        if !is_forbidden(i) {
            out.extend_from_slice(&bytes[i..end]);
        }
        i = end;
    }
    out
}

/// First place of `needle` at or after `from`. The needle starts with a byte
/// that is rare enough for this to be fast.
fn find(bytes: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, needle).map(|i| from + i)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, form: &Form, expected: &str) {
        let bytes = html.replace('@', PLACELESS).into_bytes();
        assert_eq!(String::from_utf8(put(bytes, form)).unwrap(), expected);
    }

    #[test]
    fn links_are_relative_to_the_page() {
        let form = Form::Relative(UrlPath::new("/a/b/"));
        check(r##"<a href="@/a/b/#x">"##, &form, r##"<a href="#x">"##);
        check(r#"<a href="@/">"#, &form, r#"<a href="../../">"#);
        check(r#"<a href="@/a/c/?q#x">@/s.css"#, &form, r#"<a href="../../a/c/?q#x">../../s.css"#);
        let root = Form::Relative(UrlPath::new("/"));
        check(r#"<a href="@/"> <a href="@/a/">"#, &root, r#"<a href="./"> <a href="a/">"#);
        check("<a href=\"@/#x\">", &root, "<a href=\"#x\">");
    }

    #[test]
    fn the_error_page_starts_at_the_base() {
        check(r#"<a href="@/a/">"#, &Form::Rooted("/manual".into()), r#"<a href="/manual/a/">"#);
        check(r#"<a href="@/">"#, &Form::Rooted(String::new()), r#"<a href="/">"#);
    }

    #[test]
    fn control_characters_are_left_out() {
        let check = |text: &str, expected: &str| {
            assert_eq!(String::from_utf8(without_controls(text.as_bytes().to_vec())).unwrap(), expected);
        };
        check("a\tb\r\nc\u{a0}é\u{2028}\u{fffd}😀", "a\tb\r\nc\u{a0}é\u{2028}\u{fffd}😀");
        check("\0a\u{1b}[31mé\u{7f}\u{85}\u{9f}ü\u{fffe}😀\u{ffff}", "a[31méü😀");
    }

    #[test]
    fn feeds_are_absolute() {
        check("<id>@/a/</id>", &Form::Absolute("https://x.org/m".into()), "<id>https://x.org/m/a/</id>");
    }
}
