//! A real Micropub server with IndieAuth: the Python package django-indieweb in an environment of its own, around it a site of
//! two small files that keeps entries in memory.

use std::{fs::File, path::PathBuf, process::Stdio};

use anyhow::{Context, Result};

use super::{Child, Server, python};
use crate::repository::{program, root};

/// What the site lets in from the start; signing in gives others.
const TOKEN: &str = "micropub-token-of-the-tests";

/// Installs what is missing, sets up a fresh site and waits until it answers.
pub fn start() -> Result<Server> {
    let python = python::of("micropub")?;
    let site = super::runfolder("micropub")?;
    let port = super::free_port()?;
    let url = format!("http://127.0.0.1:{port}/");
    let log = File::create(site.path().join("server.log"))?;
    let child = program(python)
        .arg("blog.py")
        .current_dir(own())
        .env("BLOG_DIR", site.path())
        .env("BLOG_PORT", port.to_string())
        .env("BLOG_TOKEN", TOKEN)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("Python could not be started")?;
    let environment =
        vec![("SAMPAN_MICROPUB_URL".to_owned(), url.clone()), ("SAMPAN_MICROPUB_TOKEN".to_owned(), TOKEN.to_owned())];
    let server = Server { name: "Micropub", port, environment, child: Child(child), beside: None, folder: site };
    server.wait_for(&url)
}

fn own() -> PathBuf {
    root().join("src-tauri/xtask/servers/micropub")
}
