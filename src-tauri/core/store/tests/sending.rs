//! Deliveries in the store: leases, what is sealed, what an interface sees. Their rules are the domain's.

use uuid::Uuid;

use super::feeds::FeedRow;
use super::outbox::{Free, Wish};
use super::*;
use crate::api::types::PostFilter;
use crate::domain::{Delivery, DeliveryState, FeedId, Happened, NeedsYou, Reached, Receipt, Wanted};

const LEASE: i64 = 30_000;

impl Bench {
    pub(super) async fn feed(&self) -> FeedId {
        let mut feed = self.store.read(feeds::list).await.unwrap().remove(0);
        feed.enabled = true;
        let id = feed.id;
        self.store.write(move |tx| feeds::change(tx, &feed)).await.unwrap();
        id
    }

    pub(super) async fn wish(&self, saved: &DraftSaved, feed: FeedId, wanted: Wanted) -> Delivery {
        let (now, manner) = (self.clock.now(), Default::default());
        let wish = Wish { post: saved.post, feed, wanted, target: saved.revision, manner };
        self.store.write(move |tx| outbox::wish(tx, now, wish)).await.unwrap()
    }

    async fn free(&self, feed: FeedId) -> usize {
        let (now, free) = (self.clock.now(), Free { longest_lease_millis: LEASE, limit: 9, is_due: |_, _| true });
        self.store.read(move |conn| outbox::free(conn, feed, now, free)).await.unwrap().len()
    }

    pub(super) async fn happen(&self, delivery: &Delivery, happened: Happened) -> Delivery {
        let (now, delivery) = (self.clock.now(), delivery.clone());
        self.store.write(move |tx| outbox::happen(tx, now, delivery, happened)).await.unwrap()
    }

    pub(super) async fn confirm(&self, delivery: &Delivery) -> Delivery {
        let receipt = Receipt {
            remote_id: "1".into(),
            url: None,
            known: delivery.wanted,
            revision: delivery.target,
            version: Digest::of(b"there"),
            parts: Default::default(),
            manner: None,
            partial: false,
            confirmed_at: self.clock.now(),
        };
        self.happen(delivery, Happened::Confirmed(receipt)).await
    }
}

#[tokio::test]
async fn only_one_holds_a_delivery_until_the_lease_ends() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    bench.wish(&saved, feed, Wanted::Published).await;
    assert_eq!(bench.free(feed).await, 1);
    let (window, until, key) = (bench.clock.new_uuid(), bench.clock.now().plus_millis(LEASE), (saved.post, feed));
    bench.store.write(move |tx| outbox::hold(tx, key, window, until)).await.unwrap();
    assert_eq!(bench.free(feed).await, 0, "somebody holds it");
    let held = |lease: Uuid| bench.store.read(move |conn| outbox::held(conn, key, lease));
    assert!(held(window).await.unwrap().is_some());
    bench.clock.advance(LEASE);
    assert_eq!(bench.free(feed).await, 1, "it ran out");
    let (cli, until) = (bench.clock.new_uuid(), bench.clock.now().plus_millis(LEASE));
    bench.store.write(move |tx| outbox::hold(tx, key, cli, until)).await.unwrap();
    assert!(held(window).await.unwrap().is_none(), "the first one may not write any more");
    bench.store.write(move |tx| outbox::release(tx, window)).await.unwrap();
    assert_eq!(bench.free(feed).await, 0, "nor give away what is not its own");
    bench.store.write(move |tx| outbox::release(tx, cli)).await.unwrap();
    assert_eq!(bench.free(feed).await, 1);
    let (killed, until) = (bench.clock.new_uuid(), bench.clock.now().plus_millis(LEASE));
    bench.store.write(move |tx| outbox::hold(tx, key, killed, until)).await.unwrap();
    bench.store.write(outbox::release_all).await.unwrap();
    assert_eq!(bench.free(feed).await, 1, "who held it was killed: nobody else is there");
}

