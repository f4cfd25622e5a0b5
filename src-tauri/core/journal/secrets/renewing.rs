//! The token of a feed, renewed before it ends and once after the site refused it. A refresh token is good for one use at many
//! sites, so one program at a time renews, under a lock of the system, and looks first whether another has done it. What the site
//! gives goes into the vault before it is used. When it gives nothing any more, only signing in again helps, and it is not asked
//! a second time.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::api::types::KeepSecret;
use crate::clock::Clock;
use crate::domain::{FeedId, Secret};
use crate::feed::FeedError;
use crate::feed::web::Reach;
use crate::feed::web::oauth::Grant;
use crate::vault::{Kept, Vaults};

/// A token that was refused so soon after it was given will not be taken for being renewed: one minute.
const FRESH_MILLIS: i64 = 60_000;

/// A secret where it is kept.
pub(super) struct Renewing {
    pub vaults: Vaults,
    pub feed: FeedId,
    pub keep: KeepSecret,
    pub reach: Reach,
    pub clock: Arc<dyn Clock>,
    /// The file whose lock says that somebody renews.
    pub lock: PathBuf,
}

impl Renewing {
    /// The password or token to use now.
    pub async fn usable(&self) -> Result<Secret, FeedError> {
        let secret = available(self.vaults.get(&self.keep, self.feed).await)?;
        let Some(grant) = Grant::read(&secret) else { return Ok(secret) };
        if !grant.wants_renewal(self.clock.now()) {
            return Ok(grant.access);
        }
        match self.renewed(&grant.access).await {
            Ok(Some(next)) => Ok(next),
            // The clock may be wrong: the site has the last word.
            Ok(None) => Ok(grant.access),
            Err(_) if !grant.has_ended(self.clock.now()) => Ok(grant.access),
            Err(error) => Err(error),
        }
    }

    /// Another token than one that the site refused.
    pub async fn instead_of(&self, refused: &Secret) -> Result<Option<Secret>, FeedError> {
        let kept = available(self.vaults.get(&self.keep, self.feed).await)?;
        match Grant::read(&kept) {
            Some(_) => self.renewed(refused).await,
            // Somebody may have signed in again meanwhile.
            None => Ok(Some(kept).filter(|kept| kept != refused)),
        }
    }

    /// Renews a token, unless somebody has done that already. Nothing where the site gives no other.
    async fn renewed(&self, old: &Secret) -> Result<Option<Secret>, FeedError> {
        let lock = self.lock.clone();
        let lock = tokio::task::spawn_blocking(move || take(&lock)).await.map_err(io::Error::other).flatten();
        let _lock = lock.map_err(|error| {
            tracing::warn!(kind = ?error.kind(), "a token is not renewed");
            FeedError::Journal
        })?;
        let now = self.clock.now();
        let kept = available(self.vaults.get_afresh(&self.keep, self.feed).await)?;
        let Some(grant) = Grant::read(&kept) else { return Ok(Some(kept).filter(|kept| kept != old)) };
        if grant.access != *old {
            return Ok(Some(grant.access));
        }
        let is_fresh = (0..FRESH_MILLIS).contains(&now.as_millis().saturating_sub(grant.given_at.as_millis()));
        if grant.refresh.is_none() || (is_fresh && !grant.wants_renewal(now)) {
            return Ok(None);
        }
        let (next, renewed) = match grant.renew(self.reach, now).await {
            Ok(next) => (Some(next.access.clone()), next),
            Err(FeedError::Denied | FeedError::Refused) => (None, Grant { refresh: None, ..grant }),
            Err(error) => {
                tracing::info!(feed = %self.feed, %error, "a token is not renewed yet");
                return Err(FeedError::Unreachable);
            }
        };
        if let Err(error) = self.vaults.set(&self.keep, self.feed, &renewed.write()).await {
            tracing::warn!(feed = %self.feed, %error, "a renewed token is not kept");
        }
        Ok(next)
    }
}

fn available(kept: Kept) -> Result<Secret, FeedError> {
    match kept {
        Kept::Available(secret) => Ok(secret),
        Kept::Absent => Err(FeedError::SignedOut),
        // Nothing is removed or replaced: a keychain says the same of what is locked and of what is not there.
        Kept::Locked => Err(FeedError::Locked),
    }
}

/// Waits for the system's lock on a file: gone with the program that held it, however it ended.
fn take(path: &PathBuf) -> io::Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    file.lock()?;
    Ok(file)
}

#[cfg(test)]
mod tests;
