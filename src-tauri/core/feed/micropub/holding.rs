//! What the site holds of a post, put together from its entries, and whether that is what was meant.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::json;
use url::Url;

use super::Micropub;
use super::door::Seen;
use super::looking::is_among;
use super::noted::{Goal, Noted, Stage, says_the_same};
use super::source::{Said, Source};
use crate::domain::{Digest, Receipt};
use crate::feed::web::Risk;
use crate::feed::{Audience, FeedError, Held};

impl Micropub {
    /// Reads back what was brought. What is there counts as ours: it was written just now. `was_public` says that everybody
    /// could read it before.
    pub(super) async fn confirm(
        &self,
        noted: &mut Noted,
        urls: &[String],
        goal: Goal,
        was_public: bool,
    ) -> Result<Held, FeedError> {
        let held = match self.held(urls, None).await {
            // What is read is older than what was just answered, or it was not done: it is asked for again.
            Ok(Some(held)) if self.is_as_before(&goal, &held) => return Err(FeedError::Lost),
            Ok(Some(held)) => {
                if let Some(blind) = noted.goal().filter(|goal| goal.blind) {
                    noted.set_goal(&Goal { blind: false, ..blind }).await?;
                }
                if !says_the_same(&goal.parts, &held.parts) {
                    self.learnt.words.set();
                }
                Held { revision: Some(goal.revision), ..held }
            }
            Ok(None) if self.is_awaited(noted, urls).await? => return Err(FeedError::Lost),
            // It cannot be read back: what was sent is what is known.
            Ok(None) | Err(FeedError::Refused | FeedError::Denied) => {
                let goal = Goal { blind: true, ..noted.goal().unwrap_or_else(|| goal.clone()) };
                noted.set_goal(&goal).await?;
                unread(urls, &goal)
            }
            Err(_) => return Err(FeedError::Lost),
        };
        match (goal.audience(), held.audience) {
            // The site lets us write drafts only.
            (Audience::Published, Audience::Draft) => Err(FeedError::Denied),
            (Audience::Draft, Audience::Draft) if !noted.goal().is_some_and(|goal| goal.blind) => Ok(held),
            (Audience::Draft, _) if self.is_open(urls).await => self.hide(noted, urls, held, was_public).await,
            (audience, _) => Ok(Held { audience, ..held }),
        }
    }

    /// Whether words were sent, and what is there is exactly what was there before. At a site that writes words of its own into
    /// everything that says nothing.
    fn is_as_before(&self, goal: &Goal, held: &Held) -> bool {
        goal.base == Some(held.version) && !self.learnt.words.is_set() && !says_the_same(&goal.parts, &held.parts)
    }

    /// A site that does not know drafts published one. It is taken away at once, and the site is sent none again.
    async fn hide(&self, noted: &mut Noted, urls: &[String], held: Held, was_public: bool) -> Result<Held, FeedError> {
        self.learnt.public_only.set();
        if was_public {
            return Err(FeedError::Refused);
        }
        for (number, url) in urls.iter().enumerate() {
            if self.take_away(url, number, noted).await.is_err() {
                return Err(FeedError::ChangedThere(Box::new(Held { audience: Audience::Published, ..held })));
            }
        }
        Err(FeedError::Refused)
    }

    /// Whether anybody at all can read one of these pages.
    async fn is_open(&self, urls: &[String]) -> bool {
        for url in urls {
            if self.public_page(url).await.is_some() {
                return true;
            }
        }
        false
    }

    /// The page of an entry as anybody reads it; nothing where nobody can.
    async fn public_page(&self, url: &str) -> Option<Vec<u8>> {
        let url = Url::parse(url).ok()?;
        let (own, client) = (self.own_places().await.ok()?, self.door.micropub().await.ok()?);
        if !is_among(&own, &url) {
            return None;
        }
        let answer = client.send(client.anonymous(Method::GET, url), Risk::Asks).await.ok()?;
        answer.status.is_success().then_some(answer.body)
    }

