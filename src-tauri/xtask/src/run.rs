//! Opening the window from the sources.

use anyhow::Result;

use crate::{
    repository::{cargo, run},
    setup, ui,
};

/// Sets up, builds and opens the window; returns when it is closed.
pub fn app(release: bool, arguments: &[String]) -> Result<()> {
    setup::for_building()?;
    ui::build()?;
    let mut command = cargo();
    command.args(["run", "--bin", "sampan"]);
    if release {
        command.arg("--release");
    }
    run(command.arg("--").args(arguments))
}
