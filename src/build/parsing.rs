//! Parsing: every content file through `parse`, or what was kept of it.
//!
//! In: the files found, the configuration, the previous build. Out: a parsed
//! entry for each file and problems. Sections come first, since a section
//! decides how the pages in it are parsed. Must not know the site.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;

use super::included::{Included, IncludedFiles};
use super::{Built, panicked};
use crate::base::decode::decode;
use crate::base::diagnostic::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::FilePath;
use crate::base::source::Source;
use crate::config::{AnchorLinks, CheckLevel, Config};
use crate::parse::front_matter::Kind as FrontKind;
use crate::parse::markdown::Document;
use crate::parse::{self, Parsed};
use crate::read::discover::{self, ContentFile, Kind, file_problem};
use crate::render::shared::SharedFiles;

/// One parsed file, and what it was parsed from.
pub(super) struct ParsedEntry {
    pub(super) file: ContentFile,
    pub(super) parsed: Arc<Parsed>,
    pub(super) document: Option<Arc<Document>>,
    pub(super) fingerprint: Fingerprint,
    pub(super) included: Included,
}

/// Parses every file: sections first, since a section decides how its pages'
/// headings are linked.
pub(super) fn parse_all(
    files: &SharedFiles,
    config: &Arc<Config>,
    content: Vec<ContentFile>,
    previous: Option<&Built>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<ParsedEntry> {
    let skip =
        discover::glob_set(&config.skip_content_templating, "skip_content_templating", config, problems);
    // The few sets of options there can be, each with its part of the key.
    let placements = [
        None,
        Some(AnchorLinks::None),
        Some(AnchorLinks::Left),
        Some(AnchorLinks::Right),
        Some(AnchorLinks::Heading),
    ];
    let levels = [
        None,
        Some(CheckLevel::Off),
        Some(CheckLevel::Syntax),
        Some(CheckLevel::Strict),
        Some(CheckLevel::Run),
    ];
    let sets =
        placements.iter().flat_map(|anchors| levels.map(|check| OfSection { anchors: *anchors, check }));
    let variants: Vec<(OfSection, parse::markdown::Options, String)> = sets
        .map(|of_section| {
            let options = parse::parse_options(config, of_section.anchors, of_section.check);
            let key = format!("{options:?} {:?}", config.limits);
            (of_section, options, key)
        })
        .collect();
    let parse_one = |file: ContentFile, of_section: OfSection| -> Result<ParsedEntry, Diagnostic> {
        let bytes = files
            .read(&file.path, config.limits.source)
            .map_err(|error| file_problem(file.path.as_str(), &error))?;
        let Some((_, options, key)) = variants.iter().find(|(of, ..)| *of == of_section) else {
            return Err(panicked("choosing the options of a page"));
        };
        let fingerprint = Fingerprint::of_parts([&bytes[..], key.as_bytes()]);
        let included = IncludedFiles::new(files, config.limits.source);
        if let Some(kept) = previous.and_then(|built| built.kept.get(&file.path))
            && kept.fingerprint == fingerprint
            && included.are_the_same(&kept.included)
        {
            return Ok(ParsedEntry {
                file,
                parsed: Arc::clone(&kept.parsed),
                document: kept.document.clone(),
                fingerprint,
                included: kept.included.clone(),
            });
        }
        let text = decode(&bytes, file.path.as_str())?;
        let source = Source::new(file.path.as_str(), text);
        let kind = if file.kind == Kind::Section { FrontKind::Section } else { FrontKind::Page };
        let templating = !skip.is_match(file.content_path().as_str());
        let parsed = catch_unwind(AssertUnwindSafe(|| {
            parse::parse(&source, kind, options, &config.limits, templating, &included)
        }));
        match parsed {
            Ok((parsed, document)) => Ok(ParsedEntry {
                file,
                parsed: Arc::new(parsed),
                document,
                fingerprint,
                included: included.into_read(),
            }),
            Err(_) => Err(panicked(&format!("parsing `{}`", file.path)).in_file(file.path.as_str())),
        }
    };
    let (sections, pages): (Vec<_>, Vec<_>) =
        content.into_iter().partition(|file| file.kind == Kind::Section);
    let mut parsed = Vec::with_capacity(sections.len() + pages.len());
    let mut said: HashMap<(FilePath, String), OfSection> = HashMap::new();
    let results: Vec<_> =
        sections.into_par_iter().map(|file| parse_one(file, OfSection::default())).collect();
    for result in results {
        match result {
            Ok(entry) => {
                let front = &entry.parsed.front;
                let of_section =
                    OfSection { anchors: front.section.insert_anchor_links, check: front.common.check };
                if of_section != OfSection::default() {
                    said.insert((entry.file.folder.clone(), entry.file.language.clone()), of_section);
                }
                parsed.push(entry);
            }
            Err(problem) => problems.push(problem),
        }
    }
    let results: Vec<_> = pages
        .into_par_iter()
        .map(|file| {
            let folder = if file.kind == Kind::Folder { file.folder.parent() } else { file.folder.clone() };
            let of_section = nearest_said(&said, folder, &file.language);
            parse_one(file, of_section)
        })
        .collect();
    for result in results {
        match result {
            Ok(entry) => parsed.push(entry),
            Err(problem) => problems.push(problem),
        }
    }
    parsed
}

/// What sections say about the parsing of the pages in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct OfSection {
    /// Of the pages right in it.
    anchors: Option<AnchorLinks>,
    /// Of all pages below it.
    check: Option<CheckLevel>,
}

/// What the sections above a page say: of links beside headings its own one, of
/// checks the nearest that says anything.
fn nearest_said(
    said: &HashMap<(FilePath, String), OfSection>,
    folder: FilePath,
    language: &str,
) -> OfSection {
    if said.is_empty() {
        return OfSection::default();
    }
    let mut at = (folder, language.to_owned());
    let mut found = said.get(&at).copied().unwrap_or_default();
    while found.check.is_none() && !at.0.as_str().is_empty() {
        at.0 = at.0.parent();
        found.check = said.get(&at).and_then(|of_section| of_section.check);
    }
    found
}
