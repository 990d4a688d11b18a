//! Names: which of the names that a page's code uses nobody defines.
//!
//! In: the names of each code block, in order, with their places. Out: a
//! problem for each name, at its first place. Code of one family of languages
//! shares its names from top to bottom, as it would in one file.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::base::diagnostic::Diagnostic;
use crate::base::source::{Source, Span};
use crate::base::text::nearest;
use crate::code::{Family, Names};

/// The names of one code block.
pub(super) struct BlockNames {
    pub(super) names: Names,
    /// Where the names stand that it uses, in the page or in an included file.
    pub(super) places: Vec<(Arc<Source>, Span)>,
}

/// What nobody defines.
pub(super) fn undefined(blocks: &[BlockNames]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for family in [Family::JavaScript, Family::Python] {
        let blocks = || blocks.iter().filter(|block| block.names.family == family);
        if blocks().any(|block| block.names.is_open) {
            continue;
        }
        let all: BTreeSet<&str> =
            blocks().flat_map(|block| block.names.defined.iter().map(String::as_str)).collect();
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for block in blocks() {
            known.extend(block.names.defined.iter().map(String::as_str));
            for ((name, _), (source, span)) in block.names.used.iter().zip(&block.places) {
                if known.contains(name.as_str()) || !told.insert(name) {
                    continue;
                }
                let near = nearest(name, known.iter().copied()).or_else(|| family.nearest(name));
                let hint = match near {
                    _ if all.contains(name.as_str()) => "code further down defines it".to_owned(),
                    Some(near) => format!("did you mean `{near}`?"),
                    None => {
                        "code that readers need not see can define it: a code block with `hide`".to_owned()
                    }
                };
                let problem = Diagnostic::warning("undefined-name", format!("`{name}` is not defined"));
                problems.push(problem.at(source, source.clamp(*span).into()).hint(hint));
            }
        }
    }
    problems
}
