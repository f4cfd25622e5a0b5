//! Taking over what lies at a feed, with a shelf of three items for a feed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use async_trait::async_trait;
use tokio::io::AsyncWriteExt;

use super::*;
use crate::api::types::{DraftInput, FeedHealth};
use crate::clock::TestClock;
use crate::domain::{AssetId, DeliveryState, Lang, NeedsYou, Side};
use crate::feed::{
    Audience, Changes, Facts, Held, Intent, Item, Limits, Lookup, MediaKind, Outgoing, Page, RemoteMedia,
};
use crate::journal::Options;

/// Items by number; each has a file of its own, the third one's cannot be had, and the fourth has its once a language. At the
/// ninth somebody signs us out.
#[derive(Default)]
struct Shelf {
    /// The number of a file that does not come.
    stalls: Mutex<&'static str>,
    /// Nor does anything else.
    is_down: AtomicBool,
    /// What is changed there, in place of the first item.
    news: Mutex<Vec<Fetched>>,
    /// How it is when it is asked for that, the last one first: it wants to be left alone for so many milliseconds, or answers and has
    /// more to tell. Afterwards it tells all.
    moods: Mutex<Vec<Option<i64>>>,
    /// How often it was asked.
    asked: AtomicU32,
}

impl Shelf {
    fn item(number: u8) -> Fetched {
        let file = |alt: BTreeMap<Lang, String>| RemoteMedia {
            url: number.to_string(),
            asset: None,
            kind: MediaKind::File,
            alt,
            name: "../../a.txt".into(),
        };
        let told = |lang: Lang| file([(lang, format!("{number}"))].into());
        let side = Side { title: format!("第{number}篇"), body: "文".into() };
        Fetched {
            held: Held {
                remote_id: number.to_string(),
                url: None,
                audience: if number == 1 { Audience::Draft } else { Audience::Published },
                revision: None,
                version: Digest::of(&[number]),
                parts: BTreeMap::new(),
                touched: false,
                unfinished: false,
            },
            sides: BTreeMap::from([(Lang::zh_hans(), side)]),
            topics: Some(vec!["茶".into()]),
            media: Some(match number {
                4 => vec![told(Lang::zh_hans()), told(Lang::en())],
                _ => vec![file(BTreeMap::new())],
            }),
            moment: None,
            modified: Some(Timestamp::EPOCH),
            warning: (number == 2).then(|| "茶".into()),
        }
    }
}

#[async_trait]
impl Feed for Shelf {
    fn limits(&self) -> Limits {
        Limits::default()
    }

    async fn probe(&self) -> Result<Facts, FeedError> {
        if self.is_down.load(Ordering::Relaxed) { Err(FeedError::Unreachable) } else { Ok(Facts::default()) }
    }

    async fn create(&self, _: &Arc<Intent>, _: &Outgoing) -> Result<Held, FeedError> {
        Err(FeedError::Unreachable)
    }

    async fn update(&self, _: &Receipt, _: &Arc<Intent>, _: &Outgoing) -> Result<Held, FeedError> {
        Err(FeedError::Unreachable)
    }

    async fn withdraw(&self, _: &Receipt, _: &About) -> Result<(), FeedError> {
        Err(FeedError::Unreachable)
    }

    async fn lookup(&self, _: &About) -> Result<Lookup, FeedError> {
        Err(FeedError::Unreachable)
    }

    fn items(&self, intent: &Intent) -> Vec<Item> {
        let length = u32::try_from(intent.manner.warning.chars().count()).ok();
        let (text, files, long_alts) = Default::default();
        vec![Item { lang: None, title: None, text, html: true, length, files, long_alts }]
    }

    fn keeps_theirs(&self) -> bool {
        true
    }

