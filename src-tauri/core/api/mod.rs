//! The contract with any interface: commands, the types they take and give, error codes and events.
//!
//! The TypeScript side is generated from here into `ui/src/host/bindings.gen.ts`; a test fails when it is stale.

#[cfg(test)]
mod bindings;
pub mod commands;
pub mod error;
pub mod events;
pub mod remote;
pub mod types;

pub use commands::dispatch;
pub use error::{ApiError, ErrorCode};
pub use events::Event;
