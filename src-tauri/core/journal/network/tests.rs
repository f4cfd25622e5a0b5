//! Who is called when, who is woken, and when nobody looks.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, mpsc};

use async_trait::async_trait;

use super::*;
use crate::api::types::{Connection, DraftInput, SendInput};
use crate::domain::{Content, Delivery, DeliveryState, Manner, Wanted};
use crate::feed::memory::{MemoryFeed, Sky, Weather};
use crate::journal::Options;
use uuid::Uuid;

fn feed(number: u128) -> FeedId {
    FeedId::from_uuid(Uuid::from_u128(number))
}

fn over(last: u8) -> Ways {
    Ways { v4: Some(Ipv4Addr::new(10, 0, 0, last).into()), v6: None }
}

#[test]
fn another_way_out_is_worth_a_try_and_none_is_not() {
    let (mut seen, now) = (Seen::default(), Instant::now());
    assert!(!seen.moved(over(1), now), "the first look knows no before");
    assert!(!seen.moved(over(1), now));
    assert!(!seen.moved(Ways::default(), now), "the cable was pulled");
    assert!(seen.moved(over(2), now));
}

#[test]
fn a_feed_that_picks_up_again_is_tried_and_one_that_always_did_is_left_to_its_time() {
    let (mut seen, now) = (Seen::default(), Instant::now());
    assert_eq!(seen.due(&[feed(1), feed(2)], now), [feed(1), feed(2)]);
    let look = |one: bool| vec![(feed(1), one), (feed(2), true)];
    assert_eq!(seen.back(look(false), now), []);
    assert_eq!(seen.back(look(true), now), [feed(1)]);
    assert_eq!(seen.back(look(true), now), []);
}

#[test]
fn a_feed_behind_a_proxy_is_never_called_past_it() {
    let proxies = Matcher::builder().all("socks5h://u:p@127.0.0.1:9050").https("proxy.example").no("near.example");
    let proxies = proxies.build();
    for (place, host, port) in [
        ("https://blog.example/wp", "proxy.example", 80),
        ("http://blog.example:81/wp", "127.0.0.1", 9050),
        ("https://me.near.example", "me.near.example", 443),
        ("https://localhost:8443/", "localhost", 8443),
        ("http://[::1]/", "::1", 80),
    ] {
        assert_eq!(called_for(place, &proxies), Some((host.to_owned(), port)), "{place}");
    }
    let direct = Matcher::builder().build();
    assert_eq!(called_for("https://博客.example", &direct), Some(("xn--9krq6q.example".to_owned(), 443)));
}

/// Calls feeds that do not pick up until so long after a beginning, and tells after how long each of them was called.
fn calls(seen: &mut Seen, silent: &[FeedId], (from, until): (Duration, Duration), start: Instant) -> Vec<Duration> {
    let (mut at, mut called) = (start + from, Vec::new());
    while at <= start + until {
        let due = seen.due(silent, at);
        called.extend(due.iter().map(|_| at - start));
        seen.back(due.into_iter().map(|feed| (feed, false)).collect(), at);
        at = seen.next_call().unwrap();
    }
    called
}

#[test]
fn a_feed_that_stays_away_is_called_once_a_minute_until_the_network_changes() {
    let (mut seen, start) = (Seen::default(), Instant::now());
    let seconds = Duration::from_secs;
    seen.moved(over(1), start);
    let called = calls(&mut seen, &[feed(1)], (seconds(0), seconds(900)), start);
    let expected: Vec<Duration> = (0..=600).step_by(5).chain([660, 720, 780, 840, 900]).map(seconds).collect();
    assert_eq!(called, expected, "and before that every few seconds for ten minutes");
    seen.moved(over(2), start + seconds(901));
    let called = calls(&mut seen, &[feed(1)], (seconds(901), seconds(911)), start);
    assert_eq!(called, [901, 906, 911].map(seconds));
}

