//! Values: subjects, criteria and cells of one field, built once.
//!
//! In: a field, words, options of Markdown. Out: [`FieldValues`], and problems
//! with lines of Markdown in them.

use super::*;

/// Lines of Markdown outside of pages.
pub(super) struct Lines<'a> {
    pub(super) options: &'a Options,
    pub(super) problems: Vec<Diagnostic>,
}

impl Lines<'_> {
    pub(super) fn html(&mut self, line: &str, place: &crate::compare::Place) -> String {
        let (html, problems) = markdown::inline(line, self.options);
        for mut problem in problems {
            problem.labels.clear();
            self.problems.push(place.mark(problem));
        }
        html
    }

    pub(super) fn value(&mut self, line: Option<&str>, place: &crate::compare::Place) -> Value {
        line.map_or_else(Value::none, |line| Value::safe_string(&self.html(line, place)))
    }

    pub(super) fn values(&mut self, lines: &[String], place: &crate::compare::Place) -> Value {
        Value::from(lines.iter().map(|line| self.value(Some(line), place)).collect::<Vec<_>>())
    }
}

/// Builds the shared values of a field; problems are those of its lines of
/// Markdown.
pub fn field_values(shared: &Shared, id: FieldId) -> (FieldValues, Vec<Diagnostic>) {
    let field = shared.site.fields.field(id);
    let section = shared.site.section(field.section);
    let options = crate::parse::parse_options(&shared.site.config, None, None);
    let mut lines = Lines { options: &options, problems: Vec::new() };
    let words = Words::of_language(&shared.site.config.extra, &section.item.file.language);
    let brief = table(vec![
        ("id", Value::from(field.id.as_str())),
        ("name", Value::from(field.name.as_str())),
        ("title", Value::from(section.item.title.as_str())),
        ("sync", Value::from(field.id.as_str())),
        ("permalink", Value::from(section.item.permalink.as_str())),
        ("url", Value::from(link_address(&field.url))),
        ("path", Value::from(field.url.as_str())),
    ]);
    let criteria = field
        .criteria
        .criteria
        .iter()
        .map(|criterion| {
            table(vec![
                ("id", Value::from(criterion.id.as_str())),
                ("title", Value::from(criterion.title.as_str())),
                ("help", text(criterion.help.as_deref())),
                ("type", Value::from(criterion.kind.name())),
                ("unit", text(criterion.unit.as_deref())),
                ("is_ranked", Value::from(criterion.better.is_some())),
                ("method", lines.value(criterion.method.as_deref(), &criterion.place)),
                ("weight", Value::from(criterion.weight)),
                ("group", Value::from(field.criteria.groups[criterion.group].id.as_str())),
            ])
        })
        .collect();
    let subjects = field.subjects.iter().map(|subject| subject_value(shared, subject, &mut lines)).collect();
    let cells = field
        .subjects
        .iter()
        .map(|subject| {
            let facts = field.criteria.criteria.iter().zip(&subject.facts);
            facts
                .map(|(criterion, fact)| {
                    cell(shared, field, subject, criterion, fact.as_ref(), &words, &mut lines)
                })
                .collect()
        })
        .collect();
    (FieldValues { words, criteria, subjects, cells, brief }, lines.problems)
}

fn subject_value(shared: &Shared, subject: &Subject, lines: &mut Lines<'_>) -> Value {
    let profile = &subject.profile;
    let logo = profile.logo.as_ref().map(|logo| logo_address(shared, subject, logo, lines));
    table(vec![
        ("id", Value::from(subject.id.as_str())),
        ("title", Value::from(subject.title.as_str())),
        ("short", Value::from(subject.short.as_str())),
        ("kind", Value::from(if profile.is_language { "language" } else { "software" })),
        ("description", text(subject.description.as_deref())),
        ("version", text(profile.version.as_deref())),
        ("released", text(profile.released.as_ref().map(|date| date.text.as_str()))),
        ("languages", texts(profile.languages.iter().map(String::as_str))),
        ("website", text(profile.website.as_deref())),
        ("repository", text(profile.repository.as_deref())),
        ("license", text(profile.license.as_deref())),
        ("logo", text(logo.as_deref())),
        ("verified", text(profile.verified.as_ref().map(|date| date.text.as_str()))),
        ("family", text(profile.family.as_deref())),
        ("permalink", Value::from(permalink(&shared.site.config, &subject.url))),
        ("url", Value::from(link_address(&subject.url))),
        ("path", Value::from(subject.url.as_str())),
        ("pros", lines.values(&profile.pros, &subject.place)),
        ("cons", lines.values(&profile.cons, &subject.place)),
    ])
}

