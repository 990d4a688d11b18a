//! Plan: the site to a table of outputs, one producer for each path.
//!
//! In: the site and the static files of all layers. Out: [`Plan`]: every output
//! path with what is to be written there and where it comes from, in order of
//! the paths; the addresses that links can lead to; problems. Pure. Must not
//! draw anything.

mod fields;
mod generated;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::base::diagnostic::Diagnostic;
use crate::base::paths::{FilePath, OutputPath, UrlPath};
use crate::base::source::{Source, Span};
use crate::config::Config;
use crate::model::field::FieldId;
use crate::model::{Item, ItemId, PageId, SectionId, Site, link_address, permalink};
use crate::read::discover::static_root;
use crate::read::theme::{Layers, StaticFile, StaticOrigin, TemplatedFile};

/// Entries in one sitemap file (the protocol allows 50,000).
pub const SITEMAP_LIMIT: usize = 30_000;

/// Name of the style sheet of code in light surroundings.
pub const CODE_LIGHT: &str = "code-light.css";
/// Name of the style sheet of code in dark surroundings.
pub const CODE_DARK: &str = "code-dark.css";
/// Name of the script that redirect pages use to keep query and fragment.
pub const REDIRECT_SCRIPT: &str = "redirect.js";

/// Name of the list of pages for readers that are programs.
pub const LLMS: &str = "llms.txt";
/// Name of the text of all pages.
pub const LLMS_FULL: &str = "llms-full.txt";

/// The script of the search. A theme that has it has a template `search.html`.
pub const SEARCH_SCRIPT: &str = "juxta-search.js";

/// Folder of the search in a language, and the address of its page. Its index
/// is written there too, after all pages; its files are not in the plan.
pub fn search_folder(config: &Config, language: &str) -> String {
    if language == config.default_language { "search/".to_owned() } else { format!("{language}/search/") }
}

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// A page.
    Page(PageId),
    /// A section, or one pager of it (1-based).
    Section(SectionId, Option<usize>),
    /// The list of a taxonomy's terms: index into [`Site::taxonomies`].
    TaxonomyList(usize),
    /// A term, or one pager of it (1-based).
    Term(usize, usize, Option<usize>),
    /// A subject that has no page of its own.
    Subject(FieldId, usize),
    /// A pair that nobody has written: index into [`Field::pairs`](crate::model::field::Field::pairs).
    Pair(FieldId, usize),
    /// All subjects of a field against all its criteria.
    Matrix(FieldId),
    /// The same as data.
    Export(FieldId, Export),
    /// A feed.
    Feed(Feed),
    /// The sitemap, or the index of its parts.
    Sitemap,
    /// One part of a split sitemap (1-based).
    SitemapPart(usize),
    /// `robots.txt`.
    Robots,
    /// `404.html`.
    NotFound,
    /// A page that only leads to another address.
    Redirect(String),
    /// A file as it is.
    File(StaticOrigin),
    /// The style sheet of code; true for dark surroundings.
    CodeStyle(bool),
    /// [`REDIRECT_SCRIPT`].
    RedirectScript,
    /// The page of the search, in a language.
    Search(String),
    /// A template that is a file: the path of both.
    Templated(FilePath),
    /// `llms.txt`, in a language.
    Llms(String),
}

/// A format of a field's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// `matrix.json`.
    Json,
    /// `matrix.csv`.
    Csv,
}

/// A feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// File name and template name.
    pub name: String,
    /// Language id.
    pub language: String,
    /// What it lists.
    pub of: FeedOf,
}

/// What a feed lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedOf {
    /// All pages of its language.
    Site,
    /// Pages of one section.
    Section(SectionId),
    /// Pages of a term: taxonomy, term.
    Term(usize, usize),
}

/// Where an output comes from, for messages.
#[derive(Debug, Clone)]
pub struct Origin {
    /// "the page `content/a.md`".
    pub what: String,
    /// The key that decided it, or the start of the file.
    pub place: Option<(Arc<Source>, Span)>,
}

