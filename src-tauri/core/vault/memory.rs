//! Secrets in this program's memory: gone when it ends. Also what stands for a vault that is not there.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::{Kept, NotKept, Vault};
use crate::domain::{FeedId, Secret};

/// Keeps secrets until the program ends.
#[derive(Debug, Default)]
pub struct Memory {
    secrets: Mutex<HashMap<FeedId, Secret>>,
}

#[async_trait]
impl Vault for Memory {
    async fn get(&self, feed: FeedId) -> Kept {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.get(&feed).cloned().map_or(Kept::Absent, Kept::Available)
    }

    async fn set(&self, feed: FeedId, secret: &Secret) -> Result<(), NotKept> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).insert(feed, secret.clone());
        Ok(())
    }

    async fn remove(&self, feed: FeedId) -> Result<(), NotKept> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).remove(&feed);
        Ok(())
    }
}

/// A vault that this computer does not have, or that is not to be used.
#[derive(Debug, Default)]
pub struct Nowhere;

#[async_trait]
impl Vault for Nowhere {
    async fn get(&self, _feed: FeedId) -> Kept {
        // What was kept there on another day is not lost: it only cannot be had.
        Kept::Locked
    }

    async fn set(&self, _feed: FeedId, _secret: &Secret) -> Result<(), NotKept> {
        Err(NotKept::NoVault)
    }

    async fn remove(&self, _feed: FeedId) -> Result<(), NotKept> {
        Err(NotKept::NoVault)
    }

    async fn probe(&self) -> Result<(), NotKept> {
        Err(NotKept::NoVault)
    }
}
