//! What comes back: edits and deletions at the server, everything that lies there, and its files.

use url::Url;

use super::Mastodon;
use super::present::Present;
use super::read::{Known, Link, thread, together, version};
use super::text::{Joint, Shape, Words, has_topics, lang_of};
use super::wire::{Context, Scheduled, Status};
use crate::domain::limits::FILE_BYTES;
use crate::domain::{Receipt, Wanted};
use crate::feed::web::{QUESTIONS, Turns};
use crate::feed::{Changes, FeedError, Fetched, Page, RemoteMedia, web};

/// Statuses that are asked for at once: as many as Mastodon gives (<https://docs.joinmastodon.org/methods/statuses/#index>).
const AT_ONCE: usize = 20;
/// Statuses on a page of the list.
const PAGE: &str = "20";

impl Mastodon {
    /// Looks at the posts that are known, as many as the server bears at a time. A status whose time of the last edit, warning and
    /// files are as they were is not read further.
    pub(super) async fn changed_since(&self, cursor: Option<&str>, known: &[Receipt]) -> Result<Changes, FeedError> {
        let known = known.iter().filter(|receipt| receipt.known != Wanted::Withdrawn);
        let (scheduled, posted): (Vec<&Receipt>, Vec<&Receipt>) =
            known.partition(|receipt| thread(receipt).iter().any(|link| link.scheduled));
        let mut changes = Changes::default();
        if !scheduled.is_empty() {
            let waits: Vec<Scheduled> = self.api.read("/api/v1/scheduled_statuses", &[("limit", "40")]).await?;
            let is_there = |link: &Link| waits.iter().any(|there| there.id == link.id);
            let moved = scheduled.into_iter().filter(|receipt| !thread(receipt).iter().all(is_there));
            changes.moved = moved.map(|receipt| receipt.remote_id.clone()).collect();
        }
        let (turns, mut looked_at) = (Turns::of(posted.into_iter(), cursor), 0);
        if let Err(error) = self.look_at(turns.order(), &mut looked_at, &mut changes).await {
            if looked_at == 0 {
                return Err(error);
            }
            changes.ended = Some(error);
        }
        (changes.cursor, changes.looked_at) = (turns.cursor(looked_at), turns.partly(looked_at));
        Ok(changes)
    }

    /// Looks at posts in this order until that are enough questions, or one is not answered. Counts those that were looked at.
    async fn look_at(&self, posts: &[&Receipt], looked_at: &mut usize, changes: &mut Changes) -> Result<(), FeedError> {
        let (mut asked, mut answers_at_once) = (0, true);
        for some in posts.chunks(AT_ONCE) {
            let ids: Vec<String> = some.iter().flat_map(|receipt| thread(receipt)).map(|link| link.id).collect();
            let mut there = Vec::with_capacity(ids.len());
            for ids in ids.chunks(AT_ONCE) {
                if !answers_at_once {
                    break;
                }
                asked += 1;
                let found = self.statuses(ids).await?;
                answers_at_once = found.is_some();
                there.extend(found.unwrap_or_default());
            }
            for receipt in some {
                if asked >= QUESTIONS {
                    return Ok(());
                }
                asked += self.compare(receipt, &there, changes).await?;
                *looked_at += 1;
            }
        }
        Ok(())
    }

    /// Several statuses at once; nothing where the server cannot do that and is asked one by one.
    async fn statuses(&self, ids: &[String]) -> Result<Option<Vec<Status>>, FeedError> {
        let query: Vec<(&str, &str)> = ids.iter().map(|id| ("id[]", id.as_str())).collect();
        self.api.offered("/api/v1/statuses", &query).await
    }

