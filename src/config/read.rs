//! Reading the configuration.
//!
//! In: its text and dialect. Out: [`Config`] and problems; a key with a problem
//! keeps its default. What the schema cannot say (addresses, language codes,
//! globs, keys that exclude each other) is checked here.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::keys::{CONFIG, search_defaults};
use super::{
    AnchorLinks, CheckLevel, CodeConfig, Config, DataAttributes, Dialect, Forms, ImagesConfig,
    LanguageConfig, Limits, LinkChecker, LinkLevel, MarkdownConfig, Slugify, TaxonomyConfig,
};
use crate::base::decode::BOM;
use crate::base::diagnostic::Diagnostic;
use crate::base::keys;
use crate::base::source::{Source, Span};
use crate::base::table::{self, Bounds, Entry, Format, Node, Table, fill};
use crate::base::text::SlugMode;

/// Reads a configuration file. Problems: those of `base::table` and
/// `base::keys`, `bad-value`, `missing-key`.
pub fn read(source: &Arc<Source>, dialect: Dialect) -> (Config, Vec<Diagnostic>) {
    let (table, mut problems) = table::read(source, without_bom(source), Format::Toml, Bounds::TABLE);
    problems.extend(keys::check(source, &table, &CONFIG));
    let mut reader = Reader { source, problems };
    let mut config = reader.config(&table, dialect);
    if dialect == Dialect::Zola && table.entry("base_url").is_none() {
        let problem = Diagnostic::warning("missing-key", "`base_url` is not given")
            .at(source, Span::default())
            .hint("links are relative, so the site works anywhere; feeds and the sitemap need the address");
        reader.problems.push(problem);
    }
    table.collect_spans("", &mut config.spans);
    config.source = Some(Arc::clone(source));
    (config, reader.problems)
}

