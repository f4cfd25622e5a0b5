//! Which posts of the journal are at a feed already, or may be there though nobody knows.

use std::collections::{BTreeMap, HashMap};

use crate::domain::{Content, FeedId, Lang, PostId, Side};
use crate::feed::Feed;
use crate::store::{Reader, StoreError, outbox, revisions};

/// The posts of the journal that are at a feed, or may be.
pub(super) struct Known {
    by_name: HashMap<String, PostId>,
    /// What left and was never confirmed.
    unconfirmed: Vec<(BTreeMap<Lang, Side>, PostId)>,
}

impl Known {
    pub fn read(conn: &Reader, id: FeedId, feed: &dyn Feed) -> Result<Self, StoreError> {
        let (mut by_name, mut unconfirmed) = (HashMap::new(), Vec::new());
        for delivery in outbox::of_feed(conn, id)? {
            for receipt in delivery.receipt.iter().chain(&delivery.there) {
                by_name.extend(feed.names(&receipt.remote_id).into_iter().map(|name| (name.to_owned(), delivery.post)));
            }
            if delivery.may_be_there() {
                let left = delivery.recent.iter().map(|left| left.revision).filter(|left| *left != delivery.target);
                for revision in left.chain([delivery.target]) {
                    let Content { sides, .. } = revisions::get(conn, revision)?.content;
                    unconfirmed.push((sides, delivery.post));
                }
            }
        }
        Ok(Self { by_name, unconfirmed })
    }

    /// The post that an item of that name is of.
    pub fn named(&self, feed: &dyn Feed, remote_id: &str) -> Option<PostId> {
        feed.names(remote_id).into_iter().find_map(|name| self.by_name.get(name).copied())
    }

    /// The post of which nobody knows whether it is there, and whose words these are, in all languages or in some.
    pub fn saying(&self, sides: &BTreeMap<Lang, Side>) -> Option<PostId> {
        let words = |side: &Side| (side.title.trim().to_owned(), side.body.trim().to_owned());
        let says = |ours: &BTreeMap<Lang, Side>| {
            sides.iter().all(|(lang, side)| ours.get(lang).is_some_and(|ours| words(ours) == words(side)))
        };
        let ours = self.unconfirmed.iter().find(|(ours, _)| !sides.is_empty() && says(ours));
        ours.map(|(_, post)| *post)
    }
}