    fn names<'a>(&self, remote_id: &'a str) -> Vec<&'a str> {
        remote_id.split('+').collect()
    }

    async fn fetch(&self, known: &Receipt, about: &About) -> Result<Fetched, FeedError> {
        if known.remote_id == "9" {
            return Err(FeedError::SignedOut);
        }
        let number = known.remote_id.parse().ok().filter(|number| *number < 5).ok_or(FeedError::Gone)?;
        about.notes.put("number", Some(&known.remote_id)).await?;
        Ok(Self::item(number))
    }

    async fn brought_in(&self, about: &About, files: &[(AssetId, RemoteMedia)]) -> Result<(), FeedError> {
        let urls: Vec<&str> = files.iter().map(|(_, file)| file.url.as_str()).collect();
        about.notes.put("brought", Some(&urls.join(" "))).await
    }

    /// Of the first item the text was changed, and a file was added that cannot be had.
    async fn changes(&self, _: Option<&str>, _: &[Receipt]) -> Result<Changes, FeedError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mood = self.moods.lock().unwrap().pop();
        if let Some(Some(wait)) = mood {
            return Err(FeedError::Busy(Some(wait)));
        }
        let news = self.news.lock().unwrap().clone();
        if !news.is_empty() {
            return Ok(Changes {
                items: news,
                cursor: Some("read".into()),
                more: mood.is_some(),
                ..Changes::default()
            });
        }
        Ok(Changes { items: vec![changed(1, "3")], ..Changes::default() })
    }

    async fn list(&self, page: Option<&str>) -> Result<Page, FeedError> {
        let numbers = if page.is_none() { vec![1, 2] } else { vec![3] };
        let next = page.is_none().then(|| "next".to_owned());
        Ok(Page { items: numbers.into_iter().map(Self::item).collect(), next })
    }

    async fn download(&self, media: &RemoteMedia, to: &mut tokio::fs::File) -> Result<u64, FeedError> {
        if media.url == "3" {
            return Err(FeedError::Gone);
        }
        if media.url == *self.stalls.lock().unwrap() {
            return Err(FeedError::Unreachable);
        }
        to.write_all(media.url.as_bytes()).await.map_err(|_| FeedError::Journal)?;
        to.flush().await.map_err(|_| FeedError::Journal)?;
        Ok(1)
    }
}

async fn desk() -> (tempfile::TempDir, Journal, FeedId) {
    desk_before(Arc::default(), Options::default()).await
}

async fn desk_before(shelf: Arc<Shelf>, options: Options) -> (tempfile::TempDir, Journal, FeedId) {
    let home = tempfile::tempdir().unwrap();
    let journal = Journal::open(home.path(), options).await.unwrap();
    let mut row = journal.store().read(feeds::list).await.unwrap().remove(0);
    row.enabled = true;
    let (id, on) = (row.id, row.clone());
    journal.store().write(move |tx| feeds::change(tx, &on)).await.unwrap();
    journal.put_adapter(row, shelf);
    (home, journal, id)
}

/// An item whose text was changed at the feed, with this file and the one that it had.
fn changed(number: u8, file: &str) -> Fetched {
    let mut item = Shelf::item(number);
    item.held.version = Digest::of(b"changed");
    item.sides.values_mut().for_each(|side| side.body = "新文".into());
    let file = RemoteMedia { url: file.into(), ..Shelf::item(number).media.unwrap().remove(0) };
    let named = |file: RemoteMedia| RemoteMedia { asset: Some(AssetId(Digest::of(file.url.as_bytes()))), ..file };
    item.media = Some(item.media.into_iter().flatten().chain([file]).map(named).collect());
    item
}

#[tokio::test]
async fn what_lies_there_is_taken_over_once_with_its_files() {
    let (_home, journal, feed) = desk().await;
    let adopt = || journal.remote_adopt(AdoptInput { feed, items: ["1", "2", "3", "8"].map(String::from).into() });
    let report = adopt().await.unwrap();
    assert_eq!((report.posts.len(), report.known, report.files_missing), (3, 0, 1));
    assert_eq!((report.failed, report.error), (vec!["8".to_owned()], None), "it alone is gone");
    let again = adopt().await.unwrap();
    assert_eq!((again.posts.len(), again.known), (0, 3), "no second post");

    let post = journal.post_get(report.posts[0]).await.unwrap();
    assert_eq!(post.content.attachments[0].name, "a.txt", "never a path");
    assert_eq!((post.content.attachments.len(), post.content.topics.as_slice()), (1, &["茶".to_owned()][..]));
    let delivery = &post.deliveries[0];
    assert_eq!((&delivery.state, delivery.wanted), (&DeliveryState::Synced, Wanted::Draft), "a draft stays one");
    assert!(!delivery.changed_since);
    let warned = journal.post_get(report.posts[1]).await.unwrap().deliveries.remove(0).manner;
    assert_eq!((delivery.manner.warning.as_str(), warned.warning.as_str()), ("", "茶"), "or an edit would take it off");
    let (post, noted) = (report.posts[0], journal.about(report.posts[0], feed).notes.all().await.unwrap());
    assert_eq!(noted.get("number").map(String::as_str), Some("1"), "{post}");
    assert_eq!(journal.history(post).await.unwrap()[0].origin, Origin::Import);
}

