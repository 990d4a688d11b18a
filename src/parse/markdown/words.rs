//! Words: how many there are in a text.
//!
//! In: pieces of running text, in order. Out: how many words begin in each. A
//! word is a run of letters and digits, with apostrophes, periods, commas and
//! `_` inside; in scripts written without blanks each character is one, as in
//! the word counts of editors.

/// Words that begin in `text`. `in_word` says, and is left saying, whether the
/// text is in the middle of one at its border.
pub(super) fn count(text: &str, in_word: &mut bool) -> usize {
    let mut words = 0;
    let mut inside = *in_word;
    if text.is_ascii() {
        let mut state = u8::from(inside);
        for byte in text.bytes() {
            let kind = KINDS[usize::from(byte)];
            words += usize::from(kind & WORD & !state);
            state = (kind & WORD) | ((kind >> 1) & state);
        }
        inside = state != 0;
    } else {
        for c in text.chars() {
            if stands_alone(c) {
                words += 1;
                inside = false;
            } else if c.is_alphanumeric() {
                words += usize::from(!inside);
                inside = true;
            } else {
                inside &= joins(c);
            }
        }
    }
    *in_word = inside;
    words
}

const WORD: u8 = 1;
const JOINS: u8 = 2;

/// What each ASCII character is. A table and no branch, for this is asked of
/// every byte of every page.
const KINDS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            table[byte] = WORD;
        } else if joins(byte as u8 as char) {
            table[byte] = JOINS;
        }
        byte += 1;
    }
    table
};

const fn joins(c: char) -> bool {
    matches!(c, '\'' | '’' | '.' | ',' | '_')
}

/// Kana, Han and Hangul.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_across_pieces() {
        let mut in_word = false;
        assert_eq!(count("it's 3.5 six-se", &mut in_word), 4);
        assert_eq!(count("ven naïve 日本", &mut in_word), 3);
        assert!(!in_word);
    }
}
