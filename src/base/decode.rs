//! Bytes to text.
//!
//! In: the bytes of a file. Out: the same bytes as text, or one problem that
//! names the file, the byte and the encoding they are probably in. A byte order
//! mark stays in the text so that offsets in it are offsets in the file; who
//! reads the text skips it. Must not know what the text means.

use super::diagnostic::Diagnostic;
use super::source::{Source, Span};

/// The UTF-8 byte order mark, as it stands in a decoded text.
pub const BOM: &str = "\u{feff}";

/// The bytes as text, or `invalid-utf8`: the message has the byte offset,
/// the hint a guess at the encoding. `path` is project-relative.
pub fn decode(bytes: &[u8], path: &str) -> Result<String, Diagnostic> {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(text.to_owned()),
        Err(error) => error,
    };
    let offset = error.valid_up_to();
    let byte = bytes.get(offset).copied().unwrap_or_default();
    let message = format!("not UTF-8 text: byte 0x{byte:02X} at offset {offset}");
    // Shown as far as it can be read; the bad byte is a replacement character.
    let source = Source::new(path, String::from_utf8_lossy(bytes));
    let end = source.text[offset..].chars().next().map_or(offset, |c| offset + c.len_utf8());
    let problem = Diagnostic::error("invalid-utf8", message).at(&source, Span::new(offset, end));
    Err(problem.hint(guess(bytes, offset, error.error_len().is_none())))
}

/// What the bytes probably are, as advice. `offset` is the first bad byte.
fn guess(bytes: &[u8], offset: usize, truncated: bool) -> String {
    let save = "save it as UTF-8 in your editor";
    let sample = &bytes[..bytes.len().min(4096)];
    let n_zeros = sample.iter().filter(|&&b| b == 0).count();
    match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
            format!("the file starts with a UTF-16 byte order mark: {save}")
        }
        _ if n_zeros * 4 > sample.len() => format!("this looks like UTF-16 or a binary file: {save}"),
        _ if n_zeros > 0 => "this looks like a binary file".to_owned(),
        _ if truncated => "the file ends in the middle of a character: it may have been cut off".to_owned(),
        _ if bytes[offset..].starts_with(&[0xED]) => {
            format!("half of a UTF-16 surrogate pair was encoded on its own: {save}")
        }
        _ => {
            // Every byte is a character in Latin-1, so show which one it would be.
            let byte = bytes.get(offset).copied().unwrap_or_default();
            let character = char::from(byte);
            if character.is_control() {
                format!("this looks like Windows-1252 text: {save}")
            } else {
                format!(
                    "this looks like Latin-1 or Windows-1252 text, where the byte is `{character}`: {save}"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_bytes_are_told_with_offset_line_and_guess() {
        for (bytes, expected) in [
            (&b"plain"[..], "text 5"),
            (b"", "text 0"),
            (b"\xEF\xBB\xBFbom", "text 6"),
            (b"nul\0", "text 4"),
            (b"\xFF\xFEa\0", "byte 0xFF at offset 0 | UTF-16 byte order mark"),
            (b"\xFE\xFF\0a", "byte 0xFE at offset 0 | UTF-16 byte order mark"),
            (b"a\ncaf\xE9 au lait", "byte 0xE9 at offset 5 | `é`"),
            (b"\x93quoted\x94", "byte 0x93 at offset 0 | Windows-1252"),
            (b"x\xED\xA0\x80y", "byte 0xED at offset 1 | surrogate"),
            (b"cut \xE2\x82", "byte 0xE2 at offset 4 | cut off"),
            (b"\x89PNG\r\n\x1a\n\0xxxxxxxxxxxxxx", "byte 0x89 at offset 0 | binary"),
            (b"overlong \xC0\xAF", "byte 0xC0 at offset 9 | `À`"),
        ] {
            match (decode(bytes, "content/a.md"), expected.split_once(" | ")) {
                (Ok(text), _) => assert_eq!(format!("text {}", text.len()), expected),
                (Err(problem), Some((message, hint))) => {
                    assert_eq!(problem.message, format!("not UTF-8 text: {message}"));
                    assert!(problem.hints[0].contains(hint), "{:?}", problem.hints);
                    assert_eq!(problem.labels[0].source.path, "content/a.md");
                }
                (Err(problem), None) => panic!("{problem:?}"),
            }
        }
    }
}
