//! Parsing: every content file through `parse`, or what was kept of it.
//!
//! In: the files found, the configuration, what was kept, what may have
//! changed. Out: a parsed file for each and problems. Sections come first,
//! since a section decides how the pages in it are parsed. A file that cannot
//! have changed is not read again. Must not know the site.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use globset::GlobSet;
use rayon::prelude::*;

use super::included::{Included, IncludedFiles, may_differ};
use super::problems::panicked;
use crate::base::changes::Changes;
use crate::base::decode::decode;
use crate::base::diagnostic::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::FilePath;
use crate::base::source::Source;
use crate::config::{AnchorLinks, CheckLevel, Config};
use crate::model::relabel::is_same_but_for_labels;
use crate::parse::front_matter::Kind as FrontKind;
use crate::parse::markdown::Document;
use crate::parse::{self, Parsed};
use crate::read::discover::{ContentFile, Kind, file_problem};
use crate::render::shared::SharedFiles;

/// One parsed file, and what it was parsed from.
pub(super) struct ParsedFile {
    pub(super) parsed: Arc<Parsed>,
    /// The whole text; of an outline its head.
    pub(super) source: Arc<Source>,
    pub(super) document: Option<Arc<Document>>,
    of_section: OfSection,
    /// Of its bytes.
    bytes: Fingerprint,
    /// Of the options it was parsed with.
    options: Fingerprint,
    included: Included,
}

/// All parsed files.
#[derive(Default)]
pub(super) struct ParsedFiles {
    /// By path.
    pub(super) files: HashMap<FilePath, ParsedFile>,
    /// Those with problems.
    pub(super) telling: BTreeSet<FilePath>,
    /// Those that take text from other files.
    including: BTreeSet<FilePath>,
    /// What could not be read or parsed.
    pub(super) problems: Vec<Diagnostic>,
    /// Those that have been parsed since a body was last drawn of them.
    pub(super) fresh: BTreeSet<FilePath>,
}

/// How parsed files differ from those before.
#[derive(Debug, Default)]
pub(super) struct Reparsed {
    /// Files that are others.
    pub(super) changed: Vec<FilePath>,
    /// Of these, pages that are only called something else.
    pub(super) relabelled: Vec<FilePath>,
    /// Nothing but bodies and labels differs.
    pub(super) same_places: bool,
}

impl Reparsed {
    /// None are others yet.
    fn nothing() -> Self {
        Self { same_places: true, ..Self::default() }
    }

    fn add(&mut self, file: &ContentFile, old: &Parsed, new: &Parsed) {
        if !is_same_front(old, new) {
            if file.kind != Kind::Section && is_same_but_for_labels(old, new) {
                self.relabelled.push(file.path.clone());
            } else {
                self.same_places = false;
            }
        }
        self.changed.push(file.path.clone());
    }
}

/// What sections say about the parsing of the pages in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct OfSection {
    /// Of the pages right in it.
    anchors: Option<AnchorLinks>,
    /// Of all pages below it.
    check: Option<CheckLevel>,
}

impl OfSection {
    fn said_by(parsed: &Parsed) -> Self {
        Self { anchors: parsed.front.section.insert_anchor_links, check: parsed.front.common.check }
    }
}

/// How much of a file is parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// All of it.
    Whole,
    /// What says where it is listed: there is no document.
    Outline,
}

/// What parsing needs besides the file.
pub(super) struct Parser<'a> {
    pub(super) files: &'a SharedFiles,
    pub(super) config: &'a Config,
    /// Files whose text is never expanded.
    pub(super) skip: &'a GlobSet,
    /// What may have changed since the kept files were parsed.
    pub(super) changes: &'a Changes,
    /// How much is parsed.
    pub(super) depth: Depth,
}

/// A file with another front matter or title than before can be anywhere in
/// the site; with the same, only its body has changed.
fn is_same_front(old: &Parsed, new: &Parsed) -> bool {
    old.front == new.front
        && old.heading == new.heading
        && old.is_template == new.is_template
        && old.source.text.get(..old.body_start) == new.source.text.get(..new.body_start)
}

