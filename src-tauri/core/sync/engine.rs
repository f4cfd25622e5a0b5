//! All feeds at once: each has a lane of its own, so that one that does not answer holds up no other. Keeps no state that
//! must survive: after a start every feed is simply asked again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::run::{Answer, Run, Tour};
use super::{Keeper, NoteBook, Outbox, OutboxFailed, Watch, plan, retry};
use crate::clock::Clock;
use crate::domain::{FeedId, Timestamp};
use crate::feed::{Feed, MediaSource};

/// Everything the engine works with.
pub struct Parts {
    /// The stored deliveries.
    pub outbox: Arc<dyn Outbox>,
    /// The bytes of the posts' files.
    pub media: Arc<dyn MediaSource>,
    /// Who keeps what was changed at a feed.
    pub keeper: Arc<dyn Keeper>,
    /// What adapters wrote down.
    pub notes: Arc<dyn NoteBook>,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives any number, all equally likely: spreads the waits.
    pub chance: Box<dyn Fn() -> u64 + Send + Sync>,
    /// Who is told what goes on.
    pub watch: Arc<dyn Watch>,
}

/// A feed to send to.
#[derive(Clone)]
pub struct Destination {
    /// Which feed.
    pub id: FeedId,
    /// How to reach it.
    pub feed: Arc<dyn Feed>,
}

/// Carries the outbox.
pub struct Engine {
    parts: Parts,
    lanes: Mutex<HashMap<FeedId, Lane>>,
}

/// What is remembered of a feed between tours.
#[derive(Default)]
struct Lane {
    /// Tours in a row without an answer.
    silent: u32,
    /// Not asked again before this.
    quiet_until: Option<Timestamp>,
    /// The feed itself asked for that.
    is_asked_for: bool,
    /// A tour is going on.
    busy: bool,
}

impl Engine {
    /// An engine at rest.
    pub fn new(parts: Parts) -> Self {
        Self { parts, lanes: Mutex::default() }
    }

    /// Lets a feed and everything that waits for it be tried at once.
    pub async fn wake(&self, feed: FeedId) -> Result<(), OutboxFailed> {
        if let Some(lane) = self.lanes().get_mut(&feed) {
            (lane.silent, lane.quiet_until, lane.is_asked_for) = (0, None, false);
        }
        self.parts.outbox.wake(feed, self.parts.clock.now()).await
    }

    /// When there is next something to do for any of these feeds, if there is; nothing needs to be done before. A feed that a
    /// tour is at does not count: the tour finds what is due there itself.
    pub async fn next_at(&self, feeds: &[Destination]) -> Result<Option<Timestamp>, OutboxFailed> {
        let mut next: Option<Timestamp> = None;
        for to in feeds {
            let (busy, quiet) = self.lanes().get(&to.id).map_or((false, None), |lane| (lane.busy, lane.quiet_until));
            if busy {
                continue;
            }
            let Some(due) = self.parts.outbox.next_at(to.id).await? else { continue };
            let at = quiet.map_or(due, |quiet| due.max(quiet));
            next = Some(next.map_or(at, |next| next.min(at)));
        }
        Ok(next)
    }

    /// Sends everything that is due at a feed. One that did not answer lately is not asked before its time ([`Engine::wake`] makes
    /// it so), and one that a tour is at already is left to that.
    pub async fn tour(&self, to: &Destination) -> Result<Tour, OutboxFailed> {
        let Some(_turn) = self.enter(to.id) else { return Ok(Tour { busy: true, ..Tour::default() }) };
        if self.is_quiet(to.id) {
            return Ok(Tour::default());
        }
        let tour = Run::new(&self.parts, to).drain().await?;
        self.learn(to.id, tour.answer);
        Ok(tour)
    }

    /// Takes in that a feed asked to be left alone, for so many milliseconds if it said, when it was read.
    pub fn leave_alone(&self, feed: FeedId, wait: Option<i64>) {
        self.learn(feed, Answer::Busy(wait));
        if let Some(lane) = self.lanes().get_mut(&feed) {
            lane.is_asked_for = true;
        }
    }

    /// Until when a feed asked to be left alone, whoever wants something of it.
    pub fn left_alone_until(&self, feed: FeedId) -> Option<Timestamp> {
        self.quiet_until(feed, |lane| lane.is_asked_for)
    }

    fn is_quiet(&self, feed: FeedId) -> bool {
        self.quiet_until(feed, |_| true).is_some()
    }

    fn quiet_until(&self, feed: FeedId, counts: impl Fn(&Lane) -> bool) -> Option<Timestamp> {
        let now = self.parts.clock.now();
        let until = self.lanes().get(&feed).filter(|lane| counts(lane)).and_then(|lane| lane.quiet_until);
        // A time far ahead was set by a clock that has been put back since.
        until.filter(|until| *until > now && *until <= now.plus_millis(plan::HORIZON_MILLIS))
    }

    fn learn(&self, feed: FeedId, answer: Answer) {
        let now = self.parts.clock.now();
        let mut lanes = self.lanes();
        let lane = lanes.entry(feed).or_default();
        if answer != Answer::NotAsked {
            // One that does not take a post is left alone as well, and did not ask for that.
            lane.is_asked_for = matches!(answer, Answer::Busy(Some(_)));
        }
        match answer {
            Answer::NotAsked => {}
            Answer::Reachable => (lane.silent, lane.quiet_until) = (0, None),
            Answer::Busy(Some(wait)) => lane.quiet_until = Some(now.plus_millis(wait.clamp(1, plan::HORIZON_MILLIS))),
            Answer::Busy(None) | Answer::Unreachable | Answer::Denied | Answer::SignedOut | Answer::Locked => {
                let wait = retry::delay(lane.silent, (self.parts.chance)());
                lane.silent = lane.silent.saturating_add(1);
                lane.quiet_until = Some(now.plus_millis(wait));
            }
        }
    }

    fn enter(&self, feed: FeedId) -> Option<Turn<'_>> {
        let mut lanes = self.lanes();
        let lane = lanes.entry(feed).or_default();
        if std::mem::replace(&mut lane.busy, true) {
            return None;
        }
        Some(Turn { engine: self, feed })
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<FeedId, Lane>> {
        // Nothing panics while it is held; if something did, the lanes are still only hints.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A tour going on; ends when dropped, even if the tour was given up halfway.
struct Turn<'a> {
    engine: &'a Engine,
    feed: FeedId,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(lane) = self.engine.lanes().get_mut(&self.feed) {
            lane.busy = false;
        }
    }
}
