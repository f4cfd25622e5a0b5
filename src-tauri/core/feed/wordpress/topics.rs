//! Topics as tags or categories: found by their names, made where they are missing, each once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::json;

use super::answers::{code, lenient, read_part};
use super::api::{Api, Term, number};
use crate::domain::destination::TopicsAs;
use crate::feed::FeedError;
use crate::feed::render::{escaped, read_line};

/// Topics whose ids were told since the program started.
#[derive(Default)]
pub(super) struct Topics(Mutex<HashMap<String, (u64, String)>>);

/// What is said of a topic that exists.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Exists {
    data: ExistsAs,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ExistsAs {
    #[serde(deserialize_with = "number")]
    term_id: u64,
}

impl Topics {
    /// The ids of topics, and their names as the site writes them.
    pub async fn ids(
        &self,
        api: &Api,
        topics: &[String],
        kind: TopicsAs,
    ) -> Result<(Vec<u64>, Vec<String>), FeedError> {
        let (mut ids, mut names) = (Vec::new(), Vec::new());
        for topic in topics {
            let (id, name) = self.id(api, topic, route(kind)).await?;
            if !ids.contains(&id) {
                ids.push(id);
                names.push(name);
            }
        }
        Ok((ids, names))
    }

    /// Forgets all: one of them may have been deleted.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn id(&self, api: &Api, topic: &str, route: &str) -> Result<(u64, String), FeedError> {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(topic) {
            return Ok(known.clone());
        }
        let term = match search(api, topic, route).await? {
            Some(term) => term,
            None => make(api, topic, route).await?,
        };
        let known = (term.id, read_line(&term.name));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(topic.to_owned(), known.clone());
        Ok(known)
    }
}

/// What posts call the field, and the site the route.
pub(super) fn route(kind: TopicsAs) -> &'static str {
    match kind {
        TopicsAs::Tags => "tags",
        TopicsAs::Categories => "categories",
    }
}

async fn search(api: &Api, topic: &str, route: &str) -> Result<Option<Term>, FeedError> {
    let found: Vec<Term> = api.first(route, &[("search", topic)], read_part).await?;
    let wanted = topic.to_lowercase();
    Ok(found.into_iter().find(|term| read_line(&term.name).to_lowercase() == wanted))
}

async fn make(api: &Api, topic: &str, route: &str) -> Result<Term, FeedError> {
    let answer = api.change(route, &json!({ "name": escaped(topic) })).await?;
    if code(&answer) == "term_exists" {
        let Exists { data } = lenient(&answer.body).unwrap_or_default();
        // One that it does not name will not be found another time either.
        let id = Some(data.term_id).filter(|id| *id != 0).ok_or(FeedError::Refused)?;
        return match api.get(&format!("{route}/{id}"), &[]).await {
            // A copy of the site that is behind does not show it yet, but its name is known.
            Err(FeedError::Gone) => Ok(Term::named(id, topic)),
            told => told,
        };
    }
    // Its tables cannot hold this one, and will not tomorrow: a name may have 200 letters, fewer where they are written by numbers.
    if code(&answer) == "db_insert_error" {
        return Err(FeedError::Refused);
    }
    // Making the same topic twice gives one, so a lost answer is no reason for doubt about the post.
    read_part(&answer).map_err(|error| match error {
        FeedError::Lost => FeedError::Unreachable,
        // The user may write, but not make topics: that is about this post, not about the whole site.
        FeedError::Denied => FeedError::Refused,
        error => error,
    })
}
