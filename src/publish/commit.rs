//! Commit: from staging to the output folder.
//!
//! In: a publication with all its outputs. Out: the output folder with the new
//! site. Whatever happens in between, each file in it is whole: of the old site
//! or of the new one. Removes nothing that is not in the old site's list.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use rayon::prelude::*;

use super::error::PublishError;
use super::marker::{MARKER, Marker, NEW_MARKER, State, ancestors};
use super::stage::{Fate, Publication, Record, locked};
use super::{Published, Target};

/// What is to be done.
struct Plan<'a> {
    records: &'a [Record],
    /// In staging, in order of paths.
    staged: Vec<&'a str>,
    /// In the old site only, in order of paths.
    stale: Vec<&'a str>,
    old: &'a Marker,
    new: &'a Marker,
}

pub(super) fn commit(publication: &Publication) -> Result<Published, PublishError> {
    let mut records = std::mem::take(&mut *locked(&publication.records));
    records.sort_unstable();
    let new = publication.marker(State::Complete, &records)?;
    let nothing = Marker::new(&publication.site_id, State::Complete);
    let old = publication.old.as_ref().map(|old| &old.marker);
    let plan = Plan {
        records: &records,
        staged: paths(&records, Fate::Staged),
        stale: old.map_or_else(Vec::new, |old| {
            old.files.keys().filter(|path| !new.files.contains_key(*path)).map(String::as_str).collect()
        }),
        old: old.unwrap_or(&nothing),
        new: &new,
    };
    match old {
        None => publish_first(publication, &plan)?,
        Some(old) if *old == new && plan.staged.is_empty() => {}
        Some(old) => match (&plan.staged[..], &plan.stale[..]) {
            ([], []) => publish_marker(publication, &plan)?,
            ([], [gone]) if old.state == State::Complete => publish_removal(publication, &plan, gone)?,
            ([one], []) if old.state == State::Complete && old.files.contains_key(*one) => {
                publish_one(publication, &plan, one)?;
            }
            _ if !publication.options.in_place && has_only(&publication.target.folder, old)? => {
                publish_by_exchange(publication, &plan)?;
            }
            _ => publish_in_place(publication, &plan)?,
        },
    }
    let bytes = |staged: bool| {
        records.iter().filter(|record| !staged || record.fate == Fate::Staged).map(|record| record.size).sum()
    };
    Ok(Published {
        written: plan.staged.len(),
        unchanged: records.len() - plan.staged.len(),
        removed: plan.stale.len(),
        bytes_written: bytes(true),
        bytes_total: bytes(false),
    })
}

fn paths(records: &[Record], fate: Fate) -> Vec<&str> {
    records.iter().filter(|record| record.fate == fate).map(|record| record.path.as_str()).collect()
}

fn rename(from: &Path, to: &Path) -> Result<(), PublishError> {
    fs::rename(from, to).map_err(|error| PublishError::io("put in place", to, error))
}

/// The output folder is missing or empty: staging takes its name.
fn publish_first(publication: &Publication, plan: &Plan<'_>) -> Result<(), PublishError> {
    let Target { folder, staging, .. } = &publication.target;
    finish_staging(publication, plan)?;
    rename(staging, folder)
}

/// The files are right, the marker is not.
fn publish_marker(publication: &Publication, plan: &Plan<'_>) -> Result<(), PublishError> {
    let marker = publication.write_marker(plan.new)?;
    flush(publication)?;
    rename(&marker, &publication.target.folder.join(MARKER))
}

/// The file first: killed in between, the marker is older than the file, so the
/// next build reads the file. The other way round the old file would be
/// trusted.
fn publish_one(publication: &Publication, plan: &Plan<'_>, path: &str) -> Result<(), PublishError> {
    let Target { folder, staging, .. } = &publication.target;
    check_foreign(folder, plan)?;
    let marker = publication.write_marker(plan.new)?;
    flush(publication)?;
    let to = folder.join(path);
    if let Some(parent) = to.parent() {
        // It may have been removed by hand.
        fs::create_dir_all(parent).map_err(|error| PublishError::io("create the folder", parent, error))?;
    }
    rename(&staging.join(path), &to)?;
    rename(&marker, &folder.join(MARKER))
}

fn publish_removal(publication: &Publication, plan: &Plan<'_>, path: &str) -> Result<(), PublishError> {
    let marker = publication.write_marker(plan.new)?;
    flush(publication)?;
    remove_stale(&publication.target.folder, plan, &[path])?;
    rename(&marker, &publication.target.folder.join(MARKER))
}

