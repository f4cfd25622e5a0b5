//! What left within the last hour and may still arrive.

use super::*;

const BACK: Happened = Happened::TakenBack { may_return: false };

fn revisions_of<'a>(late: impl Iterator<Item = &'a Left>) -> Vec<RevisionId> {
    late.map(|left| left.revision).collect()
}

fn hour() -> Timestamp {
    NOW.plus_millis(LATE_MILLIS)
}

#[test]
fn what_came_late_is_written_over_once() {
    let second = published().after(wish(Wanted::Published, 2), NOW).after(Happened::Begun { files: 0 }, NOW);
    let second = second.after(Happened::Confirmed(receipt(Wanted::Published, 2)), NOW);
    assert_eq!(revisions_of(second.late_at(hour())), [revision(1)]);
    assert_eq!(second.late_at(hour().plus_millis(1)).count(), 0, "nothing is under way for longer");
    let (earlier, there) = (revision(1), receipt(Wanted::Published, 1));
    let again = second.after(taken_over(there, 2, Some(earlier)), NOW);
    assert_eq!((&again.state, again.target), (&DeliveryState::Queued, revision(2)));
    let right = again.after(Happened::Begun { files: 0 }, NOW);
    let right = right.after(Happened::Confirmed(receipt(Wanted::Published, 2)), NOW);
    assert_eq!(right.late_at(hour()).count(), 0, "if it comes up once more, somebody wants it so");
}

#[test]
fn after_the_clock_was_set_back_what_left_is_recent_for_an_hour_and_not_until_then() {
    let day = Timestamp::from_millis(24 * LATE_MILLIS);
    let second = published().after(wish(Wanted::Published, 2), day).after(Happened::Begun { files: 0 }, day);
    let third = second.after(wish(Wanted::Published, 3), NOW).after(Happened::Begun { files: 0 }, NOW);
    assert_eq!(revisions_of(third.late_at(hour())), [revision(2), revision(3)]);
    assert_eq!(third.late_at(hour().plus_millis(1)).count(), 0);
}

#[test]
fn what_was_lost_is_recent_for_an_hour_by_the_feeds_clock_where_ours_was_set_forward() {
    let lost = Happened::Lost { ask_at: NOW, files: 0, ahead: Some(5) };
    let second = published().after(wish(Wanted::Published, 2), NOW).after(Happened::Begun { files: 0 }, NOW);
    let mut second = second.after(lost, NOW);
    let (set, now) = (24 * LATE_MILLIS, hour().plus_millis(24 * LATE_MILLIS));
    assert_eq!(second.late_at(now).count(), 0);
    second.count_by(Some(5 - set), now);
    assert_eq!(revisions_of(second.late_at(now)), [revision(2)]);
    assert_eq!(second.late_at(now.plus_millis(1)).count(), 0);
    second.count_by(Some(5 - set), now);
    assert_eq!(second.late_at(now.plus_millis(1)).count(), 0, "once");
    second.count_by(Some(5 + set), now);
    assert_eq!(second.late_at(now).count(), 1, "set back, it forgets nothing");
}

