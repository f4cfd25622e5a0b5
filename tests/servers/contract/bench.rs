//! A journal, a network and a server: what the cases of the contract are tried at.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sampan_core::api::remote::{Arrived, ArrivedInput};
use sampan_core::api::types::{DeliveryView, DraftInput, FeedChange, FeedInput, ImportInput, SendInput};
use sampan_core::clock::{Clock, SystemClock, TestClock};
use sampan_core::domain::{Attachment, Content, DeliveryState, FeedId, Lang, Manner, NeedsYou, PostId, Side, Wanted};
use sampan_core::feed::web::Patience;
use sampan_core::journal::{Journal, Options};

use super::sheet::Sheet;
use super::{STEPS, Step};
use crate::faults::Fault;
use crate::places::{Item, Place};
use crate::proxy::Proxy;
use crate::support::jpeg;
use crate::{canary, desk};

const MINUTE: i64 = 60_000;

/// The tests live so long before the servers: their hours fly by, and a post of tomorrow would be put off by the server.
const EARLIER: i64 = 365 * 24 * 60 * MINUTE;

/// A journal, a network and a server.
pub struct Bench {
    journal: Journal,
    clock: Arc<TestClock>,
    pub proxy: Proxy,
    place: Arc<dyn Place>,
    feed: FeedId,
    photos: Vec<Attachment>,
    posts: usize,
    pub sheet: Sheet,
    dir: tempfile::TempDir,
}

impl Bench {
    pub async fn set_up(place: Arc<dyn Place>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        canary::listen(dir.path());
        let clock = Arc::new(TestClock::new(SystemClock.now().as_millis() - EARLIER));
        let proxy = Proxy::before(place.server()).await;
        let journal = open(dir.path(), clock.clone()).await;
        let input = FeedInput {
            kind: place.kind(),
            name: String::new(),
            place: proxy.url.clone(),
            user: place.user().to_owned(),
            secret: Some(sampan_core::domain::Secret::new(place.secret().to_owned())),
            keep: None,
            plain_http: false,
        };
        let feed = journal.feed_add(input).await.expect("the feed is set up").id;
        let photos = photos(&journal, dir.path()).await;
        Self { journal, clock, proxy, place, feed, photos, posts: 0, sheet: Sheet::default(), dir }
    }

    /// How many requests each step makes when nothing goes wrong.
    pub async fn clean_run(&mut self) -> [usize; STEPS.len()] {
        self.forget_the_way().await;
        let (post, mark) = self.write().await;
        let mut requests = [0; STEPS.len()];
        for (step, requests) in STEPS.into_iter().zip(&mut requests) {
            self.proxy.fair();
            self.begin(step, post, &mark).await;
            self.journal.sync().await.unwrap();
            *requests = self.proxy.count();
            // A server that is busy with other tests may have needed a second try.
            self.settle(step, post, &mark, "nothing went wrong", false).await;
            self.look(step, post, &mark, "nothing went wrong").await;
            assert!(self.sheet.faults.is_empty(), "{:?}", self.sheet.faults);
        }
        requests
    }

    /// One fault at one request of one step of a new post's life.
    pub async fn strike(&mut self, struck: Step, at: usize, fault: Fault) {
        if fault.doubles() && !self.place.survives_replay() {
            self.sheet.replayed += 1;
            return;
        }
        let name = format!("{fault:?} at request {at} of {struck:?}");
        let leap = if let Fault::Leap(hours) = fault { i64::from(hours) * 60 * MINUTE } else { 0 };
        let begins = |bench: &Self| bench.proxy.strike(at, fault);
        let ends = async |bench: &Self| {
            bench.clock.advance(leap);
            bench.proxy.fair()
        };
        self.live(struck, (&name, fault.is_for_the_user()), begins, ends).await;
        self.clock.advance(-leap);
    }

    /// The life of a new post, with trouble in one step of it that begins and ends, and then tells whether there was any.
    pub async fn live(
        &mut self,
        struck: Step,
        (name, is_for_the_user): (&str, bool),
        begins: impl Fn(&Self),
        ends: impl AsyncFn(&Self) -> bool,
    ) {
        self.forget_the_way().await;
        let (post, mark) = self.write().await;
        for step in STEPS {
            self.proxy.fair();
            if step == struck {
                begins(self);
            }
            self.begin(step, post, &mark).await;
            self.journal.sync().await.unwrap();
            if step == struck {
                let met = ends(self).await;
                self.sheet.struck += usize::from(met);
                self.sheet.unmet += usize::from(!met);
            }
            self.expect_truth(step, post, &mark, name).await;
            self.settle(step, post, &mark, name, step == struck && is_for_the_user).await;
            self.look(step, post, &mark, name).await;
        }
    }

