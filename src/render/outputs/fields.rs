//! Fields: variables and pages of comparisons, subjects, tasks and matrices.
//!
//! In: a page that is one of these, or a job that no file stands for. Out: the
//! variables of its template, or its bytes.

use super::*;

impl Renderer<'_> {
    /// Variables of a page that is a comparison, a subject or a task.
    pub(super) fn compared(&self, id: PageId, context: &mut Context) {
        let fields = &self.shared.site.fields;
        if let Some(comparison) = fields.comparisons.get(&id) {
            context.insert_value("field", self.shared.field_brief(comparison.field));
            let value =
                crate::render::compare::of_page(self.shared, ItemId::Page(id)).unwrap_or_else(Value::none);
            if let Some(mut page) = context.get("page").cloned().and_then(Value::into_map) {
                page.insert("comparison".into(), value.clone());
                context.insert_value("page", Value::from(page));
            }
            context.insert_value("comparison", value);
        } else if let Some((field, subject)) = fields.subjects.get(&id) {
            self.of_subject(*field, *subject, context);
        } else if let Some((field, task)) = fields.tasks.get(&id) {
            let all: Vec<usize> = (0..fields.field(*field).subjects.len()).collect();
            context.insert_value("field", self.shared.field_brief(*field));
            context.insert_value("task", self.shared.task(*field, *task, &all, 0));
        }
    }

    pub(super) fn of_subject(&self, field: FieldId, subject: usize, context: &mut Context) {
        let criteria: Vec<usize> =
            (0..self.shared.site.fields.field(field).criteria.criteria.len()).collect();
        context.insert_value("field", self.shared.field_brief(field));
        context.insert_value("subject", self.shared.subject(field, subject));
        context.insert_value("table", self.shared.fact_table(field, &criteria, &[subject]));
        context.insert_value("tasks", self.shared.tasks_of(field, subject));
    }

    /// Variables of a page that no file stands for.
    pub(super) fn generated(&self, field: FieldId, url: &UrlPath, page: Value) -> Context {
        let section = self.shared.site.fields.field(field).section;
        let language = &self.shared.site.section(section).item.file.language;
        let mut context = self.context_at(language, url);
        context.insert_value("page", page);
        context
    }

    pub(super) fn subject(
        &self,
        job: &Job,
        id: FieldId,
        i: usize,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<u8> {
        let field = self.shared.site.fields.field(id);
        let subject = &field.subjects[i];
        let updated = field.newest(i).map(|date| date.text.as_str());
        let description = subject.description.as_deref().unwrap_or("");
        let page = self.shared.generated_page(id, &subject.url, &subject.title, description, updated);
        let mut context = self.generated(id, &subject.url, page);
        self.of_subject(id, i, &mut context);
        self.draw(job, "subject.html", &context, None, problems)
    }

    pub(super) fn pair(&self, job: &Job, id: FieldId, i: usize, problems: &mut Vec<Diagnostic>) -> Vec<u8> {
        let field = self.shared.site.fields.field(id);
        let pair = &field.pairs[i];
        let subjects = [pair.a as usize, pair.b as usize];
        let criteria: Vec<usize> = (0..field.criteria.criteria.len())
            .filter(|criterion| {
                subjects.iter().any(|subject| field.subjects[*subject].facts[*criterion].is_some())
            })
            .collect();
        let newest = subjects.iter().filter_map(|i| field.newest(*i)).max_by_key(|date| date.timestamp);
        let (title, description) = self.shared.pair_words(id, i);
        let url = field.pair_url(pair);
        let page =
            self.shared.generated_page(id, &url, &title, &description, newest.map(|date| date.text.as_str()));
        let mut context = self.generated(id, &url, page);
        context.insert_value("field", self.shared.field_brief(id));
        context.insert_value("comparison", self.shared.comparison(id, &subjects, &criteria, None));
        self.draw(job, "comparison.html", &context, None, problems)
    }

    pub(super) fn matrix(&self, job: &Job, id: FieldId, problems: &mut Vec<Diagnostic>) -> Vec<u8> {
        let field = self.shared.site.fields.field(id);
        let criteria: Vec<usize> = (0..field.criteria.criteria.len()).collect();
        let subjects: Vec<usize> = (0..field.subjects.len()).collect();
        let name = self.shared.site.section(field.section).item.title.as_str();
        let title = self.shared.words_of(id, "matrix_title", &[name]);
        let counts = [subjects.len().to_string(), criteria.len().to_string()];
        let description = self.shared.words_of(id, "matrix_description", &[name, &counts[0], &counts[1]]);
        let newest = subjects.iter().filter_map(|i| field.newest(*i)).max_by_key(|date| date.timestamp);
        let updated = newest.map(|date| date.text.as_str());
        let url = field.matrix_url();
        let page = self.shared.generated_page(id, &url, &title, &description, updated);
        let mut context = self.generated(id, &url, page);
        context.insert_value("field", self.shared.field(id));
        context.insert_value("table", self.shared.fact_table(id, &criteria, &subjects));
        self.draw(job, "matrix.html", &context, None, problems)
    }
}
