//! Documentation: reference tables are made from the code, and the site of this
//! repository builds without a problem.
//!
//! A page under `content/docs` marks a region with `<!-- generated: NAME -->`
//! and `<!-- /generated -->`. What stands between is compared with what the code
//! says; `UPDATE=1 cargo test --test docs` writes it anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "helpers of tests are tests too"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the documentation is read from, and with UPDATE written to, files"
)]
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

#[path = "support/reference.rs"]
mod reference;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use juxta::base::diagnostic::Diagnostic;
use juxta::base::html::{Event, Events, main_part, push_text};
use juxta::base::source::Source;
use juxta::build::{Discard, Options, Sink, build};
use juxta::config::{CONFIG, Dialect};
use juxta::read::disk::DiskFiles;
use juxta::render::Rendered;
use juxta::render::shared::SharedFiles;
use juxta::report::{self, Format};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = std::fs::read_dir(root().join("content/docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    pages
}

const START: &str = "<!-- generated: ";
const END: &str = "<!-- /generated -->";

/// Names of the regions of a page, and the page with each made anew.
fn renewed(text: &str) -> (Vec<String>, String) {
    let mut names = Vec::new();
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(START) {
        let name_end = at + rest[at..].find(" -->").expect("a region's first line is whole");
        let name = &rest[at + START.len()..name_end];
        let end = at + rest[at..].find(END).unwrap_or_else(|| panic!("the region `{name}` is not closed"));
        out.push_str(&rest[..name_end + 4]);
        out.push_str("\n\n");
        out.push_str(reference::region(name).trim_end());
        out.push_str("\n\n");
        names.push(name.to_owned());
        rest = &rest[end..];
    }
    out.push_str(rest);
    (names, out)
}

#[test]
fn reference_tables_say_what_the_code_says() {
    let mut stale = Vec::new();
    let mut seen = BTreeSet::new();
    for path in pages() {
        let text = std::fs::read_to_string(&path).unwrap();
        let (names, new) = renewed(&text);
        seen.extend(names);
        if new != text {
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&path, new).unwrap();
            } else {
                stale.push(path);
            }
        }
    }
    assert!(stale.is_empty(), "out of date, run `UPDATE=1 cargo test --test docs`: {stale:?}");
    for name in reference::NAMES {
        assert!(seen.contains(*name), "no page has the region `{name}`");
    }
    for (path, _) in CONFIG.rows() {
        let table = path.rsplit_once('.').map_or(String::new(), |(table, _)| format!(" {table}"));
        assert!(seen.contains(&format!("config{table}")), "no page has the key `{path}`");
    }
}

