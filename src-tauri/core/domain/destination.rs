//! What is known of a feed without asking it: what it takes and what it said of itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Visibility;

/// What a feed can take; what is absent is not bounded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Limits {
    /// Characters of a title, as the feed counts them.
    pub title: Option<u32>,
    /// Characters of the text of one item, as the feed counts them.
    pub text: Option<u32>,
    /// Every address in the text counts as this many characters, however long it is.
    pub link: Option<u32>,
    /// Attachments of one item.
    pub attachments: Option<u32>,
    /// Bytes of a photo.
    #[ts(type = "number | null")]
    pub photo_bytes: Option<u64>,
    /// Bytes of a clip.
    #[ts(type = "number | null")]
    pub clip_bytes: Option<u64>,
    /// Characters of an alt text.
    pub alt: Option<u32>,
    /// Whether it can hold drafts that only the user sees.
    pub drafts: bool,
    /// Whether it makes posts public at a time of its own.
    pub scheduled: bool,
    /// Whether photos and clips can be in one item.
    pub mixed: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            title: None,
            text: None,
            link: None,
            attachments: None,
            photo_bytes: None,
            clip_bytes: None,
            alt: None,
            drafts: true,
            scheduled: false,
            mixed: true,
        }
    }
}

/// What a feed says of itself and of us. Kept with the feed, so that it is known offline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The feed's own title.
    pub title: String,
    /// Who we are there, as people there see it; empty where that means nothing.
    pub account: String,
    /// Name and version of the program that serves it; empty when it does not tell.
    pub server: String,
    /// What it can take.
    pub limits: Limits,
    /// Addresses that were found, by names of the adapter's choice.
    pub endpoints: BTreeMap<String, String>,
}

/// How a post in several languages becomes items at a feed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LanguageLayout {
    /// One item with a part per language.
    #[default]
    Together,
    /// An item per language, each pointing to the one before.
    Linked,
}

/// What happens to a text that is longer than the feed takes; it is never cut silently.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LongText {
    /// It does not leave, and the user is told.
    #[default]
    Refuse,
    /// It becomes several items, each answering the one before.
    Split,
}

/// What topics become at a WordPress site.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum TopicsAs {
    /// Tags.
    #[default]
    Tags,
    /// Categories.
    Categories,
}

/// What the user chose for a feed on the network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Choices {
    /// How a post in several languages becomes items.
    pub languages: LanguageLayout,
    /// What happens to a text that is longer than the feed takes.
    pub long_text: LongText,
    /// What topics become at a WordPress site.
    pub topics: TopicsAs,
    /// Who may read published posts, unless a post says otherwise.
    pub visibility: Visibility,
}