/// One output.
#[derive(Debug, Clone)]
pub struct Job {
    /// Where it is written.
    pub output: OutputPath,
    /// What is written.
    pub work: Work,
    /// Why.
    pub origin: Origin,
}

impl Job {
    /// Where it is written as Markdown, if it is something to read.
    fn twin(&self) -> Option<OutputPath> {
        let is_read = match self.work {
            Work::Page(_) | Work::Section(..) | Work::Subject(..) | Work::Pair(..) | Work::Matrix(_) => true,
            Work::TaxonomyList(_)
            | Work::Term(..)
            | Work::Export(..)
            | Work::Feed(_)
            | Work::Sitemap
            | Work::SitemapPart(_)
            | Work::Robots
            | Work::NotFound
            | Work::Redirect(_)
            | Work::File(_)
            | Work::CodeStyle(_)
            | Work::RedirectScript
            | Work::Search(_)
            | Work::Templated(_)
            | Work::Llms(_) => false,
        };
        let name = self.output.as_str().strip_suffix(".html").filter(|_| is_read)?;
        OutputPath::new(&format!("{name}.md")).ok()
    }
}

/// One line of the sitemap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitemapEntry {
    /// Address, absolute.
    pub permalink: String,
    /// Date of the last change, from front matter.
    pub updated: Option<String>,
    /// The page or section.
    pub item: Option<ItemId>,
}

/// Everything that will be written.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// In order of their paths; no two for one path.
    pub jobs: Vec<Job>,
    /// Addresses (not encoded) of all of them.
    pub addresses: BTreeSet<UrlPath>,
    /// In order of the addresses.
    pub sitemap: Vec<SitemapEntry>,
    /// Pages that are written as Markdown too, each with where. No jobs: they
    /// are made of what their pages have become.
    pub twins: BTreeMap<OutputPath, OutputPath>,
    /// Where all pages of a language are written as one text. No jobs either.
    pub full: BTreeMap<String, OutputPath>,
}

struct Planner<'a> {
    site: &'a Site,
    jobs: BTreeMap<OutputPath, Job>,
    by_key: HashMap<String, OutputPath>,
    problems: Vec<Diagnostic>,
    sitemap: Vec<SitemapEntry>,
    has_redirects: bool,
    twins: BTreeMap<OutputPath, OutputPath>,
    full: BTreeMap<String, OutputPath>,
}

/// Plans all outputs.
pub fn plan(site: &Site, layers: &Layers, statics: &[FilePath]) -> (Plan, Vec<Diagnostic>) {
    let mut planner = Planner {
        site,
        jobs: BTreeMap::new(),
        by_key: HashMap::new(),
        problems: Vec::new(),
        sitemap: Vec::new(),
        has_redirects: false,
        twins: BTreeMap::new(),
        full: BTreeMap::new(),
    };
    planner.pages();
    planner.sections();
    planner.taxonomies();
    planner.site_feeds();
    planner.aliases();
    planner.assets();
    planner.fields();
    planner.statics(&layers.statics, statics);
    planner.templated(&layers.files);
    planner.generated();
    planner.llms();
    planner.kept_for_search();
    planner.file_against_folder();
    let jobs: Vec<Job> = planner.jobs.into_values().collect();
    let (twins, full) = (planner.twins, planner.full);
    let outputs = jobs.iter().map(|job| &job.output).chain(twins.values()).chain(full.values());
    let addresses = outputs.map(OutputPath::url).collect();
    let mut sitemap = planner.sitemap;
    sitemap.sort_by(|a, b| a.permalink.cmp(&b.permalink));
    sitemap.dedup_by(|a, b| a.permalink == b.permalink);
    (Plan { jobs, addresses, sitemap, twins, full }, planner.problems)
}

