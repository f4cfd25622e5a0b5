//! Setting up feeds, and making the adapter that reaches each one.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::setting_up::with_endpoints;
use super::{Journal, internal, reaching};
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::events::Event;
use crate::api::types::*;
use crate::domain::destination::Facts;
use crate::domain::{Delivery, FeedId, Wanted};
use crate::feed::{self, Feed, FeedError, folder};
use crate::store::feeds::{self, Account, FeedRow};
use crate::store::outbox::{self, Waiting};
use crate::store::parted;

/// Adapters that were made, each with the row it was made from, so that what they remember between calls is kept.
pub(super) type Adapters = Mutex<Made>;

type Made = HashMap<FeedId, (FeedRow, Arc<dyn Feed>)>;

impl Journal {
    /// The feeds.
    pub async fn feed_list(&self, _: ()) -> ApiResult<Vec<FeedView>> {
        let read = self.store().read(|conn| Ok((feeds::list(conn)?, outbox::waiting(conn)?)));
        let (rows, waiting) = read.await?;
        Ok(rows.into_iter().map(|row| self.view(row, &waiting)).collect())
    }

    pub(super) async fn feed_view(&self, id: FeedId) -> ApiResult<FeedView> {
        let read = self.store().read(move |conn| Ok((feeds::get(conn, id)?, outbox::waiting(conn)?)));
        let (row, waiting) = read.await?;
        Ok(self.view(row, &waiting))
    }

    fn view(&self, row: FeedRow, waiting: &HashMap<FeedId, Waiting>) -> FeedView {
        let Waiting { waiting, needs_you } = waiting.get(&row.id).copied().unwrap_or_default();
        let is_folder = row.kind == FeedKind::Folder;
        FeedView {
            place: if is_folder { self.place(&row).display().to_string() } else { row.place },
            id: row.id,
            name: row.name,
            kind: row.kind,
            enabled: row.enabled,
            health: row.health,
            waiting,
            needs_you,
            seen_at: row.seen_at,
            options: row.options,
            account: row.facts.account,
            server: row.facts.server,
            keep: row.account.keep,
            limits: row.facts.limits,
            pulled_at: row.pulled_at,
            held_back: row.held_back,
        }
    }

    /// Where a feed's folder is. The ready-made one has no place of its own until it is switched on: it goes into the user's
    /// documents, or beside the text for a journal that lies elsewhere, so that two journals never share one.
    fn place(&self, row: &FeedRow) -> PathBuf {
        if !row.place.is_empty() {
            return PathBuf::from(&row.place);
        }
        let chosen = self.inner.options.feed_dir.clone();
        let documents = || {
            let is_default = Self::default_dir().is_some_and(|dir| dir == self.store().dir());
            let dirs = directories::UserDirs::new().filter(|_| is_default)?;
            dirs.document_dir().map(|dir| dir.join("Sampan"))
        };
        chosen.or_else(documents).unwrap_or_else(|| self.store().dir().join("feed"))
    }

    /// The feed that an id, a name in any capitalisation or a kind names; feeds that are switched on come first.
    pub async fn feed_resolve(&self, text: String) -> ApiResult<FeedId> {
        let rows = self.store().read(feeds::list).await?;
        let wanted = text.trim().to_lowercase();
        let is_id = |row: &&FeedRow| wanted.len() >= 6 && row.id.to_string().starts_with(&wanted);
        let is_name = |row: &&FeedRow| !row.name.is_empty() && row.name.to_lowercase() == wanted;
        let is_kind = |row: &&FeedRow| row.kind.as_str() == wanted;
        let is_on = |row: &&FeedRow| row.enabled;
        let choices: [Vec<&FeedRow>; 4] = [
            rows.iter().filter(is_id).collect(),
            rows.iter().filter(is_name).collect(),
            rows.iter().filter(is_kind).filter(is_on).collect(),
            rows.iter().filter(is_kind).collect(),
        ];
        match choices.iter().find(|found| !found.is_empty()).map(Vec::as_slice) {
            Some([feed]) => Ok(feed.id),
            Some(_) => Err(ApiError::about(ErrorCode::FeedAmbiguous, text)),
            None => Err(ApiError::about(ErrorCode::FeedNotFound, text)),
        }
    }

    /// Sets up a feed.
    pub async fn feed_add(&self, input: FeedInput) -> ApiResult<FeedView> {
        match input.kind {
            FeedKind::Folder => self.add_folder(input).await,
            FeedKind::Wordpress | FeedKind::Micropub | FeedKind::Mastodon => self.add_remote(input).await,
        }
    }

