//! What leaves: a version of a post as a feed is handed it, and copies of its files without location, device and owner.

use std::io::{self, Write};

use super::pictures::Variant;
use crate::api::types::{AssetKind, AssetProblem, AssetView, FeedOptions};
use crate::domain::{AssetId, Attachment, Content, Manner, PostId, RevisionId, Timestamp, Wanted};
use crate::feed::{Audience, Intent, MediaError, MediaKind, MediaSource, OutgoingMedia, Part};
use crate::media::{self, Format, Problem};
use crate::store::Store;

/// Where outgoing bytes come from.
pub(super) struct Copies(pub Store);

impl MediaSource for Copies {
    fn copy(&self, asset: AssetId, part: &Part, to: &mut dyn Write) -> Result<u64, MediaError> {
        let media = self.0.media();
        match part {
            Part::Copy => {
                let mut original = media.open_asset(asset).map_err(|_| MediaError::Damaged)?;
                let facts = media::probe(&mut original);
                let mut watched = Watched { to, failed: None };
                let copied = media::strip(&mut original, &facts, &mut watched);
                match (copied, watched.failed) {
                    (Ok(copy), _) => Ok(copy.bytes),
                    (Err(_), Some(failed)) => Err(MediaError::Write(failed)),
                    (Err(Problem::Io), None) => Err(MediaError::Damaged),
                    (Err(_), None) => Err(MediaError::CannotStrip),
                }
            }
            Part::Poster => {
                let poster = media.get_rendition(asset, Variant::View.as_str()).map_err(|_| MediaError::Damaged)?;
                let poster = poster.ok_or(MediaError::Damaged)?;
                to.write_all(&poster.bytes)?;
                Ok(poster.bytes.len() as u64)
            }
            // Clips have no subtitles yet, so nobody is told of any.
            Part::Subtitles(_) => Err(MediaError::Damaged),
        }
    }
}

/// Tells a failed write from a file that cannot be cleaned.
struct Watched<'a> {
    to: &'a mut dyn Write,
    failed: Option<io::Error>,
}

impl Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write(bytes).inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.failed = Some(error.kind().into());
            }
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// An attachment as it leaves.
pub(super) fn outgoing(attachment: &Attachment, asset: &AssetView) -> OutgoingMedia {
    let format = Format::from_mime(&asset.mime);
    // No reader's browser but Safari shows HEIC, and of a photo that is cut short only what can be drawn is sent: both leave
    // as a fresh JPEG.
    let is_fresh = format == Format::Heic || asset.problem.is_some();
    let leaves_as = if is_fresh { Format::Jpeg } else { format };
    OutgoingMedia {
        asset: attachment.asset,
        kind: match asset.kind {
            AssetKind::Photo => MediaKind::Photo,
            AssetKind::Clip => MediaKind::Clip,
            AssetKind::File => MediaKind::File,
        },
        mime: leaves_as.mime().to_owned(),
        extension: leaves_as.extension().to_owned(),
        about_bytes: asset.bytes,
        width: asset.width,
        height: asset.height,
        duration_ms: asset.duration_ms,
        alt: attachment.alt.clone(),
        name: attachment.name.clone(),
        poster: asset.kind == AssetKind::Clip && asset.has_picture,
        subtitles: Vec::new(),
    }
}

/// A version of a post that shall leave.
pub(super) struct Version {
    pub post: PostId,
    pub revision: RevisionId,
    pub modified: Timestamp,
    pub content: Content,
}

/// How it shall be at a feed.
pub(super) struct Wish {
    pub wanted: Wanted,
    pub manner: Manner,
}

/// A version with its files, as it leaves for a feed.
pub(super) fn intent(version: Version, media: Vec<OutgoingMedia>, options: &FeedOptions, wish: Wish) -> Intent {
    Intent {
        post: version.post,
        revision: version.revision,
        modified: version.modified,
        audience: if wish.wanted == Wanted::Published { Audience::Published } else { Audience::Draft },
        content: version.content,
        media,
        with_place: options.place,
        manner: wish.manner,
    }
}

/// Whether it is known beforehand that a file cannot be cleaned, and so cannot leave.
pub(super) fn cannot_leave(asset: &AssetView) -> bool {
    match asset.kind {
        AssetKind::Photo => !matches!(asset.problem, None | Some(AssetProblem::Truncated)),
        AssetKind::Clip => asset.problem.is_some(),
        AssetKind::File => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Digest;

    fn asset(kind: AssetKind, mime: &str, problem: Option<AssetProblem>) -> AssetView {
        AssetView {
            id: AssetId(Digest::of(b"x")),
            kind,
            mime: mime.to_owned(),
            bytes: 1,
            width: None,
            height: None,
            duration_ms: None,
            codec: None,
            colour: None,
            taken: None,
            point: None,
            problem,
            has_picture: false,
        }
    }

    #[test]
    fn what_leaves_has_the_ending_of_what_it_becomes() {
        let attachment = Attachment { asset: AssetId(Digest::of(b"x")), name: "x".into(), alt: Default::default() };
        for (mime, problem, ending) in [
            ("image/png", None, "png"),
            ("image/heic", None, "jpg"),
            ("image/png", Some(AssetProblem::Truncated), "jpg"),
        ] {
            let asset = asset(AssetKind::Photo, mime, problem);
            assert!(!cannot_leave(&asset), "{mime} {problem:?}");
            assert_eq!(outgoing(&attachment, &asset).extension, ending, "{mime} {problem:?}");
        }
    }

    #[test]
    fn what_cannot_be_cleaned_stays_here() {
        assert!(cannot_leave(&asset(AssetKind::File, "application/octet-stream", None)));
        assert!(cannot_leave(&asset(AssetKind::Photo, "image/png", Some(AssetProblem::TooLarge))));
        assert!(cannot_leave(&asset(AssetKind::Clip, "video/mp4", Some(AssetProblem::Truncated))));
    }
}
