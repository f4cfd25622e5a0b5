//! Feeds: set up, list, try; send, sync, outbox.

use sampan_core::api::remote::{Obstacle, PreviewInput, PullReport};
use sampan_core::api::types::{
    DeliveryView, FeedChange, FeedHealth, FeedOptions, FeedView, KeepSecret, Outbox, OutboxEntry, Parting, SendInput,
};
use sampan_core::domain::destination::Limits;
use sampan_core::domain::{FeedId, Manner, PostId, Wanted};
use serde::Serialize;

use super::reading::delivery_text;
use super::{Ending, Session, remote, signing};
use crate::arguments::{FeedCommand, MannerOptions, SendOptions, SetOptions};
use crate::failure::{Complaint, Outcome};
use crate::tongue::{Tongue, fit, printable, table};
use crate::{views, words};

#[derive(Serialize)]
struct Removed {
    id: FeedId,
    removed: bool,
    #[serde(flatten)]
    parting: Parting,
}

#[derive(Serialize)]
struct Sent {
    #[serde(flatten)]
    delivery: views::Delivery,
    /// What keeps it from arriving, as far as is known here.
    obstacles: Vec<Obstacle>,
}

#[derive(Serialize)]
struct SyncAnswer {
    waiting: usize,
    needs_you: usize,
    deliveries: Vec<views::Delivery>,
    /// What reading the feeds gave.
    pulled: PullReport,
}

/// What `feed` does.
pub async fn feed(session: &Session, command: FeedCommand) -> Outcome<Ending> {
    match command {
        FeedCommand::Add(options) => signing::add(session, options).await,
        FeedCommand::Discover { address, plain_http } => signing::discover(session, address, plain_http).await,
        FeedCommand::SignIn { feed, with } => signing::sign_in(session, feed, with).await,
        FeedCommand::SignOut { feed } => signing::sign_out(session, feed).await,
        FeedCommand::Limits { feed } => limits(session, feed).await,
        FeedCommand::Set(options) => set(session, options).await,
        FeedCommand::List => list(session).await,
        FeedCommand::Remove { feed } => {
            let id = session.journal.feed_resolve(feed).await?;
            let parting = session.journal.feed_parting(id).await?;
            session.journal.feed_remove(id).await?;
            session.screen.answer(&Removed { id, removed: true, parting }, |tongue| {
                format!("{id}\n{}", table(&parting_rows(parting, tongue)))
            })?;
            Ok(Ending::Done)
        }
        FeedCommand::Test { feed } => {
            let id = session.journal.feed_resolve(feed).await?;
            let feed = session.journal.feed_test(id).await?;
            let ending = Ending::at(feed.health);
            tell_where_secrets_are(session, std::slice::from_ref(&feed));
            print_feed(session, feed)?;
            Ok(ending)
        }
        FeedCommand::On { feed } => switch(session, feed, true).await,
        FeedCommand::Off { feed } => switch(session, feed, false).await,
    }
}

/// Says what is wanted of a post at a feed and tries it at once.
pub async fn send(session: &Session, options: SendOptions) -> Outcome<Ending> {
    let post = session.post(options.id).await?;
    let feed = session.journal.feed_resolve(options.to).await?;
    // Looked at first: a post that cannot go must not switch a feed on.
    let known = session.journal.post_get(post).await?;
    if known.deleted_at.is_some() && !options.withdraw {
        return Err(Complaint::InBin(post.to_string()).into());
    }
    let feeds = session.journal.feed_list(()).await?;
    if feeds.iter().any(|view| view.id == feed && !view.enabled) {
        session.journal.feed_change(enabled(feed, true)).await?;
    }
    let wanted = match (options.withdraw, options.publish) {
        (true, _) => Wanted::Withdrawn,
        (false, true) => Wanted::Published,
        (false, false) => Wanted::Draft,
    };
    let before = known.deliveries.into_iter().find(|delivery| delivery.feed == feed);
    let manner = manner(options.manner, before.map(|delivery| delivery.manner).unwrap_or_default());
    let obstacles = match wanted {
        Wanted::Draft | Wanted::Published => in_the_way(session, post, (feed, wanted), &manner).await?,
        _ => Vec::new(),
    };
    let asked = session.journal.post_send(SendInput { post, feed, wanted, manner }).await?;
    let (delivery, ending) = send_now(session, asked).await?;
    let text = delivery_line(&delivery, session.screen.tongue);
    let is_known_to_fail = ending == Ending::Waits && !obstacles.is_empty();
    session.screen.answer(&Sent { delivery: delivery.into(), obstacles }, |_| text)?;
    Ok(if is_known_to_fail { Ending::NeedsUser } else { ending })
}

