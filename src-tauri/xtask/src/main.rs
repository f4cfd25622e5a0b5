//! `cargo xtask`: every errand of the project.
fn main() {}
