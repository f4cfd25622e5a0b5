//! Encoded pictures to pixels, within limits. Knows the decoders; does not resize, turn or encode.

use std::io::Cursor;

use image::{ColorType, DynamicImage, ImageDecoder, ImageError};

use super::{Facts, Format, Limits, Problem, jpeg};

/// Pixels in memory, 3 or 4 bytes each, rows without gaps.
pub(super) struct Pixels {
    pub width: u32,
    pub height: u32,
    pub has_alpha: bool,
    pub data: Vec<u8>,
    /// Colour profile of the numbers, where it is not plain sRGB.
    pub icc: Option<Vec<u8>>,
    /// Turn still to be made, as in EXIF.
    pub orientation: u8,
}

impl Pixels {
    /// Bytes per pixel.
    pub fn depth(&self) -> usize {
        if self.has_alpha { 4 } else { 3 }
    }
}

/// Decodes the picture, or the first one of several. Only about `wanted` pixels on the longer side are needed: a decoder that can do less work for a
/// smaller picture does so, but never gives fewer pixels than wanted if there are as many.
pub(super) fn decode(bytes: &[u8], facts: &Facts, limits: &Limits, wanted: u32) -> Result<Pixels, Problem> {
    if let (Some(width), Some(height)) = (facts.width, facts.height) {
        limits.check(width, height)?;
    }
    let cursor = || Cursor::new(bytes);
    let mut pixels = match facts.format {
        Format::Jpeg => decode_jpeg(bytes, limits, wanted, facts.problem == Some(Problem::Truncated)),
        Format::Png => pixels(
            image::codecs::png::PngDecoder::with_limits(cursor(), strict(limits)).map_err(problem)?,
            facts,
            limits,
        ),
        Format::WebP => pixels(image::codecs::webp::WebPDecoder::new(cursor()).map_err(problem)?, facts, limits),
        Format::Gif => pixels(image::codecs::gif::GifDecoder::new(cursor()).map_err(problem)?, facts, limits),
        Format::Heic => decode_heic(bytes, limits),
        Format::Avif => super::avif::decode(bytes, limits),
        _ => Err(Problem::Unsupported),
    }?;
    // A format with turns of its own has said so; the others leave it to EXIF.
    if pixels.orientation == 1 {
        pixels.orientation = facts.orientation;
    }
    pixels.icc = pixels.icc.filter(|profile| is_worth_keeping(profile));
    Ok(pixels)
}

fn strict(limits: &Limits) -> image::Limits {
    let mut strict = image::Limits::default();
    strict.max_image_width = Some(limits.max_side);
    strict.max_image_height = Some(limits.max_side);
    strict.max_alloc = Some(limits.max_memory);
    strict
}

/// What an error of the `image` crate means to us.
pub(super) fn problem(error: ImageError) -> Problem {
    match error {
        ImageError::Limits(_) => Problem::TooLarge,
        ImageError::Unsupported(_) => Problem::Unsupported,
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Problem::Truncated,
        _ => Problem::Damaged,
    }
}

/// Decodes with a decoder of the `image` crate. Of a file that is known to be cut short, the part that is there is enough.
fn pixels(mut decoder: impl ImageDecoder, facts: &Facts, limits: &Limits) -> Result<Pixels, Problem> {
    let (width, height) = decoder.dimensions();
    limits.check(width, height)?;
    decoder.set_limits(strict(limits)).map_err(problem)?;
    let size = decoder.total_bytes();
    if size > limits.max_memory {
        return Err(Problem::TooLarge);
    }
    let icc = decoder.icc_profile().ok().flatten();
    let color = decoder.color_type();
    let mut data = vec![0; usize::try_from(size).map_err(|_| Problem::TooLarge)?];
    if let Err(error) = decoder.read_image(&mut data) {
        let is_partial = facts.problem == Some(Problem::Truncated) && data.iter().any(|byte| *byte != 0);
        if !is_partial {
            return Err(problem(error));
        }
    }
    from_raw(width, height, color, data).map(|pixels| Pixels { icc, ..pixels })
}

/// Any colour type to 8 bits of RGB or RGBA.
fn from_raw(width: u32, height: u32, color: ColorType, data: Vec<u8>) -> Result<Pixels, Problem> {
    let done = |has_alpha, data| Pixels { width, height, has_alpha, data, icc: None, orientation: 1 };
    let wide = |data: Vec<u8>| {
        data.chunks_exact(2).map(|pair| pair.try_into().map_or(0, u16::from_ne_bytes)).collect::<Vec<u16>>()
    };
    let image = match color {
        ColorType::Rgb8 => return Ok(done(false, data)),
        ColorType::Rgba8 => return Ok(done(true, data)),
        ColorType::L8 => image::GrayImage::from_raw(width, height, data).map(DynamicImage::from),
        ColorType::La8 => image::GrayAlphaImage::from_raw(width, height, data).map(DynamicImage::from),
        ColorType::L16 => image::ImageBuffer::from_raw(width, height, wide(data)).map(DynamicImage::ImageLuma16),
        ColorType::La16 => image::ImageBuffer::from_raw(width, height, wide(data)).map(DynamicImage::ImageLumaA16),
        ColorType::Rgb16 => image::ImageBuffer::from_raw(width, height, wide(data)).map(DynamicImage::ImageRgb16),
        ColorType::Rgba16 => image::ImageBuffer::from_raw(width, height, wide(data)).map(DynamicImage::ImageRgba16),
        _ => return Err(Problem::Unsupported),
    };
    let image = image.ok_or(Problem::Damaged)?;
    let has_alpha = color.has_alpha();
    Ok(done(has_alpha, if has_alpha { image.into_rgba8().into_raw() } else { image.into_rgb8().into_raw() }))
}

