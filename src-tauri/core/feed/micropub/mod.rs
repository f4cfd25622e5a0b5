//! A site that speaks Micropub.

mod discover;
mod links;

pub use discover::{authorization, discover};
