//! A build after edits gives byte for byte what a clean build gives, problems
//! included: random edits over sites of several shapes.
//!
//! A few edits by default; `EQUIVALENCE=500` makes as many for each shape, and
//! `SEED=…` starts from other numbers. A sequence that fails is made as short
//! as it can be before it is shown.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests too")]
#![expect(clippy::disallowed_methods, reason = "the length of the test is in the environment")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use juxta::base::changes::Changes;
use juxta::base::diagnostic::Diagnostic;
use juxta::base::paths::FilePath;
use juxta::build::{Built, Options, Previous, Sink, build};
use juxta::read::files::MemoryFiles;
use juxta::render::Rendered;
use juxta::render::shared::SharedFiles;
use sha2::{Digest as _, Sha256};
use support::memory::config_of;

/// Files by path.
type Tree = BTreeMap<String, String>;

/// One thing an author does.
#[derive(Debug, Clone)]
enum Edit {
    Write(String, String),
    Remove(String),
    /// A file, or a folder with all that is in it.
    Move(String, String),
    /// A rebuild with no word of what has changed.
    Forget,
}

impl Edit {
    /// The edited files, and what a watcher would tell.
    fn apply(&self, tree: &mut Tree) -> Changes {
        let paths: Vec<&str> = match self {
            Self::Write(path, text) => {
                tree.insert(path.clone(), text.clone());
                vec![path]
            }
            Self::Remove(path) => {
                tree.retain(|other, _| other != path && !other.starts_with(&format!("{path}/")));
                vec![path]
            }
            Self::Move(from, to) => {
                let inside = format!("{from}/");
                let moved: Vec<String> =
                    tree.keys().filter(|path| *path == from || path.starts_with(&inside)).cloned().collect();
                for path in moved {
                    let text = tree.remove(&path).unwrap();
                    tree.insert(format!("{to}{}", &path[from.len()..]), text);
                }
                vec![from, to]
            }
            Self::Forget => return Changes::Unknown,
        };
        paths.into_iter().map(FilePath::new).collect()
    }
}

#[derive(Default)]
struct Table(Mutex<BTreeMap<String, Arc<[u8]>>>);

impl Sink for Table {
    fn accept(&self, rendered: &Rendered) -> Result<(), Diagnostic> {
        self.0.lock().unwrap().insert(rendered.output.to_string(), Arc::clone(&rendered.bytes));
        Ok(())
    }
}

fn files_of(tree: &Tree) -> SharedFiles {
    let files: Vec<(&str, Vec<u8>)> =
        tree.iter().map(|(path, text)| (path.as_str(), bytes_of(path, text))).collect();
    Arc::new(MemoryFiles::new(files.iter().map(|(path, bytes)| (*path, bytes.as_slice()))))
}

/// The bytes of a file: a `.png` or `.jpg` of a size is a picture of that size,
/// any other text is itself.
fn bytes_of(path: &str, text: &str) -> Vec<u8> {
    let size = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    let format = match path.rsplit('.').next() {
        Some("png") => image::ImageFormat::Png,
        Some("jpg") => image::ImageFormat::Jpeg,
        _ => return text.into(),
    };
    let Some((width, height)) = size else { return text.into() };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let image = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 9]));
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn told(built: &Built) -> String {
    juxta::report::render(&built.problems, juxta::report::Format::Text, false)
}

/// A site that is built again and again.
struct Session {
    tree: Tree,
    table: Table,
    built: Option<Built>,
    pending: Changes,
}

impl Session {
    fn new(tree: &Tree) -> Self {
        let mut session =
            Self { tree: tree.clone(), table: Table::default(), built: None, pending: Changes::default() };
        session.build();
        session
    }

    fn build(&mut self) -> &Built {
        let (config, _) = config_of(self.tree.get("juxta.toml").map(String::as_str));
        let options = Options { keep: true, mode: "build".to_owned(), ..Options::default() };
        let changes = std::mem::take(&mut self.pending);
        let previous = self.built.take().map(|built| Previous { built, changes });
        let mut built = build(&files_of(&self.tree), &config, &options, previous, &self.table);
        for output in &built.removed {
            self.table.0.lock().unwrap().remove(output.as_str());
        }
        if !built.failed() {
            for output in built.finish_search(&self.table).0 {
                self.table.0.lock().unwrap().remove(output.as_str());
            }
        }
        self.built.insert(built)
    }

