//! Smaller pictures of a photo: one for the grid, one for the view, and its average colour. Decides sizes; the decoders are elsewhere.

use std::io::{Read, Seek};
use std::time::Duration;

use fast_image_resize::images::{Image as Resized, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageEncoder, RgbImage, RgbaImage};

use super::bytes::read_all;
use super::decode::{Pixels, decode};
use super::{Facts, Limits, Problem, guard, jpeg, probe};

/// An encoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// `image/jpeg`, or `image/png` for a picture with transparent parts.
    pub mime: &'static str,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The encoded bytes.
    pub bytes: Vec<u8>,
}

/// Pictures made from an original, turned upright.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renditions {
    /// For a card among many.
    pub grid: Image,
    /// For one post on a screen.
    pub view: Image,
    /// The average colour as `0xRRGGBB`, to show until a picture is there.
    pub colour: u32,
}

/// How large the renditions are, in pixels. A smaller original is never enlarged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Width of the grid picture; a tall one is at most twice as high.
    pub grid: u32,
    /// The longer side of the view picture.
    pub view: u32,
}

impl Default for Sizes {
    /// A masonry column of 240 CSS pixels on a screen of double density; a post across a usual window.
    fn default() -> Self {
        Self { grid: 480, view: 1280 }
    }
}

/// Makes the renditions of a photo.
///
/// A photo that is cut short gives what there is of it, and keeps the problem in its facts.
///
/// # Errors
/// The reason why there is no picture. Files and clips have none here: see [`poster`](super::poster).
pub fn renditions(
    source: &mut (impl Read + Seek),
    facts: &Facts,
    sizes: Sizes,
    limits: &Limits,
) -> Result<Renditions, Problem> {
    let bytes = read_all(source, limits.max_bytes)?;
    let known = facts.problem;
    let (facts, limits) = (facts.clone(), *limits);
    let made = guard::run(Duration::from_millis(limits.deadline_ms), move || {
        let wanted = sizes.view.max(sizes.grid);
        let pixels = decode(&bytes, &facts, &limits, wanted)?;
        drop(bytes);
        make(pixels, sizes)
    });
    // "Cut short" says more than the decoder's "damaged".
    made.map_err(|problem| known.filter(|_| problem == Problem::Damaged).unwrap_or(problem))
}

/// Makes the renditions of a picture in memory, such as a poster that the window has drawn.
///
/// # Errors
/// The reason why the bytes give no picture.
pub fn renditions_from_image(bytes: &[u8], sizes: Sizes, limits: &Limits) -> Result<Renditions, Problem> {
    let facts = probe(&mut std::io::Cursor::new(bytes));
    renditions(&mut std::io::Cursor::new(bytes), &facts, sizes, limits)
}

fn make(pixels: Pixels, sizes: Sizes) -> Result<Renditions, Problem> {
    let pixels = without_useless_alpha(pixels);
    let icc = pixels.icc.clone();
    let view = upright(shrink(pixels, |width, height| fit(width, height, sizes.view, sizes.view))?)?;
    // While the large one is encoded, the small one is made from its pixels: a fifth of the work, and no visible difference.
    std::thread::scope(|scope| {
        let large = scope.spawn(|| encode(&view, icc.as_deref()));
        let grid = shrink_ref(&view, |width, height| fit(width, height, sizes.grid, sizes.grid.saturating_mul(2)))?;
        let grid = grid.as_ref().unwrap_or(&view);
        let (colour, grid) = (average(grid), encode(grid, icc.as_deref())?);
        Ok(Renditions { colour, grid, view: large.join().unwrap_or(Err(Problem::Damaged))? })
    })
}

/// Most pictures with an alpha channel are opaque all over; they are smaller and quicker as JPEG.
fn without_useless_alpha(mut pixels: Pixels) -> Pixels {
    let is_opaque = |data: &[u8]| data.chunks_exact(4).all(|pixel| pixel.last() == Some(&u8::MAX));
    if pixels.has_alpha && is_opaque(&pixels.data) {
        pixels.data = pixels.data.chunks_exact(4).flat_map(|pixel| pixel.iter().take(3).copied()).collect();
        pixels.has_alpha = false;
    }
    pixels
}

/// The largest size within the box that keeps the proportions, without enlarging. Never zero.
fn fit(width: u32, height: u32, across: u32, down: u32) -> (u32, u32) {
    let scale = (f64::from(across) / f64::from(width)).min(f64::from(down) / f64::from(height)).min(1.0);
    let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    (scaled(width), scaled(height))
}

fn shrink(pixels: Pixels, target: impl Fn(u32, u32) -> (u32, u32)) -> Result<Pixels, Problem> {
    Ok(shrink_ref(&pixels, target)?.unwrap_or(pixels))
}

/// `None` if it already has the size.
fn shrink_ref(pixels: &Pixels, target: impl Fn(u32, u32) -> (u32, u32)) -> Result<Option<Pixels>, Problem> {
    let (width, height) = target(pixels.width, pixels.height);
    if (width, height) == (pixels.width, pixels.height) {
        return Ok(None);
    }
    let kind = if pixels.has_alpha { PixelType::U8x4 } else { PixelType::U8x3 };
    let source = ImageRef::new(pixels.width, pixels.height, &pixels.data, kind).map_err(|_| Problem::Damaged)?;
    let mut resized = Resized::new(width, height, kind);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new().resize(&source, &mut resized, &options).map_err(|_| Problem::Damaged)?;
    Ok(Some(Pixels { width, height, data: resized.into_vec(), icc: None, ..*pixels }))
}

