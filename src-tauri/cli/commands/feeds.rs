//! Feeds: set up, list, try; send, sync, outbox.

use sampan_core::api::types::{
    DeliveryView, FeedChange, FeedHealth, FeedInput, FeedView, Outbox, OutboxEntry, SendInput,
};
use sampan_core::domain::{FeedId, Wanted};
use serde::Serialize;

use super::reading::delivery_text;
use super::{Ending, Session};
use crate::arguments::{FeedCommand, Kind, SendOptions};
use crate::compose::absolute;
use crate::failure::{Complaint, Outcome};
use crate::tongue::{Tongue, fit, printable, table};
use crate::{views, words};

#[derive(Serialize)]
struct Removed {
    id: FeedId,
    removed: bool,
}

#[derive(Serialize)]
struct SyncAnswer {
    waiting: usize,
    needs_you: usize,
    deliveries: Vec<views::Delivery>,
}

/// What `feed` does.
pub async fn feed(session: &Session, command: FeedCommand) -> Outcome<Ending> {
    match command {
        FeedCommand::Add { kind: Kind::Folder, place, name } => {
            let place = absolute(&place).into_os_string().into_string();
            let place = place.map_err(|path| Complaint::PathNotUnicode(path.to_string_lossy().into_owned()))?;
            let input = FeedInput::folder(name.unwrap_or_default(), place);
            print_feed(session, session.journal.feed_add(input).await?)
        }
        FeedCommand::List => list(session).await,
        FeedCommand::Remove { feed } => {
            let id = session.journal.feed_resolve(feed).await?;
            session.journal.feed_remove(id).await?;
            session.screen.answer(&Removed { id, removed: true }, |_| format!("{id}\n"))?;
            Ok(Ending::Done)
        }
        FeedCommand::Test { feed } => {
            let id = session.journal.feed_resolve(feed).await?;
            let feed = session.journal.feed_test(id).await?;
            let ending = if feed.health == FeedHealth::Reachable { Ending::Done } else { Ending::Failed };
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
    if session.journal.post_get(post).await?.deleted_at.is_some() && !options.withdraw {
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
    let asked = session.journal.post_send(SendInput { post, feed, wanted, manner: Default::default() }).await?;
    session.journal.sync().await?;
    let now = session.journal.post_get(post).await?.deliveries.into_iter().find(|delivery| delivery.feed == feed);
    let delivery = now.unwrap_or(asked);
    let ending = Ending::of(&delivery.state);
    print_delivery(session, delivery)?;
    Ok(ending)
}

/// Tries everything that waits.
pub async fn sync(session: &Session) -> Outcome<Ending> {
    let outbox = session.journal.sync().await?;
    let ending = worst(&outbox);
    let needs_you = outbox.pending.iter().filter(|entry| is_stuck(entry)).count();
    let waiting = outbox.pending.len() - needs_you;
    let text = outbox_text(&outbox, session.screen.tongue);
    let answer = SyncAnswer { waiting, needs_you, deliveries: deliveries(outbox) };
    session.screen.answer(&answer, |_| text)?;
    Ok(ending)
}

/// Lists what waits and what was sent.
pub async fn outbox(session: &Session) -> Outcome<Ending> {
    let outbox = session.journal.outbox(()).await?;
    let ending = worst(&outbox);
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

async fn switch(session: &Session, feed: String, on: bool) -> Outcome<Ending> {
    let id = session.journal.feed_resolve(feed).await?;
    print_feed(session, session.journal.feed_change(enabled(id, on)).await?)
}

fn enabled(id: FeedId, on: bool) -> FeedChange {
    FeedChange { id, name: None, enabled: Some(on), place: None, options: None }
}

fn print_feed(session: &Session, feed: FeedView) -> Outcome<Ending> {
    let row = feed_row(&feed, session.screen.tongue);
    session.screen.answer(&views::Feed::from(feed), |_| table(&[row]))?;
    Ok(Ending::Done)
}

fn print_delivery(session: &Session, delivery: DeliveryView) -> Outcome<()> {
    let mut text = delivery_text(&delivery, session.screen.tongue);
    if let Some(url) = delivery.receipt.as_ref().and_then(|receipt| receipt.url.as_deref()) {
        text.push_str(&format!("  {}", printable(url)));
    }
    text.push('\n');
    session.screen.answer(&views::Delivery::from(delivery), |_| text)
}

fn feed_row(feed: &FeedView, tongue: Tongue) -> Vec<String> {
    vec![
        feed.id.to_string(),
        fit(&words::feed_name(&feed.name, tongue), 30),
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
    vec![entry.delivery.post.to_string(), delivery_text(&entry.delivery, tongue), titles.join(" / ")]
}

/// What still has to be done first, then what was confirmed in the last 24 hours.
fn deliveries(outbox: Outbox) -> Vec<views::Delivery> {
    let entries = outbox.pending.into_iter().chain(outbox.sent);
    entries.map(|entry| views::Delivery::from(entry.delivery)).collect()
}

fn worst(outbox: &Outbox) -> Ending {
    outbox.pending.iter().map(|entry| Ending::of(&entry.delivery.state)).max().unwrap_or(Ending::Done)
}

fn is_stuck(entry: &OutboxEntry) -> bool {
    Ending::of(&entry.delivery.state) == Ending::NeedsUser
}
