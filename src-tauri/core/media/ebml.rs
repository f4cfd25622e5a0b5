//! The elements of Matroska and `WebM` files (EBML, RFC 8794): reading their headers. Knows the few ids that matter to us (RFC 9559).

use super::Problem;
use super::bytes::{Source, read_at};

pub(super) const HEADER: u32 = 0x1A45_DFA3;
pub(super) const SEGMENT: u32 = 0x1853_8067;
pub(super) const INFO: u32 = 0x1549_A966;
pub(super) const TRACKS: u32 = 0x1654_AE6B;
pub(super) const CLUSTER: u32 = 0x1F43_B675;
pub(super) const TAGS: u32 = 0x1254_C367;
pub(super) const CUES: u32 = 0x1C53_BB6B;
pub(super) const SEEK_HEAD: u32 = 0x114D_9B74;
pub(super) const VOID: u32 = 0xEC;
pub(super) const CRC: u32 = 0xBF;

/// Where an element lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element {
    pub id: u32,
    /// Where its header begins.
    pub start: u64,
    /// Where its content begins.
    pub body: u64,
    /// Where it ends; the limit it was read with if it does not say.
    pub end: u64,
    /// Whether its size is unknown, as in live recordings.
    pub open: bool,
    /// Whether it claims to reach beyond the limit.
    pub cut: bool,
}

/// Reads the header of the element at `at`; `limit` is where its parent ends.
pub(super) fn at(source: &mut dyn Source, at: u64, limit: u64) -> Result<Element, Problem> {
    let head = read_at(source, at, 12.min(limit.saturating_sub(at)))?;
    parse(&head, at, limit).ok_or(Problem::Damaged)
}

/// Elements in memory; positions are positions in `bytes`.
pub(super) fn children(bytes: &[u8]) -> Result<Vec<Element>, Problem> {
    let limit = bytes.len() as u64;
    let mut found = Vec::new();
    let mut at = 0;
    while at < limit {
        let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).ok_or(Problem::Damaged)?;
        let element = parse(rest, at, limit).filter(|element| !element.cut).ok_or(Problem::Damaged)?;
        at = element.end;
        found.push(element);
    }
    Ok(found)
}

/// The content of an element that [`children`] found in `bytes`.
pub(super) fn content<'a>(bytes: &'a [u8], element: &Element) -> &'a [u8] {
    let range = usize::try_from(element.body).ok().zip(usize::try_from(element.end).ok());
    range.and_then(|(from, to)| bytes.get(from..to)).unwrap_or_default()
}

/// An unsigned number of 0 to 8 bytes.
pub(super) fn unsigned(content: &[u8]) -> Option<u64> {
    (content.len() <= 8).then(|| content.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

fn parse(head: &[u8], start: u64, limit: u64) -> Option<Element> {
    let first = *head.first()?;
    let id_length = first.leading_zeros() as usize + 1;
    if id_length > 4 {
        return None;
    }
    let id = head.get(..id_length)?.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
    let (size, size_length) = vint(head.get(id_length..)?)?;
    let body = start + (id_length + size_length) as u64;
    let end = size.map_or(limit, |size| body.saturating_add(size));
    (body <= limit).then_some(Element { id, start, body, end: end.min(limit), open: size.is_none(), cut: end > limit })
}

/// A size and its own length; all ones mean "unknown".
pub(super) fn vint(bytes: &[u8]) -> Option<(Option<u64>, usize)> {
    let first = *bytes.first()?;
    let length = first.leading_zeros() as usize + 1;
    if length > 8 {
        return None;
    }
    let marked = bytes.get(..length)?.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    let ones = (1_u64 << (7 * length)) - 1;
    let value = marked & ones;
    Some(((value != ones).then_some(value), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_length() {
        assert_eq!(vint(&[0x81]), Some((Some(1), 1)));
        assert_eq!(vint(&[0x40, 0x02]), Some((Some(2), 2)));
        assert_eq!(vint(&[0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), Some((None, 8)));
        assert_eq!(vint(&[0]), None);
    }
}
