//! Assemble: parsed files to a [`Site`].
//!
//! In: every parsed file, the assets, the configuration. Out: the site and
//! problems. In steps: choose what is published, give each file its section,
//! work in the cascade, make addresses, hand out assets, order lists, connect
//! translations and neighbours. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::field::{self, FieldSource};
use super::order::{compare, missing_key};
use super::{Item, ItemId, LeftOut, Page, PageId, Section, SectionId, Site, permalink, taxonomy};
use crate::base::date::DateTime;
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::{FilePath, UrlPath};
use crate::base::source::Span;
use crate::base::text::{SlugMode, slug};
use crate::config::Config;
use crate::parse::Parsed;
use crate::parse::front_matter::{self, FrontMatter};
use crate::read::discover::{ContentFile, Kind};

/// What decides which files are published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Drafts too.
    pub drafts: bool,
    /// Leave out pages dated after this day (`YYYY-MM-DD`).
    pub not_after: Option<String>,
}

/// On which day each content file was last changed.
pub type LastChanges = BTreeMap<FilePath, DateTime>;

/// A content file and what is in it.
pub type ParsedFile = (ContentFile, Arc<Parsed>);

/// Key of a section: its folder and its language.
type FolderKey = (FilePath, String);

struct Assembly<'a> {
    config: &'a Config,
    problems: Vec<Diagnostic>,
    sections: BTreeMap<FolderKey, (ContentFile, Option<Arc<Parsed>>, FrontMatter)>,
    /// Sections that are drafts, and so not published.
    dropped: Vec<FolderKey>,
    /// Folders of pages that are not published: `index.md` is a draft, say.
    unpublished: BTreeSet<FilePath>,
    /// Content files that are not published, with the reason.
    left_out: BTreeMap<FilePath, LeftOut>,
}

/// Assembles the site.
pub fn assemble(
    config: &Arc<Config>,
    files: Vec<ParsedFile>,
    assets: &[FilePath],
    fields: &[FieldSource],
    selection: &Selection,
    last_changes: &LastChanges,
) -> (Site, Vec<Diagnostic>) {
    let mut assembly = Assembly {
        config,
        problems: Vec::new(),
        sections: BTreeMap::new(),
        dropped: Vec::new(),
        unpublished: BTreeSet::new(),
        left_out: BTreeMap::new(),
    };
    let mut page_files = Vec::new();
    let mut folders_of_pages: BTreeSet<FolderKey> = BTreeSet::new();
    for (file, parsed) in files {
        if file.kind == Kind::Section {
            let key = (file.folder.clone(), file.language.clone());
            let front = parsed.front.clone();
            assembly.sections.insert(key, (file, Some(parsed), front));
        } else {
            page_files.push((file, parsed));
        }
    }
    for language in super::languages(config) {
        assembly.add_section(FilePath::root(), language);
    }
    if !config.is_zola() {
        // A folder that is a page already is no section as well.
        let pages_with_folders: BTreeSet<FolderKey> = page_files
            .iter()
            .filter(|(file, _)| file.kind == Kind::Folder)
            .map(|(file, _)| (file.folder.clone(), file.language.clone()))
            .collect();
        for (file, _) in &page_files {
            folders_of_pages.insert((section_folder(file), file.language.clone()));
        }
        for (folder, language) in folders_of_pages {
            let mut folder = folder;
            while !folder.as_str().is_empty() {
                if !pages_with_folders.contains(&(folder.clone(), language.clone())) {
                    assembly.add_section(folder.clone(), &language);
                }
                folder = folder.parent();
            }
        }
    }
    assembly.cascade_sections();
    assembly.drop_drafts(selection);

    let section_ids: HashMap<FolderKey, SectionId> =
        assembly.sections.keys().enumerate().map(|(i, key)| (key.clone(), SectionId(index(i)))).collect();
    let mut sections = assembly.make_sections(&section_ids);
    let mut pages = assembly.make_pages(page_files, &section_ids, &sections, selection);
    date_pages(&mut pages, last_changes);
    let assets = assembly.published_assets(assets, &pages);
    let left_out = std::mem::take(&mut assembly.left_out);
    let mut problems = assembly.problems;

    let (asset_urls, loose_assets) = hand_out_assets(config, &assets, &mut pages, &mut sections);
    connect_translations(&mut pages, &mut sections);
    fill_sections(&mut pages, &mut sections, &mut problems);

    let mut by_path = HashMap::with_capacity(pages.len() + sections.len());
    for (i, section) in sections.iter().enumerate() {
        by_path.insert(section.item.content_path.clone(), ItemId::Section(SectionId(index(i))));
    }
    for (i, page) in pages.iter().enumerate() {
        by_path.insert(page.item.content_path.clone(), ItemId::Page(PageId(index(i))));
    }
    let taxonomies = taxonomy::collect(config, &pages, &mut problems);
    let fields = field::assemble(&pages, &sections, fields, &mut problems);
    for field in &fields.fields {
        let section = &mut sections[field.section.0 as usize];
        if section.item.front.common.template.is_none() {
            "field.html".clone_into(&mut section.template);
        }
    }
    let site = Site {
        config: Arc::clone(config),
        pages,
        sections,
        taxonomies,
        fields,
        by_path,
        left_out,
        assets: asset_urls,
        loose_assets,
    };
    (site, problems)
}

