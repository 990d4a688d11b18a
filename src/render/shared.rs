//! Shared: what all renders of one build read.
//!
//! In: the site and, once they are drawn, the bodies. Out: template values,
//! built once each and then only counted, never copied. Immutable while
//! outputs are rendered.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock};

use tera::Value;

use super::asked::AskedFor;
use super::assets::Assets;
use super::compare::{self, Codes, FieldValues};
use super::environment::Environment;
use super::images::Images;
use super::styles::Styles;
use super::{scope, values};
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::{FilePath, UrlPath};
use crate::base::reads::Key;
use crate::model::field::FieldId;
use crate::model::{ItemId, PageId, PerItem, Site};
use crate::plan::{Plan, Work};
use crate::read::files::Files;
use crate::read::theme::StaticOrigin;

/// A file system that template functions can keep.
pub type SharedFiles = Arc<dyn Files + Send + Sync>;

/// A drawn body, as templates see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// HTML; addresses of the site start with [`crate::model::PLACELESS`].
    pub content: Value,
    /// The part of it that is the summary, or none.
    pub summary: Value,
    /// Nested table of contents.
    pub toc: Value,
    /// Words of text.
    pub words: usize,
}

/// Everything template functions can reach.
pub struct Shared {
    /// The site.
    pub site: Arc<Site>,
    /// The project's files, for data and hashes.
    pub files: SharedFiles,
    /// Day of the build (`YYYY-MM-DD`), if one was given; else the newest date
    /// in the content. The clock is not read.
    pub today: String,
    /// Everything that will be published.
    pub plan: Arc<Plan>,
    /// Files that are published as they are, by address.
    pub published: Arc<BTreeMap<UrlPath, StaticOrigin>>,
    /// Generated files, by address.
    pub generated: Arc<BTreeMap<UrlPath, Arc<[u8]>>>,
    /// Values of pages and sections while bodies are drawn: without anything
    /// that is known only afterwards.
    early: OnceLock<PerItem<Value>>,
    /// Values once all bodies are drawn.
    values: OnceLock<Values>,
    /// Pages with their bodies, for templates that look there.
    pages_with_bodies: OnceLock<Vec<OnceLock<Value>>>,
    /// Taxonomies of such pages.
    taxonomies_with_bodies: OnceLock<Vec<Value>>,
    /// Code of tasks.
    codes: OnceLock<Arc<Codes>>,
    /// Values of fields.
    fields: OnceLock<Arc<Vec<FieldValues>>>,
    /// `config`, by language.
    configs: Arc<BTreeMap<String, Value>>,
    /// Data files that were read.
    pub data: Mutex<HashMap<(FilePath, String), Result<Value, String>>>,
    /// Images that were looked at.
    pub images: Images,
    /// Style sheets that were made.
    pub styles: Styles,
    /// Digests that were taken, files that were drawn for them.
    pub assets: Assets,
    /// Outputs besides those of the plan.
    pub asked: AskedFor,
    /// Templates, once all bodies are drawn.
    environment: OnceLock<Arc<Environment>>,
}

/// What templates see once all bodies are drawn.
#[derive(Clone, Default)]
pub struct Values {
    /// Drawn bodies.
    pub drawn: PerItem<Option<Drawn>>,
    /// Who links to whom.
    pub backlinks: HashMap<ItemId, Vec<ItemId>>,
    /// Pages and sections as lists show them: without bodies.
    pub listed: PerItem<Value>,
    /// Taxonomies, in order.
    pub taxonomies: Vec<Value>,
}

/// What one build has left for the next, of a site in which nothing but bodies
/// and labels has changed.
pub struct Rest {
    today: String,
    plan: Arc<Plan>,
    published: Arc<BTreeMap<UrlPath, StaticOrigin>>,
    generated: Arc<BTreeMap<UrlPath, Arc<[u8]>>>,
    early: OnceLock<PerItem<Value>>,
    values: Values,
    codes: OnceLock<Arc<Codes>>,
    fields: OnceLock<Arc<Vec<FieldValues>>>,
    configs: Arc<BTreeMap<String, Value>>,
}

