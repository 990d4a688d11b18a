//! Pages: what a page about a field, a subject or a pair gets.
//!
//! In: a field, a subject or a pair. Out: `field`, `subject`, and `page` of what
//! no file stands for.

use super::*;

/// Most generated pairs that a field lists by itself.
const MOST_PAIRS: usize = 500;

impl Shared {
    /// A subject with the pages that compare it.
    pub fn subject(&self, id: FieldId, subject: usize) -> Value {
        let field = self.site.fields.field(id);
        self.note_field(field);
        let Some(values) = self.field_values(id) else { return Value::none() };
        let others = field.pairs.iter().filter(|pair| pair.fate != Fate::Skipped).filter_map(|pair| {
            let (a, b) = (pair.a as usize, pair.b as usize);
            let other = if a == subject {
                b
            } else if b == subject {
                a
            } else {
                return None;
            };
            let url =
                pair.page.map_or_else(|| field.pair_url(pair), |page| self.site.page(page).item.url.clone());
            let other = &field.subjects[other];
            Some(table(vec![
                ("id", Value::from(other.id.as_str())),
                ("title", Value::from(other.title.as_str())),
                ("short", Value::from(other.short.as_str())),
                ("permalink", Value::from(permalink(&self.site.config, &url))),
                ("url", Value::from(link_address(&url))),
                ("is_written", Value::from(pair.page.is_some())),
            ]))
        });
        let others: Vec<Value> = others.collect();
        let mut fields = values.subjects[subject].clone().into_map().unwrap_or_default();
        fields.insert("others".into(), Value::from(others));
        Value::from(fields)
    }

    /// `field`: all of it.
    pub fn field(&self, id: FieldId) -> Value {
        let field = self.site.fields.field(id);
        self.note_field(field);
        let Some(values) = self.field_values(id) else { return Value::none() };
        let section = &self.site.section(field.section).item;
        let mut fields = values.brief.clone().into_map().unwrap_or_default();
        let groups = field.criteria.groups.iter().enumerate().map(|(i, group)| {
            let of_group = field.criteria.criteria.iter().zip(&values.criteria);
            let of_group =
                of_group.filter(|(criterion, _)| criterion.group == i).map(|(_, value)| value.clone());
            table(vec![
                ("id", Value::from(group.id.as_str())),
                ("title", Value::from(group.title.as_str())),
                ("help", text(group.help.as_deref())),
                ("criteria", Value::from(of_group.collect::<Vec<_>>())),
            ])
        });
        let shown: Vec<_> = field.pairs.iter().filter(|pair| pair.fate != Fate::Skipped).collect();
        let pairs =
            shown.iter().filter(|pair| pair.page.is_some() || shown.len() <= MOST_PAIRS).map(|pair| {
                let [a, b] = [pair.a, pair.b].map(|i| &values.subjects[i as usize]);
                let names = [pair.a, pair.b].map(|i| field.subjects[i as usize].short.as_str());
                let (url, title) = match pair.page {
                    Some(page) => {
                        let item = &self.site.page(page).item;
                        note(Key::Summary(item.content_path.clone()));
                        (item.url.clone(), item.title.clone())
                    }
                    None => (field.pair_url(pair), values.words.with("versus", &names)),
                };
                table(vec![
                    ("permalink", Value::from(permalink(&self.site.config, &url))),
                    ("url", Value::from(link_address(&url))),
                    ("title", Value::from(title)),
                    ("a", a.clone()),
                    ("b", b.clone()),
                    ("is_written", Value::from(pair.page.is_some())),
                    ("noindex", Value::from(pair.fate == Fate::NoIndex)),
                ])
            });
        let articles = self.site.fields.comparisons.iter().filter(|(_, comparison)| comparison.field == id);
        let articles = articles.map(|(page, comparison)| {
            let item = &self.site.page(*page).item;
            note(Key::Summary(item.content_path.clone()));
            table(vec![
                ("title", Value::from(item.title.as_str())),
                ("description", text(item.front.common.description.as_deref())),
                ("permalink", Value::from(item.permalink.as_str())),
                ("url", Value::from(link_address(&item.url))),
                ("subjects", texts(comparison.subjects.iter().map(|i| field.subjects[*i].id.as_str()))),
            ])
        });
        for (name, value) in [
            ("description", text(section.front.common.description.as_deref())),
            ("subjects", Value::from(values.subjects.clone())),
            ("groups", Value::from(groups.collect::<Vec<_>>())),
            (
                "tasks",
                Value::from(field.tasks.iter().map(|task| self.task_brief(field, task)).collect::<Vec<_>>()),
            ),
            ("pairs", Value::from(pairs.collect::<Vec<_>>())),
            ("pair_count", Value::from(shown.len())),
            ("articles", Value::from(articles.collect::<Vec<_>>())),
            ("matrix", self.matrix_addresses(field)),
        ] {
            fields.insert(name.into(), value);
        }
        Value::from(fields)
    }