/// Sends at once what waits for the feed of a delivery, and answers how that stands then.
pub async fn send_now(session: &Session, asked: DeliveryView) -> Outcome<(DeliveryView, Ending)> {
    session.journal.sync_once(Some(asked.feed)).await?;
    let deliveries = session.journal.post_get(asked.post).await?.deliveries;
    let delivery = deliveries.into_iter().find(|delivery| delivery.feed == asked.feed).unwrap_or(asked);
    let feeds = session.journal.feed_list(()).await?;
    let ending = Ending::of_delivery(&delivery, &feeds);
    if ending != Ending::Done {
        tell_where_secrets_are(session, &feeds);
    }
    Ok((delivery, ending))
}

/// How a post shall be at a feed: what was not said again stays as it was, since nobody takes a warning off by being silent.
fn manner(said: MannerOptions, before: Manner) -> Manner {
    let MannerOptions { at, warning, visibility } = said;
    Manner { publish_at: at, warning: warning.unwrap_or(before.warning), visibility: visibility.or(before.visibility) }
}

/// What keeps a post from arriving as it shall, said before it is sent: offline nobody else would say it for long.
async fn in_the_way(
    session: &Session,
    post: PostId,
    (feed, wanted): (FeedId, Wanted),
    manner: &Manner,
) -> Outcome<Vec<Obstacle>> {
    let input = PreviewInput { post, feed, manner: Some(manner.clone()), wanted: Some(wanted) };
    let preview = session.journal.post_preview(input).await?;
    for obstacle in words::obstacles(&preview, session.screen.tongue) {
        session.screen.note(&format!("! {obstacle}"));
    }
    Ok(preview.obstacles)
}

/// Tries everything that waits.
pub async fn sync(session: &Session, once: bool, feed: Option<String>) -> Outcome<Ending> {
    let (journal, feed) = (&session.journal, session.feed_named(feed).await?);
    let pulled = if once { journal.sync_once(feed).await? } else { journal.sync_through(feed).await? };
    let outbox = journal.outbox(()).await?;
    let outbox = match feed {
        Some(feed) => only(outbox, feed),
        None => outbox,
    };
    let feeds = journal.feed_list(()).await?;
    let ending = worst(&outbox, &feeds).max(remote::ending(&pulled));
    if ending != Ending::Done {
        tell_where_secrets_are(session, &feeds);
    }
    let needs_you = outbox.pending.iter().filter(|entry| is_stuck(entry)).count();
    let waiting = outbox.pending.len() - needs_you;
    let tongue = session.screen.tongue;
    let text = outbox_text(&outbox, tongue) + &table(&remote::trouble(&pulled, tongue));
    let answer = SyncAnswer { waiting, needs_you, deliveries: deliveries(outbox), pulled };
    session.screen.answer(&answer, |_| text)?;
    Ok(ending)
}

/// Lists what waits and what was sent.
pub async fn outbox(session: &Session) -> Outcome<Ending> {
    let outbox = session.journal.outbox(()).await?;
    let ending = worst(&outbox, &session.journal.feed_list(()).await?);
    let text = outbox_text(&outbox, session.screen.tongue);
    session.screen.answer(&deliveries(outbox), |_| text)?;
    Ok(ending)
}

async fn list(session: &Session) -> Outcome<Ending> {
    let feeds = session.journal.feed_list(()).await?;
    let tongue = session.screen.tongue;
    let rows: Vec<Vec<String>> = feeds.iter().map(|feed| feed_row(feed, tongue)).collect();
    let feeds: Vec<views::Feed> = feeds.into_iter().map(views::Feed::from).collect();
    session.screen.answer(&feeds, |_| table(&rows))?;
    Ok(Ending::Done)
}

