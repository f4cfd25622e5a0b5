//! Tells what a file is from its first bytes. File names and claimed types are never asked.

use super::Format;
use super::bytes::{be32, slice, tag};

/// Enough bytes for [`sniff`]: an `ftyp` box with many compatible brands, or an EBML header.
pub(super) const HEAD: u64 = 4096;

/// The format that `head` begins.
pub(super) fn sniff(head: &[u8]) -> Format {
    if head.starts_with(b"\xFF\xD8\xFF") {
        Format::Jpeg
    } else if head.starts_with(b"\x89PNG\r\n\x1A\n") {
        Format::Png
    } else if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") {
        Format::Gif
    } else if head.starts_with(b"RIFF") && tag(head, 8) == Some(*b"WEBP") {
        Format::WebP
    } else if head.starts_with(b"\x1A\x45\xDF\xA3") {
        sniff_matroska(head)
    } else {
        sniff_boxes(head)
    }
}

/// Distinguishes the two by the `DocType` element, which lies within the first bytes of every EBML header.
fn sniff_matroska(head: &[u8]) -> Format {
    let header = head.get(..head.len().min(64)).unwrap_or_default();
    let has = |name: &[u8]| header.windows(name.len()).any(|window| window == name);
    if has(b"webm") {
        Format::WebM
    } else if has(b"matroska") {
        Format::Mkv
    } else {
        Format::Other
    }
}

fn sniff_boxes(head: &[u8]) -> Format {
    match tag(head, 4) {
        Some([b'f', b't', b'y', b'p']) => sniff_brands(head),
        // QuickTime files older than `ftyp` begin with one of these. A size of at least 8 keeps text out.
        Some(name) if matches!(&name, b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot") => {
            match be32(head, 0) {
                Some(0 | 1 | 8..) => Format::Mov,
                _ => Format::Other,
            }
        }
        _ => Format::Other,
    }
}

/// The major brand decides; the generic HEIF brands leave it to the compatible ones.
fn sniff_brands(head: &[u8]) -> Format {
    let size = be32(head, 0).and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
    let Some(major) = tag(head, 8) else { return Format::Other };
    let compatible = slice(head, 16, size.min(head.len()).saturating_sub(16)).unwrap_or_default();
    let brands = || std::iter::once(major).chain(compatible.chunks_exact(4).filter_map(|brand| brand.try_into().ok()));
    let any = |wanted: &[&[u8; 4]]| brands().any(|brand| wanted.contains(&&brand));
    match &major {
        b"avif" | b"avis" => Format::Avif,
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Format::Heic,
        b"mif1" | b"msf1" | b"mif2" | b"miaf" if any(&[b"avif", b"avis"]) => Format::Avif,
        b"mif1" | b"msf1" | b"mif2" | b"miaf" => Format::Heic,
        b"qt  " => Format::Mov,
        // Canon raw photos and audio books use the same boxes but are neither a photo nor a clip to us.
        b"crx " | b"M4A " | b"M4B " | b"M4P " | b"jp2 " | b"jpx " | b"jxl " => Format::Other,
        _ => Format::Mp4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_file_is_not_a_clip_whatever_its_name() {
        assert_eq!(sniff("这不是视频 this is not a video".as_bytes()), Format::Other);
        assert_eq!(sniff(b""), Format::Other);
    }

    #[test]
    fn a_generic_heif_brand_is_settled_by_its_company() {
        assert_eq!(sniff(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif"), Format::Avif);
        assert_eq!(sniff(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic"), Format::Heic);
        assert_eq!(sniff(b"\0\0\0\x14ftypqt  \0\0\0\0qt  "), Format::Mov);
        assert_eq!(sniff(b"\0\0\0\x14ftypM4A \0\0\0\0M4A "), Format::Other);
    }
}
