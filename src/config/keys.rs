//! The keys of the configuration and of `theme.toml`.
//!
//! In: nothing. Out: [`CONFIG`] and [`THEME`], from which the check, the JSON
//! Schema and the documentation are made. Defaults are those of `juxta.toml`.

use serde_json::{Map, Value};

use super::CheckLevel;
use crate::base::keys::{Key, Kind, Schema, Status};

/// The largest size a limit can be set to: offsets in a text have 32 bits.
const MAX_BYTES: i64 = u32::MAX as i64;

static TAXONOMY: Schema = Schema {
    title: "a taxonomy",
    keys: &[
        Key::new("name", Kind::Text, "", "As written in front matter."),
        Key::new("feed", Kind::Bool, "false", "A feed for each term."),
        Key::new("paginate_by", Kind::Integer(0, 1_000_000), "0", "Pages in one pager of a term; 0 for all."),
        Key::new("paginate_path", Kind::Text, "\"page\"", "Part of the address before a pager's number."),
        Key::new("render", Kind::Bool, "true", "Write pages for it."),
        Key::new("lang", Kind::Text, "", "")
            .status(Status::Refused("a taxonomy of another language goes under `[languages.xx]`")),
    ],
    foreign: &[("rss", "the key is `feed`"), ("paginate", "the key is `paginate_by`")],
    unknown: None,
};

const SLUG_MODES: Kind = Kind::Choice(&["on", "safe", "off"]);
static SLUGIFY: Schema = Schema {
    title: "`[slugify]`",
    keys: &[
        Key::new("paths", SLUG_MODES, "\"on\"", "How file names become parts of addresses."),
        Key::new(
            "paths_keep_dates",
            Kind::Bool,
            "false",
            "Keep a date at the start of a file name in its address.",
        ),
        Key::new("taxonomies", SLUG_MODES, "\"on\"", "How taxonomies and terms become parts of addresses."),
        Key::new("anchors", SLUG_MODES, "\"on\"", "How headings become anchors."),
    ],
    foreign: &[],
    unknown: None,
};

/// What is only about links to other hosts.
const LINKS_LATER: Status = Status::NoEffect("links to other hosts are not asked for yet");

const LEVELS: Kind = Kind::Choice(&["error", "warn"]);
static LINK_CHECKER: Schema = Schema {
    title: "`[link_checker]`",
    keys: &[
        Key::new("skip_prefixes", Kind::Texts, "[]", "Starts of addresses that are not asked for.")
            .status(LINKS_LATER),
        Key::new(
            "skip_anchor_prefixes",
            Kind::Texts,
            "[]",
            "Starts of addresses whose fragment is not checked.",
        )
        .status(LINKS_LATER),
        Key::new("internal_level", LEVELS, "\"error\"", "What a broken link inside the site means."),
        Key::new("external_level", LEVELS, "\"error\"", "What a broken link to another host means.")
            .status(LINKS_LATER),
        Key::new(
            "ignored_files",
            Kind::Texts,
            "[]",
            "Globs of content files whose external links are not checked.",
        )
        .status(LINKS_LATER),
    ],
    foreign: &[],
    unknown: None,
};

/// These are about the forms of index that Zola writes. Templates see them.
const SEARCH_LATER: Status = Status::NoEffect("the index has a form of its own and holds everything");

static SEARCH: Schema = Schema {
    title: "`[search]`",
    keys: &[
        Key::new("include_title", Kind::Bool, "true", "Index titles.").status(SEARCH_LATER),
        Key::new("include_description", Kind::Bool, "false", "Index descriptions.").status(SEARCH_LATER),
        Key::new("include_date", Kind::Bool, "false", "Index dates.").status(SEARCH_LATER),
        Key::new("include_path", Kind::Bool, "false", "Index addresses.").status(SEARCH_LATER),
        Key::new("include_content", Kind::Bool, "true", "Index texts.").status(SEARCH_LATER),
        Key::new(
            "truncate_content_length",
            Kind::Integer(0, i64::MAX),
            "",
            "Index only that many characters of a text.",
        )
        .status(SEARCH_LATER),
        Key::new(
            "index_format",
            Kind::Choice(&["elasticlunr_javascript", "elasticlunr_json", "fuse_javascript", "fuse_json"]),
            "\"elasticlunr_javascript\"",
            "The form of the index.",
        )
        .status(SEARCH_LATER),
    ],
    foreign: &[],
    unknown: None,
};

