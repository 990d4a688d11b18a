//! Tasks: one problem, solved in each subject.
//!
//! In: `[task]`, and the names of the files beside the page. Out: [`TaskFront`]
//! and which file belongs to which side. Must not read any file.

use std::sync::Arc;

use super::Place;
use crate::base::source::{Source, Span};
use crate::base::table::{Table, Value};

/// A task's front matter. Every field as in [`keys::TASK`](super::keys::TASK).
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the schema of the keys says what each is")]
pub struct TaskFront {
    pub names: Vec<String>,
    pub expect: Option<String>,
    pub same_output: bool,
    pub run: Option<bool>,
    /// By subject.
    pub main: Vec<(String, String, Place)>,
    /// By subject.
    pub omit: Vec<(String, String, Place)>,
    /// Where `[task]` stands.
    pub place: Place,
}

impl TaskFront {
    /// Whether `check --run` runs its sides.
    pub fn is_run(&self) -> bool {
        self.run.unwrap_or(self.expect.is_some() || self.same_output)
    }
}

/// Reads `[task]`.
pub fn read(source: &Arc<Source>, table: &Table, span: Span) -> TaskFront {
    let pairs = |key: &str| -> Vec<(String, String, Place)> {
        let entries = table.table(key).into_iter().flat_map(|table| &table.entries);
        let pair = |entry: &crate::base::table::Entry| match &entry.node.value {
            Value::Text(text) => Some((entry.key.clone(), text.clone(), Place::new(source, entry.key_span))),
            _ => None,
        };
        entries.filter_map(pair).collect()
    };
    TaskFront {
        names: table.texts("names").unwrap_or_default(),
        expect: table.text("expect"),
        same_output: table.bool("same_output").unwrap_or(false),
        run: table.bool("run"),
        main: pairs("main"),
        omit: pairs("omit"),
        place: Place::new(source, span),
    }
}

/// The side that a file beside a task's page belongs to, and its name there:
/// `nodejs.js` is `nodejs.js` of `nodejs`, `django/urls.py` is `urls.py` of
/// `django`.
pub fn side_of(name: &str) -> (&str, &str) {
    match name.split_once('/') {
        Some((side, file)) => (side, file),
        None => (name.split_once('.').map_or(name, |(side, _)| side), name),
    }
}

/// The file that is run, of several: the one named, else the only `main.*`,
/// `index.*` or `app.*`, else the only one.
pub fn main_of<'a>(files: &[&'a str], named: Option<&str>) -> Option<&'a str> {
    if let Some(named) = named {
        return files.iter().copied().find(|file| *file == named);
    }
    let stem = |file: &str| file.rsplit_once('.').map_or(file.to_owned(), |(stem, _)| stem.to_owned());
    let called = |wanted: &&str| files.iter().filter(|file| stem(file) == *wanted).count() > 0;
    // With two of one name it is not clear which.
    match ["main", "index", "app"].iter().find(|wanted| called(wanted)) {
        Some(wanted) => only(files.iter().filter(|file| stem(file) == **wanted)),
        None => only(files.iter()),
    }
}

fn only<'a, 'f: 'a>(mut files: impl Iterator<Item = &'a &'f str>) -> Option<&'f str> {
    let first = files.next()?;
    files.next().is_none().then_some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_belong_to_sides() {
        assert_eq!(side_of("nodejs.js"), ("nodejs", "nodejs.js"));
        assert_eq!(side_of("django/shop/urls.py"), ("django", "shop/urls.py"));
        assert_eq!(side_of("node-test.test.mjs"), ("node-test", "node-test.test.mjs"));
        assert_eq!(main_of(&["urls.py", "app.py"], None), Some("app.py"));
        assert_eq!(main_of(&["urls.py", "app.py"], Some("urls.py")), Some("urls.py"));
        assert_eq!(main_of(&["a.py", "b.py"], None), None);
        assert_eq!(main_of(&["main.py", "main.js", "app.py"], None), None, "which of the two?");
        assert_eq!(main_of(&["main.py", "main.js"], Some("main.js")), Some("main.js"));
        assert_eq!(main_of(&["a.py"], None), Some("a.py"));
    }
}
