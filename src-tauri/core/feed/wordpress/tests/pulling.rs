//! What was changed there comes back, whatever else lies at the site and whoever may see it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::desk::{self, Desk, NOW, intent, receipt};
use super::sheet;
use crate::clock::Clock;
use crate::domain::destination::Choices;
use crate::domain::{PostId, Receipt, Timestamp};
use crate::feed::web::scripted::Heard;
use crate::feed::{Audience, Changes, Feed, Intent, Lookup};

/// A moment so many minutes after the test begins, as the site writes it.
fn at(minutes: i64) -> String {
    sheet::date(Timestamp::from_millis(NOW).plus_millis(minutes * 60_000))
}

/// A site, and so many posts of ours there.
async fn posted(count: u128) -> (Desk, Vec<Receipt>) {
    let mut desk = Desk::new(Choices::default()).await;
    desk.with(|store| store.now = Some(at(0)));
    let mut known = Vec::new();
    for number in 0..count {
        desk.pad = Arc::default();
        let mut wanted = (*intent(1, Audience::Published)).clone();
        wanted.post = PostId::from_uuid(uuid::Uuid::from_u128(7 + number));
        known.push(receipt(&desk.feed.create(&Arc::new(wanted), &desk.out()).await.unwrap()));
    }
    (desk, known)
}

/// Somebody there adds a word.
fn edit(desk: &Desk, at: usize, minutes: i64) {
    desk.with(|store| {
        let raw = store.posts[at]["content"]["raw"].as_str().unwrap().replace("By the lake", "By the sea");
        store.posts[at]["content"]["raw"] = json!(raw);
        store.posts[at]["modified_gmt"] = json!(self::at(minutes));
        store.now = Some(self::at(minutes));
    });
}

fn theirs(id: u64, modified: &str, status: &str) -> Value {
    json!({ "id": id, "status": status, "slug": "theirs", "link": "", "tags": [], "categories": [], "date_gmt": modified,
        "modified_gmt": modified, "title": { "raw": "Theirs" }, "content": { "raw": "<p>Theirs</p>" } })
}

fn named(changes: &Changes) -> Vec<&str> {
    changes.items.iter().map(|item| item.held.remote_id.as_str()).collect()
}

#[tokio::test]
async fn a_post_about_the_future_hides_no_change_before_it() {
    let (desk, known) = posted(1).await;
    desk.with(|store| store.posts.push(theirs(900, "2030-01-02T03:04:05", "future")));
    let cursor = desk.feed.changes(None, &known).await.unwrap().cursor;
    edit(&desk, 0, 10);
    let changes = desk.feed.changes(cursor.as_deref(), &known).await.unwrap();
    assert_eq!(named(&changes), ["100"]);
    // Nor does a mark that was set by such a post before.
    let ahead = json!({ "after": 1_893_553_445_000_i64, "page": 1 }).to_string();
    let changes = desk.feed.changes(Some(&ahead), &known).await.unwrap();
    assert_eq!(named(&changes), ["100"]);
    let cursor: Value = serde_json::from_str(&changes.cursor.unwrap()).unwrap();
    assert!(cursor["after"].as_i64().unwrap() < NOW + 10 * 60_000, "{cursor}");
}

#[tokio::test]
async fn a_change_that_no_list_names_is_found_and_read_once() {
    let (desk, known) = posted(2).await;
    desk.with(|store| (store.unlisted, store.now) = (vec![100], Some(at(5))));
    let cursor = desk.feed.changes(None, &known).await.unwrap().cursor;
    edit(&desk, 0, 10);
    desk.with(|store| store.now = Some(at(20)));
    let asked = desk.server.heard().len();
    let changes = desk.feed.changes(cursor.as_deref(), &known).await.unwrap();
    assert_eq!(named(&changes), ["100"]);
    let texts = |from: usize| {
        let heard = desk.server.heard().split_off(from);
        heard
            .iter()
            .filter(|heard| heard.query("_embed").is_some())
            .filter_map(|heard| heard.query("include"))
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(asked), ["100"], "the other one was read before");
    let asked = desk.server.heard().len();
    desk.feed.changes(changes.cursor.as_deref(), &known).await.unwrap();
    assert!(texts(asked).is_empty());
}

