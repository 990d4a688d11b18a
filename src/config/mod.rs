//! The site's configuration as typed values.
//!
//! In: the text of `juxta.toml` (or `zola.toml`, `config.toml`) and of each
//! theme's `theme.toml`. Out: [`Config`] and problems; unknown keys are refused
//! by name. Must not read a file: texts are handed in.

mod keys;
mod read;
mod switches;
mod theme;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::base::source::{Source, Span};
use crate::base::table::fill;
use crate::base::text::SlugMode;

pub use keys::{CONFIG, THEME, schema};
pub use read::{parse_base_url, read};
pub use switches::{Switches, check as check_switches};
pub use theme::{ThemeManifest, read_theme};

/// Colours for light surroundings unless the site says otherwise.
pub const DEFAULT_LIGHT_THEME: &str = "OneHalfLight";

/// Colours for dark surroundings unless the site says otherwise.
pub const DEFAULT_DARK_THEME: &str = "OneHalfDark";

/// Whose defaults hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dialect {
    /// `juxta.toml`, or no file at all.
    #[default]
    Juxta,
    /// `zola.toml`, `config.toml`.
    Zola,
}

impl Dialect {
    /// The dialect of a configuration file of that name.
    pub fn of_file(name: &str) -> Self {
        match name {
            "zola.toml" | "config.toml" => Self::Zola,
            _ => Self::Juxta,
        }
    }
}

/// Everything a build needs to know besides files. Immutable once read.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The text it was read from; `None` for the defaults.
    pub source: Option<Arc<Source>>,
    /// Where each key and its value stand: dotted path (`markdown.render_emoji`,
    /// `taxonomies[0].name`) → span of the value in `source`.
    pub spans: BTreeMap<String, Span>,
    /// Scheme, host and base path without a trailing `/`
    /// (`https://example.org/manual`); `None` when the site may live anywhere
    /// and all its links are relative. `base_url = "/"` is read as `None`.
    pub base_url: Option<String>,
    /// The site's name.
    pub title: Option<String>,
    /// One sentence about it.
    pub description: Option<String>,
    /// Author of pages that name none.
    pub author: Option<String>,
    /// Name of the folder under `themes/`; `None` for the built-in theme.
    pub theme: Option<String>,
    /// Unicode language id of unsuffixed files.
    pub default_language: String,
    /// Output folder, as written.
    pub output_dir: String,
    /// Publish static files whose name starts with a dot (`.well-known`, `.nojekyll`).
    pub preserve_dotfiles_in_output: bool,
    /// Compile the site's own Sass; that of themes is always compiled.
    pub compile_sass: bool,
    /// Make style sheets smaller and put what they import into them.
    pub minify_css: bool,
    /// Make pages smaller.
    pub minify_html: bool,
    /// Addresses that change with a file's content have a digest in its name.
    pub hashed_names: bool,
    /// Whether each page gets a picture that other sites show; not without a
    /// [`Config::base_url`].
    pub social_cards: bool,
    /// Pages without a date of their last change take it from git.
    pub git_dates: bool,
    /// Write a search index, in the default language.
    pub build_search_index: bool,
    /// Feeds of the whole site, for the default language.
    pub generate_feeds: bool,
    /// Names of the feeds, each a template's name too.
    pub feed_filenames: Vec<String>,
    /// Entries in a feed; `None` for all.
    pub feed_limit: Option<usize>,
    /// Write `sitemap.xml`.
    pub generate_sitemap: bool,
    /// Write `robots.txt`.
    pub generate_robots_txt: bool,
    /// Leave pagers after the first out of the sitemap.
    pub exclude_paginated_pages_in_sitemap: bool,
    /// Globs of files under `content/` that are not looked at.
    pub ignored_content: Vec<String>,
    /// Globs of files under `static/` that are not published.
    pub ignored_static: Vec<String>,
    /// Globs of content files whose text is never expanded by the template engine.
    pub skip_content_templating: Vec<String>,
    /// Taxonomies of the default language.
    pub taxonomies: Vec<TaxonomyConfig>,
    /// Path prefix of every taxonomy.
    pub taxonomy_root: Option<String>,
    /// How names become paths and anchors.
    pub slugify: Slugify,
    /// `[link_checker]`.
    pub link_checker: LinkChecker,
    /// `[search]`, kept for themes.
    pub search: Map<String, Value>,
    /// `[markdown]`.
    pub markdown: MarkdownConfig,
    /// `[translations]` of the default language.
    pub translations: BTreeMap<String, String>,
    /// `[languages.xx]`, without the default language.
    pub languages: BTreeMap<String, LanguageConfig>,
    /// `[check]`.
    pub check: CheckConfig,
    /// `[llms]`.
    pub llms: Llms,
    /// `[images]`.
    pub images: ImagesConfig,
    /// `[limits]`.
    pub limits: Limits,
    /// `[extra]`, with each theme's own below it.
    pub extra: Map<String, Value>,
}

