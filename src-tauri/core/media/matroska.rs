//! Matroska and `WebM`: the elements of a segment, and what a clip says about itself. matroska-demuxer reads the values, behind the guard and
//! from a short copy that holds headers only, so that neither a large nor a malicious file costs much.

use std::io::Cursor;
use std::time::Duration;

use jiff::civil;
use matroska_demuxer::{MatroskaFile, SimpleTag, TrackType};

use super::bytes::{Source, len, read_at};
use super::ebml::{self, Element};
use super::facts::{Facts, Taken};
use super::{Problem, guard, tags};

/// Elements on the level of the segment, and inside clusters of unknown size.
const MOST_ELEMENTS: usize = 1_000_000;
/// Bytes of any one header element that is looked at.
const MOST: u64 = 16 << 20;
const DEADLINE: Duration = Duration::from_secs(5);

const TIMESTAMP: u32 = 0xE7;
const SIMPLE_BLOCK: u32 = 0xA3;

/// The file's outline.
pub(super) struct Outline {
    /// The EBML header.
    pub header: Element,
    pub segment: Element,
    /// What the segment holds. A cluster of unknown size is listed as its header alone, followed by its children.
    pub elements: Vec<Element>,
    /// Where the last whole element ends.
    pub end: u64,
    pub problem: Option<Problem>,
}

/// Reads the outline.
pub(super) fn outline(source: &mut dyn Source) -> Result<Outline, Problem> {
    let length = len(source)?;
    let header = ebml::at(source, 0, length)?;
    let segment = ebml::at(source, header.end, length)?;
    if header.id != ebml::HEADER || segment.id != ebml::SEGMENT {
        return Err(Problem::Damaged);
    }
    let mut outline = Outline { header, segment, elements: Vec::new(), end: segment.body, problem: None };
    outline.problem = segment.cut.then_some(Problem::Truncated);
    while outline.end < segment.end {
        let Ok(mut element) = ebml::at(source, outline.end, segment.end) else {
            outline.problem = outline.problem.or(Some(Problem::Damaged));
            break;
        };
        if element.open {
            if element.id != ebml::CLUSTER {
                return Err(Problem::Damaged);
            }
            element.end = element.body;
        }
        if element.cut {
            outline.problem = Some(Problem::Truncated);
            break;
        }
        outline.end = element.end;
        outline.elements.push(element);
        if outline.elements.len() > MOST_ELEMENTS {
            return Err(Problem::TooLarge);
        }
    }
    Ok(outline)
}

/// Fills in what the headers say.
pub(super) fn read(source: &mut dyn Source, facts: &mut Facts) -> Result<(), Problem> {
    let outline = outline(source)?;
    facts.problem = outline.problem;
    let short = headers(source, &outline)?;
    let read = guard::run(DEADLINE, move || values(short))?;
    facts.width = read.width;
    facts.height = read.height;
    facts.codec = read.codec;
    facts.has_audio = read.has_audio;
    facts.taken = read.taken;
    facts.point = read.point;
    facts.owner = read.owner;
    facts.duration_ms = read.duration_ms;
    if facts.duration_ms.is_none() {
        facts.duration_ms = last_moment(source, &outline, read.scale);
    }
    if facts.codec.is_none() {
        *facts = Facts::unknown(Problem::Unsupported);
    }
    Ok(())
}

/// A small file of the same headers without any picture or sound.
fn headers(source: &mut dyn Source, outline: &Outline) -> Result<Vec<u8>, Problem> {
    let wanted = [ebml::INFO, ebml::TRACKS, ebml::TAGS];
    let mut body = Vec::new();
    for element in outline.elements.iter().filter(|element| wanted.contains(&element.id)) {
        let size = element.end - element.start;
        if body.len() as u64 + size > MOST {
            return Err(Problem::TooLarge);
        }
        body.extend(read_at(source, element.start, size)?);
    }
    // The demuxer wants one cluster: it holds a timestamp of 0.
    body.extend([0x1F, 0x43, 0xB6, 0x75, 0x83, 0xE7, 0x81, 0]);
    let mut short = read_at(source, outline.header.start, (outline.header.end - outline.header.start).min(4096))?;
    short.extend(ebml::SEGMENT.to_be_bytes());
    short.extend((body.len() as u64 | 0x0100_0000_0000_0000).to_be_bytes());
    short.extend(body);
    Ok(short)
}

