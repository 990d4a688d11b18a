//! Parts: which templates each template is made of, and what they look at.
//!
//! In: the templates of all layers. Out: for a template's name, a fingerprint
//! of everything it is drawn from, and whether it looks into the bodies of
//! pages other than its own. Read off the texts, coarsely: what may be used
//! counts as used. Must not render.

use std::collections::{BTreeSet, HashMap};

use super::environment::names_used;
use crate::base::fingerprint::Fingerprint;
use crate::read::theme::Layers;

/// Fields that a page in a list has only where a template asks for them: they
/// change with every edit of a body, or of one that links to it.
pub const OF_BODIES: &[&str] = &["content", "toc", "word_count", "backlinks"];

/// The templates that each template is made of.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// By full name: fingerprint of its text.
    texts: HashMap<String, Fingerprint>,
    /// By full name: what it extends and includes, as written.
    uses: HashMap<String, Vec<String>>,
    /// Prefixes of the layers below the site's own.
    prefixes: Vec<String>,
    /// Templates that define components, in order: any template may call them.
    defining: Vec<String>,
    /// By full name: what it does with bodies.
    looks: HashMap<String, Looks>,
    /// By the name it is asked for: fingerprint, and whether it sees bodies.
    known: HashMap<String, (Fingerprint, bool)>,
}

/// What one template does with fields of bodies. `page` and `section` are the
/// ones it is drawn for, unless these names are given to something else.
#[derive(Debug, Clone, Default)]
struct Looks {
    /// Variables of which it names such a field.
    into: BTreeSet<String>,
    /// It names such a field of something that is no variable.
    elsewhere: bool,
    /// Names it gives to something.
    names: BTreeSet<String>,
    /// Names it gives to a part of the configuration.
    of_config: BTreeSet<String>,
}

impl Parts {
    /// Of all layers.
    pub fn new(layers: &Layers) -> Self {
        let mut parts = Self { prefixes: layers.prefixes.clone(), ..Self::default() };
        for file in &layers.templates {
            let text = &file.source.text;
            let tags = tags(text);
            let used = names_used(text).into_iter().map(|(name, _)| name.to_owned()).collect();
            parts.texts.insert(file.name.clone(), Fingerprint::of(text.as_bytes()));
            parts.uses.insert(file.name.clone(), used);
            let defines =
                tags.iter().any(|tag| tag.trim_start_matches('-').trim_start().starts_with("component"));
            if defines {
                parts.defining.push(file.name.clone());
            }
            let mut looks = looks(&tags, defines);
            if defines && parts.uses.get(&file.name).is_none_or(Vec::is_empty) {
                // Nobody but the components sees the names in them.
                looks.names.clear();
            }
            parts.looks.insert(file.name.clone(), looks);
        }
        parts.defining.sort();
        let short = |name: &str| {
            let of_theme = parts.prefixes.iter().find_map(|prefix| name.strip_prefix(prefix.as_str()));
            of_theme.unwrap_or(name).to_owned()
        };
        let names: BTreeSet<String> = layers.templates.iter().map(|file| short(&file.name)).collect();
        let known = names.into_iter().map(|name| {
            let facts = (parts.fingerprint(&name), parts.sees_bodies(&name));
            (name, facts)
        });
        parts.known = known.collect();
        parts
    }

    /// The full name of the template that is drawn when `name` is asked for.
    fn resolve(&self, name: &str) -> Option<String> {
        let own = std::iter::once(name.to_owned());
        let below = self.prefixes.iter().map(|prefix| format!("{prefix}{name}"));
        own.chain(below).find(|name| self.texts.contains_key(name))
    }

    /// Full names of the template and of everything it may draw.
    fn all(&self, name: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open: Vec<String> = self.resolve(name).into_iter().collect();
        open.extend(self.defining.iter().cloned());
        while let Some(next) = open.pop() {
            let used = self.uses.get(&next).into_iter().flatten();
            open.extend(used.filter_map(|name| self.resolve(name)).filter(|name| !found.contains(name)));
            found.insert(next);
        }
        found
    }

