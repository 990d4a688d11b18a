//! `init`: a new site.
//!
//! In: a folder. Out: a configuration, a home page and a first article in it,
//! and what to do next. Overwrites nothing.
#![expect(clippy::disallowed_methods, reason = "the edge where a new site is written")]

use std::fs;
use std::io::Write as _;

use super::args::InitArguments;
use super::project::{CONFIG_NAMES, Terminal};
use super::{MACHINE, WRONG_USE, fail};

/// Path and text of each file of a new site.
const FILES: &[(&str, &str)] = &[
    ("juxta.toml", include_str!("starter/juxta.toml")),
    ("content/_index.md", include_str!("starter/home.md")),
    ("content/first-comparison.md", include_str!("starter/first-comparison.md")),
    (".gitignore", "/public\n/.juxta\n.public.juxta*\n"),
];

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
    for (name, text) in FILES {
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
    }
    0
}
