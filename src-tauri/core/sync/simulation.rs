//! Random histories: wishes and edits, also while it is sent, bad weather, lost answers, programs that end at any step, two
//! programs at once, two computers with the same feeds, clocks that jump. The plan and the engine are the real ones; the servers make a new item for every create they hear.

mod once;
mod servers;

use super::fake::{Climate, World, feed_id, post_id, revision_id, sync};
use super::*;
use crate::clock::Clock;
use crate::domain::{DeliveryState, NeedsYou, Wanted};

/// What a number of histories came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    /// Posts that were at a feed twice at the same time.
    duplicates: u32,
    /// Posts that in the end were not where and as they were wanted.
    losses: u32,
    /// Deliveries that said `Synced` while the server held something else.
    lies: u32,
    /// Programs that were ended halfway.
    crashes: u32,
}

#[test]
fn in_random_histories_nothing_is_doubled_lost_or_falsely_called_sent() {
    let count = histories(20_000, false);
    assert!(count.crashes > 5_000, "{count:?}: the histories must be rough");
    assert_eq!((count.duplicates, count.losses, count.lies), (0, 0, 0), "{count:?}");
}

#[test]
fn a_program_that_takes_a_lost_answer_for_a_failure_doubles_posts() {
    let count = histories(500, true);
    assert!(count.duplicates > 50, "{count:?}: otherwise the simulation would prove nothing");
}

fn histories(number: u64, naive: bool) -> Count {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut count = Count::default();
    runtime.block_on(async {
        for seed in 0..number {
            history(seed, naive, &mut count).await;
        }
    });
    count
}

async fn history(seed: u64, naive: bool, count: &mut Count) {
    let batches: &[usize] = if seed.is_multiple_of(2) { &[1] } else { &[4, 1] };
    let here = World::new(seed, batches, naive);
    let chance = here.clouds.chance.clone();
    // Each of the two computers has posts of its own.
    let there = here.beside();
    let mut engines = [here.engine(), there.engine()];
    for act in 0..8 + chance.below(12) {
        let at = usize::from(chance.below(4) == 0);
        let world = [&here, &there][at];
        match chance.below(8) {
            0..=2 => wish(world, at, u128::from(act)),
            3 => move_clock(world),
            _ => {
                world.set_climate(climate(world));
                if tour(world, &engines[at], (at, u128::from(act))).await {
                    count.crashes += 1;
                    engines[at] = world.engine();
                }
            }
        }
        count.lies += lies(&here) + lies(&there);
    }
    for world in [&here, &there] {
        end_well(world, naive).await;
        count.losses += losses(world);
        count.lies += lies(world);
    }
    for server in &here.servers {
        count.duplicates += u32::from(server.lock().unwrap().most > 1);
    }
}

fn wish(world: &World, computer: usize, act: u128) {
    let chance = &world.clouds.chance;
    let (feed, post) = (chance.below(world.feeds.len() as u64), 10 * computer as u64 + chance.below(3));
    let wanted = match chance.below(8) {
        0..=2 => Wanted::Published,
        3..=4 => Wanted::Draft,
        5 => Wanted::Withdrawn,
        6 => Wanted::Off,
        _ => {
            let edited = Happened::Edited { revision: revision_id(act) };
            return world.table.happen(feed_id(feed.into()), post_id(post.into()), edited, world.clock.now());
        }
    };
    world.wish(feed.into(), post.into(), wanted, act);
}

fn move_clock(world: &World) {
    let hour = 3_600_000;
    let millis = [1_000, 20_000, 120_000, hour, 24 * hour, -2 * hour, 50 * 365 * 24 * hour, -50 * 365 * 24 * hour];
    world.clock.advance(millis[usize::try_from(world.clouds.chance.below(8)).unwrap()]);
}

