//! What the server answers, as far as it is read here. Servers that are only compatible leave things out, so almost nothing
//! is demanded (<https://docs.joinmastodon.org/entities/>).

use serde::Deserialize;

use crate::domain::Timestamp;

/// <https://docs.joinmastodon.org/entities/Status/>
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Status {
    pub id: String,
    pub created_at: String,
    pub edited_at: Option<String>,
    pub url: Option<String>,
    pub content: String,
    pub spoiler_text: String,
    pub language: Option<String>,
    pub in_reply_to_id: Option<String>,
    pub in_reply_to_account_id: Option<String>,
    pub replies_count: u64,
    pub media_attachments: Vec<Media>,
    pub account: Account,
}

/// <https://docs.joinmastodon.org/entities/StatusSource/>
#[derive(Debug, Clone, Deserialize)]
pub struct Source {
    pub text: String,
}

/// <https://docs.joinmastodon.org/entities/MediaAttachment/>
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Media {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// Absent until the server is done with the file.
    pub url: Option<String>,
    pub description: Option<String>,
}

/// <https://docs.joinmastodon.org/entities/ScheduledStatus/>
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Scheduled {
    pub id: String,
    pub scheduled_at: String,
    pub params: ScheduledParams,
    pub media_attachments: Vec<Media>,
}

/// What a scheduled status was sent with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ScheduledParams {
    pub text: Option<String>,
    pub spoiler_text: Option<String>,
    pub language: Option<String>,
    pub media_ids: Option<Vec<String>>,
}

/// The part that the answers to sending a status and a scheduled one have in common.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    pub id: String,
    /// Only a scheduled one has it. One that is due too soon by the server's clock is posted at once instead.
    pub scheduled_at: Option<String>,
}

/// <https://docs.joinmastodon.org/entities/Account/>
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Account {
    pub id: String,
    pub username: String,
    pub acct: String,
}

/// <https://docs.joinmastodon.org/entities/Context/>
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Context {
    pub descendants: Vec<Status>,
}

/// Both versions of <https://docs.joinmastodon.org/entities/Instance/>, and what others add to it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Instance {
    pub title: String,
    pub version: String,
    /// Version 2: where the program that serves it comes from.
    pub source_url: Option<String>,
    /// Version 2.
    pub domain: Option<String>,
    /// Version 1; sometimes an address.
    pub uri: Option<String>,
    pub configuration: Configuration,
    /// Pleroma and others like it, in version 1.
    pub max_toot_chars: Option<u32>,
    pub max_media_attachments: Option<u32>,
    pub description_limit: Option<u32>,
    pub upload_limit: Option<u64>,
}

/// What the server takes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Configuration {
    pub statuses: StatusLimits,
    pub media_attachments: MediaLimits,
}

/// What a status may hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StatusLimits {
    pub max_characters: Option<u32>,
    pub max_media_attachments: Option<u32>,
    pub characters_reserved_per_url: Option<u32>,
}

/// What a file may be.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MediaLimits {
    pub description_limit: Option<u32>,
    pub image_size_limit: Option<u64>,
    pub video_size_limit: Option<u64>,
}

/// An instant as the server writes it (ISO 8601).
pub fn instant(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}
