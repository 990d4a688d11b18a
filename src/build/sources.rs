//! Sources: what there is to build from, besides the text of pages.
//!
//! In: files, the configuration, what was there before, what may have changed.
//! Out: the files found, the layers of the theme, the configuration with the
//! theme's part, and which of these are the same as before. Nothing is looked
//! at again that cannot have changed. Must not parse a page.

use std::sync::Arc;

use globset::GlobSet;

use crate::base::changes::Changes;
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::FilePath;
use crate::base::table::is_same_to_templates;
use crate::config::Config;
use crate::read::discover::{self, Found, content_root, discover, static_root};
use crate::read::theme::{self, Layers};
use crate::render::shared::SharedFiles;

/// Everything but the text of pages.
pub(super) struct Sources {
    /// As given.
    config: Config,
    pub(super) found: Found,
    pub(super) layers: Layers,
    /// The configuration with the theme's part.
    pub(super) merged: Arc<Config>,
    /// Content whose text is never expanded.
    pub(super) skip: GlobSet,
    problems: Vec<Diagnostic>,
}

/// What is the same as before.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Same {
    /// The content files, assets and static files there are.
    pub(super) files: bool,
    /// The configuration, the theme's part included.
    pub(super) config: bool,
    /// All templates.
    pub(super) templates: bool,
    /// The theme's static files.
    pub(super) statics: bool,
}

impl Sources {
    /// Reads what may have changed.
    pub(super) fn read(
        files: &SharedFiles,
        config: &Config,
        last: Option<Self>,
        changes: &Changes,
    ) -> (Self, Same) {
        let last = last.filter(|last| last.config == *config);
        let Some(mut sources) = last else { return (Self::anew(files, config), Same::default()) };
        let mut same = Same { files: true, config: true, templates: true, statics: true };
        if !are_same_files(files, config, &sources.found, changes) {
            let found = discover(&**files, config);
            same.files = sources.found == found;
            sources.found = found;
        }
        if [theme::templates_root(), theme::themes_root(), theme::sass_root()]
            .iter()
            .any(|folder| changes.reach_into(folder))
        {
            let layers = theme::load(&**files, config);
            let old = &sources.layers;
            same.templates = old.templates == layers.templates && old.prefixes == layers.prefixes;
            same.statics = old.statics == layers.statics && old.files == layers.files;
            same.config = is_same_to_templates(&old.extra, &layers.extra);
            if !same.config {
                sources.merged = merged(config, &layers);
            }
            sources.layers = layers;
        }
        (sources, same)
    }

    fn anew(files: &SharedFiles, config: &Config) -> Self {
        let found = discover(&**files, config);
        let layers = theme::load(&**files, config);
        let mut problems = Vec::new();
        let patterns = &config.skip_content_templating;
        let skip = discover::glob_set(patterns, "skip_content_templating", config, &mut problems);
        let merged = merged(config, &layers);
        Self { config: config.clone(), found, layers, merged, skip, problems }
    }

    /// What is wrong with them.
    pub(super) fn problems(&self) -> impl Iterator<Item = &Diagnostic> {
        self.found.problems.iter().chain(&self.layers.problems).chain(&self.problems)
    }
}

fn merged(config: &Config, layers: &Layers) -> Arc<Config> {
    let mut merged = config.clone();
    merged.merge_theme_extra(&layers.extra);
    Arc::new(merged)
}

/// Whether the same content, assets and static files are there as before:
/// every path that may have changed is one of them and still there, or
/// somewhere else.
fn are_same_files(files: &SharedFiles, config: &Config, found: &Found, changes: &Changes) -> bool {
    let Changes::Paths(paths) = changes else { return false };
    if !found.problems.is_empty() {
        return !changes.reach_into(&content_root()) && !changes.reach_into(&static_root());
    }
    let is_known = |path: &FilePath| {
        let (content, statics) = (path.below(&content_root()), path.below(&static_root()));
        let is_among = |list: &[FilePath], below: &str| list.binary_search(&FilePath::new(below)).is_ok();
        if let Some(below) = content {
            return found.content.binary_search_by(|file| file.path.cmp(path)).is_ok()
                || is_among(&found.assets, below);
        }
        statics.is_some_and(|below| is_among(&found.statics, below))
    };
    paths.iter().all(|path| {
        let is_elsewhere = [content_root(), static_root()]
            .iter()
            .all(|root| path != root && path.below(root).is_none() && root.below(path).is_none());
        // What editors leave behind is no content, whether it is there or not.
        let is_nothing = |path: &FilePath| {
            path.below(&content_root()).is_some() && discover::is_litter(path)
                || path.below(&static_root()).is_some()
                    && discover::is_litter(path)
                    && !config.preserve_dotfiles_in_output
        };
        is_elsewhere || is_nothing(path) || is_known(path) && files.exists(path)
    })
}
