//! Hostile and odd sites through whole builds: nothing gets out of its place,
//! nothing ends the process, and the same input gives the same bytes.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests are tests too")]
#![expect(clippy::disallowed_methods, reason = "the source is read")]

#[path = "support/memory.rs"]
mod memory;
#[path = "support/pathological.rs"]
mod pathological;
#[path = "support/samples.rs"]
mod samples;
#[path = "support/strict.rs"]
mod strict;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use juxta::base::paths::FilePath;
use juxta::config::Config;
use juxta::read::files::{Entry, FileError, Files, MemoryFiles};
use juxta::render::shared::SharedFiles;
use proptest::prelude::*;

use memory::{Outcome, build_site};

// Payloads: what is written in one place must not become markup in another.

/// What is written in every place an author can write to.
const PAYLOADS: &[&str] = &[
    "harmless",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "]]>",
    "</title><svg onload=alert(1)>",
    "--><b>x</b><!--",
    "&",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ 7777*7777 }}",
    "\u{1}\u{2}\u{8}\u{b}\u{c}\u{e}\u{1b}\u{1f}\u{7f}\u{9f}\0",
    "a\u{2028}b\u{2029}c\u{feff}d\u{fffe}\u{ffff}",
    "javascript:alert(1)",
    "</script><script>alert(1)</script>",
    "\\\" onclick=alert(1) x=\\\"",
];

/// As a basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// With a backslash before every sign that means something to Markdown.
fn literal(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// What payloads may give rise to: formulas, and blocks with less than usual.
const RICH: &str = "$1 < 2 (a) [a] / - x$\n\n```\nx\n```\n\n```js /x/\nx\n```\n";

/// The payload in every field of front matter and configuration, and in every
/// corner of Markdown, both as it is and escaped so that it gets through.
fn hostile_site(payload: &str) -> Vec<(String, String)> {
    let (toml, text) = (quoted(payload), literal(payload));
    let term = quoted(&format!("a {payload} b"));
    let (alias, path) = (quoted(&format!("l {payload}")), quoted(&format!("p {payload}")));
    let address = quoted(&format!("https://example.com/{payload}"));
    let attribute = payload.replace('\\', "\\\\").replace('"', "\\\"");
    let page = |title: &str, fields: &str, body: &str| {
        format!("+++\ntitle = {title}\ndate = 2026-01-02\n{fields}\n+++\n{body}\n")
    };
    let mut files = vec![
        (
            "juxta.toml",
            format!(
                "base_url = \"https://example.com/sub\"\ntitle = {toml}\ndescription = {toml}\nauthor = {toml}\n\
                 generate_feeds = true\nfeed_filenames = [\"atom.xml\", \"rss.xml\"]\n\
                 taxonomies = [{{ name = \"tags\", feed = true }}]\n[markdown]\nraw_html = false\nmath = true\n\
                 insert_anchor_links = \"right\"\nexternal_links_class = {toml}\n\
                 [extra]\nedit_url = {address}\n[[extra.nav]]\nname = {toml}\nurl = \"/a/\"\n\
                 [[extra.footer_links]]\nname = {toml}\nurl = \"/a/\"\n\
                 [extra.words.en]\nmenu = {toml}\ncopy = {toml}\nnote = {toml}\nanchor = {toml}\nskip = {toml}\ntoc = {toml}\n"
            ),
        ),
        ("content/_index.md", format!("+++\ntitle = {toml}\ndescription = {toml}\n+++\n")),
        ("content/s/_index.md", format!("+++\ntitle = {toml}\ndescription = {toml}\n+++\n{text}\n")),
        ("content/a.md", page("\"A\"", "", "# A\n")),
        ("content/s/title.md", page(&toml, &format!("description = {toml}\nauthors = [{toml}]"), "")),
        ("content/s/term.md", page("\"T\"", &format!("[taxonomies]\ntags = [{term}]"), "")),
        ("content/s/extra.md", page("\"E\"", &format!("[extra]\nx = {toml}"), "{{ page.extra.x }} [{{ page.extra.x }}](@/a.md)")),
        ("content/s/summary.md", page("\"S\"", "", &format!("{text}\n\n<!-- more -->\n\n{text}"))),
        ("content/s/heading.md", page("\"H\"", "", &format!("## {text}\n\n## {payload}\n\n## H {{#{payload}}}\n\n## H {{.{payload}}}"))),
        (
            "content/s/fence.md",
            page(
                "\"F\"",
                "",
                &format!(
                    "```js title=\"{attribute}\"\nx\n```\n\n```js [{payload}]\nx\n```\n\n```{payload}\nx\n```\n\n~~~{payload} {{{payload}}}\n{payload}\n~~~\n\n    {payload}\n\n`{payload}`\n\n```js {{title=\"{attribute}\" class=\"{attribute}\" id=\"{attribute}\"}}\nx\n```\n\n```js data-x=\"{attribute}\" onclick=\"{attribute}\"\n{payload}\n```"
                ),
            ),
        ),
        (
            "content/s/link.md",
            page(
                "\"L\"",
                "",
                &format!(
                    "[a](@/a.md \"{text}\") [a](@/a.md \"{payload}\") [{text}](@/a.md) [{payload}](@/a.md) [[{payload}]]\n\n<https://example.com/{payload}> https://example.com/{payload}"
                ),
            ),
        ),
        ("content/s/target.md", page("\"L\"", "", &format!("[a]({text}) [a](<{text}>) [a](https://example.com/?{text})\n\n[r]\n\n[r]: <{text}> \"{text}\""))),
        ("content/s/image.md", page("\"I\"", "", &format!("![{text}](/pic.png \"{text}\") ![{payload}](/pic.png) ![{payload}](https://example.com/{text})"))),
        (
            "content/s/directive.md",
            page(
                "\"D\"",
                "",
                &format!(
                    "::: note \"{attribute}\"\nx\n:::\n\n::: note {{#{payload}}}\nx\n:::\n\n::: note id=\"{attribute}\" class=\"{attribute}\"\nx\n:::\n\n:::tip {text}\nx\n:::\n\n:::warning[{text}]\nx\n:::\n\n<!-- details \"{attribute}\" -->\nx\n<!-- /details -->\n\n> [!NOTE]- {text}\n> x\n\n::: note \"A\"\n{payload}\n:::"
                ),
            ),
        ),
        ("content/s/unknown.md", page("\"D\"", "", &format!("::: {payload}\nx\n:::"))),
        (
            "content/s/inline.md",
            page(
                "\"M\"",
                "",
                &format!(
                    "{payload}\n\n| a | b |\n|---|---|\n| {text} | {payload} |\n\nx[^1] ${payload}$ $${text}$$ ~~{text}~~ *{payload}*\n\n[^1]: {text}\n\n- [ ] {payload}\n- {text}\n\n> {payload}"
                ),
            ),
        ),
        ("content/s/alias.md", page("\"R\"", &format!("aliases = [{alias}]"), "")),
        ("content/s/slug.md", page("\"R\"", &format!("slug = {term}"), "")),
        ("content/s/path.md", page("\"R\"", &format!("path = {path}"), "")),
        ("content/r/_index.md", format!("+++\nredirect_to = {toml}\n+++\n")),
        ("content/s/rich.md", page("\"M\"", "", RICH)),
        ("static/pic.png", String::new()),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text))
    .collect::<Vec<_>>();
    // Names with control characters or a backslash are refused where files are found.
    let name = payload.replace(|c: char| matches!(c, '/' | '\\') || c.is_control(), "_");
    files.push((format!("content/s/n {name}.md"), page("\"N\"", "", "")));
    files.push((format!("content/f {name}/_index.md"), "# F\n".to_owned()));
    files.push((format!("content/f {name}/x {name}.txt"), "x".to_owned()));
    files.push((format!("static/n {name}.txt"), "x".to_owned()));
    files
}

