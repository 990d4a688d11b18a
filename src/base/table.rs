//! Tables: TOML and YAML text as one tree of values with their places.
//!
//! In: a source, the part of it to read, and bounds. Out: a [`Table`] in the
//! order of the text, with a span for each key and value, counted from the
//! start of the file, and problems. What can be read beside a mistake is read;
//! an entry that a syntax error touches is left out. Must not know which keys
//! mean something.
//!
//! Depth and number of values are bounded, YAML has no anchors, aliases, merge
//! keys or own tags, and a key stands once. So no text can grow when it is
//! read, and reading is linear.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, StrInput};
use serde_json::{Map, Number, Value as Json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::date::shortened;
use super::diagnostic::Diagnostic;
use super::source::{Source, Span};

/// The notation of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// TOML 1.0.
    Toml,
    /// YAML 1.2, core schema.
    Yaml,
}

impl Format {
    /// Its name, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Toml => "TOML",
            Self::Yaml => "YAML",
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Toml => "bad-toml",
            Self::Yaml => "bad-yaml",
        }
    }
}

/// What a table may hold at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Lists and tables inside the outermost one.
    pub depth: usize,
    /// Values, lists and tables included.
    pub values: usize,
}

impl Bounds {
    /// For front matter and configuration.
    pub const TABLE: Self = Self { depth: 32, values: 10_000 };
    /// For data files.
    pub const DATA: Self = Self { depth: 64, values: 2_000_000 };
}

/// No more problems than this are told about one text.
pub const MAX_PROBLEMS: usize = 50;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Its text, quotes included; for a TOML `[table]` its header.
    pub span: Span,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// YAML only.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(String),
    /// A TOML date, time or both, in ISO 8601. (In YAML a date is text.)
    Date(String),
    /// A list.
    List(Vec<Node>),
    /// A table.
    Table(Table),
}

/// A table's entries in the order of the text; no key stands twice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// In the order of the text.
    pub entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Without quotes.
    pub key: String,
    /// With quotes.
    pub key_span: Span,
    /// Its value.
    pub node: Node,
}

impl Value {
    /// With its article: `a string`, `an integer`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Text(_) => "a string",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }

    /// The same value without places: dates become strings, numbers that JSON
    /// cannot hold become `"nan"`, `"inf"` and `"-inf"`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Integer(value) => Json::from(*value),
            Self::Float(value) => match Number::from_f64(*value) {
                Some(number) => Json::Number(number),
                None if value.is_nan() => Json::from("nan"),
                None => Json::from(if *value > 0.0 { "inf" } else { "-inf" }),
            },
            Self::Text(text) | Self::Date(text) => Json::from(text.as_str()),
            Self::List(items) => items.iter().map(|node| node.value.to_json()).collect(),
            Self::Table(table) => Json::Object(table.to_json()),
        }
    }

    /// The text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The table, if it is one.
    pub fn as_table(&self) -> Option<&Table> {
        if let Self::Table(table) = self { Some(table) } else { None }
    }
}

impl Table {
    /// The entry of that key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The value of that key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|entry| &entry.node.value)
    }

    /// The value of that key, if it is text.
    pub fn text(&self, key: &str) -> Option<String> {
        self.get(key)?.as_text().map(str::to_owned)
    }

    /// The value of that key, if it is a boolean.
    pub fn bool(&self, key: &str) -> Option<bool> {
        if let Some(Value::Bool(value)) = self.get(key) { Some(*value) } else { None }
    }

    /// The value of that key, if it is an integer.
    pub fn integer(&self, key: &str) -> Option<i64> {
        if let Some(Value::Integer(value)) = self.get(key) { Some(*value) } else { None }
    }

    /// The texts in the list of that key; what is no text is left out.
    pub fn texts(&self, key: &str) -> Option<Vec<String>> {
        self.get(key)?.texts()
    }

    /// The value of that key, if it is a table.
    pub fn table(&self, key: &str) -> Option<&Self> {
        self.get(key)?.as_table()
    }

    /// The tables in the list of that key; what is no table is left out.
    pub fn tables(&self, key: &str) -> Option<Vec<&Self>> {
        let Some(Value::List(items)) = self.get(key) else { return None };
        Some(items.iter().filter_map(|node| node.value.as_table()).collect())
    }

    /// The same table without places.
    pub fn to_json(&self) -> Map<String, Json> {
        self.entries.iter().map(|entry| (entry.key.clone(), entry.node.value.to_json())).collect()
    }

    /// Notes where each value stands: dotted path (`taxonomies.tags[1]`) →
    /// span. `prefix` is put before each path, with a dot unless it is empty.
    pub fn collect_spans(&self, prefix: &str, out: &mut std::collections::BTreeMap<String, Span>) {
        for entry in &self.entries {
            let path = if prefix.is_empty() { entry.key.clone() } else { format!("{prefix}.{}", entry.key) };
            entry.node.collect_spans(path, out);
        }
    }
}

