//! Packages: which of those that code needs are there.
//!
//! In: an interpreter, names. Out: the names that it finds from a folder of its
//! own, with their versions as far as they are known. Packages of Node.js are
//! those of the project's `node_modules`, to which the folder has a link.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::interpreter::{Installed, Interpreter};
use super::sandbox::{Environment, Limits, Sandbox, Status};

/// Packages that were found, with what they are: their version, or nothing.
pub(super) type Packages = BTreeMap<(Interpreter, String), String>;

/// Prints a line for each name that can be imported, or that is the name of a
/// distribution: name, blank, version.
const IN_PYTHON: &str = "
import importlib.metadata as metadata, importlib.util as util, sys
def found(name):
    try: return util.find_spec(name) is not None
    except (ImportError, ValueError): return False
def version(name):
    names = [name]
    try: names += metadata.packages_distributions().get(name.split('.')[0], [])
    except Exception: pass
    for name in names:
        try: return metadata.version(name)
        except Exception: pass
for name in sys.argv[1:]:
    known = version(name)
    if known or found(name): print(name, known or '')
";

/// The same for packages of Node.js: what is asked for is the folder, since
/// not every package lets itself be resolved by `require`.
const IN_NODE: &str = "
const { createRequire, isBuiltin } = require('node:module');
const { existsSync, readFileSync } = require('node:fs');
const from = createRequire(process.cwd() + '/main.js');
for (const name of process.argv.slice(1)) {
    if (isBuiltin(name)) { console.log(name); continue; }
    const folder = (from.resolve.paths(name) ?? []).find((path) => existsSync(`${path}/${name}/package.json`));
    if (!folder) continue;
    console.log(name, JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')).version ?? '');
}
";

/// The same for programs that a shell finds.
const IN_SHELL: &str = "for name; do command -v \"$name\" >/dev/null && echo \"$name\"; done; true";

/// Asks an interpreter for all names at once.
pub(super) fn find(
    interpreter: Interpreter,
    installed: &Installed,
    names: &[String],
    sandbox: &Sandbox,
    root: &Path,
) -> Packages {
    let question: &[&str] = match interpreter {
        Interpreter::Python => &["-c", IN_PYTHON],
        Interpreter::Node => &["-e", IN_NODE, "--"],
        Interpreter::Sh | Interpreter::Bash => &["-c", IN_SHELL, "juxta"],
    };
    let words: Vec<String> =
        question.iter().copied().chain(names.iter().map(String::as_str)).map(str::to_owned).collect();
    let limits = Limits {
        time: Duration::from_secs(20),
        output: 1 << 16,
        memory: false,
        environment: Environment::Bare,
    };
    let ended = sandbox.folder().and_then(|folder| {
        folder.link(interpreter, root)?;
        sandbox.run(&installed.path, &words, folder.path(), &limits)
    });
    let Ok(ended) = ended else { return Packages::new() };
    if ended.status != Status::Code(0) {
        return Packages::new();
    }
    let answer = String::from_utf8_lossy(&ended.stdout);
    let lines = answer.lines().map(|line| line.split_once(' ').unwrap_or((line, "")));
    lines.map(|(name, version)| ((interpreter, name.to_owned()), version.to_owned())).collect()
}