/// Structure of all HTML outputs; panics where it is not sound.
fn signatures(payload: &str, outcome: &Outcome) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut check = |name: &str, html: &str| {
        let elements = strict::elements(html).unwrap_or_else(|why| panic!("{payload:?} {name}: {why}"));
        for element in elements {
            for key in ["href", "src", "action", "formaction", "data", "content"] {
                let address = element.attribute(key).unwrap_or("");
                assert!(!strict::runs(address) || key == "content", "{payload:?} {name}: {element:?}");
            }
            assert!(
                element.attributes.iter().all(|(name, _)| !name.starts_with("on")),
                "{name}: {element:?}"
            );
            found.insert(element.signature(), name.to_owned());
        }
    };
    for (name, bytes) in &outcome.outputs {
        if bytes.is_empty() || name.ends_with(".txt") && !name.ends_with("robots.txt") {
            continue;
        }
        // Shards of the search index are no text.
        if name.starts_with("search/s/") && name.ends_with(".bin") {
            continue;
        }
        let text = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{name} is not UTF-8"));
        let bad = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
        assert!(!text.contains(bad), "{payload:?} {name}: a control character");
        if name.ends_with(".html") {
            check(name, text);
        } else if name.ends_with(".xml") {
            let xml = roxmltree::Document::parse(text);
            let xml = xml.unwrap_or_else(|why| panic!("{payload:?} {name}: {why}\n{text}"));
            for node in xml.descendants().filter(|node| node.is_element()) {
                let attribute = |key: &str| node.attribute(key).unwrap_or("");
                assert!(!strict::runs(attribute("href")), "{payload:?} {name}: {node:?}");
                let in_item = node.parent().is_some_and(|parent| parent.tag_name().name() == "item");
                let is_html =
                    attribute("type") == "html" || in_item && node.tag_name().name() == "description";
                if let (true, Some(html)) = (is_html, node.text()) {
                    check(name, html);
                }
            }
        }
    }
    found
}

