//! Text, code and formulas.
//!
//! In: runs of text. Out: HTML, with emoji, bare addresses and scripts where
//! the options want them.

use std::ops::Range;

use super::{Block, Mode, Notes, Renderer};
use crate::base::diagnostic::Diagnostic;
use crate::base::source::Span;
use crate::code;
use crate::parse::markdown::gather::Gather;
use crate::parse::markdown::{Directive, HoleKind, autolink, emoji, fence, html, math, script, words};

/// Longest name of a footnote looked for when a reference leads nowhere.
const LONGEST_NOTE_NAME: usize = 64;

/// Bytes that start or betray something in plain text: most are not worth a look.
const SIGNS: [bool; 256] = {
    let mut table = [false; 256];
    let signs = b":.@^~[";
    let mut i = 0;
    while i < signs.len() {
        table[signs[i] as usize] = true;
        i += 1;
    }
    table
};

/// Something found in plain text.
enum Found {
    Link(autolink::Kind),
    Emoji(&'static str),
    Script,
}

impl<'a> Renderer<'a> {
    /// Writes the text gathered so far.
    pub(super) fn flush_text(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let run = std::mem::take(&mut self.text);
        if self.in_bare_wikilink {
            return;
        }
        if let Some(image) = &mut self.image {
            image.text.push_str(run.text());
            return;
        }
        self.count_words(run.text());
        self.write_text(&run);
    }

    pub(super) fn count_words(&mut self, text: &str) {
        self.document.word_count += words::count(text, &mut self.in_word);
    }

    /// Writes text, and what the options find in it.
    pub(super) fn write_text(&mut self, run: &Gather<'a>) {
        let text = run.text();
        let markdown = &self.options.markdown;
        let autolinks = markdown.autolinks && self.links_open.is_empty() && !self.in_raw_link;
        let body = self.body.as_bytes();
        let before = |at: usize| run.source_of(at).checked_sub(1).and_then(|i| body.get(i).copied());
        let mut last = 0;
        let mut at = 0;
        while let Some(next) = text.as_bytes()[at..].iter().position(|b| SIGNS[usize::from(*b)]) {
            at += next;
            let byte = text.as_bytes()[at];
            let found = match byte {
                b':' => (autolinks.then(|| autolink::scheme(text, at, last, before)).flatten())
                    .map(|range| (range, Found::Link(autolink::Kind::Scheme)))
                    .or_else(|| {
                        let (emoji, end) = markdown.render_emoji.then(|| emoji::short_code(text, at))??;
                        Some((at..end, Found::Emoji(emoji)))
                    }),
                b'.' if autolinks => autolink::www(text, at, last, before)
                    .map(|range| (range, Found::Link(autolink::Kind::Www))),
                b'@' if autolinks => {
                    autolink::mail(text, at, last).map(|range| (range, Found::Link(autolink::Kind::Mail)))
                }
                b'^' | b'~' if markdown.super_sub && before(at) != Some(b'\\') => {
                    script::inside_word(text, at).map(|range| (range, Found::Script))
                }
                b'[' if before(at) != Some(b'\\') => {
                    self.undefined_footnote(run, at);
                    None
                }
                _ => None,
            };
            let Some((range, found)) = found else {
                at += 1;
                continue;
            };
            self.plain(&text[last..range.start]);
            last = range.end;
            at = range.end;
            match found {
                Found::Link(kind) => self.bare_link(&text[range], kind),
                Found::Emoji(emoji) => self.plain(emoji),
                Found::Script => {
                    let tag = if byte == b'^' { ["<sup>", "</sup>"] } else { ["<sub>", "</sub>"] };
                    self.draft.html.push_str(tag[0]);
                    self.plain(&text[range.start + 1..range.end - 1]);
                    self.draft.html.push_str(tag[1]);
                }
            }
        }
        self.plain(&text[last..]);
    }

    /// Writes text as it is.
    pub(super) fn plain(&mut self, text: &str) {
        html::text(&mut self.draft.html, text);
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        }
    }

