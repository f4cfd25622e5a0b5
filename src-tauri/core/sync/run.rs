//! Executes the plan for the due deliveries of one feed. Every result is recorded before the next byte leaves; an answer
//! counts only after the feed settled. A post that fails does not stop the next one; a feed that does not answer does. What a
//! failure means for a delivery, and for the others, is `failing`'s.

mod failing;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use super::engine::{Destination, Parts};
use super::plan::{self, Step, plan};
use super::{Begun, Claim, LEASE_MILLIS, Lease, OutboxFailed};
use crate::domain::{Delivery, DeliveryState, Happened, NeedsYou, PostId, Receipt, Timestamp, Wanted};
use crate::feed::{About, Audience, FeedError, Held, Intent, Lookup, Notes, Outgoing, Progress, Remains};

/// How often a long step says that it is alive.
const BEAT: Duration = Duration::from_secs(2);

/// What a tour through a feed's outbox came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tour {
    /// Deliveries that the feed confirmed.
    pub confirmed: u32,
    /// Deliveries that only the user can go on with.
    pub needs_you: u32,
    /// Whether the feed answered.
    pub answer: Answer,
    /// Somebody else in this program is on tour there already; nothing was done.
    pub busy: bool,
}

/// Whether a feed answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Answer {
    /// There was nothing to ask.
    #[default]
    NotAsked,
    /// It answered.
    Reachable,
    /// It answered that it wants to be left alone, for so many milliseconds if it said.
    Busy(Option<i64>),
    /// It did not. Normal.
    Unreachable,
    /// It answered, but does not let us in.
    Denied,
    /// It does not know us any more.
    SignedOut,
    /// It was not asked, since the keychain that our sign-in is in is locked.
    Locked,
}

/// A tour through the outbox of one feed.
pub(super) struct Run<'a> {
    parts: &'a Parts,
    to: &'a Destination,
    lease: Lease,
    tour: Tour,
    /// Files that the feed had when the present try ended.
    files: u32,
}

/// What became of one delivery.
enum Done {
    /// Nothing was to be done.
    Nothing,
    /// What came of it was recorded.
    Recorded,
    /// The feed answered; to be recorded when it settled.
    Answered(Box<Happened>),
    /// The feed does not answer: the others need not be tried.
    Silent,
}

impl Done {
    fn answered(happened: Happened) -> Self {
        Self::Answered(Box::new(happened))
    }
}

impl<'a> Run<'a> {
    pub fn new(parts: &'a Parts, to: &'a Destination) -> Self {
        let lease = Lease { id: parts.clock.new_uuid(), feed: to.id };
        Self { parts, to, lease, tour: Tour::default(), files: 0 }
    }

    /// Goes on until nothing is due or the feed does not answer.
    pub async fn drain(mut self) -> Result<Tour, OutboxFailed> {
        let mut batch = self.parts.outbox.claim(self.claim()).await?;
        while !batch.is_empty() {
            batch = self.batch(batch).await?;
        }
        self.parts.outbox.release(self.lease.id).await?;
        Ok(self.tour)
    }

    fn claim(&self) -> Claim {
        let now = self.now();
        Claim { lease: self.lease, now, until: now.plus_millis(LEASE_MILLIS), limit: self.to.feed.batch().max(1) }
    }

    /// Answers the next ones; none where it makes no sense to go on.
    async fn batch(&mut self, batch: Vec<Delivery>) -> Result<Vec<Delivery>, OutboxFailed> {
        let mut answered = Vec::new();
        let (mut goes_on, mut recorded) = (true, false);
        for delivery in batch {
            match self.one(delivery.clone()).await? {
                Done::Nothing => {}
                Done::Recorded => recorded = true,
                Done::Answered(happened) => answered.push((delivery, *happened)),
                Done::Silent => {
                    goes_on = false;
                    break;
                }
            }
        }
        match (answered.is_empty(), goes_on) {
            (true, true) if recorded => self.parts.outbox.claim(self.claim()).await,
            (true, _) => Ok(Vec::new()),
            (false, _) => self.settle(answered, goes_on).await,
        }
    }

