//! Installers, made by the Tauri CLI from tauri.conf.json.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{
    repository::{program, run, target, ui},
    setup,
};

/// The bundles of the system we run on, with optimisation.
pub fn dist() -> Result<()> {
    setup::for_building()?;
    crate::ui::build()?;
    let bundles = if cfg!(target_os = "linux") {
        "deb,rpm"
    } else if cfg!(target_os = "macos") {
        "app,dmg"
    } else {
        "nsis,msi"
    };
    // An AppImage fetches its tools from the network: it is made where that is expected, in the release workflow.
    let asked = std::env::var("SAMPAN_BUNDLES").unwrap_or_else(|_| bundles.to_owned());
    run(tauri()?.args(["build", "--bundles", &asked]))?;
    println!("The bundles are in {}", target().join("release/bundle").display());
    Ok(())
}

/// A .deb and an .rpm of the debug build, to see that bundling works. Shares everything compiled with the tests.
pub fn debug_packages() -> Result<u32> {
    run(tauri()?.args(["build", "--debug", "--bundles", "deb,rpm"]))?;
    let mut made = 0;
    for kind in ["deb", "rpm"] {
        let folder = target().join("debug/bundle").join(kind);
        let found = std::fs::read_dir(&folder)
            .with_context(|| format!("{} is not there", folder.display()))?
            .filter_map(Result::ok)
            .any(|entry| entry.path().extension().is_some_and(|extension| extension == kind));
        if !found {
            bail!("no .{kind} in {}", folder.display());
        }
        made += 1;
    }
    Ok(made)
}

/// The Tauri CLI of the interface's packages, started from the root. By Node itself: what npm puts beside it is a script of
/// another kind on each system.
fn tauri() -> Result<Command> {
    let path = ui().join("node_modules/@tauri-apps/cli/tauri.js");
    if !path.is_file() {
        bail!("{} is missing: it comes with ui/package.json", path.display());
    }
    let mut command = program("node");
    command.arg(path).env("CI", "true").stdin(Stdio::null());
    Ok(command)
}
