//! A status as it lies there, and whether it is as it was sent from here.

use super::api::Api;
use super::note::Body;
use super::read::{self, Link, plain};
use super::text::{self, Words};
use super::wire::{self, Scheduled, Status, instant};
use crate::domain::{Digest, Timestamp};
use crate::feed::FeedError;

/// A status as it lies there.
#[derive(Debug, Clone)]
pub struct Present {
    pub link: Link,
    pub url: Option<String>,
    pub words: Words,
    pub warning: String,
    pub language: Option<String>,
    /// Who may read it, which is no part of what it says.
    pub visibility: String,
    pub media: Vec<wire::Media>,
    /// People vote in it. Their votes are no part of what it says.
    pub has_poll: bool,
    pub created: String,
    pub edited: Option<String>,
    /// What it shows, where a change of that may change nothing else, not even the time of the last edit.
    pub face: Option<String>,
    /// When it will be public, if it waits for that.
    pub due: Option<Timestamp>,
}

impl Present {
    fn of(link: Link, status: &Status, words: Words) -> Self {
        Self {
            link,
            url: status.url.clone(),
            words,
            warning: status.spoiler_text.clone(),
            language: status.language.clone(),
            visibility: status.visibility.clone(),
            media: status.media_attachments.clone(),
            has_poll: status.has_poll,
            created: status.created_at.clone(),
            edited: status.edited_at.clone(),
            face: None,
            due: None,
        }
    }

    fn of_scheduled(link: Link, there: &Scheduled, words: Words) -> Self {
        Self {
            link,
            url: None,
            words,
            warning: there.params.spoiler_text.clone().unwrap_or_default(),
            language: there.params.language.clone(),
            visibility: there.params.visibility.clone(),
            media: there.media_attachments.clone(),
            has_poll: false,
            created: there.scheduled_at.clone(),
            edited: None,
            face: None,
            due: instant(&there.scheduled_at),
        }
    }

    /// Digest of how it is now. It needs no text where every edit changes the time of the last one.
    pub fn state(&self) -> Digest {
        match &self.face {
            Some(face) => read::digest(&(&self.link.id, &self.edited, &self.warning, self.shown(), face)),
            None => read::digest(&(&self.link.id, &self.edited, &self.warning, self.shown())),
        }
    }

    /// The same where a status without a text of its own has its warning for one, as Mastodon does it.
    pub fn with_warning(mut self, warning: Option<&Digest>) -> Self {
        let text = self.words.text.trim();
        let is_it = !text.is_empty() && self.warning.is_empty() && warning == Some(&Digest::of(text.as_bytes()));
        if is_it {
            self.warning = std::mem::take(&mut self.words).text;
        }
        self
    }

    /// When it was last changed, or made.
    pub fn changed(&self) -> Option<Timestamp> {
        instant(self.edited.as_deref().unwrap_or(&self.created))
    }

    /// Its files and what they show.
    pub fn shown(&self) -> Vec<(&str, &str)> {
        self.media.iter().map(|media| (media.id.as_str(), media.description.as_deref().unwrap_or_default())).collect()
    }

    /// What it says, as a body that was sent `before` would have to say it.
    pub fn as_sent(&self, before: &Body) -> Body {
        let media = self.shown().into_iter().map(|(id, alt)| (id.to_owned(), alt.to_owned())).collect();
        Body { text: self.words.text.clone(), warning: self.warning.clone(), media, ..before.clone() }
    }

    /// Whether it has the files that a body was sent with, and says what they show.
    pub fn shows(&self, body: &Body) -> bool {
        let is_said = |(id, alt): &(String, String)| {
            let says = |there: &wire::Media| text::alike(there.description.as_deref().unwrap_or_default(), alt);
            // Files that have other names there are not told apart.
            match self.media.iter().find(|there| there.id == *id) {
                Some(there) => says(there),
                None => self.media.iter().any(says),
            }
        };
        self.media.len() >= body.media.len() && body.media.iter().all(is_said)
    }

    /// Whether it says what a body says, in the server's spelling.
    pub fn says(&self, body: &Body) -> bool {
        let is_told = |(there, (id, alt)): (&wire::Media, &(String, String))| {
            let said = there.description.as_deref().unwrap_or_default();
            there.id == *id && (said.trim() == alt.trim() || (self.words.is_loose() && text::alike(said, alt)))
        };
        // What has a wholly new name is the same file, where files get other names once they are in a status.
        let is_new = |there: &wire::Media| !body.media.iter().any(|(id, _)| *id == there.id);
        let are_renamed = self.words.is_loose() && self.media.iter().all(is_new) && self.shows(body);
        self.media.len() == body.media.len()
            && (self.media.iter().zip(&body.media).all(is_told) || are_renamed)
            && self.reads(body)
            && self.due.is_none_or(|due| body.is_due_at(due))
    }

    /// Whether its text and its warning are those of a body.
    pub fn reads(&self, body: &Body) -> bool {
        let is_warned = text::same(&self.warning, &body.warning)
            || (self.words.is_loose() && text::alike(&self.warning, &body.warning));
        // Mastodon takes the warning for the text where there is no text.
        let is_warning = body.text.is_empty() && self.warning.is_empty() && self.words.says(&body.warning);
        (is_warned && self.words.says(&body.text)) || is_warning
    }

    /// The same but for what is lost when a text is shown, such as white space.
    pub fn reads_alike(&self, body: &Body) -> bool {
        Self { words: Words::shown(self.words.text.clone()), ..self.clone() }.reads(body)
    }
}

impl Api {
    /// A status as it lies there, if it does.
    pub async fn present(&self, link: Link) -> Result<Option<Present>, FeedError> {
        if link.scheduled {
            let Some(there) = self.scheduled(&link.id).await? else { return Ok(None) };
            let words = self.waiting(&there);
            return Ok(Some(Present::of_scheduled(link, &there, words)));
        }
        let Some(status) = self.status(&link.id).await? else { return Ok(None) };
        let words = self.text(&status).await?;
        Ok(Some(self.seen(link, &status, words)))
    }

    /// The text of a status that waits for its time.
    pub fn waiting(&self, there: &Scheduled) -> Words {
        let text = there.params.text.clone().unwrap_or_default();
        if self.is_complete() { Words::written(text) } else { Words::shown(text) }
    }

    /// A status as it was answered. Only compatible servers may not tell that it was edited, or tell it in whole seconds.
    pub fn seen(&self, link: Link, status: &Status, words: Words) -> Present {
        let face = (!self.is_complete()).then(|| text::gist(&plain(&status.content)));
        Present { face, ..Present::of(link, status, words) }
    }
}
