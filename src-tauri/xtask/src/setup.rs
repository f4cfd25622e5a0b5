//! What a fresh machine lacks, installed or named. Builds nothing.

use anyhow::{Context, Result, bail};

use crate::{
    packages,
    repository::{npm, once_per_content, output, program, run, ui},
};

/// The oldest Node that Vite 8 accepts.
const NODE: (u32, u32) = (20, 19);

/// System packages and the interface's packages for building and running the window.
pub fn for_building() -> Result<()> {
    packages::install(packages::BUILD)?;
    packages::check_programs()?;
    node()?;
    ui_packages()
}

/// Everything above and what the tests need.
pub fn everything() -> Result<()> {
    let all: Vec<&str> = [packages::BUILD, packages::TEST].concat();
    packages::install(&all)?;
    packages::check_programs()?;
    packages::install_browser()?;
    node()?;
    ui_packages()
}

fn node() -> Result<()> {
    let Ok(version) = output(program("node").arg("--version")) else {
        bail!("Node.js {}.{} or newer is missing: see https://nodejs.org/", NODE.0, NODE.1);
    };
    let found = parse_version(&version).with_context(|| format!("`node --version` answered {version}"))?;
    if found < NODE {
        bail!("Node.js {version} is too old, {}.{} or newer is needed: see https://nodejs.org/", NODE.0, NODE.1);
    }
    Ok(())
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn ui_packages() -> Result<()> {
    let folder = ui();
    let lock = folder.join("package-lock.json");
    if !lock.is_file() {
        bail!("{} is missing", lock.display());
    }
    let stamp = folder.join("node_modules/.installed-for");
    once_per_content(&stamp, &[lock], || run(npm().args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_version_is_read_with_or_without_its_v() {
        assert_eq!(parse_version("v20.20.2\n"), Some((20, 20)));
        assert_eq!(parse_version("22.12.0"), Some((22, 12)));
        assert_eq!(parse_version("nightly"), None);
    }
}
