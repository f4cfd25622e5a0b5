//! `cargo xtask tour`: the real program with a sample journal, photographed on every screen, in both languages, light and
//! dark, wide and narrow. The pictures are for people to look at; nothing is compared. Those whose name begins with `browser`
//! show the journal in memory instead, in states that take the real program too long to come to.

mod hands;
mod network;

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{
    packages,
    repository::{cargo, npm, root, run},
    sample, setup,
    stage::Stage,
    ui,
    webdriver::Window,
};

/// The appearances in which every screen is shown: language, theme, width and height.
const LOOKS: &[Look] = &[
    Look { language: "en", theme: "light", size: (1280, 832) },
    Look { language: "zh-Hans", theme: "light", size: (1280, 832) },
    Look { language: "en", theme: "dark", size: (1280, 832) },
    Look { language: "zh-Hans", theme: "dark", size: (1280, 832) },
    Look { language: "en", theme: "light", size: (760, 600) },
    Look { language: "zh-Hans", theme: "light", size: (760, 600) },
    Look { language: "en", theme: "dark", size: (760, 600) },
    Look { language: "zh-Hans", theme: "dark", size: (760, 600) },
];

struct Look {
    language: &'static str,
    theme: &'static str,
    size: (u32, u32),
}

/// A place to be photographed: its name in the file's name, its address, what is done there first, and what afterwards so that
/// everything is as it was.
struct View {
    name: &'static str,
    address: String,
    prepare: fn(&Window) -> Result<()>,
    after: fn(&Window) -> Result<()>,
}

/// Scrolls what scrolls: the page itself never does.
fn scroll(window: &Window) -> Result<()> {
    let longest = "const scrolls = element => element.scrollHeight > element.clientHeight + 40
            && getComputedStyle(element).overflowY !== 'visible' && element.clientHeight > 300;
        const longest = [...document.querySelectorAll('main *')].find(scrolls);
        if (longest) longest.scrollTop = 900; return true";
    window.script(longest, &[]).map(drop)
}

/// Makes the tour into the folder `tour`, or `into`; `only` names the screens wanted.
pub fn make(into: Option<PathBuf>, only: Option<&str>) -> Result<()> {
    setup::everything()?;
    packages::install(packages::SAMPLE)?;
    ui::build()?;
    run(cargo().args(["build", "--bin", "sampan"]))?;
    let album = Album::new(into.unwrap_or_else(|| root().join("tour")), only)?;
    if album.wants("first") {
        first_run(&album)?;
    }
    if album.wants("not-a-journal") {
        no_journal(&album)?;
    }
    sample_journal(&album)?;
    if album.wants("browser") {
        in_browser(&album)?;
    }
    println!("The pictures are in {}", album.folder.display());
    Ok(())
}

/// An empty journal, as a person meets it first.
fn first_run(album: &Album) -> Result<()> {
    let stage = Stage::new()?;
    let window = stage.open(&stage.home().join("journal"))?;
    let views = [view("first-run", "#/journal"), view("first-outbox", "#/outbox"), view("first-feeds", "#/feeds")];
    album.every_look(&window, 1, &views)
}

/// A folder that holds something else under our name. Without a journal there are no settings: the system's language
/// and colours are shown.
fn no_journal(album: &Album) -> Result<()> {
    for look in LOOKS.iter().filter(|look| look.theme == "light") {
        let stage = Stage::speaking(if look.language == "en" { "en_GB.UTF-8" } else { "zh_CN.UTF-8" })?;
        let folder = stage.home().join("journal");
        std::fs::create_dir(&folder)?;
        File::create(folder.join("journal.db"))?.write_all(b"This is no journal.")?;
        let window = stage.open(&folder)?;
        look.apply(&window, "grid")?;
        album.photograph(&window, 4, look, &view("not-a-journal", "#/journal"))?;
    }
    Ok(())
}

/// What the real program cannot be brought to within minutes, over the journal in memory, in a browser.
fn in_browser(album: &Album) -> Result<()> {
    let browser = packages::browser().context("no Chromium or Chrome was found")?;
    let folder = album.folder.canonicalize()?;
    run(npm().args(["run", "pictures", "--silent"]).env("CHROMIUM", browser).env("SAMPAN_PICTURES", folder))
}

/// A journal in use.
fn sample_journal(album: &Album) -> Result<()> {
    let stage = Stage::new()?;
    let journal = stage.home().join("journal");
    let size = sample::Size { posts: 48, photos: None };
    sample::make(&size, &journal, Some(&stage.home().join("Documents/Sampan")))?;
    let window = stage.open(&journal)?;
    let posts = window.posts()?;
    let id = |card: &Value| card.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let post = |title: &str| posts.iter().find(|card| card.to_string().contains(title)).map(id).unwrap_or_default();
    let [boats, homework, letter] = ["湖边的小船", "第一次做英语作业", "给外婆的信"].map(post);
    prepare(&window, &letter)?;
    let feed = window.call("feed_list", &Value::Null)?;
    let feed = feed.get(0).and_then(|feed| feed.get("id")).and_then(Value::as_str).unwrap_or_default().to_owned();
    let conflict = conflict(&window)?;
    let network = network::Network::new(&window, &[&boats, &homework, &letter])?;
    let mut views = vec![
        view("journal", "#/journal"),
        View { prepare: scroll, ..view("journal-scrolled", "#/journal") },
        view("drafts", "#/drafts"),
        view("post", &format!("#/post/{boats}")),
        view("post-clip", &format!("#/post/{homework}")),
        view("editor", &format!("#/edit/{boats}")),
        view("editor-clip", &format!("#/edit/{homework}")),
        view("editor-new", "#/edit/new"),
        view("history", &format!("#/history/{letter}")),
        view("outbox", "#/outbox"),
        view("conflict", &format!("#/outbox/{conflict}")),
        view("feeds", "#/feeds"),
        view("feed-add", "#/feeds/add"),
        view("feed", &format!("#/feeds/{feed}")),
        view("bin", "#/bin"),
        view("settings", "#/settings"),
    ];
    views.extend(network.views()?);
    album.every_look(&window, 5, &views)?;
    list_view(album, &window, 5 + views.len())
}

