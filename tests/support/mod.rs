//! What several tests need.

pub mod html;
pub mod markdown;
