//! The chunks of a WebP file (RIFF): walking them, size, animation, completeness. Never decodes.

use super::Problem;
use super::bytes::{le16, le32, slice, tag};

/// "RIFF", the size of the rest, "WEBP".
pub(super) const HEADER: usize = 12;

/// One chunk; `body` is without the padding byte of odd lengths.
pub(super) struct Chunk<'a> {
    pub name: [u8; 4],
    pub body: &'a [u8],
}

/// Walks chunks that lie one after another in `bytes`.
pub(super) fn chunks(bytes: &[u8]) -> impl Iterator<Item = Result<Chunk<'_>, Problem>> {
    let mut at = 0;
    let mut over = false;
    std::iter::from_fn(move || {
        if over || at >= bytes.len() {
            return None;
        }
        let chunk = chunk(bytes, at).ok_or(Problem::Truncated);
        match &chunk {
            Ok(chunk) => at += 8 + chunk.body.len() + chunk.body.len() % 2,
            Err(_) => over = true,
        }
        Some(chunk)
    })
}

fn chunk(bytes: &[u8], at: usize) -> Option<Chunk<'_>> {
    let length = usize::try_from(le32(bytes, at + 4)?).ok()?;
    Some(Chunk { name: tag(bytes, at)?, body: slice(bytes, at + 8, length)? })
}

/// The chunks of a whole file, as long as its header says; what lies behind is not part of the picture.
pub(super) fn content(bytes: &[u8]) -> Result<&[u8], Problem> {
    let size = le32(bytes, 4).and_then(|size| usize::try_from(size).ok()).ok_or(Problem::Truncated)?;
    slice(bytes, HEADER, size.checked_sub(4).ok_or(Problem::Damaged)?).ok_or(Problem::Truncated)
}

/// What the first chunk tells: width, height, whether it moves.
pub(super) fn shape(bytes: &[u8]) -> Option<(u32, u32, bool)> {
    let name = tag(bytes, HEADER)?;
    let body = bytes.get(HEADER + 8..)?;
    match &name {
        b"VP8X" => {
            let animated = body.first()? & 0b10 != 0;
            Some((le24(body, 4)? + 1, le24(body, 7)? + 1, animated))
        }
        // The frame header of VP8, RFC 6386 section 9.1: three bytes, a start code, then 14 bits for each side.
        b"VP8 " => Some((u32::from(le16(body, 6)? & 0x3FFF), u32::from(le16(body, 8)? & 0x3FFF), false)),
        // Lossless: a signature byte, then 14 bits for each side minus one.
        b"VP8L" => {
            let bits = le32(body, 1)?;
            Some(((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1, false))
        }
        _ => None,
    }
}

fn le24(bytes: &[u8], at: usize) -> Option<u32> {
    let three: [u8; 3] = slice(bytes, at, 3)?.try_into().ok()?;
    let [low, middle, high] = three.map(u32::from);
    Some(low | middle << 8 | high << 16)
}
