//! What comes back from a site: one post, pages of all, and what was changed there. A post is gone when the site says so about
//! it by name, never because it is missing from a list.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::WordPress;
use super::answers::read;
use super::api::{Post, STANDING, number};
use super::ledger::Ledger;
use super::lists::{goes_on, listed};
use super::round::Round;
use super::seen::{MARK, Whole, away, ids, mark, marks};
use super::sheet::{instant, post_of};
use crate::domain::{Digest, Receipt, Timestamp};
use crate::feed::web::Answer;
use crate::feed::{About, Changes, FeedError, Fetched, Page};

/// Posts on a page for people.
const PAGE: usize = 20;
/// Posts in one answer, each perhaps with a long text.
pub(super) const BATCH: usize = 50;
/// A change may be seen later than this before it was seen: the site counts in whole seconds.
const OVERLAP_MILLIS: i64 = 1000;
/// A change may be written this long after its own time, while the site is busy: a minute.
const LATE_MILLIS: i64 = 60 * 1000;

/// Where the last call stopped.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cursor {
    /// Changes up to here were told.
    after: i64,
    /// The page, where more was changed at once than one answer holds.
    page: u32,
    /// Drafts of ours that belong to nothing, and since when that is known.
    pub strays: BTreeMap<u64, i64>,
    /// Which known posts are asked for next.
    pub round: usize,
    /// Posts that are not as they were to be, and when that was told.
    pub told: BTreeMap<u64, i64>,
    /// When the known posts had last been changed as they were read, by the site's own count.
    read: BTreeMap<u64, i64>,
}

/// What is asked of a post to know whether it is there.
#[derive(Deserialize)]
pub(super) struct Brief {
    #[serde(deserialize_with = "number")]
    pub id: u64,
    pub status: String,
    #[serde(default)]
    pub slug: String,
    pub date_gmt: Option<String>,
    pub modified_gmt: Option<String>,
}

impl Brief {
    fn modified(&self) -> Option<Timestamp> {
        instant(self.modified_gmt.as_deref()?)
    }
}

impl Cursor {
    /// Whether a post is another one than was read.
    pub fn is_news(&self, post: &Brief) -> bool {
        let modified = post.modified().map(Timestamp::as_millis);
        modified.is_none() || self.read.get(&post.id).copied() != modified
    }

    /// Notes that a post was read, unless it may be changed once more within the same second.
    fn note_read(&mut self, post: &Brief, now: Timestamp) {
        let modified = post.modified().map(Timestamp::as_millis);
        let settled = modified.filter(|modified| (now.as_millis() - modified).abs() > OVERLAP_MILLIS);
        match settled {
            Some(modified) => _ = self.read.insert(post.id, modified),
            None => _ = self.read.remove(&post.id),
        }
    }
}

impl WordPress {
    /// One post as it is there.
    pub(super) async fn read_back(&self, known: &Receipt, about: &About) -> Result<Fetched, FeedError> {
        let mut items = Vec::new();
        for id in ids(&known.remote_id) {
            let post = self.api.find(id).await?.ok_or(FeedError::Gone)?;
            let seen = self.seen(&post, Some(known))?;
            items.push((post, seen));
        }
        let ledger = Ledger::open(Arc::clone(&about.notes)).await?;
        let mut fetched = fetched(Whole { items }, ledger.marks(about.post))?;
        // One of several may be missing there; the others are not the whole post.
        fetched.held.unfinished = ledger.begun().len() > ids(&known.remote_id).len();
        Ok(fetched)
    }

