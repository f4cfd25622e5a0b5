//! What the server answers, as far as it is read here. Servers that are only compatible leave things out, so almost nothing
//! is demanded (<https://docs.joinmastodon.org/entities/>).

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::domain::Timestamp;

/// Longer ones are no names: a UUID has 36 letters.
const LONGEST_ID: usize = 200;

/// <https://docs.joinmastodon.org/entities/Status/>
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Status {
    #[serde(deserialize_with = "id")]
    pub id: String,
    #[serde(deserialize_with = "text")]
    pub created_at: String,
    #[serde(deserialize_with = "lenient")]
    pub edited_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub url: Option<String>,
    #[serde(deserialize_with = "text")]
    pub content: String,
    #[serde(deserialize_with = "text")]
    pub spoiler_text: String,
    #[serde(deserialize_with = "lenient")]
    pub language: Option<String>,
    /// Who may read it.
    #[serde(deserialize_with = "text")]
    pub visibility: String,
    #[serde(deserialize_with = "name")]
    pub in_reply_to_id: Option<String>,
    #[serde(deserialize_with = "name")]
    pub in_reply_to_account_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub replies_count: u64,
    #[serde(deserialize_with = "lenient")]
    pub media_attachments: Vec<Media>,
    /// Whether people vote in it.
    #[serde(rename = "poll", deserialize_with = "is_there")]
    pub has_poll: bool,
    #[serde(deserialize_with = "lenient")]
    pub account: Account,
}

/// <https://docs.joinmastodon.org/entities/StatusSource/>
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Source {
    /// Absent where the server did not keep it.
    #[serde(deserialize_with = "lenient")]
    pub text: Option<String>,
}

/// <https://docs.joinmastodon.org/entities/MediaAttachment/>
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Media {
    #[serde(deserialize_with = "id")]
    pub id: String,
    #[serde(rename = "type", deserialize_with = "text")]
    pub kind: String,
    /// Absent until the server is done with the file.
    #[serde(deserialize_with = "lenient")]
    pub url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub description: Option<String>,
}

/// <https://docs.joinmastodon.org/entities/ScheduledStatus/>
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Scheduled {
    #[serde(deserialize_with = "id")]
    pub id: String,
    #[serde(deserialize_with = "text")]
    pub scheduled_at: String,
    #[serde(deserialize_with = "lenient")]
    pub params: ScheduledParams,
    #[serde(deserialize_with = "lenient")]
    pub media_attachments: Vec<Media>,
}

/// What a scheduled status was sent with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ScheduledParams {
    #[serde(deserialize_with = "lenient")]
    pub text: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub spoiler_text: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub language: Option<String>,
    #[serde(deserialize_with = "text")]
    pub visibility: String,
    #[serde(deserialize_with = "names")]
    pub media_ids: Vec<String>,
}

/// The part that the answers to sending a status and a scheduled one have in common.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Only a scheduled one has it. One that is due too soon by the server's clock is posted at once instead.
    #[serde(deserialize_with = "lenient")]
    pub scheduled_at: Option<String>,
    /// Who may read it.
    #[serde(deserialize_with = "text")]
    pub visibility: String,
    /// When somebody changed it, if an earlier try made it.
    #[serde(deserialize_with = "lenient")]
    pub edited_at: Option<String>,
    /// Its files.
    #[serde(deserialize_with = "lenient")]
    pub media_attachments: Option<Vec<Media>>,
}

/// <https://docs.joinmastodon.org/entities/Account/>
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Account {
    #[serde(deserialize_with = "id")]
    pub id: String,
    #[serde(deserialize_with = "text")]
    pub username: String,
    #[serde(deserialize_with = "text")]
    pub acct: String,
}

/// <https://docs.joinmastodon.org/entities/Context/>
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Context {
    #[serde(deserialize_with = "lenient")]
    pub descendants: Vec<Status>,
}

/// What a host tells of an account (<https://docs.joinmastodon.org/spec/webfinger/>).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Finger {
    #[serde(deserialize_with = "lenient")]
    pub links: Vec<FingerLink>,
}

/// Something that has to do with an account.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct FingerLink {
    #[serde(deserialize_with = "text")]
    pub rel: String,
    #[serde(rename = "type", deserialize_with = "text")]
    pub kind: String,
    #[serde(deserialize_with = "text")]
    pub href: String,
}

/// Both versions of <https://docs.joinmastodon.org/entities/Instance/>, and what others add to it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Instance {
    #[serde(deserialize_with = "lenient")]
    pub title: String,
    #[serde(deserialize_with = "lenient")]
    pub version: String,
    /// Version 2: where the program that serves it comes from.
    #[serde(deserialize_with = "lenient")]
    pub source_url: Option<String>,
    /// Version 2.
    #[serde(deserialize_with = "lenient")]
    pub domain: Option<String>,
    /// Version 1; sometimes an address.
    #[serde(deserialize_with = "lenient")]
    pub uri: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub configuration: Configuration,
    /// Pleroma and others like it, in version 1.
    #[serde(deserialize_with = "lenient")]
    pub max_toot_chars: Option<u32>,
    #[serde(deserialize_with = "lenient")]
    pub max_media_attachments: Option<u32>,
    #[serde(deserialize_with = "lenient")]
    pub description_limit: Option<u32>,
    #[serde(deserialize_with = "lenient")]
    pub upload_limit: Option<u64>,
}

