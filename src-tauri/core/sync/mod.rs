//! The outbox at work: decides what comes next for a delivery (`plan`, pure), how long to wait (`retry`, pure), and does it
//! (`run`), writing down every result before the next byte leaves. Knows feeds and deliveries; storage and posts are handed
//! in as traits. Never looks into a post.

pub mod coming_back;
mod engine;
#[cfg(test)]
pub(crate) mod fake;
pub mod plan;
pub mod retry;
mod run;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use crate::domain::{AssetId, Delivery, FeedId, Happened, PostId, Receipt, Timestamp};
use crate::feed::{Feed, FeedError, Fetched, Intent, Notes};

pub use engine::{Destination, Engine, Parts};
pub use run::{Answer, Tour};

/// A claim lasts this long after it was last renewed: thirty seconds. Only then may another program take over.
pub const LEASE_MILLIS: i64 = 30_000;

/// The stored deliveries. Every method is one transaction. What is recorded is on the disk when it is answered; leases, what begins to
/// leave and the progress of uploads need not be: adapters write down what they are about to do before it leaves. A release brings
/// everything onto the disk.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes the deliveries of a feed that are due ([`plan::is_due`]) for this program, oldest wish first. Those that another
    /// program holds with a lease that has not run out are left to it; none while one of them waits for the user to sign in.
    async fn claim(&self, claim: Claim) -> Result<Vec<Delivery>, OutboxFailed>;

    /// Whether a delivery that is on its way is still to go on: it is held by the lease, and neither was it called back nor its feed
    /// switched off.
    async fn goes_on(&self, lease: Lease, post: PostId) -> Result<bool, OutboxFailed>;

    /// Keeps everything that is claimed under a lease until later.
    async fn renew(&self, lease: Uuid, until: Timestamp) -> Result<(), OutboxFailed>;

    /// Applies what happened ([`Delivery::after`]) to deliveries claimed under a lease, all or none, and answers them in order.
    /// One that is not held by the lease any more is left as it is and answered as `None`.
    async fn record(
        &self,
        lease: Lease,
        happened: Vec<(PostId, Happened)>,
        now: Timestamp,
    ) -> Result<Vec<Option<Delivery>>, OutboxFailed>;

    /// [`Outbox::record`], and [`Outbox::claim`] after it. What is recorded need not be on the disk before something is written down of
    /// what is claimed, or the lease is released: until then a power cut only leaves it in doubt.
    async fn record_and_claim(
        &self,
        happened: Vec<(PostId, Happened)>,
        next: Claim,
    ) -> Result<(Vec<Option<Delivery>>, Vec<Delivery>), OutboxFailed> {
        let recorded = self.record(next.lease, happened, next.now).await?;
        Ok((recorded, self.claim(next).await?))
    }

    /// Reads the delivery's target, which is sealed, as it shall leave, and records that it begins to ([`Happened::Begun`]), if the
    /// delivery is still what was claimed.
    async fn begin(&self, lease: Lease, delivery: &Delivery, now: Timestamp) -> Result<Begun, NotReady>;

    /// Gives back everything that is still claimed under a lease.
    async fn release(&self, lease: Uuid) -> Result<(), OutboxFailed>;

    /// Applies [`Happened::Woken`] to every pending delivery of a feed.
    async fn wake(&self, feed: FeedId, now: Timestamp) -> Result<(), OutboxFailed>;

    /// When the next delivery of a feed becomes due, if one waits by itself.
    async fn next_at(&self, feed: FeedId) -> Result<Option<Timestamp>, OutboxFailed>;
}

/// Whose claim it is, at which feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The name of the claim.
    pub id: Uuid,
    /// The feed it is about.
    pub feed: FeedId,
}

/// What is to be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// For whom.
    pub lease: Lease,
    /// The present instant.
    pub now: Timestamp,
    /// When the claim runs out unless it is renewed.
    pub until: Timestamp,
    /// At most this many.
    pub limit: usize,
}

/// The outbox could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the outbox cannot be read or written")]
pub struct OutboxFailed(#[source] pub Box<dyn Error + Send + Sync>);

/// What became of a post that was to leave.
pub enum Begun {
    /// It begins to leave.
    Leaves(Box<Leaving>),
    /// The user wants something else by now, and nothing was recorded.
    Changed(Box<Delivery>),
    /// Somebody else has it, and nothing was recorded.
    NotHeld,
}

/// A post that begins to leave.
pub struct Leaving {
    /// The delivery, by now on its way.
    pub delivery: Delivery,
    /// What leaves.
    pub intent: Intent,
    /// What the feed's adapter wrote down about it.
    pub notes: Arc<dyn Notes>,
}

/// Who keeps what somebody changed at a feed.
#[async_trait]
pub trait Keeper: Send + Sync {
    /// Puts what a feed holds of a post into the post's history, with its files, and answers the receipt for exactly that. The post
    /// stays as it is.
    async fn keep(&self, feed: &dyn Feed, seen: &Delivery, fetched: Fetched) -> Result<Receipt, FeedError>;
}

/// What adapters write down, one for every post and feed.
pub trait NoteBook: Send + Sync {
    /// The notes about a post at a feed.
    fn of(&self, post: PostId, feed: FeedId) -> Arc<dyn Notes>;
}

/// Why a post cannot leave.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// The post is not in the journal any more.
    #[error("the post is gone")]
    Gone,
    /// One of its originals is missing or damaged.
    #[error("an original is missing or damaged")]
    MediaDamaged(AssetId),
    /// One of its files cannot be cleaned.
    #[error("a file cannot be cleaned")]
    CannotStrip(AssetId),
    /// The journal could not be read.
    #[error(transparent)]
    Failed(#[from] OutboxFailed),
}

/// Told what goes on, to show it. Called often and from any thread; must not block.
pub trait Watch: Send + Sync {
    /// A delivery was changed.
    fn changed(&self, delivery: &Delivery);
}

/// Nobody watches.
impl Watch for () {
    fn changed(&self, _delivery: &Delivery) {}
}
