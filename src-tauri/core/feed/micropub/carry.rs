//! Bringing a post to the site: files first, then entry by entry, each step written down before it is tried. Nothing is made a
//! second time as long as what was tried before may still arrive.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value, json};

use super::Micropub;
use super::door::{Seen, file_part};
use super::entry::{Entry, Files, entries};
use super::noted::{Goal, Noted, Stage, Stands};
use super::source::{Said, Source};
use crate::domain::{Digest, Lang, Receipt, Timestamp};
use crate::feed::web::stage;
use crate::feed::{Audience, FeedError, Held, Intent, Outgoing, Part};

/// Everything that one post needs on its way.
pub(super) struct Load<'a> {
    entries: Vec<Entry<'a>>,
    files: Files,
    noted: Noted,
}

impl Micropub {
    pub(super) async fn load<'a>(&self, intent: &'a Arc<Intent>, out: &Outgoing) -> Result<Load<'a>, FeedError> {
        let mut noted = Noted::read(&out.notes).await?;
        self.upload(intent, out, &mut noted).await?;
        Ok(Load { entries: entries(intent, &self.door.site.choices), files: noted.files(), noted })
    }

    /// Uploads the files that are not there yet.
    async fn upload(&self, intent: &Intent, out: &Outgoing, noted: &mut Noted) -> Result<(), FeedError> {
        let total = u32::try_from(intent.media.len()).unwrap_or(u32::MAX);
        let known = noted.files();
        let sent = Arc::new(AtomicU64::new(0));
        for (done, media) in intent.media.iter().enumerate() {
            if !known.contains_key(&media.asset) {
                let staged = stage(Arc::clone(&out.media), media.asset, Part::Copy).await?;
                let (progress, counted) = (Arc::clone(&out.progress), Arc::clone(&sent));
                let all = sent.load(Ordering::Relaxed) + staged.bytes;
                let left = move |bytes| progress.sent(counted.fetch_add(bytes, Ordering::Relaxed) + bytes, all);
                let part = file_part(&staged, format!("{}.{}", media.asset, media.extension), &media.mime, left)?;
                let url = self.door.upload(part).await?;
                noted.set_file(media.asset, url.as_str()).await?;
            }
            out.progress.uploaded(u32::try_from(done + 1).unwrap_or(total), total);
        }
        Ok(())
    }

    /// Writes down what is about to be sent.
    pub(super) async fn aim(
        &self,
        load: &mut Load<'_>,
        intent: &Intent,
        base: Option<&Held>,
    ) -> Result<Goal, FeedError> {
        let before = load.noted.goal();
        let plain = self.is_plain(&load.noted);
        let said = load.entries.iter().map(|entry| expected(entry, &load.files, plain));
        let goal = Goal {
            revision: intent.revision,
            draft: intent.audience == Audience::Draft,
            entries: load.entries.len(),
            parts: together(said).parts(),
            base: base.map(|held| held.version),
            blind: before.is_some_and(|goal| goal.blind),
        };
        load.noted.set_goal(&goal).await?;
        Ok(goal)
    }

    /// Brings all entries; `known` are the addresses of those that are there. Answers the addresses of all.
    pub(super) async fn bring(&self, load: &mut Load<'_>, known: &[String]) -> Result<Vec<String>, FeedError> {
        let mut urls: Vec<String> = Vec::new();
        for number in 0..load.entries.len() {
            let before = urls.last().cloned();
            let url = match known.get(number) {
                Some(url) => self.overwrite(load, number, url, before.as_deref()).await?,
                None => self.bring_one(load, number, before.as_deref()).await?,
            };
            urls.push(url);
        }
        Ok(urls)
    }

    /// Brings an entry that the receipt does not name: one that an earlier attempt made, one that was taken away, or a new one.
    async fn bring_one(&self, load: &mut Load<'_>, number: usize, before: Option<&str>) -> Result<String, FeedError> {
        let Some(stands) = load.noted.entry(number) else { return self.make(load, number, before).await };
        let url = match (&stands.url, stands.stage) {
            (Some(url), Stage::There) => Some(url.clone()),
            (Some(url), Stage::Leaving | Stage::Gone) => self.undelete(url).await?,
            (None, _) => self.find(&stands).await?,
        };
        match url {
            Some(url) => match self.overwrite(load, number, &url, before).await {
                Err(FeedError::Gone) => self.make(load, number, before).await,
                brought => brought,
            },
            None => self.make(load, number, before).await,
        }
    }

    /// Brings back an entry that was taken away; nothing where the server forgot it.
    async fn undelete(&self, url: &str) -> Result<Option<String>, FeedError> {
        match self.door.act(url, &json!({ "action": "undelete" })).await {
            Ok(moved) => Ok(Some(moved.map_or_else(|| url.to_owned(), |now| now.to_string()))),
            // It may be there again because an earlier answer was lost.
            Err(FeedError::Refused | FeedError::Gone) => {
                let is_there = matches!(self.door.source(url).await?, Seen::There(_));
                Ok(is_there.then(|| url.to_owned()))
            }
            Err(error) => Err(error),
        }
    }

    async fn make(&self, load: &mut Load<'_>, number: usize, before: Option<&str>) -> Result<String, FeedError> {
        let plain = self.is_plain(&load.noted);
        let stands = load.stands(number, self.door.site.clock.now(), plain)?;
        load.noted.set_entry(number, &stands).await?;
        let made = match self.door.create(&load.new_properties(number, plain, before)?).await {
            Err(FeedError::Refused) if !plain && load.has_words(number) => {
                let made = self.door.create(&load.new_properties(number, true, before)?).await;
                if made.is_ok() {
                    self.be_plain(&mut load.noted).await?;
                }
                made
            }
            made => made,
        };
        match made {
            Ok(url) => {
                let url = url.to_string();
                load.noted.set_entry(number, &Stands { url: Some(url.clone()), ..stands }).await?;
                Ok(url)
            }
            Err(FeedError::Lost) => Err(FeedError::Lost),
            // It was not made for certain.
            Err(error) => {
                load.noted.strike_entry(number).await?;
                Err(error)
            }
        }
    }

    async fn overwrite(
        &self,
        load: &mut Load<'_>,
        number: usize,
        url: &str,
        before: Option<&str>,
    ) -> Result<String, FeedError> {
        let there = match self.door.source(url).await? {
            Seen::There(source) => Some(source),
            Seen::NotThere if load.noted.goal().is_some_and(|goal| goal.blind) => None,
            Seen::NotThere => return Err(FeedError::Gone),
            Seen::Cannot => None,
        };
        let plain = self.is_plain(&load.noted);
        let stands = Stands { url: Some(url.to_owned()), ..load.stands(number, self.door.site.clock.now(), plain)? };
        load.noted.set_entry(number, &stands).await?;
        let replace = load.properties(number, plain, before)?;
        let moved = match self.door.act(url, &update(replace, there.as_ref())).await {
            Err(FeedError::Refused) if !plain && load.has_words(number) => {
                let replace = load.properties(number, true, before)?;
                let moved = self.door.act(url, &update(replace, there.as_ref())).await?;
                self.be_plain(&mut load.noted).await?;
                moved
            }
            moved => moved?,
        };
        let Some(now) = moved else { return Ok(url.to_owned()) };
        load.noted.set_entry(number, &Stands { url: Some(now.to_string()), ..stands }).await?;
        Ok(now.into())
    }

    /// Reads back what was brought. What is there counts as ours: it was written just now.
    pub(super) async fn confirm(&self, load: &mut Load<'_>, urls: &[String], goal: Goal) -> Result<Held, FeedError> {
        match self.held(urls, None).await {
            Ok(Some(held)) => Ok(Held { revision: Some(goal.revision), ..held }),
            // It cannot be read back, or not yet: what was sent is what is known.
            Ok(None) | Err(FeedError::Refused | FeedError::Denied) => {
                let goal = Goal { blind: true, ..goal };
                load.noted.set_goal(&goal).await?;
                Ok(unread(urls, &goal))
            }
            Err(_) => Err(FeedError::Lost),
        }
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

    pub(super) fn is_plain(&self, noted: &Noted) -> bool {
        self.plain.load(Ordering::Relaxed) || noted.is_plain()
    }

    async fn be_plain(&self, noted: &mut Noted) -> Result<(), FeedError> {
        self.plain.store(true, Ordering::Relaxed);
        noted.set_plain().await
    }
}

