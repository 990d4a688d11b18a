//! Minify: a page in fewer bytes that browsers see as the same.
//!
//! In: HTML. Out: HTML without comments, each run of spaces and line ends in
//! its text one space or line end. Tags stay as they are, and so does all text
//! in which spaces count: `pre`, `textarea`, scripts, styles, drawings. What is
//! not understood stays as it is, to the end. Must not know what is in a page.

/// Elements whose text is not markup: they end with their own end tag alone.
const RAW: &[&str] = &[
    "script",
    "style",
    "textarea",
    "title",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
];
/// Elements with markup in them whose spaces count.
const KEPT: &[&str] = &["pre", "listing", "svg", "math"];

struct Writer<'a> {
    html: &'a [u8],
    at: usize,
    out: Vec<u8>,
    /// A space that is due before whatever is written next; a line end if there
    /// was one in it.
    space: Option<u8>,
}

/// The same page in fewer bytes.
pub(super) fn minified(html: &[u8]) -> Vec<u8> {
    let mut writer = Writer { html, at: 0, out: Vec::with_capacity(html.len()), space: None };
    while writer.at < html.len() {
        writer.step();
    }
    writer.out
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

impl Writer<'_> {
    fn rest(&self) -> &[u8] {
        &self.html[self.at..]
    }

    fn find(&self, needle: &[u8]) -> Option<usize> {
        memchr::memmem::find(self.rest(), needle)
    }

    /// Copies that many bytes.
    fn copy(&mut self, length: usize) {
        if let Some(space) = self.space.take()
            && !self.out.is_empty()
        {
            self.out.push(space);
        }
        let end = (self.at + length).min(self.html.len());
        self.out.extend_from_slice(&self.html[self.at..end]);
        self.at = end;
    }

    fn copy_all(&mut self) {
        self.copy(self.html.len());
    }

    fn step(&mut self) {
        let rest = self.rest();
        match rest[0] {
            byte if is_space(byte) => {
                let length = rest.iter().position(|b| !is_space(*b)).unwrap_or(rest.len());
                let has_line = rest[..length].iter().any(|b| matches!(b, b'\n' | b'\r'));
                let sign = if has_line || self.space == Some(b'\n') { b'\n' } else { b' ' };
                self.space = Some(sign);
                self.at += length;
            }
            b'<' if rest.starts_with(b"<!--") => self.comment(),
            b'<' if matches!(rest.get(1), Some(b'!' | b'?')) => match self.find(b">") {
                Some(end) => self.copy(end + 1),
                None => self.copy_all(),
            },
            b'<' if is_tag(rest) => self.tag(),
            _ => {
                let length =
                    rest[1..].iter().position(|b| *b == b'<' || is_space(*b)).map_or(rest.len(), |i| i + 1);
                self.copy(length);
            }
        }
    }

    /// Comments go, but for those that somebody else reads: old browsers,
    /// servers that include, people who look for a licence.
    fn comment(&mut self) {
        let rest = self.rest();
        let is_read = matches!(rest.get(4), Some(b'[' | b'#' | b'!'));
        let length = if rest[4..].starts_with(b">") {
            Some(5)
        } else if rest[4..].starts_with(b"->") {
            Some(6)
        } else {
            let ends = [b"-->".as_slice(), b"--!>"];
            let found =
                ends.iter().filter_map(|end| Some(memchr::memmem::find(&rest[4..], end)? + 4 + end.len()));
            found.min()
        };
        match length {
            Some(length) if is_read => self.copy(length),
            Some(length) => self.at += length,
            None => self.copy_all(),
        }
    }

    fn tag(&mut self) {
        let Some(length) = tag_length(self.rest()) else { return self.copy_all() };
        let tag = &self.rest()[..length];
        let name = name_of(tag);
        if tag[1] == b'/' {
            return self.copy(length);
        }
        if RAW.contains(&name.as_str()) {
            self.copy(length);
            return self.raw(&name);
        }
        if KEPT.contains(&name.as_str()) {
            return self.kept(&name);
        }
        self.copy(length);
    }

    /// Copies up to the end tag of an element whose text is not markup.
    fn raw(&mut self, name: &str) {
        let rest = self.rest();
        let is_end = |at: &usize| {
            let after = &rest[at + 2..];
            after.len() > name.len()
                && after[..name.len()].eq_ignore_ascii_case(name.as_bytes())
                && (is_space(after[name.len()]) || matches!(after[name.len()], b'>' | b'/'))
        };
        let end = memchr::memmem::find_iter(rest, b"</").find(is_end);
        match end {
            // A script that opens a comment may go on after its end tag.
            Some(end) if name != "script" || memchr::memmem::find(&rest[..end], b"<!--").is_none() => {
                self.copy(end);
            }
            _ => self.copy_all(),
        }
    }

    /// Copies an element in which spaces count, to its own end tag.
    fn kept(&mut self, name: &str) {
        let mut depth = 0_usize;
        while self.at < self.html.len() {
            let rest = self.rest();
            if rest.starts_with(b"<!--") {
                let Some(end) = memchr::memmem::find(rest, b"-->") else { return self.copy_all() };
                self.copy(end + 3);
            } else if is_tag(rest) {
                let Some(length) = tag_length(rest) else { return self.copy_all() };
                let tag = &rest[..length];
                let (is_same, is_end) = (name_of(tag) == name, tag[1] == b'/');
                let is_empty = tag.ends_with(b"/>") && matches!(name, "svg" | "math");
                let inner = name_of(tag);
                self.copy(length);
                if !is_end && RAW.contains(&inner.as_str()) {
                    self.raw(&inner);
                } else if is_same && is_end {
                    depth = depth.saturating_sub(1);
                } else if is_same && !is_empty {
                    depth += 1;
                }
                if depth == 0 {
                    return;
                }
            } else {
                let length = rest[1..].iter().position(|b| *b == b'<').map_or(rest.len(), |i| i + 1);
                self.copy(length);
            }
        }
    }
}