    /// What is not as in a clean build.
    fn differences(&self) -> Vec<String> {
        let (config, _) = config_of(self.tree.get("juxta.toml").map(String::as_str));
        let options = Options { mode: "build".to_owned(), ..Options::default() };
        let clean_table = Table::default();
        let clean = build(&files_of(&self.tree), &config, &options, None, &clean_table);
        let built = self.built.as_ref().unwrap();
        let mut found = Vec::new();
        if told(built) != told(&clean) {
            found.push(format!("problems:\n{}\nclean:\n{}", told(built), told(&clean)));
        }
        let (mut counts, mut expected) = (built.counts, clean.counts);
        if clean.failed() {
            (counts.bytes, expected.bytes) = (0, 0);
            (counts.outputs, expected.outputs) = (0, 0);
            (counts.snippets, expected.snippets) = (0, 0);
        } else {
            let (table, clean) = (self.table.0.lock().unwrap(), clean_table.0.lock().unwrap());
            let paths: BTreeSet<&String> = table.keys().chain(clean.keys()).collect();
            for path in paths {
                match (table.get(path), clean.get(path)) {
                    (Some(bytes), Some(expected)) if bytes == expected => {}
                    (Some(bytes), Some(expected)) => found.push(format!(
                        "{path} is stale:\n{}\nclean:\n{}",
                        first_difference(bytes, expected),
                        first_difference(expected, bytes)
                    )),
                    (Some(_), None) => found.push(format!("{path} should be gone")),
                    (None, _) => found.push(format!("{path} is missing")),
                }
            }
        }
        if counts != expected {
            found.push(format!("counts {counts:?}, clean {expected:?}"));
        }
        found
    }
}

fn first_difference(bytes: &[u8], other: &[u8]) -> String {
    let at = bytes.iter().zip(other).position(|(a, b)| a != b).unwrap_or(bytes.len().min(other.len()));
    String::from_utf8_lossy(&bytes[at.saturating_sub(60)..(at + 60).min(bytes.len())]).into_owned()
}

/// Edits done one after the other, with a build after each; what went wrong.
fn replay(tree: &Tree, edits: &[(Edit, bool)]) -> Option<String> {
    let run = || {
        let mut session = Session::new(tree);
        for (i, (edit, is_built)) in edits.iter().enumerate() {
            session.pending.add(edit.apply(&mut session.tree));
            if !is_built && i + 1 < edits.len() {
                continue;
            }
            session.build();
            let found = session.differences();
            if !found.is_empty() {
                return Some(format!("after edit {i} {edit:?}:\n{}", found.join("\n")));
            }
        }
        None
    };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Some("it panicked".to_owned()))
}

/// The shortest sequence, found by leaving edits out, that fails still.
fn shrunk(tree: &Tree, mut edits: Vec<(Edit, bool)>) -> Vec<(Edit, bool)> {
    let mut step = edits.len().div_ceil(2);
    while step > 0 {
        let mut at = 0;
        while at < edits.len() {
            let mut fewer = edits.clone();
            fewer.drain(at..(at + step).min(fewer.len()));
            if replay(tree, &fewer).is_some() {
                edits = fewer;
            } else {
                at += step;
            }
        }
        step /= 2;
    }
    edits
}

