//! The journal in other forms: everything it holds, in files that any program can read. Knows no SQL and no network.

pub mod export;
mod folder;
mod page;

pub use export::{ExportReport, Exported, Original, Source, export};
