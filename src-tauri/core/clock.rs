//! Time and randomness, handed in so that tests decide both. The only place that reads the system's clock.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use uuid::Uuid;

use crate::domain::{Moment, Timestamp};

/// What tells the time and makes new names.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present instant.
    fn now(&self) -> Timestamp;
    /// The IANA name of the zone the user is in.
    fn zone(&self) -> String;
    /// A new UUIDv7 for the present instant.
    fn new_uuid(&self) -> Uuid;
    /// The present moment in the user's zone.
    fn moment(&self) -> Moment {
        Moment { at: self.now(), zone: self.zone() }
    }
}

/// The computer's own clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
    }

    fn zone(&self) -> String {
        jiff::tz::TimeZone::system().iana_name().unwrap_or("UTC").to_owned()
    }

    fn new_uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// A clock that stands still until it is moved, and counts its names.
#[derive(Debug)]
pub struct TestClock {
    millis: AtomicI64,
    names: AtomicU64,
}

impl TestClock {
    /// Starts at an instant in milliseconds since the epoch.
    pub fn new(millis: i64) -> Self {
        Self { millis: AtomicI64::new(millis), names: AtomicU64::new(1) }
    }

    /// Moves the clock.
    pub fn advance(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::SeqCst))
    }

    fn zone(&self) -> String {
        "Asia/Shanghai".into()
    }

    fn new_uuid(&self) -> Uuid {
        let count = self.names.fetch_add(1, Ordering::SeqCst);
        let millis = self.now().as_millis().max(0).unsigned_abs();
        let mut random = [0_u8; 10];
        random.iter_mut().rev().zip(count.to_le_bytes()).for_each(|(to, from)| *to = from);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}
