//! Making, changing and taking away the statuses of a post. Files go first, all of them, so that nothing is public before
//! everything can be; then one status after the other, each written down before and after.

use std::sync::Arc;

use super::fields::{edited, is_wider, posted, visibility};
use super::media::Uploads;
use super::note::{Aim, Body, Book, Part, Trial, key};
use super::plan::Plan;
use super::present::Present;
use super::read::{Known, Link, thread, together, version};
use super::scheduled::AHEAD_MILLIS;
use super::wire::{Media, Sent, instant};
use super::{Mastodon, arrange, refuse_drafts};
use crate::domain::{Digest, Receipt, Timestamp, Visibility};
use crate::feed::{About, FeedError, Held, Intent, Outgoing};

/// A first sending may be repeated with its key for so long: Mastodon forgets a key an hour after it took the status, the
/// repetition may be under way for half an hour, and five minutes are to spare.
const REPEATABLE_MILLIS: i64 = 25 * 60 * 1_000;

impl Mastodon {
    /// Brings the statuses of a post to what is intended, whatever an earlier call left.
    pub(super) async fn put(
        &self,
        known: Option<&Receipt>,
        intent: &Arc<Intent>,
        out: &Outgoing,
    ) -> Result<Held, FeedError> {
        refuse_drafts(intent)?;
        let plan = self.plan(intent);
        plan.check()?;
        let mut book = Book::open(&out.notes).await?;
        let put = self.put_into(&mut book, known, &plan, (intent, out)).await;
        let is_there = book.parts().iter().any(|part| part.id.is_some());
        put.map_err(|error| match error {
            FeedError::ChangedThere(_) | FeedError::NotYet(_) | FeedError::Journal => error,
            // Without a receipt nobody would take back what is public by now: the server is asked for it.
            _ if known.is_none() && is_there => FeedError::Lost,
            error => error,
        })
    }

    async fn put_into(
        &self,
        book: &mut Book,
        known: Option<&Receipt>,
        plan: &Plan,
        (intent, out): (&Arc<Intent>, &Outgoing),
    ) -> Result<Held, FeedError> {
        match &out.gone {
            // What was made elsewhere is not noted before something is sent.
            Some(gone) if book.parts().is_empty() => adopt(book, Some(gone)).await?,
            Some(gone) => was_there(gone, book).await?,
            None => {}
        }
        let seen = self.expect(book, known).await?;
        let parts = book.parts();
        let is_open = parts.iter().zip(&seen).any(|(part, there)| part.is_shown_to_more(there.as_ref()));
        if is_open || parts.iter().any(|part| part.is_shown_otherwise(intent.manner.visibility)) {
            return Err(FeedError::CannotChange);
        }
        self.hold(plan, book).await?;
        let aim = Aim { revision: intent.revision, count: plan.statuses.len(), shape: plan.shape.clone() };
        book.set_aim(&aim).await?;
        let places = arrange::places(&plan.statuses, &book.parts());
        let bodies = self.bodies((intent, out), plan, &places, book).await?;
        let seen = |index: usize| seen.get(index).and_then(Option::as_ref);
        // An edit takes a poll out with all its votes, and none can be sent back as it was.
        let takes_poll = |(index, body): (&usize, &Body)| {
            seen(*index).is_some_and(|there| there.has_poll) && !book.part(*index).is_brought(body)
        };
        if places.iter().zip(&bodies).any(takes_poll) {
            return Err(FeedError::CannotChange);
        }
        let took_time = places.iter().zip(&bodies).any(|(index, body)| book.part(*index).gets_files(body));
        let seen = |index: usize| seen(index).filter(|_| took_time);
        let mut before = None;
        for (index, body) in places.iter().copied().zip(bodies) {
            if !book.part(index).is_brought(&body) {
                self.expect_again(&book.part(index), seen(index)).await?;
            }
            let reply = before.and_then(|before| book.part(before).link()).filter(|link| !link.scheduled);
            let body = Body { reply: reply.map(|link| link.id), ..body };
            self.bring(intent, index, body, book).await?;
            before = Some(index);
        }
        for index in (0..book.parts().len()).rev().filter(|index| !places.contains(index)) {
            self.expect_again(&book.part(index), seen(index)).await?;
            self.remove(index, book).await?;
        }
        self.seal(book).await
    }

