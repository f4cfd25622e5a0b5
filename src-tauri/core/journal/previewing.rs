//! What would be made of a post for a feed: the items exactly as its adapter sends them, and what keeps them from leaving.
//! Asks no feed; what it can take is known from when it was last asked.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::PathBuf;

use super::Journal;
use super::keep::{WrittenFile, free_name, write_out};
use super::outgoing::{Copies, Version, Wish, cannot_leave, intent, outgoing};
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::remote::*;
use crate::api::types::AssetView;
use crate::domain::{AssetId, Content, Delivery, PostId, Wanted};
use crate::feed::{Item, Limits, MediaError, MediaKind, MediaSource, OutgoingMedia, Part};
use crate::store::{assets, feeds, outbox, posts, revisions};

impl Journal {
    /// What a post would be at a feed: published, unless it is meant to lie there as a draft.
    pub async fn post_preview(&self, input: PreviewInput) -> ApiResult<PostPreview> {
        let PreviewInput { post, feed, manner, wanted } = input;
        let read = self.store().read(move |conn| {
            let row = posts::get(conn, post)?;
            let attached = row.content.attachments.iter().map(|attachment| attachment.asset);
            let known = assets::get_many(conn, attached)?;
            let came = revisions::any_came_from_there(conn, post)?;
            Ok((known, feeds::get(conn, feed)?, outbox::get(conn, post, feed)?, row, came))
        });
        let (known, feed, delivery, row, came) = read.await?;
        if row.deleted_at.is_some() {
            return Err(ApiError::about(ErrorCode::PostNotFound, row.id.to_string()));
        }
        let is_there = delivery.as_ref().is_some_and(Delivery::is_there);
        let (before, manner_before) = delivery.map(|delivery| (delivery.wanted, delivery.manner)).unzip();
        let wanted = match wanted.or(before) {
            Some(Wanted::Draft) => Wanted::Draft,
            _ => Wanted::Published,
        };
        let manner = manner.or(manner_before).unwrap_or_default();
        let (media, stays) = leaving(&row.content, &known);
        let version = Version { post: row.id, revision: row.revision, modified: row.updated_at, content: row.content };
        let intent = intent(version, media, &feed.options, Wish { wanted, manner });
        let adapter = self.adapter(&feed).ok_or_else(|| ApiError::about(ErrorCode::NoFeedThere, &feed.place))?;
        let (items, limits) = (adapter.items(&intent), adapter.limits());
        let mut obstacles = obstacles(&items, &intent.media, &known, &limits);
        if wanted == Wanted::Draft && !limits.drafts {
            obstacles.push(Obstacle::NoDrafts);
        }
        if stays {
            obstacles.push(Obstacle::CannotStrip);
        }
        if intent.content.sides.is_empty() && intent.content.attachments.is_empty() {
            obstacles.push(Obstacle::Empty);
        }
        let leaves_at = adapter.leaves_at(&intent).filter(|at| *at > self.clock().now());
        let over_theirs = came && is_there && adapter.keeps_theirs();
        let items = items.into_iter().map(|item| shown(item, &intent.media)).collect();
        Ok(PostPreview { items, obstacles, leaves_at, over_theirs })
    }

    /// Writes the copies of a post's files that leave into a folder, byte for byte as they leave, whatever the feed. What
    /// cannot leave is left out.
    pub async fn preview_write(&self, post: PostId, dir: PathBuf) -> ApiResult<Vec<WrittenFile>> {
        let view = self.post_get(post).await?;
        let (media, _) = leaving(&view.content, &view.assets);
        let mut taken = HashSet::new();
        let mut written = Vec::with_capacity(media.len());
        for OutgoingMedia { asset, name, extension, .. } in media {
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
            let name = free_name(&format!("{stem}.{extension}"), &dir, &mut taken);
            let (path, copies) = (dir.join(&name), Copies(self.store().clone()));
            let bytes = write_out(&path, move |file| {
                copies.copy(asset, &Part::Copy, file).map_err(|error| match error {
                    MediaError::Write(error) => error,
                    other => io::Error::other(other),
                })
            });
            written.push(WrittenFile { asset, name, bytes: bytes.await?, path });
        }
        Ok(written)
    }
}

