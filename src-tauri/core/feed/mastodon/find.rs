//! Looking for what was sent and not answered, by reading our own statuses back.

use super::Mastodon;
use super::note::{Body, Book, Part, Trial};
use super::read::{Known, Present, together};
use super::scheduled::{Followed, SLACK_MILLIS};
use super::send::empty;
use super::server::Server;
use super::text;
use super::wire::{Scheduled, Status, instant};
use crate::domain::{Digest, Timestamp};
use crate::feed::{About, FeedError, Held, Lookup};

/// After a quiet wait of so long, what has not arrived will not: 30 minutes that a request may be under way, ten that a server
/// may be behind in what it lists, and five to spare.
const QUIET_MILLIS: i64 = 45 * 60 * 1_000;
/// A status that is public by now is asked for again so much later.
const SOON_MILLIS: i64 = 60 * 1_000;
/// Statuses on a page; 40 is the most that is given.
const PAGE: &str = "40";
/// Pages that are read back at most.
const PAGES: u32 = 250;

/// What was found of a first sending.
struct Arrived {
    id: String,
    scheduled: bool,
}

impl Mastodon {
    /// Asks what the server holds of a post whose last answer was lost.
    pub(super) async fn look_up(&self, about: &About) -> Result<Lookup, FeedError> {
        let mut book = Book::open(&about.notes).await?;
        if let Some(ask_at) = self.resolve(&mut book).await? {
            return Ok(Lookup::NotYet(ask_at));
        }
        match self.follow(&mut book).await? {
            Followed::All => {}
            Followed::Soon => return Ok(Lookup::NotYet(self.api.clock.now().plus_millis(SOON_MILLIS))),
            Followed::Unclear => return Ok(Lookup::CannotTell),
        }
        let parts = book.parts();
        let present = self.present_parts(&parts).await?;
        let mut touched = false;
        for (index, (part, present)) in parts.iter().zip(&present).enumerate() {
            match present {
                Some(present) => {
                    touched |= !part.is_intact(present);
                    settle(index, present, &mut book).await?;
                }
                None if part.leaving => empty(index, &mut book).await?,
                None => touched |= part.id.is_some(),
            }
        }
        let there: Vec<Present> = present.into_iter().flatten().collect();
        let known = Known::noted(&book).unwrap_or_default();
        let Some(fetched) = together(&there, &known) else { return Ok(Lookup::Absent) };
        let unfinished = is_unfinished(&book);
        let first = book.parts().iter().find_map(|part| part.sent.as_ref().map(|sent| sent.revision));
        let revision = if unfinished { first } else { known.revision };
        Ok(Lookup::Found(Held { touched, unfinished, revision, ..fetched.held }))
    }

    /// Looks for every status whose answer is open. Answers when to ask again if one may arrive yet and must not be sent again.
    async fn resolve(&self, book: &mut Book) -> Result<Option<Timestamp>, FeedError> {
        let mut wait = None;
        for (index, part) in book.parts().into_iter().enumerate() {
            let Some(trial) = part.trial.clone().filter(|_| part.id.is_none()) else { continue };
            if let Some(Arrived { id, scheduled }) = self.search(&trial).await? {
                let since = scheduled.then_some(trial.first);
                let part = Part { id: Some(id), scheduled, since, sent: Some(trial.body), trial: None, ..part };
                let seal = self.seal_of_renamed(&part).await?;
                book.set_part(index, &Part { seal, ..part }).await?;
                continue;
            }
            let now = self.api.clock.now();
            if self.may_repeat(&trial, now) {
                continue;
            }
            // A try in the future was noted before the clock was set back: the wait begins anew, once.
            let last = trial.last.min(now);
            let due = last.plus_millis(QUIET_MILLIS);
            let trial = if now < due { Some(Trial { last, ..trial }) } else { None };
            wait = trial.as_ref().map(|_| due).max(wait);
            // Pixelfed refuses a key that it heard before; where keys are kept, the same one is one more safeguard.
            let given_up = trial.is_none() && !self.keeps_keys();
            let round = part.round.saturating_add(u32::from(given_up));
            book.set_part(index, &Part { trial, round, ..part }).await?;
        }
        Ok(wait)
    }

    /// The digest of a status that was found by its text, since its files have other names there: it is as it was sent.
    async fn seal_of_renamed(&self, part: &Part) -> Result<Option<Digest>, FeedError> {
        let (Some(link), Some(sent)) = (part.link(), &part.sent) else { return Ok(None) };
        if self.server().is_mastodon() || link.scheduled || sent.media.is_empty() {
            return Ok(None);
        }
        let present = self.api.present(link).await?;
        let is_renamed = |there: &Present| sent.media.iter().all(|(id, _)| there.media.iter().all(|one| one.id != *id));
        Ok(present.filter(is_renamed).map(|there| there.state()))
    }

    async fn search(&self, trial: &Trial) -> Result<Option<Arrived>, FeedError> {
        if trial.body.publish_at.is_some() {
            let waiting: Vec<Scheduled> = self.api.read("/api/v1/scheduled_statuses", &[("limit", PAGE)]).await?;
            if let Some(there) = waiting.into_iter().find(|there| is_scheduled(there, trial)) {
                return Ok(Some(Arrived { id: there.id, scheduled: true }));
            }
        }
        let found = self.made_by(trial, 1).await?.into_iter().next();
        Ok(found.map(|(id, _)| Arrived { id, scheduled: false }))
    }

