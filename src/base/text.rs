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

/// The anchor of a heading with this text: a [`slug`] in which, even with
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
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let length = name.chars().count();
    known
        .into_iter()
        .filter_map(|candidate| {
            let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
            (distance <= (length.max(candidate.chars().count()) / 3).max(1)).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}
