//! Coverage: what is known about a field, and what is missing, old or one-sided.
//!
//! In: the site's fields and the day they are looked at. Out: counts for each
//! field, subject, criterion, task and pair, as text and as JSON; problems for
//! what has grown old. Pure. Must not read the clock.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::Site;
use super::field::{Fate, Field, Subject};
use crate::base::date::DateTime;
use crate::base::diagnostic::Diagnostic;
use crate::compare::criterion::Criterion;
use crate::compare::fact::{Answer, Fact, needs_source};

/// How many cells there are of each sort.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cells {
    /// With a value.
    pub known: usize,
    /// Nobody has found out.
    pub unknown: usize,
    /// The question makes no sense.
    pub not_applicable: usize,
    /// Nobody has looked.
    pub absent: usize,
    /// Of those with a value: without a source.
    pub without_source: usize,
    /// Of those with a value: without a date.
    pub without_date: usize,
    /// Of those with a value: older than the criterion allows.
    pub stale: usize,
}

impl Cells {
    fn add(&mut self, criterion: &Criterion, fact: Option<&Fact>, today: Option<&DateTime>) {
        match fact.map(|fact| (&fact.answer, fact)) {
            None => self.absent += 1,
            Some((Answer::Unknown, _)) => self.unknown += 1,
            Some((Answer::NotApplicable, _)) => self.not_applicable += 1,
            Some((Answer::Value(_), fact)) => {
                self.known += 1;
                let lacks_source = needs_source(criterion, fact) && fact.sources.is_empty();
                self.without_source += usize::from(lacks_source);
                self.without_date += usize::from(fact.verified.is_none());
                self.stale += usize::from(age_over(criterion, fact, today).is_some());
            }
        }
    }

    fn all(&self) -> usize {
        self.known + self.unknown + self.not_applicable + self.absent
    }

    fn to_json(self) -> Json {
        json!({
            "cells": self.all(), "known": self.known, "unknown": self.unknown,
            "not_applicable": self.not_applicable, "absent": self.absent,
            "without_source": self.without_source, "without_date": self.without_date, "stale": self.stale,
        })
    }

    fn words(self) -> String {
        let parts = [
            (self.known, "known"),
            (self.unknown, "not known"),
            (self.not_applicable, if self.not_applicable == 1 { "does not apply" } else { "do not apply" }),
            (self.absent, "not looked at"),
            (self.without_source, "without a source"),
            (self.without_date, "without a date"),
            (self.stale, "to be checked again"),
        ];
        let said =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}"));
        said.collect::<Vec<_>>().join(", ")
    }
}

/// By how many days a fact is older than its criterion allows, and how old it is.
fn age_over(criterion: &Criterion, fact: &Fact, today: Option<&DateTime>) -> Option<(i64, i64)> {
    let allowed = criterion.stale_after?;
    let age = (today?.timestamp - fact.verified.as_ref()?.timestamp) / 86_400;
    (fact.value().is_some() && age > allowed).then_some((age - allowed, age))
}

fn cells_of(field: &Field, subject: &Subject, today: Option<&DateTime>) -> Cells {
    let mut cells = Cells::default();
    for (criterion, fact) in field.criteria.criteria.iter().zip(&subject.facts) {
        cells.add(criterion, fact.as_ref(), today);
    }
    cells
}

fn cells_for(field: &Field, criterion: usize, today: Option<&DateTime>) -> Cells {
    let mut cells = Cells::default();
    for subject in &field.subjects {
        cells.add(&field.criteria.criteria[criterion], subject.facts[criterion].as_ref(), today);
    }
    cells
}

