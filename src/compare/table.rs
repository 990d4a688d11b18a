//! Tables: rows of facts, who wins each, and in which words.
//!
//! In: criteria and the facts of some subjects. Out: for each criterion who
//! wins, whether all agree, and one phrase. Must not know pages or HTML.

use std::cmp::Ordering;

use super::criterion::{Better, Criterion, Kind};
use super::fact::Fact;
use super::value::{Value, plain};
use super::words::Words;

/// What a row comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Who wins: places in the row; several for a tie; none where nobody can.
    pub winners: Vec<usize>,
    /// All say the same.
    pub is_same: bool,
    /// One phrase; empty where nothing is to be said.
    pub words: String,
}

/// Compares one row. `facts` and `names` are in the order of the columns.
pub fn outcome(criterion: &Criterion, facts: &[Option<&Fact>], names: &[&str], words: &Words) -> Outcome {
    let values: Vec<Option<&Value>> = facts.iter().map(|fact| fact.and_then(Fact::value)).collect();
    let is_same = facts.windows(2).all(|pair| says_the_same(pair[0], pair[1]));
    let mut outcome = Outcome { winners: Vec::new(), is_same, words: String::new() };
    let (Some(better), true) = (criterion.better, facts.len() > 1) else { return outcome };
    let known: Vec<usize> = (0..values.len()).filter(|i| values[*i].is_some()).collect();
    if known.is_empty() {
        return outcome;
    }
    let mut methods =
        known.iter().map(|i| facts[*i].and_then(|fact| fact.method.as_ref()).or(criterion.method.as_ref()));
    let first = methods.next();
    let is_mixed = methods.any(|other| Some(other) != first);
    // Numbers that were measured in different ways say nothing about one another.
    let is_measured = matches!(criterion.kind, Kind::Number | Kind::Rating | Kind::Money);
    if known.len() < 2 || (is_measured && is_mixed) {
        outcome.words = words.get("not_comparable").into_owned();
        return outcome;
    }
    let mut winners: Vec<usize> = Vec::new();
    for &i in &known {
        let against = winners.first().copied();
        let order = match (against, values[i]) {
            (None, _) => Some(Ordering::Greater),
            (Some(best), Some(value)) => {
                values[best].and_then(|best| value.order(best)).map(|order| match better {
                    Better::More => order,
                    Better::Less => order.reverse(),
                })
            }
            (Some(_), None) => None,
        };
        match order {
            Some(Ordering::Greater) => winners = vec![i],
            Some(Ordering::Equal) => winners.push(i),
            Some(Ordering::Less) => {}
            None => {
                outcome.words = words.get("not_comparable").into_owned();
                return outcome;
            }
        }
    }
    outcome.words = match winners.as_slice() {
        _ if winners.len() == known.len() => words.get("tie").into_owned(),
        [winner] => match (known.as_slice(), known.iter().find(|i| *i != winner)) {
            ([_, _], Some(loser)) => {
                against(criterion, (values[*winner], values[*loser]), names[*winner], words)
            }
            _ => words.with("wins", &[names[*winner]]),
        },
        several => {
            let names: Vec<&str> = several.iter().map(|i| names[*i]).collect();
            words.with("tie_of", &[&names.join(", ")])
        }
    };
    // Where all known ones are alike nobody has won.
    if winners.len() < known.len() {
        outcome.winners = winners;
    }
    outcome
}

fn says_the_same(a: Option<&Fact>, b: Option<&Fact>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.answer == b.answer && a.since == b.since && a.until == b.until,
        (None, None) => true,
        _ => false,
    }
}

/// How far the winner is ahead of the only other.
fn against(
    criterion: &Criterion,
    values: (Option<&Value>, Option<&Value>),
    winner: &str,
    words: &Words,
) -> String {
    let plainly = || words.with("wins", &[winner]);
    match values {
        (Some(Value::Number { amount: best, .. }), Some(Value::Number { amount: other, .. })) => {
            let (high, low) = (best.max(*other), best.min(*other));
            if low <= 0.0 {
                return plainly();
            }
            let ratio = high / low;
            let rounded = if ratio < 10.0 { (ratio * 10.0).round() / 10.0 } else { ratio.round() };
            let share = ((1.0 - low / high) * 100.0).round();
            match criterion.better {
                Some(Better::More) if ratio >= 1.05 => words.with("times", &[winner, &plain(rounded)]),
                Some(Better::Less) if ratio >= 2.0 => words.with("times_less", &[winner, &plain(rounded)]),
                Some(Better::Less) if share >= 1.0 => words.with("percent_less", &[winner, &plain(share)]),
                _ => words.with("almost", &[winner]),
            }
        }
        (Some(Value::Date(best)), Some(Value::Date(other))) => {
            let years = (best.timestamp - other.timestamp).abs() / 31_557_600;
            match (years, criterion.better) {
                (0, _) => plainly(),
                (1, Some(Better::More)) => words.with("year_later", &[winner]),
                (1, _) => words.with("year_earlier", &[winner]),
                (years, Some(Better::More)) => words.with("years_later", &[winner, &years.to_string()]),
                (years, _) => words.with("years_earlier", &[winner, &years.to_string()]),
            }
        }
        _ => plainly(),
    }
}
