//! Verdicts: whether a snippet is what its fence says it is.
//!
//! In: nothing; these are the words in which parsers speak. Out: plain values.
//! Must not know any language.
//!
//! Documentation shows pieces of programs, not programs: four in ten JavaScript
//! fences of well-kept projects are no program by themselves. So a snippet that
//! does not parse as it stands is read again in other ways, the most ordinary
//! first, and the first reading that succeeds is named in its verdict. That is
//! the ladder; each parser's file lists its rungs.

use std::ops::Range;

use super::derived::Derived;

/// How far snippets are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Level {
    /// Not at all.
    Off,
    /// Syntax, and fragments are fine.
    #[default]
    Syntax,
    /// Syntax, and a snippet has to be a whole program in its own language.
    Strict,
}

/// A version of Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PythonVersion {
    /// 3, but for history.
    pub major: u8,
    /// 13 in 3.13.
    pub minor: u8,
}

impl Default for PythonVersion {
    /// What snippets are checked against where nothing else is said.
    fn default() -> Self {
        Self { major: 3, minor: 13 }
    }
}

impl PythonVersion {
    /// The version code has to run on to keep what a requirement promises:
    /// `3.12`, `3.12.1`, `==3.12`, `>=3.12`, `>=3.9,<3.13`, `3.12+`. The lowest
    /// version that is let in, or, where only an upper bound is given, the
    /// highest. `None` for what is no requirement.
    pub fn parse(requirement: &str) -> Option<Self> {
        let mut lowest: Option<Self> = None;
        let mut highest: Option<Self> = None;
        for part in requirement.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let number = part.trim_start_matches(['>', '<', '=', '~', '^', '!', ' ', 'v']);
            let operator = part[..part.len() - number.len()].trim().trim_end_matches('v');
            let mut numbers = number.trim_end_matches(['+', '*', '.']).split('.');
            let major = numbers.next()?.parse().ok()?;
            let minor = numbers.next().map_or(Some(0), |minor| minor.parse().ok())?;
            if numbers.any(|patch| patch.parse::<u32>().is_err()) {
                return None;
            }
            let version = Self { major, minor };
            match operator {
                "!=" => {}
                "<" => highest = Some(Self { minor: minor.saturating_sub(1), ..version }),
                "<=" => highest = Some(version),
                ">" => lowest = Some(Self { minor: minor.saturating_add(1), ..version }),
                _ => lowest = Some(version),
            }
        }
        lowest.or(highest)
    }
}

/// What became of checking a snippet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It parses as it stands.
    Ok,
    /// It parses when read in this way.
    OkAs(Reading),
    /// It parses as this language, not as the one its fence names.
    WrongLanguage(&'static str),
    /// It does not parse.
    Broken,
    /// Nobody looked, for this reason.
    Unchecked(Reason),
}

impl Default for Verdict {
    fn default() -> Self {
        Self::Unchecked(Reason::NoParser)
    }
}

impl Verdict {
    /// It parses, one way or another.
    pub fn is_sound(&self) -> bool {
        matches!(self, Self::Ok | Self::OkAs(_))
    }

    /// `ok`, `ok-as(jsx)`, `wrong-language(ts)`, `broken`, `unchecked(off)`.
    pub fn word(&self) -> String {
        match self {
            Self::Ok => "ok".to_owned(),
            Self::OkAs(reading) => format!("ok-as({})", reading.word()),
            Self::WrongLanguage(language) => format!("wrong-language({language})"),
            Self::Broken => "broken".to_owned(),
            Self::Unchecked(reason) => format!("unchecked({})", reason.word()),
        }
    }
}

/// A way to read what is no whole program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reading {
    /// A script that is not in strict mode, or has `return` outside functions.
    CommonJs,
    /// JavaScript or TypeScript with elements in it.
    Jsx,
    /// `await` outside functions.
    Await,
    /// `return` or `yield` outside functions.
    FunctionBody,
    /// Indented as it stood where it was cut out.
    Indented,
    /// A session at a prompt.
    Repl,
    /// A cell of a notebook, with `%magic` and `!commands`.
    Notebook,
    /// The head of a definition without its body.
    Header,
    /// An object or another expression.
    Expression,
    /// Members of an object, or of a class.
    Members,
    /// One name declared twice: "bad" and "good" in one fence.
    Redeclared,
    /// `...` for what is left out.
    Placeholder,
    /// Data with comments, trailing commas or free keys.
    Relaxed,
    /// Several texts, one after the other.
    Several,
    /// A file that starts with data between two marks; only that was read.
    FrontMatter,
}

