//! What comes back from a site: one post, pages of all, and what was changed there. A post is gone when the site says so about
//! it by name, never because it is missing from a list.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::WordPress;
use super::answers::read;
use super::api::{Post, STANDING, number};
use super::ledger::Ledger;
use super::seen::{MARK, Whole, ids, mark};
use super::sheet::{instant, post_of};
use crate::domain::{Digest, Receipt, Timestamp};
use crate::feed::{About, Changes, FeedError, Fetched, Page};

/// Posts on a page for people.
const PAGE: &str = "20";
/// Posts in one answer, each perhaps with a long text.
const BATCH: usize = 50;
/// Posts that are asked for by id in one go to see whether they are there; the others have their turn next time.
const ROUND: usize = 500;
/// Posts of which it is confirmed in one go that they are gone.
const CONFIRMED: usize = 20;
/// A draft of ours that belongs to nothing stays this long, in case it is just being made: five minutes.
const STRAY_MILLIS: i64 = 5 * 60 * 1000;
/// A change may be seen later than this before it was seen: the site counts in whole seconds.
const OVERLAP_MILLIS: i64 = 1000;

/// Where the last call stopped.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// Changes up to here were told.
    after: i64,
    /// The page, where more was changed at once than one answer holds.
    page: u32,
    /// Drafts of ours that belong to nothing, and since when that is known.
    strays: BTreeMap<u64, i64>,
    /// Which known posts are asked for next.
    round: usize,
}

