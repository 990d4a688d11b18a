//! Assets: what a page of this repository's site asks a browser for, and that
//! smaller pages are the same pages.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "helpers of tests are tests too"
)]
#![expect(clippy::disallowed_methods, reason = "the site of the repository is copied")]

#[path = "support/strict.rs"]
#[expect(dead_code, reason = "others use the rest")]
mod strict;
mod support;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use support::site::{SiteTest, files_in};

/// The site of this repository, with other lines in its configuration.
fn own_site(edits: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let site = SiteTest::of(&[]);
    let mut config = std::fs::read_to_string(root.join("juxta.toml")).unwrap();
    for (from, to) in edits {
        assert!(config.contains(from), "{from}");
        config = config.replacen(from, to, 1);
    }
    site.write("juxta.toml", config);
    for folder in ["content", "templates", "static", "examples"] {
        for (path, bytes) in files_in(&root.join(folder)) {
            site.write(&format!("{folder}/{path}"), bytes);
        }
    }
    site.build().fine();
    site.outputs()
}

fn text_of(outputs: &BTreeMap<String, Vec<u8>>, path: &str) -> String {
    String::from_utf8(outputs[path].clone()).unwrap()
}

fn compressed(bytes: &[u8]) -> usize {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().len()
}

/// The output that an address on a page leads to.
fn target(page: &str, address: &str) -> String {
    let mut folder: Vec<&str> = page.split('/').collect();
    folder.pop();
    for part in address.split(['?', '#']).next().unwrap().split('/') {
        match part {
            ".." => drop(folder.pop()),
            "." | "" => {}
            part => folder.push(part),
        }
    }
    folder.join("/")
}

/// Bytes of the style sheets and of the scripts of a page, as they are sent.
/// Nothing else runs on it, and nothing comes from elsewhere.
fn weight(outputs: &BTreeMap<String, Vec<u8>>, page: &str) -> (usize, usize) {
    let html = text_of(outputs, page);
    let (mut styles, mut scripts) = (0, 0);
    for element in strict::elements(&html).unwrap() {
        let attribute = |name| element.attribute(name).unwrap_or_default();
        assert_ne!(element.name, "style", "{page}");
        for (name, _) in &element.attributes {
            assert!(name != "style" && !name.starts_with("on"), "{page}: {element:?}");
        }
        for name in ["src", "srcset", "data-script"] {
            assert!(!attribute(name).contains("//"), "{page}: {element:?}");
        }
        match element.name.as_str() {
            "link" if attribute("rel") == "stylesheet" => {
                assert!(!attribute("href").contains("//"), "{page}: {element:?}");
                styles += compressed(&outputs[&target(page, attribute("href"))]);
            }
            "script" if element.attribute("src").is_some() => {
                scripts += compressed(&outputs[&target(page, attribute("src"))]);
            }
            "script" => assert_eq!(attribute("type"), "application/ld+json", "{page}"),
            _ => {}
        }
    }
    (styles, scripts)
}

