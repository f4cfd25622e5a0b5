//! Waits until the network may have changed: Linux tells, elsewhere some seconds pass. Does not say what changed.

#[cfg(target_os = "linux")]
mod system {
    use std::io;

    use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, netlink, socket_with};
    use tokio::net::UnixDatagram;

    /// Links, addresses and routes of both families (`RTMGRP_*` in `linux/rtnetlink.h`).
    const GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;

    /// The kernel's own news (`man 7 rtnetlink`).
    pub struct Moves(UnixDatagram);

    impl Moves {
        /// Begins to listen.
        pub fn listen() -> io::Result<Self> {
            let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
            // No protocol is that of routes.
            let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
            bind(&socket, &netlink::SocketAddrNetlink::new(0, GROUPS))?;
            // To Tokio one socket of packets is like another.
            Ok(Self(UnixDatagram::from_std(socket.into())?))
        }

        /// Waits for news.
        pub async fn next(&self) -> io::Result<()> {
            self.0.readable().await?;
            // What they say does not matter, nor that some were dropped.
            while self.0.try_recv(&mut [0_u8; 8192]).is_ok() {}
            Ok(())
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::io;
    use std::time::Duration;

    /// So often the system is asked where it does not tell.
    const LOOK_EVERY: Duration = Duration::from_secs(5);

    /// The passing of time.
    pub struct Moves;

    impl Moves {
        /// Begins to wait.
        #[expect(clippy::unnecessary_wraps, reason = "as where the system tells")]
        pub fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        /// Waits for the next look.
        pub async fn next(&self) -> io::Result<()> {
            tokio::time::sleep(LOOK_EVERY).await;
            Ok(())
        }
    }
}

use std::future::pending;

/// Waits until the network may have changed; for ever where nobody can tell.
pub(super) struct Moves(Option<system::Moves>);

impl Moves {
    /// Begins to listen.
    pub fn listen() -> Self {
        let moves = system::Moves::listen();
        Self(moves.inspect_err(|error| tracing::warn!(%error, "changes of the network will be seen late")).ok())
    }

    /// Waits for the next change.
    pub async fn next(&mut self) {
        let Some(moves) = &self.0 else { return pending().await };
        if let Err(error) = moves.next().await {
            tracing::warn!(%error, "changes of the network will be seen late");
            self.0 = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_system_lets_us_listen() {
        assert!(Moves::listen().0.is_some());
    }
}
