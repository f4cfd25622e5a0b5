//! What came back from a feed meets what is here, in one transaction: taken over, merged, or kept as a conflict. Never talks to a
//! feed, never deletes a post.

use rusqlite::Transaction;

use super::conflicts::{self, Conflict};
use super::error::StoreError;
use super::{outbox, posts, revisions};
use crate::clock::Clock;
use crate::domain::merge::{How, Meeting, made_from, meet};
use crate::domain::{
    Content, Delivery, DeliveryState, Happened, NeedsYou, Origin, Receipt, RevisionId, Timestamp, Wanted,
};

/// A change at a feed that is about to meet the post.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The delivery when the feed was asked.
    pub seen: Delivery,
    /// The revision that both sides last agreed on.
    pub base: RevisionId,
    /// What it says.
    pub base_content: Content,
    /// What the post says at the feed, normalised and within its limits.
    pub theirs: Content,
    /// What the feed holds. Its revision is written here.
    pub there: Receipt,
    /// Whether each language has an item of its own there.
    pub apart: bool,
    /// Whether that is only a part of the post: the rest has to be made again.
    pub unfinished: bool,
    /// Whether of the items that both sides agreed on some are gone there.
    pub lacks_items: bool,
    /// What readers are told there before they choose to read on, where the feed has such a thing.
    pub warning: Option<String>,
    /// When it was changed there at the earliest, by our clock.
    pub changed_at: Timestamp,
    /// So many milliseconds the feed's clock is ahead of ours, where it told.
    pub ahead: Option<i64>,
    /// Files of it that could not be had, so that those of `theirs` are the ones that were agreed on.
    pub missing: u32,
}

/// What came of a change at a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// Nothing that concerns the post.
    Nothing,
    /// Somebody works on the delivery, or the feed's last word is not the one that was seen any more: to be read again.
    Later,
    /// A request of ours that arrived late: what is wanted goes there once more.
    Late,
    /// The post took it over.
    Changed,
    /// Both sides were changed, in ways that only the user can bring together.
    Conflict,
    /// It is gone there.
    Gone,
}

/// Lets a change at a feed meet the post.
pub fn arrive(tx: &Transaction<'_>, clock: &dyn Clock, arrival: Arrival) -> Result<Came, StoreError> {
    let now = clock.now();
    let Some(mut delivery) = unmoved(tx, &arrival.seen, now)? else { return Ok(Came::Later) };
    delivery.count_by(arrival.ahead, now);
    let is_echo = delivery.is_echo(&arrival.there, arrival.changed_at);
    let late = came_late(tx, &delivery, &arrival, is_echo)?;
    let earlier = late.as_ref().map(|(earlier, _)| *earlier);
    // What left after both sides had agreed came for the first time: it may come once more.
    let again = match earlier {
        Some(earlier) if revisions::is_before(tx, earlier, arrival.base)? => Some(earlier),
        _ => None,
    };
    let Arrival { base, base_content, theirs, mut there, unfinished, lacks_items, warning, changed_at, .. } = arrival;
    let is_made_public = !is_echo && is_made_public(&delivery, &there);
    let is_warned = earlier.is_none() && warning.is_some_and(|warning| delivery.take_warning(&warning));
    let (base, base_content) = late.unwrap_or((base, base_content));
    let post = delivery.post;
    let head = posts::get(tx, post)?;
    let pulled = |newest: bool, content: Content| {
        let arrival = posts::Arrival { post, parents: vec![base], content, origin: Origin::Pull, newest };
        posts::arrive(tx, clock, arrival)
    };
    let (target, came) = match meet(&base_content, &head.content, &theirs) {
        Meeting::Agreed if theirs == base_content => {
            there.revision = base;
            // A conflict about what is not different any more is none.
            let is_kept_back = delivery.state == (DeliveryState::NeedsYou { reason: NeedsYou::KeptBack });
            let was_told = delivery.is_found_gone() || is_kept_back;
            let is_news = delivery.there.is_some() || is_warned || was_told;
            let came = if is_news { Came::Changed } else { Came::Nothing };
            // Made public there, a draft is public as it is there: what was written since waits for the user.
            let target = if is_made_public { base } else { delivery.target };
            (target, if earlier.is_some() || is_echo { Came::Late } else { came })
        }
        Meeting::Agreed => {
            there.revision = posts::seal(tx, post)?;
            (there.revision, Came::Changed)
        }
        Meeting::Theirs => {
            there.revision = pulled(true, theirs)?;
            (there.revision, Came::Changed)
        }
        Meeting::Together(content) => {
            there.revision = pulled(false, theirs.clone())?;
            let together = |ours: RevisionId, content: Content, newest: bool| {
                let parents = vec![ours, there.revision];
                posts::arrive(tx, clock, posts::Arrival { post, parents, content, origin: Origin::Merge, newest })
            };
            let merged = together(head.revision, content, true)?;
            let goes_back = (earlier.is_some() || goes_back(&delivery)) && !is_made_public;
            let target = match goes_back {
                false => there.revision,
                true if delivery.wanted == Wanted::Draft || delivery.target == head.revision => merged,
                // What was written since the user sent the post waits for the user.
                true => match meet(&base_content, &revisions::get(tx, delivery.target)?.content, &theirs) {
                    Meeting::Together(content) => together(delivery.target, content, false)?,
                    Meeting::Agreed | Meeting::Theirs | Meeting::Conflict => there.revision,
                },
            };
            (target, Came::Changed)
        }
        Meeting::Conflict => {
            posts::seal(tx, post)?;
            there.revision = pulled(false, theirs)?;
            let conflict = Conflict { post, feed: delivery.feed, base, theirs: there.revision, changed_at };
            conflicts::put(tx, &conflict)?;
            let is_news = delivery.there.as_ref().map(|there| there.revision) != Some(there.revision);
            let stuck = Happened::Stuck { reason: NeedsYou::Conflict, there: Some(there), asset: None };
            outbox::happen(tx, now, delivery, stuck)?;
            return Ok(if is_news { Came::Conflict } else { Came::Nothing });
        }
    };
    conflicts::remove(tx, post, delivery.feed)?;
    let taken = Happened::TakenOver { there, target, late: again, changed_at };
    let taken = outbox::happen(tx, now, delivery, taken)?;
    if lacks_items {
        let gone = Happened::Stuck { reason: NeedsYou::PartGone, there: None, asset: None };
        outbox::happen(tx, now, taken, gone)?;
    } else if let Some(part) = taken.receipt.clone().filter(|_| unfinished) {
        outbox::happen(tx, now, taken, Happened::Unfinished(part))?;
    }
    Ok(came)
}

