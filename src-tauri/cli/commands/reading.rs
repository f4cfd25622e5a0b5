//! Reading: list, show, history, search.

use sampan_core::api::types::{AssetView, Card, DeliveryView, PostFilter, PostView};
use sampan_core::domain::{DeliveryState, Lang, Moment, Point, PostId};

use super::{Ending, Session};
use crate::arguments::ListOptions;
use crate::failure::Outcome;
use crate::tongue::{Tongue, fit, printable, printable_lines, table};
use crate::{views, words};

/// Cards are asked for so many at a time.
const PAGE: usize = 500;

/// Lists posts, newest moment first.
pub async fn list(session: &Session, options: ListOptions) -> Outcome<Ending> {
    let filter =
        PostFilter { drafts: options.drafts, deleted: options.bin, topic: options.topic, ..PostFilter::default() };
    let index = session.journal.post_index(filter).await?;
    let ids: Vec<PostId> = index.iter().map(|entry| entry.id).take(at_most(options.limit)).collect();
    let mut cards = Vec::with_capacity(ids.len());
    for page in ids.chunks(PAGE) {
        cards.extend(session.journal.post_cards(page.to_vec()).await?);
    }
    print_cards(session, cards)
}

/// Finds posts.
pub async fn search(session: &Session, text: String, limit: Option<u32>) -> Outcome<Ending> {
    let cards = session.journal.search(text, limit.unwrap_or(u32::MAX)).await?;
    print_cards(session, cards)
}

/// Shows a post.
pub async fn show(session: &Session, id: String) -> Outcome<Ending> {
    let post = session.journal.post_get(session.post(id).await?).await?;
    if session.screen.json {
        session.screen.answer(&views::Post::from(post), |_| String::new())?;
    } else {
        session.screen.answer(&(), |tongue| post_text(&post, tongue))?;
    }
    Ok(Ending::Done)
}

/// Lists a post's revisions.
pub async fn history(session: &Session, id: String) -> Outcome<Ending> {
    let history = session.journal.history(session.post(id).await?).await?;
    let count = history.len();
    let rows: Vec<Vec<String>> = history
        .iter()
        .enumerate()
        .map(|(index, entry)| {
            let origin = serde_json::to_value(entry.origin).ok();
            let origin = origin.as_ref().and_then(|value| value.as_str()).unwrap_or_default();
            let titles: Vec<String> = entry.titles.values().map(|title| fit(&printable(title), 30)).collect();
            vec![
                (count - index).to_string(),
                entry.id.to_string(),
                local_time(&Moment { at: entry.updated_at, zone: system_zone() }),
                origin.to_owned(),
                titles.join(" / "),
            ]
        })
        .collect();
    session.screen.answer(&views::Revision::numbered(history), |_| table(&rows))?;
    Ok(Ending::Done)
}

fn print_cards(session: &Session, cards: Vec<Card>) -> Outcome<Ending> {
    if session.screen.json {
        let lines: Vec<views::PostLine> = cards.into_iter().map(views::PostLine::from).collect();
        session.screen.answer(&lines, |_| String::new())?;
    } else {
        session.screen.answer(&(), |tongue| cards_text(&cards, tongue))?;
    }
    Ok(Ending::Done)
}

fn cards_text(cards: &[Card], tongue: Tongue) -> String {
    let ids: Vec<String> = cards.iter().map(|card| card.id.to_string()).collect();
    let length = telling_length(&ids);
    let rows: Vec<Vec<String>> = cards
        .iter()
        .zip(&ids)
        .map(|(card, id)| {
            let files = if card.attachments == 0 { String::new() } else { format!("+{}", card.attachments) };
            vec![
                id.get(..length).unwrap_or(id).to_owned(),
                local_time(&card.moment),
                files,
                headline(card),
                card.deliveries.iter().map(|delivery| delivery_text(delivery, tongue)).collect::<Vec<_>>().join("; "),
            ]
        })
        .collect();
    table(&rows)
}

/// Titles of all sides; a side without a title shows how its text begins.
fn headline(card: &Card) -> String {
    let langs: std::collections::BTreeSet<&Lang> = card.titles.keys().chain(card.excerpts.keys()).collect();
    let parts = langs.into_iter().filter_map(|lang| card.titles.get(lang).or_else(|| card.excerpts.get(lang)));
    let parts: Vec<String> = parts.map(|text| fit(&printable(text), 32)).collect();
    parts.join(" / ")
}

