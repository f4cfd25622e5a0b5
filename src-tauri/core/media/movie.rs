//! The `moov` box of MP4 and `QuickTime` files: tracks, size, rotation, length, codec; and the length of fragmented files. Reads headers
//! only, never samples.

use super::Problem;
use super::boxes::{Child, Place, Top, children, descend, find};
use super::bytes::{Source, be16, be32, be64, read_at, tag};

/// One track of a movie.
#[derive(Debug, Clone, Default)]
pub(super) struct Track {
    pub id: u32,
    /// `vide`, `soun`, `meta`, `text`, ...
    pub handler: [u8; 4],
    /// Name of the first sample entry, such as `avc1`.
    pub codec: [u8; 4],
    /// As displayed, rotation applied.
    pub size: Option<(u32, u32)>,
    /// Ticks per second of this track.
    pub timescale: u32,
}

/// What a movie says about itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Movie {
    pub tracks: Vec<Track>,
    /// Milliseconds; `None` when only the fragments tell.
    pub duration_ms: Option<u64>,
    /// Whether the samples are in fragments (`moof`).
    pub fragmented: bool,
}

/// A header larger than this would be of a recording of days.
pub(super) const MOST: u64 = 64 << 20;

/// Most tracks that are looked at.
const MOST_TRACKS: usize = 256;

/// Reads the box `moov`, whose header begins at the start of `bytes`.
pub(super) fn read(bytes: &[u8]) -> Result<Movie, Problem> {
    let moov = find(bytes, 0..bytes.len(), b"moov").ok_or(Problem::Damaged)?;
    let mut movie = Movie::default();
    let mut timescale = 0;
    for child in children(bytes, moov.content())? {
        let body = child.of(bytes);
        match &child.name {
            b"mvhd" => {
                let (scale, duration) = times(body).unwrap_or_default();
                timescale = scale;
                movie.duration_ms = milliseconds(duration, scale);
            }
            b"trak" if movie.tracks.len() < MOST_TRACKS => movie.tracks.extend(track(bytes, &child)),
            b"mvex" => {
                movie.fragmented = true;
                let mehd = find(bytes, child.content(), b"mehd");
                let total = mehd.and_then(|mehd| wide(mehd.of(bytes), 4, mehd.of(bytes).first() == Some(&1)));
                movie.duration_ms = total.and_then(|total| milliseconds(total, timescale)).or(movie.duration_ms);
            }
            _ => {}
        }
    }
    Ok(movie)
}

fn track(bytes: &[u8], trak: &Child) -> Option<Track> {
    let tkhd = find(bytes, trak.content(), b"tkhd")?;
    let mdia = find(bytes, trak.content(), b"mdia")?;
    let head = tkhd.of(bytes);
    let long = usize::from(*head.first()? == 1);
    let codec = descend(bytes, mdia.content(), &[b"minf", b"stbl", b"stsd"]).and_then(|stsd| tag(stsd.of(bytes), 12));
    Some(Track {
        id: be32(head, 12 + 8 * long)?,
        handler: find(bytes, mdia.content(), b"hdlr").and_then(|hdlr| tag(hdlr.of(bytes), 8)).unwrap_or_default(),
        codec: codec.unwrap_or_default(),
        size: size(head, 12 * long),
        timescale: find(bytes, mdia.content(), b"mdhd")
            .and_then(|mdhd| times(mdhd.of(bytes)))
            .map_or(0, |(scale, _)| scale),
    })
}

/// Width and height of `tkhd` (16.16 fixed point), exchanged when the matrix is a quarter turn.
fn size(head: &[u8], shift: usize) -> Option<(u32, u32)> {
    let (a, b) = (be32(head, 40 + shift)?, be32(head, 44 + shift)?);
    let (width, height) = (be32(head, 76 + shift)? >> 16, be32(head, 80 + shift)? >> 16);
    let size = if a == 0 && b != 0 { (height, width) } else { (width, height) };
    (width > 0 && height > 0).then_some(size)
}

/// Timescale and duration of `mvhd` and `mdhd`; the longest value of either width means "unknown".
fn times(body: &[u8]) -> Option<(u32, u64)> {
    if *body.first()? == 1 {
        let duration = be64(body, 24)?;
        Some((be32(body, 20)?, if duration == u64::MAX { 0 } else { duration }))
    } else {
        let duration = be32(body, 16)?;
        Some((be32(body, 12)?, if duration == u32::MAX { 0 } else { u64::from(duration) }))
    }
}

fn wide(body: &[u8], at: usize, long: bool) -> Option<u64> {
    if long { be64(body, at) } else { be32(body, at).map(u64::from) }
}

/// A length of zero is no length.
fn milliseconds(ticks: u64, scale: u32) -> Option<u64> {
    let value = u128::from(ticks).checked_mul(1000)?.checked_div(u128::from(scale))?;
    u64::try_from(value).ok().filter(|value| *value > 0)
}

