//! The secrets of feeds on their way between the user, the vaults and the requests that need them. Shows them to nobody, and
//! writes none into the journal: a feed's row says where its secret is, never what it is.

mod renewing;
#[cfg(test)]
mod tests;

use async_trait::async_trait;

use super::Journal;
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::types::{FeedKind, KeepSecret};
use crate::domain::{FeedId, Secret};
use crate::feed::FeedError;
use crate::feed::web::oauth::Grant;
use crate::feed::web::{Credentials, Reach, SignIn};
use crate::store::feeds::FeedRow;
use crate::vault::{Kept, NotKept, Vaults};
use renewing::Renewing;

/// Held by whoever renews a token; beside the journal's files.
const LOCK: &str = "sign-in.lock";

impl Journal {
    /// Keeps the secret of a feed as the user chose, or else in the keychain, and answers where it is now. Without a keychain
    /// nothing else is chosen silently: [`ErrorCode::NoKeychain`] and [`ErrorCode::KeychainLocked`] let the
    /// interface ask.
    pub(super) async fn keep_secret(
        &self,
        feed: FeedId,
        keep: Option<KeepSecret>,
        secret: &Secret,
    ) -> ApiResult<KeepSecret> {
        let keep = keep.unwrap_or(KeepSecret::Keychain);
        if let KeepSecret::Environment { name } = &keep
            && (name.is_empty() || name.contains(['=', '\0']))
        {
            return Err(ApiError::about(ErrorCode::BadInput, "keep"));
        }
        self.vaults().set(&keep, feed, secret).await.map_err(|error| not_kept(&keep, error))?;
        Ok(keep)
    }

    /// Whether a secret could be kept as the user chose, before anything else is asked of the user or of the feed.
    pub(super) async fn expect_vault(&self, keep: Option<&KeepSecret>) -> ApiResult<()> {
        let keep = keep.unwrap_or(&KeepSecret::Keychain);
        self.vaults().probe(keep).await.map_err(|error| not_kept(keep, error))
    }

    /// Forgets the secret of a feed. A vault that does not let it go now keeps it: it is of no use without the feed.
    pub(super) async fn forget_secret(&self, feed: FeedId, keep: Option<&KeepSecret>) {
        let Some(keep) = keep else { return };
        match self.vaults().remove(keep, feed).await {
            Ok(()) | Err(NotKept::NoVault) => {}
            Err(error) => tracing::warn!(%feed, %error, "a secret stays in its vault"),
        }
    }

    /// The secret of a feed, if it can be had now.
    pub(super) async fn kept_secret(&self, feed: FeedId, keep: &KeepSecret) -> Option<Secret> {
        match self.vaults().get_afresh(keep, feed).await {
            Kept::Available(secret) => Some(secret),
            Kept::Absent | Kept::Locked => None,
        }
    }

    /// How a feed's requests are signed.
    pub(super) fn credentials(&self, row: &FeedRow) -> KeptSignIn {
        let kept = row.account.keep.clone().map(|keep| Renewing {
            vaults: self.vaults().clone(),
            feed: row.id,
            keep,
            reach: self.reach(row),
            clock: self.inner.options.clock.clone(),
            lock: self.store().dir().join(LOCK),
        });
        KeptSignIn { kind: row.kind, user: row.account.user.clone(), kept }
    }

    /// How a feed's site may be reached.
    pub(super) fn reach(&self, row: &FeedRow) -> Reach {
        Reach { plain_http: row.account.plain_http, patience: self.inner.options.patience }
    }

    fn vaults(&self) -> &Vaults {
        &self.inner.options.vaults
    }
}

fn not_kept(keep: &KeepSecret, error: NotKept) -> ApiError {
    tracing::info!(%error, "a secret is not kept");
    ApiError::new(match (keep, error) {
        (KeepSecret::Keychain, NotKept::Locked) => ErrorCode::KeychainLocked,
        (KeepSecret::Keychain, _) => ErrorCode::NoKeychain,
        _ => ErrorCode::Io,
    })
}

/// The sign-in of a feed, from wherever its secret is kept. The vault is asked for every request, so that a keychain that is
/// unlocked later is enough.
pub(super) struct KeptSignIn {
    kind: FeedKind,
    user: String,
    /// Absent where nothing is kept.
    kept: Option<Renewing>,
}

#[async_trait]
impl Credentials for KeptSignIn {
    async fn sign_in(&self) -> Result<SignIn, FeedError> {
        let kept = self.kept.as_ref().ok_or(FeedError::SignedOut)?;
        Ok(sign_in(self.kind, &self.user, kept.usable().await?))
    }

    async fn instead_of(&self, refused: &Secret) -> Result<Option<Secret>, FeedError> {
        match &self.kept {
            Some(kept) => kept.instead_of(refused).await,
            None => Ok(None),
        }
    }
}

/// How a kind of feed uses a secret.
pub(super) fn sign_in(kind: FeedKind, user: &str, secret: Secret) -> SignIn {
    match kind {
        FeedKind::Folder => SignIn::Anonymous,
        FeedKind::Wordpress => SignIn::Basic { user: user.to_owned(), password: secret },
        // What a sign-in in the browser gave is more than the token.
        FeedKind::Micropub | FeedKind::Mastodon => {
            SignIn::Bearer(Grant::read(&secret).map_or(secret, |grant| grant.access))
        }
    }
}
