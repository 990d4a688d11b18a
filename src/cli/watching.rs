//! `serve --watch`: what a person sees and can do while a project is watched.
//!
//! In: what happens in the session, keys. Out: one calm screen on a terminal,
//! plain lines otherwise; wishes for the session. Must not build.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::args::{Arguments, ServeArguments};
use super::explain::words;
use super::progress::{count, time};
use super::project::{CONFIG_NAMES, Project, Terminal};
use super::{blank_line, fail};
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::FilePath;
use crate::build::DirtyReason;
use crate::read::disk::DiskFiles;
use crate::read::files::MemoryFiles;
use crate::render::shared::SharedFiles;
use crate::report::{self, Format};
use crate::serve::{self, Control, Listener, Opened, Told};

/// Most causes that are named.
const NAMED: usize = 3;

/// The project as the arguments say.
struct Watched<'a> {
    arguments: &'a Arguments,
    of_serve: &'a ServeArguments,
    root: PathBuf,
    config_files: BTreeSet<FilePath>,
}

impl serve::Project for Watched<'_> {
    fn root(&self) -> &Path {
        &self.root
    }

    fn files(&self) -> SharedFiles {
        match DiskFiles::new(&self.root) {
            Ok(files) => Arc::new(files),
            Err(_) => Arc::new(MemoryFiles::default()),
        }
    }

    fn config_files(&self) -> BTreeSet<FilePath> {
        self.config_files.clone()
    }

    fn open(&self) -> Result<Opened, Vec<Diagnostic>> {
        let project = Project::open(self.arguments, &self.of_serve.build)
            .map_err(super::project::Failure::into_problems)?;
        Ok(Opened {
            files: project.all_files(),
            options: project.options("serve"),
            base_path: project.base_path(),
            problems: project.problems.clone(),
            config: project.config,
            is_strict: self.of_serve.build.strict,
        })
    }
}

pub(super) fn run(arguments: &Arguments, of_serve: &ServeArguments, terminal: &Terminal) -> u8 {
    let project = match Project::open(arguments, &of_serve.build) {
        Ok(project) => project,
        Err(failure) => return failure.tell(terminal, of_serve.build.format()),
    };
    let root = project.root().to_owned();
    let mut config_files: BTreeSet<FilePath> = CONFIG_NAMES.iter().map(|name| FilePath::new(name)).collect();
    if let Some(source) = &project.config.source {
        config_files.insert(FilePath::new(&source.path));
    }
    let shown_root = root.display().to_string();
    let options = serve::Options {
        host: of_serve.host.clone(),
        port: of_serve.port,
        allowed_hosts: of_serve.allow_host.clone(),
        base_path: project.base_path(),
        open: of_serve.open,
        editor: of_serve
            .editor
            .as_ref()
            .map(|editor| editor.replace("{root}", shown_root.trim_start_matches('/'))),
        follow: of_serve.follow,
    };
    drop(project);
    let watched = Watched { arguments, of_serve, root, config_files };
    let is_screen = terminal.live && std::io::stdin().is_terminal();
    let mut screen = Screen {
        terminal: *terminal,
        is_screen,
        format: of_serve.build.format(),
        explains: of_serve.explain || terminal.verbose,
        shows_timings: of_serve.build.timings,
        url: String::new(),
        notices: Vec::new(),
        state: Arc::default(),
        keys: None,
    };
    let outcome = serve::watch(&watched, &mut screen, &options, of_serve.poll);
    drop(screen);
    match outcome {
        Ok(()) => 0,
        Err(error) => fail(terminal, &error.message, error.hint.as_deref(), error.exit_code),
    }
}

/// What is shown, for the key that shows it again.
#[derive(Default)]
struct State {
    status: String,
    problems: String,
    shows_problems: bool,
}

struct Screen {
    terminal: Terminal,
    is_screen: bool,
    format: Format,
    explains: bool,
    shows_timings: bool,
    url: String,
    notices: Vec<String>,
    state: Arc<Mutex<State>>,
    keys: Option<Keys>,
}

impl Listener for Screen {
    fn serving(&mut self, url: &str, control: Control) {
        url.clone_into(&mut self.url);
        if self.is_screen {
            self.keys = Keys::start(control, Arc::clone(&self.state), self.terminal.colour);
            self.draw("building …");
        } else {
            say(&format!("Serving {url} (Ctrl-C to stop)"));
        }
    }

    fn notice(&mut self, words: &str) {
        if self.is_screen {
            self.notices.push(words.to_owned());
        } else {
            say(&format!("warning: {words}"));
        }
    }