    pub(super) fn bare_link(&mut self, address: &str, kind: autolink::Kind) {
        let out = &mut self.draft.html;
        out.push_str("<a href=\"");
        out.push_str(match kind {
            autolink::Kind::Www => "http://",
            autolink::Kind::Scheme => "",
            autolink::Kind::Mail => "mailto:",
        });
        html::address(out, address);
        out.push('"');
        if kind != autolink::Kind::Mail {
            out.push_str(&self.host_attributes);
        }
        out.push('>');
        self.plain(address);
        self.draft.html.push_str("</a>");
    }

    /// Warns of `[^name]` in text: a reference that leads somewhere is not text.
    pub(super) fn undefined_footnote(&mut self, run: &Gather<'a>, at: usize) {
        let Some(rest) = run.text()[at..].strip_prefix("[^") else { return };
        let length = rest
            .bytes()
            .take(LONGEST_NOTE_NAME)
            .take_while(|b| !b.is_ascii_whitespace() && !matches!(b, b'[' | b']' | b'^'))
            .count();
        if length == 0 || rest.as_bytes().get(length) != Some(&b']') {
            return;
        }
        let name = &rest[..length];
        let (start, end) = run.span_of(at, at + length + 3);
        let span = self.span(&(start..end));
        let message = match self.mode {
            Mode::Page => format!("no footnote is named `{name}`"),
            Mode::Label => format!("a label cannot refer to the footnote `{name}`"),
        };
        let problem = Diagnostic::warning("undefined-footnote", message);
        self.problem(problem.hint(format!("write `\\[^{name}]` if it is meant as text")), span);
    }

