//! Conflicts as the user sees them, and what the user decides about one.

use std::collections::BTreeSet;

use super::{Journal, internal};
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::remote::*;
use crate::api::types::PostView;
use crate::clock::Clock;
use crate::domain::merge::{self, Name};
use crate::domain::{
    Content, Delivery, DeliveryState, Happened, NeedsYou, Origin, Receipt, Revision, Timestamp, Wanted,
};
use crate::store::conflicts::{self, Conflict};
use crate::store::outbox::Wish;
use crate::store::{StoreError, Tx, feeds, notes, outbox, posts, revisions};
use crate::text::diff;

impl Journal {
    /// Posts that were changed here and at a feed.
    pub async fn conflicts(&self, _: ()) -> ApiResult<Vec<ConflictView>> {
        let read = self.store().write(|tx| {
            let mut open = Vec::new();
            for conflict in conflicts::list(tx)? {
                // What is written from now on is another revision than the one that is decided about.
                let ours = revisions::get(tx, posts::seal(tx, conflict.post)?)?;
                let (base, theirs) = (revisions::get(tx, conflict.base)?, revisions::get(tx, conflict.theirs)?);
                open.push((conflict, feeds::get(tx, conflict.feed)?.name, [base, ours, theirs]));
            }
            Ok(open)
        });
        let open = read.await?;
        let views = move || open.into_iter().map(|(conflict, name, all)| view(conflict, name, &all)).collect();
        tokio::task::spawn_blocking(views).await.map_err(internal)
    }

    /// Brings a conflict together, and sends what came of it.
    pub async fn conflict_resolve(&self, choice: ConflictChoice) -> ApiResult<PostView> {
        let (post, feed) = (choice.post, choice.feed);
        let clock = self.inner.options.clock.clone();
        let resolved = self.store().write(move |tx| {
            let Some(open) = Open::find(tx, &choice)? else {
                return Ok(Err(ApiError::about(ErrorCode::ConflictChanged, post.to_string())));
            };
            if let Some(name) = open.not_to_choose(&choice.resolve) {
                return Ok(Err(ApiError::about(ErrorCode::BadInput, name.to_string())));
            }
            match &choice.resolve {
                Resolve::TwoPosts => open.part(tx, clock.as_ref())?,
                how => open.join(tx, clock.as_ref(), how)?,
            }
            Ok(Ok(()))
        });
        resolved.await??;
        self.posts_changed(Vec::new());
        self.outbox_changed(Some(feed)).await;
        self.inner.outbox_bell.notify_one();
        self.post_get(post).await
    }
}

/// A conflict that is still the one the user decided about.
struct Open {
    delivery: Delivery,
    base: Revision,
    ours: Revision,
    theirs: Revision,
    /// When it was changed there at the earliest.
    changed_at: Timestamp,
}

impl Open {
    fn find(tx: &Tx<'_>, choice: &ConflictChoice) -> Result<Option<Self>, StoreError> {
        let (post, feed) = (choice.post, choice.feed);
        let (Some(conflict), Some(delivery)) = (conflicts::get(tx, post, feed)?, outbox::get(tx, post, feed)?) else {
            return Ok(None);
        };
        let head = posts::get(tx, post)?.revision;
        let is_open = delivery.state == (DeliveryState::NeedsYou { reason: NeedsYou::Conflict });
        if !is_open || head != choice.ours || conflict.theirs != choice.theirs {
            return Ok(None);
        }
        posts::seal(tx, post)?;
        let [base, ours, theirs] = [conflict.base, head, conflict.theirs].map(|revision| revisions::get(tx, revision));
        let changed_at = conflict.changed_at;
        Ok(Some(Self { delivery, base: base?, ours: ours?, theirs: theirs?, changed_at }))
    }

