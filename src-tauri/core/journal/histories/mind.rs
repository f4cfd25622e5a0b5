//! A user who changes their mind about where a post goes.

use super::{Count, FeedChange, HOUR, History};
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
            _ => {}
        }
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
