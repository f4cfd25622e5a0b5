//! Writing, listing and restoring posts.

use std::collections::BTreeMap;

use super::Journal;
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::events::Event;
use crate::api::types::*;
use crate::domain::{AssetId, Content, Lang, Origin, PostId, Revision, Side, limits};
use crate::store::{assets, index, outbox, posts, revisions, views};
use crate::text::diff;

/// A shorter beginning of an id is too easily another post's.
const SHORTEST_ID: usize = 6;

impl Journal {
    /// The numbers beside the sections.
    pub async fn counts(&self, _: ()) -> ApiResult<Counts> {
        Ok(self.store().read(index::counts).await?)
    }

    /// The shapes of all cards that fit a filter, newest moment first.
    pub async fn post_index(&self, filter: PostFilter) -> ApiResult<Vec<IndexEntry>> {
        Ok(self.store().read(move |conn| index::index(conn, &filter)).await?)
    }

    /// What some cards show, in the order asked; posts that are gone are left out.
    pub async fn post_cards(&self, ids: Vec<PostId>) -> ApiResult<Vec<Card>> {
        let cards = self.store().read(move |conn| {
            let mut cards = index::cards(conn, &ids)?;
            for card in &mut cards {
                card.deliveries = views::deliveries(conn, card.id)?;
            }
            Ok(cards)
        });
        Ok(cards.await?)
    }

    /// The newest posts that contain every word of a text, at most `limit`.
    pub async fn search(&self, text: String, limit: u32) -> ApiResult<Vec<Card>> {
        let filter = PostFilter { text, ..PostFilter::default() };
        let hits = self.post_index(filter).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.post_cards(hits.into_iter().take(limit).map(|entry| entry.id).collect()).await
    }

    /// Everything about one post.
    pub async fn post_get(&self, id: PostId) -> ApiResult<PostView> {
        let view = self.store().read(move |conn| {
            let row = posts::get(conn, id)?;
            let attached: Vec<AssetId> = row.content.attachments.iter().map(|attachment| attachment.asset).collect();
            Ok(PostView {
                id,
                revision: row.revision,
                version: row.version,
                assets: assets::get_many(conn, attached)?,
                content: row.content,
                created_at: row.created_at,
                updated_at: row.updated_at,
                deleted_at: row.deleted_at,
                versions: row.versions,
                deliveries: views::deliveries(conn, id)?,
            })
        });
        Ok(view.await?)
    }

    /// The post that a full id or the beginning of one names.
    pub async fn post_resolve(&self, text: String) -> ApiResult<PostId> {
        let prefix = text.clone();
        if prefix.chars().filter(char::is_ascii_hexdigit).count() < SHORTEST_ID {
            return Err(ApiError::about(ErrorCode::PostNotFound, text));
        }
        let found = self.store().read(move |conn| posts::with_prefix(conn, &prefix)).await?;
        match found.as_slice() {
            [post] => Ok(*post),
            _ => Err(ApiError::about(ErrorCode::PostNotFound, text)),
        }
    }

    /// Saves what the editor holds; answers after the commit.
    pub async fn draft_save(&self, input: DraftInput) -> ApiResult<DraftSaved> {
        let content = input.content.normalised();
        limits::check(&content).map_err(too_long)?;
        if !content.moment.has_known_zone() {
            return Err(ApiError::about(ErrorCode::BadInput, "moment"));
        }
        let clock = self.inner.options.clock.clone();
        let saved = self
            .store()
            .write(move |tx| {
                let save = posts::Save {
                    post: input.post,
                    base: input.base,
                    version: input.version,
                    content,
                    origin: Origin::Edit,
                };
                posts::save(tx, clock.as_ref(), save)
            })
            .await?;
        self.posts_changed(vec![saved.post]);
        self.inner.outbox_bell.notify_one();
        Ok(saved)
    }

    /// Ends the sitting: the next change begins a new revision.
    pub async fn draft_seal(&self, id: PostId) -> ApiResult<()> {
        Ok(self.store().write(move |tx| posts::seal(tx, id).map(drop)).await?)
    }

    /// Puts a post into the bin, and takes it back from the feeds that hold it.
    pub async fn post_delete(&self, id: PostId) -> ApiResult<()> {
        let now = self.clock().now();
        self.store()
            .write(move |tx| {
                posts::delete(tx, now, id)?;
                outbox::withdraw_everywhere(tx, now, id)
            })
            .await?;
        self.posts_changed(vec![id]);
        self.outbox_changed(None).await;
        self.inner.outbox_bell.notify_one();
        Ok(())
    }

    /// Takes a post out of the bin. It stays where it is still there, and is not sent again by itself where it is not.
    pub async fn post_undelete(&self, id: PostId) -> ApiResult<()> {
        let now = self.clock().now();
        self.store()
            .write(move |tx| {
                posts::undelete(tx, id)?;
                outbox::leave_everywhere(tx, now, id)
            })
            .await?;
        self.posts_changed(vec![id]);
        self.outbox_changed(None).await;
        self.inner.outbox_bell.notify_one();
        Ok(())
    }

