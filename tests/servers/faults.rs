//! What can go wrong at one request, and how far it is the user's business. Does nothing itself: `proxy` does it.

/// What goes wrong at a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// It never reaches the server; the connection is closed.
    DropBefore,
    /// The server carries it out; its answer never comes back.
    DropAfter,
    /// As the two above, with the connection torn down (TCP RST) instead of closed.
    Reset { done: bool },
    /// The connection is torn down after half of the request's body.
    HalfSent,
    /// The server carries it out; half of its answer comes back.
    Truncate,
    /// The server carries it out; its answer stands still halfway, for ever.
    Stall,
    /// The answer comes a little late, but it comes.
    Slow,
    /// The answer comes in small pieces, steadily, and takes longer than the journal waits for a sign of life.
    Drip,
    /// The answer's length is said to be greater than it is, and the connection ends.
    Longer,
    /// The answer's length is said to be smaller than it is.
    Shorter,
    /// The answer comes in chunks, and the last one is missing.
    NoLastChunk,
    /// Before the answer come two that are none (100 and 103).
    Hints,
    /// The server carries it out; what comes back is a small body that unpacks to a gigabyte.
    Bomb,
    /// The server carries it out; what comes back never ends.
    Flood,
    /// The server carries it out; the answer's body is replaced.
    Mangled(Body),
    /// The connection breaks, and the request reaches the server long after that.
    Late,
    /// It reaches the server twice.
    Twice,
    /// It is answered, and reaches the server once more long after that.
    Again,
    /// The server wants to be left alone, for as long as it says in these words.
    TooMany(Option<&'static str>),
    /// The server does not carry it out, and says so with this status.
    Says(u16),
    /// The same, with a page for people.
    Shows(u16),
    /// The server carries it out; something between shows a page with this status instead of its answer.
    Covers(u16),
    /// The answer sends the request to another place, with this status.
    Sends(u16, Target),
    /// From here on nobody is known there, until the weather is fair.
    Revoked,
    /// Nobody is known there for this one request.
    Forgets,
    /// From here on every request is answered with this status, until the weather is fair: the site is being moved or mended.
    Away(u16),
    /// The server carries it out, goes down, and is away for the next three requests.
    Restart,
    /// From here on every other request is lost, until the weather is fair.
    Flaps,
    /// The answer is lost; what was made or changed is not to be seen until what was late has arrived.
    Behind,
    /// From here on everything that was asked for before is answered as it was then, until what was late has arrived.
    Stale,
    /// The server carries it out; the answer is that of the last request of the same kind.
    Swapped,
    /// From here on the server's clock shows another day, by so many hours.
    Clock(i32),
    /// The answer is lost, and the journal's clock jumps by so many hours.
    Leap(i32),
    /// The request is carried out and answered, and the test hears of it at that instant.
    Tell,
    /// The request is held back until the test has done what it wants to do meanwhile, and then carried out.
    Hold,
}

/// What an answer's body is replaced with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Body {
    /// Bytes that are no text.
    NoText,
    /// The right one behind a byte order mark, which changes nothing.
    Marked,
    /// JSON of something else.
    OtherJson,
    /// Nothing, with this status.
    Nothing(u16),
    /// Half of it, complete as HTTP sees it.
    Half,
    /// The right one behind a warning that the server's program printed first.
    Warned,
}

/// Where an answer sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// Another host.
    Stranger,
    /// The same address.
    Itself,
    /// Another path of the same host.
    Path,
    /// The same host over TLS.
    Tls,
    /// A page to sign in at.
    SignIn,
}

/// What the issue lists, once each.
pub const LISTED: [Fault; 14] = [
    Fault::DropBefore,
    Fault::DropAfter,
    Fault::Truncate,
    Fault::Stall,
    Fault::Slow,
    Fault::Late,
    Fault::Twice,
    Fault::TooMany(Some("120")),
    Fault::Covers(500),
    Fault::Shows(503),
    Fault::Shows(200),
    Fault::Sends(307, Target::Stranger),
    Fault::Revoked,
    Fault::Restart,
];

/// Statuses that say that a request was not carried out.
const STATUSES: [u16; 25] = [
    400, 402, 403, 404, 405, 408, 409, 410, 411, 413, 414, 415, 421, 422, 423, 425, 431, 451, 500, 501, 502, 503, 504,
    507, 511,
];

/// Everything that goes wrong in the contract: what everybody thinks of, and what nobody does.
pub fn all() -> Vec<Fault> {
    let others = [
        Fault::Reset { done: false },
        Fault::Reset { done: true },
        Fault::HalfSent,
        Fault::Drip,
        Fault::Longer,
        Fault::Shorter,
        Fault::NoLastChunk,
        Fault::Hints,
        Fault::Bomb,
        Fault::Flood,
        Fault::Mangled(Body::NoText),
        Fault::Mangled(Body::Marked),
        Fault::Mangled(Body::OtherJson),
        Fault::Mangled(Body::Nothing(200)),
        Fault::Mangled(Body::Nothing(202)),
        Fault::Mangled(Body::Nothing(204)),
        Fault::Mangled(Body::Half),
        Fault::Mangled(Body::Warned),
        Fault::Again,
        Fault::TooMany(None),
        Fault::TooMany(Some("-5")),
        Fault::TooMany(Some("31536000")),
        Fault::TooMany(Some("99999999999999999999")),
        Fault::TooMany(Some("Fri, 31 Dec 1999 23:59:59 GMT")),
        Fault::Covers(401),
        Fault::Covers(403),
        Fault::Covers(404),
        Fault::Covers(502),
        Fault::Covers(504),
        Fault::Covers(520),
        Fault::Covers(524),
        Fault::Shows(401),
        Fault::Shows(403),
        Fault::Shows(404),
        Fault::Shows(511),
        Fault::Shows(522),
        Fault::Sends(301, Target::Path),
        Fault::Sends(302, Target::SignIn),
        Fault::Sends(303, Target::Path),
        Fault::Sends(307, Target::Itself),
        Fault::Sends(308, Target::Tls),
        Fault::Forgets,
        Fault::Away(404),
        Fault::Away(503),
        Fault::Flaps,
        Fault::Behind,
        Fault::Stale,
        Fault::Swapped,
        Fault::Clock(24),
        Fault::Clock(-24),
        Fault::Leap(-24),
        Fault::Leap(24 * 30),
    ];
    LISTED.into_iter().chain(others).chain(STATUSES.map(Fault::Says)).collect()
}

impl Fault {
    /// Whether it goes on from its request until the weather is fair.
    pub fn lasts(self) -> bool {
        matches!(self, Self::Revoked | Self::Away(_) | Self::Flaps | Self::Stale | Self::Clock(_))
    }

    /// Whether the request comes to the server once more, where nobody but the server could know it again.
    pub fn doubles(self) -> bool {
        matches!(self, Self::Twice | Self::Again)
    }

    /// Whether only the user can do something about it: the feed refused what it was sent, or does not know us.
    pub fn is_for_the_user(self) -> bool {
        match self {
            Self::Revoked => true,
            Self::Says(status) | Self::Away(status) => (400..500).contains(&status) || matches!(status, 501 | 507),
            Self::Shows(401 | 403) => true,
            _ => false,
        }
    }
}
