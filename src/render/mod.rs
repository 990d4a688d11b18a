//! Render: one job of the plan to the bytes of one output.
//!
//! In: the site, its bodies, the templates of all layers. Out: bytes, what was
//! read, problems. Pure but for the data files and hashed assets that template
//! functions read through [`Files`](crate::read::files::Files). Must not know
//! where the bytes go.

pub mod asked;
pub mod assets;
pub mod budget;
pub mod compare;
pub mod content;
pub mod environment;
pub mod errors;
pub mod expand;
pub mod filters;
pub mod functions;
pub mod images;
mod languages;
mod minify;
pub mod outputs;
pub mod parts;
pub mod place;
pub mod renew;
pub mod scope;
pub mod shared;
pub mod styles;
pub mod values;
mod words;

use crate::base::diagnostic::Diagnostic;
use crate::base::paths::OutputPath;
use crate::base::reads::Reads;

/// One rendered output.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Where it belongs.
    pub output: OutputPath,
    /// What belongs there.
    pub bytes: std::sync::Arc<[u8]>,
    /// What it was made from.
    pub reads: Reads,
    /// What was wrong; when any of it is an error the bytes are incomplete.
    pub problems: Vec<Diagnostic>,
}
