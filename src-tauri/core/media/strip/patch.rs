//! Copying a file while some of its bytes are overwritten, in a stream: the file may be of any size. The length never changes, so that no
//! offset inside the file has to.

use std::collections::BTreeMap;
use std::io::{SeekFrom, Write};
use std::ops::Range;

use super::super::Problem;
use super::super::bytes::Source;

/// Bytes to overwrite. A later patch of the same place wins over an earlier one.
#[derive(Default)]
pub(super) struct Patches {
    zeros: Vec<Range<u64>>,
    /// Few and short.
    writes: BTreeMap<u64, Vec<u8>>,
}

/// One buffer for the whole copy.
const BUFFER: usize = 256 << 10;

impl Patches {
    /// Overwrites a range with zeros.
    pub fn zero(&mut self, range: Range<u64>) {
        if range.start < range.end {
            self.zeros.push(range);
        }
    }

    /// Overwrites the bytes at `at`. Stronger than zeros there.
    pub fn write(&mut self, at: u64, bytes: &[u8]) {
        self.writes.insert(at, bytes.to_vec());
    }

    /// Copies the first `length` bytes of `source`.
    pub fn copy(mut self, source: &mut dyn Source, length: u64, out: &mut dyn Write) -> Result<(), Problem> {
        self.merge();
        source.seek(SeekFrom::Start(0)).map_err(|_| Problem::Io)?;
        let mut buffer = vec![0; BUFFER];
        let mut at = 0;
        let mut first = 0;
        while at < length {
            let take = usize::try_from(length - at).map_or(BUFFER, |left| left.min(BUFFER));
            let window = buffer.get_mut(..take).ok_or(Problem::Io)?;
            source.read_exact(window).map_err(|_| Problem::Io)?;
            let end = at + take as u64;
            while self.zeros.get(first).is_some_and(|range| range.end <= at) {
                first += 1;
            }
            for range in self.zeros.iter().skip(first).take_while(|range| range.start < end) {
                if let Some(part) = part(window, at, range) {
                    part.fill(0);
                }
            }
            // A write may begin up to its own length before this window.
            for (start, bytes) in self.writes.range(at.saturating_sub(64)..end) {
                overlay(window, at, *start, bytes);
            }
            out.write_all(window).map_err(|_| Problem::Io)?;
            at = end;
        }
        Ok(())
    }

    /// Sorts the zeros and joins those that touch, so that the copy looks at each only once.
    fn merge(&mut self) {
        self.zeros.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<u64>> = Vec::with_capacity(self.zeros.len());
        for range in self.zeros.drain(..) {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        self.zeros = merged;
    }
}

/// The part of `window`, which begins at `at`, that lies in `range`.
fn part<'a>(window: &'a mut [u8], at: u64, range: &Range<u64>) -> Option<&'a mut [u8]> {
    let from = usize::try_from(range.start.saturating_sub(at)).ok()?;
    let to = usize::try_from(range.end.saturating_sub(at)).unwrap_or(usize::MAX).min(window.len());
    window.get_mut(from..to)
}

fn overlay(window: &mut [u8], at: u64, start: u64, bytes: &[u8]) {
    for (position, byte) in (start..).zip(bytes) {
        let slot = position
            .checked_sub(at)
            .and_then(|position| usize::try_from(position).ok())
            .and_then(|p| window.get_mut(p));
        if let Some(slot) = slot {
            *slot = *byte;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn patches_across_a_buffer_edge_are_whole() {
        let bytes = vec![7_u8; BUFFER * 2 + 10];
        let edge = BUFFER as u64;
        let mut patches = Patches::default();
        patches.zero(edge - 5..edge + 5);
        patches.zero(edge - 8..edge - 2);
        patches.write(edge - 2, b"free");
        let mut out = Vec::new();
        patches.copy(&mut Cursor::new(&bytes), bytes.len() as u64, &mut out).unwrap();
        let mut expected = bytes.clone();
        expected[BUFFER - 8..BUFFER + 5].fill(0);
        expected[BUFFER - 2..BUFFER + 2].copy_from_slice(b"free");
        assert!(out == expected);
    }
}