    /// A page of everything, in the order in which it was made: by date MariaDB brings posts of one second in another order with
    /// each page. What was taken away meanwhile moves the others to the page before, which is read once more for that.
    pub(super) async fn page(&self, page: Option<&str>) -> Result<Page, FeedError> {
        let token = page.and_then(|page| page.split_once(' '));
        let token = token.and_then(|(number, last)| Some((number.parse::<u32>().ok()?, last.parse::<u64>().ok()?)));
        let (number, last) = token.unwrap_or((1, u64::MAX));
        let (mut posts, more) = self.posts_on(number).await?;
        if number > 1 {
            posts.extend(self.posts_on(number - 1).await?.0);
        }
        posts.retain(|post| post.id < last);
        posts.sort_by_key(|post| Reverse(post.id));
        posts.dedup_by_key(|post| post.id);
        let last = posts.last().map_or(last, |post| post.id);
        let mut items = Vec::with_capacity(posts.len());
        for post in posts {
            let mark = post_of(&post.slug).map_or_else(unmarked, mark);
            // What the user may read but not change comes without its text.
            let Ok(seen) = self.seen(&post, None) else { continue };
            items.push(fetched(Whole { items: vec![(post, seen)] }, marks(mark, []))?);
        }
        Ok(Page { items, next: more.then(|| format!("{} {last}", number + 1)) })
    }

    /// The posts on one page, and whether there is another one behind it.
    async fn posts_on(&self, number: u32) -> Result<(Vec<Post>, bool), FeedError> {
        let shown = number.to_string();
        let query = [
            ("status", STANDING),
            ("context", "edit"),
            ("page", shown.as_str()),
            ("orderby", "id"),
            ("order", "desc"),
            ("_embed", "wp:term"),
        ];
        let (answer, size) = self.api.list("posts", &query, PAGE).await?;
        let posts: Vec<Post> = self.api.all_named(listed(&answer)?).await?;
        let more = goes_on(&answer, number, posts.len(), size);
        Ok((posts, more))
    }

    /// What was changed since the cursor was given.
    pub(super) async fn changed(&self, cursor: Option<&str>, known: &[Receipt]) -> Result<Changes, FeedError> {
        let before: Option<Cursor> = cursor.and_then(|cursor| serde_json::from_str(cursor).ok());
        // At the first look all that is known is news.
        let is_first = before.is_none();
        let mut now = before.unwrap_or_else(|| Cursor { after: self.api.clock.now().as_millis(), ..Cursor::default() });
        let (mut changed, more) = self.modified_since(&mut now).await?;
        // What is asked for by name has its turn once the list has come to its end.
        let round = if more { Round::default() } else { self.round(&mut now, known).await? };
        changed.extend(round.changed.iter().chain(&round.unfinished));
        let is_hit = |receipt: &&Receipt| is_first || ids(&receipt.remote_id).iter().any(|id| changed.contains(id));
        let hit = known.iter().filter(is_hit).collect::<Vec<_>>();
        let items = self.read_anew(&mut now, &hit, &round).await?;
        if !more {
            self.sweep(&mut now, known).await?;
            let all: BTreeSet<u64> = known.iter().flat_map(|receipt| ids(&receipt.remote_id)).collect();
            now.read.retain(|id, _| all.contains(id));
        }
        let (gone, unseen, cursor) = (round.gone, round.unseen, serde_json::to_string(&now).ok());
        Ok(Changes { items, gone, unseen, cursor, more, ..Changes::default() })
    }

    /// Ids of posts that the site says were changed, and whether there are more.
    async fn modified_since(&self, cursor: &mut Cursor) -> Result<(BTreeSet<u64>, bool), FeedError> {
        let after = Timestamp::from_millis(cursor.after).to_rfc3339();
        let page = cursor.page.max(1);
        let shown = page.to_string();
        let query = [
            ("status", STANDING),
            ("context", "edit"),
            ("modified_after", after.as_str()),
            ("orderby", "modified"),
            ("order", "asc"),
            ("page", shown.as_str()),
            ("_fields", "id,status,date_gmt,modified_gmt"),
        ];
        let (answer, size) = self.api.list("posts", &query, BATCH).await?;
        let changed: Vec<Brief> = listed(&answer)?;
        let more = goes_on(&answer, page, changed.len(), size);
        let now = self.clock_there(&answer).as_millis();
        let last = changed.iter().filter_map(Brief::modified).map(Timestamp::as_millis).max();
        // A post about the future counts as changed then, and what is changed before that is not to be missed.
        let reached = last.filter(|last| *last <= now).map(|last| last - OVERLAP_MILLIS);
        (cursor.after, cursor.page) = match (more, reached) {
            (false, _) => (now - LATE_MILLIS, 1),
            (true, Some(reached)) if reached > cursor.after => (reached, 1),
            // More in one second than one answer holds, or nothing on this page that this user may see: page by page.
            (true, _) => (cursor.after, page + 1),
        };
        Ok((changed.iter().filter(|post| cursor.is_news(post)).map(|post| post.id).collect(), more))
    }

