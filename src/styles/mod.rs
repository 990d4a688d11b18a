//! Styles: Sass to CSS, and CSS to less of it, in fewer files.
//!
//! In: a style sheet, a way to read what it names. Out: CSS, or what is wrong
//! and where. The same text gives the same bytes. Must not know where files
//! are, nor who asks.

pub mod bundle;
pub mod css;
pub mod sass;
