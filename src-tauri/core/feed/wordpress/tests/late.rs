//! What arrives after its answer was given up.

use std::sync::Arc;

use serde_json::json;

use super::desk::{Desk, intent, receipt};
use crate::domain::destination::{Choices, LanguageLayout};
use crate::domain::{Lang, Receipt};
use crate::feed::web::scripted::{Heard, Reply};
use crate::feed::{Audience, Feed, Intent, Lookup};

impl Desk {
    /// The last request of that kind, which a network may bring once more.
    fn last(&self, method: &str, path: &str) -> Heard {
        let mut heard = self.server.heard();
        heard.retain(|heard| heard.method == method && heard.target.path().ends_with(path));
        heard.pop().unwrap()
    }

    /// A network brings a request that it was long about.
    fn bring(&self, late: &Heard) {
        self.with(|store| drop(store.answer(late)));
    }

    fn statuses(&self) -> Vec<String> {
        self.with(|store| store.posts.iter().map(|post| post["status"].as_str().unwrap().to_owned()).collect())
    }

    fn status(&self) -> serde_json::Value {
        self.with(|store| store.posts[0]["status"].clone())
    }
}

#[tokio::test]
async fn what_a_late_request_takes_out_of_the_trash_is_found_and_taken_back_again() {
    let desk = Desk::new(Choices::default()).await;
    desk.with(|store| store.whim = Some(("POST posts/100", Reply::Nothing)));
    desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap_err();
    desk.with(|store| store.whim = None);
    let Lookup::Found(draft) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it was made") };
    assert_eq!(draft.audience, Audience::Draft);
    desk.feed.withdraw(&receipt(&draft), &desk.about()).await.unwrap();
    assert_eq!(desk.feed.lookup(&desk.about()).await.unwrap(), Lookup::Absent);
    let late = desk.last("POST", "/posts/100");
    desk.with(|store| drop(store.answer(&late)));
    assert_eq!(desk.status(), "publish");
    let Lookup::Found(back) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it came back") };
    assert_eq!((back.audience, back.touched), (Audience::Published, false));
    desk.feed.withdraw(&receipt(&back), &desk.about()).await.unwrap();
    assert_eq!(desk.status(), "trash");
    assert!(desk.feed.brings_back());
}

#[tokio::test]
async fn what_was_taken_back_and_is_sent_again_is_found_by_its_slug_beside_what_lies_in_the_trash() {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
    desk.feed.withdraw(&receipt(&held), &desk.about()).await.unwrap();
    desk.with(|store| store.hang_up = Some("POST posts"));
    desk.feed.create(&intent(2, Audience::Draft), &desk.out()).await.unwrap_err();
    let Lookup::Found(found) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it was made") };
    assert_eq!((found.remote_id.as_str(), found.touched), ("101", false));
    assert_eq!(desk.with(|store| (store.posts.len(), store.posts[0]["status"].clone())), (2, json!("trash")));
}

#[tokio::test]
async fn two_linked_posts_of_which_one_is_public_by_now_are_no_draft() {
    let desk = Desk::new(Choices { languages: LanguageLayout::Linked, ..Choices::default() }).await;
    let drafts = desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await.unwrap();
    desk.with(|store| store.hang_up = Some("POST posts/100"));
    desk.feed.update(&receipt(&drafts), &intent(1, Audience::Published), &desk.out()).await.unwrap_err();
    let Lookup::Found(half) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("both are there") };
    assert_eq!((half.unfinished, half.touched), (true, false), "or nobody would hide the first one again");
    desk.feed.update(&receipt(&half), &intent(1, Audience::Draft), &desk.out()).await.unwrap();
    assert!(desk.with(|store| store.posts.iter().all(|post| post["status"] == "draft")));
}

/// A revision that says nothing in Chinese.
fn without_chinese(revision: u128) -> Arc<Intent> {
    let mut wanted = (*intent(revision, Audience::Published)).clone();
    wanted.content.sides.remove(&Lang::zh_hans());
    Arc::new(wanted)
}

/// Two linked posts of which the user removed the first one, and a request that shows it, which is still on its way.
async fn removed() -> (Desk, Receipt, Heard) {
    let desk = Desk::new(Choices { languages: LanguageLayout::Linked, ..Choices::default() }).await;
    let both = desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
    let late = desk.last("POST", "/posts/100");
    let one = desk.feed.update(&receipt(&both), &without_chinese(2), &desk.out()).await.unwrap();
    assert_eq!((one.remote_id.as_str(), desk.statuses()), ("101", vec!["trash".to_owned(), "publish".to_owned()]));
    (desk, receipt(&one), late)
}

#[tokio::test]
async fn a_language_that_was_removed_and_comes_back_late_goes_with_the_next_call() {
    let (desk, known, late) = removed().await;
    desk.bring(&late);
    assert_eq!(desk.statuses(), ["publish", "publish"]);
    let held = desk.feed.update(&known, &without_chinese(3), &desk.out()).await.unwrap();
    assert_eq!((held.remote_id.as_str(), desk.statuses()), ("101", vec!["trash".to_owned(), "publish".to_owned()]));
    desk.bring(&late);
    let Lookup::Found(found) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("one is there") };
    assert_eq!((found.remote_id.as_str(), found.unfinished, found.touched), ("101", true, false));
    desk.feed.withdraw(&receipt(&held), &desk.about()).await.unwrap();
    assert_eq!(desk.statuses(), ["trash", "trash"]);
    // It comes when all is taken back, and the site is asked once more.
    desk.bring(&late);
    let Lookup::Found(back) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it came back") };
    assert_eq!((back.remote_id.as_str(), back.unfinished, back.touched), ("100", true, false));
    desk.feed.withdraw(&receipt(&back), &desk.about()).await.unwrap();
    assert_eq!(desk.statuses(), ["trash", "trash"]);
    assert_eq!(desk.feed.lookup(&desk.about()).await.unwrap(), Lookup::Absent);
}