#[test]
fn nothing_that_is_written_becomes_markup() {
    let baseline = build_site(&hostile_site("harmless"));
    let known = signatures("harmless", &baseline);
    for payload in &PAYLOADS[1..] {
        let outcome = build_site(&hostile_site(payload));
        let mut unknown = signatures(payload, &outcome);
        unknown.retain(|signature, _| !known.contains_key(signature));
        assert!(unknown.is_empty(), "{payload:?}: {unknown:?}");
        assert!(outcome.outputs.len() > 35, "{payload:?}: {}", outcome.told());
        let data = ["404.html", "s/title/index.html", "s/summary/index.html", "atom.xml"];
        for output in if payload.contains("7777") { &data[..2] } else { &data } {
            let text = outcome.text(output);
            assert!(!text.contains("60481729"), "{output}: data was taken for a template");
        }
    }
}

// Hostile input: a diagnostic or a page, never an end of the process.

/// Runs on threads with a stack of 1 MiB, as many as given.
fn on_small_stacks<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(1 << 20);
    pool.build().unwrap().install(run)
}

/// Builds a site with the page `content/a.md`, on small stacks.
fn build_page(text: impl Into<String>) -> Outcome {
    let files = [("juxta.toml", ALL_OPTIONS.to_owned()), ("content/a.md", text.into())];
    on_small_stacks(2, || build_site(&files))
}

const ALL_OPTIONS: &str = "[markdown]\nrender_emoji = true\nsmart_punctuation = true\ndefinition_list = true\n\
     github_alerts = true\nautolinks = true\nmath = true\nsuper_sub = true\nwikilinks = true\n";

#[test]
fn pathological_markdown_is_built_on_a_small_stack() {
    for (name, text) in pathological::cases() {
        let start = Instant::now();
        let outcome = build_page(text);
        assert!(!outcome.errors().contains(&"internal-error"), "{name}: {}", outcome.told());
        // Generous: a debug build on a busy machine.
        assert!(start.elapsed() < Duration::from_secs(10), "{name}: {:?}", start.elapsed());
    }
}

#[test]
fn depth_costs_no_stack() {
    for depth in [50_000] {
        for opening in [
            "> ",
            "`{{` ",
            "\n```\n{{\n```\n",
            "{# ",
            "[a](@/a.md) ",
            "## Same\n",
            "- ",
            "<div>",
            "*a **a ",
            "[a",
            "![a",
            "::: note\n",
            "> [!NOTE]\n> ",
            "{{ [",
            "{% if x %}",
            "{{ (",
            "{{ not ",
        ] {
            let start = Instant::now();
            let outcome = build_page(format!("# T\n\n{}", opening.repeat(depth)));
            assert!(start.elapsed() < Duration::from_secs(10), "{opening}: {:?}", start.elapsed());
            assert!(!outcome.errors().contains(&"internal-error"), "{opening}: {}", outcome.told());
        }
    }
}

#[test]
fn long_chains_in_expressions_cost_no_stack() {
    for (start, link) in [
        ("1", " + 1"),
        ("page", ".a"),
        ("page", "[0]"),
        ("'a'", " | upper"),
        ("'a'", " ~ 'a'"),
        ("1", " and 1"),
        ("1", " if 1 else 1"),
        ("page", "?.a"),
    ] {
        let begun = Instant::now();
        let outcome = build_page(format!("# T\n\n{{{{ {start}{} }}}}", link.repeat(100_000)));
        assert_eq!(outcome.errors(), ["template-syntax"], "{link}: {}", outcome.told());
        assert!(begun.elapsed() < Duration::from_secs(5), "{link}: {:?}", begun.elapsed());
    }
}

