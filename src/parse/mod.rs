//! Parse: one file at a time, pure, never failing.
//!
//! In: the bytes of one content file and the options. Out: a [`Parsed`]: front
//! matter, a document and problems. Depends on those bytes, the options and the
//! files it asks [`inputs`] for, so it can be kept for as long as they are the
//! same. Must not know other content files.

pub mod front_matter;
pub mod inputs;
pub mod markdown;

use std::sync::Arc;

use self::front_matter::FrontMatter;
use self::inputs::Inputs;
use self::markdown::{Document, Options};
use crate::base::diagnostic::Diagnostic;
use crate::base::source::Source;
use crate::code::{CodeOptions, Level, PythonVersion};
use crate::config::{AnchorLinks, CheckLevel, Config, Limits};

/// One content file, parsed, but for its document.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// Its text as far as the first line of its body: enough to show where
    /// something is wrong with its front matter. Whole texts are held only until
    /// their bodies are drawn.
    pub source: Arc<Source>,
    /// Its front matter, before any cascade.
    pub front: FrontMatter,
    /// Where the body starts in the text.
    pub body_start: usize,
    /// The first heading, when the front matter has no title.
    pub heading: Option<String>,
    /// The body holds template expressions: it is expanded, then parsed, once
    /// the site is assembled.
    pub is_template: bool,
    /// What was wrong with it.
    pub problems: Vec<Diagnostic>,
}

/// What a page's parse depends on besides its text.
pub fn parse_options(
    config: &Config,
    anchor_links: Option<AnchorLinks>,
    check: Option<CheckLevel>,
) -> Options {
    let mut markdown = config.markdown.clone();
    if let Some(anchor_links) = anchor_links {
        markdown.insert_anchor_links = anchor_links;
    }
    let code = CodeOptions {
        highlight: markdown.code.highlight,
        error_on_missing_language: markdown.code.error_on_missing_language,
        line_numbers: markdown.code.line_numbers,
        check: check.unwrap_or(config.check.level).into(),
        run: check.unwrap_or(config.check.level) == CheckLevel::Run,
        badge: config.check.badge,
        python: PythonVersion::parse(&config.check.python).unwrap_or_default(),
    };
    let drop_title = !config.is_zola();
    let pictures = config.images.dimensions || config.images.responsive;
    Options { markdown, anchors: config.slugify.anchors, code, take_title: false, drop_title, pictures }
}

impl From<CheckLevel> for Level {
    fn from(level: CheckLevel) -> Self {
        match level {
            CheckLevel::Off => Self::Off,
            CheckLevel::Syntax | CheckLevel::Run => Self::Syntax,
            CheckLevel::Strict => Self::Strict,
        }
    }
}

/// Whether a body starts with a heading of level one that says the title once
/// more, as it does in sites of other generators.
fn starts_with_title(body: &str, title: &str) -> bool {
    let line = body.trim_start().lines().next().unwrap_or("");
    line.strip_prefix("# ")
        .is_some_and(|heading| heading.trim().trim_end_matches('#').trim_end() == title.trim())
}

/// A text as far as the first line of its body.
fn head(source: &Source, body_start: usize) -> Arc<Source> {
    let line = source.text[body_start..].find('\n').map_or(source.text.len(), |end| body_start + end);
    Source::new(source.path.clone(), &source.text[..line])
}

/// Of one file only what says where it is listed, and under which title: its
/// front matter, and the first heading if that has none.
pub fn outline(source: &Arc<Source>, kind: front_matter::Kind, limits: &Limits, templating: bool) -> Parsed {
    let (front, body_start, problems) = front_matter::read(source, kind, limits);
    let body = &source.text[body_start..];
    let heading = front.common.title.is_none().then(|| markdown::template::first_title(body)).flatten();
    let is_template = templating && markdown::template::has_expressions(body);
    Parsed { source: head(source, body_start), front, body_start, heading, is_template, problems }
}

/// Parses one file. `templating` says whether template expressions in its text
/// are expanded. There is no document yet for a text that holds some.
pub fn parse(
    source: &Arc<Source>,
    kind: front_matter::Kind,
    options: &Options,
    limits: &Limits,
    templating: bool,
    inputs: &dyn Inputs,
) -> (Parsed, Option<Arc<Document>>) {
    let (front, body_start, mut problems) = front_matter::read(source, kind, limits);
    let repeats = |title: &String| options.drop_title && starts_with_title(&source.text[body_start..], title);
    let take_title = front.common.title.as_ref().is_none_or(repeats);
    let mut options = Options { take_title, ..options.clone() };
    if let Some(anchor_links) = front.section.insert_anchor_links {
        options.markdown.insert_anchor_links = anchor_links;
    }
    if let Some(check) = front.common.check {
        options.code.check = check.into();
        options.code.run = check == CheckLevel::Run;
    }
    let body = &source.text[body_start..];
    let is_template = templating && markdown::template::has_expressions(body);
    let mut heading = None;
    let document = if is_template {
        if front.common.title.is_none() {
            heading = markdown::template::first_title(body);
        }
        None
    } else {
        let (document, found) = markdown::parse(source, body_start, &options, inputs);
        problems.extend(found);
        heading = document.title.as_ref().map(|title| title.text.clone());
        Some(Arc::new(document))
    };
    let source = head(source, body_start);
    (Parsed { source, front, body_start, heading, is_template, problems }, document)
}
