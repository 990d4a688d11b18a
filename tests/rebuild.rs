//! Which outputs are rendered again after an edit, and why: no fewer than have
//! to be, and no more.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "helpers of tests are tests too"
)]

mod support;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use juxta::base::changes::Changes;
use juxta::base::diagnostic::Diagnostic;
use juxta::base::paths::FilePath;
use juxta::base::reads::Key;
use juxta::build::{Built, DirtyReason, Discard, Options, Preview, Previous, Sink, build};
use juxta::read::files::MemoryFiles;
use juxta::render::Rendered;
use juxta::render::shared::SharedFiles;
use support::memory::config_of;

/// A site that is built again and again.
struct Site {
    files: BTreeMap<String, String>,
    built: Option<Built>,
}

const FILES: &[(&str, &str)] = &[
    (
        "juxta.toml",
        "title = \"T\"\nbase_url = \"https://example.org\"\ngenerate_feeds = true\ntaxonomies = [{ name = \"tags\" }]\n[extra]\nx = 1\n",
    ),
    ("content/_index.md", "# Home\n"),
    ("content/guide/_index.md", "# Guide\n"),
    (
        "content/guide/one.md",
        "+++\ntitle = \"One\"\nweight = 1\ndate = 2026-01-01\n[taxonomies]\ntags = [\"a\"]\n+++\n## Part\n\nText.\n",
    ),
    ("content/guide/two.md", "+++\ntitle = \"Two\"\nweight = 2\n+++\n[one](one.md#part)\n"),
    ("content/other/_index.md", "# Other\n"),
    ("content/other/data.md", "+++\ntemplate = \"data.html\"\n+++\n# Data\n"),
    ("content/other/code.md", "# Code\n\n```py include=\"examples/a.py#one\"\n```\n"),
    (
        "content/other/also.md",
        "# Also\n\n```py include=\"examples/a.py#two\"\n```\n\n::: shout\nLoud.\n:::\n",
    ),
    ("content/other/day.md", "# Day\n\n{{ now() }}\n"),
    ("examples/a.py", "# region one\nx = 1\n# endregion\n# region two\ny = 2\n# endregion\n"),
    ("data/a.toml", "a = 1\n"),
    ("static/s.css", "body {}"),
    (
        "templates/frame.html",
        "{% block main %}{% endblock main %}<link href=\"{{ get_url(path=\"s.css\", cachebust=true) }}\">",
    ),
    (
        "templates/page.html",
        "{% extends \"frame.html\" %}{% block main %}{{ page.title }}{{ page.content }}{% for b in page.backlinks %}{{ b.title }}{% endfor %}{% include \"foot.html\" %}{% endblock main %}",
    ),
    ("templates/section.html", "{{ section.title }}{% for p in section.pages %}{{ p.title }}{% endfor %}"),
    (
        "templates/index.html",
        "{{ section.title }}{% set s = get_section(path=\"guide/_index.md\") %}{% for p in s.pages %}{{ p.title }}{% endfor %}",
    ),
    ("templates/data.html", "{% set d = load_data(path=\"data/a.toml\") %}{{ d.a }}"),
    ("templates/foot.html", "foot"),
    ("templates/404.html", "missing"),
    ("templates/atom.xml", "{% for page in pages %}{{ page.content }}{% endfor %}"),
    ("templates/taxonomy_list.html", "{% for term in terms %}{{ term.name }}{% endfor %}"),
    ("templates/taxonomy_single.html", "{% for page in term.pages %}{{ page.title }}{% endfor %}"),
    ("templates/own.html", "{% component shout() %}<b>{{ body }}</b>{% endcomponent shout %}"),
];

impl Site {
    fn new() -> Self {
        let files = FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let mut site = Self { files, built: None };
        site.build(Changes::Unknown);
        site
    }

    fn build(&mut self, changes: Changes) -> &Built {
        let (config, problems) = config_of(self.files.get("juxta.toml").map(String::as_str));
        assert!(problems.is_empty(), "{problems:?}");
        let files = self.files.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
        let files: SharedFiles = Arc::new(MemoryFiles::new(files));
        let options = Options { keep: true, ..Options::default() };
        let previous = self.built.take().map(|built| Previous { built, changes });
        self.built.insert(build(&files, &config, &options, previous, &Discard))
    }

    /// Puts another text in place of a part of a file, and builds.
    fn edit(&mut self, path: &str, from: &str, to: &str) -> String {
        let text = self.files.get_mut(path).unwrap();
        assert!(text.contains(from), "{path}: {text}");
        *text = text.replacen(from, to, 1);
        self.after(&[path])
    }

