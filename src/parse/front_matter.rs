//! Front matter: the table at the top of a content file.
//!
//! In: the text of a content file. Out: typed fields, a span for each key,
//! problems, and where the body starts. Never fails: a field with a problem
//! keeps its default. Must not know the site.
//!
//! 1. [`split`] finds the block: `+++` around TOML, `---` around YAML.
//! 2. `base::table` reads it, `base::keys` checks it against [`PAGE`] or [`SECTION`].
//! 3. [`read`] takes the fields over.
//! 4. The model hands `cascade` tables down with [`merge_cascade`] and [`apply_cascade`].

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};

pub use crate::base::date::DateTime;
use crate::base::date::shortened;
use crate::base::decode::BOM;
use crate::base::diagnostic::Diagnostic;
use crate::base::keys::{self, Key, Kind as Is, Schema};
use crate::base::source::{Source, Span};
use crate::base::table::{self, Bounds, Format, Table, fill};
use crate::compare::article::{self, Article};
use crate::compare::keys::{SIDE, SUBJECT, TASK, VERDICT};
use crate::compare::subject::{self, SubjectFront};
use crate::compare::task::{self, TaskFront};
use crate::config::{AnchorLinks, CheckLevel, Limits};

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
    /// How far snippets are checked, here and below a section.
    pub check: Option<CheckLevel>,
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
    /// It is a subject of a field.
    pub subject: Option<Arc<SubjectFront>>,
    /// It compares subjects.
    pub article: Option<Arc<Article>>,
    /// It is a task.
    pub task: Option<Arc<TaskFront>>,
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
    /// a table of [`CASCADE`], checked; see [`apply_cascade`].
    pub cascade: Map<String, Value>,
}

/// Whose front matter it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Of any content file but `_index.md`.
    Page,
    /// Of `_index.md`.
    Section,
}

// The keys.

const TITLE: Key = Key::new("title", Is::Text, "", "The name of the page or section.");
const DESCRIPTION: Key = Key::new("description", Is::Text, "", "One sentence about it.");
const DRAFT: Key = Key::new(
    "draft",
    Is::Bool,
    "false",
    "Left out of the build unless drafts are asked for; a draft section with everything below it.",
);
const RENDER: Key = Key::new(
    "render",
    Is::Bool,
    "true",
    "Write an HTML page for it. Without one it is still in lists and can be read by templates.",
);
const ALIASES: Key = Key::new(
    "aliases",
    Is::Texts,
    "[]",
    "Addresses that redirect here: paths, or file names ending in `.html`.",
);
const TEMPLATE: Key = Key::new("template", Is::Text, "", "Template instead of the kind's own.");
const IN_SEARCH_INDEX: Key = Key::new("in_search_index", Is::Bool, "true", "Can be found by the search.");
const CHECK: Key = Key::new(
    "check",
    Is::Choice(CheckLevel::NAMES),
    "",
    "How far snippets are checked, instead of the configuration's `check.level`; in a section, in all pages below too.",
);
const EXTRA: Key = Key::new("extra", Is::Free, "{}", "Free values for templates.");
const AUTHORS: Key = Key::new("authors", Is::Texts, "[]", "Who wrote it; the first one stands in feeds.");
const TAXONOMIES: Key = Key::new(
    "taxonomies",
    Is::Map(&Is::Texts),
    "{}",
    "Terms of each taxonomy that the configuration declares.",
);

