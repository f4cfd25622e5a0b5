//! A fence around foreign parsers and decoders: each runs on its own thread with a deadline. One that panics is an error, one that
//! hangs is left behind and counted. Not a thread pool: how much runs at once is the caller's choice.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::Problem;

/// Threads that were left behind and still run.
static LEFT_BEHIND: AtomicUsize = AtomicUsize::new(0);

/// With this many decoders hanging at once the machine is busy with nothing else: no further one is started.
const MOST_LEFT_BEHIND: usize = 4;

/// Decoders recurse into nested boxes and tiles; the platform's default stack for threads is smaller on macOS than on Linux.
const STACK: usize = 8 << 20;

type Job = Box<dyn FnOnce() + Send>;

/// Threads that are done and wait for more: most work is over sooner than a thread is made.
static IDLE: Mutex<Vec<Sender<Job>>> = Mutex::new(Vec::new());

/// So many of them wait, as many as there are photos looked at at once on most computers.
const MOST_IDLE: usize = 4;

/// Runs `work` and gives its result, unless it panics or takes longer than `deadline`.
pub(super) fn run<T: Send + 'static>(
    deadline: Duration,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    if LEFT_BEHIND.load(Ordering::Relaxed) >= MOST_LEFT_BEHIND {
        return Err(Problem::TimedOut);
    }
    let stage = Arc::new(AtomicUsize::new(RUNNING));
    let (send, receive) = sync_channel(1);
    let end = End(Arc::clone(&stage));
    begin(Box::new(move || {
        let _end = end;
        // The receiver is gone only when the deadline has passed: then nobody wants the result.
        let _ = send.send(work());
    }))
    .map_err(|_| Problem::TimedOut)?;
    match receive.recv_timeout(deadline) {
        Ok(result) => result,
        Err(RecvTimeoutError::Disconnected) => Err(Problem::Damaged),
        Err(RecvTimeoutError::Timeout) => {
            LEFT_BEHIND.fetch_add(1, Ordering::Relaxed);
            if stage.swap(ABANDONED, Ordering::AcqRel) == ENDED {
                LEFT_BEHIND.fetch_sub(1, Ordering::Relaxed);
            }
            tracing::warn!(left_behind = LEFT_BEHIND.load(Ordering::Relaxed), "a media decoder passed its deadline");
            Err(Problem::TimedOut)
        }
    }
}

/// Has a thread that waits do a job, or else a new one.
fn begin(job: Job) -> io::Result<()> {
    if let Some(thread) = idle().pop() {
        return thread.send(job).map_err(|_| io::ErrorKind::BrokenPipe.into());
    }
    let (more, jobs) = channel();
    thread::Builder::new().name("media".into()).stack_size(STACK).spawn(move || serve(job, &more, &jobs)).map(drop)
}

/// Does one job after the other until enough others wait. One that panics ends the thread, which nobody knows of then.
fn serve(first: Job, more: &Sender<Job>, jobs: &Receiver<Job>) {
    let mut next = Ok(first);
    while let Ok(job) = next {
        job();
        {
            let mut idle = idle();
            if idle.len() >= MOST_IDLE {
                return;
            }
            idle.push(more.clone());
        }
        next = jobs.recv();
    }
}

fn idle() -> MutexGuard<'static, Vec<Sender<Job>>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many decoders hang at this moment.
#[must_use]
pub fn left_behind() -> usize {
    LEFT_BEHIND.load(Ordering::Relaxed)
}

const RUNNING: usize = 0;
const ENDED: usize = 1;
const ABANDONED: usize = 2;

/// Marks the end of a thread however it ends, a panic included.
struct End(Arc<AtomicUsize>);

impl Drop for End {
    fn drop(&mut self) {
        if self.0.swap(ENDED, Ordering::AcqRel) == ABANDONED {
            LEFT_BEHIND.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_damage_and_not_the_end() {
        let result: Result<(), Problem> = run(Duration::from_secs(10), || panic!("expected by this test"));
        assert_eq!(result, Err(Problem::Damaged));
    }

    #[test]
    fn a_hanging_decoder_is_left_behind_and_forgotten_when_it_ends() {
        let (go, wait) = sync_channel::<()>(1);
        let result = run(Duration::from_millis(1), move || {
            let _ = wait.recv();
            Ok(())
        });
        assert_eq!(result, Err(Problem::TimedOut));
        assert!(left_behind() >= 1, "it must be counted while it hangs");
        go.send(()).expect("the thread is still there");
    }

    #[test]
    fn a_thread_that_is_done_is_used_again_and_one_that_panicked_is_not() {
        // Others may run at the same time and take each other's threads.
        let mut seen = std::collections::HashSet::new();
        for turn in 0..100 {
            if turn % 10 == 0 {
                _ = run::<()>(Duration::from_secs(10), || panic!("expected by this test"));
            }
            seen.insert(run(Duration::from_secs(10), || Ok(thread::current().id())).expect("it has time"));
        }
        assert!(seen.len() < 100, "{}", seen.len());
    }

    #[test]
    fn a_result_in_time_is_passed_on() {
        assert_eq!(run(Duration::from_secs(10), || Ok(7)), Ok(7));
        assert_eq!(run::<()>(Duration::from_secs(10), || Err(Problem::TooLarge)), Err(Problem::TooLarge));
    }
}