/// Makes the turn that the pixels still need.
pub(super) fn upright(pixels: Pixels) -> Result<Pixels, Problem> {
    let orientation = Orientation::from_exif(pixels.orientation).unwrap_or(Orientation::NoTransforms);
    if orientation == Orientation::NoTransforms {
        return Ok(pixels);
    }
    let Pixels { width, height, has_alpha, data, icc, .. } = pixels;
    let image = if has_alpha {
        RgbaImage::from_raw(width, height, data).map(DynamicImage::from)
    } else {
        RgbImage::from_raw(width, height, data).map(DynamicImage::from)
    };
    let mut image = image.ok_or(Problem::Damaged)?;
    image.apply_orientation(orientation);
    Ok(Pixels {
        width: image.width(),
        height: image.height(),
        has_alpha,
        data: image.into_bytes(),
        icc,
        orientation: 1,
    })
}

/// The average colour, transparent parts counted as white.
fn average(pixels: &Pixels) -> u32 {
    let mut sums = [0_u64; 3];
    for pixel in pixels.data.chunks_exact(pixels.depth()) {
        let alpha = if pixels.has_alpha { u64::from(pixel.last().copied().unwrap_or(255)) } else { 255 };
        for (sum, value) in sums.iter_mut().zip(pixel) {
            *sum += (u64::from(*value) * alpha + 255 * (255 - alpha)) / 255;
        }
    }
    let count = (u64::from(pixels.width) * u64::from(pixels.height)).max(1);
    sums.iter().fold(0, |colour, sum| colour << 8 | u32::try_from((sum / count).min(255)).unwrap_or(255))
}

/// PNG where parts are transparent, JPEG otherwise.
fn encode(pixels: &Pixels, icc: Option<&[u8]>) -> Result<Image, Problem> {
    let (mime, bytes) = if pixels.has_alpha {
        ("image/png", encode_png(pixels, icc)?)
    } else {
        ("image/jpeg", encode_jpeg(pixels, icc, 80)?)
    };
    Ok(Image { mime, width: pixels.width, height: pixels.height, bytes })
}

fn encode_png(pixels: &Pixels, icc: Option<&[u8]>) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    if let Some(icc) = icc {
        encoder.set_icc_profile(icc.to_vec()).map_err(|_| Problem::Damaged)?;
    }
    encoder
        .write_image(&pixels.data, pixels.width, pixels.height, image::ExtendedColorType::Rgba8)
        .map_err(super::decode::problem)?;
    Ok(bytes)
}

/// A JPEG of opaque pixels with the colours halved in both directions, as cameras do.
pub(super) fn encode_jpeg(pixels: &Pixels, icc: Option<&[u8]>, quality: u8) -> Result<Vec<u8>, Problem> {
    let bytes = encode_plain_jpeg(pixels, quality)?;
    Ok(match icc {
        Some(icc) => jpeg::with_icc(bytes, icc),
        None => bytes,
    })
}

#[cfg(feature = "fast-jpeg")]
fn encode_plain_jpeg(pixels: &Pixels, quality: u8) -> Result<Vec<u8>, Problem> {
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let format = if pixels.has_alpha { turbojpeg::PixelFormat::RGBX } else { turbojpeg::PixelFormat::RGB };
    let image =
        turbojpeg::Image { pixels: pixels.data.as_slice(), width, pitch: width * pixels.depth(), height, format };
    let mut encoder = turbojpeg::Compressor::new().map_err(|_| Problem::NoDecoder)?;
    encoder.set_quality(quality.into()).map_err(|_| Problem::NoDecoder)?;
    encoder.set_subsamp(turbojpeg::Subsamp::Sub2x2).map_err(|_| Problem::NoDecoder)?;
    encoder.compress_to_vec(image).map_err(|_| Problem::Damaged)
}

#[cfg(not(feature = "fast-jpeg"))]
fn encode_plain_jpeg(pixels: &Pixels, quality: u8) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
    let rgb;
    let data = if pixels.has_alpha {
        rgb = pixels.data.chunks_exact(4).flat_map(|pixel| pixel.iter().take(3).copied()).collect::<Vec<u8>>();
        &rgb
    } else {
        &pixels.data
    };
    encoder
        .encode(data, pixels.width, pixels.height, image::ExtendedColorType::Rgb8)
        .map_err(super::decode::problem)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_fits_its_box_and_is_never_enlarged_or_empty() {
        assert_eq!(fit(4000, 3000, 1280, 1280), (1280, 960));
        assert_eq!(fit(3000, 4000, 480, 960), (480, 640));
        assert_eq!(fit(100, 50, 1280, 1280), (100, 50));
        assert_eq!(fit(20_000, 3, 480, 960), (480, 1));
    }

    #[test]
    fn transparent_parts_count_as_white() {
        let data = vec![0, 0, 0, 0, 200, 100, 0, 255];
        let pixels = Pixels { width: 2, height: 1, has_alpha: true, data, icc: None, orientation: 1 };
        assert_eq!(average(&pixels), 0x00E3_B17F);
    }
}
