//! Bare addresses: `www.`, `http://`, `https://` and mail addresses in text.
//!
//! In: a text and the place of a sign in it that may belong to an address.
//! Out: the range of the address, as the GFM specification 0.29 draws it. Must
//! not know links or HTML.

use std::ops::Range;

/// Kinds of bare address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `www.example.org`: gets `http://` in front.
    Www,
    /// `https://example.org`.
    Scheme,
    /// `a@example.org`: gets `mailto:` in front.
    Mail,
}

/// An address with `www.` whose first period is at `period`; nothing before
/// `from` may belong to it. `before` gives the byte in front of a place in the
/// source.
pub(super) fn www(
    text: &str,
    period: usize,
    from: usize,
    before: impl Fn(usize) -> Option<u8>,
) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let start = period.checked_sub(3).filter(|start| *start >= from)?;
    if !bytes[start..period].eq_ignore_ascii_case(b"www") {
        return None;
    }
    let allowed = |b: u8| b.is_ascii_whitespace() || matches!(b, b'*' | b'_' | b'~' | b'(');
    if !before(start).is_none_or(allowed) {
        return None;
    }
    let host = host_length(&bytes[start..], true)?;
    Some(start..start + extend(&bytes[start..], host))
}

/// An address whose scheme's colon is at `colon`; nothing before `from` may
/// belong to it. `before` gives the byte in front of a place in the source.
pub(super) fn scheme(
    text: &str,
    colon: usize,
    from: usize,
    before: impl Fn(usize) -> Option<u8>,
) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    if !bytes[colon..].starts_with(b"://") {
        return None;
    }
    let head = &bytes[from..colon];
    let length = [&b"https"[..], b"http"]
        .iter()
        .find(|name| head.len() >= name.len() && head[head.len() - name.len()..].eq_ignore_ascii_case(name))?
        .len();
    let start = colon - length;
    if before(start).is_some_and(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let host = host_length(&bytes[colon + 3..], false)?;
    Some(start..colon + 3 + extend(&bytes[colon + 3..], host))
}

/// A mail address whose `@` is at `at`; nothing before `from` may belong to it.
pub(super) fn mail(text: &str, at: usize, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let local = bytes[from..at]
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+'))
        .count();
    if local == 0 {
        return None;
    }
    let mut end = at + 1;
    let mut periods = 0;
    while let Some(&byte) = bytes.get(end) {
        match byte {
            b'.' if bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric) => periods += 1,
            b'-' | b'_' => {}
            _ if byte.is_ascii_alphanumeric() => {}
            _ => break,
        }
        end += 1;
    }
    let last = bytes[end - 1];
    // An address directly before another `@` is none of the two.
    let valid = periods > 0 && last.is_ascii_alphanumeric() && bytes.get(end) != Some(&b'@');
    valid.then(|| at - local..end)
}

/// Length of the host name at the start: parts of letters, digits, `-` and `_`
/// with periods between, no `_` in the last two parts. With `dotted`, at least
/// one period is wanted.
fn host_length(bytes: &[u8], dotted: bool) -> Option<usize> {
    let mut underscores = [0, 0];
    let mut periods = 0;
    let mut length = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        match byte {
            b'_' => underscores[1] += 1,
            b'.' => {
                // A period at the end ends the sentence, not the name.
                if !bytes.get(i + 1).is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80) {
                    break;
                }
                underscores = [underscores[1], 0];
                periods += 1;
            }
            b'-' => {}
            _ if byte.is_ascii_alphanumeric() || byte >= 0x80 => {}
            _ => break,
        }
        length = i + 1;
    }
    let valid = length > 0 && underscores == [0, 0] && (periods > 0 || !dotted);
    valid.then_some(length)
}

/// The whole length of an address whose host has that length: everything up to
/// a blank or `<`, less what closes the sentence around it.
fn extend(bytes: &[u8], host: usize) -> usize {
    let mut end = host;
    while let Some(byte) = bytes.get(end) {
        if byte.is_ascii_whitespace() || *byte == b'<' {
            break;
        }
        end += 1;
    }
    let count = |sign: u8| bytes[..end].iter().filter(|b| **b == sign).count();
    let mut surplus = count(b')').saturating_sub(count(b'('));
    while end > host {
        match bytes[end - 1] {
            b'?' | b'!' | b'.' | b',' | b':' | b'*' | b'_' | b'~' | b'\'' | b'"' => end -= 1,
            b')' if surplus > 0 => {
                surplus -= 1;
                end -= 1;
            }
            b';' => {
                let name =
                    bytes[host..end - 1].iter().rev().take_while(|b| b.is_ascii_alphanumeric()).count();
                let ampersand = (end - 1 - name).checked_sub(1).filter(|at| *at >= host);
                match ampersand {
                    Some(at) if name > 0 && bytes[at] == b'&' => end = at,
                    _ => break,
                }
            }
            _ => break,
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_around_an_address_is_left_out() {
        let found = |text: &str| scheme(text, 4, 0, |_| None).map(|range| text[range].to_owned());
        assert_eq!(found("http://a.b/c).").as_deref(), Some("http://a.b/c"));
        assert_eq!(found("http://a.b/(c).").as_deref(), Some("http://a.b/(c)"));
        assert_eq!(found("http://a.b/c&hl;").as_deref(), Some("http://a.b/c"));
        assert_eq!(found("http://a_b.c_d").as_deref(), None);
        assert_eq!(found("http://").as_deref(), None);
    }

    #[test]
    fn mail_addresses_end_with_a_letter_or_digit() {
        let found = |text: &str| mail(text, text.find('@').unwrap(), 0).map(|r| text[r].to_owned());
        assert_eq!(found("x a.b+c@d.ef.").as_deref(), Some("a.b+c@d.ef"));
        assert_eq!(found("a@b-c.d_").as_deref(), None);
        assert_eq!(found("a@b").as_deref(), None);
    }
}