/// `[search]` when the file says nothing.
pub(super) fn search_defaults() -> Map<String, Value> {
    let default = |key: &Key| Some((key.name.to_owned(), serde_json::from_str(key.default).ok()?));
    SEARCH.keys.iter().filter_map(default).collect()
}

static HIGHLIGHTING: Schema = Schema {
    title: "`[markdown.highlighting]`",
    keys: &[
        Key::new("enabled", Kind::Bool, "true", "Colour code at all."),
        Key::new(
            "error_on_missing_language",
            Kind::Bool,
            "false",
            "A fence in an unknown language is an error, not a warning.",
        ),
        Key::new("theme", Kind::Text, "", "Colours of a site with one scheme."),
        Key::new("light_theme", Kind::Text, "\"OneHalfLight\"", "Colours for light surroundings."),
        Key::new("dark_theme", Kind::Text, "\"OneHalfDark\"", "Colours for dark surroundings."),
        Key::new(
            "line_numbers",
            Kind::Bool,
            "false",
            "Line numbers on every fence that does not say otherwise.",
        ),
        Key::new(
            "include_link",
            Kind::Text,
            "",
            "Address of an included file, with `{path}`, `{first}` and `{last}`: its blocks link there.",
        ),
        Key::new(
            "data_attr_position",
            Kind::Choice(&["code", "pre", "both", "none"]),
            "\"code\"",
            "Accepted; fences write no `data-…` attributes of their own.",
        )
        .status(Status::NoEffect("fences write no `data-…` attributes of their own")),
        Key::new(
            "style",
            Kind::Choice(&["inline", "class"]),
            "\"class\"",
            "Accepted; code has classes either way.",
        )
        .status(Status::NoEffect("code has classes either way")),
        Key::new("extra_grammars", Kind::Texts, "[]", "")
            .status(Status::Refused("these grammars are for another engine; the built-in ones are used")),
        Key::new("extra_themes", Kind::Texts, "[]", "").status(Status::Refused(
            "these themes are for another engine; name a built-in one or a `.tmTheme` file",
        )),
    ],
    foreign: &[],
    unknown: None,
};

static THEME_CSS: Schema = Schema {
    title: "`highlight_themes_css`",
    keys: &[
        Key::new(
            "theme",
            Kind::Text,
            "",
            "Colours: the first entry for light, the second for dark surroundings.",
        ),
        Key::new("filename", Kind::Text, "", "Accepted; the colours come with the site's style sheet.")
            .status(Status::NoEffect("the colours come with the site's style sheet")),
    ],
    foreign: &[],
    unknown: None,
};

