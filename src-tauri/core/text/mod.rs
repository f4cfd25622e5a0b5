//! Text as people read it, in two languages. No I/O.

pub mod diff;
