//! An item as it lies in `item.json`: an item of JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>) whose addresses are
//! relative to the feed, with what JSON Feed has no word for under `_sampan`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{Digest, Lang, Moment, PostId, RevisionId, Side, Timestamp};
use crate::feed::render::{self, Document, Shown};
use crate::feed::{Intent, MediaKind, Part};

/// The item of a post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Item {
    /// `urn:uuid:` and the post's id (RFC 9562), the same for ever.
    pub id: String,
    /// The page.
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub content_html: String,
    pub content_text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The moment that the post is about, RFC 3339; absent when its year has not four digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_published: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_modified: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The language that comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Enclosure>,
    #[serde(rename = "_sampan")]
    pub sampan: Extension,
}

/// A file that goes with an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Enclosure {
    pub url: String,
    pub mime_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub size_in_bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_in_seconds: Option<f64>,
}

/// What JSON Feed has no word for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Extension {
    pub revision: RevisionId,
    /// Title and body per language, as they were written.
    pub sides: BTreeMap<Lang, Side>,
    /// Alt texts per language, by the file's address.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub alt: BTreeMap<String, BTreeMap<Lang, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// BLAKE3 of this file with zeros in place of this value: whether anybody changed it since.
    pub seal: String,
}

impl Item {
    /// The item for an intent whose files have these sizes, in the order of the document.
    pub fn of(intent: &Intent, document: &Document, sizes: &[u64]) -> Self {
        let address = |shown: &Shown, part: &Part| in_feed(intent.post, shown, part);
        let enclosures = document.media.iter().zip(sizes).map(|(shown, size)| enclosure(intent.post, shown, *size));
        let alt = document.media.iter().filter(|shown| !shown.alt.is_empty());
        let cover = document.media.iter().find(|shown| shown.facts.kind == MediaKind::Photo);
        Self {
            id: format!("urn:uuid:{}", intent.post),
            url: format!("posts/{}/index.html", intent.post),
            title: render::title(document),
            content_html: render::content(document, &address),
            content_text: render::plain(document),
            summary: render::summary(document),
            image: cover.map(|shown| address(shown, &Part::Copy)),
            date_published: date(&intent.content.moment),
            date_modified: rfc3339(intent.modified.to_rfc3339()),
            tags: document.topics.clone(),
            language: document.lang().map(ToString::to_string),
            attachments: enclosures.collect(),
            sampan: Extension {
                revision: intent.revision,
                sides: document.sides.iter().cloned().collect(),
                alt: alt.map(|shown| (address(shown, &Part::Copy), shown.alt.iter().cloned().collect())).collect(),
                place: document.place.clone(),
                seal: zeros(),
            },
        }
    }

    /// The bytes of `item.json`, sealed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let open = Self { sampan: Extension { seal: zeros(), ..self.sampan.clone() }, ..self.clone() };
        // Maps have string keys and every value is representable, so this cannot fail; nothing would not be sealed.
        let text = serde_json::to_string_pretty(&open).unwrap_or_default();
        let seal = Digest::of(text.as_bytes()).to_string();
        text.replace(&sealed_with(&zeros()), &sealed_with(&seal)).into_bytes()
    }

    /// What a file holds, if it is an item, and whether it is still as it was sealed.
    pub fn from_bytes(bytes: &[u8]) -> Option<(Self, bool)> {
        let item: Self = serde_json::from_slice(bytes).ok()?;
        let text = std::str::from_utf8(bytes).ok()?;
        let open = text.replace(&sealed_with(&item.sampan.seal), &sealed_with(&zeros()));
        let intact = Digest::of(open.as_bytes()).to_string() == item.sampan.seal;
        Some((item, intact))
    }

    /// Digest of each part as it stands here; see [`crate::domain::Receipt::parts`].
    pub fn parts(&self) -> BTreeMap<String, Digest> {
        let digest = |text: String| Digest::of(text.as_bytes());
        let files = self.attachments.iter().map(|file| (&file.url, self.sampan.alt.get(&file.url)));
        let files: Vec<_> = files.collect();
        let mut parts = BTreeMap::from([
            ("topics".to_owned(), digest(self.tags.join("\n"))),
            ("moment".to_owned(), digest(self.date_published.clone().unwrap_or_default())),
            // Addresses and alt texts are representable, so this cannot fail.
            ("media".to_owned(), digest(serde_json::to_string(&files).unwrap_or_default())),
        ]);
        for (lang, side) in &self.sampan.sides {
            parts.insert(format!("title.{lang}"), digest(side.title.clone()));
            parts.insert(format!("body.{lang}"), digest(side.body.clone()));
        }
        parts
    }

    /// Whether a file beside the item belongs to one of its attachments.
    pub fn lists(&self, name: &str) -> bool {
        let hash = name.split('.').next().unwrap_or_default();
        self.attachments.iter().any(|file| file.url.split(['/', '.']).any(|part| part == hash))
    }

    /// The instant it is sorted by.
    pub fn instant(&self) -> Option<jiff::Timestamp> {
        self.date_published.as_deref().or(self.date_modified.as_deref()).and_then(|date| date.parse().ok())
    }
}

/// A file's own name: the hash of its original and its ending, so that it is the same wherever it is sent again.
pub(super) fn file_name(shown: &Shown, part: &Part) -> String {
    let asset = shown.facts.asset;
    match part {
        Part::Copy => {
            let ending: String = shown.facts.extension.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
            if ending.is_empty() { format!("{asset}.bin") } else { format!("{asset}.{}", ending.to_ascii_lowercase()) }
        }
        Part::Poster => format!("{asset}.poster.jpg"),
        Part::Subtitles(lang) => format!("{asset}.{lang}.vtt"),
    }
}

/// A file's address relative to the feed.
fn in_feed(post: PostId, shown: &Shown, part: &Part) -> String {
    format!("posts/{post}/media/{}", file_name(shown, part))
}

/// The moment as RFC 3339, which knows only years of four digits.
pub(super) fn date(moment: &Moment) -> Option<String> {
    rfc3339(moment.to_rfc3339())
}

fn rfc3339(text: String) -> Option<String> {
    let (year, rest) = text.split_once('-')?;
    (year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) && rest.contains('T')).then_some(text)
}

/// The feed's own date for when an instant must be named but has none in RFC 3339.
pub(super) fn instant(at: Timestamp) -> String {
    rfc3339(at.to_rfc3339()).unwrap_or_else(|| Timestamp::EPOCH.to_rfc3339())
}

fn enclosure(post: PostId, shown: &Shown, size: u64) -> Enclosure {
    let facts = &shown.facts;
    Enclosure {
        url: in_feed(post, shown, &Part::Copy),
        mime_type: facts.mime.clone(),
        title: (facts.kind == MediaKind::File && !facts.name.is_empty()).then(|| facts.name.clone()),
        size_in_bytes: size,
        duration_in_seconds: facts.duration_ms.map(|millis| millis as f64 / 1000.0),
    }
}

fn zeros() -> String {
    "0".repeat(64)
}

/// The text of the seal in the file. It cannot stand in a user's text: there every quotation mark has a backslash before it.
fn sealed_with(seal: &str) -> String {
    format!("\"seal\": \"{seal}\"")
}