#[test]
fn a_feed_that_is_away_for_long_makes_no_other_wait() {
    let (mut seen, start) = (Seen::default(), Instant::now());
    let seconds = Duration::from_secs;
    calls(&mut seen, &[feed(1)], (seconds(0), seconds(900)), start);
    let both = [feed(1), feed(2)];
    let called = calls(&mut seen, &both, (seconds(910), seconds(930)), start);
    assert_eq!(called, [910, 915, 920, 925, 930].map(seconds), "the other one at once, and then every few seconds");
    assert_eq!(seen.back(vec![(feed(2), true)], start + seconds(935)), [feed(2)]);
    calls(&mut seen, &both[..1], (seconds(940), seconds(960)), start);
    let called = calls(&mut seen, &both, (seconds(970), seconds(975)), start);
    assert_eq!(called, [970, 975].map(seconds), "it answered, and is away anew");
}

/// A journal with feeds on the network that do not answer and for each of which a post waits.
async fn journal(dir: &std::path::Path, places: &[String]) -> (Journal, Vec<FeedRow>) {
    let journal = Journal::open(dir, Options::default()).await.unwrap();
    let ready = journal.store().read(feeds::list).await.unwrap().remove(0);
    let row = |(number, place): (u128, &String)| FeedRow {
        id: feed(number),
        kind: FeedKind::Micropub,
        place: place.clone(),
        enabled: true,
        health: FeedHealth::Unreachable,
        ..ready.clone()
    };
    let rows: Vec<FeedRow> = (1..).zip(places).map(row).collect();
    for row in rows.clone() {
        let feed = row.id;
        journal.store().write(move |tx| feeds::add(tx, &row)).await.unwrap();
        let mut content = Content::empty(journal.clock().moment());
        content.topics.push("船".into());
        let draft = DraftInput { post: None, base: None, version: None, content };
        let post = journal.draft_save(draft).await.unwrap().post;
        let wish = SendInput { post, feed, wanted: Wanted::Published, manner: Manner::default() };
        journal.post_send(wish).await.unwrap();
    }
    (journal, rows)
}

/// Somebody who picks up, and is heard of each time.
fn picking_up() -> (String, mpsc::Receiver<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let place = format!("http://{}/", listener.local_addr().unwrap());
    let (tell, heard) = mpsc::channel();
    std::thread::spawn(move || listener.incoming().try_for_each(|_| tell.send(())));
    (place, heard)
}

#[tokio::test]
async fn micropub_is_called_where_posts_are_made_and_not_where_they_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let (pages, _heard) = picking_up();
    let (_journal, mut rows) = journal(dir.path(), &[pages]).await;
    assert_eq!(call(rows.iter()).await, [(feed(1), true)], "nothing else is known");
    let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    rows[0].facts.endpoints.insert(micropub::MICROPUB.to_owned(), format!("http://{gone}/micropub"));
    assert_eq!(call(rows.iter()).await, [(feed(1), false)]);
    rows[0].kind = FeedKind::Mastodon;
    assert_eq!(call(rows.iter()).await, [(feed(1), true)], "that of another kind is not asked");
}

#[tokio::test(start_paused = true)]
async fn a_feed_that_goes_away_is_called_at_once_whenever_the_others_are_called() {
    // While something blocks, time stands still: nobody is called because a pause is over.
    let (_until_the_end, blocked) = mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || blocked.recv());
    let dir = tempfile::tempdir().unwrap();
    let [(first, first_heard), (second, second_heard)] = [picking_up(), picking_up()];
    let (journal, rows) = journal(dir.path(), &[first, second]).await;
    journal.note_health(rows[1].id, FeedHealth::Reachable).await.unwrap();
    let watch = tokio::spawn(journal.clone().notice_network());
    let is_called = async |heard: mpsc::Receiver<()>| {
        let heard = move || heard.recv_timeout(Duration::from_secs(60)).is_ok();
        tokio::task::spawn_blocking(heard).await.unwrap()
    };
    assert!(is_called(first_heard).await);
    journal.note_health(rows[1].id, FeedHealth::Unreachable).await.unwrap();
    assert!(is_called(second_heard).await);
    watch.abort();
}

