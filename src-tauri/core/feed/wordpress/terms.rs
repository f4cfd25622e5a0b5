//! The topics of a post as they are read back. Its ids say which they are, and what came along says what they are called: old
//! sites send ten names at most, others an error instead. What is missing is asked for, and where a name stays unknown all of
//! them are, rather than fewer.

use serde_json::Value;

use super::answers::read_part;
use super::api::{Api, Post, Term};
use super::topics::route;
use crate::domain::destination::TopicsAs;
use crate::feed::FeedError;

impl Post {
    /// The ids of its topics, where the site tells them.
    pub fn topics(&self, kind: TopicsAs) -> Option<&[u64]> {
        match kind {
            TopicsAs::Tags => self.tags.as_deref(),
            TopicsAs::Categories => self.categories.as_deref(),
        }
    }

    /// Its topics with their names; nothing where not all of them are known.
    pub fn terms(&self, kind: TopicsAs) -> Option<Vec<Term>> {
        let named = self.named(kind);
        let Some(ids) = self.topics(kind) else { return Some(named).filter(|named| !named.is_empty()) };
        ids.iter().map(|id| named.iter().find(|term| term.id == *id).cloned()).collect()
    }

    fn named(&self, kind: TopicsAs) -> Vec<Term> {
        let taxonomy = if kind == TopicsAs::Categories { "category" } else { "post_tag" };
        let lists = self.embedded.get("wp:term").and_then(Value::as_array).into_iter().flatten();
        let terms = lists.filter_map(Value::as_array).flatten();
        let terms = terms.filter_map(|term| serde_json::from_value::<Term>(term.clone()).ok());
        terms.filter(|term| term.taxonomy == taxonomy).chain(self.asked_for.iter().cloned()).collect()
    }

    fn unnamed(&self, kind: TopicsAs) -> Vec<u64> {
        let named = self.named(kind);
        let ids = self.topics(kind).unwrap_or_default().iter();
        ids.copied().filter(|id| named.iter().all(|term| term.id != *id)).collect()
    }
}

impl Api {
    /// A post with the names of its topics.
    pub async fn named(&self, mut post: Post) -> Result<Post, FeedError> {
        self.name_all(std::iter::once(&mut post)).await?;
        Ok(post)
    }

    /// Posts with the names of their topics.
    pub async fn all_named(&self, mut posts: Vec<Post>) -> Result<Vec<Post>, FeedError> {
        self.name_all(posts.iter_mut()).await?;
        Ok(posts)
    }

    async fn name_all(&self, posts: impl Iterator<Item = &mut Post>) -> Result<(), FeedError> {
        let posts: Vec<&mut Post> = posts.filter(|post| !post.unnamed(self.topics).is_empty()).collect();
        let mut unnamed: Vec<u64> = posts.iter().flat_map(|post| post.unnamed(self.topics)).collect();
        unnamed.sort_unstable();
        unnamed.dedup();
        let mut terms: Vec<Term> = Vec::new();
        for answer in self.by_ids(route(self.topics), &unnamed, &[]).await? {
            match read_part::<Vec<Term>>(&answer) {
                Ok(told) => terms.extend(told),
                // A site that keeps them to itself now will do so later too.
                Err(FeedError::Denied | FeedError::Refused) => {}
                Err(error) => return Err(error),
            }
        }
        for post in posts {
            post.asked_for.clone_from(&terms);
        }
        Ok(())
    }
}
