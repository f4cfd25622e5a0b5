//! What a person can say when they start the program from a terminal.

use std::path::PathBuf;

use clap::Parser;

/// An offline-first post journal in Chinese and English.
#[derive(Parser, Debug)]
#[command(name = "sampan", version)]
pub struct Options {
    /// Open the journal in this folder; it is made if there is none
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
}
