//! What the site holds of a post, put together from its entries, and whether that is what was meant.

use std::collections::BTreeMap;

use serde_json::json;

use super::Micropub;
use super::noted::{Goal, Noted, Stage, says_the_same};
use super::public::Shown;
use super::source::{Said, Source};
use super::told::Seen;
use crate::domain::{Digest, Receipt};
use crate::feed::{Audience, FeedError, Held};

/// What lay at the site before a change.
pub(super) struct Base {
    pub held: Held,
    /// Digests of its entries by their addresses.
    pub versions: BTreeMap<String, Digest>,
}

impl Micropub {
    /// Reads back what was brought. What is there counts as ours: it was written just now.
    pub(super) async fn confirm(&self, noted: &mut Noted, urls: &[String], goal: Goal) -> Result<Held, FeedError> {
        let (held, sources) = match self.sources(urls).await {
            Ok(Some(sources)) => (self.read(noted, urls, &goal, &sources).await?, sources),
            // What could be read before the change is somewhere else now, or not yet to be read again.
            Ok(None) | Err(FeedError::Refused | FeedError::Denied) if goal.base.is_some() => {
                return Err(FeedError::Lost);
            }
            Ok(None) if self.is_awaited(noted, urls).await? => return Err(FeedError::Lost),
            // It cannot be read back: what was sent is what is known.
            Ok(None) | Err(FeedError::Refused | FeedError::Denied) => {
                let goal = Goal { blind: true, ..noted.goal().unwrap_or_else(|| goal.clone()) };
                noted.set_goal(&goal).await?;
                (unread(urls, &goal), Vec::new())
            }
            Err(_) => return Err(FeedError::Lost),
        };
        match (goal.audience(), held.audience) {
            // The site lets us write drafts only.
            (Audience::Published, Audience::Draft) => Err(FeedError::Denied),
            _ if self.is_shown_as_meant(&goal, urls, &sources).await => {
                noted.set_open().await?;
                Ok(Held { audience: goal.audience(), ..held })
            }
            (Audience::Draft, _) => self.hide(noted, urls, held, &goal).await,
            // Not everybody sees it, or not yet: it is looked at again.
            (Audience::Published, _) => Err(FeedError::Lost),
        }
    }

    /// What was just written, as it is read back.
    async fn read(
        &self,
        noted: &mut Noted,
        urls: &[String],
        goal: &Goal,
        sources: &[Source],
    ) -> Result<Held, FeedError> {
        let held = held(urls, sources, None);
        let stands = |url: &String| noted.name_at(url).and_then(|name| noted.entry(&name));
        let mut pairs = urls.iter().zip(sources).filter_map(|(url, source)| Some((stands(url)?, source)));
        // What is read is older than what was just answered, or it was not done: it is asked for again.
        if self.is_as_before(goal, &held) || pairs.any(|(stands, source)| self.lacks_files(&stands, source)) {
            return Err(FeedError::Lost);
        }
        if let Some(blind) = noted.goal().filter(|goal| goal.blind) {
            noted.set_goal(&Goal { blind: false, ..blind }).await?;
        }
        if !says_the_same(&goal.parts, &held.parts) {
            self.learnt.words.set();
        }
        Ok(Held { revision: Some(goal.revision), ..held })
    }

    /// Whether something was to be changed, and what is there is exactly what was there before. At a site that writes words of its own
    /// into everything, other words say nothing.
    fn is_as_before(&self, goal: &Goal, held: &Held) -> bool {
        let has_other_words = || !self.learnt.words.is_set() && !says_the_same(&goal.parts, &held.parts);
        goal.base == Some(held.version) && (has_other_words() || goal.is_ignored_by(held))
    }

