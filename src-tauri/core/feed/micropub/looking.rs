//! Asking the site what it holds: after a lost answer, for changes made there, for everything that lies there.

use std::collections::BTreeMap;

use url::Url;

use super::Micropub;
use super::door::{LIST, Listed, Seen};
use super::holding::{addresses, held, is_unread, together, unread};
use super::noted::{Noted, Stage, Stands, says_the_same};
use super::source::Source;
use crate::domain::Receipt;
use crate::feed::{About, Changes, FeedError, Fetched, Held, Lookup, Page};

/// How long a request may still arrive after its answer was lost: 45 minutes.
pub(super) const QUIET_MILLIS: i64 = 45 * 60 * 1000;
/// How often something is looked for that the server promised: every minute.
const PROMISED_MILLIS: i64 = 60 * 1000;
/// Entries asked for at once.
const PAGE: usize = 100;
/// Entries that are shown at once when a site is taken over.
const SHOWN: usize = 20;
/// Pages that are looked through; a site that goes on for ever ends here.
const PAGES: usize = 500;
/// Pages that are looked through for an entry that was just sent.
const PAGES_FOR_ONE: usize = 20;

/// Where one entry of a post was found to be.
enum Where {
    At(String, Box<Source>),
    /// There by all that is known; the server does not give entries back.
    Unread(String),
    Nowhere,
    NotYet,
    CannotTell,
}

impl Micropub {
    pub(super) async fn look_up(&self, about: &About) -> Result<Lookup, FeedError> {
        let mut noted = Noted::read(&about.notes).await?;
        let Some(goal) = noted.goal() else { return Ok(Lookup::Absent) };
        let (mut urls, mut sources) = (Vec::new(), Vec::new());
        let (mut missing, mut leaving, mut foreign) = (false, false, false);
        for name in &goal.entries {
            let Some(stands) = noted.entry(name) else {
                missing = true;
                continue;
            };
            leaving |= stands.stage == Stage::Leaving;
            // Half done: it is there, but not yet in its own form.
            missing |= stands.rough;
            match self.locate(&stands, goal.blind).await? {
                Where::At(url, source) => {
                    foreign |= !self.is_as_sent(&stands, &source);
                    if stands.url.is_none() {
                        noted.set_entry(name, &Stands { url: Some(url.clone()), ..stands }).await?;
                    }
                    urls.push(url);
                    sources.push(*source);
                }
                Where::Unread(url) => {
                    // Nobody can see whether the last change arrived: it is made once more.
                    missing |= stands.open;
                    urls.push(url);
                }
                Where::Nowhere => {
                    missing = true;
                    noted.set_entry(name, &Stands { stage: Stage::Gone, ..stands }).await?;
                }
                Where::NotYet if stands.promised => {
                    return Ok(Lookup::NotYet(self.door.site.clock.now().plus_millis(PROMISED_MILLIS)));
                }
                Where::NotYet => return Ok(Lookup::NotYet(stands.tried.plus_millis(QUIET_MILLIS))),
                Where::CannotTell => return Ok(Lookup::CannotTell),
            }
        }
        if urls.is_empty() {
            return Ok(Lookup::Absent);
        }
        let held = if sources.len() == urls.len() { held(&urls, &sources, None) } else { unread(&urls, &goal) };
        let is_new = goal.base.is_none();
        let is_as_before = goal.base == Some(held.version);
        Ok(Lookup::Found(match goal.is_met_by(&held) {
            _ if leaving => Held { revision: Some(goal.revision), ..held },
            false if foreign && !is_as_before => Held { touched: true, ..held },
            _ if missing => Held { unfinished: true, ..held },
            met if met || is_new => Held { revision: Some(goal.revision), ..held },
            // One language may be as it was sent, and another still as it was before.
            _ if is_as_before || urls.len() > 1 => Held { unfinished: true, ..held },
            _ => Held { touched: true, ..held },
        }))
    }

    /// Whether an entry says what was sent last, or before that, however the server wrote it down. Where a server writes words of its
    /// own into everything, nobody can tell.
    fn is_as_sent(&self, stands: &Stands, there: &Source) -> bool {
        let says = there.said(None).parts();
        let is_it = |parts: &BTreeMap<_, _>| says_the_same(parts, &says);
        stands.rough || self.learnt.words.is_set() || is_it(&stands.parts) || is_it(&stands.before)
    }

