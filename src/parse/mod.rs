//! Parse: one file at a time, pure, never failing.
//!
//! In: the bytes of one content file and the options. Out: front matter, a
//! document and problems. Must not know other files.

pub mod front_matter;
pub mod markdown;
