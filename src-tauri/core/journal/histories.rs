//! Random histories of one post at a site where somebody else writes too: an editor that stays open while changes come in,
//! drafts that follow and posts that are sent, a user who takes back what was sent, a network that loses, delays and repeats, a
//! program that ends while it sends. What must hold: no word that anybody wrote is lost, nothing that was written here is undone,
//! and in the end both sides say the same, once, and nothing of what is taken back is left. The real adapters are tried at
//! servers in memory, in either layout of languages, and the rules alone at a `blog` that needs none. `SAMPAN_HISTORIES` and
//! `SAMPAN_SEED` say how many, and which.

mod blog;
mod ending;
mod ground;
mod mind;
mod network;
mod servers;

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::Notify;

use self::ground::Ground;
use super::Journal;
use crate::api::error::{ApiResult, ErrorCode};
use crate::api::remote::{Arrived, ArrivedInput, ConflictChoice, Resolve};
use crate::api::types::{DraftInput, LanguageLayout, PostView, SendInput};
use crate::clock::Clock;
use crate::domain::{Content, Delivery, DeliveryState, Lang, Manner, NeedsYou, PostId, RevisionId, Side, Wanted};
use crate::feed::mastodon::tests::server::State as Toots;
use crate::feed::micropub::tests::site::Store as Entries;
use crate::feed::wordpress::tests::site::Store as Posts;
use crate::store::outbox;
use crate::sync::fake::Chance;

pub(super) use self::ground::{input, vaults};

const HOUR: i64 = 60 * 60_000;

/// A site as a history sees it. Everything that lies there is of its one post.
trait Place {
    /// From now on its clock is so much ahead of ours, where it says what that shows.
    fn set_ahead(&self, millis: i64);
    /// The clock of this computer is set by so much, and the site's is not; nothing where a site has no clock of its own.
    fn set_our_clock(&self, millis: i64);
    /// From now on so many of 16 requests go wrong.
    fn set_rough(&self, of_sixteen: u64);
    /// The program will end after so many more steps of the network; is told when it did. Never, where no number is given.
    fn end_after(&self, steps: Option<u64>) -> Arc<Notify>;
    /// Somebody adds a word there; answers whether there was anything to add it to.
    fn add(&self, post: PostId, word: &str) -> bool;
    /// Somebody removes an item there, at a site that can be asked what is shown.
    fn remove(&self, _item: usize) {}
    /// The words that were written in this history, of each item.
    fn items(&self, post: PostId) -> Vec<BTreeSet<String>>;
    /// Where the items can be read.
    fn addresses(&self) -> Vec<String>;
    /// Words that a request which came late wrote over before anybody read them.
    fn destroyed(&self) -> BTreeSet<String>;
    /// Requests that came late and changed something.
    fn late(&self) -> u32;
    /// Takes everything away.
    fn clear(&self);
    /// How many items lie there; nothing where they cannot be taken back.
    fn shown(&self) -> Option<usize> {
        None
    }
    /// Whether those are only what everybody can read.
    fn hides(&self) -> bool {
        false
    }
}

/// What a number of histories came to, so that it is known that they were rough.
#[derive(Debug, Default)]
struct Count {
    conflicts: u32,
    /// Versions that came together without the user.
    merged: u32,
    /// Requests that came late and changed something.
    late: u32,
    /// Programs that ended while they sent.
    ended: u32,
    /// Times that the user was asked to look.
    asked: u32,
}

#[tokio::test]
async fn whatever_meets_whatever_no_word_is_lost_or_undone() {
    let ground = Ground::plain().await;
    ground.play("A site in memory", (60, &[5_436_979_439_277_368_372]), &[Wanted::Draft, Wanted::Published]).await;
}

#[tokio::test]
async fn a_wordpress_site_and_the_journal_say_the_same_once() {
    for layout in [LanguageLayout::Together, LanguageLayout::Linked] {
        let ground = Ground::with(Posts::default(), layout, "me").await;
        let once = [5_693_542_920_312_879_620, 3_326_683_755_112_729_994];
        ground.play("WordPress", (30, &once), &[Wanted::Draft, Wanted::Published]).await;
    }
}

