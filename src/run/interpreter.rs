//! Interpreters: which program runs a language, where it is, which version.
//!
//! In: words of authors, folders. Out: an [`Interpreter`], where it is
//! [`Installed`], and whether its version is what a fence [`Asked`] for.
#![expect(clippy::disallowed_methods, reason = "the edge where programs are looked for")]

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::sandbox::{Environment, Limits, Sandbox, Status};

/// Something that runs code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Interpreter {
    Node,
    Python,
    Sh,
    Bash,
}

/// Names that `run=` takes.
pub(super) const NAMES: &[(&str, Interpreter)] = &[
    ("node", Interpreter::Node),
    ("nodejs", Interpreter::Node),
    ("python", Interpreter::Python),
    ("python3", Interpreter::Python),
    ("sh", Interpreter::Sh),
    ("bash", Interpreter::Bash),
];

/// Node never waits for a pipe that is full: a loop that prints without end
/// would fill memory, not reach the limit of output. (`%3F` is `?`.)
const WAIT_FOR_PIPES: &str = "data:text/javascript,\
    for (const out of [process.stdout, process.stderr]) out._handle%3F.setBlocking%3F.(true)";

/// An interpreter on this machine.
#[derive(Debug, Clone)]
pub(super) struct Installed {
    pub(super) path: PathBuf,
    pub(super) version: Version,
}

impl Interpreter {
    /// What runs code of a language, if anything does.
    pub(super) fn of_language(language: &str) -> Option<Self> {
        match language {
            "js" | "javascript" | "mjs" | "cjs" | "node" | "nodejs" | "ts" | "typescript" | "mts" | "cts" => {
                Some(Self::Node)
            }
            "py" | "python" | "python3" | "py3" => Some(Self::Python),
            "sh" | "shell" => Some(Self::Sh),
            "bash" => Some(Self::Bash),
            _ => None,
        }
    }

    /// By a name of [`NAMES`].
    pub(super) fn of_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, interpreter)| *interpreter)
    }

    /// The program's name.
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python3",
            Self::Sh => "sh",
            Self::Bash => "bash",
        }
    }

    /// Arguments before those of the author.
    pub(super) fn arguments(self, version: &Version) -> Vec<String> {
        match self {
            Self::Node => {
                // It reserves far more memory than it uses: what it uses is limited.
                let mut arguments = vec!["--max-old-space-size=512".to_owned()];
                if version.numbers >= vec![18, 19] {
                    arguments.extend(["--import".to_owned(), WAIT_FOR_PIPES.to_owned()]);
                }
                arguments
            }
            Self::Python | Self::Sh | Self::Bash => Vec::new(),
        }
    }

    /// Versions that can run a file of that name.
    pub(super) fn needed_for(self, file: &str) -> Vec<Asked> {
        let is_typed = [".ts", ".mts", ".cts"].iter().any(|end| file.ends_with(end));
        // Older ones do not strip types.
        if self == Self::Node && is_typed { Asked::read(">=22.18").into_iter().collect() } else { Vec::new() }
    }

    /// Whether memory is limited by what is reserved.
    pub(super) fn limits_address_space(self) -> bool {
        self != Self::Node
    }

    /// A line of code that prints [`mark`](super::page::MARK) and a number.
    pub(super) fn print_mark(self, number: usize) -> String {
        match self {
            Self::Node => format!("console.log(\"\\u001ejuxta {number}\\u001e\");\n"),
            Self::Python => format!("print(\"\\x1ejuxta {number}\\x1e\", flush=True)\n"),
            Self::Sh | Self::Bash => format!("printf '\\036juxta {number}\\036\\n'\n"),
        }
    }

    /// The extension of a file without a name of its own.
    pub(super) fn extension(self, language: &str, code: &str) -> &'static str {
        match (self, language) {
            (Self::Python, _) => "py",
            (Self::Sh | Self::Bash, _) => "sh",
            (Self::Node, "ts" | "typescript" | "mts") => "mts",
            (Self::Node, "cts") => "cts",
            (Self::Node, "cjs") => "cjs",
            (Self::Node, "mjs") => "mjs",
            (Self::Node, _) if !is_module(code) && is_common_js(code) => "cjs",
            (Self::Node, _) => "mjs",
        }
    }

    /// Looks in the folders, and asks for the version. `root` is where it is
    /// asked: what stands for several versions may choose by that.
    pub(super) fn find(self, search: &[PathBuf], root: &Path, sandbox: &Sandbox) -> Option<Installed> {
        let path = find_program(self.program(), search)?;
        let question: &[&str] = match self {
            Self::Node => &["--print", "process.version + '\\n' + process.execPath"],
            Self::Python => {
                &["-I", "-c", "import sys; print(sys.version.split()[0], sys.executable, sep='\\n')"]
            }
            // Not every shell tells; which one it is says enough.
            Self::Sh | Self::Bash => {
                let real = std::fs::canonicalize(&path).ok()?;
                let text = real.file_name().map(|name| name.to_string_lossy().into_owned());
                let version = Version { numbers: Vec::new(), text: text.unwrap_or_default() };
                return Some(Installed { path, version });
            }
        };
        let question: Vec<String> = question.iter().map(|word| (*word).to_owned()).collect();
        let limits = Limits {
            time: Duration::from_secs(10),
            output: 1 << 12,
            memory: false,
            environment: Environment::Ours,
        };
        let ended = sandbox.run(&path, &question, root, &limits).ok()?;
        let answer = String::from_utf8(ended.stdout).ok().filter(|_| ended.status == Status::Code(0))?;
        let (version, real) = answer.split_once('\n')?;
        // The program itself, not what stands for it: code gets no environment
        // from which that could find it again.
        let real = PathBuf::from(real.trim_end());
        Some(Installed {
            path: if is_program(&real) { real } else { path },
            version: Version::read(version)?,
        })
    }
}

