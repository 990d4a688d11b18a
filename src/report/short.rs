//! One line a problem, for editors and `grep`.
//!
//! In: sorted problems. Out: `path:line:column: error[code]: message`.

use crate::base::diagnostic::{Diagnostic, Severity};

use super::{Place, one_line};

pub(super) fn render(diagnostics: &[&Diagnostic], colour: bool) -> String {
    diagnostics.iter().map(|diagnostic| line(diagnostic, colour)).collect()
}

fn line(diagnostic: &Diagnostic, colour: bool) -> String {
    let Diagnostic { code, severity, message, labels, path, hints: _ } = diagnostic;
    let place = match (labels.first(), path) {
        (Some(label), _) => {
            let place = Place::of(label);
            format!("{}:{}:{}: ", one_line(&label.source.path), place.line, place.column)
        }
        (None, Some(path)) => format!("{}: ", one_line(path)),
        (None, None) => String::new(),
    };
    let word = severity.word();
    let head = if colour {
        let number = match severity {
            Severity::Error => 31,
            Severity::Warning => 33,
            Severity::Note => 32,
        };
        format!("\x1b[1;{number}m{word}[{code}]\x1b[0m")
    } else {
        format!("{word}[{code}]")
    };
    format!("{place}{head}: {}\n", one_line(message))
}
