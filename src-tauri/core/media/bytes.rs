//! Reading numbers and ranges out of untrusted bytes without a panic and without more memory than allowed. Knows no format.

use std::io::{Read, Seek, SeekFrom};

use super::Problem;

/// Anything that media can be read from: a file, bytes in memory, an asset in the store.
pub(super) trait Source: Read + Seek {}
impl<T: Read + Seek + ?Sized> Source for T {}

/// The whole length in bytes.
pub(super) fn len(source: &mut dyn Source) -> Result<u64, Problem> {
    source.seek(SeekFrom::End(0)).map_err(|_| Problem::Io)
}

/// Up to `most` bytes from `offset`; fewer at the end of the source.
pub(super) fn read_at(source: &mut dyn Source, offset: u64, most: u64) -> Result<Vec<u8>, Problem> {
    let length = len(source)?;
    let take = most.min(length.saturating_sub(offset));
    source.seek(SeekFrom::Start(offset)).map_err(|_| Problem::Io)?;
    let mut bytes = Vec::with_capacity(usize::try_from(take).map_err(|_| Problem::TooLarge)?);
    source.take(take).read_to_end(&mut bytes).map_err(|_| Problem::Io)?;
    Ok(bytes)
}

/// All bytes, or [`Problem::TooLarge`] if there are more than `most`.
pub(super) fn read_all(source: &mut dyn Source, most: u64) -> Result<Vec<u8>, Problem> {
    let length = len(source)?;
    if length > most {
        return Err(Problem::TooLarge);
    }
    read_at(source, 0, length)
}

/// `len` bytes from `at`, if they are all there.
pub(super) fn slice(bytes: &[u8], at: usize, len: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(len)?)
}

/// Big-endian 16 bits.
pub(super) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(slice(bytes, at, 2)?.try_into().ok()?))
}

/// Big-endian 32 bits.
pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(slice(bytes, at, 4)?.try_into().ok()?))
}

/// Big-endian 64 bits.
pub(super) fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(slice(bytes, at, 8)?.try_into().ok()?))
}

/// Little-endian 16 bits.
pub(super) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(slice(bytes, at, 2)?.try_into().ok()?))
}

/// Little-endian 32 bits.
pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(slice(bytes, at, 4)?.try_into().ok()?))
}

/// Four characters that name a box or a chunk.
pub(super) fn tag(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    slice(bytes, at, 4)?.try_into().ok()
}
