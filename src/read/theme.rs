//! Themes: layers of templates and static files, the site's own on top.
//!
//! In: [`Files`], the configuration and the theme built into the program. Out:
//! every template under the name templates know it by, in order of the layers,
//! and static files with their place in the output. Must not parse a template.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::discover::{file_problem, is_litter};
use super::files::{FileError, Files};
use crate::base::decode::decode;
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::FilePath;
use crate::base::source::Source;
use crate::base::table;
use crate::config::{self, Config, Switches};

include!(concat!(env!("OUT_DIR"), "/builtin_theme.rs"));

/// The name of the theme built into the program.
pub const BUILTIN: &str = "juxta";

/// Templates that every site has even without a theme: they do not extend or
/// include others.
const INTERNAL: &[&str] = &[
    "atom.xml",
    "rss.xml",
    "sitemap.xml",
    "split_sitemap_index.xml",
    "robots.txt",
    "anchor-link.html",
    "summary-cutoff.html",
    "social-card.svg",
];

/// The error page of a site without a theme.
const PLAIN_404: &str = "<!doctype html>\n<title>404 Not Found</title>\n<h1>404 Not Found</h1>\n";

/// What the built-in theme's directives are drawn with.
const COMPONENTS: [&str; 2] = ["components.html", "compare.html"];

/// Where a static file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaticOrigin {
    /// A file of the project.
    File(FilePath),
    /// A Sass file of the project, to be compiled, and the folder of all Sass
    /// files of its layer.
    Sass {
        /// The file.
        path: FilePath,
        /// The folder.
        folder: FilePath,
    },
    /// A file of the built-in theme: its bytes.
    Builtin(&'static [u8]),
}

/// One file that is published as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticFile {
    /// Place in the output.
    pub path: FilePath,
    /// Its origin.
    pub origin: StaticOrigin,
}

/// One template.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateFile {
    /// `page.html` for the site's own, `<theme>/templates/page.html` for a theme's.
    pub name: String,
    /// Its text.
    pub source: Arc<Source>,
}

/// A template that is published as a file of its own: `templates/files/a.json`
/// at `/a.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplatedFile {
    /// Place in the output.
    pub path: FilePath,
    /// Where it is.
    pub source: String,
    /// Name under `[extra]` without which it is not published.
    pub needs: Option<String>,
}

/// Folder of such templates, below that of all templates.
pub const FILES: &str = "files/";

/// All layers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layers {
    /// Prefixes of the themes' template names, nearest first: `docs/templates/`.
    pub prefixes: Vec<String>,
    /// Templates of all layers.
    pub templates: Vec<TemplateFile>,
    /// Static files of the themes, farthest theme first (the site's own come
    /// on top of them).
    pub statics: Vec<StaticFile>,
    /// Templates that are published as files, nearest first; one for each path.
    pub files: Vec<TemplatedFile>,
    /// `[extra]` of the themes, merged, nearest first.
    pub extra: Map<String, Value>,
    /// What was wrong.
    pub problems: Vec<Diagnostic>,
}

/// Whether a file name is a template's.
fn is_template(path: &FilePath) -> bool {
    matches!(
        path.extension(),
        Some(
            "html"
                | "htm"
                | "xml"
                | "md"
                | "txt"
                | "json"
                | "ics"
                | "svg"
                | "js"
                | "css"
                | "atom"
                | "rss"
                | "tera"
        )
    )
}

/// The folder of the site's own templates.
pub fn templates_root() -> FilePath {
    FilePath::new("templates")
}

/// The folder of the site's own Sass files.
pub fn sass_root() -> FilePath {
    FilePath::new("sass")
}

/// The Sass files of a layer that become style sheets, at their places in the
/// output. Those whose name starts with `_` are parts of others.
fn sass_files(files: &dyn Files, folder: &FilePath, problems: &mut Vec<Diagnostic>) -> Vec<StaticFile> {
    let (entries, found) = files.walk(folder);
    problems.extend(found.iter().map(|(path, error)| file_problem(path, error)));
    let mut sheets: Vec<StaticFile> = Vec::new();
    for entry in entries {
        let Some(below) = entry.path.below(folder).map(FilePath::new) else { continue };
        let Some(extension @ ("scss" | "sass")) = below.extension() else { continue };
        if below.name().starts_with('_') || is_litter(&below) {
            continue;
        }
        let stem = &below.as_str()[..below.as_str().len() - extension.len()];
        let path = FilePath::new(&format!("{stem}css"));
        if sheets.iter().any(|other| other.path == path) {
            let message = format!("`{stem}scss` and `{stem}sass` would both become `{path}`");
            let problem = Diagnostic::error("duplicate-output", message).in_file(entry.path.as_str());
            problems.push(problem.hint("rename one of them"));
            continue;
        }
        sheets.push(StaticFile {
            path,
            origin: StaticOrigin::Sass { path: entry.path, folder: folder.clone() },
        });
    }
    sheets
}

