//! Sweeping up what is left of requests that arrived after their answer had been given up: drafts that nobody sees.

use super::WordPress;
use super::back::{Brief, Cursor};
use super::lists::listed;
use super::seen::{MARK, ids, mark};
use super::sheet::{is_slug_of, keys_of, post_of};
use crate::domain::Receipt;
use crate::feed::FeedError;

/// A draft of ours that belongs to nothing stays this long, in case it is just being made: five minutes.
const STRAY_MILLIS: i64 = 5 * 60 * 1000;

impl WordPress {
    /// Puts drafts into the trash that are ours, belong to a post whose item is another one, and were never touched.
    pub(super) async fn sweep(&self, cursor: &mut Cursor, known: &[Receipt]) -> Result<(), FeedError> {
        let query = [
            ("status", "draft"),
            ("context", "edit"),
            ("orderby", "id"),
            ("order", "desc"),
            ("_fields", "id,status,slug,date_gmt,modified_gmt"),
        ];
        let drafts: Vec<Brief> = self.api.first("posts", &query, listed).await?;
        let now = self.api.clock.now().as_millis();
        for draft in drafts.iter().filter(|draft| is_stray(draft, known)) {
            let since = cursor.strays.entry(draft.id).or_insert(now);
            // One in the future was noted before the clock was set back.
            *since = now.min(*since);
        }
        let ripe: Vec<u64> =
            cursor.strays.iter().filter(|(_, since)| now - **since >= STRAY_MILLIS).map(|(id, _)| *id).collect();
        for id in ripe {
            match self.put_away(id, known).await {
                // One that the user may not put away any more keeps nothing else from being read.
                Ok(()) | Err(FeedError::Denied | FeedError::Refused) => _ = cursor.strays.remove(&id),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn put_away(&self, id: u64, known: &[Receipt]) -> Result<(), FeedError> {
        if self.api.find(id).await?.map(Brief::from).is_some_and(|draft| is_stray(&draft, known)) {
            self.api.trash(id).await?;
            tracing::info!("a draft that arrived twice was put into the trash");
        }
        Ok(())
    }
}

/// A draft whose slug names an item that the post has already, as another one, unchanged since it was made. One in a language
/// that the post has not there yet is being made.
fn is_stray(draft: &Brief, known: &[Receipt]) -> bool {
    let Some(post) = post_of(&draft.slug).filter(|_| draft.status == "draft") else { return false };
    let mark = mark(post);
    let mut of_post = known.iter().filter(|receipt| receipt.parts.get(MARK) == Some(&mark)).peekable();
    let untouched = draft.date_gmt.is_some() && draft.date_gmt == draft.modified_gmt;
    let is_double = |receipt: &Receipt| {
        let is_there = keys_of(&receipt.parts).any(|key| is_slug_of(&draft.slug, post, key));
        is_there && !ids(&receipt.remote_id).contains(&draft.id)
    };
    untouched && of_post.peek().is_some() && of_post.all(is_double)
}
