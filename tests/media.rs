//! Photos and clips: what is found in them, which pictures are made of them, and that no broken one does harm.

pub mod samples;

use std::io::Cursor;

use sampan_core::media::{
    Facts, Format, Image, Kind, Limits, Problem, Renditions, Sizes, Tools, poster, probe, renditions,
    renditions_from_image, strip,
};

fn facts(bytes: &[u8]) -> Facts {
    probe(&mut Cursor::new(bytes))
}

fn pictures(bytes: &[u8]) -> Result<Renditions, Problem> {
    renditions(&mut Cursor::new(bytes), &facts(bytes), Sizes::default(), &Limits::default())
}

fn pixel(image: &Image, x: u32, y: u32) -> [u8; 4] {
    image::load_from_memory(&image.bytes).unwrap().to_rgba8().get_pixel(x, y).0
}

fn is_red([red, _, blue, _]: [u8; 4]) -> bool {
    red > 180 && blue < 80
}

fn near(point: Option<(f64, f64)>) -> bool {
    point.is_some_and(|(latitude, longitude)| (latitude - 27.1281).abs() < 1e-3 && (longitude - 100.2508).abs() < 1e-3)
}

#[test]
fn a_phone_photo_tells_moment_place_camera_and_stands_upright() {
    let facts = facts(&samples::phone_jpeg());
    assert_eq!((facts.kind, facts.format, facts.problem), (Kind::Photo, Format::Jpeg, None));
    assert_eq!(
        (facts.width, facts.height, facts.orientation),
        (Some(64), Some(96), 6),
        "a quarter turn exchanges the sides"
    );
    assert!(near(facts.point), "{:?}", facts.point);
    assert_eq!(facts.make.as_deref(), Some("Example"));
    assert_eq!(facts.model.as_deref(), Some("Phone 1"));
    assert!(facts.owner);
    let taken = facts.taken.unwrap();
    assert_eq!((taken.local.to_string().as_str(), taken.offset), ("2024-05-06T15:08:09", Some(480)));

    let made = pictures(&samples::phone_jpeg()).unwrap();
    assert_eq!((made.view.width, made.view.height, made.view.mime), (64, 96, "image/jpeg"));
    assert!(is_red(pixel(&made.view, 30, 10)), "orientation 6 brings the left side to the top");
    assert!(!is_red(pixel(&made.view, 30, 85)));
}

#[test]
fn a_large_photo_gets_both_sizes_and_its_average_colour() {
    let picture = image::RgbImage::from_pixel(2000, 1500, image::Rgb([200, 100, 50]));
    let made = pictures(&samples::plain_jpeg(&picture)).unwrap();
    assert_eq!((made.view.width, made.view.height), (1280, 960));
    assert_eq!((made.grid.width, made.grid.height), (480, 360));
    let parts = made.colour.to_be_bytes();
    assert!(
        parts[1].abs_diff(200) < 6 && parts[2].abs_diff(100) < 6 && parts[3].abs_diff(50) < 6,
        "{:06x}",
        made.colour
    );
}

#[test]
fn transparency_stays_and_an_animation_gives_its_first_frame() {
    let made = pictures(&samples::webp(false)).unwrap();
    assert_eq!(made.view.mime, "image/png");
    assert_eq!(pixel(&made.view, 90, 5)[3], 0);
    assert!(is_red(pixel(&made.view, 5, 5)));

    let gif = samples::gif();
    assert!(facts(&gif).animated);
    assert!(is_red(pixel(&pictures(&gif).unwrap().grid, 3, 3)));
}

#[test]
fn a_photo_for_print_is_shown_in_its_colours() {
    let made = pictures(&samples::file("cmyk.jpg").into_inner()).unwrap();
    assert!(is_red(pixel(&made.view, 10, 20)), "{:?}", pixel(&made.view, 10, 20));
    let [red, _, blue, _] = pixel(&made.view, 55, 20);
    assert!(blue > 180 && red < 80, "CMYK with magenta and cyan is blue");
}