/// Completes staging with the unchanged files, exchanges the two folders and
/// removes the old one. The kernel does the exchange in one step.
fn publish_by_exchange(publication: &Publication, plan: &Plan<'_>) -> Result<(), PublishError> {
    let Target { folder, staging, .. } = &publication.target;
    if !can_exchange() {
        return publish_in_place(publication, plan);
    }
    paths(plan.records, Fate::Unchanged).par_iter().try_for_each(|path| {
        publication.make_folder(path.rsplit_once('/').map_or("", |(folder, _)| folder))?;
        link(&folder.join(path), &staging.join(path)).map_err(|error| {
            publication.out_of_space("copy an unchanged file to", &staging.join(path), error)
        })
    })?;
    finish_staging(publication, plan)?;
    if exchange(staging, folder).is_err() {
        // This file system cannot. Staging is complete, so back to a state in
        // which it may be removed as a whole.
        let marker = publication.write_marker(&Marker::new(&publication.site_id, State::Staging))?;
        rename(&marker, &staging.join(MARKER))?;
        return publish_in_place(publication, plan);
    }
    // The new site is in place; if this fails the next publication goes on.
    let _ = remove_site(staging, plan.old, folder);
    Ok(())
}

/// Gives staging its final marker, as the last thing.
fn finish_staging(publication: &Publication, plan: &Plan<'_>) -> Result<(), PublishError> {
    let Target { folder, staging, .. } = &publication.target;
    let marker = publication.write_marker(plan.new)?;
    if let Ok(metadata) = fs::metadata(folder) {
        // A folder that was opened to a web server's group stays open to it.
        let _ = fs::set_permissions(staging, metadata.permissions());
    }
    rename(&marker, &staging.join(MARKER))?;
    flush(publication)
}

/// Updates the output folder file by file: what pages refer to first, then new
/// pages, then changed ones, deeper before shallower and index pages last, then
/// deletions. Until it is done the marker names the files of both sites and
/// vouches for none, so that a build after a kill knows what is ours, compares
/// every byte and completes the work.
fn publish_in_place(publication: &Publication, plan: &Plan<'_>) -> Result<(), PublishError> {
    let Target { folder, staging, .. } = &publication.target;
    check_foreign(folder, plan)?;
    let mut both = Marker { state: State::Updating, ..plan.new.clone() };
    for (path, stamp) in &plan.old.files {
        both.files.entry(path.clone()).or_insert(*stamp);
    }
    let journal = publication.write_marker(&both)?;
    flush(publication)?;
    rename(&journal, &folder.join(MARKER))?;
    // The last file written before the first one is moved: from here on only
    // folders take room.
    let marker = publication.write_marker(plan.new)?;

    let unfinished = |error: PublishError| {
        error.hint("the site was being updated in place and is a mix of old and new pages; build again")
    };
    // A file that becomes a folder, or the other way round, has to go first.
    let staged: BTreeSet<&str> = plan.staged.iter().copied().collect();
    let folders: BTreeSet<&str> = plan.staged.iter().flat_map(|path| ancestors(path)).collect();
    let in_the_way =
        |path: &str| folders.contains(path) || ancestors(path).any(|folder| staged.contains(folder));
    let (first, last): (Vec<&str>, Vec<&str>) = plan.stale.iter().partition(|path| in_the_way(path));
    remove_stale(folder, plan, &first).map_err(unfinished)?;

    let mut order = plan.staged.clone();
    order.sort_by_key(|path| (rank(path, plan.old), Reverse(depth(path)), is_index(path), *path));
    let mut made = BTreeSet::new();
    for path in order {
        let to = folder.join(path);
        if let Some(parent) = to.parent()
            && made.insert(parent.to_owned())
        {
            fs::create_dir_all(parent)
                .map_err(|error| unfinished(publication.out_of_space("create the folder", parent, error)))?;
        }
        rename(&staging.join(path), &to).map_err(unfinished)?;
    }
    remove_stale(folder, plan, &last).map_err(unfinished)?;
    rename(&marker, &folder.join(MARKER)).map_err(unfinished)
}

/// Lower goes in place earlier: what pages show, new pages, pages and feeds
/// that lead to others.
fn rank(path: &str, old: &Marker) -> u8 {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" | "htm" | "xhtml" if !old.files.contains_key(path) => 1,
        "html" | "htm" | "xhtml" | "xml" | "atom" | "rss" | "txt" => 2,
        _ => 0,
    }
}

fn depth(path: &str) -> usize {
    path.bytes().filter(|&byte| byte == b'/').count()
}

fn is_index(path: &str) -> bool {
    path.rsplit('/').next() == Some("index.html")
}

/// Removes files of the old site, and the folders that they leave empty.
fn remove_stale(folder: &Path, plan: &Plan<'_>, stale: &[&str]) -> Result<(), PublishError> {
    let kept = plan.new.folders();
    let mut left = BTreeSet::new();
    // Pages before what they show.
    let mut stale = stale.to_vec();
    stale.sort_by_key(|path| (Reverse(rank(path, plan.old)), *path));
    for path in stale {
        let file = folder.join(path);
        match fs::symlink_metadata(&file) {
            // Someone has put something else in its place.
            Ok(metadata) if !metadata.is_file() => continue,
            Ok(_) => fs::remove_file(&file).map_err(|error| PublishError::io("remove", &file, error))?,
            Err(_) => {}
        }
        left.extend(ancestors(path).filter(|folder| !kept.contains(folder)));
    }
    for gone in left.iter().rev() {
        let _ = fs::remove_dir(folder.join(gone));
    }
    Ok(())
}

