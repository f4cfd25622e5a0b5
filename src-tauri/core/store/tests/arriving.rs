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

/// A second version of a post left, its answer was lost, and this much of it is there.
async fn arrives_in_part(second: Content, theirs: Content, apart: bool) {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let first = bench.create(both(&bench, "船", "A boat")).await;
    let wished = bench.wish(&first, feed, Wanted::Published).await;
    bench.happen(&wished, Happened::Begun { files: 0 }).await;
    let agreed = bench.confirm(&wished).await;
    let second = bench.edit(&first, second).await;
    let before = bench.store.read(move |conn| posts::get(conn, first.post)).await.unwrap().content;
    let wished = bench.wish(&second, feed, Wanted::Published).await;
    let begun = bench.happen(&wished, Happened::Begun { files: 0 }).await;
    let lost = bench.happen(&begun, Happened::Lost { ask_at: bench.clock.now(), files: 0, ahead: None }).await;
    let there = Receipt { version: Digest::of(b"a part"), ..agreed.receipt.clone().unwrap() };
    let stuck = Happened::Stuck { reason: NeedsYou::ChangedThere, there: Some(there.clone()), asset: None };
    let seen = bench.happen(&lost, stuck).await;
    let arrival = Arrival {
        base: agreed.target,
        base_content: both(&bench, "船", "A boat"),
        theirs,
        there,
        apart,
        unfinished: false,
        lacks_items: false,
        warning: None,
        changed_at: bench.clock.now(),
        ahead: None,
        missing: 0,
        seen,
    };
    let clock = Arc::clone(&bench.clock);
    let came = bench.store.write(move |tx| arrivals::arrive(tx, &*clock, arrival)).await.unwrap();
    assert_eq!(came, Came::Late);
    let after = bench.store.read(move |conn| outbox::get(conn, first.post, feed)).await.unwrap().unwrap();
    assert_eq!((after.state, after.target), (DeliveryState::Queued, second.revision), "the rest still has to go");
    let known: Option<RevisionId> = after.receipt.map(|receipt| receipt.revision);
    assert_eq!(known, Some(agreed.target), "both sides agree on no more than they did");
    let here = bench.store.read(move |conn| posts::get(conn, first.post)).await.unwrap().content;
    assert_eq!(here, before, "nobody changed a word there");
}

#[tokio::test]
async fn one_language_of_what_was_sent_is_not_the_whole_of_it() {
    let bench = Bench::new();
    arrives_in_part(both(&bench, "旧船", "An old boat"), both(&bench, "旧船", "A boat"), true).await;
}

#[tokio::test]
async fn words_without_their_topics_are_not_the_whole_of_it() {
    let bench = Bench::new();
    let words = both(&bench, "旧船", "An old boat");
    arrives_in_part(Content { topics: vec!["湖".into()], ..words.clone() }, words, false).await;
}

#[tokio::test]
async fn which_revision_was_first_is_known_after_the_clock_was_set_back() {
    let bench = Bench::new();
    let feed = bench.feed().await;
    let first = bench.create(bench.content("x")).await;
    bench.wish(&first, feed, Wanted::Draft).await;
    bench.clock.advance(-86_400_000);
    let second = bench.edit(&first, bench.content("y")).await;
    assert_ne!(first.revision, second.revision);
    let is_before = |a, b| bench.store.read(move |conn| revisions::is_before(conn, a, b));
    assert!(is_before(first.revision, second.revision).await.unwrap());
    assert!(!is_before(second.revision, first.revision).await.unwrap());
}