#[tokio::test]
async fn a_mastodon_server_and_the_journal_say_the_same_once() {
    for layout in [LanguageLayout::Together, LanguageLayout::Linked] {
        let ground = Ground::with(Toots::default(), layout, "token").await;
        let once = [
            17_615_020_770_911_477_682,
            15_152_470_247_982_977_129,
            92_694_968_568_014_368,
            11_400_714_896_737_003_976,
        ];
        ground.play("Mastodon", (30, &once), &[Wanted::Published]).await;
    }
}

#[tokio::test]
async fn a_micropub_site_and_the_journal_say_the_same_once() {
    for layout in [LanguageLayout::Together, LanguageLayout::Linked] {
        let ground = Ground::with(Entries::default(), layout, "token-canary").await;
        let once = [
            11_283_502_235_340_121_207,
            9_830_067_844_748_653_334,
            5_644_251_377_888_427_309,
            8_709_371_186_528_912_651,
            6_110_722_422_888_835_687,
            335_373_328_725_565_380,
        ];
        ground.play("Micropub", (30, &once), &[Wanted::Draft, Wanted::Published]).await;
    }
}

/// Two languages that lie apart, at each kind of server.
async fn pairs() -> [Ground; 3] {
    let layout = LanguageLayout::Linked;
    [
        Ground::with(Posts::default(), layout, "me").await,
        Ground::with(Toots::default(), layout, "token").await,
        Ground::with(Entries::default(), layout, "token-canary").await,
    ]
}

#[tokio::test]
async fn where_somebody_removed_one_language_the_other_is_taken_back() {
    for ground in pairs().await {
        let history = History::begin(&ground, Wanted::Published, Ways::default()).await;
        for (removed, reason) in [(1, NeedsYou::PartGone), (2, NeedsYou::GoneThere)] {
            for _ in ["at first", "again"] {
                history.settle(Wanted::Published).await;
                assert_eq!((ground.place.shown(), history.delivery().await.state), (Some(2), DeliveryState::Synced));
                (0..removed).for_each(|_| ground.place.remove(0));
                history.journal.pull(()).await.unwrap();
                assert_eq!(history.delivery().await.state, DeliveryState::NeedsYou { reason });
            }
            history.settle(Wanted::Off).await;
            assert_eq!(history.delivery().await.is_there(), removed == 1);
            history.settle(Wanted::Withdrawn).await;
            assert_eq!((ground.place.shown(), history.delivery().await.is_there()), (Some(0), false));
        }
    }
}

#[tokio::test]
async fn what_somebody_wrote_in_one_language_is_kept_where_the_other_was_removed() {
    for ground in pairs().await {
        let mut history = History::begin(&ground, Wanted::Published, Ways::default()).await;
        for (act, wanted) in [(1, Wanted::Published), (2, Wanted::Withdrawn)] {
            history.settle(Wanted::Published).await;
            ground.place.remove(0);
            history.write_there(act);
            history.look().await;
            history.write(act).await;
            for _ in 0..4 {
                history.settle(wanted).await;
                history.decide(&mut Count::default()).await;
            }
            let languages = history.view().await.content.sides.len();
            assert_eq!(languages, 2, "what was removed there is not removed here");
            let (kept, shown) = (history.kept(&mut Count::default()).await, ground.place.shown());
            assert!(history.there.is_subset(&kept), "{:?} in {kept:?}", history.there);
            assert_eq!(shown, Some(if wanted == Wanted::Published { 2 } else { 0 }));
        }
    }
}

/// Whether a word was written in a history.
fn is_mark(word: &str) -> bool {
    word.starts_with("这里") || word.starts_with("there")
}

/// A word at the end of some line, or a line of its own.
fn add_word(text: &str, word: &str, chance: &Chance) -> String {
    let mut lines: Vec<String> = text.split("\n\n").map(str::to_owned).collect();
    // What parts two languages stays as it is.
    let ends: Vec<usize> = (0..lines.len()).filter(|at| !lines[*at].starts_with('·')).collect();
    let at = ends[usize::try_from(chance.below(ends.len() as u64)).unwrap()];
    match chance.below(3) {
        0 => lines.insert(at, word.to_owned()),
        _ => lines[at] = format!("{} {word}", lines[at]),
    }
    lines.join("\n\n")
}

