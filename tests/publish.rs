//! Publishing against a real file system: which folders are refused, what
//! survives, and what a kill at any moment leaves behind.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk and start processes")]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests are tests too")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Lines};
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use juxta::base::paths::OutputPath;
use juxta::publish::{MARKER, Options, Origin, PublishError, Published, Target, begin, begin_with, judge};
use tempfile::TempDir;

type Site = BTreeMap<String, Vec<u8>>;

const SITE_ID: &str = "example";

/// A project with sources, beside another folder, in a folder of its own.
struct Project {
    top: TempDir,
    root: PathBuf,
}

impl Project {
    fn new() -> Self {
        Self::below(tempfile::tempdir().unwrap())
    }

    /// In memory where there is a place for it: some disks need a millisecond
    /// for a file, and a kill does not reach them anyway.
    fn in_memory() -> Self {
        Self::below(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap())
    }

    fn below(top: TempDir) -> Self {
        let root = fs::canonicalize(top.path()).unwrap().join("home/project");
        for folder in ["content/docs", "templates", "static", "themes/t", ".git", "sub"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        fs::write(root.join("content/docs/a.md"), "a").unwrap();
        fs::write(root.join("juxta.toml"), "").unwrap();
        fs::create_dir_all(root.join("../victim")).unwrap();
        fs::write(root.join("../victim/precious"), "x").unwrap();
        Self { top, root }
    }

    fn judge(&self, output: &str, origin: Origin) -> Result<Target, juxta::publish::Refusal> {
        let sources = ["content", "templates", "static", "themes", "data"].map(Path::new);
        judge(&self.root, Path::new(output), &sources, origin, self.root.parent())
    }

    fn target(&self) -> Target {
        self.judge("public", Origin::Config).unwrap()
    }

    fn public(&self, path: &str) -> PathBuf {
        self.root.join("public").join(path)
    }

    fn publish(&self, site: &Site) -> Result<Published, PublishError> {
        publish(&self.target(), site, Options::default())
    }

    fn assert_nothing_beside(&self) {
        let names = fs::read_dir(&self.root).unwrap().map(|entry| entry.unwrap().file_name());
        let ours: Vec<_> = names.filter(|name| name.to_string_lossy().contains("juxta-")).collect();
        assert!(ours.is_empty(), "{ours:?}");
    }

    fn assert_published(&self, site: &Site) {
        assert_eq!(&files(&self.root.join("public")), site);
        self.assert_nothing_beside();
    }
}

fn publish(target: &Target, site: &Site, options: Options) -> Result<Published, PublishError> {
    let publication = begin_with(target, SITE_ID, options)?;
    for (path, bytes) in site {
        publication.add(&OutputPath::new(path).unwrap(), bytes)?;
    }
    publication.commit()
}

fn site(files: &[(&str, &str)]) -> Site {
    files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}

/// All files but the marker, with their bytes; links are not followed.
fn files(folder: &Path) -> Site {
    let walk = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    walk.filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            (path, fs::read(entry.path()).unwrap())
        })
        .filter(|(path, _)| path != MARKER)
        .collect()
}

/// Everything there is to know about a tree, times included.
fn tree(folder: &Path) -> BTreeMap<PathBuf, (u32, u64, i64, i64, Vec<u8>)> {
    let walk = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    walk.map(|entry| {
        let metadata = entry.path().symlink_metadata().unwrap();
        let bytes = if metadata.is_file() { fs::read(entry.path()).unwrap() } else { Vec::new() };
        let times = if metadata.is_dir() { (0, 0) } else { (metadata.mtime(), metadata.mtime_nsec()) };
        (entry.into_path(), (metadata.mode(), metadata.ino(), times.0, times.1, bytes))
    })
    .collect()
}

fn old_site() -> Site {
    site(&[
        ("index.html", "old index"),
        ("a/index.html", "old a"),
        ("b/index.html", "the same b"),
        ("c/deep/index.html", "old c, to go"),
        ("style.css", "old style"),
        ("d", "a file"),
        ("e/index.html", "a folder"),
    ])
}

