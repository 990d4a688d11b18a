//! Watch: what changes on disk, as soon as it is whole.
//!
//! In: a project's root, folders and files to watch. Out: which files have
//! changed. The system's events are taken as hints where to look, never as
//! facts: a file has changed when it is not what it was. So it does not matter
//! how an editor saves, and what no event told is found when all is looked at,
//! which happens every now and then. Where there are no events, it happens all
//! the time. Must not know what a file means.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, CreateKind, EventKind, ModifyKind, RemoveKind, RenameMode};
use notify::{RecursiveMode, Watcher as _};

use crate::base::paths::FilePath;
use crate::read::discover::is_litter;
use crate::read::snapshot::Snapshot;
use crate::render::shared::SharedFiles;

/// How long a file that is being written, or that has gone, is given to be
/// whole, or there again.
const GRACE: Duration = Duration::from_millis(40);

/// How long it has to be quiet after a build during which more came.
const QUIET: Duration = Duration::from_millis(15);

/// How long to wait for quiet at most.
const LONGEST_WAIT: Duration = Duration::from_millis(300);

/// Time between two looks at everything, when the system tells what changes.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// Time between two looks at everything when it does not.
const BETWEEN_POLLS: Duration = Duration::from_millis(100);

/// Looking at everything takes one part in so many of the time at most.
const SHARE: u32 = 50;

/// What the watcher is woken by.
#[derive(Debug)]
pub(super) enum Signal {
    /// Somewhere something has happened.
    Hint(Hint),
    /// A person asks for a rebuild of everything.
    Rebuild,
    /// The server has ended.
    Stop,
}

/// Where to look, and when.
#[derive(Debug)]
pub(super) struct Hint {
    paths: Vec<PathBuf>,
    when: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    /// It is whole.
    Now,
    /// It may be still on its way.
    Soon,
    /// Events were lost: everywhere, now.
    Everywhere,
}

/// What has happened.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Happening {
    /// These files have changed.
    Changed(BTreeSet<FilePath>),
    /// A person asks for a rebuild of everything.
    Rebuild,
    /// The server has ended.
    Stop,
}

/// Watches a project.
pub(super) struct Watch {
    root: PathBuf,
    snapshot: Snapshot,
    signals: Receiver<Signal>,
    sender: Sender<Signal>,
    /// The system is not asked.
    polls: bool,
    /// None when polling.
    native: Option<notify::RecommendedWatcher>,
    /// Folders the system tells about, with what is in them or not.
    watched: BTreeMap<PathBuf, RecursiveMode>,
    /// Paths to look at, each at its time.
    hints: BTreeMap<FilePath, Instant>,
    last_look: Instant,
    cost_of_a_look: Duration,
    /// Changed files that were empty when they were looked at: perhaps they are
    /// about to be written.
    unsettled: BTreeSet<FilePath>,
    files: SharedFiles,
    /// Files outside of the usual folders.
    singles: BTreeSet<FilePath>,
    /// A folder that is watched whole has come or gone.
    is_other_folder: bool,
}

/// Folders that are watched whole.
const FOLDERS: &[&str] = &["content", "data", "examples", "sass", "static", "templates", "themes"];

impl Watch {
    /// Watches once it is started. With `poll` the system is not asked for
    /// events.
    pub(super) fn new(root: &Path, files: &SharedFiles, singles: BTreeSet<FilePath>, poll: bool) -> Self {
        let (sender, signals) = channel();
        let folders = FOLDERS.iter().map(|folder| FilePath::new(folder)).collect();
        Self {
            root: root.to_owned(),
            snapshot: Snapshot::new(files.clone(), folders, singles.clone()),
            signals,
            sender,
            polls: poll,
            native: None,
            watched: BTreeMap::new(),
            hints: BTreeMap::new(),
            last_look: Instant::now(),
            cost_of_a_look: Duration::ZERO,
            unsettled: BTreeSet::new(),
            files: files.clone(),
            singles,
            is_other_folder: false,
        }
    }

