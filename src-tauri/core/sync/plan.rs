//! What comes next for a delivery. Pure: the same delivery gives the same step.

use crate::domain::{Delivery, DeliveryState, NeedsYou, Receipt, Timestamp, Wanted};

/// A delivery is never put off further than this by ourselves (an hour), so that a time beyond it means that the clock was
/// set back meanwhile, and the delivery is due.
pub const HORIZON_MILLIS: i64 = 60 * 60 * 1_000;

/// The next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing can be done without the user, or nothing is to be done.
    Rest,
    /// The program ended while bytes were on their way: it is not known what came of them.
    Doubt,
    /// Ask the feed what it holds.
    LookUp,
    /// Read what somebody changed there, so that it is kept before anything is written over it.
    Keep(Receipt),
    /// Make the item.
    Create,
    /// Change the item that the receipt speaks of.
    Update(Receipt),
    /// Take away the item that the receipt speaks of.
    Withdraw(Receipt),
}

/// The next step for a delivery that is due and claimed.
pub fn plan(delivery: &Delivery) -> Step {
    match &delivery.state {
        DeliveryState::Idle | DeliveryState::Synced | DeliveryState::NeedsYou { .. } => Step::Rest,
        DeliveryState::Uploading { .. } | DeliveryState::Sending => Step::Doubt,
        DeliveryState::Unknown => Step::LookUp,
        DeliveryState::Queued => send(delivery),
    }
}

fn send(delivery: &Delivery) -> Step {
    if let Some(seen) = delivery.there.as_ref().filter(|_| delivery.wanted != Wanted::Off) {
        // What a conflict is about is in the history.
        let is_kept = delivery.wanted == Wanted::Withdrawn && delivery.unanswered == Some(NeedsYou::Conflict);
        return if is_kept { Step::Withdraw(seen.clone()) } else { Step::Keep(seen.clone()) };
    }
    let there = delivery.receipt.as_ref().filter(|receipt| receipt.known != Wanted::Withdrawn);
    match (delivery.wanted, there) {
        (Wanted::Off, _) | (Wanted::Withdrawn, None) => Step::Rest,
        (Wanted::Withdrawn, Some(receipt)) => Step::Withdraw(receipt.clone()),
        (Wanted::Draft | Wanted::Published, None) => Step::Create,
        (Wanted::Draft | Wanted::Published, Some(receipt)) => Step::Update(receipt.clone()),
    }
}

/// Until when a post waits here that shall be public at a time of its own, where the feed cannot keep it until then. What is public
/// already is changed at once. Looked at now and then: the clock may be set.
pub(super) fn held_until(delivery: &Delivery, now: Timestamp) -> Option<Timestamp> {
    let is_public = delivery.receipt.as_ref().is_some_and(|receipt| receipt.known == Wanted::Published);
    let is_ahead = |at: &Timestamp| *at > now && delivery.wanted == Wanted::Published && !is_public;
    let at = delivery.manner.publish_at.filter(is_ahead)?;
    Some(at.min(now.plus_millis(HORIZON_MILLIS)))
}