    fn write(&mut self, path: &str, text: &str) -> String {
        self.files.insert(path.to_owned(), text.to_owned());
        self.after(&[path])
    }

    fn remove(&mut self, path: &str) -> String {
        self.files.remove(path).unwrap();
        self.after(&[path])
    }

    fn after(&mut self, paths: &[&str]) -> String {
        let changes = paths.iter().map(|path| FilePath::new(path)).collect();
        told(self.build(changes))
    }
}

/// Outputs and reasons, one a line.
fn told(built: &Built) -> String {
    assert!(
        !built.failed(),
        "{}",
        juxta::report::render(&built.problems, juxta::report::Format::Text, false)
    );
    let name = |key: &Key| match key {
        Key::Page(path) => format!("page {path}"),
        Key::Summary(path) => format!("summary {path}"),
        Key::Listing(path) => format!("listing {path}"),
        Key::Template(name) => format!("template {name}"),
        Key::Asset(path) => format!("asset {path}"),
        Key::Data(path) => format!("data {path}"),
        key => format!("{key:?}"),
    };
    let why = |reason: &DirtyReason| match reason {
        DirtyReason::Changed(keys) => keys.iter().map(name).collect::<Vec<_>>().join(", "),
        reason => format!("{reason:?}"),
    };
    let rendered = built.rendered.iter().map(|(output, reason)| format!("{output}: {}\n", why(reason)));
    let removed = built.removed.iter().map(|output| format!("{output}: gone\n"));
    rendered.chain(removed).collect()
}

/// The outputs alone.
fn outputs(told: &str) -> Vec<&str> {
    told.lines().map(|line| line.split(": ").next().unwrap()).collect()
}

#[test]
fn nothing_changed_renders_nothing() {
    let mut site = Site::new();
    assert_eq!(site.after(&[]), "");
    // Content and templates are compared.
    assert_eq!(site.after(&["content/guide/one.md", "templates/page.html", "juxta.toml"]), "");
    // Of files that are published or read as they are, it is believed that they
    // have changed.
    assert_eq!(site.after(&["data/a.toml"]), "other/data/index.html: data data/a.toml\n");
    let again = told(site.build(Changes::Unknown));
    assert!(again.lines().all(|line| line.contains(": asset ") || line.contains(": data ")), "{again}");
}

#[test]
fn a_body_renders_what_shows_the_body() {
    let mut site = Site::new();
    // The feed shows it too; no list and no neighbour does.
    assert_eq!(
        site.edit("content/guide/one.md", "Text.", "Other text."),
        "atom.xml: page guide/one.md\nguide/one/index.html: page guide/one.md\n"
    );
    assert_eq!(
        site.edit("content/guide/two.md", "[one]", "[the one]"),
        "guide/two/index.html: page guide/two.md\n"
    );
}

#[test]
fn a_link_more_renders_the_page_it_leads_to() {
    let mut site = Site::new();
    let told = site.edit("content/other/code.md", "# Code\n", "# Code\n\n[one](@/guide/one.md)\n");
    assert_eq!(outputs(&told), ["atom.xml", "guide/one/index.html", "other/code/index.html"], "{told}");
}

#[test]
fn a_heading_that_is_linked_to_is_looked_at_from_there() {
    let mut site = Site::new();
    site.files.get_mut("content/guide/one.md").unwrap().push_str("\n## More\n");
    assert_eq!(outputs(&site.after(&["content/guide/one.md"])), ["atom.xml", "guide/one/index.html"]);
    site.files.insert("content/guide/one.md".into(), FILES[3].1.replace("## Part", "## Section"));
    let built = site.build([FilePath::new("content/guide/one.md")].into_iter().collect());
    assert_eq!(built.problems.len(), 1);
    assert_eq!(built.problems[0].code, "missing-anchor");
    let told = site.edit("content/guide/one.md", "## Section", "## Part");
    assert!(outputs(&told).contains(&"guide/two/index.html"), "{told}");
}

#[test]
fn a_title_renders_its_lists() {
    let mut site = Site::new();
    let told = site.edit("content/guide/one.md", "title = \"One\"", "title = \"First\"");
    let expected = [
        "atom.xml",
        "guide/index.html",
        "guide/one/index.html",
        "guide/two/index.html",
        "index.html",
        "search/index.html",
        "sitemap.xml",
        "tags/a/index.html",
        "tags/index.html",
    ];
    assert_eq!(outputs(&told), expected, "{told}");
    assert!(told.contains("guide/index.html: listing guide/_index.md\n"), "{told}");
    assert!(told.contains("index.html: listing guide/_index.md\n"), "{told}");
}

