//! `cargo xtask test`: everything that a change must pass, cheapest first. Each step is a name and a command.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{
    bundle, journeys, packages,
    repository::{cargo, npm, run},
    servers, setup,
    steps::{Checks, Steps},
    tidy, ui,
};

/// The features that need no WebView: the core and the terminal program.
pub const WITHOUT_WINDOW: [&str; 3] = ["--no-default-features", "--features", "fast-jpeg,heic"];

/// All steps, or those whose name contains `only`.
pub fn all(only: Option<&str>) -> Result<()> {
    let mut steps = Steps::new(only);
    steps.step("set-up", || setup::everything().map(|()| 1))?;
    steps.step("format", || once(cargo().args(["fmt", "--all", "--check"])))?;
    steps.step("tidy", || tidy::check().map(|_| 1))?;
    steps.step("interface: types", || once(npm().args(["run", "check", "--silent"])))?;
    steps.step("interface: unit tests", || counted(npm().args(["test", "--silent"]).env("NO_COLOR", "1")))?;
    steps.step("interface: build", || ui::build().map(|()| 1))?;
    steps.step("interface: journeys in a browser", browser_journeys)?;
    steps.step("core: clippy without the window", || {
        once(
            cargo()
                .args(["clippy", "--package", "sampan", "--all-targets"])
                .args(WITHOUT_WINDOW)
                .args(["--", "-D", "warnings"]),
        )
    })?;
    steps.step("core: tests without the window", || {
        counted(cargo().args(["test", "--package", "sampan"]).args(WITHOUT_WINDOW))
    })?;
    steps.step_on_linux("servers", servers::test)?;
    steps.step("window: clippy", || {
        once(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    })?;
    steps.step("window: build", || once(cargo().args(["build", "--bins"])))?;
    steps.step("window: unit tests", || counted(cargo().args(["test", "--package", "sampan", "--bin", "sampan"])))?;
    steps.step_on_linux("window: journeys", || journeys::run_all(""))?;
    steps.step("xtask: unit tests", || counted(cargo().args(["test", "--package", "xtask"])))?;
    steps.step_on_linux("bundles", bundle::debug_packages)?;
    steps.finish()
}

/// Writes the contract's TypeScript types again. That they are fresh is a test of the core.
pub fn write_bindings() -> Result<()> {
    run(cargo()
        .args(["test", "--quiet", "--package", "sampan", "--lib"])
        .args(WITHOUT_WINDOW)
        .arg("bindings_are_fresh")
        .env("UPDATE_BINDINGS", "1"))
}

fn browser_journeys() -> Result<Checks> {
    let browser = packages::browser().context("no Chromium or Chrome was found")?;
    counted(npm().args(["run", "e2e", "--silent"]).env("CHROMIUM", browser).env("NO_COLOR", "1"))
}

/// A step that is one command, passed or not.
fn once(command: &mut Command) -> Result<Checks> {
    run(command.stdin(Stdio::null())).map(|()| 1)
}

/// A step of tests: shows what the runner prints and adds up its tests.
pub fn counted(command: &mut Command) -> Result<Checks> {
    heard(command, |_| ())
}

/// The same, with somebody who hears every line.
pub fn heard(command: &mut Command, mut hear: impl FnMut(&str)) -> Result<Checks> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut passed = 0;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            passed += tests_in(&line).unwrap_or(0);
            hear(&line);
            println!("{line}");
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("tests failed ({status})");
    }
    if passed == 0 {
        bail!("not one test was run");
    }
    Ok(passed)
}

/// The number of tests in a runner's last line: cargo's "test result: ok. 12 passed; 0 failed", Vitest's
/// "Tests  12 passed (12)", Node's "# pass 12".
fn tests_in(line: &str) -> Option<Checks> {
    let line = line.trim_start_matches(['#', 'ℹ']).trim();
    if let Some(count) = line.strip_prefix("pass ") {
        return count.parse().ok();
    }
    let rest = line.strip_prefix("test result: ok. ").or(line.strip_prefix("Tests "))?;
    rest.split_once(" passed")?.0.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tally_reads_the_three_runners_and_nothing_else() {
        assert_eq!(tests_in("test result: ok. 12 passed; 0 failed; 0 ignored"), Some(12));
        assert_eq!(tests_in("test result: FAILED. 12 passed; 1 failed"), None);
        assert_eq!(tests_in("test something ... ok"), None);
        assert_eq!(tests_in("      Tests  591 passed (591)"), Some(591));
        assert_eq!(tests_in(" Test Files  19 passed (19)"), None);
        assert_eq!(tests_in("# pass 7"), Some(7));
    }
}
