//! Python environments below the target folder: one for each server that is a Python package, made once for what the
//! `requirements.txt` in its folder says.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::repository::{once_per_content, program, root, run};

/// The Python that has the packages of a server; installs them where they are missing.
pub fn of(server: &str) -> Result<PathBuf> {
    let folder = super::folder().join(server);
    let wanted = root().join("src-tauri/xtask/servers").join(server).join("requirements.txt");
    fs::create_dir_all(super::folder())?;
    once_per_content(&super::folder().join(format!("{server}.made-for")), std::slice::from_ref(&wanted), || {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        run(program("python3").args(["-m", "venv"]).arg(&folder))
            .context("Python's venv is needed (Debian: python3-venv)")?;
        let mut pip = program(folder.join("bin/pip"));
        run(pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&wanted))
    })?;
    Ok(folder.join("bin/python"))
}
