//! Links: where every target in every body leads.
//!
//! In: the site, its bodies, and the addresses of everything that will be
//! published. Out: an address for each target, who links to whom, and a problem
//! for each target that leads nowhere. Pure.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use super::{ItemId, PLACELESS, Site, link_address, sides};
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::paths::{
    FilePath, PROCESSED_IMAGES, PathError, UrlPath, percent_decode, percent_encode, without_place,
};
use crate::base::source::{Source, Span};
use crate::base::text::{anchor, nearest};
use crate::config::LinkLevel;
use crate::parse::markdown::{Document, Link, LinkKind};

/// One resolved target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The address to write; inside the site it starts with [`PLACELESS`].
    pub address: String,
    /// The page or section it leads to.
    pub item: Option<ItemId>,
}

/// A body and the text it was parsed from.
#[derive(Debug, Clone)]
pub struct Body {
    /// The parsed body.
    pub document: Arc<Document>,
    /// Text that the spans of the body are in. For a body with template
    /// expressions this is the expanded text, see `origin`.
    pub source: Arc<Source>,
    /// The author's own text, when `source` is not.
    pub origin: Option<Arc<Source>>,
}

impl Body {
    /// The place in the author's file of a span in the body.
    pub fn place(&self, span: Span) -> (Arc<Source>, Span) {
        let Some(origin) = &self.origin else { return (Arc::clone(&self.source), span) };
        (Arc::clone(origin), crate::parse::markdown::template::place_in_origin(&self.source, origin, span))
    }
}

/// What links can lead to.
pub struct Targets<'a> {
    site: &'a Site,
    /// Addresses (not encoded) of everything that will be published.
    addresses: &'a BTreeSet<UrlPath>,
    /// The body of a page or section, for its anchors.
    document: &'a (dyn Fn(ItemId) -> Option<&'a Document> + Sync),
    /// Wikilink names, lower-case: titles and file names. Collected when one
    /// is met.
    names: OnceLock<BTreeMap<String, ItemId>>,
}

/// Ids in a body that can be linked to.
pub fn anchors(document: &Document) -> impl Iterator<Item = &str> {
    let of_directives = document.directives.iter().filter_map(|directive| {
        let id = directive.arguments.iter().find(|(name, _)| name == "id");
        id.and_then(|(_, value)| value.as_str())
    });
    let headings = document.headings.iter().map(|heading| heading.id.as_str());
    headings.chain(document.ids.iter().map(String::as_str)).chain(of_directives)
}

impl<'a> Targets<'a> {
    /// `document` gives the body of any page or section that has one.
    pub fn new(
        site: &'a Site,
        document: &'a (dyn Fn(ItemId) -> Option<&'a Document> + Sync),
        addresses: &'a BTreeSet<UrlPath>,
    ) -> Self {
        Self { site, addresses, document, names: OnceLock::new() }
    }

    fn names(&self) -> &BTreeMap<String, ItemId> {
        self.names.get_or_init(|| {
            let mut names = BTreeMap::new();
            for id in self.site.items() {
                let item = self.site.item(id);
                let stem = item.content_path.as_str().trim_end_matches(".md");
                for name in [item.title.as_str(), stem, item.file.stem.as_str()] {
                    names.entry(name.to_lowercase()).or_insert(id);
                }
            }
            names
        })
    }

    /// Resolves every target of one body. `body` belongs to `from`.
    pub fn resolve(&self, from: ItemId, body: &Body) -> (Vec<Resolved>, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let resolver = Resolver { targets: self, left: Cell::new(MOST_GUESSES), anchors: RefCell::default() };
        let resolved = body
            .document
            .links
            .iter()
            .map(|link| match resolver.target(from, link) {
                Ok(resolved) => resolved,
                Err(problem) => {
                    let (source, span) = body.place(link.span);
                    let mut problem = problem.at(&source, span);
                    if self.site.config.link_checker.internal_level == LinkLevel::Warn {
                        problem.severity = Severity::Warning;
                    }
                    problems.push(problem);
                    Resolved { address: "#".to_owned(), item: None }
                }
            })
            .collect();
        (resolved, problems)
    }

    /// The published address that a request for `url` would give.
    fn published(&self, url: &UrlPath) -> Option<UrlPath> {
        if self.addresses.contains(url) {
            return Some(url.clone());
        }
        let folder = UrlPath::new(&format!("{url}/"));
        if self.addresses.contains(&folder) {
            return Some(folder);
        }
        let short = UrlPath::new(url.as_str().strip_suffix("index.html")?);
        self.addresses.contains(&short).then_some(short)
    }

    fn inside(
        &self,
        url: &UrlPath,
        query: Option<&str>,
        fragment: Option<&str>,
        item: Option<ItemId>,
    ) -> Resolved {
        let mut address = link_address(url);
        if let Some(query) = query {
            address.push('?');
            address.push_str(&percent_encode_again(query));
        }
        if let Some(fragment) = fragment {
            address.push('#');
            address.push_str(&percent_encode_again(fragment));
        }
        debug_assert!(address.starts_with(PLACELESS));
        Resolved { address, item }
    }
}

