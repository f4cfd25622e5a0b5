//! Threads that own connections and run closures on them, so that no lock and no transaction lives across an `.await`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;

use async_channel::{Receiver, Sender, unbounded};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::error::StoreError;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A queue of closures and the threads that run them, each with a connection of its own.
#[derive(Debug)]
pub(super) struct Worker {
    queue: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Worker {
    /// Starts one thread per connection.
    pub fn start(name: &str, connections: Vec<Connection>) -> Result<Self, StoreError> {
        let (queue, jobs) = unbounded::<Job>();
        let mut worker = Self { queue: Some(queue), threads: Vec::new() };
        for conn in connections {
            let jobs = jobs.clone();
            let thread = std::thread::Builder::new().name(name.to_owned());
            worker.threads.push(thread.spawn(move || serve(conn, &jobs))?);
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
        self.enqueue(f, |result| drop(answer.send(result)))?;
        wait.await.map_err(|_| StoreError::Closed)?
    }

    /// Runs a closure when its turn comes, behind those that were brought before, and tells `heard` what came of it.
    pub fn enqueue<T: 'static>(
        &self,
        f: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
        heard: impl FnOnce(Result<T, StoreError>) + Send + 'static,
    ) -> Result<(), StoreError> {
        let job: Job = Box::new(move |conn| {
            let result = catch_unwind(AssertUnwindSafe(|| f(conn)));
            heard(result.unwrap_or_else(|_| Err(StoreError::Internal("a panic in the store".into()))));
        });
        let queue = self.queue.as_ref().ok_or(StoreError::Closed)?;
        queue.try_send(job).map_err(|_| StoreError::Closed)
    }
}

impl Drop for Worker {
    /// Waits for the threads, so that the files are closed when this returns.
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            // The last owner may be a closure on one of these very threads.
            if thread.thread().id() != std::thread::current().id() {
                drop(thread.join());
            }
        }
    }
}

fn serve(mut conn: Connection, jobs: &Receiver<Job>) {
    while let Ok(job) = jobs.recv_blocking() {
        job(&mut conn);
    }
}
