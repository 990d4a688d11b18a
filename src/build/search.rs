//! Search: an index of what is published, made while it is rendered.
//!
//! In: the site, its plan, every output as it is rendered. Out: for each
//! language that asks for one the files of an index, to the same sink as all
//! outputs. A page is read as soon as it is rendered, on the thread that did, so
//! the index costs no second pass and knows what readers see: facts, code of
//! tasks, sides. What is kept of a page depends on its bytes and [`About`] alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::Sink;
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::paths::{OutputPath, UrlPath};
use crate::base::reads::{Key, Reads};
use crate::compare::words::Words;
use crate::model::field::{Fate, FieldId};
use crate::model::{Item, ItemId, PageId, SectionId, Site};
use crate::plan::{Plan, Work, search_folder};
use crate::render::Rendered;
use crate::render::outputs::Renderer;
use crate::search::index::{self, Facet, facet_key};
use crate::search::page::{self, About, Depth, Page};

/// One page that the index is about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    about: About,
    language: String,
    number: u32,
}

/// The pages of an index, and what it was written to.
#[derive(Default)]
pub(super) struct State {
    pages: BTreeMap<OutputPath, (Wanted, Page)>,
    /// Languages with an index, in order, and what their pages can be filtered by.
    languages: Vec<(String, Vec<Facet>)>,
    /// Everything that was written for it.
    files: BTreeSet<OutputPath>,
    /// Something has changed since.
    is_due: bool,
    /// Pages have been read for it before.
    has_begun: bool,
}

/// What writing an index came to.
#[derive(Default)]
pub(super) struct Outcome {
    /// Files of the last index that this one has not.
    pub(super) removed: Vec<OutputPath>,
    /// What was wrong.
    pub(super) problems: Vec<Diagnostic>,
}

/// A sink that reads the pages on their way to another.
pub(super) struct Indexer<'a> {
    sink: &'a dyn Sink,
    site: &'a Site,
    wanted: HashMap<OutputPath, Wanted>,
    state: State,
    fresh: Mutex<BTreeMap<OutputPath, Page>>,
}

impl<'a> Indexer<'a> {
    /// With what the last build left.
    pub(super) fn new(site: &'a Site, plan: &Plan, mut state: State, sink: &'a dyn Sink) -> Self {
        let has_index = |code: &&str| site.config.language_or_default(code).build_search_index;
        let languages: Vec<(String, Vec<Facet>)> = site
            .languages()
            .into_iter()
            .filter(has_index)
            .map(|code| (code.to_owned(), facets(site, code)))
            .collect();
        let mut found: Vec<(OutputPath, About, String)> = Vec::new();
        if !languages.is_empty() {
            let facets = Facets::of(site);
            for job in &plan.jobs {
                if let Some((language, mut about)) = facets.about(site, &job.work)
                    && languages.iter().any(|(code, _)| *code == language)
                {
                    job.output.url().encoded().trim_start_matches('/').clone_into(&mut about.address);
                    // Pages are rid of these when they are rendered.
                    about.title.retain(|c| !c.is_control());
                    about.description.retain(|c| !c.is_control());
                    found.push((job.output.clone(), about, language.to_owned()));
                }
            }
        }
        let numbers = index::numbers(found.iter().map(|(_, about, _)| about.address.as_str()));
        let wanted: HashMap<OutputPath, Wanted> = found
            .into_iter()
            .zip(numbers)
            .map(|((output, about, language), number)| (output, Wanted { about, language, number }))
            .collect();
        let before = state.pages.len();
        state.pages.retain(|output, (of_last, _)| wanted.get(output) == Some(of_last));
        state.is_due |= state.pages.len() != before || state.languages != languages;
        state.languages = languages;
        Self { sink, site, wanted, state, fresh: Mutex::default() }
    }

