//! Notices within seconds that feeds on the network can be reached again, while something waits for one that did not answer or
//! did not let us in. When the network may have changed, the system is asked which way a packet would take (none is sent); for a
//! server that comes back by itself a connection to it is opened and closed now and then, seldom after a while. Without anything
//! waiting it does nothing.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use hyper::Uri;
use hyper::http::uri::Scheme;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::net::TcpStream;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use url::Url;

use super::Journal;
use super::moves::Moves;
use crate::api::error::ApiResult;
use crate::api::events::Event;
use crate::api::types::{ConnectionState, FeedHealth, FeedKind};
use crate::domain::{FeedId, NeedsYou};
use crate::feed::micropub;
use crate::feed::web::is_this_computer;
use crate::store::feeds::{self, FeedRow};
use crate::store::outbox;

/// The pause between the first calls.
const EAGER_PAUSE: Duration = Duration::from_secs(5);
/// So long after it went away a feed is called with that pause.
const EAGER: Duration = Duration::from_secs(10 * 60);
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
    ways: Option<Ways>,
    away: HashMap<FeedId, Away>,
}

/// A feed that does not answer. Each has a time of its own: one that is away for long says nothing of another.
#[derive(Debug, Clone, Copy)]
struct Away {
    since: Instant,
    next_call: Instant,
    /// What came of the last call.
    picked_up: Option<bool>,
}

impl Seen {
    /// Whether packets take another way out than before. Then feeds are called as eagerly as in the beginning.
    fn moved(&mut self, ways: Ways, now: Instant) -> bool {
        let before = self.ways.replace(ways);
        let moved = before.is_some_and(|before| before != ways) && ways != Ways::default();
        if moved {
            self.away.values_mut().for_each(|away| (away.since, away.next_call) = (now, now));
        }
        moved
    }

    /// Takes in who does not answer now, and answers which of them to call.
    fn due(&mut self, silent: &[FeedId], now: Instant) -> Vec<FeedId> {
        self.away.retain(|feed, _| silent.contains(feed));
        for feed in silent {
            self.away.entry(*feed).or_insert(Away { since: now, next_call: now, picked_up: None });
        }
        silent.iter().filter(|feed| self.away.get(feed).is_some_and(|away| away.next_call <= now)).copied().collect()
    }

    /// Takes in who picked up at calls made at an instant, and answers the feeds worth trying: those that did not before. One
    /// that always did is left to its time: what it answers with is no connection.
    fn back(&mut self, called: Vec<(FeedId, bool)>, at: Instant) -> Vec<FeedId> {
        let mut back = Vec::new();
        for (feed, picks_up) in called {
            let Some(away) = self.away.get_mut(&feed) else { continue };
            away.next_call = at + if at - away.since < EAGER { EAGER_PAUSE } else { PAUSE };
            let before = away.picked_up.replace(picks_up);
            if picks_up && before == Some(false) {
                back.push(feed);
            }
        }
        back
    }

    /// When there is next somebody to call.
    fn next_call(&self) -> Option<Instant> {
        self.away.values().map(|away| away.next_call).min()
    }
}

impl Journal {
    /// Tries at once what waits for a feed on the network when it can be reached again.
    pub(super) async fn notice_network(self) {
        let mut events = self.events();
        loop {
            self.wait_for_feeds(&mut events).await;
            if !is_worth_a_look(&mut events).await {
                return;
            }
        }
    }

    /// Goes on for as long as something waits for a feed that does not answer or does not let us in.
    async fn wait_for_feeds(&self, events: &mut Receiver<Event>) {
        let (mut seen, mut moves) = (Seen::default(), None);
        while let Ok(shut) = self.shut_feeds().await
            && !shut.is_empty()
        {
            let moves = moves.get_or_insert_with(Moves::listen);
            self.look(&shut, &mut seen, (ways(), Instant::now())).await;
            let next_call = async {
                match seen.next_call() {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = moves.next() => {}
                () = next_call => {}
                true = is_worth_a_look(events) => {}
            }
        }
    }

    /// Looks once at feeds that do not answer or do not let us in, and tries what is worth it.
    async fn look(&self, shut: &[FeedRow], seen: &mut Seen, (ways, now): (Ways, Instant)) {
        if seen.moved(ways, now) {
            // All of them, whoever picks up: the way to a feed may lead over a proxy, and what did not let us in may have been a
            // gateway of the network that was left.
            self.try_again(shut.iter().map(|row| row.id).collect()).await;
        }
        let silent = shut.iter().filter(|row| row.health == FeedHealth::Unreachable);
        let due = seen.due(&silent.clone().map(|row| row.id).collect::<Vec<_>>(), now);
        let called = call(silent.filter(|row| due.contains(&row.id))).await;
        self.try_again(seen.back(called, now)).await;
    }

    async fn try_again(&self, feeds: Vec<FeedId>) {
        for feed in feeds {
            if let Err(error) = self.engine().wake(feed).await {
                tracing::warn!(%error, "a feed that is back cannot be tried");
            }
            self.inner.outbox_bell.notify_one();
        }
    }

    /// Feeds on the network that did not answer or did not let us in, and for which something goes on when they are woken.
    async fn shut_feeds(&self) -> ApiResult<Vec<FeedRow>> {
        let read = self.store().read(|conn| {
            use FeedHealth::{Denied, SignedOut, Unreachable};
            let mut shut = feeds::list(conn)?;
            let is_shut = |row: &FeedRow| matches!(row.health, Unreachable | Denied | SignedOut);
            shut.retain(|row| row.enabled && row.kind != FeedKind::Folder && is_shut(row));
            let mut waited_for = Vec::new();
            for row in shut {
                // However long the outbox is, no post of it is read.
                let goes_on = outbox::next_at(conn, row.id)?.is_some();
                if goes_on || outbox::reasons(conn, row.id)?.into_iter().any(NeedsYou::concerns_feed) {
                    waited_for.push(row);
                }
            }
            Ok(waited_for)
        });
        Ok(read.await?)
    }
}

/// Waits until a feed may not answer or not let us in, or something may wait for one. False when the journal is closed.
async fn is_worth_a_look(events: &mut Receiver<Event>) -> bool {
    loop {
        match events.recv().await {
            Ok(Event::FeedsChanged) | Err(RecvError::Lagged(_)) => return true,
            Ok(Event::OutboxChanged { connection, .. })
                if matches!(connection.state, ConnectionState::Offline | ConnectionState::NeedsYou) =>
            {
                return true;
            }
            Ok(_) => {}
            Err(RecvError::Closed) => return false,
        }
    }
}

/// Calls feeds, and answers for each whether it picked up.
async fn call(rows: impl Iterator<Item = &FeedRow>) -> Vec<(FeedId, bool)> {
    // As the client finds them (`feed/web`).
    let proxies = &Matcher::from_system();
    let called = rows.map(|row| async move { (row.id, picks_up(endpoint(row), proxies).await) });
    futures_util::future::join_all(called).await
}

/// Where the requests to a feed go: at Micropub that may be another host than the site's, which may be there without it.
fn endpoint(row: &FeedRow) -> &str {
    let told = row.facts.endpoints.get(micropub::MICROPUB).filter(|_| row.kind == FeedKind::Micropub);
    told.unwrap_or(&row.place)
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
mod tests;
