//! A theme's description of itself.
//!
//! In: the text of `theme.toml`. Out: [`ThemeManifest`] and problems. Must not
//! know which theme is used.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::keys::THEME;
use super::read::is_folder_name;
use super::switches::{self, Switches};
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::keys;
use crate::base::source::Source;
use crate::base::table::{self, Bounds, Format, Table};

/// `theme.toml`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ThemeManifest {
    /// For people; the folder's name is what counts.
    pub name: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Folder name of the theme whose files hold where this one has none.
    pub parent: Option<String>,
    /// As written; a version of Zola in most themes.
    pub min_version: Option<String>,
    /// Templates below `templates/files/` that are only published when a value
    /// is set: path, name of the value under `[extra]`.
    pub files: BTreeMap<String, String>,
    /// What those of the site may be.
    pub values: Switches,
    /// Values below those of the site; see [`super::Config::merge_theme_extra`].
    pub extra: Map<String, Value>,
}

fn texts(table: &Table) -> BTreeMap<String, String> {
    let text = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
    table.to_json().into_iter().filter_map(text).collect()
}

/// Reads a `theme.toml`. An unknown key is only warned about: the reader of
/// the message is seldom the theme's author.
pub fn read_theme(source: &Arc<Source>) -> (ThemeManifest, Vec<Diagnostic>) {
    let (table, mut problems) =
        table::read(source, super::read::without_bom(source), Format::Toml, Bounds::TABLE);
    problems.extend(keys::check(source, &table, &THEME));
    for problem in &mut problems {
        if problem.code == "unknown-key" {
            problem.severity = Severity::Warning;
        }
    }
    let parent = ["parent", "extends"].into_iter().find_map(|key| table.entry(key));
    if let Some(entry) = parent
        && let Some(name) = entry.node.value.as_text()
        && !is_folder_name(name)
    {
        let problem = Diagnostic::error("bad-value", format!("`{name}` is no name of a theme"));
        let problem = problem.at(source, entry.node.span);
        problems.push(problem.hint("a theme is named by its folder under `themes/`"));
    }
    let manifest = ThemeManifest {
        name: table.text("name"),
        description: table.text("description"),
        parent: parent
            .and_then(|entry| entry.node.value.as_text())
            .filter(|name| is_folder_name(name))
            .map(str::to_owned),
        min_version: table.text("min_version"),
        values: table
            .table("values")
            .map(|values| switches::read(source, values, &mut problems))
            .unwrap_or_default(),
        files: table.table("files").map(texts).unwrap_or_default(),
        extra: table.table("extra").map(Table::to_json).unwrap_or_default(),
    };
    (manifest, problems)
}