#[tokio::test]
async fn it_ends_where_the_feed_knows_us_no_more_and_says_so() {
    let (_home, journal, feed) = desk().await;
    let items = ["1", "9", "2", "3"].map(String::from).into();
    let report = journal.remote_adopt(AdoptInput { feed, items }).await.unwrap();
    assert_eq!(report.posts.len(), 1, "what is done stays");
    assert_eq!(report.error.map(|error| error.code), Some(ErrorCode::SignInNeeded));
    assert_eq!(report.failed, ["9", "2", "3"], "each of them can be asked for again");
}

#[tokio::test]
async fn files_that_come_with_a_change_are_the_posts_unless_one_of_them_is_missing() {
    let (_home, journal, feed) = desk().await;
    let post = journal.remote_adopt(AdoptInput { feed, items: vec!["1".into()] }).await.unwrap().posts[0];
    let seen = journal.store().read(move |conn| outbox::get(conn, post, feed)).await.unwrap().unwrap();
    let named = |url: &str| Some(AssetId(Digest::of(url.as_bytes())));
    let file =
        |url: &str| RemoteMedia { url: url.into(), asset: named(url), ..Shelf::item(1).media.unwrap().remove(0) };
    for (more, attachments, brought) in [("3", 1, None), ("4", 2, Some("1 4"))] {
        let fetched = Fetched { media: Some(vec![file("1"), file(more)]), ..Shelf::item(1) };
        let arrival = journal.as_it_is_there(&Shelf::default(), &seen, fetched).await.unwrap().unwrap().unwrap();
        assert_eq!(arrival.theirs.attachments.len(), attachments, "{more}");
        let noted = journal.about(post, feed).notes.all().await.unwrap();
        assert_eq!(noted.get("brought").map(String::as_str), brought, "{more}");
    }
}

#[tokio::test]
async fn a_file_that_lies_there_once_a_language_is_one_that_says_in_each_what_it_shows() {
    let (_home, journal, feed) = desk().await;
    let report = journal.remote_adopt(AdoptInput { feed, items: vec!["4".into()] }).await.unwrap();
    let attachments = journal.post_get(report.posts[0]).await.unwrap().content.attachments;
    let alts: Vec<usize> = attachments.iter().map(|attachment| attachment.alt.len()).collect();
    assert_eq!(alts, [2], "{attachments:?}");
}

#[tokio::test]
async fn files_beyond_what_a_post_may_have_are_said_to_be_missing() {
    let (_home, journal, _) = desk().await;
    let file = |number: u8| Shelf::item(number).media.unwrap().remove(0);
    let mut media = vec![file(3); limits::ATTACHMENTS - 1];
    media.extend([1, 2].map(file));
    let gathered = journal.gather(&Shelf::default(), None, &media).await.unwrap();
    let had: Vec<&str> = gathered.files.iter().map(|(_, file)| file.url.as_str()).collect();
    assert_eq!((had, gathered.missing), (vec!["1"], 200), "199 that cannot be had, and one too many");
}

