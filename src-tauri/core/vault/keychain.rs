//! The system's keychain: Keychain Services, the Credential Manager, the Secret Service. It may ask the user for a password and
//! take as long as the user does, so one thread of its own talks to it, and nobody waits for that thread longer than agreed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::oneshot;

use super::{Kept, NotKept, Vault};
use crate::domain::{FeedId, Secret};

/// Under which the system lists our secrets.
const SERVICE: &str = "app.sampan";

/// How long a request waits for a secret. The question that the system may be showing to the user stays open meanwhile, and
/// once it is answered the next request gets the secret.
const TO_GET: Duration = Duration::from_secs(5);

/// How long is waited while the user is at it, signing in.
const TO_SET: Duration = Duration::from_secs(60);

/// For so long an answer counts without asking again: a feed is asked many times in a row, and a user who did not unlock the
/// keychain is not to be asked for every request.
const FRESH: Duration = Duration::from_secs(60);

/// The system's keychain.
#[derive(Debug, Default)]
pub struct Keychain {
    thread: OnceLock<Thread>,
    recent: Mutex<HashMap<FeedId, (Instant, Kept)>>,
    /// It kept something once.
    probed: AtomicBool,
}

#[async_trait]
impl Vault for Keychain {
    async fn get(&self, feed: FeedId) -> Kept {
        match self.recent(feed) {
            Some(kept) => kept,
            None => self.get_afresh(feed).await,
        }
    }

    async fn get_afresh(&self, feed: FeedId) -> Kept {
        // No entry may mean a locked keychain (seen with GNOME's), so it never means that there is no secret.
        let answer = self.thread().ask(TO_GET, move || read(feed)).await;
        let kept = answer.map_or(Kept::Locked, |text| Kept::Available(Secret::new(text)));
        self.note(feed, Some(kept.clone()));
        kept
    }

    async fn set(&self, feed: FeedId, secret: &Secret) -> Result<(), NotKept> {
        let wanted = secret.clone();
        let keep = move || {
            entry(feed)?.set_secret(wanted.expose().as_bytes())?;
            // Some keychains take a secret and do not give it back.
            if read(feed)? == wanted.expose() { Ok(()) } else { Err(keyring::Error::NoEntry) }
        };
        self.note(feed, None);
        self.thread().ask(TO_SET, keep).await?;
        self.note(feed, Some(Kept::Available(secret.clone())));
        Ok(())
    }

    async fn remove(&self, feed: FeedId) -> Result<(), NotKept> {
        self.note(feed, None);
        let remove = move || match entry(feed)?.delete_credential() {
            Err(keyring::Error::NoEntry) => Ok(()),
            done => done,
        };
        self.thread().ask(TO_GET, remove).await
    }

    async fn probe(&self) -> Result<(), NotKept> {
        if self.probed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let try_out = || {
            let entry = keyring::Entry::new(SERVICE, "probe")?;
            entry.set_secret(b"probe")?;
            let given_back = entry.get_secret();
            entry.delete_credential()?;
            given_back.map(drop)
        };
        self.thread().ask(TO_SET, try_out).await?;
        self.probed.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl Keychain {
    fn thread(&self) -> &Thread {
        self.thread.get_or_init(Thread::start)
    }

    fn recent(&self, feed: FeedId) -> Option<Kept> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.get(&feed).filter(|(at, _)| at.elapsed() < FRESH).map(|(_, kept)| kept.clone())
    }

    fn note(&self, feed: FeedId, kept: Option<Kept>) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        match kept {
            Some(kept) => recent.insert(feed, (Instant::now(), kept)),
            None => recent.remove(&feed),
        };
    }
}

fn entry(feed: FeedId) -> keyring::Result<keyring::Entry> {
    keyring::Entry::new(SERVICE, &feed.to_string())
}

/// As bytes: Windows keeps 2560 of them, and a text there would take two for each character.
fn read(feed: FeedId) -> keyring::Result<String> {
    String::from_utf8(entry(feed)?.get_secret()?).map_err(|error| keyring::Error::BadEncoding(error.into_bytes()))
}

type Errand = Box<dyn FnOnce() + Send>;

/// Does one errand after the other.
#[derive(Debug)]
struct Thread {
    errands: Sender<Errand>,
    /// Whether the last errand that somebody gave up waiting for is done by now.
    given_up: Mutex<Option<Arc<AtomicBool>>>,
}

impl Thread {
    fn start() -> Self {
        let (errands, given) = channel::<Errand>();
        let run = move || given.into_iter().for_each(|errand| errand());
        // Without a thread every errand is refused below, since nobody receives it.
        drop(std::thread::Builder::new().name("keychain".into()).spawn(run));
        Self { errands, given_up: Mutex::default() }
    }