impl Value {
    /// The texts of a list; what is no text is left out.
    pub fn texts(&self) -> Option<Vec<String>> {
        let Self::List(items) = self else { return None };
        Some(items.iter().filter_map(|node| node.value.as_text().map(str::to_owned)).collect())
    }
}

impl Node {
    fn collect_spans(&self, path: String, out: &mut std::collections::BTreeMap<String, Span>) {
        match &self.value {
            Value::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    item.collect_spans(format!("{path}[{i}]"), out);
                }
            }
            Value::Table(table) => table.collect_spans(&path, out),
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Date(_) => {}
        }
        out.insert(path, self.span);
    }
}

/// Puts values under those that are there already: tables are merged key by
/// key, everything else stays.
pub fn fill(above: &mut Map<String, Json>, below: &Map<String, Json>) {
    for (key, value) in below {
        match (above.get_mut(key), value) {
            (None, _) => {
                above.insert(key.clone(), value.clone());
            }
            (Some(Json::Object(above)), Json::Object(below)) => fill(above, below),
            (Some(_), _) => {}
        }
    }
}

/// Reads the table that `range` of the source holds. Problems: `bad-toml` or
/// `bad-yaml`, `bad-date`, `duplicate-key`, `too-deep`, `too-many-values`.
pub fn read(
    source: &Arc<Source>,
    range: Range<usize>,
    format: Format,
    bounds: Bounds,
) -> (Table, Vec<Diagnostic>) {
    let (node, mut problems) = read_value(source, range, format, bounds);
    match node {
        Some(Node { value: Value::Table(table), .. }) => (table, problems),
        None | Some(Node { value: Value::Null, .. }) => (Table::default(), problems),
        Some(other) => {
            let message = format!("expected keys and values, found {}", other.value.kind());
            problems.push(Diagnostic::error(format.code(), message).at(source, other.span));
            (Table::default(), problems)
        }
    }
}

/// As [`read`], for a text whose outermost value may be anything; `None` when
/// there is none.
pub fn read_value(
    source: &Arc<Source>,
    range: Range<usize>,
    format: Format,
    bounds: Bounds,
) -> (Option<Node>, Vec<Diagnostic>) {
    let text = &source.text[range.clone()];
    let mut reader =
        Reader { source, text, start: range.start, format, bounds, n_values: 0, problems: Vec::new() };
    let node = match format {
        Format::Toml => Some(reader.toml()),
        Format::Yaml => reader.yaml(),
    };
    (node, reader.problems)
}

/// One reading of one text.
struct Reader<'a> {
    source: &'a Arc<Source>,
    /// The part that is read, and where it starts in the file.
    text: &'a str,
    start: usize,
    format: Format,
    bounds: Bounds,
    n_values: usize,
    problems: Vec<Diagnostic>,
}

/// Reading has to stop: a bound was passed.
struct Stop;

impl<'a> Reader<'a> {
    /// The place of a part of `text` in the file.
    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.start + range.start, self.start + range.end)
    }

    fn error(&self, message: impl Into<String>, span: Span) -> Diagnostic {
        Diagnostic::error(self.format.code(), message).at(self.source, span)
    }

    fn report(&mut self, problem: Diagnostic) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Counts a value at that depth (0 is the outermost).
    fn count(&mut self, depth: usize, span: Span) -> Result<(), Stop> {
        let Bounds { depth: max_depth, values: max_values } = self.bounds;
        self.n_values += 1;
        let problem = if depth > max_depth {
            Diagnostic::error("too-deep", format!("more than {max_depth} lists and tables inside each other"))
        } else if self.n_values > max_values {
            Diagnostic::error("too-many-values", format!("more than {max_values} values"))
        } else {
            return Ok(());
        };
        self.report(problem.at(self.source, span));
        Err(Stop)
    }

    fn duplicate(&self, key: &str, first: Option<Span>, second: Span) -> Diagnostic {
        let problem = Diagnostic::error("duplicate-key", format!("`{}` is given twice", shortened(key)));
        match first {
            Some(first) => problem.label(self.source, second, "given again here").label(
                self.source,
                first,
                "first given here",
            ),
            None => problem.at(self.source, second),
        }
    }
}

