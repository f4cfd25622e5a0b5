//! Journeys of a post to a real WordPress behind a network that can be switched off, told by what the window says on the way.

use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    journal,
    notices::Daemon,
    writing::{EN_BODY, ZH_BODY, ZH_TITLE, paste_picture},
};
use crate::{
    display::Held,
    servers::{self, Server},
    stage::Stage,
    switch::Switch,
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
    let blog = Blog::new()?;
    let mut network = blog.network;
    network.on()?;
    let site = Site { url: format!("http://127.0.0.1:{}", network.port()), server: &blog.server };
    let system = Daemon::start(stage)?;
    let window = stage.open(&journal(stage))?;
    sign_in(&window, &site)?;

    network.off();
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
    network.pace(200_000);
    network.on()?;
    window.until("the upload to be seen", "return /upload \\d+ %/.test(document.querySelector('main').innerText)")?;
    window.until("everything to be sent", "return said.at(-1) === 'all_sent'")?;
    let said = window.script("return said", &[])?;
    ensure!(said == json!(["offline", "sending", "all_sent"]), "the card said {said}");
    network.pace(0);
    let post = site.only_post()?;
    let text = raw(&post, "content");
    ensure!(text.contains("船都靠岸了") && text.contains("All the boats were in"), "{post}");
    ensure!(site.get("media?per_page=100")?.as_array().map_or(0, Vec::len) == 4, "not every photo arrived once");

    site.change(&post, &text.replace("船都靠岸了", "船都被雨淋湿了"))?;
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
    let post = site.only_post()?;
    ensure!(raw(&post, "content").contains("船都被雨淋湿了"), "{post}");
    Ok(())
}

/// A WordPress, and the network before it.
pub struct Blog {
    pub server: Server,
    pub network: Switch,
}

impl Blog {
    /// The site takes the network's address for its own.
    pub fn new() -> Result<Self> {
        let network = Switch::new()?;
        let server = servers::wordpress_behind(network.port())?;
        network.leads_to(server.port);
        Ok(Self { server, network })
    }
}

/// The site as its owner sees it.
struct Site<'a> {
    url: String,
    server: &'a Server,
}

impl Site<'_> {
    fn ask(&self, path: &str, body: Option<&Value>) -> Result<Value> {
        let url = format!("{}/wp-json/wp/v2/{path}", self.url);
        let (user, password) = (self.told("USER")?, self.told("PASSWORD")?);
        let known = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        let mut answer = match body {
            Some(body) => ureq::post(&url).header("authorization", known).send_json(body)?,
            None => ureq::get(&url).header("authorization", known).call()?,
        };
        Ok(answer.body_mut().read_json()?)
    }

    fn get(&self, path: &str) -> Result<Value> {
        self.ask(path, None)
    }

    fn told(&self, name: &str) -> Result<&str> {
        self.server.told(&format!("SAMPAN_WORDPRESS_{name}"))
    }

    /// The one post that somebody sent there, in whatever state; the site's own first post does not count.
    fn only_post(&self) -> Result<Value> {
        let found = self.get("posts?context=edit&status=any&per_page=100")?;
        let ours: Vec<&Value> =
            found.as_array().into_iter().flatten().filter(|post| raw(post, "content").contains("湖边")).collect();
        ensure!(ours.len() == 1, "there are {} posts instead of one: {found}", ours.len());
        Ok(ours.first().copied().cloned().unwrap_or_default())
    }

    fn change(&self, post: &Value, content: &str) -> Result<()> {
        let id = post.get("id").context("a post has an id")?;
        self.ask(&format!("posts/{id}"), Some(&json!({ "content": content }))).map(drop)
    }
}

fn raw(post: &Value, field: &str) -> String {
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
fn sign_in(window: &Window, site: &Site) -> Result<()> {
    window.go("#/feeds/add")?;
    window.type_into("form input[inputmode=url]", &site.url)?;
    window.press("Look there")?;
    window.type_into(".found input[autocapitalize]", site.told("USER")?)?;
    window.type_into(".found input[type=password]", site.told("PASSWORD")?)?;
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
fn send(window: &Window) -> Result<()> {
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
const REWRITE: &str = "const field = document.querySelector('.body textarea[lang=zh-Hans]');
    field.focus(); field.select(); document.execCommand('insertText', false, arguments[0]); return field.value";
