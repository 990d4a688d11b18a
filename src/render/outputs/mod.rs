//! Outputs: each kind of job to its bytes.
//!
//! In: a job, the environment and the shared values. Out: [`Rendered`]. One
//! function for each kind of work; each says which template it is drawn with
//! and which variables that template gets.

mod cards;
mod fields;
mod llms;

pub use self::cards::CARD;
pub use self::llms::text_form;

use std::sync::Arc;

use tera::{Context, Value};

use crate::base::diagnostic::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::{FilePath, OutputPath, UrlPath};
use crate::base::reads::Key;
use crate::base::text::escaped;
use crate::code;
use crate::model::field::FieldId;
use crate::model::{Item, ItemId, PageId, SectionId, link_address, permalink};
use crate::plan::{Export, Feed, FeedOf, Job, Plan, REDIRECT_SCRIPT, SITEMAP_LIMIT, Work};
use crate::read::theme::StaticOrigin;
use crate::render::budget::Budget;
use crate::render::environment::Environment;
use crate::render::place::{self, Form};
use crate::render::shared::Shared;
use crate::render::{Rendered, assets, minify, scope, styles, values};

/// Keeps query and fragment, which a redirect by `meta` loses.
const REDIRECT_JS: &str = include_str!("../redirect.js");

/// The version of Zola whose conventions hold.
const ZOLA_VERSION: &str = "0.23.0";

/// Everything a render needs.
pub struct Renderer<'a> {
    /// Compiled templates.
    pub environment: &'a Environment,
    /// Values.
    pub shared: &'a Arc<Shared>,
    /// The plan, for the sitemap.
    pub plan: &'a Plan,
}

/// Escaping for the kind of output, decided by what the output is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Html,
    Xml,
    Plain,
}

fn kind_of(path: &str) -> Kind {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html" | "htm" | "xhtml") => Kind::Html,
        Some("xml" | "atom" | "rss" | "svg") => Kind::Xml,
        _ => Kind::Plain,
    }
}

