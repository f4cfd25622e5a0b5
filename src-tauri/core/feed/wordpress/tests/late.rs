//! What arrives after its answer was given up.

use serde_json::json;

use super::desk::{Desk, intent, receipt};
use crate::domain::destination::{Choices, LanguageLayout};
use crate::feed::web::scripted::{Heard, Reply};
use crate::feed::{Audience, Feed, Lookup};

impl Desk {
    /// The last request of that kind, which a network may bring once more.
    fn last(&self, method: &str, path: &str) -> Heard {
        let mut heard = self.server.heard();
        heard.retain(|heard| heard.method == method && heard.target.path().ends_with(path));
        heard.pop().unwrap()
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
