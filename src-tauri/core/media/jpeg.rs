//! The segments of a JPEG file: walking them, its size and colour profile, and writing the few we add. Never looks at pixels.

use super::Problem;
use super::bytes::{be16, slice};

/// Start of image, the two bytes that every JPEG begins with.
pub(super) const SOI: [u8; 2] = [0xFF, 0xD8];
/// End of image.
pub(super) const EOI: u8 = 0xD9;
/// Start of scan: entropy-coded data follows.
pub(super) const SOS: u8 = 0xDA;
/// Application segments 0 to 15.
pub(super) const APP0: u8 = 0xE0;
pub(super) const APP1: u8 = 0xE1;
pub(super) const APP2: u8 = 0xE2;
pub(super) const APP14: u8 = 0xEE;
pub(super) const APP15: u8 = 0xEF;
/// Comment.
pub(super) const COM: u8 = 0xFE;

/// How an ICC profile in an APP2 segment begins; two bytes follow, the number of this piece and of all pieces.
pub(super) const ICC: &[u8] = b"ICC_PROFILE\0";
/// How EXIF in an APP1 segment begins.
pub(super) const EXIF: &[u8] = b"Exif\0\0";

/// One marker with what belongs to it.
pub(super) struct Segment<'a> {
    /// The byte after 0xFF.
    pub marker: u8,
    /// What follows the length field; empty for markers without one.
    pub body: &'a [u8],
    /// Everything of this segment: marker, length, body and, after a start of scan, the entropy-coded data.
    pub whole: &'a [u8],
    /// Where the next segment begins.
    pub end: usize,
}

/// Walks the segments up to and including the end of image. A broken or missing one ends the walk with an error.
pub(super) fn segments(bytes: &[u8]) -> impl Iterator<Item = Result<Segment<'_>, Problem>> {
    let mut at = SOI.len();
    let mut over = !bytes.starts_with(&SOI);
    std::iter::from_fn(move || {
        if over {
            return None;
        }
        let segment = segment(bytes, at);
        over = !matches!(&segment, Ok(segment) if segment.marker != EOI);
        if let Ok(segment) = &segment {
            at = segment.end;
        }
        Some(segment)
    })
}

fn segment(bytes: &[u8], from: usize) -> Result<Segment<'_>, Problem> {
    let rest = bytes.get(from..).ok_or(Problem::Truncated)?;
    // Any number of 0xFF may come before a marker.
    let fill = rest.iter().take_while(|byte| **byte == 0xFF).count();
    let marker = *rest.get(fill).ok_or(Problem::Truncated)?;
    if fill == 0 || marker == 0 {
        return Err(Problem::Damaged);
    }
    let at = from + fill - 1;
    if matches!(marker, 0x01 | 0xD0..=0xD7 | EOI) {
        let end = at + 2;
        return Ok(Segment { marker, body: &[], whole: slice(bytes, at, 2).ok_or(Problem::Truncated)?, end });
    }
    let length = usize::from(be16(bytes, at + 2).ok_or(Problem::Truncated)?);
    let body = slice(bytes, at + 4, length.checked_sub(2).ok_or(Problem::Damaged)?).ok_or(Problem::Truncated)?;
    let mut end = at + 2 + length;
    if marker == SOS {
        end += entropy_length(bytes.get(end..).unwrap_or_default());
    }
    Ok(Segment { marker, body, whole: bytes.get(at..end).ok_or(Problem::Truncated)?, end })
}

/// Bytes of entropy-coded data: up to the next marker that is neither stuffing (0xFF00) nor a restart.
fn entropy_length(data: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = data.get(at..).and_then(|rest| memchr::memchr(0xFF, rest)) {
        at += found;
        match data.get(at + 1) {
            Some(0 | 0xD0..=0xD7) => at += 2,
            _ => return at,
        }
    }
    data.len()
}

/// The start of frame: what the decoder will be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub width: u32,
    pub height: u32,
    /// 1 grey, 3 colour, 4 CMYK.
    pub components: u8,
}

/// Reads a start-of-frame segment (0xC0 to 0xCF except the three that are something else).
pub(super) fn frame(segment: &Segment<'_>) -> Option<Frame> {
    let is_frame = matches!(segment.marker, 0xC0..=0xCF) && !matches!(segment.marker, 0xC4 | 0xC8 | 0xCC);
    is_frame.then_some(())?;
    Some(Frame {
        height: u32::from(be16(segment.body, 1)?),
        width: u32::from(be16(segment.body, 3)?),
        components: *segment.body.get(5)?,
    })
}

