//! Project: arguments, environment and configuration settled into what a build
//! needs.
//!
//! In: [`Arguments`]. Out: [`Project`]: the root, the configuration, the files,
//! the options; or why there is none. Must not build.
#![expect(clippy::disallowed_methods, reason = "the edge where environment and configuration are read")]

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Arguments, BuildArguments, Colour};
use super::history::{self, Unknown};
use super::{MACHINE, PROBLEMS, WRONG_USE};
use crate::base::decode::decode;
use crate::base::diagnostic::Diagnostic;
use crate::base::runs::{self, Runs};
use crate::base::source::Source;
use crate::build::{Built, Options};
use crate::config::{self, Config, Dialect};
use crate::model::assemble::{LastChanges, Selection};
use crate::publish::{Origin, Refusal, Target, judge};
use crate::read::disk::DiskFiles;
use crate::render::shared::SharedFiles;
use crate::report::{self, Format};

/// Names of the configuration, in the order they are looked for.
pub(super) const CONFIG_NAMES: [&str; 3] = ["juxta.toml", "zola.toml", "config.toml"];

/// Folder for what is kept between builds.
const CACHE: &str = ".juxta";

/// What standard error can show.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    pub(super) colour: bool,
    pub(super) live: bool,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
}

impl Terminal {
    pub(super) fn new(arguments: &Arguments) -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_terminal = std::io::stderr().is_terminal();
        let colour = match arguments.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => {
                let forced = std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0");
                let off =
                    is_set("NO_COLOR") || std::env::var_os("CLICOLOR").is_some_and(|value| value == "0");
                forced || is_terminal && !off
            }
        };
        Self {
            colour,
            live: is_terminal && !arguments.quiet,
            quiet: arguments.quiet,
            verbose: arguments.verbose,
        }
    }
}

/// Why there is no project to build.
pub(super) enum Failure {
    /// The arguments or the machine: message, hint, exit code.
    Words(String, Option<String>, u8),
    /// The configuration.
    Problems(Vec<Diagnostic>),
}

impl Failure {
    /// As problems, for a project that was fine a moment ago.
    pub(super) fn into_problems(self) -> Vec<Diagnostic> {
        match self {
            Self::Problems(problems) => problems,
            Self::Words(message, hint, _) => {
                let problem = Diagnostic::error("unreadable-file", message);
                vec![hint.into_iter().fold(problem, Diagnostic::hint)]
            }
        }
    }

    pub(super) fn tell(self, terminal: &Terminal, format: Format) -> u8 {
        match self {
            Self::Words(message, hint, code) => super::fail(terminal, &message, hint.as_deref(), code),
            Self::Problems(problems) => {
                let text = report::render(&problems, format, terminal.colour);
                match format {
                    Format::Text | Format::Short => eprint!("{text}"),
                    Format::Json | Format::Sarif | Format::Github => {
                        super::say(&text, terminal);
                    }
                }
                PROBLEMS
            }
        }
    }
}

/// Everything a build needs.
pub(super) struct Project {
    pub(super) root: PathBuf,
    pub(super) config: Config,
    pub(super) options: Options,
    pub(super) problems: Vec<Diagnostic>,
}

impl Project {
    pub(super) fn open(arguments: &Arguments, of_build: &BuildArguments) -> Result<Self, Failure> {
        let (root, config_path) = find(arguments)?;
        let files = DiskFiles::new(&root).map_err(|error| {
            Failure::Words(format!("cannot open the project `{}`: {error}", root.display()), None, MACHINE)
        })?;
        let root = files.root().to_owned();
        let (mut config, mut problems) = match config_path {
            None => (Config::default(), Vec::new()),
            Some(path) => read_config(&root, &path)?,
        };
        if let Some(base_url) = &of_build.base_url {
            config.base_url = config::parse_base_url(base_url).map_err(|words| {
                let (message, hint) = words.split_once("; ").unwrap_or((&words, ""));
                let hint = (!hint.is_empty()).then(|| hint.to_owned());
                Failure::Words(format!("--base-url: {message}"), hint, WRONG_USE)
            })?;
        }
        let today = today(of_build)?;
        if of_build.no_future && today.is_none() {
            return Err(Failure::Words(
                "`--no-future` needs to know the day".to_owned(),
                Some("give it with `--today 2026-08-01`, or in SOURCE_DATE_EPOCH; a build does not read the clock".to_owned()),
                WRONG_USE,
            ));
        }
        let selection = Selection {
            drafts: of_build.drafts,
            not_after: if of_build.no_future { today.clone() } else { None },
        };
        let images = Some(root.join(CACHE).join("images"));
        let mut last_changes = LastChanges::default();
        if config.git_dates {
            let (days, unknown) = history::last_changes(&root);
            last_changes = days;
            problems.extend(unknown.map(|unknown| undated(unknown, &config)));
        }
        let last_changes = Arc::new(last_changes);
        let (mode, keep, snippets) = (String::new(), false, false);
        let options = Options { selection, last_changes, today, mode, keep, snippets, images };
        let project = Self { root, config, options, problems };
        project.has_content()?;
        Ok(project)
    }