#[tokio::test]
async fn a_preview_says_that_what_was_made_there_stays_and_is_as_the_post_shall_be_there() {
    let (_home, journal, feed) = desk().await;
    let post = journal.remote_adopt(AdoptInput { feed, items: vec!["2".into()] }).await.unwrap().posts[0];
    let content = journal.post_get(post).await.unwrap().content;
    let copy = DraftInput { post: None, base: None, version: None, content };
    let ours = journal.draft_save(copy).await.unwrap().post;
    let preview = async |post, manner| {
        let input = PreviewInput { post, feed, manner, wanted: None };
        let preview = journal.post_preview(input).await.unwrap();
        (preview.over_theirs, preview.items[0].length)
    };
    assert_eq!(preview(post, None).await, (true, Some(1)), "with the warning that it has there");
    assert_eq!(preview(post, Some(Manner::default())).await, (true, Some(0)));
    assert_eq!(preview(ours, None).await, (false, Some(0)));
}

#[tokio::test]
async fn a_pull_counts_the_files_that_it_could_not_have() {
    let (_home, journal, feed) = desk().await;
    let post = journal.remote_adopt(AdoptInput { feed, items: vec!["1".into()] }).await.unwrap().posts[0];
    let report = journal.pull_accept(feed).await.unwrap();
    assert_eq!((report.changed, report.files_missing), (1, 1));
    let content = journal.post_get(post).await.unwrap().content;
    let said = &content.sides[&Lang::zh_hans()].body;
    assert_eq!((said.as_str(), content.attachments.len()), ("新文", 1), "the words came, the files stayed");
}

#[tokio::test]
async fn a_file_that_does_not_come_now_puts_off_its_own_item_and_no_other() {
    let (shelf, clock) = (Arc::new(Shelf::default()), Arc::new(TestClock::new(1_736_240_000_000)));
    let options = Options { clock: clock.clone(), ..Options::default() };
    let (_home, journal, feed) = desk_before(Arc::clone(&shelf), options).await;
    let adopted = journal.remote_adopt(AdoptInput { feed, items: ["1", "2"].map(String::from).into() }).await.unwrap();
    let [first, second] = adopted.posts[..] else { panic!("two posts") };
    let said = async |post| {
        let content = journal.post_get(post).await.unwrap().content;
        (content.sides[&Lang::zh_hans()].body.clone(), content.attachments.len())
    };
    let cursor = async || journal.store().read(move |conn| feeds::get(conn, feed)).await.unwrap().cursor;
    *shelf.stalls.lock().unwrap() = "7";
    *shelf.news.lock().unwrap() = vec![changed(1, "7"), changed(2, "8")];
    let report = journal.pull_accept(feed).await.unwrap();
    assert_eq!((report.changed, report.files_missing, report.unreachable.len()), (1, 0, 0));
    assert_eq!((said(first).await, said(second).await), (("文".into(), 1), ("新文".into(), 2)));
    assert_eq!(cursor().await, None, "the first is told again");
    clock.advance(59 * 60_000);
    assert_eq!(journal.pull_accept(feed).await.unwrap().changed, 0, "it still waits");

    *shelf.stalls.lock().unwrap() = "";
    assert_eq!(journal.pull_accept(feed).await.unwrap().changed, 1);
    assert_eq!(said(first).await, ("新文".into(), 2), "with its photo");
    assert_eq!(cursor().await.as_deref(), Some("read"));

    *shelf.stalls.lock().unwrap() = "9";
    let mut item = changed(1, "9");
    item.held.version = Digest::of(b"changed again");
    item.sides.values_mut().for_each(|side| side.body = "再新".into());
    *shelf.news.lock().unwrap() = vec![item];
    assert_eq!(journal.pull_accept(feed).await.unwrap().changed, 0);
    clock.advance(60 * 60_000);
    let report = journal.pull_accept(feed).await.unwrap();
    assert_eq!((report.changed, report.files_missing), (1, 1), "what never comes keeps nothing out for good");
    assert_eq!(said(first).await, ("再新".into(), 2));
}

#[tokio::test]
async fn a_file_that_does_not_come_since_nothing_does_ends_the_pull() {
    let shelf = Arc::new(Shelf::default());
    let (_home, journal, feed) = desk_before(Arc::clone(&shelf), Options::default()).await;
    journal.remote_adopt(AdoptInput { feed, items: ["1", "2"].map(String::from).into() }).await.unwrap();
    *shelf.stalls.lock().unwrap() = "7";
    *shelf.news.lock().unwrap() = vec![changed(1, "7"), changed(2, "8")];
    shelf.is_down.store(true, Ordering::Relaxed);
    let report = journal.pull_accept(feed).await.unwrap();
    assert_eq!((report.changed, report.unreachable.len()), (0, 1), "nothing behind it was asked for");
}

