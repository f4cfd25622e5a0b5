//! Posts going to a real WordPress.

use std::collections::BTreeSet;

use reqwest::Method;
use sampan_core::clock::{Clock, SystemClock};
use sampan_core::domain::Lang;
use sampan_core::domain::destination::{Choices, LanguageLayout, TopicsAs};
use sampan_core::feed::{Audience, Feed, FeedError, Lookup};
use serde_json::json;

use super::Writer;
use super::story::{Story, bilingual, receipt, word};

#[tokio::test]
async fn a_bilingual_post_goes_there_and_comes_back_word_for_word() {
    for role in ["editor", "author"] {
        let writer = Writer::told(role, Choices::default()).await;
        let word = word("there");
        let alt = [(Lang::en(), "A \"boat\" & <tea>"), (Lang::zh_hans(), "一只船")];
        let mut story = Story::new(&bilingual(&word)).with_photo(40, &alt).with_photo(3000, &[]);
        story.intent.content.topics = vec!["奶茶".into(), "R&D".into(), "Tea".into()];
        let draft = story.create(&writer).await;
        assert_eq!((draft.audience, draft.revision), (Audience::Draft, Some(story.intent.revision)));
        assert_eq!(story.counter.0.lock().unwrap().0, 2);
        let post = writer.post(&draft).await;
        assert_eq!((&post["status"], &post["date_gmt"]), (&json!("draft"), &json!("2026-01-02T03:04:05")));

        story.revise(|intent| intent.audience = Audience::Published);
        let public = story.update(&writer, &draft).await.unwrap();
        assert_eq!((public.audience, &public.remote_id), (Audience::Published, &draft.remote_id));
        let post = writer.post(&public).await;
        assert_eq!(post["status"], "publish");
        assert!(post["slug"].as_str().unwrap().starts_with("a-small-boat-"), "{}", post["slug"]);
        assert_eq!(writer.holding(&word).await.len(), 1);

        let fetched = writer.feed.fetch(&receipt(&public), &story.about()).await.unwrap();
        assert_eq!(fetched.sides, story.intent.content.sides);
        let topics: BTreeSet<String> = fetched.topics.unwrap().into_iter().collect();
        assert_eq!(topics, story.intent.content.topics.iter().cloned().collect());
        assert_eq!(fetched.moment.unwrap().to_rfc3339(), "2026-01-02T03:04:05Z");
        let media = fetched.media.unwrap();
        assert_eq!(media.iter().map(|file| file.asset).collect::<Vec<_>>(), story.assets());
        assert_eq!(media[0].alt, story.intent.media[0].alt);
        for file in &media {
            let sent = &story.album.0[&(file.asset.unwrap(), false)];
            assert_eq!(&writer.download(file).await, sent, "the bytes as they were sent");
        }
        let uploads = writer.uploads(&story.intent.media[0].asset.to_string()).await;
        assert_eq!(uploads.len(), 1, "uploaded once though sent twice");
        assert_eq!(uploads[0]["alt_text"], "一只船 / A \"boat\" & &lt;tea>", "{role}");

        writer.feed.withdraw(&receipt(&public), &story.about()).await.unwrap();
        assert!(writer.holding(&word).await.is_empty());
        writer.feed.withdraw(&receipt(&public), &story.about()).await.unwrap();
        assert!(matches!(writer.feed.fetch(&receipt(&public), &story.about()).await, Err(FeedError::Gone)));
        let again = story.create(&writer).await;
        assert_ne!(again.remote_id, public.remote_id, "sent again after it was taken away");
    }
}

#[tokio::test]
async fn a_lost_answer_is_found_again_and_makes_no_second_post() {
    let writer = Writer::told("editor", Choices::default()).await;
    let word = word("lost");
    let story = Story::new(&bilingual(&word)).with_photo(20, &[]);
    assert_eq!(writer.feed.lookup(&story.about()).await.unwrap(), Lookup::Absent);
    let held = story.create(&writer).await;
    // As if the program had ended before it wrote down what came back.
    for (key, _) in story.notes.taken() {
        match key.split('.').next() {
            Some("post") => story.notes.set(&key, None),
            Some("media") => story.notes.set(&key, Some("begun")),
            _ => {}
        }
    }
    assert_eq!(writer.feed.lookup(&story.about()).await.unwrap(), Lookup::Found(held.clone()));
    story.notes.set("post.all", None);
    let again = story.create(&writer).await;
    assert_eq!(again, held);
    assert_eq!(writer.holding(&word).await.len(), 1);
    let asset = story.intent.media[0].asset;
    let uploads = writer.ask(Method::GET, &format!("wp/v2/media?search={asset}"), None).await;
    assert_eq!(uploads.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn two_linked_posts_are_one_to_the_journal() {
    let choices = Choices { languages: LanguageLayout::Linked, topics: TopicsAs::Categories, ..Choices::default() };
    let writer = Writer::told("editor", choices).await;
    let word = word("linked");
    let mut story = Story::new(&bilingual(&word));
    story.intent.content.topics = vec![format!("Boats {word}")];
    story.intent.audience = Audience::Published;
    let held = story.create(&writer).await;
    let posts = writer.holding(&word).await;
    assert_eq!(posts.len(), 2);
    let second = posts.iter().find(|post| post["slug"].as_str().unwrap().starts_with("a-small-boat")).unwrap();
    assert!(second["content"]["raw"].as_str().unwrap().contains(held.url.as_deref().unwrap()), "points to the first");
    let fetched = writer.feed.fetch(&receipt(&held), &story.about()).await.unwrap();
    assert_eq!(
        (fetched.sides, fetched.topics.unwrap()),
        (story.intent.content.sides.clone(), story.intent.content.topics.clone())
    );
    story.revise(|intent| {
        intent.content.sides.remove(&Lang::en());
    });
    let one = story.update(&writer, &held).await.unwrap();
    assert_eq!(writer.holding(&word).await.len(), 1, "the language that was taken out is taken away");
    writer.feed.withdraw(&receipt(&one), &story.about()).await.unwrap();
    assert!(writer.holding(&word).await.is_empty());
}

#[tokio::test]
async fn a_post_for_later_waits_there_and_a_secret_one_stays_secret() {
    let writer = Writer::told("editor", Choices::default()).await;
    let word = word("later");
    let mut story = Story::new(&bilingual(&word));
    story.intent.audience = Audience::Published;
    story.intent.manner.publish_at = Some(SystemClock.now().plus_millis(86_400_000));
    let held = story.create(&writer).await;
    assert_eq!((held.audience, &writer.post(&held).await["status"]), (Audience::Published, &json!("future")));
    story.revise(|intent| intent.manner.publish_at = None);
    let public = story.update(&writer, &held).await.unwrap();
    assert_eq!(writer.post(&public).await["status"], "publish");
    story.revise(|intent| intent.audience = Audience::Draft);
    let draft = story.update(&writer, &public).await.unwrap();
    assert_eq!((draft.audience, &writer.post(&draft).await["status"]), (Audience::Draft, &json!("draft")));
}
