//! Servers of three kinds on a bad network, and for each the rules by which its adapter sends a post once. Requests are lost,
//! come up to half an hour late, or come twice; what was made is listed up to ten minutes late.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::super::fake::{Chance, Fuse};
use crate::clock::{Clock, TestClock};
use crate::domain::{Digest, Receipt, Timestamp};
use crate::feed::{
    About, Audience, Facts, Feed, FeedError, Fetched, Held, Intent, Item, Limits, Lookup, Notes, Outgoing,
};

const MINUTE: i64 = 60_000;
/// What was sent arrives within this, or never.
const LATEST: i64 = 30 * MINUTE;
/// What was made is listed within this.
const LAG: i64 = 10 * MINUTE;
/// Mastodon remembers a key for so long.
const KEY_KEPT: i64 = 60 * MINUTE;
/// For so long an adapter repeats a request with its key.
const REPEATABLE: i64 = 25 * MINUTE;
/// After so long what has not arrived will not.
const QUIET: i64 = 45 * MINUTE;

/// A kind of server, with the rules of its adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Made as a draft with our slug, then made public by its number.
    WordPress,
    /// Keeps an idempotency key for an hour.
    Mastodon,
    /// Speaks the same and ignores the key.
    Compatible,
    /// Knows no key: after a quiet wait the user is asked.
    Micropub,
    /// The control: whatever was not answered is sent again.
    Naive,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy)]
enum Ask {
    Make { public: bool },
    Show { id: u64 },
}

#[derive(Debug, Clone, Copy)]
struct Message {
    number: u64,
    at: Timestamp,
    ask: Ask,
}

/// An item at the server.
#[derive(Debug, Clone, Copy)]
pub struct Thing {
    pub id: u64,
    /// The request that made it: one that came twice may make two.
    pub by: u64,
    pub public: bool,
    made: Timestamp,
    listed: Timestamp,
}

/// The server's side: one post, so that everything is about that.
pub struct Server {
    kind: Kind,
    chance: Chance,
    count: u64,
    pub things: Vec<Thing>,
    under_way: Vec<Message>,
    key: Option<(u64, Timestamp)>,
}

impl Server {
    /// Lets arrive what is due.
    pub fn catch_up(&mut self, now: Timestamp) {
        let (due, later) = std::mem::take(&mut self.under_way).into_iter().partition(|message| message.at <= now);
        self.under_way = later;
        let mut due: Vec<Message> = due;
        due.sort_by_key(|message| message.at);
        for message in due {
            self.hear(message);
        }
    }

    fn hear(&mut self, message: Message) -> u64 {
        let now = message.at;
        match message.ask {
            Ask::Make { public } => {
                let kept = self.key.filter(|(_, since)| now.as_millis() - since.as_millis() < KEY_KEPT);
                if let (Kind::Mastodon, Some((id, _))) = (self.kind, kept) {
                    return id;
                }
                self.count += 1;
                let listed = now.plus_millis(self.within(LAG));
                self.things.push(Thing { id: self.count, by: message.number, public, made: now, listed });
                self.key = Some((self.count, now));
                self.count
            }
            Ask::Show { id } => {
                self.things.iter_mut().filter(|thing| thing.id == id).for_each(|thing| thing.public = true);
                id
            }
        }
    }

    /// Takes drafts away that are not the one that is known, as is done when changes are asked for.
    pub fn sweep(&mut self, known: u64) {
        self.things.retain(|thing| thing.public || thing.id == known);
    }

    fn within(&self, bound: i64) -> i64 {
        i64::try_from(self.chance.below(bound.unsigned_abs())).unwrap()
    }
}

/// A server as its adapter sees it.
#[derive(Clone)]
pub struct Site {
    pub server: Arc<Mutex<Server>>,
    pub clock: Arc<TestClock>,
    chance: Chance,
    fuse: Arc<Fuse>,
    /// Of 16 requests, so many go wrong.
    pub rough: Arc<Mutex<u64>>,
    kind: Kind,
}

