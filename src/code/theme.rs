//! Themes: from a syntect theme to a style sheet.
//!
//! In: a theme, by name or as the text of a `.tmTheme` file. Out: CSS with a
//! colour for each kind, every one readable on every background that code can
//! have. Deterministic. Must not know how code is laid out, nor where the style
//! sheet is linked.
//!
//! A style sheet says something about every kind, so that two of them can be
//! loaded one over the other (light, then dark) and nothing shines through.

use std::fmt::Write as _;
use std::str::FromStr;
use std::sync::LazyLock;

use syntect::highlighting::{
    Color, FontStyle, Highlighter, ScopeSelectors, StyleModifier, Theme, ThemeItem, ThemeSettings,
};
use syntect::parsing::Scope;
use two_face::theme::{EmbeddedLazyThemeSet, EmbeddedThemeName};

use super::kind::Kind;
use super::plist;
use crate::base::text::nearest;

/// Colours for light surroundings when the site names none.
pub const DEFAULT_LIGHT: &str = "OneHalfLight";

/// Colours for dark surroundings when the site names none.
pub const DEFAULT_DARK: &str = "OneHalfDark";

/// Least contrast of any text with any of its backgrounds (WCAG 2.2, 1.4.3).
const CONTRAST: f64 = 4.5;

/// Where colours come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ThemeSource<'a> {
    /// A built-in theme; upper and lower case, spaces and signs do not matter,
    /// and names other generators use lead to the nearest.
    Name(&'a str),
    /// The text of a `.tmTheme` file.
    TmTheme(&'a str),
}

/// What surroundings a style sheet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Dark text on light ground.
    Light,
    /// Light text on dark ground.
    Dark,
}

/// Why there is no style sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeError {
    /// `unknown-code-theme` or `bad-code-theme`.
    pub code: &'static str,
    /// One phrase.
    pub message: String,
    /// Advice: each one phrase.
    pub hints: Vec<String>,
}

static THEMES: LazyLock<EmbeddedLazyThemeSet> = LazyLock::new(two_face::theme::extra);

/// Names of other generators' themes, and the nearest built-in one.
const ALIASES: &[(&str, EmbeddedThemeName)] = {
    use EmbeddedThemeName as N;
    &[
        ("andromeeda", N::SublimeSnazzy),
        ("aurora-x", N::ColdarkDark),
        ("ayu-dark", N::OneHalfDark),
        ("ayu-light", N::OneHalfLight),
        ("ayu-mirage", N::OneHalfDark),
        ("catppuccin", N::CatppuccinMocha),
        ("dark-plus", N::TwoDark),
        ("dracula-soft", N::Dracula),
        ("everforest-dark", N::GruvboxDark),
        ("everforest-light", N::GruvboxLight),
        ("github-dark", N::OneHalfDark),
        ("github-dark-default", N::OneHalfDark),
        ("github-dark-dimmed", N::OneHalfDark),
        ("github-dark-high-contrast", N::ColdarkDark),
        ("github-light", N::Github),
        ("github-light-default", N::Github),
        ("github-light-high-contrast", N::ColdarkCold),
        ("gruvbox", N::GruvboxDark),
        ("gruvbox-dark-hard", N::GruvboxDark),
        ("gruvbox-dark-medium", N::GruvboxDark),
        ("gruvbox-dark-soft", N::GruvboxDark),
        ("gruvbox-light-hard", N::GruvboxLight),
        ("gruvbox-light-medium", N::GruvboxLight),
        ("gruvbox-light-soft", N::GruvboxLight),
        ("houston", N::SublimeSnazzy),
        ("kanagawa-dragon", N::TwoDark),
        ("kanagawa-lotus", N::SolarizedLight),
        ("kanagawa-wave", N::TwoDark),
        ("laserwave", N::DarkNeon),
        ("light-plus", N::Github),
        ("material-dark", N::TwoDark),
        ("material-theme", N::TwoDark),
        ("material-theme-darker", N::TwoDark),
        ("material-theme-lighter", N::OneHalfLight),
        ("material-theme-ocean", N::TwoDark),
        ("material-theme-palenight", N::TwoDark),
        ("min-dark", N::ColdarkDark),
        ("min-light", N::ColdarkCold),
        ("monokai", N::MonokaiExtended),
        ("night-owl", N::ColdarkDark),
        ("one-dark", N::OneHalfDark),
        ("one-dark-pro", N::OneHalfDark),
        ("one-light", N::OneHalfLight),
        ("plastic", N::OneHalfDark),
        ("poimandres", N::ColdarkDark),
        ("rose-pine", N::CatppuccinMocha),
        ("rose-pine-dawn", N::CatppuccinLatte),
        ("rose-pine-moon", N::CatppuccinMacchiato),
        ("slack-dark", N::TwoDark),
        ("slack-ochin", N::ColdarkCold),
        ("snazzy-light", N::OneHalfLight),
        ("solarized", N::SolarizedLight),
        ("synthwave-84", N::DarkNeon),
        ("tokyo-night", N::CatppuccinMocha),
        ("visual-studio-dark", N::TwoDark),
        ("vitesse-black", N::ColdarkDark),
        ("vitesse-dark", N::ColdarkDark),
        ("vitesse-light", N::ColdarkCold),
    ]
};

