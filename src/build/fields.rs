//! Fields: `criteria.toml` and the data files it names, or what was kept of them.
//!
//! In: the files found, what was kept. Out: what was read for each field
//! and problems; the `criteria.toml`s leave the assets. Must not know the site.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::decode::decode;
use crate::base::diagnostic::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::FilePath;
use crate::base::source::Source;
use crate::compare::criterion;
use crate::config::Config;
use crate::model::field::FieldSource;
use crate::read::discover::{content_root, file_problem};
use crate::render::shared::SharedFiles;

/// Name of the file that makes a section a field.
const CRITERIA: &str = "criteria.toml";

/// One field, and what it was read from.
#[derive(Clone)]
pub(super) struct KeptField {
    fingerprint: Fingerprint,
    source: FieldSource,
    problems: Vec<Diagnostic>,
    /// Every file it was read from, or that it lacks.
    files: Vec<FilePath>,
}

impl KeptField {
    /// Every file it was read from, or that it lacks.
    pub(super) fn files(&self) -> impl Iterator<Item = &FilePath> {
        self.files.iter()
    }
}

/// By path of the `criteria.toml`.
pub(super) type KeptFields = HashMap<FilePath, KeptField>;

/// Reads all fields; takes their files out of `assets`.
pub(super) fn read_fields(
    files: &SharedFiles,
    config: &Config,
    assets: &mut Vec<FilePath>,
    kept: &KeptFields,
    problems: &mut Vec<Diagnostic>,
) -> KeptFields {
    if config.is_zola() {
        return KeptFields::new();
    }
    let (criteria, others): (Vec<FilePath>, Vec<FilePath>) =
        std::mem::take(assets).into_iter().partition(|path| path.name() == CRITERIA);
    *assets = others;
    let mut fields = KeptFields::new();
    for path in criteria {
        let full = content_root().join(path.as_str());
        let bytes = match files.read(&full, config.limits.source) {
            Ok(bytes) => bytes,
            Err(error) => {
                problems.push(file_problem(full.as_str(), &error));
                continue;
            }
        };
        match read_field(files, config, &full, &bytes, kept) {
            Ok(field) => {
                problems.extend(field.problems.iter().cloned());
                fields.insert(full, field);
            }
            Err(problem) => problems.push(problem),
        }
    }
    fields
}

fn read_field(
    files: &SharedFiles,
    config: &Config,
    path: &FilePath,
    bytes: &[u8],
    kept: &KeptFields,
) -> Result<KeptField, Diagnostic> {
    let folder = path.parent();
    let below = FilePath::new(folder.below(&content_root()).unwrap_or(""));
    let source = Source::new(path.as_str(), decode(bytes, path.as_str())?);
    let (criteria, mut problems) = criterion::read(&source);
    let mut read: Vec<Option<(FilePath, Arc<[u8]>)>> = Vec::new();
    let mut looked_for = vec![path.clone()];
    for mapping in &criteria.data {
        looked_for.extend(folder.resolve(&mapping.file));
        let data = folder.resolve(&mapping.file).map_err(|error| error.to_string());
        let bytes = data.and_then(|data| {
            let bytes = files.read(&data, config.limits.data).map_err(|error| error.to_string())?;
            Ok((data, bytes))
        });
        match bytes {
            Ok(found) => read.push(Some(found)),
            Err(error) => {
                let message = format!("`{}` cannot be read: {error}", mapping.file);
                let problem = mapping.place.mark(Diagnostic::error("missing-file", message));
                problems.push(problem.hint("data files lie beside this file; `../` leads up"));
                read.push(None);
            }
        }
    }
    let parts = std::iter::once(bytes).chain(read.iter().flatten().map(|(_, bytes)| &bytes[..]));
    let fingerprint = Fingerprint::of_parts(parts);
    if let Some(kept) = kept.get(path)
        && kept.fingerprint == fingerprint
        && problems.is_empty()
    {
        return Ok(kept.clone());
    }
    let mut rows = Vec::new();
    for (mapping, found) in criteria.data.iter().zip(&read) {
        let Some((data, bytes)) = found else { continue };
        match decode(bytes, data.as_str()) {
            Ok(text) => {
                let file = Source::new(data.as_str(), text);
                let of_file = mapping.apply(&file, &criteria, &mut problems);
                rows.push((mapping.create, Arc::new(of_file)));
            }
            Err(problem) => problems.push(problem),
        }
    }
    let source = FieldSource { folder: below, criteria: Arc::new(criteria), rows };
    Ok(KeptField { fingerprint, source, problems, files: looked_for })
}

/// What was read, in order of the folders.
pub(super) fn sources(fields: &KeptFields) -> Vec<FieldSource> {
    let mut sources: Vec<FieldSource> = fields.values().map(|field| field.source.clone()).collect();
    sources.sort_by(|a, b| a.folder.cmp(&b.folder));
    sources
}
