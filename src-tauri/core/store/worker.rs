//! Threads that own connections and run closures on them, so that no lock and no transaction lives across an `.await`.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::error::StoreError;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A queue of closures and the threads that run them, each with a connection of its own.
#[derive(Debug)]
pub(super) struct Worker {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

/// Closures that wait for a thread. Each wakes one thread, and a thread without work sleeps at once: channels of libraries look
/// around for a while first, which costs more than most of the work here.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    came: Condvar,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    closed: bool,
}

impl Worker {
    /// Starts one thread per connection.
    pub fn start(name: &str, connections: Vec<Connection>) -> Result<Self, StoreError> {
        let mut worker = Self { queue: Arc::default(), threads: Vec::new() };
        for conn in connections {
            let queue = Arc::clone(&worker.queue);
            let thread = std::thread::Builder::new().name(name.to_owned());
            worker.threads.push(thread.spawn(move || serve(conn, &queue))?);
        }
        Ok(worker)
    }

    /// Runs a closure when its turn comes. It runs to its end even when nobody waits for it any more.
    pub async fn run<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, wait) = oneshot::channel();
        // Nobody waits any more: the work is done all the same.
        self.enqueue(f, |result| drop(answer.send(result)));
        wait.await.map_err(|_| StoreError::Closed)?
    }

    /// Runs a closure when its turn comes, behind those that were brought before, and tells `heard` what came of it.
    pub fn enqueue<T: 'static>(
        &self,
        f: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
        heard: impl FnOnce(Result<T, StoreError>) + Send + 'static,
    ) {
        self.queue.push(Box::new(move |conn| {
            let result = catch_unwind(AssertUnwindSafe(|| f(conn)));
            heard(result.unwrap_or_else(|_| Err(StoreError::Internal("a panic in the store".into()))));
        }));
    }
}

impl Drop for Worker {
    /// Waits for the threads, so that the files are closed when this returns.
    fn drop(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            // The last owner may be a closure on one of these very threads.
            if thread.thread().id() != std::thread::current().id() {
                drop(thread.join());
            }
        }
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

fn serve(mut conn: Connection, queue: &Queue) {
    while let Some(job) = queue.next() {
        job(&mut conn);
    }
}

impl Queue {
    fn push(&self, job: Job) {
        self.waiting().jobs.push_back(job);
        self.came.notify_one();
    }

    fn close(&self) {
        self.waiting().closed = true;
        self.came.notify_all();
    }

    /// Waits for the next closure; none when the queue is closed and everything in it was taken.
    fn next(&self) -> Option<Job> {
        let nothing = |waiting: &mut Waiting| waiting.jobs.is_empty() && !waiting.closed;
        let waiting = self.came.wait_while(self.waiting(), nothing);
        waiting.unwrap_or_else(PoisonError::into_inner).jobs.pop_front()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
