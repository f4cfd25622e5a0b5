//! What somebody writes there while our files are on their way.

use std::sync::Arc;

use serde_json::json;

use super::desk::{Desk, intent, receipt};
use super::revision;
use super::site::Store;
use crate::domain::destination::Choices;
use crate::feed::{Audience, Feed, FeedError, Held, Intent, Lookup, OutgoingMedia, memory};

fn write(store: &mut Store) {
    let raw = store.posts[0]["content"]["raw"].as_str().unwrap().replace("By the lake", "By their lake");
    store.posts[0]["content"]["raw"] = json!(raw);
}

/// A post with one file at a site, and a change of it with one more.
async fn published() -> (Desk, Held, Arc<Intent>) {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
    let mut more = (*intent(2, Audience::Published)).clone();
    more.media.push(OutgoingMedia { asset: memory::asset(2), ..more.media[0].clone() });
    (desk, held, Arc::new(more))
}

fn files(desk: &Desk) -> usize {
    desk.with(|store| store.media.len())
}

fn is_theirs(desk: &Desk) -> bool {
    desk.with(|store| store.posts[0]["content"]["raw"].as_str().unwrap().contains("By their lake"))
}

#[tokio::test]
async fn what_somebody_writes_while_files_are_on_their_way_is_not_written_over() {
    let (desk, held, more) = published().await;
    desk.with(|store| store.meanwhile = Some(("POST media", write)));
    let changed = desk.feed.update(&receipt(&held), &more, &desk.out()).await;
    assert!(matches!(changed, Err(FeedError::ChangedThere(_))), "{changed:?}");
    assert!(is_theirs(&desk));
    let Err(FeedError::ChangedThere(there)) = changed else { return };
    desk.feed.update(&receipt(&there), &more, &desk.out()).await.unwrap();
    assert_eq!((files(&desk), is_theirs(&desk)), (2, false), "what was uploaded is not sent again");
}

#[tokio::test]
async fn no_file_leaves_for_a_post_that_was_changed_there_before() {
    let (desk, held, more) = published().await;
    desk.with(write);
    let changed = desk.feed.update(&receipt(&held), &more, &desk.out()).await;
    assert!(matches!(changed, Err(FeedError::ChangedThere(_))), "{changed:?}");
    assert_eq!((files(&desk), is_theirs(&desk)), (1, true));
}

#[tokio::test]
async fn a_post_whose_files_are_all_there_is_read_once() {
    let (desk, held, _) = published().await;
    let asked = desk.server.heard().len();
    desk.feed.update(&receipt(&held), &intent(2, Audience::Published), &desk.out()).await.unwrap();
    let heard = desk.server.heard().split_off(asked);
    let reads = heard.iter().filter(|heard| heard.method == "GET" && heard.target.path().ends_with("/posts/100"));
    assert_eq!(reads.count(), 1);
}

#[tokio::test]
async fn a_change_that_ended_with_its_files_has_changed_nothing() {
    let (mut desk, held, more) = published().await;
    desk.with(|store| store.hang_up = Some("POST media"));
    let lost = desk.feed.update(&receipt(&held), &more, &desk.out()).await;
    assert!(matches!(lost, Err(FeedError::Lost)), "{lost:?}");
    desk.kill();
    let Lookup::Found(found) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it is there") };
    assert_eq!((found.revision, found.touched, found.unfinished), (Some(revision(1)), false, false));
    desk.feed.update(&receipt(&found), &more, &desk.out()).await.unwrap();
    assert_eq!(files(&desk), 2);
}
