//! Pixels of AVIF files: rav1d decodes the AV1 frames, this module puts tiles together, turns YUV into RGB and adds the alpha plane. Only the
//! main picture, not the frames of an animation.

use re_rav1d::dav1d::{
    Decoder, Error, Picture, PixelLayout, PlanarImageComponent, Settings, pixel::MatrixCoefficients, pixel::YUVRange,
};

use super::boxes::find_loosely;
use super::bytes::{be16, be32};
use super::decode::Pixels;
use super::heif::{self, Meta};
use super::{Limits, Problem};

/// Decodes the main picture.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Pixels, Problem> {
    let place = find_loosely(bytes, b"meta").ok_or(Problem::Damaged)?;
    let file = File { bytes, meta: heif::read(bytes, &place)?, limits };
    let primary = file.meta.primary;
    let colour = file.plane(primary, Wanted::Colour)?;
    let alpha = match file.alpha() {
        Some(id) => Some(file.plane(id, Wanted::Luma)?)
            .filter(|alpha| alpha.width == colour.width && alpha.height == colour.height),
        None => None,
    };
    Ok(Pixels {
        width: colour.width,
        height: colour.height,
        has_alpha: alpha.is_some(),
        data: match alpha {
            Some(alpha) => colour
                .data
                .chunks_exact(3)
                .zip(&alpha.data)
                .flat_map(|(rgb, a)| rgb.iter().chain(Some(a)).copied())
                .collect(),
            None => colour.data,
        },
        icc: file.profile(),
        orientation: file.orientation(),
    })
}

struct File<'a> {
    bytes: &'a [u8],
    meta: Meta,
    limits: &'a Limits,
}

/// What is needed of a coded picture.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Three bytes per pixel.
    Colour,
    /// One: the alpha plane is coded as brightness.
    Luma,
}

impl Wanted {
    fn depth(self) -> usize {
        if self == Self::Colour { 3 } else { 1 }
    }
}

/// Pixels of one item.
struct Canvas {
    width: u32,
    height: u32,
    data: Vec<u8>,
}

