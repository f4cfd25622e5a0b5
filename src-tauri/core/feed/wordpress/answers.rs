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
    answer.json().or_else(|unclear| lenient(&answer.body).ok_or(unclear))
}

/// The same of a part of this API beside the posts. Some sites take topics or files out of it, and mean it; of posts, that there is
/// no such route says that it is not this API that answers.
pub(super) fn read_part<T: DeserializeOwned>(answer: &Answer) -> Result<T, FeedError> {
    let is_taken_out = answer.status.as_u16() == 404 && code(answer) == "rest_no_route";
    if is_taken_out { Err(FeedError::Denied) } else { read(answer) }
}

/// The JSON of an answer, whatever PHP wrote around it. Whether it succeeded is not asked.
pub(super) fn lenient<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    plain(body).and_then(first)
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
    is_php(messages).then_some(json.as_bytes())
}

/// Whether a text is what PHP says of a program, as HTML or plain, and not a page.
fn is_php(messages: &str) -> bool {
    let plain = |kind: &str| {
        let mut lines = messages.lines();
        lines.any(|line| line.starts_with(&format!("{kind}: ")) && line.contains(" on line "))
    };
    let says = |kind: &str| {
        messages.contains(&format!("{kind}</b>:")) || messages.contains(&format!("PHP {kind}:")) || plain(kind)
    };
    let is_page = ["<html", "<!doctype", "<script"].iter().any(|tag| messages.to_ascii_lowercase().contains(tag));
    !is_page && ["Warning", "Notice", "Deprecated", "Strict Standards"].into_iter().any(says)
}

/// The value that stands first, with nothing behind it but more of what PHP says, or a remark, as caches write one below whatever
/// they keep.
fn first<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    let mut values = serde_json::Deserializer::from_slice(json).into_iter();
    let value = values.next()?.ok()?;
    let rest = json.get(values.byte_offset()..)?.trim_ascii();
    let is_remark = || rest.starts_with(b"<!--") || str::from_utf8(rest).is_ok_and(is_php);
    (rest.is_empty() || is_remark()).then_some(value)
}

/// The name WordPress gives to a refusal; empty where it gives none.
pub(super) fn code(answer: &Answer) -> String {
    told(answer).code
}

fn told(answer: &Answer) -> Told {
    if answer.status.is_success() {
        return Told::default();
    }
    lenient(&answer.body).unwrap_or_default()
}

/// Whether a refusal is one of this API, whoever wrote it: a name, and in the data the number.
pub(super) fn is_refusal(answer: &Answer) -> bool {
    let Told { code, data } = told(answer);
    !code.is_empty() && (code.starts_with("rest_") || data.get("status").is_some_and(Value::is_number))
}

/// Whether a refusal is about how many items were asked for at once.
pub(super) fn is_about_size(answer: &Answer) -> bool {
    let Told { code, data } = told(answer);
    code == "rest_invalid_param" && data.pointer("/params/per_page").is_some()
}

/// What a refusal means. Its name counts for more than its number, which is 500 for some things that will never work; a number
/// without a name may be that of something in between.
pub(super) fn refusal(answer: &Answer) -> FeedError {
    let Told { code, data } = told(answer);
    let about_status = data.pointer("/params/status").is_some();
    match (answer.status.as_u16(), code.as_str()) {
        (_, "rest_post_invalid_id" | "rest_term_invalid" | "rest_already_trashed") => FeedError::Gone,
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

    #[test]
    fn what_php_says_is_read_past_as_html_and_plain_before_and_behind() {
        let html = "<br />\n<b>Warning</b>:  Undefined array key [0] in <b>/srv/p.php</b> on line <b>7</b><br />\n";
        let plain =
            "\nNotice: Function _load_textdomain_just_in_time was called too early. in /srv/f.php on line 4605\n";
        for said in [html, plain] {
            for body in [format!("{said}[1]"), format!("[1]{said}"), format!("{said}{said}[1]{said}")] {
                assert_eq!(lenient::<Vec<u8>>(body.as_bytes()), Some(vec![1]), "{body}");
            }
        }
        for page in ["Notice: we are closed today\n[1]", "<html>\nNotice: x in y on line 1\n[1]", "[1]\nNotice: closed"]
        {
            assert_eq!(lenient::<Vec<u8>>(page.as_bytes()), None, "{page}");
        }
    }
}
