//! Template errors to diagnostics that point into the author's file.
//!
//! In: an error of the template engine and the texts of all templates. Out:
//! problems with a span each and the chain of includes. The engine gives most
//! errors a file and a byte range; those it only prints are read back from
//! their text.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::Arc;

use tera::ErrorKind;

use super::budget::Spent;
use super::words::{Words, decapitalise, reworded};
use crate::base::diagnostic::Diagnostic;
use crate::base::source::{Source, Span};
use crate::base::text::nearest;

/// What a template error is about.
pub struct Context<'a> {
    /// Texts by template name.
    pub sources: &'a HashMap<String, Arc<Source>>,
    /// The author's text, when the template is a page's own text: it is called
    /// `__tera_one_off` by the engine, and starts at this byte.
    pub page: Option<(&'a Arc<Source>, usize)>,
    /// Names that exist, for suggestions.
    pub known: &'a Known,
}

/// Names that templates can use.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Functions.
    pub functions: Vec<String>,
    /// Filters.
    pub filters: Vec<String>,
    /// Tests.
    pub tests: Vec<String>,
    /// Components.
    pub components: Vec<String>,
    /// Templates, without a theme's prefix.
    pub templates: Vec<String>,
}

const ONE_OFF: &str = "__tera_one_off";

impl Context<'_> {
    fn place(&self, name: &str, span: Span) -> Option<(Arc<Source>, Span)> {
        if name == ONE_OFF {
            let (source, start) = self.page?;
            return Some((Arc::clone(source), span.shifted(start)));
        }
        self.sources.get(name).map(|source| (Arc::clone(source), span))
    }

    /// Byte span of a 1-based line and column (in characters) in a template.
    fn line_place(
        &self,
        name: &str,
        line: usize,
        column: usize,
        width: usize,
    ) -> Option<(Arc<Source>, Span)> {
        let (source, start) = if name == ONE_OFF {
            let (source, start) = self.page?;
            (Arc::clone(source), start)
        } else {
            (Arc::clone(self.sources.get(name)?), 0)
        };
        let text = &source.text[start..];
        let line_start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let rest = &text[line_start..];
        let offset = |chars: usize| rest.char_indices().nth(chars).map_or(rest.len(), |(i, _)| i);
        let from = offset(column.saturating_sub(1));
        let to = offset(column.saturating_sub(1) + width.max(1));
        let span = Span::new(start + line_start + from, start + line_start + to);
        Some((source, span))
    }

    /// Turns an error into problems; there is at least one.
    pub fn diagnose(&self, error: &tera::Error, spent: Option<Spent>) -> Vec<Diagnostic> {
        match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
                let syntax = matches!(error.kind(), ErrorKind::SyntaxError(_));
                let mut message = decapitalise(report.message());
                // The engine wraps what a function or a filter said.
                let mut cause = error.source();
                while let Some(inner) = cause {
                    let words = decapitalise(&inner.to_string());
                    if !message.contains(&words) && !words.contains("-->") {
                        message = format!("{message}: {words}");
                    }
                    cause = inner.source();
                }
                let code = match spent {
                    Some(_) => "render-limit",
                    None if syntax => "template-syntax",
                    None => "template-error",
                };
                if let Some(spent) = spent {
                    message = spent_message(spent);
                }
                let range = &report.span().range;
                let place = self.place(report.filename(), Span::new(range.start, range.end));
                let marked = place.as_ref().map_or("", |(source, span)| source.slice(*span));
                let Words { message, hint } = reworded(&message, marked);
                let mut problem = Diagnostic::error(code, message);
                problem = match &place {
                    Some((source, span)) => problem.at(source, *span),
                    None => problem.in_file(report.filename()),
                };
                problem.hints.extend(hint);
                let printed = error.to_string();
                for (label, name, line, column, width) in notes(&printed) {
                    if let Some((source, span)) = self.line_place(name, line, column, width) {
                        problem = problem.label(&source, span, label);
                    }
                }
                vec![problem]
            }
            ErrorKind::MissingParent { current, parent } => {
                vec![self.names_template(
                    current,
                    parent,
                    format!("there is no template `{parent}` to extend"),
                    "missing-template",
                )]
            }
            ErrorKind::CircularExtend { tpl, inheritance_chain } => {
                // The last of the chain extends one that is in it already.
                let last = inheritance_chain.last().unwrap_or(tpl);
                let text = self.sources.get(last).map_or("", |source| source.text.as_str());
                let again = inheritance_chain
                    .iter()
                    .find(|name| text.contains(&format!("\"{name}\"")) || text.contains(&format!("'{name}'")))
                    .unwrap_or(tpl);
                let chain = format!("{} → {again}", inheritance_chain.join(" → "));
                vec![self.names_template(
                    last,
                    again,
                    format!("templates extend each other in a circle: {chain}"),
                    "template-cycle",
                )]
            }
            ErrorKind::CircularInclude { tpl, include_chain } => {
                let chain = include_chain.join(" → ");
                let next = include_chain.get(1).map_or(tpl.as_str(), String::as_str);
                vec![self.names_template(
                    tpl,
                    next,
                    format!("templates include each other in a circle: {chain}"),
                    "template-cycle",
                )]
            }
            ErrorKind::TemplateNotFound(name) => {
                let problem = Diagnostic::error("missing-template", format!("there is no template `{name}`"))
                    .nearest(name, self.known.templates.iter().map(String::as_str));
                vec![problem]
            }
            _ if spent.is_some() => {
                vec![Diagnostic::error("render-limit", spent.map(spent_message).unwrap_or_default())]
            }
            _ => {
                let printed = error.to_string();
                if let Some(problem) = self.component_twice(&printed) {
                    return vec![problem];
                }
                let reports = reports(&printed);
                if reports.is_empty() {
                    let mut message = decapitalise(&printed);
                    let mut cause = error.source();
                    while let Some(inner) = cause {
                        message = format!("{message}: {}", decapitalise(&inner.to_string()));
                        cause = inner.source();
                    }
                    return vec![Diagnostic::error("template-error", message)];
                }
                reports
                    .into_iter()
                    .map(|(message, name, line, column, width)| {
                        let Words { message: words, hint } = reworded(message, "");
                        let is_template = message.starts_with("Unknown template");
                        let code = if is_template { "missing-template" } else { "template-error" };
                        let mut problem = Diagnostic::error(code, words);
                        problem.hints.extend(hint);
                        let problem = self.suggest(problem, message);
                        match self.line_place(name, line, column, width) {
                            Some((source, span)) => problem.at(&source, span),
                            None => problem.in_file(name),
                        }
                    })
                    .collect()
            }
        }
    }

    /// Two components of one name, in templates of one layer: the engine only
    /// names the templates.
    fn component_twice(&self, printed: &str) -> Option<Diagnostic> {
        let mut names = printed.strip_prefix("Component `")?.split('`');
        let (component, first, second) = (names.next()?, names.nth(1)?, names.nth(1)?);
        let message = format!("the component `{component}` is defined twice");
        let mut problem = Diagnostic::error("template-error", message);
        for (template, words) in [(second, "defined here"), (first, "and here")] {
            let source = self.sources.get(template)?;
            let at = component_span(&source.text, component);
            problem = problem.label(source, at, words);
        }
        Some(problem.hint("rename one of them"))
    }

    /// A problem at the place where one template names another.
    fn names_template(&self, current: &str, named: &str, message: String, code: &'static str) -> Diagnostic {
        let problem = Diagnostic::error(code, message);
        let problem = if code == "missing-template" {
            problem.nearest(named, self.known.templates.iter().map(String::as_str))
        } else {
            problem
        };
        match self.sources.get(current) {
            Some(source) => {
                let short = named.rsplit_once("/templates/").map_or(named, |(_, short)| short);
                let at = [named, short]
                    .iter()
                    .find_map(|name| {
                        let quoted = [format!("\"{name}\""), format!("'{name}'")];
                        quoted
                            .iter()
                            .find_map(|quoted| Some((source.text.find(quoted.as_str())?, quoted.len())))
                    })
                    .unwrap_or((0, 0));
                problem.at(source, Span::new(at.0, at.0 + at.1))
            }
            None => problem.in_file(current),
        }
    }

    fn suggest(&self, problem: Diagnostic, message: &str) -> Diagnostic {
        let Some(name) = message.split('`').nth(1) else { return problem };
        if message.starts_with("Block `") {
            let texts = self.sources.values().map(|source| source.text.as_str());
            let mut blocks: Vec<&str> = texts.flat_map(blocks_in).filter(|block| *block != name).collect();
            blocks.sort_unstable();
            return problem.nearest(name, blocks);
        }
        let known = match message.split(' ').nth(1) {
            Some("function") => &self.known.functions,
            Some("filter") => &self.known.filters,
            Some("test") => &self.known.tests,
            Some("component") => &self.known.components,
            Some("template") => &self.known.templates,
            _ => return problem,
        };
        match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => match old_name(name) {
                Some(hint) => problem.hint(hint),
                None if message.starts_with("Unknown template") => {
                    problem.hint(format!("add `templates/{name}`"))
                }
                None => problem,
            },
        }
    }
}

