//! Comparing: hand-written comparisons, and what becomes of each pair.
//!
//! In: fields with their subjects and tasks, pages with `compare`. Out:
//! comparisons with every name looked up, pairs in order, and problems.

use super::*;

/// Looks up the names of a comparison.
pub(super) fn comparison(
    page: &Page,
    sections: &[Section],
    article: &Arc<Article>,
    fields: &Fields,
    problems: &mut Vec<Diagnostic>,
) -> Option<Comparison> {
    if !(2..=4).contains(&article.subjects.len()) {
        let message = format!("a comparison has two to four subjects, this one {}", article.subjects.len());
        problems.push(article.place.mark(Diagnostic::error("bad-value", message)));
        return None;
    }
    let knows_all =
        |id: FieldId| article.subjects.iter().all(|(name, _)| fields.field(id).subject(name).is_some());
    let language = |id: FieldId| &sections[fields.field(id).section.0 as usize].item.file.language;
    let order = |id: FieldId| (*language(id) != page.item.file.language, fields.field(id).url.as_str());
    let field = fields.around(page).or_else(|| {
        let mut knowing: Vec<FieldId> = fields.ids().filter(|id| knows_all(*id)).collect();
        knowing.sort_by_key(|id| order(*id));
        knowing.first().copied()
    });
    let Some(id) = field else {
        let problem = Diagnostic::error("not-in-a-field", "this comparison belongs to no field");
        let known =
            fields.fields.iter().flat_map(|field| field.subjects.iter().map(|subject| subject.id.as_str()));
        let unknown = article
            .subjects
            .iter()
            .find(|(name, _)| fields.fields.iter().all(|field| field.subject(name).is_none()));
        problems.push(match unknown {
            Some((name, place)) if !fields.fields.is_empty() => {
                place.mark(Diagnostic::error("unknown-subject", format!("there is no subject `{name}`"))).nearest(name, known)
            }
            _ => article.place.mark(problem).hint(
                "a field is a section with a file `criteria.toml` in its folder; its subjects are pages with `[subject]`",
            ),
        });
        return None;
    };
    let field = fields.field(id);
    let mut subjects = Vec::new();
    for (name, place) in &article.subjects {
        match field.subject(name) {
            Some(subject) if subjects.contains(&subject) => {
                let message = format!("`{name}` is compared with itself");
                problems.push(place.mark(Diagnostic::error("bad-value", message)));
            }
            Some(subject) => subjects.push(subject),
            None => problems.push(place.mark(field.unknown_subject(name))),
        }
    }
    let mut criteria = Vec::new();
    for (name, place) in &article.criteria {
        match field.criteria.named(name) {
            Some(named) => criteria.extend(named),
            None => problems.push(place.mark(field.criteria.unknown(name))),
        }
    }
    if article.criteria.is_empty() {
        criteria.extend(0..field.criteria.criteria.len());
    }
    let mut seen = std::collections::HashSet::new();
    criteria.retain(|i| seen.insert(*i));
    let mut here = |name: &str, place: &Place| match field.subject(name) {
        Some(subject) if subjects.contains(&subject) => Some(subject),
        Some(_) => {
            let message = format!("`{name}` is not compared on this page");
            let problem = place.mark(Diagnostic::error("unknown-subject", message));
            let known: Vec<&str> = subjects.iter().map(|i| field.subjects[*i].id.as_str()).collect();
            problems.push(problem.hint(format!("it is about {}", known.join(" and "))));
            None
        }
        None => {
            problems.push(place.mark(field.unknown_subject(name)));
            None
        }
    };
    let verdicts = article
        .verdicts
        .iter()
        .map(|verdict| Verdict {
            when: verdict.when.clone(),
            pick: verdict.pick.iter().filter_map(|(name, place)| here(name, place)).collect(),
            because: verdict.because.clone(),
        })
        .collect();
    for side in &article.sides {
        here(&side.subject.0, &side.subject.1);
    }
    for verdict in &article.verdicts {
        let keys = [
            ("when", verdict.when.is_empty()),
            ("pick", verdict.lacks_pick),
            ("because", verdict.because.is_empty()),
        ];
        for (key, _) in keys.into_iter().filter(|(_, is_missing)| *is_missing) {
            let problem = Diagnostic::error("missing-key", format!("a verdict needs `{key}`"));
            let problem = verdict.place.mark(problem);
            problems.push(match key {
                "pick" => problem.hint("where both will do, say so: `pick = \"either\"`"),
                _ => problem,
            });
        }
    }
    (subjects.len() == article.subjects.len()).then(|| Comparison {
        field: id,
        subjects,
        criteria,
        verdicts,
        article: Arc::clone(article),
    })
}

