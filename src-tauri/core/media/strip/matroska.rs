//! Matroska and `WebM` without their metadata, in place: what is not needed to show pictures and play sound becomes a `Void` element full of zeros,
//! and the names of the programs that made the file are blanked. Nothing moves, so clusters and cues stay right.

use std::io::Write;

use super::super::bytes::{Source, read_at};
use super::super::ebml::{self, Element};
use super::super::matroska::{Outline, outline};
use super::super::{Problem, ebml::unsigned};
use super::Removed;
use super::patch::Patches;

/// Headers larger than this are not looked into.
const MOST: u64 = 16 << 20;

const TRACK_ENTRY: u32 = 0xAE;
const TRACK_NUMBER: u32 = 0xD7;
const TRACK_TYPE: u32 = 0x83;
const TRACK_NAME: u32 = 0x536E;
const CODEC_NAME: u32 = 0x0025_8688;
const ATTACHMENT_LINK: u32 = 0x7446;
const BLOCK_GROUP: u32 = 0xA0;
const SIMPLE_BLOCK: u32 = 0xA3;
const BLOCK: u32 = 0xA1;

/// Of the segment information: TimestampScale, Duration. Both are needed to play.
const INFO_KEPT: [u32; 2] = [0x002A_D7B1, 0x4489];
/// MuxingApp and WritingApp are mandatory: blanked, not removed.
const INFO_BLANKED: [u32; 2] = [0x4D80, 0x5741];
/// What a cluster may hold: Timestamp, Position, PrevSize, SimpleBlock, BlockGroup.
const CLUSTER_KEPT: [u32; 5] = [0xE7, 0xA7, 0xAB, SIMPLE_BLOCK, BLOCK_GROUP];

/// Writes the cleaned copy.
pub(super) fn strip(source: &mut dyn Source, out: &mut dyn Write, removed: &mut Removed) -> Result<(), Problem> {
    let outline = outline(source)?;
    if let Some(problem) = outline.problem {
        return Err(problem);
    }
    let mut cleaner = Cleaner { patches: Patches::default(), removed, dropped: Vec::new() };
    for element in outline.elements.iter().filter(|element| element.id == ebml::TRACKS) {
        cleaner.tracks(source, element)?;
    }
    for element in &outline.elements {
        cleaner.element(source, element)?;
    }
    let Cleaner { patches, removed, .. } = cleaner;
    removed.other |= outline.end < super::super::bytes::len(source)?;
    patches.copy(source, end(&outline), out)
}

/// A segment of known size must stay as long as it says, even if its last bytes are rubbish that the outline refused before.
fn end(outline: &Outline) -> u64 {
    if outline.segment.open { outline.end } else { outline.segment.end }
}

struct Cleaner<'a> {
    patches: Patches,
    removed: &'a mut Removed,
    /// Numbers of tracks that are neither picture nor sound.
    dropped: Vec<u64>,
}