#[test]
fn hostile_front_matter_is_told() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    let cases = [
        (format!("+++\nextra = {}\n+++\n", deep("[", "]")), "too-deep"),
        (format!("+++\nextra = {}\n+++\n", deep("{a=", "}")), "too-deep"),
        (format!("+++\n{}\n+++\n", "[a.b.c.d.e.f]\n".repeat(2_000)), "duplicate-key unknown-key"),
        (format!("+++\nextra.{} = 1\n+++\n", "a.".repeat(20_000)), "too-deep"),
        (format!("---\nextra: {}\n---\n", deep("[", "]")), "too-deep wrong-type"),
        (format!("---\nextra: {}\n---\n", deep("{a: ", "}")), "too-deep"),
        (format!("---\n{}\n---\n", "- ".repeat(20_000)), ""),
        (
            format!("---\nextra: &a [x]\ny: [{}]\n---\n", "*a,".repeat(10_000)),
            "bad-yaml unknown-key wrong-type",
        ),
        ("---\na: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n---\n".to_owned(), "bad-yaml unknown-key"),
        ("---\n<<: {title: x}\n---\n".to_owned(), "bad-yaml"),
        ("---\ntitle: !!python/object x\n---\n".to_owned(), "bad-yaml"),
        ("---\ntitle: x\ntitle: y\n---\n".to_owned(), "duplicate-key"),
        ("+++\ntitle = \"x\"\ntitle = \"y\"\n+++\n".to_owned(), "duplicate-key"),
        ("+++\ndate = 2026-13-45\n+++\n".to_owned(), "bad-date"),
        ("+++\ndate = \"9999999999-01-01\"\n+++\n".to_owned(), "bad-date"),
        (format!("+++\ndate = \"{}\"\n+++\n", "(".repeat(60_000)), "bad-date"),
        (format!("+++\ntitle = \"{}\"\n+++\n", "x".repeat(70_000)), "front-matter-too-large"),
        ("+++\nweight = 99999999999999999999999\n+++\n".to_owned(), "bad-toml"),
        ("+++\npaginate_by = -1\n+++\n".to_owned(), "unknown-key"),
        ("+++\ntemplate = \"../../../etc/passwd\"\n+++\n".to_owned(), "missing-template"),
        ("+++\npath = \"../../x\"\n+++\n".to_owned(), "bad-value"),
        ("+++\nslug = \"a/../../b\"\n+++\n".to_owned(), "bad-value"),
        ("+++\naliases = [\"/../../x\"]\n+++\n".to_owned(), "bad-value"),
        ("+++\n".to_owned(), "unclosed-front-matter"),
        ("+++\n+++".to_owned(), ""),
        ("---".to_owned(), ""),
        ("+++\ntitle = \"\\uD800\"\n+++\n".to_owned(), "bad-toml"),
        ("+++\0\n+++\n".to_owned(), ""),
        ("\u{feff}\r\n+++\r\ntitle = 1\r\n+++\r\n".to_owned(), "wrong-type"),
    ];
    for (text, expected) in cases {
        let shown: String = text.chars().take(60).collect();
        let start = Instant::now();
        let outcome = build_page(text);
        assert_eq!(outcome.errors().join(" "), expected, "{shown:?}: {}", outcome.told());
        assert!(start.elapsed() < Duration::from_secs(2), "{shown}: {:?}", start.elapsed());
    }
}

/// Builds a site of one page with these templates and other files.
fn build_with(files: &[(&str, &str)]) -> Outcome {
    let mut all =
        vec![("juxta.toml", "[limits]\nrender_seconds = 1\noutput = 100000\n"), ("content/a.md", "# A\n")];
    all.retain(|(path, _)| files.iter().all(|(other, _)| other != path));
    all.extend(files);
    on_small_stacks(2, || build_site(&all))
}

#[test]
fn templates_have_budgets() {
    let nested = "{% for a in range(end=100000) %}{% for b in range(end=100000) %}";
    let ends = "{% endfor %}{% endfor %}";
    let cases = [
        ("size", format!("{nested}a long line of text that is printed{ends}"), "render-limit"),
        ("time", format!("{nested}{{{{ '' }}}}{ends}"), "render-limit"),
        ("silent", format!("{nested}{{% set x = a + b %}}{ends}"), "render-limit"),
        ("set", format!("{{% set x %}}{nested}text{ends}{{% endset %}}"), "render-limit"),
        ("filter", format!("{{% filter upper %}}{nested}text{ends}{{% endfilter %}}"), "render-limit"),
        ("range", "{% for a in range(end=100001) %}{% endfor %}".to_owned(), "template-error"),
        ("itself", "{% include 'page.html' %}".to_owned(), "template-cycle"),
        (
            "component",
            "{{ <x /> }}{% component x() %}".to_owned()
                + nested
                + "{% set x = 1 %}"
                + ends
                + "{% endcomponent x %}",
            "render-limit",
        ),
        ("throw", "{{ throw(message='no') }}".to_owned(), "template-error"),
        ("zero", "{{ 1 / 0 }}".to_owned(), "template-error"),
        (
            "overflow",
            "{{ 9223372036854775807 * 9223372036854775807 * 9223372036854775807 }}".to_owned(),
            "template-error",
        ),
        ("outside", "{{ load_data(path='../../secret.txt') }}".to_owned(), "template-error"),
        ("network", "{{ load_data(url='https://example.com') }}".to_owned(), "template-error"),
        ("deep list", format!("{{{{ {}1{} }}}}", "[".repeat(50_000), "]".repeat(50_000)), "template-syntax"),
    ];
    for (name, template, expected) in &cases {
        let start = Instant::now();
        let outcome = build_with(&[("templates/page.html", template)]);
        assert_eq!(outcome.errors(), [*expected], "{name}: {}", outcome.told());
        assert!(start.elapsed() < Duration::from_secs(8), "{name}: {:?}", start.elapsed());
    }
}

