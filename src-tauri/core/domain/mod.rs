//! Values and rules of the journal. No I/O, no clock, no randomness: everything here can be tested by calling it.

pub mod content;
pub mod delivery;
pub mod destination;
pub mod id;
pub mod lang;
pub mod limits;
pub mod merge;
pub mod moment;
pub mod revision;
pub mod secret;

pub use content::{Attachment, Content, Place, Point, Side};
pub use delivery::{Delivery, DeliveryState, Happened, Manner, NeedsYou, Reached, Receipt, Visibility, Wanted};
pub use id::{AssetId, Digest, FeedId, PostId, RevisionId};
pub use lang::Lang;
pub use moment::{Moment, Timestamp};
pub use revision::{Origin, Revision};
pub use secret::Secret;
