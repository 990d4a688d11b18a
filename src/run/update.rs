//! Update: output fences of pages, rewritten in place.
//!
//! In: what fences are to hold. Out: changed files; nothing but the lines
//! between the two fences of a block changes. A page that is not any more what
//! was read is left alone.
#![expect(clippy::disallowed_methods, reason = "the edge where pages are rewritten, when that is asked for")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use crate::base::diagnostic::Diagnostic;
use crate::base::source::{Source, Span};
use crate::build::PageSnippets;
use crate::parse::markdown::Marked;

/// What one output fence is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Update {
    file: Arc<Source>,
    /// The block in the file; `None` when it is not there as it was parsed.
    block: Option<Span>,
    /// The block as it was parsed.
    was: Span,
    text: String,
}

impl Update {
    pub(super) fn new(page: &PageSnippets, marked: &Marked, text: String) -> Self {
        let file = Arc::clone(page.file());
        let start = page.place(marked.block).start as usize;
        let length = (marked.block.end - marked.block.start) as usize;
        let block = Span::new(start, start + length);
        // A place in a page with expressions was looked for by its text.
        let same = file.slice(block) == page.source.slice(marked.block);
        Self { file, block: same.then_some(block), was: marked.block, text }
    }

    /// Whether both are about the same fence.
    pub(super) fn is_at(&self, other: &Self) -> bool {
        self.file.path == other.file.path && self.was == other.was
    }

    fn refused(&self, why: &str) -> Diagnostic {
        let place = self.block.unwrap_or_default();
        let line = self.file.slice(place).lines().next().map_or(0, str::len);
        Diagnostic::error("output-not-updated", format!("this output was not rewritten: {why}"))
            .at(&self.file, Span::new(place.start as usize, place.start as usize + line))
    }
}

/// Rewrites the fences; how many were, and which could not be.
pub(super) fn apply(root: &Path, updates: Vec<Update>) -> (usize, Vec<Diagnostic>) {
    let mut by_file: BTreeMap<String, Vec<Update>> = BTreeMap::new();
    for update in updates {
        by_file.entry(update.file.path.clone()).or_default().push(update);
    }
    let mut problems = Vec::new();
    let mut updated = 0;
    for (path, mut updates) in by_file {
        updates.sort_by_key(|update| std::cmp::Reverse(update.block));
        let file = Arc::clone(&updates[0].file);
        let mut text = file.text.clone();
        let mut changed = 0;
        for update in &updates {
            let rewritten = match update.block {
                Some(block) => rewritten(&file.text, block, &update.text).map(|new| (block, new)),
                None => Err("its place in the page is not certain, since the page has template expressions"),
            };
            match rewritten {
                Ok((block, new)) => {
                    text.replace_range(block.range(), &new);
                    changed += 1;
                }
                Err(why) => problems.push(update.refused(why)),
            }
        }
        if changed == 0 {
            continue;
        }
        match replace(&root.join(&path), &file.text, &text) {
            Ok(()) => updated += changed,
            Err(error) => problems.extend(updates.iter().map(|update| update.refused(&error.to_string()))),
        }
    }
    (updated, problems)
}

/// A block with other lines between its fences.
fn rewritten(file: &str, block: Span, text: &str) -> Result<String, &'static str> {
    let old = &file[block.range()];
    let sign = old.chars().next().filter(|c| matches!(c, '`' | '~')).ok_or("it is no fenced block")?;
    let length = old.chars().take_while(|c| *c == sign).count();
    let (opening, rest) = old.split_once('\n').ok_or("it is not closed")?;
    let closes = |line: &str| {
        let line = line.trim_start_matches([' ', '\t', '>']).trim_end();
        line.len() >= length && line.chars().all(|c| c == sign)
    };
    let closing_at = rest.rfind('\n').map_or(0, |at| at + 1);
    let closing = &rest[closing_at..];
    if !closes(closing) {
        return Err("it is not closed");
    }
    if text.lines().any(closes) {
        return Err("what was printed has a line that would close the fence; make the fence longer");
    }
    // What stands before the fence stands before every line, except that the
    // signs of lists are blanks there.
    let line_start = file[..block.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let before = &file[line_start..block.start as usize];
    let prefix: String =
        before.chars().map(|c| if matches!(c, '>' | ' ' | '\t') { c } else { ' ' }).collect();
    let line_end = if opening.ends_with('\r') { "\r\n" } else { "\n" };
    let mut new = format!("{opening}\n");
    for line in text.lines() {
        let line = format!("{prefix}{line}");
        new.push_str(if line.trim_end().len() <= prefix.trim_end().len() {
            prefix.trim_end()
        } else {
            &line
        });
        new.push_str(line_end);
    }
    new.push_str(closing);
    Ok(new)
}

/// Writes a file anew, if it is still what it was; whole or not at all.
fn replace(path: &Path, old: &str, new: &str) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    if fs::read(&path)? != old.as_bytes() {
        return Err(io::Error::other("the file was changed meanwhile"));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = path.with_file_name(format!(".{name}.juxta-new"));
    let written = fs::File::create_new(&beside)
        .and_then(|mut file| {
            file.set_permissions(fs::metadata(&path)?.permissions())?;
            file.write_all(new.as_bytes())
        })
        .and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(file: &str, text: &str) -> Result<String, &'static str> {
        let start = file.find("```").unwrap();
        let end = file.rfind("```").unwrap() + 3;
        let new = rewritten(file, Span::new(start, end), text)?;
        Ok(format!("{}{new}{}", &file[..start], &file[end..]))
    }

    #[test]
    fn lines_keep_what_stands_before_the_fence() {
        for (file, text, expected) in [
            ("a\n```output\nx\n```\nb", "1\n2\n", "a\n```output\n1\n2\n```\nb"),
            ("```output\n```\n", "1\n", "```output\n1\n```\n"),
            ("```output\nx\n```\n", "", "```output\n```\n"),
            ("- ```output\n  x\n  ```\n", "1\n\n2\n", "- ```output\n  1\n\n  2\n  ```\n"),
            ("> ```output\n> x\n> ```\n", "1\n\n2\n", "> ```output\n> 1\n>\n> 2\n> ```\n"),
            ("```output\r\nx\r\n```\r\n", "1\n2\n", "```output\r\n1\r\n2\r\n```\r\n"),
        ] {
            assert_eq!(update(file, text).unwrap(), expected, "{file:?}");
        }
        assert!(update("```output\nx\n```\n", "a\n```\n").is_err());
        assert!(update("````output\nx\n````\n", "a\n```\n").is_ok());
    }
}