/// One entry of `taxonomies`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxonomyConfig {
    /// As written in front matter.
    pub name: String,
    /// A feed for each term.
    pub feed: bool,
    /// Pages in one pager of a term; `None` for all.
    pub paginate_by: Option<usize>,
    /// Path part before a pager's number.
    pub paginate_path: String,
    /// Write pages for it.
    pub render: bool,
}

/// `[slugify]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Slugify {
    /// Path segments.
    pub paths: SlugMode,
    /// Keep a date at the start of a file name in its path.
    pub paths_keep_dates: bool,
    /// Taxonomies and terms.
    pub taxonomies: SlugMode,
    /// Heading ids.
    pub anchors: SlugMode,
}

/// What a broken link means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LinkLevel {
    /// It stops the build.
    #[default]
    Error,
    /// It is only told.
    Warn,
}

/// `[link_checker]`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LinkChecker {
    /// Addresses that `check --external` does not ask for.
    pub skip_prefixes: Vec<String>,
    /// Addresses whose fragment is not checked.
    pub skip_anchor_prefixes: Vec<String>,
    /// Links inside the site.
    pub internal_level: LinkLevel,
    /// Links to other hosts.
    pub external_level: LinkLevel,
    /// Globs of content files whose external links are not checked.
    pub ignored_files: Vec<String>,
}

/// Where a heading's own link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AnchorLinks {
    /// Nowhere.
    #[default]
    None,
    /// Before the heading's text.
    Left,
    /// After it.
    Right,
    /// Around it.
    Heading,
}

/// `[markdown]`; a part of every page's parse key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MarkdownConfig {
    /// `:smile:` → 😄
    pub render_emoji: bool,
    /// Class of links to other hosts.
    pub external_links_class: Option<String>,
    /// Open links to other hosts in a new tab (adds `noopener`).
    pub external_links_target_blank: bool,
    /// `rel="nofollow"` on them.
    pub external_links_no_follow: bool,
    /// `rel="noreferrer"` on them.
    pub external_links_no_referrer: bool,
    /// `rel="external"` on them (default true).
    pub external_links_external: bool,
    /// Typographic quotes, dashes and ellipses.
    pub smart_punctuation: bool,
    /// Definition lists.
    pub definition_list: bool,
    /// Neighbouring code blocks of different languages are a group.
    pub auto_group: bool,
    /// Footnotes numbered and listed at the end of the page (default true in
    /// `juxta.toml`, false in `zola.toml`/`config.toml`).
    pub bottom_footnotes: bool,
    /// `loading="lazy" decoding="async"` on images.
    pub lazy_async_image: bool,
    /// Links beside headings.
    pub insert_anchor_links: AnchorLinks,
    /// `> [!NOTE]` (default true in `juxta.toml`).
    pub github_alerts: bool,
    /// Bare addresses become links (default true in `juxta.toml`).
    pub autolinks: bool,
    /// `$x^2$` and `$$…$$` to MathML.
    pub math: bool,
    /// `x^2^` and `H~2~O`.
    pub super_sub: bool,
    /// `[[Page title]]`.
    pub wikilinks: bool,
    /// Raw HTML is passed through (default true).
    pub raw_html: bool,
    /// Code fences.
    pub code: CodeConfig,
}

