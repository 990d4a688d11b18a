//! Page: the HTML of one page to its sections and words.
//!
//! In: HTML, and what the site knows of the page. Out: [`Page`]: for each word
//! the sections it is in with its impact, and the texts that results show. A
//! section starts at a heading, and at a side of a comparison, whose words then
//! lead to that side.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::tokens::{Word, each_word};
use crate::base::html::{self, Event, Events};

/// The highest impact of a word on a section.
pub const MOST_IMPACT: u8 = 15;

/// Characters of a section's text that results can quote.
const QUOTED: usize = 500;
/// The same of a whole page; sections beyond keep [`QUOTED_LATE`].
const QUOTED_OF_PAGE: usize = 2_400;
const QUOTED_LATE: usize = 100;
/// Sections of one page that are told apart.
const MOST_SECTIONS: usize = 2_000;

/// How much of a page is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Depth {
    /// All of it.
    #[default]
    Whole,
    /// Title, description and headings: what it says stands on other pages too.
    Headings,
    /// Title and description.
    Title,
}

/// What the site knows of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct About {
    /// Address from the root of the site, percent-encoded, without a leading `/`.
    pub address: String,
    /// Title.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// What it can be filtered by: `field:web`, `subject:django`, `tags:http`.
    pub facets: Vec<String>,
    /// How much of it is looked at.
    pub depth: Depth,
}

/// A part of a page that a result can lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// Id of its element; empty for the start of the page.
    pub anchor: String,
    /// Its heading.
    pub heading: String,
    /// The start of what it says.
    pub text: String,
    /// Side of a comparison, as in the address.
    pub side: String,
    /// The key that the side is chosen by.
    pub sync: String,
    /// The side's name.
    pub label: String,
}

/// A page, ready to be put into an index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// All words in order, one after the other.
    text: String,
    /// For each word: its end in `text`, the end of its hits.
    words: Vec<(u32, u32)>,
    /// Section, impact.
    hits: Vec<(u16, u8)>,
    /// Facets, as in [`About`].
    pub facets: Vec<String>,
}

impl Page {
    fn word(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.words[i - 1].0 as usize };
        &self.text[start..self.words[i].0 as usize]
    }

    /// Words from `from` to before `to`, each with its sections and impacts, in
    /// order.
    pub fn words<'p>(
        &'p self,
        from: &str,
        to: Option<&str>,
    ) -> impl Iterator<Item = (&'p str, &'p [(u16, u8)])> {
        let place = |of: &str| {
            let (mut low, mut high) = (0, self.words.len());
            while low < high {
                let middle = usize::midpoint(low, high);
                if self.word(middle) < of {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            low
        };
        let range = place(from)..to.map_or(self.words.len(), place);
        range.map(|i| {
            let start = if i == 0 { 0 } else { self.words[i - 1].1 as usize };
            (self.word(i), &self.hits[start..self.words[i].1 as usize])
        })
    }
}

/// Reads a page: what goes into the index, and its sections.
pub fn read(html: &str, about: &About) -> (Page, Vec<Section>) {
    let mut reader = Reader::new(about);
    reader.add_title();
    if about.depth != Depth::Title {
        for event in Events::of(html::main_part(html)) {
            reader.take(event);
        }
        reader.flush();
    }
    reader.finish()
}

/// A page's texts, for the file that results are drawn from. `up` leads from the
/// folder of the index to the root of the site.
pub fn texts(about: &About, up: &str, sections: &[Section]) -> Vec<u8> {
    let sections: Vec<Vec<&str>> = sections
        .iter()
        .map(|section| {
            let Section { anchor, heading, text, side, sync, label } = section;
            let mut row = vec![anchor.as_str(), heading, text, side, sync, label];
            while row.last().is_some_and(|last| last.is_empty()) {
                row.pop();
            }
            row
        })
        .collect();
    serde_json::to_vec(&(format!("{up}{}", about.address), &about.title, sections)).unwrap_or_default()
}

/// Fast and the same on every machine; what it hashes is not hostile enough to
/// matter: one page's words.
#[derive(Default)]
pub(super) struct WordHasher(u64);

impl Hasher for WordHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }
}

pub(super) type ByWord<K, V> = HashMap<K, V, BuildHasherDefault<WordHasher>>;

/// Where a word can stand, with its impact as a whole and as a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Title(u8),
    Heading(u8),
    Label,
    Description,
    /// Code in the first cell of a row: what the row is about.
    Term,
    Code,
    Text,
}

