//! Fences: code blocks handed to the code engine.
//!
//! In: the text and the info string of one block, with their places, and where
//! included files come from. Out: its HTML, its snippet, and the engine's
//! problems at their places: in the page, or in the file that was included. The
//! only file of this module that calls `code` for blocks.

use std::sync::Arc;

use super::gather::Gather;
use super::names::BlockNames;
use super::{Attribute, Marked, Options, Snippet, html};
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::{FilePath, percent_encode};
use crate::base::runs::{self, Run, Runs};
use crate::base::source::{Source, Span};
use crate::code::fence::Check;
use crate::code::include::{self, Part};
use crate::code::{CodeProblem, Cut, Given, Place, Verdict, fence_html, is_language, read_info};
use crate::parse::inputs::Inputs;

/// One fenced block.
pub(super) struct Fence<'a> {
    /// What the ids in the block start with when it has no name.
    pub(super) name: &'a str,
    /// An ordered list follows.
    pub(super) has_list: bool,
    /// It is a pane of a group.
    pub(super) in_group: bool,
    /// The info string, escapes undone.
    pub(super) info: &'a str,
    /// Where the info string starts in the file, when it stands there as it is.
    pub(super) info_at: Option<usize>,
    /// The code.
    pub(super) text: &'a Gather<'a>,
    /// Where the body starts in the file.
    pub(super) base: usize,
    /// Where the block stands in the file.
    pub(super) span: Span,
    /// Its names are asked for.
    pub(super) names: bool,
    /// The key of the marked snippet before it.
    pub(super) before: Option<Fingerprint>,
}

/// What became of it.
pub(super) struct Outcome {
    pub(super) snippet: Snippet,
    pub(super) ids: Vec<String>,
    /// Numbers of notes that its lines ask for.
    pub(super) notes: Vec<u32>,
    /// What readers are told below it.
    pub(super) badge: Option<Badge>,
    pub(super) names: Option<BlockNames>,
    pub(super) problems: Vec<Diagnostic>,
}

/// How code was checked. Never more than is known of exactly this code.
pub(super) enum Badge {
    /// It has the syntax of this language.
    Checked(String),
    /// It ran.
    Ran(Run),
}