#[test]
fn a_wide_colour_profile_goes_into_the_renditions() {
    // The first bytes of a profile: size, CMM, version, class, colour space.
    let mut profile = vec![0; 200];
    profile[16..20].copy_from_slice(b"RGB ");
    profile[150..160].copy_from_slice(b"Display P3");
    let mut jpeg = samples::plain_jpeg(&samples::picture());
    let rest = jpeg.split_off(2);
    jpeg.extend([0xFF, 0xE2, 0, 216]);
    jpeg.extend_from_slice(b"ICC_PROFILE\0\x01\x01");
    jpeg.extend_from_slice(&profile);
    jpeg.extend(rest);
    let made = pictures(&jpeg).unwrap();
    for image in [&made.view, &made.grid] {
        assert!(
            image.bytes.windows(profile.len()).any(|window| window == profile),
            "browsers need the profile to show the colours"
        );
    }
}

#[test]
fn a_png_bomb_is_refused_by_its_header() {
    let bomb = samples::png_bomb();
    assert_eq!(facts(&bomb).width, Some(30_000));
    assert_eq!(pictures(&bomb), Err(Problem::TooLarge));
}

#[test]
fn a_profile_bomb_in_a_png_costs_no_memory() {
    // 64 MB of zeros in about 64 kB; the limit is set to less.
    let mut deflated = Vec::new();
    {
        use image::ImageEncoder;
        // A PNG encoder is the deflater at hand: one row of black pixels is one row of zeros.
        let rows = vec![0; 8000 * 8000];
        image::codecs::png::PngEncoder::new(&mut deflated)
            .write_image(&rows, 8000, 8000, image::ExtendedColorType::L8)
            .unwrap();
    }
    let start = deflated.windows(4).position(|window| window == b"IDAT").unwrap();
    let length = u32::from_be_bytes(deflated[start - 4..start].try_into().unwrap()) as usize;
    let profile = [b"bomb\0\0", &deflated[start + 4..start + 4 + length]].concat();
    let png = samples::png(&samples::picture(), &[(b"iCCP", &profile)]);
    let limits = Limits { max_memory: 1 << 20, ..Limits::default() };
    let made = renditions(&mut Cursor::new(&png), &facts(&png), Sizes::default(), &limits);
    assert!(
        made.map_or(true, |made| made.view.bytes.len() < 100_000),
        "the profile must not be inflated into the rendition"
    );
}

#[test]
fn a_cut_photo_shows_what_there_is_and_says_so() {
    let picture = image::RgbImage::from_fn(400, 300, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 99]));
    let whole = samples::plain_jpeg(&picture);
    let cut = &whole[..whole.len() * 2 / 3];
    assert_eq!(facts(cut).problem, Some(Problem::Truncated));
    assert_eq!(facts(cut).width, Some(400));
    assert_eq!(pictures(cut).unwrap().view.width, 400);
    let png = samples::png(&picture, &[]);
    let cut = &png[..png.len() / 2];
    assert_eq!(facts(cut).problem, Some(Problem::Truncated));
    assert_eq!(pictures(cut).unwrap().view.height, 300);
}

#[test]
fn what_is_not_media_is_a_file_with_a_reason() {
    for bytes in
        ["hello 你好，这是一段文字".as_bytes(), b"%PDF-1.7", b"\0\0\0\x20ftypM4A \0\0\0\0", b"GIF", b"    free beer"]
    {
        let facts = facts(bytes);
        assert_eq!((facts.kind, facts.format), (Kind::File, Format::Other));
        assert!(facts.problem.is_some());
        assert_eq!(pictures(bytes), Err(Problem::Unsupported));
    }
    assert_eq!(facts(b"").problem, Some(Problem::Truncated), "an empty file is the shortest cut");
}

