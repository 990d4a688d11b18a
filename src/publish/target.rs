//! The target: judging an output folder before anything is read.
//!
//! In: the project, its source folders and the wanted output folder. Out: a
//! [`Target`], or the reason for a refusal. Changes nothing on the disk. Must
//! not know what will be written.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Component, Path, PathBuf};

use super::error::{PublishError, Refusal};
use super::marker::{MARKER, Marker};

/// Who named the output folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The configuration: it may not lead out of the project.
    Config,
    /// The command line: it may, for it is the person running the command.
    CommandLine,
}

/// An output folder that may be written to.
#[derive(Debug, Clone)]
pub struct Target {
    /// Absolute, without links; the folder itself may be missing.
    pub(super) folder: PathBuf,
    /// As it was given, for messages.
    pub(super) shown: String,
    /// Sibling for what is being written.
    pub(super) staging: PathBuf,
    /// Sibling for the lock.
    pub(super) lock: PathBuf,
}

impl Target {
    /// The output folder: absolute, without links; it may be missing.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Refuses a folder that holds another site. [`super::begin`] asks again.
    pub fn check_site(&self, site_id: &str) -> Result<(), Refusal> {
        match inspect(&self.folder, &self.shown)? {
            Contents::Ours(Some(site)) if site != site_id => Err(Refusal::new(
                format!("output folder `{}` holds another site, `{site}`, not `{site_id}`", self.shown),
                "choose another output folder, or remove this one by hand",
            )),
            Contents::Missing | Contents::Empty | Contents::Ours(_) => Ok(()),
        }
    }
}

/// What is in a folder that may be written to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Contents {
    Missing,
    Empty,
    /// Holds our marker, with the site's id unless it is an empty marker.
    Ours(Option<String>),
}

/// Judges an output folder before anything is read. `output_dir` and `sources`
/// (content, templates, themes, static files, data) are absolute or relative to
/// the project; `home` is the user's home folder. Refused: `/`, home, the
/// project, what contains or is in a source folder or a repository's own
/// folder, a link, a mount point, a folder outside the project unless the
/// command line names it, and a folder that holds anything but is not ours.
pub fn judge(
    project_root: &Path,
    output_dir: &Path,
    sources: &[&Path],
    origin: Origin,
    home: Option<&Path>,
) -> Result<Target, Refusal> {
    let shown = output_dir.display().to_string();
    let root =
        fs::canonicalize(project_root).map_err(|error| Refusal::machine("look at", project_root, &error))?;
    check_text(output_dir, &shown)?;
    let folder = resolve(&root, output_dir, &shown)?;
    check_place(&folder, &shown, &root, sources, origin, home)?;
    let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) else {
        return Err(file_system_root(&shown));
    };
    let sibling = |ending: &str| {
        let mut sibling = std::ffi::OsString::from(".");
        sibling.push(name);
        sibling.push(ending);
        parent.join(sibling)
    };
    let (staging, lock) = (sibling(".juxta-new"), sibling(".juxta-lock"));
    inspect(&folder, &shown)?;
    Ok(Target { folder, shown, staging, lock })
}

fn check_text(output_dir: &Path, shown: &str) -> Result<(), Refusal> {
    let hint = "name a folder inside the project, such as `public`";
    let bytes = output_dir.as_os_str().as_encoded_bytes();
    if bytes.is_empty() {
        return Err(Refusal::new("output folder has no name", hint));
    }
    if bytes.iter().any(u8::is_ascii_control) {
        return Err(Refusal::new(format!("output folder {shown:?} holds a control character"), hint));
    }
    if bytes[0] == b'~' {
        return Err(Refusal::new(
            format!("output folder `{shown}` starts with `~`, which only a shell understands"),
            hint,
        ));
    }
    Ok(())
}

/// The real path of a folder that may be missing: links on the way are
/// followed, a link at the end is refused.
fn resolve(root: &Path, output_dir: &Path, shown: &str) -> Result<PathBuf, Refusal> {
    let mut real = root.to_owned();
    let parts: Vec<Component<'_>> = output_dir.components().collect();
    for (i, part) in parts.iter().enumerate() {
        match part {
            Component::Prefix(_) | Component::RootDir => real.push(part.as_os_str()),
            Component::CurDir => {}
            Component::ParentDir => {
                real.pop();
            }
            Component::Normal(name) => {
                real.push(name);
                let last = i + 1 == parts.len();
                let kind = match fs::symlink_metadata(&real) {
                    Ok(metadata) => metadata.file_type(),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(Refusal::machine("look at", &real, &error)),
                };
                if kind.is_symlink() && last {
                    return Err(Refusal::new(
                        format!("output folder `{shown}` is a symbolic link"),
                        "give the folder it leads to",
                    ));
                }
                if kind.is_symlink() {
                    real =
                        fs::canonicalize(&real).map_err(|error| Refusal::machine("follow", &real, &error))?;
                }
                if !real.is_dir() {
                    return Err(Refusal::new(
                        format!("output folder `{shown}`: `{}` is not a folder", real.display()),
                        "move it away, or choose another name",
                    ));
                }
            }
        }
    }
    Ok(real)
}

fn file_system_root(shown: &str) -> Refusal {
    Refusal::new(format!("output folder `{shown}` is the root of the file system"), "choose an empty folder")
}

