//! What a day with feeds on the network brings, in the real program with real servers: a feed in every state, a post on its way
//! over a slow network, texts that are too long, posts that can be brought from a blog.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{View, hands, scroll, view};
use crate::{
    blog::Blog,
    servers::{self, Server},
    webdriver::{Window, until},
};

/// Bytes that leave in a second while an upload is looked at: slow enough to last for a while, fast enough to be seen to move.
const SLOW: u64 = 8_000;

/// Long enough for no server of this kind.
const CHAPTER: &str =
    "The tram was late again, so we walked along the river and counted the boats that were still out. ";

/// The feeds, and the servers behind them, which run as long as this is held.
pub struct Network {
    blog: Blog,
    _social: Server,
    _notes: Server,
    feeds: [String; 3],
    posts: [String; 2],
}

impl Network {
    /// Sets the feeds up and sends some of the sample's posts to them.
    pub fn new(window: &Window, posts: &[&str; 3]) -> Result<Self> {
        let blog = Blog::new()?;
        let (social, notes) = (servers::one("mastodon")?, servers::one("micropub")?);
        fill(&blog)?;
        let [boats, homework, letter] = *posts;
        let at_blog = add(window, "wordpress", "My blog", (&blog.url, blog.told("USER")?, blog.told("PASSWORD")?))?;
        let token = |server: &Server, kind: &str| -> Result<(String, String)> {
            let told = |what: &str| server.told(&format!("SAMPAN_{kind}_{what}")).map(str::to_owned);
            Ok((told("URL")?, told("TOKEN")?))
        };
        let (url, secret) = token(&social, "MASTODON")?;
        let at_social = add(window, "mastodon", "mastodon.social", (&url, "", &secret))?;
        let (url, secret) = token(&notes, "MICROPUB")?;
        let at_notes = add(window, "micropub", "notes.example", (&url, "", &secret))?;
        for feed in [&at_blog, &at_social] {
            send(window, boats, feed)?;
            sent(window, boats, feed)?;
        }
        lose_much(window, &blog, &at_blog)?;
        lose_one(&social)?;
        window.call("pull", &Value::Null)?;
        window.call("feed_sign_out", &json!(at_notes))?;
        send(window, letter, &at_notes)?;
        let long = long(window)?;
        send(window, &long, &at_social)?;
        // What is too long for one feed waits for the person, and what is on its way to another one takes its time.
        blog.network.pace(SLOW);
        send(window, homework, &at_blog)?;
        send(window, letter, &at_blog)?;
        Ok(Self {
            blog,
            _social: social,
            _notes: notes,
            feeds: [at_blog, at_social, at_notes],
            posts: [boats.to_owned(), long],
        })
    }

    /// The places to look at.
    pub fn views(&self) -> Result<Vec<View>> {
        let [blog, social, notes] = &self.feeds;
        let [boats, long] = &self.posts;
        let at = |name, screen: &str, id: &str| view(name, &format!("#/{screen}/{id}"));
        Ok(vec![
            View { prepare: scroll, ..view("outbox-end", "#/outbox") },
            at("feed-held-back", "feeds", blog),
            View { prepare: scroll, ..at("feed-blog-end", "feeds", blog) },
            View { prepare: hands::test, ..at("feed-tested", "feeds", social) },
            View { prepare: hands::remove, ..at("feed-remove", "feeds", blog) },
            View { prepare: hands::pause, after: hands::go_on, ..at("feed-paused", "feeds", social) },
            at("feed-signed-out", "feeds", notes),
            View { prepare: hands::begin_in_browser, after: hands::give_up, ..at("feed-in-browser", "feeds", notes) },
            View { prepare: hands::look_there, ..view("feed-found", "#/feeds/add") },
            view("feed-bring", &format!("#/feeds/{blog}/posts")),
            View { prepare: hands::go_everywhere, ..at("editor-too-long", "edit", long) },
            View { prepare: hands::preview, ..at("editor-preview", "edit", boats) },
            View { prepare: scroll, ..at("post-there", "post", boats) },
        ])
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // The program ends at once instead of waiting for what is on its way.
        self.blog.network.off();
    }
}