    /// Puts off what the server cannot keep for its time, as long as nothing of it is public. What waits there already, since the
    /// post was one status before, is taken back.
    async fn hold(&self, plan: &Plan, book: &mut Book) -> Result<(), FeedError> {
        let due = plan.leaves_at(self.server()).filter(|at| *at > self.api.clock.now());
        let is_public = |part: &Part| part.trial.is_some() || (part.id.is_some() && !part.scheduled);
        let Some(due) = due.filter(|_| !book.parts().iter().any(is_public)) else { return Ok(()) };
        for index in 0..book.parts().len() {
            if !self.unschedule(index, book).await? {
                return Ok(());
            }
        }
        Err(FeedError::NotYet(due))
    }

    /// Takes the statuses of a post away, the last one first.
    pub(super) async fn take_away(&self, known: &Receipt, about: &About) -> Result<(), FeedError> {
        let mut book = Book::open(&about.notes).await?;
        adopt(&mut book, Some(known)).await?;
        self.follow_surely(&mut book).await?;
        let parts = book.parts();
        let present = self.present_parts(&parts).await?;
        let there: Vec<Present> = present.iter().flatten().cloned().collect();
        let intact =
            parts.iter().zip(&present).all(|(part, present)| present.as_ref().is_none_or(|p| part.is_intact(p)));
        if !intact && version_of(&there) != known.version {
            return Err(changed(&there, &book, known));
        }
        for index in (0..parts.len()).rev() {
            self.remove(index, &mut book).await?;
        }
        Ok(())
    }

    /// Whether what lies there is what is known of it. What was taken away from here is struck out of the notes; what is gone
    /// without that is gone, unless the user said to make it anew. What was never seen there may be shown yet. Answers what lies
    /// there, status by status.
    async fn expect(&self, book: &mut Book, known: Option<&Receipt>) -> Result<Vec<Option<Present>>, FeedError> {
        adopt(book, known).await?;
        self.follow_surely(book).await?;
        let parts = book.parts();
        let present = self.present_parts(&parts).await?;
        for (index, (part, present)) in parts.iter().zip(&present).enumerate() {
            if part.id.is_none() || present.is_some() {
                continue;
            }
            if part.is_awaited() {
                return Err(FeedError::Lost);
            }
            if part.told.is_none() && !part.leaving && known.is_some_and(|known| is_named(part, &parts, known)) {
                return Err(FeedError::Gone);
            }
            empty(index, book).await?;
        }
        let there: Vec<Present> = present.iter().flatten().cloned().collect();
        let mut pairs = parts.iter().zip(&present);
        let intact = pairs.all(|(part, present)| present.as_ref().is_none_or(|present| part.is_intact(present)));
        match known {
            Some(known) if !intact && version_of(&there) != known.version => Err(changed(&there, book, known)),
            None if !intact => {
                let known = Known::noted(book).unwrap_or_default();
                let held = together(&there, &known).ok_or(FeedError::Gone)?.held;
                Err(FeedError::ChangedThere(Box::new(Held { touched: true, ..held })))
            }
            _ => {
                learn(&present, book).await?;
                Ok(present)
            }
        }
    }

    /// Looks once more at a status that was seen before files were on their way: what somebody wrote in it meanwhile was read by
    /// nobody.
    async fn expect_again(&self, part: &Part, seen: Option<&Present>) -> Result<(), FeedError> {
        let Some((link, seen)) = part.link().zip(seen) else { return Ok(()) };
        match self.api.present(link).await? {
            Some(there) if part.is_intact(&there) && there.has_poll == seen.has_poll => Ok(()),
            _ => Err(FeedError::Lost),
        }
    }

