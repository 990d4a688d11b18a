//! Bundle: a style sheet with the sheets it takes in by `@import` put into it.
//!
//! In: a sheet, its address, a way to other sheets by their addresses. Out: CSS
//! that means the same, in which conditions of an import are around what it
//! took in and relative addresses start from where the result is; what is wrong
//! with an import. An import stays one where it leads elsewhere, and where it
//! cannot be put in without another order or meaning. Must not know where
//! sheets come from.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use lightningcss::dependencies::{Dependency, DependencyOptions};
use lightningcss::printer::PrinterOptions;
use lightningcss::rules::import::ImportRule;
use lightningcss::rules::{CssRule, CssRuleList};
use lightningcss::stylesheet::{ParserOptions, StyleSheet};
use lightningcss::traits::ToCss;

use super::css::offset;
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::{UrlPath, percent_decode};
use crate::base::source::{Source, Span};

/// The way to other sheets.
pub trait Sheets {
    /// The sheet at an address; else why there is none, in words, or nothing if
    /// that is told elsewhere.
    fn sheet(&self, url: &UrlPath) -> Result<Arc<Source>, Option<String>>;
}

/// A sheet and what is in it.
pub(super) struct Bundle {
    /// CSS.
    pub(super) text: String,
    /// Comments that are to be kept.
    pub(super) licences: Vec<String>,
}

/// A sheet that was looked into.
struct Piece {
    /// What has to be at the start of a sheet: imports that stay, and layers
    /// that are named before them.
    head: String,
    rules: String,
    licences: Vec<String>,
}

struct Bundler<'s> {
    sheets: &'s dyn Sheets,
    /// Addresses of the sheets around this one, the outermost first.
    around: Vec<UrlPath>,
    problems: Vec<Diagnostic>,
}

/// A sheet that takes in nothing gives none.
pub(super) fn bundled(
    source: &Arc<Source>,
    url: &UrlPath,
    sheets: &dyn Sheets,
) -> (Option<Bundle>, Vec<Diagnostic>) {
    // Most sheets take in nothing.
    if !source.text.to_ascii_lowercase().contains("@import") {
        return (None, Vec::new());
    }
    let mut bundler = Bundler { sheets, around: Vec::new(), problems: Vec::new() };
    let piece = bundler.piece(source, url);
    let bundle = piece.map(|Piece { head, rules, licences }| Bundle { text: head + &rules, licences });
    (bundle, bundler.problems)
}

fn minified() -> PrinterOptions<'static> {
    PrinterOptions { minify: true, ..PrinterOptions::default() }
}

