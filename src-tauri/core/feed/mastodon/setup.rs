//! Before anything is sent: whether an address is a server of this kind, what it takes, and how one signs in there.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::api::{self, Api};
use super::server::{self, Server};
use super::wire::{Account, Finger, Instance};
use crate::domain::Secret;
use crate::feed::web::oauth::{Authorization, Terms};
use crate::feed::web::{Answer, Client, Found, Patience, Reach, Risk, SignIn};
use crate::feed::{Facts, FeedError, Limits};

/// The name under which facts keep the server's name for our account.
pub const ACCOUNT: &str = "account";
/// What we ask to be allowed: as little as posting, changing and reading our own takes
/// (<https://docs.joinmastodon.org/api/oauth-scopes/>).
const SCOPES: &str = "read:accounts read:statuses write:statuses write:media";
/// The same where looking at our own files has a scope, which Mastodon does not know and would refuse.
const LOOKING_SCOPES: &str = "read:accounts read:statuses read:media write:statuses write:media";
/// The same for servers that know nothing smaller.
const WIDE_SCOPES: &str = "read write";

/// What is asked for of an account (<https://www.rfc-editor.org/rfc/rfc7033#section-4.2>).
const FINGER: &str = "application/jrd+json, application/json";
/// What an account is at its own server.
const ACTOR: &str = "application/activity+json";

/// What the server says of itself, in the second and the first version of the API.
const DESCRIPTIONS: [&str; 2] = ["/api/v2/instance", "/api/v1/instance"];

/// Whether a server of this kind answers at an address, which may name a page on it. Servers answer under their origin, and some
/// move to another one, such as from the bare domain to `www`: what is found there is set up with where it is now.
pub async fn discover(address: &Url, plain_http: bool, patience: Patience) -> Result<Option<Found>, FeedError> {
    let reach = Reach { plain_http, patience };
    for path in DESCRIPTIONS {
        let asked = address.join(path).map_err(|_| FeedError::Denied)?;
        let (at, answer) = reach.follow(&asked, api::JSON).await?;
        // A move to anywhere else, such as a page to sign in at, names no server.
        if let Some(instance) = described(&answer)?.filter(|_| at.path() == path) {
            let place = at.join("/").map_err(|_| FeedError::Denied)?;
            let host = place.host_str().unwrap_or_default().to_owned();
            let title = if instance.title.trim().is_empty() { host } else { instance.title.trim().to_owned() };
            return Ok(Some(Found { place, title, password_page: None, endpoints: BTreeMap::new() }));
        }
    }
    Ok(None)
}

/// The server of an account, by the host in its handle. That one may be another than the server's, and tells where it is
/// (<https://docs.joinmastodon.org/spec/webfinger/>); where it does not, the server is looked for there itself.
pub async fn discover_account(
    account: &str,
    host: &Url,
    plain_http: bool,
    patience: Patience,
) -> Result<Option<Found>, FeedError> {
    let home = home(account, host, Reach { plain_http, patience }).await;
    let there = match home.filter(|home| home.origin() != host.origin()) {
        Some(home) => discover(&home, plain_http, patience).await,
        None => Ok(None),
    };
    if let Ok(Some(found)) = there {
        return Ok(Some(found));
    }
    match discover(host, plain_http, patience).await? {
        Some(found) => Ok(Some(found)),
        None => there,
    }
}

/// Where the server of an account is, if the host in its handle tells.
async fn home(account: &str, host: &Url, reach: Reach) -> Option<Url> {
    let mut asked = host.join("/.well-known/webfinger").ok()?;
    asked.query_pairs_mut().append_pair("resource", &format!("acct:{account}@{}", host.authority()));
    let (at, answer) = reach.follow(&asked, FINGER).await.ok()?;
    // Hosts that keep it as a file may not say that it is JSON.
    named_home(&answer.json_untold().ok()?, &at, reach)
}

/// Where the server is that a host names, at an address that what lies there may lead to.
fn named_home(told: &Finger, at: &Url, reach: Reach) -> Option<Url> {
    let actor = told.links.iter().find(|link| link.rel == "self" && link.kind == ACTOR)?;
    let actor = Url::parse(&actor.href).ok()?;
    reach.may_go(at, &actor).ok()?;
    actor.join("/").ok()
}

