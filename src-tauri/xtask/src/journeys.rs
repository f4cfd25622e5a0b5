//! Journeys through the real window: only what no lower test can show. Each is a promise in words.

mod leaving;
mod notices;
mod sending;
mod writing;

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{repository::run, stage::Stage, steps::Checks, webdriver::until};

type Journey = fn(&Stage) -> Result<()>;

const JOURNEYS: &[(&str, Journey)] = &[
    ("the window opens on the journal that was named", opens),
    ("nothing foreign can run in the page", is_closed),
    ("the page may call its own commands and no others", has_few_rights),
    ("the system's request to end closes the window like a click", ends_when_asked),
    ("a second start brings the first window to the front and ends", is_one_per_journal),
    ("text in two languages outlives a kill one second after the last key", writing::text_outlives_a_kill),
    ("closing right after a key loses nothing", writing::closing_saves),
    ("six photos and a clip come back after a kill, and the clip plays", writing::media_come_back_and_play),
    (
        "a post written offline arrives by itself and once; a change on both sides is told of and solved",
        sending::post_arrives_and_conflict_is_solved,
    ),
    (
        "who types on and closes the window while a post leaves finds it sent once, and no word lost",
        leaving::nothing_is_doubled_or_lost,
    ),
    ("every screen opens without an error and within the page's policy", opens_every_screen),
    ("the window comes back in the size it was left in", remembers_its_size),
    ("the menu comes and goes with its room", shows_its_menu),
];

/// Runs every journey whose promise contains `only`, each on a stage of its own; returns how many there were.
pub fn run_all(only: &str) -> Result<Checks> {
    let mut passed = 0;
    for (promise, journey) in JOURNEYS.iter().filter(|(promise, _)| promise.contains(only)) {
        let stage = Stage::new()?;
        journey(&stage).with_context(|| format!("broken promise: {promise}"))?;
        println!("    {promise} ... ok");
        passed += 1;
    }
    Ok(passed)
}

fn journal(stage: &Stage) -> PathBuf {
    stage.home().join("日记 journal")
}

fn opens(stage: &Stage) -> Result<()> {
    let window = stage.open(&journal(stage))?;
    let state = window.invoke("shell_state", &json!({}))?;
    ensure!(state.get("platform") == Some(&json!("linux")), "{state}");
    ensure!(state.get("error") == Some(&Value::Null), "{state}");
    let folder = state.get("journal").and_then(Value::as_str).unwrap_or_default();
    ensure!(folder.ends_with("日记 journal"), "{state}");
    ensure!(journal(stage).join("journal.db").is_file(), "the journal was not made");
    Ok(())
}

fn is_closed(stage: &Stage) -> Result<()> {
    let window = stage.open(&journal(stage))?;
    for attempt in
        ["new Function('return 1')()", "Object.assign(document.createElement('div'), { innerHTML: '<b>x</b>' })"]
    {
        let outcome =
            window.script(&format!("try {{ {attempt}; return 'ran' }} catch (error) {{ return 'refused' }}"), &[])?;
        ensure!(outcome == json!("refused"), "`{attempt}` ran");
    }
    let remote = "fetch('https://example.org/').then(() => 'loaded', () => 'refused')";
    ensure!(window.script_async(remote)? == json!("refused"), "a remote address was loaded");
    window.script("location.href = 'https://example.org/'; return 1", &[])?;
    window.script("window.open('https://example.org/'); return 1", &[])?;
    window.until("the page to stay where it is", "return location.protocol === 'tauri:'")?;
    Ok(())
}

fn has_few_rights(stage: &Stage) -> Result<()> {
    let window = stage.open(&journal(stage))?;
    for command in
        ["plugin:fs|read_file", "plugin:shell|open", "plugin:dialog|open", "plugin:window|destroy", "unheard_of"]
    {
        ensure!(window.invoke(command, &json!({})).is_err(), "`{command}` was not refused");
    }
    for url in ["file:///etc/passwd", "javascript:alert(1)", "smb://server/share"] {
        ensure!(window.invoke("open_link", &json!({ "url": url })).is_err(), "{url} was opened");
    }
    ensure!(window.invoke("reveal", &json!({ "path": "/etc" })).is_err(), "a foreign folder was shown");
    Ok(())
}

fn ends_when_asked(stage: &Stage) -> Result<()> {
    let window = stage.open(&journal(stage))?;
    let id = window.program_id()?;
    run(Command::new("kill").args(["-TERM", &id.to_string()]))?;
    until("the program to end", || Ok(std::fs::read_link(format!("/proc/{id}/exe")).is_err().then_some(())))
}

fn is_one_per_journal(stage: &Stage) -> Result<()> {
    let window = stage.open(&journal(stage))?;
    let first = window.program_id()?;
    let mut second = stage.program(&journal(stage)).spawn()?;
    let status = until("the second start to end", || Ok(second.try_wait()?))?;
    ensure!(status.success(), "the second start ended with {status}");
    ensure!(window.program_id()? == first, "the first window is gone");
    Ok(())
}

fn opens_every_screen(stage: &Stage) -> Result<()> {
    let window = stage.open(&journal(stage))?;
    let listen = "window.faults = [];
        addEventListener('securitypolicyviolation', event => faults.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`));
        addEventListener('error', event => faults.push(String(event.message)));
        addEventListener('unhandledrejection', event => faults.push(String(event.reason)));
        return true";
    window.script(listen, &[])?;
    for address in ["#/journal", "#/drafts", "#/edit/new", "#/outbox", "#/feeds", "#/bin", "#/settings", "#/journal"] {
        window.go(address)?;
        window.until("the screen to be drawn", "return document.querySelector('main *') !== null")?;
    }
    let faults = window.script("return window.faults", &[])?;
    ensure!(faults == json!([]), "{faults}");
    Ok(())
}

fn remembers_its_size(stage: &Stage) -> Result<()> {
    let window = stage.open(&journal(stage))?;
    let id = window.program_id()?;
    window.resize(1000, 700)?;
    window.until("the new size", "return innerWidth === 1000 && innerHeight === 700")?;
    run(Command::new("kill").args(["-TERM", &id.to_string()]))?;
    until("the program to end", || Ok(std::fs::read_link(format!("/proc/{id}/exe")).is_err().then_some(())))?;
    drop(window);
    let window = stage.open(&journal(stage))?;
    window.until("the size from before", "return innerWidth === 1000 && innerHeight === 700").map(drop)
}

fn shows_its_menu(stage: &Stage) -> Result<()> {
    let window = stage.open(&journal(stage))?;
    let height = window.script("return innerHeight", &[])?;
    window.invoke("menu_show", &json!({ "visible": true }))?;
    window.until("the menu to take its room", &format!("return innerHeight < {height}"))?;
    window.invoke("menu_show", &json!({ "visible": false }))?;
    window.until("the menu to give its room back", &format!("return innerHeight === {height}"))?;
    Ok(())
}
