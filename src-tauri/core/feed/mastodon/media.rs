//! Uploading the files of a post. A file that is in no status yet is seen by nobody and swept by the server after a day, so a
//! lost answer only means to upload again; the server's name for it is written down before the next request.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::StatusCode;
use reqwest::multipart::{Form, Part as FormPart};

use super::Mastodon;
use super::api::is_ready;
use super::note::{Body, Book, Part as NotedPart, Upload, slot};
use super::plan::{Attached, Plan, Planned};
use super::wire::Media;
use crate::domain::AssetId;
use crate::feed::web::{Answer, Staged, stage};
use crate::feed::{FeedError, MediaKind, Outgoing, Part};

/// Uploads older than this are made again: the server keeps them for a day.
const KEPT_MILLIS: i64 = 20 * 60 * 60 * 1_000;
/// Looks in all whether the server is done with a file, and how many of them are in the time that it may be silent: two
/// minutes, one look every half a second. After that the file is looked at again at a later try.
const LOOKS: u32 = 240;
const LOOKS_IN_PATIENCE: u32 = 60;
/// So long a file is waited for in one try; at later ones it is looked at once.
const WAITED_MILLIS: i64 = 2 * 60 * 1_000;
/// A file that the server is not done with is looked at again so much later.
const STILL_AT_IT_MILLIS: i64 = 60 * 1_000;
/// A file that the server is not done with by then is one that it cannot use.
const HOPELESS_MILLIS: i64 = 2 * 60 * 60 * 1_000;
/// A status whose files the server is not done with is sent again so much later.
const NOT_READY_MILLIS: i64 = 5_000;

/// The files of a whole post on their way: those that have to leave, cleaned, so that all bytes are known before the first
/// leaves, and how far they are.
pub struct Uploads<'a> {
    out: &'a Outgoing,
    staged: BTreeMap<AssetId, Staged>,
    done: u32,
    total: u32,
    sent: Arc<AtomicU64>,
    bytes: u64,
}

impl<'a> Uploads<'a> {
    pub async fn of(plan: &Plan, out: &'a Outgoing, book: &Book) -> Result<Self, FeedError> {
        let (staged, sent) = (BTreeMap::new(), Arc::default());
        let mut uploads = Self { out, staged, done: 0, total: plan.files(), sent, bytes: 0 };
        for status in &plan.statuses {
            for file in &status.files {
                if book.upload(&slot(status.lang.as_ref(), file.facts.asset)).is_none() {
                    let bytes = uploads.stage(file, plan).await?;
                    uploads.bytes = uploads.bytes.saturating_add(bytes);
                }
            }
        }
        Ok(uploads)
    }

    /// Has a cleaned copy at hand, and answers its bytes.
    async fn stage(&mut self, file: &Attached, plan: &Plan) -> Result<u64, FeedError> {
        let asset = file.facts.asset;
        if let Some(staged) = self.staged.get(&asset) {
            return Ok(staged.bytes);
        }
        let staged = stage(Arc::clone(&self.out.media), asset, Part::Copy).await?;
        let bound = match file.facts.kind {
            MediaKind::Photo => plan.limits.photo_bytes,
            MediaKind::Clip | MediaKind::File => plan.limits.clip_bytes,
        };
        let bytes = staged.bytes;
        if bound.is_some_and(|bound| bytes > bound) {
            return Err(FeedError::TooLarge(Some(asset)));
        }
        self.staged.insert(asset, staged);
        Ok(bytes)
    }

    fn one_more(&mut self) {
        self.done = self.done.saturating_add(1);
        self.out.progress.uploaded(self.done, self.total);
    }
}

