//! Which of our own statuses a first sending made, by reading them back. Changes nothing.

use super::Mastodon;
use super::note::{Body, Trial};
use super::read::{Link, plain};
use super::text::{Joint, Words};
use super::wire::{Context, Scheduled, Status, instant};
use crate::domain::Timestamp;
use crate::feed::FeedError;
use crate::feed::web::SLACK_MILLIS;

/// Statuses on a page; 40 is the most that is given.
const PAGE: &str = "40";
/// What everybody may read and find.
const PUBLIC: &str = "public";
/// Pages that are read back at most.
const PAGES: u32 = 250;

/// What was found of a first sending.
pub struct Arrived {
    pub id: String,
    pub scheduled: bool,
}

/// What came of looking for a first sending.
pub struct Sought {
    pub arrived: Option<Arrived>,
    /// A status may be it, though it reads otherwise, or its time is none that can be compared.
    pub resembles: bool,
}

/// Our own statuses that a first sending may have made.
#[derive(Default)]
pub struct Ours {
    /// Their names, with when they were made.
    pub made: Vec<(String, Option<Timestamp>)>,
    /// Another may be it, though it reads otherwise, or its time is none that can be compared.
    pub resembles: bool,
}

/// How a status is to a first sending.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// It was made by it.
    Made,
    /// It may have been: the server may have written its words anew, or forgotten what it answers.
    Resembles,
    /// It is another one.
    Other,
}

impl Mastodon {
    /// Looks for what a first sending made.
    pub(super) async fn search(&self, trial: &Trial) -> Result<Sought, FeedError> {
        if trial.body.publish_at.is_some() {
            let waiting: Vec<Scheduled> = self.api.read("/api/v1/scheduled_statuses", &[("limit", PAGE)]).await?;
            if let Some(there) = waiting.into_iter().find(|there| self.is_scheduled(there, trial)) {
                return Ok(Sought { arrived: Some(Arrived { id: there.id, scheduled: true }), resembles: false });
            }
        }
        let ours = self.made_by(trial, 1).await?;
        let arrived = ours.made.into_iter().next().map(|(id, _)| Arrived { id, scheduled: false });
        Ok(Sought { arrived, resembles: ours.resembles })
    }

    /// At most so many statuses among our own that a first sending may have made.
    pub(super) async fn made_by(&self, trial: &Trial, most: usize) -> Result<Ours, FeedError> {
        let me = self.me().await?;
        let mut before: Option<String> = None;
        let mut ours = Ours::default();
        for _ in 0..PAGES {
            let page = self.own_since(trial.floor.as_deref(), &me, before.as_deref()).await?;
            let oldest = self.oldest(trial);
            // Not every server heeds `since_id`.
            let newer = page.iter().take_while(|status| trial.floor.as_ref() != Some(&status.id));
            self.gather(newer, trial, most, &mut ours).await?;
            if ours.made.len() >= most {
                return Ok(ours);
            }
            let ended = page.iter().any(|status| trial.floor.as_ref() == Some(&status.id));
            match page.last() {
                Some(last) if is_since(last, oldest) && before.as_ref() != Some(&last.id) && !ended => {
                    before = Some(last.id.clone())
                }
                _ => break,
            }
        }
        if ours.made.is_empty() && !self.server().is_mastodon() {
            self.look_below(trial, most, &mut ours).await?;
        }
        Ok(ours)
    }

    /// Whether a first sending would be among our own statuses if it were there. Of servers that are only compatible some list nothing
    /// but what everybody may read (snac, Takahe): another one of its kind has to be listed.
    pub(super) async fn would_be_listed(&self, trial: &Trial) -> Result<bool, FeedError> {
        if self.keeps_keys() || trial.body.visibility == PUBLIC {
            return Ok(true);
        }
        let newest = self.own_since(None, &self.me().await?, None).await?;
        Ok(newest.iter().any(|status| status.visibility == trial.body.visibility))
    }

    /// A page of our own statuses, newer than `floor` where the server heeds that, and older than `before`.
    async fn own_since(&self, floor: Option<&str>, me: &str, before: Option<&str>) -> Result<Vec<Status>, FeedError> {
        let mut query = vec![("limit", PAGE), ("exclude_reblogs", "true")];
        query.extend(floor.map(|floor| ("since_id", floor)));
        query.extend(before.map(|before| ("max_id", before)));
        self.api.read(&format!("/api/v1/accounts/{me}/statuses"), &query).await
    }

