//! How a delivery changes by what happens to it, and what its state says. Pure; decides nothing about feeds.

use super::{Delivery, DeliveryState, Happened, Manner, NeedsYou, Reached, Receipt, Wanted};
use crate::domain::{Digest, FeedId, PostId, RevisionId, Timestamp};

/// A wait that doubles does so this often at most: up to about a quarter of an hour.
const MOST_DOUBLINGS: u32 = 10;

impl Delivery {
    /// A delivery that was never spoken of.
    pub fn new(post: PostId, feed: FeedId, target: RevisionId, now: Timestamp) -> Self {
        let (wanted, manner, state) = (Wanted::Off, Manner::default(), DeliveryState::Idle);
        Self {
            post,
            feed,
            wanted,
            target,
            manner,
            state,
            receipt: None,
            there: None,
            sent_as: None,
            unanswered: None,
            asset: None,
            reached: None,
            recent: Vec::new(),
            attempts: 0,
            rebuffs: 0,
            losses: 0,
            arrived: 0,
            next_at: now,
            updated_at: now,
        }
    }

    /// Whether something is still to be done: such deliveries make up the outbox.
    pub fn is_pending(&self) -> bool {
        !matches!(self.state, DeliveryState::Idle | DeliveryState::Synced)
    }

    /// Whether bytes may be at the feed that it has not confirmed.
    pub fn is_in_flight(&self) -> bool {
        matches!(self.state, DeliveryState::Uploading { .. } | DeliveryState::Sending | DeliveryState::Unknown)
    }

    /// Whether the feed holds an item, as far as it confirmed.
    pub fn is_there(&self) -> bool {
        self.receipt.as_ref().is_some_and(|receipt| receipt.known != Wanted::Withdrawn)
    }

    /// The same, and nobody found it gone since.
    pub fn lies_there(&self) -> bool {
        self.is_there() && self.state != (DeliveryState::NeedsYou { reason: NeedsYou::GoneThere })
    }

    /// Whether it, or some of it, was there and is not any more, which the user decides about.
    pub fn is_found_gone(&self) -> bool {
        matches!(self.state, DeliveryState::NeedsYou { reason } if reason.is_gone())
    }

    /// Whether it may be there though the feed did not say so.
    pub fn may_be_there(&self) -> bool {
        let is_asked = match self.state {
            DeliveryState::NeedsYou { reason } => reason.is_whether_it_is_there(),
            _ => false,
        };
        let is_open = || self.unanswered.is_some_and(NeedsYou::is_whether_it_is_there);
        !self.is_there() && (self.is_in_flight() || is_asked || is_open() || self.is_left())
    }

    /// Whether it counts as gone so that all of it is made anew, though some of it is there.
    fn is_left(&self) -> bool {
        self.receipt.as_ref().is_some_and(|gone| gone.known == Wanted::Withdrawn && gone.partial)
    }

    /// Whether the post shall be there.
    pub fn sends(&self) -> bool {
        self.wanted.sends()
    }

    /// Whether the same is wanted as at another time, and as much known.
    pub fn is_wanted_as(&self, other: &Self) -> bool {
        let wish = |delivery: &Self| (delivery.wanted, delivery.target, delivery.state.clone());
        wish(self) == wish(other) && self.manner == other.manner && self.receipt == other.receipt
    }

    /// Whether the feed confirmed everything that is wanted.
    pub fn is_satisfied(&self) -> bool {
        match self.wanted {
            Wanted::Off => true,
            Wanted::Withdrawn => !self.is_there(),
            Wanted::Draft | Wanted::Published => self.receipt.as_ref().is_some_and(|receipt| {
                let is_as_sent = receipt.manner.as_ref().is_none_or(|sent| *sent == self.manner);
                !receipt.partial && receipt.known == self.wanted && receipt.revision == self.target && is_as_sent
            }),
        }
    }

    /// Takes over the warning that stands at the feed, if it was changed there since both sides last agreed, and not here. Answers
    /// whether it was.
    pub fn take_warning(&mut self, there: &str) -> bool {
        let agreed = self.receipt.as_ref().and_then(|receipt| receipt.parts.get(Receipt::WARNING));
        let is_other = |warning: &str| agreed.is_some_and(|agreed| *agreed != Digest::of(warning.as_bytes()));
        let ours = self.manner.warning.trim();
        if ours == there || is_other(ours) || agreed.is_some_and(|_| !is_other(there)) {
            return false;
        }
        let sent = self.receipt.as_mut().and_then(|receipt| receipt.manner.as_mut());
        for manner in std::iter::once(&mut self.manner).chain(sent) {
            there.clone_into(&mut manner.warning);
        }
        true
    }