/// Guesses at what was meant in one body; with more mistakes than that something
/// else is wrong.
const MOST_GUESSES: usize = 100;

/// The targets of one body.
struct Resolver<'t, 'a> {
    targets: &'t Targets<'a>,
    /// Guesses that are left.
    left: Cell<usize>,
    /// Anchors of pages that were asked for.
    anchors: RefCell<HashMap<ItemId, HashSet<String>>>,
}

impl Resolver<'_, '_> {
    /// Whether another guess is worth its time: what is meant instead.
    fn may_guess(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    fn has_anchor(&self, id: ItemId, name: &str) -> bool {
        let mut known = self.anchors.borrow_mut();
        let of_page = known.entry(id).or_insert_with(|| {
            let Some(document) = (self.targets.document)(id) else { return HashSet::new() };
            let of_sides = sides::anchors(self.targets.site, id, document);
            anchors(document).map(str::to_owned).chain(of_sides).collect()
        });
        of_page.contains(name)
    }

    /// Whether a path is that of a published file, with its digest in the name.
    fn is_copy(&self, path: &str) -> bool {
        let Targets { site, addresses, .. } = self.targets;
        let plain = UrlPath::new(path).without_digest();
        site.config.hashed_names && plain.is_some_and(|plain| addresses.contains(&plain))
    }

    fn target(&self, from: ItemId, link: &Link) -> Result<Resolved, Diagnostic> {
        let placed = without_place(&link.target);
        let target = placed.unwrap_or(&link.target);
        let (path, fragment) = match target.split_once('#') {
            Some((path, fragment)) => (path, Some(fragment)),
            None => (target, None),
        };
        if link.kind == LinkKind::Wiki {
            return self.wiki(path, fragment);
        }
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let decoded = percent_decode(path).unwrap_or_else(|| path.to_owned());
        let item = self.targets.site.item(from);
        if decoded.is_empty() {
            let to = from;
            return match fragment {
                _ if query.is_some() => Ok(self.targets.inside(&item.url, query, fragment, Some(to))),
                Some(fragment) => self.page(to, Some(fragment)),
                None => Ok(self.targets.inside(&item.url, None, None, Some(to))),
            };
        }
        if let Some(path) = decoded.strip_prefix("@/") {
            return self.content(&FilePath::root(), path, fragment, target);
        }
        // What a function gives is made after all pages: it is in no plan.
        if placed.is_some() && (decoded.starts_with(PROCESSED_IMAGES) || self.is_copy(&decoded)) {
            return Ok(self.targets.inside(&UrlPath::new(&decoded), query, fragment, None));
        }
        if let Some(path) = decoded.strip_prefix('/') {
            return self.absolute(path, query, fragment, target);
        }
        if decoded.ends_with(".md") {
            return self.content(&item.file.folder, &decoded, fragment, target);
        }
        // Beside the file, as the author's editor and GitHub see it.
        if let Ok(path) = item.file.folder.resolve(&decoded)
            && let Some(url) = self.targets.site.assets.get(&path)
        {
            return Ok(self.targets.inside(url, query, fragment, None));
        }
        // Beside the published page, as a browser sees it.
        let url = join_url(&item.url, &decoded);
        if let Some(url) = url.as_ref().and_then(|url| self.targets.published(url)) {
            return Ok(self.targets.inside(&url, query, fragment, None));
        }
        Err(self.no_asset(&item.file.folder, &decoded, link.kind))
    }

    fn wiki(&self, name: &str, fragment: Option<&str>) -> Result<Resolved, Diagnostic> {
        let key = name.trim().trim_end_matches(".md").to_lowercase();
        match self.targets.names().get(&key) {
            // A heading may be named by its text.
            Some(id) => self.page(*id, fragment).or_else(|problem| {
                let anchor = anchor(fragment.unwrap_or(""), self.targets.site.config.slugify.anchors);
                self.page(*id, Some(&anchor)).map_err(|_| problem)
            }),
            None if !self.may_guess() => {
                Err(Diagnostic::error("broken-internal-link", format!("there is no page named `{name}`")))
            }
            None => {
                Err(Diagnostic::error("broken-internal-link", format!("there is no page named `{name}`"))
                    .nearest(
                        &key,
                        self.targets.names().iter().map(|(name, id)| {
                            let title = self.targets.site.item(*id).title.as_str();
                            if title.to_lowercase() == *name { title } else { name }
                        }),
                    ))
            }
        }
    }

    fn page(&self, id: ItemId, fragment: Option<&str>) -> Result<Resolved, Diagnostic> {
        let item = self.targets.site.item(id);
        if !self.targets.addresses.contains(&item.url) {
            let problem = Diagnostic::error(
                "broken-internal-link",
                format!("`{}` has no page of its own to link to", item.file.path),
            );
            return Err(match item.front.common.render {
                Some(false) => problem.hint("its front matter says `render = false`"),
                _ => problem,
            });
        }
        if let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty() && *fragment != "top") {
            let decoded = percent_decode(fragment).unwrap_or_else(|| fragment.to_owned());
            let found = self.has_anchor(id, &decoded)
                || lines_between(&decoded)
                    .is_some_and(|ends| ends.iter().all(|end| self.has_anchor(id, end)));
            if !found && !decoded.starts_with(":~:") {
                let problem = Diagnostic::error(
                    "missing-anchor",
                    format!("`{}` has no heading or anchor `#{decoded}`", item.file.path),
                );
                if !self.may_guess() {
                    return Err(problem);
                }
                let mut sorted: Vec<&str> =
                    (self.targets.document)(id).into_iter().flat_map(anchors).collect();
                sorted.sort_unstable();
                sorted.dedup();
                return Err(match nearest(&decoded, sorted.iter().copied()) {
                    Some(near) => problem.hint(format!("did you mean `#{near}`?")),
                    None if sorted.is_empty() => problem.hint("that page has no headings"),
                    None => problem.hint(format!("its anchors are {}", list(&sorted, "#"))),
                });
            }
        }
        Ok(self.targets.inside(&item.url, None, fragment, Some(id)))
    }

