//! `cargo xtask campaign`: more of everything than each change must stand, and one table of what it came to.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    process::Command,
};

use anyhow::Result;

use crate::{
    check::{self, WITHOUT_WINDOW},
    keychain,
    repository::cargo,
    servers,
    steps::Checks,
};

/// What a campaign is made of; none of the first two leaves it out.
pub struct Campaign {
    /// Kills at random moments.
    pub kills: u32,
    /// Thousands of histories on bad networks.
    pub thousands: u32,
    /// Faults at requests to each real server, all if it is not said how many; absent leaves the servers out.
    pub contract: Option<Option<u32>>,
    /// Plays a failure again.
    pub seed: Option<u64>,
}

/// What the tests counted, row by row as they printed it.
#[derive(Default)]
pub struct Sums(Vec<String>);

impl Sums {
    /// Runs tests, shows what they print, and keeps the rows of their tables.
    pub fn run(&mut self, command: &mut Command) -> Result<Checks> {
        check::heard(command, |line| self.0.extend(row(line).map(str::to_owned)))
    }

    fn print(&self) {
        println!("\n| what | runs | doubled | lost | not as written | false \"synced\" | asked the user |");
        println!("|---|---|---|---|---|---|---|");
        self.0.iter().for_each(|row| println!("{row}"));
    }
}

/// The row of a table in a line, which a test's name may stand before.
fn row(line: &str) -> Option<&str> {
    let (at, _) = line.match_indices("| ").next()?;
    line.get(at..).filter(|row| row.ends_with(" |"))
}

/// Everything that is wanted, and the table, also when something failed.
pub fn run(wanted: &Campaign) -> Result<()> {
    let mut sums = Sums::default();
    let done =
        [histories(wanted, &mut sums), random_kills(wanted, &mut sums), locked_keychain(), contract(wanted, &mut sums)];
    sums.print();
    done.into_iter().collect()
}

fn histories(wanted: &Campaign, sums: &mut Sums) -> Result<()> {
    if wanted.thousands == 0 {
        return Ok(());
    }
    let seed = wanted.seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    println!("{} thousand histories from seed {seed}", wanted.thousands);
    let mut command = cargo();
    command.args(["test", "--quiet", "--package", "sampan", "--lib"]).args(WITHOUT_WINDOW);
    command.args(["--", "--nocapture", "simulation::", "histories::"]);
    command.env("SAMPAN_HISTORIES", wanted.thousands.to_string()).env("SAMPAN_SEED", seed.to_string());
    sums.run(&mut command).map(drop)
}

fn random_kills(wanted: &Campaign, sums: &mut Sums) -> Result<()> {
    if wanted.kills == 0 {
        return Ok(());
    }
    let mut command = cargo();
    command.args(["test", "--quiet", "--package", "sampan", "--test", "it"]).args(WITHOUT_WINDOW);
    command.args(["kill::", "--", "--nocapture"]).env("SAMPAN_KILLS", wanted.kills.to_string());
    command.envs(wanted.seed.map(|seed| ("SAMPAN_SEED", seed.to_string())));
    sums.run(&mut command).map(drop)
}

fn locked_keychain() -> Result<()> {
    if cfg!(target_os = "linux") { keychain::campaign() } else { Ok(()) }
}

fn contract(wanted: &Campaign, sums: &mut Sums) -> Result<()> {
    match wanted.contract {
        Some(cases) => servers::campaign(wanted.seed, cases, sums).map(drop),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_behind_the_name_of_a_test() {
        assert_eq!(row("| WordPress | 1 | 0 |"), Some("| WordPress | 1 | 0 |"));
        assert_eq!(row("test contract::it ... | WordPress | 1 |"), Some("| WordPress | 1 |"));
        assert_eq!((row("a | b"), row("test result: ok."), row("|| x")), (None, None, None));
    }
}
