//! Feeds: one adapter per protocol behind one trait. A feed is handed everything it sends and everything it must remember; it
//! knows neither the journal's storage nor how originals are cleaned, reads no clock and keeps no queue.

mod answers;
pub mod folder;
mod intent;
pub mod mastodon;
#[cfg(test)]
pub mod memory;
pub mod micropub;
pub mod render;
mod slip;
pub mod web;
pub mod wordpress;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::{AssetId, PostId, Receipt, Timestamp};

pub use crate::domain::destination::{Facts, Limits};
pub use answers::{Changes, FeedError, Fetched, Held, Item, Lookup, Page, Remains, RemoteMedia};
pub use folder::FolderFeed;
pub use intent::{Audience, Intent, MediaError, MediaKind, MediaSource, Outgoing, OutgoingMedia, Part, Progress};
pub use slip::Slip;
pub use wordpress::WordPress;

/// A destination that posts are sent to.
///
/// An answer of `Ok` means that the feed durably holds what it says. Any other answer than [`FeedError::Lost`] means that
/// the feed holds what it held before, or that a later call for the same post carries on with what was begun.
#[async_trait]
pub trait Feed: Send + Sync {
    /// What the feed can take, as far as is known without asking it.
    fn limits(&self) -> Limits;

    /// How many posts may be sent before [`Feed::settle`]; 1 where every answer counts by itself.
    fn batch(&self) -> usize {
        1
    }

    /// Whether the feed would take a post now, and what it says of itself. Sends nothing of any post.
    async fn probe(&self) -> Result<Facts, FeedError>;

    /// Makes the item of a post that the feed is not known to hold.
    async fn create(&self, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError>;

    /// Changes the item to what is intended, if it is still what the receipt says.
    async fn update(&self, known: &Receipt, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError>;

    /// Takes the item away, if it is still what the receipt says. One that is not there is as good as taken away.
    async fn withdraw(&self, known: &Receipt, about: &About) -> Result<(), FeedError>;

    /// Whether a request that arrives late brings back what was taken away. [`Feed::lookup`] then finds it.
    fn brings_back(&self) -> bool {
        false
    }

    /// Asks what the feed holds of a post whose last answer was lost; changes nothing.
    async fn lookup(&self, about: &About) -> Result<Lookup, FeedError>;

    /// Reads back what the feed holds of a post.
    async fn fetch(&self, known: &Receipt, about: &About) -> Result<Fetched, FeedError>;

    /// What is there of the several items that make up a post, of which the feed said that one is gone. Nothing where it is only one.
    async fn remains(&self, _known: &Receipt) -> Result<Remains, FeedError> {
        Ok(Remains::Nothing)
    }

    /// The items that are made of a post, exactly as they are sent: what a preview shows, and what `create` and `update` send.
    fn items(&self, intent: &Intent) -> Vec<Item>;

    /// Whether of an item that somebody made or changed there only words are changed: then [`Feed::items`] is what it says
    /// afterwards, and not what is sent.
    fn keeps_theirs(&self) -> bool {
        false
    }

    /// When a post is sent that shall be public at a time of its own and that the feed cannot keep until then. Where the feed keeps
    /// nothing for its time ([`Limits::scheduled`]), nothing is sent before; else sending it is answered with [`FeedError::NotYet`].
    fn leaves_at(&self, intent: &Intent) -> Option<Timestamp> {
        let is_kept_here = intent.audience == Audience::Published && !self.limits().scheduled;
        intent.manner.publish_at.filter(|_| is_kept_here)
    }

    /// What was changed at the feed since an earlier call answered with that cursor; the first call has none and tells how
    /// things stand. `known` is everything the feed confirmed and still holds; where each has to be asked for by itself, only some of
    /// them have their turn. Feeds that cannot be read back tell nothing. An error means that nothing could be told.
    async fn changes(&self, _cursor: Option<&str>, _known: &[Receipt]) -> Result<Changes, FeedError> {
        Ok(Changes::default())
    }

    /// A page of everything that lies at the feed, newest first, wherever it was written; the first page has no name.
    async fn list(&self, _page: Option<&str>) -> Result<Page, FeedError> {
        Ok(Page::default())
    }

    /// Writes a file that lies at the feed into a local one, and answers its bytes.
    async fn download(&self, _media: &RemoteMedia, _to: &mut tokio::fs::File) -> Result<u64, FeedError> {
        Err(FeedError::Gone)
    }

    /// What the feed's own answers taught since it was set up; nothing where that is nothing new. Kept with what it said of itself.
    fn learnt(&self) -> Option<Facts> {
        None
    }

    /// Learns that the item of a post was made elsewhere, and of which originals the files in it are copies. Called once, when it
    /// is taken over.
    async fn adopted(&self, _about: &About, _files: &[(AssetId, RemoteMedia)]) -> Result<(), FeedError> {
        Ok(())
    }

    /// These files came into the journal with a change that was made there. From then on they are files of the post, which go from the
    /// item when they are taken out of the post.
    async fn brought_in(&self, _about: &About, _files: &[(AssetId, RemoteMedia)]) -> Result<(), FeedError> {
        Ok(())
    }

    /// The user found at an address what became of a post, of which the feed could not tell. [`FeedError::Refused`] where that is
    /// known to be another item of the post.
    async fn found(&self, _address: &str, _about: &About) -> Result<(), FeedError> {
        Ok(())
    }

    /// The user looked for what became of a post, of which the feed could not tell, and says that it is not there.
    async fn not_found(&self, _about: &About) -> Result<(), FeedError> {
        Ok(())
    }

    /// The names of the single items in the feed's name for all of a post.
    fn names<'a>(&self, remote_id: &'a str) -> Vec<&'a str> {
        vec![remote_id]
    }

