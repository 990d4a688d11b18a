//! Expand: the expressions in a page's own text.
//!
//! In: a text and where its body starts. Out: the body with its expressions
//! expanded, code untouched, or what is wrong with them.

use std::sync::Arc;

use tera::{Context, Value};

use super::budget::Budget;
use super::environment::Environment;
use super::scope;
use super::shared::Shared;
use crate::base::diagnostic::Diagnostic;
use crate::base::reads::{Key, Reads};
use crate::base::source::Source;
use crate::model::ItemId;

/// The page's own text as a template: its expressions expanded, and what that
/// has read.
pub fn expand(
    environment: &Environment,
    shared: &Arc<Shared>,
    id: ItemId,
    source: &Arc<Source>,
    body_start: usize,
) -> (Result<String, Vec<Diagnostic>>, Reads) {
    scope::record(shared, false, || expanded(environment, shared, id, source, body_start))
}

fn expanded(
    environment: &Environment,
    shared: &Shared,
    id: ItemId,
    source: &Arc<Source>,
    body_start: usize,
) -> Result<String, Vec<Diagnostic>> {
    scope::note(Key::Config);
    let item = shared.site.item(id);
    let Some(masked) = crate::parse::markdown::template::mask(&source.text[body_start..]) else {
        return Err(vec![
            Diagnostic::error("bad-characters", "this text holds every control character there is")
                .in_file(source.path.clone()),
        ]);
    };
    let mut context = Context::new();
    let language = item.file.language.as_str();
    context.insert_value("config", shared.config(language));
    context.insert_value("lang", Value::from(language));
    context.insert_value(if matches!(id, ItemId::Page(_)) { "page" } else { "section" }, shared.item(id));
    context.insert_value("current_path", Value::from(item.url.as_str()));
    context.insert_value("current_url", Value::from(item.permalink.as_str()));
    let mut budget = Budget::new(&shared.site.config.limits);
    match environment.markup.render_str_to(&masked.text, &context, false, &mut budget) {
        Ok(()) => Ok(masked.unmask(&String::from_utf8_lossy(&budget.into_bytes()))),
        Err(error) => {
            let context = environment.page_context(source, body_start);
            Err(context
                .diagnose(&error, budget.spent())
                .into_iter()
                .map(|problem| of_text(problem, source))
                .collect())
        }
    }
}

/// A problem with an expression in a page's own text: perhaps it was not meant
/// as one.
fn of_text(problem: Diagnostic, source: &Arc<Source>) -> Diagnostic {
    let may_be_text =
        problem.code == "template-syntax" || problem.message.starts_with("there is no variable");
    match problem.labels.first() {
        Some(label) if may_be_text && label.source.path == source.path => problem.hint(
            "to show braces as they are, write them as code, or between `{% raw %}` and `{% endraw %}`",
        ),
        None if problem.path.is_none() => problem.in_file(source.path.clone()),
        _ => problem,
    }
}
