//! Tasks: the code of every side, drawn and checked.
//!
//! In: the site's tasks and the project's files. Out: HTML of each file, what
//! can be run, and problems at their places in the files. Each file goes
//! through the same parse as a fence that includes it. Must not know pages.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::included::{Included, IncludedFiles};
use crate::base::diagnostic::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::FilePath;
use crate::base::source::Source;
use crate::base::text::nearest;
use crate::config::CheckLevel;
use crate::model::field::{Field, Task, TaskSide};
use crate::model::{ItemId, Site};
use crate::parse;
use crate::parse::inputs::Inputs as _;
use crate::parse::markdown::Document;
use crate::read::discover::content_root;
use crate::render::shared::SharedFiles;

/// The region of a file that readers see; without one they see all of it.
const SHOWN: &str = "show";

/// One file of a side, drawn.
#[derive(Clone)]
pub(super) struct KeptCode {
    fingerprint: Fingerprint,
    included: Included,
    document: Arc<Document>,
    problems: Vec<Diagnostic>,
}

/// By path of the file and whether it stands alone in its side.
pub(super) type KeptCodes = HashMap<FilePath, KeptCode>;

/// Draws and checks the code of all tasks.
pub(super) fn draw_tasks(
    site: &Site,
    files: &SharedFiles,
    kept: &KeptCodes,
    problems: &mut Vec<Diagnostic>,
) -> KeptCodes {
    let mut work: Vec<(&Field, &Task, &TaskSide)> = Vec::new();
    for field in &site.fields.fields {
        for task in &field.tasks {
            work.extend(task.sides.iter().map(|side| (field, task, side)));
        }
    }
    let drawn: Vec<Vec<(FilePath, KeptCode)>> = work
        .par_iter()
        .map(|(field, task, side)| {
            let check = field.subjects[side.subject].profile.check.as_deref().and_then(CheckLevel::named);
            let check = check.or_else(|| site.check_level(ItemId::Page(task.page)));
            let is_alone = side.files.len() == 1;
            let draw = |(path, name): &(FilePath, String)| {
                let title = (!is_alone).then_some(name.as_str());
                (path.clone(), draw_file(site, files, path, title, check, kept))
            };
            side.files.iter().map(draw).collect()
        })
        .collect();
    for (field, task, side) in work {
        problems.extend(missing_names(files, site, field, task, side));
    }
    let mut codes = KeptCodes::new();
    for (path, code) in drawn.into_iter().flatten() {
        problems.extend(code.problems.iter().cloned());
        codes.insert(path, code);
    }
    codes
}

impl KeptCode {
    /// Every file it was made from, or that it lacks.
    pub(super) fn files(&self) -> impl Iterator<Item = &FilePath> {
        self.included.keys()
    }

    /// Its HTML.
    pub(super) fn html(&self) -> &str {
        &self.document.html
    }

    /// Snippets in it.
    pub(super) fn snippets(&self) -> usize {
        self.document.snippets.len()
    }
}

fn draw_file(
    site: &Site,
    files: &SharedFiles,
    path: &FilePath,
    title: Option<&str>,
    check: Option<CheckLevel>,
    kept: &KeptCodes,
) -> KeptCode {
    let full = content_root().join(path.as_str());
    let inputs = IncludedFiles::new(files, site.config.limits.source);
    let options = parse::parse_options(&site.config, None, check);
    let fingerprint = Fingerprint::of(format!("{full} {title:?} {options:?}").as_bytes());
    if let Some(kept) = kept.get(path)
        && kept.fingerprint == fingerprint
        && inputs.are_the_same(&kept.included)
    {
        return kept.clone();
    }
    let (document, problems) = parse::markdown::code_file(&full, SHOWN, title, &options, &inputs);
    KeptCode { fingerprint, included: inputs.into_read(), document: Arc::new(document), problems }
}

/// Words that the code of every side has to contain.
fn missing_names(
    files: &SharedFiles,
    site: &Site,
    field: &Field,
    task: &Task,
    side: &TaskSide,
) -> Vec<Diagnostic> {
    if task.front.names.is_empty() || side.files.is_empty() {
        return Vec::new();
    }
    let inputs = IncludedFiles::new(files, site.config.limits.source);
    let texts: Vec<Arc<Source>> = side
        .files
        .iter()
        .filter_map(|(path, _)| inputs.text(&content_root().join(path.as_str())).ok())
        .collect();
    let missing = task.front.names.iter().filter(|name| !texts.iter().any(|text| has_word(&text.text, name)));
    missing
        .filter_map(|name| {
            let message =
                format!("`{name}` does not occur in the side `{}`", field.subjects[side.subject].id);
            let first = texts.first()?;
            let problem = Diagnostic::warning("missing-name", message).in_file(first.path.clone());
            let words: Vec<&str> = texts.iter().flat_map(|text| words_of(&text.text)).collect();
            let problem = match nearest(name, words.iter().copied().filter(|word| *word != name)) {
                Some(near) => problem.hint(format!("there is `{near}`")),
                None => problem,
            };
            Some(problem.hint("the task says that every side uses this name, so that readers can compare"))
        })
        .collect()
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).filter(|word| !word.is_empty())
}

fn has_word(text: &str, name: &str) -> bool {
    words_of(text).any(|word| word == name)
        || (name.contains(|c: char| !c.is_alphanumeric() && c != '_') && text.contains(name))
}
