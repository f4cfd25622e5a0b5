//! Taking back the application password that was made for this program on the site's own page
//! (<https://developer.wordpress.org/rest-api/reference/application-passwords/>). Any other is the user's, and left alone.

use reqwest::Method;
use serde::Deserialize;

use super::WordPress;
use super::answers::{read, refusal};
use super::api::Api;
use super::discover::APP_ID;
use crate::feed::FeedError;
use crate::feed::web::{Risk, Site};

const PASSWORDS: &str = "users/me/application-passwords";

/// Has the site forget the application password of this sign-in, if it was made for us.
pub async fn sign_out(site: Site) -> Result<(), FeedError> {
    let api = WordPress::new(site)?.api;
    let Some(id) = made_for_us(&api).await? else { return Ok(()) };
    let request = api.client.request(Method::DELETE, api.url(&format!("{PASSWORDS}/{id}"), &[])).await?;
    let answer = api.client.send(request, Risk::Asks).await?;
    if answer.status.is_success() { Ok(()) } else { Err(refusal(&answer)) }
}

/// The site's name for the password that this request is signed with.
async fn made_for_us(api: &Api) -> Result<Option<String>, FeedError> {
    #[derive(Deserialize)]
    struct Password {
        uuid: String,
        #[serde(default)]
        app_id: String,
    }
    let answer = api.answer(&format!("{PASSWORDS}/introspect"), &[]).await?;
    // Signed in with another kind of password, or not known any more.
    if matches!(answer.status.as_u16(), 401 | 403 | 404) {
        return Ok(None);
    }
    let Password { uuid, app_id } = read(&answer)?;
    let is_name = !uuid.is_empty() && uuid.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    Ok((is_name && app_id.eq_ignore_ascii_case(APP_ID)).then_some(uuid))
}
