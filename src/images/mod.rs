//! Images: bytes of an image to what it is, and to other bytes of it.
//!
//! In: the bytes of a file, an operation. Out: size and format, read from the
//! header alone; the image at another size or in another format; a drawing as a
//! card ([`card`]). The same bytes and operation give the same bytes. Hostile
//! input costs no more than the limit of pixels and is told in words. Must not
//! know where files are.

mod avif;
pub mod card;
pub mod lines;
mod svg;
mod webp;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as Rows, PngEncoder};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{AnimationDecoder as _, DynamicImage, ImageDecoder, ImageEncoder as _, ImageFormat, ImageReader};

use crate::base::fingerprint::Fingerprint;

/// Part of every key; changes when the bytes that an operation gives do.
const VERSION: &str = "juxta image 1";

/// What an image is encoded as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For photographs.
    Jpeg,
    /// For drawings; nothing is lost.
    Png,
    /// For both; nothing is lost unless a quality is given.
    Webp,
    /// For photographs; written, not read.
    Avif,
    /// Read, not written.
    Gif,
    /// Read for its size, not written.
    Svg,
}

impl Format {
    /// As templates name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Avif => "avif",
            Self::Gif => "gif",
            Self::Svg => "svg",
        }
    }

    /// Media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
            Self::Gif => "image/gif",
            Self::Svg => "image/svg+xml",
        }
    }

    /// Of what is read, by the end of a file's name.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "jpg" | "jpeg" => Some(Self::Jpeg),
            "png" => Some(Self::Png),
            "webp" => Some(Self::Webp),
            "gif" => Some(Self::Gif),
            "svg" => Some(Self::Svg),
            _ => None,
        }
    }
}

/// What the header of an image says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Pixels, as it is shown: a photograph that is turned is turned here.
    pub width: u32,
    /// Pixels, as it is shown.
    pub height: u32,
    /// By its bytes, not by its name.
    pub format: Format,
    /// It moves, which it would not at another size.
    pub is_animated: bool,
    /// Something was lost when it was encoded, as with photographs.
    pub is_lossy: bool,
    /// Its colours are others than those of an image that says nothing.
    pub has_profile: bool,
}

impl Header {
    /// Whether it can be an AVIF image of that size without a loss that shows:
    /// those written here have no colour profile.
    pub fn fits_avif(&self, width: u32, height: u32) -> bool {
        self.is_lossy && !self.has_profile && width.min(height) >= avif::SHORTEST
    }
}

/// Whether a colour profile is of other colours than sRGB, which is what an
/// image without one has.
fn is_other_colours(profile: &[u8]) -> bool {
    let names: [&[u8]; 2] = [b"sRGB", b"\0s\0R\0G\0B"];
    profile.get(16..20) == Some(b"RGB ")
        && !names.iter().any(|name| profile.windows(name.len()).any(|part| part == *name))
}

/// How an image is fitted into a size, with Zola's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// To exactly that size, stretched if need be.
    Scale,
    /// To that width.
    Width,
    /// To that height.
    Height,
    /// Into that size; never larger than it is.
    Inside,
    /// To exactly that size; what does not fit is cut off on both sides.
    Fill,
}

impl Fit {
    /// Names, as templates write them.
    pub const NAMES: [&str; 5] = ["scale", "fit_width", "fit_height", "fit", "fill"];

    /// The fit of that name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Scale, Self::Width, Self::Height, Self::Inside, Self::Fill];
        Self::NAMES.iter().position(|known| *known == name).map(|i| all[i])
    }
}

/// A part of an image: left, top, width, height.
pub type Part = (u32, u32, u32, u32);

/// One operation on an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation {
    /// What is cut out first; all without it.
    pub part: Option<Part>,
    /// Pixels it gets.
    pub width: u32,
    /// Pixels it gets.
    pub height: u32,
    /// What it is encoded as.
    pub format: Format,
    /// Of 100; without it JPEG has 75, AVIF 60, and the others lose nothing.
    pub quality: Option<u8>,
}

