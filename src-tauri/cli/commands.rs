//! One function for every command: asks the journal, prints the answer, says how it ended.

mod feeds;
mod files;
mod keep;
mod posts;
mod reading;
mod remote;
mod signing;

use std::process::ExitCode;

use sampan_core::api::ApiError;
use sampan_core::api::error::ErrorCode;
use sampan_core::api::types::{DeliveryView, FeedHealth, FeedView};
use sampan_core::domain::{DeliveryState, FeedId, PostId};
use sampan_core::journal::Journal;

use crate::arguments::Command;
use crate::failure::Outcome;
use crate::screen::Screen;

/// What every command works with.
pub struct Session {
    /// The open journal.
    pub journal: Journal,
    /// Where answers go.
    pub screen: Screen,
}

/// How a command ended, as its exit status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// All is done.
    Done,
    /// It was not done, or something is at fault.
    Failed,
    /// Something waits for a feed that does not answer, or for a keychain.
    Waits,
    /// Something needs the user.
    NeedsUser,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(match ending {
            Ending::Done => 0,
            Ending::Failed => 1,
            Ending::Waits => 2,
            Ending::NeedsUser => 3,
        })
    }
}

impl Ending {
    /// What a delivery's state means for the exit status.
    pub fn of(state: &DeliveryState) -> Self {
        match state {
            DeliveryState::Idle | DeliveryState::Synced => Self::Done,
            DeliveryState::NeedsYou { .. } => Self::NeedsUser,
            DeliveryState::Queued
            | DeliveryState::Uploading { .. }
            | DeliveryState::Sending
            | DeliveryState::Unknown => Self::Waits,
        }
    }

    /// What a feed's health means for it. What waits for a keychain goes on when that is unlocked, so it waits.
    pub fn at(health: FeedHealth) -> Self {
        match health {
            FeedHealth::Reachable => Self::Done,
            FeedHealth::Unknown | FeedHealth::Unreachable | FeedHealth::Locked => Self::Waits,
            FeedHealth::Denied | FeedHealth::SignedOut => Self::NeedsUser,
        }
    }

    /// What a delivery means for it among the feeds: what waits for one that does not let us in waits for the user.
    pub fn of_delivery(delivery: &DeliveryView, feeds: &[FeedView]) -> Self {
        let ending = Self::of(&delivery.state);
        let waits_for = |feed: &&FeedView| ending == Self::Waits && feed.enabled && feed.id == delivery.feed;
        feeds.iter().find(waits_for).map_or(ending, |feed| ending.max(Self::at(feed.health)))
    }
}

/// Does what was asked.
pub async fn run(session: &Session, command: Command) -> Outcome<Ending> {
    match command {
        Command::Post(options) => posts::post(session, options).await,
        Command::Edit(options) => posts::edit(session, options).await,
        Command::Delete { id } => posts::delete(session, id).await,
        Command::Undelete { id } => posts::undelete(session, id).await,
        Command::Restore { id, revision } => posts::restore(session, id, &revision).await,
        Command::List(options) => reading::list(session, options).await,
        Command::Show { id } => reading::show(session, id).await,
        Command::History { id } => reading::history(session, id).await,
        Command::Search { text, limit } => reading::search(session, text, limit).await,
        Command::Import { paths, into } => files::import(session, &paths, into).await,
        Command::Media { id, out } => files::media(session, id, &out).await,
        Command::Feed { command } => feeds::feed(session, command).await,
        Command::Send(options) => feeds::send(session, options).await,
        Command::Preview { id, to, out } => remote::preview(session, id, to, out).await,
        Command::Sync { once, feed } => feeds::sync(session, once, feed).await,
        Command::Pull { accept } => remote::pull(session, accept).await,
        Command::Conflicts => remote::conflicts(session).await,
        Command::Resolve(options) => remote::resolve(session, options).await,
        Command::Arrived(options) => remote::arrived(session, options).await,
        Command::Remote { command } => remote::remote(session, command).await,
        Command::Outbox => feeds::outbox(session).await,
        Command::Check => keep::check(session).await,
        Command::Backup { dir } => keep::backup(session, &dir).await,
        Command::Export { dir } => keep::export(session, &dir).await,
    }
}

impl Session {
    /// The post that an id or the beginning of one names.
    async fn post(&self, id: String) -> Outcome<PostId> {
        Ok(self.journal.post_resolve(id).await?)
    }

    /// The feed that was named, if one was.
    async fn feed_named(&self, name: Option<String>) -> Outcome<Option<FeedId>> {
        Ok(match name {
            Some(name) => Some(self.journal.feed_resolve(name).await?),
            None => None,
        })
    }

    /// A feed as it is now.
    async fn feed(&self, id: FeedId) -> Outcome<FeedView> {
        let feeds = self.journal.feed_list(()).await?;
        let gone = || ApiError::about(ErrorCode::FeedNotFound, id.to_string()).into();
        feeds.into_iter().find(|feed| feed.id == id).ok_or_else(gone)
    }
}
