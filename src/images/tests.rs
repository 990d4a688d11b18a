//! Sizes, formats and hostile files.

use super::*;

fn png(image: &DynamicImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

fn gradient(width: u32, height: u32) -> DynamicImage {
    let pixel = |x: u32, y: u32| image::Rgb([x * 255 / width, y * 255 / height, 128].map(|c| c as u8));
    DynamicImage::ImageRgb8(image::RgbImage::from_fn(width, height, pixel))
}

fn operation(width: u32, height: u32, format: Format, quality: Option<u8>) -> Operation {
    Operation { part: None, width, height, format, quality }
}

#[test]
fn every_format_is_read_and_written() {
    let source = png(&gradient(60, 40));
    for (format, quality) in
        [(Format::Jpeg, None), (Format::Png, None), (Format::Webp, None), (Format::Webp, Some(80))]
    {
        let made = make(&source, &operation(30, 20, format, quality), 1 << 20).unwrap();
        assert_eq!(made, make(&source, &operation(30, 20, format, quality), 1 << 20).unwrap());
        let is_lossy = format == Format::Jpeg || quality.is_some();
        let (width, height, is_animated, has_profile) = (30, 20, false, false);
        let expected = Header { width, height, format, is_animated, is_lossy, has_profile };
        assert_eq!(header(&made), Ok(expected));
        // The middle has the colour of the middle.
        let again = image::load_from_memory(&made).unwrap().into_rgb8();
        let middle = again.get_pixel(15, 10).0;
        for (is, wanted) in middle.iter().zip([130_u8, 130, 128]) {
            assert!(is.abs_diff(wanted) < 12, "{format:?}: {middle:?}");
        }
    }
    let lossless = make(&source, &operation(60, 40, Format::Webp, None), 1 << 20).unwrap();
    assert_eq!(image::load_from_memory(&lossless).unwrap().into_rgb8(), gradient(60, 40).into_rgb8());
}

#[test]
fn sizes_are_fitted_as_zola_does() {
    let of = |width, height| {
        let (format, is_animated, is_lossy, has_profile) = (Format::Png, false, false, false);
        Header { width, height, format, is_animated, is_lossy, has_profile }
    };
    let wide = of(400, 200);
    assert_eq!(fitted(&wide, Fit::Scale, Some(7), Some(9)), Ok((None, 7, 9)));
    assert_eq!(fitted(&wide, Fit::Width, Some(100), None), Ok((None, 100, 50)));
    assert_eq!(fitted(&wide, Fit::Height, None, Some(100)), Ok((None, 200, 100)));
    assert_eq!(fitted(&wide, Fit::Inside, Some(100), Some(100)), Ok((None, 100, 50)));
    assert_eq!(fitted(&wide, Fit::Inside, Some(1000), Some(100)), Ok((None, 200, 100)));
    assert_eq!(fitted(&wide, Fit::Inside, Some(900), Some(900)), Ok((None, 400, 200)));
    assert_eq!(fitted(&wide, Fit::Fill, Some(100), Some(100)), Ok((Some((100, 0, 200, 200)), 100, 100)));
    assert_eq!(fitted(&wide, Fit::Fill, Some(400), Some(100)), Ok((Some((0, 50, 400, 100)), 400, 100)));
    assert_eq!(fitted(&wide, Fit::Fill, Some(40), Some(20)), Ok((None, 40, 20)));
    assert_eq!(fitted(&of(3000, 1), Fit::Width, Some(10), None), Ok((None, 10, 1)));
    assert_eq!(fitted(&wide, Fit::Fill, Some(1), None), Err("give `height`".to_owned()));
    assert_eq!(fitted(&wide, Fit::Width, Some(0), None), Err("`width` is 0".to_owned()));
}

#[test]
fn what_is_clear_leaves_no_dark_edge() {
    let pixel = |x: u32, _| image::Rgba(if x < 8 { [255, 0, 0, 255] } else { [0, 0, 0, 0] });
    let source = png(&DynamicImage::ImageRgba8(image::RgbaImage::from_fn(16, 16, pixel)));
    let made = make(&source, &operation(5, 5, Format::Png, None), 1 << 20).unwrap();
    for pixel in image::load_from_memory(&made).unwrap().into_rgba8().pixels() {
        let [r, g, b, a] = pixel.0;
        assert!(a < 8 || r > 240 && g < 8 && b < 8, "{pixel:?}");
    }
    let made = make(&source, &operation(16, 16, Format::Jpeg, None), 1 << 20).unwrap();
    let on_white = image::load_from_memory(&made).unwrap().into_rgb8().get_pixel(15, 8).0;
    assert!(on_white.iter().all(|c| *c > 240), "{on_white:?}");
}

#[test]
fn a_colour_profile_is_kept() {
    // Whose colours it describes stands at byte 16.
    let profile: Vec<u8> =
        (0..131_u8).map(|i| if (16..20).contains(&i) { b"RGB "[i as usize - 16] } else { i }).collect();
    let mut source = Vec::new();
    let mut encoder = PngEncoder::new(&mut source);
    encoder.set_icc_profile(profile.clone()).unwrap();
    let image = gradient(9, 9).into_rgba8();
    encoder.write_image(&image, 9, 9, image::ExtendedColorType::Rgba8).unwrap();
    for (format, quality) in
        [(Format::Jpeg, None), (Format::Png, None), (Format::Webp, None), (Format::Webp, Some(50))]
    {
        let made = make(&source, &operation(5, 5, format, quality), 1 << 20).unwrap();
        let (mut decoder, size) = decoder(&made, format, 1 << 20).unwrap();
        assert_eq!(size, (5, 5));
        assert_eq!(decoder.icc_profile().unwrap().as_ref(), Some(&profile), "{format:?} {quality:?}");
        assert!(image::load_from_memory(&made).is_ok());
    }
}

/// A photograph with that colour profile.
fn photograph(profile: Option<&[u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new(&mut bytes);
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile.to_vec()).unwrap();
    }
    encoder.write_image(gradient(90, 60).as_bytes(), 90, 60, image::ExtendedColorType::Rgb8).unwrap();
    bytes
}