#[test]
fn a_title_leaves_the_site_as_it_is() {
    let mut site = Site::new();
    let plan = |site: &Site| Arc::clone(site.built.as_ref().unwrap().plan.as_ref().unwrap());
    let before = plan(&site);
    for (from, to) in [
        ("title = \"One\"", "title = \"First\""),
        ("title", "description = \"D\"\ntitle"),
        ("+++\n##", "[extra]\nx = 1\n+++\n##"),
    ] {
        assert!(outputs(&site.edit("content/guide/one.md", from, to)).contains(&"guide/index.html"));
    }
    assert!(Arc::ptr_eq(&before, &plan(&site)), "nothing is assembled");
    // Lists show what is written, so 1.0 is another than 1; a comment shows nowhere.
    assert!(!outputs(&site.edit("content/guide/one.md", "x = 1\n", "x = 1.0\n")).is_empty());
    assert_eq!(site.edit("content/guide/one.md", "x = 1.0\n", "# one\nx = 1.0\n"), "");
    assert!(Arc::ptr_eq(&before, &plan(&site)));
    site.edit("content/guide/one.md", "weight = 1", "weight = 3");
    assert!(!Arc::ptr_eq(&before, &plan(&site)), "it stands elsewhere now");
    // Where titles say the order, they say more.
    site.write("content/guide/_index.md", "+++\ntitle = \"Guide\"\nsort_by = \"title\"\n+++\n");
    let before = plan(&site);
    site.edit("content/guide/one.md", "title = \"First\"", "title = \"Last\"");
    assert!(!Arc::ptr_eq(&before, &plan(&site)));
}

#[test]
fn a_page_more_or_less_renders_its_lists() {
    let mut site = Site::new();
    let told = site.write("content/guide/three.md", "+++\ntitle = \"Three\"\n+++\n");
    assert!(told.contains("guide/three/index.html: New\n"), "{told}");
    for output in ["guide/index.html", "index.html", "sitemap.xml"] {
        assert!(outputs(&told).contains(&output), "{told}");
    }
    // It stands between the two others now.
    assert!(told.contains("guide/one/index.html: Recipe\n"), "{told}");
    for output in ["other/code/index.html", "other/index.html", "tags/index.html"] {
        assert!(!outputs(&told).contains(&output), "{told}");
    }
    let told = site.remove("content/guide/three.md");
    assert!(told.ends_with("guide/three/index.html: gone\n"), "{told}");
    assert!(!outputs(&told).contains(&"other/code/index.html"), "{told}");
}

#[test]
fn data_code_and_assets_render_what_reads_them() {
    let mut site = Site::new();
    assert_eq!(site.edit("data/a.toml", "a = 1", "a = 2"), "other/data/index.html: data data/a.toml\n");
    // A region: those that show another of the same file stay.
    assert_eq!(site.edit("examples/a.py", "x = 1", "x = 3"), "other/code/index.html: page other/code.md\n");
    let told = site.edit("static/s.css", "body {}", "p {}");
    assert!(told.contains("s.css: asset static/s.css\n"), "{told}");
    // All pages carry its fingerprint; lists do not.
    assert!(
        outputs(&told).contains(&"guide/one/index.html") && !outputs(&told).contains(&"index.html"),
        "{told}"
    );
}

#[test]
fn a_template_renders_its_users() {
    let mut site = Site::new();
    let pages = [
        "guide/one/index.html",
        "guide/two/index.html",
        "other/also/index.html",
        "other/code/index.html",
        "other/day/index.html",
    ];
    assert_eq!(outputs(&site.edit("templates/foot.html", "foot", "end")), pages);
    assert_eq!(outputs(&site.edit("templates/frame.html", "<link", "<link rel=x")), pages);
    assert_eq!(
        outputs(&site.edit("templates/section.html", "{{ section.title }}", "-{{ section.title }}")),
        ["guide/index.html", "other/index.html"]
    );
    assert_eq!(outputs(&site.edit("templates/404.html", "missing", "gone")), ["404.html"]);
}

#[test]
fn a_configuration_renders_what_a_template_draws() {
    let mut site = Site::new();
    let told = site.edit("juxta.toml", "x = 1", "x = 2");
    assert!(outputs(&told).contains(&"guide/one/index.html") && !outputs(&told).contains(&"s.css"), "{told}");
}

