//! Environment: the templates of all layers, compiled.
//!
//! In: layers of templates. Out: two engines over the same templates, one that
//! escapes for HTML and XML and one for plain text, since what needs escaping
//! is decided by the kind of output, not by a template's name; problems. Must
//! not render.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tera::Tera;

use super::errors::{Context, Known};
use super::parts::Parts;
use super::{budget, filters, functions};
use crate::base::diagnostic::Diagnostic;
use crate::base::source::{Source, Span};
use crate::read::theme::Layers;

/// Compiled templates.
pub struct Environment {
    /// For HTML and XML.
    pub markup: Tera,
    /// For plain text, JSON and scripts.
    pub plain: Tera,
    /// Texts by name.
    pub sources: HashMap<String, Arc<Source>>,
    /// Names templates can use.
    pub known: Known,
    /// Which templates each one is made of.
    pub parts: Arc<Parts>,
}

impl Environment {
    /// Whether a template looks into bodies of pages other than its own.
    pub fn sees_bodies(&self, template: &str) -> bool {
        self.parts.sees_bodies(template)
    }

    /// What is needed to turn an error into a problem.
    pub fn context(&self) -> Context<'_> {
        Context { sources: &self.sources, page: None, known: &self.known }
    }

    /// As [`Environment::context`], for a page's own text.
    pub fn page_context<'a>(&'a self, source: &'a Arc<Source>, start: usize) -> Context<'a> {
        Context { sources: &self.sources, page: Some((source, start)), known: &self.known }
    }
}

/// Compiles the templates; with any error there is no environment.
pub fn compile(layers: &Layers, include_depth: usize) -> Result<Environment, Vec<Diagnostic>> {
    let sources: HashMap<String, Arc<Source>> =
        layers.templates.iter().map(|file| (file.name.clone(), Arc::clone(&file.source))).collect();
    let mut markup = Tera::new();
    // Every name ends with nothing: all templates escape.
    markup.autoescape_on([""]);
    markup.set_escape_fn(|text, out| {
        budget::tick()?;
        tera::escape_html(text, out)
    });
    functions::register(&mut markup);
    filters::register(&mut markup);
    let mut known = Known {
        functions: functions::NAMES.iter().map(|(name, ..)| (*name).to_owned()).collect(),
        filters: filters::names(),
        tests: filters::TESTS.iter().map(|(name, ..)| (*name).to_owned()).collect(),
        components: layers.templates.iter().flat_map(|file| components_in(&file.source.text)).collect(),
        templates: layers
            .templates
            .iter()
            .map(|file| short_name(&file.name, &layers.prefixes).to_owned())
            .collect(),
    };
    known.templates.sort();
    known.templates.dedup();

    let mut problems = syntax_problems(layers, &sources, &known);
    problems.extend(too_deep(layers, include_depth));
    if !problems.is_empty() {
        return Err(problems);
    }
    let context = Context { sources: &sources, page: None, known: &known };
    let added = markup.set_fallback_prefixes(layers.prefixes.clone()).and_then(|()| {
        markup.add_raw_templates(
            layers.templates.iter().map(|file| (file.name.as_str(), file.source.text.as_str())),
        )
    });
    if let Err(error) = added {
        return Err(context.diagnose(&error, None));
    }
    known.components = markup.get_component_names().map(str::to_owned).collect();
    known.components.sort();
    let mut plain = markup.clone();
    plain.autoescape_on(Vec::<&str>::new());
    let parts = Arc::new(Parts::new(layers));
    Ok(Environment { markup, plain, sources, known, parts })
}

/// The name a template is asked for by.
fn short_name<'a>(name: &'a str, prefixes: &[String]) -> &'a str {
    prefixes.iter().find_map(|prefix| name.strip_prefix(prefix.as_str())).unwrap_or(name)
}

