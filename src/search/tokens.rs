//! Tokens: a text to what can be looked up.
//!
//! The same for the index and for what a reader types. `juxta-search.js` holds
//! the same rules in the same order: change both, `tests/search.rs` compares
//! them.
//!
//! - Letters are folded: compatibility forms, accents, capitals.
//! - What is joined by `.`, `-`, `_`, an apostrophe or by capitals is one word
//!   with parts: `getUserById`, `get_user_by_id` and `get-user.byId` are
//!   `getuserbyid` with `get`, `user`, `by`, `id`.
//! - Versions stay whole: `3.12.1`, without a leading `v`.
//! - `c++` and `c#` are words.
//! - Scripts without spaces (Han, kana, Thai, Lao, Khmer, Burmese) give pairs of
//!   neighbouring characters.
//! - No word is left out and none is stemmed; a query finds what starts with it.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Characters of a token; what is longer is cut.
pub const LONGEST: usize = 32;

/// A word with more parts than this is only its parts.
const MOST_PARTS: usize = 8;

/// One word of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// All of it.
    pub whole: String,
    /// What it is put together of, if of more than one thing.
    pub parts: Vec<String>,
}

/// All words of a text, in order.
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    each_word(text, |word| words.push(word.clone()));
    words
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    Dense,
    Other,
}

fn class(c: char) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() { Class::Word } else { Class::Other };
    }
    match c {
        '\u{e00}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{3096}'
        | '\u{309d}'..='\u{309f}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => Class::Dense,
        c if c.is_alphanumeric() || is_combining_mark(c) => Class::Word,
        _ => Class::Other,
    }
}

/// Compatibility forms and accents folded; capitals stay, they part words.
fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfkd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).nfc().collect())
}

fn push_lower(out: &mut String, text: &str) {
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
            continue;
        }
        match c {
            'ß' | 'ẞ' => out.push_str("ss"),
            'æ' | 'Æ' => out.push_str("ae"),
            'œ' | 'Œ' => out.push_str("oe"),
            'ø' | 'Ø' => out.push('o'),
            'đ' | 'Đ' => out.push('d'),
            'ł' | 'Ł' => out.push('l'),
            'ı' => out.push('i'),
            'ς' => out.push('σ'),
            c => out.extend(c.to_lowercase()),
        }
    }
}

fn cut(token: &mut String) {
    if token.len() > LONGEST
        && let Some((at, _)) = token.char_indices().nth(LONGEST)
    {
        token.truncate(at);
    }
}

/// The word that is being put together.
#[derive(Default)]
struct Chain {
    word: Word,
    /// Parts in use; the rest of the list is room to write in.
    used: usize,
    pieces: usize,
    /// Every piece starts with a digit, and all are joined by dots.
    is_version: bool,
}

impl Chain {
    fn part(&mut self, text: &str) {
        if self.used == self.word.parts.len() {
            self.word.parts.push(String::new());
        }
        let part = &mut self.word.parts[self.used];
        part.clear();
        push_lower(part, text);
        self.used += 1;
    }

    /// Takes a run of letters and digits apart at its capitals.
    fn piece(&mut self, text: &str, joiner: Option<char>) {
        let is_number = text.starts_with(|c: char| c.is_ascii_digit());
        let is_v = self.pieces == 0
            && text.len() > 1
            && text.starts_with(['v', 'V'])
            && text[1..].bytes().all(|b| b.is_ascii_digit());
        self.is_version =
            (is_number || is_v) && (self.pieces == 0 || (self.is_version && joiner == Some('.')));
        self.pieces += 1;
        let mut start = 0;
        let mut before: Option<bool> = None;
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let is_upper = c.is_uppercase();
            let mut next_is_lower = || chars.peek().is_some_and(|(_, next)| next.is_lowercase());
            if is_upper && (before == Some(false) || (before == Some(true) && next_is_lower())) {
                self.part(&text[start..at]);
                start = at;
            }
            before = Some(is_upper);
        }
        self.part(&text[start..]);
    }

    fn end(&mut self, each: &mut impl FnMut(&Word), after: &str) {
        let word = &mut self.word;
        word.whole.clear();
        let mut parts = std::mem::take(&mut word.parts);
        let room = parts.split_off(self.used);
        if self.is_version && self.pieces > 1 {
            word.whole.push_str(&parts.join("."));
            if word.whole.starts_with('v') {
                word.whole.remove(0);
            }
            parts.clear();
        } else if parts.len() > MOST_PARTS {
            for part in &parts {
                word.whole.clear();
                word.whole.push_str(part);
                cut(&mut word.whole);
                each(word);
            }
            parts.clear();
            word.whole.clear();
        } else if parts.len() > 1 {
            word.whole.extend(parts.iter().map(String::as_str));
            parts.iter_mut().for_each(cut);
        } else if let Some(part) = parts.first_mut() {
            let is_end = |rest: &str| !rest.starts_with(|c: char| c == '_' || class(c) != Class::Other);
            word.whole.push_str(part);
            if after.strip_prefix("++").is_some_and(is_end) {
                word.whole.push_str("++");
            } else if part.len() == 1
                && part.as_bytes()[0].is_ascii_lowercase()
                && after.strip_prefix('#').is_some_and(is_end)
            {
                word.whole.push('#');
            } else {
                parts.clear();
            }
        }
        cut(&mut word.whole);
        word.parts = parts;
        if !word.whole.is_empty() {
            each(word);
        }
        word.parts.extend(room);
        self.used = 0;
        self.pieces = 0;
        self.is_version = false;
    }
}

/// Calls `each` with every word of a text, in order.
pub fn each_word(text: &str, mut each: impl FnMut(&Word)) {
    let text = &*folded(text);
    let mut chain = Chain::default();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match class(c) {
            Class::Other => at += c.len_utf8(),
            Class::Dense => {
                let end = end_of(text, at, Class::Dense);
                pairs(&text[at..end], &mut each);
                at = end;
            }
            Class::Word => {
                let mut joiner = None;
                loop {
                    let end = end_of(text, at, Class::Word);
                    chain.piece(&text[at..end], joiner);
                    at = end;
                    // On with what is joined to it.
                    let rest = &text[end..];
                    let by = match rest.chars().next() {
                        Some('_') => rest.len() - rest.trim_start_matches('_').len(),
                        Some(c @ ('.' | '-' | '\'' | '\u{2019}' | '\u{2010}')) => c.len_utf8(),
                        _ => break,
                    };
                    if !rest[by..].starts_with(|c: char| class(c) == Class::Word) {
                        break;
                    }
                    joiner = rest.chars().next();
                    at = end + by;
                }
                chain.end(&mut each, &text[at..]);
            }
        }
    }
}

fn end_of(text: &str, from: usize, wanted: Class) -> usize {
    text[from..].find(|c: char| class(c) != wanted).map_or(text.len(), |i| from + i)
}

fn pairs(run: &str, each: &mut impl FnMut(&Word)) {
    let mut word = Word::default();
    let starts: Vec<usize> = run.char_indices().map(|(i, _)| i).collect();
    for (n, start) in starts.iter().enumerate() {
        let end = starts.get(n + 2).copied().unwrap_or(run.len());
        if n > 0 && n + 1 == starts.len() {
            break;
        }
        word.whole.clear();
        push_lower(&mut word.whole, &run[*start..end]);
        each(&word);
    }
}