    /// Known posts that are not what their receipts say, or not what they were to be.
    async fn read_anew(
        &self,
        cursor: &mut Cursor,
        known: &[&Receipt],
        round: &Round,
    ) -> Result<Vec<Fetched>, FeedError> {
        let mut items = Vec::new();
        for some in known.chunks(BATCH / 2) {
            let mut posts = self.posts(some).await?;
            let now = self.api.clock.now();
            let now = self.api.lead.there(now).unwrap_or(now);
            for post in &round.apart {
                posts.entry(post.id).or_insert_with(|| (post.clone(), now));
            }
            for receipt in some {
                items.extend(self.if_changed(receipt, &posts, &round.unfinished)?);
            }
            for (post, read) in posts.into_values().filter(|(post, _)| post.content.raw.is_some()) {
                cursor.note_read(&Brief::from(post), read);
            }
        }
        Ok(items)
    }

    /// The items of some receipts by their ids, and what the site's clock showed.
    async fn posts(&self, some: &[&Receipt]) -> Result<BTreeMap<u64, (Post, Timestamp)>, FeedError> {
        let all: Vec<u64> = some.iter().flat_map(|receipt| ids(&receipt.remote_id)).collect();
        let query = [("status", STANDING), ("context", "edit"), ("_embed", "wp:term")];
        let mut found = BTreeMap::new();
        for answer in self.api.by_ids("posts", &all, &query).await? {
            let (posts, now) = (self.api.all_named(read(&answer)?).await?, self.clock_there(&answer));
            found.extend(posts.into_iter().map(|post| (post.id, (post, now))));
        }
        Ok(found)
    }

    /// What the site's clock shows; ours, where something in between takes that out.
    pub(super) fn clock_there(&self, answer: &Answer) -> Timestamp {
        answer.date().unwrap_or_else(|| self.api.clock.now())
    }

    /// A known post if it is not what the receipt says, or is named as unfinished.
    fn if_changed(
        &self,
        known: &Receipt,
        posts: &BTreeMap<u64, (Post, Timestamp)>,
        unfinished: &BTreeSet<u64>,
    ) -> Result<Option<Fetched>, FeedError> {
        let mut items = Vec::new();
        for id in ids(&known.remote_id) {
            // One that is missing is looked at by itself.
            let Some((post, _)) = posts.get(&id).cloned() else { return Ok(None) };
            // What the user may read but not change comes without its text.
            let Ok(seen) = self.seen(&post, Some(known)) else { return Ok(None) };
            items.push((post, seen));
        }
        let whole = Whole { items };
        let is_unfinished = whole.items.iter().any(|(post, _)| unfinished.contains(&post.id));
        if whole.items.is_empty() || (whole.version() == known.version && !is_unfinished) {
            return Ok(None);
        }
        let mark = known.parts.get(MARK).copied().unwrap_or_else(unmarked);
        let mut fetched = fetched(whole, marks(mark, away(&known.parts)))?;
        fetched.held.unfinished = is_unfinished;
        Ok(Some(fetched))
    }
}

impl From<Post> for Brief {
    fn from(post: Post) -> Self {
        let Post { id, status, slug, date_gmt, modified_gmt, .. } = post;
        Self { id, status, slug, date_gmt, modified_gmt }
    }
}

/// Stands for an item that was not made here.
fn unmarked() -> Digest {
    Digest::of(b"")
}

fn fetched(whole: Whole, marks: BTreeMap<String, Digest>) -> Result<Fetched, FeedError> {
    let seen = whole.seen().ok_or(FeedError::Gone)?;
    let (moment, modified) = (whole.moment(), whole.modified());
    let held = whole.held(None, marks).ok_or(FeedError::Gone)?;
    let (sides, topics, media) = (seen.sides, seen.topics, Some(seen.media));
    Ok(Fetched { held, sides, topics, media, moment, modified, warning: None })
}