/// Syntax errors of every template: the engine stops at the first.
fn syntax_problems(
    layers: &Layers,
    sources: &HashMap<String, Arc<Source>>,
    known: &Known,
) -> Vec<Diagnostic> {
    let context = Context { sources, page: None, known };
    let mut problems = Vec::new();
    for file in &layers.templates {
        let mut alone = Tera::new();
        if let Err(error) = alone.add_raw_template(&file.name, &file.source.text)
            && matches!(error.kind(), tera::ErrorKind::SyntaxError(_))
        {
            problems.extend(context.diagnose(&error, None));
        }
    }
    problems
}

/// Templates inside one another deeper than the limit: the engine would use up
/// its stack. Circles are left to the engine, which names them.
fn too_deep(layers: &Layers, limit: usize) -> Vec<Diagnostic> {
    let resolve = |name: &str| {
        layers.templates.iter().position(|file| file.name == name).or_else(|| {
            layers.prefixes.iter().find_map(|prefix| {
                layers.templates.iter().position(|file| file.name == format!("{prefix}{name}"))
            })
        })
    };
    let edges: Vec<Vec<(usize, Span)>> = layers
        .templates
        .iter()
        .map(|file| {
            names_used(&file.source.text)
                .into_iter()
                .filter_map(|(name, span)| Some((resolve(name)?, span)))
                .collect()
        })
        .collect();
    // Longest chain from each template, by rounds: a chain that still grows
    // after `limit` rounds is too deep or a circle.
    let mut depth: BTreeMap<usize, usize> = (0..edges.len()).map(|i| (i, 0)).collect();
    for _ in 0..=limit {
        let mut grown = false;
        for (i, used) in edges.iter().enumerate() {
            let below = used.iter().map(|(to, _)| depth[to] + 1).max().unwrap_or(0);
            if below > depth[&i] {
                depth.insert(i, below);
                grown = true;
            }
        }
        if !grown {
            break;
        }
    }
    if depth.values().all(|depth| *depth <= limit) {
        return Vec::new();
    }
    let circular = |start: usize| {
        let mut seen = vec![false; edges.len()];
        let mut stack: Vec<usize> = edges[start].iter().map(|(to, _)| *to).collect();
        while let Some(at) = stack.pop() {
            if at == start {
                return true;
            }
            if !std::mem::replace(&mut seen[at], true) {
                stack.extend(edges[at].iter().map(|(to, _)| *to));
            }
        }
        false
    };
    if (0..edges.len()).any(circular) {
        return Vec::new();
    }
    let Some((deepest, _)) = depth.iter().max_by_key(|(i, depth)| (**depth, std::cmp::Reverse(**i))) else {
        return Vec::new();
    };
    let file = &layers.templates[*deepest];
    let span = edges[*deepest].first().map_or(Span::at(0), |(_, span)| *span);
    vec![
        Diagnostic::error(
            "include-too-deep",
            format!("templates lie more than {limit} deep inside one another, starting here"),
        )
        .at(&file.source, span)
        .hint("raise `limits.include_depth`, or flatten the includes"),
    ]
}

/// Names in `{% component name(…) %}`, for suggestions while there is no
/// environment that would know them.
fn components_in(text: &str) -> Vec<String> {
    let after = |i: usize| text[i + 2..].trim_start_matches('-').trim_start().strip_prefix("component ");
    text.match_indices("{%")
        .filter_map(|(i, _)| Some(after(i)?.trim_start().split_once('(')?.0.trim().to_owned()))
        .collect()
}

/// Names in `{% extends "…" %}` and `{% include "…" %}`, with their spans.
pub(super) fn names_used(text: &str) -> Vec<(&str, Span)> {
    let mut found = Vec::new();
    for (i, _) in text.match_indices("{%") {
        let rest = text[i + 2..].trim_start_matches('-').trim_start();
        let Some(rest) = rest.strip_prefix("extends").or_else(|| rest.strip_prefix("include")) else {
            continue;
        };
        let rest = rest.trim_start();
        let Some(quote @ ('"' | '\'')) = rest.chars().next() else { continue };
        let Some(end) = rest[1..].find(quote) else { continue };
        let start = text.len() - rest.len() + 1;
        found.push((&rest[1..=end], Span::new(start, start + end)));
    }
    found
}
