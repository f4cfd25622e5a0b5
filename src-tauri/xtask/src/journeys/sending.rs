//! Journeys of a post to a real WordPress behind a network that can be switched off, told by what the window says on the way.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{
    journal,
    notices::Daemon,
    writing::{EN_BODY, ZH_BODY, ZH_TITLE, paste_picture},
};
use crate::{
    blog::Blog,
    display::Held,
    stage::Stage,
    webdriver::{Window, until},
};

/// Remembers every word of the connection card in the order in which it said them.
const WATCH: &str = "window.said = [];
    const look = () => {
        const word = [...document.querySelector('aside .card').classList].find(name => /^(no_feed|all_sent|sending|waiting|offline|needs_you)$/.test(name));
        if (word && said.at(-1) !== word) said.push(word);
    };
    new MutationObserver(look).observe(document.querySelector('aside'), { subtree: true, childList: true, attributes: true });
    look(); return true";

/// A post written while the network is off waits, says so, and goes out by itself; a change on both sides becomes a choice.
pub fn post_arrives_and_conflict_is_solved(stage: &Stage) -> Result<()> {
    let mut blog = Blog::new()?;
    let system = Daemon::start(stage)?;
    let window = stage.open(&journal(stage))?;
    sign_in(&window, &blog)?;

    blog.network.off();
    window.go("#/edit/new")?;
    window.type_into(ZH_TITLE, "湖边的小船")?;
    window.type_into(ZH_BODY, "下班以后去了湖边。船都靠岸了。")?;
    window.type_into(EN_BODY, "After work I went to the lake. All the boats were in.")?;
    for colour in ["#2b5c8a", "#3f7d4f", "#a8741a", "#c23b2a"] {
        paste_picture(&window, colour)?;
    }
    window.until("four pictures in the post", "return document.querySelectorAll('.media img').length === 4")?;
    send(&window)?;
    window.go("#/outbox")?;
    window.until(
        "the card to say that it waits for the network",
        "return !!document.querySelector('aside .card.offline')",
    )?;
    window.until(
        "the outbox to say it, too",
        "return /does not answer/.test(document.querySelector('main').innerText)",
    )?;

    window.script(WATCH, &[])?;
    blog.network.pace(200_000);
    blog.network.on()?;
    window.until("the upload to be seen", "return /upload \\d+ %/.test(document.querySelector('main').innerText)")?;
    window.until("everything to be sent", "return said.at(-1) === 'all_sent'")?;
    let said = window.script("return said", &[])?;
    ensure!(said == json!(["offline", "sending", "all_sent"]), "the card said {said}");
    blog.network.pace(0);
    let post = only_post(&blog)?;
    let text = raw(&post, "content");
    ensure!(text.contains("船都靠岸了") && text.contains("All the boats were in"), "{post}");
    ensure!(blog.get("media?per_page=100")?.as_array().map_or(0, Vec::len) == 4, "not every photo arrived once");

    change(&blog, &post, &text.replace("船都靠岸了", "船都被雨淋湿了"))?;
    window.script("history.back(); return true", &[])?;
    window.until("the editor", "return !!document.querySelector('.body textarea[lang=zh-Hans]')")?;
    let elsewhere = Held::start(&mut stage.program(&stage.home().join("another journal")))?;
    window.until("another window to be in front", "return !document.hasFocus()")?;
    window.script(REWRITE, &[json!("下班以后去了湖边。船都在睡觉。")])?;
    send(&window)?;
    window.until("the card to ask for the person", "return !!document.querySelector('aside .card.needs_you')")?;
    told_once(&window, &system)?;
    drop(elsewhere);
    choose(&window, "被雨淋湿了")?;
    window.until("the versions to be one", "return !!document.querySelector('aside .card.all_sent')")?;
    let post = only_post(&blog)?;
    ensure!(raw(&post, "content").contains("船都被雨淋湿了"), "{post}");
    Ok(())
}

/// The one post that somebody sent there, in whatever state; the site's own first post does not count.
pub fn only_post(blog: &Blog) -> Result<Value> {
    let found = blog.get("posts?context=edit&status=any&per_page=100")?;
    let ours: Vec<&Value> =
        found.as_array().into_iter().flatten().filter(|post| raw(post, "content").contains("湖边")).collect();
    ensure!(ours.len() == 1, "there are {} posts instead of one: {found}", ours.len());
    Ok(ours.first().copied().cloned().unwrap_or_default())
}

fn change(blog: &Blog, post: &Value, content: &str) -> Result<()> {
    let id = post.get("id").context("a post has an id")?;
    blog.post(&format!("posts/{id}"), &json!({ "content": content })).map(drop)
}

/// A field of a post as its owner wrote it.
pub fn raw(post: &Value, field: &str) -> String {
    post.pointer(&format!("/{field}/raw")).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The system says once what is needed, without a word of the post, and leads to the outbox.
fn told_once(window: &Window, system: &Daemon) -> Result<()> {
    until("the system to tell", || Ok((system.count()? > 0).then_some(())))?;
    system.click()?;
    window
        .until("the outbox in front after the click", "return location.hash === '#/outbox' && document.hasFocus()")?;
    ensure!(system.count()? == 1, "the system told {} times", system.count()?);
    let (title, text) = until("it to be gone", || system.last())?;
    ensure!(title == "Sampan test" && text.contains("changed here and there"), "the system said {title}: {text}");
    Ok(())
}

/// Adds the blog by its address, as a person would, on a system that keeps no secrets.
pub fn sign_in(window: &Window, blog: &Blog) -> Result<()> {
    window.go("#/feeds/add")?;
    window.type_into("form input[inputmode=url]", &blog.url)?;
    window.press("Find")?;
    window.type_into(".found input[autocapitalize]", blog.told("USER")?)?;
    window.type_into(".found input[type=password]", blog.told("PASSWORD")?)?;
    window.press("Sign in")?;
    window.until(
        "the question where to keep it",
        "return document.querySelector('.keep input[value=file]')?.click() === undefined
        && !!document.querySelector('.keep input[value=file]:checked')",
    )?;
    window.press("Go on")?;
    window.until("the feed", "return /Test connection/.test(document.querySelector('main').innerText)")?;
    Ok(())
}

/// Switches the feed on for this post, if it is not, and sends.
pub fn send(window: &Window) -> Result<()> {
    window.until(
        "the send button",
        "const feed = [...document.querySelectorAll('main aside [role=switch]')].at(-1);
        if (feed?.ariaChecked === 'false') feed.click();
        const button = [...document.querySelectorAll('main header button')].find(one => /^(Send|Update)/.test(one.textContent.trim()));
        if (!button || button.disabled) return false;
        button.click(); return true",
    )
    .map(drop)
}

/// Takes the version with these words.
fn choose(window: &Window, words: &str) -> Result<()> {
    window.until(
        "the version to choose",
        &format!(
            "const said = label => label.querySelector('.said').textContent;
            const choice = [...document.querySelectorAll('label.choice')].find(label => said(label).includes({}));
            choice?.querySelector('input').click(); return !!choice",
            json!(words)
        ),
    )?;
    window.press("Use this version")
}

/// Writes a whole new text, as if it had been selected and typed over.
pub const REWRITE: &str = "const field = document.querySelector('.body textarea[lang=zh-Hans]');
    field.focus(); field.select(); document.execCommand('insertText', false, arguments[0]); return field.value";