/// Whether a page has a script of that name, with its digest in it.
fn has_script(html: &str, name: &str) -> bool {
    regex::Regex::new(&format!(r#"[/"]{name}\.[0-9a-f]{{12}}\.js""#)).unwrap().is_match(html)
}

#[test]
fn pages_stay_within_their_budgets() {
    let outputs = own_site(&[]);
    let pages: Vec<&String> = outputs.keys().filter(|path| path.ends_with(".html")).collect();
    assert!(pages.len() > 50);
    for page in pages {
        let (styles, scripts) = weight(&outputs, page);
        assert!(styles <= 14 << 10, "{page}: {styles} bytes of style sheets");
        // Long tables beside groups of code have a script more.
        let html = text_of(&outputs, page);
        let has_both = ["compare", "table"].iter().all(|name| has_script(&html, name));
        let most = if has_both { 10 << 10 } else { 8 << 10 };
        assert!(scripts <= most, "{page}: {scripts} bytes of scripts");
    }
    // An ordinary page and a comparison; other addresses of it only lead there.
    let is_comparison =
        |path: &&String| path.contains("-vs-") && has_script(&text_of(&outputs, path), "compare");
    let comparison = outputs.keys().find(is_comparison).unwrap().clone();
    for page in ["docs/start/index.html".to_owned(), comparison] {
        let (styles, scripts) = weight(&outputs, &page);
        eprintln!("{page}: {styles} bytes of style sheets, {scripts} of scripts");
        assert!(styles > 0 && scripts > 0);
    }
}

/// Tags and texts as a browser sees them, whatever the spaces are: where they
/// do not count, any number is one.
fn seen(html: &str) -> Vec<String> {
    let pieces = regex::Regex::new(
        r"(?s)<!--.*?-->|<pre\b.*?</pre>|<textarea\b.*?</textarea>|<script\b.*?</script>|<svg\b.*?</svg>|<math\b.*?</math>|<[^>]*>|[^<]+",
    )
    .unwrap();
    let spaces = regex::Regex::new(r"[ \t\r\n\x0c]+").unwrap();
    let mut seen: Vec<String> = Vec::new();
    let mut text = String::new();
    for piece in pieces.find_iter(html).map(|piece| piece.as_str()) {
        if piece.starts_with("<!--") {
            continue;
        }
        if !piece.starts_with('<') {
            text.push_str(piece);
            continue;
        }
        seen.push(spaces.replace_all(&text, " ").into_owned());
        text.clear();
        seen.push(piece.to_owned());
    }
    if let Some(first) = seen.first_mut() {
        *first = first.trim_start().to_owned();
    }
    seen
}

#[test]
fn a_site_chooses_the_colours_that_are_seen_first() {
    let seen = |scheme: &str| {
        let config = format!("title = \"Site\"\n{scheme}");
        let site = SiteTest::of(&[("juxta.toml", &config), ("content/page.md", "# Page\n")]);
        site.build().fine();
        let elements = strict::elements(&text_of(&site.outputs(), "page/index.html")).unwrap();
        let found = |name: &str, value: &str, attribute: &str| {
            let is_it = |element: &&strict::Element| element.attribute(name) == Some(value);
            elements.iter().find(is_it).unwrap().attribute(attribute).unwrap().to_owned()
        };
        let root = elements.iter().find(|element| element.name == "html").unwrap();
        let theme = root.attribute("data-theme").map(str::to_owned);
        let code = ["code-light", "code-dark"].map(|id| found("id", id, "media"));
        (theme, found("name", "color-scheme", "content"), code)
    };
    let system = ["print, (prefers-color-scheme: light)", "screen and (prefers-color-scheme: dark)"];
    for (scheme, theme, meta, code) in [
        ("", None, "light dark", system),
        ("[extra]\nscheme = \"system\"\n", None, "light dark", system),
        ("[extra]\nscheme = \"light\"\n", Some("light"), "light", ["all", "not all"]),
        ("[extra]\nscheme = \"dark\"\n", Some("dark"), "dark", ["print", "screen"]),
    ] {
        let expected = (theme.map(str::to_owned), meta.to_owned(), code.map(str::to_owned));
        assert_eq!(seen(scheme), expected, "{scheme}");
    }
    let site =
        SiteTest::of(&[("juxta.toml", "[extra]\nscheme = \"night\"\n"), ("content/page.md", "# Page\n")]);
    let told = site.build();
    assert_ne!(told.code, 0);
    assert!(
        told.stderr.contains("the theme expects `\"system\"`, `\"light\"` or `\"dark\"`"),
        "{}",
        told.stderr
    );
}

#[test]
fn smaller_pages_are_the_same_pages() {
    let plain = own_site(&[]);
    let small = own_site(&[("minify_css = true", "minify_css = true\nminify_html = true")]);
    assert_eq!(plain.keys().collect::<Vec<_>>(), small.keys().collect::<Vec<_>>());
    let (mut before, mut after) = (0, 0);
    for (path, bytes) in &plain {
        if !path.ends_with(".html") {
            assert!(*bytes == small[path], "{path}");
            continue;
        }
        before += bytes.len();
        after += small[path].len();
        let (plain, small) = (text_of(&plain, path), text_of(&small, path));
        let (plain, small) = (seen(&plain), seen(&small));
        for (one, other) in plain.iter().zip(&small) {
            assert_eq!(one, other, "{path}");
        }
        assert_eq!(plain.len(), small.len(), "{path}");
    }
    eprintln!("{before} bytes of pages became {after}");
    assert!(after < before);
}

#[test]
fn smaller_style_sheets_hold_less() {
    let plain = own_site(&[("minify_css = true", "minify_css = false")]);
    let small = own_site(&[]);
    let (is, was) = (&small["juxta.css"], &plain["juxta.css"]);
    assert!(is.len() < was.len() * 9 / 10, "{} of {}", is.len(), was.len());
    for page in ["index.html", "docs/start/index.html", "backend/matrix/index.html"] {
        let ((was, _), (is, _)) = (weight(&plain, page), weight(&small, page));
        eprintln!("{page}: {was} bytes of style sheets became {is}");
        assert!(is < was);
    }
    // The address on a page names what is published.
    let page = text_of(&small, "index.html");
    let digest = {
        use sha2::Digest as _;
        sha2::Sha256::digest(is).iter().take(6).map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    assert!(page.contains(&format!("juxta.{digest}.css\"")), "{digest}\n{page}");
}

#[test]
fn digests_are_those_of_what_is_published() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let config =
        "minify_css = true\nminify_html = true\n[extra]\nintegrity = true\nstyles = [\"static/own.css\"]\n";
    let site = SiteTest::of(&[
        ("juxta.toml", config),
        ("content/page.md", "# Page\n\n::: compare\n```js\n1;\n```\n```py\n1\n```\n:::\n"),
        ("static/own.css", "p  {  color: #ff0000  }\n"),
    ]);
    site.build().fine();
    let outputs = site.outputs();
    let mut count = 0;
    for element in strict::elements(&text_of(&outputs, "page/index.html")).unwrap() {
        let (attribute, is_sheet) = match element.name.as_str() {
            "link" => ("href", element.attribute("rel") == Some("stylesheet")),
            "script" => ("src", element.attribute("src").is_some()),
            _ => continue,
        };
        if !is_sheet {
            continue;
        }
        let bytes = &outputs[&target("page/index.html", element.attribute(attribute).unwrap())];
        let digest = base64::engine::general_purpose::STANDARD.encode(sha2::Sha384::digest(bytes));
        assert_eq!(element.attribute("integrity"), Some(format!("sha384-{digest}").as_str()), "{element:?}");
        count += 1;
    }
    assert!(count >= 7, "{count}");
    assert_eq!(text_of(&outputs, "own.css"), "p{color:red}");
}

/// Addresses on a page of what it loads at once or later.
fn loaded(outputs: &BTreeMap<String, Vec<u8>>, page: &str) -> Vec<String> {
    let mut addresses = Vec::new();
    for element in strict::elements(&text_of(outputs, page)).unwrap() {
        let attributes: &[&str] = match element.name.as_str() {
            "link" if matches!(element.attribute("rel"), Some("stylesheet" | "manifest")) => &["href"],
            "script" => &["src"],
            "button" => &["data-script", "data-style"],
            _ => continue,
        };
        addresses.extend(attributes.iter().filter_map(|name| element.attribute(name)).map(str::to_owned));
    }
    addresses
}

/// A site with files of all kinds, each named with its digest.
fn site_of_all_kinds(more: &str) -> SiteTest {
    let config = "base_url = \"https://example.org/deep/down\"\ncompile_sass = true\nhashed_names = true\n";
    let extra = "[extra]\nintegrity = true\nstyles = [\"own.css\", \"sass.css\", \"page/beside.css\"]\n\
                 [extra.look]\naccent = \"#123456\"\n[extra.manifest]\nshort_name = \"S\"\n";
    let fence = "::: compare\n```js\n1;\n```\n```py\n1\n```\n:::\n";
    SiteTest::of(&[
        ("juxta.toml", &format!("{config}{more}{extra}")),
        ("content/_index.md", "# Home\n"),
        ("content/page/index.md", &format!("# Page\n\n{fence}")),
        ("content/page/beside.css", "p { background: url(beside.svg#\u{e9}) }\n"),
        ("content/page/beside.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"7\" height=\"5\"/>"),
        (
            "content/text.md",
            "# Text\n\n[one]({{ get_url(path=\"page/beside.svg#part\", cachebust=true) }}) [two]({{ get_url(path=\"CNAME\", cachebust=true) }}) ![three]({{ get_url(path=\"page/beside.svg\", cachebust=true) }})\n",
        ),
        ("static/own.css", "@import \"part.css\" print;\np  {  color: #ff0000  }\n"),
        ("static/part.css", "a { color: #00ff00 }\n"),
        ("static/CNAME", "example.org\n"),
        ("sass/sass.scss", "$c: #0000ff;\nb { color: $c }\n"),
    ])
}

#[test]
fn files_are_published_under_names_with_their_digests() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let named = regex::Regex::new(r"^(.*)\.([0-9a-f]{12})(\.[a-z]+|)$").unwrap();
    for more in ["", "minify_css = true\nminify_html = true\n"] {
        let site = site_of_all_kinds(more);
        site.build().fine();
        let outputs = site.outputs();
        let mut seen = std::collections::BTreeSet::new();
        for page in ["index.html", "page/index.html", "text/index.html", "404.html"] {
            for address in loaded(&outputs, page) {
                // The error page is shown at any depth.
                let path = match address.strip_prefix("/deep/down/") {
                    Some(path) if page == "404.html" => path.to_owned(),
                    _ => target(page, &address),
                };
                let parts = named.captures(&path).unwrap_or_else(|| panic!("{page}: {address}"));
                let plain = format!("{}{}", &parts[1], &parts[3]);
                assert!(outputs[&path] == outputs[&plain], "{path}");
                let digest = sha2::Sha256::digest(&outputs[&path]);
                let digits: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(&parts[2], digits, "{path}");
                seen.insert(plain);
            }
            for element in strict::elements(&text_of(&outputs, page)).unwrap() {
                let Some(integrity) = element.attribute("integrity") else { continue };
                let address = element.attribute("href").or_else(|| element.attribute("src")).unwrap();
                let path =
                    address.strip_prefix("/deep/down/").map_or_else(|| target(page, address), str::to_owned);
                let digest =
                    base64::engine::general_purpose::STANDARD.encode(sha2::Sha384::digest(&outputs[&path]));
                assert_eq!(integrity, format!("sha384-{digest}"), "{address}");
            }
        }
        let expected = [
            "code-dark.css",
            "code-light.css",
            "compare.css",
            "compare.js",
            "early.js",
            "home.css",
            "juxta-search.css",
            "juxta-search.js",
            "juxta.css",
            "juxta.js",
            "look.css",
            "manifest.webmanifest",
            "own.css",
            "page/beside.css",
            "sass.css",
        ];
        assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), expected);
        // In the text of a page, with a part of the file, and with no dot in the name.
        let text = text_of(&outputs, "text/index.html");
        let expected = r#"\.\./page/beside\.[0-9a-f]{12}\.svg\#part".*"\.\./CNAME\.[0-9a-f]{12}".*src="\.\./page/beside\.[0-9a-f]{12}\.svg" width="7""#;
        assert!(regex::Regex::new(expected).unwrap().is_match(&text), "{text}");
        let of_own = outputs.keys().find(|path| path.starts_with("own.") && *path != "own.css").unwrap();
        let css = text_of(&outputs, of_own);
        if more.is_empty() {
            assert!(css.starts_with("@import \"part.css\" print;"), "{css}");
        } else {
            assert_eq!(css, "@media print{a{color:#0f0}}p{color:red}");
        }

        // With nothing to do nothing is done; an edit takes the old name away.
        std::thread::sleep(std::time::Duration::from_millis(60));
        site.build().fine();
        let again = site.run(&["build"]).fine();
        assert!(again.stderr.contains("nothing changed"), "{again:?}");
        assert!(site.outputs() == outputs);
        site.write("static/part.css", "a { color: #00ffff }\n");
        site.write("static/own.css", "@import \"part.css\" print;\np  {  color: #ff00ff  }\n");
        site.build().fine();
        let edited = site.outputs();
        assert!(!edited.contains_key(of_own), "{of_own}");
        let names = |outputs: &BTreeMap<String, Vec<u8>>| {
            outputs.keys().filter(|path| path.starts_with("own.")).count()
        };
        assert_eq!([names(&outputs), names(&edited)], [2, 2]);
        std::fs::remove_dir_all(site.path("public")).unwrap();
        site.build().fine();
        assert!(site.outputs() == edited);
    }
}

