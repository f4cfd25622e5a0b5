//! The window: a thin rim of Tauri around the journal. No rule of the journal lives here.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod app;
mod attention;
mod closing;
mod commands;
mod dialogs;
mod events;
mod links;
mod logging;
mod media;
mod memory;
mod menu;
mod needs;
mod options;
mod page;
mod platform;
mod state;
mod window;
mod words;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let options = options::Options::parse();
    platform::draw_plainly_without_a_graphics_card();
    if let Some(folder) = platform::log_folder() {
        logging::start(&folder);
    }
    match app::run(options) {
        Ok(code) => code,
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            ExitCode::FAILURE
        }
    }
}