    /// A folder without content is more often a wrong folder than an empty site.
    fn has_content(&self) -> Result<(), Failure> {
        if self.root.join("content").is_dir() {
            return Ok(());
        }
        let markdown = std::fs::read_dir(&self.root).ok().and_then(|entries| {
            entries.flatten().map(|entry| entry.file_name()).find(|name| {
                let name = name.to_string_lossy();
                name.ends_with(".md") && name != "README.md"
            })
        });
        let hint = match markdown {
            Some(name) => {
                format!("put pages there: `mkdir content && mv {} content/`", name.to_string_lossy())
            }
            None => "`juxta init` starts a new site; `--root DIR` names the folder of another".to_owned(),
        };
        Err(Failure::Words(
            format!("there is no folder `content` in `{}`", self.root.display()),
            Some(hint),
            WRONG_USE,
        ))
    }

    pub(super) fn options(&self, mode: &str) -> Options {
        Options { mode: mode.to_owned(), ..self.options.clone() }
    }

    /// Whether the output folder may be written to.
    pub(super) fn judge_output(&self, of_build: &BuildArguments) -> Result<Target, Refusal> {
        let sources: Vec<PathBuf> = ["content", "data", "templates", "themes", "static", "sass", "examples"]
            .iter()
            .map(PathBuf::from)
            .collect();
        let sources: Vec<&Path> = sources.iter().map(PathBuf::as_path).collect();
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let current = std::env::current_dir().unwrap_or_else(|_| self.root.clone());
        match &of_build.output_dir {
            // What is typed is meant from where it is typed.
            Some(folder) => {
                judge(&self.root, &current.join(folder), &sources, Origin::CommandLine, home.as_deref())
            }
            None => judge(
                &self.root,
                Path::new(&self.config.output_dir),
                &sources,
                Origin::Config,
                home.as_deref(),
            ),
        }
    }

    /// Tells this site from others. A folder inside the project can only be
    /// this site's; elsewhere the title counts.
    pub(super) fn site_id(&self, target: &Target) -> String {
        if target.folder().starts_with(&self.root) {
            return "this project".to_owned();
        }
        let title = self.config.title.clone().unwrap_or_else(|| "untitled".to_owned());
        title.replace(|c: char| c.is_control(), " ")
    }

    /// All files but those of the output folder and the cache.
    pub(super) fn files(&self, target: &Target) -> SharedFiles {
        self.files_without(&[target.folder()])
    }

    /// As [`Project::files`], for a build that writes nothing.
    pub(super) fn all_files(&self) -> SharedFiles {
        self.files_without(&[Path::new(&self.config.output_dir)])
    }

    /// The day it is, or is said to be: for what people have done, never for
    /// what is published.
    pub(super) fn real_day(&self) -> String {
        self.options.today.clone().unwrap_or_else(|| jiff::Zoned::now().date().to_string())
    }

    /// Folder for what later builds may use.
    pub(super) fn cache(&self) -> PathBuf {
        self.root.join(CACHE)
    }

    /// Where the project is, absolute and without links.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    fn files_without(&self, folders: &[&Path]) -> SharedFiles {
        match DiskFiles::new(&self.root) {
            Ok(mut files) => {
                files.exclude(folders.iter().copied().chain([Path::new(CACHE)]));
                Arc::new(files)
            }
            Err(_) => Arc::new(crate::read::files::MemoryFiles::default()),
        }
    }

    /// Path of the base address, without a trailing `/`.
    pub(super) fn base_path(&self) -> String {
        let base = self.config.base_url.as_deref().unwrap_or("");
        let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
        rest.find('/').map_or(String::new(), |i| rest[i..].to_owned())
    }

    /// What running snippets depends on.
    pub(super) fn run_options(&self, update: bool, record: bool) -> crate::run::Options {
        let today = || self.real_day();
        let known = || std::fs::read_to_string(self.root.join(runs::FILE)).unwrap_or_default();
        let path = std::env::var_os("PATH").unwrap_or_default();
        crate::run::Options {
            search: std::env::split_paths(&path).collect(),
            temporary: std::env::temp_dir(),
            root: self.root.clone(),
            store: self.root.join(CACHE).join("run"),
            update,
            record: record.then(|| (Runs::from_text(&known()), today())),
        }
    }

    /// Problems of the configuration and of the build.
    pub(super) fn all_problems(&self, built: &Built) -> Vec<Diagnostic> {
        self.problems.iter().chain(&built.problems).cloned().collect()
    }
}

