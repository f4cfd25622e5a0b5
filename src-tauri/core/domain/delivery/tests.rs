//! What happens to a delivery, case by case.

mod changed_there;
mod late;

use super::*;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::EPOCH;

const LOST: Happened = Happened::Lost { ask_at: NOW, files: 0, ahead: None };

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
    let revision = revision(number);
    Receipt { remote_id, url: None, known, revision, version, parts, manner: None, partial: false, confirmed_at: NOW }
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
fn what_is_kept_back_there_is_settled_once_it_is_public_and_sent_again_only_by_the_users_word() {
    let begun = delivery().after(wish(Wanted::Published, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
    let there = begun.after(Happened::Confirmed(receipt(Wanted::Draft, 1)), NOW);
    let stuck = there.after(Happened::Stuck { reason: NeedsYou::KeptBack, there: None, asset: None }, NOW);
    let told = DeliveryState::NeedsYou { reason: NeedsYou::KeptBack };
    assert_eq!((stuck.is_there(), stuck.clone().after(Happened::Woken, NOW).state), (true, told));
    let public =
        Happened::TakenOver { there: receipt(Wanted::Published, 1), target: revision(1), late: None, changed_at: NOW };
    assert_eq!(stuck.clone().after(public, NOW).state, DeliveryState::Synced);
    for wanted in [Wanted::Published, Wanted::Draft, Wanted::Withdrawn] {
        assert_eq!(stuck.clone().after(wish(wanted, 1), NOW).state, DeliveryState::Queued, "{wanted:?}");
    }
}

#[test]
fn an_unreachable_feed_proves_nothing_about_a_lost_answer() {
    let sending = delivery().after(wish(Wanted::Draft, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
    let unknown = sending.after(LOST, NOW);
    let still = unknown.after(Happened::Unreachable { retry_at: NOW }, NOW);
    assert_eq!((still.state, still.attempts), (DeliveryState::Unknown, 2));
}

/// Whatever is tried in vain is counted in a row, for posts that are not there, for changes, and for taking away.
#[test]
fn tries_that_come_to_nothing_are_counted_through_every_waking() {
    let lost = |delivery: Delivery, files| {
        let begun = delivery.after(Happened::Begun { files: 3 }, NOW);
        begun.after(Happened::Lost { ask_at: NOW, files, ahead: None }, NOW).after(Happened::Woken, NOW)
    };
    let mut made = delivery().after(wish(Wanted::Draft, 1), NOW);
    let mut changed = published().after(wish(Wanted::Published, 2), NOW);
    let mut taken = published().after(wish(Wanted::Withdrawn, 1), NOW);
    for tries in 1..=20 {
        made = lost(made, 0).after(Happened::Absent, NOW);
        changed = lost(changed, 0).after(Happened::Confirmed(receipt(Wanted::Published, 1)), NOW);
        taken = lost(taken, 0).after(Happened::Confirmed(receipt(Wanted::Published, 1)), NOW);
        for delivery in [&made, &changed, &taken] {
            assert_eq!((delivery.losses, &delivery.state), (tries, &DeliveryState::Queued), "{:?}", delivery.wanted);
        }
    }
    let more_files = lost(made.clone(), 1);
    assert_eq!((more_files.losses, lost(more_files, 1).after(Happened::Absent, NOW).losses), (0, 1));
    let half = lost(made, 0).after(Happened::Unfinished(receipt(Wanted::Draft, 1)), NOW);
    assert_eq!(half.losses, 0, "something came of it");
    let arrived = lost(changed, 0).after(Happened::Confirmed(receipt(Wanted::Published, 2)), NOW);
    assert_eq!((arrived.losses, arrived.attempts, arrived.state), (0, 0, DeliveryState::Synced));
    assert_eq!(taken.after(wish(Wanted::Withdrawn, 1), NOW).losses, 0, "the user says to go on");
}

#[test]
fn an_interrupted_upload_remembers_its_files_until_the_feed_confirms_or_another_version_goes() {
    let uploaded = |done| Happened::Uploaded { done, total: 4, bytes: 7, total_bytes: 11 };
    let away = || Happened::Unreachable { retry_at: NOW };
    let sending = delivery().after(wish(Wanted::Draft, 1), NOW).after(Happened::Begun { files: 4 }, NOW);
    let none = sending.clone().after(uploaded(0), NOW).after(away(), NOW);
    assert_eq!((none.state, none.reached), (DeliveryState::Queued, None), "bytes of half a file go again");
    let some = sending.after(uploaded(2), NOW).after(away(), NOW);
    assert_eq!((&some.state, some.reached), (&DeliveryState::Queued, Some(Reached { done: 2, total: 4 })));
    let again = some.clone().after(Happened::Begun { files: 4 }, NOW).after(LOST, NOW);
    assert_eq!(again.reached, some.reached, "they are there whatever became of the answer");
    assert_eq!(again.after(Happened::Confirmed(receipt(Wanted::Draft, 1)), NOW).reached, None);
    assert_eq!(some.clone().after(wish(Wanted::Draft, 2), NOW).reached, None);
    assert_eq!(some.after(wish(Wanted::Withdrawn, 1), NOW).reached, None);
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
    assert_eq!((&again.state, again.is_there()), (&DeliveryState::Queued, false));
}

#[test]
fn what_may_be_there_is_asked_for_again_and_sent_again_only_on_the_users_word() {
    let sending = delivery().after(wish(Wanted::Published, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
    let maybe = sending.after(Happened::Stuck { reason: NeedsYou::MaybeThere, there: None, asset: None }, NOW);
    for wanted in [Wanted::Published, Wanted::Withdrawn] {
        assert_eq!(maybe.clone().after(wish(wanted, 2), NOW).state, DeliveryState::Unknown, "{wanted:?}");
    }
    let unwanted = maybe.clone().after(wish(Wanted::Withdrawn, 1), NOW);
    let still = unwanted.after(Happened::Stuck { reason: NeedsYou::MaybeThere, there: None, asset: None }, NOW);
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
    let lost = delivery().after(wish(Wanted::Published, 1), NOW).after(LOST, NOW);
    let waits = lost.after(Happened::NotYet { ask_at: later }, NOW);
    assert_eq!((&waits.state, waits.attempts, waits.next_at), (&DeliveryState::Unknown, 1, later));
    let woken = waits.after(Happened::Woken, NOW);
    assert_eq!((woken.state, woken.next_at), (DeliveryState::Unknown, NOW), "asked again, not sent again");
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

fn taken_over(there: Receipt, target: u128, late: Option<RevisionId>) -> Happened {
    Happened::TakenOver { there, target: revision(target), late, changed_at: NOW }
}

#[test]
fn what_is_there_in_part_is_finished_whatever_comes_between() {
    let there = receipt(Wanted::Published, 1);
    let half = published().after(Happened::Unfinished(there.clone()), NOW);
    for between in [wish(Wanted::Published, 1), taken_over(there, 1, None)] {
        assert_eq!(half.clone().after(between, NOW).state, DeliveryState::Queued);
    }
}

#[test]
fn what_is_there_in_part_is_finished_also_after_it_was_switched_off() {
    let half = published().after(Happened::Unfinished(receipt(Wanted::Published, 1)), NOW);
    let off = half.after(wish(Wanted::Off, 1), NOW);
    assert_eq!(off.state, DeliveryState::Idle);
    let on = off.after(wish(Wanted::Published, 1), NOW);
    assert_eq!(on.state, DeliveryState::Queued);
    let whole =
        on.after(Happened::Begun { files: 0 }, NOW).after(Happened::Confirmed(receipt(Wanted::Published, 1)), NOW);
    assert_eq!(whole.state, DeliveryState::Synced);
}

#[test]
fn what_is_left_gone_is_not_there_any_more() {
    let gone = published().after(Happened::Absent, NOW);
    assert_eq!(gone.state, DeliveryState::NeedsYou { reason: NeedsYou::GoneThere });
    let left = gone.clone().after(wish(Wanted::Off, 1), NOW);
    assert!(!left.is_there(), "{left:?}");
    assert_eq!(left.after(wish(Wanted::Published, 1), NOW).state, DeliveryState::Queued, "made anew");
    let binned = gone.after(wish(Wanted::Withdrawn, 1), NOW);
    assert_eq!(binned.state, DeliveryState::Queued, "nothing is believed where it shall be gone");
}

#[test]
fn of_several_items_of_which_some_are_gone_the_others_are_still_there() {
    let some = || Happened::Stuck { reason: NeedsYou::PartGone, there: None, asset: None };
    let told = published().after(some(), NOW);
    assert!(told.lies_there());
    let off = published().after(wish(Wanted::Off, 1), NOW).after(some(), NOW);
    for left in [told.clone().after(wish(Wanted::Off, 1), NOW), off] {
        assert_eq!((left.is_there(), &left.state), (true, &DeliveryState::Idle));
        let again = left.clone().after(wish(Wanted::Published, 1), NOW);
        assert_eq!(again.state, DeliveryState::Queued, "it is not as it shall be");
        let taken = left.after(wish(Wanted::Withdrawn, 1), NOW);
        assert_eq!((taken.is_there(), taken.state), (true, DeliveryState::Queued), "the others are taken back");
    }
    let whole = receipt(Wanted::Published, 1);
    let back = Happened::TakenOver { there: whole, target: revision(1), late: None, changed_at: NOW };
    assert_eq!(told.clone().after(back, NOW).state, DeliveryState::Synced, "all of it came again");
    let again = told.clone().after(wish(Wanted::Published, 1), NOW);
    assert_eq!((again.is_there(), &again.state), (false, &DeliveryState::Queued), "made anew");
    assert!(again.may_be_there());
    let back = again.clone().after(wish(Wanted::Withdrawn, 1), NOW);
    assert_eq!((back.is_there(), back.state), (true, DeliveryState::Queued), "the rest is taken back");
    let left = again.after(wish(Wanted::Off, 1), NOW);
    assert_eq!((left.is_there(), left.state), (true, DeliveryState::Idle), "the rest is left there");
    let taken = told.after(wish(Wanted::Withdrawn, 1), NOW).after(some(), NOW);
    assert_eq!(taken.state, DeliveryState::Queued, "nobody is asked about what is taken back");
}

#[test]
fn who_changes_their_mind_while_a_post_is_taken_back_is_not_asked_who_removed_it() {
    let taken = published().after(wish(Wanted::Withdrawn, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
    let back = taken.after(wish(Wanted::Published, 1), NOW).after(Happened::TakenBack { may_return: false }, NOW);
    assert_eq!((back.is_there(), back.state), (false, DeliveryState::Queued));
}

#[test]
fn a_warning_of_another_kind_is_sent_although_the_words_are_the_same() {
    let warned = |warning: &str| Manner { warning: warning.into(), ..Manner::default() };
    let sent = |manner| Receipt { manner: Some(manner), ..receipt(Wanted::Published, 1) };
    let say = |manner| Happened::Wished { wanted: Wanted::Published, target: revision(1), manner };
    let plain = published().after(Happened::Confirmed(sent(warned(""))), NOW);
    assert_eq!(plain.clone().after(say(warned("")), NOW).state, DeliveryState::Synced);
    let queued = plain.after(say(warned("food")), NOW);
    assert_eq!(queued.state, DeliveryState::Queued);
    let sending = queued.after(Happened::Begun { files: 0 }, NOW);
    let other = sending.after(say(warned("meat")), NOW).after(Happened::Confirmed(sent(warned("food"))), NOW);
    assert_eq!(other.state, DeliveryState::Queued, "what was said while it was on its way is still to come");
    let there = taken_over(receipt(Wanted::Published, 1), 1, None);
    assert_eq!(other.clone().after(there, NOW).state, DeliveryState::Queued, "whatever came back meanwhile");
    assert_eq!(other.after(Happened::Confirmed(sent(warned("meat"))), NOW).state, DeliveryState::Synced);
}

#[test]
fn a_copied_journal_sends_nothing_by_itself_that_its_original_may_have_sent() {
    let copied = DeliveryState::NeedsYou { reason: NeedsYou::Copied };
    let stuck = |reason| Happened::Stuck { reason, there: None, asset: None };
    let waits = delivery().after(wish(Wanted::Published, 1), NOW);
    let leaves = [
        waits.clone(),
        waits.clone().after(Happened::Begun { files: 2 }, NOW),
        waits.clone().after(LOST, NOW),
        waits.clone().after(stuck(NeedsYou::SignedOut), NOW),
    ];
    for before in leaves {
        let after = before.clone().after(Happened::Copied, NOW);
        assert_eq!(after.state, copied, "{before:?}");
        assert_eq!(after.clone().after(Happened::Woken, NOW).state, copied);
        assert_eq!(after.clone().after(wish(Wanted::Published, 2), NOW).state, copied, "only whoever looked can tell");
        let off = after.clone().after(wish(Wanted::Off, 2), NOW);
        assert_eq!(off.state, DeliveryState::Idle);
        assert_eq!(off.after(wish(Wanted::Published, 2), NOW).state, copied, "nobody has looked meanwhile");
        assert_eq!(after.after(Happened::Absent, NOW).state, DeliveryState::Queued);
    }
    let there = published();
    let stays = [
        there.clone(),
        there.clone().after(wish(Wanted::Published, 2), NOW),
        there.after(wish(Wanted::Withdrawn, 2), NOW),
        waits.after(stuck(NeedsYou::TooLong), NOW),
        delivery(),
    ];
    for before in stays {
        assert_eq!(before.clone().after(Happened::Copied, NOW).state, before.state, "{before:?}");
    }
}

#[test]
fn whether_it_is_there_is_still_open_after_nothing_was_wanted_for_a_while() {
    let lost = delivery().after(wish(Wanted::Published, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
    let lost = lost.after(LOST, NOW);
    let asked = Happened::Stuck { reason: NeedsYou::MaybeThere, there: None, asset: None };
    let asked_first = lost.clone().after(asked.clone(), NOW).after(wish(Wanted::Off, 1), NOW);
    let off_first = lost.after(wish(Wanted::Off, 1), NOW).after(asked, NOW);
    for off in [asked_first, off_first] {
        assert_eq!(off.state, DeliveryState::Idle);
        for wanted in [Wanted::Published, Wanted::Withdrawn] {
            assert_eq!(off.clone().after(wish(wanted, 2), NOW).state, DeliveryState::Unknown, "{wanted:?}");
        }
        let proved = off.after(wish(Wanted::Published, 2), NOW).after(Happened::Absent, NOW);
        assert_eq!(proved.state, DeliveryState::Queued);
        let off = proved.after(wish(Wanted::Off, 2), NOW);
        assert_eq!(off.after(wish(Wanted::Published, 2), NOW).state, DeliveryState::Queued, "that was answered");
    }
}

#[test]
fn another_time_is_sent_where_it_was_only_read_back_how_the_post_is_there() {
    let at = |millis| Manner { publish_at: Some(Timestamp::from_millis(millis)), ..Manner::default() };
    let say = |manner| Happened::Wished { wanted: Wanted::Published, target: revision(1), manner };
    let found = || Happened::Confirmed(receipt(Wanted::Published, 1));
    let sending = delivery().after(say(at(1)), NOW).after(Happened::Begun { files: 0 }, NOW);
    let lost = sending.after(LOST, NOW);
    let known = lost.clone().after(found(), NOW);
    assert_eq!(known.state, DeliveryState::Synced);
    assert_eq!(known.clone().after(say(at(1)), NOW).state, DeliveryState::Synced);
    assert_eq!(known.after(say(at(2)), NOW).state, DeliveryState::Queued);
    let meanwhile = lost.after(say(at(2)), NOW).after(found(), NOW);
    assert_eq!(meanwhile.state, DeliveryState::Queued, "what left had the earlier time");
    let brought_in = delivery().after(wish(Wanted::Published, 1), NOW).after(found(), NOW);
    assert_eq!(brought_in.state, DeliveryState::Synced);
    assert_eq!(brought_in.after(say(at(2)), NOW).state, DeliveryState::Queued);
}
