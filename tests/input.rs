//! Configuration and front matter: text in, fields and problems out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "helpers of tests are tests too"
)]

use std::sync::Arc;

use juxta::base::diagnostic::Diagnostic;
use juxta::base::keys::{Kind as ValueKind, Schema, Status};
use juxta::base::source::Source;
use juxta::config::{self, CONFIG, Config, Dialect, Limits};
use juxta::parse::front_matter::{self, FrontMatter, Kind, PAGE, SECTION, apply_cascade, merge_cascade};
use serde_json::{Value, json};

/// Problems as `line:column code message`, one a line, in order.
fn told(problems: &[Diagnostic]) -> String {
    let tell = |problem: &Diagnostic| {
        let label = &problem.labels[0];
        let (line, column) = label.source.line_column(label.span.start as usize);
        format!("{line}:{column} {} {}", problem.code, problem.message)
    };
    problems.iter().map(tell).collect::<Vec<_>>().join("\n")
}

fn page(text: &str) -> (FrontMatter, usize, Vec<Diagnostic>) {
    front_matter::read(&Source::new("content/a.md", text), Kind::Page, &Limits::default())
}

/// The fields that are not at their default, then the body, then the problems.
fn shown(text: &str, kind: Kind) -> String {
    let source = Source::new("content/a.md", text);
    let (found, body, problems) = front_matter::read(&source, kind, &Limits::default());
    let mut out = String::new();
    let mut add = |name: &str, value: String, default: &str| {
        if value != default {
            out.push_str(&format!("{name}={value} "));
        }
    };
    let (common, page, section) = (&found.common, &found.page, &found.section);
    add("title", format!("{:?}", common.title), "None");
    add("description", format!("{:?}", common.description), "None");
    add("draft", common.draft.to_string(), "false");
    add("render", format!("{:?}", common.render), "None");
    add("aliases", format!("{:?}", common.aliases), "[]");
    add("template", format!("{:?}", common.template), "None");
    add("in_search_index", format!("{:?}", common.in_search_index), "None");
    add("extra", Value::Object(common.extra.clone()).to_string(), "{}");
    add("date", page.date.as_ref().map_or(String::new(), |date| date.text.clone()), "");
    add("updated", page.updated.as_ref().map_or(String::new(), |date| date.text.clone()), "");
    add("weight", format!("{:?}", page.weight), "None");
    add("slug", format!("{:?}", page.slug), "None");
    add("path", format!("{:?}", page.path), "None");
    add("authors", format!("{:?}", page.authors), "[]");
    add("taxonomies", format!("{:?}", page.taxonomies), "{}");
    add("sort_by", format!("{:?}", section.sort_by), "None");
    add("section_weight", section.weight.to_string(), "0");
    add("page_template", format!("{:?}", section.page_template), "None");
    add("paginate_by", format!("{:?}", section.paginate_by), "None");
    add("paginate_path", format!("{:?}", section.paginate_path), "None");
    add("paginate_reversed", section.paginate_reversed.to_string(), "false");
    add("anchors", format!("{:?}", section.insert_anchor_links), "None");
    add("redirect_to", format!("{:?}", section.redirect_to), "None");
    add("transparent", section.transparent.to_string(), "false");
    add("generate_feeds", section.generate_feeds.to_string(), "false");
    add("cascade", Value::Object(section.cascade.clone()).to_string(), "{}");
    let body: String = text[body..].chars().take(20).collect();
    out.push_str(&format!("body={body:?}"));
    if !problems.is_empty() {
        out.push('\n');
        out.push_str(&told(&problems));
    }
    out
}

fn check(text: &str, expected: &str) {
    assert_eq!(shown(text, Kind::Page), expected, "\n{text}");
}

fn check_section(text: &str, expected: &str) {
    assert_eq!(shown(text, Kind::Section), expected, "\n{text}");
}

