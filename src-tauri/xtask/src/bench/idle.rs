//! What the program does while nobody uses it.

use std::{path::Path, thread::sleep, time::Duration};

use anyhow::Result;

use super::{Bench, Line, Running, Table, process};
use crate::{display::Held, servers, stage::Stage};

/// An idle program takes less of a processor than this, in per cent.
const GOAL: f64 = 0.5;

/// Posts in the journal that the window shows.
const POSTS: usize = 600;

/// After a start there is something to do: feeds are read, the first screen is drawn.
const SETTLE: Duration = Duration::from_secs(15);

/// The journal with three feeds on the network, then the window.
pub fn measure(bench: &Bench, table: &mut Table) -> Result<()> {
    let folder = tempfile::tempdir_in(&bench.folder)?;
    let servers = servers::start("")?;
    let environment: Vec<_> = servers.iter().flat_map(|server| server.environment.iter().cloned()).collect();
    feeds(bench, folder.path(), (&environment, 0), table, "three feeds, nothing to do")?;
    drop(servers);
    feeds(bench, folder.path(), (&environment, 0), table, "three feeds out of reach, nothing to do")?;
    feeds(bench, folder.path(), (&environment, 1), table, "three feeds out of reach, a post waits for each")?;
    window(bench, table)
}

fn feeds(
    bench: &Bench,
    folder: &Path,
    (environment, waiting): (&[(String, String)], u32),
    table: &mut Table,
    what: &str,
) -> Result<()> {
    let mut command = bench.job("idle");
    command.arg(folder).arg(waiting.to_string()).envs(environment.iter().cloned());
    let mut job = Running::start(&mut command)?;
    job.until("ready")?;
    sleep(SETTLE);
    watch(bench, table, &[(format!("idle: {what}"), job.id())])?;
    job.end()
}

/// The real window on the journal, with nobody before it.
fn window(bench: &Bench, table: &mut Table) -> Result<()> {
    super::build_window()?;
    let journal = bench.journal(POSTS)?;
    let stage = Stage::new()?;
    let program = Held::start(&mut stage.program(&journal))?;
    sleep(SETTLE);
    let page = process::child(program.id(), "WebKitWebProces")?;
    let what = format!("idle: window with {POSTS} posts");
    watch(bench, table, &[(format!("{what}, program"), program.id()), (format!("{what}, page"), page)])
}

/// Looks on for a while.
fn watch(bench: &Bench, table: &mut Table, programs: &[(String, u32)]) -> Result<()> {
    let before = programs.iter().map(|(_, id)| process::spent(*id)).collect::<Result<Vec<_>>>()?;
    sleep(Duration::from_secs(bench.size.seconds));
    let seconds = bench.size.seconds as f64;
    for ((what, id), before) in programs.iter().zip(before) {
        let after = process::spent(*id)?;
        table.add(Line {
            what: what.clone(),
            figure: (after.cpu_ms - before.cpu_ms) / seconds / 10.0,
            unit: "% of a processor",
            goal: Some(GOAL),
            beside: format!(
                "{:.2} wake-ups a second over {seconds} s",
                after.wakeups.saturating_sub(before.wakeups) as f64 / seconds
            ),
        });
    }
    Ok(())
}
