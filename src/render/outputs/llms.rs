//! Llms: the pages of a site for readers that are programs.
//!
//! In: the site and the plan. Out: the pages of a language in the order in
//! which one would read them, and `llms.txt` (llmstxt.org): a list with a
//! heading for each section. Pairs that nobody has written come last, under the
//! heading that means "may be left out".

use super::*;
use crate::config::Config;
use crate::model::field::Fate;

/// Pages under one heading; the first group has none.
#[derive(Default)]
struct Group {
    title: String,
    entries: Vec<Entry>,
}

struct Entry {
    output: OutputPath,
    title: String,
    description: String,
}

impl Renderer<'_> {
    /// All pages of a language in the order of their sections, pairs that
    /// nobody has written last.
    pub fn pages_in_order(&self, language: &str) -> Vec<OutputPath> {
        let groups = self.groups(language);
        groups.into_iter().flat_map(|group| group.entries).map(|entry| entry.output).collect()
    }

    pub(super) fn llms(&self, job: &Job, language: &str) -> Vec<u8> {
        for key in [Key::Config, Key::Site, Key::Plan] {
            scope::note(key);
        }
        let site = &self.shared.site;
        let resolved = site.config.language_or_default(language);
        let mut out = String::new();
        let groups = self.groups(language);
        let home = groups.first().and_then(|group| group.entries.first());
        let title = resolved.title.or(home.map(|home| home.title.as_str())).unwrap_or_default();
        out.push_str(&format!("# {}\n", escaped_text(title)));
        if let Some(description) = resolved.description {
            out.push_str(&format!("\n> {}\n", escaped_text(description)));
        }
        for group in &groups {
            if !group.title.is_empty() {
                out.push_str(&format!("\n## {}\n", escaped_text(&group.title)));
            }
            for (i, entry) in group.entries.iter().enumerate() {
                if i == 0 {
                    out.push('\n');
                }
                let address = self.plan.twins.get(&entry.output).unwrap_or(&entry.output).url();
                out.push_str(&format!("- [{}]({})", escaped_text(&entry.title), link_address(&address)));
                if !entry.description.is_empty() {
                    out.push_str(&format!(": {}", escaped_text(&entry.description)));
                }
                out.push('\n');
            }
        }
        place::put(place::without_controls(out.into_bytes()), &text_form(&site.config, &job.output))
    }

    fn groups(&self, language: &str) -> Vec<Group> {
        let site = &self.shared.site;
        let mut listing = Listing { renderer: self, groups: vec![Group::default()], pairs: Group::default() };
        let roots = site.sections.iter().enumerate().filter(|(_, section)| {
            section.item.file.language == language && section.item.ancestors.is_empty()
        });
        for (i, _) in roots {
            listing.section(SectionId(u32::try_from(i).unwrap_or(u32::MAX)));
        }
        // Pages of a site without `_index.md` files are in no section.
        for (i, page) in site.pages.iter().enumerate() {
            if page.section.is_none() && page.item.file.language == language {
                listing.page(PageId(u32::try_from(i).unwrap_or(u32::MAX)));
            }
        }
        let Listing { mut groups, mut pairs, .. } = listing;
        if !pairs.entries.is_empty() {
            "Optional".clone_into(&mut pairs.title);
            groups.push(pairs);
        }
        groups
    }
}

/// How addresses are written in a text: absolute, else as seen from there.
pub fn text_form(config: &Config, output: &OutputPath) -> Form {
    match &config.base_url {
        Some(base) => Form::Absolute(base.clone()),
        None => Form::Relative(output.url()),
    }
}

fn escaped_text(text: &str) -> String {
    crate::twin::escaped(text)
}

struct Listing<'a> {
    renderer: &'a Renderer<'a>,
    groups: Vec<Group>,
    pairs: Group,
}

impl Listing<'_> {
    /// An entry for what is published there.
    fn entry(&self, url: &UrlPath, title: &str, description: Option<&str>) -> Option<Entry> {
        let output = OutputPath::of_url(url);
        let jobs = &self.renderer.plan.jobs;
        let at = jobs.binary_search_by(|job| job.output.cmp(&output)).ok()?;
        if matches!(jobs[at].work, Work::Redirect(_) | Work::File(_)) {
            return None;
        }
        let description = description.unwrap_or_default().to_owned();
        Some(Entry { output, title: title.to_owned(), description })
    }

    fn add(&mut self, url: &UrlPath, title: &str, description: Option<&str>) {
        if let (Some(entry), Some(group)) = (self.entry(url, title, description), self.groups.last_mut()) {
            group.entries.push(entry);
        }
    }

    fn page(&mut self, id: PageId) {
        let item = &self.renderer.shared.site.page(id).item;
        self.add(&item.url, &item.title, item.front.common.description.as_deref());
    }

    fn section(&mut self, id: SectionId) {
        let site = &self.renderer.shared.site;
        let section = site.section(id);
        let item = &section.item;
        let title = match item.title.as_str() {
            "" => site.config.language_or_default(&item.file.language).title.unwrap_or_default(),
            title => title,
        };
        if !item.ancestors.is_empty() {
            self.groups.push(Group { title: title.to_owned(), entries: Vec::new() });
        }
        self.add(&item.url, title, item.front.common.description.as_deref());
        if let Some(field) = site.fields.of_section(id) {
            self.field(field);
        }
        for page in &section.pages {
            // Those of transparent sections below come with these.
            if site.page(*page).section == Some(id) {
                self.page(*page);
            }
        }
        if self.groups.last().is_some_and(|group| group.entries.is_empty()) && self.groups.len() > 1 {
            self.groups.pop();
        }
        for below in &section.subsections {
            self.section(*below);
        }
    }

    /// What nobody has written: the matrix, subjects, pairs.
    fn field(&mut self, id: FieldId) {
        let shared = &self.renderer.shared;
        let field = shared.site.fields.field(id);
        shared.note_field(field);
        if field.has_matrix() {
            let name = shared.site.section(field.section).item.title.as_str();
            let title = shared.words_of(id, "matrix_title", &[name]);
            self.add(&field.matrix_url(), &title, None);
        }
        for subject in field.subjects.iter().filter(|subject| subject.page.is_none()) {
            self.add(&subject.url, &subject.title, subject.description.as_deref());
        }
        for (i, pair) in field.pairs.iter().enumerate() {
            if pair.fate == Fate::Published {
                let (title, _) = shared.pair_words(id, i);
                let entry = self.entry(&field.pair_url(pair), &title, None);
                self.pairs.entries.extend(entry);
            }
        }
    }
}