/// What has grown old or is one-sided: `stale-fact`, `date-to-come`,
/// `version-moved-on`, `one-sided`, `missing-side`. Ages are counted to `today`;
/// nobody can have looked after `real_day`.
pub fn problems(site: &Site, today: &str, real_day: &str) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let real_day = DateTime::parse(real_day).ok();
    let today = DateTime::parse(today).ok();
    for field in &site.fields.fields {
        for subject in &field.subjects {
            for (criterion, fact) in field.criteria.criteria.iter().zip(&subject.facts) {
                let Some(fact) = fact else { continue };
                if let (Some(verified), Some(day)) = (&fact.verified, &real_day)
                    && verified.timestamp > day.timestamp + 86_400
                {
                    let message =
                        format!("`{}` of {} was checked on a day to come", criterion.id, subject.short);
                    let problem = fact.place.mark(Diagnostic::warning("date-to-come", message));
                    problems.push(problem.hint(format!("`verified` is {}", verified.text)));
                }
                if let Some((over, age)) = age_over(criterion, fact, today.as_ref()) {
                    let message =
                        format!("`{}` of {} was checked {age} days ago", criterion.id, subject.short);
                    let problem = fact.place.mark(Diagnostic::warning("stale-fact", message));
                    let days = if over == 1 { "1 day".to_owned() } else { format!("{over} days") };
                    problems.push(problem.hint(format!(
                        "that is {days} more than `stale_after` allows: look again, then set `verified`"
                    )));
                }
            }
        }
    }
    for field in &site.fields.fields {
        for task in &field.tasks {
            let missing = missing_sides(field, task);
            if missing.is_empty() {
                continue;
            }
            let more = if missing.len() > MOST { " and more" } else { "" };
            let names = missing[..missing.len().min(MOST)].join(", ");
            let message = format!("the task `{}` has no side for {names}{more}", task.id);
            let problem = task.front.place.mark(Diagnostic::warning("missing-side", message));
            problems.push(problem.hint(format!(
                "add a file or folder of that name, or say why there is none: `omit = {{ {} = \"…\" }}`",
                missing[0]
            )));
        }
    }
    for comparison in site.fields.comparisons.values() {
        let field = site.fields.field(comparison.field);
        for side in &comparison.article.sides {
            let (name, place) = &side.subject;
            let Some(subject) = field.subject(name).map(|i| &field.subjects[i]) else { continue };
            if let (Some(written), Some(now)) = (&side.version, &subject.profile.version)
                && release_line(written) != release_line(now)
            {
                let message = format!("this was written for {} {written}, and {now} is out", subject.short);
                let problem = place.mark(Diagnostic::note("version-moved-on", message));
                problems.push(
                    problem.hint("check the text against the new version, then set `version` and `verified`"),
                );
            }
        }
        let lists = |subject: &Subject| {
            let own = comparison.article.sides.iter().find(|side| {
                field.subject(&side.subject.0).is_some_and(|i| field.subjects[i].id == subject.id)
            });
            let pros = own.and_then(|side| side.pros.as_ref()).unwrap_or(&subject.profile.pros);
            let cons = own.and_then(|side| side.cons.as_ref()).unwrap_or(&subject.profile.cons);
            (pros.len(), cons.len())
        };
        for i in &comparison.subjects {
            let subject = &field.subjects[*i];
            let one_sided = match lists(subject) {
                (0, 1..) => Some(("against", "for")),
                (1.., 0) => Some(("for", "against")),
                _ => None,
            };
            if let Some((there, missing)) = one_sided {
                let message =
                    format!("there is something {there} {}, and nothing {missing} it", subject.short);
                problems.push(comparison.article.place.mark(Diagnostic::warning("one-sided", message)));
            }
        }
    }
    problems
}

/// The part of a version that changes when something breaks: the first number,
/// and of `0.x` the second as well.
fn release_line(version: &str) -> Vec<&str> {
    let version = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut parts = version.split('.');
    let first = parts.next().unwrap_or("");
    if first == "0" { std::iter::once(first).chain(parts.next()).collect() } else { vec![first] }
}

/// The report as JSON.
pub fn to_json(site: &Site, today: &str) -> Json {
    let today = DateTime::parse(today).ok();
    let today = today.as_ref();
    let field = |field: &Field| {
        let subjects: Vec<Json> = field
            .subjects
            .iter()
            .map(|subject| json!({ "id": subject.id, "facts": cells_of(field, subject, today).to_json() }))
            .collect();
        let criteria: Vec<Json> = (0..field.criteria.criteria.len())
            .map(|i| json!({ "id": field.criteria.criteria[i].id, "facts": cells_for(field, i, today).to_json() }))
            .collect();
        let tasks: Vec<Json> = field
            .tasks
            .iter()
            .map(|task| {
                let of = |omitted: bool| -> Vec<&str> {
                    let sides = task.sides.iter().filter(|side| side.omit.is_some() == omitted);
                    sides.map(|side| field.subjects[side.subject].id.as_str()).collect()
                };
                json!({ "id": task.id, "sides": of(false), "omitted": of(true), "missing": missing_sides(field, task) })
            })
            .collect();
        let pairs: Vec<Json> = field
            .pairs
            .iter()
            .map(|pair| {
                let fate = match pair.fate {
                    Fate::Written => "written",
                    Fate::Published => "published",
                    Fate::NoIndex => "noindex",
                    Fate::Skipped => "skipped",
                };
                json!({ "id": field.pair_slug(pair), "facts": pair.facts, "tasks": pair.tasks, "fate": fate })
            })
            .collect();
        json!({ "id": field.id, "name": field.name, "facts": totals(field, today).to_json(),
                "subjects": subjects, "criteria": criteria, "tasks": tasks, "pairs": pairs })
    };
    json!({ "fields": site.fields.fields.iter().map(field).collect::<Vec<_>>() })
}

