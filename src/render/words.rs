//! Words: what the template engine says, in the words of the rest of Juxta.
//!
//! In: a message of the engine and the text it is about. Out: a message and
//! advice. Messages that are not known stay as they are. Must not know where
//! the problem is.

use crate::base::text::nearest;

/// Most names that are listed.
const LISTED: usize = 12;

/// A message in our words, and advice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// Starts with a small letter, ends without a dot.
    pub(super) message: String,
    /// One phrase.
    pub(super) hint: Option<String>,
}

/// Rewords a message of the engine. `marked` is the text it is about.
pub(super) fn reworded(message: &str, marked: &str) -> Words {
    let message = decapitalise(message);
    known(&message, marked).unwrap_or(Words { message, hint: None })
}

fn known(message: &str, marked: &str) -> Option<Words> {
    let name = message.split('`').nth(1).unwrap_or("");
    let words = |message: String, hint: Option<String>| Some(Words { message, hint });
    for (kind, list) in [("field", "Available fields: "), ("variable", "Available variables: ")] {
        if message.starts_with(&format!("{kind} `{name}` is not defined")) {
            let names: Vec<&str> =
                message.split_once(list).map_or(Vec::new(), |(_, n)| n.split(", ").collect());
            let hint = match suggestion(name, &names) {
                Some(hint) => hint,
                None => "where it may be missing, give another value: `… or \"\"`; before a field of it write `?.`".to_owned(),
            };
            return words(format!("there is no {kind} `{name}`"), Some(hint));
        }
    }
    if let Some(rest) = message.strip_prefix("invalid type for the value, expected `") {
        let (expected, found) = rest.trim_end_matches('`').split_once("` but got `")?;
        return words(format!("expected {}, found {}", kind(expected), kind(found)), None);
    }
    if let Some(rest) = message.strip_prefix(&format!("component argument `{name}` (type: `")) {
        let (found, expected) =
            rest.trim_end_matches('`').split_once("`) does not match expected type: `")?;
        return words(format!("`{name}`: expected {}, found {}", kind(expected), kind(found)), None);
    }
    if message.starts_with("unknown argument(s) ") {
        let names: Vec<&str> = message
            .split_once("are: ")
            .map_or(Vec::new(), |(_, names)| names.split(", ").map(|name| name.trim_matches('`')).collect());
        let hint = suggestion(name, &names).unwrap_or_else(|| "it takes no arguments".to_owned());
        return words(format!("this component takes no argument `{name}`"), Some(hint));
    }
    if message.starts_with("argument `") && message.ends_with(" missing") {
        let of = message.split_once("(type: `").and_then(|(_, rest)| rest.split('`').next()).map(kind);
        let of = of.map_or(String::new(), |of| format!(", {of}"));
        return words(format!("this component needs the argument `{name}`{of}"), None);
    }
    if message.starts_with("missing keyword argument `") {
        return words(format!("the argument `{name}` is missing"), None);
    }
    if let Some((found, expected)) =
        message.strip_prefix("found ").and_then(|rest| rest.split_once(" but expected "))
    {
        let hint = (found == "`.`").then(|| {
            "only a name can have a field: `{% set x = get_page(path=\"…\") %}`, then `{{ x.title }}`"
                .to_owned()
        });
        return words(format!("expected {}, found {}", token(expected), token(found)), hint);
    }
    if let Some(found) = message.strip_prefix("iteration not possible on type ") {
        let found = kind(found.trim_matches('`'));
        let hint = (found == "nothing").then(|| "where it may be missing, write `… or []`".to_owned());
        return words(format!("expected a list to loop over, found {found}"), hint);
    }
    const ABOUT_TYPES: &[&str] = &[
        "cannot compare `",
        "math operations ",
        "`+` requires ",
        "`in` cannot ",
        "slic",
        "spread operator ",
        "key/value iteration ",
        "only numbers ",
        "map keys ",
    ];
    if ABOUT_TYPES.iter().any(|start| message.starts_with(start)) {
        let parts = message.split('`').enumerate().map(|(i, part)| {
            let of = kind(part);
            match i % 2 {
                1 => of,
                _ => {
                    part.replace("map/structs", "tables").replace("maps", "tables").replace("arrays", "lists")
                }
            }
        });
        return words(parts.collect(), None);
    }
    match message {
        "unexpected end of input" => words(
            "the text ends before the template does".to_owned(),
            Some("a `{{ … }}` or `{% … %}` is not finished, or a block has no end".to_owned()),
        ),
        "unknown tag" => words(
            format!("`{}` is no tag, or not here", marked.trim()),
            marked.trim().starts_with("end").then(|| {
                "tags are closed in the order in which they nest: `{% for … %}` by `{% endfor %}`".to_owned()
            }),
        ),
        _ if message.starts_with("unknown template `") => {
            words(format!("there is no template `{name}` to include"), None)
        }
        _ => None,
    }
}

