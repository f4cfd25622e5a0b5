//! Promises, tested through the public API.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that panics is a test that fails"
)]

mod cli_errors;
mod cli_feeds;
mod cli_finding;
mod cli_keeping;
mod cli_media;
mod cli_signing;
mod cli_writing;
mod coming_back;
mod journey;
mod kill;
mod media;
mod preview;
mod strip;
mod support;
