//! Code: a fence's text and info string to coloured, marked-up HTML, and to a
//! verdict on the code.
//!
//! In: text, language, options. Out: tokens, HTML, verdict and problems. Pure: the
//! result depends on the arguments alone, so it can be kept by content. Must
//! not know pages, templates or the site. Colours are not in the HTML: tokens
//! carry a [`Kind`], kinds have short classes, and the style sheets made from a
//! theme give classes their colours.
//!
//! 1. `fence` reads the info string.
//! 2. `language` finds what its first word means.
//! 3. `block` makes ready what is shown: `diff`, `ansi`, `comment` and
//!    `session` know what text says besides code, `words` finds marked words;
//!    `draft` keeps the places of what they leave.
//! 4. `engine` asks a back-end for tokens, each with a `kind`, and a verdict.
//! 5. `html` writes the block.
//!
//! | back-end | languages | colours | verdict |
//! |---|---|---|---|
//! | `javascript` (oxc) | JavaScript, TypeScript, JSX, TSX | of the syntax tree | yes |
//! | `python` (ruff) | Python, its sessions | of the syntax tree | yes |
//! | `data` | JSON, TOML, YAML | the grammar's | yes |
//! | `shell` (brush) | `sh`, `bash` | the grammar's | yes |
//! | `syntect` | all others | the grammar's | no |
//!
//! Parsers share `paint` (tokens and what the tree says of them), `derived`
//! (texts made for a parser, and the way back) and `hints` (what broken code
//! was meant to be); `loose` colours what oxc gives up on. `verdict` has the
//! words they speak in.
//!
//! Apart from these, `names` says what code defines and uses, `include` takes a part of a
//! file, and `theme` makes style sheets.
//!
//! The markup, for authors of themes (the classes of tokens: [`Kind::class`]):
//!
//! | where | class, attribute | meaning |
//! |---|---|---|
//! | `pre` | `code` | every block |
//! | `pre` | `wrap` | long lines wrap |
//! | `pre` | `numbers` | lines have numbers, in `data-n` |
//! | `pre` | `links` | numbers are links: `.ln > a[data-n]` |
//! | `pre` | `diff` | lines have signs: added, removed, error, warning |
//! | `pre` | `focused` | lines without `focus` fade |
//! | `pre`, `figure` | `terminal` | a terminal's frame |
//! | `pre` | `bare` | no frame |
//! | `pre` | `data-lang` | the language as written, lower-case |
//! | `pre` | `data-copy` | a script may add a button to copy |
//! | `pre` | `data-collapse="1-5,9"` | lines a script may fold |
//! | `figure` | `code`, `data-label` | a block with a caption, around the `pre` |
//! | `figcaption > span` | `label`, `file` | the label, the title |
//! | `figcaption > a` | `source` | link to the included file |
//! | `code > span` | `ln` | one line with its line end; only in blocks that need lines |
//! | `.ln` | `hl`, `ins`, `del`, `err`, `warn`, `focus` | marked lines |
//! | `.ln` | `hide`, `hidden` | not shown, but part of what is copied |
//! | `.ln` | `i1` … `i24`, `tab` | its indentation, where lines wrap; starts with a tab |
//! | `.ln` | `data-n` | its number |
//! | `.ln` | `data-label` | the label of a mark that starts here |
//! | inside | `mark`, `ins`, `del` | marked words |
//! | inside | `a.note` | a number that leads to its note; not copied |
//! | inside | `prompt`, `out` | what a terminal wrote; not copied |
//! | inside | `f0`…`f15`, `b0`…`b15`, `bo`, `di`, `it`, `un`, `st`, `iv` | a terminal's colours; see `ansi` |
//!
//! Without colours and without attributes a block is exactly what CommonMark
//! says: `<pre><code class="language-js">`.

pub mod fence;

mod language;
mod verdict;

mod block;
mod draft;

mod ansi;
mod comment;
mod diff;
mod session;
mod words;

pub mod include;

mod engine;

mod javascript;
mod loose;

mod data;
mod derived;
mod hints;
mod paint;
mod python;
mod shell;
mod syntect;

mod kind;
mod names;

mod html;
mod plist;
mod theme;

use std::ops::Range;

