//! What a post says: its sides, attachments, topics, moment and place.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AssetId, Digest, Lang, Moment};

/// The whole content of a post at one revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Title and body per language; a language without any text is absent.
    pub sides: BTreeMap<Lang, Side>,
    /// Photos, clips and files in the order they are shown; an asset stands here at most once.
    pub attachments: Vec<Attachment>,
    /// The attachment that stands for the post; absent means the first one that can be shown.
    pub cover: Option<AssetId>,
    /// Topics without `#`, in the order they were given, each once.
    pub topics: Vec<String>,
    /// The moment the post is about.
    pub moment: Moment,
    /// Where it was; stays on this computer unless it is sent on purpose.
    pub place: Option<Place>,
}

/// One language's title and body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// One line; may be empty.
    pub title: String,
    /// Plain text with line breaks (`\n`).
    pub body: String,
}

/// An asset in a post.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// Which original.
    pub asset: AssetId,
    /// The file's name as it came, for writing it out again; never a path.
    pub name: String,
    /// What it shows, per language, for people who cannot see it; a language without text is absent.
    pub alt: BTreeMap<Lang, String>,
}

/// Where a post is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// As the user calls it; may be empty when only the point is known.
    pub name: String,
    /// The coordinates, when known.
    pub point: Option<Point>,
}

/// WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// North is positive, -90 to 90.
    pub lat: f64,
    /// East is positive, -180 to 180.
    pub lon: f64,
}

impl Content {
    /// A post without a word yet.
    pub fn empty(moment: Moment) -> Self {
        Self { sides: BTreeMap::new(), attachments: Vec::new(), cover: None, topics: Vec::new(), moment, place: None }
    }

    /// Whether there is nothing a person wrote or added.
    pub fn is_blank(&self) -> bool {
        self.sides.is_empty() && self.attachments.is_empty() && self.topics.is_empty() && self.place.is_none()
    }

    /// The one form in which equal contents are equal bytes: line breaks as `\n`, sides and alt texts without text left out,
    /// topics trimmed, without `#` and each once, attachments each once, a cover that is not attached left out.
    pub fn normalised(mut self) -> Self {
        for side in self.sides.values_mut() {
            side.title = one_line(&side.title);
            side.body = side.body.replace("\r\n", "\n").replace('\r', "\n");
        }
        self.sides.retain(|_, side| !side.title.is_empty() || !side.body.trim().is_empty());
        let mut seen = std::collections::HashSet::new();
        self.attachments.retain(|attachment| seen.insert(attachment.asset));
        for attachment in &mut self.attachments {
            attachment.alt.retain(|_, text| !text.trim().is_empty());
        }
        if self.cover.is_some_and(|cover| !seen.contains(&cover)) {
            self.cover = None;
        }
        let mut topics: Vec<String> = Vec::with_capacity(self.topics.len());
        for topic in &self.topics {
            let topic = one_line(topic.trim().trim_start_matches(['#', '＃']));
            if !topic.is_empty() && !topics.contains(&topic) {
                topics.push(topic);
            }
        }
        self.topics = topics;
        if self.place.as_ref().is_some_and(|place| place.name.trim().is_empty() && place.point.is_none()) {
            self.place = None;
        }
        self
    }

    /// Canonical bytes: JSON with fields in declaration order and maps sorted by key. Two equal contents have equal bytes.
    pub fn canonical(&self) -> Vec<u8> {
        // Maps have string keys and every value is representable, so this cannot fail; an empty answer would fail its digest.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// BLAKE3 of the canonical bytes: what two places compare to know that they hold the same.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.canonical())
    }

    /// The attachment that stands for the post.
    pub fn cover_asset(&self) -> Option<AssetId> {
        self.cover.or_else(|| self.attachments.first().map(|attachment| attachment.asset))
    }
}

fn one_line(text: &str) -> String {
    text.split(['\r', '\n']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn content() -> Content {
        Content::empty(Moment { at: Timestamp::from_millis(0), zone: "Asia/Shanghai".into() })
    }

    #[test]
    fn contents_that_read_the_same_are_the_same_bytes() {
        let mut mac = content();
        mac.sides.insert(Lang::en(), Side { title: "Tea ".into(), body: "one\rtwo".into() });
        mac.sides.insert(Lang::zh_hans(), Side::default());
        mac.topics = vec!["#奶茶".into(), " 奶茶".into()];
        let mut unix = content();
        unix.sides.insert(Lang::en(), Side { title: "Tea".into(), body: "one\ntwo".into() });
        unix.topics = vec!["奶茶".into()];
        assert_eq!(mac.normalised().digest(), unix.normalised().digest());
    }

    #[test]
    fn normalising_twice_changes_nothing() {
        let mut post = content();
        post.sides.insert(Lang::en(), Side { title: "a\n b".into(), body: " kept spaces \n".into() });
        let once = post.normalised();
        assert_eq!(once.clone().normalised(), once);
    }
}