    fn content(
        &self,
        folder: &FilePath,
        path: &str,
        fragment: Option<&str>,
        written: &str,
    ) -> Result<Resolved, Diagnostic> {
        let path = match folder.resolve(path) {
            Ok(path) => path,
            Err(PathError::Escapes) => {
                return Err(Diagnostic::error(
                    "broken-internal-link",
                    format!("`{written}` leads out of `content/`"),
                ));
            }
            Err(error) => {
                return Err(Diagnostic::error("broken-internal-link", format!("`{written}` {error}")));
            }
        };
        if let Some(id) = self.targets.site.by_path.get(&path) {
            return self.page(*id, fragment);
        }
        if let Some(url) = self.targets.site.assets.get(&path) {
            return Ok(self.targets.inside(url, None, fragment, None));
        }
        if let Some(left_out) = self.targets.site.left_out.get(&path) {
            return Err(left_out.problem("broken-internal-link", &path));
        }
        let problem = Diagnostic::error(
            "broken-internal-link",
            format!("there is no file `content/{path}` to link to"),
        );
        if !self.may_guess() {
            return Err(problem);
        }
        let mut known: Vec<&FilePath> = self.targets.site.by_path.keys().collect();
        known.sort();
        // The same name elsewhere is a better guess than a similar path here.
        let same_name: Vec<&str> =
            known.iter().filter(|other| other.name() == path.name()).map(|other| other.as_str()).collect();
        if !path.name().starts_with("index") && !path.name().starts_with("_index") && same_name.len() == 1 {
            return Err(problem.hint(format!("there is `@/{}`", same_name[0])));
        }
        Err(match nearest(path.as_str(), known.iter().map(|path| path.as_str())) {
            Some(near) => problem.hint(format!("did you mean `@/{near}`?")),
            None => problem,
        })
    }

