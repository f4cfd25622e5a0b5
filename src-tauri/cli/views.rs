//! What `--json` prints: flat, with stable names and times in RFC 3339. Additions are allowed, changes are not.

use std::collections::BTreeMap;

use sampan_core::api::types::{
    AssetKind, AssetProblem, Card, DeliveryView, FeedHealth, FeedKind, FeedOptions, FeedView, ImportOutcome,
    ImportedFile, KeepSecret, PostView, RevisionEntry,
};
use sampan_core::domain::destination::Limits;
use sampan_core::domain::{
    AssetId, DeliveryState, FeedId, Lang, Moment, Origin, Place, Point, PostId, Receipt, RevisionId, Side, Timestamp,
    Visibility, Wanted,
};
use serde::Serialize;

use crate::failure::ErrorJson;
use crate::tongue::Tongue;
use crate::words;

mod remote;

pub use remote::{Conflict, RemotePage, part_name};

/// A post with everything it says.
#[derive(Debug, Serialize)]
pub struct Post {
    id: PostId,
    revision: RevisionId,
    versions: u32,
    moment: String,
    zone: String,
    sides: BTreeMap<Lang, Side>,
    topics: Vec<String>,
    place: Option<Place>,
    cover: Option<AssetId>,
    attachments: Vec<Attachment>,
    created_at: String,
    updated_at: String,
    deleted_at: Option<String>,
    deliveries: Vec<Delivery>,
}

/// A file in a post.
#[derive(Debug, Serialize)]
pub struct Attachment {
    number: usize,
    asset: AssetId,
    name: String,
    alt: BTreeMap<Lang, String>,
    #[serde(flatten)]
    facts: Option<Facts>,
}

/// What is known of an original.
#[derive(Debug, Serialize)]
pub struct Facts {
    kind: AssetKind,
    mime: String,
    bytes: u64,
    width: Option<u32>,
    height: Option<u32>,
    duration_ms: Option<u64>,
    taken: Option<String>,
    point: Option<Point>,
    problem: Option<AssetProblem>,
}

/// A post in a list.
#[derive(Debug, Serialize)]
pub struct PostLine {
    id: PostId,
    moment: String,
    zone: String,
    titles: BTreeMap<Lang, String>,
    excerpts: BTreeMap<Lang, String>,
    topics: Vec<String>,
    attachments: u32,
    cover: Option<AssetId>,
    updated_at: String,
    deleted_at: Option<String>,
    deliveries: Vec<Delivery>,
}

/// One post at one feed.
#[derive(Debug, Serialize)]
pub struct Delivery {
    id: String,
    post: PostId,
    feed: FeedId,
    feed_name: String,
    paused: bool,
    wanted: Wanted,
    #[serde(flatten)]
    state: DeliveryState,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    changed_since: bool,
    manner: Manner,
    receipt: Option<Confirmed>,
    next_at: Option<String>,
    updated_at: String,
}

/// How a post shall be at a feed.
#[derive(Debug, Serialize)]
pub struct Manner {
    publish_at: Option<String>,
    warning: String,
    visibility: Option<Visibility>,
}

/// What a feed confirmed.
#[derive(Debug, Serialize)]
pub struct Confirmed {
    remote_id: String,
    url: Option<String>,
    known: Wanted,
    revision: RevisionId,
    confirmed_at: String,
}

/// A feed.
#[derive(Debug, Serialize)]
pub struct Feed {
    id: FeedId,
    name: String,
    kind: FeedKind,
    enabled: bool,
    place: String,
    health: FeedHealth,
    waiting: u32,
    needs_you: u32,
    seen_at: Option<String>,
    options: FeedOptions,
    account: String,
    server: String,
    keep: Option<KeepSecret>,
    pulled_at: Option<String>,
    held_back: u32,
}

/// What a feed takes; what is absent is not bounded.
#[derive(Debug, Serialize)]
pub struct FeedLimits {
    id: FeedId,
    name: String,
    kind: FeedKind,
    server: String,
    limits: Limits,
}

/// A revision in the history.
#[derive(Debug, Serialize)]
pub struct Revision {
    id: RevisionId,
    /// From 1, the oldest.
    number: usize,
    parents: Vec<RevisionId>,
    origin: Origin,
    created_at: String,
    updated_at: String,
    titles: BTreeMap<Lang, String>,
    attachments: u32,
}

/// What came of a file.
#[derive(Debug, Serialize)]
pub struct Brought {
    name: String,
    path: String,
    outcome: ImportOutcome,
    asset: Option<AssetId>,
    #[serde(flatten)]
    facts: Option<Facts>,
    error: Option<ErrorJson>,
}

