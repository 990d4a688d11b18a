//! Golden sites: small sites, built by the program, compared file by file.
//!
//! `tests/sites/<case>/` holds one case each:
//!
//! - `in/`: the site. Most bring tiny templates that print what the case is about.
//! - `args.txt`: arguments of `build`, one a line; optional.
//! - `files.txt`: every file that is published.
//! - `out/`: the published files that are compared, a part or all of them.
//! - `stderr.txt`: what is told; absent when there is nothing to tell.
//!
//! `UPDATE=1 cargo test --test sites` writes the expectations anew (for a case
//! without `out/`, all outputs): read the difference before committing it.
//! Beyond that, every link of every site leads to a published file, and a
//! second build changes nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "helpers of tests are tests too"
)]
#![expect(clippy::disallowed_methods, reason = "sites are copied from, and with UPDATE written to, files")]

mod support;

use std::path::{Path, PathBuf};

use support::golden::{Differences, updating};
use support::links;
use support::site::{SiteTest, files_in, is_telling};

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites")
}

/// Builds a case and compares everything; gives the site for more questions.
#[track_caller]
fn check(case: &str) -> SiteTest {
    let folder = cases().join(case);
    let site = SiteTest::copy_of(&folder.join("in"));
    let extra = std::fs::read_to_string(folder.join("args.txt")).unwrap_or_default();
    let arguments: Vec<&str> = ["build", "--quiet"].into_iter().chain(extra.lines()).collect();
    let run = site.run(&arguments);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);

    let outputs = site.outputs();
    let mut differences = Differences::default();
    differences.compare_file(&folder.join("stderr.txt"), &run.stderr);
    let list: String = outputs.keys().map(|path| format!("{path}\n")).collect();
    differences.compare_file(&folder.join("files.txt"), &list);

    let mut expected: Vec<String> = files_in(&folder.join("out")).into_keys().collect();
    // What the built-in theme makes of a page is the theme's own matter.
    let is_built_in = outputs.contains_key("juxta.css");
    if expected.is_empty() && updating() && !is_built_in {
        expected = outputs.keys().filter(|path| is_telling(path)).cloned().collect();
    }
    for path in expected {
        let found = outputs.get(&path).map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
        differences.compare_file(&folder.join("out").join(path), &found);
    }
    for link in links::broken(&outputs, base_url(&site).as_deref()) {
        differences.note(&link);
    }
    let again = site.run(&arguments);
    if (again.code, &again.stderr) != (0, &run.stderr) || site.outputs() != outputs {
        differences.note("a second build is not like the first");
    }
    differences.settle();
    site
}

fn base_url(site: &SiteTest) -> Option<String> {
    let config = ["juxta.toml", "zola.toml", "config.toml"]
        .iter()
        .find_map(|name| std::fs::read_to_string(site.path(name)).ok())?;
    let line = config.lines().find_map(|line| line.strip_prefix("base_url = \""))?;
    let base = line.trim_end_matches('"').trim_end_matches('/');
    (!base.is_empty()).then(|| base.to_owned())
}

macro_rules! sites {
    ($($case:ident)*) => {
        $(#[test]
        fn $case() {
            check(stringify!($case));
        })*

        #[test]
        fn every_case_is_run() {
            support::golden::names_are("tests/sites", &[$(stringify!($case)),*]);
        }
    };
}

sites! {
    one_file_is_a_site
    pages_are_ordered_by_their_section
    pages_of_a_folder_without_a_section_get_one
    orphans_of_a_zola_site_are_in_no_section
    transparent_sections_hand_their_pages_up
    drafts_are_left_out
    drafts_are_published_on_request
    pages_of_the_future_wait_for_their_day
    addresses_come_from_names_slugs_and_paths
    zola_keeps_folder_names
    old_addresses_lead_to_new_ones
    lists_are_split_into_pagers
    taxonomies_gather_pages
    languages_have_their_own_pages
    feeds_hold_what_is_new
    the_sitemap_lists_pages
    assets_are_published_beside_their_page
    static_files_come_in_layers
    templates_come_in_layers
    a_section_hands_fields_down
    data_of_all_forms_can_be_loaded
    links_of_all_forms_lead_to_pages
    the_summary_is_what_stands_before_more
    the_table_of_contents_nests
    anchor_links_stand_where_the_section_says
    text_is_expanded_outside_code
    directives_are_drawn_by_components
    every_address_is_below_the_base
    a_site_without_a_base_can_be_put_anywhere
    a_right_to_left_language_says_so
    functions_and_filters_answer
    pages_that_are_not_rendered_are_still_read
    settings_of_markdown_are_used
    fields_make_pages_of_subjects_pairs_and_tasks
    pages_are_markdown_too
    files_are_drawn_from_templates
    blocks_of_comparisons_get_their_data
    facts_of_every_type_are_told_in_words
    facts_come_from_files_and_families_have_a_current_member
    images_have_their_size_and_other_forms
    sass_becomes_css_in_layers
}

