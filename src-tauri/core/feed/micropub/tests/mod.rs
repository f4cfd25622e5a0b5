//! What the Micropub feed promises, against a small server of this kind whose moods the tests choose.

mod arriving;
mod coming_back;
mod other_servers;
mod photos;
mod refusing;
mod seen;
pub mod site;
mod unasked;

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::Value;
use uuid::Uuid;

use self::site::{Mood, Site};
use super::*;
use crate::clock::TestClock;
use crate::domain::Secret;
use crate::domain::destination::{Choices, LanguageLayout};
use crate::domain::{AssetId, Content, Lang, Manner, Moment, PostId, RevisionId, Side, Timestamp};
use crate::feed::memory::{Paper, photo};
use crate::feed::web::{Patience, SignIn};
use crate::feed::{Audience, MediaError, MediaKind, MediaSource, Part, Progress};

const START: i64 = 1_736_000_000_000;
const MINUTE: i64 = 60_000;

/// A feed at a site, and what was written down of one post.
struct Feeds {
    site: Site,
    feed: Micropub,
    clock: Arc<TestClock>,
    paper: Arc<Paper>,
}

impl Feeds {
    async fn new(choices: Choices) -> Self {
        let (site, clock) = (Site::start().await, Arc::new(TestClock::new(START)));
        let feed = Micropub::new(Self::as_found(&site, &clock, choices));
        let mut there = Self { site, feed, clock, paper: Arc::new(Paper::default()) };
        there.start_again(choices).await;
        there
    }

    fn as_found(site: &Site, clock: &Arc<TestClock>, choices: Choices) -> web_site::Site {
        web_site::Site {
            place: site.url(""),
            facts: Facts {
                endpoints: BTreeMap::from([("micropub".to_owned(), site.url("m").to_string())]),
                ..Facts::default()
            },
            choices,
            credentials: Arc::new(SignIn::Bearer(Secret::new("token-canary".into()))),
            plain_http: false,
            patience: Patience::default(),
            clock: clock.clone(),
        }
    }

    /// As after a new start of the program: what was written down and what the site said of itself is all that is left.
    async fn start_again(&mut self, choices: Choices) {
        let mut as_found = Self::as_found(&self.site, &self.clock, choices);
        as_found.facts = Micropub::new(as_found.clone()).probe().await.unwrap();
        self.feed = Micropub::new(as_found);
    }

    async fn create(&self, intent: &Arc<Intent>) -> Result<Held, FeedError> {
        self.feed.create(intent, &self.out()).await
    }

    async fn update(&self, known: &Receipt, intent: &Arc<Intent>) -> Result<Held, FeedError> {
        self.feed.update(known, intent, &self.out()).await
    }

    async fn lookup(&self) -> Lookup {
        self.feed.lookup(&self.about()).await.unwrap()
    }

    fn out(&self) -> Outgoing {
        let notes = self.paper.clone();
        Outgoing { media: Arc::new(Bytes), progress: Arc::new(Bytes), notes, gone: None }
    }

    fn about(&self) -> About {
        About { post: post_id(), notes: self.paper.clone() }
    }

    fn receipt(&self, held: Held) -> Receipt {
        held.receipt(revision(1), self.clock_now())
    }

    /// At a site that is as the test wants it from the start.
    async fn at(choices: Choices, be: impl FnOnce(&mut site::Store)) -> Self {
        let mut to = Self::new(choices).await;
        to.site.with(be);
        to.start_again(choices).await;
        to
    }

    fn clock_now(&self) -> Timestamp {
        use crate::clock::Clock;
        self.clock.now()
    }
}

use crate::feed::web as web_site;

/// Gives every file as its own name.
struct Bytes;

impl MediaSource for Bytes {
    fn copy(&self, asset: AssetId, _part: &Part, to: &mut dyn Write) -> Result<u64, MediaError> {
        let text = asset.to_string();
        to.write_all(text.as_bytes())?;
        Ok(text.len() as u64)
    }
}

impl Progress for Bytes {
    fn uploaded(&self, _done: u32, _total: u32) {}
}

fn post_id() -> PostId {
    PostId::from_uuid(Uuid::from_u128(0x0193_5a00_0000_7000_8000_0123_4567_89ab))
}

fn revision(number: u128) -> RevisionId {
    RevisionId::from_uuid(Uuid::from_u128(number))
}

/// A post in two languages with two photos and a topic.
fn intent(number: u128, audience: Audience) -> Intent {
    let moment = Moment { at: Timestamp::from_millis(START), zone: "Asia/Shanghai".into() };
    let mut content = Content::empty(moment);
    let side = |title: &str, body: &str| Side { title: title.into(), body: body.into() };
    content.sides.insert(Lang::zh_hans(), side("小船", "今天去划船。\n\n很开心 & 累。"));
    content.sides.insert(Lang::en(), side("A boat", "We went rowing.\n\nHappy & tired."));
    content.topics = vec!["划船".into(), "tea".into()];
    let media = vec![photo(1, &[("zh-Hans", "一条小船"), ("en", "A small boat")]), photo(2, &[("zh-Hans", "一碗面")])];
    Intent {
        post: post_id(),
        revision: revision(number),
        modified: Timestamp::from_millis(START),
        audience,
        content,
        media,
        with_place: false,
        manner: Manner::default(),
    }
}

fn draft() -> Arc<Intent> {
    Arc::new(intent(1, Audience::Draft))
}

fn edited(number: u128, audience: Audience) -> Arc<Intent> {
    let mut intent = intent(number, audience);
    intent.content.sides.get_mut(&Lang::en()).unwrap().body = "We went rowing again.".into();
    Arc::new(intent)
}

fn linked() -> Choices {
    Choices { languages: LanguageLayout::Linked, ..Choices::default() }
}