impl Mastodon {
    /// Uploads the files of a status, as far as they are not there, and answers the server's names with what they show.
    pub(super) async fn upload_all(
        &self,
        (plan, planned): (&Plan, &Planned),
        index: usize,
        book: &mut Book,
        uploads: &mut Uploads<'_>,
    ) -> Result<Vec<(String, String)>, FeedError> {
        let (mut attached, mut elsewhere) = (Vec::new(), Vec::new());
        for (number, part) in book.parts().iter().enumerate() {
            let ids = if number == index { &mut attached } else { &mut elsewhere };
            ids.extend(part.held().map(Body::media_ids).unwrap_or_default());
        }
        // What a status that waits says of its files can only be changed with other files.
        let is_fixed = book.part(index).scheduled;
        let mut media = Vec::with_capacity(planned.files.len());
        for file in &planned.files {
            let slot = slot(planned.lang.as_ref(), file.facts.asset);
            // A file can be in one status only.
            let known = book.upload(&slot).filter(|upload| !elsewhere.contains(&upload.id));
            let known = known.filter(|upload| !is_fixed || upload.alt == file.alt);
            let id = match known {
                Some(upload) if attached.contains(&upload.id) => upload.id,
                Some(upload)
                    if self.is_kept(&upload, file) && self.is_there(&upload.id, file, (&slot, book)).await? =>
                {
                    upload.id
                }
                _ => {
                    uploads.stage(file, plan).await?;
                    self.upload(file, (&slot, book), uploads).await?
                }
            };
            media.push((id, file.alt.clone()));
            uploads.one_more();
        }
        Ok(media)
    }

    fn is_kept(&self, upload: &Upload, file: &Attached) -> bool {
        upload.alt == file.alt && (0..KEPT_MILLIS).contains(&self.age(upload))
    }

    fn age(&self, upload: &Upload) -> i64 {
        self.api.clock.now().as_millis().saturating_sub(upload.at.as_millis())
    }

    async fn upload(
        &self,
        file: &Attached,
        (slot, book): (&str, &mut Book),
        uploads: &Uploads<'_>,
    ) -> Result<String, FeedError> {
        let at = self.api.clock.now();
        let mut answer = self.send_file("/api/v2/media", file, uploads).await?;
        if matches!(answer.status.as_u16(), 404 | 405 | 501) {
            answer = self.send_file("/api/v1/media", file, uploads).await?;
        }
        if !answer.status.is_success() {
            return Err(self.api.refusal(&answer).about(file.facts.asset));
        }
        let media: Media = answer.json()?;
        // A name that another file has is not the answer to this one.
        if media.id.is_empty() || book.is_of_another(&media.id, file.facts.asset) {
            return Err(answer.unclear());
        }
        let upload = Upload { id: media.id.clone(), at, alt: file.alt.clone() };
        book.set_upload(slot, Some(&upload)).await?;
        if answer.status == StatusCode::ACCEPTED || !is_ready(&media) {
            // A server that does not know it a moment later cannot be asked for files: the status will tell.
            if !self.is_there(&media.id, file, (slot, book)).await? {
                book.set_upload(slot, Some(&upload)).await?;
            }
        }
        Ok(media.id)
    }

    async fn send_file(&self, path: &str, file: &Attached, uploads: &Uploads<'_>) -> Result<Answer, FeedError> {
        let asset = file.facts.asset;
        let staged = uploads.staged.get(&asset).ok_or(FeedError::MediaDamaged(asset))?;
        let (progress, sent, total) = (Arc::clone(&uploads.out.progress), Arc::clone(&uploads.sent), uploads.bytes);
        let body = staged.body(move |piece| {
            let now = sent.fetch_add(piece, Ordering::Relaxed).saturating_add(piece);
            // What is sent a second time makes it more than was foreseen.
            progress.sent(now, total.max(now));
        })?;
        // The name says nothing of the original's name; the ending helps servers that look at it.
        let name = format!("{asset}.{}", file.facts.extension);
        let part = FormPart::stream_with_length(body, staged.bytes).file_name(name);
        let part = part.mime_str(&file.facts.mime).map_err(|_| FeedError::Refused)?;
        let mut form = Form::new();
        if !file.alt.is_empty() {
            form = form.text("description", file.alt.clone());
        }
        self.api.upload(path, form.part("file", part)).await
    }

