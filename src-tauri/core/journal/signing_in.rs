//! Finding feeds on the network, and signing in at them.

use futures_util::future::join_all;

use super::reaching::{Address, KINDS};
use super::setting_up::refusal;
use super::{Journal, internal};
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::events::Event;
use crate::api::remote::*;
use crate::api::types::{FeedHealth, FeedKind, FeedView};
use crate::domain::FeedId;
use crate::store::feeds;

impl Journal {
    /// See the table in [`crate::api::commands`].
    pub async fn feed_discover(&self, input: DiscoverInput) -> ApiResult<Vec<Discovery>> {
        let address = Address::read(&input.address, input.plain_http)?;
        let looks = KINDS.map(|kind| {
            let address = &address;
            async move { (kind, self.look_for(kind, address).await) }
        });
        let (mut discovered, mut trouble) = (Vec::new(), None);
        for (kind, found) in join_all(looks).await {
            match found {
                Ok(Some(found)) => discovered.push(Discovery {
                    kind,
                    name: found.title,
                    place: found.place.to_string(),
                    sign_in: if kind == FeedKind::Wordpress { SignInWay::Password } else { SignInWay::Browser },
                    password_page: found.password_page.map(|page| page.to_string()),
                }),
                Ok(None) => {}
                Err(error) => trouble = Some(refusal(&error, address.typed())),
            }
        }
        // What one kind could not be asked for does not matter where another was found.
        match trouble {
            Some(trouble) if discovered.is_empty() => Err(trouble),
            _ => Ok(discovered),
        }
    }

    /// Signs in at a feed that is set up. Nothing that was kept is replaced before the feed took the new secret.
    pub async fn feed_sign_in(&self, input: FeedSignIn) -> ApiResult<FeedView> {
        let FeedSignIn { feed: id, user, secret, keep } = input;
        let mut row = self.store().read(move |conn| feeds::get(conn, id)).await?;
        if row.kind == FeedKind::Folder {
            return Err(ApiError::about(ErrorCode::BadInput, "feed"));
        }
        if !user.trim().is_empty() {
            row.account.user = user.trim().to_owned();
        }
        row.facts = self.try_out(&row, &secret).await?;
        let before = row.account.keep.take();
        let keep = self.keep_secret(id, keep, &secret).await?;
        if before.as_ref() != Some(&keep) {
            self.forget_secret(id, before.as_ref()).await;
        }
        row.account.keep = Some(keep);
        let now = self.clock().now();
        let signed_in = self.store().write(move |tx| {
            feeds::set_facts(tx, id, &row.facts, &row.account)?;
            feeds::set_health(tx, id, FeedHealth::Reachable, Some(now))
        });
        signed_in.await?;
        self.tell(Event::FeedsChanged);
        self.engine().wake(id).await.map_err(internal)?;
        self.outbox_changed(Some(id)).await;
        self.inner.outbox_bell.notify_one();
        self.feed_view(id).await
    }

    /// Forgets the secret of a feed. What waits for it goes on waiting.
    pub async fn feed_sign_out(&self, id: FeedId) -> ApiResult<FeedView> {
        let mut row = self.store().read(move |conn| feeds::get(conn, id)).await?;
        let keep = row.account.keep.take();
        let signed_out = self.store().write(move |tx| {
            feeds::set_facts(tx, id, &row.facts, &row.account)?;
            if row.kind != FeedKind::Folder {
                feeds::set_health(tx, id, FeedHealth::SignedOut, None)?;
            }
            Ok(())
        });
        signed_out.await?;
        // After the row: a crash in between leaves a secret that nobody uses, not a row that promises one.
        self.forget_secret(id, keep.as_ref()).await;
        self.tell(Event::FeedsChanged);
        self.outbox_changed(Some(id)).await;
        self.feed_view(id).await
    }
}
