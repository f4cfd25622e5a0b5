//! A user who changes their mind about where a post goes.

use super::{Count, HOUR, History};
use crate::api::types::FeedChange;
use crate::domain::{DeliveryState, Wanted};

impl History<'_> {
    pub(super) async fn change_mind(&self) {
        match self.chance.below(16) {
            0 => self.wish(Wanted::Off).await,
            1 => self.wish(Wanted::Withdrawn).await,
            2 => self.switch(false).await,
            3 | 4 => self.switch(true).await,
            5 => {
                self.journal.post_delete(self.post).await.unwrap();
                if self.chance.below(2) == 0 {
                    drop(self.journal.sync_now(()).await.unwrap());
                }
                self.journal.post_undelete(self.post).await.unwrap();
            }
            6 if self.ways.hides => self.send_as(Wanted::Draft).await,
            _ => {}
        }
    }

    /// What is made a draft again stays one, and nobody can read it, whatever comes late of the wish to publish it.
    pub(super) async fn stay_hidden(&mut self, count: &mut Count) {
        for (rough, wanted) in [(0, Wanted::Draft), (8, Wanted::Published)] {
            self.ground.place.set_rough(rough);
            self.say(wanted).await.unwrap();
            self.journal.sync_now(()).await.unwrap();
        }
        self.ground.place.set_rough(0);
        self.say(Wanted::Draft).await.unwrap();
        for _ in 0..8 {
            self.journal.sync_now(()).await.unwrap();
            self.decide(count).await;
            self.ground.clock.advance(HOUR / 4);
        }
        let (delivery, shown) = (self.delivery().await, self.ground.place.shown());
        let is_hidden = delivery.wanted == Wanted::Draft && delivery.state == DeliveryState::Synced;
        assert!(is_hidden && shown == Some(0), "{shown:?} of {:?}: {delivery:?}", self.ground.place.addresses());
    }

    pub(super) async fn switch(&self, on: bool) {
        let change = FeedChange { id: self.ground.feed, name: None, enabled: Some(on), place: None, options: None };
        self.journal.feed_change(change).await.unwrap();
    }

    /// What is taken back is not there any more, and nobody forgets to take any of it back.
    pub(super) async fn take_back(&mut self, count: &mut Count) {
        for _ in 0..8 {
            // Once more where somebody wrote there: that is kept first.
            self.wish(Wanted::Withdrawn).await;
            self.journal.sync_now(()).await.unwrap();
            self.decide(count).await;
            self.ground.clock.advance(HOUR);
        }
        let (delivery, left) = (self.delivery().await, self.ground.place.shown());
        assert!(!delivery.is_pending() && left == Some(0), "{left:?} left: {delivery:?}");
    }
}
