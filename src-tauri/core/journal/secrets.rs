//! The secrets of feeds on their way between the user, the vaults and the requests that need them. Shows them to nobody, and
//! writes none into the journal: a feed's row says where its secret is, never what it is.

#[cfg(test)]
mod tests;

use async_trait::async_trait;

use super::Journal;
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::types::{FeedKind, KeepSecret};
use crate::domain::{FeedId, Secret};
use crate::feed::FeedError;
use crate::feed::web::{Credentials, SignIn};
use crate::store::feeds::FeedRow;
use crate::vault::{Kept, NotKept, Vaults};

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

    /// How a feed's requests are signed.
    pub(super) fn credentials(&self, row: &FeedRow) -> KeptSignIn {
        KeptSignIn {
            vaults: self.vaults().clone(),
            feed: row.id,
            kind: row.kind,
            user: row.account.user.clone(),
            keep: row.account.keep.clone(),
        }
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
    vaults: Vaults,
    feed: FeedId,
    kind: FeedKind,
    user: String,
    keep: Option<KeepSecret>,
}

#[async_trait]
impl Credentials for KeptSignIn {
    async fn sign_in(&self) -> Result<SignIn, FeedError> {
        let keep = self.keep.as_ref().ok_or(FeedError::SignedOut)?;
        match self.vaults.get(keep, self.feed).await {
            Kept::Available(secret) => Ok(sign_in(self.kind, &self.user, secret)),
            // Nothing is removed or replaced: a keychain says the same of what is locked and of what is not there.
            Kept::Absent | Kept::Locked => Err(FeedError::SignedOut),
        }
    }
}

/// How a kind of feed uses a secret.
pub(super) fn sign_in(kind: FeedKind, user: &str, secret: Secret) -> SignIn {
    match kind {
        FeedKind::Folder => SignIn::Anonymous,
        FeedKind::Wordpress => SignIn::Basic { user: user.to_owned(), password: secret },
        FeedKind::Micropub | FeedKind::Mastodon => SignIn::Bearer(secret),
    }
}