    /// Uploads what has to be uploaded, and answers the statuses as they shall be.
    async fn bodies(
        &self,
        (intent, out): (&Intent, &Outgoing),
        plan: &Plan,
        places: &[usize],
        book: &mut Book,
    ) -> Result<Vec<Body>, FeedError> {
        let publish_at = self.publish_at(plan).await?;
        let mut uploads = Uploads::of(plan, out, book).await?;
        let mut bodies = Vec::with_capacity(plan.statuses.len());
        for (planned, index) in plan.statuses.iter().zip(places) {
            let media = self.upload_all((plan, planned), *index, book, &mut uploads).await?;
            bodies.push(Body {
                revision: intent.revision,
                joint: planned.joint,
                lang: planned.lang.clone(),
                text: planned.text.clone(),
                warning: plan.warning.clone(),
                visibility: visibility(plan.visibility).to_owned(),
                media,
                reply: None,
                publish_at,
            });
        }
        Ok(bodies)
    }

    /// When the server shall make it public. What is due already is sent at once; what is due sooner than a server schedules, by
    /// its own clock, comes a little late rather than early.
    async fn publish_at(&self, plan: &Plan) -> Result<Option<Timestamp>, FeedError> {
        let Some(at) = plan.publish_at.filter(|_| plan.leaves_at(self.server()).is_none()) else { return Ok(None) };
        // So that the server's clock is known: ours may be ahead.
        self.api.account().await?;
        let is_ahead = at > self.api.clock.now().min(self.api.server_now());
        Ok(is_ahead.then(|| at.max(self.api.server_now().plus_millis(AHEAD_MILLIS))))
    }

    /// Brings one status to what it shall be.
    async fn bring(&self, intent: &Intent, index: usize, body: Body, book: &mut Book) -> Result<(), FeedError> {
        let mut part = book.part(index);
        if part.scheduled {
            // What waits cannot be edited, only moved or made anew.
            part = self.replan(index, &body, book).await?;
        }
        if part.id.is_none() {
            part = self.post(intent, index, body.clone(), book).await?;
        }
        let Some(id) = part.id.clone() else { return Err(FeedError::Lost) };
        let sent = part.sent.as_ref();
        let (reply, publish_at) = (sent.and_then(|sent| sent.reply.clone()), sent.and_then(|sent| sent.publish_at));
        let shown = sent.map(|sent| sent.visibility.clone()).filter(|shown| !shown.is_empty());
        let body = Body { reply, publish_at, visibility: shown.unwrap_or(body.visibility.clone()), ..body };
        if part.scheduled || part.is_brought(&body) {
            return book.set_part(index, &Part { sent: Some(body), ..part }).await;
        }
        book.set_part(index, &Part { next: Some(body.clone()), ..part.clone() }).await?;
        if let Err(error) = self.edit(&part, &id, &body).await {
            let is_open = matches!(error, FeedError::Lost | FeedError::Unreachable | FeedError::Busy(_));
            if !is_open {
                book.set_part(index, &Part { next: None, ..part }).await?;
            }
            return Err(error);
        }
        // Mastodon's answer counts once what was written is read there: a copy that is behind shows what was there before.
        if self.api.is_complete() {
            return Ok(());
        }
        book.set_part(index, &Part { sent: Some(body), next: None, seal: None, ..part }).await
    }

    /// Changes a status. Only Mastodon itself is known to take what files show with it, so others are told of each file.
    async fn edit(&self, part: &Part, id: &str, body: &Body) -> Result<(), FeedError> {
        let server = self.server();
        let edit = match server.is_mastodon() {
            true => edited(body, server),
            false => edited(&self.described(part, id, body).await?, server),
        };
        match self.api.edit(id, &edit).await {
            Err(FeedError::Gone) if self.api.status(id).await?.is_some() => Err(FeedError::CannotChange),
            Err(FeedError::Gone) if part.told.is_some() => Err(FeedError::Lost),
            done => done,
        }
    }