/// The built-in themes, in alphabetical order.
pub fn theme_names() -> Vec<&'static str> {
    let mut names: Vec<_> = built_in().map(EmbeddedThemeName::as_name).collect();
    names.sort_by_key(|name| name.to_lowercase());
    names
}

/// All but those made of a terminal's own colours.
fn built_in() -> impl Iterator<Item = EmbeddedThemeName> {
    use EmbeddedThemeName as N;
    EmbeddedLazyThemeSet::theme_names()
        .iter()
        .copied()
        .filter(|name| !matches!(name, N::Ansi | N::Base16 | N::Base16_256))
}

/// A style sheet for one theme. Every selector starts with `prefix`: nothing,
/// or a selector and a space (`:root[data-theme=dark] `).
///
/// It sets colours of `pre.code` and `code.code` and of the kinds in them, and on `pre.code` and
/// `figure.code` the properties `--code-fg`, `--code-bg`, `--code-dim` (for
/// line numbers and captions), `--code-mark`, `--code-ins`, `--code-del`
/// (backgrounds). Each text colour has a contrast of 4.5 or more with each
/// background; a theme's own colours are made darker or lighter until they do.
pub fn stylesheet(theme: &ThemeSource<'_>, scheme: Scheme, prefix: &str) -> Result<String, ThemeError> {
    match theme {
        ThemeSource::Name(name) => Ok(css(THEMES.get(find(name)?), scheme, prefix)),
        ThemeSource::TmTheme(text) => Ok(css(&read(text)?, scheme, prefix)),
    }
}

fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn find(name: &str) -> Result<EmbeddedThemeName, ThemeError> {
    let folded = fold(name);
    built_in()
        .find(|theme| fold(theme.as_name()) == folded)
        .or_else(|| ALIASES.iter().find(|(alias, _)| fold(alias) == folded).map(|(_, theme)| *theme))
        .ok_or_else(|| {
            let known = theme_names();
            let near = nearest(name, known.iter().copied().chain(ALIASES.iter().map(|(alias, _)| *alias)));
            ThemeError {
                code: "unknown-code-theme",
                message: format!("there is no theme `{name}` for code"),
                hints: near
                    .map(|near| format!("did you mean `{near}`?"))
                    .into_iter()
                    .chain([format!("built in are: {}", known.join(", "))])
                    .collect(),
            }
        })
}

