//! Store: what programs printed that ended well, by all that they depend on.
//!
//! In: a unit and the versions it runs with. Out: what each of its programs
//! printed the last time, if nothing has changed since. Failures are not kept:
//! they may be the machine's. What was expected is not in the key, and is
//! compared anew. A store that cannot be written is as good as none.
#![expect(clippy::disallowed_methods, reason = "the edge where results of runs are kept")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use super::machine::Machine;
use super::unit::Unit;
use crate::base::fingerprint::Fingerprint;

/// Part of every key; changes when what a run means does.
const FORMAT: &str = "juxta run 2";

pub(super) struct Store {
    folder: PathBuf,
    used: Mutex<BTreeSet<Fingerprint>>,
}

/// All that a unit's output depends on.
pub(super) fn key(unit: &Unit, machine: &Machine<'_>) -> Fingerprint {
    let mut parts: Vec<String> = vec![FORMAT.to_owned()];
    for step in &unit.steps {
        if let Some((name, text)) = &step.file {
            parts.extend([name.clone(), text.clone()]);
        }
        if let Some(program) = &step.program {
            let installed = machine.installed.get(&program.interpreter);
            let version = installed.map(|installed| installed.version.to_string());
            let package = |name: &String| machine.packages.get(&(program.interpreter, name.clone()));
            let packages: Vec<_> = program.requires.iter().map(|name| (name, package(name))).collect();
            let asked: Vec<String> = program.versions.iter().map(ToString::to_string).collect();
            parts.push(format!(
                "{} {version:?} {:?} {asked:?} {packages:?} {:?}",
                program.interpreter.program(),
                program.arguments,
                step.needs
            ));
        }
    }
    Fingerprint::of_parts(parts.iter().map(String::as_bytes))
}

impl Store {
    pub(super) fn new(folder: &std::path::Path) -> Self {
        Self { folder: folder.to_owned(), used: Mutex::default() }
    }

    fn path(&self, key: Fingerprint) -> PathBuf {
        self.folder.join(format!("{}.json", key.hex()))
    }

    fn using(&self, key: Fingerprint) {
        if let Ok(mut used) = self.used.lock() {
            used.insert(key);
        }
    }

    /// What the programs of a unit printed.
    pub(super) fn load(&self, key: Fingerprint) -> Option<Vec<String>> {
        self.using(key);
        serde_json::from_slice(&fs::read(self.path(key)).ok()?).ok()
    }

    /// Keeps it. The file is there whole or not at all.
    pub(super) fn save(&self, key: Fingerprint, outputs: &[&str]) {
        let path = self.path(key);
        let new = path.with_extension("new");
        let written = fs::create_dir_all(&self.folder)
            .and_then(|()| fs::write(&new, serde_json::to_vec(outputs).unwrap_or_default()))
            .and_then(|()| fs::rename(&new, &path));
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
    }

    /// Removes results that nothing has asked for.
    pub(super) fn forget_others(&self) {
        let (Ok(used), Ok(entries)) = (self.used.lock(), fs::read_dir(&self.folder)) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).and_then(Fingerprint::from_hex);
            if path.extension().is_some_and(|extension| extension == "json")
                && stem.is_some_and(|key| !used.contains(&key))
            {
                let _ = fs::remove_file(path);
            }
        }
    }
}
