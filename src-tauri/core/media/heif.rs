//! The `meta` box of HEIF files (HEIC and AVIF; ISO/IEC 23008-12): which items there are, where their bytes lie and how large and turned
//! the main picture is. Never decodes a picture.

use super::Problem;
use super::boxes::{Child, children, find};
use super::bytes::{be16, be32, be64, slice};

/// One item: a picture, a tile, or metadata.
#[derive(Debug, Clone, Default)]
pub(super) struct Item {
    pub id: u32,
    /// `hvc1`, `av01`, `grid`, `Exif`, `mime`, ...
    pub kind: [u8; 4],
    /// Ranges of bytes in the file; `None` if they lie somewhere this code does not follow.
    pub extents: Option<Vec<(u64, u64)>>,
}

/// What the `meta` box says.
#[derive(Debug, Default)]
pub(super) struct Meta {
    pub items: Vec<Item>,
    /// The picture to show.
    pub primary: u32,
    /// Which item belongs to which others, and as what: `thmb` a thumbnail of, `auxl` an extra plane of, `dimg` made of.
    pub references: Vec<Reference>,
    /// Descriptive and transforming properties, in the order in which [`Meta::associations`] count them from 1.
    properties: Vec<Child>,
    associations: Vec<(u32, Vec<usize>)>,
}

/// One entry of `iref`.
#[derive(Debug)]
pub(super) struct Reference {
    pub kind: [u8; 4],
    pub from: u32,
    pub to: Vec<u32>,
}

impl Meta {
    /// The item with an id.
    pub fn item(&self, id: u32) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// Names and contents of the properties of an item, in order.
    pub fn properties<'a>(&'a self, bytes: &'a [u8], id: u32) -> impl Iterator<Item = ([u8; 4], &'a [u8])> {
        let indexes = self.associations.iter().find(|(item, _)| *item == id).map(|(_, indexes)| indexes.as_slice());
        let property = |index: &usize| self.properties.get(index.checked_sub(1)?);
        indexes.unwrap_or_default().iter().filter_map(property).map(|child| (child.name, child.of(bytes)))
    }

    /// Width and height of the main picture as displayed: cut, then turned.
    pub fn size(&self, bytes: &[u8]) -> Option<(u32, u32)> {
        let mut size = None;
        for (name, body) in self.properties(bytes, self.primary) {
            match &name {
                b"ispe" => size = be32(body, 4).zip(be32(body, 8)),
                // The clean aperture cuts edges off: width and height as fractions.
                b"clap" => size = quotient(body, 0).zip(quotient(body, 8)).or(size),
                b"irot" if body.first().is_some_and(|turns| turns & 1 == 1) => {
                    size = size.map(|(width, height)| (height, width))
                }
                _ => {}
            }
        }
        size
    }

    /// Whether an item is a thumbnail of another.
    pub fn is_thumbnail(&self, id: u32) -> bool {
        self.references.iter().any(|reference| reference.kind == *b"thmb" && reference.from == id)
    }

    /// The bytes of an item, put together.
    pub fn content(&self, bytes: &[u8], id: u32) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        for (start, length) in self.item(id)?.extents.as_ref()? {
            content.extend_from_slice(slice(bytes, usize::try_from(*start).ok()?, usize::try_from(*length).ok()?)?);
            // Extents may overlap, so a small file could make a large item.
            (content.len() <= bytes.len()).then_some(())?;
        }
        Some(content)
    }
}

fn quotient(body: &[u8], at: usize) -> Option<u32> {
    be32(body, at)?.checked_div(be32(body, at + 4)?)
}

/// Items beyond this number are nobody's photo; a tiled one of 200 megapixels has under a thousand.
const MOST: usize = 20_000;

/// Reads the `meta` box at `meta` inside `bytes`, which must be the whole file from its first byte.
pub(super) fn read(bytes: &[u8], meta: &Child) -> Result<Meta, Problem> {
    // A full box: version and flags come before the children.
    let within = meta.body + 4..meta.end;
    let child = |name: &[u8; 4]| find(bytes, within.clone(), name);
    let mut found = Meta::default();
    if let Some(pitm) = child(b"pitm") {
        found.primary = id(pitm.of(bytes), 4, full_version(pitm.of(bytes)) > 0).unwrap_or(0);
    }
    if let Some(iinf) = child(b"iinf") {
        found.items = entries(bytes, &iinf)?;
    }
    if let Some(iloc) = child(b"iloc") {
        let idat = child(b"idat").map(|idat| (idat.body as u64, idat.end as u64));
        locate(iloc.of(bytes), idat, &mut found.items).ok_or(Problem::Damaged)?;
    }
    if let Some(iref) = child(b"iref") {
        found.references = references(bytes, &iref)?;
    }
    if let Some(iprp) = child(b"iprp") {
        found.properties =
            find(bytes, iprp.content(), b"ipco").map_or(Ok(Vec::new()), |ipco| children(bytes, ipco.content()))?;
        let all = children(bytes, iprp.content())?;
        for ipma in all.iter().filter(|child| child.name == *b"ipma") {
            associate(ipma.of(bytes), &mut found.associations).ok_or(Problem::Damaged)?;
        }
    }
    Ok(found)
}