impl From<PostView> for Post {
    fn from(view: PostView) -> Self {
        let PostView { mut assets, content, .. } = view;
        let attachments = content.attachments.into_iter().enumerate();
        Self {
            id: view.id,
            revision: view.revision,
            versions: view.versions,
            moment: content.moment.to_rfc3339(),
            zone: content.moment.zone,
            sides: content.sides,
            topics: content.topics,
            place: content.place,
            cover: content.cover,
            attachments: attachments
                .map(|(index, attachment)| Attachment {
                    number: index + 1,
                    asset: attachment.asset,
                    name: attachment.name,
                    alt: attachment.alt,
                    facts: assets.remove(&attachment.asset).map(Facts::from),
                })
                .collect(),
            created_at: view.created_at.to_rfc3339(),
            updated_at: view.updated_at.to_rfc3339(),
            deleted_at: view.deleted_at.map(Timestamp::to_rfc3339),
            deliveries: view.deliveries.into_iter().map(Delivery::from).collect(),
        }
    }
}

impl From<sampan_core::api::types::AssetView> for Facts {
    fn from(view: sampan_core::api::types::AssetView) -> Self {
        Self {
            kind: view.kind,
            mime: view.mime,
            bytes: view.bytes,
            width: view.width,
            height: view.height,
            duration_ms: view.duration_ms,
            taken: view.taken.as_ref().map(Moment::to_rfc3339),
            point: view.point,
            problem: view.problem,
        }
    }
}

impl From<Card> for PostLine {
    fn from(card: Card) -> Self {
        Self {
            id: card.id,
            moment: card.moment.to_rfc3339(),
            zone: card.moment.zone,
            titles: card.titles,
            excerpts: card.excerpts,
            topics: card.topics,
            attachments: card.attachments,
            cover: card.cover.map(|cover| cover.id),
            updated_at: card.updated_at.to_rfc3339(),
            deleted_at: card.deleted_at.map(Timestamp::to_rfc3339),
            deliveries: card.deliveries.into_iter().map(Delivery::from).collect(),
        }
    }
}

impl From<DeliveryView> for Delivery {
    fn from(view: DeliveryView) -> Self {
        Self {
            id: view.id,
            post: view.post,
            feed: view.feed,
            feed_name: view.feed_name,
            paused: view.paused,
            wanted: view.wanted,
            state: view.state,
            file: view.file,
            changed_since: view.changed_since,
            manner: Manner {
                publish_at: view.manner.publish_at.map(Timestamp::to_rfc3339),
                warning: view.manner.warning,
                visibility: view.manner.visibility,
            },
            receipt: view.receipt.map(Confirmed::from),
            next_at: view.next_at.map(Timestamp::to_rfc3339),
            updated_at: view.updated_at.to_rfc3339(),
        }
    }
}

impl From<Receipt> for Confirmed {
    fn from(receipt: Receipt) -> Self {
        Self {
            remote_id: receipt.remote_id,
            url: receipt.url,
            known: receipt.known,
            revision: receipt.revision,
            confirmed_at: receipt.confirmed_at.to_rfc3339(),
        }
    }
}

impl From<FeedView> for Feed {
    fn from(view: FeedView) -> Self {
        Self {
            id: view.id,
            name: view.name,
            kind: view.kind,
            enabled: view.enabled,
            place: view.place,
            health: view.health,
            waiting: view.waiting,
            needs_you: view.needs_you,
            seen_at: view.seen_at.map(Timestamp::to_rfc3339),
            options: view.options,
            account: view.account,
            server: view.server,
            keep: view.keep,
            pulled_at: view.pulled_at.map(Timestamp::to_rfc3339),
            held_back: view.held_back,
        }
    }
}

impl From<FeedView> for FeedLimits {
    fn from(view: FeedView) -> Self {
        Self { id: view.id, name: view.name, kind: view.kind, server: view.server, limits: view.limits }
    }
}

impl Revision {
    /// A history, newest first, with the oldest as number 1.
    pub fn numbered(history: Vec<RevisionEntry>) -> Vec<Self> {
        let count = history.len();
        let line = |(index, entry): (usize, RevisionEntry)| Self {
            id: entry.id,
            number: count - index,
            parents: entry.parents,
            origin: entry.origin,
            created_at: entry.created_at.to_rfc3339(),
            updated_at: entry.updated_at.to_rfc3339(),
            titles: entry.titles,
            attachments: entry.attachments,
        };
        history.into_iter().enumerate().map(line).collect()
    }
}

impl Brought {
    /// What came of a file, with words for what went wrong.
    pub fn of(file: &ImportedFile, tongue: Tongue) -> Self {
        Self {
            name: file.name.clone(),
            path: file.path.clone(),
            outcome: file.outcome,
            asset: file.asset.as_ref().map(|asset| asset.id),
            facts: file.asset.clone().map(Facts::from),
            error: file.error.as_ref().map(|error| ErrorJson::of(error, words::error(error, tongue))),
        }
    }
}
