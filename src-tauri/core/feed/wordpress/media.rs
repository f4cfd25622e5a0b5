//! Uploading files: each once, under the name of its hash, with its alt text in the same request.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::header::{ALLOW, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::multipart;
use serde::Deserialize;
use serde_json::json;

use super::answers::{self, read_part};
use super::api::{Api, Upload, number, numbered};
use super::ledger::{Ledger, Uploaded};
use crate::domain::AssetId;
use crate::feed::web::{Answer, Risk, Staged, stage_some};
use crate::feed::{FeedError, Intent, Outgoing, OutgoingMedia, Part};

/// A file in the library by its name there.
#[derive(Deserialize)]
struct Named {
    #[serde(deserialize_with = "number")]
    id: u64,
}

/// Uploads the files of one post.
pub(super) struct Uploads<'a> {
    pub api: &'a Api,
    pub ledger: &'a mut Ledger,
    pub out: &'a Outgoing,
    /// What is not there yet, in order, with about how many bytes each has.
    due: VecDeque<(AssetId, Part, u64)>,
    /// The first of them, as they leave.
    ready: VecDeque<Staged>,
    /// Bytes of the files that are there.
    sent: Arc<AtomicU64>,
}

/// A file to upload.
struct File<'a> {
    asset: AssetId,
    part: &'a Part,
    name: String,
    mime: &'a str,
    alt: String,
    about_bytes: u64,
    /// An earlier upload of it was begun, and nobody knows what came of that.
    in_doubt: bool,
}

impl<'a> Uploads<'a> {
    /// Uploads for a post.
    pub fn new(api: &'a Api, ledger: &'a mut Ledger, out: &'a Outgoing) -> Self {
        Self { api, ledger, out, due: VecDeque::new(), ready: VecDeque::new(), sent: Arc::default() }
    }

    /// Sees to it that the site has every file of a post. That they are about to leave is written down for all of them at once,
    /// before the first one does. Answers whether any did.
    pub async fn all(&mut self, intent: &Intent) -> Result<bool, FeedError> {
        self.forget_what_is_gone(intent).await?;
        let files: Vec<Vec<File<'_>>> = intent.media.iter().map(|media| self.files(media)).collect();
        for file in files.iter().flatten() {
            let is_listed = self.due.iter().any(|(asset, part, _)| (*asset, part) == (file.asset, file.part));
            if !is_listed && self.ledger.uploaded(file.asset, file.part).is_none() {
                self.ledger.note_begun(file.asset, file.part);
                self.due.push_back((file.asset, file.part.clone(), file.about_bytes));
            }
        }
        let leaves = !self.due.is_empty();
        if leaves {
            self.ledger.keep().await?;
        }
        let total = u32::try_from(files.len()).unwrap_or(u32::MAX);
        for (number, files) in (1..).zip(files) {
            for file in files {
                // Where the program ends now, what is there by then is not sent again.
                self.ledger.jot().await?;
                self.one(file).await?;
            }
            self.out.progress.uploaded(number, total);
        }
        Ok(leaves)
    }

