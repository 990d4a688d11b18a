//! Snippets: what `check --run` has to do with.
//!
//! In: a body. Out: its snippets, if any is marked, and the steps whose sides
//! are to print the same.

use std::sync::Arc;

use crate::base::source::{Source, Span};
use crate::model::links::Body;
use crate::parse;
use crate::parse::markdown::{Document, Snippet};

/// The snippets of a page of which one at least can be run.
#[derive(Debug, Clone)]
pub struct PageSnippets {
    /// The text that spans are in: the page, or what became of it when its
    /// expressions were expanded.
    pub source: Arc<Source>,
    /// The author's own text, when `source` is not.
    pub origin: Option<Arc<Source>>,
    /// All of them, in order.
    pub snippets: Vec<Snippet>,
    /// Steps whose sides are to print the same: where they open, which
    /// snippets are in them.
    pub same: Vec<(Span, std::ops::Range<usize>)>,
}

impl PageSnippets {
    /// The author's file.
    pub fn file(&self) -> &Arc<Source> {
        self.origin.as_ref().unwrap_or(&self.source)
    }

    /// The place in the author's file of a span.
    pub fn place(&self, span: Span) -> Span {
        match &self.origin {
            Some(origin) => parse::markdown::template::place_in_origin(&self.source, origin, span),
            None => span,
        }
    }
}

/// Steps marked `same-output`.
fn steps_with_one_output(document: &Document) -> Vec<(Span, std::ops::Range<usize>)> {
    let steps = document.directives.iter().filter(|directive| {
        directive.name == "compare"
            && directive.arguments.iter().any(|(name, value)| name == "same-output" && *value == true)
    });
    let range = |range: &std::ops::Range<u32>| range.start as usize..range.end as usize;
    steps.map(|directive| (directive.span, range(&directive.snippets))).collect()
}

/// The snippets of a page, if any is marked.
pub(super) fn snippets_of(body: &Body) -> Option<PageSnippets> {
    let snippets = &body.document.snippets;
    snippets.iter().any(|snippet| snippet.marked.is_some()).then(|| PageSnippets {
        source: Arc::clone(&body.source),
        origin: body.origin.clone(),
        snippets: snippets.clone(),
        same: steps_with_one_output(&body.document),
    })
}