/// Appends the HTML of a fenced block.
pub(super) fn code_block(
    out: &mut String,
    fence: &Fence<'_>,
    source: &Arc<Source>,
    options: &Options,
    inputs: &dyn Inputs,
) -> Outcome {
    let mut problems = Vec::new();
    let included = include_of(fence, source, inputs, &mut problems);
    let part = included.as_ref().map(|(file, part)| (file, select(file, part, fence, source, &mut problems)));
    let mut given = Given {
        text: fence.text.text(),
        info: fence.info,
        name: fence.name,
        has_list: fence.has_list,
        in_group: fence.in_group,
        names: fence.names,
        ..Given::default()
    };
    let mut link = None;
    if let Some((file, part)) = &part {
        given.text = part.text();
        given.file = Some(&file.text);
        let extension = file.path.rsplit(['.', '/']).next().unwrap_or("");
        given.language = Some(extension).filter(|extension| is_language(extension));
        let lines = part.origin(0..part.text().len());
        link = options.markdown.code.include_link.as_ref().map(|template| {
            let first = file.line_column(lines.start).0;
            let last = file.line_column(lines.end.saturating_sub(1).max(lines.start)).0;
            let address = template
                .replace("{path}", &percent_encode(&file.path))
                .replace("{first}", &first.to_string())
                .replace("{last}", &last.to_string());
            (address, file.path.clone())
        });
    }
    given.link = link.as_ref().map(|(address, words)| (address.as_str(), words.as_str()));
    let mut marked = marked(fence, source, given.text);
    if let (Some(marked), Some((file, part))) = (&mut marked, &part) {
        marked.included = Some((Arc::clone(file), lines_of(part)));
    }
    let before = out.len();
    let outcome = fence_html(out, &given, &options.code);
    html::fresh_line(out);
    let is_missing = problems.iter().any(|problem| problem.severity == Severity::Error);
    let outcome_problems =
        outcome.problems.into_iter().filter(|problem| !(is_missing && problem.code == "bad-fence-range"));
    problems.extend(outcome_problems.map(|problem| {
        let (source, span) = match (&problem.place, &part) {
            (Place::Info(range), _) => (source, info_span(fence, source, range.start, range.end)),
            (Place::Text(range), Some((file, part))) => (*file, part.origin(range.clone()).into()),
            (Place::Text(range), None) => {
                let (start, end) = fence.text.span_of(range.start, range.end);
                (source, Span::new(fence.base + start, fence.base + end))
            }
        };
        let span = source.clamp(span).into();
        let labels = problem.labels.clone();
        labels.into_iter().fold(diagnostic(problem).at(source, span), |diagnostic, (range, label)| {
            let span = match &part {
                Some((_, part)) => part.origin(range).into(),
                None => {
                    let (start, end) = fence.text.span_of(range.start, range.end);
                    Span::new(fence.base + start, fence.base + end)
                }
            };
            diagnostic.label(source, source.clamp(span).into(), label)
        })
    }));
    let names = outcome.names.map(|names| {
        let places = names.used.iter().map(|(_, range)| match &part {
            Some((file, part)) => (Arc::clone(file), part.origin(range.clone()).into()),
            None => {
                let (start, end) = fence.text.span_of(range.start, range.end);
                (Arc::clone(source), Span::new(fence.base + start, fence.base + end))
            }
        });
        BlockNames { places: places.collect(), names }
    });
    let (start, end) = fence.text.span_of(0, fence.text.text().len());
    let span = if fence.text.is_empty() {
        Span::at(first_line(source, fence.span).end as usize)
    } else {
        source.clamp(Span::new(fence.base + start, fence.base + end)).into()
    };
    let is_hidden = marked.as_ref().is_some_and(|marked| marked.is("hide"));
    let (mut ids, mut notes) = (outcome.ids, outcome.notes);
    if is_hidden {
        out.truncate(before);
        ids.clear();
        notes.clear();
    }
    if options.code.run
        && outcome.verdict == Verdict::Ok
        && outcome
            .checked_as
            .as_deref()
            .is_some_and(|name| RUN_BY_LEVEL.iter().any(|of| name.starts_with(of)))
    {
        marked = run_by_level(fence, source, given.text, marked);
        if let (Some(marked), Some((file, part))) = (&mut marked, &part) {
            marked.included = Some((Arc::clone(file), lines_of(part)));
        }
    }
    if let Some(marked) = &mut marked {
        marked.key = key(fence.before, &outcome.language, marked);
    }
    let badge = (!is_hidden && wants_badge(fence, options))
        .then(|| badge(marked.as_deref(), outcome.checked_as, inputs))
        .flatten();
    Outcome {
        snippet: Snippet { language: outcome.language, span, marked },
        ids,
        notes,
        badge,
        names,
        problems,
    }
}

/// Stands for a marked snippet and those before it.
fn key(before: Option<Fingerprint>, language: &str, marked: &Marked) -> Fingerprint {
    let before = before.map(Fingerprint::hex).unwrap_or_default();
    let title = marked.title.as_deref().unwrap_or_default();
    let attributes = marked.attributes.iter().flat_map(|attribute| {
        [attribute.name.as_bytes(), attribute.value.as_deref().unwrap_or_default().as_bytes()]
    });
    let parts = [before.as_bytes(), language.as_bytes(), title.as_bytes(), marked.text.as_bytes()];
    Fingerprint::of_parts(parts.into_iter().chain(attributes))
}

fn wants_badge(fence: &Fence<'_>, options: &Options) -> bool {
    if !fence.info.contains("badge") {
        return options.code.badge;
    }
    let read = read_info(fence.info);
    let said = read.value("badge");
    said.map_or(options.code.badge, |(value, _)| !matches!(value, "false" | "no" | "off"))
}

