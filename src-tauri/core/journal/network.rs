//! Notices within seconds that feeds on the network can be reached again, while something waits for one that did not answer.
//! When the network may have changed, the system is asked which way a packet would take (none is sent); for a server that comes
//! back by itself a connection to it is opened and closed now and then, seldom after a while. Without anything waiting it does
//! nothing.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use hyper::Uri;
use hyper::http::uri::Scheme;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::net::TcpStream;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use url::Url;

use super::Journal;
use super::moves::Moves;
use crate::api::error::ApiResult;
use crate::api::events::Event;
use crate::api::types::{ConnectionState, FeedHealth, FeedKind};
use crate::domain::FeedId;
use crate::feed::web::is_this_computer;
use crate::store::feeds::{self, FeedRow};
use crate::store::outbox;

/// The pause between the first calls.
const EAGER_PAUSE: Duration = Duration::from_secs(5);
/// So many calls are made with that pause (two minutes).
const EAGER_CALLS: u32 = 24;
/// The pause between all others.
const PAUSE: Duration = Duration::from_secs(60);
/// A feed that does not pick up for so long is not there.
const PATIENCE: Duration = Duration::from_secs(3);

/// The addresses that packets would leave from; absent where there is no way out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Ways {
    v4: Option<IpAddr>,
    v6: Option<IpAddr>,
}

/// What was seen of the network so far.
#[derive(Debug, Default)]
struct Seen {
    calls: u32,
    ways: Option<Ways>,
    picked_up: HashMap<FeedId, bool>,
}

impl Seen {
    /// How long to wait with the next call.
    fn pause(&self) -> Duration {
        if self.calls < EAGER_CALLS { EAGER_PAUSE } else { PAUSE }
    }

    /// Whether packets take another way out than before. Then feeds are called as eagerly as in the beginning.
    fn moved(&mut self, ways: Ways) -> bool {
        let before = self.ways.replace(ways);
        let moved = before.is_some_and(|before| before != ways) && ways != Ways::default();
        if moved {
            self.calls = 0;
        }
        moved
    }

    /// Takes in who picked up, and answers the feeds worth trying: those that did not before. One that always did is left to its
    /// time: what it answers with is no connection.
    fn back(&mut self, called: Vec<(FeedId, bool)>) -> Vec<FeedId> {
        self.calls = self.calls.saturating_add(1);
        let mut back = Vec::new();
        for (feed, picks_up) in called {
            let before = self.picked_up.insert(feed, picks_up);
            if picks_up && before == Some(false) {
                back.push(feed);
            }
        }
        back
    }
}