/// What else happens in a history.
#[derive(Clone, Copy, Default)]
struct Ways {
    /// The clock of this computer is set now and then.
    sets_clock: bool,
    /// The user leaves the post out, takes it back, deletes it or switches the feed off now and then, and sends it again.
    is_fickle: bool,
    /// Such a user makes it a draft again, too.
    hides: bool,
}

struct History<'a> {
    ground: &'a Ground,
    journal: &'a Journal,
    chance: &'a Chance,
    post: PostId,
    wanted: Wanted,
    /// What the editor shows, and what it was written on.
    editor: (Content, RevisionId, u32),
    ways: Ways,
    /// Every word so far.
    here: BTreeSet<String>,
    there: BTreeSet<String>,
}

impl<'a> History<'a> {
    async fn begin(ground: &'a Ground, wanted: Wanted, ways: Ways) -> Self {
        let Ground { journal, chance, .. } = ground;
        let mut content = Content::empty(ground.clock.moment());
        let side = |title: &str, body: &str| Side { title: title.into(), body: body.into() };
        content.sides.insert(Lang::zh_hans(), side("秋茶", "第一段\n\n第二段\n\n第三段"));
        content.sides.insert(Lang::en(), side("Autumn tea", "One\n\nTwo\n\nThree"));
        content.attachments.clone_from(&ground.files);
        let input = DraftInput { post: None, base: None, version: None, content: content.clone() };
        let saved = journal.draft_save(input).await.unwrap();
        let (post, editor) = (saved.post, (content, saved.revision, saved.version));
        let (here, there) = (BTreeSet::new(), BTreeSet::new());
        Self { ground, journal, chance, post, wanted, editor, ways, here, there }
    }

    async fn run(mut self, count: &mut Count) {
        let place = &self.ground.place;
        self.send().await;
        for act in 0..6 + self.chance.below(16) {
            place.set_rough([0, 0, 4, 12][usize::try_from(self.chance.below(4)).unwrap()]);
            match self.chance.below(12) {
                0..=2 => self.write(act).await,
                3..=4 => self.write_there(act),
                5 => self.send().await,
                6 => self.look().await,
                7 if self.ways.sets_clock && self.chance.below(2) == 0 => {
                    place.set_our_clock([-24, -1, 1, 24][usize::try_from(self.chance.below(4)).unwrap()] * HOUR)
                }
                7 => self.ground.clock.advance(i64::try_from(self.chance.below(40 * 60_000)).unwrap()),
                8 => drop(self.journal.pull(()).await.unwrap()),
                _ => self.sync(count).await,
            }
            self.decide(count).await;
            if self.ways.is_fickle {
                self.change_mind().await;
            }
        }
        self.switch(true).await;
        // Where our clock is set forward meanwhile, what comes late may come after it was waited for.
        if self.ways.is_fickle && !self.ways.sets_clock && self.chance.below(2) == 0 {
            self.ground.place.set_rough(0);
        } else {
            self.end_well(count).await;
        }
        // Of a pair that is public by half no feed says so.
        let is_whole = self.ground.layout == LanguageLayout::Together;
        if self.ways.is_fickle && self.ways.hides && is_whole && !self.ways.sets_clock {
            self.stay_hidden(count).await;
        }
        if self.ways.is_fickle {
            self.take_back(count).await;
        }
        self.wish(Wanted::Off).await;
    }

    /// Sends what waits; sometimes the program ends while it does.
    async fn sync(&self, count: &mut Count) {
        let fuse = (self.chance.below(3) == 0).then(|| self.chance.below(24));
        let ended = self.ground.place.end_after(fuse);
        tokio::select! {
            biased;
            () = ended.notified() => count.ended += 1,
            done = self.journal.sync_now(()) => drop(done.unwrap()),
        }
        self.ground.place.end_after(None);
    }

