//! Blocks: what `facts`, `matrix`, `verdict`, `pros-cons`, `task` and `side` show.
//!
//! In: a directive and the page it is on. Out: the values its component gets,
//! or why there are none. Must not write HTML.

use tera::Value;

use super::Drawer;
use crate::base::diagnostic::Diagnostic;
use crate::base::text::nearest;
use crate::model::field::{Comparison, Field, FieldId};
use crate::model::{ItemId, sides};
use crate::parse::markdown::Directive;
use crate::render::compare::list_of;

/// Values for a component, and the author's arguments they were made from.
type Block = (Vec<(&'static str, Value)>, &'static [&'static str]);

impl Drawer<'_> {
    /// A way to show groups that there is none of.
    pub(super) fn check_view(&mut self, directive: &Directive) {
        const VIEWS: [&str; 4] = ["auto", "columns", "tabs", "stacked"];
        let Some(view) = text(directive, "view").filter(|view| !VIEWS.contains(view)) else { return };
        let message = format!("groups are not shown as `{view}`");
        let problem = Diagnostic::error("bad-directive-argument", message);
        let problem = match nearest(view, VIEWS) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem.hint(format!("`view` is one of {}", VIEWS.join(", "))),
        };
        let (source, span) = self.body.place(directive.span);
        self.problems.push(problem.at(&source, span));
    }

    /// What a block of a comparison shows; `None` for any other directive.
    pub(super) fn block(&self, directive: &Directive) -> Option<Result<Block, Diagnostic>> {
        Some(match directive.name.as_str() {
            "facts" | "matrix" => self.fact_block(directive),
            "verdict" | "pros-cons" => self.judgement(directive),
            "task" => self.task_block(directive),
            "side" => self.side_block(directive),
            _ => return None,
        })
    }

    fn comparison(&self) -> Option<&Comparison> {
        match self.id {
            ItemId::Page(page) => self.shared.site.fields.comparisons.get(&page),
            ItemId::Section(_) => None,
        }
    }

    /// The field of the page, or the one that is asked for.
    fn field_of(&self, directive: &Directive) -> Result<(FieldId, &Field), Diagnostic> {
        let fields = &self.shared.site.fields;
        if let Some(name) = text(directive, "field") {
            let found = fields.named(&self.shared.site, name, &self.item.file.language);
            return found.map(|id| (id, fields.field(id))).ok_or_else(|| {
                Diagnostic::error("not-in-a-field", format!("there is no field `{name}`"))
                    .nearest(name, fields.fields.iter().map(|field| field.id.as_str()))
            });
        }
        let found = self.looking.field.as_ref().map(|(id, _)| *id);
        // Elsewhere, when there is only one.
        let found = found.or_else(|| fields.only(&self.shared.site, &self.item.file.language));
        found.map(|id| (id, fields.field(id))).ok_or_else(|| {
            let message = format!("`{}` needs a field, and this page lies in none", directive.name);
            Diagnostic::error("not-in-a-field", message).hint("say which: `field=…`")
        })
    }

    fn subjects_of(&self, directive: &Directive, field: &Field) -> Result<Option<Vec<usize>>, Diagnostic> {
        let Some((_, value)) = directive.arguments.iter().find(|(name, _)| name == "subjects") else {
            return Ok(None);
        };
        let names = list_of(value);
        if names.is_empty() {
            let problem = Diagnostic::error("bad-directive-argument", "`subjects` names none");
            return Err(problem.hint("without it there are those of the page, or all"));
        }
        let mut subjects = Vec::with_capacity(names.len());
        for name in &names {
            let subject = field.subject(name).ok_or_else(|| field.unknown_subject(name))?;
            if subjects.contains(&subject) {
                let message = format!("`subjects` names `{name}` twice");
                return Err(Diagnostic::error("bad-directive-argument", message));
            }
            subjects.push(subject);
        }
        Ok(Some(subjects))
    }

    fn fact_block(&self, directive: &Directive) -> Result<Block, Diagnostic> {
        let (id, field) = self.field_of(directive)?;
        let mut criteria = Vec::new();
        if let Some((_, value)) = directive.arguments.iter().find(|(name, _)| name == "criteria") {
            for name in list_of(value) {
                criteria.extend(field.criteria.named(&name).ok_or_else(|| field.criteria.unknown(&name))?);
            }
        } else if let Some(comparison) = self.comparison().filter(|_| directive.name == "facts") {
            criteria.clone_from(&comparison.criteria);
        } else {
            criteria.extend(0..field.criteria.criteria.len());
        }
        let all = || (0..field.subjects.len()).collect();
        let of_page = self.looking.subjects();
        let subjects = match self.subjects_of(directive, field)? {
            Some(subjects) => subjects,
            None if directive.name == "facts" && !of_page.is_empty() => of_page.to_vec(),
            None => all(),
        };
        let table = self.shared.fact_table(id, &criteria, &subjects);
        Ok((vec![("table", table)], &["criteria", "subjects", "field"]))
    }

    fn judgement(&self, directive: &Directive) -> Result<Block, Diagnostic> {
        let is_meant = match self.id {
            ItemId::Page(page) => self.shared.site.page(page).item.front.page.article.is_some(),
            ItemId::Section(_) => false,
        };
        // What is wrong with it is told where it stands.
        if is_meant && self.comparison().is_none() {
            let nothing = || Value::from(Vec::<Value>::new());
            let given = match directive.name.as_str() {
                "pros-cons" => vec![("sides", nothing())],
                _ => vec![("verdicts", nothing()), ("subjects", nothing())],
            };
            return Ok((given, &[]));
        }
        let comparison = self.comparison().ok_or_else(|| {
            let message = format!("`{}` shows what the front matter of a comparison says", directive.name);
            Diagnostic::error("not-a-comparison", message).hint("this page has no `compare = [\"…\", \"…\"]`")
        })?;
        let value = self.shared.comparison(
            comparison.field,
            &comparison.subjects,
            &comparison.criteria,
            Some(comparison),
        );
        let part = |name: &str| value.get_from_path(name).cloned().unwrap_or_else(Value::none);
        if directive.name == "pros-cons" {
            return Ok((vec![("sides", part("sides"))], &[]));
        }
        if comparison.verdicts.is_empty() {
            let problem = Diagnostic::error("missing-key", "this comparison has no verdict to show");
            return Err(problem.hint("write one: `[[verdict]]` with `when`, `pick` and `because`"));
        }
        Ok((vec![("verdicts", part("verdicts")), ("subjects", part("subjects"))], &[]))
    }

    fn task_block(&self, directive: &Directive) -> Result<Block, Diagnostic> {
        let (id, field) = self.field_of(directive)?;
        let name = sides::task_of(directive);
        let Some(task) = field.tasks.iter().position(|task| task.id == name) else {
            let known: Vec<&str> = field.tasks.iter().map(|task| task.id.as_str()).collect();
            let problem =
                Diagnostic::error("unknown-task", format!("there is no task `{name}` among {}", field.name));
            return Err(match nearest(name, known.iter().copied()) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None if known.is_empty() => problem.hint("a task is a page with `[task]` below the field"),
                None => problem.hint(format!("there are {}", known.join(", "))),
            });
        };
        let of_page = self.looking.subjects();
        let subjects = match self.subjects_of(directive, field)? {
            Some(subjects) => subjects,
            None if !of_page.is_empty() => of_page.to_vec(),
            None => (0..field.subjects.len()).collect(),
        };
        let mut shown = self.shown.borrow_mut();
        let times = shown.entry(name.to_owned()).or_default();
        let task = self.shared.task(id, task, &subjects, *times);
        let anchor = sides::task_anchor(name, *times);
        *times += 1;
        let given = vec![
            ("task", task),
            ("sync", Value::from(field.id.as_str())),
            ("id", Value::from(anchor.as_str())),
        ];
        Ok((given, &["label", "task", "subjects", "field"]))
    }

    /// Text for readers of one side.
    fn side_block(&self, directive: &Directive) -> Result<Block, Diagnostic> {
        let (id, field) = self.field_of(directive)?;
        let name = directive.label.as_deref().or_else(|| text(directive, "side")).unwrap_or("").trim();
        let subject = field.subject(name).ok_or_else(|| field.unknown_subject(name))?;
        let given = vec![
            ("side", Value::from(field.subjects[subject].id.as_str())),
            ("subject", self.shared.subject_brief(id, subject)),
            ("sync", Value::from(field.id.as_str())),
        ];
        Ok((given, &["label", "side", "field"]))
    }
}

fn text<'d>(directive: &'d Directive, name: &str) -> Option<&'d str> {
    directive.arguments.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.as_str())
}
