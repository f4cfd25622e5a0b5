//! What is told to somebody who does not look at the window: the deliveries that need them and did not before, in one sentence
//! however many they are. Pure; showing it is `attention`'s business.

use std::collections::HashSet;

use sampan_core::{
    api::types::Outbox,
    domain::{DeliveryState, NeedsYou},
};

/// A delivery that needs the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Which delivery.
    pub delivery: String,
    /// As the person calls the feed; empty for the ready-made one.
    pub feed: String,
    /// Why.
    pub reason: NeedsYou,
}

/// What is new. It holds no word of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// One post at one feed.
    One {
        /// The feed.
        feed: String,
        /// Why.
        reason: NeedsYou,
    },
    /// Several posts, all at one feed.
    SeveralAt {
        /// The feed.
        feed: String,
        /// How many.
        count: usize,
    },
    /// Several posts at several feeds.
    Several {
        /// How many.
        count: usize,
    },
}

/// What the person knows already.
#[derive(Debug, Default)]
pub struct Known(HashSet<(String, NeedsYou)>);

impl Known {
    /// Takes in everything that needs the person now, and answers what of it is new. What does not need them any more is
    /// forgotten, so that it is new when it does again.
    pub fn take(&mut self, needs: &[Need]) -> Option<News> {
        let now = needs.iter().map(|need| (need.delivery.clone(), need.reason)).collect();
        let before = std::mem::replace(&mut self.0, now);
        let is_new = |need: &&Need| !before.contains(&(need.delivery.clone(), need.reason));
        let mut new = needs.iter().filter(is_new);
        let first = new.next()?;
        let others: Vec<_> = new.collect();
        let feed = || first.feed.clone();
        Some(match others.len() + 1 {
            1 => News::One { feed: feed(), reason: first.reason },
            count if others.iter().all(|need| need.feed == first.feed) => News::SeveralAt { feed: feed(), count },
            count => News::Several { count },
        })
    }
}

/// What of an outbox needs the person.
pub fn of(outbox: Outbox) -> Vec<Need> {
    let need = |entry: sampan_core::api::types::OutboxEntry| match entry.delivery.state {
        DeliveryState::NeedsYou { reason } => {
            Some(Need { delivery: entry.delivery.id, feed: entry.delivery.feed_name, reason })
        }
        _ => None,
    };
    outbox.pending.into_iter().filter_map(need).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(delivery: &str, feed: &str, reason: NeedsYou) -> Need {
        Need { delivery: delivery.to_owned(), feed: feed.to_owned(), reason }
    }

    #[test]
    fn a_need_is_told_once_and_again_only_when_it_was_gone() {
        let mut known = Known::default();
        let refused = [need("1", "Blog", NeedsYou::Refused)];
        let told = Some(News::One { feed: "Blog".to_owned(), reason: NeedsYou::Refused });
        assert_eq!(known.take(&refused), told);
        assert_eq!(known.take(&refused), None);
        assert_eq!(known.take(&[]), None);
        assert_eq!(known.take(&refused), told, "it was solved and came back");
    }

    #[test]
    fn another_reason_at_the_same_post_is_news() {
        let mut known = Known::default();
        known.take(&[need("1", "Blog", NeedsYou::SignedOut)]);
        let news = known.take(&[need("1", "Blog", NeedsYou::Conflict)]);
        assert_eq!(news, Some(News::One { feed: "Blog".to_owned(), reason: NeedsYou::Conflict }));
    }

    #[test]
    fn many_needs_become_one_sentence_and_the_old_ones_are_not_counted_again() {
        let mut known = Known::default();
        let old = need("1", "Blog", NeedsYou::Refused);
        known.take(std::slice::from_ref(&old));
        let at_blog = [old, need("2", "Blog", NeedsYou::Refused), need("3", "Blog", NeedsYou::TooLarge)];
        assert_eq!(known.take(&at_blog), Some(News::SeveralAt { feed: "Blog".to_owned(), count: 2 }));
        let mut everywhere = at_blog.to_vec();
        everywhere.extend([need("4", "Blog", NeedsYou::Full), need("5", "Notes", NeedsYou::Full)]);
        assert_eq!(known.take(&everywhere), Some(News::Several { count: 2 }));
    }
}
