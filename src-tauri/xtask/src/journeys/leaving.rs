//! A journey of somebody who does not wait until a post is sent: types on, closes the window, and comes back.

use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::{
    journal,
    sending::{REWRITE, only_post, raw, send, sign_in},
    writing::{EN_BODY, ZH_BODY, ZH_TITLE, ended, paste_picture},
};
use crate::{blog::Blog, repository::run, stage::Stage, webdriver::Window};

/// Bytes in a second: slow enough that two pictures are on their way while somebody types a line.
const SLOW: u64 = 40_000;

/// A post whose words change, and whose window is closed, while its pictures leave is at the blog once when the program ran
/// again; the newer words are kept, said to be newer, and sent over the older ones.
pub fn nothing_is_doubled_or_lost(stage: &Stage) -> Result<()> {
    let blog = Blog::new()?;
    let window = stage.open(&journal(stage))?;
    sign_in(&window, &blog)?;
    window.go("#/edit/new")?;
    window.type_into(ZH_TITLE, "湖边的小船")?;
    window.type_into(ZH_BODY, "下班以后去了湖边。船都靠岸了。")?;
    window.type_into(EN_BODY, "After work I went to the lake.")?;
    for colour in ["#2b5c8a", "#3f7d4f"] {
        paste_picture(&window, colour)?;
    }
    window.until("two pictures in the post", "return document.querySelectorAll('.media img').length === 2")?;
    blog.network.pace(SLOW);
    send(&window)?;
    window.until("the upload", "return /upload \\d+ %/.test(document.querySelector('main').innerText)")?;
    window.script(REWRITE, &[json!("下班以后去了湖边。还在发送的时候，又写了一句。")])?;
    let id = window.program_id()?;
    run(Command::new("kill").args(["-TERM", &id.to_string()]))?;
    ended(id)?;
    drop(window);

    blog.network.pace(0);
    let window = stage.open(&journal(stage))?;
    window.until("everything to be sent", "return !!document.querySelector('aside .card.all_sent')")?;
    let post = only_post(&blog)?;
    ensure!(raw(&post, "content").contains("船都靠岸了"), "what was sent is not what was pressed for: {post}");
    ensure!(media(&blog)? == 2, "not every picture arrived once");
    open_in_editor(&window)?;
    window.until(
        "the words that were typed meanwhile",
        "return /又写了一句/.test(document.querySelector('.body textarea[lang=zh-Hans]').value)",
    )?;
    window.until(
        "the feed to be said to have older words",
        "return /changed since/.test(document.querySelector('main').innerText)",
    )?;
    send(&window)?;
    window.until("the newer words to be there", "return /Sent/.test(document.querySelector('main header').innerText) && !!document.querySelector('aside .card.all_sent')")?;
    let post = only_post(&blog)?;
    ensure!(raw(&post, "content").contains("又写了一句"), "{post}");
    ensure!(media(&blog)? == 2, "a picture was sent again");
    Ok(())
}

fn media(blog: &Blog) -> Result<usize> {
    Ok(blog.get("media?per_page=100")?.as_array().map_or(0, Vec::len))
}

fn open_in_editor(window: &Window) -> Result<()> {
    let posts = window.posts()?;
    let id = posts.first().and_then(|card| card.get("id")).and_then(Value::as_str).unwrap_or_default();
    window.go(&format!("#/edit/{id}"))?;
    window.until("the editor", "return !!document.querySelector('.body textarea[lang=zh-Hans]')").map(drop)
}
