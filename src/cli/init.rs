//! `init`: a new site.
//!
//! In: a folder and the name of a template. Out: its files in the folder, and
//! what to do next. Overwrites nothing.
#![expect(clippy::disallowed_methods, reason = "the edge where a new site is written")]

use std::fs;
use std::io::Write as _;

use super::args::InitArguments;
use super::project::{CONFIG_NAMES, Terminal};
use super::{MACHINE, WRONG_USE, fail};

/// Path and text of each file: a field of two subjects, with facts, a task and a comparison, and an article.
const COMPARISON: &[(&str, &str)] = &[
    ("juxta.toml", include_str!("starter/comparison/juxta.toml")),
    ("content/_index.md", include_str!("starter/comparison/home.md")),
    ("content/count-lines.md", include_str!("starter/comparison/count-lines.md")),
    ("content/runtimes/_index.md", include_str!("starter/comparison/runtimes/_index.md")),
    ("content/runtimes/criteria.toml", include_str!("starter/comparison/runtimes/criteria.toml")),
    ("content/runtimes/nodejs-vs-python.md", include_str!("starter/comparison/runtimes/nodejs-vs-python.md")),
    ("content/runtimes/nodejs.md", include_str!("starter/comparison/runtimes/nodejs.md")),
    ("content/runtimes/python.md", include_str!("starter/comparison/runtimes/python.md")),
    (
        "content/runtimes/tasks/count-words/index.md",
        include_str!("starter/comparison/runtimes/tasks/count-words/index.md"),
    ),
    (
        "content/runtimes/tasks/count-words/nodejs.mjs",
        include_str!("starter/comparison/runtimes/tasks/count-words/nodejs.mjs"),
    ),
    (
        "content/runtimes/tasks/count-words/python.py",
        include_str!("starter/comparison/runtimes/tasks/count-words/python.py"),
    ),
];

/// Path and text of each file: a guide of two chapters.
const DOCS: &[(&str, &str)] = &[
    ("juxta.toml", include_str!("starter/docs/juxta.toml")),
    ("content/_index.md", include_str!("starter/docs/home.md")),
    ("content/guide/_index.md", include_str!("starter/docs/guide/_index.md")),
    ("content/guide/options.md", include_str!("starter/docs/guide/options.md")),
    ("content/guide/start.md", include_str!("starter/docs/guide/start.md")),
];

/// Path and text of each file: one page.
const BLANK: &[(&str, &str)] = &[
    ("juxta.toml", include_str!("starter/blank/juxta.toml")),
    ("content/_index.md", include_str!("starter/blank/home.md")),
];

/// What a new site starts from, and its files; the first is taken when nothing is said.
const TEMPLATES: &[(&str, &[(&str, &str)])] = &[("comparison", COMPARISON), ("docs", DOCS), ("blank", BLANK)];

/// What version control is to leave out.
const IGNORED: (&str, &str) = (".gitignore", "/public\n/.juxta\n.public.juxta*\n");

pub(super) fn run(of_init: &InitArguments, terminal: &Terminal) -> u8 {
    let dir = &of_init.dir;
    let there = CONFIG_NAMES.iter().chain(&["content"]).find(|name| dir.join(name).exists());
    if let Some(name) = there {
        return fail(
            terminal,
            &format!("there is already a site in `{}`: `{name}`", dir.display()),
            Some("name another folder: `juxta init my-site`"),
            WRONG_USE,
        );
    }
    if dir.is_file() {
        return fail(
            terminal,
            &format!("`{}` is a file", dir.display()),
            Some("name a folder: `juxta init my-site`"),
            WRONG_USE,
        );
    }
    let template = TEMPLATES.iter().find(|(name, _)| *name == of_init.template);
    let files = template.map_or(COMPARISON, |(_, files)| files);
    for (name, text) in files.iter().chain([&IGNORED]) {
        let path = dir.join(name);
        if path.exists() {
            continue;
        }
        let written = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::File::create_new(&path))
            .and_then(|mut file| file.write_all(text.as_bytes()));
        if let Err(error) = written {
            return fail(terminal, &format!("cannot write `{}`: {error}", path.display()), None, MACHINE);
        }
    }
    if !terminal.quiet {
        let step = if dir.as_os_str() == "." { String::new() } else { format!("cd {} && ", dir.display()) };
        eprintln!("A new site in `{}`. Next:", dir.display());
        eprintln!("  {step}juxta serve    to read it at http://127.0.0.1:1111/");
        eprintln!("  {step}juxta build    to publish it into `public`");
        if of_init.template == "comparison" {
            eprintln!("  {step}juxta check --run    to run the programs that it compares");
        }
    }
    0
}