    /// The delivery after something happened.
    pub fn after(mut self, happened: Happened, now: Timestamp) -> Self {
        self.updated_at = now;
        // What left in the future did so before the clock was set back: it counts as recent from now on, once.
        self.recent.iter_mut().for_each(|left| left.at = now.min(left.at));
        let before = self.target;
        match happened {
            Happened::Wished { wanted, target, manner } => {
                let before = std::mem::replace(&mut self.manner, manner);
                if let Some(receipt) = &mut self.receipt {
                    // Of what came from there nobody knows more than how it was wanted so far.
                    receipt.manner.get_or_insert(before);
                }
                self.wish(wanted, target, now);
            }
            Happened::Edited { revision } => self.edit(revision, now),
            Happened::Begun { files } => {
                self.state = match files {
                    0 => DeliveryState::Sending,
                    total => DeliveryState::Uploading { done: 0, total, bytes: 0, total_bytes: 0 },
                };
                (self.next_at, self.sent_as) = (now, Some(self.manner.clone()));
                self.note_leaving(now);
            }
            Happened::Uploaded { done, total, bytes, total_bytes } => {
                self.reached = (done > 0).then_some(Reached { done, total });
                self.state = match done < total {
                    true => DeliveryState::Uploading { done, total, bytes, total_bytes },
                    false => DeliveryState::Sending,
                };
            }
            Happened::Confirmed(receipt) => {
                let in_vain = self.was_in_vain(Some(&receipt));
                (self.receipt, self.there, self.reached) = (Some(self.with_manner(receipt)), None, None);
                if !in_vain || self.is_satisfied() {
                    self.begin_counting();
                }
                self.rest_or_queue(now);
            }
            Happened::Unfinished(receipt) => {
                let partial = Receipt { partial: true, ..receipt };
                self = self.after(Happened::Kept(partial), now);
            }
            Happened::Kept(receipt) => {
                _ = self.was_in_vain(Some(&receipt));
                (self.receipt, self.there) = (Some(self.with_manner(receipt)), None);
                self.rest_or_queue(now);
                if self.wanted != Wanted::Off {
                    (self.state, self.next_at) = (DeliveryState::Queued, now);
                }
            }
            Happened::Absent => self.be_absent(now),
            Happened::TakenBack { may_return } => {
                self.there = None;
                let until = self.unwanted_until(now, may_return);
                self.be_gone(false);
                self.rest_or_queue(now);
                if let Some(until) = until {
                    (self.state, self.next_at) = (DeliveryState::Unknown, until);
                }
            }
            Happened::Woken => self.wake(now),
            Happened::Lost { ask_at, files, ahead } => {
                self.note_lost(ahead);
                if files > self.arrived {
                    (self.arrived, self.losses) = (files, 0);
                }
                self.state = DeliveryState::Unknown;
                self.attempts = self.attempts.saturating_add(1);
                self.next_at = ask_at;
            }
            Happened::NotYet { ask_at } => (self.state, self.next_at) = (DeliveryState::Unknown, ask_at),
            Happened::Copied => self.be_copied(),
            Happened::PutOff { until } => {
                self.state = if self.is_moot() { DeliveryState::Idle } else { DeliveryState::Queued };
                (self.attempts, self.next_at) = (0, until);
            }
            Happened::Unreachable { retry_at } => {
                // What is unknown stays unknown: a feed that cannot be asked proves nothing.
                if self.state != DeliveryState::Unknown {
                    self.state = if self.is_moot() { DeliveryState::Idle } else { DeliveryState::Queued };
                }
                self.attempts = self.attempts.saturating_add(1);
                self.next_at = retry_at;
            }
            Happened::Rebuffed { retry_at } => {
                self = self.after(Happened::Unreachable { retry_at }, now);
                self.rebuffs = self.rebuffs.saturating_add(1);
            }
            Happened::TakenOver { there, target, late, changed_at } => {
                let is_echo = self.is_echo(&there, changed_at);
                self.expect_no_more(late, is_echo);
                // What waits may be there in part only.
                let waits = self.state == DeliveryState::Queued;
                self.take_over(there, (target, is_echo), now);
                if waits && self.state == DeliveryState::Synced {
                    (self.state, self.next_at) = (DeliveryState::Queued, now);
                }
            }
            // Nobody is asked about what is gone of a post that is being taken back.
            Happened::Stuck { reason, .. } if reason.is_gone() && self.wanted == Wanted::Withdrawn => {
                self.rest_or_queue(now);
            }
            Happened::Stuck { reason, there, asset } => {
                self.asset = asset;
                self.be_stuck(reason, there);
            }
        }
        if !matches!(self.state, DeliveryState::NeedsYou { .. }) {
            self.asset = None;
        }
        if self.target != before || !self.sends() || !self.is_pending() {
            self.reached = None;
        }
        self
    }

