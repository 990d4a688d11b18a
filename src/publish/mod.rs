//! Publish: rendered bytes to an output folder, all or nothing.
//!
//! In: pairs of output path and bytes, in any order, from several threads. Out:
//! the output folder, changed in one step, or left exactly as it was. Must not
//! know what the bytes mean. With `read`, the only part of the pipeline that
//! touches the disk.
//!
//! 1. [`judge`] refuses an output folder that is not ours, before anything is
//!    read.
//! 2. [`begin`] takes the lock beside it, clears what a dead process left
//!    behind and reads the list of what the last build wrote.
//! 3. [`Publication::add`] compares each output with the old site and writes
//!    what differs to a staging folder on the same file system.
//! 4. [`Publication::commit`] puts it in place:
//!
//! | old site | step |
//! |---|---|
//! | the same | nothing is touched |
//! | one file differs | that file is renamed into place |
//! | none | staging is renamed to the output folder |
//! | ours alone | unchanged files are hard-linked into staging, then both folders are exchanged in one step |
//! | with files of others, or no exchange here | updated in place, each file by a rename, in an order in which no page comes before what it shows |
//!
//! Beside an output folder `public` there may be `.public.juxta-new` (staging,
//! or the old site while it is being removed) and `.public.juxta-lock`; both
//! are gone when a publication ends, or cleared by the next one.
#![expect(clippy::disallowed_methods, reason = "the edge where outputs are written")]

mod commit;
mod error;
mod lock;
mod marker;
mod stage;
mod state;
mod target;

pub use error::{PublishError, Refusal};
pub use marker::MARKER;
pub use stage::{Options, Publication, begin, begin_with};
pub use state::state;
pub use target::{Origin, Target, judge};

/// What a publication did. Counts leave out our own marker file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Published {
    /// Files that are new or have new bytes.
    pub written: usize,
    /// Files that were left as they were, modification time included.
    pub unchanged: usize,
    /// Files of the last build that this one does not have.
    pub removed: usize,
    /// Bytes in the written files.
    pub bytes_written: u64,
    /// Bytes in all files of the site.
    pub bytes_total: u64,
}
