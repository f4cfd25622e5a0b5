//! A network between the program and a server on this computer, which can be switched off or made slow. Carries bytes and
//! knows no feed.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use anyhow::Result;

/// Bytes carried at once.
const PIECE: usize = 8 << 10;

/// The network in front of one server; off until it is switched on.
pub struct Switch {
    here: SocketAddr,
    line: Arc<Line>,
    listening: Option<Listening>,
}

struct Listening {
    ends: Arc<Mutex<bool>>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Line {
    server: Mutex<Option<SocketAddr>>,
    /// Bytes that may leave in a second; 0 for as many as there are.
    pace: AtomicU64,
    /// Both ends of every connection, so that they can be cut.
    open: Mutex<Vec<TcpStream>>,
}

impl Switch {
    /// Chooses a port that stays the same however often it is switched.
    pub fn new() -> Result<Self> {
        let here = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        Ok(Self { here, line: Arc::default(), listening: None })
    }

    /// The port that the program knows.
    pub fn port(&self) -> u16 {
        self.here.port()
    }

    /// The port that the server listens on.
    pub fn leads_to(&self, server: u16) {
        *locked(&self.line.server) = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, server)));
    }

    /// Connections are taken from here on.
    pub fn on(&mut self) -> Result<()> {
        if self.listening.is_some() {
            return Ok(());
        }
        let listener = TcpListener::bind(self.here)?;
        let ends = Arc::new(Mutex::new(false));
        let (line, told) = (Arc::clone(&self.line), Arc::clone(&ends));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(io::Result::ok) {
                if *locked(&told) {
                    return;
                }
                let line = Arc::clone(&line);
                std::thread::spawn(move || line.carry(stream));
            }
        });
        self.listening = Some(Listening { ends, thread });
        Ok(())
    }

    /// Connections are refused from here on, and those that are open are cut.
    pub fn off(&mut self) {
        if let Some(Listening { ends, thread }) = self.listening.take() {
            *locked(&ends) = true;
            // Wakes the thread that waits for a connection; when it cannot be reached it has ended.
            drop(TcpStream::connect(self.here));
            drop(thread.join());
        }
        for stream in locked(&self.line.open).drain(..) {
            // It may have ended by itself.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Lets so many bytes leave in a second; 0 for as many as there are.
    pub fn pace(&self, bytes: u64) {
        self.line.pace.store(bytes, Ordering::Relaxed);
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        self.off();
    }
}

impl Line {
    /// One connection, until either end closes it.
    fn carry(&self, client: TcpStream) {
        // What breaks here is a broken connection to both ends, as on any network.
        let _ = self.try_carry(client);
    }

    fn try_carry(&self, client: TcpStream) -> io::Result<()> {
        let address = locked(&self.server).ok_or(io::ErrorKind::NotConnected)?;
        let server = TcpStream::connect(address)?;
        locked(&self.open).extend([client.try_clone()?, server.try_clone()?]);
        std::thread::scope(|scope| {
            scope.spawn(|| self.pump(&client, &server, &self.pace));
            self.pump(&server, &client, &AtomicU64::new(0));
        });
        Ok(())
    }

    fn pump(&self, mut from: &TcpStream, mut to: &TcpStream, pace: &AtomicU64) {
        let mut piece = [0; PIECE];
        while let Ok(length) = from.read(&mut piece) {
            let Some(bytes) = piece.get(..length).filter(|bytes| !bytes.is_empty()) else { break };
            if to.write_all(bytes).is_err() {
                break;
            }
            if let Some(millis) = (length as u64 * 1000).checked_div(pace.load(Ordering::Relaxed)) {
                std::thread::sleep(Duration::from_millis(millis));
            }
        }
        // The other end may be gone already.
        let _ = to.shutdown(Shutdown::Write);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(port: u16) -> io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n")?;
        stream.shutdown(Shutdown::Write)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    }

    #[test]
    fn the_same_address_answers_only_while_the_network_is_on() {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = server.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for mut stream in server.incoming().flatten() {
                stream.write_all(b"here").unwrap();
            }
        });
        let mut switch = Switch::new().unwrap();
        switch.leads_to(port);
        assert!(ask(switch.port()).is_err());
        switch.on().unwrap();
        assert_eq!(ask(switch.port()).unwrap(), "here");
        switch.off();
        assert!(ask(switch.port()).is_err());
        switch.on().unwrap();
        assert_eq!(ask(switch.port()).unwrap(), "here");
    }
}
