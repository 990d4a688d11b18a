//! SVG: the size a drawing asks for.
//!
//! In: the bytes of a file. Out: width and height in whole pixels, from the
//! root element: its `width` and `height`, else its `viewBox`. Nothing else of
//! the file is read.

/// The text of the root element's start tag, after its name.
fn root(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<!") {
            ">"
        } else {
            break;
        };
        rest = rest[rest.find(end)? + end.len()..].trim_start();
    }
    let rest = rest.strip_prefix("<svg")?;
    let rest = rest.strip_prefix(|c: char| c.is_ascii_whitespace())?;
    Some(&rest[..rest.find('>')?])
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let (key, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, after) = after[1..].split_once(quote)?;
        if key.trim_end() == name {
            return Some(value.trim());
        }
        rest = after;
    }
}

/// A length in pixels; none for parts of what is around.
fn pixels(length: &str) -> Option<f64> {
    let at = length.find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(length.len());
    let number: f64 = length[..at].trim().parse().ok()?;
    let unit = match &length[at..] {
        "" | "px" => 1.0,
        "pt" => 4.0 / 3.0,
        "pc" => 16.0,
        "mm" => 96.0 / 25.4,
        "cm" => 96.0 / 2.54,
        "in" => 96.0,
        _ => return None,
    };
    Some(number * unit)
}

fn whole(pixels: f64) -> Option<u32> {
    let rounded = pixels.round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    (1.0..=1e6).contains(&rounded).then_some(rounded as u32)
}

pub(super) fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let tag = root(std::str::from_utf8(bytes).ok()?)?;
    let of = |name| attribute(tag, name).and_then(pixels);
    let view = attribute(tag, "viewBox").and_then(|text| {
        let numbers: Vec<f64> = text
            .split(|c: char| c.is_ascii_whitespace() || c == ',')
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().ok())
            .collect::<Option<_>>()?;
        match numbers[..] {
            [_, _, width, height] if width > 0.0 && height > 0.0 => Some((width, height)),
            _ => None,
        }
    });
    let (width, height) = match (of("width"), of("height"), view) {
        (Some(width), Some(height), _) => (width, height),
        (Some(width), None, Some(view)) => (width, width * view.1 / view.0),
        (None, Some(height), Some(view)) => (height * view.0 / view.1, height),
        (None, None, Some(view)) => view,
        _ => return None,
    };
    Some((whole(width)?, whole(height)?))
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn the_root_says_the_size() {
        let of = |text: &str| size(text.as_bytes());
        assert_eq!(of("<svg width='10' height=\"20px\"/>"), Some((10, 20)));
        assert_eq!(of("<?xml version='1.0'?>\n<!-- a > b -->\n<svg viewBox='0 0 3.6 4'>"), Some((4, 4)));
        assert_eq!(of("<svg\n viewBox='0,0,20,10' width='100'>"), Some((100, 50)));
        assert_eq!(of("<svg data-a='width=3' width='1in' height='2.54cm'>"), Some((96, 96)));
        assert_eq!(of("<svg width='100%' height='100%'>"), None);
        assert_eq!(of("<svgx width='1' height='1'>"), None);
        assert_eq!(of("<svg width='1e99' height='1'>"), None);
        assert_eq!(of("<svg width='0' height='1'>"), None);
        assert_eq!(of("no image"), None);
    }
}