    /// Sends a new status, or the one whose answer is still open, exactly as it was sent.
    async fn post(&self, intent: &Intent, index: usize, body: Body, book: &mut Book) -> Result<Part, FeedError> {
        // What the user was asked about and wants to be sent is not there.
        let mut part = Some(book.part(index)).filter(|part| !part.asked).unwrap_or_else(|| book.part(index).emptied());
        let trial = match part.trial.take() {
            Some(trial) => {
                // Our clock may have been set since: how old the try is, the server's says too.
                self.api.account().await?;
                let now = self.api.clock.now();
                if !self.may_repeat(&trial, now) {
                    return Err(FeedError::Lost);
                }
                let last_there = self.api.there(now);
                Trial { last: now, last_there, tries: trial.tries.saturating_add(1), ..trial }
            }
            None => {
                let key = key(intent.post, body.revision, index, part.round);
                let (newest, now) = (self.floor(&body).await?, self.api.clock.now());
                let there = self.api.there(now);
                let first_there = there.or(newest.as_ref().and_then(|newest| instant(&newest.created_at)));
                let floor = newest.map(|newest| newest.id);
                Trial { key, body, first: now, first_there, last: now, last_there: there, tries: 1, floor }
            }
        };
        part.trial = Some(trial.clone());
        book.set_part(index, &part).await?;
        match self.api.post(&posted(&trial.body, self.server()), &trial.key).await {
            // Mastodon itself keeps the names of files: another status is not the answer to this one.
            Ok(sent) if self.server().is_mastodon() && has_other_files(&sent, &trial.body) => Err(FeedError::Lost),
            Ok(sent) => {
                // The others are not shown to so many as well.
                let is_wider = is_wider(&sent.visibility, &trial.body.visibility);
                let part = self.named(part, trial, (sent.id, sent.scheduled_at.is_some()));
                book.set_part(index, &part).await?;
                // An earlier try made it, and somebody has written in it since: it is read before anything goes over it.
                if sent.edited_at.is_some() || is_wider { Err(FeedError::Lost) } else { Ok(part) }
            }
            Err(FeedError::Lost) => Err(FeedError::Lost),
            Err(error) => {
                if trial.tries == 1 {
                    // Nothing came of it; Pixelfed would refuse the same key nevertheless.
                    book.set_part(index, &part.emptied()).await?;
                }
                Err(match error {
                    FeedError::Refused => self.why_refused(&trial.body, book).await?,
                    // The server does not see yet what is answered to (mastodon/mastodon issue 21932), or it is gone:
                    // looking tells which.
                    FeedError::Gone if trial.body.reply.is_some() => FeedError::Lost,
                    FeedError::Gone => FeedError::Refused,
                    error => error,
                })
            }
        }
    }

    /// A status whose name is known by now, and whether it waits at the server for its time.
    pub(super) fn named(&self, part: Part, trial: Trial, (id, scheduled): (String, bool)) -> Part {
        let (now, since) = (self.api.clock.now(), trial.first_there.filter(|_| scheduled));
        let (told, told_there) = (Some(now), self.api.there(now));
        Part { id: Some(id), told, told_there, scheduled, since, sent: Some(trial.body), trial: None, ..part }
    }

    /// Whether sending the same again with the same key can make no second status. Keys are not heeded for scheduled ones
    /// (mastodon/mastodon issue 30039), and by many compatible servers not at all.
    pub(super) fn may_repeat(&self, trial: &Trial, now: Timestamp) -> bool {
        let is_fresh = |first: Timestamp, now: Timestamp| (first..first.plus_millis(REPEATABLE_MILLIS)).contains(&now);
        let by_theirs = trial.first_there.zip(self.api.there(now));
        self.keeps_keys()
            && trial.body.publish_at.is_none()
            && is_fresh(trial.first, now)
            && by_theirs.is_none_or(|(first, now)| is_fresh(first, now))
    }

