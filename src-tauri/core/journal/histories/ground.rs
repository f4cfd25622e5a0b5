//! The ground on which histories are played: a journal with one feed and its site, on a clock and a chance of their own.

use std::sync::Arc;

use super::blog::Blog;
use super::network::{Network, Server};
use super::{Count, HOUR, History, Place, Ways};
use crate::api::types::{FeedChange, FeedInput, FeedKind, FeedOptions, ImportInput, LanguageLayout};
use crate::clock::TestClock;
use crate::domain::{Attachment, FeedId, Lang, Secret, Wanted};
use crate::journal::{Journal, Options};
use crate::store::feeds;
use crate::sync::fake::Chance;
use crate::vault::{Memory, Vaults};

/// Says how to play a history again when it goes wrong.
struct Played(String);

impl Drop for Played {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

/// A journal with one feed, where one history after the other is played.
pub(super) struct Ground {
    _dir: tempfile::TempDir,
    pub(super) journal: Journal,
    pub(super) clock: Arc<TestClock>,
    pub(super) chance: Chance,
    pub(super) feed: FeedId,
    pub(super) place: Box<dyn Place>,
    pub(super) layout: LanguageLayout,
    pub(super) files: Vec<Attachment>,
}

impl Ground {
    async fn open() -> (tempfile::TempDir, Journal, Arc<TestClock>) {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock::new(1_736_240_000_000));
        let options = Options { clock: clock.clone(), vaults: vaults(), ..Options::default() };
        let journal = Journal::open(&dir.path().join("journal"), options).await.unwrap();
        (dir, journal, clock)
    }

    /// A site that needs no adapter.
    pub(super) async fn plain() -> Self {
        let (dir, journal, clock) = Self::open().await;
        let chance = Chance::new(0);
        let place = dir.path().join("blog").display().to_string();
        let feed = journal.feed_add(input(FeedKind::Folder, place, None)).await.unwrap().id;
        let row = journal.store().read(move |conn| feeds::get(conn, feed)).await.unwrap();
        let blog =
            Blog { site: Arc::default(), clock: clock.clone(), chance: chance.clone(), facts: row.facts.clone() };
        journal.put_adapter(row, Arc::new(blog.clone()));
        let (place, layout, files) = (Box::new(blog), LanguageLayout::Together, Vec::new());
        Self { _dir: dir, journal, clock, chance, feed, place, layout, files }
    }

    /// A server that is reached by the adapter of its kind.
    pub(super) async fn with<S: Server>(server: S, layout: LanguageLayout, secret: &str) -> Self {
        let (dir, journal, clock) = Self::open().await;
        let chance = Chance::new(0);
        let network = Network::before(server, &clock, &chance).await;
        let input = input(S::KIND, network.script.url.to_string(), Some(Secret::new(secret.to_owned())));
        let feed = journal.feed_add(input).await.unwrap().id;
        let options = FeedOptions { languages: layout, ..FeedOptions::default() };
        let change = FeedChange { id: feed, name: None, enabled: None, place: None, options: Some(options) };
        journal.feed_change(change).await.unwrap();
        let photo = dir.path().join("boat.png");
        image::RgbImage::new(4, 4).save(&photo).unwrap();
        let paths = vec![photo.display().to_string()];
        let brought = journal.import_files(ImportInput { paths }).await.unwrap().files.remove(0);
        let alt = [(Lang::zh_hans(), "小船".to_owned()), (Lang::en(), "A boat".to_owned())];
        let files = vec![Attachment { asset: brought.asset.unwrap().id, name: brought.name, alt: alt.into() }];
        Self { _dir: dir, journal, clock, chance, feed, place: Box::new(network), layout, files }
    }

    /// Plays histories, so many as is `usual` unless it is said otherwise, and those that went wrong `once`.
    pub(super) async fn play(&self, name: &str, (usual, once): (u64, &[u64]), wishes: &[Wanted]) {
        let set = |name: &str, otherwise: u64| std::env::var(name).map_or(otherwise, |text| text.parse().unwrap());
        let (number, first) = (set("SAMPAN_HISTORIES", usual), set("SAMPAN_SEED", 0));
        let drawn = (0..number).map(|history| first.wrapping_add(history.wrapping_mul(0x9E37_79B9_97F4_A7C1)));
        let mut count = Count::default();
        for seed in drawn.chain(once.iter().copied()) {
            let _told = Played(format!("{name}, {:?}: SAMPAN_SEED={seed}", self.layout));
            self.chance.begin(seed);
            self.place.set_ahead([0, 24, 0, -3, 0][usize::try_from(seed % 5).unwrap()] * HOUR);
            let wanted = wishes[usize::try_from(self.chance.below(wishes.len() as u64)).unwrap()];
            let ways = Ways {
                sets_clock: seed % 4 == 1,
                is_fickle: self.place.shown().is_some() && (3..6).contains(&(seed % 7)),
                hides: self.place.hides() && seed % 2 == 0,
            };
            History::begin(self, wanted, ways).await.run(&mut count).await;
            self.place.clear();
        }
        println!("{name}, {:?}, from seed {first}: {count:?}", self.layout);
        println!("| {name}, both sides writing, {:?} | {number} | 0 | 0 | | 0 | {} |", self.layout, count.asked);
        let few = u32::try_from(number / 20).unwrap();
        let is_rough = count.conflicts >= few && count.merged >= few && (count.late > 0 || number < 1_000);
        assert!(is_rough, "{count:?}: the histories must be rough");
    }
}

pub(in crate::journal) fn input(kind: FeedKind, place: String, secret: Option<Secret>) -> FeedInput {
    FeedInput { kind, name: String::new(), place, user: "me".to_owned(), secret, keep: None, plain_http: false }
}

/// Secrets are kept nowhere but in memory.
pub(in crate::journal) fn vaults() -> Vaults {
    let memory = || Arc::new(Memory::default());
    Vaults { keychain: memory(), file: memory(), session: memory(), environment: |_| None }
}