/// A chain of templates in which each includes the next.
fn chain(length: usize) -> Outcome {
    let mut files = vec![("content/a.md".to_owned(), "# A\n".to_owned())];
    files.push(("templates/page.html".to_owned(), "{% include 'i1.html' %}".to_owned()));
    for i in 1..length {
        let text = format!("{i}{{% include 'i{}.html' %}}", i + 1);
        files.push((format!("templates/i{i}.html"), text));
    }
    files.push((format!("templates/i{length}.html"), "the end".to_owned()));
    on_small_stacks(2, || build_site(&files))
}

#[test]
fn includes_have_a_depth() {
    assert!(chain(60).text("a/index.html").ends_with("the end"));
    for length in [100, 2_000] {
        assert_eq!(chain(length).errors(), ["include-too-deep"]);
    }
}

#[test]
fn components_that_call_each_other_are_told() {
    let cases = [
        "{% component a() %}{{ <a /> }}{% endcomponent a %}",
        "{% component a() %}{{ <b /> }}{% endcomponent a %}{% component b() %}{{ <a /> }}{% endcomponent b %}",
        "{% component a() %}{% <a> %}{{ <a /> }}{% </a> %}{% endcomponent a %}",
    ];
    for components in cases {
        let files =
            [("templates/own.html", components), ("content/a.md", "# A\n\n::: a\nx\n:::\n\n{{ <a /> }}\n")];
        let outcome = on_small_stacks(2, || build_site(&files));
        assert!(outcome.errors().iter().all(|code| code.starts_with("template-")), "{}", outcome.told());
        assert!(!outcome.errors().is_empty());
    }
}

#[test]
fn data_files_are_bounded() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    let cases = [
        ("deep.json", deep("[", "]")),
        ("deep.yaml", deep("[", "]")),
        ("deep.toml", format!("a = {}", deep("[", "]"))),
        ("tables.toml", format!("a = {}", deep("{a=", "}"))),
        ("dashes.yaml", "- ".repeat(100_000)),
        ("bomb.yaml", "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n".to_owned()),
        ("many.json", format!("[{}1]", "1,".repeat(2_000_000))),
        ("twice.json", "{\"a\":1,\"a\":2}".to_owned()),
        ("cut.json", "{\"a\":".to_owned()),
        ("uneven.csv", "a,b\n1\n".to_owned()),
        ("nul.toml", "a = \"\0\"".to_owned()),
    ];
    for (name, text) in &cases {
        let page = format!("# A\n\n{{{{ load_data(path='data/{name}') | length }}}}\n");
        let data = format!("data/{name}");
        let outcome = build_with(&[("content/a.md", &page), (&data, text)]);
        assert_eq!(outcome.errors(), ["template-error"], "{name}: {}", outcome.told());
        assert!(outcome.told().contains(name), "{}", outcome.told());
    }
}

#[test]
fn bytes_that_are_no_text_are_told_with_their_file() {
    let bad: &[u8] = b"a\xffb\xc3\x28\xed\xa0\x80";
    let files: Vec<(&str, &[u8])> = vec![
        ("content/a.md", bad),
        ("content/_index.md", bad),
        ("content/s/_index.md", b"+++\ntitle = \"\xff\"\n+++\n"),
        ("content/utf16.md", b"\xff\xfe#\0 \0A\0"),
        ("templates/page.html", bad),
        ("themes/t/theme.toml", bad),
        ("content/data.md", b"# D\n\n{{ load_data(path='data/x.json') }}\n"),
        ("data/x.json", bad),
        ("static/x.bin", bad),
        ("content/s/asset.bin", bad),
    ];
    let outcome = on_small_stacks(2, || build_site(&files));
    for (path, _) in &files[..5] {
        assert!(outcome.told().contains(path), "{path}: {}", outcome.told());
    }
    assert!(!outcome.errors().contains(&"internal-error"), "{}", outcome.told());
    assert!(outcome.errors().contains(&"invalid-utf8"), "{}", outcome.told());

    let outcome = build_page("# N\0UL\n\na\0b `c\0d`\n\n```js\ne\0f\n```\n\n[g\0](https://example.com/\0)\n");
    assert_eq!(outcome.errors(), [""; 0], "{}", outcome.told());
    assert!(!outcome.text("a/index.html").contains('\0'));
}

