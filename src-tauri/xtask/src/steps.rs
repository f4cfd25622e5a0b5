//! Named steps, one after the other, with their seconds; the first failure ends them. Says nothing of what a step does.

use std::time::Instant;

use anyhow::{Context, Result, bail};

/// What a step really ran: its number of tests, or one for a step that is a single check.
pub type Checks = u32;

/// A run of steps and its tally.
pub struct Steps {
    only: Option<String>,
    passed: Checks,
    started: Instant,
}

impl Steps {
    /// Begins a run; with `only`, the steps whose name does not contain it are skipped.
    pub fn new(only: Option<&str>) -> Self {
        Self { only: only.map(str::to_owned), passed: 0, started: Instant::now() }
    }

    /// Runs one step where it can be run: what it takes is there on Linux alone. Elsewhere it says so.
    pub fn step_on_linux(&mut self, name: &str, work: impl FnOnce() -> Result<Checks>) -> Result<()> {
        if cfg!(target_os = "linux") {
            return self.step(name, work);
        }
        if self.is_wanted(name) {
            println!("\n=== {name}: left out, it needs Linux");
        }
        Ok(())
    }

    /// Runs one step.
    pub fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Checks>) -> Result<()> {
        if !self.is_wanted(name) {
            return Ok(());
        }
        println!("\n=== {name}");
        let started = Instant::now();
        let checks = work().with_context(|| format!("step \"{name}\" failed"));
        let seconds = started.elapsed().as_secs_f32();
        match checks {
            Ok(checks) => {
                self.passed += checks;
                println!("=== {name}: ok, {seconds:.1} s");
                Ok(())
            }
            Err(error) => {
                println!("=== {name}: FAILED, {seconds:.1} s");
                println!("\n{} passed, 1 failed", self.passed);
                Err(error)
            }
        }
    }

    fn is_wanted(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only))
    }

    /// Prints the tally. A run in which nothing was checked is a failure, not a success.
    pub fn finish(self) -> Result<()> {
        if self.passed == 0 {
            bail!("no step was run: nothing has this name");
        }
        println!("\nall steps in {:.0} s", self.started.elapsed().as_secs_f32());
        println!("{} passed, 0 failed", self.passed);
        Ok(())
    }
}
