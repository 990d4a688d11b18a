//! Data files: what `load_data` gives to templates.
//!
//! In: the bytes of a file and its format. Out: a JSON value, or the first
//! problem with its place. Depth and number of values are bounded, nothing is
//! unpacked or followed. Must not know where the bytes are from.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value, json};

use crate::base::decode::{BOM, decode};
use crate::base::diagnostic::Diagnostic;
use crate::base::records;
use crate::base::source::{Source, Span};
use crate::base::table::{self, Bounds, Format};

/// The notation of a data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataFormat {
    /// TOML 1.0.
    Toml,
    /// JSON (RFC 8259).
    Json,
    /// YAML 1.2 without anchors and aliases.
    Yaml,
    /// Comma-separated values with a line of headers (RFC 4180).
    Csv,
    /// Text as it is.
    Plain,
    /// Known by name, and not read.
    Xml,
    /// Known by name, and not read.
    Bibtex,
}

impl DataFormat {
    /// Names that can be given as `format`.
    pub const NAMES: [&str; 5] = ["toml", "json", "yaml", "csv", "plain"];

    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "toml" => Self::Toml,
            "json" => Self::Json,
            "yaml" | "yml" => Self::Yaml,
            "csv" => Self::Csv,
            "plain" | "txt" => Self::Plain,
            "xml" => Self::Xml,
            "bibtex" | "bib" => Self::Bibtex,
            _ => return None,
        })
    }

    /// The format of a file by what follows the last dot of its name; plain
    /// when that says nothing.
    pub fn of_path(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or_default();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        Self::named(&extension.to_ascii_lowercase()).unwrap_or(Self::Plain)
    }
}

/// Reads a data file; `path` is project-relative. A table of comma-separated
/// values becomes `{"headers": […], "records": [[…], …]}`, all of them strings.
///
/// Problems: `invalid-utf8`, `bad-data` (with its place), `too-deep`,
/// `too-many-values`, `duplicate-key`, `unsupported-format`.
pub fn parse_data(bytes: &[u8], format: DataFormat, path: &str) -> Result<Value, Diagnostic> {
    let source = match format {
        DataFormat::Xml | DataFormat::Bibtex => return Err(refused(format, path)),
        DataFormat::Toml | DataFormat::Json | DataFormat::Yaml | DataFormat::Csv | DataFormat::Plain => {
            Source::new(path, decode(bytes, path)?)
        }
    };
    let start = if source.text.starts_with(BOM) { BOM.len() } else { 0 };
    match format {
        DataFormat::Toml => tree(&source, start, Format::Toml),
        DataFormat::Yaml => tree(&source, start, Format::Yaml),
        DataFormat::Json => json(&source, start),
        DataFormat::Csv => csv(&source, start),
        DataFormat::Plain | DataFormat::Xml | DataFormat::Bibtex => Ok(Value::from(&source.text[start..])),
    }
}

fn refused(format: DataFormat, path: &str) -> Diagnostic {
    let (name, hint) = match format {
        DataFormat::Bibtex => ("BibTeX", "export the entries as JSON or YAML (CSL)"),
        _ => ("XML", "convert it to JSON; with `format = \"plain\"` its text is read as it is"),
    };
    Diagnostic::error("unsupported-format", format!("{name} is not read")).in_file(path).hint(hint)
}

fn tree(source: &Arc<Source>, start: usize, format: Format) -> Result<Value, Diagnostic> {
    let (node, problems) = table::read_value(source, start..source.text.len(), format, Bounds::DATA);
    match problems.into_iter().next() {
        None => Ok(node.map_or(Value::Null, |node| node.value.to_json())),
        Some(mut problem) => {
            if ["bad-toml", "bad-yaml", "bad-date"].contains(&problem.code) {
                problem.code = "bad-data";
                problem.message = format!("not {}: {}", format.name(), problem.message);
            }
            Err(problem)
        }
    }
}

fn json(source: &Arc<Source>, start: usize) -> Result<Value, Diagnostic> {
    let text = &source.text[start..];
    bounded(source, start, Bounds::DATA)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // `bounded` has seen to the depth.
    let value = Unique.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|error| {
        let line_start = source.line_span(error.line()).start as usize;
        let line_start = line_start.max(start);
        // The column counts bytes from 1 and points at the last byte read.
        let offset = (line_start + error.column().saturating_sub(1)).min(source.text.len());
        let words = error.to_string();
        let message = words.rsplit_once(" at line ").map_or(words.as_str(), |(message, _)| message);
        let span = Span::from(source.clamp(Span::new(offset, offset + 1)));
        if message.ends_with("is given twice") {
            Diagnostic::error("duplicate-key", message).at(source, span)
        } else {
            Diagnostic::error("bad-data", format!("not JSON: {message}")).at(source, span)
        }
    })
}