/// What became of names that Tera 1 had.
fn old_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "concat" => "Tera 2 has no `concat`: write `[...list, item]`",
        "slice" => "Tera 2 has no `slice` filter: write `list[1:3]`",
        "map" | "filter" => {
            "Tera 2 has no such filter: write a list comprehension, `[x.name for x in list if x.ok]`"
        }
        "linebreaksbr" => "it is called `newlines_to_br` now",
        "escape" => "it is called `escape_html` now",
        "get_env" => "the environment is not read during a build",
        "as_str" => "it is called `str` now",
        _ => return None,
    })
}

/// Names in `{% block NAME %}`.
fn blocks_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("{%").skip(1).filter_map(|tag| {
        tag.trim_start_matches('-').trim_start().strip_prefix("block ")?.split_whitespace().next()
    })
}

/// Where a component of that name is defined, else the start.
fn component_span(text: &str, name: &str) -> Span {
    for (i, tag) in text.match_indices("component ") {
        let start = i + tag.len();
        let rest = &text[start..];
        let trimmed = rest.trim_start();
        if trimmed.strip_prefix(name).is_some_and(|after| after.trim_start().starts_with('(')) {
            let start = start + rest.len() - trimmed.len();
            return Span::new(start, start + name.len());
        }
    }
    Span::at(0)
}

