//! What is told to somebody who does not look at the window: the deliveries that need them and did not before, in one sentence
//! however many they are. Pure; showing it is `attention`'s business.

use std::collections::HashMap;

use sampan_core::{
    api::types::{Outbox, OutboxEntry},
    domain::{DeliveryState, NeedsYou},
};

/// A delivery that is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Which delivery.
    pub delivery: String,
    /// As the person calls the feed; empty for the ready-made one.
    pub feed: String,
    /// Why it needs the person; nothing while the program goes on with it.
    pub reason: Option<NeedsYou>,
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

/// What the person knows already: why each delivery needs them.
#[derive(Debug, Default)]
pub struct Known(HashMap<String, NeedsYou>);

impl Known {
    /// Takes in everything that is not done now, and answers what of it is new to the person. What does not need them any more is
    /// forgotten, so that it is new when it does again.
    pub fn take(&mut self, needs: &[Need]) -> Option<News> {
        let before = std::mem::take(&mut self.0);
        let mut new = Vec::new();
        for need in needs {
            let known = before.get(&need.delivery).copied();
            // A feed that is only asked again, as it is in another network, may say once more what it said.
            let is_asked_again = |reason: &NeedsYou| reason.concerns_feed();
            if let Some(reason) = need.reason.or(known.filter(is_asked_again)) {
                self.0.insert(need.delivery.clone(), reason);
            }
            if let Some(reason) = need.reason.filter(|reason| known != Some(*reason)) {
                new.push((need, reason));
            }
        }
        let ((first, reason), others) = new.split_first()?;
        let feed = || first.feed.clone();
        Some(match others.len() + 1 {
            1 => News::One { feed: feed(), reason: *reason },
            count if others.iter().all(|(need, _)| need.feed == first.feed) => News::SeveralAt { feed: feed(), count },
            count => News::Several { count },
        })
    }
}

/// What of an outbox is not done.
pub fn of(outbox: Outbox) -> Vec<Need> {
    let need = |entry: OutboxEntry| {
        let reason = match entry.delivery.state {
            DeliveryState::NeedsYou { reason } => Some(reason),
            _ => None,
        };
        Need { delivery: entry.delivery.id, feed: entry.delivery.feed_name, reason }
    };
    outbox.pending.into_iter().map(need).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(delivery: &str, feed: &str, reason: NeedsYou) -> Need {
        Need { delivery: delivery.to_owned(), feed: feed.to_owned(), reason: Some(reason) }
    }

    fn waits(need: &Need) -> Need {
        Need { reason: None, ..need.clone() }
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
    fn a_feed_that_is_asked_again_and_says_the_same_is_no_news() {
        let (mut known, denied) = (Known::default(), need("1", "Blog", NeedsYou::Denied));
        let told = Some(News::One { feed: "Blog".to_owned(), reason: NeedsYou::Denied });
        assert_eq!(known.take(std::slice::from_ref(&denied)), told);
        for _ in 0..2 {
            assert_eq!(known.take(&[waits(&denied)]), None);
            assert_eq!(known.take(std::slice::from_ref(&denied)), None, "the network changed, and nothing with it");
        }
        known.take(&[waits(&denied)]);
        known.take(&[]);
        assert_eq!(known.take(&[denied]), told, "it arrived meanwhile, and was sent anew");
    }

    #[test]
    fn what_the_person_sent_again_and_is_refused_again_is_news() {
        let (mut known, refused) = (Known::default(), need("1", "Blog", NeedsYou::Refused));
        let told = known.take(std::slice::from_ref(&refused));
        assert_eq!(known.take(&[waits(&refused)]), None);
        assert_eq!(known.take(&[refused]), told, "of itself it is not sent again");
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