/// The folder of themes.
pub fn themes_root() -> FilePath {
    FilePath::new("themes")
}

/// Loads every layer the configuration names.
pub fn load(files: &dyn Files, config: &Config) -> Layers {
    let mut layers = Layers::default();
    load_templates(files, config, &FilePath::new("templates"), "", &mut layers);
    note_files("", &BTreeMap::new(), &mut layers);
    let own = layers.templates.len();
    let mut switches = Switches::new();

    let mut seen: Vec<String> = Vec::new();
    let mut next = match &config.theme {
        Some(name) => Some(name.clone()),
        None if config.is_zola() => None,
        None => Some(BUILTIN.to_owned()),
    };
    let mut chain_statics: Vec<Vec<StaticFile>> = Vec::new();
    while let Some(name) = next.take() {
        if seen.contains(&name) {
            layers.problems.push(
                config.problem_at(
                    Diagnostic::error(
                        "theme-cycle",
                        format!("the theme `{name}` is its own ancestor: {} → {name}", seen.join(" → ")),
                    )
                    .hint("take `parent` out of one `theme.toml` of these"),
                    &["theme"],
                ),
            );
            break;
        }
        seen.push(name.clone());
        let folder = match FilePath::new("themes").resolve(&name) {
            Ok(folder) if folder.parent() == FilePath::new("themes") => folder,
            _ => {
                layers.problems.push(config.problem_at(
                    Diagnostic::error(
                        "bad-theme-name",
                        format!("`{name}` is not the name of a folder under `themes/`"),
                    ),
                    &["theme"],
                ));
                break;
            }
        };
        let manifest = folder.join("theme.toml");
        let (entries, _) = files.walk(&folder);
        if entries.is_empty() && name == BUILTIN {
            chain_statics.push(load_builtin(&mut layers, &mut switches));
            break;
        }
        if entries.is_empty() {
            let (all, _) = files.walk(&FilePath::new("themes"));
            let mut known: Vec<&str> = all
                .iter()
                .filter_map(|entry| entry.path.as_str().split('/').nth(1))
                .chain([BUILTIN])
                .collect();
            known.dedup();
            layers.problems.push(
                config.problem_at(
                    Diagnostic::error("unknown-theme", format!("there is no theme `{name}`"))
                        .hint(format!("a theme is a folder: `themes/{name}/templates/`"))
                        .nearest(&name, known),
                    &["theme"],
                ),
            );
            break;
        }
        let mut conditions = BTreeMap::new();
        match files.read(&manifest, config.limits.source) {
            Ok(bytes) => match decode(&bytes, manifest.as_str()) {
                Ok(text) => {
                    let (theme, problems) = config::read_theme(&Source::new(manifest.as_str(), text));
                    conditions = theme.files;
                    layers.problems.extend(problems);
                    table::fill(&mut layers.extra, &theme.extra);
                    add(&mut switches, theme.values);
                    next = theme.parent;
                }
                Err(problem) => layers.problems.push(problem),
            },
            Err(FileError::Missing) => {}
            Err(error) => layers.problems.push(file_problem(manifest.as_str(), &error)),
        }
        let prefix = format!("{name}/templates/");
        load_templates(files, config, &folder.join("templates"), &prefix, &mut layers);
        note_files(&prefix, &conditions, &mut layers);
        layers.prefixes.push(prefix);
        let sass = sass_files(files, &folder.join("sass"), &mut layers.problems);
        let root = folder.join("static");
        let (entries, problems) = files.walk(&root);
        layers.problems.extend(problems.iter().map(|(path, error)| file_problem(path, error)));
        chain_statics.push(
            sass.into_iter()
                .chain(entries.into_iter().filter_map(|entry| {
                    let path = FilePath::new(entry.path.below(&root)?);
                    Some(StaticFile { path, origin: StaticOrigin::File(entry.path) })
                }))
                .collect(),
        );
    }
    let own = &layers.templates[..own];
    let is_read = |key: &str| own.iter().any(|template| has_word(&template.source.text, key));
    layers.problems.extend(config::check_switches(config, &switches, &layers.extra, &is_read));
    layers.statics = chain_statics.into_iter().rev().flatten().collect();
    if config.compile_sass {
        let own = sass_files(files, &sass_root(), &mut layers.problems);
        layers.statics.extend(own);
    }
    if !seen.iter().any(|name| name == BUILTIN) {
        load_internal(&mut layers);
    }
    layers
}

