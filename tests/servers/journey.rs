//! Somebody with a journal behind a window and one feed: what they do, and what they see here and there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use sampan_core::api::remote::PullReport;
use sampan_core::api::types::*;
use sampan_core::clock::{Clock, SystemClock};
use sampan_core::domain::destination::{LanguageLayout, LongText};
use sampan_core::domain::{
    Attachment, Content, DeliveryState, Digest, FeedId, Lang, NeedsYou, Origin, PostId, Side, Wanted,
};
use sampan_core::journal::Journal;

use crate::places::Item;
use crate::way::Way;
use crate::{desk, samples};

/// Nothing here takes longer, however busy the computer is.
const PATIENCE: Duration = Duration::from_secs(90);
/// Files of the post that carries some: four photos and a clip.
pub const FILES: usize = 5;

/// What was seen on the way.
#[derive(Debug, Default)]
pub struct Sheet {
    pub seconds_until_there: f32,
    pub files_equal: usize,
    pub taken_over: u32,
    pub merged: u32,
    pub conflicts: u32,
    pub gone_there: u32,
    pub held_back: usize,
    pub accepted: u32,
}

/// A journal behind a window, and one feed.
pub struct Journey {
    pub way: Way,
    pub journal: Journal,
    pub feed: FeedId,
    pub files: Vec<Attachment>,
    posts: u32,
    pub sheet: Sheet,
    pub home: tempfile::TempDir,
}

impl Journey {
    pub async fn over(way: Way) -> Self {
        let home = tempfile::tempdir().unwrap();
        let journal = desk::journal(home.path()).await;
        let feed = desk::feed(&journal, way.place.as_ref(), way.address()).await;
        // So that a place with one language for an item says both.
        // A clip follows the photos in a reply.
        let options = FeedOptions { languages: LanguageLayout::Linked, long_text: LongText::Split, ..feed.options };
        let options = (way.place.kind() == FeedKind::Mastodon).then_some(options);
        let change = FeedChange { id: feed.id, name: None, enabled: None, place: None, options };
        journal.feed_change(change).await.unwrap();
        let files = files(&journal, home.path()).await;
        journal.start();
        Self { way, journal, feed: feed.id, files, posts: 0, sheet: Sheet::default(), home }
    }

    /// A post without files, and the word by which it is found there.
    pub async fn sent(&mut self, wanted: Wanted) -> (PostId, String) {
        let (post, mark) = self.write(Vec::new()).await;
        self.send(post, wanted).await;
        self.until_synced(post).await;
        (post, mark)
    }

    pub async fn write(&mut self, attachments: Vec<Attachment>) -> (PostId, String) {
        self.posts += 1;
        let mark = format!("{}x{}", SystemClock.new_uuid().simple(), self.posts);
        let mut content = Content::empty(SystemClock.moment());
        content.sides = sides(["云很低", "Low clouds"], &mark);
        content.topics = vec!["天气".into()];
        content.attachments = attachments;
        let saved = self.journal.draft_save(DraftInput { post: None, base: None, version: None, content }).await;
        (saved.unwrap().post, mark)
    }

    pub async fn edit_here(&self, post: PostId, from: &str, to: &str) {
        let view = self.journal.post_get(post).await.unwrap();
        let mut content = view.content;
        for side in content.sides.values_mut() {
            side.body = side.body.replace(from, to);
        }
        let input = DraftInput { post: Some(post), base: Some(view.revision), version: Some(view.version), content };
        self.journal.draft_save(input).await.unwrap();
        self.journal.draft_seal(post).await.unwrap();
    }

    pub async fn send(&self, post: PostId, wanted: Wanted) {
        let input = SendInput { post, feed: self.feed, wanted, manner: Default::default() };
        self.journal.post_send(input).await.unwrap();
    }

    /// The copies that the journal says will leave.
    pub async fn promised(&self, post: PostId) -> BTreeSet<Digest> {
        let dir = tempfile::tempdir().unwrap();
        let written = self.journal.preview_write(post, dir.path().to_owned()).await.unwrap();
        written.iter().map(|file| Digest::of(&std::fs::read(&file.path).unwrap())).collect()
    }

