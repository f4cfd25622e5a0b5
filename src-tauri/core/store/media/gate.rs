//! Turns between the thread that writes `media.db` and those that read it. With a rollback journal SQLite lets nobody read
//! from the moment a large transaction begins to fill the file until its commit, and makes whoever tries sleep and try again.
//! Within one process we can do better: readers wait exactly until the commit, and a writer that sees one waiting commits
//! early. Other processes are left to SQLite's own locks.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// After this long a writer lets no further readers in before its turn.
const PATIENCE: Duration = Duration::from_millis(100);

/// Who reads, who writes and who waits.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    quick: usize,
    long: usize,
    waiting: usize,
    pressing: bool,
    writing: bool,
}

/// How long a reader will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// One chunk or one picture.
    Quick,
    /// A whole file: a check or a backup. The writer waits for its end, and others go on reading meanwhile.
    Long,
}

impl Gate {
    /// Waits until nobody writes and runs a closure while nobody may.
    pub fn read<T>(&self, reading: Reading, f: impl FnOnce() -> T) -> T {
        let mut state = self.lock();
        state.waiting += 1;
        while state.writing || (state.pressing && reading == Reading::Quick) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting -= 1;
        *state.count(reading) += 1;
        drop(state);
        let _turn = Turn { gate: self, reading };
        f()
    }

    /// Waits until nobody reads, and keeps readers out until [`Gate::end_writing`].
    pub fn begin_writing(&self) {
        let mut state = self.lock();
        while state.quick + state.long > 0 || (state.waiting > 0 && !state.pressing) {
            let (again, timeout) = self.changed.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner);
            state = again;
            // A long reader would keep the others out for long.
            state.pressing |= timeout.timed_out() && state.long == 0;
        }
        state.pressing = false;
        state.writing = true;
    }

    /// Lets readers in again.
    pub fn end_writing(&self) {
        self.lock().writing = false;
        self.changed.notify_all();
    }

    /// Whether a reader waits for the writer.
    pub fn is_wanted(&self) -> bool {
        self.lock().waiting > 0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(&mut self, reading: Reading) -> &mut usize {
        match reading {
            Reading::Quick => &mut self.quick,
            Reading::Long => &mut self.long,
        }
    }
}

/// A reader's turn; ends when dropped, so that a panic does not keep the writer out for ever.
struct Turn<'a> {
    gate: &'a Gate,
    reading: Reading,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.gate.lock().count(self.reading) -= 1;
        self.gate.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_reader_that_waits_is_seen_and_let_in_before_the_next_write() {
        let gate = Arc::new(Gate::default());
        gate.begin_writing();
        let (done, waited) = channel();
        let reader = {
            let gate = Arc::clone(&gate);
            std::thread::spawn(move || gate.read(Reading::Quick, || done.send(()).unwrap()))
        };
        while !gate.is_wanted() {
            std::thread::yield_now();
        }
        assert!(waited.try_recv().is_err(), "not while somebody writes");
        gate.end_writing();
        gate.begin_writing();
        assert!(waited.try_recv().is_ok(), "the reader had its turn first");
        gate.end_writing();
        reader.join().unwrap();
    }

    #[test]
    fn a_panic_in_a_reader_does_not_keep_the_writer_out() {
        let gate = Gate::default();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            gate.read(Reading::Long, || panic!("on purpose"));
        }));
        assert!(panicked.is_err());
        gate.begin_writing();
        gate.end_writing();
    }
}
