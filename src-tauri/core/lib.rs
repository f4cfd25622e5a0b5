//! The journal: posts in two languages with photos and clips, kept in SQLite and sent to feeds once.
//!
//! This library has never heard of Tauri. The window (`shell`) and the terminal program (`cli`) are thin rims around it.

pub mod api;
pub mod clock;
pub mod domain;
pub mod exchange;
pub mod feed;
pub mod files;
pub mod journal;
pub mod media;
mod places;
pub mod store;
pub mod sync;
pub mod text;
pub mod vault;