/// What lies before the first scan.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub frame: Option<Frame>,
    /// The colour profile, put together from its pieces.
    pub icc: Option<Vec<u8>>,
    /// Where the first scan begins, if it was reached.
    pub scan: Option<usize>,
}

/// Reads the header. What comes before a fault is still given.
pub(super) fn header(bytes: &[u8]) -> Header {
    let mut header = Header::default();
    let mut pieces: Vec<(u8, &[u8])> = Vec::new();
    let mut at = SOI.len();
    for segment in segments(bytes) {
        let Ok(segment) = segment else { break };
        if segment.marker == SOS || segment.marker == EOI {
            header.scan = (segment.marker == SOS).then_some(at);
            break;
        }
        if let Some(piece) = icc_piece(&segment) {
            pieces.push(piece);
        }
        header.frame = header.frame.or_else(|| frame(&segment));
        at = segment.end;
    }
    pieces.sort_by_key(|(number, _)| *number);
    let icc: Vec<u8> = pieces.into_iter().flat_map(|(_, piece)| piece.iter().copied()).collect();
    header.icc = (!icc.is_empty()).then_some(icc);
    header
}

/// The number and the bytes of a piece of an ICC profile.
pub(super) fn icc_piece<'a>(segment: &Segment<'a>) -> Option<(u8, &'a [u8])> {
    let rest = (segment.marker == APP2).then(|| segment.body.strip_prefix(ICC))??;
    Some((*rest.first()?, rest.get(2..)?))
}

/// A copy of `jpeg` that carries `icc`. Profiles of more than 255 pieces do not exist in the format; the picture then stays as it is.
pub(super) fn with_icc(jpeg: Vec<u8>, icc: &[u8]) -> Vec<u8> {
    const PIECE: usize = 65_519;
    let Ok(count) = u8::try_from(icc.len().div_ceil(PIECE)) else { return jpeg };
    let Some(rest) = jpeg.strip_prefix(&SOI) else { return jpeg };
    // JFIF wants to be the first segment.
    let first = segments(&jpeg)
        .next()
        .and_then(Result::ok)
        .filter(|segment| segment.marker == APP0)
        .map_or(0, |s| s.whole.len());
    let (jfif, rest) = rest.split_at_checked(first).unwrap_or((&[], rest));
    let mut out = Vec::with_capacity(jpeg.len() + icc.len() + 64);
    out.extend_from_slice(&SOI);
    out.extend_from_slice(jfif);
    for (piece, number) in icc.chunks(PIECE).zip(1..=count) {
        out.extend(segment_head(APP2, ICC.len() + 2 + piece.len()));
        out.extend_from_slice(ICC);
        out.extend([number, count]);
        out.extend_from_slice(piece);
    }
    out.extend_from_slice(rest);
    out
}

/// Marker and length of a segment with `body` bytes, which must be fewer than 65,534.
pub(super) fn segment_head(marker: u8, body: usize) -> [u8; 4] {
    let [high, low] = u16::try_from(body + 2).unwrap_or(u16::MAX).to_be_bytes();
    [0xFF, marker, high, low]
}

/// The smallest EXIF block that says how to turn the picture (TIFF, big-endian, one entry), without the "Exif\0\0" of JPEG.
pub(super) fn orientation_exif(orientation: u8) -> [u8; 26] {
    #[rustfmt::skip]
    let exif = [
        b'M', b'M', 0, 42, 0, 0, 0, 8,
        0, 1,
        0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0,
        0, 0, 0, 0,
    ];
    exif
}

/// Whether the walk reaches the end of the image.
pub(super) fn is_complete(bytes: &[u8]) -> bool {
    segments(bytes).any(|segment| matches!(segment, Ok(segment) if segment.marker == EOI))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_data_ends_at_a_real_marker_only() {
        assert_eq!(entropy_length(&[1, 0xFF, 0, 2, 0xFF, 0xD3, 3, 0xFF, 0xD9]), 7);
        assert_eq!(entropy_length(&[1, 2, 3]), 3);
    }

    #[test]
    fn a_profile_survives_being_put_in() {
        let jpeg = [&SOI[..], &segment_head(APP0, 3), b"abc", &[0xFF, EOI]].concat();
        let icc: Vec<u8> = (0..150_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let out = with_icc(jpeg, &icc);
        assert_eq!(header(&out).icc.as_deref(), Some(&icc[..]));
        assert!(is_complete(&out));
    }
}
