//! A post's journey to every kind of feed and back: written and sent while nothing can be reached, it arrives by itself, whole and
//! clean; what is changed, deleted or lost on either side meets the other, and nothing is thrown away here. The same steps for
//! real servers and for a folder; the counts are printed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sampan_core::api::remote::{ConflictChoice, Part, PartName, PullReport, Resolve};
use sampan_core::api::types::*;
use sampan_core::clock::{Clock, SystemClock};
use sampan_core::domain::destination::{LanguageLayout, LongText};
use sampan_core::domain::{
    Attachment, Content, DeliveryState, Digest, FeedId, Lang, NeedsYou, Origin, PostId, Secret, Side, Wanted,
};
use sampan_core::feed::web::Patience;
use sampan_core::journal::{Journal, Options};
use sampan_core::media;
use sampan_core::vault::{Memory, Vaults};

use crate::places::{Folder, Item, Mastodon, Micropub, Place, WordPress};
use crate::proxy::Proxy;
use crate::samples;

/// Nothing here takes longer, however busy the computer is.
const PATIENCE: Duration = Duration::from_secs(90);
/// Files of the post that carries some: four photos and a clip.
const FILES: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_travel_to_wordpress_and_back() {
    Journey::over(Way::cable(Arc::new(WordPress::told())).await).await.go().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_travel_to_micropub_and_back() {
    Journey::over(Way::cable(Arc::new(Micropub::told())).await).await.go().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_travel_to_mastodon_and_back() {
    Journey::over(Way::cable(Arc::new(Mastodon::told())).await).await.go().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_travel_to_a_folder_and_back() {
    let home = tempfile::tempdir().unwrap();
    Journey::over(Way::disk(home.path())).await.go().await;
}

/// The way to a place, which can be cut.
struct Way {
    place: Arc<dyn Place>,
    means: Means,
}

/// What a way is made of.
enum Means {
    /// A network.
    Cable(Proxy),
    /// A disk, and where it is while it is not plugged in.
    Disk { plugged: PathBuf, away: PathBuf },
}

impl Way {
    async fn cable(place: Arc<dyn Place>) -> Self {
        let means = Means::Cable(Proxy::before(place.server()).await);
        Self { place, means }
    }

    fn disk(home: &Path) -> Self {
        let (plugged, away) = (home.join("disk"), home.join("away"));
        std::fs::create_dir(&plugged).unwrap();
        Self { place: Arc::new(Folder::at(&plugged)), means: Means::Disk { plugged, away } }
    }

    fn address(&self) -> String {
        match &self.means {
            Means::Cable(proxy) => proxy.url.clone(),
            Means::Disk { plugged, .. } => plugged.display().to_string(),
        }
    }

    async fn cut(&self) {
        match &self.means {
            Means::Cable(proxy) => proxy.unplug().await,
            Means::Disk { plugged, away } => std::fs::rename(plugged, away).unwrap(),
        }
    }

    async fn mend(&self) {
        match &self.means {
            Means::Cable(proxy) => proxy.plug().await,
            Means::Disk { plugged, away } => std::fs::rename(away, plugged).unwrap(),
        }
    }

    /// From now on the place answers as if it had lost everything: in its lists only, or by name, too.
    fn lose(&self, by_name: bool) {
        match &self.means {
            Means::Cable(proxy) => {
                let place = Arc::clone(&self.place);
                proxy.let_answer(Some(Box::new(move |request| place.emptied(request, by_name))));
            }
            Means::Disk { plugged, away } => std::fs::rename(plugged.join("published"), away).unwrap(),
        }
    }

    fn find_again(&self) {
        match &self.means {
            Means::Cable(proxy) => proxy.let_answer(None),
            Means::Disk { plugged, away } => std::fs::rename(away, plugged.join("published")).unwrap(),
        }
    }
}

/// What was seen on the way.
#[derive(Debug, Default)]
struct Sheet {
    seconds_until_there: f32,
    files_equal: usize,
    taken_over: u32,
    merged: u32,
    conflicts: u32,
    gone_there: u32,
    held_back: usize,
    accepted: u32,
}

/// A journal behind a window, and one feed.
struct Journey {
    way: Way,
    journal: Journal,
    feed: FeedId,
    files: Vec<Attachment>,
    posts: u32,
    sheet: Sheet,
    home: tempfile::TempDir,
}

impl Journey {
    async fn over(way: Way) -> Self {
        let home = tempfile::tempdir().unwrap();
        let memory = || Arc::new(Memory::default());
        let vaults = Vaults { keychain: memory(), file: memory(), session: memory(), environment: |_| None };
        let options = Options {
            clock: Arc::new(SystemClock),
            feed_dir: Some(home.path().join("feed")),
            vaults,
            patience: Patience::default(),
        };
        let journal = Journal::open(&home.path().join("journal"), options).await.unwrap();
        let input = FeedInput {
            kind: way.place.kind(),
            name: "There".into(),
            place: way.address(),
            user: way.place.user().to_owned(),
            secret: Some(Secret::new(way.place.secret().to_owned())).filter(|_| !way.place.secret().is_empty()),
            keep: None,
            plain_http: false,
        };
        let feed = journal.feed_add(input).await.expect("the feed is set up");
        // So that a place with one language for an item says both.
        // A clip follows the photos in a reply.
        let options = FeedOptions { languages: LanguageLayout::Linked, long_text: LongText::Split, ..feed.options };
        let options = (way.place.kind() == FeedKind::Mastodon).then_some(options);
        let change = FeedChange { id: feed.id, name: None, enabled: None, place: None, options };
        journal.feed_change(change).await.unwrap();
        let files = files(&journal, home.path()).await;
        journal.start();
        Self { way, journal, feed: feed.id, files, posts: 0, sheet: Sheet::default(), home }
    }

    async fn go(mut self) {
        self.arrive_by_themselves().await;
        self.meet_halfway().await;
        self.collide().await;
        self.delete_here().await;
        self.delete_there().await;
        self.lose_everything().await;
        println!("journey, {}: {:?}", self.way.place.name(), self.sheet);
        assert!(self.journal.check(()).await.unwrap().clean);
        if !self.way.place.secret().is_empty() {
            crate::canary::expect_none(self.home.path(), self.way.place.user(), self.way.place.secret());
        }
        self.journal.close().await;
    }

    /// Written and sent with the network off; on again, they go by themselves.
    async fn arrive_by_themselves(&mut self) {
        let files = self.files.clone();
        let mut sent = Vec::new();
        self.way.cut().await;
        let drafts = self.way.place.has_drafts().then_some(Wanted::Draft);
        for wanted in drafts.into_iter().chain([Wanted::Published]) {
            let (post, mark) = self.write(files.clone()).await;
            let promised = self.promised(post).await;
            assert_eq!(promised.len(), FILES);
            self.send(post, wanted).await;
            sent.push((post, mark, wanted, promised));
        }
        let is_told = async || {
            let connection = self.journal.connection(()).await.unwrap();
            (connection.state == ConnectionState::Offline).then_some(connection)
        };
        let connection = self.until("it is said that they wait", is_told).await;
        assert_eq!((connection.waiting as usize, connection.needs_you), (sent.len(), 0));
        assert_eq!(connection.unreachable, ["There"]);
        for (post, ..) in &sent {
            let delivery = self.delivery(*post).await;
            assert!(delivery.receipt.is_none() && delivery.state != DeliveryState::Synced, "{delivery:?}");
        }

        self.way.mend().await;
        let back = Instant::now();
        for (post, ..) in &sent {
            self.until_synced(*post).await;
        }
        self.sheet.seconds_until_there = back.elapsed().as_secs_f32();
        for (_, mark, wanted, promised) in &sent {
            let item = self.item(mark).await;
            assert_eq!(item.public, *wanted == Wanted::Published, "a draft stays a draft: {item:?}");
            self.expect_whole(&item, promised).await;
        }
        assert_eq!(self.pull().await, PullReport::default(), "our own writing is no news");
    }

    /// The files there are the copies that were promised, clean, with what they show and in which languages it is said.
    async fn expect_whole(&mut self, item: &Item, promised: &BTreeSet<Digest>) {
        let mut there = BTreeSet::new();
        for url in &item.files {
            let bytes = self.way.place.download(url).await;
            let facts = media::probe(&mut Cursor::new(&bytes));
            assert!(facts.point.is_none() && facts.make.is_none() && !facts.owner, "{url} tells too much");
            for secret in ["secret", "SERIAL", "+27.1281"] {
                assert!(!bytes.windows(secret.len()).any(|some| some == secret.as_bytes()), "{secret} in {url}");
            }
            there.insert(Digest::of(&bytes));
        }
        assert_eq!(&there, promised, "byte for byte");
        self.sheet.files_equal += there.len();
        for attachment in &self.files {
            for (lang, alt) in &attachment.alt {
                assert!(item.text.contains(alt.as_str()), "alt text in {lang}: {item:?}");
            }
        }
        let langs: BTreeSet<&str> = item.langs.iter().filter_map(|lang| lang.split('-').next()).collect();
        assert_eq!(langs, BTreeSet::from(["en", "zh"]), "{item:?}");
    }

    /// Edited here, there, and on both sides in different places.
    async fn meet_halfway(&mut self) {
        let published = self.sent(Wanted::Published).await;
        self.edit_here(published.0, "Low clouds", "High clouds").await;
        assert!(self.delivery(published.0).await.changed_since, "the update is the user's to send");
        self.send(published.0, Wanted::Published).await;
        self.expect_both(&published, "High clouds").await;
        if self.way.place.has_drafts() {
            let draft = self.sent(Wanted::Draft).await;
            self.edit_here(draft.0, "Low clouds", "High clouds").await;
            self.journal.sync_now(()).await.unwrap();
            let item = self.expect_both(&draft, "High clouds").await;
            assert!(!item.public);
        }

        let item = self.item(&published.1).await;
        self.way.place.edit(&item, "第二句", "第二句是那里改的").await;
        self.sheet.taken_over += self.pull().await.changed;
        assert_eq!(self.sheet.taken_over, 1);
        let delivery = self.delivery(published.0).await;
        assert_eq!((delivery.state, delivery.changed_since), (DeliveryState::Synced, false));
        self.expect_both(&published, "第二句是那里改的").await;
        assert_eq!(self.pull().await, PullReport::default(), "once");

        let item = self.item(&published.1).await;
        self.way.place.edit(&item, "云很低", "云散了").await;
        self.edit_here(published.0, "High clouds", "No clouds").await;
        self.send(published.0, Wanted::Published).await;
        self.expect_both(&published, "No clouds").await;
        self.expect_both(&published, "云散了").await;
        assert!(self.origins(published.0).await.contains(&Origin::Merge));
        self.sheet.merged += 1;
    }

    /// Edited on both sides in the same places; solved in each way.
    async fn collide(&mut self) {
        let some = Resolve::Choose { theirs: vec![PartName { part: Part::Body, lang: Some(Lang::en()) }] };
        let ways = [
            (Resolve::Ours, ["这里", "Here"]),
            (Resolve::Theirs, ["那里", "There"]),
            (some, ["这里", "There"]),
            (Resolve::TwoPosts, ["那里", "There"]),
        ];
        for (resolve, expected) in ways {
            let sent = self.conflict().await;
            let before = self.all().await;
            let conflict = self.journal.conflicts(()).await.unwrap().remove(0);
            let (ours, theirs) = (conflict.ours, conflict.theirs);
            let choice = ConflictChoice { post: sent.0, feed: self.feed, ours, theirs, resolve: resolve.clone() };
            self.journal.conflict_resolve(choice).await.unwrap();
            let made: Vec<PostId> = self.all().await.difference(&before).copied().collect();
            let there = match made.as_slice() {
                [] => sent,
                [second] => {
                    assert_eq!(self.text(sent.0).await, text(["这里", "Here"], &sent.1), "the first is as it was");
                    assert!(matches!(self.delivery(sent.0).await.wanted, Wanted::Off | Wanted::Withdrawn));
                    (*second, sent.1)
                }
                _ => panic!("{made:?}"),
            };
            self.until_synced(there.0).await;
            assert_eq!(self.text(there.0).await, text(expected, &there.1), "{resolve:?}");
            for words in expected {
                self.expect_both(&there, words).await;
            }
            self.edit_here(there.0, "第二句", "第二句又改了").await;
            self.send(there.0, Wanted::Published).await;
            self.expect_both(&there, "第二句又改了").await;
            assert!(self.journal.conflicts(()).await.unwrap().is_empty());
        }
    }

    /// A post that was changed on both sides in ways that exclude each other.
    async fn conflict(&mut self) -> (PostId, String) {
        let sent = self.sent(Wanted::Published).await;
        for (from, there, here) in [("云很低", "那里", "这里"), ("Low clouds", "There", "Here")] {
            self.way.place.edit(&self.item(&sent.1).await, from, there).await;
            self.edit_here(sent.0, from, here).await;
        }
        let report = self.pull().await;
        assert_eq!((report.changed, report.conflicts), (0, 1), "{report:?}");
        self.sheet.conflicts += report.conflicts;
        let stuck = DeliveryState::NeedsYou { reason: NeedsYou::Conflict };
        assert_eq!(self.delivery(sent.0).await.state, stuck);
        assert_eq!(self.text(sent.0).await, text(["这里", "Here"], &sent.1), "nothing here is touched");
        let origins = self.origins(sent.0).await;
        assert!(origins.contains(&Origin::Pull) && origins.contains(&Origin::Edit), "both are in the history");
        sent
    }

    async fn delete_here(&mut self) {
        let (post, mark) = self.sent(Wanted::Published).await;
        self.journal.post_delete(post).await.unwrap();
        let is_gone = async || self.way.place.items(&mark).await.is_empty().then_some(());
        self.until("it is gone there", is_gone).await;
        if let Some(trash) = self.way.place.in_trash(&mark).await {
            assert_eq!(trash, 1, "in the trash, where it can be had back");
        }
        self.until("that is confirmed", async || {
            let delivery = self.delivery(post).await;
            delivery.receipt.is_none_or(|receipt| receipt.known == Wanted::Withdrawn).then_some(())
        })
        .await;
    }

    async fn delete_there(&mut self) {
        let (post, mark) = self.sent(Wanted::Published).await;
        self.way.place.remove(&self.item(&mark).await).await;
        let report = self.pull().await;
        if self.way.place.says_gone() {
            assert_eq!((report.gone, report.changed), (1, 0), "{report:?}");
            self.sheet.gone_there += report.gone;
        } else {
            assert_eq!(report, PullReport::default(), "not there is not deleted");
            self.edit_here(post, "Low clouds", "High clouds").await;
            self.send(post, Wanted::Published).await;
        }
        let before = self.text(post).await;
        let told = DeliveryState::NeedsYou { reason: NeedsYou::GoneThere };
        self.until("it is told", async || (self.delivery(post).await.state == told).then_some(())).await;
        assert_eq!(self.text(post).await, before, "nothing is deleted here");
        assert!(self.way.place.items(&mark).await.is_empty(), "nor made again there");
    }

    /// A place that forgot everything is not believed.
    async fn lose_everything(&mut self) {
        let mut sent = Vec::new();
        for _ in 0..6 {
            sent.push(self.sent(Wanted::Published).await.0);
        }
        self.pull().await;
        for by_name in [false, true] {
            self.way.lose(by_name);
            let report = self.pull().await;
            self.way.find_again();
            assert_eq!((report.changed, report.gone, report.conflicts), (0, 0, 0), "{report:?}");
            assert_eq!(report.held_back.len(), usize::from(by_name && self.way.place.says_gone()), "{report:?}");
            self.sheet.held_back += report.held_back.len();
            for post in &sent {
                let delivery = self.delivery(*post).await;
                assert_eq!((delivery.state, delivery.changed_since), (DeliveryState::Synced, false));
            }
        }
        if self.way.place.says_gone() {
            self.believe(&sent).await;
        } else {
            assert_eq!(self.pull().await, PullReport::default(), "all is as it was");
        }
    }

    /// The user looked, and everything is gone there indeed: it is told of every post, and every post stays here.
    async fn believe(&mut self, sent: &[PostId]) {
        let posts = self.all().await;
        self.way.lose(true);
        let feed = self.journal.feed_list(()).await.unwrap().into_iter().find(|feed| feed.id == self.feed);
        assert!(feed.is_some_and(|feed| feed.held_back as usize >= sent.len()), "it is told until then");
        let report = self.journal.pull_accept(self.feed).await.unwrap();
        assert!(report.gone as usize >= sent.len() && report.held_back.is_empty(), "{report:?}");
        let told = DeliveryState::NeedsYou { reason: NeedsYou::GoneThere };
        for post in sent {
            assert_eq!(self.delivery(*post).await.state, told);
        }
        assert_eq!(self.all().await, posts, "nothing is deleted here");
        let feed = self.journal.feed_list(()).await.unwrap().into_iter().find(|feed| feed.id == self.feed);
        assert_eq!(feed.map(|feed| feed.held_back), Some(0));
        self.sheet.accepted += report.gone;
    }

    /// A post without files, and the word by which it is found there.
    async fn sent(&mut self, wanted: Wanted) -> (PostId, String) {
        let (post, mark) = self.write(Vec::new()).await;
        self.send(post, wanted).await;
        self.until_synced(post).await;
        (post, mark)
    }

    async fn write(&mut self, attachments: Vec<Attachment>) -> (PostId, String) {
        self.posts += 1;
        let mark = format!("{}x{}", SystemClock.new_uuid().simple(), self.posts);
        let mut content = Content::empty(SystemClock.moment());
        content.sides = sides(["云很低", "Low clouds"], &mark);
        content.topics = vec!["天气".into()];
        content.attachments = attachments;
        let saved = self.journal.draft_save(DraftInput { post: None, base: None, version: None, content }).await;
        (saved.unwrap().post, mark)
    }

    async fn edit_here(&self, post: PostId, from: &str, to: &str) {
        let view = self.journal.post_get(post).await.unwrap();
        let mut content = view.content;
        for side in content.sides.values_mut() {
            side.body = side.body.replace(from, to);
        }
        let input = DraftInput { post: Some(post), base: Some(view.revision), version: Some(view.version), content };
        self.journal.draft_save(input).await.unwrap();
        self.journal.draft_seal(post).await.unwrap();
    }

    async fn send(&self, post: PostId, wanted: Wanted) {
        let input = SendInput { post, feed: self.feed, wanted, manner: Default::default() };
        self.journal.post_send(input).await.unwrap();
    }

    /// The copies that the journal says will leave.
    async fn promised(&self, post: PostId) -> BTreeSet<Digest> {
        let dir = tempfile::tempdir().unwrap();
        let written = self.journal.preview_write(post, dir.path().to_owned()).await.unwrap();
        written.iter().map(|file| Digest::of(&std::fs::read(&file.path).unwrap())).collect()
    }

    async fn pull(&self) -> PullReport {
        self.journal.pull(()).await.unwrap()
    }

    async fn all(&self) -> BTreeSet<PostId> {
        let all = self.journal.post_index(PostFilter::default()).await.unwrap();
        all.into_iter().map(|entry| entry.id).collect()
    }

    async fn delivery(&self, post: PostId) -> DeliveryView {
        let deliveries = self.journal.post_get(post).await.unwrap().deliveries;
        deliveries.into_iter().find(|delivery| delivery.feed == self.feed).expect("it was sent there")
    }

    async fn origins(&self, post: PostId) -> Vec<Origin> {
        self.journal.history(post).await.unwrap().into_iter().map(|entry| entry.origin).collect()
    }

    async fn text(&self, post: PostId) -> BTreeMap<Lang, Side> {
        self.journal.post_get(post).await.unwrap().content.sides
    }

    /// The one item with a word.
    async fn item(&self, mark: &str) -> Item {
        let mut items = self.way.place.items(mark).await;
        assert_eq!(items.len(), 1, "{items:?}");
        items.remove(0)
    }

    /// Words are in the post here and, once it is there, in the one item.
    async fn expect_both(&self, (post, mark): &(PostId, String), words: &str) -> Item {
        self.until_synced(*post).await;
        let here = self.text(*post).await;
        assert!(here.values().any(|side| side.body.contains(words)), "{words} in {here:?}");
        let item = self.item(mark).await;
        assert!(item.text.contains(words), "{words} in {item:?}");
        item
    }

    async fn until_synced(&self, post: PostId) {
        let is_synced = async || {
            let delivery = self.delivery(post).await;
            // What was changed there is about to meet what is here.
            let meets = DeliveryState::NeedsYou { reason: NeedsYou::ChangedThere };
            let is_stuck = matches!(delivery.state, DeliveryState::NeedsYou { .. }) && delivery.state != meets;
            assert!(!is_stuck, "{delivery:?}");
            (delivery.state == DeliveryState::Synced).then_some(())
        };
        self.until("it is there", is_synced).await;
    }

    /// Looks again whenever the journal says that something happened.
    async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let mut events = self.journal.events();
        let found = async {
            loop {
                if let Some(found) = look().await {
                    return found;
                }
                // One that was missed was followed by others.
                events.recv().await.ok();
            }
        };
        let found = tokio::time::timeout(PATIENCE, found).await;
        let Ok(found) = found else { panic!("{what}, in vain: {:?}", self.journal.outbox(()).await) };
        found
    }
}

fn text(words: [&str; 2], mark: &str) -> BTreeMap<Lang, Side> {
    sides(words, mark)
}

fn sides([zh, en]: [&str; 2], mark: &str) -> BTreeMap<Lang, Side> {
    let side = |title: &str, body: String| Side { title: title.to_owned(), body };
    BTreeMap::from([
        (Lang::zh_hans(), side("湖上", format!("{zh}。第二句。"))),
        (Lang::en(), side("On the lake", format!("{en}. A second sentence, {mark}."))),
    ])
}

/// Four photos and a clip that know where they were taken, with what they show.
async fn files(journal: &Journal, dir: &Path) -> Vec<Attachment> {
    let mut paths = Vec::new();
    for seed in 1..FILES as u8 {
        let picture = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([seed, x as u8, y as u8]));
        let path = dir.join(format!("照片 {seed}.jpg"));
        std::fs::write(&path, samples::phone_jpeg_of(&picture)).unwrap();
        paths.push(path.display().to_string());
    }
    let clip = dir.join("clip.mp4");
    std::fs::write(&clip, samples::file("place.mp4").into_inner()).unwrap();
    paths.push(clip.display().to_string());
    let report = journal.import_files(ImportInput { paths }).await.unwrap();
    let alt = |number| {
        BTreeMap::from([
            (Lang::en(), format!("clouds, number {number}")),
            (Lang::zh_hans(), format!("云，第{number}张")),
        ])
    };
    let files = (1..).zip(report.files).map(|(number, file)| Attachment {
        asset: file.asset.unwrap().id,
        name: file.name,
        alt: alt(number),
    });
    let files: Vec<Attachment> = files.collect();
    assert_eq!(files.len(), FILES);
    files
}
