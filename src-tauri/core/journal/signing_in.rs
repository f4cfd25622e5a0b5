//! Finding feeds on the network, and signing in at them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::reaching::{Address, KINDS};
use super::secrets::sign_in;
use super::{Journal, internal};
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::events::Event;
use crate::api::remote::*;
use crate::api::types::{FeedHealth, FeedKind, FeedView, KeepSecret};
use crate::domain::{FeedId, Secret};
use crate::feed::web::oauth::Grant;
use crate::feed::{FeedError, mastodon, micropub, wordpress};
use crate::store::feeds::{self, FeedRow};

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
                Err(error) => trouble = Some(address.refusal(&error)),
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
        self.sign_in_as(input, BTreeMap::new()).await
    }

    /// The same, with what the site said of the user meanwhile. Somebody else than before is another feed: what lies there is not
    /// theirs to change.
    pub(super) async fn sign_in_as(&self, input: FeedSignIn, said: BTreeMap<String, String>) -> ApiResult<FeedView> {
        let FeedSignIn { feed: id, user, secret, keep } = input;
        let mut row = self.store().read(move |conn| feeds::get(conn, id)).await?;
        if row.kind == FeedKind::Folder {
            return Err(ApiError::about(ErrorCode::BadInput, "feed"));
        }
        let who = identity(&row);
        if !user.trim().is_empty() {
            row.account.user = user.trim().to_owned();
        }
        row.facts.endpoints.extend(said);
        row.facts = self.try_out(&row, &secret).await?;
        if let (Some(before), Some(now)) = (who, identity(&row))
            && before != now
        {
            return Err(ApiError::about(ErrorCode::SignInOther, &row.facts.account));
        }
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

    /// Forgets the secret of a feed, and hands back what the site gave for it. What waits for it goes on waiting.
    pub async fn feed_sign_out(&self, id: FeedId) -> ApiResult<FeedView> {
        let mut row = self.store().read(move |conn| feeds::get(conn, id)).await?;
        let keep = row.account.keep.take();
        let (facts, account, kind) = (row.facts.clone(), row.account.clone(), row.kind);
        let signed_out = self.store().write(move |tx| {
            feeds::set_facts(tx, id, &facts, &account)?;
            if kind != FeedKind::Folder {
                feeds::set_health(tx, id, FeedHealth::SignedOut, None)?;
            }
            Ok(())
        });
        signed_out.await?;
        // After the row: a crash in between leaves a secret that nobody uses, not a row that promises one.
        row.account.keep = keep;
        self.give_up_secret(&row).await;
        self.tell(Event::FeedsChanged);
        self.outbox_changed(Some(id)).await;
        self.feed_view(id).await
    }

    /// Forgets the secret of a feed here, and hands it back there if the site can be reached now: whoever signs out is not kept
    /// waiting for a site. A secret that a variable holds is the user's own.
    pub(super) async fn give_up_secret(&self, row: &FeedRow) {
        let Some(keep) = &row.account.keep else { return };
        let is_ours = !matches!(keep, KeepSecret::Environment { .. });
        let secret = if is_ours { self.kept_secret(row.id, keep).await } else { None };
        self.forget_secret(row.id, Some(keep)).await;
        let Some(secret) = secret else { return };
        let handed_back = tokio::time::timeout(TO_HAND_BACK, self.hand_back(row, secret)).await;
        if !matches!(handed_back, Ok(Ok(()))) {
            tracing::info!(feed = %row.id, "the site was not told of the end of a sign-in");
        }
    }

    async fn hand_back(&self, row: &FeedRow, secret: Secret) -> Result<(), FeedError> {
        if let Some(grant) = Grant::read(&secret) {
            return grant.hand_back(self.reach(row)).await;
        }
        // Another token was made by the user, who alone knows what else it is used for.
        if row.kind != FeedKind::Wordpress {
            return Ok(());
        }
        let known = Arc::new(sign_in(row.kind, &row.account.user, secret));
        match self.site(row, known) {
            Some(site) => wordpress::sign_out(site).await,
            None => Ok(()),
        }
    }
}

/// How long a site may take to take a token back.
const TO_HAND_BACK: Duration = Duration::from_secs(5);

/// Who we are at a feed, in words that do not change with what people call themselves.
fn identity(row: &FeedRow) -> Option<String> {
    let said = |name: &str| row.facts.endpoints.get(name).cloned();
    match row.kind {
        FeedKind::Folder => None,
        FeedKind::Wordpress => Some(row.account.user.to_lowercase()).filter(|user| !user.is_empty()),
        FeedKind::Mastodon => said(mastodon::ACCOUNT),
        FeedKind::Micropub => said(micropub::ME),
    }
}