    /// Watches from now on: what changes later is told. The words are a notice
    /// for the person, when it polls without having been asked to.
    pub(super) fn start(&mut self) -> Option<String> {
        let mut notice = None;
        if !self.polls {
            if let Some(kind) = without_events(&self.root) {
                notice = Some(format!("{kind} tells nobody of changes"));
            } else {
                let events = self.sender.clone();
                let handle = move |event: notify::Result<notify::Event>| {
                    if let Some(hint) = hint_of(event) {
                        // The receiver is gone when the server ends.
                        let _ = events.send(Signal::Hint(hint));
                    }
                };
                let native = notify::recommended_watcher(handle);
                self.native = native.map_err(|error| notice = Some(words(&error))).ok();
            }
        }
        let start = Instant::now();
        self.snapshot.look_at_all();
        self.cost_of_a_look = start.elapsed();
        self.last_look = Instant::now();
        if let Some(words) = self.see() {
            notice = Some(words);
        }
        // What happened before the system told of it.
        self.hint(FilePath::root(), Instant::now());
        notice.map(|words| format!("{words}; looking at all files now and then instead (`--poll`)"))
    }

    /// Where signals can be sent.
    pub(super) fn sender(&self) -> Sender<Signal> {
        self.sender.clone()
    }

    /// Files outside of the usual folders that matter now.
    pub(super) fn set_others(&mut self, others: BTreeSet<FilePath>) -> Option<String> {
        if self.singles == others && !self.is_other_folder {
            return None;
        }
        self.snapshot.set_singles(others.clone());
        self.singles = others;
        self.see().map(|words| format!("{words}; looking at all files now and then instead (`--poll`)"))
    }

    /// The files, with other folders left out.
    pub(super) fn set_files(&mut self, files: &SharedFiles) {
        self.files = files.clone();
        self.snapshot.set_files(files.clone());
    }

    /// Asks the system for events of what is there; why it refuses.
    fn see(&mut self) -> Option<String> {
        self.is_other_folder = false;
        self.native.as_ref()?;
        let mut wanted: BTreeMap<PathBuf, RecursiveMode> = BTreeMap::new();
        wanted.insert(self.root.clone(), RecursiveMode::NonRecursive);
        for path in &self.singles {
            let mut folder = self.root.join(path.parent().as_str());
            // A folder that is not there yet is told by the one above.
            while !folder.is_dir() && folder != self.root {
                folder.pop();
            }
            wanted.entry(folder).or_insert(RecursiveMode::NonRecursive);
        }
        for folder in FOLDERS {
            let folder = self.root.join(folder);
            if folder.is_dir() {
                wanted.insert(folder, RecursiveMode::Recursive);
            }
        }
        for (folder, mode) in wanted {
            if self.watched.get(&folder) == Some(&mode) {
                continue;
            }
            let Some(native) = &mut self.native else { break };
            match native.watch(&folder, mode) {
                Ok(()) => {
                    self.watched.insert(folder, mode);
                }
                // It has gone meanwhile, which the folder above tells.
                Err(error) if matches!(error.kind, notify::ErrorKind::PathNotFound) => {}
                Err(error) => {
                    self.native = None;
                    return Some(words(&error));
                }
            }
        }
        None
    }

    fn hint(&mut self, path: FilePath, at: Instant) {
        let time = self.hints.entry(path).or_insert(at);
        *time = at.min(*time).max(Instant::now());
    }

    fn take(&mut self, hint: Hint) {
        let now = Instant::now();
        if hint.when == When::Everywhere {
            self.hint(FilePath::root(), now);
            return;
        }
        let at = if hint.when == When::Now { now } else { now + GRACE };
        for path in hint.paths {
            let Ok(below) = path.strip_prefix(&self.root) else { continue };
            let Some(below) = below.to_str() else { continue };
            let path = FilePath::new(&below.replace('\\', "/"));
            // A folder that is watched whole has come or gone.
            if FOLDERS.contains(&path.as_str()) {
                self.watched.remove(&self.root.join(path.as_str()));
                self.is_other_folder = true;
            }
            if hint.when == When::Soon {
                // As long as it is written to, it is given time.
                self.hints.insert(path, at);
            } else {
                self.hints.insert(path, now);
            }
        }
    }

