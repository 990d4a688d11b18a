//! The author's files on disk.
//!
//! In: a project folder. Out: [`Files`] over it. A path is judged by where it
//! really leads: links are followed while they stay below the root, and where
//! the system can, the opening itself refuses to leave it, so that a link
//! swapped in between is of no use. Must not know what a file means.
#![expect(clippy::disallowed_methods, reason = "the edge where the author's files are read")]

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::files::{Entry, FileError, Files};
use crate::base::paths::FilePath;

/// Folders inside folders that are walked; links can make them many.
const MAX_DEPTH: usize = 128;

/// [`Files`] below a folder on disk.
#[derive(Debug)]
pub struct DiskFiles {
    /// Absolute, without links.
    root: PathBuf,
    /// The same, open: what is opened below it stays below it.
    #[cfg(unix)]
    folder: File,
    excluded: Vec<Excluded>,
}

/// A folder that is not walked: known by path, for it may be made later, and
/// by device and inode, for it may have other names.
#[derive(Debug)]
struct Excluded {
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

impl DiskFiles {
    /// The files below `root`, which has to be a folder.
    pub fn new(root: &Path) -> io::Result<Self> {
        let root = fs::canonicalize(root)?;
        if !root.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, format!("`{}`", root.display())));
        }
        Ok(Self {
            #[cfg(unix)]
            folder: File::open(&root)?,
            root,
            excluded: Vec::new(),
        })
    }

    /// Leaves folders out of walks, such as the output folder; absolute or
    /// relative to the root, existing or not.
    pub fn exclude<'a>(&mut self, folders: impl IntoIterator<Item = &'a Path>) {
        for folder in folders {
            let plain = self.root.join(folder);
            let path = fs::canonicalize(&plain).unwrap_or(plain);
            let identity = fs::metadata(&path).ok().and_then(|metadata| identity(&metadata));
            self.excluded.push(Excluded { path, identity });
        }
    }

    /// The project root: absolute, without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The real path of a file or folder, if it is below the root.
    fn real(&self, path: &Path) -> Result<PathBuf, FileError> {
        match fs::canonicalize(path) {
            Ok(real) if real.starts_with(&self.root) => Ok(real),
            Ok(real) => Err(FileError::LeadsOut(real.display().to_string())),
            Err(error) => Err(self.why_not(path, &error)),
        }
    }

    /// Why a path has no real one.
    fn why_not(&self, path: &Path, error: &io::Error) -> FileError {
        let link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        match (is_loop(error), error.kind()) {
            (true, _) => FileError::Loop,
            (false, io::ErrorKind::NotFound) if link => dangling(path),
            (false, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => FileError::Missing,
            (false, _) => FileError::Refused(words(error)),
        }
    }

    /// Opens a regular file below the root. What is no regular file is not
    /// opened at all: opening a pipe waits for its other end, and opening a
    /// device may do something.
    fn open(&self, path: &FilePath) -> Result<(File, Metadata), FileError> {
        let plain = self.root.join(path.as_str());
        match open_beneath(self, Path::new(path.as_str())) {
            Ok(found) => found,
            // A link on the way.
            Err(_) => {
                let real = self.real(&plain)?;
                let below = real.strip_prefix(&self.root).unwrap_or(&real);
                // It was canonical a moment ago; if not now, it is being swapped.
                open_beneath(self, below).unwrap_or_else(|error| Err(FileError::Refused(words(&error))))
            }
        }
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &FilePath, limit: u64) -> Result<Arc<[u8]>, FileError> {
        let (file, metadata) = self.open(path)?;
        let size = metadata.len();
        if size > limit {
            return Err(FileError::TooLarge(size, limit));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
        // It may have grown.
        file.take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| FileError::Refused(words(&error)))?;
        let size = bytes.len() as u64;
        if size > limit { Err(FileError::TooLarge(size, limit)) } else { Ok(Arc::from(bytes)) }
    }

    fn walk(&self, folder: &FilePath) -> (Vec<Entry>, Vec<(String, FileError)>) {
        let (mut entries, mut problems) = (Vec::new(), Vec::new());
        let start = self.root.join(folder.as_str());
        match self.real(&start) {
            Ok(real) if real.is_dir() => {}
            Ok(_) | Err(FileError::Missing) => return (entries, problems),
            Err(error) => return (entries, vec![(folder.as_str().to_owned(), error)]),
        }
        let mut walk = WalkDir::new(&start).follow_links(true).max_depth(MAX_DEPTH).into_iter();
        while let Some(found) = walk.next() {
            let found = match found {
                Ok(found) => found,
                Err(error) => {
                    problems.push(self.walk_problem(&start, &error));
                    continue;
                }
            };
            let kind = found.file_type();
            let skip = |walk: &mut walkdir::IntoIter| {
                if kind.is_dir() {
                    walk.skip_current_dir();
                }
            };
            let path = match self.name(found.path()) {
                Ok(path) => path,
                Err(escaped) => {
                    problems.push((escaped, FileError::BadName));
                    skip(&mut walk);
                    continue;
                }
            };
            if found.path_is_symlink()
                && let Err(error) = self.real(found.path())
            {
                problems.push((path.to_owned(), error));
                skip(&mut walk);
                continue;
            }
            if kind.is_dir() {
                if found.depth() == MAX_DEPTH {
                    let words = format!("folders more than {MAX_DEPTH} deep are not looked at");
                    problems.push((path.to_owned(), FileError::Refused(words)));
                } else if self.is_excluded(&found) {
                    skip(&mut walk);
                }
                continue;
            }
            if let Some(what) = special(kind) {
                problems.push((path.to_owned(), FileError::Special(what)));
                continue;
            }
            match found.metadata() {
                Ok(metadata) => entries.push(Entry { path: FilePath::new(path), size: metadata.len() }),
                Err(error) => problems.push(self.walk_problem(&start, &error)),
            }
        }
        entries.sort_unstable();
        problems.sort_by(|(a, _), (b, _)| a.cmp(b));
        (entries, problems)
    }

    fn exists(&self, path: &FilePath) -> bool {
        let plain = self.root.join(path.as_str());
        self.real(&plain).is_ok_and(|real| real.is_file())
    }
}

