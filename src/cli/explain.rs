//! `explain`: what a page is made of.
//!
//! In: the name of a page. Out: where it comes from and goes to, its template,
//! what it reads, and every variable its template gets, as a tree or as JSON.

use std::fmt::Write as _;
use std::sync::Mutex;

use super::args::{Arguments, BuildArguments, ExplainArguments};
use super::project::{Project, Terminal};
use super::{PROBLEMS, WRONG_USE, fail, say};
use crate::base::paths::{FilePath, OutputPath, UrlPath};
use crate::base::reads::Key;
use crate::base::text::nearest;
use crate::build::{Sink, build};
use crate::model::{ItemId, PLACELESS, Site};
use crate::plan::Work;
use crate::render::{Rendered, values};
use crate::report;

/// Longest text shown of a value.
const SHOWN: usize = 80;
/// Most entries shown of a list.
const ENTRIES: usize = 8;

/// Keeps what one output has read.
struct Spy {
    output: String,
    reads: Mutex<Vec<Key>>,
}

impl Sink for Spy {
    fn accept(&self, rendered: &Rendered) -> Result<(), crate::base::diagnostic::Diagnostic> {
        if rendered.output.as_str() == self.output
            && let Ok(mut reads) = self.reads.lock()
        {
            reads.extend(rendered.reads.iter().cloned());
        }
        Ok(())
    }
}

/// The page or section an author may mean by `name`.
fn find(site: &Site, name: &str) -> Option<ItemId> {
    let path = name.trim_start_matches("@/").trim_start_matches("./");
    let path = path.strip_prefix("content/").unwrap_or(path);
    let by_path = FilePath::root().resolve(path).ok().and_then(|path| site.by_path.get(&path).copied());
    by_path.or_else(|| {
        let url = OutputPath::new(name.trim_start_matches('/')).ok()?.url();
        let folder = UrlPath::new(&format!("{}/", url.as_str().trim_end_matches('/')));
        site.items().find(|id| {
            let of_item = &site.item(*id).url;
            *of_item == url || *of_item == folder
        })
    })
}

pub(super) fn run(arguments: &Arguments, of_explain: &ExplainArguments, terminal: &Terminal) -> u8 {
    let of_build = BuildArguments { drafts: of_explain.drafts, ..BuildArguments::default() };
    let project = match Project::open(arguments, &of_build) {
        Ok(project) => project,
        Err(failure) => return failure.tell(terminal, report::Format::Text),
    };
    // The first build finds the page, the second listens to its render.
    let options = project.options("build");
    let files = project.all_files();
    let first = build(&files, &project.config, &options, None, &crate::build::Discard);
    let (Some(site), Some(plan)) = (&first.site, &first.plan) else { return PROBLEMS };
    let Some(id) = find(site, &of_explain.page) else {
        let mut known: Vec<&str> = site.by_path.keys().map(FilePath::as_str).collect();
        known.sort_unstable();
        let near = nearest(&of_explain.page, known.iter().copied());
        let hint = near.map(|near| format!("did you mean `{near}`?"));
        return fail(
            terminal,
            &format!("there is no page `{}`", of_explain.page),
            hint.as_deref(),
            WRONG_USE,
        );
    };
    let item = site.item(id);
    let output = plan.jobs.iter().find(|job| match (&job.work, id) {
        (Work::Page(of), ItemId::Page(id)) => *of == id,
        (Work::Section(of, _), ItemId::Section(id)) => *of == id,
        _ => false,
    });
    let spy = Spy {
        output: output.map_or(String::new(), |job| job.output.to_string()),
        reads: Mutex::new(Vec::new()),
    };
    let built = build(&files, &project.config, &options, None, &spy);
    let Some(shared) = &built.shared else { return PROBLEMS };
    let (kind, template, value) = match id {
        ItemId::Page(id) => ("page", &site.page(id).template, values::page_with_neighbours(shared, id)),
        ItemId::Section(id) => ("section", &site.section(id).template, shared.own(ItemId::Section(id))),
    };
    let base = project.config.base_url.clone().unwrap_or_default();
    let json = placed(
        serde_json::json!({
            kind: serde_json::to_value(&value).unwrap_or_default(),
            "lang": item.file.language,
            "current_path": item.url.as_str(),
            "current_url": item.permalink,
            "config": serde_json::to_value(shared.config(&item.file.language)).unwrap_or_default(),
        }),
        &base,
    );
    if of_explain.json {
        return say(&format!("{}\n", serde_json::to_string_pretty(&json).unwrap_or_default()), terminal);
    }
    let mut out = String::new();
    let _ = writeln!(out, "{} `{}`", if kind == "page" { "page" } else { "section" }, item.file.path);
    let _ = writeln!(out, "  address   {}", item.url);
    let _ = writeln!(
        out,
        "  output    {}",
        output.map_or("none: it is not rendered".to_owned(), |job| job.output.to_string())
    );
    let _ = writeln!(out, "  template  {template}");
    let reads = spy.reads.into_inner().unwrap_or_default();
    let _ = writeln!(out, "  reads");
    for key in &reads {
        let _ = writeln!(out, "    {}", words(key));
    }
    let _ = writeln!(out, "  variables of its template");
    tree(&mut out, &json, 4);
    let code = say(&out, terminal);
    if built.failed() {
        eprint!("{}", report::render(&built.problems, report::Format::Text, terminal.colour));
        return PROBLEMS;
    }
    code
}