static MARKDOWN: Schema = Schema {
    title: "`[markdown]`",
    keys: &[
        Key::new("render_emoji", Kind::Bool, "false", "`:smile:` becomes 😄."),
        Key::new("external_links_class", Kind::Text, "", "Class of links to other hosts."),
        Key::new(
            "external_links_target_blank",
            Kind::Bool,
            "false",
            "Open links to other hosts in a new tab.",
        ),
        Key::new(
            "external_links_no_follow",
            Kind::Bool,
            "false",
            "`rel=\"nofollow\"` on links to other hosts.",
        ),
        Key::new(
            "external_links_no_referrer",
            Kind::Bool,
            "false",
            "`rel=\"noreferrer\"` on links to other hosts.",
        ),
        Key::new(
            "external_links_external",
            Kind::Bool,
            "true",
            "`rel=\"external\"` on links to other hosts.",
        ),
        Key::new("smart_punctuation", Kind::Bool, "false", "Typographic quotes, dashes and ellipses."),
        Key::new("definition_list", Kind::Bool, "false", "Definition lists."),
        Key::new(
            "auto_group",
            Kind::Bool,
            "false",
            "Code blocks that follow one another, each in another language, are the sides of a `compare`.",
        ),
        Key::new(
            "bottom_footnotes",
            Kind::Bool,
            "true",
            "Footnotes are numbered and listed at the end of the page.",
        ),
        Key::new(
            "lazy_async_image",
            Kind::Bool,
            "",
            "`decoding=\"async\"` on images, `loading=\"lazy\"` on all but the first. Without it: on, but not in `zola.toml`.",
        ),
        Key::new(
            "insert_anchor_links",
            Kind::Choice(&["none", "left", "right", "heading"]),
            "\"none\"",
            "Where a heading's own link stands.",
        ),
        Key::new("github_alerts", Kind::Bool, "true", "`> [!NOTE]` becomes an alert."),
        Key::new("autolinks", Kind::Bool, "true", "Bare addresses become links."),
        Key::new("math", Kind::Bool, "false", "`$x^2$` and `$$…$$` become MathML."),
        Key::new("super_sub", Kind::Bool, "false", "`x^2^` and `H~2~O`."),
        Key::new("wikilinks", Kind::Bool, "false", "`[[Page title]]` becomes a link."),
        Key::new("raw_html", Kind::Bool, "true", "HTML in Markdown is passed through."),
        Key::new("highlighting", Kind::Table(&HIGHLIGHTING), "{}", "How code is coloured."),
        Key::new("highlight_code", Kind::Bool, "true", "Colour code at all.")
            .status(Status::Synonym("highlighting.enabled")),
        Key::new(
            "highlight_theme",
            Kind::Text,
            "",
            "Colours of a site with one scheme; `css` for the defaults.",
        )
        .status(Status::Synonym("highlighting.theme")),
        Key::new(
            "highlight_themes_css",
            Kind::Tables(&THEME_CSS),
            "[]",
            "Colours for light and dark surroundings.",
        )
        .status(Status::Synonym("highlighting.light_theme")),
        Key::new("extra_syntaxes_and_themes", Kind::Texts, "[]", "Folders with more languages and colours.")
            .status(Status::Later("the built-in languages and themes are used")),
    ],
    foreign: &[("highlight", "the table is `[markdown.highlighting]`")],
    unknown: None,
};

static LANGUAGE: Schema = Schema {
    title: "a language",
    keys: &[
        Key::new("title", Kind::Text, "", "Instead of the site's."),
        Key::new("description", Kind::Text, "", "Instead of the site's."),
        Key::new("generate_feeds", Kind::Bool, "false", "Feeds in this language."),
        Key::new("generate_feed", Kind::Bool, "false", "Feeds in this language.")
            .status(Status::Synonym("generate_feeds")),
        Key::new("feed_filenames", Kind::Texts, "", "Instead of the site's."),
        Key::new("taxonomies", Kind::Tables(&TAXONOMY), "[]", "Taxonomies in this language."),
        Key::new(
            "build_search_index",
            Kind::Bool,
            "",
            "Search in this language. Without it as in the site's.",
        ),
        Key::new("search", Kind::Table(&SEARCH), "{}", "What is indexed in this language."),
        Key::new("translations", Kind::Map(&Kind::Text), "{}", "Texts for the function `trans`."),
    ],
    foreign: &[],
    unknown: None,
};

