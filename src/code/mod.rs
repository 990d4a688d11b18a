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

use std::ops::Range;

use crate::base::diagnostic::Severity;

/// What became of a fence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FenceOutcome {
    /// The language as written, lower-case; empty when there is none.
    pub language: String,
    /// Ids written into the HTML.
    pub ids: Vec<String>,
    /// What is wrong with it.
    pub problems: Vec<CodeProblem>,
}

/// Something wrong with a fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeProblem {
    /// Stable, kebab-case.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One phrase.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Advice.
    pub hints: Vec<String>,
}

/// A place in a fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Bytes of the info string.
    Info(Range<usize>),
    /// Bytes of the code.
    Text(Range<usize>),
}

/// Appends the HTML of one fence: plain for now.
pub fn fence_html(out: &mut String, text: &str, info: &str, _options: &CodeOptions) -> FenceOutcome {
    let language = info.split_ascii_whitespace().next().unwrap_or("");
    out.push_str("<pre><code");
    if !language.is_empty() {
        out.push_str(" class=\"language-");
        crate::base::text::escape(out, language);
        out.push('"');
    }
    out.push('>');
    crate::base::text::escape(out, text);
    out.push_str("</code></pre>");
    FenceOutcome { language: language.to_lowercase(), ..FenceOutcome::default() }
}
