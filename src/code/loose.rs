//! Loose: the words of a JavaScript or TypeScript text, without its grammar.
//!
//! In: any text. Out: its tokens, told by their looks and their neighbours, and
//! its brackets. For texts that the parser gives nothing for: never fails,
//! reads each byte once. Must not know verdicts.

use std::ops::Range;

use super::engine::Token;
use super::kind::Kind;
use super::paint::{Marks, Painter, is_constant};

/// What a lexeme is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Word,
    Number,
    Text,
    /// `${`, or the `}` that ends it.
    Interpolation,
    Regexp,
    Arrow,
    Comment,
    DocComment,
    /// One byte.
    Sign(u8),
}

#[derive(Debug, Clone, Copy)]
struct Lexeme {
    start: usize,
    end: usize,
    what: What,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Open braces inside each `${`, the innermost last.
    templates: Vec<usize>,
    /// In the text of a template.
    in_template: bool,
    /// What came before ends an expression: `/` divides, `<` compares.
    after_value: bool,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, templates: Vec::new(), in_template: false, after_value: false }
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    /// The end of what goes on while `test` says so.
    fn run(&self, from: usize, test: impl Fn(char) -> bool) -> usize {
        self.text[from..].find(|c| !test(c)).map_or(self.text.len(), |len| from + len)
    }

    fn line_end(&self) -> usize {
        memchr::memchr(b'\n', &self.text.as_bytes()[self.at..]).map_or(self.text.len(), |len| self.at + len)
    }

    /// The end of a text between quotes: behind the closing one, or where the
    /// line ends.
    fn quoted(&self, quote: u8) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        while at < bytes.len() {
            match bytes[at] {
                b'\n' => return at,
                b'\\' => at += 1,
                byte if byte == quote => return at + 1,
                _ => {}
            }
            at += 1;
        }
        bytes.len()
    }

    /// The end of the text of a template: at `${`, or behind the closing quote.
    fn template(&self) -> (usize, bool) {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while at < bytes.len() {
            match bytes[at] {
                b'`' => return (at + 1, true),
                b'$' if bytes.get(at + 1) == Some(&b'{') => return (at, false),
                b'\\' => at += 1,
                _ => {}
            }
            at += 1;
        }
        (bytes.len(), true)
    }

    /// The end of a regular expression, if there is one.
    fn regexp(&self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        let mut in_class = false;
        loop {
            match bytes.get(at)? {
                b'\n' => return None,
                b'\\' => at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => return Some(self.run(at + 1, |c| c.is_ascii_alphabetic())),
                _ => {}
            }
            at += 1;
        }
    }

    fn take(&mut self, end: usize, what: What) -> Lexeme {
        let start = self.at;
        // A backslash may have led past the end, or into a character.
        let mut end = end.clamp(start, self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        self.at = end;
        Lexeme { start, end, what }
    }

    fn template_text(&mut self) -> Lexeme {
        let (end, is_closed) = self.template();
        self.in_template = !is_closed;
        self.after_value = is_closed;
        self.take(end, What::Text)
    }
}

