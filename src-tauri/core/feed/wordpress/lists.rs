//! Lists, in answers of as many items as the site gives at once: a hundred at most
//! (<https://developer.wordpress.org/rest-api/using-the-rest-api/pagination/>), and fewer where a plugin or the host bounds that.

use std::sync::atomic::Ordering;

use serde::de::DeserializeOwned;

use super::answers::{code, is_about_size, read};
use super::api::Api;
use crate::feed::FeedError;
use crate::feed::web::Answer;

/// So many items WordPress gives at once.
pub(super) const MOST: usize = 100;
/// What is asked for instead where the site refuses more. Whoever asks for a list wants one of these numbers, too, so that its pages
/// are the same whatever else was asked for before.
const FEWER: [usize; 3] = [50, 20, 10];

impl Api {
    /// A page of a list of which so many items are wanted at once, and how many the site gives.
    pub async fn list(&self, route: &str, query: &[(&str, &str)], wanted: usize) -> Result<(Answer, usize), FeedError> {
        loop {
            let size = wanted.min(self.at_once.load(Ordering::Relaxed));
            if let Some(answer) = self.sized(route, query, size).await? {
                return Ok((answer, size));
            }
        }
    }

    /// The first hundred items of a list.
    pub async fn first<T: DeserializeOwned>(
        &self,
        route: &str,
        query: &[(&str, &str)],
        read: fn(&Answer) -> Result<Vec<T>, FeedError>,
    ) -> Result<Vec<T>, FeedError> {
        let (mut found, mut page) = (Vec::new(), 1);
        loop {
            let shown = page.to_string();
            let (answer, size) = self.list(route, &[query, &[("page", shown.as_str())]].concat(), MOST).await?;
            let some = read(&answer)?;
            let more = goes_on(&answer, page, some.len(), size);
            found.extend(some);
            if !more || found.len() + size > MOST {
                return Ok(found);
            }
            page += 1;
        }
    }

    /// The answers that together show some items by their ids, up to one that refuses it.
    pub async fn by_ids(&self, route: &str, ids: &[u64], query: &[(&str, &str)]) -> Result<Vec<Answer>, FeedError> {
        let (mut answers, mut left) = (Vec::new(), ids);
        while !left.is_empty() {
            let size = self.at_once.load(Ordering::Relaxed);
            let (some, rest) = left.split_at(size.min(left.len()));
            let list = some.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
            let asked = self.sized(route, &[query, &[("include", list.as_str())]].concat(), size).await?;
            let Some(answer) = asked else { continue };
            left = if answer.status.is_success() { rest } else { &[] };
            answers.push(answer);
        }
        Ok(answers)
    }

    /// A list of so many items; nothing where that is more than the site gives at once, which is asked for fewer from then on.
    async fn sized(&self, route: &str, query: &[(&str, &str)], size: usize) -> Result<Option<Answer>, FeedError> {
        let shown = size.to_string();
        let answer = self.answer(route, &[query, &[("per_page", shown.as_str())]].concat()).await?;
        match FEWER.into_iter().find(|fewer| *fewer < size) {
            Some(fewer) if is_about_size(&answer) => {
                self.at_once.fetch_min(fewer, Ordering::Relaxed);
                Ok(None)
            }
            _ => Ok(Some(answer)),
        }
    }
}

/// A page of a list of posts. One behind the last is empty: a list may end with a full page.
pub(super) fn listed<T: DeserializeOwned>(answer: &Answer) -> Result<Vec<T>, FeedError> {
    if code(answer) == "rest_post_invalid_page_number" { Ok(Vec::new()) } else { read(answer) }
}

/// Whether there are pages behind this one: the site counts, also what this user may not see; where something in between takes
/// the count out, a full page has another one behind it.
pub(super) fn goes_on(answer: &Answer, page: u32, found: usize, size: usize) -> bool {
    match answer.header("x-wp-totalpages").and_then(|pages| pages.parse::<u32>().ok()) {
        Some(pages) => page < pages,
        None => found >= size,
    }
}
