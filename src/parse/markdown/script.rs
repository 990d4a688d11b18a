//! Sub- and superscript within words: `H~2~O`, `x^2^`.
//!
//! In: a text and the place of a sign in it. Out: the range up to the sign
//! that ends the script. pulldown-cmark knows these signs only at the borders
//! of words, where they are not needed most. Must not know HTML.

use std::ops::Range;

/// Longest script, in bytes.
const LONGEST: usize = 64;

/// The script whose first sign is at `at`, both signs included: at least one
/// character, no blank, one sign at each end.
pub(super) fn inside_word(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let sign = bytes[at];
    if at.checked_sub(1).is_some_and(|before| bytes[before] == sign) {
        return None;
    }
    let rest = &bytes[at + 1..];
    let length = rest.iter().take(LONGEST).take_while(|b| **b != sign && !b.is_ascii_whitespace()).count();
    let closed = rest.get(length) == Some(&sign) && rest.get(length + 1) != Some(&sign);
    (length > 0 && closed).then(|| at..at + length + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_has_no_blanks_and_single_signs() {
        assert_eq!(inside_word("H~2~O", 1), Some(1..4));
        assert_eq!(inside_word("a ~ b ~", 2), None);
        assert_eq!(inside_word("a~~b~~", 1), None);
        assert_eq!(inside_word("a~~b~~", 2), None);
        assert_eq!(inside_word("x^2", 1), None);
    }
}
