//! Store: what takes long to make, kept between builds by what it is made from.
//!
//! In: a key that holds all that the bytes depend on, and bytes. Out: the same
//! bytes the next time, or nothing: what is damaged is not there. A store that
//! cannot be written is as good as none, so nothing here is an error. Must not
//! know what it keeps.
#![expect(clippy::disallowed_methods, reason = "the edge where results are kept")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::fingerprint::Fingerprint;

/// A folder of results.
#[derive(Debug, Default)]
pub struct Store {
    /// None: nothing is kept.
    folder: Option<PathBuf>,
    used: Mutex<BTreeSet<Fingerprint>>,
}

/// End of the name of a result that is being written.
const NEW: &str = "new";

impl Store {
    /// In that folder, which is made when there is something to keep.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, used: Mutex::default() }
    }

    fn using(&self, key: Fingerprint) {
        if let Ok(mut used) = self.used.lock() {
            used.insert(key);
        }
    }

    /// What is kept under a key. It starts with its own fingerprint.
    pub fn load(&self, key: Fingerprint) -> Option<Vec<u8>> {
        let folder = self.folder.as_ref()?;
        self.using(key);
        let mut bytes = fs::read(folder.join(key.hex())).ok()?;
        let (hash, kept) = bytes.split_at_checked(32)?;
        if Fingerprint::of(kept).hex().as_bytes() != hash {
            return None;
        }
        bytes.drain(..32);
        Some(bytes)
    }

    /// Keeps it. The file is there whole or not at all.
    pub fn save(&self, key: Fingerprint, bytes: &[u8]) {
        /// Several processes and threads may keep the same thing.
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let Some(folder) = &self.folder else { return };
        self.using(key);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let new = folder.join(format!("{}.{}-{number}.{NEW}", key.hex(), std::process::id()));
        let mut whole = Fingerprint::of(bytes).hex().into_bytes();
        whole.extend_from_slice(bytes);
        let written = fs::create_dir_all(folder)
            .and_then(|()| fs::write(&new, whole))
            .and_then(|()| fs::rename(&new, folder.join(key.hex())));
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
    }

    /// Removes what is kept under a key.
    pub fn forget(&self, key: Fingerprint) {
        if let Some(folder) = &self.folder {
            let _ = fs::remove_file(folder.join(key.hex()));
        }
    }

    /// Removes what nobody has asked for.
    pub fn forget_others(&self) {
        let (Some(folder), Ok(used)) = (&self.folder, self.used.lock()) else { return };
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_str().unwrap_or_default();
            let is_unused = Fingerprint::from_hex(name).is_some_and(|key| !used.contains(&key));
            if is_unused || path.extension().is_some_and(|extension| extension == NEW) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("kept");
        let [one, two] = [b"one", b"two"].map(|name| Fingerprint::of(name));
        let store = Store::new(Some(place.clone()));
        assert_eq!(store.load(one), None);
        store.save(one, b"first");
        store.save(two, b"");
        assert_eq!(store.load(one).as_deref(), Some(b"first".as_slice()));
        assert_eq!(store.load(two).as_deref(), Some(b"".as_slice()));
        let path = place.join(one.hex());
        let whole = fs::read(&path).unwrap();
        for damaged in [&whole[..whole.len() - 1], &whole[..10], b"", &[&whole[..], b"x"].concat()] {
            fs::write(&path, damaged).unwrap();
            assert_eq!(store.load(one), None, "{damaged:?}");
        }
        store.save(one, b"first");
        assert_eq!(store.load(one).as_deref(), Some(b"first".as_slice()));
        let next = Store::new(Some(place.clone()));
        assert!(next.load(two).is_some());
        let three = Fingerprint::of(b"three");
        next.save(three, b"third");
        next.forget(three);
        next.forget(three);
        assert_eq!(next.load(three), None);
        fs::write(place.join("x.new"), "left by a process that was ended").unwrap();
        next.forget_others();
        let left: Vec<_> = fs::read_dir(&place).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left, [two.hex().as_str()]);
        // No folder, or one that cannot be: nothing is kept, and nothing fails.
        for store in [Store::new(None), Store::new(Some(place.join(two.hex()).join("x")))] {
            store.save(one, b"first");
            assert_eq!(store.load(one), None);
            store.forget_others();
        }
    }
}