pub use draft::Cut;
pub use engine::{MAX_LINE, MAX_TEXT, Token, contains_panics};
pub use kind::Kind;
pub use names::{Family, Names, names};
pub use verdict::{Level, PythonVersion, Reading, Reason, Verdict};

pub use theme::{
    DEFAULT_DARK, DEFAULT_LIGHT, Scheme, ThemeError, ThemeSource, readable, stylesheet, theme_names,
};

use crate::base::diagnostic::Severity;
use engine::{Refusal, Want};
use fence::{Check, Fence};
use verdict::Judgement;

/// What the engine is asked for; a part of every page's parse key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CodeOptions {
    /// Colour code at all.
    pub highlight: bool,
    /// An unknown language is an error, not a warning.
    pub error_on_missing_language: bool,
    /// Line numbers on every fence that does not say otherwise.
    pub line_numbers: bool,
    /// How far code is checked, where a fence does not say otherwise.
    pub check: Level,
    /// What Python is checked against, where a fence does not say otherwise.
    pub python: PythonVersion,
    /// Whole programs in JavaScript and Python are marked to be run, where a
    /// fence does not say otherwise.
    pub run: bool,
    /// Readers are told how code was checked, where a fence does not say
    /// otherwise.
    pub badge: bool,
}

impl Default for CodeOptions {
    fn default() -> Self {
        Self {
            highlight: true,
            error_on_missing_language: false,
            line_numbers: false,
            check: Level::default(),
            python: PythonVersion::default(),
            run: false,
            badge: false,
        }
    }
}

/// A fence, and what is around it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given<'a> {
    /// The code with its last line end.
    pub text: &'a str,
    /// The info string with escapes and entities undone.
    pub info: &'a str,
    /// The language when the info string has none: that of an included file.
    pub language: Option<&'a str>,
    /// What ids start with when the info string has none: unique in the page.
    pub name: &'a str,
    /// An ordered list follows: numbers in comments are its notes.
    pub has_list: bool,
    /// Address and words of a link to the included file.
    pub link: Option<(&'a str, &'a str)>,
    /// The block is a pane of a group, which shows its label.
    pub in_group: bool,
    /// Its names are asked for.
    pub names: bool,
    /// The whole of the file that the text is a part of: what it defines is
    /// defined.
    pub file: Option<&'a str>,
}

/// What became of a fence besides its HTML.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FenceOutcome {
    /// The language as written, lower-case; empty when there is none.
    pub language: String,
    /// Anchors in the HTML that links may point at.
    pub ids: Vec<String>,
    /// Numbers of the notes that lines ask for.
    pub notes: Vec<u32>,
    /// Whether the code parses, and how it had to be read for that.
    pub verdict: Verdict,
    /// The language whose syntax it was found to have, as readers know it, with
    /// the version where that counts: `JavaScript`, `Python 3.13`.
    pub checked_as: Option<String>,
    /// What it defines; and what it uses, where the level is strict.
    pub names: Option<Names>,
    /// In the order of the info string, then of the text.
    pub problems: Vec<CodeProblem>,
}

/// What became of checking a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// Whether it parses, and how it had to be read for that.
    pub verdict: Verdict,
    /// What is wrong with it: `broken-snippet` or `wrong-fence-language`.
    pub problem: Option<CodeProblem>,
}

/// A problem in a fence; the caller knows where the fence is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeProblem {
    /// `unknown-language`, `code-too-large`, `code-not-highlighted`,
    /// `unknown-fence-attribute`, `bad-fence-attribute`, `bad-fence-range`,
    /// `broken-snippet`, `wrong-fence-language` or `missing-mistake`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One phrase.
    pub message: String,
    /// Where it is.
    pub place: Place,
    /// Other places in the text, in bytes, and what is to be said about them.
    pub labels: Vec<(Range<usize>, String)>,
    /// Advice: each one phrase.
    pub hints: Vec<String>,
}

impl CodeProblem {
    /// The same, in the text that this one was made from.
    fn led_back(mut self, origin: impl Fn(Range<usize>) -> Range<usize>) -> Self {
        if let Place::Text(range) = &mut self.place {
            *range = origin(range.clone());
        }
        for (range, _) in &mut self.labels {
            *range = origin(range.clone());
        }
        self
    }
}