#[test]
fn photographs_become_avif_of_the_same_bytes_on_any_machine() {
    let source = photograph(None);
    let operation = |width, height, quality| operation(width, height, Format::Avif, Some(quality));
    let made = make(&source, &operation(60, 40, 60), 1 << 20).unwrap();
    for threads in [1, 3, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(
            pool.install(|| make(&source, &operation(60, 40, 60), 1 << 20)).unwrap() == made,
            "{threads}"
        );
    }
    assert_eq!(made[4..12], *b"ftypavif");
    // The box that says its size: version, width, height.
    let at = made.windows(4).position(|part| part == b"ispe").unwrap() + 8;
    assert_eq!(made[at..at + 8], [0, 0, 0, 60, 0, 0, 0, 40]);
    let better = make(&source, &operation(60, 40, 95), 1 << 20).unwrap();
    assert!(better.len() > made.len());
    let pixel = |x: u32, y: u32| image::Rgba([x as u8, y as u8, 9, 100]);
    let clear = png(&DynamicImage::ImageRgba8(image::RgbaImage::from_fn(20, 20, pixel)));
    let clear = make(&clear, &operation(20, 20, 60), 1 << 20).unwrap();
    assert!(clear.windows(4).any(|part| part == b"auxC"), "what is clear is an image of its own");
    assert_eq!(
        make(&source, &operation(60, 15, 60), 1 << 20),
        Err("an AVIF image has at least 16 pixels on a side".to_owned())
    );
}

#[test]
fn colours_that_avif_would_lose_are_known() {
    let profile = |name: &str| -> Vec<u8> {
        let mut profile = vec![0; 16];
        profile.extend_from_slice(b"RGB ");
        profile.extend(name.encode_utf16().flat_map(u16::to_be_bytes));
        profile
    };
    let fits = |bytes: &[u8]| header(bytes).unwrap().fits_avif(60, 40);
    assert!(fits(&photograph(None)));
    assert!(fits(&photograph(Some(&profile("sRGB IEC61966-2.1")))));
    assert!(!fits(&photograph(Some(&profile("Display P3")))));
    assert!(!fits(&png(&gradient(90, 60))), "nothing of a drawing is lost");
    assert!(!header(&photograph(None)).unwrap().fits_avif(60, 15));
}

