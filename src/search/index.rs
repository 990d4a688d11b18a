//! Index: the words of all pages to the files a script looks them up in.
//!
//! In: pages, each with a number that stays the same while its address does.
//! Out: files: one entry with a stable name, and shards, named after what is in
//! them, so that one that has not changed keeps its name. Borders between shards
//! are chosen by the words, so a new word moves few of them.
//!
//! An entry is JSON: `[format, language, pages, shards, facets]`, where `shards`
//! is one text: for each its name, where its words start and a space; of the
//! start only what differs from the one before, after the number of characters
//! that do not (one digit to base 36). A shard is a row of words in order:
//!
//! ```text
//! word      shared with the word before: varint, rest: varint length, bytes
//! pages     varint: how many have it at all
//! postings  varint length, then for each page, in order of the numbers:
//!             varint  distance to the page before, times 4, plus 0 to 2: that
//!                     many sections more than one, 3: more (then a varint)
//!             for each section a varint: number, times 16, plus impact
//! ```

use std::collections::{BTreeMap, BTreeSet};

use super::page::{ByWord, Page};
use crate::base::fingerprint::Fingerprint;

/// Changes whenever an older script could not read the files.
pub const FORMAT: u32 = 1;

/// Name of the file that names all others.
pub const ENTRY: &str = "index.json";

/// Pages of one word that are kept: those it says the most about.
const MOST_PAGES: usize = 2_000;
/// Sections of one page that are kept for one word; fewer of a word that many
/// pages have: it says little about each.
const MOST_SECTIONS: usize = 12;
/// A shard ends at a word that may end it when it is this long …
const SMALLEST: usize = 8 << 10;
/// … and at any word when it is this long.
const LARGEST: usize = 16 << 10;
/// One word in so many may end a shard.
const ENDS: u32 = 32;
/// Values of one facet that readers can choose from: the most frequent.
const MOST_VALUES: usize = 60;

/// Pages are numbered with so many bits, by their addresses.
const NUMBER_BITS: u32 = 24;

/// A number for each address, in their order; the same as in any other build
/// unless two would have had the same one.
pub fn numbers<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Vec<u32> {
    let mut taken = BTreeSet::new();
    addresses
        .into_iter()
        .map(|address| {
            let hex = Fingerprint::of(address.as_bytes()).hex();
            let mut number = u32::from_str_radix(&hex[..8], 16).unwrap_or(0) >> (32 - NUMBER_BITS);
            while !taken.insert(number) {
                number = (number + 1) & ((1 << NUMBER_BITS) - 1);
            }
            number
        })
        .collect()
}

/// Name of the file with a page's texts, below the folder of the index.
pub fn texts_name(number: u32) -> String {
    format!("p/{number:x}.json")
}

/// A group of values that readers can filter by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// `field`, `subject` or the name of a taxonomy.
    pub name: String,
    /// Id and title.
    pub values: Vec<(String, String)>,
}

/// How a value of a facet is named in [`About`](super::page::About) and in a
/// filter.
pub fn facet_key(name: &str, value: &str) -> String {
    format!("{name}:{value}").replace(char::is_whitespace, "_")
}

/// One posting: page (by place in the list), section, impact.
type Posting = (u32, u16, u8);

/// Starts of the parts that all words are encoded in, one after the other or
/// side by side: postings take more room than what becomes of them.
const PARTS: &[&str] =
    &["", "1", "a", "b", "c", "co", "d", "e", "f", "g", "i", "l", "n", "p", "r", "s", "st", "t", "u", "w"];

/// How many parts there are.
pub fn parts() -> usize {
    PARTS.len()
}

