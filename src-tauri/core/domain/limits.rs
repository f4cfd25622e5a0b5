//! Bounds that keep a journal usable on every system and in every feed, and the rule that checks them.

use super::Content;

/// A body may hold this many bytes of UTF-8.
pub const BODY_BYTES: usize = 1_000_000;
/// A title, a topic, a place's name or a file's name may hold this many bytes of UTF-8.
pub const LINE_BYTES: usize = 2_000;
/// An alt text may hold this many bytes of UTF-8.
pub const ALT_BYTES: usize = 10_000;
/// A post may have this many attachments.
pub const ATTACHMENTS: usize = 200;
/// A post may have this many topics, and this many sides.
pub const TOPICS: usize = 100;
/// An original may have this many bytes (4 GB).
pub const FILE_BYTES: u64 = 4_000_000_000;

/// Which part of a content is over its bound, and both numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverLimit {
    /// The field, as the interface names it.
    pub field: &'static str,
    /// The most it may be.
    pub limit: u64,
    /// What it is.
    pub actual: u64,
}

/// The first part of a content that is over its bound, if any.
pub fn check(content: &Content) -> Result<(), OverLimit> {
    let over = |field, limit: usize, actual: usize| {
        if actual > limit { Err(OverLimit { field, limit: limit as u64, actual: actual as u64 }) } else { Ok(()) }
    };
    over("attachments", ATTACHMENTS, content.attachments.len())?;
    over("topics", TOPICS, content.topics.len())?;
    over("sides", TOPICS, content.sides.len())?;
    for side in content.sides.values() {
        over("title", LINE_BYTES, side.title.len())?;
        over("body", BODY_BYTES, side.body.len())?;
    }
    for topic in &content.topics {
        over("topic", LINE_BYTES, topic.len())?;
    }
    for attachment in &content.attachments {
        over("name", LINE_BYTES, attachment.name.len())?;
        for alt in attachment.alt.values() {
            over("alt", ALT_BYTES, alt.len())?;
        }
    }
    over("place", LINE_BYTES, content.place.as_ref().map_or(0, |place| place.name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Lang, Moment, Side, Timestamp};

    #[test]
    fn a_body_of_one_megabyte_fits_and_one_byte_more_does_not() {
        let mut content = Content::empty(Moment { at: Timestamp::from_millis(0), zone: "UTC".into() });
        content.sides.insert(Lang::en(), Side { title: String::new(), body: "x".repeat(BODY_BYTES) });
        assert_eq!(check(&content), Ok(()));
        content.sides.insert(Lang::zh_hans(), Side { title: String::new(), body: "x".repeat(BODY_BYTES + 1) });
        assert_eq!(check(&content), Err(OverLimit { field: "body", limit: 1_000_000, actual: 1_000_001 }));
    }
}
