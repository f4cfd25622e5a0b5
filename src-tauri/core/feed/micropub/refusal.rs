//! What a Micropub server says where it does not do something. Asks nothing.

use serde::Deserialize;

use crate::feed::FeedError;
use crate::feed::web::Answer;

/// Micropub says in words what is wrong (<https://www.w3.org/TR/micropub/#error-response>), as JSON or as plain text; without
/// words the status counts.
pub(super) fn refusal(answer: &Answer) -> FeedError {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let told: Option<Refusal> = serde_json::from_slice(&answer.body).ok();
    let plain = || String::from_utf8_lossy(answer.body.get(..64).unwrap_or(&answer.body)).trim().to_owned();
    let word = told.map_or_else(plain, |told| told.error);
    let wants = answer.header("www-authenticate").unwrap_or_default();
    match (answer.status.as_u16(), word.as_str()) {
        (401, _) if wants.contains("insufficient_scope") => FeedError::Denied,
        // It does not know how, and has not begun.
        (405 | 501, _) => FeedError::Refused,
        (400..=404, "insufficient_scope" | "forbidden") => FeedError::Denied,
        (400 | 403 | 404, "unauthorized") => FeedError::SignedOut,
        (413, _) => FeedError::TooLarge(None),
        _ => answer.error(),
    }
}
