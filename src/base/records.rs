//! Records: CSV text as rows with their places, and rows as CSV text.
//!
//! In: a source, or rows. Out: the head and the records, each with the line it
//! stands on, or the one problem that stopped the reading; text. Must not know
//! what a column means.

use std::sync::Arc;

use super::diagnostic::Diagnostic;
use super::source::{Source, Span};
use super::table::Bounds;

/// What a CSV text holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// The first record.
    pub head: Vec<String>,
    /// The others, each with its first line.
    pub records: Vec<(Vec<String>, Span)>,
}

/// Reads the text from byte `start` on. Problems: `bad-data`,
/// `too-many-values`.
pub fn read(source: &Arc<Source>, start: usize) -> Result<Records, Diagnostic> {
    let mut reader = csv::ReaderBuilder::new().from_reader(&source.text.as_bytes()[start..]);
    let line_of = |position: Option<&csv::Position>| {
        let offset = position.map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
        let offset = (start + offset).min(source.text.len());
        // A record's position can be the line end before it.
        let blanks =
            source.text[offset..].len() - source.text[offset..].trim_start_matches(['\n', '\r']).len();
        source.line_span(source.line_column(offset + blanks).0)
    };
    let problem = |error: &csv::Error| {
        let message = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("this record has {len} fields, the headers have {expected_len}")
            }
            _ => format!("not CSV: {error}"),
        };
        Diagnostic::error("bad-data", message).at(source, line_of(error.position()))
    };
    let head: Vec<String> =
        reader.headers().map_err(|error| problem(&error))?.iter().map(str::to_owned).collect();
    let mut n_values = head.len();
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| problem(&error))?;
        let line = line_of(record.position());
        n_values += record.len() + 1;
        if n_values > Bounds::DATA.values {
            let message = format!("more than {} values", Bounds::DATA.values);
            return Err(Diagnostic::error("too-many-values", message).at(source, line));
        }
        records.push((record.iter().map(str::to_owned).collect(), line));
    }
    Ok(Records { head, records })
}

/// Writes rows; all have as many cells as the first.
pub fn write(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        let written = writer.write_record(row);
        debug_assert!(written.is_ok(), "memory takes everything");
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}
