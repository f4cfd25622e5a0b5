//! Copies of photos and clips that may leave: without place, device, owner, comments, thumbnails and whatever hides behind the picture. The
//! original is only read. Pixels and sound stay bit for bit the same, except for HEIC and photos that are cut short, which leave as a fresh JPEG.
//!
//! Everything here is an allow-list. A file that is not understood to its end is refused.

mod avif;
mod gif;
mod jpeg;
mod matroska;
mod movie;
mod patch;
mod png;
mod webp;

use std::io::{Read, Seek, Write};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::bytes::{read_all, read_at};
use super::decode::decode;
use super::rendition::{encode_jpeg, upright};
use super::{Facts, Format, Limits, Problem, guard, sniff};

/// What an outgoing copy no longer carries. A flag is set only if the original carried it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// Where it was taken.
    pub location: bool,
    /// Which camera or phone, with serial numbers and settings.
    pub device: bool,
    /// Artist, owner, author, copyright.
    pub owner: bool,
    /// Smaller or further pictures, and bytes behind the picture.
    pub thumbnail: bool,
    /// Comments, edit history, dates, names of programs, unknown parts.
    pub other: bool,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// The format of the copy: that of the original, or JPEG where only the pixels could leave.
    pub format: Format,
    /// Its media type.
    pub mime: String,
    /// Its length.
    pub bytes: u64,
    /// What was left out.
    pub removed: Removed,
}

/// Writes a copy of `source` that may leave to `out`. `facts` are those that [`probe`](super::probe) gave for the same source.
///
/// After an error, what `out` has received so far must be thrown away.
///
/// # Errors
/// [`Problem::Unsupported`] for files of other kinds and for unusual ones that cannot be cleaned for sure; [`Problem::Truncated`] and
/// [`Problem::Damaged`] for broken ones; [`Problem::TooLarge`] for pictures over the default [`Limits`]; [`Problem::Io`].
pub fn strip(source: &mut (impl Read + Seek), facts: &Facts, out: &mut impl Write) -> Result<Outgoing, Problem> {
    if sniff::sniff(&read_at(source, 0, sniff::HEAD)?) != facts.format {
        return Err(Problem::Unsupported);
    }
    let limits = Limits::default();
    let mut removed = Removed {
        location: facts.point.is_some(),
        device: facts.make.is_some() || facts.model.is_some(),
        owner: facts.owner,
        ..Removed::default()
    };
    let mut counted = Counted { out, bytes: 0 };
    let mut format = facts.format;
    let picture = match facts.format {
        Format::Mp4 | Format::Mov => movie::strip(source, &mut counted, &mut removed).map(|()| Vec::new()),
        Format::WebM | Format::Mkv => matroska::strip(source, &mut counted, &mut removed).map(|()| Vec::new()),
        Format::Other => Err(Problem::Unsupported),
        _ => {
            let bytes = read_all(source, limits.max_bytes)?;
            match picture(&bytes, facts, &mut removed) {
                // What there is of a photo that is cut short can leave as a new one, like a HEIC, which not every reader can show.
                Ok(None) | Err(Problem::Truncated) => {
                    format = Format::Jpeg;
                    removed.other = true;
                    fresh(bytes, facts, limits)
                }
                picture => picture.map(Option::unwrap_or_default),
            }
        }
    }?;
    counted.write_all(&picture).and_then(|()| counted.flush()).map_err(|_| Problem::Io)?;
    Ok(Outgoing { format, mime: format.mime().into(), bytes: counted.bytes, removed })
}

/// A photo without what must not leave; `None` if only its pixels can.
fn picture(bytes: &[u8], facts: &Facts, removed: &mut Removed) -> Result<Option<Vec<u8>>, Problem> {
    match facts.format {
        Format::Jpeg => jpeg::strip(bytes, facts.orientation, removed),
        Format::Png => png::strip(bytes, facts.orientation, removed),
        Format::WebP => webp::strip(bytes, facts.orientation, removed),
        Format::Gif => gif::strip(bytes, removed),
        Format::Avif => avif::strip(bytes, removed),
        _ => return Ok(None),
    }
    .map(Some)
}

/// A new JPEG from the pixels, at full size. Nothing but pixels can get into it.
fn fresh(bytes: Vec<u8>, facts: &Facts, limits: Limits) -> Result<Vec<u8>, Problem> {
    let facts = facts.clone();
    guard::run(Duration::from_millis(limits.deadline_ms), move || {
        let pixels = upright(decode(&bytes, &facts, &limits, u32::MAX)?)?;
        encode_jpeg(&pixels, pixels.icc.as_deref(), 90)
    })
}

/// Counts what passes through.
struct Counted<'a, W> {
    out: &'a mut W,
    bytes: u64,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
