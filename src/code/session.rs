//! Sessions: what a terminal showed, taken apart.
//!
//! In: the lines of a block. Out: which bytes are a prompt, a command or
//! output, so that readers copy commands alone. Must not know HTML and not what
//! a command means.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::draft::Line;

/// What a part of a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// `$ `, with the line's end when no command follows.
    Prompt,
    /// What was typed, line end included.
    Command,
    /// What came back: whole lines.
    Output,
}

/// How a language's blocks look at a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Terminal {
    /// A session, with prompts and output.
    Session,
    /// Commands; a session when the first line has a prompt.
    Shell,
    /// A session of Python.
    Python,
}

/// The terminal of a language.
pub(super) fn terminal(language: &str) -> Option<Terminal> {
    Some(match language {
        "console" | "shell-session" | "shellsession" | "sh-session" | "terminal" => Terminal::Session,
        "sh" | "bash" | "zsh" | "fish" | "shell" | "nu" | "powershell" | "ps1" | "pwsh" | "bat" | "cmd" => {
            Terminal::Shell
        }
        "pycon" => Terminal::Python,
        _ => return None,
    })
}

/// The parts of a session, in order; none when no line has a prompt.
pub(super) fn parts(text: &str, lines: &[Line], terminal: Terminal) -> Vec<(Range<usize>, Part)> {
    static SHELL: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::unwrap_used, reason = "a constant, compiled by every test")]
        Regex::new(r"^(?:\([\w.-]+\) )?(?:[$%❯➜](?: |$)|PS(?: [^>\n]*)?>(?: |$)|[A-Z]:\\[^>\n]*>|[\w.-]+@[\w.-]+[^$#%>\n]*[$#%>](?: |$))").unwrap()
    });
    let prompt = |line: &str| match terminal {
        Terminal::Python => line.strip_prefix(">>>").map(|rest| 3 + usize::from(rest.starts_with(' '))),
        _ => SHELL.find(line).map(|found| found.end()),
    };
    let more = |line: &str| {
        let sign = if terminal == Terminal::Python { "..." } else { ">" };
        let rest = line.strip_prefix(sign)?;
        (rest.is_empty() || rest.starts_with(' ')).then(|| sign.len() + usize::from(!rest.is_empty()))
    };
    let bare = |line: &Line| text[line.range.clone()].trim_end_matches(['\n', '\r']);
    let first = lines.iter().find(|line| !bare(line).trim().is_empty());
    let starts_with_prompt = first.is_some_and(|line| prompt(bare(line)).is_some());
    let has_prompt = match terminal {
        Terminal::Shell => starts_with_prompt,
        _ => lines.iter().any(|line| prompt(bare(line)).is_some()),
    };
    if !has_prompt {
        return Vec::new();
    }
    let mut parts: Vec<(Range<usize>, Part)> = Vec::new();
    let mut goes_on = false;
    for line in lines {
        let written = bare(line);
        let length = match prompt(written) {
            Some(length) => Some(length),
            None if goes_on && terminal == Terminal::Python => more(written),
            None if goes_on => Some(more(written).unwrap_or(0)),
            None => None,
        };
        let Range { start, end } = line.range.clone();
        match length {
            Some(length) => {
                goes_on = terminal == Terminal::Python || written.ends_with(['\\', '`', '^']);
                if length > 0 {
                    parts.push((start..start + length, Part::Prompt));
                }
                parts.push((start + length..end, Part::Command));
            }
            None => {
                goes_on = false;
                match parts.last_mut() {
                    Some((range, Part::Output)) => range.end = end,
                    _ => parts.push((start..end, Part::Output)),
                }
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::draft::Draft;
    use super::*;

    fn read(text: &str, language: &str) -> String {
        let draft = Draft::new(text);
        let parts = parts(text, &draft.lines, terminal(language).unwrap());
        let sign = |part| match part {
            Part::Prompt => 'p',
            Part::Command => 'c',
            Part::Output => 'o',
        };
        parts.into_iter().map(|(range, part)| format!("{}:{}|", sign(part), &text[range])).collect()
    }

    #[test]
    fn prompts_commands_and_output_are_told_apart() {
        assert_eq!(
            read("$ ls \\\n>  -l\na\nb\n$ pwd\n", "console"),
            "p:$ |c:ls \\\n|p:> |c: -l\n|o:a\nb\n|p:$ |c:pwd\n|"
        );
        assert_eq!(read("(venv) me@host:~/x$ a\n", "console"), "p:(venv) me@host:~/x$ |c:a\n|");
        assert_eq!(read("PS C:\\> dir\nx\n", "powershell"), "p:PS C:\\> |c:dir\n|o:x\n|");
        assert_eq!(read("npm ci\n$ x\n", "bash"), "");
        assert_eq!(read("echo $ x\n", "console"), "");
        assert_eq!(
            read(">>> def f():\n...     x\n...\n>>> f()\n1\n", "pycon"),
            "p:>>> |c:def f():\n|p:... |c:    x\n|p:...|c:\n|p:>>> |c:f()\n|o:1\n|"
        );
    }
}
