//! The program as a process: in any surroundings it gives the same bytes, and
//! whatever ends it leaves one site whole.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk and start processes")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests are tests too")]

#[path = "support/samples.rs"]
mod samples;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use samples::{assert_same, sample};
use tempfile::TempDir;

/// A site on disk.
struct Project {
    _top: TempDir,
    root: PathBuf,
}

impl Project {
    fn new(files: &[(String, String)]) -> Self {
        let top = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let root = top.path().join("a site");
        let project = Self { _top: top, root };
        project.write_all(files);
        project
    }

    fn write_all(&self, files: &[(String, String)]) {
        for (path, text) in files {
            self.write(path, text);
        }
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_juxta"));
        command.arg("--root").arg(&self.root).args(arguments).stdin(Stdio::null());
        command.env_remove("SOURCE_DATE_EPOCH").env("HOME", "/nonexistent");
        command
    }

    fn build(&self) -> Output {
        self.command(&["build"]).output().unwrap()
    }

    #[track_caller]
    fn build_well(&self) {
        let output = self.build();
        assert!(output.status.success(), "{}", words(&output));
    }

    fn spawn(&self) -> Child {
        self.command(&["build"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn site(&self) -> BTreeMap<String, Vec<u8>> {
        files(&self.root.join("public"))
    }

    /// Nothing but the sources and the output.
    fn assert_nothing_beside(&self) {
        let names = fs::read_dir(&self.root).unwrap().map(|entry| entry.unwrap().file_name());
        let ours: Vec<_> = names.filter(|name| name.to_string_lossy().contains("juxta-")).collect();
        assert!(ours.is_empty(), "{ours:?}");
    }
}

fn words(output: &Output) -> String {
    format!("{:?}\n{}", output.status, String::from_utf8_lossy(&output.stderr))
}

/// All files but the marker.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let walk = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    walk.filter(|entry| entry.file_type().is_file() && entry.file_name() != juxta::publish::MARKER)
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            (path, fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn surroundings_change_no_byte() {
    let sample = sample(24, 0);
    let first = Project::new(&sample);
    first.build_well();
    let expected = first.site();
    assert!(expected.len() > 80, "{}", expected.len());
    let environments: [(&str, &[(&str, &str)]); 6] = [
        ("one thread", &[("RAYON_NUM_THREADS", "1")]),
        ("eight threads", &[("RAYON_NUM_THREADS", "8")]),
        ("another time zone", &[("TZ", "Asia/Tokyo")]),
        ("another locale", &[("LC_ALL", "C"), ("LANG", "tr_TR.UTF-8")]),
        ("another user", &[("HOME", "/root"), ("USER", "somebody"), ("LOGNAME", "somebody")]),
        ("a terminal", &[("CLICOLOR_FORCE", "1"), ("TERM", "xterm"), ("COLUMNS", "20")]),
    ];
    for (what, variables) in environments {
        // Another folder each time, made in the reverse order.
        let other = Project::new(&sample.iter().rev().cloned().collect::<Vec<_>>());
        let output = other.command(&["build"]).envs(variables.iter().copied()).output().unwrap();
        assert!(output.status.success(), "{what}: {}", words(&output));
        assert_same(what, &expected, &other.site());
    }
    let old = Project::new(&sample);
    let long_ago = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for entry in walkdir::WalkDir::new(&old.root).into_iter().map(Result::unwrap) {
        fs::File::open(entry.path()).unwrap().set_modified(long_ago).unwrap();
    }
    let output = old.command(&["build"]).current_dir("/").output().unwrap();
    assert!(output.status.success(), "{}", words(&output));
    assert_same("files of 2001", &expected, &old.site());
}

#[test]
fn a_failed_build_leaves_the_old_site() {
    let project = Project::new(&sample(8, 0));
    project.build_well();
    let before = project.site();
    let mistakes = [
        ("content/s0/p0.md", "# A\n\n[gone](@/gone.md)\n", 1),
        ("content/s0/p0.md", "# A\n\n{{ throw(message='x') }}\n", 1),
        ("templates/page.html", "{% if %}", 1),
        ("templates/page.html", "{{ nothing.at.all }}", 1),
        ("themes/x/theme.toml", "=", 0),
        ("juxta.toml", "theme = \"gone\"", 1),
        ("juxta.toml", "output_dir = \"content\"", 2),
        ("juxta.toml", "=", 1),
    ];
    for (path, text, code) in mistakes {
        let old = fs::read(project.root.join(path)).ok();
        project.write(path, text);
        let output = project.build();
        assert_eq!(output.status.code(), Some(code), "{path} {text}: {}", words(&output));
        match old {
            Some(old) => project.write(path, old),
            None => fs::remove_file(project.root.join(path)).unwrap(),
        }
        assert_same(text, &before, &project.site());
        project.assert_nothing_beside();
    }
}

#[test]
fn unchanged_outputs_are_not_touched_and_foreign_files_survive() {
    let project = Project::new(&sample(8, 0));
    project.build_well();
    project.write("public/.git/HEAD", "mine");
    project.write("public/CNAME", "example.com");
    let stamps = || -> BTreeMap<String, (u64, i64, i64)> {
        let stamp = |path: &String| {
            let metadata = fs::metadata(project.root.join("public").join(path)).unwrap();
            (metadata.ino(), metadata.mtime(), metadata.mtime_nsec())
        };
        project.site().keys().map(|path| (path.clone(), stamp(path))).collect()
    };
    let before = stamps();
    project.build_well();
    assert_eq!(stamps(), before);

    let text = fs::read_to_string(project.root.join("content/p.fr.md")).unwrap();
    project.write("content/p.fr.md", text.replace("Du texte", "Un texte"));
    project.build_well();
    let after = stamps();
    let changed: Vec<&String> =
        before.keys().filter(|path| after.get(*path) != Some(&before[*path])).collect();
    // Of the search only the index in that language: its entry, the page's texts, a shard.
    let (of_search, changed): (Vec<&String>, _) =
        changed.into_iter().partition(|path| path.starts_with("fr/search/"));
    assert_eq!(changed, ["fr/p/index.html"]);
    assert_eq!(of_search.len(), 3, "{of_search:?}");
    assert_eq!(fs::read(project.root.join("public/.git/HEAD")).unwrap(), b"mine");
    assert_eq!(fs::read(project.root.join("public/CNAME")).unwrap(), b"example.com");
}

/// Ends builds at random moments; `JUXTA_KILLS` says how many.
fn end_at_any_moment(signal: &str, number: i32) {
    let ends: u32 = std::env::var("JUXTA_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(15);
    let versions = [sample(16, 0), sample(16, 1)];
    let project = Project::new(&versions[1]);
    let mut sites = Vec::new();
    let mut longest = Duration::ZERO;
    for version in versions.iter().rev() {
        project.write_all(version);
        let start = Instant::now();
        project.build_well();
        longest = longest.max(start.elapsed());
        sites.insert(0, project.site());
    }
    let (mut published, mut random): (usize, u64) = (0, 0x9e37_79b9_7f4a_7c15);
    let mut ended = 0;
    for _ in 0..ends {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let next = 1 - published;
        project.write_all(&versions[next]);
        let mut child = project.spawn();
        // Most moments of interest are at the end.
        let part = 0.3 + 0.8 * f64::from(random as u32) / f64::from(u32::MAX);
        std::thread::sleep(longest.mul_f64(part));
        let _ = Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status();
        let status = child.wait().unwrap();
        assert!(
            status.success() || status.signal() == Some(number) || status.code() == Some(130),
            "{status}"
        );
        ended += u32::from(!status.success());
        let found = project.site();
        published = usize::from(found == sites[1]);
        assert_same("neither the old nor the new site", &sites[published], &found);
    }
    project.write_all(&versions[0]);
    project.build_well();
    assert_same("after the last", &sites[0], &project.site());
    project.assert_nothing_beside();
    assert!(ended > 0, "every build was done before it could be ended");
}

#[test]
fn a_kill_at_any_moment_leaves_one_site_whole() {
    end_at_any_moment("-KILL", 9);
}

#[test]
fn an_interrupt_at_any_moment_leaves_one_site_whole() {
    end_at_any_moment("-INT", 2);
}

/// A file system in memory; needs the rights of root.
struct Mount(PathBuf);

impl Mount {
    fn new(folder: &Path, options: &str) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "none"]).arg(folder).stderr(Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(Self(folder.to_owned()));
        }
        println!("skipped: mounting needs the rights of root");
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_leaves_the_old_site() {
    let project = Project::new(&sample(4, 0));
    let disk = project.root.join("disk");
    let Some(_mount) = Mount::new(&disk, "size=2m") else { return };
    let site = disk.join("site");
    let build = || project.command(&["build", "--output-dir"]).arg(&site).output().unwrap();
    let output = build();
    assert!(output.status.success(), "{}", words(&output));
    let before = files(&site);
    project.write("static/big.bin", vec![b'x'; 4 << 20]);
    let output = build();
    assert_eq!(output.status.code(), Some(3), "{}", words(&output));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("big.bin") && told.contains("4194304"), "{told}");
    assert_same("full disk", &before, &files(&site));
    assert_eq!(fs::read_dir(&disk).unwrap().count(), 1);
    fs::remove_file(project.root.join("static/big.bin")).unwrap();
    assert!(build().status.success());
    assert_same("room again", &before, &files(&site));
}

/// Runs a build that must not take long.
fn build_in_time(project: &Project) -> Output {
    let mut command = project.command(&["build", "--message-format", "short"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("the build hangs");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

#[test]
fn what_is_no_regular_file_is_told() {
    let project = Project::new(&sample(4, 0));
    project.write("../outside.md", "# Secret\n");
    let content = project.root.join("content");
    let fifo = |path: PathBuf| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    fifo(content.join("pipe.md"));
    fifo(content.join("pipe.png"));
    fifo(project.root.join("data/pipe.json"));
    fifo(project.root.join("static/pipe.txt"));
    let _socket = std::os::unix::net::UnixListener::bind(content.join("socket.md")).unwrap();
    symlink(".", content.join("loop")).unwrap();
    symlink("b", content.join("a")).unwrap();
    symlink("a", content.join("b")).unwrap();
    symlink("nowhere.md", content.join("dangling.md")).unwrap();
    symlink("../../outside.md", content.join("out.md")).unwrap();
    symlink("/etc", project.root.join("static/etc")).unwrap();
    project.write("content/load.md", "# L\n\n{{ load_data(path='data/pipe.json') }}\n");
    let output = build_in_time(&project);
    let told = words(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for name in [
        "pipe.md",
        "pipe.png",
        "pipe.txt",
        "socket.md",
        "loop",
        "content/a",
        "dangling.md",
        "out.md",
        "etc",
        "load.md",
    ] {
        assert!(told.contains(name), "{name}: {told}");
    }
    assert!(!told.contains("Secret") && !project.root.join("public").exists(), "{told}");
}

#[test]
fn odd_names_are_published_and_those_that_are_no_text_are_told() {
    use std::os::unix::ffi::OsStrExt as _;
    let project = Project::new(&sample(4, 0));
    let odd = [
        "con.md",
        "%2e%2e.md",
        "a:b.md",
        "end .md",
        "dot..md",
        "~y.md",
        "c:x.md",
        "$(x).md",
        "-rf.md",
        "é.md",
    ];
    for name in odd {
        project.write(&format!("content/{name}"), "# N\n");
        project.write(&format!("static/s/{name}.txt"), "x");
    }
    let output = build_in_time(&project);
    assert!(output.status.success(), "{}", words(&output));
    for name in odd {
        assert_eq!(fs::read(project.root.join(format!("public/s/{name}.txt"))).unwrap(), b"x");
    }
    for name in [&b"n\xff.md"[..], b"line\nbreak.md", b"esc\x1b[31m.md", b"back\\slash.md"] {
        let path = project.root.join("content").join(std::ffi::OsStr::from_bytes(name));
        fs::write(path, "# N\n").unwrap();
    }
    let output = build_in_time(&project);
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!told.contains('\u{1b}'), "{told}");
    for name in [r"n\xff.md", r"line\nbreak.md", r"esc\u{1b}[31m.md", r"back\\slash.md"] {
        let expected = format!("content/{name}: error[bad-file-name]: cannot read `content/{name}`");
        assert!(told.contains(&expected), "{name}: {told}");
    }
}

#[test]
fn few_files_are_open_at_a_time() {
    let pages = std::env::var("JUXTA_PAGES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_500);
    let files: Vec<(String, String)> =
        (0..pages).map(|i| (format!("content/s{}/p{i}.md", i % 40), format!("# P{i}\n"))).collect();
    let project = Project::new(&files);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 64 && exec \"$0\" --root \"$1\" build", env!("CARGO_BIN_EXE_juxta")]);
    let output = command.arg(&project.root).output().unwrap();
    assert!(output.status.success(), "{}", words(&output));
    assert!(project.site().len() > pages);
}