#[test]
fn the_codes_are_those_of_the_source() {
    let found = reference::codes_in_source(&root().join("src"));
    let told: BTreeSet<&str> = report::codes::CODES.iter().map(|(code, ..)| *code).collect();
    let mut wrong = Vec::new();
    for (code, severities) in &found {
        match report::codes::CODES.iter().find(|(told, ..)| told == code) {
            None => wrong.push(format!("`{code}` has no line in `report::codes`")),
            Some((_, severity, _)) => wrong.extend(
                severities
                    .iter()
                    .filter(|found| !severity.contains(found.as_str()))
                    .map(|found| format!("`{code}` is said to be {severity}, not {found}")),
            ),
        }
    }
    for code in told.iter().filter(|code| !found.contains_key(**code)) {
        wrong.push(format!("`{code}` is nowhere in the source"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(report::codes::CODES.is_sorted_by_key(|(code, ..)| code), "codes are in alphabetical order");
}

#[test]
fn filters_and_tests_are_known_to_the_engine() {
    reference::check_filters();
}

#[test]
fn the_site_of_this_repository_has_no_problems() {
    let text = std::fs::read_to_string(root().join("juxta.toml")).unwrap();
    let (config, problems) = juxta::config::read(&Source::new("juxta.toml", text), Dialect::Juxta);
    let mut files = DiskFiles::new(root()).unwrap();
    files.exclude([Path::new("public"), Path::new(".juxta")]);
    let files: SharedFiles = Arc::new(files);
    let built = build(&files, &config, &Options::default(), None, &Discard);
    let problems: Vec<_> = problems.into_iter().chain(built.problems).collect();
    assert!(problems.is_empty(), "{}", report::render(&problems, Format::Text, false));
}

/// Keeps what is rendered.
#[derive(Default)]
struct Keep(Mutex<BTreeMap<String, String>>);

impl Sink for Keep {
    fn accept(&self, rendered: &Rendered) -> Result<(), Diagnostic> {
        let text = String::from_utf8_lossy(&rendered.bytes).into_owned();
        self.0.lock().unwrap().insert(rendered.output.as_str().to_owned(), text);
        Ok(())
    }
}

/// What readers see of the main part of a page, without white space.
fn text_of_page(html: &str) -> String {
    const TOOLS: &[&str] = &["nav", "button", "form", "label", "footer", "svg", "math", "pre"];
    const VOID: &[&str] = &["br", "hr", "img", "input", "wbr"];
    let (mut text, mut open, mut skipped) = (String::new(), Vec::new(), 0);
    for event in Events::of(main_part(html)) {
        match event {
            Event::Open(name, _) if VOID.contains(&name) => {}
            Event::Open(name, attributes) => {
                let in_cell = open.iter().any(|(name, _)| *name == "td");
                let is_left_out = TOOLS.contains(&name)
                    || attributes.contains("data-markdown=\"off\"")
                    || attributes.contains(" hidden")
                    || attributes.contains("#fr-")
                    || attributes.contains("footnote-reference")
                    || name == "summary" && in_cell;
                open.push((name, is_left_out));
                skipped += usize::from(is_left_out);
            }
            Event::Close(_) => skipped -= usize::from(open.pop().is_some_and(|(_, is_left_out)| is_left_out)),
            Event::Text(part) if skipped == 0 => push_text(&mut text, part),
            Event::Text(_) => {}
        }
    }
    text.retain(|c| !c.is_whitespace());
    text
}

/// The same of Markdown.
fn text_of_markdown(markdown: &str) -> String {
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_MATH
        | Options::ENABLE_TASKLISTS;
    let (mut text, mut in_code) = (String::new(), false);
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            // Its text is no text in the page.
            Event::Start(Tag::Image { .. }) => in_code = true,
            Event::End(TagEnd::Image) => in_code = false,
            Event::Text(part) | Event::Code(part) if !in_code => text.push_str(&part),
            Event::InlineHtml(part) | Event::Html(part) => {
                assert!(["<br>", "<sub>", "</sub>", "<sup>", "</sup>"].contains(&&*part), "{part}");
            }
            _ => {}
        }
    }
    text.retain(|c| !c.is_whitespace());
    text
}

#[test]
fn the_markdown_of_every_page_says_what_the_page_says() {
    let text = std::fs::read_to_string(root().join("juxta.toml")).unwrap();
    let (config, _) = juxta::config::read(&Source::new("juxta.toml", text), Dialect::Juxta);
    let mut files = DiskFiles::new(root()).unwrap();
    files.exclude([Path::new("public"), Path::new(".juxta")]);
    let files: SharedFiles = Arc::new(files);
    let keep = Keep::default();
    let built = build(&files, &config, &Options::default(), None, &keep);
    let plan = built.plan.unwrap();
    let outputs = keep.0.into_inner().unwrap();
    assert!(plan.twins.len() > 100, "{}", plan.twins.len());
    // What a twin adds: the colon behind a kind of note, the line a note is on.
    let lines = regex::Regex::new("L[0-9]+:").unwrap();
    let mut wrong = Vec::new();
    for (page, twin) in &plan.twins {
        let html = &outputs[page.as_str()];
        let markdown = &outputs[twin.as_str()];
        let found = lines.replace_all(&text_of_markdown(markdown), "").replace(':', "");
        let expected = text_of_page(html).replace(':', "");
        if found != expected {
            let at = found.chars().zip(expected.chars()).take_while(|(a, b)| a == b).count();
            let part = |text: &str| text.chars().skip(at.saturating_sub(40)).take(100).collect::<String>();
            wrong.push(format!("{twin}:\n  {}\n  {}", part(&found), part(&expected)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), plan.twins.len(), wrong.join("\n"));
}

#[test]
fn words_of_the_theme_are_not_those_of_tables() {
    let text = std::fs::read_to_string(root().join("themes/juxta/theme.toml")).unwrap();
    let theme: toml::Table = text.parse().unwrap();
    let words = |language: &str| theme["extra"]["words"][language].as_table().unwrap().clone();
    for (name, english) in juxta::compare::words::WORDS {
        assert!(
            !words("en").contains_key(*name),
            "`{name}` is a word of tables; the theme has another use for it"
        );
        if let Some(german) = words("de").get(*name) {
            let values = |text: &str| text.matches("{}").count();
            assert_eq!(values(german.as_str().unwrap()), values(english), "`{name}`");
        }
    }
}
