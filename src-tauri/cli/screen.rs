//! Where answers and messages go: one JSON value or lines on standard output, messages on standard error.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::failure::{ErrorJson, Failure, Outcome};
use crate::tongue::Tongue;

/// Standard output and standard error of this run.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Whether answers are JSON.
    pub json: bool,
    /// The language of messages.
    pub tongue: Tongue,
}

#[derive(Serialize)]
struct ErrorAnswer {
    error: ErrorJson,
}

impl Screen {
    /// Prints an answer: the value as JSON, or the text.
    pub fn answer(&self, value: &impl Serialize, text: impl FnOnce(Tongue) -> String) -> Outcome<()> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        if self.json {
            serde_json::to_writer(&mut out, value).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        } else {
            out.write_all(text(self.tongue).as_bytes())?;
        }
        Ok(out.flush()?)
    }

    /// A message for the person at the terminal. If nobody listens any more, that is their choice.
    pub fn note(&self, text: &str) {
        drop(writeln!(io::stderr().lock(), "{text}"));
    }

    /// Says what went wrong.
    pub fn failure(&self, failure: &Failure) {
        if let Some(words) = failure.words(self.tongue) {
            self.note(&format!("sampan-cli: {words}"));
        }
        if self.json {
            self.error_value(failure);
        }
    }

    /// The JSON value of an error, for programs that read standard output alone.
    pub fn error_value(&self, failure: &Failure) {
        if let Some(error) = failure.json(self.tongue) {
            // A closed pipe cannot be told that it is closed.
            drop(self.answer(&ErrorAnswer { error }, |_| String::new()));
        }
    }

    /// Whether a progress bar has somebody to look at it.
    pub fn shows_progress(&self) -> bool {
        io::stderr().is_terminal()
    }
}
