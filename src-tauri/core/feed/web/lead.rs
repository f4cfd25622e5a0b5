//! How far a site's clock is ahead of ours: what it says of a time can be compared with our times only after that.

use std::sync::atomic::{AtomicI64, Ordering};

use super::Answer;
use crate::domain::Timestamp;

/// So far the clocks of two computers may be apart, after what one says of its own: two minutes.
pub const SLACK_MILLIS: i64 = 2 * 60 * 1_000;

/// How far a site's clock is ahead of ours.
#[derive(Debug)]
pub struct Lead(AtomicI64);

/// No answer told yet.
const UNKNOWN: i64 = i64::MIN;

impl Default for Lead {
    fn default() -> Self {
        Self(AtomicI64::new(UNKNOWN))
    }
}

impl Lead {
    /// Notes what the site's clock shows, if an answer tells.
    pub fn note(&self, answer: &Answer, now: Timestamp) {
        if let Some(there) = answer.date() {
            self.0.store(there.as_millis().saturating_sub(now.as_millis()), Ordering::Relaxed);
        }
    }

    /// Milliseconds, as was noted last; none before.
    pub fn millis(&self) -> i64 {
        self.known().unwrap_or(0)
    }

    /// What the site's clock shows when ours shows that, where an answer told.
    pub fn there(&self, here: Timestamp) -> Option<Timestamp> {
        self.known().map(|ahead| here.plus_millis(ahead))
    }

    /// The later of two times that were noted of one instant, by our clock and by the site's, as ours counts now. Either clock may
    /// have been set since, and what has to be quiet has to be so by both. A time in the future was noted before its clock was set
    /// back.
    pub fn later(&self, here: Timestamp, there: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let by_theirs = there.zip(self.known()).map(|(there, ahead)| there.plus_millis(-ahead));
        by_theirs.map_or(here, |by_theirs| here.max(by_theirs)).min(now)
    }

    /// The same; nothing before.
    pub fn known(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|ahead| *ahead != UNKNOWN)
    }
}
