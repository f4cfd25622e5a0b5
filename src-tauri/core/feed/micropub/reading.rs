//! Reading what lies at the site: one post, changes made there, everything.

use std::collections::BTreeMap;

use super::Micropub;
use super::door::LIST;
use super::holding::{addresses, held, is_unread, together};
use super::noted::Noted;
use super::source::Source;
use super::told::{Listed, Seen};
use crate::domain::Receipt;
use crate::feed::web::{QUESTIONS, Turns};
use crate::feed::{Changes, FeedError, Fetched, Page};

/// Entries asked for at once.
const PAGE: usize = 100;
/// Entries that are shown at once when a site is taken over.
const SHOWN: usize = 20;
/// Pages that are looked through; a site that goes on for ever ends here.
const PAGES: usize = 500;

impl Micropub {
    /// Goes through everything that lies there as long as it is told to. Answers whether the server lists at all.
    pub(super) async fn walk(
        &self,
        pages: usize,
        mut go_on: impl FnMut(&Source) -> bool + Send,
    ) -> Result<bool, FeedError> {
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
        let urls = addresses(&known.remote_id);
        let mut sources = Vec::with_capacity(urls.len());
        for url in &urls {
            match self.door.source_if_told(url).await? {
                Some(Seen::There(source)) => sources.push(source),
                Some(Seen::NotThere) => return Err(FeedError::Gone),
                Some(Seen::Cannot) | None => return Err(FeedError::Untold),
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

    /// Looks at what is known: all that the site lists, and as many of the others as it bears at a time.
    pub(super) async fn changed(&self, cursor: Option<&str>, known: &[Receipt]) -> Result<Changes, FeedError> {
        let base = self.door.micropub().await?.base().clone();
        let mut there: BTreeMap<String, Option<Source>> =
            known.iter().flat_map(|known| addresses(&known.remote_id)).map(|url| (url, None)).collect();
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
        let (turns, mut looked_at, mut asked) = (Turns::of(known.iter(), cursor), 0, 0);
        for receipt in turns.order() {
            if asked >= QUESTIONS {
                break;
            }
            match self.compare(receipt, &mut there, &mut changes).await {
                Ok(questions) => asked += questions,
                Err(error) if looked_at == 0 => return Err(error),
                Err(error) => {
                    changes.ended = Some(error);
                    break;
                }
            }
            looked_at += 1;
        }
        (changes.cursor, changes.looked_at) = (turns.cursor(looked_at), turns.partly(looked_at));
        Ok(changes)
    }

    /// Compares a post with what lies there. Answers how many entries had to be asked for.
    async fn compare(
        &self,
        receipt: &Receipt,
        there: &mut BTreeMap<String, Option<Source>>,
        changes: &mut Changes,
    ) -> Result<usize, FeedError> {
        let urls = addresses(&receipt.remote_id);
        let (mut sources, mut is_listed, mut asked) = (Vec::with_capacity(urls.len()), false, 0);
        for url in &urls {
            let source = match there.get_mut(url).and_then(Option::take) {
                Some(source) => {
                    is_listed = true;
                    source
                }
                None => {
                    asked += 1;
                    match self.door.source_if_told(url).await? {
                        Some(Seen::There(source)) => source,
                        Some(Seen::NotThere) if is_unread(receipt) => return Ok(asked),
                        Some(Seen::NotThere) => {
                            changes.gone.push(receipt.remote_id.clone());
                            return Ok(asked);
                        }
                        Some(Seen::Cannot) | None => return Ok(asked),
                    }
                }
            };
            sources.push(source);
        }
        let mut seen = fetched(&urls, &sources, Some(receipt));
        // A list may be older than what it lists.
        if is_listed && seen.held.version != receipt.version {
            for (url, listed) in urls.iter().zip(&mut sources) {
                asked += 1;
                match self.door.source_if_told(url).await? {
                    Some(Seen::There(source)) => *listed = source,
                    Some(Seen::NotThere | Seen::Cannot) => {}
                    None => return Ok(asked),
                }
            }
            seen = fetched(&urls, &sources, Some(receipt));
        }
        if seen.held.version != receipt.version {
            changes.items.push(seen);
        }
        Ok(asked)
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