/// A nearer theme decides.
fn add(switches: &mut Switches, of_parent: Switches) {
    for (path, switch) in of_parent {
        switches.entry(path).or_insert(switch);
    }
}

/// Whether a name stands in a text, not as part of another.
fn has_word(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part))
}

/// Notes which templates of the layer with that prefix are published as files,
/// where no nearer layer has one for the path.
fn note_files(prefix: &str, conditions: &BTreeMap<String, String>, layers: &mut Layers) {
    for template in &layers.templates {
        let Some(path) = template.name.strip_prefix(prefix).and_then(|name| name.strip_prefix(FILES)) else {
            continue;
        };
        if layers.files.iter().all(|file| file.path.as_str() != path) {
            layers.files.push(TemplatedFile {
                path: FilePath::new(path),
                source: template.source.path.clone(),
                needs: conditions.get(path).cloned(),
            });
        }
    }
}

fn load_templates(files: &dyn Files, config: &Config, root: &FilePath, prefix: &str, layers: &mut Layers) {
    let (entries, problems) = files.walk(root);
    layers.problems.extend(problems.iter().map(|(path, error)| file_problem(path, error)));
    for entry in entries {
        let Some(name) = entry.path.below(root) else { continue };
        if !(is_template(&entry.path) || name.starts_with(FILES)) || entry.path.name().starts_with('.') {
            continue;
        }
        let text = files
            .read(&entry.path, config.limits.source)
            .map_err(|error| file_problem(entry.path.as_str(), &error))
            .and_then(|bytes| decode(&bytes, entry.path.as_str()));
        match text {
            Ok(text) => layers.templates.push(TemplateFile {
                name: format!("{prefix}{name}"),
                source: Source::new(entry.path.as_str(), text),
            }),
            Err(problem) => layers.problems.push(problem),
        }
    }
}

/// The built-in theme as a layer; its static files.
fn load_builtin(layers: &mut Layers, switches: &mut Switches) -> Vec<StaticFile> {
    let prefix = format!("{BUILTIN}/templates/");
    let mut statics = Vec::new();
    let mut conditions = BTreeMap::new();
    for (path, bytes) in BUILTIN_THEME {
        if let Some(name) = path.strip_prefix("templates/") {
            layers.templates.push(TemplateFile {
                name: format!("{prefix}{name}"),
                source: Source::new(format!("<{BUILTIN}>/{path}"), String::from_utf8_lossy(bytes)),
            });
        } else if let Some(name) = path.strip_prefix("static/") {
            statics.push(StaticFile { path: FilePath::new(name), origin: StaticOrigin::Builtin(bytes) });
        } else if *path == "theme.toml" {
            let source = Source::new(format!("<{BUILTIN}>/{path}"), String::from_utf8_lossy(bytes));
            let (theme, problems) = config::read_theme(&source);
            layers.problems.extend(problems);
            conditions = theme.files;
            table::fill(&mut layers.extra, &theme.extra);
            add(switches, theme.values);
        }
    }
    note_files(&prefix, &conditions, layers);
    layers.prefixes.push(prefix);
    statics
}

/// The few templates a site needs even when its theme lacks them.
fn load_internal(layers: &mut Layers) {
    let prefix = "<internal>/".to_owned();
    for (path, bytes) in BUILTIN_THEME {
        let Some(name) = path.strip_prefix("templates/") else { continue };
        if INTERNAL.contains(&name) || COMPONENTS.contains(&name) {
            layers.templates.push(TemplateFile {
                name: format!("{prefix}{name}"),
                source: Source::new(format!("<{BUILTIN}>/{path}"), String::from_utf8_lossy(bytes)),
            });
        }
    }
    layers.templates.push(TemplateFile {
        name: format!("{prefix}404.html"),
        source: Source::new("<juxta>/templates/404.html", PLAIN_404),
    });
    layers.prefixes.push(prefix);
}
