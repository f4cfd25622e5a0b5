//! What a camera wrote into the `moov` box of a clip: moment, place, maker. Three generations of it are in use: `QuickTime` user data (`©xyz`), 3GPP
//! boxes (`loci`), and lists of keys and values (`keys`, `ilst`), which Apple puts into `moov/meta` and others into `moov/udta/meta`.

use jiff::civil;

use super::boxes::{Child, children, descend, find};
use super::bytes::{be16, be32, be64, slice};
use super::facts::Taken;
use super::tags::{Tags, clean, iso6709, place};

/// Reads the tags of the `moov` box that `moov` begins with. What is broken is left out.
pub(super) fn read(moov: &[u8]) -> Tags {
    let mut tags = Tags { taken: created(moov), ..Tags::default() };
    for (key, value) in user_data(moov).into_iter().chain(keyed(moov)) {
        apply(&mut tags, &key, &value);
    }
    tags.point = tags.point.or_else(|| loci(moov));
    tags
}

fn apply(tags: &mut Tags, key: &[u8], value: &str) {
    match key {
        b"\xA9xyz" | b"com.apple.quicktime.location.ISO6709" | b"location" => {
            tags.point = tags.point.or_else(|| iso6709(value))
        }
        b"\xA9mak" | b"com.apple.quicktime.make" | b"com.android.manufacturer" | b"make" => tags.make = clean(value),
        b"\xA9mod" | b"com.apple.quicktime.model" | b"com.android.model" | b"model" => tags.model = clean(value),
        b"\xA9day" | b"com.apple.quicktime.creationdate" => tags.taken = moment(value).or(tags.taken),
        b"\xA9ART"
        | b"\xA9aut"
        | b"\xA9cpy"
        | b"\xA9wrt"
        | b"aART"
        | b"auth"
        | b"cprt"
        | b"perf"
        | b"artist"
        | b"author"
        | b"copyright"
        | b"com.apple.quicktime.author"
        | b"com.apple.quicktime.artist"
        | b"com.apple.quicktime.copyright" => {
            tags.owner |= clean(value).is_some();
        }
        _ => {}
    }
}

/// Creation time of `mvhd`: seconds since 1904, in UTC by the standard.
fn created(moov: &[u8]) -> Option<Taken> {
    let mvhd = descend(moov, 0..moov.len(), &[b"moov", b"mvhd"])?;
    let body = mvhd.of(moov);
    let seconds = if *body.first()? == 1 { be64(body, 4)? } else { u64::from(be32(body, 4)?) };
    let since = jiff::SignedDuration::from_secs(i64::try_from(seconds).ok().filter(|seconds| *seconds > 0)?);
    let local = civil::date(1904, 1, 1).at(0, 0, 0, 0).checked_add(since).ok()?;
    // Clocks that were never set count from 1904 or 1970.
    (local.year() > 1970).then_some(Taken { local, offset: Some(0) })
}

/// A date with a zone, such as `2024-05-06T15:08:09+0800`.
fn moment(text: &str) -> Option<Taken> {
    let parsed = jiff::fmt::strtime::parse("%Y-%m-%dT%H:%M:%S%z", text.trim()).ok()?;
    let offset = parsed.offset().and_then(|offset| i16::try_from(offset.seconds() / 60).ok());
    Some(Taken { local: parsed.to_datetime().ok()?, offset })
}

/// Texts directly in `udta`: a length, a language, the text.
fn user_data(moov: &[u8]) -> Vec<(Vec<u8>, String)> {
    let Some(udta) = descend(moov, 0..moov.len(), &[b"moov", b"udta"]) else { return Vec::new() };
    let text = |child: &Child| {
        let body = child.of(moov);
        let text = if child.name[0] == 0xA9 { slice(body, 4, usize::from(be16(body, 0)?))? } else { body.get(6..)? };
        Some((child.name.to_vec(), String::from_utf8_lossy(text).into_owned()))
    };
    children(moov, udta.content()).unwrap_or_default().iter().filter_map(text).collect()
}

/// Pairs from every `meta` box.
fn keyed(moov: &[u8]) -> Vec<(Vec<u8>, String)> {
    let places: [&[&[u8; 4]]; 2] = [&[b"moov", b"meta"], &[b"moov", b"udta", b"meta"]];
    places.iter().filter_map(|path| descend(moov, 0..moov.len(), path)).flat_map(|meta| pairs(moov, &meta)).collect()
}

fn pairs(moov: &[u8], meta: &Child) -> Vec<(Vec<u8>, String)> {
    // Apple's is a plain box, the one of the standard begins with version and flags.
    let within = [meta.content(), meta.body.saturating_add(4).min(meta.end)..meta.end];
    let Some((within, list)) = within.into_iter().find_map(|range| Some((range.clone(), find(moov, range, b"ilst")?)))
    else {
        return Vec::new();
    };
    let keys = find(moov, within, b"keys").map(|keys| names(moov, &keys)).unwrap_or_default();
    let pair = |entry: &Child| {
        let data = find(moov, entry.content(), b"data")?;
        // Type 1 is UTF-8; a type and a locale come before the text.
        let text = data.of(moov).get(8..).filter(|_| be32(data.of(moov), 0) == Some(1))?;
        let number = usize::try_from(u32::from_be_bytes(entry.name)).ok()?.checked_sub(1)?;
        let key = keys.get(number).cloned().unwrap_or_else(|| entry.name.to_vec());
        Some((key, String::from_utf8_lossy(text).into_owned()))
    };
    children(moov, list.content()).unwrap_or_default().iter().filter_map(pair).collect()
}

/// The names in `keys`, in the order in which `ilst` counts them from 1.
fn names(moov: &[u8], keys: &Child) -> Vec<Vec<u8>> {
    let entries = children(moov, keys.body.saturating_add(8).min(keys.end)..keys.end).unwrap_or_default();
    entries.iter().map(|key| key.of(moov).to_vec()).collect()
}

/// The place of 3GPP files (3GPP TS 26.244, 8.8): a name, a role, then longitude and latitude in 16.16 fixed point.
fn loci(moov: &[u8]) -> Option<(f64, f64)> {
    let loci = descend(moov, 0..moov.len(), &[b"moov", b"udta", b"loci"])?;
    let body = loci.of(moov).get(6..)?;
    let name = body.iter().position(|byte| *byte == 0)?;
    let degrees = |at: usize| be32(body, at).map(|fixed| f64::from(fixed.cast_signed()) / 65_536.0);
    place(degrees(name + 6)?, degrees(name + 2)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_keeps_its_zone() {
        let taken = moment("2024-05-06T15:08:09+0800").unwrap();
        assert_eq!((taken.local, taken.offset), (civil::date(2024, 5, 6).at(15, 8, 9, 0), Some(480)));
        assert_eq!(moment("yesterday"), None);
    }
}