/// What is asked of a post to know whether it is there.
#[derive(Deserialize)]
struct Brief {
    #[serde(deserialize_with = "number")]
    id: u64,
    status: String,
    #[serde(default)]
    slug: String,
    date_gmt: Option<String>,
    modified_gmt: Option<String>,
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
        let mut fetched = fetched(Whole { items }, mark(about.post))?;
        // One of several may be missing there; the others are not the whole post.
        fetched.held.unfinished = ledger.begun().len() > ids(&known.remote_id).len();
        Ok(fetched)
    }

    /// A page of everything.
    pub(super) async fn page(&self, page: Option<&str>) -> Result<Page, FeedError> {
        let number: u32 = page.and_then(|page| page.parse().ok()).unwrap_or(1);
        let shown = number.to_string();
        let query = [
            ("status", STANDING),
            ("context", "edit"),
            ("per_page", PAGE),
            ("page", shown.as_str()),
            ("orderby", "date"),
            ("order", "desc"),
            ("_embed", "wp:term"),
        ];
        let answer = self.api.answer("posts", &query).await?;
        let posts: Vec<Post> = read(&answer)?;
        let pages: u32 = answer.header("x-wp-totalpages").and_then(|pages| pages.parse().ok()).unwrap_or(0);
        let mut items = Vec::with_capacity(posts.len());
        for post in posts {
            let mark = post_of(&post.slug).map_or_else(unmarked, mark);
            // What the user may read but not change comes without its text.
            let Ok(seen) = self.seen(&post, None) else { continue };
            items.push(fetched(Whole { items: vec![(post, seen)] }, mark)?);
        }
        Ok(Page { items, next: (number < pages).then(|| (number + 1).to_string()) })
    }

    /// What was changed since the cursor was given.
    pub(super) async fn changed(&self, cursor: Option<&str>, known: &[Receipt]) -> Result<Changes, FeedError> {
        let before: Option<Cursor> = cursor.and_then(|cursor| serde_json::from_str(cursor).ok());
        let (mut now, hit, more) = match before {
            Some(before) => self.modified_since(before, known).await?,
            None => self.as_it_stands(known).await?,
        };
        let mut items = Vec::new();
        for some in hit.chunks(BATCH / 2) {
            let posts = self.posts(some).await?;
            for receipt in some {
                items.extend(self.if_changed(receipt, &posts)?);
            }
        }
        let gone = self.gone(&mut now, known).await?;
        self.sweep(&mut now, known).await?;
        Ok(Changes { items, gone, cursor: serde_json::to_string(&now).ok(), more, ..Changes::default() })
    }

    /// The first look: where the site's clock and ids are, and everything that is known.
    async fn as_it_stands<'a>(&self, known: &'a [Receipt]) -> Result<(Cursor, Vec<&'a Receipt>, bool), FeedError> {
        let fields = "id,status,date_gmt,modified_gmt";
        let newest =
            |by| [("status", STANDING), ("context", "edit"), ("per_page", "1"), ("orderby", by), ("_fields", fields)];
        let changed: Vec<Brief> = self.api.get("posts", &newest("modified")).await?;
        let after = changed.first().and_then(|post| instant(post.modified_gmt.as_deref()?));
        let after = after.map_or(0, |after| after.as_millis() - OVERLAP_MILLIS);
        // Drafts of ours that were there before are looked at as well.
        Ok((Cursor { after, page: 1, ..Cursor::default() }, known.iter().collect(), false))
    }

    /// The known posts that the site says were changed.
    async fn modified_since<'a>(
        &self,
        mut cursor: Cursor,
        known: &'a [Receipt],
    ) -> Result<(Cursor, Vec<&'a Receipt>, bool), FeedError> {
        let after = Timestamp::from_millis(cursor.after).to_rfc3339();
        let (page, batch) = (cursor.page.max(1).to_string(), BATCH.to_string());
        let query = [
            ("status", STANDING),
            ("context", "edit"),
            ("modified_after", after.as_str()),
            ("orderby", "modified"),
            ("order", "asc"),
            ("per_page", batch.as_str()),
            ("page", page.as_str()),
            ("_fields", "id,status,slug,date_gmt,modified_gmt"),
        ];
        let changed: Vec<Brief> = self.api.get("posts", &query).await?;
        let last = changed.iter().filter_map(|post| instant(post.modified_gmt.as_deref()?)).max();
        let more = changed.len() >= BATCH;
        let reached = last.map_or(cursor.after, |last| last.as_millis() - OVERLAP_MILLIS);
        // More in one second than one answer holds: page by page; else from the last second on.
        if more && reached <= cursor.after {
            cursor.page = cursor.page.max(1) + 1;
        } else {
            (cursor.after, cursor.page) = (reached.max(cursor.after), 1);
        }
        let ids_changed: BTreeSet<u64> = changed.iter().map(|post| post.id).collect();
        let is_hit = |receipt: &&Receipt| ids(&receipt.remote_id).iter().any(|id| ids_changed.contains(id));
        Ok((cursor, known.iter().filter(is_hit).collect(), more))
    }

    /// The items of some receipts, by their ids.
    async fn posts(&self, some: &[&Receipt]) -> Result<BTreeMap<u64, Post>, FeedError> {
        let all: Vec<String> =
            some.iter().flat_map(|receipt| ids(&receipt.remote_id)).map(|id| id.to_string()).collect();
        let list = all.join(",");
        let query = [
            ("include", list.as_str()),
            ("status", STANDING),
            ("context", "edit"),
            ("per_page", "100"),
            ("_embed", "wp:term"),
        ];
        let posts: Vec<Post> = if all.is_empty() { Vec::new() } else { self.api.get("posts", &query).await? };
        Ok(posts.into_iter().map(|post| (post.id, post)).collect())
    }

    /// A known post if it is not what the receipt says.
    fn if_changed(&self, known: &Receipt, posts: &BTreeMap<u64, Post>) -> Result<Option<Fetched>, FeedError> {
        let mut items = Vec::new();
        for id in ids(&known.remote_id) {
            // One that is missing is looked at by itself.
            let Some(post) = posts.get(&id).cloned() else { return Ok(None) };
            let seen = self.seen(&post, Some(known))?;
            items.push((post, seen));
        }
        let whole = Whole { items };
        if whole.items.is_empty() || whole.version() == known.version {
            return Ok(None);
        }
        let mark = known.parts.get(MARK).copied().unwrap_or_else(unmarked);
        fetched(whole, mark).map(Some)
    }

    /// Known posts that the site says are in the trash or not there; each is asked for by its name before that is believed.
    async fn gone(&self, cursor: &mut Cursor, known: &[Receipt]) -> Result<Vec<String>, FeedError> {
        let all: Vec<(u64, &Receipt)> =
            known.iter().flat_map(|receipt| ids(&receipt.remote_id).into_iter().map(move |id| (id, receipt))).collect();
        let start = if cursor.round < all.len() { cursor.round } else { 0 };
        let round: Vec<&(u64, &Receipt)> = all.iter().skip(start).take(ROUND).collect();
        cursor.round = start + round.len();
        let mut missing = Vec::new();
        for some in round.chunks(2 * BATCH) {
            let list = some.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>().join(",");
            let query = [
                ("include", list.as_str()),
                ("status", STANDING),
                ("context", "edit"),
                ("per_page", "100"),
                ("_fields", "id,status"),
            ];
            let there: Vec<Brief> = self.api.get("posts", &query).await?;
            missing.extend(some.iter().copied().filter(|(id, _)| !there.iter().any(|post| post.id == *id)));
        }
        let mut gone: Vec<String> = Vec::new();
        for &(id, receipt) in missing.into_iter().take(CONFIRMED) {
            if self.api.find(id).await?.is_none() && !gone.contains(&receipt.remote_id) {
                gone.push(receipt.remote_id.clone());
            }
        }
        Ok(gone)
    }

    /// Puts drafts into the trash that are ours, belong to a post whose item is another one, and were never touched: what is
    /// left of requests that arrived after their answer had been given up.
    async fn sweep(&self, cursor: &mut Cursor, known: &[Receipt]) -> Result<(), FeedError> {
        let query = [
            ("status", "draft"),
            ("context", "edit"),
            ("per_page", "100"),
            ("orderby", "id"),
            ("order", "desc"),
            ("_fields", "id,status,slug,date_gmt,modified_gmt"),
        ];
        let drafts: Vec<Brief> = self.api.get("posts", &query).await?;
        let now = self.clock.now().as_millis();
        for draft in drafts.iter().filter(|draft| is_stray(draft, known)) {
            cursor.strays.entry(draft.id).or_insert(now);
        }
        let ripe: Vec<u64> =
            cursor.strays.iter().filter(|(_, since)| now - **since >= STRAY_MILLIS).map(|(id, _)| *id).collect();
        for id in ripe {
            let still = self.api.find(id).await?.map(Brief::from);
            if still.is_some_and(|draft| is_stray(&draft, known)) {
                self.api.trash(id).await?;
                tracing::info!("a draft that arrived twice was put into the trash");
            }
            cursor.strays.remove(&id);
        }
        Ok(())
    }
}

