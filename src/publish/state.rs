//! State: what an output folder holds, without reading it.
//!
//! In: a folder. Out: one fingerprint of the paths, sizes, times of change and
//! identities of all files in it.

use std::fs;
use std::path::Path;

use crate::base::fingerprint::Fingerprint;

/// The state of a folder; none when it cannot be looked at.
pub fn state(folder: &Path) -> Option<Fingerprint> {
    let mut parts: Vec<Vec<u8>> = Vec::new();
    look(folder, &mut parts)?;
    Some(Fingerprint::of_parts(parts.iter().map(Vec::as_slice)))
}

fn look(folder: &Path, parts: &mut Vec<Vec<u8>>) -> Option<()> {
    let mut entries: Vec<_> = fs::read_dir(folder).ok()?.collect::<Result<_, _>>().ok()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, metadata) = (entry.path(), entry.metadata().ok()?);
        parts.push(entry.file_name().as_encoded_bytes().to_vec());
        if metadata.is_dir() {
            parts.push(b"(".to_vec());
            look(&path, parts)?;
            parts.push(b")".to_vec());
            continue;
        }
        let changed = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        let identity = {
            #[cfg(unix)]
            {
                std::os::unix::fs::MetadataExt::ino(&metadata)
            }
            #[cfg(not(unix))]
            0_u64
        };
        parts.push(format!("{} {} {identity}", metadata.len(), changed.as_nanos()).into_bytes());
    }
    Some(())
}
