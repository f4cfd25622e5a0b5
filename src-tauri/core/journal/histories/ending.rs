//! What must hold when a history has come to its end and nothing goes wrong any more: both sides say the same, once, and no word
//! is lost or undone.

use std::collections::BTreeSet;

use super::{Count, Ground, HOUR, History, is_mark};
use crate::api::types::LanguageLayout;
use crate::domain::{Content, DeliveryState, Origin};
use crate::store::revisions;

impl History<'_> {
    /// Brings the history to its end, and compares.
    pub(super) async fn end_well(&mut self, count: &mut Count) {
        let Ground { clock, place, .. } = self.ground;
        place.set_rough(0);
        clock.advance(2 * 60 * 60_000);
        for _ in 0..8 {
            self.journal.sync_now(()).await.unwrap();
            self.decide(count).await;
            let delivery = self.delivery().await;
            if delivery.sends()
                && delivery.state == DeliveryState::Synced
                && delivery.target == self.view().await.revision
            {
                break;
            }
            self.send().await;
            // After our clock was set back, waiting for what may arrive begins anew.
            clock.advance(if delivery.state == DeliveryState::Unknown { HOUR } else { 60_000 });
        }
        // What a request that came late has left is swept when it has lain for some minutes.
        for _ in 0..2 {
            clock.advance(6 * 60_000);
            self.journal.pull(()).await.unwrap();
        }
        self.compare(count).await;
    }

    async fn compare(&self, count: &mut Count) {
        let Ground { place, layout, .. } = self.ground;
        count.late += place.late();
        let (view, delivery, items) = (self.view().await, self.delivery().await, place.items(self.post));
        assert_eq!(delivery.state, DeliveryState::Synced, "{delivery:?}");
        let each = if *layout == LanguageLayout::Linked { view.content.sides.len() } else { 1 };
        assert_eq!(items.len(), each, "an item each, once: {items:?}");
        let words: BTreeSet<String> = items.into_iter().flatten().collect();
        let here: BTreeSet<String> = words_of(&view.content).filter(|word| is_mark(word)).collect();
        assert_eq!(words, here, "both sides say the same");
        assert_eq!(view.content.attachments, self.ground.files, "nobody changed a file");
        let undone: Vec<_> = self.here.difference(&words).collect();
        assert!(undone.is_empty(), "undone: {undone:?}");
        let (kept, destroyed) = (self.kept(count).await, place.destroyed());
        let is_lost = |word: &&String| !kept.contains(*word) && !destroyed.contains(*word);
        let lost: Vec<_> = self.there.iter().filter(is_lost).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
    }

    /// Every word in the post's history.
    pub(super) async fn kept(&self, count: &mut Count) -> BTreeSet<String> {
        let mut kept = BTreeSet::new();
        for entry in self.journal.history(self.post).await.unwrap() {
            count.merged += u32::from(entry.origin == Origin::Merge);
            let revision = self.journal.store().read(move |conn| revisions::get(conn, entry.id)).await.unwrap();
            kept.extend(words_of(&revision.content));
        }
        kept
    }
}

/// All words of a post.
fn words_of(content: &Content) -> impl Iterator<Item = String> + '_ {
    let texts = content.sides.values().flat_map(|side| [side.title.as_str(), side.body.as_str()]);
    texts.flat_map(str::split_whitespace).map(str::to_owned)
}