/// Posts of its own, to be brought into the journal.
fn fill(blog: &Blog) -> Result<()> {
    let posts = [
        ("外滩的夜 · The Bund at night", "灯一亮，江面就成了另一座城。", "publish"),
        ("学做豆花 · Learning to make douhua", "The gypsum goes in last, and then nobody may stir.", "draft"),
        ("Notes from a language exchange", "We talk half an hour in each language.", "publish"),
        ("地铁里的读书人", "对面的人在看一本很旧的书，边角都卷起来了。", "publish"),
    ];
    for (title, content, status) in posts {
        blog.post("posts", &json!({ "title": title, "content": format!("<p>{content}</p>"), "status": status }))?;
    }
    Ok(())
}

fn add(window: &Window, kind: &str, name: &str, (place, user, secret): (&str, &str, &str)) -> Result<String> {
    let asked = json!({
        "kind": kind, "name": name, "place": place, "user": user, "secret": secret, "keep": { "in": "file" },
        "plain_http": false,
    });
    let feed = window.call("feed_add", &asked).with_context(|| format!("{name} was not added"))?;
    feed.get("id").and_then(Value::as_str).map(str::to_owned).context("a feed has an id")
}

fn send(window: &Window, post: &str, feed: &str) -> Result<()> {
    let manner = json!({ "publish_at": null, "warning": "", "visibility": null });
    let wish = json!({ "post": post, "feed": feed, "wanted": "published", "manner": manner });
    window.call("post_send", &wish).map(drop)
}

fn sent(window: &Window, post: &str, feed: &str) -> Result<()> {
    until("a post to arrive", || {
        let view = window.call("post_get", &json!(post))?;
        let deliveries = view.get("deliveries").and_then(Value::as_array);
        let delivery = deliveries.into_iter().flatten().find(|one| one.get("feed") == Some(&json!(feed)));
        Ok(delivery.filter(|one| one.get("state") == Some(&json!("synced"))).map(drop))
    })
}

/// So many posts are gone from the blog at once that it is not believed.
fn lose_much(window: &Window, blog: &Blog, feed: &str) -> Result<()> {
    let written: Vec<String> = (1..=7).map(|day| written(window, &letter(day))).collect::<Result<_>>()?;
    for post in &written {
        send(window, post, feed)?;
    }
    for post in &written {
        sent(window, post, feed)?;
    }
    for post in blog.get("posts?search=%E7%AC%AC&per_page=100&_fields=id")?.as_array().into_iter().flatten() {
        blog.delete(&format!("posts/{}", post.get("id").context("a post has an id")?))?;
    }
    Ok(())
}

fn letter(day: u32) -> Value {
    json!({ "zh-Hans": { "title": format!("第 {day} 天"), "body": "今天也写一封信。" } })
}

/// Somebody deletes the newest post of the account.
fn lose_one(social: &Server) -> Result<()> {
    let (url, token) = (social.told("SAMPAN_MASTODON_URL")?, social.told("SAMPAN_MASTODON_TOKEN")?);
    let known = format!("Bearer {token}");
    let ask = |path: &str| -> Result<Value> {
        let mut answer = ureq::get(format!("{url}api/v1/{path}")).header("authorization", &known).call()?;
        Ok(answer.body_mut().read_json()?)
    };
    let id = |of: &Value| of.get("id").and_then(Value::as_str).map(str::to_owned).context("it has an id");
    let account = id(&ask("accounts/verify_credentials")?)?;
    for status in ask(&format!("accounts/{account}/statuses"))?.as_array().into_iter().flatten() {
        ureq::delete(format!("{url}api/v1/statuses/{}", id(status)?)).header("authorization", &known).call()?;
    }
    Ok(())
}

fn long(window: &Window) -> Result<String> {
    let sides = json!({
        "zh-Hans": { "title": "沿着河走回去", "body": "电车又晚了，我们就沿着河走，一路数还没靠岸的船。".repeat(30) },
        "en": { "title": "Walking back along the river", "body": CHAPTER.repeat(9) },
    });
    written(window, &sides)
}

/// A new post with these sides and nothing else.
fn written(window: &Window, sides: &Value) -> Result<String> {
    let content = json!({
        "sides": sides, "attachments": [], "cover": null, "topics": ["河"], "place": null,
        "moment": { "at": 1_794_000_000_000_i64, "zone": "Asia/Shanghai" },
    });
    let saved =
        window.call("draft_save", &json!({ "post": null, "base": null, "version": null, "content": content }))?;
    saved.get("post").and_then(Value::as_str).map(str::to_owned).context("a post has an id")
}
