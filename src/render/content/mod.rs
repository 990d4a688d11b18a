//! Content: a parsed body to its HTML, holes filled.
//!
//! In: a document, its resolved links, the templates. Out: HTML and the end of
//! its summary. Directives and heading links are drawn by components and
//! templates of the theme, so a theme can change any of them. What the blocks of
//! comparisons show is made in `blocks`.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use std::sync::Arc;

use tera::{Context, Tera, Value};

use self::picture::Picture;
use super::budget::Budget;
use super::environment::Environment;
use super::scope::{self, note};
use super::shared::{Drawn, Shared};
use super::values::table;
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::FilePath;
use crate::base::reads::{Key, Reads};
use crate::base::text::{escape, nearest};
use crate::config::AnchorLinks;
use crate::model::links::{Body, Resolved};
use crate::model::sides::{self, Groups, Looking};
use crate::model::{Item, ItemId, link_address};
use crate::parse::markdown::{Directive, HoleKind, STEP_HEADING};

mod blocks;
mod picture;

/// Arguments every directive can have, drawn or not by its component.
const COMMON: &[&str] = &["id", "class", "fold"];

/// Draws one body; what that has read is given as well.
pub fn fill(
    environment: &Environment,
    shared: &Arc<Shared>,
    id: ItemId,
    body: &Body,
    links: &[Resolved],
) -> (Drawn, Vec<Diagnostic>, Reads) {
    let ((drawn, problems), reads) =
        scope::record(shared, false, || fill_holes(environment, shared, id, body, links));
    (drawn, problems, reads)
}

fn fill_holes(
    environment: &Environment,
    shared: &Shared,
    id: ItemId,
    body: &Body,
    links: &[Resolved],
) -> (Drawn, Vec<Diagnostic>) {
    let document = &body.document;
    let item = shared.site.item(id);
    let looking = Looking::new(&shared.site, id);
    if !document.directives.is_empty() {
        // Names of sides are looked up in the field that the page lies in.
        note(Key::Field(FilePath::root()));
        if let Some(field) = looking.field() {
            let section = shared.site.section(field.section);
            note(Key::Field(section.item.content_path.clone()));
        }
    }
    let mut problems = Vec::new();
    let (groups, found) = sides::groups(&looking, document);
    for (problem, span) in found.into_iter().chain(sides::clashes(&shared.site, id, document)) {
        let (source, span) = body.place(span);
        problems.push(problem.at(&source, span));
    }
    let parts =
        groups.values().flat_map(|group| &group.panes).flat_map(|pane| pane.parts.iter().copied()).collect();
    let mut drawer = Drawer {
        parts,
        environment,
        shared,
        id,
        item,
        body,
        looking,
        groups,
        shown: RefCell::default(),
        problems,
    };
    if document.holes.is_empty() {
        return (drawn(item, body, &document.html, None), Vec::new());
    }
    let mut out = String::with_capacity(document.html.len() + document.html.len() / 8);
    let mut outer: Vec<Frame> = Vec::new();
    let mut summary = None;
    let mut picture = Picture::default();
    let mut last = 0;
    for hole in &document.holes {
        let at = (hole.at as usize).clamp(last, document.html.len());
        out.push_str(&document.html[last..at]);
        last = at;
        match hole.kind {
            HoleKind::Link(i) => {
                let link = links.get(i as usize);
                escape(&mut out, link.map_or("#", |link| &link.address));
            }
            HoleKind::LinkTitle(i) => {
                let title = links.get(i as usize).and_then(|link| link.item);
                title.iter().for_each(|id| {
                    note(Key::Summary(shared.site.item(*id).content_path.clone()));
                });
                let written = document.links.get(i as usize).map_or("", |link| &link.target);
                escape(&mut out, title.map_or(written, |id| &shared.site.item(id).title));
            }
            HoleKind::Picture(i) => {
                picture = drawer.picture(i as usize, links.get(i as usize));
                out.push_str(&picture.before);
            }
            HoleKind::PictureSize => out.push_str(&picture.inside),
            HoleKind::PictureEnd => out.push_str(picture.after),
            HoleKind::Anchor(i) => drawer.anchor(&mut out, i as usize),
            HoleKind::Summary => {
                if outer.is_empty() && summary.is_none() {
                    summary = Some(out.len());
                }
            }
            HoleKind::Open(_) => outer.push(Frame { before: std::mem::take(&mut out), ..Frame::default() }),
            HoleKind::Close(i) => {
                let frame = outer.pop().unwrap_or_default();
                let inner = std::mem::replace(&mut out, frame.before);
                let Some(directive) = document.directives.get(i as usize) else { continue };
                match outer.last_mut() {
                    Some(group) if directive.name == STEP_HEADING => group.heading = Some(inner),
                    Some(group)
                        if sides::is_pane(&directive.name) && drawer.parts.contains(&(i as usize)) =>
                    {
                        group.parts.insert(i as usize, inner);
                    }
                    _ if sides::is_group(&directive.name) => {
                        drawer.group(&mut out, i as usize, directive, frame.heading, &frame.parts, &inner);
                    }
                    _ => drawer.directive(&mut out, directive, &inner),
                }
            }
        }
    }
    out.push_str(&document.html[last..]);
    while let Some(frame) = outer.pop() {
        out.insert_str(0, &frame.before);
    }
    let summary = summary.map(|end| drawer.summary(&out[..end]));
    (drawn(item, body, &out, summary), drawer.problems)
}

