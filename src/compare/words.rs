//! Words: what tables say, in the reader's language.
//!
//! In: a table of words of a site's own. Out: each word, English where there is
//! none. Must not know where the table comes from.

use std::borrow::Cow;

/// Every word, with its name and the English text. `{}` stands for a value.
pub const WORDS: &[(&str, &str)] = &[
    ("yes", "Yes"),
    ("no", "No"),
    ("partial", "Partly"),
    ("planned", "Planned"),
    ("removed", "Removed"),
    ("plugin", "With a plugin"),
    ("unknown", "Not known"),
    ("absent", "No answer yet"),
    ("na", "Does not apply"),
    ("since", "since {}"),
    ("until", "until {}"),
    ("with_version", "version {}"),
    ("rating", "{} of {}"),
    ("tie", "Tie"),
    ("tie_of", "Tie: {}"),
    ("not_comparable", "Not comparable"),
    ("wins", "{}"),
    ("times", "{}: {} times as much"),
    ("times_less", "{}: {} times less"),
    ("percent_less", "{}: {} % less"),
    ("almost", "{}, by very little"),
    ("year_earlier", "{}: one year earlier"),
    ("year_later", "{}: one year later"),
    ("years_earlier", "{}: {} years earlier"),
    ("years_later", "{}: {} years later"),
    ("code", "Code"),
    ("versus", "{} vs {}"),
    ("and", "{} and {}"),
    ("pair_description", "{} and {} side by side: {} facts."),
    ("pair_description_tasks", "{} and {} side by side: {} facts, {} tasks in code."),
    ("matrix_title", "{}: all criteria"),
    ("matrix_description", "{}: {} subjects by {} criteria."),
];

/// The words of one language.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Words {
    own: serde_json::Map<String, serde_json::Value>,
}

impl Words {
    /// English, but for the words of that table.
    pub fn new(own: serde_json::Map<String, serde_json::Value>) -> Self {
        Self { own }
    }

    /// English, but for `words.LANGUAGE` of a site's free values.
    pub fn of_language(extra: &serde_json::Map<String, serde_json::Value>, language: &str) -> Self {
        let own = extra.get("words").and_then(|words| words.get(language));
        Self::new(own.and_then(serde_json::Value::as_object).cloned().unwrap_or_default())
    }

    /// The word of that name.
    pub fn get(&self, name: &'static str) -> Cow<'_, str> {
        if let Some(own) = self.own.get(name).and_then(serde_json::Value::as_str) {
            return Cow::Borrowed(own);
        }
        Cow::Borrowed(WORDS.iter().find(|(known, _)| *known == name).map_or(name, |(_, text)| text))
    }

    /// The word of that name, with values put in where it has `{}`.
    pub fn with(&self, name: &'static str, values: &[&str]) -> String {
        let text = self.get(name);
        let mut values = values.iter();
        let mut out = String::with_capacity(text.len() + 16);
        let mut rest = text.as_ref();
        while let Some(at) = rest.find("{}") {
            out.push_str(&rest[..at]);
            out.push_str(values.next().copied().unwrap_or(""));
            rest = &rest[at + 2..];
        }
        out.push_str(rest);
        out
    }
}
