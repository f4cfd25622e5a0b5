//! A user who changes their mind about where a post goes.

use super::{Count, ErrorCode, FeedChange, HOUR, History};
use crate::domain::Wanted;

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
            6 if self.ways.hides => self.hide().await,
            _ => {}
        }
    }

    /// What was public or on its way is to be a draft.
    async fn hide(&self) {
        match self.say(Wanted::Draft).await {
            Err(error) if error.code == ErrorCode::FeedOff => {}
            said => said.unwrap(),
        }
    }

    /// What is made a draft again is one in the end, and nobody can read it.
    pub(super) async fn stay_hidden(&mut self, count: &mut Count) {
        self.ground.place.set_rough(0);
        for _ in 0..8 {
            self.hide().await;
            self.journal.sync_now(()).await.unwrap();
            self.decide(count).await;
            self.ground.clock.advance(HOUR / 4);
            self.journal.pull(()).await.unwrap();
            count.shown += u32::from(self.delivery().await.wanted == Wanted::Published);
        }
        let (delivery, shown) = (self.delivery().await, self.ground.place.shown());
        assert!(!delivery.is_pending() && shown == Some(0), "{shown:?} shown: {delivery:?}");
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
