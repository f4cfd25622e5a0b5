//! How long a site wants to be left alone. It says so with whatever it does not do, also where nobody knows whether it was done.

use std::sync::atomic::{AtomicI64, Ordering};

use super::Answer;
use super::answer::LONGEST_WAIT_MILLIS;
use crate::domain::Timestamp;

/// Until when a site wants to be left alone, by our clock.
#[derive(Debug, Default)]
pub struct Rest(AtomicI64);

impl Rest {
    /// Notes how long a site that is too busy wants to be left alone, if its answer tells.
    pub fn note(&self, answer: &Answer, now: Timestamp) {
        if let Some(wait) = answer.retry_after().filter(|_| matches!(answer.status.as_u16(), 429 | 503)) {
            self.0.store(now.plus_millis(wait).as_millis(), Ordering::Relaxed);
        }
    }

    /// Milliseconds that are left of it, if there are. More than any site is given was noted before our clock was set back.
    pub fn left(&self, now: Timestamp) -> Option<i64> {
        let left = self.0.load(Ordering::Relaxed).saturating_sub(now.as_millis());
        (1..=LONGEST_WAIT_MILLIS).contains(&left).then_some(left)
    }
}