    /// Takes one status away.
    async fn remove(&self, index: usize, book: &mut Book) -> Result<(), FeedError> {
        let part = book.part(index);
        if part.open_trial().is_some() {
            // It may arrive yet: it has to be looked for first.
            return if part.asked { empty(index, book).await } else { Err(FeedError::Lost) };
        }
        if part.id.is_none() || (part.scheduled && self.unschedule(index, book).await?) {
            return Ok(());
        }
        let part = book.part(index);
        let Some(id) = part.id.clone() else { return Ok(()) };
        book.set_part(index, &Part { leaving: true, ..part }).await?;
        self.api.delete(&format!("/api/v1/statuses/{id}")).await?;
        // Something in between may have answered for the server.
        if self.api.status(&id).await?.is_some() {
            return Err(FeedError::Lost);
        }
        empty(index, book).await
    }
}

/// Strikes a status out of the notes, with its files, which went with it.
pub(super) async fn empty(index: usize, book: &mut Book) -> Result<(), FeedError> {
    let part = book.part(index);
    let ids: Vec<String> = [&part.sent, &part.next].into_iter().flatten().flat_map(Body::media_ids).collect();
    book.set_part(index, &part.emptied()).await?;
    book.forget_uploads(&ids).await
}

/// Notes what only the receipt knows: a post that was taken over from the server, or that a status was there.
async fn adopt(book: &mut Book, known: Option<&Receipt>) -> Result<(), FeedError> {
    let Some(known) = known else { return Ok(()) };
    let (links, parts) = (thread(known), book.parts());
    if !parts.is_empty() {
        return meet(parts, links, known, book).await;
    }
    let before = Known::confirmed(known);
    let aim = Aim { revision: known.revision, count: links.len(), shape: before.shape };
    for (index, link) in links.into_iter().enumerate() {
        let body = Body::unknown(known.revision, link.joint, link.lang);
        let part = Part { id: Some(link.id), scheduled: link.scheduled, sent: Some(body), ..Part::default() };
        book.set_part(index, &part).await?;
    }
    book.set_aim(&aim).await
}

/// Whether a receipt speaks of a status. Where it speaks of one by another name than is noted by now, it may be of any.
fn is_named(part: &Part, parts: &[Part], known: &Receipt) -> bool {
    let links = thread(known);
    let is_noted = |link: &Link| parts.iter().any(|part| part.id.as_ref() == Some(&link.id));
    !links.iter().all(is_noted) || links.iter().any(|link| part.id.as_ref() == Some(&link.id))
}

/// Notes that the statuses of which a receipt spoke were there once: one that cannot be seen any more is gone.
async fn was_there(gone: &Receipt, book: &mut Book) -> Result<(), FeedError> {
    let links = thread(gone);
    for (index, part) in book.parts().into_iter().enumerate() {
        if part.told.is_some() && links.iter().any(|link| part.id.as_ref() == Some(&link.id)) {
            book.set_part(index, &Part { told: None, asked: false, ..part }).await?;
        }
    }
    Ok(())
}

/// Notes of statuses that were begun here what a receipt knows: that they were there, or, where the user found the one that was asked
/// about, which it is.
async fn meet(parts: Vec<Part>, links: Vec<Link>, known: &Receipt, book: &mut Book) -> Result<(), FeedError> {
    let is_noted = |link: &Link| parts.iter().any(|part| part.id.as_ref() == Some(&link.id));
    let (noted, found): (Vec<Link>, Vec<Link>) = links.into_iter().partition(is_noted);
    let mut found = found.into_iter();
    for (index, part) in parts.into_iter().enumerate() {
        if part.told.is_some() && noted.iter().any(|link| part.id.as_ref() == Some(&link.id)) {
            book.set_part(index, &Part { told: None, asked: false, ..part }).await?;
        } else if part.asked
            && part.id.is_none()
            && let Some(link) = found.next()
        {
            let sent = Some(Body::unknown(known.revision, link.joint, link.lang));
            book.set_part(index, &Part { id: Some(link.id), sent, ..part.emptied() }).await?;
        }
    }
    Ok(())
}