/// What the server takes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Configuration {
    #[serde(deserialize_with = "lenient")]
    pub statuses: StatusLimits,
    #[serde(deserialize_with = "lenient")]
    pub media_attachments: MediaLimits,
}

/// What a status may hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StatusLimits {
    #[serde(deserialize_with = "lenient")]
    pub max_characters: Option<u32>,
    #[serde(deserialize_with = "lenient")]
    pub max_media_attachments: Option<u32>,
    #[serde(deserialize_with = "lenient")]
    pub characters_reserved_per_url: Option<u32>,
}

/// What a file may be.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MediaLimits {
    #[serde(deserialize_with = "lenient")]
    pub description_limit: Option<u32>,
    #[serde(deserialize_with = "lenient")]
    pub image_size_limit: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub video_size_limit: Option<u64>,
}

/// An instant as the server writes it (ISO 8601).
pub fn instant(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

/// A text, also where it is a number, as ids are at servers that are only compatible, or nothing.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    })
}

/// What can be done without: where it has another form than it should, it counts as not told.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(from)?).unwrap_or_default())
}

/// Whether there is such a thing, whatever it is like.
fn is_there<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(from)?.is_object())
}

/// A server's name for something, also where it is a number. It stands in addresses: one that would lead elsewhere is none.
fn id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let id = text(from)?;
    let leads_elsewhere = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '\\' | '?' | '#' | '%');
    let is_name = !id.contains(leads_elsewhere) && !id.starts_with(['.', '@']) && id.len() <= LONGEST_ID;
    Ok(if is_name { id } else { String::new() })
}

fn name<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Some(id(from)?).filter(|name| !name.is_empty()))
}

fn names<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let names: Vec<Value> = lenient(from)?;
    Ok(names.into_iter().filter_map(|value| name(value).ok().flatten()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_told_of_a_server_in_another_form_counts_as_not_told() {
        let told = json!({"title": null, "version": "4.2.0", "max_toot_chars": "5000", "configuration":
            {"statuses": null, "media_attachments": {"description_limit": 7, "image_size_limit": -1}}});
        let instance: Instance = serde_json::from_value(told).unwrap();
        assert_eq!((instance.title.as_str(), instance.version.as_str(), instance.max_toot_chars), ("", "4.2.0", None));
        let files = instance.configuration.media_attachments;
        assert_eq!((files.description_limit, files.image_size_limit), (Some(7), None), "each by itself");
        let none: Instance = serde_json::from_value(json!({"version": "4.2.0", "configuration": []})).unwrap();
        assert_eq!(none.configuration.statuses.max_characters, None);
    }

    #[test]
    fn ids_may_be_numbers_and_texts_nothing() {
        let status = json!({"id": 7, "in_reply_to_id": 6, "in_reply_to_account_id": null, "content": null,
            "spoiler_text": null, "created_at": null, "account": {"id": 1}, "media_attachments": [{"id": 5}]});
        let status: Status = serde_json::from_value(status).unwrap();
        assert_eq!((status.id.as_str(), status.in_reply_to_id.as_deref()), ("7", Some("6")));
        assert_eq!((status.in_reply_to_account_id, status.content.as_str()), (None, ""));
        assert_eq!((status.account.id.as_str(), status.media_attachments[0].id.as_str()), ("1", "5"));
        assert_eq!(serde_json::from_value::<Sent>(json!({"id": null})).unwrap().id, "", "and none is none");
        for id in ["../../x", "1?a", "1#a", "1 2", "@1", "..", "%2e%2e", "\u{1b}[31m"] {
            assert_eq!(serde_json::from_value::<Sent>(json!({"id": id})).unwrap().id, "", "{id} leads elsewhere");
        }
    }

    #[test]
    fn one_odd_field_does_not_make_a_list_unclear() {
        let odd = json!([{"id": "7", "edited_at": 5, "url": false, "language": {}, "replies_count": null, "account": null,
            "poll": false, "media_attachments": [{"id": 5, "type": null, "url": 1, "description": []}]}, {"id": "8"}, {"id": "9",
            "media_attachments": null, "replies_count": -1, "account": {"id": 1, "username": null, "acct": 3}}]);
        let list: Vec<Status> = serde_json::from_value(odd).unwrap();
        assert_eq!(list.iter().map(|status| status.id.as_str()).collect::<Vec<_>>(), ["7", "8", "9"]);
        assert!(list.iter().all(|status| !status.has_poll));
        assert_eq!((list[0].media_attachments[0].id.as_str(), list[2].account.id.as_str()), ("5", "1"));
        let waits =
            json!({"id": 1, "scheduled_at": null, "params": {"text": "x", "media_ids": [5, "6"], "language": 1}});
        let waits: Scheduled = serde_json::from_value(waits).unwrap();
        assert_eq!((waits.params.text.as_deref(), waits.params.media_ids), (Some("x"), vec!["5".into(), "6".into()]));
    }
}
