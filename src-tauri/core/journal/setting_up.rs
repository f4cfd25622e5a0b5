//! Setting up a feed on the network: find it, try the secret, keep it, and only then write the feed down.

use std::sync::Arc;

use super::Journal;
use super::reaching::{self, Address};
use super::secrets::sign_in;
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::events::Event;
use crate::api::types::*;
use crate::domain::destination::Facts;
use crate::domain::{FeedId, Secret};
use crate::feed::FeedError;
use crate::feed::web::Found;
use crate::store::feeds::{self, Account, FeedRow};
use crate::store::parted;

/// A feed on the network that is about to be set up.
pub(super) struct NewFeed {
    /// What it is.
    pub kind: FeedKind,
    /// What was found.
    pub found: Found,
    /// As the user calls it; empty for the site's own title.
    pub name: String,
    /// The name to sign in with, where the feed asks for one.
    pub user: String,
    /// The password or token.
    pub secret: Secret,
    /// Where it shall be kept; absent tries the keychain.
    pub keep: Option<KeepSecret>,
    /// Plain `http` to a computer that is not this one was allowed.
    pub plain_http: bool,
}

impl Journal {
    /// Sets up a feed at an address, with the secret that was given.
    pub(super) async fn add_remote(&self, input: FeedInput) -> ApiResult<FeedView> {
        let FeedInput { kind, name, place, user, secret, keep, plain_http } = input;
        // What can be said without asking anybody comes first.
        Address::read(&place, plain_http)?;
        self.expect_vault(keep.as_ref()).await?;
        let found = self.find(kind, &place, plain_http).await?;
        let needed = || ApiError::about(ErrorCode::SignInNeeded, found.place.as_str());
        let user = user.trim().to_owned();
        let secret = secret.filter(|secret| !secret.expose().trim().is_empty()).ok_or_else(needed)?;
        if kind == FeedKind::Wordpress && user.is_empty() {
            return Err(needed());
        }
        self.set_up(NewFeed { kind, found, name, user, secret, keep, plain_http }).await
    }

    /// What is at an address, if it is of that kind.
    pub(super) async fn find(&self, kind: FeedKind, place: &str, plain_http: bool) -> ApiResult<Found> {
        let address = Address::read(place, plain_http)?;
        let found = self.look_for(kind, &address).await.map_err(|error| address.refusal(&error))?;
        found.ok_or_else(|| ApiError::about(ErrorCode::NoFeedThere, address.typed()))
    }

    /// Tries a feed with its secret, keeps the secret, and writes the feed down.
    pub(super) async fn set_up(&self, new: NewFeed) -> ApiResult<FeedView> {
        let NewFeed { kind, found, name, user, secret, keep, plain_http } = new;
        let called =
            [name.trim(), found.title.trim()].into_iter().find(|name| !name.is_empty()).unwrap_or_default().to_owned();
        let mut row = FeedRow {
            id: FeedId::from_uuid(self.clock().new_uuid()),
            kind,
            name: called,
            place: found.place.to_string(),
            enabled: true,
            options: FeedOptions::default(),
            health: FeedHealth::Reachable,
            seen_at: Some(self.clock().now()),
            account: Account { user, keep: None, plain_http },
            facts: Facts { title: found.title, endpoints: found.endpoints, ..Facts::default() },
            cursor: None,
            pulled_at: None,
            held_back: 0,
            position: 0,
        };
        row.facts = self.try_out(&row, &secret).await?;
        self.refuse_twice(&row).await?;
        row.account.keep = Some(self.keep_secret(row.id, keep, &secret).await?);
        let (id, keep, now) = (row.id, row.account.keep.clone(), self.clock().now());
        let added = self.store().write(move |tx| {
            feeds::add(tx, &row)?;
            parted::resume(tx, &row, now)
        });
        if let Err(error) = added.await {
            self.forget_secret(id, keep.as_ref()).await;
            return Err(error.into());
        }
        self.tell(Event::FeedsChanged);
        self.outbox_changed(None).await;
        self.feed_view(id).await
    }

    /// What a feed says of itself to whoever has that secret, which is not kept anywhere for it.
    pub(super) async fn try_out(&self, row: &FeedRow, secret: &Secret) -> ApiResult<Facts> {
        let known = Arc::new(sign_in(row.kind, &row.account.user, secret.clone()));
        let adapter = self.site(row, known).and_then(|site| reaching::adapter(row.kind, site));
        let adapter = adapter.ok_or_else(|| ApiError::about(ErrorCode::NoFeedThere, &row.place))?;
        let facts = adapter.probe().await.map_err(|error| refusal(&error, &row.place))?;
        Ok(with_endpoints(facts, &row.facts))
    }

    /// One account at one place is one feed: with two, a post would go there twice.
    async fn refuse_twice(&self, row: &FeedRow) -> ApiResult<()> {
        let same = |other: &FeedRow| {
            let user = !row.account.user.is_empty() && other.account.user.eq_ignore_ascii_case(&row.account.user);
            (other.kind, &other.place) == (row.kind, &row.place) && (user || other.facts.account == row.facts.account)
        };
        let known = self.store().read(feeds::list).await?;
        match known.iter().any(same) {
            true => Err(ApiError::about(ErrorCode::FeedExists, &row.place)),
            false => Ok(()),
        }
    }
}

/// Fresh facts, with the addresses that discovery found where the feed did not tell others.
pub(super) fn with_endpoints(mut fresh: Facts, before: &Facts) -> Facts {
    for (name, address) in &before.endpoints {
        fresh.endpoints.entry(name.clone()).or_insert_with(|| address.clone());
    }
    fresh
}

/// What a feed's refusal means to somebody who is setting it up.
pub(super) fn refusal(error: &FeedError, place: &str) -> ApiError {
    let code = match error {
        FeedError::SignedOut => ErrorCode::SignInRefused,
        FeedError::Locked => ErrorCode::KeychainLocked,
        FeedError::Untrusted => ErrorCode::BadCertificate,
        FeedError::InTheClear => ErrorCode::PlainHttp,
        FeedError::Denied => ErrorCode::FeedDenied,
        FeedError::Gone | FeedError::Refused | FeedError::Foreign => ErrorCode::NoFeedThere,
        _ => ErrorCode::FeedUnreachable,
    };
    ApiError::about(code, place)
}
