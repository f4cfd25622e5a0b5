//! WordPress, real: a post there and back through the adapter. What faults do to it stands in the contract.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use reqwest::Method;
use sampan_core::clock::{Clock, SystemClock};
use sampan_core::domain::destination::{Choices, LanguageLayout, TopicsAs};
use sampan_core::domain::{
    AssetId, Attachment, Content, Digest, Lang, Manner, Moment, PostId, Receipt, RevisionId, Secret, Side, Timestamp,
};
use sampan_core::feed::web::{Client, Patience, Risk, SignIn, Site};
use sampan_core::feed::wordpress::{self, WordPress};
use sampan_core::feed::{
    About, Audience, Feed, FeedError, Held, Intent, Lookup, MediaError, MediaKind, MediaSource, Notes, Outgoing,
    OutgoingMedia, Part, Progress,
};
use serde_json::{Value, json};
use url::Url;

use crate::told;

/// A site and somebody who writes there.
struct Writer {
    feed: WordPress,
    /// Asks the site past the adapter.
    client: Client,
    root: Url,
}

impl Writer {
    async fn told(role: &str, choices: Choices) -> Self {
        let (user, password) = match role {
            "author" => (told("SAMPAN_WORDPRESS_AUTHOR"), told("SAMPAN_WORDPRESS_AUTHOR_PASSWORD")),
            _ => (told("SAMPAN_WORDPRESS_USER"), told("SAMPAN_WORDPRESS_PASSWORD")),
        };
        let url = Url::parse(&told("SAMPAN_WORDPRESS_URL")).unwrap();
        let found = wordpress::discover(&url, false, Patience::default()).await.unwrap().expect("a WordPress");
        let known = Arc::new(SignIn::Basic { user, password: Secret::new(password) });
        let facts = sampan_core::feed::Facts { endpoints: found.endpoints.clone(), ..Default::default() };
        let root = Url::parse(&found.endpoints["api"]).unwrap();
        let client = Client::new(root.clone(), known.clone(), false, Patience::default()).unwrap();
        let site = Site {
            place: found.place,
            facts,
            choices,
            credentials: known,
            plain_http: false,
            patience: Patience::default(),
            clock: Arc::new(SystemClock),
        };
        Self { feed: WordPress::new(site).unwrap(), client, root }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.client.request(method, self.root.join(path).unwrap()).await.unwrap();
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = self.client.send(request, Risk::Changes).await.unwrap();
        serde_json::from_slice(&answer.body).unwrap()
    }

    async fn post(&self, held: &Held) -> Value {
        self.ask(Method::GET, &format!("wp/v2/posts/{}?context=edit", held.remote_id), None).await
    }

    /// Every post whose text holds a word.
    async fn holding(&self, word: &str) -> Vec<Value> {
        let all = "status=publish,future,draft,pending,private&context=edit&per_page=100";
        self.ask(Method::GET, &format!("wp/v2/posts?{all}&search={word}"), None).await.as_array().unwrap().clone()
    }
}

#[derive(Default)]
struct Pad(Mutex<BTreeMap<String, String>>);

#[async_trait]
impl Notes for Pad {
    async fn all(&self) -> Result<BTreeMap<String, String>, FeedError> {
        Ok(self.0.lock().unwrap().clone())
    }

    async fn put(&self, key: &str, value: Option<&str>) -> Result<(), FeedError> {
        let mut all = self.0.lock().unwrap();
        match value {
            Some(value) => all.insert(key.to_owned(), value.to_owned()),
            None => all.remove(key),
        };
        Ok(())
    }
}

/// Photos that were drawn for the test, by their names here.
#[derive(Default)]
struct Album(BTreeMap<AssetId, Vec<u8>>);

impl MediaSource for Album {
    fn copy(&self, asset: AssetId, _part: &Part, to: &mut dyn Write) -> Result<u64, MediaError> {
        let bytes = self.0.get(&asset).ok_or(MediaError::Damaged)?;
        to.write_all(bytes)?;
        Ok(bytes.len() as u64)
    }
}

