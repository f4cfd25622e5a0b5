//! AVIF without its metadata, in place: EXIF and XMP items are overwritten with empty ones, thumbnails with zeros, foreign boxes become `free`
//! space. The picture items stay where and what they are.

use std::ops::Range;

use super::super::boxes::{Child, children};
use super::super::jpeg::orientation_exif;
use super::super::{Problem, heif};
use super::Removed;
use super::movie::Cleaner;
use super::patch::Patches;

pub(super) fn strip(bytes: &[u8], removed: &mut Removed) -> Result<Vec<u8>, Problem> {
    let top = children(bytes, 0..bytes.len())?;
    let end = top.last().map_or(0, |last| last.end);
    removed.thumbnail |= end < bytes.len();
    let mut patches = Patches::default();
    let mut has_meta = false;
    for part in &top {
        match &part.name {
            b"meta" if !has_meta => {
                has_meta = true;
                clean_meta(bytes, part, &mut patches, removed)?;
            }
            // The frames of an animation.
            b"moov" => {
                let moov = bytes.get(part.start..part.end).ok_or(Problem::Damaged)?;
                Cleaner { bytes: moov, base: part.start as u64, patches: &mut patches, removed }.moov()?;
            }
            b"ftyp" | b"mdat" => {}
            b"free" | b"skip" => patches.zero(absolute(part.content())),
            _ => {
                removed.other = true;
                free(&mut patches, part);
            }
        }
    }
    if !has_meta {
        return Err(Problem::Damaged);
    }
    let mut out = Vec::with_capacity(end);
    patches.copy(&mut std::io::Cursor::new(bytes), end as u64, &mut out)?;
    Ok(out)
}

fn clean_meta(bytes: &[u8], meta: &Child, patches: &mut Patches, removed: &mut Removed) -> Result<(), Problem> {
    for part in children(bytes, meta.body + 4..meta.end)? {
        match &part.name {
            b"pitm" | b"iloc" | b"iinf" | b"iprp" | b"iref" | b"idat" | b"grpl" => {}
            b"hdlr" => patches.zero(absolute((part.body + 12).min(part.end)..part.end)),
            _ => {
                removed.other = true;
                free(patches, &part);
            }
        }
    }
    let found = heif::read(bytes, meta)?;
    for item in &found.items {
        let is_thumbnail = found.is_thumbnail(item.id);
        let is_picture = matches!(&item.kind, b"av01" | b"grid" | b"iovl" | b"iden" | b"tmap" | b"sato");
        if is_picture && !is_thumbnail {
            continue;
        }
        removed.thumbnail |= is_thumbnail;
        removed.other |= !is_picture;
        let extents = item.extents.as_ref().ok_or(Problem::Unsupported)?;
        for (start, length) in extents {
            blank(patches, *start..start.checked_add(*length).ok_or(Problem::Damaged)?, &item.kind);
        }
    }
    Ok(())
}

/// Zeros; but an EXIF item stays valid and says nothing: a decoder that reads it must not stumble.
fn blank(patches: &mut Patches, range: Range<u64>, kind: &[u8; 4]) {
    let exif = [&[0; 4][..], &orientation_exif(1)].concat();
    let has_room = range.end - range.start >= exif.len() as u64;
    let start = range.start;
    patches.zero(range);
    if kind == b"Exif" && has_room {
        patches.write(start, &exif);
    }
}

fn free(patches: &mut Patches, part: &Child) {
    patches.write(part.start as u64 + 4, b"free");
    patches.zero(absolute(part.content()));
}

fn absolute(range: Range<usize>) -> Range<u64> {
    range.start as u64..range.end as u64
}