/// A place in a fence, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Of the info string.
    Info(Range<usize>),
    /// Of the text.
    Text(Range<usize>),
}

/// A coloured text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Highlighted {
    /// In order, not overlapping, on character borders, none empty. What no
    /// token covers is plain.
    pub tokens: Vec<Token>,
    /// Why there are none; the place is the whole text unless a part is to
    /// blame. `unknown-language`, `code-too-large` or `code-not-highlighted`.
    pub problem: Option<CodeProblem>,
}

/// Colours a text. The empty language has no colours and no problem.
pub fn highlight(text: &str, language: &str, options: &CodeOptions) -> Highlighted {
    if !options.highlight {
        return Highlighted::default();
    }
    let Some(known) = language::find(language) else {
        return Highlighted { tokens: Vec::new(), problem: Some(unknown_language(text, language, options)) };
    };
    let want = Want { colours: true, level: Level::Off, python: options.python };
    highlighted(text, language, engine::read(text, known, &want).0)
}

fn highlighted(text: &str, language: &str, tokens: Result<Vec<Token>, Refusal>) -> Highlighted {
    match tokens {
        Ok(tokens) => Highlighted { tokens, problem: None },
        Err(refusal) => Highlighted { tokens: Vec::new(), problem: Some(refused(text, language, refusal)) },
    }
}

/// Colours a text by one of the grammars, by its exact name, whether there is a
/// parser or not: for comparing the two.
pub fn highlight_by_grammar(text: &str, grammar: &str) -> Option<Vec<Token>> {
    syntect::tokens(text, syntect::by_name(grammar)?).ok()
}

/// Checks a text as far as the options say.
pub fn check(text: &str, language: &str, options: &CodeOptions) -> Checked {
    let Some(known) = language::find(language) else { return Checked::default() };
    let want = Want { colours: false, level: options.check, python: options.python };
    let (_, judgement) = engine::read(text, known, &want);
    let problem = problem_of(&judgement);
    Checked { verdict: judgement.verdict, problem }
}

/// Writes a fence as HTML, ended by a line end.
pub fn fence_html(out: &mut String, given: &Given<'_>, options: &CodeOptions) -> FenceOutcome {
    let (fence, mut problems) = fence::parse(given.info);
    let (block, judgement) = block::block(given, &fence, options, &mut problems);
    let ids = html::write(out, &block, given, &fence, options);
    let problem = match &fence.check {
        Some(Check::Mistake(words)) => missing_mistake(block.cut.text(), &judgement, words.as_deref()),
        _ => problem_of(&judgement),
    };
    problems.extend(problem.map(|problem| problem.led_back(|range| block.cut.origin(range))));
    let mut notes: Vec<u32> = block.lines.iter().flat_map(|line| line.notes.iter().copied()).collect();
    notes.sort_unstable();
    notes.dedup();
    let is_mistake = matches!(fence.check, Some(Check::Mistake(_)));
    let checked_as = if judgement.verdict.is_sound() && !is_mistake {
        language::find(&block.language).and_then(|known| known.shown(fence.version.unwrap_or(options.python)))
    } else {
        None
    };
    let mut names = given.names.then(|| names::of_block(&block, given.file)).flatten();
    if let Some(names) = &mut names
        && (is_mistake || !judgement.verdict.is_sound() || level(&fence, options) != Level::Strict)
    {
        names.used.clear();
    }
    let language = if fence.language.is_empty() { block.language } else { fence.language };
    FenceOutcome { language, ids, notes, verdict: judgement.verdict, checked_as, names, problems }
}

/// Writes code that stands in a line of text. `false`, and nothing is written,
/// when the language is not known.
pub fn inline_html(out: &mut String, text: &str, language: &str, options: &CodeOptions) -> bool {
    let is_known = !language.is_empty() && language::find(language).is_some();
    if is_known {
        html::inline(out, text, language, options);
    }
    is_known
}

/// Whether code in this language can be coloured.
pub fn is_language(name: &str) -> bool {
    language::find(name).is_some()
}