/// What is known of the code: that it ran, or else that it parses.
fn badge(marked: Option<&Marked>, checked_as: Option<String>, inputs: &dyn Inputs) -> Option<Badge> {
    let run = marked.and_then(|marked| {
        let record = inputs.text(&FilePath::root().resolve(runs::FILE).ok()?).ok()?;
        Runs::from_text(&record.text).get(marked.key).cloned()
    });
    run.map(Badge::Ran).or(checked_as.map(Badge::Checked))
}

/// What a fence says about the pane it makes in a group.
pub(super) struct PaneOf {
    pub(super) label: Option<String>,
    pub(super) arguments: Vec<(String, serde_json::Value)>,
}

/// The language of an info string, as written, in small letters.
pub(super) fn language_of(info: &str) -> String {
    read_info(info).language
}

/// Reads what a fence in a group says about its pane; `None` when it belongs to
/// the pane before it (output of that code) or is not shown.
pub(super) fn pane_of(info: &str) -> Option<PaneOf> {
    let read = read_info(info);
    let value = |name: &str| read.reserved.iter().rfind(|reserved| reserved.name == name);
    if read.language == "output" || value("hide").is_some() {
        return None;
    }
    let mut arguments = vec![("implicit".to_owned(), serde_json::Value::from(true))];
    if let Some(side) = value("side").and_then(|side| side.value.clone()) {
        arguments.push(("side".to_owned(), serde_json::Value::from(side)));
    }
    arguments.push(("language".to_owned(), serde_json::Value::from(read.language)));
    let title = read.title.map(serde_json::Value::from);
    arguments.extend(title.map(|title| ("title".to_owned(), title)));
    Some(PaneOf { label: read.label, arguments })
}

/// Attributes that make a snippet one that `check --run` has to do with.
const OF_RUNNING: &[&str] = &["run", "id", "continues", "after", "hide", "expect", "output", "requires"];

/// Languages of which whole programs are run at the level `run`.
const RUN_BY_LEVEL: &[&str] = &["JavaScript", "TypeScript", "Python"];

/// A snippet that says nothing of its own about being run or checked is run.
fn run_by_level(
    fence: &Fence<'_>,
    source: &Source,
    text: &str,
    marked: Option<Box<Marked>>,
) -> Option<Box<Marked>> {
    let read = read_info(fence.info);
    let says = |name| marked.as_ref().is_some_and(|marked| marked.attribute(name).is_some());
    if read.check.is_some() || says("run") || says("output") {
        return marked;
    }
    let mut marked = marked.unwrap_or_else(|| {
        Box::new(Marked {
            title: read.title,
            attributes: Vec::new(),
            is_skipped: false,
            text: text.to_owned(),
            included: None,
            key: Fingerprint::of(b""),
            block: fence.span,
        })
    });
    let span = first_line(source, fence.span);
    marked.attributes.push(Attribute { name: "run", value: None, span });
    Some(marked)
}

/// What the info string says about running, if anything.
fn marked(fence: &Fence<'_>, source: &Source, text: &str) -> Option<Box<Marked>> {
    if !fence.info.contains("output") && !fence.info.contains([' ', '\t', ',', '{', '[', ':']) {
        return None;
    }
    let read = read_info(fence.info);
    let is_skipped = matches!(read.check, Some(Check::Skip(_)));
    let is_output = read.language == "output";
    if !is_output && read.reserved.iter().all(|reserved| !OF_RUNNING.contains(&reserved.name)) {
        return None;
    }
    let attributes = read.reserved.into_iter().map(|reserved| {
        let span = fence.info_at.map_or(first_line(source, fence.span), |at| {
            source.clamp(Span::new(at + reserved.place.start, at + reserved.place.end)).into()
        });
        Attribute { name: reserved.name, value: reserved.value, span }
    });
    Some(Box::new(Marked {
        title: read.title,
        attributes: attributes.collect(),
        is_skipped,
        text: text.to_owned(),
        included: None,
        key: Fingerprint::of(b""),
        block: fence.span,
    }))
}

impl Marked {
    /// The attribute of that name; the last counts.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().rfind(|attribute| attribute.name == name)
    }

    /// Whether the attribute of that name is there and not switched off.
    pub fn is(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(Attribute::is_on)
    }
}

