//! What came back from a feed meets what is here.

use super::arrivals::{self, Arrival, Came};
use super::*;
use crate::domain::{DeliveryState, Happened, NeedsYou, Receipt, RevisionId, Wanted};

/// A post in Chinese and English.
fn both(bench: &Bench, zh: &str, en: &str) -> Content {
    let mut content = bench.content(zh);
    content.sides.insert(Lang::en(), Side { title: "Boat".into(), body: en.into() });
    content
}

#[tokio::test]
async fn one_language_of_what_was_sent_is_not_the_whole_of_it() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let first = bench.create(both(&bench, "船", "A boat")).await;
    let wished = bench.wish(&first, feed, Wanted::Published).await;
    bench.happen(&wished, Happened::Begun { files: 0 }).await;
    let agreed = bench.confirm(&wished).await;
    let second = bench.edit(&first, both(&bench, "旧船", "An old boat")).await;
    let wished = bench.wish(&second, feed, Wanted::Published).await;
    let begun = bench.happen(&wished, Happened::Begun { files: 0 }).await;
    let lost = bench.happen(&begun, Happened::Lost { ask_at: bench.clock.now(), files: 0 }).await;
    let there = Receipt { version: Digest::of(b"one of two"), ..agreed.receipt.clone().unwrap() };
    let stuck = Happened::Stuck { reason: NeedsYou::ChangedThere, there: Some(there.clone()), asset: None };
    let seen = bench.happen(&lost, stuck).await;
    let arrival = Arrival {
        base: agreed.target,
        base_content: both(&bench, "船", "A boat"),
        theirs: both(&bench, "旧船", "A boat"),
        there,
        apart: true,
        unfinished: false,
        warning: None,
        changed_at: bench.clock.now(),
        seen,
    };
    let clock = Arc::clone(&bench.clock);
    let came = bench.store.write(move |tx| arrivals::arrive(tx, &*clock, arrival)).await.unwrap();
    assert_eq!(came, Came::Late);
    let after = bench.store.read(move |conn| outbox::get(conn, first.post, feed)).await.unwrap().unwrap();
    assert_eq!(
        (after.state, after.target),
        (DeliveryState::Queued, second.revision),
        "the other language still has to go"
    );
    let known: Option<RevisionId> = after.receipt.map(|receipt| receipt.revision);
    assert_eq!(known, Some(agreed.target), "both sides agree on no more than they did");
    assert_eq!(bench.body(first.post).await, "An old boat旧船", "nobody changed a word there");
}