impl Operation {
    /// Names the result: the image and what is done with it.
    pub fn key(&self, of: Fingerprint) -> Fingerprint {
        let Self { part, width, height, format, quality } = self;
        let words = format!("{part:?} {width} {height} {} {quality:?}", format.name());
        Fingerprint::of_parts([VERSION.as_bytes(), of.hex().as_bytes(), words.as_bytes()])
    }
}

fn ratio(of: u32, by: u32, to: u32) -> u32 {
    let (of, by, to) = (u64::from(of), u64::from(by.max(1)), u64::from(to));
    u32::try_from((of * to + by / 2) / by).unwrap_or(u32::MAX).max(1)
}

/// The part that is cut out and the size it gets.
pub fn fitted(
    header: &Header,
    fit: Fit,
    width: Option<u32>,
    height: Option<u32>,
) -> Result<(Option<Part>, u32, u32), String> {
    let (w, h) = (header.width, header.height);
    let needed = |what: &str, given: Option<u32>| match given {
        Some(0) => Err(format!("`{what}` is 0")),
        Some(pixels) => Ok(pixels),
        None => Err(format!("give `{what}`")),
    };
    match fit {
        Fit::Scale => Ok((None, needed("width", width)?, needed("height", height)?)),
        Fit::Width => {
            let width = needed("width", width)?;
            Ok((None, width, ratio(h, w, width)))
        }
        Fit::Height => {
            let height = needed("height", height)?;
            Ok((None, ratio(w, h, height), height))
        }
        Fit::Inside => {
            let (width, height) = (needed("width", width)?, needed("height", height)?);
            if w <= width && h <= height {
                Ok((None, w, h))
            } else if u64::from(w) * u64::from(height) > u64::from(h) * u64::from(width) {
                Ok((None, width, ratio(h, w, width)))
            } else {
                Ok((None, ratio(w, h, height), height))
            }
        }
        Fit::Fill => {
            let (width, height) = (needed("width", width)?, needed("height", height)?);
            let is_wider = u64::from(w) * u64::from(height) > u64::from(h) * u64::from(width);
            let part = if is_wider {
                let cut = ratio(h, height, width).min(w);
                ((w - cut) / 2, 0, cut, h)
            } else {
                let cut = ratio(w, width, height).min(h);
                (0, (h - cut) / 2, w, cut)
            };
            Ok(((part != (0, 0, w, h)).then_some(part), width, height))
        }
    }
}

/// Decoders are other people's code: a panic of theirs is a broken image.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("its decoder failed".to_owned()))
}

fn format_of(bytes: &[u8]) -> Option<Format> {
    match image::guess_format(bytes).ok()? {
        ImageFormat::Jpeg => Some(Format::Jpeg),
        ImageFormat::Png => Some(Format::Png),
        ImageFormat::WebP => Some(Format::Webp),
        ImageFormat::Gif => Some(Format::Gif),
        _ => None,
    }
}

fn image_format(format: Format) -> Option<ImageFormat> {
    match format {
        Format::Jpeg => Some(ImageFormat::Jpeg),
        Format::Png => Some(ImageFormat::Png),
        Format::Webp => Some(ImageFormat::WebP),
        Format::Gif => Some(ImageFormat::Gif),
        Format::Avif | Format::Svg => None,
    }
}

/// What is wrong, in the decoder's words.
fn words(error: &image::ImageError) -> String {
    error.to_string().replace('\n', " ")
}

const UNKNOWN: &str = "it is no JPEG, PNG, WebP, GIF or SVG image";

