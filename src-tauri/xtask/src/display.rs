//! A screen without a monitor and a session bus, for as long as they are held. Linux only.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// A child process that ends with its owner.
pub struct Held(Child);

impl Held {
    /// Starts it.
    pub fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::null()).spawn().map(Self).with_context(|| format!("{name} could not be started"))
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// The first line it prints, which tells where it can be reached.
    fn first_line(&mut self) -> Result<String> {
        let output: Box<dyn Read> = match self.0.stdout.take() {
            Some(output) => Box::new(output),
            None => bail!("its output was not kept"),
        };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        if line.trim().is_empty() {
            bail!("it ended without saying where it is");
        }
        Ok(line.trim().to_owned())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A command whose program ends when we do, even if we are killed and cannot end it ourselves.
pub fn tied(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", program]);
    command
}

/// A bus on which only the programs of the stage are: the computer's own services, such as a keychain, are not started on it.
const BUS: &str = "<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=FOLDER</listen>
  <auth>EXTERNAL</auth>
  <policy context='default'>
    <allow send_destination='*' eavesdrop='true'/>
    <allow eavesdrop='true'/>
    <allow own='*'/>
  </policy>
</busconfig>";

/// A screen and a session bus of our own.
pub struct Display {
    screen: String,
    bus: String,
    _held: [Held; 2],
    /// Where the bus listens. It goes after the bus.
    _folder: TempDir,
}

impl Display {
    /// Starts both; each chooses a free place itself and says which.
    pub fn start() -> Result<Self> {
        if !cfg!(target_os = "linux") {
            bail!("the window can be driven on Linux only, by Xvfb and WebKitWebDriver");
        }
        let mut screen = Held::start(
            tied("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", "1600x1100x24", "-nolisten", "tcp", "-noreset"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        )?;
        let folder = tempfile::Builder::new().prefix("sampan-bus-").tempdir()?;
        let rules = folder.path().join("rules.xml");
        write!(File::create(&rules)?, "{}", BUS.replace("FOLDER", &folder.path().display().to_string()))?;
        let mut bus = Held::start(
            tied("dbus-daemon")
                .arg("--config-file")
                .arg(rules)
                .args(["--nofork", "--print-address=1"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        )?;
        Ok(Self {
            screen: format!(":{}", screen.first_line().context("Xvfb gave no display")?),
            bus: bus.first_line().context("dbus-daemon gave no address")?,
            _held: [screen, bus],
            _folder: folder,
        })
    }

    /// Lets a program use this screen and this bus, and nothing of the person's own session.
    pub fn lend<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("DISPLAY", &self.screen)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("GTK_A11Y", "none")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env_remove("WAYLAND_DISPLAY")
    }
}
