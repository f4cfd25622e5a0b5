//! A post in a test: what it says, its files, and what was written down of it.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

use sampan_core::clock::{Clock, SystemClock};
use sampan_core::domain::{
    AssetId, Attachment, Content, Digest, Lang, Manner, Moment, PostId, Receipt, RevisionId, Side, Timestamp,
};
use sampan_core::feed::{
    About, Audience, Feed, FeedError, Held, Intent, MediaError, MediaKind, MediaSource, Outgoing, OutgoingMedia, Part,
    Progress, Slip,
};

use super::Writer;
use crate::support::jpeg;

/// What a file shows, per language.
pub type Alt<'a> = &'a [(Lang, &'a str)];

/// A post, and what goes with it.
pub struct Story {
    pub intent: Intent,
    pub notes: Arc<Slip>,
    pub album: Album,
    pub counter: Arc<Counter>,
}

/// The files of a post, by what they are here.
#[derive(Clone, Default)]
pub struct Album(pub BTreeMap<(AssetId, bool), Vec<u8>>);

impl MediaSource for Album {
    fn copy(&self, asset: AssetId, part: &Part, to: &mut dyn Write) -> Result<u64, MediaError> {
        let bytes = self.0.get(&(asset, *part == Part::Poster)).ok_or(MediaError::Damaged)?;
        to.write_all(bytes)?;
        Ok(bytes.len() as u64)
    }
}

#[derive(Default)]
pub struct Counter(pub Mutex<(u32, u64)>);

impl Progress for Counter {
    fn uploaded(&self, done: u32, _total: u32) {
        self.0.lock().unwrap().0 = done;
    }

    fn sent(&self, bytes: u64, total: u64) {
        assert!(bytes <= total);
        self.0.lock().unwrap().1 = bytes;
    }
}

impl Story {
    pub fn new(sides: &[(Lang, String, String)]) -> Self {
        let clock = SystemClock;
        let moment = Moment { at: Timestamp::from_millis(1_767_323_045_678), zone: "Asia/Shanghai".into() };
        let mut content = Content::empty(moment);
        for (lang, title, body) in sides {
            content.sides.insert(lang.clone(), Side { title: title.clone(), body: body.clone() });
        }
        let intent = Intent {
            post: PostId::from_uuid(clock.new_uuid()),
            revision: RevisionId::from_uuid(clock.new_uuid()),
            modified: clock.now(),
            audience: Audience::Draft,
            content: content.normalised(),
            media: vec![],
            with_place: false,
            manner: Manner::default(),
        };
        Self { intent, notes: Arc::default(), album: Album::default(), counter: Arc::default() }
    }

    /// The same with a photo more, as wide as told and unlike any other.
    pub fn with_photo(self, width: u32, alt: Alt<'_>) -> Self {
        self.with_file(picture(width, 2), alt)
    }

    /// The same with this photo more.
    pub fn with_file(mut self, bytes: Vec<u8>, alt: Alt<'_>) -> Self {
        self.add(MediaKind::Photo, ("image/png", "png"), bytes, alt);
        self
    }

    /// The same with a clip more, and its poster.
    pub fn with_clip(mut self, alt: Alt<'_>) -> Self {
        let mut bytes = include_bytes!("../../data/media/place.mp4").to_vec();
        // Behind the last box, where nobody looks: so that no other clip is like it.
        bytes.extend(b"\0\0\0\x18free");
        bytes.extend(SystemClock.new_uuid().as_bytes());
        let asset = self.add(MediaKind::Clip, ("video/mp4", "mp4"), bytes, alt);
        self.album.0.insert((asset, true), jpeg(SystemClock.new_uuid().as_bytes()[15]));
        self
    }

    fn add(&mut self, kind: MediaKind, (mime, extension): (&str, &str), bytes: Vec<u8>, alt: Alt<'_>) -> AssetId {
        let asset = AssetId(Digest::of(&bytes));
        let alt: BTreeMap<Lang, String> = alt.iter().map(|(lang, text)| (lang.clone(), (*text).into())).collect();
        let name = format!("f.{extension}");
        self.intent.content.attachments.push(Attachment { asset, name: name.clone(), alt: alt.clone() });
        self.intent.media.push(OutgoingMedia {
            asset,
            kind,
            mime: mime.into(),
            about_bytes: 1,
            extension: extension.into(),
            width: Some(96),
            height: Some(64),
            duration_ms: None,
            alt,
            name,
            poster: kind == MediaKind::Clip,
            subtitles: vec![],
        });
        self.album.0.insert((asset, false), bytes);
        asset
    }

    /// Its files, in their order.
    pub fn assets(&self) -> Vec<Option<AssetId>> {
        self.intent.media.iter().map(|file| Some(file.asset)).collect()
    }

    pub fn out(&self) -> Outgoing {
        Outgoing {
            media: Arc::new(self.album.clone()),
            progress: self.counter.clone(),
            notes: self.notes.clone(),
            gone: None,
        }
    }

    pub fn about(&self) -> About {
        About { post: self.intent.post, notes: self.notes.clone() }
    }

    /// The next revision of it.
    pub fn revise(&mut self, change: impl FnOnce(&mut Intent)) {
        self.intent.revision = RevisionId::from_uuid(SystemClock.new_uuid());
        change(&mut self.intent);
    }

    pub async fn create(&self, writer: &Writer) -> Held {
        writer.feed.create(&Arc::new(self.intent.clone()), &self.out()).await.unwrap()
    }

    pub async fn update(&self, writer: &Writer, held: &Held) -> Result<Held, FeedError> {
        writer.feed.update(&receipt(held), &Arc::new(self.intent.clone()), &self.out()).await
    }
}

pub fn receipt(held: &Held) -> Receipt {
    held.clone().receipt(RevisionId::from_uuid(SystemClock.new_uuid()), SystemClock.now())
}

/// A picture unlike any other.
pub fn picture(width: u32, height: u32) -> Vec<u8> {
    let seed = SystemClock.new_uuid().into_bytes();
    let picture =
        image::RgbImage::from_fn(width, height, |x, y| image::Rgb([seed[15], seed[14] ^ (x % 251) as u8, y as u8]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Words in two languages that a site may stumble over, with one that stands nowhere else.
pub fn bilingual(word: &str) -> [(Lang, String, String); 2] {
    [
        (
            Lang::zh_hans(),
            format!("小船 {word}"),
            format!("今天去了湖边 {word}。\n第二行 <b>不是粗体</b> & 👨‍👩‍👧‍👦\n\n另一段 https://example.com/a?b=1&c=2"),
        ),
        (
            Lang::en(),
            format!("A Small Boat & {word}"),
            format!("By the lake today, {word}.\n\n  Two  spaces \"quoted\" \\ 'n' [video] [gallery] <!-- x -->"),
        ),
    ]
}

/// A word that stands nowhere else.
pub fn word(name: &str) -> String {
    format!("{name}{}", SystemClock.new_uuid().simple().to_string().split_off(20))
}
