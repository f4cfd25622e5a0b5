//! A status in the words of the API. Pure.

use serde_json::{Map, Value, json};

use super::note::Body;
use super::server::Server;
use super::text;
use crate::domain::Visibility;

/// A new status in the words of the API.
pub fn posted(body: &Body, server: Server<'_>) -> Value {
    let mut fields = common(body, server);
    fields.insert("visibility".into(), json!(body.visibility));
    if let Some(reply) = &body.reply {
        fields.insert("in_reply_to_id".into(), json!(reply));
    }
    if let Some(at) = body.publish_at {
        fields.insert("scheduled_at".into(), json!(at.to_rfc3339()));
    }
    Value::Object(fields)
}

/// A changed status in the words of the API.
pub fn edited(body: &Body, server: Server<'_>) -> Value {
    let mut fields = common(body, server);
    let attributes = body.media.iter().map(|(id, alt)| json!({"id": id, "description": alt}));
    fields.insert("media_attributes".into(), attributes.collect());
    Value::Object(fields)
}

fn common(body: &Body, server: Server<'_>) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("status".into(), json!(body.text));
    fields.insert("media_ids".into(), json!(body.media_ids()));
    fields.insert("spoiler_text".into(), json!(body.warning));
    fields.insert("sensitive".into(), json!(!body.warning.is_empty()));
    let code = body.lang.as_ref().map(text::code);
    // Others than Mastodon may refuse anything but two letters (Akkoma); without a language they still take the words.
    let code = code.map(|code| if server.is_mastodon() { code } else { text::primary(&code).to_owned() });
    if let Some(code) = code.filter(|code| server.is_mastodon() || code.len() == 2) {
        fields.insert("language".into(), json!(code));
    }
    // Others than Mastodon may take it for Markdown, as the account is set up.
    fields.insert("content_type".into(), json!("text/plain"));
    fields
}

/// Who may read it.
pub fn visibility(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "public",
        Visibility::Unlisted => "unlisted",
        Visibility::Private => "private",
    }
}

/// Whether more people see a status than it was sent for. What is not known here counts as fewer.
pub fn is_wider(there: &str, sent: &str) -> bool {
    let breadth = |one: &str| ["direct", "private", "unlisted", "public"].iter().position(|known| *known == one);
    breadth(there).zip(breadth(sent)).is_some_and(|(there, sent)| there > sent)
}
