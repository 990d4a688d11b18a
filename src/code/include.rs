//! Includes: a part of a file, found by region, by name or by line.
//!
//! In: the text of a file, and what an author asks of it. Out: that part, with
//! its place in the file; lines that mark regions left out, common indentation
//! taken away. Must not know where files are.
//!
//! | written | meaning |
//! |---|---|
//! | `app.py` | the whole file |
//! | `app.py:10-20`, `:10`, `:10-`, `:1-3,8` | lines |
//! | `app.py#setup` | the region of that name |
//! | `app.py#def:Book.title` | a function, class or method |
//! | `app.rs:10:20`, `app.rs:setup`, `app.py#L10-L20` | the same, as other tools write it |
//!
//! A region stands between two comments, in any language's style:
//! `#region x` … `#endregion`, `ANCHOR: x` … `ANCHOR_END: x`,
//! `--8<-- [start:x]` … `--8<-- [end:x]`. Regions may lie in one another; those
//! of one name are joined.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::draft::Cut;
use crate::base::text::nearest;

/// Which part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Lines, from 1; the last one is included, and [`u32::MAX`] for the end.
    Lines(Vec<(u32, u32)>),
    /// A region.
    Region(String),
    /// What is defined by that name; with dots for what is inside something.
    Definition(String),
}

/// Why there is no such part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// One phrase.
    pub message: String,
    /// Advice.
    pub hints: Vec<String>,
}

/// Takes a value apart: the path, and which part of the file.
pub fn read(value: &str) -> (&str, Part) {
    if let Some((path, part)) = value.split_once('#') {
        let part = part.trim();
        let part = if let Some(name) = part.strip_prefix("def:") {
            Part::Definition(name.to_owned())
        } else if let Some(lines) = github_lines(part) {
            lines
        } else if part.is_empty() {
            Part::Whole
        } else {
            Part::Region(part.to_owned())
        };
        return (path.trim(), part);
    }
    let Some((path, part)) = value.split_once(':') else { return (value.trim(), Part::Whole) };
    // `a.rs:2:10` says what `a.rs:2-10` does.
    let dashed = part.replacen(':', "-", 1);
    let part = match lines(&dashed) {
        Some(lines) => Part::Lines(lines),
        None if part.is_empty() => Part::Whole,
        None => Part::Region(part.to_owned()),
    };
    (path.trim(), part)
}

fn github_lines(part: &str) -> Option<Part> {
    let inner = part.strip_prefix('L').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))?;
    lines(&inner.replace('L', "")).map(Part::Lines)
}

/// `10-20`, `10`, `10-`, `-5`, and several of these.
fn lines(text: &str) -> Option<Vec<(u32, u32)>> {
    text.split(',')
        .map(|range| {
            let (first, last) = match range.trim().split_once('-') {
                Some((first, last)) => (first.trim(), last.trim()),
                None => (range.trim(), range.trim()),
            };
            let first: u32 = if first.is_empty() { 1 } else { first.parse().ok()? };
            let last: u32 = if last.is_empty() { u32::MAX } else { last.parse().ok()? };
            let is_empty = range.trim().trim_matches('-').is_empty();
            (first > 0 && last > 0 && !is_empty).then_some((first.min(last), first.max(last)))
        })
        .collect()
}

/// The part of a file's text. `path` is how messages call the file.
pub fn select<'t>(text: &'t str, part: &Part, path: &str) -> Result<Cut<'t>, Missing> {
    let lines = lines_of(text);
    let regions = regions(text, &lines);
    let wanted: Vec<Range<usize>> = match part {
        Part::Whole => std::iter::once(0..lines.len()).collect(),
        Part::Lines(ranges) => line_ranges(ranges, lines.len(), path)?,
        Part::Region(name) => region(&regions, name, path)?,
        Part::Definition(name) => vec![definition(text, &lines, name, path)?],
    };
    let mut kept: Vec<Range<usize>> = wanted
        .into_iter()
        .flatten()
        .filter(|index| regions.markers.binary_search(index).is_err())
        .filter_map(|index| lines.get(index).cloned())
        .collect();
    // Blank lines at the borders belong to what is around.
    if *part != Part::Whole {
        let is_blank = |range: &Range<usize>| text[range.clone()].trim().is_empty();
        while kept.last().is_some_and(is_blank) {
            kept.pop();
        }
        let leading = kept.iter().take_while(|range| is_blank(range)).count();
        kept.drain(..leading);
    }
    let indent = common_indent(text, &kept);
    let mut gaps = Vec::with_capacity(kept.len() + 1);
    let mut from = 0;
    for line in kept {
        let blank = text[line.clone()].bytes().take_while(|b| matches!(b, b' ' | b'\t')).count().min(indent);
        gaps.push(from..line.start + blank);
        from = line.end;
    }
    gaps.push(from..text.len());
    let mut cut = Cut::new(text);
    cut.leave_out(&gaps);
    Ok(cut)
}

