//! Bringing a post to the site: files first, then entry by entry, each step written down before it is tried. Nothing is made a
//! second time as long as what was tried before may still arrive.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};
use url::Url;

use super::Micropub;
use super::entry::{Entry, Files, WHOLE, entries};
use super::holding::{is_unread, together};
use super::looking::is_among;
use super::noted::{Goal, Noted, Question, Stage, Stands, says_no_more, says_the_same};
use super::source::{Said, Source, Strange, as_html};
use super::told::{Acted, Seen};
use crate::domain::{AssetId, Digest, Lang, Receipt, Timestamp, Wanted};
use crate::feed::render::{Over, Shown};
use crate::feed::{Audience, FeedError, Held, Intent, MediaKind, Outgoing};

/// Everything that one post needs on its way.
pub(super) struct Load<'a> {
    entries: Vec<Entry<'a>>,
    files: Files,
    noted: Noted,
    /// What is sent as its time, where its own is still to come.
    dated: Option<Timestamp>,
    pub out: Outgoing,
    /// Digests of what lay at addresses when it was found to be what is known.
    pub seen: BTreeMap<String, Digest>,
    /// Photos and clips in the entry that are on other hosts and that nobody here has.
    strange: Strange,
}

impl Micropub {
    pub(super) async fn load<'a>(&self, intent: &'a Arc<Intent>, out: &Outgoing) -> Result<Load<'a>, FeedError> {
        if intent.audience == Audience::Draft && self.learnt.public_only.is_set() {
            return Err(FeedError::Refused);
        }
        let mut noted = Noted::read(&out.notes).await?;
        self.upload(intent, out, &mut noted).await?;
        let dated = self.dated(intent, noted.goal().as_ref());
        let entries = entries(intent, &self.door.site.choices, dated);
        let (files, seen, strange) = (noted.files(), BTreeMap::new(), Strange::default());
        Ok(Load { entries, files, noted, dated, out: out.clone(), seen, strange })
    }

    /// What is sent as the time of a post that shall be public now, where its own is still to come by the site's clock: some would keep
    /// it back until then. As long as that is so it stays what it was, and for a retry in any case.
    fn dated(&self, intent: &Intent, before: Option<&Goal>) -> Option<Timestamp> {
        if intent.audience == Audience::Draft {
            return None;
        }
        let now = self.door.site.clock.now().plus_millis(self.door.lead.millis().min(0));
        let is_to_come = intent.content.moment.at > now;
        match before.filter(|before| !before.draft) {
            Some(before) if before.revision == intent.revision => before.dated,
            before => is_to_come.then(|| before.and_then(|before| before.dated).unwrap_or(now)),
        }
    }

    /// Writes down what is about to be sent.
    pub(super) async fn aim(
        &self,
        load: &mut Load<'_>,
        intent: &Intent,
        known: Option<&Receipt>,
        base: Option<&Held>,
    ) -> Result<Goal, FeedError> {
        let before = load.noted.goal();
        let plain = self.is_plain(&load.noted);
        let said = load.entries.iter().map(|entry| load.expected(entry, plain));
        let is_known = |wanted: Wanted| known.is_some_and(|known| known.known == wanted);
        let was_open = before.as_ref().is_none_or(|before| !before.draft && !before.opens);
        let was_meant = before.as_ref().is_none_or(|before| before.public || !before.draft);
        let is_for_all = load.entries.iter().all(Entry::is_for_all);
        let goal = Goal {
            revision: intent.revision,
            draft: intent.audience == Audience::Draft,
            entries: load.entries.iter().map(|entry| entry.name.clone()).collect(),
            parts: together(said).parts(),
            base: base.map(|held| held.version),
            blind: before.as_ref().is_some_and(|goal| goal.blind) || (base.is_none() && known.is_some_and(is_unread)),
            public: is_known(Wanted::Published) && was_meant,
            opens: intent.audience == Audience::Published && is_for_all && !(is_known(Wanted::Published) && was_open),
            dated: load.dated,
            agreed: agreed(known, before),
        };
        load.noted.set_goal(&goal).await?;
        Ok(goal)
    }

    /// What is about to be sent says where its files are.
    async fn aim_again(&self, load: &mut Load<'_>) -> Result<(), FeedError> {
        let Some(goal) = load.noted.goal() else { return Ok(()) };
        let plain = self.is_plain(&load.noted);
        let said = load.entries.iter().map(|entry| load.expected(entry, plain));
        let goal = Goal { parts: together(said).parts(), ..goal };
        load.noted.set_goal(&goal).await
    }

    /// Which entry is at which of the addresses that are there: the one that was made there, else the one in whose language the
    /// site has it; the layout may be another one now. Answers an address an entry, and those that belong to none any more.
    pub(super) async fn places(
        &self,
        load: &Load<'_>,
        there: &[String],
    ) -> Result<(Vec<Option<String>>, Vec<String>), FeedError> {
        let mut left = there.to_vec();
        let mut take = |wanted: &dyn Fn(&String) -> bool| Some(left.remove(left.iter().position(wanted)?));
        let made_at = |entry: &Entry<'_>| load.noted.entry(&entry.name).and_then(|stands| stands.url);
        let mut places: Vec<Option<String>> =
            load.entries.iter().map(|entry| made_at(entry).and_then(|url| take(&|one| *one == url))).collect();
        for (entry, place) in load.entries.iter().zip(&mut places).filter(|(_, place)| place.is_none()) {
            for url in there.iter().filter(|url| load.noted.name_at(url).is_none()) {
                if self.languages_at(url).await? == [entry.name.as_str()] {
                    *place = take(&|one| one == url);
                }
            }
        }
        let is_of_other_layout = |url: &String| load.noted.name_at(url).is_none_or(|name| name == WHOLE);
        for (entry, place) in load.entries.iter().zip(&mut places).filter(|(_, place)| place.is_none()) {
            *place = take(&|url| entry.name == WHOLE || is_of_other_layout(url));
        }
        Ok((places, left))
    }

    async fn languages_at(&self, url: &str) -> Result<Vec<String>, FeedError> {
        Ok(match self.door.source(url).await? {
            Seen::There(source) => source.said(None).sides.keys().map(Lang::to_string).collect(),
            Seen::NotThere | Seen::Cannot => Vec::new(),
        })
    }

    /// Brings all entries; `known` are the addresses of those that are there. Answers the addresses of all.
    pub(super) async fn bring(&self, load: &mut Load<'_>, known: &[Option<String>]) -> Result<Vec<String>, FeedError> {
        let mut urls: Vec<String> = Vec::new();
        for number in 0..load.entries.len() {
            let before = urls.last().cloned();
            let url = match known.get(number) {
                Some(Some(url)) => match self.overwrite(load, number, url, before.as_deref()).await {
                    Err(FeedError::Gone) => return Err(load.called_gone(number).await?),
                    brought => brought?,
                },
                _ => self.bring_one(load, number, before.as_deref()).await?,
            };
            urls.push(url);
        }
        Ok(urls)
    }

    /// Brings an entry that the receipt does not name: one that an earlier attempt made, one that was taken away, or a new one.
    async fn bring_one(&self, load: &mut Load<'_>, number: usize, before: Option<&str>) -> Result<String, FeedError> {
        let name = load.entry(number)?.name.clone();
        let Some(stands) = load.noted.entry(&name) else { return self.make(load, number, before).await };
        let url = match (&stands.url, stands.stage) {
            (Some(url), Stage::There) => Some(url.clone()),
            (Some(url), Stage::Leaving | Stage::Gone | Stage::Returning) => {
                let (stage, tried) = (Stage::Returning, self.door.site.clock.now());
                load.noted.set_entry(&name, &Stands { stage, tried, ..stands.clone() }).await?;
                self.undelete(url).await?
            }
            (None, _) => self.find(&stands).await?,
        };
        let Some(url) = url else { return self.make(load, number, before).await };
        let seen = self.door.source(&url).await?;
        let is_there = stands.stage == Stage::There;
        // Somebody has written in it since: that is kept before anything goes over it.
        let is_kept = |source: &Source| {
            let says = |gone: &Receipt| says_no_more(&source.said(Some(&gone.parts)).parts(), &gone.parts);
            load.out.gone.as_ref().is_some_and(says)
        };
        if matches!(&seen, Seen::There(source) if !self.is_as_sent(&stands, source) && !is_kept(source)) {
            return Err(FeedError::Lost);
        }
        // The server took it, and may give nothing back at all: what became of it is looked into before it is made again.
        let was_never_read = load.noted.goal().is_some_and(|goal| goal.base.is_none());
        let is_taken = is_there && stands.url.is_some() && stands.question != Question::Denied && was_never_read;
        match self.write_over(load, number, (&url, seen), before).await {
            Err(FeedError::Gone) if is_taken => Err(FeedError::Lost),
            // That it is gone is believed against a reading no more than otherwise.
            Err(FeedError::Gone) if matches!(self.door.source(&url).await?, Seen::There(_)) => Err(FeedError::Lost),
            Err(FeedError::Gone) => self.make(load, number, before).await,
            brought => brought,
        }
    }

    /// Brings back an entry that was taken away; nothing where the server forgot it.
    async fn undelete(&self, url: &str) -> Result<Option<String>, FeedError> {
        match self.door.act(url, &json!({ "action": "undelete" })).await {
            Ok(moved) => Ok(Some(moved.map_or_else(|| url.to_owned(), |now| now.to_string()))),
            // It may be there again because an earlier answer was lost. Who may not bring back may still make new ones.
            Err(FeedError::Refused | FeedError::Gone | FeedError::Denied) => {
                let is_there = matches!(self.door.source(url).await?, Seen::There(_));
                Ok(is_there.then(|| url.to_owned()))
            }
            Err(error) => Err(error),
        }
    }

    /// Writes over an entry. [`FeedError::Lost`] where somebody has written in it since it was found to be what is known.
    pub(super) async fn overwrite(
        &self,
        load: &mut Load<'_>,
        number: usize,
        url: &str,
        before: Option<&str>,
    ) -> Result<String, FeedError> {
        let seen = self.door.source(url).await?;
        let is_other = |source: &Source| load.seen.get(url).is_some_and(|version| *version != source.version());
        if matches!(&seen, Seen::There(source) if is_other(source)) {
            return Err(FeedError::Lost);
        }
        self.write_over(load, number, (url, seen), before).await
    }

    /// Makes an entry of which this was seen at its address what it shall be.
    async fn write_over(
        &self,
        load: &mut Load<'_>,
        number: usize,
        (url, seen): (&str, Seen),
        before: Option<&str>,
    ) -> Result<String, FeedError> {
        let name = load.entry(number)?.name.clone();
        let (rough, failed) = load.noted.entry(&name).map_or((false, false), |stands| (stands.rough, stands.failed));
        let blind = load.noted.goal().is_some_and(|goal| goal.blind);
        let there = match seen {
            Seen::There(source) => Some(source),
            Seen::NotThere if !rough && !blind => return Err(FeedError::Gone),
            Seen::NotThere | Seen::Cannot => None,
        };
        if rough && load.lacks_files(number)? {
            self.learn_files(load, number, there.as_ref()).await?;
            self.aim_again(load).await?;
        }
        // Only an entry that is made can have files go along.
        if load.lacks_files(number)? {
            return Err(FeedError::Refused);
        }
        if let Some(there) = &there {
            self.see_strange(load, number, there).await?;
        }
        let plain = self.is_plain(&load.noted);
        let stands = load.stands(number, self.door.site.clock.now(), plain)?;
        let stands = Stands { url: Some(url.to_owned()), rough, failed, open: there.is_none(), ..stands };
        load.noted.set_entry(&name, &stands).await?;
        let change = load.change(number, plain, before, there.as_ref())?;
        let mut acted = self.door.try_to(url, &change).await;
        let has_failed = matches!(acted, Ok(Acted::Failed));
        if has_failed && !failed {
            // Once may be of the moment.
            load.noted.set_entry(&name, &Stands { failed: true, ..stands }).await?;
            return Err(FeedError::Lost);
        }
        // It can be written over any number of times, also where the server failed and nobody knows what it did before.
        let is_no = has_failed || matches!(acted, Err(FeedError::Refused));
        if is_no && !plain && load.entry(number)?.has_words() {
            acted = self.door.try_to(url, &load.change(number, true, before, there.as_ref())?).await;
            if matches!(acted, Ok(Acted::Done(_))) {
                self.be_plain(&mut load.noted).await?;
            }
        }
        // What came in the plain form stays as it came, where it says the same without its marks.
        let may_stay = rough && says_the_same(&stands.before, &stands.parts);
        let moved = match acted {
            Ok(Acted::Done(moved)) => moved,
            Err(FeedError::Refused | FeedError::Denied | FeedError::CannotChange) if may_stay && !has_failed => {
                self.learnt.rough.set();
                None
            }
            Ok(Acted::Failed) => return Err(FeedError::Lost),
            Err(_) if has_failed => return Err(FeedError::Lost),
            Err(error) => return Err(error),
        };
        if !rough && moved.is_none() && !stands.open && !failed {
            return Ok(url.to_owned());
        }
        let now = moved.map_or_else(|| url.to_owned(), String::from);
        let stands = Stands { url: Some(now.clone()), rough: false, failed: false, open: false, ..stands };
        load.noted.set_entry(&name, &stands).await?;
        Ok(now)
    }

    /// Takes in what the entry of a post has on other hosts and nobody here has: it stays. At a site that gave what was sent there
    /// other addresses, nobody can tell those apart.
    async fn see_strange(&self, load: &mut Load<'_>, number: usize, there: &Source) -> Result<(), FeedError> {
        let (entry, base) = (load.entry(number)?, self.door.micropub().await?.base().clone());
        let known: BTreeSet<Url> = load.files.values().filter_map(|url| base.join(url).ok()).collect();
        let is_known = |text: &str| base.join(text).is_ok_and(|url| known.contains(&url));
        let has_sent = load.noted.entry(&entry.name).is_some_and(|stands| stands.files > 0);
        let is_told_apart = !has_sent || there.files(&base).iter().any(|url| is_known(url));
        if load.entries.len() > 1 || !is_told_apart || entry.carried().any(|shown| load.address(shown).is_none()) {
            return Ok(());
        }
        let own = self.own_places().await?;
        let is_elsewhere = |text: &str| base.join(text).is_ok_and(|url| !is_among(&own, &url));
        let is_strange = |text: &str| !is_known(text) && is_elsewhere(text);
        load.strange = there.strange(is_strange);
        if load.strange.is_empty() { Ok(()) } else { self.aim_again(load).await }
    }
}