#[tokio::test]
async fn a_post_that_the_user_may_not_edit_any_more_keeps_no_other_from_being_read() {
    let (desk, known) = posted(2).await;
    let cursor = desk.feed.changes(None, &known).await.unwrap().cursor;
    desk.with(|store| store.barred = vec![100]);
    edit(&desk, 1, 10);
    let changes = desk.feed.changes(cursor.as_deref(), &known).await.unwrap();
    assert_eq!((named(&changes), changes.gone.len()), (vec!["101"], 0));
}

#[tokio::test]
async fn a_post_that_came_without_its_text_is_read_another_time() {
    let (desk, known) = posted(1).await;
    edit(&desk, 0, 10);
    let text = desk.with(|store| std::mem::take(&mut store.posts[0]["content"]));
    desk.with(|store| (store.posts[0]["content"], store.now) = (json!({}), Some(at(20))));
    let first = desk.feed.changes(None, &known).await.unwrap();
    desk.with(|store| store.posts[0]["content"] = text);
    let second = desk.feed.changes(first.cursor.as_deref(), &known).await.unwrap();
    assert_eq!((named(&first), named(&second)), (vec![], vec!["100"]));
}

#[tokio::test]
async fn posts_that_may_not_be_looked_at_hide_none_that_are_gone() {
    let (desk, known) = posted(23).await;
    desk.with(|store| {
        store.barred = (100..122).collect();
        store.posts[22]["status"] = json!("trash");
    });
    let first = desk.feed.changes(None, &known).await.unwrap();
    let second = desk.feed.changes(first.cursor.as_deref(), &known).await.unwrap();
    assert_eq!((first.gone.len(), second.gone), (0, vec!["122".to_owned()]));
}

#[tokio::test]
async fn pages_of_what_others_wrote_are_passed_by() {
    let (desk, known) = posted(1).await;
    desk.with(|store| {
        store.barred = (1000..1120).collect();
        store.posts.extend((1000..1120).map(|id| theirs(id, &at(1), "publish")));
        store.now = Some(at(30));
    });
    let begun = json!({ "after": NOW, "page": 1 }).to_string();
    let mut changes = desk.feed.changes(Some(&begun), &known).await.unwrap();
    let mut pages = 1;
    while changes.more {
        changes = desk.feed.changes(changes.cursor.as_deref(), &known).await.unwrap();
        pages += 1;
    }
    let cursor: Value = serde_json::from_str(&changes.cursor.unwrap()).unwrap();
    let reached = cursor["after"].as_i64().unwrap();
    assert_eq!((pages, &cursor["page"]), (3, &json!(1)));
    assert!(reached > NOW + 25 * 60_000, "they are not asked for again: {reached}");
}

#[tokio::test]
async fn a_post_for_later_does_not_become_public_early_because_our_clock_is_ahead() {
    for lost in [None, Some("POST posts/100")] {
        let desk = Desk::new(Choices::default()).await;
        desk.with(|store| (store.now, store.hang_up) = (Some(at(0)), lost));
        let mut wanted = (*intent(1, Audience::Published)).clone();
        wanted.manner.publish_at = Some(Timestamp::from_millis(NOW).plus_millis(60 * 60_000));
        let wanted = Arc::new(wanted);
        desk.clock.advance(8 * 60 * 60_000);
        if desk.feed.create(&wanted, &desk.out()).await.is_err() {
            let Lookup::Found(held) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it is there") };
            assert!(!held.touched, "it waits for its time");
            desk.feed.update(&receipt(&held), &wanted, &desk.out()).await.unwrap();
        }
        assert_eq!(desk.with(|store| store.posts[0]["status"].clone()), "future", "{lost:?}");
    }
}