    /// Stands for everything a template, or the component of that name, is
    /// drawn from.
    pub fn fingerprint(&self, name: &str) -> Fingerprint {
        if let Some((fingerprint, _)) = self.known.get(name) {
            return *fingerprint;
        }
        let resolved = self.resolve(name).unwrap_or_default();
        let all = self.all(name);
        let texts = all.iter().flat_map(|name| {
            let text = self.texts.get(name).map(|text| text.hex()).unwrap_or_default();
            [name.clone(), text]
        });
        let all: Vec<String> = std::iter::once(resolved).chain(texts).collect();
        Fingerprint::of_parts(all.iter().map(String::as_bytes))
    }

    /// Whether a template, or anything it may draw, looks into bodies of pages
    /// other than its own.
    pub fn sees_bodies(&self, name: &str) -> bool {
        if let Some((_, sees_bodies)) = self.known.get(name) {
            return *sees_bodies;
        }
        let mut together = Looks::default();
        for looks in self.all(name).iter().filter_map(|name| self.looks.get(name)) {
            together.into.extend(looks.into.iter().cloned());
            together.elsewhere |= looks.elsewhere;
            together.names.extend(looks.names.iter().cloned());
            together.of_config.extend(looks.of_config.iter().cloned());
        }
        let Looks { into, elsewhere, names, of_config } = together;
        let is_harmless = |name: &String| {
            !names.contains(name) && (name == "page" || name == "section" || of_config.contains(name))
        };
        elsewhere || !into.iter().all(is_harmless)
    }
}

/// The insides of `{{ … }}` and `{% … %}`.
fn tags(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (end, is_tag) = match rest.as_bytes().get(start + 1) {
            Some(b'{') => ("}}", true),
            Some(b'%') => ("%}", true),
            Some(b'#') => ("#}", false),
            _ => {
                rest = &rest[start + 1..];
                continue;
            }
        };
        let inside = &rest[start + 2..];
        let length = inside.find(end).unwrap_or(inside.len());
        if is_tag {
            found.push(&inside[..length]);
        }
        rest = inside.get(length + 2..).unwrap_or("");
    }
    found
}