#[tokio::test]
async fn what_somebody_shows_again_by_hand_stays_though_it_was_put_into_the_trash_from_here() {
    let (desk, known, late) = removed().await;
    desk.bring(&late);
    desk.with(|store| store.posts[0]["modified_gmt"] = json!("2099-01-01T00:00:00"));
    let changes = desk.feed.changes(None, std::slice::from_ref(&known)).await.unwrap();
    assert_eq!(changes.items, []);
    desk.feed.update(&known, &without_chinese(3), &desk.out()).await.unwrap();
    assert_eq!(desk.statuses(), ["publish", "publish"]);
}

#[tokio::test]
async fn a_language_that_was_removed_and_comes_back_late_is_told_to_who_asks_for_changes() {
    let (desk, known, late) = removed().await;
    let look = async |known: &Receipt, cursor: Option<String>| {
        let changes = desk.feed.changes(cursor.as_deref(), std::slice::from_ref(known)).await.unwrap();
        let told = changes.items.into_iter().map(|item| item.held).collect::<Vec<_>>();
        assert!(changes.gone.is_empty() && changes.unseen.is_empty());
        (told, changes.cursor)
    };
    let (told, cursor) = look(&known, None).await;
    assert_eq!(told, []);
    // What somebody at the site took out of the trash is a draft.
    desk.with(|store| store.posts[0]["status"] = json!("draft"));
    let (told, cursor) = look(&known, cursor).await;
    assert_eq!(told, []);
    desk.bring(&late);
    let (told, _) = look(&known, cursor).await;
    let told: Vec<_> = told.iter().map(|held| (held.unfinished, held.version, &held.parts)).collect();
    assert_eq!(told, [(true, known.version, &known.parts)]);
    let held = desk.feed.update(&known, &without_chinese(2), &desk.out()).await.unwrap();
    assert_eq!(desk.statuses(), ["trash", "publish"]);
    let (told, _) = look(&receipt(&held), None).await;
    assert_eq!(told, []);
}

#[tokio::test]
async fn a_language_that_is_written_again_is_there_once_whenever_the_old_item_comes_back() {
    for is_early in [true, false] {
        let (desk, known, late) = removed().await;
        if is_early {
            desk.bring(&late);
        }
        let both = intent(3, Audience::Published);
        let mut held = desk.feed.update(&known, &both, &desk.out()).await.unwrap();
        if !is_early {
            desk.bring(&late);
            held = desk.feed.update(&receipt(&held), &both, &desk.out()).await.unwrap();
        }
        assert_eq!(desk.statuses(), ["trash", "publish", "publish"], "{is_early}");
        assert_eq!(held.remote_id, "102+101", "{is_early}");
    }
}

#[tokio::test]
async fn what_was_two_posts_before_it_became_one_does_not_come_back() {
    let mut desk = Desk::new(Choices { languages: LanguageLayout::Linked, ..Choices::default() }).await;
    let both = desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
    let late = [desk.last("POST", "/posts/100"), desk.last("POST", "/posts/101")];
    desk.feed.choices.languages = LanguageLayout::Together;
    let held = desk.feed.update(&receipt(&both), &intent(2, Audience::Published), &desk.out()).await.unwrap();
    let left = desk.statuses().iter().position(|status| status == "trash").unwrap();
    desk.bring(&late[left]);
    assert_eq!(desk.statuses(), ["publish", "publish"]);
    let held = desk.feed.update(&receipt(&held), &intent(3, Audience::Published), &desk.out()).await.unwrap();
    assert_eq!(desk.statuses()[left], "trash");
    desk.bring(&late[left]);
    desk.feed.withdraw(&receipt(&held), &desk.about()).await.unwrap();
    assert_eq!(desk.statuses(), ["trash", "trash"]);
}

#[tokio::test]
async fn what_was_taken_back_and_sent_again_is_public_once_when_the_old_item_comes_back() {
    let desk = Desk::new(Choices::default()).await;
    let wanted = intent(1, Audience::Published);
    let held = desk.feed.create(&wanted, &desk.out()).await.unwrap();
    let late = desk.last("POST", "/posts/100");
    desk.feed.withdraw(&receipt(&held), &desk.about()).await.unwrap();
    let again = receipt(&desk.feed.create(&wanted, &desk.out()).await.unwrap());
    desk.bring(&late);
    assert_eq!(desk.statuses(), ["publish", "publish"]);
    let changes = desk.feed.changes(None, std::slice::from_ref(&again)).await.unwrap();
    assert!(changes.items[0].held.unfinished);
    desk.feed.update(&again, &wanted, &desk.out()).await.unwrap();
    assert_eq!(desk.statuses(), ["trash", "publish"]);
}