// TOML.
impl<'a> Reader<'a> {
    fn toml(&mut self) -> Node {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        let mut places: Vec<_> =
            errors.iter().map(|error| (self.clamp(error.span().unwrap_or_default()), error)).collect();
        places.sort_by_key(|(range, _)| range.start);
        let mut broken: Vec<usize> = Vec::new();
        for (range, error) in places {
            let span = self.span(range.clone());
            let word = &self.text[range.clone()];
            let message = error.message();
            if message == "duplicate key" || message.starts_with("cannot extend value") {
                // Looking for the first place reads the text again.
                let look = self.problems.len() < 16 && self.text.len() < 1 << 18;
                let first = if look { first_place(self.text, range) } else { None };
                let problem = self.duplicate(word, first.map(|first| self.span(first)), span);
                self.report(problem);
                continue;
            }
            // One mistake can lead to several errors on its line.
            let line_start = self.text[..range.start].rfind('\n').map_or(0, |i| i + 1);
            let is_first = broken.last().is_none_or(|&last| last < line_start);
            broken.push(range.start);
            if !is_first {
                continue;
            }
            let problem = if message == "recursion limit" || message.contains("max recursion depth") {
                Diagnostic::error("too-deep", "too many lists and tables inside each other")
                    .at(self.source, span)
            } else if let Some((date, date_range)) = date_around(self.text, &range) {
                let reason = super::date::DateTime::parse(date).err();
                let message = format!("`{date}` is no date: {}", reason.as_deref().unwrap_or(message));
                Diagnostic::error("bad-date", message)
                    .at(self.source, self.span(date_range))
                    .hint(super::date::EXAMPLES)
            } else {
                let (message, hint) = toml_words(self.text, range.start, message);
                let problem = self.error(message, span);
                if let Some(hint) = hint { problem.hint(hint) } else { problem }
            };
            self.report(problem);
        }
        let table = self.toml_table(table.get_ref(), &broken, 0).unwrap_or_default();
        Node { value: Value::Table(table), span: self.span(0..self.text.len()) }
    }

    /// A range that can index `text`.
    fn clamp(&self, range: Range<usize>) -> Range<usize> {
        let border = |mut i: usize| {
            i = i.min(self.text.len());
            while !self.text.is_char_boundary(i) {
                i -= 1;
            }
            i
        };
        let start = border(range.start);
        start..border(range.end).max(start)
    }

    fn toml_table(&mut self, table: &DeTable<'_>, broken: &[usize], depth: usize) -> Result<Table, Stop> {
        let mut entries = Vec::with_capacity(table.len());
        for (key, value) in table.iter() {
            let key_span = self.span(key.span());
            let is_table = matches!(value.get_ref(), DeValue::Table(_));
            if !is_table && self.touches(broken, key.span().start..value.span().end) {
                continue;
            }
            match self.toml_value(value, broken, depth + 1) {
                Ok(node) => entries.push(Entry { key: key.get_ref().to_string(), key_span, node }),
                // What was read so far stays.
                Err(Stop) if depth == 0 => break,
                Err(Stop) => return Err(Stop),
            }
        }
        entries.sort_by_key(|entry| entry.key_span);
        Ok(Table { entries })
    }

