//! Staging: what differs from the old site is written beside it.
//!
//! In: outputs, from many threads. Out: a staging folder that holds the new and
//! changed ones, and a list of all. Nothing in the output folder is changed
//! here. Must not know how the new site is put in place.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use super::error::PublishError;
use super::lock::Lock;
use super::marker::{MARKER, Marker, NEW_MARKER, Stamp, State};
use super::target::{Contents, Target, inspect, read_marker};
use super::{Published, commit};
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::OutputPath;

/// Files open at one time, whatever the number of threads; the rest up to 64
/// is left to others.
const OPEN_FILES: usize = 48;

/// How to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How long to wait for another build of the same folder.
    pub lock_wait: Duration,
    /// Flush the file system before the new site is put in place. Needed only
    /// against a loss of power or a crash of the system; the end of this
    /// process, by whatever signal, cannot hurt what it has written. Off, for
    /// the flush waits for everything that any program has written there.
    pub durable: bool,
    /// Never exchange folders: for a folder that something holds on to by
    /// identity, such as a container it is mounted into. Readers may then see
    /// pages of both sites during the update, though each page is whole.
    pub in_place: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { lock_wait: Duration::from_secs(10), durable: false, in_place: false }
    }
}

/// What became of one output.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Record {
    pub(super) path: String,
    pub(super) fate: Fate,
    pub(super) size: u64,
    pub(super) fingerprint: Fingerprint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// The old site has the same bytes.
    Unchanged,
    /// It is in staging.
    Staged,
}

/// The old site.
#[derive(Debug)]
pub(super) struct Old {
    pub(super) marker: Marker,
    /// When the marker was written. A file that is as old or newer may have
    /// been changed by hand since.
    written: SystemTime,
}

/// A site being published. Dropping it instead of committing abandons it: the
/// old site stays as it was, and nothing is left beside it.
#[derive(Debug)]
pub struct Publication {
    pub(super) target: Target,
    pub(super) site_id: String,
    pub(super) options: Options,
    /// `None` when the output folder is missing or empty.
    pub(super) old: Option<Old>,
    pub(super) records: Mutex<Vec<Record>>,
    /// Folders made in staging; `""` is staging itself.
    folders: RwLock<HashSet<Box<str>>>,
    gate: Gate,
    /// Bytes that were to be written so far.
    asked: AtomicU64,
    /// Folders made above the output folder, outermost first.
    made: Vec<PathBuf>,
    lock: Option<Lock>,
}

/// [`begin_with`] with the default options.
pub fn begin(target: &Target, site_id: &str) -> Result<Publication, PublishError> {
    begin_with(target, site_id, Options::default())
}

/// Takes the lock beside the output folder, waiting for another build to end,
/// and clears what a dead one left behind. `site_id` tells this site from
/// others and must stay the same from build to build: a folder with another
/// one is refused. It has to be one line of text.
pub fn begin_with(target: &Target, site_id: &str, options: Options) -> Result<Publication, PublishError> {
    let made = make_parents(&target.folder)?;
    let mut publication = Publication {
        target: target.clone(),
        site_id: site_id.to_owned(),
        options,
        old: None,
        records: Mutex::default(),
        folders: RwLock::default(),
        gate: Gate::default(),
        asked: AtomicU64::new(0),
        made,
        lock: None,
    };
    publication.lock = Some(Lock::take(&target.lock, options.lock_wait)?);
    // Only now, for another build may just have ended.
    target.check_site(site_id)?;
    clear(&target.staging, &target.folder)?;
    if let Contents::Ours(_) = inspect(&target.folder, &target.shown)? {
        let (marker, written) = read_marker(target)?;
        publication.old = Some(Old { marker, written });
    }
    Ok(publication)
}

impl Publication {
    /// Takes one output. Each path may come once; order and thread do not
    /// matter. Bytes that the old site has are not written.
    pub fn add(&self, path: &OutputPath, bytes: &[u8]) -> Result<(), PublishError> {
        let path = path.as_str();
        check_name(path)?;
        let (size, fingerprint) = (bytes.len() as u64, Fingerprint::of(bytes));
        let fate = if self.is_published(path, size, fingerprint) {
            Fate::Unchanged
        } else {
            self.stage(path, bytes)?;
            Fate::Staged
        };
        locked(&self.records).push(Record { path: path.to_owned(), fate, size, fingerprint });
        Ok(())
    }