/// Numbers that look random and are the same for a seed (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n.max(1) as u64).unwrap()
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn word(&mut self) -> &'static str {
        let words = ["server", "client", "query", "schema", "worker", "queue", "token", "cache"];
        words[self.below(words.len())]
    }

    fn paths(&mut self, tree: &Tree, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
        let paths: Vec<&String> = tree.keys().filter(|path| is_wanted(path)).collect();
        (!paths.is_empty()).then(|| (*self.of(&paths)).clone())
    }

    /// Some text of a page.
    fn body(&mut self, tree: &Tree) -> String {
        let mut text = String::new();
        for _ in 0..=self.below(4) {
            let word = self.word();
            let other = self.paths(tree, |path| path.starts_with("content/") && path.ends_with(".md"));
            let other = other.map(|path| path["content/".len()..].to_owned()).unwrap_or_default();
            text.push_str(&match self.below(21) {
                0 => format!("## {word}\n\n"),
                1 if !other.is_empty() => format!("See [{word}](@/{other}).\n\n"),
                2 if !other.is_empty() => format!("See [{word}](@/{other}#{word}).\n\n"),
                3 => "Start.\n\n<!-- more -->\n\nRest.\n\n".to_owned(),
                4 => format!("```js\nlet {word} = 1;\n```\n\n"),
                5 => "```py include=\"examples/a.py\"\n```\n\n".to_owned(),
                6 => format!("::: note {word}\nInside.\n:::\n\n"),
                7 => "Day: {{ now() }}, {{ page.title | default(value=\"none\") }}\n\n".to_owned(),
                8 => "{% set p = get_page(path=\"guide/one.md\", allow_missing=true) %}{% if p %}{{ p.title }}{% endif %}\n\n".to_owned(),
                9 => "Data: {{ load_data(path=\"data/a.toml\", required=false) }}\n\n".to_owned(),
                10 => format!("{word} ").repeat(220) + "\n\n",
                11 => "[[One]] and [file](/static.txt)\n\n".to_owned(),
                12 => "::: shout\nLoud.\n:::\n\n".to_owned(),
                13 => "![shown](/shown.png)\n\n".to_owned(),
                16 => "![photo](/photo.jpg)\n\n".to_owned(),
                17 => format!("See [[{word} {}]] and [[{word}]].\n\n", self.below(9)),
                18 if !other.is_empty() => format!("See <@/{other}> or [](@/{other}).\n\n"),
                19 => format!("# {word}\n\n"),
                15 => format!("[{word}]({{{{ get_url(path=\"static.txt\", cachebust=true) }}}})\n\n"),
                14 => format!(
                    "{{% set i = resize_image(path=\"shown.png\", width={}, op=\"fit_width\") %}}![{word}]({{{{ i.url }}}})\n\n",
                    1 + self.below(3)
                ),
                _ => format!("Text of {word}.\n\n"),
            });
        }
        text
    }

    fn front(&mut self, path: &str) -> String {
        let mut front = String::new();
        let mut add = |line: String| front.push_str(&(line + "\n"));
        if !self.one_in(4) {
            add(format!("title = \"{} {}\"", self.word(), self.below(9)));
        }
        if path.ends_with("_index.md") {
            match self.below(7) {
                0 => add("sort_by = \"weight\"".to_owned()),
                1 => add("sort_by = \"title\"".to_owned()),
                2 => add("sort_by = \"weight\"\npaginate_by = 2".to_owned()),
                3 => add("transparent = true".to_owned()),
                4 => add("insert_anchor_links = \"right\"".to_owned()),
                5 => add("generate_feeds = true".to_owned()),
                _ => {}
            }
            if self.one_in(8) {
                add("page_template = \"special.html\"".to_owned());
            }
            if self.one_in(12) {
                add("draft = true".to_owned());
            }
            if self.one_in(8) {
                add(format!("[cascade.extra]\nmark = \"{}\"", self.word()));
            }
            return format!("+++\n{front}+++\n");
        }
        if self.one_in(2) {
            add(format!("weight = {}", self.below(5)));
        }
        if self.one_in(2) {
            add(format!("date = 2026-0{}-1{}", 1 + self.below(9), self.below(9)));
        }
        if self.one_in(12) {
            add("draft = true".to_owned());
        }
        if self.one_in(12) {
            add(format!("in_search_index = {}", self.of(&["true", "false"])));
        }
        if self.one_in(14) {
            add("render = false".to_owned());
        }
        if self.one_in(10) {
            add(format!("aliases = [\"/old-{}/\"]", self.below(5)));
        }
        if self.one_in(10) {
            add(format!("slug = \"{}\"", self.word()));
        }
        if self.one_in(2) {
            add(format!("[taxonomies]\ntags = [\"{}\", \"{}\"]", self.word(), self.word()));
        }
        if self.one_in(4) {
            let mark = *self.of(&["1", "1.0", "0.0", "-0.0", "\"x\"", "[1, 2]"]);
            let other = if self.one_in(2) { "\nother = 1" } else { "" };
            add(if self.one_in(2) {
                format!("[extra]\nmark = {mark}{other}")
            } else {
                format!("[extra]{other}\nmark = {mark}")
            });
        }
        if self.one_in(40) {
            add("title = broken".to_owned());
        }
        format!("+++\n{front}+++\n")
    }

    /// What an author may do next.
    fn edit(&mut self, tree: &Tree) -> Edit {
        let is_content = |path: &str| path.starts_with("content/") && path.ends_with(".md");
        let existing = self.paths(tree, is_content).unwrap_or_else(|| "content/_index.md".to_owned());
        let folders = ["content", "content/guide", "content/guide/deep", "content/more", "content/new"];
        let names = ["one.md", "two.md", "three.md", "x.md", "one.fr.md", "_index.md", "bundle/index.md"];
        let some_path = |random: &mut Self| format!("{}/{}", random.of(&folders), random.of(&names));
        let body_of = |path: &str| {
            let text = tree.get(path).map_or("", String::as_str);
            let end = text.strip_prefix("+++").and_then(|rest| rest.find("+++")).map_or(0, |at| at + 7);
            text.split_at(end.min(text.len()))
        };
        if tree.contains_key("content/db/_index.md") && self.one_in(4) {
            return self.of_field();
        }
        if self.one_in(9) {
            return self.of_assets(tree);
        }
        if self.one_in(5) {
            return self.relabel(tree, existing);
        }
        match self.below(27) {
            0..=4 => {
                let (front, _) = body_of(&existing);
                Edit::Write(existing.clone(), format!("{front}{}", self.body(tree)))
            }
            5..=7 => {
                let (_, body) = body_of(&existing);
                Edit::Write(existing.clone(), format!("{}{body}", self.front(&existing)))
            }
            8 | 9 => {
                let (front, body) = body_of(&existing);
                Edit::Write(existing.clone(), format!("{front}{} {body}", self.word()))
            }
            10 | 11 => {
                let path = some_path(self);
                let text = format!("{}{}", self.front(&path), self.body(tree));
                Edit::Write(path, text)
            }
            12 => Edit::Remove(existing),
            13 => Edit::Move(existing, some_path(self)),
            14 => {
                Edit::Move((*self.of(&folders[1..])).to_owned(), (*self.of(&folders[1..])).to_owned() + "/in")
            }
            15 => Edit::Move("content/guide/in".to_owned(), "content/guide".to_owned()),
            16 => {
                let path = *self.of(&[
                    "static/static.txt",
                    "static/juxta.css",
                    "content/guide/a.png",
                    "content/b.txt",
                    "static/guide/one/index.md",
                    "static/llms-full.txt",
                ]);
                if self.one_in(3) {
                    Edit::Remove(path.to_owned())
                } else {
                    Edit::Write(path.to_owned(), self.word().to_owned())
                }
            }
            17 => {
                let text = *self.of(&["a = 1\n", "a = 2\nb = [1]\n", "a = \n"]);
                if self.one_in(4) {
                    Edit::Remove("data".to_owned())
                } else {
                    Edit::Write("data/a.toml".to_owned(), text.to_owned())
                }
            }
            18 => {
                let text = *self.of(&["x = 1\n", "y = 2\n", "def f(:\n"]);
                let path = *self.of(&["examples/a.py", "examples/a.py", "examples/ab.py"]);
                if self.one_in(4) {
                    Edit::Remove(path.to_owned())
                } else {
                    Edit::Write(path.to_owned(), text.to_owned())
                }
            }
            19 | 20 => self.template(tree),
            21 if self.one_in(3) => {
                let extra = *self.of(&["x = 2\ny = 3\n", "y = 3\nx = 2\n", "x = 2\n"]);
                Edit::Write(
                    "themes/other/theme.toml".to_owned(),
                    format!("name = \"other\"\nparent = \"juxta\"\n[extra.social]\n{extra}"),
                )
            }
            21 => {
                let config = *self.of(CONFIGS);
                Edit::Write("juxta.toml".to_owned(), config.to_owned())
            }
            22 => {
                let path = *self.of(&["content/.x.md.swp", "content/a.md~", "notes.txt", "content/guide"]);
                if path == "content/guide" {
                    Edit::Forget
                } else {
                    Edit::Write(path.to_owned(), "x".to_owned())
                }
            }
            25 => {
                let path = *self.of(&[
                    "sass/main.scss",
                    "sass/_part.scss",
                    "sass/sub/_index.scss",
                    "sass/_sub.scss",
                    "static/main.css",
                    "themes/other/sass/main.scss",
                ]);
                if self.one_in(3) {
                    return Edit::Remove(path.to_owned());
                }
                let text = *self.of(&[
                    "@use \"part\"; a { b: part.$c }",
                    "@import \"part\", \"sub\"; a { b: $c }",
                    "$c: 1px;",
                    "$c: 2px; d { e: f }",
                    "$c: 2px; d { e: ",
                ]);
                Edit::Write(path.to_owned(), text.to_owned())
            }
            24 => {
                let paths =
                    ["static/shown.png", "static/photo.jpg", "content/guide/a.png", "content/db/pg.png"];
                let path = *self.of(&paths);
                let text = *self.of(&["9x4", "9x4", "6x6", "32x40", "no image", ""]);
                Edit::Write(path.to_owned(), text.to_owned())
            }
            23 => Edit::Write(existing.clone(), tree.get(&existing).cloned().unwrap_or_default()),
            _ => Edit::Forget,
        }
    }

    /// Another title, heading, description or free value, or none; the rest of
    /// the page stays.
    fn relabel(&mut self, tree: &Tree, path: String) -> Edit {
        let text = tree.get(&path).cloned().unwrap_or_default();
        let (kind, label) = match self.below(5) {
            0 | 1 => ("title = ", format!("title = \"{} {}\"\n", self.word(), self.below(9))),
            2 => ("description = ", format!("description = \"About {}.\"\n", self.word())),
            3 => {
                ("mark = ", format!("mark = {}\n", self.of(&["1", "1.0", "0.0", "-0.0", "\"y\"", "[2, 1]"])))
            }
            _ => ("# ", format!("# {}\n", self.word())),
        };
        let is_gone = self.one_in(6);
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        match lines.iter().position(|line| line.starts_with(kind)) {
            Some(at) if is_gone => drop(lines.remove(at)),
            Some(at) => lines[at] = &label,
            None if text.starts_with("+++\n") && !matches!(kind, "mark = " | "# ") => lines.insert(1, &label),
            None => {}
        }
        Edit::Write(path, lines.concat())
    }

    /// An edit of style sheets and of files that others name by their digests.
    fn of_assets(&mut self, tree: &Tree) -> Edit {
        let sheets = ["static/main.css", "static/css/part.css", "static/juxta.css", "content/guide/own.css"];
        let word = self.word();
        let (path, text) = match self.below(8) {
            0 => {
                // Where a copy of another file is published, perhaps.
                let digest = Sha256::digest(tree.get("static/static.txt").map_or("", String::as_str));
                let digits: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
                return match self.paths(tree, |path| path.starts_with("static/static.") && path.len() > 20) {
                    Some(path) => Edit::Remove(path),
                    None => Edit::Write(format!("static/static.{digits}.txt"), word.to_owned()),
                };
            }
            1 => (
                "templates/files/own.css".to_owned(),
                match self.below(4) {
                    0 => "a { background: url({{ get_url(path='static.txt', cachebust=true) }}) }".to_owned(),
                    1 => "{{ get_url(path='own.css', cachebust=true) }}".to_owned(),
                    2 => "{% for p in get_section(path='_index.md').pages %}{{ p.title }}{% endfor %}"
                        .to_owned(),
                    _ => format!("a {{ --{word}: {{{{ config.title }}}} }}"),
                },
            ),
            2 => (
                "templates/partials/footer.html".to_owned(),
                "{{ get_url(path='own.css', cachebust=true) }} {{ get_hash(path='own.css') }}".to_owned(),
            ),
            _ => {
                let path = (*self.of(&sheets)).to_owned();
                if self.one_in(4) {
                    return Edit::Remove(path);
                }
                let imported = *self.of(&[
                    "main.css",
                    "css/part.css",
                    "../main.css",
                    "../guide/own.css",
                    "code-light.css",
                    "own.css",
                    "none.css",
                    "https://example.org/x.css",
                ]);
                let condition = *self.of(&["", " print", " layer(x) supports(display: grid)"]);
                let text = match self.below(5) {
                    0 => format!("a {{ background: url({word}.png) }}"),
                    1 => "a { broken".to_owned(),
                    _ => format!(
                        "@import \"{imported}\"{condition};\n.{word} {{ background: url({word}.png) }}"
                    ),
                };
                (path, text)
            }
        };
        Edit::Write(path, text)
    }

    /// An edit of what is compared.
    fn of_field(&mut self) -> Edit {
        let write = |path: &str, text: &str| Edit::Write(path.to_owned(), text.to_owned());
        match self.below(10) {
            0 => write("content/db/criteria.toml", self.of::<&str>(CRITERIA)),
            1 => write(
                "content/db/rows.csv",
                self.of::<&str>(&["id,rps\npg,4\n", "id,rps\npg,5\nlite,6\n", "id,rps\nnew,1\n"]),
            ),
            2 | 3 => {
                let (path, free) =
                    (*self.of(&["content/db/pg.md", "content/db/lite.md"]), *self.of(&["true", "false"]));
                write(path, &subject(free, self.below(3)))
            }
            4 => write("content/db/tasks/open/pg.py", self.of::<&str>(&["a = 2\n", "b = 1\n"])),
            5 => write("content/db/tasks/open/lite.js", self.of::<&str>(&["let b = 2;\n", "let a = 3;\n"])),
            6 => Edit::Remove(
                (*self.of(&[
                    "content/db/tasks/open/pg.py",
                    "content/db/lite-vs-pg.md",
                    "content/db/lite.md",
                    "content/db/criteria.toml",
                ]))
                .to_owned(),
            ),
            7 => {
                let (_, text) =
                    field_files().into_iter().find(|(path, _)| path.ends_with("lite-vs-pg.md")).unwrap();
                let text = if self.one_in(2) {
                    text.replace("small", self.word())
                } else {
                    text + self.word() + "\n"
                };
                Edit::Write("content/db/lite-vs-pg.md".to_owned(), text)
            }
            8 => Edit::Write(
                "content/db/tasks/open/index.md".to_owned(),
                format!("+++\ntitle = \"{}\"\n[task]\n+++\nOpen it.\n", self.word()),
            ),
            _ => {
                let files = field_files();
                let (path, text) = self.of(&files);
                write(path, text)
            }
        }
    }

    fn template(&mut self, tree: &Tree) -> Edit {
        let path = (*self.of(&[
            "templates/partials/footer.html",
            "templates/partials/list.html",
            "templates/page.html",
            "templates/section.html",
            "templates/special.html",
            "templates/tags/list.html",
            "templates/own.html",
            "templates/files/own.json",
            "themes/other/templates/page.html",
        ]))
        .to_owned();
        if self.one_in(6) {
            let inside = *self.of(&[
                "<title>{{ page?.title or section?.title }}</title>",
                "<image href=\"{{ embed_image(path='shown.png') }}\" width=\"{{ page?.word_count or 9 }}\"/>",
                "{% for p in section?.pages | default(value=[]) %}<title>{{ p.title }}{{ p.content | striptags }}</title>{% endfor %}",
                "<circle r=\"{{ load_data(path='data/a.toml', required=false) | length }}\"/>{{ term?.pages | length if term else \"\" }}",
            ]);
            let size = if self.one_in(9) { 600 } else { 1200 };
            let text = format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{size}\" height=\"630\">{inside}</svg>"
            );
            return Edit::Write("templates/social-card.svg".to_owned(), text);
        }
        if tree.contains_key(&path) && self.one_in(3) {
            return Edit::Remove(path);
        }
        let text = match self.below(11) {
            0 => format!("<p>{} {{{{ lang }}}}</p>", self.word()),
            1 => "{% for p in (section?.pages | default(value=[])) %}{{ p.title }}{{ p.content | striptags | truncate(length=30) }}{% endfor %}".to_owned(),
            2 => "{% set s = get_section(path=\"guide/_index.md\", allow_missing=true) %}{% if s %}{% for p in s.pages %}{{ p.word_count }} {{ p.reading_time }} {{ p.summary }}{% endfor %}{% endif %}".to_owned(),
            3 => "{{ load_data(path=\"data/a.toml\", required=false) }}{{ now() }}".to_owned(),
            4 => "{% set p = get_page(path=\"guide/one.md\", allow_missing=true) %}{% if p %}{{ p.title }} {{ p.extra?.mark }} {{ p.backlinks | length }}{% endif %}".to_owned(),
            5 => "{% component shout() %}<b>{{ body }} {{ now() }}</b>{% endcomponent shout %}{% if page is defined %}{{ page.title }}{{ page.content }}{% for b in page.backlinks %}{{ b.title }}{% endfor %}{% endif %}".to_owned(),
            6 => "{% set t = get_taxonomy(kind=\"tags\", required=false) %}{% if t %}{% for i in t.items %}{{ i.name }} {{ i.pages | length }}{% for p in i.pages %}{{ p.title }}{% endfor %}{% endfor %}{% endif %}".to_owned(),
            7 => "{{ get_url(path=\"static.txt\", cachebust=true) }}".to_owned(),
            9 => "{{ get_url(path=\"main.css\", cachebust=true) }}".to_owned(),
            8 => "{% set i = resize_image(path=\"static/shown.png\", width=2, height=2) %}{{ i.url }}{{ get_image_metadata(path=\"guide/a.png\", allow_missing=true) }}".to_owned(),
            _ => "{% if page is defined %}{{ page.title }} {{ page.toc | length }}{% if page.lower %}{{ page.lower.title }}{% endif %}{% endif %}{{ config.title }}".to_owned(),
        };
        let text = if self.one_in(25) { format!("{text}{{% if %}}") } else { text };
        Edit::Write(path, text)
    }
}