#[tokio::test]
async fn an_item_whose_file_does_not_come_now_is_not_brought_in_without_it_and_keeps_no_other_out() {
    let shelf = Arc::new(Shelf { stalls: Mutex::new("1"), ..Shelf::default() });
    let (_home, journal, feed) = desk_before(Arc::clone(&shelf), Options::default()).await;
    let adopt = async || {
        let items = ["1", "2"].map(String::from).into();
        journal.remote_adopt(AdoptInput { feed, items }).await.unwrap()
    };
    let report = adopt().await;
    assert_eq!((report.posts.len(), report.failed, report.error), (1, vec!["1".to_owned()], None));
    *shelf.stalls.lock().unwrap() = "";
    let report = adopt().await;
    assert_eq!((report.posts.len(), report.known, report.files_missing), (1, 1, 0), "asked for again, it comes whole");
    shelf.is_down.store(true, Ordering::Relaxed);
    *shelf.stalls.lock().unwrap() = "4";
    let items = ["4", "3"].map(String::from).into();
    let report = journal.remote_adopt(AdoptInput { feed, items }).await.unwrap();
    assert_eq!(report.error.map(|error| error.code), Some(ErrorCode::FeedUnreachable));
    assert_eq!(report.failed, ["4", "3"], "where nothing answers, nothing more is asked for");
}

#[tokio::test]
async fn a_feed_that_wants_to_be_left_alone_when_it_is_read_is_there_and_is_not_asked_before_its_time() {
    let (shelf, clock) = (Arc::new(Shelf::default()), Arc::new(TestClock::new(1_736_240_000_000)));
    let options = Options { clock: clock.clone(), ..Options::default() };
    let (_home, journal, feed) = desk_before(Arc::clone(&shelf), options).await;
    journal.remote_adopt(AdoptInput { feed, items: vec!["1".into()] }).await.unwrap();
    let asked = || shelf.asked.load(Ordering::Relaxed);
    *shelf.moods.lock().unwrap() = vec![Some(20 * 60_000)];
    for minutes in [0, 19] {
        clock.advance(minutes * 60_000);
        let report = journal.pull_accept(feed).await.unwrap();
        assert_eq!((report.busy.len(), report.unreachable.len(), asked()), (1, 0, 1), "{minutes}");
        assert_eq!(journal.feed_view(feed).await.unwrap().health, FeedHealth::Reachable);
    }
    clock.advance(60_001);
    let report = journal.pull_accept(feed).await.unwrap();
    assert_eq!((report.changed, report.busy.len(), asked()), (1, 0, 2));
}

#[tokio::test]
async fn a_sync_waits_for_a_feed_that_wants_to_be_left_alone_for_a_moment_and_reads_it_then() {
    let shelf = Arc::new(Shelf::default());
    let (_home, journal, feed) = desk_before(Arc::clone(&shelf), Options::default()).await;
    journal.remote_adopt(AdoptInput { feed, items: vec!["1".into()] }).await.unwrap();
    let asked = || shelf.asked.load(Ordering::Relaxed);
    *shelf.moods.lock().unwrap() = vec![Some(100)];
    let report = journal.sync_through(None).await.unwrap();
    assert_eq!((report.changed, report.busy.len(), report.unreachable.len(), asked()), (1, 0, 0, 2));
    *shelf.moods.lock().unwrap() = vec![Some(20 * 60_000)];
    let report = journal.sync_through(None).await.unwrap();
    assert_eq!((report.busy.len(), report.unreachable.len(), asked()), (1, 0, 3), "not so long");
}