fn drawn(item: &Item, body: &Body, html: &str, summary: Option<String>) -> Drawn {
    Drawn {
        content: Value::safe_string(html),
        summary: summary.map_or_else(Value::none, |summary| Value::safe_string(&summary)),
        toc: super::values::toc(&body.document, &link_address(&item.url)),
        words: body.document.word_count,
    }
}

/// A summary without references to footnotes: those stay on the page.
fn without_footnotes(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find("<sup class=\"footnote-reference\"")
        && let Some(length) = rest[start..].find("</sup>")
    {
        out.push_str(&rest[..start]);
        rest = &rest[start + length + "</sup>".len()..];
    }
    out.push_str(rest);
    out
}

/// A directive whose body is being drawn.
#[derive(Default)]
struct Frame {
    /// What was drawn before it.
    before: String,
    /// Of a group: the heading of its step.
    heading: Option<String>,
    /// Of a group: bodies of its panes' parts, by directive.
    parts: HashMap<usize, String>,
}

struct Drawer<'a> {
    environment: &'a Environment,
    shared: &'a Shared,
    id: ItemId,
    item: &'a Item,
    body: &'a Body,
    looking: Looking<'a>,
    groups: Groups,
    /// Directives that are parts of panes.
    parts: HashSet<usize>,
    /// How often each task has been shown.
    shown: RefCell<HashMap<String, usize>>,
    problems: Vec<Diagnostic>,
}

/// Elements that have no end tag.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// Names of the elements that are open at the end of `html`, outermost first.
fn open_elements(html: &str) -> Vec<&str> {
    let mut open: Vec<&str> = Vec::new();
    for (i, _) in html.match_indices('<') {
        let rest = &html[i + 1..];
        let (is_end, rest) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
        let name = &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())];
        if name.is_empty() || VOID.contains(&name) {
            continue;
        }
        if is_end {
            if let Some(at) = open.iter().rposition(|other| *other == name) {
                open.truncate(at);
            }
        } else if !rest[..rest.find('>').unwrap_or(rest.len())].ends_with('/') {
            open.push(name);
        }
    }
    open
}

