//! Code: a fence's text and info string to coloured, marked-up HTML.
//!
//! In: text, language, options. Out: tokens, HTML and problems. Pure: the
//! result depends on the arguments alone, so it can be kept by content. Must
//! not know pages, templates or the site. Colours are not in the HTML: tokens
//! carry a [`Kind`], kinds have short classes, and the style sheets made from a
//! theme give classes their colours.

/// What the engine is asked for; a part of every page's parse key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CodeOptions {
    /// Colour code at all.
    pub highlight: bool,
    /// An unknown language is an error, not a warning.
    pub error_on_missing_language: bool,
    /// Line numbers on every fence that does not say otherwise.
    pub line_numbers: bool,
}
