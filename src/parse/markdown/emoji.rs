//! Emoji: `:rocket:` to 🚀.
//!
//! In: a text and the place of a colon. Out: the character and where the short
//! code ends. The names are GitHub's.

use std::borrow::Cow;

/// Longest short code looked for, colons left out.
const LONGEST: usize = 48;

/// The emoji whose short code's first colon is at `at`, and the end of the code.
pub(super) fn short_code(text: &str, at: usize) -> Option<(&'static str, usize)> {
    let rest = text.as_bytes().get(at + 1..)?;
    let length = rest
        .iter()
        .take(LONGEST)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'+' | b'-'))
        .count();
    if length == 0 || rest.get(length) != Some(&b':') {
        return None;
    }
    let emoji = emojis::get_by_shortcode(&text[at + 1..at + 1 + length])?;
    Some((emoji.as_str(), at + 2 + length))
}

/// The text with all its short codes replaced.
pub(super) fn replace(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut last = 0;
    let mut from = 0;
    while let Some(at) = text[from..].find(':').map(|i| from + i) {
        if let Some((emoji, end)) = short_code(text, at) {
            out.push_str(&text[last..at]);
            out.push_str(emoji);
            last = end;
            from = end;
        } else {
            from = at + 1;
        }
    }
    if last == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[last..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_codes_stay() {
        assert_eq!(replace("a :rocket::+1: 12:30:45 :nope:"), "a 🚀👍 12:30:45 :nope:");
    }
}
