//! Opening, closing, upgrading, two processes, and what happens when the folder or the disk does not play along.

use rusqlite::Connection;

use super::super::connection::Kind;
use super::*;

#[tokio::test]
async fn what_was_saved_is_there_after_opening_again() {
    let bench = Bench::new();
    let saved = bench.create(bench.content("今天下雨")).await;
    let Bench { dir, store, .. } = bench;
    store.close().await;
    assert!(!dir.path().join("journal.db-wal").exists(), "closing leaves one file");
    let store = Store::open(dir.path()).unwrap();
    let row = store.read(move |conn| posts::get(conn, saved.post)).await.unwrap();
    assert_eq!(row.content.sides[&Lang::zh_hans()].body, "今天下雨");
}

#[tokio::test]
async fn a_missing_folder_is_made_for_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("a/日记");
    let store = Store::open(&journal).unwrap();
    #[cfg(unix)]
    for (name, mode) in [("", 0o700), ("journal.db", 0o600), ("journal.db-wal", 0o600), ("media.db", 0o600)] {
        use std::os::unix::fs::PermissionsExt;
        let found = std::fs::metadata(journal.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{name}");
    }
    let id = store.read(settings::journal_id).await.unwrap();
    assert_eq!(id.len(), 32);
}

#[tokio::test]
async fn a_new_journal_has_one_folder_feed_that_is_off() {
    let bench = Bench::new();
    let list = bench.store.read(feeds::list).await.unwrap();
    assert_eq!(list.len(), 1);
    assert!(!list[0].enabled && list[0].place.is_empty(), "nothing is written anywhere before the user chose a place");
    assert_eq!(list[0].id.to_string().as_bytes()[14], b'4', "a well-formed UUID of version 4");
}

#[test]
fn what_is_no_journal_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let text = "dear diary ".repeat(100);
    std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), text.as_bytes()).unwrap();
    assert_eq!(Store::open(dir.path()).unwrap_err(), StoreError::NotAJournal);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "not a byte was changed");
    std::fs::remove_file(&path).unwrap();
    foreign(&path, "CREATE TABLE songs (name TEXT); PRAGMA user_version = 1;");
    assert_eq!(Store::open(dir.path()).unwrap_err(), StoreError::NotAJournal, "somebody else's database");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert_eq!(Store::open(dir.path()).unwrap_err(), StoreError::NotAJournal, "a folder of that name");
}

#[test]
fn a_first_start_that_was_killed_is_taken_up() {
    let dir = tempfile::tempdir().unwrap();
    drop(std::fs::File::create(dir.path().join("journal.db")).unwrap());
    assert!(Store::open(dir.path()).is_ok());
}

#[test]
fn a_newer_journal_is_refused_and_an_older_one_is_copied_before_its_upgrade() {
    const FUTURE: &[&str] = &[JOURNAL.migrations[0], "ALTER TABLE post ADD COLUMN mood TEXT;"];
    let future = Kind { migrations: FUTURE, ..JOURNAL };
    let dir = tempfile::tempdir().unwrap();
    drop(JOURNAL.open_writer(dir.path()).unwrap());
    let upgraded = future.open_writer(dir.path()).unwrap();
    assert_eq!(version(&upgraded), 2);
    upgraded.execute_batch("SELECT mood FROM post").unwrap();
    drop(upgraded);
    let copy = dir.path().join("journal.db.before-upgrade-from-1");
    std::fs::copy(&copy, dir.path().join("old.db")).unwrap();
    let old = Kind { file: "old.db", ..JOURNAL };
    assert_eq!(version(&old.open_writer(dir.path()).unwrap()), 1, "the copy is the journal before the upgrade");
    assert_eq!(Store::open(dir.path()).unwrap_err(), StoreError::JournalNewer { found: 2, known: 1 });
    assert_eq!(version(&future.open_writer(dir.path()).unwrap()), 2, "the newer file was not touched");
}

#[test]
fn a_failed_upgrade_changes_nothing() {
    const BROKEN: &[&str] = &[JOURNAL.migrations[0], "ALTER TABLE post ADD COLUMN mood TEXT; SELECT nonsense;"];
    let broken = Kind { migrations: BROKEN, ..JOURNAL };
    let dir = tempfile::tempdir().unwrap();
    drop(JOURNAL.open_writer(dir.path()).unwrap());
    assert!(broken.open_writer(dir.path()).is_err());
    let conn = JOURNAL.open_writer(dir.path()).unwrap();
    assert_eq!(version(&conn), 1);
    assert!(conn.prepare("SELECT mood FROM post").is_err(), "the half that succeeded was rolled back");
}

