//! Executes the plan for the due deliveries of one feed. Every result is recorded before the next byte leaves; an answer
//! counts only after the feed settled. A post that fails does not stop the next one; a feed that does not answer does.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use super::engine::{Destination, Parts};
use super::plan::{self, Step, plan};
use super::{Claim, LEASE_MILLIS, Lease, NotReady, OutboxFailed, retry};
use crate::domain::{Delivery, Happened, NeedsYou, PostId, Receipt, RevisionId, Timestamp, Wanted};
use crate::feed::{About, FeedError, Held, Intent, Lookup, Outgoing, Progress};

/// How often a long step says that it is alive.
const BEAT: Duration = Duration::from_secs(2);
/// A feed that lets us in, and still does not let a post in after so many tries, means it.
const STUBBORN: u32 = 3;
/// After so many tries (more than half an hour) of a feed that can be asked and never answers when something is sent, the user
/// is told. Until then it is tried again by itself.
const PATIENT: u32 = 12;

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
}

/// A tour through the outbox of one feed.
pub(super) struct Run<'a> {
    parts: &'a Parts,
    to: &'a Destination,
    lease: Lease,
    tour: Tour,
    /// The feed has just proved that it holds nothing of the present delivery.
    proved_absent: bool,
}

/// What became of one delivery.
enum Done {
    /// Nothing was to be done.
    Nothing,
    /// What came of it was recorded.
    Recorded,
    /// The feed answered; to be recorded when it settled.
    Answered(Happened),
    /// The feed does not answer: the others need not be tried.
    Silent,
}

impl<'a> Run<'a> {
    pub fn new(parts: &'a Parts, to: &'a Destination) -> Self {
        let lease = Lease { id: parts.clock.new_uuid(), feed: to.id };
        Self { parts, to, lease, tour: Tour::default(), proved_absent: false }
    }

    /// Goes on until nothing is due or the feed does not answer.
    pub async fn drain(mut self) -> Result<Tour, OutboxFailed> {
        let limit = self.to.feed.batch().max(1);
        loop {
            let now = self.now();
            let until = now.plus_millis(LEASE_MILLIS);
            let batch = self.parts.outbox.claim(Claim { lease: self.lease, now, until, limit }).await?;
            if batch.is_empty() || !self.batch(batch).await? {
                break;
            }
        }
        self.parts.outbox.release(self.lease.id).await?;
        Ok(self.tour)
    }

    /// Answers whether it makes sense to go on.
    async fn batch(&mut self, batch: Vec<Delivery>) -> Result<bool, OutboxFailed> {
        let mut answered = Vec::new();
        let (mut goes_on, mut recorded) = (true, false);
        for delivery in batch {
            match self.one(delivery.clone()).await? {
                Done::Nothing => {}
                Done::Recorded => recorded = true,
                Done::Answered(happened) => answered.push((delivery, happened)),
                Done::Silent => {
                    goes_on = false;
                    break;
                }
            }
        }
        if answered.is_empty() {
            return Ok(goes_on && recorded);
        }
        self.settle(answered).await.map(|settled| settled && goes_on)
    }

    /// Lets the feed finish, and records what it answered. Answers whether it did.
    async fn settle(&mut self, answered: Vec<(Delivery, Happened)>) -> Result<bool, OutboxFailed> {
        let settled = self.attend(None, self.to.feed.settle()).await;
        let Err(error) = settled else {
            self.tour.answer = Answer::Reachable;
            self.tour.confirmed += u32::try_from(answered.len()).unwrap_or(u32::MAX);
            self.record(answered.into_iter().map(|(delivery, happened)| (delivery.post, happened)).collect()).await?;
            return Ok(true);
        };
        tracing::debug!(feed = %self.to.id, %error, "feed did not settle");
        self.tour.answer = answer_of(&error);
        let unsettled = answered.into_iter().map(|(delivery, happened)| {
            let next = match error {
                FeedError::Full => Happened::Stuck { reason: NeedsYou::Full, there: there(happened) },
                FeedError::Denied => Happened::Stuck { reason: NeedsYou::Denied, there: there(happened) },
                // What was answered may or may not be there now, so the feed is asked again.
                _ => Happened::Lost { ask_at: self.later(delivery.attempts) },
            };
            (delivery.post, next)
        });
        self.record(unsettled.collect()).await?;
        Ok(false)
    }