impl Place {
    fn impact(self, is_part: bool) -> u8 {
        let (whole, part) = match self {
            // A word says more about a short title than about a long one.
            Self::Title(words) => (15 - words.clamp(1, 4) + 1, 12 - words.clamp(1, 4) + 1),
            Self::Heading(words) => (12 - words.clamp(1, 4) + 1, 9 - words.clamp(1, 4) + 1),
            Self::Description => (7, 5),
            Self::Label => (6, 4),
            Self::Term => (8, 6),
            Self::Code => (5, 3),
            Self::Text => (3, 2),
        };
        if is_part { part } else { whole }
    }
}

/// Impact and number of a word in a section.
#[derive(Clone, Copy)]
struct Hit {
    section: u16,
    impact: u8,
    count: u8,
}

/// An element that is inside a side, or may be one.
struct Frame<'h> {
    name: &'h str,
    /// The section that goes on after it.
    outer: Option<usize>,
    /// Key of the group it is.
    sync: Option<String>,
    /// Its id, if it is a group.
    id: Option<String>,
}

struct Reader<'a, 'h> {
    about: &'a About,
    sections: Vec<Section>,
    lengths: Vec<u32>,
    current: usize,
    hits: ByWord<String, Vec<Hit>>,
    frames: Vec<Frame<'h>>,
    /// Text that has not been taken apart yet.
    pending: String,
    /// Depth in `pre` and `code`.
    code: usize,
    /// Name and depth of an element that is passed over.
    skipping: Option<(&'h str, usize)>,
    /// Name of the heading that is being read.
    heading: Option<(&'h str, Place)>,
    /// The current section's anchor is that of the section before.
    borrowed: bool,
    /// Cells of the current row so far.
    cells: u32,
    quoted: usize,
}

impl<'a, 'h> Reader<'a, 'h> {
    fn new(about: &'a About) -> Self {
        Self {
            about,
            sections: vec![Section::default()],
            lengths: vec![0],
            current: 0,
            hits: ByWord::default(),
            frames: Vec::new(),
            pending: String::new(),
            code: 0,
            skipping: None,
            heading: None,
            borrowed: false,
            cells: 0,
            quoted: 0,
        }
    }

    fn add_title(&mut self) {
        let title = super::tokens::words(&self.about.title);
        let count = u8::try_from(title.len()).unwrap_or(u8::MAX);
        for word in &title {
            add(&mut self.hits, word, 0, Place::Title(count));
        }
        // The name in the address is what readers remember.
        let name = self.about.address.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        each_word(name, |word| add(&mut self.hits, word, 0, Place::Label));
        each_word(&self.about.description, |word| add(&mut self.hits, word, 0, Place::Description));
        // On a whole page it stands anyway.
        if self.about.depth != Depth::Whole {
            push_quoted(&mut self.sections[0].text, &self.about.description, QUOTED);
        }
    }

    fn take(&mut self, event: Event<'h>) {
        if let Some((name, depth)) = &mut self.skipping {
            match event {
                Event::Open(open, _) if open == *name => *depth += 1,
                Event::Close(close) if close == *name => {
                    *depth -= 1;
                    if *depth == 0 {
                        self.skipping = None;
                    }
                }
                _ => {}
            }
            return;
        }
        match event {
            Event::Text(text) => html::push_text(&mut self.pending, text),
            Event::Open(name, attributes) => self.open(name, attributes),
            Event::Close(name) => self.close(name),
        }
    }

    fn open(&mut self, name: &'h str, attributes: &str) {
        if is_passed_over(name, attributes) {
            self.separate();
            self.skipping = Some((name, 1));
            return;
        }
        if self.borrowed
            && attributes.contains("id=")
            && let Some(id) = html::attribute(attributes, "id")
        {
            self.sections[self.current].anchor = id;
            self.borrowed = false;
        }
        match name {
            "code" | "pre" => {
                if name == "pre" {
                    self.separate();
                }
                self.flush();
                self.code += 1;
            }
            "section" | "div" => {
                self.part();
                self.frame(name, attributes);
            }
            "h1" => {
                // The title, which is known.
                self.part();
                self.skipping = Some((name, 1));
            }
            "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.part();
                if attributes.contains("pane-title") {
                    self.heading = Some((name, Place::Label));
                    return;
                }
                let of_group = || self.frames.iter().rev().find_map(|frame| frame.id.clone());
                let here = self.sections[self.current].anchor.clone();
                let own = html::attribute(attributes, "id").or_else(of_group);
                let is_own = own.is_some();
                self.start(Section { anchor: own.unwrap_or(here), ..self.of_side() });
                // Else that of the next element that has one.
                self.borrowed = !is_own;
                self.heading = Some((name, Place::Heading(1)));
            }
            "p" => {
                self.part();
                if attributes.contains("pane-title") || attributes.contains("side-title") {
                    self.heading = Some((name, Place::Label));
                }
            }
            "td" | "th" | "dt" | "tr" | "dd" => {
                self.part();
                self.cells = match name {
                    "tr" => 0,
                    "dt" => 1,
                    "dd" => 2,
                    _ => self.cells + 1,
                };
            }
            _ if is_inline(name) => {}
            _ => self.separate(),
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "code" | "pre" => {
                self.flush();
                self.code = self.code.saturating_sub(1);
                if name == "pre" {
                    self.separate();
                }
            }
            "section" | "div" => {
                self.part();
                let Some(at) = self.frames.iter().rposition(|frame| frame.name == name) else { return };
                // What was not closed inside it ends with it.
                for frame in self.frames.drain(at..).rev() {
                    if let Some(outer) = frame.outer {
                        self.current = outer;
                        self.borrowed = false;
                    }
                }
            }
            _ if self.heading.is_some_and(|(open, _)| open == name) => {
                self.flush();
                self.heading = None;
            }
            "table" | "dl" => {
                self.part();
                self.cells = 0;
            }
            "p" | "td" | "th" | "dt" => self.part(),
            _ if is_inline(name) => {}
            _ => self.separate(),
        }
    }

    /// What the sections of the current side have in common.
    fn of_side(&self) -> Section {
        let Section { side, sync, label, .. } = &self.sections[self.current];
        Section { side: side.clone(), sync: sync.clone(), label: label.clone(), ..Section::default() }
    }

    fn frame(&mut self, name: &'h str, attributes: &str) {
        let mut frame = Frame { name, outer: None, sync: None, id: None };
        if attributes.contains("data-") {
            let sync = html::attribute(attributes, "data-sync");
            if let Some(side) = html::attribute(attributes, "data-side") {
                let of_group = || self.frames.iter().rev().find_map(|frame| frame.sync.clone());
                let current = &self.sections[self.current];
                let section = Section {
                    anchor: html::attribute(attributes, "id").unwrap_or_else(|| current.anchor.clone()),
                    heading: current.heading.clone(),
                    sync: sync.or_else(of_group).unwrap_or_default(),
                    label: side.clone(),
                    side,
                    text: String::new(),
                };
                frame.outer = Some(self.current);
                self.start(section);
            } else if attributes.contains("cmp") && !attributes.contains("cmp-panes") {
                frame.sync = Some(sync.unwrap_or_default());
                frame.id = html::attribute(attributes, "id");
                // A heading inside it is about the group, not about what follows.
                frame.outer = Some(self.current);
            }
        }
        self.frames.push(frame);
    }

    fn start(&mut self, section: Section) {
        if self.sections.len() == MOST_SECTIONS {
            return;
        }
        self.sections.push(section);
        self.lengths.push(0);
        self.current = self.sections.len() - 1;
    }

    fn separate(&mut self) {
        if !self.pending.ends_with([' ', '\n']) {
            self.pending.push(' ');
        }
    }

    /// The end of a block: text on both sides of it is not one word.
    fn part(&mut self) {
        self.separate();
        self.flush();
    }

    /// Takes the text read so far apart.
    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.pending);
        let current = self.current;
        let hits = &mut self.hits;
        let at = u16::try_from(current).unwrap_or(u16::MAX);
        let section = &mut self.sections[current];
        match self.heading {
            Some((_, Place::Label)) if section.side.is_empty() => {}
            Some((_, Place::Label)) => {
                section.label.clear();
                push_words(&mut section.label, &text);
                each_word(&text, |word| add(hits, word, at, Place::Label));
            }
            Some(_) => {
                let text = text.trim().trim_end_matches(['#', '¶', '🔗', '§']);
                push_quoted(&mut section.heading, text, QUOTED);
                let mut found = Vec::new();
                each_word(text, |word| found.push(word.clone()));
                let count = u8::try_from(found.len()).unwrap_or(u8::MAX);
                for word in &found {
                    add(hits, word, at, Place::Heading(count));
                }
            }
            None if self.about.depth == Depth::Whole => {
                let limit = if self.quoted < QUOTED_OF_PAGE { QUOTED } else { QUOTED_LATE };
                let before = section.text.len();
                push_quoted(&mut section.text, &text, limit);
                self.quoted += section.text.len() - before;
                let place = match (self.code > 0, self.cells) {
                    (true, 1) => Place::Term,
                    (true, _) => Place::Code,
                    (false, _) => Place::Text,
                };
                let mut count = 0;
                each_word(&text, |word| {
                    count += 1;
                    add(hits, word, at, place);
                });
                self.lengths[current] += count;
            }
            None => {}
        }
        self.pending = text;
        self.pending.clear();
    }

    fn finish(self) -> (Page, Vec<Section>) {
        let mut all: Vec<(String, Vec<Hit>)> = self.hits.into_iter().collect();
        all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let size = all.iter().map(|(word, _)| word.len()).sum();
        let mut page = Page {
            text: String::with_capacity(size),
            words: Vec::with_capacity(all.len()),
            hits: Vec::with_capacity(all.iter().map(|(_, hits)| hits.len()).sum()),
            facets: self.about.facets.clone(),
        };
        for (word, mut hits) in all {
            page.text.push_str(&word);
            hits.sort_unstable_by_key(|hit| hit.section);
            for hit in hits {
                let is_long = self.lengths.get(usize::from(hit.section)).is_some_and(|words| *words > 400);
                let more = u8::from(hit.count >= 3) + u8::from(hit.count >= 6);
                let impact = (hit.impact + more).saturating_sub(u8::from(is_long && hit.impact < 5));
                page.hits.push((hit.section, impact.clamp(1, MOST_IMPACT)));
            }
            let ends = [page.text.len(), page.hits.len()].map(|end| u32::try_from(end).unwrap_or(u32::MAX));
            page.words.push(ends.into());
        }
        (page, self.sections)
    }
}

