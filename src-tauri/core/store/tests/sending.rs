//! Deliveries: claims, leases, wishes that change on the way.

use super::outbox::{Claim, LEASE_MILLIS, Progress, Wish};
use super::*;
use crate::api::types::PostFilter;
use crate::domain::{DeliveryState, FeedId, NeedsYou, Receipt, RevisionId, Timestamp, Wanted};

impl Bench {
    async fn feed(&self) -> FeedId {
        let mut feed = self.store.read(feeds::list).await.unwrap().remove(0);
        feed.enabled = true;
        let id = feed.id;
        self.store.write(move |tx| feeds::change(tx, &feed)).await.unwrap();
        id
    }

    async fn wish(&self, saved: &DraftSaved, feed: FeedId, wanted: Wanted) {
        let (now, wish) = (self.clock.now(), Wish { post: saved.post, feed, wanted, target: saved.revision });
        self.store.write(move |tx| outbox::wish(tx, now, &wish)).await.unwrap();
    }

    async fn claim(&self, post: PostId, feed: FeedId, owner: &'static str) -> Option<Claim> {
        let now = self.clock.now();
        self.store.write(move |tx| outbox::claim(tx, now, (post, feed), owner)).await.unwrap()
    }

    async fn record(&self, claim: &Claim, state: DeliveryState, receipt: Option<Receipt>) -> Option<DeliveryState> {
        let (now, claim) = (self.clock.now(), claim.clone());
        let progress = Progress { state, receipt, attempts: 1, next_at: now.plus_millis(1000) };
        let recorded = self.store.write(move |tx| outbox::record(tx, now, &claim, progress)).await.unwrap();
        recorded.map(|delivery| delivery.state)
    }

    async fn due(&self) -> usize {
        let now = self.clock.now();
        self.store.read(move |conn| outbox::due(conn, now)).await.unwrap().len()
    }
}

fn receipt(revision: RevisionId, known: Wanted, at: Timestamp) -> Receipt {
    let version = Digest::of(b"there");
    Receipt { remote_id: "1".into(), url: None, known, revision, version, confirmed_at: at }
}

#[tokio::test]
async fn only_one_holds_a_delivery_until_the_lease_ends() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    bench.wish(&saved, feed, Wanted::Published).await;
    assert_eq!(bench.due().await, 1);
    let window = bench.claim(saved.post, feed, "window").await.unwrap();
    assert_eq!(bench.claim(saved.post, feed, "cli").await, None, "somebody holds it");
    assert_eq!(bench.due().await, 0);
    bench.record(&window, DeliveryState::Sending, None).await.unwrap();
    bench.clock.advance(LEASE_MILLIS);
    let cli = bench.claim(saved.post, feed, "cli").await.unwrap();
    assert_eq!(cli.delivery.state, DeliveryState::Unknown, "what a lost owner was sending may have arrived");
    assert_eq!(bench.record(&window, DeliveryState::Synced, None).await, None, "a lost claim writes nothing");
    assert_eq!(bench.record(&cli, DeliveryState::Synced, None).await, Some(DeliveryState::Synced));
    assert_eq!(bench.claim(saved.post, feed, "window").await, None, "nothing is to be done any more");
}

#[tokio::test]
async fn a_clock_that_was_set_back_holds_nothing_up() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    bench.wish(&saved, feed, Wanted::Published).await;
    bench.claim(saved.post, feed, "window").await.unwrap();
    bench.clock.advance(-400 * 24 * 3_600_000);
    assert_eq!(bench.due().await, 1, "neither a lease nor a wait reaches a year ahead");
    assert!(bench.claim(saved.post, feed, "cli").await.is_some());
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
    let claim = bench.claim(saved.post, feed, "window").await;
    assert_eq!(claim, None, "nothing is wanted");
}

#[tokio::test]
async fn a_wish_that_changes_on_the_way_is_followed_after_the_answer() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    bench.wish(&saved, feed, Wanted::Published).await;
    let claim = bench.claim(saved.post, feed, "window").await.unwrap();
    bench.record(&claim, DeliveryState::Sending, None).await.unwrap();
    let edited = bench.edit(&saved, bench.content("y")).await;
    bench.wish(&edited, feed, Wanted::Published).await;
    let get = |post| bench.store.read(move |conn| outbox::get(conn, post, feed));
    let stored = get(saved.post).await.unwrap().unwrap();
    assert_eq!(stored.state, DeliveryState::Sending, "the first may still arrive: that is not forgotten");
    let confirmed = receipt(saved.revision, Wanted::Published, bench.clock.now());
    let state = bench.record(&claim, DeliveryState::Synced, Some(confirmed.clone())).await;
    assert_eq!(state, Some(DeliveryState::Queued), "the update waits for its turn");
    let stored = get(saved.post).await.unwrap().unwrap();
    assert_eq!((stored.receipt, stored.target), (Some(confirmed), edited.revision));
    assert_eq!(bench.due().await, 1);
}

#[tokio::test]
async fn a_feed_that_is_off_is_not_due_and_a_failed_step_waits() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    bench.wish(&saved, feed, Wanted::Published).await;
    let claim = bench.claim(saved.post, feed, "window").await.unwrap();
    bench.record(&claim, DeliveryState::Queued, None).await;
    assert_eq!(bench.due().await, 0, "not before its time");
    let next = bench.store.read(outbox::next_at).await.unwrap();
    assert_eq!(next, Some(bench.clock.now().plus_millis(1000)));
    let now = bench.clock.now();
    bench.store.write(move |tx| outbox::hurry(tx, now, None)).await.unwrap();
    assert_eq!(bench.due().await, 1);
    let mut row = bench.store.read(move |conn| feeds::get(conn, feed)).await.unwrap();
    row.enabled = false;
    bench.store.write(move |tx| feeds::change(tx, &row)).await.unwrap();
    assert_eq!(bench.due().await, 0);
}

#[tokio::test]
async fn every_state_is_read_as_it_was_written_and_shown_with_its_feed() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    for state in [
        DeliveryState::Uploading { done: 1, total: 7 },
        DeliveryState::Unknown,
        DeliveryState::NeedsYou { reason: NeedsYou::CannotStrip },
    ] {
        bench.wish(&saved, feed, Wanted::Draft).await;
        let claim = bench.claim(saved.post, feed, "window").await.unwrap();
        assert_eq!(bench.record(&claim, state.clone(), None).await, Some(state.clone()));
        let shown = bench.store.read(move |conn| views::deliveries(conn, saved.post)).await.unwrap();
        assert_eq!(shown[0].state, state);
        let now = bench.clock.now();
        bench.store.write(move |tx| outbox::release(tx, &claim).and(outbox::hurry(tx, now, None))).await.unwrap();
    }
    let counts = bench.store.read(index::counts).await.unwrap();
    assert_eq!((counts.waiting, counts.needs_you), (0, 1));
}

#[tokio::test]
async fn a_post_says_whether_it_changed_since_it_was_sent() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let saved = bench.create(bench.content("x")).await;
    bench.wish(&saved, feed, Wanted::Published).await;
    let claim = bench.claim(saved.post, feed, "window").await.unwrap();
    let confirmed = receipt(saved.revision, Wanted::Published, bench.clock.now());
    bench.record(&claim, DeliveryState::Synced, Some(confirmed)).await;
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