    /// Looks at what is due; what has changed.
    fn look(&mut self) -> BTreeSet<FilePath> {
        if self.is_other_folder && self.see().is_some() {
            // The next look at everything is soon, for it polls now.
            self.last_look = Instant::now();
        }
        let now = Instant::now();
        let due: Vec<FilePath> =
            self.hints.iter().filter(|(_, at)| **at <= now).map(|(path, _)| path.clone()).collect();
        let mut changed = BTreeSet::new();
        for path in due {
            self.hints.remove(&path);
            changed.append(&mut self.snapshot.look(&path));
        }
        let is_polling = self.native.is_none();
        let least = if is_polling { BETWEEN_POLLS } else { BETWEEN_LOOKS };
        if now.duration_since(self.last_look) >= least.max(self.cost_of_a_look * SHARE) {
            let start = Instant::now();
            let mut found = self.snapshot.look_at_all();
            self.cost_of_a_look = start.elapsed();
            self.last_look = Instant::now();
            let waiting = std::mem::take(&mut self.unsettled);
            if is_polling {
                // What is empty or gone may be on its way: one look more.
                let files = &self.files;
                let is_going = |path: &FilePath| files.stamp(path).is_none_or(|stamp| stamp.0[0] == 0);
                let (going, whole): (BTreeSet<_>, BTreeSet<_>) = found.into_iter().partition(is_going);
                self.unsettled = going.into_iter().filter(|path| !waiting.contains(path)).collect();
                found = whole;
                found.extend(waiting);
            }
            changed.append(&mut found);
        }
        changed
    }

    /// Time of the next look, whatever happens.
    fn next_look(&self) -> Instant {
        let least = if self.native.is_none() { BETWEEN_POLLS } else { BETWEEN_LOOKS };
        let all = self.last_look + least.max(self.cost_of_a_look * SHARE);
        self.hints.values().copied().min().map_or(all, |hint| hint.min(all))
    }

    /// Waits until something has changed. A change is told at once, unless it
    /// was under way before this was called: what came during a build may be
    /// only a part of more, so it has to be quiet for a moment.
    pub(super) fn next(&mut self) -> Happening {
        let start = Instant::now();
        let mut changed: BTreeSet<FilePath> = BTreeSet::new();
        let mut is_first = true;
        let mut came_meanwhile = false;
        loop {
            // All that is here already.
            loop {
                match self.signals.try_recv() {
                    Ok(Signal::Hint(hint)) => {
                        came_meanwhile |= is_first;
                        self.take(hint);
                    }
                    Ok(Signal::Rebuild) => return Happening::Rebuild,
                    Ok(Signal::Stop) => return Happening::Stop,
                    Err(_) => break,
                }
            }
            is_first = false;
            changed.append(&mut self.look());
            let is_part = came_meanwhile && start.elapsed() < LONGEST_WAIT;
            if !changed.is_empty() && !is_part {
                return Happening::Changed(changed);
            }
            let until = if changed.is_empty() { self.next_look() } else { Instant::now() + QUIET };
            let signal = self.signals.recv_timeout(until.saturating_duration_since(Instant::now()));
            match signal {
                Ok(Signal::Hint(hint)) => self.take(hint),
                Ok(Signal::Rebuild) => return Happening::Rebuild,
                Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return Happening::Stop,
                Err(RecvTimeoutError::Timeout) => {
                    // It has been quiet: what has changed is all.
                    changed.append(&mut self.look());
                    if !changed.is_empty() {
                        return Happening::Changed(changed);
                    }
                    came_meanwhile = false;
                }
            }
        }
    }
}

/// What an event says about where to look; nothing when files are only read.
fn hint_of(event: notify::Result<notify::Event>) -> Option<Hint> {
    let Ok(event) = event else {
        return Some(Hint { paths: Vec::new(), when: When::Everywhere });
    };
    if event.need_rescan() {
        return Some(Hint { paths: Vec::new(), when: When::Everywhere });
    }
    let is_litter_path = |path: &PathBuf| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| is_litter(&FilePath::new(name)))
    };
    let when = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => When::Now,
        EventKind::Access(_) => return None,
        // A backup: the file will be there again.
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) if event.paths.iter().any(is_litter_path) => {
            if event.paths.last().is_some_and(is_litter_path) {
                When::Soon
            } else {
                When::Now
            }
        }
        EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both))
        | EventKind::Create(CreateKind::Folder) => When::Now,
        EventKind::Remove(RemoveKind::Any | RemoveKind::File | RemoveKind::Folder | RemoveKind::Other)
        | EventKind::Modify(_)
        | EventKind::Create(_)
        | EventKind::Any
        | EventKind::Other => When::Soon,
    };
    Some(Hint { paths: event.paths, when })
}

/// Why the system does not tell of changes.
fn words(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "the system watches as many files as it allows (`fs.inotify.max_user_watches`)".to_owned()
        }
        notify::ErrorKind::Io(io) if io.raw_os_error() == Some(24) => {
            "the system watches for as many programs as it allows (`fs.inotify.max_user_instances`)"
                .to_owned()
        }
        notify::ErrorKind::Io(io) if io.raw_os_error() == Some(28) => {
            "the system watches as many files as it allows (`fs.inotify.max_user_watches`)".to_owned()
        }
        _ => format!("the system does not watch files: {error}"),
    }
}

