//! Page: the snippets of one page, connected to what is run together.
//!
//! In: the marked snippets of a page. Out: [`Unit`]s and what is wrong with the
//! attributes. Pure. Must not know what is installed.
//!
//! A snippet with `continues` is one program with the snippet before it: their
//! texts are put together. A snippet with `after=id` is a program of its own
//! that runs after the one it names, in the same folder. Whatever is connected
//! either way is one unit. The output fence of a program shows what was printed
//! since the output fence before it: where a program has several, a line of
//! code is put between that prints a mark.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::interpreter::{Asked, Interpreter, NAMES, is_module};
use super::unit::{Expected, Program, Step, TIME, Unit};
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::FilePath;
use crate::base::source::Span;
use crate::build::PageSnippets;
use crate::parse::markdown::{Attribute, Marked, Snippet};

/// Most seconds a fence can ask for.
const MAX_SECONDS: f64 = 600.0;

/// What a mark in the output starts with; it ends with [`MARK_END`].
pub(super) const MARK: &str = "\u{1e}juxta ";
const MARK_END: &str = "\u{1e}\n";

/// What was printed, cut at the marks.
pub(super) fn segments(printed: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    let mut rest = printed;
    while let Some(at) = rest.find(MARK) {
        segments.push(&rest[..at]);
        rest = &rest[at..];
        rest = rest.find(MARK_END).map_or("", |end| &rest[end + MARK_END.len()..]);
    }
    segments.push(rest);
    segments
}

/// The units of a page, in the order of their first snippets.
pub(super) fn units(page: &PageSnippets) -> (Vec<Unit>, Vec<Diagnostic>) {
    let mut reader = Reader { page, problems: Vec::new() };
    let nodes = reader.nodes();
    let units = reader.connect(&nodes);
    (units, reader.problems)
}

/// A marked snippet that is not an output.
struct Node<'a> {
    marked: &'a Marked,
    language: &'a str,
    /// What runs it, also when it is not run by itself.
    interpreter: Option<Interpreter>,
    arguments: Vec<String>,
    /// It is marked to be run.
    wanted: bool,
    /// The snippet it continues.
    parent: Option<usize>,
    /// Snippets that come before it.
    after: Vec<usize>,
    timeout: Option<Duration>,
    version: Option<Asked>,
    requires: Vec<String>,
    expected: Vec<Expected>,
}