impl Renderer<'_> {
    /// Renders one job.
    pub fn render(&self, job: &Job) -> Rendered {
        let mut problems = Vec::new();
        let card = self.has_card(job).then(|| CARD.to_owned());
        let mut templates = self.template_of(job).into_iter().chain(card);
        let sees_bodies = templates.any(|template| self.environment.sees_bodies(&template));
        let (bytes, reads) = scope::record(self.shared, sees_bodies, || self.bytes(job, &mut problems));
        Rendered { output: job.output.clone(), bytes: Arc::from(bytes), reads, problems }
    }

    /// The template a job is drawn with.
    fn template_of(&self, job: &Job) -> Option<String> {
        let site = &self.shared.site;
        let of_taxonomy = |taxonomy: usize, file| {
            let name = &site.taxonomies.get(taxonomy)?.config.name;
            Some(self.taxonomy_template(name, file))
        };
        match &job.work {
            Work::Page(id) => Some(self.template_of_page(*id).to_owned()),
            Work::Section(id, _) => {
                Some(self.or_plain(&site.section(*id).template, "section.html").to_owned())
            }
            Work::Subject(..) => Some("subject.html".to_owned()),
            Work::Pair(..) => Some("comparison.html".to_owned()),
            Work::Matrix(_) => Some("matrix.html".to_owned()),
            Work::TaxonomyList(taxonomy) => of_taxonomy(*taxonomy, "list"),
            Work::Term(taxonomy, ..) => of_taxonomy(*taxonomy, "single"),
            Work::Feed(feed) => Some(feed.name.clone()),
            Work::Sitemap if self.plan.sitemap.len() > SITEMAP_LIMIT => {
                Some("split_sitemap_index.xml".to_owned())
            }
            Work::Sitemap | Work::SitemapPart(_) => Some("sitemap.xml".to_owned()),
            Work::Robots => Some("robots.txt".to_owned()),
            Work::NotFound => Some("404.html".to_owned()),
            Work::Search(_) => Some("search.html".to_owned()),
            Work::Templated(path) => Some(templated(path)),
            Work::Llms(_) => None,
            Work::Export(..)
            | Work::Redirect(_)
            | Work::File(_)
            | Work::CodeStyle(_)
            | Work::RedirectScript => None,
        }
    }

    /// What a job is made of besides what its render reads: with another recipe
    /// it is another output, though at the same path.
    pub fn recipe(&self, job: &Job) -> Fingerprint {
        let site = &self.shared.site;
        let path = |id: ItemId| site.item(id).content_path.as_str();
        let of_taxonomy = |taxonomy: usize| {
            let of = site.taxonomies.get(taxonomy);
            of.map_or(["", ""], |of| [of.language.as_str(), of.config.name.as_str()])
        };
        let template = self.template_of(job).unwrap_or_default();
        let mut parts: Vec<String> = vec![template];
        let mut add = |words: &[&str]| parts.extend(words.iter().map(|word| (*word).to_owned()));
        match &job.work {
            Work::Page(id) => {
                let page = site.page(*id);
                add(&["page", path(ItemId::Page(*id)), &page.item.file.language, page.item.url.as_str()]);
                for neighbour in [page.lower, page.higher] {
                    add(&[neighbour.map_or("", |id| path(ItemId::Page(id)))]);
                }
            }
            Work::Section(id, pager) => {
                let item = &site.section(*id).item;
                let word = item.front.section.paginate_path.as_deref().unwrap_or("page");
                add(&[
                    "section",
                    path(ItemId::Section(*id)),
                    &item.file.language,
                    word,
                    &format!("{pager:?}"),
                ]);
            }
            Work::TaxonomyList(taxonomy) => {
                add(&["taxonomy"]);
                add(&of_taxonomy(*taxonomy));
            }
            Work::Term(taxonomy, term, pager) => {
                let term = site.taxonomies.get(*taxonomy).and_then(|of| of.terms.get(*term));
                add(&["term", term.map_or("", |term| term.slug.as_str()), &format!("{pager:?}")]);
                add(&of_taxonomy(*taxonomy));
            }
            Work::Feed(feed) => {
                add(&["feed", &feed.name, &feed.language]);
                match feed.of {
                    FeedOf::Site => {}
                    FeedOf::Section(id) => add(&[path(ItemId::Section(id))]),
                    FeedOf::Term(taxonomy, term) => {
                        let term = site.taxonomies.get(taxonomy).and_then(|of| of.terms.get(term));
                        add(&of_taxonomy(taxonomy));
                        add(&[term.map_or("", |term| term.slug.as_str())]);
                    }
                }
            }
            Work::Subject(field, subject) => {
                let of = site.fields.field(*field);
                add(&["subject", path(ItemId::Section(of.section)), &of.subjects[*subject].id]);
            }
            Work::Pair(field, pair) => {
                let of = site.fields.field(*field);
                add(&["pair", path(ItemId::Section(of.section)), &of.pair_slug(&of.pairs[*pair])]);
            }
            Work::Matrix(field) => add(&["matrix", path(ItemId::Section(site.fields.field(*field).section))]),
            Work::Export(field, export) => {
                let section = site.fields.field(*field).section;
                add(&["export", path(ItemId::Section(section)), &format!("{export:?}")]);
            }
            Work::Sitemap => add(&["sitemap"]),
            Work::SitemapPart(n) => add(&["sitemap", &n.to_string()]),
            Work::Robots => add(&["robots"]),
            Work::NotFound => add(&["not found"]),
            Work::Search(language) => add(&["search", language]),
            Work::Templated(path) => add(&["templated", path.as_str()]),
            Work::Llms(language) => add(&["llms", language]),
            Work::Redirect(to) => add(&["redirect", to]),
            Work::File(StaticOrigin::File(path)) => add(&["file", path.as_str()]),
            Work::File(StaticOrigin::Sass { path, folder }) => add(&["sass", path.as_str(), folder.as_str()]),
            Work::File(StaticOrigin::Builtin(bytes)) => add(&["built in", &Fingerprint::of(bytes).hex()]),
            Work::CodeStyle(is_dark) => add(&["code", if *is_dark { "dark" } else { "light" }]),
            Work::RedirectScript => add(&["redirect script"]),
        }
        let is_sheet = job.output.extension() == Some("css");
        if is_sheet && matches!(job.work, Work::File(_)) && site.config.minify_css {
            parts.push("smaller".to_owned());
        }
        if let Some(twin) = self.plan.twins.get(&job.output) {
            parts.push(twin.as_str().to_owned());
        }
        Fingerprint::of_parts(parts.iter().map(String::as_bytes))
    }

    fn bytes(&self, job: &Job, problems: &mut Vec<Diagnostic>) -> Vec<u8> {
        match &job.work {
            Work::Page(id) => self.page(job, *id, problems),
            Work::Section(id, pager) => self.section(job, *id, *pager, problems),
            Work::TaxonomyList(taxonomy) => self.taxonomy_list(job, *taxonomy, problems),
            Work::Term(taxonomy, term, pager) => self.term(job, (*taxonomy, *term), *pager, problems),
            Work::Subject(field, subject) => self.subject(job, *field, *subject, problems),
            Work::Pair(field, pair) => self.pair(job, *field, *pair, problems),
            Work::Matrix(field) => self.matrix(job, *field, problems),
            Work::Export(field, Export::Json) => self.shared.export_json(*field).into_bytes(),
            Work::Export(field, Export::Csv) => self.shared.export_csv(*field).into_bytes(),
            Work::Feed(feed) => self.feed(job, feed, problems),
            Work::Sitemap => self.sitemap(job, problems),
            Work::SitemapPart(n) => self.sitemap_part(job, *n, problems),
            Work::Robots => {
                self.draw(job, "robots.txt", &self.context(self.default_language()), None, problems)
            }
            Work::NotFound => {
                let mut context = self.context(self.default_language());
                context.insert_value("current_path", Value::none());
                context.insert_value("current_url", Value::none());
                self.draw(job, "404.html", &context, None, problems)
            }
            Work::Redirect(to) => self.redirect(job, to),
            Work::File(origin) => {
                let bytes = styles::published(self.shared, origin, &job.output.url(), problems);
                bytes.map(|bytes| bytes.to_vec()).unwrap_or_default()
            }
            Work::CodeStyle(_) => {
                scope::note(Key::Config);
                self.shared.generated.get(&job.output.url()).map(|bytes| bytes.to_vec()).unwrap_or_default()
            }
            Work::Search(language) => {
                let context = self.context_at(language, &job.output.url());
                self.draw(job, "search.html", &context, None, problems)
            }
            Work::Templated(path) => {
                let context = self.context_at(self.default_language(), &job.output.url());
                assets::drawing(&job.output, || self.draw(job, &templated(path), &context, None, problems))
            }
            Work::Llms(language) => self.llms(job, language),
            Work::RedirectScript => REDIRECT_JS.as_bytes().to_vec(),
        }
    }

    fn default_language(&self) -> &str {
        &self.shared.site.config.default_language
    }

    fn context(&self, language: &str) -> Context {
        let mut context = Context::new();
        context.insert_value("config", self.shared.config(language));
        context.insert_value("lang", Value::from(language));
        context.insert_value("juxta_version", Value::from(env!("CARGO_PKG_VERSION")));
        // Themes ask for it to tell which features there are.
        context.insert_value("zola_version", Value::from(ZOLA_VERSION));
        context
    }

    fn context_at(&self, language: &str, url: &UrlPath) -> Context {
        let mut context = self.context(language);
        context.insert_value("current_path", Value::from(url.as_str()));
        context.insert_value("current_url", Value::from(permalink(&self.shared.site.config, url)));
        if let Some(twin) = self.plan.twins.get(&OutputPath::of_url(url)) {
            context.insert_value("markdown_url", Value::from(link_address(&twin.url())));
        }
        context
    }

    /// Draws a template. `asked_by` is the item whose front matter or section
    /// names the template.
    fn draw(
        &self,
        job: &Job,
        template: &str,
        context: &Context,
        asked_by: Option<&Item>,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<u8> {
        scope::note(Key::Template(template.to_owned()));
        scope::note(Key::Config);
        let config = &self.shared.site.config;
        let kind = kind_of(job.output.as_str());
        if !self.environment.markup.contains_template(template) {
            problems.push(self.missing_template(template, job, asked_by));
            return Vec::new();
        }
        let with_card = self.with_card(job, context, problems);
        let context = with_card.as_ref().unwrap_or(context);
        let Some(bytes) = self.drawn(job, (template, kind), context, problems) else { return Vec::new() };
        let base_path = || {
            let after_host = |base: &str| {
                let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
                rest.find('/').map_or(String::new(), |i| rest[i..].to_owned())
            };
            config.base_url.as_deref().map(after_host).unwrap_or_default()
        };
        let form = match kind {
            _ if matches!(job.work, Work::NotFound) => Form::Rooted(base_path()),
            Kind::Xml | Kind::Plain if matches!(job.work, Work::Templated(_)) => {
                text_form(config, &job.output)
            }
            Kind::Html => Form::Relative(job.output.url()),
            Kind::Xml | Kind::Plain => Form::Absolute(config.base_url.clone().unwrap_or_default()),
        };
        let bytes = place::put(bytes, &form);
        if kind == Kind::Html && config.minify_html { minify::minified(&bytes) } else { bytes }
    }

    /// What a template gives, with addresses as they are on the way; none if it
    /// fails.
    fn drawn(
        &self,
        job: &Job,
        (template, kind): (&str, Kind),
        context: &Context,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Vec<u8>> {
        let tera = if kind == Kind::Plain { &self.environment.plain } else { &self.environment.markup };
        let mut budget = Budget::new(&self.shared.site.config.limits);
        if let Err(error) = tera.render_to(template, context, &mut budget) {
            let found = self.environment.context().diagnose(&error, budget.spent());
            problems.extend(found.into_iter().map(|problem| {
                let problem = if problem.labels.is_empty() && problem.path.is_none() {
                    match self.environment.sources.get(template) {
                        Some(source) => problem.in_file(source.path.clone()),
                        None => problem.in_file(template),
                    }
                } else {
                    problem
                };
                problem.hint(format!("while rendering `{}` ({})", job.output, job.origin.what))
            }));
            return None;
        }
        let bytes = budget.into_bytes();
        Some(if kind == Kind::Plain { bytes } else { place::without_controls(bytes) })
    }

    fn missing_template(&self, template: &str, job: &Job, asked_by: Option<&Item>) -> Diagnostic {
        let site = &self.shared.site;
        let problem = Diagnostic::error("missing-template", format!("there is no template `{template}`"))
            .nearest(template, self.environment.known.templates.iter().map(String::as_str));
        let own = asked_by.and_then(|item| Some((item.parsed.as_ref()?, "template")));
        let sections = asked_by.into_iter().flat_map(|item| item.ancestors.iter().rev());
        let of_sections = sections
            .filter_map(|id| site.section(*id).item.parsed.as_ref())
            .flat_map(|parsed| [(parsed, "page_template"), (parsed, "cascade.template")]);
        let named = own.into_iter().chain(of_sections).find_map(|(parsed, key)| {
            let span = *parsed.front.spans.get(key)?;
            parsed.source.slice(span).contains(template).then_some((&parsed.source, span))
        });
        match (named, asked_by) {
            (Some((source, span)), _) => problem.at(source, span),
            (None, Some(item)) => {
                problem.in_file(item.file.path.as_str()).hint(format!("add `templates/{template}`"))
            }
            (None, None) => problem
                .in_file(format!("templates/{template}"))
                .hint(format!("add it: {} is drawn with it", job.origin.what)),
        }
    }

    fn page(&self, job: &Job, id: PageId, problems: &mut Vec<Diagnostic>) -> Vec<u8> {
        let page = self.shared.site.page(id);
        let mut context = self.context_at(&page.item.file.language, &page.item.url);
        context.insert_value("page", values::page_with_neighbours(self.shared, id));
        self.compared(id, &mut context);
        self.draw(job, self.template_of_page(id), &context, Some(&page.item), problems)
    }

    /// A comparison, subject or task that could not be understood, which is told
    /// elsewhere, is drawn as a page like any other.
    fn template_of_page(&self, id: PageId) -> &str {
        let fields = &self.shared.site.fields;
        let page = self.shared.site.page(id);
        let front = &page.item.front.page;
        let is_understood = match page.template.as_str() {
            "comparison.html" => front.article.is_none() || fields.comparisons.contains_key(&id),
            "subject.html" => front.subject.is_none() || fields.subjects.contains_key(&id),
            "task.html" => front.task.is_none() || fields.tasks.contains_key(&id),
            _ => true,
        };
        if is_understood { self.or_plain(&page.template, "page.html") } else { "page.html" }
    }

    /// A theme need not have the templates of comparisons.
    fn or_plain<'t>(&self, template: &'t str, plain: &'t str) -> &'t str {
        scope::note(Key::Template(template.to_owned()));
        let is_ours = matches!(template, "comparison.html" | "subject.html" | "task.html" | "field.html");
        if is_ours && !self.environment.markup.contains_template(template) { plain } else { template }
    }

    fn section(
        &self,
        job: &Job,
        id: SectionId,
        pager: Option<usize>,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<u8> {
        let site = &self.shared.site;
        let section = site.section(id);
        let mut context = self.context_at(&section.item.file.language, &job.output.url());
        context.insert_value("section", self.shared.own(ItemId::Section(id)));
        let fields = &section.item.front.section;
        if let (Some(pager), Some(by)) = (pager, fields.paginate_by) {
            let pages: Vec<PageId> =
                section.pages.iter().copied().filter(|page| site.is_rendered(ItemId::Page(*page))).collect();
            let word = fields.paginate_path.as_deref().unwrap_or("page");
            let paginator =
                self.paginator(&section.item.url, word, (by, pager), pages, fields.paginate_reversed);
            context.insert_value("paginator", paginator);
        }
        if let Some(field) = site.fields.of_section(id) {
            let criteria: Vec<usize> = (0..site.fields.field(field).criteria.criteria.len()).collect();
            let subjects: Vec<usize> = (0..site.fields.field(field).subjects.len()).collect();
            context.insert_value("field", self.shared.field(field));
            context.insert_value("table", self.shared.fact_table(field, &criteria, &subjects));
        }
        self.draw(
            job,
            self.or_plain(&section.template, "section.html"),
            &context,
            Some(&section.item),
            problems,
        )
    }

    fn paginator(
        &self,
        url: &UrlPath,
        word: &str,
        (by, pager): (usize, usize),
        mut pages: Vec<PageId>,
        reversed: bool,
    ) -> Value {
        if reversed {
            pages.reverse();
        }
        let total = pages.len();
        let of_pager = pages.chunks(by.max(1)).nth(pager - 1).unwrap_or(&[]);
        let of_pager = of_pager.iter().map(|id| self.shared.item(ItemId::Page(*id))).collect();
        values::paginator(url, word, (by, pager, total), of_pager)
    }

    /// `tags/list.html` if the site has it, else `taxonomy_list.html`.
    fn taxonomy_template(&self, name: &str, file: &str) -> String {
        let own = format!("{name}/{file}.html");
        scope::note(Key::Template(own.clone()));
        if self.environment.markup.contains_template(&own) { own } else { format!("taxonomy_{file}.html") }
    }

    fn taxonomy_context(&self, index: usize, url: &UrlPath) -> (Context, Value) {
        let taxonomy = &self.shared.site.taxonomies[index];
        let mut context = self.context_at(&taxonomy.language, url);
        let value = self.shared.taxonomy(index).unwrap_or_else(Value::none);
        context.insert_value("taxonomy", value.clone());
        (context, value)
    }

    fn taxonomy_list(&self, job: &Job, index: usize, problems: &mut Vec<Diagnostic>) -> Vec<u8> {
        let taxonomy = &self.shared.site.taxonomies[index];
        let (mut context, value) = self.taxonomy_context(index, &job.output.url());
        context.insert_value("terms", value.get_from_path("items").cloned().unwrap_or_else(Value::none));
        let template = self.taxonomy_template(&taxonomy.config.name, "list");
        self.draw(job, &template, &context, None, problems)
    }

    fn term(
        &self,
        job: &Job,
        (index, term_index): (usize, usize),
        pager: Option<usize>,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<u8> {
        let site = &self.shared.site;
        let taxonomy = &site.taxonomies[index];
        let term = &taxonomy.terms[term_index];
        let (mut context, value) = self.taxonomy_context(index, &job.output.url());
        let items = value.get_from_path("items").and_then(Value::as_array);
        context.insert_value(
            "term",
            items.and_then(|items| items.get(term_index)).cloned().unwrap_or_else(Value::none),
        );
        if let (Some(pager), Some(by)) = (pager, taxonomy.config.paginate_by) {
            let pages =
                term.pages.iter().copied().filter(|page| site.is_rendered(ItemId::Page(*page))).collect();
            let paginator =
                self.paginator(&term.url, &taxonomy.config.paginate_path, (by, pager), pages, false);
            context.insert_value("paginator", paginator);
        }
        let template = self.taxonomy_template(&taxonomy.config.name, "single");
        self.draw(job, &template, &context, None, problems)
    }

    fn feed(&self, job: &Job, feed: &Feed, problems: &mut Vec<Diagnostic>) -> Vec<u8> {
        let site = &self.shared.site;
        let mut context = self.context_at(&feed.language, &job.output.url());
        let mut pages: Vec<PageId> = match feed.of {
            FeedOf::Site => {
                scope::note(Key::Site);
                let ids = (0..site.pages.len()).map(|i| PageId(u32::try_from(i).unwrap_or(u32::MAX)));
                ids.filter(|id| site.page(*id).item.file.language == feed.language).collect()
            }
            FeedOf::Section(id) => {
                context.insert_value("section", self.shared.item(ItemId::Section(id)));
                site.section(id).pages.clone()
            }
            FeedOf::Term(taxonomy, term) => {
                let (_, value) = self.taxonomy_context(taxonomy, &job.output.url());
                let items = value.get_from_path("items").and_then(Value::as_array);
                context.insert_value(
                    "term",
                    items.and_then(|items| items.get(term)).cloned().unwrap_or_else(Value::none),
                );
                context.insert_value(
                    "taxonomy",
                    value.get_from_path("kind").cloned().unwrap_or_else(Value::none),
                );
                site.taxonomies[taxonomy].terms[term].pages.clone()
            }
        };
        pages.retain(|id| {
            site.is_rendered(ItemId::Page(*id)) && site.page(*id).item.front.page.date.is_some()
        });
        pages.sort_by(|a, b| {
            let (a, b) = (site.page(*a), site.page(*b));
            let date =
                |page: &crate::model::Page| page.item.front.page.date.as_ref().map(|date| date.timestamp);
            date(b).cmp(&date(a)).then_with(|| a.item.permalink.cmp(&b.item.permalink))
        });
        pages.truncate(site.config.feed_limit.unwrap_or(usize::MAX));
        let changed = pages.iter().filter_map(|id| {
            let fields = &site.page(*id).item.front.page;
            fields.updated.as_ref().max(fields.date.as_ref())
        });
        let last_updated = changed.max().map(|date| Value::from(date.text.as_str()));
        context.insert_value("last_updated", last_updated.unwrap_or_else(Value::none));
        context.insert_value("feed_url", Value::from(permalink(&site.config, &job.output.url())));
        let pages: Vec<Value> = pages.iter().map(|id| self.shared.own(ItemId::Page(*id))).collect();
        context.insert_value("pages", Value::from(pages));
        self.draw(job, &feed.name, &context, None, problems)
    }

    fn sitemap_entries(&self, entries: &[crate::plan::SitemapEntry]) -> Value {
        let entries: Vec<Value> = entries
            .iter()
            .map(|entry| {
                let mut fields = tera::Map::new();
                fields.insert("permalink".into(), Value::from(entry.permalink.as_str()));
                fields
                    .insert("updated".into(), entry.updated.as_deref().map_or_else(Value::none, Value::from));
                // Read with the site.
                let listed = |id| self.shared.values().and_then(|values| values.listed.get(id).cloned());
                let extra = entry.item.and_then(listed);
                let extra = extra.and_then(|item| item.get_from_path("extra").cloned());
                fields.insert("extra".into(), extra.unwrap_or_else(Value::none));
                Value::from(fields)
            })
            .collect();
        Value::from(entries)
    }

    fn sitemap(&self, job: &Job, problems: &mut Vec<Diagnostic>) -> Vec<u8> {
        scope::note(Key::Site);
        scope::note(Key::Plan);
        let mut context = self.context(self.default_language());
        if self.plan.sitemap.len() <= SITEMAP_LIMIT {
            context.insert_value("entries", self.sitemap_entries(&self.plan.sitemap));
            return self.draw(job, "sitemap.xml", &context, None, problems);
        }
        let parts = (1..=self.plan.sitemap.len().div_ceil(SITEMAP_LIMIT))
            .map(|n| {
                Value::from(permalink(&self.shared.site.config, &UrlPath::new(&format!("sitemap{n}.xml"))))
            })
            .collect::<Vec<_>>();
        context.insert_value("sitemaps", Value::from(parts));
        self.draw(job, "split_sitemap_index.xml", &context, None, problems)
    }

    fn sitemap_part(&self, job: &Job, n: usize, problems: &mut Vec<Diagnostic>) -> Vec<u8> {
        scope::note(Key::Site);
        scope::note(Key::Plan);
        let mut context = self.context(self.default_language());
        let part = self.plan.sitemap.chunks(SITEMAP_LIMIT).nth(n - 1).unwrap_or(&[]);
        context.insert_value("entries", self.sitemap_entries(part));
        self.draw(job, "sitemap.xml", &context, None, problems)
    }

    /// A page that leads to another address: by script, which keeps query and
    /// fragment, else by `meta`, else by a link.
    fn redirect(&self, job: &Job, to: &str) -> Vec<u8> {
        scope::note(Key::Config);
        let to = escaped(to);
        let script = link_address(&UrlPath::new(REDIRECT_SCRIPT));
        let html = format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <title>Redirect</title>\n<link rel=\"canonical\" href=\"{to}\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<script src=\"{script}\"></script>\n\
             <noscript><meta http-equiv=\"refresh\" content=\"0; url={to}\"></noscript>\n</head>\n\
             <body>\n<p><a href=\"{to}\">This page has moved.</a></p>\n</body>\n</html>\n",
            escaped(self.default_language())
        );
        let bytes = place::without_controls(html.into_bytes());
        place::put(bytes, &Form::Relative(job.output.url()))
    }
}

/// The template of a file that is drawn.
fn templated(path: &FilePath) -> String {
    format!("{}{path}", crate::read::theme::FILES)
}

/// Style sheets of code, by address.
pub fn code_styles(
    config: &crate::config::Config,
    problems: &mut Vec<Diagnostic>,
) -> std::collections::BTreeMap<UrlPath, Arc<[u8]>> {
    let mut styles = std::collections::BTreeMap::new();
    let code = &config.markdown.code;
    if !code.highlight {
        return styles;
    }
    let wanted = [
        (crate::plan::CODE_LIGHT, Some(&code.light_theme)),
        (crate::plan::CODE_DARK, code.dark_theme.as_ref()),
    ];
    for (name, theme) in wanted {
        let Some(theme) = theme else { continue };
        let is_dark = name == crate::plan::CODE_DARK;
        let scheme = if is_dark { code::Scheme::Dark } else { code::Scheme::Light };
        match code::stylesheet(&code::ThemeSource::Name(theme), scheme, "") {
            Ok(css) => {
                styles.insert(UrlPath::new(name), Arc::from(css.into_bytes()));
            }
            Err(error) => {
                let problem = Diagnostic::error(error.code, error.message);
                let problem = error.hints.into_iter().fold(problem, Diagnostic::hint);
                let own = if is_dark {
                    "markdown.highlighting.dark_theme"
                } else {
                    "markdown.highlighting.light_theme"
                };
                let keys = [own, "markdown.highlighting.theme", "markdown.highlight_theme"];
                problems.push(config.problem_at(problem, &keys));
            }
        }
    }
    styles
}
