//! Layers: which stage may use which. ARCHITECTURE.md explains the picture.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "helpers of tests are tests too"
)]
#![expect(clippy::disallowed_methods, reason = "the source is read")]
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use std::collections::BTreeSet;
use std::path::Path;

/// Stage, and the stages it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("config", &["base"]),
    ("read", &["base", "config"]),
    ("code", &["base"]),
    ("compare", &["base"]),
    ("parse", &["base", "config", "code", "compare"]),
    ("model", &["base", "config", "read", "compare", "parse"]),
    ("search", &["base"]),
    ("twin", &["base"]),
    ("images", &["base"]),
    ("styles", &["base"]),
    ("store", &["base"]),
    ("plan", &["base", "config", "read", "model"]),
    (
        "render",
        &["base", "config", "read", "code", "compare", "parse", "model", "twin", "images", "styles", "plan"],
    ),
    ("publish", &["base"]),
    ("report", &["base"]),
    (
        "build",
        &[
            "base", "config", "read", "compare", "parse", "model", "search", "twin", "images", "store",
            "plan", "render",
        ],
    ),
    ("run", &["base", "read", "compare", "parse", "model", "build"]),
    // It tells problems in the browser, and looks which files have changed.
    ("serve", &["base", "config", "read", "render", "build", "report"]),
    (
        "cli",
        &[
            "base", "config", "read", "parse", "model", "plan", "render", "publish", "report", "build",
            "run", "serve",
        ],
    ),
];

fn used(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            used(&path, found);
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for (at, _) in line.match_indices("crate::") {
                let name = &line[at + "crate::".len()..];
                found.insert(name.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect());
            }
        }
    }
}

#[test]
fn each_stage_uses_only_those_it_may() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders: BTreeSet<String> = BTreeSet::new();
    for entry in std::fs::read_dir(&src).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            folders.insert(entry.file_name().into_string().unwrap());
        }
    }
    let known: BTreeSet<String> = LAYERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(folders, known, "every folder of `src` is a layer");
    for (layer, allowed) in LAYERS {
        let mut found = BTreeSet::new();
        used(&src.join(layer), &mut found);
        for other in found.iter().filter(|other| *other != layer) {
            assert!(allowed.contains(&other.as_str()), "`{layer}` must not use `{other}`");
        }
    }
}

/// Big crate, and the only files that may name it: what a major upgrade of it
/// can touch.
const OWNERS: &[(&str, &[&str])] = &[
    ("annotate_snippets", &["report/text.rs"]),
    ("axum", &["serve/http.rs"]),
    ("brush_parser", &["code/shell.rs"]),
    ("blake3", &["base/fingerprint.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("csv", &["base/records.rs"]),
    ("granit_parser", &["base/table.rs", "code/data.rs"]),
    ("grass", &["styles/sass.rs"]),
    ("image", &["images/"]),
    ("lightningcss", &["styles/css.rs", "styles/bundle.rs"]),
    ("jiff", &["base/date.rs", "render/functions.rs", "cli/project.rs"]),
    ("oxc_parser", &["code/"]),
    ("pulldown_cmark", &["parse/markdown/", "twin/tests.rs"]),
    ("pulldown_latex", &["parse/markdown/math.rs"]),
    ("ravif", &["images/"]),
    ("rayon", &["build/", "render/values.rs", "publish/commit.rs", "run/machine.rs", "images/tests.rs"]),
    ("resvg", &["images/"]),
    ("ruff_python_parser", &["code/"]),
    ("notify", &["serve/watch.rs"]),
    ("rustix", &["read/disk.rs", "publish/", "run/sandbox.rs", "serve/watch.rs", "cli/watching.rs"]),
    ("skrifa", &["images/"]),
    ("syntect", &["code/"]),
    ("tera", &["render/"]),
    ("tera_contrib", &["render/filters.rs"]),
    ("tokio", &["serve/"]),
    ("toml", &["base/table.rs", "code/data.rs"]),
    ("two_face", &["code/"]),
    ("walkdir", &["read/disk.rs"]),
    ("webp", &["images/"]),
];

fn sources(folder: &Path, below: &str, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            sources(&entry.path(), &format!("{name}/"), found);
        } else if name.ends_with(".rs") {
            found.push((name, std::fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

/// Whether a line of code starts a path with this crate's name.
fn names(line: &str, name: &str) -> bool {
    let path = format!("{name}::");
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices(&path).any(|(at, _)| {
        !code[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '"' | '`'))
    })
}

#[test]
fn each_big_crate_stays_where_it_belongs() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut files);
    let mut strays = Vec::new();
    for (name, owners) in OWNERS {
        let mut used = false;
        for (file, text) in &files {
            let Some(line) = text.lines().position(|line| names(line, name)) else { continue };
            used = true;
            if !owners.iter().any(|owner| file == owner || owner.ends_with('/') && file.starts_with(owner)) {
                strays.push(format!("src/{file}:{}: `{name}` belongs to {}", line + 1, owners.join(", ")));
            }
        }
        if !used {
            strays.push(format!("nothing uses `{name}`: take it out of this table"));
        }
    }
    assert!(strays.is_empty(), "{}", strays.join("\n"));
}

#[test]
fn names_of_crates_are_found() {
    assert!(names("use tera::Value;", "tera"));
    assert!(names("    x: Option<tera::Value>,", "tera"));
    assert!(!names("// tera::Value", "tera"));
    assert!(!names("use crate::tera::Value;", "tera"));
    assert!(!names("use tera_contrib::x;", "tera"));
}
