//! `cargo xtask`: every errand of the project, from a bare machine to a bundle. It holds no code of the journal.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a terminal program speaks through its output")]

mod bench;
mod blog;
mod bundle;
mod campaign;
mod check;
mod display;
mod journeys;
mod keychain;
mod packages;
mod repository;
mod run;
mod sample;
mod servers;
mod setup;
mod stage;
mod steps;
mod switch;
mod tidy;
mod tour;
mod ui;
mod webdriver;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Every errand of Sampan", version)]
struct Options {
    #[command(subcommand)]
    errand: Errand,
}

#[derive(Subcommand)]
enum Errand {
    /// Install what is missing, build and open the window; arguments after `--` go to the program
    App {
        /// Build with optimisation
        #[arg(long)]
        release: bool,
        /// Arguments for the program, for example `-- --journal DIR`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Run every check that a change must pass, from formatting to the real window and the bundles
    Test {
        /// Run only the steps whose name contains this text
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
    },
    /// Run the journeys through the real window as it was last built
    Journeys {
        /// Only those whose promise contains this text
        #[arg(default_value = "")]
        only: String,
    },
    /// Photograph every screen of the real program with a sample journal
    Tour {
        /// Where the pictures go; the folder `tour` unless said otherwise
        #[arg(long)]
        into: Option<PathBuf>,
        /// Only the screens whose name begins with this text
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
    },
    /// Kill the terminal program at random moments while it saves, imports and sends, play histories on bad networks, let
    /// everything go wrong at every request to real servers, and look for anything lost or doubled; lock a real keychain
    Campaign {
        /// How many moments
        #[arg(long, default_value_t = 300)]
        kills: u32,
        /// How many thousands of histories
        #[arg(long, value_name = "THOUSANDS", default_value_t = 1_000)]
        histories: u32,
        /// Leave the real servers out
        #[arg(long)]
        no_servers: bool,
        /// At most so many faults for each real server, drawn by the seed; otherwise every fault at every request
        #[arg(long)]
        cases: Option<u32>,
        /// Plays a failure again; the seed is printed with it
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Start the real servers of the tests and print how to reach them
    Servers {
        /// Only those whose name contains this text
        #[arg(default_value = "")]
        only: String,
    },
    /// Make a sample journal with bilingual posts, photos and clips
    Sample {
        /// How many posts
        #[arg(long, default_value_t = 24)]
        posts: usize,
        /// Where; the folder must be new or empty
        #[arg(long)]
        dir: PathBuf,
        /// How many different photos; twice the number of posts unless said otherwise
        #[arg(long)]
        photos: Option<usize>,
        /// Send some of the posts to this folder feed
        #[arg(long)]
        feed: Option<PathBuf>,
    },
    /// Measure speed, memory and rest, each figure with its goal and with what it stands beside
    Bench {
        /// Measure only what has this text in its name: renditions, import, lists, idle, window, outbox
        #[arg(long, value_name = "TEXT", default_value = "")]
        only: String,
        /// How many photos of 12 to 48 megapixels for renditions and import
        #[arg(long, default_value_t = 20)]
        photos: u32,
        /// How many posts in the large journal
        #[arg(long, default_value_t = 10_000)]
        posts: usize,
        /// How many drafts with two photos each go to WordPress
        #[arg(long, default_value_t = 1_000)]
        drafts: u32,
        /// How often each short measurement is repeated
        #[arg(long, default_value_t = 3)]
        rounds: u32,
        /// How many seconds an idle program is watched
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Make the bundles of this system, with optimisation
    Dist,
    /// Install system packages and the interface's packages, nothing else
    Setup,
    /// Build the interface into ui/dist if its sources changed
    Ui,
    /// Check the rules of the house that no compiler checks
    Tidy,
    /// Write the TypeScript types of the contract again
    Bindings,
}

fn main() -> ExitCode {
    let outcome = match Options::parse().errand {
        Errand::App { release, arguments } => run::app(release, &arguments),
        Errand::Test { only } => check::all(only.as_deref()),
        Errand::Journeys { only } => journeys::run_all(&only).map(drop),
        Errand::Tour { into, only } => tour::make(into, only.as_deref()),
        Errand::Campaign { kills, histories, no_servers, cases, seed } => {
            let contract = (!no_servers).then_some(cases);
            campaign::run(&campaign::Campaign { kills, thousands: histories, contract, seed })
        }
        Errand::Servers { only } => servers::open(&only),
        Errand::Sample { posts, dir, photos, feed } => {
            sample::make(&sample::Size { posts, photos }, &dir, feed.as_deref())
        }
        Errand::Bench { only, photos, posts, drafts, rounds, seconds } => {
            bench::run_all(bench::Size { photos, posts, drafts, rounds, seconds }, &only)
        }
        Errand::Dist => bundle::dist(),
        Errand::Setup => setup::everything(),
        Errand::Ui => setup::for_building().and_then(|()| ui::build()),
        Errand::Tidy => tidy::check().map(|files| println!("{files} files are tidy")),
        Errand::Bindings => check::write_bindings(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