fn lines_of(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let range = start..start + line.len();
        start = range.end;
        range
    });
    lines.collect()
}

/// Bytes of white space that all lines with text begin with.
fn common_indent(text: &str, lines: &[Range<usize>]) -> usize {
    let mut common: Option<&str> = None;
    for line in lines.iter().map(|range| &text[range.clone()]).filter(|line| !line.trim().is_empty()) {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        common = Some(match common {
            None => indent,
            Some(common) => {
                let same = common.bytes().zip(indent.bytes()).take_while(|(a, b)| a == b).count();
                &common[..same]
            }
        });
    }
    common.map_or(0, str::len)
}

fn line_ranges(ranges: &[(u32, u32)], count: usize, path: &str) -> Result<Vec<Range<usize>>, Missing> {
    let mut found = Vec::with_capacity(ranges.len());
    for &(first, last) in ranges {
        let beyond = if last == u32::MAX { first } else { last };
        if beyond as usize > count {
            let lines = if count == 1 { "line" } else { "lines" };
            return Err(Missing {
                message: format!("`{path}` has no line {beyond}: it has {count} {lines}"),
                hints: vec![
                    "a region moves with the code: mark it with `#region name` and `#endregion`".to_owned(),
                ],
            });
        }
        found.push(first as usize - 1..(last as usize).min(count));
    }
    Ok(found)
}

/// Regions of a file.
#[derive(Debug, Default)]
struct Regions {
    /// Lines that open or close one, in order.
    markers: Vec<usize>,
    /// Name and lines inside, in the order of their ends.
    found: Vec<(String, Range<usize>)>,
    /// Name and line of those that do not end.
    open: Vec<(String, usize)>,
}

/// How a region's borders are written. A nameless end closes what is written
/// like it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Style {
    /// `#region`, after this comment sign.
    Region(String),
    Anchor,
    Snippet,
}

enum Border {
    Start(Style, String),
    End(Style, String),
}

fn border(line: &str) -> Option<Border> {
    static REGION: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r##"(?i)^\s*(?:(?P<sign>//+|/\*+|\{/\*|<!--|--|\(\*|\{#|;+|%+|'|::|rem\b|#+)\s*#?\s*(?:pragma\s+)?|"#)(?P<end>end\s?-?)?region\b:?[ \t]*"?(?P<name>[\w.@/-]*?)"?[ \t]*(?:\*/\}?|-->|\*\)|#\}|"?\s*:\s*"[^"]*"\s*,?)?\s*$"##,
        )
    });
    static ANCHOR: LazyLock<Regex> =
        LazyLock::new(|| regex(r"\bANCHOR(?P<end>_END)?:[ \t]*(?P<name>[\w.-]+)"));
    static SNIPPET: LazyLock<Regex> = LazyLock::new(|| {
        regex(r"--8<--[ \t]*\[[ \t]*(?P<kind>start|end)[ \t]*:[ \t]*(?P<name>[\w.-]+)[ \t]*\]")
    });
    let folded = line.as_bytes();
    let may_be = |word: &[u8]| folded.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
    if may_be(b"region")
        && let Some(found) = REGION.captures(line)
    {
        let sign = found.name("sign").map_or("\"", |sign| sign.as_str());
        // `///` and `//` are one style.
        let sign =
            sign.chars().take(if sign.starts_with(['/', '#', ';', '%']) { 1 } else { 4 }).collect::<String>();
        let is_block = found.name("sign").is_some_and(|sign| sign.as_str().starts_with("/*"));
        let style = Style::Region(if is_block { "/*".to_owned() } else { sign });
        let name = found["name"].to_owned();
        return Some(match found.name("end") {
            Some(_) => Border::End(style, name),
            None => Border::Start(style, name),
        });
    }
    if may_be(b"ANCHOR")
        && let Some(found) = ANCHOR.captures(line)
    {
        let name = found["name"].to_owned();
        return Some(match found.name("end") {
            Some(_) => Border::End(Style::Anchor, name),
            None => Border::Start(Style::Anchor, name),
        });
    }
    let found = line.contains("--8<--").then(|| SNIPPET.captures(line)).flatten()?;
    let name = found["name"].to_owned();
    Some(if &found["kind"] == "end" {
        Border::End(Style::Snippet, name)
    } else {
        Border::Start(Style::Snippet, name)
    })
}

