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

/// The site of this repository, with more lines at the start of its
/// configuration.
fn own_site(more: &str) -> BTreeMap<String, Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let site = SiteTest::of(&[]);
    let config = std::fs::read_to_string(root.join("juxta.toml")).unwrap();
    site.write("juxta.toml", format!("{more}{config}"));
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

#[test]
fn pages_stay_within_their_budgets() {
    let outputs = own_site("");
    let pages: Vec<&String> = outputs.keys().filter(|path| path.ends_with(".html")).collect();
    assert!(pages.len() > 50);
    for page in pages {
        let (styles, scripts) = weight(&outputs, page);
        assert!(styles <= 14 << 10, "{page}: {styles} bytes of style sheets");
        // Groups of code and long tables have scripts of their own.
        let html = text_of(&outputs, page);
        let of_comparisons = ["compare.js?", "table.js?"].iter().filter(|name| html.contains(*name)).count();
        let most = [8 << 10, 9 << 10, 10 << 10][of_comparisons];
        assert!(scripts <= most, "{page}: {scripts} bytes of scripts");
    }
    // An ordinary page and a comparison; other addresses of it only lead there.
    let is_comparison =
        |path: &&String| path.contains("-vs-") && text_of(&outputs, path).contains("compare.js?");
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
fn smaller_pages_are_the_same_pages() {
    let plain = own_site("");
    let small = own_site("minify_html = true\n");
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
    let plain = own_site("");
    let small = own_site("minify_css = true\n");
    let (is, was) = (&small["juxta.css"], &plain["juxta.css"]);
    assert!(is.len() < was.len() * 9 / 10, "{} of {}", is.len(), was.len());
    eprintln!("juxta.css: {} bytes compressed became {}", compressed(was), compressed(is));
    // The address on a page names what is published.
    let page = text_of(&small, "index.html");
    let digest = {
        use sha2::Digest as _;
        sha2::Sha256::digest(is).iter().take(10).map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    assert!(page.contains(&format!("juxta.css?h={digest}")), "{digest}\n{page}");
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
