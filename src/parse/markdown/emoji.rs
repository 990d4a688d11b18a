//! Emoji: `:rocket:` to 🚀.
//!
//! In: a text and the place of a colon. Out: the character and where the short
//! code ends. The names are GitHub's.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_known_name_between_colons() {
        assert_eq!(short_code("a :+1:b", 2), Some(("👍", 6)));
        assert_eq!(short_code("12:30:45", 2), None);
        assert_eq!(short_code(":rocket", 0), None);
        assert_eq!(short_code("::", 0), None);
    }
}
