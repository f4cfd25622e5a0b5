//! What a person chose for themselves.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::domain::Lang;

/// What a person chose for themselves. Kept in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Language of the interface; absent follows the system.
    pub locale: Option<Lang>,
    /// Light, dark, or as the system.
    pub theme: Theme,
    /// Languages a new post begins with, in their order from left to right.
    pub languages: Vec<Lang>,
    /// How the journal is shown.
    pub view: JournalView,
    /// Which languages the journal shows.
    pub reading: Reading,
    /// Whether the system tells of what needs the user while they do not look at the window.
    pub notifications: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            locale: None,
            theme: Theme::System,
            languages: vec![Lang::zh_hans(), Lang::en()],
            view: JournalView::Grid,
            reading: Reading::Both,
            notifications: true,
        }
    }
}

/// Colours of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    System,
    /// Paper.
    Light,
    /// Ink.
    Dark,
}

/// How the journal is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JournalView {
    /// Masonry of cards.
    Grid,
    /// Lines.
    List,
}

/// Which languages the journal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// Chinese only.
    Zh,
    /// Both.
    Both,
    /// English only.
    En,
}