/// The files that leave, and whether others have to stay.
fn leaving(content: &Content, known: &BTreeMap<AssetId, AssetView>) -> (Vec<OutgoingMedia>, bool) {
    let mut media = Vec::with_capacity(content.attachments.len());
    for attachment in &content.attachments {
        let asset = known.get(&attachment.asset).filter(|asset| !cannot_leave(asset));
        media.extend(asset.map(|asset| outgoing(attachment, asset)));
    }
    let stays = media.len() < content.attachments.len();
    (media, stays)
}

fn obstacles(
    items: &[Item],
    media: &[OutgoingMedia],
    known: &BTreeMap<AssetId, AssetView>,
    limits: &Limits,
) -> Vec<Obstacle> {
    let over =
        |actual: Option<u32>, most: Option<u32>| matches!((actual, most), (Some(actual), Some(most)) if actual > most);
    let is_long = |item: &Item| over(item.length, limits.text);
    let has_many = |item: &Item| over(u32::try_from(item.files.len()).ok(), limits.attachments);
    let has =
        |item: &Item, kind: MediaKind| media.iter().any(|file| file.kind == kind && item.files.contains(&file.asset));
    let is_mixed = |item: &Item| !limits.mixed && has(item, MediaKind::Clip) && item.files.len() > 1;
    // The cleaned copy is made when it leaves; it is about as large as its original.
    let is_large = |file: &OutgoingMedia| {
        let most = if file.kind == MediaKind::Clip { limits.clip_bytes } else { limits.photo_bytes };
        known.get(&file.asset).zip(most).is_some_and(|(asset, most)| asset.bytes > most)
    };
    let found = [
        (items.iter().any(is_long), Obstacle::TooLong),
        (items.iter().any(has_many), Obstacle::TooManyFiles),
        (media.iter().any(is_large), Obstacle::TooLarge),
        (items.iter().any(|item| !item.long_alts.is_empty()), Obstacle::AltTooLong),
        (items.iter().any(is_mixed), Obstacle::Mixed),
    ];
    found.into_iter().filter(|(is_there, _)| *is_there).map(|(_, obstacle)| obstacle).collect()
}

fn shown(item: Item, media: &[OutgoingMedia]) -> PreviewItem {
    let Item { lang, title, text, html, length, files, long_alts } = item;
    let long_alts = media.iter().filter(|file| long_alts.contains(&file.asset)).map(|file| file.name.clone()).collect();
    PreviewItem { lang, title, text, html, length, files, long_alts }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(length: u32, files: usize) -> Item {
        let files = (0..files).map(|n| AssetId(crate::domain::Digest::of(&n.to_le_bytes()))).collect();
        let (text, long_alts) = (String::new(), Vec::new());
        Item { lang: None, title: None, text, html: false, length: Some(length), files, long_alts }
    }

    #[test]
    fn a_file_whose_alt_text_is_too_long_is_an_obstacle_and_named() {
        let files = vec![crate::feed::memory::photo(0, &[]), crate::feed::memory::photo(1, &[])];
        let long_alts = vec![files[1].asset];
        let files: Vec<OutgoingMedia> = files
            .into_iter()
            .zip(["boat.jpg", "lake.jpg"])
            .map(|(file, name)| OutgoingMedia { name: name.into(), ..file })
            .collect();
        let item = Item { long_alts, ..item(10, 2) };
        let found = obstacles(std::slice::from_ref(&item), &files, &BTreeMap::new(), &Limits::default());
        assert_eq!(found, [Obstacle::AltTooLong]);
        assert_eq!(shown(item, &files).long_alts, ["lake.jpg"]);
    }

    #[test]
    fn what_is_over_a_bound_is_named_and_what_is_at_it_is_not() {
        let limits = Limits { text: Some(500), attachments: Some(4), ..Limits::default() };
        let found = |items: &[Item]| obstacles(items, &[], &BTreeMap::new(), &limits);
        assert_eq!(found(&[item(500, 4)]), []);
        assert_eq!(found(&[item(10, 1), item(501, 5)]), [Obstacle::TooLong, Obstacle::TooManyFiles]);
        assert_eq!(obstacles(&[item(9999, 99)], &[], &BTreeMap::new(), &Limits::default()), []);
    }
}