impl Plan {
    /// The job of an output.
    pub fn job(&self, output: &OutputPath) -> Option<&Job> {
        let at = self.jobs.binary_search_by(|job| job.output.cmp(output)).ok()?;
        self.jobs.get(at)
    }

    /// Whether an output is one of these: a job's, or a page as Markdown.
    pub fn is_published(&self, output: &OutputPath) -> bool {
        self.addresses.contains(&output.url())
    }

    /// Whether an output is something to read.
    pub fn is_read(&self, output: &OutputPath) -> bool {
        self.job(output).is_some_and(|job| job.twin().is_some())
    }
}

/// Pages of one pager: how many pagers a list of `count` pages has.
pub fn pager_count(count: usize, by: usize) -> usize {
    count.div_ceil(by.max(1)).max(1)
}

/// Address of a pager (1-based) of the list at `url`.
pub fn pager_url(url: &UrlPath, word: &str, pager: usize) -> UrlPath {
    match (pager, word.trim_matches('/')) {
        (1, _) => url.clone(),
        (n, "") => UrlPath::new(&format!("{url}{n}/")),
        (n, word) => UrlPath::new(&format!("{url}{word}/{n}/")),
    }
}

impl Planner<'_> {
    fn add(&mut self, url: &UrlPath, work: Work, origin: Origin) {
        match OutputPath::new(OutputPath::of_url(url).as_str()) {
            Ok(output) => self.add_output(output, work, origin),
            Err(error) => {
                let problem = Diagnostic::error("bad-path", format!("the address `{url}` {error}"));
                self.problems.push(at_origin(problem, &origin));
            }
        }
    }

    fn add_output(&mut self, output: OutputPath, work: Work, origin: Origin) {
        let key = output.collision_key();
        if let Some(other) = self.by_key.get(&key).and_then(|other| self.jobs.get(other)) {
            self.problems.push(collision(&output, &origin, other));
            return;
        }
        self.by_key.insert(key, output.clone());
        self.jobs.insert(output.clone(), Job { output, work, origin });
    }

    fn note_in_sitemap(&mut self, url: &UrlPath, updated: Option<String>, item: Option<ItemId>) {
        self.sitemap.push(SitemapEntry { permalink: permalink(&self.site.config, url), updated, item });
    }

    fn pages(&mut self) {
        let site = self.site;
        for (i, page) in site.pages.iter().enumerate() {
            let id = PageId(u32::try_from(i).unwrap_or(u32::MAX));
            if !site.is_rendered(ItemId::Page(id)) {
                continue;
            }
            let origin = item_origin(&page.item, "page", &["path", "slug"]);
            self.add(&page.item.url, Work::Page(id), origin);
            let fields = &page.item.front.page;
            let of_page = fields.updated.as_ref().or(fields.date.as_ref());
            let of_facts =
                site.fields.subjects.get(&id).and_then(|(field, i)| site.fields.field(*field).newest(*i));
            let of_article = fields.article.as_ref().and_then(|article| article.verified.as_ref());
            let updated =
                [of_page, of_facts, of_article].into_iter().flatten().max_by_key(|date| date.timestamp);
            let updated = updated.map(|date| date.text.clone());
            self.note_in_sitemap(&page.item.url, updated, Some(ItemId::Page(id)));
        }
    }

    fn sections(&mut self) {
        let site = self.site;
        for (i, section) in site.sections.iter().enumerate() {
            let id = SectionId(u32::try_from(i).unwrap_or(u32::MAX));
            let item = &section.item;
            let origin = item_origin(item, "section", &[]);
            if let Some(target) = &item.front.section.redirect_to {
                match self.redirect_target(item, target) {
                    Ok(address) => {
                        self.has_redirects = true;
                        self.add(&item.url, Work::Redirect(address), origin);
                    }
                    Err(problem) => self.problems.push(*problem),
                }
                continue;
            }
            if !site.is_rendered(ItemId::Section(id)) {
                continue;
            }
            // A language without any content of its own has no home page.
            let is_empty =
                item.parsed.is_none() && section.pages.is_empty() && section.subsections.is_empty();
            if is_empty && item.file.language != site.config.default_language {
                continue;
            }
            let fields = &item.front.section;
            match fields.paginate_by {
                Some(by) if by > 0 => {
                    let count =
                        section.pages.iter().filter(|page| site.is_rendered(ItemId::Page(**page))).count();
                    let word = fields.paginate_path.as_deref().unwrap_or("page");
                    self.pagers(&item.url, word, pager_count(count, by), &origin, |n| {
                        Work::Section(id, Some(n))
                    });
                }
                _ => self.add(&item.url, Work::Section(id, None), origin.clone()),
            }
            self.note_in_sitemap(&item.url, None, Some(ItemId::Section(id)));
            if fields.generate_feeds && site.config.base_url.is_some() {
                for name in site.config.language_or_default(&item.file.language).feed_filenames {
                    let feed = Feed {
                        name: name.clone(),
                        language: item.file.language.clone(),
                        of: FeedOf::Section(id),
                    };
                    let origin = Origin { what: format!("the feed of {}", origin.what), ..origin.clone() };
                    self.add(&UrlPath::new(&format!("{}{name}", item.url)), Work::Feed(feed), origin);
                }
            } else if fields.generate_feeds {
                let problem = feed_needs_base();
                self.problems.push(at_key(problem, item, &["generate_feeds"]));
            }
        }
    }

    fn pagers(
        &mut self,
        url: &UrlPath,
        word: &str,
        count: usize,
        origin: &Origin,
        work: impl Fn(usize) -> Work,
    ) {
        for n in 1..=count {
            let at = pager_url(url, word, n);
            let what = if n == 1 { origin.what.clone() } else { format!("pager {n} of {}", origin.what) };
            self.add(&at, work(n), Origin { what, ..origin.clone() });
            if n > 1 && !self.site.config.exclude_paginated_pages_in_sitemap {
                self.note_in_sitemap(&at, None, None);
            }
        }
        if !word.trim_matches('/').is_empty() {
            self.has_redirects = true;
            let first = UrlPath::new(&format!("{url}{}/1/", word.trim_matches('/')));
            let origin =
                Origin { what: format!("the redirect to pager 1 of {}", origin.what), ..origin.clone() };
            self.add(&first, Work::Redirect(link_address(url)), origin);
        }
    }

    fn taxonomies(&mut self) {
        let site = self.site;
        for (t, taxonomy) in site.taxonomies.iter().enumerate() {
            if !taxonomy.config.render {
                continue;
            }
            let origin = Origin { what: format!("the taxonomy `{}`", taxonomy.config.name), place: None };
            self.add(&taxonomy.url, Work::TaxonomyList(t), origin);
            self.note_in_sitemap(&taxonomy.url, None, None);
            for (i, term) in taxonomy.terms.iter().enumerate() {
                let origin = Origin {
                    what: format!("the term `{}` of `{}`", term.name, taxonomy.config.name),
                    place: None,
                };
                match taxonomy.config.paginate_by {
                    Some(by) if by > 0 => {
                        let count =
                            term.pages.iter().filter(|page| site.is_rendered(ItemId::Page(**page))).count();
                        let word = taxonomy.config.paginate_path.clone();
                        self.pagers(&term.url, &word, pager_count(count, by), &origin, |n| {
                            Work::Term(t, i, Some(n))
                        });
                    }
                    _ => self.add(&term.url, Work::Term(t, i, None), origin.clone()),
                }
                self.note_in_sitemap(&term.url, None, None);
                if taxonomy.config.feed && site.config.base_url.is_some() {
                    for name in site.config.language_or_default(&taxonomy.language).feed_filenames {
                        let feed = Feed {
                            name: name.clone(),
                            language: taxonomy.language.clone(),
                            of: FeedOf::Term(t, i),
                        };
                        let origin = Origin { what: format!("the feed of {}", origin.what), place: None };
                        self.add(&UrlPath::new(&format!("{}{name}", term.url)), Work::Feed(feed), origin);
                    }
                }
            }
        }
    }

    fn site_feeds(&mut self) {
        let config = &self.site.config;
        for language in self.site.languages() {
            let resolved = config.language_or_default(language);
            if !resolved.generate_feeds {
                continue;
            }
            if config.base_url.is_none() {
                let problem = config.problem_at(feed_needs_base(), &["generate_feeds", "generate_feed"]);
                self.problems.push(problem);
                return;
            }
            let prefix =
                if language == config.default_language { String::new() } else { format!("{language}/") };
            for name in resolved.feed_filenames {
                let feed = Feed { name: name.clone(), language: language.to_owned(), of: FeedOf::Site };
                let origin = Origin { what: format!("the feed `{name}` of the site"), place: None };
                self.add(&UrlPath::new(&format!("{prefix}{name}")), Work::Feed(feed), origin);
            }
        }
    }

    fn aliases(&mut self) {
        let site = self.site;
        for id in site.items() {
            let item = site.item(id);
            for (i, alias) in item.front.common.aliases.iter().enumerate() {
                let key = format!("aliases[{i}]");
                let file = if alias.ends_with(".html") || alias.ends_with(".htm") {
                    alias.trim_matches('/').to_owned()
                } else {
                    format!("{}/index.html", alias.trim_matches('/'))
                };
                match OutputPath::new(&file) {
                    Ok(output) => {
                        self.has_redirects = true;
                        let origin = item_origin(item, &format!("alias `{alias}` of"), &[&key]);
                        self.add_output(output, Work::Redirect(link_address(&item.url)), origin);
                    }
                    Err(error) => {
                        let problem = Diagnostic::error("bad-alias", format!("the alias `{alias}` {error}"));
                        self.problems.push(at_key(problem, item, &[&key]));
                    }
                }
            }
        }
    }

    fn redirect_target(&self, item: &Item, target: &str) -> Result<String, Box<Diagnostic>> {
        if let Some(path) = target.strip_prefix("@/") {
            let (path, fragment) =
                path.split_once('#').map_or((path, ""), |(path, fragment)| (path, fragment));
            let found = FilePath::root().resolve(path).ok().and_then(|path| self.site.by_path.get(&path));
            return match found {
                Some(id) if fragment.is_empty() => Ok(link_address(&self.site.item(*id).url)),
                Some(id) => Ok(format!("{}#{fragment}", link_address(&self.site.item(*id).url))),
                None => {
                    let problem = Diagnostic::error(
                        "broken-internal-link",
                        format!("there is no file `content/{path}` to redirect to"),
                    );
                    let mut known: Vec<&str> = self.site.by_path.keys().map(FilePath::as_str).collect();
                    known.sort_unstable();
                    let problem = match crate::base::text::nearest(path, known) {
                        Some(near) => problem.hint(format!("did you mean `@/{near}`?")),
                        None => problem,
                    };
                    Err(Box::new(at_key(problem, item, &["redirect_to"])))
                }
            };
        }
        if target.starts_with("https://") || target.starts_with("http://") {
            return Ok(target.to_owned());
        }
        if target.contains(':') || target.starts_with("//") {
            let problem =
                Diagnostic::error("forbidden-link-scheme", format!("cannot redirect to `{target}`"))
                    .hint("give a path, `@/section/page.md`, or an http(s) address");
            return Err(Box::new(at_key(problem, item, &["redirect_to"])));
        }
        let url = if target.starts_with('/') {
            UrlPath::new(target)
        } else {
            UrlPath::new(&format!("{}{target}", item.url))
        };
        Ok(link_address(&url))
    }

    fn assets(&mut self) {
        let site = self.site;
        for id in site.items() {
            let item = site.item(id);
            for (path, name) in &item.assets {
                let url = UrlPath::new(&format!("{}{name}", item.url));
                let origin = Origin { what: format!("the file `content/{path}`"), place: None };
                let file = FilePath::new("content").join(path.as_str());
                self.add(&url, Work::File(StaticOrigin::File(file)), origin);
            }
        }
        for (path, url) in &site.loose_assets {
            let origin = Origin { what: format!("the file `content/{path}`"), place: None };
            let file = FilePath::new("content").join(path.as_str());
            self.add(url, Work::File(StaticOrigin::File(file)), origin);
        }
    }

    /// `a` cannot be a file and a folder.
    fn file_against_folder(&mut self) {
        let mut problems = Vec::new();
        for job in self.jobs.values() {
            let key = job.output.collision_key();
            for (i, _) in key.match_indices('/') {
                if let Some(other) = self.by_key.get(&key[..i]).and_then(|other| self.jobs.get(other)) {
                    problems.push(file_and_folder(job, other));
                }
            }
        }
        self.problems.append(&mut problems);
    }
}