impl<'a> Load<'a> {
    pub fn entry(&self, number: usize) -> Result<&Entry<'a>, FeedError> {
        self.entries.get(number).ok_or(FeedError::Refused)
    }

    /// Writes down of an entry that cannot be read and is called gone that to make it anew is the user's word.
    async fn called_gone(&mut self, number: usize) -> Result<FeedError, FeedError> {
        let name = self.entry(number)?.name.clone();
        let blind = self.noted.goal().is_some_and(|goal| goal.blind);
        if let Some(stands) = self.noted.entry(&name).filter(|_| blind) {
            self.noted.set_entry(&name, &Stands { question: Question::Open, ..stands }).await?;
        }
        Ok(FeedError::Gone)
    }

    /// Whether an entry has files that are not there yet.
    pub fn lacks_files(&self, number: usize) -> Result<bool, FeedError> {
        Ok(self.entry(number)?.carried().any(|shown| !self.files.contains_key(&shown.facts.asset)))
    }

    /// Whether everything in an entry can stand in a form.
    pub fn fits_a_form(&self, number: usize) -> Result<bool, FeedError> {
        Ok(self.entry(number)?.document.media.iter().all(|shown| shown.facts.kind != MediaKind::File))
    }

    /// Where a file is, if that is known.
    pub fn address(&self, shown: &Shown) -> Option<&str> {
        self.files.get(&shown.facts.asset).map(String::as_str).filter(|url| !url.is_empty())
    }

    /// Writes down where a file is; empty where that is not known.
    pub async fn know_file(&mut self, asset: AssetId, url: &str) -> Result<(), FeedError> {
        self.noted.set_file(asset, url).await?;
        self.files.insert(asset, url.to_owned());
        Ok(())
    }

    pub fn stands(&self, number: usize, now: Timestamp, plain: bool) -> Result<Stands, FeedError> {
        let entry = self.entry(number)?;
        Ok(Stands {
            slug: entry.slug.clone(),
            tried: now,
            parts: self.expected(entry, plain).parts(),
            before: self.noted.entry(&entry.name).map(Stands::there).unwrap_or_default(),
            moment: Some(entry.moment().at),
            url: None,
            stage: Stage::There,
            promised: false,
            rough: false,
            open: false,
            files: self.told_apart(number)?,
            refused: None,
            failed: false,
            question: Question::None,
            revision: self.noted.goal().map(|goal| goal.revision),
        })
    }

    /// Photos and clips of an entry; none where the server does not tell where one of them is.
    fn told_apart(&self, number: usize) -> Result<usize, FeedError> {
        let assets: BTreeSet<AssetId> = self.entry(number)?.carried().map(|shown| shown.facts.asset).collect();
        let is_told = assets.iter().all(|asset| self.files.get(asset).is_none_or(|url| !url.is_empty()));
        Ok(if is_told { assets.len() } else { 0 })
    }

    /// The properties of an entry, pointing to the one before.
    pub fn properties(
        &self,
        number: usize,
        plain: bool,
        before: Option<&str>,
    ) -> Result<Map<String, Value>, FeedError> {
        let lang: Option<&Lang> = number.checked_sub(1).and_then(|number| self.entries.get(number)?.document.lang());
        Ok(self.strange.among(self.entry(number)?.properties(&self.files, plain, lang.zip(before))))
    }

    /// What an entry will say, read as it will be read back.
    fn expected(&self, entry: &Entry<'_>, plain: bool) -> Said {
        Source::as_sent(self.strange.among(entry.properties(&self.files, plain, None))).said(None)
    }

    /// What is replaced in an entry, and what is taken out of it. Of the text of one that was made elsewhere only words are
    /// changed; [`FeedError::Refused`] where more of it would be lost than can come back.
    fn change(
        &self,
        number: usize,
        plain: bool,
        before: Option<&str>,
        there: Option<&Source>,
    ) -> Result<Value, FeedError> {
        let mut replace = self.properties(number, plain, before)?;
        let theirs = there.filter(|_| self.noted.is_theirs() && self.entries.len() == 1);
        match theirs.map(|there| there.over(&Source::as_sent(replace.clone()))) {
            None | Some(Over::Everything) => {}
            Some(Over::Nothing) => _ = replace.remove("content"),
            Some(Over::Patched(html)) => _ = replace.insert("content".to_owned(), as_html(&html)),
            Some(Over::Never) => return Err(FeedError::Refused),
        }
        // Some make an entry a new address of every title that comes without its name, and do not say so.
        let name = there.and_then(Source::asked_name).map(|name| ("mp-slug".to_owned(), name.clone()));
        replace.extend(name);
        let is_unknown = |shown: &Shown| self.files.get(&shown.facts.asset).is_some_and(String::is_empty);
        let could_stay: &[&str] = match self.entry(number)?.carried().any(is_unknown) {
            true => &["name", "category", "visibility"],
            false => &["name", "category", "visibility", "photo", "video"],
        };
        let stays = |name: &&&str| !replace.contains_key(**name) && there.is_some_and(|source| source.can_lose(name));
        let delete: Vec<&&str> = could_stay.iter().filter(stays).collect();
        let mut change = json!({ "action": "update", "replace": replace });
        if let Some(fields) = change.as_object_mut().filter(|_| !delete.is_empty()) {
            fields.insert("delete".to_owned(), json!(delete));
        }
        Ok(change)
    }

    /// What is written down of the post.
    pub fn noted(&mut self) -> &mut Noted {
        &mut self.noted
    }
}

/// The parts of a post as they were sent when both sides last agreed, as far as that is known.
fn agreed(known: Option<&Receipt>, before: Option<Goal>) -> BTreeMap<String, Digest> {
    match (known, before) {
        (Some(known), Some(before)) if known.revision == before.revision => before.parts,
        (Some(_), Some(before)) => before.agreed,
        _ => BTreeMap::new(),
    }
}