/// The TIFF block of the EXIF item; a length of four bytes and what that skips come before it.
pub(super) fn exif(bytes: &[u8], meta: &Meta) -> Option<Vec<u8>> {
    let item = meta.items.iter().find(|item| item.kind == *b"Exif")?;
    let content = meta.content(bytes, item.id)?;
    let skip = usize::try_from(be32(&content, 0)?).ok()?.checked_add(4)?;
    content.get(skip..).map(<[u8]>::to_vec)
}

fn full_version(body: &[u8]) -> u8 {
    body.first().copied().unwrap_or(0)
}

fn id(body: &[u8], at: usize, wide: bool) -> Option<u32> {
    if wide { be32(body, at) } else { be16(body, at).map(u32::from) }
}

/// `iinf`: the ids and kinds of all items.
fn entries(bytes: &[u8], iinf: &Child) -> Result<Vec<Item>, Problem> {
    let head = if full_version(iinf.of(bytes)) == 0 { 6 } else { 8 };
    let mut items = Vec::new();
    for infe in children(bytes, iinf.body + head..iinf.end)? {
        let body = infe.of(bytes);
        let wide = full_version(body) > 2;
        let Some(id) = id(body, 4, wide) else { continue };
        let kind = super::bytes::tag(body, if wide { 10 } else { 8 }).unwrap_or_default();
        items.push(Item { id, kind, extents: None });
        if items.len() > MOST {
            return Err(Problem::TooLarge);
        }
    }
    Ok(items)
}

/// `iloc`: where the bytes of each item lie.
fn locate(body: &[u8], idat: Option<(u64, u64)>, items: &mut [Item]) -> Option<()> {
    let version = full_version(body);
    let sizes = be16(body, 4)?;
    let [offset_size, length_size, base_size, index_size] =
        [sizes >> 12, sizes >> 8, sizes >> 4, sizes].map(|bits| usize::from(bits & 15));
    let index_size = if version == 0 { 0 } else { index_size };
    let mut at = 6;
    let count = id(body, at, version > 1)?;
    at += if version > 1 { 4 } else { 2 };
    for _ in 0..count {
        let item = id(body, at, version > 1)?;
        at += if version > 1 { 4 } else { 2 };
        let method = if version == 0 { 0 } else { be16(body, at)? & 15 };
        // Construction method (not in version 0) and data reference index.
        at += if version == 0 { 2 } else { 4 };
        let base = number(body, &mut at, base_size)?;
        let extents = usize::from(be16(body, at)?);
        at += 2;
        let mut ranges = Vec::new();
        for _ in 0..extents {
            number(body, &mut at, index_size)?;
            let from = base.checked_add(number(body, &mut at, offset_size)?)?;
            let length = number(body, &mut at, length_size)?;
            ranges.push((from, length));
        }
        let known = match (method, idat) {
            (0, _) => Some(ranges),
            (1, Some((start, end))) => ranges
                .into_iter()
                .map(|(from, length)| {
                    Some((start.checked_add(from)?, length))
                        .filter(|(from, length)| from.saturating_add(*length) <= end)
                })
                .collect(),
            _ => None,
        };
        if let Some(entry) = items.iter_mut().find(|entry| entry.id == item) {
            entry.extents = known;
        }
    }
    Some(())
}

/// A number of 0, 4 or 8 bytes.
fn number(body: &[u8], at: &mut usize, size: usize) -> Option<u64> {
    let value = match size {
        0 => 0,
        4 => u64::from(be32(body, *at)?),
        8 => be64(body, *at)?,
        _ => return None,
    };
    *at += size;
    Some(value)
}

/// `iref`: which items belong together.
fn references(bytes: &[u8], iref: &Child) -> Result<Vec<Reference>, Problem> {
    let wide = full_version(iref.of(bytes)) > 0;
    let (width, counted) = if wide { (4, 6) } else { (2, 4) };
    let read = |child: Child| {
        let body = child.of(bytes);
        let to = body.get(counted..)?.chunks_exact(width).filter_map(|other| id(other, 0, wide)).collect();
        Some(Reference { kind: child.name, from: id(body, 0, wide)?, to })
    };
    Ok(children(bytes, iref.body + 4..iref.end)?.into_iter().filter_map(read).collect())
}

/// `ipma`: the numbers, from 1, of the properties of each item.
fn associate(body: &[u8], associations: &mut Vec<(u32, Vec<usize>)>) -> Option<()> {
    let wide_id = full_version(body) > 0;
    let wide_index = be32(body, 0)? & 1 == 1;
    let mut at = 8;
    for _ in 0..be32(body, 4)? {
        let item = id(body, at, wide_id)?;
        at += if wide_id { 4 } else { 2 };
        let count = *body.get(at)?;
        at += 1;
        let mut indexes = Vec::new();
        for _ in 0..count {
            // The highest bit says that the property matters; all that we know do.
            indexes.push(if wide_index {
                usize::from(be16(body, at)? & 0x7FFF)
            } else {
                usize::from(body.get(at)? & 0x7F)
            });
            at += if wide_index { 2 } else { 1 };
        }
        associations.push((item, indexes));
    }
    Some(())
}
