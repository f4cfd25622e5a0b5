//! The boxes of ISO base media files (MP4, MOV, HEIF; ISO/IEC 14496-12): walking them in a file or in memory. Knows no box but its
//! header.

use std::ops::Range;

use super::Problem;
use super::bytes::{Source, be32, be64, read_at, tag};

/// Where a box lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub name: [u8; 4],
    /// Where its header begins.
    pub start: u64,
    /// Where its content begins.
    pub body: u64,
    /// Where it ends.
    pub end: u64,
}

/// A file of millions of boxes on top is made to waste time; long fragmented recordings stay well below.
const MOST_BOXES: usize = 200_000;

/// The boxes on top of a file. [`Problem::Truncated`] if the last one reaches beyond the end.
pub(super) fn top(source: &mut dyn Source) -> Result<Top, Problem> {
    let length = super::bytes::len(source)?;
    let mut top = Top { boxes: Vec::new(), end: 0, problem: None };
    while top.end < length {
        let head = read_at(source, top.end, 16)?;
        let (name, header, size) = match header(&head) {
            Some(parts) => parts,
            None => break,
        };
        let size = if size == 0 { length - top.end } else { size };
        if size < header || !is_name(name) {
            break;
        }
        let end = top.end.saturating_add(size);
        top.boxes.push(Place { name, start: top.end, body: top.end + header, end: end.min(length) });
        if end > length {
            top.problem = Some(Problem::Truncated);
            top.end = length;
            return Ok(top);
        }
        top.end = end;
        if top.boxes.len() > MOST_BOXES {
            return Err(Problem::TooLarge);
        }
    }
    Ok(top)
}

/// What [`top`] finds.
pub(super) struct Top {
    pub boxes: Vec<Place>,
    /// Where the last whole box ends; bytes behind it belong to none.
    pub end: u64,
    pub problem: Option<Problem>,
}

/// The boxes inside `range` of `bytes`; positions are positions in `bytes`. Ends silently at a terminator or at rubbish shorter than a header.
pub(super) fn children(bytes: &[u8], range: Range<usize>) -> Result<Vec<Child>, Problem> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let rest = bytes.get(at..range.end).ok_or(Problem::Damaged)?;
        // QuickTime ends some lists with four zero bytes.
        let Some((name, header, size)) = header(rest) else { break };
        let header = usize::try_from(header).map_err(|_| Problem::Damaged)?;
        let size = if size == 0 { rest.len() } else { usize::try_from(size).map_err(|_| Problem::Damaged)? };
        if size < header || size > rest.len() {
            return Err(Problem::Damaged);
        }
        found.push(Child { name, start: at, body: at + header, end: at + size });
        at += size;
    }
    Ok(found)
}

/// A box inside bytes in memory.
#[derive(Debug, Clone)]
pub(super) struct Child {
    pub name: [u8; 4],
    pub start: usize,
    pub body: usize,
    pub end: usize,
}

impl Child {
    pub fn content(&self) -> Range<usize> {
        self.body..self.end
    }

    pub fn of<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(self.content()).unwrap_or_default()
    }
}

/// The first child called `name`.
pub(super) fn find(bytes: &[u8], range: Range<usize>, name: &[u8; 4]) -> Option<Child> {
    children(bytes, range).ok()?.into_iter().find(|child| child.name == *name)
}

/// The first box at the end of a path of names.
pub(super) fn descend(bytes: &[u8], range: Range<usize>, path: &[&[u8; 4]]) -> Option<Child> {
    let (name, rest) = path.split_first()?;
    let child = find(bytes, range, name)?;
    if rest.is_empty() { Some(child) } else { descend(bytes, child.content(), rest) }
}

/// Name, length of the header and size of the whole box; a size of 0 means "to the end".
fn header(head: &[u8]) -> Option<([u8; 4], u64, u64)> {
    let name = tag(head, 4)?;
    match be32(head, 0)? {
        1 => Some((name, 16, be64(head, 8)?)),
        size => Some((name, 8, u64::from(size))),
    }
}

/// Names are printable, but for the copyright sign of `QuickTime`.
fn is_name(name: [u8; 4]) -> bool {
    name.iter().all(|byte| matches!(byte, 0x20..=0x7E | 0xA9))
}

/// A box on top of `bytes` even if a later one is cut short.
pub(super) fn find_loosely(bytes: &[u8], name: &[u8; 4]) -> Option<Child> {
    let mut at = 0;
    loop {
        let (found, header, size) = header(bytes.get(at..)?)?;
        let end = at.checked_add(usize::try_from(size).ok()?)?;
        if found == *name && end <= bytes.len() {
            return Some(Child { name: found, start: at, body: at + usize::try_from(header).ok()?, end });
        }
        if size < header {
            return None;
        }
        at = end;
    }
}
