//! What comes back from a real WordPress: changes, refusals, what lies there.

use std::sync::Arc;

use reqwest::Method;
use sampan_core::domain::Lang;
use sampan_core::domain::destination::Choices;
use sampan_core::feed::{Audience, Feed, FeedError};
use serde_json::json;

use super::Writer;
use super::story::{Story, bilingual, receipt, word};

#[tokio::test]
async fn a_change_there_is_not_written_over() {
    let writer = Writer::told("editor", Choices::default()).await;
    let word = word("edited");
    let mut story = Story::new(&bilingual(&word));
    let draft = story.create(&writer).await;
    let html = writer.post(&draft).await["content"]["raw"].as_str().unwrap().replace("By the lake", "On the lake");
    let html = format!(
        "<!-- wp:html -->\n{html}\n<!-- /wp:html -->\n<!-- wp:paragraph -->\n<p>Added there.</p>\n<!-- /wp:paragraph -->"
    );
    writer.ask(Method::POST, &format!("wp/v2/posts/{}", draft.remote_id), Some(json!({ "content": html }))).await;
    story.revise(|intent| intent.audience = Audience::Published);
    let there = match story.update(&writer, &draft).await {
        Err(FeedError::ChangedThere(there)) => there,
        other => panic!("{other:?}"),
    };
    let changed: Vec<&String> = there
        .parts
        .iter()
        .filter(|(name, digest)| draft.parts.get(*name) != Some(digest))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(changed, ["body.en", "body.zh-Hans"]);
    let fetched = writer.feed.fetch(&receipt(&draft), &story.about()).await.unwrap();
    assert!(fetched.sides[&Lang::en()].body.starts_with("On the lake today"));
    assert!(
        fetched.sides[&Lang::zh_hans()].body.ends_with("\n\nAdded there."),
        "outside the sections: the first language"
    );
    let over = story.update(&writer, &there).await.unwrap();
    assert_eq!(over.audience, Audience::Published, "over exactly what was told");
}

#[tokio::test]
async fn changes_tell_edits_and_what_is_gone_and_sweep_what_arrived_twice() {
    let writer = Writer::told("editor", Choices::default()).await;
    let (word, other) = (word("pulled"), word("trashed"));
    let (story, gone) = (Story::new(&bilingual(&word)), Story::new(&bilingual(&other)));
    let known = [receipt(&story.create(&writer).await), receipt(&gone.create(&writer).await)];
    let first = writer.changes(None, &known).await;
    assert_eq!((first.items.len(), first.gone.len()), (0, 0));
    let id = &known[0].remote_id;
    writer.ask(Method::POST, &format!("wp/v2/posts/{id}"), Some(json!({ "title": "小船 · Changed there" }))).await;
    writer.ask(Method::DELETE, &format!("wp/v2/posts/{}?force=true", known[1].remote_id), None).await;
    let second = writer.changes(first.cursor, &known).await;
    assert_eq!(second.items.len(), 1);
    assert_eq!(second.items[0].sides[&Lang::en()].title, "Changed there");
    assert_eq!(second.gone, [known[1].remote_id.clone()]);
}

#[tokio::test]
async fn who_is_signed_out_is_told_so_and_nothing_is_taken_for_gone() {
    let mut writer = Writer::told("editor", Choices::default()).await;
    let facts = writer.feed.probe().await.unwrap();
    assert_eq!((facts.title.as_str(), facts.account.as_str()), ("Sampan test", "editor"));
    let story = Story::new(&bilingual("out"));
    let held = story.create(&writer).await;
    writer.feed = writer.signed_in("editor", "wrong");
    let known = [receipt(&held)];
    assert!(matches!(writer.feed.probe().await, Err(FeedError::SignedOut)));
    assert!(matches!(story.update(&writer, &held).await, Err(FeedError::SignedOut)));
    assert!(matches!(writer.feed.lookup(&story.about()).await, Err(FeedError::SignedOut)));
    assert!(matches!(writer.feed.changes(None, &known).await, Err(FeedError::SignedOut)));
    assert!(matches!(writer.feed.list(None).await, Err(FeedError::SignedOut)));
    let fresh = Story::new(&bilingual("out")).with_photo(9, &[]);
    let refused = writer.feed.create(&Arc::new(fresh.intent.clone()), &fresh.out()).await;
    assert!(matches!(refused, Err(FeedError::SignedOut)), "{refused:?}");
}

#[tokio::test]
async fn what_lies_there_can_be_listed_page_by_page() {
    let writer = Writer::told("editor", Choices::default()).await;
    let word = word("old");
    for number in 0..21 {
        let body = json!({ "title": format!("旧文 {word}"), "content": format!("<p>第 {number} 篇：今天去了湖边，看见很多小船。</p>"), "status": "publish", "date_gmt": "2020-01-02T03:04:05" });
        writer.ask(Method::POST, "wp/v2/posts", Some(body)).await;
    }
    let mut found = 0;
    for item in writer.listed().await {
        if item.sides.values().any(|side| side.title.contains(&word)) {
            assert_eq!(item.moment.unwrap().to_rfc3339(), "2020-01-02T03:04:05Z");
            assert!(item.sides.contains_key(&Lang::zh_hans()));
            found += 1;
        }
    }
    assert_eq!(found, 21);
}
