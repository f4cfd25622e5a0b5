//! Photographs of 12 to 48 megapixels: real ones (Debian's wallpapers) enlarged, with noise as a sensor makes it, or painted
//! ones where there are none.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use image::{DynamicImage, ImageReader, RgbImage, codecs::jpeg::JpegEncoder, imageops::FilterType};

use crate::Result;

/// Widths that telephones and cameras have; three by two.
const WIDTHS: &[u32] = &[4240, 4240, 4240, 6000, 8480];

/// So many photographs are drawn; more are the same pictures in other files.
const DRAWN: u32 = 20;

/// Makes `count` photographs in `folder`, always the same ones.
pub fn make(folder: &Path, count: u32) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let sources = sources();
    let path = |number: u32| folder.join(format!("photo-{number:03}.jpg"));
    for number in 0..count.min(DRAWN) {
        let width = WIDTHS.get(number as usize % WIDTHS.len()).copied().unwrap_or(4240);
        let source = sources.get(number as usize % sources.len().max(1));
        let mut picture = source.map_or_else(
            || painted(width, number),
            |source| source.resize_to_fill(width, width * 2 / 3, FilterType::CatmullRom).to_rgb8(),
        );
        add_noise(&mut picture, number);
        JpegEncoder::new_with_quality(BufWriter::new(File::create(path(number))?), 93).encode_image(&picture)?;
    }
    for number in DRAWN..count {
        let drawn = std::fs::read(path(number % DRAWN))?;
        let (start, rest) = drawn.split_at(2.min(drawn.len()));
        // A comment behind the first marker makes it another file.
        let comment = [&[0xff, 0xfe, 0, 6], &number.to_be_bytes()[..]].concat();
        File::create(path(number))?.write_all(&[start, &comment, rest].concat())?;
    }
    Ok(())
}

/// Makes `count` small photographs in `folder`, as they come out of a messenger, and answers where they are.
pub fn small(folder: &Path, count: u32) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)?;
    let mut made = Vec::new();
    for number in 0..count {
        let mut picture = painted(480, number);
        add_noise(&mut picture, number);
        let path = folder.join(format!("small-{number:04}.jpg"));
        JpegEncoder::new_with_quality(BufWriter::new(File::create(&path)?), 85).encode_image(&picture)?;
        made.push(path);
    }
    Ok(made)
}

fn sources() -> Vec<DynamicImage> {
    const PLACES: &[&str] = &["EveningGlow", "FallenLeaf", "Kite", "ColorfulCups", "Path", "BytheWater"];
    let path = |name: &&str| format!("/usr/share/wallpapers/{name}/contents/images/2560x1600.jpg");
    PLACES.iter().filter_map(|name| ImageReader::open(path(name)).ok()?.decode().ok()).collect()
}

fn painted(width: u32, number: u32) -> RgbImage {
    RgbImage::from_fn(width, width * 2 / 3, |x, y| {
        let wave =
            |scale: f32, shift: u32| ((x as f32 * scale + (y + shift) as f32 * 0.003).sin() * 90.0 + 128.0) as u8;
        image::Rgb([wave(0.002, number * 40), wave(0.003, 400), wave(0.0015, 900)])
    })
}

fn add_noise(picture: &mut RgbImage, seed: u32) {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    for sample in picture.iter_mut() {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let noise = (state % 9) as i16 - 4;
        *sample = (i16::from(*sample) + noise).clamp(0, 255) as u8;
    }
}