impl Load<'_> {
    fn entry(&self, number: usize) -> Result<&Entry<'_>, FeedError> {
        self.entries.get(number).ok_or(FeedError::Refused)
    }

    fn has_words(&self, number: usize) -> bool {
        self.entries.get(number).is_some_and(Entry::has_words)
    }

    fn stands(&self, number: usize, now: Timestamp, plain: bool) -> Result<Stands, FeedError> {
        let entry = self.entry(number)?;
        let parts = expected(entry, &self.files, plain).parts();
        let moment = Some(entry.moment());
        Ok(Stands { slug: entry.slug.clone(), tried: now, parts, moment, url: None, stage: Stage::There })
    }

    /// The properties of an entry, pointing to the one before.
    fn properties(&self, number: usize, plain: bool, before: Option<&str>) -> Result<Map<String, Value>, FeedError> {
        let lang: Option<&Lang> = number.checked_sub(1).and_then(|number| self.entries.get(number)?.document.lang());
        Ok(self.entry(number)?.properties(&self.files, plain, lang.zip(before)))
    }

    /// The same for an entry that is not there yet, with the name that is asked for.
    fn new_properties(
        &self,
        number: usize,
        plain: bool,
        before: Option<&str>,
    ) -> Result<Map<String, Value>, FeedError> {
        let mut properties = self.properties(number, plain, before)?;
        properties.insert("mp-slug".to_owned(), json!([self.entry(number)?.slug]));
        Ok(properties)
    }

    /// What is written down of the post.
    pub fn noted(&mut self) -> &mut Noted {
        &mut self.noted
    }
}

/// What is replaced in an entry, and what is taken out of it.
fn update(replace: Map<String, Value>, there: Option<&Source>) -> Value {
    let could_stay = ["name", "category", "photo", "video", "visibility"];
    let stays = |name: &&str| !replace.contains_key(*name) && there.is_some_and(|source| source.has(name));
    let delete: Vec<&str> = could_stay.into_iter().filter(stays).collect();
    let mut body = json!({ "action": "update", "replace": replace });
    if let Some(fields) = body.as_object_mut().filter(|_| !delete.is_empty()) {
        fields.insert("delete".to_owned(), json!(delete));
    }
    body
}

/// What an entry will say, read as it will be read back.
fn expected(entry: &Entry<'_>, files: &Files, plain: bool) -> Said {
    Source::as_sent(entry.properties(files, plain, None)).said(None)
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
    // Maps have string keys and every value is representable.
    let version = Digest::of(&serde_json::to_vec(&goal.parts).unwrap_or_default());
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