    /// Lets the feed finish, and records what it answered. Answers the next ones, if it did and it makes sense to go on.
    async fn settle(
        &mut self,
        answered: Vec<(Delivery, Happened)>,
        goes_on: bool,
    ) -> Result<Vec<Delivery>, OutboxFailed> {
        if let Err(error) = self.attend(self.to.feed.settle()).await {
            self.unsettled(answered, &error).await?;
            return Ok(Vec::new());
        }
        self.tour.answer = Answer::Reachable;
        self.tour.confirmed += u32::try_from(answered.len()).unwrap_or(u32::MAX);
        let happened = answered.into_iter().map(|(delivery, happened)| (delivery.post, happened)).collect();
        if !goes_on {
            self.record(happened).await?;
            return Ok(Vec::new());
        }
        let (recorded, next) = self.parts.outbox.record_and_claim(happened, self.claim()).await?;
        self.tell(&recorded);
        Ok(next)
    }

    async fn one(&mut self, mut delivery: Delivery) -> Result<Done, OutboxFailed> {
        // Doubt, look up, create: no honest sequence is longer.
        for _ in 0..3 {
            let next = match plan(&delivery) {
                Step::Rest => return Ok(Done::Nothing),
                Step::Doubt => self.lost_at(self.now(), files_there(&delivery)),
                Step::LookUp => match self.look_up(&delivery).await? {
                    Ok(next) => next,
                    Err(done) => return Ok(done),
                },
                Step::Keep(there) => match self.keep(&delivery, &there).await? {
                    Ok(next) => next,
                    Err(done) => return Ok(done),
                },
                step => match self.send(delivery, step).await? {
                    Ok(changed) => {
                        delivery = changed;
                        continue;
                    }
                    Err(done) => return Ok(done),
                },
            };
            match self.note(delivery.post, next).await? {
                Some(noted) => delivery = noted,
                None => return Ok(Done::Nothing),
            }
        }
        Ok(Done::Recorded)
    }

    /// Asks the feed. `Ok` leads on, `Err` ends here.
    async fn look_up(&mut self, delivery: &Delivery) -> Result<Result<Happened, Done>, OutboxFailed> {
        let found = self.found(delivery).await;
        let now = self.now();
        Ok(match found {
            Ok(Lookup::Found(held)) if held.touched => {
                // What was changed there is not what is wanted by now, but what left then.
                let there = Some(held.receipt(delivery.common().unwrap_or(delivery.target), now));
                Err(self.stuck(delivery.post, NeedsYou::ChangedThere, there).await?)
            }
            Ok(Lookup::Found(held)) if held.unfinished => {
                // It is there, but not as it shall be: some of it may read as both sides last agreed.
                Ok(Happened::Unfinished(held.receipt(delivery.common().unwrap_or(delivery.target), now)))
            }
            Ok(Lookup::Found(held)) => Err(Done::answered(Happened::Confirmed(held.receipt(delivery.target, now)))),
            // What shall not be there is only gone once it cannot come any more.
            Ok(Lookup::Absent) if let Some(until) = delivery.unwanted_until(now, self.to.feed.brings_back()) => {
                Err(self.not_yet(delivery.post, until).await?)
            }
            // It does not let through what it is sent, and says so by nothing but that.
            Ok(Lookup::Absent) if delivery.sends() && !delivery.is_there() && failing::is_in_vain(delivery) => {
                Err(self.stuck(delivery.post, NeedsYou::Refused, None).await?)
            }
            Ok(Lookup::Absent) if delivery.clone().after(Happened::Absent, now).is_pending() => Ok(Happened::Absent),
            Ok(Lookup::Absent) => Err(Done::answered(Happened::Absent)),
            Ok(Lookup::NotYet(ask_at)) => Err(self.not_yet(delivery.post, ask_at).await?),
            Ok(Lookup::CannotTell) => Err(self.stuck(delivery.post, NeedsYou::MaybeThere, None).await?),
            Err(FeedError::Untold) => Err(self.untold(delivery, NeedsYou::MaybeThere, None).await?),
            Err(error) => Err(self.not_told(delivery, error).await?),
        })
    }

