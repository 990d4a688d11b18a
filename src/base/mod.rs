//! Ground: values every stage speaks in, with no knowledge of sites.
//!
//! Nothing here reads a file, a clock or the environment, and nothing here
//! knows what a page or a template is.

pub mod changes;
pub mod date;
pub mod decode;
pub mod diagnostic;
pub mod fingerprint;
pub mod html;
pub mod keys;
pub mod paths;
pub mod reads;
pub mod records;
pub mod runs;
pub mod source;
pub mod table;
pub mod text;