#[derive(Default)]
struct Values {
    width: Option<u32>,
    height: Option<u32>,
    codec: Option<String>,
    has_audio: bool,
    duration_ms: Option<u64>,
    /// Nanoseconds per tick.
    scale: u64,
    taken: Option<Taken>,
    point: Option<(f64, f64)>,
    owner: bool,
}

fn values(short: Vec<u8>) -> Result<Values, Problem> {
    let file = MatroskaFile::open(Cursor::new(short)).map_err(|_| Problem::Damaged)?;
    let mut values = Values { scale: file.info().timestamp_scale().get(), ..Values::default() };
    for track in file.tracks() {
        values.has_audio |= track.track_type() == TrackType::Audio;
        if let (Some(video), None) = (track.video(), &values.codec) {
            values.width = u32::try_from(video.pixel_width().get()).ok();
            values.height = u32::try_from(video.pixel_height().get()).ok();
            values.codec = Some(codec(track.codec_id()));
        }
    }
    let nanoseconds = file.info().duration().map(|ticks| ticks * values.scale as f64);
    // A conversion from floating point saturates, so an absurd length is merely long.
    values.duration_ms = nanoseconds.filter(|length| *length > 0.0).map(|length| (length / 1e6) as u64);
    values.taken = file.info().date_utc().and_then(date);
    for tag in file.tags().unwrap_or_default().iter().flat_map(|tag| tag.simple_tags()) {
        apply(tag, &mut values);
    }
    Ok(values)
}

fn apply(tag: &SimpleTag, values: &mut Values) {
    let text = tag.string().unwrap_or_default();
    match tag.name().to_ascii_uppercase().as_str() {
        "LOCATION" | "COM.APPLE.QUICKTIME.LOCATION.ISO6709" | "RECORDING_LOCATION" => {
            values.point = values.point.or_else(|| tags::iso6709(text));
        }
        "DATE_RECORDED" | "CREATION_TIME" => {
            let utc = text.parse::<jiff::Timestamp>().ok().map(|moment| jiff::tz::TimeZone::UTC.to_datetime(moment));
            values.taken = utc.map(|local| Taken { local, offset: Some(0) }).or(values.taken);
        }
        "ARTIST" | "AUTHOR" | "COPYRIGHT" | "DIRECTOR" => values.owner |= !text.is_empty(),
        _ => {}
    }
}

/// Nanoseconds since the first of January 2001, UTC.
fn date(nanoseconds: i64) -> Option<Taken> {
    let local =
        civil::date(2001, 1, 1).at(0, 0, 0, 0).checked_add(jiff::SignedDuration::from_nanos(nanoseconds)).ok()?;
    Some(Taken { local, offset: Some(0) })
}

fn codec(id: &str) -> String {
    match id {
        "V_MPEG4/ISO/AVC" => "h264".into(),
        "V_MPEGH/ISO/HEVC" => "hevc".into(),
        other => other.trim_start_matches("V_").to_lowercase(),
    }
}

/// Recordings made live carry no length: the moment of the last block is the next best.
fn last_moment(source: &mut dyn Source, outline: &Outline, scale: u64) -> Option<u64> {
    let mut cluster = outline.elements.iter().rev().find(|element| element.id == ebml::CLUSTER).copied()?;
    if cluster.open {
        cluster.end = outline.end;
    }
    let bytes = read_at(source, cluster.body, (cluster.end - cluster.body).min(MOST)).ok()?;
    let children = ebml::children(&bytes).ok()?;
    let start = children
        .iter()
        .find(|child| child.id == TIMESTAMP)
        .and_then(|child| ebml::unsigned(ebml::content(&bytes, child)))?;
    let relative = children.iter().filter(|child| child.id == SIMPLE_BLOCK).filter_map(|block| {
        let content = ebml::content(&bytes, block);
        let (_, track) = ebml::vint(content)?;
        super::bytes::be16(content, track).map(u64::from)
    });
    let ticks = start.checked_add(relative.max().unwrap_or(0))?;
    Some(ticks.checked_mul(scale)? / 1_000_000).filter(|length| *length > 0)
}