static CHECK: Schema = Schema {
    title: "`[check]`",
    keys: &[
        Key::new(
            "level",
            Kind::Choice(CheckLevel::NAMES),
            "\"syntax\"",
            "How far snippets are checked: `off`; `syntax`, where fragments are fine; `strict`, where each is a whole program; `run`, where `check --run` runs those that are.",
        ),
        Key::new(
            "python",
            Kind::Text,
            "\"3.13\"",
            "The version of Python that snippets are checked against, such as `3.13` or `>=3.12`.",
        ),
        Key::new(
            "badge",
            Kind::Bool,
            "false",
            "Say below each code block how it was checked, and what ran it when, where that is recorded.",
        ),
    ],
    foreign: &[],
    unknown: None,
};

static LLMS: Schema = Schema {
    title: "`[llms]`",
    keys: &[
        Key::new("markdown", Kind::Bool, "false", "Write each page as Markdown too, beside it: `index.md`."),
        Key::new("index", Kind::Bool, "false", "Write `llms.txt`: the pages of the site, with descriptions."),
        Key::new("full", Kind::Bool, "false", "Write `llms-full.txt`: all pages as Markdown, in one file."),
        Key::new(
            "full_limit",
            Kind::Integer(1, MAX_BYTES),
            "8388608",
            "Bytes of `llms-full.txt`. The pages that do not fit are named at its end.",
        ),
    ],
    foreign: &[],
    unknown: None,
};

static IMAGES: Schema = Schema {
    title: "`[images]`",
    keys: &[
        Key::new(
            "dimensions",
            Kind::Bool,
            "",
            "Images of the site get their `width` and `height`, so that nothing jumps while they load. Without it: on, but not in `zola.toml`.",
        ),
        Key::new(
            "responsive",
            Kind::Bool,
            "false",
            "Images of the site are offered in several widths, so that small screens load less.",
        ),
        Key::new("widths", Kind::List, "[480, 800, 1200, 1600]", "These widths, in pixels."),
        Key::new(
            "format",
            Kind::Choice(&["avif", "webp", "auto"]),
            "\"webp\"",
            "What they are offered as: WebP with the image itself for old browsers, photographs as AVIF before that, or as what the image is.",
        ),
        Key::new(
            "quality",
            Kind::Integer(1, 100),
            "80",
            "Quality of photographs. Other images lose nothing.",
        ),
        Key::new(
            "sizes",
            Kind::Text,
            "\"(min-width: 50rem) 45rem, 100vw\"",
            "How wide the theme shows an image, as in the attribute `sizes`.",
        ),
    ],
    foreign: &[("formats", "the key is `format`"), ("srcset", "the key is `responsive`")],
    unknown: None,
};

static LIMITS: Schema = Schema {
    title: "`[limits]`",
    keys: &[
        Key::new("source", Kind::Integer(1, MAX_BYTES), "8388608", "Bytes of one content file."),
        Key::new(
            "front_matter",
            Kind::Integer(1, MAX_BYTES),
            "65536",
            "Bytes of the front matter of one file.",
        ),
        Key::new("data", Kind::Integer(1, MAX_BYTES), "67108864", "Bytes of one data file."),
        Key::new(
            "image_pixels",
            Kind::Integer(1, MAX_BYTES),
            "64000000",
            "Pixels of one image that is decoded.",
        ),
        Key::new("output", Kind::Integer(1, MAX_BYTES), "33554432", "Bytes of one rendered output."),
        Key::new("render_seconds", Kind::Integer(1, 86_400), "10", "Seconds for rendering one output."),
        Key::new("include_depth", Kind::Integer(1, 256), "64", "Templates inside one another."),
    ],
    foreign: &[],
    unknown: None,
};