/// How far a fence is checked.
fn level(fence: &Fence, options: &CodeOptions) -> Level {
    match &fence.check {
        Some(Check::Level(level)) => *level,
        Some(Check::Mistake(_)) => Level::Syntax.max(options.check),
        Some(Check::Skip(_)) => Level::Off,
        None => options.check,
    }
}

/// Colours and checks a text of a fence, in one go.
fn read(text: &str, language: &str, want: &Want, options: &CodeOptions) -> (Highlighted, Judgement) {
    if !want.colours && want.level == Level::Off {
        return (Highlighted::default(), Judgement::unchecked(Reason::Off));
    }
    match language::find(language) {
        None => {
            let problem = want.colours.then(|| unknown_language(text, language, options));
            (Highlighted { tokens: Vec::new(), problem }, Judgement::unchecked(Reason::NoParser))
        }
        Some(known) => {
            let (tokens, judgement) = engine::read(text, known, want);
            (highlighted(text, language, tokens), judgement)
        }
    }
}

fn problem_of(judgement: &Judgement) -> Option<CodeProblem> {
    let code = match judgement.verdict {
        Verdict::Broken => "broken-snippet",
        Verdict::WrongLanguage(_) => "wrong-fence-language",
        Verdict::Ok | Verdict::OkAs(_) | Verdict::Unchecked(_) => return None,
    };
    let finding = judgement.finding.clone().unwrap_or_default();
    Some(CodeProblem {
        code,
        severity: Severity::Warning,
        message: finding.message,
        place: Place::Text(finding.place),
        labels: finding.labels,
        hints: finding.hints,
    })
}

/// Code that has to be wrong is not, or not in the way that is expected.
fn missing_mistake(text: &str, judgement: &Judgement, words: Option<&str>) -> Option<CodeProblem> {
    let problem = |message, place, hints| {
        let place = Place::Text(place);
        let severity = Severity::Warning;
        Some(CodeProblem { code: "missing-mistake", severity, message, place, labels: Vec::new(), hints })
    };
    match (&judgement.verdict, &judgement.finding, words) {
        (Verdict::Unchecked(_), ..) | (_, Some(_), None) => None,
        (_, Some(finding), Some(words)) if finding.message.contains(words) => None,
        (_, Some(finding), Some(words)) => problem(
            format!("expected a mistake with `{words}` in its message, found: {}", finding.message),
            finding.place.clone(),
            finding.hints.clone(),
        ),
        (verdict, None, _) => problem(
            "this code is to be wrong, but it parses".to_owned(),
            hints::visible(text, 0..text.len()),
            match verdict {
                Verdict::OkAs(reading) => vec![format!("it was read as a fragment: {}", reading.word())],
                _ => Vec::new(),
            },
        ),
    }
}

fn unknown_language(text: &str, language: &str, options: &CodeOptions) -> CodeProblem {
    let severity = if options.error_on_missing_language { Severity::Error } else { Severity::Warning };
    let hint = match language::nearest_name(language) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write `text` for code without colours".to_owned(),
    };
    CodeProblem {
        code: "unknown-language",
        severity,
        message: format!("unknown language `{language}` of a code block"),
        place: Place::Text(0..text.len()),
        labels: Vec::new(),
        hints: vec![hint],
    }
}

fn refused(text: &str, language: &str, refusal: Refusal) -> CodeProblem {
    let (code, message, place) = match refusal {
        Refusal::TextTooLong => (
            "code-too-large",
            format!("a code block of more than {} KiB is not highlighted", MAX_TEXT >> 10),
            0..text.len(),
        ),
        Refusal::LineTooLong(line, range) => (
            "code-too-large",
            format!("line {line} has more than {MAX_LINE} characters: the code block is not highlighted"),
            range,
        ),
        Refusal::Grammar(reason) => (
            "code-not-highlighted",
            format!("the grammar of `{language}` failed on a code block: {reason}"),
            0..text.len(),
        ),
    };
    let place = Place::Text(place);
    CodeProblem { code, severity: Severity::Warning, message, place, labels: Vec::new(), hints: Vec::new() }
}

/// A fence's attributes, read again by stages that group or check fences.
pub fn read_info(info: &str) -> Fence {
    fence::parse(info).0
}

#[cfg(test)]
mod tests;