/// A post of ours that shall be public an hour after the test begins.
async fn scheduled() -> (Desk, Arc<Intent>, Receipt) {
    let desk = Desk::new(Choices::default()).await;
    desk.with(|store| store.now = Some(at(0)));
    let mut wanted = (*intent(1, Audience::Published)).clone();
    wanted.manner.publish_at = Some(Timestamp::from_millis(NOW).plus_millis(60 * 60_000));
    let wanted = Arc::new(wanted);
    let known = receipt(&desk.feed.create(&wanted, &desk.out()).await.unwrap());
    (desk, wanted, known)
}

/// Lets the clocks here and there show so many minutes after the test began.
fn turn(desk: &Desk, minutes: i64) {
    desk.clock.advance(NOW + minutes * 60_000 - desk.clock.now().as_millis());
    desk.with(|store| store.now = Some(at(minutes)));
}

fn status(desk: &Desk) -> Value {
    desk.with(|store| store.posts[0]["status"].clone())
}

#[tokio::test]
async fn what_the_site_did_not_show_at_its_time_is_told_and_shown_by_the_next_call_that_sends() {
    let (desk, wanted, known) = scheduled().await;
    let sent = desk.changes().len();
    let mut cursor = None;
    for (minutes, is_told) in [(59, false), (61, false), (75, true), (76, false), (134, false), (135, true)] {
        turn(&desk, minutes);
        let changes = desk.feed.changes(cursor.as_deref(), std::slice::from_ref(&known)).await.unwrap();
        let told: Vec<_> = changes.items.iter().map(|item| (item.held.unfinished, item.held.version)).collect();
        let expected = if is_told { vec![(true, known.version)] } else { Vec::new() };
        assert_eq!(told, expected, "{minutes}: nobody changed it");
        cursor = changes.cursor;
    }
    assert_eq!((desk.changes().len(), status(&desk)), (sent, json!("future")), "who asks sends nothing");
    let held = desk.feed.update(&known, &wanted, &desk.out()).await.unwrap();
    assert_eq!((status(&desk), held.version), (json!("publish"), known.version));
}

#[tokio::test]
async fn what_somebody_put_off_once_more_there_is_not_shown_before_its_time() {
    let (desk, wanted, known) = scheduled().await;
    turn(&desk, 75);
    let changes = desk.feed.changes(None, std::slice::from_ref(&known)).await.unwrap();
    assert!(changes.items[0].held.unfinished);
    desk.with(|store| store.posts[0]["date_gmt"] = json!(at(600)));
    let changes = desk.feed.changes(changes.cursor.as_deref(), std::slice::from_ref(&known)).await.unwrap();
    assert!(changes.items.iter().all(|item| !item.held.unfinished));
    let mut known = known;
    for _ in 0..2 {
        known = receipt(&desk.feed.update(&known, &wanted, &desk.out()).await.unwrap());
        assert_eq!(desk.with(|store| store.posts[0]["date_gmt"].clone()), json!(at(600)));
        assert_eq!(status(&desk), "future");
    }
    // Another time that the user says is one.
    let mut other = (*wanted).clone();
    other.manner.publish_at = Some(desk.clock.now().plus_millis(-60_000));
    desk.feed.update(&known, &Arc::new(other), &desk.out()).await.unwrap();
    assert_eq!(status(&desk), "publish");
}

#[tokio::test]
async fn an_earlier_time_that_did_not_arrive_at_first_is_kept() {
    let (desk, wanted, known) = scheduled().await;
    let mut sooner = (*wanted).clone();
    sooner.manner.publish_at = Some(desk.clock.now().plus_millis(2 * 60_000));
    let sooner = Arc::new(sooner);
    desk.with(|store| store.hang_up = Some("POST posts/"));
    desk.feed.update(&known, &sooner, &desk.out()).await.unwrap_err();
    turn(&desk, 5);
    desk.feed.update(&known, &sooner, &desk.out()).await.unwrap();
    assert_eq!(status(&desk), "publish");
}