fn cards_need_base() -> Diagnostic {
    Diagnostic::warning("card-needs-base-url", "no social card is drawn: its address is an absolute one")
        .hint("set `base_url` in the configuration")
}

fn feed_needs_base() -> Diagnostic {
    Diagnostic::warning("feed-needs-base-url", "no feed is written: feeds hold absolute addresses")
        .hint("set `base_url` in the configuration")
}

fn item_origin(item: &Item, kind: &str, keys: &[&str]) -> Origin {
    let what = format!("the {kind} `{}`", item.file.path);
    let place = item.parsed.as_ref().map(|parsed| {
        let span = keys.iter().find_map(|key| parsed.front.spans.get(*key)).copied();
        (Arc::clone(&parsed.source), span.unwrap_or(Span::at(0)))
    });
    Origin { what, place }
}

fn at_key(problem: Diagnostic, item: &Item, keys: &[&str]) -> Diagnostic {
    match &item.parsed {
        Some(parsed) => {
            let span = keys.iter().find_map(|key| parsed.front.spans.get(*key)).copied();
            problem.at(&parsed.source, span.unwrap_or(Span::at(0)))
        }
        None => problem.in_file(item.file.path.as_str()),
    }
}

fn at_origin(problem: Diagnostic, origin: &Origin) -> Diagnostic {
    match &origin.place {
        Some((source, span)) => problem.at(source, *span),
        None => problem,
    }
}

