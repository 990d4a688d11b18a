//! The lock: one build at a time for one output folder.
//!
//! In: the lock file's path. Out: a held lock, or who holds it. The system
//! releases it with the process, however that ends, so a lock file that was
//! left behind locks nothing. Must not know what is locked.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::PublishError;
use super::target::same_file;

/// Between two looks at a lock that someone else holds.
const RETRY: Duration = Duration::from_millis(20);

/// A held lock; dropping it releases it and removes the file.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Waits at most `wait` for another build to end.
    pub(super) fn take(path: &Path, wait: Duration) -> Result<Self, PublishError> {
        let start = Instant::now();
        loop {
            let mut file = open(path).map_err(|error| PublishError::io("create the lock", path, error))?;
            match file.try_lock() {
                // The holder removes the file: what we opened may be the old one.
                Ok(()) if !same_file(&file, path) => continue,
                Ok(()) => {
                    let note = |file: &mut File| {
                        file.set_len(0)?;
                        file.rewind()?;
                        writeln!(file, "{}", std::process::id())
                    };
                    // Only for the other's message; a full disk is met again soon enough.
                    let _ = note(&mut file);
                    return Ok(Self { path: path.to_owned(), _file: file });
                }
                Err(TryLockError::WouldBlock) if start.elapsed() < wait => std::thread::sleep(RETRY),
                Err(TryLockError::WouldBlock) => return Err(busy(&mut file, path, wait)),
                Err(TryLockError::Error(error)) => return Err(PublishError::io("lock", path, error)),
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While still locked, so that nobody else's file is removed.
        let _ = fs::remove_file(&self.path);
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options.open(path)
}

fn busy(file: &mut File, path: &Path, wait: Duration) -> PublishError {
    let mut holder = String::new();
    let _ = file.take(20).read_to_string(&mut holder);
    let who = match holder.trim() {
        "" => "another process".to_owned(),
        pid => format!("process {pid}"),
    };
    PublishError::other(format!(
        "{who} is publishing to the same folder and did not finish within {} s (lock `{}`)",
        wait.as_secs(),
        path.display()
    ))
    .hint("wait for the other build, or give this one another output folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_taker_waits_and_names_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = Lock::take(&path, Duration::ZERO).unwrap();
        let error = Lock::take(&path, Duration::from_millis(30)).unwrap_err();
        assert!(error.message.contains(&format!("process {}", std::process::id())), "{error}");
        drop(first);
        assert!(!path.exists());
        Lock::take(&path, Duration::ZERO).unwrap();
    }

    #[test]
    fn a_file_left_behind_locks_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        fs::write(&path, "4194304999\n").unwrap();
        Lock::take(&path, Duration::ZERO).unwrap();
    }
}
