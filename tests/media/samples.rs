//! Photos made for tests, with everything in them that a camera would write and that must not leave. Not a test itself.

use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};

/// A photo of 96 x 64 stored pixels: red on the left, blue on the right, so that a turn shows.
pub fn picture() -> RgbImage {
    RgbImage::from_fn(96, 64, |x, _| if x < 48 { Rgb([220, 30, 30]) } else { Rgb([30, 30, 220]) })
}

/// A plain JPEG of `picture`.
pub fn plain_jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder.write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8).unwrap();
    bytes
}

/// A JPEG as a phone makes it: EXIF with place, camera, owner, orientation 6 and a thumbnail, XMP, a comment, and a clip behind the picture.
pub fn phone_jpeg() -> Vec<u8> {
    phone_jpeg_of(&picture())
}

/// The same of another picture.
pub fn phone_jpeg_of(picture: &RgbImage) -> Vec<u8> {
    let thumbnail = plain_jpeg(&RgbImage::from_pixel(16, 12, Rgb([1, 200, 1])));
    let exif = [b"Exif\0\0", exif(6, &thumbnail).as_slice()].concat();
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>secret-in-xmp</x:xmpmeta>";
    let mut jpeg = plain_jpeg(picture);
    let rest = jpeg.split_off(2);
    for (marker, body) in [(0xE1, exif.as_slice()), (0xE1, xmp), (0xFE, b"secret-in-comment")] {
        jpeg.extend([0xFF, marker]);
        jpeg.extend(u16::try_from(body.len() + 2).unwrap().to_be_bytes());
        jpeg.extend_from_slice(body);
    }
    jpeg.extend(rest);
    jpeg.extend_from_slice(b"\0\0\0\x14ftypisom-secret-behind-the-picture");
    jpeg
}

/// A PNG of `picture` with more chunks right after its header.
pub fn png(picture: &RgbImage, chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8).unwrap();
    let rest = bytes.split_off(33);
    for (name, body) in chunks {
        bytes.extend(png_chunk(name, body));
    }
    bytes.extend(rest);
    bytes
}

/// A PNG that claims 30,000 x 30,000 pixels and has next to none.
pub fn png_bomb() -> Vec<u8> {
    let mut header = [30_000_u32.to_be_bytes(), 30_000_u32.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 0]);
    let empty_deflate = [0x78, 0x9C, 3, 0, 0, 0, 0, 1];
    [
        b"\x89PNG\r\n\x1A\n".to_vec(),
        png_chunk(b"IHDR", &header),
        png_chunk(b"IDAT", &empty_deflate),
        png_chunk(b"IEND", b""),
    ]
    .concat()
}

/// Half red, half transparent, lossless.
pub fn webp(extended: bool) -> Vec<u8> {
    let picture = image::RgbaImage::from_fn(96, 64, |x, _| image::Rgba([220, 30, 30, if x < 48 { 255 } else { 0 }]));
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut bytes);
    if extended {
        encoder.set_exif_metadata(exif(6, b"")).unwrap();
    }
    encoder.write_image(&picture, 96, 64, ExtendedColorType::Rgba8).unwrap();
    bytes
}

/// Two frames, with a comment in front.
pub fn gif() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    for colour in [[220, 30, 30, 255], [30, 30, 220, 255]] {
        let frame = image::Frame::new(image::RgbaImage::from_pixel(32, 24, image::Rgba(colour)));
        encoder.encode_frame(frame).unwrap();
    }
    drop(encoder);
    let flags = bytes[10];
    let head = 13 + if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let rest = bytes.split_off(head);
    bytes.extend_from_slice(b"\x21\xFE\x11secret-in-comment\0");
    bytes.extend(rest);
    bytes.extend_from_slice(b"secret-behind");
    bytes
}

/// A HEIC with the EXIF of a phone.
#[cfg(feature = "heic")]
pub fn heic() -> Vec<u8> {
    let picture = picture();
    let rgba: Vec<u8> = picture.pixels().flat_map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2], 255]).collect();
    let mut image = heifer::Image::filled(96, 64, 8, [0, 0, 0, 255]);
    image.data = rgba.into_iter().map(u16::from).collect();
    let metadata = heifer::Metadata { exif: Some(exif(1, b"")), ..heifer::Metadata::default() };
    heifer::encode_with_metadata(&image, &metadata, &heifer::EncodeOptions::default()).unwrap()
}

