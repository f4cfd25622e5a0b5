//! Feeds against real servers. `cargo xtask test --only servers` starts them and says where they are.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that panics is a test that fails"
)]

mod canary;
mod contract;
mod copied;
mod crowded;
mod desk;
mod faults;
mod http;
mod journey;
mod killed;
mod mastodon;
mod memory;
mod micropub;
mod places;
mod program;
mod proxy;
#[path = "../media/samples.rs"]
#[expect(dead_code, reason = "the other tests need more of it")]
mod samples;
#[path = "../support.rs"]
#[expect(dead_code, reason = "the other tests need more of it")]
mod support;
mod taking_over;
mod terminal;
mod travel;
mod way;
mod wordpress;

/// What `cargo xtask` says about a server.
fn told(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test --only servers`"))
}
