//! Looks at everything in a journal and names each item at fault. SQLite notices a damaged page, but not a changed bit in a
//! text; the digests written with every revision and the hashes that name the originals do.

use std::collections::{BTreeMap, HashSet};

use rusqlite::{Connection, Row, named_params};

use super::derived::{self, CardText};
use super::error::StoreError;
use super::values::Json;
use super::{Media, Store, assets, revisions, search};
use crate::api::types::{CheckReport, Fault, FaultKind};
use crate::domain::{AssetId, Content, Digest, Lang, PostId, RevisionId, Timestamp, revision};

/// Rows looked at in one transaction, so that a check never holds up a checkpoint for long.
const ROWS: i64 = 200;

/// SQLite is asked for at most this many of its own findings.
const FINDINGS: usize = 100;

/// Reads the whole journal. A fault is part of the report; only what keeps us from reading at all is an error.
pub async fn run(store: &Store) -> Result<CheckReport, StoreError> {
    let mut report = CheckReport::default();
    let media = store.media().clone();
    let faults = store.read(move |conn| {
        let mut faults = database(conn)?;
        faults.extend(media.read(database)?);
        Ok(faults)
    });
    report.faults = faults.await?;
    revisions(store, &mut report).await?;
    posts(store, &mut report).await?;
    originals(store, &mut report).await?;
    report.clean = report.faults.is_empty();
    Ok(report)
}

/// What SQLite says of a file.
fn database(conn: &Connection) -> Result<Vec<Fault>, StoreError> {
    let mut faults = Vec::new();
    let mut statement = conn.prepare(&format!("PRAGMA integrity_check({FINDINGS})"))?;
    let mut rows = statement.query([])?;
    loop {
        match rows.next() {
            Ok(Some(row)) => match row.get::<_, String>(0)? {
                words if words == "ok" => {}
                words => faults.push(Fault { kind: FaultKind::Database, item: words, post: None }),
            },
            Ok(None) => break,
            Err(error) => {
                faults.push(tolerate(error.into())?);
                break;
            }
        }
    }
    let mut statement = conn.prepare("SELECT \"table\", coalesce(rowid, 0), parent FROM pragma_foreign_key_check")?;
    let found = statement.query_map([], |row| {
        let item = format!("{} {} -> {}", row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?);
        Ok(Fault { kind: FaultKind::ForeignKey, item, post: None })
    })?;
    for fault in found.take(FINDINGS) {
        faults.push(fault.map_or_else(|error| tolerate(error.into()), Ok)?);
    }
    Ok(faults)
}

/// Every revision against its digest, and what was drawn from it against its content.
async fn revisions(store: &Store, report: &mut CheckReport) -> Result<(), StoreError> {
    let mut last = 0;
    loop {
        let piece = store.read(move |conn| {
            let mut statement = conn.prepare_cached(
                "SELECT rowid, id, post, created_at, digest, content, titles FROM revision
                 WHERE rowid > :last ORDER BY rowid LIMIT :rows",
            )?;
            let mut rows = statement.query(named_params! { ":last": last, ":rows": ROWS })?;
            let (mut count, mut faults, mut end) = (0_u32, Vec::new(), None);
            while let Some(row) = rows.next()? {
                count += 1;
                end = Some(row.get::<_, i64>(0)?);
                faults.extend(revision_fault(conn, row)?);
            }
            Ok((count, faults, end))
        });
        match piece.await {
            Ok((count, faults, end)) => {
                report.revisions += count;
                report.faults.extend(faults);
                let Some(end) = end else { return Ok(()) };
                last = end;
            }
            Err(error) => return note(report, error),
        }
    }
}

fn revision_fault(conn: &Connection, row: &Row<'_>) -> Result<Option<Fault>, StoreError> {
    let item = row.get_ref(1)?.as_bytes().map(hex).unwrap_or_default();
    let post = row.get::<_, PostId>(2).ok();
    let intact = || -> Result<bool, StoreError> {
        let id: RevisionId = row.get(1)?;
        let parents = revisions::parents(conn, id)?;
        let created_at: Timestamp = row.get(3)?;
        // The bytes as they are: a flipped bit may have left something that is not even text.
        let content = row.get_ref(5)?.as_bytes().map_err(rusqlite::Error::from)?;
        let digest = revision::digest(row.get(2)?, &parents, created_at, content);
        Ok(digest == row.get::<_, Digest>(4)?)
    };
    match intact() {
        Ok(true) => {}
        Ok(false) | Err(StoreError::Damaged(_)) => {
            return Ok(Some(Fault { kind: FaultKind::Revision, item, post }));
        }
        Err(error) => return Err(error),
    }
    let drawn = row.get::<_, Json<Content>>(5).is_ok_and(|Json(content)| {
        let titles = row.get::<_, Json<BTreeMap<Lang, String>>>(6);
        titles.is_ok_and(|Json(titles)| titles == derived::titles(&content))
    });
    Ok((!drawn).then_some(Fault { kind: FaultKind::Search, item, post }))
}

