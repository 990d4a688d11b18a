//! Renew: values of the last build, brought up to date.
//!
//! In: values, the bodies that are others now, or two sites to compare. Out:
//! the values of this build, sharing all that is the same, and what is
//! different about pages, lists, taxonomies and addresses. Must not draw
//! anything.

use std::collections::{BTreeSet, HashMap, HashSet};

use tera::Value;

use super::shared::{Drawn, Values};
use super::values;
use crate::base::paths::{FilePath, UrlPath};
use crate::base::table::is_same_to_templates;
use crate::model::{ItemId, PageId, PerItem, SectionId, Site, Taxonomy};
use crate::plan::{Plan, Work};

/// What templates see differently than in the last build.
#[derive(Debug, Default)]
pub struct Difference {
    /// Pages and sections with another body, or that others link to.
    pub bodies: HashSet<FilePath>,
    /// Pages and sections of which lists show something else, or that have come
    /// or gone.
    pub summaries: HashSet<FilePath>,
    /// Sections with another list of pages, or with one of other pages in it.
    pub listings: HashSet<FilePath>,
    /// Taxonomies, likewise: language and name.
    pub taxonomies: HashSet<(String, String)>,
    /// Taxonomies with other terms.
    pub terms: HashSet<(String, String)>,
    /// Addresses at which something else is published.
    pub addresses: HashSet<UrlPath>,
    /// Fields of which something else than facts of one subject has changed:
    /// the path of the section; the root when other fields are there.
    pub fields: HashSet<FilePath>,
    /// Subjects with other facts: the path of the field's section, id.
    pub subjects: HashSet<(FilePath, String)>,
    /// Pages of tasks in fields in which anything has changed.
    pub tasks: HashSet<FilePath>,
    /// The day of the build.
    pub day: bool,
}

/// A body of this build.
pub struct Redrawn {
    /// Whose it is.
    pub id: ItemId,
    /// None when it could not be drawn.
    pub drawn: Option<Drawn>,
    /// It is not as it was.
    pub is_other: bool,
}

fn path(site: &Site, id: ItemId) -> FilePath {
    site.item(id).content_path.clone()
}

