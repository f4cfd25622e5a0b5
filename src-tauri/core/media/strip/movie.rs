//! MP4 and `QuickTime` without their metadata, in place: what is not needed to show pictures and play sound becomes `free` space full of zeros.
//! No box moves, so pictures and sound stay bit for bit the same and 4 GB need no memory.

use std::io::Write;
use std::ops::Range;

use super::super::boxes::{Child, Place, children, descend, find, top};
use super::super::bytes::{Source, be16, be32, be64, read_at, slice, tag};
use super::super::{Problem, movie};
use super::Removed;
use super::patch::Patches;

/// Headers of one fragment; larger ones are not made by anything known.
const MOST_FRAGMENT: u64 = 16 << 20;

/// Writes the cleaned copy.
pub(super) fn strip(source: &mut dyn Source, out: &mut dyn Write, removed: &mut Removed) -> Result<(), Problem> {
    let top = top(source)?;
    if let Some(problem) = top.problem {
        return Err(problem);
    }
    removed.other |= top.end < super::super::bytes::len(source)?;
    let mut patches = Patches::default();
    let mut has_moov = false;
    for place in &top.boxes {
        match &place.name {
            b"moov" if !has_moov => {
                has_moov = true;
                let bytes = load(source, place, movie::MOST)?;
                Cleaner { bytes: &bytes, base: place.start, patches: &mut patches, removed }.moov()?;
            }
            b"moof" => {
                let bytes = load(source, place, MOST_FRAGMENT)?;
                Cleaner { bytes: &bytes, base: place.start, patches: &mut patches, removed }.moof()?;
            }
            b"ftyp" | b"styp" | b"mdat" | b"sidx" | b"ssix" | b"mfra" | b"pdin" => {}
            // Reserved space may hold the remains of what an editor has deleted.
            b"free" | b"skip" | b"wide" => patches.zero(place.body..place.end),
            _ => {
                removed.other = true;
                free(&mut patches, place.start, place.body..place.end);
            }
        }
    }
    if !has_moov {
        return Err(Problem::Damaged);
    }
    patches.copy(source, top.end, out)
}

fn load(source: &mut dyn Source, place: &Place, most: u64) -> Result<Vec<u8>, Problem> {
    let size = place.end - place.start;
    if size > most { Err(Problem::TooLarge) } else { read_at(source, place.start, size) }
}

/// Makes a box free space: new name, no content.
fn free(patches: &mut Patches, start: u64, body: Range<u64>) {
    patches.write(start + 4, b"free");
    patches.zero(body);
}

/// Collects the patches for one box that is in memory.
pub(super) struct Cleaner<'a> {
    pub bytes: &'a [u8],
    /// Where `bytes` begin in the file.
    pub base: u64,
    pub patches: &'a mut Patches,
    pub removed: &'a mut Removed,
}

