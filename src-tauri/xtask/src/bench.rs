//! `cargo xtask bench`: figures that anybody can repeat, each with its goal and with what it stands beside. Sets up what it
//! needs itself and keeps large samples below the target folder for the next time.

mod idle;
mod lists;
mod outbox;
mod peers;
mod process;
mod table;
mod window;

use std::{
    io::{BufRead, BufReader, Lines},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{
    packages,
    repository::{cargo, files_below, once_per_content, output, program, root, run, target},
    sample, setup, ui,
};
use table::{Line, Table};

/// How large the measurement is.
pub struct Size {
    /// Photos of 12 to 48 megapixels for renditions and import.
    pub photos: u32,
    /// Posts in the large journal.
    pub posts: usize,
    /// Drafts that are sent to WordPress.
    pub drafts: u32,
    /// How often a short measurement is repeated.
    pub rounds: u32,
    /// How long an idle program is watched.
    pub seconds: u64,
}

type Section = fn(&Bench, &mut Table) -> Result<()>;

/// The longest last.
const SECTIONS: &[(&str, Section)] = &[
    ("renditions", peers::renditions),
    ("import", peers::import),
    ("lists", lists::measure),
    ("idle", idle::measure),
    ("window", window::measure),
    ("outbox", outbox::measure),
];

/// Measures everything, or the sections whose name contains `only`, and prints a table.
pub fn run_all(size: Size, only: &str) -> Result<()> {
    let sections: Vec<_> = SECTIONS.iter().filter(|(name, _)| name.contains(only)).collect();
    if sections.is_empty() {
        let names: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
        bail!("nothing of this name is measured, only {}", names.join(", "));
    }
    setup::everything()?;
    packages::install(packages::SAMPLE)?;
    run(cargo()
        .args(["build", "--release", "--package", "sampan", "--example", "bench", "--example", "sample"])
        .args(crate::check::WITHOUT_WINDOW))?;
    let bench = Bench { folder: target().join("xtask/bench"), size };
    std::fs::create_dir_all(&bench.folder)?;
    let mut table = Table::default();
    for (name, measure) in sections {
        println!("\n=== {name}");
        measure(&bench, &mut table).with_context(|| format!("{name} was not measured"))?;
    }
    table.print();
    Ok(())
}

struct Bench {
    /// For samples that are kept.
    folder: PathBuf,
    size: Size,
}

impl Bench {
    /// One job of our side; see `cargo run --example bench -- --help`.
    fn job(&self, name: &str) -> Command {
        let mut command = program(target().join("release/examples/bench"));
        command.arg(name);
        command
    }

    /// Large photographs.
    fn photos(&self, count: u32) -> Result<Vec<PathBuf>> {
        let folder = self.folder.join(format!("photos-{count}"));
        if !folder.is_dir() {
            // How long that took says nothing.
            output(self.job("photos").arg(&folder).arg(count.to_string()))?;
        }
        files_below(&folder, &|_| true)
    }

    /// A journal with so many posts and twice as many photos, made anew when the schema changed.
    fn journal(&self, posts: usize) -> Result<PathBuf> {
        let journal = self.folder.join(format!("journal-{posts}"));
        let schema = files_below(&root().join("src-tauri/core/store/migrations"), &|_| true)?;
        once_per_content(&self.folder.join(format!("journal-{posts}.made-for")), &schema, || {
            if journal.exists() {
                std::fs::remove_dir_all(&journal)?;
            }
            sample::make(&sample::Size { posts, photos: None }, &journal, None)
        })?;
        Ok(journal)
    }
}

/// The window as people build it first: without optimisation.
fn build_window() -> Result<()> {
    ui::build()?;
    run(cargo().args(["build", "--bin", "sampan"]))
}

/// A job that says how far it is, a word a line, and ends when its input does.
struct Running {
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(command: &mut Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take().context("a job speaks")?);
        Ok(Self { child, input, lines: BufReader::new(output).lines() })
    }

    fn id(&self) -> u32 {
        self.child.id()
    }

    fn until(&mut self, word: &str) -> Result<()> {
        for line in self.lines.by_ref() {
            if line? == word {
                return Ok(());
            }
        }
        bail!("it ended before it was {word}")
    }

    fn end(mut self) -> Result<()> {
        self.input = None;
        self.lines.by_ref().for_each(drop);
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { bail!("it failed ({status})") }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// The milliseconds on the last line of what a job prints.
fn reported(command: &mut Command) -> Result<f64> {
    let printed = output(command)?;
    let last = printed.lines().last().unwrap_or_default();
    last.trim().parse().with_context(|| format!("no time in: {printed}"))
}

fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_the_times_counts() {
        assert!((middle(vec![9.0, 1.0, 5.0]) - 5.0).abs() < f64::EPSILON);
        assert!(middle(Vec::new()).is_nan());
    }
}
