//! Hostile and odd sites through whole builds: nothing gets out of its place,
//! nothing ends the process, and the same input gives the same bytes.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests are tests too")]

#[path = "support/memory.rs"]
mod memory;
#[path = "support/pathological.rs"]
mod pathological;
#[path = "support/strict.rs"]
mod strict;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

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
    for depth in [100_000] {
        for opening in [
            "> ",
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
