//! Finding out whether a site is a WordPress (<https://developer.wordpress.org/rest-api/using-the-rest-api/discovery/>).
//! Nothing of the user goes along.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::answers;
use crate::feed::FeedError;
use crate::feed::web::links::Links;
use crate::feed::web::{Found, Patience, Reach};

/// The root of the API, in [`Found::endpoints`].
pub(super) const API: &str = "api";
/// By this a site knows which application passwords were made for us on its own page.
pub(super) const APP_ID: &str = "994be7de-d413-4814-8ba2-61c3cf0c3628";
const REL: &str = "https://api.w.org/";
/// Sites answer each address in its own form.
const ANYTHING: &str = "*/*";

/// What the root of the API tells.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Root {
    name: String,
    home: String,
    namespaces: Vec<String>,
    authentication: Value,
}

/// Looks for a WordPress at an address; nothing where there is none.
pub async fn discover(address: &Url, plain_http: bool, patience: Patience) -> Result<Option<Found>, FeedError> {
    let reach = Reach { plain_http, patience };
    let (at, page) = reach.follow(address, ANYTHING).await?;
    let is_same_site =
        |root: &Url| root.host_str() == at.host_str() && (root.scheme() == "https" || at.scheme() == "http");
    let linked = Links::of(&page.headers, &page.body, &at).get(REL).cloned().filter(is_same_site);
    let maker = maker(&page.body, &at);
    let is_wordpress = linked.is_some() || maker.is_some();
    // Sites that hide their API may still have it in their own folder, where a page beneath it was typed.
    let folder = maker.filter(|folder| *folder != front(&at)).into_iter();
    let beneath = folder.flat_map(|folder| guesses(&folder).into_iter().map(move |root| (folder.clone(), root)));
    let here = linked.into_iter().chain(guesses(&at)).map(|root| (at.clone(), root));
    for (at, root) in here.chain(beneath).filter(|(_, root)| is_same_site(root)) {
        if let Some(found) = at_root(&at, root, reach).await? {
            return Ok(Some(found));
        }
    }
    match () {
        // It is one, and somebody closed the door for programs.
        () if is_wordpress => Err(FeedError::Denied),
        () if page.status.is_server_error() => Err(page.error()),
        () => Ok(None),
    }
}

/// The folder of the WordPress that made a page, by what only WordPress has its pages load.
fn maker(page: &[u8], at: &Url) -> Option<Url> {
    let page = String::from_utf8_lossy(page);
    let (before, within) =
        ["/wp-content/", "/wp-includes/"].iter().find_map(|place| Some((page.split_once(place)?.0, place)))?;
    let folder = before.rsplit(['"', '\'', '(', '=', ' ', ',']).next().unwrap_or_default();
    at.join(&format!("{folder}{within}")).ok().map(|loaded| front(&loaded))
}

/// Where the root of the API is when nobody says.
pub(super) fn guesses(at: &Url) -> Vec<Url> {
    let folder = front(at);
    let named_itself = at.query_pairs().any(|(name, _)| name == "rest_route") || at.path().ends_with("/wp-json/");
    let itself = named_itself.then(|| at.clone());
    let below = ["wp-json/", "?rest_route=/", "index.php?rest_route=/", "index.php/wp-json/"];
    itself.into_iter().chain(below.into_iter().filter_map(|path| folder.join(path).ok())).collect()
}

/// What is found when the root of an API is where it is thought to be.
async fn at_root(at: &Url, root: Url, reach: Reach) -> Result<Option<Found>, FeedError> {
    let answer = reach.ask(&root, ANYTHING).await?;
    let told: Root = match answers::read::<Root>(&answer) {
        Ok(told) if told.namespaces.iter().any(|name| name == "wp/v2") => told,
        // Some sites tell nothing to who is not signed in, but tell that.
        Err(_) if answers::is_refusal(&answer) => Root::default(),
        _ => return Ok(None),
    };
    let home = Url::parse(&told.home).ok().filter(|home| home.origin() == root.origin());
    let place = front(&home.unwrap_or_else(|| at.clone()));
    let title = Some(api_text(&told.name)).filter(|name| !name.is_empty());
    let page = told.authentication.pointer("/application-passwords/endpoints/authorization");
    let page = page.and_then(Value::as_str).and_then(|page| Url::parse(page).ok());
    let page = page.filter(|page| page.host_str() == root.host_str());
    Ok(Some(Found {
        title: title.unwrap_or_else(|| place.host_str().unwrap_or_default().to_owned()),
        password_page: page.map(named).or_else(|| place.join("wp-admin/profile.php").ok()),
        endpoints: BTreeMap::from([(API.to_owned(), root.to_string())]),
        place,
    }))
}

/// The page asks for the program's name if it is not told.
fn named(mut page: Url) -> Url {
    page.query_pairs_mut().append_pair("app_name", "Sampan").append_pair("app_id", APP_ID);
    page
}

/// What stands in an address behind the site's own folder.
const WITHIN: [&str; 8] = [
    "/wp-json",
    "/wp-admin",
    "/wp-login.php",
    "/wp-content",
    "/wp-includes",
    "/wp-signup.php",
    "/xmlrpc.php",
    "/index.php",
];

/// The folder that an address is about, ending in a slash: people copy what stands in their browser, such as the sign-in page.
fn front(at: &Url) -> Url {
    let mut front = at.clone();
    front.set_query(None);
    front.set_fragment(None);
    let path = WITHIN.iter().fold(at.path(), |path, within| path.split_once(within).map_or(path, |(before, _)| before));
    front.set_path(&format!("{}/", path.trim_end_matches('/')));
    front
}

fn api_text(name: &str) -> String {
    crate::feed::render::read_line(name)
}
