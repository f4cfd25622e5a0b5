//! What a failure means: for the delivery it happened to, for the others of the feed, and for what is known of the feed. Before
//! the user is troubled with what may be a hiccup, the feed is asked once more.

use super::{Answer, Done, Run};
use crate::domain::{AssetId, Delivery, Happened, NeedsYou, PostId, Receipt, RevisionId, Timestamp, Wanted};
use crate::feed::{FeedError, Remains};
use crate::sync::{NotReady, OutboxFailed, plan, retry};

/// A feed that lets us in, and still does not let a post in after so many tries, means it.
const STUBBORN: u32 = 3;
/// A feed that can be asked, and that after so many tries in a row never answered and holds nothing of what was sent, does not get
/// it by itself: the user is told. In a window these tries take more than half an hour.
const PATIENT: u32 = 12;
/// A locked keychain may ask the user for its password whenever it is read, so it is not read again before this: a minute.
const UNLOCKED_AFTER_MILLIS: i64 = 60_000;

/// Whether what a feed answered about one item leaves open what it holds of it.
pub(super) fn leaves_open(error: &FeedError) -> bool {
    error.speaks_for_all() || matches!(error, FeedError::Lost | FeedError::Untold)
}

/// Whether so much was sent in vain, with no answer, that to send it again would hardly help.
pub(super) fn is_in_vain(delivery: &Delivery) -> bool {
    delivery.losses >= PATIENT
}

