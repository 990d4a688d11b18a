//! What is fuzzed: each function takes any bytes and panics on what must never
//! be. They see text, as authors' files are decoded before anything else.

use std::sync::Arc;

use juxta::base::diagnostic::Diagnostic;
use juxta::base::source::Source;
use juxta::code::{self, CodeOptions, Given};
use juxta::config::{self, Config, Dialect, Limits};
use juxta::parse::front_matter::{self, Kind};
use juxta::parse::inputs::NoInputs;
use juxta::parse::markdown::{self, Document, HoleKind, template};
use juxta::parse::parse_options;
use juxta::read::data::{DataFormat, parse_data};
use juxta::report::{self, Format};

#[allow(dead_code, reason = "shared with tests that need all of it")]
#[path = "../tests/support/strict.rs"]
mod strict;

fn text_of(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// Problems point into the text and can be told.
fn check_problems(source: &Arc<Source>, problems: &[Diagnostic]) {
    for label in problems.iter().flat_map(|problem| &problem.labels) {
        if Arc::ptr_eq(&label.source, source) {
            assert_eq!(source.clamp(label.span), label.span.range(), "a span is not a place in the text");
        }
    }
    let few = &problems[..problems.len().min(5)];
    for format in [Format::Text, Format::Short, Format::Json, Format::Sarif] {
        report::render(few, format, true);
    }
}

/// Front matter of pages and sections.
pub(crate) fn front_matter(data: &[u8]) {
    let source = Source::new("page.md", text_of(data));
    for kind in [Kind::Page, Kind::Section] {
        let (_, body, problems) = front_matter::read(&source, kind, &Limits::default());
        assert!(source.text.is_char_boundary(body), "the body starts inside a character");
        check_problems(&source, &problems);
    }
}

fn all_options(raw_html: bool) -> markdown::Options {
    let mut config = Config::default();
    let of_markdown = &mut config.markdown;
    of_markdown.render_emoji = true;
    of_markdown.smart_punctuation = true;
    of_markdown.definition_list = true;
    of_markdown.autolinks = true;
    of_markdown.math = true;
    of_markdown.super_sub = true;
    of_markdown.wikilinks = true;
    of_markdown.raw_html = raw_html;
    of_markdown.code.highlight = false;
    markdown::Options { take_title: true, ..parse_options(&config, None, None) }
}

/// Holes are in order, name what there is, and are balanced.
fn check_holes(document: &Document) {
    let mut open = Vec::new();
    let mut last = 0;
    for hole in &document.holes {
        assert!(hole.at >= last && document.html.is_char_boundary(hole.at as usize), "a misplaced hole");
        last = hole.at;
        match hole.kind {
            HoleKind::Link(i) | HoleKind::LinkTitle(i) | HoleKind::Picture(i) => {
                assert!((i as usize) < document.links.len());
            }
            HoleKind::Anchor(i) => assert!((i as usize) < document.headings.len()),
            HoleKind::Open(i) => {
                assert!((i as usize) < document.directives.len());
                open.push(i);
            }
            HoleKind::Close(i) => assert_eq!(open.pop(), Some(i), "holes cross"),
            HoleKind::Summary => assert!(document.has_summary),
            HoleKind::PictureSize | HoleKind::PictureEnd => {}
        }
    }
    assert!(open.is_empty(), "a directive is not closed");
}

/// Markdown: directives, holes, and HTML that nothing can be put into.
pub(crate) fn document(data: &[u8]) {
    let source = Source::new("page.md", text_of(data));
    for raw_html in [false, true] {
        let (document, problems) = markdown::parse(&source, 0, &all_options(raw_html), &NoInputs);
        check_holes(&document);
        check_problems(&source, &problems);
        if raw_html {
            continue;
        }
        let html = document.to_plain_html();
        let html: String = html.chars().filter(|c| !c.is_control() || c.is_whitespace()).collect();
        let elements = strict::elements(&html).unwrap_or_else(|why| panic!("{why}\n{html}"));
        for element in elements {
            for key in ["href", "src"] {
                assert!(!strict::runs(element.attribute(key).unwrap_or("")), "{element:?}");
            }
            assert!(element.name != "script" && element.name != "iframe", "{element:?}");
            assert!(element.attributes.iter().all(|(name, _)| !name.starts_with("on")), "{element:?}");
        }
    }
}

/// The info string of a fence, and the code below it.
pub(crate) fn fence_info(data: &[u8]) {
    let text = text_of(data);
    let (info, code) = text.split_once('\n').unwrap_or((&text, "let x = 1 // [!code ++]\n"));
    let options = CodeOptions {
        highlight: false,
        error_on_missing_language: false,
        line_numbers: true,
        ..CodeOptions::default()
    };
    let mut html = String::new();
    code::fence_html(&mut html, &Given { text: code, info, ..Given::default() }, &options);
    let html: String = html.chars().filter(|c| !c.is_control() || c.is_whitespace()).collect();
    let elements = strict::elements(&html).unwrap_or_else(|why| panic!("{why}\n{html}"));
    for element in elements {
        assert!(element.attributes.iter().all(|(name, _)| !name.starts_with("on")), "{element:?}");
    }
}

/// The configuration in each dialect.
pub(crate) fn config(data: &[u8]) {
    let source = Source::new("juxta.toml", text_of(data));
    for dialect in [Dialect::Juxta, Dialect::Zola] {
        let (_, problems) = config::read(&source, dialect);
        check_problems(&source, &problems);
    }
}

/// Hiding code from the template engine, and showing it again.
pub(crate) fn template_mask(data: &[u8]) {
    let text = text_of(data);
    template::has_expressions(&text);
    template::first_title(&text);
    if let Some(masked) = template::mask(&text) {
        assert_eq!(masked.text.len(), text.len(), "positions have moved");
        assert_eq!(masked.unmask(&masked.text), text);
    }
}

/// Data files in every format.
pub(crate) fn data(data: &[u8]) {
    for format in [DataFormat::Toml, DataFormat::Json, DataFormat::Yaml, DataFormat::Csv, DataFormat::Plain] {
        if let Err(problem) = parse_data(data, format, "data/x") {
            report::render(&[problem], Format::Text, false);
        }
    }
}