#[test]
fn a_mistake_keeps_what_is_owed() {
    let mut site = Site::new();
    // While a template is broken nothing is rendered; what changed meanwhile is
    // rendered afterwards, and nothing else.
    site.files.insert("templates/foot.html".into(), "{% if %}".into());
    assert!(site.build([FilePath::new("templates/foot.html")].into_iter().collect()).failed());
    site.files.insert("data/a.toml".into(), "a = 5\n".into());
    assert!(site.build([FilePath::new("data/a.toml")].into_iter().collect()).failed());
    assert_eq!(site.write("templates/foot.html", "foot"), "other/data/index.html: data data/a.toml\n");
    // An output that could not be rendered is owed by itself.
    site.files.insert("data/a.toml".into(), "b = 5\n".into());
    assert!(site.build([FilePath::new("data/a.toml")].into_iter().collect()).failed());
    assert_eq!(site.write("data/a.toml", "a = 6\n"), "other/data/index.html: Failed\n");
}

#[test]
fn the_order_of_keys_and_the_sign_of_zero_are_seen() {
    let mut site = Site::new();
    site.write(
        "templates/page.html",
        "{% for k, v in page.extra %}{{ k }}={{ v }} {% endfor %}{% for k, v in config.extra?.t or {} %}{{ k }}{% endfor %}",
    );
    site.write("content/other/x.md", "+++\n[extra]\nx = 1\ny = 0.0\n+++\n# X\n");
    for extra in ["y = 0.0\nx = 1", "y = -0.0\nx = 1", "y = -0.0\nx = 1.0"] {
        let told = site.write("content/other/x.md", &format!("+++\n[extra]\n{extra}\n+++\n# X\n"));
        assert!(outputs(&told).contains(&"other/x/index.html"), "{extra}: {told}");
    }
    let theme = |order: &str| format!("name = \"t\"\nparent = \"juxta\"\n[extra.t]\n{order}\n");
    site.files.insert("themes/t/theme.toml".to_owned(), theme("a = 1\nb = 2"));
    let config = site.files["juxta.toml"].replacen("title", "theme = \"t\"\ntitle", 1);
    site.files.insert("juxta.toml".to_owned(), config);
    site.build(Changes::Unknown);
    let told = site.write("themes/t/theme.toml", &theme("b = 2\na = 1"));
    assert!(outputs(&told).contains(&"guide/one/index.html"), "{told}");
}

#[test]
fn an_index_of_no_page_is_not_the_first_one() {
    let mut site = Site::new();
    let config = site.files["juxta.toml"].replacen("title", "build_search_index = true\ntitle", 1);
    site.files = BTreeMap::from([
        ("juxta.toml".to_owned(), config),
        ("content/_index.md".to_owned(), "+++\ntitle = \"H\"\nin_search_index = false\n+++\n".to_owned()),
        ("content/a.md".to_owned(), "+++\nin_search_index = false\n+++\n# A\n".to_owned()),
    ]);
    site.build(Changes::Unknown);
    let entry = |site: &mut Site| {
        let found = Found::default();
        site.built.as_mut().unwrap().finish_search(&found);
        found.0.into_inner().unwrap()
    };
    entry(&mut site);
    site.edit("content/a.md", "in_search_index = false", "in_search_index = true");
    let files = entry(&mut site);
    assert!(files.get("search/index.json").is_some_and(|text| text.contains("\"en\",1,")), "{files:?}");
}

/// What was written.
#[derive(Default)]
struct Found(Mutex<BTreeMap<String, String>>);

impl Sink for Found {
    fn accept(&self, rendered: &Rendered) -> Result<(), Diagnostic> {
        let text = String::from_utf8_lossy(&rendered.bytes).into_owned();
        self.0.lock().unwrap().insert(rendered.output.to_string(), text);
        Ok(())
    }
}

/// Notes the order of outputs; somebody waits for one of the last.
#[derive(Default)]
struct Waiting(Mutex<Vec<String>>);

impl Sink for Waiting {
    fn accept(&self, rendered: &Rendered) -> Result<(), Diagnostic> {
        self.0.lock().unwrap().push(rendered.output.to_string());
        Ok(())
    }

    fn asked(&self) -> Option<std::collections::BTreeSet<String>> {
        Some(std::iter::once("tags/a/index.html".to_owned()).collect())
    }
}

#[test]
fn what_is_waited_for_is_rendered_first() {
    let site = Site::new();
    let (config, _) = config_of(site.files.get("juxta.toml").map(String::as_str));
    let files = site.files.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
    let files: SharedFiles = Arc::new(MemoryFiles::new(files));
    let options = Options { keep: true, ..Options::default() };
    let (waiting, all) = (Waiting::default(), Found::default());
    let first = build(&files, &config, &options, None, &waiting);
    let usual = build(&files, &config, &options, None, &all);
    let order = waiting.0.into_inner().unwrap();
    assert_eq!(order.first().map(String::as_str), Some("tags/a/index.html"));
    assert_eq!(order.len(), all.0.into_inner().unwrap().len());
    assert_eq!(told(&first), told(&usual));
}