/// Notes what somebody wrote there, which the user knows of and wants to be written over: it is not what was sent from here.
async fn learn(present: &[Option<Present>], book: &mut Book) -> Result<(), FeedError> {
    for (index, (part, there)) in book.parts().into_iter().zip(present).enumerate() {
        let (Some(there), Some(sent)) = (there, &part.sent) else { continue };
        if !part.is_intact(there) {
            let sent = Some(there.as_sent(sent));
            book.set_part(index, &Part { sent, next: None, ..part }).await?;
        }
    }
    Ok(())
}

fn version_of(there: &[Present]) -> Digest {
    let states: Vec<_> = there.iter().map(Present::state).collect();
    version(states.iter())
}

/// What it means that something else lies there than what is known here.
fn changed(there: &[Present], book: &Book, known: &Receipt) -> FeedError {
    let noted = Known::noted(book).unwrap_or_else(|| Known::confirmed(known));
    match together(there, &Known { revision: None, ..noted }) {
        Some(fetched) => FeedError::ChangedThere(Box::new(Held { touched: true, ..fetched.held })),
        None => FeedError::Gone,
    }
}

impl Part {
    /// Whether it is public to others than it shall be, by the post's own word: nothing changes that afterwards
    /// (<https://docs.joinmastodon.org/methods/statuses/#edit>). What the feed is set up for counts for what is new.
    fn is_shown_otherwise(&self, wanted: Option<Visibility>) -> bool {
        let sent =
            self.sent.as_ref().filter(|sent| self.id.is_some() && !self.scheduled && !sent.visibility.is_empty());
        sent.zip(wanted).is_some_and(|(sent, wanted)| sent.visibility != visibility(wanted))
    }

    /// Whether more people see it than it was sent for. As long as that is so it does not count as sent, and only taking it back
    /// changes it.
    pub(super) fn is_shown_to_more(&self, there: Option<&Present>) -> bool {
        self.sent.as_ref().zip(there).is_some_and(|(sent, there)| is_wider(&there.visibility, &sent.visibility))
    }

    /// Whether the status shall have files that are not in it yet: they were on their way just now.
    fn gets_files(&self, body: &Body) -> bool {
        let there = self.held().map(Body::media_ids).unwrap_or_default();
        body.media.iter().any(|(id, _)| !there.contains(id))
    }

    /// Whether the status need not be edited to be what it shall be.
    fn is_brought(&self, body: &Body) -> bool {
        self.next.is_none() && self.sent.as_ref().is_some_and(|sent| sent.reads_like(body))
    }

    /// Whether the status is as it was sent from here.
    pub(super) fn is_intact(&self, there: &Present) -> bool {
        let says = |body: &Option<Body>| body.as_ref().is_some_and(|body| there.says(body));
        self.seal == Some(there.state()) || says(&self.sent) || says(&self.next)
    }
}

impl Body {
    /// Whether a status that was sent with this need not be edited to be the other.
    pub(super) fn reads_like(&self, other: &Self) -> bool {
        let parts = |body: &Self| (body.joint, body.lang.clone(), body.text.clone(), body.warning.clone());
        parts(self) == parts(other) && self.media == other.media
    }
}

fn has_other_files(sent: &Sent, body: &Body) -> bool {
    let is_sent = |there: &Media| body.media.iter().any(|(id, _)| *id == there.id);
    !body.media.is_empty() && !sent.media_attachments.iter().flatten().all(is_sent)
}