impl Parser<'_> {
    /// Parses what has to be. `is_same` says that the files there are and the
    /// configuration are what they were.
    pub(super) fn run(
        &self,
        content: &[ContentFile],
        mut kept: ParsedFiles,
        is_same: bool,
    ) -> (ParsedFiles, Reparsed) {
        if is_same && let Some(reparsed) = self.some(content, &mut kept) {
            kept.fresh.extend(reparsed.changed.iter().cloned());
            return (kept, reparsed);
        }
        let fresh = std::mem::take(&mut kept.fresh);
        let before: HashMap<FilePath, Arc<Parsed>> =
            kept.files.iter().map(|(path, file)| (path.clone(), Arc::clone(&file.parsed))).collect();
        let mut parsed = self.all(content, kept);
        let mut reparsed = Reparsed { same_places: parsed.problems.is_empty(), ..Reparsed::default() };
        for file in content {
            let (old, new) = (before.get(&file.path), parsed.files.get(&file.path));
            match (old, new) {
                (Some(old), Some(new)) if Arc::ptr_eq(old, &new.parsed) => {}
                (Some(old), Some(new)) => reparsed.add(file, old, &new.parsed),
                _ => {
                    reparsed.same_places = false;
                    reparsed.changed.push(file.path.clone());
                }
            }
        }
        parsed.fresh = fresh;
        parsed.fresh.extend(reparsed.changed.iter().cloned());
        (parsed, reparsed)
    }

    /// Parses every file.
    fn all(&self, content: &[ContentFile], mut kept: ParsedFiles) -> ParsedFiles {
        let mut parsed = ParsedFiles::default();
        let mut said: HashMap<(FilePath, String), OfSection> = HashMap::new();
        let options = OptionSets::new(self.config);
        let (sections, pages): (Vec<_>, Vec<_>) = content.iter().partition(|file| file.kind == Kind::Section);
        let with_kept = |files: Vec<&'_ ContentFile>, kept: &mut ParsedFiles| -> Vec<_> {
            files.into_iter().map(|file| (file.clone(), kept.files.remove(&file.path))).collect()
        };
        let results: Vec<_> = with_kept(sections, &mut kept)
            .into_par_iter()
            .map(|(file, kept)| {
                let result = self.one(&file, OfSection::default(), &options, kept);
                (file, result)
            })
            .collect();
        for (file, result) in results {
            if let Ok(of_file) = &result {
                let of_section = OfSection::said_by(&of_file.parsed);
                if of_section != OfSection::default() {
                    said.insert((file.folder.clone(), file.language.clone()), of_section);
                }
            }
            parsed.take(file.path, result);
        }
        let results: Vec<_> = with_kept(pages, &mut kept)
            .into_par_iter()
            .map(|(file, kept)| {
                let folder =
                    if file.kind == Kind::Folder { file.folder.parent() } else { file.folder.clone() };
                let of_section = nearest_said(&said, folder, &file.language);
                let result = self.one(&file, of_section, &options, kept);
                (file.path, result)
            })
            .collect();
        for (path, result) in results {
            parsed.take(path, result);
        }
        parsed
    }

    /// Parses those that may have changed. `None` when what changed may concern
    /// others: then all have to be looked at.
    fn some(&self, content: &[ContentFile], kept: &mut ParsedFiles) -> Option<Reparsed> {
        let Changes::Paths(paths) = self.changes else { return None };
        if !kept.problems.is_empty() {
            return None;
        }
        let mut affected: BTreeSet<&FilePath> = paths.iter().collect();
        affected.extend(kept.including.iter().filter(|path| {
            let of_file = kept.files.get(path);
            of_file.is_some_and(|of_file| may_differ(&of_file.included, self.changes))
        }));
        let affected: Vec<&ContentFile> = affected
            .into_iter()
            .filter_map(|path| content.binary_search_by(|file| file.path.cmp(path)).ok())
            .map(|i| &content[i])
            .collect();
        let options = OptionSets::new(self.config);
        let parsed: Vec<(&ContentFile, _)> = affected
            .into_par_iter()
            .filter_map(|file| {
                let of_file = kept.files.get(&file.path)?;
                Some((file, self.one(file, of_file.of_section, &options, Some(of_file.again()))))
            })
            .collect();
        let is_said_the_same = |file: &ContentFile, new: &ParsedFile| {
            file.kind != Kind::Section
                || kept
                    .files
                    .get(&file.path)
                    .is_some_and(|old| OfSection::said_by(&old.parsed) == OfSection::said_by(&new.parsed))
        };
        if parsed
            .iter()
            .any(|(file, result)| result.as_ref().map_or(true, |new| !is_said_the_same(file, new)))
        {
            return None;
        }
        let mut reparsed = Reparsed::nothing();
        for (file, result) in parsed {
            let before = kept.files.get(&file.path).map(|old| Arc::clone(&old.parsed));
            if let (Ok(new), Some(before)) = (&result, before)
                && !Arc::ptr_eq(&new.parsed, &before)
            {
                reparsed.add(file, &before, &new.parsed);
            }
            kept.take(file.path.clone(), result);
        }
        Some(reparsed)
    }

    /// The whole of a file of which there is an outline.
    pub(super) fn whole(&self, file: &ContentFile, outline: &ParsedFile) -> Result<ParsedFile, Diagnostic> {
        let parser = Parser { depth: Depth::Whole, ..*self };
        parser.one(file, outline.of_section, &OptionSets::new(self.config), None)
    }

    fn one(
        &self,
        file: &ContentFile,
        of_section: OfSection,
        options: &OptionSets,
        kept: Option<ParsedFile>,
    ) -> Result<ParsedFile, Diagnostic> {
        let options_key = options.key(of_section, file.kind);
        let kept = kept.filter(|kept| kept.options == options_key);
        let kept = match kept {
            Some(kept) if !self.changes.covers(&file.path) && !may_differ(&kept.included, self.changes) => {
                return Ok(ParsedFile { of_section, ..kept });
            }
            kept => kept,
        };
        let bytes = self
            .files
            .read(&file.path, self.config.limits.source)
            .map_err(|error| file_problem(file.path.as_str(), &error))?;
        let fingerprint = Fingerprint::of(&bytes);
        let included = IncludedFiles::new(self.files, self.config.limits.source);
        if let Some(kept) = kept
            && kept.bytes == fingerprint
            && included.are_the_same(&kept.included)
        {
            return Ok(ParsedFile { of_section, ..kept });
        }
        let text = decode(&bytes, file.path.as_str())?;
        let source = Source::new(file.path.as_str(), text);
        let kind = if file.kind == Kind::Section { FrontKind::Section } else { FrontKind::Page };
        let templating = !self.skip.is_match(file.content_path().as_str());
        let options = parse::parse_options(self.config, of_section.anchors, of_section.check);
        let limits = &self.config.limits;
        let parsed = catch_unwind(AssertUnwindSafe(|| match self.depth {
            Depth::Whole => parse::parse(&source, kind, &options, limits, templating, &included),
            Depth::Outline => (parse::outline(&source, kind, limits, templating), None),
        }));
        match parsed {
            Ok((parsed, document)) => Ok(ParsedFile {
                source: match self.depth {
                    Depth::Whole => source,
                    Depth::Outline => Arc::clone(&parsed.source),
                },
                parsed: Arc::new(parsed),
                document,
                of_section,
                bytes: fingerprint,
                options: options_key,
                included: included.into_read(),
            }),
            Err(_) => Err(panicked(&format!("parsing `{}`", file.path)).in_file(file.path.as_str())),
        }
    }
}