#[test]
fn components_and_includes_multiply() {
    let mut files = vec![
        ("content/a.md".to_owned(), "# A\n\n::: a\nx\n:::\n".to_owned()),
        (
            "templates/own.html".to_owned(),
            "{% component a() %}{% include 'i1.html' %}{% endcomponent a %}".to_owned(),
        ),
    ];
    for i in 1..60 {
        files.push((format!("templates/i{i}.html"), format!("{{% include 'i{}.html' %}}", i + 1)));
    }
    files.push(("templates/i60.html".to_owned(), "{{ <a /> }}".to_owned()));
    assert_eq!(build_site(&files).errors(), ["template-error"]);
}

// Determinism and the rest of what holds for every site.

/// Files whose listings come in the reverse order.
struct Reversed(MemoryFiles);

impl Files for Reversed {
    fn read(&self, path: &FilePath, limit: u64) -> Result<Arc<[u8]>, FileError> {
        self.0.read(path, limit)
    }

    fn walk(&self, folder: &FilePath) -> (Vec<Entry>, Vec<(String, FileError)>) {
        let (mut entries, mut problems) = self.0.walk(folder);
        entries.reverse();
        problems.reverse();
        (entries, problems)
    }

    fn stamp(&self, path: &FilePath) -> Option<juxta::read::files::Stamp> {
        self.0.stamp(path)
    }

    fn exists(&self, path: &FilePath) -> bool {
        self.0.exists(path)
    }
}

fn reversed(files: &[(String, String)]) -> SharedFiles {
    let files = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
    Arc::new(Reversed(MemoryFiles::new(files)))
}

#[test]
fn threads_and_order_change_no_byte() {
    let sample = samples::sample(24, 0);
    let config = memory::config_of(Some(&sample[0].1)).0;
    let expected = build_site(&sample);
    assert_eq!(expected.errors(), [""; 0], "{}", expected.told());
    for threads in [1, 8] {
        let outcome = on_small_stacks(threads, || build_site(&sample));
        samples::assert_same(&format!("{threads} threads"), &expected.outputs, &outcome.outputs);
    }
    let others = memory::build_from(&reversed(&sample), &config);
    samples::assert_same("reversed listings", &expected.outputs, &others.outputs);

    // Problems too come in one order.
    let broken: Vec<(String, String)> = sample
        .iter()
        .map(|(path, text)| (path.clone(), format!("{text}\n\n[x](@/gone.md) [y](#gone)\n")))
        .filter(|(path, _)| path.ends_with(".md"))
        .collect();
    let told = build_site(&broken).told();
    assert!(told.lines().count() > 40, "{told}");
    assert_eq!(on_small_stacks(8, || build_site(&broken)).told(), told);
    let others = memory::build_from(&reversed(&broken), &Config::default());
    assert_eq!(others.told(), told);
}

#[test]
fn only_the_server_and_the_command_line_reach_out() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(&source).into_iter().map(Result::unwrap) {
        let path = entry.path().strip_prefix(&source).unwrap().to_string_lossy().into_owned();
        if !path.ends_with(".rs") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for word in [
            "std::net",
            "tokio",
            "axum",
            "process::Command",
            "TcpStream",
            "SystemTime::now",
            "ureq",
            "reqwest",
        ] {
            if text.contains(word) {
                found.push(format!("{path}: {word}"));
            }
        }
    }
    // `check --run` starts what the author asks for; it opens no connection.
    found.retain(|line| !line.starts_with("serve/") && line != "run/sandbox.rs: process::Command");
    assert_eq!(found, [""; 0]);
}