    /// Does an errand and waits for it so long. One that nobody waits for any more when its turn comes is not done.
    async fn ask<T: Send + 'static>(
        &self,
        patience: Duration,
        errand: impl FnOnce() -> keyring::Result<T> + Send + 'static,
    ) -> Result<T, NotKept> {
        if self.is_stuck() {
            return Err(NotKept::Locked);
        }
        let (answer, answered) = oneshot::channel();
        let done = Arc::new(AtomicBool::new(false));
        let finished = Arc::clone(&done);
        let errand = move || {
            if !answer.is_closed() {
                drop(answer.send(errand()));
            }
            finished.store(true, Ordering::Release);
        };
        self.errands.send(Box::new(errand)).map_err(|_| NotKept::NoVault)?;
        match tokio::time::timeout(patience, answered).await {
            Ok(Ok(done)) => done.map_err(|error| not_kept(&error)),
            Ok(Err(_)) => Err(NotKept::Failed),
            Err(_) => {
                *self.given_up.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
                Err(NotKept::Locked)
            }
        }
    }

    /// Whether an errand that nobody waits for any more still holds up the others.
    fn is_stuck(&self) -> bool {
        let given_up = self.given_up.lock().unwrap_or_else(PoisonError::into_inner);
        given_up.as_ref().is_some_and(|done| !done.load(Ordering::Acquire))
    }
}

/// The error's own words are left out of the log: some hold what was to be kept.
fn not_kept(error: &keyring::Error) -> NotKept {
    match error {
        keyring::Error::NoDefaultStore | keyring::Error::NotSupportedByStore(_) => NotKept::NoVault,
        keyring::Error::NoStorageAccess(_) | keyring::Error::NoEntry | keyring::Error::PlatformFailure(_) => {
            NotKept::Locked
        }
        _ => NotKept::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_waits_for_a_keychain_that_waits_for_its_user() {
        let thread = Thread::start();
        let (unlock, unlocked) = channel::<()>();
        let asks_the_user = move || {
            unlocked.recv().ok();
            Ok(())
        };
        assert_eq!(thread.ask(Duration::from_millis(20), asks_the_user).await, Err(NotKept::Locked));
        let at_once = thread.ask(Duration::from_secs(3600), || Ok(1));
        assert_eq!(at_once.await, Err(NotKept::Locked), "while it is stuck nobody else begins to wait");
        unlock.send(()).unwrap();
        while thread.is_stuck() {
            tokio::task::yield_now().await;
        }
        assert_eq!(thread.ask(Duration::from_secs(3600), || Ok(2)).await, Ok(2), "the user unlocked it");
    }

    /// On a bus of its own, with a keychain that has no secret but ours.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    #[ignore = "wants a keychain that may be locked: `cargo xtask campaign` starts one"]
    async fn the_systems_keychain_keeps_gives_locks_and_forgets() {
        let (feed, here) = (FeedId::from_uuid(uuid::Uuid::from_u128(7)), Keychain::default());
        let secret = |text: &str| Secret::new(text.to_owned());
        here.probe().await.unwrap();
        here.set(feed, &secret("密码 one")).await.unwrap();
        let other = Keychain::default();
        assert_eq!(other.get(feed).await, Kept::Available(secret("密码 one")), "as another program");
        other.set(feed, &secret("two")).await.unwrap();
        assert_eq!(here.get(feed).await, Kept::Available(secret("密码 one")), "what was just asked is not asked again");
        assert_eq!(here.get_afresh(feed).await, Kept::Available(secret("two")));
        here.remove(feed).await.unwrap();
        here.remove(feed).await.unwrap();
        assert_eq!(other.get_afresh(feed).await, Kept::Locked, "no entry is never taken for signed out");
        here.set(feed, &secret("three")).await.unwrap();
        lock();
        assert_eq!(here.get_afresh(feed).await, Kept::Locked);
        assert_eq!(here.set(feed, &secret("four")).await, Err(NotKept::Locked));
        assert_eq!(Keychain::default().probe().await, Err(NotKept::Locked), "nobody begins a sign-in in vain");
    }

    /// Locks every keychain of this bus, as a user does who goes away.
    #[cfg(target_os = "linux")]
    fn lock() {
        let collections = "array:objpath:/org/freedesktop/secrets/collection/login";
        let mut call = std::process::Command::new("dbus-send");
        call.args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"]);
        let locked = call.args(["org.freedesktop.Secret.Service.Lock", collections]).status().unwrap();
        assert!(locked.success());
    }

    #[test]
    fn no_entry_is_not_the_same_as_no_secret() {
        assert_eq!(not_kept(&keyring::Error::NoEntry), NotKept::Locked);
        assert_eq!(not_kept(&keyring::Error::NoDefaultStore), NotKept::NoVault);
    }
}
