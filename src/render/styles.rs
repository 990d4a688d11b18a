//! Styles: what is published of a style sheet.
//!
//! In: the origin of a file, its address. Out: its bytes as they are published:
//! Sass is compiled, CSS made smaller, with the sheets it imports in it, if the
//! configuration asks for that. Done once in a build; every file that was read
//! or looked for is noted each time.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use super::scope::{self, note};
use super::shared::{Shared, SharedFiles};
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::{FilePath, UrlPath};
use crate::base::reads::{Key, Reads};
use crate::base::source::Source;
use crate::base::text::nearest;
use crate::read::discover::file_problem;
use crate::read::theme::StaticOrigin;
use crate::styles::bundle::Sheets;
use crate::styles::sass::Reader;
use crate::styles::{css, sass};

/// A style sheet, what is wrong with it, and what it was made from.
#[derive(Clone)]
struct Made {
    bytes: Option<Arc<[u8]>>,
    problems: Vec<Diagnostic>,
    reads: Reads,
}

/// Style sheets of one build, by address.
#[derive(Default)]
pub struct Styles(Mutex<HashMap<UrlPath, Made>>);

/// Reads for the compiler, and remembers what.
struct Noting<'a> {
    files: &'a SharedFiles,
    limit: u64,
    read: RefCell<BTreeSet<FilePath>>,
}

impl Reader for Noting<'_> {
    fn read(&self, path: &FilePath) -> Result<Arc<[u8]>, String> {
        self.read.borrow_mut().insert(path.clone());
        self.files.read(path, self.limit).map_err(|error| error.to_string())
    }

    fn is_file(&self, path: &FilePath) -> bool {
        self.read.borrow_mut().insert(path.clone());
        self.files.exists(path)
    }
}

/// The CSS of a Sass file.
fn compiled(shared: &Shared, path: &FilePath, folder: &FilePath) -> Result<Arc<[u8]>, Diagnostic> {
    let limit = shared.site.config.limits.source;
    let reader = Noting { files: &shared.files, limit, read: RefCell::default() };
    let result = sass::compile(path, folder, &reader);
    reader.read.into_inner().into_iter().for_each(|path| note(Key::Data(path)));
    result.map(|css| Arc::from(css.into_bytes())).map_err(|problem| *problem)
}

/// Where a file is, for messages.
fn path_of<'p>(origin: &'p StaticOrigin, url: &'p UrlPath) -> &'p str {
    match origin {
        StaticOrigin::File(path) => path.as_str(),
        // Lines of what it is compiled to are not its own.
        StaticOrigin::Sass { .. } | StaticOrigin::Builtin(_) => url.as_str().trim_start_matches('/'),
    }
}

/// The bytes of a file before anything is made smaller.
fn written(shared: &Shared, origin: &StaticOrigin) -> Result<Arc<[u8]>, Diagnostic> {
    match origin {
        StaticOrigin::Builtin(bytes) => Ok(Arc::from(*bytes)),
        StaticOrigin::File(path) => {
            note(Key::Asset(path.clone()));
            shared.files.read(path, u64::MAX).map_err(|error| file_problem(path.as_str(), &error))
        }
        StaticOrigin::Sass { path, folder } => compiled(shared, path, folder),
    }
}

/// Sheets that others import: those that are published.
struct Published<'a>(&'a Shared);

impl Sheets for Published<'_> {
    fn sheet(&self, url: &UrlPath) -> Result<Arc<Source>, Option<String>> {
        let Self(shared) = self;
        note(Key::Address(url.clone()));
        let (path, bytes) = if let Some(bytes) = shared.generated.get(url) {
            note(Key::Config);
            (url.as_str(), Arc::clone(bytes))
        } else if let Some(origin) = shared.published.get(url) {
            (path_of(origin, url), written(shared, origin).map_err(|_| None)?)
        } else if shared.plan.addresses.contains(url) {
            // It is drawn from a template, and stays a file of its own.
            return Err(None);
        } else {
            note(Key::Plan);
            let known = shared.published.keys().chain(shared.generated.keys()).map(UrlPath::as_str);
            let near = nearest(url.as_str(), known.filter(|known| known.ends_with(".css")));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(Some(format!("nothing is published at `{url}`{hint}")));
        };
        let text = std::str::from_utf8(&bytes).map_err(|_| None)?;
        Ok(Source::new(path, text))
    }
}

/// The bytes of a file as it is published at that address, and what is wrong
/// with it. That it is to be smaller is known to who asks.
pub(super) fn published(
    shared: &Shared,
    origin: &StaticOrigin,
    url: &UrlPath,
    problems: &mut Vec<Diagnostic>,
) -> Option<Arc<[u8]>> {
    let is_sass = matches!(origin, StaticOrigin::Sass { .. });
    let is_css = is_sass || url.as_str().ends_with(".css") && !url.as_str().ends_with(".min.css");
    let is_small = is_css && shared.site.config.minify_css;
    if !is_sass && !is_small {
        return written(shared, origin).map_err(|problem| problems.push(problem)).ok();
    }
    let cached = shared.styles.0.lock().ok().and_then(|made| made.get(url).cloned());
    let made = cached.unwrap_or_else(|| {
        let mut problems = Vec::new();
        let mut make = || made(shared, origin, url, is_small, &mut problems);
        // Whoever asks is in a render.
        let (bytes, reads) = match scope::shared() {
            Some(this) => scope::record(&this, scope::sees_bodies(), make),
            None => (make(), Reads::default()),
        };
        let made = Made { bytes, problems, reads };
        if let Ok(mut all) = shared.styles.0.lock() {
            all.insert(url.clone(), made.clone());
        }
        made
    });
    made.reads.into_iter().for_each(note);
    problems.extend(made.problems);
    made.bytes
}

fn made(
    shared: &Shared,
    origin: &StaticOrigin,
    url: &UrlPath,
    is_small: bool,
    problems: &mut Vec<Diagnostic>,
) -> Option<Arc<[u8]>> {
    let bytes = written(shared, origin).map_err(|problem| problems.push(problem)).ok()?;
    let Some(text) = std::str::from_utf8(&bytes).ok().filter(|_| is_small) else { return Some(bytes) };
    match css::minified(&Source::new(path_of(origin, url), text), url, &Published(shared)) {
        Ok((less, found)) => {
            problems.extend(found);
            Some(Arc::from(less.into_bytes()))
        }
        Err(problem) => {
            problems.push(*problem);
            Some(bytes)
        }
    }
}