fn totals(field: &Field, today: Option<&DateTime>) -> Cells {
    let mut cells = Cells::default();
    for subject in &field.subjects {
        for (criterion, fact) in field.criteria.criteria.iter().zip(&subject.facts) {
            cells.add(criterion, fact.as_ref(), today);
        }
    }
    cells
}

fn missing_sides<'f>(field: &'f Field, task: &super::field::Task) -> Vec<&'f str> {
    let has = |i: &usize| task.sides.iter().any(|side| side.subject == *i);
    (0..field.subjects.len()).filter(|i| !has(i)).map(|i| field.subjects[i].id.as_str()).collect()
}

/// Most lines of one list in the text.
const MOST: usize = 20;

fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// The report as text.
pub fn to_text(site: &Site, today: &str) -> String {
    let mut out = String::new();
    let today = DateTime::parse(today).ok();
    let today = today.as_ref();
    if site.fields.fields.is_empty() {
        return "This site compares nothing: no section has a file `criteria.toml`.\n".to_owned();
    }
    for field in &site.fields.fields {
        let _ = writeln!(
            out,
            "{} ({}): {}, {}, {}",
            field.name,
            field.id,
            counted(field.subjects.len(), "subject", "subjects"),
            counted(field.criteria.criteria.len(), "criterion", "criteria"),
            counted(field.tasks.len(), "task", "tasks")
        );
        let all = totals(field, today);
        let _ = writeln!(out, "  {} facts: {}", all.all(), all.words());
        let subjects =
            field.subjects.iter().map(|subject| (subject.id.as_str(), cells_of(field, subject, today)));
        list(&mut out, "subjects", subjects.collect());
        let criteria = (0..field.criteria.criteria.len())
            .map(|i| (field.criteria.criteria[i].id.as_str(), cells_for(field, i, today)));
        list(&mut out, "criteria", criteria.collect());
        for task in &field.tasks {
            let missing = missing_sides(field, task);
            if !missing.is_empty() {
                let _ = writeln!(out, "  task {}: no side for {}", task.id, missing.join(", "));
            }
        }
        let count = |fate: Fate| field.pairs.iter().filter(|pair| pair.fate == fate).count();
        let _ = writeln!(
            out,
            "  {} pairs: {} written, {} generated, {} not for search engines, {} below the floor",
            field.pairs.len(),
            count(Fate::Written),
            count(Fate::Published),
            count(Fate::NoIndex),
            count(Fate::Skipped)
        );
        let skipped: Vec<_> = field.pairs.iter().filter(|pair| pair.fate == Fate::Skipped).collect();
        for pair in skipped.iter().take(MOST) {
            let _ =
                writeln!(out, "    {}: {} facts, {} tasks", field.pair_slug(pair), pair.facts, pair.tasks);
        }
        if skipped.len() > MOST {
            let _ = writeln!(out, "    and {} more", skipped.len() - MOST);
        }
    }
    out
}

/// What has gaps, most gaps first.
fn list(out: &mut String, what: &str, mut rows: Vec<(&str, Cells)>) {
    let gaps = |cells: &Cells| {
        cells.unknown + cells.absent + cells.without_source + cells.without_date + cells.stale
    };
    rows.retain(|(_, cells)| gaps(cells) > 0);
    rows.sort_by_key(|(_, cells)| std::cmp::Reverse(gaps(cells)));
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "  {what} with gaps:");
    for (name, cells) in rows.iter().take(MOST) {
        let _ = writeln!(out, "    {name}: {}", cells.words());
    }
    if rows.len() > MOST {
        let _ = writeln!(out, "    and {} more", rows.len() - MOST);
    }
}