#[test]
fn a_name_with_a_digest_is_nobody_elses() {
    let site = SiteTest::of(&[
        ("juxta.toml", "hashed_names = true\n"),
        ("content/_index.md", "# Home\n"),
        ("static/own.txt", "own"),
        ("templates/index.html", "{{ get_url(path=\"own.txt\", cachebust=true) }}"),
    ]);
    site.build().fine();
    let name =
        site.outputs().keys().find(|path| path.starts_with("own.") && *path != "own.txt").unwrap().clone();
    site.write(&format!("static/{name}"), "mine");
    let run = site.build();
    assert_eq!(run.code, 1, "{run:?}");
    let message = format!(
        "error[duplicate-output]: two things would be published as `{name}`: the file `static/own.txt` under a name with its digest and the file `static/{name}`"
    );
    assert!(run.stderr.contains(&message), "{}", run.stderr);
}

#[test]
fn files_drawn_from_templates_have_digests_too() {
    let site = SiteTest::of(&[
        ("juxta.toml", ""),
        ("content/_index.md", "# Home\n"),
        (
            "templates/index.html",
            "{{ get_url(path=\"a.css\", cachebust=true) }} {{ get_hash(path=\"a.css\", sha_type=256, base64=false) }}",
        ),
        ("templates/files/a.css", "a { background: url({{ get_url(path=\"b.css\", cachebust=true) }}) }"),
        ("templates/files/b.css", "b { top: 1px }"),
    ]);
    site.build().fine();
    let outputs = site.outputs();
    let digits = |path: &str| {
        use sha2::Digest as _;
        sha2::Sha256::digest(&outputs[path]).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let (of_a, of_b) = (digits("a.css"), digits("b.css"));
    assert_eq!(text_of(&outputs, "a.css"), format!("a {{ background: url(b.css?h={}) }}", &of_b[..20]));
    assert_eq!(text_of(&outputs, "index.html"), format!("a.css?h={} {of_a}", &of_a[..20]));

    // Two that hold each other's digest cannot be, and who asks is not to blame.
    site.write("templates/files/b.css", "{{ get_url(path=\"a.css\", cachebust=true) }}");
    let run = site.build();
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("`a.css` cannot hold its own digest"), "{}", run.stderr);
    assert!(run.stderr.contains("templates/files/a.css"), "{}", run.stderr);
    site.write("templates/files/b.css", "b");
    // Texts of pages are drawn before.
    site.write("content/_index.md", "# Home\n\n{{ get_url(path=\"b.css\", cachebust=true) }}\n");
    let run = site.build();
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("name it in a template"), "{}", run.stderr);
}