    async fn add_folder(&self, input: FeedInput) -> ApiResult<FeedView> {
        let place = std::path::absolute(&input.place).ok().filter(|_| !input.place.trim().is_empty());
        let place = place.ok_or_else(|| ApiError::about(ErrorCode::BadInput, "place"))?;
        let row = FeedRow {
            id: FeedId::from_uuid(self.clock().new_uuid()),
            kind: FeedKind::Folder,
            name: named(&input.name, &place),
            place: place.display().to_string(),
            enabled: true,
            options: FeedOptions::default(),
            health: FeedHealth::Reachable,
            seen_at: Some(self.clock().now()),
            account: Account::default(),
            facts: Facts::default(),
            cursor: None,
            pulled_at: None,
            held_back: 0,
            position: 0,
        };
        let known = self.store().read(feeds::list).await?;
        let is_there = |other: &FeedRow| other.kind == FeedKind::Folder && other.enabled && self.place(other) == place;
        if known.iter().any(is_there) {
            return Err(ApiError::about(ErrorCode::FeedExists, row.place));
        }
        self.prepare(&row).await?;
        let id = row.id;
        self.store().write(move |tx| feeds::add(tx, &row)).await?;
        self.tell(Event::FeedsChanged);
        self.feed_view(id).await
    }

    /// Changes a feed.
    pub async fn feed_change(&self, change: FeedChange) -> ApiResult<FeedView> {
        let id = change.id;
        let mut row = self.store().read(move |conn| feeds::get(conn, id)).await?;
        row.name = change.name.map_or(row.name, |name| name.trim().to_owned());
        row.enabled = change.enabled.unwrap_or(row.enabled);
        row.options = change.options.unwrap_or(row.options);
        if let Some(place) = change.place {
            // A site at another address is another site: what it holds is not what the deliveries say.
            if row.kind != FeedKind::Folder {
                return Err(ApiError::about(ErrorCode::BadInput, "place"));
            }
            let place = std::path::absolute(&place).map_err(|_| ApiError::about(ErrorCode::BadInput, "place"))?;
            row.place = place.display().to_string();
        }
        let is_ready = row.enabled && row.kind == FeedKind::Folder;
        if is_ready {
            row.place = self.place(&row).display().to_string();
            self.prepare(&row).await?;
        }
        let now = self.clock().now();
        self.store()
            .write(move |tx| {
                feeds::change(tx, &row)?;
                if is_ready {
                    feeds::set_health(tx, id, FeedHealth::Reachable, Some(now))?;
                }
                Ok(())
            })
            .await?;
        self.tell(Event::FeedsChanged);
        // Switched off or on, what waits for it waits differently.
        self.outbox_changed(Some(id)).await;
        self.inner.outbox_bell.notify_one();
        self.feed_view(id).await
    }

    /// What parting with a feed leaves there, and what it leaves undone.
    pub async fn feed_parting(&self, id: FeedId) -> ApiResult<Parting> {
        let read = self.store().read(move |conn| {
            feeds::get(conn, id)?;
            outbox::of_feed(conn, id)
        });
        let deliveries = read.await?;
        let count = |fits: &dyn Fn(&Delivery) -> bool| {
            u32::try_from(deliveries.iter().filter(|delivery| fits(delivery)).count()).unwrap_or(u32::MAX)
        };
        Ok(Parting {
            there: count(&Delivery::lies_there),
            leaving: count(&|delivery| delivery.lies_there() && delivery.wanted == Wanted::Withdrawn),
            waiting: count(&|delivery| delivery.is_pending() && delivery.wanted != Wanted::Withdrawn),
        })
    }

    /// Forgets a feed; what lies there stays there, and is known where the same account at the same place is added again. A folder
    /// knows each post by its name.
    pub async fn feed_remove(&self, id: FeedId) -> ApiResult<()> {
        let removed = self.store().write(move |tx| {
            let row = feeds::get(tx, id)?;
            if row.kind != FeedKind::Folder {
                parted::keep(tx, &row)?;
            }
            feeds::remove(tx, id)?;
            Ok(row)
        });
        let row = removed.await?;
        self.adapters().remove(&id);
        self.give_up_secret(&row).await;
        self.tell(Event::FeedsChanged);
        self.outbox_changed(None).await;
        Ok(())
    }

    /// Asks a feed whether it would take a post, and keeps what it says of itself.
    pub async fn feed_test(&self, id: FeedId) -> ApiResult<FeedView> {
        let row = self.store().read(move |conn| feeds::get(conn, id)).await?;
        let adapter = self.adapter(&row).ok_or_else(|| ApiError::about(ErrorCode::NoFeedThere, &row.place))?;
        let health = match adapter.probe().await {
            Ok(facts) => {
                self.keep_facts(&row, facts).await?;
                self.wake_signed_in(&row).await?;
                FeedHealth::Reachable
            }
            Err(FeedError::Denied | FeedError::Foreign) => FeedHealth::Denied,
            Err(FeedError::SignedOut) => FeedHealth::SignedOut,
            Err(FeedError::Locked) => FeedHealth::Locked,
            Err(_) => FeedHealth::Unreachable,
        };
        self.note_health(id, health).await?;
        self.feed_view(id).await
    }

