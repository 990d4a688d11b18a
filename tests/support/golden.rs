//! Expected texts in files: compared, or with `UPDATE=1` written anew.

use std::fmt::Write as _;
use std::path::Path;

use snapbox::data::IntoData as _;

/// Whether expectations are to be written instead of compared.
pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// Fails unless a folder of this package holds just these names.
#[track_caller]
pub(crate) fn names_are(folder: &str, names: &[&str]) {
    let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let mut found: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    let mut names = names.to_vec();
    names.sort_unstable();
    assert_eq!(found, names, "{folder}");
}

/// Differences, gathered so that one run shows them all.
#[derive(Default)]
pub(crate) struct Differences(String);

impl Differences {
    /// Notes anything that should not be.
    pub(crate) fn note(&mut self, text: &str) {
        writeln!(self.0, "{text}").unwrap();
    }

    /// Compares two texts; `name` says what they are.
    pub(crate) fn compare(&mut self, name: &str, expected: &str, found: &str) {
        if expected != found {
            let expected = expected.to_owned().into_data().raw();
            let found = found.to_owned().into_data().raw();
            if let Err(error) = snapbox::Assert::new().action_env("").try_eq(Some(&name), found, expected) {
                writeln!(self.0, "{error}").unwrap();
            }
        }
    }

    /// Compares a text with a file; a file that is not there is empty.
    pub(crate) fn compare_file(&mut self, path: &Path, found: &str) {
        let expected = std::fs::read_to_string(path).unwrap_or_default();
        if updating() && expected != found {
            if found.is_empty() {
                std::fs::remove_file(path).unwrap();
            } else {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, found).unwrap();
            }
            return;
        }
        let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path);
        self.compare(&name.display().to_string(), &expected, found);
    }

    /// Fails with all of them.
    #[track_caller]
    pub(crate) fn settle(self) {
        assert!(self.0.is_empty(), "\n{}", self.0);
    }
}
