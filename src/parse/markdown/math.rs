//! Math: LaTeX to MathML.
//!
//! In: the text between dollar signs. Out: MathML, or why there is none. Must
//! not know where the formula stands.

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser, Storage, push_mathml};

/// Longest formula, in bytes: the converter is not ours, so it gets no input
/// that no author writes.
const LONGEST: usize = 16 * 1024;

/// Deepest braces.
const DEEPEST: usize = 100;

/// Appends the MathML of `latex`; on an error nothing is appended.
pub(super) fn convert(out: &mut String, latex: &str, display: bool) -> Result<(), String> {
    if latex.len() > LONGEST {
        return Err(format!("a formula may have {LONGEST} bytes, this one has {}", latex.len()));
    }
    if depth(latex) > DEEPEST {
        return Err(format!("braces are nested more than {DEEPEST} deep"));
    }
    let storage = Storage::new();
    let events: Result<Vec<_>, _> = Parser::new(latex, &storage).collect();
    let events = events.map_err(|error| first_line(&error.to_string()))?;
    // Readers that are programs, and who copies a formula, get what was written.
    let source = latex.trim().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut config = RenderConfig::with_annotation(&source);
    if display {
        config.display_mode = DisplayMode::Block;
    }
    let mut mathml = String::with_capacity(latex.len() * 8);
    let events = events.into_iter().map(Ok::<_, pulldown_latex::ParserError>);
    push_mathml(&mut mathml, events, config).map_err(|error| error.to_string())?;
    escape_signs(out, &mathml);
    Ok(())
}

/// The converter writes `<` and `&` that are operators as they are. Where a
/// sign of its own starts a tag or a reference, a name follows.
fn escape_signs(out: &mut String, mathml: &str) {
    let mut rest = mathml;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        let (sign, behind) = rest[at..].split_at(1);
        let starts_name = |c: char| c.is_ascii_alphabetic() || c == '/' && sign == "<" || c == '#';
        out.push_str(match sign {
            _ if behind.starts_with(starts_name) => sign,
            "<" => "&lt;",
            _ => "&amp;",
        });
        rest = behind;
    }
    out.push_str(rest);
}

fn depth(latex: &str) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for byte in latex.bytes() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    // `\left`, `\begin` and `^` nest too, each at the cost of a byte at least.
    deepest.max(latex.matches("\\left").count()).max(latex.matches("\\begin").count())
}

/// The converter draws the place of an error below its message; ours is a span.
fn first_line(message: &str) -> String {
    let line = message.lines().find(|line| !line.trim().is_empty()).unwrap_or("not valid LaTeX");
    line.trim().trim_start_matches("parsing error: ").trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_becomes_mathml_and_a_broken_one_a_message() {
        let mut out = String::new();
        assert_eq!(convert(&mut out, "x^2", false), Ok(()));
        assert!(out.starts_with("<math") && out.contains("<msup>"), "{out}");
        assert!(convert(&mut out, "a < b > c", false).is_ok());
        assert!(out.contains("&lt;</mo>"), "{out}");
        let length = out.len();
        assert!(convert(&mut out, "\\frac{", false).is_err());
        assert_eq!(out.len(), length);
    }
}
