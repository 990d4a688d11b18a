//! Assets: what is published at an address, as far as that is known while
//! outputs are rendered.
//!
//! In: an address. Out: the bytes of the file there, their digest, an address
//! that changes with them. What they are made from is noted each time, and
//! digests are taken once in a build. A file that is drawn from a template is
//! drawn when it is first asked for.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256, Sha384, Sha512};
use tera::{Error, TeraResult};

use super::asked::Recipe;
use super::outputs::Renderer;
use super::scope::{self, note};
use super::shared::Shared;
use super::styles;
use crate::base::diagnostic::Severity;
use crate::base::fingerprint::Fingerprint;
use crate::base::paths::{DIGEST_DIGITS, OutputPath, UrlPath};
use crate::base::reads::{Key, Reads};
use crate::model::link_address;
use crate::plan::{Job, Work};

/// Kinds of digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sha {
    /// Of 256 bits.
    Sha256,
    /// Of 384 bits.
    Sha384,
    /// Of 512 bits.
    Sha512,
}

impl Sha {
    pub(super) fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// What was found once, and what it was made from.
#[derive(Clone)]
struct Found<T> {
    value: T,
    reads: Reads,
}

impl<T> Found<T> {
    /// For the render that asks now.
    fn again(self) -> T {
        self.reads.into_iter().for_each(note);
        self.value
    }
}

type Digests = HashMap<(UrlPath, Sha), Found<Option<Vec<u8>>>>;
type Drawn = HashMap<OutputPath, Found<Arc<[u8]>>>;

/// Assets of one build.
#[derive(Default)]
pub struct Assets {
    digests: Mutex<Digests>,
    /// Files that are drawn from templates.
    drawn: Mutex<Drawn>,
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The bytes of the file that is published at an address; none if there is no
/// such file or it could not be made, which is told where it is published.
pub fn bytes(shared: &Shared, url: &UrlPath) -> TeraResult<Option<Arc<[u8]>>> {
    note(Key::Address(url.clone()));
    note(Key::Config);
    if let Some(bytes) = shared.generated.get(url) {
        return Ok(Some(Arc::clone(bytes)));
    }
    if let Some(origin) = shared.published.get(url) {
        return Ok(styles::published(shared, origin, url, &mut Vec::new()));
    }
    match shared.plan.job(&OutputPath::of_url(url)) {
        Some(job) if matches!(job.work, Work::Templated(_)) => drawn(shared, job).map(Some),
        _ => Ok(None),
    }
}

thread_local! {
    /// Files that are being drawn from templates, the innermost last.
    static DRAWING: RefCell<Vec<OutputPath>> = const { RefCell::new(Vec::new()) };
}

/// Draws a file from a template. Meanwhile nothing can ask for its bytes.
pub(super) fn drawing<T>(file: &OutputPath, draw: impl FnOnce() -> T) -> T {
    /// Takes the file away even when its render panics.
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            DRAWING.with_borrow_mut(Vec::pop);
        }
    }
    DRAWING.with_borrow_mut(|drawing| drawing.push(file.clone()));
    let _guard = Guard;
    draw()
}

/// The bytes of a file that is drawn from a template.
fn drawn(shared: &Shared, job: &Job) -> TeraResult<Arc<[u8]>> {
    let file = &job.output;
    let cached = shared.assets.drawn.lock().ok().and_then(|drawn| drawn.get(file).cloned());
    if let Some(found) = cached {
        return Ok(found.again());
    }
    let (Some(environment), Some(this)) = (shared.environment(), scope::shared()) else {
        let words = "is drawn when the texts of all pages are: name it in a template";
        return Err(Error::message(format!("`{file}` {words}")));
    };
    if DRAWING.with_borrow(|drawing| drawing.contains(file)) {
        return Err(Error::message(format!("`{file}` cannot hold its own digest")));
    }
    let rendered = Renderer { environment, shared: &this, plan: &shared.plan }.render(job);
    // Not kept: what stood in the way may be who asked.
    if let Some(problem) = rendered.problems.iter().find(|problem| problem.severity == Severity::Error) {
        return Err(Error::message(format!("`{file}` could not be drawn: {}", problem.message)));
    }
    let found = Found { value: rendered.bytes, reads: rendered.reads };
    if let Ok(mut drawn) = shared.assets.drawn.lock() {
        drawn.insert(file.clone(), found.clone());
    }
    Ok(found.again())
}

/// The digest of the file that is published at an address.
pub(super) fn digest(shared: &Shared, url: &UrlPath, sha: Sha) -> TeraResult<Option<Vec<u8>>> {
    let key = (url.clone(), sha);
    let cached = shared.assets.digests.lock().ok().and_then(|digests| digests.get(&key).cloned());
    if let Some(found) = cached {
        return Ok(found.again());
    }
    let make = || Ok(bytes(shared, url)?.map(|bytes| sha.of(&bytes)));
    let Some(this) = scope::shared() else { return make() };
    let (value, reads) = scope::record(&this, scope::sees_bodies(), make);
    let found = Found { value: value?, reads };
    if let Ok(mut digests) = shared.assets.digests.lock() {
        digests.insert(key, found.clone());
    }
    Ok(found.again())
}

/// Digits of a digest in the query of an address, as Zola has them.
const QUERY_DIGITS: usize = 20;

/// The address of a file that changes with its content: by its query, or by its
/// name, and then it is published under that name too. None if there is no such
/// file.
pub(super) fn busted(shared: &Shared, url: &UrlPath) -> TeraResult<Option<(String, String)>> {
    let Some(digest) = digest(shared, url, Sha::Sha256)? else { return Ok(None) };
    let digits = hex(&digest);
    if !shared.site.config.hashed_names {
        return Ok(Some((link_address(url), format!("h={}", &digits[..QUERY_DIGITS]))));
    }
    let hashed = url.with_digest(&digits[..DIGEST_DIGITS]);
    shared.asked.ask(&hashed, Fingerprint::of(&digest), || Recipe::Copy(url.clone()));
    Ok(Some((link_address(&hashed), String::new())))
}

/// Whether an address is that of a copy of these bytes, which are published at
/// another address.
pub fn is_copy(url: &UrlPath, of: &UrlPath, bytes: &[u8]) -> bool {
    *url == of.with_digest(&hex(&Sha::Sha256.of(bytes))[..DIGEST_DIGITS])
}

/// Whether a copy is what was asked for.
pub fn is_as_asked(bytes: &[u8], key: Fingerprint) -> bool {
    Fingerprint::of(&Sha::Sha256.of(bytes)) == key
}