/// Keys of a page.
pub static PAGE: Schema = Schema {
    title: "page front matter",
    keys: &[
        TITLE,
        DESCRIPTION,
        Key::new("date", Is::Date, "", "When it was written; orders pages and puts them into feeds."),
        Key::new("updated", Is::Date, "", "When it was last changed."),
        Key::new(
            "weight",
            Is::Integer(i64::MIN, i64::MAX),
            "",
            "Its place in a section with `sort_by = \"weight\"`, smallest first.",
        ),
        DRAFT,
        RENDER,
        Key::new("slug", Is::Text, "", "Last part of the address instead of the file's name."),
        Key::new("path", Is::Text, "", "Whole address instead of the one made from folders and slug."),
        ALIASES,
        AUTHORS,
        IN_SEARCH_INDEX,
        CHECK,
        TEMPLATE,
        TAXONOMIES,
        Key::new("compare", Is::Texts, "", "The page compares these subjects of a field, two to four."),
        Key::new("criteria", Is::Texts, "[]", "Criteria and groups a comparison is about; all."),
        Key::new("verified", Is::Date, "", "When a comparison was last checked."),
        Key::new("verdict", Is::Tables(&VERDICT), "[]", "When to pick which subject, and why."),
        Key::new(
            "sides",
            Is::Map(&Is::Table(&SIDE)),
            "{}",
            "What a comparison says about each subject, by its id.",
        ),
        Key::new("subject", Is::Table(&SUBJECT), "", "The page is about a subject of its field."),
        Key::new("facts", Is::Free, "{}", "Facts about the subject: criterion = answer."),
        Key::new("task", Is::Table(&TASK), "", "The page is a task; the files beside it are its sides."),
        EXTRA,
    ],
    foreign: &[
        ("tags", "taxonomies belong under `taxonomies`: `[taxonomies]`, then `tags = [\"…\"]`"),
        ("tag", "taxonomies belong under `taxonomies`: `[taxonomies]`, then `tags = [\"…\"]`"),
        ("categories", "taxonomies belong under `taxonomies`: `[taxonomies]`, then `categories = [\"…\"]`"),
        ("category", "taxonomies belong under `taxonomies`: `[taxonomies]`, then `categories = [\"…\"]`"),
        ("keywords", "a taxonomy goes under `taxonomies`, a free value under `extra`"),
        ("cascade", "`cascade` belongs to sections: put it into `_index.md`"),
        ("sidebar_position", "the place among its neighbours is `weight`"),
        ("nav_order", "the place among its neighbours is `weight`"),
        ("order", "the place among its neighbours is `weight`"),
        ("menu_order", "the place among its neighbours is `weight`"),
        ("sidebar", "values for the theme go under `extra`"),
        ("sidebar_label", "values for the theme go under `extra`"),
        ("sidebarDepth", "values for the theme go under `extra`"),
        ("permalink", "the whole address is `path`, its last part `slug`"),
        ("url", "the whole address is `path`, its last part `slug`"),
        ("id", "the last part of the address is `slug`"),
        ("subjects", "the subjects of a comparison are `compare`"),
        ("verdicts", "verdicts are `[[verdict]]`"),
        ("pros", "what speaks for a subject stands in `[subject]`, or in `[sides.…]` of a comparison"),
        ("cons", "what speaks against a subject stands in `[subject]`, or in `[sides.…]` of a comparison"),
        ("layout", "the template is `template`"),
        ("type", "the template is `template`"),
        ("author", "authors are a list: `authors = [\"…\"]`"),
        ("lastmod", "the date of the last change is `updated`"),
        ("last_updated", "the date of the last change is `updated`"),
        ("last_update", "the date of the last change is `updated`"),
        ("modified", "the date of the last change is `updated`"),
        ("publishDate", "the date is `date`"),
        ("pubDate", "the date is `date`"),
        ("published", "an unpublished page has `draft = true`"),
        ("redirect_from", "addresses that redirect here are `aliases`"),
        (
            "excerpt",
            "a summary ends at `<!-- more -->` in the text; one sentence about the page is `description`",
        ),
        (
            "summary",
            "a summary ends at `<!-- more -->` in the text; one sentence about the page is `description`",
        ),
        ("hidden", "values for the theme go under `extra`"),
        ("toc", "values for the theme go under `extra`"),
        ("image", "values for the theme go under `extra`"),
        ("head", "values for the theme go under `extra`"),
        ("outline", "values for the theme go under `extra`"),
        ("hide_table_of_contents", "values for the theme go under `extra`"),
        (
            "insert_anchor_links",
            "`insert_anchor_links` belongs to sections and to `[markdown]` in the configuration",
        ),
        ("sort_by", "`sort_by` belongs to sections: put it into `_index.md`"),
        ("page_template", "`page_template` belongs to sections; the template of a page is `template`"),
        ("paginate_by", "`paginate_by` belongs to sections: put it into `_index.md`"),
        ("paginate_path", "`paginate_path` belongs to sections: put it into `_index.md`"),
        ("paginate_reversed", "`paginate_reversed` belongs to sections: put it into `_index.md`"),
        ("redirect_to", "`redirect_to` belongs to sections; a page is redirected by `aliases` of its target"),
        ("transparent", "`transparent` belongs to sections: put it into `_index.md`"),
        ("generate_feeds", "`generate_feeds` belongs to sections: put it into `_index.md`"),
    ],
    unknown: Some("free values go under `extra`"),
};