/// The delivery that the sample changed on both sides.
fn conflict(window: &Window) -> Result<String> {
    let outbox = window.call("outbox", &Value::Null)?;
    let pending = outbox.get("pending").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let found = pending.iter().find(|entry| entry.get("reason").and_then(Value::as_str) == Some("conflict"));
    let id = found.and_then(|entry| entry.get("id")).and_then(Value::as_str);
    id.map(str::to_owned).context("the sample has a conflict")
}

/// The journal as a list, and a search in it.
fn list_view(album: &Album, window: &Window, number: usize) -> Result<()> {
    for look in LOOKS {
        look.apply(window, "list")?;
        album.photograph(window, number, look, &view("list", "#/journal"))?;
        let search = view("search", "#/journal");
        if album.wants(search.name) {
            go(window, &search.address)?;
            window.type_into("[role=search] input", "湖")?;
            album.photograph(window, number + 1, look, &search)?;
        }
    }
    Ok(())
}

/// Gives one post a history, and the bin something to show.
fn prepare(window: &Window, post: &str) -> Result<()> {
    let view = window.call("post_get", &json!(post))?;
    let mut content = view.get("content").cloned().context("the post has content")?;
    let (revision, version) = (view.get("revision"), view.get("version"));
    window.call("draft_seal", &json!(post))?;
    if let Some(body) = content.pointer_mut("/sides/en/body") {
        *body = json!(
            "Grandma has no phone, so I print my photos and post them. She wrote back: the letters are too small, but everyone looks well."
        );
    }
    window.call("draft_save", &json!({ "post": post, "base": revision, "version": version, "content": content }))?;
    let last = window.posts()?.pop().unwrap_or_default();
    window.call("post_delete", last.get("id").context("a card has an id")?)?;
    Ok(())
}

fn view(name: &'static str, address: &str) -> View {
    View { name, address: address.to_owned(), prepare: |_| Ok(()), after: |_| Ok(()) }
}

/// Where the pictures go.
struct Album {
    folder: PathBuf,
    only: Option<String>,
}

impl Album {
    fn new(folder: PathBuf, only: Option<&str>) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            // Pictures of an earlier tour; whatever else is there is not ours.
            if path.extension().is_some_and(|extension| extension == "png") {
                std::fs::remove_file(path)?;
            }
        }
        Ok(Self { folder, only: only.map(str::to_owned) })
    }

    fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.starts_with(only))
    }

    fn every_look(&self, window: &Window, first: usize, views: &[View]) -> Result<()> {
        for look in LOOKS {
            look.apply(window, "grid")?;
            for (place, view) in views.iter().enumerate() {
                self.photograph(window, first + place, look, view)?;
            }
        }
        Ok(())
    }

    fn photograph(&self, window: &Window, number: usize, look: &Look, view: &View) -> Result<()> {
        if !self.wants(view.name) {
            return Ok(());
        }
        go(window, &view.address)?;
        (view.prepare)(window).with_context(|| format!("{} could not be prepared", view.name))?;
        settle(window)?;
        let Look { language, theme, size: (width, _) } = look;
        let name = format!("{number:02}-{}-{language}-{theme}-{width}.png", view.name);
        write(&self.folder.join(name), &window.picture()?)?;
        (view.after)(window).with_context(|| format!("{} could not be put back", view.name))
    }
}

impl Look {
    /// Sets it through the journal's own settings, where there is a journal, and begins the page anew.
    fn apply(&self, window: &Window, view: &str) -> Result<()> {
        window.resize(self.size.0, self.size.1)?;
        if let Ok(mut settings) = window.call("settings_get", &Value::Null) {
            for (name, value) in [("locale", self.language), ("theme", self.theme), ("view", view)] {
                if let Some(setting) = settings.get_mut(name) {
                    *setting = json!(value);
                }
            }
            window.call("settings_set", &settings)?;
        }
        // The mark goes with the old page, whose state is still complete while the reload begins.
        window.script("window.old = true; location.reload()", &[])?;
        window.until("the new page", "return !window.old && document.readyState === 'complete'")?;
        window.until("the window's size", &format!("return innerWidth === {}", self.size.0))?;
        settle(window)
    }
}

fn go(window: &Window, address: &str) -> Result<()> {
    window.go(address)?;
    settle(window)
}

/// Waits until every picture on the screen is drawn and nothing moves.
fn settle(window: &Window) -> Result<()> {
    let calm = "const inView = box => box.bottom > 0 && box.top < innerHeight;
        const pictures = [...document.images].filter(image => inView(image.getBoundingClientRect()));
        const busy = document.querySelector('[aria-busy=true]');
        const moving = document.getAnimations().some(animation => animation.playState === 'running');
        return document.fonts.status === 'loaded' && !busy && !moving && pictures.every(image => image.complete)";
    window.script_async(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 120))))",
    )?;
    window.until("the screen to be calm", calm).map(drop)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    File::create(path)?.write_all(bytes).with_context(|| format!("{} cannot be written", path.display()))
}
