//! Looking for what was sent and not answered. How it is known again among our own statuses says [`super::ours`].

use super::Mastodon;
use super::note::{Book, Part, Trial};
use super::ours::Arrived;
use super::present::Present;
use super::read::{Known, together};
use super::scheduled::Followed;
use super::send::empty;
use super::server::Server;
use crate::domain::Digest;
use crate::feed::{About, FeedError, Held, Lookup};

/// After a quiet wait of so long, what has not arrived will not: 30 minutes that a request may be under way, ten that a server
/// may be behind in what it lists, and five to spare.
const QUIET_MILLIS: i64 = 45 * 60 * 1_000;
/// A status that is public by now is asked for again so much later.
const SOON_MILLIS: i64 = 60 * 1_000;

impl Mastodon {
    /// Asks what the server holds of a post whose last answer was lost.
    pub(super) async fn look_up(&self, about: &About) -> Result<Lookup, FeedError> {
        let mut book = Book::open(&about.notes).await?;
        if let Some(open) = self.resolve(&mut book).await? {
            return Ok(open);
        }
        match self.follow(&mut book).await? {
            Followed::All => {}
            Followed::Soon => return Ok(Lookup::NotYet(self.api.clock.now().plus_millis(SOON_MILLIS))),
            Followed::Unclear => return Ok(Lookup::CannotTell),
        }
        let parts = book.parts();
        let present = self.present_parts(&parts).await?;
        if let Some(open) = self.await_shown(&present, &mut book).await? {
            return Ok(open);
        }
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
        let is_open = parts.iter().zip(&present).any(|(part, there)| part.is_shown_to_more(there.as_ref()));
        let there: Vec<Present> = present.into_iter().flatten().collect();
        let known = Known::noted(&book).unwrap_or_default();
        let Some(fetched) = together(&there, &known) else { return Ok(Lookup::Absent) };
        let unfinished = is_unfinished(&book) || is_open;
        let first = book.parts().iter().find_map(|part| part.sent.as_ref().map(|sent| sent.revision));
        let revision = if unfinished { first } else { known.revision };
        Ok(Lookup::Found(Held { touched, unfinished, revision, ..fetched.held }))
    }

    /// What it means that the server named a status that it does not show. As long as no receipt names it, it may be shown
    /// later: some servers read from copies that are behind (mastodon/mastodon issue 30176). After a quiet wait only the user
    /// can tell; it is never taken for absent.
    async fn await_shown(&self, present: &[Option<Present>], book: &mut Book) -> Result<Option<Lookup>, FeedError> {
        let now = self.api.clock.now();
        let mut open = None;
        for (index, part) in book.parts().into_iter().enumerate() {
            let is_shown = part.id.is_none() || present.get(index).is_none_or(Option::is_some);
            let Some(told) = part.told.filter(|_| !is_shown && !part.leaving) else { continue };
            let told = self.api.later(told, part.told_there);
            let due = told.plus_millis(QUIET_MILLIS);
            let asked = part.asked || now >= due;
            // Either clock may be set again: the wait goes on from here.
            book.set_part(index, &Part { told: Some(told), told_there: self.api.there(told), asked, ..part }).await?;
            open = match open {
                None | Some(Lookup::CannotTell) if !asked => {
                    Some(Lookup::NotYet(due.min(now.plus_millis(SOON_MILLIS))))
                }
                None => Some(Lookup::CannotTell),
                open => open,
            };
        }
        Ok(open)
    }

    /// Looks for every status whose answer is open. Answers what that means if one may arrive yet and must not be sent again, or if
    /// only the user can tell.
    async fn resolve(&self, book: &mut Book) -> Result<Option<Lookup>, FeedError> {
        let (mut wait, mut is_unclear) = (None, false);
        for (index, part) in book.parts().into_iter().enumerate() {
            let Some(trial) = part.open_trial().cloned() else { continue };
            let sought = self.search(&trial).await?;
            if let Some(Arrived { id, scheduled }) = sought.arrived {
                let part = self.named(part, trial, (id, scheduled));
                let seal = self.seal_of_renamed(&part).await?;
                book.set_part(index, &Part { seal, ..part }).await?;
                continue;
            }
            let now = self.api.clock.now();
            if self.may_repeat(&trial, now) {
                continue;
            }
            let last = self.api.later(trial.last, trial.last_there);
            let (last_there, due) = (self.api.there(last), last.plus_millis(QUIET_MILLIS));
            let asked = now >= due && (sought.resembles || !self.would_be_listed(&trial).await?);
            is_unclear |= asked;
            let trial = if now < due || asked { Some(Trial { last, last_there, ..trial }) } else { None };
            wait = trial.as_ref().filter(|_| !asked).map(|_| due).max(wait);
            // Pixelfed refuses a key that it heard before; where keys are kept, the same one is one more safeguard.
            let given_up = trial.is_none() && !self.keeps_keys();
            let round = part.round.saturating_add(u32::from(given_up));
            book.set_part(index, &Part { trial, round, asked, ..part }).await?;
        }
        Ok(wait.map(Lookup::NotYet).or_else(|| is_unclear.then_some(Lookup::CannotTell)))
    }

    /// Writes down which status the user found, of those whose answer was lost. [`FeedError::Refused`] where that is another one of
    /// the post's, or none of ours.
    pub(super) async fn found_at(&self, address: &str, about: &About) -> Result<(), FeedError> {
        let mut book = Book::open(&about.notes).await?;
        let parts = book.parts();
        let lost = parts.iter().enumerate().find_map(|(index, part)| Some((index, part.open_trial()?)));
        // Of one alone the list of all tells.
        let Some((index, trial)) = lost.filter(|_| parts.len() > 1) else { return Ok(()) };
        let is_known = |id: &String| parts.iter().any(|part| part.id.as_ref() == Some(id));
        let id = self.at_address(address, trial).await?.filter(|id| !is_known(id)).ok_or(FeedError::Refused)?;
        let part = self.named(Part { asked: false, ..book.part(index) }, trial.clone(), (id, false));
        book.set_part(index, &part).await
    }

    /// Strikes out the statuses that the user was asked about and did not find.
    pub(super) async fn strike_asked(&self, about: &About) -> Result<(), FeedError> {
        let mut book = Book::open(&about.notes).await?;
        for (index, _) in book.parts().iter().enumerate().filter(|(_, part)| part.asked) {
            empty(index, &mut book).await?;
        }
        Ok(())
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
    let mut part = Part { asked: false, ..book.part(index) };
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
