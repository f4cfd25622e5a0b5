//! `sampan-cli`: the same journal from a terminal. Reads what was typed, opens the journal, says how it ended. Keeps no
//! rule of its own about posts.

mod arguments;
mod commands;
mod compose;
mod failure;
mod import;
mod media_options;
mod screen;
mod secret;
mod texts;
mod tongue;
mod views;
mod words;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use sampan_core::api::ApiError;
use sampan_core::api::error::ErrorCode;
use sampan_core::journal::{Journal, Options};

use crate::arguments::Arguments;
use crate::commands::{Ending, Session};
use crate::failure::{Complaint, Outcome};
use crate::screen::Screen;
use crate::tongue::Tongue;

fn main() -> ExitCode {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let tongue = Tongue::of_environment();
    let arguments = match Arguments::try_parse_from(&typed) {
        Ok(arguments) => arguments,
        Err(error) => return misunderstood(&error, &typed, tongue),
    };
    log();
    let screen = Screen { json: arguments.json, tongue };
    match run(screen, arguments) {
        Ok(ending) => ending.into(),
        Err(failure) => {
            screen.failure(&failure);
            Ending::Failed.into()
        }
    }
}

fn run(screen: Screen, arguments: Arguments) -> Outcome<Ending> {
    // One thread waits for all answers; what takes work has threads of its own.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|_| ApiError::new(ErrorCode::Internal))?;
    let dir = place(arguments.journal)?;
    let ending = runtime.block_on(async {
        let journal = Journal::open(&dir, Options::default()).await?;
        let session = Session { journal, screen };
        let ending = commands::run(&session, arguments.command).await;
        session.journal.close().await;
        ending
    });
    ending.map_err(|failure| failure.in_journal(&dir))
}

/// The journal's folder: as typed, else as the environment says, else the usual place of the system.
fn place(typed: Option<PathBuf>) -> Outcome<PathBuf> {
    let from_environment = || std::env::var_os("SAMPAN_JOURNAL").filter(|value| !value.is_empty()).map(PathBuf::from);
    let place = typed.or_else(from_environment).or_else(Journal::default_dir).ok_or(Complaint::NoHome)?;
    Ok(compose::absolute(&place))
}

/// Help and version are answers; everything else that the parser says is an error (never clap's own exit status 2, which
/// here means that something waits).
fn misunderstood(error: &clap::Error, typed: &[OsString], tongue: Tongue) -> ExitCode {
    // A closed pipe is no error.
    drop(error.print());
    if !error.use_stderr() {
        return Ending::Done.into();
    }
    if typed.iter().any(|word| word == "--json") {
        let complaint = Complaint::Usage(error.render().to_string().trim_end().to_owned());
        Screen { json: true, tongue }.error_value(&complaint.into());
    }
    Ending::Failed.into()
}

/// What the journal logs (ids and durations, never text) goes to standard error when SAMPAN_LOG asks for it.
fn log() {
    if let Ok(filter) = tracing_subscriber::EnvFilter::try_from_env("SAMPAN_LOG") {
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    }
}
