//! Blocks: everything that is known of a fence before it is written.
//!
//! In: a text, what its info string says, and what stands around it. Out: a
//! [`Block`]: the text that is shown, its lines with their marks, its colours
//! and marked words. The steps, in this order: a diff's column goes; escape
//! sequences go; the comments that speak to Juxta go; the info string's marks
//! are put on the lines that are left; a session is taken apart; colours are
//! asked for. Must not write HTML.

use std::ops::Range;

use super::draft::{Cut, Draft, Line, Marks};
use super::engine::{Token, Want};
use super::fence::{Fence, Mark};
use super::session::{self, Part, Terminal, terminal};
use super::verdict::{Finding, Judgement, Level, Reason};
use super::words::Words;
use super::{CodeOptions, CodeProblem, Given, Place, ansi, comment, diff, level, read};
use crate::base::diagnostic::Severity;

/// A run of text with a class.
#[derive(Debug, Clone)]
pub(super) struct Paint {
    pub(super) range: Range<usize>,
    pub(super) class: Class,
}

/// A class of a run.
#[derive(Debug, Clone)]
pub(super) enum Class {
    /// Of a token: white space at its ends needs none.
    Token(&'static str),
    /// Of something whose white space counts.
    Exact(&'static str),
    /// The same, put together.
    Look(String),
}

/// The frame around a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// The ordinary one.
    Code,
    /// That of a terminal.
    Terminal,
    /// None.
    None,
}

/// A fence, ready to be written.
pub(super) struct Block<'a> {
    pub(super) cut: Cut<'a>,
    pub(super) lines: Vec<Line>,
    /// In order, not overlapping.
    pub(super) paints: Vec<Paint>,
    pub(super) words: Words,
    /// As it goes into `data-lang`.
    pub(super) language: String,
    pub(super) title: Option<String>,
    pub(super) frame: Frame,
    pub(super) numbers: bool,
    pub(super) first_number: u32,
    /// What the ids of the block and its lines start with.
    pub(super) name: Option<String>,
    /// Ranges that may be folded, as they go into the attribute.
    pub(super) collapse: String,
    /// Every mark that some line has.
    pub(super) marks: Marks,
}

