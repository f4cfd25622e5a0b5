//! What the user takes back while it is about to leave, or on its way.

use std::sync::Weak;

use super::*;
use crate::feed::{About, Facts, Held, Item, Limits, Lookup, Outgoing};

/// A feed that takes posts by twos, and never the first file of one that says so.
struct Slow {
    world: Weak<World>,
    /// What the user does while a post is being sent.
    meanwhile: fn(&World),
    is_stuck: bool,
    made: std::sync::Mutex<Vec<PostId>>,
}

#[async_trait]
impl Feed for Slow {
    fn limits(&self) -> Limits {
        Limits::default()
    }

    fn batch(&self) -> usize {
        2
    }

    fn items(&self, _: &Intent) -> Vec<Item> {
        Vec::new()
    }

    async fn probe(&self) -> Result<Facts, FeedError> {
        Ok(Facts::default())
    }

    async fn create(&self, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError> {
        out.progress.uploaded(0, 2);
        if let Some(world) = self.world.upgrade() {
            (self.meanwhile)(&world);
        }
        if self.is_stuck {
            std::future::pending::<()>().await;
        }
        self.made.lock().unwrap().push(intent.post);
        Err(FeedError::Refused)
    }

    async fn update(&self, _: &Receipt, _: &Arc<Intent>, _: &Outgoing) -> Result<Held, FeedError> {
        Err(FeedError::Refused)
    }

    async fn withdraw(&self, _: &Receipt, _: &About) -> Result<(), FeedError> {
        Ok(())
    }

    async fn lookup(&self, _: &About) -> Result<Lookup, FeedError> {
        Ok(Lookup::Absent)
    }

    async fn fetch(&self, _: &Receipt, _: &About) -> Result<Fetched, FeedError> {
        Err(FeedError::Unreachable)
    }
}

fn slow(world: &Arc<World>, is_stuck: bool, meanwhile: fn(&World)) -> Arc<Slow> {
    Arc::new(Slow { world: Arc::downgrade(world), meanwhile, is_stuck, made: Default::default() })
}

#[tokio::test(start_paused = true)]
async fn what_is_called_back_while_its_files_are_on_their_way_does_not_arrive() {
    let world = Arc::new(World::new(1, &[1], false));
    world.wish(0, 0, Wanted::Published, 1);
    let feed = slow(&world, true, |world| world.wish(0, 0, Wanted::Off, 1));
    fake::sync(&world.engine(), &[Destination { id: feed_id(0), feed: feed.clone() }]).await;
    assert_eq!((world.delivery(0, 0).state, feed.made.lock().unwrap().len()), (DeliveryState::Idle, 0));
}

#[tokio::test(start_paused = true)]
async fn who_lost_the_lease_stops_sending() {
    let world = Arc::new(World::new(1, &[1], false));
    world.wish(0, 0, Wanted::Published, 1);
    let feed = slow(&world, true, |world| {
        let other = Some((Uuid::from_u128(9), world.clock.now().plus_millis(LEASE_MILLIS)));
        world.table.rows.lock().unwrap().values_mut().for_each(|row| row.1 = other);
    });
    fake::sync(&world.engine(), &[Destination { id: feed_id(0), feed: feed.clone() }]).await;
    assert!(matches!(world.delivery(0, 0).state, DeliveryState::Uploading { .. } | DeliveryState::Sending), "in doubt");
}

#[tokio::test]
async fn what_is_called_back_before_it_begins_to_leave_does_not_leave() {
    let world = Arc::new(World::new(1, &[2], false));
    for post in [0, 1] {
        world.wish(0, post, Wanted::Published, 1);
    }
    let feed = slow(&world, false, |world| world.wish(0, 1, Wanted::Off, 1));
    fake::sync(&world.engine(), &[Destination { id: feed_id(0), feed: feed.clone() }]).await;
    assert_eq!(*feed.made.lock().unwrap(), [post_id(0)], "both were claimed");
    assert_eq!(world.delivery(0, 1).state, DeliveryState::Idle);
}