/// The whole text, without a byte order mark.
pub(super) fn without_bom(source: &Source) -> Range<usize> {
    let start = if source.text.starts_with(BOM) { BOM.len() } else { 0 };
    start..source.text.len()
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn bad(&mut self, span: Span, message: impl Into<String>, hint: &str) {
        let problem = Diagnostic::error("bad-value", message).at(self.source, span);
        self.problems.push(problem.hint(hint));
    }

    fn config(&mut self, table: &Table, dialect: Dialect) -> Config {
        let mut config = Config::of(dialect);
        let base_url = self.checked(table, "base_url", parse_base_url);
        config.base_url = base_url.flatten();
        config.title = table.text("title");
        config.description = table.text("description");
        config.author = table.text("author");
        config.theme = self.checked(table, "theme", |text| {
            if is_folder_name(text) {
                Ok(text.to_owned())
            } else {
                Err(format!("`{text}` is no name of a theme; a theme is named by its folder under `themes/`"))
            }
        });
        if let Some(code) = self.checked(table, "default_language", language_code) {
            config.default_language = code;
        }
        set(&mut config.output_dir, table.text("output_dir"));
        set(&mut config.preserve_dotfiles_in_output, table.bool("preserve_dotfiles_in_output"));
        set(&mut config.compile_sass, table.bool("compile_sass"));
        set(&mut config.minify_css, table.bool("minify_css"));
        set(&mut config.minify_html, table.bool("minify_html"));
        set(&mut config.hashed_names, table.bool("hashed_names"));
        set(&mut config.social_cards, table.bool("social_cards"));
        set(&mut config.git_dates, table.bool("git_dates"));
        // A theme of the site's own may have no use for it.
        config.build_search_index = dialect == Dialect::Juxta && config.theme.is_none();
        set(&mut config.build_search_index, table.bool("build_search_index"));
        set(&mut config.generate_feeds, feeds(table));
        set(&mut config.feed_filenames, self.feed_filenames(table));
        config.feed_limit = table.integer("feed_limit").and_then(|limit| usize::try_from(limit).ok());
        set(&mut config.generate_sitemap, table.bool("generate_sitemap"));
        set(&mut config.generate_robots_txt, table.bool("generate_robots_txt"));
        let exclude = table.text("exclude_paginated_pages_in_sitemap");
        config.exclude_paginated_pages_in_sitemap = exclude.as_deref() == Some("all");
        config.ignored_content = self.globs(table, "ignored_content");
        config.ignored_static = self.globs(table, "ignored_static");
        config.skip_content_templating = self.globs(table, "skip_content_templating");
        config.taxonomies = self.taxonomies(table);
        config.taxonomy_root = self.checked(table, "taxonomy_root", |text| {
            let path = text.trim_matches('/');
            if path.split('/').all(is_folder_name) {
                Ok(path.to_owned())
            } else {
                Err(format!("`{text}` is no path; a path is made of names and `/`"))
            }
        });
        if let Some(slugify) = table.table("slugify") {
            config.slugify = slugify_table(slugify);
        }
        if let Some(link_checker) = table.table("link_checker") {
            config.link_checker = self.link_checker(link_checker);
        }
        config.search = search(table);
        if let Some(markdown) = table.table("markdown") {
            self.markdown(markdown, &mut config.markdown);
        }
        config.translations = translations(table);
        if let Some(languages) = table.table("languages") {
            self.languages(languages, &mut config);
        }
        if let Some(check) = table.table("check") {
            set(&mut config.check.level, check.text("level").and_then(|name| CheckLevel::named(&name)));
            set(&mut config.check.badge, check.bool("badge"));
            set(&mut config.check.python, self.checked(check, "python", python_version));
        }
        if let Some(llms) = table.table("llms") {
            set(&mut config.llms.markdown, llms.bool("markdown"));
            set(&mut config.llms.index, llms.bool("index"));
            set(&mut config.llms.full, llms.bool("full"));
            let limit = llms.integer("full_limit").and_then(|limit| usize::try_from(limit).ok());
            set(&mut config.llms.full_limit, limit);
        }
        if let Some(images) = table.table("images") {
            self.images(images, &mut config.images);
        }
        if let Some(limits) = table.table("limits") {
            limits_table(limits, &mut config.limits);
        }
        config.extra = table.table("extra").map(Table::to_json).unwrap_or_default();
        config
    }

    /// The text of a key as `parse` sees it. Its error is a message, a `;`
    /// and advice.
    fn checked<T>(
        &mut self,
        table: &Table,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let Node { value, span } = &table.entry(key)?.node;
        match parse(value.as_text()?) {
            Ok(value) => Some(value),
            Err(words) => {
                let (message, hint) = words.split_once("; ").unwrap_or((&words, ""));
                self.bad(*span, message, hint);
                None
            }
        }
    }

    /// A list of texts without those that `judge` has a message for.
    fn list(
        &mut self,
        table: &Table,
        key: &str,
        hint: &str,
        judge: impl Fn(&str) -> Option<String>,
    ) -> Option<Vec<String>> {
        let table::Value::List(items) = table.get(key)? else { return None };
        let mut texts = Vec::with_capacity(items.len());
        for node in items {
            let Some(text) = node.value.as_text() else { continue };
            match judge(text) {
                None => texts.push(text.to_owned()),
                Some(message) => self.bad(node.span, message, hint),
            }
        }
        Some(texts)
    }

    fn images(&mut self, table: &Table, images: &mut ImagesConfig) {
        set(&mut images.dimensions, table.bool("dimensions"));
        set(&mut images.responsive, table.bool("responsive"));
        set(&mut images.sizes, table.text("sizes"));
        let quality = table.integer("quality").and_then(|quality| u8::try_from(quality).ok());
        set(&mut images.quality, quality.filter(|quality| (1..=100).contains(quality)));
        let forms = table.text("format").and_then(|format| match format.as_str() {
            "avif" => Some(Forms::Avif),
            "webp" => Some(Forms::Webp),
            "auto" => Some(Forms::Own),
            _ => None,
        });
        set(&mut images.forms, forms);
        let Some(entry) = table.entry("widths") else { return };
        let table::Value::List(items) = &entry.node.value else { return };
        let mut widths = Vec::new();
        for item in items {
            match item.value {
                table::Value::Integer(width @ 1..=16_383) => widths.extend(u32::try_from(width)),
                _ => self.bad(item.span, "no width of an image", "a width is a whole number from 1 to 16383"),
            }
        }
        widths.sort_unstable();
        widths.dedup();
        images.widths = widths;
    }

    fn globs(&mut self, table: &Table, key: &str) -> Vec<String> {
        let hint = "`*` stands for anything but `/`, `**` for folders, `?` for one character";
        let judge = |text: &str| {
            let error = globset::Glob::new(text).err()?;
            Some(format!("`{text}` is no glob: {}", error.kind()))
        };
        self.list(table, key, hint, judge).unwrap_or_default()
    }

    fn feed_filenames(&mut self, table: &Table) -> Option<Vec<String>> {
        let hint = "a feed is a file beside the page it is of, such as `atom.xml`";
        let judge = |text: &str| (!is_folder_name(text)).then(|| format!("`{text}` is no file name"));
        let names = self.list(table, "feed_filenames", hint, judge);
        if let Some(entry) = table.entry("feed_filenames")
            && names.as_ref().is_some_and(Vec::is_empty)
            && matches!(&entry.node.value, table::Value::List(items) if items.is_empty())
        {
            self.bad(
                entry.node.span,
                "no name of a feed",
                "feeds are switched off by `generate_feeds = false`",
            );
        }
        names.filter(|names| !names.is_empty()).or_else(|| {
            let parse = |text: &str| {
                judge(text).map_or(Ok(text.to_owned()), |message| Err(format!("{message}; {hint}")))
            };
            self.checked(table, "feed_filename", parse).map(|name| vec![name])
        })
    }

    fn taxonomies(&mut self, table: &Table) -> Vec<TaxonomyConfig> {
        let Some(table::Value::List(items)) = table.get("taxonomies") else { return Vec::new() };
        let mut taxonomies: Vec<(TaxonomyConfig, Span)> = Vec::new();
        for Node { value, span } in items {
            let Some(table) = value.as_table() else { continue };
            let Some(entry) = table.entry("name") else {
                let problem = Diagnostic::error("missing-key", "a taxonomy without a `name`");
                self.problems.push(problem.at(self.source, *span));
                continue;
            };
            let name = table.text("name").unwrap_or_default();
            if name.trim().is_empty() {
                self.bad(
                    entry.node.span,
                    "a taxonomy without a name",
                    "name it as front matter does: `tags`",
                );
                continue;
            }
            if let Some((_, first)) = taxonomies.iter().find(|(other, _)| other.name == name) {
                let problem =
                    Diagnostic::error("duplicate-key", format!("the taxonomy `{name}` is given twice"))
                        .label(self.source, entry.node.span, "given again here")
                        .label(self.source, *first, "first given here");
                self.problems.push(problem);
                continue;
            }
            let taxonomy = TaxonomyConfig {
                name,
                feed: table.bool("feed").unwrap_or(false),
                paginate_by: count(table, "paginate_by").filter(|&n| n > 0),
                paginate_path: self.paginate_path(table),
                render: table.bool("render").unwrap_or(true),
            };
            taxonomies.push((taxonomy, entry.node.span));
        }
        taxonomies.into_iter().map(|(taxonomy, _)| taxonomy).collect()
    }

    fn paginate_path(&mut self, table: &Table) -> String {
        let parse = |text: &str| {
            if text.is_empty() || text.trim_matches('/').split('/').all(is_folder_name) {
                Ok(text.trim_matches('/').to_owned())
            } else {
                Err(format!("`{text}` is no path; a path is made of names and `/`"))
            }
        };
        self.checked(table, "paginate_path", parse).unwrap_or_else(|| "page".to_owned())
    }

    fn link_checker(&mut self, table: &Table) -> LinkChecker {
        let level =
            |key| if table.text(key).as_deref() == Some("warn") { LinkLevel::Warn } else { LinkLevel::Error };
        LinkChecker {
            skip_prefixes: table.texts("skip_prefixes").unwrap_or_default(),
            skip_anchor_prefixes: table.texts("skip_anchor_prefixes").unwrap_or_default(),
            internal_level: level("internal_level"),
            external_level: level("external_level"),
            ignored_files: self.globs(table, "ignored_files"),
        }
    }

    fn markdown(&mut self, table: &Table, markdown: &mut MarkdownConfig) {
        set(&mut markdown.render_emoji, table.bool("render_emoji"));
        markdown.external_links_class = table.text("external_links_class").filter(|class| !class.is_empty());
        set(&mut markdown.external_links_target_blank, table.bool("external_links_target_blank"));
        set(&mut markdown.external_links_no_follow, table.bool("external_links_no_follow"));
        set(&mut markdown.external_links_no_referrer, table.bool("external_links_no_referrer"));
        set(&mut markdown.external_links_external, table.bool("external_links_external"));
        set(&mut markdown.smart_punctuation, table.bool("smart_punctuation"));
        set(&mut markdown.definition_list, table.bool("definition_list"));
        set(&mut markdown.auto_group, table.bool("auto_group"));
        set(&mut markdown.bottom_footnotes, table.bool("bottom_footnotes"));
        set(&mut markdown.lazy_async_image, table.bool("lazy_async_image"));
        let anchor_links = table.text("insert_anchor_links");
        set(&mut markdown.insert_anchor_links, anchor_links.and_then(|name| AnchorLinks::named(&name)));
        set(&mut markdown.github_alerts, table.bool("github_alerts"));
        set(&mut markdown.autolinks, table.bool("autolinks"));
        set(&mut markdown.math, table.bool("math"));
        set(&mut markdown.super_sub, table.bool("super_sub"));
        set(&mut markdown.wikilinks, table.bool("wikilinks"));
        set(&mut markdown.raw_html, table.bool("raw_html"));
        old_highlighting(table, &mut markdown.code);
        if let Some(table) = table.table("highlighting") {
            self.highlighting(table, &mut markdown.code);
        }
    }

    fn highlighting(&mut self, table: &Table, code: &mut CodeConfig) {
        code.highlight = table.bool("enabled").unwrap_or(true);
        set(&mut code.error_on_missing_language, table.bool("error_on_missing_language"));
        set(&mut code.line_numbers, table.bool("line_numbers"));
        code.include_link = table.text("include_link").filter(|link| !link.is_empty());
        if let Some(link) = &code.include_link
            && !["https://", "http://"].iter().any(|scheme| link.starts_with(scheme))
            && let Some(entry) = table.entry("include_link")
        {
            let message = "`include_link` is no address that starts with `https://`";
            let problem = Diagnostic::error("bad-value", message).at(self.source, entry.key_span);
            self.problems.push(problem);
        }
        let position = table.text("data_attr_position");
        set(&mut code.data_attributes, position.and_then(|name| DataAttributes::named(&name)));
        let pair = ["light_theme", "dark_theme"].into_iter().find_map(|key| table.entry(key));
        match (table.entry("theme"), pair) {
            (Some(theme), Some(pair)) => {
                let message = format!("`theme` and `{}` exclude each other", pair.key);
                let problem = Diagnostic::error("bad-value", message)
                    .label(self.source, theme.key_span, "one scheme")
                    .label(self.source, pair.key_span, "two schemes")
                    .hint("write either `theme`, or `light_theme` and `dark_theme`");
                self.problems.push(problem);
            }
            (Some(_), None) => {
                if let Some(theme) = table.text("theme") {
                    code.light_theme = theme;
                    code.dark_theme = None;
                }
            }
            (None, _) => {
                set(&mut code.light_theme, table.text("light_theme"));
                code.dark_theme = table.text("dark_theme").or(code.dark_theme.take());
            }
        }
    }

    fn languages(&mut self, table: &Table, config: &mut Config) {
        for Entry { key, key_span, node } in &table.entries {
            let Some(table) = node.value.as_table() else { continue };
            let code = match language_code(key) {
                Ok(code) => code,
                Err(words) => {
                    let (message, hint) = words.split_once("; ").unwrap_or((&words, ""));
                    self.bad(*key_span, message, hint);
                    continue;
                }
            };
            let language = LanguageConfig {
                title: table.text("title"),
                description: table.text("description"),
                generate_feeds: feeds(table).unwrap_or(false),
                feed_filenames: self.feed_filenames(table),
                taxonomies: self.taxonomies(table),
                build_search_index: table.bool("build_search_index").unwrap_or(config.build_search_index),
                search: search(table),
                translations: translations(table),
            };
            if code == config.default_language {
                default_language(config, table, language);
            } else {
                config.languages.insert(code, language);
            }
        }
    }
}