#[derive(Default)]
struct Counter(Mutex<(u32, u64)>);

impl Progress for Counter {
    fn uploaded(&self, done: u32, _total: u32) {
        self.0.lock().unwrap().0 = done;
    }

    fn sent(&self, bytes: u64, total: u64) {
        assert!(bytes <= total);
        self.0.lock().unwrap().1 = bytes;
    }
}

/// A post in a test, and what goes with it.
struct Story {
    intent: Intent,
    pad: Arc<Pad>,
    album: Arc<Album>,
    counter: Arc<Counter>,
}

impl Story {
    fn new(sides: &[(Lang, &str, &str)], photos: &[(u32, &[(Lang, &str)])]) -> Self {
        let clock = SystemClock;
        let moment = Moment { at: Timestamp::from_millis(1_767_323_045_678), zone: "Asia/Shanghai".into() };
        let mut content = Content::empty(moment);
        for (lang, title, body) in sides {
            content.sides.insert(lang.clone(), Side { title: (*title).into(), body: (*body).into() });
        }
        let mut album = Album::default();
        let mut media = Vec::new();
        for (size, alt) in photos {
            let bytes = picture(*size);
            let asset = AssetId(Digest::of(clock.new_uuid().as_bytes()));
            let alt: BTreeMap<Lang, String> = alt.iter().map(|(lang, text)| (lang.clone(), (*text).into())).collect();
            content.attachments.push(Attachment { asset, name: "p.png".into(), alt: alt.clone() });
            media.push(OutgoingMedia {
                asset,
                kind: MediaKind::Photo,
                mime: "image/png".into(),
                extension: "png".into(),
                width: Some(*size),
                height: Some(2),
                duration_ms: None,
                alt,
                name: "p.png".into(),
                poster: false,
                subtitles: vec![],
            });
            album.0.insert(asset, bytes);
        }
        let intent = Intent {
            post: PostId::from_uuid(clock.new_uuid()),
            revision: RevisionId::from_uuid(clock.new_uuid()),
            modified: clock.now(),
            audience: Audience::Draft,
            content: content.normalised(),
            media,
            with_place: false,
            manner: Manner::default(),
        };
        Self { intent, pad: Arc::default(), album: Arc::new(album), counter: Arc::default() }
    }

    fn out(&self) -> Outgoing {
        Outgoing { media: self.album.clone(), progress: self.counter.clone(), notes: self.pad.clone() }
    }

    fn about(&self) -> About {
        About { post: self.intent.post, notes: self.pad.clone() }
    }

    /// The next revision of it.
    fn revise(&mut self, change: impl FnOnce(&mut Intent)) {
        self.intent.revision = RevisionId::from_uuid(SystemClock.new_uuid());
        change(&mut self.intent);
    }

    async fn create(&self, writer: &Writer) -> Held {
        writer.feed.create(&Arc::new(self.intent.clone()), &self.out()).await.unwrap()
    }

    async fn update(&self, writer: &Writer, held: &Held) -> Result<Held, FeedError> {
        writer.feed.update(&receipt(held), &Arc::new(self.intent.clone()), &self.out()).await
    }
}

fn receipt(held: &Held) -> Receipt {
    held.clone().receipt(RevisionId::from_uuid(SystemClock.new_uuid()), SystemClock.now())
}