/// Reads a `.tmTheme` file. Selectors and colours that cannot be read are
/// passed over, as editors do.
fn read(text: &str) -> Result<Theme, ThemeError> {
    let bad = |reason: String| ThemeError {
        code: "bad-code-theme",
        message: format!("the theme for code cannot be read: {reason}"),
        hints: vec!["a `.tmTheme` file is an XML property list".to_owned()],
    };
    let root = plist::parse(text).map_err(bad)?;
    let items = root.get("settings").map(plist::Value::items).unwrap_or_default();
    if items.is_empty() {
        return Err(bad("it has no `settings`".to_owned()));
    }
    let mut theme = Theme::default();
    for item in items {
        let Some(settings) = item.get("settings") else { continue };
        let color = |key| settings.get(key).and_then(plist::Value::text).and_then(color);
        match item.get("scope").and_then(plist::Value::text) {
            None => {
                theme.settings = ThemeSettings {
                    foreground: color("foreground"),
                    background: color("background"),
                    gutter_foreground: color("gutterForeground"),
                    ..ThemeSettings::default()
                };
            }
            Some(scope) => {
                let Ok(scope) = ScopeSelectors::from_str(scope) else { continue };
                let font_style = settings.get("fontStyle").and_then(plist::Value::text).map(|text| {
                    text.split_whitespace().fold(FontStyle::empty(), |style, word| {
                        style
                            | match word {
                                "bold" => FontStyle::BOLD,
                                "italic" => FontStyle::ITALIC,
                                "underline" => FontStyle::UNDERLINE,
                                _ => FontStyle::empty(),
                            }
                    })
                });
                let style = StyleModifier {
                    foreground: color("foreground"),
                    background: color("background"),
                    font_style,
                };
                theme.scopes.push(ThemeItem { scope, style });
            }
        }
    }
    Ok(theme)
}

/// `#rgb`, `#rrggbb`, `#rrggbbaa`.
fn color(text: &str) -> Option<Color> {
    let digits = text.trim().strip_prefix('#')?;
    let digits: Vec<u8> =
        digits.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    let channels: Vec<u8> = match digits.len() {
        3 | 4 => digits.iter().map(|d| d * 17).collect(),
        6 | 8 => digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect(),
        _ => return None,
    };
    Some(Color { r: channels[0], g: channels[1], b: channels[2], a: *channels.get(3).unwrap_or(&255) })
}

/// An opaque colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rgb([u8; 3]);

impl From<Color> for Rgb {
    /// Themes use the fourth channel of text colours in ways of their own, so
    /// it is not looked at.
    fn from(color: Color) -> Self {
        Self([color.r, color.g, color.b])
    }
}

/// The nearest colour of the same hue that text can have on a ground: with a
/// contrast of 4.5 to 1. None if one of the two is not written `#rrggbb` or `#rgb`.
pub fn readable(color: &str, ground: &str) -> Option<String> {
    Some(Rgb::written(color)?.readable_on(&[Rgb::written(ground)?]).css())
}