/// Reads the header; no pixel is decoded.
pub fn header(bytes: &[u8]) -> Result<Header, String> {
    let Some(format) = format_of(bytes) else {
        let (width, height) = svg::size(bytes).ok_or(UNKNOWN)?;
        let (is_animated, is_lossy, has_profile) = (false, false, false);
        return Ok(Header { width, height, format: Format::Svg, is_animated, is_lossy, has_profile });
    };
    guarded(|| {
        let (mut decoder, _) = decoder(bytes, format, u64::MAX)?;
        let (mut width, mut height) = decoder.dimensions();
        if is_turned(decoder.orientation().unwrap_or(Orientation::NoTransforms)) {
            (width, height) = (height, width);
        }
        if width == 0 || height == 0 {
            return Err("it has no pixels".to_owned());
        }
        let is_lossy = match format {
            Format::Jpeg => true,
            Format::Webp => !has_chunk(bytes, b"VP8L"),
            Format::Png | Format::Gif | Format::Avif | Format::Svg => false,
        };
        let has_profile = decoder.icc_profile().ok().flatten().is_some_and(|found| is_other_colours(&found));
        Ok(Header { width, height, format, is_animated: is_animated(bytes, format), is_lossy, has_profile })
    })
}

/// Whether one of the chunks of a WebP file has that name.
fn has_chunk(file: &[u8], name: &[u8; 4]) -> bool {
    let mut rest = file.get(12..).unwrap_or_default();
    while let Some((head, body)) = rest.split_at_checked(8) {
        if head.starts_with(name) {
            return true;
        }
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        rest = body.get(length.saturating_add(length % 2)..).unwrap_or_default();
    }
    false
}

fn is_turned(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

fn is_animated(bytes: &[u8], format: Format) -> bool {
    match format {
        Format::Gif => image::codecs::gif::GifDecoder::new(Cursor::new(bytes))
            .is_ok_and(|decoder| decoder.into_frames().take(2).filter(Result::is_ok).count() > 1),
        Format::Webp => image::codecs::webp::WebPDecoder::new(Cursor::new(bytes))
            .is_ok_and(|decoder| decoder.has_animation()),
        Format::Png => image::codecs::png::PngDecoder::new(Cursor::new(bytes))
            .is_ok_and(|decoder| decoder.is_apng().unwrap_or(false)),
        Format::Jpeg | Format::Avif | Format::Svg => false,
    }
}

fn decoder(
    bytes: &[u8],
    format: Format,
    most_pixels: u64,
) -> Result<(impl ImageDecoder, (u32, u32)), String> {
    let mut reader = ImageReader::new(Cursor::new(bytes));
    reader.set_format(image_format(format).ok_or("an SVG image has no pixels")?);
    let mut limits = image::Limits::default();
    // Sixteen bits in four channels; twice, for what a decoder holds besides.
    limits.max_alloc = Some(most_pixels.saturating_mul(16));
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|error| words(&error))?;
    let size = decoder.dimensions();
    let pixels = u64::from(size.0) * u64::from(size.1);
    if pixels > most_pixels {
        return Err(format!(
            "it has {} × {} pixels, over the limit of {most_pixels}; `limits.image_pixels` raises it",
            size.0, size.1
        ));
    }
    Ok((decoder, size))
}

/// Decodes, cuts, resizes and encodes.
pub fn make(bytes: &[u8], operation: &Operation, most_pixels: u64) -> Result<Vec<u8>, String> {
    guarded(|| {
        let format = format_of(bytes).ok_or(UNKNOWN)?;
        let (mut decoder, _) = decoder(bytes, format, most_pixels)?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let profile = decoder.icc_profile().ok().flatten();
        let mut image = DynamicImage::from_decoder(decoder).map_err(|error| words(&error))?;
        image.apply_orientation(orientation);
        if let Some((x, y, width, height)) = operation.part {
            image = image.crop_imm(x, y, width, height);
        }
        let is_clear = image.color().has_alpha() && image.to_rgba8().pixels().any(|pixel| pixel.0[3] != 255);
        let image = if is_clear { resized_clear(image, operation) } else { resized(image, operation) };
        // Other colours than red, green and blue are converted.
        let profile = profile.filter(|profile| profile.get(16..20) == Some(b"RGB "));
        encoded(image, operation, profile)
    })
}

