//! The chunks of a PNG file: walking them, size, animation, completeness. Never inflates anything.

use super::Problem;
use super::bytes::{be32, slice, tag};

/// The eight bytes before the first chunk.
pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";

/// One chunk with its length, name and check sum.
pub(super) struct Chunk<'a> {
    pub name: [u8; 4],
    pub body: &'a [u8],
    pub whole: &'a [u8],
}

/// Walks the chunks up to and including `IEND`.
pub(super) fn chunks(bytes: &[u8]) -> impl Iterator<Item = Result<Chunk<'_>, Problem>> {
    let mut at = SIGNATURE.len();
    let mut over = !bytes.starts_with(SIGNATURE);
    std::iter::from_fn(move || {
        if over {
            return None;
        }
        let chunk = chunk(bytes, at).ok_or(Problem::Truncated);
        over = !matches!(&chunk, Ok(chunk) if chunk.name != *b"IEND");
        if let Ok(chunk) = &chunk {
            at += chunk.whole.len();
        }
        Some(chunk)
    })
}

fn chunk(bytes: &[u8], at: usize) -> Option<Chunk<'_>> {
    let length = usize::try_from(be32(bytes, at)?).ok()?;
    let name = tag(bytes, at + 4)?;
    Some(Chunk { name, body: slice(bytes, at + 8, length)?, whole: slice(bytes, at, length.checked_add(12)?)? })
}

/// Width and height.
pub(super) fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = chunk(bytes, SIGNATURE.len()).filter(|chunk| chunk.name == *b"IHDR")?;
    Some((be32(header.body, 0)?, be32(header.body, 4)?))
}

/// A whole chunk made of `body`.
pub(super) fn make(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut chunk = length.to_be_bytes().to_vec();
    chunk.extend(name);
    chunk.extend_from_slice(body);
    let sum = crc(name.iter().chain(body));
    chunk.extend(sum.to_be_bytes());
    chunk
}

/// CRC-32 as in the PNG specification, annex D. Used for 26 bytes at a time, so no table.
fn crc<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    !bytes.fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_sum_is_the_one_of_the_specification() {
        assert_eq!(make(*b"IEND", b""), b"\0\0\0\0IEND\xAE\x42\x60\x82");
    }
}