/// The address of a subject's logo, which lies beside its page.
fn logo_address(shared: &Shared, subject: &Subject, logo: &str, lines: &mut Lines<'_>) -> String {
    if logo.contains("://") {
        return logo.to_owned();
    }
    let folder = subject.page.map(|page| &shared.site.page(page).item.file.folder);
    let path = folder.and_then(|folder| folder.resolve(logo).ok());
    match path.and_then(|path| shared.site.assets.get(&path)) {
        Some(url) => link_address(url),
        None => {
            let problem =
                Diagnostic::error("missing-file", format!("there is no picture `{logo}` beside this page"));
            lines.problems.push(subject.place.mark(problem));
            String::new()
        }
    }
}

/// One cell: plain, and as the winner of its row.
fn cell(
    shared: &Shared,
    field: &Field,
    subject: &Subject,
    criterion: &Criterion,
    fact: Option<&Fact>,
    words: &Words,
    lines: &mut Lines<'_>,
) -> (Value, Value) {
    let absent = words.get("absent");
    let mut answer = fact.map_or_else(|| absent.to_string(), |fact| fact.words(criterion, words));
    let html = match fact {
        Some(fact) => answer_html(shared, field, criterion, fact, &answer, words, lines),
        None => escaped(&answer),
    };
    if criterion.kind == Kind::Text {
        answer = markdown::plain(&answer);
    }
    let of = |get: fn(&Fact) -> Option<&String>| text(fact.and_then(get).map(String::as_str));
    let is_stale = fact.is_some_and(|fact| is_stale(fact, criterion, &shared.today));
    let line = |lines: &mut Lines<'_>, get: fn(&Fact) -> Option<&String>| match fact {
        Some(fact) => lines.value(get(fact).map(String::as_str), &fact.place),
        None => Value::none(),
    };
    let mut fields = map(vec![
        ("subject", Value::from(subject.id.as_str())),
        ("criterion", Value::from(criterion.id.as_str())),
        ("state", Value::from(fact.map_or("absent", Fact::state))),
        ("text", Value::from(answer.as_str())),
        ("html", Value::safe_string(&html)),
        ("sort", fact.and_then(Fact::value).map_or_else(Value::none, |value| Value::from(value.sort_key()))),
        ("since", of(|fact| fact.since.as_ref())),
        ("until", of(|fact| fact.until.as_ref())),
        ("version", of(|fact| fact.version.as_ref())),
        ("by", of(|fact| fact.by.as_ref())),
        ("sources", texts(fact.into_iter().flat_map(|fact| &fact.sources).map(String::as_str))),
        ("verified", text(fact.and_then(|fact| fact.verified.as_ref()).map(|date| date.text.as_str()))),
        ("is_stale", Value::from(is_stale)),
        ("is_best", Value::from(false)),
    ]);
    fields.insert("note".into(), line(lines, |fact| fact.note.as_ref()));
    fields.insert("because".into(), line(lines, |fact| fact.because.as_ref()));
    fields.insert("method".into(), line(lines, |fact| fact.method.as_ref()));
    let plain = Value::from(fields.clone());
    let best = if criterion.better.is_some() {
        fields.insert("is_best".into(), Value::from(true));
        Value::from(fields)
    } else {
        plain.clone()
    };
    (plain, best)
}

/// Whether a fact is older than its criterion allows, on that day.
fn is_stale(fact: &Fact, criterion: &Criterion, today: &str) -> bool {
    let Some(days) = criterion.stale_after else { return false };
    let Ok(today) = crate::base::date::DateTime::parse(today) else { return false };
    fact.value().is_some()
        && fact.verified.as_ref().is_some_and(|date| (today.timestamp - date.timestamp) / 86_400 > days)
}

fn answer_html(
    shared: &Shared,
    field: &Field,
    criterion: &Criterion,
    fact: &Fact,
    answer: &str,
    words: &Words,
    lines: &mut Lines<'_>,
) -> String {
    let Answer::Value(value) = &fact.answer else { return escaped(answer) };
    match (criterion.kind, value) {
        (Kind::Text, FactValue::Text(line)) => {
            // Versions follow the text: what is behind its own words.
            let rest = answer.strip_prefix(line.as_str()).unwrap_or("");
            lines.html(line, &fact.place) + &escaped(rest)
        }
        (Kind::Url, FactValue::Url(address)) => {
            let shown =
                address.split_once("://").map_or(address.as_str(), |(_, rest)| rest).trim_end_matches('/');
            format!("<a href=\"{}\">{}</a>", escaped(address), escaped(shown))
        }
        (Kind::Snippet, FactValue::Task(id)) => match field.tasks.iter().find(|task| task.id == *id) {
            Some(task) => {
                let item = &shared.site.page(task.page).item;
                format!("<a href=\"{}\">{}</a>", escaped(&link_address(&item.url)), escaped(&item.title))
            }
            None => escaped(&words.get("code")),
        },
        _ => escaped(answer),
    }
}