/// A site with cards: pages, a field with two subjects, one with a logo.
fn site_with_cards(more: &str) -> SiteTest {
    let site = SiteTest::of(&[
        ("juxta.toml", &format!("base_url = \"https://example.org/docs\"\ntitle = \"Cards\"\n{more}")),
        ("content/_index.md", "# Start\n"),
        ("content/one.md", "# One\n"),
        ("content/two.md", "# Two\n"),
        ("content/japanese.md", "# 比較\n"),
        ("content/own.md", "+++\ntitle = \"Own\"\n[extra]\nsocial_image = \"own.png\"\n+++\n"),
        ("static/own.png", "own"),
        ("content/db/_index.md", "# Databases\n"),
        (
            "content/db/criteria.toml",
            "[field]\nmin_shared_facts = 1\nmin_shared_tasks = 0\n[[criterion]]\nid = \"free\"\ntype = \"bool\"\n",
        ),
        ("content/db/pg.md", "+++\n[subject]\nlogo = \"pg.png\"\n[facts]\nfree = true\n+++\n# Postgres\n"),
        ("content/db/lite.md", "+++\n[subject]\n[facts]\nfree = true\n+++\n# SQLite\n"),
    ]);
    let mut logo = std::io::Cursor::new(Vec::new());
    let red = image::RgbImage::from_pixel(60, 60, image::Rgb([255, 0, 0]));
    red.write_to(&mut logo, image::ImageFormat::Png).unwrap();
    site.write("content/db/pg.png", logo.into_inner());
    site
}

