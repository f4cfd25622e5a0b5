//! Notices within seconds that feeds on the network can be reached again, while something waits for one that did not answer.
//! Asks the system which way a packet would take (none is sent), and now and then opens a connection to the feed itself and
//! closes it. Without anything waiting it does nothing.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::broadcast::error::RecvError;
use url::Url;

use super::Journal;
use crate::api::error::ApiResult;
use crate::api::events::Event;
use crate::api::types::{ConnectionState, FeedHealth, FeedKind};
use crate::domain::FeedId;
use crate::store::feeds::{self, FeedRow};
use crate::store::outbox;

/// The pause between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// So many times in a row the feed is called at every look (two minutes), then only at every sixth.
const EAGER_LOOKS: u32 = 24;
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
    looks: u32,
    ways: Ways,
    picked_up: HashMap<FeedId, bool>,
}

impl Seen {
    /// Whether the feeds themselves are to be called this time.
    fn calls(&self) -> bool {
        self.looks < EAGER_LOOKS || self.looks.is_multiple_of(6)
    }

    /// Takes a look in, and answers the feeds worth trying: all where the way out changed to another one, else those that pick up
    /// and did not before.
    fn take(&mut self, ways: Ways, called: &[(FeedId, Option<bool>)]) -> Vec<FeedId> {
        let first = self.looks == 0;
        self.looks = self.looks.saturating_add(1);
        let moved = std::mem::replace(&mut self.ways, ways) != ways && ways != Ways::default();
        let mut back = Vec::new();
        for (feed, picks_up) in called {
            let Some(picks_up) = *picks_up else { continue };
            let before = self.picked_up.insert(*feed, picks_up);
            if picks_up && before == Some(false) {
                back.push(*feed);
            }
        }
        match moved && !first {
            true => called.iter().map(|(feed, _)| *feed).collect(),
            false => back,
        }
    }
}

impl Journal {
    /// Tries at once what waits for a feed on the network when it can be reached again.
    pub(super) async fn notice_network(self) {
        let mut events = self.events();
        loop {
            let mut seen = Seen::default();
            while let Ok(silent) = self.silent_feeds().await
                && !silent.is_empty()
            {
                for feed in seen.take(ways(), &call(&silent, seen.calls()).await) {
                    if let Err(error) = self.engine().wake(feed).await {
                        tracing::warn!(%error, "a feed that is back cannot be tried");
                    }
                    self.inner.outbox_bell.notify_one();
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
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

/// Calls every feed, and answers whether it picked up; nothing where it was not called.
async fn call(rows: &[FeedRow], calls: bool) -> Vec<(FeedId, Option<bool>)> {
    let called = rows.iter().map(|row| async move {
        let picks_up = if calls { Some(picks_up(&row.place).await) } else { None };
        (row.id, picks_up)
    });
    futures_util::future::join_all(called).await
}

async fn picks_up(place: &str) -> bool {
    let Some(url) = Url::parse(place).ok() else { return false };
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    matches!(tokio::time::timeout(PATIENCE, TcpStream::connect((host, port))).await, Ok(Ok(_)))
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
        let silent = [(feed(1), Some(false)), (feed(2), None)];
        assert_eq!(seen.take(over(1), &silent), [], "the first look knows no before");
        assert_eq!(seen.take(over(1), &silent), []);
        assert_eq!(seen.take(Ways::default(), &silent), [], "the cable was pulled");
        assert_eq!(seen.take(over(2), &silent), [feed(1), feed(2)]);
    }

    #[test]
    fn a_feed_that_picks_up_again_is_tried_and_one_that_always_did_is_left_to_its_time() {
        let mut seen = Seen::default();
        let look = |one: Option<bool>| [(feed(1), one), (feed(2), Some(true))];
        assert_eq!(seen.take(over(1), &look(Some(false))), []);
        assert_eq!(seen.take(over(1), &look(None)), [], "it was not called");
        assert_eq!(seen.take(over(1), &look(Some(true))), [feed(1)]);
        assert_eq!(seen.take(over(1), &look(Some(true))), []);
    }

    #[test]
    fn a_feed_that_stays_away_is_called_less_often() {
        let mut seen = Seen::default();
        let calls = (0..100).filter(|_| {
            let calls = seen.calls();
            seen.take(over(1), &[]);
            calls
        });
        assert_eq!(calls.count(), 24 + 13);
    }
}