#[tokio::test]
async fn a_lease_written_by_a_wrong_clock_holds_nothing_up() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    bench.wish(&saved, feed, Wanted::Published).await;
    let (lease, until) = (bench.clock.new_uuid(), bench.clock.now().plus_millis(LEASE));
    bench.store.write(move |tx| outbox::hold(tx, (saved.post, feed), lease, until)).await.unwrap();
    bench.clock.advance(-400 * 24 * 3_600_000);
    assert_eq!(bench.free(feed).await, 1);
}

#[tokio::test]
async fn a_draft_follows_once_it_rested_whatever_the_clock_was_set_to() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let mut saved = bench.create(bench.content("x")).await;
    bench.wish(&saved, feed, Wanted::Draft).await;
    for (text, millis, follows) in [("y", 0, false), ("y", 60_000, true), ("z", -86_400_000, true)] {
        saved = bench.edit(&saved, bench.content(text)).await;
        bench.clock.advance(millis);
        let (now, rested) = (bench.clock.now(), bench.clock.now().plus_millis(-30_000));
        let followed = bench.store.write(move |tx| outbox::follow_edits(tx, now, rested)).await.unwrap();
        assert_eq!(followed, follows, "{text} {millis}");
    }
}

#[tokio::test]
async fn what_leaves_is_sealed_and_the_post_is_no_draft_any_more() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    let drafts = || PostFilter { drafts: true, ..Default::default() };
    bench.wish(&saved, feed, Wanted::Published).await;
    assert_eq!(bench.store.read(move |conn| index::index(conn, &drafts())).await.unwrap().len(), 0);
    let edited = bench.edit(&saved, bench.content("y")).await;
    assert_eq!((edited.versions, edited.superseded), (2, false), "the text that leaves is not written over");
    bench.wish(&saved, feed, Wanted::Off).await;
    assert_eq!(bench.store.read(move |conn| index::index(conn, &drafts())).await.unwrap().len(), 1);
}

#[tokio::test]
async fn however_long_the_outbox_is_what_comes_next_is_found_in_its_order() {
    let bench = Bench::new();
    for plan in bench.store.read(outbox::plans).await.unwrap() {
        assert!(plan.contains("delivery_pending") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

#[tokio::test]
async fn every_state_is_read_as_it_was_written_and_shown_with_its_feed() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    let mut delivery = bench.wish(&saved, feed, Wanted::Draft).await;
    delivery.reached = Some(Reached { done: 2, total: 7 });
    for state in [
        DeliveryState::Queued,
        DeliveryState::Uploading { done: 1, total: 7, bytes: 5_000_000_000, total_bytes: 6_000_000_000 },
        DeliveryState::Sending,
        DeliveryState::Unknown,
        DeliveryState::Synced,
        DeliveryState::Idle,
        DeliveryState::NeedsYou { reason: NeedsYou::CannotStrip },
    ] {
        delivery.state = state;
        let written = delivery.clone();
        bench.store.write(move |tx| outbox::put(tx, &written)).await.unwrap();
        let read = bench.store.read(move |conn| outbox::get(conn, saved.post, feed)).await.unwrap();
        assert_eq!(read.as_ref(), Some(&delivery));
        let shown = bench.store.read(move |conn| views::deliveries(conn, saved.post)).await.unwrap();
        assert_eq!((&shown[0].state, shown[0].feed, shown[0].reached), (&delivery.state, feed, delivery.reached));
    }
    let counts = bench.store.read(index::counts).await.unwrap();
    assert_eq!((counts.waiting, counts.needs_you), (0, 1));
}

#[tokio::test]
async fn the_file_that_does_not_leave_is_named_as_the_post_calls_it() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let asset = bench.photo(b"rain", 4, 3).await;
    let mut content = bench.content("x");
    content.attachments = vec![Attachment { name: "雨 1.jpg".into(), ..attached(asset) }];
    let saved = bench.create(content).await;
    let wanted = bench.wish(&saved, feed, Wanted::Draft).await;
    let stuck = Happened::Stuck { reason: NeedsYou::TooLarge, there: None, asset: Some(asset) };
    let stuck = bench.happen(&wanted, stuck).await;
    let file =
        || async { bench.store.read(move |conn| views::deliveries(conn, saved.post)).await.unwrap().remove(0).file };
    assert_eq!(file().await.as_deref(), Some("雨 1.jpg"));
    let again = bench.wish(&saved, feed, Wanted::Draft).await;
    assert_eq!((stuck.asset, again.asset, file().await), (Some(asset), None, None));
}

#[tokio::test]
async fn a_post_says_whether_it_changed_since_it_was_sent() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    let delivery = bench.wish(&saved, feed, Wanted::Published).await;
    assert_eq!(bench.confirm(&delivery).await.state, DeliveryState::Synced);
    let changed =
        || async { bench.store.read(move |conn| views::deliveries(conn, saved.post)).await.unwrap()[0].changed_since };
    assert!(!changed().await);
    let edited = bench.edit(&saved, bench.content("y")).await;
    assert!(changed().await);
    bench.edit(&edited, bench.content("x")).await;
    assert!(!changed().await, "changed back is not changed");
    let now = bench.clock.now();
    let outbox = bench.store.read(move |conn| views::outbox(conn, now)).await.unwrap();
    assert_eq!((outbox.pending.len(), outbox.sent.len()), (0, 1));
    let later = now.plus_millis(25 * 3_600_000);
    assert_eq!(bench.store.read(move |conn| views::outbox(conn, later)).await.unwrap().sent.len(), 0);
}