/// Refuses to write over what is not in the old site's list.
fn check_foreign(folder: &Path, plan: &Plan<'_>) -> Result<(), PublishError> {
    let foreign = |path: &str| {
        PublishError::wrong_folder(
            format!("`{}` is in the way of a new file: Juxta did not write it", folder.join(path).display()),
            "move it away; the site is unchanged",
        )
    };
    let old_folders = plan.old.folders();
    for path in &plan.staged {
        if let Ok(metadata) = fs::symlink_metadata(folder.join(path)) {
            // A folder of the old site makes room, if nobody else uses it.
            let ours = if metadata.is_dir() {
                old_folders.contains(path) && has_only_below(folder, path, plan.old)?
            } else {
                metadata.is_file() && plan.old.files.contains_key(*path)
            };
            if !ours {
                return Err(foreign(path));
            }
        }
    }
    let above: BTreeSet<&str> = plan.staged.iter().flat_map(|path| ancestors(path)).collect();
    for above in above {
        if let Ok(metadata) = fs::symlink_metadata(folder.join(above)) {
            let ours = metadata.is_dir() || metadata.is_file() && plan.old.files.contains_key(above);
            if !ours {
                return Err(foreign(above));
            }
        }
    }
    Ok(())
}

/// Whether the folder holds nothing but files of this marker.
fn has_only(folder: &Path, marker: &Marker) -> Result<bool, PublishError> {
    has_only_below(folder, "", marker)
}

fn has_only_below(root: &Path, below: &str, marker: &Marker) -> Result<bool, PublishError> {
    let folders = marker.folders();
    let mut open = vec![below.to_owned()];
    while let Some(folder) = open.pop() {
        let path = root.join(&folder);
        let mut list = || -> io::Result<bool> {
            for entry in fs::read_dir(&path)? {
                let entry = entry?;
                let name = entry.file_name();
                let Some(name) = name.to_str() else { return Ok(false) };
                let inside = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                let kind = entry.file_type()?;
                if kind.is_dir() && folders.contains(inside.as_str()) {
                    open.push(inside);
                } else if !(kind.is_file() && (marker.files.contains_key(&inside) || inside == MARKER)) {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        if !list().map_err(|error| PublishError::io("list", &path, error))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A second name for an unchanged file; a copy where there are no links.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    let Err(error) = fs::hard_link(from, to) else { return Ok(()) };
    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::StorageFull) {
        return Err(error);
    }
    fs::copy(from, to)?;
    File::options().write(true).open(to)?.set_modified(fs::metadata(from)?.modified()?)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether it is worth completing staging for an exchange.
fn can_exchange() -> bool {
    cfg!(any(target_os = "linux", target_os = "android", target_vendor = "apple"))
}

fn flush(publication: &Publication) -> Result<(), PublishError> {
    if !publication.options.durable {
        return Ok(());
    }
    let staging = &publication.target.staging;
    flush_file_system(staging).map_err(|error| PublishError::io("flush", staging, error))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn flush_file_system(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn flush_file_system(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes the site in `folder`: the files its marker lists, then the folders
/// they leave empty. What someone put there meanwhile goes to the same place
/// in `heir`; if there is something already it stays, and that is an error.
pub(super) fn remove_site(folder: &Path, marker: &Marker, heir: &Path) -> Result<(), PublishError> {
    let files: Vec<&String> = marker.files.keys().collect();
    files.par_iter().for_each(|path| {
        let file = folder.join(path);
        if fs::symlink_metadata(&file).is_ok_and(|metadata| metadata.is_file()) {
            let _ = fs::remove_file(&file);
        }
    });
    for inner in marker.folders().into_iter().rev() {
        let _ = fs::remove_dir(folder.join(inner));
    }
    let _ = fs::remove_file(folder.join(NEW_MARKER));
    // The marker goes last: without it the rest would not be known for ours.
    let hand_over = |error| PublishError::io("remove the old site in", folder, error);
    give_back(folder, heir, true).map_err(hand_over)?;
    let is_empty =
        fs::read_dir(folder).map_err(hand_over)?.all(|entry| entry.is_ok_and(|e| e.file_name() == MARKER));
    if !is_empty {
        return Err(PublishError::wrong_folder(
            format!("`{}` holds files of the old site's folder that Juxta did not write", folder.display()),
            "move them away; then build again",
        ));
    }
    let _ = fs::remove_file(folder.join(MARKER));
    fs::remove_dir(folder).map_err(hand_over)
}

/// Moves what is left in `from` to `to`, never over something.
fn give_back(from: &Path, to: &Path, top: bool) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if top && entry.file_name() == MARKER {
            continue;
        }
        let (source, place) = (entry.path(), to.join(entry.file_name()));
        match fs::symlink_metadata(&place) {
            Err(_) if to.is_dir() => fs::rename(&source, &place)?,
            Ok(there) if there.is_dir() && entry.file_type()?.is_dir() => {
                give_back(&source, &place, false)?;
                let _ = fs::remove_dir(&source);
            }
            _ => {}
        }
    }
    Ok(())
}