const CONFIGS: &[&str] = &[
    "title = \"D\"\nhashed_names = true\ntaxonomies = [{ name = \"tags\" }]\n[llms]\nmarkdown = true\nindex = true\nfull = true\nfull_limit = 900\n[extra.look]\naccent = \"#123456\"\n[languages.fr]\n",
    "compile_sass = true\nminify_css = true\nminify_html = true\nhashed_names = true\ntaxonomies = [{ name = \"tags\" }]\n[extra]\nintegrity = true\n",
    "minify_css = true\ntaxonomies = [{ name = \"tags\" }]\n[extra]\nintegrity = true\n[extra.look]\nradius = \"2px\"\n",
    "base_url = \"https://example.org\"\nsocial_cards = true\ntaxonomies = [{ name = \"tags\" }]\n[images]\nresponsive = true\nformat = \"avif\"\nwidths = [2, 5, 20]\n",
    "title = \"A\"\ntaxonomies = [{ name = \"tags\" }]\n",
    "title = \"B\"\nbase_url = \"https://example.org/x\"\ngenerate_feeds = true\ntaxonomies = [{ name = \"tags\", feed = true, paginate_by = 2 }]\n[llms]\nmarkdown = true\nindex = true\nfull = true\n",
    "title = \"C\"\nbase_url = \"https://example.org\"\ntaxonomies = [{ name = \"tags\" }]\n[languages.fr]\ntaxonomies = [{ name = \"tags\" }]\n",
    "taxonomies = [{ name = \"tags\" }]\n[markdown]\nwikilinks = true\ninsert_anchor_links = \"left\"\n[extra]\nx = 1\n",
    "theme = \"other\"\ntaxonomies = [{ name = \"tags\", render = false }]\n",
    "build_search_index = true\ntaxonomies = [{ name = \"tags\" }]\n",
    "skip_content_templating = [\"guide/*\"]\ntaxonomies = [{ name = \"tags\" }]\n[link_checker]\ninternal_level = \"warn\"\n",
];

