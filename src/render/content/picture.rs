//! Picture: an image of the site with all that a browser can know beforehand.
//!
//! In: an image in Markdown and where its target leads. Out: what stands around
//! its tag and in it: the size, so that nothing jumps while it loads, and by
//! configuration narrower and lighter forms of it.

use std::fmt::Write as _;

use super::Drawer;
use crate::base::diagnostic::Diagnostic;
use crate::base::paths::{UrlPath, percent_decode, without_place};
use crate::base::text::escape;
use crate::config::Forms;
use crate::images::{Format, Header, Operation};
use crate::model::link_address;
use crate::model::links::Resolved;
use crate::read::theme::StaticOrigin;
use crate::render::images::{self, Known};

/// What stands around the tag of an image, and at its end.
#[derive(Default)]
pub(super) struct Picture {
    pub(super) before: String,
    pub(super) inside: String,
    pub(super) after: &'static str,
}

impl Drawer<'_> {
    /// Of the image that is this target of the body.
    pub(super) fn picture(&mut self, index: usize, resolved: Option<&Resolved>) -> Picture {
        let mut picture = Picture::default();
        let path = resolved.and_then(|link| without_place(&link.address));
        let path = path.and_then(|path| percent_decode(path.split(['?', '#']).next().unwrap_or_default()));
        let Some(path) = path else { return picture };
        let url = UrlPath::new(&path);
        // A function may have given it a name with its digest.
        let plain = url.without_digest().filter(|_| self.shared.site.config.hashed_names);
        let url = plain.filter(|plain| self.shared.published.contains_key(plain)).unwrap_or(url);
        let name = url.as_str().rsplit('/').next().unwrap_or_default();
        let by_name = name.rsplit_once('.').and_then(|(_, extension)| Format::of_extension(extension));
        let Some(by_name) = by_name else { return picture };
        let Some(source) = images::published(self.shared, &url) else { return picture };
        let known = match images::known(self.shared, &source) {
            Ok(known) => known,
            Err(words) => {
                // A drawing need not have a size.
                if by_name != Format::Svg
                    && let Some(link) = self.body.document.links.get(index)
                {
                    let (text, span) = self.body.place(link.span);
                    let message = format!("cannot read the image `{}`: {words}", link.target);
                    self.problems.push(Diagnostic::warning("bad-image", message).at(&text, span));
                }
                return picture;
            }
        };
        if self.shared.site.config.images.responsive {
            self.forms(&mut picture, &source, &url, known);
        }
        let _ =
            write!(picture.inside, " width=\"{}\" height=\"{}\"", known.header.width, known.header.height);
        picture
    }

    /// Its narrower and lighter forms.
    fn forms(&self, picture: &mut Picture, source: &StaticOrigin, url: &UrlPath, known: Known) {
        let name = url.as_str().rsplit('/').next().unwrap_or_default();
        let header = known.header;
        let config = &self.shared.site.config.images;
        // What moves would stand still, and a drawing is sharp at every size.
        if header.is_animated || header.format == Format::Svg {
            return;
        }
        let own = images::own_format(&header);
        let formats: &[Format] = match config.forms {
            Forms::Avif => &[Format::Avif, Format::Webp],
            Forms::Webp => &[Format::Webp],
            Forms::Own => &[own],
        };
        let widest = config.widths.last().copied().unwrap_or(0);
        let mut widths: Vec<u32> = config.widths.iter().copied().filter(|w| *w < header.width).collect();
        if widths.is_empty() {
            return;
        }
        if header.width <= widest {
            widths.push(header.width);
        }
        for format in formats.iter().copied() {
            let is_same = format == header.format;
            let quality = match format {
                // It shows the same at a lower number.
                Format::Avif => Some(config.quality.saturating_sub(AVIF_LESS).max(1)),
                _ => (header.is_lossy && format != Format::Png).then_some(config.quality),
            };
            let mut forms = String::new();
            for width in widths.iter().copied() {
                let height = scaled(&header, width);
                if format == Format::Avif && !header.fits_avif(width, height) {
                    continue;
                }
                let address = if is_same && width == header.width {
                    link_address(url)
                } else {
                    let operation = Operation { part: None, width, height, format, quality };
                    link_address(&images::process(self.shared, source, name, known, operation))
                };
                let _ = write!(forms, "{}{address} {width}w", if forms.is_empty() { "" } else { ", " });
            }
            if forms.is_empty() {
                continue;
            }
            let mut attributes = " srcset=\"".to_owned();
            escape(&mut attributes, &forms);
            attributes.push_str("\" sizes=\"");
            escape(&mut attributes, &config.sizes);
            attributes.push('"');
            if is_same {
                picture.inside = attributes;
            } else {
                let _ = write!(picture.before, "<source type=\"{}\"{attributes} />", format.mime());
            }
        }
        if !picture.before.is_empty() {
            picture.before.insert_str(0, "<picture>");
            picture.after = "</picture>";
        }
    }
}

/// How much lower the quality of AVIF is for what WebP shows.
const AVIF_LESS: u8 = 20;

fn scaled(header: &Header, width: u32) -> u32 {
    let (w, h) = (u64::from(header.width), u64::from(header.height));
    u32::try_from((h * u64::from(width) + w / 2) / w).unwrap_or(u32::MAX).max(1)
}
