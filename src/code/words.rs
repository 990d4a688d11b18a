//! Words: which parts of a text are marked.
//!
//! In: a draft and the patterns of its fence. Out: [`Words`]. Must not know
//! HTML.

use std::ops::Range;

use regex::Regex;

use super::draft::Draft;
use super::fence::{Fence, Mark, Pattern};
use super::{CodeProblem, Place};
use crate::base::diagnostic::Severity;

/// Most bytes the program compiled from a `/…/` mark may have.
const MAX_REGEX: usize = 1 << 20;

/// Marked words: in order, not overlapping, none empty.
pub(super) struct Words(Vec<(Range<usize>, Mark)>);

impl Words {
    /// Where marks overlap, the one that starts first counts; of two that start
    /// together, the longer one.
    pub(super) fn of(draft: &Draft<'_>, fence: &Fence, problems: &mut Vec<CodeProblem>) -> Self {
        let text = draft.text();
        let mut found = Vec::new();
        for (word, lines) in &draft.words {
            let lines = draft.lines.get(lines.clone()).unwrap_or_default();
            let (Some(first), Some(last)) = (lines.first(), lines.last()) else { continue };
            let within = &text[first.range.start..last.range.end];
            found.extend(within.match_indices(word.as_str()).map(|(at, _)| {
                let start = first.range.start + at;
                (start..start + word.len(), Mark::Highlight)
            }));
        }
        for word in &fence.words {
            let before = found.len();
            match &word.pattern {
                Pattern::Text(pattern) => found.extend(
                    text.match_indices(pattern.as_str()).map(|(at, _)| (at..at + pattern.len(), word.mark)),
                ),
                Pattern::Regex(pattern) => {
                    match regex::RegexBuilder::new(pattern).multi_line(true).size_limit(MAX_REGEX).build() {
                        Ok(regex) => found.extend(matches(&regex, text).map(|range| (range, word.mark))),
                        Err(error) => {
                            problems.push(bad_regex(pattern, &error, word.place.clone()));
                            continue;
                        }
                    }
                }
            }
            if found.len() == before {
                problems.push(CodeProblem {
                    code: "bad-fence-range",
                    severity: Severity::Warning,
                    message: "a mark for words finds none in the code".to_owned(),
                    place: Place::Info(word.place.clone()),
                    labels: Vec::new(),
                    hints: Vec::new(),
                });
            }
        }
        found.retain(|(range, _)| !range.is_empty());
        found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut end = 0;
        found.retain(|(range, _)| {
            let is_free = range.start >= end;
            if is_free {
                end = range.end;
            }
            is_free
        });
        Self(found)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that touch `range`, cut to it.
    pub(super) fn within(&self, range: Range<usize>) -> impl Iterator<Item = (Range<usize>, Mark)> {
        let first = self.0.partition_point(|(word, _)| word.end <= range.start);
        self.0[first..]
            .iter()
            .take_while(move |(word, _)| word.start < range.end)
            .map(move |(word, mark)| (word.start.max(range.start)..word.end.min(range.end), *mark))
    }
}

/// The matches of an expression; of one with groups, what its groups matched.
fn matches<'a>(regex: &'a Regex, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let first = usize::from(regex.captures_len() > 1);
    regex.captures_iter(text).flat_map(move |captures| {
        captures
            .iter()
            .skip(first)
            .take(if first == 0 { 1 } else { usize::MAX })
            .flatten()
            .map(|group| group.range())
            .collect::<Vec<_>>()
    })
}

fn bad_regex(pattern: &str, error: &regex::Error, place: Range<usize>) -> CodeProblem {
    // The last line of the crate's message says what is wrong; those before
    // draw the expression.
    let reason = error.to_string();
    let reason =
        reason.lines().last().unwrap_or("").trim_start_matches("error: ").trim_end_matches('.').to_owned();
    CodeProblem {
        code: "bad-fence-attribute",
        severity: Severity::Warning,
        message: format!("`/{pattern}/` is no regular expression: {reason}"),
        place: Place::Info(place),
        labels: Vec::new(),
        hints: Vec::new(),
    }
}
