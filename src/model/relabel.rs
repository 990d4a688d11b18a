//! Relabel: what pages are called changes, and nothing else of the site does.
//!
//! In: a site, a page's file parsed before and now. Out: whether titles,
//! descriptions and free values are all that differs, and the same site with
//! the new ones, without assembling it again. Pure.

use super::{ItemId, Site};
use crate::base::paths::FilePath;
use crate::base::table::is_same_to_templates;
use crate::parse::Parsed;
use crate::parse::front_matter::{FrontMatter, SortBy};

/// Whether two front matters differ in labels alone. Where the keys stand does
/// not matter.
pub fn is_same_but_for_labels(old: &Parsed, new: &Parsed) -> bool {
    let mut front = new.front.clone();
    put_labels(&mut front, &old.front);
    front == old.front && old.is_template == new.is_template
}

fn put_labels(front: &mut FrontMatter, from: &FrontMatter) {
    front.spans.clone_from(&from.spans);
    front.span = from.span;
    front.common.title.clone_from(&from.common.title);
    front.common.description.clone_from(&from.common.description);
    front.common.extra.clone_from(&from.common.extra);
}

fn title(parsed: &Parsed) -> Option<&str> {
    parsed.front.common.title.as_deref().or(parsed.heading.as_deref())
}

impl Site {
    /// Whether the site stays what it is when the page at `path` (below
    /// `content/`) gets the labels of `parsed`: no list is ordered by its title,
    /// nothing is handed down to it, and fields do not know it.
    pub fn can_relabel(&self, path: &FilePath, parsed: &Parsed) -> bool {
        let Some(ItemId::Page(id)) = self.by_path.get(path) else {
            // What is not published has no labels.
            return self.left_out.contains_key(path);
        };
        let page = self.page(*id);
        let front = &page.item.front.page;
        let is_plain = front.subject.is_none() && front.article.is_none() && front.task.is_none();
        let mut above = page.item.ancestors.iter().chain(&page.section).map(|id| self.section(*id));
        let new_title = title(parsed);
        is_plain
            && new_title.is_some()
            && above.all(|section| {
                let front = &section.item.front.section;
                let by_title = matches!(front.sort_by, SortBy::Title | SortBy::TitleBytes);
                front.cascade.is_empty() && (!by_title || new_title == Some(&page.item.title))
            })
    }

    /// Gives the page at `path` the labels of `parsed`, if it is published.
    /// The page, unless templates see the same as before.
    pub fn relabel(&mut self, path: &FilePath, parsed: &Parsed) -> Option<ItemId> {
        let Some(ItemId::Page(id)) = self.by_path.get(path) else { return None };
        let item = &mut self.pages[id.0 as usize].item;
        let title = title(parsed).unwrap_or(&item.title).to_owned();
        let (old, new) = (&item.front.common, &parsed.front.common);
        let is_same = item.title == title
            && old.description == new.description
            && is_same_to_templates(&old.extra, &new.extra);
        put_labels(&mut item.front, &parsed.front);
        item.title = title;
        (!is_same).then_some(ItemId::Page(*id))
    }
}