/// `[languages.xx]` of the default language stands for the keys at the top.
fn default_language(config: &mut Config, table: &Table, language: LanguageConfig) {
    let has = |key| table.entry(key).is_some();
    config.title = language.title.or(config.title.take());
    config.description = language.description.or(config.description.take());
    set(&mut config.feed_filenames, language.feed_filenames);
    set(&mut config.generate_feeds, feeds(table));
    set(&mut config.build_search_index, table.bool("build_search_index"));
    if has("taxonomies") {
        config.taxonomies = language.taxonomies;
    }
    if has("search") {
        config.search = language.search;
    }
    config.translations.extend(language.translations);
}

/// The keys from when Zola coloured code with the same engine.
fn old_highlighting(table: &Table, code: &mut CodeConfig) {
    set(&mut code.highlight, table.bool("highlight_code"));
    // `css` means "classes, with colours from a style sheet".
    if let Some(theme) = table.text("highlight_theme").filter(|theme| theme != "css") {
        code.light_theme = theme;
        code.dark_theme = None;
    }
    let themes = table.tables("highlight_themes_css").unwrap_or_default();
    let mut names = themes.into_iter().filter_map(|table| table.text("theme"));
    if let Some(light) = names.next() {
        code.light_theme = light;
        code.dark_theme = names.next();
    }
}