fn add(hits: &mut ByWord<String, Vec<Hit>>, word: &Word, section: u16, place: Place) {
    let mut one = |token: &str, is_part: bool| {
        let impact = place.impact(is_part);
        let of_word = match hits.get_mut(token) {
            Some(of_word) => of_word,
            None => hits.entry(token.to_owned()).or_default(),
        };
        // Sections are left and come back to, but seldom.
        match of_word.iter_mut().rev().find(|hit| hit.section == section) {
            Some(hit) => {
                hit.impact = hit.impact.max(impact);
                hit.count = hit.count.saturating_add(1);
            }
            None => of_word.push(Hit { section, impact, count: 1 }),
        }
    };
    one(&word.whole, false);
    for part in &word.parts {
        one(part, true);
    }
}

/// Appends words with one space between them.
fn push_words(out: &mut String, text: &str) {
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
}

/// The same, up to a number of bytes; whether a word goes on is kept.
fn push_quoted(out: &mut String, text: &str, limit: usize) {
    if out.len() >= limit {
        return;
    }
    if text.starts_with(char::is_whitespace) && !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
    for (i, word) in text.split_whitespace().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        if out.len() + word.len() > limit {
            let room = limit.saturating_sub(out.len());
            let end = (0..=room.min(word.len())).rev().find(|i| word.is_char_boundary(*i)).unwrap_or(0);
            out.push_str(&word[..end]);
            return;
        }
        out.push_str(word);
    }
    if text.ends_with(char::is_whitespace) && !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

fn is_passed_over(name: &str, attributes: &str) -> bool {
    match name {
        "nav" | "svg" | "math" | "button" | "template" | "select" | "form" | "label" | "footer"
        | "noscript" | "iframe" | "object" | "dialog" | "datalist" => return true,
        // These have no end.
        "br" | "hr" | "img" | "input" | "wbr" | "source" | "track" | "meta" | "link" | "col" | "area"
        | "embed" | "base" | "param" => return false,
        _ => {}
    }
    if attributes.is_empty() {
        return false;
    }
    (attributes.contains("data-search")
        && html::attribute(attributes, "data-search").as_deref() == Some("off"))
        || (attributes.contains("aria-hidden")
            && html::attribute(attributes, "aria-hidden").as_deref() == Some("true"))
        || (attributes.contains("hidden")
            && html::attribute(attributes, "hidden").is_some_and(|v| v != "until-found"))
}

fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "cite"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "u"
            | "var"
            | "wbr"
    )
}
