//! A preview shows exactly what is sent, and says what keeps a post from leaving.

use sampan_core::api::ErrorCode;
use sampan_core::api::remote::Obstacle;
use sampan_core::domain::{Content, Lang, Side};
use sampan_core::journal::{Journal, Options};

#[tokio::test]
async fn what_is_previewed_is_what_is_sent() {
    let home = tempfile::tempdir().unwrap();
    let journal = Journal::open(&home.path().join("journal"), Options::default()).await.unwrap();
    let place = home.path().join("feed");
    std::fs::create_dir(&place).unwrap();
    let input = serde_json::json!({ "kind": "folder", "place": place, "name": "folder" });
    let feed = journal.feed_add(serde_json::from_value(input).unwrap()).await.unwrap().id;
    let now = serde_json::json!({ "at": 1_736_240_000_000_i64, "zone": "Asia/Shanghai" });
    let mut content = Content::empty(serde_json::from_value(now).unwrap());
    let save = async |content: &Content| {
        let input = serde_json::json!({ "post": null, "base": null, "version": null, "content": content });
        journal.draft_save(serde_json::from_value(input).unwrap()).await.unwrap().post
    };
    for (lang, title, body) in [(Lang::zh_hans(), "小船", "湖边 <b>"), (Lang::en(), "A boat", "By the lake")] {
        content.sides.insert(lang, Side { title: title.into(), body: body.into() });
    }
    let post = save(&content).await;
    let preview = async |post| {
        let input = serde_json::json!({ "post": post, "feed": feed });
        journal.post_preview(serde_json::from_value(input).unwrap()).await
    };
    let shown = preview(post).await.unwrap();
    assert_eq!(shown.obstacles, []);
    assert_eq!(shown.items.len(), 1);
    assert_eq!(shown.items[0].title.as_deref(), Some("小船 · A boat"));

    let input = serde_json::json!({ "post": post, "feed": feed, "wanted": "published" });
    journal.post_send(serde_json::from_value(input).unwrap()).await.unwrap();
    journal.sync_now(()).await.unwrap();
    let item = place.join("published/posts").join(post.to_string()).join("item.json");
    let item: serde_json::Value = serde_json::from_slice(&std::fs::read(item).unwrap()).unwrap();
    let sent = item.pointer("/item/content_html").or(item.get("content_html"));
    assert_eq!(sent.and_then(|html| html.as_str()), Some(shown.items[0].text.as_str()), "{item}");

    let mut topic = Content { sides: Default::default(), ..content };
    topic.topics = vec!["茶".into()];
    let bare = save(&topic).await;
    assert_eq!(preview(bare).await.unwrap().obstacles, [Obstacle::Empty]);
    journal.post_delete(bare).await.unwrap();
    assert_eq!(preview(bare).await.unwrap_err().code, ErrorCode::PostNotFound);
}
