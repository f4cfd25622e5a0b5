//! Uploading the files of a status. A file that is in no status yet is seen by nobody and swept by the server after a day, so a
//! lost answer only means to upload again; the server's name for it is written down before the next request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::multipart::{Form, Part as FormPart};
use reqwest::{Method, StatusCode};

use super::Mastodon;
use super::api::is_ready;
use super::note::{Body, Book, Part as NotedPart, Upload, slot};
use super::plan::{Attached, Plan, Planned};
use super::wire::Media;
use crate::feed::web::{Answer, Risk, Staged, stage};
use crate::feed::{FeedError, MediaKind, Outgoing, Part, Progress};

/// Uploads older than this are made again: the server keeps them for a day.
const KEPT_MILLIS: i64 = 20 * 60 * 60 * 1_000;
/// Between two looks whether the server is done with a file.
const LOOK: Duration = Duration::from_millis(500);
/// Looks in all: five minutes. After that the file is waited for at the next try.
const LOOKS: u32 = 600;

/// Counts the files of a whole post.
pub struct Count {
    progress: Arc<dyn Progress>,
    done: u32,
    total: u32,
    bytes: Arc<AtomicU64>,
}

impl Count {
    pub fn of(plan: &Plan, out: &Outgoing) -> Self {
        Self { progress: Arc::clone(&out.progress), done: 0, total: plan.files(), bytes: Arc::default() }
    }

    fn one_more(&mut self) {
        self.done = self.done.saturating_add(1);
        self.progress.uploaded(self.done, self.total);
    }
}

impl Mastodon {
    /// Uploads the files of a status, as far as they are not there, and answers the server's names with what they show.
    pub(super) async fn upload_all(
        &self,
        planned: &Planned,
        index: usize,
        (book, count): (&mut Book, &mut Count),
        out: &Outgoing,
    ) -> Result<Vec<(String, String)>, FeedError> {
        let holds =
            |part: &NotedPart| part.trial.as_ref().map(|trial| &trial.body).or(part.latest()).map(Body::media_ids);
        let (mut attached, mut elsewhere) = (Vec::new(), Vec::new());
        for (number, part) in book.parts().iter().enumerate() {
            let ids = if number == index { &mut attached } else { &mut elsewhere };
            ids.extend(holds(part).unwrap_or_default());
        }
        let mut media = Vec::with_capacity(planned.files.len());
        for file in &planned.files {
            let slot = slot(planned.lang.as_ref(), file.facts.asset);
            // A file can be in one status only.
            let upload = book.upload(&slot).filter(|upload| !elsewhere.contains(&upload.id));
            let id = match upload.filter(|upload| self.is_kept(upload, file, &attached)) {
                Some(upload) if attached.contains(&upload.id) => upload.id,
                Some(upload) => {
                    self.wait_until_ready(&upload.id, (&slot, book)).await?;
                    upload.id
                }
                None => self.upload(file, (&slot, book), (count, out)).await?,
            };
            media.push((id, file.alt.clone()));
            count.one_more();
        }
        Ok(media)
    }

    fn is_kept(&self, upload: &Upload, file: &Attached, attached: &[String]) -> bool {
        let age = self.api.clock.now().as_millis().saturating_sub(upload.at.as_millis());
        attached.contains(&upload.id) || (upload.alt == file.alt && (0..KEPT_MILLIS).contains(&age))
    }

    async fn upload(
        &self,
        file: &Attached,
        (slot, book): (&str, &mut Book),
        (count, out): (&Count, &Outgoing),
    ) -> Result<String, FeedError> {
        let staged = stage(Arc::clone(&out.media), file.facts.asset, Part::Copy).await?;
        let bound = match file.facts.kind {
            MediaKind::Photo => self.limits.photo_bytes,
            MediaKind::Clip | MediaKind::File => self.limits.clip_bytes,
        };
        if bound.is_some_and(|bound| staged.bytes > bound) {
            return Err(FeedError::TooLarge);
        }
        let at = self.api.clock.now();
        let mut answer = self.send_file("/api/v2/media", file, &staged, count).await?;
        if answer.status == StatusCode::NOT_FOUND {
            answer = self.send_file("/api/v1/media", file, &staged, count).await?;
        }
        if !answer.status.is_success() {
            return Err(self.api.refusal(&answer));
        }
        let media: Media = answer.json()?;
        if media.id.is_empty() {
            return Err(answer.unclear());
        }
        let upload = Upload { id: media.id.clone(), at, alt: file.alt.clone() };
        book.set_upload(slot, Some(&upload)).await?;
        if answer.status == StatusCode::ACCEPTED || !is_ready(&media) {
            self.wait_until_ready(&media.id, (slot, book)).await?;
        }
        Ok(media.id)
    }

    async fn send_file(
        &self,
        path: &str,
        file: &Attached,
        staged: &Staged,
        count: &Count,
    ) -> Result<Answer, FeedError> {
        let (progress, bytes) = (Arc::clone(&count.progress), Arc::clone(&count.bytes));
        let body = staged.body(move |piece| {
            let sent = bytes.fetch_add(piece, Ordering::Relaxed).saturating_add(piece);
            progress.sent(sent, 0);
        })?;
        // The name says nothing of the original's name; the ending helps servers that look at it.
        let name = format!("{}.{}", file.facts.asset, file.facts.extension);
        let part = FormPart::stream_with_length(body, staged.bytes).file_name(name);
        let part = part.mime_str(&file.facts.mime).map_err(|_| FeedError::Refused)?;
        let mut form = Form::new();
        if !file.alt.is_empty() {
            form = form.text("description", file.alt.clone());
        }
        let request = self.api.client.request(Method::POST, self.api.url(path)?).await?;
        self.api.client.send(request.multipart(form.part("file", part)), Risk::Asks).await
    }

    /// Waits until the server is done with a file. One that it does not know any more, or cannot use, is forgotten.
    async fn wait_until_ready(&self, id: &str, (slot, book): (&str, &mut Book)) -> Result<(), FeedError> {
        for _ in 0..LOOKS {
            let answer = self.api.media(id).await?;
            match answer.status.as_u16() {
                // 206: still at it (<https://docs.joinmastodon.org/methods/media/#get>).
                202 | 206 => tokio::time::sleep(LOOK).await,
                200 if is_ready(&answer.json()?) => return Ok(()),
                200 => tokio::time::sleep(LOOK).await,
                404 | 410 => {
                    book.set_upload(slot, None).await?;
                    // Nothing was said in public: the next try uploads it again.
                    return Err(FeedError::Unreachable);
                }
                422 => {
                    book.set_upload(slot, None).await?;
                    return Err(FeedError::Refused);
                }
                _ => return Err(self.api.refusal(&answer)),
            }
        }
        Err(FeedError::Unreachable)
    }
}
