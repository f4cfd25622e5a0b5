//! Items that were made elsewhere and taken over: when words in them are changed here, everything else in them stays as it is
//! there, such as headings, links and tables that the journal has no words for.

use std::sync::Arc;

use super::WordPress;
use super::ledger::{Ledger, Uploaded};
use super::seen::Seen;
use super::send::{There, address};
use super::sheet::{Sheet, escaped};
use crate::domain::AssetId;
use crate::feed::{About, FeedError, Part, RemoteMedia, render};

impl WordPress {
    /// Writes down that an item was made elsewhere, with files that need not be sent again.
    pub(super) async fn note_as_theirs(
        &self,
        about: &About,
        files: &[(AssetId, RemoteMedia)],
    ) -> Result<(), FeedError> {
        let mut ledger = Ledger::open(Arc::clone(&about.notes)).await?;
        for (asset, file) in files {
            let uploaded = Uploaded { id: 0, url: file.url.clone(), alt: String::new() };
            ledger.set_uploaded(*asset, &Part::Copy, &uploaded).await?;
        }
        ledger.set_theirs(true).await
    }

    /// The text of such an item with the words changed that were changed here, as it reads back; nothing where the whole has to
    /// be written.
    pub(super) fn in_place(&self, sheet: &Sheet, there: &There, ledger: &Ledger) -> Option<String> {
        if !ledger.is_theirs() {
            return None;
        }
        let wanted = sheet.expected(there.seen.standing, &there.seen.topics);
        if !has_same_files(sheet, (&wanted, &there.seen), ledger) {
            return None;
        }
        let mut html = there.post.content.raw.clone()?;
        for (lang, side) in &wanted.sides {
            html = render::patch(&html, &there.seen.sides.get(lang)?.body, &side.body)?;
        }
        let mut post = there.post.clone();
        (post.title.raw, post.content.raw) = (Some(escaped(&sheet.title)), Some(html.clone()));
        let seen = self.seen(&post, None).ok()?;
        (seen.sides == wanted.sides).then_some(html)
    }
}

/// Whether the files of a sheet are those that are there, and are said to show the same.
fn has_same_files(sheet: &Sheet, (wanted, there): (&Seen, &Seen), ledger: &Ledger) -> bool {
    let urls = sheet.files().into_iter().map(|asset| address(ledger, asset, &Part::Copy));
    let shown = |seen: &Seen| seen.media.iter().map(|file| file.alt.clone()).collect::<Vec<_>>();
    urls.eq(there.media.iter().map(|file| file.url.clone())) && shown(wanted) == shown(there)
}
