//! Photographs for the sample: Debian's wallpapers where they are installed (free licences: for this computer
//! only), painted landscapes elsewhere. Each can be asked for in many different crops.

use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageError, ImageReader, Rgb, RgbImage, codecs::jpeg::JpegEncoder, imageops::FilterType};

/// Folders with real photographs, and where in them a name's file lies.
const PLACES: &[&str] =
    &["/usr/share/backgrounds/mate/nature/NAME.jpg", "/usr/share/wallpapers/NAME/contents/images/2560x1600.jpg"];

/// Pixels on the longer edge of the first crop of each photo, which people look at, and of the others, which fill a journal.
const LARGE: u32 = 1800;
const SMALL: u32 = 1000;

/// A photo by the name of its subject.
pub struct Photo {
    name: &'static str,
    picture: DynamicImage,
    /// The same, small: thousands of crops are made of it.
    small: DynamicImage,
}

impl Photo {
    /// Loads the photo of that name, or paints one.
    pub fn load(name: &'static str) -> Self {
        let found = PLACES.iter().map(|place| PathBuf::from(place.replace("NAME", name))).find_map(|path| open(&path));
        let picture = found.unwrap_or_else(|| paint(name));
        Self { name, small: picture.thumbnail(SMALL * 3 / 2, SMALL * 3 / 2), picture }
    }

    /// Writes one of its many crops as a JPEG and gives the file's path. The same number gives the same bytes.
    pub fn write(&self, folder: &Path, aspect: f32, number: u32) -> Result<PathBuf, ImageError> {
        let path = folder.join(format!("{}-{number}.jpg", self.name));
        let (picture, edge) = if number == 0 { (&self.picture, LARGE) } else { (&self.small, SMALL) };
        let picture = crop(picture, aspect, number).resize(edge, edge, FilterType::Triangle);
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
        JpegEncoder::new_with_quality(&mut file, 85).encode_image(&picture.to_rgb8())?;
        Ok(path)
    }
}

fn open(path: &Path) -> Option<DynamicImage> {
    ImageReader::open(path).ok()?.decode().ok()
}

/// The largest part of that aspect, moved and narrowed a little differently for every number.
fn crop(picture: &DynamicImage, aspect: f32, number: u32) -> DynamicImage {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let fit = (width / aspect).min(height);
    let fit = fit * (1.0 - (number % 37) as f32 * 0.01);
    let (wide, high) = ((fit * aspect).max(1.0), fit.max(1.0));
    let across = if number == 0 { 0.5 } else { (number % 101) as f32 / 100.0 };
    let down = if number == 0 { 0.5 } else { (number % 61) as f32 / 60.0 };
    picture.crop_imm(((width - wide) * across) as u32, ((height - high) * down) as u32, wide as u32, high as u32)
}

/// A sky, a sun and three rows of hills, in colours that follow the name.
fn paint(name: &str) -> DynamicImage {
    let seed = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let tint = |shift: u32| ((seed >> shift) & 0x7f) as f32;
    let (width, height) = (1600_u32, 1067_u32);
    let sun = (300.0 + tint(3) * 8.0, 180.0 + tint(9) * 3.0);
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as f32, y as f32);
        let hill = (0..3_u8).rev().find(|row| {
            let row = f32::from(*row);
            let wave = (x * (0.002 + row * 0.001) + tint(5) + row * 2.0).sin() + (x * 0.007 + tint(11)).sin() * 0.4;
            y > height as f32 * (0.55 + row * 0.13) + wave * 60.0
        });
        let colour = match hill {
            Some(row) => [40.0 + tint(2) * 0.4, 70.0 + tint(8) * 0.5, 60.0 + tint(14) * 0.4]
                .map(|part| part * (1.0 - f32::from(row) * 0.25)),
            None if (x - sun.0).hypot(y - sun.1) < 70.0 => [255.0, 236.0, 200.0],
            None => {
                let depth = y / height as f32;
                [120.0 + tint(1) + depth * 60.0, 150.0 + depth * 70.0, 215.0 - depth * tint(4) * 0.6]
            }
        };
        Rgb(colour.map(|part| part.clamp(0.0, 255.0) as u8))
    });
    DynamicImage::ImageRgb8(picture)
}