impl ParsedFile {
    /// The same once more; what is big is shared.
    fn again(&self) -> Self {
        let Self { parsed, source, document, of_section, bytes, options, included } = self;
        Self {
            parsed: Arc::clone(parsed),
            source: Arc::clone(source),
            document: document.clone(),
            of_section: *of_section,
            bytes: *bytes,
            options: *options,
            included: included.clone(),
        }
    }
}

impl ParsedFiles {
    fn take(&mut self, path: FilePath, result: Result<ParsedFile, Diagnostic>) {
        self.telling.remove(&path);
        self.including.remove(&path);
        match result {
            Ok(file) => {
                if !file.parsed.problems.is_empty() {
                    self.telling.insert(path.clone());
                }
                if !file.included.is_empty() {
                    self.including.insert(path.clone());
                }
                self.files.insert(path, file);
            }
            Err(problem) => self.problems.push(problem),
        }
    }

    /// Files, besides the content, that texts are taken from.
    pub(super) fn included(&self) -> impl Iterator<Item = &FilePath> {
        let files = self.including.iter().filter_map(|path| self.files.get(path));
        files.flat_map(|file| file.included.keys())
    }
}

/// Stands for each of the few sets of options there can be.
struct OptionSets {
    config: Fingerprint,
}

impl OptionSets {
    fn new(config: &Config) -> Self {
        let options = parse::parse_options(config, None, None);
        let skip = &config.skip_content_templating;
        Self { config: Fingerprint::of(format!("{options:?} {:?} {skip:?}", config.limits).as_bytes()) }
    }

    fn key(&self, of_section: OfSection, kind: Kind) -> Fingerprint {
        let of_section = format!("{of_section:?} {kind:?}");
        Fingerprint::of_parts([self.config.hex().as_bytes(), of_section.as_bytes()])
    }
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
