//! What comes back from feeds: changes that were made there. What was changed on one side is taken over, what was changed on both is
//! merged, what cannot be merged is kept as a conflict with both versions in the history. Nothing is deleted here because it is not
//! there.

use std::collections::{HashMap, HashSet};

use futures_util::future::join_all;

use super::Journal;
use crate::api::error::ApiResult;
use crate::api::events::Event;
use crate::api::remote::*;
use crate::api::types::FeedHealth;
use crate::domain::{Delivery, DeliveryState, FeedId, NeedsYou, Receipt, Revision, RevisionId, Timestamp, limits};
use crate::feed::{Changes, Feed, FeedError, Fetched, Remains};
use crate::store::arrivals::{self, Came};
use crate::store::feeds::{self, FeedRow};
use crate::store::{outbox, revisions};
use crate::sync::coming_back::{is_mass_change, is_stripped};

/// Feeds are read at most this often without being asked: a minute.
const SOONEST_MILLIS: i64 = 60_000;

/// A feed that always has more is left after so many pages.
const PAGES: usize = 1_000;

/// So many posts that are gone are looked for in one go, in no order, so that each has its turn.
const SOUGHT: usize = 20;

/// How much of what a feed says is believed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// What is likely; when very much is gone at once, nothing.
    Likely,
    /// Everything: the user looked.
    Whatever,
}

impl Journal {
    /// Reads what was changed at all feeds that can be read back.
    pub async fn pull(&self, _: ()) -> ApiResult<PullReport> {
        self.pull_since(Timestamp::from_millis(i64::MAX), None).await
    }

    /// The same for one feed.
    pub(super) async fn pull_only(&self, feed: FeedId) -> ApiResult<PullReport> {
        self.pull_since(Timestamp::from_millis(i64::MAX), Some(feed)).await
    }

    /// The same for the feeds that were not read within the last minute.
    pub(super) async fn pull_by_itself(&self) -> ApiResult<PullReport> {
        self.pull_since(self.clock().now().plus_millis(-SOONEST_MILLIS), None).await
    }

    /// Reads what was changed at one feed and takes it over, however much is gone there at once: the user looked.
    pub async fn pull_accept(&self, feed: FeedId) -> ApiResult<PullReport> {
        let row = self.store().read(move |conn| feeds::get(conn, feed)).await?;
        let report = self.pull_feed(row, Trust::Whatever).await?;
        self.inner.outbox_bell.notify_one();
        Ok(report)
    }

    async fn pull_since(&self, before: Timestamp, only: Option<FeedId>) -> ApiResult<PullReport> {
        let rows: Vec<FeedRow> = self.store().read(feeds::list).await?;
        let now = self.clock().now();
        // A time in the future was noted before the clock was set back.
        let is_due = |row: &FeedRow| row.pulled_at.is_none_or(|at| at <= before || at > now);
        let is_meant = |row: &FeedRow| row.enabled && only.is_none_or(|only| row.id == only);
        let due = rows.into_iter().filter(|row| is_meant(row) && is_due(row));
        let mut report = PullReport::default();
        self.pull_all(due, &mut report).await?;
        Ok(report)
    }

    /// Reads the feeds that a report says wanted to be left alone, if they were for as long by now, and says in it what came of that.
    pub(super) async fn pull_busy(&self, report: &mut PullReport) -> ApiResult<()> {
        let busy = std::mem::take(&mut report.busy);
        let rows: Vec<FeedRow> = self.store().read(feeds::list).await?;
        self.pull_all(rows.into_iter().filter(|row| row.enabled && busy.contains(&row.name)), report).await
    }

    async fn pull_all(&self, rows: impl Iterator<Item = FeedRow>, report: &mut PullReport) -> ApiResult<()> {
        for pull in join_all(rows.map(|row| self.pull_feed(row, Trust::Likely))).await {
            let pull = pull?;
            report.changed += pull.changed;
            report.conflicts += pull.conflicts;
            report.gone += pull.gone;
            report.files_missing += pull.files_missing;
            report.held_back.extend(pull.held_back);
            report.unreachable.extend(pull.unreachable);
            report.busy.extend(pull.busy);
            report.locked.extend(pull.locked);
            report.signed_out.extend(pull.signed_out);
            report.denied.extend(pull.denied);
        }
        self.inner.outbox_bell.notify_one();
        Ok(())
    }