    async fn locate(&self, stands: &Stands, blind: bool) -> Result<Where, FeedError> {
        let may_arrive = self.door.site.clock.now() < stands.tried.plus_millis(QUIET_MILLIS);
        let Some(url) = stands.url.clone() else {
            return Ok(match self.find(stands).await? {
                Some(url) => match self.door.source(&url).await? {
                    Seen::There(source) => Where::At(url, Box::new(source)),
                    Seen::NotThere | Seen::Cannot => Where::Unread(url),
                },
                None if may_arrive => Where::NotYet,
                None => Where::CannotTell,
            });
        };
        if stands.stage == Stage::Gone {
            return Ok(Where::Nowhere);
        }
        Ok(match self.door.source(&url).await? {
            Seen::There(source) => Where::At(url, Box::new(source)),
            Seen::Cannot => Where::Unread(url),
            Seen::NotThere if blind => Where::Unread(url),
            Seen::NotThere if stands.stage == Stage::Leaving => Where::Nowhere,
            Seen::NotThere if may_arrive => Where::NotYet,
            // It may still come, whenever the server gets to it.
            Seen::NotThere if stands.promised => Where::CannotTell,
            Seen::NotThere => Where::Nowhere,
        })
    }

    /// Looks for an entry that was sent and whose answer was lost, among everything that lies there.
    pub(super) async fn find(&self, stands: &Stands) -> Result<Option<String>, FeedError> {
        let base = self.door.micropub().await?.base().clone();
        let same_moment = |source: &Source| source.moment().map(|moment| moment.at) == stands.moment;
        let says_the_same =
            |source: &Source| !stands.rough && same_moment(source) && source.said(None).parts() == stands.parts;
        let is_it = |source: &Source| source.is_named(&stands.slug) || says_the_same(source);
        let mut found = None;
        self.walk(PAGES_FOR_ONE, |source| {
            if found.is_none() && is_it(source) && !source.is_taken_away() {
                found = source.url(&base).map(String::from);
            }
            found.is_none()
        })
        .await?;
        Ok(found)
    }

    /// Goes through everything that lies there as long as it is told to. Answers whether the server lists at all.
    async fn walk(&self, pages: usize, mut go_on: impl FnMut(&Source) -> bool + Send) -> Result<bool, FeedError> {
        let (mut offset, mut after, mut first) = (0, None::<String>, None);
        for _ in 0..pages {
            let Some(page) = self.door.list(PAGE, offset, after.as_deref()).await? else { return Ok(offset > 0) };
            let Listed { items, after: next } = page;
            // A server that does not know offsets gives the same page again.
            let begins = items.first().map(Source::version);
            if items.is_empty() || (offset > 0 && after.is_none() && begins == first) {
                break;
            }
            first = begins;
            if !items.iter().all(&mut go_on) {
                break;
            }
            offset += items.len();
            if next.is_none() && items.len() < PAGE {
                break;
            }
            after = next;
        }
        Ok(true)
    }

    /// Reads back what a receipt speaks of. Which file is whose is known by where it was uploaded to.
    pub(super) async fn fetch_back(&self, known: &Receipt, noted: &Noted) -> Result<Fetched, FeedError> {
        let urls = addresses(known);
        let mut sources = Vec::with_capacity(urls.len());
        for url in &urls {
            match self.door.source(url).await? {
                Seen::There(source) => sources.push(source),
                Seen::NotThere => return Err(FeedError::Gone),
                Seen::Cannot => return Err(FeedError::Unreachable),
            }
        }
        let (mut fetched, files) = (fetched(&urls, &sources, Some(known)), noted.files());
        let base = self.door.micropub().await?.base().clone();
        for there in fetched.media.iter_mut().flatten().filter(|there| there.asset.is_none()) {
            let url = base.join(there.url.trim()).map(String::from).unwrap_or_default();
            there.asset = files.iter().find(|(_, known)| **known == url).map(|(asset, _)| *asset);
        }
        Ok(fetched)
    }