/// The postings of one part of all words, encoded, in order of the words.
/// `pages` is in order of the numbers.
pub fn encode(pages: &[(u32, &Page)], part: usize) -> Encoded {
    let (from, to) = (PARTS[part], PARTS.get(part + 1).copied());
    let mut by_word: ByWord<&str, Vec<Posting>> = ByWord::default();
    for (place, (_, page)) in pages.iter().enumerate() {
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        for (word, hits) in page.words(from, to) {
            let postings = by_word.entry(word).or_default();
            postings.extend(hits.iter().map(|(section, impact)| (place, *section, *impact)));
        }
    }
    let mut words: Vec<(&str, Vec<Posting>)> = by_word.into_iter().collect();
    words.sort_unstable_by_key(|(word, _)| *word);
    words
        .into_iter()
        .map(|(word, postings)| {
            let mut out = Vec::with_capacity(postings.len() * 3 + 4);
            encode_postings(&mut out, pages, &postings, MOST_PAGES);
            out.shrink_to_fit();
            (word.to_owned(), out)
        })
        .collect()
}

/// Words in order, each with its encoded postings.
pub type Encoded = Vec<(String, Vec<u8>)>;

/// Which pages have a value of a facet, as if it were a word.
fn encode_facets(pages: &[(u32, &Page)]) -> (Encoded, BTreeMap<String, usize>) {
    let mut by_value: BTreeMap<&str, Vec<Posting>> = BTreeMap::new();
    for (place, (_, page)) in pages.iter().enumerate() {
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        for facet in &page.facets {
            let of_value = by_value.entry(facet).or_default();
            if of_value.last().is_none_or(|last| last.0 != place) {
                of_value.push((place, 0, 1));
            }
        }
    }
    let counts = by_value.iter().map(|(value, postings)| ((*value).to_owned(), postings.len())).collect();
    let encoded = by_value
        .into_iter()
        .map(|(value, postings)| {
            let mut out = Vec::new();
            encode_postings(&mut out, pages, &postings, usize::MAX);
            // No word of a text starts with a colon, and all come after it but
            // digits.
            (format!(":{value}"), out)
        })
        .collect();
    (encoded, counts)
}

fn encode_postings(out: &mut Vec<u8>, pages: &[(u32, &Page)], postings: &[Posting], most: usize) {
    let mut by_page: Vec<&[Posting]> = postings.chunk_by(|a, b| a.0 == b.0).collect();
    varint(out, by_page.len());
    let most_sections = match by_page.len() {
        0..200 => MOST_SECTIONS,
        200..1_000 => MOST_SECTIONS / 2,
        _ => MOST_SECTIONS / 4,
    };
    if by_page.len() > most {
        let best = |page: &&[Posting]| page.iter().map(|posting| posting.2).max().unwrap_or(0);
        by_page.sort_by_key(|page| std::cmp::Reverse(best(page)));
        by_page.truncate(most);
        by_page.sort_unstable_by_key(|page| page[0].0);
    }
    let mut body = Vec::with_capacity(by_page.len() * 3);
    let mut last = 0;
    let mut kept: Vec<Posting> = Vec::new();
    for page in by_page {
        kept.clear();
        kept.extend_from_slice(page);
        if kept.len() > most_sections {
            kept.sort_by_key(|posting| std::cmp::Reverse(posting.2));
            kept.truncate(most_sections);
            kept.sort_unstable_by_key(|posting| posting.1);
        }
        let number = pages[page[0].0 as usize].0;
        let more = kept.len() - 1;
        varint(&mut body, ((number - last) as usize) << 2 | more.min(3));
        if more >= 3 {
            varint(&mut body, more - 3);
        }
        for (_, section, impact) in &kept {
            varint(&mut body, usize::from(*section) << 4 | usize::from(*impact));
        }
        last = number;
    }
    varint(out, body.len());
    out.extend_from_slice(&body);
}

fn varint(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or(0));
}

/// A file of the index: name below its folder, bytes.
pub type File = (String, Vec<u8>);

