//! A GIF without comments and foreign extensions. Frames, their timing, the loop count and a colour profile are copied.

use super::super::Problem;
use super::super::bytes::slice;
use super::super::gif::{Block, blocks, head};
use super::Removed;

/// Graphic control: delay, transparency, disposal of the next frame.
const CONTROL: u8 = 0xF9;
const APPLICATION: u8 = 0xFF;

pub(super) fn strip(bytes: &[u8], removed: &mut Removed) -> Result<Vec<u8>, Problem> {
    let mut out = head(bytes)?.to_vec();
    let mut read = out.len();
    for block in blocks(bytes) {
        match block? {
            Block::Image(whole) => {
                out.extend_from_slice(whole);
                read += whole.len();
            }
            Block::Extension(label, whole) => {
                if label == CONTROL || label == APPLICATION && is_needed(whole) {
                    out.extend_from_slice(whole);
                } else {
                    removed.other = true;
                }
                read += whole.len();
            }
            Block::Trailer(whole) => {
                out.extend_from_slice(whole);
                removed.thumbnail |= read + whole.len() < bytes.len();
                return Ok(out);
            }
        }
    }
    Err(Problem::Truncated)
}

/// Application extensions that change how the picture looks.
fn is_needed(whole: &[u8]) -> bool {
    let name = slice(whole, 3, 11).unwrap_or_default();
    matches!(name, b"NETSCAPE2.0" | b"ANIMEXTS1.0" | b"ICCRGBG1012")
}