/// Checks depth and number of values of a JSON text before it is read.
fn bounded(source: &Arc<Source>, start: usize, bounds: Bounds) -> Result<(), Diagnostic> {
    let mut depth = 0_usize;
    let mut n_values = 1_usize;
    let mut in_string = false;
    let mut escaped = false;
    for (i, byte) in source.text.bytes().enumerate().skip(start) {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = byte == b'\\' && !escaped;
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                n_values += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => n_values += 1,
            _ => {}
        }
        // The outermost list or table has depth 0.
        let problem = if depth > bounds.depth + 1 {
            let message = format!("more than {} lists and tables inside each other", bounds.depth);
            Diagnostic::error("too-deep", message)
        } else if n_values > bounds.values {
            Diagnostic::error("too-many-values", format!("more than {} values", bounds.values))
        } else {
            continue;
        };
        return Err(problem.at(source, Span::new(i, i + 1)));
    }
    Ok(())
}

/// Reads a JSON value in which no key stands twice in one object.
#[derive(Clone, Copy)]
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(de::Error::custom(format!("`{key}` is given twice")));
            }
            object.insert(key, entries.next_value_seed(self)?);
        }
        Ok(Value::Object(object))
    }
}

fn csv(source: &Arc<Source>, start: usize) -> Result<Value, Diagnostic> {
    let records::Records { head, records } = records::read(source, start)?;
    let records: Vec<Vec<String>> = records.into_iter().map(|(record, _)| record).collect();
    Ok(json!({ "headers": head, "records": records }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &str) {
        let found = match parse_data(text.as_bytes(), DataFormat::of_path(path), path) {
            Ok(value) => value.to_string(),
            Err(problem) => match problem.labels.first() {
                Some(label) => {
                    let (line, column) = label.source.line_column(label.span.start as usize);
                    format!("{line}:{column} {} {}", problem.code, problem.message)
                }
                None => format!("{} {}", problem.code, problem.message),
            },
        };
        assert_eq!(found, expected, "{path}: {text}");
    }

    #[test]
    fn each_format_becomes_json_or_a_problem_with_its_place() {
        check("a.json", r#"{"b":[1,2.5,null,true,"x"]}"#, r#"{"b":[1,2.5,null,true,"x"]}"#);
        check("a.json", "\u{feff}[1]", "[1]");
        check("a.json", "{\"a\": 1,\n  \"b\" 2}", "2:7 bad-data not JSON: expected `:`");
        check("a.json", "[1] x", "1:5 bad-data not JSON: trailing characters");
        check("a.json", "", "1:1 bad-data not JSON: EOF while parsing a value");
        check("a.json", r#"{"a":1,"a":2}"#, "1:10 duplicate-key `a` is given twice");
        check("a.json", r#"["]]]]", "\\"]"#, r#"["]]]]","\\"]"#);
        check("a.toml", "d = 2026-08-01\nx.y = [1]\n", r#"{"d":"2026-08-01","x":{"y":[1]}}"#);
        check("a.toml", "a = 1\na = 2\n", "2:1 duplicate-key `a` is given twice");
        check("a.toml", "a = 1\nb =\n", "2:4 bad-data not TOML: a value is missing after `=`");
        check("a.yaml", "- a\n- b: 1\n", r#"["a",{"b":1}]"#);
        check("a.yml", "\u{feff}a: ~\n", r#"{"a":null}"#);
        check("a.yaml", "", "null");
        check("a.yaml", "a: &x [1]\nb: *x\n", "1:4 bad-data not YAML: the anchor `&x` is not read");
        check("a.csv", "n,v\na,1\n\"b,c\",2\n", r#"{"headers":["n","v"],"records":[["a","1"],["b,c","2"]]}"#);
        check("a.csv", "\u{feff}n\n", r#"{"headers":["n"],"records":[]}"#);
        check("a.csv", "n,v\na,1\nb\n", "3:1 bad-data this record has 1 fields, the headers have 2");
        check("a.txt", "\u{feff}as it\nis", r#""as it\nis""#);
        check("LICENSE", "x", r#""x""#);
        check("a.xml", "<a/>", "unsupported-format XML is not read");
        check("a.bib", "@book{}", "unsupported-format BibTeX is not read");
    }

    #[test]
    fn bounds_hold_in_every_format() {
        let deep = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
        assert!(parse_data(deep(65).as_bytes(), DataFormat::Json, "a").is_ok());
        assert!(parse_data(deep(65).as_bytes(), DataFormat::Yaml, "a").is_ok());
        for n in [66, 10_000, 1_000_000] {
            for format in [DataFormat::Json, DataFormat::Yaml] {
                assert_eq!(parse_data(deep(n).as_bytes(), format, "a").unwrap_err().code, "too-deep", "{n}");
            }
        }
        for n in [66, 79, 200, 10_000] {
            let text = format!("a = {}", deep(n));
            assert_eq!(
                parse_data(text.as_bytes(), DataFormat::Toml, "a").unwrap_err().code,
                "too-deep",
                "{n}"
            );
            let text = format!("a{} = 1", ".a".repeat(n));
            assert_eq!(
                parse_data(text.as_bytes(), DataFormat::Toml, "a").unwrap_err().code,
                "too-deep",
                "{n}"
            );
        }
        let many = format!("[{}1]", "1,".repeat(2_000_000));
        assert_eq!(parse_data(many.as_bytes(), DataFormat::Json, "a").unwrap_err().code, "too-many-values");
        assert_eq!(parse_data(b"\xff", DataFormat::Json, "a").unwrap_err().code, "invalid-utf8");
    }
}