impl Bundler<'_> {
    /// What becomes of a sheet; none if it cannot be read, which is told where
    /// it is published, or cannot be put into another.
    fn piece(&mut self, source: &Arc<Source>, url: &UrlPath) -> Option<Piece> {
        let sheet = StyleSheet::parse(&source.text, ParserOptions::default()).ok()?;
        let mut licences: Vec<String> = sheet.license_comments.iter().map(ToString::to_string).collect();
        let mut rules = sheet.rules.0;
        let is_import = |rule: &CssRule<'_>| matches!(rule, CssRule::Import(_));
        let first = rules.iter().rposition(is_import).map_or(0, |last| last + 1);
        let rest = rules.split_off(first);
        // They hold for one sheet, and have to be at its start.
        let has_namespace = rest.iter().any(|rule| matches!(rule, CssRule::Namespace(_)));
        if has_namespace && !self.around.is_empty() {
            return None;
        }
        let mut put_in = VecDeque::from([self.printed(rest, url)?]);
        let mut head = VecDeque::new();
        // From the end: before an import that stays nothing but imports may be.
        let mut is_open = !has_namespace;
        self.around.push(url.clone());
        for rule in rules.into_iter().rev() {
            let text = rule.to_css_string(minified()).ok()?;
            let CssRule::Import(import) = rule else {
                if is_open { &mut put_in } else { &mut head }.push_front(text);
                continue;
            };
            let found = self.imported(source, url, &import);
            match found.filter(|piece| is_open && piece.head.is_empty()) {
                Some(piece) => {
                    put_in.push_front(within(&import, piece.rules)?);
                    licences.extend(piece.licences);
                }
                None => {
                    head.push_front(text);
                    is_open = false;
                }
            }
        }
        self.around.pop();
        let joined = |parts: VecDeque<String>| parts.into_iter().collect::<String>();
        Some(Piece { head: joined(head), rules: joined(put_in), licences })
    }

    /// The sheet that an import takes in.
    fn imported(&mut self, source: &Arc<Source>, url: &UrlPath, import: &ImportRule<'_>) -> Option<Piece> {
        let address = &*import.url;
        if !is_relative(address) {
            return None;
        }
        let path = percent_decode(address.split(['?', '#']).next().unwrap_or_default())?;
        let is_outermost = self.around.len() == 1;
        let folder = folder_of(url.as_str());
        let Some(target) = resolved(&folder, &path) else {
            if is_outermost {
                self.tell(source, import, "it leads out of the site");
            }
            return None;
        };
        let target = UrlPath::new(&target.join("/"));
        if self.around.contains(&target) {
            // Told once: of a circle, at the sheet that comes first.
            if self.around[0] == target && self.around.iter().all(|other| *other >= target) {
                let circle: Vec<&str> = self.around.iter().chain([&target]).map(UrlPath::as_str).collect();
                self.tell(source, import, &format!("it is a circle: {}", circle.join(" → ")));
            }
            return None;
        }
        match self.sheets.sheet(&target) {
            Ok(sheet) => self.piece(&sheet, &target),
            Err(Some(why)) if is_outermost => {
                self.tell(source, import, &why);
                None
            }
            Err(_) => None,
        }
    }

    fn tell(&mut self, source: &Arc<Source>, import: &ImportRule<'_>, why: &str) {
        let start = offset(&source.text, import.loc.line, import.loc.column);
        let rule = source.text.get(start..).unwrap_or_default();
        let rule = &rule[..rule.find(';').unwrap_or(rule.len())];
        let span = match rule.find(&*import.url) {
            Some(at) => Span::new(start + at, start + at + import.url.len()),
            None => Span::new(start, start + rule.len()),
        };
        let message = format!("`{}` is not put into this style sheet: {why}", import.url);
        self.problems.push(Diagnostic::warning("bad-import", message).at(source, span));
    }

    /// Rules as text, addresses as they have to be in the outermost sheet. None
    /// if that cannot be.
    fn printed(&self, rules: Vec<CssRule<'_>>, url: &UrlPath) -> Option<String> {
        let sheet = StyleSheet::new(Vec::new(), CssRuleList(rules), ParserOptions::default());
        let from = folder_of(url.as_str());
        let to = self.around.first().map_or_else(|| from.clone(), |outermost| folder_of(outermost.as_str()));
        if from == to {
            return Some(sheet.to_css(minified()).ok()?.code);
        }
        let analyze_dependencies = Some(DependencyOptions { remove_imports: false });
        let printed = sheet.to_css(PrinterOptions { analyze_dependencies, ..minified() }).ok()?;
        let mut addresses: BTreeMap<String, String> = BTreeMap::new();
        for dependency in printed.dependencies.unwrap_or_default() {
            let Dependency::Url(found) = dependency else { return None };
            let address = if is_relative(&found.url) { moved(&found.url, &from, &to)? } else { found.url };
            // Two that have one sign cannot be told apart.
            if addresses.insert(found.placeholder, address.clone()).is_some_and(|other| other != address) {
                return None;
            }
        }
        let mut text = printed.code;
        for (sign, address) in addresses {
            text = text.replace(&format!("\"{sign}\""), &quoted(&address));
        }
        Some(text)
    }
}

/// Rules within the conditions of the import that took them in.
fn within(import: &ImportRule<'_>, rules: String) -> Option<String> {
    let mut text = rules;
    if let Some(layer) = &import.layer {
        let name = match layer {
            Some(name) => format!(" {}", name.to_css_string(minified()).ok()?),
            None => String::new(),
        };
        text = format!("@layer{name}{{{text}}}");
    }
    if let Some(supports) = &import.supports {
        text = format!("@supports {}{{{text}}}", supports.to_css_string(minified()).ok()?);
    }
    if !import.media.media_queries.is_empty() {
        text = format!("@media {}{{{text}}}", import.media.to_css_string(minified()).ok()?);
    }
    Some(text)
}

/// Whether an address starts from where its sheet is: not from the host, not
/// from the page, with no scheme.
fn is_relative(address: &str) -> bool {
    let scheme = address.split(['/', '?', '#']).next().unwrap_or_default();
    !address.is_empty() && !address.starts_with(['/', '\\', '#']) && !scheme.contains(':')
}

