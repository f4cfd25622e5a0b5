//! Small pictures of originals: made once by a bounded number of workers outside every interface, kept in the store, made
//! at once when an interface asks for one that is not there yet.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::{Notify, OnceCell, Semaphore};
use tokio::task::spawn_blocking;

use super::import::decode_base64;
use super::{Journal, internal};
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::events::Event;
use crate::api::types::*;
use crate::domain::AssetId;
use crate::media::{self, Kind, Limits, Problem, Renditions, Sizes, Tools};
use crate::store::assets;
use crate::store::media::{AssetReader, Rendition};

/// Which picture of an original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variant {
    /// For a card in the journal.
    Grid,
    /// For reading.
    View,
    /// The original, byte for byte.
    Original,
}

impl Variant {
    /// As it stands in an address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::View => "view",
            Self::Original => "original",
        }
    }

    /// Reads the name in an address.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Grid, Self::View, Self::Original].into_iter().find(|variant| variant.as_str() == text)
    }
}

/// Bytes of an original or of a picture of it, read in pieces.
pub struct MediaReader {
    mime: String,
    source: Source,
}

enum Source {
    Picture(Vec<u8>),
    Original { bytes: u64, reader: Mutex<AssetReader> },
}

impl MediaReader {
    /// Internet media type.
    pub fn mime(&self) -> &str {
        &self.mime
    }

    /// Length in bytes.
    pub fn len(&self) -> u64 {
        match &self.source {
            Source::Picture(bytes) => bytes.len() as u64,
            Source::Original { bytes, .. } => *bytes,
        }
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads some bytes at an offset; 0 at the end. Blocks while it reads from the disk.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.source {
            Source::Picture(bytes) => {
                let offset = usize::try_from(offset).unwrap_or(usize::MAX);
                bytes.get(offset..).unwrap_or_default().read(buffer)
            }
            Source::Original { reader, .. } => {
                let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
                reader.read_at(offset, buffer).map_err(io::Error::other)
            }
        }
    }
}

/// Originals whose pictures are to be made.
pub(super) struct Queue {
    waiting: Mutex<VecDeque<AssetId>>,
    bell: Notify,
    /// One cell an original while its pictures are being made, so that nobody makes them twice.
    making: Mutex<HashMap<AssetId, Arc<OnceCell<()>>>>,
    workers: Semaphore,
}

impl Default for Queue {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            waiting: Mutex::default(),
            bell: Notify::new(),
            making: Mutex::default(),
            workers: Semaphore::new(cores.clamp(1, 4)),
        }
    }
}

