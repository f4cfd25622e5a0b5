//! A real WordPress as strangers run theirs: writers with few rights, addresses without words, letters beyond the common ones,
//! and posts that were made there, with blocks and commands that we do not understand.

use std::sync::Arc;

use reqwest::Method;
use sampan_core::domain::destination::Choices;
use sampan_core::domain::{Digest, Lang, Side};
use sampan_core::feed::{Audience, Feed, FeedError, Fetched, Held, Lookup};
use serde_json::{Value, json};

use super::story::{Story, bilingual, picture, receipt, word};
use super::{Writer, site};

#[tokio::test]
async fn who_may_not_publish_keeps_the_draft_and_is_told() {
    let writer = Writer::told("contributor", Choices::default()).await;
    assert_eq!(writer.feed.probe().await.unwrap().account, "contributor");
    let word = word("contributed");
    let mut story = Story::new(&bilingual(&word));
    let draft = story.create(&writer).await;
    story.revise(|intent| intent.audience = Audience::Published);
    assert!(matches!(story.update(&writer, &draft).await, Err(FeedError::Denied)));
    let Lookup::Found(held) = writer.feed.lookup(&story.about()).await.unwrap() else { panic!("it is there") };
    assert_eq!((held.audience, held.touched), (Audience::Draft, false));
    story.revise(|intent| intent.audience = Audience::Draft);
    let again = story.update(&writer, &held).await.unwrap();
    assert_eq!((again.remote_id, writer.holding(&word).await.len()), (draft.remote_id, 1));
    let pictured = Story::new(&bilingual(&word)).with_photo(10, &[]);
    let refused = writer.feed.create(&Arc::new(pictured.intent.clone()), &pictured.out()).await;
    assert!(matches!(refused, Err(FeedError::Denied)), "{refused:?}");
}

#[tokio::test]
async fn a_site_whose_addresses_are_numbers_works_as_well() {
    let mut writer = Writer::told("editor", Choices::default()).await;
    let mut plain = writer.root.join("/").unwrap();
    plain.set_query(Some("rest_route=/"));
    writer.feed = site(&plain, Choices::default(), "editor", &super::password_of("editor"));
    assert_eq!(writer.feed.probe().await.unwrap().title, "Sampan test");
    let word = word("plain");
    let mut story = Story::new(&bilingual(&word)).with_photo(11, &[(Lang::en(), "A \"boat\"")]);
    story.intent.content.topics = vec![format!("{word} & 茶")];
    story.intent.audience = Audience::Published;
    let held = story.create(&writer).await;
    let fetched = writer.feed.fetch(&receipt(&held), &story.about()).await.unwrap();
    assert_eq!(
        (fetched.sides, fetched.topics.unwrap()),
        (story.intent.content.sides.clone(), story.intent.content.topics.clone())
    );
    assert!(writer.listed().await.iter().any(|item| item.held.remote_id == held.remote_id));
    writer.feed.withdraw(&receipt(&held), &story.about()).await.unwrap();
    assert!(writer.holding(&word).await.is_empty());
}

#[tokio::test]
async fn no_letter_is_lost_whatever_the_tables_hold() {
    let writer = Writer::told("author", Choices::default()).await;
    let word = word("letters");
    let said = [(Lang::zh_hans(), format!("🍵 𠮷野家 & {word}"), format!("{word} 𠮷 👩🏽‍🚀\n\n&amp; &lt;茶&gt; ½"))];
    let alt = [(Lang::zh_hans(), "一杯 🍵")];
    let mut story = Story::new(&said).with_photo(12, &alt);
    story.intent.content.topics = vec![format!("🍵 茶 {word}"), format!("R&D {word}")];
    story.intent.audience = Audience::Published;
    let held = story.create(&writer).await;
    let fetched = writer.feed.fetch(&receipt(&held), &story.about()).await.unwrap();
    assert_eq!(fetched.sides, story.intent.content.sides);
    let mut topics = fetched.topics.unwrap();
    topics.sort();
    let mut wanted = story.intent.content.topics.clone();
    wanted.sort();
    assert_eq!(topics, wanted);
    assert_eq!(fetched.media.unwrap()[0].alt, story.intent.media[0].alt);
    let upload = writer.uploads(&story.intent.media[0].asset.to_string()).await.remove(0);
    let library = upload["alt_text"].as_str().unwrap();
    assert!(["一杯 🍵", "一杯 &#x1F375;"].contains(&library), "{library}");
    story.revise(|intent| intent.content.sides.get_mut(&Lang::zh_hans()).unwrap().body.push_str(" 🌊𠀀"));
    let again = story.update(&writer, &held).await.unwrap();
    let fetched = writer.feed.fetch(&receipt(&again), &story.about()).await.unwrap();
    assert_eq!((&fetched.sides, fetched.held.version), (&story.intent.content.sides, again.version));
}

