//! What a post's list row, filters and search text are drawn from its content. Written in the transaction that changes the
//! content, so that they never differ; the check compares them all the same.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, named_params};
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::error::StoreError;
use super::search;
use super::values::Json;
use crate::domain::{AssetId, Content, Lang, PostId};

/// An excerpt has at most this many graphemes.
const EXCERPT_GRAPHEMES: usize = 120;

/// The text of a card, kept beside the list columns so that showing a card never reads a whole body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct CardText {
    pub titles: BTreeMap<Lang, String>,
    pub excerpts: BTreeMap<Lang, String>,
    pub topics: Vec<String>,
}

impl CardText {
    pub fn of(content: &Content) -> Self {
        let excerpts = content.sides.iter().map(|(lang, side)| (lang.clone(), excerpt(&side.body)));
        Self {
            titles: titles(content),
            excerpts: excerpts.filter(|(_, text)| !text.is_empty()).collect(),
            topics: content.topics.clone(),
        }
    }

    fn has_title(&self, chinese: bool) -> bool {
        self.titles.keys().any(|lang| lang.is_chinese() == chinese)
    }

    /// Columns of the excerpt that a card shows: the Chinese one, or else the first other.
    fn excerpt_columns(&self) -> u8 {
        let chinese = self.excerpts.iter().find(|(lang, _)| lang.is_chinese());
        let shown = chinese.or_else(|| self.excerpts.iter().next());
        shown.map_or(0, |(_, text)| u8::try_from(text.width()).unwrap_or(u8::MAX))
    }
}

/// Titles per language, without the empty ones.
pub(super) fn titles(content: &Content) -> BTreeMap<Lang, String> {
    let titles = content.sides.iter().map(|(lang, side)| (lang.clone(), side.title.clone()));
    titles.filter(|(_, title)| !title.is_empty()).collect()
}

/// Writes everything that is drawn from a post's newest content.
pub(super) fn draw(tx: &Transaction<'_>, post: PostId, content: &Content) -> Result<(), StoreError> {
    let card = CardText::of(content);
    let key: i64 = tx
        .prepare_cached(
            "UPDATE post SET at = :at, zone = :zone, zh_title = :zh_title, other_title = :other_title,
               excerpt = :excerpt, attachments = :attachments, card = :card
             WHERE id = :id RETURNING key",
        )?
        .query_row(
            named_params! {
                ":id": post,
                ":at": content.moment.at,
                ":zone": content.moment.zone,
                ":zh_title": card.has_title(true),
                ":other_title": card.has_title(false),
                ":excerpt": card.excerpt_columns(),
                ":attachments": content.attachments.len() as i64,
                ":card": Json(&card),
            },
            |row| row.get(0),
        )?;
    draw_attachments(tx, key, content)?;
    draw_words(tx, key, content)?;
    draw_pictures(tx, key)
}

/// Draws again what depends on the facts of an original, in every post that shows it.
pub(super) fn draw_pictures_of(tx: &Transaction<'_>, asset: AssetId) -> Result<(), StoreError> {
    let mut posts = tx.prepare_cached("SELECT post FROM attachment WHERE asset = :asset")?;
    let keys = posts.query_map(named_params! { ":asset": asset }, |row| row.get(0))?;
    keys.collect::<Result<Vec<i64>, _>>()?.into_iter().try_for_each(|key| draw_pictures(tx, key))
}

/// The beginning of a body on one line.
pub(super) fn excerpt(body: &str) -> String {
    let mut line = String::new();
    // Enough characters for the graphemes wanted, so that a body of a megabyte is not walked.
    for c in body.trim_start().chars().take(EXCERPT_GRAPHEMES * 16) {
        match c.is_whitespace() {
            true if line.ends_with(|last| last == ' ' || is_full_width_mark(last)) => {}
            true => line.push(' '),
            false => line.push(c),
        }
    }
    line.trim_end().graphemes(true).take(EXCERPT_GRAPHEMES).collect()
}

/// A mark of Chinese punctuation, whose own blank parts two sentences.
fn is_full_width_mark(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{301f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
}

fn draw_attachments(tx: &Transaction<'_>, key: i64, content: &Content) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM attachment WHERE post = :post")?.execute(named_params! { ":post": key })?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO attachment (post, position, asset, cover) VALUES (:post, :position, :asset, :cover)",
    )?;
    for (position, attachment) in (0_i64..).zip(&content.attachments) {
        insert.execute(named_params! {
            ":post": key,
            ":position": position,
            ":asset": attachment.asset,
            ":cover": content.cover == Some(attachment.asset),
        })?;
    }
    Ok(())
}

fn draw_words(tx: &Transaction<'_>, key: i64, content: &Content) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM topic WHERE post = :post")?.execute(named_params! { ":post": key })?;
    let mut insert = tx.prepare_cached("INSERT OR IGNORE INTO topic (post, topic) VALUES (:post, :topic)")?;
    for topic in &content.topics {
        insert.execute(named_params! { ":post": key, ":topic": topic })?;
    }
    tx.prepare_cached("DELETE FROM side WHERE post = :post")?.execute(named_params! { ":post": key })?;
    let mut insert = tx.prepare_cached("INSERT INTO side (post, lang) VALUES (:post, :lang)")?;
    for lang in content.sides.keys() {
        insert.execute(named_params! { ":post": key, ":lang": lang })?;
    }
    tx.prepare_cached("INSERT OR REPLACE INTO search (post, text) VALUES (:post, :text)")?
        .execute(named_params! { ":post": key, ":text": search::text_of(content) })?;
    Ok(())
}

/// The cover is the chosen attachment when it can be shown, or else the first one that can.
fn draw_pictures(conn: &Connection, key: i64) -> Result<(), StoreError> {
    conn.prepare_cached(
        "WITH shown AS (
           SELECT a.asset, max(1, (s.height * 1000 + s.width / 2) / s.width) AS aspect
           FROM attachment AS a JOIN asset AS s ON s.id = a.asset
           WHERE a.post = :post AND s.kind <> 'file' AND s.problem IS NULL AND s.width > 0 AND s.height > 0
           ORDER BY a.cover DESC, a.position LIMIT 1),
         kinds AS (SELECT s.kind FROM attachment AS a JOIN asset AS s ON s.id = a.asset WHERE a.post = :post)
         UPDATE post SET
           cover = (SELECT asset FROM shown),
           aspect = coalesce((SELECT aspect FROM shown), 0),
           photos = EXISTS (SELECT 1 FROM kinds WHERE kind = 'photo'),
           clips = EXISTS (SELECT 1 FROM kinds WHERE kind = 'clip')
         WHERE key = :post",
    )?
    .execute(named_params! { ":post": key })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_line_of_whole_graphemes() {
        assert_eq!(excerpt("\n\n 奶茶\n\n好喝  very\tgood \n"), "奶茶 好喝 very good");
        assert_eq!(
            excerpt("船都靠岸了。\n\n“走吧！” 他说"),
            "船都靠岸了。“走吧！” 他说",
            "a full stop has its own blank"
        );
        assert_eq!(excerpt(&"👩‍👩‍👧‍👦".repeat(500)), "👩‍👩‍👧‍👦".repeat(EXCERPT_GRAPHEMES), "never half a family");
        assert_eq!(excerpt(&"船".repeat(1_000_000)).graphemes(true).count(), EXCERPT_GRAPHEMES);
        assert_eq!(excerpt("   "), "");
    }
}