    async fn not_yet(&mut self, post: PostId, ask_at: Timestamp) -> Result<Done, OutboxFailed> {
        self.tour.answer = Answer::Reachable;
        let ask_at = ask_at.min(self.now().plus_millis(plan::HORIZON_MILLIS));
        self.note(post, Happened::NotYet { ask_at }).await?;
        Ok(Done::Recorded)
    }

    /// What the feed holds. Where the program ended before the first note about an item that was made elsewhere, only the receipt
    /// knows of it, so that it is asked for by that before it counts as gone.
    async fn found(&self, delivery: &Delivery) -> Result<Lookup, FeedError> {
        let about = self.about(delivery.post);
        let found = self.attend(self.to.feed.lookup(&about)).await?;
        let known = delivery.receipt.as_ref().filter(|_| found == Lookup::Absent && delivery.is_there());
        let Some(known) = known else { return Ok(found) };
        match self.attend(self.to.feed.fetch(known, &about)).await {
            Ok(fetched) => {
                let touched = fetched.held.version != known.version;
                Ok(Lookup::Found(Held { revision: Some(known.revision), touched, ..fetched.held }))
            }
            Err(error) if failing::leaves_open(&error) => Err(error),
            Err(_) => Ok(found),
        }
    }

    /// Sees to it that what somebody changed there is kept before it is written over. Where it cannot be read at all, nothing is
    /// written over it. `Ok` leads on, `Err` ends here.
    async fn keep(&mut self, delivery: &Delivery, there: &Receipt) -> Result<Result<Happened, Done>, OutboxFailed> {
        let kept = self.attend(self.keep_there(delivery, there)).await;
        Ok(match kept {
            // Of what both sides agreed on some is gone, which the user decides about.
            Ok(receipt) if delivery.sends() && self.lacks_items(&receipt, delivery) => {
                self.note(delivery.post, Happened::Kept(receipt)).await?;
                Err(self.stuck(delivery.post, NeedsYou::PartGone, None).await?)
            }
            Ok(receipt) => Ok(Happened::Kept(receipt)),
            Err(FeedError::Gone) if delivery.wanted == Wanted::Withdrawn => {
                match (self.attend(self.to.feed.remains(there)).await, &delivery.receipt) {
                    (Ok(Remains::Nothing), _) => Err(Done::answered(Happened::Absent)),
                    // What nobody here has read of what is left, its feed says when that is compared with what was agreed on.
                    (Ok(_), Some(agreed)) if delivery.is_there() => Ok(Happened::Kept(agreed.clone())),
                    (Ok(_), _) => Err(self.not_yet(delivery.post, self.now()).await?),
                    (Err(error), _) => Err(self.not_told(delivery, error).await?),
                }
            }
            Err(FeedError::Gone) => Err(self.gone(delivery).await?),
            Err(FeedError::Untold) => Err(self.untold(delivery, NeedsYou::ChangedThere, Some(there.clone())).await?),
            Err(error) if failing::leaves_open(&error) => Err(self.not_told(delivery, error).await?),
            Err(_) => Err(self.stuck(delivery.post, NeedsYou::ChangedThere, Some(there.clone())).await?),
        })
    }

    fn lacks_items(&self, there: &Receipt, delivery: &Delivery) -> bool {
        let count = |receipt: &Receipt| self.to.feed.items_of(receipt).len();
        let agreed = delivery.receipt.as_ref().filter(|_| delivery.is_there());
        agreed.is_some_and(|agreed| count(there) < count(agreed))
    }

