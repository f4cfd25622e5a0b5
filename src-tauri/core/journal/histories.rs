//! Random histories of one post at a site where somebody else writes too: an editor that stays open while changes come in,
//! drafts that follow and posts that are sent, a network that loses, delays and repeats. What must hold: no word that anybody
//! wrote is lost, nothing that was written here is undone, and in the end both sides say the same. `SAMPAN_HISTORIES` and
//! `SAMPAN_SEED` say how many, and which.

mod blog;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::blog::Blog;
use super::{Journal, Options};
use crate::api::remote::{ConflictChoice, Resolve};
use crate::api::types::{DraftInput, FeedInput, FeedKind, PostView, SendInput};
use crate::clock::{Clock, TestClock};
use crate::domain::{Content, Delivery, DeliveryState, FeedId, Lang, Manner, Origin, PostId, RevisionId, Side, Wanted};
use crate::store::{feeds, outbox, revisions};
use crate::sync::fake::Chance;

/// What a number of histories came to, so that it is known that they were rough.
#[derive(Debug, Default)]
struct Count {
    conflicts: u32,
    /// Versions that came together without the user.
    merged: u32,
    /// Requests that came late and changed something.
    late: u32,
}

#[tokio::test]
async fn whatever_meets_whatever_no_word_is_lost_or_undone() {
    let set = |name: &str, otherwise: u64| std::env::var(name).map_or(otherwise, |text| text.parse().unwrap());
    let (number, seed) = (set("SAMPAN_HISTORIES", 60), set("SAMPAN_SEED", 0));
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(TestClock::new(1_736_240_000_000));
    let options = Options { clock: clock.clone(), ..Options::default() };
    let journal = Journal::open(dir.path(), options).await.unwrap();
    let mut count = Count::default();
    for history in 0..number {
        let chance = Chance::new(seed.wrapping_add(history.wrapping_mul(0x9E37_79B9_97F4_A7C1)));
        let mut history = History::begin(&journal, &clock, chance).await;
        history.run(&mut count).await;
        journal.feed_remove(history.feed).await.unwrap();
    }
    println!("both sides writing, from seed {seed}: {count:?}");
    println!("| both sides writing, simulated | {number} | 0 | 0 | | 0 | {} |", count.conflicts);
    let few = u32::try_from(number / 20).unwrap();
    assert!(count.conflicts >= few && count.merged >= few && count.late > 0, "{count:?}: the histories must be rough");
}

struct History {
    journal: Journal,
    clock: Arc<TestClock>,
    chance: Chance,
    blog: Blog,
    feed: FeedId,
    post: PostId,
    wanted: Wanted,
    /// What the editor shows, and what it was written on.
    editor: (Content, RevisionId, u32),
    /// Every word so far.
    here: BTreeSet<String>,
    there: BTreeSet<String>,
}

impl History {
    async fn begin(journal: &Journal, clock: &Arc<TestClock>, chance: Chance) -> Self {
        let name = chance.next().to_string();
        let place = journal.store().dir().join(&name).to_string_lossy().into_owned();
        let (kind, user) = (FeedKind::Folder, String::new());
        let input = FeedInput { kind, name, place, user, secret: None, keep: None, plain_http: false };
        let feed = journal.feed_add(input).await.unwrap().id;
        let row = journal.store().read(move |conn| feeds::get(conn, feed)).await.unwrap();
        let blog =
            Blog { site: Arc::default(), clock: Arc::clone(clock), chance: chance.clone(), facts: row.facts.clone() };
        journal.put_adapter(row, Arc::new(blog.clone()));
        let mut content = Content::empty(clock.moment());
        let side = |title: &str, body: &str| Side { title: title.into(), body: body.into() };
        content.sides.insert(Lang::zh_hans(), side("秋茶", "第一段\n\n第二段\n\n第三段"));
        content.sides.insert(Lang::en(), side("Autumn tea", "One\n\nTwo\n\nThree"));
        let input = DraftInput { post: None, base: None, version: None, content: content.clone() };
        let saved = journal.draft_save(input).await.unwrap();
        let wanted = if chance.below(2) == 0 { Wanted::Draft } else { Wanted::Published };
        let editor = (content, saved.revision, saved.version);
        let (journal, clock, post) = (journal.clone(), Arc::clone(clock), saved.post);
        let (here, there) = (BTreeSet::new(), BTreeSet::new());
        Self { journal, clock, chance, blog, feed, post, wanted, editor, here, there }
    }

    async fn run(&mut self, count: &mut Count) {
        self.send().await;
        for act in 0..6 + self.chance.below(16) {
            self.blog.now().rough = [0, 0, 4, 12][usize::try_from(self.chance.below(4)).unwrap()];
            match self.chance.below(12) {
                0..=2 => self.write(act).await,
                3..=4 => self.write_there(act),
                5 => self.send().await,
                6 => self.look().await,
                7 => self.clock.advance(i64::try_from(self.chance.below(40 * 60_000)).unwrap()),
                8 => drop(self.journal.pull(()).await.unwrap()),
                _ => drop(self.journal.sync_now(()).await.unwrap()),
            }
            self.decide(count).await;
        }
        self.end_well(count).await;
    }