/// Nanoseconds since 1970.
pub(super) fn nanoseconds() -> u128 {
    u128::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(0)
}

/// The project's folder and its configuration.
fn find(arguments: &Arguments) -> Result<(PathBuf, Option<PathBuf>), Failure> {
    let current = std::env::current_dir()
        .map_err(|error| Failure::Words(format!("cannot find the current folder: {error}"), None, MACHINE))?;
    let config_in =
        |folder: &Path| CONFIG_NAMES.iter().map(|name| folder.join(name)).find(|path| path.is_file());
    if let Some(root) = &arguments.root {
        let root = current.join(root);
        if !root.is_dir() {
            return Err(Failure::Words(format!("there is no folder `{}`", root.display()), None, WRONG_USE));
        }
        let config = match &arguments.config {
            Some(config) => Some(existing(&root.join(config), &current.join(config))?),
            None => config_in(&root),
        };
        return Ok((root, config));
    }
    if let Some(config) = &arguments.config {
        let config = existing(&current.join(config), &current.join(config))?;
        let root = config.parent().map_or_else(|| current.clone(), Path::to_owned);
        return Ok((root, Some(config)));
    }
    for folder in current.ancestors() {
        if let Some(config) =
            config_in(folder).filter(|_| folder.join("content").is_dir() || folder == current)
        {
            return Ok((folder.to_owned(), Some(config)));
        }
        if folder.join("content").is_dir() {
            return Ok((folder.to_owned(), None));
        }
    }
    Ok((current, None))
}

fn existing(first: &Path, second: &Path) -> Result<PathBuf, Failure> {
    [first, second].into_iter().find(|path| path.is_file()).map(Path::to_owned).ok_or_else(|| {
        Failure::Words(format!("there is no configuration `{}`", second.display()), None, WRONG_USE)
    })
}

fn read_config(root: &Path, path: &Path) -> Result<(Config, Vec<Diagnostic>), Failure> {
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::Words(format!("cannot read `{}`: {error}", path.display()), None, MACHINE)
    })?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let shown = path.strip_prefix(root).map_or_else(|_| name.clone(), |path| path.display().to_string());
    let text = decode(&bytes, &shown).map_err(|problem| Failure::Problems(vec![problem]))?;
    let (config, problems) = config::read(&Source::new(shown, text), Dialect::of_file(&name));
    Ok((config, problems))
}

/// Why pages have no date of their last change.
fn undated(unknown: Unknown, config: &Config) -> Diagnostic {
    let problem = match unknown {
        Unknown::NoRepository(words) => Diagnostic::warning(
            "no-history",
            format!("the days of the last changes cannot be asked for: {words}"),
        )
        .hint("`git_dates` needs `git` and a repository; pages can say `updated` themselves"),
        Unknown::Shallow(count) => Diagnostic::warning(
            "no-history",
            format!("{count} files were last changed before this clone begins"),
        )
        .hint("they get no date; fetch the whole history (`git fetch --unshallow`, in a workflow `fetch-depth: 0`)"),
    };
    config.problem_at(problem, &["git_dates"])
}

/// The day of the build, if it was given.
fn today(of_build: &BuildArguments) -> Result<Option<String>, Failure> {
    if let Some(today) = &of_build.today {
        let valid = today.parse::<jiff::civil::Date>().is_ok_and(|_| today.len() == 10);
        return if valid {
            Ok(Some(today.clone()))
        } else {
            Err(Failure::Words(
                format!("--today: `{today}` is not a date"),
                Some("write it as `2026-08-01`".to_owned()),
                WRONG_USE,
            ))
        };
    }
    let Some(epoch) = std::env::var_os("SOURCE_DATE_EPOCH").filter(|epoch| !epoch.is_empty()) else {
        return Ok(None);
    };
    let seconds = epoch.to_string_lossy().trim().parse::<i64>().ok();
    let date = seconds.and_then(|seconds| {
        let days = seconds.div_euclid(86_400);
        jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
    });
    match date {
        Some(date) => Ok(Some(date.to_string())),
        None => Err(Failure::Words(
            format!("SOURCE_DATE_EPOCH: `{}` is not a number of seconds", epoch.to_string_lossy()),
            None,
            WRONG_USE,
        )),
    }
}