impl Journal {
    /// Tries at once what waits for a feed on the network when it can be reached again.
    pub(super) async fn notice_network(self) {
        let mut events = self.events();
        loop {
            self.wait_for_feeds().await;
            loop {
                match events.recv().await {
                    Ok(Event::FeedsChanged) | Err(RecvError::Lagged(_)) => break,
                    Ok(Event::OutboxChanged { connection, .. }) if connection.state == ConnectionState::Offline => {
                        break;
                    }
                    Ok(_) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        }
    }

    /// Goes on for as long as something waits for a feed that does not answer.
    async fn wait_for_feeds(&self) {
        let (mut seen, mut moves, mut next_call) = (Seen::default(), None, Instant::now());
        while let Ok(silent) = self.silent_feeds().await
            && !silent.is_empty()
        {
            let moves = moves.get_or_insert_with(Moves::listen);
            let mut worth_trying = Vec::new();
            if seen.moved(ways()) {
                // All of them, whoever picks up: the way to a feed may lead over a proxy.
                worth_trying.extend(silent.iter().map(|row| row.id));
                next_call = Instant::now();
            } else if Instant::now() >= next_call {
                worth_trying = seen.back(call(&silent).await);
                next_call = Instant::now() + seen.pause();
            }
            self.try_again(worth_trying).await;
            tokio::select! {
                () = moves.next() => {}
                () = tokio::time::sleep_until(next_call) => {}
            }
        }
    }

    async fn try_again(&self, feeds: Vec<FeedId>) {
        for feed in feeds {
            if let Err(error) = self.engine().wake(feed).await {
                tracing::warn!(%error, "a feed that is back cannot be tried");
            }
            self.inner.outbox_bell.notify_one();
        }
    }

    /// Feeds on the network that did not answer and for which something waits.
    async fn silent_feeds(&self) -> ApiResult<Vec<FeedRow>> {
        let read = self.store().read(|conn| {
            let mut silent = feeds::list(conn)?;
            silent.retain(|row| row.enabled && row.kind != FeedKind::Folder && row.health == FeedHealth::Unreachable);
            let mut waited_for = Vec::new();
            for row in silent {
                if outbox::next_at(conn, row.id)?.is_some() {
                    waited_for.push(row);
                }
            }
            Ok(waited_for)
        });
        Ok(read.await?)
    }
}

/// Calls every feed, and answers whether it picked up.
async fn call(rows: &[FeedRow]) -> Vec<(FeedId, bool)> {
    // As the client finds them (`feed/web`).
    let proxies = &Matcher::from_system();
    let called = rows.iter().map(|row| async move { (row.id, picks_up(&row.place, proxies).await) });
    futures_util::future::join_all(called).await
}

async fn picks_up(place: &str, proxies: &Matcher) -> bool {
    let Some((host, port)) = called_for(place, proxies) else { return false };
    matches!(tokio::time::timeout(PATIENCE, TcpStream::connect((host, port))).await, Ok(Ok(_)))
}

/// Who is called for a feed: the proxy that requests to it go past, where there is one. Past it nobody may be called: it would
/// tell others where the user writes, and where everything goes past a proxy it finds nobody.
fn called_for(place: &str, proxies: &Matcher) -> Option<(String, u16)> {
    let url = Url::parse(place).ok()?;
    let server: Uri = url.as_str().parse().ok()?;
    let proxy = proxies.intercept(&server).filter(|_| !is_this_computer(&url));
    let called = proxy.as_ref().map_or(&server, |proxy| proxy.uri());
    let host = called.host()?.trim_start_matches('[').trim_end_matches(']');
    let usual = if called.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
    Some((host.to_owned(), called.port_u16().unwrap_or(usual)))
}

/// The way out for each family. Connecting a datagram socket only chooses a route: nothing is sent. The addresses are those
/// kept for documents (RFC 5737, RFC 3849), so that they are nobody's.
fn ways() -> Ways {
    let way = |from: IpAddr, to: IpAddr| {
        let socket = UdpSocket::bind(SocketAddr::new(from, 0)).ok()?;
        socket.connect(SocketAddr::new(to, 443)).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    Ways {
        v4: way(Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::new(192, 0, 2, 1).into()),
        v6: way(Ipv6Addr::UNSPECIFIED.into(), Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn feed(number: u128) -> FeedId {
        FeedId::from_uuid(Uuid::from_u128(number))
    }

    fn over(last: u8) -> Ways {
        Ways { v4: Some(Ipv4Addr::new(10, 0, 0, last).into()), v6: None }
    }

    #[test]
    fn another_way_out_is_worth_a_try_and_none_is_not() {
        let mut seen = Seen::default();
        assert!(!seen.moved(over(1)), "the first look knows no before");
        assert!(!seen.moved(over(1)));
        assert!(!seen.moved(Ways::default()), "the cable was pulled");
        assert!(seen.moved(over(2)));
    }

    #[test]
    fn a_feed_that_picks_up_again_is_tried_and_one_that_always_did_is_left_to_its_time() {
        let mut seen = Seen::default();
        let look = |one: bool| vec![(feed(1), one), (feed(2), true)];
        assert_eq!(seen.back(look(false)), []);
        assert_eq!(seen.back(look(true)), [feed(1)]);
        assert_eq!(seen.back(look(true)), []);
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

    #[test]
    fn a_feed_that_stays_away_is_called_once_a_minute_until_the_network_changes() {
        let mut seen = Seen::default();
        seen.moved(over(1));
        let mut waited = Duration::ZERO;
        while seen.pause() < PAUSE {
            waited += seen.pause();
            seen.back(vec![(feed(1), false)]);
        }
        assert_eq!(waited, Duration::from_secs(120), "and before that every few seconds");
        seen.moved(over(2));
        assert_eq!(seen.pause(), EAGER_PAUSE);
    }
}
