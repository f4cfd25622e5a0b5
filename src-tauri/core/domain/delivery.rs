//! The relation of one post to one feed: what is wanted, what is known there, the state between, and the rules by which the
//! state changes. Every change is written down before the bytes that depend on it leave (see `sync/`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Digest, FeedId, PostId, RevisionId, Timestamp};

/// What the user wants of a post at a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// Nothing: the post does not go there (and what may be there already is left alone).
    Off,
    /// It lies there as a draft.
    Draft,
    /// It is public there.
    Published,
    /// It was there and shall not be any more.
    Withdrawn,
}

/// One post at one feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Which post.
    pub post: PostId,
    /// Which feed.
    pub feed: FeedId,
    /// What the user wants.
    pub wanted: Wanted,
    /// The revision that shall be there; sealed when it leaves.
    pub target: RevisionId,
    /// How it shall be there.
    pub manner: Manner,
    /// Where it stands.
    pub state: DeliveryState,
    /// What the feed confirmed last.
    pub receipt: Option<Receipt>,
    /// What the feed holds instead, where it said so: the user decides about exactly that. The receipt stays what both sides
    /// last agreed on.
    pub there: Option<Receipt>,
    /// How often the present step was tried without an answer.
    pub attempts: u32,
    /// Not to be tried before this instant.
    pub next_at: Timestamp,
    /// When any of this last changed.
    pub updated_at: Timestamp,
}

/// How a post shall be at one feed, beside what it says. What a feed does not know, it leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields, default)]
pub struct Manner {
    /// Made public by the feed itself at this instant; absent means at once.
    pub publish_at: Option<Timestamp>,
    /// What readers are told before they choose to read on; empty for nothing.
    pub warning: String,
    /// Who may read it; absent means as the feed is set up.
    pub visibility: Option<Visibility>,
}

/// Who may read a published post, in the words of the Mastodon API (<https://docs.joinmastodon.org/entities/Status/#visibility>).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody, and it is shown in public lists.
    #[default]
    Public,
    /// Everybody, but it is in no public list.
    Unlisted,
    /// Followers.
    Private,
}

/// Where a delivery stands. Every state is written before the bytes that depend on it leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeliveryState {
    /// Nothing is to be done.
    Idle,
    /// To be sent as soon as the feed answers.
    Queued,
    /// Files are going out.
    Uploading {
        /// Files that the feed confirmed.
        done: u32,
        /// Files in all.
        total: u32,
        /// Bytes that left.
        #[ts(type = "number")]
        bytes: u64,
        /// Bytes in all, as far as is known.
        #[ts(type = "number")]
        total_bytes: u64,
    },
    /// The intent is committed and the request may be on its way; a crash here leads to `Unknown`.
    Sending,
    /// The answer was lost: the feed is asked before anything is sent again.
    Unknown,
    /// The feed confirmed what is wanted.
    Synced,
    /// Only the user can go on.
    NeedsYou {
        /// Why.
        reason: NeedsYou,
    },
}

/// Why only the user can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum NeedsYou {
    /// The feed refused the content.
    Refused,
    /// A file is too large for the feed.
    TooLarge,
    /// The feed has no room left.
    Full,
    /// The feed does not let us write.
    Denied,
    /// The item was changed at the feed since it was last seen there.
    ChangedThere,
    /// The item is gone from the feed though nobody here removed it.
    GoneThere,
    /// An attachment cannot be cleaned of location and device data, so it does not leave.
    CannotStrip,
    /// An original is missing or damaged in the journal.
    MediaDamaged,
    /// The feed does not know us any more: sign in again.
    SignedOut,
    /// The text is longer than the feed takes, and the feed is set up not to split it.
    TooLong,
    /// An answer was lost and the feed cannot say whether the post is there: the user looks and tells.
    MaybeThere,
    /// It was changed here and at the feed, in ways that only the user can bring together.
    Conflict,
    /// There are more files than the feed takes in one item, and it is set up not to make several.
    TooManyFiles,
    /// The feed does not take photos and clips in one item, and it is set up not to make several.
    Mixed,
    /// The feed cannot change what it holds; taking it back and sending it again is the user's choice.
    CannotChange,
}

