//! Block: headings, lists, tables, code, as Markdown.
//!
//! In: nodes. Out: blocks with a blank line between them.

use super::inline::{at_line_start, code, is_inline, line, longest_run, plain};
use super::tree::{Element, Node};
use super::{Page, is_left_out};

/// A block, and what matters to the one behind it.
struct Block {
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A list; true for one with the other of the two signs.
    List(bool),
    Other,
}

/// Nodes as text.
pub(super) fn text(nodes: &[Node<'_>], page: &Page<'_>) -> String {
    joined(&blocks(nodes, page), "\n\n")
}

fn joined(blocks: &[Block], between: &str) -> String {
    blocks.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join(between)
}

fn blocks(nodes: &[Node<'_>], page: &Page<'_>) -> Vec<Block> {
    let mut writer = Writer { blocks: Vec::new(), page };
    writer.nodes(nodes);
    writer.blocks
}

/// A line of an author's must not turn into a line of a quote or an item.
fn indented(text: &str, first: &str, next: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for (i, line) in text.split('\n').enumerate() {
        let before = if i == 0 { first } else { next };
        if i > 0 {
            out.push('\n');
        }
        out.push_str(if line.is_empty() { before.trim_end() } else { before });
        out.push_str(line);
    }
    out
}

struct Writer<'a> {
    blocks: Vec<Block>,
    page: &'a Page<'a>,
}

impl Writer<'_> {
    fn add(&mut self, text: String) {
        if !text.is_empty() {
            self.blocks.push(Block { text, kind: Kind::Other });
        }
    }

    fn paragraph(&mut self, nodes: &[Node<'_>]) {
        let text = line(nodes, self.page);
        self.add(at_line_start(&text));
    }

    fn bold(&mut self, nodes: &[Node<'_>]) {
        // What is bold in it already ends nothing.
        let text = line(nodes, self.page).replace("**", "");
        if !text.is_empty() {
            self.add(format!("**{text}**"));
        }
    }

    fn nodes(&mut self, nodes: &[Node<'_>]) {
        let stands_in_line = |node: &Node<'_>| match node {
            Node::Text(_) => true,
            Node::Element(element) => is_left_out(element) || is_inline(element.name) && !has_blocks(element),
        };
        let mut rest = nodes;
        while !rest.is_empty() {
            let end = rest.iter().position(|node| !stands_in_line(node)).unwrap_or(rest.len());
            let (in_line, behind) = rest.split_at(end);
            if !in_line.is_empty() {
                self.paragraph(in_line);
            }
            rest = behind;
            if let [Node::Element(element), behind @ ..] = rest {
                self.element(element);
                rest = behind;
            }
        }
    }

    fn element(&mut self, element: &Element<'_>) {
        if is_left_out(element) {
            return;
        }
        let children = &element.children;
        match element.name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if !element.has_class("pane-title") => {
                let level = usize::from(element.name.as_bytes()[1] - b'0');
                let text = line(children, self.page).replace("\\\n", " ");
                if !text.is_empty() {
                    self.add(format!("{} {text}", "#".repeat(level)));
                }
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "p"
                if ["pane-title", "side-title"].iter().any(|class| element.has_class(class)) =>
            {
                // The side's name; that it is a link to itself says nothing.
                let mut name = String::new();
                plain(children, &mut name);
                let name = super::escaped(&name);
                if !name.is_empty() {
                    self.add(format!("**{name}**"));
                }
            }
            "p" if element.has_class("lead") => {
                let text = line(children, self.page);
                if !text.is_empty() {
                    self.add(indented(&at_line_start(&text), "> ", "> "));
                }
            }
            "p" | "summary" if element.has_class("aside-title") => self.aside_title(element),
            "p" if ["kind", "cmp-label", "cards-title"].iter().any(|class| element.has_class(class)) => {
                self.bold(children);
            }
            "summary" | "figcaption" | "caption" | "legend" => self.bold(children),
            "p" => self.paragraph(children),
            "pre" => self.code(element),
            "ul" | "ol" => self.list(element),
            "dl" => self.definitions(element),
            "table" => self.table(element),
            "hr" => self.add("---".to_owned()),
            "blockquote" | "aside" => {
                let text = text(children, self.page);
                if !text.is_empty() {
                    self.add(indented(&text, "> ", "> "));
                }
            }
            "section" if element.has_class("footnotes") => self.footnotes(element),
            "figure" if element.has_class("code") => {
                for child in children {
                    match child {
                        Node::Element(caption) if caption.name == "figcaption" => self.code_caption(caption),
                        child => self.nodes(std::slice::from_ref(child)),
                    }
                }
            }
            _ => self.nodes(children),
        }
    }

    /// What kind of note it is, and what it is about.
    fn aside_title(&mut self, title: &Element<'_>) {
        let is_kind = |node: &&Node<'_>| matches!(node, Node::Element(element) if element.has_class("kind"));
        let Some(at) = title.children.iter().position(|node| is_kind(&node)) else {
            return self.bold(&title.children);
        };
        let kind = line(&title.children[..=at], self.page);
        let rest = line(&title.children[at + 1..], self.page);
        self.add(if rest.is_empty() { format!("**{kind}**") } else { format!("**{kind}:** {rest}") });
    }

    /// Name of the file, where it is from.
    fn code_caption(&mut self, caption: &Element<'_>) {
        let mut parts = Vec::new();
        for child in &caption.children {
            let Node::Element(part) = child else { continue };
            if part.has_class("file") {
                let mut name = String::new();
                plain(&part.children, &mut name);
                parts.push(code(&name));
            } else {
                parts.push(line(std::slice::from_ref(child), self.page));
            }
        }
        parts.retain(|part| !part.is_empty());
        self.add(parts.join(" "));
    }

    fn code(&mut self, pre: &Element<'_>) {
        let inner = pre.find("code");
        let language = pre.attribute("data-lang").or_else(|| {
            let class = inner?.attribute("class")?;
            Some(class.split_ascii_whitespace().find_map(|name| name.strip_prefix("language-"))?.to_owned())
        });
        let mut language = language.unwrap_or_default();
        let mut lines = Lines { text: String::new(), number: 1, signs: false, page: self.page };
        let children = inner.map_or(&pre.children, |code| &code.children);
        // Lines that come and go are told by signs, as everywhere.
        lines.signs = language != "diff" && children.iter().any(|node| sign(node) != ' ');
        if lines.signs {
            "diff".clone_into(&mut language);
        }
        lines.nodes(children);
        let text = lines.text;
        let fence = "`".repeat((longest_run(&text, '`') + 1).max(3));
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        self.add(format!("{fence}{language}\n{text}{end}{fence}"));
    }

    fn list(&mut self, list: &Element<'_>) {
        let is_second = self.blocks.last().is_some_and(|block| block.kind == Kind::List(false));
        let is_ordered = list.name == "ol";
        let mut number: usize = list.attribute("start").and_then(|start| start.parse().ok()).unwrap_or(1);
        let mut items = Vec::new();
        let mut is_tight = true;
        for child in &list.children {
            let Node::Element(item) = child else { continue };
            if is_left_out(item) {
                continue;
            }
            let blocks = blocks(
                if item.name == "li" { &item.children } else { std::slice::from_ref(child) },
                self.page,
            );
            if blocks.is_empty() {
                continue;
            }
            let is_list = |block: &Block| matches!(block.kind, Kind::List(_));
            let item_is_tight = blocks.iter().skip(1).all(is_list);
            is_tight &= item_is_tight;
            let mut text = joined(&blocks, if item_is_tight { "\n" } else { "\n\n" });
            let note = item.attribute("id").and_then(|id| self.page.notes.borrow().get(&id).copied());
            if let Some(line) = note {
                text = format!("L{line}: {text}");
            }
            let marker = match (is_ordered, is_second) {
                (false, false) => "- ".to_owned(),
                (false, true) => "* ".to_owned(),
                (true, false) => format!("{number}. "),
                (true, true) => format!("{number}) "),
            };
            number += 1;
            items.push(indented(&text, &marker, &" ".repeat(marker.len())));
        }
        if !items.is_empty() {
            let text = items.join(if is_tight { "\n" } else { "\n\n" });
            self.blocks.push(Block { text, kind: Kind::List(is_second) });
        }
    }

    /// A list: GFM has nothing else for terms.
    fn definitions(&mut self, list: &Element<'_>) {
        let mut items: Vec<String> = Vec::new();
        // `div` may group them.
        let mut stack: Vec<&Node<'_>> = list.children.iter().rev().collect();
        while let Some(node) = stack.pop() {
            let Node::Element(element) = node else { continue };
            match element.name {
                "dt" => {
                    let term = line(&element.children, self.page).replace("**", "");
                    items.push(format!("- **{term}**"));
                }
                "dd" => {
                    let text = text(&element.children, self.page);
                    match items.last_mut() {
                        Some(item) if !text.contains('\n') && !item.contains('\n') => {
                            item.push_str(": ");
                            item.push_str(&text);
                        }
                        Some(item) => {
                            item.push_str("\n\n");
                            item.push_str(&indented(&text, "  ", "  "));
                        }
                        None => items.push(indented(&text, "- ", "  ")),
                    }
                }
                _ if is_left_out(element) => {}
                _ => stack.extend(element.children.iter().rev()),
            }
        }
        if !items.is_empty() {
            let is_tight = items.iter().all(|item| !item.contains('\n'));
            let text = items.join(if is_tight { "\n" } else { "\n\n" });
            self.blocks.push(Block { text, kind: Kind::List(false) });
        }
    }

    fn footnotes(&mut self, section: &Element<'_>) {
        let Some(list) = section.find("ol") else { return self.nodes(&section.children) };
        for child in &list.children {
            let Node::Element(item) = child else { continue };
            let Some(name) = item.attribute("id").and_then(|id| Some(id.strip_prefix("fn-")?.to_owned()))
            else {
                self.nodes(&item.children);
                continue;
            };
            let text = text(&item.children, self.page);
            self.add(indented(&text, &format!("[^{name}]: "), "    "));
        }
    }

    fn table(&mut self, table: &Element<'_>) {
        let mut rows: Vec<(bool, Vec<String>)> = Vec::new();
        let mut stack: Vec<(bool, &Node<'_>)> =
            table.children.iter().rev().map(|node| (false, node)).collect();
        while let Some((is_head, node)) = stack.pop() {
            let Node::Element(element) = node else { continue };
            match element.name {
                "caption" => self.bold(&element.children),
                "tr" => rows.push((is_head, self.row(element))),
                name => {
                    let is_head = name == "thead";
                    stack.extend(element.children.iter().rev().map(|node| (is_head, node)));
                }
            }
        }
        let width = rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
        if width == 0 {
            return;
        }
        if !rows[0].0 {
            rows.insert(0, (true, Vec::new()));
        }
        let mut out = String::new();
        for (i, (_, mut cells)) in rows.into_iter().enumerate() {
            cells.resize(width, String::new());
            out.push('|');
            for cell in &cells {
                out.push(' ');
                out.push_str(cell);
                out.push_str(if cell.is_empty() { "|" } else { " |" });
            }
            if i == 0 {
                out.push_str("\n|");
                out.push_str(&" --- |".repeat(width));
            }
            out.push('\n');
        }
        out.pop();
        self.add(out);
    }

    fn row(&self, row: &Element<'_>) -> Vec<String> {
        let mut cells = Vec::new();
        for child in &row.children {
            let Node::Element(cell) = child else { continue };
            if !matches!(cell.name, "td" | "th") {
                continue;
            }
            let mut parts = Vec::new();
            self.cell(&cell.children, cell.name == "th", &mut parts);
            let text = parts.join("<br>").replace("\\\n", "<br>").replace('|', "\\|");
            let is_group = cell.attribute("scope").as_deref() == Some("rowgroup");
            cells.push(if is_group { self.group(cell, &text) } else { text });
            let span: usize = cell.attribute("colspan").and_then(|span| span.parse().ok()).unwrap_or(1);
            // More columns than that are a mistake.
            cells.extend((1..span.min(1000)).map(|_| String::new()));
        }
        cells
    }

    /// The name of a group of rows, and what it is about.
    fn group(&self, cell: &Element<'_>, text: &str) -> String {
        let about = cell.find("small").map(|small| line(&small.children, self.page).replace('|', "\\|"));
        let about = about.unwrap_or_default();
        let name = text.strip_suffix(&about).unwrap_or(text).trim_end().replace("**", "");
        format!("**{name}** {about}").trim_end().to_owned()
    }

    /// The parts of a cell, each a line. What a note is folded under is not
    /// said: its text stands below.
    fn cell(&self, nodes: &[Node<'_>], is_head: bool, parts: &mut Vec<String>) {
        let mut rest = nodes;
        while !rest.is_empty() {
            let is_block = |node: &Node<'_>| match node {
                Node::Element(element) if is_left_out(element) => false,
                Node::Element(element) => {
                    !is_inline(element.name) || element.has_class("outcome") || has_blocks(element)
                }
                Node::Text(_) => false,
            };
            let end = rest.iter().position(is_block).unwrap_or(rest.len());
            let (in_line, behind) = rest.split_at(end);
            let text = line(in_line, self.page);
            parts.extend(Some(text).filter(|text| !text.is_empty()));
            let [Node::Element(element), behind @ ..] = behind else { return };
            rest = behind;
            match element.name {
                "summary" if !is_head => {}
                "pre" => {
                    let mut text = String::new();
                    plain(&element.children, &mut text);
                    parts.extend(text.lines().filter(|line| !line.is_empty()).map(code));
                }
                _ => self.cell(&element.children, is_head, parts),
            }
        }
    }
}

/// Whether an element that stands in lines holds something that does not.
fn has_blocks(element: &Element<'_>) -> bool {
    element.children.iter().any(|node| match node {
        Node::Element(child) if matches!(child.name, "pre" | "table" | "ul" | "ol" | "p" | "div") => true,
        Node::Element(child) => child.name != "math" && has_blocks(child),
        Node::Text(_) => false,
    })
}

/// The sign of a line that was added or taken away.
fn sign(node: &Node<'_>) -> char {
    match node {
        Node::Element(line) if line.has_class("ln") && line.has_class("ins") => '+',
        Node::Element(line) if line.has_class("ln") && line.has_class("del") => '-',
        _ => ' ',
    }
}

/// Code, line by line.
struct Lines<'a> {
    text: String,
    number: usize,
    signs: bool,
    page: &'a Page<'a>,
}

impl Lines<'_> {
    fn nodes(&mut self, nodes: &[Node<'_>]) {
        for node in nodes {
            match node {
                Node::Element(element) if is_left_out(element) => {}
                // Its text is below the code, and says to which line it belongs.
                Node::Element(note) if note.has_class("note") => {
                    self.text.truncate(self.text.trim_end_matches(' ').len());
                    if let Some(id) = note.attribute("href") {
                        self.page
                            .notes
                            .borrow_mut()
                            .insert(id.trim_start_matches('#').to_owned(), self.number);
                    }
                }
                Node::Element(line) if line.has_class("ln") => {
                    if self.signs {
                        self.text.push(sign(node));
                    }
                    self.nodes(&line.children);
                }
                Node::Element(element) if element.name == "br" => self.push("\n"),
                Node::Element(element) => self.nodes(&element.children),
                Node::Text(text) => {
                    let mut decoded = String::new();
                    crate::base::html::push_text(&mut decoded, text);
                    self.push(&decoded);
                }
            }
        }
    }

    fn push(&mut self, text: &str) {
        self.number += text.matches('\n').count();
        self.text.push_str(text);
    }
}