fn file_and_folder(job: &Job, other: &Job) -> Diagnostic {
    let message = format!(
        "`{}` would be a file ({}) and a folder (of `{}`, {})",
        other.output, other.origin.what, job.output, job.origin.what
    );
    both_named(message, &job.output, &job.origin, &other.origin)
}

fn collision(output: &OutputPath, origin: &Origin, other: &Job) -> Diagnostic {
    let message = if *output == other.output {
        format!("two things would be published as `{output}`: {} and {}", origin.what, other.origin.what)
    } else {
        format!(
            "`{output}` ({}) and `{}` ({}) are one file on some systems",
            origin.what, other.output, other.origin.what
        )
    };
    both_named(message, output, origin, &other.origin)
}

fn both_named(message: String, output: &OutputPath, origin: &Origin, other: &Origin) -> Diagnostic {
    let mut problem = Diagnostic::error("duplicate-output", message);
    let both = origin.place.is_some() && other.place.is_some();
    for (origin, which) in [(origin, " is one"), (other, " is the other")] {
        if let Some((source, span)) = &origin.place {
            let which = if both { which } else { "" };
            problem = problem.label(source, *span, format!("{}{which}", origin.what));
        }
    }
    if problem.labels.is_empty() {
        // Two files: either is as good a place as the other.
        let file = origin.what.split('`').nth(1).unwrap_or(output.as_str());
        return problem.in_file(file).hint("rename one of them");
    }
    problem.hint("give one of them another `slug` or `path`, or rename it")
}