    async fn pull_feed(&self, row: FeedRow, trust: Trust) -> ApiResult<PullReport> {
        let id = row.id;
        let Some(feed) = self.adapter(&row) else { return Ok(PullReport::default()) };
        let mut report = PullReport::default();
        if self.engine().left_alone_until(id).is_some() {
            report.busy.push(row.name);
            return Ok(report);
        }
        let at_feed = self.store().read(move |conn| outbox::of_feed(conn, id)).await?;
        let followed: Vec<Delivery> = at_feed.into_iter().filter(is_followed).collect();
        let known: Vec<Receipt> = followed.iter().filter_map(|delivery| delivery.receipt.clone()).collect();
        let mut changes = match all_changes(feed.as_ref(), row.cursor.as_deref(), &known, trust).await {
            Ok(changes) => changes,
            Err(error) => {
                self.not_read(&row, &error, &mut report).await?;
                return Ok(report);
            }
        };
        let by_name: HashMap<String, Delivery> = followed
            .into_iter()
            .filter_map(|delivery| Some((delivery.receipt.as_ref()?.remote_id.clone(), delivery)))
            .collect();
        // What the user knows to be gone is no news.
        let is_lost = |name: &&String| by_name.get(*name).is_some_and(|delivery| !delivery.is_found_gone());
        let stripped = match trust {
            Trust::Likely => self.stripped(&by_name, &changes.items).await?,
            Trust::Whatever => Vec::new(),
        };
        let lost = changes.gone.iter().chain(&changes.unseen).chain(&stripped).filter(is_lost).count();
        if trust == Trust::Likely && is_mass_change(lost, changes.looked_at.unwrap_or(by_name.len())) {
            self.hold_back(id, lost).await?;
            report.held_back.push(row.name);
            return Ok(report);
        }
        let (mut came, mut unread) = (Vec::new(), changes.ended.take());
        let told: HashSet<String> =
            changes.items.iter().map(|item| item.held.remote_id.clone()).chain(changes.gone.iter().cloned()).collect();
        for item in changes.items {
            let Some(delivery) = by_name.get(&item.held.remote_id) else { continue };
            match self.came_back(feed.as_ref(), delivery, item, &mut report.files_missing).await? {
                Ok(what) => came.push(what),
                Err(error) if !error.speaks_for_all() => {
                    tracing::debug!(feed = %id, post = %delivery.post, %error, "not taken over yet");
                    came.push(Came::Later);
                }
                Err(error) => {
                    unread = Some(error);
                    came.push(Came::Later);
                    break;
                }
            }
        }
        for delivery in changes.gone.iter().filter_map(|name| by_name.get(name)) {
            came.push(self.gone_there(feed.as_ref(), delivery.clone()).await?);
        }
        // What was gone may be there again as it was, which is no change that a feed would tell.
        let is_back = |(name, delivery): &(&String, &Delivery)| delivery.is_found_gone() && !told.contains(*name);
        let back = by_name.iter().filter(is_back).map(|(_, delivery)| delivery).take(SOUGHT);
        let sought = changes.moved.iter().filter_map(|name| by_name.get(name)).chain(back);
        for delivery in sought.filter(|_| unread.is_none()) {
            came.push(self.follow(feed.as_ref(), delivery, &mut report.files_missing).await?);
        }
        let count =
            |wanted: Came| u32::try_from(came.iter().filter(|what| **what == wanted).count()).unwrap_or(u32::MAX);
        (report.changed, report.conflicts) = (count(Came::Changed), count(Came::Conflict));
        report.gone = count(Came::Gone);
        // What was changed there before its first answer came has no receipt yet, so no list of changes names it.
        let met = unread.is_none() && self.meet_changed(&row, &mut report.files_missing).await?;
        report.changed += u32::from(met);
        match unread {
            Some(error) => self.not_read(&row, &error, &mut report).await?,
            None if known.is_empty() => {}
            None => {
                self.note_health(id, FeedHealth::Reachable).await?;
                self.wake_signed_in(&row).await?;
            }
        }
        // What could not be looked at now is told again from the same place.
        let cursor = if count(Came::Later) > 0 { row.cursor } else { changes.cursor };
        let now = self.clock().now();
        self.store().write(move |tx| feeds::set_cursor(tx, id, cursor.as_deref(), now)).await?;
        if row.pulled_at.is_some_and(|at| day(at) != day(now)) {
            self.read_facts(feed.as_ref(), id).await?;
        }
        if row.held_back > 0 {
            self.tell(Event::FeedsChanged);
        }
        if met || came.iter().any(|what| matches!(what, Came::Changed | Came::Conflict | Came::Gone)) {
            self.outbox_changed(Some(id)).await;
        }
        Ok(report)
    }

