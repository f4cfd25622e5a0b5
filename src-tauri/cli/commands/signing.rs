//! Feeds on the network: find them, set them up, sign in and out. Shows no secret.

use std::future::Future;

use sampan_core::api::ApiError;
use sampan_core::api::error::{ApiResult, ErrorCode};
use sampan_core::api::remote::{DiscoverInput, Discovery, FeedSignIn, SignInInput};
use sampan_core::api::types::{FeedInput, FeedKind, FeedView, KeepSecret};

use super::feeds::print_feed;
use super::{Ending, Session};
use crate::arguments::{AddOptions, SignInOptions};
use crate::compose::absolute;
use crate::failure::{Complaint, Outcome};
use crate::secret::{self, Given};
use crate::tongue::{fit, printable, table};

/// Sets up a feed.
pub async fn add(session: &Session, options: AddOptions) -> Outcome<Ending> {
    let AddOptions { kind, place, name, with, plain_http } = options;
    let kind = FeedKind::from(kind);
    let name = name.unwrap_or_default();
    let place = place.into_string();
    let place = place.map_err(|place| Complaint::PathNotUnicode(place.to_string_lossy().into_owned()))?;
    if kind == FeedKind::Folder {
        let place = absolute(place.as_ref()).display().to_string();
        return print_feed(session, session.journal.feed_add(FeedInput::folder(name, place)).await?);
    }
    let given = given(session, kind, &with)?;
    let feed = match given {
        Some(given) => {
            let user = with.user.unwrap_or_default();
            let secret = Some(given.secret.clone());
            let input = FeedInput { kind, name, place, user, secret, keep: given.keep.clone(), plain_http };
            let add = |keep| session.journal.feed_add(FeedInput { keep, ..input.clone() });
            kept_somewhere(session, &given, add).await?
        }
        None if needs_secret(kind, &with) => return Err(ApiError::about(ErrorCode::SignInNeeded, place).into()),
        None => {
            let input = SignInInput { kind, place, name, feed: None, keep: secret::keep(&with), plain_http };
            in_browser(session, input).await?
        }
    };
    print_feed(session, feed)
}

/// Signs in again.
pub async fn sign_in(session: &Session, feed: String, with: SignInOptions) -> Outcome<Ending> {
    let id = session.journal.feed_resolve(feed).await?;
    let view = session.feed(id).await?;
    let feed = match given(session, view.kind, &with)? {
        Some(given) => {
            let user = with.user.unwrap_or_default();
            let (secret, keep) = (given.secret.clone(), given.keep.clone());
            let input = FeedSignIn { feed: id, user, secret, keep };
            let again = |keep| session.journal.feed_sign_in(FeedSignIn { keep, ..input.clone() });
            kept_somewhere(session, &given, again).await?
        }
        None if needs_secret(view.kind, &with) => {
            return Err(ApiError::about(ErrorCode::SignInNeeded, view.place).into());
        }
        None => {
            let (name, keep) = (view.name, secret::keep(&with));
            let input =
                SignInInput { kind: view.kind, place: view.place, name, feed: Some(id), keep, plain_http: false };
            in_browser(session, input).await?
        }
    };
    print_feed(session, feed)
}

/// Forgets the secret of a feed.
pub async fn sign_out(session: &Session, feed: String) -> Outcome<Ending> {
    let id = session.journal.feed_resolve(feed).await?;
    print_feed(session, session.journal.feed_sign_out(id).await?)
}

/// Finds out what is at an address.
pub async fn discover(session: &Session, address: String, plain_http: bool) -> Outcome<Ending> {
    let found = session.journal.feed_discover(DiscoverInput { address: address.clone(), plain_http }).await?;
    if found.is_empty() {
        return Err(ApiError::about(ErrorCode::NoFeedThere, address).into());
    }
    let line = |one: &Discovery| {
        let page = one.password_page.as_deref().map(printable).unwrap_or_default();
        vec![one.kind.as_str().to_owned(), fit(&printable(&one.name), 30), printable(&one.place), page]
    };
    let rows: Vec<Vec<String>> = found.iter().map(line).collect();
    session.screen.answer(&found, |_| table(&rows))?;
    Ok(Ending::Done)
}

/// The secret that was given; Micropub and Mastodon are signed in at in the browser where none was.
fn given(session: &Session, kind: FeedKind, with: &SignInOptions) -> Outcome<Option<Given>> {
    secret::ask(with, needs_secret(kind, with), session.screen.tongue)
}

/// Whether there is no other way in than the secret that was announced, or that this kind of feed always asks for.
fn needs_secret(kind: FeedKind, with: &SignInOptions) -> bool {
    kind == FeedKind::Wordpress || with.token_stdin
}

/// Does it with the secret kept as was said. Where there is no keychain and the secret came from a variable, the variable's
/// name is enough, and that is said aloud. A keychain that is locked is one: the user unlocks it, or says where else.
async fn kept_somewhere<F>(
    session: &Session,
    given: &Given,
    set_up: impl Fn(Option<KeepSecret>) -> F,
) -> ApiResult<FeedView>
where
    F: Future<Output = ApiResult<FeedView>>,
{
    let refused = match set_up(given.keep.clone()).await {
        Err(error) if error.code == ErrorCode::NoKeychain => error,
        done => return done,
    };
    let Some(KeepSecret::Environment { name }) = given.fallback() else { return Err(refused) };
    let feed = set_up(Some(KeepSecret::Environment { name: name.clone() })).await?;
    let words = session.screen.tongue.pick(
        "There is no keychain to keep the secret in: nothing secret was written. Later runs read the variable",
        "没有可用的钥匙串：没有写下任何秘密。以后运行时会读取变量",
    );
    session.screen.note(&format!("{words} {}", printable(&name)));
    Ok(feed)
}

/// Prints the address to open, and waits for the browser.
async fn in_browser(session: &Session, input: SignInInput) -> ApiResult<FeedView> {
    let started = session.journal.sign_in_begin(input).await?;
    let words = session.screen.tongue.pick(
        "Open this address in your browser and allow Sampan; it is waited for up to five minutes:",
        "请在浏览器中打开下面的地址并允许舢板；最多等五分钟：",
    );
    session.screen.note(&format!("{words}\n{}", printable(&started.url)));
    session.journal.sign_in_finish(started.id).await
}
