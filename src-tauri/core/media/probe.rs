//! Looks at a file and says what it is. Reads headers, and no more of a large file than they need; makes no pictures.

use std::io::{Read, Seek};

use super::bytes::{Source, len, read_at};
use super::{Facts, Format, Kind, Problem};
use super::{boxes, gif, heif, jpeg, matroska, movie, movie_tags, png, sniff, tags, webp};

/// Of a picture larger than this only the beginning is looked at.
const MOST_PICTURE: u64 = 64 << 20;
/// Most JPEG files have all their headers within this.
const JPEG_HEAD: u64 = 256 << 10;

/// What `source` holds, by its content alone. Never fails: what cannot be read is a file with a [`Problem`].
///
/// Takes bounded memory and time whatever the bytes are.
pub fn probe(source: &mut (impl Read + Seek)) -> Facts {
    look(source).unwrap_or_else(Facts::unknown)
}

fn look(source: &mut dyn Source) -> Result<Facts, Problem> {
    let head = read_at(source, 0, sniff::HEAD)?;
    if head.is_empty() {
        return Err(Problem::Truncated);
    }
    let mut facts = Facts::of(sniff::sniff(&head));
    let outcome = match facts.format {
        Format::Jpeg => jpeg(source, &mut facts),
        Format::Png | Format::WebP | Format::Gif => picture(source, &mut facts),
        Format::Avif | Format::Heic => heif(source, &mut facts),
        Format::Mp4 | Format::Mov => movie(source, &mut facts),
        Format::WebM | Format::Mkv => matroska::read(source, &mut facts),
        Format::Other => Err(Problem::Unsupported),
    };
    if let Err(problem) = outcome {
        facts.problem = Some(problem);
    }
    Ok(facts)
}

fn jpeg(source: &mut dyn Source, facts: &mut Facts) -> Result<(), Problem> {
    let length = len(source)?;
    let mut bytes = read_at(source, 0, JPEG_HEAD)?;
    let mut header = jpeg::header(&bytes);
    if header.scan.is_none() && length > JPEG_HEAD {
        bytes = read_at(source, 0, MOST_PICTURE)?;
        header = jpeg::header(&bytes);
    }
    let is_whole = read_at(source, length.saturating_sub(2), 2)? == [0xFF, jpeg::EOI] || {
        // Something follows the picture, or its end is missing: only the whole walk tells.
        let all = read_at(source, 0, MOST_PICTURE)?;
        length > MOST_PICTURE || jpeg::is_complete(&all)
    };
    if let Some(scan) = header.scan {
        bytes.truncate(scan);
        // An end for parsers that look for one.
        bytes.extend([0xFF, jpeg::EOI]);
    }
    let tags = tags::of_photo(bytes)?;
    facts.orientation = tags.orientation.unwrap_or(1);
    tags.apply(facts);
    if let Some(frame) = header.frame {
        facts.set_stored_size(frame.width, frame.height);
    }
    match (is_whole, header.frame, header.scan) {
        (true, Some(_), Some(_)) => Ok(()),
        (true, ..) => Err(Problem::Damaged),
        (false, ..) => Err(Problem::Truncated),
    }
}

/// PNG, WebP and GIF: one reading of the bytes serves all questions.
fn picture(source: &mut dyn Source, facts: &mut Facts) -> Result<(), Problem> {
    let is_partial = len(source)? > MOST_PICTURE;
    let bytes = read_at(source, 0, MOST_PICTURE)?;
    let (size, outcome) = match facts.format {
        Format::Png => {
            let mut names = png::chunks(&bytes).map(|chunk| chunk.map(|chunk| chunk.name));
            facts.animated = names
                .by_ref()
                .take_while(|name| !matches!(name, Ok([b'I', b'D', b'A', b'T'])))
                .any(|name| name == Ok(*b"acTL"));
            (png::size(&bytes), png::chunks(&bytes).last().unwrap_or(Err(Problem::Damaged)).map(drop))
        }
        Format::WebP => {
            let shape = webp::shape(&bytes);
            facts.animated = shape.is_some_and(|(_, _, animated)| animated);
            (shape.map(|(width, height, _)| (width, height)), webp::content(&bytes).map(drop))
        }
        _ => {
            let frames = gif::blocks(&bytes).filter(|block| matches!(block, Ok(gif::Block::Image(_)))).count();
            facts.animated = frames > 1;
            (gif::size(&bytes), gif::blocks(&bytes).last().unwrap_or(Err(Problem::Truncated)).map(drop))
        }
    };
    if facts.format != Format::Gif {
        let tags = tags::of_photo(bytes)?;
        facts.orientation = tags.orientation.unwrap_or(1);
        tags.apply(facts);
    }
    let (width, height) = size.ok_or(Problem::Truncated)?;
    facts.set_stored_size(width, height);
    if is_partial { Ok(()) } else { outcome }
}

fn heif(source: &mut dyn Source, facts: &mut Facts) -> Result<(), Problem> {
    let top = boxes::top(source)?;
    let bytes = read_at(source, 0, MOST_PICTURE)?;
    let meta = boxes::find_loosely(&bytes, b"meta").ok_or(top.problem.unwrap_or(Problem::Damaged))?;
    let meta = heif::read(&bytes, &meta)?;
    facts.animated = top.boxes.iter().any(|place| place.name == *b"moov");
    // Turns are properties of the picture (`irot`, `imir`) here; the EXIF orientation only repeats them.
    if let Some(exif) = heif::exif(&bytes, &meta) {
        tags::of_exif(exif)?.apply(facts);
    }
    let (width, height) = meta.size(&bytes).ok_or(Problem::Damaged)?;
    facts.set_stored_size(width, height);
    top.problem.map_or(Ok(()), Err)
}

fn movie(source: &mut dyn Source, facts: &mut Facts) -> Result<(), Problem> {
    let top = boxes::top(source)?;
    let Some(place) = top.boxes.iter().find(|place| place.name == *b"moov") else {
        // The `moov` box is often the last one: a cut file has lost it.
        let is_movie = top.boxes.iter().any(|place| matches!(&place.name, b"ftyp" | b"mdat"));
        return if is_movie { Err(top.problem.unwrap_or(Problem::Damaged)) } else { not_media(facts) };
    };
    if place.end - place.start > movie::MOST {
        return Err(Problem::TooLarge);
    }
    let moov = read_at(source, place.start, place.end - place.start)?;
    let movie = movie::read(&moov).map_err(|problem| top.problem.unwrap_or(problem))?;
    let Some(video) = movie.tracks.iter().find(|track| track.handler == *b"vide") else {
        return not_media(facts);
    };
    facts.codec = movie::codec(video.codec);
    (facts.width, facts.height) = video.size.or_else(|| movie::coded_size(&moov)).unzip();
    facts.has_audio = movie.tracks.iter().any(|track| track.handler == *b"soun");
    facts.duration_ms = movie.duration_ms;
    if movie.fragmented {
        facts.duration_ms = facts.duration_ms.max(movie::fragments_ms(source, &top, &movie, &moov));
    }
    movie_tags::read(&moov).apply(facts);
    top.problem.map_or(Ok(()), Err)
}

/// A container without pictures is kept as a plain file.
fn not_media(facts: &mut Facts) -> Result<(), Problem> {
    facts.kind = Kind::File;
    facts.format = Format::Other;
    Err(Problem::Unsupported)
}
