//! Sass: a file, with all that it uses, to CSS.
//!
//! In: the path of a file, a reader. Out: CSS, or what is wrong at its place,
//! which may be in another file. What is read, and what is looked for where
//! nothing is, goes through the reader. What `@debug` and `@warn` say is not
//! told.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use crate::base::diagnostic::Diagnostic;
use crate::base::paths::FilePath;
use crate::base::source::{Source, Span};

/// The way to files.
pub trait Reader {
    /// The bytes of a file; the error in words.
    fn read(&self, path: &FilePath) -> Result<Arc<[u8]>, String>;
    /// Whether a file is there.
    fn is_file(&self, path: &FilePath) -> bool;
}

struct Through<'a>(&'a dyn Reader);

impl fmt::Debug for Through<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("files of the project")
    }
}

/// A path as the compiler writes it; none when it leads out of the project.
fn path_of(path: &Path) -> Option<FilePath> {
    FilePath::root().resolve(path.to_str()?).ok()
}

impl grass::Fs for Through<'_> {
    fn is_dir(&self, path: &Path) -> bool {
        // Its files are looked for then, which tells, and is noted.
        path_of(path).is_some()
    }

    fn is_file(&self, path: &Path) -> bool {
        path_of(path).is_some_and(|path| self.0.is_file(&path))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let path = path_of(path).ok_or_else(|| io::Error::other("it leads out of the project"))?;
        self.0.read(&path).map(|bytes| bytes.to_vec()).map_err(io::Error::other)
    }

    /// One name for each file, so that what `@use` names twice is used once.
    fn canonicalize(&self, path: &Path) -> io::Result<std::path::PathBuf> {
        let path = path_of(path).ok_or_else(|| io::Error::other("it leads out of the project"))?;
        Ok(path.as_str().into())
    }
}

/// Compiles a file; `folder` is where names are looked for that are not beside
/// the file that has them.
pub fn compile(path: &FilePath, folder: &FilePath, reader: &dyn Reader) -> Result<String, Box<Diagnostic>> {
    let through = Through(reader);
    let options = grass::Options::default()
        .fs(&through)
        .load_path(folder.as_str())
        .style(grass::OutputStyle::Compressed)
        .logger(&grass::NullLogger);
    let problem = |words: &str| {
        let message = format!("cannot compile `{path}`: {words}");
        Box::new(Diagnostic::error("bad-sass", message).in_file(path.as_str()))
    };
    let compiled = catch_unwind(AssertUnwindSafe(|| grass::from_path(path.as_str(), &options)));
    let error = match compiled {
        Ok(Ok(css)) => return Ok(css),
        Ok(Err(error)) => error,
        Err(_) => return Err(problem("the compiler failed")),
    };
    Err(match error.kind() {
        grass::ErrorKind::ParseError { message, loc, .. } => {
            let text = loc.file.source();
            let start = offset(text, loc.begin.line, loc.begin.column);
            let end = offset(text, loc.end.line, loc.end.column).max(start);
            let source = Source::new(loc.file.name(), text);
            let message = message.lines().next().unwrap_or_default().to_owned();
            let problem = Diagnostic::error("bad-sass", message.trim_end_matches('.'));
            let problem = problem.at(&source, Span::new(start, end));
            Box::new(if loc.file.name() == path.as_str() {
                problem
            } else {
                problem.hint(format!("while compiling `{path}`"))
            })
        }
        grass::ErrorKind::IoError(error) => problem(&error.to_string()),
        grass::ErrorKind::FromUtf8Error(_) => problem("it is not UTF-8 text"),
        _ => problem("the compiler does not say why"),
    })
}

/// The byte at a line and a column in characters, both counted from 0.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.chars().take(column).map(char::len_utf8).sum::<usize>()
}
