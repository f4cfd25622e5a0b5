//! Bringing files that lie at a feed into the journal, for a post that came back or was taken over.

use super::{Journal, internal};
use crate::domain::{AssetId, Attachment, Content, limits, merge};
use crate::feed::{Feed, FeedError, RemoteMedia};
use crate::store::assets;

/// The files of an item as a post's attachments.
pub(super) struct Gathered {
    /// The attachments, in the order of the item.
    pub attachments: Vec<Attachment>,
    /// Each file with the original that is kept of it.
    pub files: Vec<(AssetId, RemoteMedia)>,
    /// How many could not be had, or are more than a post may have.
    pub missing: u32,
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
    /// error only where the feed does not answer, so that it is worth while to try again later.
    pub(super) async fn gather(
        &self,
        feed: &dyn Feed,
        base: Option<&Content>,
        media: &[RemoteMedia],
    ) -> Result<Gathered, FeedError> {
        let mut gathered = Gathered { attachments: Vec::new(), files: Vec::new(), missing: 0 };
        for remote in media {
            // What is more than a post may have is not even asked for.
            if gathered.is_full() && !gathered.has(remote) {
                gathered.missing += 1;
                continue;
            }
            match self.attachment(feed, base, remote).await? {
                Some(attachment) => {
                    gathered.files.push((attachment.asset, remote.clone()));
                    gathered.take(attachment, remote);
                }
                None => gathered.missing += 1,
            }
        }
        if let Some(base) = base {
            gathered.attachments = in_our_order(base, gathered.attachments);
        }
        Ok(gathered)
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

    /// Downloads a file into the journal; nothing where it cannot be had or kept.
    async fn download(&self, feed: &dyn Feed, remote: &RemoteMedia) -> Result<Option<AssetId>, FeedError> {
        let file = tempfile::tempfile().map_err(unwritten)?;
        let mut to = tokio::fs::File::from_std(file);
        match feed.download(remote, &mut to).await {
            Ok(_) => {}
            Err(error @ (FeedError::Unreachable | FeedError::Busy(_) | FeedError::SignedOut | FeedError::Locked)) => {
                return Err(error);
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