fn climate(world: &World) -> Climate {
    match world.clouds.chance.below(6) {
        0 => Climate { down: 16, ..Climate::default() },
        1 => Climate { lost_after: 6, lost_before: 4, ..Climate::default() },
        2 => Climate { down: 3, lost_after: 3, lost_before: 3, full: 1, refused: 1, ..Climate::default() },
        3 => Climate { lost_after: 12, ..Climate::default() },
        _ => Climate::default(),
    }
}

/// One tour, or two at once, or one while the user goes on writing; answers whether the program was ended on the way.
async fn tour(world: &World, engine: &Engine, (computer, act): (usize, u128)) -> bool {
    let chance = &world.clouds.chance;
    let fuse = &world.clouds.fuse;
    if chance.below(4) == 0 {
        // A window and a terminal at once. Neither can know that it is alone.
        let other = world.engine();
        tokio::join!(sync(engine, &world.feeds), sync(&other, &world.feeds));
        return false;
    }
    if chance.below(4) == 0 {
        let writes = async {
            for _ in 0..chance.below(12) {
                tokio::task::yield_now().await;
            }
            wish(world, computer, 100 + act);
        };
        world.table.release_all();
        tokio::join!(sync(engine, &world.feeds), writes);
        return false;
    }
    fuse.set((chance.below(2) == 0).then(|| chance.below(24)));
    // After a crash the new program is either alone, or waits until the old one's lease has run out.
    if chance.below(2) == 0 {
        world.table.release_all();
    }
    let crashed = tokio::select! {
        biased;
        () = fuse.blown.notified() => true,
        _ = sync(engine, &world.feeds) => false,
    };
    fuse.set(None);
    crashed
}

/// Fine weather, a user who answers what is asked, and time: then everything must come to rest.
async fn end_well(world: &World, naive: bool) {
    world.set_climate(Climate::default());
    let engine = world.engine();
    for _ in 0..20 {
        if !world.table.deliveries().iter().any(Delivery::is_pending) {
            return;
        }
        world.clock.advance(plan::HORIZON_MILLIS + 1);
        for delivery in world.table.deliveries() {
            if let DeliveryState::NeedsYou { reason } = delivery.state {
                assert!(naive || reason != NeedsYou::ChangedThere, "nobody changed anything there");
                let manner = delivery.manner.clone();
                let again = Happened::Wished { wanted: delivery.wanted, target: delivery.target, manner };
                world.table.happen(delivery.feed, delivery.post, again, world.clock.now());
            }
        }
        for to in &world.feeds {
            engine.wake(to.id).await.unwrap();
        }
        for tour in sync(&engine, &world.feeds).await {
            tour.unwrap();
        }
    }
}

fn losses(world: &World) -> u32 {
    let lost = world.table.deliveries().into_iter().filter(|delivery| {
        let position = world.feeds.iter().position(|to| to.id == delivery.feed).unwrap();
        let server = world.servers[position].lock().unwrap();
        let there: Vec<_> = server.items.get(&delivery.post).into_iter().flatten().collect();
        match delivery.wanted {
            Wanted::Off => delivery.is_pending(),
            Wanted::Withdrawn => !there.is_empty() || delivery.is_pending(),
            wanted => {
                delivery.is_pending()
                    || !there.iter().any(|item| item.revision == delivery.target && wanted == item.audience.into())
            }
        }
    });
    u32::try_from(lost.count()).unwrap()
}

fn lies(world: &World) -> u32 {
    let lying = world.table.deliveries().into_iter().filter(|delivery| {
        let position = world.feeds.iter().position(|to| to.id == delivery.feed).unwrap();
        let server = world.servers[position].lock().unwrap();
        match (&delivery.state, &delivery.receipt) {
            (DeliveryState::Synced, Some(receipt)) if receipt.known != Wanted::Withdrawn => {
                !server.holds(delivery.post, receipt)
            }
            (DeliveryState::Synced, _) => server.items.get(&delivery.post).is_some_and(|items| !items.is_empty()),
            _ => false,
        }
    });
    u32::try_from(lying.count()).unwrap()
}
