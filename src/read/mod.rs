//! Read: the only door to the project's files.

pub mod files;