impl Cleaner<'_> {
    pub fn moov(&mut self) -> Result<(), Problem> {
        let moov = find(self.bytes, 0..self.bytes.len(), b"moov").ok_or(Problem::Damaged)?;
        let parts = children(self.bytes, moov.content())?;
        let is_fragmented = parts.iter().any(|part| part.name == *b"mvex");
        let dropped: Vec<u32> =
            parts.iter().filter(|part| !self.is_kept(part)).filter_map(|part| self.track_id(part)).collect();
        // Samples of a dropped track would have to be searched in every fragment.
        if is_fragmented && !dropped.is_empty() {
            return Err(Problem::Unsupported);
        }
        for part in parts {
            match &part.name {
                b"mvhd" => self.zero_dates(&part),
                b"trak" if self.is_kept(&part) => self.track(&part, &dropped)?,
                b"trak" => self.drop_track(&part)?,
                b"mvex" | b"iods" | b"pssh" => {}
                // A compressed header hides what it holds.
                b"cmov" => return Err(Problem::Unsupported),
                _ => self.free(&part),
            }
        }
        Ok(())
    }

    pub fn moof(&mut self) -> Result<(), Problem> {
        let moof = find(self.bytes, 0..self.bytes.len(), b"moof").ok_or(Problem::Damaged)?;
        for part in children(self.bytes, moof.content())? {
            match &part.name {
                b"mfhd" | b"pssh" => {}
                b"traf" => self.keep_only(
                    &part,
                    &[b"tfhd", b"tfdt", b"trun", b"sdtp", b"sbgp", b"sgpd", b"subs", b"saiz", b"saio", b"senc"],
                )?,
                _ => self.free(&part),
            }
        }
        Ok(())
    }

    /// Pictures and sound stay. Everything else may be telemetry: some drones write their position as subtitles.
    fn is_kept(&self, trak: &Child) -> bool {
        trak.name != *b"trak"
            || self.handler(trak).is_some_and(|handler| matches!(&handler, b"vide" | b"pict" | b"auxv" | b"soun"))
    }

    fn handler(&self, trak: &Child) -> Option<[u8; 4]> {
        tag(descend(self.bytes, trak.content(), &[b"mdia", b"hdlr"])?.of(self.bytes), 8)
    }

    fn track_id(&self, trak: &Child) -> Option<u32> {
        let head = find(self.bytes, trak.content(), b"tkhd")?;
        let head = head.of(self.bytes);
        be32(head, if *head.first()? == 1 { 20 } else { 12 })
    }

    fn track(&mut self, trak: &Child, dropped: &[u32]) -> Result<(), Problem> {
        for part in children(self.bytes, trak.content())? {
            match &part.name {
                b"tkhd" => self.zero_dates(&part),
                b"edts" | b"clip" | b"matt" | b"load" | b"tapt" => {}
                // A reference to a track that is no longer there confuses players.
                b"tref" if self.refers_to(&part, dropped) => self.free(&part),
                b"tref" => {}
                b"mdia" => self.media(&part)?,
                _ => self.free(&part),
            }
        }
        Ok(())
    }

    fn refers_to(&self, tref: &Child, dropped: &[u32]) -> bool {
        let references = children(self.bytes, tref.content()).unwrap_or_default();
        references
            .iter()
            .flat_map(|reference| reference.of(self.bytes).chunks_exact(4))
            .filter_map(|id| be32(id, 0))
            .any(|id| dropped.contains(&id))
    }

    fn media(&mut self, mdia: &Child) -> Result<(), Problem> {
        let is_sound =
            find(self.bytes, mdia.content(), b"hdlr").and_then(|hdlr| tag(hdlr.of(self.bytes), 8)) == Some(*b"soun");
        for part in children(self.bytes, mdia.content())? {
            match &part.name {
                b"mdhd" => self.zero_dates(&part),
                b"hdlr" => self.forget_handler_name(&part),
                b"minf" => self.media_header(&part, is_sound)?,
                b"elng" => {}
                _ => self.free(&part),
            }
        }
        Ok(())
    }

    fn media_header(&mut self, minf: &Child, is_sound: bool) -> Result<(), Problem> {
        for part in children(self.bytes, minf.content())? {
            match &part.name {
                b"hdlr" => self.forget_handler_name(&part),
                b"vmhd" | b"smhd" | b"gmhd" | b"nmhd" => {}
                b"dinf" => self.references(&part)?,
                b"stbl" => self.samples(&part, is_sound)?,
                _ => self.free(&part),
            }
        }
        Ok(())
    }

    /// Data references: a track that lies in another file cannot be sent, and an alias names folders and disks.
    fn references(&mut self, dinf: &Child) -> Result<(), Problem> {
        let Some(dref) = find(self.bytes, dinf.content(), b"dref") else { return Ok(()) };
        for entry in children(self.bytes, dref.body + 8..dref.end)? {
            let is_in_this_file = be32(entry.of(self.bytes), 0).is_some_and(|flags| flags & 1 == 1);
            if !is_in_this_file {
                return Err(Problem::Unsupported);
            }
            self.zero(entry.body + 4..entry.end);
        }
        Ok(())
    }

    fn samples(&mut self, stbl: &Child, is_sound: bool) -> Result<(), Problem> {
        self.keep_only(
            stbl,
            &[
                b"stsd", b"stts", b"stss", b"ctts", b"cslg", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"sdtp",
                b"sbgp", b"sgpd", b"subs", b"saiz", b"saio", b"stps", b"padb",
            ],
        )?;
        let Some(stsd) = find(self.bytes, stbl.content(), b"stsd") else { return Ok(()) };
        for entry in children(self.bytes, stsd.body + 8..stsd.end)? {
            if !is_sound {
                self.picture_entry(&entry);
            }
        }
        Ok(())
    }

    /// The vendor and the name of the encoder, which is often that of the camera, and metadata boxes behind them.
    fn picture_entry(&mut self, entry: &Child) {
        let at = |offset: usize| (entry.body + offset).min(entry.end);
        self.zero(at(12)..at(16));
        self.zero(at(42)..at(74));
        for part in children(self.bytes, at(78)..entry.end).unwrap_or_default() {
            if matches!(&part.name, b"uuid" | b"udta" | b"meta" | b"free" | b"skip") {
                self.free(&part);
            }
        }
    }

    fn keep_only(&mut self, parent: &Child, kept: &[&[u8; 4]]) -> Result<(), Problem> {
        for part in children(self.bytes, parent.content())? {
            if !kept.contains(&&part.name) {
                self.free(&part);
            }
        }
        Ok(())
    }

    /// Zeroes the samples of a track, then frees its header.
    fn drop_track(&mut self, trak: &Child) -> Result<(), Problem> {
        let stbl = descend(self.bytes, trak.content(), &[b"mdia", b"minf", b"stbl"]).ok_or(Problem::Unsupported)?;
        let elsewhere = descend(self.bytes, trak.content(), &[b"mdia", b"minf", b"dinf", b"dref"])
            .is_some_and(|dref| be32(dref.of(self.bytes), 16).is_some_and(|flags| flags & 1 == 0));
        if !elsewhere {
            for range in sample_ranges(self.bytes, &stbl).ok_or(Problem::Unsupported)? {
                self.patches.zero(range);
            }
        }
        self.free(trak);
        Ok(())
    }

    fn free(&mut self, part: &Child) {
        if !matches!(&part.name, b"free" | b"skip" | b"wide") {
            self.removed.other = true;
        }
        free(self.patches, self.base + part.start as u64, self.absolute(part.content()));
    }

    fn zero(&mut self, range: Range<usize>) {
        self.patches.zero(self.absolute(range));
    }

    fn absolute(&self, range: Range<usize>) -> Range<u64> {
        self.base + range.start as u64..self.base + range.end as u64
    }

    /// Creation and modification time, the first fields of `mvhd`, `tkhd` and `mdhd`.
    fn zero_dates(&mut self, part: &Child) {
        let width = if part.of(self.bytes).first() == Some(&1) { 16 } else { 8 };
        let range = part.body + 4..(part.body + 4 + width).min(part.end);
        self.removed.other |= self.bytes.get(range.clone()).is_some_and(|dates| dates.iter().any(|byte| *byte != 0));
        self.zero(range);
    }

    /// Manufacturer and name ("GoPro AVC", "Core Media Video"); the type in between is needed.
    fn forget_handler_name(&mut self, part: &Child) {
        self.zero((part.body + 12).min(part.end)..part.end);
    }
}

