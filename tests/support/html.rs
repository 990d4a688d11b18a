//! HTML in a form that can be compared: one tag or text a line.

use std::fmt::Write as _;

const BLOCKS: &str = " article header aside hgroup blockquote hr iframe body li map button object canvas ol caption output \
     col p colgroup pre dd progress div section dl table td dt tbody embed textarea fieldset tfoot figcaption th figure \
     thead footer form tr ul video h1 h2 h3 h4 h5 h6 script style input ";

/// The HTML with attributes sorted, entities undone, and white space dropped
/// beside block tags and merged elsewhere, `pre` excepted. With `ours`, what
/// Juxta adds on purpose is left out: ids of headings, names of check boxes.
pub(crate) fn normalised(html: &str, ours: bool) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut rest = html;
    let mut pre = 0;
    let mut text = String::new();
    let mut after_block = true;
    while !rest.is_empty() {
        let Some(length) = markup_length(rest) else {
            let end = rest.char_indices().skip(1).find(|(_, c)| *c == '<').map_or(rest.len(), |(i, _)| i);
            text.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        };
        let (tag, behind) = rest.split_at(length);
        rest = behind;
        let name: String = tag
            .trim_start_matches(['<', '/'])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect::<String>()
            .to_lowercase();
        let block = BLOCKS.contains(&format!(" {name} ")) || tag.starts_with("<!") || tag.starts_with("<?");
        push_text(&mut out, &mut text, pre > 0, after_block, block);
        after_block = block || name == "br";
        match name.as_str() {
            "pre" if tag.starts_with("</") => pre -= 1,
            "pre" => pre += 1,
            _ => {}
        }
        out.push(if name.is_empty() { tag.to_owned() } else { normal_tag(tag, &name, ours) });
    }
    push_text(&mut out, &mut text, pre > 0, after_block, true);
    out.join("\n")
}

fn markup_length(rest: &str) -> Option<usize> {
    if !rest.starts_with('<') {
        return None;
    }
    for (start, end) in [("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"), ("<!", ">")] {
        if rest.starts_with(start) {
            return rest[2..].find(end).map(|i| 2 + i + end.len());
        }
    }
    let mut quote = None;
    if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
        return None;
    }
    for (i, c) in rest.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '>' => return Some(i + 1),
            None => {}
        }
    }
    None
}

fn push_text(out: &mut Vec<String>, text: &mut String, pre: bool, after_block: bool, before_block: bool) {
    let mut decoded = decode(text);
    text.clear();
    if !pre {
        let start = decoded.starts_with(char::is_whitespace);
        let end = decoded.ends_with(char::is_whitespace);
        let words = decoded.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        if words.is_empty() {
            decoded = if start && !after_block && !before_block { " ".to_owned() } else { String::new() };
        } else {
            decoded = format!(
                "{}{words}{}",
                if start && !after_block { " " } else { "" },
                if end && !before_block { " " } else { "" }
            );
        }
    }
    if !decoded.is_empty() {
        out.push(format!("{decoded:?}"));
    }
}

fn normal_tag(tag: &str, name: &str, ours: bool) -> String {
    if tag.starts_with("</") {
        return format!("</{name}>");
    }
    let mut attributes = Vec::new();
    let mut rest = tag[1 + name.len()..].trim_end_matches('>').trim_end_matches('/').trim();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len()).max(1);
        let key = rest[..end].to_lowercase();
        rest = rest[end..].trim_start();
        let mut value = String::new();
        if let Some(behind) = rest.strip_prefix('=') {
            let behind = behind.trim_start();
            let (inner, after) = match behind.chars().next() {
                Some(quote @ ('"' | '\'')) => behind[1..].split_once(quote).unwrap_or((&behind[1..], "")),
                _ => behind.split_at(behind.find(char::is_whitespace).unwrap_or(behind.len())),
            };
            value = decode(inner);
            rest = after.trim_start();
        }
        attributes.push((key, value));
    }
    attributes.sort();
    let heading = name.len() == 2 && name.starts_with('h') && name != "hr";
    let mut out = format!("<{name}");
    for (key, value) in attributes {
        let added = heading && key == "id" || name == "input" && key == "aria-label";
        if !(ours && added) {
            write!(out, " {key}={value:?}").unwrap();
        }
    }
    out.push('>');
    out
}

fn decode(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known =
            [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'")];
        match known.iter().find(|(entity, _)| rest.starts_with(entity)) {
            Some((entity, c)) => {
                out.push_str(c);
                rest = &rest[entity.len()..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}