    /// Whether the server said of one of them that it will be there later, and it is not yet.
    async fn is_awaited(&self, noted: &Noted, urls: &[String]) -> Result<bool, FeedError> {
        for url in urls {
            let stands = noted.name_at(url).and_then(|name| noted.entry(&name));
            if stands.is_some_and(|stands| stands.promised) && matches!(self.door.source(url).await?, Seen::NotThere) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the site holds at these addresses; nothing where one of them is not there or cannot be read.
    pub(super) async fn held(&self, urls: &[String], known: Option<&Receipt>) -> Result<Option<Held>, FeedError> {
        let mut sources = Vec::with_capacity(urls.len());
        for url in urls {
            match self.door.source(url).await? {
                Seen::There(source) => sources.push(source),
                Seen::NotThere | Seen::Cannot => return Ok(None),
            }
        }
        Ok(Some(held(urls, &sources, known)))
    }

    /// Takes one entry away, and remembers it, so that it can be brought back.
    ///
    /// A server that does not give entries back uses the same word for what it does not know and for what it does not do. It is
    /// believed that the entry is gone only if an earlier try may have done it. Whatever was said, what can be read afterwards was
    /// not taken away.
    pub(super) async fn take_away(&self, url: &str, number: usize, noted: &mut Noted) -> Result<(), FeedError> {
        let name = name_of(noted, url, number);
        let is_blind = noted.goal().is_some_and(|goal| goal.blind);
        let was_tried = noted.entry(&name).is_some_and(|stands| stands.stage == Stage::Leaving);
        let stands = noted.leaving(&name, url, self.door.site.clock.now()).await?;
        let before = if is_blind { self.public_page(url).await } else { None };
        let done = match self.door.act(url, &json!({ "action": "delete" })).await {
            // Some servers take forms only, and what was made with its files came in one wherever there is no place for files.
            Err(FeedError::Refused) => self.door.delete_by_form(url).await.map(|()| None),
            done => done,
        };
        match done {
            Ok(_) | Err(FeedError::Gone) => {}
            // The same word for what is not there and for what may not be done.
            Err(FeedError::Refused)
                if (was_tried || !is_blind) && !matches!(self.door.source(url).await?, Seen::There(_)) => {}
            // An earlier try may have done it, and what is read may be old.
            Err(FeedError::Refused) if was_tried => return Err(FeedError::Lost),
            Err(error) => {
                // It did not do it, so that the next no means no more than this one.
                if !was_tried && !matches!(error, FeedError::Lost) {
                    noted.stays(&name, stands).await?;
                }
                return Err(error);
            }
        }
        let is_there = match self.door.source(url).await? {
            Seen::There(_) => true,
            Seen::NotThere if !is_blind => false,
            Seen::NotThere | Seen::Cannot => match before {
                Some(before) => self.public_page(url).await.is_some_and(|after| is_same_page(&before, &after)),
                None => false,
            },
        };
        if is_there {
            return Err(FeedError::Lost);
        }
        noted.gone(&name, stands).await
    }
}

/// Whether two pages are that of the same entry. Some sites answer with a page that says that there is none; and some write another
/// time into every page.
fn is_same_page(before: &[u8], after: &[u8]) -> bool {
    let title = |page: &[u8]| {
        let page = String::from_utf8_lossy(page).to_lowercase();
        let (_, rest) = page.split_once("<title")?;
        let title = rest.split_once("</title")?.0.trim().to_owned();
        Some(title).filter(|title| !title.ends_with('>'))
    };
    before == after || title(before).is_some_and(|before| Some(before) == title(after))
}

/// The name in the notes of the entry at an address; one that was made elsewhere is named by its number.
pub(super) fn name_of(noted: &Noted, url: &str, number: usize) -> String {
    noted.name_at(url).unwrap_or_else(|| format!("at.{number}"))
}

/// The addresses of the entries that a receipt speaks of.
pub(super) fn addresses(known: &Receipt) -> Vec<String> {
    known.remote_id.split(' ').map(str::to_owned).collect()
}

/// What several entries say as one post; they share topics and files.
pub(super) fn together(all: impl Iterator<Item = Said>) -> Said {
    let mut whole: Option<Said> = None;
    for said in all {
        match &mut whole {
            None => whole = Some(said),
            Some(whole) => {
                whole.sides.extend(said.sides);
                whole.titles.extend(said.titles);
                for (known, other) in whole.media.iter_mut().zip(said.media) {
                    known.alt.extend(other.alt);
                }
            }
        }
    }
    whole.unwrap_or_default()
}

/// What several addresses hold, as one item.
pub(super) fn held(urls: &[String], sources: &[Source], known: Option<&Receipt>) -> Held {
    let parts = known.map(|known| &known.parts);
    let versions: Vec<_> = sources.iter().map(Source::version).collect();
    let version = match versions.as_slice() {
        [one] => *one,
        all => Digest::of(&all.iter().flat_map(|one| *one.as_bytes()).collect::<Vec<_>>()),
    };
    let is_draft = sources.iter().any(|source| source.audience() == Audience::Draft);
    Held {
        remote_id: urls.join(" "),
        url: urls.first().cloned(),
        audience: if is_draft { Audience::Draft } else { Audience::Published },
        revision: None,
        version,
        parts: together(sources.iter().map(|source| source.said(parts))).parts(),
        touched: false,
        unfinished: false,
    }
}

/// What is known of entries that cannot be read back.
pub(super) fn unread(urls: &[String], goal: &Goal) -> Held {
    let version = version_unread(&goal.parts);
    Held {
        remote_id: urls.join(" "),
        url: urls.first().cloned(),
        audience: goal.audience(),
        revision: Some(goal.revision),
        version,
        parts: goal.parts.clone(),
        touched: false,
        unfinished: false,
    }
}

/// Whether what a receipt speaks of was never read back: then that it cannot be read says nothing.
pub(super) fn is_unread(known: &Receipt) -> bool {
    known.version == version_unread(&known.parts)
}

fn version_unread(parts: &BTreeMap<String, Digest>) -> Digest {
    // Maps have string keys and every value is representable.
    Digest::of(&serde_json::to_vec(parts).unwrap_or_default())
}