impl File<'_> {
    /// A coded picture, or a grid of them.
    fn plane(&self, id: u32, wanted: Wanted) -> Result<Canvas, Problem> {
        match &self.meta.item(id).ok_or(Problem::Damaged)?.kind {
            b"av01" => self.coded(id, wanted),
            b"grid" => self.grid(id, wanted),
            _ => Err(Problem::NoDecoder),
        }
    }

    fn coded(&self, id: u32, wanted: Wanted) -> Result<Canvas, Problem> {
        // An item without bytes is legal in the container and nonsense to the decoder.
        let data = self.meta.content(self.bytes, id).filter(|data| !data.is_empty()).ok_or(Problem::Damaged)?;
        let picture = frame(data, self.limits)?;
        self.limits.check(picture.width(), picture.height())?;
        convert(&picture, wanted, self.coding(id))
    }

    /// Tiles from left to right, then down; the right and lower ones may reach over the edge.
    fn grid(&self, id: u32, wanted: Wanted) -> Result<Canvas, Problem> {
        let head = self.meta.content(self.bytes, id).ok_or(Problem::Damaged)?;
        let wide = head.get(1).ok_or(Problem::Damaged)? & 1 == 1;
        let columns = u32::from(*head.get(3).ok_or(Problem::Damaged)?) + 1;
        let size = if wide {
            be32(&head, 4).zip(be32(&head, 8))
        } else {
            be16(&head, 4).zip(be16(&head, 6)).map(|(w, h)| (w.into(), h.into()))
        };
        let (width, height) = size.ok_or(Problem::Damaged)?;
        self.limits.check(width, height)?;
        let depth = wanted.depth();
        let mut canvas = Canvas { width, height, data: vec![0; width as usize * height as usize * depth] };
        let tiles = self
            .meta
            .references
            .iter()
            .find(|reference| reference.kind == *b"dimg" && reference.from == id)
            .ok_or(Problem::Damaged)?;
        for (number, tile) in (0_u32..).zip(&tiles.to) {
            let tile = self.coded(*tile, wanted)?;
            let (left, top) =
                ((number % columns).saturating_mul(tile.width), (number / columns).saturating_mul(tile.height));
            paste(&mut canvas, &tile, (left, top), depth);
        }
        Ok(canvas)
    }

    /// The auxiliary picture that holds the transparency of the main one.
    fn alpha(&self) -> Option<u32> {
        let belongs = |id: u32| {
            self.meta.references.iter().any(|r| r.kind == *b"auxl" && r.from == id && r.to.contains(&self.meta.primary))
        };
        let is_alpha = |id: u32| {
            self.meta
                .properties(self.bytes, id)
                .any(|(name, body)| name == *b"auxC" && body.windows(16).any(|part| part == b"auxiliary:alpha\0"))
        };
        self.meta.items.iter().map(|item| item.id).find(|id| belongs(*id) && is_alpha(*id))
    }

    fn profile(&self) -> Option<Vec<u8>> {
        let mut properties = self.meta.properties(self.bytes, self.meta.primary);
        properties.find_map(|(name, body)| {
            (name == *b"colr" && matches!(body.get(..4), Some(b"prof" | b"rICC")))
                .then(|| body.get(4..).map(<[u8]>::to_vec))?
        })
    }

    /// How colours are coded, where the container says so: matrix and whether the full range is used. It stands above the AV1 stream.
    fn coding(&self, id: u32) -> Option<(u16, bool)> {
        self.meta.properties(self.bytes, id).find_map(|(name, body)| {
            (name == *b"colr" && body.starts_with(b"nclx")).then_some(())?;
            Some((be16(body, 8)?, body.get(10)? & 0x80 != 0))
        })
    }

    /// The turns and mirrors of the main picture, one after the other, as one EXIF orientation.
    fn orientation(&self) -> u8 {
        let mut mirrored = false;
        // Quarter turns clockwise after the mirror.
        let mut turns = 0_u8;
        for (name, body) in self.meta.properties(self.bytes, self.meta.primary) {
            let value = body.first().copied().unwrap_or(0);
            match &name {
                b"irot" => turns = (turns + 4 - (value & 3)) % 4,
                b"imir" => {
                    // Axis 1 exchanges left and right, 0 top and bottom.
                    turns = (4 - turns + if value & 1 == 1 { 0 } else { 2 }) % 4;
                    mirrored = !mirrored;
                }
                _ => {}
            }
        }
        match (mirrored, turns) {
            (false, 0) => 1,
            (true, 0) => 2,
            (false, 2) => 3,
            (true, 2) => 4,
            (true, 3) => 5,
            (false, 1) => 6,
            (true, _) => 7,
            (false, _) => 8,
        }
    }
}

/// Copies the part of `tile` that lies on the canvas.
fn paste(canvas: &mut Canvas, tile: &Canvas, (left, top): (u32, u32), depth: usize) {
    let across = tile.width.min(canvas.width.saturating_sub(left)) as usize * depth;
    let rows = canvas.data.chunks_exact_mut(canvas.width as usize * depth).skip(top as usize);
    for (row, source) in rows.zip(tile.data.chunks_exact(tile.width as usize * depth)) {
        let target = row.get_mut(left as usize * depth..).and_then(|row| row.get_mut(..across));
        if let (Some(target), Some(source)) = (target, source.get(..across)) {
            target.copy_from_slice(source);
        }
    }
}

/// The first frame of an AV1 stream.
fn frame(data: Vec<u8>, limits: &Limits) -> Result<Picture, Problem> {
    let mut settings = Settings::new();
    // Several pictures are decoded at once already, and a worker thread of its own could hang where nobody sees it.
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_frame_size_limit(u32::try_from(limits.max_pixels).unwrap_or(u32::MAX));
    let mut decoder = Decoder::with_settings(&settings).map_err(|_| Problem::NoDecoder)?;
    let mut waiting = match decoder.send_data(data, None, None, None) {
        Ok(()) => false,
        Err(Error::Again) => true,
        Err(_) => return Err(Problem::Damaged),
    };
    loop {
        match decoder.get_picture() {
            Ok(picture) => return Ok(picture),
            Err(Error::Again) if waiting => {
                waiting = match decoder.send_pending_data() {
                    Ok(()) => false,
                    Err(Error::Again) => true,
                    Err(_) => return Err(Problem::Damaged),
                };
            }
            Err(_) => return Err(Problem::Damaged),
        }
    }
}