/// Values of the same site with other bodies, and with other labels of the
/// pages `relabelled`, in order. `backlinks` are given when they may be others.
pub fn update(
    site: &Site,
    mut old: Values,
    redrawn: Vec<Redrawn>,
    relabelled: &[ItemId],
    backlinks: Option<HashMap<ItemId, Vec<ItemId>>>,
    difference: &mut Difference,
) -> Values {
    // A page is named by its translations.
    let named = |id: &ItemId| site.item(*id).translations.clone();
    let mut items: BTreeSet<ItemId> =
        relabelled.iter().flat_map(named).chain(relabelled.iter().copied()).collect();
    for Redrawn { id, drawn, is_other } in redrawn {
        if let Some(place) = old.drawn.get_mut(id) {
            *place = drawn;
        }
        if is_other {
            items.insert(id);
            difference.bodies.insert(path(site, id));
        }
    }
    if let Some(new) = backlinks {
        let differ = |id: &ItemId| new.get(id) != old.backlinks.get(id);
        difference.bodies.extend(site.items().filter(differ).map(|id| path(site, id)));
        old.backlinks = new;
    }
    // Who links to a page is told with titles.
    if !relabelled.is_empty() {
        let named = |from: &Vec<ItemId>| from.iter().any(|id| relabelled.binary_search(id).is_ok());
        let told = old.backlinks.iter().filter(|(_, from)| named(from));
        difference.bodies.extend(told.map(|(id, _)| path(site, *id)));
    }
    // Pages first: sections list them.
    let mut sections: BTreeSet<SectionId> = BTreeSet::new();
    let mut taxonomies: BTreeSet<usize> = BTreeSet::new();
    for id in items {
        let ItemId::Page(page) = id else {
            if let ItemId::Section(id) = id {
                sections.insert(id);
            }
            continue;
        };
        let new = values::page(site, page, old.drawn.get(id).and_then(Option::as_ref));
        // The engine finds 1 and 1.0 equal, but writes them differently.
        let is_other = |place: &&mut Value| **place != new || relabelled.binary_search(&id).is_ok();
        let Some(place) = old.listed.get_mut(id).filter(is_other) else { continue };
        *place = new;
        difference.summaries.insert(path(site, id));
        let mut above = site.page(page).item.ancestors.clone();
        above.extend(site.page(page).section);
        for section in above {
            if site.section(section).pages.contains(&page) {
                sections.insert(section);
                difference.listings.insert(path(site, ItemId::Section(section)));
            }
        }
        for (i, taxonomy) in site.taxonomies.iter().enumerate() {
            if taxonomy.terms.iter().any(|term| term.pages.contains(&page)) {
                taxonomies.insert(i);
            }
        }
    }
    for section in sections {
        let id = ItemId::Section(section);
        let drawn = old.drawn.get(id).and_then(Option::as_ref);
        let new = values::section(site, section, drawn, &old.listed.pages);
        let is_listing_only = difference.listings.contains(&path(site, id));
        if let Some(place) = old.listed.get_mut(id) {
            if without_pages(place) != without_pages(&new) {
                difference.summaries.insert(path(site, id));
            } else if !is_listing_only {
                continue;
            }
            *place = new;
        }
    }
    for i in taxonomies {
        let of = &site.taxonomies[i];
        difference.taxonomies.insert((of.language.clone(), of.config.name.clone()));
        let page = |id: PageId| old.listed.pages.get(id.0 as usize).cloned().unwrap_or_else(Value::none);
        let new = values::taxonomy(site, of, &page);
        if let Some(place) = old.taxonomies.get_mut(i) {
            *place = new;
        }
    }
    old
}

/// The value of a section without the values of its pages.
fn without_pages(section: &Value) -> Value {
    let Some(mut fields) = section.clone().into_map() else { return Value::none() };
    fields.insert(tera::value::Key::from("pages"), Value::none());
    Value::from(fields)
}

