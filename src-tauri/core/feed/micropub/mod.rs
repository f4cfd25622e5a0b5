//! A site that speaks Micropub (<https://www.w3.org/TR/micropub/>): signed in with IndieAuth, written to by entries of
//! microformats in JSON, read back by `q=source`.
//!
//! Micropub has no key that makes a second request the same as the first. So every entry asks for a name of ours (`mp-slug`),
//! its first try is written down before it leaves, and after a lost answer the site is read: at once, and again when 45 minutes
//! are over in which the request could still arrive. What is not found then is not sent again by itself; the user is asked.
//! Where a server does not give entries back at all, what it once confirmed is believed.
//!
//! Servers do more or less of the protocol, and few say which. What their answers teach is kept ([`learnt`]): whether a photo may have
//! words, whether they know drafts, whether an entry that came along with its files takes another text.
//!
//! Subtitles and posters of clips have no property and stay here.

mod carry;
mod destination;
mod discover;
mod door;
mod entry;
mod filing;
mod holding;
mod learnt;
mod looking;
mod making;
mod noted;
mod public;
mod reading;
mod refusal;
mod sign_in;
mod source;
#[cfg(test)]
pub(crate) mod tests;
mod told;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use url::Url;

use self::destination::{DESTINATION, Destination, OTHERS};
use self::door::{CONFIG, Door, LIST, MEDIA};
use self::entry::{Files, entries};
use self::holding::{Base, addresses, held, is_unread, name_of};
use self::learnt::Learnt;
use self::noted::{Goal, Noted, says_no_more, says_the_same};
use self::told::Seen;
use super::web::Site;
use super::{
    About, Changes, Facts, Feed, FeedError, Fetched, Held, Intent, Item, Limits, Lookup, Outgoing, Page, Remains,
    RemoteMedia,
};
use crate::domain::limits::FILE_BYTES;
use crate::domain::{AssetId, Receipt, Wanted};

pub use discover::{MICROPUB, discover};
pub use sign_in::{authorization, owner};

/// Whose site it is, as its server said at the sign-in, in [`Facts::endpoints`].
pub const ME: &str = "me";

/// A site that speaks Micropub.
pub struct Micropub {
    door: Door,
    learnt: Learnt,
}

impl Micropub {
    /// The feed at a site. Asks nothing yet.
    pub fn new(site: Site) -> Self {
        let learnt = Learnt::of(&site.facts);
        Self { door: Door::new(site), learnt }
    }

    /// Chooses the blog to write to where there are several, and says which.
    fn choose(&self, all: &[Destination], facts: &mut Facts) {
        let me = facts.endpoints.get(ME).and_then(|me| Url::parse(me).ok());
        let places: Vec<Url> = std::iter::once(self.door.site.place.clone()).chain(me).collect();
        let Some(one) = destination::chosen(all, &places) else { return };
        let others: Vec<&str> = all.iter().filter(|other| *other != one).map(|other| other.uid.as_str()).collect();
        facts.endpoints.insert(DESTINATION.to_owned(), one.uid.clone());
        facts.endpoints.insert(OTHERS.to_owned(), others.join(" "));
        facts.account.clone_from(&one.name);
    }

    /// What is there, if it is still what the receipt says, or what an attempt of ours made of it whose answer was lost.
    /// [`FeedError::Untold`] where the site answers and fails over just this.
    async fn unchanged(&self, known: &Receipt, goal: Option<&Goal>) -> Result<Option<Base>, FeedError> {
        let base = match self.base(&addresses(&known.remote_id), known).await {
            Err(FeedError::Unreachable) if self.door.is_up().await? => return Err(FeedError::Untold),
            base => base?,
        };
        let Some(base) = base else {
            let is_blind = is_unread(known) || goal.is_some_and(|goal| goal.blind);
            return if is_blind { Ok(None) } else { Err(FeedError::Gone) };
        };
        let held = &base.held;
        let is_ours = |goal: &Goal| goal.is_met_by(held);
        // What could not be read when it was written is read for the first time. Somebody may have written in it by then.
        let says_ours = |goal: &Goal| {
            goal.parts == known.parts && (self.learnt.words.is_set() || says_the_same(&goal.parts, &held.parts))
        };
        let was_unread = is_unread(known) && goal.is_some_and(says_ours);
        if held.version == known.version || goal.is_some_and(is_ours) || was_unread {
            return Ok(Some(base));
        }
        Err(FeedError::ChangedThere(Box::new(base.held)))
    }

