//! Statuses that wait at the server for their time: moving that time, taking them back before it, and following them to the
//! name they have once they are public, which the server tells nobody.

use super::Mastodon;
use super::note::{Body, Book, Part, Trial};
use crate::feed::FeedError;
use crate::feed::web::SLACK_MILLIS;

/// A server may be this late with what it makes public by itself, and with listing it.
const LATE_MILLIS: i64 = 15 * 60 * 1_000;
/// The least time that a server schedules ahead, and half a minute for the way
/// (<https://docs.joinmastodon.org/methods/statuses/#create>).
pub const AHEAD_MILLIS: i64 = (5 * 60 + 30) * 1_000;

/// What became of a status that waited.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// It waits still, or never did.
    Waits,
    /// It is public under this name.
    Public(String),
    /// It was taken away before it was public, or after.
    Gone,
    /// It is its time: a little later it can be told.
    Soon,
    /// Several statuses could be it.
    Unclear,
}

/// How far a post's statuses could be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// All of them.
    All,
    /// One will be told a little later.
    Soon,
    /// One cannot be told from another status that says the same.
    Unclear,
}

impl Mastodon {
    /// Notes the new names of statuses that waited and are public by now.
    pub(super) async fn follow(&self, book: &mut Book) -> Result<Followed, FeedError> {
        let mut followed = Followed::All;
        for (index, part) in book.parts().into_iter().enumerate() {
            match self.fate(&part).await? {
                Fate::Public(id) => book.set_part(index, &public(part, id)).await?,
                Fate::Waits | Fate::Gone => {}
                Fate::Soon => followed = Followed::Soon,
                Fate::Unclear => return Ok(Followed::Unclear),
            }
        }
        Ok(followed)
    }

    /// The same before something is changed there: what cannot be told has to be asked for first.
    pub(super) async fn follow_surely(&self, book: &mut Book) -> Result<(), FeedError> {
        match self.follow(book).await? {
            Followed::All => Ok(()),
            Followed::Soon | Followed::Unclear => Err(FeedError::Lost),
        }
    }

    /// The same for reading only: nothing is noted. What is gone keeps its name, under which nothing is there.
    pub(super) async fn followed(&self, mut parts: Vec<Part>) -> Result<Vec<Part>, FeedError> {
        for part in &mut parts {
            match self.fate(part).await? {
                Fate::Public(id) => *part = public(part.clone(), id),
                Fate::Waits | Fate::Gone => {}
                Fate::Soon | Fate::Unclear => return Err(FeedError::Unreachable),
            }
        }
        Ok(parts)
    }

    /// Brings a status that waits to what it shall be, as far as that is possible while it waits. Its place is empty when it
    /// has to be made anew, and holds a public status if it became one meanwhile.
    pub(super) async fn replan(&self, index: usize, body: &Body, book: &mut Book) -> Result<Part, FeedError> {
        let part = book.part(index);
        let (Some(id), Some(sent)) = (part.id.clone(), part.sent.clone()) else { return Ok(part) };
        let reads_alike = sent.reads_like(body) && sent.visibility == body.visibility;
        if reads_alike && self.is_due_with(&sent, body) {
            return Ok(part);
        }
        if let Some(at) = body.publish_at.filter(|_| reads_alike) {
            book.set_part(index, &Part { next: Some(body.clone()), ..part.clone() }).await?;
            match self.api.reschedule(&id, at).await {
                Ok(()) => {
                    let moved = Part { sent: Some(body.clone()), next: None, ..part };
                    book.set_part(index, &moved).await?;
                    return Ok(moved);
                }
                // The server cannot move it, or it is not there any more.
                Err(FeedError::Gone | FeedError::Refused) => book.set_part(index, &part).await?,
                Err(error) => return Err(error),
            }
        }
        self.unschedule(index, book).await?;
        Ok(book.part(index))
    }

    /// Takes a status that waits back, so that its place is empty and its files are free again. Answers whether it is: otherwise
    /// it became public meanwhile.
    pub(super) async fn unschedule(&self, index: usize, book: &mut Book) -> Result<bool, FeedError> {
        let part = book.part(index);
        let Some(id) = part.id.clone().filter(|_| part.scheduled) else { return Ok(part.id.is_none()) };
        book.set_part(index, &Part { leaving: true, ..part.clone() }).await?;
        if !self.api.delete(&format!("/api/v1/scheduled_statuses/{id}")).await? {
            self.follow_surely(book).await?;
            let now = book.part(index);
            if !now.scheduled {
                book.set_part(index, &Part { leaving: false, ..now }).await?;
                return Ok(false);
            }
        }
        book.set_part(index, &part.emptied()).await?;
        Ok(true)
    }

    /// Whether what was sent is made public when it shall be. A time that is too near was put off when it was sent.
    fn is_due_with(&self, sent: &Body, wanted: &Body) -> bool {
        let (Some(sent), Some(at)) = (sent.publish_at, wanted.publish_at) else { return false };
        let apart = (sent.as_millis() - at.as_millis()).abs();
        let is_near = at <= self.api.server_now().plus_millis(AHEAD_MILLIS);
        apart < 1_000 || (is_near && apart <= AHEAD_MILLIS)
    }

    /// What became of a status that waited. It is known again by its files, which the server names for one sending only, and
    /// without files by what it says, among those that are newer than its scheduling; where several say the same, by its time.
    async fn fate(&self, part: &Part) -> Result<Fate, FeedError> {
        let (Some(id), Some(sent), true) = (&part.id, &part.sent, part.scheduled) else { return Ok(Fate::Waits) };
        if self.api.scheduled(id).await?.is_some() {
            return Ok(Fate::Waits);
        }
        if sent.text.is_empty() && sent.media.is_empty() {
            return Ok(Fate::Unclear);
        }
        let due = sent.publish_at.unwrap_or_else(|| self.api.clock.now());
        let since = part.since.map_or(due, |since| since.min(due));
        let (key, body) = (String::new(), sent.clone());
        let (here, there) = (since.plus_millis(-self.api.ahead()), Some(since));
        let trial =
            Trial { key, body, first: here, first_there: there, last: here, last_there: there, tries: 1, floor: None };
        let ours = self.made_by(&trial, 3).await?;
        let found = ours.made;
        let (early, late) = (due.plus_millis(-SLACK_MILLIS), due.plus_millis(LATE_MILLIS));
        let mut in_time = found.iter().filter(|(_, created)| created.is_none_or(|at| at >= early && at <= late));
        Ok(match (found.as_slice(), in_time.next(), in_time.next()) {
            ([], ..) if (early..late).contains(&self.api.server_now()) => Fate::Soon,
            ([], ..) if ours.resembles => Fate::Unclear,
            ([], ..) => Fate::Gone,
            ([(id, _)], ..) | (_, Some((id, _)), None) => Fate::Public(id.clone()),
            _ => Fate::Unclear,
        })
    }
}

fn public(part: Part, id: String) -> Part {
    Part { id: Some(id), scheduled: false, since: None, seal: None, ..part }
}
