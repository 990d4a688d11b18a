//! Front matter: the table at the top of a content file.
//!
//! In: the text of a content file. Out: typed fields, a span for each key,
//! problems, and where the body starts. Never fails: a field with a problem
//! keeps its default. Must not know the site.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::base::source::Span;
use crate::config::AnchorLinks;

/// The fields of one file's front matter, of a page or of a section.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FrontMatter {
    /// Where each value stands: dotted path (`title`, `taxonomies.tags[1]`,
    /// `extra.hero.text`) → its span in the file.
    pub spans: BTreeMap<String, Span>,
    /// Span of the whole block, fences included; empty at 0 when there is none.
    pub span: Span,
    /// Fields that pages and sections share.
    pub common: Common,
    /// Fields that only a page has (default for a section).
    pub page: PageFields,
    /// Fields that only a section has (default for a page).
    pub section: SectionFields,
}

/// Fields of pages and sections.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Common {
    /// As written.
    pub title: Option<String>,
    /// As written.
    pub description: Option<String>,
    /// Left out of the build unless drafts are asked for.
    pub draft: bool,
    /// `None` when not said (then true).
    pub render: Option<bool>,
    /// Addresses that redirect here.
    pub aliases: Vec<String>,
    /// Template instead of the kind's own.
    pub template: Option<String>,
    /// `None` when not said (then true).
    pub in_search_index: Option<bool>,
    /// Free.
    pub extra: Map<String, Value>,
}

/// Fields of pages.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PageFields {
    /// When it was written.
    pub date: Option<DateTime>,
    /// When it was last changed.
    pub updated: Option<DateTime>,
    /// For `sort_by = "weight"`.
    pub weight: Option<i64>,
    /// Last path segment instead of the file's name.
    pub slug: Option<String>,
    /// Whole path instead of the one made from folders and slug.
    pub path: Option<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Taxonomy name → terms, in the order written.
    pub taxonomies: BTreeMap<String, Vec<String>>,
}

/// A date, or a date and time, as written: `2026-08-01`,
/// `2026-08-01T12:00:00`, `2026-08-01T12:00:00Z`. Valid by construction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime {
    /// Seconds since 1970 in UTC (a value without an offset is taken as UTC),
    /// for ordering.
    pub timestamp: i64,
    /// ISO 8601, as templates see it.
    pub text: String,
    /// Year, month (1–12) and day (1–31) as written.
    pub ymd: (i16, u8, u8),
}

/// What a section's pages are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SortBy {
    /// Newest `date` first.
    Date,
    /// Newest `updated` (else `date`) first.
    UpdateDate,
    /// Natural order.
    Title,
    /// Byte order.
    TitleBytes,
    /// Smallest first.
    Weight,
    /// Natural order.
    Slug,
    /// Byte order.
    Permalink,
    /// By path.
    #[default]
    None,
}

/// Fields of sections.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SectionFields {
    /// Order of its pages.
    pub sort_by: SortBy,
    /// Order among its parent's sections.
    pub weight: i64,
    /// Template of all pages below it.
    pub page_template: Option<String>,
    /// Pages in one pager; `None` for all.
    pub paginate_by: Option<usize>,
    /// Path part before a pager's number; `None` for `page`.
    pub paginate_path: Option<String>,
    /// Last page first.
    pub paginate_reversed: bool,
    /// Overrides the site's.
    pub insert_anchor_links: Option<AnchorLinks>,
    /// An address or `@/` path this section only redirects to.
    pub redirect_to: Option<String>,
    /// Its pages are listed in the parent section too.
    pub transparent: bool,
    /// Feeds of its own.
    pub generate_feeds: bool,
    /// Fields given to everything below it that does not set them itself:
    /// a front matter table, unread; see `read_cascaded`.
    pub cascade: Map<String, Value>,
}