/// Whether code can only be a module.
pub(super) fn is_module(code: &str) -> bool {
    code.lines().any(|line| {
        let is = |word: &str| {
            line.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '{', '"', '\'', '*']))
        };
        is("import") || is("export") || line.starts_with("await ") || line.contains("import.meta")
    })
}

fn is_common_js(code: &str) -> bool {
    ["require(", "module.exports", "exports.", "__dirname", "__filename"]
        .iter()
        .any(|word| code.contains(word))
}

/// A program of that name in the first folder that has one.
pub(super) fn find_program(name: &str, search: &[PathBuf]) -> Option<PathBuf> {
    search
        .iter()
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|path| is_program(path))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.with_extension("exe").is_file()
}

/// A version, as far as it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    numbers: Vec<u32>,
    text: String,
}

impl Version {
    /// The first number with dots in a text: `v22.18.0`, `Python 3.13.0`.
    fn read(text: &str) -> Option<Self> {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let rest = &text[start..];
        let end = rest.find(|c: char| c.is_whitespace()).unwrap_or(rest.len());
        Some(Self { numbers: numbers(&rest[..end])?, text: rest[..end].to_owned() })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// `22.18.0` as numbers; what follows other signs (`3.14.0rc1`) is left out.
fn numbers(text: &str) -> Option<Vec<u32>> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let numbers: Option<Vec<u32>> =
        text[..end].trim_end_matches('.').split('.').map(|part| part.parse().ok()).collect();
    numbers.filter(|numbers| !numbers.is_empty())
}

/// Versions that a fence asks for: `>=22`, `>=3.12,<4`, `3.12`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    text: String,
    all: Vec<(Comparison, Vec<u32>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// These numbers come first.
    Is,
    AtLeast,
    Above,
    AtMost,
    Below,
}

impl Asked {
    /// Reads what a fence asks for.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut all = Vec::new();
        let glued = text.replace("= ", "=").replace("> ", ">").replace("< ", "<");
        for part in glued.split([',', ' ']).filter(|part| !part.is_empty()) {
            let signs = [
                (">=", Comparison::AtLeast),
                ("<=", Comparison::AtMost),
                ("==", Comparison::Is),
                (">", Comparison::Above),
                ("<", Comparison::Below),
                ("=", Comparison::Is),
            ];
            let found =
                signs.iter().find_map(|(sign, comparison)| Some((*comparison, part.strip_prefix(sign)?)));
            let (comparison, rest) = found.unwrap_or((Comparison::Is, part));
            let rest = rest.trim_start_matches('v');
            if rest.contains(|c: char| !c.is_ascii_digit() && c != '.') {
                return None;
            }
            all.push((comparison, numbers(rest)?));
        }
        (!all.is_empty()).then(|| Self { text: text.trim().to_owned(), all })
    }

    /// Whether a version is one of them. An interpreter without a number fits.
    pub(super) fn fits(&self, version: &Version) -> bool {
        version.numbers.is_empty()
            || self.all.iter().all(|(comparison, asked)| {
                // As many numbers as were asked for: 3.12.1 is not above 3.12.
                let mut has = version.numbers.clone();
                has.resize(asked.len(), 0);
                match comparison {
                    Comparison::Is => has == *asked,
                    Comparison::AtLeast => has >= *asked,
                    Comparison::Above => has > *asked,
                    Comparison::AtMost => has <= *asked,
                    Comparison::Below => has < *asked,
                }
            })
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (version, asked, fits) in [
            ("v22.18.0", ">=22", true),
            ("v22.18.0", ">=22.18", true),
            ("v20.20.2", ">=22", false),
            ("Python 3.11.7", ">=3.9,<3.12", true),
            ("Python 3.11.7", "3.11", true),
            ("Python 3.11.7", "==3.12", false),
            ("Python 3.11.7", "> 3.11", false),
            ("Python 3.14.0rc1", "<=3.14", true),
        ] {
            let version = Version::read(version).unwrap();
            assert_eq!(Asked::read(asked).unwrap().fits(&version), fits, "{version} {asked}");
        }
        assert_eq!(Asked::read("new"), None);
        assert_eq!(Asked::read(""), None);
    }
}