#[tokio::test]
async fn a_line_of_the_outbox_counts_its_bytes_and_says_that_the_words_came_from_there() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let asset = bench.photo(b"rain", 4, 3).await;
    let mut content = bench.content("x");
    content.attachments = vec![attached(asset), attached(stray_asset())];
    let saved = bench.create(content).await;
    let sent = bench.confirm(&bench.wish(&saved, feed, Wanted::Published).await).await;
    let now = bench.clock.now();
    let line = || async { bench.store.read(move |conn| views::outbox(conn, now)).await.unwrap().sent.remove(0) };
    let before = line().await;
    assert_eq!((before.files, before.size, before.delivery.from_there), (2, 9, false));
    let (clock, content, parents) = (Arc::clone(&bench.clock), bench.content("y"), vec![saved.revision]);
    let arrival = posts::Arrival { post: saved.post, parents, content, origin: Origin::Pull, newest: true };
    let pulled = bench.store.write(move |tx| posts::arrive(tx, &*clock, arrival)).await.unwrap();
    let there = Receipt { revision: pulled, ..sent.receipt.clone().unwrap() };
    bench.happen(&sent, Happened::TakenOver { there, target: pulled, late: None, changed_at: now }).await;
    assert!(line().await.delivery.from_there);
}

#[tokio::test]
async fn removing_a_feed_forgets_its_deliveries_and_keeps_the_posts() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    bench.wish(&saved, feed, Wanted::Published).await;
    bench.store.write(move |tx| feeds::remove(tx, feed)).await.unwrap();
    let counts = bench.store.read(index::counts).await.unwrap();
    assert_eq!((counts.posts, counts.drafts, counts.waiting), (1, 1, 0));
    assert_eq!(bench.store.write(move |tx| feeds::remove(tx, feed)).await, Err(StoreError::FeedNotFound));
}

/// A feed that is removed, and the same account at the same place added again under another name of its own.
async fn part_and_return(bench: &Bench, feed: FeedId) -> FeedId {
    let row = bench.store.read(move |conn| feeds::get(conn, feed)).await.unwrap();
    let again = FeedRow { id: FeedId::from_uuid(Uuid::from_u128(0xFEED)), ..row.clone() };
    let (id, now) = (again.id, bench.clock.now());
    let back = bench.store.write(move |tx| {
        parted::keep(tx, &row)?;
        feeds::remove(tx, row.id)?;
        let other = FeedRow { place: "https://other.example/".into(), ..again.clone() };
        parted::resume(tx, &other, now)?;
        feeds::add(tx, &again)?;
        parted::resume(tx, &again, now)
    });
    back.await.unwrap();
    id
}

