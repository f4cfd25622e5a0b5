//! A WebP without its metadata: picture, animation and colour chunks are copied, EXIF (but for the orientation), XMP and unknown ones are left out.

use super::super::Problem;
use super::super::jpeg::orientation_exif;
use super::super::webp::{HEADER, chunks, content};
use super::Removed;

/// Bits of the first byte of `VP8X`.
const HAS_EXIF: u8 = 0b1000;
const HAS_XMP: u8 = 0b100;

/// `ANMF` begins with 16 bytes about the frame; chunks follow.
const FRAME: usize = 16;

pub(super) fn strip(bytes: &[u8], orientation: u8, removed: &mut Removed) -> Result<Vec<u8>, Problem> {
    let inside = content(bytes)?;
    let mut body = Vec::with_capacity(bytes.len());
    // Only the extended format has room for EXIF; a plain one cannot say how to turn.
    let mut is_extended = false;
    for chunk in chunks(inside) {
        let chunk = chunk?;
        match &chunk.name {
            b"VP8X" => {
                is_extended = true;
                let mut flags = chunk.body.to_vec();
                let first = flags.first_mut().ok_or(Problem::Damaged)?;
                *first = *first & !(HAS_EXIF | HAS_XMP) | if orientation == 1 { 0 } else { HAS_EXIF };
                push(&mut body, *b"VP8X", &flags);
            }
            b"ANMF" => push(&mut body, chunk.name, &frame(chunk.body, removed)?),
            b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ICCP" => push(&mut body, chunk.name, chunk.body),
            _ => removed.other = true,
        }
    }
    if is_extended && orientation != 1 {
        push(&mut body, *b"EXIF", &orientation_exif(orientation));
    }
    removed.thumbnail |= bytes.len() > HEADER + inside.len() + inside.len() % 2;
    let size = u32::try_from(body.len() + 4).map_err(|_| Problem::TooLarge)?;
    Ok([b"RIFF", &size.to_le_bytes()[..], b"WEBP", &body].concat())
}

fn frame(body: &[u8], removed: &mut Removed) -> Result<Vec<u8>, Problem> {
    let (head, rest) = body.split_at_checked(FRAME).ok_or(Problem::Damaged)?;
    let mut frame = head.to_vec();
    for chunk in chunks(rest) {
        let chunk = chunk?;
        if matches!(&chunk.name, b"VP8 " | b"VP8L" | b"ALPH") {
            push(&mut frame, chunk.name, chunk.body);
        } else {
            removed.other = true;
        }
    }
    Ok(frame)
}

/// Appends a chunk with its padding.
fn push(out: &mut Vec<u8>, name: [u8; 4], body: &[u8]) {
    out.extend(name);
    out.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(body);
    out.resize(out.len() + body.len() % 2, 0);
}
