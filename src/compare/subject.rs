//! Subjects: what the front matter of a contender's page says.
//!
//! In: `[subject]` and `[facts]`. Out: [`Profile`]; facts stay as written until
//! the criteria of the field are known. Must not know other subjects.

use std::sync::Arc;

use super::Place;
use crate::base::date::DateTime;
use crate::base::diagnostic::Diagnostic;
use crate::base::source::{Source, Span};
use crate::base::table::{Table, Value};

/// What is known about a subject, but for its facts. Every field as in
/// [`keys::SUBJECT`](super::keys::SUBJECT).
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "the schema of the keys says what each is")]
pub struct Profile {
    pub id: Option<String>,
    pub short: Option<String>,
    pub is_language: bool,
    pub also: Vec<String>,
    pub family: Option<String>,
    pub current: Option<bool>,
    pub version: Option<String>,
    pub released: Option<DateTime>,
    pub languages: Vec<String>,
    pub website: Option<String>,
    pub repository: Option<String>,
    pub license: Option<String>,
    pub logo: Option<String>,
    pub requires: Option<Vec<String>>,
    pub check: Option<String>,
    pub verified: Option<DateTime>,
    pub pros: Vec<String>,
    pub cons: Vec<String>,
}

/// A subject's front matter.
#[derive(Debug, Clone, PartialEq)]
pub struct SubjectFront {
    /// `[subject]`.
    pub profile: Profile,
    /// `[facts]`, as written.
    pub facts: Table,
    /// Where `[subject]` stands.
    pub place: Place,
}

/// Reads `[subject]` and `[facts]`.
pub fn read(source: &Arc<Source>, subject: &Table, span: Span, facts: Option<&Table>) -> SubjectFront {
    let texts = |key: &str| subject.texts(key).unwrap_or_default();
    let profile = Profile {
        id: subject.text("id"),
        short: subject.text("short"),
        is_language: subject.text("kind").as_deref() == Some("language"),
        also: texts("also"),
        family: subject.text("family"),
        current: subject.bool("current"),
        version: subject.text("version"),
        released: date(subject.get("released")),
        languages: texts("languages"),
        website: subject.text("website"),
        repository: subject.text("repository"),
        license: subject.text("license"),
        logo: subject.text("logo"),
        requires: subject.texts("requires"),
        check: subject.text("check"),
        verified: date(subject.get("verified")),
        pros: texts("pros"),
        cons: texts("cons"),
    };
    SubjectFront { profile, facts: facts.cloned().unwrap_or_default(), place: Place::new(source, span) }
}

impl Profile {
    /// Keys whose value should be an address and is none, each with it.
    pub fn bad_addresses(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [("website", &self.website), ("repository", &self.repository)]
            .into_iter()
            .filter_map(|(key, address)| Some((key, address.as_deref()?)))
            .filter(|(_, address)| !address.starts_with("https://") && !address.starts_with("http://"))
    }
}

/// A problem for an address that is none.
pub fn bad_address(key: &str, address: &str) -> Diagnostic {
    Diagnostic::error("bad-value", format!("`{key}` is `{address}`, which is no address"))
        .hint("it starts with `https://`")
}

/// The date that a value is.
pub(super) fn date(value: Option<&Value>) -> Option<DateTime> {
    match value? {
        Value::Date(text) | Value::Text(text) => DateTime::parse(text).ok(),
        _ => None,
    }
}