impl DiskFiles {
    /// The path below the root; the escaped one when it is not plain text.
    fn name<'a>(&self, path: &'a Path) -> Result<&'a str, String> {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        match below.to_str() {
            Some(text) if !text.contains(|c: char| c.is_control() || c == '\\') => Ok(text),
            _ => Err(escaped(below)),
        }
    }

    fn is_excluded(&self, found: &walkdir::DirEntry) -> bool {
        if self.excluded.is_empty() {
            return false;
        }
        let id = found.metadata().ok().and_then(|metadata| identity(&metadata));
        self.excluded
            .iter()
            .any(|excluded| excluded.path == found.path() || id.is_some() && excluded.identity == id)
    }

    fn walk_problem(&self, start: &Path, error: &walkdir::Error) -> (String, FileError) {
        let path = error.path().unwrap_or(start);
        let name = self.name(path).map_or_else(|escaped| escaped, str::to_owned);
        let why = match error.io_error() {
            _ if error.loop_ancestor().is_some() => FileError::Loop,
            Some(io) => self.why_not(path, io),
            None => FileError::Refused(error.to_string()),
        };
        (name, why)
    }
}

fn dangling(link: &Path) -> FileError {
    let to = fs::read_link(link).unwrap_or_default();
    FileError::Refused(format!("a symbolic link to `{}`, where nothing is", to.display()))
}

/// The system's words without its number.
fn words(error: &io::Error) -> String {
    let mut text = error.to_string();
    if let Some(number) = text.find(" (os error") {
        text.truncate(number);
    }
    match text.chars().next() {
        Some(first) => first.to_lowercase().chain(text.chars().skip(1)).collect(),
        None => text,
    }
}