    async fn keep_there(&self, delivery: &Delivery, there: &Receipt) -> Result<Receipt, FeedError> {
        let fetched = self.to.feed.fetch(there, &self.about(delivery.post)).await?;
        self.parts.keeper.keep(self.to.feed.as_ref(), delivery, fetched).await
    }

    /// Brings it there or takes it away. `Ok` is the delivery as it is wanted by now, `Err` ends here.
    async fn send(&mut self, delivery: Delivery, step: Step) -> Result<Result<Delivery, Done>, OutboxFailed> {
        self.files = 0;
        let post = delivery.post;
        if let Step::Withdraw(known) = step {
            match self.note(post, Happened::Begun { files: 0 }).await? {
                Some(begun) if begun.wanted == Wanted::Withdrawn => {}
                // The user took it back before anything left.
                Some(_) => {
                    let back = self.note(post, Happened::PutOff { until: self.now() }).await?;
                    return Ok(back.ok_or(Done::Nothing));
                }
                None => return Ok(Err(Done::Nothing)),
            }
            let about = self.about(post);
            return Ok(Err(match self.attend(self.to.feed.withdraw(&known, &about)).await {
                Ok(()) | Err(FeedError::Gone) => {
                    Done::answered(Happened::TakenBack { may_return: self.to.feed.brings_back() })
                }
                Err(error) => self.failed(&delivery, error, delivery.target).await?,
            }));
        }
        let held = plan::held_until(&delivery, self.now()).filter(|_| !self.to.feed.limits().scheduled);
        if let Some(until) = held {
            return Ok(match self.note(post, Happened::PutOff { until }).await? {
                // Something else is wanted by now, perhaps at another time.
                Some(put_off) if !put_off.is_wanted_as(&delivery) => Ok(put_off),
                _ => Err(Done::Recorded),
            });
        }
        let leaving = match self.parts.outbox.begin(self.lease, &delivery, self.now()).await {
            Ok(Begun::Leaves(leaving)) => *leaving,
            Ok(Begun::Changed(delivery)) => return Ok(Ok(*delivery)),
            Ok(Begun::NotHeld) => return Ok(Err(Done::Nothing)),
            Err(why) => return self.not_ready(&delivery, why).await.map(Err),
        };
        self.parts.watch.changed(&leaving.delivery);
        let intent = Arc::new(leaving.intent);
        let gone = leaving.delivery.receipt.filter(|receipt| receipt.known == Wanted::Withdrawn);
        Ok(Err(match self.put(&intent, step, (leaving.notes, gone)).await {
            // It is public before its time, and to send it again would change nothing.
            Some(Ok(held)) if held.audience == Audience::Published && intent.audience == Audience::Draft => {
                self.failed(&delivery, FeedError::ChangedThere(Box::new(held)), intent.revision).await?
            }
            Some(Ok(held)) => {
                let receipt = held.receipt(intent.revision, self.now());
                let receipt = Receipt { manner: Some(intent.manner.clone()), ..receipt };
                match receipt.known == intent.audience.into() {
                    true => Done::answered(Happened::Confirmed(receipt)),
                    false => self.kept_back(receipt, &delivery).await?,
                }
            }
            Some(Err(error)) => self.failed(&delivery, error, intent.revision).await?,
            None => {
                self.note(post, self.lost_at(self.now(), self.files)).await?;
                Done::Recorded
            }
        }))
    }

    /// Brings it there. Nothing, where it was called back while files were on their way: what became of it is asked for.
    async fn put(
        &mut self,
        intent: &Arc<Intent>,
        step: Step,
        (notes, gone): (Arc<dyn Notes>, Option<Receipt>),
    ) -> Option<Result<Held, FeedError>> {
        let count = Arc::new(Count::default());
        let progress = Arc::clone(&count) as Arc<dyn Progress>;
        let out = Outgoing { media: Arc::clone(&self.parts.media), progress, notes, gone };
        let sending = async {
            match step {
                Step::Update(known) => self.to.feed.update(&known, intent, &out).await,
                _ => self.to.feed.create(intent, &out).await,
            }
        };
        let held = tokio::select! {
            biased;
            held = self.attend(sending) => Some(held),
            () = self.called_back(intent.post, &count) => None,
        };
        self.files = count.done.load(Ordering::Relaxed);
        held
    }

