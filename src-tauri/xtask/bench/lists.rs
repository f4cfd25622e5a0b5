//! Jobs on a large journal: its first screen, its list, and its search beside a plain scan of the same texts.

use std::{path::Path, time::Instant};

use rusqlite::{Connection, OpenFlags};
use sampan_core::{
    api::types::PostFilter,
    journal::{self, Journal},
};

use crate::{Result, millis};

/// One Chinese character, as people type it into the search field.
const WORD: &str = "船";

/// Opens a journal and asks for what the first screen shows. Answers the milliseconds.
pub async fn first_screen(folder: &Path) -> Result<f64> {
    let started = Instant::now();
    let journal = Journal::open(folder, journal::Options::default()).await?;
    let index = journal.post_index(PostFilter::default()).await?;
    let first = index.iter().take(40).map(|entry| entry.id).collect();
    let (cards, _, _) = (journal.post_cards(first).await?, journal.counts(()).await?, journal.settings_get(()).await?);
    let millis = millis(started);
    println!("{} posts, {} cards", index.len(), cards.len());
    journal.close().await;
    Ok(millis)
}

/// Asks for all posts of a journal. Answers the milliseconds of the middle of some rounds.
pub async fn list(folder: &Path) -> Result<f64> {
    asked(folder, &PostFilter::default()).await
}

/// Looks for one Chinese character in all posts of a journal.
pub async fn search(folder: &Path) -> Result<f64> {
    asked(folder, &PostFilter { text: WORD.to_owned(), ..PostFilter::default() }).await
}

/// Looks for the same character in the same texts as a program without an index would.
#[expect(clippy::disallowed_methods, reason = "not the journal's connection but its rival's")]
pub fn scan(folder: &Path) -> Result<f64> {
    let conn = Connection::open_with_flags(folder.join("journal.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut statement = conn.prepare(
        "SELECT p.id FROM post AS p JOIN search AS s ON s.post = p.key WHERE p.bin = 0 AND s.text LIKE ?1 ORDER BY p.at DESC",
    )?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let found = statement.query_map([format!("%{WORD}%")], |row| row.get::<_, Vec<u8>>(0))?;
        let found = found.collect::<std::result::Result<Vec<_>, _>>()?;
        times.push(millis(started));
        println!("{} posts", found.len());
    }
    Ok(middle(times))
}

/// Measurements in one start; the first ones read from the disk.
const ROUNDS: usize = 9;

async fn asked(folder: &Path, filter: &PostFilter) -> Result<f64> {
    let journal = Journal::open(folder, journal::Options::default()).await?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let found = journal.post_index(filter.clone()).await?;
        times.push(millis(started));
        println!("{} posts", found.len());
    }
    journal.close().await;
    Ok(middle(times))
}

fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
