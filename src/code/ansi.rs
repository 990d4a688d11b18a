//! ANSI: the colours of a terminal's output.
//!
//! In: a text with escape sequences. Out: the parts to be left out, and runs of
//! what is left with the classes of their look. Colours are the sixteen of a
//! terminal, which a theme chooses; others become the nearest of these.
//!
//! | class | meaning |
//! |---|---|
//! | `f0` … `f15` | colour of the text |
//! | `b0` … `b15` | colour behind it |
//! | `bo`, `di`, `it`, `un`, `st` | bold, dim, italic, underlined, struck out |
//! | `iv` | colours exchanged |

use std::fmt::Write as _;
use std::ops::Range;

/// Ways to write the escape character; editors have trouble with the first.
const ESCAPES: &[&str] = &["\u{1b}", "\u{241b}", "\\x1b", "\\x1B", "\\u001b", "\\u001B", "\\033", "\\e"];

/// The sixteen colours as terminals show them.
const COLOURS: [[u8; 3]; 16] = [
    [0, 0, 0],
    [205, 0, 0],
    [0, 205, 0],
    [205, 205, 0],
    [0, 0, 238],
    [205, 0, 205],
    [0, 205, 205],
    [229, 229, 229],
    [127, 127, 127],
    [255, 0, 0],
    [0, 255, 0],
    [255, 255, 0],
    [92, 92, 255],
    [255, 0, 255],
    [0, 255, 255],
    [255, 255, 255],
];

/// The look of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Look {
    text: Option<u8>,
    ground: Option<u8>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    strike: bool,
    inverse: bool,
}

impl Look {
    fn classes(self) -> String {
        let mut out = String::new();
        let (text, ground) = if self.inverse { (self.ground, self.text) } else { (self.text, self.ground) };
        let named = [
            (self.bold, "bo"),
            (self.dim, "di"),
            (self.italic, "it"),
            (self.underline, "un"),
            (self.strike, "st"),
            (self.inverse && text.is_none() && ground.is_none(), "iv"),
        ];
        for (letter, colour) in [('f', text), ('b', ground)] {
            if let Some(colour) = colour {
                let _ = write!(out, " {letter}{colour}");
            }
        }
        for (_, name) in named.iter().filter(|(on, _)| *on) {
            let _ = write!(out, " {name}");
        }
        out.trim_start().to_owned()
    }

    /// What stands between `[` and `m`.
    fn apply(&mut self, numbers: &str) {
        let mut numbers = numbers.split([';', ':']).map(|number| number.parse::<u16>().unwrap_or(0));
        while let Some(number) = numbers.next() {
            match number {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                3 => self.italic = true,
                4 => self.underline = true,
                7 => self.inverse = true,
                9 => self.strike = true,
                22 => (self.bold, self.dim) = (false, false),
                23 => self.italic = false,
                24 => self.underline = false,
                27 => self.inverse = false,
                29 => self.strike = false,
                30..=37 => self.text = u8::try_from(number - 30).ok(),
                90..=97 => self.text = u8::try_from(number - 82).ok(),
                40..=47 => self.ground = u8::try_from(number - 40).ok(),
                100..=107 => self.ground = u8::try_from(number - 92).ok(),
                38 => self.text = extended(&mut numbers),
                48 => self.ground = extended(&mut numbers),
                39 => self.text = None,
                49 => self.ground = None,
                _ => {}
            }
        }
    }
}

/// `5;n` or `2;r;g;b`.
fn extended(numbers: &mut impl Iterator<Item = u16>) -> Option<u8> {
    let mut byte = || numbers.next().map(|number| u8::try_from(number).unwrap_or(255));
    match byte()? {
        5 => Some(match byte()? {
            n @ 0..=15 => n,
            n @ 16..=231 => {
                let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
                let n = n - 16;
                near([level(n / 36), level(n / 6 % 6), level(n % 6)])
            }
            n => near([8 + 10 * (n - 232); 3]),
        }),
        2 => Some(near([byte()?, byte()?, byte()?])),
        _ => None,
    }
}

/// The nearest of the sixteen.
fn near(colour: [u8; 3]) -> u8 {
    let distance = |other: &[u8; 3]| -> u32 {
        colour.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum()
    };
    (0..16).min_by_key(|index| distance(&COLOURS[usize::from(*index)])).unwrap_or(7)
}

/// A run of text, and the classes of its look.
pub(super) type Run = (Range<usize>, String);

/// The escape sequences of a text, and runs of what is left when they are out
/// (bytes of that), with classes.
pub(super) fn read(text: &str) -> (Vec<Range<usize>>, Vec<Run>) {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut runs: Vec<Run> = Vec::new();
    let mut look = Look::default();
    let mut at = 0;
    let mut gone = 0;
    let mut run_start = 0;
    let mut close = |look: Look, start: usize, end: usize| {
        if start < end && look != Look::default() {
            runs.push((start..end, look.classes()));
        }
    };
    while let Some(next) = text[at..].find(['\u{1b}', '\u{241b}', '\\']) {
        let start = at + next;
        let Some((length, numbers)) = sequence(&text[start..]) else {
            at = start + text[start..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        parts.push(start..start + length);
        if let Some(numbers) = numbers {
            let shown = start - gone;
            close(look, run_start, shown);
            run_start = shown;
            look.apply(numbers);
        }
        gone += length;
        at = start + length;
    }
    close(look, run_start, text.len() - gone);
    (parts, runs)
}

/// The length of the escape sequence a text starts with, and its numbers when
/// it sets a look.
fn sequence(text: &str) -> Option<(usize, Option<&str>)> {
    let escape = ESCAPES.iter().find(|escape| text.starts_with(**escape))?;
    let rest = &text[escape.len()..];
    if let Some(rest) = rest.strip_prefix('[') {
        let end = rest.bytes().position(|byte| (0x40..=0x7e).contains(&byte))?;
        let numbers = &rest[..end];
        let is_look = rest.as_bytes()[end] == b'm';
        let is_sequence = numbers.bytes().all(|byte| (0x20..=0x3f).contains(&byte));
        return is_sequence.then_some((escape.len() + end + 2, is_look.then_some(numbers)));
    }
    // A title or a link: up to a bell or to `ESC \`.
    let inner = rest.strip_prefix(']')?;
    let ends = [("\u{7}", 1), ("\u{1b}\\", 2)];
    let (end, length) = ends.iter().filter_map(|(end, n)| Some((inner.find(end)?, n))).min()?;
    Some((escape.len() + 1 + end + length, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::draft::Cut;

    fn shown(text: &str) -> String {
        let (parts, runs) = read(text);
        let mut cut = Cut::new(text);
        cut.leave_out(&parts);
        let mut out = cut.text().to_owned();
        for (range, classes) in runs {
            out.push_str(&format!(" {classes}={}", &cut.text()[range]));
        }
        out
    }

    #[test]
    fn sequences_become_classes() {
        assert_eq!(shown("\u{1b}[31merror\u{1b}[0m: x"), "error: x f1=error");
        assert_eq!(shown("\\x1b[1;92mok\\e[22m!\\033[m."), "ok!. f10 bo=ok f10=!");
        assert_eq!(shown("␛[38;5;196ma␛[48;2;0;0;250mb"), "ab f9=a f9 b4=b");
        assert_eq!(shown("\u{1b}[7m PASS \u{1b}[27m"), " PASS  iv= PASS ");
        assert_eq!(shown("\u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{7}\u{1b}[2K"), "link");
        assert_eq!(shown("a\\b \u{1b}x"), "a\\b \u{1b}x");
    }
}
