//! Jobs with feeds on the network: those that the environment names, as `cargo xtask servers` prints it. Their secrets stay in
//! the environment.

use std::{
    io::{self, Read},
    path::Path,
};

use sampan_core::{
    api::{
        events::Event,
        types::{DraftInput, FeedInput, FeedKind, ImportInput, KeepSecret, SendInput},
    },
    domain::{Attachment, Content, FeedId, Lang, Manner, Moment, PostId, Secret, Side, Timestamp, Wanted},
    journal::{self, Journal},
};

use crate::{Result, photos};

/// Kinds of feed and what the names of their variables begin with.
const KINDS: &[(FeedKind, &str, &str)] = &[
    (FeedKind::Wordpress, "SAMPAN_WORDPRESS", "PASSWORD"),
    (FeedKind::Micropub, "SAMPAN_MICROPUB", "TOKEN"),
    (FeedKind::Mastodon, "SAMPAN_MASTODON", "TOKEN"),
];

/// Makes drafts with two small photos each and sends them to the first feed. Prints `ready` when everything is in the journal
/// and `sent` when the last one is confirmed, and ends after what was changed there has been read back.
pub async fn send(folder: &Path, drafts: u32) -> Result<()> {
    let journal = open(&folder.join("journal")).await?;
    let feed = add(&journal).await?.into_iter().next().ok_or("the environment names no feed")?;
    for post in write(&journal, &folder.join("photos"), drafts).await? {
        journal.post_send(SendInput { post, feed, wanted: Wanted::Draft, manner: Manner::default() }).await?;
    }
    let mut events = journal.events();
    println!("ready");
    let sending = tokio::spawn({
        let journal = journal.clone();
        async move { journal.sync_once(Some(feed)).await }
    });
    loop {
        if let Event::OutboxChanged { connection, .. } = events.recv().await?
            && connection.waiting == 0
        {
            break;
        }
    }
    println!("sent");
    sending.await??;
    let left = journal.outbox(()).await?.pending.len();
    journal.close().await;
    if left == 0 { Ok(()) } else { Err(format!("{left} drafts did not arrive").into()) }
}

/// Opens a journal as the window does, with all feeds there are and with `waiting` posts for each, prints `ready`, and lies
/// idle until the input ends.
pub async fn idle(folder: &Path, waiting: u32) -> Result<()> {
    let journal = open(folder).await?;
    if journal.feed_list(()).await?.len() == 1 {
        add(&journal).await?;
    }
    let posts = write(&journal, &folder.join("photos"), waiting).await?;
    for feed in journal.feed_list(()).await?.into_iter().filter(|feed| feed.enabled) {
        for post in &posts {
            let wish = SendInput { post: *post, feed: feed.id, wanted: Wanted::Draft, manner: Manner::default() };
            journal.post_send(wish).await?;
        }
    }
    journal.start();
    println!("ready");
    tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new())).await??;
    journal.close().await;
    Ok(())
}

async fn open(folder: &Path) -> Result<Journal> {
    let options = journal::Options { feed_dir: Some(folder.join("feed")), ..Default::default() };
    Ok(Journal::open(folder, options).await?)
}

/// Sets up every feed that the environment names.
async fn add(journal: &Journal) -> Result<Vec<FeedId>> {
    let mut feeds = Vec::new();
    for (kind, prefix, secret) in KINDS {
        let told = |name: &str| std::env::var(format!("{prefix}_{name}"));
        let Ok(place) = told("URL") else { continue };
        let input = FeedInput {
            kind: *kind,
            name: String::new(),
            place,
            user: told("USER").unwrap_or_default(),
            secret: told(secret).ok().map(Secret::new),
            keep: Some(KeepSecret::Environment { name: format!("{prefix}_{secret}") }),
            plain_http: false,
        };
        feeds.push(journal.feed_add(input).await?.id);
    }
    Ok(feeds)
}

async fn write(journal: &Journal, folder: &Path, drafts: u32) -> Result<Vec<PostId>> {
    let files = photos::small(folder, drafts * 2)?;
    let paths = files.iter().map(|file| file.display().to_string()).collect();
    let report = journal.import_files(ImportInput { paths }).await?;
    let assets: Vec<_> = report.files.into_iter().filter_map(|file| Some(file.asset?.id)).collect();
    let mut posts = Vec::new();
    for (number, pair) in assets.chunks(2).enumerate() {
        let alt = [(Lang::zh_hans(), "一条旧船".to_owned()), (Lang::en(), "An old boat".to_owned())];
        let attached = pair.iter().map(|asset| Attachment {
            asset: *asset,
            name: format!("boat-{number}.jpg"),
            alt: alt.clone().into(),
        });
        let side = |title: &str, body: &str| Side { title: format!("{title} {number}"), body: body.repeat(6) };
        let content = Content {
            sides: [
                (Lang::zh_hans(), side("河边的早晨", "清早去河边散步，水面上起了薄雾。\n\n")),
                (Lang::en(), side("A morning by the river", "A walk by the river, with mist over the water.\n\n")),
            ]
            .into(),
            attachments: attached.collect(),
            cover: None,
            topics: vec!["散步".to_owned()],
            moment: Moment { at: Timestamp::from_millis(1_750_000_000_000), zone: "Asia/Shanghai".to_owned() },
            place: None,
        };
        let draft = DraftInput { post: None, base: None, version: None, content };
        posts.push(journal.draft_save(draft).await?.post);
    }
    Ok(posts)
}
