//! What can keep a site from being published.
//!
//! In: the operation, the path, the system's words. Out: one phrase and advice.
//! Must not print.

use std::fmt;
use std::io;
use std::path::Path;

/// An output folder that will not be written to. Nothing has been touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// One phrase, lower-case, without a full stop.
    pub message: String,
    /// Advice.
    pub hint: String,
    /// 2 for a wrong choice of folder, 3 when the machine refused a look at it.
    pub exit_code: u8,
}

impl Refusal {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), exit_code: 2 }
    }

    pub(super) fn machine(operation: &str, path: &Path, error: &io::Error) -> Self {
        Self {
            message: format!("cannot {operation} `{}`: {error}", path.display()),
            hint: "check the permissions of the folder and of those above it".to_owned(),
            exit_code: 3,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

/// A publication that failed. The old site is as it was, unless the hint says
/// that it was being updated in place.
#[derive(Debug)]
pub struct PublishError {
    /// One phrase naming the operation and the path.
    pub message: String,
    /// Advice, if there is any.
    pub hint: Option<String>,
    /// 2 when another folder has to be chosen, 3 when the machine refused.
    pub exit_code: u8,
    source: Option<io::Error>,
}

impl PublishError {
    pub(super) fn io(operation: &str, path: &Path, error: io::Error) -> Self {
        Self {
            message: format!("cannot {operation} `{}`: {error}", path.display()),
            hint: None,
            exit_code: 3,
            source: Some(error),
        }
    }

    pub(super) fn other(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, exit_code: 3, source: None }
    }

    pub(super) fn wrong_folder(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()), exit_code: 2, source: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<Refusal> for PublishError {
    fn from(refusal: Refusal) -> Self {
        let Refusal { message, hint, exit_code } = refusal;
        Self { message, hint: Some(hint), exit_code, source: None }
    }
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PublishError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}