/// A JPEG that says it lies on its side.
fn turned() -> Vec<u8> {
    let mut plain = Vec::new();
    gradient(40, 20).write_to(&mut Cursor::new(&mut plain), ImageFormat::Jpeg).unwrap();
    let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let mut out = plain[..2].to_vec();
    out.extend_from_slice(&[0xff, 0xe1, 0, u8::try_from(exif.len() + 2).unwrap()]);
    out.extend_from_slice(exif);
    out.extend_from_slice(&plain[2..]);
    out
}

#[test]
fn a_photograph_is_turned_as_it_says() {
    let source = turned();
    let of = header(&source).unwrap();
    assert_eq!((of.width, of.height), (20, 40));
    let made = make(&source, &operation(10, 20, Format::Png, None), 1 << 20).unwrap();
    assert_eq!(image::load_from_memory(&made).unwrap().width(), 10);
}

#[test]
fn broken_images_are_told_in_words() {
    let source = png(&gradient(60, 40));
    let to = operation(30, 20, Format::Png, None);
    assert_eq!(header(b"no image"), Err(UNKNOWN.to_owned()));
    assert!(header(&source[..20]).is_err());
    // The header is whole, the rest is not.
    let short = &source[..source.len() / 2];
    assert!(header(short).is_ok());
    assert!(make(short, &to, 1 << 20).is_err());
    let told = make(&source, &to, 2399).unwrap_err();
    assert!(told.starts_with("it has 60 × 40 pixels, over the limit of 2399"), "{told}");
    // One that says it has 60,000 × 60,000 pixels.
    let mut huge = source.clone();
    huge[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    assert!(make(&huge, &to, 64_000_000).is_err());
    // Every byte wrong once: words or pixels, never a panic that gets out.
    for i in 0..source.len() {
        let mut broken = source.clone();
        broken[i] ^= 0xff;
        let _ = (header(&broken), make(&broken, &to, 1 << 16));
    }
    let photograph = turned();
    for i in 0..photograph.len() {
        let _ = (header(&photograph[..i]), make(&photograph[..i], &to, 1 << 16));
    }
}

fn space(width: u16, lines: usize, most: u32, least: u32) -> lines::Space {
    lines::Space { width: f32::from(width), lines, most, least, is_bold: true }
}

#[test]
fn a_text_is_as_large_as_it_can_be() {
    let fit = |text: &str, space: lines::Space| lines::fit(text, &space);
    let short = fit("Node.js", space(1000, 3, 70, 40)).unwrap();
    assert_eq!((short.lines.as_slice(), short.size), (["Node.js".to_owned()].as_slice(), 70));
    // It is broken before it becomes smaller, and smaller before it is cut off.
    let text = "What the standard library of one language has and the other has not";
    let two = fit(text, space(1000, 3, 70, 40)).unwrap();
    assert_eq!((two.lines.len(), two.size, two.lines.join(" ")), (3, 70, text.to_owned()));
    let one = fit(text, space(1000, 1, 70, 20)).unwrap();
    assert!(one.lines == [text] && (20..70).contains(&one.size), "{one:?}");
    let cut = fit(text, space(300, 2, 70, 40)).unwrap();
    assert_eq!((cut.lines.len(), cut.size), (2, 40));
    assert!(cut.lines[1].ends_with('…') && text.starts_with(&cut.lines[0]), "{cut:?}");
    // A word that is wider than a line at the least size is broken.
    let word = "x".repeat(60);
    let broken = fit(&word, space(300, 9, 70, 40)).unwrap();
    assert!(broken.lines.len() > 2 && broken.lines.concat() == word, "{broken:?}");
    // An accent of its own becomes part of its letter.
    assert_eq!(fit("Cafe\u{301}", space(500, 1, 40, 40)).unwrap().lines, ["Café"]);
    for (text, shown) in [
        ("Ελληνικά", Some("Ελληνικά")),
        ("Кириллица", Some("Кириллица")),
        ("Łódź 🦀  \t and\u{200b} \u{2764}\u{fe0f}", Some("Łódź and")),
        ("比較", None),
        ("one and 比", None),
        ("مقارنة", None),
        ("🦀", None),
        (" \n", None),
        ("", None),
    ] {
        let fitted = fit(text, space(1000, 1, 40, 40));
        assert_eq!(fitted.map(|fitted| fitted.lines.concat()).as_deref(), shown, "{text}");
    }
}

/// How wide a line really is.
fn drawn_width(line: &str, size: u32) -> f32 {
    let line = line.replace('&', "&amp;").replace('<', "&lt;");
    let svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text font-weight='700' font-size='{size}'>{line}</text></svg>"
    );
    card::tree(&svg, &|_| None).unwrap().root().abs_bounding_box().width()
}