    /// The copy, and what is shown before a clip plays unless the clip lies at the site under an address alone.
    fn files<'b>(&self, media: &'b OutgoingMedia) -> Vec<File<'b>> {
        let mut files = vec![copy(media)];
        let lies_there = self.ledger.uploaded(media.asset, &Part::Copy).is_some_and(|known| known.id == 0);
        if media.poster && !lies_there {
            files.push(poster(media));
        }
        for file in &mut files {
            file.in_doubt = self.ledger.in_doubt(file.asset, file.part);
        }
        files
    }

    /// Files that somebody took out of the library since they were sent are sent anew: otherwise the post would show nothing in
    /// their place.
    async fn forget_what_is_gone(&mut self, intent: &Intent) -> Result<(), FeedError> {
        let parts = intent.media.iter().flat_map(|media| [(media.asset, Part::Copy), (media.asset, Part::Poster)]);
        let known: Vec<(AssetId, Part, u64)> = parts
            .filter_map(|(asset, part)| {
                let id = self.ledger.uploaded(asset, &part)?.id;
                (id != 0).then_some((asset, part, id))
            })
            .collect();
        let ids: Vec<u64> = known.iter().map(|(_, _, id)| *id).collect();
        let mut there: Vec<Named> = Vec::new();
        for answer in self.api.by_ids("media", &ids, &[("_fields", "id")]).await? {
            there.extend(read_part::<Vec<Named>>(&answer)?);
        }
        for (asset, part, id) in known.iter().filter(|(_, _, id)| there.iter().all(|file| file.id != *id)) {
            // A list may leave out what is there; only the site's word about this one counts.
            match self.api.get::<Named>(&format!("media/{id}"), &[("_fields", "id")]).await {
                Err(FeedError::Gone) => self.ledger.forget_uploaded(*asset, part),
                Ok(_) | Err(FeedError::Denied | FeedError::Refused) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn one(&mut self, file: File<'_>) -> Result<(), FeedError> {
        if let Some(known) = self.ledger.uploaded(file.asset, file.part) {
            return self.describe(&file, known).await;
        }
        let staged = self.staged().await?;
        if file.in_doubt
            && let Some(there) = self.look_up(&file, &staged).await?
        {
            let known = Uploaded { id: there.id, url: there.original(), alt: String::new() };
            self.ledger.note_uploaded(file.asset, file.part, &known);
            return self.describe(&file, known).await;
        }
        let upload = self.upload(&file, &staged).await.map_err(|error| error.about(file.asset))?;
        let known = Uploaded { id: upload.id, url: upload.original(), alt: file.alt };
        self.ledger.note_uploaded(file.asset, file.part, &known);
        self.sent.fetch_add(staged.bytes, Ordering::Relaxed);
        Ok(())
    }

    /// The next file that is due, as it leaves.
    async fn staged(&mut self) -> Result<Staged, FeedError> {
        if self.ready.is_empty() {
            self.ready = stage_some(Arc::clone(&self.out.media), self.due.iter().cloned().collect()).await?;
        }
        self.due.pop_front();
        self.ready.pop_front().ok_or(FeedError::Journal)
    }

    /// A file whose upload was interrupted, if it arrived whole. Its slug is its name, perhaps with a number. [`FeedError::Denied`]
    /// where it is not there and would be refused, before it leaves in vain once more.
    async fn look_up(&self, file: &File<'_>, staged: &Staged) -> Result<Option<Upload>, FeedError> {
        let stem = file.name.rsplit_once('.').map_or(file.name.as_str(), |(stem, _)| stem);
        let slugs = format!("{stem},{stem}-2,{stem}-3");
        let query = [("slug", slugs.as_str()), ("orderby", "id"), ("order", "asc"), ("per_page", "10")];
        let answer = self.api.answer("media", &query).await?;
        let found: Vec<Upload> = read_part(&answer)?;
        let is_whole = |upload: &Upload| upload.bytes().is_none_or(|bytes| bytes == staged.bytes);
        let whole = found.into_iter().filter(|upload| upload.slug.starts_with(stem)).find(is_whole);
        if whole.is_some() || may_upload(&answer) { Ok(whole) } else { Err(FeedError::Denied) }
    }

    /// Tells what a file shows if that was changed since it was uploaded.
    async fn describe(&mut self, file: &File<'_>, known: Uploaded) -> Result<(), FeedError> {
        if known.alt == file.alt || known.id == 0 {
            return Ok(());
        }
        self.ledger.keep().await?;
        let told = self.api.post::<Upload>(&format!("media/{}", known.id), &json!({ "alt_text": file.alt })).await;
        match told {
            // Only the library tells it; in the post it stands anyway. The file may be gone from the library.
            Ok(_) | Err(FeedError::Gone | FeedError::Refused | FeedError::Denied | FeedError::Unreachable) => {}
            Err(error) => return Err(error),
        }
        let known = Uploaded { alt: file.alt.clone(), ..known };
        self.ledger.note_uploaded(file.asset, file.part, &known);
        Ok(())
    }

    async fn upload(&self, file: &File<'_>, staged: &Staged) -> Result<Upload, FeedError> {
        let answer = self.as_form(file, staged).await?;
        let upload: Upload = match is_too_large_for_a_form(&answer) {
            // Hosts bound forms, often tightly; a bare body passes by that bound.
            true => read_part(&self.bare(file, staged).await?)?,
            false => read_part(&answer)?,
        };
        // What is named after another original is not the answer to this one.
        if original_of(&upload.slug).is_some_and(|named| named != file.asset) {
            return Err(FeedError::Lost);
        }
        // It came bare, or holds letters that the tables of an old site do not.
        if upload.alt_text.is_empty() && !file.alt.is_empty() {
            let alt = json!({ "alt_text": file.alt });
            self.api.post::<Upload>(&format!("media/{}", upload.id), &numbered(&alt).unwrap_or(alt)).await?;
        }
        Ok(upload)
    }

    async fn as_form(&self, file: &File<'_>, staged: &Staged) -> Result<Answer, FeedError> {
        let part = multipart::Part::stream_with_length(self.body(staged)?, staged.bytes).file_name(file.name.clone());
        let part = part.mime_str(file.mime).map_err(|_| FeedError::Refused)?;
        let form = multipart::Form::new().text("alt_text", file.alt.clone()).part("file", part);
        self.api.send(self.api.upload().await?.multipart(form), Risk::Changes).await
    }

    async fn bare(&self, file: &File<'_>, staged: &Staged) -> Result<Answer, FeedError> {
        let request = self.api.upload().await?;
        let request = request
            .header(CONTENT_TYPE, file.mime)
            .header(CONTENT_LENGTH, staged.bytes)
            .header(CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name));
        self.api.send(request.body(self.body(staged)?), Risk::Changes).await
    }

    /// About so many bytes of files that are not there follow the present one.
    fn later(&self) -> u64 {
        self.due.iter().map(|(_, _, about_bytes)| about_bytes).sum()
    }

    fn body(&self, staged: &Staged) -> Result<reqwest::Body, FeedError> {
        let (progress, before) = (Arc::clone(&self.out.progress), self.sent.load(Ordering::Relaxed));
        let (left, total) = (AtomicU64::new(before), before + staged.bytes + self.later());
        staged.body(move |bytes| {
            let now = left.fetch_add(bytes, Ordering::Relaxed) + bytes;
            progress.sent(now, total);
        })
    }
}

/// Whether this user may upload: WordPress tells with every answer which requests it would let through, and its own editor goes
/// by that.
fn may_upload(answer: &Answer) -> bool {
    let told = answer.headers.get_all(ALLOW).iter().filter_map(|methods| methods.to_str().ok());
    let methods: Vec<&str> = told.flat_map(|methods| methods.split(',')).map(str::trim).collect();
    !methods.contains(&"GET") || methods.contains(&"POST")
}

/// The original that a file of ours is named after; WordPress may have added a number.
fn original_of(slug: &str) -> Option<AssetId> {
    slug.split('-').next()?.parse().ok()
}

/// A form over the host's bound reaches WordPress without its file, or is refused before.
fn is_too_large_for_a_form(answer: &Answer) -> bool {
    let code = answers::code(answer);
    answer.status.as_u16() == 413
        || matches!(
            code.as_str(),
            "rest_upload_no_content_disposition" | "rest_upload_no_data" | "rest_upload_unknown_error"
        )
}

fn copy(media: &OutgoingMedia) -> File<'_> {
    let mut alt: Vec<(bool, &str)> = media
        .alt
        .iter()
        .map(|(lang, text)| (!lang.is_chinese(), text.trim()))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    alt.sort_by_key(|(later, _)| *later);
    // The library has one alt text for a file; in the post each language has its own.
    // What looks like an element would be taken out of it.
    let alt = alt.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" / ").replace('<', "&lt;");
    let name = format!("{}.{}", media.asset, media.extension);
    File {
        asset: media.asset,
        part: &Part::Copy,
        name,
        mime: &media.mime,
        alt,
        about_bytes: media.about_bytes,
        in_doubt: false,
    }
}

fn poster(media: &OutgoingMedia) -> File<'_> {
    let name = format!("poster-{}.jpg", media.asset);
    let (part, mime, alt) = (&Part::Poster, "image/jpeg", String::new());
    // Small beside its clip.
    File { asset: media.asset, part, name, mime, alt, about_bytes: 0, in_doubt: false }
}
