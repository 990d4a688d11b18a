//! A check of everything that was published: does each link lead somewhere?

use std::collections::BTreeMap;

use regex::Regex;

/// Every link of every output that leads nowhere, one a line: `output: link`.
/// `base` is the site's base address, if it has one.
pub(crate) fn broken(outputs: &BTreeMap<String, Vec<u8>>, base: Option<&str>) -> Vec<String> {
    let attribute =
        Regex::new(r#"\s(?:href|src|poster|action)=(?:"([^"]*)"|'([^']*)'|([^\s"'>&][^\s"'>]*))"#).unwrap();
    let element = Regex::new(r"<(?:loc|link|guid|id)>([^<]*)<").unwrap();
    let refresh = Regex::new(r#"content="0; url=([^"]*)""#).unwrap();
    let mut broken = Vec::new();
    for (output, bytes) in outputs {
        let markup =
            ["html", "htm", "xml"].iter().any(|extension| output.ends_with(&format!(".{extension}")));
        let Ok(text) = std::str::from_utf8(bytes) else { continue };
        if text.contains("base.invalid") {
            broken.push(format!("{output}: the base that stands for no place"));
        }
        if !markup {
            continue;
        }
        let is_feed = output.ends_with(".xml");
        // Feeds hold HTML, escaped.
        let whole = if is_feed { format!("{text}\n{}", unescape(text)) } else { without_code(text) };
        let found = attribute
            .captures_iter(&whole)
            .chain(refresh.captures_iter(&whole))
            .chain(element.captures_iter(if is_feed { &whole } else { "" }))
            .filter_map(|captures| captures.iter().skip(1).flatten().next().map(|link| link.as_str()));
        for link in found {
            let link = unescape(link);
            if let Some(reason) = judge(outputs, output, &link, base) {
                broken.push(format!("{output}: `{link}` {reason}"));
            }
        }
    }
    broken.sort();
    broken.dedup();
    broken
}

/// The tags of HTML, without what only looks like markup.
fn without_code(html: &str) -> String {
    let html = Regex::new(r"(?s)<!--.*?-->|<script>.*?</script>").unwrap().replace_all(html, "");
    let tag = Regex::new(r#"<[a-zA-Z](?:[^"'<>]|"[^"]*"|'[^']*')*>"#).unwrap();
    tag.find_iter(&html).map(|tag| tag.as_str()).collect::<Vec<_>>().join("\n")
}

fn unescape(text: &str) -> String {
    let pairs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&#x2F;", "/")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to)).replace("&amp;", "&")
}

fn decode(text: &str) -> String {
    juxta::base::paths::percent_decode(text).unwrap_or_else(|| text.to_owned())
}

/// Why a link leads nowhere.
fn judge(
    outputs: &BTreeMap<String, Vec<u8>>,
    output: &str,
    link: &str,
    base: Option<&str>,
) -> Option<&'static str> {
    let (address, fragment) = link.split_once('#').map_or((link, None), |(a, f)| (a, Some(f)));
    let address = address.split('?').next().unwrap_or("");
    let host_and_base = |base: &str| {
        let (_, rest) = base.split_once("://").unwrap();
        rest.find('/').map_or(String::new(), |i| rest[i..].to_owned())
    };
    let path = if address.contains("://") {
        let inside = base.and_then(|base| address.strip_prefix(base));
        match inside {
            Some(inside) if inside.is_empty() || inside.starts_with('/') => inside.to_owned(),
            _ => return None,
        }
    } else if address.starts_with("mailto:") || address.starts_with("tel:") || address.starts_with("data:") {
        return None;
    } else if let Some(rooted) = address.strip_prefix('/') {
        let base = base.map(host_and_base).unwrap_or_default();
        match format!("/{rooted}").strip_prefix(base.as_str()) {
            Some(inside) => inside.to_owned(),
            None => return Some("is outside the base"),
        }
    } else if output.ends_with(".xml") {
        return Some("is relative in a feed or sitemap");
    } else if address.is_empty() {
        output.to_owned()
    } else {
        let mut parts: Vec<&str> = output.split('/').collect();
        parts.pop();
        for part in address.split('/') {
            match part {
                "." => {}
                ".." => {
                    if parts.pop().is_none() {
                        return Some("leads above the site");
                    }
                }
                part => parts.push(part),
            }
        }
        if address.ends_with("..") {
            parts.push("");
        }
        parts.join("/")
    };
    let path = decode(path.trim_start_matches('/'));
    let file = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path };
    let Some(target) = outputs.get(&file) else { return Some("is not published") };
    let fragment = decode(fragment.filter(|fragment| !fragment.is_empty() && *fragment != "top")?);
    let html = String::from_utf8_lossy(target);
    let there = ["\"", "'", ""].iter().any(|quote| {
        html.match_indices(&format!(" id={quote}{fragment}{quote}"))
            .any(|(at, found)| !quote.is_empty() || html[at + found.len()..].starts_with([' ', '>']))
    });
    (!there).then_some("has no such anchor")
}

#[test]
fn the_check_finds_what_is_broken() {
    let page = r##"<a href="b/#x"> <a href='b/#y'> <a href="c.html"> <img src="../up.png"> <a href="/b/">
        <a href=https://else.where/> <a href="https://x.org/m/b/"> <a href="https://x.org/m/c/">
        <a title="a > b" href="b/#x"> <code>&lt;a href="no.html"&gt;</code>"##;
    let outputs = BTreeMap::from([
        ("index.html".to_owned(), page.as_bytes().to_vec()),
        ("b/index.html".to_owned(), b"<p id=x>".to_vec()),
        ("feed.xml".to_owned(), b"<link>https://x.org/m/d/</link>&lt;a href=&quot;b/&quot;>".to_vec()),
    ]);
    assert_eq!(
        broken(&outputs, Some("https://x.org/m")).join("\n"),
        "feed.xml: `b/` is relative in a feed or sitemap\n\
         feed.xml: `https://x.org/m/d/` is not published\n\
         index.html: `../up.png` leads above the site\n\
         index.html: `/b/` is outside the base\n\
         index.html: `b/#y` has no such anchor\n\
         index.html: `c.html` is not published\n\
         index.html: `https://x.org/m/c/` is not published"
    );
}
