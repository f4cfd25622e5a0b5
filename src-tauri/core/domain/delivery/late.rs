//! What left within the last hour, and so may still arrive, or once more.

use serde::{Deserialize, Serialize};

use super::{Delivery, Receipt, Wanted};
use crate::domain::{RevisionId, Timestamp};

/// So long after it was sent, a request may still arrive: an hour.
pub const LATE_MILLIS: i64 = 60 * 60 * 1_000;

/// So many that left are remembered at most.
const MOST_RECENT: usize = 8;

/// What began to leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Which revision.
    pub revision: RevisionId,
    /// When it last began to.
    pub at: Timestamp,
    /// What was wanted of it; absent where that is not known, or where its coming late was made good already.
    #[serde(default)]
    pub wanted: Option<Wanted>,
    /// Whether an answer to it was lost. What was answered is done, and comes no more.
    #[serde(default)]
    pub lost: bool,
    /// So many milliseconds the feed's clock was ahead of ours then, where it had told.
    #[serde(default)]
    pub ahead: Option<i64>,
}

impl Delivery {
    /// What both sides began with, as far as is known: the agreed revision, or else the first that left.
    pub fn common(&self) -> Option<RevisionId> {
        let agreed = self.receipt.as_ref().map(|receipt| receipt.revision);
        agreed.or_else(|| self.recent.first().map(|left| left.revision))
    }

    /// What left within the hour before an instant, but for the agreed revision.
    pub fn late_at(&self, at: Timestamp) -> impl Iterator<Item = &Left> {
        let agreed = self.receipt.as_ref().map(|receipt| receipt.revision);
        self.recent.iter().filter(move |left| Some(left.revision) != agreed && left.is_recent(at))
    }

    /// Counts by our clock as it is now when something left whose answer was lost, where the feed's clock tells that ours was set
    /// forward since.
    pub fn count_by(&mut self, ahead: Option<i64>, now: Timestamp) {
        for left in &mut self.recent {
            if let (Some(before), Some(ahead)) = (left.ahead, ahead) {
                left.at = left.at.max(left.at.plus_millis(before.saturating_sub(ahead))).min(now);
                left.ahead = Some(ahead);
            }
        }
    }

    /// Whether a draft of ours is public there since a request arrived late that was sent while it should be, and not by somebody's
    /// wish. What is a draft there again is believed: nothing is shown by itself that somebody may have hidden.
    pub fn is_echo(&self, there: &Receipt, changed_at: Timestamp) -> bool {
        let was_draft = self.receipt.as_ref().is_some_and(|agreed| agreed.known == Wanted::Draft);
        let is_shown = self.wanted == Wanted::Draft && was_draft && there.known == Wanted::Published;
        is_shown && self.recent.iter().any(|left| left.wanted == Some(there.known) && left.is_recent(changed_at))
    }

    /// Until when something may still come there that shall not be there: what left and was never confirmed, so that nobody would take
    /// it back, or whose answer was lost at a feed where it brings back what was taken away.
    pub fn unwanted_until(&self, now: Timestamp, may_return: bool) -> Option<Timestamp> {
        if self.wanted != Wanted::Withdrawn {
            return None;
        }
        let is_whole = self.is_there() && self.receipt.as_ref().is_some_and(|receipt| !receipt.partial);
        let may_come = |left: &&Left| (!is_whole || (may_return && left.lost)) && left.is_recent(now);
        let last = self.recent.iter().filter(may_come).map(|left| left.at).max();
        last.map(|left| left.plus_millis(LATE_MILLIS + 1))
    }

    /// Whether something whose answer was lost may still come.
    pub(super) fn lost_may_come(&self, now: Timestamp) -> bool {
        self.recent.iter().any(|left| left.lost && left.is_recent(now))
    }

    /// What is wanted begins to leave. Taking it away brings nothing there.
    pub(super) fn note_leaving(&mut self, now: Timestamp) {
        if !self.sends() {
            return;
        }
        let (revision, wanted) = (self.target, Some(self.wanted));
        match self.recent.iter_mut().find(|left| left.revision == revision && left.wanted == wanted) {
            Some(left) => left.at = now,
            None => self.recent.push(Left { revision, at: now, wanted, lost: false, ahead: None }),
        }
        if self.recent.len() > MOST_RECENT {
            // The first one may be what both sides began with.
            self.recent.remove(1);
        }
    }

    /// What left last was not answered.
    pub(super) fn note_lost(&mut self, ahead: Option<i64>) {
        if let Some(last) = self.recent.iter_mut().max_by_key(|left| left.at) {
            (last.lost, last.ahead) = (true, ahead);
        }
    }

    /// A revision came late, or something that was to be public: if the same comes up again, somebody wants it so.
    pub(super) fn expect_no_more(&mut self, late: Option<RevisionId>, is_echo: bool) {
        self.recent.retain(|left| Some(left.revision) != late);
        let shown = self.recent.iter_mut().filter(|left| is_echo && left.wanted == Some(Wanted::Published));
        shown.for_each(|left| left.wanted = None);
    }
}

impl Left {
    /// Whether it may still arrive at an instant. A clock that was set back forgets nothing.
    fn is_recent(&self, at: Timestamp) -> bool {
        at.as_millis().saturating_sub(self.at.as_millis()) <= LATE_MILLIS
    }
}
