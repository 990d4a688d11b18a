//! Cards: the picture of a page that other sites show with a link to it.
//!
//! In: a job, the variables of its template. Out: the same variables and where
//! the picture will be, if the page has one. The drawing is rendered with the
//! page, so that what it reads is read by the page; the picture is made of it
//! when everything is rendered. Must not draw a pixel.

use super::*;
use crate::images::card::{HEIGHT, WIDTH};
use crate::render::images;

/// The template of a card.
pub const CARD: &str = "social-card.svg";

impl Renderer<'_> {
    /// Whether the page of a job has a card, unless it names a picture of its own.
    pub(super) fn has_card(&self, job: &Job) -> bool {
        let config = &self.shared.site.config;
        let is_page = matches!(
            job.work,
            Work::Page(_)
                | Work::Section(..)
                | Work::Subject(..)
                | Work::Pair(..)
                | Work::Matrix(_)
                | Work::TaxonomyList(_)
                | Work::Term(..)
        );
        is_page && config.social_cards && config.base_url.is_some()
    }

    /// The variables with those of the card; none for a page without one.
    pub(super) fn with_card(
        &self,
        job: &Job,
        context: &Context,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Context> {
        if !self.has_card(job) {
            return None;
        }
        let own = |name: &str| context.get(name)?.get_from_path("extra.social_image");
        if ["page", "section"].into_iter().filter_map(own).any(Value::is_truthy) {
            return None;
        }
        scope::note(Key::Template(CARD.to_owned()));
        if !self.environment.markup.contains_template(CARD) {
            problems.push(
                Diagnostic::error("missing-template", format!("there is no template `{CARD}`"))
                    .in_file(format!("templates/{CARD}"))
                    .hint("add it: social cards are drawn with it"),
            );
            return None;
        }
        let config = &self.shared.site.config;
        let svg = self.drawn(job, (CARD, Kind::Xml), context, problems)?;
        let svg = place::put(svg, &Form::Absolute(config.base_url.clone().unwrap_or_default()));
        let url = images::card(self.shared, &String::from_utf8_lossy(&svg));
        let mut context = context.clone();
        let card = values::table(vec![
            ("url", Value::from(permalink(config, &url))),
            ("width", Value::from(WIDTH)),
            ("height", Value::from(HEIGHT)),
        ]);
        context.insert_value("social_card", card);
        Some(context)
    }
}
