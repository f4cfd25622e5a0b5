//! A small WebDriver client (W3C WebDriver, for WebKitWebDriver) that drives our window. It waits for states, never for time.

use std::{
    net::TcpListener,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::display::{Display, Held, tied};

/// How long a state may take to come. Generous: a loaded machine is slow, and a state that comes early ends the wait.
const PATIENCE: Duration = Duration::from_secs(30);

/// The name of an element's reference in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Where the program under test keeps its things, so that nothing of the person's own is touched.
pub struct Home<'a> {
    /// Stands for the person's home folder.
    pub folder: &'a Path,
    /// `LANG`, such as `en_GB.UTF-8` or `zh_CN.UTF-8`.
    pub language: &'a str,
}

/// A window under remote control; closed when dropped.
pub struct Window {
    agent: ureq::Agent,
    session: String,
    driver: Held,
}

impl Window {
    /// Starts the program and waits until its page is there.
    pub fn open(display: &Display, home: &Home, program: &Path, arguments: &[&str]) -> Result<Self> {
        let port = free_port()?;
        let mut command = tied("WebKitWebDriver");
        command
            .arg(format!("--port={port}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("HOME", home.folder)
            .env("XDG_DATA_HOME", home.folder.join(".local/share"))
            .env("XDG_CONFIG_HOME", home.folder.join(".config"))
            .env("XDG_CACHE_HOME", home.folder.join(".cache"))
            .env("XDG_STATE_HOME", home.folder.join(".local/state"))
            // Nobody's browser is opened; what a page there would answer, the errand answers itself.
            .env("BROWSER", "true")
            .env("LANG", home.language)
            .env("LC_ALL", home.language)
            .env("LANGUAGE", home.language)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let driver = Held::start(display.lend(&mut command))?;
        let agent = ureq::Agent::new_with_config(
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build(),
        );
        let base = format!("http://127.0.0.1:{port}");
        until("WebKitWebDriver to answer", || Ok(agent.get(format!("{base}/status")).call().ok().map(|_| ())))?;
        let options = json!({ "binary": program, "args": arguments });
        let asked = json!({ "capabilities": { "alwaysMatch": { "webkitgtk:browserOptions": options } } });
        let answer =
            send(&agent, "POST", &format!("{base}/session"), Some(&asked)).context("the window did not open")?;
        let id = answer.get("sessionId").and_then(Value::as_str).context("the driver gave no session")?;
        let window = Self { session: format!("{base}/session/{id}"), agent, driver };
        window.until("the page to be loaded", "return document.readyState === 'complete'")?;
        Ok(window)
    }

    /// Runs a script in the page: a function's body, with its arguments in `arguments`.
    pub fn script(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        self.post("execute/sync", &json!({ "script": body, "args": arguments }))
            .with_context(|| format!("script: {body}"))
    }

    /// Runs a script whose promise is waited for.
    pub fn script_async(&self, expression: &str) -> Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1]; Promise.resolve({expression}).then(value => done({{ value }}), error => done({{ error: JSON.stringify(error) + String(error) }}));"
        );
        let answer = self.post("execute/async", &json!({ "script": script, "args": [] }))?;
        match answer.get("error").and_then(Value::as_str) {
            Some(error) => Err(anyhow!("{expression}: {error}")),
            None => Ok(answer.get("value").cloned().unwrap_or(Value::Null)),
        }
    }

    /// Calls a command of the shell, as the page would.
    pub fn invoke(&self, command: &str, argument: &Value) -> Result<Value> {
        self.script_async(&format!("window.__TAURI_INTERNALS__.invoke({}, {argument})", json!(command)))
    }

    /// Calls a command of the core, as the page would.
    pub fn call(&self, name: &str, args: &Value) -> Result<Value> {
        self.invoke("call", &json!({ "name": name, "args": args }))
    }

    /// Goes to a place in the page, such as `#/outbox`.
    pub fn go(&self, address: &str) -> Result<()> {
        self.script("location.hash = arguments[0]", &[json!(address)]).map(drop)
    }

    /// The cards of all posts that are not in the bin.
    pub fn posts(&self) -> Result<Vec<Value>> {
        let filter = json!({ "text": "", "drafts": false, "photos": false, "clips": false, "needs": null, "topic": null, "feed": null, "deleted": false });
        let index = self.call("post_index", &filter)?;
        let ids: Vec<&Value> = index.as_array().into_iter().flatten().filter_map(|entry| entry.get("id")).collect();
        let cards = self.call("post_cards", &json!(ids))?;
        Ok(cards.as_array().cloned().unwrap_or_default())
    }

    /// Waits until a script's answer is true, or anything but empty.
    pub fn until(&self, what: &str, body: &str) -> Result<Value> {
        until(what, || {
            // A page that is being replaced cannot answer; the next one can.
            let answer = self.script(body, &[]).unwrap_or(Value::Null);
            Ok((!matches!(answer, Value::Null | Value::Bool(false))).then_some(answer))
        })
        .map_err(|error| match self.script("return document.body.innerText.slice(0, 600)", &[]) {
            Ok(text) => error.context(format!("the page says: {text}")),
            Err(_) => error,
        })
    }

    /// Waits for an element and gives its reference.
    pub fn find(&self, css: &str) -> Result<String> {
        let asked = json!({ "using": "css selector", "value": css });
        until(&format!("element {css}"), || {
            let found = self.post("element", &asked).ok();
            Ok(found.and_then(|found| found.get(ELEMENT)?.as_str().map(str::to_owned)))
        })
    }

    /// Types into an element, key by key.
    pub fn type_into(&self, css: &str, text: &str) -> Result<()> {
        let element = self.find(css)?;
        self.post(&format!("element/{element}/value"), &json!({ "text": text })).map(drop)
    }

    /// Presses the button with these words once it is there and can be pressed.
    pub fn press(&self, words: &str) -> Result<()> {
        let find = "const button = [...document.querySelectorAll('button')].find(one => one.textContent.trim() === ";
        let press = "); if (!button || button.disabled) return false; button.click(); return true";
        self.until(&format!("the button \"{words}\""), &format!("{find}{}{press}", json!(words))).map(drop)
    }

    /// The page as a PNG.
    pub fn picture(&self) -> Result<Vec<u8>> {
        // The driver takes the next frame that is drawn, and waits for ever where nothing changes.
        self.script(
            "let frames = 0; const style = document.documentElement.style; const flicker = setInterval(() => {
                frames += 1; style.opacity = frames % 2 ? '0.9999' : '';
                if (frames > 100) clearInterval(flicker); }, 16)",
            &[],
        )?;
        let picture = self.get("screenshot").context("no picture was taken")?;
        Ok(STANDARD.decode(picture.as_str().context("no picture was given")?)?)
    }

    /// Gives the page a size.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.post("window/rect", &json!({ "width": width, "height": height })).map(drop)
    }

    /// The process id of the program under test: the driver's child.
    pub fn program_id(&self) -> Result<u32> {
        let id = self.driver.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
        let child = children.split_whitespace().next().context("the program is not running")?;
        Ok(child.parse()?)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        send(&self.agent, "POST", &format!("{}/{path}", self.session), Some(body))
    }

    fn get(&self, path: &str) -> Result<Value> {
        send(&self.agent, "GET", &format!("{}/{path}", self.session), None)
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // Ends the program; if it is gone already there is nothing to end.
        let _ = send(&self.agent, "DELETE", &self.session, None);
    }
}

/// Asks again and again until there is an answer or the patience is at its end.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if started.elapsed() > PATIENCE {
            bail!("waited {} s in vain for {what}", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(30));
    }
}

fn send(agent: &ureq::Agent, method: &str, url: &str, body: Option<&Value>) -> Result<Value> {
    let mut response = match (method, body) {
        ("GET", _) => agent.get(url).call()?,
        ("DELETE", _) => agent.delete(url).call()?,
        (_, body) => agent.post(url).send_json(body.unwrap_or(&Value::Null))?,
    };
    let mut answer: Value = response.body_mut().with_config().limit(64 * 1024 * 1024).read_json()?;
    let value = answer.get_mut("value").map(Value::take).unwrap_or(Value::Null);
    if !response.status().is_success() {
        let message = value.get("message").or(value.get("error")).cloned().unwrap_or_default();
        bail!("{} ({message})", response.status());
    }
    Ok(value)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