impl Site {
    pub fn new(kind: Kind, clock: &Arc<TestClock>, chance: &Chance, fuse: &Arc<Fuse>) -> Self {
        let (under_way, things) = (Vec::new(), Vec::new());
        let server = Server { kind, chance: chance.clone(), count: 0, things, under_way, key: None };
        let server = Arc::new(Mutex::new(server));
        Self {
            server,
            clock: Arc::clone(clock),
            chance: chance.clone(),
            fuse: Arc::clone(fuse),
            rough: Arc::default(),
            kind,
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// One request that changes something.
    async fn ask(&self, ask: Ask) -> Result<u64, FeedError> {
        self.fuse.step().await;
        let answer = self.send(ask);
        // The server has heard it; the program may end before it hears of that.
        self.fuse.step().await;
        answer
    }

    fn send(&self, ask: Ask) -> Result<u64, FeedError> {
        let mut server = self.server.lock().unwrap();
        let (now, rough) = (self.now(), *self.rough.lock().unwrap());
        server.catch_up(now);
        let number = self.chance.next();
        let message = Message { number, at: now, ask };
        let later = Message { at: now.plus_millis(server.within(LATEST)), ..message };
        let goes_wrong = self.chance.below(16) < rough;
        let how = self.chance.below(4);
        if goes_wrong && how == 0 {
            // Not a byte left.
            return Err(FeedError::Unreachable);
        }
        // A proxy on the way sends it once more; where the server has no means against that, nobody has.
        if rough > 0 && matches!(self.kind, Kind::WordPress | Kind::Mastodon) && self.chance.below(8) == 0 {
            server.under_way.push(later);
        }
        match how {
            _ if !goes_wrong => return Ok(server.hear(message)),
            1 => {}
            2 => drop(server.hear(message)),
            _ => server.under_way.push(later),
        }
        Err(FeedError::Lost)
    }

    /// Asks for what is listed.
    async fn listed(&self) -> Result<Vec<Thing>, FeedError> {
        self.fuse.step().await;
        let mut server = self.server.lock().unwrap();
        let now = self.now();
        server.catch_up(now);
        if self.chance.below(16) < *self.rough.lock().unwrap() {
            return Err(FeedError::Unreachable);
        }
        Ok(server.things.iter().filter(|thing| thing.listed <= now).copied().collect())
    }

    async fn by_number(&self, id: u64) -> Result<Option<Thing>, FeedError> {
        self.fuse.step().await;
        let mut server = self.server.lock().unwrap();
        server.catch_up(self.now());
        if self.chance.below(16) < *self.rough.lock().unwrap() {
            return Err(FeedError::Unreachable);
        }
        Ok(server.things.iter().find(|thing| thing.id == id).copied())
    }

    /// WordPress: what was begun, by the number that was written down or else by the slug, the oldest first.
    async fn begun(&self, sheet: &mut Sheet) -> Result<Option<Thing>, FeedError> {
        if let Some(id) = sheet.get("id") {
            return self.by_number(id.unsigned_abs()).await;
        }
        if sheet.get("sent").is_none() {
            return Ok(None);
        }
        let found = self.listed().await?.into_iter().min_by_key(|thing| thing.id);
        if let Some(thing) = found {
            sheet.put("id", thing.id).await?;
        }
        Ok(found)
    }

    async fn make_word_press(&self, sheet: &mut Sheet) -> Result<Held, FeedError> {
        let id = match self.begun(sheet).await? {
            Some(thing) => thing.id,
            None => {
                sheet.put("sent", 1).await?;
                let id = self.ask(Ask::Make { public: false }).await?;
                sheet.put("id", id).await?;
                id
            }
        };
        self.ask(Ask::Show { id }).await?;
        Ok(held(id, true))
    }

    fn may_repeat(&self, sheet: &Sheet) -> bool {
        let age = sheet.get("first").map(|first| self.now().as_millis() - first);
        self.kind == Kind::Mastodon && age.is_some_and(|age| (0..REPEATABLE).contains(&age))
    }

    async fn make_with_trial(&self, sheet: &mut Sheet) -> Result<Held, FeedError> {
        let is_first = sheet.get("first").is_none();
        if !is_first && !self.may_repeat(sheet) {
            return Err(FeedError::Lost);
        }
        let now = self.now().as_millis().unsigned_abs();
        if is_first {
            sheet.put("first", now).await?;
        }
        sheet.put("last", now).await?;
        match self.ask(Ask::Make { public: true }).await {
            Ok(id) => {
                sheet.put("id", id).await?;
                Ok(held(id, true))
            }
            Err(error) => {
                if is_first && !matches!(error, FeedError::Lost) {
                    sheet.strike("first").await?;
                }
                Err(error)
            }
        }
    }

    async fn find(&self, sheet: &mut Sheet) -> Result<Lookup, FeedError> {
        if let Some(id) = sheet.get("id") {
            return Ok(Lookup::Found(held(id.unsigned_abs(), true)));
        }
        let Some(first) = sheet.get("first") else { return Ok(Lookup::Absent) };
        let is_ours = |thing: &Thing| thing.made.as_millis() >= first;
        if let Some(thing) = self.listed().await?.into_iter().find(is_ours) {
            sheet.put("id", thing.id).await?;
            return Ok(Lookup::Found(held(thing.id, true)));
        }
        if self.may_repeat(sheet) {
            return Ok(Lookup::Absent);
        }
        let due = Timestamp::from_millis(sheet.get("last").unwrap_or(first)).plus_millis(QUIET);
        if self.now() < due {
            return Ok(Lookup::NotYet(due));
        }
        if self.kind == Kind::Micropub {
            sheet.strike("first").await?;
            sheet.put("asked", 1).await?;
            return Ok(Lookup::CannotTell);
        }
        sheet.strike("first").await?;
        Ok(Lookup::Absent)
    }
}

fn held(id: u64, public: bool) -> Held {
    Held {
        remote_id: id.to_string(),
        url: None,
        audience: if public { Audience::Published } else { Audience::Draft },
        revision: None,
        version: Digest::of(&id.to_le_bytes()),
        parts: BTreeMap::new(),
        touched: false,
        unfinished: false,
    }
}

/// The notes, as numbers.
struct Sheet {
    notes: Arc<dyn Notes>,
    all: BTreeMap<String, String>,
}

impl Sheet {
    async fn open(notes: &Arc<dyn Notes>) -> Result<Self, FeedError> {
        Ok(Self { notes: Arc::clone(notes), all: notes.all().await? })
    }

    fn get(&self, key: &str) -> Option<i64> {
        self.all.get(key)?.parse().ok()
    }

    async fn put(&mut self, key: &str, value: u64) -> Result<(), FeedError> {
        self.notes.put(key, Some(&value.to_string())).await?;
        self.all.insert(key.to_owned(), value.to_string());
        Ok(())
    }

    async fn strike(&mut self, key: &str) -> Result<(), FeedError> {
        self.notes.put(key, None).await?;
        self.all.remove(key);
        Ok(())
    }
}

#[async_trait]
impl Feed for Site {
    fn limits(&self) -> Limits {
        Limits::default()
    }

    fn items(&self, _: &Intent) -> Vec<Item> {
        Vec::new()
    }

    async fn probe(&self) -> Result<Facts, FeedError> {
        Ok(Facts::default())
    }

    async fn create(&self, _: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError> {
        let mut sheet = Sheet::open(&out.notes).await?;
        match self.kind {
            Kind::WordPress => self.make_word_press(&mut sheet).await,
            Kind::Mastodon | Kind::Compatible | Kind::Micropub => self.make_with_trial(&mut sheet).await,
            Kind::Naive => Ok(held(self.ask(Ask::Make { public: true }).await?, true)),
        }
    }

    async fn update(&self, known: &Receipt, _: &Arc<Intent>, _: &Outgoing) -> Result<Held, FeedError> {
        let id = known.remote_id.parse().unwrap();
        self.ask(Ask::Show { id }).await?;
        Ok(held(id, true))
    }

    async fn withdraw(&self, _: &Receipt, _: &About) -> Result<(), FeedError> {
        Err(FeedError::Refused)
    }

    async fn lookup(&self, about: &About) -> Result<Lookup, FeedError> {
        let mut sheet = Sheet::open(&about.notes).await?;
        match self.kind {
            Kind::WordPress => {
                let found = self.begun(&mut sheet).await?;
                Ok(found.map_or(Lookup::Absent, |thing| Lookup::Found(held(thing.id, thing.public))))
            }
            Kind::Mastodon | Kind::Compatible | Kind::Micropub => self.find(&mut sheet).await,
            Kind::Naive => Ok(Lookup::Absent),
        }
    }

    async fn fetch(&self, _: &Receipt, _: &About) -> Result<Fetched, FeedError> {
        Err(FeedError::Refused)
    }
}
