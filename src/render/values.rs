//! Values: what templates see, the contract with theme authors.
//!
//! In: the site, bodies and their HTML. Out: template values with the names and
//! shapes of Zola 0.23, plus a few of our own. Each is built once; those inside
//! others are shared.

use std::collections::HashMap;

use rayon::prelude::*;
use tera::value::Key;
use tera::{Map, Value};

use super::shared::{Drawn, Shared};
use crate::config::{Config, TaxonomyConfig};
use crate::model::{ItemId, PageId, SectionId, Taxonomy, Term, link_address};
use crate::parse::front_matter::DateTime;
use crate::parse::markdown::{Document, Heading};

/// Words a minute.
const READING_SPEED: usize = 200;

pub(super) fn map(fields: Vec<(&'static str, Value)>) -> Map {
    let mut map = Map::with_capacity(fields.len());
    for (name, value) in fields {
        map.insert(Key::from(name), value);
    }
    map
}

pub(super) fn table(fields: Vec<(&'static str, Value)>) -> Value {
    Value::from(map(fields))
}

pub(super) fn text(text: Option<&str>) -> Value {
    text.map_or_else(Value::none, Value::from)
}

pub(super) fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Value {
    Value::from(texts.into_iter().map(Value::from).collect::<Vec<Value>>())
}

/// Any JSON value.
pub fn json(value: &serde_json::Value) -> Value {
    Value::from_serializable(value)
}

/// A table of JSON values.
fn extra(table: &serde_json::Map<String, serde_json::Value>) -> Value {
    Value::from_serializable(table)
}

/// `config` as templates see it.
pub fn config(config: &Config, language: &str, mode: &str) -> Value {
    let resolved = config.language_or_default(language);
    let markdown = &config.markdown;
    let taxonomies: Vec<Value> = resolved.taxonomies.iter().map(taxonomy_config).collect();
    let languages: Map = crate::model::languages(config)
        .into_iter()
        .map(|code| {
            let of = config.language_or_default(code);
            let fields = vec![
                ("title", text(of.title)),
                ("description", text(of.description)),
                ("generate_feeds", Value::from(of.generate_feeds)),
                ("feed_filenames", texts(of.feed_filenames.iter().map(String::as_str))),
            ];
            (Key::from(code.to_owned()), table(fields))
        })
        .collect();
    table(vec![
        ("base_url", Value::from(config.base_url.as_deref().unwrap_or(""))),
        ("mode", Value::from(mode)),
        ("title", text(resolved.title)),
        ("description", text(resolved.description)),
        ("author", text(config.author.as_deref())),
        ("languages", Value::from(languages)),
        ("default_language", Value::from(config.default_language.as_str())),
        ("generate_feed", Value::from(resolved.generate_feeds)),
        ("generate_feeds", Value::from(resolved.generate_feeds)),
        ("feed_filenames", texts(resolved.feed_filenames.iter().map(String::as_str))),
        ("taxonomies", Value::from(taxonomies)),
        ("build_search_index", Value::from(config.build_search_index)),
        ("search", extra(&config.search)),
        ("generate_sitemap", Value::from(config.generate_sitemap && config.base_url.is_some())),
        ("generate_robots_txt", Value::from(config.generate_robots_txt)),
        (
            "exclude_paginated_pages_in_sitemap",
            Value::from(if config.exclude_paginated_pages_in_sitemap { "all" } else { "none" }),
        ),
        (
            "markdown",
            table(vec![
                ("highlight", Value::from(markdown.code.highlight)),
                ("light_theme", Value::from(markdown.code.light_theme.as_str())),
                ("dark_theme", text(markdown.code.dark_theme.as_deref())),
                ("math", Value::from(markdown.math)),
                ("smart_punctuation", Value::from(markdown.smart_punctuation)),
                ("lazy_async_image", Value::from(markdown.lazy_async_image)),
            ]),
        ),
        ("extra", extra(&config.extra)),
    ])
}

fn taxonomy_config(taxonomy: &TaxonomyConfig) -> Value {
    table(vec![
        ("name", Value::from(taxonomy.name.as_str())),
        ("slug", Value::from(taxonomy.name.as_str())),
        ("feed", Value::from(taxonomy.feed)),
        ("paginate_by", Value::from(taxonomy.paginate_by)),
        ("paginate_path", Value::from(taxonomy.paginate_path.as_str())),
        ("render", Value::from(taxonomy.render)),
    ])
}

/// Nested table of contents.
pub fn toc(document: &Document, address: &str) -> Value {
    fn nest(headings: &[Heading], address: &str) -> Vec<Value> {
        let mut values = Vec::new();
        let mut at = 0;
        while let Some(heading) = headings.get(at) {
            let below = headings[at + 1..].iter().take_while(|next| next.level > heading.level).count();
            values.push(table(vec![
                ("level", Value::from(heading.level)),
                ("id", Value::from(heading.id.as_str())),
                ("title", Value::from(heading.title.as_str())),
                ("permalink", Value::from(format!("{address}#{}", heading.id))),
                ("children", Value::from(nest(&headings[at + 1..=at + below], address))),
            ]));
            at += 1 + below;
        }
        values
    }
    Value::from(nest(&document.headings, address))
}

fn date(date: Option<&DateTime>) -> Value {
    date.map_or_else(Value::none, |date| Value::from(date.text.as_str()))
}

/// Fields of pages and sections.
fn item_fields(shared: &Shared, id: ItemId, drawn: Option<&Drawn>) -> Map {
    let site = &shared.site;
    let item = site.item(id);
    let address = link_address(&item.url);
    let words = drawn.map_or(0, |drawn| drawn.words);
    let ancestors = item.ancestors.iter().map(|id| site.section(*id).item.content_path.as_str());
    let components = item.url.as_str().split('/').filter(|part| !part.is_empty());
    let assets: Vec<Value> =
        item.assets.iter().map(|(_, name)| Value::from(format!("{}{name}", item.url))).collect();
    let linked = |other: &ItemId| {
        let other = site.item(*other);
        table(vec![
            ("lang", Value::from(other.file.language.as_str())),
            ("permalink", Value::from(other.permalink.as_str())),
            ("url", Value::from(link_address(&other.url))),
            ("title", Value::from(other.title.as_str())),
            ("path", Value::from(other.url.as_str())),
        ])
    };
    let backlinks = shared.backlinks.get().and_then(|backlinks| backlinks.get(&id));
    let mut fields = map(vec![
        ("relative_path", Value::from(item.content_path.as_str())),
        (
            "colocated_path",
            if item.assets.is_empty() {
                Value::none()
            } else {
                Value::from(format!("{}/", item.file.folder))
            },
        ),
        ("content", drawn.map_or_else(|| Value::safe_string(""), |drawn| drawn.content.clone())),
        ("permalink", Value::from(item.permalink.as_str())),
        ("url", Value::from(address.as_str())),
        ("path", Value::from(item.url.as_str())),
        ("components", texts(components)),
        ("ancestors", texts(ancestors)),
        ("title", Value::from(item.title.as_str())),
        ("description", text(item.front.common.description.as_deref())),
        ("extra", extra(&item.front.common.extra)),
        ("toc", drawn.map_or_else(|| Value::from(Vec::<Value>::new()), |drawn| drawn.toc.clone())),
        ("word_count", Value::from(words)),
        ("reading_time", Value::from(words.div_ceil(READING_SPEED))),
        ("assets", Value::from(assets)),
        ("draft", Value::from(item.front.common.draft)),
        ("lang", Value::from(item.file.language.as_str())),
        ("translations", Value::from(item.translations.iter().map(linked).collect::<Vec<_>>())),
        ("backlinks", Value::from(backlinks.into_iter().flatten().map(linked).collect::<Vec<_>>())),
    ]);
    fields.insert(Key::from("file"), Value::from(item.file.path.as_str()));
    fields
}

/// A page, without its neighbours.
fn page(shared: &Shared, id: PageId, drawn: Option<&Drawn>) -> Value {
    let page = shared.site.page(id);
    let mut fields = item_fields(shared, ItemId::Page(id), drawn);
    let front = &page.item.front.page;
    let ymd = front.date.as_ref().map(|date| date.ymd);
    // Those that are not configured are a problem of their own; templates that
    // look a taxonomy up must not fail over them once more.
    let known = shared.site.config.language_or_default(&page.item.file.language).taxonomies;
    let taxonomies: Map = front
        .taxonomies
        .iter()
        .filter(|(name, _)| known.iter().any(|taxonomy| taxonomy.name == **name))
        .map(|(name, terms)| (Key::from(name.clone()), texts(terms.iter().map(String::as_str))))
        .collect();
    for (name, value) in [
        ("slug", Value::from(page.slug.as_str())),
        ("date", date(front.date.as_ref())),
        ("updated", date(front.updated.as_ref())),
        ("year", Value::from(ymd.map(|(year, ..)| i64::from(year)))),
        ("month", Value::from(ymd.map(|(_, month, _)| i64::from(month)))),
        ("day", Value::from(ymd.map(|(.., day)| i64::from(day)))),
        ("weight", Value::from(front.weight)),
        ("authors", texts(front.authors.iter().map(String::as_str))),
        ("taxonomies", Value::from(taxonomies)),
        ("summary", drawn.map_or_else(Value::none, |drawn| drawn.summary.clone())),
        ("lower", Value::none()),
        ("higher", Value::none()),
    ] {
        fields.insert(Key::from(name), value);
    }
    Value::from(fields)
}

fn page_ids(shared: &Shared) -> impl IndexedParallelIterator<Item = PageId> {
    (0..u32::try_from(shared.site.pages.len()).unwrap_or(u32::MAX)).into_par_iter().map(PageId)
}

fn section_ids(shared: &Shared) -> impl IndexedParallelIterator<Item = SectionId> {
    (0..u32::try_from(shared.site.sections.len()).unwrap_or(u32::MAX)).into_par_iter().map(SectionId)
}

/// All pages, in order of their ids.
pub fn all_pages(shared: &Shared, drawn: &HashMap<ItemId, Drawn>) -> Vec<Value> {
    page_ids(shared).map(|id| page(shared, id, drawn.get(&ItemId::Page(id)))).collect()
}

/// All pages without their bodies, on this thread.
pub fn all_pages_in_turn(shared: &Shared) -> Vec<Value> {
    (0..shared.site.pages.len())
        .map(|i| page(shared, PageId(u32::try_from(i).unwrap_or(u32::MAX)), None))
        .collect()
}

/// All sections, in order of their ids; `pages` are the values of all pages.
pub fn all_sections(shared: &Shared, drawn: &HashMap<ItemId, Drawn>, pages: &[Value]) -> Vec<Value> {
    section_ids(shared).map(|id| section(shared, id, drawn.get(&ItemId::Section(id)), pages)).collect()
}

/// All sections without bodies, on this thread.
pub fn all_sections_in_turn(shared: &Shared, pages: &[Value]) -> Vec<Value> {
    (0..shared.site.sections.len())
        .map(|i| section(shared, SectionId(u32::try_from(i).unwrap_or(u32::MAX)), None, pages))
        .collect()
}

fn section(shared: &Shared, id: SectionId, drawn: Option<&Drawn>, pages: &[Value]) -> Value {
    let section = shared.site.section(id);
    let mut fields = item_fields(shared, ItemId::Section(id), drawn);
    let front = &section.item.front.section;
    let of_section: Vec<Value> =
        section.pages.iter().filter_map(|id| pages.get(id.0 as usize)).cloned().collect();
    let subsections =
        section.subsections.iter().map(|id| shared.site.section(*id).item.content_path.as_str());
    for (name, value) in [
        ("pages", Value::from(of_section)),
        ("subsections", texts(subsections)),
        ("weight", Value::from(front.weight)),
        ("generate_feeds", Value::from(front.generate_feeds)),
        ("transparent", Value::from(front.transparent)),
        ("paginate_by", Value::from(front.paginate_by)),
        ("paginate_reversed", Value::from(front.paginate_reversed)),
    ] {
        fields.insert(Key::from(name), value);
    }
    Value::from(fields)
}

/// A term with its pages.
fn term(shared: &Shared, term: &Term, pages: &[Value]) -> Value {
    let of_term: Vec<Value> = term
        .pages
        .iter()
        .filter(|id| shared.site.is_rendered(ItemId::Page(**id)))
        .filter_map(|id| pages.get(id.0 as usize))
        .cloned()
        .collect();
    table(vec![
        ("name", Value::from(term.name.as_str())),
        ("slug", Value::from(term.slug.as_str())),
        ("path", Value::from(term.url.as_str())),
        ("url", Value::from(link_address(&term.url))),
        ("permalink", Value::from(term.permalink.as_str())),
        ("page_count", Value::from(of_term.len())),
        ("pages", Value::from(of_term)),
    ])
}

fn taxonomy(shared: &Shared, taxonomy: &Taxonomy, pages: &[Value]) -> Value {
    let items: Vec<Value> = taxonomy.terms.iter().map(|of| term(shared, of, pages)).collect();
    let mut kind = taxonomy_config(&taxonomy.config).into_map().unwrap_or_default();
    kind.insert(Key::from("slug"), Value::from(taxonomy.slug.as_str()));
    table(vec![
        ("kind", Value::from(kind)),
        ("lang", Value::from(taxonomy.language.as_str())),
        ("permalink", Value::from(taxonomy.permalink.as_str())),
        ("url", Value::from(link_address(&taxonomy.url))),
        ("path", Value::from(taxonomy.url.as_str())),
        ("items", Value::from(items)),
    ])
}

/// All taxonomies, in order.
pub fn all_taxonomies(shared: &Shared, pages: &[Value]) -> Vec<Value> {
    shared.site.taxonomies.iter().map(|of| taxonomy(shared, of, pages)).collect()
}

/// A page with its neighbours: the value a page's own template gets.
pub fn page_with_neighbours(shared: &Shared, id: PageId) -> Value {
    let page = shared.site.page(id);
    let value = shared.item(ItemId::Page(id));
    if page.lower.is_none() && page.higher.is_none() {
        return value;
    }
    let Some(mut fields) = value.into_map() else { return Value::none() };
    for (name, neighbour) in [("lower", page.lower), ("higher", page.higher)] {
        if let Some(neighbour) = neighbour {
            fields.insert(Key::from(name), shared.item(ItemId::Page(neighbour)));
        }
    }
    Value::from(fields)
}

/// What a pager knows about itself and its neighbours.
pub fn paginator(
    url: &crate::base::paths::UrlPath,
    word: &str,
    (by, number, total): (usize, usize, usize),
    pages: Vec<Value>,
) -> Value {
    let count = crate::plan::pager_count(total, by);
    let at = |n: usize| Value::from(link_address(&crate::plan::pager_url(url, word, n)));
    let word = word.trim_matches('/');
    let base = if word.is_empty() { url.to_string() } else { format!("{url}{word}/") };
    table(vec![
        ("paginate_by", Value::from(by)),
        ("base_url", Value::from(link_address(&crate::base::paths::UrlPath::new(&base)))),
        ("number_pagers", Value::from(count)),
        ("first", at(1)),
        ("last", at(count)),
        ("previous", if number > 1 { at(number - 1) } else { Value::none() }),
        ("next", if number < count { at(number + 1) } else { Value::none() }),
        ("pages", Value::from(pages)),
        ("current_index", Value::from(number)),
        ("total_pages", Value::from(total)),
    ])
}