/// libjpeg-turbo leaves out work for small pictures; what it does not do (CMYK, some damage) goes to the decoder in Rust.
fn decode_jpeg(bytes: &[u8], limits: &Limits, wanted: u32, is_cut: bool) -> Result<Pixels, Problem> {
    let header = jpeg::header(bytes);
    let frame = header.frame.ok_or(Problem::Damaged)?;
    limits.check(frame.width, frame.height)?;
    // The profile of a CMYK or grey picture does not describe the RGB that comes out.
    let icc = header.icc.filter(|profile| frame.components == 3 && profile.get(16..20) == Some(b"RGB "));
    #[cfg(feature = "fast-jpeg")]
    if frame.components != 4
        && let Some(pixels) = decode_jpeg_scaled(bytes, wanted, is_cut)
    {
        return Ok(Pixels { icc, ..pixels });
    }
    #[cfg(not(feature = "fast-jpeg"))]
    let _ = (wanted, is_cut);
    let mut decoder = image::codecs::jpeg::JpegDecoder::new(Cursor::new(bytes)).map_err(problem)?;
    decoder.set_limits(strict(limits)).map_err(problem)?;
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    let size = usize::try_from(decoder.total_bytes()).ok().filter(|size| *size as u64 <= limits.max_memory);
    let mut data = vec![0; size.ok_or(Problem::TooLarge)?];
    decoder.read_image(&mut data).map_err(problem)?;
    from_raw(width, height, color, data).map(|pixels| Pixels { icc, ..pixels })
}

/// Decodes at the smallest scale of eighths that still has `wanted` pixels on the longer side. `None` if libjpeg-turbo complains; a complaint
/// about the end of a cut file is expected.
#[cfg(feature = "fast-jpeg")]
fn decode_jpeg_scaled(bytes: &[u8], wanted: u32, is_cut: bool) -> Option<Pixels> {
    let mut decoder = turbojpeg::Decompressor::new().ok()?;
    // Thousands of scans over few bytes are an attack, not a photo.
    decoder.set_scan_limit(200).ok()?;
    let header = decoder.read_header(bytes).ok()?;
    let longer = header.width.max(header.height);
    let wanted = usize::try_from(wanted).ok()?.min(longer);
    let scale =
        (1..=8).map(|eighths| turbojpeg::ScalingFactor::new(eighths, 8)).find(|scale| scale.scale(longer) >= wanted)?;
    decoder.set_scaling_factor(scale).ok()?;
    let size = header.scaled(scale);
    let pitch = size.width * 3;
    let mut data = vec![0; pitch * size.height];
    let output = turbojpeg::Image {
        pixels: data.as_mut_slice(),
        width: size.width,
        pitch,
        height: size.height,
        format: turbojpeg::PixelFormat::RGB,
    };
    let outcome = decoder.decompress(bytes, output);
    let is_usable = outcome.is_ok() || is_cut && data.iter().any(|byte| *byte != 0);
    is_usable.then_some(())?;
    let (width, height) = (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?);
    Some(Pixels { width, height, has_alpha: false, data, icc: None, orientation: 1 })
}

#[cfg(feature = "heic")]
fn decode_heic(bytes: &[u8], limits: &Limits) -> Result<Pixels, Problem> {
    let options = heifer::Options { max_threads: 0, max_pixels: limits.max_pixels };
    // HDR transfers cannot be brought to sRGB by it; the plain numbers are better than no picture.
    let image = heifer::decode_srgb_rgba8(bytes, &options).or_else(|_| heifer::decode_rgba8(bytes, &options));
    let image = image.map_err(|error| match error {
        heifer::Error::Unsupported(_) => Problem::NoDecoder,
        _ => Problem::Damaged,
    })?;
    let (width, height, has_alpha) = (image.width, image.height, image.has_alpha);
    let data = if has_alpha { image.data } else { image.into_rgb8() };
    Ok(Pixels { width, height, has_alpha, data, icc: None, orientation: 1 })
}

#[cfg(not(feature = "heic"))]
fn decode_heic(_: &[u8], _: &Limits) -> Result<Pixels, Problem> {
    Err(Problem::NoDecoder)
}

/// A profile that only says sRGB in 3 kB is what every viewer assumes anyway.
fn is_worth_keeping(profile: &[u8]) -> bool {
    const MOST: usize = 1 << 20;
    let says = |text: &[u8]| profile.windows(text.len()).any(|window| window == text);
    let is_rgb = profile.get(16..20) == Some(b"RGB ");
    // The name is text in 8 bits in version 2 and in UTF-16 in version 4 of the ICC specification.
    is_rgb && profile.len() < MOST && !says(b"sRGB") && !says(b"\0s\0R\0G\0B")
}
