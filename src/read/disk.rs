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

use super::files::{Entry, FileError, Files, Stamp};
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
                Ok(metadata) => entries.push(Entry {
                    path: FilePath::new(path),
                    size: metadata.len(),
                    stamp: stamp_of(&metadata),
                }),
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

    fn stamp(&self, path: &FilePath) -> Option<Stamp> {
        let real = self.real(&self.root.join(path.as_str())).ok()?;
        let metadata = fs::metadata(&real).ok().filter(Metadata::is_file)?;
        let is_left_out = self.excluded.iter().any(|excluded| real.starts_with(&excluded.path));
        (!is_left_out).then(|| stamp_of(&metadata))
    }
}

/// A file that was replaced has another inode, and one that was written another
/// time of change, whatever its size and its time of modification say.
#[cfg(unix)]
fn stamp_of(metadata: &Metadata) -> Stamp {
    use std::os::unix::fs::MetadataExt as _;
    let nanoseconds =
        |seconds: i64, rest: i64| seconds.wrapping_mul(1_000_000_000).wrapping_add(rest).cast_unsigned();
    Stamp([
        metadata.len(),
        nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        metadata.ino(),
    ])
}

#[cfg(not(unix))]
fn stamp_of(metadata: &Metadata) -> Stamp {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let modified = modified.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX));
    Stamp([metadata.len(), modified, 0, 0])
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
    FileError::LeadsNowhere(to.display().to_string())
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
    let plain = files.root.join(below);
    let judge = |metadata: &Metadata| special(metadata.file_type()).map(FileError::Special);
    match fs::symlink_metadata(&plain) {
        Ok(metadata) if metadata.is_symlink() => return Err(io::ErrorKind::InvalidInput.into()),
        Ok(metadata) => {
            if let Some(error) = judge(&metadata) {
                return Ok(Err(error));
            }
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

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::os::unix::net::UnixListener;

    struct Project {
        top: tempfile::TempDir,
        files: DiskFiles,
    }

    /// `root` with `content/a.md` and `static/s.txt`, beside a `secret`.
    fn project() -> Project {
        let top = tempfile::tempdir().unwrap();
        let root = top.path().join("root");
        for folder in ["content/sub", "static"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        fs::create_dir(top.path().join("outside")).unwrap();
        fs::write(top.path().join("outside/secret"), "secret").unwrap();
        fs::write(root.join("content/a.md"), "a text").unwrap();
        fs::write(root.join("static/s.txt"), "static").unwrap();
        let files = DiskFiles::new(&root).unwrap();
        Project { top, files }
    }

    impl Project {
        fn content(&self, name: &str) -> PathBuf {
            self.files.root.join("content").join(name)
        }

        fn read(&self, path: &str) -> Result<String, FileError> {
            let bytes = self.files.read(&FilePath::new(path), 1000)?;
            Ok(String::from_utf8(bytes.to_vec()).unwrap())
        }

        /// Paths in a folder, and problems as text.
        fn walk(&self, folder: &str) -> (Vec<String>, Vec<String>) {
            let (entries, problems) = self.files.walk(&FilePath::new(folder));
            let problem = |(path, error): (String, FileError)| format!("{path}: {error}");
            (
                entries.iter().map(|entry| entry.path.to_string()).collect(),
                problems.into_iter().map(problem).collect(),
            )
        }
    }

    #[test]
    fn files_are_read_and_listed_in_order() {
        let project = project();
        fs::write(project.content("sub/b.md"), "").unwrap();
        fs::write(project.content("sub-c.md"), "c").unwrap();
        fs::write(project.content(".hidden"), "").unwrap();
        assert_eq!(project.read("content/a.md").unwrap(), "a text");
        assert_eq!(project.read("content/none.md"), Err(FileError::Missing));
        assert_eq!(project.read("content/a.md/x"), Err(FileError::Missing));
        assert_eq!(project.read("content/sub"), Err(FileError::Special("folder")));
        let paths = ["content/.hidden", "content/a.md", "content/sub-c.md", "content/sub/b.md"];
        assert_eq!(project.walk("content"), (paths.map(str::to_owned).to_vec(), vec![]));
        assert_eq!(project.walk("none"), (vec![], vec![]));
        assert_eq!(project.walk("content/a.md"), (vec![], vec![]));
        assert_eq!(project.walk("").0.len(), 5);
        let exists = |path| project.files.exists(&FilePath::new(path));
        assert!(exists("content/a.md") && !exists("content") && !exists("none"));
        assert_eq!(project.files.walk(&FilePath::new("content")).0[1].size, 6);
    }

    #[test]
    fn links_are_followed_inside_the_project_only() {
        let project = project();
        let outside = project.top.path().canonicalize().unwrap().join("outside");
        symlink("../static/s.txt", project.content("in")).unwrap();
        symlink(project.files.root.join("static"), project.content("folder-in")).unwrap();
        symlink("in", project.content("link-to-link")).unwrap();
        symlink("../../outside/secret", project.content("out")).unwrap();
        symlink("out", project.content("link-to-out")).unwrap();
        symlink(&outside, project.content("folder-out")).unwrap();
        symlink("nowhere", project.content("dangling")).unwrap();
        symlink("loop-b", project.content("loop-a")).unwrap();
        symlink("loop-a", project.content("loop-b")).unwrap();
        symlink("..", project.content("sub/up")).unwrap();
        symlink("../outside", project.files.root.join("data")).unwrap();

        for path in ["content/in", "content/folder-in/s.txt", "content/link-to-link"] {
            assert_eq!(project.read(path).unwrap(), "static", "{path}");
            assert!(project.files.exists(&FilePath::new(path)));
        }
        let secret = FileError::LeadsOut(outside.join("secret").display().to_string());
        for path in ["content/out", "content/link-to-out", "content/folder-out/secret", "data/secret"] {
            assert_eq!(project.read(path), Err(secret.clone()), "{path}");
            assert!(!project.files.exists(&FilePath::new(path)));
        }
        assert_eq!(project.read("content/loop-a"), Err(FileError::Loop));
        assert_eq!(project.read("content/sub/up/a.md").unwrap(), "a text");
        let words = "a symbolic link to `nowhere`, where nothing is";
        assert_eq!(project.read("content/dangling").unwrap_err().to_string(), words);

        let out = format!("a symbolic link that leads out of the project, to `{}", outside.display());
        let (paths, problems) = project.walk("content");
        assert_eq!(paths, ["content/a.md", "content/folder-in/s.txt", "content/in", "content/link-to-link"]);
        assert_eq!(
            problems,
            [
                format!("content/dangling: {words}"),
                format!("content/folder-out: {out}`"),
                format!("content/link-to-out: {out}/secret`"),
                "content/loop-a: symbolic links that lead in a circle".to_owned(),
                "content/loop-b: symbolic links that lead in a circle".to_owned(),
                format!("content/out: {out}/secret`"),
                "content/sub/up: symbolic links that lead in a circle".to_owned(),
            ]
        );
        assert_eq!(project.walk("data"), (vec![], vec![format!("data: {out}`")]));
    }

    #[test]
    fn a_folder_that_starts_like_the_root_is_outside() {
        let project = project();
        fs::create_dir(project.top.path().join("root-2")).unwrap();
        fs::write(project.top.path().join("root-2/x"), "x").unwrap();
        symlink("../../root-2/x", project.content("out")).unwrap();
        assert!(matches!(project.read("content/out"), Err(FileError::LeadsOut(_))));
    }

    #[test]
    fn only_regular_files_are_opened() {
        let project = project();
        let mkfifo = std::process::Command::new("mkfifo").arg(project.content("pipe")).status();
        assert!(mkfifo.unwrap().success());
        let _socket = UnixListener::bind(project.content("socket")).unwrap();
        symlink("/dev/null", project.content("null")).unwrap();
        symlink("pipe", project.content("to-pipe")).unwrap();
        for path in ["content/pipe", "content/to-pipe"] {
            assert_eq!(project.read(path), Err(FileError::Special("pipe")));
        }
        assert_eq!(project.read("content/socket"), Err(FileError::Special("socket")));
        assert_eq!(project.read("content/null"), Err(FileError::LeadsOut("/dev/null".to_owned())));
        assert!(!project.files.exists(&FilePath::new("content/pipe")));
        let (paths, problems) = project.walk("content");
        assert_eq!(paths, ["content/a.md"]);
        assert_eq!(
            problems,
            [
                "content/null: a symbolic link that leads out of the project, to `/dev/null`",
                "content/pipe: a pipe, not a regular file",
                "content/socket: a socket, not a regular file",
                "content/to-pipe: a pipe, not a regular file",
            ]
        );
    }

    #[test]
    fn odd_names_are_told_escaped() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        let project = project();
        for name in [&b"n\xffo.md"[..], b"new\nline.md", b"back\\slash.md", b"\x1b[2J"] {
            fs::write(project.files.root.join("content").join(OsStr::from_bytes(name)), "").unwrap();
        }
        fs::create_dir(project.content("bad\rfolder")).unwrap();
        fs::write(project.content("bad\rfolder/fine.md"), "").unwrap();
        for name in ["con.md", "dot. ", "%2e%2e", "a:b", "日本.md"] {
            fs::write(project.content(name), "").unwrap();
        }
        let (paths, problems) = project.walk("content");
        assert_eq!(paths.len(), 6, "{paths:?}");
        assert_eq!(
            problems,
            [
                r"content/\u{1b}[2J: a name that is not plain UTF-8 text",
                r"content/back\\slash.md: a name that is not plain UTF-8 text",
                r"content/bad\rfolder: a name that is not plain UTF-8 text",
                r"content/n\xffo.md: a name that is not plain UTF-8 text",
                r"content/new\nline.md: a name that is not plain UTF-8 text",
            ]
        );
    }

    #[test]
    fn sizes_are_bounded() {
        let project = project();
        let path = FilePath::new("content/a.md");
        assert_eq!(project.files.read(&path, 5), Err(FileError::TooLarge(6, 5)));
        assert_eq!(project.files.read(&path, 6).unwrap().len(), 6);
        assert_eq!(project.files.read(&path, u64::MAX).unwrap().len(), 6);
        let sparse = File::create(project.content("sparse")).unwrap();
        sparse.set_len(10 << 30).unwrap();
        assert_eq!(project.read("content/sparse"), Err(FileError::TooLarge(10 << 30, 1000)));
    }

    #[test]
    fn what_may_not_be_read_is_told() {
        if rustix::process::geteuid().is_root() {
            println!("skipped: root may read everything");
            return;
        }
        let project = project();
        fs::set_permissions(project.content("a.md"), fs::Permissions::from_mode(0o000)).unwrap();
        fs::set_permissions(project.content("sub"), fs::Permissions::from_mode(0o000)).unwrap();
        assert_eq!(project.read("content/a.md"), Err(FileError::Refused("permission denied".to_owned())));
        assert_eq!(project.walk("content").1, ["content/sub: permission denied"]);
        fs::set_permissions(project.content("sub"), fs::Permissions::from_mode(0o700)).unwrap();
    }

    #[test]
    fn excluded_folders_are_not_walked() {
        let mut project = project();
        let root = project.files.root.clone();
        fs::create_dir(root.join("public")).unwrap();
        fs::write(root.join("public/index.html"), "").unwrap();
        symlink("../public", project.content("alias")).unwrap();
        let absolute = root.join("cache");
        project.files.exclude([Path::new("public"), &absolute]);
        fs::create_dir(root.join("cache")).unwrap();
        fs::write(root.join("cache/x"), "").unwrap();
        assert_eq!(project.walk("").0, ["content/a.md", "static/s.txt"]);
        assert_eq!(project.walk("content").0, ["content/a.md"]);
    }

    #[test]
    fn a_link_swapped_while_reading_never_leads_out() {
        let project = project();
        fs::create_dir(project.content("dir")).unwrap();
        fs::write(project.content("dir/secret"), "inside").unwrap();
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    let _ = fs::rename(project.content("dir"), project.content("kept"));
                    let _ = symlink("../../outside", project.content("dir"));
                    let _ = fs::remove_file(project.content("dir"));
                    let _ = fs::rename(project.content("kept"), project.content("dir"));
                }
            });
            for _ in 0..3000 {
                if let Ok(text) = project.read("content/dir/secret") {
                    assert_eq!(text, "inside");
                }
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    }
}