#[tokio::test]
async fn what_somebody_scheduled_there_and_the_site_did_not_show_is_shown() {
    let desk = Desk::new(Choices::default()).await;
    let held = desk::theirs(&desk, &json!({ "status": "future", "date_gmt": at(60), "modified_gmt": at(0) }));
    turn(&desk, 75);
    let taken = desk.feed.fetch(&receipt(&held), &desk.about()).await.unwrap();
    let known = receipt(&taken.held);
    let changes = desk.feed.changes(None, std::slice::from_ref(&known)).await.unwrap();
    assert!(changes.items[0].held.unfinished);
    let mut wanted = (*intent(1, Audience::Published)).clone();
    (wanted.content.sides, wanted.media) = (taken.sides, Vec::new());
    desk.feed.update(&known, &Arc::new(wanted), &desk.out()).await.unwrap();
    assert_eq!(
        (status(&desk), desk.with(|store| store.posts[0]["date_gmt"].clone())),
        (json!("publish"), json!(at(60)))
    );
}

#[tokio::test]
async fn a_list_goes_on_where_nobody_counts_its_pages_and_ends_behind_a_full_one() {
    for (count, last) in [(25, 5), (20, 0)] {
        let desk = Desk::new(Choices::default()).await;
        desk.with(|store| {
            store.is_uncounted = true;
            store.posts.extend((100..100 + count).map(|id| theirs(id, &at(0), "publish")));
        });
        let first = desk.feed.list(None).await.unwrap();
        let second = desk.feed.list(first.next.as_deref()).await.unwrap();
        assert_eq!((first.items.len(), second.items.len(), second.next), (20, last, None), "{count}");
    }
}

#[tokio::test]
async fn a_list_skips_nothing_and_brings_nothing_twice_whatever_comes_and_goes_between_its_pages() {
    let desk = Desk::new(Choices::default()).await;
    desk.with(|store| store.posts.extend((100..150).map(|id| theirs(id, &at(0), "publish"))));
    let (mut listed, mut page) = (Vec::new(), None);
    for made in [150_u32, 151, 152] {
        let answer = desk.feed.list(page.as_deref()).await.unwrap();
        listed.extend(answer.items.into_iter().map(|item| item.held.remote_id.parse::<u32>().unwrap()));
        page = answer.next;
        // Two of those that were read are taken away, and one more is made.
        desk.with(|store| {
            let gone = [listed[0], listed[listed.len() - 2]];
            store.posts.retain(|post| gone.iter().all(|id| post["id"] != json!(id)));
            store.posts.push(theirs(u64::from(made), &at(0), "publish"));
        });
    }
    assert_eq!((listed, page), ((100..150).rev().collect::<Vec<_>>(), None));
}

#[tokio::test]
async fn what_is_read_anew_is_asked_for_in_other_words_than_before() {
    let desk = Desk::new(Choices::default()).await;
    let known = [receipt(&desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap())];
    for _ in 0..2 {
        desk.feed.changes(None, &known).await.unwrap();
    }
    let heard = desk.server.heard();
    let is_reading = |heard: &&Heard| heard.query("include").is_some() && heard.query("_embed").is_some();
    let asked: Vec<_> = heard.iter().filter(is_reading).map(|heard| heard.target.as_str()).collect();
    assert_eq!(asked.len(), 2);
    assert_ne!(asked[0], asked[1], "a cache on the way would give its answer to the first one");
}

