//! What the journal tells its interfaces without being asked.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::types::{AssetView, Connection, ImportProgress};
use crate::domain::{AssetId, FeedId, PostId};

/// Something happened. Small on purpose: an interface asks for what it shows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Posts were made, changed, deleted or brought back, by whomever.
    PostsChanged {
        /// Which ones; empty means that any may have changed.
        posts: Vec<PostId>,
    },
    /// An original's pictures were made, or were found not to be possible.
    AssetReady {
        /// Which original.
        asset: AssetId,
        /// Its facts now.
        facts: AssetView,
    },
    /// An import is going on.
    Import {
        /// How far it is.
        progress: ImportProgress,
    },
    /// Deliveries changed.
    OutboxChanged {
        /// Which feed.
        feed: Option<FeedId>,
        /// The connection now.
        connection: Connection,
    },
    /// Feeds were added, changed or removed.
    FeedsChanged,
    /// Settings were changed.
    SettingsChanged,
}