/// Keys of a section.
pub static SECTION: Schema = Schema {
    title: "section front matter",
    keys: &[
        TITLE,
        DESCRIPTION,
        DRAFT,
        Key::new(
            "sort_by",
            Is::Choice(&[
                "date",
                "update_date",
                "title",
                "title_bytes",
                "weight",
                "slug",
                "permalink",
                "none",
            ]),
            "\"none\"",
            "What its pages are ordered by.",
        ),
        Key::new(
            "weight",
            Is::Integer(i64::MIN, i64::MAX),
            "0",
            "Its place among its parent's sections, smallest first.",
        ),
        TEMPLATE,
        Key::new("page_template", Is::Text, "", "Template of all pages below it; the nearest section wins."),
        Key::new("paginate_by", Is::Integer(0, 1_000_000), "0", "Pages in one pager; 0 for all."),
        Key::new("paginate_path", Is::Text, "\"page\"", "Part of the address before a pager's number."),
        Key::new("paginate_reversed", Is::Bool, "false", "Last page first."),
        Key::new(
            "insert_anchor_links",
            Is::Choice(&["none", "left", "right", "heading"]),
            "",
            "Where a heading's own link stands, instead of the configuration's choice.",
        ),
        IN_SEARCH_INDEX,
        CHECK,
        RENDER,
        Key::new("redirect_to", Is::Text, "", "An address or `@/` path this section only redirects to."),
        Key::new("transparent", Is::Bool, "false", "Its pages are listed in the parent section too."),
        ALIASES,
        Key::new("generate_feeds", Is::Bool, "false", "Feeds of its own pages."),
        Key::new(
            "cascade",
            Is::Table(&CASCADE),
            "{}",
            "Fields given to everything below it that does not set them itself.",
        ),
        EXTRA,
    ],
    foreign: &[
        ("generate_feed", "the key is `generate_feeds`"),
        ("date", "`date` belongs to pages"),
        ("updated", "`updated` belongs to pages"),
        ("slug", "`slug` belongs to pages; a section's address is its folder"),
        ("path", "`path` belongs to pages; a section's address is its folder"),
        ("permalink", "a section's address is its folder"),
        ("authors", "`authors` belongs to pages; for all pages below, put it into `cascade`"),
        ("taxonomies", "`taxonomies` belongs to pages; for all pages below, put it into `cascade`"),
        ("tags", "taxonomies belong to pages; for all pages below, put them into `cascade.taxonomies`"),
        ("categories", "taxonomies belong to pages; for all pages below, put them into `cascade.taxonomies`"),
        ("sidebar_position", "the place among its neighbours is `weight`"),
        ("nav_order", "the place among its neighbours is `weight`"),
        ("order", "the place among its neighbours is `weight`"),
        ("layout", "the template is `template`, that of its pages `page_template`"),
        ("type", "the template is `template`, that of its pages `page_template`"),
        ("sort", "the order of its pages is `sort_by`"),
        ("order_by", "the order of its pages is `sort_by`"),
        ("paginate", "pages in one pager are `paginate_by`"),
    ],
    unknown: Some("free values go under `extra`"),
};