    /// The names of the single items that a receipt speaks of.
    fn items_of(&self, known: &Receipt) -> Vec<String> {
        self.names(&known.remote_id).into_iter().map(str::to_owned).collect()
    }

    /// How many milliseconds its clock is ahead of ours, as it last said; nothing where it did not.
    fn ahead(&self) -> Option<i64> {
        None
    }

    /// How many milliseconds it still wants to be left alone, as it last said; nothing where it does not. It may have said so with an
    /// answer that leaves open whether something was done, so that this is not what the call answered.
    fn rest(&self) -> Option<i64> {
        None
    }

    /// Finishes what several calls share, such as a list of all items. What they answered counts only after this.
    async fn settle(&self) -> Result<(), FeedError> {
        Ok(())
    }
}

/// Which post a call is about, and what was written down of it before.
#[derive(Clone)]
pub struct About {
    /// Which post.
    pub post: PostId,
    /// What the adapter wrote down of it.
    pub notes: Arc<dyn Notes>,
}

/// A note by its key; nothing strikes it out.
pub type Note = (String, Option<String>);

/// What an adapter writes down about one post at its feed, by keys of its choice: ids of uploaded files, the idempotency key,
/// when something was first sent. Kept with the delivery, through crashes, until the feed is removed.
#[async_trait]
pub trait Notes: Send + Sync {
    /// Everything written down.
    async fn all(&self) -> Result<BTreeMap<String, String>, FeedError>;

    /// Writes one down, or strikes it out; answers when that is on the disk.
    async fn put(&self, key: &str, value: Option<&str>) -> Result<(), FeedError>;

    /// The same with several at once.
    async fn put_all(&self, notes: Vec<Note>) -> Result<(), FeedError> {
        for (key, value) in notes {
            self.put(&key, value.as_deref()).await?;
        }
        Ok(())
    }

    /// The same, but on the disk only with what is written down next, and perhaps read only after that: for what an answer told,
    /// before which nothing leaves.
    async fn jot_all(&self, notes: Vec<Note>) -> Result<(), FeedError> {
        self.put_all(notes).await
    }

    /// The same for what the last answer told: it need not be written before what came of the delivery is recorded, and where that
    /// never is, the delivery is in doubt anyway.
    async fn jot_last(&self, notes: Vec<Note>) -> Result<(), FeedError> {
        self.jot_all(notes).await
    }
}
