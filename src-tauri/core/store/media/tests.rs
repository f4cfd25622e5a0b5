//! What the media file promises.

use std::io::{Cursor, Read, Seek, SeekFrom};
use std::sync::atomic::AtomicBool;

use super::super::Store;
use super::*;
use crate::domain::Digest;

/// Bytes without a pattern that could hide a mistake of order.
fn bytes(len: usize, seed: u8) -> Vec<u8> {
    let mut bytes = vec![0; len];
    blake3::Hasher::new().update(&[seed]).finalize_xof().fill(&mut bytes);
    bytes
}

fn ingest(media: &Media, bytes: &[u8]) -> Result<Ingested, StoreError> {
    media.ingest(&mut Cursor::new(bytes), &AtomicBool::new(false), &|_| {})
}

fn read_all(media: &Media, id: AssetId) -> Vec<u8> {
    let mut all = Vec::new();
    media.open_asset(id).unwrap().read_to_end(&mut all).unwrap();
    all
}

#[test]
fn originals_of_every_size_come_back_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    for len in [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 32 * CHUNK_BYTES, 33 * CHUNK_BYTES, 45_000_000] {
        let original = bytes(len, 1);
        let ingested = ingest(store.media(), &original).unwrap();
        assert_eq!(ingested, Ingested { id: AssetId(Digest::of(&original)), bytes: len as u64, duplicate: false });
        assert!(read_all(store.media(), ingested.id) == original, "{len} bytes come back as they were");
        assert_eq!(store.media().verify(ingested.id), Ok((true, len as u64)));
        assert!(ingest(store.media(), &original).unwrap().duplicate, "{len} bytes again are a duplicate");
    }
    assert_eq!(store.media().ids().unwrap().len(), 7, "each is stored once");
}

#[test]
fn a_range_is_read_without_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let original = bytes(3 * CHUNK_BYTES + 77, 2);
    let id = ingest(store.media(), &original).unwrap().id;
    let mut reader = store.media().open_asset(id).unwrap();
    let mut part = vec![0; 100_000];
    assert_eq!(reader.read_at(CHUNK_BYTES as u64 - 50_000, &mut part), Ok(100_000));
    assert!(part == original[CHUNK_BYTES - 50_000..CHUNK_BYTES + 50_000], "over the border of two chunks");
    assert_eq!(reader.seek(SeekFrom::End(-7)).unwrap(), original.len() as u64 - 7);
    assert_eq!(reader.read(&mut part).unwrap(), 7, "nothing behind the end");
    assert_eq!(reader.read(&mut part).unwrap(), 0);
}

#[test]
fn a_cancelled_or_broken_file_leaves_nothing_behind() {
    struct Breaks(usize);
    impl Read for Breaks {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0 = self.0.checked_sub(1).ok_or(std::io::Error::from(std::io::ErrorKind::TimedOut))?;
            buffer.fill(7);
            Ok(buffer.len())
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let cancel = AtomicBool::new(false);
    let broken = store.media().ingest(&mut Breaks(3000), &cancel, &|_| {});
    assert_eq!(broken, Err(StoreError::Source(std::io::ErrorKind::TimedOut)));
    let cancelled = store.media().ingest(&mut Cursor::new(bytes(50_000_000, 3)), &cancel, &|read| {
        cancel.store(read > 20_000_000, Ordering::Relaxed);
    });
    assert_eq!(cancelled, Err(StoreError::Cancelled));
    assert_eq!(ingest(store.media(), b""), Err(StoreError::FileEmpty));
    ingest(store.media(), b"one behind it, so that everything before is settled").unwrap();
    assert_eq!(rows(&store, "SELECT count(*) FROM original"), 1);
    assert_eq!(rows(&store, "SELECT count(*) FROM chunk"), 1);
}

#[test]
fn what_a_killed_import_left_is_swept_only_when_nobody_else_could_own_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let kept = ingest(store.media(), b"kept").unwrap().id;
    // What a process leaves that is killed between two commits of one large file.
    let conn = MEDIA.open_writer(dir.path()).unwrap();
    conn.execute_batch(
        "INSERT INTO original (key, hash, bytes, chunk_bytes) VALUES (9, NULL, 0, 262144);
         INSERT INTO chunk (id, data) VALUES (9 * 65536, x'00'), (9 * 65536 + 1, x'00');",
    )
    .unwrap();
    drop(conn);
    let second = Store::open(dir.path()).unwrap();
    assert_eq!(rows(&second, "SELECT count(*) FROM chunk"), 3, "the first store could be the one that imports it");
    drop((store, second));
    let third = Store::open(dir.path()).unwrap();
    assert_eq!(rows(&third, "SELECT count(*) FROM chunk"), 1, "nobody else is there");
    assert_eq!(read_all(third.media(), kept), b"kept");
}