/// Every address in HTML leads to an output, and every fragment to an id.
fn assert_links_resolve(outcome: &Outcome) {
    let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut links = Vec::new();
    for (name, bytes) in outcome.outputs.iter().filter(|(name, _)| name.ends_with(".html")) {
        let html = std::str::from_utf8(bytes).unwrap();
        let elements = strict::elements(html).unwrap_or_else(|why| panic!("{name}: {why}\n{html}"));
        for element in elements {
            if let Some(id) = element.attribute("id") {
                assert!(ids.entry(name).or_default().insert(id.to_owned()), "{name}: the id `{id}` twice");
            }
            for key in ["href", "src"] {
                links.extend(element.attribute(key).map(|address| (name.as_str(), address.to_owned())));
            }
        }
    }
    for (name, address) in links {
        if name == "404.html" || address.contains("//") || address.starts_with("mailto:") {
            continue;
        }
        let (path, fragment) = address.split_once('#').unwrap_or((&address, ""));
        let path = path.split('?').next().unwrap();
        let mut parts: Vec<&str> = name.split('/').collect();
        let target = if path.is_empty() {
            name.to_owned()
        } else {
            parts.pop();
            for part in path.split('/') {
                match part {
                    "" | "." => {}
                    ".." => assert!(parts.pop().is_some(), "{name}: {address} leads out"),
                    part => parts.push(part),
                }
            }
            if path.ends_with('/') || path.ends_with("..") || path == "." {
                parts.push("index.html");
            }
            juxta::base::paths::percent_decode(&parts.join("/")).unwrap()
        };
        assert!(outcome.outputs.contains_key(&target), "{name}: {address} leads to no output ({target})");
        let fragment = juxta::base::paths::percent_decode(fragment).unwrap();
        let known = || ids.get(target.as_str()).is_some_and(|ids| ids.contains(&fragment));
        assert!(fragment.is_empty() || known(), "{name}: {address} has no such id");
    }
}

/// Pieces of Markdown that mean something together.
const PIECES: &[&str] = &[
    "word",
    " ",
    "\n",
    "\n\n",
    "## Head",
    "### Other head",
    "*em*",
    "**",
    "`code`",
    "[",
    "](@/p0.md)",
    "](@/p1.md#head)",
    "[a](@/p2.md)",
    "[b](p3.md)",
    "[c](#head)",
    "[d](@/s/_index.md)",
    "![e](/x.svg)",
    "<div>",
    "</div>",
    "<br>",
    "```js\n",
    "```\n",
    "let x = 1 // [!code ++]\n",
    "~~~py title=\"a\" {1}\n",
    "~~~\n",
    "::: note \"L\" {#n}\n",
    "::: tip\n",
    ":::: details T\n",
    ":::\n",
    "::::\n",
    "<!-- note -->\n",
    "<!-- /note -->\n",
    "> [!TIP]\n",
    "> ",
    "- ",
    "1. ",
    "- [ ] ",
    "| a | b |\n|---|---|\n| 1 | 2 |\n",
    "[^1]",
    "[^1]: Foot.\n",
    "<!-- more -->\n",
    "{{ 1 + 1 }}",
    "{% if true %}",
    "{% endif %}",
    "{{",
    "}}",
    "$x$",
    "https://example.com/a",
    "&amp;",
    "é😀",
    "::: figure\n",
    "::: card-grid\n",
    "::: card \"[C](@/p0.md)\"\n",
    "===\n",
    "---\n",
    "    indented\n",
    "\t",
    "\\",
];

fn text_of_pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..25).prop_map(|pieces| pieces.concat())
}

/// Blocks that are sound on their own.
const BLOCKS: &[&str] = &[
    "Words and *more* **words** with `code`, é 😀 &amp; <b>.\n",
    "## Head\n",
    "### Part {.wide}\n",
    "See [a](@/p0.md), [b](@/p1.md#head), [c](#head), [d](@/s/_index.md) and <https://example.com>.\n",
    "![a picture](/x.svg \"T\") [ref]\n\n[ref]: @/p2.md \"R\"\n",
    "- one\n- [x] two\n\n  more\n",
    "7. seven\n8. eight\n",
    "| a | b |\n|:-:|---|\n| 1 | `2` |\n",
    "```js title=\"a <b>\" {1} ins={2}\nlet x = 1 // [!code highlight]\ny()\n```\n",
    "```python showLineNumbers\nprint(f\"{{ no }}\")\n```\n",
    "    indented code\n",
    "> [!WARNING] Title\n> text\n",
    "$a < b$ and $$\\frac{1}{2}$$\n",
    "<!-- tip \"T\" -->\n\ntext\n\n<!-- /tip -->\n",
    "***\n",
    "~~gone~~ H<sub>2</sub>O<br>\n",
];

/// Lines behind a prefix, the first behind another.
fn behind(first: &str, others: &str, text: &str) -> String {
    let lines = text.lines().enumerate();
    lines.map(|(i, line)| format!("{}{line}\n", if i == 0 { first } else { others })).collect()
}

fn sound_text() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(BLOCKS).prop_map(str::to_owned);
    let block = leaf.prop_recursive(4, 24, 4, |inner| {
        let names = prop::sample::select(&["note", "details", "figure", "card-grid", "caution"][..]);
        (prop::collection::vec(inner, 1..4), 0..4, names).prop_map(|(blocks, wrap, name)| {
            let text = blocks.join("\n");
            let longest = (3..30).rev().find(|n| text.contains(&":".repeat(*n))).unwrap_or(2);
            let colons = ":".repeat(longest + 1);
            match wrap {
                0 => behind("> ", "> ", &text),
                1 => behind("- ", "  ", &text),
                _ => format!("{colons} {name} \"A *label*\"\n{text}\n{colons}\n"),
            }
        })
    });
    prop::collection::vec(block, 0..5).prop_map(|blocks| blocks.join("\n"))
}