    /// Compares a post with what lies there. Answers how many statuses had to be asked for by name.
    async fn compare(&self, receipt: &Receipt, there: &[Status], changes: &mut Changes) -> Result<usize, FeedError> {
        let (links, mut asked) = (thread(receipt), 0);
        let mut present = Vec::with_capacity(links.len());
        for link in links {
            let status = match there.iter().find(|status| status.id == link.id) {
                Some(status) => Some(status.clone()),
                // Absence from a list proves nothing: the server is asked for it by name.
                None => {
                    asked += 1;
                    self.api.status(&link.id).await?
                }
            };
            let Some(status) = status else {
                changes.gone.push(receipt.remote_id.clone());
                return Ok(asked);
            };
            present.push((self.api.seen(link, &status, Words::default()), status));
        }
        let states: Vec<_> = present.iter().map(|(present, _)| present.state()).collect();
        if version(states.iter()) == receipt.version {
            return Ok(asked);
        }
        let mut read = Vec::with_capacity(present.len());
        for (present, status) in present {
            read.push(Present { words: self.api.text(&status).await?, ..present });
        }
        changes.items.extend(together(&read, &Known::confirmed(receipt)));
        Ok(asked)
    }

    /// A page of our own statuses, with what we answered to ourselves as part of what it answers.
    pub(super) async fn list_own(&self, page: Option<&str>) -> Result<Page, FeedError> {
        let me = self.me().await?;
        let mut query = vec![("limit", PAGE), ("exclude_reblogs", "true"), ("exclude_replies", "true")];
        query.extend(page.map(|before| ("max_id", before)));
        let statuses: Vec<Status> = self.api.read(&format!("/api/v1/accounts/{me}/statuses"), &query).await?;
        let next = statuses.last().map(|status| status.id.clone()).filter(|id| !id.is_empty());
        let mut items = Vec::new();
        for status in statuses.into_iter().filter(|status| status.in_reply_to_id.is_none() && !status.id.is_empty()) {
            items.extend(self.whole(status, &me).await?);
        }
        Ok(Page { items, next })
    }

    /// What the list shows of a status of which nothing but its name is known. What comes of it is named in its parts.
    pub(super) async fn taken_over(&self, id: &str) -> Result<Fetched, FeedError> {
        let root = self.api.status(id).await?.ok_or(FeedError::Gone)?;
        self.whole(root, &self.me().await?).await?.ok_or(FeedError::Gone)
    }

    /// A status with the thread that goes on from it.
    async fn whole(&self, root: Status, me: &str) -> Result<Option<Fetched>, FeedError> {
        let mut statuses = vec![root];
        if statuses.first().is_some_and(|root| root.replies_count > 0) {
            let id = statuses.first().map(|root| root.id.clone()).unwrap_or_default();
            let context: Context = self.api.read(&format!("/api/v1/statuses/{id}/context"), &[]).await?;
            let mut rest = context.descendants;
            while let Some(at) = rest.iter().position(|reply| goes_on(&statuses, reply, me)) {
                statuses.push(rest.remove(at));
            }
        }
        let mut shape = Shape::default();
        let mut present = Vec::with_capacity(statuses.len());
        let mut before = None;
        for status in &statuses {
            let lang = lang_of(status.language.as_deref(), &[]);
            let is_new = !shape.langs.contains(&lang);
            let joint = if before.is_none() || is_new { Joint::Start } else { Joint::Paragraph };
            if is_new {
                shape.langs.push(lang.clone());
            }
            before = Some(lang.clone());
            let link = Link { joint, lang: Some(lang), id: status.id.clone(), scheduled: false };
            let words = self.api.text(status).await?;
            shape.topics |= has_topics(&words.text);
            present.push(self.api.seen(link, status, words));
        }
        Ok(together(&present, &Known { shape, ..Known::default() }))
    }

    /// Fetches a file. Files often lie at another host, which gets no credentials; it is none in the user's own network, unless
    /// the server lies there.
    pub(super) async fn fetch_file(&self, media: &RemoteMedia, to: &mut tokio::fs::File) -> Result<u64, FeedError> {
        let url: Url = media.url.parse().map_err(|_| FeedError::Gone)?;
        let base = self.api.client.base();
        let may_ask = |url: &Url| web::may_talk_to(url, self.site.plain_http) && web::may_lead_to(base, url);
        if !may_ask(&url) {
            return Err(FeedError::Denied);
        }
        self.api.client.download_from(url, &may_ask, to, FILE_BYTES).await
    }
}

/// Whether a status is ours and answers the last of these.
fn goes_on(statuses: &[Status], reply: &Status, me: &str) -> bool {
    let last = statuses.last().map(|status| &status.id);
    reply.account.id == me && last.is_some() && reply.in_reply_to_id.as_ref() == last
}