/// Whether a tag starts here.
fn is_tag(rest: &[u8]) -> bool {
    let after = if rest.get(1) == Some(&b'/') { 2 } else { 1 };
    rest.first() == Some(&b'<') && rest.get(after).is_some_and(u8::is_ascii_alphabetic)
}

fn name_of(tag: &[u8]) -> String {
    let name = tag.get(if tag.get(1) == Some(&b'/') { 2 } else { 1 }..).unwrap_or_default();
    let end = name.iter().position(|b| is_space(*b) || matches!(b, b'>' | b'/')).unwrap_or(name.len());
    String::from_utf8_lossy(&name[..end]).to_ascii_lowercase()
}

/// Bytes of the tag that starts here, as browsers read it: quotes count only
/// where a value begins.
fn tag_length(rest: &[u8]) -> Option<usize> {
    let mut at = 1;
    // Whether a value may begin: after `=`.
    let mut is_value = false;
    let mut is_in_value = false;
    loop {
        match *rest.get(at)? {
            b'>' => return Some(at + 1),
            quote @ (b'"' | b'\'') if is_value => {
                at += 1 + memchr::memchr(quote, &rest[at + 1..])?;
                is_value = false;
            }
            byte if is_space(byte) => is_in_value = false,
            b'=' if !is_value && !is_in_value => is_value = true,
            _ if is_value => (is_value, is_in_value) = (false, true),
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(html: &str) -> String {
        String::from_utf8(minified(html.as_bytes())).unwrap()
    }

    #[test]
    fn spaces_and_comments_go() {
        assert_eq!(
            of("\n<p>\n  a  <b> c </b>\n\td</p>\n\n<!-- x\n --> \n<p>e"),
            "<p>\na <b> c </b>\nd</p>\n<p>e"
        );
        assert_eq!(of("a <!-- x --> b"), "a b");
        assert_eq!(of("a<!-- x -->b"), "ab");
        assert_eq!(of("a<!-->b  c<!--->d  e"), "ab cd e");
        assert_eq!(of("1 < 2  & 3 <4"), "1 < 2 & 3 <4");
        assert_eq!(of("\u{a0}  \u{a0}"), "\u{a0} \u{a0}");
    }

    #[test]
    fn what_counts_stays() {
        for html in [
            "<pre>\n  a  <b>  c</b>\n</pre>",
            "<pre> <pre>  x</pre>  y</pre>",
            "<textarea>  a\n\n <!-- x -->  </textarea>",
            "<script>let a  = \"</p>\";\n\n// <p>  x</script>",
            "<script><!-- a  <script> b  </script>  c</script>",
            "<STYLE>a  {  }</StYlE>",
            "<svg><text>  a  </text></svg>",
            "<!--[if IE]>  <p>  <![endif]-->",
            "<!--# include  -->",
            "<a title='a  > b' href=x  data-y=\"a  b\"\n  z>",
            "<a title=it's>",
            "<!doctype  html>",
            "<?php  x ?>",
            "<p  title=\"  not  ended",
            "<!--  not  ended",
            "<textarea>  not  ended",
            "<pre>  not  ended <b>",
            "</p  >",
        ] {
            assert_eq!(of(html), html);
        }
        assert_eq!(of("<svg />  a  b"), "<svg /> a b");
        assert_eq!(of("<a b=c\"d>  e</a>"), "<a b=c\"d> e</a>");
    }

    proptest! {
        #[test]
        fn it_is_the_same_the_second_time(parts in prop::collection::vec(prop::sample::select(vec![
            " ", "\n", "  ", "a", "b ", "<p>", "</p>", "<pre>", "</pre>", "<b", " x=\"", "\"", "'", "=", ">", "<",
            "<!--", "-->", "<script>", "</script>", "<textarea>", "</textarea>", "<svg>", "<svg/>", "</svg>", "!", "-",
            "é", "/", "<!doctype html>",
        ]), 0..24)) {
            let html = parts.concat();
            let once = of(&html);
            prop_assert_eq!(of(&once), once.clone());
            prop_assert!(once.len() <= html.len());
            let words = |text: &str| text.replace(|c: char| c.is_ascii_whitespace(), "");
            if !html.contains("<!--") {
                prop_assert_eq!(words(&once), words(&html));
            }
        }
    }
}
