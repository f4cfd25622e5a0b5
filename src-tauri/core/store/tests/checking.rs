//! The check names what is at fault; a backup is a whole journal.

use super::*;
use crate::api::types::{CheckReport, Fault, FaultKind};

async fn report(store: &Store) -> CheckReport {
    check::run(store).await.unwrap()
}

fn kinds(report: &CheckReport) -> Vec<FaultKind> {
    report.faults.iter().map(|fault| fault.kind).collect()
}

/// Two posts, one with a photo.
async fn filled() -> (Bench, DraftSaved, AssetId) {
    let bench = Bench::new();
    let asset = bench.photo(b"bytes of a photo", 40, 30).await;
    let mut content = bench.content("a very special sentence 关于船");
    content.attachments.push(attached(asset));
    content.topics = vec!["船".into()];
    let saved = bench.create(content).await;
    bench.create(bench.content("another")).await;
    (bench, saved, asset)
}

#[tokio::test]
async fn a_sound_journal_is_clean_and_all_of_it_was_read() {
    let (bench, ..) = filled().await;
    let report = report(&bench.store).await;
    assert!(report.clean, "{:?}", report.faults);
    assert_eq!((report.posts, report.revisions, report.assets, report.bytes), (2, 2, 1, 16));
}

#[tokio::test]
async fn a_flipped_bit_in_a_text_on_the_disk_is_named_with_its_post() {
    let (bench, saved, _) = filled().await;
    let Bench { dir, store, .. } = bench;
    store.close().await;
    let path = dir.path().join("journal.db");
    let mut file = std::fs::read(&path).unwrap();
    let sentence = b"a very special sentence";
    let hits: Vec<usize> =
        file.windows(sentence.len()).enumerate().filter(|(_, bytes)| bytes == sentence).map(|(at, _)| at).collect();
    assert!(hits.len() >= 3, "the revision, the card and the search text");
    for at in hits {
        file[at + 7] ^= 1;
        std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), &file).unwrap();
        let store = Store::open(dir.path()).unwrap();
        let report = report(&store).await;
        assert!(!report.clean);
        assert!(report.faults.iter().any(|fault| fault.post == Some(saved.post)), "{:?}", report.faults);
        drop(store);
        file[at + 7] ^= 1;
    }
}

#[tokio::test]
async fn everything_that_can_be_wrong_has_its_own_name() {
    let (bench, saved, asset) = filled().await;
    let spoil = |sql: &'static str| {
        bench.store.write(move |tx| {
            tx.execute_batch("PRAGMA defer_foreign_keys = 1; DROP TRIGGER IF EXISTS revision_is_immutable;")?;
            Ok(tx.execute_batch(sql)?)
        })
    };
    spoil("UPDATE search SET text = 'something else' WHERE post = 1").await.unwrap();
    assert_eq!(kinds(&report(&bench.store).await), [FaultKind::Search]);
    spoil("UPDATE search SET text = (SELECT text FROM search WHERE post = 2) WHERE post = 1").await.unwrap();
    spoil("UPDATE revision SET content = replace(content, 'special', 'spacial')").await.unwrap();
    let found = report(&bench.store).await;
    let revision = found.faults.iter().find(|fault| fault.kind == FaultKind::Revision).unwrap();
    assert_eq!((&revision.item, revision.post), (&saved.revision.to_string(), Some(saved.post)));
    spoil("UPDATE revision SET content = replace(content, 'spacial', 'special')").await.unwrap();
    spoil("DELETE FROM asset").await.unwrap();
    let found = report(&bench.store).await;
    let missing = found.faults.iter().find(|fault| fault.kind == FaultKind::MediaMissing).unwrap();
    assert_eq!((&missing.item, missing.post), (&asset.to_string(), Some(saved.post)));
}

#[tokio::test]
async fn a_changed_and_a_missing_original_are_named_with_their_post() {
    let (bench, saved, asset) = filled().await;
    let conn = connection::MEDIA.open_writer(bench.path()).unwrap();
    conn.execute("UPDATE chunk SET data = CAST(replace(data, 'photo', 'phobo') AS BLOB)", []).unwrap();
    let found = report(&bench.store).await;
    assert_eq!(kinds(&found), [FaultKind::Media]);
    assert_eq!((&found.faults[0].item, found.faults[0].post), (&asset.to_string(), Some(saved.post)));
    conn.execute_batch("DELETE FROM chunk; DELETE FROM original;").unwrap();
    let found = report(&bench.store).await;
    assert_eq!(kinds(&found), [FaultKind::MediaMissing], "said once");
}

#[tokio::test]
async fn a_reference_to_nothing_is_named() {
    let (bench, ..) = filled().await;
    let conn = JOURNAL.open_writer(bench.path()).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = 0; INSERT INTO topic (post, topic) VALUES (77, 'x');").unwrap();
    drop(conn);
    let found = report(&bench.store).await;
    assert!(matches!(&found.faults[..], [Fault { kind: FaultKind::ForeignKey, item, .. }] if item.contains("topic")));
}

#[tokio::test]
async fn a_backup_is_a_whole_journal_and_can_be_made_again() {
    let (bench, saved, asset) = filled().await;
    let target = bench.path().join("copies/今天");
    backup::run(&bench.store, &target).await.unwrap();
    bench.create(bench.content("after the first copy")).await;
    backup::run(&bench.store, &target).await.unwrap();
    let copy = Store::open(&target).unwrap();
    assert!(report(&copy).await.clean);
    assert_eq!(copy.read(index::counts).await.unwrap().posts, 3);
    assert_eq!(copy.read(move |conn| posts::get(conn, saved.post)).await.unwrap().id, saved.post);
    assert!(copy.media().contains(asset).unwrap());
    let tried = backup::run(&bench.store, &target).await;
    assert_eq!(tried, Err(StoreError::Occupied), "the copy is open");
    assert_eq!(backup::run(&bench.store, bench.path()).await, Err(StoreError::Occupied), "never over itself");
    let other = Bench::new();
    let Bench { dir, store, .. } = other;
    store.close().await;
    assert_eq!(backup::run(&bench.store, dir.path()).await, Err(StoreError::Occupied), "nor over another journal");
}
