//! How many lines a second are coloured, by the parsers and by grammars.
//!
//! `cargo bench --bench highlight`: one thread, the corpus of
//! `tests/data/corpus`, or `SNIPPETS=path/to/snippets.jsonl.gz`. Both sides
//! make tokens from the same texts in the same run. "Page" is all that a page
//! needs: tokens, verdict and markup in one go.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads its data")]
#![allow(clippy::print_stdout, reason = "a benchmark prints")]
#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::io::Read as _;
use std::time::{Duration, Instant};

use juxta::code::{CodeOptions, Given, Level, fence_html, highlight, highlight_by_grammar};

/// Runs of each measurement; the fastest counts.
const RUNS: usize = 5;

fn main() {
    let path = std::env::var("SNIPPETS")
        .unwrap_or_else(|_| format!("{}/tests/data/corpus/snippets.jsonl.gz", env!("CARGO_MANIFEST_DIR")));
    let mut lines = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut lines).unwrap();
    let snippets: Vec<(String, String)> = lines
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            (value["lang"].as_str().unwrap().to_owned(), value["text"].as_str().unwrap().to_owned())
        })
        .collect();
    println!("| language | lines | page, lines/s | parser, lines/s | grammar, lines/s | factor | markup |");
    println!("|---|---|---|---|---|---|---|");
    for (language, grammar) in [
        ("js", "JavaScript (Babel)"),
        ("jsx", "JavaScript (Babel)"),
        ("ts", "TypeScript"),
        ("tsx", "TypeScriptReact"),
        ("python", "Python"),
    ] {
        let texts: Vec<&str> =
            snippets.iter().filter(|(of, _)| of == language).map(|(_, text)| text.as_str()).collect();
        let count: usize = texts.iter().map(|text| text.lines().count()).sum();
        let source: usize = texts.iter().map(|text| text.len()).sum();
        let options = CodeOptions { check: Level::Syntax, ..CodeOptions::default() };
        let (mut page, mut parser, mut by_grammar) = (Duration::MAX, Duration::MAX, Duration::MAX);
        let mut markup = 0;
        // In turn, so that a busy moment of the machine hits all alike.
        for _ in 0..RUNS {
            let (took, bytes) = measure(&texts, |text| {
                let mut out = String::new();
                fence_html(&mut out, &Given { text, info: language, ..Given::default() }, &options);
                out.len()
            });
            (page, markup) = (page.min(took), bytes);
            parser = parser.min(measure(&texts, |text| highlight(text, language, &options).tokens.len()).0);
            let tokens = |text: &str| highlight_by_grammar(text, grammar).map_or(0, |tokens| tokens.len());
            by_grammar = by_grammar.min(measure(&texts, tokens).0);
        }
        let rate = |time: Duration| count as f64 / time.as_secs_f64();
        println!(
            "| {language} | {count} | {:.0} | {:.0} | {:.0} | {:.1} | {:.2} |",
            rate(page),
            rate(parser),
            rate(by_grammar),
            rate(parser) / rate(by_grammar),
            markup as f64 / source as f64
        );
    }
}

/// The fastest of some runs, and the sum of what one returns.
fn measure(texts: &[&str], work: impl FnMut(&str) -> usize) -> (Duration, usize) {
    let start = Instant::now();
    let sum = texts.iter().copied().map(work).sum();
    (start.elapsed(), sum)
}
