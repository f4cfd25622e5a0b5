//! Photos and clips as bytes: facts about them ([`probe`]), pictures to show ([`renditions`], [`poster`]) and copies to send ([`strip`]).
//!
//! Bytes in, facts and renditions out. Nothing here knows the journal, the store or SQL.
//!
//! Every byte is untrusted. Structure is walked by small readers of our own (`jpeg`, `png`, `webp`, `gif`, `boxes`, `ebml`) that check every
//! range; whatever decodes or parses more deeply runs behind `guard`, on its own thread with a deadline, after the limits on size
//! have been checked against the header. Memory is bounded by [`Limits`] for pictures and by the headers alone for clips.
//!
//! Stripping is an allow-list: only parts that are known to be needed to show the picture are copied. A file that cannot be understood to
//! its end is refused, never passed on.

mod avif;
mod boxes;
mod bytes;
mod decode;
mod ebml;
mod facts;
mod gif;
mod guard;
mod heif;
mod jpeg;
mod matroska;
mod movie;
mod movie_tags;
mod png;
mod poster;
mod probe;
mod rendition;
mod sniff;
mod strip;
mod tags;
mod webp;

pub use facts::{Facts, Format, Kind, Limits, Problem, Taken};
pub use guard::left_behind;
pub use poster::{Tools, poster};
pub use probe::probe;
pub use rendition::{Image, Renditions, Sizes, renditions, renditions_from_image};
pub use strip::{Outgoing, Removed, strip};
