//! Files of items that are brought into the journal: from the site itself, and from wherever else its own items say that they
//! lie, such as a network that hands out copies. Nobody but the site ever hears who we are, and no way leads from an item on
//! the open web into the user's own network.

use std::io::{Seek, SeekFrom};

use tokio::fs::File;
use url::Url;

use super::WordPress;
use super::answers::read;
use super::api::Upload;
use super::ledger::{Ledger, Uploaded};
use super::there::There;
use crate::domain::limits::FILE_BYTES;
use crate::domain::{AssetId, Digest};
use crate::feed::web::{may_lead_to, may_talk_to};
use crate::feed::{FeedError, Intent, OutgoingMedia, Part, RemoteMedia};

impl WordPress {
    /// Writes a file that an item names into a local one: the one that was sent to the site, rather than the smaller copy that
    /// the item shows. [`FeedError::Gone`] where it is not there or must not be asked for.
    pub(super) async fn fetch_file(&self, media: &RemoteMedia, to: &mut File) -> Result<u64, FeedError> {
        let base = self.api.client.base();
        let shown = base.join(&media.url).map_err(|_| FeedError::Gone)?;
        let shown = at_the_site(&shown, base).unwrap_or(shown);
        for url in self.original(&shown).await.into_iter().chain([shown]) {
            if !may_ask(&url, base) {
                continue;
            }
            let may_follow = |next: &Url| may_ask(next, base);
            let is_elsewhere = url.origin() != base.origin();
            match self.api.client.download_from(url, &may_follow, to, FILE_BYTES).await {
                Err(FeedError::Gone | FeedError::Denied | FeedError::Refused) => {}
                // What another host says is not the site's word: the site answers, and lets us in.
                Err(error) if is_elsewhere && !matches!(error, FeedError::Journal) => {}
                came => return came,
            }
        }
        Err(FeedError::Gone)
    }

    /// Finds out which files of a post lie at the site already, in an item that was made there, so that they are not sent again.
    /// Answers whether any had to be looked at.
    pub(super) async fn recognise(
        &self,
        there: &There,
        intent: &Intent,
        ledger: &mut Ledger,
    ) -> Result<bool, FeedError> {
        let mut looked = false;
        for file in there.seen.media.iter().filter(|file| file.asset.is_none()) {
            let is_unknown = |media: &&OutgoingMedia| ledger.uploaded(media.asset, &Part::Copy).is_none();
            let unknown: Vec<AssetId> = intent.media.iter().filter(is_unknown).map(|media| media.asset).collect();
            if unknown.is_empty() {
                break;
            }
            looked = true;
            // What cannot be looked at is sent.
            let Some(asset) = self.digest(file).await.map(AssetId).filter(|asset| unknown.contains(asset)) else {
                continue;
            };
            let lies = Uploaded { id: 0, url: file.url.clone(), alt: String::new() };
            ledger.note_uploaded(asset, &Part::Copy, &lies);
        }
        Ok(looked)
    }

    /// What a file at the site would be called here.
    async fn digest(&self, file: &RemoteMedia) -> Option<Digest> {
        let mut to = File::from_std(tempfile::tempfile().ok()?);
        self.fetch_file(file, &mut to).await.ok()?;
        let mut written = to.into_std().await;
        let hash = move || {
            written.seek(SeekFrom::Start(0))?;
            let mut hasher = blake3::Hasher::new();
            hasher.update_reader(&written)?;
            Ok::<_, std::io::Error>(Digest::from_bytes(*hasher.finalize().as_bytes()))
        };
        tokio::task::spawn_blocking(hash).await.ok()?.ok()
    }

    /// The file that was sent to the site, if this address is one of the smaller copies that WordPress made of it, as their
    /// names tell. Only the library knows for certain.
    async fn original(&self, shown: &Url) -> Option<Url> {
        let name = shown.path_segments()?.next_back()?;
        let (stem, _) = name.rsplit_once('.')?;
        let (stem, size) = stem.rsplit_once('-')?;
        let is_copy = size == "scaled" || size.split_once('x').is_some_and(|(w, h)| is_number(w) && is_number(h));
        if !is_copy || shown.origin() != self.api.client.base().origin() {
            return None;
        }
        let query = [("search", stem), ("_fields", "id,source_url,media_details")];
        let found: Vec<Upload> = self.api.first("media", &query, read).await.ok()?;
        let upload = found.into_iter().find(|upload| upload.shows_as(shown.as_str()))?;
        Url::parse(&upload.original()).ok()
    }
}

/// The same file at the site itself, where the address is that of a network that hands out copies of it (Jetpack's puts the
/// site's name in front of the path), or is written as it was before the site had TLS.
fn at_the_site(shown: &Url, base: &Url) -> Option<Url> {
    let mut own = base.clone();
    own.set_query(None);
    match shown.host_str()? {
        "i0.wp.com" | "i1.wp.com" | "i2.wp.com" | "i3.wp.com" => {
            let (host, path) = shown.path().trim_start_matches('/').split_once('/')?;
            own.set_path(path);
            (Some(host) == base.host_str()).then_some(own)
        }
        host if Some(host) == base.host_str() && shown.scheme() == "http" && base.scheme() == "https" => {
            own.set_path(shown.path());
            Some(own)
        }
        _ => None,
    }
}

/// Whether an address may be asked for a file.
fn may_ask(url: &Url, base: &Url) -> bool {
    url.origin() == base.origin() || (may_talk_to(url, false) && may_lead_to(base, url))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