    fn toml_value(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        broken: &[usize],
        depth: usize,
    ) -> Result<Node, Stop> {
        let span = self.span(value.span());
        let is_nest = matches!(value.get_ref(), DeValue::Array(_) | DeValue::Table(_));
        self.count(if is_nest { depth } else { 0 }, span)?;
        let value = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(integer) => Value::Integer(integer),
                Err(_) => {
                    let problem = self.error("an integer that does not fit into 64 bits", span);
                    self.report(problem);
                    Value::Integer(0)
                }
            },
            DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(value) => Value::Bool(*value),
            DeValue::Datetime(date) => Value::Date(date.to_string()),
            DeValue::Array(items) => {
                let items = items.iter().map(|item| self.toml_value(item, broken, depth + 1));
                Value::List(items.collect::<Result<_, Stop>>()?)
            }
            DeValue::Table(table) => Value::Table(self.toml_table(table, broken, depth)?),
        };
        Ok(Node { value, span })
    }

    /// Whether a syntax error stands on the lines of an entry.
    fn touches(&self, broken: &[usize], range: Range<usize>) -> bool {
        if broken.is_empty() {
            return false;
        }
        let Range { start, end } = self.clamp(range);
        let line_end = self.text[end..].find('\n').map_or(self.text.len(), |i| end + i);
        let next = broken.partition_point(|&offset| offset < start);
        broken.get(next).is_some_and(|&offset| offset <= line_end)
    }
}

/// Where the key that is given again at `second` was given first: the key is
/// renamed in a copy of the text, which shows the table it belongs to.
fn first_place(text: &str, second: Range<usize>) -> Option<Range<usize>> {
    let word = &text[second.clone()];
    let single = format!("{word}=0");
    let name = DeTable::parse(&single).ok()?.get_ref().keys().next()?.get_ref().to_string();
    let renamed = format!("{}\"\\u0001\"{}", &text[..second.start], &text[second.end..]);
    let (table, _) = DeTable::parse_recoverable(&renamed);
    let first = sibling(table.get_ref(), second.start, &name)?;
    (first.start < second.start).then_some(first)
}

/// The span of the key `name` in the table that has a key at `offset`.
fn sibling(table: &DeTable<'_>, offset: usize, name: &str) -> Option<Range<usize>> {
    if table.keys().any(|key| key.span().start == offset) {
        return table.keys().find(|key| key.get_ref() == name).map(Spanned::span);
    }
    table.values().find_map(|value| sibling_in(value.get_ref(), offset, name))
}

fn sibling_in(value: &DeValue<'_>, offset: usize, name: &str) -> Option<Range<usize>> {
    match value {
        DeValue::Table(table) => sibling(table, offset, name),
        DeValue::Array(items) => items.iter().find_map(|item| sibling_in(item.get_ref(), offset, name)),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => None,
    }
}

/// The word around a syntax error, when it is one that begins like a date.
fn date_around<'t>(text: &'t str, range: &Range<usize>) -> Option<(&'t str, Range<usize>)> {
    let is_date = |c: char| c.is_ascii_alphanumeric() || "-:.+".contains(c);
    let start = text[..range.start].rfind(|c| !is_date(c)).map_or(0, |i| i + 1);
    let start = if text.is_char_boundary(start) { start } else { range.start };
    let end = text[start..].find(|c| !is_date(c)).map_or(text.len(), |i| start + i);
    let word = &text[start..end];
    let is_value = text[..start].trim_end_matches([' ', '\t']).ends_with(['=', ',', '[']);
    let bytes = word.as_bytes();
    let like_date = bytes.len() >= 6 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-';
    (is_value && like_date && word.len() <= 40).then_some((word, start..end))
}