/// Pages that say nothing themselves were updated when their file was changed,
/// if that was after their date.
fn date_pages(pages: &mut [Page], last_changes: &LastChanges) {
    for page in pages {
        let front = &mut page.item.front.page;
        if front.updated.is_none() {
            let last = last_changes.get(&page.item.file.path);
            let is_later = |last: &&DateTime| front.date.as_ref().is_none_or(|date| date.ymd < last.ymd);
            front.updated = last.filter(is_later).cloned();
        }
    }
}

/// The template of pages that are subjects, comparisons or tasks.
fn kind_template(front: &FrontMatter) -> Option<String> {
    let page = &front.page;
    let name = match (&page.article, &page.subject, &page.task) {
        (Some(_), ..) => "comparison.html",
        (_, Some(_), _) => "subject.html",
        (.., Some(_)) => "task.html",
        (None, None, None) => return None,
    };
    Some(name.to_owned())
}

fn index(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

/// The folder of the section a page file belongs to.
fn section_folder(file: &ContentFile) -> FilePath {
    if file.kind == Kind::Folder { file.folder.parent() } else { file.folder.clone() }
}

/// Folders from the root down to and including `folder`.
fn chain(folder: &FilePath) -> Vec<FilePath> {
    let mut folders = vec![folder.clone()];
    let mut at = folder.clone();
    while !at.as_str().is_empty() {
        at = at.parent();
        folders.push(at.clone());
    }
    folders.reverse();
    folders
}

impl Assembly<'_> {
    /// A section that has no file of its own, unless there is one already.
    fn add_section(&mut self, folder: FilePath, language: &str) {
        let key = (folder.clone(), language.to_owned());
        if self.sections.contains_key(&key) {
            return;
        }
        let suffix =
            if language == self.config.default_language { String::new() } else { format!(".{language}") };
        let path = FilePath::new("content").join(folder.join(&format!("_index{suffix}.md")).as_str());
        let file = ContentFile {
            path,
            folder,
            stem: "_index".into(),
            kind: Kind::Section,
            language: language.into(),
        };
        self.sections.insert(key, (file, None, FrontMatter::default()));
    }

    /// Fields handed down to what is in `folder`, those of the nearest section
    /// on top.
    fn cascade_above(&self, folder: &FilePath, language: &str, itself: bool) -> Map<String, Value> {
        chain(folder)
            .into_iter()
            .filter(|above| itself || above != folder)
            .filter_map(|above| self.sections.get(&(above, language.to_owned())))
            .fold(Map::new(), |outer, (_, _, front)| {
                front_matter::merge_cascade(&outer, &front.section.cascade)
            })
    }

    fn has_cascade(&self) -> bool {
        self.sections.values().any(|(_, _, front)| !front.section.cascade.is_empty())
    }

    fn cascade_sections(&mut self) {
        if !self.has_cascade() {
            return;
        }
        let keys: Vec<FolderKey> = self.sections.keys().cloned().collect();
        for (folder, language) in keys {
            let above = self.cascade_above(&folder, &language, false);
            if let Some((_, _, front)) = self.sections.get_mut(&(folder, language)) {
                front_matter::apply_cascade(front, front_matter::Kind::Section, &above);
            }
        }
    }

    /// A draft section takes everything below it along.
    fn drop_drafts(&mut self, selection: &Selection) {
        if selection.drafts {
            return;
        }
        self.dropped = self
            .sections
            .iter()
            .filter(|(_, (_, _, front))| front.common.draft)
            .map(|(key, _)| key.clone())
            .collect();
        let mut sections = std::mem::take(&mut self.sections);
        sections.retain(|(folder, language), (file, _, front)| {
            let dropped = self.is_dropped(folder, language);
            if dropped {
                let reason = if front.common.draft { LeftOut::Draft } else { LeftOut::DraftSection };
                self.left_out.insert(file.content_path(), reason);
            }
            !dropped
        });
        self.sections = sections;
    }

    fn ancestors(
        &self,
        folder: &FilePath,
        language: &str,
        ids: &HashMap<FolderKey, SectionId>,
    ) -> Vec<SectionId> {
        chain(folder)
            .into_iter()
            .filter_map(|above| ids.get(&(above, language.to_owned())).copied())
            .collect()
    }

    fn make_sections(&self, ids: &HashMap<FolderKey, SectionId>) -> Vec<Section> {
        self.sections
            .iter()
            .map(|((folder, language), (file, parsed, front))| {
                let url = UrlPath::new(&folder_url(self.config, folder, language));
                let mut ancestors = self.ancestors(folder, language, ids);
                ancestors.pop();
                let is_root = folder.as_str().is_empty();
                let template = front.common.template.clone().unwrap_or_else(|| {
                    if is_root { "index.html".to_owned() } else { "section.html".to_owned() }
                });
                let title = title_of(front, parsed.as_deref()).unwrap_or_else(|| {
                    if is_root {
                        let language = self.config.language_or_default(language);
                        language.title.unwrap_or_default().to_owned()
                    } else {
                        words(folder.name())
                    }
                });
                Section {
                    item: Item {
                        content_path: file.content_path(),
                        file: file.clone(),
                        parsed: parsed.clone(),
                        front: front.clone(),
                        title,
                        permalink: permalink(self.config, &url),
                        url,
                        ancestors,
                        assets: Vec::new(),
                        translations: Vec::new(),
                    },
                    pages: Vec::new(),
                    subsections: Vec::new(),
                    template,
                }
            })
            .collect()
    }

    fn make_pages(
        &mut self,
        files: Vec<ParsedFile>,
        ids: &HashMap<FolderKey, SectionId>,
        sections: &[Section],
        selection: &Selection,
    ) -> Vec<Page> {
        let has_cascade = self.has_cascade();
        let mut pages = Vec::with_capacity(files.len());
        for (file, parsed) in files {
            let folder = section_folder(&file);
            let mut front = parsed.front.clone();
            if has_cascade {
                let above = self.cascade_above(&folder, &file.language, true);
                front_matter::apply_cascade(&mut front, front_matter::Kind::Page, &above);
            }
            let stem = if file.kind == Kind::Folder { file.folder.name() } else { &file.stem };
            let (name_date, name) = match front_matter::date_from_name(stem) {
                Some((date, rest)) if !self.config.slugify.paths_keep_dates => (Some(date), rest),
                Some((date, _)) => (Some(date), stem),
                None => (None, stem),
            };
            if front.page.date.is_none() {
                front.page.date = name_date;
            }
            let is_later = match (&selection.not_after, &front.page.date) {
                (Some(limit), Some(date)) => date.text.get(..10).is_some_and(|day| day > limit.as_str()),
                _ => false,
            };
            let is_draft = front.common.draft && !selection.drafts;
            if is_draft || is_later || self.is_dropped(&folder, &file.language) {
                if file.kind == Kind::Folder {
                    self.unpublished.insert(file.folder.clone());
                }
                let reason = if is_draft {
                    LeftOut::Draft
                } else if is_later {
                    LeftOut::Future
                } else {
                    LeftOut::DraftSection
                };
                self.left_out.insert(file.content_path(), reason);
                continue;
            }
            let ancestors = self.ancestors(&folder, &file.language, ids);
            let section = match ids.get(&(folder.clone(), file.language.clone())) {
                Some(section) => Some(*section),
                None if self.config.is_zola() => None,
                None => ancestors.last().copied(),
            };
            let slug = match &front.page.slug {
                Some(slug) => self::slug(slug, self.config.slugify.paths),
                None => self::slug(name, self.config.slugify.paths),
            };
            if slug.is_empty() && front.page.path.is_none() {
                self.problems.push(no_slug(&file, &parsed, &front));
                continue;
            }
            let url = match &front.page.path {
                Some(path) => UrlPath::new(&format!("{}/", path.trim_matches('/'))),
                None => UrlPath::new(&format!("{}{slug}/", folder_url(self.config, &folder, &file.language))),
            };
            let url = if url.as_str() == "//" { UrlPath::new("/") } else { url };
            let page_template = ancestors
                .iter()
                .rev()
                .find_map(|id| sections[id.0 as usize].item.front.section.page_template.clone());
            let template = front
                .common
                .template
                .clone()
                .or_else(|| kind_template(&front))
                .or(page_template)
                .unwrap_or_else(|| "page.html".to_owned());
            let title = title_of(&front, Some(&parsed)).unwrap_or_else(|| words(name));
            pages.push(Page {
                item: Item {
                    content_path: file.content_path(),
                    file,
                    parsed: Some(parsed),
                    front,
                    title,
                    permalink: permalink(self.config, &url),
                    url,
                    ancestors,
                    assets: Vec::new(),
                    translations: Vec::new(),
                },
                slug,
                section,
                lower: None,
                higher: None,
                template,
            });
        }
        pages
    }

    /// Assets without those that lie beside pages and sections of which no
    /// language version is published.
    fn published_assets(&self, assets: &[FilePath], pages: &[Page]) -> Vec<FilePath> {
        let is_shown = |folder: &FilePath| {
            self.sections.keys().any(|(of, _)| of == folder)
                || pages
                    .iter()
                    .any(|page| page.item.file.kind == Kind::Folder && page.item.file.folder == *folder)
        };
        let hidden: BTreeSet<&FilePath> = self
            .unpublished
            .iter()
            .chain(self.dropped.iter().map(|(folder, _)| folder))
            .filter(|folder| !is_shown(folder))
            .collect();
        let is_hidden =
            |asset: &FilePath| chain(&asset.parent()).iter().any(|folder| hidden.contains(folder));
        assets.iter().filter(|asset| hidden.is_empty() || !is_hidden(asset)).cloned().collect()
    }

    /// Whether a section that was dropped as a draft holds this folder.
    fn is_dropped(&self, folder: &FilePath, language: &str) -> bool {
        self.dropped
            .iter()
            .any(|(draft, of)| of == language && (folder == draft || folder.below(draft).is_some()))
    }
}

