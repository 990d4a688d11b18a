//! Tree: the HTML of a page as elements in elements.
//!
//! In: HTML that this program has written, raw HTML of authors in it. Out:
//! nodes that borrow from it. Never fails: what is not closed ends with what it
//! is in, and an end without a start is nothing.

use crate::base::html::{Event, Events, attribute};

/// Deeper elements are taken as children of the deepest: what walks the tree
/// calls itself.
const DEEPEST: usize = 200;

/// A piece of a page.
#[derive(Debug)]
pub(super) enum Node<'h> {
    /// Characters with references (`&amp;`).
    Text(&'h str),
    /// An element.
    Element(Element<'h>),
}

/// An element.
#[derive(Debug)]
pub(super) struct Element<'h> {
    /// As written.
    pub(super) name: &'h str,
    attributes: &'h str,
    /// What is in it.
    pub(super) children: Vec<Node<'h>>,
}

impl<'h> Element<'h> {
    /// The value of an attribute; empty for one without.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        if self.attributes.contains(name) { attribute(self.attributes, name) } else { None }
    }

    /// Whether that is one of its classes.
    pub(super) fn has_class(&self, class: &str) -> bool {
        self.attributes.contains(class)
            && self.attribute("class").is_some_and(|all| all.split_ascii_whitespace().any(|one| one == class))
    }

    /// The first element of that name in it, at any depth.
    pub(super) fn find(&self, name: &str) -> Option<&Self> {
        self.children.iter().find_map(|node| match node {
            Node::Element(element) if element.name == name => Some(element),
            Node::Element(element) => element.find(name),
            Node::Text(_) => None,
        })
    }
}

/// Elements that have no end.
fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Reads HTML.
pub(super) fn read(html: &str) -> Vec<Node<'_>> {
    let mut open: Vec<Element<'_>> = vec![Element { name: "", attributes: "", children: Vec::new() }];
    let mut too_deep: Vec<&str> = Vec::new();
    let close_last = |open: &mut Vec<Element<'_>>| {
        if let Some(element) = open.pop()
            && let Some(parent) = open.last_mut()
        {
            parent.children.push(Node::Element(element));
        }
    };
    for event in Events::of(html) {
        match event {
            Event::Text(text) => {
                if let Some(parent) = open.last_mut() {
                    parent.children.push(Node::Text(text));
                }
            }
            Event::Open(name, attributes) if is_void(name) => {
                if let Some(parent) = open.last_mut() {
                    parent.children.push(Node::Element(Element { name, attributes, children: Vec::new() }));
                }
            }
            Event::Open(name, _) if open.len() > DEEPEST => too_deep.push(name),
            Event::Open(name, attributes) => open.push(Element { name, attributes, children: Vec::new() }),
            Event::Close(name) if too_deep.last() == Some(&name) => {
                too_deep.pop();
            }
            Event::Close(name) => {
                let Some(at) = open.iter().skip(1).rposition(|element| element.name == name) else {
                    continue;
                };
                too_deep.clear();
                while open.len() > at + 1 {
                    close_last(&mut open);
                }
            }
        }
    }
    while open.len() > 1 {
        close_last(&mut open);
    }
    open.pop().map(|root| root.children).unwrap_or_default()
}