/// The words and the advice for the commonest mistakes; else the parser's words.
fn toml_words<'m>(text: &str, offset: usize, message: &'m str) -> (&'m str, Option<&'static str>) {
    let line_start = text[..offset].rfind('\n').map_or(0, |i| i + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let before = text[line_start..offset].trim_end();
    let rest = text[offset..].lines().next().unwrap_or_default().trim();
    let colon = line.find(':').unwrap_or(usize::MAX);
    let equals = line.find('=').unwrap_or(usize::MAX);
    let is_word = |word: &str| word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if colon < equals && is_word(line[..colon].trim()) {
        ("`:` where TOML has `=`", Some("for YAML (`key: value`) write `---` above and below"))
    } else if before.ends_with('=') && (rest.is_empty() || rest.starts_with('#')) {
        ("a value is missing after `=`", None)
    } else if rest.starts_with(['“', '”', '„', '‘', '’']) && before.ends_with(['=', ',', '[']) {
        ("text has to be in straight quotes", Some("write `\"` instead of the typographic quotes"))
    } else if message.starts_with("string values must be quoted") || message.starts_with("invalid boolean") {
        ("text has to be in quotes", Some("put it into quotes: `\"…\"`"))
    } else {
        (message, None)
    }
}

// YAML.

/// A list or table that is not closed yet.
enum Open {
    List { items: Vec<Node>, span: Span },
    Table { table: Table, seen: HashMap<String, Span>, key: Key, span: Span },
}

/// Where a mapping stands.
enum Key {
    /// The next node is a key.
    Awaited,
    /// The next node is its value.
    Read(String, Span),
    /// The next node belongs to a key that cannot be used.
    Refused,
}

impl<'a> Reader<'a> {
    fn yaml(&mut self) -> Option<Node> {
        let mut options = granit_parser::Options::default();
        options.set_emit_comments(false);
        options.emit_unresolved_aliases = true;
        options.emit_anchor_events = true;
        let mut parser = Parser::new_from_str_with_options(self.text, options);
        let mut stack = Vec::new();
        let mut root = None;
        let _ = self.yaml_events(&mut parser, &mut stack, &mut root);
        // After an error: what was read so far.
        while let Some(open) = stack.pop() {
            let node = close(open);
            self.yaml_add(&mut stack, &mut root, Some(node), None);
        }
        root
    }

    fn yaml_events(
        &mut self,
        parser: &mut Parser<'a, StrInput<'a>>,
        stack: &mut Vec<Open>,
        root: &mut Option<Node>,
    ) -> Result<(), Stop> {
        let mut n_documents = 0;
        while let Some(next) = parser.next_event() {
            let (event, place) = match next {
                Ok(next) => next,
                Err(error) => {
                    let offset = error.marker().byte_offset().unwrap_or(0);
                    let problem = self.yaml_error(&error, offset);
                    self.report(problem);
                    return Err(Stop);
                }
            };
            let range = self.clamp(place.byte_range().unwrap_or_default());
            let span = self.span(range);
            if let Some(tag) = event.tag()
                && !tag.is_yaml_core_schema()
                && tag.original() != "!"
            {
                let message = format!("tags such as `{}` are not read", tag.original());
                let problem = self.error(message, span);
                self.report(problem);
            }
            match event {
                Event::Scalar(text, style, _, tag) => {
                    self.count(0, span)?;
                    let as_text = tag
                        .is_some_and(|tag| tag.is_yaml_core_schema_tag("str") || !tag.is_yaml_core_schema());
                    let value = if style == ScalarStyle::Plain && !as_text {
                        plain_scalar(&text)
                    } else {
                        Value::Text(text.clone().into_owned())
                    };
                    let plain = style == ScalarStyle::Plain;
                    self.yaml_add(stack, root, Some(Node { value, span }), Some((text, plain)));
                }
                Event::SequenceStart(..) => {
                    self.count(stack.len(), span)?;
                    stack.push(Open::List { items: Vec::new(), span });
                }
                Event::MappingStart(..) => {
                    self.count(stack.len(), span)?;
                    stack.push(Open::Table {
                        table: Table::default(),
                        seen: HashMap::new(),
                        key: Key::Awaited,
                        span,
                    });
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    if let Some(open) = stack.pop() {
                        let mut node = close(open);
                        // The end of a block is where the next thing starts.
                        let read = &self.text[..span.range().end - self.start];
                        let end = self.start + read.trim_end().len();
                        node.span.end = node.span.end.max(Span::at(end).end);
                        self.yaml_add(stack, root, Some(node), None);
                    }
                }
                Event::Anchor(_, name) => {
                    let problem = self
                        .error(format!("the anchor `&{name}` is not read"), span)
                        .hint("write the value out where it is needed");
                    self.report(problem);
                }
                Event::Alias(_) | Event::UnresolvedAlias(_) => {
                    self.count(0, span)?;
                    let alias = self.source.slice(span).to_owned();
                    let problem = self
                        .error(format!("the alias `{alias}` is not read"), span)
                        .hint("write the value out; quote text that starts with `*`");
                    self.report(problem);
                    self.yaml_add(stack, root, None, None);
                }
                Event::DocumentStart(..) => {
                    n_documents += 1;
                    if n_documents > 1 {
                        let problem = self.error("a second document starts here; one is read", span);
                        self.report(problem);
                        return Err(Stop);
                    }
                }
                // Nothing, and what later versions of the parser may add.
                _ => {}
            }
        }
        Ok(())
    }

    fn yaml_error(&self, error: &granit_parser::ScanError, offset: usize) -> Diagnostic {
        let range = self.clamp(offset..offset + 1);
        let message = error.info();
        let span = self.span(range.clone());
        if *error.kind() == ErrorKind::RecursionLimitExceeded {
            // The parser looks ahead, so its own bound may be met before ours.
            let message = format!("more than {} lists and tables inside each other", self.bounds.depth);
            return Diagnostic::error("too-deep", message).at(self.source, span);
        }
        let problem = self.error(message.lines().next().unwrap_or("not YAML"), span);
        let line_start = self.text[..range.start].rfind('\n').map_or(0, |i| i + 1);
        let line = self.text[line_start..].lines().next().unwrap_or_default();
        let indent = &line[..line.len() - line.trim_start().len()];
        if indent.contains('\t') {
            problem.hint("indent with spaces, not with tabs")
        } else if *error.kind() == ErrorKind::MappingValueNotAllowed {
            problem.hint("quote a text that holds `: `")
        } else if line.contains(['{', '[']) {
            problem.hint("quote a text that starts with `{` or `[`")
        } else {
            problem
        }
    }

    /// Puts a finished node where it belongs; `None` is one that was refused.
    /// `scalar` is a scalar's text and whether it is unquoted.
    fn yaml_add(
        &mut self,
        stack: &mut [Open],
        root: &mut Option<Node>,
        node: Option<Node>,
        scalar: Option<(Cow<'_, str>, bool)>,
    ) {
        let (table, seen, key) = match stack.last_mut() {
            None => {
                *root = node;
                return;
            }
            Some(Open::List { items, .. }) => {
                items.extend(node);
                return;
            }
            Some(Open::Table { table, seen, key, .. }) => (table, seen, key),
        };
        match std::mem::replace(key, Key::Awaited) {
            Key::Refused => {}
            Key::Read(name, key_span) => {
                if let Some(first) = seen.get(&name) {
                    let problem = self.duplicate(&name, Some(*first), key_span);
                    self.report(problem);
                } else {
                    seen.insert(name.clone(), key_span);
                    if let Some(node) = node {
                        table.entries.push(Entry { key: name, key_span, node });
                    }
                }
            }
            Key::Awaited => {
                *key = Key::Refused;
                match (node, scalar) {
                    (Some(node), Some((text, true))) if text == "<<" => {
                        let problem = self
                            .error("merge keys (`<<`) are not read", node.span)
                            .hint("write the keys out");
                        self.report(problem);
                    }
                    (Some(node), Some((text, true))) if text.is_empty() => {
                        let problem = self.error("a key is missing before `:`", node.span);
                        self.report(problem);
                    }
                    (Some(node), Some((text, _))) => *key = Key::Read(text.into_owned(), node.span),
                    (Some(node), None) => {
                        let message = format!("a key has to be text, found {}", node.value.kind());
                        let hint = "quote a text that starts with `{` or `[`";
                        let problem = self.error(message, node.span).hint(hint);
                        self.report(problem);
                    }
                    (None, _) => {}
                }
            }
        }
    }
}

fn close(open: Open) -> Node {
    match open {
        Open::List { items, span } => Node { value: Value::List(items), span },
        Open::Table { table, span, .. } => Node { value: Value::Table(table), span },
    }
}

/// An unquoted scalar by the core schema of YAML 1.2: `yes` and dates are text.
fn plain_scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Value::Text(text.to_owned());
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && !digits.starts_with(['+', '-'])
            && let Ok(integer) = i64::from_str_radix(digits, radix)
        {
            return Value::Integer(integer);
        }
    }
    if digits.bytes().all(|b| b.is_ascii_digit())
        && let Ok(integer) = text.parse()
    {
        return Value::Integer(integer);
    }
    let is_number = digits.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b))
        && digits.bytes().any(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(float) if is_number => Value::Float(float),
        _ => Value::Text(text.to_owned()),
    }
}
/// Whether two tables are the same to a template, which sees the order of keys
/// and the sign of a zero as well: equality of values knows neither.
pub fn is_same_to_templates(a: &Map<String, Json>, b: &Map<String, Json>) -> bool {
    let text = |map| serde_json::to_string(map).unwrap_or_default();
    a.len() == b.len() && (a.is_empty() || text(a) == text(b))
}