/// The nearest name, else all of them; nothing when there are none.
fn suggestion(name: &str, names: &[&str]) -> Option<String> {
    if let Some(near) = nearest(name, names.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let listed: Vec<String> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > LISTED { ", …" } else { "" };
    (!listed.is_empty()).then(|| format!("known are {}{more}", listed.join(", ")))
}

/// A type of the engine, in words.
fn kind(name: &str) -> String {
    match name.trim_start_matches('&') {
        "str" | "string" | "String" => "a string",
        "i64" | "u64" | "i128" | "u128" | "integer" | "usize" => "an integer",
        "f64" | "float" | "number" => "a number",
        "bool" => "a boolean",
        "array" => "a list",
        "map" | "map/struct" => "a table",
        "none" | "undefined" => "nothing",
        other => return format!("`{other}`"),
    }
    .to_owned()
}

/// A token of the engine, in words.
fn token(name: &str) -> String {
    match name {
        "identifier" | "ident" => "a name".to_owned(),
        "string" | "integer" | "float" | "bool" => kind(name),
        name if name.contains([' ', '`']) => name.to_owned(),
        name => format!("`{name}`"),
    }
}

/// The engine's messages start with a capital letter and may end with a dot.
pub(super) fn decapitalise(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    let mut chars = message.chars();
    match chars.next() {
        Some(first) if !chars.as_str().starts_with(|c: char| c.is_uppercase()) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, expected: &str) {
        let Words { message, hint } = reworded(message, "endif");
        let found = hint.map_or(message.clone(), |hint| format!("{message} | {hint}"));
        assert_eq!(found, expected);
    }

    #[test]
    fn messages_of_the_engine_are_reworded() {
        check(
            "Field `titel` is not defined. Available fields: title, toc",
            "there is no field `titel` | did you mean `title`?",
        );
        check(
            "Variable `xyz` is not defined. Available variables: a, b",
            "there is no variable `xyz` | known are `a`, `b`",
        );
        check(
            "Invalid type for the value, expected `&str` but got `i64`",
            "expected a string, found an integer",
        );
        check(
            "Component argument `n` (type: `string`) does not match expected type: `integer`",
            "`n`: expected an integer, found a string",
        );
        check(
            "Unknown argument(s) `a`, `b` in component call.",
            "this component takes no argument `a` | it takes no arguments",
        );
        check("Argument `n` (type: `integer`) missing.", "this component needs the argument `n`, an integer");
        check("Argument `n` missing.", "this component needs the argument `n`");
        check("Found identifier but expected }}.", "expected `}}`, found a name");
        check("Found `,` but expected `/` or `>`", "expected `/` or `>`, found `,`");
        check(
            "Unknown tag",
            "`endif` is no tag, or not here | tags are closed in the order in which they nest: `{% for … %}` by `{% endfor %}`",
        );
        check(
            "`+` requires both operands to be numbers, found `string` and `i64`",
            "`+` requires both operands to be numbers, found a string and an integer",
        );
        check(
            "Math operations can only be done on numbers, found `array`",
            "math operations can only be done on numbers, found a list",
        );
        check(
            "Iteration not possible on type `none`",
            "expected a list to loop over, found nothing | where it may be missing, write `… or []`",
        );
        check("Something new.", "something new");
    }
}