fn is_of_size(image: &DynamicImage, operation: &Operation) -> bool {
    (image.width(), image.height()) == (operation.width, operation.height)
}

fn resized(image: DynamicImage, operation: &Operation) -> DynamicImage {
    let image = DynamicImage::ImageRgb8(image.into_rgb8());
    if is_of_size(&image, operation) {
        return image;
    }
    image.resize_exact(operation.width, operation.height, FilterType::Lanczos3)
}

/// With the colours weighed by how much of them is seen: what is clear has a
/// colour too, often black, which would show as a dark edge.
fn resized_clear(image: DynamicImage, operation: &Operation) -> DynamicImage {
    if is_of_size(&image, operation) {
        return DynamicImage::ImageRgba8(image.into_rgba8());
    }
    let mut weighed = image.into_rgba16();
    for pixel in weighed.pixels_mut() {
        let [r, g, b, a] = pixel.0;
        let weigh = |c: u16| u16::try_from(u32::from(c) * u32::from(a) / 65535).unwrap_or(u16::MAX);
        pixel.0 = [weigh(r), weigh(g), weigh(b), a];
    }
    let image = DynamicImage::ImageRgba16(weighed);
    let image = image.resize_exact(operation.width, operation.height, FilterType::Lanczos3);
    let mut weighed = image.into_rgba16();
    for pixel in weighed.pixels_mut() {
        let [r, g, b, a] = pixel.0;
        let seen = |c: u16| {
            let whole = (u32::from(c) * 65535).checked_div(u32::from(a)).unwrap_or(0);
            u16::try_from(whole).unwrap_or(u16::MAX)
        };
        pixel.0 = [seen(r), seen(g), seen(b), a];
    }
    DynamicImage::ImageRgba8(DynamicImage::ImageRgba16(weighed).into_rgba8())
}

/// On white: JPEG has nothing clear.
fn on_white(image: DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return image;
    }
    let image = image.into_rgba8();
    let mut out = image::RgbImage::new(image.width(), image.height());
    for (to, from) in out.pixels_mut().zip(image.pixels()) {
        let [r, g, b, a] = from.0;
        let on = |c: u8| {
            let light = (u32::from(c) * u32::from(a) + 255 * (255 - u32::from(a)) + 127) / 255;
            u8::try_from(light).unwrap_or(u8::MAX)
        };
        to.0 = [on(r), on(g), on(b)];
    }
    DynamicImage::ImageRgb8(out)
}

fn encoded(image: DynamicImage, operation: &Operation, profile: Option<Vec<u8>>) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let (width, height) = (image.width(), image.height());
    match operation.format {
        Format::Jpeg => {
            let image = on_white(image);
            let mut encoder = JpegEncoder::new_with_quality(&mut out, operation.quality.unwrap_or(75));
            // One that does not fit is left out.
            let _ = profile.map(|profile| encoder.set_icc_profile(profile));
            let written = encoder.write_image(image.as_bytes(), width, height, image.color().into());
            written.map_err(|error| words(&error))?;
        }
        Format::Png => {
            let mut encoder = PngEncoder::new_with_quality(&mut out, CompressionType::Best, Rows::Adaptive);
            let _ = profile.map(|profile| encoder.set_icc_profile(profile));
            let written = encoder.write_image(image.as_bytes(), width, height, image.color().into());
            written.map_err(|error| words(&error))?;
        }
        Format::Webp => out = webp::encode(&image, operation.quality, profile.as_deref())?,
        Format::Avif => out = avif::encode(&image, operation.quality.unwrap_or(60))?,
        Format::Gif | Format::Svg => {
            return Err(format!("`{}` is not written", operation.format.name()));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