/// The files of an index: its entry `index.json` last, so that it never names a
/// shard that is not there. `encoded` holds what [`encode`] gave for each part.
pub fn files(language: &str, pages: &[(u32, &Page)], encoded: Vec<Encoded>, facets: &[Facet]) -> Vec<File> {
    let (of_facets, counts) = encode_facets(pages);
    let mut words: Encoded = encoded.into_iter().flatten().chain(of_facets).collect();
    words.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let mut files = Vec::new();
    let mut listed = String::new();
    let mut start_before = String::new();
    let mut taken = BTreeSet::new();
    let mut shard: Vec<u8> = Vec::with_capacity(LARGEST * 2);
    let mut first = String::new();
    let mut before = "";
    let mut of_last_shard = "";
    let mut close = |shard: &mut Vec<u8>, first: &str| {
        if shard.is_empty() {
            return;
        }
        let mut name = short_name(shard, 0);
        let mut salt = 0;
        while !taken.insert(name.clone()) {
            salt += 1;
            name = short_name(shard, salt);
        }
        let same = first.chars().zip(start_before.chars()).take_while(|(a, b)| a == b).count().min(35);
        listed.push_str(&name);
        listed.push(char::from_digit(u32::try_from(same).unwrap_or(0), 36).unwrap_or('0'));
        listed.extend(first.chars().skip(same));
        listed.push(' ');
        first.clone_into(&mut start_before);
        files.push((format!("s/{name}.bin"), std::mem::take(shard)));
    };
    for (word, postings) in &words {
        let is_end = || {
            let hex = Fingerprint::of(word.as_bytes()).hex();
            u32::from_str_radix(&hex[..6], 16).unwrap_or(0).is_multiple_of(ENDS)
        };
        let is_full = !shard.is_empty() && shard.len() + postings.len() > LARGEST;
        if is_full || (shard.len() >= SMALLEST && is_end()) {
            close(&mut shard, &first);
            of_last_shard = before;
            before = "";
        }
        if shard.is_empty() {
            first = shortest_after(of_last_shard, word);
        }
        let shared = common_prefix(before, word);
        varint(&mut shard, shared);
        varint(&mut shard, word.len() - shared);
        shard.extend_from_slice(&word.as_bytes()[shared..]);
        shard.extend_from_slice(postings);
        before = word;
    }
    close(&mut shard, &first);
    let entry = (FORMAT, language, pages.len(), listed, told(facets, &counts));
    files.push((ENTRY.to_owned(), serde_json::to_vec(&entry).unwrap_or_default()));
    files
}

/// 30 bits of a fingerprint, in letters that no file system mixes up.
fn short_name(bytes: &[u8], salt: u8) -> String {
    let hex = Fingerprint::of_parts([bytes, &[salt]]).hex();
    let mut bits = u64::from_str_radix(&hex[..16], 16).unwrap_or(0);
    let mut name = String::with_capacity(6);
    for _ in 0..6 {
        let digit = u32::try_from(bits & 31).unwrap_or(0);
        name.push(char::from_digit(digit, 32).unwrap_or('0'));
        bits >>= 5;
    }
    name
}

/// A facet as the entry has it: name, then key, title and count of each value.
type Told<'f> = (&'f str, Vec<(String, &'f str, usize)>);

/// The facets that are worth a choice.
fn told<'f>(facets: &'f [Facet], counts: &BTreeMap<String, usize>) -> Vec<Told<'f>> {
    facets
        .iter()
        .filter_map(|facet| {
            let counted = facet.values.iter().filter_map(|(id, title)| {
                let key = facet_key(&facet.name, id);
                let count = *counts.get(&key)?;
                Some((key, title.as_str(), count))
            });
            let mut values: Vec<_> = counted.collect();
            if values.len() > MOST_VALUES {
                values.sort_by_key(|value| std::cmp::Reverse(value.2));
                values.truncate(MOST_VALUES);
            }
            values.sort_by(|a, b| a.1.cmp(b.1).then(a.0.cmp(&b.0)));
            (values.len() > 1).then_some((facet.name.as_str(), values))
        })
        .collect()
}

fn common_prefix(a: &str, b: &str) -> usize {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    (0..=same).rev().find(|i| a.is_char_boundary(*i) && b.is_char_boundary(*i)).unwrap_or(0)
}

/// The shortest start of `word` that comes after `before`.
fn shortest_after(before: &str, word: &str) -> String {
    let shared = common_prefix(before, word);
    let next = word[shared..].chars().next().map_or(0, char::len_utf8);
    word[..shared + next].to_owned()
}