#[expect(clippy::unwrap_used, reason = "constants, compiled by every test")]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

fn regions(text: &str, lines: &[Range<usize>]) -> Regions {
    let mut regions = Regions::default();
    let mut open: Vec<(Style, String, usize)> = Vec::new();
    for (index, range) in lines.iter().enumerate() {
        let Some(border) = border(text[range.clone()].trim_end()) else { continue };
        regions.markers.push(index);
        match border {
            Border::Start(style, name) => open.push((style, name, index)),
            Border::End(style, name) => {
                let is_meant = |(other, of, _): &(Style, String, usize)| {
                    if name.is_empty() { *other == style } else { *of == name }
                };
                if let Some(at) = open.iter().rposition(is_meant) {
                    let (_, name, start) = open.remove(at);
                    regions.found.push((name, start + 1..index));
                }
            }
        }
    }
    regions.open = open.into_iter().map(|(_, name, line)| (name, line)).collect();
    regions
}

/// The lines of all regions of that name, in order, none twice.
fn region(regions: &Regions, name: &str, path: &str) -> Result<Vec<Range<usize>>, Missing> {
    let mut found: Vec<Range<usize>> =
        regions.found.iter().filter(|(of, _)| of == name).map(|(_, lines)| lines.clone()).collect();
    if found.is_empty() {
        if let Some((_, line)) = regions.open.iter().find(|(of, _)| of == name) {
            return Err(Missing {
                message: format!(
                    "the region `{name}` of `{path}` starts in line {} and does not end",
                    line + 1
                ),
                hints: vec!["end it with `#endregion`".to_owned()],
            });
        }
        let names = regions.found.iter().map(|(name, _)| name.as_str()).filter(|name| !name.is_empty());
        return Err(Missing {
            message: format!("`{path}` has no region `{name}`"),
            hints: near(name, names, "it has the regions"),
        });
    }
    found.sort_by_key(|lines| lines.start);
    let mut end = 0;
    for lines in &mut found {
        lines.start = lines.start.max(end).min(lines.end.max(end));
        end = end.max(lines.end);
    }
    found.retain(|lines| lines.start < lines.end);
    Ok(found)
}

/// Advice on a name that is not there.
fn near<'n>(name: &str, names: impl Iterator<Item = &'n str>, words: &str) -> Vec<String> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    match nearest(name, names.iter().copied()) {
        Some(near) => vec![format!("did you mean `{near}`?")],
        None if names.is_empty() => Vec::new(),
        None => vec![format!("{words} `{}`", names.into_iter().take(12).collect::<Vec<_>>().join("`, `"))],
    }
}

/// How a language shows where a definition ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// By indentation: Python.
    Indent,
    /// By `end`, as far indented as the beginning: Ruby, Lua, Elixir.
    Word,
    /// By the bracket that closes the first one, or `;`.
    Bracket,
}

/// A definition: its name, whether that is sure, and the line.
struct Defined {
    name: String,
    line: usize,
    indent: usize,
}