    /// The editor goes on from what it last saved, whatever came in meanwhile.
    async fn write(&mut self, act: u64) {
        let lang = if self.chance.below(2) == 0 { Lang::zh_hans() } else { Lang::en() };
        let word = format!("这里{act}");
        let (content, base, version) = &mut self.editor.clone();
        let side = content.sides.get_mut(&lang).unwrap();
        if self.chance.below(4) == 0 {
            side.title += &format!(" {word}")
        } else {
            side.body = add_word(&side.body, &word, self.chance)
        }
        let (post, base, version) = (Some(self.post), Some(*base), Some(*version));
        let saved =
            self.journal.draft_save(DraftInput { post, base, version, content: content.clone() }).await.unwrap();
        self.editor = (content.clone(), saved.revision, saved.version);
        self.here.insert(word);
    }

    fn write_there(&mut self, act: u64) {
        let word = format!("there{act}");
        if self.ground.place.add(self.post, &word) {
            self.there.insert(word);
        }
    }

    /// Wishes for something, and sends until nothing can be on its way any more.
    async fn settle(&self, wanted: Wanted) {
        self.wish(wanted).await;
        for _ in 0..3 {
            self.journal.sync_now(()).await.unwrap();
            self.ground.clock.advance(HOUR);
        }
    }

    /// Wishes for what the history is about, unless the feed is switched off.
    async fn send(&mut self) {
        self.send_as(self.wanted).await;
    }

    /// The same for something else.
    async fn send_as(&self, wanted: Wanted) {
        match self.say(wanted).await {
            Err(error) if error.code == ErrorCode::FeedOff => {}
            said => said.unwrap(),
        }
    }

    async fn wish(&self, wanted: Wanted) {
        self.say(wanted).await.unwrap();
    }

    async fn say(&self, wanted: Wanted) -> ApiResult<()> {
        let (post, feed, manner) = (self.post, self.ground.feed, Manner::default());
        self.journal.post_send(SendInput { post, feed, wanted, manner }).await.map(drop)
    }

    async fn view(&self) -> PostView {
        self.journal.post_get(self.post).await.unwrap()
    }

    async fn delivery(&self) -> Delivery {
        let (post, feed) = (self.post, self.ground.feed);
        self.journal.store().read(move |conn| outbox::get(conn, post, feed)).await.unwrap().unwrap()
    }

    /// The editor shows what is the newest.
    async fn look(&mut self) {
        let view = self.view().await;
        self.editor = (view.content, view.revision, view.version);
    }

    /// The user keeps what is here wherever that is asked, and looks where nobody else can tell.
    async fn decide(&mut self, count: &mut Count) {
        for conflict in self.journal.conflicts(()).await.unwrap() {
            count.conflicts += 1;
            let resolve =
                if self.chance.below(2) == 0 { Resolve::Ours } else { Resolve::Choose { theirs: Vec::new() } };
            let (post, feed, ours, theirs) = (conflict.post, conflict.feed, conflict.ours, conflict.theirs);
            self.journal.conflict_resolve(ConflictChoice { post, feed, ours, theirs, resolve }).await.unwrap();
            self.look().await;
        }
        if self.delivery().await.state == (DeliveryState::NeedsYou { reason: NeedsYou::MaybeThere }) {
            count.asked += 1;
            // After our clock was set forward the question comes early: whoever is careful looks once more before saying anything.
            if self.ways.sets_clock {
                self.ground.clock.advance(HOUR);
            }
            for url in self.ground.place.addresses() {
                match self.journal.delivery_arrived(self.says(Arrived::Yes { url })).await {
                    // That is the other language.
                    Err(error) if error.code == ErrorCode::ItemNotFound => {}
                    told => return drop(told.unwrap()),
                }
            }
            self.journal.delivery_arrived(self.says(Arrived::No)).await.unwrap();
        }
    }

    fn says(&self, arrived: Arrived) -> ArrivedInput {
        ArrivedInput { post: self.post, feed: self.ground.feed, arrived }
    }
}