    /// The same of the entries that are there where others are gone. Where the site writes words of its own into everything, only what
    /// was read back tells.
    async fn rest_is_unchanged(&self, urls: &[String], known: &Receipt, noted: &Noted) -> Result<(), FeedError> {
        let (mut there, mut sources, mut is_changed) = (Vec::new(), Vec::new(), false);
        for url in urls {
            let source = match self.door.source(url).await? {
                Seen::There(source) => source,
                Seen::NotThere => continue,
                Seen::Cannot => return Err(FeedError::Untold),
            };
            let says = source.said(Some(&known.parts)).parts();
            let is_agreed = says_no_more(&says, &known.parts);
            let sent = noted.name_at(url).and_then(|name| noted.entry(&name)).filter(|_| !self.learnt.words.is_set());
            is_changed |= !is_agreed && !sent.is_some_and(|sent| self.is_as_sent(&sent, &source));
            there.push(url.clone());
            sources.push(source);
        }
        match is_changed {
            true => Err(FeedError::ChangedThere(Box::new(held(&there, &sources, Some(known))))),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl Feed for Micropub {
    fn names<'a>(&self, remote_id: &'a str) -> Vec<&'a str> {
        holding::names(remote_id)
    }

    fn ahead(&self) -> Option<i64> {
        self.door.lead.known()
    }

    fn rest(&self) -> Option<i64> {
        self.door.rest.left(self.door.site.clock.now())
    }

    fn limits(&self) -> Limits {
        self.learnt.in_limits(&self.door.site.facts.limits)
    }

    fn keeps_theirs(&self) -> bool {
        true
    }

    fn items(&self, intent: &Intent) -> Vec<Item> {
        let plain = self.learnt.plain.is_set();
        let (rough, forms) = (self.learnt.rough.is_set(), self.learnt.forms.is_set());
        let takes_files = self.door.site.facts.endpoints.contains_key(MEDIA);
        let entries = entries(intent, &self.door.site.choices, None);
        let alone = entries.len() == 1;
        let item = |entry: &entry::Entry<'_>| {
            let rough = rough && (forms || (!takes_files && entry.carried().next().is_some()));
            Item {
                lang: entry.document.lang().filter(|_| !alone || entry.document.sides.len() == 1).cloned(),
                title: entry.title(),
                text: if rough { entry.plain() } else { entry.html(&Files::new(), plain, None) },
                html: !rough,
                length: None,
                files: entry.document.media.iter().map(|shown| shown.facts.asset).collect(),
                long_alts: Vec::new(),
            }
        };
        entries.iter().map(item).collect()
    }

    async fn probe(&self) -> Result<Facts, FeedError> {
        let config = self.door.config().await?;
        let mut facts = self.learnt.in_facts(&self.door.site.facts);
        facts.endpoints.insert(MICROPUB.to_owned(), self.door.micropub().await?.base().to_string());
        if let Some(media) = config.media_endpoint {
            facts.endpoints.insert(MEDIA.to_owned(), self.door.named(&media).await?.to_string());
        }
        if config.is_told {
            facts.endpoints.insert(CONFIG.to_owned(), "1".to_owned());
        }
        match self.door.list(1, 0, None).await {
            Ok(Some(_)) => _ = facts.endpoints.insert(LIST.to_owned(), "1".to_owned()),
            Err(error @ (FeedError::SignedOut | FeedError::Locked)) => return Err(error),
            // The list is an extension: a server without one takes posts all the same, whatever it says to the question.
            Ok(None) | Err(_) => {}
        }
        let me = facts.endpoints.get(ME).map(|me| me.trim_start_matches("https://").trim_start_matches("http://"));
        if let Some(me) = me {
            facts.account = me.trim_end_matches('/').to_owned();
        }
        self.choose(&config.destinations, &mut facts);
        let host = self.door.site.place.host_str().unwrap_or_default();
        for name in [&mut facts.title, &mut facts.account] {
            if name.is_empty() {
                host.clone_into(name);
            }
        }
        Ok(facts)
    }

