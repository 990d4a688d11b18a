//! Keys: what may stand in `criteria.toml` and in the front matter of subjects,
//! comparisons and tasks.
//!
//! In: nothing. Out: schemas, from which the check, the JSON Schema and the
//! documentation are made.

use crate::base::keys::{Key, Kind as Is, Schema};

/// Any number.
const NUMBER: Is = Is::Number;

/// What a pair page below the floor becomes.
pub const PAIRS: &[&str] = &["skip", "noindex", "publish", "none"];

/// Types of criteria.
pub const TYPES: &[&str] = &[
    "bool", "support", "number", "rating", "version", "range", "date", "enum", "set", "money", "text", "url",
    "snippet",
];

/// `[field]`.
pub static FIELD: Schema = Schema {
    title: "`[field]`",
    keys: &[
        Key::new("id", Is::Text, "", "Short name in addresses of the reader's choice; the folder's name."),
        Key::new("name", Is::Text, "", "What is compared, in the plural; the section's title."),
        Key::new(
            "order",
            Is::Texts,
            "[]",
            "Ids of subjects in their order; others follow by weight, then id.",
        ),
        Key::new(
            "pairs",
            Is::Choice(PAIRS),
            "\"skip\"",
            "What a pair page below the floor becomes; `none` for no generated pair pages at all.",
        ),
        Key::new(
            "matrix",
            Is::Bool,
            "true",
            "A page with all subjects against all criteria, also as JSON and CSV.",
        ),
        Key::new(
            "min_shared_facts",
            Is::Integer(0, 10_000),
            "6",
            "Facts that both subjects need for a pair page.",
        ),
        Key::new(
            "min_shared_tasks",
            Is::Integer(0, 10_000),
            "1",
            "Tasks that both subjects need for a pair page.",
        ),
        Key::new(
            "stale_after",
            Is::Text,
            "",
            "Age at which a fact has to be checked again: `400d`, `18m`, `2y`.",
        ),
        Key::new("source_required", Is::Bool, "false", "Every fact needs a source."),
    ],
    foreign: &[],
    unknown: None,
};

/// `[[group]]`.
pub static GROUP: Schema = Schema {
    title: "`[[group]]`",
    keys: &[
        Key::new("id", Is::Text, "", "Its name for criteria."),
        Key::new("title", Is::Text, "", "Heading above its rows."),
        Key::new("help", Is::Text, "", "One line about it."),
    ],
    foreign: &[],
    unknown: None,
};

/// `[[criterion]]`.
pub static CRITERION: Schema = Schema {
    title: "`[[criterion]]`",
    keys: &[
        Key::new("id", Is::Text, "", "Its name for facts."),
        Key::new("group", Is::Text, "", "Id of its group."),
        Key::new("title", Is::Text, "", "Head of its row."),
        Key::new("type", Is::Choice(TYPES), "", "What its facts are."),
        Key::new("help", Is::Text, "", "The question in words."),
        Key::new("unit", Is::Text, "", "Unit of numbers; other units of the same kind are converted."),
        Key::new(
            "better",
            Is::Choice(&["higher", "lower", "later", "earlier", "yes", "no", "first", "last"]),
            "",
            "Which fact wins its row; without it none does.",
        ),
        Key::new("values", Is::List, "[]", "What an `enum` or a `set` can be: texts, or `{ id, title }`."),
        Key::new("of", NUMBER, "5", "Top of a rating's scale."),
        Key::new("min", NUMBER, "", "Smallest number."),
        Key::new("max", NUMBER, "", "Largest number."),
        Key::new("weight", NUMBER, "1", "How much it counts."),
        Key::new("method", Is::Text, "", "How numbers were measured."),
        Key::new(
            "format",
            Is::Choice(&["grouped", "plain", "si"]),
            "\"grouped\"",
            "How numbers are written.",
        ),
        Key::new("source_required", Is::Bool, "", "Every fact needs a source; the field's choice."),
        Key::new(
            "stale_after",
            Is::Text,
            "",
            "Age at which a fact has to be checked again; the field's choice.",
        ),
    ],
    foreign: &[("name", "the head of its row is `title`"), ("kind", "what its facts are is `type`")],
    unknown: None,
};

/// `[[data]]`.
pub static DATA: Schema = Schema {
    title: "`[[data]]`",
    keys: &[
        Key::new("file", Is::Text, "", "CSV, JSON, TOML or YAML file beside this one."),
        Key::new("rows", Is::Text, "", "Where the list of rows is (dotted); the whole file."),
        Key::new("subject", Is::Text, "\"id\"", "Column with the subject's id."),
        Key::new("title", Is::Text, "", "Column with its title."),
        Key::new("description", Is::Text, "", "Column with one sentence about it."),
        Key::new("version", Is::Text, "", "Column with its version."),
        Key::new("released", Is::Text, "", "Column with the date of that version."),
        Key::new("website", Is::Text, "", "Column with its address."),
        Key::new("repository", Is::Text, "", "Column with its repository."),
        Key::new("license", Is::Text, "", "Column with its licence."),
        Key::new("languages", Is::Text, "", "Column with its language."),
        Key::new("family", Is::Text, "", "Column with its family."),
        Key::new("create", Is::Bool, "true", "Rows without a page become subjects; else they are errors."),
        Key::new("source", Is::Text, "", "Source of all facts of the file."),
        Key::new("verified", Is::Date, "", "When they were checked."),
        Key::new(
            "facts",
            Is::Free,
            "{}",
            "Criterion = column (dotted), or `{ column, unit, method, version, source }`.",
        ),
    ],
    foreign: &[],
    unknown: None,
};

