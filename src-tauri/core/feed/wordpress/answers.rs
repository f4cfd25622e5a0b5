//! What a WordPress answers: its JSON, whatever a broken plugin writes around it, and what its refusals mean. Asks nothing.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::feed::FeedError;
use crate::feed::web::Answer;

/// Why something was refused.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    code: String,
    data: Value,
}

/// The content of an answer, or what its refusal means.
pub(super) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, FeedError> {
    if !answer.status.is_success() {
        return Err(refusal(answer));
    }
    answer.json().or_else(|unclear| plain(&answer.body).and_then(first).ok_or(unclear))
}

/// The JSON in an answer that PHP wrote its own messages before, as it does where a plugin is broken and its warnings are
/// shown; nothing where that is not what the answer looks like. A page is never taken for one.
fn plain(body: &[u8]) -> Option<&[u8]> {
    let body = body.trim_ascii_start();
    if matches!(body.first(), Some(b'{' | b'[')) {
        return Some(body);
    }
    let text = str::from_utf8(body).ok()?;
    let start = [text.find("\n{"), text.find("\n["), text.find(">{"), text.find(">[")].into_iter().flatten().min()?;
    let (messages, json) = text.split_at_checked(start + 1)?;
    let says = |kind: &str| messages.contains(&format!("{kind}</b>:")) || messages.contains(&format!("PHP {kind}:"));
    let is_php = ["Warning", "Notice", "Deprecated", "Strict Standards"].into_iter().any(says);
    let is_page = ["<html", "<!doctype", "<script"].iter().any(|tag| messages.to_ascii_lowercase().contains(tag));
    (is_php && !is_page).then_some(json.as_bytes())
}

/// The value that stands first, with nothing but a remark behind it, as caches write one below whatever they keep.
fn first<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    let mut values = serde_json::Deserializer::from_slice(json).into_iter();
    let value = values.next()?.ok()?;
    let rest = json.get(values.byte_offset()..)?.trim_ascii();
    (rest.is_empty() || rest.starts_with(b"<!--")).then_some(value)
}

/// The name WordPress gives to a refusal; empty where it gives none.
pub(super) fn code(answer: &Answer) -> String {
    told(answer).code
}

fn told(answer: &Answer) -> Told {
    if answer.status.is_success() {
        return Told::default();
    }
    plain(&answer.body).and_then(first).unwrap_or_default()
}

/// Whether a refusal is one of this API, whoever wrote it: a name, and in the data the number.
pub(super) fn is_refusal(answer: &Answer) -> bool {
    let Told { code, data } = told(answer);
    !code.is_empty() && (code.starts_with("rest_") || data.get("status").is_some_and(Value::is_number))
}

/// What a refusal means. Its name counts for more than its number, which is 500 for some things that will never work; a number
/// without a name may be that of something in between.
pub(super) fn refusal(answer: &Answer) -> FeedError {
    let Told { code, data } = told(answer);
    let about_status = data.pointer("/params/status").is_some();
    match (answer.status.as_u16(), code.as_str()) {
        (_, "rest_post_invalid_id" | "rest_already_trashed") => FeedError::Gone,
        (_, "incorrect_password" | "invalid_username" | "invalid_email" | "rest_not_logged_in") => FeedError::SignedOut,
        (_, "application_passwords_disabled" | "application_passwords_disabled_for_user") => FeedError::SignedOut,
        // Who is not signed in may not ask for drafts, which reads as a wrong question.
        (400, "rest_invalid_param") if about_status => FeedError::SignedOut,
        (_, "rest_upload_file_too_big") => FeedError::TooLarge(None),
        // Found where a proxy says it of a file, and PHP of a form (`post_max_size`).
        (_, "rest_upload_unknown_error") if says(answer, "exceeds") => FeedError::TooLarge(None),
        (_, "rest_upload_limited_space" | "rest_upload_user_quota_exceeded") => FeedError::Full,
        (500, code) if code.starts_with("rest_upload_") => FeedError::Refused,
        // Not an item that is gone, but a site without this API.
        (404 | 410, _) => FeedError::Unreachable,
        _ => answer.error(),
    }
}

fn says(answer: &Answer, word: &str) -> bool {
    str::from_utf8(&answer.body).is_ok_and(|text| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_below_an_answer_is_read_past_and_nothing_else() {
        assert_eq!(first::<Vec<u8>>(b"[1]\n<!-- Cached by a plugin -->\n"), Some(vec![1]));
        assert_eq!(first::<Vec<u8>>(b"[1]"), Some(vec![1]));
        for wrong in ["", "[1", "[1]<p>and a page</p>", "[1][2]", "<!-- [1] -->"] {
            assert_eq!(first::<Vec<u8>>(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
