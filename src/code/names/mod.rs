//! Names: what a snippet defines, and what it uses that it does not define.
//!
//! In: a text and its language. Out: [`Names`], with places in the text. What
//! other snippets define is for the caller to know. Whatever is not certain
//! counts as defined: an alarm that is false costs more than one that is
//! missing. `javascript.txt` and `python.txt` list what runtimes and test runners
//! bring; left out is what only browsers have and nobody means (`name`,
//! `status`). They were made of the lists of the npm package `globals` 17 (MIT),
//! of what Node.js 24 has, and of Python's `builtins`.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use super::block::Block;
use super::engine::{self, MAX_TEXT};
use super::fence::Mark;
use super::language::{self, Language};
use super::{javascript, python};
use crate::base::text::nearest;

/// Languages that share names on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// JavaScript, TypeScript, and both with elements.
    JavaScript,
    /// Python and its sessions.
    Python,
}

/// Names of one snippet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// What shares names with it.
    pub family: Family,
    /// Names that code behind it may use.
    pub defined: BTreeSet<String>,
    /// Names that it uses, and that neither it nor the runtime defines: each
    /// once, with its first place in the text.
    pub used: Vec<(String, Range<usize>)>,
    /// It may define any name: it imports `*`, calls `eval`, or nobody could
    /// read it.
    pub is_open: bool,
}

impl Names {
    pub(super) fn new(family: Family) -> Self {
        Self { family, defined: BTreeSet::new(), used: Vec::new(), is_open: false }
    }
}

impl Family {
    fn of(language: &str) -> Option<Self> {
        match language::find(language)? {
            Language::JavaScript(_) => Some(Self::JavaScript),
            Language::Python { .. } => Some(Self::Python),
            Language::Plain | Language::Grammar(_) | Language::Data(..) | Language::Shell(_) => None,
        }
    }

    fn brought(self) -> &'static HashSet<&'static str> {
        static JAVASCRIPT: LazyLock<HashSet<&str>> =
            LazyLock::new(|| include_str!("javascript.txt").split_ascii_whitespace().collect());
        static PYTHON: LazyLock<HashSet<&str>> =
            LazyLock::new(|| include_str!("python.txt").split_ascii_whitespace().collect());
        match self {
            Self::JavaScript => &JAVASCRIPT,
            Self::Python => &PYTHON,
        }
    }

    /// A runtime brings a thing of this name.
    pub(super) fn brings(self, name: &str) -> bool {
        self.brought().contains(name)
    }

    /// What a runtime brings under a name that is near to this one.
    pub fn nearest(self, name: &str) -> Option<&'static str> {
        // Among so many names a short one is always near.
        if name.chars().count() < 5 {
            return None;
        }
        nearest(name, self.brought().iter().copied())
    }
}

/// The names of a text; `None` for a language that has no parser for them.
pub fn names(text: &str, language: &str) -> Option<Names> {
    let family = Family::of(language)?;
    let found = if text.len() > MAX_TEXT {
        None
    } else {
        let read = || match language::find(language) {
            Some(Language::JavaScript(dialect)) => javascript::names(text, dialect),
            _ => python::names(text),
        };
        engine::guarded(text, read).ok()
    };
    let Some(mut found) = found else {
        return Some(Names { is_open: true, ..Names::new(family) });
    };
    let mut seen = HashSet::new();
    found.used.sort_by_key(|(_, place)| place.start);
    found.used.retain(|(name, place)| !is_meant(text, place) && seen.insert(name.clone()));
    Some(found)
}