/// What a feed confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Receipt {
    /// The feed's own name for the item.
    pub remote_id: String,
    /// Where a person can look at it.
    pub url: Option<String>,
    /// What is there: draft, published or withdrawn.
    pub known: Wanted,
    /// The revision the feed holds: the base both sides last agreed on.
    pub revision: RevisionId,
    /// Digest of what the feed holds, in the feed's own form.
    #[ts(type = "string")]
    pub version: Digest,
    /// Digest of each part of it as the feed holds it, by names of the adapter's choice, so that later it is known which
    /// parts were changed there. Empty where the feed cannot be read back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(skip)]
    pub parts: BTreeMap<String, Digest>,
    /// When the feed confirmed it.
    pub confirmed_at: Timestamp,
}

/// What happened to a delivery. Nothing else changes one.
#[derive(Debug, Clone, PartialEq)]
pub enum Happened {
    /// The user said what is wanted. After [`NeedsYou`] this means: go on, overwrite or send again.
    Wished {
        /// What is wanted now.
        wanted: Wanted,
        /// The revision that shall be there.
        target: RevisionId,
        /// How it shall be there.
        manner: Manner,
    },
    /// The post was edited and then left alone for a while ([`DEBOUNCE_MILLIS`]). Drafts follow by themselves, published posts
    /// wait for the user.
    Edited {
        /// The newest revision.
        revision: RevisionId,
    },
    /// Bytes are about to leave.
    Begun {
        /// Files that go with the post.
        files: u32,
    },
    /// The feed has some of the files.
    Uploaded {
        /// Files it has.
        done: u32,
        /// Files in all.
        total: u32,
        /// Bytes that left.
        bytes: u64,
        /// Bytes in all, as far as is known.
        total_bytes: u64,
    },
    /// The feed said what it holds now.
    Confirmed(Receipt),
    /// The feed holds something that an interrupted attempt left half done: it has to be made again.
    Unfinished(Receipt),
    /// The feed proved that it holds nothing of this post.
    Absent,
    /// The user, a network change or a start of the program says: do not wait any longer.
    Woken,
    /// The answer was lost, or the program ended, after bytes may have left.
    Lost {
        /// When to ask the feed.
        ask_at: Timestamp,
    },
    /// The feed holds nothing of what was sent, and what was sent may still arrive.
    NotYet {
        /// When to ask the feed again; nothing is sent before.
        ask_at: Timestamp,
    },
    /// It waits here for its time, since the feed cannot keep it until then.
    PutOff {
        /// When to try.
        until: Timestamp,
    },
    /// The feed could not be asked or reached, and certainly nothing was changed there.
    Unreachable {
        /// When to try again.
        retry_at: Timestamp,
    },
    /// What was changed at the feed is in the journal now.
    TakenOver {
        /// What the feed holds; its revision is in the journal.
        there: Receipt,
        /// The revision that shall be there: that one, or one that was made from it.
        target: RevisionId,
    },
    /// Only the user can go on.
    Stuck {
        /// Why.
        reason: NeedsYou,
        /// What the feed holds instead, where it said so: the user decides about exactly that.
        there: Option<Receipt>,
    },
}

