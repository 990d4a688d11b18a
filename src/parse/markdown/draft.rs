//! Drafts: HTML with marks, before ids and numbers are known.
//!
//! In: a page's draft, those of its footnotes, ids of its headings. Out: the
//! final HTML and its holes. A heading's id can depend on an explicit one far
//! below, a footnote's number on where it is first used: so the renderer only
//! marks the places, and one pass over the marks fills them. Must not know
//! Markdown.

use super::html;
use super::{Heading, Hole, HoleKind};
use crate::base::source::Span;

/// HTML with marks in order of `at`.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) html: String,
    pub(super) marks: Vec<Mark>,
}

/// A place to be filled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) at: usize,
    pub(super) kind: MarkKind,
}

/// With what.
#[derive(Debug, Clone, Copy)]
pub(super) enum MarkKind {
    /// Filled later still, when the page is rendered.
    Hole(HoleKind),
    /// The `id` attribute of a heading, by index.
    HeadingId(u32),
    /// A reference to a footnote, by index.
    Reference(u32),
    /// The `id` attribute of a footnote, by index.
    FootnoteId(u32),
    /// The number of a footnote that is shown where it is defined, by index.
    Number(u32),
}

impl Draft {
    /// Marks the end of what is written so far.
    pub(super) fn mark(&mut self, kind: MarkKind) {
        self.marks.push(Mark { at: self.html.len(), kind });
    }

    /// Marks a hole there.
    pub(super) fn hole(&mut self, kind: HoleKind) {
        self.mark(MarkKind::Hole(kind));
    }

    /// Takes away what was written from there on.
    pub(super) fn split_off(&mut self, html: usize, marks: usize) -> Self {
        let mut tail = Self { html: self.html.split_off(html), marks: self.marks.split_off(marks) };
        for mark in &mut tail.marks {
            mark.at -= html;
        }
        tail
    }

    /// Forgets what was written from there on.
    pub(super) fn truncate(&mut self, html: usize, marks: usize) {
        self.html.truncate(html);
        self.marks.truncate(marks);
    }
}

/// One footnote.
#[derive(Debug, Default)]
pub(super) struct Footnote {
    /// As first written.
    pub(super) name: String,
    /// Its `id` without prefix: the name, with `-` for blanks, made unique.
    pub(super) id: String,
    /// Where it is defined.
    pub(super) defined: Option<Span>,
    /// Its text, when footnotes are listed at the end.
    pub(super) text: Option<Draft>,
    /// By first use, from 1; 0 until then.
    pub(super) number: u32,
    /// How often it is referred to.
    pub(super) references: u32,
    /// How many of the references are written.
    pub(super) written: u32,
}

/// The final HTML and what was found on the way.
#[derive(Debug, Default)]
pub(super) struct Assembled {
    pub(super) html: String,
    pub(super) holes: Vec<Hole>,
    /// Ids of footnotes and of references to them.
    pub(super) ids: Vec<String>,
    /// Where footnotes are defined that nothing refers to.
    pub(super) unused: Vec<(String, Span)>,
}

/// Puts everything together. With `bottom`, footnotes are listed at the end.
pub(super) fn assemble(
    draft: &Draft,
    footnotes: &mut [Footnote],
    headings: &[Heading],
    bottom: bool,
) -> Assembled {
    let used = number(draft, footnotes);
    let mut out = Assembled::default();
    out.html.reserve(draft.html.len() + headings.iter().map(|heading| heading.id.len() + 6).sum::<usize>());
    out.holes.reserve(draft.marks.len());
    let mut assembler = Assembler { footnotes, headings, bottom, out };
    assembler.append(draft);
    if bottom {
        assembler.list(&used);
        let unused = assembler.footnotes.iter().filter(|note| note.number == 0);
        assembler.out.unused =
            unused.filter_map(|note| note.defined.map(|span| (note.name.clone(), span))).collect();
    }
    assembler.out
}

