//! The journal's list: shapes of all cards, the cards on the screen, and the numbers beside the sections.

use std::fmt::Write as _;

use rusqlite::{Connection, OptionalExtension, Row, ToSql, named_params};

use super::assets;
use super::derived::CardText;
use super::error::StoreError;
use super::search;
use super::values::Json;
use crate::api::types::{Card, Counts, IndexEntry, PostFilter, TopicCount};
use crate::domain::{AssetId, Moment, PostId};

/// The shapes of all cards that fit a filter, newest moment first. Without text, topic, language or feed it is one scan of
/// one index.
pub fn index(conn: &Connection, filter: &PostFilter) -> Result<Vec<IndexEntry>, StoreError> {
    let query = Query::of(filter);
    let mut statement = conn.prepare_cached(&query.sql)?;
    let entries = statement.query_map(query.parameters().as_slice(), |row| {
        Ok(IndexEntry {
            id: row.get(0)?,
            aspect: row.get(1)?,
            titles: [row.get(2)?, row.get(3)?],
            excerpt: row.get(4)?,
            at: row.get(5)?,
        })
    })?;
    Ok(entries.collect::<Result<_, _>>()?)
}

/// What some cards show, in the order asked; posts that are not there are left out. `deliveries` is left empty.
pub fn cards(conn: &Connection, posts: &[PostId]) -> Result<Vec<Card>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT id, card, cover, attachments, at, zone, updated_at, deleted_at FROM post WHERE id = :id",
    )?;
    let mut cards = Vec::with_capacity(posts.len());
    for post in posts {
        let found = statement.query_row(named_params! { ":id": post }, read_card).optional()?;
        let Some((mut card, cover)) = found else { continue };
        card.cover = cover.map(|asset| assets::get(conn, asset)).transpose()?;
        cards.push(card);
    }
    Ok(cards)
}

/// The numbers beside the sections and the most used topics.
pub fn counts(conn: &Connection) -> Result<Counts, StoreError> {
    let mut counts = conn
        .prepare_cached(
            "SELECT coalesce(sum(bin = 0), 0), coalesce(sum(bin = 0 AND sent = 0), 0), coalesce(sum(bin = 1), 0),
               (SELECT count(*) FROM delivery WHERE state NOT IN ('idle', 'synced') AND state <> 'needs_you'),
               (SELECT count(*) FROM delivery WHERE state NOT IN ('idle', 'synced') AND state = 'needs_you')
             FROM post",
        )?
        .query_row([], |row| {
            Ok(Counts {
                posts: row.get(0)?,
                drafts: row.get(1)?,
                bin: row.get(2)?,
                waiting: row.get(3)?,
                needs_you: row.get(4)?,
                topics: Vec::new(),
            })
        })?;
    let mut statement = conn.prepare_cached(
        "SELECT t.topic, count(*) AS posts FROM topic AS t JOIN post AS p ON p.key = t.post WHERE p.bin = 0
         GROUP BY t.topic ORDER BY posts DESC, t.topic LIMIT 20",
    )?;
    let topics = statement.query_map([], |row| Ok(TopicCount { topic: row.get(0)?, posts: row.get(1)? }))?;
    counts.topics = topics.collect::<Result<_, _>>()?;
    Ok(counts)
}

/// How SQLite would run a filter's query: one line per table or index it looks at.
#[cfg(test)]
pub(super) fn plan(conn: &Connection, filter: &PostFilter) -> Result<Vec<String>, StoreError> {
    let query = Query::of(filter);
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {}", query.sql))?;
    let lines = statement.query_map(query.parameters().as_slice(), |row| row.get("detail"))?;
    Ok(lines.collect::<Result<_, _>>()?)
}

/// The SQL of a filter: fixed pieces, put together by which parts of the filter are set, and its parameters.
struct Query {
    sql: String,
    parameters: Vec<(String, Box<dyn ToSql>)>,
}

impl Query {
    fn of(filter: &PostFilter) -> Self {
        let mut query = Self {
            sql: "SELECT p.id, p.aspect, p.zh_title, p.other_title, p.excerpt, p.at FROM post AS p WHERE p.bin = :bin"
                .into(),
            parameters: vec![(":bin".into(), Box::new(filter.deleted))],
        };
        for (set, column) in [(filter.drafts, "sent = 0"), (filter.photos, "photos = 1"), (filter.clips, "clips = 1")] {
            if set {
                query.add(&format!("p.{column}"));
            }
        }
        if let Some(lang) = &filter.needs {
            // A language stands for all its variants (RFC 4647 section 3.3.1); '.' is the character behind '-'.
            query.add(
                "NOT EXISTS (SELECT 1 FROM side AS s WHERE s.post = p.key AND (s.lang = :lang
                 OR (s.lang > :lang || '-' AND s.lang < :lang || '.')))",
            );
            query.parameters.push((":lang".into(), Box::new(lang.clone())));
        }
        if let Some(topic) = &filter.topic {
            query.add("EXISTS (SELECT 1 FROM topic AS t WHERE t.post = p.key AND t.topic = :topic)");
            query.parameters.push((":topic".into(), Box::new(topic.clone())));
        }
        if let Some(feed) = filter.feed {
            query.add("EXISTS (SELECT 1 FROM delivery AS d WHERE d.post = p.id AND d.feed = :feed AND (d.wanted <> 'off' OR d.receipt IS NOT NULL))");
            query.parameters.push((":feed".into(), Box::new(feed)));
        }
        query.contain(&search::words(&filter.text));
        query.sql.push_str(" ORDER BY p.at DESC, p.id DESC");
        query
    }

    fn parameters(&self) -> Vec<(&str, &dyn ToSql)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_ref())).collect()
    }

    fn add(&mut self, condition: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
    }

    fn contain(&mut self, words: &[String]) {
        if words.is_empty() {
            return;
        }
        let mut condition = String::from("EXISTS (SELECT 1 FROM search AS f WHERE f.post = p.key");
        for (number, word) in words.iter().enumerate() {
            // Writing into a String cannot fail.
            let _ = write!(condition, " AND instr(f.text, :word{number}) > 0");
            self.parameters.push((format!(":word{number}"), Box::new(word.clone())));
        }
        condition.push(')');
        self.add(&condition);
    }
}

fn read_card(row: &Row<'_>) -> rusqlite::Result<(Card, Option<AssetId>)> {
    let text = row.get::<_, Json<CardText>>(1)?.0;
    let card = Card {
        id: row.get(0)?,
        titles: text.titles,
        excerpts: text.excerpts,
        cover: None,
        attachments: row.get(3)?,
        moment: Moment { at: row.get(4)?, zone: row.get(5)? },
        updated_at: row.get(6)?,
        deleted_at: row.get(7)?,
        topics: text.topics,
        deliveries: Vec::new(),
    };
    Ok((card, row.get(2)?))
}
