//! What crosses the border between the journal and an interface. Plain data, no behaviour.

mod assets;
mod feeds;
mod history;
mod imports;
mod lists;
mod outbox;
mod posts;
mod settings;
mod upkeep;

pub use assets::*;
pub use feeds::*;
pub use history::*;
pub use imports::*;
pub use lists::*;
pub use outbox::*;
pub use posts::*;
pub use settings::*;
pub use upkeep::*;
