//! A site in a temporary folder, and the program run on it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Outputs that are the same for every site: never part of a case's `out/`.
const COMMON: &[&str] = &["code-light.css", "code-dark.css", "redirect.js"];

/// What a run gave. Paths of the machine read `[ROOT]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Fails unless the run was fine; gives itself back.
    #[track_caller]
    pub(crate) fn fine(self) -> Self {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self
    }
}

/// A site that can be built, edited and built again.
pub(crate) struct SiteTest {
    // Dropped last: the folder goes with it.
    folder: TempDir,
}

impl SiteTest {
    /// A site of these files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(site.root()).unwrap();
        for (path, text) in files {
            site.write(path, text);
        }
        site
    }

    /// A copy of a folder.
    pub(crate) fn copy_of(folder: &Path) -> Self {
        let site = Self::of(&[]);
        for (path, bytes) in files_in(folder) {
            site.write(&path, bytes);
        }
        site
    }

    /// The project's folder; the folder around it is the test's own too.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("site")
    }

    /// A path of the project.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    pub(crate) fn remove(&self, path: &str) -> &Self {
        std::fs::remove_file(self.path(path)).unwrap();
        self
    }

    /// The program in the project's folder, in a bare environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_juxta"));
        command.args(arguments).current_dir(self.root()).env_clear().env("HOME", "/nonexistent");
        command
    }

    /// Runs the program in the project's folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.finish(self.command(arguments))
    }

    /// Runs the program in a folder of the project.
    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        command.current_dir(self.path(folder));
        self.finish(command)
    }

    /// Runs a command to its end.
    pub(crate) fn finish(&self, mut command: Command) -> Run {
        // Another test that is just starting a program may hold this one open.
        let busy = std::io::ErrorKind::ExecutableFileBusy;
        let output = (0..50)
            .find_map(|_| match command.output() {
                Err(error) if error.kind() == busy => {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                    None
                }
                other => Some(other.unwrap()),
            })
            .unwrap();
        let root = self.root();
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).replace(root.to_str().unwrap(), "[ROOT]");
            text.replace(root.parent().unwrap().to_str().unwrap(), "[AROUND]")
        };
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Builds, saying nothing but problems.
    pub(crate) fn build(&self) -> Run {
        self.run(&["build", "--quiet"])
    }

    /// What is published, without the marker.
    pub(crate) fn outputs(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = files_in(&self.path("public"));
        files.remove(".juxta-site");
        files
    }

    /// The text of one output.
    #[track_caller]
    pub(crate) fn output(&self, path: &str) -> String {
        let path = self.path("public").join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Every file of the project but what is published.
    pub(crate) fn sources(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = files_in(&self.root());
        files.retain(|path, _| !path.starts_with("public/"));
        files
    }
}

/// Whether an output says something about its own case.
pub(crate) fn is_telling(output: &str) -> bool {
    !COMMON.contains(&output)
}

/// All files below a folder by path; links are not followed, special files
/// not opened.
pub(crate) fn files_in(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            (path, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}