impl Rest {
    /// For the next build, and the values of the last one. `same_labels`:
    /// pages are called what they were.
    pub fn with(self, site: Arc<Site>, files: SharedFiles, same_labels: bool) -> (Shared, Values) {
        let Self { today, plan, published, generated, early, values, codes, fields, configs } = self;
        let shared = Shared {
            site,
            files,
            today,
            plan,
            published,
            generated,
            early: if same_labels { early } else { OnceLock::new() },
            values: OnceLock::new(),
            pages_with_bodies: OnceLock::new(),
            taxonomies_with_bodies: OnceLock::new(),
            codes,
            fields,
            configs,
            data: Mutex::new(HashMap::new()),
            images: Images::default(),
            styles: Styles::default(),
            assets: Assets::default(),
            asked: AskedFor::default(),
            environment: OnceLock::new(),
        };
        (shared, values)
    }
}

impl Shared {
    /// For one build.
    pub fn new(
        site: Arc<Site>,
        files: SharedFiles,
        today: Option<String>,
        plan: Arc<Plan>,
        generated: Arc<BTreeMap<UrlPath, Arc<[u8]>>>,
        mode: &str,
    ) -> Self {
        let newest = || {
            let fields = &site.fields;
            let of_pages = site.pages.iter().flat_map(|page| {
                let front = &page.item.front.page;
                let article = front.article.as_ref().and_then(|article| article.verified.as_ref());
                [front.date.as_ref(), front.updated.as_ref(), article]
            });
            let of_facts = fields
                .fields
                .iter()
                .flat_map(|field| (0..field.subjects.len()).map(|subject| field.newest(subject)));
            of_pages
                .chain(of_facts)
                .flatten()
                .max_by_key(|date| date.timestamp)
                .map(|date| date.text.chars().take(10).collect::<String>())
        };
        let today = today.or_else(newest).unwrap_or_else(|| "1970-01-01".to_owned());
        let configs = site
            .languages()
            .iter()
            .map(|code| ((*code).to_owned(), values::config(&site.config, code, mode)))
            .collect();
        let published = plan
            .jobs
            .iter()
            .filter_map(|job| match &job.work {
                Work::File(origin) => Some((job.output.url(), origin.clone())),
                _ => None,
            })
            .collect();
        Self {
            files,
            today,
            plan,
            published: Arc::new(published),
            generated,
            early: OnceLock::new(),
            values: OnceLock::new(),
            pages_with_bodies: OnceLock::new(),
            taxonomies_with_bodies: OnceLock::new(),
            codes: OnceLock::new(),
            fields: OnceLock::new(),
            configs: Arc::new(configs),
            data: Mutex::new(HashMap::new()),
            images: Images::default(),
            styles: Styles::default(),
            assets: Assets::default(),
            asked: AskedFor::default(),
            environment: OnceLock::new(),
            site,
        }
    }

    /// The same once more, with values of its own, as when all bodies are drawn.
    pub fn with_values(&self, values: Values, environment: &Arc<Environment>) -> Self {
        Self {
            site: Arc::clone(&self.site),
            files: Arc::clone(&self.files),
            today: self.today.clone(),
            plan: Arc::clone(&self.plan),
            published: Arc::clone(&self.published),
            generated: Arc::clone(&self.generated),
            early: OnceLock::new(),
            values: OnceLock::from(values),
            pages_with_bodies: OnceLock::new(),
            taxonomies_with_bodies: OnceLock::new(),
            codes: self.codes.clone(),
            fields: self.fields.clone(),
            configs: Arc::clone(&self.configs),
            data: Mutex::new(HashMap::new()),
            images: Images::default(),
            styles: Styles::default(),
            assets: Assets::default(),
            asked: AskedFor::default(),
            environment: OnceLock::from(Arc::clone(environment)),
        }
    }

    /// Gives the site back, so that nobody holds it any more.
    pub fn into_rest(self) -> Rest {
        let values = self.values.into_inner().unwrap_or_default();
        let Self { today, plan, published, generated, early, codes, fields, configs, .. } = self;
        Rest { today, plan, published, generated, early, values, codes, fields, configs }
    }

    /// `config` in that language.
    pub fn config(&self, language: &str) -> Value {
        self.configs
            .get(language)
            .or_else(|| self.configs.values().next())
            .cloned()
            .unwrap_or_else(Value::none)
    }