    /// Puts the new site in place. On an error the old one is as it was, except
    /// as the error says.
    pub fn commit(self) -> Result<Published, PublishError> {
        commit::commit(&self)
    }

    /// Whether the file in the output folder has these bytes. Files older than
    /// the marker are as it says if their size is right; others are read.
    fn is_published(&self, path: &str, size: u64, fingerprint: Fingerprint) -> bool {
        let Some(old) = &self.old else { return false };
        let stamp = old.marker.files.get(path);
        let file = self.target.folder.join(path);
        let Ok(metadata) = fs::symlink_metadata(&file) else { return false };
        if !metadata.is_file() || metadata.len() != size {
            return false;
        }
        let untouched = metadata.modified().is_ok_and(|modified| modified < old.written);
        match stamp {
            Some(stamp) if untouched && old.marker.state == State::Complete => {
                *stamp == Stamp { size, fingerprint }
            }
            _ => {
                let _open = self.gate.enter();
                fs::read(&file).is_ok_and(|bytes| Fingerprint::of(&bytes) == fingerprint)
            }
        }
    }

    fn stage(&self, path: &str, bytes: &[u8]) -> Result<(), PublishError> {
        self.asked.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.make_folder(path.rsplit_once('/').map_or("", |(folder, _)| folder))?;
        let file = self.target.staging.join(path);
        let _open = self.gate.enter();
        let write = || File::create_new(&file)?.write_all(bytes);
        write().map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => twice(path),
            _ => self.out_of_space(&format!("write {} bytes to", bytes.len()), &file, error),
        })
    }

    /// Makes a folder in staging, and those above it, once.
    pub(super) fn make_folder(&self, folder: &str) -> Result<(), PublishError> {
        {
            let known = self.folders.read().unwrap_or_else(PoisonError::into_inner);
            if known.contains(folder) {
                return Ok(());
            }
            if !known.contains("") {
                drop(known);
                self.make_staging()?;
            }
        }
        let path = self.target.staging.join(folder);
        match fs::create_dir(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.is_empty() => {
                self.make_folder(folder.rsplit_once('/').map_or("", |(parent, _)| parent))?;
                match fs::create_dir(&path) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                        return Err(self.out_of_space("create the folder", &path, error));
                    }
                    _ => {}
                }
            }
            Err(error) => return Err(self.out_of_space("create the folder", &path, error)),
        }
        self.folders.write().unwrap_or_else(PoisonError::into_inner).insert(folder.into());
        Ok(())
    }

    /// The staging folder, with a marker before anything else is in it, so that
    /// it is known for ours whenever this process ends.
    fn make_staging(&self) -> Result<(), PublishError> {
        let mut known = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        if known.contains("") {
            return Ok(());
        }
        let staging = &self.target.staging;
        fs::create_dir(staging).map_err(|error| self.out_of_space("create the folder", staging, error))?;
        let marker = staging.join(MARKER);
        fs::write(&marker, Marker::new(&self.site_id, State::Staging).text())
            .map_err(|error| self.out_of_space("write", &marker, error))?;
        known.insert("".into());
        Ok(())
    }

    /// Writes a marker into staging under its temporary name.
    pub(super) fn write_marker(&self, marker: &Marker) -> Result<PathBuf, PublishError> {
        self.make_folder("")?;
        let path = self.target.staging.join(NEW_MARKER);
        let text = marker.text();
        fs::write(&path, &text)
            .map_err(|error| self.out_of_space(&format!("write {} bytes to", text.len()), &path, error))?;
        Ok(path)
    }

    /// An error that says how much room is needed when there is too little.
    pub(super) fn out_of_space(&self, operation: &str, path: &Path, error: io::Error) -> PublishError {
        let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        let failed = PublishError::io(operation, path, error);
        if !full {
            return failed;
        }
        let asked = self.asked.load(Ordering::Relaxed);
        failed.hint(format!(
            "the new site is written beside the old one and needs at least {asked} bytes there; the old site \
             is unchanged"
        ))
    }

    /// The new site's marker; an error when a path came twice or is a folder too.
    pub(super) fn marker(&self, state: State, records: &[Record]) -> Result<Marker, PublishError> {
        let stamp = |record: &Record| {
            let Record { path, fate: _, size, fingerprint } = record;
            (path.clone(), Stamp { size: *size, fingerprint: *fingerprint })
        };
        let files: BTreeMap<String, Stamp> = records.iter().map(stamp).collect();
        if files.len() != records.len() {
            let double = records.windows(2).find(|pair| pair[0].path == pair[1].path);
            return Err(double
                .map_or_else(|| PublishError::other("an output came twice"), |pair| twice(&pair[0].path)));
        }
        let marker = Marker { site: Some(self.site_id.clone()), state, files };
        if let Some(both) = marker.folders().into_iter().find(|folder| marker.files.contains_key(*folder)) {
            return Err(PublishError::other(format!("output `{both}` is both a file and a folder")));
        }
        Ok(marker)
    }
}