/// A post was sent, changed and wished again, and changed once more; there somebody changed this. Answers what is to be there, and
/// whether that waits to be sent.
async fn meets(
    bench: &Bench,
    wanted: Wanted,
    [first, second, third]: [[&str; 2]; 3],
    (theirs, known): ([&str; 2], Wanted),
) -> (Content, bool) {
    let say = |[zh, en]: [&str; 2]| both(bench, zh, en);
    let feed = bench.feed().await;
    let saved = bench.create(say(first)).await;
    let wished = bench.wish(&saved, feed, wanted).await;
    let begun = bench.happen(&wished, Happened::Begun { files: 0 }).await;
    bench.confirm(&begun).await;
    let sent = bench.edit(&saved, say(second)).await;
    let seen = bench.wish(&sent, feed, wanted).await;
    bench.edit(&sent, say(third)).await;
    let agreed = seen.receipt.clone().unwrap();
    let arrival = Arrival {
        base: saved.revision,
        base_content: say(first),
        theirs: say(theirs),
        there: Receipt { known, version: Digest::of(b"changed"), ..agreed },
        apart: false,
        unfinished: false,
        lacks_items: false,
        warning: None,
        changed_at: bench.clock.now(),
        ahead: None,
        missing: 0,
        seen,
    };
    let clock = Arc::clone(&bench.clock);
    bench.store.write(move |tx| arrivals::arrive(tx, &*clock, arrival)).await.unwrap();
    let after = bench.store.read(move |conn| outbox::get(conn, saved.post, feed)).await.unwrap().unwrap();
    let target = bench.store.read(move |conn| revisions::get(conn, after.target)).await.unwrap().content;
    (target, after.state == DeliveryState::Queued)
}

#[tokio::test]
async fn what_was_written_after_a_post_was_sent_is_not_sent_with_what_came_back() {
    let bench = Bench::new();
    let (first, sent, unsent) = (["船", "A boat"], ["船", "A red boat"], ["船", "A red boat, and a secret"]);
    let published = Wanted::Published;
    let (target, waits) = meets(&bench, published, [first, sent, unsent], (["旧船", "A boat"], published)).await;
    assert_eq!((target, waits), (both(&bench, "旧船", "A red boat"), true));
}

#[tokio::test]
async fn a_draft_that_was_made_public_there_takes_nothing_unsent_with_it() {
    let (first, second) = (["船", "A boat"], ["船", "A boat, and a secret"]);
    for theirs in [first, ["旧船", "A boat"]] {
        let bench = Bench::new();
        let (target, _) = meets(&bench, Wanted::Draft, [first, second, second], (theirs, Wanted::Published)).await;
        assert_eq!(target, both(&bench, theirs[0], theirs[1]));
    }
}

/// The words, too, may be those that such a request brought.
#[tokio::test]
async fn a_draft_that_a_late_request_made_public_is_made_a_draft_again() {
    for words in ["船", "小船"] {
        let bench = Bench::new();
        let feed = bench.feed().await;
        let first = bench.create(bench.content("船")).await;
        let wished = bench.wish(&first, feed, Wanted::Published).await;
        let begun = bench.happen(&wished, Happened::Begun { files: 0 }).await;
        bench.happen(&begun, Happened::Lost { ask_at: bench.clock.now(), files: 0, ahead: None }).await;
        let second = bench.edit(&first, bench.content("小船")).await;
        let hidden = bench.wish(&second, feed, Wanted::Draft).await;
        let seen = bench.confirm(&hidden).await;
        let agreed = seen.receipt.clone().unwrap();
        assert_eq!((agreed.known, agreed.revision), (Wanted::Draft, second.revision));
        let arrival = Arrival {
            base: second.revision,
            base_content: bench.content("小船"),
            theirs: bench.content(words),
            there: Receipt { known: Wanted::Published, version: Digest::of(b"shown"), ..agreed },
            apart: false,
            unfinished: false,
            lacks_items: false,
            warning: None,
            missing: 0,
            changed_at: bench.clock.now(),
            ahead: None,
            seen,
        };
        let clock = Arc::clone(&bench.clock);
        let came = bench.store.write(move |tx| arrivals::arrive(tx, &*clock, arrival)).await.unwrap();
        assert_eq!(came, Came::Late);
        let after = bench.store.read(move |conn| outbox::get(conn, first.post, feed)).await.unwrap().unwrap();
        assert_eq!((after.wanted, after.state), (Wanted::Draft, DeliveryState::Queued), "{words}");
        let here = bench.store.read(move |conn| posts::get(conn, first.post)).await.unwrap().content;
        let target = bench.store.read(move |conn| revisions::get(conn, after.target)).await.unwrap().content;
        assert_eq!((here, target), (bench.content("小船"), bench.content("小船")));
    }
}
