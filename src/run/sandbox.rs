//! Sandbox: one program, run so that it can do little harm by mistake.
//!
//! In: a program, arguments, a folder, limits. Out: how it ended and what it
//! wrote. Everything the program started is ended with it.
//!
//! A shell starts the program, since limits can be set from there without code
//! that could not be proved safe here. Where the system allows it, `unshare`
//! starts the shell in a network of its own, which has nobody else in it, and
//! among processes of its own, which end with the first of them. Elsewhere the
//! process group is ended, and the network is as it is.
#![expect(clippy::disallowed_methods, reason = "the edge where programs are run")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::interpreter::{Interpreter, find_program};

/// Time between two looks at a program.
const LOOK: Duration = Duration::from_millis(5);

/// Time for the last of what was written to arrive, once a program has ended.
const DRAIN: Duration = Duration::from_millis(500);

/// KiB that may be reserved: two GiB.
const ADDRESS_SPACE: &str = "2097152";

/// Limits, a clock that ends everything even when nobody watches any more; then
/// the program. `$1` is the limit of memory or empty, `$2` seconds, `$3` what
/// brings up the loopback device. [`LOOPBACK`] stands before it where there is
/// a network of our own.
const START: &str = r#"
[ -n "$1" ] && ulimit -v "$1" 2>/dev/null
ulimit -c 0 2>/dev/null
ulimit -f 131072 2>/dev/null
( sleep "$2"; kill -KILL 0 ) </dev/null >/dev/null 2>&1 &
shift 3
"$@"
exit $?
"#;