fn check_place(
    folder: &Path,
    shown: &str,
    root: &Path,
    sources: &[&Path],
    origin: Origin,
    home: Option<&Path>,
) -> Result<(), Refusal> {
    let refuse = |what: &str, hint: &str| Err(Refusal::new(format!("output folder `{shown}` {what}"), hint));
    let own = "choose a folder of its own, such as `public`";
    if folder.parent().is_none() {
        return Err(file_system_root(shown));
    }
    if let Some(home) =
        home.and_then(|home| fs::canonicalize(home).ok()).filter(|home| home.parent().is_some())
        && is_within(&home, folder)
    {
        return refuse("is your home folder, or contains it", own);
    }
    if is_within(folder, root) && is_within(root, folder) {
        return refuse("is the project itself", own);
    }
    if is_within(root, folder) {
        return refuse("contains the project", own);
    }
    for source in sources {
        let plain = root.join(source);
        let real = fs::canonicalize(&plain).unwrap_or_else(|_| plain.clone());
        let name = source.display();
        for source in [&plain, &real] {
            if is_within(folder, source) {
                return refuse(&format!("is, or is inside, the source folder `{name}`"), own);
            }
            if is_within(source, folder) {
                return refuse(&format!("contains the source folder `{name}`"), own);
            }
        }
    }
    let repository = [".git", ".hg", ".svn", ".jj"];
    if folder.components().any(|part| repository.iter().any(|name| part.as_os_str() == *name)) {
        return refuse("is inside a repository's own folder", own);
    }
    if origin == Origin::Config && !is_within(folder, root) {
        return refuse(
            "is outside the project",
            "give such a folder on the command line, with `--output-dir`",
        );
    }
    if is_mount_point(folder) {
        return refuse(
            "is a mount point, which cannot be exchanged in one step",
            "choose a folder inside it",
        );
    }
    Ok(())
}

/// Whether `inner` is `outer` or below it, by name or by identity: a file
/// system may take two names for one folder.
fn is_within(inner: &Path, outer: &Path) -> bool {
    inner.starts_with(outer)
        || identity(outer).is_some_and(|outer| inner.ancestors().any(|inner| identity(inner) == Some(outer)))
}

/// Device and inode of a folder that exists.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_path: &Path) -> Option<(u64, u64)> {
    None
}

/// Whether an open file is still the one at `path`.
#[cfg(unix)]
pub(super) fn same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
pub(super) fn same_file(_file: &File, path: &Path) -> bool {
    path.exists()
}

/// Bind mounts included, where the system tells.
#[cfg(target_os = "linux")]
fn is_mount_point(folder: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    statx(CWD, folder, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::empty())
        .is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
        || on_another_device(folder)
}

#[cfg(not(target_os = "linux"))]
fn is_mount_point(folder: &Path) -> bool {
    on_another_device(folder)
}

fn on_another_device(folder: &Path) -> bool {
    let device = |path| identity(path).map(|(device, _)| device);
    match (device(folder), folder.parent().and_then(device)) {
        (Some(folder), Some(parent)) => folder != parent,
        _ => false,
    }
}

/// Looks into a folder; refuses one that holds something and is not ours.
pub(super) fn inspect(folder: &Path, shown: &str) -> Result<Contents, Refusal> {
    match fs::symlink_metadata(folder) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => {
            return Err(Refusal::new(
                format!("output folder `{shown}` is not a folder"),
                "move it away, or choose another name",
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Contents::Missing),
        Err(error) => return Err(Refusal::machine("look at", folder, &error)),
    }
    let marker = folder.join(MARKER);
    match first_line(&marker) {
        Ok(line) => match Marker::parse_header(&line) {
            Ok((site, _)) => Ok(Contents::Ours(site)),
            Err(why) => Err(bad_marker(shown, &why)),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut names = list(folder).map_err(|error| Refusal::machine("list", folder, &error))?;
            if names.is_empty() {
                return Ok(Contents::Empty);
            }
            names.sort();
            let first: Vec<String> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
            let more = if names.len() > 3 { format!(" and {} more", names.len() - 3) } else { String::new() };
            Err(Refusal::new(
                format!(
                    "output folder `{shown}` holds files that Juxta did not write: {}{more}",
                    first.join(", ")
                ),
                format!(
                    "remove the folder, choose another one, or put an empty file `{MARKER}` into it to \
                     publish beside these files"
                ),
            ))
        }
        Err(error) => Err(Refusal::machine("read", &marker, &error)),
    }
}

pub(super) fn bad_marker(shown: &str, why: &str) -> Refusal {
    Refusal::new(
        format!("the marker `{shown}/{MARKER}` cannot be understood: {why}"),
        "choose another output folder, or remove this one by hand",
    )
}

/// The marker's first line, at most 64 KiB of it. A link is not a marker.
fn first_line(marker: &Path) -> io::Result<String> {
    if !fs::symlink_metadata(marker)?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut line = Vec::new();
    BufReader::new(File::open(marker)?.take(64 << 10)).read_until(b'\n', &mut line)?;
    Ok(String::from_utf8_lossy(&line).into_owned())
}

fn list(folder: &Path) -> io::Result<Vec<String>> {
    fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().escape_debug().to_string()))
        .collect()
}

/// Reads the marker of an output folder that [`inspect`] found to be ours.
pub(super) fn read_marker(target: &Target) -> Result<(Marker, std::time::SystemTime), PublishError> {
    let path = target.folder.join(MARKER);
    let read = || -> io::Result<_> { Ok((fs::read(&path)?, fs::metadata(&path)?.modified()?)) };
    let (bytes, modified) = read().map_err(|error| PublishError::io("read", &path, error))?;
    let text = String::from_utf8(bytes).map_err(|_| bad_marker(&target.shown, "it is not UTF-8"))?;
    let marker = Marker::parse(&text).map_err(|why| bad_marker(&target.shown, &why))?;
    Ok((marker, modified))
}