    /// Waits until the server is done with a file, and answers whether it knows it. One that it does not know any more, or
    /// cannot use, is forgotten.
    async fn is_there(&self, id: &str, file: &Attached, (slot, book): (&str, &mut Book)) -> Result<bool, FeedError> {
        let pause = self.site.patience.stall / LOOKS_IN_PATIENCE;
        let age = book.upload(slot).map_or(0, |upload| self.age(&upload));
        let looks = if (0..WAITED_MILLIS).contains(&age) { LOOKS } else { 1 };
        for _ in 0..looks {
            let answer = self.api.media(id).await?;
            match answer.status.as_u16() {
                200 if is_ready(&answer.json()?) => return Ok(true),
                // 206: still at it (<https://docs.joinmastodon.org/methods/media/#get>).
                200 | 202 | 206 => tokio::time::sleep(pause).await,
                404 | 405 | 410 | 501 => {
                    book.set_upload(slot, None).await?;
                    return Ok(false);
                }
                // Only looking is not allowed (Pleroma, with a token without `read:media`): it was taken.
                403 if matches!(self.api.refusal(&answer), FeedError::Denied) => {
                    book.set_upload(slot, None).await?;
                    return Ok(false);
                }
                422 => {
                    book.set_upload(slot, None).await?;
                    return Err(FeedError::FileRefused(file.facts.asset));
                }
                _ => return Err(self.api.refusal(&answer)),
            }
        }
        if age >= HOPELESS_MILLIS {
            book.set_upload(slot, None).await?;
            return Err(FeedError::FileRefused(file.facts.asset));
        }
        // It is about this post only: others need not wait.
        Err(FeedError::NotYet(self.api.clock.now().plus_millis(STILL_AT_IT_MILLIS)))
    }

    /// What a status is to be changed to, with the names that its files have there: some servers give a file another one once it
    /// is in a status (Friendica), and keep their order. Says of each what it shows, where that is not there yet. That goes first,
    /// since a status may hold a copy that is made when it is changed (Pleroma); a server that cannot do it is left alone.
    pub(super) async fn described(&self, part: &NotedPart, id: &str, body: &Body) -> Result<Body, FeedError> {
        let there = self.api.status(id).await?.map(|status| status.media_attachments).unwrap_or_default();
        let before = part.in_place().filter(|before| before.len() == there.len()).unwrap_or_default();
        let mut named = body.clone();
        for (name, alt) in &mut named.media {
            let by_place = before.iter().position(|before| before == name).and_then(|place| there.get(place));
            let Some(file) = there.iter().find(|file| file.id == *name).or(by_place) else { continue };
            name.clone_from(&file.id);
            let alt = alt.trim();
            if alt == file.description.as_deref().unwrap_or_default().trim() {
                continue;
            }
            match self.api.describe(&file.id, alt).await {
                Ok(()) | Err(FeedError::Gone | FeedError::Refused | FeedError::Denied) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(named)
    }

    /// Why a status was refused, as far as its files are the reason: whether the server is not done with them, or has swept
    /// them, so that they are forgotten here and sent again.
    pub(super) async fn why_refused(&self, body: &Body, book: &mut Book) -> Result<FeedError, FeedError> {
        let mut swept = Vec::new();
        for id in body.media_ids().into_iter().filter(|_| self.server().is_mastodon()) {
            match self.api.media(&id).await?.status.as_u16() {
                202 | 206 => return Ok(FeedError::Busy(Some(NOT_READY_MILLIS))),
                404 | 410 => swept.push(id),
                _ => {}
            }
        }
        book.forget_uploads(&swept).await?;
        Ok(if swept.is_empty() { FeedError::Refused } else { FeedError::Unreachable })
    }
}
