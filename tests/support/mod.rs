//! What several tests need.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod golden;
pub(crate) mod html;
pub(crate) mod links;
pub(crate) mod markdown;
pub(crate) mod memory;
pub(crate) mod pathological;
pub(crate) mod site;
