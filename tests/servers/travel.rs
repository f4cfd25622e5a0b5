//! A post's journey to every kind of feed and back: written and sent while nothing can be reached, it arrives by itself, whole and
//! clean; what is changed, deleted or lost on either side meets the other, and nothing is thrown away here. The same steps for
//! real servers and for a folder; the counts are printed.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;
use std::time::Instant;

use sampan_core::api::remote::{ConflictChoice, Part, PartName, PullReport, Resolve};
use sampan_core::api::types::*;
use sampan_core::domain::{DeliveryState, Digest, Lang, NeedsYou, Origin, PostId, Wanted};
use sampan_core::media;

use crate::journey::{FILES, Journey, sides};
use crate::places::{Item, Mastodon, Micropub, WordPress};
use crate::way::Way;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_travel_to_wordpress_and_back() {
    Journey::over(Way::cable(Arc::new(WordPress::told())).await).await.go().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_travel_to_micropub_and_back() {
    Journey::over(Way::cable(Arc::new(Micropub::told())).await).await.go().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_travel_to_mastodon_and_back() {
    Journey::over(Way::cable(Arc::new(Mastodon::told())).await).await.go().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_travel_to_a_folder_and_back() {
    let home = tempfile::tempdir().unwrap();
    Journey::over(Way::disk(home.path())).await.go().await;
}

impl Journey {
    async fn go(mut self) {
        self.arrive_by_themselves().await;
        self.meet_halfway().await;
        self.collide().await;
        self.delete_here().await;
        self.delete_there().await;
        self.lose_everything().await;
        println!("journey, {}: {:?}", self.way.place.name(), self.sheet);
        assert!(self.journal.check(()).await.unwrap().clean);
        if !self.way.place.secret().is_empty() {
            crate::canary::expect_none(self.home.path(), self.way.place.user(), self.way.place.secret());
        }
        self.journal.close().await;
    }

    /// Written and sent with the network off; on again, they go by themselves.
    async fn arrive_by_themselves(&mut self) {
        let files = self.files.clone();
        let mut sent = Vec::new();
        self.way.cut().await;
        let drafts = self.way.place.has_drafts().then_some(Wanted::Draft);
        for wanted in drafts.into_iter().chain([Wanted::Published]) {
            let (post, mark) = self.write(files.clone()).await;
            let promised = self.promised(post).await;
            assert_eq!(promised.len(), FILES);
            self.send(post, wanted).await;
            sent.push((post, mark, wanted, promised));
        }
        let is_told = async || {
            let connection = self.journal.connection(()).await.unwrap();
            (connection.state == ConnectionState::Offline).then_some(connection)
        };
        let connection = self.until("it is said that they wait", is_told).await;
        assert_eq!((connection.waiting as usize, connection.needs_you), (sent.len(), 0));
        assert_eq!(connection.unreachable, ["There"]);
        for (post, ..) in &sent {
            let delivery = self.delivery(*post).await;
            assert!(delivery.receipt.is_none() && delivery.state != DeliveryState::Synced, "{delivery:?}");
        }

        self.way.mend().await;
        let back = Instant::now();
        for (post, ..) in &sent {
            self.until_synced(*post).await;
        }
        self.sheet.seconds_until_there = back.elapsed().as_secs_f32();
        for (_, mark, wanted, promised) in &sent {
            let item = self.item(mark).await;
            assert_eq!(item.public, *wanted == Wanted::Published, "a draft stays a draft: {item:?}");
            self.expect_whole(&item, promised).await;
        }
        assert_eq!(self.pull().await, PullReport::default(), "our own writing is no news");
    }

    /// The files there are the copies that were promised, clean, with what they show and in which languages it is said.
    async fn expect_whole(&mut self, item: &Item, promised: &BTreeSet<Digest>) {
        let mut there = BTreeSet::new();
        for url in &item.files {
            let bytes = self.way.place.download(url).await;
            let facts = media::probe(&mut Cursor::new(&bytes));
            assert!(facts.point.is_none() && facts.make.is_none() && !facts.owner, "{url} tells too much");
            for secret in ["secret", "SERIAL", "+27.1281"] {
                assert!(!bytes.windows(secret.len()).any(|some| some == secret.as_bytes()), "{secret} in {url}");
            }
            there.insert(Digest::of(&bytes));
        }
        assert_eq!(&there, promised, "byte for byte");
        self.sheet.files_equal += there.len();
        for attachment in &self.files {
            for (lang, alt) in &attachment.alt {
                assert!(item.text.contains(alt.as_str()), "alt text in {lang}: {item:?}");
            }
        }
        let langs: BTreeSet<&str> = item.langs.iter().filter_map(|lang| lang.split('-').next()).collect();
        assert_eq!(langs, BTreeSet::from(["en", "zh"]), "{item:?}");
    }

    /// Edited here, there, and on both sides in different places.
    async fn meet_halfway(&mut self) {
        let published = self.sent(Wanted::Published).await;
        self.edit_here(published.0, "Low clouds", "High clouds").await;
        assert!(self.delivery(published.0).await.changed_since, "the update is the user's to send");
        self.send(published.0, Wanted::Published).await;
        self.expect_both(&published, "High clouds").await;
        if self.way.place.has_drafts() {
            let draft = self.sent(Wanted::Draft).await;
            self.edit_here(draft.0, "Low clouds", "High clouds").await;
            self.journal.sync_now(()).await.unwrap();
            let item = self.expect_both(&draft, "High clouds").await;
            assert!(!item.public);
        }

        let item = self.item(&published.1).await;
        self.way.place.edit(&item, "第二句", "第二句是那里改的").await;
        self.sheet.taken_over += self.pull().await.changed;
        assert_eq!(self.sheet.taken_over, 1);
        let delivery = self.delivery(published.0).await;
        assert_eq!((delivery.state, delivery.changed_since), (DeliveryState::Synced, false));
        self.expect_both(&published, "第二句是那里改的").await;
        assert_eq!(self.pull().await, PullReport::default(), "once");

        let item = self.item(&published.1).await;
        self.way.place.edit(&item, "云很低", "云散了").await;
        self.edit_here(published.0, "High clouds", "No clouds").await;
        self.send(published.0, Wanted::Published).await;
        self.expect_both(&published, "No clouds").await;
        self.expect_both(&published, "云散了").await;
        assert!(self.origins(published.0).await.contains(&Origin::Merge));
        self.sheet.merged += 1;
    }

    /// Edited on both sides in the same places; solved in each way.
    async fn collide(&mut self) {
        let some = Resolve::Choose { theirs: vec![PartName { part: Part::Body, lang: Some(Lang::en()) }] };
        let ways = [
            (Resolve::Ours, ["这里", "Here"]),
            (Resolve::Theirs, ["那里", "There"]),
            (some, ["这里", "There"]),
            (Resolve::TwoPosts, ["那里", "There"]),
        ];
        for (resolve, expected) in ways {
            let sent = self.conflict().await;
            let before = self.all().await;
            let conflict = self.journal.conflicts(()).await.unwrap().remove(0);
            let (ours, theirs) = (conflict.ours, conflict.theirs);
            let choice = ConflictChoice { post: sent.0, feed: self.feed, ours, theirs, resolve: resolve.clone() };
            self.journal.conflict_resolve(choice).await.unwrap();
            let made: Vec<PostId> = self.all().await.difference(&before).copied().collect();
            let there = match made.as_slice() {
                [] => sent,
                [second] => {
                    assert_eq!(self.text(sent.0).await, sides(["这里", "Here"], &sent.1), "the first is as it was");
                    assert!(matches!(self.delivery(sent.0).await.wanted, Wanted::Off | Wanted::Withdrawn));
                    (*second, sent.1)
                }
                _ => panic!("{made:?}"),
            };
            self.until_synced(there.0).await;
            assert_eq!(self.text(there.0).await, sides(expected, &there.1), "{resolve:?}");
            for words in expected {
                self.expect_both(&there, words).await;
            }
            self.edit_here(there.0, "第二句", "第二句又改了").await;
            self.send(there.0, Wanted::Published).await;
            self.expect_both(&there, "第二句又改了").await;
            assert!(self.journal.conflicts(()).await.unwrap().is_empty());
        }
    }

    /// A post that was changed on both sides in ways that exclude each other.
    async fn conflict(&mut self) -> (PostId, String) {
        let sent = self.sent(Wanted::Published).await;
        for (from, there, here) in [("云很低", "那里", "这里"), ("Low clouds", "There", "Here")] {
            self.way.place.edit(&self.item(&sent.1).await, from, there).await;
            self.edit_here(sent.0, from, here).await;
        }
        let report = self.pull().await;
        assert_eq!((report.changed, report.conflicts), (0, 1), "{report:?}");
        self.sheet.conflicts += report.conflicts;
        let stuck = DeliveryState::NeedsYou { reason: NeedsYou::Conflict };
        assert_eq!(self.delivery(sent.0).await.state, stuck);
        assert_eq!(self.text(sent.0).await, sides(["这里", "Here"], &sent.1), "nothing here is touched");
        let origins = self.origins(sent.0).await;
        assert!(origins.contains(&Origin::Pull) && origins.contains(&Origin::Edit), "both are in the history");
        sent
    }

    async fn delete_here(&mut self) {
        let (post, mark) = self.sent(Wanted::Published).await;
        self.journal.post_delete(post).await.unwrap();
        let is_gone = async || self.way.place.items(&mark).await.is_empty().then_some(());
        self.until("it is gone there", is_gone).await;
        if let Some(trash) = self.way.place.in_trash(&mark).await {
            assert_eq!(trash, 1, "in the trash, where it can be had back");
        }
        self.until("that is confirmed", async || {
            let delivery = self.delivery(post).await;
            delivery.receipt.is_none_or(|receipt| receipt.known == Wanted::Withdrawn).then_some(())
        })
        .await;
    }

    async fn delete_there(&mut self) {
        let (post, mark) = self.sent(Wanted::Published).await;
        self.way.place.remove(&self.item(&mark).await).await;
        let report = self.pull().await;
        if self.way.place.says_gone() {
            assert_eq!((report.gone, report.changed), (1, 0), "{report:?}");
            self.sheet.gone_there += report.gone;
        } else {
            assert_eq!(report, PullReport::default(), "not there is not deleted");
            self.edit_here(post, "Low clouds", "High clouds").await;
            self.send(post, Wanted::Published).await;
        }
        let before = self.text(post).await;
        let told = DeliveryState::NeedsYou { reason: NeedsYou::GoneThere };
        self.until("it is told", async || (self.delivery(post).await.state == told).then_some(())).await;
        assert_eq!(self.text(post).await, before, "nothing is deleted here");
        assert!(self.way.place.items(&mark).await.is_empty(), "nor made again there");
    }

    /// A place that forgot everything is not believed.
    async fn lose_everything(&mut self) {
        let mut sent = Vec::new();
        for _ in 0..6 {
            sent.push(self.sent(Wanted::Published).await.0);
        }
        self.pull().await;
        for by_name in [false, true] {
            self.way.lose(by_name);
            let report = self.pull().await;
            self.way.find_again();
            assert_eq!((report.changed, report.gone, report.conflicts), (0, 0, 0), "{report:?}");
            assert_eq!(report.held_back.len(), usize::from(by_name && self.way.place.says_gone()), "{report:?}");
            self.sheet.held_back += report.held_back.len();
            for post in &sent {
                let delivery = self.delivery(*post).await;
                assert_eq!((delivery.state, delivery.changed_since), (DeliveryState::Synced, false));
            }
        }
        if self.way.place.says_gone() {
            self.believe(&sent).await;
        } else {
            assert_eq!(self.pull().await, PullReport::default(), "all is as it was");
        }
    }

    /// The user looked, and everything is gone there indeed: it is told of every post, and every post stays here.
    async fn believe(&mut self, sent: &[PostId]) {
        let posts = self.all().await;
        self.way.lose(true);
        let feed = self.journal.feed_list(()).await.unwrap().into_iter().find(|feed| feed.id == self.feed);
        assert!(feed.is_some_and(|feed| feed.held_back as usize >= sent.len()), "it is told until then");
        let report = self.journal.pull_accept(self.feed).await.unwrap();
        assert!(report.gone as usize >= sent.len() && report.held_back.is_empty(), "{report:?}");
        let told = DeliveryState::NeedsYou { reason: NeedsYou::GoneThere };
        for post in sent {
            assert_eq!(self.delivery(*post).await.state, told);
        }
        assert_eq!(self.all().await, posts, "nothing is deleted here");
        let feed = self.journal.feed_list(()).await.unwrap().into_iter().find(|feed| feed.id == self.feed);
        assert_eq!(feed.map(|feed| feed.held_back), Some(0));
        let again = self.pull().await;
        assert!(again.held_back.is_empty(), "what the user knows to be gone is no news: {again:?}");
        self.sheet.accepted += report.gone;
    }
}