    pub(super) fn inline_code(&mut self, text: &str, range: &Range<usize>) {
        let text = self.unmasked(text);
        self.in_word = false;
        if let Some((language, text)) = self.inline_language(text, range) {
            if let Some(heading) = &mut self.heading {
                heading.text.push_str(&text);
            }
            code::inline_html(&mut self.draft.html, &text, &language, &self.options.code);
            return;
        }
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        }
        let out = &mut self.draft.html;
        out.push_str("<code>");
        html::text(out, text);
        out.push_str("</code>");
    }

    /// The language of inline code, and the code: `` `{js} let x` `` or
    /// `` `let x`{.js} ``. What is no language stays as it is.
    fn inline_language(&mut self, text: &str, range: &Range<usize>) -> Option<(String, String)> {
        let is_name = |name: &str| {
            let good = |byte: u8| byte.is_ascii_alphanumeric() || b"+#-_".contains(&byte);
            !name.is_empty() && name.len() <= 32 && name.bytes().all(good) && code::is_language(name)
        };
        if let Some((name, code)) = text.strip_prefix('{').and_then(|rest| rest.split_once("} "))
            && is_name(name)
        {
            return Some((name.to_lowercase(), code.to_owned()));
        }
        let rest = self.masked.get(range.end..)?.strip_prefix("{.")?;
        let name = &rest[..rest.bytes().take(33).position(|byte| byte == b'}')?];
        if !is_name(name) {
            return None;
        }
        self.consumed = range.end..range.end + name.len() + 3;
        Some((name.to_lowercase(), text.to_owned()))
    }

    pub(super) fn math(&mut self, latex: &str, display: bool, range: &Range<usize>) {
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(latex);
        }
        if let Err(message) = math::convert(&mut self.draft.html, latex, display) {
            let span = self.span(range);
            self.problem(Diagnostic::error("bad-math", message), span);
            let out = &mut self.draft.html;
            out.push_str("<code>");
            html::text(out, latex);
            out.push_str("</code>");
        }
    }

    pub(super) fn end_code(&mut self, range: &Range<usize>) {
        let text = std::mem::take(&mut self.block_text);
        self.notes = None;
        match self.block.take() {
            Some(Block::Fence { info, span }) => {
                let name = format!("_c{}", self.document.snippets.len() + 1);
                let opening = fence::first_line(self.source, span);
                if !is_closed(self.source.slice(span)) {
                    let problem = Diagnostic::warning("unclosed-fence", "this code block is never closed");
                    self.problems.push(problem.at(self.source, opening).hint(
                        "everything behind it is code: end it with as many signs as it begins with, in the same list item or quote",
                    ));
                }
                let neighbour = self.start_neighbour(self.unmasked(&info), opening, range.end);
                let in_group = neighbour.is_some() || self.start_pane(self.unmasked(&info), opening);
                let fence = fence::Fence {
                    name: &name,
                    has_list: self.has_list_behind(range.end),
                    in_group,
                    info: self.unmasked(&info),
                    info_at: self.place_of(&info).map(|at| self.base + at),
                    text: &text,
                    base: self.base,
                    span,
                    names: self.wants_names,
                    before: self.last_marked,
                };
                let outcome =
                    fence::code_block(&mut self.draft.html, &fence, self.source, self.options, self.inputs);
                self.last_marked =
                    outcome.snippet.marked.as_ref().map(|marked| marked.key).or(self.last_marked);
                self.document.snippets.push(outcome.snippet);
                if let Some(badge) = outcome.badge {
                    self.badge(badge, span);
                }
                self.explicit_ids.extend(outcome.ids.into_iter().map(|id| (id, span)));
                self.problems.extend(outcome.problems);
                self.names.extend(outcome.names);
                self.end_neighbour(neighbour);
                if !outcome.notes.is_empty() {
                    self.notes = Some(Notes { name, wanted: outcome.notes, span, depth: None, next: 1 });
                }
            }
            Some(Block::Indented | Block::Html | Block::Marker) | None => {
                fence::indented(&mut self.draft.html, text.text());
            }
        }
    }

    /// What readers are told below code, drawn by a component.
    fn badge(&mut self, badge: fence::Badge, span: Span) {
        let arguments = match badge {
            fence::Badge::Checked(language) => vec![("language", language)],
            fence::Badge::Ran(run) => vec![("with", run.with), ("on", run.on)],
        };
        let arguments = arguments.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        // No author can write a name with a dot.
        let name = "juxta.code-badge".to_owned();
        let index = self.open_directive(Directive {
            name,
            name_span: span,
            label: None,
            arguments,
            span,
            snippets: 0..0,
        });
        self.draft.hole(HoleKind::Close(index));
    }

    /// Whether the next thing behind byte `at` of the body is an ordered list,
    /// in whatever quotes.
    fn has_list_behind(&self, at: usize) -> bool {
        let rest = self.masked.get(at..).unwrap_or("");
        let rest = rest.trim_start_matches([' ', '\t', '\r', '\n', '>']);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let rest = &rest[digits..];
        (1..=9).contains(&digits) && rest.starts_with(['.', ')']) && rest[1..].starts_with([' ', '\t'])
    }

    /// An ordered list opens: maybe it explains the code before it.
    pub(super) fn start_notes(&mut self, number: u64) {
        let depth = self.depth;
        if let Some(notes) = &mut self.notes
            && notes.depth.is_none()
        {
            notes.depth = Some(depth);
            notes.next = number;
            html::attribute(&mut self.draft.html, "class", "notes");
        }
    }

    /// The id of an item that opens, when it is a note.
    pub(super) fn note_id(&mut self) -> Option<String> {
        let depth = self.depth;
        let notes =
            self.notes.as_mut().filter(|notes| notes.depth.is_some_and(|of_list| of_list + 1 == depth))?;
        notes.next = notes.next.saturating_add(1);
        Some(format!("{}-note-{}", notes.name, notes.next - 1))
    }

    /// A list has ended: when it is that of notes, none may be missing.
    pub(super) fn end_notes(&mut self) {
        let depth = self.depth + 1;
        let Some(notes) = self.notes.take_if(|notes| notes.depth == Some(depth)) else { return };
        for number in notes.wanted.iter().filter(|number| u64::from(**number) >= notes.next) {
            let message = format!("the list behind a code block has no item {number}");
            let span = Span::at(notes.span.start as usize);
            self.problem(Diagnostic::warning("missing-note", message), span);
        }
    }
}

/// Whether a fenced block ends with a fence of its own, and not with the text.
fn is_closed(block: &str) -> bool {
    let block = block.trim_end();
    let Some(sign) = block.chars().next() else { return true };
    let count = block.chars().take_while(|c| *c == sign).count();
    let Some((_, last)) = block.rsplit_once('\n') else { return false };
    let last = last.trim_start_matches([' ', '\t', '>']);
    last.len() >= count && last.chars().all(|c| c == sign)
}
