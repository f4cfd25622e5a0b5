//! The interface as files to embed: built when its sources changed. Knows npm scripts, not their insides.

use std::path::Path;

use anyhow::{Result, bail};

use crate::repository::{files_below, npm, once_per_content, run, target, ui};

/// Builds ui/dist if a source of the interface changed since.
pub fn build() -> Result<()> {
    let built = ui().join("dist/index.html");
    let stamp = target().join("xtask/ui-built-from");
    if !built.is_file() && stamp.is_file() {
        std::fs::remove_file(&stamp)?;
    }
    let sources = files_below(&ui(), &is_source)?;
    once_per_content(&stamp, &sources, || run(npm().args(["run", "build", "--silent"])))?;
    if !built.is_file() {
        bail!("the interface was built but {} is not there", built.display());
    }
    Ok(())
}

/// Made by tools, or not part of the build.
fn is_source(path: &Path) -> bool {
    const MADE: &[&str] = &["node_modules", "dist", "paraglide", "test-results", "e2e", ".svelte-kit"];
    path.file_name().is_some_and(|name| !MADE.iter().any(|made| name == *made))
}
