//! Photos and clips for the page, by hash and never by path: what is asked for, and what is answered.
//! Two doors share this: the page's own address (`protocol`) and, on Linux, the loopback server (`loopback`).

pub mod address;
pub mod library;
pub mod loopback;
pub mod protocol;
pub mod range;
pub mod source;