/// `[markdown.highlighting]` and its older spellings.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CodeConfig {
    /// Colour code at all (default true in `juxta.toml`; elsewhere on when the
    /// table or `highlight_code` is there).
    pub highlight: bool,
    /// A fence in an unknown language is an error, not a warning.
    pub error_on_missing_language: bool,
    /// Colours for light surroundings: a name from the two-face set or a
    /// `.tmTheme` file.
    pub light_theme: String,
    /// Colours for dark surroundings; `None` when the site has one scheme.
    pub dark_theme: Option<String>,
    /// Line numbers on every fence that does not say otherwise.
    pub line_numbers: bool,
    /// Which element gets a fence's `data-…` attributes.
    pub data_attributes: DataAttributes,
    /// Address of an included file, with `{path}`, `{first}` and `{last}`.
    pub include_link: Option<String>,
}

/// Which element gets a fence's `data-…` attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DataAttributes {
    /// `<code>`.
    #[default]
    Code,
    /// `<pre>`.
    Pre,
    /// Both.
    Both,
    /// Neither.
    None,
}

impl DataAttributes {
    /// The element of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "code" => Self::Code,
            "pre" => Self::Pre,
            "both" => Self::Both,
            "none" => Self::None,
            _ => return None,
        })
    }
}

/// `[languages.xx]`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LanguageConfig {
    /// Overrides the site's.
    pub title: Option<String>,
    /// Overrides the site's.
    pub description: Option<String>,
    /// Feeds in this language.
    pub generate_feeds: bool,
    /// Overrides the site's.
    pub feed_filenames: Option<Vec<String>>,
    /// Taxonomies in this language.
    pub taxonomies: Vec<TaxonomyConfig>,
    /// Kept for themes.
    pub build_search_index: bool,
    /// Kept for themes.
    pub search: Map<String, Value>,
    /// Strings for the `trans` function.
    pub translations: BTreeMap<String, String>,
}

/// How far snippets are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum CheckLevel {
    /// Not at all.
    Off,
    /// Syntax; fragments of programs are fine.
    #[default]
    Syntax,
    /// Syntax; a snippet has to be a whole program in its own language.
    Strict,
    /// Syntax; whole programs are run, too, where that is asked for.
    Run,
}

impl CheckLevel {
    /// Names that can be given.
    pub const NAMES: &'static [&'static str] = &["off", "syntax", "strict", "run"];

    /// The level of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "off" => Self::Off,
            "syntax" => Self::Syntax,
            "strict" => Self::Strict,
            "run" => Self::Run,
            _ => return None,
        })
    }
}

/// `[check]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckConfig {
    /// Of every snippet for which nearer nothing else is said.
    pub level: CheckLevel,
    /// What Python is checked against: `3.13`, `>=3.12`.
    pub python: String,
    /// Say below each block of code how it was checked.
    pub badge: bool,
}

impl Default for CheckConfig {
    fn default() -> Self {
        Self { level: CheckLevel::default(), python: "3.13".to_owned(), badge: false }
    }
}

/// `[llms]`: what is written for readers that are programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Llms {
    /// Each page as Markdown, beside it.
    pub markdown: bool,
    /// `llms.txt`.
    pub index: bool,
    /// `llms-full.txt`.
    pub full: bool,
    /// Bytes of `llms-full.txt`.
    pub full_limit: usize,
}

impl Default for Llms {
    fn default() -> Self {
        Self { markdown: false, index: false, full: false, full_limit: 8 << 20 }
    }
}

/// `[images]`: what becomes of images in Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagesConfig {
    /// Write the size of an image of the site into its tag.
    pub dimensions: bool,
    /// Offer smaller and lighter forms of an image.
    pub responsive: bool,
    /// Widths in pixels of these forms.
    pub widths: Vec<u32>,
    /// What they are.
    pub forms: Forms,
    /// How wide an image is shown, as in the attribute `sizes`.
    pub sizes: String,
    /// Of photographs, 1 to 100.
    pub quality: u8,
}

/// What smaller and lighter forms of an image are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forms {
    /// AVIF, if it is a photograph, and WebP.
    Avif,
    /// WebP.
    Webp,
    /// What the image is.
    Own,
}

