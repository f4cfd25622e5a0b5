//! What is known about a photo, a clip or any other file after looking at its bytes. Values only: nothing here reads or decodes.

use jiff::civil;
use serde::{Deserialize, Serialize};

/// How a file is shown: as a picture, as something that plays, or by its name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A still or animated picture.
    Photo,
    /// Moving pictures, with or without sound.
    Clip,
    /// Anything else. It is kept, but there is nothing to draw.
    File,
}

/// The container a file is in, by its content and never by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JPEG (ISO/IEC 10918), with JFIF, EXIF or neither.
    Jpeg,
    /// PNG, also animated.
    Png,
    /// WebP, lossy, lossless or animated.
    #[serde(rename = "webp")]
    WebP,
    /// GIF 87a or 89a.
    Gif,
    /// A HEIF container with AV1 pictures.
    Avif,
    /// A HEIF container with HEVC pictures.
    Heic,
    /// MPEG-4 part 14, and its relative 3GP.
    Mp4,
    /// `QuickTime`.
    Mov,
    /// Matroska with `DocType` "webm".
    #[serde(rename = "webm")]
    WebM,
    /// Any other Matroska.
    Mkv,
    /// Not recognised.
    Other,
}

impl Format {
    /// The media type to serve the bytes with.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Avif => "image/avif",
            Self::Heic => "image/heic",
            Self::Mp4 => "video/mp4",
            Self::Mov => "video/quicktime",
            Self::WebM => "video/webm",
            Self::Mkv => "video/x-matroska",
            Self::Other => "application/octet-stream",
        }
    }

    /// The format with this media type; [`Format::Other`] for one that is none of ours.
    #[must_use]
    pub fn from_mime(mime: &str) -> Self {
        let all = [
            Self::Jpeg,
            Self::Png,
            Self::WebP,
            Self::Gif,
            Self::Avif,
            Self::Heic,
            Self::Mp4,
            Self::Mov,
            Self::WebM,
            Self::Mkv,
        ];
        all.into_iter().find(|format| format.mime() == mime).unwrap_or(Self::Other)
    }

    /// The usual file name extension, without a dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Avif => "avif",
            Self::Heic => "heic",
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::WebM => "webm",
            Self::Mkv => "mkv",
            Self::Other => "bin",
        }
    }

    /// How a whole file in this format is shown.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Jpeg | Self::Png | Self::WebP | Self::Gif | Self::Avif | Self::Heic => Kind::Photo,
            Self::Mp4 | Self::Mov | Self::WebM | Self::Mkv => Kind::Clip,
            Self::Other => Kind::File,
        }
    }
}

/// Why there is no picture, or only a part of one. The original is kept in every case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// A kind of file, or a variant of a known kind, that is not understood.
    #[error("not a supported kind of file")]
    Unsupported,
    /// The file ends before its content does.
    #[error("the file is cut short")]
    Truncated,
    /// More pixels, bytes or memory than the limits allow.
    #[error("over a size limit")]
    TooLarge,
    /// The content contradicts its own format.
    #[error("the file is damaged")]
    Damaged,
    /// A decoder took longer than it may and was left behind.
    #[error("took too long")]
    TimedOut,
    /// The format is known, but nothing here can draw it.
    #[error("no decoder")]
    NoDecoder,
    /// The bytes could not be read or written.
    #[error("input or output failed")]
    Io,
}

/// When a picture was taken, as its camera said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// What the clock on the wall showed.
    pub local: civil::DateTime,
    /// Minutes east of UTC, where the file says so. Clips without a zone give their time in UTC, with 0 here.
    pub offset: Option<i16>,
}

/// Everything [`probe`](super::probe) found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// How to show it.
    pub kind: Kind,
    /// What it is.
    pub format: Format,
    /// Pixels across as displayed, rotation applied.
    pub width: Option<u32>,
    /// Pixels down as displayed, rotation applied.
    pub height: Option<u32>,
    /// EXIF orientation, 1 to 8. It is 1 where the format itself has applied the turn (HEIC, AVIF, clips).
    pub orientation: u8,
    /// Length of a clip in milliseconds.
    pub duration_ms: Option<u64>,
    /// The codec of the first picture track, such as `h264`, `hevc`, `av1`, `vp9`.
    pub codec: Option<String>,
    /// Whether a clip has sound.
    pub has_audio: bool,
    /// When it was taken.
    pub taken: Option<Taken>,
    /// Where: latitude and longitude in degrees, north and east positive.
    pub point: Option<(f64, f64)>,
    /// Who made the camera.
    pub make: Option<String>,
    /// Which camera.
    pub model: Option<String>,
    /// Whether the file names a person: artist, owner, author or copyright.
    pub owner: bool,
    /// Whether a picture moves.
    pub animated: bool,
    /// What is wrong, if anything.
    pub problem: Option<Problem>,
}

impl Facts {
    /// Facts of a file of which only the format is known.
    #[must_use]
    pub fn of(format: Format) -> Self {
        Self {
            kind: format.kind(),
            format,
            width: None,
            height: None,
            orientation: 1,
            duration_ms: None,
            codec: None,
            has_audio: false,
            taken: None,
            point: None,
            make: None,
            model: None,
            owner: false,
            animated: false,
            problem: None,
        }
    }

    /// Facts of a file that stays a file because of `problem`.
    #[must_use]
    pub fn unknown(problem: Problem) -> Self {
        Self { problem: Some(problem), ..Self::of(Format::Other) }
    }

    /// Sets the size from pixels as stored, turning them when the orientation does.
    pub(super) fn set_stored_size(&mut self, width: u32, height: u32) {
        let (width, height) = if self.orientation >= 5 { (height, width) } else { (width, height) };
        self.width = Some(width);
        self.height = Some(height);
    }
}

/// What a decoder may cost. The defaults suit photos of today's phones on a small machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of an encoded picture.
    pub max_bytes: u64,
    /// Pixels on either side.
    pub max_side: u32,
    /// Pixels in all.
    pub max_pixels: u64,
    /// Bytes that a decoder may ask for.
    pub max_memory: u64,
    /// Milliseconds that one picture may take.
    pub deadline_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 256 << 20,
            max_side: 20_000,
            max_pixels: 120_000_000,
            max_memory: 512 << 20,
            deadline_ms: 30_000,
        }
    }
}

impl Limits {
    /// Refuses a picture that is too large before anything is allocated for it.
    ///
    /// # Errors
    /// [`Problem::TooLarge`], or [`Problem::Damaged`] for a picture without pixels.
    pub fn check(&self, width: u32, height: u32) -> Result<(), Problem> {
        if width == 0 || height == 0 {
            return Err(Problem::Damaged);
        }
        let pixels = u64::from(width) * u64::from(height);
        if width > self.max_side || height > self.max_side || pixels > self.max_pixels {
            return Err(Problem::TooLarge);
        }
        Ok(())
    }
}