/// What is different between the values of two sites.
pub fn compare(
    (old_site, old): (&Site, &Values),
    (site, new): (&Site, &Values),
    other_bodies: &[ItemId],
    difference: &mut Difference,
) {
    difference.bodies.extend(other_bodies.iter().map(|id| path(site, *id)));
    let old_ids = PerItem::of(site, |id| old_site.by_path.get(&site.item(id).content_path).copied());
    let old_id = |id: ItemId| old_ids.get(id).copied().flatten();
    for id in site.items() {
        let is_same = old_id(id).is_some_and(|old_id| {
            let (before, now) = (&old_site.item(old_id).front.page, &site.item(id).front.page);
            let is_compared_the_same =
                before.article == now.article && before.subject == now.subject && before.task == now.task;
            let (before, now) = (old.listed.get(old_id), new.listed.get(id));
            let same_value = match (before, now, id) {
                (Some(before), Some(now), ItemId::Section(_)) => without_pages(before) == without_pages(now),
                (before, now, _) => before == now,
            };
            let extras = (&old_site.item(old_id).front.common.extra, &site.item(id).front.common.extra);
            // The engine finds 1 and 1.0 equal, but writes them differently.
            same_value
                && is_compared_the_same
                && is_same_to_templates(extras.0, extras.1)
                && old_site.is_rendered(old_id) == site.is_rendered(id)
        });
        if !is_same {
            difference.summaries.insert(path(site, id));
        }
    }
    for id in old_site.items() {
        let path = path(old_site, id);
        if !site.by_path.contains_key(&path) {
            difference.summaries.insert(path);
        }
    }
    // Lists are the same when they list the same pages in the same order and
    // none of these has changed.
    let is_same_list = |before: &[PageId], now: &[PageId], difference: &Difference| {
        before.len() == now.len()
            && before.iter().zip(now).all(|(before, now)| {
                let path = &site.page(*now).item.content_path;
                old_site.page(*before).item.content_path == *path && !difference.summaries.contains(path)
            })
    };
    for (i, section) in site.sections.iter().enumerate() {
        let id = ItemId::Section(SectionId(u32::try_from(i).unwrap_or(u32::MAX)));
        let is_same = matches!(old_id(id), Some(ItemId::Section(old_id))
            if is_same_list(&old_site.section(old_id).pages, &section.pages, difference));
        if !is_same {
            difference.listings.insert(section.item.content_path.clone());
        }
    }
    for section in &old_site.sections {
        if !site.by_path.contains_key(&section.item.content_path) {
            difference.listings.insert(section.item.content_path.clone());
        }
    }
    let name = |of: &Taxonomy| (of.language.clone(), of.config.name.clone());
    for taxonomy in &site.taxonomies {
        let old = old_site.taxonomies.iter().find(|old| name(old) == name(taxonomy));
        let Some(old) = old.filter(|old| is_same_terms(old, taxonomy)) else {
            difference.terms.insert(name(taxonomy));
            difference.taxonomies.insert(name(taxonomy));
            continue;
        };
        let mut terms = old.terms.iter().zip(&taxonomy.terms);
        if !terms.all(|(before, now)| is_same_list(&before.pages, &now.pages, difference)) {
            difference.taxonomies.insert(name(taxonomy));
        }
    }
    for old in &old_site.taxonomies {
        if !site.taxonomies.iter().any(|taxonomy| name(taxonomy) == name(old)) {
            difference.terms.insert(name(old));
            difference.taxonomies.insert(name(old));
        }
    }
    // Who links to a page is told with titles and addresses.
    for id in site.items() {
        let before = old_id(id).and_then(|id| old.backlinks.get(&id)).map_or(&[][..], Vec::as_slice);
        let now = new.backlinks.get(&id).map_or(&[][..], Vec::as_slice);
        let is_same = before.len() == now.len()
            && before.iter().zip(now).all(|(before, now)| {
                let path = path(site, *now);
                old_site.item(*before).content_path == path && !difference.summaries.contains(&path)
            });
        if !is_same {
            difference.bodies.insert(path(site, id));
        }
    }
}

fn is_same_terms(old: &Taxonomy, new: &Taxonomy) -> bool {
    old.config == new.config
        && (&old.slug, &old.url, &old.permalink) == (&new.slug, &new.url, &new.permalink)
        && old.terms.len() == new.terms.len()
        && old
            .terms
            .iter()
            .zip(&new.terms)
            .all(|(old, new)| (&old.name, &old.slug, &old.url) == (&new.name, &new.slug, &new.url))
}

/// Addresses at which something else is published now.
pub fn compare_plans(before: &Plan, now: &Plan, difference: &mut Difference) {
    let file = |work: &Work| match work {
        Work::File(origin) => Some(origin.clone()),
        _ => None,
    };
    let (mut before, mut now) = (before.jobs.iter().peekable(), now.jobs.iter().peekable());
    loop {
        let order = match (before.peek(), now.peek()) {
            (Some(before), Some(now)) => before.output.cmp(&now.output),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => break,
        };
        let changed = match order {
            std::cmp::Ordering::Less => before.next(),
            std::cmp::Ordering::Greater => now.next(),
            std::cmp::Ordering::Equal => {
                let (before, now) = (before.next(), now.next());
                now.filter(|now| before.is_some_and(|before| file(&before.work) != file(&now.work)))
            }
        };
        let Some(job) = changed else { continue };
        let url = job.output.url();
        // A folder is found without its slash too.
        let bare = url.as_str().trim_end_matches('/').to_owned();
        difference.addresses.insert(UrlPath::new(&bare));
        difference.addresses.insert(url);
    }
}
