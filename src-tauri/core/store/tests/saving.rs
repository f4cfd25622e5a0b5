//! No word is lost: sittings, changes from elsewhere, restoring, the bin.

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::domain::{RevisionId, revision::SITTING_MILLIS};

#[tokio::test]
async fn a_sitting_is_one_revision_and_a_pause_begins_the_next() {
    let bench = Bench::new();
    let first = bench.create(bench.content("a")).await;
    bench.clock.advance(1000);
    let second = bench.edit(&first, bench.content("ab")).await;
    assert_eq!((second.revision, second.version, second.versions), (first.revision, 2, 1));
    bench.clock.advance(SITTING_MILLIS);
    let third = bench.edit(&second, bench.content("abc")).await;
    assert_eq!((third.version, third.versions), (1, 2), "five minutes later");
    bench.store.write(move |tx| posts::seal(tx, first.post)).await.unwrap();
    let fourth = bench.edit(&third, bench.content("abcd")).await;
    assert_eq!(fourth.versions, 3, "after the window was closed");
    let history = bench.store.read(move |conn| revisions::history(conn, first.post)).await.unwrap();
    let ids: Vec<_> = history.iter().map(|entry| entry.id).collect();
    assert_eq!(ids, [fourth.revision, third.revision, first.revision], "newest first");
    assert_eq!(history[0].parents, [third.revision]);
}

#[tokio::test]
async fn the_same_text_again_is_no_change() {
    let bench = Bench::new();
    let first = bench.create(bench.content("a")).await;
    bench.clock.advance(SITTING_MILLIS * 2);
    let again = bench.edit(&first, bench.content("a")).await;
    assert_eq!((again.revision, again.version, again.versions), (first.revision, 1, 1));
    assert_eq!(again.saved_at, first.saved_at);
}

#[tokio::test]
async fn text_written_elsewhere_meanwhile_stays_in_the_history() {
    let bench = Bench::new();
    let start = bench.create(bench.content("start")).await;
    let elsewhere = bench.edit(&start, bench.content("written elsewhere")).await;
    let here = bench.edit(&start, bench.content("written here")).await;
    assert!(here.superseded, "the editor is told");
    assert_eq!(bench.body(start.post).await, "written here");
    let kept = bench.store.read(move |conn| revisions::get(conn, elsewhere.revision)).await.unwrap();
    assert_eq!(kept.content, bench.content("written elsewhere"));
    assert!(kept.sealed);
    let later = bench.edit(&elsewhere, bench.content("and later")).await;
    let parents = bench.store.read(move |conn| revisions::parents(conn, later.revision)).await.unwrap();
    assert_eq!(parents, [here.revision, elsewhere.revision], "what it was laid over, and what it was written on");
}

#[tokio::test]
async fn restoring_makes_a_new_revision_and_keeps_the_one_before() {
    let bench = Bench::new();
    let old = bench.create(bench.content("old")).await;
    bench.clock.advance(SITTING_MILLIS);
    let new = bench.edit(&old, bench.content("new")).await;
    let clock = Arc::clone(&bench.clock);
    let restored = bench.store.write(move |tx| posts::restore(tx, &*clock, old.post, old.revision)).await.unwrap();
    assert_eq!((bench.body(old.post).await.as_str(), restored.versions), ("old", 3));
    let parents = bench.store.read(move |conn| revisions::parents(conn, restored.revision)).await.unwrap();
    assert_eq!(parents, [new.revision, old.revision]);
    let edited = bench.edit(&restored, bench.content("older still")).await;
    assert_eq!(edited.versions, 4, "what was restored stays as it came");
    let other = bench.create(bench.content("another post")).await;
    let clock = Arc::clone(&bench.clock);
    let wrong = bench.store.write(move |tx| posts::restore(tx, &*clock, old.post, other.revision)).await;
    assert_eq!(wrong.unwrap_err(), StoreError::RevisionNotFound, "another post's revision");
}

#[tokio::test]
async fn a_sealed_revision_cannot_be_changed_by_anybody() {
    let bench = Bench::new();
    let saved = bench.create(bench.content("a")).await;
    bench.store.write(move |tx| posts::seal(tx, saved.post)).await.unwrap();
    for sql in ["UPDATE revision SET content = '{}'", "UPDATE revision SET sealed = 0", "DELETE FROM revision"] {
        let tried = bench.store.write(move |tx| Ok(tx.execute(sql, [])?)).await;
        assert!(matches!(tried, Err(StoreError::Internal(_))), "{sql}");
    }
}

#[tokio::test]
async fn the_bin_keeps_everything_and_gives_it_back() {
    let bench = Bench::new();
    let saved = bench.create(bench.content("a")).await;
    let (now, later) = (bench.clock.now(), bench.clock.now().plus_millis(5));
    for time in [now, later] {
        bench.store.write(move |tx| posts::delete(tx, time, saved.post)).await.unwrap();
    }
    let counts = bench.store.read(index::counts).await.unwrap();
    assert_eq!((counts.posts, counts.bin), (0, 1));
    let row = bench.store.read(move |conn| posts::get(conn, saved.post)).await.unwrap();
    assert_eq!(row.deleted_at, Some(now), "deleting twice is deleting once");
    let edited = bench.edit(&saved, bench.content("typed after it was deleted elsewhere")).await;
    assert!(!edited.superseded);
    bench.store.write(move |tx| posts::undelete(tx, saved.post)).await.unwrap();
    assert_eq!(bench.body(saved.post).await, "typed after it was deleted elsewhere");
    let stray = PostId::from_uuid(bench.clock.new_uuid());
    let missing = bench.store.write(move |tx| posts::undelete(tx, stray)).await;
    assert_eq!(missing, Err(StoreError::PostNotFound));
}

