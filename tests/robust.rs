//! Hostile and odd sites through whole builds: nothing gets out of its place,
//! nothing ends the process, and the same input gives the same bytes.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

#[path = "support/memory.rs"]
mod memory;
#[path = "support/strict.rs"]
mod strict;

use std::collections::BTreeMap;

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
