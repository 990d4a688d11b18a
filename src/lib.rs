//! Juxta: a static site generator for comparison documentation.
//!
//! ```text
//! read ─▶ parse ─▶ model ─▶ plan ─▶ render ─▶ publish
//!  IO    per file  all pages        per output   IO
//!        pure      pure      pure   pure
//! ```

pub mod base;
pub mod config;

pub mod read;

pub mod code;
pub mod compare;
pub mod parse;

pub mod model;
pub mod search;
pub mod twin;

pub mod images;
pub mod plan;
pub mod render;
pub mod styles;

pub mod store;

pub mod build;
pub mod publish;
pub mod report;
pub mod run;

pub mod cli;
pub mod serve;