/// A path as text in which every odd byte can be seen.
fn escaped(path: &Path) -> String {
    let mut out = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() || c == '\\' {
                out.extend(c.escape_default());
            } else {
                out.push(c);
            }
        }
        for byte in chunk.invalid() {
            out.push_str("\\x");
            out.extend(
                [byte >> 4, byte & 15].into_iter().filter_map(|half| char::from_digit(half.into(), 16)),
            );
        }
    }
    out
}

#[cfg(unix)]
fn is_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(not(unix))]
fn is_loop(_error: &io::Error) -> bool {
    false
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_metadata: &Metadata) -> Option<(u64, u64)> {
    None
}

/// What a file is that is neither regular nor a folder.
#[cfg(unix)]
fn special(kind: FileType) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt as _;
    match kind {
        kind if kind.is_file() => None,
        kind if kind.is_dir() => Some("folder"),
        kind if kind.is_fifo() => Some("pipe"),
        kind if kind.is_socket() => Some("socket"),
        kind if kind.is_char_device() || kind.is_block_device() => Some("device"),
        _ => Some("special file"),
    }
}

#[cfg(not(unix))]
fn special(kind: FileType) -> Option<&'static str> {
    if kind.is_file() { None } else { Some("special file") }
}

/// Opens a regular file on a path below the root that has no link in it. The
/// outer error means that there is one, and that another way is to be tried.
#[cfg(unix)]
fn open_beneath(files: &DiskFiles, below: &Path) -> io::Result<Result<(File, Metadata), FileError>> {
    use rustix::fs::{CWD, Mode, OFlags};
    use std::os::unix::fs::FileTypeExt as _;
    let plain = files.root.join(below);
    let judge = |metadata: &Metadata| special(metadata.file_type()).map(FileError::Special);
    match fs::symlink_metadata(&plain) {
        Ok(metadata) if metadata.is_symlink() => return Err(io::ErrorKind::InvalidInput.into()),
        Ok(metadata) => {
            if let Some(error) = judge(&metadata) {
                return Ok(Err(error));
            }
            debug_assert!(!metadata.file_type().is_fifo());
        }
        Err(error) => return Ok(Err(files.why_not(&plain, &error))),
    }
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NOCTTY;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let opened = {
        use rustix::fs::{ResolveFlags, openat2};
        use rustix::io::Errno;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        match openat2(&files.folder, below, flags, Mode::empty(), resolve) {
            Err(Errno::LOOP | Errno::XDEV) => return Err(io::ErrorKind::InvalidInput.into()),
            // An old kernel, or a sandbox that does not know the call.
            Err(Errno::NOSYS | Errno::PERM) => None,
            opened => Some(opened),
        }
    };
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let opened = None;
    let opened = match opened {
        Some(opened) => opened,
        None => match files.real(&plain) {
            Ok(real) if real == plain => rustix::fs::openat(CWD, &plain, flags, Mode::empty()),
            Ok(_) | Err(FileError::LeadsOut(_)) => return Err(io::ErrorKind::InvalidInput.into()),
            Err(error) => return Ok(Err(error)),
        },
    };
    let file = match opened {
        Ok(file) => File::from(file),
        Err(error) => return Ok(Err(files.why_not(&plain, &error.into()))),
    };
    let metadata = match file.metadata() {
        Ok(metadata) => metadata,
        Err(error) => return Ok(Err(FileError::Refused(words(&error)))),
    };
    Ok(match judge(&metadata) {
        Some(error) => Err(error),
        None => Ok((file, metadata)),
    })
}

#[cfg(not(unix))]
fn open_beneath(files: &DiskFiles, below: &Path) -> io::Result<Result<(File, Metadata), FileError>> {
    let plain = files.root.join(below);
    let open = || -> Result<(File, Metadata), FileError> {
        let real = files.real(&plain)?;
        let refused = |error: io::Error| FileError::Refused(words(&error));
        let file = File::open(real).map_err(refused)?;
        let metadata = file.metadata().map_err(refused)?;
        match special(metadata.file_type()) {
            Some(what) => Err(FileError::Special(what)),
            None => Ok((file, metadata)),
        }
    };
    Ok(open())
}