    /// A feed of another name is reached anew, with every request that this takes.
    async fn forget_the_way(&self) {
        let name = Some(format!("{} {}", self.place.name(), self.posts));
        let change = FeedChange { id: self.feed, name, enabled: None, place: None, options: None };
        self.journal.feed_change(change).await.unwrap();
    }

    /// Fair weather, and time: what was late arrives, every wait ends, and the user answers when asked.
    async fn settle(&mut self, step: Step, post: PostId, mark: &str, name: &str, is_for_the_user: bool) {
        for round in 0..12 {
            if round == 1 {
                self.proxy.deliver_late().await;
            }
            let delivery = self.delivery(post).await;
            match delivery.state {
                DeliveryState::Synced | DeliveryState::Idle if round > 1 => return,
                DeliveryState::NeedsYou { reason: NeedsYou::MaybeThere } => self.answer(post, mark).await,
                DeliveryState::NeedsYou { reason } => {
                    self.sheet.told += 1;
                    if !is_for_the_user || matches!(reason, NeedsYou::ChangedThere | NeedsYou::Conflict) {
                        self.sheet.bothered += 1;
                        self.sheet.fault(format!("{name}: after {step:?} the user is told {reason:?}"));
                    }
                    self.send_again(post, delivery.wanted).await;
                }
                _ => {}
            }
            self.clock.advance(if round == 0 { MINUTE } else { 16 * MINUTE });
            self.journal.sync().await.unwrap();
            self.expect_truth(step, post, mark, name).await;
        }
        let state = self.delivery(post).await.state;
        self.sheet.lost += 1;
        self.sheet.fault(format!("{name}: it never rests: {state:?}"));
    }

    /// What a user does who is asked: looks.
    async fn answer(&mut self, post: PostId, mark: &str) {
        self.sheet.asked += 1;
        let there = self.place.items(mark).await.into_iter().next();
        let arrived = there.map_or(Arrived::No, |item| Arrived::Yes { url: item.url });
        self.journal.delivery_arrived(ArrivedInput { post, feed: self.feed, arrived }).await.unwrap();
    }

    /// What a user does who wants it there, or was told why it waits and has seen to that.
    async fn send_again(&self, post: PostId, wanted: Wanted) {
        let input = SendInput { post, feed: self.feed, wanted, manner: Manner::default() };
        self.journal.post_send(input).await.unwrap();
    }

    /// What the journal says has to be so.
    async fn expect_truth(&mut self, step: Step, post: PostId, mark: &str, name: &str) {
        let delivery = self.delivery(post).await;
        let says_so = delivery.state == DeliveryState::Synced && delivery.wanted != Wanted::Withdrawn;
        if !says_so || step == Step::TakeBack {
            return;
        }
        let items = self.place.items(mark).await;
        if !items.iter().any(|item| item.public && says(item, step, mark)) {
            self.sheet.lied += 1;
            self.sheet.fault(format!("{name}: \"synced\" after {step:?}, but the server has {items:?}"));
        }
    }

