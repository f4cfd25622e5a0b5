//! What the store promises as a whole.

use super::*;
use crate::clock::{Clock as _, TestClock};
use crate::domain::{Content, Lang, Origin, Side};

fn content(clock: &TestClock, text: &str) -> Content {
    let mut content = Content::empty(clock.moment());
    content.sides.insert(Lang::zh_hans(), Side { title: "船".into(), body: text.into() });
    content.normalised()
}

#[tokio::test]
async fn what_was_saved_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let clock = TestClock::new(1_736_000_000_000);
    let store = Store::open(dir.path()).unwrap();
    let content = content(&clock, "今天下雨");
    let save = posts::Save { post: None, base: None, version: None, content: content.clone(), origin: Origin::Edit };
    let saved = store.write(move |tx| posts::save(tx, &clock, save)).await.unwrap();
    store.close().await;
    let store = Store::open(dir.path()).unwrap();
    let row = store.read(move |conn| posts::get(conn, saved.post)).await.unwrap();
    assert_eq!(row.content, content);
}