#[test]
fn a_clip_tells_length_size_codec_sound_moment_and_place() {
    let mp4 = probe(&mut samples::file("place.mp4"));
    assert_eq!((mp4.kind, mp4.format, mp4.problem), (Kind::Clip, Format::Mp4, None));
    assert_eq!((mp4.width, mp4.height, mp4.codec.as_deref(), mp4.has_audio), (Some(96), Some(64), Some("h264"), true));
    assert!(mp4.duration_ms.is_some_and(|length| (1000..1300).contains(&length)), "{:?}", mp4.duration_ms);
    assert!(near(mp4.point) && mp4.owner, "{mp4:?}");
    assert_eq!(mp4.taken.map(|taken| taken.local.to_string()).as_deref(), Some("2024-05-06T07:08:09"));

    let mov = probe(&mut samples::file("turned.mov"));
    assert_eq!((mov.format, mov.width, mov.height), (Format::Mov, Some(64), Some(96)), "the rotation is applied");
    assert_eq!((mov.make.as_deref(), mov.model.as_deref(), mov.has_audio), (Some("Apple"), Some("iPhone X"), false));
    assert_eq!(mov.taken.and_then(|taken| taken.offset), Some(480));
    assert!(near(mov.point), "{:?}", mov.point);

    let webm = probe(&mut samples::file("place.webm"));
    assert_eq!(
        (webm.format, webm.width, webm.codec.as_deref(), webm.has_audio),
        (Format::WebM, Some(96), Some("vp9"), true)
    );
    assert!(webm.duration_ms.is_some_and(|length| (1000..1300).contains(&length)), "{:?}", webm.duration_ms);
    assert!(near(webm.point), "{:?}", webm.point);

    let fragments = probe(&mut samples::file("fragments.mp4"));
    assert_eq!((fragments.codec.as_deref(), fragments.problem), (Some("h264"), None));
    assert!(fragments.duration_ms.is_some_and(|length| (1000..1300).contains(&length)), "{:?}", fragments.duration_ms);

    let old = probe(&mut samples::file("xyz.mov"));
    assert_eq!(old.point, Some((-33.9249, 18.4241)), "the older QuickTime way to say where");
    assert_eq!(probe(&mut samples::file("drone.mkv")).format, Format::Mkv);
}

#[test]
fn a_cut_clip_is_kept_with_the_reason() {
    for name in ["place.mp4", "turned.mov", "place.webm"] {
        let mut bytes = samples::file(name).into_inner();
        bytes.truncate(bytes.len() * 3 / 4);
        let facts = facts(&bytes);
        assert_eq!((facts.kind, facts.problem), (Kind::Clip, Some(Problem::Truncated)), "{name}");
    }
}

#[test]
fn an_avif_is_drawn_upright_whatever_its_turn() {
    let avif = samples::file("place.avif").into_inner();
    let facts = facts(&avif);
    assert_eq!((facts.kind, facts.format, facts.width, facts.height), (Kind::Photo, Format::Avif, Some(96), Some(64)));
    assert!(near(facts.point));
    // Red and blue halves with a green quarter in the upper left corner, before the turn.
    let stored = image::RgbImage::from_fn(96, 64, |x, y| match (x < 48, y < 32) {
        (true, true) => image::Rgb([30, 200, 30]),
        (true, false) => image::Rgb([220, 30, 30]),
        (false, _) => image::Rgb([30, 30, 220]),
    });
    for turn in 1..=8 {
        let mut upright = image::DynamicImage::from(stored.clone());
        upright.apply_orientation(image::metadata::Orientation::from_exif(turn).unwrap());
        let upright = upright.into_rgb8();
        let made = pictures(&samples::file(&format!("turned{turn}.avif")).into_inner()).unwrap();
        assert_eq!((made.view.width, made.view.height), upright.dimensions(), "turn {turn}");
        for (x, y) in [(10, 10), (50, 10), (10, 50), (50, 50)] {
            let [red, green, blue, _] = pixel(&made.view, x, y);
            let distance = upright
                .get_pixel(x, y)
                .0
                .iter()
                .zip([red, green, blue])
                .map(|(a, b)| u32::from(a.abs_diff(b)))
                .sum::<u32>();
            assert!(distance < 60, "turn {turn} at {x}, {y}: {red} {green} {blue}");
        }
    }
}

