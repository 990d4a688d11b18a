//! AVIF: pixels to a file.
//!
//! In: pixels, a quality. Out: the file, the same on every machine: the encoder
//! cuts an image into as many tiles as it has threads, and so it has one. It is
//! for photographs: something is always lost, and so is a colour profile.

use image::DynamicImage;
use ravif::{Encoder, Img, RGB8, RGBA8};

/// The fewest pixels on a side that the encoder takes.
pub(super) const SHORTEST: u32 = 16;

/// From 1, the slowest, to 10. Half the time of 8, for files larger by a
/// twentieth; they are half of what WebP gives.
const SPEED: u8 = 9;

pub(super) fn encode(image: &DynamicImage, quality: u8) -> Result<Vec<u8>, String> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    if image.width().min(image.height()) < SHORTEST {
        return Err(format!("an AVIF image has at least {SHORTEST} pixels on a side"));
    }
    let quality = f32::from(quality.clamp(1, 100));
    let encoder = Encoder::new()
        .with_quality(quality)
        .with_alpha_quality(quality)
        .with_speed(SPEED)
        .with_num_threads(Some(1));
    let encoded = if image.color().has_alpha() {
        let image = image.to_rgba8();
        let pixels: Vec<RGBA8> = image.pixels().map(|pixel| RGBA8::from(pixel.0)).collect();
        encoder.encode_rgba(Img::new(&pixels[..], width, height))
    } else {
        let image = image.to_rgb8();
        let pixels: Vec<RGB8> = image.pixels().map(|pixel| RGB8::from(pixel.0)).collect();
        encoder.encode_rgb(Img::new(&pixels[..], width, height))
    };
    Ok(encoded.map_err(|error| format!("it cannot be encoded: {error}"))?.avif_file)
}
