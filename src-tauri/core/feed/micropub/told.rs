//! What the requests of Micropub come to. Asks nothing.

use url::Url;

use super::destination::Destination;
use super::source::Source;

/// What asking for one entry gave.
#[derive(Debug)]
pub(super) enum Seen {
    /// It is there.
    There(Source),
    /// The server says that it is not.
    NotThere,
    /// The server does not give entries back.
    Cannot,
}

/// What the server says of itself.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// Whether it says anything.
    pub is_told: bool,
    pub media_endpoint: Option<String>,
    /// The blogs that it writes to, where it names them.
    pub destinations: Vec<Destination>,
}

/// What asking for a new entry gave.
#[derive(Debug)]
pub(super) enum Made {
    /// It was made. `promised` says that it will be there later.
    At { url: Url, promised: bool },
    /// The server does not take it in this form, and has not begun.
    Not,
    /// The server says no, and may have made it before it did.
    Doubtful,
    /// The server itself failed over it in this form, and may have made it before it did.
    Failed,
}

/// What asking for a change gave.
#[derive(Debug)]
pub(super) enum Acted {
    /// It was done; with the entry's address where that is another now.
    Done(Option<Url>),
    /// The server itself failed over it in this form, and may have done it before it did.
    Failed,
}

/// A page of entries.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub items: Vec<Source>,
    /// Names the next page, where the server pages by names.
    pub after: Option<String>,
}