#[test]
fn lines_are_no_wider_than_they_may_be() {
    let text =
        "AVATAR Type-safe “WAVE” To & Tomorrow: ffi, fjord, LTL; Ŵ Ÿ — Γειά Τα ГАТУ <tag> f) T] V/ r’ L’";
    let mut state = 7_u64;
    let mut widest = 0_f32;
    for i in 0..200 {
        let mut words: Vec<&str> = text.split(' ').collect();
        words.sort_by_cached_key(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 33
        });
        words.truncate(3 + i % 15);
        let fitted = lines::fit(&words.join(" "), &space(700, 3, 76, 30)).unwrap();
        for line in &fitted.lines {
            let width = drawn_width(line, fitted.size);
            assert!(width <= 700.0 && width > 0.0, "{width}: {line}");
            widest = widest.max(width);
        }
    }
    // And they use the room there is.
    assert!(widest > 650.0, "{widest}");
}

fn card_of(inside: &str) -> String {
    format!("<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='630'>{inside}</svg>")
}

#[test]
fn a_card_shows_text_and_images() {
    let red = png(&DynamicImage::ImageRgb8(image::RgbImage::from_pixel(4, 4, image::Rgb([255, 0, 0]))));
    let drawing: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg' width='4' height='4'><rect width='4' height='4' fill='lime'/><image href='image:a' width='4' height='2'/></svg>";
    let picture = |name: &str| match name {
        "image:a" => Some(red.clone()),
        "image:b" => Some(drawing.to_vec()),
        _ => None,
    };
    let inside = "<image href='image:a' width='100' height='100'/><image href='image:b' x='200' width='100' height='100'/>\
                  <image href='Cargo.toml' x='400' width='100' height='100'/><image href='http://localhost/x.png' x='400' width='100' height='100'/>\
                  <text x='20' y='400' font-size='90' font-family='Nowhere'>Text</text><text x='20' y='600' font-size='90' font-weight='700'>Text</text>";
    let made = card::draw(&card_of(inside), &picture).unwrap();
    assert_eq!(made, card::draw(&card_of(inside), &picture).unwrap());
    let image = image::load_from_memory(&made).unwrap().into_rgb8();
    assert_eq!(image.dimensions(), (card::WIDTH, card::HEIGHT));
    let at = |x, y| image.get_pixel(x, y).0;
    assert_eq!(
        [at(50, 50), at(250, 80), at(450, 50), at(700, 300)],
        [[255, 0, 0], [0, 255, 0], [255, 255, 255], [255, 255, 255]]
    );
    // What a drawing inside shows is not looked for.
    assert_eq!(at(250, 20), [0, 255, 0]);
    let ink = |from: u32, to: u32| {
        let dark = |(_, y, pixel): &(u32, u32, &image::Rgb<u8>)| (from..to).contains(y) && pixel.0[0] < 100;
        image.enumerate_pixels().filter(dark).filter(|(x, ..)| *x < 300).count()
    };
    let (plain, bold) = (ink(320, 420), ink(520, 620));
    assert!(plain > 1000 && bold > plain * 5 / 4, "{plain} {bold}");
}

#[test]
fn a_card_that_cannot_be_drawn_says_why() {
    let none = |_: &str| None;
    let told = |svg: &str| card::draw(svg, &none).unwrap_err();
    assert!(told("Text").starts_with("it is no drawing: "), "{}", told("Text"));
    assert!(told(&card_of("<rect")).starts_with("it is no drawing: "));
    assert_eq!(
        told("<svg xmlns='http://www.w3.org/2000/svg' width='600' height='315'/>"),
        "it is 600 × 315 pixels, and a card is 1200 × 630"
    );
}