/// Every post's list row, filters and search text against its newest content, and its attachments against the originals.
async fn posts(store: &Store, report: &mut CheckReport) -> Result<(), StoreError> {
    let mut last = 0;
    loop {
        let media = store.media().clone();
        let piece = store.read(move |conn| {
            let mut statement =
                conn.prepare_cached("SELECT key, id, head FROM post WHERE key > :last ORDER BY key LIMIT :rows")?;
            let mut rows = statement.query(named_params! { ":last": last, ":rows": ROWS })?;
            let (mut count, mut faults, mut end) = (0_u32, Vec::new(), None);
            while let Some(row) = rows.next()? {
                count += 1;
                let key: i64 = row.get(0)?;
                end = Some(key);
                faults.extend(post_faults(conn, &media, (key, row.get(1)?, row.get(2)?))?);
            }
            Ok((count, faults, end))
        });
        match piece.await {
            Ok((count, faults, end)) => {
                report.posts += count;
                report.faults.extend(faults);
                let Some(end) = end else { return Ok(()) };
                last = end;
            }
            Err(error) => return note(report, error),
        }
    }
}

fn post_faults(
    conn: &Connection,
    media: &Media,
    (key, post, head): (i64, PostId, RevisionId),
) -> Result<Vec<Fault>, StoreError> {
    let content = match revisions::get(conn, head) {
        Ok(revision) => revision.content,
        // Named already: by its digest, or as a row that refers to nothing.
        Err(StoreError::Damaged(_) | StoreError::RevisionNotFound) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut faults = Vec::new();
    let drawn = is_drawn(conn, key, &content);
    if !drawn.or_else(|error| tolerate(error).map(|_| false))? {
        faults.push(Fault { kind: FaultKind::Search, item: post.to_string(), post: Some(post) });
    }
    for attachment in &content.attachments {
        let known = assets::get(conn, attachment.asset).is_ok() && media.contains(attachment.asset)?;
        if !known {
            let item = attachment.asset.to_string();
            faults.push(Fault { kind: FaultKind::MediaMissing, item, post: Some(post) });
        }
    }
    Ok(faults)
}

/// Whether everything that was drawn from a post's content still says what the content says.
fn is_drawn(conn: &Connection, key: i64, content: &Content) -> Result<bool, StoreError> {
    let key = named_params! { ":key": key };
    let words: HashSet<String> = strings(conn, "SELECT topic FROM topic WHERE post = :key", key)?.collect();
    let langs: HashSet<String> = strings(conn, "SELECT lang FROM side WHERE post = :key", key)?.collect();
    let text = strings(conn, "SELECT text FROM search WHERE post = :key", key)?.next();
    let mut statement = conn.prepare_cached("SELECT asset FROM attachment WHERE post = :key ORDER BY position")?;
    let attached = statement.query_map(key, |row| row.get(0))?.collect::<Result<Vec<AssetId>, _>>()?;
    let mut statement = conn.prepare_cached("SELECT card, at, zone, attachments FROM post WHERE key = :key")?;
    let row = statement.query_row(key, |row| {
        let card = row.get::<_, Json<CardText>>(0)?.0;
        Ok((card, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    let moment = &content.moment;
    Ok(row == (CardText::of(content), moment.at, moment.zone.clone(), content.attachments.len() as i64)
        && words == content.topics.iter().cloned().collect()
        && langs == content.sides.keys().map(Lang::to_string).collect()
        && text == Some(search::text_of(content))
        && attached.iter().eq(content.attachments.iter().map(|attachment| &attachment.asset)))
}

/// Every original against the hash that names it, and every known asset against the originals.
async fn originals(store: &Store, report: &mut CheckReport) -> Result<(), StoreError> {
    let media = store.media().clone();
    let ids = match store.read(move |_| media.ids()).await {
        Ok(ids) => ids,
        Err(error) => return note(report, error),
    };
    for id in &ids {
        let (media, id) = (store.media().clone(), *id);
        let (intact, bytes, post) = store
            .read(move |conn| {
                let (intact, bytes) = media.verify(id)?;
                let posts = if intact { Vec::new() } else { assets::posts_with(conn, id)? };
                Ok((intact, bytes, posts.first().copied()))
            })
            .await?;
        report.assets += 1;
        report.bytes += bytes;
        if !intact {
            report.faults.push(Fault { kind: FaultKind::Media, item: id.to_string(), post });
        }
    }
    let known = store.read(assets::ids).await?;
    let named: HashSet<String> = report.faults.iter().map(|fault| fault.item.clone()).collect();
    let here: HashSet<AssetId> = ids.into_iter().collect();
    let missing = known.into_iter().filter(|id| !here.contains(id)).map(|id| id.to_string());
    let unnamed = missing.filter(|item| !named.contains(item));
    report.faults.extend(unnamed.map(|item| Fault { kind: FaultKind::MediaMissing, item, post: None }));
    Ok(())
}

fn note(report: &mut CheckReport, error: StoreError) -> Result<(), StoreError> {
    report.faults.push(tolerate(error)?);
    Ok(())
}

/// Damage is a finding; everything else keeps us from looking.
fn tolerate(error: StoreError) -> Result<Fault, StoreError> {
    match error {
        StoreError::Damaged(words) => Ok(Fault { kind: FaultKind::Database, item: words, post: None }),
        other => Err(other),
    }
}

fn strings(
    conn: &Connection,
    sql: &str,
    parameters: &[(&str, &dyn rusqlite::ToSql)],
) -> Result<std::vec::IntoIter<String>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let found = statement.query_map(parameters, |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    Ok(found.into_iter())
}

fn hex(bytes: &[u8]) -> String {
    match RevisionId::from_slice(bytes) {
        Ok(id) => id.to_string(),
        Err(_) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