/// What a template does with fields of bodies. A component knows only what it
/// is given, so there no name is that of the page it is drawn for.
fn looks(tags: &[&str], defines_components: bool) -> Looks {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`');
    let mut found = Looks::default();
    for tag in tags {
        let words: Vec<&str> = tag.split(|c: char| !is_word(c)).filter(|word| !word.is_empty()).collect();
        let named: &[&str] = match words.first() {
            Some(&"for") => &words[1..words.iter().position(|word| *word == "in").unwrap_or(words.len())],
            Some(&"set" | &"set_global") => words.get(1..2).unwrap_or_default(),
            Some(&"component") => &words[1..],
            _ => &[],
        };
        let value = tag.split_once('=').map_or("", |(_, value)| value.trim_start());
        let is_config = value.strip_prefix("{...").unwrap_or(value).starts_with("config");
        let names =
            if is_config && words[0] != "component" { &mut found.of_config } else { &mut found.names };
        names.extend(named.iter().map(|name| (*name).to_owned()));
        for (at, field) in OF_BODIES.iter().flat_map(|field| tag.match_indices(field)) {
            let (before, after) = (&tag[..at], &tag[at + field.len()..]);
            if before.ends_with(is_word) || after.starts_with(is_word) {
                continue;
            }
            if before.ends_with('.') {
                // `config.extra.words.toc`: what is before the first dot counts.
                let is_path = |c: char| is_word(c) || c == '.' || c == '?';
                let path = &before[before.rfind(|c: char| !is_path(c)).map_or(0, |i| i + 1)..];
                let (root, rest) = path.split_once(['.', '?']).unwrap_or((path, ""));
                let is_direct = rest.trim_start_matches(['.', '?']).is_empty();
                // What an author wrote there is no body.
                let is_free = path.split(['.', '?']).any(|name| name == "extra");
                if is_free || root == "config" && !defines_components {
                    continue;
                }
                if root.is_empty() || !is_direct || defines_components {
                    found.elsewhere = true;
                } else {
                    found.into.insert(root.to_owned());
                }
            } else if before.ends_with(is_quote) && after.starts_with(is_quote) {
                // `page["content"]`, `map(attribute="content")`.
                found.elsewhere = true;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::source::Source;
    use crate::read::theme::TemplateFile;

    fn parts(files: &[(&str, &str)]) -> Parts {
        let templates = files.iter().map(|(name, text)| TemplateFile {
            name: (*name).to_owned(),
            source: Arc::clone(&Source::new(*name, *text)),
        });
        Parts::new(&Layers {
            prefixes: vec!["t/".to_owned()],
            templates: templates.collect(),
            ..Layers::default()
        })
    }

    #[test]
    fn a_template_is_made_of_all_it_may_draw() {
        let files = [
            ("page.html", r#"{% extends "base.html" %}{% include "a.html" %}"#),
            ("t/base.html", "x"),
            ("t/a.html", "x"),
            ("t/b.html", "x"),
            ("t/c.html", "{% component c() %}{% include \"d.html\" %}{% endcomponent c %}"),
            ("t/d.html", "x"),
        ];
        let before = parts(&files).fingerprint("page.html");
        for (changed, expected) in [
            ("page.html", true),
            ("t/base.html", true),
            ("t/a.html", true),
            ("t/b.html", false),
            ("t/d.html", true),
        ] {
            let mut files = files.map(|(name, text)| (name, text.to_owned()));
            for (name, text) in &mut files {
                if name == &changed {
                    text.push('y');
                }
            }
            let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
            assert_eq!(parts(&files).fingerprint("page.html") != before, expected, "{changed}");
        }
        // A template of the site takes the place of the theme's.
        let mut more = files.to_vec();
        more.push(("base.html", "x"));
        assert_ne!(parts(&more).fingerprint("page.html"), before);
        assert_ne!(
            parts(&[("a", "")]).fingerprint("missing"),
            parts(&[("a", ""), ("missing", "")]).fingerprint("missing")
        );
    }

    #[test]
    fn only_bodies_of_other_pages_count() {
        let check = |text: &str| parts(&[("a", text), ("b", r#"{% include "a" %}"#)]).sees_bodies("b");
        for text in [
            r#"<p class="content">{{ page.content | safe }}{% if page?.toc %}{{ section.word_count }}{% endif %}"#,
            r#"{% set words = config.extra.words.en %}{{ words.toc }}{{ config.extra.words.de.toc }}"#,
            r#"{% set words = {...config.extra.words.en, ...(config.extra.words?[lang] | default(value={}))} %}{{ words.toc }}"#,
            r#"{% if page.toc and page.extra?.toc != false %}{{ page.toc | length }}{% endif %}"#,
            r#"{# p.content #}{{ content }}{{ x.contents }}{% block content %}{% set toc = page.toc %}"#,
        ] {
            assert!(!check(text), "{text}");
        }
        for text in [
            "{{ p.content }}",
            "{% for page in section.pages %}{{ page.content }}{% endfor %}",
            "{% set page = get_page(path=\"x\") %}{{ page?.toc }}",
            "{{ page.lower.word_count }}",
            "{% set words = config.x %}{% set words = page.lower %}{{ words.toc }}",
            "{{ p[\"content\"] }}",
            "{{ section.pages | map(attribute='content') }}",
            "{{ get_page(path=\"x\").content }}",
            "{% component x(page) %}{{ page.content }}{% endcomponent x %}",
        ] {
            assert!(check(text), "{text}");
        }
        // Nothing of the built-in theme looks there, but for its feeds.
        let layers = crate::read::theme::load(
            &crate::read::files::MemoryFiles::default(),
            &crate::config::Config::default(),
        );
        let built_in = Parts::new(&layers);
        let pages: Vec<&str> = layers
            .templates
            .iter()
            .filter_map(|file| file.name.strip_prefix("juxta/templates/"))
            .filter(|name| built_in.sees_bodies(name))
            .collect();
        assert_eq!(pages, ["atom.xml", "rss.xml"]);
        // What is included sees the names of what includes it.
        let card = |name: &str| {
            let list = format!("{{% for {name} in section.pages %}}{{% include \"card\" %}}{{% endfor %}}");
            parts(&[("list", &list), ("card", "{{ page.content }}")]).sees_bodies("list")
        };
        assert!(card("page") && !card("p"));
    }
}