async fn limits(session: &Session, feed: String) -> Outcome<Ending> {
    let id = session.journal.feed_resolve(feed).await?;
    let feed = session.feed(id).await?;
    let rows = limit_rows(&feed.limits, session.screen.tongue);
    session.screen.answer(&views::FeedLimits::from(feed), |_| table(&rows))?;
    Ok(Ending::Done)
}

async fn set(session: &Session, options: SetOptions) -> Outcome<Ending> {
    let id = session.journal.feed_resolve(options.feed).await?;
    let before = session.feed(id).await?.options;
    let after = FeedOptions {
        languages: options.languages.unwrap_or(before.languages),
        long_text: options.long_text.unwrap_or(before.long_text),
        topics: options.topics.unwrap_or(before.topics),
        visibility: options.visibility.unwrap_or(before.visibility),
        place: options.place.unwrap_or(before.place),
        ..before
    };
    let change = FeedChange { id, name: options.name, enabled: None, place: None, options: Some(after) };
    print_feed(session, session.journal.feed_change(change).await?)
}

async fn switch(session: &Session, feed: String, on: bool) -> Outcome<Ending> {
    let id = session.journal.feed_resolve(feed).await?;
    print_feed(session, session.journal.feed_change(enabled(id, on)).await?)
}

fn enabled(id: FeedId, on: bool) -> FeedChange {
    FeedChange { id, name: None, enabled: Some(on), place: None, options: None }
}

pub fn print_feed(session: &Session, feed: FeedView) -> Outcome<Ending> {
    let row = feed_row(&feed, session.screen.tongue);
    session.screen.answer(&views::Feed::from(feed), |_| table(&[row]))?;
    Ok(Ending::Done)
}

pub fn print_delivery(session: &Session, delivery: DeliveryView) -> Outcome<()> {
    let text = delivery_line(&delivery, session.screen.tongue);
    session.screen.answer(&views::Delivery::from(delivery), |_| text)
}

pub fn delivery_line(delivery: &DeliveryView, tongue: Tongue) -> String {
    let url = delivery.receipt.as_ref().and_then(|receipt| receipt.url.as_deref());
    let url = url.map(|url| format!("  {}", printable(url))).unwrap_or_default();
    format!("{}{url}\n", delivery_text(delivery, tongue))
}

fn feed_row(feed: &FeedView, tongue: Tongue) -> Vec<String> {
    vec![
        feed.id.to_string(),
        fit(&words::feed_name(&feed.name, tongue), 30),
        feed.kind.as_str().to_owned(),
        if feed.enabled { tongue.pick("on", "开") } else { tongue.pick("off", "关") }.to_owned(),
        words::health(feed.health, tongue).to_owned(),
        printable(&feed.place),
    ]
}

fn outbox_text(outbox: &Outbox, tongue: Tongue) -> String {
    let rows: Vec<Vec<String>> =
        outbox.pending.iter().chain(&outbox.sent).map(|entry| outbox_row(entry, tongue)).collect();
    if rows.is_empty() {
        format!("{}\n", tongue.pick("nothing waits", "没有等待发送的内容"))
    } else {
        table(&rows)
    }
}

fn outbox_row(entry: &OutboxEntry, tongue: Tongue) -> Vec<String> {
    let titles: Vec<String> = entry.titles.values().map(|title| fit(&printable(title), 30)).collect();
    vec![entry.delivery.post.to_string(), titles.join(" / "), delivery_text(&entry.delivery, tongue)]
}

/// What still has to be done first, then what was confirmed in the last 24 hours.
fn deliveries(outbox: Outbox) -> Vec<views::Delivery> {
    let entries = outbox.pending.into_iter().chain(outbox.sent);
    entries.map(|entry| views::Delivery::from(entry.delivery)).collect()
}