impl ImagesConfig {
    fn of(dialect: Dialect) -> Self {
        Self {
            // A theme of Zola's need not say that heights follow widths.
            dimensions: dialect == Dialect::Juxta,
            responsive: false,
            widths: vec![480, 800, 1200, 1600],
            forms: Forms::Webp,
            sizes: "(min-width: 50rem) 45rem, 100vw".to_owned(),
            quality: 80,
        }
    }
}

/// `[limits]`: sizes and times no input may pass. Bytes, unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// One content file.
    pub source: u64,
    /// Front matter of one file.
    pub front_matter: u64,
    /// One data file.
    pub data: u64,
    /// Pixels of an image that is decoded.
    pub image_pixels: u64,
    /// One rendered output.
    pub output: u64,
    /// Seconds for rendering one output.
    pub render_seconds: u64,
    /// Templates inside one another by `include` and `extends`.
    pub include_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            source: 8 << 20,
            front_matter: 64 << 10,
            data: 64 << 20,
            image_pixels: 64_000_000,
            output: 32 << 20,
            render_seconds: 10,
            include_depth: 64,
        }
    }
}

impl Default for Config {
    /// A site without a configuration file.
    fn default() -> Self {
        Self::of(Dialect::Juxta)
    }
}

impl Config {
    /// What holds when the file says nothing.
    pub fn of(dialect: Dialect) -> Self {
        Self {
            source: None,
            spans: BTreeMap::new(),
            base_url: None,
            title: None,
            description: None,
            author: None,
            theme: None,
            default_language: "en".to_owned(),
            output_dir: "public".to_owned(),
            preserve_dotfiles_in_output: false,
            compile_sass: false,
            minify_css: false,
            minify_html: false,
            hashed_names: false,
            social_cards: false,
            git_dates: false,
            build_search_index: dialect == Dialect::Juxta,
            generate_feeds: false,
            feed_filenames: vec!["atom.xml".to_owned()],
            feed_limit: None,
            generate_sitemap: true,
            generate_robots_txt: true,
            exclude_paginated_pages_in_sitemap: false,
            ignored_content: Vec::new(),
            ignored_static: Vec::new(),
            skip_content_templating: Vec::new(),
            taxonomies: Vec::new(),
            taxonomy_root: None,
            slugify: Slugify::default(),
            link_checker: LinkChecker::default(),
            search: keys::search_defaults(),
            markdown: MarkdownConfig::of(dialect),
            translations: BTreeMap::new(),
            languages: BTreeMap::new(),
            check: CheckConfig::default(),
            llms: Llms::default(),
            images: ImagesConfig::of(dialect),
            limits: Limits::default(),
            extra: Map::new(),
        }
    }

    /// Puts a theme's `[extra]` below the site's: tables are merged key by key,
    /// and what is there already stays. Call it for the site's theme first,
    /// then for that theme's parent, and so on.
    pub fn merge_theme_extra(&mut self, theme_extra: &Map<String, Value>) {
        fill(&mut self.extra, theme_extra);
    }

    /// The site as readers of one language see it; `None` for a language that
    /// the site does not have.
    pub fn language(&self, code: &str) -> Option<ResolvedLanguage<'_>> {
        if code == self.default_language {
            return Some(self.default_view());
        }
        let (code, language) = self.languages.get_key_value(code)?;
        Some(ResolvedLanguage {
            code,
            title: language.title.as_deref().or(self.title.as_deref()),
            description: language.description.as_deref().or(self.description.as_deref()),
            generate_feeds: language.generate_feeds,
            feed_filenames: language.feed_filenames.as_ref().unwrap_or(&self.feed_filenames),
            taxonomies: &language.taxonomies,
            build_search_index: language.build_search_index,
            search: &language.search,
            translations: &language.translations,
        })
    }

    /// All language codes: the default language first, the others in order.
    pub fn language_codes(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.default_language.as_str()).chain(self.languages.keys().map(String::as_str))
    }

    /// The place of a key's value and the text it is in, for problems that
    /// later stages find.
    pub fn span(&self, path: &str) -> Option<(&Arc<Source>, Span)> {
        Some((self.source.as_ref()?, *self.spans.get(path)?))
    }
}