fn post_text(post: &PostView, tongue: Tongue) -> String {
    let content = &post.content;
    let mut rows = vec![
        vec![tongue.pick("Post", "文章").to_owned(), post.id.to_string()],
        vec![
            tongue.pick("Moment", "时间").to_owned(),
            format!("{} {}", local_time(&content.moment), content.moment.zone),
        ],
        vec![tongue.pick("Versions", "版本").to_owned(), post.versions.to_string()],
    ];
    if !content.topics.is_empty() {
        let topics: Vec<String> = content.topics.iter().map(|topic| format!("#{}", printable(topic))).collect();
        rows.push(vec![tongue.pick("Topics", "话题").to_owned(), topics.join(" ")]);
    }
    if let Some(place) = &content.place {
        let text = format!("{}{}", printable(&place.name), place.point.map(point_text).unwrap_or_default());
        rows.push(vec![tongue.pick("Place", "地点").to_owned(), text]);
    }
    if post.deleted_at.is_some() {
        rows.push(vec![tongue.pick("Bin", "回收站").to_owned(), tongue.pick("in the bin", "在回收站里").to_owned()]);
    }
    for delivery in &post.deliveries {
        rows.push(vec![tongue.pick("Feed", "发布处").to_owned(), delivery_text(delivery, tongue)]);
    }
    let mut text = table(&rows);
    for (lang, side) in &content.sides {
        text.push('\n');
        text.push_str(format!("[{lang}] {}", printable(&side.title)).trim_end());
        text.push('\n');
        if !side.body.is_empty() {
            text.push_str(&printable_lines(&side.body));
            text.push('\n');
        }
    }
    if !content.attachments.is_empty() {
        text.push('\n');
        text.push_str(&table(&attachment_rows(post, tongue)));
    }
    text
}

fn attachment_rows(post: &PostView, tongue: Tongue) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (index, attachment) in post.content.attachments.iter().enumerate() {
        let facts = post.assets.get(&attachment.asset);
        let hash = attachment.asset.to_string();
        let mark = if post.content.cover == Some(attachment.asset) { "*" } else { "" };
        rows.push(vec![
            format!("{}{mark}", index + 1),
            hash.get(..12).unwrap_or_default().to_owned(),
            facts.map(|facts| words::kind(facts.kind, tongue).to_owned()).unwrap_or_default(),
            facts.map(size_text).unwrap_or_default(),
            fit(&printable(&attachment.name), 40),
            facts.and_then(|facts| facts.problem).map(|why| words::problem(why, tongue).to_owned()).unwrap_or_default(),
        ]);
        rows.extend(attachment.alt.iter().map(|(lang, alt)| {
            let blank = String::new;
            vec![blank(), blank(), blank(), format!("[{lang}]"), fit(&printable(alt), 60)]
        }));
    }
    rows
}

fn size_text(facts: &AssetView) -> String {
    let bytes = indicatif::DecimalBytes(facts.bytes);
    match (facts.width, facts.height) {
        (Some(width), Some(height)) => format!("{width}x{height} {bytes}"),
        _ => bytes.to_string(),
    }
}

fn point_text(point: Point) -> String {
    format!(" ({:.5}, {:.5})", point.lat, point.lon)
}

/// Where a post goes and how that stands.
pub fn delivery_text(delivery: &DeliveryView, tongue: Tongue) -> String {
    let mut text = format!(
        "{} ({}): {}",
        fit(&words::feed_name(&delivery.feed_name, tongue), 24),
        words::wanted(delivery.wanted, tongue),
        words::state(&delivery.state, delivery.wanted, tongue)
    );
    if let Some(file) = &delivery.file {
        text.push_str(&format!(" ({})", printable(file)));
    }
    if delivery.paused && !matches!(delivery.state, DeliveryState::Idle | DeliveryState::Synced) {
        text.push_str(tongue.pick(", the feed is switched off", "，发布处已关闭"));
    }
    if delivery.changed_since {
        text.push_str(tongue.pick(", changed since", "，之后有修改"));
    }
    text
}

/// As the clock on the wall showed it.
pub fn local_time(moment: &Moment) -> String {
    moment.to_zoned().strftime("%Y-%m-%d %H:%M").to_string()
}

fn system_zone() -> String {
    use sampan_core::clock::{Clock, SystemClock};
    SystemClock.zone()
}

fn at_most(limit: Option<u32>) -> usize {
    limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

/// How many characters of these ids tell them all apart, at least 13: a UUIDv7 begins with its time.
fn telling_length(ids: &[String]) -> usize {
    let mut sorted: Vec<&String> = ids.iter().collect();
    sorted.sort_unstable();
    let shared = |(a, b): (&&String, &&String)| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    sorted.iter().zip(sorted.iter().skip(1)).map(shared).max().map_or(13, |most| (most + 1).max(13))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_ids_tell_all_posts_apart() {
        let ids = ["0193f2a4-aaaa-7000-8000-000000000001", "0193f2a4-aaaa-7000-8000-000000000002"].map(String::from);
        assert_eq!(telling_length(&ids), 36);
        assert_eq!(telling_length(&ids[..1]), 13);
    }
}
