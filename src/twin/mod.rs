//! Twin: the HTML of a page to the same page as Markdown.
//!
//! In: the HTML of a published page, its address. Out: Markdown for readers
//! that are programs: the main part of the page with everything an author
//! wrote and nothing that only a browser has a use for. Sides are labelled,
//! answers are tables. Links start with [`PLACELESS`]. Pure, and depends on
//! nothing but the HTML: what is right for a page is right for any theme. An
//! element with `data-markdown="off"` is left out.

mod block;
mod inline;
mod tree;

use std::cell::RefCell;
use std::collections::HashMap;

use self::tree::Element;
use crate::base::html::{main_part, push_text};
use crate::base::paths::PLACELESS;

/// What is known of the page that is read.
struct Page<'a> {
    /// Its path, percent-encoded: `/docs/start/`.
    address: &'a str,
    /// Ids of notes on lines of code, with the line.
    notes: RefCell<HashMap<String, usize>>,
}

/// The Markdown of a page, ended by a line end. `address` is the path of the
/// page, percent-encoded.
pub fn markdown(html: &str, address: &str) -> String {
    let page = Page { address, notes: RefCell::default() };
    let mut text = block::text(&tree::read(main_part(html)), &page);
    if !text.starts_with("# ")
        && let Some(title) = title(html)
    {
        text = format!("# {}\n\n{text}", inline::escaped(title.trim()));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// The same escaped for the text of a link or a heading.
pub fn escaped(text: &str) -> String {
    inline::line_of_text(text)
}

/// What a page without a heading is called.
fn title(html: &str) -> Option<String> {
    let start = html.find("<title>")? + "<title>".len();
    let end = start + html[start..].find("</title>")?;
    let mut title = String::new();
    push_text(&mut title, &html[start..end]);
    Some(title).filter(|title| !title.trim().is_empty())
}

impl Page<'_> {
    /// An address in this page as one that means the same elsewhere.
    fn address(&self, written: &str) -> String {
        let written = written.trim();
        let resolved = self.resolved(written);
        if resolved.contains([' ', '(', ')', '<', '>']) || resolved.is_empty() {
            return format!("<{}>", resolved.replace('<', "%3C").replace('>', "%3E"));
        }
        resolved
    }

    fn resolved(&self, written: &str) -> String {
        let scheme_end = written.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-' | '.'));
        let has_scheme = scheme_end.is_some_and(|end| end > 0 && written[end..].starts_with(':'));
        if has_scheme || written.starts_with('/') {
            return written.to_owned();
        }
        if written.is_empty() || written.starts_with(['#', '?']) {
            return format!("{PLACELESS}{}{written}", self.address);
        }
        let end = written.find(['?', '#']).unwrap_or(written.len());
        let (path, rest) = written.split_at(end);
        let folder = self.address.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        let mut is_folder = true;
        for part in path.split('/') {
            is_folder = matches!(part, "" | "." | "..");
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        let end = if is_folder && !parts.is_empty() { "/" } else { "" };
        format!("{PLACELESS}/{}{end}{rest}", parts.join("/"))
    }
}

/// What a browser has a use for, and nobody else.
fn is_left_out(element: &Element<'_>) -> bool {
    let is_tool = matches!(
        element.name,
        "audio"
            | "button"
            | "datalist"
            | "dialog"
            | "footer"
            | "form"
            | "iframe"
            | "label"
            | "nav"
            | "noscript"
            | "object"
            | "select"
            | "svg"
            | "template"
            | "video"
    );
    is_tool
        || element.attribute("hidden").is_some_and(|value| value != "until-found")
        || element.attribute("aria-hidden").as_deref() == Some("true")
        || element.attribute("data-markdown").as_deref() == Some("off")
}

#[cfg(test)]
mod tests;