    /// Where the matrix of a field is, if there is one.
    fn matrix_addresses(&self, field: &Field) -> Value {
        if !field.has_matrix() {
            return Value::none();
        }
        table(vec![
            ("permalink", Value::from(permalink(&self.site.config, &field.matrix_url()))),
            ("url", Value::from(link_address(&field.matrix_url()))),
            ("json", Value::from(link_address(&field.export_url("json")))),
            ("csv", Value::from(link_address(&field.export_url("csv")))),
        ])
    }

    /// What every page of a field can show without reading all of it.
    pub fn field_brief(&self, id: FieldId) -> Value {
        let field = self.site.fields.field(id);
        note(Key::Summary(self.field_key(field)));
        let Some(values) = self.field_values(id) else { return Value::none() };
        let mut fields = values.brief.clone().into_map().unwrap_or_default();
        fields.insert("matrix".into(), self.matrix_addresses(field));
        Value::from(fields)
    }

    /// `page` of a page that no file stands for.
    pub fn generated_page(
        &self,
        id: FieldId,
        url: &UrlPath,
        title: &str,
        description: &str,
        updated: Option<&str>,
    ) -> Value {
        let field = self.site.fields.field(id);
        let section = &self.site.section(field.section).item;
        let ancestors = section.ancestors.iter().map(|id| self.site.section(*id).item.content_path.as_str());
        let ancestors = ancestors.chain(std::iter::once(section.content_path.as_str()));
        let none = || Value::from(Vec::<Value>::new());
        table(vec![
            ("title", Value::from(title)),
            ("description", Value::from(description)),
            ("permalink", Value::from(permalink(&self.site.config, url))),
            ("url", Value::from(link_address(url))),
            ("path", Value::from(url.as_str())),
            ("components", texts(url.as_str().split('/').filter(|part| !part.is_empty()))),
            ("ancestors", texts(ancestors)),
            ("lang", Value::from(section.file.language.as_str())),
            ("content", Value::safe_string("")),
            ("summary", Value::none()),
            ("toc", none()),
            ("extra", Value::from(tera::Map::new())),
            ("taxonomies", Value::from(tera::Map::new())),
            ("date", Value::none()),
            ("updated", text(updated)),
            ("authors", none()),
            ("assets", none()),
            ("translations", none()),
            ("backlinks", none()),
            ("lower", Value::none()),
            ("higher", Value::none()),
            ("relative_path", Value::from("")),
            ("file", Value::from("")),
            ("slug", Value::from(url.as_str().trim_end_matches('/').rsplit('/').next().unwrap_or(""))),
            ("word_count", Value::from(0)),
            ("reading_time", Value::from(0)),
            ("draft", Value::from(false)),
            ("is_generated", Value::from(true)),
        ])
    }

    /// The names of a generated pair's page: title and description.
    pub fn pair_words(&self, id: FieldId, pair: usize) -> (String, String) {
        let field = self.site.fields.field(id);
        let pair = &field.pairs[pair];
        let names = [pair.a, pair.b].map(|i| field.subjects[i as usize].short.as_str());
        let Some(values) = self.field_values(id) else { return Default::default() };
        let title = values.words.with("versus", &names);
        let (facts, tasks) = (pair.facts.to_string(), pair.tasks.to_string());
        let description = if pair.tasks == 0 {
            values.words.with("pair_description", &[names[0], names[1], &facts])
        } else {
            values.words.with("pair_description_tasks", &[names[0], names[1], &facts, &tasks])
        };
        (title, description)
    }

    /// Words of a field's language.
    pub fn words_of(&self, id: FieldId, name: &'static str, values: &[&str]) -> String {
        self.field_values(id).map_or_else(String::new, |of| of.words.with(name, values))
    }
}
