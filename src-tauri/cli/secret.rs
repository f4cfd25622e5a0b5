//! Secrets as they are given: in an environment variable, on the terminal without being shown, on the standard input. Keeps none.

use std::io::{self, BufRead, IsTerminal, Read};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use sampan_core::api::types::KeepSecret;
use sampan_core::domain::Secret;

use crate::arguments::{Keep, SignInOptions};
use crate::failure::{Complaint, Outcome};
use crate::tongue::Tongue;

/// Longer ones are no passwords and no tokens.
const LONGEST: u64 = 64 << 10;

/// What is piped is there within two seconds, unless another program has to be asked for it first; that is announced.
const AT_ONCE: Duration = Duration::from_secs(2);

/// A secret and what the user said about keeping it.
pub struct Given {
    /// The secret.
    pub secret: Secret,
    /// Where it shall be kept, if that was said.
    pub keep: Option<KeepSecret>,
    /// The variable it came from.
    variable: Option<String>,
}

impl Given {
    /// What is kept where there is no keychain: the name of the variable, if there was one and nothing else was asked for.
    pub fn fallback(&self) -> Option<KeepSecret> {
        let name = self.variable.clone().filter(|_| self.keep.is_none())?;
        Some(KeepSecret::Environment { name })
    }
}

/// The secret that a variable holds, if one was named.
fn from_variable(options: &SignInOptions) -> Outcome<Option<Given>> {
    let Some(name) = options.secret_env.as_ref().or(options.token_env.as_ref()) else { return Ok(None) };
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| Complaint::NoVariable(name.clone()))?;
    Ok(Some(Given { secret: Secret::new(value), keep: keep(options), variable: Some(name.clone()) }))
}

/// The secret from a variable, else, if it `is_needed`, from the person at the terminal or the standard input. Where one can sign in
/// in the browser instead, a line of the standard input counts that is there at once: a pipe that somebody left open never ends.
pub fn ask(options: &SignInOptions, is_needed: bool, tongue: Tongue) -> Outcome<Option<Given>> {
    if let Some(given) = from_variable(options)? {
        return Ok(Some(given));
    }
    let secret = match (io::stdin().is_terminal(), is_needed) {
        (true, true) => prompt(tongue),
        (true, false) => None,
        (false, true) => from_input()?,
        (false, false) => at_once()?,
    };
    Ok(secret.map(|secret| Given { secret, keep: keep(options), variable: None }))
}

/// Where the secret shall be kept.
pub fn keep(options: &SignInOptions) -> Option<KeepSecret> {
    Some(match options.keep? {
        Keep::Keychain => KeepSecret::Keychain,
        Keep::File => KeepSecret::File,
        Keep::Session => KeepSecret::Session,
    })
}

/// Asks on the terminal; what is typed is not shown.
fn prompt(tongue: Tongue) -> Option<Secret> {
    let terminal = console::Term::stderr();
    terminal.write_str(tongue.pick("Password or token: ", "密码或令牌：")).ok()?;
    terminal.read_secure_line().ok().filter(|line| !line.is_empty()).map(Secret::new)
}

/// The first line of the standard input, if it is there at once.
fn at_once() -> Outcome<Option<Secret>> {
    let (tell, told) = mpsc::channel();
    // Who reads in vain ends with the program.
    thread::spawn(move || tell.send(from_input()));
    told.recv_timeout(AT_ONCE).unwrap_or(Ok(None))
}

/// The first line of the standard input; nothing where that is empty or closed.
fn from_input() -> Outcome<Option<Secret>> {
    let mut text = String::new();
    let read = io::stdin().lock().take(LONGEST).read_line(&mut text);
    read.map_err(|_| Complaint::NotUtf8("stdin".to_owned()))?;
    let line = Some(text.trim_end_matches(['\r', '\n'])).filter(|line| !line.is_empty());
    let line = line.map(|line| Secret::new(line.to_owned()));
    drop(Secret::new(text));
    Ok(line)
}
