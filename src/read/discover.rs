//! Discover: what lies under `content/` and `static/`, and what each file is.
//!
//! In: [`Files`] and the configuration. Out: content files, assets and static
//! files, each list in order of its paths, and problems. Must not look into
//! any file.

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::files::{FileError, Files};
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::FilePath;
use crate::base::text::nearest;
use crate::config::Config;

/// What a content file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `_index.md`: the section of its folder.
    Section,
    /// `index.md`: a page named after its folder, which holds its assets.
    Folder,
    /// Any other `.md`.
    Page,
}

/// One Markdown file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentFile {
    /// Below the project root: `content/docs/start.fr.md`.
    pub path: FilePath,
    /// Its folder below `content/`: `docs`; empty for the root.
    pub folder: FilePath,
    /// The file's name without language and extension: `start`.
    pub stem: String,
    /// What it is.
    pub kind: Kind,
    /// Language id.
    pub language: String,
}

impl ContentFile {
    /// Path below `content/`, as `get_page` and `@/` links name it.
    pub fn content_path(&self) -> FilePath {
        self.folder.join(self.path.name())
    }
}

/// Everything that was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Markdown files.
    pub content: Vec<ContentFile>,
    /// Other files under `content/`, as paths below `content/`.
    pub assets: Vec<FilePath>,
    /// Files under `static/`, as paths below `static/`.
    pub statics: Vec<FilePath>,
    /// What could not be looked at or named.
    pub problems: Vec<Diagnostic>,
}

/// The folder of articles.
pub fn content_root() -> FilePath {
    FilePath::new("content")
}

/// The folder of files published as they are.
pub fn static_root() -> FilePath {
    FilePath::new("static")
}

/// A diagnostic for a file that cannot be had.
pub fn file_problem(path: &str, error: &FileError) -> Diagnostic {
    let shown: String = path
        .chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] })
        .collect();
    let (code, hint) = match error {
        FileError::Missing => ("missing-file", None),
        FileError::LeadsOut(_) => (
            "link-leads-out",
            Some("only files inside the project are read; copy the file into the project instead"),
        ),
        FileError::LeadsNowhere(_) => {
            ("link-leads-nowhere", Some("take the link away, or put the file where it leads"))
        }
        FileError::Loop => ("link-loop", Some("take one of the links away")),
        FileError::Special(_) => ("special-file", Some("only regular files can be published; take it away")),
        FileError::TooLarge(..) => {
            ("file-too-large", Some("raise the limit in `[limits]`, or split the file"))
        }
        FileError::BadName => {
            ("bad-file-name", Some("rename the file with plain letters, digits, `-` and `_`"))
        }
        FileError::Refused(_) => ("unreadable-file", Some("check the file's permissions")),
    };
    let diagnostic = Diagnostic::error(code, format!("cannot read `{shown}`: {error}")).in_file(shown);
    match hint {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

/// Files that editors and systems leave behind, and hidden ones.
pub fn is_litter(path: &FilePath) -> bool {
    path.as_str().split('/').any(|part| part.starts_with('.'))
        || path.name().ends_with('~')
        || path.name().starts_with('#') && path.name().ends_with('#')
        || matches!(path.extension(), Some("swp" | "swx" | "swo" | "bck" | "bak" | "orig"))
        || matches!(path.name(), "4913" | "Thumbs.db" | "desktop.ini")
}

/// Texts that other generators make pages of.
fn is_text_of_others(path: &FilePath) -> bool {
    matches!(
        path.extension(),
        Some("mdx" | "markdown" | "mdown" | "mkd" | "mkdn" | "adoc" | "asciidoc" | "rst")
    )
}

fn globs(patterns: &[String], key: &str, config: &Config, problems: &mut Vec<Diagnostic>) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for (i, pattern) in patterns.iter().enumerate() {
        match Glob::new(pattern) {
            Ok(glob) => {
                builder.add(glob);
            }
            Err(error) => problems.push(config.problem_at(
                Diagnostic::error("bad-glob", format!("`{pattern}` is not a glob: {}", error.kind())),
                &[&format!("{key}[{i}]"), key],
            )),
        }
    }
    builder.build().unwrap_or_else(|_| GlobSet::empty())
}

