//! Typed paths: not every path is a path.
//!
//! In: path strings from files, front matter and addresses. Out: types that
//! cannot be mixed up. Nothing outside this module joins or cuts path strings.
//! All of them use `/` and hold no `.`, `..` or empty part.

use std::fmt;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

/// Addresses of images that `resize_image` and Markdown ask for start with it.
pub const PROCESSED_IMAGES: &str = "/processed_images/";

/// Digits of a digest in the name of a file.
pub const DIGEST_DIGITS: usize = 12;

/// Stands for the base of the site in everything that is rendered; turned into
/// a relative address in HTML and into the base address elsewhere.
pub const PLACELESS: &str = "https://base.invalid";

/// An address of the site as a path from its root: what follows [`PLACELESS`].
pub fn without_place(address: &str) -> Option<&str> {
    address.strip_prefix(PLACELESS).filter(|path| path.starts_with('/'))
}

/// A file or folder below the project root: `content/docs/start.md`. The root
/// itself is the empty path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath(Arc<str>);

/// A file in the output: `docs/start/index.html`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutputPath(Arc<str>);

/// An address below the site's base: starts with `/`; ends with `/` unless it
/// names a file: `/docs/start/`, `/atom.xml`. Not percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UrlPath(Arc<str>);

/// Why a string is not a path below the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathError {
    /// It leads out of the root (`..`).
    Escapes,
    /// It starts with `/`, `~` or a drive letter.
    Absolute,
    /// It holds a NUL or a backslash.
    Forbidden,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Escapes => "leads out of the project",
            Self::Absolute => "is not relative to the project",
            Self::Forbidden => "holds a character that paths here cannot hold",
        })
    }
}

/// Resolves `path` against the folder `base` (both `/`-separated, `base`
/// clean), working out `.` and `..`.
fn resolve(base: &str, path: &str) -> Result<String, PathError> {
    if path.contains(['\0', '\\']) {
        return Err(PathError::Forbidden);
    }
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    if path.starts_with(['/', '~']) || drive {
        return Err(PathError::Absolute);
    }
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or(PathError::Escapes)?;
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// Whether each part is a name. Found names may look like a drive or a home,
/// as in `a:b.md`; only what an author writes can mean one.
fn is_clean(path: &str) -> bool {
    !path.contains(['\0', '\\'])
        && (path.is_empty() || path.split('/').all(|part| !matches!(part, "" | "." | "..")))
}

impl FilePath {
    /// The project root.
    pub fn root() -> Self {
        Self(Arc::from(""))
    }

    /// A path from a string that is known to be clean (from a directory walk
    /// or written in this program).
    pub fn new(path: &str) -> Self {
        debug_assert!(is_clean(path), "not a clean path: {path}");
        Self(Arc::from(path))
    }

    /// A path an author wrote, relative to this folder.
    pub fn resolve(&self, path: &str) -> Result<Self, PathError> {
        resolve(&self.0, path).map(|clean| Self(Arc::from(clean)))
    }

    /// This folder's entry of that (clean) name or path.
    pub fn join(&self, name: &str) -> Self {
        if self.0.is_empty() { Self::new(name) } else { Self::new(&format!("{}/{name}", self.0)) }
    }

    /// The string, without a leading `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part; empty for the root.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or("")
    }

    /// The folder it is in; the root is its own parent.
    pub fn parent(&self) -> Self {
        Self(Arc::from(self.0.rsplit_once('/').map_or("", |(parent, _)| parent)))
    }

    /// What follows the last dot of the name, unless the name starts with it.
    pub fn extension(&self) -> Option<&str> {
        self.name().rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension)
    }

    /// The path below `folder`, if it is below it.
    pub fn below(&self, folder: &Self) -> Option<&str> {
        if folder.0.is_empty() {
            return Some(&self.0);
        }
        self.0.strip_prefix(&*folder.0)?.strip_prefix('/')
    }
}

impl OutputPath {
    /// A file below the output folder; refuses what leads out of it.
    pub fn new(path: &str) -> Result<Self, PathError> {
        resolve("", path.trim_start_matches('/')).map(|clean| Self(Arc::from(clean)))
    }

    /// The file an address is written to: `/a/` → `a/index.html`.
    pub fn of_url(url: &UrlPath) -> Self {
        let path = url.as_str().trim_start_matches('/');
        if path.is_empty() || path.ends_with('/') {
            Self(Arc::from(format!("{path}index.html")))
        } else {
            Self(Arc::from(path))
        }
    }

