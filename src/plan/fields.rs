//! Fields: pages that nobody has written.
//!
//! In: the fields of a site. Out: a job for each pair above the floor, each
//! subject that has no page, and each matrix with its exports; redirects from
//! every other way to write a pair's address. What an author has put at one of
//! these addresses stays.

use super::{Export, Origin, Planner, Work};
use crate::base::paths::{OutputPath, UrlPath};
use crate::model::field::{Fate, Field, FieldId, Pair};
use crate::model::link_address;

impl Planner<'_> {
    pub(super) fn fields(&mut self) {
        let site = self.site;
        for id in site.fields.ids() {
            let field = site.fields.field(id);
            self.subjects(id, field);
            self.matrix(id, field);
            for (i, pair) in field.pairs.iter().enumerate() {
                self.pair(id, field, i, pair);
            }
        }
        // Once every page has its address.
        for id in site.fields.ids() {
            let field = site.fields.field(id);
            for pair in &field.pairs {
                self.other_addresses(field, pair);
            }
        }
    }

    fn subjects(&mut self, id: FieldId, field: &Field) {
        for (i, subject) in field.subjects.iter().enumerate() {
            if subject.page.is_some() {
                continue;
            }
            let place = Some((subject.place.source.clone(), subject.place.span));
            let origin = Origin { what: format!("the subject `{}`", subject.id), place };
            self.add(&subject.url, Work::Subject(id, i), origin);
            let updated = field.newest(i).map(|date| date.text.clone());
            self.note_in_sitemap(&subject.url, updated, None);
        }
    }

    fn matrix(&mut self, id: FieldId, field: &Field) {
        if !field.has_matrix() {
            return;
        }
        let origin = |what: &str| Origin { what: format!("the {what} of {}", field.name), place: None };
        let url = field.matrix_url();
        if !self.is_taken(&url) {
            self.add(&url, Work::Matrix(id), origin("matrix"));
            let newest =
                (0..field.subjects.len()).filter_map(|i| field.newest(i)).max_by_key(|date| date.timestamp);
            self.note_in_sitemap(&url, newest.map(|date| date.text.clone()), None);
        }
        for (format, what) in [(Export::Json, "data (JSON)"), (Export::Csv, "data (CSV)")] {
            let url = field.export_url(format.extension());
            if !self.is_taken(&url) {
                self.add(&url, Work::Export(id, format), origin(what));
            }
        }
    }

    fn pair(&mut self, id: FieldId, field: &Field, i: usize, pair: &Pair) {
        if !matches!(pair.fate, Fate::Published | Fate::NoIndex) {
            return;
        }
        let url = field.pair_url(pair);
        if self.is_taken(&url) {
            return;
        }
        let names = [pair.a, pair.b].map(|i| field.subjects[i as usize].short.as_str());
        let origin = Origin { what: format!("the pair of {} and {}", names[0], names[1]), place: None };
        self.add(&url, Work::Pair(id, i), origin);
        if pair.fate == Fate::Published {
            let newest = [pair.a, pair.b].into_iter().filter_map(|i| field.newest(i as usize));
            let newest = newest.max_by_key(|date| date.timestamp).map(|date| date.text.clone());
            self.note_in_sitemap(&url, newest, None);
        }
    }

    /// Redirects to a pair's page: from the other order, and from other names
    /// of its subjects.
    fn other_addresses(&mut self, field: &Field, pair: &Pair) {
        let site = self.site;
        let url = match (pair.page, pair.fate) {
            (_, Fate::Skipped) => return,
            (Some(page), _) => site.page(page).item.url.clone(),
            (None, _) => field.pair_url(pair),
        };
        let [a, b] = [pair.a, pair.b].map(|i| field.addresses(i as usize));
        for (one, other) in a.iter().flat_map(|a| b.iter().map(move |b| (a, b))) {
            for (first, second) in [(one, other), (other, one)] {
                let from = UrlPath::new(&format!("{}{first}-vs-{second}/", field.url));
                if from == url || self.is_taken(&from) {
                    continue;
                }
                self.has_redirects = true;
                let origin = Origin { what: format!("the redirect from `{first}-vs-{second}`"), place: None };
                self.add(&from, Work::Redirect(link_address(&url)), origin);
            }
        }
    }

    fn is_taken(&self, url: &UrlPath) -> bool {
        self.jobs.contains_key(&OutputPath::of_url(url))
    }
}

impl Export {
    /// Of its file.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}