/// Whether a set of globs, written relative to a folder, names a path in it.
pub fn glob_set(patterns: &[String], key: &str, config: &Config, problems: &mut Vec<Diagnostic>) -> GlobSet {
    globs(patterns, key, config, problems)
}

/// Walks the project.
pub fn discover(files: &dyn Files, config: &Config) -> Found {
    let mut found = Found::default();
    let ignored_content = globs(&config.ignored_content, "ignored_content", config, &mut found.problems);
    let ignored_static = globs(&config.ignored_static, "ignored_static", config, &mut found.problems);

    let root = content_root();
    let (entries, problems) = files.walk(&root);
    found.problems.extend(problems.iter().map(|(path, error)| file_problem(path, error)));
    for entry in entries {
        let Some(below) = entry.path.below(&root).map(FilePath::new) else { continue };
        if is_litter(&below) || ignored_content.is_match(below.as_str()) {
            continue;
        }
        if below.extension() == Some("md") {
            match classify(&entry.path, &below, config) {
                Ok(file) => found.content.push(file),
                Err(problem) => found.problems.push(*problem),
            }
        } else {
            if is_text_of_others(&below) {
                let message = "this file is published as it is, and no page is made of it";
                let problem = Diagnostic::warning("not-a-page", message).in_file(entry.path.as_str());
                found.problems.push(problem.hint(
                    "pages end in `.md`: rename it, or list it under `ignored_content` if it is no part of the site",
                ));
            }
            found.assets.push(below);
        }
    }

    let root = static_root();
    let (entries, problems) = files.walk(&root);
    found.problems.extend(problems.iter().map(|(path, error)| file_problem(path, error)));
    for entry in entries {
        let Some(below) = entry.path.below(&root).map(FilePath::new) else { continue };
        let hidden = below.as_str().split('/').any(|part| part.starts_with('.'));
        let kept = if hidden { config.preserve_dotfiles_in_output } else { !is_litter(&below) };
        if kept && !ignored_static.is_match(below.as_str()) {
            found.statics.push(below);
        }
    }
    found.content.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn classify(path: &FilePath, below: &FilePath, config: &Config) -> Result<ContentFile, Box<Diagnostic>> {
    let name = below.name().trim_end_matches(".md");
    let mut stem = name;
    let mut language = config.default_language.as_str();
    if !config.languages.is_empty()
        && let Some((front, suffix)) = name.rsplit_once('.')
    {
        if suffix == config.default_language || config.languages.contains_key(suffix) {
            (stem, language) = (front, suffix);
        } else if looks_like_language(suffix) {
            let known = config.languages.keys().map(String::as_str);
            let problem = Diagnostic::error(
                "unknown-language-suffix",
                format!("`.{suffix}` is not a language of this site"),
            )
            .in_file(path.as_str())
            .hint(format!(
                "declare `[languages.{suffix}]` in the configuration, or rename the file without the dot"
            ));
            return Err(Box::new(match nearest(suffix, known) {
                Some(near) => problem.hint(format!("did you mean `.{near}`?")),
                None => problem,
            }));
        }
    }
    let kind = match stem {
        "_index" => Kind::Section,
        "index" => Kind::Folder,
        _ => Kind::Page,
    };
    if kind == Kind::Folder && below.parent().as_str().is_empty() {
        return Err(Box::new(
            Diagnostic::error(
                "index-at-root",
                "`content/index.md` is neither a section nor a page in a folder",
            )
            .in_file(path.as_str())
            .hint("rename it to `content/_index.md` for the home page"),
        ));
    }
    Ok(ContentFile {
        path: path.clone(),
        folder: below.parent(),
        stem: stem.to_owned(),
        kind,
        language: language.to_owned(),
    })
}

/// `de`, `pt-BR`, `zh-Hans`: a language id by its looks.
fn looks_like_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or("");
    (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}