fn spent_message(spent: Spent) -> String {
    match spent {
        Spent::Size(limit) => format!("this page is larger than {limit} bytes, the limit for one output"),
        Spent::Time(allowed) => {
            format!("this page takes longer than {} s to render, the limit for one output", allowed.as_secs())
        }
        Spent::Steps(limit) => {
            format!("this page loops over more than {limit} numbers, the limit for one output")
        }
    }
}

/// `NAME:LINE:COLUMN`, and the width of the mark two or three lines below.
fn location<'a>(line: &'a str, following: &[&str]) -> Option<(&'a str, usize, usize, usize)> {
    let (rest, column) = line.rsplit_once(':')?;
    let (name, line) = rest.rsplit_once(':')?;
    let mark = following.iter().find(|line| line.contains('^'));
    let width = mark.map_or(1, |line| line.matches('^').count());
    Some((name.trim(), line.parse().ok()?, column.trim().parse().ok()?, width))
}

/// Every `error: …` with its place, from a printed report.
fn reports(printed: &str) -> Vec<(&str, &str, usize, usize, usize)> {
    let lines: Vec<&str> = printed.lines().collect();
    let mut found = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let Some(message) = line.strip_prefix("error: ") else { continue };
        let Some(place) = lines.get(i + 1).and_then(|line| line.trim_start().strip_prefix("--> ")) else {
            continue;
        };
        let following = &lines[(i + 2).min(lines.len())..(i + 6).min(lines.len())];
        if let Some((name, line, column, width)) = location(place, following) {
            found.push((message, name, line, column, width));
        }
    }
    found
}

/// Every `note: called from …` with its place, from a printed report.
fn notes(printed: &str) -> Vec<(&'static str, &str, usize, usize, usize)> {
    let lines: Vec<&str> = printed.lines().collect();
    let mut found = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let Some(note) = line.strip_prefix("note: ") else { continue };
        let (label, place) = match note.strip_prefix("called from ") {
            Some(place) => ("called from here", place),
            None => ("see here", note.rsplit_once(' ').map_or(note, |(_, place)| place)),
        };
        let following = &lines[(i + 1).min(lines.len())..(i + 5).min(lines.len())];
        if let Some((name, line, column, width)) = location(place, following) {
            found.push((label, name, line, column, width));
        }
    }
    found
}
