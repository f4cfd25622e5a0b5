//! `cargo xtask`: every errand of the project, from a bare machine to a bundle. It holds no code of the journal.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a terminal program speaks through its output")]

mod bundle;
mod check;
mod packages;
mod repository;
mod run;
mod setup;
mod steps;
mod tidy;
mod ui;

use std::process::ExitCode;

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
