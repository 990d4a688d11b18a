//! Whole builds of small sites, in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use juxta::base::diagnostic::{Diagnostic, Severity};
use juxta::base::source::Source;
use juxta::build::{Options, Sink, build};
use juxta::config::{self, Config, Dialect};
use juxta::read::files::MemoryFiles;
use juxta::render::Rendered;
use juxta::render::shared::SharedFiles;

/// Outputs by path.
pub(crate) type Outputs = BTreeMap<String, Arc<[u8]>>;

/// What a build gave.
pub(crate) struct Outcome {
    pub(crate) outputs: Outputs,
    pub(crate) problems: Vec<Diagnostic>,
}

impl Outcome {
    /// The codes of all errors, sorted, each once.
    pub(crate) fn errors(&self) -> Vec<&'static str> {
        let errors = self.problems.iter().filter(|problem| problem.severity == Severity::Error);
        let mut codes: Vec<_> = errors.map(|problem| problem.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// All problems, one a line.
    pub(crate) fn told(&self) -> String {
        juxta::report::render(&self.problems, juxta::report::Format::Short, false)
    }

    pub(crate) fn text(&self, output: &str) -> &str {
        let bytes = self.outputs.get(output).unwrap_or_else(|| panic!("no {output}\n{}", self.told()));
        std::str::from_utf8(bytes).unwrap()
    }
}

#[derive(Default)]
struct Collect(Mutex<Outputs>);

impl Sink for Collect {
    fn accept(&self, rendered: &Rendered) -> Result<(), Diagnostic> {
        self.0.lock().unwrap().insert(rendered.output.to_string(), Arc::clone(&rendered.bytes));
        Ok(())
    }
}

/// The configuration in `juxta.toml`, or the default one.
pub(crate) fn config_of(text: Option<&str>) -> (Config, Vec<Diagnostic>) {
    match text {
        Some(text) => config::read(&Source::new("juxta.toml", text), Dialect::Juxta),
        None => (Config::default(), Vec::new()),
    }
}

/// Builds from any files.
pub(crate) fn build_from(files: &SharedFiles, config: &Config) -> Outcome {
    let collect = Collect::default();
    let built = build(files, config, &Options::default(), None, &collect);
    Outcome { outputs: collect.0.into_inner().unwrap(), problems: built.problems }
}

/// Builds from pairs of path and text.
pub(crate) fn build_site<P: AsRef<str>, T: AsRef<[u8]>>(files: &[(P, T)]) -> Outcome {
    let config = files.iter().find(|(path, _)| path.as_ref() == "juxta.toml");
    let config = config.map(|(_, text)| std::str::from_utf8(text.as_ref()).unwrap());
    let (config, problems) = config_of(config);
    let files = MemoryFiles::new(files.iter().map(|(path, text)| (path.as_ref(), text.as_ref())));
    let mut outcome = build_from(&(Arc::new(files) as SharedFiles), &config);
    outcome.problems.extend(problems);
    outcome
}