/// A picture that is as wide as told and unlike any other.
fn picture(width: u32) -> Vec<u8> {
    let seed = SystemClock.new_uuid().into_bytes();
    let picture =
        image::RgbImage::from_fn(width, 2, |x, y| image::Rgb([seed[15], seed[14] ^ (x % 251) as u8, y as u8]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn bilingual(word: &str) -> [(Lang, String, String); 2] {
    [
        (
            Lang::zh_hans(),
            format!("小船 {word}"),
            format!("今天去了湖边 {word}。\n第二行 <b>不是粗体</b> & 👨‍👩‍👧‍👦\n\n另一段 https://example.com/a?b=1&c=2"),
        ),
        (
            Lang::en(),
            format!("A Small Boat & {word}"),
            format!("By the lake today, {word}.\n\n  Two  spaces \"quoted\" \\ 'n' [video] <!-- x -->"),
        ),
    ]
}

fn sides(given: &[(Lang, String, String)]) -> Vec<(Lang, &str, &str)> {
    given.iter().map(|(lang, title, body)| (lang.clone(), title.as_str(), body.as_str())).collect()
}

fn word(name: &str) -> String {
    format!("{name}{}", SystemClock.new_uuid().simple().to_string().split_off(20))
}

#[tokio::test]
async fn a_bilingual_post_goes_there_and_comes_back_word_for_word() {
    for role in ["editor", "author"] {
        let writer = Writer::told(role, Choices::default()).await;
        let word = word("there");
        let given = bilingual(&word);
        let alts: [&[(Lang, &str)]; 2] = [&[(Lang::en(), "A \"boat\" & <tea>"), (Lang::zh_hans(), "一只船")], &[]];
        let mut story = Story::new(&sides(&given), &[(40, alts[0]), (3000, alts[1])]);
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
        let topics: std::collections::BTreeSet<String> = fetched.topics.unwrap().into_iter().collect();
        assert_eq!(topics, story.intent.content.topics.iter().cloned().collect());
        assert_eq!(fetched.moment, None, "the date is the one that was sent");
        let media = fetched.media.unwrap();
        assert_eq!(
            media.iter().map(|file| file.asset.unwrap()).collect::<Vec<_>>(),
            story.intent.media.iter().map(|file| file.asset).collect::<Vec<_>>()
        );
        assert_eq!(media[0].alt, story.intent.media[0].alt);
        for file in &media {
            let path = tempfile::NamedTempFile::new().unwrap();
            let mut to = tokio::fs::File::create(path.path()).await.unwrap();
            writer.feed.download(file, &mut to).await.unwrap();
            assert_eq!(
                std::fs::read(path.path()).unwrap(),
                story.album.0[&file.asset.unwrap()],
                "the bytes as they were sent"
            );
        }
        let asset = story.intent.media[0].asset;
        let uploads = writer.ask(Method::GET, &format!("wp/v2/media?slug={asset}&context=edit"), None).await;
        assert_eq!(uploads.as_array().unwrap().len(), 1, "uploaded once though sent twice");
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
async fn a_change_there_is_not_written_over() {
    let writer = Writer::told("editor", Choices::default()).await;
    let word = word("edited");
    let mut story = Story::new(&sides(&bilingual(&word)), &[]);
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
async fn a_lost_answer_is_found_again_and_makes_no_second_post() {
    let writer = Writer::told("editor", Choices::default()).await;
    let word = word("lost");
    let story = Story::new(&sides(&bilingual(&word)), &[(20, &[])]);
    assert_eq!(writer.feed.lookup(&story.about()).await.unwrap(), Lookup::Absent);
    let held = story.create(&writer).await;
    // As if the program had ended before it wrote down what came back.
    story.pad.0.lock().unwrap().retain(|key, _| !key.starts_with("post."));
    story
        .pad
        .0
        .lock()
        .unwrap()
        .iter_mut()
        .filter(|(key, _)| key.starts_with("media."))
        .for_each(|(_, value)| *value = "begun".into());
    assert_eq!(writer.feed.lookup(&story.about()).await.unwrap(), Lookup::Found(held.clone()));
    story.pad.0.lock().unwrap().retain(|key, _| !key.starts_with("post."));
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
    let mut story = Story::new(&sides(&bilingual(&word)), &[]);
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
async fn changes_tell_edits_and_what_is_gone_and_sweep_what_arrived_twice() {
    let writer = Writer::told("editor", Choices::default()).await;
    let (word, other) = (word("pulled"), word("trashed"));
    let (story, gone) = (Story::new(&sides(&bilingual(&word)), &[]), Story::new(&sides(&bilingual(&other)), &[]));
    let known = [receipt(&story.create(&writer).await), receipt(&gone.create(&writer).await)];
    let first = writer.feed.changes(None, &known).await.unwrap();
    assert_eq!((first.items.len(), first.gone.len(), first.more), (0, 0, false));
    let id = &known[0].remote_id;
    writer.ask(Method::POST, &format!("wp/v2/posts/{id}"), Some(json!({ "title": "小船 · Changed there" }))).await;
    writer.ask(Method::DELETE, &format!("wp/v2/posts/{}?force=true", known[1].remote_id), None).await;
    let second = writer.feed.changes(first.cursor.as_deref(), &known).await.unwrap();
    assert_eq!(second.items.len(), 1);
    assert_eq!(second.items[0].sides[&Lang::en()].title, "Changed there");
    assert_eq!(second.gone, [known[1].remote_id.clone()]);
}

#[tokio::test]
async fn a_post_for_later_waits_there_and_a_secret_one_stays_secret() {
    let writer = Writer::told("editor", Choices::default()).await;
    let word = word("later");
    let mut story = Story::new(&sides(&bilingual(&word)), &[]);
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

#[tokio::test]
async fn who_is_signed_out_is_told_so_and_nothing_is_taken_for_gone() {
    let mut writer = Writer::told("editor", Choices::default()).await;
    let facts = writer.feed.probe().await.unwrap();
    assert_eq!((facts.title.as_str(), facts.account.as_str()), ("Sampan test", "editor"));
    let story = Story::new(&sides(&bilingual("out")), &[]);
    let held = story.create(&writer).await;
    let facts = sampan_core::feed::Facts { endpoints: facts.endpoints, ..Default::default() };
    let wrong = Arc::new(SignIn::Basic { user: "editor".into(), password: Secret::new("wrong".into()) });
    let site = Site {
        place: writer.root.clone(),
        facts,
        choices: Choices::default(),
        credentials: wrong,
        plain_http: false,
        patience: Patience::default(),
        clock: Arc::new(SystemClock),
    };
    writer.feed = WordPress::new(site).unwrap();
    let known = [receipt(&held)];
    assert!(matches!(writer.feed.probe().await, Err(FeedError::SignedOut)));
    assert!(matches!(story.update(&writer, &held).await, Err(FeedError::SignedOut)));
    assert!(matches!(writer.feed.lookup(&story.about()).await, Err(FeedError::SignedOut)));
    assert!(matches!(writer.feed.changes(None, &known).await, Err(FeedError::SignedOut)));
    assert!(matches!(writer.feed.list(None).await, Err(FeedError::SignedOut)));
    let fresh = Story::new(&sides(&bilingual("out")), &[(9, &[])]);
    let refused = writer.feed.create(&Arc::new(fresh.intent.clone()), &fresh.out()).await;
    assert!(matches!(refused, Err(FeedError::SignedOut)), "{refused:?}");
}

#[tokio::test]
async fn what_lies_there_can_be_listed_page_by_page() {
    let writer = Writer::told("editor", Choices::default()).await;
    let word = word("old");
    for number in 0..21 {
        let body = json!({ "title": format!("旧文 {word}"), "content": format!("<p>第 {number} 篇</p>"), "status": "publish", "date_gmt": "2020-01-02T03:04:05" });
        writer.ask(Method::POST, "wp/v2/posts", Some(body)).await;
    }
    let mut found = 0;
    let mut page = None;
    loop {
        let next = writer.feed.list(page.as_deref()).await.unwrap();
        let mine = next.items.iter().filter(|item| item.sides.values().any(|side| side.title.contains(&word)));
        for item in mine {
            assert_eq!(item.moment.unwrap().to_rfc3339(), "2020-01-02T03:04:05Z");
            assert!(item.sides.contains_key(&Lang::zh_hans()));
            found += 1;
        }
        page = next.next;
        if page.is_none() {
            break;
        }
    }
    assert_eq!(found, 21);
}