impl Rgb {
    fn written(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.is_ascii())?;
        let value = |digits: &str| u8::from_str_radix(digits, 16).ok();
        let channel = |at: usize| match digits.len() {
            // `#abc` is `#aabbcc`.
            3 => value(&digits[at..=at]).map(|digit| digit * 17),
            6 => value(&digits[2 * at..2 * at + 2]),
            _ => None,
        };
        Some(Self([channel(0)?, channel(1)?, channel(2)?]))
    }

    const BLACK: Self = Self([0; 3]);
    const WHITE: Self = Self([255; 3]);

    fn css(self) -> String {
        let [r, g, b] = self.0;
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    /// This colour with a share of another laid over it.
    fn tinted(self, tint: Self, share: f64) -> Self {
        let mut mixed = self.0;
        for (channel, other) in mixed.iter_mut().zip(tint.0) {
            *channel = byte((f64::from(*channel) * (1.0 - share) + f64::from(other) * share) / 255.0);
        }
        Self(mixed)
    }

    /// WCAG's relative luminance, 0 to 1.
    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|channel| {
            let channel = f64::from(channel) / 255.0;
            if channel <= 0.04045 { channel / 12.92 } else { power_2_4((channel + 0.055) / 1.055) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// WCAG's contrast ratio, 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn is_readable_on(self, grounds: &[Self]) -> bool {
        grounds.iter().all(|ground| self.contrast(*ground) >= CONTRAST)
    }

    /// The nearest colour of this hue that can be read on all grounds:
    /// lightness goes down on light ground and up on dark, a hundredth at a
    /// time.
    fn readable_on(self, grounds: &[Self]) -> Self {
        let toward = if extreme(grounds) == Self::BLACK { -1.0 } else { 1.0 };
        let (hue, saturation, lightness) = self.to_hsl();
        let mut readable = self;
        let mut step = 0.0;
        while !readable.is_readable_on(grounds) && step < 100.0 {
            step += 1.0;
            let lightness = (lightness + toward * step / 100.0).clamp(0.0, 1.0);
            readable = Self::from_hsl(hue, saturation, lightness);
        }
        readable
    }

    /// Hue 0 to 6, saturation and lightness 0 to 1.
    fn to_hsl(self) -> (f64, f64, f64) {
        let [r, g, b] = self.0.map(|channel| f64::from(channel) / 255.0);
        let (max, min) = (r.max(g).max(b), r.min(g).min(b));
        let chroma = max - min;
        let lightness = (max + min) / 2.0;
        if chroma == 0.0 {
            return (0.0, 0.0, lightness);
        }
        let hue = if max == r {
            ((g - b) / chroma + 6.0) % 6.0
        } else if max == g {
            (b - r) / chroma + 2.0
        } else {
            (r - g) / chroma + 4.0
        };
        (hue, chroma / (1.0 - (2.0 * lightness - 1.0).abs()), lightness)
    }

    fn from_hsl(hue: f64, saturation: f64, lightness: f64) -> Self {
        let chroma = (1.0 - (2.0 * lightness - 1.0).abs()) * saturation;
        let second = chroma * (1.0 - (hue % 2.0 - 1.0).abs());
        let rgb = if hue < 1.0 {
            [chroma, second, 0.0]
        } else if hue < 2.0 {
            [second, chroma, 0.0]
        } else if hue < 3.0 {
            [0.0, chroma, second]
        } else if hue < 4.0 {
            [0.0, second, chroma]
        } else if hue < 5.0 {
            [second, 0.0, chroma]
        } else {
            [chroma, 0.0, second]
        };
        Self(rgb.map(|channel| byte(channel + lightness - chroma / 2.0)))
    }
}

/// 0 to 1 as a byte.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn byte(channel: f64) -> u8 {
    (channel.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// `x` to the power of 2.4 for `x` from 0.09 to 1, by Newton's method:
/// `powf` gives different last digits on different machines, and a style sheet
/// has to be the same on all.
fn power_2_4(x: f64) -> f64 {
    let square = x * x;
    // The fifth root of the square; 1 is above it, so each step comes nearer.
    let mut root = 1.0_f64;
    for _ in 0..40 {
        let fourth = root * root * root * root;
        root = (4.0 * root + square / fourth) / 5.0;
    }
    square * root
}

/// Black or white, whichever can be read better on all grounds.
fn extreme(grounds: &[Rgb]) -> Rgb {
    let worst =
        |color: Rgb| grounds.iter().map(|ground| color.contrast(*ground)).fold(f64::INFINITY, f64::min);
    if worst(Rgb::BLACK) >= worst(Rgb::WHITE) { Rgb::BLACK } else { Rgb::WHITE }
}

/// Backgrounds that code can stand on.
struct Grounds {
    base: Rgb,
    mark: Rgb,
    insert: Rgb,
    delete: Rgb,
}

impl Grounds {
    const YELLOW: Rgb = Rgb([0xd4, 0xa7, 0x2c]);
    const GREEN: Rgb = Rgb([0x2d, 0xa4, 0x4e]);
    const RED: Rgb = Rgb([0xe5, 0x48, 0x4d]);

    fn on(base: Rgb) -> Self {
        // A middling ground leaves little room: its tints get weaker until
        // black or white can be read on all of them.
        let mut share = 0.16;
        loop {
            let grounds = Self {
                base,
                mark: base.tinted(Self::YELLOW, share),
                insert: base.tinted(Self::GREEN, share),
                delete: base.tinted(Self::RED, share),
            };
            if share < 0.001 || extreme(&grounds.all()).is_readable_on(&grounds.all()) {
                return grounds;
            }
            share /= 2.0;
        }
    }

    fn all(&self) -> [Rgb; 4] {
        [self.base, self.mark, self.insert, self.delete]
    }
}

/// How a kind looks; what a rule is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    color: Rgb,
    font: FontStyle,
}

fn css(theme: &Theme, scheme: Scheme, prefix: &str) -> String {
    let (default_ground, word) = match scheme {
        Scheme::Light => (Rgb::WHITE, "light"),
        Scheme::Dark => (Rgb([0x1e, 0x1e, 0x1e]), "dark"),
    };
    let grounds = Grounds::on(theme.settings.background.map_or(default_ground, Rgb::from));
    let all = grounds.all();
    let text = theme.settings.foreground.map_or_else(|| extreme(&all), Rgb::from).readable_on(&all);
    let highlighter = Highlighter::new(theme);
    let comment = raw_look(&highlighter, Kind::Comment.scope()).and_then(|style| style.foreground);
    let dim = theme.settings.gutter_foreground.or(comment).map_or(text, Rgb::from).readable_on(&all);

    let mut rules: Vec<(Look, Vec<Kind>)> = Vec::new();
    for &kind in Kind::ALL {
        let look = look(&highlighter, kind, text, &all);
        match rules.iter_mut().find(|(other, _)| *other == look) {
            Some((_, kinds)) => kinds.push(kind),
            None => rules.push((look, vec![kind])),
        }
    }

    let mut out = String::with_capacity(2048);
    let mut rule = |selectors: &[&str], body: &str| {
        for (i, selector) in selectors.iter().enumerate() {
            out.push_str(if i > 0 { "," } else { "" });
            out.push_str(prefix);
            out.push_str(selector);
        }
        out.push('{');
        out.push_str(body);
        out.push_str("}\n");
    };
    rule(
        &[":is(pre,code,figure).code"],
        &format!(
            "--code-fg:{};--code-bg:{};--code-dim:{};--code-mark:{};--code-ins:{};--code-del:{}",
            text.css(),
            grounds.base.css(),
            dim.css(),
            grounds.mark.css(),
            grounds.insert.css(),
            grounds.delete.css()
        ),
    );
    rule(
        &[":is(pre,code).code"],
        &format!("color:{};background-color:{};color-scheme:{word}", text.css(), grounds.base.css()),
    );
    rule(&["pre.code :is(mark,ins,del)"], "color:inherit");
    rule(&["pre.code :is(.hl,mark)"], &format!("background-color:{}", grounds.mark.css()));
    rule(&["pre.code :is(.ins,ins)"], &format!("background-color:{}", grounds.insert.css()));
    rule(&["pre.code :is(.del,del)"], &format!("background-color:{}", grounds.delete.css()));
    rule(
        &[&format!(":is(pre,code).code {}", classes(Kind::ALL))],
        "color:inherit;font-style:normal;font-weight:inherit;text-decoration:none",
    );
    for (look, kinds) in &rules {
        let mut body = String::new();
        if look.color != text {
            let _ = write!(body, "color:{};", look.color.css());
        }
        for (style, declaration) in [
            (FontStyle::BOLD, "font-weight:bold;"),
            (FontStyle::ITALIC, "font-style:italic;"),
            (FontStyle::UNDERLINE, "text-decoration:underline;"),
        ] {
            if look.font.contains(style) {
                body.push_str(declaration);
            }
        }
        if !body.is_empty() {
            rule(&[&format!(":is(pre,code).code {}", classes(kinds))], body.trim_end_matches(';'));
        }
    }
    out
}

/// One selector for several classes.
fn classes(kinds: &[Kind]) -> String {
    match kinds {
        [kind] => format!(".{}", kind.class()),
        kinds => {
            let classes: Vec<_> = kinds.iter().map(|kind| format!(".{}", kind.class())).collect();
            format!(":is({})", classes.join(","))
        }
    }
}

fn look(highlighter: &Highlighter<'_>, kind: Kind, text: Rgb, grounds: &[Rgb]) -> Look {
    let style = second_choice(kind)
        .filter(|_| !knows(highlighter, kind.scope()))
        .and_then(|scope| raw_look(highlighter, scope))
        .or_else(|| raw_look(highlighter, kind.scope()))
        .unwrap_or_default();
    let mut font = style.font_style.unwrap_or_default();
    // What these say is a matter of form, whether the theme knows it or not.
    match kind {
        Kind::Bold | Kind::Heading => font |= FontStyle::BOLD,
        Kind::Italic => font |= FontStyle::ITALIC,
        _ => {}
    }
    Look { color: style.foreground.map_or(text, Rgb::from).readable_on(grounds), font }
}

/// Where a theme has nothing to say about a kind's scope, only about the first
/// word of it ("all variables are red"), another scope comes nearer.
fn second_choice(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Function | Kind::Decorator => Some("entity.name.function"),
        Kind::Type => Some("support.class"),
        Kind::Language => Some("constant.language"),
        Kind::Punctuation => Some("punctuation.section.embedded"),
        Kind::Link => Some("string.quoted"),
        Kind::Heading => Some("entity.name.section"),
        _ => None,
    }
}