#[tokio::test]
async fn a_feed_that_is_added_again_goes_on_where_it_was_parted_with() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("there")).await;
    let sent = bench.confirm(&bench.wish(&saved, feed, Wanted::Draft).await).await;
    bench.store.write(move |tx| notes::put(tx, (saved.post, feed), "key", "value")).await.unwrap();
    let waiting = bench.create(bench.content("waits")).await;
    bench.wish(&waiting, feed, Wanted::Published).await;
    let back = part_and_return(&bench, feed).await;
    let all = bench.store.read(move |conn| outbox::of_feed(conn, back)).await.unwrap();
    let [known] = &all[..] else { panic!("what waited is forgotten: {all:?}") };
    assert_eq!((known.post, known.wanted, &known.state), (saved.post, Wanted::Draft, &DeliveryState::Synced));
    let says =
        |receipt: &Option<Receipt>| receipt.as_ref().map(|receipt| (receipt.remote_id.clone(), receipt.revision));
    assert_eq!(says(&known.receipt), says(&sent.receipt));
    let noted = bench.store.read(move |conn| notes::all(conn, saved.post, back)).await.unwrap();
    assert_eq!(noted.get("key").map(String::as_str), Some("value"));
    assert_eq!(bench.free(back).await, 0, "nothing is sent by that");
}

#[tokio::test]
async fn whether_it_arrived_is_still_asked_after_a_feed_was_removed_and_added_again() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    let wished = bench.wish(&saved, feed, Wanted::Published).await;
    let begun = bench.happen(&wished, Happened::Begun { files: 0 }).await;
    bench.happen(&begun, Happened::Lost { ask_at: bench.clock.now(), files: 0, ahead: None }).await;
    let back = part_and_return(&bench, feed).await;
    let idle = bench.store.read(move |conn| outbox::get(conn, saved.post, back)).await.unwrap().unwrap();
    assert_eq!((&idle.state, idle.may_be_there()), (&DeliveryState::Idle, true));
    assert_eq!(bench.wish(&saved, back, Wanted::Published).await.state, DeliveryState::Unknown);
}

#[tokio::test]
async fn nothing_more_is_claimed_for_a_feed_that_was_switched_off() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    bench.wish(&saved, feed, Wanted::Published).await;
    let mut row = bench.store.read(move |conn| feeds::get(conn, feed)).await.unwrap();
    row.enabled = false;
    bench.store.write(move |tx| feeds::change(tx, &row)).await.unwrap();
    assert_eq!(bench.free(feed).await, 0);
}

#[tokio::test]
async fn a_deleted_post_is_taken_back_from_wherever_it_is_and_stays_there_if_that_is_undone() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    let wished = bench.wish(&saved, feed, Wanted::Published).await;
    let begun = bench.happen(&wished, Happened::Begun { files: 0 }).await;
    bench.confirm(&begun).await;
    let (now, post) = (bench.clock.now(), saved.post);
    let standing = async || bench.store.read(move |conn| outbox::get(conn, post, feed)).await.unwrap().unwrap();
    for off in [false, true] {
        if off {
            assert_eq!(bench.wish(&saved, feed, Wanted::Off).await.state, DeliveryState::Idle, "it is left there");
        }
        bench.store.write(move |tx| outbox::withdraw_everywhere(tx, now, post)).await.unwrap();
        assert_eq!((standing().await.wanted, standing().await.state), (Wanted::Withdrawn, DeliveryState::Queued));
        bench.store.write(move |tx| outbox::leave_everywhere(tx, now, post)).await.unwrap();
        let left = standing().await;
        assert_eq!((left.wanted, left.target, left.is_there()), (Wanted::Published, saved.revision, true));
    }
}
