//! What was changed at the feed, and conflicts with what is here.

use super::*;

#[test]
fn sending_over_a_change_means_over_exactly_the_change_that_was_told() {
    let there = Some(receipt(Wanted::Published, 1));
    let stuck =
        published().after(Happened::Stuck { reason: NeedsYou::ChangedThere, there: there.clone(), asset: None }, NOW);
    let again = stuck.after(wish(Wanted::Published, 1), NOW);
    assert_eq!(again.state, DeliveryState::Queued, "though the revision is the one it had");
    assert_eq!((&again.receipt, &again.there), (&published().receipt, &there), "nobody has read it yet");
    let read = Receipt { manner: Some(Manner::default()), ..receipt(Wanted::Published, 7) };
    let kept = again.after(Happened::Kept(read.clone()), NOW);
    assert_eq!((kept.state, kept.receipt, kept.there), (DeliveryState::Queued, Some(read), None));
}

#[test]
fn a_change_that_nobody_read_stays_unread_while_nothing_is_wanted() {
    let there = Some(receipt(Wanted::Published, 1));
    let changed = Happened::Stuck { reason: NeedsYou::ChangedThere, there: there.clone(), asset: None };
    let sending = published().after(wish(Wanted::Published, 2), NOW).after(Happened::Begun { files: 0 }, NOW);
    let off = sending.clone().after(wish(Wanted::Off, 1), NOW).after(changed.clone(), NOW);
    let later = sending.after(changed, NOW).after(wish(Wanted::Off, 1), NOW);
    for off in [off, later] {
        assert_eq!((&off.state, &off.there), (&DeliveryState::Idle, &there));
        for wanted in [Wanted::Published, Wanted::Withdrawn] {
            let again = off.clone().after(wish(wanted, 1), NOW);
            assert_eq!((again.state, again.there), (DeliveryState::Queued, there.clone()), "{wanted:?}");
        }
    }
}

#[test]
fn until_both_sides_are_together_the_last_agreement_is_remembered() {
    let agreed = published().receipt;
    let there = Some(receipt(Wanted::Published, 7));
    let conflict =
        published().after(Happened::Stuck { reason: NeedsYou::Conflict, there: there.clone(), asset: None }, NOW);
    assert_eq!((&conflict.receipt, &conflict.there), (&agreed, &there));
    let blind = conflict.clone().after(wish(Wanted::Published, 8), NOW);
    assert_eq!(blind.state, conflict.state, "nothing is sent over a conflict that nobody solved");
    let there = Receipt { manner: Some(Manner::default()), ..receipt(Wanted::Published, 7) };
    let solved = conflict.after(taken_over(there.clone(), 9, None), NOW);
    assert_eq!((solved.state, solved.receipt, solved.there), (DeliveryState::Queued, Some(there), None));
}

#[test]
fn a_conflict_stays_one_while_nothing_is_wanted() {
    let (agreed, there) = (published().receipt, Some(receipt(Wanted::Published, 7)));
    let both_changed = || Happened::Stuck { reason: NeedsYou::Conflict, there: there.clone(), asset: None };
    let off_first = published().after(wish(Wanted::Off, 1), NOW).after(both_changed(), NOW);
    let conflict = published().after(both_changed(), NOW);
    let off = conflict.clone().after(wish(Wanted::Off, 1), NOW);
    let withdrawn = conflict.clone().after(wish(Wanted::Withdrawn, 1), NOW);
    let withdrawn_later = off.clone().after(wish(Wanted::Withdrawn, 1), NOW);
    for left in [&withdrawn, &withdrawn_later] {
        assert_eq!(left.state, DeliveryState::Queued, "and is taken away as it was seen");
    }
    for left in [off_first, off, withdrawn.clone(), withdrawn_later] {
        let again = left.after(wish(Wanted::Published, 8), NOW);
        assert_eq!((&again.state, &again.receipt, &again.there), (&conflict.state, &agreed, &there));
    }
    let sending = withdrawn.after(Happened::Begun { files: 0 }, NOW);
    let gone = sending.clone().after(Happened::TakenBack { may_return: false }, NOW);
    assert_eq!((&gone.state, gone.is_there()), (&DeliveryState::Synced, false));
    assert_eq!(
        gone.after(wish(Wanted::Published, 8), NOW).state,
        DeliveryState::Queued,
        "there is nothing to bring together"
    );
    let changed = Some(receipt(Wanted::Published, 9));
    let unread = sending.after(Happened::Stuck { reason: NeedsYou::ChangedThere, there: changed, asset: None }, NOW);
    assert_eq!(
        unread.after(wish(Wanted::Withdrawn, 1), NOW).unanswered,
        None,
        "that is another one, which nobody has read"
    );
}

#[test]
fn a_draft_made_public_there_is_wanted_public_from_then_on() {
    let draft = delivery().after(wish(Wanted::Draft, 1), NOW).after(Happened::Begun { files: 0 }, NOW);
    let draft = draft.after(Happened::Confirmed(receipt(Wanted::Draft, 1)), NOW);
    let there = receipt(Wanted::Published, 2);
    let public = draft.after(taken_over(there, 2, None), NOW);
    assert_eq!((public.wanted, public.state), (Wanted::Published, DeliveryState::Synced));
}

#[test]
fn what_is_said_to_be_changed_and_reads_as_it_was_is_tried_less_and_less_often() {
    let mut delivery = published().after(wish(Wanted::Published, 2), NOW);
    let mut waits = Vec::new();
    for _ in 0..14 {
        let changed = Some(receipt(Wanted::Published, 7));
        let begun = delivery.after(Happened::Begun { files: 0 }, NOW);
        let stuck = begun.after(Happened::Stuck { reason: NeedsYou::ChangedThere, there: changed, asset: None }, NOW);
        delivery = stuck.after(taken_over(receipt(Wanted::Published, 1), 2, None), NOW);
        assert_eq!(delivery.state, DeliveryState::Queued);
        waits.push((delivery.next_at.as_millis() - NOW.as_millis()) / 1_000);
    }
    assert_eq!((&waits[..4], waits[13]), (&[0, 1, 3, 7][..], 1_023));
    assert_eq!(delivery.after(Happened::Woken, NOW).next_at, NOW, "the user may always say so");
}

#[test]
fn a_warning_changed_there_is_taken_over_unless_another_waits_to_be_sent() {
    let agreed = |warning: &str| Receipt {
        parts: [(Receipt::WARNING.to_owned(), Digest::of(warning.as_bytes()))].into(),
        manner: Some(Manner { warning: warning.into(), ..Manner::default() }),
        ..receipt(Wanted::Published, 1)
    };
    let manner = Manner { warning: "food".into(), ..Manner::default() };
    let wished = Happened::Wished { wanted: Wanted::Published, target: revision(1), manner };
    let mut warned = published().after(wished, NOW).after(Happened::Confirmed(agreed("food")), NOW);
    assert!(!warned.take_warning("food"), "nothing was changed");
    assert!(warned.take_warning(""), "taken off there");
    assert_eq!((warned.manner.warning.as_str(), warned.is_satisfied()), ("", true));
    let manner = Manner { warning: "meat".into(), ..Manner::default() };
    let mut waits = warned.after(Happened::Wished { wanted: Wanted::Published, target: revision(1), manner }, NOW);
    waits.receipt = Some(agreed(""));
    assert!(!waits.take_warning("fish") && waits.manner.warning == "meat", "the writer's own word is the newer one");
}
