//! What the system tells a person who does not look at the window: a real notification daemon on the stage.

use std::process::{Command, Stdio};

use anyhow::Result;
use serde_json::Value;

use crate::{
    display::{Held, tied},
    repository::output,
    stage::Stage,
    webdriver::until,
};

/// The daemon, with everything that it was asked to show.
pub struct Daemon<'a> {
    stage: &'a Stage,
    _running: Held,
}

impl<'a> Daemon<'a> {
    /// Starts it and waits until it listens.
    pub fn start(stage: &'a Stage) -> Result<Self> {
        let mut command = tied("dunst");
        // Its own settings, so that nobody's configuration changes what is seen.
        command.args(["-config", "/dev/null"]).stdout(Stdio::null()).stderr(Stdio::null());
        let daemon = Self { stage, _running: Held::start(stage.lend(&mut command))? };
        until("dunst to listen", || Ok(daemon.ask(&["count", "history"]).ok().map(drop)))?;
        Ok(daemon)
    }

    /// How many are on the screen, or wait for it, or were there.
    pub fn count(&self) -> Result<usize> {
        let counts = ["displayed", "waiting", "history"].map(|which| self.ask(&["count", which]));
        let mut all = 0;
        for count in counts {
            all += count?.trim().parse::<usize>()?;
        }
        Ok(all)
    }

    /// Clicks on the one on the screen.
    pub fn click(&self) -> Result<()> {
        self.ask(&["action", "0"]).map(drop)
    }

    /// Title and text of the last one that is gone from the screen; nothing while there is none.
    pub fn last(&self) -> Result<Option<(String, String)>> {
        let history: Value = serde_json::from_str(&self.ask(&["history"])?)?;
        let Some(last) = history.pointer("/data/0/0") else { return Ok(None) };
        let said = |field: &str| {
            last.pointer(&format!("/{field}/data")).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        Ok(Some((said("summary"), said("body"))))
    }

    fn ask(&self, words: &[&str]) -> Result<String> {
        output(self.stage.lend(Command::new("dunstctl").args(words).stderr(Stdio::null())))
    }
}
