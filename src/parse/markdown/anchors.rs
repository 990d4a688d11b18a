//! Anchors: every `id` of a page, each once.
//!
//! In: ids the author chose and the texts of headings. Out: ids for the
//! headings. What the author chose is reserved first, wherever it stands, so
//! an automatic id never takes it away. Must not know HTML.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::base::source::Span;
use crate::base::text::{SlugMode, anchor};

/// Ids given so far.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    given: HashMap<String, Given>,
}

/// Who has an id, and which number to try next for another that wants it
/// (without it, a thousand equal headings would take a million tries).
#[derive(Debug, Clone, Copy)]
struct Given {
    by: Option<Span>,
    next: u32,
}

impl Anchors {
    /// Takes an id the author chose. When another one has it, says where.
    pub(super) fn reserve(&mut self, id: &str, span: Span) -> Result<(), Span> {
        match self.given.entry(id.to_owned()) {
            Entry::Vacant(entry) => {
                entry.insert(Given { by: Some(span), next: 1 });
                Ok(())
            }
            Entry::Occupied(entry) => Err(entry.get().by.unwrap_or(span)),
        }
    }

    /// An id that starts with `wanted` and that nobody has.
    pub(super) fn unique(&mut self, wanted: &str) -> String {
        match self.given.get(wanted).map(|given| given.next) {
            None => {
                self.given.insert(wanted.to_owned(), Given { by: None, next: 1 });
                wanted.to_owned()
            }
            Some(mut number) => loop {
                let id = format!("{wanted}-{number}");
                number += 1;
                if !self.given.contains_key(&id) {
                    self.given.insert(id.clone(), Given { by: None, next: 1 });
                    if let Some(given) = self.given.get_mut(wanted) {
                        given.next = number;
                    }
                    return id;
                }
            },
        }
    }

    /// The id of a heading without an explicit one.
    pub(super) fn of_heading(&mut self, title: &str, mode: SlugMode) -> String {
        let wanted = anchor(title, mode);
        self.unique(if wanted.is_empty() { "section" } else { &wanted })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automatic_ids_avoid_reserved_ones() {
        let mut anchors = Anchors::default();
        assert_eq!(anchors.reserve("a-1", Span::new(3, 4)), Ok(()));
        assert_eq!(anchors.reserve("a-1", Span::new(8, 9)), Err(Span::new(3, 4)));
        let ids: Vec<_> = ["A", "a", "a", "?"].map(|title| anchors.of_heading(title, SlugMode::On)).into();
        assert_eq!(ids, ["a", "a-2", "a-3", "section"]);
    }
}