/// Whether a delivery may be claimed now. One that is being sent is not put off by its time but by the lease of whoever sends
/// it: without one it was interrupted.
pub fn is_due(delivery: &Delivery, now: Timestamp) -> bool {
    match delivery.state {
        DeliveryState::Idle | DeliveryState::Synced | DeliveryState::NeedsYou { .. } => false,
        DeliveryState::Uploading { .. } | DeliveryState::Sending => true,
        DeliveryState::Queued | DeliveryState::Unknown => {
            let put_off = delivery.next_at.as_millis().saturating_sub(now.as_millis());
            !(1..=HORIZON_MILLIS).contains(&put_off)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Digest, FeedId, Happened, Manner, PostId, RevisionId};
    use uuid::Uuid;

    fn wished(wanted: Wanted, target: RevisionId) -> Happened {
        Happened::Wished { wanted, target, manner: Default::default() }
    }

    fn queued(wanted: Wanted) -> Delivery {
        let id = Uuid::from_u128(1);
        let (post, feed, target) = (PostId::from_uuid(id), FeedId::from_uuid(id), RevisionId::from_uuid(id));
        Delivery::new(post, feed, target, Timestamp::EPOCH).after(wished(wanted, target), Timestamp::EPOCH)
    }

    #[test]
    fn nothing_is_sent_again_before_the_feed_was_asked() {
        let begun = queued(Wanted::Published).after(Happened::Begun { files: 3 }, Timestamp::EPOCH);
        assert_eq!(plan(&begun), Step::Doubt, "found at start, it was interrupted");
        let lost = begun.after(Happened::Lost { ask_at: Timestamp::EPOCH, files: 0, ahead: None }, Timestamp::EPOCH);
        assert_eq!(plan(&lost), Step::LookUp);
        assert_eq!(plan(&lost.after(Happened::Absent, Timestamp::EPOCH)), Step::Create, "proved not to be there");
    }

    #[test]
    fn what_was_changed_on_both_sides_is_taken_away_as_it_was_seen() {
        let queued = queued(Wanted::Published);
        let there = seen(&queued);
        let stuck = |reason| Happened::Stuck { reason, there: Some(there.clone()), asset: None };
        let withdrawn = |reason| {
            let stuck = queued.clone().after(stuck(reason), Timestamp::EPOCH);
            plan(&stuck.after(wished(Wanted::Withdrawn, queued.target), Timestamp::EPOCH))
        };
        assert_eq!(withdrawn(NeedsYou::Conflict), Step::Withdraw(there.clone()));
        assert_eq!(withdrawn(NeedsYou::ChangedThere), Step::Keep(there.clone()), "nobody has read that");
    }

    #[test]
    fn a_clock_that_was_set_back_puts_nothing_off_for_years() {
        let waits = |millis| {
            let retry_at = Timestamp::EPOCH.plus_millis(millis);
            queued(Wanted::Draft).after(Happened::Unreachable { retry_at }, Timestamp::EPOCH)
        };
        assert!(is_due(&waits(0), Timestamp::EPOCH));
        assert!(!is_due(&waits(1), Timestamp::EPOCH));
        assert!(!is_due(&waits(HORIZON_MILLIS), Timestamp::EPOCH));
        assert!(is_due(&waits(HORIZON_MILLIS + 1), Timestamp::EPOCH));
    }

    #[test]
    fn what_shall_be_public_later_is_held_until_then_and_looked_at_within_the_hour() {
        let now = Timestamp::EPOCH;
        let wished = |wanted, millis| {
            let (target, publish_at) = (queued(wanted).target, Some(now.plus_millis(millis)));
            let manner = Manner { publish_at, ..Manner::default() };
            queued(wanted).after(Happened::Wished { wanted, target, manner }, now)
        };
        assert_eq!(held_until(&wished(Wanted::Published, 1), now), Some(now.plus_millis(1)));
        assert_eq!(held_until(&wished(Wanted::Published, 0), now), None);
        let (far, horizon) = (wished(Wanted::Published, 2 * HORIZON_MILLIS), now.plus_millis(HORIZON_MILLIS));
        assert_eq!(held_until(&far, now), Some(horizon));
        assert_eq!(held_until(&wished(Wanted::Draft, 1), now), None, "nobody sees a draft");
        let receipt = |known| Receipt { known, ..seen(&far) };
        let known = |known| far.clone().after(Happened::Confirmed(receipt(known)), now);
        assert_eq!(held_until(&known(Wanted::Published), now), None, "it is public already");
        assert_eq!(held_until(&known(Wanted::Draft), now), Some(horizon));
    }

    /// Something that lies there.
    fn seen(delivery: &Delivery) -> Receipt {
        Receipt {
            remote_id: "1".into(),
            url: None,
            known: Wanted::Published,
            revision: delivery.target,
            version: Digest::of(b"theirs"),
            parts: Default::default(),
            manner: None,
            partial: false,
            confirmed_at: Timestamp::EPOCH,
        }
    }
}
