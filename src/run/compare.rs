//! Compare: what was printed, and what a page shows.
//!
//! In: the text of an output fence, or of `expect=`, and what was printed. Out:
//! whether they agree, or the first line at which they do not. `…` stands for
//! any text in its line; alone in a line, as `...`, for any number of lines.
//! Blanks at ends of lines and line ends at the end of the text do not count.

/// The first line that is not as shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    /// The line of the shown text, from 0; one past the last when more was
    /// printed.
    pub(super) line: usize,
    /// That line.
    pub(super) expected: Option<String>,
    /// What was printed there.
    pub(super) printed: Option<String>,
}

fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines
}

fn is_any_lines(line: &str) -> bool {
    matches!(line.trim(), "…" | "...")
}

/// Whether all of `text` matches, `…` standing for anything. Returns how far
/// the pattern and the text got before the first difference otherwise.
///
/// The usual walk with one way back: only the last wildcard can have taken too
/// little.
fn walk<T: Copy>(
    pattern: &[T],
    text: &[T],
    is_any: impl Fn(T) -> bool,
    same: impl Fn(T, T) -> bool,
) -> Result<(), (usize, usize)> {
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    let mut furthest = (0, 0);
    loop {
        if p > furthest.0 {
            furthest = (p, t);
        }
        if p < pattern.len() && is_any(pattern[p]) {
            back = Some((p, t));
            p += 1;
        } else if p < pattern.len() && t < text.len() && same(pattern[p], text[t]) {
            p += 1;
            t += 1;
        } else if p == pattern.len() && t == text.len() {
            return Ok(());
        } else {
            match back {
                Some((wildcard, taken)) if taken < text.len() => {
                    back = Some((wildcard, taken + 1));
                    p = wildcard + 1;
                    t = taken + 1;
                }
                _ => return Err(furthest),
            }
        }
    }
}

fn same_line(pattern: &str, text: &str) -> bool {
    if !pattern.contains('…') {
        return pattern == text;
    }
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    walk(&pattern, &text, |c| c == '…', |a, b| a == b).is_ok()
}

/// Where a shown text and what was printed part.
pub(super) fn first_difference(shown: &str, printed: &str) -> Option<Difference> {
    let (shown, printed) = (lines(shown), lines(printed));
    let (p, t) = walk(&shown, &printed, is_any_lines, same_line).err()?;
    let line = |lines: &[&str], at: usize| lines.get(at).map(|line| (*line).to_owned());
    Some(Difference { line: p, expected: line(&shown, p), printed: line(&printed, t) })
}

/// Where two texts part, nothing in them standing for anything else.
pub(super) fn first_line_apart(one: &str, other: &str) -> Option<Difference> {
    let (one, other) = (lines(one), lines(other));
    let line = (0..one.len().max(other.len())).find(|i| one.get(*i) != other.get(*i))?;
    let text = |lines: &[&str]| lines.get(line).map(|line| (*line).to_owned());
    Some(Difference { line, expected: text(&one), printed: text(&other) })
}

/// Whether all that was printed is as `expect=` says; `…` may stand for lines.
pub(super) fn matches_all(expected: &str, printed: &str) -> bool {
    let (expected, printed) = (lines(expected).join("\n"), lines(printed).join("\n"));
    let (expected, printed) = (expected.trim(), printed.trim());
    let (expected, printed): (Vec<char>, Vec<char>) = (expected.chars().collect(), printed.chars().collect());
    walk(&expected, &printed, |c| c == '…', |a, b| a == b).is_ok()
}

/// What is to be shown: what was printed, except that lines with wildcards at
/// the beginning and at the end stay as they are while they fit.
pub(super) fn merge(shown: &str, printed: &str) -> String {
    let (shown, printed) = (lines(shown), lines(printed));
    let fits = |(a, b): &(&&str, &&str)| !is_any_lines(a) && same_line(a, b);
    let first = shown.iter().zip(&printed).take_while(fits).count();
    let rest = shown.len().min(printed.len()) - first;
    let last = shown.iter().rev().zip(printed.iter().rev()).take(rest).take_while(fits).count();
    let mut merged: Vec<&str> = shown[..first].to_vec();
    merged.extend(&printed[first..printed.len() - last]);
    merged.extend(&shown[shown.len() - last..]);
    merged.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_text_and_for_lines() {
        for (shown, printed, line) in [
            ("a\nb\n", "a\nb\n", None),
            ("a\nb\n", "a  \nb\n\n", None),
            ("a\nb\n", "a\nc\n", Some(1)),
            ("a\n", "a\nb\n", Some(1)),
            ("a\nb\n", "a\n", Some(1)),
            ("", "", None),
            ("", "x\n", Some(0)),
            ("took … ms", "took 12 ms", None),
            ("took … ms", "took 12 s", Some(0)),
            ("a\n…\nz\n", "a\nb\nc\nz\n", None),
            ("a\n...\nz\n", "a\nz\n", None),
            ("a\n...\nz\n", "a\nb\n", Some(2)),
            ("...\nb\n", "a\nb\nc\nb\n", None),
            ("a ... b\n", "a x b\n", Some(0)),
            ("…\n", "", None),
        ] {
            let found = first_difference(shown, printed).map(|difference| difference.line);
            assert_eq!(found, line, "{shown:?} {printed:?}");
        }
    }

    #[test]
    fn expect_is_one_pattern_for_everything() {
        assert!(matches_all("ok", "ok\n"));
        assert!(matches_all("a…z", "a\nb\nz\n"));
        assert!(!matches_all("a", "a\nb\n"));
    }

    #[test]
    fn lines_with_wildcards_stay_where_they_fit() {
        assert_eq!(
            merge("took … ms\nold\nend …\n", "took 3 ms\nnew\nmore\nend 4\n"),
            "took … ms\nnew\nmore\nend …\n"
        );
        assert_eq!(merge("a\na\n", "a\n"), "a\n");
        assert_eq!(merge("", "a\n"), "a\n");
        assert_eq!(merge("a\n", ""), "");
    }

    #[test]
    fn many_wildcards_take_no_more_time_than_lines() {
        let shown = "…\n".repeat(200) + "end\n";
        let printed = "x\n".repeat(20_000);
        assert!(first_difference(&shown, &printed).is_some());
    }
}