/// One plane of samples as numbers from 0 to 1, whatever their depth.
struct Samples {
    data: re_rav1d::dav1d::Plane,
    stride: usize,
    wide: bool,
    /// Largest value.
    top: f32,
}

impl Samples {
    fn of(picture: &Picture, component: PlanarImageComponent) -> Self {
        let bits = picture.bit_depth();
        let top = ((1_u32 << bits) - 1) as f32;
        Self { data: picture.plane(component), stride: picture.stride(component) as usize, wide: bits > 8, top }
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        let start = y * self.stride;
        let value = if self.wide {
            let pair = self.data.get(start + 2 * x..start + 2 * x + 2).and_then(|pair| pair.try_into().ok());
            pair.map_or(0, u16::from_ne_bytes)
        } else {
            self.data.get(start + x).copied().map_or(0, u16::from)
        };
        f32::from(value) / self.top
    }
}

fn convert(picture: &Picture, wanted: Wanted, coding: Option<(u16, bool)>) -> Result<Canvas, Problem> {
    let (width, height) = (picture.width(), picture.height());
    let luma = Samples::of(picture, PlanarImageComponent::Y);
    let is_full = coding.map_or(picture.color_range() == YUVRange::Full, |(_, full)| full);
    let (scale, floor) = if is_full { (1.0, 0.0) } else { (255.0 / 219.0, 16.0 / 255.0) };
    let mut data = Vec::with_capacity(width as usize * height as usize * wanted.depth());
    let byte = |value: f32| (value * 255.0 + 0.5).clamp(0.0, 255.0) as u8;
    let layout = picture.pixel_layout();
    if wanted == Wanted::Luma || layout == PixelLayout::I400 {
        for y in 0..height as usize {
            for x in 0..width as usize {
                let value = byte((luma.at(x, y) - floor) * scale);
                data.extend(std::iter::repeat_n(value, wanted.depth()));
            }
        }
        return Ok(Canvas { width, height, data });
    }
    let (across, down) = match layout {
        PixelLayout::I420 => (1, 1),
        PixelLayout::I422 => (1, 0),
        _ => (0, 0),
    };
    let [u, v] = [PlanarImageComponent::U, PlanarImageComponent::V].map(|component| Samples::of(picture, component));
    let matrix = coding.map_or(picture.matrix_coefficients() as u16, |(matrix, _)| matrix);
    let chroma = if is_full { 1.0 } else { 255.0 / 224.0 };
    for y in 0..height as usize {
        for x in 0..width as usize {
            let (brightness, cb, cr) = (luma.at(x, y), u.at(x >> across, y >> down), v.at(x >> across, y >> down));
            let rgb = if matrix == MatrixCoefficients::Identity as u16 {
                [cr, brightness, cb].map(|value| (value - floor) * scale)
            } else {
                to_rgb((brightness - floor) * scale, [cb, cr].map(|value| (value - 0.501_96) * chroma), weights(matrix))
            };
            data.extend(rgb.map(byte));
        }
    }
    Ok(Canvas { width, height, data })
}

/// Shares of red and blue in brightness: BT.709, BT.2020, and BT.601 for everything else, as AVIF has it where nothing is said.
fn weights(matrix: u16) -> (f32, f32) {
    match matrix {
        1 => (0.2126, 0.0722),
        9 => (0.2627, 0.0593),
        _ => (0.299, 0.114),
    }
}

fn to_rgb(y: f32, [cb, cr]: [f32; 2], (red, blue): (f32, f32)) -> [f32; 3] {
    let r = y + 2.0 * (1.0 - red) * cr;
    let b = y + 2.0 * (1.0 - blue) * cb;
    [r, (y - red * r - blue * b) / (1.0 - red - blue), b]
}
