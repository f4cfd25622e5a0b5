//! Photographs for the sample: Debian's wallpapers where they are installed (free licences: for this computer
//! only), painted landscapes elsewhere. Each can be asked for in many different crops.

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::{DynamicImage, ImageReader, Rgb, RgbImage, codecs::jpeg::JpegEncoder};

/// Folders with real photographs, and where in them a name's file lies.
const PLACES: &[&str] =
    &["/usr/share/backgrounds/mate/nature/NAME.jpg", "/usr/share/wallpapers/NAME/contents/images/2560x1600.jpg"];

/// Pixels on the longer edge of the first crop of each photo, which people look at, and of the others, which fill a journal.
const LARGE: u32 = 1800;
const SMALL: u32 = 1000;

/// A photo by the name of its subject.
pub struct Photo {
    name: &'static str,
    picture: RgbImage,
    /// The same, small: thousands of crops are made of it.
    small: RgbImage,
}

impl Photo {
    /// Loads the photo of that name, or paints one.
    pub fn load(name: &'static str) -> Self {
        let found = PLACES.iter().map(|place| PathBuf::from(place.replace("NAME", name))).find_map(|path| open(&path));
        let picture = found.unwrap_or_else(|| paint(name));
        let small = picture.thumbnail(SMALL * 3 / 2, SMALL * 3 / 2).into_rgb8();
        Self { name, small, picture: picture.into_rgb8() }
    }

    /// The file that a crop is written to.
    pub fn path(&self, folder: &Path, crop: Crop) -> PathBuf {
        folder.join(format!("{}-{}.jpg", self.name, crop.number))
    }

    /// Writes one of its many crops as a JPEG. The same crop gives the same bytes.
    pub fn write(&self, path: &Path, crop: Crop) -> Result<(), Box<dyn Error + Send + Sync>> {
        let (picture, edge) = if crop.number == 0 { (&self.picture, LARGE) } else { (&self.small, SMALL) };
        let made = resize(picture, edge, crop)?;
        let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
        JpegEncoder::new_with_quality(&mut file, 85).encode_image(&made)?;
        Ok(())
    }
}

/// Which part of a photo: a number of its many crops, and width by height.
#[derive(Debug, Clone, Copy)]
pub struct Crop {
    /// Width divided by height.
    pub aspect: f32,
    /// 0 is the large one in the middle.
    pub number: u32,
}

fn open(path: &Path) -> Option<DynamicImage> {
    ImageReader::open(path).ok()?.decode().ok()
}

/// The largest part of that aspect, moved and narrowed a little differently for every number, at most `edge` pixels long.
fn resize(picture: &RgbImage, edge: u32, crop: Crop) -> Result<RgbImage, Box<dyn Error + Send + Sync>> {
    let Crop { aspect, number } = crop;
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let fit = (width / aspect).min(height);
    let fit = fit * (1.0 - (number % 37) as f32 * 0.01);
    let (wide, high) = ((fit * aspect).floor().max(1.0), fit.floor().max(1.0));
    let across = if number == 0 { 0.5 } else { (number % 101) as f32 / 100.0 };
    let down = if number == 0 { 0.5 } else { (number % 61) as f32 / 60.0 };
    let scale = (edge as f32 / wide.max(high)).min(1.0);
    let mut made = Image::new(((wide * scale) as u32).max(1), ((high * scale) as u32).max(1), PixelType::U8x3);
    let source = ImageRef::new(picture.width(), picture.height(), picture.as_raw(), PixelType::U8x3)?;
    let [left, top, wide, high] =
        [((width - wide) * across).floor(), ((height - high) * down).floor(), wide, high].map(f64::from);
    let options =
        ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).crop(left, top, wide, high);
    Resizer::new().resize(&source, &mut made, &options)?;
    let (width, height) = (made.width(), made.height());
    RgbImage::from_raw(width, height, made.into_vec()).ok_or_else(|| "a picture of another size".into())
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