impl Drop for Publication {
    fn drop(&mut self) {
        // After a commit there is nothing left to clear. What cannot be
        // cleared now is cleared by the next publication.
        if self.lock.is_some() {
            let _ = clear(&self.target.staging, &self.target.folder);
        }
        self.lock = None;
        for folder in self.made.iter().rev() {
            // Stays when it holds the output folder.
            let _ = fs::remove_dir(folder);
        }
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn twice(path: &str) -> PublishError {
    PublishError::other(format!("output `{path}` was written twice"))
}

fn check_name(path: &str) -> Result<(), PublishError> {
    if path.is_empty() || path.chars().any(char::is_control) {
        return Err(PublishError::other(format!("output {path:?} has a name that cannot be published")));
    }
    if path == MARKER || path == NEW_MARKER {
        return Err(PublishError::other(format!(
            "output `{path}` has the name of Juxta's own list of files"
        )));
    }
    Ok(())
}

/// Makes the folders above the output folder; which ones, outermost first.
fn make_parents(folder: &Path) -> Result<Vec<PathBuf>, PublishError> {
    let above = folder.ancestors().skip(1);
    let mut missing: Vec<PathBuf> = above.take_while(|path| !path.exists()).map(Path::to_owned).collect();
    missing.reverse();
    for (i, path) in missing.iter().enumerate() {
        match fs::create_dir(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                for made in missing[..i].iter().rev() {
                    let _ = fs::remove_dir(made);
                }
                return Err(PublishError::io("create the folder", path, error));
            }
            _ => {}
        }
    }
    Ok(missing)
}

/// Removes a staging folder: one that was never published as a whole, an old
/// site file by file. What is not ours in an old site goes back to `folder`.
pub(super) fn clear(staging: &Path, folder: &Path) -> Result<(), PublishError> {
    let metadata = match fs::symlink_metadata(staging) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(PublishError::io("look at", staging, error)),
    };
    let not_ours = || {
        PublishError::wrong_folder(
            format!("`{}` is in the way: Juxta did not make it", staging.display()),
            "move it away",
        )
    };
    if !metadata.is_dir() {
        return Err(not_ours());
    }
    match fs::read_to_string(staging.join(MARKER)) {
        Ok(text) => match Marker::parse(&text) {
            Ok(Marker { state: State::Staging, .. }) => {
                fs::remove_dir_all(staging).map_err(|error| PublishError::io("remove", staging, error))
            }
            Ok(marker) => commit::remove_site(staging, &marker, folder),
            Err(_) => Err(not_ours()),
        },
        // Empty, or not ours.
        Err(_) => fs::remove_dir(staging).map_err(|_| not_ours()),
    }
}

/// Lets a limited number of threads have a file open.
#[derive(Debug, Default)]
struct Gate {
    open: Mutex<usize>,
    left: Condvar,
}

struct Open<'a>(&'a Gate);

impl Gate {
    fn enter(&self) -> Open<'_> {
        let mut open = locked(&self.open);
        while *open >= OPEN_FILES {
            open = self.left.wait(open).unwrap_or_else(PoisonError::into_inner);
        }
        *open += 1;
        Open(self)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        *locked(&self.0.open) -= 1;
        self.0.left.notify_one();
    }
}
