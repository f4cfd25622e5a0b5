//! The facts of originals. Their bytes are in `media.db`.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::derived;
use super::error::StoreError;
use super::values::Word;
use crate::api::types::AssetView;
use crate::domain::{AssetId, Moment, Point, PostId};

const COLUMNS: &str = "id, kind, mime, bytes, width, height, duration_ms, codec, colour, taken_at, taken_zone, lat, lon, \
                       problem, has_picture";

/// Writes what is known of an original, new or again, and draws again the list rows of the posts that show it. Returns those
/// posts.
pub fn put(tx: &Transaction<'_>, facts: &AssetView) -> Result<Vec<PostId>, StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO asset (id, kind, mime, bytes, width, height, duration_ms, codec, colour, taken_at,
           taken_zone, lat, lon, problem, has_picture)
         VALUES (:id, :kind, :mime, :bytes, :width, :height, :duration_ms, :codec, :colour, :taken_at, :taken_zone, :lat,
           :lon, :problem, :has_picture)",
    )?
    .execute(named_params! {
        ":id": facts.id,
        ":kind": Word(facts.kind),
        ":mime": facts.mime,
        ":bytes": number(facts.bytes)?,
        ":width": facts.width,
        ":height": facts.height,
        ":duration_ms": facts.duration_ms.map(number).transpose()?,
        ":codec": facts.codec,
        ":colour": facts.colour,
        ":taken_at": facts.taken.as_ref().map(|moment| moment.at),
        ":taken_zone": facts.taken.as_ref().map(|moment| &moment.zone),
        ":lat": facts.point.map(|point| point.lat),
        ":lon": facts.point.map(|point| point.lon),
        ":problem": facts.problem.map(Word),
        ":has_picture": facts.has_picture,
    })?;
    derived::draw_pictures_of(tx, facts.id)?;
    posts_with(tx, facts.id)
}

/// Writes the facts of originals that are not known yet; what was learnt of one before is not forgotten. Returns what is
/// known of each now, in the same order, and the posts that show the new ones.
pub fn learn(tx: &Transaction<'_>, originals: Vec<AssetView>) -> Result<(Vec<AssetView>, Vec<PostId>), StoreError> {
    let (mut views, mut posts) = (Vec::with_capacity(originals.len()), Vec::new());
    for facts in originals {
        let known = find(tx, facts.id)?;
        if known.is_none() {
            posts.extend(put(tx, &facts)?);
        }
        views.push(known.unwrap_or(facts));
    }
    Ok((views, posts))
}

/// The facts of one original.
pub fn get(conn: &Connection, id: AssetId) -> Result<AssetView, StoreError> {
    find(conn, id)?.ok_or(StoreError::AssetNotFound)
}

/// The facts of several originals; those that are not known are left out.
pub fn get_many(
    conn: &Connection,
    ids: impl IntoIterator<Item = AssetId>,
) -> Result<BTreeMap<AssetId, AssetView>, StoreError> {
    let mut found = BTreeMap::new();
    for id in ids {
        if let Some(facts) = find(conn, id)? {
            found.insert(id, facts);
        }
    }
    Ok(found)
}

/// Every original whose facts are known.
pub fn ids(conn: &Connection) -> Result<Vec<AssetId>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT id FROM asset ORDER BY id")?;
    let ids = statement.query_map([], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// The facts of every original.
pub fn all(conn: &Connection) -> Result<Vec<AssetView>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM asset ORDER BY id");
    let mut statement = conn.prepare_cached(&sql)?;
    let assets = statement.query_map([], read)?;
    Ok(assets.collect::<Result<_, _>>()?)
}

/// Originals that have no picture yet and no known reason why: what the rendition worker has still to do.
pub fn without_picture(conn: &Connection) -> Result<Vec<AssetView>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM asset WHERE has_picture = 0 AND problem IS NULL AND kind <> 'file'");
    let mut statement = conn.prepare_cached(&sql)?;
    let assets = statement.query_map([], read)?;
    Ok(assets.collect::<Result<_, _>>()?)
}

/// The posts whose newest revision shows an original.
pub fn posts_with(conn: &Connection, asset: AssetId) -> Result<Vec<PostId>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT p.id FROM attachment AS a JOIN post AS p ON p.key = a.post WHERE a.asset = :asset ORDER BY p.key",
    )?;
    let posts = statement.query_map(named_params! { ":asset": asset }, |row| row.get(0))?;
    Ok(posts.collect::<Result<_, _>>()?)
}

fn find(conn: &Connection, id: AssetId) -> Result<Option<AssetView>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM asset WHERE id = :id");
    Ok(conn.prepare_cached(&sql)?.query_row(named_params! { ":id": id }, read).optional()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<AssetView> {
    let taken = row.get::<_, Option<_>>("taken_at")?.zip(row.get("taken_zone")?);
    let point = row.get::<_, Option<_>>("lat")?.zip(row.get("lon")?);
    Ok(AssetView {
        id: row.get("id")?,
        kind: row.get::<_, Word<_>>("kind")?.0,
        mime: row.get("mime")?,
        bytes: row.get::<_, i64>("bytes")?.unsigned_abs(),
        width: row.get("width")?,
        height: row.get("height")?,
        duration_ms: row.get::<_, Option<i64>>("duration_ms")?.map(i64::unsigned_abs),
        codec: row.get("codec")?,
        colour: row.get("colour")?,
        taken: taken.map(|(at, zone)| Moment { at, zone }),
        point: point.map(|(lat, lon)| Point { lat, lon }),
        problem: row.get::<_, Option<Word<_>>>("problem")?.map(|word| word.0),
        has_picture: row.get("has_picture")?,
    })
}

fn number(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Internal("a size over 63 bits".into()))
}