    /// What is at the server when all is over.
    async fn look(&mut self, step: Step, post: PostId, mark: &str, name: &str) {
        if step != Step::TakeBack {
            let version = if step == Step::Edit { "second" } else { "first" };
            let mut here = self.journal.post_get(post).await.unwrap().content;
            here.topics.sort();
            if here.sides != sides(mark, version)
                || here.topics != topics(mark, version)
                || here.attachments != self.photos
            {
                self.sheet.undone += 1;
                self.sheet.fault(format!("{name}: after {step:?} the journal has {here:?}"));
            }
        }
        let items = self.place.items(mark).await;
        let (public, hidden): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| item.public);
        self.sheet.orphans += hidden.len();
        let state = self.delivery(post).await.state;
        let fault = match (step, public.as_slice()) {
            (Step::TakeBack, []) => return,
            (Step::Publish | Step::Edit, [one]) if says(one, step, mark) => return,
            (Step::Publish | Step::Edit, [_]) => &mut self.sheet.wrong,
            (Step::Publish | Step::Edit, []) => &mut self.sheet.lost,
            _ => &mut self.sheet.doubled,
        };
        *fault += 1;
        self.sheet.fault(format!("{name}: after {step:?} ({state:?}) the server has {public:?}"));
    }

    async fn delivery(&self, post: PostId) -> DeliveryView {
        let deliveries = self.journal.post_get(post).await.unwrap().deliveries;
        deliveries.into_iter().find(|delivery| delivery.feed == self.feed).expect("it was sent there")
    }

    async fn write(&mut self) -> (PostId, String) {
        self.posts += 1;
        let mark = format!("mark{}x{}", std::process::id(), self.posts);
        let mut content = Content::empty(self.clock.moment());
        content.sides = sides(&mark, "first");
        content.attachments.clone_from(&self.photos);
        content.topics = topics(&mark, "first");
        let draft = DraftInput { post: None, base: None, version: None, content };
        let saved = self.journal.draft_save(draft).await.unwrap();
        (saved.post, mark)
    }

    async fn begin(&self, step: Step, post: PostId, mark: &str) {
        if step == Step::TakeBack {
            return self.journal.post_delete(post).await.unwrap();
        }
        if step == Step::Edit {
            let before = self.journal.post_get(post).await.unwrap();
            let content = Content { sides: sides(mark, "second"), topics: topics(mark, "second"), ..before.content };
            let (base, version) = (Some(before.revision), Some(before.version));
            self.journal.draft_save(DraftInput { post: Some(post), base, version, content }).await.unwrap();
        }
        self.send_again(post, Wanted::Published).await;
    }

    /// Nothing secret lies in any file, in whatever form it travels, and no secret went to another host.
    pub async fn leave_no_secret(&self) {
        assert_eq!(self.proxy.strangers(), 0, "nobody follows a redirect to another place");
        let here = self.proxy.url.trim_start_matches("http://");
        let elsewhere: Vec<_> = self.proxy.heard().into_iter().filter(|heard| heard.host != here).collect();
        assert!(elsewhere.is_empty(), "{elsewhere:?}");
        self.journal.export(self.dir.path().join("export")).await.unwrap();
        self.journal.backup(self.dir.path().join("backup")).await.unwrap();
        canary::expect_none(self.dir.path(), self.place.user(), self.place.secret());
    }
}

/// Whether an item says what it shall say after a step.
fn says(item: &Item, step: Step, mark: &str) -> bool {
    let (now, before) = if step == Step::Edit { ("second", "first") } else { ("first", "second") };
    let wanted = [format!("{now} {mark}"), format!("今天的云 {now}")];
    wanted.iter().all(|text| item.text.contains(text))
        && !item.text.contains(&format!("{before} {mark}"))
        && item.files.len() == 2
}

/// One that many posts have, one that is new to the site, and another one from the second version on.
fn topics(mark: &str, version: &str) -> Vec<String> {
    let also = (version == "second").then_some("雾");
    // As they are sorted: a site may tell them in another order.
    [mark, "云"].into_iter().chain(also).map(str::to_owned).collect()
}

fn sides(mark: &str, version: &str) -> BTreeMap<Lang, Side> {
    let side = |title: &str, body: String| Side { title: title.to_owned(), body };
    BTreeMap::from([
        (Lang::en(), side("Low clouds", format!("Clouds today, {version} {mark}."))),
        (Lang::zh_hans(), side("低云", format!("今天的云 {version}。"))),
    ])
}

/// A journal whose time is the test's, whose secrets are in memory, and whose patience is short.
async fn open(dir: &Path, clock: Arc<TestClock>) -> Journal {
    let patience = Patience { connect: Duration::from_secs(2), stall: Duration::from_millis(2500) };
    let options = Options { clock, feed_dir: Some(dir.join("feed")), vaults: desk::vaults(), patience };
    Journal::open(&dir.join("journal"), options).await.unwrap()
}

async fn photos(journal: &Journal, dir: &Path) -> Vec<Attachment> {
    let paths = [1, 2].map(|seed| {
        let path = dir.join(format!("{seed}.jpg"));
        std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), &jpeg(seed)).unwrap();
        path.display().to_string()
    });
    let report = journal.import_files(ImportInput { paths: paths.into() }).await.unwrap();
    let alt = |number: usize| {
        BTreeMap::from([(Lang::en(), format!("Clouds {number}")), (Lang::zh_hans(), format!("云 {number}"))])
    };
    let brought = report.files.into_iter().enumerate();
    brought
        .map(|(number, file)| Attachment { asset: file.asset.unwrap().id, name: file.name, alt: alt(number) })
        .collect()
}
