//! Items that are there, and whose doing it is how they are.

use super::api::Post;
use super::ledger::Ledger;
use super::seen::{Seen, Whole, mark};
use super::sheet::Sheet;
use crate::domain::{Digest, PostId, Receipt, RevisionId};
use crate::feed::FeedError;

/// An item that is there.
pub(super) struct There {
    /// Names it among the items of its post; empty for one that was made there.
    pub key: String,
    pub post: Post,
    pub seen: Seen,
    /// The date that was sent with it last.
    pub date: Option<String>,
    /// The excerpt, where it is one of ours, perhaps an earlier one.
    pub excerpt: Option<String>,
    /// Whether somebody wrote an excerpt there, or the site makes its own.
    pub is_excerpt_theirs: bool,
}

/// Nothing that somebody else wrote is written over.
pub(super) fn check(known: Option<&Receipt>, there: &[There], ledger: &Ledger, about: PostId) -> Result<(), FeedError> {
    let all = Whole { items: there.iter().map(|item| (item.post.clone(), item.seen.clone())).collect() };
    let as_known = known.is_some_and(|known| known.version == all.version());
    // An attempt that was interrupted may have come to any of them.
    let is_ours = || there.iter().all(|item| is_of(item, ledger).is_some());
    if as_known || is_ours() {
        return Ok(());
    }
    Err(all.held(None, mark(about)).map_or(FeedError::Gone, |held| FeedError::ChangedThere(Box::new(held))))
}

/// The revision that an item was made from, if it is as it was sent, or is half made.
pub(super) fn is_of(item: &There, ledger: &Ledger) -> Option<RevisionId> {
    half_made_from(item, ledger).or_else(|| ledger.sent(&item.key)?.revision_of(item.seen.version()))
}

/// The revision of an item that lacks nothing but topics, since the site died while it made it.
pub(super) fn half_made_from(item: &There, ledger: &Ledger) -> Option<RevisionId> {
    let (sent, version) = (ledger.sent(&item.key)?, item.seen.version());
    let is_whole = version == sent.version || Some(version) == sent.drafted;
    let is_bare = || sent.bare == Some(item.seen.clone().with_topics(Vec::new()).version());
    if !is_whole && is_bare() { sent.revision.parse().ok() } else { None }
}

/// What an item was before it is changed: its revision, as far as that is known, and its version.
pub(super) fn before(known: Option<&Receipt>, there: &There, ledger: &Ledger) -> (String, Digest) {
    let version = there.seen.version();
    let noted = ledger.sent(&there.key).and_then(|sent| sent.revision_of(version));
    let revision = noted.or_else(|| known.map(|known| known.revision));
    (revision.map(|revision| revision.to_string()).unwrap_or_default(), version)
}

/// Gives each sheet the item it belongs into; what is left over belongs to none any more.
pub(super) fn assign(sheets: &[Sheet], mut there: Vec<There>) -> (Vec<Option<There>>, Vec<There>) {
    let mut given: Vec<Option<There>> = sheets
        .iter()
        .map(|sheet| there.iter().position(|item| item.key == sheet.key).map(|at| there.remove(at)))
        .collect();
    for slot in given.iter_mut().filter(|slot| slot.is_none()) {
        if !there.is_empty() {
            *slot = Some(there.remove(0));
        }
    }
    (given, there)
}

/// Items as they are seen together.
pub(super) fn whole(there: Vec<There>) -> Whole {
    Whole { items: there.into_iter().map(|item| (item.post, item.seen)).collect() }
}