/// The names of what a block shows, at their places in the text that the block
/// was made from. Removed lines count for nothing; lines marked as wrong use
/// nothing. `file` is the whole of a file that the text is a part of.
pub(super) fn of_block(block: &Block<'_>, file: Option<&str>) -> Option<Names> {
    let family = Family::of(&block.language)?;
    let text = block.cut.text();
    let mut now = String::new();
    if block.marks.has(Mark::Delete) {
        for line in &block.lines {
            let line_text = &text[line.range.clone()];
            if line.marks.has(Mark::Delete) {
                now.extend(line_text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
            } else {
                now.push_str(line_text);
            }
        }
    }
    let mut found = names(if now.is_empty() { text } else { &now }, &block.language)?;
    if let Some(whole) = file.and_then(|file| names(file, &block.language)) {
        found.defined.extend(whole.defined);
        found.is_open |= whole.is_open;
    }
    let is_wrong = |place: &Range<usize>| {
        let line = block.lines.partition_point(|line| line.range.end <= place.start);
        block.lines.get(line).is_some_and(|line| line.marks.has(Mark::Error))
    };
    found.used.retain(|(name, place)| !is_wrong(place) && !found.defined.contains(name));
    for (_, place) in &mut found.used {
        *place = block.cut.origin(place.clone());
    }
    debug_assert_eq!(found.family, family);
    Some(found)
}

/// The line, or a neighbour of it, says that the name is missing.
fn is_meant(text: &str, place: &Range<usize>) -> bool {
    let before = &text[..place.start];
    let start = before.rfind('\n').map_or(0, |at| before[..at].rfind('\n').map_or(0, |at| at + 1));
    let behind = &text[place.end..];
    let end = behind.find('\n').map_or(text.len(), |at| {
        let next = place.end + at + 1;
        text[next..].find('\n').map_or(text.len(), |at| next + at)
    });
    ["NameError", "ReferenceError", "UnboundLocalError"].iter().any(|word| text[start..end].contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(text: &str, language: &str) -> String {
        let names = names(text, language).unwrap();
        if names.is_open {
            return "*".to_owned();
        }
        let used = names.used.iter().filter(|(name, _)| !names.defined.contains(name));
        used.map(|(name, place)| {
            assert_eq!(&text[place.clone()], name);
            name.as_str()
        })
        .collect::<Vec<_>>()
        .join(" ")
    }

    #[test]
    fn javascript_names() {
        for (text, expected) in [
            ("app.listen(port, hostname)", "app port hostname"),
            ("import a, { b as c } from 'd'; a(b, c)", "b"),
            ("const { a, b: [c], ...d } = e; f(a, b, c, d)", "e f b"),
            ("console.log(process.env, document.title, require('a'), module.exports)", ""),
            ("for (const a of [1]) a; a", "a"),
            ("function f(a, b = c) { return arguments[0] + a + b + f } g: for (;;) break g", "c"),
            ("if (typeof a !== 'undefined') a(); typeof b", ""),
            ("total = 1; total += 2; total", ""),
            ("window.jQuery = 1; jQuery('a')", ""),
            ("/* global $, angular */ $(angular)", ""),
            ("eval('a = 1'); a", "*"),
            ("a; // ReferenceError: a is not defined", ""),
            ("class A extends B { #c = 1; d() { return this.#c + A.e } }", "B"),
            ("try { a() } catch (error) { error } error", "a error"),
            ("f(); function f() { return later } const later = 1", ""),
            ("<Page title={title}><b>text</b></Page>", "Page title"),
            ("`${a}`", "a"),
            ("({ a, b: 1, c() {}, [d]: 2 })", "a d"),
            ("export { a }; export * from 'b'; export { c } from 'd'", "a"),
        ] {
            assert_eq!(used(text, "jsx"), expected, "{text}");
        }
        for (text, expected) in [
            ("let a: Foo<Bar> = b as Baz; enum C { D, E = D } C.D", "b"),
            ("type A = typeof b; function f<T>(this: Window, a: T): a is T { return g<T>(a) }", "g"),
            ("declare const a: string; a; import b = require('b'); b", ""),
            ("declare global { var a: number } a", "*"),
            ("@Component({}) class A { constructor(private b: C) {} }", "Component"),
            ("namespace A { export const b = 1; b } A.b", ""),
            ("abstract class A<T> extends B<T> implements C {}", "B"),
        ] {
            assert_eq!(used(text, "ts"), expected, "{text}");
        }
    }

    #[test]
    fn python_names() {
        for (text, expected) in [
            ("print(a, __name__, ValueError)", "a"),
            ("import a.b, c as d\nfrom e import f\nfrom . import g\na, b, c, d, e, f, g", "b c e"),
            ("from a import *\nb", "*"),
            ("exec('a = 1')\na", "*"),
            ("def f(a, *b, c=d, **e) -> g:\n    return a, b, c, e, f, h\nh = 1", "d g"),
            ("class A(B):\n    x = 1\n    y = x\n    def f(self):\n        return x, A, __class__", "B x"),
            ("[x for x in y if x]\nx", "y x"),
            ("if any((hit := x) for x in [1]):\n    hit", ""),
            ("lambda a, b=c: a + b + d", "c d"),
            ("for i, (j, *k) in []:\n    pass\ni, j, k", ""),
            ("with open('a') as f, g() as (h, i.j):\n    f, h", "g i"),
            ("try:\n    a\nexcept NameError:\n    pass", ""),
            ("try:\n    pass\nexcept (E, ValueError) as e:\n    e", "E"),
            ("match a:\n    case {'b': b, **c}: b, c\n    case D(e=f) | [*g]: f, g\n    case h: h", "a D"),
            ("def f():\n    global x\n    x = 1\nx", ""),
            ("def f():\n    y = 1\n    def g():\n        nonlocal y\n        y += 1\n    return g", ""),
            ("f'{a!r:>{b}} {{c}}'", "a b"),
            ("type A[T] = list[T]\ndef f[U: int](a: U) -> A[U]: ...\nclass C[V]:\n    v: V", ""),
            ("x: 'Later' = None\ny: Missing = 1", "Missing"),
            ("@a.b\nasync def f():\n    async for c in d: yield c", "a d"),
            ("del a\nprint(a)  # NameError", ""),
            (">>> a = 1\n>>> a + b\n2\n>>> for c in d:\n...     print(c)\n", "b d"),
            (">>> a\nTraceback (most recent call last):\n  ...\n", ""),
            ("    x = a\n    return x", "a"),
        ] {
            assert_eq!(used(text, "python"), expected, "{text}");
        }
    }

    #[test]
    fn broken_code_defines_names_too() {
        let defined = |text, language| names(text, language).unwrap().defined.into_iter().collect::<Vec<_>>();
        assert_eq!(
            defined("const { a, b: c } = require('x');\nfunction f(x) {\n  if (\nlet d = e, g;\n", "js"),
            ["a", "b", "c", "d", "f"]
        );
        assert_eq!(defined("import x, { y } from 'z';\nclass A {\n", "js"), ["A", "x", "y"]);
        assert_eq!(defined("import a\nb = [1, 2\ndef c():\n    pass\n", "python"), ["a", "b", "c"]);
        assert!(names(&"(".repeat(500), "js").unwrap().is_open);
    }

    #[test]
    fn lists_are_in_order() {
        for list in [include_str!("javascript.txt"), include_str!("python.txt")] {
            let words: Vec<&str> = list.split_ascii_whitespace().collect();
            assert!(words.is_sorted(), "sort the words, so that changes can be seen");
        }
    }
}