/// Keys of `juxta.toml`, `zola.toml` and `config.toml`.
pub static CONFIG: Schema = Schema {
    title: "the configuration",
    keys: &[
        Key::new(
            "base_url",
            Kind::Text,
            "",
            "Scheme, host and base path of the site; without it all links are relative and the site works anywhere.",
        ),
        Key::new("title", Kind::Text, "", "The site's name."),
        Key::new("description", Kind::Text, "", "One sentence about the site."),
        Key::new("author", Kind::Text, "", "Author of pages that name none."),
        Key::new("theme", Kind::Text, "", "Name of a folder under `themes/`; the built-in theme without it."),
        Key::new(
            "default_language",
            Kind::Text,
            "\"en\"",
            "Language of files without a language in their name.",
        ),
        Key::new("output_dir", Kind::Text, "\"public\"", "The folder `build` writes."),
        Key::new(
            "preserve_dotfiles_in_output",
            Kind::Bool,
            "false",
            "Publish static files whose name starts with a dot.",
        ),
        Key::new(
            "compile_sass",
            Kind::Bool,
            "false",
            "Compile the files in `sass/` to CSS. Those of themes are always compiled.",
        ),
        Key::new(
            "minify_css",
            Kind::Bool,
            "false",
            "Make style sheets smaller, those of themes too, and put what they `@import` into them.",
        ),
        Key::new("minify_html", Kind::Bool, "false", "Leave comments and repeated spaces out of pages."),
        Key::new(
            "hashed_names",
            Kind::Bool,
            "false",
            "Addresses with `cachebust` have a digest in the name of the file, not behind it.",
        ),
        Key::new(
            "social_cards",
            Kind::Bool,
            "false",
            "A picture for each page, which other sites show with a link to it. Needs a `base_url`.",
        ),
        Key::new(
            "git_dates",
            Kind::Bool,
            "false",
            "Pages without `updated` were updated on the day of the last commit of their file.",
        ),
        Key::new(
            "build_search_index",
            Kind::Bool,
            "",
            "Write a search index. Without it: if the theme is the built-in one, but not in `zola.toml`.",
        ),
        Key::new("generate_feeds", Kind::Bool, "false", "Feeds of the whole site."),
        Key::new("generate_feed", Kind::Bool, "false", "Feeds of the whole site.")
            .status(Status::Synonym("generate_feeds")),
        Key::new(
            "feed_filenames",
            Kind::Texts,
            "[\"atom.xml\"]",
            "Names of the feeds, each the name of its template too.",
        ),
        Key::new("feed_filename", Kind::Text, "", "Name of the feed.")
            .status(Status::Synonym("feed_filenames")),
        Key::new("feed_limit", Kind::Integer(0, 1_000_000), "", "Entries in a feed; all without it."),
        Key::new(
            "hard_link_static",
            Kind::Bool,
            "false",
            "Accepted; static files are copied when they differ.",
        )
        .status(Status::NoEffect("static files are copied when they differ")),
        Key::new("generate_sitemap", Kind::Bool, "true", "Write `sitemap.xml`."),
        Key::new("generate_robots_txt", Kind::Bool, "true", "Write `robots.txt`."),
        Key::new(
            "exclude_paginated_pages_in_sitemap",
            Kind::Choice(&["none", "all"]),
            "\"none\"",
            "Leave pagers after the first out of the sitemap.",
        ),
        Key::new(
            "ignored_content",
            Kind::Texts,
            "[]",
            "Globs of files under `content/` that are not looked at.",
        ),
        Key::new(
            "ignored_static",
            Kind::Texts,
            "[]",
            "Globs of files under `static/` that are not published.",
        ),
        Key::new(
            "skip_content_templating",
            Kind::Texts,
            "[]",
            "Globs of content files in which `{{ }}` and `{% %}` are text.",
        ),
        Key::new("taxonomies", Kind::Tables(&TAXONOMY), "[]", "Taxonomies of the default language."),
        Key::new("taxonomy_root", Kind::Text, "", "Path before the addresses of all taxonomies."),
        Key::new("slugify", Kind::Table(&SLUGIFY), "{}", "How names become addresses and anchors."),
        Key::new("markdown", Kind::Table(&MARKDOWN), "{}", "How Markdown is read."),
        Key::new("link_checker", Kind::Table(&LINK_CHECKER), "{}", "How links are checked."),
        Key::new("search", Kind::Table(&SEARCH), "{}", "What is indexed."),
        Key::new(
            "translations",
            Kind::Map(&Kind::Text),
            "{}",
            "Texts for the function `trans`, in the default language.",
        ),
        Key::new(
            "languages",
            Kind::Map(&Kind::Table(&LANGUAGE)),
            "{}",
            "The other languages, by their codes.",
        ),
        Key::new("check", Kind::Table(&CHECK), "{}", "How far snippets are checked."),
        Key::new("llms", Kind::Table(&LLMS), "{}", "What is written for readers that are programs."),
        Key::new("images", Kind::Table(&IMAGES), "{}", "What becomes of images in Markdown."),
        Key::new("limits", Kind::Table(&LIMITS), "{}", "Sizes and times no input may pass."),
        Key::new("extra", Kind::Free, "{}", "Free values for templates."),
    ],
    foreign: &[
        ("baseURL", "the key is `base_url`"),
        ("baseUrl", "the key is `base_url`"),
        ("site_url", "the key is `base_url`"),
        ("url", "the key is `base_url`"),
        ("base", "the key is `base_url`"),
        ("languageCode", "the key is `default_language`"),
        ("lang", "the key is `default_language`"),
        ("language", "the key is `default_language`"),
        ("locales", "languages go under `[languages.xx]`"),
        ("name", "the key is `title`"),
        ("params", "free values go under `[extra]`"),
        ("publishDir", "the key is `output_dir`"),
        ("outDir", "the key is `output_dir`"),
        ("build-dir", "the key is `output_dir`"),
        ("highlight_code", "`highlight_code` belongs under `[markdown]`"),
        ("highlight", "the table is `[markdown.highlighting]`"),
        ("paginate", "pages in one pager are `paginate_by` in a section's front matter"),
        ("menu", "free values go under `[extra]`"),
        ("nav", "free values go under `[extra]`"),
        (
            "book",
            "mdBook's `[book]` has `title`, `description` and `language`: write `title`, `description` and `default_language` at the top",
        ),
        ("output", "the output folder is `output_dir`"),
        ("rss_limit", "the key is `feed_limit`"),
        ("generate_rss", "the key is `generate_feeds`"),
    ],
    unknown: Some("free values go under `[extra]`"),
};