#[test]
fn what_was_taken_back_in_part_is_asked_for_until_the_rest_cannot_come_any_more() {
    let half = published().after(Happened::Unfinished(receipt(Wanted::Published, 1)), NOW);
    let taken = half.after(wish(Wanted::Withdrawn, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
    let taken = taken.after(BACK, NOW);
    assert_eq!((taken.is_there(), &taken.state), (false, &DeliveryState::Unknown));
    let later = hour().plus_millis(1);
    assert_eq!((taken.next_at, taken.unwanted_until(later, false)), (later, None));
    assert!(!taken.after(Happened::Absent, later).is_pending());
}

/// A draft of which the feed said so after a request to publish it was lost.
fn hidden_again() -> Delivery {
    let sending = delivery().after(wish(Wanted::Published, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
    let lost = sending.after(LOST, NOW).after(wish(Wanted::Draft, 1), NOW);
    lost.after(Happened::Confirmed(receipt(Wanted::Draft, 1)), NOW)
}

fn shown(changed_at: Timestamp) -> Happened {
    let there = Receipt { version: Digest::of(b"shown"), ..receipt(Wanted::Published, 1) };
    Happened::TakenOver { there, target: revision(1), late: None, changed_at }
}

#[test]
fn what_was_made_a_draft_again_is_not_made_public_by_what_comes_late() {
    let draft = hidden_again();
    assert_eq!(draft.state, DeliveryState::Synced);
    let read_later = hour().plus_millis(LATE_MILLIS);
    let late = draft.clone().after(shown(hour()), read_later);
    assert_eq!((late.wanted, &late.state), (Wanted::Draft, &DeliveryState::Queued));
    let hidden =
        late.after(Happened::Begun { files: 0 }, NOW).after(Happened::Confirmed(receipt(Wanted::Draft, 1)), NOW);
    assert_eq!(
        hidden.after(shown(hour()), NOW).wanted,
        Wanted::Published,
        "if it comes up once more, somebody wants it so"
    );
    let theirs = draft.after(shown(hour().plus_millis(1)), read_later);
    assert_eq!(
        (theirs.wanted, theirs.state),
        (Wanted::Published, DeliveryState::Synced),
        "nothing is under way for longer"
    );
}

#[test]
fn what_somebody_hides_there_is_not_shown_again_because_it_was_a_draft_a_moment_ago() {
    let draft = delivery().after(wish(Wanted::Draft, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
    let draft = draft.after(Happened::Confirmed(receipt(Wanted::Draft, 1)), NOW);
    let shown = draft.after(wish(Wanted::Published, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
    let shown = shown.after(Happened::Confirmed(receipt(Wanted::Published, 1)), NOW);
    let hidden = shown.after(taken_over(receipt(Wanted::Draft, 1), 1, None), NOW);
    assert_eq!((hidden.wanted, hidden.state), (Wanted::Draft, DeliveryState::Synced));
}

#[test]
fn what_was_taken_back_is_looked_for_where_what_comes_late_brings_it_back() {
    let takes =
        |shown: Delivery| shown.after(wish(Wanted::Withdrawn, 1), NOW).after(Happened::Begun { files: 0 }, hour());
    let answered = takes(published()).after(Happened::TakenBack { may_return: true }, hour());
    assert!(!answered.is_pending(), "all that left was answered");
    let lost = delivery().after(wish(Wanted::Published, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
    let lost = lost.after(LOST, NOW);
    let taking = takes(lost.after(Happened::Confirmed(receipt(Wanted::Published, 1)), NOW));
    let settled = taking.clone().after(BACK, hour());
    assert!(!settled.is_pending(), "elsewhere it is gone");
    let taken = taking.after(Happened::TakenBack { may_return: true }, hour());
    let later = hour().plus_millis(1);
    assert_eq!((&taken.state, taken.next_at, taken.is_there()), (&DeliveryState::Unknown, later, false));
    assert_eq!(taken.unwanted_until(later, true), None, "to take it away is nothing that brings it back");
    let back = taken.after(Happened::Confirmed(receipt(Wanted::Published, 1)), later);
    assert_eq!(back.state, DeliveryState::Queued, "taken away once more");
    let gone = back.after(Happened::Begun { files: 0 }, later).after(Happened::TakenBack { may_return: true }, later);
    assert!(!gone.is_pending());
}

#[test]
fn what_was_lost_before_nothing_was_wanted_is_looked_for_when_it_is_to_be_taken_back() {
    let lost =
        delivery().after(wish(Wanted::Published, 1), NOW).after(Happened::Begun { files: 0 }, NOW).after(LOST, NOW);
    let off = lost.after(wish(Wanted::Off, 1), NOW).after(Happened::Absent, NOW);
    assert_eq!(off.state, DeliveryState::Idle, "nothing is wanted");
    assert_eq!(off.clone().after(wish(Wanted::Withdrawn, 1), hour()).state, DeliveryState::Unknown);
    let later = hour().plus_millis(1);
    assert_eq!(
        off.after(wish(Wanted::Withdrawn, 1), later).state,
        DeliveryState::Idle,
        "nothing is under way for longer"
    );
    let answered = delivery().after(wish(Wanted::Published, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
    let answered = answered.after(Happened::Absent, NOW).after(wish(Wanted::Off, 1), NOW);
    assert_eq!(answered.after(wish(Wanted::Withdrawn, 1), NOW).state, DeliveryState::Idle);
}

#[test]
fn what_left_and_was_noted_without_what_was_wanted_can_still_be_read() {
    let old = serde_json::json!([[revision(1), NOW]]);
    let read: Vec<Left> = serde_json::from_value(old).unwrap();
    assert_eq!(read, [Left { revision: revision(1), at: NOW, wanted: None, lost: false, ahead: None }]);
    let [left] = hidden_again().recent.try_into().unwrap();
    let written = serde_json::to_string(&left).unwrap();
    assert_eq!(serde_json::from_str::<Left>(&written).unwrap(), left);
}