struct Reader<'a> {
    page: &'a PageSnippets,
    problems: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn tell(&mut self, problem: Diagnostic, span: Span) {
        self.problems.push(problem.at(self.page.file(), self.page.place(span)));
    }

    /// All marked snippets by their number on the page.
    fn nodes(&mut self) -> BTreeMap<usize, Node<'a>> {
        let ids = self.ids();
        let mut nodes: BTreeMap<usize, Node<'a>> = BTreeMap::new();
        let page = self.page;
        for (index, snippet) in page.snippets.iter().enumerate() {
            let Some(marked) = snippet.marked.as_deref() else { continue };
            if !is_output(snippet) {
                let node = self.node(index, &snippet.language, marked, &ids, &nodes);
                nodes.insert(index, node);
            }
        }
        for (index, snippet) in page.snippets.iter().enumerate().filter(|(_, snippet)| is_output(snippet)) {
            let named = snippet.marked.as_ref().and_then(|marked| marked.attribute("output"));
            let of = match named.filter(|named| named.is_on() && has_name(named)) {
                Some(named) => self.named(named, &ids),
                // Output below code that is not run is nobody's.
                None => index.checked_sub(1).into_iter().collect(),
            };
            for of in of {
                if let Some(node) = nodes.get_mut(&of) {
                    node.expected.push(Expected::Fence(index));
                }
            }
        }
        nodes
    }

    /// Snippets by their `id`.
    fn ids(&mut self) -> BTreeMap<&'a str, usize> {
        let mut ids: BTreeMap<&'a str, (usize, &'a Marked, Span)> = BTreeMap::new();
        let page = self.page;
        for (index, snippet) in page.snippets.iter().enumerate() {
            let Some(marked) = snippet.marked.as_deref() else { continue };
            let Some(attribute) = marked.attribute("id") else { continue };
            let Some(id) = attribute.value.as_deref() else { continue };
            match ids.get(id) {
                // Of two that are shown, the page has told: ids are anchors.
                Some((_, other, first)) if marked.is("hide") || other.is("hide") => {
                    let message = format!("two snippets have the id `{id}`");
                    let problem = Diagnostic::error("duplicate-snippet-id", message)
                        .label(page.file(), page.place(attribute.span), "given again here")
                        .label(page.file(), page.place(*first), "first given here");
                    self.problems.push(problem);
                }
                Some(_) => {}
                None => {
                    ids.insert(id, (index, marked, attribute.span));
                }
            }
        }
        ids.into_iter().map(|(id, (index, ..))| (id, index)).collect()
    }

    /// The snippets whose ids an attribute lists.
    fn named(&mut self, attribute: &Attribute, ids: &BTreeMap<&'a str, usize>) -> Vec<usize> {
        let mut found = Vec::new();
        let names = attribute.value.as_deref().unwrap_or("");
        for name in names.split([',', ' ']).filter(|name| !name.is_empty()) {
            match ids.get(name) {
                Some(index) => found.push(*index),
                None => {
                    let problem = Diagnostic::error(
                        "unknown-snippet-id",
                        format!("no snippet on this page has the id `{name}`"),
                    );
                    let problem = match crate::base::text::nearest(name, ids.keys().copied()) {
                        Some(near) => problem.hint(format!("did you mean `{near}`?")),
                        None => problem.hint(format!("give the other snippet `id={name}`")),
                    };
                    self.tell(problem, attribute.span);
                }
            }
        }
        found
    }

    fn node(
        &mut self,
        index: usize,
        language: &'a str,
        marked: &'a Marked,
        ids: &BTreeMap<&'a str, usize>,
        nodes: &BTreeMap<usize, Node<'a>>,
    ) -> Node<'a> {
        let mut interpreter = Interpreter::of_language(language);
        let mut arguments = Vec::new();
        let run = marked.attribute("run");
        let words = run.and_then(|run| run.value.as_deref()).filter(|_| marked.is("run")).unwrap_or("");
        let mut words = words.split_whitespace().filter(|word| !matches!(*word, "true" | "yes" | "on"));
        if let (Some(run), Some(name)) = (run, words.next()) {
            match Interpreter::of_name(name) {
                Some(named) => {
                    interpreter = Some(named);
                    arguments = words.map(str::to_owned).collect();
                }
                None => {
                    let message = format!("nothing called `{name}` runs code here");
                    let problem = Diagnostic::error("unknown-interpreter", message)
                        .nearest(name, NAMES.iter().map(|(name, _)| *name))
                        .hint("there are `node`, `python`, `sh` and `bash`");
                    self.tell(problem, run.span);
                    interpreter = None;
                }
            }
        } else if let Some(run) = run.filter(|_| marked.is("run") && interpreter.is_none())
            && file_name(marked).is_none()
        {
            let message = match language {
                "" => "code without a language cannot be run".to_owned(),
                language => format!("`{language}` code cannot be run"),
            };
            let problem = Diagnostic::error("unknown-interpreter", message)
                .hint("JavaScript, TypeScript, Python and shell code can; `run=node` names what runs it");
            self.tell(problem, run.span);
        }
        let runs = marked.is("run") || marked.is("hide") && run.is_none_or(Attribute::is_on);
        let parent = marked.attribute("continues").filter(|attribute| attribute.is_on());
        let parent =
            parent.and_then(|attribute| self.parent(index, attribute, interpreter, marked, ids, nodes));
        let after = marked.attribute("after").map_or(Vec::new(), |attribute| self.named(attribute, ids));
        let expect = marked.attribute("expect").and_then(|attribute| {
            let text = attribute.value.clone()?;
            Some(Expected::Attribute(text, attribute.span))
        });
        Node {
            marked,
            language,
            interpreter,
            arguments,
            wanted: runs && !marked.is_skipped && interpreter.is_some(),
            parent,
            after,
            timeout: self.timeout(marked),
            version: self.version(marked, runs),
            requires: self.requires(marked),
            expected: expect.into_iter().collect(),
        }
    }

    /// The snippet that one with `continues` goes on from.
    fn parent(
        &mut self,
        index: usize,
        attribute: &Attribute,
        interpreter: Option<Interpreter>,
        marked: &Marked,
        ids: &BTreeMap<&'a str, usize>,
        nodes: &BTreeMap<usize, Node<'a>>,
    ) -> Option<usize> {
        if has_name(attribute) {
            return self.named(attribute, ids).first().copied();
        }
        let same = |snippet: &Snippet| {
            !is_output(snippet) && Interpreter::of_language(&snippet.language) == interpreter
        };
        let before = self.page.snippets[..index].iter().rposition(same);
        let parent = before.filter(|before| nodes.contains_key(before));
        // Code that is not run may go on from any code.
        if parent.is_none() && marked.is("run") {
            let problem =
                Diagnostic::error("nothing-to-continue", "there is no code that this could continue");
            let problem = match before {
                Some(_) => problem.hint("mark the code before with `run`, `hide` or `id=…`"),
                None => problem.hint("`continues` goes on from the code before in the same language"),
            };
            self.tell(problem, attribute.span);
        }
        parent
    }

    fn timeout(&mut self, marked: &Marked) -> Option<Duration> {
        let attribute = marked.attribute("timeout")?;
        let text = attribute.value.as_deref().unwrap_or("").trim().trim_end_matches('s');
        match text.parse::<f64>() {
            Ok(seconds) if seconds > 0.0 && seconds <= MAX_SECONDS => Some(Duration::from_secs_f64(seconds)),
            _ => {
                let message =
                    format!("expected seconds from 0 to {MAX_SECONDS} as `timeout`, found `{text}`");
                self.tell(Diagnostic::error("bad-fence-attribute", message), attribute.span);
                None
            }
        }
    }

    /// Names of packages. They become words of a command.
    fn requires(&mut self, marked: &Marked) -> Vec<String> {
        let Some(attribute) = marked.attribute("requires") else { return Vec::new() };
        let names =
            attribute.value.as_deref().unwrap_or("").split([',', ' ']).filter(|name| !name.is_empty());
        let is_name = |name: &&str| {
            !name.starts_with('-') && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-/@:".contains(c))
        };
        let (fine, others): (Vec<&str>, Vec<&str>) = names.partition(is_name);
        if fine.is_empty() || !others.is_empty() {
            let problem = Diagnostic::error("bad-fence-attribute", "`requires` wants names of packages")
                .hint("write `requires=\"django\"`, with blanks between several names");
            self.tell(problem, attribute.span);
        }
        fine.into_iter().map(str::to_owned).collect()
    }

    fn version(&mut self, marked: &Marked, runs: bool) -> Option<Asked> {
        let attribute = marked.attribute("version").filter(|_| runs)?;
        let text = attribute.value.as_deref().unwrap_or("");
        let asked = Asked::read(text);
        if asked.is_none() {
            let message = format!("`{text}` is no range of versions");
            let problem = Diagnostic::error("bad-fence-attribute", message)
                .hint("write `version=\">=22\"` or `version=\">=3.12,<4\"`");
            self.tell(problem, attribute.span);
        }
        asked
    }

    /// Connects the snippets.
    fn connect(&mut self, nodes: &BTreeMap<usize, Node<'a>>) -> Vec<Unit> {
        let order = self.order(nodes);
        let continued: BTreeSet<usize> = nodes.values().filter_map(|node| node.parent).collect();
        let needed: BTreeSet<usize> = nodes.values().flat_map(|node| node.after.iter().copied()).collect();
        let mut group: BTreeMap<usize, usize> = order.iter().map(|index| (*index, *index)).collect();
        for index in &order {
            let node = &nodes[index];
            for other in node.parent.iter().chain(&node.after) {
                let (Some(a), Some(b)) = (group.get(index).copied(), group.get(other).copied()) else {
                    continue;
                };
                for of in group.values_mut().filter(|of| **of == a.max(b)) {
                    *of = a.min(b);
                }
            }
        }
        let mut units: BTreeMap<usize, (Unit, BTreeMap<usize, usize>)> = BTreeMap::new();
        for index in order.iter().filter(|index| !continued.contains(index) || needed.contains(index)) {
            let chain = chain(nodes, *index);
            let (unit, steps) = units.entry(group[index]).or_default();
            let after = chain.iter().flat_map(|part| &nodes[part].after);
            let needs = after.filter_map(|of| steps.get(of).copied()).collect();
            if let Some(step) = self.step(nodes, &chain, needed.contains(index), needs) {
                steps.insert(*index, unit.steps.len());
                unit.steps.push(step);
            }
        }
        let mut units: Vec<Unit> = units.into_values().map(|(unit, _)| unit).collect();
        units.retain(|unit| unit.programs().next().is_some());
        for unit in &mut units {
            name_package(unit);
        }
        units
    }

    /// The order in which snippets come: that of the page, except that what
    /// others need comes before them. Those in a circle are told and left out.
    fn order(&mut self, nodes: &BTreeMap<usize, Node<'a>>) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::with_capacity(nodes.len());
        let mut waiting: Vec<usize> = nodes.keys().copied().collect();
        loop {
            let is_ready = |index: &&usize| {
                let node = &nodes[*index];
                // What is no node, such as an output, is waited for by nobody.
                node.parent.iter().chain(&node.after).all(|of| !nodes.contains_key(of) || order.contains(of))
            };
            let Some(next) = waiting.iter().find(is_ready).copied() else { break };
            waiting.retain(|index| *index != next);
            order.push(next);
        }
        // Of those that wait, some wait only for one in a circle.
        let in_circle: Vec<usize> =
            waiting.iter().copied().filter(|index| reaches(nodes, &waiting, *index)).collect();
        if let Some(first) = in_circle.first() {
            let attribute = |index: &usize| {
                let marked = nodes[index].marked;
                marked
                    .attribute("after")
                    .or(marked.attribute("continues"))
                    .map_or(marked.block, |found| found.span)
            };
            let mut problem = Diagnostic::error("snippet-cycle", "snippets wait for each other in a circle")
                .label(self.page.file(), self.page.place(attribute(first)), "this one waits");
            for other in &in_circle[1..] {
                problem = problem.label(self.page.file(), self.page.place(attribute(other)), "and this one");
            }
            self.problems.push(problem);
        }
        order
    }

    /// What is done for the snippets of one program, if anything.
    fn step(
        &mut self,
        nodes: &BTreeMap<usize, Node<'a>>,
        chain: &[usize],
        is_needed: bool,
        needs: Vec<usize>,
    ) -> Option<Step> {
        let last = &nodes[chain.last()?];
        let wanted = chain.iter().any(|part| nodes[part].wanted);
        let name = chain.iter().find_map(|part| file_name(nodes[part].marked));
        let runs = wanted.then_some(last.interpreter).flatten();
        let Some(interpreter) = runs else {
            let is_input = is_needed || chain.iter().any(|part| nodes[part].marked.is("run"));
            if is_needed && name.is_none() {
                let problem =
                    Diagnostic::error("snippet-without-file", "this snippet is not run and has no file name")
                        .hint("give it `title=\"data.json\"`, the name it is written to, or `run`");
                self.tell(problem, first_line(self.page, last.marked));
            }
            let text: String = chain.iter().map(|part| ended(&nodes[part].marked.text)).collect();
            let file = name.filter(|_| is_input).map(|name| (name, text))?;
            return Some(Step { parts: chain.to_vec(), file: Some(file), program: None, needs });
        };
        if let Some(other) = chain.iter().find(|part| nodes[part].interpreter != Some(interpreter)) {
            let message =
                format!("this continues `{}` code, which something else runs", nodes[other].language);
            let span = last.marked.attribute("continues").map_or(last.marked.block, |found| found.span);
            self.tell(Diagnostic::error("nothing-to-continue", message), span);
            return None;
        }
        let mut text = String::new();
        let mut lines = Vec::new();
        let mut expected = Vec::new();
        let mut segment = 0;
        let shows = |part: &&usize| !nodes[*part].expected.is_empty();
        for (at, part) in chain.iter().enumerate() {
            let node = &nodes[part];
            let code = ended(&node.marked.text);
            lines.extend((0..code.lines().count()).map(|line| Some((*part, line))));
            text.push_str(&code);
            for of in &node.expected {
                expected.push((
                    segment,
                    match of {
                        Expected::Fence(index) => Expected::Fence(*index),
                        Expected::Attribute(text, span) => Expected::Attribute(text.clone(), *span),
                    },
                ));
            }
            if !node.expected.is_empty() && chain[at + 1..].iter().any(|part| shows(&part)) {
                text.push_str(&interpreter.print_mark(segment));
                lines.push(None);
                segment += 1;
            }
        }
        let language = nodes[&chain[0]].language;
        let file = name.unwrap_or_else(|| {
            format!("snippet-{}.{}", chain[0] + 1, interpreter.extension(language, &text))
        });
        let timeout = chain.iter().filter_map(|part| nodes[part].timeout).max();
        let mut versions: Vec<Asked> = chain.iter().filter_map(|part| nodes[part].version.clone()).collect();
        versions.extend(interpreter.needed_for(&file));
        let mut requires: Vec<String> =
            chain.iter().flat_map(|part| nodes[part].requires.iter().cloned()).collect();
        requires.sort();
        requires.dedup();
        let program = Program {
            interpreter,
            arguments: chain.iter().flat_map(|part| nodes[part].arguments.clone()).collect(),
            file: file.clone(),
            parts: chain.to_vec(),
            lines,
            timeout: timeout.unwrap_or(TIME),
            versions,
            requires,
            expected,
        };
        Some(Step { parts: chain.to_vec(), file: Some((file, text)), program: Some(program), needs })
    }
}

