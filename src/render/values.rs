//! Values: what templates see, the contract with theme authors.
//!
//! In: the site, bodies and their HTML. Out: template values with the names and
//! shapes of Zola 0.23, plus a few of our own. Each is built once; those inside
//! others are shared.

use std::collections::HashMap;

use rayon::prelude::*;
use tera::value::Key;
use tera::{Map, Value};

use super::shared::{Drawn, Shared, Values};
use crate::config::{Config, TaxonomyConfig};
use crate::model::{ItemId, PageId, PerItem, SectionId, Site, Taxonomy, Term, link_address};
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
        ("build_search_index", Value::from(resolved.build_search_index)),
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

/// Enough of a page or section to link to it.
fn linked(site: &Site, id: ItemId) -> Value {
    let item = site.item(id);
    table(vec![
        ("lang", Value::from(item.file.language.as_str())),
        ("permalink", Value::from(item.permalink.as_str())),
        ("url", Value::from(link_address(&item.url))),
        ("title", Value::from(item.title.as_str())),
        ("path", Value::from(item.url.as_str())),
    ])
}

/// Fields of pages and sections, but for those of bodies.
fn item_fields(site: &Site, id: ItemId, drawn: Option<&Drawn>) -> Map {
    let item = site.item(id);
    let address = link_address(&item.url);
    let words = drawn.map_or(0, |drawn| drawn.words);
    let ancestors = item.ancestors.iter().map(|id| site.section(*id).item.content_path.as_str());
    let components = item.url.as_str().split('/').filter(|part| !part.is_empty());
    let assets: Vec<Value> =
        item.assets.iter().map(|(_, name)| Value::from(format!("{}{name}", item.url))).collect();
    let linked = |other: &ItemId| linked(site, *other);
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
        ("permalink", Value::from(item.permalink.as_str())),
        ("url", Value::from(address.as_str())),
        ("path", Value::from(item.url.as_str())),
        ("components", texts(components)),
        ("ancestors", texts(ancestors)),
        ("title", Value::from(item.title.as_str())),
        ("description", text(item.front.common.description.as_deref())),
        ("extra", extra(&item.front.common.extra)),
        ("reading_time", Value::from(words.div_ceil(READING_SPEED))),
        ("assets", Value::from(assets)),
        ("draft", Value::from(item.front.common.draft)),
        ("lang", Value::from(item.file.language.as_str())),
        ("translations", Value::from(item.translations.iter().map(linked).collect::<Vec<_>>())),
    ]);
    fields.insert(Key::from("file"), Value::from(item.file.path.as_str()));
    fields
}

/// Adds the fields of its body: those of
/// [`OF_BODIES`](super::parts::OF_BODIES).
pub fn with_body(site: &Site, values: &Values, id: ItemId, value: Value) -> Value {
    let Some(mut fields) = value.into_map() else { return Value::none() };
    let drawn = values.drawn.get(id).and_then(Option::as_ref);
    let backlinks = values.backlinks.get(&id).map_or(&[][..], Vec::as_slice);
    body_fields(&mut fields, drawn, backlinks.iter().map(|from| linked(site, *from)).collect());
    Value::from(fields)
}

fn body_fields(fields: &mut Map, drawn: Option<&Drawn>, backlinks: Vec<Value>) {
    for (name, value) in [
        ("content", drawn.map_or_else(|| Value::safe_string(""), |drawn| drawn.content.clone())),
        ("toc", drawn.map_or_else(|| Value::from(Vec::<Value>::new()), |drawn| drawn.toc.clone())),
        ("word_count", Value::from(drawn.map_or(0, |drawn| drawn.words))),
        ("backlinks", Value::from(backlinks)),
    ] {
        fields.insert(Key::from(name), value);
    }
}

/// A section with its body and those of its pages, which `page` gives.
pub fn with_bodies(site: &Site, values: &Values, id: SectionId, page: impl Fn(PageId) -> Value) -> Value {
    let id_of_item = ItemId::Section(id);
    let listed = values.listed.get(id_of_item).cloned().unwrap_or_else(Value::none);
    let Some(mut fields) = with_body(site, values, id_of_item, listed).into_map() else {
        return Value::none();
    };
    let pages: Vec<Value> = site.section(id).pages.iter().map(|id| page(*id)).collect();
    fields.insert(Key::from("pages"), Value::from(pages));
    Value::from(fields)
}

