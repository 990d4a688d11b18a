//! Markdown: the specifications' examples, hostile input, and literate cases.
//!
//! `tests/markdown/*.md` hold cases in prose: a fence `markdown` with the
//! input, `file path` with a file it includes, `html` with the output (holes in braces), `problems` with what is
//! told, and optionally `options` before them and `facts` with what else is
//! known of the document. `UPDATE=1 cargo test --test markdown` writes the
//! expectations anew; read the difference before committing it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "test data is read from, and with UPDATE written to, files")]

mod support;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use juxta::base::diagnostic::Diagnostic;
use juxta::base::paths::FilePath;
use juxta::base::source::Source;
use juxta::parse::inputs::{InputError, Inputs, NoInputs};
use juxta::parse::markdown::{Document, Hole, HoleKind, Options, parse};
use proptest::prelude::*;
use serde_json::Value;
use snapbox::IntoData as _;
use support::html::normalised;
use support::markdown::{debug_html, facts, options, problems, set_option};

fn spec(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/spec/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn read(markdown: &str, options: &Options) -> (Document, Vec<Diagnostic>) {
    let source = Source::new("page.md", markdown);
    let (document, problems) = parse(&source, 0, options, &NoInputs);
    check_invariants(&source, &document, &problems);
    (document, problems)
}

/// What holds for every document.
fn check_invariants(source: &Arc<Source>, document: &Document, problems: &[Diagnostic]) {
    let mut open = Vec::new();
    let mut last = 0;
    for Hole { at, kind } in &document.holes {
        assert!(*at >= last && document.html.is_char_boundary(*at as usize), "hole at {at}");
        last = *at;
        match kind {
            HoleKind::Link(i) | HoleKind::LinkTitle(i) => assert!((*i as usize) < document.links.len()),
            HoleKind::Anchor(i) => assert!((*i as usize) < document.headings.len()),
            HoleKind::Open(i) => {
                assert!((*i as usize) < document.directives.len());
                open.push(*i);
            }
            HoleKind::Close(i) => assert_eq!(open.pop(), Some(*i), "holes cross"),
            HoleKind::Summary => assert!(document.has_summary),
            HoleKind::Picture(i) => assert!((*i as usize) < document.links.len()),
            HoleKind::PictureSize | HoleKind::PictureEnd => {}
        }
    }
    assert!(open.is_empty(), "a directive is not closed");
    let spans = document
        .links
        .iter()
        .map(|link| link.span)
        .chain(document.headings.iter().map(|heading| heading.span))
        .chain(document.snippets.iter().map(|snippet| snippet.span))
        .chain(document.directives.iter().flat_map(|directive| [directive.span, directive.name_span]))
        .chain(
            problems
                .iter()
                .flat_map(|problem| &problem.labels)
                .filter(|label| Arc::ptr_eq(&label.source, source))
                .map(|label| label.span),
        );
    for span in spans {
        assert_eq!(source.clamp(span), span.range(), "a span is not a place in the text");
    }
}

/// The example's HTML without links whose scheme Juxta refuses.
fn without_refused_links(html: &str) -> String {
    let allowed = ["http:", "https:", "mailto:", "tel:"];
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find("<a href=\"") {
        let target = rest[at + 9..].split('"').next().unwrap();
        let lower = target.to_lowercase();
        let scheme = lower.split_once(':').is_some_and(|(scheme, _)| {
            scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        });
        let end = at + rest[at..].find('>').unwrap() + 1;
        if scheme && !allowed.iter().any(|name| lower.starts_with(name)) {
            let close = rest[end..].find("</a>").unwrap() + end;
            out.push_str(&rest[..at]);
            out.push_str(&rest[end..close]);
            rest = &rest[close + 4..];
        } else {
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    out.push_str(rest);
    out
}

#[test]
fn every_example_of_commonmark_holds() {
    let mut failed = String::new();
    let cases = spec("commonmark-0.31.2.json");
    assert_eq!(cases.len(), 652);
    for case in &cases {
        let (document, problems) = read(case["markdown"].as_str().unwrap(), &options());
        let expected = case["html"].as_str().unwrap();
        let refused = problems.iter().any(|problem| problem.code == "forbidden-link-scheme");
        let wanted =
            normalised(&if refused { without_refused_links(expected) } else { expected.to_owned() }, false);
        let found = normalised(&document.to_plain_html(), true);
        if wanted != found {
            writeln!(failed, "{}\n--- wanted\n{wanted}\n--- found\n{found}\n", case["markdown"]).unwrap();
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn the_examples_of_gfm_hold() {
    let mut options = options();
    options.markdown.autolinks = true;
    options.markdown.bottom_footnotes = true;
    let mut failed = String::new();
    for case in spec("gfm-extensions.json") {
        let extension = case["extension"].as_str().unwrap();
        // Raw HTML is an author's right or off altogether; footnotes are marked
        // up differently and have their own cases.
        if matches!(extension, "tagfilter" | "footnote") || case["html"] == "<IGNORE>\n" {
            continue;
        }
        let (document, _) = read(case["markdown"].as_str().unwrap(), &options);
        let expected = case["html"].as_str().unwrap();
        let wanted = normalised(&without_refused_links(expected), false);
        let found = normalised(&document.to_plain_html(), true);
        if wanted != found {
            writeln!(failed, "{extension} {}\n--- wanted\n{wanted}\n--- found\n{found}\n", case["markdown"])
                .unwrap();
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn schemes_that_are_not_allowed_reach_no_attribute() {
    for case in spec("link-schemes.json") {
        let (document, problems) = read(case["markdown"].as_str().unwrap(), &options());
        let refused = problems.iter().any(|problem| problem.code == "forbidden-link-scheme");
        let html = document.to_plain_html();
        let written = html.contains("href=") || html.contains("src=");
        let allowed = case["allowed"] == true;
        assert_eq!((refused, written), (!allowed, allowed), "{case}\n{html}");
        assert!(!html.bytes().any(|b| b < 32 && b != b'\n'), "{case}\n{html:?}");
    }
}

#[test]
fn no_text_leaves_its_attribute() {
    for case in spec("html-injection.json") {
        let mut options = options();
        for raw_html in [true, false] {
            options.markdown.raw_html = raw_html;
            let html = read(case["markdown"].as_str().unwrap(), &options).0.to_plain_html();
            for text in case["output_must_not_contain"].as_array().unwrap() {
                assert!(!html.contains(text.as_str().unwrap()), "{case}\n{html}");
            }
            for text in case["output_must_contain"].as_array().unwrap() {
                assert!(html.contains(text.as_str().unwrap()), "{case}\n{html}");
            }
            assert!(raw_html || !html.contains("<script") && !html.contains("<iframe"), "{case}\n{html}");
        }
    }
}

fn everything() -> Options {
    let mut options = options();
    let markdown = &mut options.markdown;
    markdown.render_emoji = true;
    markdown.smart_punctuation = true;
    markdown.definition_list = true;
    markdown.auto_group = true;
    markdown.bottom_footnotes = true;
    markdown.github_alerts = true;
    markdown.autolinks = true;
    markdown.math = true;
    markdown.super_sub = true;
    markdown.wikilinks = true;
    options.take_title = true;
    options
}

/// Parses on a small stack; the bound is for debug builds on busy machines.
fn survives(name: &str, markdown: String, most: usize) {
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    let start = Instant::now();
    let size = thread.spawn(move || read(&markdown, &everything()).0.html.len()).unwrap().join().unwrap();
    assert!(start.elapsed() < Duration::from_secs(5), "{name}: {:?}", start.elapsed());
    assert!(size <= most, "{name}: {size} bytes of output");
}

#[test]
fn hostile_input_is_parsed_in_time_on_a_small_stack() {
    for case in spec("markdown-pathological.json") {
        let most =
            case["max_output_bytes"].as_u64().map_or(64 << 20, |bytes| usize::try_from(bytes).unwrap());
        survives(case["name"].as_str().unwrap(), support::pathological::text(&case), most);
    }
}

#[test]
fn depth_costs_no_stack() {
    let deep = 100_000;
    for opening in ["> ", "- ", "<div>", "*a **a ", "[a", "![a", "<!-- x -->\n", "::: x\n", "> [!NOTE]\n> "] {
        survives(opening, opening.repeat(deep), 64 << 20);
    }
    let fences: String = (0..2000).map(|i| format!("{} x\n", ":".repeat(2003 - i))).collect();
    survives("growing fences", fences, 64 << 20);
    survives(
        "closers that fit none",
        format!("{}{}", "::: x\n".repeat(30_000), "::\n::::\n".repeat(30_000)),
        64 << 20,
    );
    let arguments: String = (0..100_000).map(|i| format!(" a{i}=1")).collect();
    survives("arguments", format!("::: x{arguments} {{{arguments} }}\n:::\n"), 64 << 20);
    survives("closers", ":::\n".repeat(deep), 64 << 20);
    survives(
        "comments",
        format!("{}{}", "<!-- x -->\n".repeat(20_000), "<!-- /x -->\n".repeat(20_000)),
        64 << 20,
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_a_sound_document(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        read(&pieces.concat(), &everything());
        read(&pieces.concat(), &options());
    }

    #[test]
    fn any_characters_give_a_sound_document(text in "[ -~\nä😀\r\t]{0,80}") {
        read(&text, &everything());
    }
}

const PIECES: &[&str] = &[
    "\n",
    "\n\n",
    "\r\n",
    " ",
    "  ",
    "    ",
    "\t",
    "> ",
    "- ",
    "1. ",
    "a",
    "word ",
    "ä",
    "😀",
    ":::",
    "::::",
    "::: note",
    "::: tip Title\n",
    "::: x a=1 b=\"c\" {#i .c}\n",
    ":::\n",
    "::::\n",
    "<!-- x -->\n",
    "<!-- /x -->\n",
    "<!-- more -->",
    "> [!NOTE]\n",
    "> [!TIP]- *t*\n",
    "```js\n",
    "```\n",
    "~~~\n",
    "`",
    "``",
    "*",
    "**",
    "_",
    "~",
    "~~",
    "[",
    "]",
    "(",
    ")",
    "![",
    "[[",
    "]]",
    "|",
    "| a | b |\n",
    "|---|---|\n",
    "[^a]",
    "[^a]: note\n",
    "[^b]",
    "# ",
    "## H {#h .c}\n",
    "# T\n",
    "===\n",
    "---\n",
    "<div>",
    "</div>\n",
    "<a href='x.md' id=q>",
    "<img src=a.png>",
    "<?",
    "?>",
    "<!--",
    "-->",
    "<",
    "&amp;",
    "&",
    "\\",
    "$",
    "$$",
    "^",
    ":smile:",
    ":",
    "http://a.b/c",
    "www.a.b",
    "a@b.cc",
    "'",
    "\"",
    "...",
    "- [ ] ",
    ": ",
    "Term\n",
    "\0",
    "{",
    "}",
    "!",
    "@/a.md",
    "javascript:x",
];

#[test]
fn spans_count_from_the_start_of_the_file() {
    let text = "+++\ntitle = \"ü\"\n+++\n::: note \"*l*\"\r\n[a](b.md)\r\n:::";
    let source = Source::new("page.md", text);
    let start = text.find(":::").unwrap();
    let (document, problems) = parse(&source, start, &options(), &NoInputs);
    check_invariants(&source, &document, &problems);
    assert_eq!(problems, []);
    assert_eq!(source.slice(document.links[0].span), "b.md");
    assert_eq!(source.slice(document.directives[0].name_span), "note");
    assert_eq!(source.slice(document.directives[0].span), "::: note \"*l*\"");
    assert_eq!(document.directives[0].label.as_deref(), Some("<em>l</em>"));
}

#[derive(Default)]
struct Case {
    input: String,
    options: String,
    /// Files that may be included: path, text.
    files: Vec<(String, String)>,
}

impl Inputs for Case {
    fn text(&self, path: &FilePath) -> Result<Arc<Source>, InputError> {
        match self.files.iter().find(|(name, _)| name == path.as_str()) {
            Some((name, text)) => Ok(Source::new(name.clone(), text.clone())),
            None => Err(InputError { message: "there is no such file".to_owned(), near: None }),
        }
    }
}

/// Runs the cases of one file; returns the file as it should be.
fn run_cases(text: &str) -> String {
    let mut out = String::new();
    let mut case = Case::default();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        if line.starts_with('#') {
            case = Case::default();
        }
        let ticks = line.bytes().take_while(|b| *b == b'`').count();
        if ticks < 4 {
            continue;
        }
        let fence = &line[..ticks];
        let mut content = String::new();
        for line in lines.by_ref() {
            if line == fence {
                break;
            }
            content.push_str(line);
            content.push('\n');
        }
        let parsed = |case: &Case| {
            let mut options = options();
            for line in case.options.lines() {
                set_option(&mut options, line);
            }
            let source = Source::new("page.md", case.input.clone());
            let (document, found) = parse(&source, 0, &options, case);
            check_invariants(&source, &document, &found);
            (source, document, found)
        };
        match &line[ticks..] {
            "markdown" => case.input.clone_from(&content),
            "options" => case.options.clone_from(&content),
            "html" => content = debug_html(&parsed(&case).1),
            "problems" => {
                let (source, _, found) = parsed(&case);
                content = problems(&source, &found);
            }
            "facts" => {
                let (source, document, _) = parsed(&case);
                content = facts(&source, &document);
            }
            file if file.starts_with("file ") => {
                case.files.push((file["file ".len()..].to_owned(), content.clone()));
            }
            other => panic!("no such part of a case: {other}"),
        }
        out.push_str(&content);
        out.push_str(fence);
        out.push('\n');
    }
    out
}

#[test]
fn the_literate_cases_hold() {
    let folder = format!("{}/tests/markdown", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let expected = run_cases(&text);
        if std::env::var("UPDATE").is_ok() {
            std::fs::write(&file, expected).unwrap();
        } else {
            snapbox::assert_data_eq!(expected, text.raw());
        }
    }
}