#[tokio::test]
async fn a_body_of_a_megabyte_is_saved_found_and_shown() {
    let bench = Bench::new();
    let body = "海上生明月，天涯共此时。".repeat(27_000) + "needle";
    assert!(body.len() < crate::domain::limits::BODY_BYTES && body.len() > 970_000);
    let saved = bench.create(bench.content(&body)).await;
    assert_eq!(bench.body(saved.post).await, body);
    let filter = crate::api::types::PostFilter { text: "NEEDLE".into(), ..Default::default() };
    assert_eq!(bench.store.read(move |conn| index::index(conn, &filter)).await.unwrap().len(), 1);
    let cards = bench.store.read(move |conn| index::cards(conn, &[saved.post])).await.unwrap();
    assert_eq!(cards[0].excerpts[&Lang::zh_hans()].chars().count(), 120);
}

#[tokio::test]
async fn a_post_is_found_by_the_beginning_of_its_id() {
    let bench = Bench::new();
    let saved = bench.create(bench.content("a")).await;
    let id = saved.post.to_string();
    let beginning: String = id.chars().take(11).collect();
    for (prefix, found) in [(beginning, 1), (id, 1), ("fff".into(), 0), ("船".into(), 0), (String::new(), 1)] {
        let posts = bench.store.read(move |conn| posts::with_prefix(conn, &prefix)).await.unwrap();
        assert_eq!(posts.len(), found);
    }
}

/// What may happen to a post.
#[derive(Debug, Clone)]
enum Step {
    Edit(String),
    EditOnOld(String),
    Pause,
    Seal,
    Restore(usize),
    Bin(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let text = "[a-c船]{1,3}";
    prop_oneof![
        4 => text.prop_map(Step::Edit),
        2 => text.prop_map(Step::EditOnOld),
        2 => Just(Step::Pause),
        1 => Just(Step::Seal),
        1 => any::<usize>().prop_map(Step::Restore),
        1 => any::<bool>().prop_map(Step::Bin),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_happens_the_newest_text_is_the_last_saved_and_sealed_ones_stay(
        steps in proptest::collection::vec(step(), 1..25),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(steps))?;
    }
}

async fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let bench = Bench::new();
    let first = bench.create(bench.content("first")).await;
    let (post, mut last, mut text) = (first.post, first.clone(), "first".to_owned());
    let mut sealed: BTreeMap<RevisionId, Content> = BTreeMap::new();
    for step in steps {
        match step {
            Step::Edit(body) => {
                last = bench.edit(&last, bench.content(&body)).await;
                prop_assert!(!last.superseded, "nobody else wrote");
                text = body;
            }
            Step::EditOnOld(body) => {
                last = bench.edit(&first, bench.content(&body)).await;
                text = body;
            }
            Step::Pause => bench.clock.advance(SITTING_MILLIS),
            Step::Seal => drop(bench.store.write(move |tx| posts::seal(tx, post)).await.unwrap()),
            Step::Restore(pick) => {
                let history = bench.store.read(move |conn| revisions::history(conn, post)).await.unwrap();
                let (clock, old) = (Arc::clone(&bench.clock), history[pick % history.len()].id);
                last = bench.store.write(move |tx| posts::restore(tx, &*clock, post, old)).await.unwrap();
                text = bench.body(post).await;
            }
            Step::Bin(true) => bench.store.write(move |tx| posts::delete(tx, first.saved_at, post)).await.unwrap(),
            Step::Bin(false) => bench.store.write(move |tx| posts::undelete(tx, post)).await.unwrap(),
        }
        prop_assert_eq!(&bench.body(post).await, &text, "the newest text is the last one saved");
        let history = bench.store.read(move |conn| revisions::history(conn, post)).await.unwrap();
        prop_assert_eq!(history.len(), last.versions as usize);
        let ids: HashSet<_> = history.iter().map(|entry| entry.id).collect();
        prop_assert!(history.iter().flat_map(|entry| &entry.parents).all(|parent| ids.contains(parent)));
        for entry in history {
            let revision = bench.store.read(move |conn| revisions::get(conn, entry.id)).await.unwrap();
            if let Some(before) = sealed.get(&revision.id) {
                prop_assert_eq!(before, &revision.content, "a sealed revision never changes");
            } else if revision.sealed {
                sealed.insert(revision.id, revision.content);
            }
        }
        prop_assert!(sealed.keys().all(|id| ids.contains(id)), "history is kept");
    }
    prop_assert!(check::run(&bench.store).await.unwrap().clean);
    Ok(())
}