impl Iterator for Lexer<'_> {
    type Item = Lexeme;

    fn next(&mut self) -> Option<Lexeme> {
        if self.in_template {
            if self.byte(0) == b'$' && self.byte(1) == b'{' {
                self.in_template = false;
                self.after_value = false;
                self.templates.push(0);
                return Some(self.take(self.at + 2, What::Interpolation));
            }
            if self.at < self.text.len() {
                return Some(self.template_text());
            }
        }
        self.at = self.run(self.at, char::is_whitespace);
        let c = self.text[self.at..].chars().next()?;
        let after_value = std::mem::replace(&mut self.after_value, false);
        Some(match c {
            '/' if self.byte(1) == b'/' => {
                self.after_value = after_value;
                self.take(self.line_end(), What::Comment)
            }
            '#' if self.at == 0 && self.byte(1) == b'!' => self.take(self.line_end(), What::Comment),
            '/' if self.byte(1) == b'*' => {
                self.after_value = after_value;
                let is_doc = self.byte(2) == b'*' && self.byte(3) != b'/';
                let end =
                    self.text[self.at + 2..].find("*/").map_or(self.text.len(), |len| self.at + len + 4);
                self.take(end, if is_doc { What::DocComment } else { What::Comment })
            }
            '/' if !after_value => match self.regexp() {
                Some(end) => {
                    self.after_value = true;
                    self.take(end, What::Regexp)
                }
                None => self.take(self.at + 1, What::Sign(b'/')),
            },
            '"' | '\'' => {
                self.after_value = true;
                let quote = self.byte(0);
                self.take(self.quoted(quote), What::Text)
            }
            '`' => {
                self.at += 1;
                let mut lexeme = self.template_text();
                lexeme.start -= 1;
                lexeme
            }
            '0'..='9' => {
                self.after_value = true;
                let mut end = self.run(self.at, |c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
                if self.text[self.at..end].ends_with(['e', 'E']) && self.text[end..].starts_with(['+', '-']) {
                    end = self.run(end + 1, |c| c.is_ascii_digit());
                }
                self.take(end, What::Number)
            }
            '=' if self.byte(1) == b'>' => self.take(self.at + 2, What::Arrow),
            '{' => {
                if let Some(depth) = self.templates.last_mut() {
                    *depth += 1;
                }
                self.take(self.at + 1, What::Sign(b'{'))
            }
            '}' => match self.templates.last_mut() {
                Some(0) => {
                    self.templates.pop();
                    self.in_template = true;
                    self.take(self.at + 1, What::Interpolation)
                }
                depth => {
                    if let Some(depth) = depth {
                        *depth -= 1;
                    }
                    self.take(self.at + 1, What::Sign(b'}'))
                }
            },
            ')' | ']' => {
                self.after_value = true;
                self.take(self.at + 1, What::Sign(self.byte(0)))
            }
            c if is_word(c) => {
                let end = self.run(self.at, is_word);
                self.after_value = !matches!(
                    &self.text[self.at..end],
                    "return"
                        | "typeof"
                        | "case"
                        | "in"
                        | "of"
                        | "delete"
                        | "void"
                        | "throw"
                        | "new"
                        | "else"
                        | "do"
                        | "await"
                        | "yield"
                        | "default"
                        | "extends"
                        | "instanceof"
                );
                self.take(end, What::Word)
            }
            c if c.is_ascii() => self.take(self.at + 1, What::Sign(self.byte(0))),
            c => self.take(self.at + c.len_utf8(), What::Sign(b'?')),
        })
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$' || c == '#'
}

/// The tokens of a text, by the looks of it.
pub(super) fn tokens(text: &str, is_typescript: bool) -> Vec<Token> {
    let lexemes: Vec<Lexeme> = Lexer::new(text).collect();
    let mut painter = Painter::new(text, Marks::default(), lexemes.len());
    let is_code = |lexeme: &&Lexeme| !matches!(lexeme.what, What::Comment | What::DocComment);
    let mut before: [&str; 2] = ["", ""];
    for (i, lexeme) in lexemes.iter().enumerate() {
        let piece = &text[lexeme.start..lexeme.end];
        let kind = match lexeme.what {
            What::Number => Some(Kind::Number),
            What::Text => Some(Kind::String),
            What::Interpolation => Some(Kind::Punctuation),
            What::Regexp => Some(Kind::Regexp),
            What::Arrow => Some(Kind::Storage),
            What::Comment => Some(Kind::Comment),
            What::DocComment => Some(Kind::DocComment),
            What::Sign(sign) => {
                let is_tag =
                    |at: usize| text[at..].starts_with(|c: char| c.is_alphabetic() || c == '/' || c == '>');
                match sign {
                    b'<' if !is_typescript && before[1].len() < 2 && is_tag(lexeme.end) => Some(Kind::Tag),
                    b'@' => Some(Kind::Decorator),
                    b'+' | b'-' | b'*' | b'%' | b'!' | b'&' | b'|' | b'^' | b'~' => Some(Kind::Operator),
                    _ => None,
                }
            }
            What::Word => {
                let next = lexemes[i + 1..].iter().find(is_code);
                let sign = |at: usize| text.as_bytes().get(at).copied().unwrap_or(0);
                let next = next.map_or(0, |next| sign(next.start));
                word(piece, before, next)
            }
        };
        if let Some(kind) = kind {
            let range = u32::try_from(lexeme.start).unwrap_or(0)..u32::try_from(lexeme.end).unwrap_or(0);
            if lexeme.what == What::Text {
                painter.put_escaped(range, kind);
            } else {
                painter.put(range, kind);
            }
        }
        if is_code(&lexeme) {
            before = [before[1], piece];
        }
    }
    painter.finish()
}

/// What a word is between the two pieces before it and the sign behind it.
fn word(word: &str, before: [&str; 2], next: u8) -> Option<Kind> {
    match before[1] {
        "." if next == b'(' || next == b'`' => return Some(Kind::Function),
        "." => return None,
        "@" => return Some(Kind::Decorator),
        "<" if before[0].len() < 2 && next != b'(' => return Some(Kind::Tag),
        "/" if before[0] == "<" => return Some(Kind::Tag),
        "function" => return Some(Kind::FunctionDefinition),
        "*" if before[0] == "function" => return Some(Kind::FunctionDefinition),
        "class" | "interface" | "enum" if keyword(word).is_none() => return Some(Kind::TypeDefinition),
        "type" if next == b'=' || next == b'<' => return Some(Kind::TypeDefinition),
        "new" | "extends" | "implements" if keyword(word).is_none() => return Some(Kind::Type),
        "{" | "," if next == b':' => return Some(Kind::Property),
        _ => {}
    }
    if let Some(kind) = keyword(word) {
        return Some(kind);
    }
    match next {
        b'(' if is_global(word) => Some(Kind::Builtin),
        b'(' => Some(Kind::Function),
        _ if is_constant(word) => Some(Kind::Constant),
        b'.' if is_global(word) => Some(Kind::Builtin),
        _ => None,
    }
}

/// Words of the language that are not names wherever they stand.
fn keyword(word: &str) -> Option<Kind> {
    Some(match word {
        "await" | "break" | "case" | "catch" | "continue" | "default" | "do" | "else" | "export"
        | "finally" | "for" | "from" | "if" | "import" | "return" | "switch" | "throw" | "try" | "while"
        | "with" | "yield" | "debugger" => Kind::Control,
        "async" | "class" | "const" | "enum" | "extends" | "function" | "implements" | "interface"
        | "let" | "private" | "protected" | "public" | "static" | "var" | "declare" | "readonly"
        | "abstract" => Kind::Storage,
        "delete" | "in" | "instanceof" | "new" | "of" | "typeof" | "void" | "as" | "keyof" | "satisfies" => {
            Kind::Keyword
        }
        "true" | "false" | "null" | "undefined" | "NaN" | "Infinity" => Kind::Constant,
        "this" | "super" => Kind::Language,
        _ => return None,
    })
}

/// Objects and functions that come with the language, browsers or Node.
pub(super) fn is_global(name: &str) -> bool {
    matches!(
        name,
        "Array"
            | "ArrayBuffer"
            | "BigInt"
            | "Boolean"
            | "Buffer"
            | "DataView"
            | "Date"
            | "Error"
            | "Function"
            | "Intl"
            | "JSON"
            | "Map"
            | "Math"
            | "Number"
            | "Object"
            | "Promise"
            | "Proxy"
            | "RangeError"
            | "Reflect"
            | "RegExp"
            | "Set"
            | "String"
            | "Symbol"
            | "TypeError"
            | "URL"
            | "URLSearchParams"
            | "WeakMap"
            | "WeakSet"
            | "__dirname"
            | "__filename"
            | "alert"
            | "cancelAnimationFrame"
            | "clearInterval"
            | "clearTimeout"
            | "console"
            | "decodeURIComponent"
            | "document"
            | "encodeURIComponent"
            | "exports"
            | "fetch"
            | "globalThis"
            | "isNaN"
            | "localStorage"
            | "module"
            | "navigator"
            | "parseFloat"
            | "parseInt"
            | "process"
            | "queueMicrotask"
            | "require"
            | "requestAnimationFrame"
            | "sessionStorage"
            | "setInterval"
            | "setTimeout"
            | "structuredClone"
            | "window"
    )
}

/// The first bracket of a text that has no partner, and what is there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Never closed.
    Unclosed(Range<usize>),
    /// Closes nothing.
    Unopened(Range<usize>),
    /// The second closes the first, but is of another sort.
    Mismatch(Range<usize>, Range<usize>),
    /// The first was closed by what was to close another, so that the second
    /// closes nothing of its sort.
    Forgotten(Range<usize>, Range<usize>),
}