/// What a page says of itself to other sites, by property or name.
fn told_to_others(outputs: &BTreeMap<String, Vec<u8>>, page: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for element in strict::elements(&text_of(outputs, page)).unwrap() {
        let Some(name) = element.attribute("property").or_else(|| element.attribute("name")) else {
            continue;
        };
        if name.starts_with("og:image") || name.starts_with("twitter:") {
            found.insert(name.to_owned(), element.attribute("content").unwrap().to_owned());
        }
    }
    found
}

/// The bytes of a page's card.
fn card_of<'o>(outputs: &'o BTreeMap<String, Vec<u8>>, page: &str) -> &'o [u8] {
    let told = told_to_others(outputs, page);
    assert_eq!(told["twitter:card"], "summary_large_image", "{page}");
    assert_eq!(
        (told["og:image:width"].as_str(), told["og:image:height"].as_str()),
        ("1200", "630"),
        "{page}"
    );
    let path = told["og:image"].strip_prefix("https://example.org/docs/").unwrap();
    &outputs[path]
}

/// Pixels of a card of which the colour is wanted.
fn pixels(card: &[u8], is_wanted: impl Fn([u8; 3]) -> bool) -> usize {
    let image = image::load_from_memory(card).unwrap().into_rgb8();
    assert_eq!(image.dimensions(), (1200, 630));
    image.pixels().filter(|pixel| is_wanted(pixel.0)).count()
}