/// What answers for the feed in the present network, and how often it was asked.
#[derive(Clone)]
struct Gateway(Arc<Mutex<(Weather, u32)>>);

#[async_trait]
impl Sky for Gateway {
    async fn weather(&self) -> Weather {
        let mut gateway = self.0.lock().unwrap();
        gateway.1 += 1;
        gateway.0
    }

    async fn heard(&self) {}
}

#[tokio::test]
async fn a_feed_that_did_not_let_us_in_is_asked_once_whenever_the_network_changed() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, mut rows) = journal(dir.path(), &["https://blog.example/".to_owned()]).await;
    let (row, gateway) = (rows.remove(0), Gateway(Arc::new(Mutex::new((Weather::SignedOut, 0)))));
    let id = row.id;
    journal.put_adapter(row, Arc::new(MemoryFeed { server: Default::default(), sky: gateway.clone(), batch: 1 }));
    let (mut seen, now) = (Seen::default(), Instant::now());
    let mut in_network = async |last: u8| {
        let shut = journal.shut_feeds().await.unwrap();
        journal.look(&shut, &mut seen, (over(last), now)).await;
        journal.tour(journal.clock().now()).await.unwrap();
        let state = journal.store().read(move |conn| outbox::of_feed(conn, id)).await.unwrap().remove(0).state;
        (state, std::mem::take(&mut gateway.0.lock().unwrap().1))
    };
    let stuck = DeliveryState::NeedsYou { reason: NeedsYou::SignedOut };
    assert_eq!(in_network(1).await, (stuck.clone(), 2), "it is asked whether that is so, too");
    assert_eq!(in_network(1).await, (stuck.clone(), 0), "the user is asked, not the feed");
    assert_eq!(in_network(2).await, (stuck.clone(), 2));
    journal.note_health(id, FeedHealth::Denied).await.unwrap();
    assert_eq!(in_network(2).await, (stuck.clone(), 0));
    assert_eq!(in_network(3).await, (stuck, 2), "whatever was the matter");
    gateway.0.lock().unwrap().0 = Weather::Fine;
    assert_eq!(in_network(4).await.0, DeliveryState::Synced);
}

#[tokio::test]
async fn a_feed_for_which_only_the_user_can_do_something_is_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, rows) = journal(dir.path(), &["https://blog.example/".to_owned()]).await;
    let id = rows[0].id;
    let is_waited_for = async |health: FeedHealth, reason: NeedsYou| {
        journal.note_health(id, health).await.unwrap();
        let stuck = journal.store().write(move |tx| {
            let delivery = outbox::of_feed(tx, id)?.remove(0);
            outbox::put(tx, &Delivery { state: DeliveryState::NeedsYou { reason }, ..delivery })
        });
        stuck.await.unwrap();
        !journal.shut_feeds().await.unwrap().is_empty()
    };
    assert!(is_waited_for(FeedHealth::Denied, NeedsYou::Denied).await);
    assert!(is_waited_for(FeedHealth::Unreachable, NeedsYou::Denied).await, "in the train between two networks");
    assert!(!is_waited_for(FeedHealth::Denied, NeedsYou::Conflict).await);
    assert!(!is_waited_for(FeedHealth::Reachable, NeedsYou::Denied).await);
    assert!(!is_waited_for(FeedHealth::Locked, NeedsYou::SignedOut).await, "no network unlocks a keychain");
}

#[tokio::test]
async fn what_needs_the_user_is_worth_a_look_and_what_is_sent_is_not() {
    for (state, is_worth_it) in [
        (ConnectionState::Offline, true),
        (ConnectionState::NeedsYou, true),
        (ConnectionState::Sending, false),
        (ConnectionState::AllSent, false),
    ] {
        let (tell, mut events) = tokio::sync::broadcast::channel(1);
        let connection = Connection { state, waiting: 0, paused: 0, needs_you: 0, unreachable: Vec::new() };
        tell.send(Event::OutboxChanged { feed: None, connection }).unwrap();
        drop(tell);
        assert_eq!(is_worth_a_look(&mut events).await, is_worth_it, "{state:?}");
    }
}