/// What is wrong with the brackets of a text.
///
/// Where brackets are missing at the end, the one that its author forgot is
/// often not the one that is left over: `}` of an outer block has closed an
/// inner one. Such a `}` begins a line, and is indented less than the line it
/// closes.
pub(super) fn trouble(text: &str) -> Option<Trouble> {
    let mut open: Vec<Lexeme> = Vec::new();
    let mut forgotten = None;
    for lexeme in Lexer::new(text) {
        let partner = match lexeme.what {
            What::Sign(b'(' | b'[' | b'{') => {
                open.push(lexeme);
                continue;
            }
            What::Sign(b')') => b'(',
            What::Sign(b']') => b'[',
            What::Sign(b'}') => b'{',
            _ => continue,
        };
        let close = lexeme.start..lexeme.end;
        match open.pop() {
            None => return Some(Trouble::Unopened(close)),
            Some(opened) if opened.what != What::Sign(partner) => {
                return Some(match forgotten {
                    Some(forgotten) => Trouble::Forgotten(forgotten, close),
                    None => Trouble::Mismatch(opened.start..opened.end, close),
                });
            }
            Some(opened) => {
                let (before, inside) = indents(text, opened.start, close.start);
                if forgotten.is_none() && inside.is_some_and(|inside| inside < before) {
                    forgotten = Some(opened.start..opened.end);
                }
            }
        }
    }
    let left = open.pop()?;
    Some(Trouble::Unclosed(forgotten.unwrap_or(left.start..left.end)))
}

