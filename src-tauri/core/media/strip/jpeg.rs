//! A JPEG without its metadata: picture segments, colour profile and orientation are copied, everything else is left out, and the copy ends where
//! the picture ends (Motion Photos and multi-picture files have more behind it).

use super::super::jpeg::{
    APP0, APP1, APP2, APP14, APP15, COM, EOI, EXIF, SOI, icc_piece, orientation_exif, segment_head, segments,
};
use super::super::{Problem, bytes::slice};
use super::Removed;

pub(super) fn strip(bytes: &[u8], orientation: u8, removed: &mut Removed) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(&SOI);
    let mut is_oriented = orientation == 1;
    for segment in segments(bytes) {
        let segment = segment?;
        // Orientation goes behind JFIF, which wants to be first, and before everything else.
        if !is_oriented && segment.marker != APP0 {
            let exif = orientation_exif(orientation);
            out.extend(segment_head(APP1, EXIF.len() + exif.len()));
            out.extend_from_slice(EXIF);
            out.extend(exif);
            is_oriented = true;
        }
        match segment.marker {
            APP0 => match jfif(segment.body) {
                Some(plain) => {
                    removed.thumbnail |= segment.body.len() > plain.len();
                    out.extend(segment_head(APP0, plain.len()));
                    out.extend(plain);
                }
                None => removed.thumbnail = true,
            },
            APP2 if icc_piece(&segment).is_some() => out.extend_from_slice(segment.whole),
            // Tells how the colours are coded; without it they come out wrong.
            APP14 if segment.body.starts_with(b"Adobe") => out.extend_from_slice(segment.whole),
            APP1..=APP15 | COM => {
                let has_picture = segment.body.windows(3).any(|window| window == b"\xFF\xD8\xFF");
                removed.thumbnail |= has_picture;
                removed.other |= !has_picture;
            }
            // Tables, frames, scans, restarts, end: all that the picture is made of.
            0xC0..=0xDF | 0x01 => out.extend_from_slice(segment.whole),
            _ => return Err(Problem::Damaged),
        }
        if segment.marker == EOI {
            removed.thumbnail |= segment.end < bytes.len();
            return Ok(out);
        }
    }
    Err(Problem::Truncated)
}

/// The JFIF segment with its thumbnail cut off; `None` for other uses of APP0.
fn jfif(body: &[u8]) -> Option<Vec<u8>> {
    let mut plain = slice(body, 0, 14).filter(|body| body.starts_with(b"JFIF\0"))?.to_vec();
    plain.get_mut(12..14)?.fill(0);
    Some(plain)
}