#[test]
fn an_avif_keeps_its_transparency_and_ten_bits_are_no_obstacle() {
    let made = pictures(&samples::file("alpha.avif").into_inner()).unwrap();
    assert_eq!(made.view.mime, "image/png");
    assert!(pixel(&made.view, 10, 10)[3] > 240 && pixel(&made.view, 10, 60)[3] < 15);
    let made = pictures(&samples::file("ten.avif").into_inner()).unwrap();
    assert!(is_red(pixel(&made.view, 48, 32)), "{:?}", pixel(&made.view, 48, 32));
}

#[cfg(feature = "heic")]
#[test]
fn a_heic_is_drawn_by_the_core() {
    let heic = samples::heic();
    let facts = facts(&heic);
    assert_eq!((facts.format, facts.width, facts.height, facts.problem), (Format::Heic, Some(96), Some(64), None));
    assert!(near(facts.point), "{:?}", facts.point);
    let made = pictures(&heic).unwrap();
    assert!(is_red(pixel(&made.view, 10, 30)) && !is_red(pixel(&made.view, 85, 30)));
}

#[test]
fn a_poster_drawn_by_the_window_becomes_renditions() {
    let drawn = samples::plain_jpeg(&samples::picture());
    let made = renditions_from_image(&drawn, Sizes::default(), &Limits::default()).unwrap();
    assert!(is_red(pixel(&made.view, 10, 30)));
    assert_eq!(
        renditions_from_image(b"not a picture", Sizes::default(), &Limits::default()),
        Err(Problem::Unsupported)
    );
}

/// Runs where ffmpeg is installed; elsewhere the reason must be the right one.
#[test]
fn ffmpeg_makes_a_poster_that_stands_upright() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/media/turned.mov");
    let facts = probe(&mut samples::file("turned.mov"));
    let tools = Tools::find();
    let made = poster(&path, &facts, &tools, (Sizes::default(), &Limits::default()));
    match tools.ffmpeg {
        Some(_) => assert_eq!(made.map(|made| (made.view.width, made.view.height)), Ok((64, 96))),
        None => assert_eq!(made, Err(Problem::NoDecoder)),
    }
}

/// Flips and cuts, from a seed: whatever the bytes are, there is an answer in time, and what passes the cleaning has no place.
#[test]
fn broken_files_of_every_kind_do_no_harm() {
    let limits = Limits { deadline_ms: 10_000, ..Limits::default() };
    let mut seed = 0x5A3B_A001_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    for (name, whole) in every_kind() {
        for case in 0..80 {
            let mut bytes = whole.clone();
            if case % 8 == 0 {
                bytes.truncate(random(bytes.len()));
            } else {
                // Headers come first, and are where damage is interesting.
                let reach = if case % 2 == 0 { bytes.len() } else { bytes.len().min(600) };
                let at = random(reach);
                bytes[at] ^= 1 << random(8);
            }
            let mut source = Cursor::new(&bytes);
            let facts = probe(&mut source);
            assert_ne!(facts.problem, Some(Problem::TimedOut), "{name}, case {case}");
            let made = renditions(&mut source, &facts, Sizes::default(), &limits);
            assert_ne!(made.err(), Some(Problem::TimedOut), "{name}, case {case}");
            let mut out = Vec::new();
            if strip(&mut source, &facts, &mut out).is_ok() {
                assert_eq!(probe(&mut Cursor::new(&out)).point, None, "{name}, case {case}");
            }
        }
    }
}

fn every_kind() -> Vec<(&'static str, Vec<u8>)> {
    let exif = samples::exif(6, b"");
    let mut all = vec![
        ("jpeg", samples::phone_jpeg()),
        ("png", samples::png(&samples::picture(), &[(b"eXIf", &exif)])),
        ("webp", samples::webp(true)),
        ("gif", samples::gif()),
    ];
    #[cfg(feature = "heic")]
    all.push(("heic", samples::heic()));
    for name in [
        "place.avif",
        "alpha.avif",
        "ten.avif",
        "place.mp4",
        "turned.mov",
        "fragments.mp4",
        "drone.mp4",
        "place.webm",
        "drone.mkv",
    ] {
        all.push((name, samples::file(name).into_inner()));
    }
    all
}