/// Keys that a section can hand down. `template` reaches pages only, `authors`
/// and `taxonomies` too; the others reach sections as well.
pub static CASCADE: Schema = Schema {
    title: "`cascade`",
    keys: &[DESCRIPTION, DRAFT, RENDER, TEMPLATE, IN_SEARCH_INDEX, AUTHORS, TAXONOMIES, EXTRA],
    foreign: &[
        ("page_template", "in `cascade` the template of pages is `template`"),
        ("tags", "taxonomies belong under `cascade.taxonomies`"),
        ("categories", "taxonomies belong under `cascade.taxonomies`"),
        ("title", "each page has its own title"),
        ("date", "each page has its own date"),
        ("slug", "each page has its own address"),
        ("path", "each page has its own address"),
        ("aliases", "each page has its own address"),
    ],
    unknown: Some("free values go under `cascade.extra`"),
};

/// JSON Schema (draft 2020-12) of front matter: `$defs.page` and
/// `$defs.section`.
pub fn schema() -> Value {
    serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Juxta front matter",
        "anyOf": [{ "$ref": "#/$defs/page" }, { "$ref": "#/$defs/section" }],
        "$defs": { "page": PAGE.to_json_schema(), "section": SECTION.to_json_schema() },
    })
}

// Finding the block.

/// Where front matter and body stand in a text. Ranges are bytes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The notation; `None` when there is no front matter.
    pub format: Option<Format>,
    /// The whole block, fences included, without the line end of the closing
    /// fence; empty when there is none; the opening fence when it is not closed.
    pub block: Range<usize>,
    /// What is between the fences.
    pub table: Range<usize>,
    /// Where the body starts: behind a byte order mark, behind the line of the
    /// closing fence.
    pub body: usize,
    /// There is an opening fence and no closing one.
    pub unclosed: bool,
}

/// Finds the front matter of a text. Blank lines and a byte order mark may
/// stand before it; fences may be followed by blanks.
///
/// `---` is a thematic break in Markdown, so it opens front matter only when
/// keys follow, or when nothing but a closing `---` does.
pub fn split(text: &str) -> Split {
    let start = if text.starts_with(BOM) { BOM.len() } else { 0 };
    let none = Split { format: None, block: start..start, table: start..start, body: start, unclosed: false };
    let mut lines = Lines { text, at: start };
    let Some(opening) = lines.by_ref().find(|line| !text[line.clone()].trim().is_empty()) else {
        return none;
    };
    let (format, fence) = match text[opening.clone()].trim_end() {
        "+++" => (Format::Toml, "+++"),
        "---" => (Format::Yaml, "---"),
        _ => return none,
    };
    let opening = opening.start..opening.start + fence.len();
    let table_start = lines.at;
    let closing = lines.find(|line| text[line.clone()].trim_end() == fence);
    let table = table_start..closing.as_ref().map_or(text.len(), |line| line.start);
    if format == Format::Yaml && !is_yaml_block(&text[table.clone()], closing.is_some()) {
        return none;
    }
    match closing {
        Some(closing) => Split {
            format: Some(format),
            block: opening.start..closing.start + fence.len(),
            table,
            body: lines.at,
            unclosed: false,
        },
        None => Split {
            format: Some(format),
            block: opening,
            table: table_start..table_start,
            body: table_start,
            unclosed: true,
        },
    }
}

/// Lines of a text from a place on, without their line ends.
struct Lines<'t> {
    text: &'t str,
    at: usize,
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let end = rest.find('\n').map_or(self.text.len(), |i| start + i);
        self.at = self.text.len().min(end + 1);
        Some(start..end)
    }
}

/// Whether what follows a `---` is meant as YAML: up to the first blank line
/// (of an open block), some line at the margin is a key. Blocks that hold only
/// blanks and comments count when they are closed.
fn is_yaml_block(text: &str, closed: bool) -> bool {
    let is_blank = |line: &str| line.trim().is_empty();
    let content = |line: &&str| !is_blank(line) && !line.starts_with('#');
    if closed && !text.lines().any(|line| content(&line)) {
        return true;
    }
    // A thematic break has a blank line after it; front matter need not.
    if !closed && text.lines().next().is_none_or(is_blank) {
        return false;
    }
    let paragraph = text.lines().skip_while(|line| !content(line)).take_while(|line| !is_blank(line));
    let mut paragraph = paragraph.peekable();
    paragraph.peek().is_some_and(|first| closed && first.trim_end() == "{") || paragraph.any(is_key_line)
}

