//! Links: what kind of target a link or an image has.
//!
//! In: a target with escapes and entities undone. Out: whether it may be
//! written, must be resolved, or is refused. The list of schemes is an allow
//! list: what is not on it is refused, whatever browsers do with it today.

use crate::base::paths::without_place;

/// What is to be done with a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target<'t> {
    /// There is none.
    Empty,
    /// Another host: `http:`, `https:` or `//host`.
    Host,
    /// Another scheme that is allowed: `mailto:`, `tel:`, raster `data:` images.
    Scheme,
    /// A scheme that is not.
    Forbidden(&'t str),
    /// No scheme, or an address that a template function gave: something of
    /// this site.
    Local,
}

/// What `target` is.
pub(super) fn classify(target: &str, image: bool) -> Target<'_> {
    if target.is_empty() {
        return Target::Empty;
    }
    if without_place(target).is_some() {
        return Target::Local;
    }
    if target.starts_with("//") {
        return Target::Host;
    }
    let Some(scheme) = scheme(target) else { return Target::Local };
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    if is("http") || is("https") {
        Target::Host
    } else if is("mailto") || is("tel") || image && is("data") && is_raster(&target[scheme.len() + 1..]) {
        Target::Scheme
    } else {
        Target::Forbidden(scheme)
    }
}

/// The scheme of an address, without the colon.
fn scheme(target: &str) -> Option<&str> {
    let bytes = target.as_bytes();
    if !bytes.first()?.is_ascii_alphabetic() {
        return None;
    }
    let end = bytes
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')))?;
    (bytes[end] == b':').then(|| &target[..end])
}

fn is_raster(rest: &str) -> bool {
    ["image/png", "image/jpeg", "image/gif", "image/webp"].iter().any(|kind| {
        rest.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind))
            && rest[kind.len()..].starts_with([';', ','])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_what_browsers_take_for_one() {
        assert_eq!(classify("JaVaScRiPt:x", false), Target::Forbidden("JaVaScRiPt"));
        assert_eq!(classify("a%3Ab/c", false), Target::Local);
        assert_eq!(classify("./a:b", false), Target::Local);
        assert_eq!(classify("//example.org/x", false), Target::Host);
        assert_eq!(classify("HTTPS://example.org", false), Target::Host);
        assert_eq!(classify("data:image/png;base64,AA", true), Target::Scheme);
        assert_eq!(classify("data:image/png;base64,AA", false), Target::Forbidden("data"));
        assert_eq!(classify("data:image/png+xml,AA", true), Target::Forbidden("data"));
    }
}