    /// Keeps what a feed's answers taught, so that it is known before the next post.
    pub(super) async fn keep_learnt(&self, id: FeedId) -> ApiResult<()> {
        let row = self.store().read(move |conn| feeds::get(conn, id)).await?;
        match self.adapter(&row).and_then(|adapter| adapter.learnt()) {
            Some(facts) => self.keep_facts(&row, facts).await,
            None => Ok(()),
        }
    }

    /// Asks a feed anew what it takes, which changes now and then. Without an answer, what is known stays.
    pub(super) async fn read_facts(&self, feed: &dyn Feed, id: FeedId) -> ApiResult<()> {
        let Ok(facts) = feed.probe().await else { return Ok(()) };
        let row = self.store().read(move |conn| feeds::get(conn, id)).await?;
        self.keep_facts(&row, facts).await
    }

    async fn keep_facts(&self, row: &FeedRow, facts: Facts) -> ApiResult<()> {
        let (id, facts) = (row.id, with_endpoints(facts, &row.facts));
        if facts == row.facts {
            return Ok(());
        }
        let kept = self.store().write(move |tx| {
            // Read again: somebody may have signed in or out while the feed was asked.
            let account = feeds::get(tx, id)?.account;
            feeds::set_facts(tx, id, &facts, &account)
        });
        kept.await?;
        self.tell(Event::FeedsChanged);
        Ok(())
    }

    pub(super) async fn note_health(&self, id: FeedId, health: FeedHealth) -> ApiResult<()> {
        let seen_at = (health == FeedHealth::Reachable).then(|| self.clock().now());
        let changed = self.store().write(move |tx| feeds::set_health(tx, id, health, seen_at)).await?;
        if changed {
            self.tell(Event::FeedsChanged);
        }
        Ok(())
    }

    /// Makes the place of a folder feed ready to be written to.
    async fn prepare(&self, row: &FeedRow) -> ApiResult<()> {
        let (place, id, now) = (self.place(row), row.id, self.clock().now());
        let shown = place.display().to_string();
        let prepared = tokio::task::spawn_blocking(move || folder::prepare(&place, id, now));
        prepared.await.map_err(internal)?.map_err(|error| {
            let code = match error {
                FeedError::Foreign => ErrorCode::FeedExists,
                FeedError::Denied => ErrorCode::FolderDenied,
                FeedError::Full => ErrorCode::DiskFull,
                _ => ErrorCode::FolderMissing,
            };
            ApiError::about(code, shown)
        })
    }

    /// What reaches a feed; nothing where its row does not say enough, as one that a newer version wrote.
    pub(super) fn adapter(&self, row: &FeedRow) -> Option<Arc<dyn Feed>> {
        let mut adapters = self.adapters();
        if let Some((made_from, adapter)) = adapters.get(&row.id)
            && is_made_alike(made_from, row)
        {
            return Some(adapter.clone());
        }
        let adapter = match row.kind {
            FeedKind::Folder => self.folder(row),
            kind => reaching::adapter(kind, self.site(row, Arc::new(self.credentials(row)))?)?,
        };
        adapters.insert(row.id, (row.clone(), adapter.clone()));
        Some(adapter)
    }

    fn folder(&self, row: &FeedRow) -> Arc<dyn Feed> {
        let title = [&row.options.title, &row.name].into_iter().find(|title| !title.trim().is_empty());
        let face = folder::Face {
            title: title.map_or_else(|| "Sampan".to_owned(), Clone::clone),
            author: row.options.author.clone(),
            base_url: row.options.base_url.clone(),
        };
        Arc::new(feed::FolderFeed::new(row.id, self.place(row), face))
    }

    #[cfg(test)]
    pub(super) fn put_adapter(&self, row: FeedRow, adapter: Arc<dyn Feed>) {
        self.adapters().insert(row.id, (row, adapter));
    }

    fn adapters(&self) -> MutexGuard<'_, Made> {
        self.inner.adapters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether two rows make the same adapter.
fn is_made_alike(a: &FeedRow, b: &FeedRow) -> bool {
    (&a.place, &a.name, &a.options, &a.account, &a.facts) == (&b.place, &b.name, &b.options, &b.account, &b.facts)
}

/// A feed without a name is called as its folder.
fn named(name: &str, place: &std::path::Path) -> String {
    match name.trim() {
        "" => place.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        name => name.to_owned(),
    }
}
