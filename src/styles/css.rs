//! CSS: the same style sheet in fewer bytes and fewer files.
//!
//! In: CSS, its address, a way to the sheets it takes in. Out: CSS that means
//! the same to every browser, or what is wrong and where. Nothing is rewritten
//! for old browsers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use lightningcss::printer::PrinterOptions;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, StyleSheet};

use super::bundle::{Bundle, Sheets, bundled};
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::UrlPath;
use crate::base::source::{Source, Span};

/// The same in fewer bytes, with what it takes in, and what is wrong with that.
/// What cannot be read is a warning: browsers pass over it, and so it is best
/// left as it is.
pub fn minified(
    source: &Arc<Source>,
    url: &UrlPath,
    sheets: &dyn Sheets,
) -> Result<(String, Vec<Diagnostic>), Box<Diagnostic>> {
    let place = |words: &str, at: Option<(u32, u32)>| {
        let message = format!("this style sheet is published as it is: {words}");
        let problem = Diagnostic::warning("bad-css", message);
        Box::new(match at {
            Some((line, column)) => problem.at(source, Span::at(offset(&source.text, line, column))),
            None => problem.in_file(source.path.clone()),
        })
    };
    let work = || -> Result<(String, Vec<Diagnostic>), Box<Diagnostic>> {
        let (bundle, problems) = bundled(source, url, sheets);
        if let Some(Bundle { text, licences }) = bundle {
            // Of our own making: there is no place in it to tell.
            let less = smaller(&text, licences).map_err(|(words, _)| place(&words, None))?;
            return Ok((less, problems));
        }
        Ok((smaller(&source.text, Vec::new()).map_err(|(words, at)| place(&words, at))?, problems))
    };
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(place("the minifier failed", None)))
}

/// The same in fewer bytes, or why not: in words, and the line and column.
fn smaller(text: &str, licences: Vec<String>) -> Result<String, (String, Option<(u32, u32)>)> {
    let mut sheet = StyleSheet::parse(text, ParserOptions::default()).map_err(|error| {
        let at = error.loc.as_ref().map(|at| (at.line, at.column));
        (error.kind.to_string(), at)
    })?;
    sheet.license_comments.extend(licences.into_iter().map(Into::into));
    sheet.minify(MinifyOptions::default()).map_err(|error| (error.kind.to_string(), None))?;
    let options = PrinterOptions { minify: true, ..PrinterOptions::default() };
    Ok(sheet.to_css(options).map_err(|error| (error.kind.to_string(), None))?.code)
}

/// The byte at a line from 0 and a column from 1, in UTF-16 units.
pub(super) fn offset(text: &str, line: u32, column: u32) -> usize {
    let start: usize = text.split_inclusive('\n').take(line as usize).map(str::len).sum();
    let (mut at, mut units) = (start, 1);
    for c in text.get(start..).unwrap_or_default().chars() {
        if units >= column as usize || c == '\n' {
            break;
        }
        units += c.len_utf16();
        at += c.len_utf8();
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl Sheets for Nothing {
        fn sheet(&self, _: &UrlPath) -> Result<Arc<Source>, Option<String>> {
            Err(None)
        }
    }

    fn of(text: &str) -> Result<String, Box<Diagnostic>> {
        minified(&Source::new("a.css", text), &UrlPath::new("a.css"), &Nothing).map(|(css, _)| css)
    }

    #[test]
    fn less_says_the_same() {
        let css = "/* words */\na , b { color : #ff0000 ; margin: 0px 0px }\n@media (min-width: 10px) { c { top: 1.0px } }\n";
        let less = of(css).unwrap();
        assert_eq!(less, "a,b{color:red;margin:0}@media (width>=10px){c{top:1px}}");
        assert_eq!(of(&less).unwrap(), less);
    }

    #[test]
    fn what_cannot_be_read_has_a_place() {
        let problem = of("a { color: red }\né b } { c\n").unwrap_err();
        let label = &problem.labels[0];
        assert_eq!(label.source.line_column(label.span.start as usize).0, 2, "{problem:?}");
    }
}