    /// The first part that shall be taken from there and that merges by itself or does not differ: our words would go over theirs
    /// where the user wanted theirs.
    fn not_to_choose<'a>(&self, how: &'a Resolve) -> Option<&'a PartName> {
        let Resolve::Choose { theirs: parts } = how else { return None };
        let open = merge::merge(&self.base.content, &self.ours.content, &self.theirs.content).conflicts;
        parts.iter().find(|name| !open.iter().any(|part| part.part == name.part && part.lang == name.lang))
    }

    /// Makes one version of both and lets it go to the feed, over exactly what was seen there.
    fn join(self, tx: &Tx<'_>, clock: &dyn Clock, how: &Resolve) -> Result<(), StoreError> {
        let (ours, theirs) = (&self.ours, &self.theirs);
        let content = match how {
            Resolve::Theirs => theirs.content.clone(),
            Resolve::Choose { theirs: parts } => {
                let from_theirs = parts.iter().map(|name| (name.part, name.lang.clone())).collect();
                merge::merge_choosing(&self.base.content, &ours.content, &theirs.content, &from_theirs).content
            }
            Resolve::Ours | Resolve::TwoPosts => ours.content.clone(),
        };
        let is_theirs = content == theirs.content;
        let parents = vec![ours.id, theirs.id];
        let arrival = posts::Arrival { post: ours.post, parents, content, origin: Origin::Merge, newest: true };
        let merged = posts::arrive(tx, clock, arrival)?;
        conflicts::remove(tx, ours.post, self.delivery.feed)?;
        let mut there =
            self.delivery.there.clone().or(self.delivery.receipt.clone()).ok_or(StoreError::RevisionNotFound)?;
        if is_theirs {
            // The feed holds it already.
            there.revision = merged;
        }
        let (now, was_agreed) = (clock.now(), self.delivery.receipt.is_some());
        let changed_at = self.changed_at;
        let taken = Happened::TakenOver { there: there.clone(), target: merged, late: None, changed_at };
        let taken = outbox::happen(tx, now, self.delivery, taken)?;
        if !was_agreed {
            // What was never agreed on may not be whole there.
            outbox::happen(tx, now, taken, Happened::Unfinished(there))?;
        }
        Ok(())
    }

    /// Leaves the post as it is here, and makes a second one of what is at the feed. Where an item's place comes from the post's
    /// id, the second post gets a place of its own, and what was seen at the first one's is taken away.
    fn part(self, tx: &Tx<'_>, clock: &dyn Clock) -> Result<(), StoreError> {
        let now = clock.now();
        let there =
            self.delivery.there.clone().or(self.delivery.receipt.clone()).ok_or(StoreError::RevisionNotFound)?;
        let save =
            posts::Save { post: None, base: None, version: None, content: self.theirs.content, origin: Origin::Pull };
        let second = posts::save(tx, clock, save)?;
        let mut first = self.delivery;
        let feed = first.feed;
        conflicts::remove(tx, first.post, feed)?;
        let is_named_by_post = there.remote_id == first.post.to_string();
        let wish = Wish {
            post: second.post,
            feed,
            wanted: there.known,
            target: second.revision,
            manner: first.manner.clone(),
        };
        let delivery = outbox::wish(tx, now, wish)?;
        if is_named_by_post {
            (first.wanted, first.receipt, first.state) = (Wanted::Withdrawn, Some(there), DeliveryState::Queued);
            (first.attempts, first.next_at) = (0, now);
        } else {
            // What is there belongs to the second post from now on, so nothing of the first is.
            (first.wanted, first.receipt, first.state) = (Wanted::Off, None, DeliveryState::Idle);
            notes::move_to(tx, (first.post, feed), second.post)?;
            let there = Receipt { revision: second.revision, ..there };
            outbox::happen(tx, now, delivery, Happened::Confirmed(there))?;
        }
        (first.there, first.updated_at) = (None, now);
        outbox::put(tx, &first)
    }
}

fn view(conflict: Conflict, feed_name: String, [base, ours, theirs]: &[Revision; 3]) -> ConflictView {
    let merged = merge::merge(&base.content, &ours.content, &theirs.content);
    let open: BTreeSet<Name> = merged.conflicts.into_iter().map(|conflict| (conflict.part, conflict.lang)).collect();
    let all = [&base.content, &ours.content, &theirs.content];
    let titles = ours.content.sides.iter().map(|(lang, side)| (lang.clone(), side.title.clone()));
    ConflictView {
        post: conflict.post,
        feed: conflict.feed,
        feed_name,
        titles: titles.filter(|(_, title)| !title.is_empty()).collect(),
        ours: ours.id,
        ours_at: ours.updated_at,
        theirs: theirs.id,
        theirs_at: conflict.changed_at,
        parts: merge::names(all).into_iter().filter_map(|name| part(name, all, &merged.content, &open)).collect(),
    }
}