    fn wish(&mut self, wanted: Wanted, target: RevisionId, now: Timestamp) {
        (self.wanted, self.target, self.next_at) = (wanted, target, now);
        self.begin_counting();
        let sends = wanted.sends();
        // Some of it was to be made anew, and the rest is there.
        if !sends
            && self.is_left()
            && let Some(receipt) = &mut self.receipt
        {
            receipt.known = Wanted::Published;
        }
        if self.is_in_flight() {
            return;
        }
        if wanted != Wanted::Off
            && let Some(reason) = self.unanswered.take()
            && (reason != NeedsYou::Conflict || self.there.is_some())
        {
            self.state = DeliveryState::NeedsYou { reason };
        }
        match self.state {
            // Sending over what was changed on both sides would be deciding without having looked, as would sending what another
            // copy of the journal may have sent.
            DeliveryState::NeedsYou { reason: NeedsYou::Conflict | NeedsYou::Copied } if sends => return,
            // Nobody knows whether it is there: the feed is asked again, and only the user's word that it is not sends it again.
            DeliveryState::NeedsYou { reason: NeedsYou::MaybeThere } if wanted != Wanted::Off => {
                self.state = DeliveryState::Unknown;
                return;
            }
            // Nobody here has read it: before anything is written over it, it is kept.
            DeliveryState::NeedsYou { reason: NeedsYou::ChangedThere } if self.there.is_some() => {}
            DeliveryState::NeedsYou { reason } => {
                self.unanswered = Some(reason).filter(|reason| !sends && reason.stays_open());
                // What was changed on both sides is not agreed on because nothing is wanted for a while.
                if reason != NeedsYou::Conflict {
                    self.accept_there();
                }
                if reason == NeedsYou::GoneThere && wanted == Wanted::Off {
                    self.be_gone(false);
                }
            }
            _ => {}
        }
        match self.state {
            DeliveryState::NeedsYou { reason } if sends => {
                if reason.is_gone() {
                    self.be_gone(reason == NeedsYou::PartGone);
                }
                self.state = DeliveryState::Queued;
            }
            // What waits may be there in part only, whatever the receipt says.
            DeliveryState::Queued if sends => {}
            _ => self.rest_or_queue(now),
        }
        // It was not there when it was asked last, with nothing wanted, and may have come since or still come.
        if wanted == Wanted::Withdrawn && !self.is_pending() && self.lost_may_come(now) {
            self.state = DeliveryState::Unknown;
        }
    }

    fn edit(&mut self, revision: RevisionId, now: Timestamp) {
        if self.wanted != Wanted::Draft || self.target == revision {
            return;
        }
        self.target = revision;
        let about_content = matches!(
            self.state,
            DeliveryState::NeedsYou {
                reason: NeedsYou::Refused
                    | NeedsYou::TooLarge
                    | NeedsYou::TooLong
                    | NeedsYou::AltTooLong
                    | NeedsYou::TooManyFiles
                    | NeedsYou::Mixed
                    | NeedsYou::CannotStrip
                    | NeedsYou::MediaDamaged
            }
        );
        if about_content || matches!(self.state, DeliveryState::Idle | DeliveryState::Synced | DeliveryState::Queued) {
            self.state = DeliveryState::Queued;
            self.next_at = self.next_at.max(now);
        }
    }

    fn wake(&mut self, now: Timestamp) {
        if let DeliveryState::NeedsYou { reason } = self.state
            && reason.concerns_feed()
        {
            self.accept_there();
            self.state = DeliveryState::Queued;
        }
        if matches!(self.state, DeliveryState::Queued | DeliveryState::Unknown) {
            (self.attempts, self.next_at) = (0, now);
        }
    }

    /// What is there is known by its receipt, whoever changed it since. Anything else that would leave by itself waits for the user,
    /// whatever was written down of earlier tries: those of the other copy are not in it.
    fn be_copied(&mut self) {
        let leaves = match self.state {
            DeliveryState::Idle | DeliveryState::Synced => false,
            DeliveryState::NeedsYou { reason } => reason.concerns_feed(),
            _ => true,
        };
        if leaves && !self.is_there() && self.sends() {
            self.state = DeliveryState::NeedsYou { reason: NeedsYou::Copied };
        }
    }

    fn be_absent(&mut self, now: Timestamp) {
        self.there = None;
        _ = self.was_in_vain(None);
        let sends = self.sends();
        // Of an update that may not have arrived this says only that it did not.
        let was_update = self.state == DeliveryState::NeedsYou { reason: NeedsYou::MaybeThere };
        if sends && self.is_there() && !was_update {
            self.state = DeliveryState::NeedsYou { reason: NeedsYou::GoneThere };
            return;
        }
        if was_update && self.is_there() {
            self.rest_or_queue(now);
            return;
        }
        self.be_gone(false);
        self.rest_or_queue(now);
    }