/// `key:` or `"key":` at the margin, then a blank or nothing.
fn is_key_line(line: &str) -> bool {
    let Some((key, rest)) = line.split_once(':') else { return false };
    let key = key.trim_end();
    let is_word = |key: &str| {
        key.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && key.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c))
    };
    let quoted =
        key.len() > 2 && ['"', '\''].iter().any(|quote| key.starts_with(*quote) && key.ends_with(*quote));
    let end = rest.is_empty() || rest.starts_with([' ', '\t', '\r']);
    end && (is_word(key) || quoted || key == "<<")
}

// Reading it.

/// Reads the front matter of a content file; the second value is where the
/// body starts. Problems: those of `base::table` and `base::keys`,
/// `unclosed-front-matter`, `front-matter-too-large`, `bad-value`.
pub fn read(source: &Arc<Source>, kind: Kind, limits: &Limits) -> (FrontMatter, usize, Vec<Diagnostic>) {
    let split = split(&source.text);
    let mut front_matter = FrontMatter { span: Span::from(split.block.clone()), ..FrontMatter::default() };
    let Some(format) = split.format else {
        front_matter.span = Span::default();
        return (front_matter, split.body, Vec::new());
    };
    if split.unclosed {
        let fence = &source.text[split.block.clone()];
        let problem = Diagnostic::error("unclosed-front-matter", "the front matter is not closed")
            .label(source, front_matter.span, "opened here")
            .hint(format!("put a line with `{fence}` after the last key"));
        return (front_matter, split.body, vec![problem]);
    }
    if split.table.len() as u64 > limits.front_matter {
        let message = format!(
            "the front matter has {} bytes, over the limit of {}",
            split.table.len(),
            limits.front_matter
        );
        let opening = Span::new(split.block.start, split.block.start + 3);
        let problem = Diagnostic::error("front-matter-too-large", message)
            .at(source, opening)
            .hint("put large values into a data file, or raise `limits.front_matter`");
        return (front_matter, split.body, vec![problem]);
    }
    let (table, mut problems) = table::read(source, split.table.clone(), format, Bounds::TABLE);
    let schema = match kind {
        Kind::Page => &PAGE,
        Kind::Section => &SECTION,
    };
    // A value that could not be read is not what the author wrote: its type
    // says nothing.
    let start = |problem: &Diagnostic| problem.labels.first().map(|label| label.span.start);
    let broken: Vec<Option<u32>> = problems
        .iter()
        .filter(|problem| matches!(problem.code, "bad-toml" | "bad-yaml"))
        .map(start)
        .collect();
    let of_keys = keys::check(source, &table, schema);
    problems.extend(of_keys.into_iter().filter(|problem| !broken.contains(&start(problem))));
    table.collect_spans("", &mut front_matter.spans);
    front_matter.common = common(&table);
    match kind {
        Kind::Page => {
            front_matter.page = page_fields(&table);
            comparing(source, &table, &mut front_matter.page, &mut problems);
        }
        Kind::Section => front_matter.section = section_fields(&table),
    }
    check_values(source, &mut front_matter, &mut problems);
    (front_matter, split.body, problems)
}

fn common(table: &Table) -> Common {
    Common {
        title: table.text("title"),
        description: table.text("description"),
        draft: table.bool("draft").unwrap_or(false),
        render: table.bool("render"),
        aliases: table.texts("aliases").unwrap_or_default(),
        template: table.text("template"),
        in_search_index: table.bool("in_search_index"),
        check: table.text("check").and_then(|name| CheckLevel::named(&name)),
        extra: table.table("extra").map(Table::to_json).unwrap_or_default(),
    }
}