fn part(
    name: Name,
    [base, ours, theirs]: [&Content; 3],
    merged: &Content,
    open: &BTreeSet<Name>,
) -> Option<ConflictPart> {
    let is_open = open.contains(&name);
    let (part, lang) = name;
    let text = |content: &Content| merge::text_of(content, part, lang.as_ref());
    let (base, ours, theirs) = (text(base), text(ours), text(theirs));
    if !is_open && ours == base && theirs == base {
        return None;
    }
    Some(ConflictPart {
        pieces: if is_open { Vec::new() } else { diff::pieces(&base, &text(merged)) },
        ours_pieces: diff::pieces(&base, &ours),
        theirs_pieces: diff::pieces(&base, &theirs),
        merged: !is_open,
        part,
        lang,
        base,
        ours,
        theirs,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::api::types::{DraftInput, FeedInput, FeedKind, SendInput};
    use crate::clock::TestClock;
    use crate::domain::{Digest, FeedId, Lang, Manner, PostId, Side};
    use crate::journal::Options;
    use crate::store::arrivals::{self, Arrival};

    const NOW: i64 = 1_767_323_045_000;
    const DAY: i64 = 24 * 3_600_000;

    struct Desk {
        _home: tempfile::TempDir,
        journal: Journal,
        clock: Arc<TestClock>,
        post: PostId,
        feed: FeedId,
    }

    fn content(body: &str, clock: &dyn Clock) -> Content {
        let mut content = Content::empty(clock.moment());
        content.sides.insert(Lang::en(), Side { title: "Tea".into(), body: body.into() });
        content
    }

    impl Desk {
        /// A draft that was changed here and at its feed.
        async fn with_a_conflict() -> Self {
            let (home, clock) = (tempfile::tempdir().unwrap(), Arc::new(TestClock::new(NOW)));
            let options = Options { clock: clock.clone(), ..Options::default() };
            let journal = Journal::open(&home.path().join("journal"), options).await.unwrap();
            let place = home.path().join("feed").display().to_string();
            let (name, user, kind) = (String::new(), String::new(), FeedKind::Folder);
            let input = FeedInput { kind, name, place, user, secret: None, keep: None, plain_http: false };
            let feed = journal.feed_add(input).await.unwrap().id;
            let base = content("one", &*clock);
            let input = DraftInput { post: None, base: None, version: None, content: base.clone() };
            let saved = journal.draft_save(input).await.unwrap();
            let post = saved.post;
            let wish = SendInput { post, feed, wanted: Wanted::Draft, manner: Manner::default() };
            journal.post_send(wish).await.unwrap();
            journal.sync_now(()).await.unwrap();
            let input = DraftInput {
                post: Some(post),
                base: Some(saved.revision),
                version: Some(saved.version),
                content: content("ours", &*clock),
            };
            journal.draft_save(input).await.unwrap();
            let seen = journal.store().read(move |conn| outbox::get(conn, post, feed)).await.unwrap().unwrap();
            let agreed = seen.receipt.clone().unwrap();
            let arrival = Arrival {
                base: agreed.revision,
                base_content: base,
                theirs: content("theirs", &*clock),
                there: Receipt { version: Digest::of(b"theirs"), ..agreed },
                apart: false,
                unfinished: false,
                lacks_items: false,
                warning: None,
                missing: 0,
                changed_at: clock.now().plus_millis(-2 * DAY),
                ahead: None,
                seen,
            };
            let at = clock.clone();
            journal.store().write(move |tx| arrivals::arrive(tx, &*at, arrival)).await.unwrap();
            Self { _home: home, journal, clock, post, feed }
        }

        async fn delivery(&self) -> Delivery {
            let (post, feed) = (self.post, self.feed);
            self.journal.store().read(move |conn| outbox::get(conn, post, feed)).await.unwrap().unwrap()
        }
    }

    #[tokio::test]
    async fn what_was_changed_there_is_as_old_as_the_feed_says_and_not_as_its_copy_here() {
        let desk = Desk::with_a_conflict().await;
        let conflict = desk.journal.conflicts(()).await.unwrap().remove(0);
        assert_eq!((conflict.theirs_at, conflict.ours_at), (desk.clock.now().plus_millis(-2 * DAY), desk.clock.now()));
    }

    #[tokio::test]
    async fn a_post_that_is_deleted_and_had_back_is_still_to_be_brought_together() {
        let desk = Desk::with_a_conflict().await;
        let (before, open) = (desk.delivery().await, desk.journal.conflicts(()).await.unwrap().remove(0));
        assert_eq!(before.state, DeliveryState::NeedsYou { reason: NeedsYou::Conflict });
        desk.journal.post_delete(desk.post).await.unwrap();
        assert_eq!(desk.journal.conflicts(()).await.unwrap().len(), 0);
        desk.journal.post_undelete(desk.post).await.unwrap();
        desk.clock.advance(60_000);
        desk.journal.sync_now(()).await.unwrap();
        let after = desk.delivery().await;
        assert_eq!((&after.state, after.wanted), (&before.state, Wanted::Draft));
        assert_eq!((after.receipt, after.there), (before.receipt, before.there), "nothing went over what is there");
        assert_eq!(desk.journal.conflicts(()).await.unwrap().remove(0).theirs, open.theirs);
    }
}