fn no_slug(file: &ContentFile, parsed: &Parsed, front: &FrontMatter) -> Diagnostic {
    let problem =
        Diagnostic::error("no-address", "this page's name has no letter or digit to make an address from")
            .hint("give it a `slug` or a `path` in the front matter");
    match front.spans.get("slug") {
        Some(span) => problem.at(&parsed.source, *span),
        None => problem.in_file(file.path.as_str()),
    }
}

/// Address of a folder, `/` at both ends, language included.
fn folder_url(config: &Config, folder: &FilePath, language: &str) -> String {
    let mut url = String::from("/");
    if language != config.default_language {
        url.push_str(language);
        url.push('/');
    }
    for part in folder.as_str().split('/').filter(|part| !part.is_empty()) {
        let slug = if config.is_zola() { part.to_owned() } else { slug(part, folder_mode(config)) };
        url.push_str(if slug.is_empty() { part } else { &slug });
        url.push('/');
    }
    url
}

fn folder_mode(config: &Config) -> SlugMode {
    config.slugify.paths
}

fn title_of(front: &FrontMatter, parsed: Option<&Parsed>) -> Option<String> {
    front.common.title.clone().or_else(|| parsed?.heading.clone())
}

/// `getting-started` → `Getting started`.
fn words(name: &str) -> String {
    let spaced = name.replace(['-', '_'], " ");
    let mut chars = spaced.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Gives each asset to the page or section it lies beside, or an address of
/// its own.
fn hand_out_assets(
    config: &Config,
    assets: &[FilePath],
    pages: &mut [Page],
    sections: &mut [Section],
) -> (BTreeMap<FilePath, UrlPath>, Vec<(FilePath, UrlPath)>) {
    let mut page_of: HashMap<FilePath, Vec<usize>> = HashMap::new();
    for (i, page) in pages.iter().enumerate() {
        if page.item.file.kind == Kind::Folder {
            page_of.entry(page.item.file.folder.clone()).or_default().push(i);
        }
    }
    let mut section_of: HashMap<FilePath, Vec<usize>> = HashMap::new();
    for (i, section) in sections.iter().enumerate() {
        section_of.entry(section.item.file.folder.clone()).or_default().push(i);
    }
    // What a link to a file of several languages leads to is beside the page in
    // the default one.
    #[expect(clippy::iter_over_hash_type, reason = "each list is sorted by itself")]
    for owners in page_of.values_mut() {
        owners.sort_by_key(|i| pages[*i].item.file.language != config.default_language);
    }
    #[expect(clippy::iter_over_hash_type, reason = "each list is sorted by itself")]
    for owners in section_of.values_mut() {
        owners.sort_by_key(|i| sections[*i].item.file.language != config.default_language);
    }
    let mut urls = BTreeMap::new();
    let mut loose = Vec::new();
    for asset in assets {
        let owner = chain(&asset.parent()).into_iter().rev().find(|folder| page_of.contains_key(folder));
        if let Some(folder) = owner {
            let name = asset.below(&folder).unwrap_or(asset.name()).to_owned();
            for &i in page_of.get(&folder).into_iter().flatten() {
                let item = &mut pages[i].item;
                urls.entry(asset.clone()).or_insert_with(|| UrlPath::new(&format!("{}{name}", item.url)));
                item.assets.push((asset.clone(), name.clone()));
            }
        } else if let Some(owners) = section_of.get(&asset.parent()) {
            let name = asset.name().to_owned();
            for &i in owners {
                let item = &mut sections[i].item;
                urls.entry(asset.clone()).or_insert_with(|| UrlPath::new(&format!("{}{name}", item.url)));
                item.assets.push((asset.clone(), name.clone()));
            }
        } else {
            let folder = folder_url(config, &asset.parent(), &config.default_language);
            let url = UrlPath::new(&format!("{folder}{}", asset.name()));
            urls.insert(asset.clone(), url.clone());
            loose.push((asset.clone(), url));
        }
    }
    (urls, loose)
}

/// Files that differ only in their language are translations of each other.
fn connect_translations(pages: &mut [Page], sections: &mut [Section]) {
    let mut groups: BTreeMap<(FilePath, Kind, String), Vec<ItemId>> = BTreeMap::new();
    let key = |file: &ContentFile| (file.folder.clone(), file.kind, file.stem.clone());
    for (i, page) in pages.iter().enumerate() {
        groups.entry(key(&page.item.file)).or_default().push(ItemId::Page(PageId(index(i))));
    }
    for (i, section) in sections.iter().enumerate() {
        if section.item.parsed.is_some() {
            groups.entry(key(&section.item.file)).or_default().push(ItemId::Section(SectionId(index(i))));
        }
    }
    for mut group in groups.into_values().filter(|group| group.len() > 1) {
        group.sort_by_key(|id| match id {
            ItemId::Page(id) => pages[id.0 as usize].item.file.language.clone(),
            ItemId::Section(id) => sections[id.0 as usize].item.file.language.clone(),
        });
        for id in &group {
            match id {
                ItemId::Page(id) => pages[id.0 as usize].item.translations.clone_from(&group),
                ItemId::Section(id) => sections[id.0 as usize].item.translations.clone_from(&group),
            }
        }
    }
}

/// Puts pages and sections into their sections, in order, and connects
/// neighbours.
fn fill_sections(pages: &mut [Page], sections: &mut [Section], problems: &mut Vec<Diagnostic>) {
    for (i, page) in pages.iter().enumerate() {
        let Some(mut id) = page.section else { continue };
        loop {
            sections[id.0 as usize].pages.push(PageId(index(i)));
            // A transparent section hands its pages up.
            let section = &sections[id.0 as usize];
            match section.item.ancestors.last() {
                Some(parent) if section.item.front.section.transparent => id = *parent,
                _ => break,
            }
        }
    }
    for i in 0..sections.len() {
        if let Some(parent) = sections[i].item.ancestors.last().copied() {
            sections[parent.0 as usize].subsections.push(SectionId(index(i)));
        }
    }
    let weights: Vec<(i64, FilePath)> = sections
        .iter()
        .map(|section| (section.item.front.section.weight, section.item.content_path.clone()))
        .collect();
    for section in sections.iter_mut() {
        section.subsections.sort_by(|a, b| weights[a.0 as usize].cmp(&weights[b.0 as usize]));
        let by = section.item.front.section.sort_by;
        section.pages.sort_by(|a, b| compare(&pages[a.0 as usize], &pages[b.0 as usize], by));
        for id in &section.pages {
            let page = &pages[id.0 as usize];
            if let Some(missing) = missing_key(page, by)
                && let Some(parsed) = &page.item.parsed
                && page
                    .item
                    .ancestors
                    .last()
                    .is_some_and(|last| section.item.content_path == weights[last.0 as usize].1)
            {
                problems.push(
                    Diagnostic::warning(
                        "missing-sort-key",
                        format!(
                            "this page has no `{missing}`, which its section is sorted by; it comes last"
                        ),
                    )
                    .at(&parsed.source, Span::at(parsed.front.span.start as usize))
                    .hint(format!("set `{missing}`, or another `sort_by` in `{}`", section.item.file.path)),
                );
            }
        }
    }
    for section in sections.iter() {
        for pair in section.pages.windows(2) {
            let [before, after] = *pair else { continue };
            // Only in the page's own section, not in those it is handed up to.
            let own = |id: PageId| {
                pages[id.0 as usize].section.is_some_and(|own| {
                    sections[own.0 as usize].item.content_path == section.item.content_path
                })
            };
            if own(before) && own(after) {
                pages[before.0 as usize].higher = Some(after);
                pages[after.0 as usize].lower = Some(before);
            }
        }
    }
}