    fn absolute(
        &self,
        path: &str,
        query: Option<&str>,
        fragment: Option<&str>,
        written: &str,
    ) -> Result<Resolved, Diagnostic> {
        let url = UrlPath::new(path);
        match self.targets.published(&url) {
            Some(url) => Ok(self.targets.inside(&url, query, fragment, None)),
            None if !self.may_guess() => {
                Err(Diagnostic::error("broken-internal-link", format!("nothing is published at `{written}`")))
            }
            None => Err(Diagnostic::error("broken-internal-link", format!("nothing is published at `{written}`"))
                .nearest(url.as_str(), self.targets.addresses.iter().map(UrlPath::as_str))
                .hint("a link to a content file, `@/path/file.md`, is checked by file and survives renaming addresses")),
        }
    }

    fn no_asset(&self, folder: &FilePath, path: &str, kind: LinkKind) -> Diagnostic {
        let what = if kind == LinkKind::Image { "image" } else { "file or page" };
        let problem = Diagnostic::error(
            "broken-internal-link",
            format!("there is no {what} `{path}` beside this file (`content/{folder}`)"),
        );
        if !self.may_guess() {
            return problem;
        }
        let beside: Vec<String> = self
            .targets
            .site
            .assets
            .keys()
            .chain(self.targets.site.by_path.keys().filter(|_| kind != LinkKind::Image))
            .filter_map(|asset| asset.below(folder))
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let folder_page = folder.resolve(path.trim_end_matches('/')).ok().map(|path| path.join("_index.md"));
        if folder_page.is_some_and(|path| self.targets.site.by_path.contains_key(&path)) {
            return problem.hint(format!("did you mean `{}/_index.md`?", path.trim_end_matches('/')));
        }
        let here = FilePath::new("").join(folder.as_str());
        if let Ok(below) = here.resolve(path.trim_end_matches('/'))
            && let Some(url) = self.targets.published(&UrlPath::new(&format!("/{below}/")))
        {
            return problem.hint(format!("a page that no file stands for is linked by its address: `{url}`"));
        }
        let with_md = format!("{}.md", path.trim_end_matches('/'));
        if beside.iter().any(|name| name == &with_md) {
            return problem.hint(format!("did you mean `{with_md}`?"));
        }
        problem.nearest(path, beside.iter().map(String::as_str))
    }
}

/// Percent-encodes what is not yet encoded.
fn percent_encode_again(text: &str) -> String {
    percent_decode(text).map_or_else(
        || percent_encode(text),
        |decoded| {
            if decoded == text {
                percent_encode(text).replace("%3F", "?").replace("%26", "&")
            } else {
                text.replace(['"', '<', '>', '\''], "")
            }
        },
    )
}

fn list(names: &[&str], prefix: &str) -> String {
    let shown: Vec<String> = names.iter().take(8).map(|name| format!("`{prefix}{name}`")).collect();
    let more = if names.len() > 8 { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// A relative address, resolved against a page's address; `None` when it leads
/// out of the site.
fn join_url(base: &UrlPath, relative: &str) -> Option<UrlPath> {
    let folder = FilePath::root().resolve(base.as_str().trim_start_matches('/')).ok()?;
    let joined = folder.resolve(relative).ok()?;
    let slash = if relative.ends_with('/') && !joined.as_str().is_empty() { "/" } else { "" };
    Some(UrlPath::new(&format!("{joined}{slash}")))
}

/// Who links to each page or section, in order and without repetition.
pub fn backlinks<'a>(site: &Site, links: impl Fn(ItemId) -> &'a [Resolved]) -> HashMap<ItemId, Vec<ItemId>> {
    let mut back: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
    for from in site.items() {
        for to in links(from).iter().filter_map(|link| link.item) {
            let list = back.entry(to).or_default();
            if to != from && list.last() != Some(&from) {
                list.push(from);
            }
        }
    }
    back
}

/// The anchors of the first and the last line of `name-3..7`.
fn lines_between(fragment: &str) -> Option<[String; 2]> {
    let (first, last) = fragment.split_once("..")?;
    let (name, number) = first.rsplit_once('-')?;
    let are_numbers = [number, last].iter().all(|number| number.parse::<u32>().is_ok());
    are_numbers.then(|| [first.to_owned(), format!("{name}-{last}")])
}
