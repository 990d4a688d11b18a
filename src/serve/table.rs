//! The table of outputs: a path of a request to bytes.
//!
//! In: rendered outputs. Out: an answer for a request's path. A path is looked
//! up as it is, so no path can lead anywhere else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::base::diagnostic::Diagnostic;
use crate::base::paths::{OutputPath, percent_decode};
use crate::base::text::nearest;
use crate::build::Sink;
use crate::render::Rendered;

/// All outputs by path.
#[derive(Debug, Default)]
pub struct Outputs(Mutex<BTreeMap<String, Arc<[u8]>>>);

impl Sink for Outputs {
    fn accept(&self, rendered: &Rendered) -> Result<(), Diagnostic> {
        if let Ok(mut outputs) = self.0.lock() {
            outputs.insert(rendered.output.to_string(), Arc::clone(&rendered.bytes));
        }
        Ok(())
    }
}

/// What a request's path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// An output: its path and bytes.
    Output(String, Arc<[u8]>),
    /// A folder asked for without its slash: the address with it.
    Folder(String),
    /// Nothing; the error page, if there is one.
    Nothing(Option<Arc<[u8]>>),
}

impl Outputs {
    /// Everything, to serve from.
    pub(super) fn into_table(self, base_path: &str) -> Table {
        Table::new(self.0.into_inner().unwrap_or_default(), base_path)
    }
}

/// Outputs that are served.
#[derive(Debug)]
pub(super) struct Table {
    outputs: BTreeMap<String, Arc<[u8]>>,
    base_path: String,
}

impl Table {
    /// Of some outputs below a base path.
    pub(super) fn new(outputs: BTreeMap<String, Arc<[u8]>>, base_path: &str) -> Self {
        Self { outputs, base_path: base_path.to_owned() }
    }

    /// Path of the base address, without a trailing `/`.
    pub(super) fn base_path(&self) -> &str {
        &self.base_path
    }

    /// Serves below another base path from now on.
    pub(super) fn set_base_path(&mut self, base_path: &str) {
        base_path.clone_into(&mut self.base_path);
    }

    /// Adds or replaces an output; whether that changes anything.
    pub(super) fn put(&mut self, output: &OutputPath, bytes: Arc<[u8]>) -> bool {
        if self.outputs.get(output.as_str()).is_some_and(|old| *old == bytes) {
            return false;
        }
        self.outputs.insert(output.to_string(), bytes);
        true
    }

    /// Whether there is such an output.
    pub(super) fn has(&self, output: &OutputPath) -> bool {
        self.outputs.contains_key(output.as_str())
    }

    /// Everything that is served.
    pub(super) fn outputs(&self) -> Vec<OutputPath> {
        self.outputs.keys().filter_map(|path| OutputPath::new(path).ok()).collect()
    }

    /// Takes an output away; whether it was there.
    pub(super) fn remove(&mut self, output: &OutputPath) -> bool {
        self.outputs.remove(output.as_str()).is_some()
    }

    /// Addresses, with the base path, that may be meant by one at which there
    /// is nothing.
    pub(super) fn near(&self, path: &str) -> Vec<String> {
        let Some(path) = percent_decode(path) else { return Vec::new() };
        let wanted = path.strip_prefix(self.base_path.as_str()).unwrap_or(&path).trim_matches('/');
        let pages = self.outputs.keys().filter_map(|output| output.strip_suffix("index.html"));
        let pages: Vec<&str> = pages.map(|page| page.trim_end_matches('/')).collect();
        let last = wanted.rsplit('/').next().unwrap_or("");
        let mut near: Vec<&str> = nearest(wanted, pages.iter().copied()).into_iter().collect();
        near.extend(
            pages.iter().copied().filter(|page| !last.is_empty() && page.rsplit('/').next() == Some(last)),
        );
        // The nearest folder above that there is.
        let above = wanted.match_indices('/').map(|(at, _)| &wanted[..at]).rev();
        near.extend(above.filter(|folder| pages.contains(folder)).take(1));
        near.dedup();
        near.truncate(5);
        near.into_iter()
            .map(|page| {
                if page.is_empty() {
                    format!("{}/", self.base_path)
                } else {
                    format!("{}/{page}/", self.base_path)
                }
            })
            .collect()
    }

    /// Outputs that a request's path can mean.
    pub(super) fn meant(&self, path: &str) -> Vec<String> {
        let path = percent_decode(path).unwrap_or_default();
        let below = path.strip_prefix(self.base_path.as_str()).and_then(|below| below.strip_prefix('/'));
        match below {
            None => Vec::new(),
            Some(name) if name.is_empty() || name.ends_with('/') => vec![format!("{name}index.html")],
            Some(name) => vec![name.to_owned(), format!("{name}/index.html")],
        }
    }

    /// Takes everything away.
    pub(super) fn clear(&mut self) {
        self.outputs.clear();
    }

    /// Looks a request's path up, which is percent-encoded and starts with `/`.
    pub(super) fn find(&self, path: &str) -> Found {
        let nothing = || Found::Nothing(self.outputs.get("404.html").cloned());
        let Some(path) = percent_decode(path) else { return nothing() };
        let Some(below) = path.strip_prefix(self.base_path.as_str()) else { return nothing() };
        if below.is_empty() {
            return Found::Folder(format!("{}/", self.base_path));
        }
        let Some(name) = below.strip_prefix('/') else { return nothing() };
        if name.is_empty() || name.ends_with('/') {
            let name = format!("{name}index.html");
            return match self.outputs.get(&name) {
                Some(bytes) => Found::Output(name, Arc::clone(bytes)),
                None => nothing(),
            };
        }
        if let Some(bytes) = self.outputs.get(name) {
            return Found::Output(name.to_owned(), Arc::clone(bytes));
        }
        if self.outputs.contains_key(&format!("{name}/index.html")) {
            return Found::Folder(format!("{path}/"));
        }
        nothing()
    }
}

/// Media type by the end of the name.
pub(super) fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("").to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "xml" if name.ends_with("atom.xml") => "application/atom+xml; charset=utf-8",
        "xml" if name.ends_with("rss.xml") => "application/rss+xml; charset=utf-8",
        "xml" => "application/xml; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "pdf" => "application/pdf",
        "wasm" => "application/wasm",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        "ics" => "text/calendar; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "txt" | "toml" | "py" | "ts" | "yaml" | "yml" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