#[tokio::test]
async fn what_a_plugin_took_out_of_every_list_is_seen_and_keeps_its_state() {
    let (desk, known) = posted(2).await;
    let cursor = desk.feed.changes(None, &known).await.unwrap().cursor;
    edit(&desk, 0, 10);
    desk.with(|store| store.posts[0]["status"] = json!("archive"));
    let changes = desk.feed.changes(cursor.as_deref(), &known).await.unwrap();
    assert_eq!((named(&changes), changes.gone.len()), (vec!["100"], 0));
    let there = changes.items[0].held.clone();
    assert_eq!(there.audience, Audience::Draft, "readers do not see it any more");
    let again = desk.feed.changes(changes.cursor.as_deref(), &[receipt(&there), known[1].clone()]).await.unwrap();
    assert_eq!(named(&again), Vec::<&str>::new());
    desk.feed.update(&receipt(&there), &intent(2, Audience::Draft), &desk.out()).await.unwrap();
    assert_eq!(desk.with(|store| store.posts[0]["status"].clone()), "archive");
}

#[tokio::test]
async fn when_very_much_is_gone_all_of_it_is_told_at_once_and_asked_for_in_turn() {
    let (desk, known) = posted(50).await;
    let cursor = desk.feed.changes(None, &known).await.unwrap().cursor;
    desk.with(|store| store.posts.drain(..45).count());
    let first = desk.feed.changes(cursor.as_deref(), &known).await.unwrap();
    assert_eq!((first.gone.len(), first.unseen.len()), (20, 25));
    let second = desk.feed.changes(first.cursor.as_deref(), &known).await.unwrap();
    assert_eq!((second.gone.len(), second.unseen.len()), (20, 5));
    let third = desk.feed.changes(second.cursor.as_deref(), &known).await.unwrap();
    assert_eq!((third.gone.len(), third.unseen.len()), (5, 0));
}

#[tokio::test]
async fn what_was_changed_comes_back_from_a_site_that_gives_few_at_once() {
    for at_once in [None, Some(99), Some(30), Some(10)] {
        let (desk, known) = posted(61).await;
        desk.with(|store| store.at_once = at_once);
        let first = desk.feed.changes(None, &known).await.unwrap();
        assert_eq!((named(&first), first.gone.len()), (vec![], 0), "{at_once:?}");
        (0..61).for_each(|at| edit(&desk, at, 10));
        let asked = desk.server.heard().len();
        let (mut changes, mut came) = (desk.feed.changes(first.cursor.as_deref(), &known).await.unwrap(), Vec::new());
        loop {
            came.extend(named(&changes).into_iter().map(str::to_owned));
            if !changes.more {
                break;
            }
            changes = desk.feed.changes(changes.cursor.as_deref(), &known).await.unwrap();
        }
        came.sort();
        came.dedup();
        assert_eq!((came.len(), changes.gone.len(), changes.unseen.len()), (61, 0, 0), "{at_once:?}");
        let lists = desk.server.heard().split_off(asked);
        let refused = lists
            .iter()
            .filter_map(|heard| heard.query("per_page"))
            .filter(|size| at_once.is_some_and(|most| size.parse::<usize>().unwrap() > most));
        assert_eq!(refused.count(), 0, "{at_once:?}: it was told before");
    }
}

#[tokio::test]
async fn a_list_is_whole_at_a_site_that_gives_few_at_once() {
    for at_once in [30, 15, 10] {
        let desk = Desk::new(Choices::default()).await;
        desk.with(|store| {
            store.at_once = Some(at_once);
            store.posts.extend((100..150).map(|id| theirs(id, &at(0), "publish")));
        });
        let (mut listed, mut page) = (Vec::new(), None);
        loop {
            let answer = desk.feed.list(page.as_deref()).await.unwrap();
            listed.extend(answer.items.into_iter().map(|item| item.held.remote_id.parse::<u32>().unwrap()));
            page = answer.next;
            if page.is_none() {
                break;
            }
        }
        assert_eq!(listed, (100..150).rev().collect::<Vec<_>>(), "{at_once}");
    }
}