/// Registers this program at a server, and answers the sign-in to open in the user's browser. The answer goes to `redirect`.
pub async fn authorization(
    place: &Url,
    redirect: &Url,
    patience: Patience,
    plain_http: bool,
) -> Result<Authorization, FeedError> {
    let client = Client::new(place.clone(), Arc::new(SignIn::Anonymous), plain_http, patience)?;
    let url = |path: &str| place.join(path).map_err(|_| FeedError::Denied);
    let instance = instance(&client, false).await?.unwrap_or_default();
    let scope = scopes(Server(&server::name(&instance)));
    let about = json!({"client_name": "Sampan", "redirect_uris": redirect.as_str(), "scopes": scope});
    let request = api::wants_json(client.anonymous(Method::POST, url("/api/v1/apps")?)).json(&about);
    // A registration that nobody uses is nothing: it may be made again.
    let app: App = client.send(request, Risk::Asks).await?.json()?;
    let terms = Terms {
        authorization_endpoint: url("/oauth/authorize")?,
        token_endpoint: url("/oauth/token")?,
        revocation_endpoint: Some(url("/oauth/revoke")?),
        client_id: app.client_id,
        client_secret: Some(app.client_secret),
        redirect_uri: redirect.clone(),
        scope: scope.to_owned(),
        issuer: None,
    };
    Authorization::begin(terms, Reach { plain_http, patience })
}