fn shape(n: usize) -> Tree {
    let mut files: Vec<(String, String)> = vec![
        ("content/_index.md".to_owned(), "# Home\n\n[one](@/guide/one.md)\n".to_owned()),
        ("content/guide/_index.md".to_owned(), "+++\ntitle = \"Guide\"\nsort_by = \"weight\"\n+++\nText.\n".to_owned()),
        (
            "content/guide/one.md".to_owned(),
            "+++\ntitle = \"One\"\nweight = 1\ndate = 2026-01-01\n[taxonomies]\ntags = [\"a\"]\n+++\n## server\n\nText.\n".to_owned(),
        ),
        ("content/guide/two.md".to_owned(), "+++\nweight = 2\n[taxonomies]\ntags = [\"a\", \"b\"]\n+++\n# Two\n\n[one](one.md#server)\n".to_owned()),
        ("content/guide/deep/three.md".to_owned(), "Three.\n".to_owned()),
        ("content/more/x.md".to_owned(), "# X\n\n{{ page.title }}\n".to_owned()),
        ("examples/a.py".to_owned(), "x = 1\n".to_owned()),
        ("data/a.toml".to_owned(), "a = 1\n".to_owned()),
        ("static/static.txt".to_owned(), "static".to_owned()),
        ("static/shown.png".to_owned(), "9x4".to_owned()),
        ("static/photo.jpg".to_owned(), "40x32".to_owned()),
        (
            "themes/other/theme.toml".to_owned(),
            "name = \"other\"\nparent = \"juxta\"\n[extra]\nx = 2\n".to_owned(),
        ),
        (
            "themes/other/templates/partials/footer.html".to_owned(),
            "Other.{% for k, v in config.extra?.social or {} %}{{ k }}{{ v }}{% endfor %}".to_owned(),
        ),
        ("juxta.toml".to_owned(), CONFIGS[n % CONFIGS.len()].to_owned()),
    ];
    if n.is_multiple_of(2) {
        files.extend(field_files().into_iter().map(|(path, text)| (path.to_owned(), text)));
    }
    if n % 2 == 1 {
        // Small templates of its own, which look into bodies.
        for (path, text) in [
            ("templates/frame.html", "{% block main %}{% endblock main %}{% include \"foot.html\" %}"),
            (
                "templates/foot.html",
                "<i>{{ config.title }}</i>{% set home = get_section(path=\"_index.md\") %}{% for s in home.subsections %}{{ s }}{% endfor %}",
            ),
            (
                "templates/page.html",
                "{% extends \"frame.html\" %}{% block main %}{{ page.title }}{{ page.content }}{{ page.word_count }}{% for k, v in page.extra %}{{ k }}{{ v }}{% endfor %}{% endblock main %}",
            ),
            (
                "templates/section.html",
                "{% extends \"frame.html\" %}{% block main %}{{ section.content }}{% for page in section.pages %}{{ page.title }} {{ page.content | striptags | truncate(length=40) }}{% endfor %}{% endblock main %}",
            ),
            (
                "templates/index.html",
                "{% extends \"frame.html\" %}{% block main %}{{ section.content }}{{ section.word_count }}{% endblock main %}",
            ),
            (
                "templates/taxonomy_list.html",
                "{% for term in terms %}{{ term.name }}{% for page in term.pages %}{{ page.toc | length }}{% endfor %}{% endfor %}",
            ),
            (
                "templates/taxonomy_single.html",
                "{{ term.name }}{% for page in term.pages %}{{ page.title }}{% endfor %}",
            ),
        ] {
            files.push((path.to_owned(), text.to_owned()));
        }
    }
    files.into_iter().collect()
}