fn slugify_table(table: &Table) -> Slugify {
    let mode = |key| match table.text(key).as_deref() {
        Some("safe") => SlugMode::Safe,
        Some("off") => SlugMode::Off,
        _ => SlugMode::On,
    };
    Slugify {
        paths: mode("paths"),
        paths_keep_dates: table.bool("paths_keep_dates").unwrap_or(false),
        taxonomies: mode("taxonomies"),
        anchors: mode("anchors"),
    }
}

/// A requirement such as `3.13`, `>=3.12` or `>=3.9,<3.13`.
fn python_version(text: &str) -> Result<String, String> {
    let is_version = |part: &str| {
        let number = part.trim().trim_start_matches(['>', '<', '=', '~', '^', '!']).trim();
        let mut parts = number.trim_end_matches('+').split('.');
        parts.next() == Some("3") && parts.next().is_some_and(|minor| minor.parse::<u8>().is_ok())
    };
    if text.split(',').all(is_version) {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is no version of Python 3; write it like `3.13` or `>=3.12`"))
    }
}

fn limits_table(table: &Table, limits: &mut Limits) {
    let number = |key| table.integer(key).and_then(|value| u64::try_from(value).ok()).filter(|&n| n > 0);
    set(&mut limits.source, number("source"));
    set(&mut limits.front_matter, number("front_matter"));
    set(&mut limits.data, number("data"));
    set(&mut limits.image_pixels, number("image_pixels"));
    set(&mut limits.output, number("output"));
    set(&mut limits.render_seconds, number("render_seconds"));
    // Every template inside another takes stack, so this one has an upper bound.
    set(&mut limits.include_depth, count(table, "include_depth").filter(|depth| (1..=256).contains(depth)));
}