impl Queue {
    pub(super) fn want(&self, id: AssetId) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push_back(id);
        self.bell.notify_one();
    }

    fn next(&self) -> Option<AssetId> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn begin(&self, id: AssetId) -> Arc<OnceCell<()>> {
        let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        making.entry(id).or_default().clone()
    }

    fn end(&self, id: AssetId) {
        self.making.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

impl Journal {
    /// Opens an original or a picture of it. A picture that is not there yet is made first; where none can be made this is
    /// [`ErrorCode::AssetNotFound`].
    pub async fn media_reader(&self, id: AssetId, variant: Variant) -> ApiResult<MediaReader> {
        let asset = self.asset_get(id).await?;
        if variant == Variant::Original {
            let reader = self.original(id).await?;
            return Ok(MediaReader {
                mime: asset.mime,
                source: Source::Original { bytes: AssetReader::bytes(&reader), reader: Mutex::new(reader) },
            });
        }
        let kept = self.picture(id, variant).await?;
        let kept = match kept {
            None if is_drawable(&asset) => {
                self.make_pictures(id).await;
                self.picture(id, variant).await?
            }
            kept => kept,
        };
        let picture = kept.ok_or_else(|| ApiError::about(ErrorCode::AssetNotFound, id.to_string()))?;
        Ok(MediaReader { mime: picture.mime, source: Source::Picture(picture.bytes) })
    }

    /// Keeps a clip's poster that the window drew (JPEG in base64, as `name` the asset's id).
    pub async fn asset_poster(&self, input: PasteInput) -> ApiResult<AssetView> {
        let id: AssetId = input.name.parse().map_err(|_| ApiError::about(ErrorCode::BadInput, "name"))?;
        self.asset_get(id).await?;
        let bytes = decode_base64(&input.base64)?;
        let made = spawn_blocking(move || media::renditions_from_image(&bytes, Sizes::default(), &Limits::default()))
            .await
            .map_err(internal)?;
        let made = made.map_err(|_| ApiError::about(ErrorCode::BadInput, "base64"))?;
        self.keep_pictures(id, Ok(made)).await
    }

    /// Makes the pictures of one original after the other, for as long as the journal lives.
    pub(super) async fn draw_pictures(self) {
        loop {
            match self.inner.pictures.next() {
                Some(id) => self.make_pictures(id).await,
                None => self.inner.pictures.bell.notified().await,
            }
        }
    }

    pub(super) async fn original(&self, id: AssetId) -> ApiResult<AssetReader> {
        let media = self.store().media().clone();
        Ok(spawn_blocking(move || media.open_asset(id)).await.map_err(internal)??)
    }

    async fn picture(&self, id: AssetId, variant: Variant) -> ApiResult<Option<Rendition>> {
        let media = self.store().media().clone();
        Ok(spawn_blocking(move || media.get_rendition(id, variant.as_str())).await.map_err(internal)??)
    }

    async fn make_pictures(&self, id: AssetId) {
        let cell = self.inner.pictures.begin(id);
        cell.get_or_init(|| async {
            if let Err(error) = self.draw(id).await {
                // The next time somebody asks for the picture it is tried again.
                tracing::warn!(asset = %id, code = ?error.code, "picture not made");
            }
        })
        .await;
        self.inner.pictures.end(id);
    }

    async fn draw(&self, id: AssetId) -> ApiResult<()> {
        let asset = self.asset_get(id).await?;
        if !is_drawable(&asset) {
            return Ok(());
        }
        let _worker = self.inner.pictures.workers.acquire().await.map_err(internal)?;
        let reader = self.original(id).await?;
        let made = spawn_blocking(move || decode(reader)).await.map_err(internal)??;
        self.keep_pictures(id, made).await.map(drop)
    }

    async fn keep_pictures(&self, id: AssetId, made: Result<Renditions, Problem>) -> ApiResult<AssetView> {
        let outcome = match made {
            Ok(made) => {
                let colour = made.colour;
                let media = self.store().media().clone();
                spawn_blocking(move || media.put_renditions(id, renditions(made))).await.map_err(internal)??;
                Ok(colour)
            }
            Err(Problem::Io) => return Err(ApiError::about(ErrorCode::Io, id.to_string())),
            Err(why) => Err(problem(why).unwrap_or(AssetProblem::Damaged)),
        };
        let write = self.store().write(move |tx| {
            let mut facts = assets::get(tx, id)?;
            match outcome {
                Ok(colour) => (facts.has_picture, facts.colour) = (true, Some(colour)),
                Err(problem) => facts.problem = Some(problem),
            }
            assets::put(tx, &facts)?;
            Ok(facts)
        });
        let facts = write.await?;
        self.tell(Event::AssetReady { asset: id, facts: facts.clone() });
        Ok(facts)
    }
}

/// What can be drawn and is not yet: a photo, of which even a part is worth showing, and a clip where ffmpeg is installed.
/// Without it the window draws a clip's poster when the clip is first shown ([`Journal::asset_poster`]).
fn is_drawable(asset: &AssetView) -> bool {
    let is_whole_enough = matches!(asset.problem, None | Some(AssetProblem::Truncated));
    let has_drawer = match asset.kind {
        AssetKind::Photo => true,
        AssetKind::Clip => tools().ffmpeg.is_some(),
        AssetKind::File => false,
    };
    !asset.has_picture && is_whole_enough && has_drawer
}

/// Programs of other people, looked for once.
fn tools() -> &'static Tools {
    static TOOLS: OnceLock<Tools> = OnceLock::new();
    TOOLS.get_or_init(Tools::find)
}

fn renditions(made: Renditions) -> Vec<Rendition> {
    [(Variant::Grid, made.grid), (Variant::View, made.view)]
        .into_iter()
        .map(|(variant, image)| Rendition {
            kind: variant.as_str().to_owned(),
            mime: image.mime.to_owned(),
            width: image.width,
            height: image.height,
            bytes: image.bytes,
        })
        .collect()
}

fn decode(mut reader: AssetReader) -> ApiResult<Result<Renditions, Problem>> {
    let facts = media::probe(&mut reader);
    let (sizes, limits) = (Sizes::default(), Limits::default());
    if facts.kind != Kind::Clip {
        return Ok(media::renditions(&mut reader, &facts, sizes, &limits));
    }
    // ffmpeg has to jump to and fro in a clip, which a pipe does not allow.
    let mut copy = || {
        let mut file = tempfile::NamedTempFile::new()?;
        io::Seek::rewind(&mut reader)?;
        io::copy(&mut reader, &mut file)?;
        Ok::<_, io::Error>(file)
    };
    let file = copy().map_err(|_| ApiError::new(ErrorCode::Io))?;
    match media::poster(file.path(), &facts, tools(), (sizes, &limits)) {
        // The window may know a codec that ffmpeg does not.
        Err(_) => Err(ApiError::new(ErrorCode::Io)),
        made => Ok(made),
    }
}

pub(super) const fn kind(kind: Kind) -> AssetKind {
    match kind {
        Kind::Photo => AssetKind::Photo,
        Kind::Clip => AssetKind::Clip,
        Kind::File => AssetKind::File,
    }
}

/// A problem of the file itself; a failed read says nothing about the file.
pub(super) const fn problem(problem: Problem) -> Option<AssetProblem> {
    Some(match problem {
        Problem::Unsupported => AssetProblem::Unsupported,
        Problem::Truncated => AssetProblem::Truncated,
        Problem::TooLarge => AssetProblem::TooLarge,
        Problem::Damaged => AssetProblem::Damaged,
        Problem::TimedOut => AssetProblem::TimedOut,
        Problem::NoDecoder => AssetProblem::NoDecoder,
        Problem::Io => return None,
    })
}