    /// The string, without a leading `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address it is served at: `a/index.html` → `/a/`.
    pub fn url(&self) -> UrlPath {
        match self.0.strip_suffix("index.html") {
            Some(folder) if folder.is_empty() || folder.ends_with('/') => UrlPath::new(folder),
            _ => UrlPath::new(&self.0),
        }
    }

    /// Equal for two paths that some file system takes for one: Unicode
    /// normalised (NFC) and case-folded.
    pub fn collision_key(&self) -> String {
        if self.0.is_ascii() {
            self.0.to_ascii_lowercase()
        } else {
            self.0.nfc().flat_map(char::to_lowercase).nfc().collect()
        }
    }

    /// What follows the last dot of the file name.
    pub fn extension(&self) -> Option<&str> {
        self.0.rsplit('/').next()?.rsplit_once('.').map(|(_, extension)| extension)
    }
}

impl UrlPath {
    /// From a path with or without a leading `/`.
    pub fn new(path: &str) -> Self {
        Self(Arc::from(format!("/{}", path.trim_start_matches('/'))))
    }

    /// The string, with its leading `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Percent-encoded for use in an address: everything but unreserved
    /// characters, `/` and a few that need no encoding in paths.
    pub fn encoded(&self) -> String {
        percent_encode(&self.0)
    }

    /// With some digits before the end of its name: `/a/b.0123456789ab.css`.
    pub fn with_digest(&self, digits: &str) -> Self {
        let name = self.0.rfind('/').map_or(0, |at| at + 1);
        // A name may start with its only dot.
        let end = self.0[name..].rfind('.').filter(|dot| *dot > 0).map_or(self.0.len(), |dot| name + dot);
        Self(Arc::from(format!("{}.{digits}{}", &self.0[..end], &self.0[end..])))
    }

    /// The same without digits of a digest in its name; none if there are none.
    pub fn without_digest(&self) -> Option<Self> {
        let is_digest = |part: &str| {
            part.len() == DIGEST_DIGITS && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        let (rest, last) = self.0.rsplit_once('.')?;
        if is_digest(last) {
            return Some(Self(Arc::from(rest)));
        }
        let (stem, digits) = rest.rsplit_once('.')?;
        is_digest(digits).then(|| Self(Arc::from(format!("{stem}.{last}"))))
    }

    /// How many folders deep the page at this address is: `/` 0, `/a/` 1,
    /// `/a/b.html` 1.
    pub fn depth(&self) -> usize {
        self.0.bytes().filter(|&b| b == b'/').count() - 1
    }
}

/// Percent-encodes a path: ASCII letters, digits and `-._~/!$&'()*+,;=:@`
/// stay, except that `'`, `(`, `)` and `&` are encoded too so that the result
/// can stand in any attribute, Markdown link or CSS without another thought.
pub fn percent_encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$*+,;=:@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                out.push(char::from(b"0123456789ABCDEF"[usize::from(nibble)]));
            }
        }
    }
    out
}

/// Undoes percent-encoding; `None` when the result is not UTF-8.
pub fn percent_decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let decoded = (bytes[i] == b'%')
            .then(|| {
                let high = char::from(*bytes.get(i + 1)?).to_digit(16)?;
                let low = char::from(*bytes.get(i + 2)?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()
            })
            .flatten();
        match decoded {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    String::from_utf8(out).ok()
}

macro_rules! display {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )*};
}
display!(FilePath, OutputPath, UrlPath);

#[cfg(test)]
mod tests {
    use super::UrlPath;

    #[test]
    fn a_digest_stands_before_the_end_of_the_name() {
        for (path, expected) in [
            ("/a.css", "/a.0123456789ab.css"),
            ("/v1.2/b.min.js", "/v1.2/b.min.0123456789ab.js"),
            ("/v1.2/CNAME", "/v1.2/CNAME.0123456789ab"),
            ("/x/.htaccess", "/x/.htaccess.0123456789ab"),
        ] {
            let url = UrlPath::new(path).with_digest("0123456789ab");
            assert_eq!(url.as_str(), expected);
            assert_eq!(url.without_digest(), Some(UrlPath::new(path)));
        }
        for path in ["/a.css", "/a", "/a.0123456789.css", "/0123456789ab/a.css", "/a.0123456789AB.css"] {
            assert_eq!(UrlPath::new(path).without_digest(), None, "{path}");
        }
    }
}