/// A page as lists show it: without its neighbours and its body.
pub fn page(site: &Site, id: PageId, drawn: Option<&Drawn>) -> Value {
    let page = site.page(id);
    let mut fields = item_fields(site, ItemId::Page(id), drawn);
    let front = &page.item.front.page;
    let ymd = front.date.as_ref().map(|date| date.ymd);
    // Those that are not configured are a problem of their own; templates that
    // look a taxonomy up must not fail over them once more.
    let known = site.config.language_or_default(&page.item.file.language).taxonomies;
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

/// All pages and sections while bodies are drawn, made on this thread.
pub fn early(shared: &Shared) -> PerItem<Value> {
    let site = &shared.site;
    let of_page = |i: usize| with_empty_body(page(site, PageId(u32::try_from(i).unwrap_or(u32::MAX)), None));
    let pages: Vec<Value> = (0..site.pages.len()).map(of_page).collect();
    let of_section = |i: usize| {
        let id = SectionId(u32::try_from(i).unwrap_or(u32::MAX));
        with_empty_body(section(site, id, None, &pages))
    };
    let sections = (0..site.sections.len()).map(of_section).collect();
    PerItem { pages, sections }
}

fn with_empty_body(value: Value) -> Value {
    let Some(mut fields) = value.into_map() else { return Value::none() };
    body_fields(&mut fields, None, Vec::new());
    Value::from(fields)
}

/// All values, made from all bodies.
pub fn all(site: &Site, drawn: PerItem<Option<Drawn>>, backlinks: HashMap<ItemId, Vec<ItemId>>) -> Values {
    let of_page = |i: usize| {
        let id = PageId(u32::try_from(i).unwrap_or(u32::MAX));
        page(site, id, drawn.get(ItemId::Page(id)).and_then(Option::as_ref))
    };
    let pages: Vec<Value> = (0..site.pages.len()).into_par_iter().map(of_page).collect();
    let of_section = |i: usize| {
        let id = SectionId(u32::try_from(i).unwrap_or(u32::MAX));
        section(site, id, drawn.get(ItemId::Section(id)).and_then(Option::as_ref), &pages)
    };
    let sections = (0..site.sections.len()).into_par_iter().map(of_section).collect();
    let of_list = |id: PageId| pages.get(id.0 as usize).cloned().unwrap_or_else(Value::none);
    let taxonomies = all_taxonomies(site, &of_list);
    Values { listed: PerItem { pages, sections }, taxonomies, drawn, backlinks }
}

/// A section as lists show it; `pages` are the values of all pages.
pub fn section(site: &Site, id: SectionId, drawn: Option<&Drawn>, pages: &[Value]) -> Value {
    let section = site.section(id);
    let mut fields = item_fields(site, ItemId::Section(id), drawn);
    let front = &section.item.front.section;
    let of_section: Vec<Value> =
        section.pages.iter().filter_map(|id| pages.get(id.0 as usize)).cloned().collect();
    let subsections = section.subsections.iter().map(|id| site.section(*id).item.content_path.as_str());
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
fn term(site: &Site, term: &Term, page: &dyn Fn(PageId) -> Value) -> Value {
    let of_term: Vec<Value> =
        term.pages.iter().filter(|id| site.is_rendered(ItemId::Page(**id))).map(|id| page(*id)).collect();
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

/// A taxonomy; `page` gives the values of pages.
pub fn taxonomy(site: &Site, taxonomy: &Taxonomy, page: &dyn Fn(PageId) -> Value) -> Value {
    let items: Vec<Value> = taxonomy.terms.iter().map(|of| term(site, of, page)).collect();
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

/// All taxonomies, in order; `page` gives the values of pages.
pub fn all_taxonomies(site: &Site, page: &dyn Fn(PageId) -> Value) -> Vec<Value> {
    site.taxonomies.iter().map(|of| taxonomy(site, of, page)).collect()
}

/// A page with its body and its neighbours: the value its own template gets.
pub fn page_with_neighbours(shared: &Shared, id: PageId) -> Value {
    let page = shared.site.page(id);
    let value = shared.own(ItemId::Page(id));
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