fn feeds(table: &Table) -> Option<bool> {
    table.bool("generate_feeds").or_else(|| table.bool("generate_feed"))
}

fn search(table: &Table) -> Map<String, Value> {
    let mut search = table.table("search").map(Table::to_json).unwrap_or_default();
    fill(&mut search, &search_defaults());
    search
}

fn translations(table: &Table) -> BTreeMap<String, String> {
    let texts = |entry: &Entry| Some((entry.key.clone(), entry.node.value.as_text()?.to_owned()));
    table
        .table("translations")
        .map(|table| table.entries.iter().filter_map(texts).collect())
        .unwrap_or_default()
}

fn count(table: &Table, key: &str) -> Option<usize> {
    table.integer(key).and_then(|value| usize::try_from(value).ok())
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// The address of a site without a trailing `/`; `None` for `/`. The error is
/// a message, `; ` and advice.
pub fn parse_base_url(text: &str) -> Result<Option<String>, String> {
    const HINT: &str = "write it like `https://example.org/manual`, or leave it out: links are then relative";
    if text == "/" {
        return Ok(None);
    }
    let error = |reason: &str| Err(format!("`{text}` is no base address: {reason}; {HINT}"));
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let rest = match lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")) {
        Some(_) => text.split_once("://").map_or("", |(_, rest)| rest),
        None => return error("it does not start with `https://` or `http://`"),
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    let is_ip6 = host.starts_with('[') && host.contains(']');
    if name.is_empty() || host.contains('@') && host.ends_with('@') {
        error("it has no host")
    } else if !is_ip6 && !name.chars().all(|c| c.is_alphanumeric() || "-._@".contains(c)) {
        error("its host is none")
    } else if text.contains(['?', '#']) {
        error("it has a query or a fragment")
    } else if text.chars().any(|c| c.is_whitespace() || c.is_control() || "\"'<>\\`{}".contains(c)) {
        error("it holds a character that addresses cannot hold")
    } else if rest.split('/').any(|part| part == "." || part == "..") {
        error("it holds `.` or `..`")
    } else {
        Ok(Some(text.trim_end_matches('/').to_owned()))
    }
}

/// A language code: letters, then parts of letters and digits (BCP 47).
fn language_code(text: &str) -> Result<String, String> {
    let mut parts = text.split('-');
    let primary = parts
        .next()
        .is_some_and(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic()));
    let others =
        parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if primary && others {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is no language code; write it like `en`, `pt-BR` or `zh-Hant`"))
    }
}

/// Whether a text can be the name of one folder or file.
pub(super) fn is_folder_name(text: &str) -> bool {
    !text.is_empty()
        && text != "."
        && text != ".."
        && text.trim() == text
        && !text.contains(['/', '\\', ':', '\0'])
        && !text.chars().any(char::is_control)
}