fn new_site() -> Site {
    site(&[
        ("index.html", "the new index"),
        ("a/index.html", "new a"),
        ("b/index.html", "the same b"),
        ("f/index.html", "new f"),
        ("style.css", "new style"),
        ("d/index.html", "a folder now"),
        ("e", "a file now"),
    ])
}

#[test]
fn dangerous_folders_are_refused_before_anything_is_touched() {
    let project = Project::new();
    let root = &project.root;
    symlink("../victim", root.join("link")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    symlink("content", root.join("alias")).unwrap();
    fs::write(root.join("file"), "x").unwrap();
    fs::create_dir(root.join("full")).unwrap();
    for name in ["one", "two", "three", "four"] {
        fs::write(root.join("full").join(name), "x").unwrap();
    }
    fs::create_dir(root.join("odd")).unwrap();
    fs::write(root.join("odd").join(MARKER), "not ours\n").unwrap();
    let before = tree(project.top.path());
    let absolute = root.join("../victim").display().to_string();
    let rows = [
        ("", "has no name"),
        (".", "is the project itself"),
        ("./", "is the project itself"),
        ("sub/..", "is the project itself"),
        ("/", "is the root of the file system"),
        ("..", "is your home folder"),
        ("../..", "is your home folder, or contains it"),
        ("../victim", "is outside the project"),
        ("../new", "is outside the project"),
        (&absolute, "is outside the project"),
        ("content", "is, or is inside, the source folder `content`"),
        ("content/docs", "is, or is inside, the source folder `content`"),
        ("content/new", "is, or is inside, the source folder `content`"),
        ("sub/../static", "is, or is inside, the source folder `static`"),
        ("themes/t", "is, or is inside, the source folder `themes`"),
        ("data/out", "is, or is inside, the source folder `data`"),
        ("alias", "is a symbolic link"),
        ("alias/docs", "is, or is inside, the source folder `content`"),
        ("link", "is a symbolic link"),
        ("link/", "is a symbolic link"),
        ("link/public", "is outside the project"),
        ("dangling", "is a symbolic link"),
        (".git", "is inside a repository's own folder"),
        (".git/public", "is inside a repository's own folder"),
        ("~", "only a shell understands"),
        ("~/public", "only a shell understands"),
        ("a\nb", "holds a control character"),
        ("file", "is not a folder"),
        ("file/public", "is not a folder"),
        ("full", "holds files that Juxta did not write: `four`, `one`, `three` and 1 more"),
        ("odd", "cannot be understood"),
    ];
    for (output, expected) in rows {
        let refusal = project.judge(output, Origin::Config).unwrap_err();
        assert!(refusal.message.contains(expected), "{output}: {refusal}");
        assert_eq!(refusal.exit_code, 2, "{output}");
        assert!(!refusal.hint.is_empty());
    }
    // The command line may lead out of the project, not to these.
    for output in ["/", ".", "..", "../..", "../victim", "content", "link", ".git", "full", "odd"] {
        assert_eq!(project.judge(output, Origin::CommandLine).unwrap_err().exit_code, 2, "{output}");
    }
    assert_eq!(tree(project.top.path()), before);
}

#[test]
fn a_folder_that_contains_a_source_is_refused() {
    let project = Project::new();
    fs::create_dir_all(project.root.join("docs/content")).unwrap();
    let sources = [Path::new("docs/content")];
    let refusal = judge(&project.root, Path::new("docs"), &sources, Origin::Config, None).unwrap_err();
    assert!(refusal.message.contains("contains the source folder `docs/content`"), "{refusal}");
    let above = judge(&project.root, Path::new(".."), &[], Origin::CommandLine, None).unwrap_err();
    assert!(above.message.contains("contains the project"), "{above}");
}

#[test]
fn a_mount_point_is_refused() {
    let project = Project::new();
    let public = project.root.join("public");
    fs::create_dir(&public).unwrap();
    let Some(_mount) = Mount::new(&public, "size=1m") else { return };
    let refusal = project.judge("public", Origin::Config).unwrap_err();
    assert!(refusal.message.contains("is a mount point"), "{refusal}");
    project.judge("public/site", Origin::Config).unwrap();
}

#[test]
fn folders_of_one_s_own_are_accepted() {
    let project = Project::new();
    fs::create_dir(project.root.join("empty")).unwrap();
    for output in ["public", "./public/", "empty", "dist/site", "content-public", "sub/../public"] {
        project.judge(output, Origin::Config).unwrap();
    }
    project.judge("../new/site", Origin::CommandLine).unwrap();
    let inside = project.root.join("public").display().to_string();
    project.judge(&inside, Origin::Config).unwrap();
    project.publish(&old_site()).unwrap();
    project.target();
}

#[test]
fn the_folder_of_another_site_is_refused() {
    let project = Project::new();
    project.publish(&old_site()).unwrap();
    let before = tree(&project.root);
    assert_eq!(project.target().check_site("other").unwrap_err().exit_code, 2);
    let error = begin(&project.target(), "other").unwrap_err();
    assert_eq!(error.exit_code, 2);
    assert!(error.message.contains("holds another site, `example`, not `other`"), "{error}");
    assert_eq!(tree(&project.root), before);
}

#[test]
fn a_first_site_is_published_whole() {
    let project = Project::new();
    let published = project.publish(&old_site()).unwrap();
    project.assert_published(&old_site());
    assert_eq!((published.written, published.unchanged, published.removed), (7, 0, 0));
    assert_eq!(published.bytes_written, published.bytes_total);
    // Into an empty folder, too, and with missing folders above.
    fs::create_dir(project.root.join("empty")).unwrap();
    for output in ["empty", "dist/deep/site"] {
        let target = project.judge(output, Origin::Config).unwrap();
        publish(&target, &old_site(), Options { durable: true, ..Options::default() }).unwrap();
        assert_eq!(files(&project.root.join(output)), old_site());
    }
    assert_eq!(
        fs::read(project.root.join("empty").join(MARKER)).unwrap(),
        fs::read(project.public(MARKER)).unwrap(),
        "the marker depends on the site alone"
    );
}

#[test]
fn an_unchanged_site_is_not_touched() {
    let project = Project::new();
    project.publish(&old_site()).unwrap();
    let before = tree(&project.root);
    let published = project.publish(&old_site()).unwrap();
    assert_eq!((published.written, published.unchanged, published.bytes_written), (0, 7, 0));
    assert_eq!(tree(&project.root), before);
}

#[test]
fn a_changed_site_keeps_unchanged_files() {
    let project = Project::new();
    project.publish(&old_site()).unwrap();
    let mode = |folder: &Path| fs::metadata(folder).unwrap().mode();
    fs::set_permissions(project.public(""), std::os::unix::fs::PermissionsExt::from_mode(0o750)).unwrap();
    let same = tree(&project.public("b"));
    let published = project.publish(&new_site()).unwrap();
    project.assert_published(&new_site());
    assert_eq!((published.written, published.unchanged, published.removed), (6, 1, 3));
    let file = project.public("b/index.html");
    assert_eq!(tree(&project.public("b"))[&file], same[&file]);
    assert_eq!(mode(&project.public("")) & 0o777, 0o750);
    assert!(!project.public("c").exists());
}

#[test]
fn one_changed_file_is_one_rename() {
    let project = Project::new();
    project.publish(&old_site()).unwrap();
    let folder = fs::metadata(project.public("")).unwrap().ino();
    let mut site = old_site();
    site.insert("a/index.html".to_owned(), b"newer".to_vec());
    let before = tree(&project.public(""));
    assert_eq!(project.publish(&site).unwrap().written, 1);
    project.assert_published(&site);
    let after = tree(&project.public(""));
    let changed: Vec<_> = after.iter().filter(|(path, what)| before.get(*path) != Some(*what)).collect();
    assert_eq!(changed.len(), 2, "the file and the marker: {changed:?}");
    assert_eq!(fs::metadata(project.public("")).unwrap().ino(), folder, "no exchange");
    // And one removal.
    site.remove("c/deep/index.html");
    assert_eq!(project.publish(&site).unwrap().removed, 1);
    project.assert_published(&site);
    assert!(!project.public("c").exists());
    assert_eq!(fs::metadata(project.public("")).unwrap().ino(), folder);
}

#[test]
fn an_empty_site_can_be_published() {
    let project = Project::new();
    project.publish(&Site::new()).unwrap();
    project.assert_published(&Site::new());
    project.publish(&old_site()).unwrap();
    project.publish(&Site::new()).unwrap();
    project.assert_published(&Site::new());
}

#[test]
fn changes_by_hand_are_undone() {
    let project = Project::new();
    project.publish(&old_site()).unwrap();
    fs::write(project.public("a/index.html"), "OLD A").unwrap();
    fs::write(project.public("style.css"), "longer than before").unwrap();
    fs::remove_file(project.public("index.html")).unwrap();
    fs::remove_dir_all(project.public("e")).unwrap();
    assert_eq!(project.publish(&old_site()).unwrap().written, 4);
    project.assert_published(&old_site());
    fs::remove_dir_all(project.public("e")).unwrap();
    assert_eq!(project.publish(&old_site()).unwrap().written, 1);
    project.assert_published(&old_site());
}

#[test]
fn foreign_files_survive() {
    let project = Project::new();
    project.publish(&old_site()).unwrap();
    let foreign = [".git/HEAD", "CNAME", "a/notes.txt", "c/deep/mine", "g/h/i"];
    for path in foreign {
        fs::create_dir_all(project.public(path).parent().unwrap()).unwrap();
        fs::write(project.public(path), path).unwrap();
    }
    symlink("../../victim", project.public("shortcut")).unwrap();
    let folder = fs::metadata(project.public("")).unwrap().ino();
    for site in [new_site(), old_site(), new_site()] {
        project.publish(&site).unwrap();
        let mut expected = site.clone();
        expected.extend(foreign.map(|path| (path.to_owned(), path.as_bytes().to_vec())));
        project.assert_published(&expected);
        assert!(project.public("shortcut").is_symlink());
        assert_eq!(fs::metadata(project.public("")).unwrap().ino(), folder, "in place");
    }
    assert!(!project.public("e/index.html").exists());
}

#[test]
fn foreign_files_are_not_written_over() {
    type Setup = fn(&Path);
    let rows: [(&str, Setup); 6] = [
        ("f", |public| fs::write(public.join("f"), "mine").unwrap()),
        ("f/index.html", |public| {
            fs::create_dir(public.join("f")).unwrap();
            fs::write(public.join("f/index.html"), "mine").unwrap();
        }),
        ("f", |public| symlink("../../victim", public.join("f")).unwrap()),
        ("f/index.html", |public| fs::create_dir_all(public.join("f/index.html")).unwrap()),
        ("e", |public| fs::write(public.join("e/mine"), "mine").unwrap()),
        ("a/index.html", |public| {
            fs::remove_file(public.join("a/index.html")).unwrap();
            symlink("../../../victim/precious", public.join("a/index.html")).unwrap();
        }),
    ];
    for (path, setup) in rows {
        let project = Project::new();
        project.publish(&old_site()).unwrap();
        setup(&project.public(""));
        let before = tree(project.top.path());
        let error = project.publish(&new_site()).unwrap_err();
        assert!(error.message.contains(&format!("public/{path}` is in the way")), "{error}");
        assert_eq!(error.exit_code, 2);
        assert_eq!(tree(project.top.path()), before);
        project.assert_nothing_beside();
    }
}

#[test]
fn an_identical_foreign_file_is_taken_over() {
    let project = Project::new();
    project.publish(&old_site()).unwrap();
    fs::create_dir(project.public("f")).unwrap();
    fs::write(project.public("f/index.html"), "new f").unwrap();
    project.publish(&new_site()).unwrap();
    project.assert_published(&new_site());
    project.publish(&old_site()).unwrap();
    project.assert_published(&old_site());
}

#[test]
fn an_empty_marker_offers_a_folder() {
    let project = Project::new();
    fs::create_dir_all(project.public(".git")).unwrap();
    fs::write(project.public(".git/HEAD"), "x").unwrap();
    assert!(project.judge("public", Origin::Config).unwrap_err().hint.contains(MARKER));
    fs::write(project.public(MARKER), "").unwrap();
    for site in [old_site(), new_site()] {
        project.publish(&site).unwrap();
        let mut expected = site;
        expected.insert(".git/HEAD".to_owned(), b"x".to_vec());
        project.assert_published(&expected);
    }
}

#[test]
fn in_place_keeps_the_folder() {
    let project = Project::new();
    project.publish(&old_site()).unwrap();
    let folder = fs::metadata(project.public("")).unwrap().ino();
    let same = tree(&project.public("b"));
    publish(&project.target(), &new_site(), Options { in_place: true, ..Options::default() }).unwrap();
    project.assert_published(&new_site());
    assert_eq!(fs::metadata(project.public("")).unwrap().ino(), folder);
    assert_eq!(tree(&project.public("b")), same);
    // The marker is trusted again.
    assert_eq!(project.publish(&new_site()).unwrap().unchanged, 7);
}

#[test]
fn an_abandoned_site_changes_nothing() {
    let project = Project::new();
    let before = tree(&project.root);
    let target = project.judge("dist/deep/site", Origin::Config).unwrap();
    let publication = begin(&target, SITE_ID).unwrap();
    publication.add(&OutputPath::new("a/b.html").unwrap(), b"x").unwrap();
    drop(publication);
    assert_eq!(tree(&project.root), before);

    project.publish(&old_site()).unwrap();
    let before = tree(&project.root);
    let publication = begin(&project.target(), SITE_ID).unwrap();
    for (path, bytes) in &new_site() {
        publication.add(&OutputPath::new(path).unwrap(), bytes).unwrap();
    }
    drop(publication);
    assert_eq!(tree(&project.root), before);
}

#[test]
fn outputs_that_clash_are_an_error_and_change_nothing() {
    let project = Project::new();
    project.publish(&old_site()).unwrap();
    let before = tree(&project.root);
    let rows: [(&[&str], &str); 6] = [
        (&["x", "x"], "output `x` was written twice"),
        (&["b/index.html", "b/index.html"], "was written twice"),
        (&["x/y", "x"], ""),
        (&["x", "x/y"], ""),
        (&[MARKER], "Juxta's own list"),
        (&["a\nb"], "cannot be published"),
    ];
    for (paths, expected) in rows {
        let publication = begin(&project.target(), SITE_ID).unwrap();
        let added: Result<(), PublishError> =
            paths.iter().try_for_each(|path| publication.add(&OutputPath::new(path).unwrap(), b"the same b"));
        let error = added.and_then(|()| publication.commit().map(drop)).unwrap_err();
        assert!(error.message.contains(expected), "{error}");
        assert_eq!(tree(&project.root), before, "{paths:?}");
    }
}

#[test]
fn many_threads_may_add() {
    let project = Project::new();
    let big = generation(1, 400);
    let publication = begin(&project.target(), SITE_ID).unwrap();
    let pairs: Vec<_> = big.iter().collect();
    std::thread::scope(|scope| {
        for part in pairs.chunks(7) {
            let publication = &publication;
            scope.spawn(move || {
                for (path, bytes) in part {
                    publication.add(&OutputPath::new(path).unwrap(), bytes).unwrap();
                }
            });
        }
    });
    publication.commit().unwrap();
    project.assert_published(&big);
}

#[test]
fn concurrent_publications_take_turns() {
    let project = Project::in_memory();
    let sites = [1, 2, 3].map(|number| generation(number, 60));
    for _ in 0..5 {
        std::thread::scope(|scope| {
            for site in &sites {
                let project = &project;
                scope.spawn(move || project.publish(site).unwrap());
            }
        });
        assert!(sites.contains(&files(&project.public(""))));
        project.assert_nothing_beside();
    }
    // Between processes, too.
    [1, 2, 3].map(|number| spawn(&project, number)).into_iter().for_each(Publisher::until_done);
    project.assert_nothing_beside();
    assert!([1, 2, 3].map(|number| generation(number, FILES)).contains(&files(&project.public(""))));
}

#[test]
fn a_busy_folder_is_told_with_the_process() {
    let project = Project::new();
    let first = begin(&project.target(), SITE_ID).unwrap();
    let options = Options { lock_wait: Duration::from_millis(50), ..Options::default() };
    let error = begin_with(&project.target(), SITE_ID, options).unwrap_err();
    assert!(error.message.contains(&format!("process {}", std::process::id())), "{error}");
    assert_eq!(error.exit_code, 3);
    drop(first);
    project.publish(&old_site()).unwrap();
}

#[test]
fn what_dead_processes_left_is_cleared() {
    let project = Project::new();
    project.publish(&old_site()).unwrap();
    let staging = project.root.join(".public.juxta-new");
    fs::write(project.root.join(".public.juxta-lock"), "4194303\n").unwrap();
    // Killed while staging.
    let publication = begin(&project.target(), SITE_ID).unwrap();
    publication.add(&OutputPath::new("x/y.html").unwrap(), b"x").unwrap();
    std::mem::forget(publication);
    // The forgotten one holds the lock; a dead process would not.
    fs::remove_file(project.root.join(".public.juxta-lock")).unwrap();
    project.publish(&new_site()).unwrap();
    project.assert_published(&new_site());
    // Killed after the exchange, when something foreign had come meanwhile.
    copy_tree(&project.public(""), &staging);
    fs::write(staging.join("CNAME"), "late").unwrap();
    fs::write(staging.join("b/late"), "late").unwrap();
    project.publish(&new_site()).unwrap();
    let mut expected = new_site();
    expected.extend(site(&[("CNAME", "late"), ("b/late", "late")]));
    project.assert_published(&expected);
}

#[test]
fn a_staging_folder_that_is_not_ours_is_left_alone() {
    let project = Project::new();
    project.publish(&old_site()).unwrap();
    let staging = project.root.join(".public.juxta-new");
    fs::create_dir(&staging).unwrap();
    fs::write(staging.join("mine"), "x").unwrap();
    let before = tree(&project.root);
    let error = project.publish(&new_site()).unwrap_err();
    assert!(error.message.contains("is in the way"), "{error}");
    assert_eq!(tree(&project.root), before);
}

#[test]
fn a_full_disk_leaves_the_old_site() {
    let project = Project::new();
    let dist = project.root.join("dist");
    fs::create_dir(&dist).unwrap();
    let Some(_mount) = Mount::new(&dist, "size=256k") else { return };
    let target = project.judge("dist/site", Origin::Config).unwrap();
    publish(&target, &old_site(), Options::default()).unwrap();
    let before = tree(&dist);
    let big = site(&[("index.html", &"x".repeat(100_000)), ("z/index.html", &"y".repeat(300_000))]);
    let error = publish(&target, &big, Options::default()).unwrap_err();
    assert_eq!(error.exit_code, 3);
    assert!(error.message.contains("cannot write 300000 bytes to"), "{error}");
    assert!(error.message.contains("z/index.html"), "{error}");
    assert!(error.hint.unwrap().contains("at least 400000 bytes"));
    assert_eq!(tree(&dist), before);
    publish(&target, &new_site(), Options::default()).unwrap();
    assert_eq!(files(&dist.join("site")), new_site());
}

#[test]
fn a_read_only_disk_leaves_the_old_site() {
    let project = Project::new();
    let dist = project.root.join("dist");
    fs::create_dir(&dist).unwrap();
    let Some(mount) = Mount::new(&dist, "size=256k") else { return };
    let target = project.judge("dist/site", Origin::Config).unwrap();
    publish(&target, &old_site(), Options::default()).unwrap();
    mount.read_only();
    let before = tree(&dist);
    let error = publish(&target, &new_site(), Options::default()).unwrap_err();
    assert!(error.message.contains("cannot create the lock `"), "{error}");
    assert_eq!(tree(&dist), before);
}

#[test]
fn a_kill_at_any_moment_leaves_one_site_whole() {
    kill_at_any_moment(false);
}

#[test]
fn a_kill_while_updating_in_place_leaves_each_file_whole() {
    kill_at_any_moment(true);
}

/// Kills publishing processes; `JUXTA_KILLS` says how many.
fn kill_at_any_moment(foreign: bool) {
    let kills: u64 = std::env::var("JUXTA_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(30);
    let project = Project::in_memory();
    let (mut old, mut number) = (generation(0, FILES), 0);
    project.publish(&old).unwrap();
    if foreign {
        fs::create_dir(project.public(".git")).unwrap();
        fs::write(project.public(".git/HEAD"), "mine").unwrap();
    }
    // Disks differ: kill within the time that a whole publication takes here.
    let publisher = spawn(&project, 1).until_ready();
    let start = Instant::now();
    publisher.until_done();
    let longest = start.elapsed().mul_f64(1.1);
    project.publish(&old).unwrap();

    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    let (mut kept, mut changed, mut mixed) = (0, 0, 0);
    for _ in 0..kills {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        number += 1;
        let new = generation(number, FILES);
        let publisher = spawn(&project, number).until_ready();
        std::thread::sleep(longest.mul_f64(f64::from(random as u32) / f64::from(u32::MAX)));
        publisher.kill();

        let mut found = files(&project.public(""));
        if foreign {
            assert_eq!(found.remove(".git/HEAD").unwrap(), b"mine");
            for (path, bytes) in &found {
                assert!(old.get(path) == Some(bytes) || new.get(path) == Some(bytes), "{path}");
            }
        }
        match () {
            () if found == old => kept += 1,
            () if found == new => changed += 1,
            () if foreign => mixed += 1,
            () => panic!("neither the old nor the new site"),
        }
        // The next one goes on from there, every other time with the same site.
        number += number % 2;
        old = generation(number, FILES);
        project.publish(&old).unwrap();
        let mut expected = old.clone();
        if foreign {
            expected.insert(".git/HEAD".to_owned(), b"mine".to_vec());
        }
        project.assert_published(&expected);
    }
    println!("{kills} kills: {kept} old, {changed} new, {mixed} in between");
}

const FILES: u64 = 120;

/// A site in which some files change with the number, some come and go.
fn generation(number: u64, count: u64) -> Site {
    let file = |i: u64| {
        let version = if i.is_multiple_of(5) { 0 } else { number };
        let text = format!("page {i} of {version}\n").repeat(usize::try_from(1 + i * 7 % 200).unwrap());
        (format!("s{}/p{i}/index.html", i % 11), text.into_bytes())
    };
    (0..count).filter(|i| i % 7 != number % 7).map(file).collect()
}

/// Another process that publishes a site.
struct Publisher {
    child: Child,
    /// Kept open, or its next line would end it.
    lines: Lines<BufReader<ChildStdout>>,
}

/// Starts this test program as a [`Publisher`].
fn spawn(project: &Project, number: u64) -> Publisher {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "publishing_process", "--nocapture"]);
    command.env("JUXTA_TEST_PROJECT", project.root.display().to_string());
    command.env("JUXTA_TEST_SITE", number.to_string());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    Publisher { child, lines }
}