    /// What was there is not there any more, or counts as that though some of it `may_be_left`.
    fn be_gone(&mut self, may_be_left: bool) {
        if let Some(receipt) = &mut self.receipt {
            (receipt.known, receipt.partial) = (Wanted::Withdrawn, may_be_left);
        }
    }

    fn take_over(&mut self, mut there: Receipt, (target, is_echo): (RevisionId, bool), now: Timestamp) {
        let is_as_known = self.receipt.as_ref().is_some_and(|before| before.version == there.version);
        let was_changed = self.state == DeliveryState::NeedsYou { reason: NeedsYou::ChangedThere };
        let in_vain = if was_changed && is_as_known { self.attempts.saturating_add(1) } else { 0 };
        let was_gone = self.is_found_gone();
        let was_partial = self.receipt.as_ref().is_some_and(|before| before.partial);
        // What was missing has come again with the others.
        let partial = there.partial || (was_partial && !was_gone);
        there = self.with_manner(Receipt { manner: None, partial, ..there });
        // Made public there, or made a draft again there: that is wanted now, unless something else was asked for meanwhile.
        if !is_echo && self.receipt.as_ref().is_some_and(|before| before.known == self.wanted) {
            self.wanted = there.known;
        }
        (self.receipt, self.there, self.target) = (Some(there), None, target);
        self.begin_counting();
        self.rest_or_queue(now);
        // A feed that says that an item was changed, and then shows it as it was known, is not asked so again and again at once.
        if self.state == DeliveryState::Queued && in_vain > 0 {
            let seconds = (1_i64 << in_vain.saturating_sub(1).min(MOST_DOUBLINGS)) - 1;
            (self.attempts, self.next_at) = (in_vain, now.plus_millis(seconds * 1_000));
        }
    }

    fn be_stuck(&mut self, reason: NeedsYou, there: Option<Receipt>) {
        self.there = there;
        if let Some(receipt) = self.receipt.as_mut().filter(|_| reason == NeedsYou::PartGone) {
            receipt.partial = true;
        }
        // What may be there and shall not be is no settled matter.
        let is_open = reason == NeedsYou::MaybeThere && self.wanted == Wanted::Withdrawn;
        if self.is_moot() && !is_open {
            if !matches!(reason, NeedsYou::ChangedThere | NeedsYou::Conflict) {
                self.accept_there();
            }
            if reason == NeedsYou::GoneThere {
                self.be_gone(false);
            }
            self.unanswered = Some(reason).filter(|reason| reason.stays_open());
            self.state = DeliveryState::Idle;
        } else {
            self.unanswered = None;
            self.state = DeliveryState::NeedsYou { reason };
        }
    }

    /// What was only read back does not tell how it was sent: as what was known before, or else as it left.
    fn with_manner(&self, read: Receipt) -> Receipt {
        let known = self.receipt.as_ref().map_or(&self.sent_as, |before| &before.manner);
        Receipt { manner: read.manner.or_else(|| known.clone()), ..read }
    }

    /// From here on, what the feed holds counts as known.
    fn accept_there(&mut self) {
        self.receipt = self.there.take().or(self.receipt.take());
    }

    /// Whether the user meanwhile wants nothing there, and nothing is there.
    fn is_moot(&self) -> bool {
        match self.wanted {
            Wanted::Off => true,
            Wanted::Withdrawn => !self.is_there() && self.there.is_none(),
            Wanted::Draft | Wanted::Published => false,
        }
    }

    /// Whether the feed holds what it held before, though something was sent since and the answer to it was lost. Counts it.
    fn was_in_vain(&mut self, there: Option<&Receipt>) -> bool {
        let is_same = |before: &Receipt, there: &Receipt| {
            (&before.remote_id, before.known, before.revision, before.version)
                == (&there.remote_id, there.known, there.revision, there.version)
        };
        let before = self.receipt.as_ref().filter(|receipt| receipt.known != Wanted::Withdrawn);
        let in_vain = self.state == DeliveryState::Unknown
            && match (before, there) {
                (Some(before), Some(there)) => is_same(before, there),
                (None, None) => true,
                _ => false,
            };
        self.losses = if in_vain { self.losses.saturating_add(1) } else { 0 };
        in_vain
    }

    /// Something new is tried, or something came of it.
    fn begin_counting(&mut self) {
        (self.attempts, self.rebuffs, self.losses, self.arrived) = (0, 0, 0, 0);
    }

    fn rest_or_queue(&mut self, now: Timestamp) {
        // What nobody here has read is not what is wanted.
        let is_unread = self.there.is_some() && self.wanted != Wanted::Off;
        if is_unread || !self.is_satisfied() {
            self.state = DeliveryState::Queued;
            self.next_at = now;
        } else if self.wanted == Wanted::Off || self.receipt.is_none() {
            self.state = DeliveryState::Idle;
        } else {
            self.state = DeliveryState::Synced;
        }
    }
}