/// Numbers footnotes by first use, in the page and then in the footnotes in
/// that order, and counts references. Returns the indexes of those used.
fn number(draft: &Draft, footnotes: &mut [Footnote]) -> Vec<usize> {
    let mut used: Vec<usize> = Vec::new();
    if footnotes.is_empty() {
        return used;
    }
    let count = |marks: &[Mark], footnotes: &mut [Footnote], used: &mut Vec<usize>| {
        for mark in marks {
            let (index, reference) = match mark.kind {
                MarkKind::Reference(index) => (index as usize, 1),
                MarkKind::Number(index) => (index as usize, 0),
                MarkKind::Hole(_) | MarkKind::HeadingId(_) | MarkKind::FootnoteId(_) => continue,
            };
            let note = &mut footnotes[index];
            note.references += reference;
            if note.number == 0 && note.defined.is_some() {
                used.push(index);
                note.number = u32::try_from(used.len()).unwrap_or(u32::MAX);
            }
        }
    };
    count(&draft.marks, footnotes, &mut used);
    let mut next = 0;
    while let Some(&index) = used.get(next) {
        next += 1;
        // Taken out while it is walked, for it may refer to itself.
        if let Some(text) = footnotes[index].text.take() {
            count(&text.marks, footnotes, &mut used);
            footnotes[index].text = Some(text);
        }
    }
    used
}

struct Assembler<'d> {
    footnotes: &'d mut [Footnote],
    headings: &'d [Heading],
    bottom: bool,
    out: Assembled,
}

impl Assembler<'_> {
    fn append(&mut self, draft: &Draft) {
        let mut last = 0;
        for mark in &draft.marks {
            self.out.html.push_str(&draft.html[last..mark.at]);
            last = mark.at;
            match mark.kind {
                MarkKind::Hole(kind) => {
                    let at = u32::try_from(self.out.html.len()).unwrap_or(u32::MAX);
                    self.out.holes.push(Hole { at, kind });
                }
                MarkKind::HeadingId(index) => {
                    if let Some(heading) = self.headings.get(index as usize) {
                        html::attribute(&mut self.out.html, "id", &heading.id);
                    }
                }
                MarkKind::FootnoteId(index) => {
                    let id = self.footnotes[index as usize].id.clone();
                    html::attribute(&mut self.out.html, "id", &id);
                    self.out.ids.push(id);
                }
                MarkKind::Reference(index) => self.reference(index as usize),
                MarkKind::Number(index) => {
                    let number = self.footnotes[index as usize].number;
                    self.out.html.push_str(&number.to_string());
                }
            }
        }
        self.out.html.push_str(&draft.html[last..]);
    }

    fn reference(&mut self, index: usize) {
        let note = &mut self.footnotes[index];
        let out = &mut self.out.html;
        if note.defined.is_none() {
            html::text(out, &format!("[^{}]", note.name));
            return;
        }
        note.written += 1;
        out.push_str("<sup");
        html::attribute(out, "class", "footnote-reference");
        if self.bottom {
            let id = format!("fr-{}-{}", note.id, note.written);
            html::attribute(out, "id", &id);
            self.out.ids.push(id);
        }
        out.push_str("><a href=\"#");
        out.push_str(if self.bottom { "fn-" } else { "" });
        html::address(out, &note.id);
        out.push_str("\">");
        let number = note.number;
        let shown = if self.bottom { format!("[{number}]") } else { number.to_string() };
        out.push_str(&shown);
        out.push_str("</a></sup>");
    }

    fn list(&mut self, used: &[usize]) {
        if used.is_empty() {
            return;
        }
        html::fresh_line(&mut self.out.html);
        self.out.html.push_str("<section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n");
        for &index in used {
            let id = format!("fn-{}", self.footnotes[index].id);
            self.out.html.push_str("<li");
            html::attribute(&mut self.out.html, "id", &id);
            self.out.html.push_str(">\n");
            self.out.ids.push(id);
            if let Some(text) = self.footnotes[index].text.take() {
                self.append(&text);
            }
            self.ways_back(index);
            self.out.html.push_str("</li>\n");
        }
        self.out.html.push_str("</ol>\n</section>\n");
    }

    /// Links to the references of a footnote, inside its last paragraph when
    /// it ends with one.
    fn ways_back(&mut self, index: usize) {
        const END: &str = "</p>\n";
        let note = &self.footnotes[index];
        let out = &mut self.out.html;
        let inside = out.ends_with(END)
            && self.out.holes.last().is_none_or(|hole| (hole.at as usize) <= out.len() - END.len());
        if inside {
            out.truncate(out.len() - END.len());
        }
        for reference in 1..=note.references {
            out.push_str(" <a href=\"#fr-");
            html::address(out, &note.id);
            out.push_str(&format!(
                "-{reference}\" aria-label=\"Back to reference {number}",
                number = note.number
            ));
            if reference > 1 {
                out.push_str(&format!("-{reference}"));
            }
            out.push_str("\">↩</a>");
        }
        out.push_str(if inside { END } else { "\n" });
    }
}