/// The length that the fragments tell: the end of the last fragment of the longest track, in milliseconds.
pub(super) fn fragments_ms(source: &mut dyn Source, top: &Top, movie: &Movie, moov: &[u8]) -> Option<u64> {
    let moofs: Vec<&Place> = top.boxes.iter().filter(|place| place.name == *b"moof").collect();
    // Tracks may take turns, so the last few fragments are asked.
    let last = moofs.iter().rev().take(movie.tracks.len().clamp(1, 8) * 2);
    let mut longest = None;
    for place in last {
        let bytes = read_at(source, place.start, (place.end - place.start).min(1 << 20)).ok()?;
        let moof = find(&bytes, 0..bytes.len(), b"moof")?;
        for traf in children(&bytes, moof.content()).ok()?.iter().filter(|child| child.name == *b"traf") {
            longest = longest.max(fragment_end(&bytes, traf, movie, moov));
        }
    }
    longest
}

fn fragment_end(bytes: &[u8], traf: &Child, movie: &Movie, moov: &[u8]) -> Option<u64> {
    let tfhd = find(bytes, traf.content(), b"tfhd")?;
    let head = tfhd.of(bytes);
    let track = movie.tracks.iter().find(|track| be32(head, 4) == Some(track.id))?;
    let tfdt = find(bytes, traf.content(), b"tfdt")?;
    let start = wide(tfdt.of(bytes), 4, tfdt.of(bytes).first() == Some(&1))?;
    let usual = default_duration(head).or_else(|| track_default(moov, track.id)).unwrap_or(0);
    let runs = children(bytes, traf.content()).ok()?;
    let length: u64 =
        runs.iter().filter(|child| child.name == *b"trun").map(|run| run_length(run.of(bytes), usual)).sum();
    milliseconds(start.checked_add(length)?, track.timescale)
}

/// `tfhd`: the default sample duration, after the optional base offset and description index.
fn default_duration(head: &[u8]) -> Option<u32> {
    let flags = be32(head, 0)?;
    let at = 8 + if flags & 1 != 0 { 8 } else { 0 } + if flags & 2 != 0 { 4 } else { 0 };
    if flags & 8 == 0 { None } else { be32(head, at) }
}

/// `trex`: the default sample duration of a track.
fn track_default(moov: &[u8], id: u32) -> Option<u32> {
    let mvex = descend(moov, 0..moov.len(), &[b"moov", b"mvex"])?;
    let all = children(moov, mvex.content()).ok()?;
    let trex = all.iter().find(|child| child.name == *b"trex" && be32(child.of(moov), 4) == Some(id))?;
    be32(trex.of(moov), 12)
}

/// `trun`: the durations of all samples together.
fn run_length(body: &[u8], usual: u32) -> u64 {
    let Some((flags, count)) = be32(body, 0).zip(be32(body, 4)) else { return 0 };
    if flags & 0x100 == 0 {
        return u64::from(count) * u64::from(usual);
    }
    let first = 8 + if flags & 1 != 0 { 4 } else { 0 } + if flags & 4 != 0 { 4 } else { 0 };
    let width = 4 * (flags >> 8 & 0xF).count_ones() as usize;
    body.get(first..)
        .unwrap_or_default()
        .chunks_exact(width)
        .take(count as usize)
        .filter_map(|sample| be32(sample, 0))
        .map(u64::from)
        .sum()
}

/// The common name of a codec from the name of its sample entry.
pub(super) fn codec(entry: [u8; 4]) -> Option<String> {
    let name = match &entry {
        b"avc1" | b"avc2" | b"avc3" | b"avc4" => "h264",
        b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => "hevc",
        b"av01" => "av1",
        b"vp08" => "vp8",
        b"vp09" => "vp9",
        b"mp4v" => "mpeg4",
        b"s263" | b"h263" => "h263",
        b"jpeg" | b"mjpa" | b"mjpb" => "mjpeg",
        b"apch" | b"apcn" | b"apcs" | b"apco" | b"ap4h" | b"ap4x" => "prores",
        [0, ..] => return None,
        other => return Some(String::from_utf8_lossy(other).trim().to_lowercase()),
    };
    Some(name.into())
}

/// The number of the first sample description's width and height, for tracks whose header says nothing.
pub(super) fn coded_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let moov = find(bytes, 0..bytes.len(), b"moov")?;
    let traks = children(bytes, moov.content()).ok()?;
    traks.iter().filter(|child| child.name == *b"trak").find_map(|trak| {
        let stsd = descend(bytes, trak.content(), &[b"mdia", b"minf", b"stbl", b"stsd"])?;
        let body = stsd.of(bytes);
        let size = (u32::from(be16(body, 8 + 32)?), u32::from(be16(body, 8 + 34)?));
        let video = descend(bytes, trak.content(), &[b"mdia", b"hdlr"]).and_then(|hdlr| tag(hdlr.of(bytes), 8))
            == Some(*b"vide");
        (video && size.0 > 0 && size.1 > 0).then_some(size)
    })
}