impl Reading {
    /// One lower-case word.
    pub fn word(self) -> &'static str {
        match self {
            Self::CommonJs => "commonjs",
            Self::Jsx => "jsx",
            Self::Await => "await",
            Self::FunctionBody => "function",
            Self::Indented => "indented",
            Self::Repl => "repl",
            Self::Notebook => "notebook",
            Self::Header => "header",
            Self::Expression => "expression",
            Self::Members => "members",
            Self::Redeclared => "redeclared",
            Self::Placeholder => "placeholder",
            Self::Relaxed => "relaxed",
            Self::Several => "several",
            Self::FrontMatter => "frontmatter",
        }
    }
}

/// Why nobody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The site, the page or the fence says so.
    Off,
    /// There is no parser for the language, or no language.
    NoParser,
    /// It is longer than the engine reads.
    TooLong,
    /// It is nested deeper than parsers can follow.
    TooDeep,
    /// It is a template for code.
    Template,
    /// It is for a version that no parser knows.
    Version,
    /// The parser failed, which is not the author's fault.
    ParserFailed,
}

impl Reason {
    /// One lower-case word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::NoParser => "unknown",
            Self::TooLong => "long",
            Self::TooDeep => "deep",
            Self::Template => "template",
            Self::Version => "version",
            Self::ParserFailed => "failed",
        }
    }
}

/// What is wrong with a snippet that is not sound.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Finding {
    /// One phrase.
    pub(super) message: String,
    /// Bytes of the text.
    pub(super) place: Range<usize>,
    /// Other places, and what is to be said about them.
    pub(super) labels: Vec<(Range<usize>, String)>,
    /// Advice.
    pub(super) hints: Vec<String>,
}

impl Finding {
    /// The same, in the text that `derived` was made from.
    pub(super) fn led_back(mut self, derived: &Derived) -> Self {
        self.place = derived.source_range(&self.place);
        for (range, _) in &mut self.labels {
            *range = derived.source_range(range);
        }
        self
    }
}

/// A verdict with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    /// There is one where the verdict is broken or the wrong language.
    pub(super) finding: Option<Finding>,
}

impl From<Verdict> for Judgement {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, finding: None }
    }
}

impl Judgement {
    pub(super) fn unchecked(reason: Reason) -> Self {
        Verdict::Unchecked(reason).into()
    }

    pub(super) fn broken(finding: Finding) -> Self {
        Self { verdict: Verdict::Broken, finding: Some(finding) }
    }

    /// The text is in another language than the fence says.
    pub(super) fn wrong_language(language: &'static str, named: &str, place: Range<usize>) -> Self {
        let finding = Finding {
            message: format!("this is {named}, not what the fence says"),
            place,
            hints: vec![format!("write `{language}` after the fence")],
            ..Finding::default()
        };
        Self { verdict: Verdict::WrongLanguage(language), finding: Some(finding) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_is_the_version_it_promises() {
        for (requirement, expected) in [
            ("3.12", Some((3, 12))),
            ("3.12.1", Some((3, 12))),
            ("==3.11.*", Some((3, 11))),
            (">=3.12", Some((3, 12))),
            (">= 3.9, <3.13", Some((3, 9))),
            ("3.10+", Some((3, 10))),
            ("<3.10", Some((3, 9))),
            (">3.10", Some((3, 11))),
            ("3", Some((3, 0))),
            ("2.7", Some((2, 7))),
            ("v3.13", Some((3, 13))),
            ("latest", None),
            ("", None),
            ("3.x", None),
        ] {
            let found = PythonVersion::parse(requirement).map(|version| (version.major, version.minor));
            assert_eq!(found, expected, "{requirement}");
        }
    }
}