/// Addresses as they are published, or from the root for a site that may live
/// anywhere.
fn placed(mut value: serde_json::Value, base: &str) -> serde_json::Value {
    match &mut value {
        serde_json::Value::String(text) => *text = text.replace(PLACELESS, base),
        serde_json::Value::Array(list) => {
            for entry in list {
                *entry = placed(entry.take(), base);
            }
        }
        serde_json::Value::Object(fields) => {
            for (_, entry) in fields {
                *entry = placed(entry.take(), base);
            }
        }
        _ => {}
    }
    value
}

/// A key in words.
pub(super) fn words(key: &Key) -> String {
    match key {
        Key::Page(path) => format!("the page `{path}`"),
        Key::Summary(path) => format!("what lists show of `{path}`: title, address, front matter"),
        Key::Listing(path) => format!("the list of pages of `{path}`"),
        Key::Taxonomy(language, name) => format!("the taxonomy `{name}` ({language})"),
        Key::Terms(language, name) => format!("the terms of the taxonomy `{name}` ({language})"),
        Key::Site => "the list of all pages".to_owned(),
        Key::Template(name) => format!("the template `{name}`"),
        Key::Asset(path) => format!("the file `{path}`"),
        Key::Data(path) => format!("the data `{path}`"),
        Key::Field(path) if path.as_str().is_empty() => "the list of all fields".to_owned(),
        Key::Field(path) => format!("everything in the field of `{path}`"),
        Key::Criteria(path) => format!("the criteria of the field of `{path}`"),
        Key::Subject(path, subject) => format!("the facts about `{subject}` in the field of `{path}`"),
        Key::Task(path) => format!("the code of the task `{path}`"),
        Key::Config => "the configuration".to_owned(),
        Key::Address(url) => format!("what is published at `{url}`"),
        Key::Plan => "all addresses".to_owned(),
        Key::Bodies => "the text of all pages".to_owned(),
        Key::Day => "the day of the build".to_owned(),
        Key::Asked(output) => format!("`{output}`, whose name says what is in it"),
    }
}

/// A JSON value as an indented tree, long texts and lists cut.
fn tree(out: &mut String, value: &serde_json::Value, indent: usize) {
    let serde_json::Value::Object(fields) = value else { return };
    for (name, value) in fields {
        let pad = " ".repeat(indent);
        match value {
            serde_json::Value::Object(inner) if !inner.is_empty() => {
                let _ = writeln!(out, "{pad}{name}:");
                tree(out, value, indent + 2);
            }
            serde_json::Value::Array(list) if list.iter().any(serde_json::Value::is_object) => {
                let _ = writeln!(out, "{pad}{name}: {} entries", list.len());
                for (i, entry) in list.iter().take(ENTRIES).enumerate() {
                    let title =
                        ["title", "name", "id", "path"].iter().find_map(|key| entry.get(key)?.as_str());
                    let _ = writeln!(out, "{pad}  [{i}] {}", title.unwrap_or("…"));
                }
                if list.len() > ENTRIES {
                    let _ = writeln!(out, "{pad}  …");
                }
            }
            value => {
                let text = value.to_string();
                let cut: String = text.chars().take(SHOWN).collect();
                let _ = writeln!(out, "{pad}{name}: {cut}{}", if cut.len() < text.len() { "…" } else { "" });
            }
        }
    }
}
