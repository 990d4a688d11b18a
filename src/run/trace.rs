//! Trace: where a program failed, and why, from what it wrote.
//!
//! In: standard error of a program, the names of its unit's files. Out: a file
//! and a line of it, one line with the reason, and the last lines.

use std::path::Path;

use regex::Regex;

use super::interpreter::Interpreter;

/// Lines that are shown.
const LAST_LINES: usize = 5;

/// What is known about a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trace {
    /// A file's name, and a line of it from 1.
    pub(super) place: Option<(String, usize)>,
    /// One line; may be empty.
    pub(super) reason: String,
    /// The last lines, without those that concern the interpreter alone.
    pub(super) last_lines: Vec<String>,
}

/// Reads standard error.
pub(super) fn read(errors: &str, interpreter: Interpreter, folder: &Path, names: &[&str]) -> Trace {
    let folder = folder.to_string_lossy();
    let errors = errors.replace(&format!("file://{folder}/"), "").replace(&format!("{folder}/"), "");
    let lines: Vec<&str> = errors.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let is_noise = |line: &str| {
        line.starts_with("Node.js v") || line.contains("(node:internal") || line.contains("at node:internal")
    };
    let telling: Vec<&str> = lines.iter().copied().filter(|line| !is_noise(line)).collect();
    let place = place(&lines, interpreter, names);
    let reason = reason(&telling, interpreter).trim();
    // With a mark in the page, marks in the text say nothing.
    let is_told = |line: &str| {
        place.is_some() && (line.trim() == reason || line.trim().chars().all(|c| "^~ ".contains(c)))
    };
    let left: Vec<&str> = telling.iter().map(|line| line.trim()).filter(|line| !is_told(line)).collect();
    let last = left[left.len().saturating_sub(LAST_LINES)..].iter();
    Trace { place, reason: reason.to_owned(), last_lines: last.map(|line| (*line).to_owned()).collect() }
}

/// A place in one of the files: the first one that Node or a shell names, the
/// last one that Python does.
fn place(lines: &[&str], interpreter: Interpreter, names: &[&str]) -> Option<(String, usize)> {
    let mut found: Option<(usize, String, usize)> = None;
    for name in names {
        let file = regex::escape(name);
        let pattern = match interpreter {
            Interpreter::Node => format!(r"(?:^|[\s(/]){file}:(\d+)"),
            Interpreter::Python => format!(r#"File "{file}", line (\d+)"#),
            Interpreter::Sh | Interpreter::Bash => format!(r"^{file}: (?:line )?(\d+)"),
        };
        let Ok(pattern) = Regex::new(&pattern) else { continue };
        for (at, line) in lines.iter().enumerate() {
            let Some(number) = pattern.captures(line).and_then(|found| found.get(1)) else { continue };
            let Ok(number) = number.as_str().parse::<usize>() else { continue };
            let rank = if interpreter == Interpreter::Python { lines.len() - at } else { at };
            if found.as_ref().is_none_or(|(best, ..)| rank < *best) {
                found = Some((rank, (*name).to_owned(), number));
            }
        }
    }
    found.map(|(_, name, line)| (name, line))
}

fn reason<'a>(lines: &[&'a str], interpreter: Interpreter) -> &'a str {
    let error = |line: &&&str| {
        let word = line.split([':', ' ', '[']).next().unwrap_or("");
        word.ends_with("Error") || word.ends_with("Exception")
    };
    let last = lines.last().copied().unwrap_or("");
    match interpreter {
        Interpreter::Node => lines.iter().find(error).copied().unwrap_or(last),
        Interpreter::Python => lines.iter().rev().find(error).copied().unwrap_or(last),
        Interpreter::Sh | Interpreter::Bash => last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_in_tmp(errors: &str, interpreter: Interpreter) -> (Option<(String, usize)>, String) {
        let trace = read(errors, interpreter, Path::new("/tmp/x"), &["a.mjs", "lib/b.py", "snippet-1.sh"]);
        (trace.place, trace.reason)
    }

    #[test]
    fn the_line_is_found_in_traces() {
        let node = "file:///tmp/x/a.mjs:3\nthrow new Error(\"no\");\n      ^\n\nError: no\n    at file:///tmp/x/a.mjs:3:7\n    at ModuleJob.run (node:internal/modules/esm/module_job:263:25)\n\nNode.js v20.20.2\n";
        assert_eq!(
            read_in_tmp(node, Interpreter::Node),
            (Some(("a.mjs".to_owned(), 3)), "Error: no".to_owned())
        );
        let python = "Traceback (most recent call last):\n  File \"/tmp/x/lib/b.py\", line 9, in <module>\n    f()\n  File \"/tmp/x/lib/b.py\", line 2, in f\n    return 1 / 0\n           ~~^~~\nZeroDivisionError: division by zero\n";
        let expected = (Some(("lib/b.py".to_owned(), 2)), "ZeroDivisionError: division by zero".to_owned());
        assert_eq!(read_in_tmp(python, Interpreter::Python), expected);
        let shell = "snippet-1.sh: 2: nothing: not found\n";
        let expected =
            (Some(("snippet-1.sh".to_owned(), 2)), "snippet-1.sh: 2: nothing: not found".to_owned());
        assert_eq!(read_in_tmp(shell, Interpreter::Sh), expected);
        assert_eq!(read_in_tmp("", Interpreter::Sh), (None, String::new()));
    }
}
