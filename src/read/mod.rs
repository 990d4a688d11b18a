//! Read: the only door to the project's files.
//!
//! In: paths below the project root. Out: bytes, listings, layers of a theme,
//! parsed data. Must not know what a page is.

pub mod files;
pub mod snapshot;

pub mod disk;
pub mod recording;

pub mod data;
pub mod discover;
pub mod theme;