#[test]
fn the_block_is_found_where_authors_put_it() {
    check("", r#"body="""#);
    check("# Title\n", r##"body="# Title\n""##);
    check("+++\n+++\nx", r#"body="x""#);
    check("+++\n+++", r#"body="""#);
    check("---\n---\nx", r#"body="x""#);
    check("+++\ntitle = \"T\"\n+++\nx", r#"title=Some("T") body="x""#);
    check("---\ntitle: T\n---\nx", r#"title=Some("T") body="x""#);
    check("\u{feff}+++\ntitle = \"T\"\n+++\nx", r#"title=Some("T") body="x""#);
    check("\u{feff}---\ntitle: T\n---\nx", r#"title=Some("T") body="x""#);
    check("\u{feff}x", r#"body="x""#);
    check(
        "+++\r\ntitle = \"T\"\r\ndraft = true\r\n+++\r\nx\r\n",
        r#"title=Some("T") draft=true body="x\r\n""#,
    );
    check("---\r\ntitle: T\r\n---\r\nx", r#"title=Some("T") body="x""#);
    check("\n\n+++\ntitle = \"T\"\n+++\nx", r#"title=Some("T") body="x""#);
    check("+++ \ntitle = \"T\"\n+++\t\nx", r#"title=Some("T") body="x""#);
    check("+++\n\n\n+++\n", r#"body="""#);
    check("---\n# a comment\n---\nx", r#"body="x""#);
    check("---\n\ntitle: T\n---\nx", r#"title=Some("T") body="x""#);
    check("---\ntitle: T\n---\na\n---\nb", r#"title=Some("T") body="a\n---\nb""#);
    check("----\ntitle: T\n----\n", r#"body="----\ntitle: T\n----\n""#);
    check("++++\n", r#"body="++++\n""#);
    check(" +++\n", r#"body=" +++\n""#);
}

#[test]
fn a_thematic_break_is_no_front_matter() {
    check("---", r#"body="---""#);
    check("---\n", r#"body="---\n""#);
    check("---\n\nText: with a colon\n", r#"body="---\n\nText: with a co""#);
    check("---\n\nSome words.\n\n---\n\nMore.\n", r#"body="---\n\nSome words.\n\n--""#);
    check("---\nSome words.\n", r#"body="---\nSome words.\n""#);
    check("---\n\n# Title\n\nText.\n", r#"body="---\n\n# Title\n\nText.\n""#);
}

#[test]
fn what_is_not_closed_is_told_at_its_opening() {
    check("+++", "body=\"\"\n1:1 unclosed-front-matter the front matter is not closed");
    check(
        "\n+++\ntitle = \"T\"\n\nText.",
        "body=\"title = \\\"T\\\"\\n\\nText.\"\n2:1 unclosed-front-matter the front matter is not closed",
    );
    check(
        "---\ntitle: T\n\nText.",
        "body=\"title: T\\n\\nText.\"\n1:1 unclosed-front-matter the front matter is not closed",
    );
    check(
        "+++\ntitle = \"T\"\n---\nx",
        "body=\"title = \\\"T\\\"\\n---\\nx\"\n1:1 unclosed-front-matter the front matter is not closed",
    );
}

#[test]
fn every_field_of_a_page_is_read_from_both_notations() {
    let expected = concat!(
        r#"title=Some("T") description=Some("D") draft=true render=Some(false) aliases=["a", "b/c.html"] "#,
        r#"template=Some("t.html") in_search_index=Some(false) extra={"z":1,"a":[true,{"b":1.5}]} "#,
        r#"date=2026-08-01 updated=2026-08-02T10:00:00Z weight=Some(-3) slug=Some("s") path=Some("/p/q/") "#,
        r#"authors=["A", "B"] taxonomies={"tags": ["x", "y"]} body="x""#
    );
    check(
        "+++\ntitle = \"T\"\ndescription = 'D'\ndate = 2026-08-01\nupdated = 2026-08-02T10:00:00Z\nweight = -3\n\
         draft = true\nrender = false\nslug = \"s\"\npath = \"/p/q/\"\naliases = [\"a\", \"b/c.html\"]\n\
         authors = [\"A\", \"B\"]\nin_search_index = false\ntemplate = \"t.html\"\n\
         [taxonomies]\ntags = [\"x\", \"y\"]\n[extra]\nz = 1\na = [true, { b = 1.5 }]\n+++\nx",
        expected,
    );
    check(
        "---\ntitle: T\ndescription: 'D'\ndate: 2026-08-01\nupdated: 2026-08-02 10:00:00Z\nweight: -3\n\
         draft: true\nrender: false\nslug: s\npath: /p/q/\naliases: [a, b/c.html]\n\
         authors:\n- A\n- B\nin_search_index: false\ntemplate: t.html\n\
         taxonomies:\n  tags:\n  - x\n  - \"y\"\nextra:\n  z: 1\n  a:\n    - true\n    - b: 1.5\n---\nx",
        expected,
    );
}

#[test]
fn every_field_of_a_section_is_read() {
    check_section(
        "+++\ntitle = \"T\"\nsort_by = \"update_date\"\nweight = 5\npage_template = \"p.html\"\npaginate_by = 10\n\
         paginate_path = \"seite\"\npaginate_reversed = true\ninsert_anchor_links = \"right\"\n\
         redirect_to = \"@/b.md\"\ntransparent = true\ngenerate_feeds = true\n[cascade]\ndraft = true\n\
         [cascade.extra]\na = 1\n+++\n",
        concat!(
            r#"title=Some("T") sort_by=UpdateDate section_weight=5 page_template=Some("p.html") paginate_by=Some(10) "#,
            r#"paginate_path=Some("seite") paginate_reversed=true anchors=Some(Right) redirect_to=Some("@/b.md") "#,
            r#"transparent=true generate_feeds=true cascade={"draft":true,"extra":{"a":1}} body="""#
        ),
    );
    check_section("+++\npaginate_by = 0\n+++\n", r#"body="""#);
}

#[test]
fn wrong_values_are_told_with_what_was_expected() {
    for (line, expected) in [
        ("title = 1", "2:9 wrong-type `title`: expected a string, found an integer"),
        ("title = [\"a\"]", "2:9 wrong-type `title`: expected a string, found a list"),
        ("draft = \"true\"", "2:9 wrong-type `draft`: expected a boolean, found a string"),
        ("weight = 1.5", "2:10 wrong-type `weight`: expected an integer, found a float"),
        ("aliases = \"a\"", "2:11 wrong-type `aliases`: expected a list of strings, found a string"),
        ("aliases = [\"a\", 2]", "2:17 wrong-type `aliases`: expected a string, found an integer"),
        ("extra = 1", "2:9 wrong-type `extra`: expected a table, found an integer"),
        ("date = 20260801", "2:8 wrong-type `date`: expected a date, found an integer"),
        ("date = 2026-13-45", "2:8 bad-date `2026-13-45` is no date: there is no month 13"),
        ("date = 2026-02-30", "2:8 bad-date `2026-02-30` is no date: 2026-02 has no day 30"),
        ("date = \"1 May 2026\"", "2:8 bad-date `1 May 2026` is no date: not an ISO 8601 date"),
        ("date = 12:00:00", "2:8 bad-date `12:00:00` is no date: not an ISO 8601 date"),
        ("slug = \"a/b\"", "2:8 bad-value `a/b` is no slug"),
        ("slug = \"\"", "2:8 bad-value `` is no slug"),
        ("path = \"../x\"", "2:8 bad-value `../x` is no path"),
        ("aliases = [\"ok\", \"../x\"]", "2:18 bad-value `../x` cannot redirect here"),
        ("taxonomies = {tags = \"a\"}", "2:22 wrong-type `tags`: expected a list of strings, found a string"),
        ("[taxonomies]\ndraft = true", "3:9 wrong-type `draft`: expected a list of strings, found a boolean"),
        ("titel = \"a\"", "2:1 unknown-key unknown key `titel` in page front matter"),
        ("tags = [\"a\"]", "2:1 unknown-key unknown key `tags` in page front matter"),
        ("sort_by = \"date\"", "2:1 unknown-key unknown key `sort_by` in page front matter"),
        (
            "a = 1\nb = 2",
            "2:1 unknown-key unknown key `a` in page front matter\n3:1 unknown-key unknown key `b` in page front matter",
        ),
        ("draft = true\ndraft = false", "3:1 duplicate-key `draft` is given twice"),
        ("[extra]\n[extra]", "3:2 duplicate-key `extra` is given twice"),
        ("extra.a = 1\n[extra]\nb = 1", "3:2 duplicate-key `extra` is given twice"),
        ("title =", "2:8 bad-toml a value is missing after `=`"),
        ("title = T", "2:9 bad-toml text has to be in quotes"),
        ("title: T", "2:6 bad-toml `:` where TOML has `=`"),
        ("title = \"T", "2:11 bad-toml invalid basic string, expected `\"`"),
    ] {
        let (_, _, problems) = page(&format!("+++\n{line}\n+++\n"));
        assert_eq!(told(&problems), expected, "{line}");
    }
}

#[test]
fn yaml_that_could_grow_or_surprise_is_refused() {
    for (line, expected) in [
        (
            "extra: {a: &a [1], b: *a}",
            "2:12 bad-yaml the anchor `&a` is not read\n2:23 bad-yaml the alias `*a` is not read",
        ),
        ("extra:\n  <<: {a: 1}", "3:3 bad-yaml merge keys (`<<`) are not read"),
        ("extra: !ruby/object {a: 1}", "2:21 bad-yaml tags such as `!ruby/object` are not read"),
        ("title: a\ntitle: b", "3:1 duplicate-key `title` is given twice"),
        ("extra: {a: 1, \"a\": 2}", "2:15 duplicate-key `a` is given twice"),
        ("title: a: b", "2:9 bad-yaml mapping values are not allowed in this context"),
        ("title: *x", "2:8 bad-yaml the alias `*x` is not read"),
        ("? [a]\n: b\ntitle: T", "2:3 bad-yaml a key has to be text, found a list"),
        ("date: 2026-13-45", "2:7 bad-date `2026-13-45` is no date: there is no month 13"),
        ("title: 2026", "2:8 wrong-type `title`: expected a string, found an integer"),
        ("tags: [a]", "2:1 unknown-key unknown key `tags` in page front matter"),
        ("title: [a", "3:1 bad-yaml"),
    ] {
        let (_, _, problems) = page(&format!("---\n{line}\n---\n"));
        let found = told(&problems);
        if expected.ends_with("bad-yaml") {
            assert!(found.contains("bad-yaml"), "{line}: {found}");
        } else {
            assert_eq!(found, expected, "{line}");
        }
    }
}

#[test]
fn one_mistake_leaves_the_other_fields() {
    check(
        "+++\ntitle = \"T\"\nweight = oops\nslug = \"s\"\n[extra]\na = 1\n+++\n",
        "title=Some(\"T\") extra={\"a\":1} slug=Some(\"s\") body=\"\"\n\
         3:10 bad-toml text has to be in quotes",
    );
    check(
        "---\ntitle: T\ndraft: maybe\nslug: s\n---\n",
        "title=Some(\"T\") slug=Some(\"s\") body=\"\"\n3:8 wrong-type `draft`: expected a boolean, found a string",
    );
    check(
        "---\ntitle: T\nslug: s\nweight: ]\n---\n",
        "title=Some(\"T\") slug=Some(\"s\") body=\"\"\n4:9 bad-yaml misplaced bracket",
    );
    check("---\ntitle:\ndraft: true\n---\n", r#"draft=true body="""#);
}

#[test]
fn bombs_are_refused_at_once() {
    let deep = |open: &str, close: &str, n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
    for (text, code) in [
        (format!("+++\n[extra]\na = {}\n+++\n", deep("[", "]", 31)), ""),
        (format!("+++\n[extra]\na = {}\n+++\n", deep("[", "]", 32)), "too-deep"),
        (format!("+++\n[extra]\na = {}\n+++\n", deep("[", "]", 30_000)), "too-deep"),
        (format!("+++\nextra = {}\n+++\n", deep("{a = ", "}", 5_000)), "too-deep"),
        (format!("+++\nextra{} = 1\n+++\n", ".a".repeat(32_000)), "too-deep"),
        (format!("+++\n[extra{}]\n+++\n", ".a".repeat(32_000)), "too-deep"),
        (format!("---\nextra:\n  a: {}\n---\n", deep("[", "]", 31)), ""),
        (format!("---\nextra:\n  a: {}\n---\n", deep("[", "]", 32)), "too-deep"),
        (format!("---\nextra:\n  a: {}\n---\n", "[".repeat(60_000)), "too-deep"),
        (format!("---\nextra:\n  a: {}1\n---\n", "- ".repeat(30_000)), "bad-yaml"),
        (format!("---\nextra:\n{} 1\n---\n", " -".repeat(30_000)), "too-deep"),
        (format!("+++\n[extra]\na = [{}]\n+++\n", "1,".repeat(9_990)), ""),
        (format!("+++\n[extra]\na = [{}]\n+++\n", "1,".repeat(10_000)), "too-many-values"),
        (format!("---\nextra:\n  a: [{}]\n---\n", "1,".repeat(10_000)), "too-many-values"),
        (format!("+++\ntitle = \"{}\"\n+++\n", "x".repeat(65_000)), ""),
        (format!("+++\ntitle = \"{}\"\n+++\n", "x".repeat(65_536)), "front-matter-too-large"),
        (
            "---\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b]\n---\n"
                .to_owned(),
            "bad-yaml",
        ),
        (format!("+++\ndate = \"{}\"\n+++\n", "(".repeat(60_000)), "bad-date"),
    ] {
        let (_, _, problems) = page(&text);
        let start: String = text.chars().take(40).collect();
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes.first().copied().unwrap_or(""), code, "{start} {codes:?}");
        assert!(codes.len() <= 60, "{start}: {}", codes.len());
    }
}

#[test]
fn many_duplicates_and_anchors_are_told_in_bounds() {
    let text = format!("+++\n[extra]\n{}+++\n", "a = 1\n".repeat(9_000));
    let (_, _, problems) = page(&text);
    assert_eq!(problems.len(), 50);
    assert_eq!(problems[0].labels.len(), 2);
    let text = format!("---\nextra:\n{}---\n", "  a: &a 1\n".repeat(4_000));
    assert_eq!(page(&text).2.len(), 50);
}

#[test]
fn hundreds_of_unknown_keys_are_told_in_bounds() {
    let keys: String = (0..3_000).map(|i| format!("k{i} = 1\n")).collect();
    assert_eq!(page(&format!("+++\n{keys}+++\n")).2.len(), 50);
}

#[test]
fn hints_lead_on() {
    for (text, hint) in [
        ("+++\ntitel = \"a\"\n+++", "did you mean `title`?"),
        ("+++\ntags = [\"a\"]\n+++", "taxonomies belong under `taxonomies`"),
        ("---\nsidebar_position: 3\n---\n", "`weight`"),
        ("---\npermalink: /a/\n---\n", "`path`"),
        ("+++\nsort_by = \"date\"\n+++", "belongs to sections"),
        ("+++\nhero = \"a\"\n+++", "free values go under `extra`"),
        ("+++\ntitle = 2026\n+++", "put it into quotes: `\"2026\"`"),
        ("+++\ndraft = \"true\"\n+++", "without quotes: `true`"),
        ("+++\nauthors = \"A\"\n+++", "put it into brackets: `[\"A\"]`"),
        ("+++\ndate = 2026-13-45\n+++", "`2026-08-01`"),
        ("+++\n[taxonomies]\ndraft = true\n+++", "belongs at the top"),
        ("+++\ntitle: T\n+++", "write `---` above"),
        ("+++\ntitle = “T”\n+++", "typographic quotes"),
        ("---\ntitle: a: b\n---", "quote a text"),
        ("---\nextra:\n\ta: 1\n---", "spaces"),
        ("+++\ntitle = \"T\"", "put a line with `+++`"),
    ] {
        let (_, _, problems) = page(text);
        let hints: Vec<&String> = problems.iter().flat_map(|problem| &problem.hints).collect();
        assert!(hints.iter().any(|found| found.contains(hint)), "{text}: {}\n{hints:?}", told(&problems));
    }
    let source = Source::new("content/_index.md", "+++\ndate = 2026-01-01\n[cascade]\ntemplat = \"a\"\n+++");
    let (_, _, problems) = front_matter::read(&source, Kind::Section, &Limits::default());
    assert_eq!(
        told(&problems),
        "2:1 unknown-key unknown key `date` in section front matter\n4:1 unknown-key unknown key `templat` in `cascade`"
    );
    assert_eq!(problems[0].hints, ["`date` belongs to pages"]);
    assert_eq!(problems[1].hints, ["did you mean `template`?"]);
}

#[test]
fn both_places_of_a_duplicate_are_named() {
    for text in [
        "+++\ntitle = \"a\"\n\"title\" = \"b\"\n+++",
        "+++\n[extra]\nx = { a = 1, b = 2, a = 3 }\n+++",
        "+++\n[extra.x]\na = 1\n[extra.x]\n+++",
        "+++\nextra = 1\nextra.a = 1\n+++",
        "---\ntitle: a\ntitle: b\n---",
    ] {
        let (_, _, problems) = page(text);
        let problem = problems.iter().find(|problem| problem.code == "duplicate-key").expect(text);
        assert_eq!(problem.labels.len(), 2, "{text}");
        assert!(problem.labels[1].span < problem.labels[0].span, "{text}");
    }
}

#[test]
fn spans_are_places_in_the_file() {
    for text in [
        "\u{feff}+++\ntitle = \"Ü\"\n[taxonomies]\ntags = [\"a\", \"b\"]\n[extra.hero]\ntext = 'x'\n+++\n",
        "\u{feff}---\ntitle: \"Ü\"\ntaxonomies:\n  tags: [\"a\", \"b\"]\nextra:\n  hero: {text: 'x'}\n---\n",
    ] {
        let source = Source::new("a.md", text);
        let (found, _, problems) = front_matter::read(&source, Kind::Page, &Limits::default());
        assert!(problems.is_empty(), "{}", told(&problems));
        for (path, expected) in
            [("title", "\"Ü\""), ("taxonomies.tags[1]", "\"b\""), ("extra.hero.text", "'x'")]
        {
            assert_eq!(source.slice(found.spans[path]), expected, "{path}");
        }
        assert!(source.slice(found.span).starts_with(&text[3..6]), "{:?}", found.span);
        assert_eq!(source.slice(found.span).len(), text.len() - 4);
    }
}

#[test]
fn cascades_fill_what_a_file_does_not_set() {
    let cascade = |value: Value| value.as_object().cloned().unwrap();
    let outer =
        cascade(json!({"template": "a.html", "draft": true, "extra": {"x": {"a": 1, "b": 1}, "y": 1}}));
    let inner = cascade(
        json!({"template": "b.html", "authors": ["I"], "taxonomies": {"tags": ["t"]}, "extra": {"x": {"a": 2}}}),
    );
    let merged = merge_cascade(&outer, &inner);
    let (mut plain, _, _) = page("x");
    apply_cascade(&mut plain, Kind::Page, &merged);
    assert_eq!(plain.common.template.as_deref(), Some("b.html"));
    assert!(plain.common.draft);
    assert_eq!(plain.page.authors, ["I"]);
    assert_eq!(plain.page.taxonomies["tags"], ["t"]);
    assert_eq!(Value::Object(plain.common.extra), json!({"x": {"a": 2, "b": 1}, "y": 1}));

    let (mut own, _, _) = page(
        "+++\ntemplate = \"own.html\"\ndraft = false\nauthors = []\n[taxonomies]\ntags = [\"own\"]\n[extra]\ny = 2\n+++",
    );
    apply_cascade(&mut own, Kind::Page, &merged);
    assert_eq!(own.common.template.as_deref(), Some("own.html"));
    assert!(!own.common.draft);
    assert!(own.page.authors.is_empty());
    assert_eq!(own.page.taxonomies["tags"], ["own"]);
    assert_eq!(own.common.extra["y"], 2);

    let (mut section, _, _) = page("x");
    apply_cascade(&mut section, Kind::Section, &merged);
    assert_eq!(section.common.template, None);
    assert!(section.common.draft);
}

#[test]
fn names_can_start_with_a_date() {
    for (stem, expected) in [
        ("2026-08-01-title", "2026-08-01 title"),
        ("2026-08-01_title-2", "2026-08-01 title-2"),
        ("2026-08-01T12:00:00Z-title", "2026-08-01T12:00:00Z title"),
        ("2026-08-01T12:00:00+02:00_title", "2026-08-01T12:00:00+02:00 title"),
        ("2026-08-01T12:00:00-title", "2026-08-01T12:00:00 title"),
        ("2026-08-01", ""),
        ("2026-08-01-", ""),
        ("2026-02-30-title", ""),
        ("2026-08-01title", ""),
        ("title-2026-08-01", ""),
        ("x", ""),
    ] {
        let found = front_matter::date_from_name(stem);
        let found = found.map_or(String::new(), |(date, rest)| format!("{} {rest}", date.text));
        assert_eq!(found, expected, "{stem}");
    }
}

// Configuration.

fn config(text: &str, dialect: Dialect) -> (Config, Vec<Diagnostic>) {
    config::read(&Source::new("juxta.toml", text), dialect)
}

#[test]
fn an_empty_file_gives_the_defaults_of_its_dialect() {
    let (found, problems) = config("", Dialect::Juxta);
    assert!(problems.is_empty());
    assert_eq!(format!("{:?}", Config { source: None, ..found }), format!("{:?}", Config::default()));
    let default = Config::default();
    assert!(
        default.markdown.code.highlight
            && default.markdown.github_alerts
            && default.markdown.bottom_footnotes
    );
    assert_eq!(default.search["include_content"], true);

    let (found, problems) = config("", Dialect::Zola);
    assert_eq!(told(&problems), "1:1 missing-key `base_url` is not given");
    assert!(
        !found.markdown.code.highlight && !found.markdown.github_alerts && !found.markdown.bottom_footnotes
    );
    let (found, _) = config("base_url = \"/\"\n[markdown.highlighting]\ntheme = \"Nord\"", Dialect::Zola);
    assert!(found.markdown.code.highlight);
    assert_eq!((found.markdown.code.light_theme.as_str(), &found.markdown.code.dark_theme), ("Nord", &None));
    let (found, _) = config("[markdown]\nhighlight_code = true", Dialect::Zola);
    assert!(found.markdown.code.highlight);
    assert_eq!(Dialect::of_file("config.toml"), Dialect::Zola);
}

/// A value of that kind which is not `default`.
fn other_value(path: &str, kind: &ValueKind, default: &str) -> Option<String> {
    let special = match path {
        "base_url" => Some("\"https://example.org/x/\""),
        "default_language" => Some("\"de\""),
        "feed_filenames" => Some("[\"rss.xml\"]"),
        "slug" | "path" | "min_version" => Some("\"a\""),
        "python" => Some("\"3.12\""),
        // On, with the built-in theme.
        "build_search_index" | "lazy_async_image" | "dimensions" => Some("false"),
        "widths" => Some("[320]"),
        "include_link" => Some("\"https://example.org/{path}#L{line}\""),
        _ => None,
    };
    if let Some(special) = special {
        return Some(special.to_owned());
    }
    Some(match kind {
        ValueKind::Text => "\"a\"".to_owned(),
        ValueKind::Bool => (default != "true").to_string(),
        ValueKind::Integer(..) => "7".to_owned(),
        ValueKind::Number => "1.5".to_owned(),
        ValueKind::TextOrTexts | ValueKind::Any => "\"a\"".to_owned(),
        ValueKind::Texts | ValueKind::List => "[\"a\"]".to_owned(),
        ValueKind::Date => "2026-08-01".to_owned(),
        ValueKind::Choice(names) => {
            names.iter().map(|name| format!("{name:?}")).find(|name| name != default)?
        }
        ValueKind::Map(ValueKind::Text) => "{ de = \"a\" }".to_owned(),
        ValueKind::Map(ValueKind::Texts) => "{ tags = [\"a\"] }".to_owned(),
        ValueKind::Free => "{ a = 1 }".to_owned(),
        ValueKind::Table(_) | ValueKind::Tables(_) | ValueKind::Map(_) => return None,
    })
}

/// `key = value` for every key of a schema, tables inline.
fn full_table(schema: &Schema, skip: &[&str]) -> Vec<(String, String)> {
    let usable =
        schema.keys.iter().filter(|key| !matches!(key.status, Status::Refused(_) | Status::Synonym(_)));
    let entries = usable.filter(|key| !skip.contains(&key.name)).map(|key| {
        let inline = |schema| {
            let entries = full_table(schema, skip);
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{key} = {value}")).collect();
            format!("{{ {} }}", entries.join(", "))
        };
        let value = match key.kind {
            ValueKind::Table(schema) => inline(schema),
            ValueKind::Tables(schema) => format!("[{}]", inline(schema)),
            ValueKind::Map(ValueKind::Table(schema)) => format!("{{ fr = {} }}", inline(schema)),
            kind => other_value(key.name, &kind, key.default).expect(key.name),
        };
        (key.name.to_owned(), value)
    });
    entries.collect()
}

fn text_of(entries: &[(String, String)]) -> String {
    entries.iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
}

#[test]
fn every_key_of_the_configuration_has_an_effect() {
    // `theme` and the pair of themes exclude each other.
    let text = text_of(&full_table(&CONFIG, &["light_theme", "dark_theme"]));
    let (found, problems) = config(&text, Dialect::Juxta);
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
    assert!(codes.iter().all(|code| *code == "not-yet-supported"), "{}", told(&problems));
    assert_eq!(codes.len(), 1, "{}", told(&problems));
    assert_eq!(found.languages["fr"].taxonomies[0].paginate_by, Some(7));

    // Each key alone changes what is read.
    let without_places = |config: Config| Config { source: None, spans: Default::default(), ..config };
    let default = format!("{:?}", Config::default());
    for (path, key) in CONFIG.rows() {
        let settable = !matches!(key.status, Status::Refused(_) | Status::NoEffect(_) | Status::Later(_))
            || path == "build_search_index";
        let Some(value) = other_value(key.name, &key.kind, key.default).filter(|_| settable) else {
            continue;
        };
        let text = match path.rsplit_once("[].") {
            Some((list, "name")) => format!("[[{}]]\nname = {value}", list.replace('*', "fr")),
            Some((list, key)) => format!("[[{}]]\nname = \"n\"\n{key} = {value}", list.replace('*', "fr")),
            None => format!("{} = {value}", path.replace('*', "fr")),
        };
        // `filename` and the like need their neighbours; `name` is not theirs.
        let text =
            if path.contains("highlight_themes_css") { text.replace("name = \"n\"\n", "") } else { text };
        let (found, problems) = config(&text, Dialect::Juxta);
        let errors: Vec<&Diagnostic> = problems.iter().filter(|p| p.code != "not-yet-supported").collect();
        assert!(errors.is_empty(), "{text}: {}", told(&problems));
        assert_ne!(format!("{:?}", without_places(found)), default, "{text}");
    }
}

#[test]
fn every_key_of_front_matter_has_an_effect() {
    for (schema, kind) in [(&PAGE, Kind::Page), (&SECTION, Kind::Section)] {
        let entries = full_table(schema, &[]);
        let read = |entries: &[(String, String)]| {
            let source = Source::new("a.md", format!("+++\n{}+++\n", text_of(entries)));
            let (found, _, problems) = front_matter::read(&source, kind, &Limits::default());
            assert!(problems.is_empty(), "{}", told(&problems));
            (found.common, found.page, found.section)
        };
        read(&entries);
        for entry in entries {
            // Some mean something only beside another.
            let beside = match entry.0.as_str() {
                "criteria" | "verified" | "verdict" | "sides" => ("compare", "[\"a\"]"),
                "facts" => ("subject", "{}"),
                _ => ("", ""),
            };
            let beside = Some((beside.0.to_owned(), beside.1.to_owned())).filter(|(key, _)| !key.is_empty());
            let without: Vec<_> = beside.clone().into_iter().collect();
            let with: Vec<_> = beside.into_iter().chain([entry.clone()]).collect();
            assert_ne!(read(&with), read(&without), "{entry:?}");
        }
    }
}

#[test]
fn problems_of_the_configuration_have_places() {
    for (text, expected) in [
        (
            "base_url = \"example.org\"",
            "1:12 bad-value `example.org` is no base address: it does not start with `https://` or `http://`",
        ),
        ("base_url = \"https://\"", "1:12 bad-value `https://` is no base address: it has no host"),
        (
            "base_url = \"https://a.org/?x\"",
            "1:12 bad-value `https://a.org/?x` is no base address: it has a query or a fragment",
        ),
        (
            "base_url = \"ftp://a.org\"",
            "1:12 bad-value `ftp://a.org` is no base address: it does not start with `https://` or `http://`",
        ),
        (
            "base_url = \"https://a b.org\"",
            "1:12 bad-value `https://a b.org` is no base address: its host is none",
        ),
        ("base_url = 3", "1:12 wrong-type `base_url`: expected a string, found an integer"),
        ("default_language = \"english language\"", "1:20 bad-value `english language` is no language code"),
        ("theme = \"../evil\"", "1:9 bad-value `../evil` is no name of a theme"),
        ("feed_filenames = [\"a/b.xml\"]", "1:19 bad-value `a/b.xml` is no file name"),
        ("feed_filenames = []", "1:18 bad-value no name of a feed"),
        (
            "ignored_content = [\"a[\"]",
            "1:20 bad-value `a[` is no glob: unclosed character class; missing ']'",
        ),
        ("taxonomy_root = \"../x\"", "1:17 bad-value `../x` is no path"),
        ("taxonomies = [{feed = true}]", "1:15 missing-key a taxonomy without a `name`"),
        (
            "taxonomies = [{name = \"a\"}, {name = \"a\"}]",
            "1:37 duplicate-key the taxonomy `a` is given twice",
        ),
        ("[languages.x]", "1:12 bad-value `x` is no language code"),
        ("[slugify]\npaths = \"of\"", "2:9 bad-value `paths` cannot be `of`"),
        ("[limits]\nsource = 0", "2:10 bad-value `source` cannot be 0"),
        (
            "[markdown.highlighting]\ntheme = \"a\"\ndark_theme = \"b\"",
            "2:1 bad-value `theme` and `dark_theme` exclude each other",
        ),
        (
            "[markdown.highlighting]\nextra_grammars = [\"a.json\"]",
            "2:1 unsupported-key `extra_grammars` is not supported",
        ),
        ("[markdown.highlighting]\nextra_grammars = []", ""),
        ("compile_sass = true", ""),
        (
            "[markdown]\nextra_syntaxes_and_themes = [\"a\"]",
            "2:29 not-yet-supported `extra_syntaxes_and_themes` has no effect yet",
        ),
        ("[images]\nwidths = [0]", "2:11 bad-value no width of an image"),
        ("[images]\nquality = 101", "2:11 bad-value `quality` cannot be 101"),
        ("hard_link_static = true", ""),
        ("github_alerts = true", "1:1 unknown-key unknown key `github_alerts` in the configuration"),
        ("[markdown]\ntitle = \"a\"", "2:1 unknown-key unknown key `title` in `[markdown]`"),
        ("[[markdown]]", "1:1 wrong-type `markdown`: expected a table, found a list"),
        ("a = [", "1:6 bad-toml unclosed array, expected `]`"),
    ] {
        let (_, problems) = config(text, Dialect::Juxta);
        assert_eq!(told(&problems), expected, "{text}");
    }
    let (_, problems) = config("github_alerts = true\nbaseURL = \"x\"\nbase_ur = \"x\"", Dialect::Juxta);
    let hints: Vec<&str> = problems.iter().flat_map(|problem| &problem.hints).map(String::as_str).collect();
    assert_eq!(
        hints,
        ["`github_alerts` belongs under `[markdown]`", "the key is `base_url`", "did you mean `base_url`?"]
    );
}

#[test]
fn base_addresses_are_cut_at_the_end() {
    for (text, expected) in [
        ("https://a.org", Some("https://a.org")),
        ("https://a.org/", Some("https://a.org")),
        ("http://localhost:8080/x/", Some("http://localhost:8080/x")),
        ("https://[::1]:80/", Some("https://[::1]:80")),
        ("HTTPS://Ünï.org/ä/", Some("HTTPS://Ünï.org/ä")),
        ("/", None),
    ] {
        assert_eq!(config::parse_base_url(text), Ok(expected.map(str::to_owned)), "{text}");
    }
}

#[test]
fn a_language_takes_from_the_site_what_it_does_not_say() {
    let (config, problems) = config(
        "title = \"T\"\ndescription = \"D\"\ntaxonomies = [{ name = \"tags\" }]\ntranslations = { a = \"A\" }\n\
         [languages.fr]\ntitle = \"F\"\ngenerate_feed = true\ntranslations = { a = \"B\" }\n\
         [languages.en]\ndescription = \"E\"\n[languages.zh-Hant]\n",
        Dialect::Juxta,
    );
    assert!(problems.is_empty(), "{}", told(&problems));
    assert_eq!(config.language_codes().collect::<Vec<_>>(), ["en", "fr", "zh-Hant"]);
    let french = config.language("fr").unwrap();
    assert_eq!((french.title, french.description), (Some("F"), Some("E")));
    assert!(french.generate_feeds && french.taxonomies.is_empty());
    assert_eq!(french.feed_filenames, ["atom.xml"]);
    assert_eq!(french.translations["a"], "B");
    let english = config.language("en").unwrap();
    assert_eq!((english.title, english.description), (Some("T"), Some("E")));
    assert_eq!(english.taxonomies.len(), 1);
    assert!(config.language("de").is_none());
}

#[test]
fn themes_stand_below_the_site() {
    let source = Source::new(
        "themes/a/theme.toml",
        "name = \"A\"\nparent = \"b\"\nfoo = 1\n[author]\nname = \"x\"\n[extra]\na = 1\nt = { x = 1, y = 1 }\n",
    );
    let (manifest, problems) = config::read_theme(&source);
    assert_eq!(told(&problems), "3:1 unknown-key unknown key `foo` in `theme.toml`");
    assert_eq!(problems[0].severity.word(), "warning");
    assert_eq!(manifest.parent.as_deref(), Some("b"));
    let (mut config, _) = config("[extra]\na = 2\nt = { x = 2 }", Dialect::Juxta);
    config.merge_theme_extra(&manifest.extra);
    assert_eq!(Value::Object(config.extra), json!({"a": 2, "t": {"x": 2, "y": 1}}));
    let (manifest, problems) = config::read_theme(&Source::new("theme.toml", "extends = \"../b\""));
    assert_eq!((manifest.parent, problems.len()), (None, 1));
}

#[test]
fn schemas_describe_every_key() {
    let config = config::schema();
    assert_eq!(config["properties"]["output_dir"]["default"], "public");
    assert_eq!(config["properties"]["markdown"]["properties"]["math"]["type"], "boolean");
    assert_eq!(config["additionalProperties"], false);
    assert!(
        config["properties"]["markdown"]["properties"]["highlighting"]["properties"]["extra_themes"]
            .is_null()
    );
    let front_matter = front_matter::schema();
    assert_eq!(front_matter["$defs"]["section"]["properties"]["sort_by"]["enum"][0], "date");
    for schema in [&CONFIG, &PAGE, &SECTION, &config::THEME] {
        for (path, key) in schema.rows() {
            let silent = matches!(key.status, Status::Refused(_));
            assert!(silent || key.description.ends_with('.'), "{path}");
            assert!(key.default.is_empty() || serde_json::from_str::<Value>(key.default).is_ok(), "{path}");
        }
    }
}

#[test]
fn reading_never_panics() {
    use proptest::prelude::*;
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let strategy =
        (any::<bool>(), "[a-c=:\\[\\]{}\"'\n\r\t &*<|>#+.,0-9üT-]{0,80}", "(\n---|\n\\+\\+\\+)?.{0,10}");
    runner
        .run(&strategy, |(yaml, middle, end)| {
            let fence = if yaml { "---" } else { "+++" };
            let text = format!("{fence}\n{middle}\n{fence}{end}");
            let source = Source::new("a.md", text);
            for kind in [Kind::Page, Kind::Section] {
                let (found, body, problems) = front_matter::read(&source, kind, &Limits::default());
                prop_assert!(source.text.is_char_boundary(body));
                let labels = problems.iter().flat_map(|problem| &problem.labels).map(|label| label.span);
                for span in labels.chain(found.spans.values().copied()) {
                    prop_assert!(span.range().end <= source.text.len(), "{span:?}");
                }
            }
            let _ = config::read(&Arc::clone(&source), Dialect::Zola);
            Ok(())
        })
        .unwrap();
}