#[tokio::test]
async fn what_a_feed_told_before_it_wanted_to_be_left_alone_is_taken_over_and_not_asked_for_again() {
    let shelf = Arc::new(Shelf::default());
    let (_home, journal, feed) = desk_before(Arc::clone(&shelf), Options::default()).await;
    journal.remote_adopt(AdoptInput { feed, items: vec!["1".into()] }).await.unwrap();
    *shelf.news.lock().unwrap() = vec![changed(1, "7")];
    *shelf.moods.lock().unwrap() = vec![Some(60 * 60_000), None];
    let report = journal.pull(()).await.unwrap();
    assert_eq!((report.changed, report.busy.len(), report.unreachable.len()), (1, 1, 0));
    assert_eq!(shelf.asked.load(Ordering::Relaxed), 2);
    let row = journal.store().read(move |conn| feeds::get(conn, feed)).await.unwrap();
    assert_eq!((row.cursor.as_deref(), row.health), (Some("read"), FeedHealth::Reachable), "it goes on from there");
}

#[tokio::test]
async fn a_list_says_what_is_in_the_journal_already() {
    let (_home, journal, feed) = desk().await;
    let report = journal.remote_adopt(AdoptInput { feed, items: vec!["2".into()] }).await.unwrap();
    let page = journal.remote_list(RemoteListInput { feed, page: None }).await.unwrap();
    let posts: Vec<Option<PostId>> = page.items.iter().map(|item| item.post).collect();
    assert_eq!(posts, [None, Some(report.posts[0])]);
    let item = &page.items[0];
    assert_eq!((item.published, item.files, item.titles[&Lang::zh_hans()].as_str()), (false, 1, "第1篇"));
    let last = journal.remote_list(RemoteListInput { feed, page: page.next }).await.unwrap();
    assert_eq!((last.items.len(), last.next), (1, None));
}

#[tokio::test]
async fn an_item_that_is_one_language_of_a_post_is_not_brought_in_once_more() {
    let (_home, journal, feed) = desk().await;
    let post = journal.remote_adopt(AdoptInput { feed, items: vec!["1".into()] }).await.unwrap().posts[0];
    let both = move |tx: &Tx<'_>| {
        let delivery = outbox::get(tx, post, feed)?.unwrap();
        let receipt = Receipt { remote_id: "1+2".into(), ..delivery.receipt.clone().unwrap() };
        outbox::happen(tx, Timestamp::EPOCH, delivery, Happened::Confirmed(receipt))
    };
    journal.store().write(both).await.unwrap();
    let report = journal.remote_adopt(AdoptInput { feed, items: vec!["1".into(), "2".into()] }).await.unwrap();
    assert_eq!((report.posts.len(), report.known), (0, 2));
    let page = journal.remote_list(RemoteListInput { feed, page: None }).await.unwrap();
    assert_eq!(page.items.iter().map(|item| item.post).collect::<Vec<_>>(), [Some(post); 2]);
}

#[tokio::test]
async fn what_left_from_here_and_was_never_confirmed_is_not_brought_in_as_a_second_post() {
    let (_home, journal, feed) = desk().await;
    let open = async |number: u8, happened: Happened| {
        let mut content = Content::empty(journal.clock().moment());
        content.sides = Shelf::item(number).sides;
        let input = DraftInput { post: None, base: None, version: None, content };
        let saved = journal.draft_save(input).await.unwrap();
        let (post, target, now) = (saved.post, saved.revision, journal.clock().now());
        let wanted = outbox::Wish { post, feed, wanted: Wanted::Published, target, manner: Manner::default() };
        let send = move |tx: &Tx<'_>| {
            let begun = outbox::happen(tx, now, outbox::wish(tx, now, wanted)?, Happened::Begun { files: 0 })?;
            outbox::happen(tx, now, begun, happened)
        };
        journal.store().write(send).await.unwrap();
        post
    };
    let copied = open(1, Happened::Copied).await;
    let there = Some(named("2".into(), Timestamp::EPOCH));
    let changed = open(7, Happened::Stuck { reason: NeedsYou::ChangedThere, there, asset: None }).await;
    let page = journal.remote_list(RemoteListInput { feed, page: None }).await.unwrap();
    assert_eq!(page.items.iter().map(|item| item.post).collect::<Vec<_>>(), [Some(copied), Some(changed)]);
    let items = ["1", "2", "3"].map(String::from).into();
    let report = journal.remote_adopt(AdoptInput { feed, items }).await.unwrap();
    assert_eq!((report.known, report.posts.len()), (2, 1), "only what is nobody's is a new post");
}