#[test]
fn each_page_has_a_card_that_other_sites_show() {
    let site = site_with_cards("social_cards = true\n");
    site.build().fine();
    let outputs = site.outputs();
    let page = |name: &str| format!("{name}/index.html");
    let dark = |[r, g, b]: [u8; 3]| r < 60 && g < 60 && b < 70;
    let mut seen: Vec<&[u8]> = Vec::new();
    for name in ["one", "two", "japanese", "db", "db/pg", "db/lite", "db/lite-vs-pg", "db/matrix"] {
        let card = card_of(&outputs, &page(name));
        assert!(pixels(card, dark) > 1000, "{name} shows no text");
        assert!(!seen.contains(&card), "{name} has the card of another page");
        seen.push(card);
    }
    let red = |name: &str| pixels(card_of(&outputs, &page(name)), |colour| colour == [255, 0, 0]);
    assert!(red("db/pg") > 3000 && red("db/lite-vs-pg") > 3000, "the logo of a subject is shown");
    assert_eq!([red("one"), red("db/lite")], [0, 0]);
    assert_eq!(told_to_others(&outputs, "one/index.html")["og:image:alt"], "One");

    // A page's own picture is shown, and no card made that nobody shows.
    let own = told_to_others(&outputs, "own/index.html");
    assert_eq!(own["og:image"], "https://example.org/docs/own.png");
    assert!(!own.contains_key("og:image:width"), "{own:?}");
    assert!(!outputs["404.html"].windows(13).any(|text| text == b"\"og:image\" co"));
    let cards = outputs.keys().filter(|path| path.starts_with("processed_images/card.")).count();
    let shown: std::collections::BTreeSet<String> = outputs
        .keys()
        .filter(|path| path.ends_with(".html"))
        .filter_map(|path| told_to_others(&outputs, path).remove("og:image"))
        .collect();
    assert_eq!(cards, shown.len() - 1);

    // The same from the store, and without it.
    site.build().fine();
    assert!(site.outputs() == outputs);
    std::fs::remove_dir_all(site.path(".juxta")).unwrap();
    site.build().fine();
    assert!(site.outputs() == outputs);

    // What no page shows any more is not kept.
    let kept = || std::fs::read_dir(site.path(".juxta/images")).unwrap().count();
    assert_eq!(kept(), cards);
    site.write("content/one.md", "# Another\n");
    site.build().fine();
    assert_eq!(kept(), cards);
    assert!(card_of(&site.outputs(), "one/index.html") != card_of(&outputs, "one/index.html"));
}

#[test]
fn there_are_no_cards_unless_they_are_asked_for() {
    let site = site_with_cards("[extra]\nsocial_image = \"own.png\"\n");
    site.build().fine();
    let outputs = site.outputs();
    assert!(!outputs.keys().any(|path| path.starts_with("processed_images")));
    let told = told_to_others(&outputs, "one/index.html");
    assert_eq!(told["og:image"], "https://example.org/docs/own.png");
    // A page's card says more than the picture of the site.
    let site = site_with_cards("social_cards = true\n[extra]\nsocial_image = \"own.png\"\n");
    site.build().fine();
    card_of(&site.outputs(), "one/index.html");
    // Another drawing of the site's own.
    site.write(
        "templates/social-card.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1200\" height=\"630\"><rect width=\"600\" height=\"630\" fill=\"#0000ff\"/><title>{{ page?.title or \"\" }}</title></svg>",
    );
    site.build().fine();
    let outputs = site.outputs();
    assert_eq!(pixels(card_of(&outputs, "one/index.html"), |colour| colour == [0, 0, 255]), 600 * 630);
}

