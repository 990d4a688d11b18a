//! Diffs in a language: a column of `+` and `-` before code of that language.
//!
//! In: the text of a `diff` fence that names a language. Out: the code without
//! the column, its lines marked. A real diff, with headers, is left as it is.

use super::draft::Draft;
use super::fence::Mark;

/// Takes the column of signs away; `false` when this is a real diff.
pub(super) fn apply(draft: &mut Draft<'_>) -> bool {
    if is_real(draft.text()) {
        return false;
    }
    let sign = |draft: &Draft<'_>, index: usize| draft.line(index).bytes().next();
    let count = draft.lines.len();
    // Where every line has the column, the blank of unchanged lines goes too.
    let has_column = (0..count).all(|i| matches!(sign(draft, i), None | Some(b'+' | b'-' | b' ')));
    let mut parts = Vec::new();
    for index in 0..count {
        let sign = sign(draft, index);
        let start = draft.lines[index].range.start;
        match sign {
            Some(b'+') => draft.lines[index].marks.put(Mark::Insert),
            Some(b'-') => draft.lines[index].marks.put(Mark::Delete),
            Some(b' ') if has_column => {}
            _ => continue,
        }
        parts.push(start..start + 1);
    }
    draft.leave_out(&parts);
    true
}

/// Has the headers that tools write.
fn is_real(text: &str) -> bool {
    let mut before = "";
    text.lines().any(|line| {
        let header = line.starts_with("@@ -")
            || line.starts_with("diff --git ")
            || line.starts_with("+++ ") && before.starts_with("--- ");
        before = line;
        header
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str) -> Option<(String, String)> {
        let mut draft = Draft::new(text);
        let signs = |draft: &Draft<'_>| {
            draft
                .lines
                .iter()
                .map(|line| match (line.marks.has(Mark::Insert), line.marks.has(Mark::Delete)) {
                    (true, _) => '+',
                    (_, true) => '-',
                    _ => ' ',
                })
                .collect()
        };
        apply(&mut draft).then(|| (draft.text().to_owned(), signs(&draft)))
    }

    #[test]
    fn the_column_goes_and_marks_stay() {
        assert_eq!(applied(" a\n-b\n+c\n\n"), Some(("a\nb\nc\n\n".into(), " -+ ".into())));
        assert_eq!(applied("if x:\n-    b\n+    c\n"), Some(("if x:\n    b\n    c\n".into(), " -+".into())));
        assert_eq!(applied("--- a.js\n+++ b.js\n-x\n"), None);
        assert_eq!(applied("@@ -1 +1 @@\n-x\n"), None);
        assert_eq!(applied("--- a comment of SQL\n+select 1\n").map(|(_, signs)| signs), Some("-+".into()));
    }
}