/// The parts of the path of an address's folder.
fn folder_of(path: &str) -> Vec<&str> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    folder.split('/').filter(|part| !part.is_empty()).collect()
}

/// A relative path from a folder; none if it leads above the site.
fn resolved<'p>(folder: &[&'p str], path: &'p str) -> Option<Vec<&'p str>> {
    let mut parts = folder.to_vec();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts)
}

/// A relative address that starts from another folder now.
fn moved(address: &str, from: &[&str], to: &[&str]) -> Option<String> {
    let end = address.find(['?', '#']).unwrap_or(address.len());
    let (path, rest) = address.split_at(end);
    if path.is_empty() {
        // Of the sheet itself, which is gone.
        return None;
    }
    let from: Vec<String> = from.iter().map(|part| UrlPath::new(part).encoded()[1..].to_owned()).collect();
    let to: Vec<String> = to.iter().map(|part| UrlPath::new(part).encoded()[1..].to_owned()).collect();
    let from: Vec<&str> = from.iter().map(String::as_str).collect();
    let parts = resolved(&from, path)?;
    let same = parts.iter().zip(&to).take_while(|(part, other)| *part == other).count();
    let up = "../".repeat(to.len() - same);
    Some(format!("{up}{}{rest}", parts[same..].join("/")))
}

