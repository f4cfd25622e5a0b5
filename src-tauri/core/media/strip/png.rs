//! A PNG without its metadata: picture, animation and colour chunks are copied, texts, dates, EXIF and unknown ones are left out.

use super::super::Problem;
use super::super::jpeg::orientation_exif;
use super::super::png::{SIGNATURE, chunks, make};
use super::Removed;

pub(super) fn strip(bytes: &[u8], orientation: u8, removed: &mut Removed) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(SIGNATURE);
    let mut read = SIGNATURE.len();
    for chunk in chunks(bytes) {
        let chunk = chunk?;
        read += chunk.whole.len();
        match &chunk.name {
            b"IHDR" => {
                out.extend_from_slice(chunk.whole);
                if orientation != 1 {
                    out.extend(make(*b"eXIf", &orientation_exif(orientation)));
                }
            }
            b"IEND" => {
                out.extend_from_slice(chunk.whole);
                removed.thumbnail |= read < bytes.len();
                return Ok(out);
            }
            b"PLTE" | b"IDAT" | b"tRNS" | b"gAMA" | b"cHRM" | b"sRGB" | b"iCCP" | b"cICP" | b"mDCV" | b"cLLI"
            | b"sBIT" | b"bKGD" | b"hIST" | b"pHYs" | b"acTL" | b"fcTL" | b"fdAT" => out.extend_from_slice(chunk.whole),
            // A lower-case first letter marks a chunk that a decoder may do without.
            [first, ..] if first.is_ascii_lowercase() => removed.other = true,
            _ => return Err(Problem::Unsupported),
        }
    }
    Err(Problem::Truncated)
}