/// The theme tells this scope from its first word.
fn knows(highlighter: &Highlighter<'_>, scope: &str) -> bool {
    let first = scope.split('.').next().unwrap_or(scope);
    raw_look(highlighter, scope) != raw_look(highlighter, first)
}

/// What the theme itself says about a scope of some program.
fn raw_look(highlighter: &Highlighter<'_>, scope: &str) -> Option<StyleModifier> {
    let stack = [Scope::new("source").ok()?, Scope::new(scope).ok()?];
    let style = highlighter.style_mod_for_stack(&stack);
    Some(StyleModifier { background: None, ..style })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_of_every_theme_can_be_read_on_every_ground() {
        for name in built_in() {
            let theme = THEMES.get(name);
            let grounds = Grounds::on(theme.settings.background.map_or(Rgb::WHITE, Rgb::from));
            let all = grounds.all();
            let text = Rgb::from(theme.settings.foreground.unwrap()).readable_on(&all);
            assert!(text.is_readable_on(&all), "{name:?}");
            let highlighter = Highlighter::new(theme);
            for &kind in Kind::ALL {
                let look = look(&highlighter, kind, text, &all);
                assert!(look.color.is_readable_on(&all), "{name:?} {kind:?} {look:?}");
            }
        }
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((Rgb::BLACK.contrast(Rgb::WHITE) - 21.0).abs() < 1e-9);
        // The grey known for being just enough on white.
        assert!((Rgb([0x76; 3]).contrast(Rgb::WHITE) - 4.54).abs() < 0.01);
        assert_eq!(Rgb([0x77; 3]).readable_on(&[Rgb::WHITE]), Rgb([0x74; 3]));
    }

    #[test]
    fn hue_survives_the_way_there_and_back() {
        for color in [Rgb([1, 2, 3]), Rgb([200, 10, 99]), Rgb([0, 255, 7]), Rgb([9, 9, 250]), Rgb::WHITE] {
            let (hue, saturation, lightness) = color.to_hsl();
            assert_eq!(Rgb::from_hsl(hue, saturation, lightness), color);
        }
    }

    #[test]
    fn themes_are_found_in_any_spelling() {
        for name in
            ["onehalflight", "One Half Light", "one-half_light", "github-dark", "Solarized Light", "1337"]
        {
            assert!(stylesheet(&ThemeSource::Name(name), Scheme::Light, "").is_ok(), "{name}");
        }
        for name in [DEFAULT_LIGHT, DEFAULT_DARK] {
            assert!(theme_names().contains(&name));
        }
    }

    #[test]
    fn an_unknown_theme_has_a_near_one() {
        let error = stylesheet(&ThemeSource::Name("drakula"), Scheme::Dark, "").unwrap_err();
        assert_eq!(error.code, "unknown-code-theme");
        assert_eq!(error.hints[0], "did you mean `Dracula`?");
    }

    #[test]
    fn a_theme_file_becomes_a_style_sheet() {
        let text = "<plist><dict><key>settings</key><array>
            <dict><key>settings</key><dict>
                <key>background</key><string>#fff</string><key>foreground</key><string>#222222</string>
            </dict></dict>
            <dict><key>scope</key><string>comment, string</string><key>settings</key><dict>
                <key>foreground</key><string>#006600</string><key>fontStyle</key><string>italic</string>
            </dict></dict>
            </array></dict></plist>";
        let css = stylesheet(&ThemeSource::TmTheme(text), Scheme::Light, ".x ").unwrap();
        assert!(
            css.contains(
                ".x :is(pre,code).code{color:#222222;background-color:#ffffff;color-scheme:light}\n"
            ),
            "{css}"
        );
        assert!(
            css.ends_with(
                ".x :is(pre,code).code :is(.c,.cd,.s,.sr,.u){color:#006600;font-style:italic}\n.x :is(pre,code).code :is(.h,.hb){font-weight:bold}\n.x :is(pre,code).code .hi{font-style:italic}\n"
            ),
            "{css}"
        );
        assert_eq!(
            stylesheet(&ThemeSource::TmTheme("{}"), Scheme::Light, "").unwrap_err().code,
            "bad-code-theme"
        );
    }
}