    async fn create(&self, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError> {
        let mut load = self.load(intent, out).await?;
        load.noted().begin_anew(out.gone.as_ref()).await?;
        let goal = self.aim(&mut load, intent, None, None).await?;
        let urls = match self.bring(&mut load, &[]).await {
            // Without a receipt nobody would take back what is there by now, as one language, or an entry that cannot be made what it
            // shall be: the site is asked for it.
            Err(error)
                if load.noted().is_any_returning()
                    || (load.noted().is_any_there()
                        && (goal.entries.len() > 1 || matches!(error, FeedError::CannotChange))) =>
            {
                return Err(FeedError::Lost);
            }
            urls => urls?,
        };
        self.confirm(load.noted(), &urls, goal).await
    }

    async fn update(&self, known: &Receipt, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError> {
        // Files take their time: what somebody writes meanwhile is read after them.
        let mut load = self.load(intent, out).await?;
        let before = load.noted().goal();
        let base = self.unchanged(known, before.as_ref()).await?;
        let goal = self.aim(&mut load, intent, Some(known), base.as_ref().map(|base| &base.held)).await?;
        load.seen = base.map(|base| base.versions).unwrap_or_default();
        let (places, left) = self.places(&load, &addresses(&known.remote_id)).await?;
        let urls = self.bring(&mut load, &places).await?;
        // Languages that are not in the post any more.
        for (number, url) in left.iter().enumerate() {
            self.take_away(url, number, load.noted()).await?;
        }
        self.confirm(load.noted(), &urls, goal).await
    }

    async fn withdraw(&self, known: &Receipt, about: &About) -> Result<(), FeedError> {
        let mut noted = Noted::read(&about.notes).await?;
        let urls = addresses(&known.remote_id);
        let was_read = match self.unchanged(known, noted.goal().as_ref()).await {
            Ok(held) => held.is_some(),
            Err(FeedError::Gone) => {
                self.rest_is_unchanged(&urls, known, &noted).await?;
                false
            }
            Err(error) => return Err(error),
        };
        let names: Vec<String> = urls.iter().enumerate().map(|(number, url)| name_of(&noted, url, number)).collect();
        if noted.goal().is_none_or(|goal| !names.iter().all(|name| goal.entries.contains(name))) {
            noted.set_goal(&taken_over(known, names)).await?;
        }
        let is_blind = noted.goal().is_some_and(|goal| goal.blind);
        for (number, url) in urls.iter().enumerate() {
            // That it is gone is believed if nothing else was said before.
            if was_read || is_blind || !matches!(self.door.source(url).await?, Seen::NotThere) {
                self.take_away(url, number, &mut noted).await?;
            }
        }
        Ok(())
    }

    fn learnt(&self) -> Option<Facts> {
        let known = &self.door.site.facts;
        Some(self.learnt.in_facts(known)).filter(|facts| facts != known)
    }

    async fn lookup(&self, about: &About) -> Result<Lookup, FeedError> {
        self.look_up(about).await
    }

    async fn fetch(&self, known: &Receipt, about: &About) -> Result<Fetched, FeedError> {
        let noted = Noted::read(&about.notes).await?;
        self.fetch_back(known, &noted).await
    }

    async fn remains(&self, known: &Receipt) -> Result<Remains, FeedError> {
        let (urls, mut there) = (addresses(&known.remote_id), 0);
        for url in urls.iter().filter(|_| urls.len() > 1) {
            there += usize::from(!matches!(self.door.source(url).await?, Seen::NotThere));
        }
        Ok(Remains::of(there, urls.len()))
    }

    async fn changes(&self, cursor: Option<&str>, known: &[Receipt]) -> Result<Changes, FeedError> {
        self.changed(cursor, known).await
    }

    async fn list(&self, page: Option<&str>) -> Result<Page, FeedError> {
        self.page(page).await
    }

    async fn adopted(&self, about: &About, files: &[(AssetId, RemoteMedia)]) -> Result<(), FeedError> {
        self.brought_in(about, files).await?;
        Noted::read(&about.notes).await?.set_theirs().await
    }

    async fn brought_in(&self, about: &About, files: &[(AssetId, RemoteMedia)]) -> Result<(), FeedError> {
        let mut noted = Noted::read(&about.notes).await?;
        let known = noted.files();
        // One that was sent from here stays known by the address that its upload gave.
        for (asset, file) in files.iter().filter(|(asset, file)| file.asset.is_none() || !known.contains_key(asset)) {
            noted.set_file(*asset, &file.url).await?;
        }
        Ok(())
    }

    async fn found(&self, address: &str, about: &About) -> Result<(), FeedError> {
        let mut noted = Noted::read(&about.notes).await?;
        let is_to_be_seen = noted.is_to_be_seen();
        noted.set_found(address).await?;
        if is_to_be_seen { noted.set_open().await } else { Ok(()) }
    }

    async fn not_found(&self, about: &About) -> Result<(), FeedError> {
        Noted::read(&about.notes).await?.deny_asked().await
    }

    async fn download(&self, media: &RemoteMedia, to: &mut tokio::fs::File) -> Result<u64, FeedError> {
        let url = Url::parse(&media.url).map_err(|_| FeedError::Gone)?;
        let own = self.own_places().await?;
        let is_own = |url: &Url| looking::is_among(&own, url);
        if !is_own(&url) {
            return Err(FeedError::Denied);
        }
        self.door.micropub().await?.download_from(url, &is_own, to, FILE_BYTES).await
    }
}

/// What is written down of a post that was made elsewhere, before it is taken away.
fn taken_over(known: &Receipt, entries: Vec<String>) -> Goal {
    let draft = known.known == Wanted::Draft;
    Goal {
        revision: known.revision,
        draft,
        entries,
        parts: known.parts.clone(),
        base: Some(known.version),
        blind: false,
        public: !draft,
        opens: false,
        dated: None,
        agreed: BTreeMap::new(),
    }
}