#[test]
fn every_foreign_key_can_be_followed_backwards_by_an_index() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    for kind in [&JOURNAL, &connection::MEDIA] {
        let conn = kind.open_writer(dir.path()).unwrap();
        let mut statement = conn
            .prepare(
                "SELECT t.name || '.' || f.\"from\" FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS f
                 WHERE f.seq = 0 AND NOT EXISTS (SELECT 1 FROM pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS c
                                   WHERE c.seqno = 0 AND c.name = f.\"from\")
                   AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(t.name) AS k
                                   WHERE k.name = f.\"from\" AND k.pk = 1)",
            )
            .unwrap();
        let slow: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(slow, [""; 0], "SQLite would look through the whole table");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_in_two_stores_lose_nothing() {
    let bench = Bench::new();
    let second = Store::open(bench.path()).unwrap();
    let before = bench.store.data_version().await.unwrap();
    let mut saves = tokio::task::JoinSet::new();
    for number in 0..100 {
        let store = if number % 2 == 0 { bench.store.clone() } else { second.clone() };
        let (clock, content) = (Arc::clone(&bench.clock), bench.content(&format!("post {number}")));
        let save = Save { post: None, base: None, version: None, content, origin: Origin::Edit };
        saves.spawn(async move { store.write(move |tx| posts::save(tx, &*clock, save)).await });
    }
    let saved = saves.join_all().await;
    assert!(saved.iter().all(Result::is_ok), "nobody gives up");
    for store in [&bench.store, &second] {
        assert_eq!(store.read(index::counts).await.unwrap().posts, 100);
    }
    assert_ne!(bench.store.data_version().await.unwrap(), before, "the other store's commits are noticed");
    let before = bench.store.data_version().await.unwrap();
    bench.create(bench.content("my own")).await;
    assert_eq!(bench.store.data_version().await.unwrap(), before, "our own are not");
}

#[test]
fn many_can_open_a_new_journal_at_once() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let opened: Vec<_> = (0..6).map(|_| scope.spawn(|| Store::open(dir.path()).map(drop))).collect();
        for thread in opened {
            assert_eq!(thread.join().unwrap(), Ok(()));
        }
    });
}

#[tokio::test]
async fn a_panic_or_an_error_in_a_write_rolls_back_and_stops_nobody() {
    let bench = Bench::new();
    let panicked = bench.store.write(|tx| -> Result<(), StoreError> {
        settings::set(tx, "left", &"behind")?;
        panic!("on purpose");
    });
    assert!(matches!(panicked.await, Err(StoreError::Internal(_))));
    let failed = bench.store.write(|tx| -> Result<(), StoreError> {
        settings::set(tx, "left", &"behind")?;
        Err(StoreError::Cancelled)
    });
    assert_eq!(failed.await, Err(StoreError::Cancelled));
    assert_eq!(bench.store.read(|conn| settings::get::<String>(conn, "left")).await, Ok(None));
    assert_eq!(bench.store.write(|tx| settings::set(tx, "kept", &1)).await, Ok(()));
}

#[tokio::test]
async fn what_is_jotted_down_makes_nothing_that_follows_less_durable() {
    let bench = Bench::new();
    // FULL is 2, NORMAL 1 (<https://www.sqlite.org/pragma.html#pragma_synchronous>).
    let level = |conn: &Connection| Ok(conn.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0))?);
    assert_eq!(bench.store.jot(move |tx| level(tx)).await, Ok(1));
    assert_eq!(bench.store.write(move |tx| level(tx)).await, Ok(2));
    assert!(bench.store.jot::<()>(|_| panic!("on purpose")).await.is_err());
    assert_eq!(bench.store.write(move |tx| level(tx)).await, Ok(2), "nor does one that fails");
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let bench = Bench::new();
    let tried = bench.store.read(|conn| Ok(conn.execute("DELETE FROM feed", [])?)).await;
    assert_eq!(tried, Err(StoreError::FolderDenied), "query_only");
}

#[tokio::test]
async fn a_full_disk_is_said_and_what_was_saved_stays() {
    let bench = Bench::new();
    let saved = bench.create(bench.content("kept")).await;
    // SQLite's own bound gives the very error that a full disk gives.
    let limit = |pages: u32| {
        bench.store.write(move |tx| {
            tx.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
            Ok(())
        })
    };
    limit(1).await.unwrap();
    let (clock, content) = (Arc::clone(&bench.clock), bench.content(&"很长".repeat(50_000)));
    let save = Save { post: None, base: None, version: None, content, origin: Origin::Edit };
    assert_eq!(bench.store.write(move |tx| posts::save(tx, &*clock, save)).await.unwrap_err(), StoreError::DiskFull);
    limit(1_000_000).await.unwrap();
    assert_eq!(bench.body(saved.post).await, "kept");
    bench.create(bench.content("there is room again")).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_write_into_a_folder_that_is_gone_is_never_called_saved() {
    let bench = Bench::new();
    bench.create(bench.content("before")).await;
    std::fs::remove_dir_all(bench.path()).unwrap();
    let (clock, content) = (Arc::clone(&bench.clock), bench.content("after"));
    let save = Save { post: None, base: None, version: None, content, origin: Origin::Edit };
    let saved = bench.store.write(move |tx| posts::save(tx, &*clock, save)).await;
    assert_eq!(saved.unwrap_err(), StoreError::FolderMissing);
}

fn version(conn: &Connection) -> u32 {
    conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "makes a file that is not a journal")]
fn foreign(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}
