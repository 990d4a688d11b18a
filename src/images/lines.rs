//! Lines: a text broken into lines that are no wider than they may be.
//!
//! In: a text, a width, sizes. Out: the largest size at which the text fits
//! into so many lines, and these lines, by the widths of the font's glyphs; or
//! nothing, if the font lacks a letter of it. Must not draw.

use std::sync::LazyLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider as _};
use unicode_normalization::UnicodeNormalization as _;

/// For texts.
pub(super) const REGULAR: &[u8] = include_bytes!("fonts/Inter-Regular.ttf");
/// For titles.
pub(super) const BOLD: &[u8] = include_bytes!("fonts/Inter-Bold.ttf");

/// How wide each character is.
struct Widths {
    font: FontRef<'static>,
    metrics: GlyphMetrics<'static>,
}

impl Widths {
    fn new(bytes: &'static [u8]) -> Option<Self> {
        let font = FontRef::new(bytes).ok()?;
        // Of a font size of 1000.
        let metrics = font.glyph_metrics(Size::new(1000.0), LocationRef::default());
        Some(Self { font, metrics })
    }

    fn of(&self, c: char) -> Option<f32> {
        self.metrics.advance_width(self.font.charmap().map(c)?)
    }
}

static WIDTHS: LazyLock<[Option<Widths>; 2]> = LazyLock::new(|| [Widths::new(REGULAR), Widths::new(BOLD)]);

/// What a text has to fit into.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Space {
    /// Pixels.
    pub width: f32,
    /// Lines.
    pub lines: usize,
    /// Size it has when there is room for it.
    pub most: u32,
    /// Size below which it is cut off instead.
    pub least: u32,
    /// In the bold font.
    pub is_bold: bool,
}

/// A text that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// At least one, none of them empty.
    pub lines: Vec<String>,
    /// Font size.
    pub size: u32,
}

/// A word with its width, of a font size of 1000.
type Word = (String, f32);

/// Room for pairs of letters that stand wider than each on its own.
const SLACK: f32 = 1.01;

/// Steps of sizes.
const STEP: usize = 2;

/// Breaks a text into lines, at the largest size at which it fits; what does not
/// fit at the least size is cut off. Signs that are no letters and that the font
/// lacks are left out; without one of its letters a text is not shown.
pub fn fit(text: &str, space: &Space) -> Option<Fitted> {
    let widths = WIDTHS[usize::from(space.is_bold)].as_ref()?;
    let words = words(text, widths)?;
    let gap = widths.of(' ')?;
    let room = |size: u32| space.width * 1000.0 / (size.max(1) as f32 * SLACK);
    for size in (space.least..=space.most).rev().step_by(STEP) {
        let lines = wrapped(&words, room(size), gap);
        if lines.len() <= space.lines && lines.iter().all(|(_, width)| *width <= room(size)) {
            return Some(Fitted { lines: lines.into_iter().map(|(line, _)| line).collect(), size });
        }
    }
    let size = space.least.min(space.most);
    let parts: Vec<Word> = words.into_iter().flat_map(|word| broken(word, room(size), widths)).collect();
    let lines = wrapped(&parts, room(size), gap);
    let is_cut = lines.len() > space.lines;
    let mut lines: Vec<String> = lines.into_iter().take(space.lines).map(|(line, _)| line).collect();
    if is_cut && let Some(last) = lines.last_mut() {
        let width = |text: &str| text.chars().filter_map(|c| widths.of(c)).sum::<f32>();
        while !last.is_empty() && width(last) + width("…") > room(size) {
            last.pop();
        }
        last.truncate(last.trim_end().len());
        last.push('…');
    }
    (!lines.is_empty()).then_some(Fitted { lines, size })
}

/// The words of a text; none if it has none, or if a letter is not in the font.
fn words(text: &str, widths: &Widths) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        let mut known = (String::new(), 0.0);
        for c in word.nfc() {
            match widths.of(c) {
                Some(width) => {
                    known.0.push(c);
                    known.1 += width;
                }
                None if c.is_alphanumeric() => return None,
                None => {}
            }
        }
        if !known.0.is_empty() {
            words.push(known);
        }
    }
    (!words.is_empty()).then_some(words)
}

/// Lines, each as full as can be; a word that is wider than a line has its own.
fn wrapped(words: &[Word], room: f32, gap: f32) -> Vec<Word> {
    let mut lines: Vec<Word> = Vec::new();
    for (word, width) in words {
        match lines.last_mut() {
            Some((line, used)) if *used + gap + width <= room => {
                line.push(' ');
                line.push_str(word);
                *used += gap + width;
            }
            _ => lines.push((word.clone(), *width)),
        }
    }
    lines
}

/// A word in parts that are no wider than a line.
fn broken((word, width): Word, room: f32, widths: &Widths) -> Vec<Word> {
    if width <= room {
        return vec![(word, width)];
    }
    let mut parts: Vec<Word> = Vec::new();
    for c in word.chars() {
        let width = widths.of(c).unwrap_or(0.0);
        match parts.last_mut() {
            Some((part, used)) if *used + width <= room => {
                part.push(c);
                *used += width;
            }
            _ => parts.push((c.to_string(), width)),
        }
    }
    parts
}