/// A site of four pages and a section.
fn small_site(bodies: &[String], base: &str, anchors: &str) -> Vec<(String, String)> {
    let config =
        format!("{base}[markdown]\nraw_html = false\nmath = true\ninsert_anchor_links = \"{anchors}\"\n");
    let mut files = vec![
        ("juxta.toml".to_owned(), config),
        ("static/x.svg".to_owned(), "<svg/>".to_owned()),
        ("content/s/_index.md".to_owned(), format!("# S\n\n## Head\n\n{}", bodies[0])),
    ];
    for (i, body) in bodies[1..].iter().enumerate() {
        files.push((format!("content/p{i}.md"), format!("# P{i}\n\n## Head\n\n{body}")));
    }
    files
}

const BASES: &[&str] =
    &["", "base_url = \"https://example.com\"\n", "base_url = \"https://example.com/a/b\"\n"];
const ANCHORS: &[&str] = &["none", "left", "heading"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_sound_site_has_sound_pages_whose_links_resolve(
        bodies in prop::collection::vec(sound_text(), 5),
        base in prop::sample::select(BASES),
        anchors in prop::sample::select(ANCHORS),
    ) {
        let files = small_site(&bodies, base, anchors);
        let outcome = build_site(&files);
        prop_assert_eq!(outcome.errors(), Vec::<&str>::new(), "{}", outcome.told());
        assert_links_resolve(&outcome);
        samples::assert_same("twice", &outcome.outputs, &build_site(&files).outputs);
    }

    #[test]
    fn any_site_is_told_the_same_twice(
        bodies in prop::collection::vec(text_of_pieces(), 5),
        anchors in prop::sample::select(ANCHORS),
    ) {
        let files = small_site(&bodies, "", anchors);
        let outcome = build_site(&files);
        prop_assert!(!outcome.errors().contains(&"internal-error"), "{}", outcome.told());
        for (name, bytes) in outcome.outputs.iter().filter(|(name, _)| name.ends_with(".html")) {
            let html = std::str::from_utf8(bytes).unwrap();
            strict::elements(html).unwrap_or_else(|why| panic!("{name}: {why}\n{html}"));
        }
        let again = build_site(&files);
        prop_assert_eq!(again.told(), outcome.told());
        samples::assert_same("twice", &outcome.outputs, &again.outputs);
    }
}

#[test]
fn links_of_the_sample_resolve() {
    let outcome = build_site(&samples::sample(24, 0));
    assert_eq!(outcome.errors(), [""; 0], "{}", outcome.told());
    assert_links_resolve(&outcome);
}

#[test]
fn many_problems_are_told_in_time() {
    // FIXME: the time grows with the square of this number, mostly in the
    // search for near anchors and for places in expanded texts.
    let n = 400;
    let headings: String = (0..n).map(|i| format!("## Head {i}\n\n")).collect();
    let cases = [
        ("broken links", "[x](@/gone.md)\n\n".repeat(n)),
        ("broken links in an expanded text", format!("{{{{ 1 }}}}\n\n{}", "[x](@/gone.md)\n\n".repeat(n))),
        ("anchors", format!("{headings}{}", "[x](#hed-1)\n\n".repeat(n))),
        (
            "different anchors",
            headings.clone() + &(0..n).map(|i| format!("[x](#hed-{i})\n\n")).collect::<String>(),
        ),
        ("directives", "::: nope\nx\n:::\n\n".repeat(n)),
        ("arguments", "::: note x=1\nx\n:::\n\n".repeat(n)),
        ("closers", ":::\n\n".repeat(n)),
        ("fences", "```nolang\nx\n```\n\n".repeat(n)),
        ("attributes", "```js nope=1\nx\n```\n\n".repeat(n)),
        ("footnotes", (0..n).map(|i| format!("[^{i}]: x\n\n[^{i}]: y\n\n")).collect()),
        ("ids", "## H {#a}\n\n".repeat(n)),
        ("formulas", "$\\nope$\n\n".repeat(n)),
        ("schemes", "[x](javascript:x)\n\n".repeat(n)),
    ];
    for (name, text) in cases {
        let start = Instant::now();
        let outcome = build_page(format!("# T\n\n{text}"));
        assert!(outcome.problems.len() >= n - 1, "{name}: {}", outcome.told());
        juxta::report::render(&outcome.problems, juxta::report::Format::Text, false);
        assert!(start.elapsed() < Duration::from_secs(5), "{name}: {:?}", start.elapsed());
    }
}