    /// What is known of all pages. Of those that came by now or in an earlier
    /// build: nothing else is rendered, but for pages that are the same bytes
    /// as before and something else to the search.
    pub(super) fn end(self, renderer: &Renderer<'_>) -> State {
        let is_first = !self.state.has_begun;
        let is_missing = |output: &OutputPath| {
            let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
            self.wanted.contains_key(output)
                && !self.state.pages.contains_key(output)
                && !fresh.contains_key(output)
        };
        for job in renderer.plan.jobs.iter().filter(|job| !is_first && is_missing(&job.output)) {
            let rendered = renderer.render(job);
            if rendered.problems.iter().all(|problem| problem.severity != Severity::Error) {
                let _ = self.read(&rendered);
            }
        }
        let Self { mut state, wanted, fresh, site, .. } = self;
        state.has_begun = true;
        for (output, page) in fresh.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let Some(wanted) = wanted.get(&output) else { continue };
            // Written already, also when the build comes to nothing.
            state.files.insert(file(site, &wanted.language, &index::texts_name(wanted.number)));
            state.is_due |= state.pages.get(&output).is_none_or(|(_, before)| *before != page);
            state.pages.insert(output, (wanted.clone(), page));
        }
        state
    }

    fn read(&self, rendered: &Rendered) -> Result<(), Diagnostic> {
        let Some(Wanted { about, language, number }) = self.wanted.get(&rendered.output) else {
            return Ok(());
        };
        let html = String::from_utf8_lossy(&rendered.bytes);
        let (page, sections) = page::read(&html, about);
        let up = "../".repeat(UrlPath::new(&search_folder(&self.site.config, language)).depth());
        let texts = page::texts(about, &up, &sections);
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.insert(rendered.output.clone(), page);
        drop(fresh);
        let output = file(self.site, language, &index::texts_name(*number));
        let reads = rendered.reads.clone();
        self.sink.accept(&Rendered { output, bytes: Arc::from(texts), reads, problems: Vec::new() })
    }
}

impl Sink for Indexer<'_> {
    fn accept(&self, rendered: &Rendered) -> Result<(), Diagnostic> {
        self.sink.accept(rendered)?;
        self.read(rendered)
    }

    fn asked(&self) -> Option<BTreeSet<String>> {
        self.sink.asked()
    }
}

impl State {
    /// Whether an output is a file of the index.
    pub(super) fn has(&self, output: &OutputPath) -> bool {
        self.files.contains(output)
    }

    /// Writes the index, if there is anything new.
    pub(super) fn finish(&mut self, site: &Site, sink: &dyn Sink) -> Outcome {
        if !std::mem::take(&mut self.is_due) {
            return Outcome::default();
        }
        let mut problems = Vec::new();
        let mut files: BTreeSet<OutputPath> = BTreeSet::new();
        // Coarse: one index for everything.
        let mut reads = Reads::default();
        for key in [Key::Site, Key::Bodies, Key::Config] {
            reads.note(key);
        }
        for (language, facets) in &self.languages {
            let of_language = self.pages.values().filter(|(wanted, _)| wanted.language == *language);
            let mut numbered: Vec<(u32, &Page)> =
                of_language.map(|(wanted, page)| (wanted.number, page)).collect();
            numbered.sort_unstable_by_key(|(number, _)| *number);
            files
                .extend(numbered.iter().map(|(number, _)| file(site, language, &index::texts_name(*number))));
            let encoded =
                (0..index::parts()).into_par_iter().map(|part| index::encode(&numbered, part)).collect();
            for (name, bytes) in index::files(language, &numbered, encoded, facets) {
                let output = file(site, language, &name);
                files.insert(output.clone());
                let reads = reads.clone();
                let rendered = Rendered { output, bytes: Arc::from(bytes), reads, problems: Vec::new() };
                problems.extend(sink.accept(&rendered).err());
            }
        }
        let removed = self.files.difference(&files).cloned().collect();
        self.files = files;
        Outcome { removed, problems }
    }
}

/// A file of the index in a language.
fn file(site: &Site, language: &str, name: &str) -> OutputPath {
    OutputPath::of_url(&UrlPath::new(&format!("{}{name}", search_folder(&site.config, language))))
}

/// What pages can be filtered by, looked up once.
struct Facets {
    /// Field of each section of a field.
    fields: HashMap<SectionId, FieldId>,
    /// Terms of each page.
    terms: HashMap<PageId, Vec<String>>,
    /// Words of each field's language.
    words: HashMap<FieldId, Words>,
}

impl Facets {
    fn of(site: &Site) -> Self {
        let mut terms: HashMap<PageId, Vec<String>> = HashMap::new();
        for taxonomy in &site.taxonomies {
            for term in &taxonomy.terms {
                for page in &term.pages {
                    terms.entry(*page).or_default().push(facet_key(&taxonomy.config.name, &term.slug));
                }
            }
        }
        let words = site.fields.ids().map(|id| {
            let language = &site.section(site.fields.field(id).section).item.file.language;
            (id, Words::of_language(&site.config.extra, language))
        });
        let fields = site.fields.ids().map(|id| (site.fields.field(id).section, id));
        Self { fields: fields.collect(), terms, words: words.collect() }
    }

