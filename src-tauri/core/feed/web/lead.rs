//! How far a site's clock is ahead of ours: what it says of a time can be compared with our times only after that.

use std::sync::atomic::{AtomicI64, Ordering};

use super::Answer;
use crate::domain::Timestamp;

/// So far the clocks of two computers may be apart, after what one says of its own: two minutes.
pub const SLACK_MILLIS: i64 = 2 * 60 * 1_000;

/// How far a site's clock is ahead of ours.
#[derive(Debug, Default)]
pub struct Lead(AtomicI64);

impl Lead {
    /// Notes what the site's clock shows, if an answer tells.
    pub fn note(&self, answer: &Answer, now: Timestamp) {
        if let Some(there) = answer.date() {
            self.0.store(there.as_millis().saturating_sub(now.as_millis()), Ordering::Relaxed);
        }
    }

    /// Milliseconds, as was noted last; none before.
    pub fn millis(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}
