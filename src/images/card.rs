//! Card: a drawing as a picture that other sites show with a link to a page.
//!
//! In: SVG of the size of a card, a way to get the images that it shows. Out: a
//! PNG. Text is in one of two fonts, which come with the program, so that the
//! same drawing gives the same bytes on every machine. Must not read a file.

use std::sync::{Arc, LazyLock};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ExtendedColorType, ImageEncoder as _, RgbaImage};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::fontdb::{Database, ID, Source};
use resvg::usvg::{FontResolver, ImageHrefResolver, Options, Tree};

use super::lines::{BOLD, REGULAR};
use super::{format_of, guarded};
use crate::base::fingerprint::Fingerprint;

/// Pixels of a card.
pub const WIDTH: u32 = 1200;
/// Pixels of a card.
pub const HEIGHT: u32 = 630;

/// Part of every key; changes when the bytes that a drawing gives do.
const VERSION: &str = "juxta card 1";

/// Weight from which a text is in the bold font.
const HEAVY: u16 = 600;

/// Gives an image by what a drawing calls it.
pub type Picture<'a> = &'a (dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync);

/// Names the picture of a drawing.
pub fn key(svg: &str) -> Fingerprint {
    Fingerprint::of_parts([VERSION.as_bytes(), svg.as_bytes()])
}

/// The regular and the bold font.
static FONTS: LazyLock<(Arc<Database>, [Option<ID>; 2])> = LazyLock::new(|| {
    let mut fonts = Database::new();
    let ids = [REGULAR, BOLD].map(|bytes| {
        let ids = fonts.load_font_source(Source::Binary(Arc::new(bytes)));
        ids.first().copied()
    });
    (Arc::new(fonts), ids)
});

/// Reads a drawing.
pub(super) fn tree(svg: &str, picture: Picture<'_>) -> Result<Tree, String> {
    let (fonts, ids) = &*FONTS;
    let options = Options {
        fontdb: Arc::clone(fonts),
        font_resolver: FontResolver {
            select_font: Box::new(|font, _| ids[usize::from(font.weight() >= HEAVY)]),
            select_fallback: Box::new(|_, _, _| None),
        },
        image_href_resolver: ImageHrefResolver {
            resolve_data: ImageHrefResolver::default_data_resolver(),
            resolve_string: Box::new(|name, options| {
                let bytes = picture(name)?;
                let mime = format_of(&bytes).map_or("image/svg+xml", super::Format::mime);
                ImageHrefResolver::default_data_resolver()(mime, Arc::new(bytes), options)
            }),
        },
        ..Options::default()
    };
    Tree::from_str(svg, &options).map_err(|error| format!("it is no drawing: {error}"))
}

/// Draws a card.
pub fn draw(svg: &str, picture: Picture<'_>) -> Result<Vec<u8>, String> {
    guarded(|| {
        let tree = tree(svg, picture)?;
        let (width, height) = (tree.size().width(), tree.size().height());
        if (width, height) != (WIDTH as f32, HEIGHT as f32) {
            return Err(format!("it is {width} × {height} pixels, and a card is {WIDTH} × {HEIGHT}"));
        }
        let mut pixels = Pixmap::new(WIDTH, HEIGHT).ok_or("there is no room for it")?;
        pixels.fill(Color::WHITE);
        resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
        // Nothing shines through white.
        let pixels = RgbaImage::from_raw(WIDTH, HEIGHT, pixels.take()).ok_or("there is no room for it")?;
        let pixels = DynamicImage::ImageRgba8(pixels).into_rgb8();
        let mut out = Vec::new();
        PngEncoder::new_with_quality(&mut out, CompressionType::Default, FilterType::Adaptive)
            .write_image(&pixels, WIDTH, HEIGHT, ExtendedColorType::Rgb8)
            .map_err(|error| super::words(&error))?;
        Ok(out)
    })
}