    /// Names of the items that lost a text or all of their files at the feed.
    async fn stripped(&self, known: &HashMap<String, Delivery>, items: &[Fetched]) -> ApiResult<Vec<String>> {
        let agreed: Vec<(&Fetched, &Receipt)> =
            items.iter().filter_map(|item| Some((item, known.get(&item.held.remote_id)?.receipt.as_ref()?))).collect();
        let bases: Vec<RevisionId> = agreed.iter().map(|(_, receipt)| receipt.revision).collect();
        let read = self.store().read(move |conn| bases.into_iter().map(|base| revisions::get(conn, base)).collect());
        let bases: Vec<Revision> = read.await?;
        let stripped =
            agreed.iter().zip(&bases).filter(|((item, agreed), base)| is_stripped(&base.content, Some(agreed), item));
        Ok(stripped.map(|((item, _), _)| item.held.remote_id.clone()).collect())
    }

    /// Writes down that so much is gone at once that nothing was taken over.
    async fn hold_back(&self, feed: FeedId, lost: usize) -> ApiResult<()> {
        tracing::warn!(%feed, "so much is gone at once that nothing is taken over");
        let lost = u32::try_from(lost).unwrap_or(u32::MAX);
        self.store().write(move |tx| feeds::hold_back(tx, feed, lost)).await?;
        self.tell(Event::FeedsChanged);
        Ok(())
    }

    async fn not_read(&self, row: &FeedRow, error: &FeedError, report: &mut PullReport) -> ApiResult<()> {
        tracing::debug!(feed = %row.id, %error, "feed not read");
        if let FeedError::Busy(wait) = error {
            self.engine().leave_alone(row.id, *wait);
        }
        let (health, named) = match error {
            FeedError::Busy(_) => (FeedHealth::Reachable, &mut report.busy),
            FeedError::SignedOut => (FeedHealth::SignedOut, &mut report.signed_out),
            FeedError::Denied | FeedError::Foreign => (FeedHealth::Denied, &mut report.denied),
            FeedError::Locked => (FeedHealth::Locked, &mut report.locked),
            _ => (FeedHealth::Unreachable, &mut report.unreachable),
        };
        named.push(row.name.clone());
        self.note_health(row.id, health).await
    }

    /// Reads the posts that a feed said were changed there when something was sent, so that they meet what is here, now or as
    /// soon as the feed can be read. Answers whether any came together; counts the files that could not be had.
    pub(super) async fn meet_changed(&self, row: &FeedRow, missing: &mut u32) -> ApiResult<bool> {
        let id = row.id;
        let Some(feed) = self.adapter(row) else { return Ok(false) };
        let mut open = self.store().read(outbox::pending).await?;
        let stuck = DeliveryState::NeedsYou { reason: NeedsYou::ChangedThere };
        open.retain(|delivery| delivery.feed == id && delivery.state == stuck && delivery.sends());
        let mut any = false;
        for delivery in open {
            // What was found there may be more than what was confirmed.
            let Some(known) = delivery.there.clone().or_else(|| delivery.receipt.clone()) else { continue };
            let about = self.about(delivery.post, id);
            // Where it cannot be read the user decides, as the delivery says.
            let Ok(fetched) = feed.fetch(&known, &about).await else { continue };
            let came = self.came_back(feed.as_ref(), &delivery, fetched, missing).await?;
            any |= matches!(came, Ok(Came::Changed | Came::Late));
        }
        Ok(any)
    }

    /// Lets a change at a feed meet the post; counts the files that could not be had. The inner error is the feed's: it is worth
    /// while to ask again.
    async fn came_back(
        &self,
        feed: &dyn Feed,
        seen: &Delivery,
        fetched: Fetched,
        missing: &mut u32,
    ) -> ApiResult<Result<Came, FeedError>> {
        let Some(base) = seen.receipt.as_ref().or(seen.there.as_ref()) else { return Ok(Ok(Came::Nothing)) };
        // An item that was said to be gone and is there again is news, even if it is as it was.
        let was_gone = seen.is_found_gone();
        // So is what the feed left undone. Where anything else waits, or the user is asked, that goes first.
        let is_undone = fetched.held.unfinished && seen.state == DeliveryState::Synced;
        if fetched.held.version == base.version && seen.there.is_none() && !was_gone && !is_undone {
            return Ok(Ok(Came::Nothing));
        }
        let arrival = match self.as_it_is_there(feed, seen, fetched).await? {
            Ok(Some(arrival)) => arrival,
            Ok(None) => return Ok(Ok(Came::Nothing)),
            Err(error) => return Ok(Err(error)),
        };
        // Where one text lies there in several items, what is left of it is no other text.
        if arrival.lacks_items && !arrival.apart {
            return Ok(Ok(Came::Nothing));
        }
        // What the user is asked about is not settled by what is left.
        if arrival.unfinished && seen.state == (DeliveryState::NeedsYou { reason: NeedsYou::PartGone }) {
            return Ok(Ok(Came::Nothing));
        }
        if limits::check(&arrival.theirs).is_err() {
            tracing::debug!(post = %seen.post, "what is at the feed is over our bounds");
            return Ok(Ok(Came::Nothing));
        }
        let (clock, post, lacks) = (self.inner.options.clock.clone(), seen.post, arrival.missing);
        let came = self.store().write(move |tx| arrivals::arrive(tx, clock.as_ref(), arrival)).await?;
        if matches!(came, Came::Changed | Came::Conflict) {
            self.posts_changed(vec![post]);
        }
        // What is read again is counted then.
        if came != Came::Later {
            *missing += lacks;
        }
        Ok(Ok(came))
    }

