//! What a camera wrote about a picture: EXIF, read by nom-exif behind the guard. Also what all readers of tags share. Not the size of a picture.

use std::time::Duration;

use jiff::civil;
use memchr::memmem;
use nom_exif::{EntryValue, Exif, ExifDateTime, ExifTag, IfdIndex, MediaParser, MediaSource};

use super::facts::{Facts, Taken};
use super::{Problem, guard};

/// The tags that interest us, in one shape for photos and clips.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tags {
    pub orientation: Option<u8>,
    pub taken: Option<Taken>,
    pub point: Option<(f64, f64)>,
    pub make: Option<String>,
    pub model: Option<String>,
    pub owner: bool,
}

/// Parsing metadata takes microseconds; whoever needs seconds is broken.
const DEADLINE: Duration = Duration::from_secs(5);

/// In no container does EXIF stand without one of these: what JPEG, PNG and WebP call it, and older PNG files.
const MARKS: [&[u8]; 5] = [b"Exif", b"eXIf", b"EXIF", b"exif", b"APP1"];

/// EXIF of a photo. No tags and broken tags are the same to us.
pub(super) fn of_photo(bytes: Vec<u8>) -> Result<Tags, Problem> {
    // Most small pictures have none, and another thread costs more than the look.
    let may_have_some = MARKS.iter().any(|mark| memmem::find(&bytes, mark).is_some());
    if may_have_some { of_exif(bytes) } else { Ok(Tags::default()) }
}

/// The same for what is known to be EXIF.
pub(super) fn of_exif(bytes: Vec<u8>) -> Result<Tags, Problem> {
    guard::run(DEADLINE, move || {
        let read = || MediaParser::new().parse_exif(MediaSource::from_memory(bytes)?);
        Ok(read().map(|iter| from_exif(&Exif::from(iter))).unwrap_or_default())
    })
}

impl Tags {
    /// Copies everything but the orientation, whose meaning depends on the format.
    pub fn apply(self, facts: &mut Facts) {
        facts.taken = self.taken;
        facts.point = self.point;
        facts.make = self.make;
        facts.model = self.model;
        facts.owner = self.owner;
    }
}

fn from_exif(exif: &Exif) -> Tags {
    let text = |tag| exif.get(tag).and_then(EntryValue::as_str).and_then(clean);
    let date = |tag| exif.get(tag).and_then(EntryValue::as_datetime).and_then(|date| taken(&date));
    // Artist, Copyright, CameraOwnerName, XPAuthor.
    let named = [0x013B, 0x8298, 0xA430, 0x9C9D];
    Tags {
        orientation: exif.get_in(IfdIndex::MAIN, ExifTag::Orientation).and_then(orientation),
        taken: date(ExifTag::DateTimeOriginal).or_else(|| date(ExifTag::CreateDate)),
        point: exif.gps_info().and_then(|gps| place(gps.latitude_decimal()?, gps.longitude_decimal()?)),
        make: text(ExifTag::Make),
        model: text(ExifTag::Model),
        owner: named.iter().any(|code| exif.get_by_code(IfdIndex::MAIN, *code).is_some_and(says_something)),
    }
}

fn orientation(value: &EntryValue) -> Option<u8> {
    u8::try_from(value.try_as_integer()?).ok().filter(|turn| (1..=8).contains(turn))
}

fn says_something(value: &EntryValue) -> bool {
    value.as_str().is_none_or(|text| clean(text).is_some())
}

/// Text as a person may read it: no control characters, no padding, not endless.
pub(super) fn clean(text: &str) -> Option<String> {
    let text: String = text
        .trim_matches(|c: char| c.is_whitespace() || c == '\0')
        .chars()
        .filter(|c| !c.is_control())
        .take(100)
        .collect();
    (!text.is_empty()).then_some(text)
}

/// Dates before photography and the zero of unset clocks (1904 in MP4) say nothing.
fn taken(date: &ExifDateTime) -> Option<Taken> {
    let offset = date.aware().and_then(|aware| i16::try_from(aware.offset().local_minus_utc() / 60).ok());
    let local: civil::DateTime = date.into_naive().to_string().parse().ok()?;
    (local.year() > 1904).then_some(Taken { local, offset })
}

/// An empty GPS block reads as exactly 0, 0, which is open sea.
pub(super) fn place(latitude: f64, longitude: f64) -> Option<(f64, f64)> {
    let on_earth = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
    (on_earth && (latitude != 0.0 || longitude != 0.0)).then_some((latitude, longitude))
}

/// Degrees in the decimal form of ISO 6709, such as `+27.1281+100.2508/`.
pub(super) fn iso6709(text: &str) -> Option<(f64, f64)> {
    let mut numbers: Vec<String> = Vec::new();
    for c in text.trim().chars() {
        match c {
            '+' | '-' => numbers.push(c.into()),
            '0'..='9' | '.' => numbers.last_mut()?.push(c),
            _ => break,
        }
    }
    place(numbers.first()?.parse().ok()?, numbers.get(1)?.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_from_the_decimal_form() {
        assert_eq!(iso6709("+27.1281+100.2508/"), Some((27.1281, 100.2508)));
        assert_eq!(iso6709("-33.9+018.4+012/"), Some((-33.9, 18.4)));
        assert_eq!(iso6709("nowhere"), None);
    }

    #[test]
    fn an_empty_gps_block_is_no_place() {
        assert_eq!(place(0.0, 0.0), None);
        assert_eq!(place(91.0, 0.0), None);
        assert_eq!(place(f64::NAN, 1.0), None);
        assert_eq!(place(0.0, 6.6), Some((0.0, 6.6)));
    }

    #[test]
    fn text_from_a_camera_is_made_readable() {
        assert_eq!(clean("  HUAWEI\0\0"), Some("HUAWEI".into()));
        assert_eq!(clean(" \0 "), None);
        assert_eq!(clean("小\u{7}米"), Some("小米".into()));
    }
}