    /// Which of our own statuses since a first sending is at an address, as the server or its window writes it.
    pub(super) async fn at_address(&self, address: &str, trial: &Trial) -> Result<Option<String>, FeedError> {
        let (me, address) = (self.me().await?, address.trim_end_matches('/'));
        let page = self.own_since(trial.floor.as_deref(), &me, None).await?;
        let is_there = |status: &Status| status.url.as_deref().map(|url| url.trim_end_matches('/')) == Some(address);
        if let Some(status) = page.into_iter().find(is_there) {
            return Ok(Some(status.id));
        }
        // Most servers put the name of a status at the end.
        let last = address.rsplit('/').next().unwrap_or_default();
        if last.is_empty() || !last.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Ok(None);
        }
        let named = self.api.status(last).await?.filter(|status| status.account.id == me);
        Ok(named.map(|status| status.id))
    }

    /// Looks among the answers to what a status answers: some servers list no answers among our statuses (Pixelfed).
    async fn look_below(&self, trial: &Trial, most: usize, ours: &mut Ours) -> Result<(), FeedError> {
        let Some(above) = &trial.body.reply else { return Ok(()) };
        let path = format!("/api/v1/statuses/{above}/context");
        let Some(context) = self.api.offered::<Context>(&path, &[]).await? else { return Ok(()) };
        let me = self.me().await?;
        let own = context.descendants.iter().filter(|status| status.account.id == me);
        self.gather(own, trial, most, ours).await
    }

    async fn gather<'a>(
        &self,
        statuses: impl Iterator<Item = &'a Status> + Send,
        trial: &Trial,
        most: usize,
        ours: &mut Ours,
    ) -> Result<(), FeedError> {
        let oldest = self.oldest(trial);
        // By our clock alone nobody knows whether a status is too old.
        for status in statuses.filter(|status| is_since(status, oldest) || trial.first_there.is_none()) {
            match self.likeness(status, trial).await? {
                Likeness::Made if is_since(status, oldest) => {
                    ours.made.push((status.id.clone(), instant(&status.created_at)))
                }
                Likeness::Made | Likeness::Resembles => ours.resembles = true,
                Likeness::Other => {}
            }
            if ours.made.len() >= most {
                break;
            }
        }
        Ok(())
    }

    /// What is older than this by the server's clock was made before a first sending. Where that clock was not known then, ours has
    /// to do.
    fn oldest(&self, trial: &Trial) -> Timestamp {
        let by_ours = || trial.first.plus_millis(self.api.ahead());
        trial.first_there.unwrap_or_else(by_ours).plus_millis(-SLACK_MILLIS)
    }

    /// How a status is to a first sending. One whose parent is deleted answers nothing from then on. As long as the parent
    /// is there, what answers nothing may be another one that says the same.
    async fn likeness(&self, status: &Status, trial: &Trial) -> Result<Likeness, FeedError> {
        let parent = trial.body.reply.as_ref().filter(|_| status.in_reply_to_id.is_none());
        if parent.is_none() && status.in_reply_to_id != trial.body.reply {
            return Ok(Likeness::Other);
        }
        let likeness = self.likeness_of_contents(status, trial).await?;
        Ok(match parent {
            Some(parent) if likeness == Likeness::Made && self.api.status(parent).await?.is_some() => {
                Likeness::Resembles
            }
            _ => likeness,
        })
    }

    /// The same by what it holds, or held when it was made.
    async fn likeness_of_contents(&self, status: &Status, trial: &Trial) -> Result<Likeness, FeedError> {
        let now = match self.likeness_of_files(status, trial) {
            Some(likeness) => likeness,
            None => self.likeness_of_words(status, self.api.text(status).await?, trial),
        };
        if now == Likeness::Made {
            return Ok(now);
        }
        // Somebody may have written in it since.
        let Some(then) = self.api.as_made(status).await? else { return Ok(now) };
        let was = match self.likeness_of_files(&then, trial) {
            Some(likeness) => likeness,
            None => self.likeness_of_words(&then, Words::shown(plain(&then.content)), trial),
        };
        Ok(if was == Likeness::Made { was } else { now })
    }

    /// Files are named by the server for one sending only, so that they tell; without files, the text does, among statuses
    /// that are newer than the newest one before it was sent. Some that are only compatible give a file another name once it is
    /// in a status (Friendica, snac): there the text tells, with the number of files.
    fn likeness_of_files(&self, status: &Status, trial: &Trial) -> Option<Likeness> {
        let mut there: Vec<&str> = status.media_attachments.iter().map(|media| media.id.as_str()).collect();
        let mut sent: Vec<&str> = trial.body.media.iter().map(|(id, _)| id.as_str()).collect();
        there.sort_unstable();
        sent.sort_unstable();
        let are_renamed = there != sent && there.len() == sent.len() && !self.server().is_mastodon();
        if there != sent && !are_renamed {
            return Some(Likeness::Other);
        }
        (!sent.is_empty() && !are_renamed).then_some(Likeness::Made)
    }

    fn likeness_of_words(&self, status: &Status, words: Words, trial: &Trial) -> Likeness {
        let link = Link { joint: Joint::Start, lang: None, id: status.id.clone(), scheduled: false };
        let there = self.api.seen(link, status, words);
        match there.reads(&trial.body) {
            true => Likeness::Made,
            false if there.words.resembles(&trial.body.text) => Likeness::Resembles,
            false => Likeness::Other,
        }
    }

    fn is_scheduled(&self, there: &Scheduled, trial: &Trial) -> bool {
        let ids = there.params.media_ids.clone();
        let files =
            if ids.is_empty() { there.media_attachments.iter().map(|media| media.id.clone()).collect() } else { ids };
        instant(&there.scheduled_at).is_some_and(|at| trial.body.is_due_at(at))
            && files == trial.body.media_ids()
            && self.api.waiting(there).says(&trial.body.text)
    }

    /// Our newest status, where a new one may be known by its text only.
    pub(super) async fn floor(&self, body: &Body) -> Result<Option<Status>, FeedError> {
        let is_told_by_files = !body.media.is_empty() && self.server().is_mastodon();
        if is_told_by_files || body.publish_at.is_some() {
            return Ok(None);
        }
        let path = format!("/api/v1/accounts/{}/statuses", self.me().await?);
        let newest: Vec<Status> = self.api.read(&path, &[("limit", "1"), ("exclude_reblogs", "true")]).await?;
        Ok(newest.into_iter().next())
    }
}

fn is_since(status: &Status, oldest: Timestamp) -> bool {
    instant(&status.created_at).is_none_or(|created| created >= oldest)
}
