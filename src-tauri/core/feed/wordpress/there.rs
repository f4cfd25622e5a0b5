//! Items that are there, and whose doing it is how they are.

use super::WordPress;
use super::api::{Post, STANDING};
use super::ledger::{Ledger, Sent};
use super::seen::{Seen, Whole, ids};
use super::sheet::{self, Sheet};
use crate::domain::{Digest, PostId, Receipt, RevisionId};
use crate::feed::render::read_line;
use crate::feed::{FeedError, RemoteMedia};

/// An item that is there.
pub(super) struct There {
    /// Names it among the items of its post; empty for one that was made there.
    pub key: String,
    /// Whether a receipt speaks of it.
    is_told: bool,
    pub post: Post,
    pub seen: Seen,
    /// Files in it that nobody here ever had.
    pub strange: Vec<RemoteMedia>,
    /// The date that was sent with it last.
    pub date: Option<String>,
    /// The excerpt, where it is one of ours, perhaps an earlier one.
    pub excerpt: Option<String>,
    /// Whether somebody wrote an excerpt there, or the site makes its own.
    pub is_excerpt_theirs: bool,
}

impl WordPress {
    /// The items of a post that is there: those that a receipt speaks of, and those that were begun since.
    pub(super) async fn known(
        &self,
        known: &Receipt,
        about: PostId,
        ledger: &mut Ledger,
    ) -> Result<Vec<There>, FeedError> {
        let there: Option<Vec<There>> = self.told_by(known, ledger).await?.into_iter().collect();
        let there = there.filter(|there| !there.is_empty()).ok_or(FeedError::Gone)?;
        self.begun(about, there, ledger).await
    }

    /// The items that a receipt speaks of, as far as they are there.
    pub(super) async fn told_by(&self, known: &Receipt, ledger: &Ledger) -> Result<Vec<Option<There>>, FeedError> {
        let mut there = Vec::new();
        for id in ids(&known.remote_id) {
            let post = self.api.find(id).await?;
            there.push(post.map(|post| self.there(post, Some(known), ledger)).transpose()?);
        }
        Ok(there)
    }

    /// The items that were begun before, behind those that are known to be there: by the ids that were written down, else by the
    /// slug.
    pub(super) async fn begun(
        &self,
        about: PostId,
        mut there: Vec<There>,
        ledger: &mut Ledger,
    ) -> Result<Vec<There>, FeedError> {
        let mut unanswered = ledger.begun();
        for (key, id) in ledger.posts() {
            if !there.iter().any(|item| item.post.id == id) {
                // One that is not there may come out of the trash again, and one may have been made in its stead.
                let Some(post) = self.api.find(id).await? else { continue };
                there.push(self.there(post, None, ledger)?);
            }
            unanswered.retain(|other| *other != key);
        }
        for key in unanswered {
            let found = self.by_slug(&sheet::slug(about, &key)).await?;
            let away = ledger.away();
            let is_away = |post: &Post| away.iter().any(|away| away.id == post.id);
            let is_new = |post: &Post| !is_away(post) && !there.iter().any(|item: &There| item.post.id == post.id);
            if let Some(post) = found.into_iter().find(is_new) {
                ledger.note_post(&key, Some(post.id));
                there.push(self.there(post, None, ledger)?);
            }
        }
        Ok(there)
    }

    /// Items that were put into the trash and that readers see again, since a request arrived late.
    pub(super) async fn back_again(&self, ledger: &Ledger) -> Result<Vec<There>, FeedError> {
        let mut back = Vec::new();
        for away in ledger.away() {
            let is_back = |post: &Post| away.is_back(&post.status, post.modified_gmt.as_deref());
            let post = self.api.find(away.id).await?.filter(is_back);
            back.extend(post.map(|post| self.there(post, None, ledger)).transpose()?);
        }
        Ok(back)
    }

    /// Everything with a slug of ours, to which WordPress may have added a number; the oldest first.
    async fn by_slug(&self, slug: &str) -> Result<Vec<Post>, FeedError> {
        let slugs = format!("{slug},{slug}-2,{slug}-3");
        let query = [
            ("slug", slugs.as_str()),
            ("status", STANDING),
            ("context", "edit"),
            ("orderby", "id"),
            ("order", "asc"),
            ("_embed", "wp:term"),
        ];
        let found: Vec<Post> = self.api.get("posts", &query).await?;
        // The answer to another request says nothing of this post.
        if found.iter().any(|post| sheet::names_another(&post.slug, slug)) {
            return Err(FeedError::Unreachable);
        }
        self.api.all_named(found).await
    }

    /// An item as it was seen before something was sent, if it is as it was then. Of titles that stand twice only that tells which
    /// one holds.
    fn as_before(&self, post: &Post, sent: &Sent) -> Option<Seen> {
        let (_, version) = sent.before.as_ref().filter(|_| !sent.titles.is_empty())?;
        let topics = sent.topics.as_deref().unwrap_or_default();
        let seen = Seen::at(post, self.choices.topics, self.api.client.base(), Some(&sent.titles)).ok()?;
        Some(seen).filter(|seen| seen.clone().with_sent(topics).version() == *version)
    }