impl Run<'_> {
    /// The feed answered and then did not finish: what was answered may or may not be there.
    pub(super) async fn unsettled(
        &mut self,
        answered: Vec<(Delivery, Happened)>,
        error: &FeedError,
    ) -> Result<(), OutboxFailed> {
        tracing::debug!(feed = %self.to.id, %error, "feed did not settle");
        self.tour.answer = self.answer_of(error);
        let unsettled = answered.into_iter().map(|(delivery, happened)| {
            let next = match error {
                FeedError::Full => Happened::Stuck { reason: NeedsYou::Full, there: there(happened), asset: None },
                FeedError::Denied => Happened::Stuck { reason: NeedsYou::Denied, there: there(happened), asset: None },
                // What was answered may or may not be there now, so the feed is asked again.
                _ => self.lost_at(self.later(delivery.attempts), 0),
            };
            (delivery.post, next)
        });
        self.record(unsettled.collect()).await.map(drop)
    }

    /// The feed could not be asked: whatever the reason, what is unknown stays unknown.
    pub(super) async fn not_told(&mut self, delivery: &Delivery, error: FeedError) -> Result<Done, OutboxFailed> {
        tracing::debug!(feed = %self.to.id, post = %delivery.post, %error, "feed not asked");
        self.tour.answer = self.answer_of(&error);
        let asked = if let FeedError::Busy(wait) = error { self.left_alone(wait) } else { None };
        let retry_at = asked.unwrap_or_else(|| self.later(delivery.attempts));
        self.note(delivery.post, Happened::Unreachable { retry_at }).await?;
        Ok(if error.speaks_for_all() { Done::Silent } else { Done::Recorded })
    }

    pub(super) async fn failed(
        &mut self,
        delivery: &Delivery,
        error: FeedError,
        sent: RevisionId,
    ) -> Result<Done, OutboxFailed> {
        tracing::debug!(feed = %self.to.id, post = %delivery.post, %error, "not delivered");
        self.tour.answer = self.answer_of(&error);
        let post = delivery.post;
        match error {
            FeedError::Unreachable | FeedError::Untrusted | FeedError::InTheClear | FeedError::Foreign => {
                let retry_at = self.later(delivery.attempts);
                self.note(post, Happened::Unreachable { retry_at }).await?;
                Ok(Done::Silent)
            }
            FeedError::Locked => {
                let retry_at = self.later(delivery.attempts).max(self.now().plus_millis(UNLOCKED_AFTER_MILLIS));
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
                let there = Some(held.receipt(delivery.common().unwrap_or(sent), self.now()));
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
            // What nobody can read is not written over.
            FeedError::Untold => self.untold(delivery, NeedsYou::CannotChange, None).await,
            FeedError::TooLong => self.stuck(post, NeedsYou::TooLong, None).await,
            FeedError::AltTooLong(asset) => self.stuck_on(post, NeedsYou::AltTooLong, Some(asset)).await,
            FeedError::TooManyFiles => self.stuck(post, NeedsYou::TooManyFiles, None).await,
            FeedError::Mixed => self.stuck(post, NeedsYou::Mixed, None).await,
            FeedError::CannotChange => self.stuck(post, NeedsYou::CannotChange, None).await,
            FeedError::Full => self.stuck(post, NeedsYou::Full, None).await,
            FeedError::Refused => self.stuck(post, NeedsYou::Refused, None).await,
            FeedError::FileRefused(asset) => self.stuck_on(post, NeedsYou::Refused, Some(asset)).await,
            FeedError::TooLarge(asset) => self.stuck_on(post, NeedsYou::TooLarge, asset).await,
            FeedError::Gone => self.gone(delivery).await,
            FeedError::CannotStrip(asset) => self.stuck_on(post, NeedsYou::CannotStrip, Some(asset)).await,
            FeedError::MediaDamaged(asset) => self.stuck_on(post, NeedsYou::MediaDamaged, Some(asset)).await,
        }
    }

    /// Before the user is told that the feed does not let us in, it is asked whether that is so: one such answer may be a hiccup,
    /// or that of something in between.
    async fn shut_out(&mut self, delivery: &Delivery, reason: NeedsYou) -> Result<Done, OutboxFailed> {
        let (is_so, lets_in) = match self.attend(self.to.feed.probe()).await {
            Ok(_) => (delivery.rebuffs >= STUBBORN, true),
            Err(error) => (matches!(error, FeedError::Denied | FeedError::SignedOut), false),
        };
        if is_so {
            return self.stuck(delivery.post, reason, None).await;
        }
        self.put_off(delivery, lets_in).await?;
        Ok(Done::Silent)
    }

    /// The feed answers, and fails to tell of just this item. After many tries the user is told why it does not go on.
    pub(super) async fn untold(
        &mut self,
        delivery: &Delivery,
        reason: NeedsYou,
        there: Option<Receipt>,
    ) -> Result<Done, OutboxFailed> {
        if delivery.rebuffs >= PATIENT {
            return self.stuck(delivery.post, reason, there).await;
        }
        self.put_off(delivery, true).await?;
        Ok(Done::Recorded)
    }

    /// The same before the user is told that an item is gone.
    pub(super) async fn gone(&mut self, delivery: &Delivery) -> Result<Done, OutboxFailed> {
        let (is_so, is_there) = match &delivery.receipt {
            Some(known) => {
                let there = self.attend(self.to.feed.fetch(known, &self.about(delivery.post))).await;
                let is_open = there.as_ref().map_or_else(leaves_open, |_| true);
                // Some never give anything back, and can be asked all the same.
                let answers = there.is_ok() || (is_open && self.attend(self.to.feed.probe()).await.is_ok());
                (!is_open || delivery.rebuffs >= STUBBORN, answers)
            }
            None => (true, false),
        };
        if is_so {
            let remains = match &delivery.receipt {
                Some(known) => self.attend(self.to.feed.remains(known)).await,
                None => Ok(Remains::Nothing),
            };
            match remains {
                Ok(Remains::Nothing) => return self.stuck(delivery.post, NeedsYou::GoneThere, None).await,
                Ok(Remains::Some) => return self.stuck(delivery.post, NeedsYou::PartGone, None).await,
                Ok(Remains::Everything) | Err(_) => {}
            }
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

    /// The feed took it, and keeps it from the public until somebody there has looked at it. Sent again, it would be kept back again;
    /// others may not be.
    pub(super) async fn kept_back(&mut self, receipt: Receipt, sent: &Delivery) -> Result<Done, OutboxFailed> {
        self.tour.answer = Answer::Reachable;
        let is_still_wanted =
            |noted: &Delivery| (noted.wanted, noted.target, &noted.manner) == (sent.wanted, sent.target, &sent.manner);
        match self.note(sent.post, Happened::Confirmed(receipt)).await? {
            Some(noted) if is_still_wanted(&noted) => self.stuck(sent.post, NeedsYou::KeptBack, None).await,
            _ => Ok(Done::Recorded),
        }
    }

    pub(super) async fn not_ready(&mut self, delivery: &Delivery, why: NotReady) -> Result<Done, OutboxFailed> {
        match why {
            NotReady::MediaDamaged(asset) => self.stuck_on(delivery.post, NeedsYou::MediaDamaged, Some(asset)).await,
            NotReady::CannotStrip(asset) => self.stuck_on(delivery.post, NeedsYou::CannotStrip, Some(asset)).await,
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
        let files = self.files;
        // Of what was never there it is asked first whether it is: that may be certain.
        if delivery.is_there() && is_in_vain(delivery) && files <= delivery.arrived {
            return self.stuck(delivery.post, NeedsYou::MaybeThere, None).await;
        }
        let ask_at = self.later(delivery.attempts);
        self.note(delivery.post, self.lost_at(ask_at, files)).await?;
        // What it did with this one nobody knows, and that it wants to be left alone all the same.
        Ok(if self.to.feed.rest().is_some() { Done::Silent } else { Done::Recorded })
    }

    /// An answer was lost, when the feed had so many files.
    pub(super) fn lost_at(&self, ask_at: Timestamp, files: u32) -> Happened {
        Happened::Lost { ask_at, files, ahead: self.to.feed.ahead() }
    }

    pub(super) async fn stuck(
        &mut self,
        post: PostId,
        reason: NeedsYou,
        there: Option<Receipt>,
    ) -> Result<Done, OutboxFailed> {
        self.needs_user(post, Happened::Stuck { reason, there, asset: None }).await?;
        Ok(if reason.concerns_feed() { Done::Silent } else { Done::Recorded })
    }

    /// Because of a file, where it is known which.
    async fn stuck_on(&mut self, post: PostId, reason: NeedsYou, asset: Option<AssetId>) -> Result<Done, OutboxFailed> {
        self.needs_user(post, Happened::Stuck { reason, there: None, asset }).await?;
        Ok(Done::Recorded)
    }

    async fn needs_user(&mut self, post: PostId, stuck: Happened) -> Result<(), OutboxFailed> {
        self.tour.needs_you += 1;
        self.note(post, stuck).await.map(drop)
    }

    /// Until when a feed asked to be left alone, within reason.
    fn left_alone(&self, wait: Option<i64>) -> Option<Timestamp> {
        Some(self.now().plus_millis(wait?.clamp(1, plan::HORIZON_MILLIS)))
    }

    /// When to try again; not before the feed was left alone as long as it asked.
    fn later(&self, tries: u32) -> Timestamp {
        let retry_at = self.now().plus_millis(retry::delay(tries, (self.parts.chance)()));
        self.left_alone(self.to.feed.rest()).map_or(retry_at, |rested| rested.max(retry_at))
    }

    fn answer_of(&self, error: &FeedError) -> Answer {
        match (error, self.to.feed.rest()) {
            (FeedError::Unreachable | FeedError::Lost, Some(wait)) => Answer::Busy(Some(wait)),
            (FeedError::Unreachable | FeedError::Untrusted | FeedError::InTheClear | FeedError::Lost, _) => {
                Answer::Unreachable
            }
            (FeedError::Busy(wait), _) => Answer::Busy(*wait),
            (FeedError::SignedOut, _) => Answer::SignedOut,
            (FeedError::Locked, _) => Answer::Locked,
            (FeedError::Denied | FeedError::Foreign, _) => Answer::Denied,
            (FeedError::NotYet(_), _) => Answer::NotAsked,
            _ => Answer::Reachable,
        }
    }
}

/// What the feed holds, by its own answer.
fn there(answered: Happened) -> Option<Receipt> {
    if let Happened::Confirmed(receipt) = answered { Some(receipt) } else { None }
}
