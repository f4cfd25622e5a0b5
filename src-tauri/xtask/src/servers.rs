//! Real servers for tests, on free ports of this computer: each is installed below the target folder, started with nothing in
//! it, and gone with its data when the errand ends, however it ends. What the tests do with them stands in `tests/servers`.

mod mastodon;
mod micropub;
mod python;
mod wordpress;

use std::{
    fs,
    io::{self, Read},
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    process,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::{
    campaign::Sums,
    check::WITHOUT_WINDOW,
    repository::{cargo, target},
    steps::Checks,
};

/// Installs what is missing and starts a server.
type Start = fn() -> Result<Server>;

/// Every server by its name, which is the module of its tests, too.
const ALL: &[(&str, Start)] =
    &[("mastodon", mastodon::start), ("micropub", micropub::start), ("wordpress", wordpress::start)];

/// Those that only the campaign starts, and who asks for one by its whole name.
const LARGE: &[(&str, Start)] = &[(ON_MARIADB, wordpress::start_on_mariadb)];
const ON_MARIADB: &str = "wordpress-mariadb";

/// A server may take this long to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process without children of its own, which ends when it is dropped.
struct Child(process::Child);

/// A server that runs until it is dropped.
pub struct Server {
    /// As people call it.
    pub name: &'static str,
    /// Where it listens.
    pub port: u16,
    /// What the tests are told: its address and its credentials.
    pub environment: Vec<(String, String)>,
    /// The process that answers.
    child: Child,
    /// One that it needs, which ends after it.
    #[expect(dead_code, reason = "it runs as long as it is held")]
    beside: Option<Child>,
    /// Its files, with `server.log`; goes with it.
    folder: TempDir,
}

/// Starts every server, runs their tests and stops them.
pub fn test() -> Result<Checks> {
    run_tests(("", ""), &[], &mut Sums::default())
}

/// The same with every fault at every request, or as many cases as are wanted, where [`test`] tries some of them; and with
/// WordPress on MariaDB, too.
pub fn campaign(seed: Option<u64>, cases: Option<u32>, sums: &mut Sums) -> Result<Checks> {
    let seed = seed.map(|seed| ("SAMPAN_SEED", seed.to_string()));
    let cases = ("SAMPAN_CONTRACT", cases.map_or_else(|| "all".to_owned(), |cases| cases.to_string()));
    let choices: Vec<_> = seed.into_iter().chain([cases]).collect();
    let everywhere = run_tests(("", ""), &choices, sums);
    Ok(run_tests((ON_MARIADB, "wordpress"), &choices, sums)? + everywhere?)
}

/// Runs the tests with `named` in their names against the servers that `only` means.
fn run_tests((only, named): (&str, &str), choices: &[(&str, String)], sums: &mut Sums) -> Result<Checks> {
    let servers = start(only)?;
    let mut command = cargo();
    command.args(["test", "--package", "sampan", "--test", "servers"]).args(WITHOUT_WINDOW);
    // What was counted is shown, too.
    command.args([named, "--", "--show-output"]).envs(choices.iter().cloned());
    command.envs(servers.iter().flat_map(|server| server.environment.iter().cloned()));
    let (_site, told) = wordpress::mortal().context("there is no WordPress that may die")?;
    command.envs(told);
    sums.run(&mut command)
}

/// Starts one server.
pub fn one(name: &str) -> Result<Server> {
    let found = ALL.iter().find(|(known, _)| *known == name).with_context(|| format!("there is no server {name}"))?;
    (found.1)().with_context(|| format!("{name} was not started"))
}

/// A WordPress that is reached through another port, and takes that for its own.
pub fn wordpress_behind(front: u16) -> Result<Server> {
    wordpress::start_behind(front).context("WordPress was not started")
}

/// Starts the servers that `only` means and leaves them running until the input ends or a line is typed.
pub fn open(only: &str) -> Result<()> {
    let servers = start(only)?;
    for server in &servers {
        println!("\n# {}", server.name);
        for (name, value) in &server.environment {
            println!("export {name}='{value}'");
        }
    }
    println!("\nPress Enter to stop.");
    io::stdin().read_exact(&mut [0]).or_else(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Ok(()),
        _ => Err(error),
    })?;
    Ok(())
}

/// Starts the servers whose name contains `only`, and the large one that has that name; they run until they are dropped.
pub fn start(only: &str) -> Result<Vec<Server>> {
    if !cfg!(target_os = "linux") {
        bail!("the real servers are set up on Linux only, from Debian's packages");
    }
    let large = LARGE.iter().filter(|(name, _)| *name == only);
    let wanted = ALL.iter().filter(|(name, _)| name.contains(only)).chain(large);
    wanted.map(|(name, start)| start().with_context(|| format!("{name} was not started"))).collect()
}

/// Where servers are installed.
fn folder() -> PathBuf {
    target().join("xtask/servers")
}

/// A new folder for the files of one run.
fn runfolder(name: &str) -> Result<TempDir> {
    fs::create_dir_all(folder())?;
    Ok(tempfile::Builder::new().prefix(&format!("{name}-")).tempdir_in(folder())?)
}

/// A port that nobody listens on.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

impl Server {
    /// Something that the tests are told.
    pub fn told(&self, name: &str) -> Result<&str> {
        let told = self.environment.iter().find(|(known, _)| known == name);
        told.map(|(_, value)| value.as_str()).with_context(|| format!("{} says nothing of {name}", self.name))
    }

    /// Answers the server once the address answers, and says what it logged if it never does.
    fn wait_for(mut self, url: &str) -> Result<Self> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(status) = self.child.0.try_wait()? {
                bail!("{} ended ({status}):\n{}", self.name, self.log());
            }
            if ureq::get(url).call().is_ok() {
                println!("{} answers after {:.1} s", self.name, started.elapsed().as_secs_f32());
                return Ok(self);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("{} does not answer:\n{}", self.name, self.log())
    }

    /// How many milliseconds each request took by the server's own clock, for a server that says so.
    pub fn times(&self) -> Result<Vec<f64>> {
        let times = fs::read_to_string(self.folder.path().join("times.log")).unwrap_or_default();
        times.lines().map(|line| Ok(line.parse()?)).collect()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}
