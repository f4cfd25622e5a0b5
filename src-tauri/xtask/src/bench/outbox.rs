//! A full outbox against a real WordPress: what sending costs this computer beside what it costs the server.

use std::time::Instant;

use anyhow::{Context, Result};

use super::{Bench, Line, Running, Table, process};
use crate::servers;

/// Sends drafts with two small photos each, all to one feed.
pub fn measure(bench: &Bench, table: &mut Table) -> Result<()> {
    let server = servers::start("wordpress")?.pop().context("there is no WordPress")?;
    let folder = tempfile::tempdir_in(&bench.folder)?;
    let drafts = bench.size.drafts;
    let mut command = bench.job("send");
    command.arg(folder.path()).arg(drafts.to_string()).envs(server.environment.iter().cloned());
    let mut job = Running::start(&mut command)?;
    job.until("ready")?;
    let (before, asked, started) = (process::spent(job.id())?, server.times()?.len(), Instant::now());
    job.until("sent")?;
    let (after, wall) = (process::spent(job.id())?, started.elapsed().as_secs_f64() * 1000.0);
    let served = server.times()?.split_off(asked);
    job.end()?;
    let a_post = |millis: f64| millis / f64::from(drafts);
    let requests = served.len();
    let server_ms = served.into_iter().sum::<f64>();
    let what = format!("{drafts} drafts with {} photos to WordPress", drafts * 2);
    table.add(Line {
        what: format!("{what}: our processor time a post"),
        figure: a_post(after.cpu_ms - before.cpu_ms),
        unit: "ms",
        goal: Some(5.0),
        beside: format!("server {:.0} ms a post, {:.1} requests", a_post(server_ms), a_post(requests as f64)),
    });
    table.add(Line {
        what: format!("{what}: all the time that is not the server's, a post"),
        figure: a_post(wall - server_ms),
        unit: "ms",
        goal: None,
        beside: format!("{:.0} ms a post in all, connections and the disk counted in", a_post(wall)),
    });
    Ok(())
}
