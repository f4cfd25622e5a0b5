//! A journal as somebody has one at home, and a feed in it.

use std::path::Path;
use std::sync::Arc;

use sampan_core::api::types::{FeedInput, FeedView};
use sampan_core::clock::SystemClock;
use sampan_core::domain::Secret;
use sampan_core::feed::web::Patience;
use sampan_core::journal::{Journal, Options};
use sampan_core::vault::{Memory, Vaults};

use crate::places::Place;

/// As people call the feed.
pub const NAME: &str = "There";

/// A new journal in a folder, whose secrets are in memory.
pub async fn journal(home: &Path) -> Journal {
    open(home, vaults()).await
}

/// Secrets in memory.
pub fn vaults() -> Vaults {
    let memory = || Arc::new(Memory::default());
    Vaults { keychain: memory(), file: memory(), session: memory(), environment: |_| None }
}

/// The journal in a folder, made where there is none, with secrets that others may share.
pub async fn open(home: &Path, vaults: Vaults) -> Journal {
    let (clock, patience) = (Arc::new(SystemClock), Patience::default());
    let options = Options { clock, feed_dir: Some(home.join("feed")), vaults, patience };
    Journal::open(&home.join("journal"), options).await.unwrap()
}

/// A place under an address, as a feed.
pub async fn feed(journal: &Journal, place: &dyn Place, address: String) -> FeedView {
    let secret = Some(place.secret()).filter(|secret| !secret.is_empty());
    let input = FeedInput {
        kind: place.kind(),
        name: NAME.to_owned(),
        place: address,
        user: place.user().to_owned(),
        secret: secret.map(|secret| Secret::new(secret.to_owned())),
        keep: None,
        plain_http: false,
    };
    journal.feed_add(input).await.expect("the feed is set up")
}
