//! `sampan-cli`: the same journal from a terminal.
fn main() {}
