//! Inputs: files besides its own that a body takes text from.
//!
//! In: paths that an author wrote. Out: texts. Parsing stays pure: who calls it
//! says where texts come from, and notes which were asked for.

use std::sync::Arc;

use crate::base::paths::FilePath;
use crate::base::source::Source;

/// Gives texts of files.
pub trait Inputs {
    /// The text of a file below the project root.
    fn text(&self, path: &FilePath) -> Result<Arc<Source>, InputError>;
}

/// Why there is no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    /// What is wrong with the file, as the end of a phrase: `there is no such file`.
    pub message: String,
    /// A file that may be meant.
    pub near: Option<String>,
}

/// No files at all, for text that is in none.
pub struct NoInputs;

impl Inputs for NoInputs {
    fn text(&self, _: &FilePath) -> Result<Arc<Source>, InputError> {
        Err(InputError { message: "nothing can be included here".to_owned(), near: None })
    }
}