    /// At most so many statuses among our own that a first sending may have made, with when they were made.
    pub(super) async fn made_by(
        &self,
        trial: &Trial,
        most: usize,
    ) -> Result<Vec<(String, Option<Timestamp>)>, FeedError> {
        let path = format!("/api/v1/accounts/{}/statuses", self.me().await?);
        let mut before: Option<String> = None;
        let mut found = Vec::new();
        for _ in 0..PAGES {
            let mut query = vec![("limit", PAGE), ("exclude_reblogs", "true")];
            query.extend(trial.floor.as_deref().map(|floor| ("since_id", floor)));
            query.extend(before.as_deref().map(|before| ("max_id", before)));
            let page: Vec<Status> = self.api.read(&path, &query).await?;
            let ahead = self.api.server_now().as_millis() - self.api.clock.now().as_millis();
            let oldest = trial.first.plus_millis(ahead.saturating_sub(SLACK_MILLIS));
            // Not every server heeds `since_id`.
            let newer = page.iter().take_while(|status| trial.floor.as_ref() != Some(&status.id));
            for status in newer.filter(|status| is_since(status, oldest)) {
                if self.is_made_by(status, trial).await? {
                    found.push((status.id.clone(), instant(&status.created_at)));
                }
                if found.len() >= most {
                    return Ok(found);
                }
            }
            let ended = page.iter().any(|status| trial.floor.as_ref() == Some(&status.id));
            match page.last() {
                Some(last) if is_since(last, oldest) && before.as_ref() != Some(&last.id) && !ended => {
                    before = Some(last.id.clone())
                }
                _ => break,
            }
        }
        Ok(found)
    }

    /// Files are named by the server for one sending only, so that they tell; without files, the text does, among statuses
    /// that are newer than the newest one before it was sent. Some that are only compatible give a file another name once it is
    /// in a status (Friendica, snac): there the text tells, with the number of files.
    async fn is_made_by(&self, status: &Status, trial: &Trial) -> Result<bool, FeedError> {
        let body = &trial.body;
        let mut there: Vec<&str> = status.media_attachments.iter().map(|media| media.id.as_str()).collect();
        let mut sent: Vec<&str> = body.media.iter().map(|(id, _)| id.as_str()).collect();
        there.sort_unstable();
        sent.sort_unstable();
        let are_renamed = there != sent && there.len() == sent.len() && !self.server().is_mastodon();
        if (there != sent && !are_renamed) || status.in_reply_to_id != body.reply {
            return Ok(false);
        }
        if !sent.is_empty() && !are_renamed {
            return Ok(true);
        }
        Ok(text::same(&status.spoiler_text, &body.warning) && self.api.text(status).await?.says(&body.text))
    }

    /// Our newest status, where a new one may be known by its text only.
    pub(super) async fn floor(&self, body: &Body) -> Result<Option<String>, FeedError> {
        let is_told_by_files = !body.media.is_empty() && self.server().is_mastodon();
        if is_told_by_files || body.publish_at.is_some() {
            return Ok(None);
        }
        let path = format!("/api/v1/accounts/{}/statuses", self.me().await?);
        let newest: Vec<Status> = self.api.read(&path, &[("limit", "1"), ("exclude_reblogs", "true")]).await?;
        Ok(newest.into_iter().next().map(|status| status.id))
    }

    /// The server's name for our account.
    pub(super) async fn me(&self) -> Result<String, FeedError> {
        match self.site.facts.endpoints.get(super::setup::ACCOUNT) {
            Some(id) => Ok(id.clone()),
            None => Ok(self.api.account().await?.id),
        }
    }

    /// Whether the server remembers idempotency keys.
    pub(super) fn keeps_keys(&self) -> bool {
        self.server().keeps_keys()
    }

    /// What is known of the server.
    pub(super) fn server(&self) -> Server<'_> {
        Server(&self.site.facts.server)
    }
}

/// Takes over an edit whose answer was lost but which is there.
async fn settle(index: usize, present: &Present, book: &mut Book) -> Result<(), FeedError> {
    let mut part = book.part(index);
    if let Some(next) = part.next.take_if(|next| present.says(next)) {
        part.sent = Some(next);
    }
    if part.is_intact(present) {
        part.seal = Some(present.state());
    }
    book.set_part(index, &part).await
}

/// Whether the statuses are not all what they were meant to come to.
fn is_unfinished(book: &Book) -> bool {
    let Some(aim) = book.aim() else { return false };
    let parts = book.parts();
    let there: Vec<&Part> = parts.iter().filter(|part| part.id.is_some()).collect();
    let is_other = |part: &&Part| {
        part.next.is_some() || part.leaving || part.sent.as_ref().is_none_or(|sent| sent.revision != aim.revision)
    };
    there.len() != aim.count || there.iter().any(is_other)
}

fn is_since(status: &Status, oldest: Timestamp) -> bool {
    instant(&status.created_at).is_none_or(|created| created >= oldest)
}

fn is_scheduled(there: &Scheduled, trial: &Trial) -> bool {
    let ids = there.params.media_ids.clone().unwrap_or_default();
    let files =
        if ids.is_empty() { there.media_attachments.iter().map(|media| media.id.clone()).collect() } else { ids };
    instant(&there.scheduled_at).is_some_and(|at| trial.body.is_due_at(at))
        && files == trial.body.media_ids()
        && text::same(there.params.text.as_deref().unwrap_or_default(), &trial.body.text)
}