/// The part of the outbox that is for one feed.
fn only(outbox: Outbox, feed: FeedId) -> Outbox {
    let keep = |entries: Vec<OutboxEntry>| entries.into_iter().filter(|entry| entry.delivery.feed == feed).collect();
    Outbox { pending: keep(outbox.pending), sent: keep(outbox.sent) }
}

/// Says where the secrets are of feeds that do not know us, or whose secrets cannot be had: without this a person looks in the wrong place.
pub fn tell_where_secrets_are(session: &Session, feeds: &[FeedView]) {
    let tongue = session.screen.tongue;
    let lacks_it = |feed: &&FeedView| matches!(feed.health, FeedHealth::SignedOut | FeedHealth::Locked);
    for feed in feeds.iter().filter(|feed| feed.enabled).filter(lacks_it) {
        let told = match &feed.keep {
            Some(KeepSecret::Environment { name }) if std::env::var_os(name).is_none_or(|value| value.is_empty()) => {
                let words = tongue.pick(
                    "the secret is in this environment variable, which is not set:",
                    "密码在这个环境变量里，但它没有设置：",
                );
                format!("{words} {}", printable(name))
            }
            Some(KeepSecret::Keychain) => tongue
                .pick(
                    "the secret is in the system's keychain. If that is locked, unlock it and run `sync`; otherwise sign in with `feed sign-in`.",
                    "密码在系统的钥匙串里。如果它锁着，请解锁后运行 sync；否则请用 feed sign-in 重新登录。",
                )
                .to_owned(),
            Some(KeepSecret::Session) => tongue
                .pick(
                    "the secret was kept until that program ended. Sign in with `feed sign-in`.",
                    "密码只保留到那次运行结束。请用 feed sign-in 重新登录。",
                )
                .to_owned(),
            _ => continue,
        };
        session.screen.note(&format!("{}: {told}", words::feed_name(&feed.name, tongue)));
    }
}

fn limit_rows(limits: &Limits, tongue: Tongue) -> Vec<Vec<String>> {
    let number = |number: Option<u32>| number.map_or("-".to_owned(), |number| number.to_string());
    let bytes = |bytes: Option<u64>| bytes.map_or("-".to_owned(), |bytes| indicatif::DecimalBytes(bytes).to_string());
    let yes = |yes: bool| if yes { tongue.pick("yes", "可以") } else { tongue.pick("no", "不可以") }.to_owned();
    let rows = [
        (tongue.pick("title, characters", "标题字数"), number(limits.title)),
        (tongue.pick("text, characters", "正文字数"), number(limits.text)),
        (tongue.pick("a link counts as", "一个链接算作"), number(limits.link)),
        (tongue.pick("files in one item", "每条文件数"), number(limits.attachments)),
        (tongue.pick("photo", "照片"), bytes(limits.photo_bytes)),
        (tongue.pick("clip", "短片"), bytes(limits.clip_bytes)),
        (tongue.pick("alt text, characters", "替代文字字数"), number(limits.alt)),
        (tongue.pick("drafts", "草稿"), yes(limits.drafts)),
        (tongue.pick("publishes at a set time", "定时发布"), yes(limits.scheduled)),
        (tongue.pick("photos and clips together", "照片和短片一起"), yes(limits.mixed)),
    ];
    rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect()
}

fn parting_rows(parting: Parting, tongue: Tongue) -> Vec<Vec<String>> {
    let rows = [
        (tongue.pick("posts that stay there", "留在那边的文章"), parting.there),
        (tongue.pick("of them deleted or taken back here", "其中在这里已删除或撤回的"), parting.leaving),
        (tongue.pick("not sent any more", "不再发送的"), parting.waiting),
    ];
    rows.into_iter().map(|(name, value)| vec![name.to_owned(), value.to_string()]).collect()
}

fn worst(outbox: &Outbox, feeds: &[FeedView]) -> Ending {
    outbox.pending.iter().map(|entry| Ending::of_delivery(&entry.delivery, feeds)).max().unwrap_or(Ending::Done)
}

fn is_stuck(entry: &OutboxEntry) -> bool {
    Ending::of(&entry.delivery.state) == Ending::NeedsUser
}
