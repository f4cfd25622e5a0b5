//! The round of the known posts: each is asked for by its id in turn. That finds what no list of changes names: posts that are
//! gone, those whose change sorts below the last one, as in the hour that a clock in autumn has twice, those whose time came
//! and that the site did not show, and what came out of the trash.

use std::collections::{BTreeMap, BTreeSet};

use super::WordPress;
use super::answers::read;
use super::api::{Post, STANDING};
use super::back::{BATCH, Brief, Cursor};
use super::seen::{Away, away, ids};
use super::sheet::instant;
use crate::domain::{Receipt, Timestamp};
use crate::feed::FeedError;

/// Posts that are asked for by id in one go; the others have their turn next time.
const ROUND: usize = 500;
/// Posts that are looked at by themselves in one go.
const ALONE: usize = 20;
/// What shall be shown at its time is not waited for longer than this: ten minutes.
const LATE_MILLIS: i64 = 10 * 60 * 1000;
/// What the site leaves as it is, whatever it answers, is told of again after this: an hour.
const AGAIN_MILLIS: i64 = 60 * 60 * 1000;

/// What a round came to.
#[derive(Default)]
pub(super) struct Round {
    /// Ids of posts that were changed since they were last read, as far as the site tells.
    pub changed: BTreeSet<u64>,
    /// Ids of posts that are not as they were to be, by nobody's doing. They are to be sent once more, and not from here: only
    /// what leaves with the outbox is written down, so that it is known again if it arrives late.
    pub unfinished: BTreeSet<u64>,
    /// Remote ids of what is gone.
    pub gone: Vec<String>,
    /// Remote ids of what no list shows either, where all that was asked for is gone.
    pub unseen: Vec<String>,
    /// What no list shows and is there under its own name, as with a state that a plugin knows.
    pub apart: Vec<Post>,
}

impl WordPress {
    /// Asks for the known posts whose turn it is. What the site says is in the trash or not there is asked for by its name before
    /// that is believed.
    pub(super) async fn round(&self, cursor: &mut Cursor, known: &[Receipt]) -> Result<Round, FeedError> {
        let all: Vec<(u64, &Receipt)> =
            known.iter().flat_map(|receipt| ids(&receipt.remote_id).into_iter().map(move |id| (id, receipt))).collect();
        let start = if cursor.round < all.len() { cursor.round } else { 0 };
        let turn: Vec<(usize, u64, &Receipt)> =
            all.iter().enumerate().skip(start).take(ROUND).map(|(at, (id, receipt))| (at, *id, *receipt)).collect();
        cursor.round = start + turn.len();
        let mut round = Round::default();
        let mut missing = Vec::new();
        for some in turn.chunks(2 * BATCH) {
            let (there, now) = self.briefs(some.iter().map(|(_, id, _)| *id)).await?;
            round.changed.extend(there.iter().filter(|post| cursor.is_news(post)).map(|post| post.id));
            round.unfinished.extend(there.iter().filter(|post| is_late(post, now)).map(|post| post.id));
            missing.extend(some.iter().filter(|(_, id, _)| there.iter().all(|post| post.id != *id)));
        }
        round.unfinished.extend(self.back_again_of(turn.iter().map(|(_, _, receipt)| *receipt)).await?);
        let mut is_all_gone = true;
        for (_, id, receipt) in missing.iter().take(ALONE) {
            let found = self.api.find(*id).await;
            is_all_gone &= matches!(found, Ok(None));
            match found {
                Ok(Some(post)) => {
                    if cursor.is_news(&Brief::from(post.clone())) {
                        round.changed.insert(*id);
                    }
                    round.apart.push(post);
                }
                Ok(None) if !round.gone.contains(&receipt.remote_id) => round.gone.push(receipt.remote_id.clone()),
                // What the user may not edit any more is not gone.
                Ok(None) | Err(FeedError::Denied | FeedError::Refused) => {}
                Err(error) => return Err(error),
            }
        }
        if let Some((at, _, _)) = missing.get(ALONE) {
            cursor.round = *at;
        }
        if is_all_gone {
            round.unseen = missing.iter().skip(ALONE).map(|(_, _, receipt)| receipt.remote_id.clone()).collect();
            round.unseen.dedup();
        }
        let now = self.api.clock.now().as_millis();
        // One in the future was noted before the clock was set back.
        cursor.told.retain(|_, told| (0..AGAIN_MILLIS).contains(&(now - *told)));
        round.unfinished.retain(|id| !cursor.told.contains_key(id));
        cursor.told.extend(round.unfinished.iter().map(|id| (*id, now)));
        Ok(round)
    }

    /// Ids of posts of which other items lay in the trash, and are seen by readers again since a request arrived late.
    async fn back_again_of(&self, known: impl Iterator<Item = &Receipt>) -> Result<Vec<u64>, FeedError> {
        let away: BTreeMap<u64, (Away, &Receipt)> =
            known.flat_map(|receipt| away(&receipt.parts).map(move |away| (away.id, (away, receipt)))).collect();
        let (there, _) = self.briefs(away.keys().copied()).await?;
        let back = there.iter().filter_map(|post| {
            let (away, receipt) = away.get(&post.id)?;
            away.is_back(&post.status, post.modified_gmt.as_deref()).then_some(receipt)
        });
        Ok(back.flat_map(|receipt| ids(&receipt.remote_id)).collect())
    }

    /// What is there of some posts, and what the site's clock shows.
    async fn briefs(&self, ids: impl Iterator<Item = u64>) -> Result<(Vec<Brief>, Timestamp), FeedError> {
        let ids: Vec<u64> = ids.collect();
        let query = [("status", STANDING), ("context", "edit"), ("_fields", "id,status,date_gmt,modified_gmt")];
        let (mut there, mut now) = (Vec::new(), self.api.clock.now());
        for answer in self.api.by_ids("posts", &ids, &query).await? {
            there.extend(read::<Vec<Brief>>(&answer)?);
            now = self.clock_there(&answer);
        }
        Ok((there, now))
    }
}

/// Whether the site should have shown a post a while ago.
fn is_late(post: &Brief, now: Timestamp) -> bool {
    let due = post.date_gmt.as_deref().and_then(instant);
    post.status == "future" && due.is_some_and(|due| now.as_millis() - due.as_millis() >= LATE_MILLIS)
}