fn page_fields(table: &Table) -> PageFields {
    PageFields {
        date: date(table, "date"),
        updated: date(table, "updated"),
        weight: table.integer("weight"),
        slug: table.text("slug"),
        path: table.text("path"),
        authors: table.texts("authors").unwrap_or_default(),
        taxonomies: table.table("taxonomies").map(taxonomies).unwrap_or_default(),
        subject: None,
        article: None,
        task: None,
    }
}

/// What makes a page a subject, a comparison or a task.
fn comparing(source: &Arc<Source>, table: &Table, page: &mut PageFields, problems: &mut Vec<Diagnostic>) {
    let mut alone = |key: &str, needs: &str| {
        if let Some(entry) = table.entry(key) {
            let problem =
                Diagnostic::error("missing-key", format!("`{key}` has a meaning only beside `{needs}`"));
            problems.push(problem.at(source, entry.key_span));
        }
    };
    let of =
        |key: &str| table.entry(key).and_then(|entry| Some((entry.node.value.as_table()?, entry.key_span)));
    match of("subject") {
        Some((subject, span)) => {
            page.subject = Some(Arc::new(subject::read(source, subject, span, table.table("facts"))));
        }
        None => alone("facts", "[subject]"),
    }
    match table.entry("compare") {
        Some(entry) => page.article = Some(Arc::new(article::read(source, table, entry.key_span))),
        None => {
            for key in ["verdict", "sides", "criteria", "verified"] {
                alone(key, "compare");
            }
        }
    }
    page.task = of("task").map(|(task, span)| Arc::new(task::read(source, task, span)));
}

fn section_fields(table: &Table) -> SectionFields {
    SectionFields {
        sort_by: table.get("sort_by").and_then(|value| SortBy::named(value.as_text()?)).unwrap_or_default(),
        weight: table.integer("weight").unwrap_or(0),
        page_template: table.text("page_template"),
        paginate_by: positive(table.integer("paginate_by")),
        paginate_path: table.text("paginate_path"),
        paginate_reversed: table.bool("paginate_reversed").unwrap_or(false),
        insert_anchor_links: table
            .get("insert_anchor_links")
            .and_then(|value| AnchorLinks::named(value.as_text()?)),
        redirect_to: table.text("redirect_to"),
        transparent: table.bool("transparent").unwrap_or(false),
        generate_feeds: table.bool("generate_feeds").unwrap_or(false),
        cascade: table.table("cascade").map(Table::to_json).unwrap_or_default(),
    }
}

impl SortBy {
    /// The order of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "date" => Self::Date,
            "update_date" => Self::UpdateDate,
            "title" => Self::Title,
            "title_bytes" => Self::TitleBytes,
            "weight" => Self::Weight,
            "slug" => Self::Slug,
            "permalink" => Self::Permalink,
            "none" => Self::None,
            _ => return None,
        })
    }
}

fn date(table: &Table, key: &str) -> Option<DateTime> {
    match table.get(key)? {
        table::Value::Date(text) | table::Value::Text(text) => DateTime::parse(text).ok(),
        _ => None,
    }
}

fn taxonomies(table: &Table) -> BTreeMap<String, Vec<String>> {
    let terms = |entry: &table::Entry| Some((entry.key.clone(), entry.node.value.texts()?));
    table.entries.iter().filter_map(terms).collect()
}

/// A count where 0 and nothing mean "all".
fn positive(value: Option<i64>) -> Option<usize> {
    value.and_then(|value| usize::try_from(value).ok()).filter(|&value| value > 0)
}