/// The code block of that title in a page of the documentation.
fn documented(page: &str, title: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("content/docs").join(page);
    let text = std::fs::read_to_string(path).unwrap();
    let block =
        regex::Regex::new(&format!("(?s)\n```[a-z]+ title=\"{}\"\n(.*?)\n```\n", regex::escape(title)));
    let block =
        block.unwrap().captures(&text).unwrap_or_else(|| panic!("no `{title}` in {page}"))[1].to_owned();
    block + "\n"
}

#[test]
fn the_card_of_the_documentation_is_drawn_as_it_says() {
    let site = SiteTest::of(&[
        ("juxta.toml", "base_url = \"https://example.org/docs\"\nsocial_cards = true\n"),
        ("content/_index.md", "# Start\n"),
        ("content/one.md", "# A title of a page that is long enough for more than a line\n"),
        ("templates/social-card.svg", &documented("for-machines.md", "templates/social-card.svg")),
        (
            "static/logo.svg",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 10 4\"><rect width=\"10\" height=\"4\" fill=\"#ff0000\"/></svg>",
        ),
    ]);
    site.build().fine();
    let outputs = site.outputs();
    let card = card_of(&outputs, "one/index.html");
    let of_colour = |colour: [u8; 3]| pixels(card, |found| found == colour);
    assert_eq!(of_colour([255, 0, 0]), 200 * 80, "the logo");
    assert!(of_colour([255, 255, 255]) > 10_000, "the title");
    assert!(of_colour([0, 0x70, 0x7a]) > 600_000, "the ground");
    assert!(card_of(&outputs, "index.html") != card);
}

#[test]
fn photographs_are_offered_as_avif_before_webp() {
    let site = SiteTest::of(&[
        ("juxta.toml", "[images]\nresponsive = true\nformat = \"avif\"\nwidths = [40, 80]\nquality = 70\n"),
        ("content/photo.md", "# Photo\n\n![a photo](/photo.jpg)\n"),
        ("content/drawing.md", "# Drawing\n\n![a drawing](/drawing.png)\n"),
    ]);
    let noise = |x: u32, y: u32| image::Rgb([(x * 7 + y * 3) as u8, (x ^ y) as u8, (y * 5) as u8]);
    let picture = image::RgbImage::from_fn(100, 50, noise);
    for (path, format) in
        [("static/photo.jpg", image::ImageFormat::Jpeg), ("static/drawing.png", image::ImageFormat::Png)]
    {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        site.write(path, bytes.into_inner());
    }
    site.build().fine();
    let outputs = site.outputs();
    let forms = |page: &str| -> Vec<(String, Vec<String>)> {
        let sources = strict::elements(&text_of(&outputs, page)).unwrap();
        let sources = sources.iter().filter(|element| element.name == "source");
        sources
            .map(|source| {
                let of = |name| source.attribute(name).unwrap().to_owned();
                (of("type"), of("srcset").split(", ").map(str::to_owned).collect())
            })
            .collect()
    };
    let photo = forms("photo/index.html");
    assert_eq!([&photo[0].0, &photo[1].0], ["image/avif", "image/webp"]);
    for (kind, start) in [(0, b"ftypavif".as_slice()), (1, b"WEBP".as_slice())] {
        let widths: Vec<u32> = photo[kind]
            .1
            .iter()
            .map(|form| form.split(' ').nth(1).unwrap().trim_end_matches('w').parse().unwrap())
            .collect();
        assert_eq!(widths, [40, 80]);
        for form in &photo[kind].1 {
            let bytes = &outputs[&target("photo/index.html", form.split(' ').next().unwrap())];
            assert!(bytes[..16].windows(start.len()).any(|part| part == start), "{form}");
        }
    }
    let drawing = forms("drawing/index.html");
    assert_eq!(drawing.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["image/webp"]);
    // From the store, and without it.
    let kept = || std::fs::read_dir(site.path(".juxta/images")).unwrap().count();
    assert_eq!(kept(), 6);
    std::fs::remove_dir_all(site.path(".juxta")).unwrap();
    site.build().fine();
    assert!(site.outputs() == outputs);
}