/// A field with subjects, tasks, facts from a file and a comparison.
fn field_files() -> Vec<(&'static str, String)> {
    vec![
        ("content/db/_index.md", "# Databases\n\n::: matrix\n:::\n".to_owned()),
        ("content/db/criteria.toml", CRITERIA[0].to_owned()),
        ("content/db/rows.csv", "id,rps\npg,4\n".to_owned()),
        ("content/db/pg.md", subject("true", 1).replace("[subject]", "[subject]\nlogo = \"pg.png\"")),
        ("content/db/pg.png", "8x8".to_owned()),
        ("content/db/lite.md", subject("false", 2)),
        (
            "content/db/lite-vs-pg.md",
            "+++\ntitle = \"Both\"\ncompare = [\"pg\", \"lite\"]\n[[verdict]]\nwhen = \"any\"\npick = \"lite\"\nbecause = \"small\"\n+++\n::: facts\n:::\n\n::: task open\n:::\n\n::: compare\n```js [lite]\nlet a = 1;\n```\n```py [pg]\na = 1\n```\n:::\n".to_owned(),
        ),
        ("content/db/tasks/open/index.md", "+++\ntitle = \"Open\"\n[task]\n+++\nOpen it.\n".to_owned()),
        ("content/db/tasks/open/pg.py", "a = 1\n".to_owned()),
        ("content/db/tasks/open/lite.js", "let a = 1;\n".to_owned()),
    ]
}

