//! What leaves carries the picture and nothing else: no place, device, owner, comment, thumbnail or hidden rest; and what cannot be cleaned for
//! sure does not leave.

use std::io::Cursor;

use sampan_core::media::{Format, Outgoing, Problem, probe, strip};

use crate::media::samples;

fn stripped(bytes: &[u8]) -> Result<(Outgoing, Vec<u8>), Problem> {
    let mut source = Cursor::new(bytes);
    let facts = probe(&mut source);
    let mut out = Vec::new();
    let outgoing = strip(&mut source, &facts, &mut out)?;
    assert_eq!(outgoing.bytes, out.len() as u64);
    let after = probe(&mut Cursor::new(&out));
    assert_eq!(after.problem, None, "the copy is whole");
    assert_eq!((after.point, after.taken, after.make, after.model, after.owner), (None, None, None, None, false));
    assert_eq!((after.width, after.height), (facts.width, facts.height), "turned as before");
    assert_eq!((after.duration_ms, after.codec, after.animated), (facts.duration_ms, facts.codec, facts.animated));
    Ok((outgoing, out))
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn pixels(bytes: &[u8]) -> Vec<u8> {
    image::load_from_memory(bytes).unwrap().into_rgba8().into_raw()
}

#[test]
fn a_phone_photo_loses_everything_but_the_picture_and_its_turn() {
    let photo = samples::phone_jpeg();
    let (outgoing, out) = stripped(&photo).unwrap();
    for secret in ["secret", "SERIAL", "Ada", "Phone 1", "xmpmeta", "ftyp", "2024"] {
        assert!(has(&photo, secret) && !has(&out, secret), "{secret}");
    }
    assert_eq!(probe(&mut Cursor::new(&out)).orientation, 6);
    assert_eq!(pixels(&photo), pixels(&out), "not one pixel changes");
    assert!(out.ends_with(&[0xFF, 0xD9]));
    let removed = outgoing.removed;
    assert!(removed.location && removed.device && removed.owner && removed.thumbnail && removed.other);
    assert_eq!(outgoing.format, Format::Jpeg);
}

#[test]
fn a_clean_photo_passes_unchanged_and_nothing_is_said_to_be_removed() {
    let photo = samples::plain_jpeg(&samples::picture());
    let (outgoing, out) = stripped(&photo).unwrap();
    assert_eq!(out, photo);
    assert_eq!(outgoing.removed, sampan_core::media::Removed::default());
}

#[test]
fn a_png_keeps_colours_and_turn_and_loses_texts() {
    let exif = samples::exif(6, b"");
    let chunks: [(&[u8; 4], &[u8]); 5] = [
        (b"gAMA", &45_455_u32.to_be_bytes()),
        (b"tEXt", b"Author\0Ada secret"),
        (b"eXIf", &exif),
        (b"tIME", &[7, 232, 5, 6, 7, 8, 9]),
        (b"prVt", b"secret"),
    ];
    let mut png = samples::png(&samples::picture(), &chunks);
    png.extend_from_slice(b"secret behind");
    let (outgoing, out) = stripped(&png).unwrap();
    assert!(!has(&out, "secret") && !has(&out, "SERIAL") && !has(&out, "tIME") && has(&out, "gAMA"));
    assert_eq!(probe(&mut Cursor::new(&out)).orientation, 6);
    assert_eq!(pixels(&png), pixels(&out));
    assert!(outgoing.removed.location && outgoing.removed.other && outgoing.removed.thumbnail);
}

#[test]
fn a_png_with_an_unknown_vital_chunk_is_refused() {
    let png = samples::png(&samples::picture(), &[(b"CgBI", b"\x50\0\x20\x02")]);
    assert_eq!(stripped(&png).map(drop), Err(Problem::Unsupported));
}

#[test]
fn webp_and_gif_lose_their_metadata() {
    let webp = samples::webp(true);
    let (_, out) = stripped(&webp).unwrap();
    assert!(has(&webp, "SERIAL") && !has(&out, "SERIAL"));
    assert_eq!(probe(&mut Cursor::new(&out)).orientation, 6);
    assert_eq!(pixels(&webp), pixels(&out));

    let gif = samples::gif();
    let (_, out) = stripped(&gif).unwrap();
    assert!(has(&gif, "secret") && !has(&out, "secret"));
    assert_eq!(pixels(&gif), pixels(&out));
}

#[test]
fn an_avif_keeps_its_picture_bytes_and_loses_exif_and_xmp() {
    let avif = samples::file("place.avif").into_inner();
    let (outgoing, out) = stripped(&avif).unwrap();
    assert_eq!(avif.len(), out.len(), "nothing moves");
    for secret in ["Example", "Ada", "secret"] {
        assert!(has(&avif, secret) && !has(&out, secret), "{secret}");
    }
    assert!(outgoing.removed.location);
}

#[cfg(feature = "heic")]
#[test]
fn a_heic_leaves_as_a_fresh_jpeg() {
    let heic = samples::heic();
    let (outgoing, out) = stripped(&heic).unwrap();
    assert_eq!((outgoing.format, outgoing.mime.as_str()), (Format::Jpeg, "image/jpeg"));
    assert!(has(&heic, "SERIAL") && !has(&out, "SERIAL"));
}

#[test]
fn what_there_is_of_a_cut_photo_leaves_as_a_fresh_one() {
    let photo = samples::phone_jpeg();
    let end = photo.windows(2).rposition(|window| window == [0xFF, 0xD9]).unwrap();
    let (outgoing, out) = stripped(&photo[..end - 10]).unwrap();
    assert_eq!(outgoing.format, Format::Jpeg);
    assert!(!has(&out, "secret") && !has(&out, "SERIAL"));
}

/// The bytes of every `mdat`, where pictures and sound lie.
fn samples_of(clip: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut rest = clip;
    while let Some((head, _)) = rest.split_at_checked(8) {
        let size = u32::from_be_bytes(head[..4].try_into().unwrap()) as usize;
        if &head[4..] == b"mdat" {
            found.push(&rest[8..size]);
        }
        rest = &rest[size..];
    }
    found
}

#[test]
fn a_clip_loses_place_names_dates_and_programs_and_keeps_every_sample() {
    for (name, secrets) in [
        ("place.mp4", &["secret title", "Ada", "loci", "Lavf"][..]),
        ("turned.mov", &["+27.1281", "iPhone", "Lavf", "FFMP", "VideoHandler"]),
        ("xyz.mov", &["-33.9249", "VideoHandler"]),
        ("fragments.mp4", &["secret title", "Ada", "loci"]),
    ] {
        let clip = samples::file(name).into_inner();
        let (outgoing, out) = stripped(&clip).unwrap();
        assert_eq!(clip.len(), out.len(), "nothing moves in {name}");
        assert_eq!(samples_of(&clip), samples_of(&out), "pictures and sound of {name} stay bit for bit");
        for secret in secrets {
            assert!(has(&clip, secret) && !has(&out, secret), "{secret} in {name}");
        }
        assert!(outgoing.removed.location && outgoing.removed.other, "{name}");
    }
}

#[test]
fn telemetry_in_a_subtitle_track_does_not_leave() {
    for name in ["drone.mp4", "drone.mkv"] {
        let clip = samples::file(name).into_inner();
        let (_, out) = stripped(&clip).unwrap();
        assert!(has(&clip, "GPS(100.2508") && !has(&out, "GPS("), "{name}");
    }
}

#[test]
fn a_webm_loses_its_tags_and_keeps_its_clusters() {
    let clip = samples::file("place.webm").into_inner();
    let (_, out) = stripped(&clip).unwrap();
    assert_eq!(clip.len(), out.len());
    for secret in ["secret title", "Ada", "+27.1281", "Lavf", "libvpx"] {
        assert!(has(&clip, secret) && !has(&out, secret), "{secret}");
    }
    let clusters = |bytes: &[u8]| bytes.windows(4).position(|window| window == [0x1F, 0x43, 0xB6, 0x75]).unwrap();
    let cues = |bytes: &[u8]| bytes.windows(4).rposition(|window| window == [0x1C, 0x53, 0xBB, 0x6B]).unwrap();
    assert_eq!(clip[clusters(&clip)..cues(&clip)], out[clusters(&out)..cues(&out)]);
}

#[test]
fn what_cannot_be_cleaned_for_sure_is_refused() {
    assert_eq!(stripped("text".as_bytes()).map(drop), Err(Problem::Unsupported));
    for name in ["place.mp4", "place.webm", "place.avif"] {
        let clip = samples::file(name).into_inner();
        assert!(stripped(&clip[..clip.len() * 3 / 4]).is_err(), "{name}");
    }
    let mut other = Cursor::new(samples::phone_jpeg());
    let facts = probe(&mut samples::file("place.mp4"));
    assert_eq!(
        strip(&mut other, &facts, &mut Vec::new()).map(drop),
        Err(Problem::Unsupported),
        "facts of another file"
    );
}
