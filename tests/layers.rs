//! Layers: which stage may use which. ARCHITECTURE.md explains the picture.

#![expect(clippy::disallowed_methods, reason = "the source is read")]

use std::collections::BTreeSet;
use std::path::Path;

/// Stage, and the stages it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("config", &["base"]),
    ("read", &["base", "config"]),
    ("code", &["base"]),
    ("parse", &["base", "config", "code"]),
    ("model", &["base", "config", "read", "parse"]),
    ("plan", &["base", "read", "model"]),
    ("render", &["base", "config", "read", "code", "parse", "model", "plan"]),
    ("publish", &["base"]),
    ("report", &["base"]),
    ("build", &["base", "config", "read", "parse", "model", "plan", "render"]),
    ("run", &["base", "parse", "build"]),
    ("serve", &["base", "render", "build"]),
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
