//! Shared: what all renders of one build read.
//!
//! In: the site and, once they are drawn, the bodies. Out: template values,
//! built once each and then only counted, never copied. Immutable while
//! outputs are rendered.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock};

use tera::Value;

use super::compare::{self, Codes, FieldValues};
use super::values;
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::{FilePath, UrlPath};
use crate::model::field::FieldId;
use crate::model::{ItemId, Site};
use crate::plan::{Plan, Work};
use crate::read::files::Files;
use crate::read::theme::StaticOrigin;

/// A file system that template functions can keep.
pub type SharedFiles = Arc<dyn Files + Send + Sync>;

/// A drawn body, as templates see it.
#[derive(Debug, Clone)]
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
    pub published: BTreeMap<UrlPath, StaticOrigin>,
    /// Generated files, by address.
    pub generated: BTreeMap<UrlPath, Arc<[u8]>>,
    /// Who links to whom.
    pub backlinks: OnceLock<HashMap<ItemId, Vec<ItemId>>>,
    /// Values of pages and sections without bodies; what there is while bodies
    /// are drawn.
    summaries: OnceLock<(Vec<Value>, Vec<Value>)>,
    /// Values of pages with bodies.
    pages: OnceLock<Vec<Value>>,
    /// Values of sections with bodies.
    sections: OnceLock<Vec<Value>>,
    /// Values of taxonomies.
    taxonomies: OnceLock<Vec<Value>>,
    /// Code of tasks.
    codes: OnceLock<Codes>,
    /// Values of fields.
    fields: OnceLock<Vec<FieldValues>>,
    /// `config`, by language.
    configs: BTreeMap<String, Value>,
    /// Data files that were read.
    pub data: Mutex<HashMap<(FilePath, String), Result<Value, String>>>,
}

impl Shared {
    /// For one build.
    pub fn new(
        site: Arc<Site>,
        files: SharedFiles,
        today: Option<String>,
        plan: Arc<Plan>,
        generated: BTreeMap<UrlPath, Arc<[u8]>>,
        mode: &str,
    ) -> Self {
        let newest = || {
            let dates = site
                .pages
                .iter()
                .flat_map(|page| [page.item.front.page.date.as_ref(), page.item.front.page.updated.as_ref()]);
            dates
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
            published,
            generated,
            backlinks: OnceLock::new(),
            summaries: OnceLock::new(),
            pages: OnceLock::new(),
            sections: OnceLock::new(),
            taxonomies: OnceLock::new(),
            codes: OnceLock::new(),
            fields: OnceLock::new(),
            configs,
            data: Mutex::new(HashMap::new()),
            site,
        }
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
        let _ = self.codes.set(codes.map(|(path, html)| (path, html.to_owned())).collect());
    }

    /// The HTML of a task's file.
    pub(super) fn code(&self, path: &FilePath) -> Option<&str> {
        self.codes.get()?.get(path).map(String::as_str)
    }

    /// Builds the values of fields; problems are those of texts in them.
    pub fn draw_fields(&self) -> Vec<Diagnostic> {
        let (fields, problems): (Vec<_>, Vec<_>) =
            self.site.fields.ids().map(|id| compare::field_values(self, id)).unzip();
        let _ = self.fields.set(fields);
        problems.into_iter().flatten().collect()
    }

    /// The values of a field, once they are built.
    pub(super) fn field_values(&self, id: FieldId) -> Option<&FieldValues> {
        self.fields.get()?.get(id.0 as usize)
    }

    /// Builds the values with bodies.
    pub fn fill(&self, drawn: &HashMap<ItemId, Drawn>) {
        let pages = values::all_pages(self, drawn);
        let sections = values::all_sections(self, drawn, &pages);
        let _ = self.taxonomies.set(values::all_taxonomies(self, &pages));
        let _ = self.pages.set(pages);
        let _ = self.sections.set(sections);
    }

    /// The value of a page or section: with its body once all are drawn.
    pub fn item(&self, id: ItemId) -> Value {
        // Nothing here may hand work to other threads: a thread that waits for
        // the first use would then be given work that waits for it.
        let summaries = || {
            self.summaries.get_or_init(|| {
                let pages = values::all_pages_in_turn(self);
                let sections = values::all_sections_in_turn(self, &pages);
                (pages, sections)
            })
        };
        let (list, index) = match id {
            ItemId::Page(id) => (self.pages.get().unwrap_or_else(|| &summaries().0), id.0),
            ItemId::Section(id) => (self.sections.get().unwrap_or_else(|| &summaries().1), id.0),
        };
        list.get(index as usize).cloned().unwrap_or_else(Value::none)
    }

    /// The value of a taxonomy; none while bodies are drawn.
    pub fn taxonomy(&self, index: usize) -> Option<Value> {
        self.taxonomies.get()?.get(index).cloned()
    }

    /// The bytes published at an address, if they are known before rendering.
    pub fn bytes_at(&self, url: &UrlPath) -> Option<Arc<[u8]>> {
        if let Some(bytes) = self.generated.get(url) {
            return Some(Arc::clone(bytes));
        }
        match self.published.get(url)? {
            StaticOrigin::Builtin(bytes) => Some(Arc::from(*bytes)),
            StaticOrigin::File(path) => {
                super::scope::note(crate::base::reads::Key::Asset(path.clone()));
                self.files.read(path, u64::MAX).ok()
            }
        }
    }
}
