//! Read: the only door to the project's files.

pub mod disk;
pub mod files;
