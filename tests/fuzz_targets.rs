//! The bodies of the fuzz targets over their seeds and over mutations of them:
//! the same ones in every run, so that the targets cannot rot.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]
#![expect(clippy::disallowed_methods, reason = "seeds are read")]

#[path = "../fuzz/targets.rs"]
mod targets;

use std::path::Path;

const MUTATIONS: usize = 2_000;

/// What means something somewhere.
const WORDS: &[&str] = &[
    "\n",
    "\n\n",
    "\r\n",
    " ",
    "\t",
    "\0",
    "+++\n",
    "---\n",
    "```",
    "~~~",
    ":::",
    "::: x\n",
    "<!--",
    "-->",
    "<script>",
    "</",
    "\"",
    "'",
    "`",
    "{",
    "}",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "[",
    "](",
    "]",
    "(",
    ")",
    "![",
    "[^1]",
    "[!NOTE]",
    "javascript:",
    "data:",
    "&",
    "&lt;",
    "|",
    "\\",
    "*",
    "_",
    "$",
    "=",
    "=\"",
    ",",
    "-",
    "1",
    "99999999999999999999",
    "é",
    "\u{2028}",
    "\u{feff}",
    "😀",
    "\u{0301}",
    "#",
    "//",
    "[[",
    "true",
    "2026-13-01",
];

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap()
    }
}

fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut data = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(8) {
        let at = random.below(data.len() + 1);
        let end = at + random.below((data.len() - at).min(20) + 1);
        match random.below(6) {
            0 => drop(data.drain(at..end)),
            1 => drop(data.splice(at..at, data[at..end].to_vec().repeat(1 + random.below(4)))),
            2 if at < data.len() => data[at] = u8::try_from(random.below(256)).unwrap(),
            3 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                data.splice(at..end, other[from..(from + 40).min(other.len())].to_vec());
            }
            _ => drop(data.splice(at..at, WORDS[random.below(WORDS.len())].bytes())),
        }
    }
    data
}

fn run(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    seeds.iter().for_each(|seed| target(seed));
    let count = std::env::var("JUXTA_MUTATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(MUTATIONS);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..count {
        let data = mutated(&seeds, &mut random);
        let result = std::panic::catch_unwind(|| target(&data));
        assert!(result.is_ok(), "{name} fails on {:?}", String::from_utf8_lossy(&data));
    }
}

#[test]
fn front_matter() {
    run("front_matter", targets::front_matter);
}

#[test]
fn document() {
    run("document", targets::document);
}

#[test]
fn fence_info() {
    run("fence_info", targets::fence_info);
}

#[test]
fn config() {
    run("config", targets::config);
}

#[test]
fn template_mask() {
    run("template_mask", targets::template_mask);
}

#[test]
fn data() {
    run("data", targets::data);
}