const CRITERIA: &[&str] = &[
    "[[criterion]]\nid = \"free\"\ntype = \"bool\"\ntitle = \"Free\"\nbetter = \"yes\"\n",
    "[field]\nname = \"stores\"\n[[criterion]]\nid = \"free\"\ntype = \"bool\"\n[[criterion]]\nid = \"rps\"\ntype = \"number\"\nunit = \"req/s\"\nbetter = \"higher\"\n[[data]]\nfile = \"rows.csv\"\n[data.columns]\nrps = \"rps\"\n",
    "[[criterion]]\nid = \"free\"\ntype = \"bool\"\ntitle = \"Costs nothing\"\n[[criterion]]\nid = \"other\"\ntype = \"text\"\n",
];

fn subject(free: &str, weight: usize) -> String {
    format!(
        "+++\nweight = {weight}\n[subject]\nverified = 2026-01-01\n[facts]\nfree = {free}\n+++\n# A subject\n"
    )
}

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn edits_end_where_a_clean_build_begins() {
    let count = usize::try_from(from_environment("EQUIVALENCE", 12)).unwrap();
    let seed = from_environment("SEED", 0x9e37_79b9);
    for n in 0..4 {
        let seed = seed.wrapping_mul(31).wrapping_add(2 * n + 1) | 1;
        let tree = shape(usize::try_from(n).unwrap());
        let mut random = Random(seed);
        let mut session = Session::new(&tree);
        assert!(session.differences().is_empty(), "{:?}", session.differences());
        let mut edits: Vec<(Edit, bool)> = Vec::new();
        assert!(!session.built.as_ref().unwrap().failed(), "{}", told(session.built.as_ref().unwrap()));
        let mut good = tree.clone();
        let (mut fine, mut rendered) = (0, 0);
        while edits.len() < count {
            let edit = random.edit(&session.tree);
            let is_built = !random.one_in(5);
            session.pending.add(edit.apply(&mut session.tree));
            edits.push((edit, is_built));
            if !is_built {
                continue;
            }
            let built = catch_unwind(AssertUnwindSafe(|| session.build().failed()));
            let found = match built {
                Ok(has_failed) => {
                    fine += usize::from(!has_failed);
                    rendered += session.built.as_ref().map_or(0, |built| built.rendered.len());
                    session.differences()
                }
                Err(_) => vec!["it panicked".to_owned()],
            };
            if !found.is_empty() {
                let short = shrunk(&tree, edits);
                let list: String = short.iter().map(|edit| format!("  {edit:?}\n")).collect();
                let why = replay(&tree, &short).unwrap_or_else(|| found.join("\n"));
                panic!("seed {seed}, shape {n}:\n{list}{why}");
            }
            // A site with mistakes is not rendered at all: mostly the author
            // goes back.
            if session.built.as_ref().is_some_and(|built| !built.failed()) {
                good.clone_from(&session.tree);
            } else if !random.one_in(3) {
                let paths: BTreeSet<String> = good.keys().chain(session.tree.keys()).cloned().collect();
                for path in paths {
                    if good.get(&path) == session.tree.get(&path) {
                        continue;
                    }
                    let edit = match good.get(&path) {
                        Some(text) => Edit::Write(path, text.clone()),
                        None => Edit::Remove(path),
                    };
                    session.pending.add(edit.apply(&mut session.tree));
                    edits.push((edit, false));
                }
            }
        }
        eprintln!(
            "shape {n}, seed {seed}: {} edits, {fine} builds without an error, {rendered} outputs rendered again",
            edits.len()
        );
    }
}
