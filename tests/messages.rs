//! What is told of bad input, in full.
//!
//! `tests/messages/*.md` hold cases in prose: a heading, then fences of four
//! backticks. `file PATH` is a file put into a small good site that was built
//! before; `setup` holds what a text cannot (`link PATH TARGET`, `pipe PATH`,
//! `large PATH BYTES`, `bytes PATH ESCAPED`, `locked PATH`); `args` replaces
//! `build --quiet`; `stderr CODE` and `stdout` are what the program then says.
//! Whatever is told, a run that fails leaves the published site as it was.
//! `UPDATE=1 cargo test --test messages` writes the expectations anew; read the
//! difference before committing it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "helpers of tests are tests too"
)]
#![expect(clippy::disallowed_methods, reason = "cases are read from, and with UPDATE written to, files")]

mod support;

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use support::golden::{Differences, updating};
use support::site::{Run, SiteTest, files_in};

/// The site that is well before a case makes it ill.
const GOOD: &[(&str, &str)] = &[
    ("juxta.toml", "title = \"Good\"\ntheme = \"bare\"\n"),
    ("themes/bare/templates/base.html", "<main>{% block main %}{% endblock main %}</main>\n"),
    (
        "themes/bare/templates/page.html",
        "{% extends \"base.html\" %}\n{% block main %}\n<h1>{{ page.title }}</h1>\n{{ page.content }}\n{% endblock main %}\n",
    ),
    ("themes/bare/templates/index.html", "{{ section.content }}\n"),
    ("themes/bare/templates/section.html", "{{ section.content }}\n"),
    ("themes/bare/templates/404.html", "Not found.\n"),
    ("content/good.md", "# Good\n\n## Part one\n\nText.\n\n## Part two\n"),
];

/// A part of a file of cases.
enum Piece {
    /// Anything that is not a fence of ours.
    Prose(String),
    /// Information and text of a fence.
    Fence(String, String),
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut prose = String::new();
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("````") else {
            prose.push_str(line);
            continue;
        };
        pieces.push(Piece::Prose(std::mem::take(&mut prose)));
        let body: String = lines.by_ref().take_while(|line| line.trim_end() != "````").collect();
        pieces.push(Piece::Fence(info.trim().to_owned(), body));
    }
    pieces.push(Piece::Prose(prose));
    pieces
}

/// Does one line of a `setup`; gives paths that must be opened up again.
fn set_up(site: &SiteTest, line: &str) -> Option<String> {
    let mut words = line.splitn(3, ' ');
    let (what, path, rest) =
        (words.next().unwrap(), words.next().unwrap_or_else(|| panic!("{line}")), words.next().unwrap_or(""));
    let place = site.path(path);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    match what {
        "link" => std::os::unix::fs::symlink(rest, place).unwrap(),
        "pipe" => {
            let mode = rustix::fs::Mode::from_raw_mode(0o644);
            rustix::fs::mknodat(rustix::fs::CWD, &place, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        }
        "large" => std::fs::File::create(place).unwrap().set_len(rest.parse().unwrap()).unwrap(),
        "bytes" => {
            site.write(
                path,
                rest.as_bytes().split(|b| *b == b'\\').enumerate().fold(
                    Vec::new(),
                    |mut bytes, (i, part)| {
                        if i == 0 {
                            bytes.extend(part);
                        } else if let Some(rest) = part.strip_prefix(b"n") {
                            bytes.push(b'\n');
                            bytes.extend(rest);
                        } else {
                            let digits = std::str::from_utf8(&part[1..3]).unwrap();
                            bytes.push(u8::from_str_radix(digits, 16).unwrap());
                            bytes.extend(&part[3..]);
                        }
                        bytes
                    },
                ),
            );
        }
        "locked" => {
            std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o0)).unwrap();
            return Some(path.to_owned());
        }
        other => panic!("no setup `{other}`"),
    }
    None
}

/// Runs the program; not as the one who may read everything when something is
/// locked.
fn run(site: &SiteTest, arguments: &[&str], locked: bool) -> Run {
    let mut command = site.command(arguments);
    if locked && rustix::process::geteuid().is_root() {
        let around = site.root().parent().unwrap().to_owned();
        for path in [around.clone(), site.root()] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        command = std::process::Command::new(copied_program(&around));
        command.args(arguments).current_dir(site.root()).env_clear();
        command.uid(65534).gid(65534);
    }
    site.finish(command)
}

/// The program where anybody can run it.
fn copied_program(folder: &Path) -> std::path::PathBuf {
    let copy = folder.join("juxta");
    std::fs::copy(env!("CARGO_BIN_EXE_juxta"), &copy).unwrap();
    copy
}

/// Runs every case of one file.
#[track_caller]
fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/messages/{name}.md"));
    let text = std::fs::read_to_string(&path).unwrap();
    let mut differences = Differences::default();
    let mut out = String::new();
    let mut site = None;
    let mut title = String::new();
    let mut arguments = vec!["build".to_owned(), "--quiet".to_owned()];
    let mut locked = Vec::new();
    let mut result: Option<Run> = None;
    for piece in pieces(&text) {
        let (info, body) = match piece {
            Piece::Prose(prose) => {
                if let Some(at) = prose.rfind("## ") {
                    prose[at + 3..].lines().next().unwrap().clone_into(&mut title);
                    site = None;
                    result = None;
                    arguments = vec!["build".to_owned(), "--quiet".to_owned()];
                }
                out.push_str(&prose);
                continue;
            }
            Piece::Fence(info, body) => (info, body),
        };
        let of_case = site.get_or_insert_with(|| {
            let site = SiteTest::of(GOOD);
            site.build().fine();
            site
        });
        let (what, rest) = info.split_once(' ').unwrap_or((&info, ""));
        let mut written = body.clone();
        let mut written_info = info.clone();
        match what {
            "file" => {
                of_case.write(rest, &body);
            }
            "setup" => locked.extend(body.lines().filter_map(|line| set_up(of_case, line))),
            "args" => arguments = body.split_whitespace().map(str::to_owned).collect(),
            "stderr" | "stdout" => {
                let run = result.get_or_insert_with(|| {
                    let before = files_in(&of_case.path("public"));
                    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                    let run = run(of_case, &arguments, !locked.is_empty());
                    for path in locked.drain(..) {
                        let open = std::fs::Permissions::from_mode(0o644);
                        std::fs::set_permissions(of_case.path(&path), open).unwrap();
                    }
                    if run.code != 0 && files_in(&of_case.path("public")) != before {
                        differences.note(&format!("{title}: the published site has changed"));
                    }
                    run
                });
                let found = if what == "stderr" { &run.stderr } else { &run.stdout };
                written.clone_from(found);
                if what == "stderr" {
                    written_info = format!("stderr {}", run.code);
                    differences.compare(&format!("{title}: exit code"), &info, &written_info);
                }
                differences.compare(&format!("{name}.md: {title}"), &body, found);
            }
            other => panic!("{title}: no fence `{other}`"),
        }
        write!(out, "````{written_info}\n{written}````\n").unwrap();
    }
    if updating() {
        std::fs::write(path, out).unwrap();
    } else {
        differences.settle();
    }
}

macro_rules! messages {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            check(stringify!($name));
        })*

        #[test]
        fn every_file_of_cases_is_run() {
            support::golden::names_are("tests/messages", &[$(concat!(stringify!($name), ".md")),*]);
        }
    };
}

messages! {
    front_matter
    files
    links
    templates
    expressions
    directives
    more
    outputs
    formats
    code
    comparisons
    images
    styles
    switches
}
