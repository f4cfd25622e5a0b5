//! What the store promises as a whole, tried through its own interface.

mod arriving;
mod checking;
mod listing;
mod opening;
mod saving;
mod sending;

use std::path::Path;
use std::sync::Arc;

use super::posts::Save;
use super::*;
use crate::api::types::{AssetKind, AssetView, DraftSaved};
use crate::clock::{Clock, TestClock};
use crate::domain::{AssetId, Attachment, Content, Digest, Lang, Moment, Origin, PostId, Side, Timestamp};

/// When the tests' clocks begin.
const BEGIN: i64 = 1_736_000_000_000;

/// A store in a folder of its own, with a clock that stands still.
struct Bench {
    dir: tempfile::TempDir,
    store: Store,
    clock: Arc<TestClock>,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        Self { dir, store, clock: Arc::new(TestClock::new(BEGIN)) }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A content with a Chinese body, about the moment at which the clock began.
    fn content(&self, text: &str) -> Content {
        let at = Timestamp::from_millis(BEGIN);
        let mut content = Content::empty(Moment { at, zone: self.clock.zone() });
        content.sides.insert(Lang::zh_hans(), Side { title: "船".into(), body: text.into() });
        content
    }

    async fn save(&self, save: Save) -> DraftSaved {
        let clock = Arc::clone(&self.clock);
        self.store.write(move |tx| posts::save(tx, &*clock, save)).await.unwrap()
    }

    async fn create(&self, content: Content) -> DraftSaved {
        self.save(Save { post: None, base: None, version: None, content, origin: Origin::Edit }).await
    }

    /// Saves like an editor that saw the answer of its last save.
    async fn edit(&self, last: &DraftSaved, content: Content) -> DraftSaved {
        let (base, version) = (Some(last.revision), Some(last.version));
        self.save(Save { post: Some(last.post), base, version, content, origin: Origin::Edit }).await
    }

    async fn body(&self, post: PostId) -> String {
        let row = self.store.read(move |conn| posts::get(conn, post)).await.unwrap();
        row.content.sides.values().map(|side| side.body.clone()).collect()
    }

    /// Brings bytes in as a photo of some size and makes its facts known.
    async fn photo(&self, bytes: &'static [u8], width: u32, height: u32) -> AssetId {
        let none = std::sync::atomic::AtomicBool::new(false);
        let id = self.store.media().ingest(&mut &*bytes, &none, &|_| {}).unwrap().id;
        let facts = facts(id, width, height);
        self.store.write(move |tx| assets::put(tx, &facts)).await.unwrap();
        id
    }
}

fn facts(id: AssetId, width: u32, height: u32) -> AssetView {
    AssetView {
        id,
        kind: AssetKind::Photo,
        mime: "image/jpeg".into(),
        bytes: 9,
        width: Some(width),
        height: Some(height),
        duration_ms: None,
        codec: None,
        colour: Some(0x00aa_bbcc),
        taken: None,
        point: None,
        problem: None,
        has_picture: false,
    }
}

fn attached(asset: AssetId) -> Attachment {
    Attachment { asset, name: "IMG_1.jpg".into(), alt: [(Lang::en(), "A boat".to_owned())].into() }
}

fn stray_asset() -> AssetId {
    AssetId(Digest::of(b"never imported"))
}
