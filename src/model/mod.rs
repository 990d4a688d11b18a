//! Model: all pages in, one immutable site out.
//!
//! In: parsed files. Out: [`Site`]: pages, sections and taxonomies in a fixed
//! order, addressed by ids, each with its address. Pure. Must not know how
//! anything is drawn or written.

pub mod assemble;
pub mod coverage;
pub mod field;
pub mod links;
mod order;
pub mod relabel;
pub mod sides;
pub mod taxonomy;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::base::diagnostic::Diagnostic;
pub use crate::base::paths::PLACELESS;
use crate::base::paths::{FilePath, UrlPath};
use crate::config::{AnchorLinks, CheckLevel, Config, TaxonomyConfig};
use crate::parse::Parsed;
use crate::parse::front_matter::FrontMatter;
use crate::read::discover::ContentFile;

/// Index into [`Site::pages`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageId(pub u32);

/// Index into [`Site::sections`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SectionId(pub u32);

/// A page or a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemId {
    /// A page.
    Page(PageId),
    /// A section.
    Section(SectionId),
}

/// Something for every page and section of a site.
#[derive(Debug, Clone)]
pub struct PerItem<T> {
    /// By [`PageId`].
    pub pages: Vec<T>,
    /// By [`SectionId`].
    pub sections: Vec<T>,
}

impl<T> Default for PerItem<T> {
    fn default() -> Self {
        Self { pages: Vec::new(), sections: Vec::new() }
    }
}

impl<T> PerItem<T> {
    /// One for each page and section, in the order of [`Site::items`].
    pub fn of(site: &Site, mut one: impl FnMut(ItemId) -> T) -> Self {
        let mut all = Self {
            pages: Vec::with_capacity(site.pages.len()),
            sections: Vec::with_capacity(site.sections.len()),
        };
        for id in site.items() {
            let list = if matches!(id, ItemId::Page(_)) { &mut all.pages } else { &mut all.sections };
            list.push(one(id));
        }
        all
    }

    /// That of one page or section.
    pub fn get(&self, id: ItemId) -> Option<&T> {
        match id {
            ItemId::Page(id) => self.pages.get(id.0 as usize),
            ItemId::Section(id) => self.sections.get(id.0 as usize),
        }
    }

    /// That of one page or section.
    pub fn get_mut(&mut self, id: ItemId) -> Option<&mut T> {
        match id {
            ItemId::Page(id) => self.pages.get_mut(id.0 as usize),
            ItemId::Section(id) => self.sections.get_mut(id.0 as usize),
        }
    }
}

/// What pages and sections have in common.
#[derive(Debug, Clone)]
pub struct Item {
    /// The file it comes from; for a section that has no file, the `_index.md`
    /// it would have.
    pub file: ContentFile,
    /// Path below `content/`: `docs/start.md`.
    pub content_path: FilePath,
    /// The parsed file; `None` for a section that has no file.
    pub parsed: Option<Arc<Parsed>>,
    /// Front matter with the cascade of the sections above worked in.
    pub front: FrontMatter,
    /// From the front matter, else from the first heading, else from the name.
    pub title: String,
    /// Address below the base.
    pub url: UrlPath,
    /// Scheme, host, base path and address, percent-encoded.
    pub permalink: String,
    /// Sections from the root to the parent.
    pub ancestors: Vec<SectionId>,
    /// Files published beside it: path below `content/`, name below its address.
    pub assets: Vec<(FilePath, String)>,
    /// All language versions, itself included, in order of language; empty when
    /// there is only one.
    pub translations: Vec<ItemId>,
}

/// A page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Shared fields.
    pub item: Item,
    /// Last part of its address.
    pub slug: String,
    /// The section it is in.
    pub section: Option<SectionId>,
    /// The page before it in its section's order.
    pub lower: Option<PageId>,
    /// The page after it.
    pub higher: Option<PageId>,
    /// Template it is drawn with.
    pub template: String,
}

/// A section.
#[derive(Debug, Clone)]
pub struct Section {
    /// Shared fields.
    pub item: Item,
    /// Its pages in its own order, those of transparent sections below included.
    pub pages: Vec<PageId>,
    /// Its sections, by weight, then path.
    pub subsections: Vec<SectionId>,
    /// Template it is drawn with.
    pub template: String,
}

/// A taxonomy in one language.
#[derive(Debug, Clone)]
pub struct Taxonomy {
    /// Its configuration.
    pub config: TaxonomyConfig,
    /// Name as it stands in addresses.
    pub slug: String,
    /// Language id.
    pub language: String,
    /// Address of its list.
    pub url: UrlPath,
    /// Address of its list, absolute.
    pub permalink: String,
    /// In order of their slugs.
    pub terms: Vec<Term>,
}