impl Attribute {
    /// A bare word is on, and every value but the words for off.
    pub fn is_on(&self) -> bool {
        !matches!(self.value.as_deref(), Some("false" | "no" | "off"))
    }
}

fn diagnostic(problem: CodeProblem) -> Diagnostic {
    let mut diagnostic = match problem.severity {
        Severity::Error => Diagnostic::error(problem.code, problem.message),
        Severity::Warning => Diagnostic::warning(problem.code, problem.message),
        Severity::Note => Diagnostic::note(problem.code, problem.message),
    };
    diagnostic.hints = problem.hints;
    diagnostic
}

/// A range of the info string as a span of the file.
fn info_span(fence: &Fence<'_>, source: &Source, start: usize, end: usize) -> Span {
    let span = fence.info_at.map_or(first_line(source, fence.span), |at| Span::new(at + start, at + end));
    source.clamp(span).into()
}

/// The file a fence includes, and which part of it.
fn include_of(
    fence: &Fence<'_>,
    source: &Arc<Source>,
    inputs: &dyn Inputs,
    problems: &mut Vec<Diagnostic>,
) -> Option<(Arc<Source>, Part)> {
    if !fence.info.contains("include") && !fence.info.contains("src") {
        return None;
    }
    let read = read_info(fence.info);
    let (value, place) = read.value("include")?;
    let span = info_span(fence, source, place.start, place.end);
    if !fence.text.text().trim().is_empty() {
        let message = "a code block that includes a file has text of its own, which is not shown";
        problems.push(Diagnostic::warning("bad-fence-attribute", message).at(source, span));
    }
    let (path, part) = include::read(value);
    let root = FilePath::root();
    let folder = match root.resolve(&source.path) {
        Ok(file) if path.starts_with("./") || path.starts_with("../") => file.parent(),
        _ => root,
    };
    let missing = |message: String| Diagnostic::error("missing-include", message).at(source, span);
    if path.is_empty() {
        problems.push(missing("`include` names no file".to_owned()));
        return None;
    }
    let file = match folder.resolve(path) {
        Ok(file) => file,
        Err(error) => {
            let problem = missing(format!("`{path}` cannot be included: it {error}"));
            problems.push(problem.hint("paths start at the project's root, or with `./` beside the page"));
            return None;
        }
    };
    match inputs.text(&file) {
        Ok(text) => Some((text, part)),
        Err(error) => {
            let mut problem = missing(format!("`{file}` cannot be included: {}", error.message));
            if let Some(near) = error.near {
                problem = problem.hint(format!("did you mean `{near}`?"));
            }
            problems.push(problem);
            None
        }
    }
}

/// The part of an included file; nothing of it when there is no such part.
fn select<'t>(
    file: &'t Source,
    part: &Part,
    fence: &Fence<'_>,
    source: &Arc<Source>,
    problems: &mut Vec<Diagnostic>,
) -> Cut<'t> {
    match include::select(&file.text, part, &file.path) {
        Ok(cut) => cut,
        Err(missing) => {
            let place = read_info(fence.info).value("include").map_or(0..0, |(_, place)| place);
            let span = info_span(fence, source, place.start, place.end);
            let mut problem = Diagnostic::error("missing-region", missing.message).at(source, span);
            problem.hints = missing.hints;
            problems.push(problem);
            Cut::new("")
        }
    }
}

/// Where the lines of a part stand in its file.
fn lines_of(part: &Cut<'_>) -> Vec<Span> {
    let mut start = 0;
    let place = |line: &str| {
        let text = line.trim();
        let at = start + line.find(text).unwrap_or(0);
        start += line.len();
        part.origin(at..at + text.len()).into()
    };
    part.text().split_inclusive('\n').map(place).collect()
}

/// Appends the HTML of an indented block, which has no language.
pub(super) fn indented(out: &mut String, text: &str) {
    out.push_str("<pre><code>");
    html::text(out, text);
    out.push_str("</code></pre>\n");
}

/// The first line of a span.
pub(super) fn first_line(source: &Source, span: Span) -> Span {
    let line = source.slice(span).lines().next().map_or(0, str::len);
    Span::new(span.start as usize, span.start as usize + line)
}