    /// A post's revisions, newest first.
    pub async fn history(&self, id: PostId) -> ApiResult<Vec<RevisionEntry>> {
        Ok(self.store().read(move |conn| revisions::history(conn, id)).await?)
    }

    /// What changed between two revisions.
    pub async fn revision_diff(&self, input: DiffInput) -> ApiResult<RevisionDiff> {
        let read = self.store().read(move |conn| {
            let to = revisions::get(conn, input.to)?;
            let from = match input.from.or_else(|| to.parents.first().copied()) {
                Some(id) => Some(revisions::get(conn, id)?),
                None => None,
            };
            let attached = from.iter().chain([&to]).flat_map(|revision| &revision.content.attachments);
            let ids: Vec<AssetId> = attached.map(|attachment| attachment.asset).collect();
            Ok((from, to, assets::get_many(conn, ids)?))
        });
        let (from, to, assets) = read.await?;
        tokio::task::spawn_blocking(move || difference(from, to, assets)).await.map_err(super::internal)
    }

    /// Makes a new revision with the content of an old one.
    pub async fn revision_restore(&self, input: RestoreInput) -> ApiResult<DraftSaved> {
        let clock = self.inner.options.clock.clone();
        let restore = self.store().write(move |tx| posts::restore(tx, clock.as_ref(), input.post, input.revision));
        let saved = restore.await?;
        self.posts_changed(vec![saved.post]);
        self.inner.outbox_bell.notify_one();
        Ok(saved)
    }

    /// The settings.
    pub async fn settings_get(&self, _: ()) -> ApiResult<Settings> {
        let stored = self.store().read(|conn| crate::store::settings::get(conn, "interface")).await?;
        Ok(stored.unwrap_or_default())
    }

    /// Changes the settings.
    pub async fn settings_set(&self, settings: Settings) -> ApiResult<Settings> {
        let kept = settings.clone();
        self.store().write(move |tx| crate::store::settings::set(tx, "interface", &kept)).await?;
        self.tell(Event::SettingsChanged);
        Ok(settings)
    }

    pub(super) fn posts_changed(&self, posts: Vec<PostId>) {
        self.tell(Event::PostsChanged { posts });
    }
}

fn too_long(over: limits::OverLimit) -> ApiError {
    ApiError {
        code: ErrorCode::TooLong,
        subject: Some(over.field.to_owned()),
        limit: Some(over.limit),
        actual: Some(over.actual),
    }
}

fn difference(from: Option<Revision>, to: Revision, assets: BTreeMap<AssetId, AssetView>) -> RevisionDiff {
    let empty = Content::empty(to.content.moment.clone());
    let (from_id, old) = from.map_or((None, empty), |revision| (Some(revision.id), revision.content));
    let new = &to.content;
    let ids = |content: &Content| content.attachments.iter().map(|a| a.asset).collect::<Vec<_>>();
    let (before, after) = (ids(&old), ids(new));
    RevisionDiff {
        from: from_id,
        to: to.id,
        sides: sides(&old, new),
        added: after.iter().filter(|id| !before.contains(id)).copied().collect(),
        removed: before.iter().filter(|id| !after.contains(id)).copied().collect(),
        changed: changed_fields(&old, new),
        assets,
        content: to.content,
    }
}

fn sides(old: &Content, new: &Content) -> BTreeMap<Lang, SideDiff> {
    let none = Side::default();
    let langs = old.sides.keys().chain(new.sides.keys());
    langs
        .filter_map(|lang| {
            let (before, after) = (old.sides.get(lang).unwrap_or(&none), new.sides.get(lang).unwrap_or(&none));
            (before != after).then(|| {
                let title = diff::pieces(&before.title, &after.title);
                (lang.clone(), SideDiff { title, body: diff::pieces(&before.body, &after.body) })
            })
        })
        .collect()
}

fn changed_fields(old: &Content, new: &Content) -> Vec<ChangedField> {
    let texts = |content: &Content| {
        content.attachments.iter().map(|a| (a.asset, (a.name.clone(), a.alt.clone()))).collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (texts(old), texts(new));
    let order = |content: &Content, other: &BTreeMap<AssetId, _>| {
        content.attachments.iter().map(|a| a.asset).filter(|id| other.contains_key(id)).collect::<Vec<_>>()
    };
    let alt = after.iter().any(|(id, text)| before.get(id).is_some_and(|earlier| earlier != text));
    [
        (order(old, &after) != order(new, &before) || old.cover_asset() != new.cover_asset(), ChangedField::Order),
        (alt, ChangedField::Alt),
        (old.topics != new.topics, ChangedField::Topics),
        (old.moment != new.moment, ChangedField::Moment),
        (old.place != new.place, ChangedField::Place),
    ]
    .into_iter()
    .filter_map(|(is_changed, field)| is_changed.then_some(field))
    .collect()
}
