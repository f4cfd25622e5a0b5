//! A server that keeps what it is sent, behind a network that loses, delays and repeats requests, and with a program that ends
//! at any of them. The adapter before it, its client and the journal are the real ones.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Notify;

use super::{Chance, Place, is_mark};
use crate::api::types::FeedKind;
use crate::clock::{Clock, TestClock};
use crate::domain::{PostId, Timestamp};
use crate::feed::web::scripted::{Heard, Reply, Scripted};

/// What was sent arrives within this, or never.
const LATEST: u64 = 30 * 60_000;

/// A server that keeps what it is sent.
pub trait Server: Send + 'static {
    /// What it is.
    const KIND: FeedKind;
    /// Whether a request that comes twice does no harm.
    const BEARS_REPETITION: bool;
    /// Whether drafts are not counted among what is shown.
    const HIDES: bool = false;

    /// Hears a request.
    fn hear(&mut self, heard: &Heard, now: Timestamp) -> Reply;
    /// The texts of every item that lies there, whoever can read it.
    fn texts(&self) -> Vec<String>;
    /// How many items lie there, but for drafts that nobody sees and that only a late request can have left.
    fn shown(&self) -> usize {
        self.texts().len()
    }
    /// Where the items can be read.
    fn addresses(&self) -> Vec<String>;
    /// Somebody adds a word to an item.
    fn add(&mut self, item: usize, word: &str, chance: &Chance, now: Timestamp);
    /// Somebody removes an item.
    fn remove(&mut self, item: usize);
    /// Takes everything away.
    fn clear(&mut self);
}

/// A server and the way to it.
struct Way<S> {
    server: S,
    clock: Arc<TestClock>,
    chance: Chance,
    /// So many milliseconds the server's clock is ahead of ours.
    ahead: i64,
    /// Of 16 requests, so many go wrong.
    rough: u64,
    /// What will arrive later.
    under_way: Vec<(Timestamp, Heard)>,
    /// Words that a request which came late wrote over before anybody read them.
    destroyed: BTreeSet<String>,
    late: u32,
    /// The program ends after so many more steps.
    fuse: Option<u64>,
    ended: Arc<Notify>,
}

impl<S: Server> Way<S> {
    fn hear(&mut self, heard: &Heard) -> Reply {
        let now = self.clock.now();
        self.catch_up(now);
        if self.burns() {
            return Reply::Nothing;
        }
        let reply = if heard.method == "GET" { self.ask(heard, now) } else { self.change(heard, now) };
        // It was heard; the program may end before it hears of that.
        if self.burns() { Reply::Nothing } else { reply }
    }

    fn ask(&mut self, heard: &Heard, now: Timestamp) -> Reply {
        match self.goes_wrong() {
            true => self.fails(),
            false => self.answer(heard, now),
        }
    }

    fn change(&mut self, heard: &Heard, now: Timestamp) -> Reply {
        let delay = i64::try_from(self.chance.below(LATEST)).unwrap();
        let later = (now.plus_millis(delay), heard.clone());
        let (goes_wrong, how) = (self.goes_wrong(), self.chance.below(4));
        // A proxy on the way sends it once more; where the server has no means against that, nobody has.
        if self.rough > 0 && S::BEARS_REPETITION && self.chance.below(8) == 0 {
            self.under_way.push(later.clone());
        }
        match how {
            _ if !goes_wrong => return self.answer(heard, now),
            0 => {}
            1 => self.under_way.push(later),
            _ => drop(self.answer(heard, now)),
        }
        self.fails()
    }

    /// What the server answers, which says what its clock shows.
    fn answer(&mut self, heard: &Heard, now: Timestamp) -> Reply {
        let at = now.plus_millis(self.ahead);
        self.server.hear(heard, at).at(at)
    }

    fn goes_wrong(&self) -> bool {
        self.chance.below(16) < self.rough
    }

    /// No answer, or that of something in between.
    fn fails(&self) -> Reply {
        match self.chance.below(8) {
            0 => Reply::html(502, "<h1>Bad Gateway</h1>"),
            1 => Reply::html(503, "<h1>Service Unavailable</h1>").header("retry-after", "90"),
            2 => Reply::html(200, "<title>Sign in to this network</title>"),
            _ => Reply::Nothing,
        }
    }