/// Hand-written pages of pairs: field, smaller and larger index of the subjects.
pub(super) fn written(
    pages: &[Page],
    sections: &[Section],
    fields: &Fields,
    problems: &mut Vec<Diagnostic>,
) -> HashMap<(FieldId, usize, usize), PageId> {
    let field_language =
        |id: FieldId| sections[fields.field(id).section.0 as usize].item.file.language.as_str();
    let mut written: HashMap<(FieldId, usize, usize), PageId> = HashMap::new();
    for (page, comparison) in &fields.comparisons {
        let [one, other] = comparison.subjects.as_slice() else { continue };
        if pages[page.0 as usize].item.front.common.render == Some(false) {
            continue;
        }
        let key = (comparison.field, *one.min(other), *one.max(other));
        if let Some(first) = written.get(&key) {
            let message = "these two subjects are compared on two pages";
            let problem = comparison.article.place.mark(Diagnostic::error("duplicate-pair", message));
            let problem = match &pages[first.0 as usize].item.front.page.article {
                Some(article) => problem.label(&article.place.source, article.place.span, "the other one"),
                None => problem,
            };
            let language = |id: PageId| &pages[id.0 as usize].item.file.language;
            let of_field = field_language(comparison.field);
            problems.push(if language(*first) == language(*page) {
                problem.hint("make them one page, or compare more subjects on one of them")
            } else {
                let other = [*page, *first].into_iter().map(language).find(|of| of.as_str() != of_field);
                let other = other.map_or("", String::as_str);
                problem.hint(format!(
                    "the field is not there in `{other}`: it needs an `_index.{other}.md`, and its subjects in that language"
                ))
            });
            continue;
        }
        written.insert(key, *page);
    }
    written
}

/// All pairs of a field and what becomes of them.
pub(super) fn pairs(
    field: &Field,
    id: FieldId,
    written: &HashMap<(FieldId, usize, usize), PageId>,
) -> Vec<Pair> {
    let settings = &field.criteria.settings;
    let mut by_id: Vec<usize> = (0..field.subjects.len()).collect();
    by_id.sort_by(|a, b| field.subjects[*a].id.cmp(&field.subjects[*b].id));
    let has: Vec<Vec<bool>> = field
        .subjects
        .iter()
        .map(|subject| {
            let known = |fact: &Option<Fact>| {
                fact.as_ref().is_some_and(|fact| matches!(fact.answer, Answer::Value(_)))
            };
            subject.facts.iter().map(known).collect()
        })
        .collect();
    let mut solves = vec![vec![false; field.tasks.len()]; field.subjects.len()];
    for (i, task) in field.tasks.iter().enumerate() {
        for side in task.sides.iter().filter(|side| !side.files.is_empty()) {
            solves[side.subject][i] = true;
        }
    }
    let both = |of: &[Vec<bool>], a: usize, b: usize| {
        index(of[a].iter().zip(&of[b]).filter(|(a, b)| **a && **b).count())
    };
    let mut pairs = Vec::with_capacity(by_id.len() * by_id.len().saturating_sub(1) / 2);
    for (i, &a) in by_id.iter().enumerate() {
        for &b in &by_id[i + 1..] {
            let (facts, tasks) = (both(&has, a, b), both(&solves, a, b));
            let page = written.get(&(id, a.min(b), a.max(b))).copied();
            let is_enough = facts as usize >= settings.min_facts && tasks as usize >= settings.min_tasks;
            let fate = match (page, settings.below) {
                (Some(_), _) => Fate::Written,
                (None, Below::None) => Fate::Skipped,
                (None, _) if is_enough => Fate::Published,
                (None, Below::Publish) => Fate::Published,
                (None, Below::NoIndex) => Fate::NoIndex,
                (None, Below::Skip) => Fate::Skipped,
            };
            pairs.push(Pair { a: index(a), b: index(b), page, facts, tasks, fate });
        }
    }
    pairs
}
