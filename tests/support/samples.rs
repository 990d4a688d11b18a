//! A site that uses a bit of everything, and how to compare what it becomes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Paths and texts of a site of about `pages` pages; `version` changes some.
pub(crate) fn sample(pages: usize, version: usize) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = [
        (
            "juxta.toml",
            "base_url = \"https://example.com/sub\"\ntitle = \"Sample\"\ngenerate_feeds = true\n\
             feed_filenames = [\"atom.xml\", \"rss.xml\"]\n\
             taxonomies = [{ name = \"tags\", feed = true, paginate_by = 3 }, { name = \"kinds\" }]\n\
             [markdown]\nmath = true\nsmart_punctuation = true\ninsert_anchor_links = \"right\"\n\
             [languages.fr]\ntitle = \"Exemple\"\n[extra]\nb = 1\na = 2\n[extra.m]\nz = 1\ny = 2\n",
        ),
        ("content/_index.md", "# Home\n\n- [one](@/s0/p0.md)\n"),
        ("content/p.fr.md", "# Une page\n\nDu texte.\n"),
        ("content/p.md", "+++\naliases = [\"old\", \"older/one\"]\n+++\n# A page\n\n[rows](data.csv)\n"),
        ("content/data.csv", "a,b\n1,2\n"),
        ("content/expr.md", "# E\n\n{% for k, v in config.extra %}- {{ k }} {{ v }}\n{% endfor %}\n\n{{ load_data(path='data/x.json') }}\n\n{{ get_random(end=100) }} {{ now() }}\n"),
        ("data/x.json", "{\"z\": 1, \"a\": [1, 2], \"m\": {\"y\": 1, \"b\": 2}}"),
        ("static/robots-not.txt", "x"),
        ("static/sub/x.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into();
    for i in 0..pages {
        let section = i % 4;
        if i < 4 {
            let text = format!("+++\ntitle = \"Section {i}\"\npaginate_by = 5\ngenerate_feeds = true\n+++\n");
            files.push((format!("content/s{i}/_index.md"), text));
        }
        let mut text = format!(
            "+++\ndate = 2026-01-{:02}\nauthors = [\"A\", \"B\"]\n[taxonomies]\ntags = [\"t{}\", \"t{}\"]\nkinds = [\"k\"]\n+++\n# Page {i}\n\nSome *text* number {}.[^1]\n\n## Part {i}\n\n<!-- more -->\n\n",
            1 + i % 28,
            i % 5,
            i % 7,
            if i % 3 == 0 { version } else { 0 },
        );
        for (language, code) in [
            ("js", "const x = { a: 1 } // note\nfunction f() { return `t${x}` }"),
            ("python", "def f(x: int) -> str:\n    return f\"{x!r}\""),
            ("rust title=\"main.rs\"", "fn main() { println!(\"{}\", 1); }"),
        ] {
            write!(text, "```{language}\n{code}\n```\n\n").unwrap();
        }
        let next = (i + 4) % pages;
        write!(text, "::: note \"A *note*\" {{#n{i}}}\nSee [next](@/s{}/p{next}.md#part-{next}).\n:::\n\n| a | b |\n|--:|---|\n| 1 | $x^{i}$ |\n\n[^1]: Foot.\n", next % 4).unwrap();
        files.push((format!("content/s{section}/p{i}.md"), text));
    }
    files
}

/// Fails with the first output and byte that differ.
pub(crate) fn assert_same<A: AsRef<[u8]>, B: AsRef<[u8]>>(
    what: &str,
    one: &BTreeMap<String, A>,
    other: &BTreeMap<String, B>,
) {
    let names = |missing: Vec<&String>| missing.into_iter().take(5).cloned().collect::<Vec<_>>();
    let lost = names(one.keys().filter(|name| !other.contains_key(*name)).collect());
    let gained = names(other.keys().filter(|name| !one.contains_key(*name)).collect());
    assert!(lost.is_empty() && gained.is_empty(), "{what}: without {lost:?}, more {gained:?}");
    for (name, bytes) in one {
        let (bytes, others) = (bytes.as_ref(), other[name].as_ref());
        if bytes != others {
            let at =
                bytes.iter().zip(others).position(|(a, b)| a != b).unwrap_or(bytes.len().min(others.len()));
            let around = |bytes: &[u8]| {
                let part = &bytes[at.saturating_sub(40)..(at + 40).min(bytes.len())];
                String::from_utf8_lossy(part).into_owned()
            };
            panic!("{what}: {name} differs at byte {at}:\n{:?}\n{:?}", around(bytes), around(others));
        }
    }
}