    pub async fn pull(&self) -> PullReport {
        self.journal.pull(()).await.unwrap()
    }

    pub async fn all(&self) -> BTreeSet<PostId> {
        let all = self.journal.post_index(PostFilter::default()).await.unwrap();
        all.into_iter().map(|entry| entry.id).collect()
    }

    pub async fn delivery(&self, post: PostId) -> DeliveryView {
        let deliveries = self.journal.post_get(post).await.unwrap().deliveries;
        deliveries.into_iter().find(|delivery| delivery.feed == self.feed).expect("it was sent there")
    }

    pub async fn origins(&self, post: PostId) -> Vec<Origin> {
        self.journal.history(post).await.unwrap().into_iter().map(|entry| entry.origin).collect()
    }

    pub async fn text(&self, post: PostId) -> BTreeMap<Lang, Side> {
        self.journal.post_get(post).await.unwrap().content.sides
    }

    /// The one item with a word.
    pub async fn item(&self, mark: &str) -> Item {
        let mut items = self.way.place.items(mark).await;
        assert_eq!(items.len(), 1, "{items:?}");
        items.remove(0)
    }

    /// Words are in the post here and, once it is there, in the one item.
    pub async fn expect_both(&self, (post, mark): &(PostId, String), words: &str) -> Item {
        self.until_synced(*post).await;
        let here = self.text(*post).await;
        assert!(here.values().any(|side| side.body.contains(words)), "{words} in {here:?}");
        let item = self.item(mark).await;
        assert!(item.text.contains(words), "{words} in {item:?}");
        item
    }

    pub async fn until_synced(&self, post: PostId) {
        let is_synced = async || {
            let delivery = self.delivery(post).await;
            // What was changed there is about to meet what is here.
            let meets = DeliveryState::NeedsYou { reason: NeedsYou::ChangedThere };
            let is_stuck = matches!(delivery.state, DeliveryState::NeedsYou { .. }) && delivery.state != meets;
            assert!(!is_stuck, "{delivery:?}");
            (delivery.state == DeliveryState::Synced).then_some(())
        };
        self.until("it is there", is_synced).await;
    }

    /// Looks again whenever the journal says that something happened.
    pub async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let mut events = self.journal.events();
        let found = async {
            loop {
                if let Some(found) = look().await {
                    return found;
                }
                // One that was missed was followed by others.
                events.recv().await.ok();
            }
        };
        let found = tokio::time::timeout(PATIENCE, found).await;
        let Ok(found) = found else { panic!("{what}, in vain: {:?}", self.journal.outbox(()).await) };
        found
    }
}

/// What a post says, in two languages with their words.
pub fn sides([zh, en]: [&str; 2], mark: &str) -> BTreeMap<Lang, Side> {
    let side = |title: &str, body: String| Side { title: title.to_owned(), body };
    BTreeMap::from([
        (Lang::zh_hans(), side("湖上", format!("{zh}。第二句。"))),
        (Lang::en(), side("On the lake", format!("{en}. A second sentence, {mark}."))),
    ])
}

/// Four photos and a clip that know where they were taken, with what they show.
async fn files(journal: &Journal, dir: &Path) -> Vec<Attachment> {
    let mut paths = Vec::new();
    for seed in 1..FILES as u8 {
        let picture = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([seed, x as u8, y as u8]));
        let path = dir.join(format!("照片 {seed}.jpg"));
        std::fs::write(&path, samples::phone_jpeg_of(&picture)).unwrap();
        paths.push(path.display().to_string());
    }
    let clip = dir.join("clip.mp4");
    std::fs::write(&clip, samples::file("place.mp4").into_inner()).unwrap();
    paths.push(clip.display().to_string());
    let report = journal.import_files(ImportInput { paths }).await.unwrap();
    let alt = |number| {
        BTreeMap::from([
            (Lang::en(), format!("clouds, number {number}")),
            (Lang::zh_hans(), format!("云，第{number}张")),
        ])
    };
    let files = (1..).zip(report.files).map(|(number, file)| Attachment {
        asset: file.asset.unwrap().id,
        name: file.name,
        alt: alt(number),
    });
    let files: Vec<Attachment> = files.collect();
    assert_eq!(files.len(), FILES);
    files
}
