//! A place to run the real program: a display, a home folder that nobody lives in, and the window under remote control.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;
use tempfile::TempDir;

use crate::{
    display::Display,
    repository::target,
    webdriver::{Home, Window},
};

/// Everything that a run of the program needs around it.
pub struct Stage {
    display: Display,
    program: PathBuf,
    folder: TempDir,
    language: &'static str,
}

impl Stage {
    /// A stage for the debug build, on a system that speaks English.
    pub fn new() -> Result<Self> {
        Self::speaking("en_GB.UTF-8")
    }

    /// A stage on a system that speaks another language, named as in `LANG`.
    pub fn speaking(language: &'static str) -> Result<Self> {
        Ok(Self {
            display: Display::start()?,
            program: target().join("debug/sampan"),
            folder: tempfile::Builder::new().prefix("sampan-stage-").tempdir()?,
            language,
        })
    }

    /// The folder that stands for a person's home.
    pub fn home(&self) -> &Path {
        self.folder.path()
    }

    /// Opens the window on a journal. A start that comes while the session bus still knows a program that was just
    /// killed gives way to it, so it is tried again.
    pub fn open(&self, journal: &Path) -> Result<Window> {
        let home = Home { folder: self.home(), language: self.language };
        let journal = journal.display().to_string();
        let open = || Window::open(&self.display, &home, &self.program, &["--journal", &journal]);
        open().or_else(|_| open()).or_else(|_| open())
    }

    /// Lets another program use this screen and this session.
    pub fn lend<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        self.display.lend(command)
    }

    /// The program as a person would start it a second time.
    pub fn program(&self, journal: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--journal").arg(journal).env("HOME", self.home());
        self.display.lend(&mut command);
        command
    }
}