#[test]
fn many_files_from_many_threads_and_two_stores_are_all_kept() {
    let dir = tempfile::tempdir().unwrap();
    let stores = [Store::open(dir.path()).unwrap(), Store::open(dir.path()).unwrap()];
    std::thread::scope(|scope| {
        for (number, store) in stores.iter().enumerate() {
            scope.spawn(move || {
                let pending: Vec<_> = (0..20)
                    .map(|seed| {
                        // Every other one is brought in by both.
                        let own = if seed % 2 == 0 { 0 } else { number as u8 * 100 };
                        let file = bytes(10_000 * (seed as usize + 1), seed + own);
                        store.media().add(&mut Cursor::new(file), &AtomicBool::new(false), &|_| {}).unwrap()
                    })
                    .collect();
                pending.into_iter().for_each(|pending| assert!(pending.wait().is_ok()));
            });
        }
    });
    let ids = stores[0].media().ids().unwrap();
    assert_eq!(ids.len(), 30, "ten shared ones and ten of each");
    for id in ids {
        assert!(stores[1].media().verify(id).unwrap().0);
    }
}

#[test]
fn a_changed_bit_in_an_original_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let original = bytes(CHUNK_BYTES + 9, 5);
    let id = ingest(store.media(), &original).unwrap().id;
    let conn = MEDIA.open_writer(dir.path()).unwrap();
    let mut changed = original[..CHUNK_BYTES].to_vec();
    changed[1234] ^= 4;
    conn.execute("UPDATE chunk SET data = ?1 WHERE id % 65536 = 0", [&changed]).unwrap();
    assert_eq!(store.media().verify(id), Ok((false, original.len() as u64)));
    conn.execute("DELETE FROM chunk WHERE id % 65536 = 1", []).unwrap();
    assert!(!store.media().verify(id).unwrap().0, "a missing chunk is noticed too");
}

#[test]
fn pictures_are_kept_with_their_original_and_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let picture =
        |width| Rendition { kind: "grid".into(), mime: "image/jpeg".into(), width, height: 2, bytes: vec![1; 9] };
    let stray = AssetId(Digest::of(b"not here"));
    assert_eq!(store.media().put_renditions(stray, vec![picture(1)]), Err(StoreError::AssetNotFound));
    let id = ingest(store.media(), b"photo").unwrap().id;
    for width in [10, 20] {
        store.media().put_renditions(id, vec![picture(width)]).unwrap();
    }
    assert_eq!(store.media().get_rendition(id, "grid"), Ok(Some(picture(20))));
    assert_eq!(store.media().get_rendition(id, "view"), Ok(None));
}

#[cfg(unix)]
#[test]
fn importing_into_a_folder_that_is_gone_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    std::fs::remove_dir_all(dir.path()).unwrap();
    assert_eq!(ingest(store.media(), b"photo"), Err(StoreError::FolderMissing));
}

fn rows(store: &Store, sql: &str) -> i64 {
    store.media().read(|conn| Ok(conn.query_row(sql, [], |row| row.get(0))?)).unwrap()
}

#[test]
fn pictures_are_read_while_a_large_file_comes_in() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let id = ingest(store.media(), b"photo").unwrap().id;
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !ended.load(Ordering::Relaxed) {
                assert_eq!(read_all(store.media(), id), b"photo");
                reads += 1;
            }
            reads
        });
        ingest(store.media(), &bytes(60_000_000, 8)).unwrap();
        ended.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 1, "nobody is kept out until the end");
    });
}

#[test]
fn a_full_disk_fails_what_does_not_fit_and_keeps_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let conn = MEDIA.open_writer(dir.path()).unwrap();
    let pages: u32 = conn.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    // SQLite's own bound gives the very error that a full disk gives: room for about 13 MB.
    conn.pragma_update_and_check(None, "max_page_count", pages + 400, |_| Ok(())).unwrap();
    let gate = Arc::new(Gate::default());
    let media = Media {
        inner: Arc::new(Inner {
            writer: Writer::start(conn, dir.path(), Arc::clone(&gate)).unwrap(),
            pool: Arc::new(Pool::new(dir.path(), gate)),
            imports: AtomicU64::new(0),
            _lock: Shared::join(&dir.path().join(LOCK), || Ok::<_, StoreError>(())).unwrap(),
        }),
    };
    let kept = ingest(&media, &bytes(3_000_000, 1)).unwrap().id;
    for len in [12_000_000, 60_000_000] {
        assert_eq!(ingest(&media, &bytes(len, 2)), Err(StoreError::DiskFull), "{len} bytes");
    }
    let after = ingest(&media, &bytes(4_000_000, 3)).unwrap().id;
    assert!(
        media.verify(kept).unwrap().0 && media.verify(after).unwrap().0,
        "nothing of the failed ones is in the way"
    );
    assert_eq!(media.ids().unwrap().len(), 2);
}