/// What would close the brackets that are open at the end, in order; none where
/// a bracket on the way is wrong, or may be missing.
pub(super) fn ends(text: &str) -> Option<String> {
    if !matches!(trouble(text)?, Trouble::Unclosed(_)) {
        return None;
    }
    let mut open: Vec<(u8, usize)> = Vec::new();
    for lexeme in Lexer::new(text) {
        match lexeme.what {
            What::Sign(sign @ (b'(' | b'[' | b'{')) => open.push((sign, lexeme.start)),
            What::Sign(b')' | b']' | b'}') => {
                let (_, start) = open.pop()?;
                let (before, inside) = indents(text, start, lexeme.start);
                if inside.is_some_and(|inside| inside < before) {
                    return None;
                }
            }
            _ => {}
        }
    }
    let close = |(sign, _): (u8, usize)| match sign {
        b'(' => ')',
        b'[' => ']',
        _ => '}',
    };
    Some(open.into_iter().rev().map(close).collect())
}

/// How far the line of an opening bracket is indented, and that of the closing
/// one, if it is the first on its line.
fn indents(text: &str, open: usize, close: usize) -> (usize, Option<usize>) {
    let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &text[line_start(open)..];
    let before = line.len() - line.trim_start_matches([' ', '\t']).len();
    let own = &text[line_start(close)..close];
    (before, own.bytes().all(|b| b == b' ' || b == b'\t').then_some(own.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(&str, &'static str)> {
        tokens(text, false).into_iter().map(|token| (&text[token.range], token.kind.class())).collect()
    }

    #[test]
    fn broken_code_is_coloured_by_its_looks() {
        assert_eq!(
            read("const x = foo(`a ${b.c({})} d`, /[/]\\//g); // end\nclass A extends B { get = 1 / 2 / 3"),
            [
                ("const", "kd"),
                ("foo", "f"),
                ("`a ", "s"),
                ("${", "p"),
                ("c", "f"),
                ("}", "p"),
                (" d`", "s"),
                ("/[/]\\//g", "sr"),
                ("// end", "c"),
                ("class", "kd"),
                ("A", "td"),
                ("extends", "kd"),
                ("B", "t"),
                ("1", "m"),
                ("2", "m"),
                ("3", "m"),
            ]
        );
        assert_eq!(read("'a\nb \"\\"), [("'a", "s"), ("\"", "s"), ("\\", "se")]);
    }

    #[test]
    fn the_forgotten_bracket_is_found() {
        let open = |text: &str, sign: &str| {
            let at = text.find(sign).unwrap();
            Some(Trouble::Unclosed(at..at + 1))
        };
        let text = "function f() {\n  if (a) {\n    g();\n}\n";
        assert_eq!(trouble(text), open(text, "{\n    g"));
        let text = "f(() => {\n  if (a) {\n    g();\n});\n";
        assert_eq!(trouble(text), Some(Trouble::Forgotten(19..20, 31..32)));
        let text = "app.get('/', () => {\n  g();\n";
        assert_eq!(trouble(text), open(text, "{"));
        assert_eq!(trouble("f([1)"), Some(Trouble::Mismatch(2..3, 4..5)));
        assert_eq!(trouble("f())"), Some(Trouble::Unopened(3..4)));
        assert_eq!(trouble("`${ {} }` + '(' // ["), None);
    }
}