    /// Finds an item under the name that it has by now. What cannot be told yet is asked for the next time.
    async fn follow(&self, feed: &dyn Feed, delivery: &Delivery, missing: &mut u32) -> ApiResult<Came> {
        // What is about to be sent anew is met there.
        let is_settled = delivery.state == DeliveryState::Synced || delivery.is_found_gone();
        let settled = delivery.receipt.as_ref().filter(|_| is_settled);
        let Some(known) = settled else { return Ok(Came::Nothing) };
        match feed.fetch(known, &self.about(delivery.post, delivery.feed)).await {
            Ok(fetched) => Ok(self.came_back(feed, delivery, fetched, missing).await?.unwrap_or(Came::Nothing)),
            Err(FeedError::Gone) => self.gone_there(feed, delivery.clone()).await,
            Err(error) => {
                tracing::debug!(feed = %delivery.feed, post = %delivery.post, %error, "not followed yet");
                Ok(Came::Nothing)
            }
        }
    }

    /// The feed said that an item is gone: the user is told, and nothing is deleted here.
    async fn gone_there(&self, feed: &dyn Feed, seen: Delivery) -> ApiResult<Came> {
        let (now, post) = (self.clock().now(), seen.post);
        let remains = match &seen.receipt {
            Some(known) => feed.remains(known).await,
            None => Ok(Remains::Nothing),
        };
        let part = match remains {
            Ok(Remains::Nothing) => false,
            Ok(Remains::Some) => true,
            // It is not so, or that is not known yet.
            Ok(Remains::Everything) | Err(_) => return Ok(Came::Later),
        };
        let came = self.store().write(move |tx| arrivals::gone(tx, now, &seen, part)).await?;
        if came == Came::Gone {
            self.posts_changed(vec![post]);
        }
        Ok(came)
    }
}

/// Counts days; what a feed takes is read anew once in each.
fn day(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(24 * 60 * 60 * 1_000)
}

/// Whether changes at the feed are of interest: the post is there and shall be.
fn is_followed(delivery: &Delivery) -> bool {
    delivery.sends() && delivery.is_there() && !delivery.is_in_flight()
}

/// What was changed at a feed, as far as it tells now: what it told before it answered no more counts.
async fn all_changes(
    feed: &dyn Feed,
    cursor: Option<&str>,
    known: &[Receipt],
    trust: Trust,
) -> Result<Changes, FeedError> {
    let mut all = Changes { cursor: cursor.map(str::to_owned), ..Changes::default() };
    for number in 0..PAGES {
        let page = match feed.changes(all.cursor.as_deref(), known).await {
            Err(error) if number > 0 => {
                all.ended = Some(error);
                break;
            }
            page => page?,
        };
        all.items.extend(page.items);
        all.gone.extend(page.gone);
        all.moved.extend(page.moved);
        all.cursor = page.cursor.or(all.cursor);
        // Who looked, and believes what is told, is not asked again about the rest.
        let is_rest_believed = trust == Trust::Whatever && !page.unseen.is_empty();
        all.unseen = page.unseen;
        (all.looked_at, all.ended) = (page.looked_at, page.ended);
        if all.ended.is_some() || (!page.more && !is_rest_believed) {
            break;
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::api::types::{FeedInput, FeedKind};
    use crate::clock::{Clock, TestClock};
    use crate::journal::Options;

    #[tokio::test]
    async fn a_clock_that_was_set_back_keeps_no_feed_from_being_read() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock::new(1_736_240_000_000));
        let options = Options { clock: clock.clone(), ..Options::default() };
        let journal = Journal::open(&dir.path().join("journal"), options).await.unwrap();
        let place = dir.path().join("feed").display().to_string();
        let (name, user) = (String::new(), String::new());
        let input =
            FeedInput { kind: FeedKind::Folder, name, place, user, secret: None, keep: None, plain_http: false };
        let feed = journal.feed_add(input).await.unwrap().id;
        for (hours, is_read) in [(0, true), (0, false), (24, true), (-24, true)] {
            clock.advance(hours * 3_600_000 + 1);
            journal.pull_by_itself().await.unwrap();
            let pulled_at = journal.feed_view(feed).await.unwrap().pulled_at;
            assert_eq!(pulled_at == Some(clock.now()), is_read, "{hours}");
        }
    }
}
