//! Taxonomies: terms and their pages.
//!
//! In: pages with their front matter, the configuration. Out: every configured
//! taxonomy with its terms in order. Pure.

use std::collections::BTreeMap;

use super::order::newest_first;
use super::{Page, PageId, Taxonomy, Term, languages, permalink};
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::UrlPath;
use crate::base::source::Span;
use crate::base::text::slug;
use crate::config::Config;

/// Collects the terms of all pages.
pub fn collect(config: &Config, pages: &[Page], problems: &mut Vec<Diagnostic>) -> Vec<Taxonomy> {
    let mut taxonomies = Vec::new();
    for language in languages(config) {
        let resolved = config.language_or_default(language);
        for taxonomy in resolved.taxonomies {
            let name = slug(&taxonomy.name, config.slugify.taxonomies);
            let mut path = String::from("/");
            if language != config.default_language {
                path.push_str(language);
                path.push('/');
            }
            if let Some(root) = &config.taxonomy_root {
                path.push_str(root.trim_matches('/'));
                path.push('/');
            }
            path.push_str(&name);
            path.push('/');
            let url = UrlPath::new(&path);
            let terms = terms(config, pages, language, &taxonomy.name, &url, problems);
            taxonomies.push(Taxonomy {
                config: taxonomy.clone(),
                slug: name,
                language: language.to_owned(),
                permalink: permalink(config, &url),
                url,
                terms,
            });
        }
    }
    for page in pages {
        let known = config.language_or_default(&page.item.file.language).taxonomies;
        for name in page.item.front.page.taxonomies.keys() {
            if known.iter().any(|taxonomy| &taxonomy.name == name) {
                continue;
            }
            let problem =
                Diagnostic::error("unknown-taxonomy", format!("`{name}` is not a taxonomy of this site"))
                    .hint(format!(
                        "declare it in the configuration: `taxonomies = [{{ name = \"{name}\" }}]`"
                    ))
                    .nearest(name, known.iter().map(|taxonomy| taxonomy.name.as_str()));
            problems.push(at_front_matter(page, &format!("taxonomies.{name}"), problem));
        }
    }
    taxonomies
}

fn at_front_matter(page: &Page, key: &str, problem: Diagnostic) -> Diagnostic {
    match &page.item.parsed {
        Some(parsed) => {
            let span = parsed.front.spans.get(key).copied().unwrap_or(Span::at(0));
            problem.at(&parsed.source, span)
        }
        None => problem.in_file(page.item.file.path.as_str()),
    }
}

fn terms(
    config: &Config,
    pages: &[Page],
    language: &str,
    taxonomy: &str,
    url: &UrlPath,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Term> {
    let mut by_slug: BTreeMap<String, Term> = BTreeMap::new();
    for (i, page) in pages.iter().enumerate() {
        if page.item.file.language != language {
            continue;
        }
        for (n, name) in page.item.front.page.taxonomies.get(taxonomy).into_iter().flatten().enumerate() {
            let term_slug = slug(name, config.slugify.taxonomies);
            if term_slug.is_empty() {
                let problem =
                    Diagnostic::error("empty-term", format!("the term `{name}` has no letter or digit"));
                problems.push(at_front_matter(page, &format!("taxonomies.{taxonomy}[{n}]"), problem));
                continue;
            }
            let term = by_slug.entry(term_slug.clone()).or_insert_with(|| {
                let url = UrlPath::new(&format!("{url}{term_slug}/"));
                Term {
                    name: name.clone(),
                    slug: term_slug,
                    permalink: permalink(config, &url),
                    url,
                    pages: Vec::new(),
                }
            });
            if term.name != *name {
                let problem = Diagnostic::warning(
                    "term-spelling",
                    format!("`{name}` and `{}` are one term, since both become `{}`", term.name, term.slug),
                )
                .hint(format!("write `{}` everywhere", term.name));
                problems.push(at_front_matter(page, &format!("taxonomies.{taxonomy}[{n}]"), problem));
            }
            let id = PageId(u32::try_from(i).unwrap_or(u32::MAX));
            if term.pages.last() != Some(&id) {
                term.pages.push(id);
            }
        }
    }
    let mut terms: Vec<Term> = by_slug.into_values().collect();
    for term in &mut terms {
        term.pages.sort_by(|a, b| {
            let (a, b) = (&pages[a.0 as usize].item, &pages[b.0 as usize].item);
            newest_first(a.front.page.date.as_ref(), b.front.page.date.as_ref())
                .then_with(|| a.permalink.cmp(&b.permalink))
        });
    }
    terms
}