/// The lines of what is defined by that name, with decorators before it.
fn definition(text: &str, lines: &[Range<usize>], name: &str, path: &str) -> Result<Range<usize>, Missing> {
    let ends = match path.rsplit('.').next().unwrap_or("") {
        "py" | "pyi" | "pyw" => Ends::Indent,
        "rb" | "lua" | "ex" | "exs" | "jl" | "cr" => Ends::Word,
        _ => Ends::Bracket,
    };
    let line = |index: usize| text[lines[index].clone()].trim_end();
    let mut within = 0..lines.len();
    let mut found = None;
    for part in name.split('.') {
        let inner: Vec<Defined> = within.clone().filter_map(|index| defined(line(index), index)).collect();
        // Of several, the outermost; a method has no word before it.
        let named = inner.iter().filter(|defined| defined.name == part).min_by_key(|defined| defined.indent);
        let Some(Defined { line: first, .. }) = named else {
            let names = inner.iter().map(|defined| defined.name.as_str());
            return Err(Missing {
                message: format!("`{path}` has no definition of `{name}`"),
                hints: near(part, names, "it defines"),
            });
        };
        let end = end_of(text, lines, *first, ends).min(within.end);
        within = first + 1..end;
        found = Some(*first..end);
    }
    let Some(mut found) = found else { return Ok(0..lines.len()) };
    let is_decorator = |index: usize| {
        let line = line(index).trim_start();
        line.starts_with('@') || line.starts_with("#[")
    };
    while found.start > 0 && is_decorator(found.start - 1) {
        found.start -= 1;
    }
    Ok(found)
}

fn defined(line: &str, index: usize) -> Option<Defined> {
    static WORD: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"^\s*(?:(?:export|default|declare|public|private|protected|internal|static|abstract|final|sealed|open|override|async|unsafe|extern|inline|pub(?:\([\w: ]+\))?)\s+)*(?:function\*?|class|interface|enum|type|const|let|var|val|fn|struct|trait|impl|func|fun|def|defp|defmodule|module|mod|namespace|record|object|macro_rules!)\s+(?:\([^)]*\)\s*)?(?:self\.)?(?P<name>[\w$]+)",
        )
    });
    static METHOD: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"^\s+(?:(?:public|private|protected|internal|static|final|abstract|override|async|get|set)\s+|\*\s*|[\w<>\[\],.?]+\s+)*#?(?P<name>[\w$]+)\s*(?:<[^>]*>)?\([^;]*\{\s*\}?$",
        )
    });
    let found = WORD.captures(line).or_else(|| METHOD.captures(line))?;
    let name = found["name"].to_owned();
    if matches!(&*name, "if" | "for" | "while" | "switch" | "catch" | "with" | "return" | "function") {
        return None;
    }
    Some(Defined { name, line: index, indent: line.len() - line.trim_start().len() })
}

/// The line behind the definition that starts at `first`.
fn end_of(text: &str, lines: &[Range<usize>], first: usize, ends: Ends) -> usize {
    let line = |index: usize| text[lines[index].clone()].trim_end();
    let indent = |index: usize| line(index).len() - line(index).trim_start().len();
    match ends {
        Ends::Indent => {
            // The header may go over several lines.
            let mut depth = 0_i32;
            let mut header = first;
            for index in first..lines.len() {
                for c in line(index).chars() {
                    depth += i32::from("([{".contains(c)) - i32::from(")]}".contains(c));
                }
                header = index;
                if depth <= 0 {
                    break;
                }
            }
            let behind =
                (header + 1..lines.len()).find(|i| !line(*i).is_empty() && indent(*i) <= indent(first));
            behind.unwrap_or(lines.len())
        }
        Ends::Word => {
            let end = (first + 1..lines.len())
                .find(|i| indent(*i) == indent(first) && line(*i).trim_start().starts_with("end"));
            end.map_or(lines.len(), |end| end + 1)
        }
        Ends::Bracket => {
            let start = lines[first].start;
            let end = start + closing(&text[start..]);
            lines.partition_point(|range| range.start < end).max(first + 1)
        }
    }
}