/// A term.
#[derive(Debug, Clone)]
pub struct Term {
    /// As first written.
    pub name: String,
    /// As it stands in addresses.
    pub slug: String,
    /// Its address.
    pub url: UrlPath,
    /// Its address, absolute.
    pub permalink: String,
    /// Newest first, pages without a date last.
    pub pages: Vec<PageId>,
}

/// Why a content file is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// It is a draft.
    Draft,
    /// A section above it is a draft.
    DraftSection,
    /// It is dated after the day of the build.
    Future,
}

impl LeftOut {
    /// A problem with what needs this file to be published.
    pub fn problem(self, code: &'static str, path: &FilePath) -> Diagnostic {
        let (why, hint) = match self {
            Self::Draft => ("is a draft", "take its `draft = true` away, or build with `--drafts`"),
            Self::DraftSection => {
                ("lies in a section that is a draft", "publish the section, or build with `--drafts`")
            }
            Self::Future => {
                ("is dated after the day of the build", "build without `--no-future`, or on a later day")
            }
        };
        Diagnostic::error(code, format!("`content/{path}` {why}, so it is not published")).hint(hint)
    }
}

/// The whole site. Immutable.
#[derive(Debug, Clone)]
pub struct Site {
    /// The configuration, themes' `[extra]` merged in.
    pub config: Arc<Config>,
    /// In order of their files' paths.
    pub pages: Vec<Page>,
    /// In order of their files' paths.
    pub sections: Vec<Section>,
    /// In order of language, then as configured.
    pub taxonomies: Vec<Taxonomy>,
    /// What is compared.
    pub fields: field::Fields,
    /// By path below `content/`.
    pub by_path: HashMap<FilePath, ItemId>,
    /// Content files that are not published, by path below `content/`.
    pub left_out: BTreeMap<FilePath, LeftOut>,
    /// Address (not encoded) of every asset, by path below `content/`.
    pub assets: BTreeMap<FilePath, UrlPath>,
    /// Assets that belong to no page: path below `content/`, address.
    pub loose_assets: Vec<(FilePath, UrlPath)>,
}

impl Site {
    /// The page with that id.
    pub fn page(&self, id: PageId) -> &Page {
        &self.pages[id.0 as usize]
    }

    /// The section with that id.
    pub fn section(&self, id: SectionId) -> &Section {
        &self.sections[id.0 as usize]
    }

    /// The shared fields of a page or section.
    pub fn item(&self, id: ItemId) -> &Item {
        match id {
            ItemId::Page(id) => &self.page(id).item,
            ItemId::Section(id) => &self.section(id).item,
        }
    }

    /// All pages and sections.
    pub fn items(&self) -> impl Iterator<Item = ItemId> {
        let pages = (0..self.pages.len()).map(|i| ItemId::Page(PageId(u32::try_from(i).unwrap_or(u32::MAX))));
        let sections = (0..self.sections.len())
            .map(|i| ItemId::Section(SectionId(u32::try_from(i).unwrap_or(u32::MAX))));
        pages.chain(sections)
    }

    /// Whether output is written for it.
    pub fn is_rendered(&self, id: ItemId) -> bool {
        self.item(id).front.common.render.unwrap_or(true)
    }

    /// Where its headings' own links stand.
    pub fn anchor_links(&self, id: ItemId) -> AnchorLinks {
        let section = match id {
            ItemId::Page(id) => self.page(id).section,
            ItemId::Section(id) => Some(id),
        };
        section
            .and_then(|id| self.section(id).item.front.section.insert_anchor_links)
            .unwrap_or(self.config.markdown.insert_anchor_links)
    }

    /// How far its snippets are checked, if it or a section above it says so.
    pub fn check_level(&self, id: ItemId) -> Option<CheckLevel> {
        let item = self.item(id);
        let above = item.ancestors.iter().rev().map(|id| &self.section(*id).item);
        std::iter::once(item).chain(above).find_map(|item| item.front.common.check)
    }

    /// All language ids, the default one first.
    pub fn languages(&self) -> Vec<&str> {
        languages(&self.config)
    }
}

/// All language ids, the default one first.
pub fn languages(config: &Config) -> Vec<&str> {
    std::iter::once(config.default_language.as_str())
        .chain(config.languages.keys().map(String::as_str))
        .collect()
}

/// Absolute address of a path below the base, percent-encoded. For a site that
/// may live anywhere the base is [`PLACELESS`].
pub fn permalink(config: &Config, url: &UrlPath) -> String {
    format!("{}{}", config.base_url.as_deref().unwrap_or(PLACELESS), url.encoded())
}

/// An address to use in a link: [`PLACELESS`], path, percent-encoded.
pub fn link_address(url: &UrlPath) -> String {
    format!("{PLACELESS}{}", url.encoded())
}

/// A table for templates.
pub type Table = Map<String, Value>;