    /// What is known of what a job draws, and its language; none if it is not
    /// to be found.
    fn about<'s>(&self, site: &'s Site, work: &Work) -> Option<(&'s str, About)> {
        let language_of = |id: FieldId| {
            let section = site.fields.field(id).section;
            site.section(section).item.file.language.as_str()
        };
        match work {
            Work::Page(id) => {
                let item = site.item(ItemId::Page(*id));
                let of_section = site.page(*id).section.map(|id| &site.section(id).item);
                let own = item.front.common.in_search_index;
                let found = own.or(of_section.and_then(|item| item.front.common.in_search_index));
                found.unwrap_or(true).then(|| {
                    let mut about = of_item(item);
                    about.facets = self.of_page(site, *id);
                    (item.file.language.as_str(), about)
                })
            }
            Work::Section(id, None | Some(1)) => {
                let item = site.item(ItemId::Section(*id));
                item.front.common.in_search_index.unwrap_or(true).then(|| {
                    let mut about = of_item(item);
                    about.facets.extend(self.field_of(item, Some(*id)).map(|id| of_field(site, id)));
                    (item.file.language.as_str(), about)
                })
            }
            Work::Subject(id, i) => {
                let subject = &site.fields.field(*id).subjects[*i];
                let about = About {
                    title: subject.title.clone(),
                    description: subject.description.clone().unwrap_or_default(),
                    facets: vec![of_field(site, *id), facet_key("subject", &subject.id)],
                    ..About::default()
                };
                Some((language_of(*id), about))
            }
            Work::Pair(id, i) => {
                let field = site.fields.field(*id);
                let pair = &field.pairs[*i];
                let [a, b] = [pair.a, pair.b].map(|i| &field.subjects[i as usize]);
                (pair.fate != Fate::NoIndex).then(|| {
                    let about = About {
                        title: self.words[id].with("versus", &[&a.short, &b.short]),
                        facets: vec![
                            of_field(site, *id),
                            facet_key("subject", &a.id),
                            facet_key("subject", &b.id),
                        ],
                        // Facts and tasks stand on pages of their own.
                        depth: Depth::Title,
                        ..About::default()
                    };
                    (language_of(*id), about)
                })
            }
            _ => None,
        }
    }

    fn field_of(&self, item: &Item, own: Option<SectionId>) -> Option<FieldId> {
        own.iter().chain(item.ancestors.iter().rev()).find_map(|id| self.fields.get(id)).copied()
    }

    fn of_page(&self, site: &Site, id: PageId) -> Vec<String> {
        let item = site.item(ItemId::Page(id));
        let mut facets = Vec::new();
        let fields = &site.fields;
        let mut subjects: Vec<(FieldId, usize)> = Vec::new();
        if let Some(comparison) = fields.comparisons.get(&id) {
            subjects.extend(comparison.subjects.iter().map(|i| (comparison.field, *i)));
        } else if let Some(subject) = fields.subjects.get(&id) {
            subjects.push(*subject);
        } else if let Some((field, task)) = fields.tasks.get(&id) {
            let sides = &fields.field(*field).tasks[*task].sides;
            subjects.extend(sides.iter().map(|side| (*field, side.subject)));
        }
        let field = subjects.first().map(|(field, _)| *field).or_else(|| self.field_of(item, None));
        facets.extend(field.map(|id| of_field(site, id)));
        facets.extend(
            subjects.iter().map(|(field, i)| facet_key("subject", &fields.field(*field).subjects[*i].id)),
        );
        facets.extend(self.terms.get(&id).into_iter().flatten().cloned());
        facets
    }
}

fn of_item(item: &Item) -> About {
    About {
        title: item.title.clone(),
        description: item.front.common.description.clone().unwrap_or_default(),
        ..About::default()
    }
}

fn of_field(site: &Site, id: FieldId) -> String {
    facet_key("field", &site.fields.field(id).id)
}

/// Everything that pages of a language can be filtered by.
fn facets(site: &Site, language: &str) -> Vec<Facet> {
    let of_language: Vec<_> = site
        .fields
        .fields
        .iter()
        .filter(|field| site.section(field.section).item.file.language == language)
        .collect();
    let mut subjects: BTreeMap<&str, &str> = BTreeMap::new();
    for subject in of_language.iter().flat_map(|field| &field.subjects) {
        subjects.entry(&subject.id).or_insert(&subject.title);
    }
    let owned = |(id, title): (&str, &str)| (id.to_owned(), title.to_owned());
    let mut facets = vec![
        Facet {
            name: "field".to_owned(),
            values: of_language.iter().map(|field| owned((&field.id, &field.name))).collect(),
        },
        Facet { name: "subject".to_owned(), values: subjects.into_iter().map(owned).collect() },
    ];
    for taxonomy in site.taxonomies.iter().filter(|taxonomy| taxonomy.language == language) {
        let values = taxonomy.terms.iter().map(|term| owned((&term.slug, &term.name))).collect();
        facets.push(Facet { name: taxonomy.config.name.clone(), values });
    }
    facets
}
