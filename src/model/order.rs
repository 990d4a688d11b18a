//! Order: how pages are sorted in lists.
//!
//! In: two pages and the key they are sorted by. Out: which comes first; never a
//! tie, since the last word is their addresses. Pure.

use std::cmp::Ordering;

use super::Page;
use crate::parse::front_matter::{DateTime, SortBy};

/// The key a page lacks.
pub(super) fn missing_key(page: &Page, by: SortBy) -> Option<&'static str> {
    let fields = &page.item.front.page;
    match by {
        SortBy::Date if fields.date.is_none() => Some("date"),
        SortBy::UpdateDate if fields.date.is_none() && fields.updated.is_none() => Some("updated"),
        SortBy::Weight if fields.weight.is_none() => Some("weight"),
        _ => None,
    }
}

/// Order of two pages; pages without the key come last, ties go by path.
pub(super) fn compare(a: &Page, b: &Page, by: SortBy) -> Ordering {
    let (fields_a, fields_b) = (&a.item.front.page, &b.item.front.page);
    let order = match by {
        SortBy::Date => newest_first(fields_a.date.as_ref(), fields_b.date.as_ref()),
        SortBy::UpdateDate => newest_first(
            fields_a.updated.as_ref().or(fields_a.date.as_ref()),
            fields_b.updated.as_ref().or(fields_b.date.as_ref()),
        ),
        SortBy::Title => natural(&a.item.title, &b.item.title),
        SortBy::TitleBytes => a.item.title.cmp(&b.item.title),
        SortBy::Weight => last_if_none(fields_a.weight, fields_b.weight),
        SortBy::Slug => natural(&a.slug, &b.slug),
        SortBy::Permalink => a.item.permalink.cmp(&b.item.permalink),
        SortBy::None => Ordering::Equal,
    };
    order.then_with(|| a.item.permalink.cmp(&b.item.permalink))
}

fn last_if_none<T: Ord>(a: Option<T>, b: Option<T>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// Later dates first, no date last.
pub(super) fn newest_first(a: Option<&DateTime>, b: Option<&DateTime>) -> Ordering {
    last_if_none(a.map(|d| std::cmp::Reverse(d.timestamp)), b.map(|d| std::cmp::Reverse(d.timestamp)))
}

/// Order in which `page 2` comes before `page 10`; case counts only in ties.
fn natural(a: &str, b: &str) -> Ordering {
    fn parts(text: &str) -> Vec<(bool, u128, String)> {
        let mut out: Vec<(bool, u128, String)> = Vec::new();
        for c in text.chars() {
            match (c.to_digit(10), out.last_mut()) {
                (Some(d), Some((true, n, _))) if *n < u128::MAX / 16 => *n = *n * 10 + u128::from(d),
                (Some(d), _) => out.push((true, u128::from(d), String::new())),
                (None, Some((false, _, s))) => s.extend(c.to_lowercase()),
                (None, _) => out.push((false, 0, c.to_lowercase().collect())),
            }
        }
        out
    }
    parts(a).cmp(&parts(b)).then_with(|| a.cmp(b))
}