    /// Lets arrive what is due.
    fn catch_up(&mut self, now: Timestamp) {
        let (mut due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.under_way).into_iter().partition(|(at, _)| *at <= now);
        self.under_way = later;
        due.sort_by_key(|(at, _)| *at);
        for (at, heard) in due {
            let before = self.marks();
            drop(self.answer(&heard, at));
            let after = self.marks();
            self.late += u32::from(before != after);
            // Nobody compares any more what was there: that was done when it was sent.
            self.destroyed.extend(before.difference(&after).cloned());
        }
    }

    fn burns(&mut self) -> bool {
        let is_over = self.fuse == Some(0);
        self.fuse = self.fuse.map(|left| left.saturating_sub(1));
        if is_over {
            self.ended.notify_one();
        }
        is_over
    }

    fn marks(&self) -> BTreeSet<String> {
        self.server.texts().iter().flat_map(|text| words(text)).collect()
    }
}

/// The words that somebody wrote in a history, out of a text or the HTML that was made of it.
fn words(text: &str) -> BTreeSet<String> {
    let mut plain = String::with_capacity(text.len());
    let mut is_tag = false;
    for letter in text.chars() {
        is_tag = (is_tag || letter == '<') && letter != '>';
        plain.push(if is_tag || letter == '>' { ' ' } else { letter });
    }
    plain.split_whitespace().filter(|word| is_mark(word)).map(str::to_owned).collect()
}

/// A server as a history reaches it.
pub struct Network<S> {
    way: Arc<Mutex<Way<S>>>,
    clock: Arc<TestClock>,
    /// Where it is.
    pub script: Scripted,
}

impl<S: Server> Network<S> {
    /// Begins to serve.
    pub async fn before(server: S, clock: &Arc<TestClock>, chance: &Chance) -> Self {
        let way = Way {
            server,
            clock: Arc::clone(clock),
            chance: chance.clone(),
            ahead: 0,
            rough: 0,
            under_way: Vec::new(),
            destroyed: BTreeSet::new(),
            late: 0,
            fuse: None,
            ended: Arc::default(),
        };
        let way = Arc::new(Mutex::new(way));
        let behind = Arc::clone(&way);
        let script = Scripted::start(move |heard| behind.lock().unwrap().hear(heard)).await;
        Self { way, clock: Arc::clone(clock), script }
    }

    fn now(&self) -> MutexGuard<'_, Way<S>> {
        let mut way = self.way.lock().unwrap();
        way.catch_up(self.clock.now());
        way
    }
}

impl<S: Server> Place for Network<S> {
    fn set_ahead(&self, millis: i64) {
        self.now().ahead = millis;
    }

    fn set_our_clock(&self, millis: i64) {
        let mut way = self.now();
        way.ahead -= millis;
        way.under_way.iter_mut().for_each(|(at, _)| *at = at.plus_millis(millis));
        self.clock.advance(millis);
    }

    fn set_rough(&self, of_sixteen: u64) {
        self.now().rough = of_sixteen;
    }

    fn end_after(&self, steps: Option<u64>) -> Arc<Notify> {
        let mut way = self.way.lock().unwrap();
        (way.fuse, way.ended) = (steps, Arc::default());
        Arc::clone(&way.ended)
    }

    fn add(&self, _: PostId, word: &str) -> bool {
        let (mut way, now) = (self.now(), self.clock.now());
        let items = way.server.texts().len() as u64;
        if items == 0 {
            return false;
        }
        let chance = way.chance.clone();
        let at = now.plus_millis(way.ahead);
        way.server.add(usize::try_from(chance.below(items)).unwrap(), word, &chance, at);
        true
    }

    fn remove(&self, item: usize) {
        self.now().server.remove(item);
    }

    fn items(&self, _: PostId) -> Vec<BTreeSet<String>> {
        self.now().server.texts().iter().map(|text| words(text)).collect()
    }

    fn shown(&self) -> Option<usize> {
        Some(self.now().server.shown())
    }

    fn hides(&self) -> bool {
        S::HIDES
    }

    fn addresses(&self) -> Vec<String> {
        let addresses = self.now().server.addresses();
        addresses.iter().map(|address| self.script.url.join(address).unwrap().into()).collect()
    }

    fn destroyed(&self) -> BTreeSet<String> {
        self.now().destroyed.clone()
    }

    fn late(&self) -> u32 {
        self.now().late
    }

    fn clear(&self) {
        let mut way = self.way.lock().unwrap();
        way.server.clear();
        way.under_way.clear();
        way.destroyed.clear();
        (way.rough, way.late, way.fuse) = (0, 0, None);
    }
}