/// The kind of a file system on which changes made elsewhere are not told.
#[cfg(target_os = "linux")]
fn without_events(root: &Path) -> Option<&'static str> {
    let kind = rustix::fs::statfs(root).ok()?.f_type;
    Some(match u32::try_from(kind.cast_unsigned() & 0xffff_ffff).ok()? {
        0x6969 => "a network drive (NFS)",
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => "a network drive (SMB)",
        0x0102_1997 => "a shared folder (9p)",
        0x7867_5666 | 0x786f_4256 => "a shared folder (VirtualBox)",
        _ => return None,
    })
}

#[cfg(not(target_os = "linux"))]
fn without_events(_root: &Path) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use notify::event::{DataChange, Flag};
    use notify::{Error, ErrorKind, Event};

    use super::*;

    fn when(kind: EventKind, paths: &[&str]) -> Option<When> {
        let event = paths.iter().fold(Event::new(kind), |event, path| event.add_path(PathBuf::from(path)));
        hint_of(Ok(event)).map(|hint| hint.when)
    }

    #[test]
    fn what_is_whole_is_looked_at_at_once() {
        let rename = |mode| EventKind::Modify(ModifyKind::Name(mode));
        let written = EventKind::Access(AccessKind::Close(AccessMode::Write));
        assert_eq!(when(written, &["a.md"]), Some(When::Now));
        assert_eq!(when(EventKind::Access(AccessKind::Open(AccessMode::Any)), &["a.md"]), None);
        let part = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        assert_eq!(when(part, &["a.md"]), Some(When::Soon));
        assert_eq!(when(EventKind::Create(CreateKind::File), &["a.md"]), Some(When::Soon));
        assert_eq!(when(EventKind::Create(CreateKind::Folder), &["x"]), Some(When::Now));
        assert_eq!(when(EventKind::Remove(RemoveKind::File), &["a.md"]), Some(When::Soon));
        assert_eq!(when(rename(RenameMode::Both), &["a.md", "b.md"]), Some(When::Now));
        // A backup, and a careful save.
        assert_eq!(when(rename(RenameMode::Both), &["a.md", "a.md~"]), Some(When::Soon));
        assert_eq!(when(rename(RenameMode::Both), &[".a.md.swp", "a.md"]), Some(When::Now));
        assert_eq!(when(rename(RenameMode::From), &["a.md"]), Some(When::Soon));
        // Events were lost.
        let lost = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert_eq!(hint_of(Ok(lost)).map(|hint| hint.when), Some(When::Everywhere));
        assert_eq!(hint_of(Err(Error::generic("x"))).map(|hint| hint.when), Some(When::Everywhere));
    }

    #[test]
    fn limits_of_the_system_are_named() {
        assert!(words(&Error::new(ErrorKind::MaxFilesWatch)).contains("max_user_watches"));
        let io = |number| Error::io(std::io::Error::from_raw_os_error(number));
        assert!(words(&io(28)).contains("max_user_watches") && words(&io(24)).contains("max_user_instances"));
        assert!(words(&Error::generic("odd")).contains("odd"));
    }

    #[test]
    fn lost_events_are_made_up_for() {
        let folder = std::env::temp_dir().join(format!("juxta-watch-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let path = folder.join(path);
            #[expect(clippy::disallowed_methods, reason = "a test edits files")]
            std::fs::create_dir_all(path.parent().unwrap())
                .and_then(|()| std::fs::write(path, text))
                .unwrap();
        };
        write("content/a.md", "a");
        let files: SharedFiles = std::sync::Arc::new(crate::read::disk::DiskFiles::new(&folder).unwrap());
        let root = folder.canonicalize().unwrap();
        let mut watch = Watch::new(&root, &files, BTreeSet::new(), false);
        let notice = watch.start();
        assert_eq!(notice, None);
        // The system stops telling, without a word.
        watch.native.as_mut().unwrap().unwatch(&root.join("content")).unwrap();
        write("content/a.md", "b");
        let changed = BTreeSet::from([FilePath::new("content/a.md")]);
        assert_eq!(watch.next(), Happening::Changed(changed));
        watch.sender().send(Signal::Rebuild).unwrap();
        assert_eq!(watch.next(), Happening::Rebuild);
        watch.sender().send(Signal::Stop).unwrap();
        assert_eq!(watch.next(), Happening::Stop);
        #[expect(clippy::disallowed_methods, reason = "a test tidies up")]
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