/// Keeps what was changed at a feed in the post's history and leaves the post as it is: something else goes over it by the user's
/// own wish. Answers the receipt for what was kept.
pub fn keep(tx: &Transaction<'_>, clock: &dyn Clock, arrival: Arrival) -> Result<Receipt, StoreError> {
    let Arrival { seen, base, base_content, theirs, mut there, .. } = arrival;
    let head = posts::get(tx, seen.post)?;
    there.revision = if theirs == base_content {
        base
    } else if theirs == head.content {
        posts::seal(tx, seen.post)?
    } else {
        let (post, parents, origin) = (seen.post, vec![base], Origin::Pull);
        posts::arrive(tx, clock, posts::Arrival { post, parents, content: theirs, origin, newest: false })?
    };
    Ok(there)
}

/// The earlier revision that a request of ours, which arrived late, brought back to the feed, at least in a language that has an item
/// of its own there; and what the feed said then. What was made public there, or a draft, is nobody's echo, but for a draft that such a
/// request made public (`is_echo`).
fn came_late(
    tx: &Transaction<'_>,
    delivery: &Delivery,
    arrival: &Arrival,
    is_echo: bool,
) -> Result<Option<(RevisionId, Content)>, StoreError> {
    let Some(agreed) = &delivery.receipt else { return Ok(None) };
    if arrival.there.known != agreed.known && !is_echo {
        return Ok(None);
    }
    for left in delivery.late_at(arrival.changed_at) {
        let content = revisions::get(tx, left.revision)?.content;
        let how = How { apart: arrival.apart, written_in: left.lost };
        if let Some(from) = made_from(&content, &arrival.base_content, &arrival.theirs, how) {
            // What is wanted is not there while only some of it is.
            let is_part = left.revision == delivery.target && from != content;
            return Ok(Some((if is_part { arrival.base } else { left.revision }, from)));
        }
    }
    Ok(None)
}

/// The feed said that an item is gone, or only a `part` of it: the user is told.
pub fn gone(tx: &Transaction<'_>, now: Timestamp, seen: &Delivery, part: bool) -> Result<Came, StoreError> {
    let Some(delivery) = unmoved(tx, seen, now)? else { return Ok(Came::Later) };
    let reason = if part { NeedsYou::PartGone } else { NeedsYou::GoneThere };
    if delivery.state == (DeliveryState::NeedsYou { reason }) {
        return Ok(Came::Nothing);
    }
    let happened = if part { Happened::Stuck { reason, there: None, asset: None } } else { Happened::Absent };
    conflicts::remove(tx, delivery.post, delivery.feed)?;
    outbox::happen(tx, now, delivery, happened)?;
    Ok(Came::Gone)
}

/// The delivery, if nobody works on it and the feed's last word is still the one that was seen: what was read before our own
/// last word must not be taken for an answer to it.
pub fn unmoved(tx: &Transaction<'_>, seen: &Delivery, now: Timestamp) -> Result<Option<Delivery>, StoreError> {
    let fresh = outbox::get(tx, seen.post, seen.feed)?;
    let fresh =
        fresh.filter(|fresh| fresh.receipt == seen.receipt && fresh.there == seen.there && !fresh.is_in_flight());
    match fresh {
        Some(fresh) if !outbox::is_held(tx, (seen.post, seen.feed), now)? => Ok(Some(fresh)),
        _ => Ok(None),
    }
}

/// Whether a draft of ours was made public there.
fn is_made_public(delivery: &Delivery, there: &Receipt) -> bool {
    let was_draft = delivery.receipt.as_ref().is_some_and(|agreed| agreed.known == Wanted::Draft);
    delivery.wanted == Wanted::Draft && was_draft && there.known == Wanted::Published
}

/// Whether what came together goes to the feed by itself: drafts do, and what the user had sent already.
fn goes_back(delivery: &Delivery) -> bool {
    delivery.wanted == Wanted::Draft || !delivery.is_satisfied()
}
