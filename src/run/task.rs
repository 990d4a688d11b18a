//! Tasks: the sides of comparisons' tasks, as programs.
//!
//! In: the site's tasks and the project's files. Out: a unit for each side that
//! is to be run; afterwards, what each printed against what the task expects,
//! or against each other. Must not know pages.

use std::sync::Arc;

use super::compare;
use super::example::{Example, unit};
use super::machine::{Failure, Ran, Unchecked};
use super::short;
use super::unit::Unit;
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::FilePath;
use crate::base::source::{Source, Span};
use crate::compare::task::main_of;
use crate::model::Site;
use crate::model::field::{Field, Task, TaskSide};
use crate::read::files::Files;

/// One side that is run.
pub(super) struct Side<'s> {
    task: &'s Task,
    name: &'s str,
    /// The file that is run.
    main: Arc<Source>,
    /// The file's name in the folder it is run in.
    called: String,
    pub(super) unit: Unit,
}

/// The sides that are to be run, and what is wrong with the others.
pub(super) fn sides<'s>(site: &'s Site, files: &dyn Files) -> (Vec<Side<'s>>, Vec<Diagnostic>) {
    let mut sides = Vec::new();
    let mut problems = Vec::new();
    for field in &site.fields.fields {
        for task in field.tasks.iter().filter(|task| task.front.is_run()) {
            let mut left: Vec<&str> = Vec::new();
            for side in task.sides.iter().filter(|side| !side.files.is_empty()) {
                let name = field.subjects[side.subject].id.as_str();
                match one(site, files, field, task, side) {
                    Ok(Some(side)) => sides.push(side),
                    Ok(None) => left.push(name),
                    Err(problem) => problems.push(*problem),
                }
            }
            if !left.is_empty() {
                let message = format!("not run: {}", left.join(", "));
                let problem = task.front.place.mark(Diagnostic::note("not-to-be-run", message));
                problems.push(problem.hint(
                    "sides are run when their subject says which packages it needs: `requires = []` for none",
                ));
            }
        }
    }
    (sides, problems)
}

fn one<'s>(
    site: &'s Site,
    files: &dyn Files,
    field: &'s Field,
    task: &'s Task,
    side: &TaskSide,
) -> Result<Option<Side<'s>>, Box<Diagnostic>> {
    let subject = &field.subjects[side.subject];
    let Some(requires) = &subject.profile.requires else { return Ok(None) };
    let named = task.front.main.iter().find(|(name, ..)| field.subject(name) == Some(side.subject));
    let names: Vec<&str> = side.files.iter().map(|(_, name)| name.as_str()).collect();
    let Some(main) = main_of(&names, named.map(|(_, file, _)| file.as_str())) else {
        let message = format!("it is not clear which file of `{}` is run", subject.id);
        let problem = task.front.place.mark(Diagnostic::error("no-main-file", message));
        let file = names.first().copied().unwrap_or("main.py");
        return Err(Box::new(problem.hint(format!("say it: `main = {{ {} = \"{file}\" }}`", subject.id))));
    };
    // A file that stands alone is named after its subject, and would hide the
    // package of that name.
    let call = |name: &str| match (names.as_slice(), name.rsplit_once('.')) {
        ([_], Some((_, extension))) => format!("main.{extension}"),
        _ => name.to_owned(),
    };
    let mut given = Vec::new();
    let mut source = None;
    for (path, name) in &side.files {
        let path = FilePath::new("content").join(path.as_str());
        let Ok(bytes) = files.read(&path, site.config.limits.source) else { return Ok(None) };
        let Ok(text) = String::from_utf8(bytes.to_vec()) else { return Ok(None) };
        if name == main {
            source = Some(Source::new(path.as_str(), text.clone()));
        }
        given.push((FilePath::new(&call(name)), text));
    }
    let called = call(main);
    let example = Example {
        files: given,
        main: FilePath::new(&called),
        with: None,
        requires: requires.clone(),
        timeout: None,
    };
    let unit = unit(&example);
    Ok(unit.zip(source).map(|(unit, main)| Side { task, name: &subject.id, main, called, unit }))
}

impl Side<'_> {
    fn first_line(&self) -> Span {
        self.main.line_span(1)
    }

    /// A note that it was not run.
    pub(super) fn unchecked(&self, reason: &Unchecked) -> Diagnostic {
        super::unchecked_code(reason).at(&self.main, self.first_line())
    }

    fn failed(&self, failure: &Failure) -> Diagnostic {
        let mut problem = Diagnostic::error(failure.code, failure.message.clone());
        let line = failure.place.as_ref().filter(|(file, _)| *file == self.called).map(|(_, line)| *line);
        problem = match line {
            Some(line) => problem.label(&self.main, self.main.line_span(line), short(&failure.reason)),
            None => problem.at(&self.main, self.first_line()),
        };
        if line.is_none() {
            for said in &failure.last_lines {
                problem = problem.hint(format!("it said: {}", short(said)));
            }
        }
        failure.hint.into_iter().fold(problem, Diagnostic::hint)
    }
}

/// What is wrong with what the sides printed: with each alone, in their order,
/// and with some against others.
pub(super) fn judge(sides: &[Side<'_>], ran: &[&Ran]) -> Vec<Vec<Diagnostic>> {
    let mut problems: Vec<Vec<Diagnostic>> = Vec::with_capacity(sides.len());
    for (i, (side, result)) in sides.iter().zip(ran).enumerate() {
        let front = &side.task.front;
        problems.push(match result {
            Ran::Unchecked(_) => Vec::new(),
            Ran::Failed(failure) => vec![side.failed(failure)],
            Ran::Printed { text, .. } => {
                let first = || {
                    let others =
                        sides.iter().zip(ran).take(i).filter(|(other, _)| other.task.page == side.task.page);
                    let mut printed = others.filter_map(|(other, ran)| match ran {
                        Ran::Printed { text, .. } => Some((other.name, text.as_str())),
                        _ => None,
                    });
                    printed.next()
                };
                let (against, expected) = match &front.expect {
                    Some(expected) => ("the task expects".to_owned(), Some(expected.as_str())),
                    None if front.same_output => match first() {
                        Some((name, text)) => (format!("`{name}` printed"), Some(text)),
                        None => (String::new(), None),
                    },
                    None => (String::new(), None),
                };
                let difference = expected.and_then(|expected| {
                    // In the output of another side nothing stands for anything.
                    if front.expect.is_some() {
                        compare::first_difference(expected, text)
                    } else {
                        compare::first_line_apart(expected, text)
                    }
                });
                let said = |line: &Option<String>| match line {
                    Some(line) => format!("`{}`", short(line)),
                    None => "nothing more".to_owned(),
                };
                let told = difference.map(|difference| {
                    let message = format!("the side `{}` of the task printed something else", side.name);
                    Diagnostic::error("snippet-output", message)
                        .at(&side.main, side.first_line())
                        .label(&front.place.source, front.place.span, "the task")
                        .hint(format!(
                            "in line {} {against} {}, it printed {}",
                            difference.line + 1,
                            said(&difference.expected),
                            said(&difference.printed)
                        ))
                });
                told.into_iter().collect()
            }
        });
    }
    problems
}