/// A `.js` file is a module only if a `package.json` says so, or if Node is
/// young enough to look.
pub(super) fn name_package(unit: &mut Unit) {
    let files = || unit.steps.iter().filter_map(|step| step.file.as_ref());
    let is_package = files().any(|(name, _)| name == "package.json");
    let modules = files().filter(|(name, _)| name.ends_with(".js"));
    if !is_package && modules.clone().any(|(_, text)| is_module(text)) {
        let file = Some(("package.json".to_owned(), "{ \"type\": \"module\" }\n".to_owned()));
        for need in unit.steps.iter_mut().flat_map(|step| &mut step.needs) {
            *need += 1;
        }
        unit.steps.insert(0, Step { file, ..Step::default() });
    }
}

/// A snippet and those it continues, first to last.
fn chain(nodes: &BTreeMap<usize, Node<'_>>, last: usize) -> Vec<usize> {
    let mut chain = vec![last];
    let mut at = last;
    while let Some(parent) = nodes.get(&at).and_then(|node| node.parent).filter(|at| nodes.contains_key(at)) {
        chain.push(parent);
        at = parent;
    }
    chain.reverse();
    chain
}

/// Whether a snippet comes, over those that wait, to itself.
fn reaches(nodes: &BTreeMap<usize, Node<'_>>, waiting: &[usize], from: usize) -> bool {
    let next = |index: usize| {
        let node = &nodes[&index];
        node.parent.iter().chain(&node.after).copied().filter(|of| waiting.contains(of)).collect::<Vec<_>>()
    };
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut todo = next(from);
    while let Some(index) = todo.pop() {
        if index == from {
            return true;
        }
        if seen.insert(index) {
            todo.extend(next(index));
        }
    }
    false
}

fn is_output(snippet: &Snippet) -> bool {
    snippet.marked.as_ref().is_some_and(|marked| snippet.language == "output" || marked.is("output"))
}

/// Whether an attribute has a value that is not a word for on.
fn has_name(attribute: &Attribute) -> bool {
    attribute.value.as_deref().is_some_and(|value| !matches!(value.trim(), "" | "true" | "yes" | "on"))
}

/// A title that is the name of a file.
fn file_name(marked: &Marked) -> Option<String> {
    let title = marked.title.as_deref()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/@+".contains(c);
    if !title.chars().all(is_plain) || title.starts_with('-') {
        return None;
    }
    let path = FilePath::root().resolve(title).ok()?;
    (!path.as_str().is_empty()).then(|| path.as_str().to_owned())
}

/// A text with a line end.
fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

fn first_line(page: &PageSnippets, marked: &Marked) -> Span {
    let line = page.source.slice(marked.block).lines().next().map_or(0, str::len);
    Span::new(marked.block.start as usize, marked.block.start as usize + line)
}