    fn there(&self, post: Post, known: Option<&Receipt>, ledger: &Ledger) -> Result<There, FeedError> {
        let key = ledger.posts().into_iter().find(|(_, id)| *id == post.id).map(|(key, _)| key);
        let key = key.unwrap_or_default();
        let sent = ledger.sent(&key);
        let topics = sent.as_ref().and_then(|sent| sent.topics.as_deref()).unwrap_or_default();
        let begun = sent.as_ref().filter(|_| known.is_none());
        let as_before = begun.and_then(|sent| self.as_before(&post, sent));
        let seen = as_before.map_or_else(|| self.seen(&post, known), Ok)?.with_sent(topics);
        let excerpt = post.excerpt.as_deref().map(read_line);
        let ours = sent.iter().flat_map(|sent| &sent.excerpts).find(|ours| Some(*ours) == excerpt.as_ref()).cloned();
        let is_excerpt_theirs = sent.is_none() || (excerpt.is_some() && ours.is_none());
        // Where the one before is there, the last one did not arrive.
        let date = sent
            .and_then(|sent| sent.date_before.filter(|before| post.date_gmt.as_ref() == Some(before)).or(sent.date));
        let is_told = known.is_some();
        let strange = seen.media.iter().filter(|file| !ledger.has_file(file)).cloned().collect();
        Ok(There { key, is_told, post, seen, strange, date, excerpt: ours, is_excerpt_theirs })
    }
}

/// Nothing that somebody else wrote is written over.
pub(super) fn check(known: Option<&Receipt>, there: &[There], ledger: &Ledger, about: PostId) -> Result<(), FeedError> {
    let (told, begun): (Vec<&There>, Vec<&There>) = there.iter().partition(|item| item.is_told);
    let as_known = known.is_some_and(|known| known.version == whole(told.iter().copied()).version());
    // An attempt that was interrupted may have come to any of them.
    let are_ours = |items: &[&There]| items.iter().all(|item| is_of(item, ledger).is_some());
    if (as_known || are_ours(&told)) && are_ours(&begun) {
        return Ok(());
    }
    let held = whole(there).held(None, ledger.marks(about));
    Err(held.map_or(FeedError::Gone, |held| FeedError::ChangedThere(Box::new(held))))
}

/// The revision that an item was made from, if it is as it was sent, or is half made.
pub(super) fn is_of(item: &There, ledger: &Ledger) -> Option<RevisionId> {
    let sent = ledger.sent(&item.key)?;
    let is_shown_first = sent.drafted.is_some() && sent.topics.as_ref().is_some_and(Vec::is_empty);
    let unfiled = || item.seen.unfiled().filter(|_| is_shown_first);
    half_made_from(item, ledger)
        .or_else(|| sent.revision_of(item.seen.version()))
        .or_else(|| sent.revision_of(unfiled()?.version()))
}

/// The revision of an item that lacks nothing but topics, since the site died while it made it.
pub(super) fn half_made_from(item: &There, ledger: &Ledger) -> Option<RevisionId> {
    let (sent, version) = (ledger.sent(&item.key)?, item.seen.version());
    let is_whole = version == sent.version || Some(version) == sent.drafted;
    let is_bare = || sent.bare == Some(item.seen.clone().with_topics(Vec::new()).version());
    if !is_whole && is_bare() { sent.revision.parse().ok() } else { None }
}

/// What an item was before it is changed: its revision, as far as that is known, and its version.
pub(super) fn before(known: Option<&Receipt>, there: &There, ledger: &Ledger) -> (String, Digest) {
    let version = there.seen.version();
    let noted = ledger.sent(&there.key).and_then(|sent| sent.revision_of(version));
    let revision = noted.or_else(|| known.map(|known| known.revision));
    (revision.map(|revision| revision.to_string()).unwrap_or_default(), version)
}

/// Gives each sheet the item it belongs into; what is left over belongs to none any more.
pub(super) fn assign(sheets: &[Sheet], mut there: Vec<There>) -> (Vec<Option<There>>, Vec<There>) {
    let mut given: Vec<Option<There>> = sheets.iter().map(|_| None).collect();
    for farthest in 0..=FARTHEST {
        for (slot, sheet) in given.iter_mut().zip(sheets).filter(|(slot, _)| slot.is_none()) {
            let nearest = there.iter().position(|item| distance(item, sheet) <= farthest);
            *slot = nearest.map(|at| there.remove(at));
        }
    }
    (given, there)
}

/// An item of another language.
const FARTHEST: u8 = 3;

/// How far an item is from belonging into a sheet. What a receipt speaks of is not given up for what was only begun.
fn distance(item: &There, sheet: &Sheet) -> u8 {
    match (item.key == sheet.key, item.is_told) {
        (true, true) => 0,
        _ if item.key.is_empty() && speaks(item, sheet) => 1,
        (true, false) => 2,
        _ => FARTHEST,
    }
}

/// Whether an item that was made there says something in the language of a sheet.
fn speaks(item: &There, sheet: &Sheet) -> bool {
    sheet.lang.as_ref().is_none_or(|lang| item.seen.sides.contains_key(lang))
}

/// Items as they are seen together.
pub(super) fn whole<'a>(there: impl IntoIterator<Item = &'a There>) -> Whole {
    Whole { items: there.into_iter().map(|item| (item.post.clone(), item.seen.clone())).collect() }
}