/// A file that lies beside this one.
pub fn file(name: &str) -> Cursor<Vec<u8>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/media").join(name);
    Cursor::new(std::fs::read(path).unwrap())
}

/// A TIFF block (little-endian) with camera, artist, orientation, moment, serial number and place, and a thumbnail if it is not empty.
pub fn exif(orientation: u16, thumbnail: &[u8]) -> Vec<u8> {
    let mut block = Block { bytes: b"II*\0\x08\0\0\0".to_vec() };
    let rational = |values: [u32; 3]| {
        values.iter().flat_map(|value| [value.to_le_bytes(), 1_u32.to_le_bytes()].concat()).collect::<Vec<u8>>()
    };
    // IFD0 holds seven entries; the others follow where the previous one ends.
    let first = block.directory(&[
        (0x010F, 2, b"Example\0".to_vec()),
        (0x0110, 2, b"Phone 1\0".to_vec()),
        (0x0112, 3, orientation.to_le_bytes().to_vec()),
        (0x013B, 2, b"Ada Example\0".to_vec()),
        (0x8769, 4, vec![0; 4]),
        (0x8825, 4, vec![0; 4]),
    ]);
    let exif = block.directory(&[
        (0x9003, 2, b"2024:05:06 15:08:09\0".to_vec()),
        (0x9011, 2, b"+08:00\0".to_vec()),
        (0xA431, 2, b"SERIAL-4711\0".to_vec()),
    ]);
    let gps = block.directory(&[
        (1, 2, b"N\0".to_vec()),
        (2, 5, rational([27, 7, 41])),
        (3, 2, b"E\0".to_vec()),
        (4, 5, rational([100, 15, 3])),
    ]);
    block.point(first, 4, exif);
    block.point(first, 5, gps);
    if !thumbnail.is_empty() {
        let at = block.bytes.len();
        block.bytes.extend_from_slice(thumbnail);
        let second = block.directory(&[
            (0x0201, 4, u32::try_from(at).unwrap().to_le_bytes().to_vec()),
            (0x0202, 4, u32::try_from(thumbnail.len()).unwrap().to_le_bytes().to_vec()),
        ]);
        let next = first + 2 + 12 * 6;
        block.bytes[next..next + 4].copy_from_slice(&u32::try_from(second).unwrap().to_le_bytes());
    }
    block.bytes
}

struct Block {
    bytes: Vec<u8>,
}

impl Block {
    /// Appends a directory and the values that do not fit into it; gives its position.
    fn directory(&mut self, entries: &[(u16, u16, Vec<u8>)]) -> usize {
        let start = self.bytes.len();
        let mut extra = start + 2 + 12 * entries.len() + 4;
        let mut values = Vec::new();
        self.bytes.extend(u16::try_from(entries.len()).unwrap().to_le_bytes());
        for (tag, kind, value) in entries {
            let size = match kind {
                2 => 1,
                3 => 2,
                4 => 4,
                _ => 8,
            };
            self.bytes.extend(tag.to_le_bytes());
            self.bytes.extend(kind.to_le_bytes());
            self.bytes.extend(u32::try_from(value.len() / size).unwrap().to_le_bytes());
            if value.len() <= 4 {
                let mut inline = value.clone();
                inline.resize(4, 0);
                self.bytes.extend(inline);
            } else {
                self.bytes.extend(u32::try_from(extra).unwrap().to_le_bytes());
                extra += value.len();
                values.extend_from_slice(value);
            }
        }
        self.bytes.extend([0; 4]);
        self.bytes.extend(values);
        start
    }

    /// Makes entry `number` of the directory at `directory` point to `target`.
    fn point(&mut self, directory: usize, number: usize, target: usize) {
        let at = directory + 2 + 12 * number + 8;
        self.bytes[at..at + 4].copy_from_slice(&u32::try_from(target).unwrap().to_le_bytes());
    }
}

pub fn png_chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in name.iter().chain(body) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], name, body, &(!crc).to_be_bytes()].concat()
}