/// Values that have the right kind and cannot be meant; they are dropped.
fn check_values(source: &Arc<Source>, front_matter: &mut FrontMatter, problems: &mut Vec<Diagnostic>) {
    let FrontMatter { spans, common, page, section, .. } = front_matter;
    let mut bad = |path: &str, message: String, hint: &str| {
        let span = spans.get(path).copied().unwrap_or_default();
        problems.push(Diagnostic::error("bad-value", message).at(source, span).hint(hint));
    };
    if let Some(slug) = page.slug.take_if(|slug| slug.trim().is_empty() || slug.contains(['/', '\\'])) {
        let message = format!("`{}` is no slug", shortened(&slug));
        bad("slug", message, "a slug is one part of the address; the whole address is `path`");
    }
    if let Some(path) = page.path.take_if(|path| has_dots(path)) {
        let message = format!("`{}` is no path", shortened(&path));
        bad("path", message, "a path is made of names and `/`, without `.` and `..`");
    }
    for (i, alias) in common.aliases.iter().enumerate() {
        if has_dots(alias) || alias.trim_matches('/').is_empty() {
            let message = format!("`{}` cannot redirect here", shortened(alias));
            let path = format!("aliases[{i}]");
            bad(&path, message, "an alias is a path on this site, without `.` and `..`");
        }
    }
    common.aliases.retain(|alias| !has_dots(alias) && !alias.trim_matches('/').is_empty());
    if let Some(path) = section.paginate_path.take_if(|path| has_dots(path)) {
        let message = format!("`{}` is no path", shortened(&path));
        bad("paginate_path", message, "a path is made of names and `/`, without `.` and `..`");
    }
    for (name, terms) in &mut page.taxonomies {
        for (i, term) in terms.iter().enumerate() {
            if term.trim().is_empty() {
                let path = format!("taxonomies.{name}[{i}]");
                bad(&path, "a term without a name".to_owned(), "take it out of the list");
            }
        }
        terms.retain(|term| !term.trim().is_empty());
    }
}

fn has_dots(path: &str) -> bool {
    path.contains(['\\', '\0']) || path.split('/').any(|part| part == "." || part == "..")
}

// Handing down.

/// The cascade that holds below a section: its own, above what it was given.
/// Tables (`extra`, `taxonomies`) are merged, everything else is replaced.
pub fn merge_cascade(outer: &Map<String, Value>, inner: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = inner.clone();
    fill(&mut merged, outer);
    merged
}

/// Gives a page or section the fields of a cascade that its file does not set.
/// `extra` is merged key by key, `taxonomies` taxonomy by taxonomy. The cascade
/// was checked when it was read; apply the merged one once.
pub fn apply_cascade(target: &mut FrontMatter, kind: Kind, cascade: &Map<String, Value>) {
    let FrontMatter { spans, common, page, .. } = target;
    let text = |key: &str| cascade.get(key).and_then(Value::as_str).map(str::to_owned);
    let bool = |key: &str| cascade.get(key).and_then(Value::as_bool);
    common.description = common.description.take().or_else(|| text("description"));
    common.render = common.render.or_else(|| bool("render"));
    common.in_search_index = common.in_search_index.or_else(|| bool("in_search_index"));
    if let Some(draft) = bool("draft")
        && !spans.contains_key("draft")
    {
        common.draft = draft;
    }
    if let Some(Value::Object(extra)) = cascade.get("extra") {
        fill(&mut common.extra, extra);
    }
    if kind == Kind::Section {
        return;
    }
    common.template = common.template.take().or_else(|| text("template"));
    if let Some(authors) = cascade.get("authors").and_then(strings)
        && !spans.contains_key("authors")
    {
        page.authors = authors;
    }
    if let Some(Value::Object(taxonomies)) = cascade.get("taxonomies") {
        for (name, terms) in taxonomies {
            if let Some(terms) = strings(terms) {
                page.taxonomies.entry(name.clone()).or_insert(terms);
            }
        }
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    Some(value.as_array()?.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
}

/// The date at the start of a file name (`2026-08-01-title`,
/// `2026-08-01T12:00:00Z_title`) and the rest of the name, which is not empty.
/// A name with an impossible date has none.
pub fn date_from_name(stem: &str) -> Option<(DateTime, &str)> {
    let (date, rest) = DateTime::prefix(stem).ok()?;
    let rest = rest.trim_start().strip_prefix(['-', '_'])?;
    (!rest.is_empty()).then_some((date, rest))
}
