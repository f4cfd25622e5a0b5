//! The blocks of a GIF file: walking them, size, animation, completeness. Never decodes.

use super::Problem;
use super::bytes::{le16, slice};

/// One block after the global colour table.
pub(super) enum Block<'a> {
    /// A frame with its colour table and data.
    Image(&'a [u8]),
    /// An extension with its label.
    Extension(u8, &'a [u8]),
    /// The end of the file.
    Trailer(&'a [u8]),
}

/// Width and height of the whole canvas.
pub(super) fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    Some((u32::from(le16(bytes, 6)?), u32::from(le16(bytes, 8)?)))
}

/// Signature, screen descriptor and global colour table.
pub(super) fn head(bytes: &[u8]) -> Result<&[u8], Problem> {
    let flags = *bytes.get(10).ok_or(Problem::Truncated)?;
    slice(bytes, 0, 13 + table(flags)).ok_or(Problem::Truncated)
}

/// Walks the blocks up to and including the trailer.
pub(super) fn blocks(bytes: &[u8]) -> impl Iterator<Item = Result<Block<'_>, Problem>> {
    let mut at = head(bytes).map(<[u8]>::len);
    std::iter::from_fn(move || {
        let from = *at.as_ref().ok()?;
        let block = block(bytes, from);
        at = match &block {
            Ok(Block::Image(whole) | Block::Extension(_, whole)) => Ok(from + whole.len()),
            _ => Err(Problem::Truncated),
        };
        Some(block)
    })
}

fn block(bytes: &[u8], at: usize) -> Result<Block<'_>, Problem> {
    let get = |at: usize| bytes.get(at).copied().ok_or(Problem::Truncated);
    let until = |end: usize| bytes.get(at..end).ok_or(Problem::Truncated);
    match get(at)? {
        0x3B => Ok(Block::Trailer(until(at + 1)?)),
        0x21 => Ok(Block::Extension(get(at + 1)?, until(data_end(bytes, at + 2)?)?)),
        0x2C => {
            // Descriptor, local colour table, one byte of code size, data.
            let data = at + 10 + table(get(at + 9)?) + 1;
            Ok(Block::Image(until(data_end(bytes, data)?)?))
        }
        _ => Err(Problem::Damaged),
    }
}

/// Where a chain of sub-blocks, closed by an empty one, ends.
fn data_end(bytes: &[u8], mut at: usize) -> Result<usize, Problem> {
    loop {
        let length = usize::from(*bytes.get(at).ok_or(Problem::Truncated)?);
        at += 1 + length;
        if length == 0 {
            return Ok(at);
        }
    }
}

/// Bytes of the colour table that `flags` announce.
fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}
