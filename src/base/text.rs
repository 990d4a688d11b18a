//! Small functions on text: escaping, slugs, near names.
//!
//! In: strings. Out: strings. These are the only functions that escape for
//! HTML and XML; must not know where their output goes beyond its context.

use unicode_normalization::UnicodeNormalization;

/// Appends `text` for HTML or XML text and quoted attribute values: escapes
/// `& < > " '`. Characters that XML forbids are left out.
pub fn escape(out: &mut String, text: &str) {
    let mut last = 0;
    for (i, byte) in text.bytes().enumerate() {
        let replacement = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            0..=8 | 11 | 12 | 14..=31 => "",
            _ => continue,
        };
        out.push_str(&text[last..i]);
        out.push_str(replacement);
        last = i + 1;
    }
    out.push_str(&text[last..]);
}

/// [`escape`] into a new string.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    escape(&mut out, text);
    out
}

/// How names become path segments and anchors (Zola's `[slugify]`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SlugMode {
    /// Lower-case ASCII letters, digits and `-`.
    #[default]
    On,
    /// The text as it is, without what paths cannot hold.
    Safe,
    /// The text as it is.
    Off,
}

/// A slug of `text`. With [`SlugMode::On`] a text in a script that has no
/// ASCII transcription keeps its own letters, so a slug is empty only when
/// the text has no letter and no digit.
pub fn slug(text: &str, mode: SlugMode) -> String {
    match mode {
        SlugMode::On => {
            let ascii = slug::slugify(text);
            if !ascii.is_empty() { ascii } else { native_slug(text) }
        }
        SlugMode::Safe => {
            let kept: String =
                text.chars().filter(|c| !c.is_control() && !"<>:\"/|?*#\\()[]".contains(*c)).collect();
            kept.split_whitespace().collect::<Vec<_>>().join("_").trim_matches('.').to_owned()
        }
        SlugMode::Off => text.to_owned(),
    }
}

/// The anchor of a heading with this text: a [`slug()`] in which, even with
/// [`SlugMode::Off`], no white space is left, since an id cannot hold any.
pub fn anchor(text: &str, mode: SlugMode) -> String {
    match mode {
        SlugMode::Off => text.trim().replace(char::is_whitespace, "_"),
        SlugMode::On | SlugMode::Safe => slug(text, mode),
    }
}

/// A slug that keeps the letters of every script: lower-case letters, marks
/// and digits, everything else a single `-`.
pub fn native_slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfc().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || c == '_' {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

/// The known name nearest to `name`, if one is near enough to be meant:
/// at most a third of its characters differ, or it only differs in case.
///
/// There may be ten thousand known names and as many questions, so names that
/// cannot be near are passed over by what letters they have.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let (length, letters) = (name.chars().count(), letters(&lower));
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let allowed = (length.max(candidate.chars().count()) / 3).max(1);
        let allowed = best.map_or(allowed, |(distance, _)| allowed.min(distance));
        let candidate_lower = candidate.to_lowercase();
        if least_distance(&letters, &self::letters(&candidate_lower)) > allowed {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&lower, &candidate_lower);
        if distance <= allowed && best.is_none_or(|best| (distance, candidate) < best) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How often each letter stands in a text; letters share counts, thirty-two to
/// go round.
fn letters(text: &str) -> [u16; 32] {
    let mut counts = [0_u16; 32];
    for c in text.chars() {
        let count = &mut counts[c as usize % 32];
        *count = count.saturating_add(1);
    }
    counts
}

/// No two texts with these letters are nearer than that.
fn least_distance(one: &[u16; 32], other: &[u16; 32]) -> usize {
    let more = |a: &[u16; 32], b: &[u16; 32]| -> usize {
        a.iter().zip(b).map(|(a, b)| usize::from(a.saturating_sub(*b))).sum()
    };
    more(one, other).max(more(other, one))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn passing_over_names_changes_no_answer(
            name in "[a-cA-C é-]{0,12}",
            known in prop::collection::vec("[a-cA-C é-]{0,12}", 0..12),
        ) {
            let lower = name.to_lowercase();
            let distances = known.iter().map(|candidate| {
                (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate.as_str())
            });
            let near = distances.filter(|(distance, candidate)| {
                *distance <= (name.chars().count().max(candidate.chars().count()) / 3).max(1)
            });
            let expected = near.min().map(|(_, candidate)| candidate);
            prop_assert_eq!(nearest(&name, known.iter().map(String::as_str)), expected);
        }
    }
}
