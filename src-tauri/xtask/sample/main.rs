//! Makes a sample journal: bilingual posts with photos and clips, for looking at, for the tour and for measuring. An
//! example rather than an errand, so that `cargo xtask` itself compiles without the journal.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a terminal program speaks through its output")]

mod clips;
mod photos;
mod posts;
mod write;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;

/// Makes a sample journal.
#[derive(Parser)]
struct Options {
    /// Where the journal is made; the folder must be new or empty
    #[arg(long)]
    dir: PathBuf,
    /// How many posts
    #[arg(long, default_value_t = 24)]
    posts: usize,
    /// How many different photos; twice the number of posts unless said otherwise
    #[arg(long)]
    photos: Option<usize>,
    /// Sends some of the posts to this folder feed
    #[arg(long)]
    feed: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    match write::journal(&options).await {
        Ok(made) => {
            println!("{made} in {}", options.dir.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("sample: {error}");
            ExitCode::FAILURE
        }
    }
}
