//! How long builds take: a clean one and some after an edit, stage by stage, on made-up sites of several sizes. `cargo bench --bench build`, with
//! the numbers of pages as arguments (1,000 and 10,000 when there are none).
//!
//! Everything is in memory, so that the disk does not count. Figures of
//! different runs cannot be compared on a busy machine; those of one run can.
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::sync::Arc;
use std::time::Instant;

use juxta::base::changes::Changes;
use juxta::base::paths::FilePath;
use juxta::build::{Built, Discard, Options, Previous, build};
use juxta::config::Config;
use juxta::read::files::{Files as _, MemoryFiles};
use juxta::render::shared::SharedFiles;

const WORDS: [&str; 16] = [
    "server", "request", "handler", "database", "answer", "template", "response", "schema", "worker",
    "queue", "session", "token", "cache", "stream", "event", "module",
];

/// The same numbers every time (xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).unwrap_or(0)
    }

    fn sentence(&mut self, length: usize) -> String {
        let words: Vec<&str> = (0..length).map(|_| WORDS[self.next(WORDS.len())]).collect();
        format!("The {}.", words.join(" "))
    }
}

/// A page of some 850 words with headings, a table, links and four snippets.
fn page(numbers: &mut Numbers, i: usize, pages: usize) -> String {
    let mut text =
        format!("+++\ntitle = \"Page {i}\"\ndate = 2026-01-{:02}\nweight = {i}\n+++\n\n", i % 28 + 1);
    for section in 0..4 {
        text.push_str(&format!("## {}\n\n", numbers.sentence(4)));
        for _ in 0..6 {
            let other = numbers.next(pages);
            let link = format!("[another page](@/part-{}/page-{other}.md)", other / 50);
            text.push_str(&format!("{} See {link} and `code_{i}`. ", numbers.sentence(30),));
        }
        text.push_str("\n\n| Name | Value |\n| --- | ---: |\n| one | 1 |\n| two | 2 |\n\n");
        if section % 2 == 0 {
            text.push_str(&format!(
                "```js\nimport {{ open }} from 'node:fs';\n\nexport async function run{i}(path, count = {section}) {{\n  \
                 for (let n = 0; n < count; n += 1) {{\n    await open(`${{path}}/${{n}}`); // one by one\n  }}\n  \
                 return {{ path, count }};\n}}\n```\n\n"
            ));
        } else {
            text.push_str(&format!(
                "```python\nfrom pathlib import Path\n\n\ndef run_{i}(path: str, count: int = {section}) -> list[str]:\n    \
                 \"\"\"Reads them one by one.\"\"\"\n    return [Path(path, f\"{{n}}\").read_text() for n in range(count)]\n```\n\n"
            ));
        }
    }
    text
}

fn site(pages: usize) -> MemoryFiles {
    let mut numbers = Numbers(7);
    let mut files = MemoryFiles::default();
    files.write("content/_index.md", b"+++\ntitle = \"Home\"\n+++\n");
    for part in 0..pages.div_ceil(50) {
        let text = format!("+++\ntitle = \"Part {part}\"\nsort_by = \"weight\"\nweight = {part}\n+++\n");
        files.write(&format!("content/part-{part}/_index.md"), text.as_bytes());
    }
    for i in 0..pages {
        let text = page(&mut numbers, i, pages);
        files.write(&format!("content/part-{}/page-{i}.md", i / 50), text.as_bytes());
    }
    files
}

fn timed(
    name: &str,
    files: &MemoryFiles,
    config: &Config,
    previous: Option<Previous>,
    pages: usize,
) -> Built {
    let options = Options { keep: true, ..Options::default() };
    let files: SharedFiles = Arc::new(files.clone());
    let start = Instant::now();
    let built = build(&files, config, &options, previous, &Discard);
    let took = start.elapsed();
    assert!(!built.failed(), "{:?}", built.problems.first());
    let a_page = took.as_secs_f64() * 1e6 / pages as f64;
    println!(
        "{name:<22} {:>9.2} ms {a_page:>8.1} µs a page, {} rendered",
        took.as_secs_f64() * 1e3,
        built.rendered.len()
    );
    for (stage, duration) in &built.timings {
        println!("  {stage:<20} {:>9.2} ms", duration.as_secs_f64() * 1e3);
    }
    built
}

/// After an edit of one page.
fn edited(
    name: &str,
    (files, built): (&mut MemoryFiles, Built),
    config: &Config,
    pages: usize,
    edit: impl Fn(&str) -> String,
) -> Built {
    let path = FilePath::new(&format!("content/part-{}/page-{}.md", pages / 100, pages / 2));
    let text = files.read(&path, u64::MAX).expect("it is there");
    files.write(path.as_str(), edit(&String::from_utf8_lossy(&text)).as_bytes());
    let changes = Changes::from_iter([path]);
    timed(name, files, config, Some(Previous { built, changes }), pages)
}

fn main() {
    let sizes: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![1_000, 10_000] } else { sizes };
    for pages in sizes {
        let mut files = site(pages);
        println!("{pages} pages");
        let config = Config::default();
        let mut built = timed("clean", &files, &config, None, pages);
        for round in 0..3 {
            let edit = |text: &str| text.replacen("server", &format!("word{round}"), 1);
            built = edited("a word of a body", (&mut files, built), &config, pages, edit);
        }
        let edit = |text: &str| text.replacen("## ", "## Another ", 1);
        built = edited("a heading", (&mut files, built), &config, pages, edit);
        let edit = |text: &str| text.replacen("title = \"Page", "title = \"Sheet", 1);
        built = edited("a title", (&mut files, built), &config, pages, edit);
        let changes = Changes::Unknown;
        timed("all looked at again", &files, &config, Some(Previous { built, changes }), pages);
        let mut plain = config.clone();
        plain.markdown.code.highlight = false;
        timed("without colours", &files, &plain, None, pages);
    }
}