/// Edits of a draft follow to its feeds after a pause of this long, not after every key: ten seconds.
pub const DEBOUNCE_MILLIS: i64 = 10_000;

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
            attempts: 0,
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

    /// Whether the feed confirmed everything that is wanted.
    pub fn is_satisfied(&self) -> bool {
        match self.wanted {
            Wanted::Off => true,
            Wanted::Withdrawn => !self.is_there(),
            Wanted::Draft | Wanted::Published => self
                .receipt
                .as_ref()
                .is_some_and(|receipt| receipt.known == self.wanted && receipt.revision == self.target),
        }
    }

    /// The delivery after something happened.
    pub fn after(mut self, happened: Happened, now: Timestamp) -> Self {
        self.updated_at = now;
        match happened {
            Happened::Wished { wanted, target, manner } => {
                self.manner = manner;
                self.wish(wanted, target, now);
            }
            Happened::Edited { revision } => self.edit(revision, now),
            Happened::Begun { files } => {
                self.state = match files {
                    0 => DeliveryState::Sending,
                    total => DeliveryState::Uploading { done: 0, total, bytes: 0, total_bytes: 0 },
                };
                self.next_at = now;
            }
            Happened::Uploaded { done, total, .. } if done >= total => self.state = DeliveryState::Sending,
            Happened::Uploaded { done, total, bytes, total_bytes } => {
                self.state = DeliveryState::Uploading { done, total, bytes, total_bytes };
            }
            Happened::Confirmed(receipt) => {
                (self.receipt, self.there) = (Some(receipt), None);
                self.attempts = 0;
                self.rest_or_queue(now);
            }
            Happened::Unfinished(receipt) => {
                (self.receipt, self.there) = (Some(receipt), None);
                self.rest_or_queue(now);
                if self.wanted != Wanted::Off {
                    (self.state, self.next_at) = (DeliveryState::Queued, now);
                }
            }
            Happened::Absent => self.be_absent(now),
            Happened::Woken => self.wake(now),
            Happened::Lost { ask_at } => {
                self.state = DeliveryState::Unknown;
                self.attempts = self.attempts.saturating_add(1);
                self.next_at = ask_at;
            }
            Happened::NotYet { ask_at } => (self.state, self.next_at) = (DeliveryState::Unknown, ask_at),
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
            Happened::TakenOver { there, target } => self.take_over(there, target, now),
            Happened::Stuck { reason, there } => self.be_stuck(reason, there),
        }
        self
    }

    fn wish(&mut self, wanted: Wanted, target: RevisionId, now: Timestamp) {
        (self.wanted, self.target) = (wanted, target);
        (self.attempts, self.next_at) = (0, now);
        if self.is_in_flight() {
            return;
        }
        let sends = matches!(wanted, Wanted::Draft | Wanted::Published);
        match self.state {
            // Sending over what was changed on both sides would be deciding without having looked.
            DeliveryState::NeedsYou { reason: NeedsYou::Conflict } if sends => return,
            // Nobody knows whether it is there: the feed is asked again, and only the user's word that it is not sends it again.
            DeliveryState::NeedsYou { reason: NeedsYou::MaybeThere } if wanted != Wanted::Off => {
                self.state = DeliveryState::Unknown;
                return;
            }
            DeliveryState::NeedsYou { .. } => self.accept_there(),
            _ => {}
        }
        match self.state {
            DeliveryState::NeedsYou { reason } if sends => {
                if reason == NeedsYou::GoneThere {
                    self.receipt = None;
                }
                self.state = DeliveryState::Queued;
            }
            _ => self.rest_or_queue(now),
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
        if matches!(
            self.state,
            DeliveryState::NeedsYou { reason: NeedsYou::Full | NeedsYou::Denied | NeedsYou::SignedOut }
        ) {
            self.accept_there();
            self.state = DeliveryState::Queued;
        }
        if matches!(self.state, DeliveryState::Queued | DeliveryState::Unknown) {
            (self.attempts, self.next_at) = (0, now);
        }
    }

    fn be_absent(&mut self, now: Timestamp) {
        self.there = None;
        let sends = matches!(self.wanted, Wanted::Draft | Wanted::Published);
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
        if let Some(receipt) = &mut self.receipt {
            receipt.known = Wanted::Withdrawn;
        }
        self.rest_or_queue(now);
    }

    fn take_over(&mut self, there: Receipt, target: RevisionId, now: Timestamp) {
        // Made public there, or made a draft again there: that is wanted now, unless something else was asked for meanwhile.
        if self.receipt.as_ref().is_some_and(|before| before.known == self.wanted) {
            self.wanted = there.known;
        }
        (self.receipt, self.there, self.target, self.attempts) = (Some(there), None, target, 0);
        self.rest_or_queue(now);
    }

    fn be_stuck(&mut self, reason: NeedsYou, there: Option<Receipt>) {
        self.there = there;
        // What may be there and shall not be is no settled matter.
        let is_open = reason == NeedsYou::MaybeThere && self.wanted == Wanted::Withdrawn;
        if self.is_moot() && !is_open {
            self.accept_there();
            self.state = DeliveryState::Idle;
        } else {
            self.state = DeliveryState::NeedsYou { reason };
        }
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

    fn rest_or_queue(&mut self, now: Timestamp) {
        if !self.is_satisfied() {
            self.state = DeliveryState::Queued;
            self.next_at = now;
        } else if self.wanted == Wanted::Off || self.receipt.is_none() {
            self.state = DeliveryState::Idle;
        } else {
            self.state = DeliveryState::Synced;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::EPOCH;

    fn revision(number: u128) -> RevisionId {
        RevisionId::from_uuid(Uuid::from_u128(number))
    }

    fn delivery() -> Delivery {
        let (post, feed) = (PostId::from_uuid(Uuid::from_u128(1)), FeedId::from_uuid(Uuid::from_u128(2)));
        Delivery::new(post, feed, revision(1), NOW)
    }

    fn receipt(known: Wanted, number: u128) -> Receipt {
        let version = Digest::of(&number.to_le_bytes());
        let (remote_id, parts) = ("1".into(), BTreeMap::new());
        Receipt { remote_id, url: None, known, revision: revision(number), version, parts, confirmed_at: NOW }
    }

    fn wish(wanted: Wanted, number: u128) -> Happened {
        Happened::Wished { wanted, target: revision(number), manner: Manner::default() }
    }

    fn published() -> Delivery {
        let confirmed = Happened::Confirmed(receipt(Wanted::Published, 1));
        delivery().after(wish(Wanted::Published, 1), NOW).after(Happened::Begun { files: 0 }, NOW).after(confirmed, NOW)
    }

    #[test]
    fn a_confirmation_of_what_is_no_longer_wanted_leads_on_to_what_is() {
        let sending = delivery().after(wish(Wanted::Published, 1), NOW).after(Happened::Begun { files: 2 }, NOW);
        let withdrawn = sending.after(wish(Wanted::Withdrawn, 1), NOW);
        assert!(withdrawn.is_in_flight(), "a wish does not stop what is on its way");
        let after = withdrawn.after(Happened::Confirmed(receipt(Wanted::Published, 1)), NOW);
        assert_eq!(after.state, DeliveryState::Queued, "it is there, so it must be taken away");
    }

    #[test]
    fn an_unreachable_feed_proves_nothing_about_a_lost_answer() {
        let sending = delivery().after(wish(Wanted::Draft, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
        let unknown = sending.after(Happened::Lost { ask_at: NOW }, NOW);
        let still = unknown.after(Happened::Unreachable { retry_at: NOW }, NOW);
        assert_eq!((still.state, still.attempts), (DeliveryState::Unknown, 2));
    }

    #[test]
    fn what_could_not_leave_and_is_not_wanted_any_more_does_not_wait() {
        for wanted in [Wanted::Off, Wanted::Withdrawn] {
            let sending = delivery().after(wish(Wanted::Draft, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
            let unwanted = sending.after(wish(wanted, 1), NOW);
            let after = unwanted.after(Happened::Unreachable { retry_at: NOW }, NOW);
            assert_eq!(after.state, DeliveryState::Idle, "{wanted:?}");
        }
    }

    #[test]
    fn edits_of_a_draft_follow_and_edits_of_a_published_post_wait() {
        let draft = delivery().after(wish(Wanted::Draft, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
        let draft = draft.after(Happened::Confirmed(receipt(Wanted::Draft, 1)), NOW);
        let edited = draft.after(Happened::Edited { revision: revision(2) }, NOW);
        assert_eq!((edited.state, edited.target), (DeliveryState::Queued, revision(2)));
        let edited = published().after(Happened::Edited { revision: revision(2) }, NOW);
        assert_eq!((edited.state, edited.target), (DeliveryState::Synced, revision(1)));
    }

    #[test]
    fn what_is_gone_there_is_not_made_again_until_the_user_says_so() {
        let gone = published().after(wish(Wanted::Published, 2), NOW).after(Happened::Absent, NOW);
        assert_eq!(gone.state, DeliveryState::NeedsYou { reason: NeedsYou::GoneThere });
        let again = gone.after(wish(Wanted::Published, 2), NOW);
        assert_eq!((again.state, again.receipt), (DeliveryState::Queued, None));
    }

    #[test]
    fn sending_over_a_change_means_over_exactly_the_change_that_was_told() {
        let there = Some(receipt(Wanted::Published, 1));
        let stuck = published().after(Happened::Stuck { reason: NeedsYou::ChangedThere, there: there.clone() }, NOW);
        let again = stuck.after(wish(Wanted::Published, 1), NOW);
        assert_eq!(again.state, DeliveryState::Queued, "though the revision is the one it had");
        assert_eq!(again.receipt, there);
    }

    #[test]
    fn what_may_be_there_is_asked_for_again_and_sent_again_only_on_the_users_word() {
        let sending = delivery().after(wish(Wanted::Published, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
        let maybe = sending.after(Happened::Stuck { reason: NeedsYou::MaybeThere, there: None }, NOW);
        for wanted in [Wanted::Published, Wanted::Withdrawn] {
            assert_eq!(maybe.clone().after(wish(wanted, 2), NOW).state, DeliveryState::Unknown, "{wanted:?}");
        }
        let unwanted = maybe.clone().after(wish(Wanted::Withdrawn, 1), NOW);
        let still = unwanted.after(Happened::Stuck { reason: NeedsYou::MaybeThere, there: None }, NOW);
        assert!(still.is_pending(), "it may be public");
        assert_eq!(maybe.after(Happened::Absent, NOW).state, DeliveryState::Queued);
    }

    #[test]
    fn waiting_here_for_its_time_is_no_failure() {
        let later = NOW.plus_millis(60_000);
        let waits = |wanted| {
            let sending = delivery().after(wish(Wanted::Published, 1), NOW).after(Happened::Begun { files: 1 }, NOW);
            sending.after(wish(wanted, 1), NOW).after(Happened::PutOff { until: later }, NOW)
        };
        let queued = waits(Wanted::Published);
        assert_eq!((&queued.state, queued.attempts, queued.next_at), (&DeliveryState::Queued, 0, later));
        assert_eq!(waits(Wanted::Withdrawn).state, DeliveryState::Idle, "nothing of it is there");
    }

    #[test]
    fn waiting_for_what_may_still_arrive_is_no_failure() {
        let later = NOW.plus_millis(60_000);
        let lost = delivery().after(wish(Wanted::Published, 1), NOW).after(Happened::Lost { ask_at: NOW }, NOW);
        let waits = lost.after(Happened::NotYet { ask_at: later }, NOW);
        assert_eq!((&waits.state, waits.attempts, waits.next_at), (&DeliveryState::Unknown, 1, later));
        let woken = waits.after(Happened::Woken, NOW);
        assert_eq!((woken.state, woken.next_at), (DeliveryState::Unknown, NOW), "asked again, not sent again");
    }

    #[test]
    fn until_both_sides_are_together_the_last_agreement_is_remembered() {
        let agreed = published().receipt;
        let there = Some(receipt(Wanted::Published, 7));
        let conflict = published().after(Happened::Stuck { reason: NeedsYou::Conflict, there: there.clone() }, NOW);
        assert_eq!((&conflict.receipt, &conflict.there), (&agreed, &there));
        let blind = conflict.clone().after(wish(Wanted::Published, 8), NOW);
        assert_eq!(blind.state, conflict.state, "nothing is sent over a conflict that nobody solved");
        let there = receipt(Wanted::Published, 7);
        let solved = conflict.after(Happened::TakenOver { there: there.clone(), target: revision(9) }, NOW);
        assert_eq!((solved.state, solved.receipt, solved.there), (DeliveryState::Queued, Some(there), None));
    }

    #[test]
    fn a_draft_made_public_there_is_wanted_public_from_then_on() {
        let draft = delivery().after(wish(Wanted::Draft, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
        let draft = draft.after(Happened::Confirmed(receipt(Wanted::Draft, 1)), NOW);
        let there = receipt(Wanted::Published, 2);
        let public = draft.after(Happened::TakenOver { there, target: revision(2) }, NOW);
        assert_eq!((public.wanted, public.state), (Wanted::Published, DeliveryState::Synced));
    }

    #[test]
    fn a_post_that_never_left_is_withdrawn_at_once() {
        let queued = delivery().after(wish(Wanted::Published, 1), NOW);
        assert_eq!(queued.after(wish(Wanted::Withdrawn, 1), NOW).state, DeliveryState::Idle);
        let waits = published().after(wish(Wanted::Withdrawn, 1), NOW);
        assert_eq!(waits.state, DeliveryState::Queued, "one that left stays a tombstone until the feed confirmed");
        let done = waits.after(Happened::Begun { files: 0 }, NOW).after(Happened::Absent, NOW);
        assert_eq!((done.is_there(), done.state), (false, DeliveryState::Synced));
    }
}
