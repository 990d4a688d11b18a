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
    fn feeds_are_absolute() {
        check("<id>@/a/</id>", &Form::Absolute("https://x.org/m".into()), "<id>https://x.org/m/a/</id>");
    }
}
