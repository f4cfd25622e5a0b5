//! Revisions: immutable full versions of a post, each with its parents and a digest that notices a changed bit.

use serde::{Deserialize, Serialize};

use super::{Content, Digest, PostId, RevisionId, Timestamp};

/// An immutable full version of a post.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// Its name.
    pub id: RevisionId,
    /// Whose version it is.
    pub post: PostId,
    /// The versions it was made from, in order; none for the first, two for a merge.
    pub parents: Vec<RevisionId>,
    /// Why it was made.
    pub origin: Origin,
    /// When its sitting began.
    pub created_at: Timestamp,
    /// When its last keystroke was saved.
    pub updated_at: Timestamp,
    /// Sealed revisions never change again; the newest one of a post stays open for a sitting of [`SITTING_MILLIS`].
    pub sealed: bool,
    /// What the post says.
    pub content: Content,
}

/// A pause of this long ends a sitting: five minutes.
pub const SITTING_MILLIS: i64 = 5 * 60 * 1000;

/// Why a revision was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Somebody wrote.
    Edit,
    /// An older version was taken again.
    Restore,
    /// Two versions were brought together.
    Merge,
    /// It came from a feed or another computer.
    Pull,
    /// It came from files.
    Import,
}

impl Revision {
    /// Whether a save at `now` still belongs to this revision's sitting.
    pub fn is_open_at(&self, now: Timestamp) -> bool {
        // A clock that was set back must not keep a sitting open for ever, hence the absolute distance.
        !self.sealed && now.as_millis().abs_diff(self.updated_at.as_millis()) < SITTING_MILLIS.unsigned_abs()
    }

    /// BLAKE3 over everything in the revision that must never change once it is sealed.
    pub fn digest(&self) -> Digest {
        digest(self.post, &self.parents, self.created_at, &self.content.canonical())
    }
}

/// The digest of a stored revision, computed from its stored parts without parsing the content.
pub fn digest(post: PostId, parents: &[RevisionId], created_at: Timestamp, canonical: &[u8]) -> Digest {
    let mut hasher = blake3::Hasher::new_derive_key("sampan 2026-11 revision 1");
    hasher.update(post.as_bytes());
    hasher.update(&(parents.len() as u64).to_le_bytes());
    for parent in parents {
        hasher.update(parent.as_bytes());
    }
    hasher.update(&created_at.as_millis().to_le_bytes());
    hasher.update(canonical);
    Digest::from_bytes(*hasher.finalize().as_bytes())
}
