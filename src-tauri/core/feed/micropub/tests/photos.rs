//! Photos of an entry that was changed or made there.

use super::coming_back::published;
use super::*;

const HOT: &str = "https://hot.example/a.jpg";

/// The photos of the one entry, after somebody made this of them.
fn with_photos(to: &Feeds, change: impl FnOnce(&mut Vec<Value>)) {
    to.site.with(|store| change(store.entries.values_mut().next().unwrap()["photo"].as_array_mut().unwrap()));
}

async fn after_a_change(to: &Feeds, known: &Receipt, wanted: Intent) -> Receipt {
    let Err(FeedError::ChangedThere(held)) = to.update(known, &Arc::new(wanted.clone())).await else { panic!() };
    to.receipt(to.update(&to.receipt(*held), &Arc::new(wanted)).await.unwrap())
}

#[tokio::test]
async fn a_photo_on_another_host_that_nobody_here_has_stays() {
    let (to, receipt) = published(Choices::default()).await;
    with_photos(&to, |photos| photos.insert(0, HOT.into()));
    let known = after_a_change(&to, &receipt, intent(2, Audience::Published)).await;
    let photos = to.site.property("photo");
    assert_eq!((photos[0].as_str(), photos.as_array().unwrap().len()), (Some(HOT), 3), "{photos}");
    let mut bare = intent(3, Audience::Published);
    bare.media.clear();
    to.update(&known, &Arc::new(bare)).await.unwrap();
    assert_eq!(to.site.property("photo"), serde_json::json!([HOT]), "those that were removed here go");
}

#[tokio::test]
async fn a_photo_of_an_entry_that_was_taken_over_and_could_not_be_had_stays() {
    let to = Feeds::new(Choices::default()).await;
    let entry = serde_json::json!({ "content": [{ "html": "<p>One <b>two</b></p>" }], "photo": ["/b.jpg", HOT],
        "published": ["2025-01-04T14:13:20Z"], "post-status": ["published"], "url": ["/e/9/"] });
    to.site.with(|store| store.entries.insert("/e/9/".into(), entry.as_object().unwrap().clone()));
    let page = to.feed.list(None).await.unwrap();
    let item = page.items.into_iter().next().unwrap();
    let had = item.media.unwrap().into_iter().next().unwrap();
    to.feed.adopted(&to.about(), &[(photo(3, &[]).asset, had)]).await.unwrap();
    let mut wanted = intent(1, Audience::Published);
    (wanted.content.sides, wanted.content.topics, wanted.media) = (item.sides, Vec::new(), vec![photo(3, &[])]);
    wanted.content.sides.values_mut().for_each(|side| side.body.push_str(" three"));
    let held = to.update(&to.receipt(item.held), &Arc::new(wanted.clone())).await.unwrap();
    assert_eq!(to.site.property("photo"), serde_json::json!(["/b.jpg", HOT]));
    assert!(to.site.property("content").to_string().contains("<b>two three</b>"));
    wanted.media.clear();
    to.update(&to.receipt(held), &Arc::new(wanted)).await.unwrap();
    assert_eq!(to.site.property("photo"), serde_json::json!([HOT]));
}

/// Takes over the one entry, whose photos are these, with as many of them as can be read; changes its words; and answers its photos.
async fn photos_after_new_words(photos: Value) -> Value {
    let to = Feeds::new(Choices::default()).await;
    let entry = serde_json::json!({ "content": [{ "html": "<p>One</p>" }], "photo": photos,
        "published": ["2025-01-04T14:13:20Z"], "post-status": ["published"], "url": ["/e/9/"] });
    to.site.with(|store| store.entries.insert("/e/9/".into(), entry.as_object().unwrap().clone()));
    let item = to.feed.list(None).await.unwrap().items.remove(0);
    let known = photo(3, &[("en", "Fog")]);
    let had: Vec<_> = item.media.into_iter().flatten().map(|file| (known.asset, file)).collect();
    to.feed.adopted(&to.about(), &had).await.unwrap();
    let mut wanted = intent(1, Audience::Published);
    (wanted.content.sides, wanted.content.topics) = (item.sides, Vec::new());
    wanted.media = had.iter().map(|_| known.clone()).collect();
    wanted.content.sides.values_mut().for_each(|side| side.body.push_str(" two"));
    to.update(&to.receipt(item.held), &Arc::new(wanted)).await.unwrap();
    assert!(to.site.property("content").to_string().contains("One two"));
    to.site.property("photo")
}

#[tokio::test]
async fn a_photo_whose_address_is_called_url_stays_when_the_words_are_changed() {
    let photos = photos_after_new_words(serde_json::json!([{ "url": "/b.jpg", "alt": "Fog" }])).await;
    assert_eq!(photos, serde_json::json!([{ "value": "/b.jpg", "alt": "Fog" }]));
}

#[tokio::test]
async fn what_nobody_can_read_is_not_taken_out() {
    let photos = serde_json::json!([{ "source": "/b.jpg" }]);
    assert_eq!(photos_after_new_words(photos.clone()).await, photos);
}

#[tokio::test]
async fn a_photo_from_there_that_was_brought_in_and_removed_here_goes() {
    let (to, receipt) = published(Choices::default()).await;
    with_photos(&to, |photos| photos.push(HOT.into()));
    let fetched = to.feed.fetch(&receipt, &to.about()).await.unwrap();
    let file = fetched.media.unwrap().pop().unwrap();
    to.feed.brought_in(&to.about(), &[(photo(3, &[]).asset, file)]).await.unwrap();
    let mut both = intent(2, Audience::Published);
    both.media.push(photo(3, &[]));
    let known = after_a_change(&to, &receipt, both).await;
    assert_eq!(
        (to.site.property("photo")[2].as_str(), to.site.with(|store| store.files)),
        (Some(HOT), 2),
        "it lies there"
    );
    to.update(&known, &Arc::new(intent(3, Audience::Published))).await.unwrap();
    assert_eq!(to.site.property("photo").as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_site_that_shows_our_photos_at_other_hosts_is_sent_none_twice() {
    let (to, receipt) = published(Choices::default()).await;
    with_photos(&to, |photos| *photos = vec![HOT.into(), "https://hot.example/b.jpg".into()]);
    after_a_change(&to, &receipt, intent(2, Audience::Published)).await;
    assert_eq!(to.site.property("photo").as_array().unwrap().len(), 2);
}