fn scopes(server: Server<'_>) -> &'static str {
    match (server.narrows_scopes(), server.has_scope_for_looks()) {
        (true, true) => LOOKING_SCOPES,
        (true, false) => SCOPES,
        (false, _) => WIDE_SCOPES,
    }
}

/// <https://docs.joinmastodon.org/methods/apps/#create>
#[derive(Deserialize)]
struct App {
    client_id: String,
    client_secret: Secret,
}

/// Asks who we are and what the server takes.
pub async fn probe(api: &Api) -> Result<Facts, FeedError> {
    let account = api.account().await?;
    let instance = instance(&api.client, true).await?.ok_or(FeedError::Unreachable)?;
    let host = api.client.base().host_str().unwrap_or_default();
    Ok(Facts {
        title: instance.title.trim().to_owned(),
        account: handle(&account, &instance, host),
        server: server::name(&instance),
        limits: limits(&instance),
        endpoints: BTreeMap::from([(ACCOUNT.to_owned(), account.id)]),
    })
}

/// What servers take that do not say.
pub fn usual_limits() -> Limits {
    limits(&Instance { version: "4".into(), ..Instance::default() })
}

/// What the server says of itself; absent where nothing of the kind answers. Some servers tell only those who are signed in.
async fn instance(client: &Client, signed: bool) -> Result<Option<Instance>, FeedError> {
    for path in DESCRIPTIONS {
        let url = client.base().join(path).map_err(|_| FeedError::Denied)?;
        let request = if signed { client.request(Method::GET, url).await? } else { client.anonymous(Method::GET, url) };
        let answer = client.send(api::wants_json(request), Risk::Asks).await?;
        if let Some(instance) = described(&answer)? {
            return Ok(Some(instance));
        }
    }
    Ok(None)
}

/// What an answer says of the server, if it is such an answer; an error where the server could not say.
fn described(answer: &Answer) -> Result<Option<Instance>, FeedError> {
    let instance = answer.status.is_success().then(|| answer.json::<Instance>().ok()).flatten();
    match instance.filter(|instance| !instance.version.is_empty()) {
        None if answer.status.is_server_error() || answer.status.as_u16() == 429 => Err(answer.error()),
        instance => Ok(instance),
    }
}

/// The account as people write it.
fn handle(account: &Account, instance: &Instance, host: &str) -> String {
    let uri = instance.domain.as_deref().or(instance.uri.as_deref()).unwrap_or_default();
    let domain = uri.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
    let domain = if domain.is_empty() { host } else { domain };
    let name = if account.username.is_empty() { account.acct.as_str() } else { account.username.as_str() };
    format!("@{name}@{domain}")
}

/// What one of a server's numbers, in any dialect, bounds; 0 bounds nothing (Friendica, snac).
fn bound<T: PartialOrd + Default>(told: impl IntoIterator<Item = Option<T>>) -> Option<T> {
    told.into_iter().flatten().find(|number| *number > T::default())
}

fn limits(instance: &Instance) -> Limits {
    let name = server::name(instance);
    let server = Server(&name);
    let statuses = &instance.configuration.statuses;
    let files = &instance.configuration.media_attachments;
    Limits {
        title: None,
        text: bound([statuses.max_characters, instance.max_toot_chars, Some(500)]),
        // What is only compatible says a number and counts addresses in full nevertheless.
        link: bound([statuses.characters_reserved_per_url, Some(23)]).filter(|_| server.is_mastodon()),
        attachments: bound([statuses.max_media_attachments, instance.max_media_attachments, Some(4)]),
        photo_bytes: bound([files.image_size_limit, instance.upload_limit]),
        clip_bytes: bound([files.video_size_limit, instance.upload_limit]),
        alt: bound([files.description_limit, instance.description_limit, Some(1500)]),
        drafts: false,
        scheduled: true,
        mixed: server.mixes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: serde_json::Value) -> Limits {
        limits(&serde_json::from_value(json).unwrap())
    }

    #[test]
    fn limits_are_read_in_every_dialect() {
        let modern = read(json!({"version": "4.6.0", "configuration": {
            "statuses": {"max_characters": 1000, "max_media_attachments": 6, "characters_reserved_per_url": 30},
            "media_attachments": {"description_limit": 1234, "image_size_limit": 7, "video_size_limit": 8}}}));
        assert_eq!((modern.text, modern.attachments, modern.link), (Some(1000), Some(6), Some(30)));
        assert_eq!((modern.alt, modern.photo_bytes, modern.clip_bytes), (Some(1234), Some(7), Some(8)));
        let pleroma = read(json!({"version": "2.7.2 (compatible; Pleroma 2.5.0)", "max_toot_chars": 5000,
            "max_media_attachments": 20, "description_limit": 5000, "upload_limit": 9}));
        assert_eq!((pleroma.text, pleroma.attachments, pleroma.link), (Some(5000), Some(20), None));
        assert_eq!((pleroma.alt, pleroma.photo_bytes), (Some(5000), Some(9)));
        let old = read(json!({"version": "3.1.0"}));
        assert_eq!((old.text, old.attachments, old.link, old.alt), (Some(500), Some(4), Some(23), Some(1500)));
        assert!(pleroma.mixed && !modern.mixed);
        let akkoma = read(json!({"version": "2.7.2 (compatible; Akkoma 3.13.2)", "configuration": {
            "statuses": {"max_characters": 5000, "characters_reserved_per_url": 0}}}));
        assert_eq!(akkoma.link, None, "addresses count in full there, whatever it says");
    }

    #[test]
    fn a_bound_of_nothing_is_none() {
        let friendica = read(json!({"version": "2.8.0 (compatible; Friendica 2024.12)", "max_toot_chars": 200_000,
            "configuration": {"statuses": {"max_characters": 0, "max_media_attachments": 0},
            "media_attachments": {"description_limit": 0, "image_size_limit": 0, "video_size_limit": 0}}}));
        assert_eq!((friendica.text, friendica.attachments, friendica.alt), (Some(200_000), Some(4), Some(1500)));
        assert_eq!((friendica.photo_bytes, friendica.clip_bytes), (None, None), "everything would be too large");
    }

    #[test]
    fn looking_at_our_files_is_asked_for_where_it_is_a_matter_of_its_own() {
        let asks = |server: &'static str| scopes(Server(server)).contains("read:media");
        assert!(asks("2.7.2 (compatible; Pleroma 2.5.0)") && asks("2.7.2 (compatible; Akkoma 3.13.2)"));
        assert!(!asks("Mastodon 4.6.0") && !asks("GoToSocial 0.19.1"), "the scope is invalid there");
    }

    #[test]
    fn a_host_leads_to_the_server_of_an_account_and_not_nearer_to_the_user_or_into_the_clear() {
        let home = |actor: &str, kind: &str, plain_http: bool| {
            let told = json!({"subject": "acct:me@example.com", "links": [
                {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": "https://example.com/?uri={uri}"},
                {"rel": "self", "type": "text/html", "href": "https://example.com/about"},
                {"rel": "self", "type": kind, "href": actor}]});
            let at = Url::parse("https://example.com/.well-known/webfinger").unwrap();
            let reach = Reach { plain_http, patience: Patience::default() };
            named_home(&serde_json::from_value(told).unwrap(), &at, reach).map(String::from)
        };
        let there = Some("https://social.example.com/".to_owned());
        assert_eq!(home("https://social.example.com/users/me", ACTOR, false), there);
        assert_eq!(
            home("https://social.example.com/users/me", "text/html", false),
            None,
            "no server's own name for it"
        );
        for nearer in ["https://127.0.0.1/users/me", "https://192.168.1.1/users/me", "https://nas.local/users/me"] {
            assert_eq!(home(nearer, ACTOR, true), None, "{nearer}");
        }
        let clear = "http://social.example.com/users/me";
        assert_eq!((home(clear, ACTOR, false), home(clear, ACTOR, true).is_some()), (None, true));
    }

    #[test]
    fn the_account_is_named_by_the_servers_domain() {
        let account = Account { username: "me".into(), ..Account::default() };
        let instance = Instance { uri: Some("https://social.example/".into()), ..Instance::default() };
        assert_eq!(handle(&account, &instance, "web.social.example"), "@me@social.example");
        assert_eq!(handle(&account, &Instance::default(), "web.social.example"), "@me@web.social.example");
    }
}
