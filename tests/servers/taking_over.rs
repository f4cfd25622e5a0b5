//! A blog that is there already is taken over: everything in it is listed, some of it is chosen and brought in with its photos,
//! once, however often and with whatever interruption; and what is changed here afterwards arrives there, in its place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sampan_core::api::remote::{AdoptInput, AdoptReport, PullReport, RemoteItem, RemoteListInput};
use sampan_core::api::types::*;
use sampan_core::clock::{Clock, SystemClock};
use sampan_core::domain::{DeliveryState, FeedId, PostId, Wanted};
use sampan_core::journal::Journal;

use crate::faults::Fault;
use crate::places::{Mastodon, Micropub, Place, Planted, WordPress};
use crate::proxy::Proxy;
use crate::{desk, support};

/// Items that are brought in at once.
const CHOSEN: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wordpress_blog_is_taken_over() {
    take_over(Arc::new(WordPress::told()), where_it_takes_time()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_micropub_site_is_taken_over() {
    take_over(Arc::new(Micropub::told()), 250).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mastodon_account_is_taken_over() {
    take_over(Arc::new(Mastodon::told()), where_it_takes_time()).await;
}

/// Items of a blog at a slow server: three pages of them, and a long blog only in the campaign.
fn where_it_takes_time() -> usize {
    let is_campaign = std::env::var("SAMPAN_CONTRACT").is_ok_and(|wanted| wanted == "all");
    if is_campaign { 250 } else { 45 }
}

async fn take_over(place: Arc<dyn Place>, number: usize) {
    let blog = plant(place.as_ref(), number).await;
    let home = tempfile::tempdir().unwrap();
    let proxy = Proxy::before(place.server()).await;
    let journal = desk::journal(home.path()).await;
    let feed = desk::feed(&journal, place.as_ref(), proxy.url.clone()).await.id;
    let mut newcomer = Newcomer { journal, feed, blog };

    let listed = newcomer.listed().await;
    assert_eq!(listed.len(), number, "everything, each once");
    let drafts = listed.values().filter(|item| !item.published).count();
    assert_eq!(drafts, usize::from(place.has_drafts()), "a draft is shown as one");
    assert_eq!(listed.values().filter(|item| item.files == 1).count(), 2);
    assert!(listed.values().all(|item| item.post.is_none()));

    // The last that were listed are the first that were planted: the draft and the photos are among them.
    let mut ids: Vec<String> = newcomer.blog.iter().map(|mark| listed[mark].remote_id.clone()).collect();
    ids.truncate(2 * CHOSEN);
    let (some, others) = ids.split_at(CHOSEN);
    let report = newcomer.adopt(some).await;
    assert_eq!((report.posts.len(), report.known, report.files_missing), (CHOSEN, 0, 0), "{report:?}");
    let again = newcomer.adopt(some).await;
    assert_eq!((again.posts.len(), again.known), (0, CHOSEN as u32), "nothing doubled");

    proxy.strike(6, Fault::Hold);
    let (broken, ()) = tokio::join!(newcomer.adopt(others), async {
        proxy.held().await;
        proxy.unplug().await;
        proxy.go_on();
    });
    assert!(!broken.failed.is_empty() && broken.posts.len() < CHOSEN, "interrupted: {broken:?}");
    proxy.fair();
    proxy.plug().await;
    let rest = newcomer.adopt(&ids).await;
    assert_eq!(rest.posts.len() + broken.posts.len(), CHOSEN, "it goes on where it ended: {rest:?}");
    let listed = newcomer.listed().await;
    let here: BTreeSet<PostId> = listed.values().filter_map(|item| item.post).collect();
    assert_eq!(here.len(), 2 * CHOSEN);
    assert_eq!(newcomer.journal.post_index(PostFilter::default()).await.unwrap().len(), 2 * CHOSEN);
    assert_eq!(newcomer.journal.pull(()).await.unwrap(), PullReport::default(), "what was brought in is no news");

    newcomer.journal.feed_remove(feed).await.unwrap();
    newcomer.feed = desk::feed(&newcomer.journal, place.as_ref(), proxy.url.clone()).await.id;
    let again = newcomer.adopt(&ids).await;
    assert_eq!((again.posts.len(), again.known), (0, 2 * CHOSEN as u32), "known after the feed was removed, too");
    assert_eq!(newcomer.journal.pull(()).await.unwrap(), PullReport::default());

    for mark in &newcomer.blog[..4] {
        newcomer.edit(place.as_ref(), mark, listed[mark].post.expect("it is in the journal")).await;
    }
    println!(
        "taken over, {}: {number} listed, {} brought in, {} of them after an interruption, 4 edited",
        place.name(),
        here.len(),
        rest.posts.len()
    );
    newcomer.journal.close().await;
}

/// A blog with two photos and, where there are such, a draft; answers the words that its items are found by.
async fn plant(place: &dyn Place, number: usize) -> Vec<String> {
    let name = SystemClock.new_uuid().simple().to_string();
    let mut marks = Vec::new();
    for at in 0..number {
        let photo = u8::try_from(at).ok().filter(|at| (1..=2).contains(at)).map(support::jpeg);
        let mark = format!("{name}y{at}");
        place.plant(&Planted { mark: mark.clone(), draft: at == 0 && place.has_drafts(), photo }).await;
        marks.push(mark);
    }
    marks
}

/// Somebody with an old blog and a new journal.
struct Newcomer {
    journal: Journal,
    feed: FeedId,
    /// What the blog's items are found by.
    blog: Vec<String>,
}

impl Newcomer {
    /// Everything that lies there, page by page, by the words of our blog; other tests write there, too.
    async fn listed(&self) -> BTreeMap<String, RemoteItem> {
        let (mut listed, mut page) = (BTreeMap::new(), None);
        loop {
            let answer = self.journal.remote_list(RemoteListInput { feed: self.feed, page }).await.unwrap();
            for item in answer.items {
                let texts = item.titles.values().chain([&item.excerpt]);
                let words: BTreeSet<&str> = texts.flat_map(|text| text.split([' ', '.'])).collect();
                let Some(mark) = self.blog.iter().find(|mark| words.contains(mark.as_str())) else { continue };
                // What others write meanwhile moves it to the next page.
                let id = item.remote_id.clone();
                let before = listed.insert(mark.clone(), item);
                assert!(before.is_none_or(|before| before.remote_id == id), "{mark} is there twice");
            }
            page = answer.next;
            if page.is_none() {
                return listed;
            }
        }
    }

    async fn adopt(&self, items: &[String]) -> AdoptReport {
        self.journal.remote_adopt(AdoptInput { feed: self.feed, items: items.to_vec() }).await.unwrap()
    }

    /// Edits a post here: it arrives at its own item, and what was not edited stays as it was there.
    async fn edit(&self, place: &dyn Place, mark: &str, post: PostId) {
        let [before] = &place.items(mark).await[..] else { panic!("one item with {mark}") };
        let view = self.journal.post_get(post).await.unwrap();
        let mut content = view.content;
        assert_eq!(content.attachments.len(), before.files.len(), "with its photo");
        for side in content.sides.values_mut() {
            side.body = side.body.replace("Found by", "Found again by");
        }
        let input = DraftInput { post: Some(post), base: Some(view.revision), version: Some(view.version), content };
        self.journal.draft_save(input).await.unwrap();
        let wanted = if before.public { Wanted::Published } else { Wanted::Draft };
        let send = SendInput { post, feed: self.feed, wanted, manner: Default::default() };
        self.journal.post_send(send).await.unwrap();
        self.journal.sync().await.unwrap();
        let delivery = self.journal.post_get(post).await.unwrap().deliveries.remove(0);
        assert_eq!(delivery.state, DeliveryState::Synced, "{delivery:?}");
        let [after] = &place.items(mark).await[..] else { panic!("still one item with {mark}") };
        assert_eq!((&after.id, after.public), (&before.id, before.public));
        assert_eq!(after.text, before.text.replace("Found by", "Found again by"), "nothing else is touched");
        assert_eq!(after.files, before.files);
        assert_eq!(self.journal.pull(()).await.unwrap(), PullReport::default());
    }
}