/// A post that somebody makes there.
async fn made_there(writer: &Writer, fields: &Value) -> Fetched {
    let made = writer.ask(Method::POST, "wp/v2/posts", Some(fields.clone())).await;
    let about = Story::new(&[]).about();
    let named = Held {
        remote_id: made["id"].to_string(),
        url: None,
        audience: Audience::Draft,
        revision: None,
        version: Digest::of(b""),
        parts: Default::default(),
        touched: false,
        unfinished: false,
    };
    writer.feed.fetch(&receipt(&named), &about).await.unwrap()
}

#[tokio::test]
async fn what_somebody_made_there_outlives_an_edit_from_here() {
    let writer = Writer::told("editor", Choices::default()).await;
    let word = word("blocks");
    let bytes = picture(600, 400);
    let upload = writer.upload(&format!("{word}.png"), bytes.clone()).await;
    // Shown is a smaller copy; what counts is the file that was sent.
    let url = upload["media_details"]["sizes"]["medium"]["source_url"].as_str().unwrap();
    let raw = format!(
        "<!-- wp:paragraph -->\n<p>今天 {word} <strong>很好</strong>，我们去湖边划船、喝茶、看云，傍晚才慢慢走回家。</p>\n<!-- /wp:paragraph -->\n\n\
         <!-- wp:gallery -->\n<figure class=\"wp-block-gallery\"><img src=\"{url}\" alt=\"\"/></figure>\n<!-- /wp:gallery -->\n\n\
         <!-- wp:shortcode -->\n[caption]x[/caption]\n<!-- /wp:shortcode -->\n\n<!-- wp:paragraph -->\n<p>再见</p>\n<!-- /wp:paragraph -->"
    );
    let fields = json!({ "title": format!("他们的 {word}"), "content": raw, "status": "publish", "password": "open", "excerpt": "theirs" });
    let taken = made_there(&writer, &fields).await;
    let media = taken.media.clone().unwrap();
    assert_eq!(writer.download(&media[0]).await, bytes);
    let mut story = Story::new(&[]).with_file(bytes, &[]);
    story.intent.audience = Audience::Published;
    story.intent.content.sides = taken.sides.clone();
    let body = &mut story.intent.content.sides.get_mut(&Lang::zh_hans()).unwrap().body;
    *body = body.replace("再见", "下次见");
    let held = story.update(&writer, &taken.held).await.unwrap();
    let post = writer.post(&held).await;
    assert_eq!(post["content"]["raw"], raw.replace("再见", "下次见"), "nothing but those words");
    assert_eq!((&post["password"], &post["excerpt"]["raw"]), (&json!("open"), &json!("theirs")));
    assert!(writer.uploads(&story.intent.media[0].asset.to_string()).await.is_empty(), "it lies there already");
    story.revise(|intent| {
        let side = Side { title: "Theirs".into(), body: "A second language.".into() };
        intent.content.sides.insert(Lang::en(), side);
    });
    let both = story.update(&writer, &held).await.unwrap();
    let fetched = writer.feed.fetch(&receipt(&both), &story.about()).await.unwrap();
    assert_eq!(fetched.sides, story.intent.content.sides);
    let now = writer.post(&both).await["content"]["raw"].as_str().unwrap().to_owned();
    for part in ["<strong>很好</strong>", "[caption]x[/caption]", "wp-block-gallery", url] {
        assert!(now.contains(part), "{part} in {now}");
    }
}

#[tokio::test]
async fn a_date_changed_there_comes_back() {
    let writer = Writer::told("editor", Choices::default()).await;
    let mut story = Story::new(&bilingual(&word("dated")));
    story.intent.audience = Audience::Published;
    let known = [receipt(&story.create(&writer).await)];
    let cursor = writer.changes(None, &known).await.cursor;
    let fields = json!({ "date": "2020-02-03T04:30:00" });
    let post = writer.ask(Method::POST, &format!("wp/v2/posts/{}", known[0].remote_id), Some(fields)).await;
    let changes = writer.changes(cursor, &known).await;
    assert_eq!(changes.items.len(), 1);
    let item = &changes.items[0];
    let there = item.moment.unwrap().to_rfc3339();
    assert_eq!(there, format!("{}Z", post["date_gmt"].as_str().unwrap()));
    let changed = item.held.parts.iter().filter(|(name, digest)| known[0].parts.get(*name) != Some(digest));
    assert_eq!(changed.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["moment"]);
    story.revise(|intent| intent.content.sides.get_mut(&Lang::en()).unwrap().body.push_str(" More."));
    let held = story.update(&writer, &item.held).await.unwrap();
    assert_eq!(writer.post(&held).await["date_gmt"], post["date_gmt"], "it stays while nobody set another one here");
}