    fn built(&mut self, told: &Told<'_>) {
        let status = status(told);
        let counts = report::Counts::of(told.problems);
        let text = report::render(told.problems, self.format, self.terminal.colour);
        let mut more = String::new();
        if let Some(built) = told.built {
            if self.explains {
                for (output, reason) in &built.rendered {
                    let _ = writeln!(more, "  {output}: {}", why(reason));
                }
            }
            if self.shows_timings {
                for (stage, took) in &built.timings {
                    let _ = writeln!(more, "  {stage:<10} {}", time(*took));
                }
            }
        }
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.problems.clone_from(&text);
            state.shows_problems = counts.errors > 0;
        }
        if self.is_screen {
            self.draw(&format!("{status}\n{more}"));
        } else {
            if !told.problems.is_empty() {
                let _ = std::io::stderr().write_all(text.as_bytes());
                if self.format == Format::Text {
                    blank_line(told.problems, &super::BuildArguments::default());
                }
            }
            if !self.terminal.quiet {
                say(&status);
                let _ = std::io::stderr().write_all(more.as_bytes());
            }
        }
    }
}

impl Screen {
    fn draw(&self, status: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = format!("Juxta serves {}\n", self.url);
        for notice in &self.notices {
            let _ = writeln!(text, "warning: {notice}");
        }
        let _ = write!(text, "\n{status}\n\n");
        text.push_str("r rebuild · o open · e problems · q quit\n");
        state.status = text;
        show(&state);
    }
}

/// The whole screen anew.
fn show(state: &State) {
    let mut text = format!("\u{1b}[2J\u{1b}[3J\u{1b}[H{}", state.status);
    if state.shows_problems && !state.problems.is_empty() {
        text.push('\n');
        text.push_str(&state.problems);
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
    let _ = std::io::stderr().flush();
}

fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// What happened in the last build, in one line.
fn status(told: &Told<'_>) -> String {
    let Told { built, problems, is_held, took, causes, changed } = told;
    let counts = report::Counts::of(problems);
    let cause = match causes.len() {
        0 => String::new(),
        n => {
            let named: Vec<&str> = causes.iter().take(NAMED).map(FilePath::as_str).collect();
            let more = if n > NAMED { format!(" and {} more", n - NAMED) } else { String::new() };
            format!(" after {}{more}", named.join(", "))
        }
    };
    let mut line = match (built, is_held) {
        (_, true) => format!("Not rebuilt{cause}: {counts}; the last good build is served"),
        (Some(built), false) => format!(
            "Built {} in {}{cause}: {} rendered, {} changed",
            count(built.counts.pages, "page"),
            time(*took),
            count(built.rendered.len(), "output"),
            changed.len()
        ),
        (None, false) => format!("Nothing built{cause}"),
    };
    if !is_held && counts.warnings > 0 {
        let _ = write!(line, "; {}", count(counts.warnings, "warning"));
    }
    line
}

/// Why an output was rendered, in words.
fn why(reason: &DirtyReason) -> String {
    match reason {
        DirtyReason::New => "it is new".to_owned(),
        DirtyReason::Failed => "it could not be rendered the last time".to_owned(),
        DirtyReason::Recipe => "it is made of something else now".to_owned(),
        DirtyReason::Changed(keys) => {
            let named: Vec<String> = keys.iter().take(NAMED).map(words).collect();
            let more =
                if keys.len() > NAMED { format!(" and {} more", keys.len() - NAMED) } else { String::new() };
            format!("{}{more} changed", named.join(", "))
        }
    }
}

/// Keys are heard one by one while this lives.
struct Keys {
    #[cfg(unix)]
    before: rustix::termios::Termios,
}

impl Keys {
    /// Listens on a thread of its own, which ends with the process.
    #[cfg(unix)]
    fn start(control: Control, state: Arc<Mutex<State>>, _colour: bool) -> Option<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(std::io::stdin()).ok()?;
        let mut single = before.clone();
        // Interrupting stays with the system.
        single.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(std::io::stdin(), OptionalActions::Now, &single).ok()?;
        std::thread::spawn(move || {
            let mut key = [0];
            while std::io::stdin().read_exact(&mut key).is_ok() {
                match key[0] {
                    b'r' => control.rebuild(),
                    b'o' => control.open(),
                    b'q' => control.stop(),
                    b'e' => {
                        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                        state.shows_problems = !state.shows_problems;
                        show(&state);
                    }
                    _ => {}
                }
            }
        });
        Some(Self { before })
    }

    #[cfg(not(unix))]
    fn start(_control: Control, _state: Arc<Mutex<State>>, _colour: bool) -> Option<Self> {
        None
    }
}

#[cfg(unix)]
impl Drop for Keys {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before);
    }
}