impl Cleaner<'_> {
    fn element(&mut self, source: &mut dyn Source, element: &Element) -> Result<(), Problem> {
        match element.id {
            ebml::SEEK_HEAD | ebml::CUES | ebml::TRACKS => Ok(()),
            ebml::INFO => self.info(source, element),
            // Open clusters list their children on the same level.
            ebml::CLUSTER if element.open => Ok(()),
            ebml::CLUSTER => self.cluster(source, element),
            id if CLUSTER_KEPT.contains(&id) => self.block(source, element),
            ebml::VOID => {
                self.patches.zero(element.body..element.end);
                Ok(())
            }
            // Tags, attachments, chapters, check sums that no longer hold, and whatever else there is.
            _ => self.void(element),
        }
    }

    fn info(&mut self, source: &mut dyn Source, info: &Element) -> Result<(), Problem> {
        for child in load(source, info)? {
            if INFO_BLANKED.contains(&child.id) {
                self.patches.zero(child.body..child.end);
            } else if !INFO_KEPT.contains(&child.id) {
                self.void(&child)?;
            }
        }
        Ok(())
    }

    fn tracks(&mut self, source: &mut dyn Source, tracks: &Element) -> Result<(), Problem> {
        for entry in load(source, tracks)? {
            if entry.id != TRACK_ENTRY {
                self.void(&entry)?;
                continue;
            }
            let parts = load(source, &entry)?;
            let number = number(source, &parts, TRACK_NUMBER)?;
            // 1 is picture, 2 is sound. A subtitle track may be the telemetry of a drone.
            if !matches!(number_or_zero(source, &parts, TRACK_TYPE)?, 1 | 2) {
                self.dropped.push(number);
                self.void(&entry)?;
                continue;
            }
            for part in parts {
                if matches!(part.id, TRACK_NAME | CODEC_NAME | ATTACHMENT_LINK | ebml::CRC | ebml::VOID) {
                    self.void(&part)?;
                }
            }
        }
        Ok(())
    }

    fn cluster(&mut self, source: &mut dyn Source, cluster: &Element) -> Result<(), Problem> {
        let mut at = cluster.body;
        while at < cluster.end {
            let child = ebml::at(source, at, cluster.end)?;
            if child.cut || child.open {
                return Err(Problem::Damaged);
            }
            if CLUSTER_KEPT.contains(&child.id) {
                self.block(source, &child)?;
            } else {
                self.void(&child)?;
            }
            at = child.end;
        }
        Ok(())
    }

    /// Voids a block that belongs to a dropped track.
    fn block(&mut self, source: &mut dyn Source, element: &Element) -> Result<(), Problem> {
        if self.dropped.is_empty() {
            return Ok(());
        }
        let block = match element.id {
            SIMPLE_BLOCK => *element,
            BLOCK_GROUP => {
                let parts = load(source, element)?;
                parts.into_iter().find(|part| part.id == BLOCK).ok_or(Problem::Damaged)?
            }
            _ => return Ok(()),
        };
        let head = read_at(source, block.body, 8)?;
        let (track, _) = ebml::vint(&head).ok_or(Problem::Damaged)?;
        if track.is_some_and(|track| self.dropped.contains(&track)) { self.void(element) } else { Ok(()) }
    }

    /// Makes an element `Void`: an id of one byte, a size, zeros.
    fn void(&mut self, element: &Element) -> Result<(), Problem> {
        let total = element.end - element.start;
        let head = void_header(total).ok_or(Problem::Damaged)?;
        self.removed.other |= element.id != ebml::VOID;
        self.patches.zero(element.start..element.end);
        self.patches.write(element.start, &head);
        Ok(())
    }
}

/// Id and size of a `Void` element of `total` bytes.
fn void_header(total: u64) -> Option<Vec<u8>> {
    if total >= 9 {
        let size = (total - 9) | 0x0100_0000_0000_0000;
        return Some([&[0xEC][..], &size.to_be_bytes()].concat());
    }
    let size = u8::try_from(total.checked_sub(2)?).ok()?;
    Some(vec![0xEC, 0x80 | size])
}

/// The children of an element, at their positions in the file.
fn load(source: &mut dyn Source, parent: &Element) -> Result<Vec<Element>, Problem> {
    if parent.end - parent.body > MOST {
        return Err(Problem::TooLarge);
    }
    let bytes = read_at(source, parent.body, parent.end - parent.body)?;
    let mut found = ebml::children(&bytes)?;
    for child in &mut found {
        if child.open {
            return Err(Problem::Damaged);
        }
        child.start += parent.body;
        child.body += parent.body;
        child.end += parent.body;
    }
    Ok(found)
}

fn number(source: &mut dyn Source, parts: &[Element], id: u32) -> Result<u64, Problem> {
    let part = parts.iter().find(|part| part.id == id).ok_or(Problem::Damaged)?;
    let content = read_at(source, part.body, (part.end - part.body).min(9))?;
    unsigned(&content).ok_or(Problem::Damaged)
}

fn number_or_zero(source: &mut dyn Source, parts: &[Element], id: u32) -> Result<u64, Problem> {
    if parts.iter().any(|part| part.id == id) { number(source, parts, id) } else { Ok(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_void_fills_exactly_the_place_of_what_it_replaces() {
        for total in 2..40_u64 {
            let head = void_header(total).unwrap();
            let (size, length) = ebml::vint(&head[1..]).unwrap();
            assert_eq!(1 + length as u64 + size.unwrap(), total);
        }
        assert_eq!(void_header(1), None);
    }
}