/// Where the samples of a track lie, one range for each chunk. `None` if the tables do not add up.
fn sample_ranges(bytes: &[u8], stbl: &Child) -> Option<Vec<Range<u64>>> {
    let table = |name| find(bytes, stbl.content(), name);
    let mut sizes = sizes(bytes, stbl)?;
    let runs = table(b"stsc")?;
    let runs: Vec<(u32, u32)> =
        runs.of(bytes).get(8..)?.chunks_exact(12).filter_map(|run| be32(run, 0).zip(be32(run, 4))).collect();
    let mut per_chunk = 0;
    let mut runs = runs.into_iter().peekable();
    let mut ranges = Vec::new();
    for (chunk, start) in (1_u32..).zip(chunk_offsets(bytes, stbl)?) {
        while let Some((_, count)) = runs.next_if(|(first, _)| *first <= chunk) {
            per_chunk = count;
        }
        let length: u64 = sizes.by_ref().take(per_chunk as usize).map(u64::from).sum();
        ranges.push(start..start.checked_add(length)?);
    }
    // Samples without a chunk would stay in the file.
    sizes.next().is_none().then_some(ranges)
}

fn chunk_offsets(bytes: &[u8], stbl: &Child) -> Option<Vec<u64>> {
    if let Some(stco) = find(bytes, stbl.content(), b"stco") {
        return Some(
            stco.of(bytes).get(8..)?.chunks_exact(4).filter_map(|offset| be32(offset, 0)).map(u64::from).collect(),
        );
    }
    let co64 = find(bytes, stbl.content(), b"co64")?;
    Some(co64.of(bytes).get(8..)?.chunks_exact(8).filter_map(|offset| be64(offset, 0)).collect())
}

/// The sizes of all samples. A constant size comes with a count, which a table of one byte could make four billion: a minute of iteration at worst
/// is prevented by the bound.
fn sizes<'a>(bytes: &'a [u8], stbl: &Child) -> Option<Box<dyn Iterator<Item = u32> + 'a>> {
    const MOST_SAMPLES: u32 = 50_000_000;
    if let Some(stsz) = find(bytes, stbl.content(), b"stsz") {
        let body = bytes.get(stsz.content())?;
        let (size, count) = (be32(body, 4)?, be32(body, 8)?);
        if size > 0 {
            return (count <= MOST_SAMPLES)
                .then(|| Box::new(std::iter::repeat_n(size, count as usize)) as Box<dyn Iterator<Item = u32>>);
        }
        let table = slice(body, 12, usize::try_from(count).ok()?.checked_mul(4)?)?;
        return Some(Box::new(table.chunks_exact(4).filter_map(|size| be32(size, 0))));
    }
    let stz2 = find(bytes, stbl.content(), b"stz2")?;
    let body = bytes.get(stz2.content())?;
    let count = usize::try_from(be32(body, 8)?).ok()?;
    match body.get(7)? {
        8 => Some(Box::new(slice(body, 12, count)?.iter().map(|size| u32::from(*size)))),
        16 => Some(Box::new(
            slice(body, 12, count.checked_mul(2)?)?.chunks_exact(2).filter_map(|size| be16(size, 0)).map(u32::from),
        )),
        _ => None,
    }
}