impl Drawer<'_> {
    /// The start of a body as a text of its own: what is open is closed, with a
    /// sign that it goes on; references to footnotes, which are not in it, are
    /// left out.
    fn summary(&mut self, start: &str) -> String {
        let mut html = without_footnotes(start);
        let open: Vec<String> = open_elements(&html).into_iter().map(str::to_owned).collect();
        if !open.is_empty() {
            let mut context = Context::new();
            context.insert_value("summary", Value::safe_string(&html));
            context.insert_value("lang", Value::from(self.item.file.language.as_str()));
            html.push_str(self.draw("summary-cutoff.html", &context).unwrap_or_default().trim());
        }
        for name in open.iter().rev() {
            html.push_str("</");
            html.push_str(name);
            html.push('>');
        }
        html
    }

    /// Draws a small template of the theme.
    fn draw(&mut self, template: &str, context: &Context) -> Option<String> {
        note(Key::Template(template.to_owned()));
        note(Key::Config);
        let mut budget = Budget::new(&self.shared.site.config.limits);
        match self.environment.markup.render_to(template, context, &mut budget) {
            Ok(()) => Some(String::from_utf8_lossy(&budget.into_bytes()).into_owned()),
            Err(error) => {
                self.problems.extend(self.environment.context().diagnose(&error, budget.spent()));
                None
            }
        }
    }

    /// The link beside a heading.
    fn anchor(&mut self, out: &mut String, heading: usize) {
        let Some(heading) = self.body.document.headings.get(heading) else { return };
        let mut context = Context::new();
        context.insert_value("id", Value::from(heading.id.as_str()));
        context.insert_value("level", Value::from(heading.level));
        context.insert_value("title", Value::from(heading.title.as_str()));
        context.insert_value("config", self.shared.config(&self.item.file.language));
        context.insert_value("lang", Value::from(self.item.file.language.as_str()));
        let Some(html) = self.draw("anchor-link.html", &context) else { return };
        let html = html.trim();
        if self.shared.site.anchor_links(self.id) == AnchorLinks::Heading {
            out.push_str(html.find('>').map_or(html, |end| &html[..=end]));
        } else {
            out.push_str(html);
        }
    }

    /// A group of panes, drawn by the component of its name.
    fn group(
        &mut self,
        out: &mut String,
        index: usize,
        directive: &Directive,
        heading: Option<String>,
        parts: &HashMap<usize, String>,
        inner: &str,
    ) {
        if directive.name == "compare" {
            self.check_view(directive);
        }
        let Some(group) = self.groups.get(&index) else { return };
        let panes = group.panes.iter().map(|pane| {
            let body: String =
                pane.parts.iter().filter_map(|part| parts.get(part)).map(String::as_str).collect();
            let subject = pane.subject.zip(self.looking.field.as_ref());
            let subject = subject.map(|(subject, (field, _))| self.shared.subject_brief(*field, subject));
            table(vec![
                ("side", Value::from(pane.side.as_str())),
                ("title", Value::safe_string(&pane.title)),
                ("subject", subject.unwrap_or_else(Value::none)),
                ("body", Value::safe_string(&body)),
                ("id", Value::from(pane.id.as_str())),
                ("omit", pane.omit.as_deref().map_or_else(Value::none, Value::from)),
            ])
        });
        let panes = Value::from(panes.collect::<Vec<_>>());
        let mut given = vec![("panes", panes), ("sync", Value::from(group.sync.as_str()))];
        if directive.name == "compare" {
            given.push((
                "heading",
                heading.map_or_else(Value::none, |html| Value::safe_string(html.trim_end())),
            ));
        }
        if group.heading.is_none() {
            given.push(("id", Value::from(group.id.as_str())));
        }
        self.component(out, directive, &given, &["sync", "id", "same-output"], inner);
    }

    /// A directive, drawn by the component of its name.
    fn directive(&mut self, out: &mut String, directive: &Directive, inner: &str) {
        if directive.name == "task" {
            self.check_view(directive);
        }
        match self.block(directive) {
            Some(Ok((given, taken))) => self.component(out, directive, &given, taken, inner),
            Some(Err(problem)) => {
                let (source, span) = self.body.place(directive.span);
                self.problems.push(problem.at(&source, span));
            }
            None => self.component(out, directive, &[], &[], inner),
        }
    }

    /// Calls the component of a directive. `given` is what the program hands
    /// in, `taken` are the author's arguments it was made from.
    fn component(
        &mut self,
        out: &mut String,
        directive: &Directive,
        given: &[(&'static str, Value)],
        taken: &[&str],
        inner: &str,
    ) {
        let tera = &self.environment.markup;
        let Some(component) = component_name(tera, &directive.name) else {
            self.unknown(directive);
            out.push_str(inner);
            return;
        };
        note(Key::Template(component.clone()));
        note(Key::Config);
        let Some(definition) = tera.get_component_definition(&component) else { return };
        // What the program hands in is not an author's to give.
        let declared = definition.args().iter().filter(|argument| !argument.is_implicit());
        let declared: Vec<&str> = declared.map(tera::ComponentArg::name).collect();
        let takes = |name: &str| declared.contains(&name) || definition.rest_param().is_some();

        let mut arguments = Context::new();
        for (name, value) in given {
            if takes(name) {
                arguments.insert_value(*name, value.clone());
            }
        }
        if let Some(label) = directive.label.as_ref().filter(|_| !taken.contains(&"label")) {
            if takes("label") {
                arguments.insert_value("label", Value::safe_string(label));
            } else {
                self.refuse(directive, "label", &declared);
            }
        }
        for (name, value) in &directive.arguments {
            if taken.contains(&name.as_str()) {
                continue;
            }
            if takes(name) {
                arguments.insert_value(name.clone(), super::values::json(value));
            } else if name == "open" && value == true && takes("fold") {
                // As VitePress writes it: `::: details Click me {open}`.
                arguments.insert_value("fold", Value::from("open"));
            } else if !COMMON.contains(&name.as_str()) {
                self.refuse(directive, name, &declared);
            }
        }
        let mut implicit = Context::new();
        implicit.insert_value("lang", Value::from(self.item.file.language.as_str()));
        implicit.insert_value("config", self.shared.config(&self.item.file.language));
        let mut budget = Budget::new(&self.shared.site.config.limits);
        let rendered = tera.render_component_with_implicits_to(
            &component,
            &arguments,
            &implicit,
            Some(inner),
            true,
            &mut budget,
        );
        match rendered {
            Ok(()) => out.push_str(String::from_utf8_lossy(&budget.into_bytes()).trim_matches('\n')),
            Err(error) => {
                out.push_str(inner);
                let (source, span) = self.body.place(directive.name_span);
                for problem in self.environment.context().diagnose(&error, budget.spent()) {
                    self.problems.push(problem.label(&source, span, "in this directive"));
                }
            }
        }
        out.push('\n');
    }

    fn unknown(&mut self, directive: &Directive) {
        let (source, span) = self.body.place(directive.name_span);
        let known: Vec<String> = self
            .environment
            .known
            .components
            .iter()
            .map(|name| name.strip_prefix("directive.").unwrap_or(name).replace('_', "-"))
            .filter(|name| !name.contains('.'))
            .collect();
        let problem =
            Diagnostic::error("unknown-directive", format!("there is no directive `{}`", directive.name))
                .at(&source, span);
        let problem = match nearest(&directive.name, known.iter().map(String::as_str)) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem.hint(format!(
                "known are {}; a theme adds one with `{{% component {}() %}}`",
                known.join(", "),
                directive.name.replace('-', "_")
            )),
        };
        self.problems.push(problem);
    }

    fn refuse(&mut self, directive: &Directive, argument: &str, declared: &[&str]) {
        let (source, span) = self.body.place(directive.span);
        let what =
            if argument == "label" { "a label".to_owned() } else { format!("an argument `{argument}`") };
        let problem = Diagnostic::error(
            "unknown-directive-argument",
            format!("the directive `{}` does not take {what}", directive.name),
        )
        .at(&source, span);
        let problem = match nearest(argument, declared.iter().copied()) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None if declared.is_empty() => problem.hint("it takes no arguments"),
            None => problem.hint(format!("it takes {}", declared.join(", "))),
        };
        self.problems.push(problem);
    }
}

/// The component a directive is drawn by: the theme's own of that name, or the
/// built-in one.
fn component_name(tera: &Tera, directive: &str) -> Option<String> {
    let name = directive.replace('-', "_");
    let built_in = format!("directive.{name}");
    [built_in, name].into_iter().find(|name| tera.contains_component(name))
}
