//! What Linux knows of a running program: processor time, wake-ups, memory (`man 5 proc`).

use std::fs;

use anyhow::{Context, Result};

/// A tick of the kernel's accounts in milliseconds: `USER_HZ` is 100 on every system that Linux runs on.
const TICK_MS: f64 = 10.0;

/// What a program spent since it started.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    /// Processor time of all its threads, in milliseconds.
    pub cpu_ms: f64,
    /// How often its present threads went to sleep, and so were woken.
    pub wakeups: u64,
}

/// What a program spent.
pub fn spent(id: u32) -> Result<Spent> {
    let (user, system) = (ticks(id, 14)?, ticks(id, 15)?);
    let mut wakeups = 0;
    for thread in fs::read_dir(format!("/proc/{id}/task"))? {
        // A thread may have ended since it was listed.
        let status = fs::read_to_string(thread?.path().join("status")).unwrap_or_default();
        wakeups += field(&status, "voluntary_ctxt_switches").unwrap_or(0);
    }
    Ok(Spent { cpu_ms: (user + system) * TICK_MS, wakeups })
}

/// How many milliseconds ago a program was started.
pub fn age_ms(id: u32) -> Result<f64> {
    let uptime = fs::read_to_string("/proc/uptime")?;
    let seconds: f64 = uptime.split_whitespace().next().unwrap_or_default().parse()?;
    Ok(seconds * 1000.0 - ticks(id, 22)? * TICK_MS)
}

/// Megabytes that a program takes now, its share of what it shares counted in.
pub fn memory_mb(id: u32) -> Result<f64> {
    let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?;
    Ok(field(&rollup, "Pss").context("no Pss")? as f64 / 1024.0)
}

/// The most megabytes that it ever had in memory.
pub fn peak_mb(id: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    Ok(field(&status, "VmHWM").context("no VmHWM")? as f64 / 1024.0)
}

/// A program below another one, by the beginning of its name.
pub fn child(id: u32, name: &str) -> Result<u32> {
    let mut waiting = vec![id];
    while let Some(parent) = waiting.pop() {
        for thread in fs::read_dir(format!("/proc/{parent}/task"))? {
            let children = fs::read_to_string(thread?.path().join("children")).unwrap_or_default();
            for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
                let called = fs::read_to_string(format!("/proc/{child}/comm")).unwrap_or_default();
                if called.starts_with(name) {
                    return Ok(child);
                }
                waiting.push(child);
            }
        }
    }
    anyhow::bail!("{name} is not running")
}

/// A field of `stat`, by its number in the manual.
fn ticks(id: u32, number: usize) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).context("the program ended")?;
    // The second field is a name in parentheses, which may hold spaces.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let field = after_name.split_whitespace().nth(number.saturating_sub(3));
    Ok(field.context("no such field")?.parse()?)
}

fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_by_their_whole_name() {
        let status = "Name:\tsampan\nVmHWM:\t  2048 kB\nnonvoluntary_ctxt_switches:\t7\nvoluntary_ctxt_switches:\t3\n";
        assert_eq!(field(status, "VmHWM"), Some(2048));
        assert_eq!(field(status, "voluntary_ctxt_switches"), Some(3));
        assert_eq!(field(status, "Pss"), None);
    }
}