    /// A word at the end of some line, or a line of its own.
    fn add(&self, text: &str, word: &str) -> String {
        let mut lines: Vec<String> = text.split("\n\n").map(str::to_owned).collect();
        let at = usize::try_from(self.chance.below(lines.len() as u64)).unwrap();
        match self.chance.below(3) {
            0 => lines.insert(at, word.to_owned()),
            _ => lines[at] = format!("{} {word}", lines[at]),
        }
        lines.join("\n\n")
    }

    fn language(&self) -> Lang {
        if self.chance.below(2) == 0 { Lang::zh_hans() } else { Lang::en() }
    }

    /// The editor goes on from what it last saved, whatever came in meanwhile.
    async fn write(&mut self, act: u64) {
        let (lang, word) = (self.language(), format!("这里{act}"));
        let (content, base, version) = &mut self.editor.clone();
        let side = content.sides.get_mut(&lang).unwrap();
        if self.chance.below(4) == 0 {
            side.title += &format!(" {word}")
        } else {
            side.body = self.add(&side.body, &word)
        }
        let (post, base, version) = (Some(self.post), Some(*base), Some(*version));
        let saved =
            self.journal.draft_save(DraftInput { post, base, version, content: content.clone() }).await.unwrap();
        self.editor = (content.clone(), saved.revision, saved.version);
        self.here.insert(word);
    }

    fn write_there(&mut self, act: u64) {
        let (lang, word) = (self.language(), format!("there{act}"));
        let now = self.clock.now();
        let mut site = self.blog.now();
        let Some(entry) = site.entries.get_mut(&self.post) else { return };
        let side = entry.sides.get_mut(&lang).unwrap();
        side.body = self.add(&side.body, &word);
        entry.modified = now;
        drop(site);
        self.there.insert(word);
    }

    async fn send(&mut self) {
        let (post, feed, wanted, manner) = (self.post, self.feed, self.wanted, Manner::default());
        self.journal.post_send(SendInput { post, feed, wanted, manner }).await.unwrap();
    }

    async fn view(&self) -> PostView {
        self.journal.post_get(self.post).await.unwrap()
    }

    async fn delivery(&self) -> Delivery {
        let (post, feed) = (self.post, self.feed);
        self.journal.store().read(move |conn| outbox::get(conn, post, feed)).await.unwrap().unwrap()
    }

    /// The editor shows what is the newest.
    async fn look(&mut self) {
        let view = self.view().await;
        self.editor = (view.content, view.revision, view.version);
    }

    /// The user keeps what is here wherever that is asked.
    async fn decide(&mut self, count: &mut Count) {
        for conflict in self.journal.conflicts(()).await.unwrap() {
            count.conflicts += 1;
            let resolve =
                if self.chance.below(2) == 0 { Resolve::Ours } else { Resolve::Choose { theirs: Vec::new() } };
            let (post, feed, ours, theirs) = (conflict.post, conflict.feed, conflict.ours, conflict.theirs);
            self.journal.conflict_resolve(ConflictChoice { post, feed, ours, theirs, resolve }).await.unwrap();
            self.look().await;
        }
    }

    async fn end_well(&mut self, count: &mut Count) {
        self.blog.now().rough = 0;
        self.clock.advance(2 * 60 * 60_000);
        for _ in 0..8 {
            self.journal.sync_now(()).await.unwrap();
            self.decide(count).await;
            let delivery = self.delivery().await;
            if delivery.state == DeliveryState::Synced && delivery.target == self.view().await.revision {
                break;
            }
            self.send().await;
            self.clock.advance(60_000);
        }
        let (view, delivery) = (self.view().await, self.delivery().await);
        let (entry, destroyed) = {
            let site = self.blog.now();
            count.late += site.late;
            (site.entries[&self.post].clone(), site.destroyed.clone())
        };
        assert_eq!(delivery.state, DeliveryState::Synced);
        assert_eq!(entry.sides, view.content.sides, "both sides say the same");
        let words = entry.words();
        let undone: Vec<_> = self.here.difference(&words).collect();
        assert!(undone.is_empty(), "undone: {undone:?}");
        let kept = self.kept(count).await;
        let lost: Vec<_> =
            self.there.iter().filter(|word| !kept.contains(*word) && !destroyed.contains(*word)).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
    }

    /// Every word in the post's history.
    async fn kept(&self, count: &mut Count) -> BTreeSet<String> {
        let mut kept = BTreeSet::new();
        for entry in self.journal.history(self.post).await.unwrap() {
            count.merged += u32::from(entry.origin == Origin::Merge);
            let content = self.journal.store().read(move |conn| revisions::get(conn, entry.id)).await.unwrap().content;
            for side in content.sides.values() {
                kept.extend(format!("{} {}", side.title, side.body).split_whitespace().map(str::to_owned));
            }
        }
        kept
    }
}