#[test]
fn the_built_in_theme_draws_a_site_of_one_file() {
    let site = check("one_file_is_a_site");
    let home = site.output("index.html");
    assert!(home.contains("<a href=\"hello/\">"), "{home}");
    let page = site.output("hello/index.html");
    assert!(page.contains("<h1>Hello</h1>") && page.contains("<p>The only file of this site.</p>"), "{page}");
    assert!(page.contains("href=\"../juxta.css") && !page.contains("<style"), "{page}");
}

#[test]
fn images_are_the_same_with_and_without_the_store() {
    let site = SiteTest::copy_of(&cases().join("images_have_their_size_and_other_forms/in"));
    site.build().fine();
    let outputs = site.outputs();
    let kept = || -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(site.path(".juxta/images"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        files
    };
    let entries = kept();
    assert!(entries.len() > 5, "{entries:?}");
    // Damaged in several ways, and one taken away: all are made again.
    let whole: Vec<Vec<u8>> = entries.iter().map(|path| std::fs::read(path).unwrap()).collect();
    for (i, path) in entries.iter().enumerate() {
        match i % 3 {
            0 => std::fs::write(path, &whole[i][..whole[i].len() / 2]).unwrap(),
            1 => std::fs::write(path, "not what was kept").unwrap(),
            _ => std::fs::remove_file(path).unwrap(),
        }
    }
    std::fs::remove_dir_all(site.path("public")).unwrap();
    site.build().fine();
    assert!(site.outputs() == outputs);
    let again: Vec<Vec<u8>> = kept().iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(kept() == entries && again == whole);
    // What is there whole is not made again: what comes out is what was kept.
    let of_png = entries.iter().zip(&whole).find(|(_, bytes)| bytes[32..].starts_with(b"RIFF")).unwrap();
    let other = b"any bytes";
    let mut kept_instead = juxta::base::fingerprint::Fingerprint::of(other).hex().into_bytes();
    kept_instead.extend(other);
    std::fs::write(of_png.0, kept_instead).unwrap();
    // A build with nothing to do would not look.
    std::fs::remove_file(site.path(".juxta/last-build.json")).unwrap();
    site.build().fine();
    assert_eq!(site.outputs().values().filter(|bytes| bytes.as_slice() == other).count(), 1);
    // And without any store, or one that cannot be written.
    std::fs::remove_dir_all(site.path(".juxta")).unwrap();
    site.write(".juxta", "a file");
    site.build().fine();
    assert!(site.outputs() == outputs);
}

#[test]
fn an_edited_site_is_as_if_built_anew() {
    let site = SiteTest::of(&[
        ("content/a.md", "# A\n\n[b](b.md)\n"),
        ("content/b.md", "# B\n"),
        ("content/c/picture.png", "png"),
    ]);
    site.build().fine();
    site.write("content/b.md", "# Renamed\n")
        .write("content/new.md", "# New\n")
        .remove("content/c/picture.png");
    site.build().fine();
    let edited = site.outputs();
    let anew = SiteTest::of(&[]);
    for (path, bytes) in site.sources() {
        anew.write(&path, bytes);
    }
    anew.build().fine();
    assert_eq!(edited, anew.outputs());
    assert!(!edited.contains_key("c/picture.png"));
}

#[test]
fn a_large_sitemap_is_split() {
    // 30 pages with 1,000 terms each are 30,000 addresses and a few more.
    let mut files = vec![(
        "juxta.toml".to_owned(),
        "base_url = \"https://example.org\"\ntheme = \"bare\"\ntaxonomies = [{ name = \"n\" }]\n".to_owned(),
    )];
    for name in ["index", "page", "taxonomy_list", "taxonomy_single"] {
        files.push((format!("themes/bare/templates/{name}.html"), String::new()));
    }
    for page in 0..30 {
        let terms: Vec<String> = (0..1000).map(|term| format!("\"{page}-{term}\"")).collect();
        let text = format!("+++\n[taxonomies]\nn = [{}]\n+++\n", terms.join(","));
        files.push((format!("content/{page}.md"), text));
    }
    let outcome = support::memory::build_site(&files);
    assert_eq!(outcome.told(), "");
    let index = outcome.text("sitemap.xml");
    let parts: Vec<&str> = index.split("<loc>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(parts, ["https://example.org/sitemap1.xml", "https://example.org/sitemap2.xml"]);
    let count = |name: &str| outcome.text(name).matches("<loc>").count();
    assert_eq!((count("sitemap1.xml"), count("sitemap2.xml")), (30_000, 32));
}

/// Of everything the built-in theme has to link: languages, taxonomies, pagers,
/// feeds, neighbours, headings, assets.
const RICH: &[(&str, &str)] = &[
    ("content/_index.md", "# Home\n\n[Docs](docs/_index.md)\n"),
    ("content/docs/_index.md", "+++\nsort_by = \"weight\"\n+++\n# Docs\n"),
    (
        "content/docs/one.md",
        "+++\nweight = 1\ndescription = \"First\"\n[taxonomies]\ntags = [\"a b\", \"c++\"]\n+++\n# One\n\n## Part\n\n### Deeper\n\nText[^1].\n\n[^1]: Note.\n\n## Part\n",
    ),
    (
        "content/docs/two/index.md",
        "+++\nweight = 2\naliases = [\"old\", \"old.html\"]\n+++\n# Two\n\n![dot](dot.svg)\n\n```js title=\"a.js\"\nlet a = 1;\n```\n",
    ),
    ("content/docs/two/dot.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
    (
        "content/docs/Ünï cödé.md",
        "+++\nweight = 3\n+++\n# Odd name\n\n> [!NOTE]\n> [One](one.md#part)\n\n::: card \"Two\"\n[Two](@/docs/two/index.md)\n:::\n",
    ),
    (
        "content/news/_index.md",
        "+++\nsort_by = \"date\"\npaginate_by = 1\ngenerate_feeds = true\n+++\n# News\n",
    ),
    (
        "content/news/a.md",
        "+++\ndate = 2026-01-01\nauthors = [\"Ada\"]\n+++\n# A\n\nShort.\n\n<!-- more -->\n\nLong.\n",
    ),
    ("content/news/b.md", "+++\ndate = 2026-01-02\nupdated = 2026-01-03\n+++\n# B\n"),
    ("content/_index.fr.md", "# Accueil\n"),
    ("content/docs/_index.fr.md", "# Documentation\n"),
    (
        "content/docs/one.fr.md",
        "+++\n[taxonomies]\ntags = [\"é\"]\n+++\n# Un\n\n[Accueil](../_index.fr.md)\n",
    ),
];

#[test]
fn every_link_of_the_built_in_theme_leads_somewhere() {
    for base in [None, Some("https://example.org"), Some("https://example.org/a/manual")] {
        let site = SiteTest::of(RICH);
        let base_line = base.map_or(String::new(), |base| format!("base_url = \"{base}\"\n"));
        site.write(
            "juxta.toml",
            format!(
                "{base_line}title = \"Rich\"\ngenerate_feeds = {}\nfeed_filenames = [\"atom.xml\", \"rss.xml\"]\n\
                 taxonomies = [{{ name = \"tags\", feed = {}, paginate_by = 1 }}]\n\
                 [markdown]\ninsert_anchor_links = \"right\"\n\
                 [languages.fr]\ntitle = \"Riche\"\ntaxonomies = [{{ name = \"tags\" }}]\n",
                base.is_some(),
                base.is_some(),
            ),
        );
        site.build().fine();
        let broken = links::broken(&site.outputs(), base);
        assert!(broken.is_empty(), "{base:?}\n{}", broken.join("\n"));
    }
}

#[test]
fn every_link_of_the_documentation_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let site = SiteTest::of(&[]);
    site.write("juxta.toml", std::fs::read(root.join("juxta.toml")).unwrap());
    for folder in ["content", "templates", "static", "examples"] {
        for (path, bytes) in files_in(&root.join(folder)) {
            site.write(&format!("{folder}/{path}"), bytes);
        }
    }
    site.build().fine();
    let broken = links::broken(&site.outputs(), base_url(&site).as_deref());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// What a page says about itself for machines: all things of its graph.
fn graph(site: &SiteTest, path: &str) -> Vec<serde_json::Value> {
    let page = site.output(path);
    let mut things = Vec::new();
    for part in page.split("<script type=\"application/ld+json\">").skip(1) {
        let text = part.split("</script>").next().unwrap();
        let value: serde_json::Value =
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"));
        assert_eq!(value["@context"], "https://schema.org", "{path}");
        things.extend(value["@graph"].as_array().unwrap().iter().cloned());
    }
    things
}

/// A type of schema.org, and what search engines ask of it.
type Thing = (&'static str, &'static [&'static str]);

#[test]
fn a_look_that_is_no_look_is_refused() {
    for (value, message) in [
        ("font = \"x; } body { color: red\"", "is no value of CSS"),
        ("font = \"url('x\"", "is no value of CSS"),
        ("accent = \"red\"", "the theme expects a colour such as `#00666f`"),
    ] {
        let site = SiteTest::of(&[("content/_index.md", "# Home\n")]);
        site.write("juxta.toml", format!("title = \"x\"\n[extra.look]\n{value}\n"));
        let run = site.run(&["build"]);
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(run.stderr.contains(message), "{}", run.stderr);
    }
    // Without one there is no file, and no link to it.
    let site = SiteTest::of(&[("content/_index.md", "# Home\n")]);
    assert_eq!(site.run(&["build"]).code, 0);
    let outputs = site.outputs();
    assert!(!outputs.contains_key("look.css") && !outputs.contains_key("manifest.webmanifest"));
    assert!(!String::from_utf8_lossy(&outputs["index.html"]).contains("look.css"));
}

#[test]
fn pages_of_comparisons_tell_machines_what_they_are() {
    let folder = cases().join("fields_make_pages_of_subjects_pairs_and_tasks/in");
    let site = SiteTest::copy_of(&folder);
    site.write("juxta.toml", "title = \"Test\"\nbase_url = \"https://example.org/x\"\n");
    site.write(
        "content/db/evil.md",
        "+++\ntitle = \"</script><script>alert(1)</script>\"\n[subject]\n[facts]\nfree = true\nborn = 2001-01-01\n+++\n",
    );
    site.build().fine();

    let required: &[(&str, &[Thing])] = &[
        (
            "db/lite-vs-pg/index.html",
            &[
                ("TechArticle", &["headline", "about", "inLanguage"]),
                ("BreadcrumbList", &["itemListElement"]),
            ],
        ),
        (
            "db/evil-vs-lite/index.html",
            &[
                ("TechArticle", &["headline", "about", "dateModified"]),
                ("BreadcrumbList", &["itemListElement"]),
            ],
        ),
        ("db/lite/index.html", &[("SoftwareApplication", &["name", "softwareVersion"])]),
        (
            "db/matrix/index.html",
            &[("Dataset", &["name", "description", "variableMeasured", "distribution"])],
        ),
        ("db/tasks/open/index.html", &[("SoftwareSourceCode", &["name", "runtimePlatform"])]),
    ];
    for (path, things) in required {
        let found = graph(&site, path);
        for (kind, fields) in *things {
            let thing = found.iter().find(|thing| thing["@type"] == *kind);
            let thing = thing.unwrap_or_else(|| panic!("{path} has no {kind}: {found:#?}"));
            for field in *fields {
                let value = &thing[*field];
                let is_empty = value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty);
                assert!(!is_empty, "{path}: the {kind} has no {field}: {thing:#}");
            }
        }
    }
    let set = graph(&site, "db/matrix/index.html");
    let set = set.iter().find(|thing| thing["@type"] == "Dataset").unwrap();
    assert_eq!(set["distribution"][0]["contentUrl"], "https://example.org/x/db/matrix/matrix.csv");
    let article = graph(&site, "db/lite-vs-pg/index.html");
    let article = article.iter().find(|thing| thing["@type"] == "TechArticle").unwrap();
    assert_eq!(article["about"].as_array().unwrap().len(), 2);
    let trail = graph(&site, "db/lite-vs-pg/index.html");
    let trail = trail.iter().find(|thing| thing["@type"] == "BreadcrumbList").unwrap();
    let trail = trail["itemListElement"].as_array().unwrap();
    assert!(
        trail.iter().all(|item| item["item"].as_str().unwrap().starts_with("https://example.org/x")),
        "{trail:#?}"
    );
    assert!(!site.output("db/evil/index.html").contains("<script>alert"));
}

#[test]
fn a_file_of_several_languages_is_beside_the_page_in_the_default_one() {
    let site = SiteTest::of(&[
        ("juxta.toml", "title = \"T\"\n[languages.de]\ntitle = \"T\"\n"),
        ("content/b/index.md", "# B\n\n![x](pic.txt)\n"),
        ("content/b/index.de.md", "# B\n\n[x](pic.txt)\n"),
        ("content/b/pic.txt", "p"),
        ("content/s/_index.md", "# S\n\n[x](pic.txt)\n"),
        ("content/s/_index.de.md", "# S\n"),
        ("content/s/pic.txt", "p"),
    ]);
    site.build().fine();
    assert!(site.output("b/index.html").contains("src=\"../b/pic.txt\""), "{}", site.output("b/index.html"));
    assert!(site.output("s/index.html").contains("href=\"../s/pic.txt\""), "{}", site.output("s/index.html"));
}

const SUBJECT: &str = "+++\n[subject]\n+++\n";

#[test]
fn what_stands_before_the_first_pane_is_shown() {
    let site = SiteTest::of(&[(
        "content/a.md",
        "# A\n\n::: compare \"Step\"\nBefore all.\n\n```js [x]\n1\n```\n:::\n\n::: tabs\nBefore tabs.\n\n== one\nText.\n:::\n\n::: code-group\nBefore code.\n\n```js [y]\n1\n```\n:::\n",
    )]);
    site.build().fine();
    let page = site.output("a/index.html");
    for text in ["Before all.", "Before tabs.", "Before code."] {
        let at = page.find(text).unwrap_or_else(|| panic!("{text} is not shown"));
        assert!(page[at..].contains("class=\"pane\""), "{text} stands behind the panes");
    }
}

#[test]
fn a_field_is_that_of_the_language_of_the_page() {
    let criteria = "[[criterion]]\nid = \"x\"\ntype = \"bool\"\n";
    let page = "+++\ncompare = [\"a\", \"b\"]\n+++\n# A, B\n";
    let site = SiteTest::of(&[
        ("juxta.toml", "title = \"T\"\n[languages.de]\ntitle = \"T\"\n"),
        ("content/f/criteria.toml", criteria),
        ("content/f/_index.md", "# Field\n"),
        ("content/f/_index.de.md", "# Gebiet\n"),
        ("content/f/a.md", SUBJECT),
        ("content/f/b.md", SUBJECT),
        ("content/f/a.de.md", "+++\ntitle = \"A auf deutsch\"\n[subject]\n+++\n"),
        ("content/f/b.de.md", SUBJECT),
        ("content/other/ab.md", page),
        ("content/other/ab.de.md", page),
        ("content/show.md", "# Show\n\n::: matrix\n:::\n"),
        (
            "content/show.de.md",
            "# Zeigen\n\n::: matrix field=f\n:::\n\n{% set f = field(id=\"f\") %}{{ f.name }}\n",
        ),
    ]);
    site.build().fine();
    for (page, ours, others) in [
        ("other/ab/index.html", "/f/a/", "/de/f/a/"),
        ("de/other/ab/index.html", "/de/f/a/", ""),
        ("show/index.html", "/f/a/", "/de/f/a/"),
        ("de/show/index.html", "<p>Gebiet</p>", "<p>Field</p>"),
        ("de/show/index.html", "A auf deutsch", ""),
    ] {
        let text = site.output(page);
        let main = &text[text.find("<main").unwrap()..];
        let ours = ours.strip_prefix('/').unwrap_or(ours);
        assert!(main.contains(ours), "{page} lacks {ours}");
        assert!(others.is_empty() || !main.contains(others), "{page} has {others}");
    }
}

#[test]
fn exports_say_in_what_is_counted_and_rows_are_added_up() {
    let site = SiteTest::of(&[
        (
            "content/f/criteria.toml",
            "[[criterion]]\nid = \"price\"\ntype = \"money\"\nunit = \"EUR\"\n\
             [[criterion]]\nid = \"mark\"\ntype = \"rating\"\nbetter = \"higher\"\nweight = 3\n\
             [[criterion]]\nid = \"size\"\ntype = \"number\"\nbetter = \"lower\"\n",
        ),
        ("content/f/_index.md", "# F\n\n::: facts totals=true\n:::\n"),
        (
            "content/f/a.md",
            "+++\n[subject]\nalso = [\"b\"]\n[facts]\nprice = { value = 5, unit = \"USD\" }\nmark = { value = 8, of = 10, because = \"x\" }\nsize = { value = 1, method = \"scales\" }\n+++\n# A\n",
        ),
        (
            "content/f/c.md",
            "+++\n[subject]\n[facts]\nprice = 7\nmark = { value = 3, because = \"x\" }\nsize = 2\n+++\n# C\n",
        ),
        ("content/f/matrix.md", "# My own matrix\n"),
    ]);
    site.build().fine();
    let csv = site.output("f/matrix/matrix.csv");
    assert_eq!(csv, "id,title,version,price,price_unit,mark,mark_of,size\na,A,,5,USD,8,10,1\nc,C,,7,,3,,2\n");
    let json: serde_json::Value = serde_json::from_str(&site.output("f/matrix/matrix.json")).unwrap();
    assert_eq!(json["subjects"][0]["facts"]["price"]["unit"], "USD");
    assert_eq!(json["subjects"][0]["facts"]["mark"]["of"], 10.0);
    let page = site.output("f/index.html");
    // Sizes of different methods are not compared, so the weighty mark decides alone.
    assert!(page.contains("<td>3 / 3</td><td>0 / 3</td>"), "{page}");
    assert!(page.contains("not comparable") || page.contains("Not comparable"), "{page}");
}

#[test]
fn other_names_of_subjects_take_no_address_of_another() {
    let site = SiteTest::of(&[
        (
            "content/f/criteria.toml",
            "[field]\npairs = \"publish\"\n[[criterion]]\nid = \"x\"\ntype = \"bool\"\n",
        ),
        ("content/f/_index.md", "# F\n"),
        ("content/f/vue2.md", "+++\n[subject]\nalso = [\"Vue.\"]\n+++\n# Vue 2\n"),
        ("content/f/vue.md", SUBJECT),
        ("content/f/z.md", SUBJECT),
        ("content/f/hidden.md", "+++\nrender = false\ncompare = [\"vue\", \"z\"]\n+++\n# Hidden\n"),
    ]);
    site.build().fine();
    // The page of the pair itself, as the hand-written one is not published.
    for page in ["f/vue-vs-z/index.html", "f/vue2-vs-z/index.html"] {
        assert!(site.output(page).contains("<h1>"), "{page} leads elsewhere");
    }
}

#[test]
fn the_day_of_the_build_is_that_of_the_newest_fact() {
    let site = SiteTest::of(&[
        (
            "content/f/criteria.toml",
            "[field]\nstale_after = \"30d\"\n[[criterion]]\nid = \"x\"\ntype = \"bool\"\n",
        ),
        ("content/f/_index.md", "# F\n\n::: facts\n:::\n\n{{ now() | date(format=\"%Y-%m-%d\") }}\n"),
        (
            "content/f/a.md",
            "+++\n[subject]\n[facts]\nx = { value = true, verified = 2026-01-01 }\n+++\n# A\n",
        ),
        (
            "content/f/b.md",
            "+++\n[subject]\n[facts]\nx = { value = true, verified = 2026-05-01 }\n+++\n# B\n",
        ),
    ]);
    site.build().fine();
    let page = site.output("f/index.html");
    assert_eq!(page.matches("class=\"stale\"").count(), 1, "{page}");
    assert!(page.contains("2026-05-01</p>"), "{page}");
}

#[test]
fn a_heading_that_says_the_title_again_is_not_shown_twice() {
    let site = SiteTest::of(&[
        ("content/a.md", "+++\ntitle = \"A & B\"\n+++\n\n# A & B\n\nText.\n"),
        ("content/b.md", "+++\ntitle = \"B\"\n+++\n# Another\n"),
    ]);
    site.build().fine();
    assert_eq!(site.output("a/index.html").matches("<h1").count(), 1);
    assert_eq!(site.output("b/index.html").matches("<h1").count(), 2);
}
