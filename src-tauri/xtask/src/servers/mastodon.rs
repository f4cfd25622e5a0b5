//! A server that speaks the Mastodon API: the Python package mastodon-mock in an environment of its own. Not the real one,
//! which no package registry holds, but nobody here wrote it: it keeps statuses, files, edits and idempotency keys.

use std::{fs::File, process::Stdio};

use anyhow::{Context, Result};

use super::{Child, Server, python};
use crate::repository::program;

/// The token that the package gives its first account.
const TOKEN: &str = "mock_token";

/// Installs what is missing, starts a server that remembers nothing, and waits until it answers.
pub fn start() -> Result<Server> {
    let python = python::of("mastodon")?;
    let site = super::runfolder("mastodon")?;
    let port = super::free_port()?;
    let url = format!("http://127.0.0.1:{port}/");
    let log = File::create(site.path().join("server.log"))?;
    let child = program(python)
        .args(["-m", "mastodon_mock", "serve", "--in-memory", "--host", "127.0.0.1", "--port", &port.to_string()])
        .current_dir(site.path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("Python could not be started")?;
    let environment =
        vec![("SAMPAN_MASTODON_URL".to_owned(), url.clone()), ("SAMPAN_MASTODON_TOKEN".to_owned(), TOKEN.to_owned())];
    let server = Server { name: "Mastodon", port, environment, child: Child(child), beside: None, folder: site };
    server.wait_for(&format!("{url}api/v1/instance"))
}
