//! WebP: pixels to a file, with the colour profile the encoder leaves out.
//!
//! In: pixels, a quality or none, a profile. Out: the file. libwebp compresses:
//! the encoder in Rust loses nothing, and so is no use for photographs.

use image::DynamicImage;
use webp::{Encoder, PixelLayout};

/// The most pixels on a side that the format can hold.
const LONGEST: u32 = 16_383;

pub(super) fn encode(
    image: &DynamicImage,
    quality: Option<u8>,
    profile: Option<&[u8]>,
) -> Result<Vec<u8>, String> {
    let (width, height) = (image.width(), image.height());
    if width.max(height) > LONGEST {
        return Err(format!("a WebP image has at most {LONGEST} pixels on a side"));
    }
    let is_clear = image.color().has_alpha();
    let layout = if is_clear { PixelLayout::Rgba } else { PixelLayout::Rgb };
    let encoder = Encoder::new(image.as_bytes(), layout, width, height);
    let encoded = encoder.encode_simple(quality.is_none(), f32::from(quality.unwrap_or(75)));
    let bytes = encoded.map_err(|error| format!("it cannot be encoded: {error:?}"))?.to_vec();
    Ok(match profile {
        Some(profile) => with_profile(&bytes, profile, (width, height), is_clear).unwrap_or(bytes),
        None => bytes,
    })
}

/// A length as the container writes it.
fn length(bytes: usize) -> Option<[u8; 4]> {
    Some(u32::try_from(bytes).ok()?.to_le_bytes())
}

/// The same file with a chunk that holds the profile, after the chunk that says
/// which others there are.
fn with_profile(file: &[u8], profile: &[u8], (width, height): (u32, u32), is_clear: bool) -> Option<Vec<u8>> {
    const ICC: u8 = 0x20;
    const ALPHA: u8 = 0x10;
    let mut chunks = file.get(12..)?;
    let mut extended = Vec::with_capacity(10);
    if chunks.starts_with(b"VP8X") {
        extended.extend_from_slice(chunks.get(8..18)?);
        extended[0] |= ICC;
        chunks = chunks.get(18..)?;
    } else {
        extended.extend_from_slice(&[if is_clear { ICC | ALPHA } else { ICC }, 0, 0, 0]);
        extended.extend_from_slice(&(width - 1).to_le_bytes()[..3]);
        extended.extend_from_slice(&(height - 1).to_le_bytes()[..3]);
    }
    let mut body = b"WEBPVP8X".to_vec();
    body.extend_from_slice(&length(extended.len())?);
    body.extend_from_slice(&extended);
    body.extend_from_slice(b"ICCP");
    body.extend_from_slice(&length(profile.len())?);
    body.extend_from_slice(profile);
    if profile.len() % 2 == 1 {
        body.push(0);
    }
    body.extend_from_slice(chunks);
    let mut out = b"RIFF".to_vec();
    out.extend_from_slice(&length(body.len())?);
    out.extend_from_slice(&body);
    Some(out)
}