    /// A draft of ours that everybody can read is taken away at once, and a site that knows no drafts is sent none again. What
    /// everybody could read before stays.
    async fn hide(&self, noted: &mut Noted, urls: &[String], held: Held, goal: &Goal) -> Result<Held, FeedError> {
        if goal.public && held.audience == Audience::Draft {
            // The site calls it a draft, and may show so only later.
            return Err(FeedError::Lost);
        }
        self.learnt.public_only.set();
        if goal.public {
            return Err(FeedError::Refused);
        }
        for (number, url) in urls.iter().enumerate() {
            if self.take_away(url, number, noted).await.is_err() {
                return Err(FeedError::ChangedThere(Box::new(Held { audience: Audience::Published, ..held })));
            }
        }
        Err(FeedError::Refused)
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
    pub(super) async fn base(&self, urls: &[String], known: &Receipt) -> Result<Option<Base>, FeedError> {
        Ok(self.sources(urls).await?.map(|sources| {
            let versions = urls.iter().cloned().zip(sources.iter().map(Source::version)).collect();
            Base { held: held(urls, &sources, Some(known)), versions }
        }))
    }

    async fn sources(&self, urls: &[String]) -> Result<Option<Vec<Source>>, FeedError> {
        let mut sources = Vec::with_capacity(urls.len());
        for url in urls {
            match self.door.source(url).await? {
                Seen::There(source) => sources.push(source),
                Seen::NotThere | Seen::Cannot => return Ok(None),
            }
        }
        Ok(Some(sources))
    }

    async fn version_at(&self, url: &str) -> Result<Option<Digest>, FeedError> {
        Ok(match self.door.source(url).await? {
            Seen::There(source) => Some(source.version()),
            Seen::NotThere | Seen::Cannot => None,
        })
    }

    /// Takes one entry away, and remembers it, so that it can be brought back.
    ///
    /// A server that does not give entries back uses the same word for what it does not know and for what it does not do. It is
    /// believed that the entry is gone only if an earlier try may have done it. Whatever was said, what can be read afterwards was
    /// not taken away, unless the server says a second time that it did it and nobody is shown anything there: some go on giving back
    /// what they keep of it.
    pub(super) async fn take_away(&self, url: &str, number: usize, noted: &mut Noted) -> Result<(), FeedError> {
        let name = name_of(noted, url, number);
        let is_blind = noted.goal().is_some_and(|goal| goal.blind);
        let was_tried = noted.entry(&name).is_some_and(|stands| stands.stage == Stage::Leaving);
        let kept = if was_tried { self.version_at(url).await? } else { None };
        let stands = noted.leaving(&name, url, self.door.site.clock.now()).await?;
        let before = if is_blind { self.shown(url).await } else { Shown::Unclear };
        let done = match self.door.act(url, &json!({ "action": "delete" })).await {
            // Some servers take forms only, and what was made with its files came in one wherever there is no place for files.
            Err(FeedError::Refused) => self.door.delete_by_form(url).await.map(|()| None),
            done => done,
        };
        let is_done = done.is_ok();
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
            Seen::There(source) if is_done && kept == Some(source.version()) => {
                !matches!(self.shown(url).await, Shown::Nothing)
            }
            Seen::There(_) => true,
            Seen::NotThere if !is_blind => false,
            Seen::NotThere | Seen::Cannot => match before {
                Shown::Page(before, _) => {
                    matches!(self.shown(url).await, Shown::Page(after, _) if is_same_page(&before, &after))
                }
                Shown::Nothing | Shown::Unclear => false,
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
pub(super) fn is_same_page(before: &[u8], after: &[u8]) -> bool {
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

/// The addresses of the entries that make up one item.
pub(super) fn names(remote_id: &str) -> Vec<&str> {
    remote_id.split(' ').collect()
}

/// The same to keep.
pub(super) fn addresses(remote_id: &str) -> Vec<String> {
    names(remote_id).into_iter().map(str::to_owned).collect()
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

/// Whether what a receipt speaks of was never read back, or only the user says that it is there: then that it cannot be read says
/// nothing.
pub(super) fn is_unread(known: &Receipt) -> bool {
    known.parts.is_empty() || known.version == version_unread(&known.parts)
}

fn version_unread(parts: &BTreeMap<String, Digest>) -> Digest {
    // Maps have string keys and every value is representable.
    Digest::of(&serde_json::to_vec(parts).unwrap_or_default())
}
