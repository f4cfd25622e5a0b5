//! Notes in memory: for an item of which the journal keeps no delivery yet, and for tests. Gone when the program ends.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::{FeedError, Notes};

/// What an adapter wrote down of one post, in memory.
#[derive(Debug, Default)]
pub struct Slip(Mutex<BTreeMap<String, String>>);

impl Slip {
    /// Everything that was written down.
    pub fn taken(&self) -> BTreeMap<String, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes one down, or strikes it out.
    pub fn set(&self, key: &str, value: Option<&str>) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match value {
            Some(value) => notes.insert(key.to_owned(), value.to_owned()),
            None => notes.remove(key),
        };
    }
}

#[async_trait]
impl Notes for Slip {
    async fn all(&self) -> Result<BTreeMap<String, String>, FeedError> {
        Ok(self.taken())
    }

    async fn put(&self, key: &str, value: Option<&str>) -> Result<(), FeedError> {
        self.set(key, value);
        Ok(())
    }
}