    /// Notes how far the files are, until the user wants the post there no more before all of them are there.
    async fn called_back(&self, post: PostId, count: &Count) {
        let mut beats = beats();
        let mut noted = (0, 0);
        loop {
            beats.tick().await;
            noted = self.note_files(post, count, noted).await;
            let goes_on = !count.is_under_way() || self.parts.outbox.goes_on(self.lease, post).await.unwrap_or(true);
            if !goes_on {
                return;
            }
        }
    }

    /// Waits for a step and meanwhile renews the lease.
    async fn attend<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        let mut beats = beats();
        loop {
            tokio::select! {
                biased;
                answer = &mut work => return answer,
                _ = beats.tick() => {
                    let until = self.now().plus_millis(LEASE_MILLIS);
                    // What is on its way goes on even if the journal cannot be written right now: its end is recorded or
                    // else found in doubt.
                    if let Err(error) = self.parts.outbox.renew(self.lease.id, until).await {
                        tracing::warn!(feed = %self.to.id, %error, "lease not renewed");
                    }
                }
            }
        }
    }

    async fn note_files(&self, post: PostId, count: &Count, noted: (u32, u64)) -> (u32, u64) {
        let (done, total) = (count.done.load(Ordering::Relaxed), count.total.load(Ordering::Relaxed));
        let (bytes, total_bytes) = (count.bytes.load(Ordering::Relaxed), count.total_bytes.load(Ordering::Relaxed));
        if (done, bytes) != noted
            && let Err(error) = self.note(post, Happened::Uploaded { done, total, bytes, total_bytes }).await
        {
            tracing::warn!(feed = %self.to.id, %post, %error, "progress not noted");
        }
        (done, bytes)
    }

    async fn note(&self, post: PostId, happened: Happened) -> Result<Option<Delivery>, OutboxFailed> {
        Ok(self.record(vec![(post, happened)]).await?.into_iter().next().flatten())
    }

    async fn record(&self, happened: Vec<(PostId, Happened)>) -> Result<Vec<Option<Delivery>>, OutboxFailed> {
        let recorded = self.parts.outbox.record(self.lease, happened, self.now()).await?;
        self.tell(&recorded);
        Ok(recorded)
    }

    fn tell(&self, recorded: &[Option<Delivery>]) {
        recorded.iter().flatten().for_each(|delivery| self.parts.watch.changed(delivery));
    }

    fn about(&self, post: PostId) -> About {
        About { post, notes: self.parts.notes.of(post, self.to.id) }
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }
}

fn beats() -> tokio::time::Interval {
    tokio::time::interval_at(tokio::time::Instant::now() + BEAT, BEAT)
}

/// The files that the feed had, as was noted while they were on their way.
fn files_there(delivery: &Delivery) -> u32 {
    if let DeliveryState::Uploading { done, .. } = delivery.state { done } else { 0 }
}

/// Counts the files that the feed has.
#[derive(Default)]
struct Count {
    done: AtomicU32,
    total: AtomicU32,
    bytes: AtomicU64,
    total_bytes: AtomicU64,
}

impl Count {
    fn is_under_way(&self) -> bool {
        self.done.load(Ordering::Relaxed) < self.total.load(Ordering::Relaxed)
    }
}

impl Progress for Count {
    fn uploaded(&self, done: u32, total: u32) {
        self.total.store(total, Ordering::Relaxed);
        self.done.store(done, Ordering::Relaxed);
    }

    fn sent(&self, bytes: u64, total: u64) {
        self.total_bytes.store(total, Ordering::Relaxed);
        self.bytes.store(bytes, Ordering::Relaxed);
    }
}