/// The configuration of one language, with what it takes from the site's.
#[derive(Debug, Clone, Copy)]
pub struct ResolvedLanguage<'c> {
    /// Its code.
    pub code: &'c str,
    /// Its own or the site's.
    pub title: Option<&'c str>,
    /// Its own or the site's.
    pub description: Option<&'c str>,
    /// Its own.
    pub generate_feeds: bool,
    /// Its own or the site's.
    pub feed_filenames: &'c [String],
    /// Its own.
    pub taxonomies: &'c [TaxonomyConfig],
    /// Its own.
    pub build_search_index: bool,
    /// Its own.
    pub search: &'c Map<String, Value>,
    /// Its own.
    pub translations: &'c BTreeMap<String, String>,
}

impl MarkdownConfig {
    /// What holds when the file says nothing.
    pub fn of(dialect: Dialect) -> Self {
        let juxta = dialect == Dialect::Juxta;
        Self {
            render_emoji: false,
            external_links_class: None,
            external_links_target_blank: false,
            external_links_no_follow: false,
            external_links_no_referrer: false,
            external_links_external: true,
            smart_punctuation: false,
            definition_list: false,
            auto_group: false,
            bottom_footnotes: juxta,
            lazy_async_image: dialect == Dialect::Juxta,
            insert_anchor_links: AnchorLinks::None,
            github_alerts: juxta,
            autolinks: juxta,
            math: false,
            super_sub: false,
            wikilinks: false,
            raw_html: true,
            code: CodeConfig::of(dialect),
        }
    }
}

impl Default for MarkdownConfig {
    fn default() -> Self {
        Self::of(Dialect::Juxta)
    }
}

impl CodeConfig {
    /// What holds when the file says nothing.
    pub fn of(dialect: Dialect) -> Self {
        Self {
            highlight: dialect == Dialect::Juxta,
            error_on_missing_language: false,
            light_theme: DEFAULT_LIGHT_THEME.to_owned(),
            dark_theme: Some(DEFAULT_DARK_THEME.to_owned()),
            line_numbers: false,
            data_attributes: DataAttributes::Code,
            include_link: None,
        }
    }
}

impl Default for CodeConfig {
    fn default() -> Self {
        Self::of(Dialect::Juxta)
    }
}

impl AnchorLinks {
    /// The place of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "none" => Self::None,
            "left" => Self::Left,
            "right" => Self::Right,
            "heading" => Self::Heading,
            _ => return None,
        })
    }
}

impl Config {
    /// Puts a problem at the first of `keys` (dotted paths) that has a place in
    /// the configuration's text.
    pub fn problem_at(
        &self,
        problem: crate::base::diagnostic::Diagnostic,
        keys: &[&str],
    ) -> crate::base::diagnostic::Diagnostic {
        let Some(source) = &self.source else { return problem };
        match keys.iter().find_map(|key| self.spans.get(*key)) {
            Some(span) => problem.at(source, *span),
            None => problem.in_file(source.path.clone()),
        }
    }

    /// As [`Config::language`]; the default language's for one it does not have.
    pub fn language_or_default(&self, code: &str) -> ResolvedLanguage<'_> {
        self.language(code).unwrap_or_else(|| self.default_view())
    }

    fn default_view(&self) -> ResolvedLanguage<'_> {
        ResolvedLanguage {
            code: &self.default_language,
            title: self.title.as_deref(),
            description: self.description.as_deref(),
            generate_feeds: self.generate_feeds,
            feed_filenames: &self.feed_filenames,
            taxonomies: &self.taxonomies,
            build_search_index: self.build_search_index,
            search: &self.search,
            translations: &self.translations,
        }
    }

    /// Whether the site follows Zola's own defaults (`zola.toml`, `config.toml`).
    pub fn is_zola(&self) -> bool {
        self.source.as_ref().is_some_and(|source| {
            let name = source.path.rsplit('/').next().unwrap_or_default();
            Dialect::of_file(name) == Dialect::Zola
        })
    }
}