/// Keys of a theme's `theme.toml`.
pub static THEME: Schema = Schema {
    title: "`theme.toml`",
    keys: &[
        Key::new("name", Kind::Text, "", "The theme's name."),
        Key::new("description", Kind::Text, "", "One sentence about it."),
        Key::new("tags", Kind::Texts, "[]", "Words to find it by."),
        Key::new("license", Kind::Text, "", "Its licence."),
        Key::new("homepage", Kind::Text, "", "Its address."),
        Key::new("min_version", Kind::Text, "", "The oldest version it works with; not compared.")
            .status(Status::NoEffect("versions are not compared")),
        Key::new("demo", Kind::Text, "", "A site that shows it."),
        Key::new("author", Kind::Free, "{}", "Who made it."),
        Key::new("original", Kind::Free, "{}", "What it was made from."),
        Key::new("parent", Kind::Text, "", "A theme whose templates and files hold where this one has none."),
        Key::new("extends", Kind::Text, "", "The parent.").status(Status::Synonym("parent")),
        Key::new(
            "files",
            Kind::Map(&Kind::Text),
            "{}",
            "Templates under `files/` that are published only when this name is set under `[extra]`.",
        ),
        Key::new("values", Kind::Free, "{}", "What the values under `[extra]` may be, by their paths."),
        Key::new("extra", Kind::Free, "{}", "Free values, below those of the site."),
    ],
    foreign: &[("licence", "the key is `license`"), ("authors", "the table is `[author]`")],
    unknown: Some("free values go under `[extra]`"),
};

/// JSON Schema (draft 2020-12) of the configuration.
pub fn schema() -> Value {
    let mut schema = CONFIG.to_json_schema();
    schema["$schema"] = Value::from("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = Value::from("Juxta configuration");
    schema
}
