//! A journal that was copied while posts waited in it, to another computer or as a backup that is brought back: what the other
//! copy sent meanwhile is not sent once more.

use std::path::Path;

use sampan_core::api::remote::{Arrived, ArrivedInput};
use sampan_core::api::types::{DraftInput, SendInput};
use sampan_core::clock::{Clock, SystemClock};
use sampan_core::domain::{Content, DeliveryState, FeedId, Lang, Manner, NeedsYou, PostId, Side, Wanted};
use sampan_core::journal::Journal;

use crate::desk;
use crate::places::{Mastodon, Micropub, Place, WordPress};
use crate::proxy::Proxy;

const COPIED: DeliveryState = DeliveryState::NeedsYou { reason: NeedsYou::Copied };

#[tokio::test]
async fn a_copied_journal_doubles_nothing_at_wordpress() {
    send_from_two(&WordPress::told()).await;
}

#[tokio::test]
async fn a_copied_journal_doubles_nothing_by_micropub() {
    send_from_two(&Micropub::told()).await;
}

#[tokio::test]
async fn a_copied_journal_doubles_nothing_at_mastodon() {
    send_from_two(&Mastodon::told()).await;
}

async fn send_from_two(place: &dyn Place) {
    for by_backup in [true, false] {
        let (here, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let vaults = desk::vaults();
        let proxy = Proxy::before(place.server()).await;
        let original = desk::open(here.path(), vaults.clone()).await;
        let feed = desk::feed(&original, place, proxy.url.clone()).await.id;
        let mark = |name: &str| format!("{name}{}{by_backup}", std::process::id());
        let there_before = write(&original, &mark("former")).await;
        send(&original, feed, there_before).await;
        original.sync().await.unwrap();

        proxy.unplug().await;
        let (sent, unsent) = (write(&original, &mark("early")).await, write(&original, &mark("late")).await);
        for post in [sent, unsent] {
            send(&original, feed, post).await;
        }
        original.sync().await.unwrap();
        let original = if by_backup {
            original.backup(elsewhere.path().join("journal")).await.unwrap();
            original
        } else {
            original.close().await;
            std::fs::create_dir(elsewhere.path().join("journal")).unwrap();
            for file in ["journal.db", "media.db"] {
                let at = |home: &Path| home.join("journal").join(file);
                std::fs::copy(at(here.path()), at(elsewhere.path())).unwrap();
            }
            desk::open(here.path(), vaults.clone()).await
        };
        proxy.plug().await;
        let off = SendInput { post: unsent, feed, wanted: Wanted::Off, manner: Manner::default() };
        original.post_send(off).await.unwrap();
        original.sync().await.unwrap();
        assert_eq!(state(&original, feed, sent).await, DeliveryState::Synced, "the original goes on by itself");
        original.close().await;

        let copy = desk::open(elsewhere.path(), vaults.clone()).await;
        copy.sync().await.unwrap();
        send(&copy, feed, sent).await;
        copy.sync().await.unwrap();
        for post in [sent, unsent] {
            assert_eq!(state(&copy, feed, post).await, COPIED, "{}, by backup: {by_backup}", place.name());
        }
        let there = place.items(&mark("early")).await;
        assert_eq!(there.len(), 1, "{there:?}");

        // As the address is on the way to the site.
        let url = there[0].url.replace(place.server().trim_end_matches('/'), &proxy.url);
        let url = url::Url::parse(&proxy.url).unwrap().join(&url).unwrap().into();
        let arrived = Arrived::Yes { url };
        copy.delivery_arrived(ArrivedInput { post: sent, feed, arrived }).await.unwrap();
        let arrived = Arrived::No;
        copy.delivery_arrived(ArrivedInput { post: unsent, feed, arrived }).await.unwrap();
        for (post, mark) in [(sent, mark("early")), (unsent, mark("late")), (there_before, mark("former"))] {
            edit(&copy, post, &format!("Changed on the other computer, {mark}.")).await;
            send(&copy, feed, post).await;
            copy.sync().await.unwrap();
            let there = place.items(&mark).await;
            assert_eq!(state(&copy, feed, post).await, DeliveryState::Synced, "{there:?}");
            assert!(there.len() == 1 && there[0].text.contains("Changed on the other computer"), "{there:?}");
        }
        copy.close().await;
        // At home again, it is no copy.
        let copy = desk::open(elsewhere.path(), vaults.clone()).await;
        let next = write(&copy, &mark("next")).await;
        send(&copy, feed, next).await;
        copy.close().await;
        let copy = desk::open(elsewhere.path(), vaults.clone()).await;
        copy.sync().await.unwrap();
        assert_eq!(state(&copy, feed, next).await, DeliveryState::Synced);
        copy.close().await;
    }
}

async fn write(journal: &Journal, mark: &str) -> PostId {
    let mut content = Content::empty(SystemClock.moment());
    content.sides.insert(Lang::en(), Side { title: "Low clouds".into(), body: format!("Clouds today, {mark}.") });
    let draft = DraftInput { post: None, base: None, version: None, content };
    journal.draft_save(draft).await.unwrap().post
}

async fn edit(journal: &Journal, post: PostId, body: &str) {
    let before = journal.post_get(post).await.unwrap();
    let mut content = before.content;
    content.sides.get_mut(&Lang::en()).unwrap().body = body.to_owned();
    let (base, version) = (Some(before.revision), Some(before.version));
    journal.draft_save(DraftInput { post: Some(post), base, version, content }).await.unwrap();
}

async fn send(journal: &Journal, feed: FeedId, post: PostId) {
    let input = SendInput { post, feed, wanted: Wanted::Published, manner: Manner::default() };
    journal.post_send(input).await.unwrap();
}

async fn state(journal: &Journal, feed: FeedId, post: PostId) -> DeliveryState {
    let deliveries = journal.post_get(post).await.unwrap().deliveries;
    deliveries.into_iter().find(|delivery| delivery.feed == feed).unwrap().state
}