/// Programs that can bring up the loopback device, `$3`, so that code can talk
/// to a server that it has started itself, and the line of shell that does it.
/// Many small systems have Python and none of the others.
const LOOPBACK: &[(&str, &str)] = &[
    ("ip", r#""$3" link set lo up"#),
    ("ifconfig", r#""$3" lo up"#),
    ("busybox", r#""$3" ip link set lo up"#),
    (
        "python3",
        // SIOCSIFFLAGS: up and running.
        r#""$3" -I -c 'import fcntl, socket, struct
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any:
    fcntl.ioctl(any, 0x8914, struct.pack("16sh14x", b"lo", 0x41))'"#,
    ),
];

/// Variables that make output the same everywhere.
const SETTINGS: &[(&str, &str)] = &[
    ("LANG", "C.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
    ("TZ", "UTC"),
    ("NO_COLOR", "1"),
    ("PYTHONHASHSEED", "0"),
    ("PYTHONUTF8", "1"),
    ("PYTHONUNBUFFERED", "1"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
];

/// What a program may use.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub(super) time: Duration,
    /// Bytes for each of its two outputs.
    pub(super) output: usize,
    /// Limit the memory that is reserved.
    pub(super) memory: bool,
    /// Which environment it gets.
    pub(super) environment: Environment,
}

/// What a program can learn from the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Environment {
    /// Nothing of ours.
    Bare,
    /// Ours: for interpreters that are asked who they are, never for code of
    /// a page. A program that stands for others (pyenv, asdf, Volta) needs it
    /// to find them.
    Ours,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// By itself; 128 and a signal's number when a signal ended it.
    Code(i32),
    /// It was ended, since its time was over.
    Timeout,
    /// It was ended, since it wrote too much.
    TooMuchOutput,
}

/// A program that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) status: Status,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// What this machine has to run programs with.
#[derive(Debug)]
pub(super) struct Sandbox {
    temporary: PathBuf,
    shell: Option<PathBuf>,
    /// `unshare`, and its options for a network of our own.
    unshare: Option<(PathBuf, &'static [&'static str])>,
    /// What brings up the loopback device there, and how.
    loopback: Option<(PathBuf, &'static str)>,
    folders: AtomicUsize,
}

/// A new folder, which goes when this does.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Without symbolic links.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file, whose path is known to stay below the folder. What ran
    /// before may have put a link in its place.
    pub(super) fn write(&self, path: &str, text: &str) -> io::Result<()> {
        let path = self.path.join(path);
        let folder = path.parent().unwrap_or(&self.path);
        fs::create_dir_all(folder)?;
        if !fs::canonicalize(folder)?.starts_with(&self.path) {
            return Err(io::Error::other("a link leads out of the folder"));
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::write(&path, text)
    }
}

impl Folder {
    /// Puts the packages of a project at hand where they are looked for below
    /// a folder: those of Node.js.
    pub(super) fn link(&self, interpreter: Interpreter, root: &Path) -> io::Result<()> {
        let packages = root.join("node_modules");
        if interpreter != Interpreter::Node || !packages.is_dir() {
            return Ok(());
        }
        #[cfg(unix)]
        match std::os::unix::fs::symlink(&packages, self.path.join("node_modules")) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl Sandbox {
    /// Looks for what there is, and tries it.
    pub(super) fn find(search: &[PathBuf], temporary: &Path) -> Self {
        let mut folders = search.to_vec();
        folders.extend(["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map(PathBuf::from));
        let mut sandbox = Self {
            temporary: temporary.to_owned(),
            shell: if cfg!(unix) { find_program("sh", &folders) } else { None },
            unshare: None,
            loopback: None,
            folders: AtomicUsize::new(0),
        };
        if cfg!(target_os = "linux")
            && let Some(shell) = &sandbox.shell
            && let (Some(unshare), Some(yes)) =
                (find_program("unshare", &folders), find_program("true", &folders))
        {
            let ways: [&[&str]; 2] = [
                &["--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--"],
                &["--map-root-user", "--net", "--"],
            ];
            let works = |way: &[&str], words: &[&OsStr]| {
                let probe = Command::new(&unshare)
                    .args(way)
                    .args(words)
                    .env_clear()
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .status();
                probe.is_ok_and(|status| status.success())
            };
            if let Some(way) = ways.into_iter().find(|way| works(way, &[yes.as_os_str()])) {
                sandbox.loopback = LOOPBACK.iter().find_map(|(name, line)| {
                    let program = find_program(name, &folders)?;
                    let line_alone = [shell.as_os_str(), "-c".as_ref(), line.as_ref(), "".as_ref()];
                    let words = [&line_alone[..], &["".as_ref(), "".as_ref(), program.as_os_str()]].concat();
                    works(way, &words).then_some((program, *line))
                });
                sandbox.unshare = Some((unshare, way));
            }
        }
        sandbox
    }

    /// Whether programs are without a network.
    pub(super) fn cuts_network(&self) -> bool {
        self.unshare.is_some()
    }

    /// A new, empty folder that nobody else can read.
    pub(super) fn folder(&self) -> io::Result<Folder> {
        let temporary = fs::canonicalize(&self.temporary)?;
        loop {
            let number = self.folders.fetch_add(1, Ordering::Relaxed);
            let path = temporary.join(format!("juxta-run-{}-{number}", std::process::id()));
            let mut builder = fs::DirBuilder::new();
            #[cfg(unix)]
            {
                use std::os::unix::fs::DirBuilderExt as _;
                builder.mode(0o700);
            }
            match builder.create(&path) {
                Ok(()) => return Ok(Folder { path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The command, with whatever starts it.
    fn command(&self, program: &Path, arguments: &[String], limits: &Limits) -> Command {
        let Some(shell) = &self.shell else {
            let mut command = Command::new(program);
            command.args(arguments);
            return command;
        };
        let mut command = match &self.unshare {
            Some((unshare, way)) => {
                let mut command = Command::new(unshare);
                command.args(*way).arg(shell);
                command
            }
            None => Command::new(shell),
        };
        let memory = if limits.memory { ADDRESS_SPACE } else { "" };
        let (device, line) = self.loopback.as_ref().map_or((Path::new(""), ""), |(path, line)| (path, line));
        command.arg("-c").arg(format!("{line}\n{START}")).args(["juxta", memory]);
        command.arg((limits.time.as_secs() + 2).to_string());
        command.arg(device).arg(program).args(arguments);
        command
    }

    /// Runs a program in a folder, to its end or to the end of its time.
    pub(super) fn run(
        &self,
        program: &Path,
        arguments: &[String],
        folder: &Path,
        limits: &Limits,
    ) -> io::Result<Ended> {
        let mut command = self.command(program, arguments, limits);
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if limits.environment == Environment::Bare {
            command.env_clear().envs(bare(program, folder));
        }
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            command.process_group(0);
        }
        let mut child = command.spawn()?;
        let over = Arc::new(AtomicBool::new(false));
        let stdout = Pipe::read(child.stdout.take(), limits.output, &over);
        let stderr = Pipe::read(child.stderr.take(), limits.output, &over);
        let ended = watch(&mut child, limits.time, &over);
        // Also after a good end: what it started may still be there.
        end_all(&mut child);
        let status = child.wait()?;
        let (stdout, stderr) = (stdout.finish(), stderr.finish());
        let status = match ended {
            Some(status) => status,
            None if over.load(Ordering::Relaxed) => Status::TooMuchOutput,
            None => Status::Code(code(status)),
        };
        Ok(Ended { status, stdout, stderr })
    }
}

/// The environment of code.
fn bare(program: &Path, folder: &Path) -> Vec<(&'static str, OsString)> {
    let mut path = program.parent().map(|folder| folder.as_os_str().to_owned()).unwrap_or_default();
    path.push(":/usr/bin:/bin");
    let mut variables: Vec<(&str, OsString)> =
        vec![("PATH", path), ("HOME", folder.into()), ("TMPDIR", folder.into())];
    variables.extend(SETTINGS.iter().map(|(name, value)| (*name, OsString::from(value))));
    variables
}

/// Waits; `None` when the program has ended by itself. It is not reaped, so
/// that its number stays its own.
fn watch(child: &mut Child, time: Duration, over: &AtomicBool) -> Option<Status> {
    let started = Instant::now();
    loop {
        if has_ended(child) {
            return None;
        }
        if over.load(Ordering::Relaxed) {
            return Some(Status::TooMuchOutput);
        }
        if started.elapsed() >= time {
            return Some(Status::Timeout);
        }
        thread::sleep(LOOK);
    }
}

#[cfg(unix)]
fn has_ended(child: &mut Child) -> bool {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return true };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    matches!(waitid(WaitId::Pid(pid), options), Ok(Some(_)))
}

#[cfg(not(unix))]
fn has_ended(child: &mut Child) -> bool {
    !matches!(child.try_wait(), Ok(None))
}

/// Ends the program and its process group.
fn end_all(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
    let _ = child.kill();
}

#[cfg(unix)]
fn code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

#[cfg(not(unix))]
fn code(status: std::process::ExitStatus) -> i32 {
    status.code().unwrap_or(1)
}

/// What comes out of a pipe, up to a limit.
struct Pipe {
    bytes: Arc<Mutex<Vec<u8>>>,
    done: Receiver<()>,
}

impl Pipe {
    /// Reads on a thread of its own; `over` tells that there was too much.
    fn read(from: Option<impl Read + Send + 'static>, limit: usize, over: &Arc<AtomicBool>) -> Self {
        let bytes: Arc<Mutex<Vec<u8>>> = Arc::default();
        let (tell, done) = channel();
        let (kept, over) = (Arc::clone(&bytes), Arc::clone(over));
        thread::spawn(move || {
            let Some(mut from) = from else { return };
            let mut buffer = [0; 8192];
            while let Ok(read @ 1..) = from.read(&mut buffer) {
                let Ok(mut kept) = kept.lock() else { return };
                if kept.len() + read > limit {
                    over.store(true, Ordering::Relaxed);
                    break;
                }
                kept.extend_from_slice(&buffer[..read]);
            }
            let _ = tell.send(());
        });
        Self { bytes, done }
    }

    /// All of it; what somebody who got away still writes is not waited for.
    fn finish(self) -> Vec<u8> {
        match self.done.recv_timeout(DRAIN) {
            Ok(()) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        self.bytes.lock().map(|mut bytes| std::mem::take(&mut *bytes)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each of the programs that can bring the device up does.
    #[test]
    fn every_way_to_the_loopback_device_leads_there() {
        let search: Vec<PathBuf> = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"]
            .into_iter()
            .map(PathBuf::from)
            .collect();
        let mut sandbox = Sandbox::find(&search, &std::env::temp_dir());
        let Some(shell) = sandbox.shell.clone().filter(|_| sandbox.cuts_network()) else { return };
        let Some(python) = find_program("python3", &search) else { return };
        let talk = "import socket; server = socket.create_server(('127.0.0.1', 0)); \
                    socket.create_connection(server.getsockname()); print('talked')";
        for (name, line) in LOOPBACK {
            let Some(program) = find_program(name, &search) else { continue };
            sandbox.loopback = Some((program, line));
            let folder = sandbox.folder().unwrap();
            let limits = Limits {
                time: Duration::from_secs(20),
                output: 1 << 12,
                memory: false,
                environment: Environment::Bare,
            };
            let ended =
                sandbox.run(&python, &["-c".to_owned(), talk.to_owned()], folder.path(), &limits).unwrap();
            assert_eq!(String::from_utf8_lossy(&ended.stdout), "talked\n", "{name} {}", shell.display());
        }
    }
}
