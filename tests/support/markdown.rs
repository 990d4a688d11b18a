//! Markdown documents in a form that people can read and compare.

use std::fmt::Write as _;

use juxta::base::diagnostic::Diagnostic;
use juxta::base::source::{Source, Span};
use juxta::base::text::SlugMode;
use juxta::code::{CodeOptions, Level};
use juxta::config::{AnchorLinks, CodeConfig, DataAttributes, MarkdownConfig};
use juxta::parse::markdown::{Document, HoleKind, Options};

/// CommonMark, and what cannot be switched off.
pub(crate) fn options() -> Options {
    Options {
        markdown: MarkdownConfig {
            render_emoji: false,
            external_links_class: None,
            external_links_target_blank: false,
            external_links_no_follow: false,
            external_links_no_referrer: false,
            external_links_external: false,
            smart_punctuation: false,
            definition_list: false,
            auto_group: false,
            bottom_footnotes: false,
            lazy_async_image: false,
            insert_anchor_links: AnchorLinks::None,
            github_alerts: false,
            autolinks: false,
            math: false,
            super_sub: false,
            wikilinks: false,
            raw_html: true,
            code: CodeConfig {
                highlight: false,
                error_on_missing_language: false,
                light_theme: String::new(),
                dark_theme: None,
                line_numbers: false,
                data_attributes: DataAttributes::Code,
                include_link: None,
            },
        },
        anchors: SlugMode::On,
        code: CodeOptions { highlight: false, check: Level::Off, ..CodeOptions::default() },
        take_title: false,
        pictures: false,
        drop_title: true,
    }
}

/// Sets what a line like `math = true` says.
pub(crate) fn set_option(options: &mut Options, line: &str) {
    let (key, value) =
        line.split_once('=').unwrap_or_else(|| panic!("expected `key = value`, found `{line}`"));
    let value = value.trim().trim_matches('"');
    let on = value == "true";
    let markdown = &mut options.markdown;
    match key.trim() {
        "render_emoji" => markdown.render_emoji = on,
        "external_links_class" => markdown.external_links_class = Some(value.to_owned()),
        "external_links_target_blank" => markdown.external_links_target_blank = on,
        "external_links_no_follow" => markdown.external_links_no_follow = on,
        "external_links_no_referrer" => markdown.external_links_no_referrer = on,
        "external_links_external" => markdown.external_links_external = on,
        "smart_punctuation" => markdown.smart_punctuation = on,
        "definition_list" => markdown.definition_list = on,
        "auto_group" => markdown.auto_group = on,
        "bottom_footnotes" => markdown.bottom_footnotes = on,
        "lazy_async_image" => markdown.lazy_async_image = on,
        "insert_anchor_links" => {
            markdown.insert_anchor_links = match value {
                "left" => AnchorLinks::Left,
                "right" => AnchorLinks::Right,
                "heading" => AnchorLinks::Heading,
                _ => AnchorLinks::None,
            }
        }
        "github_alerts" => markdown.github_alerts = on,
        "autolinks" => markdown.autolinks = on,
        "math" => markdown.math = on,
        "super_sub" => markdown.super_sub = on,
        "wikilinks" => markdown.wikilinks = on,
        "highlight" => options.code.highlight = on,
        "line_numbers" => options.code.line_numbers = on,
        "include_link" => markdown.code.include_link = Some(value.to_owned()),
        "raw_html" => markdown.raw_html = on,
        "take_title" => options.take_title = on,
        "pictures" => options.pictures = on,
        other => panic!("no option `{other}`"),
    }
}

/// The HTML with holes in braces.
pub(crate) fn debug_html(document: &Document) -> String {
    let mut out = String::new();
    let mut last = 0;
    for hole in &document.holes {
        out.push_str(&document.html[last..hole.at as usize]);
        last = hole.at as usize;
        match hole.kind {
            HoleKind::Link(i) => write!(out, "{{link:{}}}", document.links[i as usize].target),
            HoleKind::LinkTitle(i) => write!(out, "{{title:{}}}", document.links[i as usize].target),
            HoleKind::Open(i) => {
                let directive = &document.directives[i as usize];
                let label = directive.label.as_ref().map(|label| format!(" \"{label}\"")).unwrap_or_default();
                let arguments: String =
                    directive.arguments.iter().map(|(key, value)| format!(" {key}={value}")).collect();
                writeln!(out, "{{open {}{label}{arguments}}}", directive.name)
            }
            HoleKind::Close(i) => write!(out, "{{close {}}}", document.directives[i as usize].name),
            HoleKind::Anchor(i) => write!(out, "{{anchor:{}}}", document.headings[i as usize].id),
            HoleKind::Summary => write!(out, "{{summary}}"),
            HoleKind::Picture(i) => write!(out, "{{picture:{}}}", document.links[i as usize].target),
            HoleKind::PictureSize => write!(out, "{{size}}"),
            HoleKind::PictureEnd => write!(out, "{{picture end}}"),
        }
        .unwrap();
    }
    out.push_str(&document.html[last..]);
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// One problem a line: `line:column code: message (marked text)`, further
/// places and hints indented below.
pub(crate) fn problems(source: &Source, problems: &[Diagnostic]) -> String {
    let mut out = String::new();
    for problem in problems {
        let first = &problem.labels[0];
        let file = &first.source;
        let (line, column) = file.line_column(first.span.start as usize);
        let text = file.slice(first.span).lines().next().unwrap_or("");
        if file.path != source.path {
            write!(out, "{}:", file.path).unwrap();
        }
        writeln!(out, "{line}:{column} {}: {} ({text})", problem.code, problem.message).unwrap();
        for label in &problem.labels[1..] {
            let (line, column) = source.line_column(label.span.start as usize);
            writeln!(out, "  {line}:{column} {}", label.text).unwrap();
        }
        for hint in &problem.hints {
            writeln!(out, "  hint: {hint}").unwrap();
        }
    }
    out
}

/// What else is known of a document.
pub(crate) fn facts(source: &Source, document: &Document) -> String {
    let place = |span: Span| {
        let (line, column) = source.line_column(span.start as usize);
        format!("{line}:{column} `{}`", source.slice(span).escape_debug())
    };
    let mut out = String::new();
    if let Some(title) = &document.title {
        writeln!(out, "title {:?} at {}", title.text, place(title.span)).unwrap();
    }
    for heading in &document.headings {
        writeln!(
            out,
            "heading {} {:?} #{} at {}",
            heading.level,
            heading.title,
            heading.id,
            place(heading.span)
        )
        .unwrap();
    }
    for link in &document.links {
        writeln!(out, "{:?} {:?} at {}", link.kind, link.target, place(link.span)).unwrap();
    }
    for id in &document.ids {
        writeln!(out, "id {id}").unwrap();
    }
    for directive in &document.directives {
        writeln!(out, "directive {} at {}", directive.name, place(directive.span)).unwrap();
    }
    for snippet in &document.snippets {
        writeln!(out, "snippet {:?} at {}", snippet.language, place(snippet.span)).unwrap();
    }
    writeln!(out, "words {}", document.word_count).unwrap();
    out
}
