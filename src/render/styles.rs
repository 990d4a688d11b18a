//! Styles: what is published of a style sheet.
//!
//! In: the origin of a file. Out: its bytes as they are published: Sass is
//! compiled, CSS made smaller if the configuration asks for it. Done once in a
//! build; every file that was read or looked for is noted each time.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use super::scope::note;
use super::shared::{Shared, SharedFiles};
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::FilePath;
use crate::base::reads::Key;
use crate::base::source::Source;
use crate::read::discover::file_problem;
use crate::read::theme::StaticOrigin;
use crate::styles::sass::Reader;
use crate::styles::{css, sass};

/// A style sheet, what is wrong with it, and what it was made from.
#[derive(Clone)]
struct Made {
    result: Result<Arc<[u8]>, Diagnostic>,
    files: BTreeSet<FilePath>,
}

/// Style sheets of one build.
#[derive(Default)]
pub struct Styles(Mutex<HashMap<FilePath, Made>>);

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
    let cached = shared.styles.0.lock().ok().and_then(|made| made.get(path).cloned());
    let made = cached.unwrap_or_else(|| {
        let limit = shared.site.config.limits.source;
        let reader = Noting { files: &shared.files, limit, read: RefCell::default() };
        let result = sass::compile(path, folder, &reader);
        let result = result.map(|css| Arc::from(css.into_bytes())).map_err(|problem| *problem);
        let made = Made { result, files: reader.read.into_inner() };
        if let Ok(mut all) = shared.styles.0.lock() {
            all.insert(path.clone(), made.clone());
        }
        made
    });
    made.files.into_iter().for_each(|path| note(Key::Data(path)));
    made.result
}

/// The bytes of a file as it is published at that path, and what is wrong with
/// it.
pub(super) fn published(
    shared: &Shared,
    origin: &StaticOrigin,
    output: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<Arc<[u8]>> {
    let (bytes, path): (Arc<[u8]>, &str) = match origin {
        StaticOrigin::Builtin(bytes) => (Arc::from(*bytes), output),
        StaticOrigin::File(path) => {
            note(Key::Asset(path.clone()));
            match shared.files.read(path, u64::MAX) {
                Ok(bytes) => (bytes, path.as_str()),
                Err(error) => {
                    problems.push(file_problem(path.as_str(), &error));
                    return None;
                }
            }
        }
        // It is as small as it gets.
        StaticOrigin::Sass { path, folder } => {
            return compiled(shared, path, folder).map_err(|problem| problems.push(problem)).ok();
        }
    };
    let is_css = output.ends_with(".css") && !output.ends_with(".min.css");
    if !is_css || !shared.site.config.minify_css {
        return Some(bytes);
    }
    note(Key::Config);
    let Ok(text) = std::str::from_utf8(&bytes) else { return Some(bytes) };
    match css::minified(&Source::new(path, text)) {
        Ok(less) => Some(Arc::from(less.into_bytes())),
        Err(problem) => {
            problems.push(*problem);
            Some(bytes)
        }
    }
}
