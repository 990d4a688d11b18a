//! Search: words of texts, the files of an index, and what is found with them.
//!
//! - `tests/search/words.txt`: a text, a tab, its words (parts in brackets). The
//!   program and the theme's script must give the same.
//! - `tests/search/queries.txt`: a query, a tab, the page of this repository's
//!   own site that has to come first.
//!
//! What runs the script is passed over where there is no Node.js.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "helpers of tests are tests too"
)]
#![expect(clippy::disallowed_methods, reason = "the script is run, files are read")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use juxta::search::page::{About, Depth, Section, read};
use juxta::search::tokens::words;
use support::site::{SiteTest, files_in};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Lines of a table: text and what is expected.
fn table(name: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join("tests/search").join(name)).unwrap();
    let lines = text.lines().map(|line| line.split_once('\t').expect("two columns"));
    lines.map(|(text, expected)| (text.to_owned(), expected.to_owned())).collect()
}

fn shown(text: &str) -> String {
    let word = |word: juxta::search::tokens::Word| match word.parts.is_empty() {
        true => word.whole,
        false => format!("{}({})", word.whole, word.parts.join(" ")),
    };
    words(text).into_iter().map(word).collect::<Vec<_>>().join(" ")
}

/// What a script prints; none where there is no Node.js.
fn node(folder: &Path, script: &str, arguments: &[&Path]) -> Option<String> {
    // A module has to be called one.
    let module = folder.join("juxta-search.mjs");
    std::fs::copy(root().join("themes/juxta/static/juxta-search.js"), &module).unwrap();
    let mut command = Command::new("node");
    command.arg(root().join("tests/search").join(script)).arg(&module).args(arguments);
    let Ok(output) = command.output() else {
        eprintln!("passed over: there is no `node`");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn words_are_those_of_the_table() {
    let wrong: Vec<String> = table("words.txt")
        .into_iter()
        .filter(|(text, expected)| shown(text) != *expected)
        .map(|(text, expected)| format!("{text}\n  expected {expected}\n  found    {}", shown(&text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every text of the table, and everything in the documentation: the more
/// different characters, the better.
#[test]
fn the_script_has_the_same_words() {
    let mut lines: Vec<String> = table("words.txt").into_iter().map(|(text, _)| text).collect();
    for folder in ["content", "tests/markdown"] {
        for (path, bytes) in files_in(&root().join(folder)) {
            if path.ends_with(".md") {
                lines.extend(String::from_utf8(bytes).unwrap().lines().map(str::to_owned));
            }
        }
    }
    // One of each kind of character, alone and between letters.
    for start in (0x20..0x1_1000_u32).step_by(7).chain((0x1_d400..0x2_0010).step_by(5)) {
        let Some(c) =
            char::from_u32(start).filter(|c| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}'))
        else {
            continue;
        };
        lines.push(format!("{c} a{c}B {c}{c}.{c}"));
    }
    let site = SiteTest::of(&[]);
    site.write("lines.txt", lines.join("\n"));
    let Some(output) = node(&site.root(), "words.mjs", &[&site.path("lines.txt")]) else { return };
    let wrong: Vec<String> = lines
        .iter()
        .zip(output.lines())
        .filter(|(line, found)| *found != "?" && shown(line) != **found)
        .map(|(line, found)| format!("{line:?}\n  program {}\n  script  {found}", shown(line)))
        .collect();
    assert_eq!(lines.len(), output.lines().count());
    assert!(
        wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        lines.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
}

fn sections(html: &str) -> Vec<Section> {
    read(html, &About::default()).1
}

#[test]
fn a_page_is_taken_apart_at_headings_and_sides() {
    let html = r##"<body><nav>no</nav><main><h1>Title</h1><p>One &amp; two</p><p>Three</p>
<h2 id="a">First<a class="anchor" href="#a" aria-hidden="true">#</a></h2><p>get<b>User</b><code>byId</code></p>
<section class="cmp" id="g" data-sync="web"><h3>Step</h3><div class="cmp-panes">
<section class="pane" data-side="x" id="g--x"><p class="pane-title">Side X</p><pre><code>let a;
let b;</code></pre></section>
<section class="pane" data-side="y" id="g--y"><p class="pane-title">Side Y</p>right</section></div></section>
<p>after</p><button>no</button><p data-search="off">no</p><h2 id="b">Last</h2></main><footer>no</footer>"##;
    let section = |anchor: &str, heading: &str, text: &str, side: [&str; 3]| {
        let [side, sync, label] = side.map(str::to_owned);
        let [anchor, heading] = [anchor, heading].map(str::to_owned);
        (anchor, heading, text.to_owned(), side, sync, label)
    };
    let found: Vec<_> = sections(html)
        .into_iter()
        .map(|s| (s.anchor, s.heading, s.text.trim().to_owned(), s.side, s.sync, s.label))
        .collect();
    assert_eq!(
        found,
        [
            section("", "", "One & two Three", ["", "", ""]),
            section("a", "First", "getUserbyId after", ["", "", ""]),
            section("g", "Step", "", ["", "", ""]),
            section("g--x", "Step", "let a; let b;", ["x", "web", "Side X"]),
            section("g--y", "Step", "right", ["y", "web", "Side Y"]),
            section("b", "Last", "", ["", "", ""]),
        ]
    );
}

#[test]
fn impacts_tell_titles_from_texts() {
    let about = About { title: "Alpha".into(), description: "Beta".into(), ..About::default() };
    let html =
        "<main><p>gamma alpha</p><h2 id=\"d\">Delta</h2><code>someName</code> <p>some gamma</p></main>";
    let (page, _) = read(html, &about);
    let found: Vec<String> = page.words("", None).map(|(word, hits)| format!("{word} {hits:?}")).collect();
    assert_eq!(
        found,
        [
            "alpha [(0, 15)]",
            "beta [(0, 7)]",
            "delta [(1, 12)]",
            "gamma [(0, 3), (1, 3)]",
            "name [(1, 3)]",
            "some [(1, 3)]",
            "somename [(1, 5)]"
        ]
    );
    let of_title = About { depth: Depth::Title, ..about };
    assert_eq!(read(html, &of_title).0.words("", None).count(), 2);
}

/// A few pages with everything an index knows.
fn small_site() -> SiteTest {
    let site = SiteTest::of(&[
        (
            "juxta.toml",
            "title = \"Small\"\ntaxonomies = [{ name = \"tags\" }]\n[languages.de]\ntitle = \"Klein\"\n\
             taxonomies = [{ name = \"tags\" }]\n",
        ),
        ("content/_index.md", "# Home\n\nWelcome.\n"),
        ("content/_index.de.md", "# Start\n\nGrüße und Straßen.\n"),
        (
            "content/users.md",
            "+++\n[taxonomies]\ntags = [\"api\"]\n+++\n# Users\n\n## Fetch one\n\n```js\nconst user = getUserById(7);\n```\n",
        ),
        ("content/users.de.md", "# Benutzer\n\n東京都の検索\n"),
        (
            "content/other.md",
            "+++\n[taxonomies]\ntags = [\"text\"]\n+++\n# Other\n\nA user reads version 3.12.1 in C++.\n",
        ),
        ("content/hidden.md", "+++\nin_search_index = false\n+++\n# Hidden\n\nuser\n"),
        ("content/draft.md", "+++\ndraft = true\n+++\n# Draft\n\nuser\n"),
        ("content/web/_index.md", "+++\nin_search_index = false\n+++\n# Web\n"),
        ("content/web/below.md", "# Below\n\nuser\n"),
    ]);
    site.build().fine();
    site
}

/// A query, bytes, requests, and addresses of the first results.
type Answer = (String, usize, usize, Vec<String>);

/// Answers: query, number of pages, bytes, addresses of the first results.
fn ask(site: &SiteTest, folder: &str, queries: &[&str]) -> Option<Vec<Answer>> {
    site.write("queries.txt", queries.join("\n"));
    let output =
        node(&site.root(), "ask.mjs", &[&site.path("public"), Path::new(folder), &site.path("queries.txt")])?;
    let answer = |line: &str| {
        let mut cells = line.split('\t').map(str::to_owned);
        let mut next = || cells.next().unwrap();
        let (query, count, bytes) = (next(), next().parse().unwrap(), next().parse().unwrap());
        (query, count, bytes, cells.collect())
    };
    Some(output.lines().map(answer).collect())
}

#[test]
fn a_small_site_is_found() {
    let site = small_site();
    let Some(answers) = ask(
        &site,
        "search/",
        &[
            "user",
            "getUserById",
            "get_user_by_id",
            "byid",
            "users",
            "3.12",
            "c++",
            "user | tags:api",
            "straße",
            "USER fetch",
        ],
    ) else {
        return;
    };
    let found: Vec<String> = answers
        .into_iter()
        .map(|(query, count, _, pages)| format!("{query}: {count} {}", pages.join(" ")))
        .collect();
    assert_eq!(
        found,
        [
            "user: 2 users/ other/",
            "getUserById: 1 users/#fetch-one",
            "get_user_by_id: 1 users/#fetch-one",
            "byid: 0 ",
            "users: 1 users/",
            "3.12: 1 other/",
            "c++: 1 other/",
            "user: 1 users/",
            "straße: 0 ",
            "USER fetch: 1 users/#fetch-one",
        ]
    );
    let Some(answers) = ask(&site, "de/search/", &["strasse", "東京", "benutzer", "other"]) else { return };
    let found: Vec<String> = answers
        .into_iter()
        .map(|(query, count, _, pages)| format!("{query}: {count} {}", pages.join(" ")))
        .collect();
    assert_eq!(found, ["strasse: 1 de/", "東京: 1 de/users/", "benutzer: 1 de/users/", "other: 0 "]);
}

fn index_of(outputs: &BTreeMap<String, Vec<u8>>) -> BTreeMap<&str, &[u8]> {
    let of_index = outputs.iter().filter(|(path, _)| path.contains("search/") && !path.ends_with(".html"));
    of_index.map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect()
}

#[test]
fn the_index_is_the_same_every_time_and_changes_little() {
    let site = small_site();
    let before = site.outputs();
    let again = small_site().outputs();
    assert_eq!(index_of(&before), index_of(&again));
    assert!(before.contains_key("search/index.html") && before.contains_key("de/search/index.html"));
    site.write("content/new.md", "# New\n\nUnheard-of words.\n");
    site.build().fine();
    let after = site.outputs();
    for (path, bytes) in
        index_of(&before).into_iter().filter(|(path, _)| path.contains("/p/") || path.starts_with("de/"))
    {
        assert_eq!(after.get(path).map(Vec::as_slice), Some(bytes), "{path}");
    }
}

#[test]
fn the_files_of_an_index_are_these() {
    let site = small_site();
    let outputs = site.outputs();
    let index = index_of(&outputs);
    let entry = String::from_utf8_lossy(index["search/index.json"]);
    assert!(entry.starts_with("[1,\"en\",3,\""), "{entry}");
    assert!(
        entry.ends_with(",[[\"tags\",[[\"tags:api\",\"api\",1],[\"tags:text\",\"text\",1]]]]]"),
        "{entry}"
    );
    let texts: Vec<String> = index
        .iter()
        .filter(|(path, _)| path.starts_with("search/p/"))
        .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
        .collect();
    assert_eq!(texts.len(), 3);
    let users = texts.iter().find(|text| text.contains("Users")).unwrap();
    assert_eq!(
        users,
        "[\"../users/\",\"Users\",[[],[\"fetch-one\",\"Fetch one\",\"const user = getUserById(7); \"]]]"
    );
}

#[test]
fn a_site_can_do_without() {
    let site =
        SiteTest::of(&[("juxta.toml", "build_search_index = false\n"), ("content/_index.md", "# Home\n")]);
    site.build().fine();
    assert!(!site.outputs().keys().any(|path| path.starts_with("search/")));
    assert!(!site.output("index.html").contains("juxta-search.js"));
    // A page of the author's own at that address stays.
    let own = SiteTest::of(&[("content/_index.md", "# Home\n"), ("content/search.md", "# Mine\n")]);
    own.build().fine();
    assert!(own.output("search/index.html").contains("<h1>Mine</h1>"));
    assert!(own.outputs().contains_key("search/index.json"));
}

/// The site of this repository, built.
fn own_site() -> SiteTest {
    let site = SiteTest::of(&[]);
    site.write("juxta.toml", std::fs::read(root().join("juxta.toml")).unwrap());
    for folder in ["content", "templates", "static", "examples"] {
        let path: PathBuf = root().join(folder);
        for (path, bytes) in files_in(&path) {
            site.write(&format!("{folder}/{path}"), bytes);
        }
    }
    site.build().fine();
    site
}

#[test]
fn readers_of_our_own_site_find_what_they_look_for() {
    let queries = table("queries.txt");
    assert!(queries.len() >= 30);
    let site = own_site();
    let asked: Vec<&str> = queries.iter().map(|(query, _)| query.as_str()).collect();
    let Some(answers) = ask(&site, "search/", &asked) else { return };
    let mut wrong = Vec::new();
    for ((query, expected), (_, count, bytes, found)) in queries.iter().zip(answers) {
        let first = found.first().map_or("", String::as_str);
        let bare = |address: &str| address.split(['?', '#']).next().unwrap_or_default().to_owned();
        let is_it = if expected.contains('#') { first == expected } else { bare(first) == *expected };
        if !is_it {
            wrong.push(format!("{query}: {expected} of {count}\n  {}", found.join("\n  ")));
        }
        assert!(bytes < 90_000, "{query}: {bytes} bytes");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn code_of_a_side_leads_to_the_side() {
    let site = own_site();
    let Some(answers) = ask(&site, "search/", &["addHook onSend | subject:fastify"]) else { return };
    let (_, _, _, found) = &answers[0];
    let sided =
        found.iter().any(|address| address.contains("?backend=fastify#") && address.ends_with("--fastify"));
    assert!(sided, "{found:?}");
}
