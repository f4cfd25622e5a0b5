//! What a person does on a screen before it is photographed, and afterwards to leave it as it was.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::webdriver::Window;

/// Asks the feed whether it is there.
pub fn test(window: &Window) -> Result<()> {
    window.script("[...document.querySelectorAll('main .test button')].at(-1).click(); return true", &[])?;
    window.until("the feed to answer", "return !document.querySelector('main .test button').disabled").map(drop)
}

/// Asks what would stay where if the feed were removed.
pub fn remove(window: &Window) -> Result<()> {
    window.script("[...document.querySelectorAll('main button')].at(-1).click(); return true", &[])?;
    window.until("the account of what stays", "return !!document.querySelector('[role=dialog]')").map(drop)
}

/// Pauses the feed that is shown.
pub fn pause(window: &Window) -> Result<()> {
    switch(window, false)
}

/// Goes on with it.
pub fn go_on(window: &Window) -> Result<()> {
    switch(window, true)
}

/// Uses the feed that is shown, or pauses it.
fn switch(window: &Window, on: bool) -> Result<()> {
    window
        .until(
            "the feed to be switched",
            &format!(
                "const one = document.querySelector('main .card [role=switch]');
                if (one?.ariaChecked === '{}') one.click();
                return one?.ariaChecked === '{on}'",
                !on
            ),
        )
        .map(drop)
}

/// Begins to sign in, in a browser that never comes back.
pub fn begin_in_browser(window: &Window) -> Result<()> {
    window.until(
        "the sign-in to wait for the browser",
        "if (document.querySelector('.again .note.wait')) return true;
        const keep = document.querySelector('.keep input[value=session]');
        if (keep && !keep.checked) { keep.click(); return false; }
        const go = keep ? [...document.querySelectorAll('.keep button')].at(-1) : document.querySelector('.again button');
        if (go && !go.disabled) go.click(); return false",
    )?;
    window.script("document.querySelector('.again').scrollIntoView({ block: 'center' }); return true", &[]).map(drop)
}

/// Gives the sign-in up.
pub fn give_up(window: &Window) -> Result<()> {
    window
        .until(
            "the sign-in to be given up",
            "const waits = document.querySelector('.again .note.wait');
        [...(waits?.querySelectorAll('button') ?? [])].at(-1)?.click(); return !waits",
        )
        .map(drop)
}

/// The blog is asked what it is; the network is slow, so that it takes a moment.
pub fn look_there(window: &Window) -> Result<()> {
    let places = window.call("feed_list", &Value::Null)?;
    let blog = places.as_array().into_iter().flatten().find(|feed| feed.get("kind") == Some(&json!("wordpress")));
    let place = blog.and_then(|feed| feed.get("place")).and_then(Value::as_str).context("the blog has a place")?;
    window.type_into("form input[inputmode=url]", place)?;
    window.script("document.querySelector('main form button[type=submit]').click(); return true", &[])?;
    window.until("what is there", "return !!document.querySelector('.found')").map(drop)
}

/// Switches every feed on, in a narrow window in its own dialog.
pub fn go_everywhere(window: &Window) -> Result<()> {
    window.until(
        "the feeds to be switched on",
        "const door = document.querySelector('header .narrow button');
        const isNarrow = door && getComputedStyle(door.parentElement).display !== 'none';
        if (isNarrow && !document.querySelector('[role=dialog]')) { door.click(); return false; }
        const room = document.querySelector(isNarrow ? '[role=dialog]' : 'main aside');
        const off = [...room.querySelectorAll('[role=switch][aria-checked=false]')];
        off.slice(0, 1).forEach(one => one.click());
        return off.length === 0 && room.querySelectorAll('[role=switch]').length > 0",
    )?;
    window.until("what stands in the way", "return !!document.querySelector('li.stop')").map(drop)
}

/// Opens the preview of what the last feed gets.
pub fn preview(window: &Window) -> Result<()> {
    window.until(
        "the preview",
        "const dialog = document.querySelector('[role=dialog]');
        const open = [...document.querySelectorAll('main header > button')].find(one => /^(Preview|预览)$/.test(one.textContent.trim()));
        if (!dialog) open?.click();
        return !!dialog",
    )?;
    // What is made of it for the last feed, which splits it most.
    window.until(
        "its feeds",
        "const tabs = [...document.querySelectorAll('[role=dialog] [role=radio], [role=dialog] [role=tab]')];
        tabs.at(-1)?.click(); return tabs.length > 1",
    )?;
    window.until("its text", "return document.querySelector('[role=dialog]').innerText.length > 80").map(drop)
}