/// `criteria.toml`.
pub static FILE: Schema = Schema {
    title: "`criteria.toml`",
    keys: &[
        Key::new("field", Is::Table(&FIELD), "{}", "The field."),
        Key::new("group", Is::Tables(&GROUP), "[]", "Groups of criteria, in their order."),
        Key::new("criterion", Is::Tables(&CRITERION), "[]", "Criteria, in their order."),
        Key::new("data", Is::Tables(&DATA), "[]", "Files that hold facts."),
    ],
    foreign: &[
        ("groups", "groups are `[[group]]`"),
        ("criteria", "criteria are `[[criterion]]`"),
        ("subjects", "subjects are pages with `[subject]` beside this file, or rows of `[[data]]`"),
    ],
    unknown: None,
};

/// `[subject]` in the front matter of a page.
pub static SUBJECT: Schema = Schema {
    title: "`[subject]`",
    keys: &[
        Key::new("id", Is::Text, "", "Its name for comparisons; the page's slug."),
        Key::new("short", Is::Text, "", "Short title for tabs and table heads."),
        Key::new(
            "kind",
            Is::Choice(&["software", "language"]),
            "\"software\"",
            "What it is, for search engines.",
        ),
        Key::new("also", Is::Texts, "[]", "Other names, in addresses of pairs and labels of fences."),
        Key::new("family", Is::Text, "", "What it is a version of; the family's name means the current one."),
        Key::new("current", Is::Bool, "", "The current one of its family; else the one released last."),
        Key::new("version", Is::Text, "", "Version the facts are about."),
        Key::new("released", Is::Date, "", "When that version came out."),
        Key::new("languages", Is::Texts, "[]", "Languages of fences that belong to it."),
        Key::new("website", Is::Text, "", "Its address."),
        Key::new("repository", Is::Text, "", "Where its source is."),
        Key::new("license", Is::Text, "", "SPDX name of its licence."),
        Key::new("logo", Is::Text, "", "Picture beside the page."),
        Key::new(
            "requires",
            Is::Texts,
            "",
            "Packages its programs need to be run; without it they are not run.",
        ),
        Key::new(
            "check",
            Is::Choice(&["off", "syntax", "strict"]),
            "",
            "How far the code of its tasks is checked; the task's level.",
        ),
        Key::new("verified", Is::Date, "", "When its facts were checked, but for those that say otherwise."),
        Key::new("pros", Is::Texts, "[]", "What speaks for it; a line of Markdown each."),
        Key::new("cons", Is::Texts, "[]", "What speaks against it."),
    ],
    foreign: &[
        ("title", "the title of the page is the subject's"),
        ("licence", "the key is `license`"),
        ("facts", "facts stand in a table of their own: `[facts]`"),
    ],
    unknown: None,
};

/// A fact written as a table.
pub static FACT: Schema = Schema {
    title: "a fact",
    keys: &[
        Key::new("value", Is::Any, "", "The answer; `\"unknown\"` and `\"na\"` for the two kinds of none."),
        Key::new("unit", Is::Text, "", "Unit of a number; the criterion's."),
        Key::new("of", NUMBER, "", "Top of a rating's scale; the criterion's."),
        Key::new("since", Is::Text, "", "First version it holds for."),
        Key::new("until", Is::Text, "", "Last version it holds for."),
        Key::new("version", Is::Text, "", "Version it was found out with."),
        Key::new("source", Is::TextOrTexts, "", "Where it is written, one address or several."),
        Key::new("verified", Is::Date, "", "When it was checked."),
        Key::new("note", Is::Text, "", "What has to be added; a line of Markdown."),
        Key::new("by", Is::Text, "", "Who says so."),
        Key::new(
            "method",
            Is::Text,
            "",
            "How it was measured; numbers of different methods are not compared.",
        ),
        Key::new("because", Is::Text, "", "Why; a rating needs it."),
    ],
    foreign: &[
        ("date", "when it was checked is `verified`"),
        ("sources", "the key is `source`, also for several"),
    ],
    unknown: None,
};

/// `[[verdict]]` in the front matter of a comparison.
pub static VERDICT: Schema = Schema {
    title: "`[[verdict]]`",
    keys: &[
        Key::new("when", Is::Text, "", "The case; a line of Markdown."),
        Key::new("pick", Is::TextOrTexts, "", "A subject, several, or `\"either\"`."),
        Key::new("because", Is::Text, "", "Why; a line of Markdown."),
    ],
    foreign: &[("winner", "who to pick is `pick`"), ("why", "the reason is `because`")],
    unknown: None,
};

/// A table in `[sides]` of a comparison.
pub static SIDE: Schema = Schema {
    title: "a side",
    keys: &[
        Key::new("version", Is::Text, "", "Version the article was written for."),
        Key::new("pros", Is::Texts, "[]", "What speaks for it here; the subject's own."),
        Key::new("cons", Is::Texts, "[]", "What speaks against it here."),
    ],
    foreign: &[],
    unknown: None,
};

/// `[task]` in the front matter of a page.
pub static TASK: Schema = Schema {
    title: "`[task]`",
    keys: &[
        Key::new("names", Is::Texts, "[]", "Words that every side's code has to contain."),
        Key::new("expect", Is::Text, "", "What every side prints when it is run; `…` stands for anything."),
        Key::new("same_output", Is::Bool, "false", "All sides print the same when they are run."),
        Key::new("run", Is::Bool, "", "`check --run` runs every side; true when it is said what they print."),
        Key::new("main", Is::Map(&Is::Text), "{}", "File to run, by subject, where a side has several."),
        Key::new("omit", Is::Map(&Is::Text), "{}", "Subjects without a side, each with the reason."),
    ],
    foreign: &[],
    unknown: None,
};