    /// Takes the HTML of tasks' code, by path below `content/`.
    pub fn set_codes<'c>(&self, codes: impl Iterator<Item = (FilePath, &'c str)>) {
        let _ = self.codes.set(Arc::new(codes.map(|(path, html)| (path, html.to_owned())).collect()));
    }

    /// The HTML of a task's file.
    pub(super) fn code(&self, path: &FilePath) -> Option<&str> {
        self.codes.get()?.get(path).map(String::as_str)
    }

    /// Builds the values of fields; problems are those of texts in them.
    pub fn draw_fields(&self) -> Vec<Diagnostic> {
        let (fields, problems): (Vec<_>, Vec<_>) =
            self.site.fields.ids().map(|id| compare::field_values(self, id)).unzip();
        let _ = self.fields.set(Arc::new(fields));
        problems.into_iter().flatten().collect()
    }

    /// The values of a field, once they are built.
    pub(super) fn field_values(&self, id: FieldId) -> Option<&FieldValues> {
        self.fields.get()?.get(id.0 as usize)
    }

    /// Takes the values: all bodies are drawn. What is drawn from now on is
    /// drawn with these templates.
    pub fn fill(&self, values: Values, environment: &Arc<Environment>) {
        let _ = self.values.set(values);
        let _ = self.environment.set(Arc::clone(environment));
    }

    /// The templates, once all bodies are drawn.
    pub(super) fn environment(&self) -> Option<&Environment> {
        self.environment.get().map(|environment| &**environment)
    }

    /// The values, once all bodies are drawn.
    pub fn values(&self) -> Option<&Values> {
        self.values.get()
    }

    /// The value of a page or section for the render that is going on, which
    /// has read it then: as lists show it, or with its body where templates
    /// look into those.
    pub fn item(&self, id: ItemId) -> Value {
        let with_bodies = scope::sees_bodies();
        let path = |id: ItemId| self.site.item(id).content_path.clone();
        let key = |id: ItemId| if with_bodies { Key::Page(path(id)) } else { Key::Summary(path(id)) };
        scope::note(key(id));
        if let ItemId::Section(section) = id {
            scope::note(Key::Listing(path(id)));
            if with_bodies {
                let pages = &self.site.section(section).pages;
                pages.iter().for_each(|page| scope::note(key(ItemId::Page(*page))));
            }
        }
        match (self.values.get(), with_bodies) {
            (None, _) => self.early(id),
            (Some(values), false) => values.listed.get(id).cloned().unwrap_or_else(Value::none),
            (Some(values), true) => match id {
                ItemId::Page(id) => self.page_with_body(values, id),
                ItemId::Section(id) => {
                    values::with_bodies(&self.site, values, id, |id| self.page_with_body(values, id))
                }
            },
        }
    }

    /// The value of the page or section that an output is drawn for: with its
    /// body.
    pub fn own(&self, id: ItemId) -> Value {
        scope::note(Key::Page(self.site.item(id).content_path.clone()));
        let value = self.item(id);
        match self.values.get() {
            Some(values) => values::with_body(&self.site, values, id, value),
            None => value,
        }
    }

    /// A page with its body, made when it is first asked for.
    fn page_with_body(&self, values: &Values, id: PageId) -> Value {
        let all =
            self.pages_with_bodies.get_or_init(|| self.site.pages.iter().map(|_| OnceLock::new()).collect());
        let make = || {
            let listed = values.listed.get(ItemId::Page(id)).cloned().unwrap_or_else(Value::none);
            values::with_body(&self.site, values, ItemId::Page(id), listed)
        };
        all.get(id.0 as usize).map_or_else(Value::none, |place| place.get_or_init(make).clone())
    }

    /// A value that is there while bodies are drawn. Nothing here may hand work
    /// to other threads: a thread that waits for the first use would then be
    /// given work that waits for it.
    fn early(&self, id: ItemId) -> Value {
        let all = self.early.get_or_init(|| values::early(self));
        all.get(id).cloned().unwrap_or_else(Value::none)
    }

    /// The value of a taxonomy; none while bodies are drawn.
    pub fn taxonomy(&self, index: usize) -> Option<Value> {
        let values = self.values.get()?;
        let of = self.site.taxonomies.get(index)?;
        scope::note(Key::Taxonomy(of.language.clone(), of.config.name.clone()));
        if !scope::sees_bodies() {
            return values.taxonomies.get(index).cloned();
        }
        scope::note(Key::Bodies);
        let all = self
            .taxonomies_with_bodies
            .get_or_init(|| values::all_taxonomies(&self.site, &|id| self.page_with_body(values, id)));
        all.get(index).cloned()
    }
}
