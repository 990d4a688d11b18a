//! What several tests need.

pub(crate) mod html;
pub(crate) mod markdown;
pub(crate) mod pathological;
