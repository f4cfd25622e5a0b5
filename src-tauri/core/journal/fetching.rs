//! Bringing files that lie at a feed into the journal, for a post that came back or was taken over.

use super::{Journal, internal};
use crate::api::error::ApiResult;
use crate::domain::{AssetId, Attachment, Content, Delivery, Digest, FeedId, PostId, Timestamp, limits, merge};
use crate::feed::{Feed, FeedError, RemoteMedia};
use crate::store::{StoreError, Tx, assets, notes};

/// The note that says of which version of an item a file did not come, and since when.
const AWAITED: &str = "awaited";
/// An item waits for its files for so long: an hour.
const LONGEST_WAIT_MILLIS: i64 = 60 * 60 * 1_000;

/// The files of an item as a post's attachments.
pub(super) struct Gathered {
    /// The attachments, in the order of the item.
    pub attachments: Vec<Attachment>,
    /// Each file with the original that is kept of it.
    pub files: Vec<(AssetId, RemoteMedia)>,
    /// How many could not be had, or are more than a post may have.
    pub missing: u32,
    /// The last of these may yet be had: the feed answers, and did not give it now. What comes behind it was not asked for.
    pub is_cut_short: bool,
}

impl Gathered {
    /// Whether there are as many as a post may have, with those that could not be had.
    fn is_full(&self) -> bool {
        let missing = usize::try_from(self.missing).unwrap_or(usize::MAX);
        self.attachments.len().saturating_add(missing) >= limits::ATTACHMENTS
    }

    fn has(&self, remote: &RemoteMedia) -> bool {
        remote.asset.is_some_and(|asset| self.attachments.iter().any(|known| known.asset == asset))
    }

    /// One more file. One that an item has once a language is one attachment that says in each what it shows.
    fn take(&mut self, attachment: Attachment, remote: &RemoteMedia) {
        match self.attachments.iter_mut().find(|known| known.asset == attachment.asset) {
            Some(known) => {
                known.alt.extend(attachment.alt.into_iter().filter(|(lang, _)| remote.alt.contains_key(lang)));
            }
            None => self.attachments.push(attachment),
        }
    }
}

impl Journal {
    /// The files of an item: those that came from here are known, the others are downloaded. Done twice, it gives the same. An
    /// error only where the feed itself does not answer, so that it is worth while to try again later.
    pub(super) async fn gather(
        &self,
        feed: &dyn Feed,
        base: Option<&Content>,
        media: &[RemoteMedia],
    ) -> Result<Gathered, FeedError> {
        let mut gathered = Gathered { attachments: Vec::new(), files: Vec::new(), missing: 0, is_cut_short: false };
        for remote in media {
            // What is more than a post may have is not even asked for.
            if gathered.is_full() && !gathered.has(remote) {
                gathered.missing += 1;
                continue;
            }
            match self.attachment(feed, base, remote).await {
                Ok(Some(attachment)) => {
                    gathered.files.push((attachment.asset, remote.clone()));
                    gathered.take(attachment, remote);
                }
                Ok(None) => gathered.missing += 1,
                Err(FeedError::Untold) => {
                    gathered.missing += 1;
                    gathered.is_cut_short = true;
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(base) = base {
            gathered.attachments = in_our_order(base, gathered.attachments);
        }
        Ok(gathered)
    }

    /// Whether the item of a post as it is at its feed was put off for so long because of a file that it is taken over without.
    pub(super) async fn has_waited_for_files(&self, seen: &Delivery, version: Digest) -> ApiResult<bool> {
        let (about, now) = ((seen.post, seen.feed), self.clock().now());
        Ok(self.store().write(move |tx| was_awaited(tx, about, version, now)).await?)
    }

    async fn attachment(
        &self,
        feed: &dyn Feed,
        base: Option<&Content>,
        remote: &RemoteMedia,
    ) -> Result<Option<Attachment>, FeedError> {
        let asset = match remote.asset {
            Some(asset) if self.store().read(move |conn| assets::get(conn, asset)).await.is_ok() => asset,
            _ => match self.download(feed, remote).await? {
                Some(asset) => asset,
                None => return Ok(None),
            },
        };
        let before = base.and_then(|base| base.attachments.iter().find(|attachment| attachment.asset == asset));
        let mut attachment =
            before.cloned().unwrap_or_else(|| Attachment { asset, name: name(&remote.name), alt: Default::default() });
        for (lang, there) in &remote.alt {
            let ours = attachment.alt.entry(lang.clone()).or_default();
            if ours.trim() != there.trim() {
                there.clone_into(ours);
            }
        }
        Ok(Some(attachment))
    }

    /// Downloads a file into the journal; nothing where it cannot be had or kept. [`FeedError::Untold`] where the feed answers, and
    /// just this does not come.
    async fn download(&self, feed: &dyn Feed, remote: &RemoteMedia) -> Result<Option<AssetId>, FeedError> {
        let file = tempfile::tempfile().map_err(unwritten)?;
        let mut to = tokio::fs::File::from_std(file);
        match feed.download(remote, &mut to).await {
            Ok(_) => {}
            // What is said of a file, perhaps by another host, is not the feed's word for itself.
            Err(FeedError::Unreachable | FeedError::Busy(_) | FeedError::SignedOut | FeedError::Locked) => {
                return Err(feed.probe().await.err().filter(FeedError::speaks_for_all).unwrap_or(FeedError::Untold));
            }
            Err(_) => return Ok(None),
        }
        match self.keep_file(to.into_std().await).await {
            Ok(asset) => Ok(Some(asset.id)),
            Err(error) => {
                tracing::debug!(code = ?error.code, "a file from a feed was not kept");
                Ok(None)
            }
        }
    }
}

/// Whether a file that does not come was waited for long enough, so that its item is taken over without: where that is noted of the
/// item as it is there, an hour ago. Notes it otherwise.
fn was_awaited(tx: &Tx<'_>, about: (PostId, FeedId), version: Digest, now: Timestamp) -> Result<bool, StoreError> {
    let noted = notes::all(tx, about.0, about.1)?.remove(AWAITED);
    let since = noted.as_deref().and_then(|noted| noted.strip_prefix(&version.to_string())?.trim().parse::<i64>().ok());
    // A time in the future was noted before the clock was set back.
    match since.filter(|since| *since <= now.as_millis()) {
        Some(since) => Ok(now.as_millis() - since >= LONGEST_WAIT_MILLIS),
        None => notes::put(tx, about, AWAITED, &format!("{version} {}", now.as_millis())).map(|()| false),
    }
}

/// Feeds show the cover first. What was moved there is moved here, and everything else stays in our order.
fn in_our_order(base: &Content, there: Vec<Attachment>) -> Vec<Attachment> {
    let ours: Vec<_> = base.attachments.iter().map(|attachment| attachment.asset).collect();
    let mut sent = ours.clone();
    sent.sort_by_key(|asset| Some(*asset) != base.cover);
    let listed: Vec<_> = there.iter().map(|attachment| attachment.asset).collect();
    let order = merge::merge_lists(&sent, &ours, &listed).unwrap_or(listed);
    order.into_iter().filter_map(|asset| there.iter().find(|one| one.asset == asset).cloned()).collect()
}

/// A file's own name, never a path.
fn name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let short = last.char_indices().take_while(|(at, _)| *at < limits::LINE_BYTES - 4).map(|(_, c)| c);
    short.filter(|c| !c.is_control()).collect()
}

fn unwritten(error: std::io::Error) -> FeedError {
    internal(error);
    FeedError::Journal
}