    async fn one(&mut self, mut delivery: Delivery) -> Result<Done, OutboxFailed> {
        self.proved_absent = false;
        // Doubt, look up, create: no honest sequence is longer.
        for _ in 0..3 {
            let next = match plan(&delivery) {
                Step::Rest => return Ok(Done::Nothing),
                Step::Doubt => Happened::Lost { ask_at: self.now() },
                Step::LookUp => match self.look_up(&delivery).await? {
                    Ok(next) => next,
                    Err(done) => return Ok(done),
                },
                step => return self.send(delivery, step).await,
            };
            self.proved_absent |= next == Happened::Absent;
            match self.note(delivery.post, next).await? {
                Some(noted) => delivery = noted,
                None => return Ok(Done::Nothing),
            }
        }
        Ok(Done::Recorded)
    }

    /// Asks the feed. `Ok` leads on, `Err` ends here.
    async fn look_up(&mut self, delivery: &Delivery) -> Result<Result<Happened, Done>, OutboxFailed> {
        let found = self.attend(None, self.to.feed.lookup(&self.about(delivery.post))).await;
        let now = self.now();
        let receipt = |held: Held| held.receipt(delivery.target, now);
        Ok(match found {
            Ok(Lookup::Found(held)) if held.touched => {
                let there = Some(receipt(held));
                Err(self.stuck(delivery.post, NeedsYou::ChangedThere, there).await?)
            }
            Ok(Lookup::Found(held)) if held.unfinished => Ok(Happened::Unfinished(receipt(held))),
            Ok(Lookup::Found(held)) => Err(Done::Answered(Happened::Confirmed(receipt(held)))),
            Ok(Lookup::Absent) if delivery.clone().after(Happened::Absent, now).is_pending() => Ok(Happened::Absent),
            Ok(Lookup::Absent) => Err(Done::Answered(Happened::Absent)),
            Ok(Lookup::NotYet(ask_at)) => {
                let ask_at = ask_at.min(now.plus_millis(plan::HORIZON_MILLIS));
                self.tour.answer = Answer::Reachable;
                self.note(delivery.post, Happened::NotYet { ask_at }).await?;
                Err(Done::Recorded)
            }
            Ok(Lookup::CannotTell) => Err(self.stuck(delivery.post, NeedsYou::MaybeThere, None).await?),
            Err(error) => Err(self.not_told(delivery, error).await?),
        })
    }

    /// The feed could not be asked: whatever the reason, what is unknown stays unknown.
    async fn not_told(&mut self, delivery: &Delivery, error: FeedError) -> Result<Done, OutboxFailed> {
        tracing::debug!(feed = %self.to.id, post = %delivery.post, %error, "feed not asked");
        self.tour.answer = answer_of(&error);
        let asked = if let FeedError::Busy(wait) = error { self.left_alone(wait) } else { None };
        let retry_at = asked.unwrap_or_else(|| self.later(delivery.attempts));
        self.note(delivery.post, Happened::Unreachable { retry_at }).await?;
        let speaks_for_all = matches!(
            error,
            FeedError::Unreachable
                | FeedError::Foreign
                | FeedError::Denied
                | FeedError::SignedOut
                | FeedError::Busy(_)
                | FeedError::Journal
        );
        Ok(if speaks_for_all { Done::Silent } else { Done::Recorded })
    }

    async fn send(&mut self, delivery: Delivery, step: Step) -> Result<Done, OutboxFailed> {
        if let Step::Withdraw(known) = step {
            if self.note(delivery.post, Happened::Begun { files: 0 }).await?.is_none() {
                return Ok(Done::Nothing);
            }
            let about = self.about(delivery.post);
            return match self.attend(None, self.to.feed.withdraw(&known, &about)).await {
                Ok(()) | Err(FeedError::Gone) => Ok(Done::Answered(Happened::Absent)),
                Err(error) => self.failed(&delivery, error, delivery.target).await,
            };
        }
        let intent = match self.parts.posts.intent(&delivery).await {
            Ok(intent) => Arc::new(intent),
            Err(why) => return self.not_ready(&delivery, why).await,
        };
        let files = u32::try_from(intent.media.len()).unwrap_or(u32::MAX);
        if self.note(delivery.post, Happened::Begun { files }).await?.is_none() {
            return Ok(Done::Nothing);
        }
        match self.put(&intent, step).await {
            Ok(held) => Ok(Done::Answered(Happened::Confirmed(held.receipt(intent.revision, self.now())))),
            Err(error) => self.failed(&delivery, error, intent.revision).await,
        }
    }

