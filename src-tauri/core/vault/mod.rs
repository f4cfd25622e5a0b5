//! Where the secrets of feeds are kept, which is never the journal. Knows no protocol and no store, shows nothing to anybody,
//! and never takes "not found" for "signed out": nothing is removed or replaced unless the user said so.

mod file;
mod keychain;
mod memory;

use std::sync::Arc;

use async_trait::async_trait;

use crate::api::types::KeepSecret;
use crate::domain::{FeedId, Secret};

pub use file::Files;
pub use keychain::Keychain;
pub use memory::{Memory, Nowhere};

/// A place that keeps one secret a feed.
#[async_trait]
pub trait Vault: Send + Sync + std::fmt::Debug {
    /// The secret of a feed, if it can be had now.
    async fn get(&self, feed: FeedId) -> Kept;

    /// The same, however short ago it was asked: another program may have kept another one since.
    async fn get_afresh(&self, feed: FeedId) -> Kept {
        self.get(feed).await
    }

    /// Keeps a secret, in place of an older one; answers when it can be had again.
    async fn set(&self, feed: FeedId, secret: &Secret) -> Result<(), NotKept>;

    /// Forgets the secret of a feed; one that is not there is as good as forgotten.
    async fn remove(&self, feed: FeedId) -> Result<(), NotKept>;

    /// Whether it would keep a secret now: asked before a user goes through a sign-in in vain.
    async fn probe(&self) -> Result<(), NotKept> {
        Ok(())
    }
}

/// What a vault says of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Here it is.
    Available(Secret),
    /// It is not there.
    Absent,
    /// It may be there, but cannot be had now: a keychain that waits to be unlocked. Not the same as signed out.
    Locked,
}

/// Why a secret was not kept, or not forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// There is no such vault on this computer.
    #[error("there is no such vault here")]
    NoVault,
    /// It is locked, or did not answer in time.
    #[error("the vault is locked")]
    Locked,
    /// It could not be written.
    #[error("the vault could not be written")]
    Failed,
}

/// Every place where a secret can be, as [`KeepSecret`] names them.
#[derive(Debug, Clone)]
pub struct Vaults {
    /// The system's keychain.
    pub keychain: Arc<dyn Vault>,
    /// Files that only this user may read, unprotected otherwise.
    pub file: Arc<dyn Vault>,
    /// The memory of this program.
    pub session: Arc<dyn Vault>,
    /// Reads an environment variable.
    pub environment: fn(&str) -> Option<String>,
}

impl Vaults {
    /// Those of this computer.
    pub fn of_this_computer() -> Self {
        let file: Arc<dyn Vault> = match Files::default_dir() {
            Some(dir) => Arc::new(Files::new(dir)),
            None => Arc::new(Nowhere),
        };
        Self {
            keychain: Arc::new(Keychain::default()),
            file,
            session: Arc::new(Memory::default()),
            environment: |name| std::env::var(name).ok(),
        }
    }

    /// The secret of a feed that is kept so, as it is now, though another program may have kept another since it was last asked.
    pub async fn get_afresh(&self, keep: &KeepSecret, feed: FeedId) -> Kept {
        match self.vault(keep) {
            Some(vault) => vault.get_afresh(feed).await,
            None => self.get(keep, feed).await,
        }
    }

    /// The secret of a feed that is kept so.
    pub async fn get(&self, keep: &KeepSecret, feed: FeedId) -> Kept {
        match keep {
            KeepSecret::Environment { name } => {
                let secret = (self.environment)(name).filter(|secret| !secret.is_empty());
                secret.map_or(Kept::Absent, |secret| Kept::Available(Secret::new(secret)))
            }
            _ => match self.vault(keep) {
                Some(vault) => vault.get(feed).await,
                None => Kept::Absent,
            },
        }
    }

    /// Keeps the secret of a feed so. Of an environment variable only the name is ever kept, by whoever keeps `keep`.
    pub async fn set(&self, keep: &KeepSecret, feed: FeedId, secret: &Secret) -> Result<(), NotKept> {
        match self.vault(keep) {
            Some(vault) => vault.set(feed, secret).await,
            None => Ok(()),
        }
    }

    /// Whether a secret can be kept so now.
    pub async fn probe(&self, keep: &KeepSecret) -> Result<(), NotKept> {
        match self.vault(keep) {
            Some(vault) => vault.probe().await,
            None => Ok(()),
        }
    }

    /// Forgets the secret of a feed that is kept so.
    pub async fn remove(&self, keep: &KeepSecret, feed: FeedId) -> Result<(), NotKept> {
        match self.vault(keep) {
            Some(vault) => vault.remove(feed).await,
            None => Ok(()),
        }
    }

    fn vault(&self, keep: &KeepSecret) -> Option<&dyn Vault> {
        match keep {
            KeepSecret::Keychain => Some(self.keychain.as_ref()),
            KeepSecret::File => Some(self.file.as_ref()),
            KeepSecret::Session => Some(self.session.as_ref()),
            KeepSecret::Environment { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vaults(dir: &std::path::Path) -> Vaults {
        Vaults {
            keychain: Arc::new(Memory::default()),
            file: Arc::new(Files::new(dir.to_owned())),
            session: Arc::new(Memory::default()),
            environment: |name| match name {
                "BLOG" => Some("from outside".to_owned()),
                "EMPTY" => Some(String::new()),
                _ => None,
            },
        }
    }

    fn feed(number: u128) -> FeedId {
        FeedId::from_uuid(uuid::Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn a_secret_is_where_it_was_put_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let vaults = vaults(dir.path());
        let keeps = [KeepSecret::Keychain, KeepSecret::File, KeepSecret::Session];
        for keep in &keeps {
            vaults.set(keep, feed(1), &Secret::new(format!("{keep:?}"))).await.unwrap();
        }
        for keep in &keeps {
            assert_eq!(vaults.get(keep, feed(1)).await, Kept::Available(Secret::new(format!("{keep:?}"))));
            assert_eq!(vaults.get(keep, feed(2)).await, Kept::Absent, "another feed has another secret");
            vaults.remove(keep, feed(1)).await.unwrap();
            vaults.remove(keep, feed(1)).await.unwrap();
            assert_eq!(vaults.get(keep, feed(1)).await, Kept::Absent);
        }
    }

    #[tokio::test]
    async fn of_a_variable_nothing_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let vaults = vaults(dir.path());
        let named = |name: &str| KeepSecret::Environment { name: name.to_owned() };
        vaults.set(&named("BLOG"), feed(1), &Secret::new("canary".into())).await.unwrap();
        assert_eq!(vaults.get(&named("BLOG"), feed(1)).await, Kept::Available(Secret::new("from outside".into())));
        for missing in ["EMPTY", "NONE"] {
            assert_eq!(vaults.get(&named(missing), feed(1)).await, Kept::Absent, "{missing}");
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
