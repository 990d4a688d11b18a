//! Read: the only door to the project's files.

pub mod data;
pub mod files;