    pub(super) async fn changed(&self, known: &[Receipt]) -> Result<Changes, FeedError> {
        let base = self.door.micropub().await?.base().clone();
        let mut there: BTreeMap<String, Option<Source>> =
            known.iter().flat_map(addresses).map(|url| (url, None)).collect();
        let lists = self.door.site.facts.endpoints.contains_key(LIST) && !known.is_empty();
        if lists {
            self.walk(PAGES, |source| {
                let place = source.url(&base).and_then(|url| there.get_mut(url.as_str()));
                if let Some(place) = place.filter(|_| !source.is_taken_away()) {
                    *place = Some(source.clone());
                }
                true
            })
            .await?;
        }
        let mut changes = Changes::default();
        for receipt in known {
            self.compare(receipt, &mut there, &mut changes).await?;
        }
        Ok(changes)
    }

    async fn compare(
        &self,
        receipt: &Receipt,
        there: &mut BTreeMap<String, Option<Source>>,
        changes: &mut Changes,
    ) -> Result<(), FeedError> {
        let urls = addresses(receipt);
        let (mut sources, mut is_listed) = (Vec::with_capacity(urls.len()), false);
        for url in &urls {
            let source = match there.get_mut(url).and_then(Option::take) {
                Some(source) => {
                    is_listed = true;
                    source
                }
                None => match self.door.source(url).await? {
                    Seen::There(source) => source,
                    Seen::NotThere if is_unread(receipt) => return Ok(()),
                    Seen::NotThere => {
                        changes.gone.push(receipt.remote_id.clone());
                        return Ok(());
                    }
                    Seen::Cannot => return Ok(()),
                },
            };
            sources.push(source);
        }
        let mut seen = fetched(&urls, &sources, Some(receipt));
        // A list may be older than what it lists.
        if is_listed && seen.held.version != receipt.version {
            for (url, listed) in urls.iter().zip(&mut sources) {
                if let Seen::There(source) = self.door.source(url).await? {
                    *listed = source;
                }
            }
            seen = fetched(&urls, &sources, Some(receipt));
        }
        if seen.held.version != receipt.version {
            changes.items.push(seen);
        }
        Ok(())
    }

    pub(super) async fn page(&self, page: Option<&str>) -> Result<Page, FeedError> {
        let offset = page.and_then(|page| page.strip_prefix("offset:")).and_then(|offset| offset.parse().ok());
        let offset: usize = offset.unwrap_or(0);
        let after = page.and_then(|page| page.strip_prefix("after:"));
        let Some(listed) = self.door.list(SHOWN, offset, after).await? else { return Ok(Page::default()) };
        let base = self.door.micropub().await?.base().clone();
        let full = listed.items.len() >= SHOWN;
        let next = match listed.after {
            Some(after) => Some(format!("after:{after}")),
            None => full.then(|| format!("offset:{}", offset + listed.items.len())),
        };
        let item = |source: Source| {
            let url = vec![source.url(&base)?.to_string()];
            Some(fetched(&url, &[source], None))
        };
        let there = listed.items.into_iter().filter(|source| !source.is_taken_away());
        let mut items: Vec<Fetched> = there.filter_map(item).collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.moment));
        Ok(Page { items, next })
    }

    /// Where the site's own pages and files lie.
    pub(super) async fn own_places(&self) -> Result<Vec<Url>, FeedError> {
        let mut places = vec![self.door.site.place.clone(), self.door.micropub().await?.base().clone()];
        places.extend(self.door.media().await?.map(|client| client.base().clone()));
        Ok(places)
    }
}

/// Whether an address is of one of these places, or of a host beneath one of them.
pub(super) fn is_among(places: &[Url], url: &Url) -> bool {
    let is_beneath = |known: &Url| match (known.host(), url.host()) {
        (Some(url::Host::Domain(known)), Some(url::Host::Domain(host))) => {
            host == known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.'))
        }
        _ => known.origin() == url.origin(),
    };
    places.iter().any(|known| super::discover::same_trust(known, url) && is_beneath(known))
}

fn fetched(urls: &[String], sources: &[Source], known: Option<&Receipt>) -> Fetched {
    let said = together(sources.iter().map(|source| source.said(known.map(|known| &known.parts))));
    Fetched {
        held: held(urls, sources, known),
        sides: said.sides,
        topics: Some(said.topics),
        media: Some(said.media),
        moment: sources.iter().find_map(Source::moment).map(|moment| moment.at),
        modified: sources.iter().filter_map(Source::updated).map(|moment| moment.at).max(),
        warning: None,
    }
}