/// A text as CSS writes it.
fn quoted(text: &str) -> String {
    let mut out = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\{:x} ", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::styles::css::minified;

    struct Map(&'static [(&'static str, &'static str)]);

    impl Sheets for Map {
        fn sheet(&self, url: &UrlPath) -> Result<Arc<Source>, Option<String>> {
            let found = self.0.iter().find(|(path, _)| *path == url.as_str());
            let (path, text) = found.ok_or_else(|| Some("nothing is there".to_owned()))?;
            Ok(Source::new(*path, *text))
        }
    }

    /// The CSS of the first sheet, and what is told.
    fn of(sheets: &'static [(&'static str, &'static str)]) -> (String, Vec<String>) {
        let (path, text) = sheets[0];
        let (css, problems) = minified(&Source::new(path, text), &UrlPath::new(path), &Map(sheets)).unwrap();
        let told = problems.iter().map(|problem| {
            let label = &problem.labels[0];
            let (line, column) = label.source.line_column(label.span.start as usize);
            format!("{}:{line}:{column} {}", label.source.path, problem.message)
        });
        (css, told.collect())
    }

    fn css(sheets: &'static [(&'static str, &'static str)]) -> String {
        let (css, told) = of(sheets);
        assert_eq!(told, [""; 0]);
        css
    }

    #[test]
    fn sheets_are_put_in_where_they_are_taken_in() {
        assert_eq!(
            css(&[("/a.css", "@import 'b.css'; a { top: 1px }"), ("/b.css", "b { top: 2px }")]),
            "b{top:2px}a{top:1px}"
        );
        // Each time, in order: what the last one says again is left out before.
        assert_eq!(
            css(&[
                ("/a.css", "@layer x, y; @import url(./b.css); @import \"c.css?v=1\"; @import 'b.css';"),
                ("/b.css", "b { top: 2px }"),
                ("/c.css", "@charset 'utf-8'; @import 'b.css'; c { top: 3px }"),
            ]),
            "@layer x,y;c{top:3px}b{top:2px}"
        );
    }

    #[test]
    fn conditions_stay_around() {
        assert_eq!(
            css(&[
                (
                    "/a.css",
                    "@import 'b.css' layer(x.y) supports(display: grid) print, (min-width: 10px);@import 'c.css' layer;@import 'b.css' supports(not (top: 1px));"
                ),
                ("/b.css", "b { top: 2px }"),
                ("/c.css", "@import 'b.css' screen; c { top: 3px }"),
            ]),
            "@media print,(width>=10px){@supports (display:grid){@layer x.y{b{top:2px}}}}@layer{@media screen{b{top:2px}}c{top:3px}}@supports not (top:1px){b{top:2px}}"
        );
    }

    #[test]
    fn what_leads_elsewhere_stays_an_import() {
        // What stands before it stays one too: the order counts.
        assert_eq!(
            css(&[
                (
                    "/a.css",
                    "@import 'b.css'; @import url('https://example.org/x.css') print; @import 'b.css'; @import '/c.css'; @import 'b.css'; a { top: 1px }"
                ),
                ("/b.css", "b { top: 2px }"),
            ]),
            "@import \"b.css\";@import \"https://example.org/x.css\" print;@import \"b.css\";@import \"/c.css\";b{top:2px}a{top:1px}"
        );
        // So does a sheet with such an import, or with namespaces.
        assert_eq!(
            css(&[
                ("/a.css", "@import 'b.css'; @import 'c.css'; @import 'd.css';"),
                ("/b.css", "@import '//example.org/x.css'; b { top: 2px }"),
                ("/c.css", "@namespace svg url(http://www.w3.org/2000/svg); c { top: 3px }"),
                ("/d.css", "d { top: 4px }"),
            ]),
            "@import \"b.css\";@import \"c.css\";d{top:4px}"
        );
        let css = css(&[
            ("/a.css", "@import 'b.css'; @namespace x url(http://x.org/); x|a { top: 1px }"),
            ("/b.css", "b { top: 2px }"),
        ]);
        assert!(css.starts_with("@import \"b.css\";@namespace x"), "{css}");
        // A broken sheet is told where it is published.
        assert_eq!(
            of(&[("/a.css", "@import 'b.css'; a { top: 1px }"), ("/b.css", "b } {")]).0,
            "@import \"b.css\";a{top:1px}"
        );
    }

    #[test]
    fn addresses_start_from_the_outermost_sheet() {
        assert_eq!(
            css(&[
                ("/css/a.css", "@import '../lib/x y/b.css'; a { background: url(own.png) }"),
                (
                    "/lib/x y/b.css",
                    "@import 'deep/c.css'; b { background: url(\"b'\\\"(.png?1#2\"); mask: url(#m); cursor: url(/abs.png), url(data:image/png;base64,AA), auto }"
                ),
                (
                    "/lib/x y/deep/c.css",
                    "@font-face { font-family: C; src: url(../../../css/c.woff2) format('woff2') } c { background: image-set('c.png' 1x, '../d.png' 2x) }"
                ),
            ]),
            "@font-face{font-family:C;src:url(c.woff2)format(\"woff2\")}c{background:image-set(\"../lib/x%20y/deep/c.png\" 1x,\"../lib/x%20y/d.png\" 2x)}b{cursor:url(/abs.png),url(data:image/png;base64,AA),auto;background:url(../lib/x%20y/b\\'\\\"\\(.png?1#2);mask:url(#m)}a{background:url(own.png)}"
        );
        // What it means is decided elsewhere, and so it stays where it is.
        assert_eq!(
            css(&[("/a.css", "@import 'b/b.css';"), ("/b/b.css", ":root { --x: url(x.png) }")]),
            "@import \"b/b.css\";"
        );
    }

    #[test]
    fn mistakes_have_a_place() {
        let (css, told) =
            of(&[("/a.css", "/* é */\n  @import 'none.css' print;\n@import '../up.css';\na { top: 1px }")]);
        assert_eq!(css, "@import \"none.css\" print;@import \"../up.css\";a{top:1px}");
        assert_eq!(
            told,
            [
                "/a.css:3:10 `../up.css` is not put into this style sheet: it leads out of the site",
                "/a.css:2:12 `none.css` is not put into this style sheet: nothing is there",
            ]
        );
        const CIRCLE: &[(&str, &str)] =
            &[("/a.css", "@import 'b.css';"), ("/b.css", "@import 'c.css';"), ("/c.css", "@import 'a.css';")];
        let (css, told) = of(CIRCLE);
        assert_eq!(css, "@import \"b.css\";");
        assert_eq!(
            told,
            [
                "/c.css:1:10 `a.css` is not put into this style sheet: it is a circle: /a.css → /b.css → /c.css → /a.css"
            ]
        );
        // Another sheet of it says nothing more.
        assert_eq!(of(&[("/b.css", "@import 'a.css';"), ("/a.css", "@import 'b.css';")]).1, [""; 0]);
    }

    #[test]
    fn licences_are_kept() {
        assert_eq!(
            css(&[
                ("/a.css", "/*! A */ @import 'b.css'; a { top: 1px }"),
                ("/b.css", "/*! B */ b { top: 2px }")
            ]),
            "/*! A */\n/*! B */\nb{top:2px}a{top:1px}"
        );
    }
}