impl Publisher {
    /// Waits until it is about to begin.
    fn until_ready(mut self) -> Self {
        self.lines.by_ref().map(Result::unwrap).find(|line| line.contains("about to publish")).unwrap();
        self
    }

    fn until_done(mut self) {
        self.lines.by_ref().for_each(drop);
        assert!(self.child.wait().unwrap().success());
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Not a test: what [`spawn`] runs.
#[test]
fn publishing_process() {
    let Ok(root) = std::env::var("JUXTA_TEST_PROJECT") else { return };
    let number = std::env::var("JUXTA_TEST_SITE").unwrap().parse().unwrap();
    let target = judge(Path::new(&root), Path::new("public"), &[], Origin::Config, None).unwrap();
    let site = generation(number, FILES);
    println!("\nabout to publish");
    publish(&target, &site, Options::default()).unwrap();
}

fn copy_tree(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().map(Result::unwrap) {
        let place = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir(place).unwrap();
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

/// A small file system of its own, where the tests may mount one.
struct Mount(PathBuf);

impl Mount {
    fn new(folder: &Path, options: &str) -> Option<Self> {
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "none"])
            .arg(folder)
            .stderr(Stdio::null())
            .status();
        if mount.is_ok_and(|status| status.success()) {
            return Some(Self(folder.to_owned()));
        }
        println!("skipped: mounting needs the rights of root");
        None
    }

    fn read_only(&self) {
        let status = Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}