impl Block<'_> {
    /// Lines have tags of their own.
    pub(super) fn has_lines(&self, fence: &Fence) -> bool {
        !self.marks.is_empty()
            || self.numbers
            || self.name.is_some()
            || fence.wrap
            || self
                .lines
                .iter()
                .any(|line| line.label.is_some() || !line.notes.is_empty() || line.pair.is_some())
    }

    /// The number of a line, from 0, as readers see it.
    pub(super) fn number(&self, index: usize) -> u32 {
        self.first_number.saturating_add(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// Makes a block of a fence.
pub(super) fn block<'a>(
    given: &Given<'a>,
    fence: &Fence,
    options: &CodeOptions,
    problems: &mut Vec<CodeProblem>,
) -> (Block<'a>, Judgement) {
    let mut draft = Draft::new(given.text);
    let mut language = fence.language.clone();
    let mut language_place = Place::Info(fence.language_place.clone());
    if language.is_empty()
        && let Some(of_file) = given.language
    {
        of_file.clone_into(&mut language);
        language_place = Place::Text(0..given.text.len());
    }
    let mut is_real_diff = language == "diff";
    if let Some((inner, place)) = fence.value("lang")
        && is_real_diff
        && !inner.is_empty()
        && diff::apply(&mut draft)
    {
        is_real_diff = false;
        language = inner.to_lowercase();
        language_place = Place::Info(place);
    }
    let mut looks = Vec::new();
    if language == "ansi" {
        let (parts, runs) = ansi::read(draft.text());
        draft.leave_out(&parts);
        looks = runs;
    }
    let terminal = terminal(&language);
    let mut title = fence.title.clone();
    if looks.is_empty() && !is_real_diff {
        comment::marks(&mut draft, &language, problems);
        if given.has_list {
            comment::notes(&mut draft);
        }
        let is_session = matches!(terminal, Some(Terminal::Session | Terminal::Python));
        if title.is_none() && !is_session {
            title = comment::title(&mut draft, &language);
        }
    }
    let collapse = info_marks(&mut draft, fence, problems);
    // With `pair=1` the highlighted lines are partners.
    if let Some(pair) = fence.value("pair").and_then(|(value, _)| value.parse().ok()) {
        for line in draft.lines.iter_mut().filter(|line| line.marks.has(Mark::Highlight)) {
            line.pair = line.pair.or(Some(pair));
        }
    }
    let words = Words::of(&draft, fence, problems);

    let parts = match terminal {
        Some(terminal) if options.highlight => session::parts(draft.text(), &draft.lines, terminal),
        _ => Vec::new(),
    };
    let mut frame = match fence.value("frame") {
        Some(("terminal", _)) => Frame::Terminal,
        Some(("none", _)) => Frame::None,
        Some(("code", _)) => Frame::Code,
        Some((other, place)) => {
            problems.push(bad_frame(other, place));
            Frame::Code
        }
        // A file, with a name or a first line that says what runs it, is none.
        None if terminal.is_some() && (title.is_none() || !parts.is_empty()) => Frame::Terminal,
        None => Frame::Code,
    };
    if fence.value("frame").is_none() && draft.text().starts_with("#!") {
        frame = Frame::Code;
    }
    let mut paints: Vec<Paint> =
        looks.into_iter().map(|(range, classes)| Paint { range, class: Class::Look(classes) }).collect();
    let mut judgement = Judgement::unchecked(Reason::NoParser);
    if paints.is_empty() {
        let want = Want {
            colours: options.highlight,
            level: level(fence, options),
            python: fence.version.unwrap_or(options.python),
        };
        let coloured = colours(&draft, &parts, &language, &want, options);
        paints = coloured.paints;
        judgement = coloured.judgement;
        problems.extend(coloured.problem.map(|problem| match problem.code {
            "unknown-language" => CodeProblem { place: language_place, ..problem },
            _ => problem.led_back(|range| draft.cut.origin(range)),
        }));
    }

    let numbers = fence.numbers.unwrap_or(options.line_numbers || fence.start.is_some());
    let asked_for_numbers = numbers && (fence.numbers.is_some() || fence.start.is_some());
    let mut name = fence.value("id").and_then(|(id, place)| checked_name(id, place, problems));
    if name.is_none() && asked_for_numbers && !given.name.is_empty() {
        name = Some(given.name.to_owned());
    }
    let mut marks = Marks::default();
    for line in &draft.lines {
        marks.add(line.marks);
    }
    let block = Block {
        lines: draft.lines,
        cut: draft.cut,
        paints,
        words,
        language,
        title,
        frame,
        numbers,
        first_number: fence.start.unwrap_or(1),
        name,
        collapse,
        marks,
    };
    (block, judgement)
}

fn bad_frame(other: &str, place: Range<usize>) -> CodeProblem {
    CodeProblem {
        code: "bad-fence-attribute",
        severity: Severity::Warning,
        message: format!("there is no frame `{other}` of a code block"),
        place: Place::Info(place),
        labels: Vec::new(),
        hints: vec!["frames are `terminal`, `code` and `none`".to_owned()],
    }
}

/// A name that can be part of an address as it is.
fn checked_name(id: &str, place: Range<usize>, problems: &mut Vec<CodeProblem>) -> Option<String> {
    let is_good = !id.is_empty() && id.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    if !is_good {
        problems.push(CodeProblem {
            code: "bad-fence-attribute",
            severity: Severity::Warning,
            message: format!("`{id}` cannot be the name of a code block"),
            place: Place::Info(place),
            labels: Vec::new(),
            hints: vec!["names have letters, digits, `-`, `_` and `.`".to_owned()],
        });
    }
    is_good.then(|| id.to_owned())
}

/// Puts the info string's marks on lines; returns the ranges that may be folded.
fn info_marks(draft: &mut Draft<'_>, fence: &Fence, problems: &mut Vec<CodeProblem>) -> String {
    let count = draft.lines.len();
    let mut collapse = Vec::new();
    for mark in &fence.lines {
        let first = mark.first as usize - 1;
        let last = (mark.last as usize).min(count);
        let is_open = mark.last == u32::MAX;
        if first >= last || (mark.last as usize > count && !is_open) {
            problems.push(outside(mark.place.clone(), count));
        }
        let Some(marked) = draft.lines.get_mut(first..last).filter(|marked| !marked.is_empty()) else {
            continue;
        };
        if mark.label.is_some() {
            marked[0].label.clone_from(&mark.label);
        }
        for line in marked {
            line.marks.put(mark.mark);
        }
        match mark.mark {
            Mark::Collapse if first + 1 == last => collapse.push(last.to_string()),
            Mark::Collapse => collapse.push(format!("{}-{last}", first + 1)),
            _ => {}
        }
    }
    collapse.join(",")
}

fn outside(place: Range<usize>, count: usize) -> CodeProblem {
    let lines = if count == 1 { "line" } else { "lines" };
    CodeProblem {
        code: "bad-fence-range",
        severity: Severity::Warning,
        message: format!("a mark leads past the end of the code, which has {count} {lines}"),
        place: Place::Info(place),
        labels: Vec::new(),
        hints: Vec::new(),
    }
}

/// What reading a text has brought.
struct Coloured {
    paints: Vec<Paint>,
    judgement: Judgement,
    problem: Option<CodeProblem>,
}

/// The colours of a text. Of a session commands alone have a language. Where
/// lines were removed, the code is read once without them, and once as it was:
/// together the two are no program.
fn colours(
    draft: &Draft<'_>,
    session: &[(Range<usize>, Part)],
    language: &str,
    want: &Want,
    options: &CodeOptions,
) -> Coloured {
    let text = draft.text();
    let paint = |token: Token| Paint { range: token.range, class: Class::Token(token.kind.class()) };
    let plain = Want { level: Level::Off, ..*want };
    if !session.is_empty() {
        // The parser of Python knows sessions, its colours know no output.
        let inner = if language == "pycon" { "python" } else { language };
        let judge = Want { colours: false, ..*want };
        let (_, judgement) = read(text, language, &judge, options);
        let commands: Vec<Range<usize>> = session
            .iter()
            .filter(|(_, part)| *part == Part::Command)
            .map(|(range, _)| range.clone())
            .collect();
        let mut coloured = read_parts(text, &commands, inner, &plain, options);
        coloured.paints.extend(session.iter().filter_map(|(range, part)| {
            let class = match part {
                Part::Prompt => "prompt",
                Part::Output => "out",
                Part::Command => return None,
            };
            Some(Paint { range: range.clone(), class: Class::Exact(class) })
        }));
        coloured.paints.sort_by_key(|paint| paint.range.start);
        return Coloured { judgement, ..coloured };
    }
    let is_removed = |line: &&Line| line.marks.has(Mark::Delete);
    if !draft.lines.iter().any(|line| is_removed(&line)) {
        let (highlighted, judgement) = read(text, language, want, options);
        let paints = highlighted.tokens.into_iter().map(paint).collect();
        return Coloured { paints, judgement, problem: highlighted.problem };
    }
    let now = draft.lines.iter().filter(|line| !is_removed(line)).map(|line| line.range.clone());
    let mut coloured = read_parts(text, &now.collect::<Vec<_>>(), language, want, options);
    let was = draft.lines.iter().filter(|line| !line.marks.has(Mark::Insert) || is_removed(line));
    let was: Vec<Range<usize>> = was.map(|line| line.range.clone()).collect();
    let before = read_parts(text, &was, language, &plain, options);
    coloured.paints.extend(before.paints.into_iter().filter(|paint| {
        let index = draft.lines.partition_point(|line| line.range.end <= paint.range.start);
        draft.lines.get(index).is_some_and(|line| line.marks.has(Mark::Delete))
    }));
    coloured.paints.sort_by_key(|paint| paint.range.start);
    coloured
}

/// Some parts of a text, read as one.
fn read_parts(
    text: &str,
    parts: &[Range<usize>],
    language: &str,
    want: &Want,
    options: &CodeOptions,
) -> Coloured {
    let mut cut = Cut::new(text);
    let mut from = 0;
    let mut gaps = Vec::with_capacity(parts.len() + 1);
    for part in parts.iter().cloned().chain(std::iter::once(text.len()..text.len())) {
        gaps.push(from..part.start);
        from = part.end;
    }
    cut.leave_out(&gaps);
    let (highlighted, judgement) = read(cut.text(), language, want, options);
    // A token that goes over a gap is cut there.
    let mut paints = Vec::with_capacity(highlighted.tokens.len());
    let mut next = 0;
    for token in highlighted.tokens {
        let whole = cut.origin(token.range);
        while parts.get(next).is_some_and(|part| part.end <= whole.start) {
            next += 1;
        }
        for part in parts[next..].iter().take_while(|part| part.start < whole.end) {
            let range = whole.start.max(part.start)..whole.end.min(part.end);
            if range.start < range.end {
                paints.push(Paint { range, class: Class::Token(token.kind.class()) });
            }
        }
    }
    let finding = judgement.finding.map(|finding| Finding {
        place: cut.origin(finding.place),
        labels: finding.labels.into_iter().map(|(range, label)| (cut.origin(range), label)).collect(),
        ..finding
    });
    Coloured {
        paints,
        judgement: Judgement { finding, ..judgement },
        problem: highlighted.problem.map(|problem| problem.led_back(|range| cut.origin(range))),
    }
}
