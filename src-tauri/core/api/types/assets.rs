//! The facts of originals. How they come in is in `imports`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::domain::{AssetId, Moment, Point};

/// The facts of an original.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AssetView {
    /// Which original.
    pub id: AssetId,
    /// Photo, clip or other file.
    pub kind: AssetKind,
    /// Internet media type, such as `image/jpeg`.
    pub mime: String,
    /// Size in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Width in pixels as displayed.
    pub width: Option<u32>,
    /// Height in pixels as displayed.
    pub height: Option<u32>,
    /// Length of a clip in milliseconds.
    #[ts(type = "number | null")]
    pub duration_ms: Option<u64>,
    /// Codec of a clip's picture, as its container names it.
    pub codec: Option<String>,
    /// Average colour, 0xRRGGBB, to show before the picture is there.
    pub colour: Option<u32>,
    /// The moment it was taken.
    pub taken: Option<Moment>,
    /// Where it was taken.
    pub point: Option<Point>,
    /// Why there is no picture of it, if there is none.
    pub problem: Option<AssetProblem>,
    /// Whether its small pictures are made.
    pub has_picture: bool,
}

/// What an original is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AssetKind {
    /// A still picture, or an animated one without sound.
    Photo,
    /// A moving picture.
    Clip,
    /// Anything else: kept and shown as a file.
    File,
}

/// Why no picture could be made of an original. It is kept all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AssetProblem {
    /// Its kind is not one we can read.
    Unsupported,
    /// Its end is missing.
    Truncated,
    /// It has more pixels than can be decoded safely.
    TooLarge,
    /// Its content is broken.
    Damaged,
    /// Decoding took too long.
    TimedOut,
    /// This build or computer has no decoder for it.
    NoDecoder,
}