impl From<Post> for Brief {
    fn from(post: Post) -> Self {
        let Post { id, status, slug, date_gmt, modified_gmt, .. } = post;
        Self { id, status, slug, date_gmt, modified_gmt }
    }
}

/// A draft whose slug names a post that has another item, unchanged since it was made.
fn is_stray(draft: &Brief, known: &[Receipt]) -> bool {
    let Some(post) = post_of(&draft.slug).filter(|_| draft.status == "draft") else { return false };
    let mark = mark(post);
    let mut of_post = known.iter().filter(|receipt| receipt.parts.get(MARK) == Some(&mark)).peekable();
    let untouched = draft.date_gmt.is_some() && draft.date_gmt == draft.modified_gmt;
    untouched && of_post.peek().is_some() && of_post.all(|receipt| !ids(&receipt.remote_id).contains(&draft.id))
}

/// Stands for an item that was not made here.
fn unmarked() -> Digest {
    Digest::of(b"")
}

fn fetched(whole: Whole, mark: Digest) -> Result<Fetched, FeedError> {
    let seen = whole.seen().ok_or(FeedError::Gone)?;
    let (moment, modified) = (whole.moment(), whole.modified());
    let held = whole.held(None, mark).ok_or(FeedError::Gone)?;
    let (sides, topics, media) = (seen.sides, Some(seen.topics), Some(seen.media));
    Ok(Fetched { held, sides, topics, media, moment, modified, warning: None })
}
