//! Signing in at a feed in the user's own browser: a page to open, an answer to wait for, a token to keep. Opens nothing itself;
//! the token goes from the site to the vault and is shown to nobody.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::task::{AbortHandle, JoinHandle};
use url::Url;

use super::setting_up::{NewFeed, refusal};
use super::{Journal, internal};
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::remote::{FeedSignIn, SignInInput, SignInStarted};
use crate::api::types::{FeedKind, FeedView, KeepSecret};
use crate::domain::Secret;
use crate::feed::web::Found;
use crate::feed::web::oauth::{self, Authorization, Loopback, Stopped};
use crate::feed::{FeedError, mastodon, micropub};
use crate::store::feeds;

/// Sign-ins at once; the one that was begun first makes room. Whoever gives up and begins again leaves one behind.
const MOST: usize = 8;

/// Sign-ins that wait for the user, by the names they were given.
pub(super) type SignIns = Mutex<BTreeMap<String, Pending>>;

/// A sign-in that waits for the user's browser. Nobody listens any more when this goes.
pub(super) struct Pending {
    listening: AbortHandle,
    /// Taken by whoever finishes it.
    begun: Option<Begun>,
}

struct Begun {
    input: SignInInput,
    found: Found,
    authorization: Authorization,
    code: JoinHandle<Result<Secret, Stopped>>,
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Journal {
    /// Begins a sign-in in the user's browser.
    pub async fn sign_in_begin(&self, input: SignInInput) -> ApiResult<SignInStarted> {
        let input = self.as_set_up(input).await?;
        // What the site gives cannot be put into a variable.
        if matches!(input.keep, Some(KeepSecret::Environment { .. })) {
            return Err(ApiError::about(ErrorCode::BadInput, "keep"));
        }
        self.expect_vault(input.keep.as_ref()).await?;
        let found = self.find(input.kind, &input.place, input.plain_http).await?;
        let loopback = Loopback::open().await.map_err(internal)?;
        let page = self.authorization(&input, &found.place, loopback.redirect_uri()).await;
        let authorization = page.map_err(|error| match error {
            // Posts can be sent there, but not by way of a browser.
            FeedError::Refused => ApiError::about(ErrorCode::SignInNeeded, found.place.as_str()),
            error => refusal(&error, found.place.as_str()),
        })?;
        let started = SignInStarted { id: self.clock().new_uuid().to_string(), url: authorization.url.to_string() };
        let expected = authorization.clone();
        let code = tokio::spawn(async move { loopback.wait(&expected).await });
        let listening = code.abort_handle();
        let begun = Some(Begun { input, found, authorization, code });
        let mut waiting = self.sign_ins();
        while waiting.len() >= MOST {
            waiting.pop_first();
        }
        waiting.insert(started.id.clone(), Pending { listening, begun });
        Ok(started)
    }

    /// Waits until the user came back from the browser, and signs in with what the site gave.
    pub async fn sign_in_finish(&self, id: String) -> ApiResult<FeedView> {
        let begun = self.sign_ins().get_mut(&id).and_then(|pending| pending.begun.take());
        let Begun { input, mut found, authorization, code } =
            begun.ok_or_else(|| ApiError::about(ErrorCode::BadInput, "id"))?;
        let code = code.await;
        self.sign_ins().remove(&id);
        // Only a cancelled wait has no end of its own.
        let code = code.map_err(|_| ApiError::new(ErrorCode::Cancelled))?;
        let code = code.map_err(|stopped| ApiError::about(stopped_code(stopped), found.place.as_str()))?;
        let now = self.clock().now();
        let token = oauth::redeem(&authorization, &code, now).await;
        let token = token.map_err(|error| not_redeemed(&error, found.place.as_str()))?;
        if input.kind == FeedKind::Micropub {
            let owner = micropub::owner(&authorization, &found.place, &token).await;
            let owner = owner.map_err(|error| refusal(&error, found.place.as_str()))?;
            found.endpoints.extend(owner.map(|me| (micropub::ME.to_owned(), me.to_string())));
        }
        let (user, secret, keep) = (String::new(), token.granted(&authorization.terms, now).write(), input.keep);
        match input.feed {
            Some(feed) => self.sign_in_as(FeedSignIn { feed, user, secret, keep }, found.endpoints).await,
            None => {
                let SignInInput { kind, name, plain_http, .. } = input;
                self.set_up(NewFeed { kind, found, name, user, secret, keep, plain_http }).await
            }
        }
    }

    /// Ends a sign-in; whoever waits for it is told. One that ended already is as good as ended.
    pub async fn sign_in_cancel(&self, id: String) -> ApiResult<()> {
        drop(self.sign_ins().remove(&id));
        Ok(())
    }

    /// Signing in again happens where the feed is, whatever else was said.
    async fn as_set_up(&self, mut input: SignInInput) -> ApiResult<SignInInput> {
        if let Some(id) = input.feed {
            let row = self.store().read(move |conn| feeds::get(conn, id)).await?;
            (input.kind, input.place, input.plain_http) = (row.kind, row.place, row.account.plain_http);
        }
        Ok(input)
    }

    async fn authorization(
        &self,
        input: &SignInInput,
        place: &Url,
        redirect_uri: &Url,
    ) -> Result<Authorization, FeedError> {
        let patience = self.inner.options.patience;
        match input.kind {
            FeedKind::Micropub => micropub::authorization(place, redirect_uri, patience, input.plain_http).await,
            FeedKind::Mastodon => mastodon::authorization(place, redirect_uri, patience, input.plain_http).await,
            FeedKind::Folder | FeedKind::Wordpress => Err(FeedError::Refused),
        }
    }

    fn sign_ins(&self) -> MutexGuard<'_, BTreeMap<String, Pending>> {
        self.inner.sign_ins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stopped_code(stopped: Stopped) -> ErrorCode {
    match stopped {
        Stopped::TimedOut => ErrorCode::SignInTimedOut,
        Stopped::Denied => ErrorCode::SignInDenied,
        Stopped::Failed => ErrorCode::SignInRefused,
    }
}

fn not_redeemed(error: &FeedError, place: &str) -> ApiError {
    match error {
        FeedError::Denied => ApiError::about(ErrorCode::SignInRefused, place),
        FeedError::Refused => ApiError::about(ErrorCode::AnswerStrange, place),
        error => refusal(error, place),
    }
}