/// Files in memory and their configuration.
fn opened(site: &Site) -> (SharedFiles, juxta::config::Config) {
    let (config, _) = config_of(site.files.get("juxta.toml").map(String::as_str));
    let files = site.files.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
    (Arc::new(MemoryFiles::new(files)), config)
}

#[test]
fn a_preview_is_the_output_but_for_texts_of_others() {
    let mut site = Site::new();
    let (options, all) = (Options { keep: true, ..Options::default() }, Found::default());
    // What is listed with its summary, and a title that no front matter has.
    site.files.insert("content/guide/_index.md".to_owned(), "# The *guide*\n\nAll of it.\n".to_owned());
    let section = "{{ section.title }}{{ section.content }}{% for p in section.pages %}{{ p.title }}{{ p.reading_time }}{% endfor %}";
    site.files.insert("templates/section.html".to_owned(), section.to_owned());
    let (files, config) = opened(&site);
    build(&files, &config, &options, None, &all);
    let preview = Preview::new(&files, &config, &options, 1).unwrap();
    let (mut other, mut none) = (Vec::new(), Vec::new());
    for (output, text) in all.0.into_inner().unwrap() {
        match preview.draw(&output) {
            Some(drawn) if *drawn.bytes == *text.as_bytes() => {}
            Some(_) => other.push(output),
            None if output.starts_with("search/") => {}
            None => none.push(output),
        }
    }
    // Reading times of its pages; who links to it.
    assert_eq!(other, ["guide/index.html", "guide/one/index.html", "other/index.html"]);
    assert_eq!(none, ["atom.xml", "robots.txt", "sitemap.xml"]);
    assert!(preview.draw("nowhere/index.html").is_none());
}

#[test]
fn a_preview_names_files_by_their_digests_too() {
    let mut site = Site::new();
    site.edit("juxta.toml", "title = \"T\"", "title = \"T\"\nhashed_names = true");
    site.write("templates/files/own.css", "a { content: \"{{ config.title }}\" }");
    let frame = "{% block main %}{% endblock main %}{{ get_url(path=\"own.css\", cachebust=true) }}";
    site.write("templates/frame.html", frame);
    let (options, all) = (Options { keep: true, ..Options::default() }, Found::default());
    let (files, config) = opened(&site);
    build(&files, &config, &options, None, &all);
    let preview = Preview::new(&files, &config, &options, 1).unwrap();
    let all = all.0.into_inner().unwrap();
    let (name, text) = all.iter().find(|(name, _)| name.starts_with("own.") && *name != "own.css").unwrap();
    assert!(all["guide/two/index.html"].ends_with(&format!("../{name}")), "{}", all["guide/two/index.html"]);
    assert_eq!(*preview.draw("guide/two/index.html").unwrap().bytes, *all["guide/two/index.html"].as_bytes());
    let drawn = preview.draw(name).unwrap();
    assert_eq!((drawn.output.as_str(), &*drawn.bytes), (name.as_str(), text.as_bytes()));
    assert!(preview.draw("own.0123456789ab.css").is_none(), "another version of it");
}

#[test]
fn a_mistake_has_no_preview() {
    let mut site = Site::new();
    let options = Options::default();
    let (files, config) = opened(&site);
    assert!(Preview::new(&files, &config, &options, 1000).is_none(), "few pages are built as soon");
    site.files.insert("content/guide/two.md".to_owned(), "# Two\n\n[one](one.md#nothing)\n".to_owned());
    site.files.insert("content/other/day.md".to_owned(), "# Day\n\n{{ nobody }}\n".to_owned());
    let (files, config) = opened(&site);
    let preview = Preview::new(&files, &config, &options, 1).unwrap();
    assert!(preview.draw("guide/two/index.html").is_none(), "a link that leads nowhere");
    assert!(preview.draw("other/day/index.html").is_none(), "an expression that fails");
    assert!(preview.draw("guide/one/index.html").is_some());
    site.files.insert("content/other/day.md".to_owned(), "+++\ntitel = 1\n+++\n".to_owned());
    let (files, config) = opened(&site);
    assert!(Preview::new(&files, &config, &options, 1).is_none(), "a front matter");
    site.files.remove("content/other/day.md");
    site.files.insert("templates/foot.html".to_owned(), "{% if %}".to_owned());
    let (files, config) = opened(&site);
    assert!(Preview::new(&files, &config, &options, 1).is_none(), "a template");
}
