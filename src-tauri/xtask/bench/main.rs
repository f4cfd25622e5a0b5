//! Our side of the measurements: one timed job per start, its milliseconds on the last line. `cargo xtask bench` starts it
//! in turn with the others on the same files, so that a busy machine is busy for all of them.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a terminal program speaks through its output")]

mod feeds;
mod lists;
mod photos;

use std::{
    error::Error,
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use clap::{Parser, Subcommand};
use sampan_core::{
    api::types::ImportInput,
    journal::{self, Journal},
    media::{self, Limits, Sizes},
};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    job: Job,
}

#[derive(Subcommand)]
enum Job {
    /// Make large photographs to measure with
    Photos { folder: PathBuf, count: u32 },
    /// Make both renditions of every file, one after the other
    Renditions { files: Vec<PathBuf> },
    /// Import files into a new journal, durably
    Import { journal: PathBuf, files: Vec<PathBuf> },
    /// Copy, hash, fsync and rename every file, as a careful program without a database would
    Plain { folder: PathBuf, files: Vec<PathBuf> },
    /// Open a journal and ask for what the first screen shows
    FirstScreen { journal: PathBuf },
    /// Ask for the list of all posts
    List { journal: PathBuf },
    /// Look for one Chinese character in all posts
    Search { journal: PathBuf },
    /// Look for it without the journal
    Scan { journal: PathBuf },
    /// Send drafts with two small photos each to the feed that the environment names
    Send { folder: PathBuf, drafts: u32 },
    /// Lie idle with the feeds that the environment names and so many posts waiting for each
    Idle { folder: PathBuf, waiting: u32 },
}

// As the terminal program waits.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let measured = match Options::parse().job {
        Job::Photos { folder, count } => time(|| photos::make(&folder, count)),
        Job::Renditions { files } => time(|| renditions(&files)),
        Job::Plain { folder, files } => time(|| plain(&folder, &files)),
        Job::Import { journal, files } => import(&journal, &files).await,
        Job::FirstScreen { journal } => lists::first_screen(&journal).await,
        Job::List { journal } => lists::list(&journal).await,
        Job::Search { journal } => lists::search(&journal).await,
        Job::Scan { journal } => lists::scan(&journal),
        Job::Send { folder, drafts } => timed(feeds::send(&folder, drafts)).await,
        Job::Idle { folder, waiting } => timed(feeds::idle(&folder, waiting)).await,
    };
    match measured {
        Ok(millis) => {
            println!("{millis:.2}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn time(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let started = Instant::now();
    work()?;
    Ok(millis(started))
}

async fn timed(work: impl Future<Output = Result<()>>) -> Result<f64> {
    let started = Instant::now();
    work.await?;
    Ok(millis(started))
}

fn millis(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1000.0
}

fn renditions(files: &[PathBuf]) -> Result<()> {
    let limits = Limits::default();
    for path in files {
        let mut file = File::open(path)?;
        let facts = media::probe(&mut file);
        let made = media::renditions(&mut file, &facts, Sizes::default(), &limits);
        made.map_err(|problem| format!("{}: {problem:?}", path.display()))?;
    }
    Ok(())
}

async fn import(folder: &Path, files: &[PathBuf]) -> Result<f64> {
    let options = journal::Options { feed_dir: Some(folder.join("feed")), ..Default::default() };
    let journal = Journal::open(folder, options).await?;
    let paths = files.iter().map(|path| path.display().to_string()).collect();
    let started = Instant::now();
    let report = journal.import_files(ImportInput { paths }).await?;
    let millis = millis(started);
    if let Some(failed) = report.files.into_iter().find_map(|file| file.error) {
        return Err(failed.into());
    }
    journal.close().await;
    Ok(millis)
}

fn plain(folder: &Path, files: &[PathBuf]) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut piece = vec![0; 256 * 1024];
    for path in files {
        let (mut source, fresh) = (File::open(path)?, folder.join("fresh"));
        let (mut copy, mut hasher) = (File::create(&fresh)?, blake3::Hasher::new());
        loop {
            let count = source.read(&mut piece)?;
            let Some(bytes) = piece.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
            hasher.update(bytes);
            copy.write_all(bytes)?;
        }
        copy.sync_all()?;
        std::fs::rename(&fresh, folder.join(hasher.finalize().to_hex().as_str()))?;
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