    async fn put(&self, intent: &Arc<Intent>, step: Step) -> Result<Held, FeedError> {
        let count = Arc::new(Count::default());
        let out = Outgoing {
            media: Arc::clone(&self.parts.media),
            progress: Arc::clone(&count) as Arc<dyn Progress>,
            notes: self.about(intent.post).notes,
        };
        let sending = async {
            match step {
                Step::Update(known) => self.to.feed.update(&known, intent, &out).await,
                _ => self.to.feed.create(intent, &out).await,
            }
        };
        self.attend(Some((intent.post, &count)), sending).await
    }

    /// Waits for a step and meanwhile renews the lease and notes how far it is.
    async fn attend<T>(&self, files: Option<(PostId, &Count)>, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        let mut beat = tokio::time::interval_at(tokio::time::Instant::now() + BEAT, BEAT);
        let mut noted = (0, 0);
        loop {
            tokio::select! {
                biased;
                answer = &mut work => return answer,
                _ = beat.tick() => {
                    let until = self.now().plus_millis(LEASE_MILLIS);
                    // What is on its way goes on even if the journal cannot be written right now: its end is recorded or
                    // else found in doubt.
                    if let Err(error) = self.parts.outbox.renew(self.lease.id, until).await {
                        tracing::warn!(feed = %self.to.id, %error, "lease not renewed");
                    }
                    if let Some((post, count)) = files {
                        noted = self.note_files(post, count, noted).await;
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

    async fn failed(&mut self, delivery: &Delivery, error: FeedError, sent: RevisionId) -> Result<Done, OutboxFailed> {
        tracing::debug!(feed = %self.to.id, post = %delivery.post, %error, "not delivered");
        self.tour.answer = answer_of(&error);
        let post = delivery.post;
        match error {
            FeedError::Unreachable | FeedError::Foreign => {
                let retry_at = self.later(delivery.attempts);
                self.note(post, Happened::Unreachable { retry_at }).await?;
                Ok(Done::Silent)
            }
            FeedError::Busy(wait) => {
                let retry_at = self.left_alone(wait).unwrap_or_else(|| self.later(delivery.attempts));
                self.note(post, Happened::Unreachable { retry_at }).await?;
                Ok(Done::Silent)
            }
            FeedError::Lost | FeedError::Journal => self.lost(delivery).await,
            FeedError::ChangedThere(held) => {
                let there = Some(held.receipt(sent, self.now()));
                self.stuck(post, NeedsYou::ChangedThere, there).await
            }
            FeedError::Denied => self.shut_out(delivery, NeedsYou::Denied).await,
            FeedError::SignedOut => self.shut_out(delivery, NeedsYou::SignedOut).await,
            FeedError::NotYet(at) => {
                // Looked at now and then: the clock may be set.
                let until = at.min(self.now().plus_millis(plan::HORIZON_MILLIS));
                self.note(post, Happened::PutOff { until }).await?;
                Ok(Done::Recorded)
            }
            FeedError::TooLong => self.stuck(post, NeedsYou::TooLong, None).await,
            FeedError::TooManyFiles => self.stuck(post, NeedsYou::TooManyFiles, None).await,
            FeedError::Mixed => self.stuck(post, NeedsYou::Mixed, None).await,
            FeedError::CannotChange => self.stuck(post, NeedsYou::CannotChange, None).await,
            FeedError::Full => self.stuck(post, NeedsYou::Full, None).await,
            FeedError::Refused => self.stuck(post, NeedsYou::Refused, None).await,
            FeedError::TooLarge => self.stuck(post, NeedsYou::TooLarge, None).await,
            FeedError::Gone => self.gone(delivery).await,
            FeedError::CannotStrip(_) => self.stuck(post, NeedsYou::CannotStrip, None).await,
            FeedError::MediaDamaged(_) => self.stuck(post, NeedsYou::MediaDamaged, None).await,
        }
    }

    /// Before the user is told that the feed does not let us in, it is asked whether that is so: one such answer may be a hiccup,
    /// or that of something in between.
    async fn shut_out(&mut self, delivery: &Delivery, reason: NeedsYou) -> Result<Done, OutboxFailed> {
        let (is_so, lets_in) = match self.attend(None, self.to.feed.probe()).await {
            Ok(_) => (delivery.rebuffs >= STUBBORN, true),
            Err(error) => (matches!(error, FeedError::Denied | FeedError::SignedOut), false),
        };
        if is_so {
            return self.stuck(delivery.post, reason, None).await;
        }
        self.put_off(delivery, lets_in).await?;
        Ok(Done::Silent)
    }

    /// The same before the user is told that an item is gone.
    async fn gone(&mut self, delivery: &Delivery) -> Result<Done, OutboxFailed> {
        let (is_so, is_there) = match &delivery.receipt {
            Some(known) => {
                let there = self.attend(None, self.to.feed.fetch(known, &self.about(delivery.post))).await;
                let is_open = matches!(
                    there,
                    Ok(_)
                        | Err(FeedError::Unreachable
                            | FeedError::Busy(_)
                            | FeedError::Lost
                            | FeedError::SignedOut
                            | FeedError::Denied)
                );
                (!is_open || delivery.rebuffs >= STUBBORN, there.is_ok())
            }
            None => (true, false),
        };
        if is_so {
            return self.stuck(delivery.post, NeedsYou::GoneThere, None).await;
        }
        self.put_off(delivery, is_there).await?;
        Ok(Done::Recorded)
    }

    /// Certainly nothing was changed there; it is tried again later. A feed that `answers` otherwise is left alone for a while.
    async fn put_off(&mut self, delivery: &Delivery, answers: bool) -> Result<(), OutboxFailed> {
        let retry_at = self.later(delivery.attempts);
        let (answer, happened) = match answers {
            true => (Answer::Busy(None), Happened::Rebuffed { retry_at }),
            false => (Answer::Unreachable, Happened::Unreachable { retry_at }),
        };
        self.tour.answer = answer;
        self.note(delivery.post, happened).await.map(drop)
    }

    async fn not_ready(&mut self, delivery: &Delivery, why: NotReady) -> Result<Done, OutboxFailed> {
        match why {
            NotReady::MediaDamaged => self.stuck(delivery.post, NeedsYou::MediaDamaged, None).await,
            NotReady::CannotStrip => self.stuck(delivery.post, NeedsYou::CannotStrip, None).await,
            NotReady::Gone => {
                let manner = delivery.manner.clone();
                let gone = Happened::Wished { wanted: Wanted::Withdrawn, target: delivery.target, manner };
                self.note(delivery.post, gone).await?;
                Ok(Done::Recorded)
            }
            NotReady::Failed(error) => Err(error),
        }
    }

    async fn lost(&mut self, delivery: &Delivery) -> Result<Done, OutboxFailed> {
        if self.proved_absent && delivery.attempts >= PATIENT {
            return self.stuck(delivery.post, NeedsYou::MaybeThere, None).await;
        }
        let ask_at = self.later(delivery.attempts);
        self.note(delivery.post, Happened::Lost { ask_at }).await?;
        Ok(Done::Recorded)
    }

    async fn stuck(&mut self, post: PostId, reason: NeedsYou, there: Option<Receipt>) -> Result<Done, OutboxFailed> {
        self.tour.needs_you += 1;
        self.note(post, Happened::Stuck { reason, there }).await?;
        Ok(if plan::concerns_feed(reason) { Done::Silent } else { Done::Recorded })
    }

    async fn note(&self, post: PostId, happened: Happened) -> Result<Option<Delivery>, OutboxFailed> {
        Ok(self.record(vec![(post, happened)]).await?.into_iter().next().flatten())
    }

    async fn record(&self, happened: Vec<(PostId, Happened)>) -> Result<Vec<Option<Delivery>>, OutboxFailed> {
        let recorded = self.parts.outbox.record(self.lease, happened, self.now()).await?;
        recorded.iter().flatten().for_each(|delivery| self.parts.watch.changed(delivery));
        Ok(recorded)
    }

    fn about(&self, post: PostId) -> About {
        About { post, notes: self.parts.notes.of(post, self.to.id) }
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// Until when a feed asked to be left alone, within reason.
    fn left_alone(&self, wait: Option<i64>) -> Option<Timestamp> {
        Some(self.now().plus_millis(wait?.clamp(1, plan::HORIZON_MILLIS)))
    }

    fn later(&self, tries: u32) -> Timestamp {
        self.now().plus_millis(retry::delay(tries, (self.parts.chance)()))
    }
}

/// What the feed holds, by its own answer.
fn there(answered: Happened) -> Option<Receipt> {
    if let Happened::Confirmed(receipt) = answered { Some(receipt) } else { None }
}

fn answer_of(error: &FeedError) -> Answer {
    match error {
        FeedError::Unreachable | FeedError::Lost => Answer::Unreachable,
        FeedError::Busy(wait) => Answer::Busy(*wait),
        FeedError::SignedOut => Answer::SignedOut,
        FeedError::Denied | FeedError::Foreign => Answer::Denied,
        FeedError::NotYet(_) => Answer::NotAsked,
        _ => Answer::Reachable,
    }
}

/// Counts the files that the feed has.
#[derive(Default)]
struct Count {
    done: AtomicU32,
    total: AtomicU32,
    bytes: AtomicU64,
    total_bytes: AtomicU64,
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