/// The byte behind the statement a text starts with: behind the brace that
/// closes the first one, or behind a `;` outside all brackets. Brackets in
/// strings and comments do not count.
fn closing(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' | b'`' => at = quoted_end(bytes, at),
            // In Rust a lifetime looks like a quote: one that does not close soon is none.
            b'\'' => {
                let end = quoted_end(bytes, at);
                if !bytes[at..end.min(bytes.len())].contains(&b'\n') {
                    at = end;
                }
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += text[at..].find('\n').unwrap_or(text.len() - at);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at += text[at..].find("*/").map_or(text.len() - at, |end| end + 1);
            }
            b'(' | b'[' | b'{' => depth += 1,
            b'}' if depth <= 1 => return behind_semicolon(bytes, at + 1),
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b';' if depth == 0 => return at + 1,
            // A statement without `;` ends where a blank line or another begins.
            b'\n' if depth == 0 && bytes.get(at + 1) == Some(&b'\n') => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// `};` and `})` belong to the statement.
fn behind_semicolon(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b')' | b';' | b',')) {
        at += 1;
    }
    at
}

/// The last byte of a quoted text.
fn quoted_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            byte if byte == bytes[start] => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str, value: &str) -> String {
        let (path, part) = read(value);
        match select(text, &part, path) {
            Ok(cut) => cut.text().to_owned(),
            Err(missing) => format!("{} ({})", missing.message, missing.hints.join("; ")),
        }
    }

    #[test]
    fn values_are_read() {
        for (value, path, part) in [
            ("a.py", "a.py", Part::Whole),
            ("a.py#x", "a.py", Part::Region("x".into())),
            ("a.py#def:A.b", "a.py", Part::Definition("A.b".into())),
            ("a.py:10-20", "a.py", Part::Lines(vec![(10, 20)])),
            ("a.py:10", "a.py", Part::Lines(vec![(10, 10)])),
            ("a.py:10-", "a.py", Part::Lines(vec![(10, u32::MAX)])),
            ("a.py:1-3, 8", "a.py", Part::Lines(vec![(1, 3), (8, 8)])),
            ("a.rs:2:10", "a.rs", Part::Lines(vec![(2, 10)])),
            ("a.rs:main", "a.rs", Part::Region("main".into())),
            ("a.py#L10-L20", "a.py", Part::Lines(vec![(10, 20)])),
        ] {
            assert_eq!(read(value), (path, part), "{value}");
        }
    }

    #[test]
    fn regions_are_found_in_every_style_of_comment() {
        for (start, end) in [
            ("// #region a", "// #endregion"),
            ("//#region a", "//#endregion a"),
            ("// region a", "// endregion"),
            ("#region a", "#endregion"),
            ("# region a", "# endregion"),
            ("    # region: a", "    # endregion"),
            ("/* #region a */", "/* #endregion */"),
            ("/*#region a*/", "/*#endregion a*/"),
            ("<!-- #region a -->", "<!-- #endregion -->"),
            ("-- #region a", "-- #endregion"),
            ("(* #region a *)", "(* #endregion a *)"),
            ("{/* #region a */}", "{/* #endregion */}"),
            ("#pragma region a", "#pragma endregion"),
            ("#Region \"a\"", "#End Region"),
            ("; #region a", "; #endregion"),
            ("% #region a", "% #endregion"),
            (":: #region a", ":: #endregion"),
            ("REM #region a", "REM #endregion"),
            ("\"#region a\": \"\",", "\"#endregion a\": \"\","),
            ("// ANCHOR: a", "// ANCHOR_END: a"),
            ("<!-- ANCHOR: a -->", "<!-- ANCHOR_END: a -->"),
            ("# --8<-- [start:a]", "# --8<-- [end:a]"),
        ] {
            assert_eq!(taken(&format!("0\n{start}\n  x\n{end}\n9\n"), "f#a"), "x\n", "{start}");
            assert_eq!(taken(&format!("0\n{start}\n  x\n{end}\n9\n"), "f"), "0\n  x\n9\n", "{start}");
        }
        for text in ["# region of interest\n", "region: us\n", "// regional\n", "x = \"#region a\"\n"] {
            assert_eq!(taken(text, "f"), text);
        }
    }

    #[test]
    fn regions_nest_and_join() {
        let nested = "// #region a\n1\n// #region b\n2\n// #endregion\n3\n// #endregion\n// #region a\n4\n// #endregion a\n";
        assert_eq!(taken(nested, "f#a"), "1\n2\n3\n4\n");
        assert_eq!(taken(nested, "f#b"), "2\n");
        let crossing = "# region a\n1\n# region b\n2\n# endregion a\n3\n# endregion b\n";
        assert_eq!(taken(crossing, "f#a"), "1\n2\n");
        assert_eq!(taken(crossing, "f#b"), "2\n3\n");
        let same = "# region a\n1\n# region a\n2\n# endregion\n3\n# endregion\n";
        assert_eq!(taken(same, "f#a"), "1\n2\n3\n");
        let styles = "/* #region a */\n1\n// #region b\n/* #endregion */\n2\n// #endregion\n";
        assert_eq!(taken(styles, "f#a"), "1\n");
        assert_eq!(taken(styles, "f#b"), "2\n");
    }

    #[test]
    fn what_is_missing_is_told_with_near_names() {
        let text = "# region setup\nx\n# endregion\n# region open\n";
        assert_eq!(taken(text, "f.py#setpu"), "`f.py` has no region `setpu` (did you mean `setup`?)");
        assert_eq!(taken(text, "f.py#zzz"), "`f.py` has no region `zzz` (it has the regions `setup`)");
        assert_eq!(
            taken(text, "f.py#open"),
            "the region `open` of `f.py` starts in line 4 and does not end (end it with `#endregion`)"
        );
        assert!(taken(text, "f.py:3-9").starts_with("`f.py` has no line 9: it has 4 lines"));
        assert_eq!(
            taken("def one():\n  x\n", "f.py#def:oen"),
            "`f.py` has no definition of `oen` (did you mean `one`?)"
        );
    }

    #[test]
    fn lines_lose_common_indentation() {
        let text = "if a:\n    b\n\n      c\n    d\n";
        assert_eq!(taken(text, "f:2-4"), "b\n\n  c\n");
        assert_eq!(taken(text, "f:4"), "c\n");
        assert_eq!(taken(text, "f:1,5"), "if a:\n    d\n");
        assert_eq!(taken(text, "f:4-"), "  c\nd\n");
    }

    #[test]
    fn definitions_are_found() {
        let python = "import x\n\n@app.get(\n    \"/\"\n)\n@cached\nasync def one(\n    a,\n) -> int:\n    # x\n\n    return 1\n\n\nclass Book(Model):\n    title = 1\n\n    def name(self):\n        return 2\n\n    def last(self): pass\n\nx = 1\n";
        assert_eq!(
            taken(python, "f.py#def:one"),
            "@cached\nasync def one(\n    a,\n) -> int:\n    # x\n\n    return 1\n"
        );
        assert_eq!(taken(python, "f.py#def:Book.name"), "def name(self):\n    return 2\n");
        assert_eq!(taken(python, "f.py#def:Book.last"), "def last(self): pass\n");
        let js = "export async function one(a = \"}\") {\n  if (a) { // }\n    return `}`;\n  }\n}\n\nconst two = (x) => ({\n  x,\n});\nconst three = 3;\nclass A {\n  static async run(a) {\n    if (a) {\n    }\n  }\n  get y() { }\n}\n";
        assert!(taken(js, "f.js#def:one").ends_with("  }\n}\n"));
        assert_eq!(taken(js, "f.js#def:two"), "const two = (x) => ({\n  x,\n});\n");
        assert_eq!(taken(js, "f.js#def:three"), "const three = 3;\n");
        assert_eq!(taken(js, "f.js#def:A.run"), "static async run(a) {\n  if (a) {\n  }\n}\n");
        assert_eq!(taken(js, "f.js#def:A.y"), "get y() { }\n");
        let rust = "#[derive(Debug)]\npub struct A<'a> {\n    x: &'a str,\n}\n\nimpl A {\n    pub(crate) fn go(&self) {}\n}\n";
        assert_eq!(taken(rust, "f.rs#def:A"), "#[derive(Debug)]\npub struct A<'a> {\n    x: &'a str,\n}\n");
        assert_eq!(taken(rust, "f.rs#def:go"), "pub(crate) fn go(&self) {}\n");
        assert_eq!(taken("class A\n  def b\n    1\n  end\nend\n", "f.rb#def:A.b"), "def b\n  1\nend\n");
    }
}
